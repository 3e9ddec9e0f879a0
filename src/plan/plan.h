/* SPDX-License-Identifier: MIT
 *
 * The door of room plan: recipe + inputs -> plan, identities, pruning, lowering to units. PURE: no I/O, clock,
 * locale or environment. Linear in the number of steps: 1,000,000 steps in 10 s and 1.5 GB. docs/formats/plan.md and
 * docs/formats/identity.md give the bytes. A finished plan is read-only, so threads may share it.
 */
#ifndef AD_PLAN_PLAN_H
#define AD_PLAN_PLAN_H

#include "base/base.h"
#include "cid/cid.h"
#include "doc/doc.h"
#include "graph/graph.h"
#include "ops/ops.h"
#include "recipe/recipe.h"

#define AD_PLAN_ID_BYTES 32
struct ad_hash32 {
    uint8_t bytes[32]; /* same layout as state's struct ad_id */
};

/* One registered input. */
struct ad_plan_input {
    const char *name; /* as given: the SOURCE's id or title, or the asset's name */
    struct ad_cid cid;
    const char *analysis_cid;        /* text, "" when none */
    const struct ad_value *analysis; /* metadata JSON (docs/formats/analysis.md) */
};

struct ad_plan_param {
    const char *name;
    const char *value; /* as typed on the command line; parsed by the declared type */
};

struct ad_plan_env {
    struct ad_str cluster_key; /* secret; only hashed */
    const char *toolchain;     /* identity of the media program's libraries */
    struct ad_cid recipe_cid;  /* for the document; never hashed */
};

struct ad_step_ref {
    const char *slot;
    uint32_t step; /* index in plan->steps, smaller than the user's own */
};

struct ad_step {
    const char *name; /* recipe.node */
    const struct ad_op *op;
    const struct ad_value *config; /* normalised, final */
    struct ad_str
        config_json; /* canonical; what is hashed: with "revision", for ENCODE "encoding" */
    const struct ad_step_ref *inputs;
    uint32_t input_count;
    uint32_t input;        /* SOURCE: index in plan->inputs */
    uint32_t level;        /* longest way from a source */
    uint32_t line, column; /* in the recipe, for errors; 0 when read from JSON; never hashed */
    struct ad_hash32 cache_id;
    struct ad_edge edge;
};

struct ad_plan {
    struct ad_arena arena;
    const char *name; /* recipe's */
    const char *file; /* the recipe's, for errors; NULL when read from JSON */
    const char *version, *description, *owner; /* the recipe's; "" when not said */
    struct ad_format format;
    struct ad_cid recipe_cid;
    const struct ad_plan_input
        *inputs; /* sorted by name: order on the command line does not matter */
    size_t input_count;
    const struct ad_source_info *sources; /* parallel to inputs */
    struct ad_step *steps;                /* topological; equal computations are one step */
    size_t step_count;
    uint32_t output; /* step index */
    struct ad_hash32 plan_id, run_id;
    const char *toolchain;
};

/* Makes a plan. Inputs or parameters that the recipe does not know, or that are missing, are INVAL with the
 * nearest name. target (may be NULL) names another node to be the output (NOTFOUND). An output that is not
 * a deliverable gets an ENCODE step with the default profile. Nothing that is passed in need outlive the call. */
enum artdag_err ad_plan_make(const struct ad_recipe *recipe, const struct ad_plan_input *inputs,
                             size_t input_count, const struct ad_plan_param *params,
                             size_t param_count, const char *target,
                             const struct ad_plan_env *env, struct ad_plan **ret,
                             artdag_error *err);
void ad_plan_destroy(struct ad_plan *plan); /* NULL allowed */

/* The plan document: canonical JSON. from_json checks everything, recomputes every id with env and refuses a plan
 * whose ids differ (CORRUPT), or that was made for other media libraries (UNSUPPORTED). */
enum artdag_err ad_plan_to_json(const struct ad_plan *plan, struct ad_buf *buf,
                                artdag_error *err);
enum artdag_err ad_plan_from_json(struct ad_str json, const struct ad_plan_env *env,
                                  struct ad_plan **ret, artdag_error *err);

/* For people: Graphviz or Mermaid text. */
enum artdag_err ad_plan_to_dot(const struct ad_plan *plan, struct ad_buf *buf,
                               artdag_error *err);
enum artdag_err ad_plan_to_mermaid(const struct ad_plan *plan, struct ad_buf *buf,
                                   artdag_error *err);

/* step_id text: lower-case hex of the cache_id. */
void ad_step_id(const struct ad_step *step, char out[65]);
/* SOURCE stands for its input: it is never looked up and never run. */
bool ad_step_is_source(const struct ad_step *step);

/* ---- ids by themselves (docs/formats/identity.md) ---- */

struct ad_id_input {
    struct ad_str slot;
    struct ad_str id; /* 32 bytes of a cache_id, or a CID's bytes */
};
/* scratch (may be NULL) is cleared and used, to save allocations. */
enum artdag_err ad_cache_id(struct ad_str cluster_key, struct ad_str toolchain,
                            struct ad_str node_type, struct ad_str config_json,
                            const struct ad_id_input *inputs, size_t count,
                            struct ad_buf *scratch, struct ad_hash32 *ret, artdag_error *err);
enum artdag_err ad_analysis_id(struct ad_str cluster_key, const struct ad_cid *cid,
                               struct ad_str features_json, struct ad_hash32 *ret,
                               artdag_error *err);

/* ---- pruning ---- */

enum ad_need {
    AD_NEED_NO,  /* not on any way to the output that must run */
    AD_NEED_HIT, /* its result is at hand and wanted */
    AD_NEED_RUN
};
/* Walks from the output. lookup answers for a batch of step indexes whose results are wanted (cache hit whose
 * bytes are fetchable?); each step is asked at most once, SOURCE never, and nothing behind a hit is asked at all.
 * ret_need has step_count places; SOURCE steps that are wanted are HIT. A failing lookup ends the walk. */
enum artdag_err ad_plan_prune(const struct ad_plan *plan,
                              enum artdag_err (*lookup)(void *payload, const uint32_t *steps,
                                                        size_t count, bool *ret_known,
                                                        artdag_error *err),
                              void *payload, enum ad_need *ret_need, artdag_error *err);

/* ---- lowering ---- */

/* A task is one unit and the steps it stands for; it may start when the results of `after` exist. */
struct ad_task {
    uint32_t step;         /* whose result it makes */
    const uint32_t *after; /* indexes of tasks, ascending */
    size_t after_count;
    int64_t cost; /* estimate in milliseconds of CPU, for critical-path priority */
};
struct ad_lowering {
    struct ad_arena arena;
    struct ad_task *tasks; /* topological */
    size_t task_count;
};
enum artdag_err ad_lower(const struct ad_plan *plan, const enum ad_need *need,
                         struct ad_lowering **ret, artdag_error *err);
void ad_lowering_destroy(struct ad_lowering *lowering); /* NULL allowed */
/* The unit of a task once its inputs are known: cids[i] is the output CID text of step i (steps that the unit
 * reads). The unit lives in arena, cids may go. Thread-safe on one plan. INVAL when a CID is missing. */
enum artdag_err ad_lower_unit(const struct ad_plan *plan, const struct ad_task *task,
                              const char *const *cids, struct ad_arena *arena,
                              struct ad_unit *ret, artdag_error *err);

#endif
