/* SPDX-License-Identifier: MIT
 *
 * Private to room exec: what its files share.
 */
#ifndef AD_EXEC_PRIVATE_H
#define AD_EXEC_PRIVATE_H

#include <pthread.h>
#include <sys/types.h>

#include "exec/exec.h"

#define AD_EXEC_ROOM "exec"

/* How a child ended. */
struct ad_exit {
    pid_t pid; /* 0 = no entry */
    int status;
};
#define AD_EXITS_KEPT 64

/* The warm media process. Its control socket is shared by all job threads under `lock`. */
struct ad_zygote {
    pthread_mutex_t lock;
    pid_t pid; /* 0 = not started */
    int fd;
    char *toolchain;
    int hello_ms; /* how long it may take to start */
    /* Exits that were heard while something else was waited for; the oldest give way. */
    struct ad_exit exits[AD_EXITS_KEPT];
    size_t next_exit;
};

struct ad_exec {
    struct ad_exec_params params;
    char *program;      /* path of artdag-media */
    char *cache_folder; /* NULL = remember nothing, temporary files in /tmp */
    char *cpu_flags;
    char *key; /* the cluster key: wiped on close */
    struct ad_str cluster_key;
    char *toolchain; /* remembered or told by the process; NULL = not known yet */
    pthread_mutex_t toolchain_lock;
    struct ad_zygote zygote;
    unsigned jobs;
};

bool ad_exec_canceled(const struct ad_exec *exec);
enum artdag_err ad_exec_cancel_error(artdag_error *err);
/* An anonymous file for results, beside the store where that can be. */
enum artdag_err ad_exec_temp(const struct ad_exec *exec, int *ret_fd, artdag_error *err);

/* ---- zygote.c ---- */
void ad_zygote_init(struct ad_zygote *z);
/* Starts the program if it does not run yet and reads its HELLO. Thread-safe. */
enum artdag_err ad_zygote_start(struct ad_zygote *z, const char *program, artdag_error *err);
/* Has one child forked; *ret_fd is the job's socket, closed by the caller. */
enum artdag_err ad_zygote_spawn(struct ad_zygote *z, int output_fd, int audio_fd, int *ret_fd,
                                pid_t *ret_pid, artdag_error *err);
void ad_zygote_kill(struct ad_zygote *z, pid_t pid);
/* How a child ended, told by the zygote: waits at most a few seconds. False when it is not known. */
bool ad_zygote_exit_status(struct ad_zygote *z, pid_t pid, int *ret_status);
/* Kills every child and waits for the process. */
void ad_zygote_fini(struct ad_zygote *z);

/* ---- job.c ---- */
/* What happens while a job runs. */
struct ad_job_watch {
    void (*progress)(void *payload, int64_t done);
    void *payload;
    /* The claim that the job's progress keeps alive; NULL = none. */
    const struct ad_id *claim;
    const char *owner; /* of the claim */
};
struct ad_job_result {
    int64_t bytes, frames, samples;
    AD_VEC(uint64_t) cuts; /* JOIN: where spans begin in the output; freed by the caller */
};
/* A child that rendered a span and waits for the next one: it has the clip open that both show. Belongs to one worker. */
struct ad_warm {
    int fd; /* < 0 = none */
    pid_t pid;
    unsigned jobs; /* done */
};
void ad_warm_end(struct ad_warm *warm);
struct ad_job_io {
    const struct ad_cid *inputs; /* in the job's order */
    size_t input_count;
    int output_fd;
    int audio_fd;         /* the sound that was rendered before; < 0 = none */
    struct ad_warm *warm; /* for pictures as a PART: used, and left for the next; may be NULL */
};
/* Runs one job in a child, a fresh one unless there is a warm one: serves its reads from the store, returns its result or its
 * error. The job's sizes are filled in here. */
enum artdag_err ad_exec_job(struct ad_exec *exec, struct ad_job *job,
                            const struct ad_job_io *io, const struct ad_job_watch *watch,
                            struct ad_job_result *ret, artdag_error *err);

/* ---- toolchain.c ---- */
/* The identity remembered for this program, when it and all libraries it had mapped are unchanged. */
enum artdag_err ad_toolchain_recall(const char *cache_folder, const char *program, char **ret,
                                    artdag_error *err);
/* Remembers it. Failing to do so is harmless and silent. */
void ad_toolchain_remember(const char *cache_folder, const char *program, pid_t pid,
                           const char *toolchain);
void ad_toolchain_forget(const char *cache_folder);

/* ---- queue.c ---- */
/* The tasks that could run now. Spans wait apart from the others: a worker goes on with the span behind its last one. Guarded by its user. */
struct ad_queue {
    const struct ad_lowering *lowering;
    const int64_t *weight; /* per task */
    uint32_t *heap;        /* of all but spans: the heaviest first, then the earliest */
    size_t heap_len, span_count;
    uint8_t *place; /* per task: enum of queue.c */
};
#define AD_NO_TASK UINT32_MAX
/* False = no memory. */
bool ad_queue_init(struct ad_queue *q, const struct ad_lowering *lowering,
                   const int64_t *weight);
void ad_queue_fini(struct ad_queue *q);
void ad_queue_push(struct ad_queue *q, uint32_t task);
/* Takes the next task for a worker that did `last` (AD_NO_TASK: none yet), or AD_NO_TASK. */
uint32_t ad_queue_pop(struct ad_queue *q, uint32_t last);
void ad_queue_done(struct ad_queue *q, uint32_t task); /* no longer running */

/* ---- task.c ---- */
struct ad_task_call {
    const struct ad_plan *plan;
    const struct ad_lowering *lowering;
    const struct ad_task *task;
    char *const *cids;      /* per step */
    char *const *task_cids; /* per task; those of `after` are set */
    struct ad_lease *lease; /* may be NULL */
    ad_index_vec *touched;  /* steps that the unit contains are appended */
    struct ad_warm *warm;   /* the worker's */
    /* Is another task of this run making just this? Then this one is put off until that one is done. May be NULL. */
    bool (*put_off)(void *payload, const struct ad_id *id);
    void (*progress)(void *payload, int64_t frames_done);
    void *payload;
};
/* One task from claim to state. *ret_cid (heap) is its result, NULL when it was put off; *ret_known: nothing had to be
 * rendered. */
enum artdag_err ad_exec_task(struct ad_exec *exec, const struct ad_task_call *call,
                             char **ret_cid, bool *ret_known, artdag_error *err);
/* Looks a task up by its unit's id alone. *ret_cid (heap) is its result; NULL = it would have to run. */
enum artdag_err ad_exec_find_unit(struct ad_exec *exec, const struct ad_task_call *call,
                                  char **ret_cid, artdag_error *err);

/* ---- index.c ---- */
/* Opens the frame index of an input, if the state knows one. NOTFOUND. */
enum artdag_err ad_exec_index_open(struct ad_exec *exec, const struct ad_cid *cid,
                                   struct ad_unixfs_file **ret, artdag_error *err);

/* ---- learn.c ---- */
/* Remembers what a task took. Failing to do so is harmless and silent. */
void ad_exec_learn(struct ad_exec *exec, const struct ad_lowering *lowering,
                   const struct ad_task *task, int64_t ms, int64_t bytes);

#endif
