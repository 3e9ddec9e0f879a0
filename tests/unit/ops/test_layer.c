/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "ops_test.h"

static void the_result_is_the_first_inputs_size_and_lasts_until_the_last_end(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "LAYER");
    ops_input(&c, 20, 64, 36, true, true);
    ops_input(&c, 30, 32, 18, true, true);
    ops_input(&c, 1, 32, 18, true, false);
    assert_ok(ops_plan(&c, "{inputs: [{}, {start: 5f}, {end: 90f}]}", &err));
    assert_int_equal(c.edge.frames, 35);
    assert_int_equal(c.edge.width, 64);
    assert_int_equal(c.edge.height, 36);
    assert_true(c.edge.video && c.edge.audio);
    assert_ok(ops_plan(&c, "{width: 48, height: 48, duration: 10f}", &err));
    assert_int_equal(c.edge.frames, 10);
    assert_int_equal(c.edge.width, 48);
    ops_fini(&c);
}

static void what_cannot_be_laid_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *message;
    } cases[] = {
        {"{inputs: [{}, {}, {}]}", "3 layers are described, for 2 inputs"},
        {"{inputs: [{start: 4f, end: 2f}]}", "end must come after start"},
        {"{width: 64}", "come together"},
        {"{width: 63, height: 36}", "must be even"},
        {"{duration: 0}", "shorter than a frame"},
        {"{inputs: [{scale: 100, size: [400, 400]}]}", "pixels"},
        {"{inputs: [{position: [0]}]}", "position cannot have 1 elements"},
        {"{inputs: [{opacity: 1.5}]}", "opacity cannot be 1.5"},
        {"{inputs: [{anchor: middle}]}", "anchor cannot be \"middle\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ops_case c;
        ops_init(&c, "LAYER");
        ops_input(&c, 20, 64, 36, true, true);
        ops_input(&c, 20, 64, 36, true, true);
        assert_int_not_equal(ops_plan(&c, cases[i].yaml, &err), ARTDAG_OK);
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].yaml, err.message);
        ops_fini(&c);
    }
}

static void ten_bits_without_subsampling_are_refused_with_advice(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "LAYER");
    c.format.pixel_format = "yuv444p10le";
    ops_input(&c, 20, 64, 36, true, true);
    assert_int_equal(ops_plan(&c, "{}", &err), ARTDAG_E_UNSUPPORTED);
    assert_non_null(strstr(err.hint, "yuv422p10le"));
    ops_fini(&c);
}

static void layers_that_are_not_seen_are_not_needed(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    struct ad_slice slice = {0};
    struct ad_span span = {0};
    ops_init(&c, "LAYER");
    ops_input(&c, 20, 64, 36, true, true);
    ops_input(&c, 8, 32, 18, true, true);
    assert_ok(ops_plan(&c,
                       "{inputs: [{}, {start: 10f, opacity: {keyframes: [{at: 10f, value: 0}, "
                       "{at: 14f, value: 1}]}}]}",
                       &err));
    c.op->range(&c.call, 1, (struct ad_span){0, 10}, &span);
    assert_int_equal(span.from, span.to);
    c.op->range(&c.call, 1, (struct ad_span){12, 20}, &span);
    assert_int_equal(span.from, 2);
    assert_int_equal(span.to, 8);
    assert_ok(c.op->slice(&c.call, (struct ad_span){0, 10}, &slice, &err));
    assert_int_equal(slice.count, 1);
    assert_ok(c.op->slice(&c.call, (struct ad_span){12, 20}, &slice, &err));
    assert_int_equal(slice.count, 2);
    assert_int_equal(slice.spans[1].from, 2);
    assert_int_equal(slice.spans[1].to, 8);
    assert_ok(ad_config_check_final(c.op->fields, slice.config, NULL, &err));
    c.call.config = slice.config;
    const struct ad_value *entry = ad_value_get(slice.config, "inputs")->list.items[1];
    struct ad_curve opacity = ad_conf_curve(entry, "opacity", 1);
    assert_true(ad_curve_at(&opacity, 0) == 0.5);
    assert_true(ad_curve_at(&opacity, 2) == 1);
    ops_fini(&c);
}

static void films_may_be_divided_where_layers_come_and_go(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    struct ad_joints joints = {0};
    ops_init(&c, "LAYER");
    ops_input(&c, 20, 64, 36, true, true);
    ops_input(&c, 8, 32, 18, true, true);
    ops_input(&c, 20, 32, 18, true, true);
    assert_ok(ops_plan(&c, "{inputs: [{}, {start: 6f}, {start: 14f}]}", &err));
    assert_true(c.op->joints(&c.call, &joints));
    assert_int_equal(joints.border_count, 3);
    assert_int_equal(joints.borders[0], 6);
    assert_int_equal(joints.borders[1], 14);
    assert_int_equal(joints.borders[2], 20);
    assert_int_equal(joints.piece_count, 2);
    assert_int_equal(joints.pieces[1].input, 2);
    assert_int_equal(joints.pieces[1].at, 20);
    assert_int_equal(joints.pieces[1].in.from, 6);
    ops_fini(&c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_result_is_the_first_inputs_size_and_lasts_until_the_last_end),
    cmocka_unit_test(what_cannot_be_laid_is_refused),
    cmocka_unit_test(ten_bits_without_subsampling_are_refused_with_advice),
    cmocka_unit_test(layers_that_are_not_seen_are_not_needed),
    cmocka_unit_test(films_may_be_divided_where_layers_come_and_go),
};

AD_TEST_MAIN(tests)
