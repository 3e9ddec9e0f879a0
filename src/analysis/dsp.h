/* SPDX-License-Identifier: MIT
 *
 * Windows and spectra, in the arithmetic of base/dsp.h. Thread rule: a plan is used by one thread at a
 * time; the functions without a plan are pure.
 */
#ifndef AD_ANALYSIS_DSP_H
#define AD_ANALYSIS_DSP_H

#include <stddef.h>

#include "base/base.h"

/* A Hann window that repeats after `count`. */
void ad_dsp_hann(double *window, size_t count);

/* ---- power spectra of real signals ---- */
struct ad_fft;

/* A plan for `count` real samples, a power of two, 16 to 65536. Destroy accepts NULL. */
enum artdag_err ad_fft_create(size_t count, struct ad_fft **ret_fft, artdag_error *err);
void ad_fft_destroy(struct ad_fft *fft);
/* |X|^2 of bins 0 to count/2 (count/2 + 1 values), without any scaling. */
void ad_fft_power(struct ad_fft *fft, const double *samples, double *power);

/* The power of two nearest to x by ratio, between 16 and 65536. */
size_t ad_dsp_near_power_of_two(double x);

#endif
