/* SPDX-License-Identifier: MIT
 *
 * Estimates: the work of a task as pieces of kinds, what was learned of each kind, and what a run will take.
 */
#include <string.h>

#include "plan/planner.h"

#define PRIOR_MS 100.0 /* the design's own measurement counts like so much measured time */
#define LONGEST_MS 1e15

/* ---- collecting ---- */

static uint32_t kind_number(struct ad_work_sum *sum, const struct ad_kind *kind)
{
    bool fresh = false;
    union ad_map_value *number = ad_map_put(&sum->numbers, ad_str_from(kind->name), &fresh);
    if (!number)
        return UINT32_MAX;
    if (!fresh)
        return (uint32_t)number->num;
    struct ad_kind copy = *kind;
    copy.name = ad_arena_strdup(sum->arena, ad_str_from(kind->name));
    number->num = sum->kinds.len;
    if (!copy.name || !ad_vec_push(&sum->kinds, copy) || !ad_vec_push(&sum->places, 0))
        return UINT32_MAX;
    return (uint32_t)number->num;
}

void ad_work_add(void *payload, const struct ad_kind *kind, double amount)
{
    struct ad_work_sum *sum = payload;
    uint32_t number = kind_number(sum, kind);
    if (number >= sum->places.len) {
        sum->arena->failed = true;
        return;
    }
    uint32_t *place = &sum->places.items[number];
    if (*place) {
        sum->work.items[*place - 1].amount += (float)amount;
        return;
    }
    if (!ad_vec_push(&sum->work, ((struct ad_work){number, (float)amount})))
        sum->arena->failed = true;
    else
        *place = (uint32_t)sum->work.len;
}

static double clamp(double n)
{
    return n >= 0 && n < LONGEST_MS ? n : LONGEST_MS;
}

static void estimate(const struct ad_kind *kinds, struct ad_task *task)
{
    double ms = 0, bytes = 0;
    for (size_t i = 0; kinds && i < task->work_count; i++) {
        ms += kinds[task->work[i].kind].ms * (double)task->work[i].amount;
        bytes += kinds[task->work[i].kind].bytes * (double)task->work[i].amount;
    }
    task->cost = ms >= 1 ? (int64_t)clamp(ms) : 1;
    task->bytes = (int64_t)clamp(bytes);
}

bool ad_work_take(struct ad_work_sum *sum, struct ad_task *task)
{
    for (size_t i = 0; i < sum->work.len; i++)
        sum->places.items[sum->work.items[i].kind] = 0;
    task->work =
        ad_arena_dup(sum->arena, sum->work.items, sum->work.len * sizeof(struct ad_work));
    task->work_count = task->work ? sum->work.len : 0;
    sum->work.len = 0;
    return !ad_arena_failed(sum->arena);
}

bool ad_work_finish(struct ad_work_sum *sum, struct ad_lowering *lowering)
{
    lowering->kinds =
        ad_arena_dup(sum->arena, sum->kinds.items, sum->kinds.len * sizeof(struct ad_kind));
    lowering->kind_count = lowering->kinds ? sum->kinds.len : 0;
    if (ad_arena_failed(sum->arena))
        return false;
    ad_lowering_estimate(lowering, NULL, 0);
    return true;
}

void ad_work_fini(struct ad_work_sum *sum)
{
    ad_vec_fini(&sum->kinds);
    ad_vec_fini(&sum->work);
    ad_vec_fini(&sum->places);
    ad_map_fini(&sum->numbers);
}

/* ---- learning ---- */

static void apply(struct ad_kind *kind, const struct ad_rate *rate)
{
    double prior = kind->prior_ms > 0 ? PRIOR_MS / kind->prior_ms : 0;
    double amount = prior + rate->amount;
    if (!(rate->amount > 0) || !(rate->ms >= 0) || !(rate->bytes >= 0) || !(amount > 0))
        return;
    kind->ms = (prior * kind->prior_ms + rate->ms) / amount;
    kind->bytes = (prior * kind->prior_bytes + rate->bytes) / amount;
}

void ad_lowering_estimate(struct ad_lowering *lowering, const struct ad_rate *rates,
                          size_t count)
{
    for (size_t k = 0; k < lowering->kind_count; k++) {
        struct ad_kind *kind = &lowering->kinds[k];
        kind->ms = kind->prior_ms;
        kind->bytes = kind->prior_bytes;
        for (size_t i = 0; i < count; i++)
            if (strcmp(rates[i].name, kind->name) == 0)
                apply(kind, &rates[i]);
    }
    for (size_t i = 0; i < lowering->task_count; i++) {
        struct ad_task *task = &lowering->tasks[i];
        estimate(lowering->kinds, task);
        for (size_t k = 0; task->kind == AD_TASK_JOIN && k < task->after_count; k++)
            task->bytes += lowering->tasks[task->after[k]].bytes;
    }
}

size_t ad_lowering_learn(const struct ad_lowering *lowering, const struct ad_task *task,
                         int64_t ms, int64_t bytes, struct ad_rate *ret_rates)
{
    double all_ms = 0, all_bytes = 0;
    size_t count = 0;
    for (size_t i = 0; i < task->work_count; i++) {
        const struct ad_kind *kind = &lowering->kinds[task->work[i].kind];
        all_ms += kind->ms * (double)task->work[i].amount;
        all_bytes += kind->bytes * (double)task->work[i].amount;
    }
    for (size_t i = 0; ms >= 0 && bytes >= 0 && i < task->work_count; i++) {
        const struct ad_kind *kind = &lowering->kinds[task->work[i].kind];
        double amount = (double)task->work[i].amount;
        ret_rates[count++] = (struct ad_rate){
            .name = kind->name,
            .amount = amount,
            .ms = all_ms > 0 ? (double)ms * kind->ms * amount / all_ms : 0,
            .bytes = all_bytes > 0 ? (double)bytes * kind->bytes * amount / all_bytes : 0,
        };
    }
    return count;
}

/* ---- forecast ---- */

enum artdag_err ad_lowering_forecast(const struct ad_lowering *lowering, const bool *known,
                                     unsigned jobs, struct ad_forecast *ret, artdag_error *err)
{
    struct ad_forecast f = {0};
    int64_t *ends = ad_alloc_array(lowering->task_count, sizeof(*ends));
    if (!ends)
        return ad_error_nomem(err, ROOM);
    for (size_t i = 0; i < lowering->task_count; i++) {
        const struct ad_task *task = &lowering->tasks[i];
        for (size_t k = 0; k < task->after_count; k++)
            ends[i] = ends[task->after[k]] > ends[i] ? ends[task->after[k]] : ends[i];
        if (known && known[i])
            continue;
        ends[i] += task->cost;
        f.units++;
        f.frames += task->frames;
        f.bytes += task->bytes;
        f.total_ms += task->cost;
        f.critical_ms = ends[i] > f.critical_ms ? ends[i] : f.critical_ms;
    }
    free(ends);
    f.elapsed_ms = f.total_ms / (jobs ? jobs : 1);
    if (f.elapsed_ms < f.critical_ms)
        f.elapsed_ms = f.critical_ms;
    *ret = f;
    return ARTDAG_OK;
}
