/* SPDX-License-Identifier: MIT
 *
 * BLEND: two pictures through a formula.
 */
#include <string.h>

#include "ops/compose.h"

/* clang-format off */
/* FFmpeg's formulas, of which A is its first input and B its second. In `top_first` A is the upper picture, so that the names
 * mean what they mean in picture editors: dodge lightens the lower picture by the upper one. */
static const struct mode {
    const char *name, *filter; /* filter NULL: the same name */
    bool top_first;
    bool linear; /* the same in YUV as in RGB */
} modes[] = {
    {"multiply"}, {"screen"}, {"overlay"}, {"add", "addition"}, {"subtract"},
    {"average", NULL, false, true}, {"difference"}, {"lighten"}, {"darken"},
    {"normal", NULL, false, true}, {"and"}, {"bleach"}, {"burn", NULL, true}, {"divide"},
    {"dodge", NULL, true}, {"exclusion"}, {"extremity"}, {"freeze"}, {"geometric"}, {"glow"},
    {"grainextract"}, {"grainmerge"}, {"hardlight"}, {"hardmix"}, {"hardoverlay"}, {"harmonic"},
    {"heat"}, {"interpolate"}, {"linearlight", NULL, true}, {"multiply128"}, {"negation"}, {"or"},
    {"phoenix"}, {"pinlight"}, {"reflect"}, {"softdifference"}, {"softlight", NULL, true},
    {"stain"}, {"vividlight", NULL, true}, {"xor"},
};

static const char *const mode_names[] = {
    "multiply", "screen", "overlay", "add", "subtract", "average", "difference", "lighten",
    "darken", "normal", "and", "bleach", "burn", "divide", "dodge", "exclusion", "extremity",
    "freeze", "geometric", "glow", "grainextract", "grainmerge", "hardlight", "hardmix",
    "hardoverlay", "harmonic", "heat", "interpolate", "linearlight", "multiply128", "negation",
    "or", "phoenix", "pinlight", "reflect", "softdifference", "softlight", "stain", "vividlight",
    "xor", NULL};
/* clang-format on */

static const char *const fits[] = {"fit", "fill", "stretch", NULL};

static const struct ad_field fields[] = {
    {.name = "mode",
     .type = AD_FIELD_ENUM,
     .fallback = "\"overlay\"",
     .values = mode_names,
     .doc = "The formula, as picture editors know it; below is the first input, above the "
            "second."},
    {.name = "opacity",
     .type = AD_FIELD_NUMBER,
     .fallback = "0.5",
     .max = 1,
     .animated = true,
     .doc = "How much of the formula's result is shown; the rest is the first input."},
    {.name = "resize",
     .type = AD_FIELD_ENUM,
     .fallback = "\"fit\"",
     .values = fits,
     .doc =
         "How a second input of another size is brought to the first one's. fit: as large as "
         "it fits, the first input stays as it is beside it; fill: covers it; stretch: "
         "distorted."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 2, 2, "the lower picture, then the upper one"},
                                       {.max = 0}};

static const struct mode *mode_of(const struct ad_value *config)
{
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (ad_conf_is(config, "mode", modes[i].name))
            return &modes[i];
    }
    return &modes[0];
}

static enum ad_class exactness_of(const struct ad_value *config)
{
    /* Goes through the cosine of the C library. */
    return ad_conf_is(config, "mode", "interpolate") ? AD_CLASS_PROFILE : AD_CLASS_EXACT;
}

static enum artdag_err check(const struct ad_op_call *call, artdag_error *err)
{
    enum artdag_err rc = ad_op_picture(&ad_op_blend, call, err);
    if (!rc && !call->inputs[1].edge.video)
        rc = ad_error_set(err, ARTDAG_E_INVAL, "ops",
                          "the second input of BLEND has no picture");
    return rc ? rc : ad_compose_check("BLEND", call->format, err);
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
    *ret = ad_span_clip(ad_span_clip(out, 0, call->inputs[0].edge.frames), 0,
                        call->inputs[i].edge.frames);
}

