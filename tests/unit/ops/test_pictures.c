/* SPDX-License-Identifier: MIT
 *
 * What the picture operations accept, how large and long their results are, and which frames they need. Their pixels:
 * tests/cli/test_picture.py.
 */
#include <string.h>

#include "ad_test.h"
#include "ops_test.h"

static void sizes_follow_from_the_config(void **state)
{
    (void)state;
    static const struct {
        const char *op, *yaml;
        int64_t width, height;
    } cases[] = {
        {"CROP", "{width: 16, height: 8}", 16, 8},
        {"CROP", "{width: 64, height: 36, x: 7}", 64, 36},
        {"FLIP", "{direction: both}", 64, 36},
        {"ROTATE", "{angle: 90}", 36, 64},
        {"ROTATE", "{angle: -270}", 36, 64},
        {"ROTATE", "{angle: 180}", 64, 36},
        {"ROTATE", "{angle: 90, expand: false}", 64, 36},
        /* 64 cos 30 + 36 sin 30 = 73.43, 64 sin 30 + 36 cos 30 = 63.18 */
        {"ROTATE", "{angle: 30}", 74, 64},
        {"ROTATE", "{angle: {keyframes: [{at: 0, value: 0}, {at: 5f, value: 90}]}}", 64, 36},
        {"VIGNETTE", "{}", 64, 36},
        {"GRAIN", "{size: 3}", 64, 36},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ops_case c;
        ops_init(&c, cases[i].op);
        ops_input(&c, 20, 64, 36, true, true);
        assert_ok(ops_plan(&c, cases[i].yaml, &err));
        assert_int_equal(c.edge.width, cases[i].width);
        assert_int_equal(c.edge.height, cases[i].height);
        assert_int_equal(c.edge.frames, 20);
        assert_true(c.edge.video && c.edge.audio);
        ops_fini(&c);
    }
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *op, *yaml, *message;
        bool video;
    } cases[] = {
        {"CROP", "{width: 16}", "\"height\" is missing", true},
        {"CROP", "{width: 15, height: 8}", "must be even", true},
        {"CROP", "{width: 80, height: 8}", "only 64", true},
        {"CROP", "{width: 16, height: 8}", "no picture", false},
        {"FLIP", "{direction: sideways}", "direction cannot be", true},
        {"FLIP", "{}", "no picture", false},
        {"ROTATE", "{}", "\"angle\" is missing", true},
        {"VIGNETTE", "{strength: 2}", "strength cannot be 2", true},
        {"GRAIN", "{seed: -1}", "seed cannot be -1", true},
        {"CHROMA_KEY", "{}", "transparency", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ops_case c;
        ops_init(&c, cases[i].op);
        ops_input(&c, 20, cases[i].video ? 64 : 0, cases[i].video ? 36 : 0, cases[i].video,
                  true);
        assert_int_not_equal(ops_plan(&c, cases[i].yaml, &err), ARTDAG_OK);
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s %s: %s", cases[i].op, cases[i].yaml, err.message);
        ops_fini(&c);
    }
}

static void keys_that_nobody_sees_change_no_id(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    char *first = NULL;
    for (int i = 0; i < 2; i++) {
        ops_init(&c, "VIGNETTE");
        ops_input(&c, 20, 64, 36, true, false);
        assert_ok(ops_plan(&c,
                           i ? "{strength: {keyframes: [{at: 0, value: 0.2, ease: hold}, {at: "
                               "20f, value: 1}]}}"
                             : "{strength: 0.2}",
                           &err));
        const char *text = ops_config_text(&c);
        if (!i)
            first = strdup(text);
        else
            assert_string_equal(text, first);
        ops_fini(&c);
    }
    free(first);
}

static void a_slice_of_grain_knows_where_it_begins(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    struct ad_slice slice = {0};
    ops_init(&c, "GRAIN");
    ops_input(&c, 20, 64, 36, true, false);
    assert_ok(ops_plan(&c, "{seed: 4}", &err));
    assert_ok(c.op->slice(&c.call, (struct ad_span){5, 20}, &slice, &err));
    c.call.config = slice.config;
    assert_ok(c.op->slice(&c.call, (struct ad_span){3, 9}, &slice, &err));
    assert_int_equal(ad_conf_int(slice.config, "first", 0), 8);
    ops_fini(&c);
}

static void blend_has_the_first_inputs_length_and_size(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    struct ad_slice slice = {0};
    struct ad_span span = {0};
    ops_init(&c, "BLEND");
    ops_input(&c, 20, 64, 36, true, true);
    ops_input(&c, 8, 32, 32, true, false);
    assert_ok(ops_plan(&c, "{mode: screen}", &err));
    assert_int_equal(c.edge.frames, 20);
    assert_int_equal(c.edge.width, 64);
    c.op->range(&c.call, 1, (struct ad_span){4, 12}, &span);
    assert_int_equal(span.from, 4);
    assert_int_equal(span.to, 8);
    assert_ok(c.op->slice(&c.call, (struct ad_span){10, 20}, &slice, &err));
    assert_int_equal(slice.count, 2);
    assert_true(ad_conf_number(slice.config, "opacity", 1) == 0);
    assert_int_equal(ad_op_class(c.op, c.call.config), AD_CLASS_EXACT);
    ops_fini(&c);
    ops_init(&c, "BLEND");
    ops_input(&c, 20, 64, 36, true, true);
    ops_input(&c, 8, 32, 32, true, false);
    assert_ok(ops_plan(&c, "{mode: interpolate}", &err));
    assert_int_equal(ad_op_class(c.op, c.call.config), AD_CLASS_PROFILE);
    ops_fini(&c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(sizes_follow_from_the_config),
    cmocka_unit_test(what_makes_no_sense_is_refused),
    cmocka_unit_test(keys_that_nobody_sees_change_no_id),
    cmocka_unit_test(a_slice_of_grain_knows_where_it_begins),
    cmocka_unit_test(blend_has_the_first_inputs_length_and_size),
};

AD_TEST_MAIN(tests)
