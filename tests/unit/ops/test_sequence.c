/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "ops_test.h"

#define CLIPS 6

struct timeline {
    int64_t lengths[CLIPS], starts[CLIPS];
    size_t count;
    int64_t duration, overlap, frames;
};

static struct timeline random_timeline(int64_t duration, bool overlaps)
{
    struct timeline t = {.count = (size_t)ad_test_random_below(CLIPS) + 1,
                         .duration = duration};
    t.overlap = overlaps ? duration : 0;
    for (size_t i = 0; i < t.count; i++) {
        t.lengths[i] = 2 * duration + (int64_t)ad_test_random_below(12) + (duration == 0);
        t.starts[i] = i ? t.starts[i - 1] + t.lengths[i - 1] - t.overlap : 0;
        t.frames = t.starts[i] + t.lengths[i];
    }
    return t;
}

/* The clip that holds a position between borders, the later one of two. */
static size_t clip_of(const struct timeline *t, int64_t frame)
{
    size_t i = t->count - 1;
    while (t->starts[i] > frame)
        i--;
    return i;
}

static void check_frame(const struct timeline *t, const struct ops_item *item, int64_t frame)
{
    size_t i = clip_of(t, frame);
    bool overlapped = i > 0 && frame < t->starts[i] + t->overlap;
    bool mixed =
        overlapped && frame > t->starts[i]; /* with weight 0 the first clip's frame itself */
    size_t first = overlapped ? i - 1 : i;
    assert_int_equal(item->input, first);
    assert_int_equal(item->index, frame - t->starts[first]);
    assert_int_equal(item->parts != 0, mixed);
    if (mixed) {
        assert_int_equal(item->other, i);
        assert_int_equal(item->other_index, frame - t->starts[i]);
        assert_int_equal(item->part,
                         frame - t->starts[i]); /* weight part / parts of the later clip */
        assert_int_equal(item->parts, t->overlap);
    }
}

/* Sample s of the result belongs to the clip whose first sample at(S_i) comes last before it. Behind the last whole
 * sample one of padding may follow. */
static void check_sample(const struct timeline *t, const struct ad_format *f,
                         const struct ops_item *item, int64_t sample)
{
    size_t i = t->count - 1;
    while (ad_samples_at(f, t->starts[i]) > sample)
        i--;
    bool mixed = i > 0 && sample < ad_samples_at(f, t->starts[i] + t->overlap);
    size_t first = mixed ? i - 1 : i;
    int64_t index = sample - ad_samples_at(f, t->starts[first]);
    if (sample >= ad_samples_at(f, t->frames) &&
        index >= ad_samples_for(f, t->lengths[first])) {
        assert_int_equal(item->input, -1);
        return;
    }
    assert_int_equal(item->input, first);
    assert_int_equal(item->index, index);
    if (mixed)
        assert_int_equal(item->other_index, sample - ad_samples_at(f, t->starts[i]));
}

static void check_timeline(struct ops_case *c, const struct timeline *t)
{
    struct ops_stream s = {.endless = false};
    assert_int_equal(c->edge.frames, t->frames);
    ops_trace(c, AD_VIDEO, &s);
    for (size_t k = 0; k < s.items.len; k++)
        check_frame(t, &s.items.items[k], (int64_t)k);
    ad_vec_fini(&s.items);
    s = (struct ops_stream){.endless = false};
    ops_trace(c, AD_AUDIO, &s);
    for (size_t k = 0; k < s.items.len; k++)
        check_sample(t, &c->format, &s.items.items[k], (int64_t)k);
    ad_vec_fini(&s.items);
    ops_check_range(c);
}

/* Every frame and every sample of random sequences is the one it must be: lengths add up, nothing drifts. */
static void every_frame_and_sample_lies_where_it_must(void **state)
{
    (void)state;
    static const char *const types[] = {"cut", "crossfade", "fade", "wipeleft"};
    artdag_error err = {0};
    ad_test_seed(11);
    for (int i = 0; i < 80; i++) {
        const char *type = types[i % 4];
        bool cut = i % 4 == 0;
        bool overlaps = i % 4 == 1 || i % 4 == 3;
        int64_t duration = cut ? 0 : (int64_t)ad_test_random_below(4) + 1;
        struct timeline t = random_timeline(duration, overlaps);
        struct ops_case c;
        ops_init(&c, "SEQUENCE");
        c.format = ops_formats[(i / 4) % (int)ops_format_count].format;
        for (size_t k = 0; k < t.count; k++)
            ops_input(&c, t.lengths[k], 64, 36, true, true);
        const char *yaml = ad_arena_printf(&c.arena, "{transition: {type: %s, duration: %df}}",
                                           type, (int)duration);
        assert_ok(ops_plan(&c, yaml, &err));
        check_timeline(&c, &t);
        ops_fini(&c);
    }
}

