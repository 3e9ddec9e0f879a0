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
    const char *analysis_cid; /* text, "" when none */
    const struct ad_value
        *analysis; /* metadata JSON (docs/formats/analysis.md); NULL for a file */
    /* What music and pictures are like, for ANALYZE and binds; NULL = not known. Read while a plan is made and not kept: what
     * it says reaches a plan through the steps made from it. */
    const struct ad_value *features;
    bool file;            /* bytes for filters to read, never analysed as media */
    const char *cid_text; /* of a file in a plan: its cid; need not be given */
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
    /* Canonical; what is hashed: with "revision", for ENCODE "encoding" */
    struct ad_str config_json;
    const struct ad_step_ref *inputs;
    uint32_t input_count;
    uint32_t input;        /* SOURCE: index in plan->inputs */
    uint32_t level;        /* longest way from a source */
    uint32_t line, column; /* in the recipe, for errors; 0 when read from JSON; never hashed */
    bool keep;             /* the recipe wants its result kept; never hashed */
    struct ad_hash32 cache_id;
    struct ad_edge edge;
};

/* What is given away, under the recipe's name for it. Two names may be one step. */
struct ad_plan_output {
    const char *name;
    uint32_t step; /* a deliverable */
};

struct ad_plan {
    struct ad_arena arena;
    const char *name; /* recipe's */
    const char *file; /* the recipe's, for errors; NULL when read from JSON */
    const char *version, *description, *owner; /* the recipe's; "" when not said */
    struct ad_format format;
    struct ad_cid recipe_cid;
    /* Sorted by name: order on the command line does not matter */
    const struct ad_plan_input *inputs;
    size_t input_count;
    const struct ad_source_info *sources; /* parallel to inputs */
    struct ad_step *steps;                /* topological; equal computations are one step */
    size_t step_count;
    uint32_t output; /* step index: the film, or of several outputs the recipe's first */
    /* In the recipe's order, at least one; `output` is among them */
    const struct ad_plan_output *outputs;
    size_t output_count;
    struct ad_hash32 plan_id, run_id;
    const char *toolchain;
};

#define AD_PLAN_FONT "system font"

/* What is to be made of a recipe. */
struct ad_plan_wish {
    const struct ad_plan_input *inputs;
    size_t input_count;
    const struct ad_plan_param *params;
    size_t param_count;
    /* The system's font: taken where a node wants one and gives none; NULL = there is none. Its name is AD_PLAN_FONT */
    const struct ad_plan_input *font;
    const char *target;      /* another node to be the only output; NULL = the recipe's */
    const char *const *only; /* names of outputs; none = all; not with target */
    size_t only_count;
};
/* Makes a plan. Inputs or parameters that the recipe does not know, or that are missing, are INVAL with the
 * nearest name, an unknown target or output NOTFOUND. An output that is not a deliverable gets an ENCODE step with
 * the default profile. Nothing that is passed in need outlive the call. */
enum artdag_err ad_plan_make(const struct ad_recipe *recipe, const struct ad_plan_wish *wish,
                             const struct ad_plan_env *env, struct ad_plan **ret,
                             artdag_error *err);
void ad_plan_destroy(struct ad_plan *plan); /* NULL allowed */

/* How large a proxy is: num/den of the full size. */
struct ad_proxy {
    int64_t num, den;
};
/* "1/4", "0.25", "1": from 1/64 to 1. INVAL. */
enum artdag_err ad_proxy_parse(struct ad_str text, struct ad_proxy *ret, artdag_error *err);
/* The same plan at a lower working size, for quick looks: the same steps, lengths and borders, other sizes and ids. Whatever
 * an op's field table counts in pixels is made smaller: even numbers down to the next even one, other integers
 * to the nearest, none below the field's minimum; encoders get no slower preset than veryfast. Steps that come
 * to be equal become one. env as for the full plan; with ratio 1 the result is the full plan. */
enum artdag_err ad_plan_proxy(const struct ad_plan *full, struct ad_proxy ratio,
                              const struct ad_plan_env *env, struct ad_plan **ret,
                              artdag_error *err);

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
/* For editors: the film as an OpenTimelineIO timeline (JSON); sources are ipfs:// addresses. */
enum artdag_err ad_plan_to_otio(const struct ad_plan *plan, struct ad_buf *buf,
                                artdag_error *err);

/* step_id text: lower-case hex of the cache_id. */
void ad_step_id(const struct ad_step *step, char out[65]);
/* SOURCE stands for its input: it is never looked up and never run. */
bool ad_step_is_source(const struct ad_step *step);

