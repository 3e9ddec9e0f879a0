/* SPDX-License-Identifier: MIT
 *
 * DAGs out to an archive and back in.
 */
#include "store/handle.h"

#define WRITE_BYTES (1u << 20)

struct car_export {
    int fd;
    struct ad_buf buf;
    struct ad_map seen; /* CIDs, across all roots */
};

static enum artdag_err write_out(struct car_export *car, artdag_error *err)
{
    enum artdag_err code = ad_fs_write_full(car->fd, car->buf.data, car->buf.len, ROOM, err);
    ad_buf_clear(&car->buf);
    return code;
}

static enum artdag_err export_block(void *payload, const struct ad_cid *cid, const void *data,
                                    size_t len, artdag_error *err)
{
    struct car_export *car = payload;
    uint8_t bytes[AD_CID_BYTES_MAX];
    bool added = false;
    if (ad_map_put(&car->seen, ad_store_cid_key(cid, bytes), &added) == NULL)
        return ad_error_nomem(err, ROOM);
    if (!added)
        return ARTDAG_OK;
    enum artdag_err code = ad_car_write_section(&car->buf, cid, data, len, err);
    if (code == ARTDAG_OK && car->buf.len >= WRITE_BYTES)
        code = write_out(car, err);
    return code;
}

enum artdag_err ad_store_car_export(struct ad_store *store, const struct ad_cid *roots,
                                    size_t count, int fd, artdag_error *err)
{
    struct car_export car = {.fd = fd, .buf = AD_BUF_INIT(WRITE_BYTES + 2 * AD_BLOCK_MAX)};
    bool complete = true;
    enum artdag_err code = ARTDAG_OK;
    /* Half an archive is worse than none: look first. */
    for (size_t i = 0; i < count && code == ARTDAG_OK; i++) {
        code = ad_store_complete(store, &roots[i], &complete, err);
        if (code == ARTDAG_OK && !complete)
            code = ad_store_error_cid(
                err, ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "not whole in the store"),
                &roots[i]);
    }
    if (code == ARTDAG_OK)
        code = ad_car_write_header(&car.buf, roots, count, err);
    for (size_t i = 0; i < count && code == ARTDAG_OK; i++)
        code = ad_dag_walk(&store->source, &roots[i], true, export_block, &car, err);
    if (code == ARTDAG_OK)
        code = write_out(&car, err);
    ad_map_fini(&car.seen);
    ad_buf_fini(&car.buf);
    return code;
}

struct car_import {
    struct ad_store *store;
    struct ad_backend_batch *batch;
};

static enum artdag_err import_block(void *payload, const struct ad_cid *cid, const void *data,
                                    size_t len, artdag_error *err)
{
    struct car_import *car = payload;
    return car->store->be->put(car->store->self, car->batch, cid, data, len, err);
}

enum artdag_err ad_store_car_import(struct ad_store *store, int fd, ad_cid_vec *roots,
                                    artdag_error *err)
{
    struct car_import car = {.store = store};
    struct ad_block_sink sink = {import_block, &car};
    size_t had = roots->len;
    enum artdag_err code = store->be->begin(store->self, &car.batch, err);
    if (code != ARTDAG_OK)
        return code;
    code = ad_car_read_fd(fd, &sink, roots, err);
    for (size_t i = had; i < roots->len && code == ARTDAG_OK; i++)
        code = ad_store_hold_added(store, &roots->items[i], err);
    if (code == ARTDAG_OK)
        code = store->be->commit(store->self, car.batch, err);
    store->be->end(store->self, car.batch);
    if (code != ARTDAG_OK)
        roots->len = had;
    return code;
}
