/* SPDX-License-Identifier: MIT
 *
 * RESIZE: another picture size.
 */
#include "ops/op.h"

#define SIZE_MAX_PIXELS 16384

static const char *const modes[] = {"fit", "fill", "stretch", "pad", NULL};

static const struct ad_field fields[] = {
    {.name = "width",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = SIZE_MAX_PIXELS,
     .unit = "pixels, even",
     .doc = "Width of the box. Mode fit may leave out one of width and height."},
    {.name = "height",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = SIZE_MAX_PIXELS,
     .unit = "pixels, even",
     .doc = "Height of the box."},
    {.name = "mode",
     .type = AD_FIELD_ENUM,
     .fallback = "\"fit\"",
     .values = modes,
     .doc = "fit: as large as fits inside the box, with the picture's own proportions; the "
            "result may be "
            "smaller than the box. pad: the same, and the rest of the box is filled with the "
            "background. "
            "fill: covers the box, what is outside is cut off evenly. stretch: exactly the "
            "box, distorted."},
    {.name = "background",
     .type = AD_FIELD_COLOR,
     .fallback = "\"black\"",
     .doc = "Colour around the picture in mode pad."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "the picture"}, {.max = 0}};

struct plan {
    struct ad_placing placing;
    int64_t width, height; /* of the result */
    bool crop, pad;
};

static enum artdag_err check_even(const struct ad_value *config, const char *key, int64_t value,
                                  artdag_error *err)
{
    if (value % 2 == 0)
        return ARTDAG_OK;
    enum artdag_err rc =
        ad_conf_bad(config, key, err, "sizes must be even: %lld is not", (long long)value);
    ad_error_hint(err, "%lld or %lld", (long long)value - 1, (long long)value + 1);
    return rc;
}

static enum artdag_err box(const struct ad_op_call *call, int64_t *ret_w, int64_t *ret_h,
                           artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_resize, call, err);
    if (rc)
        return rc;
    if (!call->inputs[0].edge.video)
        return ad_error_set(err, ARTDAG_E_INVAL, "ops", "RESIZE has no picture to resize");
    int64_t w = ad_conf_int(call->config, "width", 0);
    int64_t h = ad_conf_int(call->config, "height", 0);
    bool fit = ad_conf_is(call->config, "mode", "fit");
    if (!w && !h)
        return ad_conf_bad(call->config, "width", err, "RESIZE needs a width or a height");
    if ((!w || !h) && !fit)
        return ad_conf_bad(call->config, w ? "height" : "width", err,
                           "this mode of RESIZE needs both width and height");
    rc = check_even(call->config, "width", w, err);
    if (!rc)
        rc = check_even(call->config, "height", h, err);
    if (rc)
        return rc;
    *ret_w = w ? w : SIZE_MAX_PIXELS;
    *ret_h = h ? h : SIZE_MAX_PIXELS;
    return ARTDAG_OK;
}

static enum artdag_err place(const struct ad_op_call *call, struct plan *ret, artdag_error *err)
{
    int64_t w = 0;
    int64_t h = 0;
    enum artdag_err rc = box(call, &w, &h, err);
    if (rc)
        return rc;
    const struct ad_edge *in = &call->inputs[0].edge;
    struct plan p = {.width = w, .height = h};
    if (ad_conf_is(call->config, "mode", "fill")) {
        p.placing = ad_place_fill(in->width, in->height, w, h);
        p.crop = p.placing.scale_w != w || p.placing.scale_h != h;
    } else if (ad_conf_is(call->config, "mode", "stretch")) {
        p.placing = (struct ad_placing){w, h, 0, 0};
    } else {
        p.placing = ad_place_fit(in->width, in->height, w, h);
        p.pad = ad_conf_is(call->config, "mode", "pad") &&
                (p.placing.scale_w != w || p.placing.scale_h != h);
        if (!ad_conf_is(call->config, "mode", "pad")) {
            p.width = p.placing.scale_w;
            p.height = p.placing.scale_h;
        }
    }
    if (p.placing.scale_w > 32768 || p.placing.scale_h > 32768)
        return ad_conf_bad(call->config, "mode", err,
                           "the picture is too long and thin to fill %lldx%lld", (long long)w,
                           (long long)h);
    *ret = p;
    return ARTDAG_OK;
}

static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    int64_t w = 0;
    int64_t h = 0;
    enum artdag_err rc = box(call, &w, &h, err);
    if (rc)
        return rc;
    bool pad = ad_conf_is(call->config, "mode", "pad");
    static const char *const drop[] = {"background",
                                       NULL}; /* has no meaning outside mode pad */
    struct ad_conf_set with[2] = {{"width", ad_value_new_int(call->arena, w)},
                                  {"height", ad_value_new_int(call->arena, h)}};
    const struct ad_value *config =
        ad_conf_edit(call->arena, call->config, pad ? NULL : drop, with, 2);
    if (!config)
        return ad_error_nomem(err, "ops");
    *ret_config = config;
    return ARTDAG_OK;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    struct plan p = {0};
    enum artdag_err rc = place(call, &p, err);
    if (rc)
        return rc;
    *ret = call->inputs[0].edge;
    ret->width = p.width;
    ret->height = p.height;
    return ARTDAG_OK;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct plan p = {0};
    enum artdag_err rc = place(call, &p, err);
    if (rc)
        return rc;
    if (fragment->video) {
        struct ad_pad out = fragment->video_in[0];
        const struct ad_edge *in = &call->inputs[0].edge;
        if (p.placing.scale_w != in->width || p.placing.scale_h != in->height)
            out = ad_video_scale(fragment->video, out, p.placing.scale_w, p.placing.scale_h);
        if (p.crop)
            out = ad_video_crop(fragment->video, out, p.width, p.height, p.placing.x,
                                p.placing.y);
        struct ad_box box = {p.width, p.height, p.placing.x, p.placing.y};
        if (p.pad)
            out =
                ad_video_pad(fragment->video, out, call->format, &box,
                             ad_conf_text(call->arena, call->config, "background", "#000000"));
        fragment->video_out = out;
    }
    if (fragment->audio)
        fragment->audio_out = fragment->audio_in[0];
    return ad_op_built(fragment, err);
}

const struct ad_op ad_op_resize = {
    .node_type = "RESIZE",
    .summary = "another picture size",
    .doc = "Scales with a bicubic filter whose bytes are the same on every machine. Sizes are "
           "even, because two lines and two "
           "columns share their colour; the scaled picture's free side is rounded to the "
           "nearest even number and it is "
           "centred on an even position. Sound passes unchanged.",
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
