/* SPDX-License-Identifier: MIT
 *
 * REVERSE: backwards. libav's filter holds every picture that it turns round, so the planner gives it short pieces only
 * (plan/expand_time.c) and puts them together last to first. Sound is small and is turned round in one go, which keeps it
 * exact at rates with broken numbers of samples a frame.
 */
#include "ops/op.h"

#define PICTURES_BYTES_MAX (INT64_C(256) << 20)
#define PICTURES_MAX 48
#define SOUND_SECONDS_MAX 7200

static const char *const parts[] = {"picture", "sound", NULL};

static const struct ad_field fields[] = {
    {.name = "part", .type = AD_FIELD_ENUM, .values = parts, .internal = true},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "what to show backwards"}, {.max = 0}};

int64_t ad_reverse_frames_max(const struct ad_edge *edge, const struct ad_format *format)
{
    /* Four planes of full size are more than any format has. */
    int64_t bytes =
        edge->width * edge->height * 4 * (ad_pixel_depth(format->pixel_format) > 8 ? 2 : 1);
    int64_t frames = bytes > 0 ? PICTURES_BYTES_MAX / bytes : PICTURES_MAX;
    return frames < 1 ? 1 : frames > PICTURES_MAX ? PICTURES_MAX : frames;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_reverse, call, err);
    if (rc)
        return rc;
    const struct ad_format *f = call->format;
    struct ad_edge e = call->inputs[0].edge;
    e.video = e.video && !ad_conf_is(call->config, "part", "sound");
    e.audio = e.audio && !ad_conf_is(call->config, "part", "picture");
    if (!e.video)
        e.width = e.height = 0;
    if (!e.video && !e.audio)
        return ad_conf_bad(call->config, "part", err, "the input has no such part");
    if (e.video && e.frames > ad_reverse_frames_max(&e, f))
        return ad_error_set(err, ARTDAG_E_LIMIT, "ops",
                            "%lld pictures of this size are not turned round at once",
                            (long long)e.frames);
    if (e.audio && e.frames > ad_frames_from_seconds(SOUND_SECONDS_MAX, 1, f)) {
        rc = ad_error_set(err, ARTDAG_E_LIMIT, "ops",
                          "sound of more than %d s is not turned round", SOUND_SECONDS_MAX);
        ad_error_hint(err, "reverse SEGMENTs of it, and join them last to first");
        return rc;
    }
    *ret = e;
    return ARTDAG_OK;
}

/* Frame k is frame n - 1 - k; sound may reach one frame further. */
static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    int64_t frames = call->inputs[i].edge.frames;
    int64_t more = call->inputs[i].edge.audio ? 1 : 0;
    struct ad_span inside = ad_span_clip(out, 0, frames);
    if (inside.from == inside.to) {
        *ret = inside;
        return;
    }
    struct ad_span in = {frames - inside.to - more, frames - inside.from + more};
    *ret = ad_span_clip(in, 0, frames);
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    int64_t frames = call->inputs[0].edge.frames;
    struct ad_edge e = {0};
    enum artdag_err rc = edge(call, &e, err);
    if (!rc && !e.video)
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ops", "sound is never divided");
    struct ad_span in = {frames - out.to, frames - out.from};
    return rc ? rc : ad_slice_one(call, call->config, 0, in, ret, err);
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct ad_edge e = {0};
    enum artdag_err rc = edge(call, &e, err);
    if (rc)
        return rc;
    if (fragment->video)
        fragment->video_out = ad_graph_chain(fragment->video, "reverse", fragment->video_in[0]);
    if (fragment->audio) {
        struct ad_pad pad = ad_graph_chain(fragment->audio, "areverse", fragment->audio_in[0]);
        pad = ad_graph_chain(fragment->audio, "asetpts", pad);
        ad_graph_set(fragment->audio, pad, "expr", "N");
        fragment->audio_out = pad;
    }
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {width: 320, height: 180, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: film, type: GENERATE, config: {kind: counter, duration: 3}}\n"
    "    - {id: back, type: REVERSE, inputs: [film]}\n"
    "    - {id: out, type: SEQUENCE, inputs: [film, back]}\n"
    "  output: out\n";

const struct ad_op ad_op_reverse = {
    .node_type = "REVERSE",
    .summary = "backwards, picture and sound",
    .doc = "Frame k of n is frame n - 1 - k of the input, and so are the samples. However long "
           "the "
           "input, few pictures are held in memory: a plan turns round pieces of at most two "
           "seconds, each by itself.",
    .example = example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .edge = edge,
    .range = range,
    .slice = slice,
    .build = build,
};
