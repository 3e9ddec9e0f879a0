/* SPDX-License-Identifier: MIT */
#include <pthread.h>

#include "in_store.h"

static void unflushed_blocks_are_invisible_to_others_and_dropped_at_close(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_store *other = open_in(*state);
    struct ad_cid cid = {0};
    bool has = true;
    assert_ok(ad_cid_of(AD_CODEC_RAW, "abc", 3, &cid, &err));
    assert_ok(ad_store_put(store, &cid, "abc", 3, &err));
    assert_ok(ad_store_has(store, &cid, &has, &err));
    assert_true(has);
    assert_ok(ad_store_has(other, &cid, &has, &err));
    assert_false(has);
    ad_store_close(store);
    assert_ok(ad_store_has(other, &cid, &has, &err));
    assert_false(has);
    assert_int_equal(count_files(ad_test_path(*state, "store/tmp")), 0);
    ad_store_close(other);
}

static void failed_addition_leaves_nothing(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_cid cid = {0};
    const char *in = ad_test_path(*state, "in");
    assert_int_equal(mkdir(in, 0700), 0);
    ad_test_write(ad_test_path(in, "a"), "fine", 4);
    assert_int_equal(mkfifo(ad_test_path(in, "b"), 0600), 0);
    assert_fails(ARTDAG_E_INVAL, ad_store_add_path(store, in, NULL, &cid, NULL, &err));
    assert_ok(ad_store_flush(store, &err));
    assert_int_equal(count_files(ad_test_path(*state, "store/blocks")), 0);
    assert_int_equal(count_files(ad_test_path(*state, "store/tmp")), 0);
    ad_store_close(store);
}

static void existing_block_is_refreshed_and_not_rewritten(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct stat before;
    struct stat after;
    struct ad_cid cid = {0};
    assert_ok(ad_store_add_bytes(store, "abc", 3, &cid, &err));
    const char *path = block_file(*state, "blocks", &cid);
    make_older(path, 100000);
    assert_int_equal(stat(path, &before), 0);
    assert_ok(ad_store_add_bytes(store, "abc", 3, &cid, &err));
    assert_int_equal(stat(path, &after), 0);
    assert_true(before.st_ino == after.st_ino);
    assert_int_equal(after.st_nlink, 1);
    assert_true(age_of(path) < 1000);
    ad_store_close(store);
}

static int make_file_older(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)type;
    (void)where;
    if (S_ISREG(st->st_mode))
        make_older(path, 5000);
    return 0;
}

static void commit_makes_a_block_young(void **state)
{
    /* However long ago it was written: a gc that began meanwhile must not take it for old. */
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_cid cid = {0};
    assert_ok(ad_cid_of(AD_CODEC_RAW, "abc", 3, &cid, &err));
    assert_ok(ad_store_put(store, &cid, "abc", 3, &err));
    assert_int_equal(nftw(ad_test_path(*state, "store/tmp"), make_file_older, 8, FTW_PHYS), 0);
    assert_ok(ad_store_flush(store, &err));
    assert_true(age_of(block_file(*state, "blocks", &cid)) < 1000);
    ad_store_close(store);
}

static void block_of_another_size_is_replaced(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_cid cid = {0};
    struct ad_buf buf = AD_BUF_INIT(10);
    assert_ok(ad_store_add_bytes(store, "abc", 3, &cid, &err));
    overwrite(block_file(*state, "blocks", &cid), "ab", 2);
    assert_ok(ad_store_add_bytes(store, "abc", 3, &cid, &err));
    assert_ok(ad_store_get(store, &cid, &buf, &err));
    assert_str_view_equal(ad_buf_as_str(&buf), "abc");
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void block_taken_by_gc_while_it_is_staged_comes_back(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_store *other = open_in(*state);
    struct ad_gc_result result = {0};
    struct ad_cid cid = {0};
    assert_ok(ad_store_add_bytes(store, "abc", 3, &cid, &err));
    assert_ok(ad_store_put(store, &cid, "abc", 3, &err)); /* known, so only linked */
    assert_ok(ad_store_gc(other, NULL, &result, &err));
    assert_int_equal(result.removed_blocks, 1);
    assert_ok(ad_store_flush(store, &err));
    assert_true(is_complete(other, &cid));
    ad_store_close(store);
    ad_store_close(other);
}

static void reading_marks_a_block_as_used_at_most_once_an_hour(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_buf buf = AD_BUF_INIT(10);
    struct ad_cid cid = {0};
    assert_ok(ad_store_add_bytes(store, "abc", 3, &cid, &err));
    const char *path = block_file(*state, "blocks", &cid);
    make_older(path, 1800);
    assert_ok(ad_store_get(store, &cid, &buf, &err));
    assert_true(age_of(path) > 1700);
    make_older(path, 4000);
    assert_ok(ad_store_get(store, &cid, &buf, &err));
    assert_true(age_of(path) < 1000);
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void many_blocks_are_flushed_together(void **state)
{
    /* More than are synced one by one. */
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_cid cids[100];
    char text[16];
    for (int i = 0; i < 100; i++) {
        (void)snprintf(text, sizeof(text), "%d", i);
        assert_ok(ad_cid_of(AD_CODEC_RAW, text, strlen(text), &cids[i], &err));
        assert_ok(ad_store_put(store, &cids[i], text, strlen(text), &err));
    }
    assert_int_equal(count_files(ad_test_path(*state, "store/blocks")), 0);
    assert_ok(ad_store_flush(store, &err));
    assert_int_equal(count_files(ad_test_path(*state, "store/blocks")), 100);
    assert_int_equal(count_files(ad_test_path(*state, "store/tmp")), 0);
    ad_store_close(store);
}

struct adder {
    struct ad_store *store;
    unsigned wrong;
};

static void *add_same_files(void *payload)
{
    struct adder *adder = payload;
    uint8_t data[5000];
    struct ad_cid cid;
    for (int i = 0; i < 20; i++) {
        memset(data, i, sizeof(data));
        adder->wrong +=
            ad_store_add_bytes(adder->store, data, sizeof(data), &cid, NULL) != ARTDAG_OK;
    }
    return NULL;
}

static void threads_adding_the_same_files_agree(void **state)
{
    struct ad_store *store = open_in(*state);
    pthread_t ids[4];
    struct adder adders[4];
    for (int i = 0; i < 4; i++) {
        adders[i] = (struct adder){store, 0};
        assert_int_equal(pthread_create(&ids[i], NULL, add_same_files, &adders[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(ids[i], NULL), 0);
        assert_int_equal(adders[i].wrong, 0);
    }
    assert_int_equal(count_files(ad_test_path(*state, "store/blocks")), 20);
    assert_int_equal(count_files(ad_test_path(*state, "store/tmp")), 0);
    ad_store_close(store);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(unflushed_blocks_are_invisible_to_others_and_dropped_at_close),
    ad_test_in_dir(failed_addition_leaves_nothing),
    ad_test_in_dir(existing_block_is_refreshed_and_not_rewritten),
    ad_test_in_dir(commit_makes_a_block_young),
    ad_test_in_dir(block_of_another_size_is_replaced),
    ad_test_in_dir(block_taken_by_gc_while_it_is_staged_comes_back),
    ad_test_in_dir(reading_marks_a_block_as_used_at_most_once_an_hour),
    ad_test_in_dir(many_blocks_are_flushed_together),
    ad_test_in_dir(threads_adding_the_same_files_agree),
};
AD_TEST_MAIN(tests)
