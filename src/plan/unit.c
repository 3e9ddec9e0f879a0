/* SPDX-License-Identifier: MIT
 *
 * The unit of a task: fragments composed along a walk, each ending in pinned formats. A step that is used twice gets two
 * leaves: a leaf is opened when it is first read, and two readers at different places of one stream would make a splitter
 * hold everything between them.
 */
#include <string.h>

#include "plan/walk.h"

struct composing {
    const struct ad_plan *plan;
    const char *const *cids, *const *tracks; /* per step */
    ad_index_vec *touched;                   /* may be NULL */
    struct ad_arena *arena;
    struct ad_unit unit;
    artdag_error *err;
};

/* ---- leaves ---- */

/* The frames of a part of a stream, counted from 0. */
static struct ad_pad restart_video(struct ad_graph *graph, struct ad_pad pad,
                                   struct ad_span span)
{
    pad = ad_graph_chain(graph, "trim", pad);
    ad_graph_set_int(graph, pad, "start_pts", span.from);
    ad_graph_set_int(graph, pad, "end_pts", span.to);
    pad = ad_graph_chain(graph, "setpts", pad);
    ad_graph_setf(graph, pad, "expr", "PTS-%lld", (long long)span.from);
    return pad;
}

static enum artdag_err read_kept(struct ad_walk *w, struct ad_level *top, uint32_t index,
                                 struct ad_span span)
{
    struct composing *c = w->payload;
    const struct ad_step *step = &c->plan->steps[index];
    struct ad_leaf leaf = {
        .cid = ad_step_is_source(step) ? c->tracks[index] : c->cids[index],
        .mezzanine = true,
        .origin_den = 1,
        .first = span.from,
        .count = span.to - span.from,
    };
    if (!leaf.cid)
        return ad_error_set(c->err, ARTDAG_E_INVAL, ROOM, "the result of %s is not known",
                            step->name);
    bool part = w->slicing && (span.from > 0 || span.to < step->edge.frames);
    if (step->edge.video && c->unit.video) {
        struct ad_pad pad = ad_graph_leaf(c->unit.video, &leaf);
        top->video_in[top->next] = part ? restart_video(c->unit.video, pad, span) : pad;
    }
    if (step->edge.audio && c->unit.audio)
        top->audio_in[top->next] = ad_graph_leaf(c->unit.audio, &leaf);
    return ARTDAG_OK;
}

static void open_source(struct composing *c, struct ad_level *level)
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

