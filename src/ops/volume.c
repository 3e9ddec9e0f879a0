/* SPDX-License-Identifier: MIT
 *
 * VOLUME: louder and quieter.
 */
#include "ops/op.h"

static const struct ad_field fields[] = {
    AD_GAIN_FIELDS,
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "what to make louder or quieter"},
                                       {.max = 0}};

static enum artdag_err check(const struct ad_op_call *call, artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_volume, call, err);
    if (!rc)
        rc = ad_gain_check(call->config, err);
    if (!rc && !call->inputs[0].edge.audio)
        rc = ad_error_set(err, ARTDAG_E_INVAL, "ops", "VOLUME has an input without sound");
    return rc;
}

/* One gain has one form, however it is written. */
static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    const struct ad_value *config =
        ad_gain_final(call->arena, call->config, call->inputs[0].edge.frames);
    if (!config)
        return ad_error_nomem(err, "ops");
    *ret_config = config;
    return ARTDAG_OK;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (!rc)
        *ret = call->inputs[0].edge;
    return rc;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct ad_curve gain = {0};
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    if (!ad_gain_of(call->arena, call->config, &gain))
        return ad_error_nomem(err, "ops");
    if (fragment->video)
        fragment->video_out = fragment->video_in[0];
    if (fragment->audio)
        fragment->audio_out =
            ad_gain_apply(call, fragment->audio, fragment->audio_in[0], &gain, 1);
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {sample_rate: 48000, channels: 1}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: tone, type: GENERATE, config: {kind: tone, duration: 4,\n"
    "       frequency: 440}}\n"
    "    - id: out\n"
    "      type: VOLUME\n"
    "      inputs: [tone]\n"
    "      config:\n"
    "        gain_db:\n"
    "          keyframes:\n"
    "            - {at: 0, value: -40}\n"
    "            - {at: 2, value: 0, ease: hold}\n"
    "            - {at: 3, value: -12}\n"
    "  output: out\n";

const struct ad_op ad_op_volume = {
    .node_type = "VOLUME",
    .summary = "louder and quieter, constant or along keyframes",
    .doc =
        "Samples are multiplied in doubles. A gain that moves does so from sample to sample, "
        "so it makes no noise of its own. Nothing limits the result: sound may leave full "
        "scale here and come back in a later node; LIMITER and LOUDNESS keep it within.",
    .example = example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .finish = finish,
    .edge = edge,
    .range = ad_range_same,
    .slice = ad_slice_same,
    .joints = ad_joints_same,
    .build = build,
};
