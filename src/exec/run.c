/* SPDX-License-Identifier: MIT
 *
 * Running a lowering. Each task counts what still blocks it; finishing one counts its users down and queues those at
 * zero (queue.c). Of equal units that come up at the same time one is rendered; the others wait for it without a worker.
 */
#include <string.h>

#include "exec/exec_private.h"

#define ROOM AD_EXEC_ROOM

struct run;

/* One thread. All but `warm` is guarded by the run's lock. */
struct worker {
    struct run *run;
    struct worker *next; /* of the run's */
    uint32_t task;       /* being worked on, or AD_NO_TASK */
    struct ad_id unit;   /* that it makes, once has_unit */
    bool has_unit;
    AD_VEC(uint32_t) waiting; /* tasks of the same unit that were put off */
    struct ad_warm warm;
};

struct user_list {
    uint32_t *items; /* into one shared array */
    size_t len;
};

struct run {
    struct ad_exec *exec;
    const struct ad_plan *plan;
    const struct ad_lowering *lowering;
    char **cids;      /* per step */
    char **task_cids; /* per task */
    bool *executed;   /* per step: a unit that ran contained it; the caller's, may be NULL */
    struct ad_lease *lease;
    void (*event)(void *payload, const struct ad_exec_event *event);
    void *payload;

    struct user_list *users; /* per task: the tasks waiting for it */
    uint32_t *user_items;
    size_t *blockers; /* per task */
    int64_t *weight;  /* per task: its cost and the costliest way from it to the output */

    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    struct ad_queue queue;
    struct worker *workers; /* one after the other */
    size_t running, executed_tasks;
    int64_t frames;
    bool stop;            /* canceled: start nothing more */
    enum artdag_err code; /* of the failed task with the smallest number */
    size_t failed_task;
    artdag_error error;

    pthread_mutex_t event_lock; /* events are delivered one at a time */
};

/* ---- preparation ---- */

static enum artdag_err allocate(struct run *run, artdag_error *err)
{
    size_t count = run->lowering->task_count, links = 0;
    for (size_t i = 0; i < count; i++)
        links += run->lowering->tasks[i].after_count;
    run->users = ad_alloc_array(count, sizeof(*run->users));
    run->user_items = ad_alloc_array(links + 1, sizeof(*run->user_items));
    run->blockers = ad_alloc_array(count, sizeof(*run->blockers));
    run->weight = ad_alloc_array(count, sizeof(*run->weight));
    run->task_cids = ad_alloc_array(count, sizeof(*run->task_cids));
    bool queued = ad_queue_init(&run->queue, run->lowering, run->weight);
    if (!queued || !run->task_cids || !run->users || !run->user_items || !run->blockers ||
        !run->weight)
        return ad_error_nomem(err, ROOM);
    return ARTDAG_OK;
}

static void prepare(struct run *run)
{
    const struct ad_lowering *lowering = run->lowering;
    uint32_t *next = run->user_items;
    for (size_t i = 0; i < lowering->task_count; i++)
        for (size_t k = 0; k < lowering->tasks[i].after_count; k++)
            run->users[lowering->tasks[i].after[k]].len++;
    for (size_t i = 0; i < lowering->task_count; i++) {
        run->users[i].items = next;
        next += run->users[i].len;
        run->users[i].len = 0;
    }
    for (size_t i = 0; i < lowering->task_count; i++) {
        const struct ad_task *task = &lowering->tasks[i];
        run->blockers[i] = task->after_count;
        for (size_t k = 0; k < task->after_count; k++) {
            struct user_list *users = &run->users[task->after[k]];
            users->items[users->len++] = (uint32_t)i;
        }
    }
    /* Tasks are topological, so users come later: one pass from the end gives every weight. */
    for (size_t i = lowering->task_count; i-- > 0;) {
        int64_t longest = 0;
        for (size_t k = 0; k < run->users[i].len; k++)
            if (run->weight[run->users[i].items[k]] > longest)
                longest = run->weight[run->users[i].items[k]];
        run->weight[i] = lowering->tasks[i].cost + longest;
    }
    for (size_t i = 0; i < lowering->task_count; i++)
        if (run->blockers[i] == 0)
            ad_queue_push(&run->queue, (uint32_t)i);
}

/* ---- working ---- */

static void tell(struct run *run, const struct ad_exec_event *event)
{
    if (!run->event)
        return;
    pthread_mutex_lock(&run->event_lock);
    run->event(run->payload, event);
    pthread_mutex_unlock(&run->event_lock);
}

static struct ad_exec_event event_of(const struct run *run, uint32_t number)
{
    const struct ad_task *task = &run->lowering->tasks[number];
    return (struct ad_exec_event){
        .task = number, .step = task->step, .frames_total = task->frames};
}

