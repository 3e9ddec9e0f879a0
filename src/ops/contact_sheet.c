/* SPDX-License-Identifier: MIT
 *
 * CONTACT_SHEET: a film at a glance.
 */
#include "ops/op.h"

static const struct ad_field fields[] = {
    {.name = "columns",
     .type = AD_FIELD_INT,
     .fallback = "4",
     .min = 1,
     .max = 20,
     .doc = "How many frames stand beside each other."},
    {.name = "rows",
     .type = AD_FIELD_INT,
     .fallback = "4",
     .min = 1,
     .max = 20,
     .doc = "How many rows there are."},
    {.name = "width",
     .type = AD_FIELD_INT,
     .fallback = "320",
     .min = 2,
     .max = 2048,
     .unit = "pixels, even",
     .doc = "Width of each frame; the height follows."},
    {.name = "gap",
     .type = AD_FIELD_INT,
     .fallback = "4",
     .min = 0,
     .max = 256,
     .unit = "pixels, even",
     .doc = "Black between the frames and around them."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "the film"}, {.max = 0}};

struct sheet {
    int64_t columns, rows, gap;
    int64_t tile_w, tile_h;
    int64_t count, first, step; /* frames shown */
    int64_t width, height;
};

static enum artdag_err sheet_of(const struct ad_op_call *call, struct sheet *ret,
                                artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_contact_sheet, call, err);
    if (rc)
        return rc;
    const struct ad_edge *in = &call->inputs[0].edge;
    if (!in->video)
        return ad_error_set(err, ARTDAG_E_INVAL, "ops", "CONTACT_SHEET has no picture to show");
    struct sheet s = {
        .columns = ad_conf_int(call->config, "columns", 4),
        .rows = ad_conf_int(call->config, "rows", 4),
        .gap = ad_conf_int(call->config, "gap", 4),
    };
    int64_t width = ad_conf_int(call->config, "width", 320);
    if (width % 2 || s.gap % 2)
        return ad_conf_bad(call->config, width % 2 ? "width" : "gap", err,
                           "sizes must be even: %lld is not",
                           (long long)(width % 2 ? width : s.gap));
    struct ad_placing tile = ad_place_fit(in->width, in->height, width, 16384);
    s.tile_w = tile.scale_w;
    s.tile_h = tile.scale_h;
    s.count = s.columns * s.rows < in->frames ? s.columns * s.rows : in->frames;
    s.step = in->frames / s.count;
    s.first = (in->frames - s.step * (s.count - 1) - 1) / 2;
    s.width = s.columns * (s.tile_w + s.gap) + s.gap;
    s.height = s.rows * (s.tile_h + s.gap) + s.gap;
    if (s.width > 16384 || s.height > 16384)
        return ad_conf_bad(call->config, "width", err, "the sheet would have %lldx%lld pixels",
                           (long long)s.width, (long long)s.height);
    *ret = s;
    return ARTDAG_OK;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    struct sheet s = {0};
    enum artdag_err rc = sheet_of(call, &s, err);
    if (rc)
        return rc;
    *ret = (struct ad_edge){.frames = 1, .width = s.width, .height = s.height, .video = true};
    return ARTDAG_OK;
}

/* Frames from all of it. */
static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    bool any = out.from < out.to && out.from < 1;
    *ret = (struct ad_span){0, any ? call->inputs[i].edge.frames : 0};
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct sheet s = {0};
    enum artdag_err rc = sheet_of(call, &s, err);
    if (rc || !fragment->video)
        return rc;
    struct ad_graph *graph = fragment->video;
    struct ad_pad out = ad_video_cut(graph, fragment->video_in[0], s.first,
                                     s.first + s.step * (s.count - 1) + 1);
    out = ad_graph_chain(graph, "framestep", out);
    ad_graph_set_int(graph, out, "step", s.step);
    out = ad_video_scale(graph, out, s.tile_w, s.tile_h);
    out = ad_graph_chain(graph, "tile", out);
    ad_graph_setf(graph, out, "layout", "%lldx%lld", (long long)s.columns, (long long)s.rows);
    ad_graph_set_int(graph, out, "nb_frames", s.count);
    ad_graph_set_int(graph, out, "margin", s.gap);
    ad_graph_set_int(graph, out, "padding", s.gap);
    out = ad_graph_chain(graph, "setpts", out);
    ad_graph_set(graph, out, "expr", "N");
    fragment->video_out = out;
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {width: 160, height: 90, fps: 25}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: film, type: GENERATE, config: {kind: testsrc, duration: 4}}\n"
    "    - id: sheet\n"
    "      type: CONTACT_SHEET\n"
    "      config: {columns: 3, rows: 2, width: 96}\n"
    "      inputs: [film]\n"
    "  output: sheet\n";

const struct ad_op ad_op_contact_sheet = {
    .node_type = "CONTACT_SHEET",
    .summary = "a film at a glance: frames from all of it in one picture",
    .doc = "Frames at even distances, from left to right and downwards. A film of fewer frames "
           "leaves places black. As an output it becomes a PNG file.",
    .example = example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .profile = "png",
    .edge = edge,
    .range = range,
    .build = build,
};
