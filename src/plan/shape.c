/* SPDX-License-Identifier: MIT
 *
 * What a strategy keeps. Results never depend on it; only work does. A result is kept by itself when it must be (it
 * cannot be divided where a span ends, or the recipe says so) or when that is cheaper than making it again for
 * each of its users.
 */
#include <string.h>

#include "plan/walk.h"

#define USERS_MIN 3      /* fewer users never pay for keeping */
#define KEEP_MS_MIN 10.0 /* per frame: nor does what is cheaper than this */
#define WORTH_FACTOR 2.0 /* dearer than reading by this much is worth asking the state for */
#define FRAGMENTS_MAX 150000 /* in one unit, before inputs are kept to make it smaller */

struct shaping {
    const struct ad_plan *plan;
    struct ad_shape *shape;
    bool *stored, *worth;
    struct ad_film *films;
    artdag_error *err;
};

/* ---- what pays ---- */

/* Per step, while going up from the files. */
struct weight {
    double ms;      /* of making the whole result within a unit */
    double reads;   /* frames that all its users read */
    uint32_t users; /* inputs that it is */
    uint32_t depth; /* fragments in the unit that would make it, saturating */
};

static int64_t frames_read(const struct ad_step *step, const struct ad_step *below)
{
    bool cut = strcmp(step->op->node_type, "SEGMENT") == 0;
    return cut ? step->edge.frames : below->edge.frames;
}

static void count_users(const struct ad_plan *plan, struct weight *weights)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct ad_step *step = &plan->steps[i];
        for (uint32_t k = 0; k < step->input_count; k++) {
            uint32_t below = step->inputs[k].step;
            weights[below].users++;
            weights[below].reads += (double)frames_read(step, &plan->steps[below]);
        }
    }
}

static void add_ms(void *payload, const struct ad_kind *kind, double amount)
{
    double *ms = payload;
    *ms += kind->ms * amount;
}

static const struct ad_media both = {true, true};

static bool pays(const struct shaping *s, const struct ad_step *step, const struct weight *w)
{
    double frames = (double)step->edge.frames;
    if (w->users < USERS_MIN || w->ms <= KEEP_MS_MIN * frames)
        return false;
    double kept = w->ms, read = 0;
    ad_cost_keep(s->plan, step, step->edge.frames, add_ms, &kept);
    ad_cost_read(s->plan, step, step->edge.frames, both, add_ms, &read);
    kept += read / frames * w->reads;
    return kept < w->ms / frames * w->reads;
}

/* Should the result be there, left by another strategy or another film: is reading it less work? */
static bool is_worth(const struct shaping *s, const struct ad_step *step,
                     const struct weight *w)
{
    double read = 0;
    ad_cost_read(s->plan, step, step->edge.frames, both, add_ms, &read);
    return w->ms > WORTH_FACTOR * read;
}

/* Keeps the inputs of a step that would become a unit of too many fragments. */
static void shorten(struct shaping *s, const struct ad_step *step, struct weight *weights,
                    struct weight *own)
{
    own->depth = 1 + step->input_count;
    for (uint32_t k = 0; k < step->input_count; k++) {
        uint32_t below = step->inputs[k].step;
        if (!ad_step_is_source(&s->plan->steps[below]) && weights[below].depth > 1)
            s->stored[below] = true;
    }
}

static void weigh(struct shaping *s, struct weight *weights, uint32_t index)
{
    const struct ad_step *step = &s->plan->steps[index];
    struct weight *w = &weights[index];
    w->ms = 0;
    ad_cost_op(s->plan, step, step->edge.frames, both, add_ms, &w->ms);
    w->depth = 1;
    for (uint32_t k = 0; k < step->input_count; k++) {
        uint32_t below = step->inputs[k].step;
        const struct ad_step *input = &s->plan->steps[below];
        int64_t frames = frames_read(step, input);
        bool read = s->stored[below] || ad_step_is_source(input);
        if (read)
            ad_cost_read(s->plan, input, frames, both, add_ms, &w->ms);
        else
            w->ms += weights[below].ms * (double)frames / (double)input->edge.frames;
        w->depth += read ? 1 : weights[below].depth;
        w->depth = w->depth > 2 * FRAGMENTS_MAX ? 2 * FRAGMENTS_MAX : w->depth;
    }
    if (w->depth > FRAGMENTS_MAX)
        shorten(s, step, weights, w);
    if (!ad_step_is_source(step) && (step->keep || pays(s, step, w)))
        s->stored[index] = true;
    s->worth[index] = !ad_step_is_source(step) && !s->stored[index] && is_worth(s, step, w);
}

static enum artdag_err store_what_pays(struct shaping *s)
{
    struct weight *weights = ad_alloc_array(s->plan->step_count, sizeof(*weights));
    if (!weights)
        return ad_error_nomem(s->err, ROOM);
    count_users(s->plan, weights);
    for (uint32_t i = 0; i < s->plan->step_count; i++)
        weigh(s, weights, i);
    free(weights);
    return ARTDAG_OK;
}

/* ---- what must ---- */

static enum artdag_err pass_leaf(struct ad_walk *walk, struct ad_level *top, uint32_t step,
                                 struct ad_span span)
{
    (void)walk;
    (void)top;
    (void)step;
    (void)span;
    return ARTDAG_OK;
}

