/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "ad_test.h"
#include "ops_test.h"

static const char neutral[] = "{\"effects\":{\"blur\":0,\"brightness\":0,\"contrast\":1,"
                              "\"gamma\":1,\"hue\":0,\"saturation\":1,"
                              "\"sharpen\":0,\"speed\":1}}";

static void without_effects_nothing_happens(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "TRANSFORM");
    ops_input(&c, 10, 64, 36, true, true);
    assert_ok(ops_plan(&c, "{}", &err));
    assert_string_equal(ops_config_text(&c), neutral);
    assert_int_equal(ops_graph(&c, AD_VIDEO)->filters.len, 0);
    assert_int_equal(ops_graph(&c, AD_AUDIO)->filters.len, 0);
    assert_ok(ops_plan(&c, "{effects: {saturation: 1.0, speed: 1, blur: 0}}", &err));
    assert_string_equal(ops_config_text(&c), neutral);
    ops_check_range(&c);
    ops_fini(&c);
}

static void effects_are_applied_in_one_order(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "TRANSFORM");
    ops_input(&c, 10, 64, 36, true, false);
    assert_ok(
        ops_plan(&c, "{effects: {sharpen: 1, blur: 2, hue: 5, gamma: 1.2, speed: 2}}", &err));
    static const char *const want[] = {"tpad", "setpts", "fps", "tpad",    "setpts",
                                       "trim", "lutyuv", "hue", "boxblur", "unsharp"};
    struct ad_graph *graph = ops_graph(&c, AD_VIDEO);
    assert_int_equal(graph->filters.len, sizeof(want) / sizeof(want[0]));
    for (size_t i = 0; i < graph->filters.len; i++)
        assert_string_equal(graph->filters.items[i].name, want[i]);
    ops_fini(&c);
}

/* Speeds as ratios, so that what is expected is computed in integers. */
static void speed_shows_frame_floor_of_k_times_speed(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        int64_t p, q;
    } speeds[] = {
        {"{effects: {speed: 2}}", 2, 1},
        {"{effects: {speed: 0.5}}", 1, 2},
        {"{effects: {speed: 1.1}}", 11, 10},
        {"{effects: {speed: 0.3}}", 3, 10},
        {"{effects: {speed: 0.05}}", 1, 20},
        {"{effects: {speed: 100}}", 100, 1},
        {"{effects: {speed: 33.333}}", 33333, 1000},
        {"{effects: {speed: 1.25}}", 5, 4},
    };
    artdag_error err = {0};
    for (size_t s = 0; s < sizeof(speeds) / sizeof(speeds[0]); s++) {
        for (int64_t frames = 1; frames < 60; frames += 7) {
            struct ops_case c;
            ops_init(&c, "TRANSFORM");
            c.format = ops_formats[s % ops_format_count].format;
            ops_input(&c, frames, 64, 36, true, frames % 2 == 0);
            assert_ok(ops_plan(&c, speeds[s].yaml, &err));
            int64_t want = (2 * frames * speeds[s].q + speeds[s].p) / (2 * speeds[s].p);
            assert_int_equal(c.edge.frames, want < 1 ? 1 : want);
            struct ops_stream v = {.endless = false};
            ops_trace(&c, AD_VIDEO, &v);
            for (size_t k = 0; k < v.items.len; k++) {
                int64_t from = (int64_t)k * speeds[s].p / speeds[s].q;
                assert_int_equal(v.items.items[k].index, from < frames ? from : frames - 1);
            }
            ad_vec_fini(&v.items);
            ops_check_range(&c);
            if (c.edge.audio) {
                struct ops_stream a = {.endless = false};
                ops_trace(&c, AD_AUDIO, &a); /* asserts the exact number of samples */
                ad_vec_fini(&a.items);
            }
            ops_fini(&c);
        }
    }
}

