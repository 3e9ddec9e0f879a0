/* SPDX-License-Identifier: MIT
 *
 * What tasks took goes to the state, for estimates; and which tasks need not be run at all. Neither can change a result.
 */
#include "exec/exec_private.h"

#define ROOM AD_EXEC_ROOM

void ad_exec_learn(struct ad_exec *exec, const struct ad_lowering *lowering,
                   const struct ad_task *task, int64_t ms, int64_t bytes)
{
    struct ad_rate *rates = ad_alloc_array(task->work_count, sizeof(*rates));
    struct ad_rate_record *records = ad_alloc_array(task->work_count, sizeof(*records));
    size_t count = 0;
    if (exec->params.state && rates && records)
        count = ad_lowering_learn(lowering, task, ms, bytes, rates);
    for (size_t i = 0; i < count; i++)
        records[i] = (struct ad_rate_record){
            .kind = rates[i].name,
            .amount = rates[i].amount,
            .ms = rates[i].ms,
            .bytes = rates[i].bytes,
        };
    if (count)
        (void)!ad_state_rates_add(exec->params.state, records, count, NULL);
    free(records);
    free(rates);
}

/* Its inputs are results that are known, or of steps that were found. */
static bool can_be_lowered(const struct ad_task *task, const bool *known)
{
    for (size_t i = 0; i < task->after_count; i++)
        if (!known[task->after[i]])
            return false;
    return task->kind != AD_TASK_JOIN;
}

static void forget_tracks(const struct ad_lowering *lowering)
{
    for (size_t i = 0; i < lowering->task_count; i++) {
        const struct ad_task *task = &lowering->tasks[i];
        if (task->kind != AD_TASK_TRACK)
            continue;
        free((char *)(uintptr_t)lowering->tracks[task->step]);
        lowering->tracks[task->step] = NULL;
    }
}

enum artdag_err ad_exec_find_units(struct ad_exec *exec, const struct ad_exec_call *call,
                                   bool *ret_known, artdag_error *err)
{
    const struct ad_lowering *lowering = call->lowering;
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < lowering->task_count; i++) {
        const struct ad_task *task = &lowering->tasks[i];
        struct ad_task_call one = {.plan = call->plan,
                                   .lowering = lowering,
                                   .task = task,
                                   .cids = call->cids,
                                   .lease = call->lease};
        char *cid = NULL;
        ret_known[i] = false;
        if (ad_exec_canceled(exec)) {
            rc = ad_exec_cancel_error(err);
            break;
        }
        if (!can_be_lowered(task, ret_known))
            continue;
        rc = ad_exec_find_unit(exec, &one, &cid, err);
        ret_known[i] = cid != NULL;
        if (task->kind == AD_TASK_STEP && !call->cids[task->step])
            call->cids[task->step] = cid;
        else if (task->kind == AD_TASK_TRACK)
            lowering->tracks[task->step] = cid;
        else
            free(cid);
    }
    forget_tracks(lowering);
    return rc;
}

unsigned ad_exec_jobs(const struct ad_exec *exec)
{
    return exec->jobs;
}
