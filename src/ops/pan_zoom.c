/* SPDX-License-Identifier: MIT
 *
 * PAN_ZOOM: a view that moves over a picture; and SLIDESHOW, which is many of them one after the other.
 */
#include <string.h>

#include "ops/op.h"

/* ---- PAN_ZOOM ---- */

static const struct ad_field fields[] = {
    {.name = "duration",
     .type = AD_FIELD_TIME,
     .doc =
         "How long a picture of one frame is shown. Longer inputs last as long as they are."},
    {.name = "zoom",
     .type = AD_FIELD_NUMBER,
     .fallback = "1",
     .animated = true,
     .min = 1,
     .max = 20,
     .unit = "times",
     .doc = "1 shows the whole picture, 2 half of its width and height."},
    {.name = "x",
     .type = AD_FIELD_NUMBER,
     .fallback = "0.5",
     .animated = true,
     .min = 0,
     .max = 1,
     .doc = "Middle of the view: 0 is the left edge of the picture, 1 the right one. The view "
            "never "
            "leaves the picture."},
    {.name = "y",
     .type = AD_FIELD_NUMBER,
     .fallback = "0.5",
     .animated = true,
     .min = 0,
     .max = 1,
     .doc = "The same from top to bottom."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "the picture"}, {.max = 0}};

static bool is_still(const struct ad_op_call *call)
{
    return ad_value_get(call->config, "duration") != NULL;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_pan_zoom, call, err);
    if (rc)
        return rc;
    struct ad_edge e = call->inputs[0].edge;
    if (!e.video)
        return ad_conf_bad(call->config, "zoom", err, "PAN_ZOOM has no picture to show");
    if (is_still(call)) {
        int64_t frames = ad_conf_int(call->config, "duration", 0);
        if (e.frames > 1)
            return ad_conf_bad(call->config, "duration", err,
                               "duration is for pictures of one frame; this input has %lld",
                               (long long)e.frames);
        if (frames < 1)
            return ad_conf_bad(call->config, "duration", err,
                               "duration is shorter than a frame");
        e.frames = frames;
        e.audio = false;
    }
    *ret = e;
    return ARTDAG_OK;
}

static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    struct ad_edge e = {0};
    enum artdag_err rc = edge(call, &e, err);
    if (rc)
        return rc;
    const struct ad_value *config =
        ad_conf_slice(call->arena, fields, call->config, (struct ad_span){0, e.frames});
    if (!config)
        return ad_error_nomem(err, "ops");
    *ret_config = config;
    return ARTDAG_OK;
}

static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    ad_range_same(call, i, out, ret);
    if (is_still(call) && out.from < out.to)
        *ret = (struct ad_span){0, 1};
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    const struct ad_value *config = ad_conf_slice(call->arena, fields, call->config, out);
    struct ad_conf_set with = {"duration", ad_value_new_int(call->arena, out.to - out.from)};
    if (!config)
        return ad_error_nomem(err, "ops");
    if (!is_still(call))
        return ad_slice_one(call, config, 0, out, ret, err);
    config = ad_conf_edit(call->arena, config, NULL, &with, 1);
    return ad_slice_one(call, config, 0, (struct ad_span){0, 1}, ret, err);
}

static bool joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    *ret = (struct ad_joints){0};
    return is_still(call) || ad_joints_same(call, ret);
}

/* ---- Graph ---- */

/* The near edge of the view: its middle less half of it, within the picture. `size` is W or H of the filter. */
static const char *near_edge(const struct ad_op_call *call, const char *key, const char *size)
{
    struct ad_arena *arena = call->arena;
    struct ad_curve middle = ad_conf_curve(call->config, key, 0.5);
    struct ad_curve zoom = ad_conf_curve(call->config, "zoom", 1);
    const char *m = ad_curve_expr(arena, &middle, "(on-1)");
    const char *z = ad_curve_expr(arena, &zoom, "(on-1)");
    const char *expr =
        ad_arena_printf(arena, "%s*clip((%s)-0.5/(%s),0,1-1/(%s))", size, m, z, z);
    return expr ? expr : "0";
}

static const char *far_edge(const struct ad_op_call *call, const char *near, const char *size)
{
    struct ad_curve zoom = ad_conf_curve(call->config, "zoom", 1);
    const char *z = ad_curve_expr(call->arena, &zoom, "(on-1)");
    const char *expr = ad_arena_printf(call->arena, "%s+%s/(%s)", near, size, z);
    return expr ? expr : "0";
}

/* The working format, at 8 bits. */
static const char *eight_bits(const char *format)
{
    static const char *const pairs[][2] = {
        {"yuv420p10le", "yuv420p"}, {"yuv422p10le", "yuv422p"}, {"yuv444p10le", "yuv444p"}};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(format, pairs[i][0]) == 0)
            return pairs[i][1];
    }
    return format;
}

/* Filter perspective places its corners to 1/256 of a pixel, where crop and zoompan jump by whole ones. It knows 8 bits. */
static struct ad_pad look(const struct ad_op_call *call, struct ad_graph *graph,
                          struct ad_pad in)
{
    const char *format = call->format->pixel_format;
    const char *left = near_edge(call, "x", "W");
    const char *top = near_edge(call, "y", "H");
    const char *right = far_edge(call, left, "W");
    const char *bottom = far_edge(call, top, "H");
    in = ad_video_format(graph, in, eight_bits(format));
    struct ad_pad out = ad_graph_chain(graph, "perspective", in);
    const char *const corners[][2] = {{"x0", left},  {"y0", top},   {"x1", right},
                                      {"y1", top},   {"x2", left},  {"y2", bottom},
                                      {"x3", right}, {"y3", bottom}};
    for (size_t i = 0; i < 8; i++)
        ad_graph_set(graph, out, corners[i][0], corners[i][1]);
    ad_graph_set(graph, out, "interpolation", "cubic");
    ad_graph_set(graph, out, "sense", "source");
    ad_graph_set(graph, out, "eval", ad_conf_animated(fields, call->config) ? "frame" : "init");
    return ad_video_format(graph, out, format);
}

