/* SPDX-License-Identifier: MIT
 *
 * SEQUENCE: clips one after the other, with transitions.
 *
 * Positions. Clip i starts at frame S_i of the result: S_0 = 0, S_(i+1) = S_i + n_i - overlap. Its sound sample k
 * is sample at(S_i) + k of the result, where at() is ad_samples_at: each boundary is placed from
 * the start of the film and never from the sum of rounded lengths, so sound does not drift however many clips there are.
 */
#include "ops/sequence.h"

#include <string.h>

#define CLIPS_MAX 1000000

/* Cut, crossfade and fade are artdag's; the others are the transitions of FFmpeg's xfade under their own names. */
static const char *const types[] = {
    "cut",         "crossfade", "fade",       "wipeleft",   "wiperight",   "wipeup",
    "wipedown",    "slideleft", "slideright", "slideup",    "slidedown",   "circlecrop",
    "rectcrop",    "distance",  "fadeblack",  "fadewhite",  "radial",      "smoothleft",
    "smoothright", "smoothup",  "smoothdown", "circleopen", "circleclose", "vertopen",
    "vertclose",   "horzopen",  "horzclose",  "dissolve",   "pixelize",    "diagtl",
    "diagtr",      "diagbl",    "diagbr",     "hlslice",    "hrslice",     "vuslice",
    "vdslice",     "hblur",     "fadegrays",  "wipetl",     "wipetr",      "wipebl",
    "wipebr",      "squeezeh",  "squeezev",   "zoomin",     NULL};

static const char *const yes[] = {"true", NULL};
static const char *const targets[] = {"first", "last", "largest", "explicit", NULL};

static const struct ad_field transition[] = {
    {.name = "type",
     .type = AD_FIELD_ENUM,
     .fallback = "\"cut\"",
     .values = types,
     .doc = "cut: none. crossfade: the end of each clip dissolves into the beginning of the "
            "next; they overlap, so the result "
            "is shorter by the duration at each joint. fade: each clip fades out to black and "
            "the next one in from black, "
            "without overlap. The other names are wipes and the like, which overlap as "
            "crossfade does; their sound is "
            "crossfaded."},
    {.name = "duration",
     .type = AD_FIELD_TIME,
     .fallback = "0.5",
     .doc = "Length of each transition; for fade, of each fade out and each fade in."},
    {.name = "fade_in",
     .type = AD_FIELD_BOOL,
     .values = yes,
     .internal = true,
     .doc = "A slice: the first clip fades in too."},
    {.name = "fade_out",
     .type = AD_FIELD_BOOL,
     .values = yes,
     .internal = true,
     .doc = "A slice: the last clip fades out too."},
    {NULL},
};

static const struct ad_field fields[] = {
    {.name = "transition",
     .type = AD_FIELD_MAP,
     .fallback = "{}",
     .fields = transition,
     .doc = "What happens where two clips meet."},
    {.name = "target_size",
     .type = AD_FIELD_ENUM,
     .fallback = "\"first\"",
     .values = targets,
     .doc = "The result's size: that of the first, the last or the largest (in area; the "
            "earlier of equals) clip with a picture, "
            "or explicit: width and height. Other clips are fitted into it, keeping their "
            "proportions."},
    {.name = "width",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = 16384,
     .unit = "pixels, even",
     .doc = "With target_size explicit."},
    {.name = "height",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = 16384,
     .unit = "pixels, even",
     .doc = "With target_size explicit."},
    {.name = "background",
     .type = AD_FIELD_COLOR,
     .fallback = "\"black\"",
     .doc = "Colour beside fitted clips, and of clips without a picture."},
    {.name = "seamless",
     .type = AD_FIELD_BOOL,
     .values = yes,
     .internal = true,
     .doc = "The clips are one shot that was cut up: where they meet is no place to divide."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, CLIPS_MAX, "the clips, in order"}, {.max = 0}};

/* ---- Layout ---- */

struct layout {
    struct ad_transition transition;
    bool video, audio;
    int64_t width, height, frames;
};

static enum ad_class exactness_of(const struct ad_value *config)
{
    /* These two go through single-precision sine and arc tangent of the C library. */
    const struct ad_value *t = ad_value_get(config, "transition");
    return ad_conf_is(t, "type", "dissolve") || ad_conf_is(t, "type", "radial")
               ? AD_CLASS_PROFILE
               : AD_CLASS_EXACT;
}

