/* SPDX-License-Identifier: MIT
 *
 * ROTATE: the picture turned by any angle.
 */
#include "ops/compose.h"

static const struct ad_field box_side = {
    .name = "side", .type = AD_FIELD_INT, .min = 2, .max = 65536, .unit = "pixels, even"};

static const struct ad_field fields[] = {
    {.name = "angle",
     .type = AD_FIELD_NUMBER,
     .required = true,
     .min = -36000,
     .max = 36000,
     .animated = true,
     .unit = "degrees",
     .doc = "Clockwise, about the middle."},
    {.name = "expand",
     .type = AD_FIELD_BOOL,
     .fallback = "true",
     .doc = "The result is as large as the turned picture needs. Otherwise, and always with "
            "keyframes, it has the input's size and corners are cut off."},
    {.name = "background",
     .type = AD_FIELD_COLOR,
     .fallback = "\"black\"",
     .doc = "Colour of what the turned picture leaves free."},
    {.name = "width", .type = AD_FIELD_INT, .internal = true, .unit = "pixels, even"},
    {.name = "height", .type = AD_FIELD_INT, .internal = true, .unit = "pixels, even"},
    {.name = "box", .type = AD_FIELD_LIST, .item = &box_side, .max = 2, .internal = true},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "the picture"}, {.max = 0}};

/* Quarter turns, 0 to 3; -1: another angle, or one that changes. */
static int quarters(const struct ad_value *config)
{
    struct ad_curve angle = ad_conf_curve(config, "angle", 0);
    int64_t whole = (int64_t)angle.value;
    if (angle.keys || (double)whole != angle.value || whole % 90)
        return -1;
    return (int)((whole / 90 % 4 + 4) % 4);
}

/* Turned without a box: every pixel changes its place and nothing else. */
static bool is_plain(const struct ad_value *config)
{
    int turns = quarters(config);
    bool expand = ad_conf_bool(config, "expand", true);
    return !ad_value_get(config, "box") && turns >= 0 && (expand || turns % 2 == 0);
}

static int64_t even_above(double d)
{
    int64_t n = (int64_t)(d - 1e-6) + 1; /* sizes that are whole but for rounding stay */
    return n + n % 2;
}

/* The size of the result, before it is in the config. */
static void size_of(const struct ad_op_call *call, int64_t *ret_w, int64_t *ret_h)
{
    const struct ad_edge *e = &call->inputs[0].edge;
    struct ad_curve angle = ad_conf_curve(call->config, "angle", 0);
    int turns = quarters(call->config);
    *ret_w = ad_conf_int(call->config, "width", e->width);
    *ret_h = ad_conf_int(call->config, "height", e->height);
    if (ad_value_get(call->config, "width") || angle.keys ||
        !ad_conf_bool(call->config, "expand", true))
        return;
    if (turns >= 0) {
        *ret_w = turns % 2 ? e->height : e->width;
        *ret_h = turns % 2 ? e->width : e->height;
        return;
    }
    double c = 0;
    double s = 0;
    ad_dsp_turn(angle.value / 360, &c, &s);
    c = c < 0 ? -c : c;
    s = s < 0 ? -s : s;
    *ret_w = even_above((double)e->width * c + (double)e->height * s);
    *ret_h = even_above((double)e->width * s + (double)e->height * c);
}

static enum artdag_err check(const struct ad_op_call *call, artdag_error *err)
{
    int64_t w = 0;
    int64_t h = 0;
    enum artdag_err rc = ad_op_picture(&ad_op_rotate, call, err);
    if (!rc && !is_plain(call->config))
        rc = ad_compose_check("ROTATE", call->format, err);
    if (rc)
        return rc;
    size_of(call, &w, &h);
    if (w > 16384 || h > 16384)
        return ad_conf_bad(call->config, "angle", err,
                           "the turned picture is larger than 16384 pixels");
    return ARTDAG_OK;
}

