/* SPDX-License-Identifier: MIT
 *
 * The door of room exec: supervises media processes, serves them blocks, runs tasks in critical-path order. The engine `local`.
 * A handle may be used from one thread at a time; it starts its own.
 */
#ifndef AD_EXEC_EXEC_H
#define AD_EXEC_EXEC_H

#include "base/base.h"
#include "graph/graph.h"
#include "plan/plan.h"
#include "state/state.h"
#include "store/store.h"

struct ad_exec;

struct ad_exec_params {
    struct ad_store *store;
    struct ad_state *state; /* claims and results; NULL = neither shared nor recorded */
    /* NULL = beside the running program, then the installed libexec folder */
    const char *media_program;
    /* Where the toolchain identity is remembered (checked by stat of every library it
     * names); NULL = not */
    const char *cache_folder;
    struct ad_str cluster_key; /* secret, copied: enters the ids of units */
    unsigned jobs;             /* media processes at once; 0 = cores */
    const char *cpu_flags;     /* NULL, or forced on every media process: tests of law 3 */
    int64_t silence_ms; /* a job that says nothing for so long is killed; 0 = ten minutes */
    const artdag_log *log;
    /* Asked between messages, from any thread: true stops everything (CANCELED). May be NULL. */
    bool (*canceled)(void *payload);
    void *cancel_payload;
};

enum artdag_err ad_exec_open(const struct ad_exec_params *params, struct ad_exec **ret,
                             artdag_error *err); /* starts nothing yet */
void ad_exec_close(struct ad_exec *exec);        /* NULL allowed; no child survives it */

/* The media program's library identity (one line of text), without starting it when the remembered one still holds. *ret lives as long as exec. */
enum artdag_err ad_exec_toolchain(struct ad_exec *exec, const char **ret, artdag_error *err);

/* Metadata analysis of one stored input: canonical JSON (docs/formats/analysis.md) replaces buf's content, and the frame index of its pictures (docs/formats/index.md; empty without pictures)
 * that of index, which may be NULL. MEDIA with the CID when the file cannot be used. */
enum artdag_err ad_exec_probe(struct ad_exec *exec, const struct ad_cid *cid,
                              struct ad_buf *buf, struct ad_buf *index, artdag_error *err);
/* The id under which an input's frame index is kept as an analysis, for the engine to find it. */
enum artdag_err ad_exec_index_id(struct ad_exec *exec, const struct ad_cid *cid,
                                 struct ad_id *ret, artdag_error *err);

/* Features of one stored input, of its sound or of its pictures, in one decoding. May be called by several threads at
 * once, as ad_exec_probe may. MEDIA with the CID when the stream cannot be decoded to its end. */
struct ad_exec_study {
    const struct ad_cid *cid;
    struct ad_study study; /* its cid is filled in here */
    unsigned threads;      /* of the decoder; results do not depend on it; 0 = 1 */
    void (*progress)(void *payload, int64_t done); /* frames or samples so far; NULL */
    void *payload;
    struct ad_buf *json;  /* gets a map from each feature to its part of the document */
    struct ad_buf *sheet; /* gets the contact sheet as PNG when that is a feature */
};
enum artdag_err ad_exec_features(struct ad_exec *exec, const struct ad_exec_study *call,
                                 artdag_error *err);

/* Draws a stored analysis document, with the sound of its medium and its contact sheet where they are given, as PNG. */
struct ad_exec_plot {
    const struct ad_cid *document, *medium, *sheet; /* the last two may be NULL */
    struct ad_study study; /* where the sound is; features and cid are filled in here */
    struct ad_buf *png;
};
enum artdag_err ad_exec_plot(struct ad_exec *exec, const struct ad_exec_plot *call,
                             artdag_error *err);

/* Progress of a run; called from one thread at a time, never concurrently. */
struct ad_exec_event {
    enum {
        AD_EXEC_TASK_STARTED,
        AD_EXEC_TASK_PROGRESS,
        AD_EXEC_TASK_DONE,
        AD_EXEC_TASK_FAILED
    } kind;
    uint32_t task; /* number in the lowering */
    uint32_t step;
    int64_t frames_done, frames_total; /* of this task */
    const char *cid;                   /* DONE */
    int64_t elapsed_ms;                /* DONE, FAILED */
    /* DONE: nothing was rendered: it was known by its unit's id, or another process made it */
    bool known;
};

struct ad_exec_call {
    const struct ad_plan *plan;
    const struct ad_lowering *lowering;
    /* Per step: output CID text of known steps (SOURCE: the input's CID). Filled in for steps whose results were
     * made: heap strings that the caller frees. */
    char **cids;
    /* Per step, all false: set where a unit that was rendered contains the step; or NULL */
    bool *executed;
    struct ad_lease *lease; /* holds what comes out; may be NULL */
    void (*event)(void *payload, const struct ad_exec_event *event); /* may be NULL */
    void *payload;
};
struct ad_exec_result {
    size_t tasks_executed;
    int64_t frames_rendered;
};
/* Runs the tasks of a lowering as their inputs become available. A failed task stops what depends on it, lets the rest
 * finish, and is returned with its step's name and recipe line. Results are stored, flushed, held by lease, and set in state
 * before DONE is reported. */
enum artdag_err ad_exec_run(struct ad_exec *exec, const struct ad_exec_call *call,
                            struct ad_exec_result *ret, artdag_error *err);

/* For a dry run: which tasks would be found by their units' ids and not rendered (ret_known, per task). Fills call->cids in
 * for steps that are found so. What depends on a result that is still to be made counts as to be rendered. */
enum artdag_err ad_exec_find_units(struct ad_exec *exec, const struct ad_exec_call *call,
                                   bool *ret_known, artdag_error *err);
unsigned ad_exec_jobs(const struct ad_exec *exec); /* media processes at once */

#endif
