/* SPDX-License-Identifier: MIT
 *
 * The whole way through the public interface: what is told, returned and written.
 */
#include <stdio.h>

#include "api_test.h"

struct heard {
    size_t steps, hits, runs, unknown_cids;
    size_t started, done, failed;
    int64_t last_done, last_total;
    bool went_back, beyond;
};

static void on_step(void *payload, const artdag_step_view *step)
{
    struct heard *h = payload;
    assert_int_equal(h->started, 0); /* all is told before anything runs */
    assert_int_equal(strlen(step->step_id), 64);
    assert_true(step->frames > 0);
    h->steps++;
    h->hits += step->need == ARTDAG_NEED_HIT;
    h->runs += step->need == ARTDAG_NEED_RUN;
    h->unknown_cids += step->cid[0] == 0;
}

static void on_progress(void *payload, const artdag_progress *p)
{
    struct heard *h = payload;
    h->started += p->state == ARTDAG_STEP_STARTED;
    h->done += p->state == ARTDAG_STEP_DONE;
    h->failed += p->state == ARTDAG_STEP_FAILED;
    h->went_back = h->went_back || p->run_frames_done < h->last_done;
    h->beyond =
        h->beyond || p->run_frames_done > p->run_frames_total || p->units_done > p->units_total;
    h->last_done = p->run_frames_done;
    h->last_total = p->run_frames_total;
}

static void a_run_tells_writes_and_returns_the_film(void **state)
{
    artdag_error err = {0};
    struct user u;
    struct heard h = {0};
    artdag_run_result result = {0};
    artdag_execute_params how = ARTDAG_EXECUTE_PARAMS_INIT;
    artdag_cid again;
    user_open(&u, *state, "");
    how.output = ad_test_path(*state, "film.mp4");
    how.step = on_step;
    how.progress = on_progress;
    how.payload = &h;
    assert_ok(artdag_run_recipe(u.site, &u.what, &how, &result, &err));
    assert_int_equal(h.steps, result.steps_total);
    assert_int_equal(h.runs, result.steps_executed);
    assert_int_equal(h.unknown_cids, h.runs);
    assert_true(h.done > 0 && h.done == h.started);
    assert_int_equal(h.failed, 0);
    assert_false(h.went_back);
    assert_false(h.beyond);
    assert_int_equal(h.last_done, h.last_total);
    assert_int_equal(result.frames, 30); /* 10 + 20 */
    assert_int_equal(result.fps_num, 25);
    assert_int_equal(result.fps_den, 1);
    assert_int_equal(result.input_count, 1);
    assert_string_equal(result.inputs[0].name, "video");
    struct ad_cid input = cid_of_text("some film");
    char text[AD_CID_TEXT_MAX];
    ad_cid_format(&input, text);
    assert_string_equal(result.inputs[0].cid.text, text);
    assert_int_equal(strlen(result.run_id), 64);
    /* what was written is the film */
    assert_ok(artdag_register_input(u.site, how.output, &again, &err));
    artdag_stat film, file;
    assert_ok(artdag_stat_cid(u.site, result.output_cid.text, &film, &err));
    assert_ok(artdag_stat_cid(u.site, again.text, &file, &err));
    assert_int_equal(film.file_bytes, file.file_bytes);
    assert_true(film.file_bytes > 0);
    artdag_run_result_fini(&result);
    assert_null(result.inputs);
    user_close(&u);
}

static void a_plan_is_executed_by_path_and_by_cid(void **state)
{
    artdag_error err = {0};
    struct user u;
    artdag_cid plan_cid;
    char *json = NULL;
    artdag_run_result by_path = {0}, by_cid = {0};
    user_open(&u, *state, "");
    assert_ok(artdag_plan(u.site, &u.what, ARTDAG_PLAN_JSON, &plan_cid, &json, &err));
    const char *path = ad_test_path(*state, "plan.json");
    ad_test_write(path, json, strlen(json));
    artdag_free(json);
    assert_ok(artdag_execute_plan(u.site, path, NULL, &by_path, &err));
    assert_true(by_path.steps_executed > 0);
    assert_ok(artdag_execute_plan(u.site, plan_cid.text, NULL, &by_cid, &err));
    assert_int_equal(by_cid.steps_executed, 0);
    assert_string_equal(by_path.output_cid.text, by_cid.output_cid.text);
    assert_string_equal(by_path.plan_cid.text, plan_cid.text);
    artdag_run_result_fini(&by_path);
    artdag_run_result_fini(&by_cid);
    artdag_run_result whole = user_run(&u);
    assert_int_equal(whole.steps_executed, 0);
    assert_string_equal(whole.output_cid.text, by_cid.output_cid.text);
    user_close(&u);
}

