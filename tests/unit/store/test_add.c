/* SPDX-License-Identifier: MIT */
#include <sys/resource.h>
#include <sys/wait.h>

#include "in_store.h"

#define SPARSE_BYTES (INT64_C(1) << 30)
/* Two threads' worth of chunks is some 10 MB; the rest is room for sanitizers. */
#define MEMORY_KB (400 * 1024)

static void memory_does_not_grow_with_the_file(void **state)
{
    const char *path = ad_test_path(*state, "sparse");
    int status = 0;
    ad_test_write(path, "", 0);
    assert_int_equal(truncate(path, SPARSE_BYTES), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rusage usage;
        struct ad_add_params params = {.threads = 2};
        struct ad_dag_stat st = {0};
        struct ad_cid cid = {0};
        uint64_t bytes = 0;
        struct ad_store *store = open_in(*state);
        bool ok = ad_store_add_path(store, path, &params, &cid, &bytes, NULL) == ARTDAG_OK &&
                  bytes == SPARSE_BYTES && ad_store_stat(store, &cid, &st, NULL) == ARTDAG_OK &&
                  st.blocks == 2;
        ad_store_close(store);
        ok = ok && getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_maxrss < MEMORY_KB;
        _exit(ok ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void file_of_another_name_and_time_has_the_same_cid(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_cid a = {0};
    struct ad_cid b = {0};
    const char *first = ad_test_path(*state, "a.mp4");
    const char *second = ad_test_path(*state, "b.mp4");
    ad_test_write(first, "same bytes", 10);
    ad_test_write(second, "same bytes", 10);
    make_older(second, 100000);
    assert_int_equal(chmod(second, 0400), 0);
    assert_ok(ad_store_add_path(store, first, NULL, &a, NULL, &err));
    assert_ok(ad_store_add_path(store, second, NULL, &b, NULL, &err));
    assert_cids_equal(&a, &b);
    ad_store_close(store);
}

static void symbolic_link_given_by_name_is_followed(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_cid direct = {0};
    struct ad_cid linked = {0};
    const char *file = ad_test_path(*state, "file");
    const char *link = ad_test_path(*state, "link");
    ad_test_write(file, "bytes", 5);
    assert_int_equal(symlink(file, link), 0);
    assert_ok(ad_store_add_path(store, file, NULL, &direct, NULL, &err));
    assert_ok(ad_store_add_path(store, link, NULL, &linked, NULL, &err));
    assert_cids_equal(&linked, &direct);
    ad_store_close(store);
}

static void stored_link_is_the_node_of_the_specification(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_buf buf = AD_BUF_INIT(100);
    struct ad_cid folder = {0};
    struct ad_cid link = {0};
    const char *in = ad_test_path(*state, "in");
    assert_int_equal(mkdir(in, 0700), 0);
    assert_int_equal(symlink("to/here", ad_test_path(in, "l")), 0);
    assert_ok(ad_store_add_path(store, in, NULL, &folder, NULL, &err));
    /* PBNode{Data: UnixFS{Type: Symlink, Data: "to/here"}} */
    static const char block[] = "\x0a\x0b\x08\x04\x12\x07to/here";
    assert_ok(ad_cid_of(AD_CODEC_DAG_PB, block, 13, &link, &err));
    assert_ok(ad_store_get(store, &link, &buf, &err));
    assert_int_equal(buf.len, 13);
    assert_memory_equal(buf.data, block, 13);
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void pipe_can_be_added(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_buf buf = AD_BUF_INIT(100);
    struct ad_cid cid = {0};
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(write(pipes[1], "through a pipe", 14), 14);
    (void)close(pipes[1]);
    assert_ok(ad_store_add_fd(store, pipes[0], NULL, NULL, &cid, NULL, &err));
    (void)close(pipes[0]);
    assert_ok(ad_store_read(store, &cid, 100, &buf, &err));
    assert_str_view_equal(ad_buf_as_str(&buf), "through a pipe");
    ad_buf_fini(&buf);
    ad_store_close(store);
}

#define CUT_BYTES ((size_t)3500000)
static const uint64_t cuts[] = {0, 1, 1000000, 1000000, 1700000, 9000000};

/* By the rule: to 1, 1000000, 1700000, then a mebibyte, then the rest. */
static void check_leaves(struct ad_store *store, const uint8_t *data)
{
    static const size_t borders[] = {0, 1, 1000000, 1700000, 2748576, CUT_BYTES};
    artdag_error err = {0};
    for (size_t i = 0; i + 1 < sizeof(borders) / sizeof(borders[0]); i++) {
        struct ad_cid leaf = {0};
        bool has = false;
        assert_ok(ad_cid_of(AD_CODEC_RAW, data + borders[i], borders[i + 1] - borders[i], &leaf,
                            &err));
        assert_ok(ad_store_has(store, &leaf, &has, &err));
        assert_true(has);
    }
}

static void cut_file_is_stored_hashed_and_referred_to_under_one_cid(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "film");
    struct ad_buf buf = AD_BUF_INIT(CUT_BYTES);
    struct ad_add_params params = {.cuts = cuts, .cut_count = 6, .only_hash = true};
    struct ad_cid hashed = {0};
    uint8_t *data = malloc(CUT_BYTES);
    assert_non_null(data);
    ad_test_seed(30);
    ad_test_random_bytes(data, CUT_BYTES);
    ad_test_write(path, data, CUT_BYTES);
    assert_ok(ad_store_add_path(NULL, path, &params, &hashed, NULL, &err));
    for (int reference = 0; reference < 2; reference++) {
        const char *dir = ad_test_path(*state, "home%d", reference);
        struct ad_cid cid = {0};
        struct ad_dag_stat st = {0};
        assert_int_equal(mkdir(dir, 0700), 0);
        struct ad_store *store = open_in(dir);
        params.only_hash = false;
        params.reference = reference == 1;
        assert_ok(ad_store_add_path(store, path, &params, &cid, NULL, &err));
        assert_cids_equal(&cid, &hashed);
        ad_store_close(store);
        store = open_in(dir);
        assert_true(is_complete(store, &cid));
        check_leaves(store, data);
        assert_ok(ad_store_stat(store, &cid, &st, &err));
        assert_int_equal(st.blocks, 6);
        assert_int_equal(st.file_bytes, CUT_BYTES);
        assert_ok(ad_store_read(store, &cid, CUT_BYTES, &buf, &err));
        assert_int_equal(buf.len, CUT_BYTES);
        assert_memory_equal(buf.data, data, CUT_BYTES);
        ad_store_close(store);
    }
    ad_buf_fini(&buf);
    free(data);
}

static void folder_with_cuts_and_cuts_out_of_order_are_refused(void **state)
{
    artdag_error err = {0};
    static const uint64_t wrong[] = {5, 4};
    struct ad_store *store = open_in(*state);
    struct ad_add_params params = {.cuts = cuts, .cut_count = 6};
    struct ad_cid cid = {0};
    const char *path = ad_test_path(*state, "file");
    ad_test_write(path, "0123456789", 10);
    assert_fails(ARTDAG_E_INVAL, ad_store_add_path(store, *state, &params, &cid, NULL, &err));
    assert_err_says("is a folder");
    params.cuts = wrong;
    params.cut_count = 2;
    assert_fails(ARTDAG_E_INVAL, ad_store_add_path(store, path, &params, &cid, NULL, &err));
    assert_err_says("ascend");
    assert_false(ad_cid_is_set(&cid));
    assert_int_equal(count_files(ad_test_path(*state, "store/blocks")), 0);
    ad_store_close(store);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(memory_does_not_grow_with_the_file),
    ad_test_in_dir(file_of_another_name_and_time_has_the_same_cid),
    ad_test_in_dir(symbolic_link_given_by_name_is_followed),
    ad_test_in_dir(stored_link_is_the_node_of_the_specification),
    ad_test_in_dir(pipe_can_be_added),
    ad_test_in_dir(cut_file_is_stored_hashed_and_referred_to_under_one_cid),
    ad_test_in_dir(folder_with_cuts_and_cuts_out_of_order_are_refused),
};
AD_TEST_MAIN(tests)
