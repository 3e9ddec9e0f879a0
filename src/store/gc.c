/* SPDX-License-Identifier: MIT
 *
 * Garbage collection beside running writers. It needs no pause, only short exclusive locks:
 *
 *   begin  take the store's time; forget dead leases and the unfinished writes of the dead
 *   mark   all that pins and live leases reach
 *   list   blocks that are neither marked nor used since begin: the candidates
 *   sweep  in batches. Under the lock: mark what pins and leases have gained, then remove the
 *          batch's candidates that are still unmarked and were not used since the listing
 *
 * A writer's blocks are out of reach until its commit, and young after it (used since begin). A
 * root that is named in a lease before a batch's lock is marked in that batch; one that is
 * named later finds out, by lease_hold's look at the DAG, whether an earlier batch took
 * something. A DAG that lease_hold has called complete thus stays whole.
 */
#include "store/reach.h"

#define BATCH_BLOCKS 1024
#define CLOCK_SLACK_MS 100

struct gc {
    struct ad_store *store;
    const struct ad_gc_params *params;
    int64_t begin_ns;
    int64_t begin_wall_ms;
    int64_t begin_mono_ms;
    struct ad_map roots; /* CIDs from pins and leases, each marked or among new_roots */
    AD_VEC(struct ad_cid) new_roots;
    struct ad_reach marked;
    AD_VEC(struct ad_backend_block) candidates; /* ordered: longest unused first */
    uint64_t total_bytes;                       /* in the store now */
    struct ad_gc_result result;
};

/* ---- mark ---- */

static void log_lost(void *payload, const struct ad_cid *cid, const char *why)
{
    const struct gc *gc = payload;
    char text[AD_CID_TEXT_MAX];
    (void)ad_cid_format(cid, text);
    ad_log_warn(gc->store->log, "store.gc-incomplete",
                "%s is to be kept but cannot be read: %s", text, why);
}

