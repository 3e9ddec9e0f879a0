/* SPDX-License-Identifier: MIT
 *
 * An IPFS node for tests, in memory: just those commands of Kubo's RPC that the kubo store uses, with Kubo's replies and words of
 * failure, always offline. What it would do wrong is chosen with `trouble`.
 */
#ifndef AD_TEST_KUBO_H
#define AD_TEST_KUBO_H

#include <sys/mman.h>

#include "ad_test_blocks.h"
#include "ad_test_http.h"

enum fake_trouble {
    FAKE_NONE,
    FAKE_WRONG_BYTES,   /* block/get */
    FAKE_LYING_TRAILER, /* block/get: the bytes, and an error in the trailer */
    FAKE_CUT_BLOCK,     /* block/get: the connection ends half-way */
    FAKE_HUGE_BLOCK,    /* block/get: more than any block has */
    FAKE_PIN_ERROR,     /* dag/import: 200 with PinErrorMsg */
    FAKE_CUT_IMPORT,    /* dag/import: 200 and nothing */
    FAKE_NO_ROOM,       /* dag/import: 500 */
    FAKE_ROW_ERROR,     /* dag/import, pin/ls: an error row after a good one */
    FAKE_FORBIDDEN,     /* everything: 403 */
    FAKE_BUSY_ONCE,     /* the next request: 503 */
    FAKE_HANG           /* everything */
};

struct fake_kubo {
    struct fake_kubo *peer; /* asked for what is missing, unless offline=true; NULL = none */
    struct fake http;
    pthread_mutex_t lock;
    struct ad_test_blocks blocks;
    struct ad_map gone;  /* multihash -> 1 = collected */
    struct ad_map pins;  /* CID text -> 1 = pinned; */
    struct ad_map names; /* -> strdup'ed name */
    atomic_int trouble;
    atomic_uint imports;
    char log[1 << 16]; /* the request lines, and credentials */
};

static inline void fake_error(int fd, const char *message)
{
    char text[1024];
    (void)snprintf(text, sizeof(text), "{\"Message\":\"%s\",\"Code\":0,\"Type\":\"error\"}",
                   message);
    fake_json(fd, "500 Internal Server Error", text);
}

/* The value of a query's option, unescaped; false when it is not there. */
static inline bool fake_option(const struct fake_request *request, const char *name, char *out,
                               size_t size)
{
    char key[64];
    size_t at = 0;
    const char *end = strchr(request->head, '\n');
    (void)snprintf(key, sizeof(key), "&%s=", name);
    const char *found = strstr(request->head, key);
    if (found == NULL || found > end)
        return false;
    for (const char *p = found + strlen(key); *p != '&' && *p != ' ' && at + 1 < size;
         p++, at++) {
        unsigned byte = (unsigned char)*p;
        if (*p == '%' && sscanf(p + 1, "%2x", &byte) == 1)
            p += 2;
        out[at] = (char)byte;
    }
    out[at] = '\0';
    return true;
}

static inline const struct ad_test_block *fake_find(struct fake_kubo *node,
                                                    const struct ad_cid *cid)
{
    const union ad_map_value *gone = ad_map_find(&node->gone, ad_test_block_key(cid));
    const union ad_map_value *at = ad_map_find(&node->blocks.index, ad_test_block_key(cid));
    return at != NULL && (gone == NULL || gone->num == 0) ? &node->blocks.list.items[at->num]
                                                          : NULL;
}

static inline enum artdag_err fake_source(void *payload, const struct ad_cid *cid,
                                          struct ad_buf *buf, artdag_error *err)
{
    const struct ad_test_block *block = fake_find(payload, cid);
    if (block == NULL)
        return ad_error_set(err, ARTDAG_E_NOTFOUND, "test", "no such block");
    ad_buf_clear(buf);
    return ad_buf_append(buf, block->data, block->len);
}

static inline enum artdag_err fake_mark(void *payload, const struct ad_cid *cid,
                                        const void *data, size_t len, artdag_error *err)
{
    (void)data;
    (void)len;
    (void)err;
    assert_non_null(ad_map_put(payload, ad_test_block_key(cid), NULL));
    return ARTDAG_OK;
}

/* Marks the whole DAG in `marked`; false when some of it is not there. */
static inline bool fake_walk(struct fake_kubo *node, const struct ad_cid *root,
                             struct ad_map *marked)
{
    struct ad_block_source source = {fake_source, node};
    return ad_dag_walk(&source, root, true, fake_mark, marked, NULL) == ARTDAG_OK;
}

