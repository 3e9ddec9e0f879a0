/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "content.h"
#include "descriptors.h"

static void one_to_eight_threads_files_and_pipes_give_one_root(void **state)
{
    (void)state;
    artdag_error err = {0};
    const size_t len = 9 * 1048576 + 12345;
    uint8_t *data = malloc(len);
    ad_test_seed(30);
    ad_test_random_bytes(data, len);
    static const struct ad_unixfs_profile profiles[] = {
        {1, true, 1048576, 1024, false},
        {0, false, 262144, 174, true},
        {1, true, 1000, 5, false},
        {1, false, 1572864, 3, false}, /* chunks longer than a batch */
    };
    for (size_t p = 0; p < sizeof(profiles) / sizeof(profiles[0]); p++) {
        struct ad_cid first = {0};
        for (unsigned threads = 0; threads <= 8; threads++) {
            struct ad_import_params params = {.profile = &profiles[p], .threads = threads};
            struct ad_cid root = {0};
            uint64_t bytes = 0;
            int fd = memory_file(data, len);
            assert_ok(ad_unixfs_import_fd(fd, &params, &root, &bytes, &err));
            assert_true(bytes == len);
            assert_true(lseek(fd, 0, SEEK_CUR) == (off_t)len);
            (void)close(fd);
            if (threads == 0)
                first = root;
            assert_cids_equal(&root, &first);
            assert_ok(ad_unixfs_import_bytes(data, len, &params, &root, &err));
            assert_cids_equal(&root, &first);
            bytes = 0;
            assert_ok(import_pipe(data, len, 70001, &params, &root, &bytes, &err));
            assert_cids_equal(&root, &first);
            assert_true(bytes == len);
        }
    }
    free(data);
}

static void import_starts_at_the_descriptors_position(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_import_params params = {0};
    struct ad_cid root = {0};
    uint64_t bytes = 0;
    int fd = memory_file((const uint8_t *)"skipped hello world", 19);
    assert_int_equal(lseek(fd, 8, SEEK_SET), 8);
    assert_ok(ad_unixfs_import_fd(fd, &params, &root, &bytes, &err));
    assert_cid_equal("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", &root);
    assert_int_equal(bytes, 11);
    (void)close(fd);
}

/* ---- what sink and on_leaf see ---- */

struct watch {
    const uint8_t *data;
    uint64_t at;
    size_t leaves;
    size_t blocks;
    size_t since_leaf; /* blocks put since on_leaf */
    struct ad_cid leaf;
    pthread_t thread;
};

static enum artdag_err watch_leaf(void *payload, const struct ad_cid *cid, uint64_t offset,
                                  size_t len, artdag_error *err)
{
    struct watch *watch = payload;
    assert_true(pthread_equal(pthread_self(), watch->thread));
    assert_true(offset == watch->at);
    enum artdag_err rc = ad_cid_verify(cid, watch->data + offset, len, err);
    watch->at += len;
    watch->leaves++;
    watch->since_leaf = 0;
    watch->leaf = *cid;
    return rc;
}

static enum artdag_err watch_put(void *payload, const struct ad_cid *cid, const void *data,
                                 size_t len, artdag_error *err)
{
    struct watch *watch = payload;
    assert_true(pthread_equal(pthread_self(), watch->thread));
    watch->blocks++;
    if (watch->since_leaf++ == 0)
        assert_cids_equal(cid, &watch->leaf);
    return ad_cid_verify(cid, data, len, err);
}

