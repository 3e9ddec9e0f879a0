/* SPDX-License-Identifier: MIT
 *
 * Every exported function called wrongly: an error, never a crash, and nothing written.
 */
#include <unistd.h>

#include <artdag/artdag.h>

#include "pipeline_test.h"

static artdag_site *open_site(const char *dir)
{
    artdag_error err = {0};
    artdag_site_params params = ARTDAG_SITE_PARAMS_INIT;
    artdag_site *site = NULL;
    params.home = ad_test_path(dir, "home");
    params.config = ad_test_path(dir, "config.yaml");
    params.media_program = "/nonexistent/artdag-media";
    ad_test_write(params.config, "{}\n", 3);
    assert_ok(artdag_site_open(&params, &site, &err));
    return site;
}

static int write_nothing(void *payload, const void *data, size_t len)
{
    (void)payload;
    (void)data;
    (void)len;
    return 0;
}

static void each_entry(void *payload, const artdag_entry *entry)
{
    (void)payload;
    (void)entry;
}

#define assert_misuse(expr) assert_fails(ARTDAG_E_INVAL, expr)
#define A_CID "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"

static void nulls_are_refused_by_the_pipeline(void **state)
{
    artdag_error err = {0};
    artdag_site *site = open_site(*state);
    artdag_recipe_params what = ARTDAG_RECIPE_PARAMS_INIT, empty = ARTDAG_RECIPE_PARAMS_INIT;
    artdag_run_result result = {0};
    artdag_cid cid = {{0}};
    char *text = NULL;
    what.recipe = "recipe.yaml";
    assert_misuse(artdag_register_input(NULL, "x", &cid, &err));
    assert_misuse(artdag_register_input(site, NULL, &cid, &err));
    assert_misuse(artdag_register_input(site, "x", NULL, &err));
    artdag_analyze_params study = ARTDAG_ANALYZE_PARAMS_INIT, unset = {0};
    artdag_analyses analyses = {0};
    assert_misuse(artdag_analyze(site, &study, &analyses, &err)); /* nothing to analyse */
    study.recipe = &what;
    study.inputs = &(artdag_named){"x", "x"};
    assert_misuse(artdag_analyze(site, &study, &analyses, &err)); /* both */
    study.recipe = NULL;
    study.input_count = 1;
    assert_misuse(artdag_analyze(NULL, &study, &analyses, &err));
    assert_misuse(artdag_analyze(site, NULL, &analyses, &err));
    assert_misuse(artdag_analyze(site, &study, NULL, &err));
    unset.inputs = study.inputs;
    assert_misuse(artdag_analyze(site, &unset, &analyses, &err));
    study.inputs = &(artdag_named){NULL, "x"};
    assert_misuse(artdag_analyze(site, &study, &analyses, &err));
    assert_misuse(artdag_plan(NULL, &what, ARTDAG_PLAN_JSON, &cid, &text, &err));
    assert_misuse(artdag_plan(site, NULL, ARTDAG_PLAN_JSON, &cid, &text, &err));
    assert_misuse(artdag_plan(site, &empty, ARTDAG_PLAN_JSON, &cid, &text, &err));
    assert_misuse(artdag_execute_plan(NULL, "plan", NULL, &result, &err));
    assert_misuse(artdag_execute_plan(site, NULL, NULL, &result, &err));
    assert_misuse(artdag_execute_plan(site, "plan", NULL, NULL, &err));
    assert_misuse(artdag_run_recipe(NULL, &what, NULL, &result, &err));
    assert_misuse(artdag_run_recipe(site, NULL, NULL, &result, &err));
    assert_misuse(artdag_run_recipe(site, &empty, NULL, &result, &err));
    assert_misuse(artdag_run_recipe(site, &what, NULL, NULL, &err));
    assert_misuse(artdag_why(NULL, &what, "s", &text, &err));
    assert_misuse(artdag_why(site, NULL, "s", &text, &err));
    assert_misuse(artdag_why(site, &what, NULL, &text, &err));
    assert_misuse(artdag_why(site, &what, "s", NULL, &err));
    assert_misuse(artdag_runs(NULL, NULL, 0, &text, &err));
    assert_misuse(artdag_runs(site, NULL, 0, NULL, &err));
    assert_misuse(artdag_ops_manual(NULL, 0, NULL, &err));
    assert_null(text);
    assert_string_equal(cid.text, "");
    artdag_run_result_fini(NULL);
    artdag_site_close(site);
}

