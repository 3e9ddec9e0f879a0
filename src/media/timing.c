/* SPDX-License-Identifier: MIT
 *
 * Constant or variable rate? A rate explains a stream when every frame's time is where that rate puts it. First that is
 * taken to the tick of the stream's clock (containers with coarse clocks round); when no rate does, to a quarter of a
 * frame: live recordings jitter, and conforming them to that rate keeps each of their frames once.
 */
#include <stdlib.h>

#include "media/probe.h"

/* Rates that cameras and editors use, for streams whose container states none. */
static const AVRational common[] = {
    {24000, 1001}, {24, 1},        {25, 1},  {30000, 1001}, {30, 1}, {50, 1},
    {60000, 1001}, {60, 1},        {12, 1},  {12500, 1001}, {15, 1}, {15000, 1001},
    {10, 1},       {48, 1},        {5, 1},   {8, 1},        {20, 1}, {48000, 1001},
    {100, 1},      {120000, 1001}, {120, 1}, {240, 1},      {1, 1},  {2, 1},
};
#define COMMON_COUNT (sizeof(common) / sizeof(common[0]))
#define NEAR_COMMON 0.05 /* a variable rate this near to a common one is called that */
#define RATE_MAX 240

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

struct ad_ratio ad_ratio_reduce(int64_t num, int64_t den)
{
    int64_t a = num < 0 ? -num : num;
    int64_t b = den < 0 ? -den : den;
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    if (den < 0) {
        num = -num;
        den = -den;
    }
    return a > 1 ? (struct ad_ratio){num / a, den / a} : (struct ad_ratio){num, den};
}

static bool is_usable(AVRational rate)
{
    return rate.num > 0 && rate.den > 0 && av_q2d(rate) <= 1000 && av_q2d(rate) >= 0.001;
}

static bool explains(const struct ad_timing *t, AVRational rate, bool strict)
{
    AVRational step = av_inv_q(rate);
    int64_t first = t->times.items[0];
    int64_t slack = strict ? 1 : av_rescale_q_rnd(1, step, t->time_base, AV_ROUND_DOWN) / 4;
    for (size_t i = 1; i < t->times.len; i++) {
        int64_t want = av_rescale_q((int64_t)i, step, t->time_base);
        int64_t off = t->times.items[i] - first - want;
        if (off < -slack || off > slack) {
            return false;
        }
    }
    return true;
}

/* Drops the times before origin, and doubles. */
static void sort_times(struct ad_timing *t, int64_t origin)
{
    size_t kept = 0;
    if (t->times.len > 1) {
        qsort(t->times.items, t->times.len, sizeof(int64_t), by_value);
    }
    for (size_t i = 0; i < t->times.len; i++) {
        int64_t time = t->times.items[i];
        if (time >= origin && (kept == 0 || time != t->times.items[kept - 1])) {
            t->times.items[kept++] = time;
        }
    }
    t->times.len = kept;
}

static double distance(AVRational a, double b)
{
    double d = av_q2d(a) - b;
    return d < 0 ? -d : d;
}

static bool is_common(AVRational rate)
{
    for (size_t i = 0; i < COMMON_COUNT; i++) {
        if (av_cmp_q(common[i], rate) == 0) {
            return true;
        }
    }
    return false;
}

/* Stated common rates first, then other common ones (what containers guess from coarse clocks is often just beside one),
 * then whatever else is stated. 0/1 = none explains the times. */
static AVRational constant_rate(const struct ad_timing *t, const AVRational *hints,
                                size_t hint_count, bool strict)
{
    AVRational best = {0, 1};
    double average =
        (double)(t->times.len - 1) /
        ((double)(t->times.items[t->times.len - 1] - t->times.items[0]) * av_q2d(t->time_base));
    for (size_t i = 0; i < hint_count; i++) {
        if (is_usable(hints[i]) && is_common(hints[i]) && explains(t, hints[i], strict)) {
            return hints[i];
        }
    }
    for (size_t i = 0; i < COMMON_COUNT; i++) {
        if ((best.num == 0 || distance(common[i], average) < distance(best, average)) &&
            explains(t, common[i], strict)) {
            best = common[i];
        }
    }
    for (size_t i = 0; best.num == 0 && i < hint_count; i++) {
        if (is_usable(hints[i]) && explains(t, hints[i], strict)) {
            best = hints[i];
        }
    }
    return best;
}

static AVRational nearest_common(double average)
{
    AVRational best = {0, 1};
    double nearest = NEAR_COMMON * average;
    for (size_t i = 0; i < COMMON_COUNT; i++) {
        if (distance(common[i], average) < nearest) {
            nearest = distance(common[i], average);
            best = common[i];
        }
    }
    return best;
}

static AVRational variable_rate(const struct ad_timing *t)
{
    int64_t ticks = t->times.items[t->times.len - 1] - t->times.items[0];
    int num = 0;
    int den = 1;
    (void)av_reduce(&num, &den, (int64_t)(t->times.len - 1) * t->time_base.den,
                    ticks * t->time_base.num, 100000);
    AVRational average = {num, den};
    AVRational rate = nearest_common(av_q2d(average));
    if (rate.num > 0) {
        return rate;
    }
    return is_usable(average) && av_q2d(average) <= RATE_MAX ? average
                                                             : (AVRational){RATE_MAX, 1};
}

void ad_timing_judge(struct ad_timing *t, int64_t origin, const AVRational *hints,
                     size_t hint_count)
{
    sort_times(t, origin);
    AVRational rate = {25, 1};
    t->frames = (int64_t)t->times.len;
    t->vfr = false;
    if (t->times.len > 1) {
        rate = constant_rate(t, hints, hint_count, true);
        if (rate.num == 0) {
            rate = constant_rate(t, hints, hint_count, false);
        }
        t->vfr = rate.num == 0;
        rate = t->vfr ? variable_rate(t) : rate;
    } else if (hint_count > 0 && is_usable(hints[0])) {
        rate = hints[0];
    }
    t->fps = ad_ratio_reduce(rate.num, rate.den);
    if (!t->vfr) {
        t->duration = ad_ratio_reduce(t->frames * t->fps.den, t->fps.num);
        return;
    }
    size_t n = t->times.len;
    int64_t ticks = t->times.items[n - 1] - t->times.items[0];
    ticks +=
        t->last_duration > 0 ? t->last_duration : t->times.items[n - 1] - t->times.items[n - 2];
    t->duration = ad_ratio_reduce(ticks * t->time_base.num, t->time_base.den);
}
