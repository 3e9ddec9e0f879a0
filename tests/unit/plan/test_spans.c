/* SPDX-License-Identifier: MIT
 *
 * Where films are divided, and that what a span renders does not depend on where it stands.
 */
#include <stdio.h>
#include <stdlib.h>

#include "plan_test.h"

#define CLIP(id, from, to)                                                                     \
    "  - {id: " id ", type: SEGMENT, config: {start: " from ", end: " to "}, inputs: "         \
    "[video]}\n"
#define FADED "config: {transition: {type: crossfade, duration: 12f}}"

static struct ad_shape *shape_of(const struct ad_plan *plan, enum ad_strategy strategy)
{
    artdag_error err = {0};
    struct ad_shape *shape = NULL;
    assert_ok(ad_plan_shape(plan, strategy, &shape, &err));
    return shape;
}

/* Both strategies divide the film at exactly these frames, the end included. */
static void assert_borders(const char *yaml, const int64_t *borders, size_t count)
{
    struct ad_plan *plan = plan_of(yaml);
    for (int s = AD_STRATEGY_AUTO; s <= AD_STRATEGY_NAIVE; s++) {
        struct ad_shape *shape = shape_of(plan, (enum ad_strategy)s);
        assert_int_equal(shape->films[0].span_count, count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(shape->films[0].spans[i].from, i ? borders[i - 1] : 0);
            assert_int_equal(shape->films[0].spans[i].to, borders[i]);
        }
        ad_shape_destroy(shape);
    }
    assert_int_equal(plan->steps[plan->output].edge.frames, borders[count - 1]);
    ad_plan_destroy(plan);
}
#define ASSERT_BORDERS(yaml, ...)                                                              \
    assert_borders(yaml, (const int64_t[]){__VA_ARGS__},                                       \
                   sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void cuts_are_borders(void **state)
{
    (void)state;
    ASSERT_BORDERS(DAG(VIDEO CLIP("a", "0", "2") CLIP(
                       "b", "5", "8") "  - {id: out, type: SEQUENCE, inputs: [a, b, a]}\n"),
                   48, 120, 168);
}

/* Three clips of 48 frames that overlap by 12: body, transition, body, transition, body. */
static void transitions_are_spans_of_their_own(void **state)
{
    (void)state;
    ASSERT_BORDERS(
        DAG(VIDEO CLIP("a", "0", "2") CLIP(
            "b", "5", "7") "  - {id: out, type: SEQUENCE, inputs: [a, b, a], " FADED "}\n"),
        36, 48, 72, 84, 120);
}

/* At 24 frames a second: up to 192 frames whole, else every 144, and a rest of less than 48 stays with the last. */
static void long_pieces_are_divided_from_their_own_start(void **state)
{
    (void)state;
    ASSERT_BORDERS(
        DAG(VIDEO "  - {id: out, type: SEGMENT, config: {end: 192f}, inputs: [video]}\n"), 192);
    ASSERT_BORDERS(
        DAG(VIDEO "  - {id: out, type: SEGMENT, config: {end: 193f}, inputs: [video]}\n"), 144,
        193);
    ASSERT_BORDERS(
        DAG(VIDEO "  - {id: out, type: SEGMENT, config: {end: 335f}, inputs: [video]}\n"), 144,
        335);
    ASSERT_BORDERS(
        DAG(VIDEO "  - {id: out, type: SEGMENT, config: {end: 336f}, inputs: [video]}\n"), 144,
        288, 336);
    ASSERT_BORDERS(DAG(VIDEO CLIP("a", "0", "50f") CLIP(
                       "b", "0", "200f") "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n"),
                   50, 194, 250);
}

static void joints_pass_through_what_lies_above_them(void **state)
{
    (void)state;
    ASSERT_BORDERS(
        DAG(VIDEO CLIP("a", "0", "2") CLIP(
            "b", "5", "7") "  - {id: s, type: SEQUENCE, inputs: [a, b]}\n"
                           "  - {id: t, type: TRANSFORM, config: {effects: {saturation: 0}}, "
                           "inputs: [s]}\n"
                           "  - {id: r, type: RESIZE, config: {width: 640}, inputs: [t]}\n"
                           "  - {id: cut, type: SEGMENT, config: {start: 40f, end: 90f}, "
                           "inputs: [r]}\n"
                           "  - {id: out, type: SEQUENCE, inputs: [a, cut, cut]}\n"),
        48, 56, 98, 106, 148);
}

static void speed_hides_the_joints_below_it(void **state)
{
    (void)state;
    static const char yaml[] = DAG(VIDEO CLIP("a", "0", "2") CLIP(
        "b", "5",
        "7") "  - {id: s, type: SEQUENCE, inputs: [a, b]}\n"
             "  - {id: fast, type: TRANSFORM, config: {effects: {speed: 2}}, inputs: [s]}\n"
             "  - {id: out, type: SEQUENCE, inputs: [fast, a]}\n");
    ASSERT_BORDERS(yaml, 48, 96);
    struct ad_plan *plan = plan_of(yaml);
    struct ad_shape *shape = shape_of(plan, AD_STRATEGY_AUTO);
    assert_false(shape->stored[step_of(plan, "fast") - plan->steps]);
    assert_false(shape->stored[step_of(plan, "s") - plan->steps]);
    ad_shape_destroy(shape);
    ad_plan_destroy(plan);
}

/* A cut in the middle of a transition cannot be sliced through it: the sequence is kept. */
static void what_cannot_be_divided_is_kept(void **state)
{
    (void)state;
    struct ad_plan *plan = plan_of(DAG(VIDEO CLIP("a", "0", "2") CLIP(
        "b", "5", "7") "  - {id: s, type: SEQUENCE, inputs: [a, b], " FADED "}\n"
                       "  - {id: out, type: SEGMENT, config: {start: 40f}, inputs: [s]}\n"));
    struct ad_shape *shape = shape_of(plan, AD_STRATEGY_AUTO);
    assert_true(shape->stored[step_of(plan, "s") - plan->steps]);
    assert_int_equal(shape->films[0].span_count, 2);
    assert_int_equal(shape->films[0].spans[0].to, 8);
    ad_shape_destroy(shape);
    ad_plan_destroy(plan);
}

static void films_of_sound_alone_are_whole(void **state)
{
    (void)state;
    struct ad_plan *plan =
        make_plan(&(struct request){.yaml = DAG(VIDEO "  - {id: out, type: SEGMENT, inputs: "
                                                      "[video]}\n"),
                                    .inputs = "video=music"});
    struct ad_shape *shape = shape_of(plan, AD_STRATEGY_AUTO);
    assert_int_equal(shape->film_count, 0);
    ad_shape_destroy(shape);
    ad_plan_destroy(plan);
}

/* ---- tasks and units ---- */

static enum artdag_err know_nothing(void *payload, const uint32_t *steps, size_t count,
                                    bool *ret_known, artdag_error *err)
{
    (void)payload;
    (void)steps;
    (void)ret_known;
    (void)err;
    return count ? ARTDAG_OK : ARTDAG_E_INTERNAL;
}

static struct ad_lowering *lower(const struct ad_plan *plan, enum ad_strategy strategy)
{
    artdag_error err = {0};
    struct ad_shape *shape = shape_of(plan, strategy);
    struct ad_lowering *lowering = NULL;
    enum ad_need *need = calloc(plan->step_count, sizeof(*need));
    assert_non_null(need);
    assert_ok(ad_plan_prune(plan, shape, know_nothing, NULL, need, &err));
    assert_ok(ad_lower(plan, shape, need, &lowering, &err));
    ad_shape_destroy(shape);
    free(need);
    return lowering;
}

#define STEPS_MAX 256

static void unit_of(const struct ad_plan *plan, const struct ad_task *task,
                    struct ad_arena *arena, struct ad_unit *ret)
{
    static char texts[STEPS_MAX][AD_CID_TEXT_MAX];
    const char *cids[STEPS_MAX];
    artdag_error err = {0};
    assert_true(plan->step_count <= STEPS_MAX);
    for (size_t i = 0; i < plan->step_count; i++) {
        struct ad_cid cid = media_cid(plan->steps[i].name);
        ad_cid_format(&cid, texts[i]);
        cids[i] = texts[i];
    }
    assert_ok(ad_lower_unit(plan, task, cids, NULL, arena, ret, &err));
    assert_ok(ad_unit_check(ret, &err));
}

static void film_is_spans_then_sound_then_join(void **state)
{
    (void)state;
    struct ad_plan *plan = plan_of(DAG(VIDEO CLIP("a", "0", "2") CLIP(
        "b", "5", "7") "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n"));
    for (int s = AD_STRATEGY_AUTO; s <= AD_STRATEGY_NAIVE; s++) {
        artdag_error err = {0};
        struct ad_lowering *l = lower(plan, (enum ad_strategy)s);
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_job job = {0};
        size_t kept = s == AD_STRATEGY_AUTO ? 0 : 3;
        const struct ad_task *film = l->tasks + kept;
        assert_int_equal(l->task_count, kept + 4);
        assert_int_equal(film[0].kind, AD_TASK_SPAN);
        assert_int_equal(film[1].kind, AD_TASK_SPAN);
        assert_int_equal(film[1].span.from, 48);
        assert_int_equal(film[1].frames, 48);
        assert_int_equal(film[2].kind, AD_TASK_SOUND);
        assert_int_equal(film[2].frames, 0);
        assert_int_equal(film[3].kind, AD_TASK_JOIN);
        assert_int_equal(film[3].after_count, 3);
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(film[i].after_count, kept ? 1 : 0);
            assert_int_equal(film[3].after[i], kept + i);
        }
        assert_ok(ad_lower_join(plan, l, &film[3], &arena, &job, &err));
        assert_int_equal(job.kind, AD_JOB_JOIN);
        assert_int_equal(job.spans.len, 2);
        assert_int_equal(job.spans.items[0], 48);
        assert_int_equal(job.unit.frames, 96);
        assert_int_equal(job.unit.samples, 176400);
        assert_null(job.unit.video);
        assert_string_equal(job.unit.encode.container, "mp4");
        assert_string_equal(job.unit.encode.video.codec, "libx264");
        assert_string_equal(job.unit.encode.audio.codec, "aac");
        ad_arena_fini(&arena);
        ad_lowering_destroy(l);
    }
    ad_plan_destroy(plan);
}

