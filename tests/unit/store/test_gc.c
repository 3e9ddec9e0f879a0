/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>

#include "in_store.h"
#include "store/handle.h"

static struct ad_gc_result collect(struct ad_store *store, const struct ad_gc_params *params)
{
    artdag_error err = {0};
    struct ad_gc_result result = {0};
    assert_ok(ad_store_gc(store, params, &result, &err));
    return result;
}

static void bounded_gc_evicts_what_was_unused_longest(void **state)
{
    struct ad_store *store = open_in(*state);
    struct ad_cid cids[5];
    /* Written in one order, used in another. */
    static const int64_t ages[5] = {300, 100, 500, 200, 400};
    for (size_t i = 0; i < 5; i++) {
        cids[i] = add_random(store, i, 1000);
        make_older(block_file(*state, "blocks", &cids[i]), ages[i]);
    }
    struct ad_gc_params params = {.keep_bytes = 3500};
    assert_int_equal(collect(store, &params).removed_blocks, 2);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(is_complete(store, &cids[i]), ages[i] <= 300);
    ad_store_close(store);
}

static void gc_by_age_looks_at_the_last_use(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_buf buf = AD_BUF_INIT(2000);
    struct ad_cid unused = add_random(store, 1, 1000);
    struct ad_cid read = add_random(store, 2, 1000);
    struct ad_cid young = add_random(store, 3, 1000);
    make_older(block_file(*state, "blocks", &unused), 31 * 86400);
    make_older(block_file(*state, "blocks", &read), 31 * 86400);
    make_older(block_file(*state, "blocks", &young), 29 * 86400);
    assert_ok(ad_store_get(store, &read, &buf, &err));
    struct ad_gc_params params = {.keep_bytes = -1,
                                  .older_than_ms = INT64_C(30) * 86400 * 1000};
    assert_int_equal(collect(store, &params).removed_blocks, 1);
    assert_false(is_complete(store, &unused));
    assert_true(is_complete(store, &read));
    assert_true(is_complete(store, &young));
    ad_buf_fini(&buf);
    ad_store_close(store);
}

struct add_during {
    struct ad_store *store;
    struct ad_cid late;
    struct ad_cid touched;
    bool done;
};

static enum artdag_err add_when_called(void *payload, const struct ad_cid *cid, uint64_t bytes,
                                       artdag_error *err)
{
    struct add_during *during = payload;
    (void)cid;
    (void)bytes;
    if (during->done)
        return ARTDAG_OK;
    during->done = true;
    return ad_store_add_bytes(during->store, "late", 4, &during->late, err);
}

static void blocks_written_since_gc_began_stay(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct add_during during = {.store = store};
    struct ad_gc_params params = {
        .keep_bytes = -1, .removed = add_when_called, .payload = &during};
    struct ad_cid old = add_random(store, 1, 1000);
    assert_int_equal(collect(store, &params).removed_blocks, 1);
    assert_true(during.done);
    assert_false(is_complete(store, &old));
    assert_true(is_complete(store, &during.late));
    (void)err;
    ad_store_close(store);
}

/* More garbage than one batch, and a lease taken between two batches: what is left then stays.
 */
struct hold_during {
    struct ad_store *store;
    struct ad_lease *lease;
    struct ad_cid cids[1500];
    bool complete[1500];
    bool done;
};

static enum artdag_err hold_when_called(void *payload, const struct ad_cid *cid, uint64_t bytes,
                                        artdag_error *err)
{
    struct hold_during *during = payload;
    enum artdag_err code = ARTDAG_OK;
    (void)cid;
    (void)bytes;
    for (size_t i = 0; i < 1500 && !during->done && code == ARTDAG_OK; i++)
        code = ad_lease_hold(during->lease, &during->cids[i], &during->complete[i], err);
    during->done = true;
    return code;
}

/* A new store with 1,500 small blocks that nothing reaches. */
static struct hold_during *make_garbage(const char *dir)
{
    artdag_error err = {0};
    char text[16];
    struct hold_during *during = calloc(1, sizeof(*during));
    assert_non_null(during);
    during->store = open_in(dir);
    for (size_t i = 0; i < 1500; i++) {
        (void)snprintf(text, sizeof(text), "%zu", i);
        assert_ok(ad_cid_of(AD_CODEC_RAW, text, strlen(text), &during->cids[i], &err));
        assert_ok(ad_store_put(during->store, &during->cids[i], text, strlen(text), &err));
    }
    assert_ok(ad_store_flush(during->store, &err));
    return during;
}

