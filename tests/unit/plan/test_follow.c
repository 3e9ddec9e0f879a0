/* SPDX-License-Identifier: MIT
 *
 * Binds: what a field comes to, frame by frame. At 24 frames a second a signal that rises from 0 to 4 in 6 frames and falls back is easily told by
 * hand.
 */
#include <stdio.h>

#include "plan_test.h"

#define HILL                                                                                   \
    "{\"music\": {\"audio\": {\"energy\": {\"times\": [0, 0.25, 0.5], \"values\": [0, 4, 0], " \
    "\"window_ms\": 0}, \"beats\": {\"beat_times\": [0.125, 0.3334]}}}}"

static struct ad_plan *bound(const char *bind, const char *features)
{
    char yaml[1200];
    snprintf(yaml, sizeof(yaml),
             DAG(VIDEO MUSIC
                 "  - {id: cut, type: SEGMENT, config: {duration: 12f}, inputs: [video]}\n"
                 "  - {id: out, type: TRANSFORM_DYNAMIC, inputs: [cut], config: {effects: "
                 "{saturation: {bind: {%s}}}}}\n"),
             bind);
    return make_plan(&(struct request){
        .yaml = yaml, .inputs = "video=film music=music", .features = features});
}

static double saturation(const struct ad_step *step)
{
    const struct ad_value *v =
        ad_value_get(ad_value_get(step->config, "effects"), "saturation");
    return v->kind == AD_VALUE_INT ? (double)v->integer : v->number;
}

/* The value of every frame, out of the slices. */
static void values_of(const struct ad_plan *plan, double ret[12])
{
    const struct ad_step *out = step_of(plan, "out");
    int64_t frame = 0;
    if (out->input_count == 1) {
        for (int64_t i = 0; i < 12; i++)
            ret[i] = saturation(out);
        return;
    }
    for (size_t i = 0; i < out->input_count; i++) {
        const struct ad_step *slice = &plan->steps[out->inputs[i].step];
        const struct ad_step *cut = &plan->steps[slice->inputs[0].step];
        assert_string_equal(slice->op->node_type, "TRANSFORM");
        assert_int_equal(ad_value_get(cut->config, "start")->integer, frame);
        for (int64_t k = 0; k < slice->edge.frames; k++)
            ret[frame++] = saturation(slice);
    }
    assert_int_equal(frame, 12);
}

static void assert_follows(const char *bind, const double expected[12])
{
    double values[12] = {0};
    struct ad_plan *plan = bound(bind, HILL);
    values_of(plan, values);
    for (size_t i = 0; i < 12; i++)
        if (values[i] != expected[i])
            fail_msg("{%s}: frame %zu is %g, not %g", bind, i, values[i], expected[i]);
    ad_plan_destroy(plan);
}

static void a_number_follows_the_signal_frame_by_frame(void **state)
{
    (void)state;
    static const double up[] = {0, 0.5, 0.5, 1, 1.5, 1.5, 2, 1.5, 1.5, 1, 0.5, 0.5};
    static const double down[] = {2, 1.5, 1.5, 1, 0.5, 0.5, 0, 0.5, 0.5, 1, 1.5, 1.5};
    assert_follows("signal: music.energy, range: [0, 2], steps: 4", up);
    assert_follows("signal: music.energy, range: [2, 0], steps: 4", down);
}

/* A domain cuts off; 3 of 4 is reached half way up and stays. Level round(f / 6 * 4 / 3 * 2) of 2. */
static void a_domain_cuts_off_what_is_outside(void **state)
{
    (void)state;
    static const double expected[] = {0, 0, 1, 1, 2, 2, 2, 2, 2, 1, 1, 0};
    assert_follows("signal: music.energy, range: [0, 2], domain: [0, 3], steps: 2", expected);
}

static void values_may_be_held(void **state)
{
    (void)state;
    static const double expected[] = {0, 0, 0, 0, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5};
    assert_follows("signal: music.energy, range: [0, 2], steps: 4, hold: 4f", expected);
}

