/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ad_test.h"
#include "ad_test_locale.h"
#include "base/str.h"

static void views_compare_by_bytes(void **state)
{
    (void)state;
    assert_true(ad_str_equal(AD_STR_LIT("a\0b"), (struct ad_str){"a\0b", 3}));
    assert_false(ad_str_equal(AD_STR_LIT("a"), AD_STR_LIT("ab")));
    assert_true(ad_str_equal((struct ad_str){NULL, 0}, AD_STR_LIT("")));
    assert_true(ad_str_is(AD_STR_LIT("abc"), "abc"));
    assert_false(ad_str_is(AD_STR_LIT("abc\0"), "abc"));
    assert_true(ad_str_compare(AD_STR_LIT("a"), AD_STR_LIT("ab")) < 0);
    assert_true(ad_str_compare(AD_STR_LIT("b"), AD_STR_LIT("ab")) > 0);
    assert_true(ad_str_compare(AD_STR_LIT("\x7f"), AD_STR_LIT("\x80")) < 0);
    assert_int_equal(ad_str_compare((struct ad_str){NULL, 0}, AD_STR_LIT("")), 0);
    assert_true(ad_str_starts(AD_STR_LIT("abc"), "ab"));
    assert_true(ad_str_starts((struct ad_str){NULL, 0}, ""));
    assert_false(ad_str_starts(AD_STR_LIT("a"), "ab"));
    assert_int_equal(ad_str_from(NULL).len, 0);
}

static void slices_are_clamped(void **state)
{
    (void)state;
    struct ad_str s = AD_STR_LIT("hello");
    assert_str_view_equal(ad_str_slice(s, 1, 3), "el");
    assert_str_view_equal(ad_str_slice(s, 3, 99), "lo");
    assert_str_view_equal(ad_str_slice(s, 99, 100), "");
    assert_str_view_equal(ad_str_slice(s, 4, 2), "");
    assert_int_equal(ad_str_slice((struct ad_str){NULL, 0}, 0, 5).len, 0);
}

/* Table 3-7 of the Unicode standard, its borders from both sides. */
static void utf8_is_judged_as_unicode_says(void **state)
{
    (void)state;
    static const struct {
        struct ad_str text;
        bool valid;
    } cases[] = {
        {{NULL, 0}, true},
        {AD_STR_LIT("plain"), true},
        {AD_STR_LIT("\0"), true},
        {AD_STR_LIT("\xc2\x80"), true},
        {AD_STR_LIT("\xdf\xbf"), true},
        {AD_STR_LIT("\xe0\xa0\x80"), true},
        {AD_STR_LIT("\xed\x9f\xbf"), true},
        {AD_STR_LIT("\xee\x80\x80"), true},
        {AD_STR_LIT("\xef\xbf\xbf"), true},
        {AD_STR_LIT("\xf0\x90\x80\x80"), true},
        {AD_STR_LIT("\xf4\x8f\xbf\xbf"), true},
        {AD_STR_LIT("\x80"), false},             /* lone continuation */
        {AD_STR_LIT("\xc0\x80"), false},         /* overlong NUL */
        {AD_STR_LIT("\xc1\xbf"), false},         /* overlong */
        {AD_STR_LIT("\xe0\x9f\xbf"), false},     /* overlong */
        {AD_STR_LIT("\xed\xa0\x80"), false},     /* surrogate */
        {AD_STR_LIT("\xed\xbf\xbf"), false},     /* surrogate */
        {AD_STR_LIT("\xf0\x8f\xbf\xbf"), false}, /* overlong */
        {AD_STR_LIT("\xf4\x90\x80\x80"), false}, /* above U+10FFFF */
        {AD_STR_LIT("\xf5\x80\x80\x80"), false},
        {AD_STR_LIT("\xff"), false},
        {AD_STR_LIT("\xc2"), false},         /* cut short */
        {AD_STR_LIT("\xe2\x82"), false},     /* cut short */
        {AD_STR_LIT("\xf0\x90\x80"), false}, /* cut short */
        {AD_STR_LIT("\xe2\x28\xa1"), false},
        {AD_STR_LIT("\xf0\x90\x28\xbc"), false},
        {AD_STR_LIT("ok\xc3"), false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (ad_str_is_utf8(cases[i].text) != cases[i].valid) {
            fail_msg("case %zu", i);
        }
    }
}

static void integers_parse_whole_or_not_at_all(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"007", 7},
        {"9223372036854775807", INT64_MAX},
        {"-1", -1},
        {"42", 42},
        {"-9223372036854775808", INT64_MIN},
    };
    static const char *const bad[] = {
        "",
        "-",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "1e3",
        "0x10",
        "--1",
        "1_",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999",
        "\xd9\xa1",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        int64_t n = 99;
        assert_true(ad_str_to_i64(ad_str_from(good[i].text), &n));
        assert_true(n == good[i].value);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t n = 99;
        assert_false(ad_str_to_i64(ad_str_from(bad[i]), &n));
        assert_int_equal(n, 99);
    }
    uint64_t u = 0;
    assert_true(ad_str_to_u64(AD_STR_LIT("18446744073709551615"), &u));
    assert_true(u == UINT64_MAX);
    assert_false(ad_str_to_u64(AD_STR_LIT("18446744073709551616"), &u));
    assert_false(ad_str_to_u64(AD_STR_LIT("-1"), &u));
    assert_false(ad_str_to_u64(AD_STR_LIT("1\0"), &u));
}

