/* SPDX-License-Identifier: MIT
 *
 * GRAIN: the grain of film. One larger field of noise is made, and each frame shows a window of it at a place that follows
 * from the number of the frame: so a part of a film has the grain that the whole has there.
 */
#include "ops/compose.h"

#define SPREAD 128 /* windows begin at so many even places in each direction */

static const struct ad_field fields[] = {
    {.name = "strength",
     .type = AD_FIELD_INT,
     .fallback = "10",
     .max = 100,
     .doc = "How strong the noise is; 5 is fine film, 20 is coarse."},
    {.name = "size",
     .type = AD_FIELD_INT,
     .fallback = "1",
     .min = 1,
     .max = 16,
     .unit = "pixels",
     .doc = "Size of a grain."},
    {.name = "seed",
     .type = AD_FIELD_INT,
     .fallback = "1",
     .min = 0,
     .max = INT32_MAX,
     .doc = "Another number, another grain."},
    {.name = "first",
     .type = AD_FIELD_INT,
     .max = (double)AD_FRAMES_MAX,
     .internal = true,
     .doc = "A slice: the frame that it begins with."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "the picture"}, {.max = 0}};

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = ad_op_picture(&ad_op_grain, call, err);
    if (!rc)
        *ret = call->inputs[0].edge;
    return rc;
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    int64_t first = ad_conf_int(call->config, "first", 0) + out.from;
    struct ad_conf_set with = {"first", ad_value_new_int(call->arena, first)};
    const struct ad_value *config =
        ad_conf_edit(call->arena, call->config, NULL, &with, first > 0 ? 1 : 0);
    return ad_slice_one(call, config, 0, out, ret, err);
}

/* Noise about middle grey, in the luma of a picture of the working format without alpha. */
static struct ad_pad field(const struct ad_op_call *call, struct ad_graph *graph, int64_t width,
                           int64_t height)
{
    const char *native = call->format->pixel_format;
    const struct ad_compose_formats *f = ad_compose_formats(native);
    const char *eight = f && f->sub_y ? "yuv420p" : (f && f->sub_x ? "yuv422p" : "yuv444p");
    struct ad_pad out = ad_graph_filter(graph, "color", NULL, 0);
    ad_graph_set(graph, out, "color", "0x808080");
    ad_graph_setf(graph, out, "size", "%lldx%lld", (long long)width, (long long)height);
    ad_graph_setf(graph, out, "rate", "%lld/%lld", (long long)call->format->fps_num,
                  (long long)call->format->fps_den);
    out = ad_video_format(graph, ad_video_cut(graph, out, 0, 1), eight);
    out = ad_graph_chain(graph, "lutyuv", out);
    ad_graph_set_int(graph, out, "y", 128);
    ad_graph_set_int(graph, out, "u", 128);
    ad_graph_set_int(graph, out, "v", 128);
    out = ad_graph_chain(graph, "noise", out);
    ad_graph_set_int(graph, out, "c0_strength", ad_conf_int(call->config, "strength", 0));
    ad_graph_set_int(graph, out, "all_seed", ad_conf_int(call->config, "seed", 1));
    return ad_video_stand(graph, out);
}

static struct ad_pad window(const struct ad_op_call *call, struct ad_graph *graph,
                            const struct ad_edge *e)
{
    int64_t size = ad_conf_int(call->config, "size", 1);
    int64_t first = ad_conf_int(call->config, "first", 0);
    int64_t w = (e->width + size - 1) / size;
    int64_t h = (e->height + size - 1) / size;
    w += w % 2;
    h += h % 2;
    struct ad_pad out =
        ad_graph_chain(graph, "crop", field(call, graph, w + 2 * SPREAD, h + 2 * SPREAD));
    ad_graph_set_int(graph, out, "w", w);
    ad_graph_set_int(graph, out, "h", h);
    /* Squares modulo a prime: neighbours in time lie far apart. All numbers stay below 2^53. */
    ad_graph_setf(graph, out, "x",
                  "2*mod(mod(mod(n+%lld,65521)*(mod(n+%lld,65521)*75+74),65521),%d)",
                  (long long)first, (long long)first, SPREAD);
    ad_graph_setf(graph, out, "y",
                  "2*mod(mod(mod(n+%lld,65519)*(mod(n+%lld,65519)*167+31),65519),%d)",
                  (long long)first, (long long)first, SPREAD);
    if (size > 1)
        out = ad_video_crop(graph, ad_video_scale(graph, out, w * size, h * size), e->width,
                            e->height, 0, 0);
    return ad_video_format(graph, out, call->format->pixel_format);
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = ad_op_picture(&ad_op_grain, call, err);
    if (rc)
        return rc;
    if (fragment->video) {
        struct ad_graph *graph = fragment->video;
        struct ad_pad out = fragment->video_in[0];
        if (ad_conf_int(call->config, "strength", 0) > 0) {
            struct ad_pad both[2] = {ad_video_format(graph, out, call->format->pixel_format),
                                     window(call, graph, &call->inputs[0].edge)};
            out = ad_graph_filter(graph, "blend", both, 2);
            ad_graph_set(graph, out, "c0_mode", "grainmerge");
            ad_graph_set_int(graph, out, "shortest", 1);
        }
        fragment->video_out = out;
    }
    if (fragment->audio)
        fragment->audio_out = fragment->audio_in[0];
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {width: 160, height: 90, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: sky, type: GENERATE, config: {kind: gradient, duration: 1,\n"
    "       color: gray, color_end: silver}}\n"
    "    - {id: out, type: GRAIN, config: {strength: 25, seed: 7},\n"
    "       inputs: [sky]}\n"
    "  output: out\n";

const struct ad_op ad_op_grain = {
    .node_type = "GRAIN",
    .summary = "the grain of film",
    .doc = "Adds noise to the brightness, other noise on each frame. The same seed gives the "
           "same grain, on every machine and for every part of the film. Sound stays as it is.",
    .example = example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .edge = edge,
    .range = ad_range_same,
    .slice = slice,
    .joints = ad_joints_same,
    .build = build,
};
