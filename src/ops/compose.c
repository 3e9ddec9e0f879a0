/* SPDX-License-Identifier: MIT
 *
 * See compose.h. Facts about filters that this rests on, all tried with FFmpeg 5.1: overlay and blend count n from 1 (and
 * differently at the end), so they are given the time; crop, rotate and scale count from 0. Only pad and overlay take
 * pictures whose size changes, so pad comes right behind scale. rotate by multiples of 90 degrees is exact. lutyuv,
 * alphaextract and alphamerge turn alpha of 10 bits into something else.
 */
#include "ops/compose.h"

#include <string.h>

/* Empty pixels around a picture in its box: what interpolation and odd places need. */
#define MARGIN 3
#define EXACT "+accurate_rnd+full_chroma_int+bitexact"

static const struct ad_compose_formats all_formats[] = {
    {"yuv420p", "yuva420p", "yuv420", "yuva444p", "gray", 1, 1, 8},
    {"yuv422p", "yuva422p", "yuv422", "yuva444p", "gray", 1, 0, 8},
    {"yuv444p", "yuva444p", "yuv444", "yuva444p", "gray", 0, 0, 8},
    {"yuv420p10le", "yuva420p10le", "yuv420p10", "yuva444p10le", "gray10le", 1, 1, 10},
    {"yuv422p10le", "yuva422p10le", "yuv422p10", "yuva444p10le", "gray10le", 1, 0, 10},
};

const struct ad_compose_formats *ad_compose_formats(const char *pixel_format)
{
    for (size_t i = 0; i < sizeof(all_formats) / sizeof(all_formats[0]); i++) {
        if (strcmp(pixel_format, all_formats[i].opaque) == 0 ||
            strcmp(pixel_format, all_formats[i].alpha) == 0)
            return &all_formats[i];
    }
    return NULL;
}

enum artdag_err ad_compose_check(const char *node_type, const struct ad_format *format,
                                 artdag_error *err)
{
    if (ad_compose_formats(format->pixel_format))
        return ARTDAG_OK;
    (void)ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ops",
                       "%s cannot lay pictures of the working format %s over each other",
                       node_type, format->pixel_format);
    ad_error_hint(err, "use format: {pixel_format: yuv422p10le} or yuv444p");
    return ARTDAG_E_UNSUPPORTED;
}

const char *ad_compose_whole(const char *pixel_format)
{
    if (ad_pixel_alpha(pixel_format))
        return "yuva444p";
    return ad_pixel_depth(pixel_format) > 8 ? "yuv444p10le" : "yuv444p";
}

/* ---- Pieces ---- */

static int maximum(const struct ad_compose_formats *f)
{
    return (1 << f->depth) - 1;
}

/* The number of the frame of the ground, from a time in seconds. */
static const char *frame_of_time(struct ad_arena *arena, const struct ad_format *format,
                                 const char *time, int64_t start)
{
    const char *text = ad_arena_printf(arena, "(floor(%s*%lld/%lld+0.5)+%lld)", time,
                                       (long long)format->fps_num, (long long)format->fps_den,
                                       (long long)start);
    return text ? text : "";
}

static const char *text_or_fail(struct ad_graph *graph, const char *text)
{
    if (!text)
        graph->failed = true;
    return text ? text : "";
}

static struct ad_pad convert(struct ad_graph *graph, struct ad_pad in, const char *flags,
                             const char *pixel_format)
{
    struct ad_pad out = ad_graph_chain(graph, "scale", in);
    ad_graph_set(graph, out, "flags", flags);
    ad_graph_set(graph, out, "in_range", "tv");
    ad_graph_set(graph, out, "out_range", "tv");
    return ad_video_format(graph, out, pixel_format);
}

struct ad_pad ad_video_spread(struct ad_graph *graph, struct ad_pad in, const char *full)
{
    return convert(graph, in, "neighbor" EXACT, full);
}

struct ad_pad ad_video_gather(struct ad_graph *graph, struct ad_pad in, const char *native)
{
    return convert(graph, in, "area" EXACT, native);
}