static void leaves_come_in_file_order_before_their_block_from_one_thread(void **state)
{
    (void)state;
    artdag_error err = {0};
    const size_t len = 3 * 1048576 + 5;
    uint8_t *data = content_bytes("mod251", len);
    struct watch watch = {.data = data, .thread = pthread_self()};
    struct ad_unixfs_profile profile = {1, true, 10000, 20, false};
    struct ad_import_params params = {
        .profile = &profile,
        .threads = 4,
        .sink = {watch_put, &watch},
        .on_leaf = watch_leaf,
        .on_leaf_payload = &watch,
    };
    struct ad_cid root = {0};
    int fd = memory_file(data, len);
    assert_ok(ad_unixfs_import_fd(fd, &params, &root, NULL, &err));
    assert_true(watch.at == len);
    assert_int_equal(watch.leaves, 315);
    assert_int_equal(watch.blocks, 315 + 16 + 1); /* 315 leaves, 16 nodes of 20, one root */
    (void)close(fd);
    free(data);
}

static void children_reach_the_sink_before_their_parents(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct ad_unixfs_profile profile = {1, true, 100, 3, false};
    struct ad_import_params params = {
        .profile = &profile, .threads = 3, .sink = ad_test_sink(&blocks)};
    struct ad_cid root = {0};
    uint8_t data[5000];
    ad_test_seed(31);
    ad_test_random_bytes(data, sizeof(data));
    assert_ok(ad_unixfs_import_bytes(data, sizeof(data), &params, &root, &err));
    for (size_t i = 0; i < blocks.list.len; i++) {
        struct ad_pb_node node = {0};
        if (blocks.list.items[i].cid.codec == AD_CODEC_RAW)
            continue;
        assert_ok(
            ad_pb_decode(blocks.list.items[i].data, blocks.list.items[i].len, &node, &err));
        for (size_t k = 0; k < node.links.len; k++) {
            union ad_map_value *at =
                ad_map_find(&blocks.index, ad_test_block_key(&node.links.items[k].cid));
            assert_non_null(at);
            assert_true(at->num < i);
        }
        ad_pb_node_fini(&node);
    }
    assert_cids_equal(&blocks.list.items[blocks.list.len - 1].cid, &root);
    ad_test_blocks_fini(&blocks);
}

static void an_empty_file_is_one_empty_block(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct ad_import_params params = {.sink = ad_test_sink(&blocks)};
    struct ad_cid root = {0};
    assert_ok(ad_unixfs_import_bytes(NULL, 0, &params, &root, &err));
    assert_cid_equal("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", &root);
    assert_int_equal(blocks.list.len, 1);
    assert_int_equal(blocks.list.items[0].len, 0);
    ad_test_blocks_fini(&blocks);
}

/* ---- failures ---- */

struct fuse {
    size_t left;
};

static enum artdag_err burn(void *payload, const struct ad_cid *cid, const void *data,
                            size_t len, artdag_error *err)
{
    struct fuse *fuse = payload;
    (void)cid, (void)data, (void)len;
    if (fuse->left-- > 0)
        return ARTDAG_OK;
    return ad_error_set(err, ARTDAG_E_IO, "test", "no space left");
}

static enum artdag_err burn_leaf(void *payload, const struct ad_cid *cid, uint64_t offset,
                                 size_t len, artdag_error *err)
{
    (void)offset;
    return burn(payload, cid, NULL, len, err);
}

static void failing_sink_stops_the_import_wherever_it_fails(void **state)
{
    (void)state;
    artdag_error err = {0};
    const size_t len = 12 * 1048576;
    uint8_t *data = content_bytes("mod251", len);
    for (size_t at = 0; at < 13; at += 3) {
        for (int leaf = 0; leaf < 2; leaf++) {
            struct fuse fuse = {at};
            struct ad_import_params params = {.threads = 4};
            struct ad_cid root = {0};
            if (leaf && at < 12) {
                params.on_leaf = burn_leaf;
                params.on_leaf_payload = &fuse;
            } else {
                params.sink = (struct ad_block_sink){burn, &fuse};
            }
            assert_fails(ARTDAG_E_IO, ad_unixfs_import_bytes(data, len, &params, &root, &err));
            assert_err_says("no space left");
            assert_false(ad_cid_is_set(&root));
            fuse.left = at;
            (void)signal(SIGPIPE, SIG_IGN);
            assert_fails(ARTDAG_E_IO,
                         import_pipe(data, len, 65536, &params, &root, NULL, &err));
        }
    }
    free(data);
}

