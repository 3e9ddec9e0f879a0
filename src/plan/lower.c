/* SPDX-License-Identifier: MIT
 *
 * What must run, as tasks in an order in which they can. A kept step is one task; a film that is divided is one per span,
 * one for the sound, and one that joins them. Each waits for the kept results that its unit reads, and for no more.
 */
#include <string.h>

#include "plan/walk.h"

/* Stands for results that are not there yet; of the right form. */
#define ANY_CID "bafkreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define TRACK_GAIN_SECONDS 60 /* of sound not decoded, for which it is worth to keep a track */

struct lowering {
    const struct ad_plan *plan;
    const struct ad_shape *shape;
    const enum ad_need *need;
    struct ad_lowering *result;
    const bool *stored, *named_by; /* in the result */
    uint32_t *task_of;             /* per step: index + 1, 0 = none */
    uint32_t *seen;                /* per step: the last task that waits for it, + 1 */
    AD_VEC(uint32_t) after;        /* of the task being made */
    struct ad_work_sum sum;        /* of the task being made */
    struct ad_media media;         /* which it has */
    struct ad_walk walk;
    struct ad_arena scratch;
    artdag_error *err;
};

/* ---- what one task reads ---- */

static enum artdag_err read_kept(struct ad_walk *walk, struct ad_level *top, uint32_t step,
                                 struct ad_span span)
{
    struct lowering *l = walk->payload;
    const struct ad_step *below = &l->plan->steps[step];
    uint32_t number = (uint32_t)l->result->task_count + 1;
    (void)top;
    ad_cost_read(l->plan, below, span.to - span.from, l->media, ad_work_add, &l->sum);
    if (!l->task_of[step] || l->seen[step] == number)
        return ARTDAG_OK;
    l->seen[step] = number;
    return ad_vec_push(&l->after, l->task_of[step] - 1) ? ARTDAG_OK
                                                        : ad_error_nomem(l->err, ROOM);
}

