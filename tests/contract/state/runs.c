/* SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"

static struct ad_run_record a_run(uint64_t n)
{
    return (struct ad_run_record){
        .run_id = contract_id(n),
        .recipe_name = "holiday",
        .recipe_cid = "bafyrecipe",
        .plan_cid = "bafyplan",
        .output_cid = "",
        .status = AD_RUN_RUNNING,
        .started_ms = 1700000000123,
        .steps_total = 5,
        .error = "",
    };
}

static struct ad_step_record a_step(uint64_t cache_id, const char *name, const char *node_type)
{
    return (struct ad_step_record){
        .cache_id = contract_id(cache_id),
        .name = name,
        .node_type = node_type,
        .toolchain = "libav 1",
        .config = "{\"a\":1}",
        .inputs = "[[\"0\",\"00ff\"]]",
        .output_cid = "bafyoutput",
        .status = AD_STEP_EXECUTED,
        .frames = 96,
        .elapsed_ms = 12,
    };
}

static int64_t begin(struct ad_state *state, uint64_t n)
{
    artdag_error err = {0};
    const struct ad_run_record run = a_run(n);
    int64_t seq = 0;
    assert_ok(ad_state_run_begin(state, &run, &seq, &err));
    return seq;
}

/* Copies of what a query gave. */
struct given {
    struct ad_run_record runs[16];
    struct ad_step_record steps[16];
    char text[16][512]; /* everything that is text, joined */
    size_t count;
    size_t stop_at;
};

static enum artdag_err on_run(void *payload, const struct ad_run_record *run, artdag_error *err)
{
    struct given *given = payload;
    if (given->count < 16) {
        given->runs[given->count] = *run;
        (void)snprintf(given->text[given->count], sizeof(given->text[0]), "%s|%s|%s|%s|%s",
                       run->recipe_name, run->recipe_cid, run->plan_cid, run->output_cid,
                       run->error);
    }
    if (++given->count == given->stop_at)
        return ad_error_set(err, ARTDAG_E_CANCELED, "test", "enough");
    return ARTDAG_OK;
}

static enum artdag_err on_step(void *payload, const struct ad_step_record *step,
                               artdag_error *err)
{
    struct given *given = payload;
    if (given->count < 16) {
        given->steps[given->count] = *step;
        (void)snprintf(given->text[given->count], sizeof(given->text[0]), "%s|%s|%s|%s|%s|%s",
                       step->name, step->node_type, step->toolchain, step->config, step->inputs,
                       step->output_cid);
    }
    if (++given->count == given->stop_at)
        return ad_error_set(err, ARTDAG_E_CANCELED, "test", "enough");
    return ARTDAG_OK;
}

static void a_run_is_recorded_from_begin_to_end(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    struct ad_run_record run = a_run(1);
    struct given given = {0};
    assert_ok(ad_state_run_begin(s, &run, &run.seq, &err));
    assert_ok(ad_state_runs(s, 0, on_run, &given, &err));
    assert_int_equal(given.count, 1);
    assert_int_equal(given.runs[0].status, AD_RUN_RUNNING);
    assert_string_equal(given.text[0], "holiday|bafyrecipe|bafyplan||");

    run.status = AD_RUN_FAILED;
    run.output_cid = NULL;
    run.ended_ms = 1700000009999;
    run.steps_cached = 3;
    run.steps_executed = 1;
    run.error = "film.yaml:1:2: caf\xc3\xa9: no";
    assert_ok(ad_state_run_end(s, &run, &err));
    ad_state_close(s);

    s = contract_open(*state);
    given = (struct given){0};
    assert_ok(ad_state_runs(s, 0, on_run, &given, &err));
    assert_int_equal(given.count, 1);
    const struct ad_run_record *got = &given.runs[0];
    assert_memory_equal(&got->run_id, &run.run_id, sizeof(run.run_id));
    assert_int_equal(got->seq, run.seq);
    assert_int_equal(got->status, AD_RUN_FAILED);
    assert_int_equal(got->started_ms, 1700000000123);
    assert_int_equal(got->ended_ms, 1700000009999);
    assert_int_equal(got->steps_total, 5);
    assert_int_equal(got->steps_cached, 3);
    assert_int_equal(got->steps_executed, 1);
    assert_string_equal(given.text[0],
                        "holiday|bafyrecipe|bafyplan||film.yaml:1:2: caf\xc3\xa9: no");
    ad_state_close(s);
}

