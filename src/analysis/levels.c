/* SPDX-License-Identifier: MIT */
#include "analysis/audio.h"

static enum artdag_err close_hop(struct ad_levels *levels, int64_t length, artdag_error *err)
{
    double mean = levels->sum / ((double)length * levels->channels);
    levels->sum = 0;
    if (!ad_vec_push(&levels->hops, mean)) {
        return ad_error_nomem(err, "analysis");
    }
    return ARTDAG_OK;
}

enum artdag_err ad_levels_push(struct ad_levels *levels, const float *const *channels,
                               size_t count, artdag_error *err)
{
    size_t at = 0;
    while (at < count) {
        int64_t hop = (int64_t)levels->hops.len;
        int64_t end = ad_hop_start(hop + 1, levels->rate);
        size_t take = count - at;
        if ((int64_t)take > end - levels->position) {
            take = (size_t)(end - levels->position);
        }
        /* Sample by sample, so that the order of the sum does not depend on the pieces pushed. */
        for (size_t i = at; i < at + take; i++) {
            for (int c = 0; c < levels->channels; c++) {
                double x = channels[c][i];
                levels->sum += x * x;
            }
        }
        at += take;
        levels->position += (int64_t)take;
        if (levels->position == end) {
            enum artdag_err code =
                close_hop(levels, end - ad_hop_start(hop, levels->rate), err);
            if (code != ARTDAG_OK) {
                return code;
            }
        }
    }
    return ARTDAG_OK;
}

enum artdag_err ad_levels_end(struct ad_levels *levels, artdag_error *err)
{
    int64_t start = ad_hop_start((int64_t)levels->hops.len, levels->rate);
    return levels->position > start ? close_hop(levels, levels->position - start, err)
                                    : ARTDAG_OK;
}

enum artdag_err ad_levels_energy(const struct ad_levels *levels, int window_ms,
                                 struct ad_arena *arena, struct ad_energy **ret,
                                 artdag_error *err)
{
    size_t per_window = (size_t)window_ms / 10;
    size_t count = (levels->hops.len + per_window - 1) / per_window;
    struct ad_energy *energy = ad_arena_alloc(arena, sizeof(*energy));
    double *times = ad_arena_array(arena, count, sizeof(double));
    double *values = ad_arena_array(arena, count, sizeof(double));
    double *values_db = ad_arena_array(arena, count, sizeof(double));
    if (energy == NULL || times == NULL || values == NULL || values_db == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    double total = 0;
    for (size_t w = 0; w < count; w++) {
        double sum = 0;
        size_t hop = w * per_window;
        size_t used = 0;
        for (; used < per_window && hop + used < levels->hops.len; used++) {
            sum += levels->hops.items[hop + used];
        }
        times[w] = (double)(w * (size_t)window_ms) / 1000;
        values[w] = ad_dsp_sqrt(sum / (double)used);
        values_db[w] = ad_dsp_amplitude_db(values[w]);
        energy->max = ad_dsp_max(energy->max, values[w]);
        total += values[w];
    }
    energy->times = times;
    energy->values = values;
    energy->values_db = values_db;
    energy->count = count;
    energy->mean = count > 0 ? total / (double)count : 0;
    *ret = energy;
    return ARTDAG_OK;
}

/* Runs of quiet hops of at least min_hops; counts them, and writes them where there is room to. */
static size_t quiet_runs(const struct ad_levels *levels, double power, size_t min_hops,
                         struct ad_range *ranges)
{
    size_t found = 0;
    size_t run = 0;
    for (size_t i = 0; i <= levels->hops.len; i++) {
        if (i < levels->hops.len && levels->hops.items[i] < power) {
            run++;
            continue;
        }
        if (run > 0 && run >= min_hops) {
            if (ranges != NULL) {
                int64_t start = ad_hop_start((int64_t)(i - run), levels->rate);
                int64_t end = ad_hop_start((int64_t)i, levels->rate);
                end = end < levels->position ? end : levels->position;
                ranges[found].start = (double)start / levels->rate;
                ranges[found].end = (double)end / levels->rate;
            }
            found++;
        }
        run = 0;
    }
    return found;
}

enum artdag_err ad_levels_silence(const struct ad_levels *levels, double db, double min_seconds,
                                  struct ad_arena *arena, struct ad_silence **ret,
                                  artdag_error *err)
{
    double power = ad_dsp_db_power(db);
    size_t min_hops = (size_t)(min_seconds * AD_HOPS_PER_SECOND + 0.5);
    size_t count = quiet_runs(levels, power, min_hops, NULL);
    struct ad_silence *silence = ad_arena_alloc(arena, sizeof(*silence));
    struct ad_range *ranges = ad_arena_array(arena, count, sizeof(*ranges));
    if (silence == NULL || ranges == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    (void)quiet_runs(levels, power, min_hops, ranges);
    silence->ranges = ranges;
    silence->count = count;
    for (size_t i = 0; i < count; i++) {
        silence->total += ranges[i].end - ranges[i].start;
    }
    *ret = silence;
    return ARTDAG_OK;
}

void ad_levels_fini(struct ad_levels *levels)
{
    ad_vec_fini(&levels->hops);
}
