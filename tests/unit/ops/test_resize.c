/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "ad_test.h"
#include "ops_test.h"

static void each_mode_gives_its_size(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        int64_t in_w, in_h, out_w, out_h;
        const char *scale_w, *scale_h; /* NULL: not scaled */
        size_t crops, pads;
    } cases[] = {
        {"{width: 640, height: 640}", 1280, 720, 640, 360, "640", "360", 0, 0},
        {"{width: 640, height: 640, mode: pad}", 1280, 720, 640, 640, "640", "360", 0, 1},
        {"{width: 640, height: 640, mode: fill}", 1280, 720, 640, 640, "1138", "640", 1, 0},
        {"{width: 640, height: 640, mode: stretch}", 1280, 720, 640, 640, "640", "640", 0, 0},
        {"{width: 640}", 1280, 720, 640, 360, "640", "360", 0, 0},
        {"{height: 100}", 1280, 720, 178, 100, "178", "100", 0, 0},
        {"{width: 1280, height: 720, mode: pad}", 1280, 720, 1280, 720, NULL, NULL, 0, 0},
        {"{width: 1280, height: 720, mode: fill}", 1280, 720, 1280, 720, NULL, NULL, 0, 0},
        {"{width: 1280, height: 800, mode: pad}", 1280, 720, 1280, 800, NULL, NULL, 0, 1},
        {"{width: 100, height: 100, mode: fit}", 16384, 2, 100, 2, "100", "2", 0, 0},
        {"{width: 1920, height: 1080}", 64, 36, 1920, 1080, "1920", "1080", 0, 0},
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "RESIZE");
        ops_input(&c, 5, cases[i].in_w, cases[i].in_h, true, true);
        assert_ok(ops_plan(&c, cases[i].yaml, &err));
        assert_int_equal(c.edge.width, cases[i].out_w);
        assert_int_equal(c.edge.height, cases[i].out_h);
        assert_int_equal(c.edge.frames, 5);
        assert_true(c.edge.audio);
        struct ad_graph *graph = ops_graph(&c, AD_VIDEO);
        assert_int_equal(ops_count(graph, "scale"), cases[i].scale_w ? 1 : 0);
        if (cases[i].scale_w) {
            const struct ad_filter *scale = ops_filter(graph, "scale");
            assert_string_equal(ops_option(scale, "w"), cases[i].scale_w);
            assert_string_equal(ops_option(scale, "h"), cases[i].scale_h);
            assert_string_equal(ops_option(scale, "flags"),
                                "bicubic+accurate_rnd+full_chroma_int+bitexact");
        }
        assert_int_equal(ops_count(graph, "crop"), cases[i].crops);
        assert_int_equal(ops_count(graph, "pad"), cases[i].pads);
        ops_check_range(&c);
        ops_fini(&c);
    }
}

static void check_fit(int64_t w, int64_t h, int64_t box_w, int64_t box_h)
{
    struct ad_placing fit = ad_place_fit(w, h, box_w, box_h);
    assert_true(fit.scale_w >= 2 && fit.scale_h >= 2 && fit.x >= 0 && fit.y >= 0);
    assert_true(fit.x + fit.scale_w <= box_w && fit.y + fit.scale_h <= box_h);
    assert_true(fit.scale_w == box_w || fit.scale_h == box_h);
    assert_true(fit.scale_w % 2 == 0 && fit.scale_h % 2 == 0 && fit.x % 2 == 0 &&
                fit.y % 2 == 0);
    /* The free side is within one even step of the true proportion. */
    if (fit.scale_h == box_h && fit.scale_w < box_w)
        assert_true(fit.scale_w == 2 || llabs(fit.scale_w * h - box_h * w) <= h);
}

static void pictures_always_lie_within_their_box(void **state)
{
    (void)state;
    ad_test_seed(5);
    for (int i = 0; i < 20000; i++) {
        int64_t w = (int64_t)ad_test_random_below(16384) + 1;
        int64_t h = (int64_t)ad_test_random_below(16384) + 1;
        int64_t box_w = 2 * ((int64_t)ad_test_random_below(1000) + 1);
        int64_t box_h = 2 * ((int64_t)ad_test_random_below(1000) + 1);
        check_fit(w, h, box_w, box_h);
        struct ad_placing fill = ad_place_fill(w, h, box_w, box_h);
        assert_true(fill.scale_w >= box_w && fill.scale_h >= box_h);
        assert_true(fill.x + box_w <= fill.scale_w && fill.y + box_h <= fill.scale_h);
        assert_true(fill.scale_w == box_w || fill.scale_h == box_h);
    }
}

static void the_background_counts_only_where_it_shows(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "RESIZE");
    ops_input(&c, 5, 1280, 720, true, false);
    assert_ok(ops_plan(&c, "{width: 64, height: 64, background: red}", &err));
    assert_string_equal(ops_config_text(&c), "{\"height\":64,\"mode\":\"fit\",\"width\":64}");
    assert_ok(ops_plan(&c, "{width: 64, height: 64, background: red, mode: pad}", &err));
    assert_string_equal(
        ops_config_text(&c),
        "{\"background\":\"#ff0000\",\"height\":64,\"mode\":\"pad\",\"width\":64}");
    ops_fini(&c);
}

static void sizes_that_cannot_be_are_errors(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{}", "needs a width or a height"},
        {"{width: 64, mode: pad}", "both width and height"},
        {"{height: 64, mode: fill}", "both width and height"},
        {"{width: 853, height: 480}", "852 or 854"},
        {"{width: 16386, height: 2}", "from 2 to 16384"},
        {"{width: 1.5, height: 2}", "integer"},
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "RESIZE");
        ops_input(&c, 5, 1280, 720, true, false);
        assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, cases[i][0], &err));
        assert_err_says(cases[i][1]);
        ops_fini(&c);
    }
}

static void sound_alone_cannot_be_resized(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "RESIZE");
    ops_input(&c, 5, 0, 0, false, true);
    assert_fails(ARTDAG_E_INVAL, ops_plan(&c, "{width: 64}", &err));
    ops_fini(&c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_mode_gives_its_size),
    cmocka_unit_test(pictures_always_lie_within_their_box),
    cmocka_unit_test(the_background_counts_only_where_it_shows),
    cmocka_unit_test(sizes_that_cannot_be_are_errors),
    cmocka_unit_test(sound_alone_cannot_be_resized),
};
AD_TEST_MAIN(tests)
