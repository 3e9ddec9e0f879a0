/* SPDX-License-Identifier: MIT
 *
 * What may run now. Everything but spans is on a heap ordered by the work that still hangs on it, so the critical path goes first;
 * ties go to the smaller task number. Spans come after those, since all a span holds up is the join: each worker goes on with the
 * span behind its last one, whose clip its media process has open, and starts where most spans are left.
 */
#include <string.h>

#include "exec/exec_private.h"

enum place {
    PLACE_NONE, /* blocked, or done */
    PLACE_READY,
    PLACE_RUNNING
};

bool ad_queue_init(struct ad_queue *q, const struct ad_lowering *lowering,
                   const int64_t *weight)
{
    *q = (struct ad_queue){.lowering = lowering, .weight = weight};
    q->heap = ad_alloc_array(lowering->task_count, sizeof(*q->heap));
    q->place = ad_alloc_array(lowering->task_count, sizeof(*q->place));
    return q->heap && q->place;
}

void ad_queue_fini(struct ad_queue *q)
{
    free(q->heap);
    free(q->place);
}

/* ---- heap ---- */

static bool before(const struct ad_queue *q, uint32_t a, uint32_t b)
{
    return q->weight[a] != q->weight[b] ? q->weight[a] > q->weight[b] : a < b;
}

static void swap(uint32_t *a, uint32_t *b)
{
    uint32_t t = *a;
    *a = *b;
    *b = t;
}

static void heap_push(struct ad_queue *q, uint32_t task)
{
    size_t i = q->heap_len++;
    q->heap[i] = task;
    while (i > 0 && before(q, q->heap[i], q->heap[(i - 1) / 2])) {
        swap(&q->heap[i], &q->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static uint32_t heap_pop(struct ad_queue *q)
{
    uint32_t top = q->heap[0];
    q->heap[0] = q->heap[--q->heap_len];
    for (size_t i = 0;;) {
        size_t best = i, left = 2 * i + 1, right = left + 1;
        if (left < q->heap_len && before(q, q->heap[left], q->heap[best]))
            best = left;
        if (right < q->heap_len && before(q, q->heap[right], q->heap[best]))
            best = right;
        if (best == i)
            return top;
        swap(&q->heap[i], &q->heap[best]);
        i = best;
    }
}

/* ---- spans ---- */

static bool is_ready_span(const struct ad_queue *q, size_t task)
{
    return task < q->lowering->task_count && q->place[task] == PLACE_READY &&
           q->lowering->tasks[task].kind == AD_TASK_SPAN;
}

/* The beginning of the longest row of ready spans; its middle when somebody is working his way to the beginning. */
static uint32_t start_of_longest(const struct ad_queue *q)
{
    size_t best = 0, longest = 0;
    for (size_t i = 0; i < q->lowering->task_count; i++) {
        size_t from = i;
        while (is_ready_span(q, i))
            i++;
        if (i - from > longest) {
            best = from;
            longest = i - from;
        }
    }
    bool taken = best > 0 && q->place[best - 1] == PLACE_RUNNING;
    return (uint32_t)(taken ? best + longest / 2 : best);
}

/* ---- both ---- */

void ad_queue_push(struct ad_queue *q, uint32_t task)
{
    q->place[task] = PLACE_READY;
    if (q->lowering->tasks[task].kind == AD_TASK_SPAN)
        q->span_count++;
    else
        heap_push(q, task);
}

uint32_t ad_queue_pop(struct ad_queue *q, uint32_t last)
{
    uint32_t task = AD_NO_TASK;
    if (q->heap_len > 0) {
        task = heap_pop(q);
    } else if (q->span_count > 0) {
        bool follows = last != AD_NO_TASK && is_ready_span(q, (size_t)last + 1);
        task = follows ? last + 1 : start_of_longest(q);
        q->span_count--;
    }
    if (task != AD_NO_TASK)
        q->place[task] = PLACE_RUNNING;
    return task;
}

void ad_queue_done(struct ad_queue *q, uint32_t task)
{
    q->place[task] = PLACE_NONE;
}
