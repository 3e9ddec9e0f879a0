/* SPDX-License-Identifier: MIT
 *
 * FADE: in from black and silence, and out again.
 */
#include "ops/op.h"

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
     .doc =
         "How the sound's factor x, from 0 to 1, rises: linear x; power, its root, with which "
         "two sounds that cross keep their power; square and cubic, x * x and x * x * x, "
         "which sound more even. Pictures fade linearly."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "what to fade"}, {.max = 0}};

static bool fades(const struct ad_op_call *call, const char *medium)
{
    return ad_conf_is(call->config, "of", "both") || ad_conf_is(call->config, "of", medium);
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
    return rc;
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

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    if (fragment->video) {
        int64_t frames = call->inputs[0].edge.frames;
        struct ad_span body = body_of(call);
        struct ad_pad pad = fragment->video_in[0];
        if (body.from > 0)
            pad = ad_video_fade(fragment->video, pad, "in", 0, body.from);
        if (body.to < frames)
            pad = ad_video_fade(fragment->video, pad, "out", body.to, frames - body.to);
        fragment->video_out = pad;
    }
    if (fragment->audio)
        build_audio(call, fragment);
    return ad_op_built(fragment, err);
}

const struct ad_op ad_op_fade = {
    .node_type = "FADE",
    .summary = "in from black and silence, and out again",
    .doc = "Frame i of a fade in of d frames has the brightness i / d, and of a fade out "
           "1 - i / d; sound likewise, sample by sample. Two fades that overlap multiply.",
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
