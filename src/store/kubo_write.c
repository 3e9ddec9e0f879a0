/* SPDX-License-Identifier: MIT
 *
 * Batches and their upload: one CAR of header, spooled sections, and the records of the leases that want what comes. The node pins the
 * records, and with them the new DAGs, before any collection of its garbage can run.
 */
#include <string.h>
#include <unistd.h>

#include "store/kubo.h"

enum artdag_err ad_kubo_begin(void *self, struct ad_backend_batch **ret, artdag_error *err)
{
    struct ad_backend_batch *batch = ad_alloc(sizeof(*batch));
    if (batch == NULL)
        return ad_error_nomem(err, ROOM);
    batch->store = self;
    (void)pthread_mutex_init(&batch->lock, NULL);
    (void)pthread_mutex_init(&batch->commit, NULL);
    *ret = batch;
    return ARTDAG_OK;
}

void ad_kubo_end(void *self, struct ad_backend_batch *batch)
{
    (void)self;
    if (batch == NULL)
        return;
    while (batch->full != NULL) {
        struct ad_spool *spool = batch->full;
        batch->full = spool->next;
        ad_spool_destroy(spool);
    }
    ad_spool_destroy(batch->current);
    (void)pthread_mutex_destroy(&batch->lock);
    (void)pthread_mutex_destroy(&batch->commit);
    free(batch);
}

enum artdag_err ad_kubo_put(void *self, struct ad_backend_batch *batch,
                            const struct ad_cid *cid, const void *data, size_t len,
                            artdag_error *err)
{
    struct ad_kubo_store *k = self;
    enum artdag_err code = ARTDAG_OK;
    batch = batch != NULL ? batch : k->batch;
    (void)pthread_mutex_lock(&batch->lock);
    if (batch->current == NULL)
        code = ad_spool_create(k->folder, &batch->current, err);
    if (code == ARTDAG_OK)
        code = ad_spool_put(batch->current, cid, data, len, err);
    (void)pthread_mutex_unlock(&batch->lock);
    return code;
}

static enum artdag_err read_spooled(const struct ad_spool *spool, uint64_t at, size_t len,
                                    struct ad_buf *buf, artdag_error *err)
{
    size_t got = 0;
    ad_buf_clear(buf);
    uint8_t *data = ad_buf_extend(buf, len);
    if (data == NULL && ad_buf_status(buf) == ARTDAG_E_LIMIT)
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "the block has more than %zu bytes",
                            buf->max);
    if (data == NULL)
        return ad_error_nomem(err, ROOM);
    enum artdag_err code = ad_fs_pread_full(spool->fd, data, len, at, &got, ROOM, err);
    return code == ARTDAG_OK && got != len
               ? ad_error_set(err, ARTDAG_E_IO, ROOM, "the file of waiting blocks is too short")
               : code;
}

enum artdag_err ad_kubo_staged(struct ad_kubo_store *k, const struct ad_cid *cid,
                               struct ad_buf *buf, size_t *ret_len, artdag_error *err)
{
    struct ad_backend_batch *batch = k->batch;
    enum artdag_err code = ARTDAG_E_NOTFOUND;
    uint64_t at = 0;
    size_t len = 0;
    (void)pthread_mutex_lock(&batch->lock);
    const struct ad_spool *spool = batch->current;
    if (spool == NULL || !ad_spool_find(spool, cid, &at, &len)) {
        spool = batch->full;
        while (spool != NULL && !ad_spool_find(spool, cid, &at, &len))
            spool = spool->next;
    }
    if (spool != NULL) {
        code = buf != NULL ? read_spooled(spool, at, len, buf, err) : ARTDAG_OK;
        if (ret_len != NULL)
            *ret_len = len;
    } else {
        code = ad_error_set(err, code, ROOM, "not among the waiting blocks");
    }
    (void)pthread_mutex_unlock(&batch->lock);
    return code;
}

/* ---- upload ---- */

struct car {
    struct ad_buf head;
    const struct ad_spool *spool; /* NULL = none */
    struct ad_buf tail;
    size_t head_at, tail_at;
    uint64_t spool_at;
};

static size_t copy_some(const struct ad_buf *buf, size_t *at, void *data, size_t cap)
{
    size_t len = buf->len - *at < cap ? buf->len - *at : cap;
    if (len > 0)
        memcpy(data, buf->data + *at, len);
    *at += len;
    return len;
}

static enum artdag_err read_car(void *payload, void *data, size_t cap, size_t *ret_len,
                                artdag_error *err)
{
    struct car *car = payload;
    *ret_len = copy_some(&car->head, &car->head_at, data, cap);
    if (*ret_len == 0 && car->spool != NULL && car->spool_at < car->spool->bytes) {
        uint64_t left = car->spool->bytes - car->spool_at;
        size_t want = left < cap ? (size_t)left : cap;
        enum artdag_err code =
            ad_fs_pread_full(car->spool->fd, data, want, car->spool_at, ret_len, ROOM, err);
        if (code == ARTDAG_OK && *ret_len != want)
            code =
                ad_error_set(err, ARTDAG_E_IO, ROOM, "the file of waiting blocks is too short");
        car->spool_at += want;
        return code;
    }
    if (*ret_len == 0)
        *ret_len = copy_some(&car->tail, &car->tail_at, data, cap);
    return ARTDAG_OK;
}