static void lease_taken_between_two_batches_is_obeyed(void **state)
{
    artdag_error err = {0};
    struct ad_gc_result result = {0};
    size_t held = 0;
    struct hold_during *during = make_garbage(*state);
    assert_ok(ad_lease_open(during->store, &during->lease, &err));
    struct ad_gc_params params = {
        .keep_bytes = -1, .removed = hold_when_called, .payload = during};
    assert_ok(ad_store_gc(during->store, &params, &result, &err));
    assert_true(result.removed_blocks > 0 && result.removed_blocks < 1500);
    for (size_t i = 0; i < 1500; i++) {
        assert_int_equal(is_complete(during->store, &during->cids[i]), during->complete[i]);
        held += during->complete[i];
    }
    assert_int_equal(held + result.removed_blocks, 1500);
    ad_lease_close(during->lease);
    ad_store_close(during->store);
    free(during);
}

static enum artdag_err add_when_called_again(void *payload, const struct ad_cid *cid,
                                             uint64_t bytes, artdag_error *err)
{
    struct hold_during *during = payload;
    enum artdag_err code = ARTDAG_OK;
    char text[16];
    (void)cid;
    (void)bytes;
    for (size_t i = 0; i < 1500 && !during->done && code == ARTDAG_OK; i++) {
        (void)snprintf(text, sizeof(text), "%zu", i);
        code = ad_store_put(during->store, &during->cids[i], text, strlen(text), err);
    }
    if (code == ARTDAG_OK && !during->done)
        code = ad_store_flush(during->store, err);
    during->done = true;
    return code;
}

static void block_written_again_between_two_batches_stays(void **state)
{
    artdag_error err = {0};
    struct ad_gc_result result = {0};
    struct hold_during *during = make_garbage(*state);
    struct ad_gc_params params = {
        .keep_bytes = -1, .removed = add_when_called_again, .payload = during};
    assert_ok(ad_store_gc(during->store, &params, &result, &err));
    assert_true(result.removed_blocks > 0 && result.removed_blocks < 1500);
    for (size_t i = 0; i < 1500; i++)
        assert_true(is_complete(during->store, &during->cids[i]));
    ad_store_close(during->store);
    free(during);
}

/* A block that comes after gc has begun and before it lists what there is. */
static struct ad_store *late_store;
static struct ad_cid late_cid;

static enum artdag_err each_after_an_addition(
    void *self,
    enum artdag_err (*fn)(void *payload, const struct ad_backend_block *block,
                          artdag_error *err),
    void *payload, artdag_error *err)
{
    enum artdag_err code = ad_store_add_bytes(late_store, "late", 4, &late_cid, err);
    return code == ARTDAG_OK ? ad_store_fs.each(self, fn, payload, err) : code;
}

static void block_written_before_the_listing_stays(void **state)
{
    struct ad_store *store = open_in(*state);
    struct ad_store_backend backend = ad_store_fs;
    struct ad_cid old = add_random(store, 1, 1000);
    late_store = store;
    backend.each = each_after_an_addition;
    store->be = &backend;
    assert_int_equal(collect(store, NULL).removed_blocks, 1);
    assert_true(is_complete(store, &late_cid));
    assert_false(is_complete(store, &old));
    ad_store_close(store);
}

/* ---- the lock ---- */

/* Each of these must wait for whoever holds gc.lock. */
struct waiting {
    struct ad_store *store;
    struct ad_lease *lease;
    struct ad_cid cid;
    enum artdag_err (*op)(struct waiting *w);
    enum artdag_err code;
    atomic_bool released;
    bool early; /* it was done before the lock was released */
};

static enum artdag_err wait_gc(struct waiting *w)
{
    return ad_store_gc(w->store, NULL, NULL, NULL);
}

static enum artdag_err wait_hold(struct waiting *w)
{
    bool complete = false;
    return ad_lease_hold(w->lease, &w->cid, &complete, NULL);
}

static enum artdag_err wait_pin(struct waiting *w)
{
    return ad_store_pin(w->store, &w->cid, "x", NULL);
}

static enum artdag_err wait_flush(struct waiting *w)
{
    return ad_store_flush(w->store, NULL);
}

