/* SPDX-License-Identifier: MIT */
#include "ad_test.h"
#include "ops_test.h"

static void a_piece_holds_its_frames_and_their_sound(void **state)
{
    (void)state;
    artdag_error err = {0};
    for (size_t f = 0; f < ops_format_count; f++) {
        struct ops_case c;
        ops_init(&c, "SEGMENT");
        c.format = ops_formats[f].format;
        ops_input(&c, 100, 64, 36, true, true);
        assert_ok(ops_plan(&c, "{start: 37f, duration: 13f}", &err));
        assert_int_equal(c.edge.frames, 13);
        struct ops_stream s = {.endless = false};
        ops_trace(&c, AD_VIDEO, &s);
        for (size_t i = 0; i < s.items.len; i++)
            assert_int_equal(s.items.items[i].index, 37 + (int64_t)i);
        ad_vec_fini(&s.items);
        s = (struct ops_stream){.endless = false};
        ops_trace(&c, AD_AUDIO, &s);
        for (size_t i = 0; i < s.items.len; i++) {
            assert_int_equal(s.items.items[i].input, 0); /* never padding */
            assert_int_equal(s.items.items[i].index, ad_samples_at(&c.format, 37) + (int64_t)i);
        }
        ad_vec_fini(&s.items);
        ops_check_range(&c);
        ops_fini(&c);
    }
}

static void equal_pieces_have_equal_configs(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "{start: 0.5, end: 1.5}",
        "{offset: 0.5, duration: 1}",
        "{start: 12f, end: '00:00:01.500'}",
        "{end: 36f, start: 500ms, precise: true}",
        "{start: 0.51, duration: '24f'}",
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "SEGMENT");
        ops_input(&c, 48, 64, 36, true, false);
        assert_ok(ops_plan(&c, cases[i], &err));
        assert_string_equal(ops_config_text(&c), "{\"duration\":24,\"start\":12}");
        ops_fini(&c);
    }
}

static void without_an_end_it_goes_to_the_end(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "SEGMENT");
    ops_input(&c, 48, 64, 36, true, false);
    assert_ok(ops_plan(&c, "{start: 1s}", &err));
    assert_int_equal(c.edge.frames, 24);
    assert_ok(ops_plan(&c, "{}", &err));
    assert_int_equal(c.edge.frames, 48);
    assert_ok(ops_plan(&c, "{end: 49f}", &err)); /* rounding of a length read off a player */
    assert_int_equal(c.edge.frames, 48);
    ops_fini(&c);
}

static void impossible_pieces_are_errors_at_their_key(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *says;
        int column;
    } cases[] = {
        {"{start: 1, end: 0.5}", "before it starts", 17},
        {"{start: 1, end: 1}", "empty", 17},
        {"{duration: 0}", "empty", 12},
        {"{start: 0.5, duration: 0.01}", "empty", 24},
        {"{start: 2}", "starts at frame 48", 9},
        {"{start: 1, end: 3}", "ends at frame 72", 17},
        {"{duration: 50f}", "\"48f\"", 12},
        {"{end: 1, duration: 1}", "not both", 20},
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "SEGMENT");
        ops_input(&c, 48, 64, 36, true, true);
        assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, cases[i].yaml, &err));
        assert_err_says(cases[i].says);
        assert_int_equal(err.line, 1);
        assert_int_equal(err.column, cases[i].column);
        ops_fini(&c);
    }
}

static void imprecise_cuts_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "SEGMENT");
    ops_input(&c, 48, 64, 36, true, false);
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{precise: false}", &err));
    assert_err_says("exact");
    assert_int_equal(err.column, 11);
    ops_fini(&c);
}

static void an_encoded_film_cannot_be_cut(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "SEGMENT");
    ops_input(&c, 48, 64, 36, true, false);
    c.inputs[0].edge.deliverable = true;
    assert_fails(ARTDAG_E_INVAL, ops_plan(&c, "{}", &err));
    assert_err_says("ENCODE must be the last");
    ops_fini(&c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_piece_holds_its_frames_and_their_sound),
    cmocka_unit_test(equal_pieces_have_equal_configs),
    cmocka_unit_test(without_an_end_it_goes_to_the_end),
    cmocka_unit_test(impossible_pieces_are_errors_at_their_key),
    cmocka_unit_test(imprecise_cuts_are_refused),
    cmocka_unit_test(an_encoded_film_cannot_be_cut),
};
AD_TEST_MAIN(tests)
