/* SPDX-License-Identifier: MIT
 *
 * Pixel x of a row of n covers [x*m, (x+1)*m) of n*m units, and pixel i of the m wanted covers [i*n, (i+1)*n): overlaps are
 * whole numbers, so averages over areas are exact, whichever is larger, and equal on every CPU. Grey levels stay in the range
 * they were coded in; RGB becomes limited BT.601, which is what most of the rest is.
 */
#include <libavutil/imgutils.h>

#include "media/study.h"

#define ROOM "media"
#define SIDE_MIN 16
#define HEIGHT_WANTED 90

struct plane {
    int component;     /* 0 luma, 1 and 2 chroma */
    int width, height; /* of the source */
    int to_width, to_height;
    uint8_t *out;
};

struct ad_shrink {
    const AVPixFmtDescriptor *desc;
    bool direct; /* rows are 8-bit and contiguous */
    bool rgb;
    struct plane planes[3];
    int plane_count;
    int width;      /* of the source */
    uint32_t *sums; /* per column of the source */
    uint8_t *row;
    uint16_t *line[3];
};

static int clamp(int n, int low, int high)
{
    return n < low ? low : n > high ? high : n;
}

/* ---- rows as bytes ---- */

static uint8_t to_byte(uint16_t value, int depth)
{
    if (depth >= 8) {
        return (uint8_t)(value >> (depth - 8));
    }
    return (uint8_t)(value * 255 / ((1 << depth) - 1));
}

static uint8_t rgb_to(int component, int r, int g, int b)
{
    switch (component) {
    case 0:
        return (uint8_t)(((66 * r + 129 * g + 25 * b + 128) >> 8) + 16);
    case 1:
        return (uint8_t)((-38 * r - 74 * g + 112 * b + 128 + (128 << 8)) >> 8);
    default:
        return (uint8_t)((112 * r - 94 * g - 18 * b + 128 + (128 << 8)) >> 8);
    }
}

static void read_line(const struct ad_shrink *s, const AVFrame *frame, uint16_t *line, int y,
                      int component, int width)
{
    bool palette = s->desc->flags & AV_PIX_FMT_FLAG_PAL;
    const uint8_t *data[4] = {frame->data[0], frame->data[1], frame->data[2], frame->data[3]};
    av_read_image_line(line, data, frame->linesize, s->desc, 0, y, component, width, palette);
}

static const uint8_t *row_of(struct ad_shrink *s, const AVFrame *frame, const struct plane *p,
                             int y)
{
    const AVComponentDescriptor *comp = s->desc->comp;
    if (s->direct) {
        int plane = comp[p->component].plane;
        return frame->data[plane] + (ptrdiff_t)frame->linesize[plane] * y;
    }
    bool palette = s->desc->flags & AV_PIX_FMT_FLAG_PAL;
    for (int c = 0; c < (s->rgb ? 3 : 1); c++) {
        read_line(s, frame, s->line[c], y, s->rgb ? c : p->component, p->width);
    }
    for (int x = 0; x < p->width; x++) {
        if (s->rgb) {
            int depth = palette ? 8 : comp[0].depth;
            s->row[x] = rgb_to(p->component, to_byte(s->line[0][x], depth),
                               to_byte(s->line[1][x], palette ? 8 : comp[1].depth),
                               to_byte(s->line[2][x], palette ? 8 : comp[2].depth));
        } else {
            s->row[x] = to_byte(s->line[0][x], comp[p->component].depth);
        }
    }
    return s->row;
}

/* ---- averages ---- */

/* weight * 255 fits 16 bits, and every sum 32: heights are at most 16384 and weights of one column add up to the height. */
static void add_row(uint32_t *restrict sums, const uint8_t *restrict row, int count,
                    uint16_t weight)
{
    for (int x = 0; x < count; x++) {
        sums[x] += (uint16_t)(weight * row[x]);
    }
}

static void average_columns(const struct plane *p, const uint32_t *sums, uint8_t *out)
{
    uint64_t area = (uint64_t)p->width * (uint64_t)p->height;
    int64_t units = p->to_width; /* of one source pixel */
    int64_t x = 0;
    int64_t begin = 0; /* of what is not used up of x */
    for (int i = 0; i < p->to_width; i++) {
        int64_t end = (int64_t)(i + 1) * p->width;
        uint64_t sum = 0;
        while (begin < end) {
            int64_t until = (x + 1) * units < end ? (x + 1) * units : end;
            sum += sums[x] * (uint64_t)(until - begin);
            begin = until;
            if (begin == (x + 1) * units) {
                x++;
            }
        }
        out[i] = (uint8_t)((sum + area / 2) / area);
    }
}