/* The mean of three frames: f / 6 on the slopes, 8 / 9 at the top, 1 / 18 at the foot, before which the signal is 0. */
static void values_may_be_smoothed(void **state)
{
    (void)state;
    static const double expected[] = {0.166666667, 0.5, 1, 1.5, 2, 2.5,
                                      2.666666667, 2.5, 2, 1.5, 1, 0.5};
    assert_follows("signal: music.energy, range: [0, 3], steps: 18, smooth: 2f", expected);
}

static void curves_bend_the_way(void **state)
{
    (void)state;
    /* x = f/6: x^2 and 3x^2 - 2x^3 in 36ths and 54ths; halves do not occur */
    static const double square[] = {0, 1, 4, 9, 16, 25, 36, 25, 16, 9, 4, 1};
    static const double smooth[] = {0, 4, 14, 27, 40, 50, 54, 50, 40, 27, 14, 4};
    double a[12], b[12];
    for (size_t i = 0; i < 12; i++) {
        a[i] = square[i] / 18;
        b[i] = smooth[i] / 18;
        a[i] = (double)(int64_t)(a[i] * 1e9 + 0.5) / 1e9;
        b[i] = (double)(int64_t)(b[i] * 1e9 + 0.5) / 1e9;
    }
    assert_follows("signal: music.energy, range: [0, 2], steps: 36, curve: square", a);
    assert_follows("signal: music.energy, range: [0, 3], steps: 54, curve: smooth", b);
}

/* Beats at frames 3 and 8, each falling from 1 in four frames. */
static void beats_are_pulses(void **state)
{
    (void)state;
    static const double expected[] = {0, 0, 0, 2, 1.5, 1, 0.5, 0, 2, 1.5, 1, 0.5};
    assert_follows("signal: music.beats, range: [0, 2], steps: 4, decay: 4f", expected);
    static const double later[] = {0, 2, 1.5, 1, 0.5, 0, 2, 1.5, 1, 0.5, 0, 0};
    assert_follows("signal: music.beats, range: [0, 2], steps: 4, decay: 4f, offset: 2f",
                   later);
}

/* What lies behind the last frame counts for nothing; what is under it counts. */
static void only_the_frames_that_are_used_count(void **state)
{
    (void)state;
    static const char bind[] = "signal: music.energy, range: [0, 2], domain: [0, 4], steps: 4";
    struct ad_plan *a = bound(bind, HILL);
    struct ad_plan *b =
        bound(bind, "{\"music\": {\"audio\": {\"energy\": {\"times\": [0, 0.25, 0.5, 0.9], "
                    "\"values\": [0, 4, 0, 3], \"window_ms\": 0}}}}");
    struct ad_plan *c =
        bound(bind, "{\"music\": {\"audio\": {\"energy\": {\"times\": [0, 0.25, 0.5], "
                    "\"values\": [0, 3, 0], \"window_ms\": 0}}}}");
    assert_same_id(a->plan_id, b->plan_id);
    assert_other_id(a->plan_id, c->plan_id);
    ad_plan_destroy(a);
    ad_plan_destroy(b);
    ad_plan_destroy(c);
}

static void what_stands_still_is_one_step(void **state)
{
    (void)state;
    struct ad_plan *flat = bound(
        "signal: music.energy, range: [1.5, 2]",
        "{\"music\": {\"audio\": {\"energy\": {\"times\": [0, 9], \"values\": [7, 7]}}}}");
    assert_string_equal(step_of(flat, "out")->op->node_type, "TRANSFORM");
    assert_true(saturation(step_of(flat, "out")) == 1.5);
    ad_plan_destroy(flat);
}

