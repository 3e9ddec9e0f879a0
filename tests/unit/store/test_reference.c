/* SPDX-License-Identifier: MIT */
#include "in_store.h"

#define BYTES (2500000)

/* A file of random bytes, stored by reference. */
static struct ad_cid refer(struct ad_store *store, const char *path, uint8_t **ret_data)
{
    artdag_error err = {0};
    struct ad_add_params params = {.reference = true};
    struct ad_cid cid = {0};
    uint8_t *data = malloc(BYTES);
    assert_non_null(data);
    ad_test_seed(5);
    ad_test_random_bytes(data, BYTES);
    ad_test_write(path, data, BYTES);
    assert_ok(ad_store_add_path(store, path, &params, &cid, NULL, &err));
    if (ret_data != NULL)
        *ret_data = data;
    else
        free(data);
    return cid;
}

static void referenced_file_is_read_from_its_place(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_buf buf = AD_BUF_INIT(BYTES);
    uint8_t *data = NULL;
    struct ad_cid copied = {0};
    struct ad_dag_stat st = {0};
    struct ad_cid cid = refer(store, ad_test_path(*state, "big\nfile"), &data);
    assert_int_equal(count_files(ad_test_path(*state, "store/blocks")), 1); /* the root */
    assert_int_equal(count_files(ad_test_path(*state, "store/refs")), 3);
    ad_store_close(store);
    store = open_in(*state);
    assert_true(is_complete(store, &cid));
    assert_ok(ad_store_read(store, &cid, BYTES, &buf, &err));
    assert_int_equal(buf.len, BYTES);
    assert_memory_equal(buf.data, data, BYTES);
    assert_ok(ad_store_stat(store, &cid, &st, &err));
    assert_int_equal(st.blocks, 4);
    assert_true(st.dag_bytes > BYTES);
    /* The same bytes copied have the same name, and do not need the file any more. */
    assert_ok(ad_store_add_bytes(store, data, BYTES, &copied, &err));
    assert_cids_equal(&copied, &cid);
    assert_int_equal(unlink(ad_test_path(*state, "big\nfile")), 0);
    assert_ok(ad_store_read(store, &cid, BYTES, &buf, &err));
    free(data);
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void changed_source_is_corrupt_until_it_is_added_again(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_buf buf = AD_BUF_INIT(BYTES);
    uint8_t *data = NULL;
    const char *path = ad_test_path(*state, "big");
    struct ad_cid cid = refer(store, path, &data);
    data[1500000] ^= 1;
    ad_test_write(path, data, BYTES);
    make_older(path, 10); /* not the time it was added at, whatever the clock's grain */
    for (int i = 0; i < 2; i++) {
        assert_fails(ARTDAG_E_CORRUPT, ad_store_read(store, &cid, BYTES, &buf, &err));
        assert_err_says(path);
        assert_false(is_complete(store, &cid));
    }
    data[1500000] ^= 1;
    ad_test_write(path, data, BYTES);
    struct ad_add_params params = {.reference = true};
    assert_ok(ad_store_add_path(store, path, &params, &cid, NULL, &err));
    assert_ok(ad_store_read(store, &cid, BYTES, &buf, &err));
    assert_memory_equal(buf.data, data, BYTES);
    free(data);
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void source_changed_behind_its_times_is_caught_by_its_hash(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_buf buf = AD_BUF_INIT(BYTES);
    struct stat st;
    uint8_t *data = NULL;
    const char *path = ad_test_path(*state, "big");
    struct ad_cid cid = refer(store, path, &data);
    assert_int_equal(stat(path, &st), 0);
    data[1500000] ^= 1;
    ad_test_write(path, data, BYTES);
    const struct timespec times[2] = {st.st_atim, st.st_mtim};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_true(is_complete(store, &cid)); /* nothing to be seen from outside */
    assert_fails(ARTDAG_E_CORRUPT, ad_store_read(store, &cid, BYTES, &buf, &err));
    assert_false(is_complete(store, &cid));
    assert_int_equal(count_files(ad_test_path(*state, "store/quarantine")), 1);
    free(data);
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void source_that_grew_shrank_or_went_is_noticed(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_buf buf = AD_BUF_INIT(BYTES);
    const char *path = ad_test_path(*state, "big");
    struct ad_cid cid = refer(store, path, NULL);
    assert_int_equal(truncate(path, BYTES + 1), 0);
    assert_fails(ARTDAG_E_CORRUPT, ad_store_read(store, &cid, BYTES, &buf, &err));
    assert_int_equal(truncate(path, 100), 0);
    assert_fails(ARTDAG_E_CORRUPT, ad_store_read(store, &cid, BYTES, &buf, &err));
    assert_int_equal(unlink(path), 0);
    assert_fails(ARTDAG_E_NOTFOUND, ad_store_read(store, &cid, BYTES, &buf, &err));
    assert_err_says(path);
    assert_false(is_complete(store, &cid));
    assert_int_equal(mkdir(path, 0700), 0);
    assert_fails(ARTDAG_E_CORRUPT, ad_store_read(store, &cid, BYTES, &buf, &err));
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void damaged_reference_record_is_corrupt(void **state)
{
    static const char *const records[] = {
        "",
        "artdag-ref 1 0 10 10 5\n",
        "artdag-ref 2 0 10 10 5\n/etc/hostname",
        "artdag-ref 1 0 10 10\n/etc/hostname",
        "artdag-ref 1 0 10 10 5 6\n/etc/hostname",
        "artdag-ref 1 -1 10 10 5\n/etc/hostname",
        "artdag-ref 1 0 99999999999999999999 10 5\n/etc/hostname",
        "artdag-ref 1 0 10 10 5\nrelative",
    };
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_add_params params = {.reference = true};
    struct ad_buf buf = AD_BUF_INIT(100);
    struct ad_cid cid = {0};
    const char *path = ad_test_path(*state, "small");
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        ad_test_write(path, "0123456789", 10);
        assert_ok(ad_store_add_path(store, path, &params, &cid, NULL, &err));
        overwrite(block_file(*state, "refs", &cid), records[i], strlen(records[i]));
        assert_fails(ARTDAG_E_CORRUPT, ad_store_get(store, &cid, &buf, &err));
    }
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void reference_needs_an_absolute_path_of_that_very_file(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_add_params params = {.reference = true};
    struct ad_cid cid = {0};
    const char *path = ad_test_path(*state, "file");
    const char *other = ad_test_path(*state, "other");
    ad_test_write(path, "0123456789", 10);
    ad_test_write(other, "0123456789", 10);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_fails(ARTDAG_E_INVAL, ad_store_add_fd(store, fd, NULL, &params, &cid, NULL, &err));
    assert_fails(ARTDAG_E_INVAL, ad_store_add_fd(store, fd, "file", &params, &cid, NULL, &err));
    assert_fails(ARTDAG_E_INVAL, ad_store_add_fd(store, fd, other, &params, &cid, NULL, &err));
    params.profile = &ad_unixfs_v0_2015; /* its leaves are not the file's bytes */
    assert_fails(ARTDAG_E_INVAL, ad_store_add_fd(store, fd, path, &params, &cid, NULL, &err));
    params.profile = NULL;
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    assert_fails(ARTDAG_E_INVAL,
                 ad_store_add_fd(store, pipes[0], path, &params, &cid, NULL, &err));
    assert_ok(ad_store_add_fd(store, fd, path, &params, &cid, NULL, &err));
    (void)close(pipes[0]);
    (void)close(pipes[1]);
    (void)close(fd);
    ad_store_close(store);
}

static void folder_can_be_kept_by_reference(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_add_params params = {.reference = true};
    struct ad_cid referred = {0};
    struct ad_cid copied = {0};
    const char *in = ad_test_path(*state, "in");
    assert_int_equal(mkdir(in, 0700), 0);
    ad_test_write(ad_test_path(in, "a"), "first", 5);
    ad_test_write(ad_test_path(in, "b"), "second", 6);
    assert_ok(ad_store_add_path(store, in, &params, &referred, NULL, &err));
    assert_int_equal(count_files(ad_test_path(*state, "store/refs")), 2);
    assert_ok(ad_store_add_path(store, in, NULL, &copied, NULL, &err));
    assert_cids_equal(&copied, &referred);
    ad_store_close(store);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(referenced_file_is_read_from_its_place),
    ad_test_in_dir(changed_source_is_corrupt_until_it_is_added_again),
    ad_test_in_dir(source_changed_behind_its_times_is_caught_by_its_hash),
    ad_test_in_dir(source_that_grew_shrank_or_went_is_noticed),
    ad_test_in_dir(damaged_reference_record_is_corrupt),
    ad_test_in_dir(reference_needs_an_absolute_path_of_that_very_file),
    ad_test_in_dir(folder_can_be_kept_by_reference),
};
AD_TEST_MAIN(tests)
