/* SPDX-License-Identifier: MIT
 *
 * The same music can be counted at half or double speed, in threes, and on the off-beat. All of these readings are
 * tracked, described by some numbers (the evidence), and ranked by a linear model of it.
 */
#include <string.h>

#include "analysis/audio.h"

#define READINGS 12
#define FASTEST_HOPS 24.0  /* 250 bpm */
#define SLOWEST_HOPS 150.0 /* 40 bpm */
#define IN_THREES 1.6      /* times the strength half-way */
#define KEPT 5             /* hypotheses that are reported */

/* Evidence, by index. */
enum {
    EV_CONTRAST,
    EV_TEMPO,
    EV_TEMPO_SQUARE,
    EV_KICK,
    EV_LOW,
    EV_MIDDLE,
    EV_TOP,
    EV_ALTERNATE,
    EV_THIRDS,
    EV_QUARTERS,
    EV_EMPTY,
    EV_HALF,
    EV_STRENGTH,
    EV_STRENGTH_DOUBLE,
    EV_STRENGTH_HALF,
    EV_SWING
};

static const double model[AD_BEAT_EVIDENCE] = {
    0.24,  0.19,  -2.03, 0.63,  0.50, 0.48, 0.62, -0.98,
    -1.18, -0.73, -1.42, -0.22, 1.83, 0.06, 1.29, 1.12,
};

struct reading {
    double factor;
    bool off_beat;
    double *times; /* hops */
    size_t count;
    double evidence[AD_BEAT_EVIDENCE];
    double score;
    bool in_threes; /* a beat falls into three parts */
};

static const struct {
    double factor;
    bool off_beat;
} readings[READINGS] = {
    {1, false},       {1, true},    {0.5, false},     {0.5, true}, {2, false},  {2, true},
    {2.0 / 3, false}, {1.5, false}, {1.0 / 3, false}, {3, false},  {1.5, true}, {0.25, false},
};

/* The highest value within two hops. */
static double near(const double *curve, size_t count, double at)
{
    int64_t middle = (int64_t)(at + 0.5);
    double top = 0;
    for (int64_t i = middle - 2; i <= middle + 2; i++) {
        if (i >= 0 && (size_t)i < count) {
            top = ad_dsp_max(top, curve[i]);
        }
    }
    return top;
}

/* Mean of the curve at a fraction of the way from each beat to the next; every `stride`-th beat from `first`. */
static double mean_at(const double *curve, size_t count, const struct reading *r, double part,
                      size_t first, size_t stride)
{
    double sum = 0;
    size_t used = 0;
    for (size_t i = first; i + 1 < r->count; i += stride) {
        sum += near(curve, count, r->times[i] + part * (r->times[i + 1] - r->times[i]));
        used++;
    }
    return used > 0 ? sum / (double)used : 0;
}

/* -1 to 1: which of two strengths prevails. */
static double balance(double a, double b)
{
    return a + b > 0 ? (a - b) / (a + b) : 0;
}

static double mean_of(const double *curve, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += curve[i];
    }
    return count > 0 ? sum / (double)count : 0;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median distance of neighbours, in the unit of `times`. room: count values. */
static double median_step(const double *times, size_t count, double *room)
{
    if (count < 2) {
        return 0;
    }
    for (size_t i = 0; i + 1 < count; i++) {
        room[i] = times[i + 1] - times[i];
    }
    qsort(room, count - 1, sizeof(double), compare_doubles);
    return room[(count - 1) / 2];
}

static double empty_share(const double *curve, size_t count, const struct reading *r,
                          double least)
{
    size_t empty = 0;
    for (size_t i = 0; i < r->count; i++) {
        empty += near(curve, count, r->times[i]) < least;
    }
    return r->count > 0 ? (double)empty / (double)r->count : 1;
}