static void nulls_are_refused_by_the_store(void **state)
{
    artdag_error err = {0};
    artdag_site *site = open_site(*state);
    artdag_cid cid = {{0}};
    artdag_stat stat;
    assert_misuse(artdag_add(NULL, "x", NULL, &cid, NULL, &err));
    assert_misuse(artdag_add(site, NULL, NULL, &cid, NULL, &err));
    assert_misuse(artdag_add(site, "x", NULL, NULL, NULL, &err));
    assert_misuse(artdag_cat(NULL, A_CID, 0, -1, write_nothing, NULL, &err));
    assert_misuse(artdag_cat(site, NULL, 0, -1, write_nothing, NULL, &err));
    assert_misuse(artdag_cat(site, A_CID, 0, -1, NULL, NULL, &err));
    assert_misuse(artdag_get(NULL, A_CID, "x", &err));
    assert_misuse(artdag_get(site, NULL, "x", &err));
    assert_misuse(artdag_get(site, A_CID, NULL, &err));
    assert_misuse(artdag_ls(NULL, A_CID, each_entry, NULL, &err));
    assert_misuse(artdag_ls(site, NULL, each_entry, NULL, &err));
    assert_misuse(artdag_ls(site, A_CID, NULL, NULL, &err));
    assert_misuse(artdag_stat_cid(NULL, A_CID, &stat, &err));
    assert_misuse(artdag_stat_cid(site, NULL, &stat, &err));
    assert_misuse(artdag_stat_cid(site, A_CID, NULL, &err));
    assert_misuse(artdag_pin_add(NULL, A_CID, "", &err));
    assert_misuse(artdag_pin_add(site, NULL, "", &err));
    assert_misuse(artdag_pin_add(site, A_CID, NULL, &err));
    assert_misuse(artdag_pin_rm(NULL, A_CID, "", &err));
    assert_misuse(artdag_pin_rm(site, NULL, "", &err));
    assert_misuse(artdag_pin_ls(NULL, NULL, NULL, &err));
    assert_misuse(artdag_pin_ls(site, NULL, NULL, &err));
    assert_misuse(artdag_gc(NULL, NULL, NULL, &err));
    assert_misuse(artdag_verify(NULL, NULL, NULL, NULL, &err));
    const char *const cids[] = {A_CID, NULL};
    assert_misuse(artdag_car_export(NULL, cids, 1, 1, &err));
    assert_misuse(artdag_car_export(site, NULL, 1, 1, &err));
    assert_misuse(artdag_car_export(site, cids, 1, -1, &err));
    assert_misuse(artdag_car_export(site, cids + 1, 1, 1, &err));
    assert_misuse(artdag_car_import(NULL, 0, NULL, NULL, &err));
    assert_misuse(artdag_car_import(site, -1, NULL, NULL, &err));
    assert_misuse(artdag_cid_parse(NULL, &cid, &err));
    assert_misuse(artdag_cid_parse(A_CID, NULL, &err));
    assert_string_equal(cid.text, "");
    artdag_site_close(site);
}

static void a_site_needs_somewhere_to_go(void **state)
{
    artdag_error err = {0};
    (void)state;
    assert_misuse(artdag_site_open(NULL, NULL, &err));
    assert_misuse(artdag_doctor(NULL, NULL, NULL, &err));
    assert_misuse(artdag_cluster_key_new(NULL, &err));
    assert_null(artdag_site_key_warning(NULL));
    artdag_site_close(NULL);
    artdag_free(NULL);
}