static void check_doubles(void)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {
        {"0", 0},
        {"1.5", 1.5},
        {"-2.25e2", -225},
        {"1e-3", 0.001},
        {".5", 0.5},
        {"5.", 5},
        {"1E+2", 100},
        {"1e-400", 0},
        {"0.1", 0.1},
        {"1234.5", 1234.5},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"5e-324", 5e-324},
    };
    static const char *const bad[] = {
        "",     ".",     "-",      "-.",    "e5",    "1e",       "1e+", "+1",
        " 1",   "1 ",    "1,5",    "inf",   "nan",   "Infinity", "NAN", "0x1p3",
        "0x10", "1e400", "-1e400", "1.5.2", "1_000", "1.000,5",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        double d = 99;
        if (!ad_str_to_double(ad_str_from(good[i].text), &d)) {
            fail_msg("'%s' is refused", good[i].text);
        }
        assert_true(d == good[i].value);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        double d = 99;
        if (ad_str_to_double(ad_str_from(bad[i]), &d)) {
            fail_msg("'%s' is accepted", bad[i]);
        }
        assert_true(d == 99);
    }
}

static void doubles_parse_whole_or_not_at_all(void **state)
{
    (void)state;
    check_doubles();
    char text[2000];
    double d = 0;
    memset(text, '1', sizeof(text));
    assert_false(ad_str_to_double((struct ad_str){text, 1001}, &d));
    text[1] = '.';
    assert_true(ad_str_to_double((struct ad_str){text, 1000}, &d));
    assert_near(d, 1.1111111111111112, 0);
}

