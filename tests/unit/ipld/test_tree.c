/* SPDX-License-Identifier: MIT
 *
 * The streaming builder against a reference that is written another way: top down and
 * recursive, with all leaves at hand, and with its own encoding of every byte.
 */
#include <openssl/sha.h>

#include "content.h"

struct ref_child {
    uint8_t cid[36];
    size_t cid_len;
    uint64_t file_bytes;
    uint64_t tsize;
};

struct ref_bytes {
    uint8_t *data;
    size_t len;
};

static void ref_put(struct ref_bytes *out, const void *data, size_t len)
{
    out->data = realloc(out->data, out->len + len + 1);
    memcpy(out->data + out->len, data, len);
    out->len += len;
}

static void ref_number(struct ref_bytes *out, uint8_t tag, uint64_t n)
{
    ref_put(out, &tag, 1);
    do {
        uint8_t byte = (uint8_t)((n & 0x7f) | (n > 0x7f ? 0x80 : 0));
        ref_put(out, &byte, 1);
        n >>= 7;
    } while (n);
}

static void ref_string(struct ref_bytes *out, uint8_t tag, const void *data, size_t len)
{
    ref_number(out, tag, len);
    ref_put(out, data, len);
}

static struct ref_child ref_block(unsigned version, uint8_t codec, const void *data, size_t len)
{
    struct ref_child child = {.tsize = len};
    uint8_t head[4] = {1, codec, 0x12, 0x20};
    size_t skip = version == 0 && codec == 0x70 ? 2 : 0;
    uint8_t digest[32];
    SHA256(data, len, digest);
    child.cid_len = 36 - skip;
    memcpy(child.cid, head + skip, 4 - skip);
    memcpy(child.cid + 4 - skip, digest, 32);
    return child;
}

static struct ref_child ref_leaf(const struct ad_unixfs_profile *profile, const uint8_t *data,
                                 size_t len)
{
    struct ref_bytes message = {0};
    struct ref_bytes block = {0};
    struct ref_child child;
    if (profile->raw_leaves) {
        child = ref_block(1, 0x55, data, len);
    } else {
        ref_number(&message, 0x08, 2);
        if (len)
            ref_string(&message, 0x12, data, len);
        ref_number(&message, 0x18, len);
        ref_string(&block, 0x0a, message.data, message.len);
        child = ref_block(profile->cid_version, 0x70, block.data, block.len);
    }
    child.file_bytes = len;
    free(message.data);
    free(block.data);
    return child;
}

/* The node of the given height over leaves [from, to). */
static struct ref_child ref_node(const struct ad_unixfs_profile *profile,
                                 const struct ref_child *leaves, size_t from, size_t to,
                                 unsigned height)
{
    if (height == 0)
        return leaves[from];
    size_t share = 1;
    for (unsigned i = 1; i < height; i++)
        share *= profile->width;
    struct ref_bytes message = {0};
    struct ref_bytes sizes = {0};
    struct ref_bytes block = {0};
    uint64_t file_bytes = 0;
    uint64_t tsize = 0;
    for (size_t at = from; at < to; at += share) {
        struct ref_child child =
            ref_node(profile, leaves, at, at + share < to ? at + share : to, height - 1);
        struct ref_bytes link = {0};
        ref_string(&link, 0x0a, child.cid, child.cid_len);
        ref_string(&link, 0x12, "", 0);
        ref_number(&link, 0x18, child.tsize);
        ref_string(&block, 0x12, link.data, link.len);
        ref_number(&sizes, 0x20, child.file_bytes);
        file_bytes += child.file_bytes;
        tsize += child.tsize;
        free(link.data);
    }
    ref_number(&message, 0x08, 2);
    ref_number(&message, 0x18, file_bytes);
    ref_put(&message, sizes.data, sizes.len);
    ref_string(&block, 0x0a, message.data, message.len);
    struct ref_child node = ref_block(profile->cid_version, 0x70, block.data, block.len);
    node.file_bytes = file_bytes;
    node.tsize = tsize + block.len;
    free(message.data);
    free(sizes.data);
    free(block.data);
    return node;
}

static struct ref_child ref_file(const struct ad_unixfs_profile *profile, const uint8_t *data,
                                 size_t len)
{
    size_t count = len ? (len + profile->chunk_bytes - 1) / profile->chunk_bytes : 1;
    struct ref_child *leaves = calloc(count, sizeof(*leaves));
    for (size_t i = 0; i < count; i++) {
        size_t at = i * profile->chunk_bytes;
        leaves[i] = ref_leaf(profile, data + at,
                             len - at < profile->chunk_bytes ? len - at : profile->chunk_bytes);
    }
    unsigned height = 0;
    for (size_t reach = 1; reach < count; reach *= profile->width)
        height++;
    struct ref_child root = ref_node(profile, leaves, 0, count, height);
    free(leaves);
    return root;
}

static void build(const struct ad_unixfs_profile *profile, const uint8_t *data, size_t len,
                  struct ad_cid *ret, uint64_t *ret_tsize)
{
    artdag_error err = {0};
    struct ad_tree *tree = NULL;
    struct ad_buf wrap = AD_BUF_INIT(AD_BLOCK_MAX);
    assert_ok(ad_tree_create(profile, NULL, &tree, &err));
    for (size_t at = 0; at < len; at += profile->chunk_bytes) {
        struct ad_cid cid = {0};
        size_t n = len - at < profile->chunk_bytes ? len - at : profile->chunk_bytes;
        assert_ok(ad_unixfs_leaf(profile, data + at, n, &wrap, &cid, &err));
        assert_ok(ad_tree_leaf(tree, &cid, n, profile->raw_leaves ? n : wrap.len, &err));
    }
    assert_ok(ad_tree_finish(tree, ret, ret_tsize, &err));
    ad_tree_destroy(tree);
    ad_buf_fini(&wrap);
}