/* Behind the end of the second input nothing of it is needed; it stays in the slice with a frame, of which opacity 0 shows
 * nothing. */
static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    struct ad_span upper = ad_span_clip(out, 0, call->inputs[1].edge.frames);
    uint32_t *inputs = ad_arena_array(call->arena, 2, sizeof(*inputs));
    struct ad_span *spans = ad_arena_array(call->arena, 2, sizeof(*spans));
    const struct ad_value *config = ad_conf_slice(call->arena, fields, call->config, out);
    bool gone = upper.from == upper.to;
    struct ad_conf_set with = {"opacity", ad_value_new_double(call->arena, 0)};
    if (config && gone)
        config = ad_conf_edit(call->arena, config, NULL, &with, 1);
    if (!inputs || !spans || !config)
        return ad_error_nomem(err, "ops");
    inputs[0] = 0;
    inputs[1] = 1;
    spans[0] = out;
    spans[1] = gone ? (struct ad_span){0, 1} : upper;
    *ret = (struct ad_slice){.config = config, .inputs = inputs, .spans = spans, .count = 2};
    return ARTDAG_OK;
}

static bool joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    int64_t frames = call->inputs[0].edge.frames;
    int64_t *border = ad_arena_array(call->arena, 1, sizeof(*border));
    if (!border || !ad_joints_one(call, 0, (struct ad_span){0, frames}, ret))
        return false;
    if (call->inputs[1].edge.frames < frames) {
        *border = call->inputs[1].edge.frames;
        ret->borders = border;
        ret->border_count = 1;
    }
    return true;
}

/* ---- Building ---- */

/* The upper picture at the lower one's size, in the format with alpha. */
static struct ad_pad conform(const struct ad_op_call *call, struct ad_graph *graph,
                             struct ad_pad in, const struct ad_compose_formats *f)
{
    const struct ad_edge *e = &call->inputs[0].edge;
    const struct ad_edge *top = &call->inputs[1].edge;
    struct ad_placing p = {e->width, e->height, 0, 0};
    struct ad_pad out = ad_video_format(graph, in, f->alpha);
    if (top->width == e->width && top->height == e->height)
        return out;
    if (ad_conf_is(call->config, "resize", "fit"))
        p = ad_place_fit(top->width, top->height, e->width, e->height);
    else if (ad_conf_is(call->config, "resize", "fill"))
        p = ad_place_fill(top->width, top->height, e->width, e->height);
    out = ad_video_scale(graph, out, p.scale_w, p.scale_h);
    if (p.scale_w > e->width || p.scale_h > e->height)
        return ad_video_crop(graph, out, e->width, e->height, p.x, p.y);
    if (p.scale_w == e->width && p.scale_h == e->height)
        return out;
    out = ad_graph_chain(graph, "pad", out);
    ad_graph_set_int(graph, out, "width", e->width);
    ad_graph_set_int(graph, out, "height", e->height);
    ad_graph_set_int(graph, out, "x", p.x);
    ad_graph_set_int(graph, out, "y", p.y);
    ad_graph_set(graph, out, "color", "0x00000000");
    return out;
}

static struct ad_pad rgb(struct ad_graph *graph, struct ad_pad in,
                         const struct ad_compose_formats *f)
{
    struct ad_pad out = ad_graph_chain(graph, "scale", in);
    ad_graph_set(graph, out, "flags", AD_SCALE_FLAGS);
    ad_graph_set(graph, out, "in_color_matrix", "bt709");
    ad_graph_set(graph, out, "in_range", "tv");
    return ad_video_format(graph, out, f->depth > 8 ? "gbrp10le" : "gbrp");
}

static struct ad_pad yuv(struct ad_graph *graph, struct ad_pad in,
                         const struct ad_compose_formats *f)
{
    struct ad_pad out = ad_graph_chain(graph, "scale", in);
    ad_graph_set(graph, out, "flags", AD_SCALE_FLAGS);
    ad_graph_set(graph, out, "out_color_matrix", "bt709");
    ad_graph_set(graph, out, "out_range", "tv");
    return ad_video_format(graph, out, f->opaque);
}

