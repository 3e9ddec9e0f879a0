/* SPDX-License-Identifier: MIT
 *
 * EFFECT: named filter graphs with parameters (docs/formats/effect.md). Private to the op.
 */
#ifndef AD_OPS_EFFECT_H
#define AD_OPS_EFFECT_H

#include "ops/op.h"

#define AD_EFFECT_INPUTS_MAX 8
#define AD_EFFECT_FILTERS_MAX 200

/* A definition that was read. Everything lives in the arena it was read into, and in the document. */
struct ad_effect {
    const char *name, *doc;
    int64_t inputs;
    bool whole;            /* a frame may depend on all others */
    int64_t before, after; /* else on so many around it */
    bool rgb;              /* filters see RGB instead of the working format */
    const struct ad_field *params;
    const struct ad_value *video, *audio; /* lists of filters, or NULL */
};

/* Checks everything that can be checked without values for the parameters. FORMAT with file, line and column. */
enum artdag_err ad_effect_read(struct ad_arena *arena, const struct ad_value *root,
                               const char *file, struct ad_effect *ret, artdag_error *err);
/* One that comes with the program; NULL when there is none of that name (or no memory: the arena has failed). */
const struct ad_value *ad_effect_standard(struct ad_arena *arena, struct ad_str name);

/* The definition with values in place of parameters and numbers in place of names: what the final config holds. params is
 * normalised. NULL = no memory. */
const struct ad_value *ad_effect_graph(const struct ad_op_call *call,
                                       const struct ad_effect *effect,
                                       const struct ad_value *params);

/* What a final config's graph says besides its filters; FORMAT when it is none. */
enum artdag_err ad_effect_graph_head(const struct ad_value *graph, struct ad_effect *ret,
                                     artdag_error *err);
/* Adds its filters of one medium behind `inputs`; the result has the medium's one pad. FORMAT when it is no graph, or
 * has a filter that an effect may not have. */
enum artdag_err ad_effect_build(struct ad_graph *graph, const struct ad_value *filters,
                                const struct ad_pad *inputs, size_t count, struct ad_pad *ret,
                                artdag_error *err);
/* Frames before its own that the filters of a list look at; INT64_MAX = all. */
int64_t ad_effect_memory(const struct ad_value *filters);
bool ad_effect_may_use(enum ad_medium medium, struct ad_str filter);

#endif
