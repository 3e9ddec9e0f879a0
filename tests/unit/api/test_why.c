/* SPDX-License-Identifier: MIT
 *
 * Why a step is a hit or has to be rendered: exactly the fields that differ are named.
 */
#include "api_test.h"

#define RECIPE(duration, saturation, order)                                                    \
    DAG(VIDEO "  - {id: a, type: SEGMENT, config: {duration: " duration                        \
              "}, inputs: [video]}\n"                                                          \
              "  - {id: b, type: TRANSFORM, config: {effects: {saturation: " saturation        \
              "}}, inputs: [a]}\n"                                                             \
              "  - {id: out, type: SEQUENCE, inputs: " order "}\n")
#define BASE RECIPE("10f", "1.5", "[a, b]")

static const struct ad_value *why(struct user *u, struct ad_arena *arena, const char *step)
{
    artdag_error err = {0};
    char *json = NULL;
    assert_ok(artdag_why(u->site, &u->what, step, &json, &err));
    return tree_of(arena, json);
}

/* The fields that changed, joined by spaces. */
static const char *changes(struct ad_arena *arena, const struct ad_value *answer)
{
    struct ad_buf text = AD_BUF_INIT(10000);
    const struct ad_value *list = at(answer, "changes");
    for (size_t i = 0; i < list->list.len; i++) {
        if (i)
            ad_buf_str(&text, " ");
        ad_buf_view(&text, at(list->list.items[i], "field")->string);
    }
    const char *kept = ad_arena_strdup(arena, ad_buf_as_str(&text));
    ad_buf_fini(&text);
    return kept;
}

static void assert_why(struct user *u, const char *step, const char *status, const char *fields)
{
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *answer = why(u, &arena, step);
    assert_str_view_equal(at(answer, "status")->string, status);
    assert_string_equal(changes(&arena, answer), fields);
    ad_arena_fini(&arena);
}

static void what_was_rendered_is_a_hit(void **state)
{
    struct user u;
    struct ad_arena arena = AD_ARENA_INIT;
    user_open(&u, *state, "");
    place_recipe(&u.files, BASE);
    artdag_run_result result = user_run(&u);
    char *json = NULL;
    artdag_error err = {0};
    assert_ok(artdag_plan(u.site, &u.what, ARTDAG_PLAN_JSON, NULL, &json, &err));
    /* the film is the encoding that a recipe without one gets */
    const struct ad_value *plan = tree_of(&arena, json);
    const struct ad_value *steps = at(plan, "steps");
    const struct ad_value *last = steps->list.items[steps->list.len - 1];
    const char *id = ad_arena_strdup(&arena, at(last, "step_id")->string);
    const struct ad_value *answer = why(&u, &arena, id);
    assert_str_view_equal(at(answer, "status")->string, "hit");
    assert_str_view_equal(at(answer, "output_cid")->string, result.output_cid.text);
    assert_str_view_equal(at(answer, "cache_id")->string, id);
    assert_int_equal(at(answer, "nearest")->kind, AD_VALUE_NULL);
    assert_why(&u, "video", "hit", "");
    ad_arena_fini(&arena);
    user_close(&u);
}

static void with_no_past_there_is_nothing_to_compare(void **state)
{
    struct user u;
    struct ad_arena arena = AD_ARENA_INIT;
    user_open(&u, *state, "");
    place_recipe(&u.files, BASE);
    const struct ad_value *answer = why(&u, &arena, "a");
    assert_str_view_equal(at(answer, "status")->string, "miss");
    assert_int_equal(at(answer, "nearest")->kind, AD_VALUE_NULL);
    assert_int_equal(at(answer, "changes")->list.len, 0);
    ad_arena_fini(&arena);
    user_close(&u);
}

