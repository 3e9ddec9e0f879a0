/* SPDX-License-Identifier: MIT
 *
 * The course of the tempo. Every quarter of a second the novelty around it (8 s, Hann) is asked for each candidate
 * period: by a comb over its autocorrelation (which also answers at multiples of the true period) times its Fourier
 * strength at the period (which also answers at fractions of it). The product stands where both agree, and errors by
 * 2/3 and 3/2 fall out. A Viterbi pass takes the best course through the candidates; a leap has a bounded price, so
 * that a piece may change its tempo at once.
 */
#include <string.h>

#include "analysis/audio.h"

#define GRID 122
#define SLOWEST_HOPS 150.0 /* 40 bpm */
#define GRID_RATIO 0.985   /* 40 to 250 bpm */
#define WINDOW 800         /* hops */
#define LAGS 620
#define COMB 4
#define PRIOR_BPM 112.0
#define PRIOR_WIDTH 0.75 /* octaves */
#define MOVE_PRICE 0.35  /* per grid step */
#define LEAP_PRICE 6.0

struct tempogram {
    double window[WINDOW];
    double cut[WINDOW];
    double correlation[LAGS];
    double grid[GRID];
    double prior[GRID]; /* log */
    double cosine[GRID][WINDOW];
    double sine[GRID][WINDOW];
};

static struct tempogram *tempogram_create(void)
{
    struct tempogram *t = ad_alloc(sizeof(*t));
    if (t == NULL) {
        return NULL;
    }
    ad_dsp_hann(t->window, WINDOW);
    double period = SLOWEST_HOPS;
    for (size_t g = 0; g < GRID; g++) {
        t->grid[g] = period;
        double octaves = ad_dsp_log2(6000 / period / PRIOR_BPM) / PRIOR_WIDTH;
        t->prior[g] = -0.5 * octaves * octaves;
        for (size_t i = 0; i < WINDOW; i++) {
            ad_dsp_turn((double)i / period, &t->cosine[g][i], &t->sine[g][i]);
        }
        period *= GRID_RATIO;
    }
    return t;
}

/* Autocorrelation of the cut piece, normalised by the overlap of the windows and by lag 0. */
static void correlate(struct tempogram *t)
{
    double zero = 0;
    for (size_t i = 0; i < WINDOW; i++) {
        zero += t->cut[i] * t->cut[i];
    }
    for (size_t lag = 0; lag < LAGS; lag++) {
        double sum[4] = {0};
        size_t i = 0;
        for (; i + lag + 4 <= WINDOW; i += 4) {
            for (size_t k = 0; k < 4; k++) {
                sum[k] += t->cut[i + k] * t->cut[i + k + lag];
            }
        }
        for (; i + lag < WINDOW; i++) {
            sum[0] += t->cut[i] * t->cut[i + lag];
        }
        double all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
        t->correlation[lag] = zero > 0 ? all / zero : 0;
    }
}

static double correlation_at(const struct tempogram *t, double lag)
{
    size_t i = (size_t)lag;
    if (i + 1 >= LAGS) {
        return 0;
    }
    double part = lag - (double)i;
    return t->correlation[i] * (1 - part) + t->correlation[i + 1] * part;
}

/* Strength of each candidate around hop `middle`. */
static void estimate(struct tempogram *t, const double *novelty, size_t count, size_t middle,
                     double *strength)
{
    for (size_t i = 0; i < WINDOW; i++) {
        size_t at = middle + i; /* shifted by half a window */
        t->cut[i] = at >= WINDOW / 2 && at - WINDOW / 2 < count
                        ? novelty[at - WINDOW / 2] * t->window[i]
                        : 0;
    }
    correlate(t);
    double scale = 0;
    for (size_t i = 0; i < WINDOW; i++) {
        scale += t->cut[i];
    }
    for (size_t g = 0; g < GRID; g++) {
        double comb = 0;
        double weight = 0;
        for (size_t k = 1; k <= COMB; k++) {
            double lag = t->grid[g] * (double)k;
            if (lag + 1 < LAGS) {
                comb += correlation_at(t, lag) / (double)k;
                weight += 1.0 / (double)k;
            }
        }
        double re = 0;
        double im = 0;
        for (size_t i = 0; i < WINDOW; i++) {
            re += t->cut[i] * t->cosine[g][i];
            im += t->cut[i] * t->sine[g][i];
        }
        double fourier = scale > 0 ? ad_dsp_sqrt(re * re + im * im) / scale : 0;
        strength[g] = ad_dsp_max(0, comb / weight) * fourier;
    }
}

