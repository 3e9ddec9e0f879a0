/* SPDX-License-Identifier: MIT
 *
 * GENERATE: text and counters, over a ground of their own or over an input.
 */
#include <string.h>

#include "ops/generate.h"

#define TEXT_BYTES_MAX 2000

const struct ad_field ad_generate_outline[] = {
    {.name = "width",
     .type = AD_FIELD_INT,
     .fallback = "2",
     .min = 1,
     .max = 1000,
     .unit = "pixels",
     .doc = "On all sides of the letters."},
    {.name = "color",
     .type = AD_FIELD_COLOR,
     .fallback = "\"black\"",
     .doc = "Colour of the outline."},
    {NULL},
};

const struct ad_field ad_generate_shadow[] = {
    {.name = "x",
     .type = AD_FIELD_INT,
     .fallback = "2",
     .min = -4096,
     .max = 4096,
     .unit = "pixels",
     .doc = "How far to the right it falls."},
    {.name = "y",
     .type = AD_FIELD_INT,
     .fallback = "2",
     .min = -4096,
     .max = 4096,
     .unit = "pixels",
     .doc = "How far down it falls."},
    {.name = "color",
     .type = AD_FIELD_COLOR,
     .fallback = "\"#000000a0\"",
     .doc = "Its colour, with its opacity."},
    {NULL},
};

const struct ad_field ad_generate_box[] = {
    {.name = "color",
     .type = AD_FIELD_COLOR,
     .fallback = "\"#000000a0\"",
     .doc = "Its colour, with its opacity."},
    {.name = "padding",
     .type = AD_FIELD_INT,
     .fallback = "8",
     .min = 0,
     .max = 4096,
     .unit = "pixels",
     .doc = "Between text and edge."},
    {NULL},
};

/* ---- Final config ---- */

static int anchor_of(const struct ad_value *config)
{
    static const char *const anchors[] = {"top_left",    "top",    "top_right",
                                          "left",        "center", "right",
                                          "bottom_left", "bottom", "bottom_right"};
    for (int i = 0; i < 9; i++) {
        if (ad_conf_is(config, "anchor", anchors[i]))
            return i;
    }
    return 4;
}

/* A third of the way: at the near edge, in the middle, at the far edge. */
static int64_t standing(int third, int64_t length, int64_t margin)
{
    if (third == 1)
        return length / 2;
    return third == 0 ? margin : length - margin;
}

static void add_key(struct ad_list_builder *keys, int64_t frame, double value, const char *ease)
{
    struct ad_list_builder key;
    ad_list_begin(&key, keys->arena);
    ad_list_add(&key, ad_value_new_int(keys->arena, frame));
    ad_list_add(&key, ad_value_new_double(keys->arena, value));
    ad_list_add(&key, ad_value_new_str(keys->arena, ad_str_from(ease)));
    ad_list_add(keys, ad_list_end(&key));
}

/* When the text is there. */
struct times {
    int64_t start, end, in, out;
};

/* Opacity over time: nothing before start and from end on, and straight lines between. */
static const struct ad_value *fades(struct ad_arena *arena, const struct times *t,
                                    int64_t frames, double opacity)
{
    struct ad_list_builder keys;
    int64_t shown = t->start + t->in;
    ad_list_begin(&keys, arena);
    if (t->start > 0)
        add_key(&keys, 0, 0, "hold");
    if (t->in > 0)
        add_key(&keys, t->start, 0, "linear");
    if (t->end - t->out > shown)
        add_key(&keys, shown, opacity, "hold");
    if (t->out > 0)
        add_key(&keys, t->end - t->out, opacity, "linear");
    if (t->end < frames || t->out > 0)
        add_key(&keys, t->end, 0, "hold");
    struct ad_conf_set with = {"curve", ad_list_end(&keys)};
    return with.value ? ad_conf_new(arena, NULL, &with, 1) : NULL;
}

static enum artdag_err read_times(const struct ad_op_call *call, const struct ad_generate *g,
                                  struct times *ret, artdag_error *err)
{
    const struct ad_value *c = call->config;
    const struct ad_value *opacity = ad_value_get(c, "opacity");
    struct times t = {.start = ad_conf_int(c, "start", 0),
                      .end = ad_conf_int(c, "end", g->frames),
                      .in = ad_conf_int(c, "fade_in", 0),
                      .out = ad_conf_int(c, "fade_out", 0)};
    if (opacity && opacity->kind == AD_VALUE_MAP)
        return ad_conf_bad(c, "opacity", err,
                           "opacity has keyframes, so start, end and fades are theirs to say");
    t.end = t.end > g->frames ? g->frames : t.end;
    if (t.start < 0 || t.in < 0 || t.out < 0 || t.start + t.in > t.end - t.out ||
        t.start >= t.end)
        return ad_conf_bad(
            c, "end", err,
            "the text would vanish before it has appeared: it has frames %lld to "
            "%lld, and fades of %lld and %lld",
            (long long)t.start, (long long)t.end, (long long)t.in, (long long)t.out);
    *ret = t;
    return ARTDAG_OK;
}