static struct ad_layer layer_of(const struct ad_op_call *call, int64_t w, int64_t h)
{
    const struct ad_edge *e = &call->inputs[0].edge;
    const struct ad_value *box = ad_value_get(call->config, "box");
    struct ad_layer layer = ad_layer_init(e->width, e->height, e->frames);
    layer.ground_width = w;
    layer.ground_height = h;
    layer.anchor_x = layer.anchor_y = layer.origin_x = layer.origin_y = 0.5;
    layer.rotation = ad_conf_curve(call->config, "angle", 0);
    if (box && box->list.len == 2) {
        layer.box_width = box->list.items[0]->integer;
        layer.box_height = box->list.items[1]->integer;
    }
    return layer;
}

static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    struct ad_op_call cut = *call;
    struct ad_arena *arena = call->arena;
    struct ad_conf_set with[3];
    int64_t w = 0;
    int64_t h = 0;
    enum artdag_err rc = check(call, err);
    if (!rc)
        rc = ad_finish_curves(call, fields, &cut.config, err);
    if (rc)
        return rc;
    size_of(&cut, &w, &h);
    with[0] = (struct ad_conf_set){"width", ad_value_new_int(arena, w)};
    with[1] = (struct ad_conf_set){"height", ad_value_new_int(arena, h)};
    size_t count = 2;
    if (!ad_value_get(cut.config, "box") && !is_plain(cut.config)) {
        struct ad_layer layer = layer_of(&cut, w, h);
        struct ad_list_builder b;
        layer.rotation.value = 1; /* the diagonal, whatever the angle */
        ad_layer_box(&layer, &w, &h);
        ad_list_begin(&b, arena);
        ad_list_add(&b, ad_value_new_int(arena, w));
        ad_list_add(&b, ad_value_new_int(arena, h));
        with[count++] = (struct ad_conf_set){"box", ad_list_end(&b)};
    }
    const struct ad_value *config = ad_conf_edit(arena, cut.config, NULL, with, count);
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
    size_of(call, &ret->width, &ret->height);
    return ARTDAG_OK;
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    return ad_slice_curves(call, fields, out, ret, err);
}

/* Colours of 4:2:2 lie differently in the two directions, so those go through 4:4:4. */
static struct ad_pad turned(const struct ad_op_call *call, struct ad_graph *graph,
                            struct ad_pad in, int turns)
{
    const char *native = call->format->pixel_format;
    const struct ad_compose_formats *f = ad_compose_formats(native);
    bool spread = turns % 2 && f && f->sub_x != f->sub_y;
    if (turns == 0)
        return in;
    if (turns == 2)
        return ad_graph_chain(graph, "vflip", ad_graph_chain(graph, "hflip", in));
    if (spread)
        in = ad_video_spread(graph, in, ad_compose_whole(native));
    struct ad_pad out = ad_graph_chain(graph, "transpose", in);
    ad_graph_set(graph, out, "dir", turns == 1 ? "clock" : "cclock");
    return spread ? ad_video_gather(graph, out, native) : out;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    if (fragment->video && is_plain(call->config)) {
        fragment->video_out =
            turned(call, fragment->video, fragment->video_in[0], quarters(call->config));
    } else if (fragment->video) {
        int64_t w = 0;
        int64_t h = 0;
        size_of(call, &w, &h);
        struct ad_layer layer = layer_of(call, w, h);
        struct ad_pad ground =
            ad_video_blank(fragment->video, call->format, w, h, layer.frames,
                           ad_conf_text(call->arena, call->config, "background", "#000000"));
        fragment->video_out =
            ad_layer_over(fragment->video, call->format, ground, fragment->video_in[0], &layer);
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
    "    - {id: out, type: ROTATE, config: {angle: 15, background: navy},\n"
    "       inputs: [bars]}\n"
    "  output: out\n";

const struct ad_op ad_op_rotate = {
    .node_type = "ROTATE",
    .summary = "the picture turned by any angle",
    .doc =
        "Right angles only move pixels. Others interpolate between four of them, with smooth "
        "edges. With keyframes the picture turns as time goes by. Sound stays as it is.",
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