static void span_reads_its_frames_of_the_file_and_no_sound(void **state)
{
    (void)state;
    struct ad_plan *plan = plan_of(DAG(VIDEO CLIP("a", "0", "2") CLIP(
        "b", "5", "7") "  - {id: out, type: SEQUENCE, inputs: [a, b], " FADED "}\n"));
    struct ad_lowering *l = lower(plan, AD_STRATEGY_AUTO);
    /* body of a: frames 0 - 36 of the file; transition: 36 - 48 and 120 - 132; body of b: 132 - 168 */
    static const int64_t reads[3][2][2] = {{{0, 36}}, {{36, 12}, {120, 12}}, {{132, 36}}};
    static const size_t leaves[] = {1, 2, 1};
    for (size_t i = 0; i < 3; i++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_unit unit = {0};
        unit_of(plan, &l->tasks[i], &arena, &unit);
        assert_null(unit.audio);
        assert_null(unit.encode.audio.codec);
        assert_int_equal(unit.samples, 0);
        assert_int_equal(unit.frames, l->tasks[i].frames);
        assert_string_equal(unit.encode.container, "nut");
        assert_string_equal(unit.encode.video.codec, "libx264");
        assert_int_equal(unit.video->leaves.len, leaves[i]);
        for (size_t k = 0; k < leaves[i]; k++) {
            assert_false(unit.video->leaves.items[k].mezzanine);
            assert_int_equal(unit.video->leaves.items[k].first, reads[i][k][0]);
            assert_int_equal(unit.video->leaves.items[k].count, reads[i][k][1]);
        }
        ad_arena_fini(&arena);
    }
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit sound = {0};
    unit_of(plan, &l->tasks[3], &arena, &sound);
    assert_int_equal(l->tasks[3].kind, AD_TASK_SOUND);
    assert_null(sound.video);
    assert_null(sound.encode.video.codec);
    assert_int_equal(sound.frames, 84);
    assert_int_equal(sound.width, 0);
    assert_int_equal(sound.audio->leaves.len, 2);
    ad_arena_fini(&arena);
    ad_lowering_destroy(l);
    ad_plan_destroy(plan);
}