struct ad_pad ad_video_level(struct ad_graph *graph, const struct ad_format *format,
                             const struct ad_stage *stage, const struct ad_curve *curve)
{
    const struct ad_compose_formats *f = ad_compose_formats(format->pixel_format);
    struct ad_pad small = ad_graph_filter(graph, "color", NULL, 0);
    ad_graph_set(graph, small, "color", "0x000000");
    ad_graph_set(graph, small, "size", "16x16");
    ad_graph_setf(graph, small, "rate", "%lld/%lld", (long long)format->fps_num,
                  (long long)format->fps_den);
    small = ad_video_cut(graph, ad_video_format(graph, small, f->gray), 0, stage->frames);
    struct ad_pad split = ad_video_split(graph, small, 2);
    struct ad_pad both[2] = {ad_pad_nth(split, 0), ad_pad_nth(split, 1)};
    struct ad_pad out = ad_graph_filter(graph, "blend", both, 2);
    const char *value = ad_curve_expr(graph->arena, curve,
                                      frame_of_time(graph->arena, format, "T", stage->start));
    ad_graph_set(graph, out, "c0_expr",
                 text_or_fail(graph, ad_arena_printf(graph->arena, "floor((%s)*%d+0.5)", value,
                                                     maximum(f))));
    out = ad_graph_chain(graph, "scale", out);
    ad_graph_set_int(graph, out, "w", stage->width);
    ad_graph_set_int(graph, out, "h", stage->height);
    ad_graph_set(graph, out, "flags", "neighbor" EXACT);
    return ad_video_format(graph, out, f->gray);
}

static struct ad_pad multiply(struct ad_graph *graph, struct ad_pad a, struct ad_pad b)
{
    struct ad_pad both[2] = {a, b};
    struct ad_pad out = ad_graph_filter(graph, "blend", both, 2);
    ad_graph_set(graph, out, "c0_mode", "multiply");
    ad_graph_set_int(graph, out, "shortest", 1);
    return out;
}

/* A grey picture three times, at 4:4:4. */
static struct ad_pad thrice(struct ad_graph *graph, struct ad_pad gray)
{
    struct ad_pad out = ad_graph_chain(graph, "mergeplanes", gray);
    ad_graph_set(graph, out, "mapping", "0x000000");
    ad_graph_set(graph, out, "format", "yuv444p10le");
    return out;
}

static struct ad_pad alpha_of(struct ad_graph *graph, struct ad_pad in)
{
    struct ad_pad out = ad_graph_chain(graph, "extractplanes", in);
    ad_graph_set(graph, out, "planes", "a");
    return out;
}

/* A picture and a grey one that becomes its alpha. Filter alphamerge has 8 bits only; mergeplanes wants its inputs in one
 * format. */
static struct ad_pad merge_alpha(struct ad_graph *graph, struct ad_pad picture,
                                 struct ad_pad alpha, const char *format)
{
    bool deep = ad_pixel_depth(format) > 8;
    const char *opaque =
        ad_compose_formats(format) ? ad_compose_formats(format)->opaque : "yuv444p10le";
    struct ad_pad both[2] = {picture, alpha};
    if (deep) {
        both[0] = ad_video_format(graph, picture, opaque);
        both[1] = ad_video_gather(graph, thrice(graph, alpha), opaque);
    }
    struct ad_pad out = ad_graph_filter(graph, deep ? "mergeplanes" : "alphamerge", both, 2);
    if (deep) {
        ad_graph_set(graph, out, "mapping", "0x00010210");
        ad_graph_set(graph, out, "format", format);
    }
    return out;
}

struct ad_pad ad_video_masked(struct ad_graph *graph, struct ad_pad picture, struct ad_pad mask,
                              const char *format)
{
    struct ad_pad split = ad_video_split(graph, ad_video_format(graph, picture, format), 2);
    struct ad_pad alpha = alpha_of(graph, ad_pad_nth(split, 1));
    return merge_alpha(graph, ad_pad_nth(split, 0), multiply(graph, alpha, mask), format);
}

/* A table that leaves colours alone; what it is not told about, lutyuv cuts to 16..240. Luma is still to be told about. */
static struct ad_pad unchanged(struct ad_graph *graph, struct ad_pad in)
{
    struct ad_pad out = ad_graph_chain(graph, "lutyuv", in);
    ad_graph_set(graph, out, "u", "val");
    ad_graph_set(graph, out, "v", "val");
    return out;
}

