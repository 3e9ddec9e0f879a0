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

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(memory_does_not_grow_with_the_file),
    ad_test_in_dir(file_of_another_name_and_time_has_the_same_cid),
    ad_test_in_dir(symbolic_link_given_by_name_is_followed),
    ad_test_in_dir(stored_link_is_the_node_of_the_specification),
    ad_test_in_dir(pipe_can_be_added),
};
AD_TEST_MAIN(tests)
