/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <time.h>

static int64_t now_us(clockid_t id)
{
    struct timespec t = {0};
    (void)clock_gettime(id, &t); /* cannot fail for these two clocks */
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t ad_clock_monotonic_ms(void)
{
    return now_us(CLOCK_MONOTONIC) / 1000;
}

int64_t ad_clock_monotonic_us(void)
{
    return now_us(CLOCK_MONOTONIC);
}

int64_t ad_clock_wall_ms(void)
{
    return now_us(CLOCK_REALTIME) / 1000;
}
