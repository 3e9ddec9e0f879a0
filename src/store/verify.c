/* SPDX-License-Identifier: MIT
 *
 * Checking every block, on all cores. Results are reported in the order of the listing,
 * whatever thread found them.
 */
#include <stdio.h>
#include <string.h>

#include "store/reach.h"

#define BATCH_BLOCKS 1024

struct checked {
    struct ad_cid cid;
    uint64_t bytes;
    bool reference;
    bool skip;
    bool bad;
    char why[160];
};

struct verify {
    struct ad_store *store;
    void (*bad)(void *payload, const struct ad_cid *cid, const char *why);
    void *payload;
    AD_VEC(struct checked) batch;
    struct ad_map seen; /* a block may be there as bytes and as a reference */
    struct ad_verify_result result;
};

static void report(struct verify *v, const struct ad_cid *cid, const char *why)
{
    if (v->bad != NULL)
        v->bad(v->payload, cid, why);
}

static enum artdag_err check_one(void *payload, size_t i, artdag_error *err)
{
    struct verify *v = payload;
    struct checked *one = &v->batch.items[i];
    struct ad_buf buf = AD_BUF_INIT(AD_BLOCK_MAX);
    artdag_error inner = {0};
    enum artdag_err code = ad_store_get(v->store, &one->cid, &buf, &inner);
    one->bytes = buf.len;
    ad_buf_fini(&buf);
    switch (code) {
    case ARTDAG_OK:
        return ARTDAG_OK;
    case ARTDAG_E_NOTFOUND: /* a block that gc took meanwhile, or a reference to a file that is
                               not there, perhaps just now */
        one->skip = !one->reference;
        break;
    case ARTDAG_E_CORRUPT: /* references to changed files stay when they are read; here they are
                              put away */
        code = v->store->be->quarantine(v->store->self, &one->cid, err);
        if (code != ARTDAG_OK)
            return code;
        break;
    case ARTDAG_E_UNSUPPORTED:
        break;
    default:
        if (err != NULL)
            *err = inner;
        return code;
    }
    one->bad = true;
    memcpy(one->why, inner.message, sizeof(one->why) - 1);
    return ARTDAG_OK;
}

static enum artdag_err check_batch(struct verify *v, artdag_error *err)
{
    enum artdag_err code = ad_threads_each(0, v->batch.len, check_one, v, err);
    for (size_t i = 0; i < v->batch.len && code == ARTDAG_OK; i++) {
        const struct checked *one = &v->batch.items[i];
        if (one->skip)
            continue;
        v->result.blocks++;
        v->result.bytes += one->bytes;
        if (one->bad) {
            v->result.corrupt++;
            report(v, &one->cid, one->why);
        }
    }
    v->batch.len = 0;
    return code;
}

static enum artdag_err take_block(void *payload, const struct ad_backend_block *block,
                                  artdag_error *err)
{
    struct verify *v = payload;
    uint8_t bytes[AD_CID_BYTES_MAX];
    bool added = false;
    struct checked one = {.cid = block->cid, .reference = block->reference};
    if (ad_map_put(&v->seen, ad_store_block_key(&block->cid, bytes), &added) == NULL)
        return ad_error_nomem(err, ROOM);
    if (!added)
        return ARTDAG_OK;
    if (!ad_vec_push(&v->batch, one))
        return ad_error_nomem(err, ROOM);
    return v->batch.len == BATCH_BLOCKS ? check_batch(v, err) : ARTDAG_OK;
}

/* ---- what pins need ---- */

struct pinned {
    struct verify *v;
    struct ad_reach reach;
    const char *name; /* of the pin being followed */
};

static void report_lost(void *payload, const struct ad_cid *cid, const char *why)
{
    struct pinned *pinned = payload;
    char text[512];
    (void)snprintf(text, sizeof(text), "needed by the pin \"%s\": %s", pinned->name, why);
    pinned->v->result.missing_pinned++;
    report(pinned->v, cid, text);
}

static enum artdag_err follow_pin(void *payload, const struct ad_cid *cid, const char *name,
                                  artdag_error *err)
{
    struct pinned *pinned = payload;
    pinned->name = name;
    return ad_reach_add(&pinned->reach, cid, err);
}

static enum artdag_err check_pins(struct verify *v, artdag_error *err)
{
    struct pinned pinned = {.v = v};
    ad_reach_init(&pinned.reach, v->store);
    pinned.reach.look_up_leaves = true;
    pinned.reach.lost = report_lost;
    pinned.reach.payload = &pinned;
    enum artdag_err code = v->store->be->pins(v->store->self, follow_pin, &pinned, err);
    ad_reach_fini(&pinned.reach);
    return code;
}

enum artdag_err ad_store_verify(struct ad_store *store,
                                void (*bad)(void *payload, const struct ad_cid *cid,
                                            const char *why),
                                void *payload, struct ad_verify_result *ret, artdag_error *err)
{
    struct verify v = {.store = store, .bad = bad, .payload = payload};
    enum artdag_err code = ARTDAG_OK;
    if (store->be->each == NULL)
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                            "this kind of store verifies itself");
    code = store->be->each(store->self, take_block, &v, err);
    if (code == ARTDAG_OK)
        code = check_batch(&v, err);
    if (code == ARTDAG_OK)
        code = check_pins(&v, err);
    ad_vec_fini(&v.batch);
    ad_map_fini(&v.seen);
    if (code == ARTDAG_OK && ret != NULL)
        *ret = v.result;
    return code;
}
