/* SPDX-License-Identifier: MIT
 *
 * Composing the unit of a step: the fragments of the step and of every step below it that is inlined, down to
 * leaves. The walk keeps its own stack, and knows nothing of which ops it meets. A step that is used twice gets two leaves:
 * a leaf is opened when it is first read, and two readers at different places of one stream would make a splitter
 * hold everything between them.
 */
#include <string.h>

#include "plan/planner.h"

/* A fragment being built, from its inputs up. */
struct level {
    const struct ad_step *step;
    struct ad_op_call call;
    struct ad_pad *video_in, *audio_in; /* per input; SOURCE: one place for its leaf */
    struct ad_span span;                /* the frames that are wanted of it */
    uint32_t next;                      /* the input to look at */
};

struct composing {
    const struct ad_plan *plan;
    const char *const *cids;
    struct ad_arena *arena;
    struct ad_unit unit;
    const struct ad_step *result;
    AD_VEC(struct level) stack;
    artdag_error *err;
};

/* A cut takes frames by number out of what its input yields; every other op wants its inputs from 0. */
struct ad_span ad_plan_reads(const struct ad_plan *plan, const struct ad_step *step,
                             const struct ad_op_call *call, uint32_t i)
{
    int64_t frames = plan->steps[step->inputs[i].step].edge.frames;
    struct ad_span span = {0, frames};
    if (strcmp(step->op->node_type, "SEGMENT") != 0 || !step->op->range)
        return span;
    step->op->range(call, i, (struct ad_span){0, INT64_MAX}, &span);
    bool inside = span.from >= 0 && span.from < span.to && span.to <= frames;
    return inside ? span : (struct ad_span){0, frames};
}

/* ---- leaves ---- */

static enum artdag_err mezzanine_leaf(struct composing *c, struct level *level, uint32_t i)
{
    uint32_t index = level->step->inputs[i].step;
    const struct ad_step *below = &c->plan->steps[index];
    struct ad_span span = ad_plan_reads(c->plan, level->step, &level->call, i);
    struct ad_leaf leaf = {
        .cid = c->cids[index],
        .mezzanine = true,
        .origin_den = 1,
        .first = span.from,
        .count = span.to - span.from,
    };
    if (!leaf.cid)
        return ad_error_set(c->err, ARTDAG_E_INVAL, ROOM, "the result of %s is not known",
                            below->name);
    if (below->edge.video && c->unit.video)
        level->video_in[i] = ad_graph_leaf(c->unit.video, &leaf);
    if (below->edge.audio && c->unit.audio)
        level->audio_in[i] = ad_graph_leaf(c->unit.audio, &leaf);
    return ARTDAG_OK;
}

static void source_leaf(struct composing *c, struct level *level)
{
    const struct ad_source_info *info = level->call.source;
    struct ad_leaf leaf = {
        .cid = level->call.source_cid,
        .stream = info->video_stream,
        .alpha = info->alpha,
        .origin_num = info->origin_num,
        .origin_den = info->origin_den,
        .first = level->span.from,
        .count = level->span.to - level->span.from,
    };
    if (info->video && c->unit.video)
        level->video_in[0] = ad_graph_leaf(c->unit.video, &leaf);
    leaf.stream = info->audio_stream;
    leaf.alpha = false;
    if (info->audio && c->unit.audio)
        level->audio_in[0] = ad_graph_leaf(c->unit.audio, &leaf);
}

/* ---- what every fragment ends with ---- */

static struct ad_pad pin_video(const struct composing *c, const struct level *level,
                               struct ad_pad pad)
{
    const struct ad_format *format = &c->plan->format;
    struct ad_graph *graph = c->unit.video;
    bool encoded = level->step->op->encode != NULL;
    pad = ad_graph_chain(graph, "format", pad);
    ad_graph_set(graph, pad, "pix_fmts",
                 encoded ? c->unit.encode.video.pixel_format : format->pixel_format);
    pad = ad_graph_chain(graph, "settb", pad);
    ad_graph_setf(graph, pad, "expr", "%lld/%lld", (long long)format->fps_den,
                  (long long)format->fps_num);
    pad = ad_graph_chain(graph, "setsar", pad);
    ad_graph_set(graph, pad, "sar", "1/1");
    return pad;
}

static struct ad_pad pin_audio(const struct composing *c, const struct level *level,
                               struct ad_pad pad)
{
    const struct ad_format *format = &c->plan->format;
    struct ad_graph *graph = c->unit.audio;
    bool encoded = level->step->op->encode != NULL;
    pad = ad_graph_chain(graph, "aformat", pad);
    ad_graph_set(graph, pad, "sample_fmts",
                 encoded ? c->unit.encode.audio.sample_format : "flt");
    ad_graph_set_int(graph, pad, "sample_rates", format->sample_rate);
    ad_graph_set(graph, pad, "channel_layouts", format->channels == 1 ? "mono" : "stereo");
    pad = ad_graph_chain(graph, "asettb", pad);
    ad_graph_setf(graph, pad, "expr", "1/%lld", (long long)format->sample_rate);
    return pad;
}

/* ---- the walk ---- */

static enum artdag_err push(struct composing *c, uint32_t index, struct ad_span span)
{
    const struct ad_step *step = &c->plan->steps[index];
    size_t places = (size_t)step->input_count + 1;
    struct ad_op_input *inputs = ad_arena_array(c->arena, places, sizeof(*inputs));
    struct level level = {
        .step = step,
        .video_in = ad_arena_array(c->arena, places, sizeof(struct ad_pad)),
        .audio_in = ad_arena_array(c->arena, places, sizeof(struct ad_pad)),
        .span = span,
    };
    if (ad_arena_failed(c->arena))
        return ad_error_nomem(c->err, ROOM);
    level.call = ad_plan_call(c->plan, step, inputs, c->arena);
    if (level.call.source) {
        char cid[AD_CID_TEXT_MAX];
        ad_cid_format(&c->plan->inputs[step->input].cid, cid);
        level.call.source_cid = ad_arena_strdup(c->arena, ad_str_from(cid));
    }
    if (ad_arena_failed(c->arena) || !ad_vec_push(&c->stack, level))
        return ad_error_nomem(c->err, ROOM);
    return ARTDAG_OK;
}

