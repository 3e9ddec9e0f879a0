/* SPDX-License-Identifier: MIT */
#include "content.h"

struct opened {
    struct ad_test_blocks blocks;
    struct ad_unixfs_file *file;
};

static void open_file(struct opened *opened, const struct ad_cid *cid)
{
    artdag_error err = {0};
    struct ad_block_source source = ad_test_block_source(&opened->blocks);
    assert_ok(ad_unixfs_open(&source, cid, &opened->file, &err));
}

static void close_file(struct opened *opened)
{
    ad_unixfs_close(opened->file);
    ad_test_blocks_fini(&opened->blocks);
}

static void check_range(struct ad_unixfs_file *file, const uint8_t *data, size_t size,
                        size_t len, uint64_t offset)
{
    artdag_error err = {0};
    uint8_t *out = malloc(len + 1);
    size_t got = 12345;
    size_t want = offset >= size ? 0 : size - offset < len ? (size_t)(size - offset) : len;
    assert_ok(ad_unixfs_pread(file, out, len, offset, &got, &err));
    assert_int_equal(got, want);
    if (want)
        assert_memory_equal(out, data + offset, want);
    free(out);
}

static void check_ranges(struct ad_unixfs_file *file, const uint8_t *data, size_t size,
                         int count)
{
    assert_true(ad_unixfs_size(file) == size);
    check_range(file, data, size, size, 0);
    check_range(file, data, size, 10, size);
    check_range(file, data, size, 10, UINT64_MAX - 3);
    for (int i = 0; i < count; i++)
        check_range(file, data, size, (size_t)ad_test_random_below(size + 2),
                    ad_test_random_below(size + 2));
}

static void random_imports_read_back_by_range(void **state)
{
    (void)state;
    artdag_error err = {0};
    uint8_t data[30000];
    ad_test_seed(40);
    ad_test_random_bytes(data, sizeof(data));
    for (int i = 0; i < 150; i++) {
        struct opened opened = {0};
        struct ad_unixfs_profile profile = {
            .cid_version = (unsigned)ad_test_random_below(2),
            .raw_leaves = ad_test_random_below(2),
            .chunk_bytes = (uint32_t)(1 + ad_test_random_below(1u << ad_test_random_below(13))),
            .width = (uint32_t)(2 + ad_test_random_below(30)),
        };
        struct ad_import_params params = {
            .profile = &profile, .threads = 1, .sink = ad_test_sink(&opened.blocks)};
        struct ad_cid root = {0};
        size_t size = (size_t)ad_test_random_below(sizeof(data) + 1);
        if (profile.chunk_bytes < 8)
            size /= 16;
        assert_ok(ad_unixfs_import_bytes(data, size, &params, &root, &err));
        open_file(&opened, &root);
        check_ranges(opened.file, data, size, 40);
        close_file(&opened);
    }
}

/* ---- any shape: inner nodes with data of their own, children at any depth, as trickle and
 * older importers make them ---- */

struct shape {
    struct ad_test_blocks *blocks;
    struct ad_buf content;
};

static void put_number(struct ad_buf *buf, uint8_t tag, uint64_t n)
{
    uint8_t bytes[10];
    (void)ad_buf_byte(buf, tag);
    (void)ad_buf_append(buf, bytes, ad_varint_encode(n, bytes));
}

static struct ad_cid add_node(struct ad_test_blocks *blocks, const struct ad_pb_node *links,
                              struct ad_str message)
{
    artdag_error err = {0};
    struct ad_buf block = AD_BUF_INIT(AD_BLOCK_MAX);
    struct ad_pb_node node = *links;
    node.data = message;
    node.has_data = true;
    assert_ok(ad_pb_encode(&node, &block, &err));
    struct ad_cid cid = ad_test_add_block(blocks, AD_CODEC_DAG_PB, block.data, block.len);
    cid.version = (uint8_t)ad_test_random_below(2);
    ad_buf_fini(&block);
    return cid;
}

