/* SPDX-License-Identifier: MIT */
#include "ad_test.h"
#include "ops_test.h"

/* Frame f of the result, counted by hand: frames before `at`, then `at` for so long, then what follows. */
static void check_pictures(struct ops_case *c, int64_t at, int64_t shown, int64_t next)
{
    struct ops_stream v = {.endless = false};
    ops_trace(c, AD_VIDEO, &v);
    assert_int_equal(v.items.len, c->edge.frames);
    for (int64_t f = 0; f < c->edge.frames; f++) {
        int64_t want = f < at ? f : f < at + shown ? at : next + (f - at - shown);
        assert_int_equal(v.items.items[f].index, want);
    }
    ad_vec_fini(&v.items);
    ops_check_range(c);
}

static void pause_stops_picture_and_sound(void **state)
{
    (void)state;
    artdag_error err = {0};
    for (size_t f = 0; f < ops_format_count; f++) {
        for (int64_t at = 0; at < 9; at += 4) {
            struct ops_case c;
            ops_init(&c, "FREEZE");
            c.format = ops_formats[f].format;
            ops_input(&c, 9, 64, 36, true, true);
            assert_ok(ops_plan(
                &c, ad_arena_printf(&c.arena, "{at: %df, duration: 5f}", (int)at), &err));
            assert_int_equal(c.edge.frames, 14);
            check_pictures(&c, at, 6, at + 1);
            struct ops_stream a = {.endless = false};
            ops_trace(&c, AD_AUDIO, &a);
            int64_t until = ad_samples_at(&c.format, at + 1);
            int64_t again = ad_samples_at(&c.format, at + 6);
            assert_int_equal(a.items.len, ad_samples_for(&c.format, 14));
            for (int64_t k = 0; k < (int64_t)a.items.len; k++) {
                const struct ops_item *item = &a.items.items[k];
                bool silent = k >= until && (k < again || at == 8);
                if (!silent && item->input < 0) /* rounded up at the end */
                    assert_int_equal(k, (int64_t)a.items.len - 1);
                else if (!silent)
                    assert_int_equal(item->index, k < until ? k : k - again + until);
                else if (at < 8)
                    assert_int_equal(item->input, -1);
            }
            ad_vec_fini(&a.items);
            ops_fini(&c);
        }
    }
}

static void hold_leaves_time_and_sound_alone(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "FREEZE");
    ops_input(&c, 20, 64, 36, true, true);
    assert_ok(ops_plan(&c, "{at: 5f, duration: 4f, mode: hold}", &err));
    assert_int_equal(c.edge.frames, 20);
    check_pictures(&c, 5, 4, 9);
    assert_int_equal(ops_graph(&c, AD_AUDIO)->filters.len, 0);
    ops_fini(&c);
}

static void a_hold_beyond_the_end_makes_the_film_longer(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "FREEZE");
    ops_input(&c, 20, 64, 36, true, true);
    assert_ok(ops_plan(&c, "{at: 18f, duration: 10f, mode: hold}", &err));
    assert_int_equal(c.edge.frames, 28);
    check_pictures(&c, 18, 10, 99);
    ops_fini(&c);
}

static void without_a_place_the_last_frame_stands(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "FREEZE");
    ops_input(&c, 20, 64, 36, true, true);
    assert_ok(ops_plan(&c, "{duration: 4f}", &err));
    assert_string_equal(ops_config_text(&c), "{\"at\":19,\"duration\":4,\"mode\":\"pause\"}");
    assert_int_equal(c.edge.frames, 24);
    check_pictures(&c, 19, 5, 99);
    ops_fini(&c);
}

static void a_frame_that_is_not_there_cannot_stand(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "FREEZE");
    ops_input(&c, 20, 64, 36, true, true);
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{at: 20f, duration: 4f}", &err));
    assert_err_says("the input has only 20");
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{at: 2f}", &err));
    assert_err_says("duration");
    ops_fini(&c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(pause_stops_picture_and_sound),
    cmocka_unit_test(hold_leaves_time_and_sound_alone),
    cmocka_unit_test(a_hold_beyond_the_end_makes_the_film_longer),
    cmocka_unit_test(without_a_place_the_last_frame_stands),
    cmocka_unit_test(a_frame_that_is_not_there_cannot_stand),
};
AD_TEST_MAIN(tests)
