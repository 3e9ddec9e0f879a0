/* SPDX-License-Identifier: MIT */
#include "content.h"

#define ENTRIES_MAX 64

struct listed {
    char names[ENTRIES_MAX][32];
    struct ad_dir_entry entries[ENTRIES_MAX]; /* name is not valid afterwards */
    size_t count;
    size_t stop_at;
};

static enum artdag_err collect(void *payload, const struct ad_dir_entry *entry,
                               artdag_error *err)
{
    struct listed *listed = payload;
    if (listed->stop_at && listed->count == listed->stop_at)
        return ad_error_set(err, ARTDAG_E_CANCELED, "test", "enough");
    assert_true(listed->count < ENTRIES_MAX && entry->name.len < 32);
    listed->entries[listed->count] = *entry;
    memcpy(listed->names[listed->count], entry->name.ptr, entry->name.len);
    listed->names[listed->count++][entry->name.len] = '\0';
    return ARTDAG_OK;
}

static enum artdag_err list(struct ad_test_blocks *blocks, const struct ad_cid *dir,
                            struct listed *listed, artdag_error *err)
{
    struct ad_block_source source = ad_test_block_source(blocks);
    return ad_unixfs_list(&source, dir, collect, listed, err);
}

static struct ad_cid node_of(struct ad_test_blocks *blocks, const struct ad_pb_link *links,
                             size_t count, const char *data_hex)
{
    artdag_error err = {0};
    uint8_t data[128];
    struct ad_pb_node node = {0};
    struct ad_buf block = AD_BUF_INIT(AD_BLOCK_MAX);
    for (size_t i = 0; i < count; i++)
        assert_true(ad_vec_push(&node.links, links[i]));
    node.has_data = true;
    node.data =
        (struct ad_str){(const char *)data, ad_test_from_hex(data_hex, data, sizeof(data))};
    assert_ok(ad_pb_encode(&node, &block, &err));
    struct ad_cid cid = ad_test_add_block(blocks, AD_CODEC_DAG_PB, block.data, block.len);
    ad_pb_node_fini(&node);
    ad_buf_fini(&block);
    return cid;
}

static struct ad_pb_link link_to(const char *name, const struct ad_cid *cid, uint64_t tsize)
{
    return (struct ad_pb_link){*cid, ad_str_from(name), true, true, tsize};
}

static void a_written_directory_lists_sorted_with_types_and_sizes(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct ad_block_sink sink = ad_test_sink(&blocks);
    struct listed listed = {0};
    struct ad_cid raw =
        ad_test_cid("bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4");
    struct ad_cid node = ad_test_cid("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn");
    struct ad_dir_entry entries[] = {
        {AD_STR_LIT("z"), raw, 12, 0},
        {AD_STR_LIT("B"), node, 4, 0},
        {AD_STR_LIT("\xc3\xa4"), raw, 12, 0},
    };
    struct ad_cid dir = {0};
    assert_ok(ad_unixfs_directory(NULL, entries, 3, &sink, &dir, NULL, &err));
    assert_ok(list(&blocks, &dir, &listed, &err));
    assert_int_equal(listed.count, 3);
    assert_string_equal(listed.names[0], "B");
    assert_string_equal(listed.names[1], "z");
    assert_string_equal(listed.names[2], "\xc3\xa4");
    assert_int_equal(listed.entries[0].type, AD_UNIXFS_RAW);
    assert_int_equal(listed.entries[1].type, AD_UNIXFS_FILE);
    assert_int_equal(listed.entries[1].tsize, 12);
    assert_cids_equal(&listed.entries[0].cid, &node);
    ad_test_blocks_fini(&blocks);
}

static void of_equal_names_the_first_counts(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct listed listed = {0};
    struct ad_cid leaf = ad_test_cid("bafkqaaa");
    struct ad_pb_link links[] = {link_to("a", &leaf, 1), link_to("b", &leaf, 2),
                                 link_to("a", &leaf, 3)};
    struct ad_cid dir = node_of(&blocks, links, 3, "0801");
    assert_ok(list(&blocks, &dir, &listed, &err));
    assert_int_equal(listed.count, 2);
    assert_int_equal(listed.entries[0].tsize, 1);
    ad_test_blocks_fini(&blocks);
}

static void each_can_end_the_listing(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct listed listed = {.stop_at = 1};
    struct ad_cid leaf = ad_test_cid("bafkqaaa");
    struct ad_pb_link links[] = {link_to("a", &leaf, 1), link_to("b", &leaf, 2)};
    struct ad_cid dir = node_of(&blocks, links, 2, "0801");
    assert_fails(ARTDAG_E_CANCELED, list(&blocks, &dir, &listed, &err));
    assert_int_equal(listed.count, 1);
    ad_test_blocks_fini(&blocks);
}

/* "470.txt" hashes to 006e88df5847e67c (murmur3 x64-128, first half): bucket 00, and in the
 * next shard 6E. */
