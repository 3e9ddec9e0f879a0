/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "plan_test.h"

static const char yaml[] =
    DAG(VIDEO MUSIC "  - {id: a, type: SEGMENT, config: {start: 5, end: 7}, inputs: [video]}\n"
                    "  - {id: b, type: SEGMENT, config: {end: 3}, inputs: [video]}\n"
                    "  - {id: wide, type: RESIZE, config: {width: 640}, inputs: [b]}\n"
                    "  - {id: film, type: SEQUENCE, inputs: [a, wide, a], "
                    "config: {transition: {type: crossfade}}}\n"
                    "  - {id: out, type: MUX, inputs: {video: film, audio: music}}\n");

static struct ad_plan *sample(void)
{
    return make_plan(&(struct request){.yaml = yaml, .inputs = "video=film music=music"});
}

/* Every step by itself, the film whole. */
static struct ad_lowering *lower(const struct ad_plan *plan, const enum ad_need *need)
{
    artdag_error err = {0};
    struct ad_shape *shape = NULL;
    struct ad_lowering *lowering = NULL;
    assert_ok(ad_plan_shape(plan, AD_STRATEGY_NAIVE, &shape, &err));
    shape->film_count = 0;
    assert_ok(ad_lower(plan, shape, need, &lowering, &err));
    ad_shape_destroy(shape);
    return lowering;
}

static struct ad_lowering *lower_all(const struct ad_plan *plan)
{
    enum ad_need need[64];
    assert_true(plan->step_count <= 64);
    for (size_t i = 0; i < plan->step_count; i++)
        need[i] = ad_step_is_source(&plan->steps[i]) ? AD_NEED_HIT : AD_NEED_RUN;
    return lower(plan, need);
}

static const struct ad_task *task_of(const struct ad_plan *plan, const struct ad_lowering *l,
                                     const char *node)
{
    for (size_t i = 0; i < l->task_count; i++)
        if (&plan->steps[l->tasks[i].step] == step_of(plan, node))
            return &l->tasks[i];
    fail_msg("no task for %s", node);
    return NULL;
}

static void one_task_per_step_but_sources(void **state)
{
    (void)state;
    struct ad_plan *plan = sample();
    struct ad_lowering *l = lower_all(plan);
    assert_int_equal(plan->step_count, 8);
    assert_int_equal(l->task_count, 6);
    for (size_t i = 0; i < l->task_count; i++) {
        assert_true(l->tasks[i].cost >= 1);
        for (size_t k = 0; k < l->tasks[i].after_count; k++)
            assert_true(l->tasks[i].after[k] < i);
    }
    assert_int_equal(task_of(plan, l, "a")->after_count, 0);
    assert_int_equal(task_of(plan, l, "film")->after_count, 2); /* a is used twice */
    const struct ad_task *out = task_of(plan, l, "out");
    assert_int_equal(out->after_count, 1);
    assert_ptr_equal(&l->tasks[out->after[0]], task_of(plan, l, "film"));
    /* Encoding costs most, as measured. */
    assert_true(task_of(plan, l, "out.encode")->cost > task_of(plan, l, "film")->cost);
    ad_lowering_destroy(l);
    ad_lowering_destroy(NULL);
    ad_plan_destroy(plan);
}

static void hits_are_no_tasks_and_nobody_waits_for_them(void **state)
{
    (void)state;
    struct ad_plan *plan = sample();
    enum ad_need need[8] = {AD_NEED_NO};
    need[step_of(plan, "film") - plan->steps] = AD_NEED_HIT;
    need[step_of(plan, "out") - plan->steps] = AD_NEED_RUN;
    need[plan->output] = AD_NEED_RUN;
    struct ad_lowering *l = lower(plan, need);
    assert_int_equal(l->task_count, 2);
    assert_int_equal(l->tasks[0].after_count, 0);
    assert_int_equal(l->tasks[1].after_count, 1);
    assert_int_equal(l->tasks[1].after[0], 0);
    ad_lowering_destroy(l);
    ad_plan_destroy(plan);
}

/* CIDs of all results, as text. */
static void fill_cids(const struct ad_plan *plan, char texts[][AD_CID_TEXT_MAX],
                      const char **cids)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        struct ad_cid cid = media_cid(plan->steps[i].name);
        ad_cid_format(&cid, texts[i]);
        cids[i] = texts[i];
    }
}

static void unit_of(const struct ad_plan *plan, const struct ad_lowering *l, const char *node,
                    struct ad_arena *arena, struct ad_unit *ret)
{
    static char texts[64][AD_CID_TEXT_MAX];
    const char *cids[64];
    artdag_error err = {0};
    fill_cids(plan, texts, cids);
    assert_ok(ad_lower_unit(plan, task_of(plan, l, node), cids, NULL, arena, ret, &err));
    assert_ok(ad_unit_check(ret, &err));
}

static void segment_reads_its_range_of_the_file(void **state)
{
    (void)state;
    struct ad_plan *plan = sample();
    struct ad_lowering *l = lower_all(plan);
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = {0};
    char cid[AD_CID_TEXT_MAX];
    struct ad_cid film = media_cid("film");
    ad_cid_format(&film, cid);
    unit_of(plan, l, "a", &arena, &unit);
    assert_int_equal(unit.frames, 48);
    assert_int_equal(unit.samples, 88200);
    assert_int_equal(unit.width, 1280);
    assert_int_equal(unit.video->leaves.len, 1);
    assert_int_equal(unit.audio->leaves.len, 1);
    const struct ad_leaf *leaf = &unit.video->leaves.items[0];
    assert_string_equal(leaf->cid, cid);
    assert_false(leaf->mezzanine);
    assert_int_equal(leaf->stream, 0);
    assert_int_equal(leaf->first, 120);
    assert_int_equal(leaf->count, 48);
    leaf = &unit.audio->leaves.items[0];
    assert_int_equal(leaf->stream, 1);
    assert_int_equal(leaf->first, 120);
    assert_string_equal(unit.encode.container, "nut");
    ad_arena_fini(&arena);
    ad_lowering_destroy(l);
    ad_plan_destroy(plan);
}

