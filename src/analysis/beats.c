/* SPDX-License-Identifier: MIT
 *
 * The same music can be counted at half or double speed, in threes, and on the off-beat. All of these readings are
 * tracked, described by some numbers (the evidence), and ranked by a linear model of it.
 */
#include <string.h>

#include "analysis/audio.h"

#define READINGS 16
#define FASTEST_HOPS 24.0  /* 250 bpm */
#define SLOWEST_HOPS 150.0 /* 40 bpm */
#define LOG2_OF_E 1.44269504088896340736
#define USUAL_BPM 115.0
#define IN_THREES 1.6     /* times the strength half-way */
#define KEPT 5            /* hypotheses that are reported */
#define UNHEARD 3.0       /* octaves of contrast that a reading may lack against the best */
#define UNHEARD_PRICE 2.0 /* of each octave more */

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
    EV_KICKS_ALTERNATE,
    EV_BASS_CHANGE,
    EV_CHORD_CHANGE,
    EV_ACCENT,
    EV_BARS,
    EV_REPEAT,
    EV_HALF_SHIFT,
    EV_QUARTER_SHIFT
};

static const double model[AD_BEAT_EVIDENCE] = {
    0.14, 0.29, -1.79, -0.07, 0.30, 0.53, 0.62, -0.67, -0.96, -0.46, -1.27, -0.01,
    1.62, 0.13, 0.62,  0.75,  2.57, 2.30, 2.27, 1.65,  1.46,  -0.28, -0.61};

struct reading {
    double factor;
    double shift;  /* of a beat */
    double *times; /* hops */
    size_t count;
    struct ad_beats beats; /* the same in seconds, with bars */
    double evidence[AD_BEAT_EVIDENCE];
    double score;
    bool in_threes; /* a beat falls into three parts */
};

