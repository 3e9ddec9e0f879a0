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
        /* Neighbours predict pixels: half the bytes for photographs. */
        e = av_opt_set(ctx->priv_data, "pred", "paeth", 0);
    }
    if (e >= 0) {
        e = avcodec_open2(ctx, codec, NULL);
    }
    e = e < 0 ? e : encode(ctx, canvas, packet);
    if (e < 0) {
        rc = ad_media_error(err, NULL, e, "cannot make a PNG picture");
    } else {
        rc = ad_fs_write_full(fd, packet->data, (size_t)packet->size, ROOM, err);
    }
    if (rc == ARTDAG_OK && ret_bytes) {
        *ret_bytes = packet->size;
    }
    av_packet_free(&packet);
    avcodec_free_context(&ctx);
    return rc;
}
