/* SPDX-License-Identifier: MIT */
#include "media/canvas.h"

#include <string.h>

#include "media/compat.h"
#include "media/log.h"

#define ROOM "media"

enum artdag_err ad_canvas_init(struct ad_canvas *canvas, int width, int height, uint32_t color,
                               artdag_error *err)
{
    size_t pixels = (size_t)width * (size_t)height;
    *canvas = (struct ad_canvas){.width = width, .height = height};
    canvas->rgb = ad_alloc_array(pixels, 3);
    if (!canvas->rgb) {
        return ad_error_nomem(err, ROOM);
    }
    for (size_t i = 0; i < pixels; i++) {
        canvas->rgb[3 * i] = (uint8_t)(color >> 16);
        canvas->rgb[3 * i + 1] = (uint8_t)(color >> 8);
        canvas->rgb[3 * i + 2] = (uint8_t)color;
    }
    return ARTDAG_OK;
}

void ad_canvas_fini(struct ad_canvas *canvas)
{
    free(canvas->rgb);
    canvas->rgb = NULL;
}

/* ---- drawing ---- */

static void blend(uint8_t *at, uint32_t color, int opacity)
{
    for (int c = 0; c < 3; c++) {
        int to = (int)(color >> (16 - 8 * c) & 0xff);
        at[c] = (uint8_t)(at[c] + (to - at[c]) * opacity / 256);
    }
}

void ad_canvas_fill(struct ad_canvas *canvas, struct ad_area area, uint32_t color, int opacity)
{
    int left = area.x > 0 ? area.x : 0;
    int top = area.y > 0 ? area.y : 0;
    int right = area.x + area.width < canvas->width ? area.x + area.width : canvas->width;
    int bottom = area.y + area.height < canvas->height ? area.y + area.height : canvas->height;
    for (int y = top; y < bottom; y++) {
        for (int x = left; x < right; x++) {
            size_t at = (size_t)y * (size_t)canvas->width + (size_t)x;
            blend(canvas->rgb + at * 3, color, opacity);
        }
    }
}

/* One dot of a letter in four: a corner that lies between two dots is filled, one that stands out is cut. */
static bool quarter(char letter, int x, int y, int right, int down)
{
    bool own = ad_letter_dot(letter, x, y);
    bool side = ad_letter_dot(letter, x + (right ? 1 : -1), y);
    bool above = ad_letter_dot(letter, x, y + (down ? 1 : -1));
    bool other_side = ad_letter_dot(letter, x + (right ? -1 : 1), y);
    bool other_above = ad_letter_dot(letter, x, y + (down ? -1 : 1));
    return side == above && side != other_above && above != other_side ? side : own;
}

void ad_canvas_text(struct ad_canvas *canvas, int x, int y, int scale, uint32_t color,
                    const char *text)
{
    int half = scale / 2;
    for (; *text; text++, x += (AD_LETTER_COLUMNS + 1) * scale) {
        for (int i = 0; i < 4 * AD_LETTER_COLUMNS * AD_LETTER_ROWS; i++) {
            int column = i / 4 % AD_LETTER_COLUMNS;
            int row = i / 4 / AD_LETTER_COLUMNS;
            int right = i & 1;
            int down = i >> 1 & 1;
            if (quarter(*text, column, row, right, down)) {
                struct ad_area dot = {x + column * scale + right * half,
                                      y + row * scale + down * half, half, half};
                ad_canvas_fill(canvas, dot, color, 256);
            }
        }
    }
}

int ad_canvas_text_width(const char *text, int scale)
{
    return ((int)strlen(text) * (AD_LETTER_COLUMNS + 1) - 1) * scale;
}