static inline bool fake_pin(struct fake_kubo *node, const struct ad_cid *cid, const char *name)
{
    char text[AD_CID_TEXT_MAX];
    struct ad_map marked = {0};
    bool whole = fake_walk(node, cid, &marked);
    struct ad_str key = {text, ad_cid_format(cid, text)};
    ad_map_fini(&marked);
    if (!whole)
        return false;
    ad_map_put(&node->pins, key, NULL)->num = 1;
    union ad_map_value *value = ad_map_put(&node->names, key, NULL);
    free(value->ptr);
    value->ptr = ad_strdup(name);
    return true;
}

static inline enum artdag_err fake_take_block(void *payload, const struct ad_cid *cid,
                                              const void *data, size_t len, artdag_error *err)
{
    struct fake_kubo *node = payload;
    union ad_map_value *gone = ad_map_find(&node->gone, ad_test_block_key(cid));
    if (gone != NULL)
        gone->num = 0;
    return ad_test_blocks_put(&node->blocks, cid, data, len, err);
}

/* The one part of a multipart body. */
static inline struct ad_str fake_part(const struct fake_request *request)
{
    struct ad_str body = ad_buf_as_str(&request->body);
    const char *start = memmem(body.ptr, body.len, "\r\n\r\n", 4);
    const char *line = memmem(body.ptr, body.len, "\r\n", 2);
    if (start == NULL || line == NULL)
        return (struct ad_str){0};
    size_t tail = (size_t)(line - body.ptr) + 6; /* CR LF, boundary, two dashes, CR LF */
    size_t from = (size_t)(start - body.ptr) + 4;
    return ad_str_slice(body, from, body.len - tail);
}

static inline void fake_import(struct fake_kubo *node, const struct fake_request *request,
                               int fd)
{
    char reply[65536] = "";
    char pin[8] = "";
    artdag_error err = {0};
    ad_cid_vec roots = {0};
    struct ad_block_sink sink = {fake_take_block, node};
    struct ad_str part = fake_part(request);
    int car = memfd_create("car", MFD_CLOEXEC);
    assert_true(car >= 0 && write(car, part.ptr, part.len) == (ssize_t)part.len);
    assert_int_equal(lseek(car, 0, SEEK_SET), 0);
    atomic_fetch_add(&node->imports, 1);
    if (atomic_load(&node->trouble) == FAKE_NO_ROOM) {
        fake_error(fd, "write: no space left on device");
    } else if (ad_car_read_fd(car, &sink, &roots, &err) != ARTDAG_OK) {
        fake_error(fd, err.message);
    } else {
        (void)fake_option(request, "pin-roots", pin, sizeof(pin));
        for (size_t i = 0; i < roots.len && strcmp(pin, "true") == 0; i++) {
            char text[AD_CID_TEXT_MAX];
            bool ok = fake_pin(node, &roots.items[i], "") &&
                      atomic_load(&node->trouble) != FAKE_PIN_ERROR;
            size_t at = strlen(reply);
            (void)ad_cid_format(&roots.items[i], text);
            (void)snprintf(reply + at, sizeof(reply) - at,
                           "{\"Root\":{\"Cid\":{\"/\":\"%s\"},\"PinErrorMsg\":\"%s\"}}\n", text,
                           ok ? "" : "block was not found locally (offline)");
        }
        if (atomic_load(&node->trouble) == FAKE_CUT_IMPORT)
            reply[0] = '\0';
        if (atomic_load(&node->trouble) == FAKE_ROW_ERROR)
            strcat(reply, "{\"Message\":\"disk on fire\",\"Code\":0,\"Type\":\"error\"}\n");
        fake_json(fd, "200 OK", reply);
    }
    ad_vec_fini(&roots);
    (void)close(car);
}

