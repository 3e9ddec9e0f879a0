/* SPDX-License-Identifier: MIT
 *
 * Which beats begin a bar. Each beat is described by what is struck on it and by how much the harmony changes there, relative to the
 * piece's other beats; a linear model turns that into log-odds of a downbeat. Every metre is tried: its best course through
 * the beats (a phase may break off, at a price) and how well the description repeats with the bar decide.
 */
#include <string.h>

#include "analysis/audio.h"

enum {
    BAR_KICK,
    BAR_LOW,
    BAR_MIDDLE,
    BAR_TOP,
    BAR_BASS_CHANGE,
    BAR_CHORD_CHANGE,
    BAR_BASS_CHANGE_WIDE,
    BAR_CHORD_CHANGE_WIDE,
    BAR_SHINE, /* more treble after the beat than before: cymbals that ring */
    BAR_FEATURES
};

#define METRE_MAX 7
#define LOG2_OF_E 1.44269504088896340736
#define SLIP_PRICE 7.0

static const double downbeat_model[BAR_FEATURES] = {1.1,  -0.05, -0.05, -0.3, 0.4,
                                                    0.45, 0.25,  0.4,   0.4};
static const double metre_prior[METRE_MAX + 1] = {0, 0, 0.0, 0.1, 1.0, -0.3, -1.0, -0.3};
#define METRE_GAIN 12.0
#define METRE_REPEAT 15.0

struct bars {
    const struct ad_spectra *spectra;
    const struct ad_novelty *novelty;
    const struct ad_beats *beats;
    double (*feature)[BAR_FEATURES]; /* per beat, standardised */
    double *odds;   /* per beat: log-odds of a downbeat, without the metre's share */
    double *chroma; /* AD_CHROMA per beat */
};

static double near(const double *curve, size_t count, double time)
{
    int64_t middle = (int64_t)(time * AD_HOPS_PER_SECOND + 0.5);
    double top = 0;
    for (int64_t i = middle - 3; i <= middle + 3; i++) {
        if (i >= 0 && (size_t)i < count) {
            top = ad_dsp_max(top, curve[i]);
        }
    }
    return top;
}

/* The time of a beat, continued evenly beyond both ends. */
static double beat_time(const struct ad_beats *beats, int64_t i)
{
    int64_t last = (int64_t)beats->count - 1;
    if (i < 0) {
        return beats->times[0] + (double)i * (beats->times[1] - beats->times[0]);
    }
    if (i > last) {
        return beats->times[last] +
               (double)(i - last) * (beats->times[last] - beats->times[last - 1]);
    }
    return beats->times[i];
}

/* Sums the chroma of [start, end) s into sums. */
static void add_chroma(const struct ad_spectra *spectra, double start, double end, double *sums)
{
    const double per_second = (double)AD_HOPS_PER_SECOND / AD_CHROMA_HOPS;
    size_t frames = spectra->chroma.len / AD_CHROMA;
    size_t from = start > 0 ? (size_t)(start * per_second + 0.5) : 0;
    size_t to = end > 0 ? (size_t)(end * per_second + 0.5) : 0;
    to = to > from ? to : from + 1;
    for (size_t f = from; f < to && f < frames; f++) {
        for (size_t k = 0; k < AD_CHROMA; k++) {
            sums[k] += spectra->chroma.items[f * AD_CHROMA + k];
        }
    }
}

/* 1 - cosine of two chroma halves. */
static double distance(const double *a, const double *b)
{
    double aa = 0;
    double bb = 0;
    double ab = 0;
    for (size_t k = 0; k < AD_CHROMA / 2; k++) {
        aa += a[k] * a[k];
        bb += b[k] * b[k];
        ab += a[k] * b[k];
    }
    return aa > 0 && bb > 0 ? 1 - ab / ad_dsp_sqrt(aa * bb) : 0;
}

/* How much the harmony of `width` beats from i differs from that of as many before. */
static void change_at(const struct bars *bars, size_t i, size_t width, double *ret_bass,
                      double *ret_chord)
{
    double before[AD_CHROMA] = {0};
    double after[AD_CHROMA] = {0};
    for (size_t w = 0; w < width; w++) {
        for (size_t k = 0; k < AD_CHROMA; k++) {
            before[k] += i > w ? bars->chroma[(i - w - 1) * AD_CHROMA + k] : 0;
            after[k] += i + w < bars->beats->count ? bars->chroma[(i + w) * AD_CHROMA + k] : 0;
        }
    }
    *ret_bass = distance(before, after);
    *ret_chord = distance(before + AD_CHROMA / 2, after + AD_CHROMA / 2);
}