/* The ids of all spans of a film, sorted. */
struct ids {
    struct ad_hash32 items[STEPS_MAX];
    size_t count;
};

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct ad_hash32));
}

static struct ids span_ids(const char *yaml)
{
    struct ids ids = {.count = 0};
    struct ad_plan *plan = plan_of(yaml);
    struct ad_lowering *l = lower(plan, AD_STRATEGY_AUTO);
    for (size_t i = 0; i < l->task_count; i++) {
        artdag_error err = {0};
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_buf json = AD_BUF_INIT(1 << 20);
        struct ad_unit unit = {0};
        if (l->tasks[i].kind == AD_TASK_SPAN) {
            unit_of(plan, &l->tasks[i], &arena, &unit);
            assert_ok(ad_unit_to_json(&unit, &json, &err));
            assert_ok(ad_unit_id(AD_STR_LIT(TEST_KEY), AD_STR_LIT(TEST_TOOLCHAIN),
                                 ad_buf_as_str(&json), &ids.items[ids.count++], &err));
        }
        ad_buf_fini(&json);
        ad_arena_fini(&arena);
    }
    qsort(ids.items, ids.count, sizeof(ids.items[0]), by_bytes);
    ad_lowering_destroy(l);
    ad_plan_destroy(plan);
    return ids;
}

