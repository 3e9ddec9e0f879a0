/* SPDX-License-Identifier: MIT */
#include "content.h"

struct visited {
    struct ad_cid cids[512];
    bool loaded[512];
    size_t count;
    size_t stop_at;
};

static enum artdag_err note(void *payload, const struct ad_cid *cid, const void *data,
                            size_t len, artdag_error *err)
{
    struct visited *visited = payload;
    if (visited->stop_at && visited->count == visited->stop_at)
        return ad_error_set(err, ARTDAG_E_CANCELED, "test", "enough");
    assert_true(visited->count < 512);
    visited->loaded[visited->count] = data != NULL;
    visited->cids[visited->count++] = *cid;
    return data ? ad_cid_verify(cid, data, len, err) : ARTDAG_OK;
}

static enum artdag_err walk(struct ad_test_blocks *blocks, const struct ad_cid *root,
                            bool leaves, struct visited *visited, artdag_error *err)
{
    struct ad_block_source source = ad_test_block_source(blocks);
    visited->count = 0;
    return ad_dag_walk(&source, root, leaves, note, visited, err);
}

static struct ad_cid node_of(struct ad_test_blocks *blocks, const struct ad_cid *children,
                             size_t count)
{
    artdag_error err = {0};
    struct ad_pb_node node = {0};
    struct ad_buf block = AD_BUF_INIT(AD_BLOCK_MAX);
    for (size_t i = 0; i < count; i++)
        assert_true(ad_vec_push(&node.links, (struct ad_pb_link){.cid = children[i]}));
    assert_ok(ad_pb_encode(&node, &block, &err));
    struct ad_cid cid = ad_test_add_block(blocks, AD_CODEC_DAG_PB,
                                          block.data ? block.data : (void *)"", block.len);
    ad_pb_node_fini(&node);
    ad_buf_fini(&block);
    return cid;
}

static void parents_come_first_depth_first_in_link_order_each_once(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct visited visited = {0};
    struct ad_cid a = ad_test_add_block(&blocks, AD_CODEC_RAW, "a", 1);
    struct ad_cid b = ad_test_add_block(&blocks, AD_CODEC_RAW, "b", 1);
    struct ad_cid left = node_of(&blocks, (struct ad_cid[]){b, a}, 2);
    struct ad_cid left_v0 = left;
    left_v0.version = 0;
    struct ad_cid root = node_of(&blocks, (struct ad_cid[]){left, a, left_v0, b}, 4);
    assert_ok(walk(&blocks, &root, true, &visited, &err));
    assert_int_equal(visited.count, 4);
    assert_cids_equal(&visited.cids[0], &root);
    assert_cids_equal(&visited.cids[1], &left);
    assert_cids_equal(&visited.cids[2], &b);
    assert_cids_equal(&visited.cids[3], &a);
    visited.stop_at = 2;
    assert_fails(ARTDAG_E_CANCELED, walk(&blocks, &root, true, &visited, &err));
    assert_int_equal(visited.count, 2);
    ad_test_blocks_fini(&blocks);
}

