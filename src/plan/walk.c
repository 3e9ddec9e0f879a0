/* SPDX-License-Identifier: MIT */
#include "plan/walk.h"

#include <string.h>

#define LONG_LIST 8 /* inputs of a step, from which on they are not made anew for each span */

/* A cut takes frames by number out of what its input yields; every other op wants its inputs from 0. */
struct ad_span ad_plan_reads(const struct ad_plan *plan, const struct ad_step *step,
                             const struct ad_op_call *call, uint32_t i)
{
    int64_t frames = plan->steps[step->inputs[i].step].edge.frames;
    struct ad_span span = {0, frames};
    if (!step->op->cuts || !step->op->range)
        return span;
    step->op->range(call, i, (struct ad_span){0, INT64_MAX}, &span);
    bool inside = span.from >= 0 && span.from < span.to && span.to <= frames;
    return inside ? span : (struct ad_span){0, frames};
}

bool ad_walk_is_stored(const struct ad_walk *w, uint32_t step)
{
    return w->stored[step];
}

/* ---- calls ---- */

/* The call with inputs that were made for an earlier walk. */
static struct ad_op_call cached_call(const struct ad_walk *w, uint32_t index)
{
    struct ad_op_input none;
    struct ad_step bare = w->plan->steps[index];
    uint32_t count = bare.input_count;
    bare.input_count = 0;
    struct ad_op_call call = ad_plan_call(w->plan, &bare, &none, w->arena);
    call.inputs = w->cache[index];
    call.input_count = count;
    return call;
}

/* The call for the whole step. */
static bool whole_call(struct ad_walk *w, uint32_t index, struct ad_op_call *ret)
{
    const struct ad_step *step = &w->plan->steps[index];
    bool keep = w->cache && w->cache_arena && step->input_count >= LONG_LIST;
    struct ad_arena *arena = keep ? w->cache_arena : w->arena;
    if (w->cache && w->cache[index]) {
        *ret = cached_call(w, index);
    } else {
        struct ad_op_input *inputs =
            ad_arena_array(arena, (size_t)step->input_count + 1, sizeof(*inputs));
        if (!inputs)
            return false;
        *ret = ad_plan_call(w->plan, step, inputs, arena);
        ret->arena = w->arena;
        if (keep && ad_arena_failed(arena))
            return false;
        if (keep)
            w->cache[index] = inputs;
    }
    if (ad_step_is_source(step) && !w->plan->inputs[step->input].file) {
        char cid[AD_CID_TEXT_MAX];
        ret->source = &w->plan->sources[step->input];
        ad_cid_format(&w->plan->inputs[step->input].cid, cid);
        ret->source_cid = ad_arena_strdup(w->arena, ad_str_from(cid));
    }
    return !ad_arena_failed(w->arena);
}

/* The same op on the chosen pieces of some inputs. */
static bool sliced_call(struct ad_walk *w, const struct ad_slice *slice, struct ad_level *level)
{
    struct ad_op_input *inputs =
        ad_arena_array(w->arena, slice->count + 1, sizeof(struct ad_op_input));
    const struct ad_op *op = level->step->op;
    bool listed = op->slots && op->slots[0].max && !op->slots[0].name;
    if (!inputs)
        return false;
    int64_t before = 0;
    for (size_t i = 0; i < slice->count; i++) {
        inputs[i] = level->call.inputs[slice->inputs[i]];
        inputs[i].edge.frames = slice->spans[i].to - slice->spans[i].from;
        inputs[i].before = before;
        before += inputs[i].edge.frames;
        if (listed)
            inputs[i].slot = level->call.inputs[i].slot;
    }
    level->call.config = slice->config;
    level->call.inputs = inputs;
    level->call.input_count = slice->count;
    level->chosen = slice->inputs;
    level->spans = slice->spans;
    return true;
}

static bool is_slice(const struct ad_level *level, const struct ad_slice *slice)
{
    for (size_t i = 0; i < slice->count; i++) {
        if (slice->inputs[i] >= level->step->input_count)
            return false;
        int64_t frames = level->call.inputs[slice->inputs[i]].edge.frames;
        if (slice->spans[i].from < 0 || slice->spans[i].from >= slice->spans[i].to ||
            slice->spans[i].to > frames)
            return false;
    }
    return slice->count <= level->step->input_count && slice->config;
}

static enum artdag_err slice_level(struct ad_walk *w, struct ad_level *level)
{
    struct ad_slice slice = {0};
    enum artdag_err rc = ARTDAG_E_UNSUPPORTED;
    if (level->step->op->slice)
        rc = level->step->op->slice(&level->call, level->span, &slice, w->err);
    if (rc == ARTDAG_E_UNSUPPORTED) {
        w->failed = level->index;
        return ad_error_set(w->err, rc, ROOM, "%s cannot be divided there", level->step->name);
    }
    if (rc != ARTDAG_OK)
        return rc;
    if (!is_slice(level, &slice))
        return ad_error_set(w->err, ARTDAG_E_INTERNAL, ROOM, "%s divides itself wrongly",
                            level->step->op->node_type);
    return sliced_call(w, &slice, level) ? ARTDAG_OK : ad_error_nomem(w->err, ROOM);
}

/* ---- the walk ---- */

static enum artdag_err push(struct ad_walk *w, uint32_t index, struct ad_span span)
{
    struct ad_level level = {.index = index, .step = &w->plan->steps[index], .span = span};
    if (!whole_call(w, index, &level.call))
        return ad_error_nomem(w->err, ROOM);
    if (w->slicing && !ad_step_is_source(level.step)) {
        enum artdag_err rc = slice_level(w, &level);
        if (rc != ARTDAG_OK)
            return rc;
    }
    return ad_vec_push(&w->stack, level) ? ARTDAG_OK : ad_error_nomem(w->err, ROOM);
}

static enum artdag_err finish_top(struct ad_walk *w)
{
    struct ad_level top = w->stack.items[--w->stack.len];
    struct ad_level *below = w->stack.len ? &w->stack.items[w->stack.len - 1] : NULL;
    enum artdag_err rc = w->built ? w->built(w, &top, below) : ARTDAG_OK;
    if (below)
        below->next++;
    return rc;
}

enum artdag_err ad_walk_run(struct ad_walk *w, uint32_t step, struct ad_span span)
{
    w->stack.len = 0;
    enum artdag_err rc = push(w, step, span);
    while (rc == ARTDAG_OK && w->stack.len) {
        struct ad_level *top = &w->stack.items[w->stack.len - 1];
        if (top->next == top->call.input_count) {
            rc = finish_top(w);
            continue;
        }
        uint32_t input = top->chosen ? top->chosen[top->next] : (uint32_t)top->next;
        uint32_t below = top->step->inputs[input].step;
        struct ad_span wanted = top->spans
                                    ? top->spans[top->next]
                                    : ad_plan_reads(w->plan, top->step, &top->call, input);
        bool tracked = w->tracked && w->tracked[below];
        if (w->plan->steps[below].edge.file) { /* its bytes go beside the graph, by CID */
            top->next++;
        } else if (!ad_walk_is_stored(w, below) && !tracked) {
            rc = push(w, below, wanted);
        } else {
            rc = w->leaf(w, top, below, wanted);
            top->next++;
        }
    }
    return rc;
}

void ad_walk_fini(struct ad_walk *w)
{
    ad_vec_fini(&w->stack);
}