static size_t in_common(const struct ids *a, const struct ids *b)
{
    size_t count = 0;
    for (size_t i = 0; i < a->count; i++)
        count +=
            bsearch(&a->items[i], b->items, b->count, sizeof(b->items[0]), by_bytes) != NULL;
    return count;
}

#define FOUR CLIP("a", "0", "2") CLIP("b", "5", "7") CLIP("c", "9", "12") CLIP("d", "13", "15")

static void moved_clips_keep_their_spans(void **state)
{
    (void)state;
    struct ids before =
        span_ids(DAG(VIDEO FOUR "  - {id: out, type: SEQUENCE, inputs: [a, b, c, "
                                "d]}\n"));
    struct ids after =
        span_ids(DAG(VIDEO FOUR "  - {id: out, type: SEQUENCE, inputs: [c, a, d, "
                                "b]}\n"));
    assert_int_equal(before.count, 4);
    assert_int_equal(in_common(&before, &after), 4);
}

static void inserted_and_changed_clips_touch_their_own_spans(void **state)
{
    (void)state;
    struct ids before = span_ids(DAG(VIDEO FOUR "  - {id: out, type: SEQUENCE, inputs: [a, b, "
                                                "d]}\n"));
    struct ids inserted =
        span_ids(DAG(VIDEO FOUR "  - {id: out, type: SEQUENCE, inputs: [a, c, b, "
                                "d]}\n"));
    struct ids changed = span_ids(DAG(VIDEO CLIP("a", "0", "2") CLIP("b", "6", "8") CLIP(
        "d", "13", "15") "  - {id: out, type: SEQUENCE, inputs: [a, b, d]}\n"));
    assert_int_equal(in_common(&before, &inserted), 3);
    assert_int_equal(in_common(&before, &changed), 2);
}

static void spans_between_transitions_stay_when_a_neighbour_changes(void **state)
{
    (void)state;
    struct ids before = span_ids(
        DAG(VIDEO FOUR "  - {id: out, type: SEQUENCE, inputs: [a, b, c], " FADED "}\n"));
    struct ids after = span_ids(
        DAG(VIDEO FOUR "  - {id: out, type: SEQUENCE, inputs: [a, b, d], " FADED "}\n"));
    /* body of a, its transition to b, and body of b of five spans */
    assert_int_equal(before.count, 5);
    assert_int_equal(in_common(&before, &after), 3);
}

static void units_of_all_examples_pass_the_check_in_both_strategies(void **state)
{
    (void)state;
    static const char *const examples[][2] = {
        {"examples/simple_sequence.yaml", "video=film"},
        {"examples/demo.yaml", "video=film"},
        {"examples/demo.yaml", "video=tall"},
        {"examples/montage.yaml", "video=small"},
        {"examples/music-video.yaml", "video=silent music=music"},
    };
    for (size_t i = 0; i < 2 * sizeof(examples) / sizeof(examples[0]); i++) {
        char *text = source_text(examples[i / 2][0]);
        struct ad_plan *plan =
            make_plan(&(struct request){.yaml = text, .inputs = examples[i / 2][1]});
        struct ad_lowering *l = lower(plan, i % 2 ? AD_STRATEGY_NAIVE : AD_STRATEGY_AUTO);
        assert_true(l->films[0].span_count >= 1);
        for (size_t t = 0; t < l->task_count; t++) {
            struct ad_arena arena = AD_ARENA_INIT;
            struct ad_unit unit = {0};
            if (l->tasks[t].kind != AD_TASK_JOIN)
                unit_of(plan, &l->tasks[t], &arena, &unit);
            ad_arena_fini(&arena);
        }
        ad_lowering_destroy(l);
        ad_plan_destroy(plan);
        free(text);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(cuts_are_borders),
    cmocka_unit_test(transitions_are_spans_of_their_own),
    cmocka_unit_test(long_pieces_are_divided_from_their_own_start),
    cmocka_unit_test(joints_pass_through_what_lies_above_them),
    cmocka_unit_test(speed_hides_the_joints_below_it),
    cmocka_unit_test(what_cannot_be_divided_is_kept),
    cmocka_unit_test(films_of_sound_alone_are_whole),
    cmocka_unit_test(film_is_spans_then_sound_then_join),
    cmocka_unit_test(span_reads_its_frames_of_the_file_and_no_sound),
    cmocka_unit_test(moved_clips_keep_their_spans),
    cmocka_unit_test(inserted_and_changed_clips_touch_their_own_spans),
    cmocka_unit_test(spans_between_transitions_stay_when_a_neighbour_changes),
    cmocka_unit_test(units_of_all_examples_pass_the_check_in_both_strategies),
};
AD_TEST_MAIN(tests)
