/* SPDX-License-Identifier: MIT
 *
 * Private to plan: a plan being made, from a recipe or from a document.
 */
#ifndef AD_PLAN_PLANNER_H
#define AD_PLAN_PLANNER_H

#include "plan/plan.h"

#define ROOM "plan"
#define AD_PLAN_NONE UINT32_MAX

struct ad_planner {
    struct ad_plan *plan;
    struct ad_str cluster_key;
    struct ad_arena scratch; /* of one step */
    struct ad_buf json, preimage;
    AD_VEC(struct ad_op_input) op_inputs;
    AD_VEC(struct ad_id_input) id_inputs;
    struct ad_slot_names slots;
    struct ad_map keys; /* config keys that live in the plan's arena */
    size_t capacity;    /* of plan->steps; grows */
    uint32_t *table;    /* open addressing by cache_id: step index + 1; 0 = free */
    size_t table_mask;
};

/* A step about to be added. */
struct ad_draft {
    const struct ad_op *op;
    const struct ad_value *config;    /* normalised, or final */
    const struct ad_step_ref *inputs; /* slots good during the call */
    uint32_t input_count;
    uint32_t input; /* SOURCE */
};

/* An empty plan with room for `capacity` steps, and for more when they come. fini leaves planner->plan alone. */
enum artdag_err ad_planner_init(struct ad_planner *planner, size_t capacity,
                                const struct ad_plan_env *env, artdag_error *err);
void ad_planner_fini(struct ad_planner *planner);
/* Takes over inputs (copied, sorted by name) and reads their analyses. */
enum artdag_err ad_planner_inputs(struct ad_planner *planner,
                                  const struct ad_plan_input *inputs, size_t count,
                                  artdag_error *err);
/* Finishes the config, measures the edge, computes the id. *ret_step is the new step, or the one that is there with
 * this id already (*ret_new false). The new step has neither name nor position yet. */
enum artdag_err ad_planner_add(struct ad_planner *planner, const struct ad_draft *draft,
                               uint32_t *ret_step, bool *ret_new, artdag_error *err);
/* Leaves out what no step with a mark stands on: marks has a place per step and is used up. Indexes change:
 * ret_moved[old] (a place per step) is the new one, or AD_PLAN_NONE. Afterwards nothing can be added or found. */
enum artdag_err ad_planner_keep(struct ad_planner *planner, bool *marks, uint32_t *ret_moved,
                                artdag_error *err);
/* The step with this id, or AD_PLAN_NONE. */
uint32_t ad_planner_find(const struct ad_planner *planner, const struct ad_hash32 *id);

/* Working format: what the recipe says, else the first video input in file order, else defaults. bound: see
 * ad_recipe_bind, with plan->inputs for names. reach: the nodes whose inputs count. */
enum artdag_err ad_plan_format(const struct ad_plan *plan, const struct ad_recipe *recipe,
                               const uint32_t *bound, const bool *reach, struct ad_format *ret,
                               artdag_error *err);

/* plan_id and run_id of a plan whose steps stand. */
enum artdag_err ad_plan_ids(struct ad_plan *plan, struct ad_str cluster_key, artdag_error *err);
/* Writes the format as the documents hold it. */
void ad_plan_write_format(const struct ad_format *format, struct ad_json_writer *w);

/* config with "revision" and, for ops that encode, "encoding": appended to buf as canonical JSON. */
enum artdag_err ad_config_json(const struct ad_op *op, const struct ad_op_call *call,
                               struct ad_arena *scratch, struct ad_buf *buf, artdag_error *err);

/* What an op is called with for step i. inputs must have room for its input_count. */
struct ad_op_call ad_plan_call(const struct ad_plan *plan, const struct ad_step *step,
                               struct ad_op_input *inputs, struct ad_arena *arena);

/* ---- cost (cost.c) ---- */

/* Told of every part of some work: how many pieces of which kind. The kind is good during the call. */
typedef void (*ad_cost_fn)(void *payload, const struct ad_kind *kind, double amount);
/* The media that a task makes. */
struct ad_media {
    bool video, audio;
};
/* What the op itself takes for so many frames. */
void ad_cost_op(const struct ad_plan *plan, const struct ad_step *step, int64_t frames,
                struct ad_media media, ad_cost_fn fn, void *payload);
/* Reading so many frames: of a file (with its conforming), or of a kept result. */
void ad_cost_read(const struct ad_plan *plan, const struct ad_step *step, int64_t frames,
                  struct ad_media media, ad_cost_fn fn, void *payload);
/* Writing a kept result that is no film. */
void ad_cost_keep(const struct ad_plan *plan, const struct ad_step *step, int64_t frames,
                  ad_cost_fn fn, void *payload);
void ad_cost_unit(ad_cost_fn fn, void *payload);
void ad_cost_join(int64_t frames, ad_cost_fn fn, void *payload);

/* Collects the work of a task. */
struct ad_work_sum {
    struct ad_arena *arena; /* of the lowering */
    AD_VEC(struct ad_kind) kinds;
    struct ad_map numbers;       /* name -> place in kinds */
    AD_VEC(struct ad_work) work; /* of the task being made */
    AD_VEC(uint32_t) places;     /* per kind: place in work + 1; 0 = none yet */
};
/* An ad_cost_fn; payload: struct ad_work_sum. */
void ad_work_add(void *payload, const struct ad_kind *kind, double amount);
/* Puts the work into the task and begins anew. False: no memory. */
bool ad_work_take(struct ad_work_sum *sum, struct ad_task *task);
bool ad_work_finish(struct ad_work_sum *sum, struct ad_lowering *lowering);
void ad_work_fini(struct ad_work_sum *sum);

/* The frames of input i that a cut needs read, [from, to); all of them for every other op. */
struct ad_span ad_plan_reads(const struct ad_plan *plan, const struct ad_step *step,
                             const struct ad_op_call *call, uint32_t i);
/* The borders at which the frames of a film are divided, for every strategy the same. The list lives in arena. */
enum artdag_err ad_plan_spans(const struct ad_plan *plan, uint32_t film, struct ad_arena *arena,
                              const struct ad_span **ret, size_t *ret_count, artdag_error *err);

#endif
