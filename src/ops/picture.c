/* SPDX-License-Identifier: MIT
 *
 * Picture pieces of filter graphs. Inside a graph every picture is BT.709, limited range, square pixels.
 */
#include <string.h>

#include "ops/op.h"

int ad_pixel_depth(const char *pixel_format)
{
    size_t len = strlen(pixel_format);
    return len > 4 && strcmp(pixel_format + len - 4, "10le") == 0 ? 10 : 8;
}

bool ad_pixel_alpha(const char *pixel_format)
{
    return strncmp(pixel_format, "yuva", 4) == 0;
}

/* ---- Where a picture lies ---- */

/* a * b / c to the nearest even number, at least 2. */
static int64_t even_part(int64_t a, int64_t b, int64_t c)
{
    int64_t half = ad_muldiv_round(a, b, 2 * c);
    return half < 1 ? 2 : 2 * half;
}

static int64_t even_floor(int64_t n)
{
    return n - n % 2;
}

static bool is_wider(int64_t shape_w, int64_t shape_h, int64_t box_w, int64_t box_h)
{
    return shape_w * box_h >= shape_h * box_w;
}

struct ad_placing ad_place_fit(int64_t shape_w, int64_t shape_h, int64_t box_w, int64_t box_h)
{
    struct ad_placing p = {box_w, box_h, 0, 0};
    if (is_wider(shape_w, shape_h, box_w, box_h))
        p.scale_h = even_part(box_w, shape_h, shape_w);
    else
        p.scale_w = even_part(box_h, shape_w, shape_h);
    p.scale_w = p.scale_w > box_w ? box_w : p.scale_w;
    p.scale_h = p.scale_h > box_h ? box_h : p.scale_h;
    p.x = even_floor((box_w - p.scale_w) / 2);
    p.y = even_floor((box_h - p.scale_h) / 2);
    return p;
}

struct ad_placing ad_place_fill(int64_t shape_w, int64_t shape_h, int64_t box_w, int64_t box_h)
{
    struct ad_placing p = {box_w, box_h, 0, 0};
    if (is_wider(shape_w, shape_h, box_w, box_h))
        p.scale_w = even_part(box_h, shape_w, shape_h);
    else
        p.scale_h = even_part(box_w, shape_h, shape_w);
    p.scale_w = p.scale_w < box_w ? box_w : p.scale_w;
    p.scale_h = p.scale_h < box_h ? box_h : p.scale_h;
    p.x = even_floor((p.scale_w - box_w) / 2);
    p.y = even_floor((p.scale_h - box_h) / 2);
    return p;
}

/* ---- Filters ---- */

struct ad_pad ad_video_format(struct ad_graph *graph, struct ad_pad in,
                              const char *pixel_format)
{
    struct ad_pad out = ad_graph_chain(graph, "format", in);
    ad_graph_set(graph, out, "pix_fmts", pixel_format);
    return out;
}

struct ad_pad ad_video_scale(struct ad_graph *graph, struct ad_pad in, int64_t width,
                             int64_t height)
{
    struct ad_pad out = ad_graph_chain(graph, "scale", in);
    ad_graph_set_int(graph, out, "w", width);
    ad_graph_set_int(graph, out, "h", height);
    ad_graph_set(graph, out, "flags", AD_SCALE_FLAGS);
    ad_graph_set(graph, out, "in_color_matrix", "bt709");
    ad_graph_set(graph, out, "out_color_matrix", "bt709");
    ad_graph_set(graph, out, "in_range", "tv");
    ad_graph_set(graph, out, "out_range", "tv");
    out = ad_graph_chain(graph, "setsar", out);
    ad_graph_set(graph, out, "sar", "1/1");
    return out;
}

struct ad_pad ad_video_crop(struct ad_graph *graph, struct ad_pad in, int64_t width,
                            int64_t height, int64_t x, int64_t y)
{
    struct ad_pad out = ad_graph_chain(graph, "crop", in);
    ad_graph_set_int(graph, out, "w", width);
    ad_graph_set_int(graph, out, "h", height);
    ad_graph_set_int(graph, out, "x", x);
    ad_graph_set_int(graph, out, "y", y);
    return out;
}

/* Adds an amount to every code value, round and round: subtracting it again gives the picture back bit by bit. */
static struct ad_pad turn_codes(struct ad_graph *graph, struct ad_pad in, int depth, int64_t y,
                                int64_t u, int64_t v)
{
    int64_t all = INT64_C(1) << depth;
    struct ad_pad out = ad_graph_chain(graph, "lutyuv", in);
    ad_graph_setf(graph, out, "y", "mod(val+%d,%d)", (int)((y + all) % all), (int)all);
    ad_graph_setf(graph, out, "u", "mod(val+%d,%d)", (int)((u + all) % all), (int)all);
    ad_graph_setf(graph, out, "v", "mod(val+%d,%d)", (int)((v + all) % all), (int)all);
    return out;
}