static inline void fake_block(struct fake_kubo *node, const struct ad_cid *cid, int fd)
{
    const struct ad_test_block *block = fake_find(node, cid);
    char head[256];
    if (block == NULL) {
        fake_error(fd, "block was not found locally (offline): ipld: could not find it");
        return;
    }
    switch (atomic_load(&node->trouble)) {
    case FAKE_WRONG_BYTES:
        fake_reply(fd, "200 OK", "application/vnd.ipld.raw", "not these", 9);
        break;
    case FAKE_LYING_TRAILER:
        (void)snprintf(head, sizeof(head),
                       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: "
                       "X-Stream-Error\r\n\r\n%zx\r\n",
                       block->len);
        fake_text(fd, head);
        fake_say(fd, block->data, block->len);
        fake_text(fd, "\r\n0\r\nX-Stream-Error: the disk is on fire\r\n\r\n");
        break;
    case FAKE_CUT_BLOCK:
        (void)snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                       block->len);
        fake_text(fd, head);
        fake_say(fd, block->data, block->len / 2);
        (void)shutdown(fd, SHUT_RDWR);
        break;
    case FAKE_HUGE_BLOCK: {
        char *zeros = calloc(1, 3 << 20);
        fake_reply(fd, "200 OK", "application/vnd.ipld.raw", zeros, 3 << 20);
        free(zeros);
        break;
    }
    default:
        fake_reply(fd, "200 OK", "application/vnd.ipld.raw", block->data, block->len);
    }
}

static inline void fake_list_pins(struct fake_kubo *node, int fd)
{
    static const char hex[] = "0123456789abcdef";
    struct ad_buf reply = AD_BUF_INIT(16u << 20);
    for (size_t i = 0; i < node->pins.len; i++) {
        if (node->pins.entries[i].value.num == 0)
            continue;
        (void)ad_buf_printf(&reply, "{\"Cid\":\"%s\",\"Name\":\"",
                            node->pins.entries[i].key.ptr);
        for (const char *p = node->names.entries[i].value.ptr; *p != '\0'; p++) {
            unsigned char c = (unsigned char)*p;
            if (c < ' ' || c == '"' || c == '\\')
                (void)ad_buf_printf(&reply, "\\u00%c%c", hex[c >> 4], hex[c & 15]);
            else
                (void)ad_buf_byte(&reply, c);
        }
        (void)ad_buf_str(&reply, "\",\"Type\":\"recursive\"}\n");
    }
    if (atomic_load(&node->trouble) == FAKE_ROW_ERROR)
        (void)ad_buf_str(&reply,
                         "{\"Message\":\"disk on fire\",\"Code\":0,\"Type\":\"error\"}\n");
    fake_reply(fd, "200 OK", "application/json", reply.data != NULL ? reply.data : (void *)"",
               reply.len);
    ad_buf_fini(&reply);
}

static inline void fake_collect(struct fake_kubo *node, int fd)
{
    struct ad_map marked = {0};
    struct ad_buf reply = AD_BUF_INIT(16u << 20);
    for (size_t i = 0; i < node->pins.len; i++) {
        struct ad_cid cid = {0};
        if (node->pins.entries[i].value.num != 0 &&
            ad_cid_parse(node->pins.entries[i].key, &cid, NULL) == ARTDAG_OK)
            (void)fake_walk(node, &cid, &marked);
    }
    for (size_t i = 0; i < node->blocks.list.len; i++) {
        char text[AD_CID_TEXT_MAX];
        const struct ad_cid *cid = &node->blocks.list.items[i].cid;
        if (fake_find(node, cid) == NULL ||
            ad_map_find(&marked, ad_test_block_key(cid)) != NULL)
            continue;
        ad_map_put(&node->gone, ad_test_block_key(cid), NULL)->num = 1;
        (void)ad_cid_format(cid, text);
        (void)ad_buf_printf(&reply, "{\"Key\":{\"/\":\"%s\"}}\n", text);
    }
    fake_reply(fd, "200 OK", "application/json", reply.data != NULL ? reply.data : (void *)"",
               reply.len);
    ad_buf_fini(&reply);
    ad_map_fini(&marked);
}

