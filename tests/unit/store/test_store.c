/* SPDX-License-Identifier: MIT */
#include "in_store.h"

static void unknown_kind_of_store_names_the_known_ones(void **state)
{
    static const char *const urls[] = {"tape:/dev/st0", "fs", "", "/some/path", "FS:/tmp"};
    (void)state;
    artdag_error err = {0};
    struct ad_store *store = NULL;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        assert_fails(ARTDAG_E_INVAL, ad_store_open(urls[i], NULL, &store, &err));
        assert_err_says("fs:");
        assert_null(store);
    }
}

static void url_is_given_back_and_close_takes_null(void **state)
{
    struct ad_store *store = open_in(*state);
    assert_string_equal(ad_store_url(store), ad_test_path("fs:", "%s/store", (char *)*state));
    ad_store_close(store);
    ad_store_close(NULL);
    ad_lease_close(NULL);
}

struct heard {
    char ids[256];
};

static void hear(void *payload, enum artdag_log_level level, const char *id,
                 const char *message)
{
    struct heard *heard = payload;
    (void)level;
    (void)message;
    strncat(heard->ids, id, sizeof(heard->ids) - strlen(heard->ids) - 1);
}

static void get_of_tampered_block_reports_corrupt(void **state)
{
    artdag_error err = {0};
    struct heard heard = {{0}};
    artdag_log log = {ARTDAG_LOG_WARN, hear, &heard};
    struct ad_store *store = open_logged(*state, &log);
    struct ad_buf buf = AD_BUF_INIT(100);
    struct ad_cid cid = {0};
    bool has = true;
    assert_ok(ad_store_add_bytes(store, "hello world\n", 12, &cid, &err));
    overwrite(block_file(*state, "blocks", &cid), "hello world!", 12);
    assert_fails(ARTDAG_E_CORRUPT, ad_store_get(store, &cid, &buf, &err));
    assert_string_equal(err.cid, "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4");
    assert_string_equal(heard.ids, "store.quarantine");
    assert_int_equal(buf.len, 0);
    /* It is out of the way, kept for whoever wants to know, and can be stored again. */
    assert_false(here(block_file(*state, "blocks", &cid)));
    assert_int_equal(count_files(ad_test_path(*state, "store/quarantine")), 1);
    assert_ok(ad_store_has(store, &cid, &has, &err));
    assert_false(has);
    assert_fails(ARTDAG_E_NOTFOUND, ad_store_get(store, &cid, &buf, &err));
    assert_ok(ad_store_add_bytes(store, "hello world\n", 12, &cid, &err));
    assert_ok(ad_store_get(store, &cid, &buf, &err));
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void blocks_of_wrong_length_are_corrupt(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_buf buf = AD_BUF_INIT(AD_BLOCK_MAX);
    uint8_t *large = calloc(AD_BLOCK_MAX + 1, 1);
    assert_non_null(large);
    const size_t lens[] = {0, 1, 999, 1001, AD_BLOCK_MAX, AD_BLOCK_MAX + 1};
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        struct ad_cid cid = add_random(store, 1, 1000);
        overwrite(block_file(*state, "blocks", &cid), large, lens[i]);
        assert_fails(ARTDAG_E_CORRUPT, ad_store_get(store, &cid, &buf, &err));
        assert_false(is_complete(store, &cid));
    }
    free(large);
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void read_of_a_file_with_a_tampered_leaf_is_corrupt(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_buf buf = AD_BUF_INIT(3 << 20);
    uint8_t *data = calloc(2 << 20, 1);
    assert_non_null(data);
    struct ad_cid cid = {0};
    struct ad_cid leaf = {0};
    data[1 << 20] = 1;
    assert_ok(ad_store_add_bytes(store, data, 2 << 20, &cid, &err));
    assert_ok(ad_cid_of(AD_CODEC_RAW, data + (1 << 20), 1 << 20, &leaf, &err));
    overwrite(block_file(*state, "blocks", &leaf), data, 1 << 20);
    assert_fails(ARTDAG_E_CORRUPT, ad_store_read(store, &cid, 3 << 20, &buf, &err));
    assert_int_equal(buf.len, 0);
    assert_fails(ARTDAG_E_NOTFOUND,
                 ad_store_export(store, &cid, ad_test_path(*state, "out"), &err));
    assert_false(here(ad_test_path(*state, "out")));
    free(data);
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(unknown_kind_of_store_names_the_known_ones),
    ad_test_in_dir(url_is_given_back_and_close_takes_null),
    ad_test_in_dir(get_of_tampered_block_reports_corrupt),
    ad_test_in_dir(blocks_of_wrong_length_are_corrupt),
    ad_test_in_dir(read_of_a_file_with_a_tampered_leaf_is_corrupt),
};
AD_TEST_MAIN(tests)
