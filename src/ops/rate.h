/* SPDX-License-Identifier: MIT
 *
 * Changes of speed, for SPEED and TRANSFORM: output frame k shows input frame floor(k p / q) of the whole. Private to
 * room ops.
 */
#ifndef AD_OPS_RATE_H
#define AD_OPS_RATE_H

#include "ops/ops.h"

#define AD_RATE_MIN 0.05
#define AD_RATE_MAX 100

/* A speed as a ratio in lowest terms, and which part of the whole is meant. */
struct ad_rate {
    int64_t p, q;
    double value;
    /* Of a slice: output frame k shows frame floor((k p + phase) / q) of what the slice was given, 0 <= phase < q; it is
     * `frames` long. Of the whole: 0 and 0. */
    int64_t phase, frames;
};

/* A number exactly as its shortest decimal reads, so that 1.1 is eleven tenths; digits behind the ninth are cut off.
 * What is out of bounds counts as 1. */
struct ad_rate ad_rate_of(double value);
/* "25/24" or a decimal, both within AD_RATE_MIN and AD_RATE_MAX. */
bool ad_rate_parse(struct ad_str text, struct ad_rate *ret);
/* Takes in the keys of a slice. */
void ad_rate_place(struct ad_rate *rate, const struct ad_value *config);

/* Frames of the result: at least 1. LIMIT when it is too long, or the ratio too fine for so many frames. */
enum artdag_err ad_rate_frames(const struct ad_rate *rate, int64_t frames, int64_t *ret,
                               artdag_error *err);
/* The input frames that are shown in `out`, which lies inside the result. */
struct ad_span ad_rate_shown(const struct ad_rate *rate, struct ad_span out);
/* Range rule of an input of this edge. */
struct ad_span ad_rate_range(const struct ad_rate *rate, const struct ad_edge *edge,
                             struct ad_span out);
/* The slice; of pictures. Its config has the keys `phase` and `frames`, which are internal. */
enum artdag_err ad_rate_slice(const struct ad_op_call *call, const struct ad_rate *rate,
                              struct ad_span out, struct ad_slice *ret, artdag_error *err);

struct ad_pad ad_rate_video(const struct ad_op_call *call, struct ad_graph *graph,
                            struct ad_pad in, const struct ad_rate *rate, int64_t frames);
/* Sound of `samples` samples that keeps its pitch, or is higher and lower as a tape would be. */
struct ad_pad ad_rate_tempo(struct ad_graph *graph, struct ad_pad in,
                            const struct ad_rate *rate, int64_t samples);
struct ad_pad ad_rate_tape(const struct ad_op_call *call, struct ad_graph *graph,
                           struct ad_pad in, const struct ad_rate *rate, int64_t samples);

#endif
