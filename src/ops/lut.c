/* SPDX-License-Identifier: MIT
 *
 * LUT: colours through a table in three dimensions, a .cube file.
 */
#include "ops/compose.h"

static const char *const interpolations[] = {"tetrahedral", "trilinear", "nearest", NULL};

static const struct ad_field fields[] = {
    {.name = "interpolation",
     .type = AD_FIELD_ENUM,
     .fallback = "\"tetrahedral\"",
     .values = interpolations,
     .doc = "What lies between the entries of the table."},
    {.name = "strength",
     .type = AD_FIELD_NUMBER,
     .fallback = "1",
     .max = 1,
     .animated = true,
     .doc = "How much of the new colours is shown; the rest is the old ones."},
    {NULL},
};

static const struct ad_slot slots[] = {
    {.name = "picture", .min = 1, .max = 1, .doc = "the picture"},
    {.name = "lut", .min = 1, .max = 1, .doc = "a .cube file", .file = true},
    {.max = 0}};

static enum artdag_err check(const struct ad_op_call *call, artdag_error *err)
{
    enum artdag_err rc = ad_op_picture(&ad_op_lut, call, err);
    return rc ? rc : ad_compose_check("LUT", call->format, err);
}

static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    return rc ? rc : ad_finish_curves(call, fields, ret_config, err);
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (!rc)
        *ret = call->inputs[0].edge;
    return rc;
}

static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    *ret = i == 0 ? ad_span_clip(out, 0, call->inputs[0].edge.frames) : (struct ad_span){0, 1};
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    uint32_t *inputs = ad_arena_array(call->arena, 2, sizeof(*inputs));
    struct ad_span *spans = ad_arena_array(call->arena, 2, sizeof(*spans));
    const struct ad_value *config = ad_conf_slice(call->arena, fields, call->config, out);
    if (!inputs || !spans || !config)
        return ad_error_nomem(err, "ops");
    inputs[0] = 0;
    inputs[1] = 1;
    spans[0] = out;
    spans[1] = (struct ad_span){0, 1};
    *ret = (struct ad_slice){.config = config, .inputs = inputs, .spans = spans, .count = 2};
    return ARTDAG_OK;
}

/* Sixteen bits in between, so that the two conversions cost nothing that one would see. */
static struct ad_pad table(const struct ad_op_call *call, struct ad_graph *graph,
                           struct ad_pad in, const struct ad_compose_formats *f)
{
    struct ad_pad out = ad_graph_chain(graph, "scale", in);
    ad_graph_set(graph, out, "flags", AD_SCALE_FLAGS);
    ad_graph_set(graph, out, "in_color_matrix", "bt709");
    ad_graph_set(graph, out, "in_range", "tv");
    out = ad_graph_chain(graph, "lut3d", ad_video_format(graph, out, "gbrp16le"));
    ad_graph_set_file(graph, out, "file", call->inputs[1].file_cid);
    ad_graph_set(graph, out, "interp",
                 ad_conf_text(call->arena, call->config, "interpolation", "tetrahedral"));
    out = ad_graph_chain(graph, "scale", out);
    ad_graph_set(graph, out, "flags", AD_SCALE_FLAGS);
    ad_graph_set(graph, out, "out_color_matrix", "bt709");
    ad_graph_set(graph, out, "out_range", "tv");
    return ad_video_format(graph, out, f->opaque);
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    if (fragment->video) {
        struct ad_graph *graph = fragment->video;
        const struct ad_compose_formats *f = ad_compose_formats(call->format->pixel_format);
        const struct ad_edge *e = &call->inputs[0].edge;
        const struct ad_stage stage = {e->width, e->height, 0, e->frames};
        struct ad_curve strength = ad_conf_curve(call->config, "strength", 1);
        struct ad_pad split = ad_video_split(
            graph, ad_video_format(graph, fragment->video_in[0], call->format->pixel_format),
            2);
        struct ad_pad out = table(call, graph, ad_pad_nth(split, 1), f);
        fragment->video_out =
            ad_video_mix(graph, call->format, ad_pad_nth(split, 0), out, &stage, &strength);
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
    "    - {id: warm, type: SOURCE, config: {input: true}}\n"
    "    - {id: out, type: LUT, inputs: {picture: bars, lut: warm}}\n"
    "  output: out\n";

const struct ad_op ad_op_lut = {
    .node_type = "LUT",
    .summary = "colours by a .cube table",
    .doc = "The table is a file of its own: a SOURCE in slot lut, so that its content enters "
           "the identity of the film. It is applied to red, green and blue (BT.709, as they "
           "are encoded). Sound stays as it is.",
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
    .joints = ad_joints_same,
    .build = build,
};