static void the_field_that_changed_is_named_with_both_values(void **state)
{
    struct user u;
    struct ad_arena arena = AD_ARENA_INIT;
    user_open(&u, *state, "");
    place_recipe(&u.files, BASE);
    (void)user_run(&u);
    place_recipe(&u.files, RECIPE("12f", "1.5", "[a, b]"));
    const struct ad_value *answer = why(&u, &arena, "r.a");
    assert_str_view_equal(at(answer, "status")->string, "miss");
    assert_string_equal(changes(&arena, answer), "config.duration");
    const struct ad_value *change = at(answer, "changes")->list.items[0];
    assert_int_equal(at(change, "before")->integer, 10);
    assert_int_equal(at(change, "now")->integer, 12);
    assert_str_view_equal(at(at(answer, "nearest"), "name")->string, "r.a");
    /* what comes after has other inputs, and nothing else */
    assert_why(&u, "b", "miss", "input.0 r.a");
    place_recipe(&u.files, RECIPE("10f", "0.5", "[a, b]"));
    assert_why(&u, "b", "miss", "config.effects");
    place_recipe(&u.files, RECIPE("10f", "1.5", "[b, a]"));
    assert_why(&u, "out", "miss", "input.0 r.b input.1 r.a");
    place_recipe(&u.files, RECIPE("10f", "1.5", "[a, b, a]"));
    assert_why(&u, "out", "miss", "input.2 r.a");
    place_recipe(&u.files, RECIPE("10f", "1.5", "[a]"));
    assert_why(&u, "out", "miss", "input.1");
    ad_arena_fini(&arena);
    user_close(&u);
}

static void another_input_file_is_named(void **state)
{
    struct user u;
    user_open(&u, *state, "");
    place_recipe(&u.files, BASE);
    (void)user_run(&u);
    let_time_pass();
    ad_test_write(u.files.input, "another film", 12);
    assert_why(&u, "a", "miss", "input.0 r.video");
    user_close(&u);
}

static void another_toolchain_or_key_is_named(void **state)
{
    struct user u;
    user_open(&u, *state, "");
    place_recipe(&u.files, BASE);
    (void)user_run(&u);
    u.where.cluster_key = "another cluster key altogether";
    user_reopen(&u);
    /* Its input's id differs too, but for the one reason that is never written down. */
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *answer = why(&u, &arena, "a");
    assert_str_view_equal(at(answer, "status")->string, "miss");
    const char *fields = changes(&arena, answer);
    assert_null(strstr(fields, "config"));
    u.where.cluster_key = PLACE_KEY;
    (void)fake_program(*state, "fake", "--analysis \"${0%/*}/analysis.json\" --toolchain new");
    user_reopen(&u);
    assert_non_null(strstr(changes(&arena, why(&u, &arena, "a")), "toolchain"));
    ad_arena_fini(&arena);
    user_close(&u);
}

static void what_was_rendered_and_lost_is_called_lost(void **state)
{
    artdag_error err = {0};
    struct user u;
    struct ad_arena arena = AD_ARENA_INIT;
    user_open(&u, *state, "");
    place_recipe(&u.files, BASE);
    artdag_run_result result = user_run(&u);
    char *json = NULL;
    assert_ok(artdag_plan(u.site, &u.what, ARTDAG_PLAN_JSON, NULL, &json, &err));
    const struct ad_value *steps = at(tree_of(&arena, json), "steps");
    const char *id =
        ad_arena_strdup(&arena, at(steps->list.items[steps->list.len - 1], "step_id")->string);
    assert_ok(artdag_pin_rm(u.site, result.output_cid.text, NULL, &err));
    user_reopen(&u);
    assert_ok(artdag_gc(u.site, NULL, NULL, &err));
    assert_why(&u, id, "lost", "");
    user_close(&u);
    ad_arena_fini(&arena);
}

static void steps_are_found_by_name_and_id_only_when_clear(void **state)
{
    artdag_error err = {0};
    struct user u;
    char *json = NULL;
    user_open(&u, *state, "");
    place_recipe(&u.files, BASE);
    assert_fails(ARTDAG_E_NOTFOUND, artdag_why(u.site, &u.what, "nothing", &json, &err));
    assert_err_says("no step \"nothing\"");
    assert_fails(ARTDAG_E_NOTFOUND, artdag_why(u.site, &u.what, "", &json, &err));
    assert_null(json);
    user_close(&u);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(what_was_rendered_is_a_hit),
    ad_test_in_dir(with_no_past_there_is_nothing_to_compare),
    ad_test_in_dir(the_field_that_changed_is_named_with_both_values),
    ad_test_in_dir(another_input_file_is_named),
    ad_test_in_dir(another_toolchain_or_key_is_named),
    ad_test_in_dir(what_was_rendered_and_lost_is_called_lost),
    ad_test_in_dir(steps_are_found_by_name_and_id_only_when_clear),
};

AD_TEST_MAIN(tests)
