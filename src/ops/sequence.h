/* SPDX-License-Identifier: MIT
 *
 * What a config of SEQUENCE says about the places where clips meet. Private to its two files.
 */
#ifndef AD_OPS_SEQUENCE_H
#define AD_OPS_SEQUENCE_H

#include "ops/op.h"

struct ad_transition {
    const char *type;
    int64_t duration; /* 0 = cut */
    int64_t overlap;  /* of neighbours: duration or 0 */
    /* A film that is a slice of another: its first clip fades in, its last one out. Type fade only. */
    bool fade_in, fade_out;
};

struct ad_transition ad_transition_of(struct ad_arena *arena, const struct ad_value *config);
/* Frames that belong to the transition at the beginning and at the end of clip i. */
int64_t ad_transition_in(const struct ad_transition *t, size_t i);
int64_t ad_transition_out(const struct ad_transition *t, size_t i, size_t clips);
/* The config's map of a transition with these values; those without effect are left out. NULL = no memory. */
const struct ad_value *ad_transition_config(struct ad_arena *arena,
                                            const struct ad_value *config,
                                            const struct ad_transition *t);

enum artdag_err ad_sequence_slice(const struct ad_op_call *call, struct ad_span out,
                                  struct ad_slice *ret, artdag_error *err);
bool ad_sequence_joints(const struct ad_op_call *call, struct ad_joints *ret);

#endif