static enum artdag_err count_built(struct ad_walk *walk, struct ad_level *top,
                                   struct ad_level *below)
{
    struct lowering *l = walk->payload;
    int64_t frames = top->span.to - top->span.from;
    (void)below;
    if (top->call.source)
        ad_cost_read(l->plan, top->step, frames, l->media, ad_work_add, &l->sum);
    else
        ad_cost_op(l->plan, top->step, frames, l->media, ad_work_add, &l->sum);
    return ARTDAG_OK;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* ---- tasks ---- */

static enum artdag_err append(struct lowering *l, struct ad_task task)
{
    struct ad_lowering *result = l->result;
    if (l->after.len)
        qsort(l->after.items, l->after.len, sizeof(*l->after.items), by_number);
    task.stored = l->stored;
    task.named_by = l->named_by;
    task.calls = l->walk.cache;
    task.after_count = l->after.len;
    task.after = ad_arena_dup(&result->arena, l->after.items, l->after.len * sizeof(uint32_t));
    if (!task.after || !ad_work_take(&l->sum, &task))
        return ad_error_nomem(l->err, ROOM);
    result->tasks[result->task_count++] = task;
    l->after.len = 0;
    return ARTDAG_OK;
}

/* A task that renders: walks what it is made of. */
static enum artdag_err add_unit(struct lowering *l, struct ad_task task)
{
    const struct ad_step *step = &l->plan->steps[task.step];
    bool divided = task.kind == AD_TASK_SPAN;
    l->after.len = 0;
    l->media = (struct ad_media){task.kind == AD_TASK_STEP || divided, !divided};
    ad_cost_unit(ad_work_add, &l->sum);
    l->walk.slicing = divided;
    enum artdag_err rc = ad_walk_run(
        &l->walk, task.step, divided ? task.span : (struct ad_span){0, step->edge.frames});
    ad_arena_fini(&l->scratch);
    if (rc != ARTDAG_OK)
        return rc;
    if (task.kind == AD_TASK_STEP)
        ad_cost_keep(l->plan, step, step->edge.frames, ad_work_add, &l->sum);
    return append(l, task);
}

static enum artdag_err add_step(struct lowering *l, uint32_t index)
{
    struct ad_task task = {.step = index, .frames = l->plan->steps[index].edge.frames};
    enum artdag_err rc = add_unit(l, task);
    l->task_of[index] = (uint32_t)l->result->task_count;
    return rc;
}

/* ---- sound ---- */

/* Decoding the whole once, keeping it, and seeking in that is less work. frames: decoded for all leaves together, since each is
 * decoded from the start of its stream (graph/graph.h). */
static bool pays_track(const struct lowering *l, uint32_t step, uint64_t frames)
{
    const struct ad_format *format = &l->plan->format;
    int64_t gain = ad_frames_from_seconds(TRACK_GAIN_SECONDS, 1, format);
    return frames > (uint64_t)(2 * l->plan->steps[step].edge.frames + gain);
}

/* The frames that are decoded of every input, by its CID's text: what the unit would read, since much of a graph may come to
 * nothing (the sound under a MUX). */
static enum artdag_err sum_decoded(struct lowering *l, uint32_t film, struct ad_map *sums)
{
    const struct ad_task task = {
        .kind = AD_TASK_SOUND, .step = film, .stored = l->stored, .calls = l->walk.cache};
    const char **cids = ad_alloc_array(l->plan->step_count, sizeof(*cids));
    struct ad_unit unit = {0};
    for (size_t i = 0; cids && i < l->plan->step_count; i++)
        cids[i] = ANY_CID;
    enum artdag_err rc =
        cids ? ad_lower_unit(l->plan, &task, cids, NULL, &l->scratch, &unit, l->err)
             : ad_error_nomem(l->err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < unit.audio->leaves.len; i++) {
        const struct ad_leaf *leaf = &unit.audio->leaves.items[i];
        union ad_map_value *sum =
            leaf->mezzanine ? NULL : ad_map_put(sums, ad_str_from(leaf->cid), NULL);
        if (sum)
            sum->num += (uint64_t)(leaf->first + leaf->count);
        else if (!leaf->mezzanine)
            rc = ad_error_nomem(l->err, ROOM);
    }
    ad_arena_fini(&l->scratch);
    free(cids);
    return rc;
}

static enum artdag_err find_tracks(struct lowering *l, uint32_t film, bool *tracked)
{
    struct ad_map sums = {0};
    enum artdag_err rc = sum_decoded(l, film, &sums);
    for (uint32_t i = 0; rc == ARTDAG_OK && i < l->plan->step_count; i++) {
        const struct ad_step *step = &l->plan->steps[i];
        char text[AD_CID_TEXT_MAX];
        if (!ad_step_is_source(step) || !step->edge.audio)
            continue;
        ad_cid_format(&l->plan->inputs[step->input].cid, text);
        const union ad_map_value *sum = ad_map_find(&sums, ad_str_from(text));
        tracked[i] = sum && pays_track(l, i, sum->num);
    }
    ad_map_fini(&sums);
    return rc;
}

/* The sound of a film, and before it the tracks that it reads, each once for all films. */
static enum artdag_err add_sound(struct lowering *l, uint32_t film)
{
    size_t steps = l->plan->step_count;
    struct ad_arena *arena = &l->result->arena;
    bool *tracked = ad_arena_array(arena, steps, sizeof(*tracked));
    if (!l->result->tracks)
        l->result->tracks = ad_arena_array(arena, steps, sizeof(*l->result->tracks));
    if (!tracked || !l->result->tracks)
        return ad_error_nomem(l->err, ROOM);
    enum artdag_err rc = find_tracks(l, film, tracked);
    for (uint32_t i = 0; rc == ARTDAG_OK && i < steps; i++) {
        if (!tracked[i] || l->task_of[i])
            continue;
        rc = add_unit(l, (struct ad_task){.kind = AD_TASK_TRACK, .step = i});
        l->task_of[i] = (uint32_t)l->result->task_count;
    }
    l->walk.tracked = tracked;
    if (rc == ARTDAG_OK)
        rc = add_unit(l, (struct ad_task){.kind = AD_TASK_SOUND,
                                          .step = film,
                                          .tracked = tracked,
                                          .tracks = l->result->tracks});
    l->walk.tracked = NULL;
    return rc;
}

static enum artdag_err add_film(struct lowering *l, const struct ad_film *divided)
{
    uint32_t index = divided->step;
    const struct ad_step *film = &l->plan->steps[index];
    uint32_t first = (uint32_t)l->result->task_count;
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < divided->span_count; i++) {
        struct ad_span span = divided->spans[i];
        rc = add_unit(l, (struct ad_task){.kind = AD_TASK_SPAN,
                                          .step = index,
                                          .span = span,
                                          .frames = span.to - span.from});
    }
    if (rc == ARTDAG_OK && film->edge.audio)
        rc = add_sound(l, index);
    uint32_t end = (uint32_t)l->result->task_count;
    for (uint32_t i = first; rc == ARTDAG_OK && i < end; i++)
        if (l->result->tasks[i].kind != AD_TASK_TRACK && !ad_vec_push(&l->after, i))
            rc = ad_error_nomem(l->err, ROOM);
    ad_cost_unit(ad_work_add, &l->sum);
    ad_cost_join(film->edge.frames, ad_work_add, &l->sum);
    if (rc == ARTDAG_OK)
        rc = append(l, (struct ad_task){.kind = AD_TASK_JOIN, .step = index});
    l->task_of[index] = (uint32_t)l->result->task_count;
    return rc;
}

static bool is_task(const struct lowering *l, uint32_t step)
{
    return l->need[step] == AD_NEED_RUN && ad_walk_is_stored(&l->walk, step);
}

