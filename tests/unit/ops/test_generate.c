/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "ops_test.h"

#define FONT "bafkreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void with_font(struct ops_case *c)
{
    struct ad_op_input *in = &c->inputs[c->call.input_count++];
    *in = (struct ad_op_input){
        .slot = "font", .edge = {.frames = 1, .file = true}, .file_cid = FONT};
    c->call.inputs = c->inputs;
}

static void begin(struct ops_case *c, bool below)
{
    ops_init(c, "GENERATE");
    if (below) {
        ops_input(c, 48, 64, 36, true, true);
        c->inputs[0].slot = "video";
    }
    with_font(c);
}

static void times_of_text_become_one_curve_of_opacity(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    begin(&c, true);
    assert_ok(ops_plan(
        &c,
        "{kind: text, text: x, start: 6f, end: 40f, fade_in: 4f, fade_out: 8f, opacity: 0.5}",
        &err));
    assert_non_null(strstr(ops_config_text(&c),
                           "\"opacity\":{\"curve\":[[0,0,\"hold\"],[6,0,\"linear\"],"
                           "[10,0.5,\"hold\"],[32,0.5,\"linear\"],[40,0,\"hold\"]]}"));
    assert_null(strstr(ops_config_text(&c), "fade"));
    assert_int_equal(c.edge.frames, 48);
    assert_true(c.edge.audio);
    ops_fini(&c);
}

static void what_is_left_out_follows_from_anchor_and_size(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    begin(&c, true);
    assert_ok(ops_plan(
        &c, "{kind: text, text: x, font_size: 8, anchor: bottom_right, box: {padding: 3}}",
        &err));
    /* Margin: half of 8, and 3. */
    assert_non_null(strstr(ops_config_text(&c), "\"align\":\"right\""));
    assert_non_null(strstr(ops_config_text(&c), "\"x\":57,\"y\":29"));
    ops_fini(&c);
}

static void a_slice_of_a_counter_knows_its_first_frame(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    struct ad_slice part = {0};
    begin(&c, false);
    assert_ok(ops_plan(&c, "{kind: counter, duration: 48f}", &err));
    assert_ok(c.op->slice(&c.call, (struct ad_span){10, 30}, &part, &err));
    assert_int_equal(part.count, 1);
    assert_int_equal(part.spans[0].to, 1); /* the font */
    c.call.config = part.config;
    assert_ok(c.op->slice(&c.call, (struct ad_span){5, 6}, &part, &err));
    c.call.config = part.config;
    assert_non_null(strstr(ops_config_text(&c), "\"first\":15"));
    assert_non_null(strstr(ops_config_text(&c), "\"duration\":1"));
    ops_fini(&c);
}

static void a_slice_where_nothing_moves_is_a_still_text(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    struct ad_slice part = {0};
    begin(&c, true);
    assert_ok(ops_plan(&c, "{kind: text, text: x, fade_in: 4f}", &err));
    assert_ok(c.op->slice(&c.call, (struct ad_span){10, 30}, &part, &err));
    assert_int_equal(part.spans[0].from, 10);
    assert_int_equal(part.spans[0].to, 30);
    c.call.config = part.config;
    assert_non_null(strstr(ops_config_text(&c), "\"opacity\":1"));
    ops_fini(&c);
}

static void keys_of_another_kind_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const char *const configs[] = {
        "{kind: color, duration: 1, text: x}", "{kind: tone, duration: 1, width: 64}",
        "{kind: gradient, duration: 1, level: 1}", "{kind: silence, duration: 1, seed: 1}"};
    for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
        struct ops_case c;
        ops_init(&c, "GENERATE");
        assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, configs[i], &err));
        assert_err_says("does not apply");
        ops_fini(&c);
    }
}

static void text_over_an_input_has_its_length_and_size(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    begin(&c, true);
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{kind: text, text: x, duration: 1}", &err));
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{kind: text, text: x, width: 64}", &err));
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{kind: bars, duration: 1}", &err));
    ops_fini(&c);
}

static void sound_has_no_picture_and_pictures_no_sound(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "GENERATE");
    assert_ok(ops_plan(&c, "{kind: noise, duration: 1}", &err));
    assert_true(c.edge.audio && !c.edge.video && c.edge.width == 0);
    ops_fini(&c);
    ops_init(&c, "GENERATE");
    assert_ok(ops_plan(&c, "{kind: bars, duration: 1, width: 128, height: 72}", &err));
    assert_true(!c.edge.audio && c.edge.video && c.edge.width == 128);
    ops_fini(&c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(times_of_text_become_one_curve_of_opacity),
    cmocka_unit_test(what_is_left_out_follows_from_anchor_and_size),
    cmocka_unit_test(a_slice_of_a_counter_knows_its_first_frame),
    cmocka_unit_test(a_slice_where_nothing_moves_is_a_still_text),
    cmocka_unit_test(keys_of_another_kind_are_refused),
    cmocka_unit_test(text_over_an_input_has_its_length_and_size),
    cmocka_unit_test(sound_has_no_picture_and_pictures_no_sound),
};
AD_TEST_MAIN(tests)