/* Commands about one CID. */
static inline void fake_about(struct fake_kubo *node, const struct fake_request *request,
                              int fd)
{
    char arg[512] = "";
    char text[1024] = "";
    struct ad_cid cid = {0};
    (void)fake_option(request, "arg", arg, sizeof(arg));
    if (ad_cid_parse(ad_str_from(arg), &cid, NULL) != ARTDAG_OK) {
        fake_reply(fd, "400 Bad Request", "text/plain", "argument", 8);
    } else if (fake_is(request, "/block/get?")) {
        const struct ad_test_block *far =
            node->peer != NULL && !fake_option(request, "offline", text, sizeof(text))
                ? fake_find(node->peer, &cid)
                : NULL;
        if (far != NULL)
            (void)fake_take_block(node, &cid, far->data, far->len, NULL);
        fake_block(node, &cid, fd);
    } else if (fake_is(request, "/block/stat?")) {
        const struct ad_test_block *block = fake_find(node, &cid);
        (void)snprintf(text, sizeof(text), "{\"Key\":\"%s\",\"Size\":%zu}\n", arg,
                       block != NULL ? block->len : 0);
        if (block != NULL)
            fake_json(fd, "200 OK", text);
        else
            fake_error(fd, "block was not found locally (offline): ipld: could not find it");
    } else if (fake_is(request, "/pin/add?")) {
        (void)fake_option(request, "name", text, sizeof(text));
        if (fake_pin(node, &cid, text))
            fake_json(fd, "200 OK", "{\"Pins\":[]}\n");
        else
            fake_error(fd, "pin: block was not found locally (offline)");
    } else {
        struct ad_str key = ad_str_from(arg);
        union ad_map_value *pin = ad_map_find(&node->pins, key);
        if (pin != NULL && pin->num != 0)
            fake_json(fd, "200 OK", "{\"Pins\":[]}\n");
        else
            fake_error(fd, "not pinned or pinned indirectly");
        if (pin != NULL)
            pin->num = 0;
    }
}

static inline void fake_command(struct fake_kubo *node, const struct fake_request *request,
                                int fd)
{
    if (fake_is(request, "/version?"))
        fake_json(fd, "200 OK", "{\"Version\":\"0.39.0\",\"Commit\":\"\",\"Repo\":\"18\"}\n");
    else if (fake_is(request, "/dag/import?"))
        fake_import(node, request, fd);
    else if (fake_is(request, "/pin/ls?"))
        fake_list_pins(node, fd);
    else if (fake_is(request, "/resolve?") && fake_is(request, "known.example"))
        fake_json(fd, "200 OK", "{\"Path\":\"/ipfs/bafkqaaa\"}\n");
    else if (fake_is(request, "/resolve?"))
        fake_error(fd, "could not resolve name: context deadline exceeded");
    else if (fake_is(request, "/repo/gc?"))
        fake_collect(node, fd);
    else if (fake_is(request, "/block/") || fake_is(request, "/pin/"))
        fake_about(node, request, fd);
    else
        fake_reply(fd, "404 Not Found", "text/plain", "404 page not found", 18);
}

static inline bool fake_kubo_handler(void *payload, const struct fake_request *request, int fd)
{
    struct fake_kubo *node = payload;
    int busy = FAKE_BUSY_ONCE;
    if (atomic_load(&node->trouble) == FAKE_HANG) {
        while (atomic_load(&node->trouble) == FAKE_HANG && !atomic_load(&node->http.stop))
            (void)poll(NULL, 0, 10);
        return false;
    }
    (void)pthread_mutex_lock(&node->lock);
    size_t at = strlen(node->log);
    (void)snprintf(node->log + at, sizeof(node->log) - at, "%.*s\n",
                   (int)strcspn(request->head, "\r"), request->head);
    const char *auth = strstr(request->head, "Authorization: ");
    at = strlen(node->log);
    if (auth != NULL)
        (void)snprintf(node->log + at, sizeof(node->log) - at, "%.*s\n",
                       (int)strcspn(auth, "\r"), auth);
    if (strncmp(request->head, "POST /api/v0/", 13) != 0)
        fake_reply(fd, "405 Method Not Allowed", "text/plain", "405", 3);
    else if (atomic_load(&node->trouble) == FAKE_FORBIDDEN)
        fake_reply(fd, "403 Forbidden", "text/plain", "403 Forbidden", 13);
    else if (atomic_compare_exchange_strong(&node->trouble, &busy, FAKE_NONE))
        fake_reply(fd, "503 Service Unavailable", "text/plain", "busy", 4);
    else
        fake_command(node, request, fd);
    (void)pthread_mutex_unlock(&node->lock);
    return true;
}

static inline struct fake_kubo *fake_kubo_start(void)
{
    struct fake_kubo *node = calloc(1, sizeof(*node));
    assert_non_null(node);
    (void)pthread_mutex_init(&node->lock, NULL);
    fake_start(&node->http, fake_kubo_handler, node);
    return node;
}

static inline void fake_kubo_stop(struct fake_kubo *node)
{
    fake_stop(&node->http);
    for (size_t i = 0; i < node->names.len; i++)
        free(node->names.entries[i].value.ptr);
    ad_map_fini(&node->names);
    ad_map_fini(&node->pins);
    ad_map_fini(&node->gone);
    ad_test_blocks_fini(&node->blocks);
    (void)pthread_mutex_destroy(&node->lock);
    free(node);
}

#endif
