/* SPDX-License-Identifier: MIT
 *
 * TRANSFORM: colour, blur, sharpness and speed.
 */
#include "ops/op.h"
#include "ops/rate.h"

static const struct ad_field effects[] = {
    {.name = "speed",
     .type = AD_FIELD_NUMBER,
     .fallback = "1",
     .min = AD_RATE_MIN,
     .max = AD_RATE_MAX,
     .unit = "times",
     .doc = "2 is twice as fast and half as long. Pictures are repeated or left out, sound "
            "keeps its pitch."},
    {.name = "contrast",
     .type = AD_FIELD_NUMBER,
     .fallback = "1",
     .min = 0,
     .max = 4,
     .doc = "Distance of the brightness from middle grey, as a factor."},
    {.name = "brightness",
     .type = AD_FIELD_NUMBER,
     .fallback = "0",
     .min = -1,
     .max = 1,
     .doc = "Added to the brightness, of which black is 0 and white is 1."},
    {.name = "gamma",
     .type = AD_FIELD_NUMBER,
     .fallback = "1",
     .min = 0.1,
     .max = 10,
     .doc = "Above 1 lightens the middle tones, below 1 darkens them."},
    {.name = "saturation",
     .type = AD_FIELD_NUMBER,
     .fallback = "1",
     .min = 0,
     .max = 3,
     .doc = "Strength of the colours, as a factor; 0 is black and white."},
    {.name = "hue",
     .type = AD_FIELD_NUMBER,
     .fallback = "0",
     .min = -360,
     .max = 360,
     .unit = "degrees",
     .doc = "Turns the colour wheel."},
    {.name = "blur",
     .type = AD_FIELD_INT,
     .fallback = "0",
     .min = 0,
     .max = 1000,
     .unit = "pixels",
     .doc =
         "Radius of a box blur that is applied twice. Its window of 2 x blur + 1 pixels is at "
         "most as wide as the shorter side."},
    {.name = "sharpen",
     .type = AD_FIELD_NUMBER,
     .fallback = "0",
     .min = 0,
     .max = 5,
     .doc = "Strength of an unsharp mask of 5 x 5 pixels on the brightness."},
    {NULL},
};

static const struct ad_field fields[] = {
    {.name = "effects",
     .type = AD_FIELD_MAP,
     .fallback = "{}",
     .fields = effects,
     .doc = "What to change."},
    {.name = "phase", .type = AD_FIELD_INT, .internal = true},
    {.name = "frames", .type = AD_FIELD_INT, .internal = true},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "what to change"}, {.max = 0}};

static double effect(const struct ad_op_call *call, const char *name, double neutral)
{
    return ad_conf_number(ad_value_get(call->config, "effects"), name, neutral);
}

static struct ad_rate rate_of(const struct ad_op_call *call)
{
    struct ad_rate rate = ad_rate_of(effect(call, "speed", 1));
    ad_rate_place(&rate, call->config);
    return rate;
}

/* ---- Colour ---- */

/* Look-up tables in code values; minval and maxval are black and white (grey's limits for colour) of the pixel format
 * at hand, so the same text serves every depth. */
static struct ad_pad colors(const struct ad_op_call *call, struct ad_graph *graph,
                            struct ad_pad in)
{
    double contrast = effect(call, "contrast", 1);
    double brightness = effect(call, "brightness", 0);
    double gamma = effect(call, "gamma", 1);
    double saturation = effect(call, "saturation", 1);
    bool luma = contrast != 1 || brightness != 0 || gamma != 1;
    if (!luma && saturation == 1)
        return in;
    char c[32];
    char b[32];
    char g[32];
    char s[32];
    (void)ad_double_format(contrast, c);
    (void)ad_double_format(brightness, b);
    (void)ad_double_format(gamma, g);
    (void)ad_double_format(saturation, s);
    struct ad_pad out = ad_graph_chain(graph, "lutyuv", in);
    if (luma)
        ad_graph_setf(
            graph, out, "y",
            "floor(minval+(maxval-minval)*"
            "pow(clip(((val-minval)/(maxval-minval)-0.5)*(%s)+0.5+(%s),0,1),1/(%s))+0.5)",
            c, b, g);
    if (saturation != 1) {
        static const char *const planes[] = {"u", "v"};
        for (size_t i = 0; i < 2; i++)
            ad_graph_setf(graph, out, planes[i],
                          "clip(floor((val-(minval+maxval)/2)*(%s)+(minval+maxval)/2+0.5),"
                          "minval,maxval)",
                          s);
    }
    return out;
}

static struct ad_pad hue(const struct ad_op_call *call, struct ad_graph *graph,
                         struct ad_pad in)
{
    double degrees = effect(call, "hue", 0);
    if (degrees == 0)
        return in;
    struct ad_pad out = ad_graph_chain(graph, "hue", in);
    ad_graph_set_double(graph, out, "h", degrees);
    return out;
}

/* ---- Blur and sharpness ---- */

/* A window of 2 r + 1 pixels must lie within the plane's shorter side: filter boxblur refuses larger ones, except one that
 * is larger by a single pixel, for which it reads beyond the plane. So each plane gets its own limit; colour planes get
 * the radius in their own, coarser pixels. */
