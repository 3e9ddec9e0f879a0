/* SPDX-License-Identifier: MIT
 *
 * Films made from spans: parts are known by what they are made of, wherever they stand.
 */
#include <stdio.h>
#include <stdlib.h>

#include "exec_test.h"

#define CLIPS                                                                                  \
    VIDEO                                                                                      \
    "  - {id: a, type: SEGMENT, config: {duration: 50f}, inputs: [video]}\n"                   \
    "  - {id: b, type: SEGMENT, config: {start: 60f, duration: 60f}, inputs: [video]}\n"       \
    "  - {id: c, type: SEGMENT, config: {start: 130f, duration: 70f}, inputs: [video]}\n"
#define FILM(order) DAG(CLIPS "  - {id: out, type: SEQUENCE, inputs: " order "}\n")

struct film {
    struct ad_plan *plan;
    struct ad_lowering *lowering;
    char **cids;
};

/* Plans and lowers as spans; nothing is looked up. */
static struct film make_film(const char *yaml)
{
    artdag_error err = {0};
    struct film f = {.plan =
                         make_plan(&(struct request){.yaml = yaml, .inputs = "video=silent"})};
    struct ad_shape *shape = NULL;
    enum ad_need need[32];
    char text[AD_CID_TEXT_MAX];
    assert_true(f.plan->step_count <= 32);
    f.cids = ad_alloc_array(f.plan->step_count, sizeof(*f.cids));
    assert_non_null(f.cids);
    for (size_t i = 0; i < f.plan->step_count; i++) {
        bool source = ad_step_is_source(&f.plan->steps[i]);
        need[i] = source ? AD_NEED_HIT : AD_NEED_RUN;
        if (source) {
            ad_cid_format(&f.plan->inputs[f.plan->steps[i].input].cid, text);
            f.cids[i] = ad_strdup(text);
        }
    }
    assert_ok(ad_plan_shape(f.plan, AD_STRATEGY_AUTO, &shape, &err));
    assert_ok(ad_lower(f.plan, shape, need, &f.lowering, &err));
    ad_shape_destroy(shape);
    return f;
}

static void film_fini(struct film *f)
{
    for (size_t i = 0; i < f->plan->step_count; i++)
        free(f->cids[i]);
    free(f->cids);
    ad_lowering_destroy(f->lowering);
    ad_plan_destroy(f->plan);
}

struct outcome {
    size_t executed, known; /* tasks */
    bool steps[32];         /* executed */
    char cid[AD_CID_TEXT_MAX];
};

static void on_event(void *payload, const struct ad_exec_event *event)
{
    struct outcome *o = payload;
    o->known += event->kind == AD_EXEC_TASK_DONE && event->known;
}

static enum artdag_err run(struct site *site, const char *yaml, struct outcome *ret,
                           artdag_error *err)
{
    struct film f = make_film(yaml);
    struct ad_exec_result result = {0};
    *ret = (struct outcome){0};
    const struct ad_exec_call call = {.plan = f.plan,
                                      .lowering = f.lowering,
                                      .cids = f.cids,
                                      .executed = ret->steps,
                                      .event = on_event,
                                      .payload = ret};
    enum artdag_err rc = ad_exec_run(site->exec, &call, &result, err);
    ret->executed = result.tasks_executed;
    if (rc == ARTDAG_OK)
        snprintf(ret->cid, sizeof(ret->cid), "%s", f.cids[f.plan->output]);
    film_fini(&f);
    return rc;
}

static size_t count_jobs(const char *dir, const char *line)
{
    size_t count = 0;
    for (const char *p = jobs_log(dir); *p; p = strchr(p, '\n') + 1)
        count += strncmp(p, line, strlen(line)) == 0;
    return count;
}

static void a_film_is_made_of_a_part_per_clip_and_one_join(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct outcome o;
    site_open(&site, *state, "");
    assert_ok(run(&site, FILM("[a, b, c]"), &o, &err));
    assert_int_equal(o.executed, 4);
    assert_int_equal(count_jobs(*state, "part 50\n"), 1);
    assert_int_equal(count_jobs(*state, "part 60\n"), 1);
    assert_int_equal(count_jobs(*state, "part 70\n"), 1);
    assert_int_equal(count_jobs(*state, "join 180\n"), 1);
    site_close(&site);
}