static void sharded_directories_list_through_their_shards(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct listed listed = {0};
    struct ad_cid leaf = ad_test_cid("bafkqaaa");
    struct ad_pb_link inner_links[] = {link_to("01other", &leaf, 2),
                                       link_to("6E470.txt", &leaf, 1)};
    /* bits 0x01 and 0x6e: 14 bytes once leading zero bytes are cut */
    struct ad_cid inner =
        node_of(&blocks, inner_links, 2, "0805 120e 40000000000000000000 00000002 2822 308002");
    struct ad_pb_link outer_links[] = {link_to("00", &inner, 5), link_to("03third", &leaf, 3)};
    struct ad_cid outer = node_of(&blocks, outer_links, 2, "0805 1201 09 2822 308002");
    assert_ok(list(&blocks, &outer, &listed, &err));
    assert_int_equal(listed.count, 3);
    assert_string_equal(listed.names[0], "other");
    assert_string_equal(listed.names[1], "470.txt");
    assert_string_equal(listed.names[2], "third");
    ad_test_blocks_fini(&blocks);
}

static void malformed_directories_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_cid leaf = ad_test_cid("bafkqaaa");
    struct ad_pb_link link = link_to("00a", &leaf, 1);
    static const struct {
        enum artdag_err code;
        const char *data;
    } bad[] = {
        {ARTDAG_E_INVAL, "0802 1800"},                       /* a file */
        {ARTDAG_E_FORMAT, "08"},                             /* no UnixFS */
        {ARTDAG_E_FORMAT, "0805 1201 01 2822"},              /* no fanout */
        {ARTDAG_E_FORMAT, "0805 1201 01 2822 308080808004"}, /* fanout 2^30 */
        {ARTDAG_E_FORMAT, "0805 1201 01 2822 308010"},       /* fanout 2048 */
        {ARTDAG_E_FORMAT, "0805 1201 01 2822 3064"},         /* fanout 100 */
        {ARTDAG_E_FORMAT, "0805 1201 01 2812 308002"},       /* another hash */
        {ARTDAG_E_FORMAT, "0805 1201 03 2822 308002"},       /* two bits, one link */
        {ARTDAG_E_FORMAT, "0805 1202 0001 2822 3008"},       /* bit field beyond the fanout */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct ad_test_blocks blocks = {0};
        struct listed listed = {0};
        struct ad_cid dir = node_of(&blocks, &link, 1, bad[i].data);
        assert_fails(bad[i].code, list(&blocks, &dir, &listed, &err));
        assert_int_equal(listed.count, 0);
        ad_test_blocks_fini(&blocks);
    }
}

static void shards_with_bad_children_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct listed listed = {0};
    struct ad_cid leaf = ad_test_cid("bafkqaaa");
    struct ad_pb_link short_link = link_to("0", &leaf, 1);
    struct ad_cid dir = node_of(&blocks, &short_link, 1, "0805 1201 01 2822 308002");
    assert_fails(ARTDAG_E_FORMAT, list(&blocks, &dir, &listed, &err));
    struct ad_pb_link to_leaf = link_to("00", &leaf, 1);
    dir = node_of(&blocks, &to_leaf, 1, "0805 1201 01 2822 308002");
    assert_fails(ARTDAG_E_INVAL, list(&blocks, &dir, &listed, &err));
    struct ad_cid plain = node_of(&blocks, NULL, 0, "0801");
    struct ad_pb_link to_plain = link_to("00", &plain, 1);
    dir = node_of(&blocks, &to_plain, 1, "0805 1201 01 2822 308002");
    assert_fails(ARTDAG_E_FORMAT, list(&blocks, &dir, &listed, &err));
    assert_fails(ARTDAG_E_INVAL, list(&blocks, &leaf, &listed, &err));
    ad_test_blocks_fini(&blocks);
}

static void shards_nested_deeper_than_a_hash_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct listed listed = {0};
    struct ad_cid dir = ad_test_cid("bafkqaaa");
    struct ad_pb_link link = link_to("00end", &dir, 1);
    for (int depth = 1; depth <= 10; depth++) {
        dir = node_of(&blocks, &link, 1, "0805 1201 01 2822 308002");
        link = link_to("00", &dir, 1);
        listed.count = 0;
        if (depth <= 9)
            assert_ok(list(&blocks, &dir, &listed, &err));
        else
            assert_fails(ARTDAG_E_FORMAT, list(&blocks, &dir, &listed, &err));
    }
    ad_test_blocks_fini(&blocks);
}

/* Each level names the level below it twice: nine blocks that would list 2^8 times, or with full
 * shards 256^8 times. */
static void shards_that_repeat_a_shard_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct listed listed = {0};
    struct ad_cid dir = ad_test_cid("bafkqaaa");
    struct ad_pb_link end = link_to("00end", &dir, 1);
    dir = node_of(&blocks, &end, 1, "0805 1201 01 2822 308002");
    for (int depth = 0; depth < 8; depth++) {
        struct ad_pb_link twice[] = {link_to("00", &dir, 1), link_to("01", &dir, 1)};
        dir = node_of(&blocks, twice, 2, "0805 1201 03 2822 308002");
    }
    assert_fails(ARTDAG_E_FORMAT, list(&blocks, &dir, &listed, &err));
    assert_err_says("twice");
    assert_int_equal(listed.count, 1);
    ad_test_blocks_fini(&blocks);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_written_directory_lists_sorted_with_types_and_sizes),
    cmocka_unit_test(of_equal_names_the_first_counts),
    cmocka_unit_test(each_can_end_the_listing),
    cmocka_unit_test(sharded_directories_list_through_their_shards),
    cmocka_unit_test(malformed_directories_are_refused),
    cmocka_unit_test(shards_with_bad_children_are_refused),
    cmocka_unit_test(shards_that_repeat_a_shard_are_refused),
    cmocka_unit_test(shards_nested_deeper_than_a_hash_are_refused),
};
AD_TEST_MAIN(tests)