struct ad_transition ad_transition_of(struct ad_arena *arena, const struct ad_value *config)
{
    const struct ad_value *map = ad_value_get(config, "transition");
    struct ad_transition t = {.type = ad_conf_text(arena, map, "type", "cut")};
    t.duration = strcmp(t.type, "cut") == 0 ? 0 : ad_conf_int(map, "duration", 0);
    if (t.duration == 0)
        return (struct ad_transition){.type = "cut"};
    bool fades = strcmp(t.type, "fade") == 0;
    t.overlap = fades ? 0 : t.duration;
    t.fade_in = fades && ad_conf_bool(map, "fade_in", false);
    t.fade_out = fades && ad_conf_bool(map, "fade_out", false);
    return t;
}

int64_t ad_transition_in(const struct ad_transition *t, size_t i)
{
    return i > 0 || t->fade_in ? t->duration : 0;
}

int64_t ad_transition_out(const struct ad_transition *t, size_t i, size_t clips)
{
    return i + 1 < clips || t->fade_out ? t->duration : 0;
}

const struct ad_value *ad_transition_config(struct ad_arena *arena,
                                            const struct ad_value *config,
                                            const struct ad_transition *t)
{
    struct ad_conf_set with[4];
    size_t n = 0;
    with[n++] = (struct ad_conf_set){"type", ad_value_new_str(arena, ad_str_from(t->type))};
    if (t->duration)
        with[n++] = (struct ad_conf_set){"duration", ad_value_new_int(arena, t->duration)};
    if (t->fade_in)
        with[n++] = (struct ad_conf_set){"fade_in", ad_value_new_bool(arena, true)};
    if (t->fade_out)
        with[n++] = (struct ad_conf_set){"fade_out", ad_value_new_bool(arena, true)};
    return ad_conf_new(arena, ad_value_get(config, "transition"), with, n);
}

static enum artdag_err explicit_size(const struct ad_value *config, int64_t w, int64_t h,
                                     struct layout *l, artdag_error *err)
{
    if (!w || !h)
        return ad_conf_bad(config, "target_size", err,
                           "target_size explicit needs width and height");
    if (w % 2 || h % 2)
        return ad_conf_bad(config, w % 2 ? "width" : "height", err,
                           "sizes must be even: %lld is not", (long long)(w % 2 ? w : h));
    l->width = w;
    l->height = h;
    return ARTDAG_OK;
}

static enum artdag_err choose_size(const struct ad_op_call *call, struct layout *l,
                                   artdag_error *err)
{
    const struct ad_value *config = call->config;
    int64_t w = ad_conf_int(config, "width", 0);
    int64_t h = ad_conf_int(config, "height", 0);
    if (ad_conf_is(config, "target_size", "explicit"))
        return explicit_size(config, w, h, l, err);
    if (w || h) {
        enum artdag_err rc = ad_conf_bad(config, w ? "width" : "height", err,
                                         "width and height need target_size: explicit");
        ad_error_hint(err, "add target_size: explicit, or leave them out");
        return rc;
    }
    bool last = ad_conf_is(config, "target_size", "last");
    bool largest = ad_conf_is(config, "target_size", "largest");
    for (size_t i = 0; i < call->input_count; i++) {
        const struct ad_edge *e = &call->inputs[i].edge;
        if (e->video && (l->width == 0 || last ||
                         (largest && e->width * e->height > l->width * l->height))) {
            l->width = e->width;
            l->height = e->height;
        }
    }
    return ARTDAG_OK;
}

/* Clip i is as long as the transitions at its two ends together. */
static enum artdag_err check_lengths(const struct ad_op_call *call, const struct layout *l,
                                     artdag_error *err)
{
    const struct ad_transition *t = &l->transition;
    for (size_t i = 0; i < call->input_count && t->duration; i++) {
        int64_t frames = call->inputs[i].edge.frames;
        int64_t needed = ad_transition_in(t, i) + ad_transition_out(t, i, call->input_count);
        if (frames >= needed)
            continue;
        enum artdag_err rc = ad_conf_bad(
            ad_value_get(call->config, "transition"), "duration", err,
            "clip %zu of %zu is too short for its transitions: %lld frames, needs %lld", i + 1,
            call->input_count, (long long)frames, (long long)needed);
        ad_error_hint(err, "a transition of at most \"%lldf\" fits this clip",
                      (long long)(frames / (needed > t->duration ? 2 : 1)));
        return rc;
    }
    return ARTDAG_OK;
}

