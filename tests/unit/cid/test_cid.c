/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test_cid.h"

#define HELLO "hello world"
#define HELLO_HEX "01551220b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
#define HELLO_TEXT "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
#define HELLO_V0 "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD"
#define EMPTY_DIR_V0 "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn"
#define EMPTY_DIR_V1 "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354"
#define IPNS_NAME "k51qzi5uqu5dj5hc55fi8o8s089mzi3q5e9l8rut0iai7y2lctc7at0gcta5s0"

static void cid_of_hello_world_is_the_known_one(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_cid cid = {0};
    uint8_t bytes[AD_CID_BYTES_MAX];
    assert_false(ad_cid_is_set(&cid));
    assert_ok(ad_cid_of(AD_CODEC_RAW, HELLO, strlen(HELLO), &cid, &err));
    assert_true(ad_cid_is_set(&cid));
    assert_cid_equal(HELLO_TEXT, &cid);
    assert_bytes_hex(bytes, ad_cid_to_bytes(&cid, bytes), HELLO_HEX);
}

static void every_multibase_of_a_cid_parses_to_it(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_cid want = ad_test_cid(HELLO_TEXT);
    static const char *const texts[] = {
        HELLO_TEXT,
        "BAFKREIFZJUT3TE2NHYEKKLSS27NH3K72YSCO7Y32KOAO5EEI66WOF36N5E",
        "zb2rhj7crUKTQYRGCRATFaQ6YFLTde2YzdqbbhAASkL9uRDXn",
        "k2cwued9o1pvrt3q271rrqbo49x30tbxwpoeaq75z14e5ui2rzygpbe1",
        "f" HELLO_HEX,
        "F01551220B94D27B9934D3E08A52E52D7DA7DABFAC484EFE37A5380EE9088F7ACE2EFCDE9",
        "uAVUSILlNJ7mTTT4IpS5S19p9q_rEhO_jelOA7pCI96zi783p",
        "ipfs://" HELLO_TEXT,
        "/ipfs/" HELLO_TEXT,
        "/ipfs/" HELLO_TEXT "/",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct ad_cid cid = {0};
        assert_ok(ad_cid_parse(ad_str_from(texts[i]), &cid, &err));
        assert_cids_equal(&cid, &want);
        assert_true(ad_cid_looks_like(ad_str_from(texts[i])));
    }
}

static void version_0_text_is_base58_without_prefix(void **state)
{
    (void)state;
    struct ad_cid v0 = ad_test_cid(HELLO_V0);
    uint8_t bytes[AD_CID_BYTES_MAX];
    assert_int_equal(v0.version, 0);
    assert_int_equal(v0.codec, AD_CODEC_DAG_PB);
    assert_int_equal(ad_cid_to_bytes(&v0, bytes), 34);
    assert_cid_equal(HELLO_V0, &v0);
    struct ad_cid with_path = ad_test_cid("/ipfs/" HELLO_V0);
    assert_cids_equal(&with_path, &v0);
}

static void versions_of_one_block_are_the_same_block_but_not_equal(void **state)
{
    (void)state;
    struct ad_cid v0 = ad_test_cid(EMPTY_DIR_V0);
    struct ad_cid v1 = ad_test_cid(EMPTY_DIR_V1);
    struct ad_cid other = ad_test_cid(HELLO_TEXT);
    assert_true(ad_cid_same_block(&v0, &v1));
    assert_false(ad_cid_equal(&v0, &v1));
    assert_false(ad_cid_same_block(&v1, &other));
    struct ad_cid made = ad_cid_v1(AD_CODEC_DAG_PB, v0.digest);
    assert_cids_equal(&made, &v1);
}

static void identity_cids_and_ipns_names_round_trip(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_cid empty = ad_test_cid("bafkqaaa");
    assert_int_equal(empty.hash, AD_MULTIHASH_IDENTITY);
    assert_int_equal(empty.digest_len, 0);
    assert_true(ad_cid_is_set(&empty));
    assert_cid_equal("bafkqaaa", &empty);
    assert_ok(ad_cid_verify(&empty, NULL, 0, &err));
    assert_fails(ARTDAG_E_CORRUPT, ad_cid_verify(&empty, "x", 1, &err));

    struct ad_cid name = ad_test_cid(IPNS_NAME);
    struct ad_buf text = AD_BUF_INIT(200);
    uint8_t bytes[AD_CID_BYTES_MAX];
    assert_int_equal(name.codec, AD_CODEC_LIBP2P_KEY);
    assert_int_equal(name.digest_len, 36); /* a protobuf around 32 bytes of Ed25519 key */
    assert_ok(ad_multibase_encode('k', bytes, ad_cid_to_bytes(&name, bytes), &text));
    assert_str_view_equal(ad_buf_as_str(&text), IPNS_NAME);
    ad_buf_fini(&text);
}

static void the_longest_identity_cid_prints_and_parses(void **state)
{
    (void)state;
    char text[AD_CID_TEXT_MAX];
    struct ad_cid cid = {
        .version = 1,
        .codec = UINT32_MAX,
        .hash = AD_MULTIHASH_IDENTITY,
        .digest_len = AD_DIGEST_MAX,
    };
    memset(cid.digest, 0xff, sizeof(cid.digest));
    size_t len = ad_cid_format(&cid, text);
    assert_int_equal(len, strlen(text));
    struct ad_cid back = ad_test_cid(text);
    assert_cids_equal(&back, &cid);
}

