/* SPDX-License-Identifier: MIT
 *
 * LOUDNESS: one gain that brings all of the sound to a loudness after EBU R128. The filter of this name is not libav's:
 * the media program renders what comes before it once to measure it, and then puts the gain in its place.
 */
#include "ops/loudness.h"

#include "ops/op.h"

const struct ad_field ad_loudness_fields[] = {
    {.name = "target",
     .type = AD_FIELD_NUMBER,
     .fallback = "-23",
     .min = -70,
     .max = -1,
     .unit = "LUFS",
     .doc = "Integrated loudness of the result. EBU R128 wants -23; the web is at -14 to -16."},
    {.name = "true_peak",
     .type = AD_FIELD_NUMBER,
     .fallback = "-1",
     .min = -60,
     .max = 0,
     .unit = "dBTP",
     .doc = "No peak of the result is higher: when the target asks for more gain than this "
            "allows, the result stays quieter than the target."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "what to bring to a loudness"}, {.max = 0}};

struct ad_pad ad_loudness_apply(struct ad_graph *graph, struct ad_pad in,
                                const struct ad_value *config)
{
    struct ad_pad out = ad_graph_chain(graph, "loudness", in);
    ad_graph_set_double(graph, out, "target", ad_conf_number(config, "target", -23));
    ad_graph_set_double(graph, out, "true_peak", ad_conf_number(config, "true_peak", -1));
    return out;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_loudness, call, err);
    if (!rc && !call->inputs[0].edge.audio)
        rc = ad_error_set(err, ARTDAG_E_INVAL, "ops", "LOUDNESS has an input without sound");
    if (!rc)
        *ret = call->inputs[0].edge;
    return rc;
}

/* The picture needs its own frames, the sound all of it. */
static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    struct ad_span inside = ad_span_clip(out, 0, call->inputs[i].edge.frames);
    *ret = inside.from == inside.to ? inside : (struct ad_span){0, call->inputs[i].edge.frames};
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct ad_edge e = {0};
    enum artdag_err rc = edge(call, &e, err);
    if (rc)
        return rc;
    if (fragment->video)
        fragment->video_out = fragment->video_in[0];
    if (fragment->audio)
        fragment->audio_out =
            ad_loudness_apply(fragment->audio, fragment->audio_in[0], call->config);
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {sample_rate: 48000, channels: 1}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: tone, type: GENERATE, config: {kind: tone, duration: 2,\n"
    "       frequency: 997, level: 0.02}}\n"
    "    - {id: swell, type: FADE, inputs: [tone], config: {in: 1, out: 1}}\n"
    "    - id: out\n"
    "      type: LOUDNESS\n"
    "      inputs: [swell]\n"
    "      config: {target: -14, true_peak: -1}\n"
    "  output: out\n";

const struct ad_op ad_op_loudness = {
    .node_type = "LOUDNESS",
    .summary = "brings sound to a loudness (EBU R128)",
    .doc = "The whole sound is measured first (ITU-R BS.1770: K-weighting, gates; true peaks "
           "four times oversampled), then multiplied by one constant gain: target less "
           "measured loudness, or less when a peak would pass `true_peak`. Nothing is "
           "compressed. Silence, which has no loudness, stays as it is. The picture passes.",
    .example = example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = ad_loudness_fields,
    .slots = slots,
    .needs_toolchain = true,
    .edge = edge,
    .range = range,
    .slice = ad_slice_same,
    .joints = ad_joints_same,
    .build = build,
};
