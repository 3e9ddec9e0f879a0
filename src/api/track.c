/* SPDX-License-Identifier: MIT
 *
 * The engine's decisions and events, as the public views of steps, units and progress.
 */
#include "api/api.h"

#define ETA_KNOWN_MS 500 /* of estimated work done, before the run itself says how fast it is */

static const enum artdag_unit_kind unit_kinds[] = {
    [AD_TASK_STEP] = ARTDAG_UNIT_STEP,   [AD_TASK_SPAN] = ARTDAG_UNIT_SPAN,
    [AD_TASK_SOUND] = ARTDAG_UNIT_SOUND, [AD_TASK_JOIN] = ARTDAG_UNIT_JOIN,
    [AD_TASK_TRACK] = ARTDAG_UNIT_STEP,
};

static int64_t first_frame(const struct ad_task *task)
{
    return task->kind == AD_TASK_SPAN ? task->span.from : 0;
}

static void show_steps(const struct ad_tracker *t, const struct ad_decision *decision)
{
    static const enum artdag_step_need public_need[] = {
        [AD_NEED_NO] = ARTDAG_NEED_NOTHING,
        [AD_NEED_HIT] = ARTDAG_NEED_HIT,
        [AD_NEED_RUN] = ARTDAG_NEED_RUN,
    };
    for (size_t i = 0; i < t->plan->step_count; i++) {
        const struct ad_step *step = &t->plan->steps[i];
        char id[ARTDAG_ID_TEXT_BYTES];
        ad_step_id(step, id);
        artdag_step_view view = {
            .name = step->name,
            .node_type = step->op->node_type,
            .step_id = id,
            .cid = decision->cids[i] ? decision->cids[i] : "",
            .frames = step->edge.frames,
            .need = public_need[decision->need[i]],
        };
        t->params->step(t->params->payload, &view);
    }
}

static void show_units(const struct ad_tracker *t, const struct ad_decision *decision)
{
    for (size_t i = 0; i < t->lowering->task_count; i++) {
        const struct ad_task *task = &t->lowering->tasks[i];
        const struct ad_step *step = &t->plan->steps[task->step];
        artdag_unit_view view = {
            .unit = unit_kinds[task->kind],
            .step = step->name,
            .node_type = step->op->node_type,
            .first_frame = first_frame(task),
            .frames = task->kind == AD_TASK_SPAN ? task->frames : step->edge.frames,
            .known = decision->known && decision->known[i],
            .estimate_ms = task->cost,
            .estimate_bytes = task->bytes,
        };
        t->params->unit(t->params->payload, &view);
    }
}

void ad_track_decision(void *payload, const struct ad_decision *decision)
{
    struct ad_tracker *t = payload;
    const struct ad_lowering *lowering = decision->lowering;
    const struct ad_forecast *f = &decision->forecast;
    t->lowering = lowering;
    t->frames = ad_alloc_array(lowering->task_count, sizeof(*t->frames));
    for (size_t i = 0; i < lowering->task_count; i++)
        t->run_total += lowering->tasks[i].frames;
    t->decided_ms = ad_clock_monotonic_ms();
    t->cost_total = f->total_ms;
    t->forecast = (artdag_forecast){
        .units = f->units,
        .frames = f->frames,
        .bytes = f->bytes,
        .total_ms = f->total_ms,
        .critical_ms = f->critical_ms,
        .elapsed_ms = f->elapsed_ms,
        .jobs = decision->jobs,
    };
    if (t->params->step)
        show_steps(t, decision);
    if (t->params->unit)
        show_units(t, decision);
}

static int64_t cost_of(const struct ad_task *task, int64_t frames)
{
    if (task->frames > 0)
        return ad_muldiv_floor(task->cost, frames, task->frames);
    return frames ? task->cost : 0;
}

/* What was found took no time and says nothing of the rest. */
static void count(struct ad_tracker *t, const struct ad_exec_event *event)
{
    const struct ad_task *task = &t->lowering->tasks[event->task];
    bool done = event->kind == AD_EXEC_TASK_DONE;
    if (!t->frames || event->kind == AD_EXEC_TASK_STARTED)
        return;
    int64_t before = t->frames[event->task];
    int64_t now = task->frames > 0 ? event->frames_done : done;
    t->cost_done += cost_of(task, now) - cost_of(task, before);
    t->run_done += task->frames > 0 ? now - before : 0;
    t->frames[event->task] = now;
    if (done && event->known) {
        t->cost_done -= cost_of(task, now);
        t->cost_total -= task->cost;
    }
}

static int64_t time_left(const struct ad_tracker *t)
{
    int64_t elapsed = ad_clock_monotonic_ms() - t->decided_ms;
    int64_t left = t->forecast.elapsed_ms - elapsed;
    if (!t->frames)
        return -1;
    if (t->cost_done >= ETA_KNOWN_MS)
        left = ad_muldiv_round(t->cost_total - t->cost_done, elapsed, t->cost_done);
    return left > 0 ? left : 0;
}

void ad_track_event(void *payload, const struct ad_exec_event *event)
{
    static const enum artdag_step_state states[] = {
        [AD_EXEC_TASK_STARTED] = ARTDAG_STEP_STARTED,
        [AD_EXEC_TASK_PROGRESS] = ARTDAG_STEP_PROGRESS,
        [AD_EXEC_TASK_DONE] = ARTDAG_STEP_DONE,
        [AD_EXEC_TASK_FAILED] = ARTDAG_STEP_FAILED,
    };
    struct ad_tracker *t = payload;
    const struct ad_task *task = &t->lowering->tasks[event->task];
    const struct ad_step *step = &t->plan->steps[event->step];
    count(t, event);
    t->units_done += event->kind == AD_EXEC_TASK_DONE;
    artdag_progress progress = {
        .state = states[event->kind],
        .unit = unit_kinds[task->kind],
        .step = step->name,
        .node_type = step->op->node_type,
        .cid = event->cid ? event->cid : "",
        .known = event->known,
        .first_frame = first_frame(task),
        .frames_done = event->frames_done,
        .frames_total = event->frames_total,
        .run_frames_done = t->run_done,
        .run_frames_total = t->run_total,
        .units_done = t->units_done,
        .units_total = t->lowering->task_count,
        .elapsed_ms = ad_clock_monotonic_ms() - t->start_ms,
        .left_ms = time_left(t),
    };
    if (t->params->progress)
        t->params->progress(t->params->payload, &progress);
}