static enum artdag_err lay_out(const struct ad_op_call *call, struct layout *ret,
                               artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_sequence, call, err);
    if (rc)
        return rc;
    struct layout l = {.transition = ad_transition_of(call->arena, call->config)};
    for (size_t i = 0; i < call->input_count; i++) {
        const struct ad_edge *e = &call->inputs[i].edge;
        l.video = l.video || e->video;
        l.audio = l.audio || e->audio;
        l.frames += e->frames - (i ? l.transition.overlap : 0);
    }
    rc = check_lengths(call, &l, err);
    if (!rc && l.frames > AD_FRAMES_MAX)
        rc = ad_error_set(err, ARTDAG_E_INVAL, "ops", "the result is longer than %lld frames",
                          (long long)AD_FRAMES_MAX);
    if (!rc && l.video)
        rc = choose_size(call, &l, err);
    if (!rc)
        *ret = l;
    return rc;
}

/* The final form says what is done, not how it was asked for: an explicit size, no duration of a cut. */
static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    struct layout l = {0};
    enum artdag_err rc = lay_out(call, &l, err);
    if (rc)
        return rc;
    struct ad_arena *arena = call->arena;
    const struct ad_value *joint = ad_transition_config(arena, call->config, &l.transition);
    struct ad_conf_set with[4] = {
        {"transition", joint},
        {"target_size", ad_value_new_str(arena, AD_STR_LIT("explicit"))},
        {"width", ad_value_new_int(arena, l.width)},
        {"height", ad_value_new_int(arena, l.height)},
    };
    static const char *const sizes[] = {"target_size", "width", "height", "background", NULL};
    const struct ad_value *config =
        ad_conf_edit(arena, call->config, l.video ? NULL : sizes, with, l.video ? 4 : 1);
    if (!joint || !config)
        return ad_error_nomem(err, "ops");
    *ret_config = config;
    return ARTDAG_OK;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    struct layout l = {0};
    enum artdag_err rc = lay_out(call, &l, err);
    if (rc)
        return rc;
    *ret = (struct ad_edge){.frames = l.frames,
                            .width = l.width,
                            .height = l.height,
                            .video = l.video,
                            .audio = l.audio};
    return ARTDAG_OK;
}

static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    int64_t frames = call->inputs[i].edge.frames;
    if (out.from <= 0 && out.to == INT64_MAX) {
        *ret = (struct ad_span){0, frames};
        return;
    }
    const struct ad_value *t = ad_value_get(call->config, "transition");
    bool overlaps = !ad_conf_is(t, "type", "cut") && !ad_conf_is(t, "type", "fade");
    int64_t overlap = overlaps ? ad_conf_int(t, "duration", 0) : 0;
    int64_t start = 0;
    for (size_t k = 0; k < i; k++)
        start += call->inputs[k].edge.frames - overlap;
    struct ad_span inside = ad_span_clip(out, start, start + frames);
    *ret = inside.from == inside.to ? inside
                                    : (struct ad_span){inside.from - start, inside.to - start};
}

/* ---- Building ---- */

/* One clip in the result: frames [start, start + frames), of which `in` and `out` belong to transitions. */
struct clip {
    int64_t start, frames;
    int64_t in, out;
    bool last;
};

static struct clip clip_at(const struct ad_op_call *call, const struct layout *l, size_t i,
                           int64_t start)
{
    return (struct clip){.start = start,
                         .frames = call->inputs[i].edge.frames,
                         .in = ad_transition_in(&l->transition, i),
                         .out = ad_transition_out(&l->transition, i, call->input_count),
                         .last = i + 1 == call->input_count};
}

/* Head, body and tail of a clip; pads that are not set do not exist. */
struct pieces {
    struct ad_pad head, body, tail;
};

/* What is collected for the join at the end: bodies and transitions in order. */
struct parts {
    AD_VEC(struct ad_pad) pads;
    struct ad_pad tail; /* of the last clip, waiting for the next one */
    bool failed;
};

static void add_part(struct parts *parts, struct ad_pad pad)
{
    if (pad.set && !ad_vec_push(&parts->pads, pad))
        parts->failed = true;
}

typedef struct ad_pad (*cut_fn)(struct ad_graph *graph, struct ad_pad in, int64_t from,
                                int64_t to);
typedef struct ad_pad (*split_fn)(struct ad_graph *graph, struct ad_pad in, uint32_t outputs);

/* Cuts in at the two positions into three pieces, of which empty ones do not exist. The head is without its first `skip`
 * frames. */