static bool has_times(const struct ad_value *config)
{
    return ad_value_get(config, "start") || ad_value_get(config, "end") ||
           ad_value_get(config, "fade_in") || ad_value_get(config, "fade_out");
}

struct edits {
    const struct ad_op_call *call;
    struct ad_conf_set with[16];
    size_t count;
};

static void put(struct edits *e, const char *key, const struct ad_value *value)
{
    if (!ad_value_get(e->call->config, key))
        e->with[e->count++] = (struct ad_conf_set){key, value};
}

static void put_text(struct edits *e, const char *key, const char *text)
{
    put(e, key, ad_value_new_str(e->call->arena, ad_str_from(text)));
}

static void put_place(struct edits *e, const struct ad_generate *g)
{
    const struct ad_value *config = e->call->config;
    struct ad_arena *arena = e->call->arena;
    int64_t standard = g->height / 8 > 1 ? g->height / 8 : 1;
    double size = ad_conf_number(config, "font_size", (double)standard);
    const struct ad_value *box = ad_value_get(config, "box");
    int64_t padding = box ? ad_conf_int(box, "padding", 8) : 0;
    int64_t margin = ad_conf_int(config, "margin", (int64_t)(size / 2) + padding);
    static const char *const aligns[] = {"left", "center", "right"};
    int anchor = anchor_of(config);
    put(e, "font_size", ad_value_new_double(arena, size));
    put_text(e, "anchor", "center");
    put_text(e, "align", aligns[anchor % 3]);
    put(e, "x", ad_value_new_double(arena, (double)standing(anchor % 3, g->width, margin)));
    put(e, "y", ad_value_new_double(arena, (double)standing(anchor / 3, g->height, margin)));
}

enum artdag_err ad_generate_finish_text(const struct ad_op_call *call,
                                        const struct ad_generate *g,
                                        const struct ad_value **config, artdag_error *err)
{
    static const char *const drop[] = {"start", "end", "fade_in", "fade_out", "margin", NULL};
    struct ad_op_call finished = *call;
    struct edits e = {.call = &finished};
    const struct ad_value *text = ad_value_get(call->config, "text");
    finished.config = *config;
    if (g->kind == AD_GENERATE_TEXT && (!text || !text->string.len))
        return ad_conf_bad(call->config, "text", err, "kind text needs a text");
    if (text && text->string.len > TEXT_BYTES_MAX)
        return ad_conf_bad(call->config, "text", err, "a text has at most %d bytes",
                           TEXT_BYTES_MAX);
    put_place(&e, g);
    put_text(&e, "color", "#ffffff");
    if (!g->video)
        put_text(&e, "background",
                 ad_pixel_alpha(call->format->pixel_format) ? "#00000000" : "#000000");
    else if (ad_value_get(call->config, "background"))
        return ad_conf_bad(call->config, "background", err,
                           "the input is behind the text, not a background");
    put(&e, "line_spacing", ad_value_new_int(call->arena, 1));
    if (g->kind == AD_GENERATE_COUNTER) {
        put_text(&e, "show", "timecode");
        put(&e, "from", ad_value_new_int(call->arena, 0));
        put(&e, "down", ad_value_new_bool(call->arena, false));
    }
    if (has_times(*config)) {
        struct times times = {0};
        enum artdag_err rc = read_times(&finished, g, &times, err);
        if (rc)
            return rc;
        e.with[e.count++] =
            (struct ad_conf_set){"opacity", fades(call->arena, &times, g->frames,
                                                  ad_conf_number(*config, "opacity", 1))};
    } else {
        put(&e, "opacity", ad_value_new_int(call->arena, 1));
    }
    *config = ad_conf_edit(call->arena, *config, drop, e.with, e.count);
    return *config && !ad_arena_failed(call->arena) ? ARTDAG_OK : ad_error_nomem(err, "ops");
}

/* ---- Graph ---- */

static void set_color(const struct ad_op_call *call, struct ad_graph *graph, struct ad_pad pad,
                      const char *option, const struct ad_value *map)
{
    const char *color = ad_conf_text(call->arena, map, "color", "#000000");
    ad_graph_setf(graph, pad, option, "0x%s", color[0] == '#' ? color + 1 : "000000");
}

static void set_curve(const struct ad_op_call *call, struct ad_graph *graph, struct ad_pad pad,
                      const char *key, double fallback)
{
    struct ad_curve curve = ad_conf_curve(call->config, key, fallback);
    ad_graph_set(graph, pad, key, ad_curve_expr(call->arena, &curve, "n"));
}

