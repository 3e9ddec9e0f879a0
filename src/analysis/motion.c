/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "analysis/video.h"

#define BLACK_LUMA 38   /* of 255: black in limited range and a tenth above */
#define TEMPO_LEAST 0.3 /* seconds between two movements */
#define TEMPO_MOST 2.0
#define TEMPO_CONFIDENCE 0.1 /* less is no regular motion */
/* Of differences in grey levels: an encoder's own pulse on a picture that stands still is no motion. */
#define LEAST_VARIANCE 0.01
#define TEMPO_NEARLY 0.85 /* of the highest peak: the shorter period wins */

enum artdag_err ad_moves_init(struct ad_moves *moves, int width, int height, artdag_error *err)
{
    size_t pixels = (size_t)width * (size_t)height;
    moves->last = ad_alloc_array(pixels, 1);
    moves->reference = ad_alloc_array(pixels, 1);
    return moves->last != NULL && moves->reference != NULL ? ARTDAG_OK
                                                           : ad_error_nomem(err, "analysis");
}

void ad_moves_fini(struct ad_moves *moves)
{
    free(moves->last);
    free(moves->reference);
    ad_vec_fini(&moves->values);
    ad_vec_fini(&moves->black);
    ad_vec_fini(&moves->frozen);
}

/* Mean difference of the frame's luma and a packed plane. */
static double difference(const struct ad_video_frame *frame, const uint8_t *plane, int width,
                         int height)
{
    int64_t sum = 0;
    for (int y = 0; y < height; y++) {
        const uint8_t *row = frame->luma + (size_t)y * frame->luma_stride;
        const uint8_t *other = plane + (size_t)y * (size_t)width;
        int part = 0;
        for (int x = 0; x < width; x++) {
            int d = row[x] - other[x];
            part += d < 0 ? -d : d;
        }
        sum += part;
    }
    return (double)sum / ((double)width * height);
}

static double black_share(const struct ad_video_frame *frame, int width, int height)
{
    int64_t dark = 0;
    for (int y = 0; y < height; y++) {
        const uint8_t *row = frame->luma + (size_t)y * frame->luma_stride;
        for (int x = 0; x < width; x++) {
            dark += row[x] <= BLACK_LUMA;
        }
    }
    return (double)dark / ((double)width * height);
}

static void copy_plane(const struct ad_video_frame *frame, uint8_t *plane, int width,
                       int height)
{
    for (int y = 0; y < height; y++) {
        memcpy(plane + (size_t)y * (size_t)width, frame->luma + (size_t)y * frame->luma_stride,
               (size_t)width);
    }
}

enum artdag_err ad_moves_push(struct ad_moves *moves, const struct ad_video_frame *frame,
                              const struct ad_video_params *params, artdag_error *err)
{
    int w = params->width;
    int h = params->height;
    bool first = moves->frames == 0;
    double moved = first ? 0 : difference(frame, moves->last, w, h);
    bool black = black_share(frame, w, h) >= params->black_level;
    bool frozen = !first && difference(frame, moves->reference, w, h) < params->freeze_level;
    copy_plane(frame, moves->last, w, h);
    if (!frozen) {
        copy_plane(frame, moves->reference, w, h);
    }
    moves->frames++;
    if (!ad_vec_push(&moves->values, (float)moved) || !ad_vec_push(&moves->black, black) ||
        !ad_vec_push(&moves->frozen, frozen)) {
        return ad_error_nomem(err, "analysis");
    }
    return ARTDAG_OK;
}

/* Autocorrelation of the values less their mean at one lag, corrected for the shorter overlap and relative to lag 0. */
static double correlation(const struct ad_moves *moves, double mean, double variance,
                          size_t lag)
{
    size_t count = moves->values.len;
    double sum = 0;
    for (size_t i = 1; i + lag < count; i++) {
        sum += (moves->values.items[i] - mean) * (moves->values.items[i + lag] - mean);
    }
    return sum / (double)(count - 1 - lag) / variance;
}

/* The first peak that is nearly as high as the highest. Returns its lag with a fraction, 0 when there is none. */
static double find_period(const double *curve, size_t least, size_t most, double *ret_height)
{
    double top = 0;
    for (size_t lag = least; lag <= most; lag++) {
        if (curve[lag] >= curve[lag - 1] && curve[lag] > curve[lag + 1]) {
            top = ad_dsp_max(top, curve[lag]);
        }
    }
    for (size_t lag = least; lag <= most && top > TEMPO_CONFIDENCE; lag++) {
        if (curve[lag] >= curve[lag - 1] && curve[lag] > curve[lag + 1] &&
            curve[lag] >= TEMPO_NEARLY * top) {
            double bend = curve[lag - 1] - 2 * curve[lag] + curve[lag + 1];
            *ret_height = curve[lag];
            return (double)lag +
                   (bend < 0 ? 0.5 * (curve[lag - 1] - curve[lag + 1]) / bend : 0);
        }
    }
    return 0;
}

