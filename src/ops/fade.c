/* SPDX-License-Identifier: MIT
 *
 * FADE: in from black and silence, and out again.
 */
#include "ops/compose.h"

static const char *const media[] = {"both", "picture", "sound", NULL};

static const struct ad_field fields[] = {
    {.name = "in",
     .type = AD_FIELD_TIME,
     .fallback = "0",
     .doc = "Length of the fade in, from the beginning."},
    {.name = "out",
     .type = AD_FIELD_TIME,
     .fallback = "0",
     .doc = "Length of the fade out, to the end."},
    {.name = "of",
     .type = AD_FIELD_ENUM,
     .fallback = "\"both\"",
     .values = media,
     .doc = "What fades."},
    {.name = "shape",
     .type = AD_FIELD_ENUM,
     .fallback = "\"linear\"",
     .values = ad_fade_shapes,
     .doc = "How the factor x, from 0 to 1, rises: linear x; power, its root, with which two "
            "sounds that cross keep their power; square and cubic, x * x and x * x * x, which "
            "sound more even."},
    {.name = "color",
     .type = AD_FIELD_COLOR,
     .fallback = "\"black\"",
     .doc = "What the picture comes from and goes to."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "what to fade"}, {.max = 0}};

static bool fades(const struct ad_op_call *call, const char *medium)
{
    return ad_conf_is(call->config, "of", "both") || ad_conf_is(call->config, "of", medium);
}

/* Linear and black: one filter of libav's, in any pixel format. */
static bool is_plain(const struct ad_op_call *call)
{
    return ad_conf_is(call->config, "shape", "linear") &&
           ad_conf_is(call->config, "color", "#000000");
}

static enum artdag_err check(const struct ad_op_call *call, artdag_error *err)
{
    static const char *const keys[] = {"in", "out"};
    enum artdag_err rc = ad_op_inputs(&ad_op_fade, call, err);
    int64_t frames = rc ? 0 : call->inputs[0].edge.frames;
    for (size_t i = 0; !rc && i < 2; i++) {
        int64_t length = ad_conf_int(call->config, keys[i], 0);
        if (length <= frames)
            continue;
        rc = ad_conf_bad(call->config, keys[i], err,
                         "a fade of %lld frames is longer than the input, which has %lld",
                         (long long)length, (long long)frames);
        ad_error_hint(err, "at most \"%lldf\"", (long long)frames);
    }
    bool overlap =
        ad_conf_int(call->config, "in", 0) + ad_conf_int(call->config, "out", 0) > frames;
    bool blends =
        !rc && call->inputs[0].edge.video && fades(call, "picture") && !is_plain(call);
    if (blends && overlap)
        return ad_conf_bad(call->config, "out", err,
                           "fades with a shape or a colour do not overlap: together they are "
                           "longer than the input, which has %lld frames",
                           (long long)frames);
    return blends ? ad_compose_check("FADE", call->format, err) : rc;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (!rc)
        *ret = call->inputs[0].edge;
    return rc;
}

/* Where the fades of the picture meet what lies between: frames [from, to) are as they were. */
static struct ad_span body_of(const struct ad_op_call *call)
{
    int64_t frames = call->inputs[0].edge.frames;
    if (!fades(call, "picture"))
        return (struct ad_span){0, frames};
    return (struct ad_span){ad_conf_int(call->config, "in", 0),
                            frames - ad_conf_int(call->config, "out", 0)};
}

/* A fade is whole in a slice or not in it. */
static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    int64_t frames = call->inputs[0].edge.frames;
    struct ad_span body = body_of(call);
    bool fades_in = out.from == 0 && body.from > 0;
    bool fades_out = out.to == frames && body.to < frames;
    if ((out.from > 0 && out.from < body.from) || (out.to < frames && out.to > body.to) ||
        (out.from > body.to && out.from < frames) || (out.to < body.from))
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ops",
                            "frames [%lld, %lld) begin or end inside a fade",
                            (long long)out.from, (long long)out.to);
    struct ad_conf_set with[2] = {
        {"in", ad_value_new_int(call->arena, fades_in ? body.from : 0)},
        {"out", ad_value_new_int(call->arena, fades_out ? frames - body.to : 0)},
    };
    const struct ad_value *config = ad_conf_edit(call->arena, call->config, NULL, with, 2);
    return ad_slice_one(call, config, 0, out, ret, err);
}

static bool joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    int64_t frames = call->inputs[0].edge.frames;
    struct ad_span body = body_of(call);
    *ret = (struct ad_joints){0};
    if (body.from >= body.to)
        return true;
    int64_t *borders = ad_arena_array(call->arena, 2, sizeof(*borders));
    struct ad_piece *piece = ad_arena_array(call->arena, 1, sizeof(*piece));
    if (!borders || !piece)
        return false;
    *piece = (struct ad_piece){.in = body, .at = body.from};
    *ret = (struct ad_joints){.pieces = piece, .piece_count = 1};
    if (body.from > 0)
        borders[ret->border_count++] = body.from;
    if (body.to < frames)
        borders[ret->border_count++] = body.to;
    ret->borders = borders;
    return true;
}

