/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "ad_fault.h"
#include "film.h"
#include "plan/plan.h"

struct planning {
    struct ad_recipe *recipe;
    struct ad_plan_input input;
    struct ad_plan_wish wish;
    struct ad_plan_env env;
    char *document; /* of the first good run */
    size_t document_len;
};

/* Plan, document, and the plan read back. What a good run gives is the same every time. */
static enum artdag_err make_plan(void *payload, artdag_error *err)
{
    struct planning *p = payload;
    struct ad_plan *plan = NULL;
    struct ad_plan *copy = NULL;
    struct ad_buf json = AD_BUF_INIT(1 << 20);
    enum artdag_err rc = ad_plan_make(p->recipe, &p->wish, &p->env, &plan, err);
    if (rc != ARTDAG_OK) {
        assert_null(plan);
        return rc;
    }
    assert_int_equal(plan->steps[plan->output].edge.frames, 48 + 48 - 12);
    rc = ad_plan_to_json(plan, &json, err);
    if (rc == ARTDAG_OK)
        rc = ad_plan_from_json(ad_buf_as_str(&json), &p->env, &copy, err);
    if (rc == ARTDAG_OK && !p->document) {
        p->document = ad_buf_take(&json, &p->document_len);
    } else if (rc == ARTDAG_OK) {
        assert_int_equal(json.len, p->document_len);
        assert_memory_equal(json.data, p->document, json.len);
    }
    ad_plan_destroy(copy);
    ad_plan_destroy(plan);
    ad_buf_fini(&json);
    return rc;
}

static enum ad_need *all_must_run(const struct ad_plan *plan)
{
    enum ad_need *need = calloc(plan->step_count, sizeof(*need));
    assert_non_null(need);
    for (size_t i = 0; i < plan->step_count; i++)
        need[i] =
            strcmp(plan->steps[i].op->node_type, "SOURCE") == 0 ? AD_NEED_NO : AD_NEED_RUN;
    return need;
}

static enum artdag_err lower(void *payload, artdag_error *err)
{
    const struct ad_plan *plan = payload;
    struct ad_lowering *lowering = NULL;
    struct ad_shape *shape = NULL;
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = {0};
    enum ad_need *need = all_must_run(plan);
    const char **cids = calloc(plan->step_count, sizeof(*cids));
    assert_non_null(cids);
    for (size_t i = 0; i < plan->step_count; i++)
        cids[i] = "bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    enum artdag_err rc = ad_plan_shape(plan, AD_STRATEGY_AUTO, &shape, err);
    if (rc == ARTDAG_OK)
        rc = ad_lower(plan, shape, need, &lowering, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < lowering->task_count; i++)
        if (lowering->tasks[i].kind != AD_TASK_JOIN)
            rc = ad_lower_unit(plan, &lowering->tasks[i], cids, NULL, &arena, &unit, err);
    ad_lowering_destroy(lowering);
    ad_shape_destroy(shape);
    ad_arena_fini(&arena);
    free(cids);
    free(need);
    return rc;
}

/* Lists, cuts and a signal, from the text to the plan. */
static enum artdag_err plan_lists(void *payload, artdag_error *err)
{
    static const char yaml[] =
        "dag:\n  nodes:\n"
        "  - {id: video, type: SOURCE, config: {input: true}}\n"
        "  - {id: part, type: SEGMENT, config: {duration: 12f}, inputs: [video]}\n"
        "  - {id: beats, type: ANALYZE, config: {feature: beats}, inputs: [video]}\n"
        "  - {id: a, type: MAP, config: {operation: RANDOM_SLICE, seed_from: timing}, inputs: "
        "{items: [video, part], timing: beats}}\n"
        "  - {id: b, type: SEGMENT_AT, config: {times: [0.1, 0.2], distribute: random}, "
        "inputs: "
        "[part, part]}\n"
        "  - {id: c, type: ZIP, inputs: [a, b]}\n"
        "  - {id: d, type: TRANSFORM, inputs: [part], config: {effects: {hue: {bind: {signal: "
        "video.energy, range: [0, 9]}}}}}\n"
        "  - {id: e, type: SWITCH, inputs: [part, video], config: {times_from: video.beats}}\n"
        "  - {id: out, type: REDUCE, config: {operation: SEQUENCE}, inputs: [c, d, e]}\n"
        "  output: out\n";
    const struct planning *p = payload;
    struct ad_recipe *recipe = NULL;
    struct ad_plan *plan = NULL;
    enum artdag_err rc = ad_recipe_parse(ad_str_from(yaml), "lists.yaml", NULL, &recipe, err);
    if (rc == ARTDAG_OK)
        rc = ad_plan_make(recipe, &p->wish, &p->env, &plan, err);
    ad_plan_destroy(plan);
    ad_recipe_destroy(recipe);
    return rc;
}

static int set_up(void **state)
{
    static struct planning planning;
    static struct ad_arena arena = AD_ARENA_INIT;
    artdag_error err = {0};
    planning = (struct planning){
        .input = {.name = "video", .analysis_cid = ""},
        .wish = {.inputs = &planning.input, .input_count = 1},
        .env = {.cluster_key = AD_STR_LIT("a key for tests"), .toolchain = "none"},
    };
    assert_ok(ad_cid_of(AD_CODEC_RAW, "video", 5, &planning.input.cid, &err));
    assert_ok(ad_cid_of(AD_CODEC_RAW, film_recipe, sizeof(film_recipe) - 1,
                        &planning.env.recipe_cid, &err));
    assert_ok(ad_json_parse(&arena, ad_str_from(film_analysis), "analysis", NULL,
                            &planning.input.analysis, &err));
    assert_ok(ad_json_parse(&arena,
                            AD_STR_LIT("{\"audio\": {\"beats\": {\"beat_times\": [0.1, 0.25, "
                                       "0.4]}, \"energy\": {\"times\": [0, 0.5], "
                                       "\"values\": [0, 1]}}}"),
                            "features", NULL, &planning.input.features, &err));
    assert_ok(
        ad_recipe_parse(ad_str_from(film_recipe), "film.yaml", NULL, &planning.recipe, &err));
    *state = &planning;
    return 0;
}

static int tear_down(void **state)
{
    struct planning *p = *state;
    ad_recipe_destroy(p->recipe);
    free(p->document);
    return 0;
}

static void planning_without_memory_says_so(void **state)
{
    artdag_error err = {0};
    assert_ok(make_plan(*state, &err));
    ad_fault_each(AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM, make_plan, NULL, *state);
    ad_fault_each(AD_FAULT_ALLOC, true, 0, ARTDAG_E_NOMEM, make_plan, NULL, *state);
}

static void lowering_without_memory_says_so(void **state)
{
    artdag_error err = {0};
    struct planning *p = *state;
    struct ad_plan *plan = NULL;
    assert_ok(ad_plan_make(p->recipe, &p->wish, &p->env, &plan, &err));
    ad_fault_each(AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM, lower, NULL, plan);
    ad_plan_destroy(plan);
}

static void expanding_without_memory_says_so(void **state)
{
    artdag_error err = {0};
    assert_ok(plan_lists(*state, &err));
    ad_fault_each(AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM, plan_lists, NULL, *state);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(planning_without_memory_says_so, set_up, tear_down),
    cmocka_unit_test_setup_teardown(expanding_without_memory_says_so, set_up, tear_down),
    cmocka_unit_test_setup_teardown(lowering_without_memory_says_so, set_up, tear_down),
};

AD_TEST_MAIN(tests)
