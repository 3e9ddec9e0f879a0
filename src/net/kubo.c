/* SPDX-License-Identifier: MIT
 *
 * The RPC of an IPFS node: POST /api/v0/COMMAND?arg=...&timeout=... The node is told a time limit, and the client has a longer one of
 * its own, so that the node's word arrives when it gives one. Written to Kubo's replies; what js-ipfs does differently is said where
 * it matters.
 */
#include "net/kubo.h"

#include <stdio.h>
#include <string.h>

#define FIND_MS 10000
#define CALL_MS 60000
#define GRACE_MS 5000 /* between the node's time limit and ours */
#define TRIES 3
#define BLOCK_MAX (2u << 20)
#define GC_MS (INT64_C(6) * 3600 * 1000)
#define JS_LOCAL_MS 700 /* what js-ipfs has not found by then is not in its own store */
#define ROWS_MAX (UINT64_C(1) << 32)

enum artdag_err ad_kubo_create(const struct ad_kubo_params *params, struct ad_kubo **ret,
                               artdag_error *err)
{
    struct ad_kubo *kubo = ad_alloc(sizeof(*kubo));
    if (kubo == NULL)
        return ad_error_nomem(err, ROOM);
    kubo->find_ms = params->find_ms > 0 ? params->find_ms : FIND_MS;
    kubo->call_ms = params->call_ms > 0 ? params->call_ms : CALL_MS;
    enum artdag_err code = ad_http_create(&params->http, &kubo->http, err);
    if (code != ARTDAG_OK) {
        free(kubo);
        return code;
    }
    *ret = kubo;
    return ARTDAG_OK;
}

void ad_kubo_destroy(struct ad_kubo *kubo)
{
    if (kubo == NULL)
        return;
    ad_http_destroy(kubo->http);
    free(kubo);
}

const char *ad_kubo_url(const struct ad_kubo *kubo)
{
    return ad_http_url(kubo->http);
}

/* ---- requests ---- */

void ad_kubo_path(struct ad_buf *buf, const char *command, int64_t ms)
{
    (void)ad_buf_printf(buf, "/api/v0/%s?timeout=%lldms", command, (long long)ms);
}

void ad_kubo_arg(struct ad_buf *buf, const char *name, struct ad_str value)
{
    (void)ad_buf_printf(buf, "&%s=", name);
    ad_url_escape(buf, value);
}

void ad_kubo_arg_cid(struct ad_buf *buf, const struct ad_cid *cid)
{
    char text[AD_CID_TEXT_MAX];
    size_t len = ad_cid_format(cid, text);
    ad_kubo_arg(buf, "arg", (struct ad_str){text, len});
}

static void restart_rows(void *payload)
{
    struct ad_rows *rows = payload;
    ad_buf_clear(&rows->line);
    rows->message[0] = '\0';
}

enum artdag_err ad_kubo_rows(struct ad_kubo *kubo, struct ad_buf *path, int64_t ms,
                             unsigned tries, struct ad_kubo_sink sink, char message[256],
                             artdag_error *err)
{
    struct ad_rows rows;
    struct ad_http_answer answer = {0};
    ad_rows_init(&rows, sink);
    enum artdag_err code = ARTDAG_OK;
    if (ad_buf_status(path) != ARTDAG_OK)
        code = ad_error_set(err, ad_buf_status(path), ROOM, "the request is too long");
    struct ad_http_call call = {.post = true,
                                .path = (const char *)path->data,
                                .total_ms = ms + GRACE_MS,
                                .tries = tries,
                                .max_bytes = ROWS_MAX,
                                .reply = ad_rows_take,
                                .restart = restart_rows,
                                .payload = &rows};
    if (code == ARTDAG_OK)
        code = ad_http_do(kubo->http, &call, &answer, err);
    if (code == ARTDAG_OK)
        code = ad_rows_end(&rows, err);
    if (message != NULL)
        (void)snprintf(message, 256, "%s",
                       rows.message[0] != '\0' ? rows.message : answer.message);
    ad_rows_fini(&rows);
    ad_buf_fini(path);
    return code;
}

