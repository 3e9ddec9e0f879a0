/* SPDX-License-Identifier: MIT
 *
 * The ready queue: in what order tasks run, and what a failure leaves undone. Tasks are told apart by their length in frames.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "exec_test.h"

/* Three ways of different length to one film. */
#define FILM                                                                                   \
    DAG(VIDEO "  - {id: a, type: SEGMENT, config: {duration: 10f}, inputs: [video]}\n"         \
              "  - {id: b, type: SEGMENT, config: {duration: 60f}, inputs: [video]}\n"         \
              "  - {id: c, type: SEGMENT, config: {duration: 20f}, inputs: [video]}\n"         \
              "  - {id: c2, type: RESIZE, config: {width: 1920, height: 1080}, inputs: [c]}\n" \
              "  - {id: d, type: SEGMENT, config: {duration: 30f}, inputs: [video]}\n"         \
              "  - {id: d2, type: TRANSFORM, config: {effects: {blur: 2}}, inputs: [d]}\n"     \
              "  - {id: out, type: SEQUENCE, inputs: [a, b, c2, d2]}\n")

/* What was told of a run. */
struct witness {
    const struct ad_plan *plan;
    struct ad_exec_event events[400];
    size_t count;
    atomic_int inside; /* callers at this moment */
    bool overlapped;
    bool cancel_at_first_done;
    atomic_bool canceled;
    const char *gate; /* opened when this many tasks have started */
    size_t gate_at, started;
};

static void on_event(void *payload, const struct ad_exec_event *event)
{
    struct witness *w = payload;
    if (atomic_fetch_add(&w->inside, 1) != 0)
        w->overlapped = true;
    assert_true(w->count < sizeof(w->events) / sizeof(*w->events));
    w->events[w->count] = *event;
    w->events[w->count++].cid = NULL; /* lives during the call */
    if (event->kind == AD_EXEC_TASK_STARTED && ++w->started == w->gate_at && w->gate)
        touch(w->gate);
    if (event->kind == AD_EXEC_TASK_DONE) {
        assert_non_null(event->cid);
        assert_int_equal(event->frames_done, event->frames_total);
        if (w->cancel_at_first_done)
            atomic_store(&w->canceled, true);
    }
    (void)atomic_fetch_sub(&w->inside, 1);
}

static bool is_canceled(void *payload)
{
    struct witness *w = payload;
    return atomic_load(&w->canceled);
}

static size_t count_events(const struct witness *w, int kind)
{
    size_t n = 0;
    for (size_t i = 0; i < w->count; i++)
        n += (int)w->events[i].kind == kind;
    return n;
}

/* The kinds of event of a step, in order: "SPD", "SF", "" ... */
static const char *story_of(const struct witness *w, const char *node, char out[64])
{
    static const char letters[] = {[AD_EXEC_TASK_STARTED] = 'S',
                                   [AD_EXEC_TASK_PROGRESS] = 'P',
                                   [AD_EXEC_TASK_DONE] = 'D',
                                   [AD_EXEC_TASK_FAILED] = 'F'};
    size_t n = 0;
    for (size_t i = 0; i < w->count && n < 63; i++)
        if (&w->plan->steps[w->events[i].step] == step_of(w->plan, node))
            out[n++] = letters[w->events[i].kind];
    out[n] = 0;
    return out;
}

#define assert_story(w, node, text)                                                            \
    do {                                                                                       \
        char story[64];                                                                        \
        assert_string_equal(story_of((w), (node), story), (text));                             \
    } while (0)

static enum artdag_err run(struct site *site, struct made *made, struct witness *w,
                           struct ad_exec_result *ret, artdag_error *err)
{
    struct ad_exec_result ignored;
    w->plan = made->plan;
    const struct ad_exec_call call = {.plan = made->plan,
                                      .lowering = made->lowering,
                                      .cids = made->cids,
                                      .event = on_event,
                                      .payload = w};
    return ad_exec_run(site->exec, &call, ret ? ret : &ignored, err);
}