static struct ad_pad blended(const struct ad_op_call *call, struct ad_graph *graph,
                             struct ad_pad base, struct ad_pad top,
                             const struct ad_compose_formats *f)
{
    const struct mode *mode = mode_of(call->config);
    base = mode->linear ? ad_video_format(graph, base, f->opaque) : rgb(graph, base, f);
    top = mode->linear ? ad_video_format(graph, top, f->opaque) : rgb(graph, top, f);
    bool swap = mode->top_first || strcmp(mode->name, "normal") == 0;
    struct ad_pad both[2] = {swap ? top : base, swap ? base : top};
    struct ad_pad out = ad_graph_filter(graph, "blend", both, 2);
    ad_graph_set(graph, out, "all_mode", mode->filter ? mode->filter : mode->name);
    ad_graph_set_int(graph, out, "shortest", 1);
    return mode->linear ? out : yuv(graph, out, f);
}

static void build_video(const struct ad_op_call *call, struct ad_fragment *fragment)
{
    struct ad_graph *graph = fragment->video;
    const struct ad_compose_formats *f = ad_compose_formats(call->format->pixel_format);
    const struct ad_edge *e = &call->inputs[0].edge;
    int64_t frames = call->inputs[1].edge.frames;
    frames = frames < e->frames ? frames : e->frames;
    const struct ad_stage stage = {e->width, e->height, 0, frames};
    struct ad_curve opacity = ad_conf_curve(call->config, "opacity", 0.5);
    if (ad_curve_is(&opacity, 0)) {
        fragment->video_out = fragment->video_in[0];
        return;
    }
    struct ad_pad base = ad_video_split(graph, fragment->video_in[0], 2);
    struct ad_pad in = fragment->video_in[1];
    if (frames < call->inputs[1].edge.frames)
        in = ad_video_cut(graph, in, 0, frames);
    struct ad_pad top =
        ad_video_split(graph, ad_video_format(graph, conform(call, graph, in, f), f->alpha), 2);
    struct ad_pad alpha = ad_graph_chain(graph, "extractplanes", ad_pad_nth(top, 1));
    ad_graph_set(graph, alpha, "planes", "a");
    struct ad_pad out = blended(call, graph, ad_pad_nth(base, 1), ad_pad_nth(top, 0), f);
    out = ad_video_masked(graph, ad_video_format(graph, out, f->alpha), alpha, f->alpha);
    fragment->video_out =
        ad_video_mix(graph, call->format, ad_pad_nth(base, 0), out, &stage, &opacity);
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    if (fragment->video)
        build_video(call, fragment);
    if (fragment->audio && call->inputs[0].edge.audio)
        fragment->audio_out = fragment->audio_in[0];
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {width: 320, height: 180, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: bars, type: GENERATE, config: {kind: testsrc, duration: 1}}\n"
    "    - {id: sky, type: GENERATE, config: {kind: gradient, duration: 1,\n"
    "       direction: radial, color: white, color_end: navy}}\n"
    "    - {id: out, type: BLEND, config: {mode: multiply, opacity: 1},\n"
    "       inputs: [bars, sky]}\n"
    "  output: out\n";

const struct ad_op ad_op_blend = {
    .node_type = "BLEND",
    .summary = "two pictures through a formula",
    .doc = "The formula is applied to red, green and blue (BT.709, as they are encoded), since "
           "products of brightness and colour difference are no colours; normal and average, "
           "which are sums, to luma and colour difference directly. Then the result is laid "
           "over the first input with the opacity and the second input's transparency. The "
           "first input's own transparency stays.\n"
           "\n"
           "The result has size, length and sound of the first input. Where the second one has "
           "ended there is only the first.",
    .example = example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .exactness_of = exactness_of,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .finish = finish,
    .edge = edge,
    .range = range,
    .slice = slice,
    .joints = joints,
    .build = build,
};