static enum artdag_err find_tempo(const struct ad_moves *moves, double fps,
                                  struct ad_motion *motion, artdag_error *err)
{
    size_t count = moves->values.len;
    size_t least = (size_t)(TEMPO_LEAST * fps + 0.5);
    size_t most = (size_t)(TEMPO_MOST * fps + 0.5);
    least = least > 2 ? least : 2;
    /* Two periods must fit, or chance alone would do. */
    most = most < count / 2 ? most : count / 2;
    double variance = 0;
    for (size_t i = 1; i < count; i++) {
        double d = moves->values.items[i] - motion->mean;
        variance += d * d;
    }
    if (count < 8 || most <= least || !(variance > LEAST_VARIANCE * (double)count)) {
        return ARTDAG_OK;
    }
    variance /= (double)(count - 1);
    double *curve = ad_alloc_array(most + 2, sizeof(double));
    if (curve == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    for (size_t lag = least - 1; lag <= most + 1 && lag + 1 < count; lag++) {
        curve[lag] = correlation(moves, motion->mean, variance, lag);
    }
    double height = 0;
    double period = find_period(curve, least, most, &height);
    if (period > 0) {
        motion->tempo = 60 * fps / period;
        motion->confidence = ad_dsp_min(1, height);
    }
    free(curve);
    return ARTDAG_OK;
}

enum artdag_err ad_moves_motion(const struct ad_moves *moves,
                                const struct ad_video_params *params, struct ad_arena *arena,
                                struct ad_motion **ret, artdag_error *err)
{
    size_t count = moves->values.len;
    struct ad_motion *motion = ad_arena_alloc(arena, sizeof(*motion));
    float *values = ad_arena_dup(arena, moves->values.items, count * sizeof(float));
    if (motion == NULL || values == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    motion->values = values;
    motion->count = count;
    for (size_t i = 1; i < count; i++) {
        motion->mean += values[i];
    }
    motion->mean = count > 1 ? motion->mean / (double)(count - 1) : 0;
    double fps = (double)params->fps_num / (double)params->fps_den;
    enum artdag_err code = find_tempo(moves, fps, motion, err);
    if (code == ARTDAG_OK) {
        *ret = motion;
    }
    return code;
}

/* One flag per frame, and which runs of them count. */
struct flag_rule {
    const uint8_t *flags;
    size_t count;
    double fps;
    double least; /* seconds */
    size_t lead;  /* frames before a run that belong to it */
};

/* Counts the runs, and writes them where there is room to. */
static size_t flag_runs(const struct flag_rule *rule, struct ad_range *ranges)
{
    size_t found = 0;
    size_t run = 0;
    for (size_t i = 0; i <= rule->count; i++) {
        if (i < rule->count && rule->flags[i] != 0) {
            run++;
            continue;
        }
        if (run > 0 && (double)(run + rule->lead) >= rule->least * rule->fps) {
            if (ranges != NULL) {
                ranges[found].start = (double)(i - run - rule->lead) / rule->fps;
                ranges[found].end = (double)i / rule->fps;
            }
            found++;
        }
        run = 0;
    }
    return found;
}

static enum artdag_err collect(const struct flag_rule *rule, struct ad_arena *arena,
                               struct ad_ranges **ret, artdag_error *err)
{
    size_t found = flag_runs(rule, NULL);
    struct ad_ranges *result = ad_arena_alloc(arena, sizeof(*result));
    struct ad_range *ranges = ad_arena_array(arena, found, sizeof(*ranges));
    if (result == NULL || ranges == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    (void)flag_runs(rule, ranges);
    result->ranges = ranges;
    result->count = found;
    for (size_t i = 0; i < found; i++) {
        result->total += ranges[i].end - ranges[i].start;
    }
    *ret = result;
    return ARTDAG_OK;
}

enum artdag_err ad_moves_black(const struct ad_moves *moves,
                               const struct ad_video_params *params, struct ad_arena *arena,
                               struct ad_ranges **ret, artdag_error *err)
{
    struct flag_rule rule = {moves->black.items, moves->black.len,
                             (double)params->fps_num / (double)params->fps_den,
                             params->black_min, 0};
    return collect(&rule, arena, ret, err);
}

/* The frame that the others are like belongs to the freeze. */
enum artdag_err ad_moves_freeze(const struct ad_moves *moves,
                                const struct ad_video_params *params, struct ad_arena *arena,
                                struct ad_ranges **ret, artdag_error *err)
{
    struct flag_rule rule = {moves->frozen.items, moves->frozen.len,
                             (double)params->fps_num / (double)params->fps_den,
                             params->freeze_min, 1};
    return collect(&rule, arena, ret, err);
}