static void on_progress(void *payload, int64_t frames_done)
{
    const struct worker *w = payload;
    struct ad_exec_event event = event_of(w->run, w->task);
    event.kind = AD_EXEC_TASK_PROGRESS;
    /* Figures come from a child that reads hostile files. */
    event.frames_done =
        frames_done < 0 || frames_done > event.frames_total ? event.frames_total : frames_done;
    tell(w->run, &event);
}

/* Keeps the result; users that waited for it alone become ready. */
static void on_success(struct run *run, uint32_t number, char *cid, bool known,
                       const ad_index_vec *touched)
{
    const struct ad_task *task = &run->lowering->tasks[number];
    run->task_cids[number] = cid;
    if (task->kind == AD_TASK_STEP || task->kind == AD_TASK_JOIN)
        run->cids[task->step] = ad_strdup(cid); /* NULL is found by who needs it */
    if (task->kind == AD_TASK_TRACK)
        run->lowering->tracks[task->step] = cid;
    run->executed_tasks += !known;
    run->frames += known ? 0 : task->frames;
    for (size_t i = 0; run->executed && !known && i < touched->len; i++)
        run->executed[touched->items[i]] = true;
    if (run->executed && !known)
        run->executed[task->step] = true;
    for (size_t i = 0; i < run->users[number].len; i++) {
        uint32_t user = run->users[number].items[i];
        if (--run->blockers[user] == 0)
            ad_queue_push(&run->queue, user);
    }
}

static void on_failure(struct run *run, uint32_t number, enum artdag_err code,
                       const artdag_error *error)
{
    if (code == ARTDAG_E_CANCELED)
        run->stop = true;
    /* A cancel outranks what it caused; of failures the one earliest in the plan is told. */
    bool first =
        run->code == ARTDAG_OK || (run->code != ARTDAG_E_CANCELED &&
                                   (code == ARTDAG_E_CANCELED || number < run->failed_task));
    if (!first)
        return;
    run->code = code;
    run->failed_task = number;
    run->error = *error;
}

/* Somebody makes this unit already: this task is left to him. Without memory it is made twice. */
static bool put_off(void *payload, const struct ad_id *id)
{
    struct worker *own = payload;
    struct run *run = own->run;
    bool found = false;
    pthread_mutex_lock(&run->lock);
    for (struct worker *w = run->workers; w && !found; w = w->next)
        found = w->has_unit && memcmp(&w->unit, id, sizeof(*id)) == 0 &&
                ad_vec_push(&w->waiting, own->task);
    own->unit = *id;
    own->has_unit = !found;
    pthread_mutex_unlock(&run->lock);
    return found;
}

/* The tasks that were put off have their result, or have to try themselves. */
static void settle_waiting(struct worker *w, const char *cid)
{
    struct run *run = w->run;
    const ad_index_vec none = {0};
    for (size_t i = 0; i < w->waiting.len; i++) {
        uint32_t task = w->waiting.items[i];
        char *copy = cid ? ad_strdup(cid) : NULL;
        if (copy)
            on_success(run, task, copy, true, &none);
        else
            ad_queue_push(&run->queue, task);
    }
    w->waiting.len = 0;
    w->has_unit = false;
}

/* The tasks that waited for this one are told of in passing: they began when it was found that nothing was left to do. */
static void tell_waiting(struct worker *w, const char *cid)
{
    for (size_t i = 0; cid && i < w->waiting.len; i++) {
        struct ad_exec_event event = event_of(w->run, w->waiting.items[i]);
        event.kind = AD_EXEC_TASK_DONE;
        event.cid = cid;
        event.known = true;
        event.frames_done = event.frames_total;
        tell(w->run, &event);
    }
}

static struct ad_task_call call_of(struct worker *w, ad_index_vec *touched)
{
    struct run *run = w->run;
    return (struct ad_task_call){
        .plan = run->plan,
        .lowering = run->lowering,
        .task = &run->lowering->tasks[w->task],
        .cids = run->cids,
        .task_cids = run->task_cids,
        .lease = run->lease,
        .touched = touched,
        .warm = &w->warm,
        .put_off = put_off,
        .progress = on_progress,
        .payload = w,
    };
}

/* Runs one task without the lock; the caller has it before and after. */
static void work_on(struct worker *w)
{
    struct run *run = w->run;
    ad_index_vec touched = {0};
    struct ad_task_call call = call_of(w, &touched);
    struct ad_exec_event event = event_of(run, w->task);
    artdag_error error = {0};
    char *cid = NULL;
    int64_t start = ad_clock_monotonic_ms();
    event.kind = AD_EXEC_TASK_STARTED;
    tell(run, &event);
    enum artdag_err rc = ad_exec_task(run->exec, &call, &cid, &event.known, &error);
    bool later = rc == ARTDAG_OK && !cid;
    event.kind = rc == ARTDAG_OK ? AD_EXEC_TASK_DONE : AD_EXEC_TASK_FAILED;
    event.cid = cid;
    event.elapsed_ms = ad_clock_monotonic_ms() - start;
    event.frames_done = rc == ARTDAG_OK ? call.task->frames : 0;
    if (!later)
        tell(run, &event);
    pthread_mutex_lock(&run->lock);
    ad_queue_done(&run->queue, w->task);
    tell_waiting(w, cid);
    settle_waiting(w, cid);
    if (rc != ARTDAG_OK)
        on_failure(run, w->task, rc, &error);
    else if (!later)
        on_success(run, w->task, cid, event.known, &touched);
    ad_vec_fini(&touched);
}