static void without_leaves_raw_blocks_are_named_but_not_loaded(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct visited visited = {0};
    struct ad_cid absent =
        ad_test_cid("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
    struct ad_cid root = node_of(&blocks, &absent, 1);
    assert_ok(walk(&blocks, &root, false, &visited, &err));
    assert_int_equal(visited.count, 2);
    assert_true(visited.loaded[0]);
    assert_false(visited.loaded[1]);
    assert_int_equal(blocks.gets, 1);
    assert_fails(ARTDAG_E_NOTFOUND, walk(&blocks, &root, true, &visited, &err));
    ad_test_blocks_fini(&blocks);
}

static void a_file_of_equal_chunks_has_few_blocks(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct visited visited = {0};
    struct ad_unixfs_profile profile = {1, true, 10, 4, false};
    struct ad_import_params params = {.profile = &profile, .sink = ad_test_sink(&blocks)};
    struct ad_cid root = {0};
    uint8_t zeros[640] = {0};
    assert_ok(ad_unixfs_import_bytes(zeros, sizeof(zeros), &params, &root, &err));
    assert_ok(walk(&blocks, &root, true, &visited, &err));
    assert_int_equal(visited.count, 4); /* three levels of nodes, one leaf */
    ad_test_blocks_fini(&blocks);
}

static void identity_cids_are_no_blocks_but_their_links_count(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct visited visited = {0};
    struct ad_cid leaf = ad_test_add_block(&blocks, AD_CODEC_RAW, "leaf", 4);
    struct ad_cid inner = node_of(&blocks, &leaf, 1);
    struct ad_cid inlined = {.version = 1, .codec = AD_CODEC_DAG_PB};
    inlined.digest_len = (uint8_t)blocks.list.items[1].len;
    memcpy(inlined.digest, blocks.list.items[1].data, blocks.list.items[1].len);
    struct ad_cid empty = ad_test_cid("bafkqaaa");
    struct ad_cid root = node_of(&blocks, (struct ad_cid[]){empty, inlined}, 2);
    assert_ok(walk(&blocks, &root, true, &visited, &err));
    assert_int_equal(visited.count, 2);
    assert_cids_equal(&visited.cids[0], &root);
    assert_cids_equal(&visited.cids[1], &leaf);
    (void)inner;
    ad_test_blocks_fini(&blocks);
}

static void what_cannot_be_walked_says_so(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct visited visited = {0};
    struct ad_cid cbor = ad_test_add_block(&blocks, AD_CODEC_DAG_CBOR, "\xa0", 1);
    struct ad_cid broken = ad_test_add_block(&blocks, AD_CODEC_DAG_PB, "\xff", 1);
    struct ad_cid to_cbor = node_of(&blocks, &cbor, 1);
    assert_fails(ARTDAG_E_UNSUPPORTED, walk(&blocks, &cbor, true, &visited, &err));
    assert_int_equal(visited.count, 0);
    assert_fails(ARTDAG_E_UNSUPPORTED, walk(&blocks, &to_cbor, true, &visited, &err));
    assert_fails(ARTDAG_E_FORMAT, walk(&blocks, &broken, true, &visited, &err));
    assert_err_says("bafybei");
    ad_test_blocks_fini(&blocks);
}

static void chains_deeper_than_the_limit_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct visited visited = {0};
    struct ad_cid top = ad_test_add_block(&blocks, AD_CODEC_RAW, "bottom", 6);
    for (int i = 0; i < 256; i++)
        top = node_of(&blocks, &top, 1);
    assert_ok(walk(&blocks, &top, true, &visited, &err));
    assert_int_equal(visited.count, 257);
    top = node_of(&blocks, &top, 1);
    assert_fails(ARTDAG_E_LIMIT, walk(&blocks, &top, true, &visited, &err));
    ad_test_blocks_fini(&blocks);
}

/* Only a lying source can close a circle. */
static enum artdag_err link_to_itself(void *payload, const struct ad_cid *cid,
                                      struct ad_buf *buf, artdag_error *err)
{
    struct ad_pb_node node = {0};
    (void)payload;
    ad_buf_clear(buf);
    assert_true(ad_vec_push(&node.links, (struct ad_pb_link){.cid = *cid}));
    enum artdag_err rc = ad_pb_encode(&node, buf, err);
    ad_pb_node_fini(&node);
    return rc;
}

static enum artdag_err count_one(void *payload, const struct ad_cid *cid, const void *data,
                                 size_t len, artdag_error *err)
{
    (void)cid, (void)data, (void)len, (void)err;
    ++*(size_t *)payload;
    return ARTDAG_OK;
}

static void a_circle_ends_the_walk(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_block_source source = {link_to_itself, NULL};
    struct ad_cid root =
        ad_test_cid("bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354");
    size_t count = 0;
    assert_ok(ad_dag_walk(&source, &root, true, count_one, &count, &err));
    assert_int_equal(count, 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(parents_come_first_depth_first_in_link_order_each_once),
    cmocka_unit_test(without_leaves_raw_blocks_are_named_but_not_loaded),
    cmocka_unit_test(a_file_of_equal_chunks_has_few_blocks),
    cmocka_unit_test(identity_cids_are_no_blocks_but_their_links_count),
    cmocka_unit_test(what_cannot_be_walked_says_so),
    cmocka_unit_test(chains_deeper_than_the_limit_are_refused),
    cmocka_unit_test(a_circle_ends_the_walk),
};
AD_TEST_MAIN(tests)
