/* SPDX-License-Identifier: MIT
 *
 * Where a film is divided into spans: at the joints of its structure, mapped through the steps above them, and long
 * pieces on a grid counted from the piece's own start. It follows from the plan alone, so that every strategy and every
 * machine divides alike; and a piece that moves is divided as before.
 */
#include <string.h>

#include "plan/planner.h"

#define PIECE_MAX_SECONDS 8 /* longer pieces are divided */
#define GRID_SECONDS 6
#define REST_MIN_SECONDS 2 /* a shorter rest stays with the span before it */
#define WINDOWS_MAX                                                                            \
    2000000 /* looked into; a structure that shows more stays whole below that */

/* Frames `in` of a step are the film's from `at` on. */
struct window {
    uint32_t step;
    struct ad_span in;
    int64_t at;
};

struct search {
    const struct ad_plan *plan;
    uint32_t film;                   /* the step */
    struct ad_arena arena;           /* joints */
    const struct ad_joints **joints; /* per step, once asked */
    AD_VEC(struct window) windows;
    AD_VEC(int64_t) borders;
    size_t looked;
};

static const struct ad_joints *joints_of(struct search *s, uint32_t index)
{
    const struct ad_step *step = &s->plan->steps[index];
    struct ad_joints *joints = NULL;
    if (s->joints[index])
        return s->joints[index];
    joints = ad_arena_alloc(&s->arena, sizeof(*joints));
    struct ad_op_input *inputs =
        ad_arena_array(&s->arena, (size_t)step->input_count + 1, sizeof(*inputs));
    if (!joints || !inputs)
        return NULL;
    struct ad_op_call call = ad_plan_call(s->plan, step, inputs, &s->arena);
    if (step->op->joints && !step->op->joints(&call, joints))
        return NULL;
    s->joints[index] = joints;
    return joints;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The first border behind `frame`, the first piece that ends behind it: both lists are ascending. */
static size_t first_border(const struct ad_joints *j, int64_t frame)
{
    size_t from = 0, to = j->border_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (j->borders[middle] > frame)
            to = middle;
        else
            from = middle + 1;
    }
    return from;
}

static size_t first_piece(const struct ad_joints *j, int64_t frame)
{
    size_t from = 0, to = j->piece_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct ad_piece *piece = &j->pieces[middle];
        if (piece->at + (piece->in.to - piece->in.from) > frame)
            to = middle;
        else
            from = middle + 1;
    }
    return from;
}

static bool push_piece(struct search *s, const struct window *w, const struct ad_piece *piece)
{
    const struct ad_step *step = &s->plan->steps[w->step];
    int64_t from = larger(w->in.from, piece->at);
    int64_t to = smaller(w->in.to, piece->at + (piece->in.to - piece->in.from));
    struct window inside = {
        .step = step->inputs[piece->input].step,
        .in = {from - piece->at + piece->in.from, to - piece->at + piece->in.from},
        .at = w->at + (from - w->in.from),
    };
    /* Files have no joints, and nothing is below them. */
    if (from >= to || !s->plan->steps[inside.step].op->joints)
        return true;
    return ad_vec_push(&s->windows, inside);
}

static bool look_into(struct search *s, const struct window *w)
{
    const struct ad_joints *j = joints_of(s, w->step);
    if (!j)
        return false;
    for (size_t i = first_border(j, w->in.from); i < j->border_count; i++) {
        if (j->borders[i] >= w->in.to)
            break;
        if (!ad_vec_push(&s->borders, w->at + (j->borders[i] - w->in.from)))
            return false;
    }
    for (size_t i = first_piece(j, w->in.from); i < j->piece_count; i++) {
        if (j->pieces[i].at >= w->in.to)
            break;
        if (!push_piece(s, w, &j->pieces[i]))
            return false;
    }
    return true;
}

static bool find_borders(struct search *s)
{
    int64_t frames = s->plan->steps[s->film].edge.frames;
    struct window whole = {.step = s->film, .in = {0, frames}};
    if (!ad_vec_push(&s->windows, whole))
        return false;
    while (s->windows.len && s->looked++ < WINDOWS_MAX) {
        struct window w = s->windows.items[--s->windows.len];
        if (!look_into(s, &w))
            return false;
    }
    return ad_vec_push(&s->borders, 0) && ad_vec_push(&s->borders, frames);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* ---- borders to spans ---- */

struct grid {
    int64_t longest, step, rest; /* frames */
};

static struct grid make_grid(const struct ad_format *format)
{
    return (struct grid){
        .longest = larger(1, ad_frames_from_seconds(PIECE_MAX_SECONDS, 1, format)),
        .step = larger(1, ad_frames_from_seconds(GRID_SECONDS, 1, format)),
        .rest = ad_frames_from_seconds(REST_MIN_SECONDS, 1, format),
    };
}

/* Spans of a piece of so many frames. */
static int64_t spans_in(const struct grid *g, int64_t frames)
{
    if (frames <= g->longest)
        return 1;
    int64_t count = frames / g->step, rest = frames % g->step;
    return rest && rest >= g->rest ? count + 1 : count;
}

static enum artdag_err divide(struct search *s, struct ad_arena *arena,
                              const struct ad_span **ret, size_t *ret_count, artdag_error *err)
{
    struct grid grid = make_grid(&s->plan->format);
    size_t count = 0, filled = 0;
    for (size_t i = 1; i < s->borders.len; i++) {
        int64_t frames = s->borders.items[i] - s->borders.items[i - 1];
        count += frames ? (size_t)spans_in(&grid, frames) : 0;
    }
    struct ad_span *spans = ad_arena_array(arena, count, sizeof(*spans));
    if (!spans)
        return ad_error_nomem(err, ROOM);
    for (size_t i = 1; i < s->borders.len; i++) {
        int64_t from = s->borders.items[i - 1], to = s->borders.items[i];
        int64_t pieces = from < to ? spans_in(&grid, to - from) : 0;
        for (int64_t k = 0; k < pieces; k++)
            spans[filled++] = (struct ad_span){
                from + k * grid.step, k + 1 < pieces ? from + (k + 1) * grid.step : to};
    }
    *ret = spans;
    *ret_count = count;
    return ARTDAG_OK;
}

enum artdag_err ad_plan_spans(const struct ad_plan *plan, uint32_t film, struct ad_arena *arena,
                              const struct ad_span **ret, size_t *ret_count, artdag_error *err)
{
    struct search s = {.plan = plan, .film = film};
    enum artdag_err rc = ARTDAG_OK;
    s.joints = ad_alloc_array(plan->step_count, sizeof(*s.joints));
    if (!s.joints || !find_borders(&s)) {
        rc = ad_error_nomem(err, ROOM);
    } else {
        qsort(s.borders.items, s.borders.len, sizeof(*s.borders.items), by_number);
        rc = divide(&s, arena, ret, ret_count, err);
    }
    ad_vec_fini(&s.windows);
    ad_vec_fini(&s.borders);
    ad_arena_fini(&s.arena);
    free(s.joints);
    return rc;
}
