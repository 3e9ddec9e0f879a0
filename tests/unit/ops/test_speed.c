/* SPDX-License-Identifier: MIT */
#include "ad_test.h"
#include "ops_test.h"

static void a_ratio_is_exact_however_it_is_written(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{speed: 1.1}", "11/10"},   {"{speed: 11/10}", "11/10"},
        {"{speed: 22/20}", "11/10"}, {"{speed: 25/24}", "25/24"},
        {"{speed: 1/3}", "1/3"},     {"{speed: 2}", "2/1"},
        {"{speed: '0.125'}", "1/8"}, {"{speed: 1001/1000}", "1001/1000"},
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "SPEED");
        ops_input(&c, 240, 64, 36, true, true);
        assert_ok(ops_plan(&c, cases[i][0], &err));
        const struct ad_value *speed = ad_value_get(c.call.config, "speed");
        assert_true(ad_str_is(speed->string, cases[i][1]));
        ops_fini(&c);
    }
}

/* Integers all the way: frames round-half-up(n q / p), frame k shows floor(k p / q). */
static void frames_are_counted_exactly_at_any_ratio(void **state)
{
    (void)state;
    static const int64_t ratios[][2] = {{25, 24}, {1, 3}, {1001, 1000},
                                        {7, 3},   {2, 1}, {3, 50}};
    static const char *const pitches[] = {"keep", "shift"};
    artdag_error err = {0};
    for (size_t r = 0; r < 6; r++) {
        for (int64_t frames = 1; frames < 60; frames += 19) {
            int64_t p = ratios[r][0];
            int64_t q = ratios[r][1];
            struct ops_case c;
            ops_init(&c, "SPEED");
            c.format = ops_formats[r % ops_format_count].format;
            ops_input(&c, frames, 64, 36, true, true);
            assert_ok(ops_plan(&c,
                               ad_arena_printf(&c.arena, "{speed: %d/%d, pitch: %s}", (int)p,
                                               (int)q, pitches[frames % 2]),
                               &err));
            int64_t want = (2 * frames * q + p) / (2 * p);
            assert_int_equal(c.edge.frames, want < 1 ? 1 : want);
            struct ops_stream v = {.endless = false};
            struct ops_stream a = {.endless = false};
            ops_trace(&c, AD_VIDEO, &v);
            for (size_t k = 0; k < v.items.len; k++)
                assert_int_equal(v.items.items[k].index, (int64_t)k * p / q);
            ops_trace(&c, AD_AUDIO, &a); /* asserts the exact number of samples */
            ad_vec_fini(&v.items);
            ad_vec_fini(&a.items);
            ops_check_range(&c);
            ops_fini(&c);
        }
    }
}

static void speed_one_changes_nothing(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "SPEED");
    ops_input(&c, 10, 64, 36, true, true);
    assert_ok(ops_plan(&c, "{speed: 24/24, pitch: shift}", &err));
    assert_string_equal(ops_config_text(&c), "{\"speed\":\"1/1\"}");
    assert_int_equal(ops_graph(&c, AD_VIDEO)->filters.len, 0);
    assert_int_equal(ops_graph(&c, AD_AUDIO)->filters.len, 0);
    ops_fini(&c);
}

static void wrong_speeds_are_errors(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{}", "\"speed\" is missing"},
        {"{speed: 0}", "from 0.05 to 100"},
        {"{speed: 1/21}", "speed cannot be \"1/21\""},
        {"{speed: -2/1}", "speed cannot be"},
        {"{speed: 3/0}", "speed cannot be"},
        {"{speed: fast}", "ratio like 25/24"},
        {"{speed: [2]}", "a number or a ratio"},
        {"{speed: 2, pitch: higher}", "pitch cannot be"},
        {"{speed: 1000001/1000000, pitch: shift}", "too fine"},
        {"{speed: 999999999999/999999999998}", "too fine a speed for 30000 frames"},
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "SPEED");
        ops_input(&c, 30000, 64, 36, true, true);
        assert_int_not_equal(ops_plan(&c, cases[i][0], &err), ARTDAG_OK);
        assert_err_says(cases[i][1]);
        ops_fini(&c);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_ratio_is_exact_however_it_is_written),
    cmocka_unit_test(frames_are_counted_exactly_at_any_ratio),
    cmocka_unit_test(speed_one_changes_nothing),
    cmocka_unit_test(wrong_speeds_are_errors),
};
AD_TEST_MAIN(tests)
