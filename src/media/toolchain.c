/* SPDX-License-Identifier: MIT
 *
 * What the bytes of a film depend on beside the unit: versions of the libraries as they are linked at run time, the x264
 * build, libvpx, zlib, and the revision of our own code. Debian's patch level of FFmpeg is left out on purpose (same release, same code paths), the release itself is in.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <string.h>

#include "media/compat.h"
#include "media/files.h"
#include "media/media.h"

#define ROOM "media"
#define TINY 64

static void add_version(struct ad_buf *buf, const char *name, unsigned v)
{
    (void)ad_buf_printf(buf, "%s %u.%u.%u, ", name, AV_VERSION_MAJOR(v), AV_VERSION_MINOR(v),
                        AV_VERSION_MICRO(v));
}

/* "5.1.9-0+deb12u1" -> "5.1.9"; a name that starts otherwise ("N-12345-g...") stays whole. */
static void add_release(struct ad_buf *buf)
{
    const char *text = av_version_info();
    size_t len = strspn(text, "0123456789.");
    if (len == 0) {
        len = strcspn(text, ", \n");
    }
    (void)ad_buf_printf(buf, "ffmpeg %.*s, ", (int)len, text);
}

static AVFrame *tiny_frame(void)
{
    AVFrame *frame = av_frame_alloc();
    if (!frame) {
        return NULL;
    }
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = frame->height = TINY;
    frame->pts = 0;
    if (av_frame_get_buffer(frame, 0) < 0) {
        av_frame_free(&frame);
        return NULL;
    }
    for (int p = 0; p < 3; p++) {
        int rows = p == 0 ? TINY : TINY / 2;
        memset(frame->data[p], 128, (size_t)frame->linesize[p] * (size_t)rows);
    }
    return frame;
}

/* Encodes one picture. False = this build has no x264. */
static bool encode_tiny(AVPacket *packet)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
    AVCodecContext *ctx = codec ? avcodec_alloc_context3(codec) : NULL;
    AVFrame *frame = tiny_frame();
    bool ok = false;
    if (ctx && frame) {
        ctx->width = ctx->height = TINY;
        ctx->pix_fmt = AV_PIX_FMT_YUV420P;
        ctx->time_base = (AVRational){1, 25};
        ctx->thread_count = 1;
        (void)av_opt_set(ctx, "preset", "ultrafast", AV_OPT_SEARCH_CHILDREN);
        (void)av_opt_set(ctx, "tune", "zerolatency", AV_OPT_SEARCH_CHILDREN);
        ok = avcodec_open2(ctx, codec, NULL) >= 0 && avcodec_send_frame(ctx, frame) >= 0 &&
             avcodec_send_frame(ctx, NULL) >= 0 && avcodec_receive_packet(ctx, packet) >= 0;
    }
    av_frame_free(&frame);
    avcodec_free_context(&ctx);
    return ok;
}

/* x264 writes "x264 - core 164 r3095 baee400 - ..." into its first picture. */
static void add_x264(struct ad_buf *buf)
{
    static const char mark[] = "x264 - core ";
    AVPacket *packet = av_packet_alloc();
    const char *found = NULL;
    if (packet && encode_tiny(packet)) {
        found = memmem(packet->data, (size_t)packet->size, mark, sizeof(mark) - 1);
    }
    if (found) {
        const char *from = found + sizeof(mark) - 1;
        size_t left = (size_t)((const char *)packet->data + packet->size - from);
        const char *end = memmem(from, left < 40 ? left : 40, " - ", 3);
        (void)ad_buf_printf(buf, "x264 %.*s, ", end ? (int)(end - from) : 3, from);
    } else {
        (void)ad_buf_str(buf, "x264 none, ");
    }
    av_packet_free(&packet);
}

/* Libraries behind libavcodec that make bytes and tell their version by a function. */
static void add_told(struct ad_buf *buf, const char *name, const char *function)
{
    const char *(*version)(void) = NULL;
    void *symbol = dlsym(RTLD_DEFAULT, function);
    memcpy(&version, &symbol, sizeof(version));
    const char *text = version ? version() : "none";
    (void)ad_buf_printf(buf, "%s %.*s, ", name, (int)strcspn(text, ", \n"), text);
}

enum artdag_err ad_toolchain(struct ad_buf *buf, artdag_error *err)
{
    ad_buf_clear(buf);
    add_release(buf);
    add_version(buf, "libavutil", avutil_version());
    add_version(buf, "libavcodec", avcodec_version());
    add_version(buf, "libavformat", avformat_version());
    add_version(buf, "libavfilter", avfilter_version());
    add_version(buf, "libswscale", swscale_version());
    add_version(buf, "libswresample", swresample_version());
    add_x264(buf);
    add_told(buf, "vpx", "vpx_codec_version_str");
    add_told(buf, "zlib", "zlibVersion");
    ad_font_toolchain(buf);
    (void)ad_buf_printf(buf, "exact %d", AD_MEDIA_EXACT_REVISION);
    if (ad_buf_status(buf) != ARTDAG_OK) {
        return ad_error_nomem(err, ROOM);
    }
    return ARTDAG_OK;
}