static struct ad_pad blur(const struct ad_op_call *call, struct ad_graph *graph,
                          struct ad_pad in)
{
    int64_t radius = (int64_t)effect(call, "blur", 0);
    if (radius == 0)
        return in;
    const char *format = call->format->pixel_format;
    const struct ad_edge *edge = &call->inputs[0].edge;
    bool half_w = format[3] == '4' ? format[4] == '2' : format[5] == '2'; /* yuv42x, yuva42x */
    bool half_h = half_w && (format[3] == '4' ? format[5] == '0' : format[6] == '0');
    int64_t chroma_w = half_w ? edge->width / 2 : edge->width;
    int64_t chroma_h = half_h ? edge->height / 2 : edge->height;
    int64_t luma_max = ((edge->width < edge->height ? edge->width : edge->height) - 1) / 2;
    int64_t chroma_max = ((chroma_w < chroma_h ? chroma_w : chroma_h) - 1) / 2;
    int64_t chroma = half_w ? (radius + 1) / 2 : radius;
    int64_t luma = radius > luma_max ? luma_max : radius;
    chroma = chroma > chroma_max ? chroma_max : chroma;
    struct ad_pad out = ad_graph_chain(graph, "boxblur", in);
    ad_graph_set_int(graph, out, "luma_radius", luma);
    ad_graph_set_int(graph, out, "luma_power", 2);
    ad_graph_set_int(graph, out, "chroma_radius", chroma);
    ad_graph_set_int(graph, out, "chroma_power", 2);
    ad_graph_set_int(graph, out, "alpha_radius", luma);
    ad_graph_set_int(graph, out, "alpha_power", 2);
    return out;
}

static struct ad_pad sharpen(const struct ad_op_call *call, struct ad_graph *graph,
                             struct ad_pad in)
{
    double amount = effect(call, "sharpen", 0);
    if (amount == 0)
        return in;
    struct ad_pad out = ad_graph_chain(graph, "unsharp", in);
    ad_graph_set_int(graph, out, "luma_msize_x", 5);
    ad_graph_set_int(graph, out, "luma_msize_y", 5);
    ad_graph_set_double(graph, out, "luma_amount", amount);
    ad_graph_set_int(graph, out, "chroma_amount", 0);
    ad_graph_set_int(graph, out, "alpha_amount", 0);
    return out;
}

/* ---- The op ---- */

static bool changes_picture(const struct ad_op_call *call)
{
    return effect(call, "contrast", 1) != 1 || effect(call, "brightness", 0) != 0 ||
           effect(call, "gamma", 1) != 1 || effect(call, "saturation", 1) != 1 ||
           effect(call, "hue", 0) != 0 || effect(call, "blur", 0) != 0 ||
           effect(call, "sharpen", 0) != 0;
}

static enum artdag_err check(const struct ad_op_call *call, artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_transform, call, err);
    if (!rc && !call->inputs[0].edge.video && changes_picture(call)) {
        rc = ad_conf_bad(call->config, "effects", err,
                         "the input has no picture that these effects could change");
        ad_error_hint(err, "sound knows speed only");
    }
    return rc;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    struct ad_edge e = call->inputs[0].edge;
    struct ad_rate rate = rate_of(call);
    rc = ad_rate_frames(&rate, e.frames, &e.frames, err);
    if (!rc)
        *ret = e;
    return rc;
}

static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    struct ad_rate rate = rate_of(call);
    *ret = ad_rate_range(&rate, &call->inputs[i].edge, out);
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    struct ad_rate rate = rate_of(call);
    return ad_rate_slice(call, &rate, out, ret, err);
}

static bool joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    struct ad_rate rate = rate_of(call);
    if (rate.p == rate.q)
        return ad_joints_same(call, ret);
    *ret = (struct ad_joints){0};
    return true;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    struct ad_rate rate = rate_of(call);
    int64_t frames = 0;
    rc = ad_rate_frames(&rate, call->inputs[0].edge.frames, &frames, err);
    if (rc)
        return rc;
    if (fragment->video) {
        struct ad_graph *graph = fragment->video;
        struct ad_pad out = fragment->video_in[0];
        if (rate.p != rate.q)
            out = ad_rate_video(call, graph, out, &rate, frames);
        out = hue(call, graph, colors(call, graph, out));
        fragment->video_out = sharpen(call, graph, blur(call, graph, out));
    }
    if (fragment->audio) {
        struct ad_pad out = fragment->audio_in[0];
        if (rate.p != rate.q)
            out = ad_rate_tempo(fragment->audio, out, &rate,
                                ad_samples_for(call->format, frames));
        fragment->audio_out = out;
    }
    return ad_op_built(fragment, err);
}

const struct ad_op ad_op_transform = {
    .node_type = "TRANSFORM",
    .summary = "colour, blur, sharpness and speed",
    .doc = "Effects are applied in this order, whatever order they are written in: speed; "
           "contrast, brightness and gamma; "
           "saturation; hue; blur; sharpen. An effect that is left out changes nothing.\n"
           "\n"
           "The result of a change of speed has frames / speed frames, rounded to the nearest, "
           "at least one. Frame k of it is "
           "frame floor(k * speed) of the input.",
    .revision = 2,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .edge = edge,
    .range = range,
    .slice = slice,
    .joints = joints,
    .build = build,
};
