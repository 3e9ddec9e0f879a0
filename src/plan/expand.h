/* SPDX-License-Identifier: MIT
 *
 * Private to plan: a plan being made from a recipe. Lists, cuts and signals are expanded here into ordinary steps, one way and
 * once: what comes out depends on the recipe, the inputs' lengths and their analyses alone. Ops never see a list.
 */
#ifndef AD_PLAN_EXPAND_H
#define AD_PLAN_EXPAND_H

#include "plan/planner.h"

#define AD_EXPAND_STEPS_MAX 1000000 /* that expansion adds to one plan */

/* What a node came to. */
enum ad_yield_kind {
    AD_YIELD_NONE,
    AD_YIELD_FILM, /* maker.steps has the step */
    AD_YIELD_LIST,
    AD_YIELD_SIGNAL
};

/* One place of a list: a film, several side by side (ZIP), or an analysis. */
struct ad_item {
    uint32_t first, count; /* in item_steps; of an analysis: count 0, first in signals */
};

struct ad_yield {
    enum ad_yield_kind kind;
    size_t first, count; /* LIST: in items; SIGNAL: first in signals */
};

/* An analysis of what a step shows. */
struct ad_signal {
    uint32_t step;
    struct ad_str feature; /* "all" when the path has to say which */
    int64_t every, skip, min_interval;
};

struct ad_maker {
    const struct ad_recipe *recipe;
    struct ad_planner planner;
    struct ad_arena arena; /* parameters and expansion, for the whole making */
    const struct ad_value *const *values;
    const struct ad_recipe_output *outputs; /* that are wanted */
    size_t output_count;
    bool *reach;             /* per node: an output needs it */
    uint32_t font;           /* the system's, in plan->inputs, or AD_RECIPE_UNBOUND */
    uint32_t *bound;         /* per node: index in plan->inputs */
    uint32_t *steps;         /* per node that is a film: its step */
    struct ad_yield *yields; /* per node */
    AD_VEC(struct ad_item) items;
    AD_VEC(uint32_t) item_steps;
    AD_VEC(struct ad_signal) signals;
    AD_VEC(struct ad_step_ref) refs;
    size_t expanded; /* steps added so far by expansion */
    artdag_error *err;
};

/* Errors that name the node: an op says which value is wrong, if one of the recipe's own is (config given). */
enum artdag_err ad_make_at(struct ad_maker *m, const struct ad_recipe_node *node,
                           const struct ad_value *config, enum artdag_err rc);

/* A node's config as written, with parameters and expressions filled in; lives as long as the maker. */
enum artdag_err ad_make_config(struct ad_maker *m, const struct ad_recipe_node *node,
                               const struct ad_value **ret);

/* ---- steps ---- */

struct ad_make_step {
    const struct ad_recipe_node *node; /* gives name and place */
    const struct ad_op *op;
    const struct ad_value *config; /* parameters filled in; NULL = none */
    bool normalised;               /* config is that already */
    const uint32_t *inputs;        /* steps, in slot order */
    const char *const
        *slots; /* of inputs, when the op has named slots; NULL = in the op's order */
    size_t input_count;
    uint32_t input;     /* SOURCE */
    const char *suffix; /* of the name: ".0", "" */
    bool helper;        /* nothing that `keep` of the node means */
};
/* Adds one step, or several when its config follows signals (bound.c). Inputs may have been passed from item_steps. */
enum artdag_err ad_make_step(struct ad_maker *m, const struct ad_make_step *want,
                             uint32_t *ret);
/* The same, with a config without binds. */
enum artdag_err ad_make_plain_step(struct ad_maker *m, const struct ad_make_step *want,
                                   uint32_t *ret);
/* bound.c: a step whose config has binds. */
enum artdag_err ad_make_bound_step(struct ad_maker *m, const struct ad_make_step *want,
                                   uint32_t *ret);
/* Frames [start, start + frames) of a step, as a SEGMENT. */
enum artdag_err ad_make_cut(struct ad_maker *m, const struct ad_recipe_node *node,
                            uint32_t step, struct ad_span span, const char *suffix,
                            uint32_t *ret);
/* A SEQUENCE of cuts; seamless: of one shot, which no encoder need notice. */
struct ad_make_sequence {
    const struct ad_recipe_node *node;
    const uint32_t *steps;
    size_t count;
    const char *suffix;
    bool seamless;
};
enum artdag_err ad_make_sequence(struct ad_maker *m, const struct ad_make_sequence *want,
                                 uint32_t *ret);