/* The best course through `strength` (steps x GRID) into path. from: steps x GRID bytes of room. */
static void best_course(const struct tempogram *t, const double *strength, size_t steps,
                        uint8_t *from, uint8_t *path)
{
    double score[GRID] = {0};
    double next[GRID] = {0};
    for (size_t s = 0; s < steps; s++) {
        const double *row = strength + s * GRID;
        double top = 1e-9;
        for (size_t g = 0; g < GRID; g++) {
            top = ad_dsp_max(top, row[g]);
        }
        for (size_t g = 0; g < GRID; g++) {
            double best = score[g];
            size_t source = g;
            for (size_t k = 0; k < GRID && s > 0; k++) {
                double steps_apart = k > g ? (double)(k - g) : (double)(g - k);
                double price = ad_dsp_min(MOVE_PRICE * steps_apart, LEAP_PRICE);
                if (score[k] - price > best) {
                    best = score[k] - price;
                    source = k;
                }
            }
            from[s * GRID + g] = (uint8_t)source;
            next[g] = best + ad_dsp_ln(row[g] / top + 0.02) + 0.25 * t->prior[g];
        }
        memcpy(score, next, sizeof(score));
    }
    size_t at = 0;
    for (size_t g = 1; g < GRID; g++) {
        at = score[g] > score[at] ? g : at;
    }
    for (size_t s = steps; s > 0; s--) {
        path[s - 1] = (uint8_t)at;
        at = from[(s - 1) * GRID + at];
    }
}

/* The candidate and its neighbours name a period between the grid's points. */
static double refine(const struct tempogram *t, const double *row, size_t g)
{
    if (g == 0 || g + 1 >= GRID) {
        return t->grid[g];
    }
    double bend = row[g - 1] - 2 * row[g] + row[g + 1];
    double offset = bend < 0 ? 0.5 * (row[g - 1] - row[g + 1]) / bend : 0;
    offset = ad_dsp_max(-0.5, ad_dsp_min(0.5, offset));
    return t->grid[g] * ad_dsp_exp2(offset * ad_dsp_log2(GRID_RATIO));
}

enum artdag_err ad_tempo_find(const double *novelty, size_t count, struct ad_arena *arena,
                              struct ad_tempo *ret, artdag_error *err)
{
    size_t steps = count / AD_TEMPO_STEP + 1;
    enum artdag_err code = ARTDAG_OK;
    struct tempogram *t = tempogram_create();
    double *strength = ad_alloc_array(steps * GRID, sizeof(double));
    uint8_t *from = ad_alloc_array(steps * (GRID + 1), 1);
    double *periods = ad_arena_array(arena, steps, sizeof(double));
    double *spectrum = ad_arena_array(arena, GRID, sizeof(double));
    double *grid = ad_arena_array(arena, GRID, sizeof(double));
    if (t == NULL || strength == NULL || from == NULL || periods == NULL || spectrum == NULL ||
        grid == NULL) {
        code = ad_error_nomem(err, "analysis");
        goto out;
    }
    for (size_t s = 0; s < steps; s++) {
        estimate(t, novelty, count, s * AD_TEMPO_STEP, strength + s * GRID);
        for (size_t g = 0; g < GRID; g++) {
            spectrum[g] += strength[s * GRID + g] / (double)steps;
        }
    }
    uint8_t *path = from + steps * GRID;
    best_course(t, strength, steps, from, path);
    for (size_t s = 0; s < steps; s++) {
        periods[s] = refine(t, strength + s * GRID, path[s]);
    }
    memcpy(grid, t->grid, sizeof(t->grid));
    *ret = (struct ad_tempo){steps, periods, spectrum, grid, GRID};
out:
    free(from);
    free(strength);
    free(t);
    return code;
}

double ad_tempo_strength(const struct ad_tempo *tempo, double period)
{
    for (size_t g = 0; g + 1 < tempo->grid_count; g++) {
        if (period <= tempo->grid[g] && period >= tempo->grid[g + 1]) {
            double part = (tempo->grid[g] - period) / (tempo->grid[g] - tempo->grid[g + 1]);
            return tempo->spectrum[g] * (1 - part) + tempo->spectrum[g + 1] * part;
        }
    }
    return 0;
}
