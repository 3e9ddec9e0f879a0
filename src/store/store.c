/* SPDX-License-Identifier: MIT
 *
 * Opening a store by its URL, and the calls that go to its back end one to one. What comes out
 * is verified here, so that no back end has to be trusted.
 */
#include "store/store.h"

#include <stdio.h>
#include <string.h>

#include "store/handle.h"

#define PIN_NAME_MAX 255

static const struct ad_store_backend *const backends[] = {&ad_store_fs, &ad_store_gateway,
                                                          &ad_store_kubo};
#define BACKEND_COUNT (sizeof(backends) / sizeof(backends[0]))

/* ---- helpers of the whole room ---- */

enum artdag_err ad_store_error_cid(artdag_error *err, enum artdag_err code,
                                   const struct ad_cid *cid)
{
    char text[AD_CID_TEXT_MAX];
    if (err != NULL && err->cid[0] == '\0') {
        (void)ad_cid_format(cid, text);
        ad_error_cid(err, text);
    }
    return code;
}

struct ad_str ad_store_cid_key(const struct ad_cid *cid, uint8_t bytes[AD_CID_BYTES_MAX])
{
    return (struct ad_str){(const char *)bytes, ad_cid_to_bytes(cid, bytes)};
}

struct ad_str ad_store_block_key(const struct ad_cid *cid, uint8_t bytes[AD_CID_BYTES_MAX])
{
    struct ad_cid key = *cid;
    key.version = 1;
    key.codec = AD_CODEC_RAW;
    return ad_store_cid_key(&key, bytes);
}

/* ---- open, close ---- */

static enum artdag_err unknown_kind(const char *url, artdag_error *err)
{
    char known[128] = "";
    for (size_t i = 0; i < BACKEND_COUNT; i++) {
        size_t at = strlen(known);
        (void)snprintf(known + at, sizeof(known) - at, "%s%s:", i > 0 ? ", " : "",
                       backends[i]->scheme);
    }
    enum artdag_err code =
        ad_error_set(err, ARTDAG_E_INVAL, ROOM, "unknown kind of store \"%s\"", url);
    ad_error_hint(err, "known kinds: %s", known);
    return code;
}

static const struct ad_store_backend *find_backend(const char *url, const char **ret_where)
{
    for (size_t i = 0; i < BACKEND_COUNT; i++) {
        size_t len = strlen(backends[i]->scheme);
        if (strncmp(url, backends[i]->scheme, len) == 0 && url[len] == ':') {
            *ret_where = url + len + 1;
            return backends[i];
        }
    }
    return NULL;
}

static enum artdag_err source_get(void *payload, const struct ad_cid *cid, struct ad_buf *buf,
                                  artdag_error *err)
{
    return ad_store_get(payload, cid, buf, err);
}

enum artdag_err ad_store_open(const char *url, const artdag_log *log, struct ad_store **ret,
                              artdag_error *err)
{
    const char *where = NULL;
    const struct ad_store_backend *be = find_backend(url, &where);
    if (be == NULL)
        return unknown_kind(url, err);
    struct ad_store *store = ad_alloc(sizeof(*store));
    if (store == NULL)
        return ad_error_nomem(err, ROOM);
    store->be = be;
    store->log = log;
    store->source = (struct ad_block_source){source_get, store};
    (void)pthread_mutex_init(&store->lock, NULL);
    store->url = ad_strdup(url);
    enum artdag_err code = store->url == NULL ? ad_error_nomem(err, ROOM)
                                              : be->open(where, log, &store->self, err);
    if (code != ARTDAG_OK) {
        ad_store_close(store);
        return code;
    }
    *ret = store;
    return ARTDAG_OK;
}

void ad_store_close(struct ad_store *store)
{
    if (store == NULL)
        return;
    if (store->self != NULL)
        store->be->close(store->self);
    (void)pthread_mutex_destroy(&store->lock);
    free(store->url);
    free(store);
}

const char *ad_store_url(const struct ad_store *store)
{
    return store->url;
}

/* ---- blocks ---- */

static bool is_identity(const struct ad_cid *cid)
{
    return cid->hash == AD_MULTIHASH_IDENTITY;
}

enum artdag_err ad_store_put(struct ad_store *store, const struct ad_cid *cid, const void *data,
                             size_t len, artdag_error *err)
{
    if (is_identity(cid))
        return ARTDAG_OK; /* the CID is the data */
    if (len > AD_BLOCK_MAX)
        return ad_store_error_cid(
            err,
            ad_error_set(err, ARTDAG_E_LIMIT, ROOM,
                         "a block of %zu bytes is larger than any reader takes", len),
            cid);
    return store->be->put(store->self, NULL, cid, data, len, err);
}