static void clips_as_short_as_their_transitions_have_no_body(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    struct timeline t = {{3, 6, 3}, {0, 0, 3}, 3, 3, 3, 6};
    ops_init(&c, "SEQUENCE");
    for (size_t k = 0; k < t.count; k++)
        ops_input(&c, t.lengths[k], 64, 36, true, true);
    assert_ok(ops_plan(&c, "{transition: {type: crossfade, duration: 3f}}", &err));
    check_timeline(&c, &t);
    ops_fini(&c);
}

static void a_clip_too_short_for_its_transitions_is_named(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "SEQUENCE");
    ops_input(&c, 24, 64, 36, true, true);
    ops_input(&c, 23, 64, 36, true, true);
    ops_input(&c, 24, 64, 36, true, true);
    assert_fails(ARTDAG_E_FORMAT,
                 ops_plan(&c, "transition: {type: crossfade,\n  duration: 0.5}", &err));
    assert_err_says("clip 2 of 3");
    assert_err_says("\"11f\"");
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 13);
    assert_ok(ops_plan(&c, "{transition: {type: crossfade, duration: 11f}}", &err));
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{transition: {type: fade}}", &err));
    ops_fini(&c);
}

static void a_transition_of_no_frames_is_a_cut(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "{}",
        "{transition: {}}",
        "{transition: {type: cut, duration: 2}}",
        "{transition: {type: crossfade, duration: 0}}",
        "{transition: {type: wipeup, duration: 0.01}}",
        "{target_size: explicit, width: 64, height: 36}",
        "{target_size: last}",
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "SEQUENCE");
        ops_input(&c, 5, 64, 36, true, true);
        ops_input(&c, 7, 64, 36, true, true);
        assert_ok(ops_plan(&c, cases[i], &err));
        assert_string_equal(
            ops_config_text(&c),
            "{\"background\":\"#000000\",\"height\":36,\"target_size\":\"explicit\","
            "\"transition\":{\"type\":\"cut\"},\"width\":64}");
        ops_fini(&c);
    }
}

static void the_size_is_the_one_asked_for(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        int64_t w, h;
    } cases[] = {
        {"{}", 64, 36},
        {"{target_size: first}", 64, 36},
        {"{target_size: last}", 32, 64},
        {"{target_size: largest}", 100, 50},
        {"{target_size: explicit, width: 10, height: 12}", 10, 12},
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "SEQUENCE");
        ops_input(&c, 5, 0, 0, false, true);
        ops_input(&c, 5, 64, 36, true, true);
        ops_input(&c, 5, 100, 50, true, false);
        ops_input(&c, 5, 50, 100, true, false);
        ops_input(&c, 5, 32, 64, true, false);
        assert_ok(ops_plan(&c, cases[i].yaml, &err));
        assert_int_equal(c.edge.width, cases[i].w);
        assert_int_equal(c.edge.height, cases[i].h);
        assert_true(c.edge.video && c.edge.audio);
        ops_fini(&c);
    }
}

static void sizes_that_contradict_are_errors(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{target_size: explicit}", "needs width and height"},
        {"{target_size: explicit, width: 4}", "needs width and height"},
        {"{target_size: explicit, width: 5, height: 4}", "even"},
        {"{width: 4, height: 4}", "target_size: explicit"},
        {"{target_size: biggest}", "one of first, last, largest, explicit"},
        {"{transition: crossfade}", "map"},
        {"{transition: {type: wipe_left}}", "wipeleft"},
        {"{transition: {typ: cut}}", "\"type\""},
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "SEQUENCE");
        ops_input(&c, 5, 64, 36, true, false);
        assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, cases[i][0], &err));
        assert_err_says(cases[i][1]);
        ops_fini(&c);
    }
}

static void missing_sound_and_pictures_are_made_up(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "SEQUENCE");
    c.format = ops_formats[2].format;
    ops_input(&c, 5, 64, 36, true, false);
    ops_input(&c, 6, 0, 0, false, true);
    ops_input(&c, 7, 64, 36, true, true);
    assert_ok(ops_plan(&c, "{background: '#102030'}", &err));
    struct ops_stream s = {.endless = false};
    ops_trace(&c, AD_VIDEO, &s);
    for (size_t k = 0; k < s.items.len; k++)
        assert_int_equal(s.items.items[k].input, k < 5 ? 0 : k < 11 ? -1 : 2);
    ad_vec_fini(&s.items);
    s = (struct ops_stream){.endless = false};
    ops_trace(&c, AD_AUDIO, &s);
    for (size_t k = 0; k < s.items.len; k++) {
        int64_t at = (int64_t)k;
        int want = at < ad_samples_at(&c.format, 5)    ? -1
                   : at < ad_samples_at(&c.format, 11) ? 1
                                                       : 2;
        assert_int_equal(s.items.items[k].input, want);
    }
    ad_vec_fini(&s.items);
    ops_fini(&c);
}