/* ---- version ---- */

struct version {
    char text[64];
    bool js;
};

static enum artdag_err take_version(void *payload, const struct ad_value *row,
                                    artdag_error *err)
{
    struct version *version = payload;
    struct ad_str text = {0};
    enum artdag_err code = ad_value_str(row, "Version", &text, err);
    if (code == ARTDAG_OK)
        (void)snprintf(version->text, sizeof(version->text), "%.*s",
                       (int)(text.len < 63 ? text.len : 63), text.ptr);
    version->js = ad_value_get(row, "interface-ipfs-core") != NULL;
    return code;
}

enum artdag_err ad_kubo_version(struct ad_kubo *kubo, char agent[64], artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(256);
    struct version version = {0};
    ad_kubo_path(&path, "version", kubo->find_ms);
    enum artdag_err code =
        ad_kubo_rows(kubo, &path, kubo->find_ms, 1,
                     (struct ad_kubo_sink){take_version, &version}, NULL, err);
    if (code == ARTDAG_E_FORMAT)
        return ad_error_set(err, ARTDAG_E_REMOTE, ROOM, "%s is not an IPFS node's RPC",
                            ad_kubo_url(kubo));
    if (code == ARTDAG_OK) {
        memcpy(agent, version.text, sizeof(version.text));
        atomic_store(&kubo->kind, version.js ? AD_KUBO_JS : AD_KUBO_GO);
    }
    return code;
}

bool ad_kubo_is_js(struct ad_kubo *kubo)
{
    char agent[64];
    if (atomic_load(&kubo->kind) == AD_KUBO_UNKNOWN)
        (void)ad_kubo_version(kubo, agent, NULL);
    return atomic_load(&kubo->kind) == AD_KUBO_JS;
}

/* ---- blocks ---- */

/* A node's failure about one CID, told by its words: there is no code for it. */
static enum artdag_err judge(enum artdag_err code, const char *message, bool network,
                             artdag_error *err)
{
    if (code != ARTDAG_E_REMOTE)
        return code;
    if (ad_kubo_says_absent(message))
        return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "the node has not got it");
    if (!ad_kubo_says_timeout(message))
        return code;
    return network
               ? ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "the node did not find it in time")
               : ad_error_set(err, ARTDAG_E_TIMEOUT, ROOM, "the node: %s", message);
}

enum artdag_err ad_kubo_block_get(struct ad_kubo *kubo, const struct ad_cid *cid, bool local,
                                  struct ad_buf *buf, artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(1024);
    struct ad_http_answer answer = {0};
    size_t max = buf->max;
    bool js = local && ad_kubo_is_js(kubo);
    int64_t ms = local ? kubo->call_ms : kubo->find_ms;
    if (js)
        ms = JS_LOCAL_MS;
    ad_kubo_path(&path, "block/get", ms);
    ad_kubo_arg_cid(&path, cid);
    if (local)
        (void)ad_buf_str(&path, "&offline=true");
    if (ad_buf_status(&path) != ARTDAG_OK) {
        ad_buf_fini(&path);
        return ad_error_nomem(err, ROOM);
    }
    buf->max = max < BLOCK_MAX ? max : BLOCK_MAX;
    struct ad_http_call call = {.post = true,
                                .path = (const char *)path.data,
                                .total_ms = ms + GRACE_MS,
                                .tries = TRIES};
    enum artdag_err code = ad_http_fetch(kubo->http, &call, buf, &answer, err);
    buf->max = max;
    ad_buf_fini(&path);
    if (code == ARTDAG_OK)
        return code;
    ad_buf_clear(buf);
    return judge(code, answer.message, !local || js, err);
}

