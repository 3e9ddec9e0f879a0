/* SPDX-License-Identifier: MIT
 *
 * The kubo back end: opening, closing, reading, and the table of its functions.
 */
#include "store/kubo.h"

#include <string.h>

#include "store/kubo_options.h"

/* After so large a part of its limit in new blocks the cache is trimmed again. */
#define CACHE_TRIMS 8

static void kubo_close(void *self)
{
    struct ad_kubo_store *k = self;
    if (k == NULL)
        return;
    ad_kubo_end(k, k->batch);
    ad_kubo_destroy(k->node);
    ad_gateways_fini(&k->gateways);
    ad_gateways_fini(&k->reader);
    ad_store_close(k->cache);
    (void)pthread_mutex_destroy(&k->lock);
    free(k->folder);
    free(k);
}

/* Takes what it uses out of the options. */
static enum artdag_err set_up(struct ad_kubo_store *k, struct ad_kubo_options *o,
                              artdag_error *err)
{
    struct ad_buf url = AD_BUF_INIT(8192);
    struct ad_kubo_params params = {
        .http = {.endpoint = &o->endpoint,
                 .auth = o->auth.len > 0 ? (const char *)o->auth.data : NULL},
        .find_ms = (int64_t)o->find_ms,
        .call_ms = (int64_t)o->call_ms,
    };
    k->gateways = o->gateways;
    k->gateways.find_ms = (int64_t)o->find_ms;
    o->gateways = (struct ad_gateways){0};
    k->reader = o->reader;
    k->reader.find_ms = k->gateways.find_ms;
    o->reader = (struct ad_gateways){0};
    k->folder = o->spool;
    o->spool = NULL;
    k->cache_max = o->cache_bytes;
    ad_kubo_token(k->token);
    enum artdag_err code = ad_kubo_create(&params, &k->node, err);
    if (code == ARTDAG_OK && o->cache != NULL) {
        (void)ad_buf_printf(&url, "fs:%s", o->cache);
        code = ad_buf_status(&url) != ARTDAG_OK
                   ? ad_error_nomem(err, ROOM)
                   : ad_store_open((const char *)url.data, k->log, &k->cache, err);
    }
    ad_buf_fini(&url);
    return code;
}

/* With gateways one can read on while the node is away. */
static enum artdag_err greet(struct ad_kubo_store *k, artdag_error *err)
{
    char agent[64] = "";
    artdag_error inner = {0};
    enum artdag_err code = ad_kubo_version(k->node, agent, &inner);
    if (code == ARTDAG_OK)
        ad_log_debug(k->log, "store.kubo", "node %s, version %s", ad_kubo_url(k->node), agent);
    if (code == ARTDAG_OK || k->gateways.len == 0) {
        if (code != ARTDAG_OK && err != NULL)
            *err = inner;
        return code;
    }
    ad_log_warn(k->log, "store.node-away", "%s; reading from gateways only", inner.message);
    return ARTDAG_OK;
}

static enum artdag_err kubo_open(const char *where, const artdag_log *log, void **ret,
                                 artdag_error *err)
{
    struct ad_kubo_options options = {0};
    enum artdag_err code = ad_kubo_options_parse(where, log, &options, err);
    if (code != ARTDAG_OK)
        return code;
    struct ad_kubo_store *k = ad_alloc(sizeof(*k));
    if (k == NULL) {
        ad_kubo_options_fini(&options);
        return ad_error_nomem(err, ROOM);
    }
    k->log = log;
    (void)pthread_mutex_init(&k->lock, NULL);
    code = set_up(k, &options, err);
    ad_kubo_options_fini(&options);
    if (code == ARTDAG_OK)
        code = ad_kubo_begin(k, &k->batch, err);
    if (code == ARTDAG_OK)
        code = greet(k, err);
    if (code != ARTDAG_OK) {
        kubo_close(k);
        return code;
    }
    *ret = k;
    return ARTDAG_OK;
}

/* ---- reading ---- */

/* A cache that fails only costs time. */
static void keep_in_cache(struct ad_kubo_store *k, const struct ad_cid *cid,
                          const struct ad_buf *buf)
{
    struct ad_gc_params trim = {.keep_bytes = (int64_t)k->cache_max};
    artdag_error err = {0};
    bool full = false;
    if (k->cache == NULL)
        return;
    enum artdag_err code = ad_store_put(k->cache, cid, buf->data, buf->len, &err);
    (void)pthread_mutex_lock(&k->lock);
    k->cache_new += buf->len;
    full = k->cache_new > k->cache_max / CACHE_TRIMS;
    if (full)
        k->cache_new = 0;
    (void)pthread_mutex_unlock(&k->lock);
    if (code == ARTDAG_OK && full)
        code = ad_store_flush(k->cache, &err);
    if (code == ARTDAG_OK && full)
        code = ad_store_gc(k->cache, &trim, NULL, &err);
    if (code != ARTDAG_OK)
        ad_log_warn(k->log, "store.cache", "cannot keep a block in the cache: %s", err.message);
}