/* The filter that feeds one called `name`. */
static const char *feeder_of(const struct ad_graph *graph, const char *name)
{
    const struct ad_filter *f = ops_filter(graph, name);
    for (size_t i = 0; i < graph->links.len; i++) {
        const struct ad_link *link = &graph->links.items[i];
        if (&graph->filters.items[link->to_filter] == f && !link->from.leaf)
            return graph->filters.items[link->from.filter].name;
    }
    return "a leaf";
}

/* Formats are negotiated along whole graphs: what a transition converts to must not reach the clip before it is divided. */
static void a_clip_has_the_working_format_before_it_is_divided(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const int64_t widths[] = {64, 100};
    for (size_t i = 0; i < 2; i++) {
        struct ops_case c;
        ops_init(&c, "SEQUENCE");
        ops_input(&c, 20, widths[i], 36, true, false);
        ops_input(&c, 3, 64, 36, true, false);
        assert_ok(ops_plan(&c,
                           "{transition: {type: crossfade, duration: 3f}, "
                           "target_size: explicit, width: 64, height: 36}",
                           &err));
        assert_string_equal(feeder_of(ops_graph(&c, AD_VIDEO), "split"), "format");
        ops_fini(&c);
    }
}

static void sound_alone_has_no_size(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "SEQUENCE");
    ops_input(&c, 5, 0, 0, false, true);
    ops_input(&c, 6, 0, 0, false, true);
    assert_ok(ops_plan(&c, "{background: red}", &err));
    assert_string_equal(ops_config_text(&c), "{\"transition\":{\"type\":\"cut\"}}");
    assert_false(c.edge.video);
    assert_int_equal(c.edge.frames, 11);
    ops_fini(&c);
}

static void one_clip_passes_untouched(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "SEQUENCE");
    ops_input(&c, 5, 64, 36, true, true);
    assert_ok(ops_plan(&c, "{transition: {type: crossfade, duration: 5}}", &err));
    assert_int_equal(c.edge.frames, 5);
    struct ad_graph *graph = ops_graph(&c, AD_VIDEO);
    assert_int_equal(graph->filters.len, ops_count(graph, "format"));
    ops_fini(&c);
}

static void a_thousand_clips_add_up(void **state)
{
    (void)state;
    enum {
        COUNT = 1000
    };
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "SEQUENCE");
    c.format = ops_formats[2].format;
    struct ad_op_input *inputs = ad_arena_array(&c.arena, COUNT, sizeof(*inputs));
    assert_non_null(inputs);
    int64_t sum = 0;
    for (size_t i = 0; i < COUNT; i++) {
        inputs[i] =
            (struct ad_op_input){"0", {1 + (int64_t)(i * 7 % 13), 64, 36, true, true, false}};
        sum += inputs[i].edge.frames;
    }
    c.call.inputs = inputs;
    c.call.input_count = COUNT;
    assert_ok(ops_plan(&c, "{}", &err));
    assert_int_equal(c.edge.frames, sum);
    struct ad_span span = {0, 0};
    c.op->range(&c.call, COUNT - 1, (struct ad_span){sum - 1, sum}, &span);
    assert_int_equal(span.to, inputs[COUNT - 1].edge.frames);
    assert_int_equal(span.from, span.to - 1);
    ops_fini(&c);
}

static void transitions_that_are_not_exact_say_so(void **state)
{
    (void)state;
    static const struct {
        const char *yaml;
        enum ad_class want;
    } cases[] = {
        {"{}", AD_CLASS_EXACT},
        {"{transition: {type: crossfade, duration: 1f}}", AD_CLASS_EXACT},
        {"{transition: {type: radial, duration: 1f}}", AD_CLASS_PROFILE},
        {"{transition: {type: dissolve, duration: 1f}}", AD_CLASS_PROFILE},
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "SEQUENCE");
        ops_input(&c, 5, 64, 36, true, true);
        ops_input(&c, 5, 64, 36, true, true);
        assert_ok(ops_plan(&c, cases[i].yaml, &err));
        assert_int_equal(ad_op_class(c.op, c.call.config), cases[i].want);
        ops_fini(&c);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_frame_and_sample_lies_where_it_must),
    cmocka_unit_test(clips_as_short_as_their_transitions_have_no_body),
    cmocka_unit_test(a_clip_too_short_for_its_transitions_is_named),
    cmocka_unit_test(a_transition_of_no_frames_is_a_cut),
    cmocka_unit_test(the_size_is_the_one_asked_for),
    cmocka_unit_test(sizes_that_contradict_are_errors),
    cmocka_unit_test(missing_sound_and_pictures_are_made_up),
    cmocka_unit_test(a_clip_has_the_working_format_before_it_is_divided),
    cmocka_unit_test(sound_alone_has_no_size),
    cmocka_unit_test(one_clip_passes_untouched),
    cmocka_unit_test(a_thousand_clips_add_up),
    cmocka_unit_test(transitions_that_are_not_exact_say_so),
};
AD_TEST_MAIN(tests)