static struct ad_cid random_node(struct shape *shape, unsigned depth, uint64_t *ret_size)
{
    uint8_t own[40];
    size_t own_len = (size_t)ad_test_random_below(sizeof(own));
    ad_test_random_bytes(own, own_len);
    (void)ad_buf_append(&shape->content, own, own_len);
    uint64_t size = own_len;
    if (depth == 0 && ad_test_random_below(2)) {
        *ret_size = size;
        if (ad_test_random_below(3) > 0)
            return ad_test_add_block(shape->blocks, AD_CODEC_RAW, own, own_len);
        struct ad_cid identity = {
            .version = 1, .codec = AD_CODEC_RAW, .digest_len = (uint8_t)own_len};
        memcpy(identity.digest, own, own_len);
        return identity;
    }
    struct ad_pb_node node = {0};
    struct ad_buf sizes = AD_BUF_INIT(1000);
    struct ad_buf message = AD_BUF_INIT(1000);
    for (uint64_t n = depth ? ad_test_random_below(6) : 0; n > 0; n--) {
        uint64_t child_size = 0;
        struct ad_pb_link link = {
            .cid = random_node(shape, (unsigned)ad_test_random_below(depth), &child_size)};
        assert_true(ad_vec_push(&node.links, link));
        put_number(&sizes, 0x20, child_size);
        size += child_size;
    }
    put_number(&message, 0x08, ad_test_random_below(2) ? AD_UNIXFS_FILE : AD_UNIXFS_RAW);
    put_number(&message, 0x12, own_len);
    (void)ad_buf_append(&message, own, own_len);
    if (ad_test_random_below(4))
        put_number(&message, 0x18, size);
    (void)ad_buf_view(&message, ad_buf_as_str(&sizes));
    struct ad_cid cid = add_node(shape->blocks, &node, ad_buf_as_str(&message));
    ad_pb_node_fini(&node);
    ad_buf_fini(&sizes);
    ad_buf_fini(&message);
    *ret_size = size;
    return cid;
}

static void trees_of_any_shape_read_own_data_first_then_children(void **state)
{
    (void)state;
    ad_test_seed(41);
    for (int i = 0; i < 200; i++) {
        struct opened opened = {0};
        struct shape shape = {.blocks = &opened.blocks, .content = AD_BUF_INIT(1 << 20)};
        uint64_t size = 0;
        struct ad_cid root = random_node(&shape, 5, &size);
        open_file(&opened, &root);
        check_ranges(opened.file, shape.content.data, shape.content.len, 30);
        ad_buf_fini(&shape.content);
        close_file(&opened);
    }
}

static void reading_on_loads_each_node_once(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct opened opened = {0};
    struct ad_unixfs_profile profile = {1, true, 100, 4, false};
    struct ad_import_params params = {.profile = &profile,
                                      .sink = ad_test_sink(&opened.blocks)};
    struct ad_cid root = {0};
    uint8_t data[6400];
    uint8_t byte = 0;
    size_t got = 0;
    ad_test_seed(42);
    ad_test_random_bytes(data, sizeof(data));
    assert_ok(ad_unixfs_import_bytes(data, sizeof(data), &params, &root, &err));
    open_file(&opened, &root);
    for (size_t at = 0; at < sizeof(data); at++) {
        assert_ok(ad_unixfs_pread(opened.file, &byte, 1, at, &got, &err));
        assert_int_equal(byte, data[at]);
    }
    assert_int_equal(opened.blocks.gets, 64 + 16 + 4 + 1);
    assert_int_equal(opened.blocks.list.len, 85);
    opened.blocks.gets = 0;
    assert_ok(ad_unixfs_pread(opened.file, &byte, 1, 0, &got, &err));
    assert_int_equal(opened.blocks.gets, 3); /* one block per level below the root */
    close_file(&opened);
}

/* ---- what must not open or read ---- */

static struct ad_cid hex_node(struct ad_test_blocks *blocks, const char *hex)
{
    uint8_t block[256];
    size_t len = ad_test_from_hex(hex, block, sizeof(block));
    return ad_test_add_block(blocks, AD_CODEC_DAG_PB, block, len);
}

/* A link to the identity CID of "ab" */
#define LINK_AB "12080a06015500026162"