/* Filter pad turns its colour into YUV by BT.601 and, above 8 bits, inexactly. So it always pads with black, whose
 * code values are known, and the picture's values are turned before and turned back after so that
 * black lands on the wanted colour. */
struct ad_pad ad_video_pad(struct ad_graph *graph, struct ad_pad in,
                           const struct ad_format *format, const struct ad_box *box,
                           const char *color)
{
    int depth = ad_pixel_depth(format->pixel_format);
    struct ad_color_yuv want = ad_color_to_yuv(color, depth);
    int64_t black_y = depth == 10 ? 64 : 16;
    int64_t black_c = depth == 10 ? 514 : 128;
    bool turn = want.y != black_y || want.u != black_c || want.v != black_c;
    if (turn)
        in = turn_codes(graph, in, depth, black_y - want.y, black_c - want.u, black_c - want.v);
    struct ad_pad out = ad_graph_chain(graph, "pad", in);
    ad_graph_set_int(graph, out, "width", box->width);
    ad_graph_set_int(graph, out, "height", box->height);
    ad_graph_set_int(graph, out, "x", box->x);
    ad_graph_set_int(graph, out, "y", box->y);
    ad_graph_setf(graph, out, "color", "0x000000%02x", (unsigned)want.alpha);
    if (turn)
        out =
            turn_codes(graph, out, depth, want.y - black_y, want.u - black_c, want.v - black_c);
    return out;
}

struct ad_pad ad_video_fit_pad(struct ad_graph *graph, struct ad_pad in,
                               const struct ad_format *format, const struct ad_edge *edge,
                               int64_t box_w, int64_t box_h, const char *color)
{
    if (edge->width == box_w && edge->height == box_h)
        return in;
    struct ad_placing p = ad_place_fit(edge->width, edge->height, box_w, box_h);
    struct ad_box box = {box_w, box_h, p.x, p.y};
    struct ad_pad out = in;
    if (p.scale_w != edge->width || p.scale_h != edge->height)
        out = ad_video_scale(graph, out, p.scale_w, p.scale_h);
    if (p.scale_w != box_w || p.scale_h != box_h)
        out = ad_video_pad(graph, out, format, &box, color);
    return out;
}

struct ad_pad ad_video_split(struct ad_graph *graph, struct ad_pad in, uint32_t outputs)
{
    struct ad_pad out = ad_graph_chain(graph, "split", in);
    ad_graph_set_int(graph, out, "outputs", outputs);
    return out;
}

/* Replaces every pixel by one colour, opaque. */
static struct ad_pad paint(struct ad_graph *graph, struct ad_pad in, const char *pixel_format,
                           const char *color)
{
    struct ad_color_yuv c = ad_color_to_yuv(color, ad_pixel_depth(pixel_format));
    struct ad_pad out = ad_graph_chain(graph, "lutyuv", in);
    ad_graph_set_int(graph, out, "y", c.y);
    ad_graph_set_int(graph, out, "u", c.u);
    ad_graph_set_int(graph, out, "v", c.v);
    if (ad_pixel_alpha(pixel_format))
        ad_graph_set_int(graph, out, "a", c.alpha);
    return out;
}

/* Formats that filter overlay knows, opaque and with alpha. It has no 4:4:4 at 10 bits. */
struct overlay_way {
    const char *opaque, *alpha, *overlay;
};
static const struct overlay_way overlay_ways[] = {
    {"yuv420p", "yuva420p", "yuv420"},
    {"yuv422p", "yuva422p", "yuv422"},
    {"yuv444p", "yuva444p", "yuv444"},
    {"yuv420p10le", "yuva420p10le", "yuv420p10"},
    {"yuv422p10le", "yuva422p10le", "yuv422p10"},
};

static const struct overlay_way *overlay_way(const char *pixel_format)
{
    for (size_t i = 0; i < sizeof(overlay_ways) / sizeof(overlay_ways[0]); i++) {
        if (strcmp(pixel_format, overlay_ways[i].opaque) == 0 ||
            strcmp(pixel_format, overlay_ways[i].alpha) == 0)
            return &overlay_ways[i];
    }
    return &overlay_ways[2]; /* 4:4:4 at 8 bits */
}

/* The ground is made from the picture itself, so that both have the same time stamps. 4:4:4 at 10 bits goes through 8. */
struct ad_pad ad_video_flatten(struct ad_graph *graph, struct ad_pad in,
                               const char *pixel_format, const char *color)
{
    const struct overlay_way *way = overlay_way(pixel_format);
    struct ad_pad split = ad_video_split(graph, ad_video_format(graph, in, way->alpha), 2);
    struct ad_pad ground = ad_video_format(graph, ad_pad_nth(split, 0), way->opaque);
    struct ad_pad over = ad_video_over(graph, paint(graph, ground, way->opaque, color),
                                       ad_pad_nth(split, 1), way->opaque);
    return ad_video_format(graph, over, way->opaque);
}