/* Another order is another film of the same parts. */
static void parts_are_used_again_in_another_order(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct outcome first, second, third;
    site_open(&site, *state, "");
    assert_ok(run(&site, FILM("[a, b, c]"), &first, &err));
    assert_ok(run(&site, FILM("[c, a, b]"), &second, &err));
    assert_int_equal(second.executed, 1);
    assert_int_equal(second.known, 3);
    assert_string_not_equal(first.cid, second.cid);
    assert_int_equal(count_jobs(*state, "part"), 3);
    assert_int_equal(count_jobs(*state, "join"), 2);
    assert_ok(run(&site, FILM("[a, b, c]"), &third, &err)); /* not even the join */
    assert_int_equal(third.executed, 0);
    assert_string_equal(third.cid, first.cid);
    site_close(&site);
}

static void only_the_part_that_is_lost_is_made_again(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct outcome first, second;
    struct film f = make_film(FILM("[a, b, c]"));
    struct ad_id id;
    site_open(&site, *state, "");
    assert_ok(run(&site, FILM("[a, b, c]"), &first, &err));
    memcpy(id.bytes, f.plan->steps[f.plan->output].cache_id.bytes, sizeof(id.bytes));
    assert_ok(ad_state_forget(site.state, AD_STATE_STEP, &id, &err));
    assert_ok(run(&site, FILM("[a, b, c]"), &second, &err));
    assert_int_equal(second.executed, 1); /* the join */
    assert_string_equal(first.cid, second.cid);
    film_fini(&f);
    site_close(&site);
}

static void a_failed_part_leaves_the_join_undone_and_the_others_kept(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct outcome o;
    site_open(&site, *state, "60=fails");
    assert_fails(ARTDAG_E_MEDIA, run(&site, FILM("[a, b, c]"), &o, &err));
    assert_true(err.node[0] != 0);
    assert_int_equal(o.executed, 2);
    assert_int_equal(count_jobs(*state, "join"), 0);
    site.params.media_program = fake_program(*state, "fixed", "");
    site_reopen_exec(&site);
    assert_ok(run(&site, FILM("[a, b, c]"), &o, &err));
    assert_int_equal(o.executed, 2); /* the part that failed, and the join */
    assert_int_equal(o.known, 2);
    site_close(&site);
}

static void a_part_that_loses_a_frame_is_refused(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct outcome o;
    site_open(&site, *state, "70=frame-lost");
    assert_fails(ARTDAG_E_MEDIA, run(&site, FILM("[a, b, c]"), &o, &err));
    assert_err_says("69 frames came out instead of 70");
    site.params.media_program = fake_program(*state, "joins", "180=frame-lost");
    site_reopen_exec(&site);
    assert_fails(ARTDAG_E_MEDIA, run(&site, FILM("[a, b, c]"), &o, &err));
    assert_err_says("179 frames came out instead of 180");
    site_close(&site);
}

static void equal_parts_of_one_film_are_made_once(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct outcome o;
    site_open(&site, *state, "");
    site.params.jobs = 4;
    site_reopen_exec(&site);
    assert_ok(run(&site, FILM("[a, b, a, c, a, a]"), &o, &err));
    assert_int_equal(count_jobs(*state, "part 50\n"), 1);
    assert_int_equal(count_jobs(*state, "join 330\n"), 1);
    assert_int_equal(o.executed, 4);
    assert_int_equal(o.known, 3);
    site_close(&site);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(a_film_is_made_of_a_part_per_clip_and_one_join),
    ad_test_in_dir(parts_are_used_again_in_another_order),
    ad_test_in_dir(only_the_part_that_is_lost_is_made_again),
    ad_test_in_dir(a_failed_part_leaves_the_join_undone_and_the_others_kept),
    ad_test_in_dir(a_part_that_loses_a_frame_is_refused),
    ad_test_in_dir(equal_parts_of_one_film_are_made_once),
};

AD_TEST_MAIN(tests)
