/* SPDX-License-Identifier: MIT */
#include "ad_test.h"
#include "ops_test.h"

static void a_thumbnail_is_one_frame_without_sound(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    struct ad_span span = {0};
    struct ad_slice slice = {0};
    ops_init(&c, "THUMBNAIL");
    ops_input(&c, 48, 64, 36, true, true);
    assert_ok(ops_plan(&c, "{at: 1s}", &err));
    assert_int_equal(c.edge.frames, 1);
    assert_false(c.edge.audio);
    assert_int_equal(c.edge.width, 64);
    c.op->range(&c.call, 0, (struct ad_span){0, 1}, &span);
    assert_int_equal(span.from, c.format.fps_num / c.format.fps_den);
    assert_int_equal(span.to, span.from + 1);
    assert_ok(c.op->slice(&c.call, (struct ad_span){0, 1}, &slice, &err));
    assert_int_equal(slice.spans[0].from, span.from);
    assert_int_equal(slice.spans[0].to, span.to);
    assert_int_equal(ad_value_get(slice.config, "at")->integer, 0);
    ops_fini(&c);
}

static void the_best_thumbnail_compares_all_frames(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    struct ad_span span = {0};
    struct ad_slice slice = {0};
    ops_init(&c, "THUMBNAIL");
    ops_input(&c, 1000, 64, 36, true, false);
    assert_ok(ops_plan(&c, "{mode: best}", &err));
    c.op->range(&c.call, 0, (struct ad_span){0, 1}, &span);
    assert_int_equal(span.to - span.from, 1000);
    assert_fails(ARTDAG_E_UNSUPPORTED,
                 c.op->slice(&c.call, (struct ad_span){0, 1}, &slice, &err));
    struct ad_graph *graph = ops_graph(&c, AD_VIDEO);
    /* 900 frames in the middle: every 38th of them. */
    assert_string_equal(ops_option(ops_filter(graph, "framestep"), "step"), "38");
    assert_string_equal(ops_option(ops_filter(graph, "thumbnail"), "n"), "24");
    ops_fini(&c);
}

static void a_contact_sheet_has_room_for_its_frames(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "CONTACT_SHEET");
    ops_input(&c, 100, 1280, 720, true, true);
    assert_ok(ops_plan(&c, "{columns: 3, rows: 2, width: 160, gap: 10}", &err));
    assert_int_equal(c.edge.width, 3 * 160 + 4 * 10);
    assert_int_equal(c.edge.height, 2 * 90 + 3 * 10);
    assert_int_equal(c.edge.frames, 1);
    assert_false(c.edge.audio);
    assert_string_equal(ops_option(ops_filter(ops_graph(&c, AD_VIDEO), "tile"), "layout"),
                        "3x2");
    ops_fini(&c);
}

static void mistakes_are_told(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"THUMBNAIL", "{at: 100}", "but the film has 48"},
        {"THUMBNAIL", "{mode: best, at: 1}", "at means nothing in mode best"},
        {"CONTACT_SHEET", "{width: 33}", "must be even"},
        {"CONTACT_SHEET", "{columns: 20, width: 2000}", "pixels"},
        {"CONTACT_SHEET", "{rows: 0}", "from 1 to 20"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ops_case c;
        ops_init(&c, cases[i][0]);
        ops_input(&c, 48, 64, 36, true, false);
        assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, cases[i][1], &err));
        assert_err_says(cases[i][2]);
        ops_fini(&c);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_thumbnail_is_one_frame_without_sound),
    cmocka_unit_test(the_best_thumbnail_compares_all_frames),
    cmocka_unit_test(a_contact_sheet_has_room_for_its_frames),
    cmocka_unit_test(mistakes_are_told),
};
AD_TEST_MAIN(tests)
