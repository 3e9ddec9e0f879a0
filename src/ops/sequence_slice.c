/* SPDX-License-Identifier: MIT
 *
 * Where a SEQUENCE may be divided, and what a piece of it is: the clips it touches, the first and the last of them in
 * part. A border lies between two frames of one clip's body, or at an edge of a transition, never inside one: what a
 * transition shows depends on how far it is.
 */
#include <string.h>

#include "ops/sequence.h"

struct timeline {
    const struct ad_op_call *call;
    struct ad_transition transition;
    const int64_t *starts; /* of the clips; NULL = the caller gave them */
};

static int64_t start_of(const struct timeline *t, size_t i)
{
    if (t->starts)
        return t->starts[i];
    return t->call->inputs[i].before - (int64_t)i * t->transition.overlap;
}

static bool make_timeline(const struct ad_op_call *call, struct timeline *ret)
{
    struct timeline t = {.call = call,
                         .transition = ad_transition_of(call->arena, call->config)};
    if (call->input_count > 1 && call->inputs[1].before == 0) {
        int64_t *starts = ad_arena_array(call->arena, call->input_count, sizeof(*starts));
        if (!starts)
            return false;
        for (size_t i = 1; i < call->input_count; i++)
            starts[i] = starts[i - 1] + call->inputs[i - 1].edge.frames - t.transition.overlap;
        t.starts = starts;
    }
    *ret = t;
    return true;
}

/* The last clip that starts at or before this frame. */
static size_t clip_at(const struct timeline *t, int64_t frame)
{
    size_t from = 0;
    size_t to = t->call->input_count;
    while (to - from > 1) {
        size_t middle = from + (to - from) / 2;
        if (start_of(t, middle) <= frame)
            from = middle;
        else
            to = middle;
    }
    return from;
}

/* ---- Slices ---- */

/* The place before frame `frame` of a clip. */
struct border {
    size_t clip;
    int64_t frame;
};

static bool inside_fade(const struct timeline *t, const struct border *b)
{
    int64_t frames = t->call->inputs[b->clip].edge.frames;
    int64_t in = ad_transition_in(&t->transition, b->clip);
    int64_t out = ad_transition_out(&t->transition, b->clip, t->call->input_count);
    return (b->frame > 0 && b->frame < in) || (b->frame > frames - out && b->frame < frames);
}

/* Where a piece begins. A transition begins with the end of the clip before it. */
static bool find_first(const struct timeline *t, int64_t at, struct border *ret)
{
    size_t i = clip_at(t, at);
    struct border b = {.clip = i, .frame = at - start_of(t, i)};
    int64_t overlap = t->transition.overlap;
    if (!overlap && inside_fade(t, &b))
        return false;
    if (overlap && i > 0 && b.frame < overlap) {
        if (b.frame > 0)
            return false;
        b.clip--;
        b.frame = t->call->inputs[b.clip].edge.frames - overlap;
    }
    *ret = b;
    return true;
}

/* Where a piece ends. */
static bool find_last(const struct timeline *t, int64_t at, struct border *ret)
{
    size_t i = clip_at(t, at - 1);
    struct border b = {.clip = i, .frame = at - start_of(t, i)};
    int64_t overlap = t->transition.overlap;
    if (overlap ? i > 0 && b.frame < overlap : inside_fade(t, &b))
        return false;
    *ret = b;
    return true;
}

/* What is done at the joints and ends of the piece. */
static const struct ad_value *slice_config(const struct timeline *t, const struct border *first,
                                           const struct border *last)
{
    const struct ad_op_call *call = t->call;
    struct ad_transition part = t->transition;
    bool fades = part.duration && !part.overlap;
    size_t clips = call->input_count;
    part.fade_in = fades && first->frame == 0 && ad_transition_in(&t->transition, first->clip);
    part.fade_out = fades && last->frame == call->inputs[last->clip].edge.frames &&
                    ad_transition_out(&t->transition, last->clip, clips);
    if (first->clip == last->clip && !part.fade_in && !part.fade_out)
        part = (struct ad_transition){.type = "cut"};
    struct ad_conf_set with = {"transition",
                               ad_transition_config(call->arena, call->config, &part)};
    return with.value ? ad_conf_edit(call->arena, call->config, NULL, &with, 1) : NULL;
}

enum artdag_err ad_sequence_slice(const struct ad_op_call *call, struct ad_span out,
                                  struct ad_slice *ret, artdag_error *err)
{
    struct timeline t = {0};
    struct border first = {0};
    struct border last = {0};
    if (!ad_conf_is(call->config, "target_size", "explicit"))
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ops", "sound is never divided");
    if (!make_timeline(call, &t))
        return ad_error_nomem(err, "ops");
    if (!find_first(&t, out.from, &first) || !find_last(&t, out.to, &last))
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ops",
                            "frames [%lld, %lld) begin or end inside a transition",
                            (long long)out.from, (long long)out.to);
    size_t count = last.clip - first.clip + 1;
    const struct ad_value *config = slice_config(&t, &first, &last);
    uint32_t *inputs = ad_arena_array(call->arena, count, sizeof(*inputs));
    struct ad_span *spans = ad_arena_array(call->arena, count, sizeof(*spans));
    if (!config || !inputs || !spans)
        return ad_error_nomem(err, "ops");
    for (size_t i = 0; i < count; i++) {
        inputs[i] = (uint32_t)(first.clip + i);
        spans[i] = (struct ad_span){0, call->inputs[inputs[i]].edge.frames};
    }
    spans[0].from = first.frame;
    spans[count - 1].to = last.frame;
    *ret =
        (struct ad_slice){.config = config, .inputs = inputs, .spans = spans, .count = count};
    return ARTDAG_OK;
}

/* ---- Joints ---- */

static void add_border(int64_t *borders, size_t *count, int64_t at, int64_t frames)
{
    bool known = *count && borders[*count - 1] == at;
    if (at > 0 && at < frames && !known)
        borders[(*count)++] = at;
}

bool ad_sequence_joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    struct timeline t = {0};
    size_t clips = call->input_count;
    int64_t *borders = ad_arena_array(call->arena, 3 * clips, sizeof(*borders));
    struct ad_piece *pieces = ad_arena_array(call->arena, clips, sizeof(*pieces));
    if (!borders || !pieces || !make_timeline(call, &t))
        return false;
    int64_t frames = start_of(&t, clips - 1) + call->inputs[clips - 1].edge.frames;
    bool seamless = ad_conf_bool(call->config, "seamless", false);
    struct ad_joints j = {.borders = borders, .pieces = pieces};
    for (size_t i = 0; i < clips; i++) {
        const struct ad_edge *edge = &call->inputs[i].edge;
        int64_t start = start_of(&t, i);
        struct ad_span body = {ad_transition_in(&t.transition, i),
                               edge->frames - ad_transition_out(&t.transition, i, clips)};
        add_border(borders, &j.border_count, start, frames);
        add_border(borders, &j.border_count, start + body.from, frames);
        add_border(borders, &j.border_count, start + body.to, frames);
        if (edge->video && body.from < body.to)
            pieces[j.piece_count++] =
                (struct ad_piece){.input = (uint32_t)i, .in = body, .at = start + body.from};
    }
    if (seamless)
        j.border_count = 0;
    *ret = j;
    return true;
}