/* One number does by a table what a stream of levels does: floor(alpha x round(opacity x maximum) / maximum). */
static struct ad_pad with_opacity(struct ad_graph *graph, const struct ad_format *format,
                                  struct ad_pad in, const struct ad_stage *stage,
                                  const struct ad_curve *opacity, const char *alpha_format)
{
    const struct ad_compose_formats *f = ad_compose_formats(format->pixel_format);
    if (ad_curve_is(opacity, 1))
        return in;
    if (opacity->keys || f->depth > 8) /* lutyuv has no alpha above 8 bits */
        return ad_video_masked(graph, in, ad_video_level(graph, format, stage, opacity),
                               alpha_format);
    struct ad_pad out = unchanged(graph, in);
    ad_graph_set(graph, out, "y", "val");
    ad_graph_setf(graph, out, "a", "floor(val*%d/%d)", (int)(opacity->value * maximum(f) + 0.5),
                  maximum(f));
    return out;
}

static struct ad_pad lay(struct ad_graph *graph, const struct ad_compose_formats *f,
                         struct ad_pad ground, struct ad_pad picture, const char *alpha)
{
    struct ad_pad both[2] = {ground, picture};
    struct ad_pad out = ad_graph_filter(graph, "overlay", both, 2);
    ad_graph_set(graph, out, "format", f->overlay);
    ad_graph_set(graph, out, "alpha", alpha);
    ad_graph_set(graph, out, "eof_action", "pass");
    return out;
}

/* Filter overlay would add the alphas of both up: the base's is put aside and back again. */
struct ad_pad ad_video_mix(struct ad_graph *graph, const struct ad_format *format,
                           struct ad_pad base, struct ad_pad top, const struct ad_stage *stage,
                           const struct ad_curve *opacity)
{
    const struct ad_compose_formats *f = ad_compose_formats(format->pixel_format);
    bool clear = ad_pixel_alpha(format->pixel_format);
    struct ad_pad alpha = {0};
    if (clear) {
        base = ad_video_split(graph, ad_video_format(graph, base, f->alpha), 2);
        alpha = alpha_of(graph, ad_pad_nth(base, 1));
        base = ad_video_format(graph, ad_pad_nth(base, 0), f->opaque);
    }
    top = ad_video_format(graph, top, f->alpha);
    top = with_opacity(graph, format, top, stage, opacity, f->alpha);
    struct ad_pad out = lay(graph, f, base, top, "straight");
    ad_graph_set(graph, out, "eval", "init");
    out = ad_video_format(graph, out, f->opaque);
    return clear ? merge_alpha(graph, ad_video_format(graph, out, f->alpha), alpha, f->alpha)
                 : out;
}

/* ---- Layers ---- */

struct ad_layer ad_layer_init(int64_t width, int64_t height, int64_t frames)
{
    return (struct ad_layer){.in_width = width,
                             .in_height = height,
                             .ground_width = width,
                             .ground_height = height,
                             .frames = frames,
                             .scale = {.value = 1},
                             .opacity = {.value = 1}};
}

static bool is_cropped(const struct ad_layer *l)
{
    for (size_t i = 0; i < 4; i++) {
        if (!ad_curve_is(&l->crop[i], 0))
            return true;
    }
    return false;
}

static bool is_even_place(const struct ad_curve *at, double origin, double anchor,
                          int64_t ground, int64_t size, int sub)
{
    if (at->keys)
        return false;
    double place = origin * (double)ground + at->value - anchor * (double)size;
    int64_t whole = (int64_t)place;
    return (double)whole == place && (sub == 0 || whole % 2 == 0);
}

static bool is_sized(const struct ad_layer *l)
{
    return !ad_curve_is(&l->width, 0) || !ad_curve_is(&l->height, 0);
}

