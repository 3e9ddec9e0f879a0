/* SPDX-License-Identifier: MIT
 *
 * SEGMENT: a piece of its input, cut by frame number.
 */
#include "ops/op.h"

static const char *const only_true[] = {"true", NULL};

static const struct ad_field fields[] = {
    {.name = "start",
     .alias = "offset",
     .type = AD_FIELD_TIME,
     .fallback = "0",
     .doc = "Where the piece begins."},
    {.name = "end",
     .type = AD_FIELD_TIME,
     .doc = "Where it ends: this frame is the first one left out."},
    {.name = "duration",
     .type = AD_FIELD_TIME,
     .doc = "How long it is, instead of end. With neither, it goes to the end of the input."},
    {.name = "precise",
     .type = AD_FIELD_BOOL,
     .values = only_true,
     .cosmetic = true,
     .doc = "Cuts are always exact to the frame; this key is accepted for old recipes."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "what to cut from"}, {.max = 0}};

static enum artdag_err too_long(const struct ad_op_call *call, const char *key, int64_t end,
                                int64_t frames, artdag_error *err)
{
    const struct ad_format *f = call->format;
    (void)ad_conf_bad(call->config, key, err,
                      "the piece ends at frame %lld, but the input has %lld", (long long)end,
                      (long long)frames);
    int64_t ms = ad_muldiv_floor(frames * 1000, f->fps_den, f->fps_num);
    ad_error_hint(err,
                  "the input lasts %lld.%03lld s (\"%lldf\"); leave %s out to go to its end",
                  (long long)(ms / 1000), (long long)(ms % 1000), (long long)frames, key);
    return ARTDAG_E_FORMAT;
}

/* Start and length from a config in either form. An end one frame behind the input's is a rounding slip of the
 * recipe (a length read off a player) and means the input's end. */
static enum artdag_err place(const struct ad_op_call *call, int64_t *ret_start,
                             int64_t *ret_count, artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_segment, call, err);
    if (rc)
        return rc;
    int64_t frames = call->inputs[0].edge.frames;
    int64_t start = ad_conf_int(call->config, "start", 0);
    int64_t end = ad_conf_int(call->config, "end", -1);
    int64_t duration = ad_conf_int(call->config, "duration", -1);
    const char *key = end >= 0 ? "end" : duration >= 0 ? "duration" : "start";
    if (end >= 0 && duration >= 0) {
        rc = ad_conf_bad(call->config, "duration", err,
                         "SEGMENT takes end or duration, not both");
        ad_error_hint(err, "leave one of them out");
        return rc;
    }
    if (end >= 0 && end < start)
        return ad_conf_bad(call->config, "end", err,
                           "the piece ends (frame %lld) before it starts (frame %lld)",
                           (long long)end, (long long)start);
    if (duration >= 0)
        end = start + duration;
    if (start >= frames)
        return ad_conf_bad(call->config, "start", err,
                           "the piece starts at frame %lld, but the input has only %lld",
                           (long long)start, (long long)frames);
    if (end < 0 || end == frames + 1)
        end = frames;
    if (end > frames)
        return too_long(call, key, end, frames, err);
    if (end == start) {
        rc = ad_conf_bad(call->config, key, err,
                         "the piece is empty: shorter than half a frame");
        ad_error_hint(err, "a frame lasts %lld/%lld s", (long long)call->format->fps_den,
                      (long long)call->format->fps_num);
        return rc;
    }
    *ret_start = start;
    *ret_count = end - start;
    return ARTDAG_OK;
}

static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    int64_t start = 0;
    int64_t count = 0;
    enum artdag_err rc = place(call, &start, &count, err);
    if (rc)
        return rc;
    static const char *const drop[] = {"end", NULL};
    struct ad_conf_set with[2] = {{"start", ad_value_new_int(call->arena, start)},
                                  {"duration", ad_value_new_int(call->arena, count)}};
    const struct ad_value *config = ad_conf_edit(call->arena, call->config, drop, with, 2);
    if (!config)
        return ad_error_nomem(err, "ops");
    *ret_config = config;
    return ARTDAG_OK;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    int64_t start = 0;
    int64_t count = 0;
    enum artdag_err rc = place(call, &start, &count, err);
    if (rc)
        return rc;
    *ret = call->inputs[0].edge;
    ret->frames = count;
    return ARTDAG_OK;
}

static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    (void)i;
    int64_t start = ad_conf_int(call->config, "start", 0);
    struct ad_span inside = ad_span_clip(out, 0, ad_conf_int(call->config, "duration", 0));
    *ret = inside.from == inside.to ? inside
                                    : (struct ad_span){inside.from + start, inside.to + start};
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    int64_t start = ad_conf_int(call->config, "start", 0);
    struct ad_conf_set with[2] = {
        {"start", ad_value_new_int(call->arena, 0)},
        {"duration", ad_value_new_int(call->arena, out.to - out.from)}};
    const struct ad_value *config = ad_conf_edit(call->arena, call->config, NULL, with, 2);
    struct ad_span in = {start + out.from, start + out.to};
    return ad_slice_one(call, config, 0, in, ret, err);
}

static bool joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    int64_t start = ad_conf_int(call->config, "start", 0);
    struct ad_span in = {start, start + ad_conf_int(call->config, "duration", 0)};
    return ad_joints_one(call, 0, in, ret);
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    int64_t start = 0;
    int64_t count = 0;
    enum artdag_err rc = place(call, &start, &count, err);
    if (rc)
        return rc;
    if (fragment->video)
        fragment->video_out =
            ad_video_cut(fragment->video, fragment->video_in[0], start, start + count);
    if (fragment->audio) {
        int64_t from = ad_samples_at(call->format, start);
        fragment->audio_out = ad_audio_cut(fragment->audio, fragment->audio_in[0], from,
                                           from + ad_samples_for(call->format, count));
    }
    return ad_op_built(fragment, err);
}

const struct ad_op ad_op_segment = {
    .node_type = "SEGMENT",
    .summary = "a piece of its input, cut by frame number",
    .doc = "Frames start to end, end left out. Times are rounded to the nearest frame (halves "
           "up) of the working "
           "frame rate, so a piece has exactly end - start frames, and cutting costs no "
           "generation.\n"
           "\n"
           "An end behind the end of the input is an error, except by a single frame, which "
           "counts as rounding. A "
           "piece of no frames, and an end before the start, are errors.",
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .cuts = true,
    .finish = finish,
    .edge = edge,
    .range = range,
    .slice = slice,
    .joints = joints,
    .build = build,
};
