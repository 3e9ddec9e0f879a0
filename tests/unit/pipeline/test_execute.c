/* SPDX-License-Identifier: MIT
 *
 * Hits, misses, failures, and what is recorded of them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "pipeline_test.h"

static void a_second_run_renders_nothing(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_execute_result first, second;
    place_open(&place, *state, "");
    assert_ok(place_run(&place, &first, &err));
    assert_true(first.steps_executed > 0);
    assert_int_equal(first.steps_executed + first.steps_cached, first.steps_total);
    assert_true(place_complete(&place, &first.output));
    size_t jobs = place_jobs(&place, NULL);
    place_reopen(&place, NULL);
    assert_ok(place_run(&place, &second, &err));
    assert_int_equal(place_jobs(&place, NULL), jobs);
    assert_int_equal(second.steps_executed, 0);
    assert_int_equal(second.units_executed, 0);
    assert_int_equal(second.steps_cached, second.steps_total);
    assert_true(ad_cid_equal(&first.output, &second.output));
    ad_execute_result_fini(&first);
    ad_execute_result_fini(&second);
    place_close(&place);
}

static void a_hit_whose_bytes_are_gone_is_a_miss(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_execute_result first, second;
    place_open(&place, *state, "");
    assert_ok(place_run(&place, &first, &err));
    size_t jobs = place_jobs(&place, NULL);
    place_reopen(&place, NULL);
    place_lose(&place, &first.output);
    assert_ok(place_run(&place, &second, &err));
    assert_true(second.steps_executed > 0);
    assert_true(place_jobs(&place, NULL) > jobs);
    assert_true(ad_cid_equal(&first.output, &second.output));
    assert_true(place_complete(&place, &second.output));
    ad_execute_result_fini(&first);
    ad_execute_result_fini(&second);
    place_close(&place);
}

struct last_run {
    struct ad_run_record run;
    char output[AD_CID_TEXT_MAX], error[600];
    size_t count, failed, executed, cached, skipped;
};

static enum artdag_err note_run(void *payload, const struct ad_run_record *run,
                                artdag_error *err)
{
    struct last_run *last = payload;
    (void)err;
    if (last->count++ > 0)
        return ARTDAG_OK; /* newest first */
    last->run = *run;
    snprintf(last->output, sizeof(last->output), "%s", run->output_cid);
    snprintf(last->error, sizeof(last->error), "%s", run->error);
    return ARTDAG_OK;
}

static enum artdag_err note_step(void *payload, const struct ad_step_record *step,
                                 artdag_error *err)
{
    struct last_run *last = payload;
    (void)err;
    last->failed += step->status == AD_STEP_FAILED;
    last->executed += step->status == AD_STEP_EXECUTED;
    last->cached += step->status == AD_STEP_CACHED;
    last->skipped += step->status == AD_STEP_SKIPPED;
    return ARTDAG_OK;
}

static struct last_run look_at_runs(struct place *place)
{
    artdag_error err = {0};
    struct last_run last = {0};
    struct ad_state *state = ad_site_state(place->site);
    assert_ok(ad_state_runs(state, 0, note_run, &last, &err));
    if (last.count)
        assert_ok(ad_state_steps_of_run(state, last.run.seq, note_step, &last, &err));
    return last;
}