/* What is scaled with transparency in it must be premultiplied. */
bool ad_layer_is_fine(const struct ad_layer *l, const char *pixel_format)
{
    const struct ad_compose_formats *f = ad_compose_formats(pixel_format);
    double scale = l->scale.value;
    bool moves = l->width.keys || l->height.keys || l->scale.keys;
    if (!f || moves || is_cropped(l) || !ad_curve_is(&l->rotation, 0))
        return true;
    if (is_sized(l) || (scale != 1 && ad_pixel_alpha(pixel_format)))
        return true;
    int64_t w = (int64_t)((double)l->in_width * scale + 0.5);
    int64_t h = (int64_t)((double)l->in_height * scale + 0.5);
    return w < 2 || h < 2 || w % 2 || h % 2 ||
           !is_even_place(&l->x, l->origin_x, l->anchor_x, l->ground_width, w, f->sub_x) ||
           !is_even_place(&l->y, l->origin_y, l->anchor_y, l->ground_height, h, f->sub_y);
}

/* The smallest even number that is not below d. */
static int64_t even_above(double d)
{
    int64_t n = (int64_t)d;
    n += (double)n < d;
    return n + n % 2;
}

static double largest(const struct ad_layer *l, const struct ad_curve *size, int64_t in)
{
    double low = 0;
    double high = 0;
    double scale_low = 0;
    double scale_high = 0;
    ad_curve_bounds(size, l->start + l->frames, &low, &high);
    ad_curve_bounds(&l->scale, l->start + l->frames, &scale_low, &scale_high);
    return (size->keys || size->value > 0 ? high : (double)in) * scale_high + 1;
}

void ad_layer_box(const struct ad_layer *l, int64_t *ret_width, int64_t *ret_height)
{
    double w = largest(l, &l->width, l->in_width);
    double h = largest(l, &l->height, l->in_height);
    *ret_width = even_above(w);
    *ret_height = even_above(h);
    if (ad_curve_is(&l->rotation, 0))
        return;
    int64_t side = *ret_width > *ret_height ? *ret_width : *ret_height;
    while ((double)side * (double)side < w * w + h * h)
        side += 2;
    *ret_width = *ret_height = side;
}

/* One axis of a layer, for expressions. */
struct axis {
    const struct ad_curve *at, *size, *scale;
    double origin, anchor;
    int64_t in, ground, box;
    int sub;
};

static void axes_of(const struct ad_layer *l, const struct ad_compose_formats *f,
                    struct axis ret[2])
{
    ret[0] = (struct axis){&l->x,       &l->width,       &l->scale,    l->origin_x, l->anchor_x,
                           l->in_width, l->ground_width, l->box_width, f->sub_x};
    ret[1] =
        (struct axis){&l->y,        &l->height,       &l->scale,     l->origin_y, l->anchor_y,
                      l->in_height, l->ground_height, l->box_height, f->sub_y};
}

/* Width or height on the ground, whole pixels. */
static const char *size_expr(struct ad_arena *arena, const struct axis *a, const char *var)
{
    bool sized = a->size->keys || a->size->value > 0;
    const struct ad_curve natural = {.value = (double)a->in};
    return ad_arena_printf(arena, "max(1,floor((%s)*(%s)+0.5))",
                           ad_curve_expr(arena, sized ? a->size : &natural, var),
                           ad_curve_expr(arena, a->scale, var));
}

/* Where the left or upper edge of the picture's box lies on the ground. */
static const char *place_expr(struct ad_arena *arena, const struct axis *a, bool turns,
                              const char *var)
{
    char origin[32];
    char anchor[32];
    (void)ad_double_format(a->origin * (double)a->ground, origin);
    (void)ad_double_format(a->anchor, anchor);
    const char *size = size_expr(arena, a, var);
    long long side = a->box + 2 * MARGIN;
    const char *inset = turns ? ad_arena_printf(arena, "floor((%lld-%s)/2)", side, size) : "3";
    return ad_arena_printf(arena, "(floor(%s+(%s)-%s*%s+0.5)-%s)", origin,
                           ad_curve_expr(arena, a->at, var), anchor, size, inset);
}

struct ad_pad ad_video_stand(struct ad_graph *graph, struct ad_pad in)
{
    struct ad_pad out = ad_graph_chain(graph, "tpad", in);
    ad_graph_set_int(graph, out, "stop", -1);
    ad_graph_set(graph, out, "stop_mode", "clone");
    out = ad_graph_chain(graph, "setpts", out);
    ad_graph_set(graph, out, "expr", "N");
    return out;
}

/* Grey, white in a rectangle of the picture's size in a black one of twice its size: upper left, or lower right. A window
 * of the picture's size that slides over it shows an edge at any place. */