static void texts_that_are_no_cid_are_refused_with_the_text_in_the_message(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const char *const bad[] = {
        "",
        "hello.mp4",
        "b",
        "ipfs://",
        "/ipfs/",
        "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyf",   /* one digit short */
        "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD1", /* one more */
        "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLy0D",  /* bad digit */
        "z" HELLO_V0,                                      /* version 0 takes no prefix */
        HELLO_TEXT "a",
        HELLO_TEXT "/x",
        "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5", /* cut */
        "f02551220b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct ad_cid cid = {.version = 9};
        assert_fails(ARTDAG_E_FORMAT, ad_cid_parse(ad_str_from(bad[i]), &cid, &err));
        assert_err_says(bad[i]);
        assert_int_equal(cid.version, 9);
        assert_false(ad_cid_looks_like(ad_str_from(bad[i])));
    }
}

static void bad_binary_cids_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const char *const bad[] = {
        "",
        "01",
        "0155",
        "015512",
        "01551220",
        "01551220b94d", /* digest cut */
        HELLO_HEX "00", /* one byte more */
        "02551220b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
        "8100551220b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde"
        "9", /* overlong */
        "01d5001220b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde"
        "9",                                        /* overlong */
        "01551210b94d27b9934d3e08a52e52d7da7dabfa", /* sha2-256 cut to 16 bytes */
        "0155121f",
        "1220b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcd", /* v0, cut */
        "01ffffffffff7f1220b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ac"
        "e2efcde9",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t data[80];
        struct ad_cid cid = {0};
        size_t len = ad_test_from_hex(bad[i], data, sizeof(data));
        assert_fails(ARTDAG_E_FORMAT, ad_cid_from_bytes(data, len, &cid, &err));
        assert_false(ad_cid_is_set(&cid));
    }
}

static void identity_digest_beyond_128_bytes_is_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_cid cid = {0};
    uint8_t data[200] = {0x01, 0x55, 0x00, 0x81, 0x01}; /* length 129 */
    assert_fails(ARTDAG_E_FORMAT, ad_cid_from_bytes(data, 5 + 129, &cid, &err));
    data[3] = 0x80; /* length 128 */
    assert_ok(ad_cid_from_bytes(data, 5 + 128, &cid, &err));
    assert_int_equal(cid.digest_len, 128);
}

static void read_takes_a_prefix_and_says_its_length(void **state)
{
    (void)state;
    artdag_error err = {0};
    uint8_t data[80];
    struct ad_cid cid = {0};
    size_t used = 0;
    size_t len = ad_test_from_hex(HELLO_HEX "68656c6c6f", data, sizeof(data));
    assert_ok(ad_cid_read(data, len, &cid, &used, &err));
    assert_int_equal(used, 36);
    assert_cid_equal(HELLO_TEXT, &cid);
}

static void verify_tells_matching_from_changed_bytes(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_cid cid = ad_test_cid(HELLO_TEXT);
    assert_ok(ad_cid_verify(&cid, HELLO, strlen(HELLO), &err));
    assert_fails(ARTDAG_E_CORRUPT, ad_cid_verify(&cid, "hello World", strlen(HELLO), &err));
    assert_string_equal(err.cid, HELLO_TEXT);
    assert_fails(ARTDAG_E_CORRUPT, ad_cid_verify(&cid, HELLO, strlen(HELLO) - 1, &err));

    struct ad_cid sha512 =
        ad_test_cid("f01551340ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    assert_ok(ad_cid_verify(&sha512, "abc", 3, &err));
    assert_fails(ARTDAG_E_CORRUPT, ad_cid_verify(&sha512, "abd", 3, &err));
    sha512.hash = 0x1e; /* blake3 */
    assert_fails(ARTDAG_E_UNSUPPORTED, ad_cid_verify(&sha512, "abc", 3, &err));
}

static void random_bytes_never_read_past_their_end(void **state)
{
    (void)state;
    ad_test_seed(3);
    for (int i = 0; i < 20000; i++) {
        uint8_t data[64];
        struct ad_cid cid = {0};
        size_t used = 0;
        size_t len = (size_t)ad_test_random_below(sizeof(data));
        ad_test_random_bytes(data, len);
        if (len > 3 && i % 2)
            memcpy(data, "\x01\x55\x00", 3);
        if (ad_cid_read(data, len, &cid, &used, NULL) == ARTDAG_OK) {
            uint8_t back[AD_CID_BYTES_MAX];
            assert_true(used <= len);
            assert_int_equal(ad_cid_to_bytes(&cid, back), used);
            assert_memory_equal(back, data, used);
        }
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(cid_of_hello_world_is_the_known_one),
    cmocka_unit_test(every_multibase_of_a_cid_parses_to_it),
    cmocka_unit_test(version_0_text_is_base58_without_prefix),
    cmocka_unit_test(versions_of_one_block_are_the_same_block_but_not_equal),
    cmocka_unit_test(identity_cids_and_ipns_names_round_trip),
    cmocka_unit_test(the_longest_identity_cid_prints_and_parses),
    cmocka_unit_test(texts_that_are_no_cid_are_refused_with_the_text_in_the_message),
    cmocka_unit_test(bad_binary_cids_are_refused),
    cmocka_unit_test(identity_digest_beyond_128_bytes_is_refused),
    cmocka_unit_test(read_takes_a_prefix_and_says_its_length),
    cmocka_unit_test(verify_tells_matching_from_changed_bytes),
    cmocka_unit_test(random_bytes_never_read_past_their_end),
};
AD_TEST_MAIN(tests)
