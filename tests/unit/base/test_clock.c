/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "ad_test.h"
#include "base/clock.h"

static void monotonic_clock_never_goes_back(void **state)
{
    (void)state;
    int64_t before = ad_clock_monotonic_us();
    for (int i = 0; i < 10000; i++) {
        int64_t now = ad_clock_monotonic_us();
        assert_true(now >= before);
        before = now;
    }
}

static void milliseconds_are_a_thousand_microseconds(void **state)
{
    (void)state;
    int64_t before = ad_clock_monotonic_us() / 1000;
    int64_t ms = ad_clock_monotonic_ms();
    int64_t after = ad_clock_monotonic_us() / 1000;
    assert_true(before <= ms && ms <= after);
}

static void wall_clock_agrees_with_time(void **state)
{
    (void)state;
    int64_t before = (int64_t)time(NULL);
    int64_t ms = ad_clock_wall_ms();
    int64_t after = (int64_t)time(NULL);
    /* time() may read a coarser clock that lags by one tick. */
    assert_true(before * 1000 <= ms && ms < (after + 2) * 1000);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(monotonic_clock_never_goes_back),
    cmocka_unit_test(milliseconds_are_a_thousand_microseconds),
    cmocka_unit_test(wall_clock_agrees_with_time),
};
AD_TEST_MAIN(tests)