static struct ad_pad pin_video(const struct composing *c, const struct ad_level *level,
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

static struct ad_pad pin_audio(const struct composing *c, const struct ad_level *level,
                               struct ad_pad pad)
{
    const struct ad_format *format = &c->plan->format;
    struct ad_graph *graph = c->unit.audio;
    bool encoded = level->step->op->encode != NULL;
    int64_t rate = encoded ? ad_encode_rate(&c->unit.encode, format) : format->sample_rate;
    pad = ad_graph_chain(graph, "aformat", pad);
    ad_graph_set(graph, pad, "sample_fmts",
                 encoded ? c->unit.encode.audio.sample_format : "flt");
    ad_graph_set_int(graph, pad, "sample_rates", rate);
    ad_graph_set(graph, pad, "channel_layouts", format->channels == 1 ? "mono" : "stereo");
    pad = ad_graph_chain(graph, "asettb", pad);
    ad_graph_setf(graph, pad, "expr", "1/%lld", (long long)rate);
    return pad;
}

/* ---- fragments ---- */

/* Room for the pads of a level's inputs, made when the first of them is ready. */
static enum artdag_err make_pads(struct composing *c, struct ad_level *level)
{
    size_t places = level->call.input_count + 1;
    if (level->video_in)
        return ARTDAG_OK;
    level->video_in = ad_arena_array(c->arena, places, sizeof(struct ad_pad));
    level->audio_in = ad_arena_array(c->arena, places, sizeof(struct ad_pad));
    return ad_arena_failed(c->arena) ? ad_error_nomem(c->err, ROOM) : ARTDAG_OK;
}

static enum artdag_err leaf(struct ad_walk *w, struct ad_level *top, uint32_t step,
                            struct ad_span span)
{
    enum artdag_err rc = make_pads(w->payload, top);
    return rc == ARTDAG_OK ? read_kept(w, top, step, span) : rc;
}

static enum artdag_err build(struct ad_walk *w, struct ad_level *top,
                             struct ad_fragment *fragment)
{
    struct composing *c = w->payload;
    const struct ad_edge *edge = &top->step->edge;
    *fragment = (struct ad_fragment){
        .video = edge->video ? c->unit.video : NULL,
        .audio = edge->audio ? c->unit.audio : NULL,
        .video_in = top->video_in,
        .audio_in = top->audio_in,
    };
    if (c->touched && !ad_vec_push(c->touched, top->index))
        return ad_error_nomem(c->err, ROOM);
    if (top->call.source)
        open_source(c, top);
    enum artdag_err rc = top->step->op->build(&top->call, fragment, c->err);
    if (rc != ARTDAG_OK)
        return rc;
    /* A file's frames come with their own numbers, for a cut to choose from. */
    if (top->call.source && w->slicing && fragment->video && top->span.from > 0)
        fragment->video_out = restart_video(c->unit.video, fragment->video_out, top->span);
    if (fragment->video)
        fragment->video_out = pin_video(c, top, fragment->video_out);
    if (fragment->audio)
        fragment->audio_out = pin_audio(c, top, fragment->audio_out);
    return ARTDAG_OK;
}

static enum artdag_err built(struct ad_walk *w, struct ad_level *top, struct ad_level *below)
{
    struct composing *c = w->payload;
    struct ad_fragment fragment;
    enum artdag_err rc = make_pads(c, top);
    if (rc == ARTDAG_OK)
        rc = build(w, top, &fragment);
    if (rc == ARTDAG_OK && below)
        rc = make_pads(c, below);
    if (rc != ARTDAG_OK)
        return rc;
    if (below) {
        below->video_in[below->next] = fragment.video_out;
        below->audio_in[below->next] = fragment.audio_out;
        return ARTDAG_OK;
    }
    if (fragment.video)
        c->unit.video->out = fragment.video_out;
    if (fragment.audio)
        c->unit.audio->out = fragment.audio_out;
    return ARTDAG_OK;
}

/* ---- the unit around it ---- */

static enum artdag_err settings(struct composing *c, const struct ad_step *step)
{
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

/* Parts are no files for people: what their film is put into does not reach their bytes, nor their identity. */
static enum artdag_err part_container(struct composing *c)
{
    struct ad_encode *encode = &c->unit.encode;
    const char *container = "nut";
    memset(&encode->options, 0, sizeof(encode->options));
    encode->container = ad_arena_strdup(c->arena, ad_str_from(container));
    return encode->container ? ARTDAG_OK : ad_error_nomem(c->err, ROOM);
}

/* Size and exact number of frames of what a task gives. */
static void measure(struct composing *c, const struct ad_task *task, bool video)
{
    const struct ad_step *step = &c->plan->steps[task->step];
    int64_t frames = step->edge.frames;
    if (task->kind == AD_TASK_SPAN)
        frames = task->span.to - task->span.from;
    c->unit = (struct ad_unit){
        .format = c->plan->format,
        .width = video ? step->edge.width : 0,
        .height = video ? step->edge.height : 0,
        .frames = frames,
    };
    c->unit.format.pixel_format =
        ad_arena_strdup(c->arena, ad_str_from(c->plan->format.pixel_format));
}

static enum artdag_err open_graphs(struct composing *c, bool video, bool audio)
{
    if (video)
        c->unit.video = ad_graph_new(c->arena, AD_VIDEO);
    if (audio)
        c->unit.audio = ad_graph_new(c->arena, AD_AUDIO);
    return ad_arena_failed(c->arena) ? ad_error_nomem(c->err, ROOM) : ARTDAG_OK;
}

static enum artdag_err open_unit(struct composing *c, const struct ad_task *task)
{
    const struct ad_step *step = &c->plan->steps[task->step];
    bool sound = task->kind == AD_TASK_SOUND || task->kind == AD_TASK_TRACK;
    bool video = step->edge.video && !sound;
    bool audio = step->edge.audio && task->kind != AD_TASK_SPAN;
    bool graphs = task->kind != AD_TASK_JOIN;
    bool part = task->kind == AD_TASK_SPAN || task->kind == AD_TASK_SOUND;
    measure(c, task, video);
    enum artdag_err rc = open_graphs(c, video && graphs, audio && graphs);
    if (rc == ARTDAG_OK)
        rc = settings(c, step);
    if (rc != ARTDAG_OK)
        return rc;
    if (!video)
        c->unit.encode.video = (struct ad_codec_settings){0};
    if (!audio)
        c->unit.encode.audio = (struct ad_codec_settings){0};
    else
        c->unit.samples = ad_encode_samples(&c->unit.encode, &c->unit.format, c->unit.frames);
    return part ? part_container(c) : ARTDAG_OK;
}

static enum artdag_err compose(struct composing *c, const struct ad_task *task)
{
    struct ad_walk walk = {
        .plan = c->plan,
        .stored = task->stored,
        .tracked = task->tracked,
        .arena = c->arena,
        .cache = task->calls,
        .slicing = task->kind == AD_TASK_SPAN,
        .leaf = leaf,
        .built = built,
        .payload = c,
        .err = c->err,
    };
    struct ad_span whole = {0, c->plan->steps[task->step].edge.frames};
    enum artdag_err rc = ad_walk_run(&walk, task->step, walk.slicing ? task->span : whole);
    ad_walk_fini(&walk);
    /* MUX leaves the sound of one input and the picture of the other unused. */
    if (rc == ARTDAG_OK && ((c->unit.video && !ad_graph_prune(c->unit.video)) ||
                            (c->unit.audio && !ad_graph_prune(c->unit.audio))))
        rc = ad_error_nomem(c->err, ROOM);
    return rc == ARTDAG_OK ? ad_unit_check(&c->unit, c->err) : rc;
}

static enum artdag_err tell_step(const struct ad_plan *plan, const struct ad_task *task,
                                 enum artdag_err rc, artdag_error *err)
{
    const struct ad_step *step = &plan->steps[task->step];
    ad_error_node(err, step->name);
    if (err && !err->line)
        ad_error_at(err, plan->file, (int)step->line, (int)step->column);
    return rc;
}

enum artdag_err ad_lower_unit(const struct ad_plan *plan, const struct ad_task *task,
                              const char *const *cids, ad_index_vec *touched,
                              struct ad_arena *arena, struct ad_unit *ret, artdag_error *err)
{
    struct composing c = {.plan = plan,
                          .cids = cids,
                          .tracks = task->tracks,
                          .touched = touched,
                          .arena = arena,
                          .err = err};
    enum artdag_err rc = open_unit(&c, task);
    if (rc == ARTDAG_OK)
        rc = compose(&c, task);
    if (rc != ARTDAG_OK)
        return tell_step(plan, task, rc, err);
    *ret = c.unit;
    return ARTDAG_OK;
}

enum artdag_err ad_lower_join(const struct ad_plan *plan, const struct ad_lowering *lowering,
                              const struct ad_task *task, struct ad_arena *arena,
                              struct ad_job *ret, artdag_error *err)
{
    struct composing c = {.plan = plan, .arena = arena, .err = err};
    struct ad_job job = {.kind = AD_JOB_JOIN};
    const struct ad_film *film = ad_film_of(lowering->films, lowering->film_count, task->step);
    if (!film)
        return tell_step(plan, task, ad_error_set(err, ARTDAG_E_INTERNAL, ROOM, "no film"),
                         err);
    int64_t *frames = ad_arena_array(arena, film->span_count, sizeof(*frames));
    enum artdag_err rc = frames ? open_unit(&c, task) : ad_error_nomem(err, ROOM);
    if (rc != ARTDAG_OK)
        return tell_step(plan, task, rc, err);
    for (size_t i = 0; i < film->span_count; i++)
        frames[i] = film->spans[i].to - film->spans[i].from;
    job.unit = c.unit;
    job.spans.items = frames;
    job.spans.len = job.spans.cap = film->span_count;
    *ret = job;
    return ARTDAG_OK;
}