/* expand_slides.c */
enum artdag_err ad_expand_slideshow(struct ad_maker *m, uint32_t index);
/* expand_time.c: node types of one input that come to several steps; what ad_make_step does for them. */
bool ad_make_is_several(const struct ad_op *op);
enum artdag_err ad_make_several(struct ad_maker *m, const struct ad_make_step *want,
                                uint32_t *ret);
enum artdag_err ad_expand_several(struct ad_maker *m, uint32_t index);

/* ---- expansion ---- */

/* A node that is no step (op->expands): fills in its yield. */
enum artdag_err ad_expand(struct ad_maker *m, uint32_t index);
/* All films of an input, lists as their items, appended. */
enum artdag_err ad_expand_films(struct ad_maker *m, const struct ad_recipe_ref *ref,
                                ad_index_vec *films);

/* expand_cut.c */
enum artdag_err ad_expand_segment_at(struct ad_maker *m, uint32_t index);
enum artdag_err ad_expand_switch(struct ad_maker *m, uint32_t index);
enum artdag_err ad_expand_random_slice(struct ad_maker *m, uint32_t index,
                                       const struct ad_value *config);
/* Cuts items at `times` without the ends, each in turn: what MAP with timing applies its operation to. */
enum artdag_err ad_expand_pieces(struct ad_maker *m, uint32_t index);

/* Items of the inputs in one slot (NULL = all), as one list at the end of m->items. */
enum artdag_err ad_expand_items(struct ad_maker *m, const struct ad_recipe_node *node,
                                const char *slot, struct ad_yield *ret);
/* One more item of the list that is being made. LIMIT when it has too many. */
enum artdag_err ad_expand_push(struct ad_maker *m, struct ad_yield *list, struct ad_item item);
/* The signal that stands in a slot, or NULL. */
enum artdag_err ad_expand_timing(struct ad_maker *m, const struct ad_recipe_node *node,
                                 const char *slot, const struct ad_signal **ret);
/* The config of a node that expands, parameters filled in and normalised; lives as long as the maker. */
enum artdag_err ad_expand_config(struct ad_maker *m, const struct ad_recipe_node *node,
                                 const struct ad_op *op, const struct ad_value **ret);

/* ---- signals (signal.c) ---- */

typedef AD_VEC(int64_t) ad_frame_vec;
/* The times of a signal as frames of what it was taken from, ascending, none twice, none outside 0 .. its length. path says
 * which when the signal holds several ("" = its own feature). */
enum artdag_err ad_signal_times(struct ad_maker *m, const struct ad_signal *signal,
                                struct ad_str path, ad_frame_vec *ret);
/* What of it is meant, under one name each; path "" asks for its own feature. */
struct ad_str ad_signal_feature(const struct ad_signal *signal, struct ad_str path);
/* The signal that a config names (recipe's ad_recipe_signal): an ANALYZE node's, or one made for a film. */
enum artdag_err ad_signal_named(struct ad_maker *m, const struct ad_recipe_signal *named,
                                struct ad_signal *ret);
/* Where the picture or sound of step `index` comes from: frames [span) of an input. UNSUPPORTED when it is not a piece of one. */
struct ad_signal_origin {
    const struct ad_plan_input *input;
    struct ad_span span;
};
enum artdag_err ad_signal_origin(struct ad_maker *m, uint32_t index, struct ad_str feature,
                                 struct ad_signal_origin *ret);
/* The part of an analysis document under a dotted name ("audio.beats.beat_times"), or NULL. */
const struct ad_value *ad_signal_part(const struct ad_value *document, const char *name);
/* "the analysis of music has no beats". */
enum artdag_err ad_signal_missing(struct ad_maker *m, const struct ad_plan_input *input,
                                  struct ad_str feature);

/* ---- binds (follow.c) ---- */

/* The steps, out of `steps`, that a bind takes from low to high, frame by frame. */
struct ad_followed {
    int64_t *levels; /* heap */
    int64_t frames, steps;
    double low, high;
};
/* bind: as written, parameters filled in. Frames of the node, from its first on. */
enum artdag_err ad_follow_bind(struct ad_maker *m, const struct ad_recipe_signal *named,
                               const struct ad_value *bind, int64_t frames,
                               struct ad_followed *ret);
double ad_followed_value(const struct ad_followed *followed, int64_t frame);

/* ---- random numbers (random.c); docs/formats/recipe.md gives them ---- */

uint64_t ad_random(uint64_t seed, uint64_t row, uint64_t n);
uint64_t ad_random_below(uint64_t random, uint64_t limit);

#endif
