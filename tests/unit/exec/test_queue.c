/* SPDX-License-Identifier: MIT
 *
 * What a worker takes next: first what others wait for, then spans, row by row.
 */
#include "exec_test.h"

#define SPANS 12

/* Spans 0 to 11, the sound and two steps. */
static void make(struct ad_lowering *lowering, struct ad_task *tasks, struct ad_queue *q)
{
    static const int64_t weight[SPANS + 3] = {[SPANS] = 50, 70, 90};
    for (uint32_t i = 0; i < SPANS + 3; i++)
        tasks[i].kind = i < SPANS ? AD_TASK_SPAN : i == SPANS ? AD_TASK_SOUND : AD_TASK_STEP;
    lowering->tasks = tasks;
    lowering->task_count = SPANS + 3;
    assert_true(ad_queue_init(q, lowering, weight));
}

static void what_holds_up_most_comes_first_and_spans_last(void **state)
{
    (void)state;
    struct ad_lowering lowering = {0};
    struct ad_task tasks[SPANS + 3] = {0};
    struct ad_queue q;
    make(&lowering, tasks, &q);
    for (uint32_t i = 0; i < SPANS + 3; i++)
        ad_queue_push(&q, i);
    assert_int_equal(ad_queue_pop(&q, 3), SPANS + 2);
    assert_int_equal(ad_queue_pop(&q, 3), SPANS + 1);
    assert_int_equal(ad_queue_pop(&q, 3), SPANS);
    assert_int_equal(ad_queue_pop(&q, 3), 4);
    ad_queue_fini(&q);
}

static void two_workers_go_through_the_film_in_rows_and_leave_nothing_out(void **state)
{
    (void)state;
    struct ad_lowering lowering = {0};
    struct ad_task tasks[SPANS + 3] = {0};
    struct ad_queue q;
    bool seen[SPANS] = {0};
    uint32_t last[2] = {AD_NO_TASK, AD_NO_TASK};
    size_t jumps = 0;
    make(&lowering, tasks, &q);
    for (uint32_t i = 0; i < SPANS; i++)
        ad_queue_push(&q, i);
    for (size_t i = 0; i < SPANS; i++) {
        size_t who = i % 2;
        uint32_t task = ad_queue_pop(&q, last[who]);
        assert_true(task < SPANS && !seen[task]);
        seen[task] = true;
        jumps += last[who] == AD_NO_TASK || task != last[who] + 1;
        if (last[who] != AD_NO_TASK)
            ad_queue_done(&q, last[who]);
        last[who] = task;
    }
    assert_true(jumps <= 4);
    assert_int_equal(ad_queue_pop(&q, last[0]), AD_NO_TASK);
    ad_queue_fini(&q);
}

static void a_worker_starts_in_the_middle_of_what_another_is_heading_for(void **state)
{
    (void)state;
    struct ad_lowering lowering = {0};
    struct ad_task tasks[SPANS + 3] = {0};
    struct ad_queue q;
    make(&lowering, tasks, &q);
    for (uint32_t i = 0; i < SPANS; i++)
        ad_queue_push(&q, i);
    assert_int_equal(ad_queue_pop(&q, AD_NO_TASK), 0);
    assert_int_equal(ad_queue_pop(&q, AD_NO_TASK), 6);
    ad_queue_done(&q, 0);
    assert_int_equal(ad_queue_pop(&q, 0), 1);
    ad_queue_fini(&q);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_holds_up_most_comes_first_and_spans_last),
    cmocka_unit_test(two_workers_go_through_the_film_in_rows_and_leave_nothing_out),
    cmocka_unit_test(a_worker_starts_in_the_middle_of_what_another_is_heading_for),
};

AD_TEST_MAIN(tests)