static void check_against_reference(const struct ad_unixfs_profile *profile,
                                    const uint8_t *data, size_t len)
{
    struct ad_cid root = {0};
    uint64_t tsize = 0;
    uint8_t bytes[AD_CID_BYTES_MAX];
    struct ref_child want = ref_file(profile, data, len);
    build(profile, data, len, &root, &tsize);
    size_t cid_len = ad_cid_to_bytes(&root, bytes);
    if (cid_len != want.cid_len || memcmp(bytes, want.cid, cid_len) != 0 || tsize != want.tsize)
        fail_msg("%zu bytes in chunks of %u, width %u, version %u, %s leaves: not the "
                 "reference's root",
                 len, profile->chunk_bytes, profile->width, profile->cid_version,
                 profile->raw_leaves ? "raw" : "wrapped");
}

static void every_small_count_of_leaves_equals_the_recursive_reference(void **state)
{
    (void)state;
    uint8_t data[300];
    ad_test_seed(20);
    ad_test_random_bytes(data, sizeof(data));
    for (uint32_t width = 2; width <= 5; width++) {
        struct ad_unixfs_profile profile = {1, true, 1, width, false};
        for (size_t len = 0; len <= sizeof(data); len++)
            check_against_reference(&profile, data, len);
    }
}

static void random_files_equal_the_recursive_reference(void **state)
{
    (void)state;
    uint8_t data[20000];
    ad_test_seed(21);
    ad_test_random_bytes(data, sizeof(data));
    for (int i = 0; i < 400; i++) {
        struct ad_unixfs_profile profile = {
            .cid_version = (unsigned)ad_test_random_below(2),
            .raw_leaves = ad_test_random_below(2),
            .chunk_bytes = (uint32_t)(1 + ad_test_random_below(1u << ad_test_random_below(15))),
            .width = (uint32_t)(2 + ad_test_random_below(200)),
        };
        size_t len = (size_t)ad_test_random_below(profile.chunk_bytes * (uint64_t)3000);
        check_against_reference(&profile, data, len < sizeof(data) ? len : len % sizeof(data));
    }
}

static enum artdag_err refuse(void *payload, const struct ad_cid *cid, const void *data,
                              size_t len, artdag_error *err)
{
    (void)payload, (void)cid, (void)data, (void)len;
    return ad_error_set(err, ARTDAG_E_IO, "test", "no space left");
}

static void failing_sink_fails_the_tree(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_unixfs_profile profile = {1, true, 1, 2, false};
    struct ad_block_sink sink = {refuse, NULL};
    struct ad_tree *tree = NULL;
    struct ad_cid leaf = ad_test_cid("bafkqaaa");
    assert_ok(ad_tree_create(&profile, &sink, &tree, &err));
    assert_ok(ad_tree_leaf(tree, &leaf, 1, 1, &err));
    assert_ok(ad_tree_leaf(tree, &leaf, 1, 1, &err));
    assert_fails(ARTDAG_E_IO, ad_tree_leaf(tree, &leaf, 1, 1, &err));
    ad_tree_destroy(tree);
    ad_tree_destroy(NULL);
}

static void profiles_outside_the_limits_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const struct ad_unixfs_profile bad[] = {
        {2, true, 10, 10, false},
        {1, true, 0, 10, false},
        {1, true, AD_CHUNK_MAX + 1, 10, false},
        {1, true, 10, 1, false},
        {1, true, 10, AD_WIDTH_MAX + 1, false},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct ad_tree *tree = NULL;
        assert_fails(ARTDAG_E_INVAL, ad_tree_create(&bad[i], NULL, &tree, &err));
        assert_null(tree);
    }
    assert_ok(ad_unixfs_profile_check(&ad_unixfs_v1_2025, &err));
    assert_ptr_equal(ad_unixfs_profile_find("unixfs-v1-2025"), &ad_unixfs_v1_2025);
    assert_ptr_equal(ad_unixfs_profile_find("unixfs-v0-2015"), &ad_unixfs_v0_2015);
    assert_null(ad_unixfs_profile_find("unixfs-v2"));
}

static void the_widest_node_of_the_longest_numbers_fits_a_block(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_unixfs_profile profile = {1, true, 1, AD_WIDTH_MAX, false};
    struct ad_tree *tree = NULL;
    struct ad_cid leaf =
        ad_test_cid("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
    struct ad_cid root = {0};
    assert_ok(ad_tree_create(&profile, NULL, &tree, &err));
    for (int i = 0; i < AD_WIDTH_MAX; i++)
        assert_ok(ad_tree_leaf(tree, &leaf, (uint64_t)1 << 48, (uint64_t)1 << 48, &err));
    assert_ok(ad_tree_finish(tree, &root, NULL, &err));
    ad_tree_destroy(tree);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_small_count_of_leaves_equals_the_recursive_reference),
    cmocka_unit_test(random_files_equal_the_recursive_reference),
    cmocka_unit_test(failing_sink_fails_the_tree),
    cmocka_unit_test(profiles_outside_the_limits_are_refused),
    cmocka_unit_test(the_widest_node_of_the_longest_numbers_fits_a_block),
};
AD_TEST_MAIN(tests)
