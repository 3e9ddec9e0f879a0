/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "plan_test.h"

static struct ad_shape *shape_of(const struct ad_plan *plan, enum ad_strategy strategy)
{
    artdag_error err = {0};
    struct ad_shape *shape = NULL;
    assert_ok(ad_plan_shape(plan, strategy, &shape, &err));
    return shape;
}

static bool is_stored(const struct ad_plan *plan, const struct ad_shape *shape,
                      const char *node)
{
    return shape->stored[step_of(plan, node) - plan->steps];
}

/* Nothing is known, or what `known` says per step. */
struct memory {
    const bool *known;
    size_t asked;
};

static enum artdag_err remember(void *payload, const uint32_t *steps, size_t count,
                                bool *ret_known, artdag_error *err)
{
    struct memory *m = payload;
    (void)err;
    m->asked += count;
    for (size_t i = 0; i < count; i++)
        ret_known[i] = m->known && m->known[steps[i]];
    return ARTDAG_OK;
}

static struct ad_lowering *lower(const struct ad_plan *plan, const struct ad_shape *shape,
                                 struct memory *memory, enum ad_need *need)
{
    artdag_error err = {0};
    struct ad_lowering *lowering = NULL;
    assert_ok(ad_plan_prune(plan, shape, remember, memory, need, &err));
    assert_ok(ad_lower(plan, shape, need, &lowering, &err));
    return lowering;
}

#define STEPS_MAX 256
static char cid_texts[STEPS_MAX][AD_CID_TEXT_MAX];
static const char *cids[STEPS_MAX];

static void fill_cids(const struct ad_plan *plan)
{
    assert_true(plan->step_count <= STEPS_MAX);
    for (size_t i = 0; i < plan->step_count; i++) {
        struct ad_cid cid = media_cid(plan->steps[i].name);
        ad_cid_format(&cid, cid_texts[i]);
        cids[i] = cid_texts[i];
    }
}

static void unit_of(const struct ad_plan *plan, const struct ad_task *task,
                    ad_index_vec *touched, struct ad_arena *arena, struct ad_unit *ret)
{
    artdag_error err = {0};
    fill_cids(plan);
    assert_ok(ad_lower_unit(plan, task, cids, touched, arena, ret, &err));
    assert_ok(ad_unit_check(ret, &err));
}

static void naive_keeps_every_result(void **state)
{
    (void)state;
    struct ad_plan *plan =
        plan_of(DAG(VIDEO CUT "  - {id: out, type: SEQUENCE, inputs: [cut]}\n"));
    struct ad_shape *shape = shape_of(plan, AD_STRATEGY_NAIVE);
    for (size_t i = 0; i < plan->step_count; i++)
        assert_int_equal(shape->stored[i], !ad_step_is_source(&plan->steps[i]));
    ad_shape_destroy(shape);
    ad_shape_destroy(NULL);
    ad_plan_destroy(plan);
}

static void auto_keeps_the_film_and_what_is_asked_for(void **state)
{
    (void)state;
    struct ad_plan *plan =
        plan_of(DAG(VIDEO CUT "  - {id: look, type: TRANSFORM, inputs: [cut], keep: true}\n"
                              "  - {id: out, type: SEQUENCE, inputs: [look, cut]}\n"));
    struct ad_shape *shape = shape_of(plan, AD_STRATEGY_AUTO);
    struct memory memory = {0};
    enum ad_need need[8];
    assert_false(is_stored(plan, shape, "video"));
    assert_false(is_stored(plan, shape, "cut"));
    assert_true(is_stored(plan, shape, "look"));
    assert_false(is_stored(plan, shape, "out"));
    assert_true(is_stored(plan, shape, "out.encode"));
    struct ad_lowering *l = lower(plan, shape, &memory, need);
    assert_int_equal(memory.asked, 2); /* the film and look */
    assert_int_equal(need[step_of(plan, "cut") - plan->steps], AD_NEED_RUN);
    assert_int_equal(need[step_of(plan, "video") - plan->steps], AD_NEED_HIT);
    assert_ptr_equal(&plan->steps[l->tasks[0].step], step_of(plan, "look"));
    assert_int_equal(l->tasks[0].kind, AD_TASK_STEP);
    assert_int_equal(l->tasks[0].frames, 48);
    ad_lowering_destroy(l);
    ad_shape_destroy(shape);
    ad_plan_destroy(plan);
}

static void unit_says_which_steps_it_holds(void **state)
{
    (void)state;
    struct ad_plan *plan =
        plan_of(DAG(VIDEO CUT "  - {id: look, type: TRANSFORM, inputs: [cut], keep: true}\n"
                              "  - {id: out, type: SEQUENCE, inputs: [look, cut]}\n"));
    struct ad_shape *shape = shape_of(plan, AD_STRATEGY_AUTO);
    struct memory memory = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = {0};
    ad_index_vec touched = {0};
    enum ad_need need[8];
    struct ad_lowering *l = lower(plan, shape, &memory, need);
    unit_of(plan, &l->tasks[0], &touched, &arena, &unit);
    assert_int_equal(touched.len, 3);
    static const char *const names[] = {"r.video", "r.cut", "r.look"};
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(plan->steps[touched.items[i]].name, names[i]);
    ad_vec_fini(&touched);
    ad_arena_fini(&arena);
    ad_lowering_destroy(l);
    ad_shape_destroy(shape);
    ad_plan_destroy(plan);
}