static enum artdag_err add_task(struct lowering *l, uint32_t step)
{
    const struct ad_film *film = ad_film_of(l->shape->films, l->shape->film_count, step);
    return film ? add_film(l, film) : add_step(l, step);
}

/* ---- all of it ---- */

static enum artdag_err copy_films(struct lowering *l)
{
    struct ad_arena *arena = &l->result->arena;
    const struct ad_shape *shape = l->shape;
    struct ad_film *films = ad_arena_array(arena, shape->film_count, sizeof(*films));
    l->result->films = films;
    for (size_t i = 0; films && i < shape->film_count; i++) {
        struct ad_film film = shape->films[i];
        if (l->need[film.step] != AD_NEED_RUN)
            continue;
        film.spans = ad_arena_dup(arena, film.spans, film.span_count * sizeof(*film.spans));
        films[l->result->film_count++] = film;
    }
    return ad_arena_failed(arena) ? ad_error_nomem(l->err, ROOM) : ARTDAG_OK;
}

/* What somebody left, and is worth reading, is read as if this strategy had kept it. */
static enum artdag_err adopt(struct lowering *l, bool *stored)
{
    size_t count = l->plan->step_count, adopted = 0;
    for (size_t i = 0; l->shape->worth && i < count; i++) {
        bool found = l->shape->worth[i] && !stored[i] && l->need[i] == AD_NEED_HIT;
        stored[i] |= found;
        adopted += found;
    }
    if (!adopted)
        return ARTDAG_OK;
    l->named_by =
        ad_arena_dup(&l->result->arena, l->shape->stored, count * sizeof(*l->named_by));
    return l->named_by ? ARTDAG_OK : ad_error_nomem(l->err, ROOM);
}

static enum artdag_err copy_shape(struct lowering *l)
{
    struct ad_lowering *result = l->result;
    bool *stored =
        ad_arena_dup(&result->arena, l->shape->stored, l->plan->step_count * sizeof(*stored));
    if (!stored)
        return ad_error_nomem(l->err, ROOM);
    l->stored = stored;
    enum artdag_err rc = adopt(l, stored);
    return rc == ARTDAG_OK ? copy_films(l) : rc;
}

/* Spans, sound and join of every film, beside one task per step. */
static size_t count_parts(const struct ad_shape *shape)
{
    size_t count = 2;
    for (size_t i = 0; i < shape->film_count; i++)
        count += 2 + shape->films[i].span_count;
    return count;
}

static enum artdag_err prepare(struct lowering *l)
{
    size_t steps = l->plan->step_count, count = count_parts(l->shape);
    ad_arena_init(&l->result->arena, 0);
    enum artdag_err rc = copy_shape(l);
    if (rc != ARTDAG_OK)
        return rc;
    l->sum.arena = &l->result->arena;
    l->walk = (struct ad_walk){
        .plan = l->plan,
        .stored = l->stored,
        .arena = &l->scratch,
        .cache = ad_arena_array(&l->result->arena, steps, sizeof(*l->walk.cache)),
        .cache_arena = &l->result->arena,
        .leaf = read_kept,
        .built = count_built,
        .payload = l,
        .err = l->err,
    };
    for (uint32_t i = 0; i < steps; i++)
        count += is_task(l, i) || ad_step_is_source(&l->plan->steps[i]); /* perhaps a track */
    l->task_of = ad_alloc_array(steps, sizeof(*l->task_of));
    l->seen = ad_alloc_array(steps, sizeof(*l->seen));
    l->result->tasks = ad_arena_array(&l->result->arena, count, sizeof(*l->result->tasks));
    if (!l->walk.cache || !l->task_of || !l->seen || !l->result->tasks)
        return ad_error_nomem(l->err, ROOM);
    return ARTDAG_OK;
}

enum artdag_err ad_lower(const struct ad_plan *plan, const struct ad_shape *shape,
                         const enum ad_need *need, struct ad_lowering **ret, artdag_error *err)
{
    struct lowering l = {.plan = plan, .shape = shape, .need = need, .err = err};
    l.result = ad_alloc(sizeof(*l.result));
    enum artdag_err rc = l.result ? prepare(&l) : ad_error_nomem(err, ROOM);
    for (uint32_t i = 0; rc == ARTDAG_OK && i < plan->step_count; i++)
        if (is_task(&l, i))
            rc = add_task(&l, i);
    if (rc == ARTDAG_OK && !ad_work_finish(&l.sum, l.result))
        rc = ad_error_nomem(err, ROOM);
    ad_work_fini(&l.sum);
    free(l.task_of);
    free(l.seen);
    ad_walk_fini(&l.walk);
    ad_vec_fini(&l.after);
    ad_arena_fini(&l.scratch);
    if (rc != ARTDAG_OK) {
        ad_lowering_destroy(l.result);
        return rc;
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