static void quarantine(struct ad_store *store, const struct ad_cid *cid)
{
    char text[AD_CID_TEXT_MAX];
    artdag_error err = {0};
    (void)ad_cid_format(cid, text);
    if (store->be->quarantine(store->self, cid, &err) == ARTDAG_OK)
        ad_log_warn(store->log, "store.quarantine", "block %s is damaged and was put aside",
                    text);
    else
        ad_log_warn(store->log, "store.quarantine",
                    "block %s is damaged and cannot be put aside: %s", text, err.message);
}

enum artdag_err ad_store_get(struct ad_store *store, const struct ad_cid *cid,
                             struct ad_buf *buf, artdag_error *err)
{
    if (is_identity(cid)) {
        ad_buf_clear(buf);
        enum artdag_err status = ad_buf_append(buf, cid->digest, cid->digest_len);
        return status == ARTDAG_OK
                   ? status
                   : ad_error_set(err, status, ROOM, "no room for an identity block");
    }
    enum artdag_err code = store->be->get(store->self, cid, buf, err);
    if (code == ARTDAG_OK) {
        code = ad_cid_verify(cid, buf->data, buf->len, err);
        if (code == ARTDAG_E_CORRUPT)
            quarantine(store, cid);
    }
    if (code == ARTDAG_OK)
        return ARTDAG_OK;
    ad_buf_clear(buf);
    return ad_store_error_cid(err, code, cid);
}

enum artdag_err ad_store_has(struct ad_store *store, const struct ad_cid *cid, bool *ret,
                             artdag_error *err)
{
    if (is_identity(cid)) {
        *ret = true;
        return ARTDAG_OK;
    }
    return store->be->has(store->self, cid, ret, NULL, err);
}

enum artdag_err ad_store_flush(struct ad_store *store, artdag_error *err)
{
    return store->be->commit(store->self, NULL, err);
}

static enum artdag_err sink_put(void *payload, const struct ad_cid *cid, const void *data,
                                size_t len, artdag_error *err)
{
    return ad_store_put(payload, cid, data, len, err);
}

struct ad_block_source ad_store_source(struct ad_store *store)
{
    return store->source;
}

struct ad_block_sink ad_store_sink(struct ad_store *store)
{
    return (struct ad_block_sink){sink_put, store};
}

/* ---- names ---- */

enum artdag_err ad_store_resolve(struct ad_store *store, const char *name, struct ad_cid *ret,
                                 artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(4096);
    struct ad_str rest = ad_str_from(name);
    enum artdag_err code = ARTDAG_OK;
    if (ad_str_starts(rest, "ipns://") || ad_str_starts(rest, "/ipns/"))
        rest =
            ad_str_slice(rest, name[0] == '/' ? strlen("/ipns/") : strlen("ipns://"), rest.len);
    else
        code = ad_error_set(err, ARTDAG_E_INVAL, ROOM, "\"%.100s\" is no IPNS name", name);
    if (code == ARTDAG_OK && store->be->resolve == NULL)
        code = ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                            "this kind of store does not know IPNS names");
    (void)ad_buf_str(&path, "/ipns/");
    if (code == ARTDAG_OK && ad_buf_view(&path, rest) != ARTDAG_OK)
        code = ad_error_set(err, ad_buf_status(&path), ROOM, "the name is too long");
    if (code == ARTDAG_OK)
        code = store->be->resolve(store->self, ad_buf_as_str(&path), ret, err);
    ad_buf_fini(&path);
    return code;
}

/* ---- pins ---- */

static enum artdag_err check_pin_name(const char *name, artdag_error *err)
{
    if (strlen(name) > PIN_NAME_MAX)
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "the name of a pin has at most %d bytes",
                            PIN_NAME_MAX);
    return ARTDAG_OK;
}

enum artdag_err ad_store_pin(struct ad_store *store, const struct ad_cid *cid, const char *name,
                             artdag_error *err)
{
    bool is_new = false;
    bool complete = false;
    size_t removed = 0;
    enum artdag_err code = check_pin_name(name, err);
    if (code == ARTDAG_OK)
        code = store->be->pin(store->self, cid, name, &is_new, err);
    /* Pinned first, looked at then: what is complete now stays so. */
    if (code == ARTDAG_OK) {
        code = ad_store_complete(store, cid, &complete, err);
        if (code == ARTDAG_OK && !complete)
            code = ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM,
                                "cannot pin what is not whole in the store");
        if (code != ARTDAG_OK && is_new)
            (void)store->be->unpin(store->self, cid, name, &removed, NULL);
    }
    return code == ARTDAG_OK ? code : ad_store_error_cid(err, code, cid);
}