static bool is_whole(const struct ad_op_call *call)
{
    struct ad_curve zoom = ad_conf_curve(call->config, "zoom", 1);
    return ad_curve_is(&zoom, 1);
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct ad_edge e = {0};
    enum artdag_err rc = edge(call, &e, err);
    if (rc)
        return rc;
    if (fragment->video) {
        struct ad_pad out = fragment->video_in[0];
        bool moves = ad_conf_animated(fields, call->config);
        if (is_still(call) && (moves || is_whole(call)))
            out = ad_video_hold(fragment->video, out, e.frames);
        if (!is_whole(call))
            out = look(call, fragment->video, out);
        if (is_still(call) && !moves && !is_whole(call))
            out = ad_video_hold(fragment->video, out, e.frames);
        fragment->video_out = out;
    }
    if (fragment->audio)
        fragment->audio_out = fragment->audio_in[0];
    return ad_op_built(fragment, err);
}

static const char pan_zoom_example[] =
    "format: {width: 320, height: 180, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - id: picture\n"
    "      type: GENERATE\n"
    "      config: {kind: bars, duration: 2}\n"
    "    - id: closer\n"
    "      type: PAN_ZOOM\n"
    "      config:\n"
    "        zoom: {keyframes: [{at: 0, value: 1, ease: ease}, {at: 2, value: 3}]}\n"
    "        x: 0.3\n"
    "        y: 0.7\n"
    "      inputs: [picture]\n"
    "  output: closer\n";

const struct ad_op ad_op_pan_zoom = {
    .node_type = "PAN_ZOOM",
    .summary = "a view that moves over a picture (\"Ken Burns\")",
    .doc = "zoom, x and y may have keyframes. The view moves by fractions of a pixel, so that "
           "slow "
           "moves are smooth. It keeps the proportions of the picture, and the result has its "
           "size; a "
           "zoom of 1.2 is hardly softer, large ones are. Colours have 8 bits on the way.\n"
           "\n"
           "    - id: closer\n"
           "      type: PAN_ZOOM\n"
           "      config:\n"
           "        duration: 5\n"
           "        zoom: {keyframes: [{at: 0, value: 1, ease: ease}, {at: 5, value: 1.3}]}\n"
           "        x: 0.6\n"
           "      inputs: [photo]",
    .example = pan_zoom_example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
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

/* ---- SLIDESHOW ---- */

static const char *const moves[] = {"none",      "zoom_in",   "zoom_out", "pan_left",
                                    "pan_right", "alternate", NULL};

static const struct ad_field transition[] = {
    {.name = "type",
     .type = AD_FIELD_STRING,
     .fallback = "\"crossfade\"",
     .doc = "Any transition that SEQUENCE knows."},
    {.name = "duration", .type = AD_FIELD_TIME, .fallback = "1", .doc = "How long it lasts."},
    {NULL},
};

static const struct ad_field slideshow_fields[] = {
    {.name = "duration",
     .type = AD_FIELD_TIME,
     .fallback = "4",
     .doc = "How long each picture is shown, its transitions included."},
    {.name = "transition",
     .type = AD_FIELD_MAP,
     .fallback = "{}",
     .fields = transition,
     .doc = "Between two pictures."},
    {.name = "move",
     .type = AD_FIELD_ENUM,
     .fallback = "\"alternate\"",
     .values = moves,
     .doc = "What the view does; alternate goes through zoom_in, pan_right, zoom_out and "
            "pan_left."},
    {.name = "zoom",
     .type = AD_FIELD_NUMBER,
     .fallback = "1.15",
     .min = 1,
     .max = 20,
     .unit = "times",
     .doc = "How close the view comes, and how close it is while it pans."},
    {NULL},
};

static const struct ad_slot slideshow_slots[] = {
    {NULL, 1, 100000, "pictures, in order; lists count as their items"}, {.max = 0}};

static const char slideshow_example[] =
    "format: {width: 320, height: 180, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - id: one\n"
    "      type: GENERATE\n"
    "      config: {kind: bars, duration: 1f}\n"
    "    - id: two\n"
    "      type: GENERATE\n"
    "      config: {kind: gradient, duration: 1f, color: navy, color_end: gold}\n"
    "    - id: show\n"
    "      type: SLIDESHOW\n"
    "      config: {duration: 1.5, transition: {type: wipeleft, duration: 0.5}}\n"
    "      inputs: [one, two]\n"
    "  output: show\n";

const struct ad_op ad_op_slideshow = {
    .node_type = "SLIDESHOW",
    .summary = "pictures one after the other, each with a moving view",
    .doc = "Every picture becomes a PAN_ZOOM of the duration, and all together a SEQUENCE with "
           "the "
           "transition. Pictures of more than one frame (films) are shown by their first. "
           "Put music under it with MUX.",
    .example = slideshow_example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .expands = AD_EXPANDS_TO_FILM,
    .fields = slideshow_fields,
    .slots = slideshow_slots,
};