static void everything_runs_once_and_leaves_its_result(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct witness w = {0};
    struct ad_exec_result result = {0};
    struct made made = make_tasks(FILM);
    site_open(&site, *state, "");
    assert_ok(run(&site, &made, &w, &result, &err));
    assert_int_equal(result.tasks_executed, made.lowering->task_count);
    int64_t frames = 0;
    for (size_t i = 0; i < made.lowering->task_count; i++) {
        const struct ad_step *step = &made.plan->steps[made.lowering->tasks[i].step];
        struct ad_id id;
        struct ad_cid cid, parsed;
        bool complete = false;
        frames += step->edge.frames;
        memcpy(id.bytes, step->cache_id.bytes, sizeof(id.bytes));
        assert_ok(ad_state_get(site.state, AD_STATE_STEP, &id, &cid, &err));
        assert_ok(
            ad_cid_parse(ad_str_from(made.cids[made.lowering->tasks[i].step]), &parsed, &err));
        assert_true(ad_cid_equal(&cid, &parsed));
        assert_ok(ad_store_complete(site.store, &cid, &complete, &err));
        assert_true(complete);
    }
    assert_int_equal(result.frames_rendered, frames);
    assert_int_equal(count_events(&w, AD_EXEC_TASK_STARTED), made.lowering->task_count);
    assert_int_equal(count_events(&w, AD_EXEC_TASK_DONE), made.lowering->task_count);
    assert_int_equal(count_events(&w, AD_EXEC_TASK_FAILED), 0);
    assert_false(w.overlapped);
    made_fini(&made);
    site_close(&site);
}

/* Cost of a task and of the costliest way from it to the end, worked out by walking forward. */
static int64_t weight_of(const struct ad_lowering *l, size_t task)
{
    int64_t longest = 0;
    for (size_t i = 0; i < l->task_count; i++)
        for (size_t k = 0; k < l->tasks[i].after_count; k++)
            if (l->tasks[i].after[k] == task) {
                int64_t way = weight_of(l, i);
                longest = way > longest ? way : longest;
            }
    return l->tasks[task].cost + longest;
}

static size_t heaviest_ready(const struct ad_lowering *l, const bool *done)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < l->task_count; i++) {
        bool ready = !done[i];
        for (size_t k = 0; k < l->tasks[i].after_count; k++)
            ready = ready && done[l->tasks[i].after[k]];
        if (ready && (best == SIZE_MAX || weight_of(l, i) > weight_of(l, best)))
            best = i;
    }
    return best;
}

static void one_worker_takes_the_heaviest_ready_task_first(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct witness w = {0};
    struct made made = make_tasks(FILM);
    bool done[64] = {false};
    size_t next = 0;
    site_open(&site, *state, "");
    site.params.jobs = 1;
    site_reopen_exec(&site);
    assert_ok(run(&site, &made, &w, NULL, &err));
    for (size_t i = 0; i < w.count; i++) {
        if (w.events[i].kind != AD_EXEC_TASK_STARTED)
            continue;
        size_t expected = heaviest_ready(made.lowering, done);
        assert_int_equal(w.events[i].step, made.lowering->tasks[expected].step);
        done[expected] = true;
        next++;
    }
    assert_int_equal(next, made.lowering->task_count);
    made_fini(&made);
    site_close(&site);
}

static void as_many_tasks_run_at_once_as_there_are_jobs(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct made made = make_tasks(FILM);
    struct witness w = {.gate = ad_test_path(*state, GATE_NAME), .gate_at = 3};
    site_open(&site, *state, "any=gated");
    site.params.jobs = 3;
    site_reopen_exec(&site);
    /* Nothing ends before three have started, so it ends only if three can run together. */
    assert_ok(run(&site, &made, &w, NULL, &err));
    assert_false(w.overlapped);
    made_fini(&made);
    site_close(&site);
}

static void a_failure_leaves_its_dependents_undone_and_lets_the_rest_finish(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct witness w = {0};
    struct ad_exec_result result = {0};
    struct made made = make_tasks(FILM);
    site_open(&site, *state, "20=fails");
    assert_fails(ARTDAG_E_MEDIA, run(&site, &made, &w, &result, &err));
    assert_string_equal(err.node, "r.c");
    assert_int_equal(err.line, 7); /* of the recipe: where c is written */
    assert_string_equal(err.file, "film.yaml");
    assert_story(&w, "a", "SPD");
    assert_story(&w, "b", "SPD");
    assert_story(&w, "c", "SF");
    assert_story(&w, "c2", "");
    assert_story(&w, "d", "SPD");
    assert_story(&w, "d2", "SPD");
    assert_story(&w, "out", "");
    assert_int_equal(result.tasks_executed, 4);
    /* What failed left nothing that could be taken for a result. */
    struct ad_id id;
    struct ad_cid cid;
    memcpy(id.bytes, step_of(made.plan, "c")->cache_id.bytes, sizeof(id.bytes));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_get(site.state, AD_STATE_STEP, &id, &cid, &err));
    /* Once the cause is gone, only what is missing runs. */
    site.params.media_program = fake_program(*state, "fixed", "");
    site_reopen_exec(&site);
    struct witness again = {0};
    for (size_t i = 0; i < made.lowering->task_count; i++) {
        uint32_t step = made.lowering->tasks[i].step;
        free(made.cids[step]);
        made.cids[step] = NULL;
    }
    assert_ok(run(&site, &made, &again, &result, &err));
    assert_int_equal(result.tasks_executed, made.lowering->task_count - 4);
    made_fini(&made);
    site_close(&site);
}

