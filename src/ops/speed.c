/* SPDX-License-Identifier: MIT
 *
 * SPEED: faster and slower.
 */
#include "ops/op.h"
#include "ops/rate.h"

static const char *const pitches[] = {"keep", "shift", NULL};

/* Resampling wants both terms of the ratio as sample rates. */
#define SHIFT_TERM_MAX 1000000

static const struct ad_field fields[] = {
    {.name = "speed",
     .type = AD_FIELD_RATIO,
     .required = true,
     .min = AD_RATE_MIN,
     .max = AD_RATE_MAX,
     .unit = "times",
     .doc = "2 is twice as fast and half as long, 1/3 three times as long. Written as a ratio "
            "(25/24) or as a decimal, and exact either way."},
    {.name = "pitch",
     .type = AD_FIELD_ENUM,
     .fallback = "\"keep\"",
     .values = pitches,
     .doc = "keep: sound is stretched. shift: it gets higher and lower with the speed, as a "
            "tape does."},
    {.name = "phase", .type = AD_FIELD_INT, .internal = true},
    {.name = "frames", .type = AD_FIELD_INT, .internal = true},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "what to speed up or slow down"},
                                       {.max = 0}};

static struct ad_rate rate_of(const struct ad_op_call *call)
{
    struct ad_rate rate = ad_rate_of(1);
    const struct ad_value *v = ad_value_get(call->config, "speed");
    if (v && v->kind == AD_VALUE_STRING)
        (void)ad_rate_parse(v->string, &rate);
    ad_rate_place(&rate, call->config);
    return rate;
}

static enum artdag_err check(const struct ad_op_call *call, const struct ad_rate *rate,
                             int64_t *ret_frames, artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_speed, call, err);
    if (rc)
        return rc;
    bool shifts = call->inputs[0].edge.audio && ad_conf_is(call->config, "pitch", "shift");
    if (shifts && (rate->p > SHIFT_TERM_MAX || rate->q > SHIFT_TERM_MAX)) {
        rc = ad_conf_bad(call->config, "speed", err,
                         "%lld/%lld is too fine a speed for sound that shifts its pitch",
                         (long long)rate->p, (long long)rate->q);
        ad_error_hint(err, "a ratio of numbers up to %d", SHIFT_TERM_MAX);
        return rc;
    }
    return ad_rate_frames(rate, call->inputs[0].edge.frames, ret_frames, err);
}

/* Without sound there is no pitch. */
static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    static const char *const drop[] = {"pitch", NULL};
    struct ad_rate rate = rate_of(call);
    int64_t frames = 0;
    enum artdag_err rc = check(call, &rate, &frames, err);
    if (rc)
        return rc;
    *ret_config = call->config;
    if (call->inputs[0].edge.audio && rate.p != rate.q)
        return ARTDAG_OK;
    const struct ad_value *config = ad_conf_edit(call->arena, call->config, drop, NULL, 0);
    if (!config)
        return ad_error_nomem(err, "ops");
    *ret_config = config;
    return ARTDAG_OK;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    struct ad_rate rate = rate_of(call);
    int64_t frames = 0;
    enum artdag_err rc = check(call, &rate, &frames, err);
    if (rc)
        return rc;
    *ret = call->inputs[0].edge;
    ret->frames = frames;
    return ARTDAG_OK;
}

static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    struct ad_rate rate = rate_of(call);
    *ret = ad_rate_range(&rate, &call->inputs[i].edge, out);
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    struct ad_rate rate = rate_of(call);
    return ad_rate_slice(call, &rate, out, ret, err);
}

static bool joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    struct ad_rate rate = rate_of(call);
    if (rate.p == rate.q)
        return ad_joints_same(call, ret);
    *ret = (struct ad_joints){0};
    return true;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct ad_rate rate = rate_of(call);
    int64_t frames = 0;
    enum artdag_err rc = check(call, &rate, &frames, err);
    if (rc)
        return rc;
    bool changes = rate.p != rate.q;
    if (fragment->video)
        fragment->video_out =
            changes ? ad_rate_video(call, fragment->video, fragment->video_in[0], &rate, frames)
                    : fragment->video_in[0];
    if (fragment->audio) {
        struct ad_graph *graph = fragment->audio;
        struct ad_pad in = fragment->audio_in[0];
        int64_t samples = ad_samples_for(call->format, frames);
        if (changes && ad_conf_is(call->config, "pitch", "shift"))
            in = ad_rate_tape(call, graph, in, &rate, samples);
        else if (changes)
            in = ad_rate_tempo(graph, in, &rate, samples);
        fragment->audio_out = in;
    }
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {width: 320, height: 180, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: film, type: GENERATE, config: {kind: counter, duration: 2}}\n"
    "    - id: out\n"
    "      type: SPEED\n"
    "      inputs: [film]\n"
    "      config: {speed: 1/3, pitch: shift}\n"
    "  output: out\n";

const struct ad_op ad_op_speed = {
    .node_type = "SPEED",
    .summary = "faster and slower, with or without a change of pitch",
    .doc =
        "The result has frames / speed frames, rounded to the nearest (halves up), at least "
        "one. Frame k of it is frame floor(k * speed) of the input: frames are shown several "
        "times or left out, never mixed.\n"
        "\n"
        "Sound lasts as long as the picture, to the sample. With pitch keep, speeds outside "
        "0.5 to 2 are made of halvings or doublings and a rest.",
    .example = example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .finish = finish,
    .edge = edge,
    .range = range,
    .slice = slice,
    .joints = joints,
    .build = build,
};