void ad_harmony_change(const struct ad_spectra *spectra, double time, double *ret_bass,
                       double *ret_chord)
{
    double before[AD_CHROMA] = {0};
    double after[AD_CHROMA] = {0};
    add_chroma(spectra, time - 0.45, time - 0.05, before);
    add_chroma(spectra, time + 0.05, time + 0.45, after);
    *ret_bass = distance(before, after);
    *ret_chord = distance(before + AD_CHROMA / 2, after + AD_CHROMA / 2);
}

static double treble(const struct ad_spectra *spectra, double start, double end)
{
    double sum = 0;
    size_t used = 0;
    int64_t from = (int64_t)(start * AD_HOPS_PER_SECOND);
    for (int64_t i = from > 0 ? from : 0; (double)i < end * AD_HOPS_PER_SECOND; i++) {
        if (i >= spectra->hop) {
            break;
        }
        const float *mel = ad_spectra_mel(spectra, i);
        for (size_t b = AD_MEL_BANDS * 3 / 4; b < AD_MEL_BANDS; b++) {
            sum += mel[b];
        }
        used++;
    }
    return used > 0 ? ad_dsp_log2(sum / (double)used + 1e-6) : -20;
}

/* Mean 0 and deviation 1 over the beats. */
static void standardise(struct bars *bars)
{
    double n = (double)bars->beats->count;
    for (size_t f = 0; f < BAR_FEATURES; f++) {
        double sum = 0;
        double squares = 0;
        for (size_t i = 0; i < bars->beats->count; i++) {
            sum += bars->feature[i][f];
        }
        for (size_t i = 0; i < bars->beats->count; i++) {
            bars->feature[i][f] -= sum / n;
            squares += bars->feature[i][f] * bars->feature[i][f];
        }
        double deviation = ad_dsp_sqrt(squares / n);
        for (size_t i = 0; i < bars->beats->count; i++) {
            double z = deviation > 1e-9 ? bars->feature[i][f] / deviation : 0;
            bars->feature[i][f] = ad_dsp_max(-3, ad_dsp_min(3, z));
        }
    }
}

static void describe(struct bars *bars)
{
    const struct ad_novelty *n = bars->novelty;
    size_t count = bars->beats->count;
    for (size_t i = 0; i < count; i++) {
        add_chroma(bars->spectra, beat_time(bars->beats, (int64_t)i) + 0.06,
                   beat_time(bars->beats, (int64_t)i + 1) - 0.03, bars->chroma + i * AD_CHROMA);
    }
    for (size_t i = 0; i < count; i++) {
        double *feature = bars->feature[i];
        double at = bars->beats->times[i];
        double next = beat_time(bars->beats, (int64_t)i + 1);
        double before = beat_time(bars->beats, (int64_t)i - 1);
        for (size_t f = 0; f < AD_FLUXES; f++) {
            feature[BAR_KICK + f] = near(n->flux[f], n->count, at);
        }
        change_at(bars, i, 1, &feature[BAR_BASS_CHANGE], &feature[BAR_CHORD_CHANGE]);
        change_at(bars, i, 2, &feature[BAR_BASS_CHANGE_WIDE], &feature[BAR_CHORD_CHANGE_WIDE]);
        feature[BAR_SHINE] = treble(bars->spectra, at, at + (next - at) / 2) -
                             treble(bars->spectra, before, before + (at - before) / 2);
    }
    standardise(bars);
    for (size_t i = 0; i < count; i++) {
        bars->odds[i] = 0;
        for (size_t f = 0; f < BAR_FEATURES; f++) {
            bars->odds[i] += downbeat_model[f] * bars->feature[i][f];
        }
    }
}

/* ln(1 / (1 + e^-x)) */
static double log_sigmoid(double x)
{
    return -ad_dsp_ln(1 + ad_dsp_exp2(-x * LOG2_OF_E));
}

/* The best course of bar positions for one metre. position[i] = 0 on downbeats. from: beats x METRE_MAX of room. Returns
 * the mean gain over a model in which every beat is as likely a downbeat as any other. */
static double best_bars(const struct bars *bars, int metre, uint8_t *from, uint8_t *position)
{
    double score[METRE_MAX] = {0};
    double next[METRE_MAX] = {0};
    size_t m = (size_t)metre;
    size_t count = bars->beats->count;
    double share = -ad_dsp_ln((double)m - 1);
    double plain = 0;
    for (size_t i = 0; i < count; i++) {
        double yes = log_sigmoid(bars->odds[i] + share);
        double no = log_sigmoid(-bars->odds[i] - share);
        plain += yes / (double)m + no * ((double)m - 1) / (double)m;
        size_t top = 0;
        for (size_t p = 1; p < m; p++) {
            top = score[p] > score[top] ? p : top;
        }
        for (size_t p = 0; p < m; p++) {
            size_t usual = (p + m - 1) % m;
            bool slip = score[top] - SLIP_PRICE > score[usual];
            from[i * METRE_MAX + p] = (uint8_t)(slip ? top : usual);
            next[p] = (slip ? score[top] - SLIP_PRICE : score[usual]) + (p == 0 ? yes : no);
        }
        memcpy(score, next, sizeof(score));
    }
    size_t at = 0;
    for (size_t p = 1; p < m; p++) {
        at = score[p] > score[at] ? p : at;
    }
    double gain = (score[at] - plain) / (double)count;
    for (size_t i = count; i > 0; i--) {
        position[i - 1] = (uint8_t)at;
        at = from[(i - 1) * METRE_MAX + at];
    }
    return gain;
}