static enum artdag_err truncate_behind(void *payload, const struct ad_cid *cid, uint64_t offset,
                                       size_t len, artdag_error *err)
{
    (void)cid, (void)len, (void)err;
    if (offset == 0)
        assert_int_equal(ftruncate(*(int *)payload, 1048576 * 2 + 10), 0);
    return ARTDAG_OK;
}

/* Cut short on a batch border or inside one, whatever was read must be a prefix of the file
 * or an error. */
static void file_that_shrinks_is_never_imported_with_a_hole(void **state)
{
    (void)state;
    artdag_error err = {0};
    const size_t len = 20 * 1048576;
    uint8_t *data = content_bytes("mod251", len);
    for (int round = 0; round < 8; round++) {
        int fd = memory_file(data, len);
        struct ad_import_params params = {
            .threads = 4, .on_leaf = truncate_behind, .on_leaf_payload = &fd};
        struct ad_import_params plain = {0};
        struct ad_cid root = {0};
        struct ad_cid prefix = {0};
        uint64_t bytes = 0;
        enum artdag_err rc = ad_unixfs_import_fd(fd, &params, &root, &bytes, &err);
        if (rc == ARTDAG_OK) {
            assert_ok(ad_unixfs_import_bytes(data, (size_t)bytes, &plain, &prefix, &err));
            assert_cids_equal(&root, &prefix);
        } else {
            assert_int_equal(rc, ARTDAG_E_IO);
        }
        (void)close(fd);
    }
    free(data);
}

static void unreadable_descriptors_are_io_errors(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_import_params params = {0};
    struct ad_cid root = {0};
    assert_fails(ARTDAG_E_IO, ad_unixfs_import_fd(-1, &params, &root, NULL, &err));
    assert_int_equal(err.sys, EBADF);
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_fails(ARTDAG_E_IO, ad_unixfs_import_fd(fd, &params, &root, NULL, &err));
    assert_int_equal(err.sys, EISDIR);
    (void)close(fd);
}

static void bad_profile_is_refused_before_reading(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_unixfs_profile profile = {1, true, 0, 1024, false};
    struct ad_import_params params = {.profile = &profile};
    struct ad_cid root = {0};
    assert_fails(ARTDAG_E_INVAL, ad_unixfs_import_bytes("x", 1, &params, &root, &err));
}

static long peak_after_importing(off_t bytes)
{
    artdag_error err = {0};
    struct rusage usage;
    struct ad_cid root = {0};
    struct ad_import_params params = {.threads = 4};
    int fd = memfd_create("zeros", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, bytes), 0);
    assert_ok(ad_unixfs_import_fd(fd, &params, &root, NULL, &err));
    (void)close(fd);
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static void memory_does_not_grow_with_the_file(void **state)
{
    (void)state;
    long small = peak_after_importing(50 << 20);
    long large = peak_after_importing(450 << 20);
    assert_true(
        large - small <
        40 * 1024); /* in KiB, a tenth of the difference; sanitizers take their share too */
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(memory_does_not_grow_with_the_file), /* first, while the peak is low */
    cmocka_unit_test(one_to_eight_threads_files_and_pipes_give_one_root),
    cmocka_unit_test(import_starts_at_the_descriptors_position),
    cmocka_unit_test(leaves_come_in_file_order_before_their_block_from_one_thread),
    cmocka_unit_test(children_reach_the_sink_before_their_parents),
    cmocka_unit_test(an_empty_file_is_one_empty_block),
    cmocka_unit_test(failing_sink_stops_the_import_wherever_it_fails),
    cmocka_unit_test(file_that_shrinks_is_never_imported_with_a_hole),
    cmocka_unit_test(unreadable_descriptors_are_io_errors),
    cmocka_unit_test(bad_profile_is_refused_before_reading),
};
AD_TEST_MAIN(tests)
