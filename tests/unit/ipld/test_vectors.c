/* SPDX-License-Identifier: MIT
 *
 * CIDs that others have computed: the golden table of files, and Debian's ipfs_cid.
 */
#include "content.h"

/* Beyond this a file is not held in memory but fed to the tree chunk by chunk. */
#define IN_MEMORY_MAX ((uint64_t)64 << 20)

static struct ad_unixfs_profile row_profile(char *fields[TABLE_FIELDS])
{
    return (struct ad_unixfs_profile){
        .cid_version = (unsigned)strtoul(fields[2], NULL, 10),
        .raw_leaves = strcmp(fields[3], "raw") == 0,
        .chunk_bytes = (uint32_t)strtoul(fields[4], NULL, 10),
        .width = (uint32_t)strtoul(fields[5], NULL, 10),
    };
}

static struct ad_cid stream(const struct ad_unixfs_profile *profile, const char *name,
                            uint64_t bytes)
{
    artdag_error err = {0};
    struct content content;
    struct ad_tree *tree = NULL;
    struct ad_cid root = {0};
    struct ad_buf wrap = AD_BUF_INIT(AD_BLOCK_MAX);
    uint8_t *chunk = malloc(profile->chunk_bytes);
    content_open(&content, name);
    assert_ok(ad_tree_create(profile, NULL, &tree, &err));
    for (uint64_t left = bytes; left > 0;) {
        struct ad_cid cid = {0};
        size_t len = left < profile->chunk_bytes ? (size_t)left : profile->chunk_bytes;
        content_next(&content, chunk, len);
        assert_ok(ad_unixfs_leaf(profile, chunk, len, &wrap, &cid, &err));
        assert_ok(ad_tree_leaf(tree, &cid, len, profile->raw_leaves ? len : wrap.len, &err));
        left -= len;
    }
    assert_ok(ad_tree_finish(tree, &root, NULL, &err));
    ad_tree_destroy(tree);
    ad_buf_fini(&wrap);
    content_close(&content);
    free(chunk);
    return root;
}

struct bounds {
    uint64_t from;
    uint64_t to;
    size_t checked;
};

static void check_row(char *fields[TABLE_FIELDS], void *payload)
{
    artdag_error err = {0};
    struct bounds *bounds = payload;
    struct ad_unixfs_profile profile = row_profile(fields);
    uint64_t bytes = strtoull(fields[1], NULL, 10);
    if (bytes < bounds->from || bytes >= bounds->to)
        return;
    bounds->checked++;
    if (bytes > IN_MEMORY_MAX) {
        struct ad_cid root = stream(&profile, fields[0], bytes);
        assert_cid_equal(fields[6], &root);
        return;
    }
    uint8_t *data = content_bytes(fields[0], (size_t)bytes);
    for (unsigned threads = 1; threads <= 3; threads += 2) {
        struct ad_import_params params = {.profile = &profile, .threads = threads};
        struct ad_cid root = {0};
        assert_ok(ad_unixfs_import_bytes(data, (size_t)bytes, &params, &root, &err));
        assert_cid_equal(fields[6], &root);
    }
    free(data);
}

static void files_have_the_cids_that_other_importers_give_them(void **state)
{
    (void)state;
    struct bounds bounds = {0, IN_MEMORY_MAX, 0};
    assert_int_equal(each_row("tests/golden/unixfs-files.tsv", check_row, &bounds), 43);
    assert_int_equal(bounds.checked, 40);
}

static void files_of_a_gigabyte_have_the_cids_that_other_importers_give_them(void **state)
{
    (void)state;
    struct bounds bounds = {IN_MEMORY_MAX, UINT64_MAX, 0};
    (void)each_row("tests/golden/unixfs-files.tsv", check_row, &bounds);
    assert_int_equal(bounds.checked, 3);
}

/* The example of the format's description, byte for byte. */
static void the_root_of_two_chunks_is_written_as_described(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct ad_import_params params = {.sink = ad_test_sink(&blocks)};
    struct ad_cid root = {0};
    uint8_t *data = content_bytes("zeros", 1048577);
    assert_ok(ad_unixfs_import_bytes(data, 1048577, &params, &root, &err));
    assert_int_equal(blocks.list.len, 3);
    const struct ad_test_block *last = &blocks.list.items[2];
    assert_cids_equal(&last->cid, &root);
    assert_bytes_hex(
        last->data, last->len,
        "122c0a2401551220 30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58"
        "120018808040 122a0a2401551220"
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d 12001801"
        "0a0c 0802 1881804020808040 2001");
    free(data);
    ad_test_blocks_fini(&blocks);
}

static void ask_ipfs_cid(const char *path, char v0[AD_CID_TEXT_MAX])
{
    char command[600];
    char output[400] = "";
    (void)snprintf(command, sizeof(command), "ipfs_cid '%s' 2>/dev/null", path);
    FILE *pipe = popen(command, "re");
    assert_non_null(pipe);
    size_t len = fread(output, 1, sizeof(output) - 1, pipe);
    int status = pclose(pipe);
    const char *at = strstr(output, "\"CIDv0\":\"");
    if (status != 0 || len == 0 || !at || sscanf(at + 9, "%64[A-Za-z0-9]", v0) != 1)
        fail_msg("the program ipfs_cid (Debian package ipfs-cid) is missing or does not "
                 "answer: status %d, \"%s\"",
                 status, output);
}

static void debians_ipfs_cid_agrees(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "file");
    static const size_t sizes[] = {1,      1000,    262143,       262144,          262145,
                                   524288, 3000000, 174 * 262144, 174 * 262144 + 1};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char v0[AD_CID_TEXT_MAX] = "";
        struct ad_import_params params = {.profile = &ad_unixfs_v0_2015};
        struct ad_cid root = {0};
        uint8_t *data = malloc(sizes[i]);
        ad_test_seed(i);
        ad_test_random_bytes(data, sizes[i]);
        ad_test_write(path, data, sizes[i]);
        ask_ipfs_cid(path, v0);
        assert_ok(ad_unixfs_import_bytes(data, sizes[i], &params, &root, &err));
        assert_cid_equal(v0, &root);
        free(data);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(files_have_the_cids_that_other_importers_give_them),
    cmocka_unit_test(files_of_a_gigabyte_have_the_cids_that_other_importers_give_them),
    cmocka_unit_test(the_root_of_two_chunks_is_written_as_described),
    ad_test_in_dir(debians_ipfs_cid_agrees),
};
AD_TEST_MAIN(tests)