static void shrink_plane(struct ad_shrink *s, const AVFrame *frame, const struct plane *p)
{
    int64_t units = p->to_height;
    for (int j = 0; j < p->to_height; j++) {
        int64_t begin = (int64_t)j * p->height;
        int64_t end = begin + p->height;
        memset(s->sums, 0, (size_t)p->width * sizeof(*s->sums));
        for (int64_t y = begin / units; begin < end; y++) {
            int64_t until = (y + 1) * units < end ? (y + 1) * units : end;
            add_row(s->sums, row_of(s, frame, p, (int)y), p->width, (uint16_t)(until - begin));
            begin = until;
        }
        average_columns(p, s->sums, p->out + (size_t)j * (size_t)p->to_width);
    }
}

/* ---- life ---- */

static bool is_direct(const AVPixFmtDescriptor *desc)
{
    if (desc->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM)) {
        return false;
    }
    for (int c = 0; c < 3 && c < desc->nb_components; c++) {
        if (desc->comp[c].depth != 8 || desc->comp[c].step != 1 || desc->comp[c].offset != 0) {
            return false;
        }
    }
    return true;
}

static void plan_planes(struct ad_shrink *s, const AVFrame *like)
{
    int width = clamp(like->width, SIDE_MIN, AD_VIDEO_WIDTH);
    int height = clamp(like->height, SIDE_MIN, HEIGHT_WANTED);
    s->rgb = s->desc->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL);
    s->direct = is_direct(s->desc);
    s->width = like->width;
    s->plane_count = s->rgb || s->desc->nb_components >= 3 ? 3 : 1;
    s->planes[0] = (struct plane){0, like->width, like->height, width, height, NULL};
    for (int c = 1; c < s->plane_count; c++) {
        int right = s->rgb ? 0 : s->desc->log2_chroma_w;
        int down = s->rgb ? 0 : s->desc->log2_chroma_h;
        s->planes[c] = (struct plane){c,
                                      AV_CEIL_RSHIFT(like->width, right),
                                      AV_CEIL_RSHIFT(like->height, down),
                                      (width + 1) / 2,
                                      (height + 1) / 2,
                                      NULL};
    }
}

enum artdag_err ad_shrink_create(const AVFrame *like, struct ad_shrink **ret, artdag_error *err)
{
    const AVPixFmtDescriptor *desc = av_pix_fmt_desc_get(like->format);
    if (!desc || (desc->flags & AV_PIX_FMT_FLAG_HWACCEL) || like->height > 16384) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                            "pictures of this kind cannot be analysed");
    }
    struct ad_shrink *s = ad_alloc(sizeof(*s));
    if (!s) {
        return ad_error_nomem(err, ROOM);
    }
    s->desc = desc;
    plan_planes(s, like);
    bool ok = true;
    for (int c = 0; c < s->plane_count; c++) {
        struct plane *p = &s->planes[c];
        p->out = ad_alloc_array((size_t)p->to_width * (size_t)p->to_height, 1);
        ok = ok && p->out;
    }
    size_t width = (size_t)like->width;
    s->sums = ad_alloc_array(width, sizeof(*s->sums));
    s->row = ad_alloc_array(width, 1);
    for (int c = 0; c < 3; c++) {
        s->line[c] = ad_alloc_array(width, sizeof(uint16_t));
        ok = ok && s->line[c];
    }
    if (!ok || !s->sums || !s->row) {
        ad_shrink_destroy(s);
        return ad_error_nomem(err, ROOM);
    }
    *ret = s;
    return ARTDAG_OK;
}

void ad_shrink_destroy(struct ad_shrink *s)
{
    if (!s) {
        return;
    }
    for (int c = 0; c < 3; c++) {
        free(s->planes[c].out);
        free(s->line[c]);
    }
    free(s->sums);
    free(s->row);
    free(s);
}

void ad_shrink_size(const struct ad_shrink *s, int *ret_width, int *ret_height)
{
    *ret_width = s->planes[0].to_width;
    *ret_height = s->planes[0].to_height;
}

void ad_shrink_frame(struct ad_shrink *s, const AVFrame *frame, struct ad_video_frame *ret)
{
    for (int c = 0; c < s->plane_count; c++) {
        shrink_plane(s, frame, &s->planes[c]);
    }
    *ret = (struct ad_video_frame){
        .luma = s->planes[0].out,
        .luma_stride = (size_t)s->planes[0].to_width,
        .chroma = {s->planes[1].out, s->planes[2].out},
        .chroma_stride = (size_t)s->planes[1].to_width,
    };
}
