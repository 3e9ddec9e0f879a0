/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ad_test.h"
#include "ops_test.h"

static void names_and_hex_give_one_form(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"black", "#000000"},
        {"RebeccaPurple", NULL},
        {"Red", "#ff0000"},
        {"grey", "#808080"},
        {"gray", "#808080"},
        {"#ABCDEF", "#abcdef"},
        {"#abcdef80", "#abcdef80"},
        {"#abcdefff", "#abcdef"},
        {"transparent", "#00000000"},
        {"#abc", NULL},
        {"", NULL},
        {"#gggggg", NULL},
        {"0xff0000", NULL},
        {"random", NULL},
        {"black@0.5", NULL},
        {"#1234567", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char out[10] = "";
        assert_int_equal(ad_color_parse(ad_str_from(cases[i][0]), out), cases[i][1] != NULL);
        if (cases[i][1])
            assert_string_equal(out, cases[i][1]);
    }
}

static void the_names_are_sorted_and_all_parse(void **state)
{
    (void)state;
    const char *const *names = ad_color_names();
    for (size_t i = 0; names[i]; i++) {
        char out[10] = "";
        assert_true(ad_color_parse(ad_str_from(names[i]), out));
        assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
    }
}

/* ITU-R BT.709 section 3, in floating point. */
static void codes_equal_the_formula_of_the_standard(void **state)
{
    (void)state;
    ad_test_seed(3);
    for (int i = 0; i < 5000; i++) {
        unsigned r = (unsigned)ad_test_random_below(256);
        unsigned g = (unsigned)ad_test_random_below(256);
        unsigned b = (unsigned)ad_test_random_below(256);
        int depth = i % 2 ? 10 : 8;
        double scale = depth == 10 ? 4 : 1;
        char color[10];
        (void)snprintf(color, sizeof(color), "#%02x%02x%02x", r, g, b);
        double luma = (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
        struct ad_color_yuv c = ad_color_to_yuv(color, depth);
        assert_near((double)c.y, scale * (16 + 219 * luma), 0.5001);
        assert_near((double)c.u, scale * (128 + 224 * (b / 255.0 - luma) / 1.8556), 0.5001);
        assert_near((double)c.v, scale * (128 + 224 * (r / 255.0 - luma) / 1.5748), 0.5001);
        assert_int_equal(c.alpha, 255);
    }
}

static void known_colours_have_their_known_codes(void **state)
{
    (void)state;
    struct ad_color_yuv c = ad_color_to_yuv("#ffffff", 8);
    assert_true(c.y == 235 && c.u == 128 && c.v == 128);
    c = ad_color_to_yuv("#000000", 10);
    assert_true(c.y == 64 && c.u == 512 && c.v == 512);
    c = ad_color_to_yuv("#ff000040", 8);
    assert_true(c.y == 63 && c.u == 102 && c.v == 240 && c.alpha == 64);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(names_and_hex_give_one_form),
    cmocka_unit_test(the_names_are_sorted_and_all_parse),
    cmocka_unit_test(codes_equal_the_formula_of_the_standard),
    cmocka_unit_test(known_colours_have_their_known_codes),
};
AD_TEST_MAIN(tests)