static void tempo_factors_multiply_to_the_speed(void **state)
{
    (void)state;
    static const char *const speeds[] = {"0.05", "0.4", "0.5",  "0.9", "1.7",
                                         "2",    "2.5", "13.7", "100"};
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++) {
        struct ops_case c;
        ops_init(&c, "TRANSFORM");
        ops_input(&c, 100, 64, 36, false, true);
        assert_ok(
            ops_plan(&c, ad_arena_printf(&c.arena, "{effects: {speed: %s}}", speeds[i]), &err));
        struct ad_graph *graph = ops_graph(&c, AD_AUDIO);
        double product = 1;
        for (size_t k = 0; k < graph->filters.len; k++) {
            const char *tempo = ops_option(&graph->filters.items[k], "tempo");
            if (!tempo)
                continue;
            double factor = strtod(tempo, NULL);
            assert_true(factor >= 0.5 && factor <= 2);
            product *= factor;
        }
        assert_near(product, strtod(speeds[i], NULL), 1e-9);
        ops_fini(&c);
    }
}

static void the_blur_window_stays_within_each_plane(void **state)
{
    (void)state;
    static const struct {
        const char *format;
        int64_t w, h;
        const char *blur, *luma, *chroma;
    } cases[] = {
        {"yuv420p", 64, 36, "4", "4", "2"},     {"yuv420p", 64, 36, "5", "5", "3"},
        {"yuv420p", 64, 36, "900", "17", "8"},  {"yuv420p", 2, 2, "3", "0", "0"},
        {"yuv422p", 8, 36, "100", "3", "1"},    {"yuv444p", 64, 36, "5", "5", "5"},
        {"yuva420p", 64, 36, "900", "17", "8"}, {"yuv444p10le", 8, 8, "9", "3", "3"},
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "TRANSFORM");
        c.format.pixel_format = cases[i].format;
        ops_input(&c, 3, cases[i].w, cases[i].h, true, false);
        assert_ok(ops_plan(
            &c, ad_arena_printf(&c.arena, "{effects: {blur: %s}}", cases[i].blur), &err));
        const struct ad_filter *f = ops_filter(ops_graph(&c, AD_VIDEO), "boxblur");
        assert_string_equal(ops_option(f, "luma_radius"), cases[i].luma);
        assert_string_equal(ops_option(f, "chroma_radius"), cases[i].chroma);
        ops_fini(&c);
    }
}

static void wrong_effects_are_errors(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{effects: {saturaton: 1}}", "did you mean \"saturation\""},
        {"{effects: {sepia: 1}}", "unknown key \"sepia\""},
        {"{saturation: 1}", "unknown key"},
        {"{effects: {saturation: 3.1}}", "from 0 to 3"},
        {"{effects: {speed: 0.049}}", "from 0.05 to 100"},
        {"{effects: {speed: 0}}", "from 0.05 to 100 times"},
        {"{effects: {blur: 1.5}}", "integer"},
        {"{effects: [blur]}", "map"},
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "TRANSFORM");
        ops_input(&c, 3, 64, 36, true, false);
        assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, cases[i][0], &err));
        assert_err_says(cases[i][1]);
        ops_fini(&c);
    }
}

static void picture_effects_need_a_picture(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "TRANSFORM");
    ops_input(&c, 30, 0, 0, false, true);
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{effects: {hue: 10}}", &err));
    assert_err_says("no picture");
    assert_ok(ops_plan(&c, "{effects: {speed: 1.5}}", &err));
    assert_int_equal(c.edge.frames, 20);
    ops_fini(&c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(without_effects_nothing_happens),
    cmocka_unit_test(effects_are_applied_in_one_order),
    cmocka_unit_test(speed_shows_frame_floor_of_k_times_speed),
    cmocka_unit_test(tempo_factors_multiply_to_the_speed),
    cmocka_unit_test(the_blur_window_stays_within_each_plane),
    cmocka_unit_test(wrong_effects_are_errors),
    cmocka_unit_test(picture_effects_need_a_picture),
};
AD_TEST_MAIN(tests)
