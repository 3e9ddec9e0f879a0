/* SPDX-License-Identifier: MIT
 *
 * CAPTIONS: the words of a caption file, burnt into the picture.
 */
#include <string.h>

#include "ops/op.h"

enum {
    VIDEO,
    FILE_OF_CUES,
    FONT
};

static const char *const positions[] = {"bottom", "top", NULL};

static bool always(const struct ad_value *config)
{
    (void)config;
    return true;
}

static const struct ad_slot slots[] = {
    {"video", 1, 1, "the film"},
    {"captions", 1, 1, "an .srt or .vtt file in UTF-8", .file = true},
    {"font", 0, 1, "a TTF or OTF file; without it, the system's", .file = true, .font = always},
    {.max = 0},
};

static const struct ad_field fields[] = {
    {.name = "font_size",
     .type = AD_FIELD_INT,
     .min = 4,
     .max = 1000,
     .unit = "pixels",
     .doc = "Height of the font; a sixteenth of the picture's height without it."},
    {.name = "color",
     .type = AD_FIELD_COLOR,
     .fallback = "\"white\"",
     .doc = "Colour of the letters."},
    {.name = "outline",
     .type = AD_FIELD_INT,
     .min = 0,
     .max = 100,
     .unit = "pixels",
     .doc = "Black around the letters; a twelfth of the font size without it."},
    {.name = "box",
     .type = AD_FIELD_COLOR,
     .doc = "Colour of a box behind the lines, \"#000000a0\" for example; no box without it."},
    {.name = "position",
     .type = AD_FIELD_ENUM,
     .fallback = "\"bottom\"",
     .values = positions,
     .doc = "Where they stand, in the middle of the line."},
    {.name = "margin",
     .type = AD_FIELD_INT,
     .min = 0,
     .max = 4096,
     .unit = "pixels",
     .doc = "Distance from that edge; the font size without it. Lines are broken so that as "
            "much is free at both sides."},
    {.name = "delay",
     .type = AD_FIELD_TIME,
     .fallback = "0",
     .doc = "All of them come so much later than the file says."},
    {.name = "first",
     .type = AD_FIELD_INT,
     .min = -1e9,
     .max = 1e9,
     .internal = true,
     .doc = "A slice: the frame of the file's time that is its first."},
    {NULL},
};

/* What goes into a slot; without a slot's name when nothing does. */
static const struct ad_op_input *input(const struct ad_op_call *call, int which)
{
    static const struct ad_op_input none = {0};
    for (size_t i = 0; i < call->input_count; i++) {
        if (strcmp(call->inputs[i].slot, slots[which].name) == 0)
            return &call->inputs[i];
    }
    return &none;
}

static enum artdag_err check(const struct ad_op_call *call, artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_captions, call, err);
    if (rc)
        return rc;
    if (!input(call, VIDEO)->edge.video)
        return ad_error_set(err, ARTDAG_E_INVAL, "ops", "CAPTIONS has no picture to write on");
    if (strcmp(call->format->pixel_format, "yuv444p10le") == 0)
        return ad_error_set(err, ARTDAG_E_INVAL, "ops",
                            "captions cannot be laid over pictures of the working format "
                            "yuv444p10le");
    if (!input(call, FONT)->slot) {
        ad_error_set(err, ARTDAG_E_INVAL, "ops", "there is no font for the captions");
        ad_error_hint(err, "give a SOURCE as input \"font\", or set ARTDAG_FONT");
        return ARTDAG_E_INVAL;
    }
    return ARTDAG_OK;
}

static void put_int(const struct ad_op_call *call, struct ad_conf_set *with, const char *key,
                    int64_t fallback)
{
    *with = (struct ad_conf_set){
        key, ad_value_new_int(call->arena, ad_conf_int(call->config, key, fallback))};
}

/* Sizes follow from the picture, the first frame from the delay. */
static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    static const char *const drop[] = {"delay", NULL};
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    int64_t height = input(call, VIDEO)->edge.height;
    int64_t size = ad_conf_int(call->config, "font_size", height / 16 > 4 ? height / 16 : 4);
    struct ad_conf_set with[4];
    put_int(call, &with[0], "font_size", size);
    put_int(call, &with[1], "outline", size / 12 > 1 ? size / 12 : 1);
    put_int(call, &with[2], "margin", size);
    put_int(call, &with[3], "first", -ad_conf_int(call->config, "delay", 0)); /* or as it is */
    const struct ad_value *config = ad_conf_edit(call->arena, call->config, drop, with, 4);
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
    *ret = input(call, VIDEO)->edge;
    return ARTDAG_OK;
}

