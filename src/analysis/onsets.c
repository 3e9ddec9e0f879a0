/* SPDX-License-Identifier: MIT */
#include "analysis/audio.h"

#define PEAK_BEFORE 3 /* hops in which nothing may be higher */
#define PEAK_AFTER 3
#define MEAN_BEFORE 10
#define MEAN_AFTER 7
/* How far above the local mean, in parts of the piece's strong strokes. */
#define OVER_MEAN 0.06
#define GAP 3                   /* hops between two onsets, at least */
#define OFFSET_SECONDS (-0.008) /* the flux peaks this much after the stroke */

/* The mean of the 1 % strongest values is what "strong" means; found by bisection, without sorting. */
static double strong_level(const double *curve, size_t count)
{
    double low = 0;
    double high = 0;
    for (size_t i = 0; i < count; i++) {
        high = ad_dsp_max(high, curve[i]);
    }
    for (int step = 0; step < 30; step++) {
        double middle = (low + high) / 2;
        size_t above = 0;
        for (size_t i = 0; i < count; i++) {
            above += curve[i] > middle;
        }
        if (above * 100 > count) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return high;
}

static bool is_peak(const double *curve, size_t count, size_t at, double least)
{
    size_t from = at > PEAK_BEFORE ? at - PEAK_BEFORE : 0;
    size_t to = at + PEAK_AFTER < count ? at + PEAK_AFTER : count - 1;
    for (size_t i = from; i <= to; i++) {
        if (curve[i] > curve[at] || (i < at && curve[i] == curve[at])) {
            return false;
        }
    }
    from = at > MEAN_BEFORE ? at - MEAN_BEFORE : 0;
    to = at + MEAN_AFTER < count ? at + MEAN_AFTER : count - 1;
    double sum = 0;
    for (size_t i = from; i <= to; i++) {
        sum += curve[i];
    }
    return curve[at] > sum / (double)(to - from + 1) + least;
}

/* The top of the parabola through three points, as an offset of at most half a hop. */
static double top_offset(const double *curve, size_t count, size_t at)
{
    if (at == 0 || at + 1 >= count) {
        return 0;
    }
    double bend = curve[at - 1] - 2 * curve[at] + curve[at + 1];
    return bend < 0 ? 0.5 * (curve[at - 1] - curve[at + 1]) / bend : 0;
}

enum artdag_err ad_onsets_find(const struct ad_novelty *novelty, struct ad_arena *arena,
                               struct ad_onsets **ret, artdag_error *err)
{
    const double *curve = novelty->onset;
    size_t count = novelty->count;
    double strong = count > 0 ? strong_level(curve, count) : 0;
    struct ad_onsets *onsets = ad_arena_alloc(arena, sizeof(*onsets));
    double *times = ad_arena_array(arena, count / GAP + 1, sizeof(double));
    double *strengths = ad_arena_array(arena, count / GAP + 1, sizeof(double));
    if (onsets == NULL || times == NULL || strengths == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    double top = 0;
    size_t last = 0;
    for (size_t i = 0; i < count && strong > 0; i++) {
        if ((onsets->count > 0 && i - last < GAP) ||
            !is_peak(curve, count, i, OVER_MEAN * strong)) {
            continue;
        }
        double at = ((double)i + top_offset(curve, count, i)) * AD_HOP_SECONDS + OFFSET_SECONDS;
        times[onsets->count] = ad_dsp_max(0, at);
        strengths[onsets->count] = curve[i];
        top = ad_dsp_max(top, curve[i]);
        onsets->count++;
        last = i;
    }
    for (size_t i = 0; i < onsets->count; i++) {
        strengths[i] /= top;
    }
    onsets->times = times;
    onsets->strengths = strengths;
    *ret = onsets;
    return ARTDAG_OK;
}
