/* SPDX-License-Identifier: MIT
 *
 * The pipeline: register, plan, execute, and all of it at once (analyze: artdag/analyze.h). Documents come as JSON text
 * (docs/formats/), results as structs.
 */
#ifndef ARTDAG_RUN_H
#define ARTDAG_RUN_H

#include <stddef.h>
#include <stdint.h>

#include <artdag/cid.h>
#include <artdag/site.h>

ARTDAG_BEGIN_DECLS

#define ARTDAG_ID_TEXT_BYTES 65 /* 64 hexadecimal digits and NUL */

/* A name and a value: an input (path or CID) or a parameter. */
typedef struct artdag_named {
    const char *name;
    const char *value;
} artdag_named;

/* register: a path or CID of an input -> its CID in the store. */
ARTDAG_API enum artdag_err artdag_register_input(artdag_site *site, const char *path_or_cid,
                                                 artdag_cid *ret, artdag_error *err);

/* How far the search for a feature is. */
typedef struct artdag_analyze_progress {
    const char *input;   /* its name */
    int sound;           /* not 0: samples are counted, else frames */
    int64_t done, total; /* of this stream */
} artdag_analyze_progress;

/* What to plan or run. */
typedef struct artdag_recipe_params {
    size_t size;
    const char *recipe;         /* path or CID */
    const artdag_named *inputs; /* several under one name are the files of a SOURCE_LIST */
    size_t input_count;
    const artdag_named *params;
    size_t param_count;
    const artdag_named *analyses; /* name of an input = path or CID of an analysis of it */
    size_t analysis_count;
    /* "1/4" or "0.25": the same film at a lower working size, for quick looks; NULL = full size */
    const char *proxy;
    const char
        *target; /* a node to render instead of the recipe's outputs; NULL = the outputs */
    const char *const *only; /* names of outputs to render; none = all; not with target */
    size_t only_count;
    /* Told while what the recipe follows (beats, energy, cuts) is searched for in its inputs; one call at a time; NULL */
    void (*analyzing)(void *payload, const artdag_analyze_progress *progress);
    void *payload;
} artdag_recipe_params;
#define ARTDAG_RECIPE_PARAMS_INIT                                                              \
    {                                                                                          \
        .size = sizeof(artdag_recipe_params)                                                   \
    }

enum artdag_plan_form {
    ARTDAG_PLAN_JSON,
    ARTDAG_PLAN_DOT,
    ARTDAG_PLAN_MERMAID,
    ARTDAG_PLAN_OTIO /* OpenTimelineIO JSON: which frames of which input are seen when */
};

/* plan: registers and analyses what the recipe needs, makes the plan, stores it. ret_text (may be NULL)
 * gets it in the form asked for, freed with artdag_free. Recipe errors are FORMAT, INVAL or CYCLE with
 * file:line:column. */
ARTDAG_API enum artdag_err artdag_plan(artdag_site *site, const artdag_recipe_params *params,
                                       enum artdag_plan_form form, artdag_cid *ret_plan_cid,
                                       char **ret_text, artdag_error *err);

enum artdag_step_state {
    ARTDAG_STEP_STARTED,
    ARTDAG_STEP_PROGRESS,
    ARTDAG_STEP_DONE,
    ARTDAG_STEP_FAILED
};
/* A unit is what one media process renders: a whole step, the pictures of a span of the film, its sound, or the
 * film put together from them. */
enum artdag_unit_kind {
    ARTDAG_UNIT_STEP,
    ARTDAG_UNIT_SPAN,
    ARTDAG_UNIT_SOUND,
    ARTDAG_UNIT_JOIN
};
typedef struct artdag_progress {
    enum artdag_step_state state;
    enum artdag_unit_kind unit;
    const char *step; /* name: recipe.node */
    const char *node_type;
    const char *cid;                           /* DONE, else "" */
    int known;                                 /* DONE: it was found and not rendered */
    int64_t first_frame;                       /* SPAN: where in the film it begins */
    int64_t frames_done, frames_total;         /* of this unit */
    int64_t run_frames_done, run_frames_total; /* of everything that is to be rendered */
    size_t units_done, units_total;
    int64_t elapsed_ms;
    int64_t left_ms; /* an estimate; -1 = unknown */
} artdag_progress;

/* What one step of a plan is and what became of it. */
enum artdag_step_need {
    ARTDAG_NEED_NOTHING,
    ARTDAG_NEED_HIT,
    ARTDAG_NEED_RUN
};
typedef struct artdag_step_view {
    const char *name, *node_type, *step_id;
    const char *cid; /* "" when unknown */
    int64_t frames;
    enum artdag_step_need need; /* nothing: not looked at, what needs it is a hit */
} artdag_step_view;

