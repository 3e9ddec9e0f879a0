/* SPDX-License-Identifier: MIT
 *
 * A file of at most so many bytes: which quality to try next. A constant quality that just fits is what two passes with a
 * bit rate strive for, needs no statistics beside the file, and its outcome is measured, not hoped for.
 */
#ifndef AD_MEDIA_FIT_H
#define AD_MEDIA_FIT_H

#include "graph/graph.h"

/* Qualities are crf values in steps of 1 / per_unit; larger is smaller. */
struct ad_fit {
    int64_t max_bytes;
    int64_t per_unit, best, worst; /* the bounds, in steps */
    int64_t fits, fails; /* known: the smallest that fits, the largest that does not */
    int64_t fits_bytes, fails_bytes;
    int64_t last; /* tried */
    unsigned tries;
};

/* The settings' own crf is the best that is tried. FORMAT when they have none. */
enum artdag_err ad_fit_begin(const struct ad_encode *encode, struct ad_fit *ret,
                             artdag_error *err);
/* The crf to render with; false: what was rendered last is the result, or nothing is. */
bool ad_fit_next(struct ad_fit *fit, char ret_crf[32]);
void ad_fit_tell(struct ad_fit *fit, int64_t bytes);
/* MEDIA when nothing fits. */
enum artdag_err ad_fit_end(const struct ad_fit *fit, artdag_error *err);

#endif