static enum artdag_err take_size(void *payload, const struct ad_value *row, artdag_error *err)
{
    int64_t size = 0;
    enum artdag_err code = ad_value_i64(row, "Size", &size, err);
    if (code == ARTDAG_OK && size < 0)
        code = ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "a block of negative size");
    if (code == ARTDAG_OK)
        *(uint64_t *)payload = (uint64_t)size;
    return code;
}

enum artdag_err ad_kubo_block_has(struct ad_kubo *kubo, const struct ad_cid *cid, bool *ret,
                                  uint64_t *ret_len, artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(1024);
    char message[256] = "";
    uint64_t size = 0;
    bool js = ad_kubo_is_js(kubo);
    ad_kubo_path(&path, "block/stat", js ? JS_LOCAL_MS : kubo->find_ms);
    ad_kubo_arg_cid(&path, cid);
    (void)ad_buf_str(&path, "&offline=true");
    enum artdag_err code = ad_kubo_rows(kubo, &path, kubo->find_ms, TRIES,
                                        (struct ad_kubo_sink){take_size, &size}, message, err);
    code = judge(code, message, js, err);
    if (code == ARTDAG_E_NOTFOUND) {
        *ret = false;
        return ARTDAG_OK;
    }
    if (code != ARTDAG_OK)
        return code;
    *ret = true;
    if (ret_len != NULL)
        *ret_len = size;
    return ARTDAG_OK;
}

/* ---- pins ---- */

enum artdag_err ad_kubo_pin_add(struct ad_kubo *kubo, const struct ad_cid *cid,
                                const char *name, artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(4096);
    char message[256] = "";
    ad_kubo_path(&path, "pin/add", kubo->call_ms);
    ad_kubo_arg_cid(&path, cid);
    (void)ad_buf_str(&path, "&offline=true");
    if (name != NULL)
        ad_kubo_arg(&path, "name", ad_str_from(name));
    enum artdag_err code = ad_kubo_rows(kubo, &path, kubo->call_ms, TRIES,
                                        (struct ad_kubo_sink){NULL, NULL}, message, err);
    if (code != ARTDAG_OK && strstr(message, "already pinned") != NULL)
        return ARTDAG_OK; /* js-ipfs */
    return judge(code, message, false, err);
}

enum artdag_err ad_kubo_pin_rm(struct ad_kubo *kubo, const struct ad_cid *cid,
                               artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(1024);
    char message[256] = "";
    ad_kubo_path(&path, "pin/rm", kubo->call_ms);
    ad_kubo_arg_cid(&path, cid);
    enum artdag_err code = ad_kubo_rows(kubo, &path, kubo->call_ms, TRIES,
                                        (struct ad_kubo_sink){NULL, NULL}, message, err);
    if (code == ARTDAG_E_REMOTE && strstr(message, "not pinned") != NULL)
        return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "not pinned");
    return judge(code, message, false, err);
}

struct pin_rows {
    enum artdag_err (*each)(void *payload, const struct ad_cid *cid, const char *name,
                            artdag_error *err);
    void *payload;
};

static enum artdag_err give_pin(const struct pin_rows *pins, const struct ad_value *row,
                                struct ad_str cid_text, artdag_error *err)
{
    struct ad_cid cid = {0};
    struct ad_str name = {0};
    struct ad_buf text = AD_BUF_INIT(4096);
    enum artdag_err code = ad_cid_parse(cid_text, &cid, err);
    bool named = ad_value_str(row, "Name", &name, NULL) == ARTDAG_OK;
    if (code == ARTDAG_OK && (ad_buf_str(&text, "") != ARTDAG_OK ||
                              ad_buf_view(&text, name) != ARTDAG_OK || text.data == NULL))
        code = ad_error_nomem(err, ROOM);
    if (code == ARTDAG_OK)
        code = pins->each(pins->payload, &cid, named ? (const char *)text.data : NULL, err);
    ad_buf_fini(&text);
    return code;
}