static enum artdag_err collect_root(void *payload, const struct ad_cid *cid,
                                    const char *pin_name, artdag_error *err)
{
    struct gc *gc = payload;
    uint8_t bytes[AD_CID_BYTES_MAX];
    bool added = false;
    (void)pin_name;
    if (ad_map_put(&gc->roots, ad_store_cid_key(cid, bytes), &added) == NULL)
        return ad_error_nomem(err, ROOM);
    return !added || ad_vec_push(&gc->new_roots, *cid) ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

/* Under the lock. */
static enum artdag_err collect_roots(struct gc *gc, artdag_error *err)
{
    const struct ad_store_backend *be = gc->store->be;
    enum artdag_err code = be->leases(gc->store->self, collect_root, gc, err);
    return code == ARTDAG_OK ? be->pins(gc->store->self, collect_root, gc, err) : code;
}

static enum artdag_err mark_new_roots(struct gc *gc, artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    for (size_t i = 0; i < gc->new_roots.len && code == ARTDAG_OK; i++)
        code = ad_reach_add(&gc->marked, &gc->new_roots.items[i], err);
    gc->new_roots.len = 0;
    return code;
}

/* ---- list ---- */

static enum artdag_err consider(void *payload, const struct ad_backend_block *block,
                                artdag_error *err)
{
    struct gc *gc = payload;
    gc->total_bytes += block->bytes;
    gc->result.kept_blocks++;
    gc->result.kept_bytes += block->bytes;
    if (ad_reach_has(&gc->marked, &block->cid) || block->used_ns >= gc->begin_ns)
        return ARTDAG_OK;
    if (gc->params->older_than_ms > 0 &&
        (gc->begin_ns - block->used_ns) / 1000000 < gc->params->older_than_ms)
        return ARTDAG_OK;
    return ad_vec_push(&gc->candidates, *block) ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

static int longest_unused_first(const void *a, const void *b)
{
    const struct ad_backend_block *left = a;
    const struct ad_backend_block *right = b;
    return left->used_ns < right->used_ns ? -1 : left->used_ns > right->used_ns;
}

/* ---- sweep ---- */

static bool small_enough(const struct gc *gc)
{
    return gc->params->keep_bytes >= 0 && gc->total_bytes <= (uint64_t)gc->params->keep_bytes;
}

static enum artdag_err remove_one(struct gc *gc, struct ad_backend_block *block,
                                  artdag_error *err)
{
    bool removed = true;
    enum artdag_err code = ARTDAG_OK;
    if (ad_reach_has(&gc->marked, &block->cid))
        removed = false;
    else if (!gc->params->dry_run)
        code = gc->store->be->remove(gc->store->self, block, &removed, err);
    if (code != ARTDAG_OK || !removed) {
        block->cid.digest_len = 0; /* stays: not to be reported */
        return code;
    }
    gc->total_bytes -= block->bytes;
    gc->result.removed_blocks++;
    gc->result.removed_bytes += block->bytes;
    gc->result.kept_blocks--;
    gc->result.kept_bytes -= block->bytes;
    return ARTDAG_OK;
}

/* "Used since begin" compares clock readings, which only says something while the clock runs
 * forward. */
static enum artdag_err check_clock(const struct gc *gc, artdag_error *err)
{
    int64_t mono = ad_clock_monotonic_ms() - gc->begin_mono_ms;
    int64_t wall = ad_clock_wall_ms() - gc->begin_wall_ms;
    if (wall >= mono - mono / 100 - CLOCK_SLACK_MS)
        return ARTDAG_OK;
    enum artdag_err code =
        ad_error_set(err, ARTDAG_E_IO, ROOM, "the clock was set back during the collection");
    ad_error_hint(err, "run it again");
    return code;
}

/* Removes candidates from `at` on, up to a batch; *ret_end = where the next one starts. */
static enum artdag_err sweep_batch(struct gc *gc, size_t at, size_t *ret_end, artdag_error *err)
{
    int lock = -1;
    size_t end = at;
    enum artdag_err code = gc->store->be->lock(gc->store->self, &lock, err);
    if (code != ARTDAG_OK)
        return code;
    code = collect_roots(gc, err);
    if (code == ARTDAG_OK)
        code = mark_new_roots(gc, err);
    if (code == ARTDAG_OK)
        code = check_clock(gc, err);
    while (code == ARTDAG_OK && end < gc->candidates.len && end - at < BATCH_BLOCKS &&
           !small_enough(gc))
        code = remove_one(gc, &gc->candidates.items[end++], err);
    gc->store->be->unlock(gc->store->self, lock);
    *ret_end = end;
    return code;
}

static enum artdag_err report(const struct gc *gc, size_t from, size_t to, artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    for (size_t i = from; i < to && code == ARTDAG_OK && gc->params->removed != NULL; i++) {
        const struct ad_backend_block *block = &gc->candidates.items[i];
        if (block->cid.digest_len > 0)
            code = gc->params->removed(gc->params->payload, &block->cid, block->bytes, err);
    }
    return code;
}

static enum artdag_err sweep(struct gc *gc, artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    if (gc->candidates.len > 0)
        qsort(gc->candidates.items, gc->candidates.len, sizeof(gc->candidates.items[0]),
              longest_unused_first);
    for (size_t at = 0, end = 0;
         code == ARTDAG_OK && at < gc->candidates.len && !small_enough(gc); at = end) {
        code = sweep_batch(gc, at, &end, err);
        /* What is gone is reported even when the batch failed half-way: the caller's index must
         * not point at it. */
        enum artdag_err reported = report(gc, at, end, code == ARTDAG_OK ? err : NULL);
        code = code == ARTDAG_OK ? reported : code;
    }
    return code;
}

/* ---- all of it ---- */

static enum artdag_err begin(struct gc *gc, artdag_error *err)
{
    const struct ad_store_backend *be = gc->store->be;
    int lock = -1;
    gc->begin_wall_ms = ad_clock_wall_ms();
    gc->begin_mono_ms = ad_clock_monotonic_ms();
    enum artdag_err code = be->now(gc->store->self, &gc->begin_ns, err);
    if (code == ARTDAG_OK)
        code = be->lock(gc->store->self, &lock, err);
    if (code != ARTDAG_OK)
        return code;
    if (!gc->params->dry_run)
        code = be->clean(gc->store->self, err);
    if (code == ARTDAG_OK)
        code = collect_roots(gc, err);
    be->unlock(gc->store->self, lock);
    /* The long walk needs no lock: blocks only go away in sweeps, and sweeps take no marked
     * ones. */
    return code == ARTDAG_OK ? mark_new_roots(gc, err) : code;
}

enum artdag_err ad_store_gc(struct ad_store *store, const struct ad_gc_params *params,
                            struct ad_gc_result *ret, artdag_error *err)
{
    static const struct ad_gc_params all = {.keep_bytes = -1};
    struct gc gc = {.store = store, .params = params != NULL ? params : &all};
    if (store->be->collect != NULL)
        return store->be->collect(store->self, gc.params, ret != NULL ? ret : &gc.result, err);
    if (store->be->each == NULL)
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                            "this kind of store collects its garbage by itself");
    ad_reach_init(&gc.marked, store);
    gc.marked.lost = log_lost;
    gc.marked.payload = &gc;
    enum artdag_err code = begin(&gc, err);
    if (code == ARTDAG_OK)
        code = store->be->each(store->self, consider, &gc, err);
    if (code == ARTDAG_OK)
        code = sweep(&gc, err);
    ad_map_fini(&gc.roots);
    ad_vec_fini(&gc.new_roots);
    ad_reach_fini(&gc.marked);
    ad_vec_fini(&gc.candidates);
    if (code == ARTDAG_OK && ret != NULL)
        *ret = gc.result;
    return code;
}
