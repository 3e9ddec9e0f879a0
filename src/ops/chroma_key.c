/* SPDX-License-Identifier: MIT
 *
 * CHROMA_KEY: what has a given colour becomes transparent.
 */
#include "ops/compose.h"

static const struct ad_field fields[] = {
    {.name = "color",
     .type = AD_FIELD_COLOR,
     .fallback = "\"lime\"",
     .doc = "The colour of the screen; its brightness does not matter."},
    {.name = "similarity",
     .type = AD_FIELD_NUMBER,
     .fallback = "0.15",
     .min = 0.00001,
     .max = 1,
     .doc = "Colours up to this far from it disappear; the distance of the two farthest "
            "colours is 1."},
    {.name = "blend",
     .type = AD_FIELD_NUMBER,
     .fallback = "0.05",
     .max = 1,
     .doc = "Over this much more distance the picture becomes solid; 0 makes a hard edge."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "the picture"}, {.max = 0}};

static enum artdag_err check(const struct ad_op_call *call, artdag_error *err)
{
    enum artdag_err rc = ad_op_picture(&ad_op_chroma_key, call, err);
    if (rc || ad_pixel_alpha(call->format->pixel_format))
        return rc;
    (void)ad_error_set(err, ARTDAG_E_INVAL, "ops",
                       "CHROMA_KEY needs a working format with transparency, not %s",
                       call->format->pixel_format);
    ad_error_hint(err, "add to the recipe format: {pixel_format: yuva420p}");
    return ARTDAG_E_INVAL;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (!rc)
        *ret = call->inputs[0].edge;
    return rc;
}

/* Filter chromakey takes its neighbours beyond the edge from memory that nobody wrote: the outermost pixels are repeated
 * there. */
static struct ad_pad with_border(struct ad_graph *graph, struct ad_pad in,
                                 const struct ad_edge *e)
{
    static const char *const sides[] = {"left", "right", "top", "bottom"};
    struct ad_pad out = ad_graph_chain(graph, "pad", in);
    ad_graph_set_int(graph, out, "width", e->width + 4);
    ad_graph_set_int(graph, out, "height", e->height + 4);
    ad_graph_set_int(graph, out, "x", 2);
    ad_graph_set_int(graph, out, "y", 2);
    out = ad_graph_chain(graph, "fillborders", out);
    for (size_t i = 0; i < 4; i++)
        ad_graph_set_int(graph, out, sides[i], 2);
    ad_graph_set(graph, out, "mode", "smear");
    return out;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    if (fragment->video) {
        struct ad_graph *graph = fragment->video;
        struct ad_color_yuv c =
            ad_color_to_yuv(ad_conf_text(call->arena, call->config, "color", "#00ff00"), 8);
        struct ad_pad out =
            ad_video_format(graph, fragment->video_in[0], call->format->pixel_format);
        out =
            ad_graph_chain(graph, "chromakey", with_border(graph, out, &call->inputs[0].edge));
        /* Given as codes, since the filter would make them by BT.601. */
        ad_graph_setf(graph, out, "color", "0x%02x%02x%02x", (unsigned)c.y, (unsigned)c.u,
                      (unsigned)c.v);
        ad_graph_set_int(graph, out, "yuv", 1);
        ad_graph_set_double(graph, out, "similarity",
                            ad_conf_number(call->config, "similarity", 0.15));
        ad_graph_set_double(graph, out, "blend", ad_conf_number(call->config, "blend", 0.05));
        fragment->video_out = ad_video_crop(graph, out, call->inputs[0].edge.width,
                                            call->inputs[0].edge.height, 2, 2);
    }
    if (fragment->audio)
        fragment->audio_out = fragment->audio_in[0];
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {width: 320, height: 180, fps: 24, pixel_format: yuva420p}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: bars, type: GENERATE, config: {kind: testsrc, duration: 1}}\n"
    "    - {id: screen, type: GENERATE, config: {kind: color, color: lime,\n"
    "       duration: 1}}\n"
    "    - {id: sign, type: GENERATE, config: {kind: gradient, color: red,\n"
    "       color_end: yellow, duration: 1}}\n"
    "    - {id: shot, type: LAYER, inputs: [screen, sign], config: {inputs: [{},\n"
    "       {scale: 0.5, anchor: center, origin: center, rotation: 12}]}}\n"
    "    - {id: keyed, type: CHROMA_KEY, config: {color: lime}, inputs: [shot]}\n"
    "    - {id: out, type: LAYER, inputs: [bars, keyed]}\n"
    "  output: out\n";

const struct ad_op ad_op_chroma_key = {
    .node_type = "CHROMA_KEY",
    .summary = "one colour becomes transparent",
    .doc = "Compares the colour (not the brightness) of each pixel and its eight neighbours "
           "with the given one. The result has transparency and needs a working format that "
           "has it: format: {pixel_format: yuva420p}. Lay it over something with LAYER. Sound "
           "stays as it is.",
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
