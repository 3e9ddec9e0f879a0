/* SPDX-License-Identifier: MIT
 *
 * Values that change with time. A number field with `animated` takes a number or
 * {keyframes: [{at: TIME, value: N, ease: linear | ease | hold}, ...]}; its normalised form is a number or
 * {"curve": [[frame, value, ease], ...]}, frames ascending. Between two keys the first one's ease says how the value moves;
 * before the first and behind the last key it stands still. Frames count from the beginning of the op's output; in a slice
 * they may be negative and lie behind its end. Private to room ops.
 *
 * The same doubles come out of a whole and of its slices, here and in libav's evaluator: keys are moved and
 * nothing is interpolated anew, and no function of the C library's mathematics is used.
 */
#ifndef AD_OPS_CURVE_H
#define AD_OPS_CURVE_H

#include "base/base.h"
#include "doc/doc.h"
#include "ops/ops.h"

/* A number field of a normalised config: one value, or keys. Lent by the config. */
struct ad_curve {
    double value;                /* when there are no keys */
    const struct ad_value *keys; /* list, or NULL */
};

/* v: the field's value, or NULL (then fallback). */
struct ad_curve ad_curve_of(const struct ad_value *v, double fallback);
struct ad_curve ad_conf_curve(const struct ad_value *config, const char *key, double fallback);
/* It is this value all the time. */
bool ad_curve_is(const struct ad_curve *curve, double value);
double ad_curve_at(const struct ad_curve *curve, int64_t frame);
/* The least and the greatest value of frames [0, frames). */
void ad_curve_bounds(const struct ad_curve *curve, int64_t frames, double *ret_min,
                     double *ret_max);

/* The curve as an expression for filter options. var is the filter's frame number: a name, or an expression in
 * parentheses when it does not count from 0. A tree of if(lt(var,K),...), so that long curves stay quick. In the arena; "" when
 * memory is out (the arena has failed). */
const char *ad_curve_expr(struct ad_arena *arena, const struct ad_curve *curve,
                          const char *var);

/* A curve restricted to frames [from, to) and counted from `from`: without the keys that do not matter there; just the
 * number when it is constant there. v may be a number. NULL = no memory. */
const struct ad_value *ad_curve_slice(struct ad_arena *arena, const struct ad_value *v,
                                      struct ad_span span);
/* The same for all animated fields of a normalised config, in maps and lists too. NULL = no memory. */
const struct ad_value *ad_conf_slice(struct ad_arena *arena, const struct ad_field *fields,
                                     const struct ad_value *config, struct ad_span span);
bool ad_conf_animated(const struct ad_field *fields, const struct ad_value *config);

#endif