static void weigh(const struct ad_novelty *n, const struct ad_tempo *tempo, double period,
                  struct reading *r)
{
    const double *sum = n->sum;
    double *ev = r->evidence;
    double on = mean_at(sum, n->count, r, 0, 0, 1);
    double half = mean_at(sum, n->count, r, 0.5, 0, 1);
    double first_third = mean_at(sum, n->count, r, 1.0 / 3, 0, 1);
    double last_third = mean_at(sum, n->count, r, 2.0 / 3, 0, 1);
    double third = (first_third + last_third) / 2;
    double quarter =
        (mean_at(sum, n->count, r, 0.25, 0, 1) + mean_at(sum, n->count, r, 0.75, 0, 1)) / 2;
    double octaves = ad_dsp_log2(6000 / period / 115);
    ev[EV_CONTRAST] = ad_dsp_log2((on + 0.05) / (mean_of(sum, n->count) + 0.05));
    ev[EV_TEMPO] = octaves;
    ev[EV_TEMPO_SQUARE] = octaves * octaves;
    for (size_t f = 0; f < AD_FLUXES; f++) {
        ev[EV_KICK + f] = balance(mean_at(n->flux[f], n->count, r, 0, 0, 1),
                                  mean_at(n->flux[f], n->count, r, 0.5, 0, 1));
    }
    ev[EV_ALTERNATE] =
        balance(mean_at(sum, n->count, r, 0, 0, 2), mean_at(sum, n->count, r, 0, 1, 2));
    ev[EV_ALTERNATE] *= ev[EV_ALTERNATE] < 0 ? -1 : 1;
    ev[EV_THIRDS] = balance(third, half);
    ev[EV_QUARTERS] = balance(quarter, on);
    ev[EV_EMPTY] = empty_share(sum, n->count, r, 0.5 * on);
    ev[EV_HALF] = balance(half, on);
    double top = 1e-9;
    for (size_t g = 0; g < tempo->grid_count; g++) {
        top = ad_dsp_max(top, tempo->spectrum[g]);
    }
    ev[EV_STRENGTH] = ad_tempo_strength(tempo, period) / top;
    ev[EV_STRENGTH_DOUBLE] = ad_tempo_strength(tempo, period * 2) / top;
    ev[EV_STRENGTH_HALF] = ad_tempo_strength(tempo, period / 2) / top;
    double kick_even = mean_at(n->flux[AD_KICK], n->count, r, 0, 0, 2);
    double kick_odd = mean_at(n->flux[AD_KICK], n->count, r, 0, 1, 2);
    ev[EV_SWING] = balance(kick_even, kick_odd);
    ev[EV_SWING] *= ev[EV_SWING] < 0 ? -1 : 1;
    /* Swing has the last third alone; three equal parts have both. */
    r->in_threes = ad_dsp_min(first_third, last_third) > IN_THREES * half;
    r->score = 0;
    for (size_t i = 0; i < AD_BEAT_EVIDENCE; i++) {
        r->score += model[i] * ev[i];
    }
}

/* Beats half-way between those of another reading. */
static void shift_half(struct reading *r)
{
    for (size_t i = 0; i + 1 < r->count; i++) {
        r->times[i] = (r->times[i] + r->times[i + 1]) / 2;
    }
    r->count -= r->count > 0;
}

