/* SPDX-License-Identifier: MIT
 *
 * VIGNETTE: darker towards the corners. A colour laid over the picture, with alpha that grows from the middle; so it works at
 * every depth, and in integers.
 */
#include "ops/compose.h"

static const struct ad_field fields[] = {
    {.name = "strength",
     .type = AD_FIELD_NUMBER,
     .fallback = "0.5",
     .max = 1,
     .animated = true,
     .doc = "How much of the colour lies on the corners; 1 covers them."},
    {.name = "radius",
     .type = AD_FIELD_NUMBER,
     .fallback = "0.4",
     .max = 0.99,
     .doc = "Where it begins, on the way from the middle, 0, to the corners, 1."},
    {.name = "color",
     .type = AD_FIELD_COLOR,
     .fallback = "\"black\"",
     .doc = "What the corners turn into."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "the picture"}, {.max = 0}};

static enum artdag_err check(const struct ad_op_call *call, artdag_error *err)
{
    enum artdag_err rc = ad_op_picture(&ad_op_vignette, call, err);
    return rc ? rc : ad_compose_check("VIGNETTE", call->format, err);
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

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    return ad_slice_curves(call, fields, out, ret, err);
}

/* One grey frame that stands: smoothstep of the distance from the middle. Expressions are slow, so that of a large picture
 * is made at a quarter of its size. */
static struct ad_pad mask(const struct ad_op_call *call, struct ad_graph *graph,
                          const struct ad_edge *e)
{
    const struct ad_compose_formats *f = ad_compose_formats(call->format->pixel_format);
    int64_t part = e->width > 640 || e->height > 640 ? 4 : 1;
    double radius = ad_conf_number(call->config, "radius", 0.4);
    char from[32];
    char length[32];
    (void)ad_double_format(radius, from);
    (void)ad_double_format(1 - radius, length);
    struct ad_pad one = ad_graph_filter(graph, "color", NULL, 0);
    ad_graph_set(graph, one, "color", "0x000000");
    ad_graph_setf(graph, one, "size", "%lldx%lld", (long long)(e->width / part),
                  (long long)(e->height / part));
    ad_graph_setf(graph, one, "rate", "%lld/%lld", (long long)call->format->fps_num,
                  (long long)call->format->fps_den);
    one = ad_video_split(graph, ad_video_format(graph, ad_video_cut(graph, one, 0, 1), f->gray),
                         2);
    struct ad_pad both[2] = {ad_pad_nth(one, 0), ad_pad_nth(one, 1)};
    struct ad_pad out = ad_graph_filter(graph, "blend", both, 2);
    ad_graph_setf(graph, out, "c0_expr",
                  "0*st(0,(X+0.5)*2/W-1)+0*st(1,(Y+0.5)*2/H-1)+0*st(2,clip((sqrt((ld(0)*ld(0)+"
                  "ld(1)*ld(1))/2)-%s)/%s,0,1))+floor(ld(2)*ld(2)*(3-2*ld(2))*%d+0.5)",
                  from, length, (1 << f->depth) - 1);
    if (part > 1) {
        out = ad_graph_chain(graph, "scale", out);
        ad_graph_set_int(graph, out, "w", e->width);
        ad_graph_set_int(graph, out, "h", e->height);
        ad_graph_set(graph, out, "flags", AD_SCALE_FLAGS);
    }
    return ad_video_stand(graph, ad_video_format(graph, out, f->gray));
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
        struct ad_curve strength = ad_conf_curve(call->config, "strength", 0.5);
        struct ad_pad top =
            ad_video_blank(graph, call->format, e->width, e->height, e->frames,
                           ad_conf_text(call->arena, call->config, "color", "#000000"));
        top = ad_video_masked(graph, ad_video_format(graph, top, f->alpha),
                              mask(call, graph, e), f->alpha);
        fragment->video_out =
            ad_video_mix(graph, call->format, fragment->video_in[0], top, &stage, &strength);
    }
    if (fragment->audio)
        fragment->audio_out = fragment->audio_in[0];
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {width: 320, height: 180, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: sky, type: GENERATE, config: {kind: gradient, duration: 1,\n"
    "       color: skyblue, color_end: white}}\n"
    "    - {id: out, type: VIGNETTE, config: {strength: 0.9, radius: 0.3},\n"
    "       inputs: [sky]}\n"
    "  output: out\n";

const struct ad_op ad_op_vignette = {
    .node_type = "VIGNETTE",
    .summary = "darker towards the corners",
    .doc = "With d the distance from the middle, 1 in the corners and in equal steps along "
           "width and height, and t = (d - radius) / (1 - radius) kept between 0 and 1, the "
           "picture turns into the colour by strength * t * t * (3 - 2 * t). Sound stays as it "
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
