/* SPDX-License-Identifier: MIT */
#include "in_store.h"

struct seen {
    size_t count;
    struct ad_cid cid;
    char why[512];
};

static void note(void *payload, const struct ad_cid *cid, const char *why)
{
    struct seen *seen = payload;
    seen->count++;
    seen->cid = *cid;
    (void)snprintf(seen->why, sizeof(seen->why), "%s", why);
}

static struct ad_verify_result check(struct ad_store *store, struct seen *seen)
{
    artdag_error err = {0};
    struct ad_verify_result result = {0};
    *seen = (struct seen){0};
    assert_ok(ad_store_verify(store, note, seen, &result, &err));
    return result;
}

static void tampered_block_is_found_once_and_put_away(void **state)
{
    struct ad_store *store = open_in(*state);
    struct seen seen;
    for (uint64_t i = 0; i < 40; i++)
        (void)add_random(store, i, 500);
    struct ad_cid cid = add_random(store, 99, 500);
    overwrite(block_file(*state, "blocks", &cid), "wrong", 5);
    struct ad_verify_result result = check(store, &seen);
    assert_int_equal(result.blocks, 41);
    assert_int_equal(result.corrupt, 1);
    assert_int_equal(result.missing_pinned, 0);
    assert_int_equal(seen.count, 1);
    assert_true(ad_cid_same_block(&seen.cid, &cid));
    assert_int_equal(count_files(ad_test_path(*state, "store/quarantine")), 1);
    result = check(store, &seen);
    assert_int_equal(result.blocks, 40);
    assert_int_equal(result.corrupt, 0);
    assert_int_equal(seen.count, 0);
    ad_store_close(store);
}

static void what_a_pin_needs_and_is_not_there_is_reported(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct seen seen;
    struct ad_cid root = {0};
    struct ad_cid leaf = {0};
    uint8_t *data = malloc(3 << 20);
    assert_non_null(data);
    ad_test_random_bytes(data, 3 << 20);
    assert_ok(ad_store_add_bytes(store, data, 3 << 20, &root, &err));
    assert_ok(ad_store_pin(store, &root, "my film", &err));
    assert_ok(ad_cid_of(AD_CODEC_RAW, data, 1 << 20, &leaf, &err));
    assert_int_equal(unlink(block_file(*state, "blocks", &leaf)), 0);
    struct ad_verify_result result = check(store, &seen);
    assert_int_equal(result.corrupt, 0);
    assert_int_equal(result.missing_pinned, 1);
    assert_int_equal(seen.count, 1);
    assert_true(ad_cid_same_block(&seen.cid, &leaf));
    assert_non_null(strstr(seen.why, "my film"));
    free(data);
    ad_store_close(store);
}

static void references_are_checked_against_their_files(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct seen seen;
    struct ad_add_params params = {.reference = true};
    struct ad_cid cid = {0};
    const char *path = ad_test_path(*state, "file");
    ad_test_write(path, "0123456789", 10);
    assert_ok(ad_store_add_path(store, path, &params, &cid, NULL, &err));
    assert_int_equal(check(store, &seen).corrupt, 0);
    /* Away for a while, as on a disk that is not mounted: told, and kept. */
    assert_int_equal(rename(path, ad_test_path(*state, "away")), 0);
    assert_int_equal(check(store, &seen).corrupt, 1);
    assert_int_equal(rename(ad_test_path(*state, "away"), path), 0);
    assert_int_equal(check(store, &seen).corrupt, 0);
    ad_test_write(path, "another", 7);
    assert_int_equal(check(store, &seen).corrupt, 1);
    assert_true(ad_cid_same_block(&seen.cid, &cid));
    struct ad_verify_result result = check(store, &seen);
    assert_int_equal(result.blocks, 0);
    assert_int_equal(result.corrupt, 0);
    ad_store_close(store);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(tampered_block_is_found_once_and_put_away),
    ad_test_in_dir(what_a_pin_needs_and_is_not_there_is_reported),
    ad_test_in_dir(references_are_checked_against_their_files),
};
AD_TEST_MAIN(tests)
