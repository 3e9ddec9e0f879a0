/* SPDX-License-Identifier: MIT */
#include "plan_test.h"

struct asked {
    const struct ad_plan *plan;
    const char *known[8]; /* node names */
    size_t calls, steps;
    char order[400]; /* names in the order of asking */
    enum artdag_err fail;
};

static enum artdag_err answer(void *payload, const uint32_t *steps, size_t count,
                              bool *ret_known, artdag_error *err)
{
    struct asked *a = payload;
    a->calls++;
    a->steps += count;
    for (size_t i = 0; i < count; i++) {
        const char *name = a->plan->steps[steps[i]].name + 2; /* "r." */
        strncat(a->order, name, sizeof(a->order) - strlen(a->order) - 2);
        strcat(a->order, i + 1 < count ? "," : ";");
        for (size_t k = 0; a->known[k]; k++)
            ret_known[i] = ret_known[i] || strcmp(a->known[k], name) == 0;
    }
    return a->fail ? ad_error_set(err, a->fail, "test", "no answer") : ARTDAG_OK;
}

/* Every step can be asked about. */
static enum artdag_err prune(struct asked *a, enum ad_need *need, artdag_error *err)
{
    struct ad_shape *shape = NULL;
    enum artdag_err rc = ad_plan_shape(a->plan, AD_STRATEGY_NAIVE, &shape, err);
    if (rc == ARTDAG_OK)
        rc = ad_plan_prune(a->plan, shape, answer, a, need, err);
    ad_shape_destroy(shape);
    return rc;
}

static const char yaml[] =
    DAG(VIDEO "  - {id: a, type: SEGMENT, config: {end: 2}, inputs: [video]}\n"
              "  - {id: b, type: SEGMENT, config: {end: 3}, inputs: [video]}\n"
              "  - {id: wide, type: RESIZE, config: {width: 640}, inputs: [b]}\n"
              "  - {id: out, type: SEQUENCE, inputs: [a, wide, b]}\n");

static enum ad_need need_of(const struct ad_plan *plan, const enum ad_need *need,
                            const char *node)
{
    return need[step_of(plan, node) - plan->steps];
}

static void known_output_costs_one_question(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_plan *plan = plan_of(yaml);
    struct asked a = {.plan = plan, .known = {"out.encode"}};
    enum ad_need need[8];
    assert_ok(prune(&a, need, &err));
    assert_int_equal(a.steps, 1);
    for (size_t i = 0; i < plan->step_count; i++)
        assert_int_equal(need[i], i == plan->output ? AD_NEED_HIT : AD_NEED_NO);
    ad_plan_destroy(plan);
}

static void nothing_behind_a_hit_is_asked(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_plan *plan = plan_of(yaml);
    struct asked a = {.plan = plan, .known = {"wide", "a"}};
    enum ad_need need[8];
    assert_ok(prune(&a, need, &err));
    assert_string_equal(a.order, "out.encode;out;a,wide,b;");
    assert_int_equal(need_of(plan, need, "out"), AD_NEED_RUN);
    assert_int_equal(need_of(plan, need, "wide"), AD_NEED_HIT);
    assert_int_equal(need_of(plan, need, "a"), AD_NEED_HIT);
    assert_int_equal(need_of(plan, need, "b"), AD_NEED_RUN);
    assert_int_equal(need_of(plan, need, "video"), AD_NEED_HIT);
    ad_plan_destroy(plan);
}

static void every_step_is_asked_once_and_sources_never(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_plan *plan = plan_of(yaml);
    struct asked a = {.plan = plan};
    enum ad_need need[8];
    assert_ok(prune(&a, need, &err));
    assert_string_equal(a.order, "out.encode;out;a,wide,b;");
    assert_int_equal(a.calls, 3);
    for (size_t i = 0; i < plan->step_count; i++)
        assert_int_equal(need[i],
                         ad_step_is_source(&plan->steps[i]) ? AD_NEED_HIT : AD_NEED_RUN);
    ad_plan_destroy(plan);
}

static void failing_question_ends_the_walk(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_plan *plan = plan_of(yaml);
    struct asked a = {.plan = plan, .fail = ARTDAG_E_NET};
    enum ad_need need[8];
    assert_fails(ARTDAG_E_NET, prune(&a, need, &err));
    assert_int_equal(a.calls, 1);
    ad_plan_destroy(plan);
}

/* AUTO asks about what is dear enough to be worth reading, and reads it where it is. */
static void what_another_strategy_left_is_used_when_it_is_worth_it(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_plan *plan = plan_of(
        DAG(VIDEO
            "  - {id: cut, type: SEGMENT, config: {end: 2}, inputs: [video]}\n"
            "  - {id: soft, type: TRANSFORM, config: {effects: {blur: 5, sharpen: 1}}, inputs: "
            "[cut]}\n"
            "  - {id: softer, type: TRANSFORM, config: {effects: {blur: 4}}, inputs: [soft]}\n"
            "  - {id: out, type: SEQUENCE, inputs: [softer, cut]}\n"));
    struct asked a = {.plan = plan, .known = {"softer", "cut"}};
    struct ad_shape *shape = NULL;
    struct ad_lowering *lowering = NULL;
    enum ad_need need[8];
    assert_ok(ad_plan_shape(plan, AD_STRATEGY_AUTO, &shape, &err));
    assert_ok(ad_plan_prune(plan, shape, answer, &a, need, &err));
    assert_non_null(strstr(a.order, "softer"));
    assert_null(strstr(a.order, "cut")); /* decoded as quickly as read */
    assert_int_equal(need_of(plan, need, "softer"), AD_NEED_HIT);
    assert_int_equal(need_of(plan, need, "soft"), AD_NEED_NO);
    assert_int_equal(need_of(plan, need, "cut"), AD_NEED_RUN);
    assert_ok(ad_lower(plan, shape, need, &lowering, &err));
    size_t softer = (size_t)(step_of(plan, "softer") - plan->steps);
    for (size_t i = 0; i < lowering->task_count; i++) {
        assert_true(lowering->tasks[i].stored[softer]);
        assert_false(lowering->tasks[i].named_by[softer]);
    }
    ad_lowering_destroy(lowering);
    ad_shape_destroy(shape);
    ad_plan_destroy(plan);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_another_strategy_left_is_used_when_it_is_worth_it),
    cmocka_unit_test(known_output_costs_one_question),
    cmocka_unit_test(nothing_behind_a_hit_is_asked),
    cmocka_unit_test(every_step_is_asked_once_and_sources_never),
    cmocka_unit_test(failing_question_ends_the_walk),
};
AD_TEST_MAIN(tests)
