/* SPDX-License-Identifier: MIT */
#include <sched.h>
#include <stdatomic.h>

#include "ad_test.h"
#include "base/threads.h"

#define ITEMS 1000

static const unsigned thread_counts[] = {1, 2, 3, 8, 64, 0};
#define THREAD_COUNTS (sizeof(thread_counts) / sizeof(thread_counts[0]))

static enum artdag_err count_call(void *payload, size_t i, artdag_error *err)
{
    atomic_int *calls = payload;
    (void)err;
    atomic_fetch_add(&calls[i], 1);
    return ARTDAG_OK;
}

static void every_number_is_called_exactly_once(void **state)
{
    (void)state;
    artdag_error err = {0};
    for (size_t t = 0; t < THREAD_COUNTS; t++) {
        static atomic_int calls[ITEMS];
        for (size_t i = 0; i < ITEMS; i++) {
            atomic_store(&calls[i], 0);
        }
        assert_ok(ad_threads_each(thread_counts[t], ITEMS, count_call, calls, &err));
        for (size_t i = 0; i < ITEMS; i++) {
            assert_int_equal(atomic_load(&calls[i]), 1);
        }
    }
}

static void no_items_is_no_work(void **state)
{
    (void)state;
    artdag_error err = {0};
    assert_ok(ad_threads_each(4, 0, count_call, NULL, &err));
}

struct race {
    bool wait; /* item 3 fails only after item 7 has */
    atomic_bool seven_failed;
    atomic_int calls[ITEMS];
};

static void reset(struct race *race)
{
    race->wait = false;
    atomic_store(&race->seven_failed, false);
    for (size_t i = 0; i < ITEMS; i++) {
        atomic_store(&race->calls[i], 0);
    }
}

static enum artdag_err fail_late_at_three(void *payload, size_t i, artdag_error *err)
{
    struct race *race = payload;
    atomic_fetch_add(&race->calls[i], 1);
    if (i == 3) {
        while (race->wait && !atomic_load(&race->seven_failed)) {
            (void)sched_yield();
        }
        return ad_error_set(err, ARTDAG_E_CORRUPT, "test", "item %zu", i);
    }
    if (i >= 7) {
        enum artdag_err code = ad_error_set(err, ARTDAG_E_IO, "test", "item %zu", i);
        atomic_store(&race->seven_failed, true);
        return code;
    }
    return ARTDAG_OK;
}

static void the_lowest_failing_number_wins_even_when_it_fails_last(void **state)
{
    (void)state;
    artdag_error err = {0};
    for (size_t t = 0; t < THREAD_COUNTS; t++) {
        static struct race race;
        reset(&race);
        unsigned threads = thread_counts[t] > 0 ? thread_counts[t] : ad_threads_cores();
        race.wait = threads > 1;
        assert_fails(ARTDAG_E_CORRUPT,
                     ad_threads_each(thread_counts[t], ITEMS, fail_late_at_three, &race, &err));
        assert_string_equal(err.message, "item 3");
        for (size_t i = 0; i <= 3; i++) {
            assert_int_equal(atomic_load(&race.calls[i]), 1);
        }
        assert_int_equal(atomic_load(&race.calls[ITEMS - 1]), 0);
    }
}

static void failure_is_reported_without_an_error_to_fill(void **state)
{
    (void)state;
    static struct race race;
    reset(&race);
    assert_int_equal(ad_threads_each(2, 5, fail_late_at_three, &race, NULL), ARTDAG_E_CORRUPT);
}

static enum artdag_err code_only(void *payload, size_t i, artdag_error *err)
{
    (void)payload;
    (void)err;
    return i == 2 ? ARTDAG_E_BUSY : ARTDAG_OK;
}

static void a_bare_code_reaches_the_error(void **state)
{
    (void)state;
    artdag_error err = {0};
    assert_int_equal(ad_threads_each(2, 5, code_only, NULL, &err), ARTDAG_E_BUSY);
    assert_int_equal(err.code, ARTDAG_E_BUSY);
}

static void cores_are_those_of_the_affinity_mask(void **state)
{
    (void)state;
    unsigned cores = ad_threads_cores();
    assert_true(cores >= 1);
    cpu_set_t before;
    if (sched_getaffinity(0, sizeof(before), &before) != 0) {
        return; /* more CPUs than the fixed set holds */
    }
    assert_int_equal(cores, CPU_COUNT(&before));
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &before)) {
            CPU_SET(cpu, &one);
            break;
        }
    }
    assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
    assert_int_equal(ad_threads_cores(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof(before), &before), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_number_is_called_exactly_once),
    cmocka_unit_test(no_items_is_no_work),
    cmocka_unit_test(the_lowest_failing_number_wins_even_when_it_fails_last),
    cmocka_unit_test(failure_is_reported_without_an_error_to_fill),
    cmocka_unit_test(a_bare_code_reaches_the_error),
    cmocka_unit_test(cores_are_those_of_the_affinity_mask),
};
AD_TEST_MAIN(tests)