enum artdag_err ad_store_unpin(struct ad_store *store, const struct ad_cid *cid,
                               const char *name, artdag_error *err)
{
    size_t removed = 0;
    enum artdag_err code = store->be->unpin(store->self, cid, name, &removed, err);
    if (code == ARTDAG_OK && removed == 0)
        code = ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "not pinned%s%s",
                            name != NULL && name[0] != '\0' ? " as " : "",
                            name != NULL ? name : "");
    return code == ARTDAG_OK ? code : ad_store_error_cid(err, code, cid);
}

enum artdag_err ad_store_pins(struct ad_store *store,
                              enum artdag_err (*each)(void *payload, const struct ad_cid *cid,
                                                      const char *name, artdag_error *err),
                              void *payload, artdag_error *err)
{
    return store->be->pins(store->self, each, payload, err);
}

/* ---- leases ---- */

enum artdag_err ad_lease_open(struct ad_store *store, struct ad_lease **ret, artdag_error *err)
{
    struct ad_lease *lease = ad_alloc(sizeof(*lease));
    if (lease == NULL)
        return ad_error_nomem(err, ROOM);
    enum artdag_err code = store->be->lease_open(store->self, &lease->backend, err);
    if (code != ARTDAG_OK) {
        free(lease);
        return code;
    }
    lease->store = store;
    (void)pthread_mutex_init(&lease->lock, NULL);
    (void)pthread_mutex_lock(&store->lock);
    lease->next = store->leases;
    store->leases = lease;
    (void)pthread_mutex_unlock(&store->lock);
    *ret = lease;
    return ARTDAG_OK;
}

void ad_lease_close(struct ad_lease *lease)
{
    if (lease == NULL)
        return;
    struct ad_store *store = lease->store;
    (void)pthread_mutex_lock(&store->lock);
    for (struct ad_lease **at = &store->leases; *at != NULL; at = &(*at)->next) {
        if (*at == lease) {
            *at = lease->next;
            break;
        }
    }
    (void)pthread_mutex_unlock(&store->lock);
    store->be->lease_close(store->self, lease->backend);
    (void)pthread_mutex_destroy(&lease->lock);
    ad_map_fini(&lease->held);
    free(lease);
}

/* Each CID is written into the lease once. */
static enum artdag_err lease_name(struct ad_lease *lease, const struct ad_cid *cid,
                                  artdag_error *err)
{
    uint8_t bytes[AD_CID_BYTES_MAX];
    enum artdag_err code = ARTDAG_OK;
    (void)pthread_mutex_lock(&lease->lock);
    union ad_map_value *value = ad_map_put(&lease->held, ad_store_cid_key(cid, bytes), NULL);
    if (value == NULL)
        code = ad_error_nomem(err, ROOM);
    if (code == ARTDAG_OK && value->num == 0) {
        code = lease->store->be->lease_add(lease->store->self, lease->backend, cid, err);
        value->num = code == ARTDAG_OK;
    }
    (void)pthread_mutex_unlock(&lease->lock);
    return code;
}

enum artdag_err ad_lease_hold(struct ad_lease *lease, const struct ad_cid *cid,
                              bool *ret_complete, artdag_error *err)
{
    struct ad_store *store = lease->store;
    if (store->be->lease_hold != NULL)
        return is_identity(cid)
                   ? ad_store_complete(store, cid, ret_complete, err)
                   : store->be->lease_hold(store->self, lease->backend, cid, ret_complete, err);
    enum artdag_err code = lease_name(lease, cid, err);
    /* From here on no gc takes anything of this DAG. */
    return code == ARTDAG_OK ? ad_store_complete(lease->store, cid, ret_complete, err) : code;
}

enum artdag_err ad_store_hold_added(struct ad_store *store, const struct ad_cid *cid,
                                    artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    (void)pthread_mutex_lock(&store->lock);
    for (struct ad_lease *lease = store->leases; lease != NULL && code == ARTDAG_OK;
         lease = lease->next)
        code = lease_name(lease, cid, err);
    (void)pthread_mutex_unlock(&store->lock);
    return code;
}