static void build_audio(const struct ad_op_call *call, struct ad_fragment *fragment)
{
    const struct ad_format *f = call->format;
    int64_t frames = call->inputs[0].edge.frames;
    int64_t in = ad_conf_int(call->config, "in", 0);
    int64_t out = ad_conf_int(call->config, "out", 0);
    const char *curve = ad_fade_curve(call->config, "shape");
    struct ad_pad pad = fragment->audio_in[0];
    int64_t start = ad_samples_at(f, frames - out);
    int64_t rise = ad_samples_at(f, in);
    if (fades(call, "sound") && rise > 0)
        pad = ad_audio_fade(fragment->audio, pad, "in", 0, rise, curve);
    if (fades(call, "sound") && out > 0)
        pad = ad_audio_fade(fragment->audio, pad, "out", start,
                            ad_samples_for(f, frames) - start, curve);
    fragment->audio_out = pad;
}

/* ---- Pictures ---- */

#define KEYS_MAX 4096

static double shaped(const struct ad_op_call *call, double x)
{
    if (ad_conf_is(call->config, "shape", "power"))
        return ad_dsp_sqrt(x);
    if (ad_conf_is(call->config, "shape", "square"))
        return x * x;
    return ad_conf_is(call->config, "shape", "cubic") ? x * x * x : x;
}

/* The factor of each frame of a fade; of very long ones, of every so many. */
static struct ad_curve opacity_of(const struct ad_op_call *call, int64_t frames, bool in)
{
    struct ad_arena *arena = call->arena;
    struct ad_list_builder keys;
    int64_t step = 1 + frames / KEYS_MAX;
    ad_list_begin(&keys, arena);
    for (int64_t k = 0; k < frames + step; k += step) {
        int64_t at = k < frames ? k : frames;
        double x = (double)(in ? at : frames - at) / (double)frames;
        struct ad_list_builder key;
        ad_list_begin(&key, arena);
        ad_list_add(&key, ad_value_new_int(arena, at));
        ad_list_add(&key, ad_value_new_double(arena, shaped(call, x)));
        ad_list_add(&key, ad_value_new_str(arena, AD_STR_LIT("linear")));
        ad_list_add(&keys, ad_list_end(&key));
    }
    return (struct ad_curve){.keys = ad_list_end(&keys)};
}

static struct ad_pad blend(const struct ad_op_call *call, struct ad_graph *graph,
                           struct ad_pad in, int64_t frames, bool fades_in)
{
    const struct ad_edge *e = &call->inputs[0].edge;
    const char *color = ad_conf_text(call->arena, call->config, "color", "#000000");
    const struct ad_stage stage = {e->width, e->height, 0, frames};
    struct ad_curve opacity = opacity_of(call, frames, fades_in);
    struct ad_pad ground =
        ad_video_blank(graph, call->format, e->width, e->height, frames, color);
    if (!opacity.keys)
        return in; /* the arena has failed */
    return ad_video_mix(graph, call->format, ground, in, &stage, &opacity);
}

/* Only the frames of the fades go through the blending. */
static struct ad_pad blend_ends(const struct ad_op_call *call, struct ad_graph *graph,
                                struct ad_pad in, struct ad_span body)
{
    const int64_t borders[4] = {0, body.from, body.to, call->inputs[0].edge.frames};
    struct ad_pad parts[3];
    uint32_t count = 0;
    for (size_t i = 0; i < 3; i++)
        count += borders[i] < borders[i + 1];
    struct ad_pad split = count > 1 ? ad_video_split(graph, in, count) : in;
    uint32_t next = 0;
    for (size_t i = 0; i < 3; i++) {
        int64_t frames = borders[i + 1] - borders[i];
        if (frames <= 0)
            continue;
        struct ad_pad part = in;
        if (count > 1)
            part = ad_video_cut(graph, ad_pad_nth(split, next), borders[i], borders[i + 1]);
        parts[next++] = i == 1 ? part : blend(call, graph, part, frames, i == 0);
    }
    return ad_video_join(graph, parts, next, call->format);
}

static struct ad_pad fade_picture(const struct ad_op_call *call, struct ad_graph *graph,
                                  struct ad_pad in)
{
    int64_t frames = call->inputs[0].edge.frames;
    struct ad_span body = body_of(call);
    if (body.from == 0 && body.to == frames)
        return in;
    if (!is_plain(call))
        return blend_ends(call, graph, in, body);
    if (body.from > 0)
        in = ad_video_fade(graph, in, "in", 0, body.from);
    if (body.to < frames)
        in = ad_video_fade(graph, in, "out", body.to, frames - body.to);
    return in;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    if (fragment->video)
        fragment->video_out = fade_picture(call, fragment->video, fragment->video_in[0]);
    if (fragment->audio)
        build_audio(call, fragment);
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {width: 320, height: 180, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: bars, type: GENERATE, config: {kind: bars, duration: 2}}\n"
    "    - id: out\n"
    "      type: FADE\n"
    "      inputs: [bars]\n"
    "      config: {in: 1.9, color: navy, shape: square}\n"
    "  output: out\n";

const struct ad_op ad_op_fade = {
    .node_type = "FADE",
    .summary = "in from black and silence, and out again",
    .doc =
        "Frame i of a fade in of d frames shows the input with the weight i / d over the "
        "colour, and of a fade out 1 - i / d, each shaped; sound likewise, sample by sample. "
        "Two fades that overlap multiply; with a shape or a colour they may not overlap.",
    .example = example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .edge = edge,
    .range = ad_range_same,
    .slice = slice,
    .joints = joints,
    .build = build,
};
