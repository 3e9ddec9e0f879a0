/* SPDX-License-Identifier: MIT
 *
 * Gathering what the planner needs, and keeping what it makes.
 */
#include <stdlib.h>

#include "pipeline_test.h"

static enum artdag_err plan(struct place *place, const struct ad_named *inputs, size_t count,
                            artdag_error *err)
{
    struct ad_plan *made = NULL;
    struct ad_cid cid;
    const struct ad_plan_request request = {
        .recipe = place->recipe, .inputs = inputs, .input_count = count};
    enum artdag_err rc = ad_make_plan(place->site, &request, &made, &cid, err);
    ad_plan_destroy(made);
    return rc;
}

static void names_are_checked_before_bytes(void **state)
{
    artdag_error err = {0};
    struct place place;
    place_open(&place, *state, "");
    const struct ad_named misspelt[] = {{"vidoe", "/nonexistent/film.mp4"}};
    assert_fails(ARTDAG_E_INVAL, plan(&place, misspelt, 1, &err));
    assert_err_says("vidoe");
    assert_err_says("video");
    assert_fails(ARTDAG_E_INVAL, plan(&place, NULL, 0, &err));
    assert_err_says("video");
    const struct ad_named twice[] = {{"video", place.input}, {"video", place.input}};
    assert_fails(ARTDAG_E_INVAL, plan(&place, twice, 2, &err));
    struct ad_cid cid = cid_of_text("some film");
    assert_false(place_complete(&place, &cid)); /* never read */
    assert_int_equal(place_jobs(&place, NULL), 0);
    place_close(&place);
}

static void an_inputs_trouble_names_the_input(void **state)
{
    artdag_error err = {0};
    struct place place;
    place_open(&place, *state, "any=fails");
    const struct ad_named missing[] = {{"video", "/nonexistent/film.mp4"}};
    assert_fails(ARTDAG_E_NOTFOUND, plan(&place, missing, 1, &err));
    assert_err_says("input video (/nonexistent/film.mp4)");
    const struct ad_named unusable[] = {{"video", place.input}};
    assert_fails(ARTDAG_E_MEDIA, plan(&place, unusable, 1, &err));
    assert_err_says("input video");
    assert_err_says("no picture");
    place_close(&place);
}

static void a_recipes_mistake_has_its_place(void **state)
{
    artdag_error err = {0};
    struct place place;
    place_open(&place, *state, "");
    const struct ad_named input[] = {{"video", place.input}};
    place_recipe(&place, DAG(VIDEO "  - {id: out, type: SEGMNET, inputs: [video]}\n"));
    assert_fails(ARTDAG_E_FORMAT, plan(&place, input, 1, &err));
    assert_int_equal(err.line, 5);
    assert_int_equal(err.column, 21);
    assert_err_says("SEGMENT");
    place_close(&place);
}

static void a_plan_is_kept_and_found_by_path_and_by_cid(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_cid cid, loaded_cid, found;
    struct ad_plan *loaded = NULL;
    struct ad_buf json = AD_BUF_INIT(1 << 20);
    char text[AD_CID_TEXT_MAX];
    place_open(&place, *state, "");
    struct ad_plan *made = place_plan(&place, &cid);
    assert_true(place_complete(&place, &cid));
    struct ad_id id = ad_id_of(&made->plan_id);
    assert_ok(ad_state_get(ad_site_state(place.site), AD_STATE_PLAN, &id, &found, &err));
    assert_true(ad_cid_equal(&found, &cid));
    ad_cid_format(&cid, text);
    assert_ok(ad_load_plan(place.site, text, NULL, &loaded, &loaded_cid, &err));
    assert_same_id(loaded->plan_id, made->plan_id);
    assert_true(ad_cid_equal(&loaded_cid, &cid));
    ad_plan_destroy(loaded);
    assert_ok(ad_plan_to_json(made, &json, &err));
    const char *path = ad_test_path(place.dir, "plan.json");
    ad_test_write(path, json.data, json.len);
    assert_ok(ad_load_plan(place.site, path, NULL, &loaded, &loaded_cid, &err));
    assert_same_id(loaded->plan_id, made->plan_id);
    assert_true(ad_cid_equal(&loaded_cid, &cid));
    ad_plan_destroy(loaded);
    ad_plan_destroy(made);
    ad_buf_fini(&json);
    place_close(&place);
}

static void a_plan_of_another_toolchain_or_key_is_refused(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_cid cid;
    struct ad_plan *loaded = NULL;
    char text[AD_CID_TEXT_MAX];
    place_open(&place, *state, "");
    ad_plan_destroy(place_plan(&place, &cid));
    ad_cid_format(&cid, text);
    place_reopen(&place, "--toolchain newer");
    assert_fails(ARTDAG_E_UNSUPPORTED,
                 ad_load_plan(place.site, text, NULL, &loaded, &cid, &err));
    place.params.cluster_key = ad_str_from("another cluster key");
    place_reopen(&place, "");
    assert_fails(ARTDAG_E_CORRUPT, ad_load_plan(place.site, text, NULL, &loaded, &cid, &err));
    assert_null(loaded);
    place_close(&place);
}

static void planning_twice_gives_one_document(void **state)
{
    struct place place;
    struct ad_cid first, second;
    place_open(&place, *state, "");
    ad_plan_destroy(place_plan(&place, &first));
    place_reopen(&place, NULL);
    ad_plan_destroy(place_plan(&place, &second));
    assert_true(ad_cid_equal(&first, &second));
    place_close(&place);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(names_are_checked_before_bytes),
    ad_test_in_dir(an_inputs_trouble_names_the_input),
    ad_test_in_dir(a_recipes_mistake_has_its_place),
    ad_test_in_dir(a_plan_is_kept_and_found_by_path_and_by_cid),
    ad_test_in_dir(a_plan_of_another_toolchain_or_key_is_refused),
    ad_test_in_dir(planning_twice_gives_one_document),
};

AD_TEST_MAIN(tests)
