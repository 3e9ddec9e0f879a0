/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "cid/cid.h"

/* The multibase specification's test inputs. */
static const struct {
    const char *hex;
    const char *text[5];
} vectors[] = {
    {"796573206d616e692021",
     {"f796573206d616e692021", "bpfsxgidnmfxgsibb", "k2lcpzo5yikidynfl", "z7paNL19xttacUY",
      "ueWVzIG1hbmkgIQ"}},
    {"00796573206d616e692021",
     {"f00796573206d616e692021", "bab4wk4zanvqw42jaee", "k02lcpzo5yikidynfl",
      "z17paNL19xttacUY", "uAHllcyBtYW5pICE"}},
    {"0000796573206d616e692021",
     {"f0000796573206d616e692021", "baaahszltebwwc3tjeaqq", "k002lcpzo5yikidynfl",
      "z117paNL19xttacUY", "uAAB5ZXMgbWFuaSAh"}},
    {"", {"f", "b", "k", "z", "u"}},
    {"00", {"f00", "baa", "k0", "z1", "uAA"}},
};

static void multibase_matches_the_specification_both_ways(void **state)
{
    (void)state;
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        uint8_t data[32];
        size_t len = ad_test_from_hex(vectors[i].hex, data, sizeof(data));
        for (int k = 0; k < 5; k++) {
            const char *text = vectors[i].text[k];
            struct ad_buf buf = AD_BUF_INIT(200);
            assert_ok(ad_multibase_encode(text[0], data, len, &buf));
            assert_str_view_equal(ad_buf_as_str(&buf), text);
            ad_buf_clear(&buf);
            assert_ok(ad_multibase_decode(ad_str_from(text), &buf, &err));
            assert_bytes_hex(buf.data, buf.len, vectors[i].hex);
            ad_buf_fini(&buf);
        }
    }
}

static void random_bytes_survive_every_base(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const char prefixes[] = {'b', 'B', 'k', 'K', 'z', 'f', 'F', 'u'};
    ad_test_seed(2);
    for (int i = 0; i < 800; i++) {
        uint8_t data[150];
        size_t len = (size_t)ad_test_random_below(sizeof(data));
        struct ad_buf text = AD_BUF_INIT(1000);
        struct ad_buf back = AD_BUF_INIT(1000);
        ad_test_random_bytes(data, len);
        memset(data, 0, (size_t)ad_test_random_below(len + 1) / 8);
        assert_ok(ad_multibase_encode(prefixes[i % 8], data, len, &text));
        assert_ok(ad_multibase_decode(ad_buf_as_str(&text), &back, &err));
        assert_int_equal(back.len, len);
        if (len)
            assert_memory_equal(back.data, data, len);
        ad_buf_fini(&text);
        ad_buf_fini(&back);
    }
}

static void bad_multibase_text_is_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const char *const bad[] = {
        "",          /* no prefix */
        "xabc",      /* unknown prefix */
        "bpfsx1",    /* 1 is no base32 digit */
        "bPFSX",     /* upper case under the lower-case prefix */
        "ba",        /* a single digit is no byte */
        "bab",       /* left-over bits are not zero */
        "bpfsxg===", /* padding */
        "f123",      /* half a byte */
        "fAB",       /* upper case */
        "z0",        /* 0 is no base58 digit */
        "zl",        /* l neither */
        "k_",        /* punctuation */
        "uA",        /* six bits */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct ad_buf buf = AD_BUF_INIT(100);
        assert_fails(ARTDAG_E_FORMAT, ad_multibase_decode(ad_str_from(bad[i]), &buf, &err));
        ad_buf_fini(&buf);
    }
}

static void long_big_number_text_is_refused_not_computed(void **state)
{
    (void)state;
    artdag_error err = {0};
    static char text[100001];
    struct ad_buf buf = AD_BUF_INIT(200000);
    memset(text, 'z', sizeof(text) - 1);
    assert_fails(ARTDAG_E_FORMAT, ad_multibase_decode(ad_str_from(text), &buf, &err));
    assert_int_equal(ad_multibase_encode('k', (const uint8_t *)text, 5000, &buf),
                     ARTDAG_E_LIMIT);
    assert_int_equal(ad_multibase_encode('?', (const uint8_t *)text, 5, &buf), ARTDAG_E_INVAL);
    ad_buf_fini(&buf);
}

static void hex_of_an_id_parses_exactly_its_length(void **state)
{
    (void)state;
    uint8_t id[3] = {0x00, 0xab, 0xff};
    uint8_t back[3] = {1, 2, 3};
    char text[7];
    ad_hex_format(id, 3, text);
    assert_string_equal(text, "00abff");
    assert_true(ad_hex_parse(AD_STR_LIT("00ABff"), back, 3));
    assert_memory_equal(back, id, 3);
    assert_false(ad_hex_parse(AD_STR_LIT("00abf"), back, 3));
    assert_false(ad_hex_parse(AD_STR_LIT("00abff0"), back, 3));
    assert_false(ad_hex_parse(AD_STR_LIT("00abfg"), back, 3));
    assert_memory_equal(back, id, 3);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(multibase_matches_the_specification_both_ways),
    cmocka_unit_test(random_bytes_survive_every_base),
    cmocka_unit_test(bad_multibase_text_is_refused),
    cmocka_unit_test(long_big_number_text_is_refused_not_computed),
    cmocka_unit_test(hex_of_an_id_parses_exactly_its_length),
};
AD_TEST_MAIN(tests)