static struct pieces cut_pieces(struct ad_graph *graph, struct ad_pad in,
                                const int64_t borders[4], int64_t skip, cut_fn cut,
                                split_fn split)
{
    struct pieces p = {0};
    struct ad_pad *const rets[] = {&p.head, &p.body, &p.tail};
    int64_t from[3];
    uint32_t count = 0;
    for (size_t i = 0; i < 3; i++) {
        from[i] = borders[i] + (i == 0 ? skip : 0);
        count += from[i] < borders[i + 1];
    }
    struct ad_pad source = count > 1 ? split(graph, in, count) : in;
    uint32_t next = 0;
    for (size_t i = 0; i < 3; i++) {
        if (from[i] >= borders[i + 1])
            continue;
        bool whole = from[i] == 0 && borders[i + 1] == borders[3];
        struct ad_pad pad = count > 1 ? ad_pad_nth(source, next++) : in;
        *rets[i] = whole ? pad : cut(graph, pad, from[i], borders[i + 1]);
    }
    return p;
}

static int64_t microseconds(const struct ad_format *format, int64_t frames)
{
    return ad_muldiv_round(frames * 1000000, format->fps_den, format->fps_num);
}

/* Frame 0 of a transition is the first clip's own frame and does not come here: it would be computed in vain, and
 * xfade's slideleft and slideup read outside of the picture for it. So the filter starts one frame into its time. */
static struct ad_pad mix_video(const struct ad_op_call *call, const struct layout *l,
                               struct ad_graph *graph, struct ad_pad from, struct ad_pad to)
{
    struct ad_pad both[2] = {from, to};
    struct ad_pad out = ad_graph_filter(graph, "xfade", both, 2);
    ad_graph_set(graph, out, "transition",
                 strcmp(l->transition.type, "crossfade") == 0 ? "fade" : l->transition.type);
    ad_graph_setf(graph, out, "duration", "%lldus",
                  (long long)microseconds(call->format, l->transition.duration));
    ad_graph_setf(graph, out, "offset", "-%lldus", (long long)microseconds(call->format, 1));
    /* xfade works in 4:4:4: back at once, so that only the transition's frames pay for it. */
    return ad_video_format(graph, out, call->format->pixel_format);
}

static struct ad_pad mix_audio(struct ad_graph *graph, struct ad_pad from, struct ad_pad to,
                               int64_t samples)
{
    struct ad_pad both[2] = {from, to};
    struct ad_pad out = ad_graph_filter(graph, "acrossfade", both, 2);
    ad_graph_set_int(graph, out, "nb_samples", samples);
    ad_graph_set(graph, out, "curve1", "tri");
    ad_graph_set(graph, out, "curve2", "tri");
    return out;
}

/* The clip's picture in the result's size. */
static struct ad_pad video_of(const struct ad_op_call *call, const struct layout *l,
                              struct ad_graph *graph, const struct ad_pad *ins, size_t i,
                              const char *background)
{
    const struct ad_edge *e = &call->inputs[i].edge;
    if (!e->video)
        return ad_video_blank(graph, call->format, l->width, l->height, e->frames, background);
    struct ad_pad out =
        ad_video_fit_pad(graph, ins[i], call->format, e, l->width, l->height, background);
    /* Else xfade's 4:4:4 would be negotiated through the splitter up to the scaler or the clip itself, and a body would be
     * converted there and back where a transition is near. */
    return ad_video_format(graph, out, call->format->pixel_format);
}

static void add_video(const struct ad_op_call *call, const struct layout *l,
                      struct ad_graph *graph, struct ad_pad in, const struct clip *c,
                      struct parts *parts)
{
    if (!l->transition.overlap) {
        if (c->in)
            in = ad_video_fade(graph, in, "in", 0, c->in);
        if (c->out)
            in = ad_video_fade(graph, in, "out", c->frames - c->out, c->out);
        add_part(parts, in);
        return;
    }
    int64_t tail_from = c->frames - (c->out ? c->out - 1 : 0);
    const int64_t borders[4] = {0, c->in, tail_from, c->frames};
    struct pieces p =
        cut_pieces(graph, in, borders, c->in ? 1 : 0, ad_video_cut, ad_video_split);
    if (p.head.set && parts->tail.set)
        add_part(parts, mix_video(call, l, graph, parts->tail, p.head));
    add_part(parts, p.body);
    parts->tail = p.tail;
}

/* The clip's sound with exactly the samples between its borders in the result; the last clip also carries the sample
 * that a result of broken length is rounded up to. */