static void restart_car(void *payload)
{
    struct car *car = payload;
    car->head_at = 0;
    car->tail_at = 0;
    car->spool_at = 0;
}

static enum artdag_err send_car(struct ad_kubo_store *k, struct car *car, bool pin_roots,
                                int64_t pin_ms, artdag_error *err)
{
    struct ad_kubo_car upload = {
        .read = read_car,
        .restart = restart_car,
        .payload = car,
        .bytes = car->head.len + car->tail.len + (car->spool != NULL ? car->spool->bytes : 0),
        .pin_roots = pin_roots,
        .pin_ms = pin_ms,
    };
    return ad_kubo_dag_import(k->node, &upload, err);
}

enum artdag_err ad_kubo_pin_block(struct ad_kubo_store *k, const struct ad_cid *cid,
                                  const struct ad_buf *block, artdag_error *err)
{
    struct car car = {.head = AD_BUF_INIT(4096), .tail = AD_BUF_INIT(AD_BLOCK_MAX + 4096)};
    enum artdag_err code = ad_car_write_header(&car.head, cid, 1, err);
    if (code == ARTDAG_OK)
        code = ad_car_write_section(&car.tail, cid, block->data, block->len, err);
    if (code == ARTDAG_OK)
        code = send_car(k, &car, true, 60000, err);
    ad_buf_fini(&car.head);
    ad_buf_fini(&car.tail);
    return code;
}

static enum artdag_err write_header(struct car *car, const ad_kubo_grants *grants,
                                    artdag_error *err)
{
    ad_cid_vec roots = {0};
    enum artdag_err code = ARTDAG_OK;
    for (size_t i = 0; i < grants->len && code == ARTDAG_OK; i++) {
        if (!ad_vec_push(&roots, grants->items[i].record))
            code = ad_error_nomem(err, ROOM);
    }
    /* With nothing to pin the header still wants a root; the last block is one in all that an importer makes. */
    if (code == ARTDAG_OK && roots.len == 0 && !ad_vec_push(&roots, car->spool->last))
        code = ad_error_nomem(err, ROOM);
    if (code == ARTDAG_OK)
        code = ad_car_write_header(&car->head, roots.items, roots.len, err);
    ad_vec_fini(&roots);
    return code;
}

static enum artdag_err upload(struct ad_kubo_store *k, const struct ad_spool *spool,
                              artdag_error *err)
{
    struct car car = {
        .head = AD_BUF_INIT(1u << 20), .spool = spool, .tail = AD_BUF_INIT(64u << 20)};
    ad_kubo_grants grants = {0};
    enum artdag_err code = ad_kubo_grants_make(k, spool, &grants, &car.tail, err);
    if (code == ARTDAG_OK)
        code = write_header(&car, &grants, err);
    if (code == ARTDAG_OK)
        code = send_car(k, &car, grants.len > 0, 0, err);
    if (code == ARTDAG_OK)
        code = ad_kubo_grants_settle(k, &grants, err);
    ad_kubo_grants_fini(&grants);
    ad_buf_fini(&car.head);
    ad_buf_fini(&car.tail);
    return code;
}

/* Moves what came in so far to the end of the list, and gives its head. */
static struct ad_spool *oldest_full(struct ad_backend_batch *batch)
{
    (void)pthread_mutex_lock(&batch->lock);
    struct ad_spool **end = &batch->full;
    while (*end != NULL)
        end = &(*end)->next;
    *end = batch->current;
    batch->current = NULL;
    struct ad_spool *oldest = batch->full;
    (void)pthread_mutex_unlock(&batch->lock);
    return oldest;
}

static struct ad_spool *drop_oldest(struct ad_backend_batch *batch)
{
    (void)pthread_mutex_lock(&batch->lock);
    struct ad_spool *gone = batch->full;
    batch->full = gone->next;
    struct ad_spool *next = batch->full;
    (void)pthread_mutex_unlock(&batch->lock);
    ad_spool_destroy(gone);
    return next;
}

/* What could not be uploaded stays in the list, for the next commit. */
enum artdag_err ad_kubo_commit(void *self, struct ad_backend_batch *batch, artdag_error *err)
{
    struct ad_kubo_store *k = self;
    enum artdag_err code = ARTDAG_OK;
    batch = batch != NULL ? batch : k->batch;
    (void)pthread_mutex_lock(&batch->commit);
    struct ad_spool *spool = oldest_full(batch);
    while (spool != NULL && code == ARTDAG_OK) {
        code = upload(k, spool, err);
        if (code == ARTDAG_OK)
            spool = drop_oldest(batch);
    }
    (void)pthread_mutex_unlock(&batch->commit);
    return code;
}