static void *worker(void *payload)
{
    struct worker *w = payload;
    struct run *run = w->run;
    uint32_t last = AD_NO_TASK;
    pthread_mutex_lock(&run->lock);
    for (;;) {
        w->task = run->stop ? AD_NO_TASK : ad_queue_pop(&run->queue, last);
        if (w->task == AD_NO_TASK && (run->stop || run->running == 0))
            break;
        if (w->task == AD_NO_TASK) {
            ad_warm_end(&w->warm); /* nothing follows: it would only hold memory */
            pthread_cond_wait(&run->changed, &run->lock);
            continue;
        }
        run->running++;
        pthread_mutex_unlock(&run->lock);
        if (run->lowering->tasks[w->task].kind != AD_TASK_SPAN)
            ad_warm_end(&w->warm);
        work_on(w);
        last = w->task;
        run->running--;
        pthread_cond_broadcast(&run->changed);
    }
    pthread_mutex_unlock(&run->lock);
    ad_warm_end(&w->warm);
    return NULL;
}

/* The calling thread is a worker too, so a failure to make threads costs speed and nothing else. */
static enum artdag_err run_workers(struct run *run, artdag_error *err)
{
    size_t want = run->exec->jobs < run->lowering->task_count ? run->exec->jobs
                                                              : run->lowering->task_count;
    size_t started = 0;
    pthread_t *threads = ad_alloc_array(want, sizeof(*threads));
    struct worker *workers = ad_alloc_array(want, sizeof(*workers));
    if (!threads || !workers) {
        free(threads);
        free(workers);
        return ad_error_nomem(err, ROOM);
    }
    for (size_t i = 0; i < want; i++)
        workers[i] = (struct worker){.run = run,
                                     .next = i + 1 < want ? &workers[i + 1] : NULL,
                                     .task = AD_NO_TASK,
                                     .warm = {.fd = -1}};
    run->workers = workers;
    while (started + 1 < want &&
           pthread_create(&threads[started], NULL, worker, &workers[started + 1]) == 0)
        started++;
    worker(&workers[0]);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < want; i++)
        ad_vec_fini(&workers[i].waiting);
    free(workers);
    free(threads);
    return ARTDAG_OK;
}

static void fini(struct run *run)
{
    pthread_mutex_destroy(&run->lock);
    pthread_mutex_destroy(&run->event_lock);
    pthread_cond_destroy(&run->changed);
    free(run->users);
    free(run->user_items);
    free(run->blockers);
    free(run->weight);
    ad_queue_fini(&run->queue);
    for (size_t i = 0; run->task_cids && i < run->lowering->task_count; i++)
        free(run->task_cids[i]);
    free(run->task_cids);
}

/* The identity that the plan was made with must be that of the program that renders now. */
static enum artdag_err check_toolchain(struct ad_exec *exec, const struct ad_plan *plan,
                                       artdag_error *err)
{
    enum artdag_err rc = ad_zygote_start(&exec->zygote, exec->program, err);
    if (rc != ARTDAG_OK || strcmp(exec->zygote.toolchain, plan->toolchain) == 0)
        return rc;
    ad_toolchain_forget(exec->cache_folder);
    ad_error_set(err, ARTDAG_E_INVAL, ROOM,
                 "the plan was made for another build of the media libraries");
    ad_error_hint(err, "plan again: the ids depend on the libraries");
    return ARTDAG_E_INVAL;
}

enum artdag_err ad_exec_run(struct ad_exec *exec, const struct ad_exec_call *call,
                            struct ad_exec_result *ret, artdag_error *err)
{
    struct run run = {.exec = exec,
                      .plan = call->plan,
                      .lowering = call->lowering,
                      .cids = call->cids,
                      .executed = call->executed,
                      .lease = call->lease,
                      .event = call->event,
                      .payload = call->payload};
    enum artdag_err rc = check_toolchain(exec, call->plan, err);
    if (rc != ARTDAG_OK)
        return rc;
    pthread_mutex_init(&run.lock, NULL);
    pthread_mutex_init(&run.event_lock, NULL);
    pthread_cond_init(&run.changed, NULL);
    rc = allocate(&run, err);
    if (rc == ARTDAG_OK) {
        prepare(&run);
        rc = run_workers(&run, err);
    }
    if (rc == ARTDAG_OK) {
        rc = run.code;
        if (rc != ARTDAG_OK && err)
            *err = run.error;
        *ret = (struct ad_exec_result){run.executed_tasks, run.frames};
    }
    fini(&run);
    return rc;
}
