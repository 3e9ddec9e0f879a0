/* SPDX-License-Identifier: MIT
 *
 * Which steps become units, and in what order they can run. The strategy here is the naive one: a unit per step that must
 * run. What a unit holds beside its own step is decided by ad_plan_inlines alone; ad_lower_unit composes whatever that
 * says.
 */
#include "plan/planner.h"

/* SOURCE has no result of its own: it is conformed where it is used. */
bool ad_plan_inlines(const struct ad_step *step)
{
    return ad_step_is_source(step);
}

struct lowering {
    const struct ad_plan *plan;
    const enum ad_need *need;
    uint32_t *task_of; /* per step: index + 1, 0 = none */
    uint32_t *seen;    /* per task: the last task that has it in `after`, + 1 */
    AD_VEC(uint32_t) after;
    struct ad_lowering *result;
};

static bool is_task(const struct lowering *l, uint32_t step)
{
    return l->need[step] == AD_NEED_RUN && !ad_plan_inlines(&l->plan->steps[step]);
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Tasks whose results this one reads, each once. */
static bool collect_after(struct lowering *l, uint32_t task, const struct ad_step *step)
{
    l->after.len = 0;
    for (uint32_t i = 0; i < step->input_count; i++) {
        uint32_t other = l->task_of[step->inputs[i].step];
        if (!other || l->seen[other - 1] == task + 1)
            continue;
        l->seen[other - 1] = task + 1;
        if (!ad_vec_push(&l->after, other - 1))
            return false;
    }
    if (l->after.len)
        qsort(l->after.items, l->after.len, sizeof(*l->after.items), by_number);
    return true;
}

static bool add_task(struct lowering *l, uint32_t index)
{
    struct ad_lowering *result = l->result;
    const struct ad_step *step = &l->plan->steps[index];
    uint32_t number = (uint32_t)result->task_count;
    if (!collect_after(l, number, step))
        return false;
    struct ad_task *task = &result->tasks[result->task_count++];
    *task = (struct ad_task){
        .step = index,
        .after = ad_arena_dup(&result->arena, l->after.items, l->after.len * sizeof(uint32_t)),
        .after_count = l->after.len,
        .cost = ad_plan_cost(l->plan, step),
    };
    l->task_of[index] = number + 1;
    return task->after;
}

static bool lower_all(struct lowering *l)
{
    size_t steps = l->plan->step_count, count = 0;
    for (uint32_t i = 0; i < steps; i++)
        count += is_task(l, i);
    l->task_of = ad_alloc_array(steps, sizeof(*l->task_of));
    l->seen = ad_alloc_array(count, sizeof(*l->seen));
    l->result->tasks = ad_arena_array(&l->result->arena, count, sizeof(*l->result->tasks));
    if (!l->task_of || !l->seen || !l->result->tasks)
        return false;
    for (uint32_t i = 0; i < steps; i++)
        if (is_task(l, i) && !add_task(l, i))
            return false;
    return true;
}

enum artdag_err ad_lower(const struct ad_plan *plan, const enum ad_need *need,
                         struct ad_lowering **ret, artdag_error *err)
{
    struct lowering l = {.plan = plan, .need = need, .result = ad_alloc(sizeof(*l.result))};
    bool ok = l.result != NULL;
    if (ok) {
        ad_arena_init(&l.result->arena, 0);
        ok = lower_all(&l);
    }
    free(l.task_of);
    free(l.seen);
    ad_vec_fini(&l.after);
    if (!ok) {
        ad_lowering_destroy(l.result);
        return ad_error_nomem(err, ROOM);
    }
    *ret = l.result;
    return ARTDAG_OK;
}

void ad_lowering_destroy(struct ad_lowering *lowering)
{
    if (!lowering)
        return;
    ad_arena_fini(&lowering->arena);
    free(lowering);
}