static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    bool any = out.from < out.to;
    if (call->inputs[i].edge.file)
        *ret = (struct ad_span){0, any ? 1 : 0};
    else
        *ret = ad_span_clip(out, 0, call->inputs[i].edge.frames);
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    struct ad_conf_set with = {
        "first",
        ad_value_new_int(call->arena, ad_conf_int(call->config, "first", 0) + out.from)};
    const struct ad_value *config = ad_conf_edit(call->arena, call->config, NULL, &with, 1);
    uint32_t *inputs = ad_arena_array(call->arena, call->input_count + 1, sizeof(*inputs));
    struct ad_span *spans = ad_arena_array(call->arena, call->input_count + 1, sizeof(*spans));
    if (!config || !inputs || !spans)
        return ad_error_nomem(err, "ops");
    for (size_t i = 0; i < call->input_count; i++) {
        inputs[i] = (uint32_t)i;
        range(call, i, out, &spans[i]);
    }
    *ret = (struct ad_slice){config, inputs, spans, call->input_count};
    return ARTDAG_OK;
}

static bool joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    const struct ad_op_input *video = input(call, VIDEO);
    return ad_joints_one(call, (uint32_t)(video - call->inputs),
                         (struct ad_span){0, video->edge.frames}, ret);
}

static void set_color(const struct ad_op_call *call, struct ad_graph *graph, struct ad_pad pad,
                      const char *option, const char *key)
{
    const char *color = ad_conf_text(call->arena, call->config, key, "#ffffff");
    ad_graph_setf(graph, pad, option, "0x%s", color[0] == '#' ? color + 1 : "ffffff");
}

static struct ad_pad letters(const struct ad_op_call *call, struct ad_graph *graph)
{
    const struct ad_edge *film = &input(call, VIDEO)->edge;
    const struct ad_format *f = call->format;
    int64_t margin = ad_conf_int(call->config, "margin", 0);
    int64_t wrap = film->width - 2 * margin;
    int64_t outline = ad_conf_int(call->config, "outline", 1);
    bool top = ad_conf_is(call->config, "position", "top");
    struct ad_pad pad = ad_graph_filter(graph, "artdag_text", NULL, 0);
    ad_graph_set_file(graph, pad, "fontfile", input(call, FONT)->file_cid);
    ad_graph_set_file(graph, pad, "captions", input(call, FILE_OF_CUES)->file_cid);
    ad_graph_set_int(graph, pad, "fontsize", ad_conf_int(call->config, "font_size", 16));
    ad_graph_setf(graph, pad, "size", "%lldx%lld", (long long)film->width,
                  (long long)film->height);
    ad_graph_setf(graph, pad, "rate", "%lld/%lld", (long long)f->fps_num,
                  (long long)f->fps_den);
    ad_graph_set_int(graph, pad, "frames", film->frames);
    ad_graph_set_int(graph, pad, "first", ad_conf_int(call->config, "first", 0));
    ad_graph_set(graph, pad, "anchor", top ? "top" : "bottom");
    ad_graph_set(graph, pad, "align", "center");
    ad_graph_set_int(graph, pad, "wrap", wrap > 16 ? wrap : 16);
    ad_graph_setf(graph, pad, "x", "%lld", (long long)(film->width / 2));
    ad_graph_setf(graph, pad, "y", "%lld", (long long)(top ? margin : film->height - margin));
    set_color(call, graph, pad, "color", "color");
    if (outline) {
        ad_graph_set_int(graph, pad, "outline", outline);
        ad_graph_set(graph, pad, "outline_color", "0x000000");
    }
    if (ad_value_get(call->config, "box")) {
        ad_graph_set_int(graph, pad, "padding", ad_conf_int(call->config, "font_size", 16) / 4);
        set_color(call, graph, pad, "box_color", "box");
    }
    return pad;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    size_t film = (size_t)(input(call, VIDEO) - call->inputs);
    if (fragment->video) {
        struct ad_graph *graph = fragment->video;
        const char *format = call->format->pixel_format;
        struct ad_pad text = ad_graph_chain(graph, "scale", letters(call, graph));
        ad_graph_set(graph, text, "flags", AD_SCALE_FLAGS);
        ad_graph_set(graph, text, "out_color_matrix", "bt709");
        ad_graph_set(graph, text, "out_range", "tv");
        text = ad_video_format(graph, text, ad_video_alpha_format(format));
        text = ad_video_over(graph, fragment->video_in[film], text, format);
        fragment->video_out = text;
    }
    if (fragment->audio)
        fragment->audio_out = fragment->audio_in[film];
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {width: 320, height: 180, fps: 25}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: film, type: GENERATE, config: {kind: testsrc, duration: 1}}\n"
    "    - {id: words, type: SOURCE, config: {input: true}}\n"
    "    - id: captions\n"
    "      type: CAPTIONS\n"
    "      inputs: {video: film, captions: words}\n"
    "  output: captions\n";

const struct ad_op ad_op_captions = {
    .node_type = "CAPTIONS",
    .summary = "the words of a caption file, burnt into the picture",
    .doc =
        "Reads SubRip (.srt) and WebVTT (.vtt): what is said and when. Italics, colours, "
        "places and voices of the file are left out, its lines are kept and long ones "
        "broken. A caption is there in every frame that begins while it lasts; captions that "
        "overlap stand one below the other. File and font are inputs, so their CIDs are part "
        "of the identity. Sound passes unchanged.",
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
    .joints = joints,
    .build = build,
};
