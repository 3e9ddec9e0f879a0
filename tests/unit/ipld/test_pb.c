/* SPDX-License-Identifier: MIT */
#include "content.h"

static void codec_fixture(char *fields[TABLE_FIELDS], void *payload)
{
    artdag_error err = {0};
    uint8_t block[1024];
    struct ad_pb_node node = {0};
    size_t *good = payload;
    size_t len = strcmp(fields[1], "-") ? ad_test_from_hex(fields[1], block, sizeof(block)) : 0;
    if (strcmp(fields[0], "invalid") == 0) {
        assert_fails(ARTDAG_E_FORMAT, ad_pb_decode(block, len, &node, &err));
        return;
    }
    struct ad_cid cid = ad_test_cid(fields[0]);
    struct ad_buf back = AD_BUF_INIT(1024);
    assert_ok(ad_cid_verify(&cid, block, len, &err));
    assert_ok(ad_pb_decode(block, len, &node, &err));
    assert_ok(ad_pb_encode(&node, &back, &err));
    assert_ok(ad_cid_verify(&cid, back.data, back.len, &err));
    ad_buf_fini(&back);
    ad_pb_node_fini(&node);
    (*good)++;
}

static void codec_fixtures_decode_and_encode_to_their_cid_or_are_refused(void **state)
{
    (void)state;
    size_t good = 0;
    assert_int_equal(each_row("tests/golden/dag-pb.tsv", codec_fixture, &good), 26);
    assert_int_equal(good, 17);
}

#define CID_A "01550000" /* the empty identity CID */
#define LINK_A "12060a04" CID_A

static void fields_are_read(void **state)
{
    (void)state;
    artdag_error err = {0};
    uint8_t block[64];
    struct ad_pb_node node = {0};
    size_t len = ad_test_from_hex("120c0a04" CID_A "12026162 1805" LINK_A "0a020801", block,
                                  sizeof(block));
    assert_ok(ad_pb_decode(block, len, &node, &err));
    assert_int_equal(node.links.len, 2);
    assert_str_view_equal(node.links.items[0].name, "ab");
    assert_true(node.links.items[0].has_name && node.links.items[0].has_tsize);
    assert_int_equal(node.links.items[0].tsize, 5);
    assert_cid_equal("bafkqaaa", &node.links.items[0].cid);
    assert_false(node.links.items[1].has_name || node.links.items[1].has_tsize);
    assert_true(node.has_data);
    assert_bytes_hex(node.data.ptr, node.data.len, "0801");
    ad_pb_node_fini(&node);
    ad_pb_node_fini(&node);
    ad_pb_node_fini(NULL);
}

static void anything_but_the_one_encoding_is_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const char *const bad[] = {
        "0a020801" LINK_A,             /* data before links */
        "0a020801 0a020801",           /* data twice */
        "1a00",                        /* unknown field */
        "0a",                          /* no length */
        "0a0208",                      /* cut */
        "0a820008 01",                 /* length is not minimal */
        "0affffffffffffffffff01",      /* ten-byte length */
        "1201 0a",                     /* link cut */
        "12080a04" CID_A "1800 00",    /* something behind the link's fields */
        "12080a04" CID_A "180018",     /* link longer than the block */
        "12080a04" CID_A "1200 1800",  /* field outside its link */
        "120a0a04" CID_A "18001200",   /* size before name */
        "120a0a04" CID_A "12001200",   /* name twice */
        "120a0a04" CID_A "18001800",   /* size twice */
        "120c0a04" CID_A "0a04" CID_A, /* hash twice */
        "12080a04" CID_A "1880",       /* cut varint */
        "12090a04" CID_A "188000",     /* size is not minimal */
        "12080a04" CID_A "1000",       /* unknown field in a link */
        "12070a05" CID_A "00",         /* a byte behind the CID */
        "12050a030255 00",             /* no CID */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t block[64];
        struct ad_pb_node node = {0};
        size_t len = ad_test_from_hex(bad[i], block, sizeof(block));
        if (ad_pb_decode(block, len, &node, &err) == ARTDAG_OK)
            fail_msg("%s was accepted", bad[i]);
        assert_fails(ARTDAG_E_FORMAT, ad_pb_decode(block, len, &node, &err));
        assert_int_equal(node.links.len, 0);
    }
}

static void whatever_decodes_encodes_to_the_same_bytes(void **state)
{
    (void)state;
    artdag_error err = {0};
    size_t accepted = 0;
    ad_test_seed(11);
    for (int i = 0; i < 20000; i++) {
        static const char seed_hex[] =
            "120c0a04" CID_A "12026162 1805" LINK_A "12080a04" CID_A "1200 0a020801";
        uint8_t block[64];
        struct ad_pb_node node = {0};
        struct ad_buf back = AD_BUF_INIT(1000);
        size_t len = ad_test_from_hex(seed_hex, block, sizeof(block));
        for (uint64_t n = ad_test_random_below(3); n > 0; n--)
            block[ad_test_random_below(len)] = (uint8_t)ad_test_random();
        if (ad_pb_decode(block, len, &node, &err) == ARTDAG_OK) {
            accepted++;
            assert_ok(ad_pb_encode(&node, &back, &err));
            assert_int_equal(back.len, len);
            assert_memory_equal(back.data, block, len);
        }
        ad_pb_node_fini(&node);
        ad_buf_fini(&back);
    }
    assert_true(accepted > 5000);
}

static void node_beyond_the_buffer_is_a_limit(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_pb_node node = {.data = AD_STR_LIT("0123456789"), .has_data = true};
    struct ad_buf buf = AD_BUF_INIT(8);
    assert_fails(ARTDAG_E_LIMIT, ad_pb_encode(&node, &buf, &err));
    ad_buf_fini(&buf);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(codec_fixtures_decode_and_encode_to_their_cid_or_are_refused),
    cmocka_unit_test(fields_are_read),
    cmocka_unit_test(anything_but_the_one_encoding_is_refused),
    cmocka_unit_test(whatever_decodes_encodes_to_the_same_bytes),
    cmocka_unit_test(node_beyond_the_buffer_is_a_limit),
};
AD_TEST_MAIN(tests)
