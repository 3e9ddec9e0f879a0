/* SPDX-License-Identifier: MIT */
#include "media/encode.h"

#include <stdio.h>
#include <string.h>

#include "media/allow.h"
#include "media/log.h"

#define ROOM "media"
#define ANY_FRAME_SIZE 1024

enum artdag_err ad_encoder_find(const char *name, const AVCodec **ret, artdag_error *err)
{
    if (!ad_encoder_allowed(name)) {
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "the encoder \"%.60s\" is not allowed",
                            name);
    }
    const AVCodec *codec = avcodec_find_encoder_by_name(name);
    if (!codec) {
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                            "this build of libavcodec has no encoder %s", name);
    }
    *ret = codec;
    return ARTDAG_OK;
}

static enum artdag_err begin(const struct ad_encoder_params *params, struct ad_encoder **ret,
                             artdag_error *err)
{
    const AVCodec *codec = NULL;
    enum artdag_err rc = ad_encoder_find(params->settings->codec, &codec, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    const AVOutputFormat *muxer = av_guess_format(params->muxer, NULL, NULL);
    struct ad_encoder *encoder = ad_alloc(sizeof(*encoder));
    AVCodecContext *ctx = avcodec_alloc_context3(codec);
    if (!encoder || !ctx) {
        free(encoder);
        avcodec_free_context(&ctx);
        return ad_error_nomem(err, ROOM);
    }
    encoder->ctx = ctx;
    ctx->thread_count = 1;
    ctx->flags |= AV_CODEC_FLAG_BITEXACT;
    if (muxer && (muxer->flags & AVFMT_GLOBALHEADER)) {
        ctx->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    }
    *ret = encoder;
    return ARTDAG_OK;
}

static enum artdag_err set_options(AVCodecContext *ctx,
                                   const struct ad_codec_settings *settings, artdag_error *err)
{
    for (size_t i = 0; i < settings->options.len; i++) {
        const struct ad_option *o = &settings->options.items[i];
        /* The encoder's own options first, as avcodec_open2 does: "profile" and "level" exist on both sides. */
        bool own = ctx->priv_data && ctx->codec->priv_class &&
                   av_opt_find(ctx->priv_data, o->name, NULL, 0, 0);
        int e = av_opt_set(own ? ctx->priv_data : ctx, o->name, o->value, 0);
        if (e < 0) {
            char why[80];
            (void)av_strerror(e, why, sizeof(why));
            return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "encoder %s: option %s=%.80s: %s",
                                settings->codec, o->name, o->value, why);
        }
    }
    return ARTDAG_OK;
}

/* Sets the options, starts the encoder, and gives it to the caller or frees it. */
static enum artdag_err finish(struct ad_encoder *encoder,
                              const struct ad_codec_settings *settings, struct ad_encoder **ret,
                              artdag_error *err)
{
    enum artdag_err rc = set_options(encoder->ctx, settings, err);
    if (rc == ARTDAG_OK) {
        ad_media_log_forget();
        int e = avcodec_open2(encoder->ctx, encoder->ctx->codec, NULL);
        if (e < 0) {
            rc = ad_media_error(err, NULL, e, "cannot start the encoder %s", settings->codec);
        }
    }
    if (rc != ARTDAG_OK) {
        ad_encoder_close(encoder);
        return rc;
    }
    *ret = encoder;
    return ARTDAG_OK;
}

enum artdag_err ad_encoder_open_video(const struct ad_encoder_params *params,
                                      struct ad_encoder **ret, artdag_error *err)
{
    struct ad_encoder *encoder = NULL;
    enum artdag_err rc = begin(params, &encoder, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    AVCodecContext *ctx = encoder->ctx;
    const struct ad_format *format = params->format;
    ctx->width = av_buffersink_get_w(params->sink);
    ctx->height = av_buffersink_get_h(params->sink);
    ctx->pix_fmt = (enum AVPixelFormat)av_buffersink_get_format(params->sink);
    ctx->time_base = (AVRational){(int)format->fps_den, (int)format->fps_num};
    ctx->framerate = av_inv_q(ctx->time_base);
    ctx->sample_aspect_ratio = params->first->sample_aspect_ratio;
    ctx->colorspace = params->first->colorspace;
    ctx->color_range = params->first->color_range;
    ctx->color_primaries = params->first->color_primaries;
    ctx->color_trc = params->first->color_trc;
    ctx->chroma_sample_location = params->first->chroma_location;
    return finish(encoder, params->settings, ret, err);
}

enum artdag_err ad_encoder_open_audio(const struct ad_encoder_params *params,
                                      struct ad_encoder **ret, artdag_error *err)
{
    struct ad_encoder *encoder = NULL;
    enum artdag_err rc = begin(params, &encoder, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    AVCodecContext *ctx = encoder->ctx;
    ctx->sample_fmt = (enum AVSampleFormat)av_buffersink_get_format(params->sink);
    ctx->sample_rate = av_buffersink_get_sample_rate(params->sink);
    ctx->time_base = (AVRational){1, ctx->sample_rate};
    if (av_buffersink_get_ch_layout(params->sink, &ctx->ch_layout) < 0) {
        ad_encoder_close(encoder);
        return ad_error_nomem(err, ROOM);
    }
    return finish(encoder, params->settings, ret, err);
}

void ad_encoder_close(struct ad_encoder *encoder)
{
    if (!encoder) {
        return;
    }
    avcodec_free_context(&encoder->ctx);
    free(encoder);
}

enum artdag_err ad_encoder_parameters(const struct ad_encoder *encoder, AVCodecParameters **ret,
                                      artdag_error *err)
{
    AVCodecParameters *par = avcodec_parameters_alloc();
    if (!par || avcodec_parameters_from_context(par, encoder->ctx) < 0) {
        avcodec_parameters_free(&par);
        return ad_error_nomem(err, ROOM);
    }
    *ret = par;
    return ARTDAG_OK;
}

unsigned ad_encoder_frame_size(const struct ad_encoder *encoder)
{
    return encoder->ctx->frame_size > 0 ? (unsigned)encoder->ctx->frame_size : ANY_FRAME_SIZE;
}

enum artdag_err ad_encoder_send(struct ad_encoder *encoder, const AVFrame *frame,
                                artdag_error *err)
{
    int e = avcodec_send_frame(encoder->ctx, frame);
    return e < 0 ? ad_media_error(err, NULL, e, "cannot encode with %s",
                                  encoder->ctx->codec->name)
                 : ARTDAG_OK;
}

enum artdag_err ad_encoder_receive(struct ad_encoder *encoder, AVPacket *packet,
                                   artdag_error *err)
{
    int e = avcodec_receive_packet(encoder->ctx, packet);
    if (e == AVERROR(EAGAIN)) {
        return ARTDAG_E_BUSY;
    }
    if (e == AVERROR_EOF) {
        return ARTDAG_E_NOTFOUND;
    }
    if (e < 0) {
        return ad_media_error(err, NULL, e, "cannot encode with %s", encoder->ctx->codec->name);
    }
    if (encoder->ctx->codec_type == AVMEDIA_TYPE_VIDEO) {
        packet->duration = 1;
    }
    return ARTDAG_OK;
}