/* RFC 8785, appendix B. */
static const struct {
    uint64_t bits;
    const char *text;
} rfc8785[] = {
    {0x0000000000000000, "0"},
    {0x8000000000000000, "0"},
    {0x0000000000000001, "5e-324"},
    {0x8000000000000001, "-5e-324"},
    {0x7fefffffffffffff, "1.7976931348623157e+308"},
    {0xffefffffffffffff, "-1.7976931348623157e+308"},
    {0x4340000000000000, "9007199254740992"},
    {0xc340000000000000, "-9007199254740992"},
    {0x4430000000000000, "295147905179352830000"},
    {0x44b52d02c7e14af5, "9.999999999999997e+22"},
    {0x44b52d02c7e14af6, "1e+23"},
    {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
    {0x444b1ae4d6e2ef4e, "999999999999999700000"},
    {0x444b1ae4d6e2ef4f, "999999999999999900000"},
    {0x444b1ae4d6e2ef50, "1e+21"},
    {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
    {0x3eb0c6f7a0b5ed8d, "0.000001"},
    {0x41b3de4355555553, "333333333.3333332"},
    {0x41b3de4355555554, "333333333.33333325"},
    {0x41b3de4355555555, "333333333.3333333"},
    {0x41b3de4355555556, "333333333.3333334"},
    {0x41b3de4355555557, "333333333.33333343"},
    {0xbecbf647612f3696, "-0.0000033333333333333333"},
    {0x43143ff3c1cb0959, "1424953923781206.2"},
};

static double from_bits(uint64_t bits)
{
    double d = 0;
    memcpy(&d, &bits, sizeof(d));
    return d;
}

static void check_rfc8785(void)
{
    for (size_t i = 0; i < sizeof(rfc8785) / sizeof(rfc8785[0]); i++) {
        char out[32];
        assert_int_equal(ad_double_format(from_bits(rfc8785[i].bits), out),
                         strlen(rfc8785[i].text));
        assert_string_equal(out, rfc8785[i].text);
    }
}

static void doubles_print_as_rfc_8785_says(void **state)
{
    (void)state;
    check_rfc8785();
}

/* Powers of two, where doubles lie closer below than above: ECMAScript wants the fewest digits.
 * Values as printed by JavaScript engines. */
static void powers_of_two_print_with_the_fewest_digits(void **state)
{
    (void)state;
    static const struct {
        int exponent;
        const char *text;
    } cases[] = {
        {-44, "5.684341886080802e-14"},
        {-24, "5.960464477539063e-8"},
        {-1, "0.5"},
        {-1022, "2.2250738585072014e-308"},
        {-1074, "5e-324"},
        {89, "6.189700196426902e+26"},
        {1023, "8.98846567431158e+307"},
        {70, "1.1805916207174113e+21"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[32];
        (void)ad_double_format(ldexp(1, cases[i].exponent), out);
        assert_string_equal(out, cases[i].text);
    }
}

static size_t significant_digits(const char *text)
{
    char digits[32];
    size_t n = 0;
    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text >= '0' && *text <= '9' && (n > 0 || *text != '0')) {
            digits[n++] = *text;
        }
    }
    while (n > 0 && digits[n - 1] == '0') {
        n--;
    }
    return n;
}

static void printed_doubles_read_back_and_are_never_longer_than_printf(void **state)
{
    (void)state;
    ad_test_seed(2);
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = ad_test_random();
        if (i % 3 == 1) {
            bits &= 0xfff0000000000000; /* powers of two and the infinities */
        } else if (i % 3 == 2) {
            bits &= 0x800fffffffffffff; /* subnormals */
        }
        double d = from_bits(bits);
        if (!isfinite(d) || d == 0) {
            continue;
        }
        char out[32];
        char other[40];
        double back = 0;
        (void)ad_double_format(d, out);
        assert_true(ad_str_to_double(ad_str_from(out), &back));
        assert_true(back == d);
        int precision = 1;
        do {
            (void)snprintf(other, sizeof(other), "%.*e", precision - 1, d);
        } while (strtod(other, NULL) != d && ++precision < 17);
        assert_true(significant_digits(out) <= (size_t)precision);
    }
}

static void numbers_ignore_a_comma_locale(void **state)
{
    ad_test_comma_locale(*state);
    check_doubles();
    check_rfc8785();
    (void)setlocale(LC_ALL, "C");
}

static void nearest_name_is_found_for_slips_only(void **state)
{
    (void)state;
    static const char *const names[] = {"SOURCE",    "SEGMENT",  "RESIZE",
                                        "TRANSFORM", "SEQUENCE", "saturation",
                                        "start",     "end",      NULL};
    static const struct {
        const char *name;
        const char *nearest;
    } cases[] = {
        {"SEGMNT", "SEGMENT"},
        {"segment", "SEGMENT"},
        {"SEGEMNT", "SEGMENT"},
        {"saturasion", "saturation"},
        {"strat", "start"},
        {"ned", "end"},
        {"SEQENCE", "SEQUENCE"},
        {"blur", NULL},
        {"", NULL},
        {"x", NULL},
        {"stop", NULL},
        {"enter", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *found = ad_str_nearest(ad_str_from(cases[i].name), names);
        if (cases[i].nearest == NULL) {
            assert_null(found);
        } else {
            assert_non_null(found);
            assert_string_equal(found, cases[i].nearest);
        }
    }
    static const char *const none[] = {NULL};
    assert_null(ad_str_nearest(AD_STR_LIT("a"), none));
    char long_name[300];
    memset(long_name, 'a', sizeof(long_name));
    assert_null(ad_str_nearest((struct ad_str){long_name, sizeof(long_name)}, names));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(views_compare_by_bytes),
    cmocka_unit_test(slices_are_clamped),
    cmocka_unit_test(utf8_is_judged_as_unicode_says),
    cmocka_unit_test(integers_parse_whole_or_not_at_all),
    cmocka_unit_test(doubles_parse_whole_or_not_at_all),
    cmocka_unit_test(doubles_print_as_rfc_8785_says),
    cmocka_unit_test(powers_of_two_print_with_the_fewest_digits),
    cmocka_unit_test(printed_doubles_read_back_and_are_never_longer_than_printf),
    ad_test_in_dir(numbers_ignore_a_comma_locale),
    cmocka_unit_test(nearest_name_is_found_for_slips_only),
};
AD_TEST_MAIN(tests)
