/* SPDX-License-Identifier: MIT
 *
 * MUX: the picture of one input with the sound of another.
 */
#include "ops/op.h"

static const struct ad_field fields[] = {
    {.name = "video_stream",
     .type = AD_FIELD_INT,
     .fallback = "0",
     .min = 0,
     .max = 1,
     .doc = "Which input gives the picture, counted from 0 in the order video, audio."},
    {.name = "audio_stream",
     .type = AD_FIELD_INT,
     .fallback = "1",
     .min = 0,
     .max = 1,
     .doc = "Which input gives the sound."},
    {.name = "shortest",
     .type = AD_FIELD_BOOL,
     .fallback = "true",
     .doc = "true: the result ends with the shorter of the two. false: it lasts as long as the "
            "longer one; the last picture "
            "stands still, or the sound is followed by silence."},
    {.name = "picture",
     .type = AD_FIELD_INT,
     .min = 1,
     .max = (double)AD_FRAMES_MAX,
     .internal = true,
     .unit = "frames",
     .doc = "A slice: the only input gives this many frames, the last of them standing still."},
    {NULL},
};

static const struct ad_slot slots[] = {
    {"video", 1, 1, "gives the picture; its own sound is not used"},
    {"audio", 1, 1, "gives the sound; its own picture is not used"},
    {.max = 0},
};

struct sides {
    bool sound;          /* false: a slice, with input 0 alone */
    size_t video, audio; /* input numbers */
    int64_t video_frames, audio_frames, frames;
};

static enum artdag_err picture_alone(const struct ad_op_call *call, int64_t frames,
                                     struct sides *ret, artdag_error *err)
{
    if (call->input_count != 1 || !call->inputs[0].edge.video ||
        call->inputs[0].edge.frames < 1 || call->inputs[0].edge.frames > frames)
        return ad_conf_bad(call->config, "picture", err,
                           "a picture alone has one input, which is not longer than it");
    *ret = (struct sides){.video_frames = call->inputs[0].edge.frames, .frames = frames};
    return ARTDAG_OK;
}

static enum artdag_err sides_of(const struct ad_op_call *call, struct sides *ret,
                                artdag_error *err)
{
    int64_t picture = ad_conf_int(call->config, "picture", 0);
    if (picture > 0)
        return picture_alone(call, picture, ret, err);
    enum artdag_err rc = ad_op_inputs(&ad_op_mux, call, err);
    if (rc)
        return rc;
    int64_t video = ad_conf_int(call->config, "video_stream", 0);
    int64_t audio = ad_conf_int(call->config, "audio_stream", 1);
    if (video < 0 || video > 1 || audio < 0 || audio > 1)
        return ad_conf_bad(call->config, "video_stream", err, "MUX has inputs 0 and 1");
    if (video == audio)
        return ad_conf_bad(call->config, "audio_stream", err,
                           "picture and sound cannot both come from input %lld",
                           (long long)video);
    struct sides s = {.sound = true, .video = (size_t)video, .audio = (size_t)audio};
    if (!call->inputs[s.video].edge.video)
        return ad_conf_bad(call->config, "video_stream", err,
                           "the input that is to give the picture has none");
    if (!call->inputs[s.audio].edge.audio)
        return ad_conf_bad(call->config, "audio_stream", err,
                           "the input that is to give the sound has none");
    s.video_frames = call->inputs[s.video].edge.frames;
    s.audio_frames = call->inputs[s.audio].edge.frames;
    bool first =
        (s.video_frames < s.audio_frames) == ad_conf_bool(call->config, "shortest", true);
    s.frames = first ? s.video_frames : s.audio_frames;
    *ret = s;
    return ARTDAG_OK;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    struct sides s = {0};
    enum artdag_err rc = sides_of(call, &s, err);
    if (rc)
        return rc;
    const struct ad_edge *video = &call->inputs[s.video].edge;
    *ret = (struct ad_edge){.frames = s.frames,
                            .width = video->width,
                            .height = video->height,
                            .video = true,
                            .audio = s.sound};
    return ARTDAG_OK;
}

/* Behind the end of the picture its last frame is needed, which stands still there. */
static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    struct sides s = {0};
    *ret = (struct ad_span){0, 0};
    if (sides_of(call, &s, NULL))
        return;
    int64_t frames = call->inputs[i].edge.frames;
    struct ad_span asked = ad_span_clip(out, 0, s.frames);
    struct ad_span inside = ad_span_clip(asked, 0, frames);
    if (i == s.video && inside.from == inside.to && asked.from < asked.to)
        inside = (struct ad_span){frames - 1, frames};
    *ret = inside;
}

/* Behind the end of the picture its last frame stands still; so a slice may be longer than what it takes. */
static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    struct sides s = {0};
    enum artdag_err rc = sides_of(call, &s, err);
    if (rc)
        return rc;
    struct ad_conf_set with = {"picture", ad_value_new_int(call->arena, out.to - out.from)};
    const struct ad_value *config = ad_conf_edit(call->arena, call->config, NULL, &with, 1);
    struct ad_span in = out;
    if (in.from >= s.video_frames)
        in.from = s.video_frames - 1;
    if (in.to > s.video_frames)
        in.to = s.video_frames;
    return ad_slice_one(call, config, (uint32_t)s.video, in, ret, err);
}

static bool joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    struct sides s = {0};
    *ret = (struct ad_joints){0};
    if (sides_of(call, &s, NULL))
        return true;
    int64_t moving = s.video_frames < s.frames ? s.video_frames : s.frames;
    if (!ad_joints_one(call, (uint32_t)s.video, (struct ad_span){0, moving}, ret))
        return false;
    if (moving == s.frames)
        return true;
    int64_t *border = ad_arena_array(call->arena, 1, sizeof(*border));
    if (!border)
        return false;
    *border = moving;
    ret->borders = border;
    ret->border_count = 1;
    return true;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct sides s = {0};
    enum artdag_err rc = sides_of(call, &s, err);
    if (rc)
        return rc;
    if (fragment->video) {
        struct ad_pad in = fragment->video_in[s.video];
        if (s.video_frames > s.frames)
            in = ad_video_cut(fragment->video, in, 0, s.frames);
        else if (s.video_frames < s.frames)
            in = ad_video_hold(fragment->video, in, s.frames);
        fragment->video_out = in;
    }
    if (fragment->audio && s.sound) {
        struct ad_pad in = fragment->audio_in[s.audio];
        int64_t samples = ad_samples_for(call->format, s.frames);
        if (s.audio_frames > s.frames)
            in = ad_audio_cut(fragment->audio, in, 0, samples);
        else if (s.audio_frames < s.frames)
            in = ad_audio_hold(fragment->audio, in, samples);
        fragment->audio_out = in;
    }
    return ad_op_built(fragment, err);
}

const struct ad_op ad_op_mux = {
    .node_type = "MUX",
    .summary = "the picture of one input with the sound of another",
    .doc = "Inputs are given by slot, or as a list of two in the order video, audio.",
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .edge = edge,
    .range = range,
    .slice = slice,
    .joints = joints,
    .build = build,
};