/* size says which version of a struct the caller was compiled with; one that was not set is refused. */
static void params_without_their_size_are_refused(void **state)
{
    artdag_error err = {0};
    artdag_site *site = open_site(*state), *other = NULL;
    const artdag_site_params where = {0};
    const artdag_recipe_params what = {.recipe = "recipe.yaml"};
    const artdag_execute_params how = {0};
    const artdag_add_params add = {0};
    const artdag_gc_params gc = {0};
    artdag_recipe_params good = ARTDAG_RECIPE_PARAMS_INIT;
    artdag_run_result result = {0};
    artdag_cid cid = {{0}};
    good.recipe = "recipe.yaml";
    assert_misuse(artdag_site_open(&where, &other, &err));
    assert_misuse(artdag_plan(site, &what, ARTDAG_PLAN_JSON, NULL, NULL, &err));
    assert_misuse(artdag_run_recipe(site, &good, &how, &result, &err));
    assert_misuse(artdag_execute_plan(site, "plan", &how, &result, &err));
    assert_misuse(artdag_add(site, "/dev/null", &add, &cid, NULL, &err));
    assert_misuse(artdag_gc(site, &gc, NULL, &err));
    assert_err_says("size");
    assert_null(other);
    artdag_site_close(site);
}

static void names_and_values_may_not_be_null(void **state)
{
    artdag_error err = {0};
    artdag_site *site = open_site(*state);
    artdag_recipe_params what = ARTDAG_RECIPE_PARAMS_INIT;
    const artdag_named nameless = {NULL, "x"}, valueless = {"x", NULL};
    what.recipe = "recipe.yaml";
    what.inputs = &nameless;
    what.input_count = 1;
    assert_misuse(artdag_plan(site, &what, ARTDAG_PLAN_JSON, NULL, NULL, &err));
    what.inputs = &valueless;
    assert_misuse(artdag_plan(site, &what, ARTDAG_PLAN_JSON, NULL, NULL, &err));
    what.inputs = NULL;
    assert_misuse(artdag_plan(site, &what, ARTDAG_PLAN_JSON, NULL, NULL, &err));
    what.input_count = 0;
    what.params = &nameless;
    what.param_count = 1;
    assert_misuse(artdag_plan(site, &what, ARTDAG_PLAN_JSON, NULL, NULL, &err));
    artdag_site_close(site);
}

static void an_error_object_is_never_needed(void **state)
{
    artdag_site *site = open_site(*state), *other = NULL;
    artdag_site_params where = ARTDAG_SITE_PARAMS_INIT;
    artdag_recipe_params what = ARTDAG_RECIPE_PARAMS_INIT;
    artdag_run_result result = {0};
    artdag_cid cid;
    char *text = NULL;
    artdag_analyze_params study = ARTDAG_ANALYZE_PARAMS_INIT;
    artdag_analyses analyses = {0};
    what.recipe = "/nonexistent/recipe.yaml";
    where.config = "/nonexistent/config.yaml";
    assert_int_equal(artdag_site_open(&where, &other, NULL), ARTDAG_E_NOTFOUND);
    assert_int_equal(artdag_register_input(site, "/nonexistent", &cid, NULL),
                     ARTDAG_E_NOTFOUND);
    study.inputs = &(artdag_named){"x", "/nonexistent"};
    study.input_count = 1;
    assert_int_equal(artdag_analyze(site, &study, &analyses, NULL), ARTDAG_E_NOTFOUND);
    assert_int_equal(artdag_run_recipe(site, &what, NULL, &result, NULL), ARTDAG_E_NOTFOUND);
    assert_int_equal(artdag_execute_plan(site, "/nonexistent", NULL, &result, NULL),
                     ARTDAG_E_NOTFOUND);
    assert_int_equal(artdag_cid_parse("no cid", &cid, NULL), ARTDAG_E_FORMAT);
    assert_int_equal(artdag_get(site, A_CID, "/nonexistent/x", NULL), ARTDAG_E_NOTFOUND);
    assert_int_equal(artdag_pin_add(site, A_CID, "", NULL), ARTDAG_E_NOTFOUND);
    assert_int_equal(artdag_runs(site, "abcdef", 0, &text, NULL), ARTDAG_E_NOTFOUND);
    assert_int_equal(artdag_ops_manual("SEGMNET", 0, &text, NULL), ARTDAG_E_NOTFOUND);
    assert_null(text);
    artdag_site_close(site);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(nulls_are_refused_by_the_pipeline),
    ad_test_in_dir(nulls_are_refused_by_the_store),
    cmocka_unit_test(a_site_needs_somewhere_to_go),
    ad_test_in_dir(params_without_their_size_are_refused),
    ad_test_in_dir(names_and_values_may_not_be_null),
    ad_test_in_dir(an_error_object_is_never_needed),
};

AD_TEST_MAIN(tests)
