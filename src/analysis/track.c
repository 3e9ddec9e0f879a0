/* SPDX-License-Identifier: MIT
 *
 * Beats along a known course of periods, by dynamic programming (after Ellis, 2007): each hop's score is its novelty plus the
 * best earlier score, less a price for every step that is longer or shorter than the period asked for there.
 */
#include <string.h>

#include "analysis/audio.h"

#define TIGHTNESS 60.0 /* price of an octave's error, in units of the novelty's strength */
#define FASTEST_HOPS 24.0
#define SMOOTH 3           /* hops to each side */
#define OFFSET_HOPS (-0.8) /* the flux peaks this much after the stroke */

/* Weights of a bell of 1.5 hops' deviation. */
static void smooth(const double *in, size_t count, double *out)
{
    static const double bell[2 * SMOOTH + 1] = {0.135, 0.411, 0.801, 1.0, 0.801, 0.411, 0.135};
    for (size_t i = 0; i < count; i++) {
        double sum = 0;
        for (size_t k = 0; k < 2 * SMOOTH + 1; k++) {
            size_t at = i + k;
            sum += at >= SMOOTH && at - SMOOTH < count ? bell[k] * in[at - SMOOTH] : 0;
        }
        out[i] = sum / 2.5;
    }
}

static double period_at(const struct ad_tempo *tempo, double factor, size_t hop)
{
    size_t step = (hop + AD_TEMPO_STEP / 2) / AD_TEMPO_STEP;
    step = step < tempo->count ? step : tempo->count - 1;
    double period = tempo->periods[step] * factor;
    /* Where the course leaps, a reading of twice the speed may leave what a foot can follow. */
    while (period < FASTEST_HOPS) {
        period *= 2;
    }
    return period;
}

struct trellis {
    const double *novelty;
    size_t count;
    double *score;
    int32_t *from;         /* the beat before; -1 = the first */
    const double *octaves; /* log2 of whole numbers */
    size_t octave_count;
};

static void fill(struct trellis *t, const struct ad_tempo *tempo, double factor)
{
    for (size_t i = 0; i < t->count; i++) {
        double period = period_at(tempo, factor, i);
        double log_period = ad_dsp_log2(period);
        size_t least = (size_t)(period * 0.5 + 0.5);
        size_t most = (size_t)(period * 2 + 0.5);
        least = least > 0 ? least : 1;
        most = most < t->octave_count ? most : t->octave_count - 1;
        double best = 0;
        int32_t source = -1;
        for (size_t lag = least; lag <= most && lag <= i; lag++) {
            double miss = t->octaves[lag] - log_period;
            double score = t->score[i - lag] - TIGHTNESS * miss * miss;
            if (score > best) {
                best = score;
                source = (int32_t)(i - lag);
            }
        }
        t->score[i] = t->novelty[i] + best;
        t->from[i] = source;
    }
}

/* The best end lies within the last period and a half. */
static size_t last_beat(const struct trellis *t, const struct ad_tempo *tempo, double factor)
{
    size_t span = (size_t)(period_at(tempo, factor, t->count - 1) * 1.5);
    size_t start = t->count > span ? t->count - span : 0;
    size_t best = start;
    for (size_t i = start; i < t->count; i++) {
        best = t->score[i] > t->score[best] ? i : best;
    }
    return best;
}

static double peak_time(const struct trellis *t, size_t at)
{
    double offset = 0;
    if (at > 0 && at + 1 < t->count) {
        const double *c = t->novelty + at;
        double bend = c[-1] - 2 * c[0] + c[1];
        offset = bend < 0 ? 0.5 * (c[-1] - c[1]) / bend : 0;
        offset = ad_dsp_max(-0.5, ad_dsp_min(0.5, offset));
    }
    return (double)at + offset;
}

/* Beats before the first stroke and after the last are imagined: they go. */
static void trim(const struct trellis *t, const double *times, size_t *count, size_t *first)
{
    size_t begin = 0;
    size_t end = t->count;
    while (begin < end && t->novelty[begin] < 0.3) {
        begin++;
    }
    while (end > begin && t->novelty[end - 1] < 0.3) {
        end--;
    }
    *first = 0;
    while (*count > 0 && times[*first] + 6 < (double)begin) {
        (*first)++;
        (*count)--;
    }
    while (*count > 0 && times[*first + *count - 1] > (double)end + 6) {
        (*count)--;
    }
}

enum artdag_err ad_track_beats(const struct ad_novelty *novelty, const struct ad_tempo *tempo,
                               double factor, struct ad_arena *arena, double **ret_times,
                               size_t *ret_count, artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    size_t count = novelty->count;
    size_t octave_count = 1024;
    double *curve = ad_alloc_array(count + 1, sizeof(double));
    double *score = ad_alloc_array(count + 1, sizeof(double));
    double *octaves = ad_alloc_array(octave_count, sizeof(double));
    int32_t *from = ad_alloc_array(count + 1, sizeof(int32_t));
    double *times = NULL;
    size_t beats = 0;
    if (curve == NULL || score == NULL || octaves == NULL || from == NULL) {
        code = ad_error_nomem(err, "analysis");
        goto out;
    }
    smooth(novelty->sum, count, curve);
    for (size_t i = 1; i < octave_count; i++) {
        octaves[i] = ad_dsp_log2((double)i);
    }
    struct trellis t = {curve, count, score, from, octaves, octave_count};
    if (count > 0) {
        fill(&t, tempo, factor);
        for (int32_t at = (int32_t)last_beat(&t, tempo, factor); at >= 0; at = from[at]) {
            beats++;
        }
    }
    times = ad_arena_array(arena, beats, sizeof(double));
    if (times == NULL) {
        code = ad_error_nomem(err, "analysis");
        goto out;
    }
    size_t left = beats;
    for (int32_t at = left > 0 ? (int32_t)last_beat(&t, tempo, factor) : -1; at >= 0;
         at = from[at]) {
        times[--left] = peak_time(&t, (size_t)at) + OFFSET_HOPS;
    }
    size_t first = 0;
    trim(&t, times, &beats, &first);
    *ret_times = times + first;
    *ret_count = beats;
out:
    free(from);
    free(octaves);
    free(score);
    free(curve);
    return code;
}
