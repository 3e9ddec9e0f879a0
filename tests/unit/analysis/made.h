/* SPDX-License-Identifier: MIT
 *
 * Sounds and pictures made for the tests of analysis. The C library's sin and exp are good enough here: no test asks for
 * exact bits of what is made from them.
 */
#ifndef AD_TEST_ANALYSIS_MADE_H
#define AD_TEST_ANALYSIS_MADE_H

#include "ad_test.h"
#include "analysis/analysis.h"

struct made_sound {
    int rate, channels;
    size_t count;
    float *planes[2];
};

/* Silence of this length; freed with made_free. One or two channels. */
struct made_sound made_silence(int rate, int channels, double seconds);
void made_free(struct made_sound *sound);

/* Adds to all channels: a sine between two times; a drum (a low, falling tone), a click (short noise) or a plucked chord. */
void made_add_sine(struct made_sound *sound, double start, double end, double hz,
                   double amplitude, double phase);
void made_add_drum(struct made_sound *sound, double at, double amplitude);
void made_add_click(struct made_sound *sound, double at, double amplitude);
void made_add_tone(struct made_sound *sound, double at, double seconds, double hz,
                   double amplitude);

/* Pushes it in pieces of `piece` samples (0 = all at once) and finishes. A failure fails the test. */
struct ad_audio_result *made_analyse(const struct made_sound *sound, unsigned features,
                                     size_t piece, struct ad_arena *arena);

/* Share of events that are met, as F-measure: one estimate answers one event within `window` seconds. */
double made_f_measure(const double *truth, size_t truth_count, const double *found,
                      size_t found_count, double window);

#define MADE_WIDTH 96
#define MADE_HEIGHT 54
/* A picture of MADE_WIDTH x MADE_HEIGHT with chroma, full of random soft patches that `scene` decides, moved by (dx, dy) pixels and
 * brightened by `light`. */
struct made_picture {
    uint8_t luma[MADE_HEIGHT][MADE_WIDTH];
    uint8_t chroma[2][MADE_HEIGHT / 2][MADE_WIDTH / 2];
};
void made_picture(struct made_picture *picture, uint64_t scene, int dx, int dy, int light);
struct ad_video_frame made_frame(const struct made_picture *picture);

#endif
