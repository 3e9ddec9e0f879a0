/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "recipe_test.h"

#define FILM(format) "format: " format "\n" RECIPE(SOURCE_NODE OUT_NODE)

static void every_key_of_the_format_is_read(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_ok(parse(FILM("{width: 640, height: 360, fps: 25, pixel_format: yuv444p, "
                         "sample_rate: 44100, channels: 1}"),
                    &r, &err));
    assert_int_equal(r->format.width, 640);
    assert_int_equal(r->format.height, 360);
    assert_int_equal(r->format.fps_num, 25);
    assert_int_equal(r->format.fps_den, 1);
    assert_string_equal(r->format.pixel_format, "yuv444p");
    assert_int_equal(r->format.sample_rate, 44100);
    assert_int_equal(r->format.channels, 1);
    ad_recipe_destroy(r);
}

static void left_out_keys_stay_open(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_ok(parse(RECIPE(SOURCE_NODE OUT_NODE), &r, &err));
    assert_int_equal(r->format.width, 0);
    assert_int_equal(r->format.fps_num, 0);
    assert_null(r->format.pixel_format);
    ad_recipe_destroy(r);
}

/* The fractions are those of the standards (SMPTE 24/1.001 ...). */
static void frame_rates_are_exact_fractions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int num, den;
    } cases[] = {
        {"24", 24, 1},
        {"\"24\"", 24, 1},
        {"\"30000/1001\"", 30000, 1001},
        {"23.976", 24000, 1001},
        {"23.98", 24000, 1001},
        {"\"29.97\"", 30000, 1001},
        {"59.94", 60000, 1001},
        {"47.952", 48000, 1001},
        {"119.88", 120000, 1001},
        {"14.985", 15000, 1001},
        {"12.5", 25, 2},
        {"25.0", 25, 1},
        {"24.0", 24, 1},
        {"30.00", 30, 1},
        {"\"50/2\"", 25, 1},
        {"0.5", 1, 2},
        {"\"60000/1001\"", 60000, 1001},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ad_recipe *r = NULL;
        char text[400];
        snprintf(text, sizeof(text), FILM("{fps: %s}"), cases[i].text);
        assert_ok(parse(text, &r, &err));
        assert_int_equal(r->format.fps_num, cases[i].num);
        assert_int_equal(r->format.fps_den, cases[i].den);
        ad_recipe_destroy(r);
    }
}

static void impossible_formats_are_refused_at_the_value(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        {FILM("[]"), ARTDAG_E_FORMAT, 1, "[]", NULL, "format is a map", NULL},
        {FILM("{widht: 640}"), ARTDAG_E_FORMAT, 1, "widht: 640}", NULL, "unknown key \"widht\"",
         "width"},
        {FILM("{width: 640}"), ARTDAG_E_FORMAT, 1, "{width: 640}", NULL,
         "a width and no height", NULL},
        {FILM("{height: 640}"), ARTDAG_E_FORMAT, 1, "{height: 640}", NULL,
         "a height and no width", NULL},
        {FILM("{width: 641, height: 2}"), ARTDAG_E_FORMAT, 1, "641, height: 2", NULL, "641",
         "even"},
        {FILM("{width: 2, height: 0}"), ARTDAG_E_FORMAT, 1, "0}", NULL, "height", NULL},
        {FILM("{width: wide, height: 2}"), ARTDAG_E_FORMAT, 1, "wide, height: ", NULL,
         "whole number", NULL},
        {FILM("{fps: 0}"), ARTDAG_E_FORMAT, 1, "0}", NULL, "fps cannot be \"0\"", NULL},
        {FILM("{fps: -24}"), ARTDAG_E_FORMAT, 1, "-24}", NULL, "fps cannot be", NULL},
        {FILM("{fps: fast}"), ARTDAG_E_FORMAT, 1, "fast}", NULL, "fps cannot be \"fast\"",
         NULL},
        {FILM("{fps: \"1/0\"}"), ARTDAG_E_FORMAT, 1, "\"1/0\"}", NULL, "fps cannot be", NULL},
        {FILM("{fps: 1000000}"), ARTDAG_E_FORMAT, 1, "1000000}", NULL, "frame rate", NULL},
        {FILM("{fps: [24]}"), ARTDAG_E_FORMAT, 1, "[24]}", NULL, "fps", NULL},
        {FILM("{pixel_format: yuv420}"), ARTDAG_E_FORMAT, 1, "yuv420}", NULL, "yuv420",
         "yuv420p"},
        {FILM("{sample_rate: 48}"), ARTDAG_E_FORMAT, 1, "48}", NULL, "sample rate", NULL},
        {FILM("{channels: 6}"), ARTDAG_E_FORMAT, 1, "6}", NULL, "channel", NULL},
    };
    ASSERT_REFUSED(cases);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_key_of_the_format_is_read),
    cmocka_unit_test(left_out_keys_stay_open),
    cmocka_unit_test(frame_rates_are_exact_fractions),
    cmocka_unit_test(impossible_formats_are_refused_at_the_value),
};
AD_TEST_MAIN(tests)