static const struct {
    double factor;
    double shift; /* of a beat */
} readings[READINGS] = {
    {1, 0},    {1, 0.5},  {1, 0.25},    {1, 0.75}, {0.5, 0},   {0.5, 0.5},   {2, 0}, {2, 0.5},
    {2, 0.25}, {2, 0.75}, {2.0 / 3, 0}, {1.5, 0},  {1.5, 0.5}, {1.0 / 3, 0}, {3, 0}, {0.25, 0},
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

/* How strongly the reading's beats are struck, against what lies between them. */
static void weigh_strokes(const struct ad_novelty *n, struct reading *r)
{
    const double *sum = n->sum;
    double *ev = r->evidence;
    double on = mean_at(sum, n->count, r, 0, 0, 1);
    double half = mean_at(sum, n->count, r, 0.5, 0, 1);
    double first_third = mean_at(sum, n->count, r, 1.0 / 3, 0, 1);
    double last_third = mean_at(sum, n->count, r, 2.0 / 3, 0, 1);
    double quarter =
        (mean_at(sum, n->count, r, 0.25, 0, 1) + mean_at(sum, n->count, r, 0.75, 0, 1)) / 2;
    ev[EV_CONTRAST] = ad_dsp_log2((on + 0.05) / (mean_of(sum, n->count) + 0.05));
    for (size_t f = 0; f < AD_FLUXES; f++) {
        ev[EV_KICK + f] = balance(mean_at(n->flux[f], n->count, r, 0, 0, 1),
                                  mean_at(n->flux[f], n->count, r, 0.5, 0, 1));
    }
    double odd =
        balance(mean_at(sum, n->count, r, 0, 0, 2), mean_at(sum, n->count, r, 0, 1, 2));
    ev[EV_ALTERNATE] = odd < 0 ? -odd : odd;
    odd = balance(mean_at(n->flux[AD_KICK], n->count, r, 0, 0, 2),
                  mean_at(n->flux[AD_KICK], n->count, r, 0, 1, 2));
    ev[EV_KICKS_ALTERNATE] = odd < 0 ? -odd : odd;
    ev[EV_THIRDS] = balance((first_third + last_third) / 2, half);
    ev[EV_QUARTERS] = balance(quarter, on);
    ev[EV_EMPTY] = empty_share(sum, n->count, r, 0.5 * on);
    ev[EV_HALF] = balance(half, on);
    /* Swing has the last third alone; three equal parts have both. */
    r->in_threes = ad_dsp_min(first_third, last_third) > IN_THREES * half;
}

static void weigh_tempo(const struct ad_tempo *tempo, double period, struct reading *r)
{
    double *ev = r->evidence;
    double octaves = ad_dsp_log2(6000 / period / USUAL_BPM);
    double top = 1e-9;
    for (size_t g = 0; g < tempo->grid_count; g++) {
        top = ad_dsp_max(top, tempo->spectrum[g]);
    }
    ev[EV_TEMPO] = octaves;
    ev[EV_TEMPO_SQUARE] = octaves * octaves;
    ev[EV_STRENGTH] = ad_tempo_strength(tempo, period) / top;
    ev[EV_STRENGTH_DOUBLE] = ad_tempo_strength(tempo, period * 2) / top;
    ev[EV_STRENGTH_HALF] = ad_tempo_strength(tempo, period / 2) / top;
}

/* Amplitude of the tenth of a second from a time on. */
static double sound_after(const struct ad_spectra *spectra, double time)
{
    double sum = 0;
    size_t from = (size_t)(time * AD_HOPS_PER_SECOND);
    for (size_t i = from; i < from + 10 && i < spectra->band[0].len; i++) {
        for (size_t b = 0; b < AD_BANDS; b++) {
            sum += spectra->band[b].items[i];
        }
    }
    return ad_dsp_sqrt(sum);
}

/* Whether the harmony changes and the sound is loud on the beats rather than between them. */
static void weigh_sound(const struct ad_spectra *spectra, struct reading *r)
{
    enum {
        BASS,
        CHORD,
        ACCENT,
        SUMS
    };
    double sums[2][SUMS] = {{0}}; /* on the beats, between them */
    for (size_t i = 0; i + 1 < r->beats.count; i++) {
        double at[2] = {r->beats.times[i], (r->beats.times[i] + r->beats.times[i + 1]) / 2};
        for (size_t k = 0; k < 2; k++) {
            double bass = 0;
            double chord = 0;
            ad_harmony_change(spectra, at[k], &bass, &chord);
            sums[k][BASS] += bass;
            sums[k][CHORD] += chord;
            sums[k][ACCENT] += sound_after(spectra, at[k]);
        }
    }
    r->evidence[EV_BASS_CHANGE] = balance(sums[0][BASS], sums[1][BASS]);
    r->evidence[EV_CHORD_CHANGE] = balance(sums[0][CHORD], sums[1][CHORD]);
    r->evidence[EV_ACCENT] = balance(sums[0][ACCENT], sums[1][ACCENT]);
}

/* Moves each beat by a part of the way to the next. */
static void shift(struct reading *r, double part)
{
    for (size_t i = 0; i + 1 < r->count; i++) {
        r->times[i] += part * (r->times[i + 1] - r->times[i]);
    }
    r->count -= r->count > 0;
}

/* What the readings are judged by. */
struct judge {
    const struct ad_spectra *spectra;
    const struct ad_novelty *novelty;
    struct ad_tempo tempo;
    int beats_per_bar; /* the caller's hint */
    struct ad_arena *arena;
};

static enum artdag_err weigh(const struct judge *judge, double period, struct reading *r,
                             artdag_error *err)
{
    double *times = ad_arena_array(judge->arena, r->count, sizeof(double));
    if (times == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    for (size_t i = 0; i < r->count; i++) {
        times[i] = ad_dsp_max(0, r->times[i] * AD_HOP_SECONDS);
    }
    r->beats.times = times;
    r->beats.count = r->count;
    struct ad_bars_fit fit = {0};
    enum artdag_err code = ad_bars_find(judge->spectra, judge->novelty, judge->beats_per_bar,
                                        judge->arena, &r->beats, &fit, err);
    if (code != ARTDAG_OK) {
        return code;
    }
    weigh_strokes(judge->novelty, r);
    weigh_tempo(&judge->tempo, period, r);
    weigh_sound(judge->spectra, r);
    r->evidence[EV_BARS] = fit.gain;
    r->evidence[EV_REPEAT] = fit.repeat;
    r->evidence[EV_HALF_SHIFT] = r->shift == 0.5;
    r->evidence[EV_QUARTER_SHIFT] = r->shift != 0 && r->shift != 0.5;
    r->beats.beat_unit = r->in_threes ? 8 : 4;
    for (size_t i = 0; i < AD_BEAT_EVIDENCE; i++) {
        r->score += model[i] * r->evidence[i];
    }
    return ARTDAG_OK;
}

static enum artdag_err usual_period(const struct ad_tempo *tempo, double *ret,
                                    artdag_error *err)
{
    double *room = ad_alloc_array(tempo->count, sizeof(double));
    if (room == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    memcpy(room, tempo->periods, tempo->count * sizeof(double));
    qsort(room, tempo->count, sizeof(double), compare_doubles);
    *ret = room[tempo->count / 2];
    free(room);
    return ARTDAG_OK;
}

/* Tracks and weighs every reading whose tempo is in range; returns how many. */
static enum artdag_err read_all(const struct judge *judge, struct reading *found,
                                size_t *ret_count, artdag_error *err)
{
    size_t count = 0;
    double usual = 0;
    enum artdag_err code = usual_period(&judge->tempo, &usual, err);
    for (size_t i = 0; i < READINGS && code == ARTDAG_OK; i++) {
        double period = usual * readings[i].factor;
        if (period < FASTEST_HOPS || period > SLOWEST_HOPS) {
            continue;
        }
        struct reading *r = &found[count];
        *r = (struct reading){.factor = readings[i].factor, .shift = readings[i].shift};
        code = ad_track_beats(judge->novelty, &judge->tempo, r->factor, judge->arena, &r->times,
                              &r->count, err);
        if (code == ARTDAG_OK && r->shift > 0) {
            shift(r, r->shift);
        }
        if (code == ARTDAG_OK && r->count >= 4) {
            code = weigh(judge, period, r, err);
            count++;
        }
    }
    if (code == ARTDAG_OK) {
        *ret_count = count;
    }
    return code;
}

static int compare_readings(const void *a, const void *b)
{
    const struct reading *x = a;
    const struct reading *y = b;
    if (x->score != y->score) {
        return x->score < y->score ? 1 : -1;
    }
    if (x->factor != y->factor) {
        return x->factor > y->factor ? 1 : -1;
    }
    return (x->shift > y->shift) - (x->shift < y->shift);
}

/* Hypotheses in seconds, with the confidences of a softmax over all readings. */
static enum artdag_err report(const struct reading *found, size_t count, struct ad_arena *arena,
                              struct ad_beats *beats, artdag_error *err)
{
    double total = 0;
    for (size_t i = 0; i < count; i++) {
        total += ad_dsp_exp2((found[i].score - found[0].score) * LOG2_OF_E);
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
        h->times = r->beats.times;
        h->count = r->count;
        h->tempo = 60 / median_step(h->times, h->count, room);
        h->confidence = ad_dsp_exp2((r->score - found[0].score) * LOG2_OF_E) / total;
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

/* Beats on which hardly anything begins are none, however well the harmony around them would fit: the model was fitted to
 * music, where something always sounds. */
static void discount_the_unheard(struct reading *found, size_t count)
{
    double most = found[0].evidence[EV_CONTRAST];
    for (size_t i = 1; i < count; i++) {
        most = ad_dsp_max(most, found[i].evidence[EV_CONTRAST]);
    }
    for (size_t i = 0; i < count; i++) {
        double lack = most - found[i].evidence[EV_CONTRAST] - UNHEARD;
        found[i].score -= lack > 0 ? UNHEARD_PRICE * lack : 0;
    }
}

/* Takes the best reading. */
static enum artdag_err settle(struct reading *found, size_t count, const struct judge *judge,
                              struct ad_beats *ret, artdag_error *err)
{
    discount_the_unheard(found, count);
    qsort(found, count, sizeof(found[0]), compare_readings);
    *ret = found[0].beats;
    enum artdag_err code = report(found, count, judge->arena, ret, err);
    if (code == ARTDAG_OK) {
        ret->tempo = ret->hypotheses[0].tempo;
        ret->confidence = ret->hypotheses[0].confidence;
        code = tempo_course(ret, (double)judge->novelty->count * AD_HOP_SECONDS, judge->arena,
                            err);
    }
    return code;
}

enum artdag_err ad_beats_find(const struct ad_spectra *spectra,
                              const struct ad_novelty *novelty, int beats_per_bar,
                              struct ad_arena *arena, struct ad_beats **ret, artdag_error *err)
{
    struct ad_beats *beats = ad_arena_alloc(arena, sizeof(*beats));
    if (beats == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    struct judge judge = {spectra, novelty, {0}, beats_per_bar, arena};
    struct reading found[READINGS] = {{0}};
    size_t count = 0;
    double top = 0;
    for (size_t i = 0; i < novelty->count; i++) {
        top = ad_dsp_max(top, novelty->sum[i]);
    }
    enum artdag_err code = ARTDAG_OK;
    if (top > 0) {
        code = ad_tempo_find(novelty->sum, novelty->count, arena, &judge.tempo, err);
        if (code == ARTDAG_OK) {
            code = read_all(&judge, found, &count, err);
        }
    }
    if (code == ARTDAG_OK && count > 0) {
        code = settle(found, count, &judge, beats, err);
    }
    if (code == ARTDAG_OK) {
        *ret = beats;
    }
    return code;
}
