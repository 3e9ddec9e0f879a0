/* SPDX-License-Identifier: MIT
 *
 * GENERATE: gradients and test pictures.
 */
#include <string.h>

#include "ops/generate.h"

/* Marks what is in a picture that was made in BT.709. */
static struct ad_pad mark_colors(struct ad_graph *graph, struct ad_pad in)
{
    struct ad_pad out = ad_graph_chain(graph, "setparams", in);
    ad_graph_set(graph, out, "range", "tv");
    ad_graph_set(graph, out, "color_primaries", "bt709");
    ad_graph_set(graph, out, "color_trc", "bt709");
    ad_graph_set(graph, out, "colorspace", "bt709");
    return out;
}

/* Position of a sample between the two colours, 0 to 1. A plane has its own size; centres of samples count. */
static const char *way(const struct ad_op_call *call, int64_t width, int64_t height)
{
    long long w = (long long)width;
    long long h = (long long)height;
    struct ad_arena *arena = call->arena;
    if (ad_conf_is(call->config, "direction", "vertical"))
        return ad_arena_printf(arena, "(Y+0.5)/%lld", h);
    if (ad_conf_is(call->config, "direction", "diagonal"))
        return ad_arena_printf(arena, "((X+0.5)/%lld+(Y+0.5)/%lld)/2", w, h);
    if (ad_conf_is(call->config, "direction", "radial"))
        return ad_arena_printf(
            arena,
            "sqrt(((2*X+1)/%lld-1)*((2*X+1)/%lld-1)+((2*Y+1)/%lld-1)*((2*Y+1)/%lld-1))/sqrt(2)",
            w, w, h, h);
    return ad_arena_printf(arena, "(X+0.5)/%lld", w);
}

/* One plane: from one code to the other, and a pattern of thresholds instead of rounding, so that bands do not show. */
static void set_plane(const struct ad_op_call *call, struct ad_graph *graph, struct ad_pad pad,
                      const char *option, const int64_t codes[2], const char *t)
{
    const char *expr = ad_arena_printf(
        call->arena,
        "floor(%lld+(%lld)*min(%s,1)+mod(52.9829189*mod(0.06711056*X+0.00583715*Y,1),1))",
        (long long)codes[0], (long long)(codes[1] - codes[0]), t ? t : "0");
    ad_graph_set(graph, pad, option, expr ? expr : "0");
}

struct ad_pad ad_generate_gradient(const struct ad_op_call *call, const struct ad_generate *g,
                                   struct ad_graph *graph)
{
    const char *format = call->format->pixel_format;
    int depth = ad_pixel_depth(format);
    bool half_width = strstr(format, "444") == NULL;
    bool half_height = strstr(format, "420") != NULL;
    struct ad_color_yuv from =
        ad_color_to_yuv(ad_conf_text(call->arena, call->config, "color", "#000000"), depth);
    struct ad_color_yuv to =
        ad_color_to_yuv(ad_conf_text(call->arena, call->config, "color_end", "#ffffff"), depth);
    const int64_t y[2] = {from.y, to.y};
    const int64_t u[2] = {from.u, to.u};
    const int64_t v[2] = {from.v, to.v};
    const int64_t alpha[2] = {from.alpha, to.alpha};
    const char *full = way(call, g->width, g->height);
    const char *chroma = way(call, half_width ? g->width / 2 : g->width,
                             half_height ? g->height / 2 : g->height);
    struct ad_pad out = ad_video_blank(graph, call->format, g->width, g->height, 1, "#000000");
    out = ad_graph_chain(graph, "geq", out);
    set_plane(call, graph, out, "lum_expr", y, full);
    set_plane(call, graph, out, "cb_expr", u, chroma);
    set_plane(call, graph, out, "cr_expr", v, chroma);
    if (ad_pixel_alpha(format))
        set_plane(call, graph, out, "alpha_expr", alpha, full);
    return ad_video_hold(graph, out, g->frames);
}

static struct ad_pad test_filter(const struct ad_op_call *call, const struct ad_generate *g,
                                 struct ad_graph *graph, const char *name)
{
    struct ad_pad out = ad_graph_filter(graph, name, NULL, 0);
    ad_graph_setf(graph, out, "size", "%lldx%lld", (long long)g->width, (long long)g->height);
    ad_graph_setf(graph, out, "rate", "%lld/%lld", (long long)call->format->fps_num,
                  (long long)call->format->fps_den);
    return out;
}

struct ad_pad ad_generate_bars(const struct ad_op_call *call, const struct ad_generate *g,
                               struct ad_graph *graph)
{
    struct ad_pad out = test_filter(call, g, graph, "smptehdbars");
    out = ad_video_format(graph, out, "yuv444p");
    out = ad_video_format(graph, ad_video_cut(graph, out, 0, 1), call->format->pixel_format);
    return ad_video_hold(graph, mark_colors(graph, out), g->frames);
}

/* The filter draws in BT.601 when it draws YUV itself: RGB is converted as everything else. */
struct ad_pad ad_generate_testsrc(const struct ad_op_call *call, const struct ad_generate *g,
                                  struct ad_graph *graph)
{
    int64_t first = ad_conf_int(call->config, "first", 0);
    struct ad_pad out = test_filter(call, g, graph, "testsrc2");
    out = ad_video_format(graph, out, "rgb24");
    out = ad_video_cut(graph, out, first, first + g->frames);
    out = ad_graph_chain(graph, "scale", out);
    ad_graph_set(graph, out, "flags", AD_SCALE_FLAGS);
    ad_graph_set(graph, out, "out_color_matrix", "bt709");
    ad_graph_set(graph, out, "out_range", "tv");
    return mark_colors(graph, ad_video_format(graph, out, call->format->pixel_format));
}