static struct ad_pad edges(struct ad_graph *graph, const struct ad_format *format,
                           const struct ad_compose_formats *f, const struct ad_layer *l,
                           bool lower)
{
    struct ad_pad out = ad_graph_filter(graph, "color", NULL, 0);
    ad_graph_set(graph, out, "color", "0xffffff");
    ad_graph_setf(graph, out, "size", "%lldx%lld", (long long)l->in_width,
                  (long long)l->in_height);
    ad_graph_setf(graph, out, "rate", "%lld/%lld", (long long)format->fps_num,
                  (long long)format->fps_den);
    out = ad_video_format(graph, ad_video_cut(graph, out, 0, 1), f->full);
    out = ad_graph_chain(graph, "pad", out);
    ad_graph_set_int(graph, out, "width", 2 * l->in_width);
    ad_graph_set_int(graph, out, "height", 2 * l->in_height);
    ad_graph_set_int(graph, out, "x", lower ? l->in_width : 0);
    ad_graph_set_int(graph, out, "y", lower ? l->in_height : 0);
    ad_graph_set(graph, out, "color", "0x000000");
    out = ad_graph_chain(graph, "lutyuv", out);
    ad_graph_setf(graph, out, "y", "if(gt(val,%d),%d,0)", 1 << (f->depth - 1), maximum(f));
    out = ad_graph_chain(graph, "extractplanes", out);
    ad_graph_set(graph, out, "planes", "y");
    return ad_video_stand(graph, out);
}

/* How far the window stands from the upper left. */
static const char *edge_expr(struct ad_arena *arena, const struct ad_curve *side, int64_t size,
                             bool lower, const char *var)
{
    return ad_arena_printf(arena, "clip(%lld%sfloor((%s)+0.5),0,%lld)",
                           (long long)(lower ? size : 0), lower ? "-" : "+",
                           ad_curve_expr(arena, side, var), (long long)size);
}

static struct ad_pad crop_alpha(struct ad_graph *graph, const struct ad_format *format,
                                const struct ad_compose_formats *f, struct ad_pad in,
                                const struct ad_layer *l, const char *var)
{
    struct ad_pad masks[2];
    for (size_t i = 0; i < 2; i++) {
        bool lower = i == 0; /* left and top */
        struct ad_pad m = ad_graph_chain(graph, "crop", edges(graph, format, f, l, lower));
        const struct ad_curve *x = &l->crop[lower ? AD_LEFT : AD_RIGHT];
        const struct ad_curve *y = &l->crop[lower ? AD_TOP : AD_BOTTOM];
        ad_graph_set_int(graph, m, "w", l->in_width);
        ad_graph_set_int(graph, m, "h", l->in_height);
        ad_graph_set(graph, m, "x",
                     text_or_fail(graph, edge_expr(graph->arena, x, l->in_width, lower, var)));
        ad_graph_set(graph, m, "y",
                     text_or_fail(graph, edge_expr(graph->arena, y, l->in_height, lower, var)));
        masks[i] = m;
    }
    in = ad_video_masked(graph, in, masks[0], f->full);
    return ad_video_masked(graph, in, masks[1], f->full);
}

/* Premultiplied so that what pad and rotate add beside it is nothing: black, 16 or 64, grey, 0. At 8 bits filter overlay
 * wants codes times alpha and takes 16 off: those are lifted by as much. At 10 bits it knows no premultiplied pictures; what
 * lies above black is multiplied then, and straighten takes it from there. */
static struct ad_pad premultiply(struct ad_graph *graph, struct ad_pad in,
                                 const struct ad_compose_formats *f)
{
    struct ad_pad out = ad_graph_chain(graph, "setparams", in);
    ad_graph_set(graph, out, "range", f->depth == 8 ? "pc" : "tv");
    out = ad_graph_chain(graph, "premultiply", out);
    ad_graph_set_int(graph, out, "inplace", 1);
    if (f->depth > 8)
        return out;
    out = ad_graph_chain(graph, "setparams", out);
    ad_graph_set(graph, out, "range", "tv");
    out = unchanged(graph, out);
    ad_graph_set(graph, out, "y", "min(val+16,255)");
    return out;
}

