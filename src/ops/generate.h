/* SPDX-License-Identifier: MIT
 *
 * GENERATE, divided by what is made. Private to the op.
 */
#ifndef AD_OPS_GENERATE_H
#define AD_OPS_GENERATE_H

#include "ops/op.h"

enum ad_generate_kind {
    AD_GENERATE_BARS,
    AD_GENERATE_COLOR,
    AD_GENERATE_COUNTER,
    AD_GENERATE_GRADIENT,
    AD_GENERATE_IMAGE,
    AD_GENERATE_NOISE,
    AD_GENERATE_SILENCE,
    AD_GENERATE_TESTSRC,
    AD_GENERATE_TEXT,
    AD_GENERATE_TONE
};

/* What the final config comes to. */
struct ad_generate {
    enum ad_generate_kind kind;
    int64_t frames, width, height;
    const struct ad_op_input *video, *font; /* NULL = not given */
    size_t video_index;
};

/* Pictures (generate_picture.c) */
struct ad_pad ad_generate_gradient(const struct ad_op_call *call, const struct ad_generate *g,
                                   struct ad_graph *graph);
struct ad_pad ad_generate_bars(const struct ad_op_call *call, const struct ad_generate *g,
                               struct ad_graph *graph);
struct ad_pad ad_generate_testsrc(const struct ad_op_call *call, const struct ad_generate *g,
                                  struct ad_graph *graph);

/* Text and counters (generate_text.c) */
extern const struct ad_field ad_generate_outline[], ad_generate_shadow[], ad_generate_box[];
/* Puts in what was left out: place, size, times. */
enum artdag_err ad_generate_finish_text(const struct ad_op_call *call,
                                        const struct ad_generate *g,
                                        const struct ad_value **config, artdag_error *err);
/* over: the picture below; not set = a ground of its own. */
struct ad_pad ad_generate_text(const struct ad_op_call *call, const struct ad_generate *g,
                               struct ad_graph *graph, struct ad_pad over);

#endif