/* Tracks every reading whose tempo is in range; returns how many. */
static enum artdag_err track_all(const struct ad_novelty *novelty, const struct ad_tempo *tempo,
                                 struct ad_arena *arena, struct reading *found,
                                 size_t *ret_count, artdag_error *err)
{
    size_t count = 0;
    double *room = ad_alloc_array(tempo->count + 1, sizeof(double));
    if (room == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    memcpy(room, tempo->periods, tempo->count * sizeof(double));
    qsort(room, tempo->count, sizeof(double), compare_doubles);
    double usual = room[tempo->count / 2];
    free(room);
    for (size_t i = 0; i < READINGS; i++) {
        double period = usual * readings[i].factor;
        if (period < FASTEST_HOPS || period > SLOWEST_HOPS) {
            continue;
        }
        struct reading *r = &found[count];
        *r = (struct reading){.factor = readings[i].factor, .off_beat = readings[i].off_beat};
        enum artdag_err code = ad_track_beats(novelty->sum, novelty->count, tempo, r->factor,
                                              arena, &r->times, &r->count, err);
        if (code != ARTDAG_OK) {
            return code;
        }
        if (r->off_beat) {
            shift_half(r);
        }
        if (r->count >= 4) {
            weigh(novelty, tempo, period, r);
            count++;
        }
    }
    *ret_count = count;
    return ARTDAG_OK;
}

static int compare_readings(const void *a, const void *b)
{
    const struct reading *x = a;
    const struct reading *y = b;
    if (x->score != y->score) {
        return x->score < y->score ? 1 : -1;
    }
    return (x->factor > y->factor) - (x->factor < y->factor);
}

/* Hypotheses in seconds, with the confidences of a softmax over all readings. */
static enum artdag_err report(const struct reading *found, size_t count, struct ad_arena *arena,
                              struct ad_beats *beats, artdag_error *err)
{
    double total = 0;
    for (size_t i = 0; i < count; i++) {
        total += ad_dsp_exp2((found[i].score - found[0].score) * 1.4426950408889634);
    }
    size_t kept = count < KEPT ? count : KEPT;
    beats->hypotheses = ad_arena_array(arena, kept, sizeof(*beats->hypotheses));
    if (beats->hypotheses == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    for (size_t i = 0; i < kept; i++) {
        const struct reading *r = &found[i];
        struct ad_beat_hypothesis *h = &beats->hypotheses[i];
        double *room = ad_arena_array(arena, r->count, sizeof(double));
        if (room == NULL) {
            return ad_error_nomem(err, "analysis");
        }
        for (size_t k = 0; k < r->count; k++) {
            r->times[k] = ad_dsp_max(0, r->times[k] * AD_HOP_SECONDS);
        }
        h->times = r->times;
        h->count = r->count;
        h->tempo = 60 / median_step(r->times, r->count, room);
        h->confidence = ad_dsp_exp2((r->score - found[0].score) * 1.4426950408889634) / total;
        memcpy(h->evidence, r->evidence, sizeof(h->evidence));
    }
    beats->hypothesis_count = kept;
    return ARTDAG_OK;
}

/* The course of the tempo of the chosen beats: the mean of the eight steps around, twice a second. */
static enum artdag_err tempo_course(struct ad_beats *beats, double duration,
                                    struct ad_arena *arena, artdag_error *err)
{
    size_t count = (size_t)(duration * 2) + 1;
    beats->tempo_times = ad_arena_array(arena, count, sizeof(double));
    beats->tempo_values = ad_arena_array(arena, count, sizeof(double));
    if (beats->tempo_times == NULL || beats->tempo_values == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        double t = (double)i / 2;
        while (next < beats->count && beats->times[next] <= t) {
            next++;
        }
        size_t from = next > 4 ? next - 4 : 0;
        size_t to = next + 4 < beats->count ? next + 4 : beats->count - 1;
        beats->tempo_times[i] = t;
        beats->tempo_values[i] =
            60 * (double)(to - from) / (beats->times[to] - beats->times[from]);
    }
    beats->tempo_count = count;
    return ARTDAG_OK;
}

enum artdag_err ad_beats_find(const struct ad_spectra *spectra,
                              const struct ad_novelty *novelty, int beats_per_bar,
                              struct ad_arena *arena, struct ad_beats **ret, artdag_error *err)
{
    struct ad_beats *beats = ad_arena_alloc(arena, sizeof(*beats));
    if (beats == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    struct ad_tempo tempo = {0};
    struct reading found[READINGS] = {{0}};
    size_t count = 0;
    double top = 0;
    for (size_t i = 0; i < novelty->count; i++) {
        top = ad_dsp_max(top, novelty->sum[i]);
    }
    enum artdag_err code = ARTDAG_OK;
    if (top > 0) {
        code = ad_tempo_find(novelty->sum, novelty->count, arena, &tempo, err);
        if (code == ARTDAG_OK) {
            code = track_all(novelty, &tempo, arena, found, &count, err);
        }
    }
    if (code == ARTDAG_OK && count > 0) {
        qsort(found, count, sizeof(found[0]), compare_readings);
        code = report(found, count, arena, beats, err);
    }
    if (code == ARTDAG_OK && count > 0) {
        const struct ad_beat_hypothesis *best = &beats->hypotheses[0];
        beats->times = best->times;
        beats->count = best->count;
        beats->tempo = best->tempo;
        beats->confidence = best->confidence;
        beats->beat_unit = found[0].in_threes ? 8 : 4;
        code = tempo_course(beats, (double)novelty->count * AD_HOP_SECONDS, arena, err);
        if (code == ARTDAG_OK) {
            code = ad_bars_find(spectra, novelty, beats_per_bar, arena, beats, err);
        }
    }
    if (code == ARTDAG_OK) {
        *ret = beats;
    }
    return code;
}