/* The output called name, or NULL. */
const struct ad_plan_output *ad_plan_find_output(const struct ad_plan *plan, const char *name);
/* What file an output is: strings are literals. */
struct ad_file_type {
    const char *extension;  /* "mp4" */
    const char *media_type; /* "video/mp4" */
    const char *kind;       /* "video", "audio" or "image" */
};
enum artdag_err ad_plan_file_type(const struct ad_plan *plan, uint32_t step,
                                  struct ad_file_type *ret, artdag_error *err);

/* ---- ids by themselves (docs/formats/identity.md) ---- */

struct ad_id_input {
    struct ad_str slot;
    struct ad_str id; /* 32 bytes of a cache_id, or a CID's bytes */
};
struct ad_id_fields {
    struct ad_str cluster_key, toolchain, node_type, config_json;
    const struct ad_id_input *inputs;
    size_t input_count;
};
/* scratch (may be NULL) is cleared and used, to save allocations. */
enum artdag_err ad_cache_id(const struct ad_id_fields *fields, struct ad_buf *scratch,
                            struct ad_hash32 *ret, artdag_error *err);
/* Of what a unit renders, wherever its frames are used (docs/decisions/0020-spans.md). unit_json is canonical. */
enum artdag_err ad_unit_id(struct ad_str cluster_key, struct ad_str toolchain,
                           struct ad_str unit_json, struct ad_hash32 *ret, artdag_error *err);
enum artdag_err ad_analysis_id(struct ad_str cluster_key, const struct ad_cid *cid,
                               struct ad_str features_json, struct ad_hash32 *ret,
                               artdag_error *err);

/* ---- strategies ---- */

enum ad_strategy {
    AD_STRATEGY_AUTO, /* steps are fused; what is kept is the film and what pays or has to be */
    AD_STRATEGY_NAIVE /* every step's result is kept by itself */
};
/* A film that is divided: the deliverable that it is, and its spans from 0 to its end. */
struct ad_film {
    uint32_t step;
    const struct ad_span *spans;
    size_t span_count; /* at least one */
};
/* The film of this step, or NULL: it is rendered as a whole. */
const struct ad_film *ad_film_of(const struct ad_film *films, size_t count, uint32_t step);
/* What a strategy makes of a plan before anything is looked up. Read-only; it points into the plan. */
struct ad_shape {
    struct ad_arena arena;
    enum ad_strategy strategy;
    const bool *stored; /* per step: its result is kept. SOURCE: false; an output: true */
    /* Per step that is not stored: should its result be at hand, reading it is cheaper than making it again. NULL = none */
    const bool *worth;
    const struct ad_film *films; /* divided the same for every strategy; ascending steps */
    size_t film_count;
};
enum artdag_err ad_plan_shape(const struct ad_plan *plan, enum ad_strategy strategy,
                              struct ad_shape **ret, artdag_error *err);
void ad_shape_destroy(struct ad_shape *shape); /* NULL allowed */

/* ---- pruning ---- */

enum ad_need {
    AD_NEED_NO,  /* not on any way to an output that must run */
    AD_NEED_HIT, /* its result is at hand and wanted */
    AD_NEED_RUN
};
/* Walks from the outputs. lookup answers for a batch of steps whose results the shape keeps and that are wanted (cache
 * hit whose bytes are fetchable?), or that are worth reading; each is asked at most once, and nothing behind a hit is asked at all. A
 * step that lives inside the units of others and is wanted is RUN; a SOURCE that is wanted is HIT. ret_need has step_count
 * places. A failing lookup ends the walk. */
enum artdag_err ad_plan_prune(const struct ad_plan *plan, const struct ad_shape *shape,
                              enum artdag_err (*lookup)(void *payload, const uint32_t *steps,
                                                        size_t count, bool *ret_known,
                                                        artdag_error *err),
                              void *payload, enum ad_need *ret_need, artdag_error *err);

/* ---- lowering ---- */

enum ad_task_kind {
    AD_TASK_STEP,  /* a whole step in one unit, pictures and sound */
    AD_TASK_SPAN,  /* the pictures of some frames of the film, counted from 0 again: a part */
    AD_TASK_SOUND, /* the sound of the whole film: a part */
    AD_TASK_JOIN,  /* the film from its parts */
    AD_TASK_TRACK /* the sound of a whole SOURCE, as an intermediate that SOUND may read anywhere */
};
/* A task is one unit and the steps it stands for; it may start when the results of `after` exist. STEP and JOIN make the
 * result of `step`; SPAN and SOUND make parts for the JOIN of `step`, whose `after` lists all spans in the order
 * of time, then the sound if there is any. */
