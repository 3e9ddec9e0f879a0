/* SPDX-License-Identifier: MIT
 *
 * Adding leaves without copying them. Few file systems can do it, so the back end's clone is
 * replaced here: by one that copies what it is told to share, and by one during which the file
 * changes.
 */
#include "in_store.h"
#include "store/handle.h"

#define BYTES ((size_t)2500000) /* two whole leaves and a part of one */

static struct ad_store_backend backend; /* fs with another clone */
static unsigned clones;
static const char *changing; /* the file to touch */

static enum artdag_err clone_by_copy(void *self, struct ad_backend_batch *batch,
                                     const struct ad_cid *cid, int fd, uint64_t offset,
                                     size_t len, bool *ret_done)
{
    uint8_t *data = malloc(len);
    assert_non_null(data);
    assert_int_equal(pread(fd, data, len, (off_t)offset), len);
    enum artdag_err code = ad_store_fs.put(self, batch, cid, data, len, NULL);
    free(data);
    clones++;
    *ret_done = true;
    return code;
}

static enum artdag_err clone_while_it_changes(void *self, struct ad_backend_batch *batch,
                                              const struct ad_cid *cid, int fd, uint64_t offset,
                                              size_t len, bool *ret_done)
{
    make_older(changing, 5000);
    return clone_by_copy(self, batch, cid, fd, offset, len, ret_done);
}

static enum artdag_err clone_refused(void *self, struct ad_backend_batch *batch,
                                     const struct ad_cid *cid, int fd, uint64_t offset,
                                     size_t len, bool *ret_done)
{
    (void)self;
    (void)batch;
    (void)cid;
    (void)fd;
    (void)offset;
    (void)len;
    clones++;
    *ret_done = false;
    return ARTDAG_OK;
}

static struct ad_store *open_with(const char *dir,
                                  enum artdag_err (*clone)(void *, struct ad_backend_batch *,
                                                           const struct ad_cid *, int, uint64_t,
                                                           size_t, bool *))
{
    struct ad_store *store = open_in(dir);
    backend = ad_store_fs;
    backend.clone = clone;
    store->be = &backend;
    clones = 0;
    return store;
}

static const char *make_file(const char *dir, uint8_t **ret_data)
{
    const char *path = ad_test_path(dir, "file");
    uint8_t *data = malloc(BYTES);
    assert_non_null(data);
    ad_test_seed(3);
    ad_test_random_bytes(data, BYTES);
    ad_test_write(path, data, BYTES);
    *ret_data = data;
    return path;
}

static void leaves_are_cloned_from_where_they_are(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_with(*state, clone_by_copy);
    struct ad_buf buf = AD_BUF_INIT(BYTES);
    struct ad_cid cid = {0};
    uint8_t *data = NULL;
    const char *path = make_file(*state, &data);
    assert_ok(ad_store_add_path(store, path, NULL, &cid, NULL, &err));
    assert_int_equal(clones, 3);
    assert_ok(ad_store_read(store, &cid, BYTES, &buf, &err));
    assert_memory_equal(buf.data, data, BYTES);

    /* From the middle of the file: the offsets are the file's. */
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(lseek(fd, 1000, SEEK_SET), 1000);
    assert_ok(ad_store_add_fd(store, fd, path, NULL, &cid, NULL, &err));
    assert_int_equal(clones, 6);
    assert_ok(ad_store_read(store, &cid, BYTES, &buf, &err));
    assert_int_equal(buf.len, BYTES - 1000);
    assert_memory_equal(buf.data, data + 1000, BYTES - 1000);
    (void)close(fd);
    free(data);
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void file_that_changes_while_it_is_cloned_is_busy_and_not_stored(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_with(*state, clone_while_it_changes);
    struct ad_cid cid = {0};
    uint8_t *data = NULL;
    changing = make_file(*state, &data);
    assert_fails(ARTDAG_E_BUSY, ad_store_add_path(store, changing, NULL, &cid, NULL, &err));
    assert_false(ad_cid_is_set(&cid));
    assert_int_equal(count_files(ad_test_path(*state, "store/blocks")), 0);
    assert_int_equal(count_files(ad_test_path(*state, "store/tmp")), 0);
    free(data);
    ad_store_close(store);
}

static void refused_clone_is_tried_once_and_then_copied(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_with(*state, clone_refused);
    struct ad_cid cid = {0};
    uint8_t *data = NULL;
    const char *path = make_file(*state, &data);
    assert_ok(ad_store_add_path(store, path, NULL, &cid, NULL, &err));
    assert_int_equal(clones, 1);
    assert_true(is_complete(store, &cid));
    free(data);
    ad_store_close(store);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(leaves_are_cloned_from_where_they_are),
    ad_test_in_dir(file_that_changes_while_it_is_cloned_is_busy_and_not_stored),
    ad_test_in_dir(refused_clone_is_tried_once_and_then_copied),
};
AD_TEST_MAIN(tests)