static void kept_results_that_are_known_are_not_made(void **state)
{
    (void)state;
    struct ad_plan *plan =
        plan_of(DAG(VIDEO CUT "  - {id: look, type: TRANSFORM, inputs: [cut], keep: true}\n"
                              "  - {id: out, type: SEQUENCE, inputs: [look]}\n"));
    struct ad_shape *shape = shape_of(plan, AD_STRATEGY_AUTO);
    bool known[8] = {false};
    struct memory memory = {.known = known};
    enum ad_need need[8];
    known[step_of(plan, "look") - plan->steps] = true;
    struct ad_lowering *l = lower(plan, shape, &memory, need);
    for (size_t i = 0; i < l->task_count; i++)
        assert_int_equal(l->tasks[i].step, plan->output);
    assert_int_equal(need[step_of(plan, "cut") - plan->steps], AD_NEED_NO);
    ad_lowering_destroy(l);
    known[plan->output] = true;
    memory.asked = 0;
    l = lower(plan, shape, &memory, need);
    assert_int_equal(l->task_count, 0);
    assert_int_equal(l->film_count, 0);
    assert_int_equal(memory.asked, 1);
    ad_lowering_destroy(l);
    ad_shape_destroy(shape);
    ad_plan_destroy(plan);
}

/* Measured costs: two blurs and a sharpening are above 10 ms a frame, a change of colour is not. */
static void costly_results_of_many_users_are_kept(void **state)
{
    (void)state;
    static const char *const looks[] = {"{blur: 5, sharpen: 1}", "{saturation: 2}"};
    for (size_t i = 0; i < 2; i++) {
        char yaml[1200];
        snprintf(yaml, sizeof(yaml),
                 DAG(VIDEO CUT
                     "  - {id: look, type: TRANSFORM, config: {effects: %s}, inputs: [cut]}\n"
                     "  - {id: a, type: RESIZE, config: {width: 640}, inputs: [look]}\n"
                     "  - {id: b, type: RESIZE, config: {width: 320}, inputs: [look]}\n"
                     "  - {id: out, type: SEQUENCE, inputs: [a, b, look]}\n"),
                 looks[i]);
        struct ad_plan *plan = plan_of(yaml);
        struct ad_shape *shape = shape_of(plan, AD_STRATEGY_AUTO);
        assert_int_equal(is_stored(plan, shape, "look"), i == 0);
        ad_shape_destroy(shape);
        ad_plan_destroy(plan);
    }
}

static void a_long_result_is_not_kept_for_short_cuts_of_it(void **state)
{
    (void)state;
    struct ad_plan *plan = plan_of(
        DAG(VIDEO "  - {id: look, type: TRANSFORM, config: {effects: {blur: 5, sharpen: 1}}, "
                  "inputs: [video]}\n"
                  "  - {id: a, type: SEGMENT, config: {start: 1, end: 2}, inputs: [look]}\n"
                  "  - {id: b, type: SEGMENT, config: {start: 3, end: 4}, inputs: [look]}\n"
                  "  - {id: c, type: SEGMENT, config: {start: 5, end: 6}, inputs: [look]}\n"
                  "  - {id: out, type: SEQUENCE, inputs: [a, b, c]}\n"));
    struct ad_shape *shape = shape_of(plan, AD_STRATEGY_AUTO);
    assert_false(is_stored(plan, shape, "look"));
    ad_shape_destroy(shape);
    ad_plan_destroy(plan);
}

/* Eighteen doublings are 262,144 leaves if all are built in one unit. */
static void units_stay_small_whatever_is_shared(void **state)
{
    (void)state;
    struct ad_buf buf = AD_BUF_INIT(1 << 16);
    ad_buf_str(&buf, "name: r\ndag:\n  nodes:\n" VIDEO
                     "  - {id: n0, type: SEGMENT, config: {end: 1f}, inputs: [video]}\n");
    for (int i = 1; i <= 18; i++)
        ad_buf_printf(&buf, "  - {id: n%d, type: SEQUENCE, inputs: [n%d, n%d]}\n", i, i - 1,
                      i - 1);
    ad_buf_str(&buf, "  output: n18\n");
    struct ad_plan *plan =
        make_plan(&(struct request){.yaml = (const char *)buf.data, .inputs = "video=music"});
    struct ad_shape *shape = shape_of(plan, AD_STRATEGY_AUTO);
    struct memory memory = {0};
    enum ad_need need[64];
    assert_int_equal(plan->steps[plan->output].edge.frames, 1 << 18);
    assert_int_equal(shape->film_count, 0);
    struct ad_lowering *l = lower(plan, shape, &memory, need);
    for (size_t i = 0; i < l->task_count; i++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_unit unit = {0};
        unit_of(plan, &l->tasks[i], NULL, &arena, &unit);
        assert_true(unit.audio->leaves.len <= 150000);
        ad_arena_fini(&arena);
    }
    ad_lowering_destroy(l);
    ad_shape_destroy(shape);
    ad_plan_destroy(plan);
    ad_buf_fini(&buf);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(naive_keeps_every_result),
    cmocka_unit_test(auto_keeps_the_film_and_what_is_asked_for),
    cmocka_unit_test(unit_says_which_steps_it_holds),
    cmocka_unit_test(kept_results_that_are_known_are_not_made),
    cmocka_unit_test(costly_results_of_many_users_are_kept),
    cmocka_unit_test(a_long_result_is_not_kept_for_short_cuts_of_it),
    cmocka_unit_test(units_stay_small_whatever_is_shared),
};
AD_TEST_MAIN(tests)
