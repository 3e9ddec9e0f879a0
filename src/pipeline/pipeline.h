/* SPDX-License-Identifier: MIT
 *
 * The door of room pipeline: the functions of the seed over one site: register, analyze, plan, execute, run. It is where store, state,
 * planner and engine meet; it owns no algorithm of its own. A site may be used from one thread at a time.
 */
#ifndef AD_PIPELINE_PIPELINE_H
#define AD_PIPELINE_PIPELINE_H

#include "base/base.h"
#include "exec/exec.h"
#include "plan/plan.h"
#include "recipe/recipe.h"
#include "state/state.h"
#include "store/store.h"

/* Everything a site is configured by. NULL / 0 = the default; the environment is read by the caller (src/api), never here. */
struct ad_site_params {
    /* Folder of store, state, stat cache; created when missing. Must be set */
    const char *home;
    const char *store_url; /* NULL = fs:HOME/store */
    const char *state_url; /* NULL = sqlite:HOME/state.db */
    /* May be empty: a domain of its own, with a warning by the caller */
    struct ad_str cluster_key;
    const char *media_program; /* NULL = found beside the program */
    const char *cpu_flags;     /* tests of law 3 */
    const char *font;          /* path or CID; NULL = looked for */
    unsigned jobs;
    bool rehash; /* do not trust the stat cache */
    const artdag_log *log;
    bool (*canceled)(void *payload);
    void *cancel_payload;
};
struct ad_site;
enum artdag_err ad_site_open(const struct ad_site_params *params, struct ad_site **ret,
                             artdag_error *err); /* opens store and state; starts no process */
void ad_site_close(struct ad_site *site);        /* NULL allowed */
struct ad_store *ad_site_store(struct ad_site *site);
struct ad_state *ad_site_state(struct ad_site *site);
struct ad_exec *ad_site_exec(struct ad_site *site);

/* register: a path, a CID or an ipfs:// address -> CID. Unchanged files are recognised by the stat cache and not read. */
enum artdag_err ad_register_input(struct ad_site *site, const char *path_or_cid,
                                  struct ad_cid *ret, artdag_error *err);
/* The same for a file that a filter reads. LIMIT when it is longer than AD_FILE_BYTES_MAX. */
enum artdag_err ad_register_file(struct ad_site *site, const char *path_or_cid,
                                 struct ad_cid *ret, artdag_error *err);
/* The font of those who give none: the setting's, or the first that there is of a list of places. NOTFOUND. */
enum artdag_err ad_register_font(struct ad_site *site, struct ad_cid *ret, artdag_error *err);
/* Reads a recipe with what it includes; nothing is stored. */
enum artdag_err ad_read_recipe(struct ad_site *site, const char *path_or_cid,
                               struct ad_recipe **ret, artdag_error *err);
/* The same, and stores it, with CIDs in the place of included paths; *ret_cid is that of the stored text. */
enum artdag_err ad_register_recipe(struct ad_site *site, const char *path_or_cid,
                                   struct ad_recipe **ret, struct ad_cid *ret_cid,
                                   artdag_error *err);

/* The metadata of an input (docs/formats/analysis.md), from the cache or made now: what planning needs to know. buf's content is
 * replaced. Failures are never cached. */
enum artdag_err ad_metadata(struct ad_site *site, const struct ad_cid *cid, struct ad_buf *buf,
                            struct ad_cid *ret_metadata, artdag_error *err);

/* analyze: what is in several inputs. Every feature is kept by itself, by CID, settings and revision; what is missing is
 * found in one decoding of each stream, all in parallel. A feature of sound asked of a silent input is MEDIA, unless all
 * features are asked for. */