void ad_canvas_paste(struct ad_canvas *to, struct ad_area into, const struct ad_canvas *from,
                     struct ad_area area)
{
    for (int i = 0; i < into.width * into.height; i++) {
        int column = i % into.width;
        int row = i / into.width;
        int left = area.x + column * area.width / into.width;
        int right = area.x + (column + 1) * area.width / into.width;
        int top = area.y + row * area.height / into.height;
        int bottom = area.y + (row + 1) * area.height / into.height;
        unsigned sum[3] = {0};
        unsigned count = 0;
        for (int y = top; y <= top || y < bottom; y++) {
            for (int x = left; x <= left || x < right; x++) {
                const uint8_t *at =
                    from->rgb + ((size_t)y * (size_t)from->width + (size_t)x) * 3;
                sum[0] += at[0];
                sum[1] += at[1];
                sum[2] += at[2];
                count++;
            }
        }
        uint8_t *out =
            to->rgb +
            ((size_t)(into.y + row) * (size_t)to->width + (size_t)(into.x + column)) * 3;
        for (int c = 0; c < 3; c++) {
            out[c] = (uint8_t)((sum[c] + count / 2) / count);
        }
    }
}

void ad_canvas_halve(struct ad_canvas *canvas)
{
    size_t stride = (size_t)canvas->width * 3;
    canvas->width /= 2;
    canvas->height /= 2;
    for (int y = 0; y < canvas->height; y++) {
        const uint8_t *row = canvas->rgb + 2 * (size_t)y * stride;
        uint8_t *out = canvas->rgb + (size_t)y * (size_t)canvas->width * 3;
        for (int x = 0; x < canvas->width; x++) {
            for (int c = 0; c < 3; c++) {
                const uint8_t *at = row + (ptrdiff_t)6 * x + c;
                out[3 * x + c] =
                    (uint8_t)((at[0] + at[3] + at[stride] + at[stride + 3] + 2) / 4);
            }
        }
    }
}

/* ---- PNG ---- */

static int encode(AVCodecContext *ctx, const struct ad_canvas *canvas, AVPacket *packet)
{
    AVFrame *frame = av_frame_alloc();
    int e = frame ? 0 : AVERROR(ENOMEM);
    if (e >= 0) {
        frame->format = AV_PIX_FMT_RGB24;
        frame->width = canvas->width;
        frame->height = canvas->height;
        e = av_frame_get_buffer(frame, 0);
    }
    for (int y = 0; e >= 0 && y < canvas->height; y++) {
        memcpy(frame->data[0] + (ptrdiff_t)frame->linesize[0] * y,
               canvas->rgb + (size_t)y * (size_t)canvas->width * 3, (size_t)canvas->width * 3);
    }
    e = e < 0 ? e : avcodec_send_frame(ctx, frame);
    e = e < 0 ? e : avcodec_send_frame(ctx, NULL);
    e = e < 0 ? e : avcodec_receive_packet(ctx, packet);
    av_frame_free(&frame);
    return e;
}

enum artdag_err ad_canvas_write(const struct ad_canvas *canvas, int fd, int64_t *ret_bytes,
                                artdag_error *err)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
    AVCodecContext *ctx = codec ? avcodec_alloc_context3(codec) : NULL;
    AVPacket *packet = av_packet_alloc();
    enum artdag_err rc = ARTDAG_OK;
    int e = ctx && packet ? 0 : AVERROR(ENOMEM);
    if (e >= 0) {
        ctx->width = canvas->width;
        ctx->height = canvas->height;
        ctx->pix_fmt = AV_PIX_FMT_RGB24;
        ctx->time_base = (AVRational){1, 1};
        ctx->thread_count = 1;
        ctx->flags |= AV_CODEC_FLAG_BITEXACT;
        /* Each row is predicted by what suits it best: half the bytes for photographs. */
        e = av_opt_set(ctx->priv_data, "pred", "mixed", 0);
    }
    if (e >= 0) {
        e = avcodec_open2(ctx, codec, NULL);
    }
    e = e < 0 ? e : encode(ctx, canvas, packet);
    if (e < 0 || !packet) {
        rc = ad_media_error(err, NULL, e, "cannot make a PNG picture");
    } else {
        rc = ad_fs_write_full(fd, packet->data, (size_t)packet->size, ROOM, err);
    }
    if (rc == ARTDAG_OK && packet && ret_bytes) {
        *ret_bytes = packet->size;
    }
    av_packet_free(&packet);
    avcodec_free_context(&ctx);
    return rc;
}