struct ad_task {
    enum ad_task_kind kind;
    uint32_t step;
    struct ad_span span; /* SPAN: frames of the film */
    int64_t frames; /* that it renders: STEP its length, SPAN the span's, SOUND and JOIN 0 */
    const uint32_t *after; /* indexes of tasks, ascending */
    size_t after_count;
    const struct ad_work *work; /* what it consists of */
    size_t work_count;
    int64_t cost;  /* estimate in milliseconds, for critical-path priority and for people */
    int64_t bytes; /* estimate of its result's size */
    /* Per step: its result is read, not built again; never of SOURCE */
    const bool *stored;
    /* NULL, or `stored` without what is read only because it happened to be there: its unit has the id that the unit with
     * these would have, so that what was rendered without them is found. */
    const bool *named_by;
    /* SOUND: per step, whether a SOURCE's sound is read from its TRACK; and, once that is made, its CID. NULL = none is. */
    const bool *tracked;
    const char *const *tracks;
    /* Private: what the units of one lowering share, so that a span of a film of n clips does not cost n */
    const struct ad_op_input **calls;
};
struct ad_lowering {
    struct ad_arena arena;
    struct ad_task *tasks; /* topological */
    size_t task_count;
    struct ad_kind *kinds; /* of work, that the tasks consist of */
    size_t kind_count;
    const struct ad_film *films; /* those that have a JOIN */
    size_t film_count;
    const char **
        tracks; /* per step: who runs a TRACK puts its result here, and keeps the text; may be NULL when there is none */
};
/* What must run of a shape; need is from ad_plan_prune. The lowering stands without the shape. */
enum artdag_err ad_lower(const struct ad_plan *plan, const struct ad_shape *shape,
                         const enum ad_need *need, struct ad_lowering **ret, artdag_error *err);
void ad_lowering_destroy(struct ad_lowering *lowering); /* NULL allowed */
typedef AD_VEC(uint32_t) ad_index_vec;
/* ---- estimates: they order the work and tell people how long it takes, and reach no id and no byte ---- */

/* A kind of work, by op and what matters in its config ("ENCODE.web.fast", "decode.h264"), and what one piece of it takes here.
 * Pieces are frames of a million pixels, seconds of sound, units, leaves, or frames that are joined. */
struct ad_kind {
    const char *name;
    double ms, bytes;             /* per piece */
    double prior_ms, prior_bytes; /* the same as measured when this was designed */
};
struct ad_work {
    uint32_t kind;
    float amount; /* pieces */
};
/* What was measured of a kind of work, in total. */
struct ad_rate {
    const char *name;
    double amount, ms, bytes;
};
/* Estimates anew with what was learned. ad_lower itself knows only the design's measurements. */
void ad_lowering_estimate(struct ad_lowering *lowering, const struct ad_rate *rates,
                          size_t count);
/* What a task that took so long and made so many bytes teaches: its time is divided among its kinds of work in the
 * proportion of the estimate. ret_rates has work_count places; gives how many were filled. */
size_t ad_lowering_learn(const struct ad_lowering *lowering, const struct ad_task *task,
                         int64_t ms, int64_t bytes, struct ad_rate *ret_rates);
struct ad_forecast {
    size_t units;
    int64_t frames, bytes;
    int64_t total_ms;    /* one after the other */
    int64_t critical_ms; /* the longest way, which no number of jobs shortens */
    int64_t elapsed_ms;  /* with so many jobs: not less than either allows */
};
/* known[i] (may be NULL): task i will be found and not run. */
enum artdag_err ad_lowering_forecast(const struct ad_lowering *lowering, const bool *known,
                                     unsigned jobs, struct ad_forecast *ret, artdag_error *err);

/* The unit of a task once its inputs are known: cids[i] is the output CID text of step i (steps that the unit
 * reads). touched (may be NULL; heap, appended): the steps whose fragments are in the unit; one may occur twice. The unit lives in
 * arena, cids may go. Thread-safe on one plan with different arenas. INVAL when a CID is missing. Not for JOIN. */
enum artdag_err ad_lower_unit(const struct ad_plan *plan, const struct ad_task *task,
                              const char *const *cids, ad_index_vec *touched,
                              struct ad_arena *arena, struct ad_unit *ret, artdag_error *err);
/* The job of a JOIN but for its inputs: kind, the unit (sizes, exact lengths and settings of the film, no graphs) and the
 * frames of each span. In arena. */
enum artdag_err ad_lower_join(const struct ad_plan *plan, const struct ad_lowering *lowering,
                              const struct ad_task *task, struct ad_arena *arena,
                              struct ad_job *ret, artdag_error *err);

#endif
