/* SPDX-License-Identifier: MIT
 *
 * What a site tells of its past.
 */
#include "api_test.h"

static const struct ad_value *runs(struct user *u, struct ad_arena *arena, const char *run,
                                   size_t limit)
{
    artdag_error err = {0};
    char *json = NULL;
    assert_ok(artdag_runs(u->site, run, limit, &json, &err));
    return tree_of(arena, json);
}

static void a_new_site_has_no_past(void **state)
{
    artdag_error err = {0};
    struct user u;
    struct ad_arena arena = AD_ARENA_INIT;
    char *json = NULL;
    user_open(&u, *state, "");
    assert_int_equal(runs(&u, &arena, NULL, 0)->list.len, 0);
    assert_fails(ARTDAG_E_NOTFOUND, artdag_runs(u.site, "00", 0, &json, &err));
    assert_err_says("artdag runs");
    ad_arena_fini(&arena);
    user_close(&u);
}

static void runs_are_listed_newest_first(void **state)
{
    artdag_error err = {0};
    struct user u;
    struct ad_arena arena = AD_ARENA_INIT;
    artdag_run_result failed = {0};
    user_open(&u, *state, "");
    artdag_run_result first = user_run(&u);
    place_recipe(&u.files, DAG(VIDEO "  - {id: out, type: SEGMENT, config: {duration: 7f}, "
                                     "inputs: [video]}\n"));
    (void)fake_program(*state, "fake",
                       "--analysis \"${0%/*}/analysis.json\" any=fails"); /* next time */
    user_reopen(&u);
    assert_fails(ARTDAG_E_MEDIA, artdag_run_recipe(u.site, &u.what, NULL, &failed, &err));
    const struct ad_value *list = runs(&u, &arena, NULL, 0);
    assert_int_equal(list->list.len, 2);
    const struct ad_value *newest = list->list.items[0], *oldest = list->list.items[1];
    assert_str_view_equal(at(newest, "status")->string, "failed");
    assert_true(at(newest, "error")->string.len > 0);
    assert_str_view_equal(at(newest, "output_cid")->string, "");
    assert_str_view_equal(at(oldest, "status")->string, "done");
    assert_str_view_equal(at(oldest, "run_id")->string, first.run_id);
    assert_str_view_equal(at(oldest, "output_cid")->string, first.output_cid.text);
    assert_str_view_equal(at(oldest, "plan_cid")->string, first.plan_cid.text);
    assert_str_view_equal(at(oldest, "recipe_cid")->string, first.recipe_cid.text);
    assert_str_view_equal(at(oldest, "recipe_name")->string, "r");
    assert_int_equal(runs(&u, &arena, NULL, 1)->list.len, 1);
    ad_arena_fini(&arena);
    user_close(&u);
}

static void one_run_is_told_with_its_steps(void **state)
{
    struct user u;
    struct ad_arena arena = AD_ARENA_INIT;
    user_open(&u, *state, "");
    artdag_run_result result = user_run(&u);
    char prefix[9] = "";
    memcpy(prefix, result.run_id, 8);
    const struct ad_value *run = runs(&u, &arena, prefix, 0);
    assert_str_view_equal(at(run, "run_id")->string, result.run_id);
    const struct ad_value *counts = at(run, "step_counts"), *steps = at(run, "steps");
    assert_int_equal(at(counts, "total")->integer, result.steps_total);
    assert_int_equal(at(counts, "executed")->integer, result.steps_executed);
    assert_int_equal(at(counts, "cached")->integer, result.steps_cached);
    assert_int_equal(steps->list.len, result.steps_total);
    size_t executed = 0;
    for (size_t i = 0; i < steps->list.len; i++) {
        const struct ad_value *step = steps->list.items[i];
        assert_int_equal(at(step, "cache_id")->string.len, 64);
        executed += ad_str_is(at(step, "status")->string, "executed");
    }
    assert_int_equal(executed, result.steps_executed);
    ad_arena_fini(&arena);
    user_close(&u);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(a_new_site_has_no_past),
    ad_test_in_dir(runs_are_listed_newest_first),
    ad_test_in_dir(one_run_is_told_with_its_steps),
};

AD_TEST_MAIN(tests)
