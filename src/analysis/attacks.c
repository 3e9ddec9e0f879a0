/* SPDX-License-Identifier: MIT
 *
 * Where sound sets in, finer than a hop. A spectrum looks at 46 ms at once, and says that something begins a little before it does when it
 * begins at once, a little after when it swells. The power of 2 ms says it to the step, where it says anything: a rise of 6 dB.
 */
#include "analysis/audio.h"

#define STEPS_PER_SECOND 500
#define SIDE 5            /* steps compared on each side: 10 ms */
#define RISE 4.0          /* of power, that counts */
#define BACK_SECONDS 0.02 /* how far from a time found its attack may lie */
#define AHEAD_SECONDS 0.03
#define SHIFT_MAX 0.025 /* of all beats together */
#define WITNESSES 8     /* beats whose attack must be heard before they are moved */

static int64_t step_start(int64_t step, int rate)
{
    return step * rate / STEPS_PER_SECOND;
}

enum artdag_err ad_attacks_push(struct ad_attacks *a, const float *const *channels,
                                size_t count, artdag_error *err)
{
    for (size_t i = 0; i < count; i++) {
        for (int c = 0; c < a->channels; c++) {
            double x = channels[c][i];
            a->sum += x * x;
        }
        a->position++;
        if (a->position == step_start((int64_t)a->steps.len + 1, a->rate)) {
            if (!ad_vec_push(&a->steps, (float)a->sum)) {
                return ad_error_nomem(err, "analysis");
            }
            a->sum = 0;
        }
    }
    return ARTDAG_OK;
}

void ad_attacks_fini(struct ad_attacks *attacks)
{
    ad_vec_fini(&attacks->steps);
}

static double power(const struct ad_attacks *a, int64_t from, int64_t to)
{
    double sum = 0;
    for (int64_t i = from > 0 ? from : 0; i < to && i < (int64_t)a->steps.len; i++) {
        sum += (double)a->steps.items[i];
    }
    return sum;
}

/* The steepest rise around a time. False when nothing rises enough. */
static bool attack_near(const struct ad_attacks *a, double time, double *ret)
{
    int64_t first = (int64_t)((time - BACK_SECONDS) * STEPS_PER_SECOND);
    int64_t last = (int64_t)((time + AHEAD_SECONDS) * STEPS_PER_SECOND);
    double best = 0;
    for (int64_t k = first > 0 ? first : 0; k <= last; k++) {
        double before = power(a, k - SIDE, k);
        double after = power(a, k, k + SIDE);
        if (after > RISE * before && after - before > best) {
            best = after - before;
            *ret = (double)step_start(k, a->rate) / a->rate;
        }
    }
    return best > 0;
}

/* ---- onsets, one by one ---- */

static void refine_onsets(const struct ad_attacks *a, struct ad_onsets *onsets)
{
    size_t kept = 0;
    for (size_t i = 0; i < onsets->count; i++) {
        double last = kept > 0 ? onsets->times[kept - 1] : -1;
        double time = 0;
        if (!attack_near(a, onsets->times[i], &time) || time <= last) {
            time = onsets->times[i];
        }
        if (time > last) {
            onsets->times[kept] = time;
            onsets->strengths[kept] = onsets->strengths[i];
            kept++;
        }
    }
    onsets->count = kept;
}

/* ---- beats, all together, so that their evenness stays ---- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

static double common_shift(const struct ad_attacks *a, const struct ad_beats *beats,
                           double *room)
{
    size_t heard = 0;
    for (size_t i = 0; i < beats->count; i++) {
        double time = 0;
        if (attack_near(a, beats->times[i], &time)) {
            room[heard++] = time - beats->times[i];
        }
    }
    if (heard < WITNESSES || heard * 4 < beats->count) {
        return 0;
    }
    qsort(room, heard, sizeof(*room), compare);
    double shift = room[heard / 2];
    return shift > SHIFT_MAX ? SHIFT_MAX : shift < -SHIFT_MAX ? -SHIFT_MAX : shift;
}

static void move(double *times, size_t count, double shift)
{
    for (size_t i = 0; i < count; i++) {
        times[i] = ad_dsp_max(0, times[i] + shift);
    }
}

enum artdag_err ad_attacks_refine(const struct ad_attacks *attacks, struct ad_arena *arena,
                                  struct ad_onsets *onsets, struct ad_beats *beats,
                                  artdag_error *err)
{
    if (onsets != NULL) {
        refine_onsets(attacks, onsets);
    }
    if (beats == NULL || beats->count == 0) {
        return ARTDAG_OK;
    }
    double *room = ad_arena_array(arena, beats->count, sizeof(*room));
    if (room == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    double shift = common_shift(attacks, beats, room);
    move(beats->downbeats, beats->downbeat_count, shift);
    for (size_t i = 0; i < beats->hypothesis_count; i++) {
        /* The first one's times are the beats themselves. */
        move(beats->hypotheses[i].times, beats->hypotheses[i].count, shift);
    }
    return ARTDAG_OK;
}