static void runs_are_listed_newest_first_up_to_the_limit(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    struct given given = {0};
    int64_t seqs[5];
    for (uint64_t i = 0; i < 5; i++)
        seqs[i] = begin(s, 1); /* the same run again and again: five attempts */
    assert_ok(ad_state_runs(s, 0, on_run, &given, &err));
    assert_int_equal(given.count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(given.runs[i].seq, seqs[4 - i]);
    given = (struct given){0};
    assert_ok(ad_state_runs(s, 2, on_run, &given, &err));
    assert_int_equal(given.count, 2);
    assert_int_equal(given.runs[1].seq, seqs[3]);
    given = (struct given){.stop_at = 4};
    assert_fails(ARTDAG_E_CANCELED, ad_state_runs(s, 0, on_run, &given, &err));
    assert_int_equal(given.count, 4);
    ad_state_close(s);
}

static void steps_come_back_in_order_with_every_field(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    struct given given = {0};
    int64_t seq = begin(s, 1), other = begin(s, 2);
    struct ad_step_record steps[3] = {a_step(1, "film.a", "SEGMENT"),
                                      a_step(2, "film.b", "SEQUENCE"),
                                      a_step(3, "film.c", "ENCODE")};
    steps[1].status = AD_STEP_SKIPPED;
    steps[1].output_cid = NULL;
    steps[2].frames = INT64_C(1) << 40;
    assert_ok(ad_state_run_steps(s, seq, steps, 2, &err));
    assert_ok(ad_state_run_steps(s, other, steps, 1, &err));
    assert_ok(ad_state_run_steps(s, seq, steps + 2, 1, &err));
    assert_ok(ad_state_run_steps(s, seq, NULL, 0, &err));
    assert_ok(ad_state_steps_of_run(s, seq, on_step, &given, &err));
    assert_int_equal(given.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_memory_equal(&given.steps[i].cache_id, &steps[i].cache_id, AD_ID_BYTES);
    assert_string_equal(given.text[0],
                        "film.a|SEGMENT|libav 1|{\"a\":1}|[[\"0\",\"00ff\"]]|bafyoutput");
    assert_string_equal(given.text[1], "film.b|SEQUENCE|libav 1|{\"a\":1}|[[\"0\",\"00ff\"]]|");
    assert_int_equal(given.steps[0].status, AD_STEP_EXECUTED);
    assert_int_equal(given.steps[1].status, AD_STEP_SKIPPED);
    assert_int_equal(given.steps[0].elapsed_ms, 12);
    assert_true(given.steps[2].frames == INT64_C(1) << 40);
    given = (struct given){0};
    assert_ok(ad_state_steps_of_run(s, 12345, on_step, &given, &err));
    assert_int_equal(given.count, 0);
    ad_state_close(s);
}

static enum artdag_err measure_config(void *payload, const struct ad_step_record *step,
                                      artdag_error *err)
{
    (void)err;
    *(size_t *)payload = strlen(step->config);
    return ARTDAG_OK;
}

static void a_config_of_a_megabyte_comes_back_whole(void **state)
{
    enum {
        BIG = 1 << 20
    };
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    char *config = malloc(BIG + 1);
    size_t len = 0;
    assert_non_null(config);
    memset(config, 'x', BIG);
    config[BIG] = '\0';
    struct ad_step_record step = a_step(1, "film.a", "SEGMENT");
    step.config = config;
    assert_ok(ad_state_run_steps(s, begin(s, 1), &step, 1, &err));
    assert_ok(ad_state_find_step(s, &step.cache_id, measure_config, &len, &err));
    assert_int_equal(len, BIG);
    free(config);
    ad_state_close(s);
}

static void a_number_that_was_never_given_is_not_found(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    struct ad_run_record run = a_run(1);
    const struct ad_step_record step = a_step(1, "film.a", "SEGMENT");
    run.seq = 1;
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_run_end(s, &run, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_run_steps(s, 1, &step, 1, &err));
    int64_t seq = begin(s, 1);
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_run_steps(s, seq + 1, &step, 1, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_run_steps(s, 0, &step, 1, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_run_steps(s, -1, &step, 1, &err));
    ad_state_close(s);
}

static void old_runs_and_their_steps_are_dropped(void **state)
{
    artdag_error err = {0};
    const struct ad_state_params params = {.runs_kept = 3};
    struct ad_state *s = contract_open_with(*state, &params);
    struct given given = {0};
    int64_t seqs[5];
    struct ad_run_record run = a_run(1);
    for (uint64_t i = 0; i < 5; i++) {
        const struct ad_step_record step = a_step(i, "film.a", "SEGMENT");
        seqs[i] = begin(s, i);
        assert_ok(ad_state_run_steps(s, seqs[i], &step, 1, &err));
    }
    assert_ok(ad_state_runs(s, 0, on_run, &given, &err));
    assert_int_equal(given.count, 3);
    assert_int_equal(given.runs[2].seq, seqs[2]);
    for (uint64_t i = 0; i < 5; i++) {
        const struct ad_id id = contract_id(i);
        given = (struct given){0};
        if (i < 2)
            assert_fails(ARTDAG_E_NOTFOUND, ad_state_find_step(s, &id, on_step, &given, &err));
        else
            assert_ok(ad_state_find_step(s, &id, on_step, &given, &err));
    }
    /* A dropped run that is still under way meets no error, and leaves nothing. */
    const struct ad_step_record late = a_step(77, "film.a", "SEGMENT");
    run.seq = seqs[0];
    assert_ok(ad_state_run_steps(s, seqs[0], &late, 1, &err));
    assert_ok(ad_state_run_end(s, &run, &err));
    assert_fails(ARTDAG_E_NOTFOUND,
                 ad_state_find_step(s, &late.cache_id, on_step, &given, &err));
    ad_state_close(s);
}

static void the_number_of_steps_is_bounded_but_the_newest_run_is_whole(void **state)
{
    artdag_error err = {0};
    const struct ad_state_params params = {.steps_kept = 10};
    struct ad_state *s = contract_open_with(*state, &params);
    struct ad_step_record steps[15];
    struct given given = {0};
    int64_t seqs[3];
    for (uint64_t i = 0; i < 15; i++)
        steps[i] = a_step(i, "film.a", "SEGMENT");
    for (uint64_t i = 0; i < 3; i++) {
        seqs[i] = begin(s, i);
        assert_ok(ad_state_run_steps(s, seqs[i], steps, 5, &err));
    }
    assert_ok(ad_state_runs(s, 0, on_run, &given, &err));
    assert_int_equal(given.count, 2);
    assert_int_equal(given.runs[1].seq, seqs[1]);
    int64_t big = begin(s, 4);
    assert_ok(ad_state_run_steps(s, big, steps, 15, &err));
    given = (struct given){0};
    assert_ok(ad_state_runs(s, 0, on_run, &given, &err));
    assert_int_equal(given.count, 1);
    given = (struct given){0};
    assert_ok(ad_state_steps_of_run(s, big, on_step, &given, &err));
    assert_int_equal(given.count, 15);
    ad_state_close(s);
}

static void find_step_gives_the_newest_record(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    struct given given = {0};
    struct ad_step_record step = a_step(1, "old.a", "SEGMENT");
    const struct ad_id unknown = contract_id(2);
    assert_ok(ad_state_run_steps(s, begin(s, 1), &step, 1, &err));
    step.name = "new.a";
    step.status = AD_STEP_CACHED;
    assert_ok(ad_state_run_steps(s, begin(s, 2), &step, 1, &err));
    assert_ok(ad_state_find_step(s, &step.cache_id, on_step, &given, &err));
    assert_int_equal(given.count, 1);
    assert_int_equal(given.steps[0].status, AD_STEP_CACHED);
    assert_non_null(strstr(given.text[0], "new.a|"));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_find_step(s, &unknown, on_step, &given, &err));
    ad_state_close(s);
}

static void assert_given(const struct given *given, const uint64_t *cache_ids, size_t count)
{
    assert_int_equal(given->count, count);
    for (size_t i = 0; i < count; i++) {
        const struct ad_id want = contract_id(cache_ids[i]);
        assert_memory_equal(&given->steps[i].cache_id, &want, AD_ID_BYTES);
    }
}

static void near_steps_prefer_the_name_then_the_type_and_the_newest(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    struct given given = {0};
    const struct ad_step_record old[] = {a_step(1, "film.a", "SEGMENT"),
                                         a_step(2, "film.b", "SEGMENT"),
                                         a_step(3, "film.c", "ENCODE")};
    const struct ad_step_record new[] = {a_step(4, "film.a", "RESIZE"),
                                         a_step(5, "film.d", "SEGMENT"),
                                         a_step(1, "film.a", "SEGMENT")};
    assert_ok(ad_state_near_steps(s, "film.a", "SEGMENT", 0, on_step, &given, &err));
    assert_int_equal(given.count, 0);
    assert_ok(ad_state_run_steps(s, begin(s, 1), old, 3, &err));
    assert_ok(ad_state_run_steps(s, begin(s, 2), new, 3, &err));
    assert_ok(ad_state_near_steps(s, "film.a", "SEGMENT", 0, on_step, &given, &err));
    assert_given(&given, (const uint64_t[]){1, 4, 5, 2}, 4);
    given = (struct given){0};
    assert_ok(ad_state_near_steps(s, "film.a", "SEGMENT", 3, on_step, &given, &err));
    assert_given(&given, (const uint64_t[]){1, 4, 5}, 3);
    given = (struct given){0};
    assert_ok(ad_state_near_steps(s, "nobody", "ENCODE", 3, on_step, &given, &err));
    assert_given(&given, (const uint64_t[]){3}, 1);
    ad_state_close(s);
}

static int begin_and_die(void *payload, int i)
{
    const char *url = payload;
    const struct ad_run_record run = a_run(1);
    struct ad_state *s = NULL;
    int64_t seq = 0;
    (void)i;
    if (ad_state_open(url, NULL, &s, NULL) != ARTDAG_OK ||
        ad_state_run_begin(s, &run, &seq, NULL) != ARTDAG_OK)
        return 1;
    return raise(SIGKILL);
}

static void the_run_of_a_killed_process_is_listed_as_failed(void **state)
{
    artdag_error err = {0};
    struct given given = {0};
    const char *url = contract_factory->url(*state);
    assert_int_equal(contract_processes(1, begin_and_die, (void *)(uintptr_t)url), 1);
    struct ad_state *s = contract_open(*state);
    (void)begin(s, 2);
    assert_ok(ad_state_runs(s, 0, on_run, &given, &err));
    assert_int_equal(given.count, 2);
    assert_int_equal(given.runs[0].status, AD_RUN_RUNNING);
    assert_int_equal(given.runs[1].status, AD_RUN_FAILED);
    assert_non_null(strstr(given.text[1], "died"));
    ad_state_close(s);
}

const struct CMUnitTest contract_runs[] = {
    ad_test_in_dir(a_run_is_recorded_from_begin_to_end),
    ad_test_in_dir(runs_are_listed_newest_first_up_to_the_limit),
    ad_test_in_dir(steps_come_back_in_order_with_every_field),
    ad_test_in_dir(a_config_of_a_megabyte_comes_back_whole),
    ad_test_in_dir(a_number_that_was_never_given_is_not_found),
    ad_test_in_dir(old_runs_and_their_steps_are_dropped),
    ad_test_in_dir(the_number_of_steps_is_bounded_but_the_newest_run_is_whole),
    ad_test_in_dir(find_step_gives_the_newest_record),
    ad_test_in_dir(near_steps_prefer_the_name_then_the_type_and_the_newest),
    ad_test_in_dir(the_run_of_a_killed_process_is_listed_as_failed),
};
const size_t contract_runs_count = sizeof(contract_runs) / sizeof(contract_runs[0]);