static void a_run_leaves_its_record(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_execute_result result;
    char output[AD_CID_TEXT_MAX];
    place_open(&place, *state, "");
    assert_ok(place_run(&place, &result, &err));
    struct last_run last = look_at_runs(&place);
    ad_cid_format(&result.output, output);
    assert_int_equal(last.count, 1);
    assert_int_equal(last.run.status, AD_RUN_DONE);
    assert_string_equal(last.output, output);
    assert_string_equal(last.error, "");
    assert_int_equal(last.run.steps_total, result.steps_total);
    assert_int_equal(last.run.steps_executed, result.steps_executed);
    assert_int_equal(last.run.steps_cached, result.steps_cached);
    assert_int_equal(last.executed, result.steps_executed);
    assert_int_equal(last.failed + last.skipped, 0);
    assert_true(last.run.ended_ms >= last.run.started_ms && last.run.started_ms > 0);
    ad_execute_result_fini(&result);
    assert_ok(place_run(&place, &result, &err));
    last = look_at_runs(&place);
    assert_int_equal(last.count, 2);
    assert_int_equal(last.run.steps_executed, 0);
    assert_int_equal(last.executed, 0);
    assert_int_equal(last.cached, 1); /* the film: what is behind it was not looked at */
    ad_execute_result_fini(&result);
    place_close(&place);
}

static void a_failure_is_recorded_and_never_cached(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_execute_result result = {0};
    struct ad_cid plan_cid;
    place_open(&place, *state, "");
    struct ad_plan *plan = place_plan(&place, &plan_cid);
    place_reopen(&place, "30=fails");
    assert_fails(ARTDAG_E_MEDIA, place_run(&place, &result, &err));
    assert_null(result.cids);
    assert_true(err.line > 0);
    assert_true(err.node[0] != 0);
    struct last_run last = look_at_runs(&place);
    assert_int_equal(last.run.status, AD_RUN_FAILED);
    assert_non_null(strstr(last.error, "no picture in"));
    assert_string_equal(last.output, "");
    assert_true(last.failed > 0);
    /* Neither the film nor the run has an entry. */
    struct ad_id ids[2] = {ad_id_of(&plan->steps[plan->output].cache_id),
                           ad_id_of(&plan->run_id)};
    struct ad_cid cid;
    struct ad_state *known = ad_site_state(place.site);
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_get(known, AD_STATE_STEP, &ids[0], &cid, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_get(known, AD_STATE_RUN, &ids[1], &cid, &err));
    /* The same run works as soon as the cause is gone. */
    place_reopen(&place, "");
    assert_ok(place_run(&place, &result, &err));
    assert_true(place_complete(&place, &result.output));
    ad_execute_result_fini(&result);
    ad_plan_destroy(plan);
    place_close(&place);
}

static bool always(void *payload)
{
    (void)payload;
    return true;
}

static void a_canceled_run_is_recorded_as_such(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_execute_result result = {0};
    place_open(&place, *state, "");
    ad_plan_destroy(place_plan(&place, NULL)); /* analysed, so nothing before the run asks */
    place.params.canceled = always;
    place_reopen(&place, NULL);
    assert_fails(ARTDAG_E_CANCELED, place_run(&place, &result, &err));
    assert_int_equal(look_at_runs(&place).run.status, AD_RUN_CANCELED);
    place_close(&place);
}

static void a_dry_run_only_looks(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_execute_result result = {0};
    struct ad_execute_request request = {.dry_run = true};
    place_open(&place, *state, "");
    struct ad_plan *plan = place_plan(&place, &request.plan_cid);
    size_t jobs = place_jobs(&place, NULL);
    request.plan = plan;
    assert_ok(ad_execute(place.site, &request, &result, &err));
    assert_false(ad_cid_is_set(&result.output));
    assert_int_equal(result.need[plan->output], AD_NEED_RUN);
    assert_int_equal(result.units_executed, 0);
    assert_int_equal(place_jobs(&place, NULL), jobs);
    assert_int_equal(look_at_runs(&place).count, 0);
    ad_execute_result_fini(&result);
    struct ad_execute_result real;
    assert_ok(place_run(&place, &real, &err));
    assert_ok(ad_execute(place.site, &request, &result, &err));
    assert_true(ad_cid_equal(&result.output, &real.output));
    assert_int_equal(result.steps_cached, result.steps_total);
    assert_int_equal(look_at_runs(&place).count, 1);
    ad_execute_result_fini(&result);
    ad_execute_result_fini(&real);
    ad_plan_destroy(plan);
    place_close(&place);
}

