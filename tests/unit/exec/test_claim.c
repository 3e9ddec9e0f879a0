/* SPDX-License-Identifier: MIT
 *
 * Two engines, one state: who renders, who waits, and what happens when the one that should render does not.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec_test.h"

#define ONE                                                                                    \
    DAG(VIDEO "  - {id: out, type: SEGMENT, config: {duration: 10f}, inputs: [video]}\n")

struct fixture {
    struct site site;
    struct made made;
    const struct ad_task *task; /* the segment */
    struct ad_id id;
};

static void set_up(struct fixture *f, const char *dir, const char *arguments)
{
    f->made = make_tasks(ONE);
    site_open(&f->site, dir, arguments);
    f->task = &f->made.lowering->tasks[0];
    assert_true(&f->made.plan->steps[f->task->step] == step_of(f->made.plan, "out"));
    memcpy(f->id.bytes, f->made.plan->steps[f->task->step].cache_id.bytes, sizeof(f->id.bytes));
}

static void tear_down(struct fixture *f)
{
    made_fini(&f->made);
    site_close(&f->site);
}

static enum artdag_err do_task(struct fixture *f, char **ret_cid, bool *ret_elsewhere,
                               artdag_error *err)
{
    ad_index_vec touched = {0};
    const struct ad_task_call call = {.plan = f->made.plan,
                                      .lowering = f->made.lowering,
                                      .task = f->task,
                                      .cids = f->made.cids,
                                      .touched = &touched};
    enum artdag_err rc = ad_exec_task(f->site.exec, &call, ret_cid, ret_elsewhere, err);
    ad_vec_fini(&touched);
    return rc;
}

static size_t jobs_run(const char *dir)
{
    size_t lines = 0;
    for (const char *p = jobs_log(dir); *p; p++)
        lines += *p == '\n';
    return lines;
}

/* Another owner that enters its result, or only goes away, while we wait. */
struct other {
    struct fixture *f;
    struct ad_state *state;
    const char *owner;
    bool has_result;
    struct ad_cid cid;
};

static void *act(void *payload)
{
    struct other *o = payload;
    usleep(250000); /* so that the waiting is seen; nothing depends on how long it takes */
    if (o->has_result &&
        ad_state_set(o->state, AD_STATE_STEP, &o->f->id, &o->cid, NULL, NULL) != ARTDAG_OK)
        return o;
    if (ad_state_release_claim(o->state, &o->f->id, o->owner, NULL) != ARTDAG_OK)
        return o;
    return NULL;
}

static void wait_for_other(struct fixture *f, const char *dir, bool has_result, char **ret_cid,
                           bool *ret_elsewhere)
{
    artdag_error err = {0};
    char url[512];
    void *trouble = NULL;
    pthread_t thread;
    struct other o = {.f = f, .owner = "another machine", .has_result = has_result};
    snprintf(url, sizeof(url), "sqlite:%s/state.db", dir);
    assert_ok(ad_state_open(url, NULL, &o.state, &err));
    assert_ok(ad_store_add_bytes(f->site.store, "theirs", 6, &o.cid, &err));
    assert_ok(ad_state_try_claim(o.state, &f->id, o.owner, 60000, NULL, &err));
    assert_int_equal(pthread_create(&thread, NULL, act, &o), 0);
    enum artdag_err rc = do_task(f, ret_cid, ret_elsewhere, &err);
    assert_int_equal(pthread_join(thread, &trouble), 0);
    assert_null(trouble);
    if (rc != ARTDAG_OK)
        fail_msg("%s", err.message);
    ad_state_close(o.state);
}

static void a_result_that_appears_ends_the_wait(void **state)
{
    struct fixture f;
    char *cid = NULL;
    bool elsewhere = false;
    set_up(&f, *state, "");
    wait_for_other(&f, *state, true, &cid, &elsewhere);
    assert_true(elsewhere);
    struct ad_cid theirs;
    artdag_error err = {0};
    assert_ok(ad_cid_of(AD_CODEC_RAW, "theirs", 6, &theirs, &err));
    char text[AD_CID_TEXT_MAX];
    ad_cid_format(&theirs, text);
    assert_string_equal(cid, text);
    assert_int_equal(jobs_run(*state), 0);
    free(cid);
    tear_down(&f);
}