static enum artdag_err build(struct composing *c, struct level *level,
                             struct ad_fragment *fragment)
{
    const struct ad_step *step = level->step;
    *fragment = (struct ad_fragment){
        .video = step->edge.video ? c->unit.video : NULL,
        .audio = step->edge.audio ? c->unit.audio : NULL,
        .video_in = level->video_in,
        .audio_in = level->audio_in,
    };
    if (level->call.source)
        source_leaf(c, level);
    enum artdag_err rc = step->op->build(&level->call, fragment, c->err);
    if (rc != ARTDAG_OK)
        return rc;
    if (fragment->video)
        fragment->video_out = pin_video(c, level, fragment->video_out);
    if (fragment->audio)
        fragment->audio_out = pin_audio(c, level, fragment->audio_out);
    return ARTDAG_OK;
}

/* The top is complete: builds it and hands its pads to the level below, or to the unit. */
static enum artdag_err finish_top(struct composing *c)
{
    struct level top = c->stack.items[c->stack.len - 1];
    struct ad_fragment fragment;
    enum artdag_err rc = build(c, &top, &fragment);
    c->stack.len--;
    if (rc != ARTDAG_OK)
        return rc;
    if (!c->stack.len) {
        if (fragment.video)
            c->unit.video->out = fragment.video_out;
        if (fragment.audio)
            c->unit.audio->out = fragment.audio_out;
        return ARTDAG_OK;
    }
    struct level *user = &c->stack.items[c->stack.len - 1];
    if (fragment.video)
        user->video_in[user->next] = fragment.video_out;
    if (fragment.audio)
        user->audio_in[user->next] = fragment.audio_out;
    user->next++;
    return ARTDAG_OK;
}

static enum artdag_err compose(struct composing *c, uint32_t index)
{
    enum artdag_err rc = push(c, index, (struct ad_span){0, c->result->edge.frames});
    while (rc == ARTDAG_OK && c->stack.len) {
        struct level *top = &c->stack.items[c->stack.len - 1];
        if (top->next == top->step->input_count) {
            rc = finish_top(c);
            continue;
        }
        uint32_t below = top->step->inputs[top->next].step;
        if (ad_plan_inlines(&c->plan->steps[below]))
            rc = push(c, below, ad_plan_reads(c->plan, top->step, &top->call, top->next));
        else
            rc = mezzanine_leaf(c, top, top->next++);
    }
    return rc;
}

/* ---- the unit around it ---- */

static enum artdag_err settings(struct composing *c)
{
    const struct ad_step *step = c->result;
    if (!step->op->encode)
        return ad_encode_mezzanine(c->arena, &c->plan->format, step->edge.video,
                                   step->edge.audio, &c->unit.encode);
    struct ad_op_input *inputs =
        ad_arena_array(c->arena, (size_t)step->input_count + 1, sizeof(*inputs));
    if (!inputs)
        return ad_error_nomem(c->err, ROOM);
    struct ad_op_call call = ad_plan_call(c->plan, step, inputs, c->arena);
    return step->op->encode(&call, &c->unit.encode, c->err);
}

static enum artdag_err open_unit(struct composing *c)
{
    const struct ad_step *step = c->result;
    c->unit = (struct ad_unit){
        .format = c->plan->format,
        .width = step->edge.video ? step->edge.width : 0,
        .height = step->edge.video ? step->edge.height : 0,
        .frames = step->edge.frames,
        .samples = step->edge.audio ? ad_samples_for(&c->plan->format, step->edge.frames) : 0,
    };
    c->unit.format.pixel_format =
        ad_arena_strdup(c->arena, ad_str_from(c->plan->format.pixel_format));
    if (step->edge.video)
        c->unit.video = ad_graph_new(c->arena, AD_VIDEO);
    if (step->edge.audio)
        c->unit.audio = ad_graph_new(c->arena, AD_AUDIO);
    return ad_arena_failed(c->arena) ? ad_error_nomem(c->err, ROOM) : settings(c);
}

enum artdag_err ad_lower_unit(const struct ad_plan *plan, const struct ad_task *task,
                              const char *const *cids, struct ad_arena *arena,
                              struct ad_unit *ret, artdag_error *err)
{
    struct composing c = {
        .plan = plan,
        .cids = cids,
        .arena = arena,
        .result = &plan->steps[task->step],
        .err = err,
    };
    enum artdag_err rc = open_unit(&c);
    if (rc == ARTDAG_OK)
        rc = compose(&c, task->step);
    ad_vec_fini(&c.stack);
    /* MUX leaves the sound of one input and the picture of the other unused. */
    if (rc == ARTDAG_OK && ((c.unit.video && !ad_graph_prune(c.unit.video)) ||
                            (c.unit.audio && !ad_graph_prune(c.unit.audio))))
        rc = ad_error_nomem(err, ROOM);
    if (rc == ARTDAG_OK)
        rc = ad_unit_check(&c.unit, err);
    if (rc != ARTDAG_OK) {
        ad_error_node(err, c.result->name);
        if (err && !err->line)
            ad_error_at(err, plan->file, (int)c.result->line, (int)c.result->column);
        return rc;
    }
    *ret = c.unit;
    return ARTDAG_OK;
}
