/* SPDX-License-Identifier: MIT
 *
 * Private to plan: the walk from a unit's step down to what it reads. Steps that are not stored are built within the
 * unit; stored ones and files are leaves. The walk keeps its own stack and knows nothing of which ops it meets.
 */
#ifndef AD_PLAN_WALK_H
#define AD_PLAN_WALK_H

#include "plan/planner.h"

/* A step that is being built, from its inputs up. */
struct ad_level {
    uint32_t index; /* of the step */
    const struct ad_step *step;
    struct ad_op_call call; /* sliced: with the slice's config and inputs */
    const uint32_t *chosen; /* sliced: which inputs of the step those are; NULL = all */
    const struct ad_span
        *spans;          /* sliced: the frames of each; NULL = what ad_plan_reads says */
    struct ad_span span; /* the frames that are wanted of the step */
    struct ad_pad *video_in,
        *audio_in; /* for those who build; per input of the call, at least one */
    size_t next;   /* input of the call to look at */
};

struct ad_walk {
    const struct ad_plan *plan;
    const bool *stored; /* per step; never SOURCE */
    const bool
        *tracked; /* per step: a SOURCE that is a leaf too; NULL = none. Not when slicing */
    struct ad_arena *arena;
    /* Every step yields the wanted frames only, counted from 0; else steps are whole */
    bool slicing;
    /* Inputs of whole calls per step, of long lists only: kept for the next walk, in cache_arena. NULL = made anew; without
     * an arena they are read and not added to, so that threads may share them. */
    const struct ad_op_input **cache;
    struct ad_arena *cache_arena;
    /* A kept result is read: frames `span` of `step`, for input top->next of top. */
    enum artdag_err (*leaf)(struct ad_walk *walk, struct ad_level *top, uint32_t step,
                            struct ad_span span);
    /* All inputs of top are there; below (NULL at the unit's own step) is who uses it, for its input below->next. */
    enum artdag_err (*built)(struct ad_walk *walk, struct ad_level *top,
                             struct ad_level *below);
    void *payload;
    artdag_error *err;
    AD_VEC(struct ad_level) stack; /* private */
    uint32_t failed;               /* the step that could not be sliced, after UNSUPPORTED */
};

bool ad_walk_is_stored(const struct ad_walk *walk, uint32_t step);
/* Walks frames `span` of a step, which is built even if it is stored. UNSUPPORTED when slicing and a step on the way cannot
 * be sliced there. */
enum artdag_err ad_walk_run(struct ad_walk *walk, uint32_t step, struct ad_span span);
void ad_walk_fini(struct ad_walk *walk); /* the stack only */

#endif
