/* SPDX-License-Identifier: MIT
 *
 * The gateway back end: "gateway:URL[,URL...]", blocks from other people's IPFS gateways, for reading only.
 */
#include <string.h>

#include "store/gateways.h"

static enum artdag_err read_only(artdag_error *err)
{
    enum artdag_err code =
        ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM, "gateways can only be read from");
    ad_error_hint(err, "choose a store of kind fs or kubo");
    return code;
}

static void gateway_close(void *self)
{
    struct ad_gateways *g = self;
    if (g == NULL)
        return;
    ad_gateways_fini(g);
    free(g);
}

static enum artdag_err gateway_open(const char *where, const artdag_log *log, void **ret,
                                    artdag_error *err)
{
    struct ad_gateways *g = ad_alloc(sizeof(*g));
    enum artdag_err code = g != NULL ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    if (code != ARTDAG_OK)
        return code;
    g->log = log;
    for (const char *at = where; code == ARTDAG_OK;) {
        size_t len = strcspn(at, ",");
        code = ad_gateways_add(g, (struct ad_str){at, len}, err);
        if (at[len] == '\0')
            break;
        at += len + 1;
    }
    if (code != ARTDAG_OK) {
        gateway_close(g);
        return code;
    }
    *ret = g;
    return ARTDAG_OK;
}

static enum artdag_err gateway_begin(void *self, struct ad_backend_batch **ret,
                                     artdag_error *err)
{
    (void)self;
    (void)ret;
    return read_only(err);
}

static enum artdag_err gateway_put(void *self, struct ad_backend_batch *batch,
                                   const struct ad_cid *cid, const void *data, size_t len,
                                   artdag_error *err)
{
    (void)self;
    (void)batch;
    (void)cid;
    (void)data;
    (void)len;
    return read_only(err);
}

/* There is never anything to write. */
static enum artdag_err gateway_commit(void *self, struct ad_backend_batch *batch,
                                      artdag_error *err)
{
    (void)self;
    (void)batch;
    (void)err;
    return ARTDAG_OK;
}

static void gateway_end(void *self, struct ad_backend_batch *batch)
{
    (void)self;
    (void)batch;
}

static enum artdag_err gateway_get(void *self, const struct ad_cid *cid, struct ad_buf *buf,
                                   artdag_error *err)
{
    return ad_gateways_get(self, cid, buf, err);
}

static enum artdag_err gateway_has(void *self, const struct ad_cid *cid, bool *ret,
                                   uint64_t *ret_len, artdag_error *err)
{
    return ad_gateways_has(self, cid, ret, ret_len, err);
}

static enum artdag_err gateway_quarantine(void *self, const struct ad_cid *cid,
                                          artdag_error *err)
{
    (void)self;
    (void)cid;
    return read_only(err);
}

/* NOLINTBEGIN(readability-non-const-parameter): the types are the table's */
static enum artdag_err gateway_pin(void *self, const struct ad_cid *cid, const char *name,
                                   bool *ret_new, artdag_error *err)
{
    (void)self;
    (void)cid;
    (void)name;
    (void)ret_new;
    return read_only(err);
}

static enum artdag_err gateway_unpin(void *self, const struct ad_cid *cid, const char *name,
                                     size_t *ret_removed, artdag_error *err)
{
    (void)self;
    (void)cid;
    (void)name;
    (void)ret_removed;
    return read_only(err);
}
/* NOLINTEND(readability-non-const-parameter) */

static enum artdag_err gateway_pins(void *self, ad_backend_root_fn each, void *payload,
                                    artdag_error *err)
{
    (void)self;
    (void)each;
    (void)payload;
    (void)err;
    return ARTDAG_OK; /* none */
}

/* A reader may hold leases; what they hold nobody promises, so reading can still find it gone. */
static enum artdag_err gateway_lease_open(void *self, void **ret, artdag_error *err)
{
    (void)err;
    *ret = self;
    return ARTDAG_OK;
}

static enum artdag_err gateway_lease_add(void *self, void *lease, const struct ad_cid *cid,
                                         artdag_error *err)
{
    (void)self;
    (void)lease;
    (void)cid;
    (void)err;
    return ARTDAG_OK;
}

static void gateway_lease_close(void *self, void *lease)
{
    (void)self;
    (void)lease;
}

const struct ad_store_backend ad_store_gateway = {
    .scheme = "gateway",
    .open = gateway_open,
    .close = gateway_close,
    .begin = gateway_begin,
    .put = gateway_put,
    .commit = gateway_commit,
    .end = gateway_end,
    .get = gateway_get,
    .has = gateway_has,
    .quarantine = gateway_quarantine,
    .pin = gateway_pin,
    .unpin = gateway_unpin,
    .pins = gateway_pins,
    .lease_open = gateway_lease_open,
    .lease_add = gateway_lease_add,
    .lease_close = gateway_lease_close,
};
