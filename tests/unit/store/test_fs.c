/* SPDX-License-Identifier: MIT */
#include <sys/wait.h>

#include "in_store.h"

static void layout_is_what_the_format_page_says(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_cid cid = {0};
    assert_ok(ad_store_add_bytes(store, "hello world\n", 12, &cid, &err));
    assert_string_equal((char *)ad_test_read(ad_test_path(*state, "store/version"), NULL),
                        "artdag-store 1\n");
    /* base32 of 12 20 and sha256sum's digest, by coreutils */
    const char *path = ad_test_path(
        *state, "store/blocks/ir/ciqksseqj4xq6r43r6azo2klgamewdjo2ha42kq6yd5yluuzugjkiry");
    assert_string_equal((char *)ad_test_read(path, NULL), "hello world\n");
    assert_ok(ad_store_pin(store, &cid, "a name", &err));
    /* SHA2-256 of the content, by coreutils */
    path = ad_test_path(
        *state, "store/pins/7cb277f325c66d7f5db6e909642465b87f163bc6be02b0118210e38a571d32dd");
    assert_string_equal((char *)ad_test_read(path, NULL),
                        "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4\na name");
    ad_store_close(store);
    assert_int_equal(count_files(ad_test_path(*state, "store/tmp")), 0);
    assert_int_equal(count_files(ad_test_path(*state, "store/leases")), 0);
}

static void new_store_makes_its_parents_and_takes_an_empty_folder(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = NULL;
    assert_ok(
        ad_store_open(ad_test_path("fs:", "%s/a/b/c", (char *)*state), NULL, &store, &err));
    ad_store_close(store);
    assert_true(here(ad_test_path(*state, "a/b/c/version")));
    assert_int_equal(mkdir(ad_test_path(*state, "empty"), 0700), 0);
    assert_ok(
        ad_store_open(ad_test_path("fs:", "%s/empty", (char *)*state), NULL, &store, &err));
    ad_store_close(store);
}

static void folder_with_other_things_is_refused_and_untouched(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = NULL;
    char home[512];
    (void)snprintf(home, sizeof(home), "%s/home", (const char *)*state);
    assert_int_equal(mkdir(home, 0700), 0);
    ad_test_write(ad_test_path(home, "letter.txt"), "dear", 4);
    assert_fails(ARTDAG_E_INVAL,
                 ad_store_open(ad_test_path("fs:", "%s", home), NULL, &store, &err));
    assert_err_says("letter.txt");
    assert_int_equal(count_files(home), 1);
    assert_fails(ARTDAG_E_INVAL, ad_store_open("fs:", NULL, &store, &err));
    assert_fails(ARTDAG_E_IO,
                 ad_store_open(ad_test_path("fs:", "%s/letter.txt", home), NULL, &store, &err));
    assert_null(store);
}

static void store_of_another_version_is_refused(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    ad_store_close(store);
    store = NULL;
    ad_test_write(ad_test_path(*state, "store/version"), "artdag-store 2\n", 15);
    assert_fails(
        ARTDAG_E_UNSUPPORTED,
        ad_store_open(ad_test_path("fs:", "%s/store", (char *)*state), NULL, &store, &err));
    assert_null(store);
}

static void many_processes_may_make_one_store_at_once(void **state)
{
    pid_t children[8];
    const char *url = ad_test_path("fs:", "%s/store", (char *)*state);
    for (int i = 0; i < 8; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            struct ad_store *store = NULL;
            struct ad_cid cid = {0};
            bool ok = ad_store_open(url, NULL, &store, NULL) == ARTDAG_OK &&
                      ad_store_add_bytes(store, "same", 4, &cid, NULL) == ARTDAG_OK;
            ad_store_close(store);
            _exit(ok ? 0 : 1);
        }
    }
    for (int i = 0; i < 8; i++) {
        int status = 1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(count_files(ad_test_path(*state, "store/blocks")), 1);
    assert_int_equal(count_files(ad_test_path(*state, "store/tmp")), 0);
}

static void files_that_are_no_blocks_are_left_alone(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_verify_result result = {0};
    struct ad_cid cid = add_random(store, 1, 100);
    const char *stranger = block_file(*state, "blocks", &cid);
    stranger = ad_test_path("", "%s.bak", stranger);
    ad_test_write(stranger, "x", 1);
    assert_ok(ad_store_verify(store, NULL, NULL, &result, &err));
    assert_int_equal(result.blocks, 1);
    assert_ok(ad_store_gc(store, NULL, NULL, &err));
    assert_false(is_complete(store, &cid));
    assert_true(here(stranger));
    ad_store_close(store);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(layout_is_what_the_format_page_says),
    ad_test_in_dir(new_store_makes_its_parents_and_takes_an_empty_folder),
    ad_test_in_dir(folder_with_other_things_is_refused_and_untouched),
    ad_test_in_dir(store_of_another_version_is_refused),
    ad_test_in_dir(many_processes_may_make_one_store_at_once),
    ad_test_in_dir(files_that_are_no_blocks_are_left_alone),
};
AD_TEST_MAIN(tests)