/* One shot stays one shot: where slices meet the film is not divided. */
/* A field that can be animated gets keys, one for each change, and stays one step. */
static void an_animated_field_gets_a_curve(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml =
            DAG(MUSIC "  - {id: b, type: SEGMENT, config: {duration: 12f}, inputs: [music]}\n"
                      "  - {id: out, type: VOLUME, inputs: [b], config: {gain: {bind: {signal: "
                      "b.energy, range: [0, 2], steps: 4}}}}\n"
                      "  output: out\nformat: {fps: 24}\n#"),
        .inputs = "music=music",
        .features = HILL});
    static const double keys[][2] = {{0, 0}, {1, 0.5}, {3, 1}, {4, 1.5},
                                     {6, 2}, {7, 1.5}, {9, 1}, {10, 0.5}};
    const struct ad_step *out = step_of(plan, "out");
    const struct ad_value *curve = ad_value_get(ad_value_get(out->config, "gain"), "curve");
    assert_string_equal(out->op->node_type, "VOLUME");
    assert_non_null(curve);
    assert_int_equal(curve->list.len, 8);
    for (size_t i = 0; i < 8; i++) {
        const struct ad_value *const *key = curve->list.items[i]->list.items;
        assert_int_equal(key[0]->integer, (int64_t)keys[i][0]);
        assert_true(key[1]->number == keys[i][1]);
        assert_str_view_equal(key[2]->string, "hold");
    }
    ad_plan_destroy(plan);
}

/* 12,000 frames that change every time are two slices with a curve each. */
static void a_curve_with_too_many_keys_is_divided(void **state)
{
    (void)state;
    struct ad_buf features = AD_BUF_INIT(1 << 20);
    ad_buf_str(&features, "{\"music\": {\"audio\": {\"energy\": {\"times\": [0");
    for (int i = 1; i < 1200; i++)
        ad_buf_printf(&features, ", %d.%02d", i / 20, i % 20 * 5);
    ad_buf_str(&features, "], \"values\": [0");
    for (int i = 1; i < 1200; i++)
        ad_buf_printf(&features, ", %d", i % 2);
    ad_buf_str(&features, "]}}}}");
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml = "name: r\nformat: {fps: 240}\ndag:\n  nodes:\n" MUSIC
                "  - {id: cut, type: SEGMENT, config: {duration: 12000f}, inputs: [music]}\n"
                "  - {id: out, type: VOLUME, inputs: [cut], config: {gain: {bind: {signal: "
                "cut.energy, range: [0, 1], steps: 10000}}}}\n"
                "  output: out\n",
        .inputs = "music=music",
        .features = (const char *)features.data});
    const struct ad_step *out = step_of(plan, "out");
    assert_string_equal(out->op->node_type, "SEQUENCE");
    assert_int_equal(out->input_count, 2);
    assert_int_equal(out->edge.frames, 12000);
    assert_int_equal(step_of(plan, "out.0")->edge.frames, 10000);
    ad_plan_destroy(plan);
    ad_buf_fini(&features);
}

/* Slices of the input at their own speeds: beats at frames 3 and 8, twice as fast while they sound. */
static void a_speed_may_follow_too(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml = DAG(VIDEO MUSIC
                    "  - {id: cut, type: SEGMENT, config: {duration: 12f}, inputs: [video]}\n"
                    "  - {id: out, type: SPEED, inputs: [cut], config: {speed: {bind: {signal: "
                    "music.beats, range: [1, 2], decay: 4f, hold: 4f, steps: 1}}}}\n"),
        .inputs = "video=film music=music",
        .features = HILL});
    /* held from frames 0, 4 and 8: 0, 0.75 -> 1, 1 */
    const struct ad_step *out = step_of(plan, "out");
    assert_int_equal(out->input_count, 2);
    assert_int_equal(out->edge.frames, 4 + 8 / 2);
    ad_plan_destroy(plan);
}

