/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "ad_fault.h"
#include "ipld/ipld.h"

#define FILE_BYTES ((size_t)(1 << 20) * 3 + 12345) /* four leaves below one root */

struct import {
    uint8_t *data;
    unsigned blocks;
    struct ad_cid want;
};

static enum artdag_err count_block(void *payload, const struct ad_cid *cid, const void *data,
                                   size_t len, artdag_error *err)
{
    struct import *import = payload;
    import->blocks++;
    return ad_cid_verify(cid, data, len, err);
}

static enum artdag_err import_bytes(void *payload, artdag_error *err)
{
    struct import *import = payload;
    struct ad_import_params params = {.threads = 1, .sink = {count_block, import}};
    struct ad_cid root = {0};
    import->blocks = 0;
    enum artdag_err rc = ad_unixfs_import_bytes(import->data, FILE_BYTES, &params, &root, err);
    if (rc != ARTDAG_OK) {
        assert_false(ad_cid_is_set(&root));
        return rc;
    }
    assert_int_equal(import->blocks, 5);
    if (ad_cid_is_set(&import->want))
        assert_true(ad_cid_equal(&root, &import->want));
    import->want = root;
    return rc;
}

static void import_without_memory_says_so_and_gives_no_root(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct import import = {.data = malloc(FILE_BYTES)};
    assert_non_null(import.data);
    ad_test_seed(1);
    ad_test_random_bytes(import.data, FILE_BYTES);
    assert_ok(import_bytes(&import, &err));
    ad_fault_each(AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM, import_bytes, NULL, &import);
    free(import.data);
}

static enum artdag_err write_and_read_node(void *payload, artdag_error *err)
{
    struct ad_buf block = AD_BUF_INIT(AD_BLOCK_MAX);
    struct ad_pb_node node = {.data = AD_STR_LIT("\x08\x01"), .has_data = true};
    struct ad_pb_node copy = {0};
    struct ad_cid *cid = payload;
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; i < 20 && rc == ARTDAG_OK; i++) {
        struct ad_pb_link link = {.cid = *cid, .name = AD_STR_LIT("name"), .has_name = true};
        link.tsize = i;
        if (!ad_vec_push(&node.links, link))
            rc = ad_error_nomem(err, "test");
    }
    if (rc == ARTDAG_OK)
        rc = ad_pb_encode(&node, &block, err);
    if (rc == ARTDAG_OK)
        rc = ad_pb_decode(block.data, block.len, &copy, err);
    if (rc == ARTDAG_OK)
        assert_int_equal(copy.links.len, 20);
    ad_pb_node_fini(&copy);
    ad_pb_node_fini(&node);
    ad_buf_fini(&block);
    return rc;
}

static void nodes_without_memory_say_so(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_cid cid;
    assert_ok(ad_cid_of(AD_CODEC_RAW, "x", 1, &cid, &err));
    ad_fault_each(AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM, write_and_read_node, NULL, &cid);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(import_without_memory_says_so_and_gives_no_root),
    cmocka_unit_test(nodes_without_memory_say_so),
};

AD_TEST_MAIN(tests)