/* The share of the features' variance that the position in the bar explains, corrected for the number of positions. */
static double repetition(const struct bars *bars, int metre, const uint8_t *position)
{
    size_t count = bars->beats->count;
    double total = 0;
    double explained = 0;
    size_t used[METRE_MAX] = {0};
    for (size_t i = 0; i < count; i++) {
        used[position[i]]++;
    }
    for (size_t f = 0; f < BAR_FEATURES; f++) {
        double sums[METRE_MAX] = {0};
        for (size_t i = 0; i < count; i++) {
            double x = bars->feature[i][f];
            sums[position[i]] += x;
            total += x * x;
        }
        for (int p = 0; p < metre; p++) {
            explained += used[p] > 0 ? sums[p] * sums[p] / (double)used[p] : 0;
        }
    }
    double freedom = (double)count - metre;
    if (!(total > 0) || freedom < 1) {
        return 0;
    }
    return 1 - (total - explained) / total * ((double)count - 1) / freedom;
}

struct verdict {
    int metre;
    double score;
    struct ad_bars_fit fit;
    double confidence;
};

static struct verdict choose(const struct bars *bars, int hint, uint8_t *from,
                             uint8_t *position, uint8_t *best)
{
    struct verdict verdict = {0};
    double total = 0;
    size_t count = bars->beats->count;
    for (int metre = 2; metre <= METRE_MAX; metre++) {
        if ((hint != 0 && metre != hint) || (size_t)metre > count) {
            continue;
        }
        double gain = best_bars(bars, metre, from, position);
        double repeat = repetition(bars, metre, position);
        double score = METRE_GAIN * gain + METRE_REPEAT * repeat + metre_prior[metre];
        if (verdict.metre == 0 || score > verdict.score) {
            total = total * ad_dsp_exp2((verdict.score - score) * LOG2_OF_E) + 1;
            verdict.metre = metre;
            verdict.score = score;
            verdict.fit = (struct ad_bars_fit){gain, repeat};
            memcpy(best, position, count);
        } else {
            total += ad_dsp_exp2((score - verdict.score) * LOG2_OF_E);
        }
    }
    verdict.confidence = total > 0 ? 1 / total : 0;
    return verdict;
}

static enum artdag_err find(struct bars *bars, int hint, struct ad_arena *arena,
                            struct ad_beats *beats, uint8_t *bytes, struct ad_bars_fit *ret_fit,
                            artdag_error *err)
{
    size_t count = beats->count;
    uint8_t *from = bytes;
    uint8_t *position = bytes + count * METRE_MAX;
    uint8_t *best = position + count;
    describe(bars);
    struct verdict verdict = choose(bars, hint, from, position, best);
    beats->downbeats = ad_arena_array(arena, count, sizeof(double));
    if (beats->downbeats == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    for (size_t i = 0; i < count; i++) {
        if (best[i] == 0) {
            beats->downbeats[beats->downbeat_count++] = beats->times[i];
        }
    }
    beats->beats_per_bar = verdict.metre;
    beats->downbeat_confidence = verdict.confidence;
    *ret_fit = verdict.fit;
    return ARTDAG_OK;
}

enum artdag_err ad_bars_find(const struct ad_spectra *spectra, const struct ad_novelty *novelty,
                             int beats_per_bar, struct ad_arena *arena, struct ad_beats *beats,
                             struct ad_bars_fit *ret_fit, artdag_error *err)
{
    size_t count = beats->count;
    struct bars bars = {spectra, novelty, beats, NULL, NULL, NULL};
    enum artdag_err code = ARTDAG_OK;
    uint8_t *bytes = ad_alloc_array(count, METRE_MAX + 2);
    bars.feature = ad_alloc_array(count, sizeof(*bars.feature));
    bars.odds = ad_alloc_array(count, sizeof(double));
    bars.chroma = ad_alloc_array(count * AD_CHROMA, sizeof(double));
    if (bytes == NULL || bars.feature == NULL || bars.odds == NULL || bars.chroma == NULL) {
        code = ad_error_nomem(err, "analysis");
    } else {
        code = find(&bars, beats_per_bar, arena, beats, bytes, ret_fit, err);
    }
    free(bars.chroma);
    free(bars.odds);
    free(bars.feature);
    free(bytes);
    return code;
}