static void a_claim_that_is_given_up_becomes_ours(void **state)
{
    struct fixture f;
    char *cid = NULL;
    bool elsewhere = true;
    set_up(&f, *state, "");
    wait_for_other(&f, *state, false, &cid, &elsewhere);
    assert_false(elsewhere);
    assert_int_equal(jobs_run(*state), 1);
    free(cid);
    tear_down(&f);
}

static void a_claim_that_ran_out_becomes_ours(void **state)
{
    artdag_error err = {0};
    struct fixture f;
    char *cid = NULL;
    bool elsewhere = true;
    set_up(&f, *state, "");
    assert_ok(ad_state_try_claim(f.site.state, &f.id, "stuck", 300, NULL, &err));
    int64_t before = ad_clock_monotonic_ms();
    assert_ok(do_task(&f, &cid, &elsewhere, &err));
    assert_true(ad_clock_monotonic_ms() - before >= 200);
    assert_false(elsewhere);
    free(cid);
    tear_down(&f);
}

/* A process of this machine that has died need not be waited for. */
static void a_dead_owners_claim_is_ours_at_once(void **state)
{
    artdag_error err = {0};
    struct fixture f;
    char *cid = NULL;
    bool elsewhere = true;
    int status = 0;
    set_up(&f, *state, "");
    pid_t pid = fork();
    if (pid == 0) {
        char url[512], owner[AD_OWNER_TOKEN_MAX];
        struct ad_state *other = NULL;
        snprintf(url, sizeof(url), "sqlite:%s/state.db", (const char *)*state);
        ad_state_owner_token(owner);
        _exit(ad_state_open(url, NULL, &other, NULL) == ARTDAG_OK &&
                      ad_state_try_claim(other, &f.id, owner, 3600000, NULL, NULL) == ARTDAG_OK
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    int64_t before = ad_clock_monotonic_ms();
    assert_ok(do_task(&f, &cid, &elsewhere, &err));
    assert_true(ad_clock_monotonic_ms() - before < 20000);
    assert_false(elsewhere);
    assert_int_equal(jobs_run(*state), 1);
    free(cid);
    tear_down(&f);
}

static void a_result_entered_before_the_claim_is_used(void **state)
{
    artdag_error err = {0};
    struct fixture f;
    char *first = NULL, *second = NULL;
    bool elsewhere = true;
    set_up(&f, *state, "");
    assert_ok(do_task(&f, &first, &elsewhere, &err));
    assert_false(elsewhere);
    assert_ok(do_task(&f, &second, &elsewhere, &err));
    assert_true(elsewhere);
    assert_string_equal(first, second);
    assert_int_equal(jobs_run(*state), 1);
    /* and the claim was not kept */
    assert_ok(ad_state_try_claim(f.site.state, &f.id, "somebody", 1000, NULL, &err));
    free(first);
    free(second);
    tear_down(&f);
}

static void a_result_whose_bytes_are_gone_is_rendered_again(void **state)
{
    artdag_error err = {0};
    struct fixture f;
    struct ad_cid lost, now;
    char *cid = NULL;
    bool elsewhere = true;
    set_up(&f, *state, "");
    assert_ok(ad_cid_of(AD_CODEC_RAW, "never stored", 12, &lost, &err));
    assert_ok(ad_state_set(f.site.state, AD_STATE_STEP, &f.id, &lost, NULL, &err));
    assert_ok(do_task(&f, &cid, &elsewhere, &err));
    assert_false(elsewhere);
    assert_int_equal(jobs_run(*state), 1);
    assert_ok(ad_state_get(f.site.state, AD_STATE_STEP, &f.id, &now, &err));
    char text[AD_CID_TEXT_MAX];
    ad_cid_format(&now, text);
    assert_string_equal(cid, text);
    free(cid);
    tear_down(&f);
}

static void a_failed_task_gives_its_claim_back(void **state)
{
    artdag_error err = {0};
    struct fixture f;
    char *cid = NULL;
    bool elsewhere = false;
    set_up(&f, *state, "any=killed");
    assert_fails(ARTDAG_E_MEDIA, do_task(&f, &cid, &elsewhere, &err));
    assert_null(cid);
    assert_ok(ad_state_try_claim(f.site.state, &f.id, "somebody", 1000, NULL, &err));
    tear_down(&f);
}

/* While we render, a late owner enters other bytes: first writer wins, as long as its bytes can be had. */
struct racer {
    struct fixture *f;
    struct ad_cid cid;
    const char *gate, *log;
};

static void *race(void *payload)
{
    struct racer *r = payload;
    for (int i = 0; i < 1000 && !ad_fs_exists(r->log); i++)
        usleep(5000);
    enum artdag_err rc =
        ad_state_set(r->f->site.state, AD_STATE_STEP, &r->f->id, &r->cid, NULL, NULL);
    if (rc == ARTDAG_OK)
        rc = ad_fs_write_file(r->gate, "", 0, 0600, "test", NULL);
    return rc == ARTDAG_OK ? NULL : r;
}

static void run_race(struct fixture *f, const char *dir, const struct ad_cid *theirs,
                     char **ret_cid)
{
    artdag_error err = {0};
    bool elsewhere = true;
    void *trouble = NULL;
    pthread_t thread;
    struct racer r = {.f = f,
                      .cid = *theirs,
                      .gate = ad_test_path(dir, GATE_NAME),
                      .log = ad_test_path(dir, LOG_NAME)};
    assert_int_equal(pthread_create(&thread, NULL, race, &r), 0);
    enum artdag_err rc = do_task(f, ret_cid, &elsewhere, &err);
    assert_int_equal(pthread_join(thread, &trouble), 0);
    assert_null(trouble);
    if (rc != ARTDAG_OK)
        fail_msg("%s", err.message);
}

static void the_first_writers_bytes_count_when_they_are_there(void **state)
{
    artdag_error err = {0};
    struct fixture f;
    struct ad_cid theirs;
    char *cid = NULL, text[AD_CID_TEXT_MAX];
    set_up(&f, *state, "any=gated");
    assert_ok(ad_store_add_bytes(f.site.store, "theirs", 6, &theirs, &err));
    run_race(&f, *state, &theirs, &cid);
    ad_cid_format(&theirs, text);
    assert_string_equal(cid, text);
    free(cid);
    tear_down(&f);
}

static void the_first_writers_bytes_do_not_count_when_they_are_gone(void **state)
{
    artdag_error err = {0};
    struct fixture f;
    struct ad_cid theirs, ours;
    bool complete = false;
    char *cid = NULL;
    set_up(&f, *state, "any=gated");
    assert_ok(ad_cid_of(AD_CODEC_RAW, "never stored", 12, &theirs, &err));
    run_race(&f, *state, &theirs, &cid);
    assert_ok(ad_cid_parse(ad_str_from(cid), &ours, &err));
    assert_false(ad_cid_equal(&ours, &theirs));
    assert_ok(ad_store_complete(f.site.store, &ours, &complete, &err));
    assert_true(complete);
    free(cid);
    tear_down(&f);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(a_result_that_appears_ends_the_wait),
    ad_test_in_dir(a_claim_that_is_given_up_becomes_ours),
    ad_test_in_dir(a_claim_that_ran_out_becomes_ours),
    ad_test_in_dir(a_dead_owners_claim_is_ours_at_once),
    ad_test_in_dir(a_result_entered_before_the_claim_is_used),
    ad_test_in_dir(a_result_whose_bytes_are_gone_is_rendered_again),
    ad_test_in_dir(a_failed_task_gives_its_claim_back),
    ad_test_in_dir(the_first_writers_bytes_count_when_they_are_there),
    ad_test_in_dir(the_first_writers_bytes_do_not_count_when_they_are_gone),
};

AD_TEST_MAIN(tests)
