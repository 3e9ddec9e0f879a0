/* SPDX-License-Identifier: MIT */
#include "ad_test.h"
#include "cid/cid.h"

/* The examples of the unsigned-varint specification, and its largest number. */
static const struct {
    uint64_t n;
    const char *hex;
} vectors[] = {
    {0, "00"},     {1, "01"},     {127, "7f"},       {128, "8001"},
    {255, "ff01"}, {300, "ac02"}, {16384, "808001"}, {INT64_MAX, "ffffffffffffffff7f"},
};

static void varints_of_the_specification_are_written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        uint8_t out[10];
        uint64_t back = 0;
        size_t len = ad_varint_encode(vectors[i].n, out);
        assert_bytes_hex(out, len, vectors[i].hex);
        assert_int_equal(ad_varint_decode(out, len, &back), len);
        assert_true(back == vectors[i].n);
    }
}

static void bad_varints_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",                     /* nothing */
        "80",                   /* truncated */
        "ffffffffffffffff",     /* truncated late */
        "8000",                 /* overlong zero */
        "8100",                 /* overlong one */
        "ff8000",               /* overlong 127 */
        "80808080808080808001", /* ten bytes: 2^63 */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint8_t data[16];
        uint64_t n = 77;
        size_t len = ad_test_from_hex(bad[i], data, sizeof(data));
        assert_int_equal(ad_varint_decode(data, len, &n), 0);
        assert_int_equal(n, 77);
    }
}

static void random_varints_read_back_whatever_follows(void **state)
{
    (void)state;
    ad_test_seed(1);
    for (int i = 0; i < 2000; i++) {
        uint8_t out[20];
        uint64_t back = 0;
        uint64_t n = ad_test_random() >> (1 + ad_test_random_below(63));
        ad_test_random_bytes(out, sizeof(out));
        size_t len = ad_varint_encode(n, out);
        assert_int_equal(ad_varint_decode(out, sizeof(out), &back), len);
        assert_true(back == n);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(varints_of_the_specification_are_written_and_read),
    cmocka_unit_test(bad_varints_are_refused),
    cmocka_unit_test(random_varints_read_back_whatever_follows),
};
AD_TEST_MAIN(tests)