/* What one unit is and what it is estimated to take, by what runs before it took here. */
typedef struct artdag_unit_view {
    enum artdag_unit_kind unit;
    const char *step, *node_type;
    int64_t first_frame, frames; /* of the film */
    int known; /* dry run: it was rendered before, for whatever film, and would be found */
    int64_t estimate_ms, estimate_bytes;
} artdag_unit_view;

/* What a run is estimated to take. Estimates reach no id and no byte. */
typedef struct artdag_forecast {
    size_t units; /* to be rendered */
    int64_t frames, bytes;
    int64_t total_ms;    /* one unit after the other */
    int64_t critical_ms; /* the longest way, which no number of jobs shortens */
    int64_t elapsed_ms;  /* with the site's number of jobs */
    unsigned jobs;
} artdag_forecast;

typedef struct artdag_execute_params {
    size_t size;
    int dry_run; /* look up everything, run nothing */
    int naive;   /* keep every step's result instead of fusing them; the film is the same */
    const char
        *proxy; /* artdag_execute_plan: at this part of the plan's size; NULL = full size */
    const char *output; /* write the only output to this path too; NULL = not */
    /* Write outputs to files too: name = the output's, value = path */
    const artdag_named *files;
    size_t file_count;
    const char
        *folder; /* write every output to NAME.EXTENSION in this folder too; NULL = not */
    void (*progress)(void *payload,
                     const artdag_progress *progress); /* one call at a time; NULL */
    void (*step)(void *payload,
                 const artdag_step_view *step); /* once per step before running; NULL */
    void (*unit)(void *payload,
                 const artdag_unit_view *unit); /* once per unit before running; NULL */
    void *payload;
} artdag_execute_params;
#define ARTDAG_EXECUTE_PARAMS_INIT                                                             \
    {                                                                                          \
        .size = sizeof(artdag_execute_params)                                                  \
    }

typedef struct artdag_run_input {
    char name[128];
    artdag_cid cid;
} artdag_run_input;

/* One thing that a recipe gives away. */
typedef struct artdag_run_output {
    char name[208];
    const char *media_type; /* "video/mp4"; never freed */
    const char *extension;  /* "mp4"; never freed */
    artdag_cid cid;         /* "" after a dry run when it has to be rendered */
    char step_id[ARTDAG_ID_TEXT_BYTES];
    int64_t frames;
    char *path; /* where it was, or would be, written; NULL = nowhere */
} artdag_run_output;

/* What came out. Owned by the caller, who frees its lists through artdag_run_result_fini. */
typedef struct artdag_run_result {
    artdag_cid
        output_cid; /* of the first output; "" after a dry run that has something to do */
    artdag_cid plan_cid, recipe_cid;
    char run_id[ARTDAG_ID_TEXT_BYTES], plan_id[ARTDAG_ID_TEXT_BYTES];
    artdag_run_input *inputs;
    size_t input_count;
    artdag_run_output *outputs; /* in the recipe's order */
    size_t output_count;
    size_t steps_total, steps_cached, steps_executed, units_executed;
    int64_t frames;           /* of the first output */
    int64_t fps_num, fps_den; /* duration = frames * fps_den / fps_num seconds */
    int64_t elapsed_ms;
    artdag_forecast forecast; /* made before anything was rendered */
} artdag_run_result;
ARTDAG_API void artdag_run_result_fini(artdag_run_result *result); /* NULL allowed */

/* execute: a plan by path or CID. A failed step is the error returned, with its node and recipe line;
 * what was finished stays cached. */
ARTDAG_API enum artdag_err artdag_execute_plan(artdag_site *site, const char *plan,
                                               const artdag_execute_params *params,
                                               artdag_run_result *ret, artdag_error *err);

/* run: the whole way from recipe and inputs to the film. params may not be NULL; execute may. */
ARTDAG_API enum artdag_err artdag_run_recipe(artdag_site *site,
                                             const artdag_recipe_params *params,
                                             const artdag_execute_params *execute,
                                             artdag_run_result *ret, artdag_error *err);

/* why: explains a step of a plan against the nearest step known here, as JSON text: whether it is a
 * hit, and field by field what differs. step is a step name ("recipe.node" or "node") or an id. */
ARTDAG_API enum artdag_err artdag_why(artdag_site *site, const artdag_recipe_params *params,
                                      const char *step, char **ret_json, artdag_error *err);

/* runs: the newest runs first as JSON text: a list of at most limit (0 = all); with run set (id or a
 * prefix of it), that one with its steps. */
ARTDAG_API enum artdag_err artdag_runs(artdag_site *site, const char *run, size_t limit,
                                       char **ret_json, artdag_error *err);

ARTDAG_END_DECLS

#endif