static void every_use_of_a_result_has_its_own_leaf(void **state)
{
    (void)state;
    struct ad_plan *plan = sample();
    struct ad_lowering *l = lower_all(plan);
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = {0};
    unit_of(plan, l, "film", &arena, &unit);
    assert_int_equal(unit.video->leaves.len, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(unit.video->leaves.items[i].mezzanine);
    assert_string_equal(unit.video->leaves.items[0].cid, unit.video->leaves.items[2].cid);
    assert_int_equal(unit.video->leaves.items[1].count, 72);
    ad_arena_fini(&arena);
    ad_lowering_destroy(l);
    ad_plan_destroy(plan);
}

static void unused_sound_and_picture_are_not_opened(void **state)
{
    (void)state;
    struct ad_plan *plan = sample();
    struct ad_lowering *l = lower_all(plan);
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = {0};
    unit_of(plan, l, "out", &arena, &unit);
    assert_int_equal(unit.video->leaves.len, 1);
    assert_true(unit.video->leaves.items[0].mezzanine);
    assert_int_equal(unit.audio->leaves.len, 1);
    assert_false(unit.audio->leaves.items[0].mezzanine);
    ad_arena_fini(&arena);
    ad_lowering_destroy(l);
    ad_plan_destroy(plan);
}

static const char *option(const struct ad_filter *filter, const char *name)
{
    for (size_t i = 0; i < filter->options.len; i++)
        if (strcmp(filter->options.items[i].name, name) == 0)
            return filter->options.items[i].value;
    fail_msg("%s has no option %s", filter->name, name);
    return NULL;
}

static void fragments_end_with_pinned_formats(void **state)
{
    (void)state;
    struct ad_plan *plan = sample();
    struct ad_lowering *l = lower_all(plan);
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = {0};
    unit_of(plan, l, "out.encode", &arena, &unit);
    assert_string_equal(unit.encode.container, "mp4");
    const struct ad_filter *f = unit.video->filters.items;
    assert_int_equal(unit.video->filters.len, 3);
    assert_string_equal(option(&f[0], "pix_fmts"), "yuv420p");
    assert_string_equal(option(&f[1], "expr"), "1/24");
    assert_string_equal(option(&f[2], "sar"), "1/1");
    f = unit.audio->filters.items;
    assert_int_equal(unit.audio->filters.len, 2);
    assert_string_equal(option(&f[0], "sample_fmts"), "fltp");
    assert_string_equal(option(&f[0], "sample_rates"), "44100");
    assert_string_equal(option(&f[0], "channel_layouts"), "stereo");
    assert_string_equal(option(&f[1], "expr"), "1/44100");
    ad_arena_fini(&arena);
    ad_lowering_destroy(l);
    ad_plan_destroy(plan);
}

static void missing_result_is_told_with_the_step(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_plan *plan = sample();
    struct ad_lowering *l = lower_all(plan);
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = {0};
    const char *cids[64] = {NULL};
    assert_fails(ARTDAG_E_INVAL, ad_lower_unit(plan, task_of(plan, l, "wide"), cids, NULL,
                                               &arena, &unit, &err));
    assert_err_says("result of r.b is not known");
    assert_string_equal(err.node, "r.wide");
    assert_int_equal(err.line, 8);
    ad_arena_fini(&arena);
    ad_lowering_destroy(l);
    ad_plan_destroy(plan);
}

/* Every unit of every example passes the check that the media program makes. */
static void units_of_all_examples_pass_the_check(void **state)
{
    (void)state;
    static const char *const examples[][2] = {
        {"examples/simple_sequence.yaml", "video=film"},
        {"examples/simple_sequence.yaml", "video=silent"},
        {"examples/demo.yaml", "video=film"},
        {"examples/demo.yaml", "video=tall"},
        {"examples/montage.yaml", "video=small"},
        {"examples/music-video.yaml", "video=silent music=music"},
    };
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        char *text = source_text(examples[i][0]);
        struct ad_plan *plan =
            make_plan(&(struct request){.yaml = text, .inputs = examples[i][1]});
        struct ad_lowering *l = lower_all(plan);
        for (size_t t = 0; t < l->task_count; t++) {
            struct ad_arena arena = AD_ARENA_INIT;
            struct ad_unit unit = {0};
            const struct ad_step *step = &plan->steps[l->tasks[t].step];
            unit_of(plan, l, strchr(step->name, '.') + 1, &arena, &unit);
            assert_int_equal(unit.frames, step->edge.frames);
            assert_int_equal(unit.video != NULL, step->edge.video);
            assert_int_equal(unit.audio != NULL, step->edge.audio);
            ad_arena_fini(&arena);
        }
        ad_lowering_destroy(l);
        ad_plan_destroy(plan);
        free(text);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(one_task_per_step_but_sources),
    cmocka_unit_test(hits_are_no_tasks_and_nobody_waits_for_them),
    cmocka_unit_test(segment_reads_its_range_of_the_file),
    cmocka_unit_test(every_use_of_a_result_has_its_own_leaf),
    cmocka_unit_test(unused_sound_and_picture_are_not_opened),
    cmocka_unit_test(fragments_end_with_pinned_formats),
    cmocka_unit_test(missing_result_is_told_with_the_step),
    cmocka_unit_test(units_of_all_examples_pass_the_check),
};
AD_TEST_MAIN(tests)