/* Walks one span; what cannot be divided there is kept, and the span walked again. */
static enum artdag_err try_span(struct shaping *s, struct ad_walk *walk, struct ad_film *film,
                                struct ad_span span)
{
    enum artdag_err rc = ARTDAG_E_UNSUPPORTED;
    while (rc == ARTDAG_E_UNSUPPORTED) {
        rc = ad_walk_run(walk, film->step, span);
        ad_arena_fini(walk->arena);
        if (rc != ARTDAG_E_UNSUPPORTED)
            break;
        if (walk->failed == film->step) { /* films of this kind are never divided */
            film->span_count = 0;
            return ARTDAG_OK;
        }
        s->stored[walk->failed] = true;
    }
    return rc;
}

static enum artdag_err try_spans(struct shaping *s, struct ad_film *film)
{
    struct ad_arena scratch = AD_ARENA_INIT, calls = AD_ARENA_INIT;
    struct ad_walk walk = {
        .plan = s->plan,
        .stored = s->stored,
        .arena = &scratch,
        .slicing = true,
        .cache = ad_alloc_array(s->plan->step_count, sizeof(*walk.cache)),
        .cache_arena = &calls,
        .leaf = pass_leaf,
        .err = s->err,
    };
    enum artdag_err rc = walk.cache ? ARTDAG_OK : ad_error_nomem(s->err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < film->span_count; i++)
        rc = try_span(s, &walk, film, film->spans[i]);
    ad_walk_fini(&walk);
    ad_arena_fini(&scratch);
    ad_arena_fini(&calls);
    free(walk.cache);
    return rc;
}

/* ---- the films ---- */

static int by_step(const void *a, const void *b)
{
    uint32_t x = ((const struct ad_film *)a)->step, y = ((const struct ad_film *)b)->step;
    return (x > y) - (x < y);
}

const struct ad_film *ad_film_of(const struct ad_film *films, size_t count, uint32_t step)
{
    const struct ad_film wanted = {.step = step};
    return count ? bsearch(&wanted, films, count, sizeof(*films), by_step) : NULL;
}

/* The outputs that may be divided, each step once. */
static size_t list_films(struct shaping *s)
{
    const struct ad_plan *plan = s->plan;
    size_t count = 0;
    for (size_t i = 0; i < plan->output_count; i++) {
        uint32_t index = plan->outputs[i].step;
        const struct ad_step *step = &plan->steps[index];
        if (step->edge.video && step->op->slice)
            s->films[count++].step = index;
    }
    size_t kept = 0;
    qsort(s->films, count, sizeof(*s->films), by_step);
    for (size_t i = 0; i < count; i++)
        if (!kept || s->films[kept - 1].step != s->films[i].step)
            s->films[kept++] = s->films[i];
    return kept;
}

/* What cannot be divided where a film needs it is kept, and is a leaf for the films after it. */
static enum artdag_err divide_films(struct shaping *s)
{
    struct ad_arena *arena = &s->shape->arena;
    size_t count = 0;
    enum artdag_err rc = ARTDAG_OK;
    s->films = ad_arena_array(arena, s->plan->output_count, sizeof(*s->films));
    if (!s->films)
        return ad_error_nomem(s->err, ROOM);
    size_t candidates = list_films(s);
    for (size_t i = 0; rc == ARTDAG_OK && i < candidates; i++) {
        struct ad_film film = {.step = s->films[i].step};
        rc = ad_plan_spans(s->plan, film.step, arena, &film.spans, &film.span_count, s->err);
        if (rc == ARTDAG_OK)
            rc = try_spans(s, &film);
        if (film.span_count)
            s->films[count++] = film;
    }
    s->shape->films = s->films;
    s->shape->film_count = count;
    return rc;
}

static enum artdag_err shape_all(struct shaping *s)
{
    const struct ad_plan *plan = s->plan;
    enum artdag_err rc = ARTDAG_OK;
    s->stored = ad_arena_array(&s->shape->arena, plan->step_count, sizeof(*s->stored));
    s->worth = ad_arena_array(&s->shape->arena, plan->step_count, sizeof(*s->worth));
    s->shape->stored = s->stored;
    s->shape->worth = s->worth;
    if (!s->stored || !s->worth)
        return ad_error_nomem(s->err, ROOM);
    if (s->shape->strategy == AD_STRATEGY_NAIVE)
        for (size_t i = 0; i < plan->step_count; i++)
            s->stored[i] = !ad_step_is_source(&plan->steps[i]);
    else
        rc = store_what_pays(s);
    if (rc == ARTDAG_OK)
        rc = divide_films(s);
    for (size_t i = 0; i < plan->output_count; i++)
        s->stored[plan->outputs[i].step] = true;
    return rc;
}

enum artdag_err ad_plan_shape(const struct ad_plan *plan, enum ad_strategy strategy,
                              struct ad_shape **ret, artdag_error *err)
{
    struct shaping s = {.plan = plan, .shape = ad_alloc(sizeof(*s.shape)), .err = err};
    if (!s.shape)
        return ad_error_nomem(err, ROOM);
    ad_arena_init(&s.shape->arena, 0);
    s.shape->strategy = strategy;
    enum artdag_err rc = shape_all(&s);
    if (rc != ARTDAG_OK) {
        ad_shape_destroy(s.shape);
        return rc;
    }
    *ret = s.shape;
    return ARTDAG_OK;
}

void ad_shape_destroy(struct ad_shape *shape)
{
    if (!shape)
        return;
    ad_arena_fini(&shape->arena);
    free(shape);
}