struct pin_seen {
    struct ad_cid cid;
    char name[256];
    size_t count;
};

static enum artdag_err note_pin(void *payload, const struct ad_cid *cid, const char *name,
                                artdag_error *err)
{
    struct pin_seen *seen = payload;
    (void)err;
    seen->cid = *cid;
    snprintf(seen->name, sizeof(seen->name), "%s", name);
    seen->count++;
    return ARTDAG_OK;
}

static void the_film_is_pinned_under_its_run_and_outlives_gc(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_execute_result result;
    struct pin_seen seen = {0};
    char want[96] = "artdag/run/";
    place_open(&place, *state, "");
    struct ad_plan *plan = place_plan(&place, NULL);
    assert_ok(place_run(&place, &result, &err));
    assert_ok(ad_store_pins(ad_site_store(place.site), note_pin, &seen, &err));
    assert_int_equal(seen.count, 1);
    assert_true(ad_cid_equal(&seen.cid, &result.output));
    ad_hex_format(plan->run_id.bytes, 32, want + strlen(want));
    assert_string_equal(seen.name, want);
    place_reopen(&place, NULL); /* lets go of the lease */
    const struct ad_gc_params everything = {.keep_bytes = -1};
    struct ad_gc_result gc;
    assert_ok(ad_store_gc(ad_site_store(place.site), &everything, &gc, &err));
    assert_true(gc.removed_blocks > 0);
    assert_true(place_complete(&place, &result.output));
    ad_execute_result_fini(&result);
    ad_plan_destroy(plan);
    place_close(&place);
}

struct decision {
    size_t calls, hits, runs;
    size_t count;
    size_t events;
};

static void on_decided(void *payload, const struct ad_decision *decision)
{
    struct decision *d = payload;
    const enum ad_need *need = decision->need;
    char *const *cids = decision->cids;
    assert_true(decision->lowering->task_count > 0);
    assert_int_equal(decision->forecast.units, decision->lowering->task_count);
    assert_null(decision->known); /* looked up by dry runs only */
    d->calls++;
    for (size_t i = 0; i < d->count; i++) {
        d->hits += need[i] == AD_NEED_HIT;
        d->runs += need[i] == AD_NEED_RUN;
        if (need[i] == AD_NEED_HIT)
            assert_non_null(cids[i]);
    }
}

static void on_event(void *payload, const struct ad_exec_event *event)
{
    struct decision *d = payload;
    (void)event;
    assert_int_equal(d->calls, 1); /* decided before anything runs */
    d->events++;
}

static void what_will_run_is_told_before_it_runs(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_execute_result result;
    struct decision d = {0};
    struct ad_execute_request request = {
        .decided = on_decided, .event = on_event, .payload = &d};
    place_open(&place, *state, "");
    struct ad_plan *plan = place_plan(&place, &request.plan_cid);
    request.plan = plan;
    d.count = plan->step_count;
    assert_ok(ad_execute(place.site, &request, &result, &err));
    assert_int_equal(d.calls, 1);
    assert_int_equal(d.hits, 1); /* the source */
    assert_int_equal(d.runs, plan->step_count - 1);
    assert_true(d.events >= 2);
    ad_execute_result_fini(&result);
    ad_plan_destroy(plan);
    place_close(&place);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(a_second_run_renders_nothing),
    ad_test_in_dir(a_hit_whose_bytes_are_gone_is_a_miss),
    ad_test_in_dir(a_run_leaves_its_record),
    ad_test_in_dir(a_failure_is_recorded_and_never_cached),
    ad_test_in_dir(a_canceled_run_is_recorded_as_such),
    ad_test_in_dir(a_dry_run_only_looks),
    ad_test_in_dir(the_film_is_pinned_under_its_run_and_outlives_gc),
    ad_test_in_dir(what_will_run_is_told_before_it_runs),
};

AD_TEST_MAIN(tests)