static struct ad_pad blended(struct ad_graph *graph, struct ad_pad a, struct ad_pad b,
                             const char *mode)
{
    struct ad_pad both[2] = {a, b};
    struct ad_pad out = ad_graph_filter(graph, "blend", both, 2);
    ad_graph_set(graph, out, "all_mode", mode);
    return out;
}

/* Straight alpha out of premultiplied codes at 10 bits, where filter unpremultiply is wrong. Colours are averaged while they
 * are weighted, and divided then by the average of their weights. */
static struct ad_pad straighten(struct ad_graph *graph, struct ad_pad in,
                                const struct ad_compose_formats *f)
{
    struct ad_pad split = ad_video_split(graph, ad_video_format(graph, in, f->full), 2);
    struct ad_pad alpha = alpha_of(graph, ad_pad_nth(split, 1));
    alpha = ad_video_split(graph, ad_video_format(graph, alpha, f->gray), 3);
    /* What premultiplying put where the picture is not. */
    struct ad_pad added = ad_graph_chain(graph, "lutyuv", thrice(graph, ad_pad_nth(alpha, 0)));
    ad_graph_set(graph, added, "y", "floor(64*(1023-val)/1023+0.5)");
    ad_graph_set(graph, added, "u", "floor(512*(1023-val)/1023+0.5)");
    ad_graph_set(graph, added, "v", "floor(512*(1023-val)/1023+0.5)");
    struct ad_pad codes = blended(
        graph, ad_video_format(graph, ad_pad_nth(split, 0), "yuv444p10le"), added, "subtract");
    struct ad_pad weights = thrice(graph, ad_pad_nth(alpha, 1));
    struct ad_pad colors = blended(graph, ad_video_gather(graph, codes, f->opaque),
                                   ad_video_gather(graph, weights, f->opaque), "divide");
    return merge_alpha(graph, colors, ad_pad_nth(alpha, 2), f->alpha);
}

/* To the working format. */
static struct ad_pad settle(struct ad_graph *graph, struct ad_pad in,
                            const struct ad_compose_formats *f)
{
    return f->depth > 8 ? straighten(graph, in, f) : ad_video_gather(graph, in, f->alpha);
}

/* The picture at its size, premultiplied, in the middle (or at the margin) of its box. */
static struct ad_pad boxed(struct ad_graph *graph, const struct ad_compose_formats *f,
                           struct ad_pad in, const struct ad_layer *l, const char *var)
{
    struct axis a[2];
    axes_of(l, f, a);
    bool turns = !ad_curve_is(&l->rotation, 0);
    bool sized = is_sized(l) || !ad_curve_is(&l->scale, 1);
    struct ad_pad out = premultiply(graph, in, f);
    if (sized) {
        out = ad_graph_chain(graph, "scale", out);
        ad_graph_set(graph, out, "w", text_or_fail(graph, size_expr(graph->arena, &a[0], var)));
        ad_graph_set(graph, out, "h", text_or_fail(graph, size_expr(graph->arena, &a[1], var)));
        ad_graph_set(graph, out, "flags", AD_SCALE_FLAGS);
        ad_graph_set(graph, out, "eval", "frame");
        out = ad_graph_chain(graph, "setsar", out);
        ad_graph_set(graph, out, "sar", "1/1");
    }
    out = ad_graph_chain(graph, "pad", out);
    ad_graph_set_int(graph, out, "width", l->box_width + 2 * MARGIN);
    ad_graph_set_int(graph, out, "height", l->box_height + 2 * MARGIN);
    ad_graph_set(graph, out, "x", turns ? "floor((ow-iw)/2)" : "3");
    ad_graph_set(graph, out, "y", turns ? "floor((oh-ih)/2)" : "3");
    ad_graph_set(graph, out, "color", "0x00000000");
    ad_graph_set(graph, out, "eval", "frame");
    if (!turns)
        return out;
    out = ad_graph_chain(graph, "rotate", out);
    ad_graph_set(
        graph, out, "angle",
        text_or_fail(graph, ad_arena_printf(graph->arena, "(%s)*PI/180",
                                            ad_curve_expr(graph->arena, &l->rotation, var))));
    ad_graph_set(graph, out, "fillcolor", "0x00000000");
    return out;
}

