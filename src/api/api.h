/* SPDX-License-Identifier: MIT
 *
 * The door of room api, for its own files only: what the public handle is, and the checks that every
 * exported function makes before it calls inward.
 */
#ifndef AD_API_API_H
#define AD_API_API_H

#include <artdag/artdag.h>

#include "pipeline/pipeline.h"

struct artdag_site {
    struct ad_site *inner;
    const char *key_warning;
    artdag_log log; /* a copy of the caller's, or a silent one */
    int (*canceled)(void *payload);
    void *cancel_payload;
};

/* Settings resolved from params, environment, configuration file and defaults. Owned strings. */
struct ad_settings {
    char *home, *store, *state, *cluster_key, *media_program, *font, *cpu_flags;
    char *config; /* the file that was read, or NULL */
    size_t cluster_key_len;
    unsigned jobs;
};
enum artdag_err ad_settings_resolve(const artdag_site_params *params, struct ad_settings *ret,
                                    artdag_error *err);
void ad_settings_fini(struct ad_settings *settings);      /* wipes the key */
const char *ad_key_weakness(const char *key, size_t len); /* NULL = strong or empty */

/* Misuse: INVAL, and a failed assertion in debug builds is not wanted at an ABI border. */
enum artdag_err ad_api_misuse(artdag_error *err, const char *function, const char *what);
#ifdef __clang_analyzer__ /* as in base/error.h */
#define ad_api_misuse(err, function, what)                                                     \
    ((void)(ad_api_misuse)(err, function, what), ARTDAG_E_INVAL)
#endif

/* Copies text of a document to the caller; buf is emptied. */
enum artdag_err ad_api_take(struct ad_buf *buf, char **ret, artdag_error *err);

artdag_cid ad_api_cid(const struct ad_cid *cid);
enum artdag_err ad_api_parse_cid(const char *text, struct ad_cid *ret, artdag_error *err);

/* What to plan, as the pipeline takes it. It points into itself and into params, and is ended also after a failure. */
struct ad_api_request {
    struct ad_plan_request plan;
    struct ad_named *inputs, *values, *analyses;
    artdag_recipe_params params;
};
enum artdag_err ad_api_request(const artdag_recipe_params *params, struct ad_api_request *ret,
                               artdag_error *err);
void ad_api_request_fini(struct ad_api_request *request);

/* Plans a recipe as asked for; *ret is destroyed by the caller. */
enum artdag_err ad_api_plan(artdag_site *site, const artdag_recipe_params *params,
                            struct ad_plan **ret, struct ad_cid *ret_cid, artdag_error *err);

/* ---- outputs.c ---- */
/* The outputs of a plan and where they are to be written, before anything is rendered: names that it does not have
 * and one path for several outputs are INVAL. */
enum artdag_err ad_api_outputs(const struct ad_plan *plan, const artdag_execute_params *params,
                               artdag_run_result *result, artdag_error *err);
/* Takes over their CIDs and writes the files, unless dry. */
enum artdag_err ad_api_outputs_done(artdag_site *site, const struct ad_plan *plan,
                                    const struct ad_execute_result *done, bool dry,
                                    artdag_run_result *result, artdag_error *err);
void ad_api_outputs_fini(artdag_run_result *result);

/* ---- track.c: the engine's decisions and events as public views. Events come one at a time. ---- */
struct ad_tracker {
    const struct ad_plan *plan;
    const artdag_execute_params *params;
    int64_t start_ms;
    const struct ad_lowering *lowering; /* good while the run lasts */
    int64_t *
        frames; /* per task, done so far (of tasks without frames: 1 when done); heap; NULL = not counted */
    int64_t run_done, run_total;
    int64_t cost_done, cost_total; /* estimated milliseconds */
    int64_t decided_ms;
    size_t units_done;
    artdag_forecast forecast;
};
void ad_track_decision(void *payload, const struct ad_decision *decision);
void ad_track_event(void *payload, const struct ad_exec_event *event);

#define AD_DOC_BYTES_MAX ((size_t)4 << 30)

#endif
