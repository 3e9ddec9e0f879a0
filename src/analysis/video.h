/* SPDX-License-Identifier: MIT
 *
 * Private to the room: the parts of the analysis of pictures.
 */
#ifndef AD_ANALYSIS_VIDEO_H
#define AD_ANALYSIS_VIDEO_H

#include "analysis/analysis.h"
#include "analysis/dsp.h"

/* ---- shots.c: how much one picture differs from another, and where shots begin ---- */
#define AD_SMALL_WIDTH (AD_VIDEO_WIDTH / 2)
#define AD_SMALL_HEIGHT (AD_VIDEO_HEIGHT / 2)
#define AD_LUMA_BINS 16
#define AD_COLOUR_BINS 16
#define AD_LOOK_BACK 5 /* frames a flash may last, plus one */

/* A picture at half of its pushed size, with what comparing needs. */
struct ad_small {
    int width, height;
    uint8_t luma[AD_SMALL_HEIGHT][AD_SMALL_WIDTH];
    double mean;
    double contrast; /* mean deviation from the mean */
    double luma_share[AD_LUMA_BINS];
    double colour_share[2][AD_COLOUR_BINS];
};

void ad_small_init(struct ad_small *small, const struct ad_video_frame *frame, int width,
                   int height);
/* 0 = the same picture (perhaps moved a little) to 100 = nothing in common. Symmetric in meaning, not in bits. */
double ad_small_difference(const struct ad_small *a, const struct ad_small *b);

struct ad_shots {
    struct ad_small recent[AD_LOOK_BACK + 1]; /* of frame i at i % (AD_LOOK_BACK + 1) */
    int64_t frames;
    AD_VEC(float) scores; /* against the frame before */
    AD_VEC(float) contrasts;
    AD_VEC(float) back[AD_LOOK_BACK - 1]; /* against the frame 2, 3 ... before */
};

enum artdag_err ad_shots_push(struct ad_shots *shots, const struct ad_video_frame *frame,
                              int width, int height, artdag_error *err);
enum artdag_err ad_shots_result(const struct ad_shots *shots,
                                const struct ad_video_params *params, struct ad_arena *arena,
                                struct ad_scenes **ret, artdag_error *err);
void ad_shots_fini(struct ad_shots *shots);

/* ---- motion.c: differences of neighbours, black and frozen stretches ---- */
struct ad_moves {
    uint8_t *last;      /* the luma of the frame before */
    uint8_t *reference; /* of the frame a freeze is measured against */
    int64_t frames;
    AD_VEC(float) values;   /* mean difference to the frame before */
    AD_VEC(uint8_t) black;  /* 1 = a black frame */
    AD_VEC(uint8_t) frozen; /* 1 = like the reference */
};

enum artdag_err ad_moves_init(struct ad_moves *moves, int width, int height, artdag_error *err);
enum artdag_err ad_moves_push(struct ad_moves *moves, const struct ad_video_frame *frame,
                              const struct ad_video_params *params, artdag_error *err);
enum artdag_err ad_moves_motion(const struct ad_moves *moves,
                                const struct ad_video_params *params, struct ad_arena *arena,
                                struct ad_motion **ret, artdag_error *err);
enum artdag_err ad_moves_black(const struct ad_moves *moves,
                               const struct ad_video_params *params, struct ad_arena *arena,
                               struct ad_ranges **ret, artdag_error *err);
enum artdag_err ad_moves_freeze(const struct ad_moves *moves,
                                const struct ad_video_params *params, struct ad_arena *arena,
                                struct ad_ranges **ret, artdag_error *err);
void ad_moves_fini(struct ad_moves *moves);

#endif
