/* SPDX-License-Identifier: MIT
 *
 * CROP: a part of the picture.
 */
#include <string.h>

#include "ops/compose.h"

static const struct ad_field fields[] = {
    {.name = "width",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = 16384,
     .required = true,
     .unit = "pixels, even",
     .doc = "Width of the part, and of the result."},
    {.name = "height",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = 16384,
     .required = true,
     .unit = "pixels, even",
     .doc = "Height of the part, and of the result."},
    {.name = "x",
     .type = AD_FIELD_NUMBER,
     .max = 16384,
     .animated = true,
     .unit = "pixels",
     .doc = "Its left edge; without it the part lies in the middle. It is kept inside the "
            "picture."},
    {.name = "y",
     .type = AD_FIELD_NUMBER,
     .max = 16384,
     .animated = true,
     .unit = "pixels",
     .doc = "Its upper edge, likewise."},
    {.name = "fine", .type = AD_FIELD_BOOL, .internal = true},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "the picture"}, {.max = 0}};

static enum artdag_err check(const struct ad_op_call *call, artdag_error *err)
{
    static const char *const keys[] = {"width", "height"};
    enum artdag_err rc = ad_op_picture(&ad_op_crop, call, err);
    for (size_t i = 0; !rc && i < 2; i++) {
        const struct ad_edge *e = &call->inputs[0].edge;
        int64_t side = ad_conf_int(call->config, keys[i], 0);
        int64_t whole = i ? e->height : e->width;
        if (side % 2) {
            rc = ad_conf_bad(call->config, keys[i], err, "sizes must be even: %lld is not",
                             (long long)side);
        } else if (side > whole) {
            rc = ad_conf_bad(call->config, keys[i], err, "the picture's %s is only %lld",
                             keys[i], (long long)whole);
            ad_error_hint(err, "to add an edge, use RESIZE with mode: pad");
        }
    }
    return rc;
}

/* Whether the part moves, or begins between the samples of a colour. */
static bool is_fine(const struct ad_op_call *call, const struct ad_value *config)
{
    const struct ad_compose_formats *f = ad_compose_formats(call->format->pixel_format);
    struct ad_curve x = ad_conf_curve(config, "x", 0);
    struct ad_curve y = ad_conf_curve(config, "y", 0);
    if (!f || (!f->sub_x && !f->sub_y))
        return false;
    return x.keys || y.keys || (f->sub_x && (int64_t)(x.value + 0.5) % 2) ||
           (f->sub_y && (int64_t)(y.value + 0.5) % 2);
}

static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    const struct ad_value *config = NULL;
    enum artdag_err rc = check(call, err);
    if (!rc)
        rc = ad_finish_curves(call, fields, &config, err);
    if (rc)
        return rc;
    const struct ad_edge *e = &call->inputs[0].edge;
    struct ad_arena *arena = call->arena;
    /* The middle, at an even place. */
    int64_t x = (e->width - ad_conf_int(config, "width", 0)) / 4 * 2;
    int64_t y = (e->height - ad_conf_int(config, "height", 0)) / 4 * 2;
    struct ad_conf_set with[2];
    size_t count = 0;
    if (!ad_value_get(config, "x"))
        with[count++] = (struct ad_conf_set){"x", ad_value_new_double(arena, (double)x)};
    if (!ad_value_get(config, "y"))
        with[count++] = (struct ad_conf_set){"y", ad_value_new_double(arena, (double)y)};
    config = ad_conf_edit(arena, config, NULL, with, count);
    if (config && is_fine(call, config)) {
        with[0] = (struct ad_conf_set){"fine", ad_value_new_bool(arena, true)};
        config = ad_conf_edit(arena, config, NULL, with, 1);
    }
    if (!config)
        return ad_error_nomem(err, "ops");
    *ret_config = config;
    return ARTDAG_OK;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    *ret = call->inputs[0].edge;
    ret->width = ad_conf_int(call->config, "width", 0);
    ret->height = ad_conf_int(call->config, "height", 0);
    return ARTDAG_OK;
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    return ad_slice_curves(call, fields, out, ret, err);
}

static void set_place(const struct ad_op_call *call, struct ad_graph *graph, struct ad_pad pad,
                      const char *key, int64_t most)
{
    struct ad_curve at = ad_conf_curve(call->config, key, 0);
    const char *text = ad_arena_printf(graph->arena, "clip(floor((%s)+0.5),0,%lld)",
                                       ad_curve_expr(graph->arena, &at, "n"), (long long)most);
    ad_graph_set(graph, pad, key, text ? text : "");
    graph->failed = graph->failed || !text;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    if (fragment->video) {
        struct ad_graph *graph = fragment->video;
        const struct ad_edge *e = &call->inputs[0].edge;
        const char *native = call->format->pixel_format;
        int64_t w = ad_conf_int(call->config, "width", 0);
        int64_t h = ad_conf_int(call->config, "height", 0);
        bool fine = ad_conf_bool(call->config, "fine", false);
        struct ad_pad out = fragment->video_in[0];
        if (fine)
            out = ad_video_spread(graph, out, ad_compose_whole(native));
        out = ad_graph_chain(graph, "crop", out);
        ad_graph_set_int(graph, out, "w", w);
        ad_graph_set_int(graph, out, "h", h);
        set_place(call, graph, out, "x", e->width - w);
        set_place(call, graph, out, "y", e->height - h);
        fragment->video_out = fine ? ad_video_gather(graph, out, native) : out;
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
    "    - id: out\n"
    "      type: CROP\n"
    "      config:\n"
    "        width: 160\n"
    "        height: 90\n"
    "        x: {keyframes: [{at: 0, value: 0}, {at: 1, value: 160}]}\n"
    "        y: 45\n"
    "      inputs: [bars]\n"
    "  output: out\n";

const struct ad_op ad_op_crop = {
    .node_type = "CROP",
    .summary = "a part of the picture, which may move",
    .doc = "The result shows width by height pixels of its input, one to one. With keyframes "
           "for x and y the part moves over the picture, on whole pixels. Sound stays as it "
           "is.",
    .example = example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .finish = finish,
    .edge = edge,
    .range = ad_range_same,
    .slice = slice,
    .joints = ad_joints_same,
    .build = build,
};