static struct ad_pad audio_of(const struct ad_op_call *call, const struct layout *l,
                              struct ad_graph *graph, const struct ad_pad *ins, size_t i,
                              const struct clip *c, int64_t *ret_samples)
{
    const struct ad_format *f = call->format;
    int64_t end =
        c->last ? ad_samples_for(f, l->frames) : ad_samples_at(f, c->start + c->frames);
    int64_t samples = end - ad_samples_at(f, c->start);
    int64_t has = ad_samples_for(f, c->frames);
    *ret_samples = samples;
    if (!call->inputs[i].edge.audio)
        return ad_audio_silence(graph, f, samples);
    if (samples > has)
        return ad_audio_hold(graph, ins[i], samples);
    return samples < has ? ad_audio_cut(graph, ins[i], 0, samples) : ins[i];
}

static void add_audio(const struct ad_op_call *call, const struct layout *l,
                      struct ad_graph *graph, struct ad_pad in, const struct clip *c,
                      int64_t samples, struct parts *parts)
{
    const struct ad_format *f = call->format;
    int64_t base = ad_samples_at(f, c->start);
    int64_t head = ad_samples_at(f, c->start + c->in) - base;
    int64_t rest = c->out ? ad_samples_at(f, c->start + c->frames - c->out) - base : samples;
    if (!l->transition.overlap) {
        if (head > 0)
            in = ad_audio_fade(graph, in, "in", 0, head, "tri");
        if (samples > rest)
            in = ad_audio_fade(graph, in, "out", rest, samples - rest, "tri");
        add_part(parts, in);
        return;
    }
    const int64_t borders[4] = {0, head, rest, samples};
    struct pieces p = cut_pieces(graph, in, borders, 0, ad_audio_cut, ad_audio_split);
    if (p.head.set)
        add_part(parts, mix_audio(graph, parts->tail, p.head, head));
    add_part(parts, p.body);
    parts->tail = p.tail;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct layout l = {0};
    enum artdag_err rc = lay_out(call, &l, err);
    if (rc)
        return rc;
    if (fragment->video && !l.video) { /* a slice of which no clip has a picture */
        rc = choose_size(call, &l, err);
        if (rc)
            return rc;
    }
    const char *background = ad_conf_text(call->arena, call->config, "background", "#000000");
    struct parts video = {.failed = false};
    struct parts audio = {.failed = false};
    int64_t start = 0;
    for (size_t i = 0; i < call->input_count; i++) {
        struct clip c = clip_at(call, &l, i, start);
        if (fragment->video) {
            struct ad_graph *graph = fragment->video;
            struct ad_pad in = video_of(call, &l, graph, fragment->video_in, i, background);
            add_video(call, &l, graph, in, &c, &video);
        }
        if (fragment->audio) {
            struct ad_graph *graph = fragment->audio;
            int64_t samples = 0;
            struct ad_pad in = audio_of(call, &l, graph, fragment->audio_in, i, &c, &samples);
            add_audio(call, &l, graph, in, &c, samples, &audio);
        }
        start += c.frames - l.transition.overlap;
    }
    if (video.failed || audio.failed) {
        rc = ad_error_nomem(err, "ops");
    } else {
        if (fragment->video)
            fragment->video_out =
                ad_video_join(fragment->video, video.pads.items, video.pads.len, call->format);
        if (fragment->audio)
            fragment->audio_out =
                ad_audio_join(fragment->audio, audio.pads.items, audio.pads.len, call->format);
        rc = ad_op_built(fragment, err);
    }
    ad_vec_fini(&video.pads);
    ad_vec_fini(&audio.pads);
    return rc;
}

const struct ad_op ad_op_sequence = {
    .node_type = "SEQUENCE",
    .summary = "clips one after the other, with transitions",
    .doc = "n clips cut together have exactly the sum of their frames; with an overlapping "
           "transition of d frames it is the sum "
           "less (n - 1) * d. A clip must be at least as long as the transitions at its two "
           "ends.\n"
           "\n"
           "Frame i of a crossfade (i from 0 to d - 1) shows the next clip with weight i / d; "
           "fades to and from black step "
           "the same way. Sound follows with straight lines, sample by sample.\n"
           "\n"
           "Clips without sound are silent, clips without a picture show the background, when "
           "other clips have them. "
           "Transitions dissolve and radial are of class profile, all others are exact.",
    .revision = 2, /* 2: clips are in the working pixel format before they are split */
    .exactness = AD_CLASS_EXACT,
    .exactness_of = exactness_of,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .finish = finish,
    .edge = edge,
    .range = range,
    .slice = ad_sequence_slice,
    .joints = ad_sequence_joints,
    .build = build,
};