const char *ad_video_alpha_format(const char *pixel_format)
{
    return overlay_way(pixel_format)->alpha;
}

struct ad_pad ad_video_over(struct ad_graph *graph, struct ad_pad base, struct ad_pad layer,
                            const char *pixel_format)
{
    struct ad_pad both[2] = {base, layer};
    struct ad_pad out = ad_graph_filter(graph, "overlay", both, 2);
    ad_graph_set(graph, out, "format", overlay_way(pixel_format)->overlay);
    ad_graph_set(graph, out, "alpha", "straight");
    ad_graph_set(graph, out, "eval", "init");
    return out;
}

struct ad_pad ad_video_blank(struct ad_graph *graph, const struct ad_format *format,
                             int64_t width, int64_t height, int64_t frames, const char *color)
{
    struct ad_pad out = ad_graph_filter(graph, "color", NULL, 0);
    ad_graph_set(graph, out, "color", "0x000000");
    ad_graph_setf(graph, out, "size", "%lldx%lld", (long long)width, (long long)height);
    ad_graph_setf(graph, out, "rate", "%lld/%lld", (long long)format->fps_num,
                  (long long)format->fps_den);
    out = ad_video_format(graph, out, format->pixel_format);
    out = paint(graph, ad_video_cut(graph, out, 0, frames), format->pixel_format, color);
    out = ad_graph_chain(graph, "setparams", out);
    ad_graph_set(graph, out, "range", "tv");
    ad_graph_set(graph, out, "color_primaries", "bt709");
    ad_graph_set(graph, out, "color_trc", "bt709");
    ad_graph_set(graph, out, "colorspace", "bt709");
    return out;
}

struct ad_pad ad_video_cut(struct ad_graph *graph, struct ad_pad in, int64_t from, int64_t to)
{
    struct ad_pad out = ad_graph_chain(graph, "trim", in);
    if (from > 0)
        ad_graph_set_int(graph, out, "start_pts", from);
    ad_graph_set_int(graph, out, "end_pts", to);
    if (from > 0) {
        out = ad_graph_chain(graph, "setpts", out);
        ad_graph_setf(graph, out, "expr", "PTS-%lld", (long long)from);
    }
    return out;
}

struct ad_pad ad_video_hold(struct ad_graph *graph, struct ad_pad in, int64_t frames)
{
    struct ad_pad out = ad_graph_chain(graph, "tpad", in);
    ad_graph_set(graph, out, "stop", "-1");
    ad_graph_set(graph, out, "stop_mode", "clone");
    /* Behind a trim the end of a stream bears the time of its last frame, and tpad goes on from there: count anew. */
    out = ad_graph_chain(graph, "setpts", out);
    ad_graph_set(graph, out, "expr", "N");
    return ad_video_cut(graph, out, 0, frames);
}

/* Shows at each tick of the working rate the frame that is due, from time 0 on. */
struct ad_pad ad_video_fps(struct ad_graph *graph, struct ad_pad in,
                           const struct ad_format *format)
{
    struct ad_pad out = ad_graph_chain(graph, "fps", in);
    ad_graph_setf(graph, out, "fps", "%lld/%lld", (long long)format->fps_num,
                  (long long)format->fps_den);
    ad_graph_set(graph, out, "start_time", "0");
    ad_graph_set(graph, out, "round", "near");
    return out;
}

struct ad_pad ad_video_renumber(struct ad_graph *graph, struct ad_pad in,
                                const struct ad_format *format)
{
    struct ad_pad out = ad_graph_chain(graph, "settb", in);
    ad_graph_setf(graph, out, "expr", "%lld/%lld", (long long)format->fps_den,
                  (long long)format->fps_num);
    out = ad_graph_chain(graph, "setpts", out);
    ad_graph_set(graph, out, "expr", "N");
    return out;
}

struct ad_pad ad_video_join(struct ad_graph *graph, const struct ad_pad *parts, size_t count,
                            const struct ad_format *format)
{
    if (count == 1)
        return parts[0];
    struct ad_pad out = ad_graph_filter(graph, "concat", parts, count);
    ad_graph_set_int(graph, out, "n", (int64_t)count);
    ad_graph_set_int(graph, out, "v", 1);
    ad_graph_set_int(graph, out, "a", 0);
    return ad_video_renumber(graph, out, format);
}

struct ad_pad ad_video_fade(struct ad_graph *graph, struct ad_pad in, const char *type,
                            int64_t start, int64_t frames)
{
    struct ad_pad out = ad_graph_chain(graph, "fade", in);
    ad_graph_set(graph, out, "type", type);
    ad_graph_set_int(graph, out, "start_frame", start);
    ad_graph_set_int(graph, out, "nb_frames", frames);
    return out;
}