static void malformed_files_are_refused_on_opening(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const struct {
        enum artdag_err code;
        const char *hex;
    } bad[] = {
        {ARTDAG_E_FORMAT, "ff"},                        /* no dag-pb */
        {ARTDAG_E_FORMAT, LINK_AB},                     /* no UnixFS data */
        {ARTDAG_E_FORMAT, "0a020880"},                  /* bad UnixFS data */
        {ARTDAG_E_FORMAT, LINK_AB "0a020802"},          /* a link without a size */
        {ARTDAG_E_FORMAT, LINK_AB "0a0608022002 2002"}, /* two sizes */
        {ARTDAG_E_FORMAT, LINK_AB "0a06080218032002"},  /* file size 3, block size 2 */
        {ARTDAG_E_FORMAT,
         LINK_AB "0a0c080220ffffffffffffffff7f00"}, /* field number 0 at the end */
        {ARTDAG_E_FORMAT,
         LINK_AB LINK_AB "0a0e080220ffffffffffffffff7f2001"}, /* sizes overflow */
        {ARTDAG_E_INVAL, "0a020801"},                         /* a directory */
        {ARTDAG_E_INVAL, "0a0908051200282230 8002"},          /* a sharded directory */
        {ARTDAG_E_UNSUPPORTED, "0a050804120178"},             /* a symbolic link */
        {ARTDAG_E_UNSUPPORTED, "0a020803"},                   /* metadata */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct ad_test_blocks blocks = {0};
        struct ad_block_source source = ad_test_block_source(&blocks);
        struct ad_unixfs_file *file = NULL;
        struct ad_cid cid = hex_node(&blocks, bad[i].hex);
        assert_fails(bad[i].code, ad_unixfs_open(&source, &cid, &file, &err));
        assert_null(file);
        assert_true(err.cid[0] != '\0');
        ad_test_blocks_fini(&blocks);
    }
    struct ad_test_blocks none = {0};
    struct ad_block_source source = ad_test_block_source(&none);
    struct ad_unixfs_file *file = NULL;
    struct ad_cid cid =
        ad_test_cid("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
    assert_fails(ARTDAG_E_NOTFOUND, ad_unixfs_open(&source, &cid, &file, &err));
    cid = ad_test_add_block(&none, AD_CODEC_DAG_CBOR, "\xa0", 1);
    assert_fails(ARTDAG_E_UNSUPPORTED, ad_unixfs_open(&source, &cid, &file, &err));
    ad_test_blocks_fini(&none);
}

static void child_of_another_length_than_its_block_size_is_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct opened opened = {0};
    char out[8];
    size_t got = 0;
    struct ad_cid root = hex_node(&opened.blocks, LINK_AB LINK_AB "0a06 0802 2002 2003");
    open_file(&opened, &root);
    assert_int_equal(ad_unixfs_size(opened.file), 5);
    assert_ok(ad_unixfs_pread(opened.file, out, 2, 0, &got, &err));
    assert_fails(ARTDAG_E_FORMAT, ad_unixfs_pread(opened.file, out, 3, 2, &got, &err));
    assert_ok(
        ad_unixfs_pread(opened.file, out, 2, 0, &got, &err)); /* the good part stays readable */
    assert_memory_equal(out, "ab", 2);
    assert_fails(ARTDAG_E_FORMAT, ad_unixfs_pread(opened.file, out, 3, 2, &got, &err));
    close_file(&opened);
}

static void missing_leaf_is_notfound_and_the_rest_reads(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct opened opened = {0};
    struct ad_unixfs_profile profile = {1, true, 10, 4, false};
    struct ad_import_params params = {.profile = &profile};
    struct ad_cid root = {0};
    char out[40];
    size_t got = 0;
    params.sink = ad_test_sink(&opened.blocks);
    assert_ok(
        ad_unixfs_import_bytes("aaaaaaaaaabbbbbbbbbbcccccccccc", 30, &params, &root, &err));
    ad_map_fini(&opened.blocks.index); /* forget the second leaf */
    for (size_t i = 0; i < opened.blocks.list.len; i++) {
        if (i != 1)
            ad_map_put(&opened.blocks.index,
                       ad_test_block_key(&opened.blocks.list.items[i].cid), NULL)
                ->num = i;
    }
    open_file(&opened, &root);
    assert_fails(ARTDAG_E_NOTFOUND, ad_unixfs_pread(opened.file, out, 30, 0, &got, &err));
    assert_ok(ad_unixfs_pread(opened.file, out, 10, 20, &got, &err));
    assert_memory_equal(out, "cccccccccc", 10);
    close_file(&opened);
}

/* Only a source that lies can close a circle; reading it must end all the same. */
static enum artdag_err same_node_again(void *payload, const struct ad_cid *cid,
                                       struct ad_buf *buf, artdag_error *err)
{
    struct ad_pb_node node = {.data = {"\x08\x02\x20\x05", 4}, .has_data = true};
    struct ad_pb_link link = {.cid = *cid};
    (void)payload;
    ad_buf_clear(buf);
    assert_true(ad_vec_push(&node.links, link));
    enum artdag_err rc = ad_pb_encode(&node, buf, err);
    ad_pb_node_fini(&node);
    return rc;
}

static void file_that_contains_itself_is_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_block_source source = {same_node_again, NULL};
    struct ad_unixfs_file *file = NULL;
    struct ad_cid cid =
        ad_test_cid("bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354");
    char out[5];
    size_t got = 0;
    assert_ok(ad_unixfs_open(&source, &cid, &file, &err));
    assert_fails(ARTDAG_E_FORMAT, ad_unixfs_pread(file, out, 5, 0, &got, &err));
    assert_err_says("too deep");
    ad_unixfs_close(file);
    ad_unixfs_close(NULL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(random_imports_read_back_by_range),
    cmocka_unit_test(trees_of_any_shape_read_own_data_first_then_children),
    cmocka_unit_test(reading_on_loads_each_node_once),
    cmocka_unit_test(malformed_files_are_refused_on_opening),
    cmocka_unit_test(child_of_another_length_than_its_block_size_is_refused),
    cmocka_unit_test(missing_leaf_is_notfound_and_the_rest_reads),
    cmocka_unit_test(file_that_contains_itself_is_refused),
};
AD_TEST_MAIN(tests)