struct ad_analyze_item {
    struct ad_cid cid; /* of a registered input */
    const char *name;  /* put in front of errors; NULL = nothing is */
    unsigned features; /* AD_FEATURE_BIT(...); metadata comes along */
    /* Results: ended with ad_analyze_item_fini, also after a failure */
    struct ad_buf metadata, document;
    struct ad_cid metadata_cid, document_cid;
};
struct ad_analyze_progress {
    const char *name;    /* of the item */
    bool sound;          /* samples are counted, else frames */
    int64_t done, total; /* of this stream */
};
struct ad_analyze_request {
    struct ad_analyze_item *items;
    size_t count;
    const struct ad_feature_settings *settings; /* NULL = the defaults */
    /* One call at a time, from any thread; NULL */
    void (*progress)(void *payload, const struct ad_analyze_progress *progress);
    void *payload;
};
enum artdag_err ad_analyze(struct ad_site *site, const struct ad_analyze_request *request,
                           artdag_error *err);
/* A picture of what was found in an item, as PNG in place of buf's content: waveform and beats, curves, film strip and cuts. */
enum artdag_err ad_plot(struct ad_site *site, const struct ad_analyze_item *item,
                        struct ad_buf *png, artdag_error *err);
void ad_analyze_item_fini(struct ad_analyze_item *item); /* NULL allowed */

/* plan: registers and analyses what the recipe needs, then makes and stores the plan. */
struct ad_named {
    const char *name, *value;
};
struct ad_plan_request {
    const char *recipe;            /* path or CID */
    const struct ad_named *inputs; /* NAME = path or CID */
    size_t input_count;
    const struct ad_named *analyses; /* NAME of an input = path or CID of what is known of it */
    size_t analysis_count;
    const struct ad_named *params;
    size_t param_count;
    const char *proxy;       /* "1/4": a lower working size; NULL = full size */
    const char *target;      /* NULL = the recipe's outputs */
    const char *const *only; /* names of outputs; none = all */
    size_t only_count;
    /* What is searched for the recipe; one call at a time, from any thread; NULL */
    void (*analyzing)(void *payload, const struct ad_analyze_progress *progress);
    void *payload;
};
enum artdag_err ad_make_plan(struct ad_site *site, const struct ad_plan_request *request,
                             struct ad_plan **ret, struct ad_cid *ret_plan_cid,
                             artdag_error *err);
/* The media inputs of a recipe, registered, as items for ad_analyze: with these features, or for 0 with those that the recipe
 * asks for. *ret and the names in it live in arena, which the caller made. */
enum artdag_err ad_list_inputs(struct ad_site *site, const struct ad_plan_request *request,
                               unsigned features, struct ad_arena *arena,
                               struct ad_analyze_request *ret, artdag_error *err);
/* proxy as above: another plan is made of the one that was read, and stored. */
enum artdag_err ad_load_plan(struct ad_site *site, const char *path_or_cid, const char *proxy,
                             struct ad_plan **ret, struct ad_cid *ret_plan_cid,
                             artdag_error *err);

/* What is to be done about a plan, and what that will take. */
struct ad_decision {
    const enum ad_need *need; /* per step */
    char *const *cids;        /* per step; may be NULL */
    const struct ad_lowering *lowering;
    /* Per task, of a dry run: its unit was rendered before and will be found; NULL = nobody looked */
    const bool *known;
    struct ad_forecast forecast;
    unsigned jobs;
};

/* execute: prune, lower, run, record. dry_run only says what would happen. */
struct ad_execute_request {
    const struct ad_plan *plan;
    struct ad_cid plan_cid;
    enum ad_strategy strategy; /* the film is the same */
    bool dry_run;
    /* Called once, when it is known what is a hit and what has to run. May be NULL. */
    void (*decided)(void *payload, const struct ad_decision *decision);
    void (*event)(void *payload, const struct ad_exec_event *event);
    void *payload;
};
struct ad_execute_result {
    /* Of plan->output; the others are in cids. Not set for a dry run that has something to do */
    struct ad_cid output;
    size_t steps_total, steps_cached, steps_executed, units_executed;
    enum ad_need *need; /* per step, heap, the caller frees with free() */
    char **cids;        /* per step or NULL, heap; freed by ad_execute_result_fini */
    size_t step_count;
    int64_t elapsed_ms;
};
enum artdag_err ad_execute(struct ad_site *site, const struct ad_execute_request *request,
                           struct ad_execute_result *ret, artdag_error *err);
void ad_execute_result_fini(struct ad_execute_result *result);

#endif