/* {"Cid":..,"Name":..,"Type":..}, or all at once in {"Keys":{cid:{"Name":..,"Type":..}}}. */
static enum artdag_err take_pins(void *payload, const struct ad_value *row, artdag_error *err)
{
    const struct ad_value *keys = ad_value_get(row, "Keys");
    struct ad_str cid = {0};
    enum artdag_err code = ARTDAG_OK;
    if (keys == NULL || keys->kind != AD_VALUE_MAP) {
        code = ad_value_str(row, "Cid", &cid, err);
        return code == ARTDAG_OK ? give_pin(payload, row, cid, err) : code;
    }
    for (size_t i = 0; i < keys->map.len && code == ARTDAG_OK; i++)
        code = give_pin(payload, keys->map.items[i].value, keys->map.items[i].key, err);
    return code;
}

enum artdag_err ad_kubo_pin_ls(struct ad_kubo *kubo,
                               enum artdag_err (*each)(void *payload, const struct ad_cid *cid,
                                                       const char *name, artdag_error *err),
                               void *payload, artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(256);
    struct pin_rows pins = {each, payload};
    ad_kubo_path(&path, "pin/ls", kubo->call_ms);
    (void)ad_buf_str(&path, "&type=recursive&names=true&stream=true");
    return ad_kubo_rows(kubo, &path, kubo->call_ms, 1, (struct ad_kubo_sink){take_pins, &pins},
                        NULL, err);
}

/* ---- gc ---- */

struct gc_rows {
    enum artdag_err (*each)(void *payload, const struct ad_cid *cid, artdag_error *err);
    void *payload;
};

static enum artdag_err take_removed(void *payload, const struct ad_value *row,
                                    artdag_error *err)
{
    const struct gc_rows *gc = payload;
    struct ad_cid cid = {0};
    struct ad_str why = {0};
    if (ad_value_str(row, "Error", &why, NULL) == ARTDAG_OK && why.len > 0)
        return ad_error_set(err, ARTDAG_E_REMOTE, ROOM, "the node's collection: %.*s",
                            (int)(why.len < 200 ? why.len : 200), why.ptr);
    if (ad_value_get(row, "Key") == NULL)
        return ARTDAG_OK;
    enum artdag_err code = ad_kubo_cid_of(row, "Key", &cid, err);
    return code == ARTDAG_OK && gc->each != NULL ? gc->each(gc->payload, &cid, err) : code;
}

enum artdag_err ad_kubo_gc(struct ad_kubo *kubo,
                           enum artdag_err (*each)(void *payload, const struct ad_cid *cid,
                                                   artdag_error *err),
                           void *payload, artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(256);
    struct gc_rows gc = {each, payload};
    ad_kubo_path(&path, "repo/gc", GC_MS);
    return ad_kubo_rows(kubo, &path, GC_MS, 1, (struct ad_kubo_sink){take_removed, &gc}, NULL,
                        err);
}

/* ---- names ---- */

static enum artdag_err take_path(void *payload, const struct ad_value *row, artdag_error *err)
{
    struct ad_str path = {0};
    enum artdag_err code = ad_value_str(row, "Path", &path, err);
    if (code == ARTDAG_OK)
        code = ad_cid_parse(path, payload, err);
    return code;
}

enum artdag_err ad_kubo_resolve(struct ad_kubo *kubo, struct ad_str name, struct ad_cid *ret,
                                artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(4096);
    struct ad_cid cid = {0};
    char message[256] = "";
    ad_kubo_path(&path, "resolve", kubo->find_ms);
    ad_kubo_arg(&path, "arg", name);
    (void)ad_buf_str(&path, "&recursive=true");
    enum artdag_err code = ad_kubo_rows(kubo, &path, kubo->find_ms, 1,
                                        (struct ad_kubo_sink){take_path, &cid}, message, err);
    code = judge(code, message, true, err);
    if (code == ARTDAG_OK)
        *ret = cid;
    return code == ARTDAG_OK
               ? code
               : ad_error_prefix(err, code, "%.*s", (int)(name.len < 100 ? name.len : 100),
                                 name.ptr);
}