/* In a MAP, every item follows from its own beginning. */
static void items_of_a_list_follow_each(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml = DAG(VIDEO MUSIC
                    "  - {id: cut, type: SEGMENT_AT, config: {times: [12f, 24f], ends: false}, "
                    "inputs: [video]}\n"
                    "  - {id: each, type: MAP, inputs: [cut], config: {operation: TRANSFORM, "
                    "effects: {saturation: {bind: {signal: music.energy, range: [0, 2], steps: "
                    "4}}}}}\n"
                    "  - {id: out, type: SEQUENCE, inputs: [each]}\n"),
        .inputs = "video=film music=music",
        .features = HILL});
    const struct ad_step *each = step_of(plan, "each.0");
    assert_string_equal(each->op->node_type, "SEQUENCE");
    assert_int_equal(each->input_count, 8);
    assert_true(saturation(step_of(plan, "each.0.1")) == 0.5);
    assert_int_equal(step_of(plan, "each.0.1.cut")->edge.frames, 2);
    ad_plan_destroy(plan);
}

static void slices_are_no_borders_of_the_film(void **state)
{
    (void)state;
    struct ad_plan *plan = bound("signal: music.energy, range: [0, 2]", HILL);
    struct ad_shape *shape = NULL;
    artdag_error err = {0};
    assert_true(step_of(plan, "out")->input_count > 5);
    assert_ok(ad_plan_shape(plan, AD_STRATEGY_AUTO, &shape, &err));
    assert_int_equal(shape->films[0].span_count, 1);
    ad_shape_destroy(shape);
    ad_plan_destroy(plan);
}

static void mistakes_are_told_before_anything_is_planned(void **state)
{
    (void)state;
    static const struct {
        const char *bind, *says;
    } cases[] = {
        {"signal: music, range: [0, 1]", "\"music\" names no signal"},
        {"signal: music.enrgy, range: [0, 1]", "\"music.enrgy\" names no signal"},
        {"signal: musik.energy, range: [0, 1]", "no node is called \"musik\""},
        {"signal: music.energy", "the key \"range\" is missing"},
        {"signal: music.energy, range: [0, 1, 2]", "range"},
        {"signal: music.energy, range: [0, 1], smoth: 2", "unknown key \"smoth\""},
        {"signal: music.loudness, range: [0, 1]", "nothing can follow \"loudness\""},
        {"signal: music.onsets, range: [0, 1]", "no onsets in the analysis of music"},
        {"signal: music.energy, range: [0, 9]", "saturation cannot be"},
        {"signal: music.energy, range: [1e308, -1e308]", "saturation cannot be"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char yaml[1200];
        artdag_error err = {0};
        struct ad_plan *plan = NULL;
        snprintf(yaml, sizeof(yaml),
                 DAG(VIDEO MUSIC "  - {id: out, type: TRANSFORM, inputs: [video], config: "
                                 "{effects: {saturation: {bind: {%s}}}}}\n"),
                 cases[i].bind);
        struct request request = {
            .yaml = yaml, .inputs = "video=film music=music", .features = HILL};
        assert_true(try_plan(&request, &plan, &err) != ARTDAG_OK);
        if (!strstr(err.message, cases[i].says))
            fail_msg("{%s} says \"%s\", not \"%s\"", cases[i].bind, err.message, cases[i].says);
        assert_string_equal(err.node, "out");
        assert_int_equal(err.line, 6);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_number_follows_the_signal_frame_by_frame),
    cmocka_unit_test(a_domain_cuts_off_what_is_outside),
    cmocka_unit_test(values_may_be_held),
    cmocka_unit_test(values_may_be_smoothed),
    cmocka_unit_test(curves_bend_the_way),
    cmocka_unit_test(beats_are_pulses),
    cmocka_unit_test(only_the_frames_that_are_used_count),
    cmocka_unit_test(what_stands_still_is_one_step),
    cmocka_unit_test(an_animated_field_gets_a_curve),
    cmocka_unit_test(a_curve_with_too_many_keys_is_divided),
    cmocka_unit_test(a_speed_may_follow_too),
    cmocka_unit_test(items_of_a_list_follow_each),
    cmocka_unit_test(slices_are_no_borders_of_the_film),
    cmocka_unit_test(mistakes_are_told_before_anything_is_planned),
};
AD_TEST_MAIN(tests)