static void *wait_for_lock(void *payload)
{
    struct waiting *w = payload;
    w->code = w->op(w);
    w->early = !atomic_load(&w->released);
    return NULL;
}

static void check_waits(const char *dir, struct waiting *w, int how,
                        enum artdag_err (*op)(struct waiting *w))
{
    pthread_t id;
    const struct timespec while_it_would_run = {.tv_nsec = 20000000};
    int fd = open(ad_test_path(dir, "store/gc.lock"), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, how), 0);
    w->op = op;
    atomic_store(&w->released, false);
    assert_int_equal(pthread_create(&id, NULL, wait_for_lock, w), 0);
    (void)nanosleep(&while_it_would_run, NULL);
    atomic_store(&w->released, true);
    (void)close(fd);
    assert_int_equal(pthread_join(id, NULL), 0);
    assert_int_equal(w->code, ARTDAG_OK);
    assert_false(w->early);
}

static void everybody_waits_for_the_lock(void **state)
{
    artdag_error err = {0};
    struct waiting w = {.store = open_in(*state)};
    w.cid = add_random(w.store, 1, 1000);
    assert_ok(ad_lease_open(w.store, &w.lease, &err));
    check_waits(*state, &w, LOCK_EX, wait_hold);
    check_waits(*state, &w, LOCK_EX, wait_pin);
    assert_ok(ad_store_put(w.store, &w.cid, "unchecked", 9, &err));
    check_waits(*state, &w, LOCK_EX, wait_flush);
    check_waits(*state, &w, LOCK_EX, wait_gc);
    check_waits(*state, &w, LOCK_SH, wait_gc);
    ad_lease_close(w.lease);
    ad_store_close(w.store);
}

static void pinned_dag_with_a_hole_keeps_the_rest(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    uint8_t *data = malloc(3 << 20);
    struct ad_cid root = {0};
    struct ad_cid leaf = {0};
    assert_non_null(data);
    ad_test_random_bytes(data, 3 << 20);
    assert_ok(ad_store_add_bytes(store, data, 3 << 20, &root, &err));
    assert_ok(ad_store_pin(store, &root, "", &err));
    assert_ok(ad_cid_of(AD_CODEC_RAW, data, 1 << 20, &leaf, &err));
    assert_int_equal(unlink(block_file(*state, "blocks", &leaf)), 0);
    assert_int_equal(collect(store, NULL).removed_blocks, 0);
    assert_int_equal(count_files(ad_test_path(*state, "store/blocks")), 3);
    free(data);
    ad_store_close(store);
}

static void lease_file_without_an_owner_is_removed(void **state)
{
    struct ad_store *store = open_in(*state);
    struct ad_cid cid = add_random(store, 1, 1000);
    char text[AD_CID_TEXT_MAX + 1];
    size_t len = ad_cid_format(&cid, text);
    text[len] = '\n';
    const char *path = ad_test_path(*state, "store/leases/12345-0123456789abcdef");
    ad_test_write(path, text, len + 1);
    assert_int_equal(collect(store, NULL).removed_blocks, 1);
    assert_false(here(path));
    ad_store_close(store);
}

static void references_are_collected_too(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_add_params params = {.reference = true};
    struct ad_cid cid = {0};
    const char *path = ad_test_path(*state, "big");
    ad_test_write(path, "some bytes", 10);
    assert_ok(ad_store_add_path(store, path, &params, &cid, NULL, &err));
    assert_int_equal(collect(store, NULL).removed_blocks, 1);
    assert_int_equal(count_files(ad_test_path(*state, "store/refs")), 0);
    assert_false(is_complete(store, &cid));
    assert_true(here(path));
    ad_store_close(store);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(bounded_gc_evicts_what_was_unused_longest),
    ad_test_in_dir(gc_by_age_looks_at_the_last_use),
    ad_test_in_dir(blocks_written_since_gc_began_stay),
    ad_test_in_dir(lease_taken_between_two_batches_is_obeyed),
    ad_test_in_dir(block_written_again_between_two_batches_stays),
    ad_test_in_dir(block_written_before_the_listing_stays),
    ad_test_in_dir(everybody_waits_for_the_lock),
    ad_test_in_dir(pinned_dag_with_a_hole_keeps_the_rest),
    ad_test_in_dir(lease_file_without_an_owner_is_removed),
    ad_test_in_dir(references_are_collected_too),
};
AD_TEST_MAIN(tests)