static struct ad_pad over_fine(struct ad_graph *graph, const struct ad_format *format,
                               const struct ad_compose_formats *f, struct ad_pad ground,
                               struct ad_pad in, const struct ad_layer *l)
{
    struct ad_arena *arena = graph->arena;
    bool turns = !ad_curve_is(&l->rotation, 0);
    const char *var =
        text_or_fail(graph, ad_arena_printf(arena, "(n+%lld)", (long long)l->start));
    const char *time = frame_of_time(arena, format, "t", 0);
    struct axis a[2];
    axes_of(l, f, a);
    struct ad_pad out = ad_video_spread(graph, in, f->full);
    const struct ad_stage stage = {l->in_width, l->in_height, l->start, l->frames};
    out = with_opacity(graph, format, out, &stage, &l->opacity, f->full);
    if (is_cropped(l))
        out = crop_alpha(graph, format, f, out, l, var);
    out = ad_graph_chain(graph, "crop", boxed(graph, f, out, l, var));
    ad_graph_set_int(graph, out, "w", l->box_width + 2 * MARGIN - 2);
    ad_graph_set_int(graph, out, "h", l->box_height + 2 * MARGIN - 2);
    static const char *const names[] = {"x", "y"};
    for (size_t i = 0; i < 2; i++)
        ad_graph_set(graph, out, names[i],
                     a[i].sub ? text_or_fail(graph, ad_arena_printf(
                                                        arena, "mod(%s,2)",
                                                        place_expr(arena, &a[i], turns, var)))
                              : "0");
    out = settle(graph, out, f);
    if (l->start) {
        out = ad_graph_chain(graph, "setpts", out);
        ad_graph_setf(graph, out, "expr", "PTS+%lld", (long long)l->start);
    }
    out = lay(graph, f, ground, out, f->depth == 8 ? "premultiplied" : "straight");
    for (size_t i = 0; i < 2; i++)
        ad_graph_set(
            graph, out, names[i],
            text_or_fail(graph, ad_arena_printf(arena, a[i].sub ? "2*ceil(%s/2)" : "%s",
                                                place_expr(arena, &a[i], turns, time))));
    ad_graph_set(graph, out, "eval", "frame");
    return ad_video_format(graph, out, format->pixel_format);
}

static struct ad_pad over_plain(struct ad_graph *graph, const struct ad_format *format,
                                const struct ad_compose_formats *f, struct ad_pad ground,
                                struct ad_pad in, const struct ad_layer *l)
{
    int64_t w = (int64_t)((double)l->in_width * l->scale.value + 0.5);
    int64_t h = (int64_t)((double)l->in_height * l->scale.value + 0.5);
    int64_t x =
        (int64_t)(l->origin_x * (double)l->ground_width + l->x.value - l->anchor_x * (double)w);
    int64_t y = (int64_t)(l->origin_y * (double)l->ground_height + l->y.value -
                          l->anchor_y * (double)h);
    struct ad_pad out = in;
    if (w != l->in_width || h != l->in_height)
        out = ad_video_scale(graph, out, w, h);
    out = ad_video_format(graph, out, f->alpha);
    const struct ad_stage stage = {w, h, l->start, l->frames};
    out = with_opacity(graph, format, out, &stage, &l->opacity, f->alpha);
    if (l->start) {
        out = ad_graph_chain(graph, "setpts", out);
        ad_graph_setf(graph, out, "expr", "PTS+%lld", (long long)l->start);
    }
    out = lay(graph, f, ground, out, "straight");
    ad_graph_set_int(graph, out, "x", x);
    ad_graph_set_int(graph, out, "y", y);
    ad_graph_set(graph, out, "eval", "init");
    return ad_video_format(graph, out, format->pixel_format);
}

struct ad_pad ad_layer_over(struct ad_graph *graph, const struct ad_format *format,
                            struct ad_pad ground, struct ad_pad picture,
                            const struct ad_layer *l)
{
    const struct ad_compose_formats *f = ad_compose_formats(format->pixel_format);
    if (ad_curve_is(&l->opacity, 0))
        return ground;
    return l->box_width ? over_fine(graph, format, f, ground, picture, l)
                        : over_plain(graph, format, f, ground, picture, l);
}
