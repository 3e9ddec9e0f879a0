/* SPDX-License-Identifier: MIT
 *
 * LIMITER: no sample above a limit.
 */
#include "ops/op.h"

static const struct ad_field fields[] = {
    {.name = "limit_db",
     .type = AD_FIELD_NUMBER,
     .fallback = "-1",
     .min = -24,
     .max = 0,
     .unit = "dB of full scale",
     .doc = "No sample of the result is above it."},
    {.name = "gain_db",
     .type = AD_FIELD_NUMBER,
     .fallback = "0",
     .min = -60,
     .max = 60,
     .unit = "dB",
     .doc = "Before the limit: what makes the quiet parts louder."},
    {.name = "attack",
     .type = AD_FIELD_NUMBER,
     .fallback = "0.005",
     .min = 0.0001,
     .max = 0.08,
     .unit = "s",
     .doc = "How long before a peak the gain begins to fall."},
    {.name = "release",
     .type = AD_FIELD_NUMBER,
     .fallback = "0.05",
     .min = 0.001,
     .max = 8,
     .unit = "s",
     .doc = "How long it takes to come back."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "whose peaks to limit"}, {.max = 0}};

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_limiter, call, err);
    if (!rc && !call->inputs[0].edge.audio)
        rc = ad_error_set(err, ARTDAG_E_INVAL, "ops", "LIMITER has an input without sound");
    if (!rc)
        *ret = call->inputs[0].edge;
    return rc;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    const struct ad_value *c = call->config;
    struct ad_edge e = {0};
    enum artdag_err rc = edge(call, &e, err);
    if (rc)
        return rc;
    if (fragment->video)
        fragment->video_out = fragment->video_in[0];
    if (fragment->audio) {
        struct ad_graph *graph = fragment->audio;
        struct ad_pad pad = ad_audio_double(graph, fragment->audio_in[0]);
        pad = ad_audio_scale(graph, pad, ad_dsp_db_amplitude(ad_conf_number(c, "gain_db", 0)));
        pad = ad_graph_chain(graph, "alimiter", pad);
        ad_graph_set_double(graph, pad, "limit",
                            ad_dsp_db_amplitude(ad_conf_number(c, "limit_db", -1)));
        ad_graph_set_double(graph, pad, "attack", 1000 * ad_conf_number(c, "attack", 0.005));
        ad_graph_set_double(graph, pad, "release", 1000 * ad_conf_number(c, "release", 0.05));
        ad_graph_set_int(graph, pad, "level", 0);
        ad_graph_set_int(graph, pad, "latency", 1);
        fragment->audio_out = ad_audio_hold(graph, pad, ad_samples_for(call->format, e.frames));
    }
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {sample_rate: 48000, channels: 1}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: tone, type: GENERATE, config: {kind: tone, duration: 2,\n"
    "       frequency: 440, level: 0.5}}\n"
    "    - {id: swell, type: FADE, inputs: [tone], config: {in: 2}}\n"
    "    - id: out\n"
    "      type: LIMITER\n"
    "      inputs: [swell]\n"
    "      config: {gain_db: 12, limit_db: -6}\n"
    "  output: out\n";

const struct ad_op ad_op_limiter = {
    .node_type = "LIMITER",
    .summary = "keeps peaks of the sound below a limit",
    .doc = "A limiter that looks ahead by `attack` and does not delay the sound. The picture "
           "passes.",
    .example = example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .edge = edge,
    .range = ad_range_same,
    .slice = ad_slice_same,
    .joints = ad_joints_same,
    .build = build,
};