static void of_several_failures_the_earliest_in_the_plan_is_told(void **state)
{
    struct made made = make_tasks(FILM);
    for (int round = 0; round < 4; round++) {
        artdag_error err = {0};
        struct site site;
        struct witness w = {0};
        const char *dir = ad_test_path(*state, "%d", round);
        assert_int_equal(mkdir(dir, 0700), 0);
        site_open(&site, dir, "10=frame-lost 20=fails 30=killed");
        site.params.jobs = round % 2 ? 1 : 3;
        site_reopen_exec(&site);
        assert_fails(ARTDAG_E_MEDIA, run(&site, &made, &w, NULL, &err));
        assert_string_equal(err.node, "r.a");
        assert_err_says("9 frames came out instead of 10");
        assert_int_equal(count_events(&w, AD_EXEC_TASK_FAILED), 3);
        site_close(&site);
        made_forget(&made);
    }
    made_fini(&made);
}

static void a_cancel_starts_nothing_more_and_outranks_failures(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct witness w = {.cancel_at_first_done = true};
    struct ad_exec_result result = {0};
    struct made made = make_tasks(FILM);
    /* b is the first to be done; the others cannot be before it. */
    site_open(&site, *state, "10=fails 20=silent 30=silent");
    site.params.canceled = is_canceled;
    site.params.cancel_payload = &w;
    site.params.jobs = 4;
    site_reopen_exec(&site);
    assert_fails(ARTDAG_E_CANCELED, run(&site, &made, &w, &result, &err));
    assert_story(&w, "out", "");
    assert_story(&w, "c", "SF");
    assert_int_equal(result.tasks_executed, 1);
    /* Its claims are free again: another owner can have them at once. */
    struct ad_id id;
    memcpy(id.bytes, step_of(made.plan, "c")->cache_id.bytes, sizeof(id.bytes));
    assert_ok(ad_state_try_claim(site.state, &id, "somebody else", 1000, NULL, &err));
    made_fini(&made);
    site_close(&site);
}

static void progress_stays_within_the_steps_length(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct witness w = {0};
    struct made made = make_tasks(FILM);
    site_open(&site, *state, "any=wild-progress");
    assert_ok(run(&site, &made, &w, NULL, &err));
    assert_true(count_events(&w, AD_EXEC_TASK_PROGRESS) > 0);
    for (size_t i = 0; i < w.count; i++) {
        assert_in_range(w.events[i].frames_done, 0, w.events[i].frames_total);
        assert_int_equal(w.events[i].frames_total,
                         made.plan->steps[w.events[i].step].edge.frames);
    }
    made_fini(&made);
    site_close(&site);
}

static void a_program_killed_in_the_middle_fails_what_ran_and_serves_the_rest(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct witness w = {0};
    struct made made = make_tasks(FILM);
    site_open(&site, *state, "60=kills-parent");
    site.params.jobs = 1;
    site_reopen_exec(&site);
    assert_fails(ARTDAG_E_MEDIA, run(&site, &made, &w, NULL, &err));
    assert_string_equal(err.node, "r.b");
    assert_story(&w, "a", "SPD");
    assert_story(&w, "c2", "SPD");
    assert_story(&w, "d2", "SPD");
    made_fini(&made);
    site_close(&site);
}

static void without_state_or_listener_it_still_renders(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct ad_exec_result result = {0};
    struct made made = make_tasks(FILM);
    site_open(&site, *state, "");
    site.params.state = NULL;
    site_reopen_exec(&site);
    const struct ad_exec_call call = {
        .plan = made.plan, .lowering = made.lowering, .cids = made.cids};
    assert_ok(ad_exec_run(site.exec, &call, &result, &err));
    assert_int_equal(result.tasks_executed, made.lowering->task_count);
    assert_non_null(made.cids[made.plan->output]);
    made_fini(&made);
    site_close(&site);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(everything_runs_once_and_leaves_its_result),
    ad_test_in_dir(one_worker_takes_the_heaviest_ready_task_first),
    ad_test_in_dir(as_many_tasks_run_at_once_as_there_are_jobs),
    ad_test_in_dir(a_failure_leaves_its_dependents_undone_and_lets_the_rest_finish),
    ad_test_in_dir(of_several_failures_the_earliest_in_the_plan_is_told),
    ad_test_in_dir(a_cancel_starts_nothing_more_and_outranks_failures),
    ad_test_in_dir(progress_stays_within_the_steps_length),
    ad_test_in_dir(a_program_killed_in_the_middle_fails_what_ran_and_serves_the_rest),
    ad_test_in_dir(without_state_or_listener_it_still_renders),
};

AD_TEST_MAIN(tests)
