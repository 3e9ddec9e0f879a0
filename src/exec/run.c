/* SPDX-License-Identifier: MIT
 *
 * The ready queue. Each task counts what still blocks it; finishing one counts its users down and puts those at
 * zero on a heap ordered by the work that still hangs on them, so the critical path goes first. Ties go
 * to the smaller task number: the order never depends on timing more than the timing itself does.
 */
#include <string.h>

#include "exec/exec_private.h"

#define ROOM AD_EXEC_ROOM

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
    uint32_t *heap;
    size_t heap_len;
    size_t running, executed_tasks;
    int64_t frames;
    bool stop;            /* canceled: start nothing more */
    enum artdag_err code; /* of the failed task with the smallest number */
    size_t failed_task;
    artdag_error error;

    pthread_mutex_t event_lock; /* events are delivered one at a time */
};

/* ---- heap ---- */

static bool before(const struct run *run, uint32_t a, uint32_t b)
{
    return run->weight[a] != run->weight[b] ? run->weight[a] > run->weight[b] : a < b;
}

static void swap(uint32_t *a, uint32_t *b)
{
    uint32_t t = *a;
    *a = *b;
    *b = t;
}

static void heap_push(struct run *run, uint32_t task)
{
    size_t i = run->heap_len++;
    run->heap[i] = task;
    while (i > 0 && before(run, run->heap[i], run->heap[(i - 1) / 2])) {
        swap(&run->heap[i], &run->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static uint32_t heap_pop(struct run *run)
{
    uint32_t top = run->heap[0];
    run->heap[0] = run->heap[--run->heap_len];
    for (size_t i = 0;;) {
        size_t best = i, left = 2 * i + 1, right = left + 1;
        if (left < run->heap_len && before(run, run->heap[left], run->heap[best]))
            best = left;
        if (right < run->heap_len && before(run, run->heap[right], run->heap[best]))
            best = right;
        if (best == i)
            return top;
        swap(&run->heap[i], &run->heap[best]);
        i = best;
    }
}

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
    run->heap = ad_alloc_array(count, sizeof(*run->heap));
    run->task_cids = ad_alloc_array(count, sizeof(*run->task_cids));
    if (!run->task_cids || !run->users || !run->user_items || !run->blockers || !run->weight ||
        !run->heap)
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
            heap_push(run, (uint32_t)i);
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

struct task_progress {
    struct run *run;
    uint32_t task;
};

static struct ad_exec_event event_of(const struct run *run, uint32_t number)
{
    const struct ad_task *task = &run->lowering->tasks[number];
    return (struct ad_exec_event){
        .task = number, .step = task->step, .frames_total = task->frames};
}

static void on_progress(void *payload, int64_t frames_done)
{
    const struct task_progress *p = payload;
    struct ad_exec_event event = event_of(p->run, p->task);
    event.kind = AD_EXEC_TASK_PROGRESS;
    /* Figures come from a child that reads hostile files. */
    event.frames_done =
        frames_done < 0 || frames_done > event.frames_total ? event.frames_total : frames_done;
    tell(p->run, &event);
}

/* Keeps the result; users that waited for it alone become ready. */
static void on_success(struct run *run, uint32_t number, char *cid, bool known,
                       const ad_index_vec *touched)
{
    const struct ad_task *task = &run->lowering->tasks[number];
    run->task_cids[number] = cid;
    if (task->kind == AD_TASK_STEP || task->kind == AD_TASK_JOIN)
        run->cids[task->step] = ad_strdup(cid); /* NULL is found by who needs it */
    run->executed_tasks += !known;
    run->frames += known ? 0 : task->frames;
    for (size_t i = 0; run->executed && !known && i < touched->len; i++)
        run->executed[touched->items[i]] = true;
    if (run->executed && !known)
        run->executed[task->step] = true;
    for (size_t i = 0; i < run->users[number].len; i++) {
        uint32_t user = run->users[number].items[i];
        if (--run->blockers[user] == 0)
            heap_push(run, user);
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

/* Runs one task without the lock; the caller holds it before and after. */
static void work_on(struct run *run, uint32_t number)
{
    const struct ad_task *task = &run->lowering->tasks[number];
    struct task_progress progress = {run, number};
    ad_index_vec touched = {0};
    struct ad_task_call call = {
        .plan = run->plan,
        .lowering = run->lowering,
        .task = task,
        .cids = run->cids,
        .task_cids = run->task_cids,
        .lease = run->lease,
        .touched = &touched,
        .progress = on_progress,
        .payload = &progress,
    };
    struct ad_exec_event event = event_of(run, number);
    artdag_error error = {0};
    char *cid = NULL;
    int64_t start = ad_clock_monotonic_ms();
    event.kind = AD_EXEC_TASK_STARTED;
    tell(run, &event);
    enum artdag_err rc = ad_exec_task(run->exec, &call, &cid, &event.known, &error);
    event.kind = rc == ARTDAG_OK ? AD_EXEC_TASK_DONE : AD_EXEC_TASK_FAILED;
    event.cid = cid;
    event.elapsed_ms = ad_clock_monotonic_ms() - start;
    event.frames_done = rc == ARTDAG_OK ? task->frames : 0;
    tell(run, &event);
    pthread_mutex_lock(&run->lock);
    if (rc == ARTDAG_OK)
        on_success(run, number, cid, event.known, &touched);
    else
        on_failure(run, number, rc, &error);
    ad_vec_fini(&touched);
}

static void *worker(void *payload)
{
    struct run *run = payload;
    pthread_mutex_lock(&run->lock);
    for (;;) {
        while (run->heap_len == 0 && run->running > 0 && !run->stop)
            pthread_cond_wait(&run->changed, &run->lock);
        if (run->stop || run->heap_len == 0)
            break;
        uint32_t number = heap_pop(run);
        run->running++;
        pthread_mutex_unlock(&run->lock);
        work_on(run, number);
        run->running--;
        pthread_cond_broadcast(&run->changed);
    }
    pthread_mutex_unlock(&run->lock);
    return NULL;
}

/* The calling thread is a worker too, so a failure to make threads costs speed and nothing else. */
static void run_workers(struct run *run)
{
    size_t want = run->exec->jobs < run->lowering->task_count ? run->exec->jobs
                                                              : run->lowering->task_count;
    size_t started = 0;
    pthread_t *threads = ad_alloc_array(want, sizeof(*threads));
    while (threads && started + 1 < want &&
           pthread_create(&threads[started], NULL, worker, run) == 0)
        started++;
    worker(run);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free(threads);
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
    free(run->heap);
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
        run_workers(&run);
        rc = run.code;
        if (rc != ARTDAG_OK && err)
            *err = run.error;
        *ret = (struct ad_exec_result){run.executed_tasks, run.frames};
    }
    fini(&run);
    return rc;
}