static enum artdag_err get_from_node(struct ad_kubo_store *k, const struct ad_cid *cid,
                                     struct ad_buf *buf, artdag_error *err)
{
    if (k->reader.len > 0 && ad_gateways_get(&k->reader, cid, buf, NULL) == ARTDAG_OK)
        return ARTDAG_OK;
    enum artdag_err code = ad_kubo_block_get(k->node, cid, false, buf, err);
    if (code == ARTDAG_OK)
        code = ad_cid_verify(cid, buf->data, buf->len, err);
    if (code == ARTDAG_E_CORRUPT)
        ad_log_warn(k->log, "store.node-lies", "%s sent bytes that are not the block asked for",
                    ad_kubo_url(k->node));
    return code;
}

/* Each layer is asked only when those before have failed; the first one's word is the error, because it is the store. */
static enum artdag_err get_from_afar(struct ad_kubo_store *k, const struct ad_cid *cid,
                                     struct ad_buf *buf, artdag_error *err)
{
    enum artdag_err code = get_from_node(k, cid, buf, err);
    if (code == ARTDAG_OK || k->gateways.len == 0 || code == ARTDAG_E_LIMIT ||
        code == ARTDAG_E_CANCELED || code == ARTDAG_E_NOMEM)
        return code;
    artdag_error inner = {0};
    return ad_gateways_get(&k->gateways, cid, buf, &inner) == ARTDAG_OK ? ARTDAG_OK : code;
}

static enum artdag_err kubo_get(void *self, const struct ad_cid *cid, struct ad_buf *buf,
                                artdag_error *err)
{
    struct ad_kubo_store *k = self;
    enum artdag_err code = ad_kubo_staged(k, cid, buf, NULL, err);
    if (code != ARTDAG_E_NOTFOUND)
        return code;
    if (k->cache != NULL && ad_store_get(k->cache, cid, buf, NULL) == ARTDAG_OK)
        return ARTDAG_OK;
    ad_buf_clear(buf);
    code = get_from_afar(k, cid, buf, err);
    if (code == ARTDAG_OK)
        keep_in_cache(k, cid, buf);
    return code;
}

static enum artdag_err kubo_has(void *self, const struct ad_cid *cid, bool *ret,
                                uint64_t *ret_len, artdag_error *err)
{
    struct ad_kubo_store *k = self;
    size_t len = 0;
    if (ad_kubo_staged(k, cid, NULL, &len, NULL) == ARTDAG_OK) {
        *ret = true;
        if (ret_len != NULL)
            *ret_len = len;
        return ARTDAG_OK;
    }
    return ad_kubo_block_has(k->node, cid, ret, ret_len, err);
}

static enum artdag_err kubo_resolve(void *self, struct ad_str path, struct ad_cid *ret,
                                    artdag_error *err)
{
    const struct ad_kubo_store *k = self;
    return ad_kubo_resolve(k->node, path, ret, err);
}

/* What is wrong came from a node that we do not mend. */
static enum artdag_err kubo_quarantine(void *self, const struct ad_cid *cid, artdag_error *err)
{
    (void)self;
    (void)cid;
    return ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                        "the node's blocks are its own: run ipfs repo verify there");
}

const struct ad_store_backend ad_store_kubo = {
    .scheme = "kubo",
    .open = kubo_open,
    .close = kubo_close,
    .begin = ad_kubo_begin,
    .put = ad_kubo_put,
    .commit = ad_kubo_commit,
    .end = ad_kubo_end,
    .get = kubo_get,
    .has = kubo_has,
    .quarantine = kubo_quarantine,
    .resolve = kubo_resolve,
    .pin = ad_kubo_pin,
    .unpin = ad_kubo_unpin,
    .pins = ad_kubo_pins,
    .lease_open = ad_kubo_lease_open,
    .lease_add = ad_kubo_lease_add,
    .lease_hold = ad_kubo_lease_hold,
    .lease_close = ad_kubo_lease_close,
    .collect = ad_kubo_collect,
};