static void set_layers(const struct ad_op_call *call, struct ad_graph *graph, struct ad_pad pad)
{
    const struct ad_value *outline = ad_value_get(call->config, "outline");
    const struct ad_value *shadow = ad_value_get(call->config, "shadow");
    const struct ad_value *box = ad_value_get(call->config, "box");
    set_color(call, graph, pad, "color", call->config);
    if (outline) {
        ad_graph_set_int(graph, pad, "outline", ad_conf_int(outline, "width", 2));
        set_color(call, graph, pad, "outline_color", outline);
    }
    if (shadow) {
        ad_graph_set_int(graph, pad, "shadow_x", ad_conf_int(shadow, "x", 2));
        ad_graph_set_int(graph, pad, "shadow_y", ad_conf_int(shadow, "y", 2));
        set_color(call, graph, pad, "shadow_color", shadow);
    }
    if (box) {
        ad_graph_set_int(graph, pad, "padding", ad_conf_int(box, "padding", 8));
        set_color(call, graph, pad, "box_color", box);
    }
}

static void set_content(const struct ad_op_call *call, const struct ad_generate *g,
                        struct ad_graph *graph, struct ad_pad pad)
{
    const struct ad_value *c = call->config;
    if (g->kind == AD_GENERATE_TEXT) {
        ad_graph_set(graph, pad, "text", ad_conf_text(call->arena, c, "text", ""));
        return;
    }
    bool down = ad_conf_bool(c, "down", false);
    int64_t first = ad_conf_int(c, "first", 0);
    ad_graph_set(graph, pad, "count", ad_conf_text(call->arena, c, "show", "timecode"));
    ad_graph_set_int(graph, pad, "first", ad_conf_int(c, "from", 0) + (down ? -first : first));
    ad_graph_set_int(graph, pad, "step", down ? -1 : 1);
}

/* The letters alone, with straight alpha: one picture when nothing changes. */
static struct ad_pad letters(const struct ad_op_call *call, const struct ad_generate *g,
                             struct ad_graph *graph, bool moving)
{
    const struct ad_value *c = call->config;
    const struct ad_format *f = call->format;
    struct ad_pad pad = ad_graph_filter(graph, "artdag_text", NULL, 0);
    ad_graph_set_file(graph, pad, "fontfile", g->font->file_cid);
    ad_graph_set_double(graph, pad, "fontsize", ad_conf_number(c, "font_size", 32));
    ad_graph_setf(graph, pad, "size", "%lldx%lld", (long long)g->width, (long long)g->height);
    ad_graph_setf(graph, pad, "rate", "%lld/%lld", (long long)f->fps_num,
                  (long long)f->fps_den);
    ad_graph_set_int(graph, pad, "frames", moving ? g->frames : 1);
    ad_graph_set(graph, pad, "anchor", ad_conf_text(call->arena, c, "anchor", "center"));
    ad_graph_set(graph, pad, "align", ad_conf_text(call->arena, c, "align", "center"));
    double spacing = ad_conf_number(c, "line_spacing", 1) * 100 + 0.5;
    ad_graph_set_int(graph, pad, "spacing", (int64_t)spacing);
    if (ad_value_get(c, "wrap"))
        ad_graph_set_int(graph, pad, "wrap", ad_conf_int(c, "wrap", 0));
    set_curve(call, graph, pad, "x", 0);
    set_curve(call, graph, pad, "y", 0);
    set_curve(call, graph, pad, "opacity", 1);
    set_layers(call, graph, pad);
    set_content(call, g, graph, pad);
    return pad;
}

static bool is_curve(const struct ad_op_call *call, const char *key)
{
    const struct ad_value *v = ad_value_get(call->config, key);
    return v && v->kind == AD_VALUE_MAP;
}

/* RGB to the working colours, with alpha. */
static struct ad_pad convert(struct ad_graph *graph, struct ad_pad in, const char *format)
{
    struct ad_pad out = ad_graph_chain(graph, "scale", in);
    ad_graph_set(graph, out, "flags", AD_SCALE_FLAGS);
    ad_graph_set(graph, out, "out_color_matrix", "bt709");
    ad_graph_set(graph, out, "out_range", "tv");
    return ad_video_format(graph, out, format);
}

struct ad_pad ad_generate_text(const struct ad_op_call *call, const struct ad_generate *g,
                               struct ad_graph *graph, struct ad_pad over)
{
    bool moving = g->kind == AD_GENERATE_COUNTER || is_curve(call, "x") ||
                  is_curve(call, "y") || is_curve(call, "opacity");
    const char *format = call->format->pixel_format;
    const char *background = ad_conf_text(call->arena, call->config, "background", "#00000000");
    struct ad_pad text = letters(call, g, graph, moving);
    text = convert(graph, text, ad_video_alpha_format(format));
    if (!moving)
        text = ad_video_hold(graph, text, g->frames);
    bool alone = !over.set && strcmp(background, "#00000000") == 0 && ad_pixel_alpha(format);
    if (!over.set && !alone)
        over = ad_video_blank(graph, call->format, g->width, g->height, g->frames, background);
    if (!alone)
        text = ad_video_over(graph, over, text, format);
    struct ad_pad out = ad_graph_chain(graph, "setparams", text);
    ad_graph_set(graph, out, "range", "tv");
    ad_graph_set(graph, out, "color_primaries", "bt709");
    ad_graph_set(graph, out, "color_trc", "bt709");
    ad_graph_set(graph, out, "colorspace", "bt709");
    return out;
}