static void a_dry_run_writes_no_film(void **state)
{
    artdag_error err = {0};
    struct user u;
    artdag_run_result result = {0};
    artdag_execute_params how = ARTDAG_EXECUTE_PARAMS_INIT;
    user_open(&u, *state, "");
    how.dry_run = 1;
    how.output = ad_test_path(*state, "film.mp4");
    assert_ok(artdag_run_recipe(u.site, &u.what, &how, &result, &err));
    assert_string_equal(result.output_cid.text, "");
    assert_int_equal(result.units_executed, 0);
    assert_true(result.steps_executed > 0); /* a forecast */
    assert_false(ad_fs_exists(how.output));
    artdag_run_result_fini(&result);
    user_close(&u);
}

static void a_failure_leaves_nothing_behind(void **state)
{
    artdag_error err = {0};
    struct user u;
    struct heard h = {0};
    artdag_run_result result = {0};
    artdag_execute_params how = ARTDAG_EXECUTE_PARAMS_INIT;
    user_open(&u, *state, "0=ok any=fails");
    how.output = ad_test_path(*state, "film.mp4");
    how.progress = on_progress;
    how.payload = &h;
    ad_test_write(how.output, "an older film", 13);
    assert_fails(ARTDAG_E_MEDIA, artdag_run_recipe(u.site, &u.what, &how, &result, &err));
    assert_true(err.line > 0);
    assert_string_equal(err.file, u.what.recipe);
    assert_true(h.failed > 0);
    assert_string_equal(result.output_cid.text, "");
    assert_null(result.inputs);
    assert_string_equal((const char *)ad_test_read(how.output, NULL), "an older film");
    user_close(&u);
}

static int stop(void *payload)
{
    (void)payload;
    return 1;
}

static void a_caller_can_stop_it(void **state)
{
    artdag_error err = {0};
    struct user u;
    artdag_run_result result = {0};
    user_open(&u, *state, "any=silent");
    u.where.canceled = stop;
    user_reopen(&u);
    assert_fails(ARTDAG_E_CANCELED, artdag_run_recipe(u.site, &u.what, NULL, &result, &err));
    user_close(&u);
}

static void key_warnings_are_given_by_the_site(void **state)
{
    artdag_error err = {0};
    struct user u;
    char key[ARTDAG_CLUSTER_KEY_BYTES] = "";
    user_open(&u, *state, "");
    u.where.cluster_key = "password";
    user_reopen(&u);
    assert_non_null(artdag_site_key_warning(u.site));
    assert_ok(artdag_cluster_key_new(key, &err));
    u.where.cluster_key = key;
    user_reopen(&u);
    assert_null(artdag_site_key_warning(u.site));
    u.where.cluster_key = NULL;
    user_reopen(&u);
    assert_null(artdag_site_key_warning(u.site));
    user_close(&u);
}

struct examined {
    size_t checks, problems;
    char problem[100], hint[300];
};

static void on_check(void *payload, const artdag_check *check)
{
    struct examined *x = payload;
    x->checks++;
    if (check->ok)
        return;
    x->problems++;
    snprintf(x->problem, sizeof(x->problem), "%s", check->name);
    snprintf(x->hint, sizeof(x->hint), "%s", check->hint);
}

static void doctor_finds_what_is_wrong_and_says_what_to_do(void **state)
{
    artdag_error err = {0};
    struct user u;
    struct examined x = {0};
    user_open(&u, *state, "");
    u.where.cluster_key = NULL;
    assert_ok(artdag_doctor(&u.where, on_check, &x, &err));
    assert_int_equal(x.problems, 0);
    assert_true(x.checks >= 7);
    x = (struct examined){0};
    u.where.media_program = "/nonexistent/artdag-media";
    assert_ok(artdag_doctor(&u.where, on_check, &x, &err));
    assert_int_equal(x.problems, 1);
    assert_string_equal(x.problem, "media program");
    assert_non_null(strstr(x.hint, "ARTDAG_MEDIA"));
    x = (struct examined){0};
    u.where.store = "fs:/proc/nonexistent";
    assert_ok(artdag_doctor(&u.where, on_check, &x, &err));
    assert_int_equal(x.problems, 1);
    assert_non_null(strstr(x.hint, "ARTDAG_STORE"));
    x = (struct examined){0};
    u.where.store = NULL;
    u.where.media_program = u.files.params.media_program;
    u.where.cluster_key = "password";
    assert_ok(artdag_doctor(&u.where, on_check, &x, &err));
    assert_int_equal(x.problems, 1);
    assert_string_equal(x.problem, "cluster key");
    user_close(&u);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(a_run_tells_writes_and_returns_the_film),
    ad_test_in_dir(a_plan_is_executed_by_path_and_by_cid),
    ad_test_in_dir(a_dry_run_writes_no_film),
    ad_test_in_dir(a_failure_leaves_nothing_behind),
    ad_test_in_dir(a_caller_can_stop_it),
    ad_test_in_dir(key_warnings_are_given_by_the_site),
    ad_test_in_dir(doctor_finds_what_is_wrong_and_says_what_to_do),
};

AD_TEST_MAIN(tests)
