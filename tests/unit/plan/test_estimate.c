/* SPDX-License-Identifier: MIT */
#include "plan_test.h"

static const char yaml[] = DAG(
    VIDEO CUT "  - {id: other, type: SEGMENT, config: {start: 10, end: 12}, inputs: [video]}\n"
              "  - {id: soft, type: TRANSFORM, config: {effects: {blur: 4}}, inputs: [cut]}\n"
              "  - {id: out, type: SEQUENCE, inputs: [soft, other]}\n");

static struct ad_lowering *lower(const struct ad_plan *plan)
{
    artdag_error err = {0};
    enum ad_need need[16];
    struct ad_shape *shape = NULL;
    struct ad_lowering *lowering = NULL;
    assert_true(plan->step_count <= 16);
    for (size_t i = 0; i < plan->step_count; i++)
        need[i] = ad_step_is_source(&plan->steps[i]) ? AD_NEED_HIT : AD_NEED_RUN;
    assert_ok(ad_plan_shape(plan, AD_STRATEGY_AUTO, &shape, &err));
    assert_ok(ad_lower(plan, shape, need, &lowering, &err));
    ad_shape_destroy(shape);
    return lowering;
}

static const struct ad_kind *kind_of(const struct ad_lowering *l, const char *name)
{
    for (size_t i = 0; i < l->kind_count; i++)
        if (strcmp(l->kinds[i].name, name) == 0)
            return &l->kinds[i];
    fail_msg("no work of kind %s", name);
    return NULL;
}

static double amount_of(const struct ad_lowering *l, const struct ad_task *task,
                        const char *name)
{
    uint32_t kind = (uint32_t)(kind_of(l, name) - l->kinds);
    for (size_t i = 0; i < task->work_count; i++)
        if (task->work[i].kind == kind)
            return (double)task->work[i].amount;
    return 0;
}

#define assert_about(a, b) assert_true((a) > (b)*0.999 && (a) < (b)*1.001)

/* Two spans of 48 frames of 1280x720, their sound, the join: 48 x 0.9216 = 44.24 pieces of a million pixels. */
static void work_is_counted_in_frames_of_a_million_pixels(void **state)
{
    (void)state;
    struct ad_plan *plan = plan_of(yaml);
    struct ad_lowering *l = lower(plan);
    assert_int_equal(l->task_count, 4);
    assert_about(amount_of(l, &l->tasks[0], "ENCODE.web.fast"), 44.2368);
    assert_about(amount_of(l, &l->tasks[0], "decode.h264"), 44.2368);
    assert_about(amount_of(l, &l->tasks[0], "TRANSFORM.blur"), 44.2368);
    assert_true(amount_of(l, &l->tasks[1], "TRANSFORM.blur") <= 0);
    assert_about(amount_of(l, &l->tasks[2], "ENCODE.sound"), 4);
    assert_about(amount_of(l, &l->tasks[3], "join"), 96);
    /* 28 ms a frame for the encoder alone */
    assert_true(l->tasks[1].cost > 48 * 28 && l->tasks[1].cost < 2 * 48 * 28);
    assert_true(l->tasks[0].cost > l->tasks[1].cost);
    assert_int_equal(l->tasks[3].bytes,
                     l->tasks[0].bytes + l->tasks[1].bytes + l->tasks[2].bytes);
    ad_lowering_destroy(l);
    ad_plan_destroy(plan);
}

/* A machine on which everything takes three times as long, and makes half the bytes, is believed after some units. */
static void estimates_come_to_what_was_measured(void **state)
{
    (void)state;
    struct ad_plan *plan = plan_of(yaml);
    struct ad_lowering *l = lower(plan);
    const struct ad_task *task = &l->tasks[0];
    int64_t ms = task->cost * 3, bytes = task->bytes / 2;
    struct ad_rate learned[32], sums[32] = {{0}};
    assert_true(task->work_count <= 32);
    for (int round = 0; round < 40; round++) {
        size_t count = ad_lowering_learn(l, task, ms, bytes, learned);
        double all = 0;
        assert_int_equal(count, task->work_count);
        for (size_t i = 0; i < count; i++) {
            all += learned[i].ms;
            sums[i].name = learned[i].name;
            sums[i].amount += learned[i].amount;
            sums[i].ms += learned[i].ms;
            sums[i].bytes += learned[i].bytes;
        }
        assert_about(all, (double)ms);
        ad_lowering_estimate(l, sums, count);
    }
    assert_true(task->cost > ms * 95 / 100 && task->cost < ms * 105 / 100);
    assert_true(task->bytes > bytes * 95 / 100 && task->bytes < bytes * 105 / 100);
    /* and nothing learned means the design's figures again */
    ad_lowering_estimate(l, NULL, 0);
    assert_int_equal(task->cost, ms / 3);
    ad_lowering_destroy(l);
    ad_plan_destroy(plan);
}

static void rates_that_make_no_sense_are_ignored(void **state)
{
    (void)state;
    struct ad_plan *plan = plan_of(yaml);
    struct ad_lowering *l = lower(plan);
    int64_t before = l->tasks[0].cost;
    const struct ad_rate rates[] = {{"ENCODE.web.fast", 0, 5, 5},
                                    {"decode.h264", -1, 5, 5},
                                    {"SOURCE", 1, -5, 5},
                                    {"nothing", 1, 5, 5}};
    ad_lowering_estimate(l, rates, 4);
    assert_int_equal(l->tasks[0].cost, before);
    ad_lowering_destroy(l);
    ad_plan_destroy(plan);
}

static void a_forecast_is_bound_by_work_and_by_the_longest_way(void **state)
{
    (void)state;
    struct ad_plan *plan = plan_of(yaml);
    struct ad_lowering *l = lower(plan);
    artdag_error err = {0};
    struct ad_forecast f;
    bool known[4] = {true, false, true, false};
    const struct ad_task *t = l->tasks;
    assert_ok(ad_lowering_forecast(l, NULL, 1, &f, &err));
    assert_int_equal(f.units, 4);
    assert_int_equal(f.frames, 96);
    assert_int_equal(f.total_ms, t[0].cost + t[1].cost + t[2].cost + t[3].cost);
    assert_int_equal(f.critical_ms, t[0].cost + t[3].cost);
    assert_int_equal(f.elapsed_ms, f.total_ms);
    assert_ok(ad_lowering_forecast(l, NULL, 100, &f, &err));
    assert_int_equal(f.elapsed_ms, f.critical_ms);
    assert_ok(ad_lowering_forecast(l, known, 1, &f, &err));
    assert_int_equal(f.units, 2);
    assert_int_equal(f.frames, 48);
    assert_int_equal(f.total_ms, t[1].cost + t[3].cost);
    assert_int_equal(f.bytes, t[1].bytes + t[3].bytes);
    ad_lowering_destroy(l);
    ad_plan_destroy(plan);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(work_is_counted_in_frames_of_a_million_pixels),
    cmocka_unit_test(estimates_come_to_what_was_measured),
    cmocka_unit_test(rates_that_make_no_sense_are_ignored),
    cmocka_unit_test(a_forecast_is_bound_by_work_and_by_the_longest_way),
};
AD_TEST_MAIN(tests)
