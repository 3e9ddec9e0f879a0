/* SPDX-License-Identifier: MIT
 *
 * FLIP: the picture in a mirror.
 */
#include "ops/op.h"

static const char *const directions[] = {"horizontal", "vertical", "both", NULL};

static const struct ad_field fields[] = {
    {.name = "direction",
     .type = AD_FIELD_ENUM,
     .fallback = "\"horizontal\"",
     .values = directions,
     .doc =
         "horizontal: left and right change places; vertical: up and down; both: half a turn."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "the picture"}, {.max = 0}};

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = ad_op_picture(&ad_op_flip, call, err);
    if (!rc)
        *ret = call->inputs[0].edge;
    return rc;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = ad_op_picture(&ad_op_flip, call, err);
    if (rc)
        return rc;
    if (fragment->video) {
        struct ad_pad out = fragment->video_in[0];
        if (!ad_conf_is(call->config, "direction", "vertical"))
            out = ad_graph_chain(fragment->video, "hflip", out);
        if (!ad_conf_is(call->config, "direction", "horizontal"))
            out = ad_graph_chain(fragment->video, "vflip", out);
        fragment->video_out = out;
    }
    if (fragment->audio)
        fragment->audio_out = fragment->audio_in[0];
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {width: 320, height: 180, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: bars, type: GENERATE, config: {kind: testsrc, duration: 1}}\n"
    "    - {id: out, type: FLIP, config: {direction: horizontal}, inputs: [bars]}\n"
    "  output: out\n";

const struct ad_op ad_op_flip = {
    .node_type = "FLIP",
    .summary = "the picture in a mirror",
    .doc = "Every pixel changes its place and nothing else. Sound stays as it is.",
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
