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

static enum artdag_err set_options(AVCodecContext *ctx, const struct ad_encoder_params *params,
                                   artdag_error *err)
{
    const struct ad_codec_settings *settings = params->settings;
    for (size_t i = 0; i < settings->options.len; i++) {
        const struct ad_option *o = &settings->options.items[i];
        /* The encoder's own options first, as avcodec_open2 does: "profile" and "level" exist on both sides. */
        bool own = ctx->priv_data && ctx->codec->priv_class &&
                   av_opt_find(ctx->priv_data, o->name, NULL, 0, 0);
        bool crf = params->crf && strcmp(o->name, "crf") == 0;
        int e =
            av_opt_set(own ? ctx->priv_data : ctx, o->name, crf ? params->crf : o->value, 0);
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
                              const struct ad_encoder_params *params, struct ad_encoder **ret,
                              artdag_error *err)
{
    enum artdag_err rc = set_options(encoder->ctx, params, err);
    if (rc == ARTDAG_OK) {
        ad_media_log_forget();
        int e = avcodec_open2(encoder->ctx, encoder->ctx->codec, NULL);
        if (e < 0) {
            rc = ad_media_error(err, NULL, e, "cannot start the encoder %s",
                                params->settings->codec);
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
    return finish(encoder, params, ret, err);
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
    return finish(encoder, params, ret, err);
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

static bool has_whole_frames(const struct ad_encoder *encoder)
{
    return encoder->ctx->codec_id == AV_CODEC_ID_OPUS;
}

static int fill_silence(struct ad_encoder *encoder, AVFrame *frame, int samples)
{
    const AVCodecContext *ctx = encoder->ctx;
    frame->format = ctx->sample_fmt;
    frame->sample_rate = ctx->sample_rate;
    frame->nb_samples = samples;
    int e = av_channel_layout_copy(&frame->ch_layout, &ctx->ch_layout);
    if (e >= 0) {
        e = av_frame_get_buffer(frame, 0);
    }
    return e < 0 ? e
                 : av_samples_set_silence(frame->extended_data, 0, samples,
                                          ctx->ch_layout.nb_channels, ctx->sample_fmt);
}

/* At 48 kHz, from the packet's first bytes (RFC 6716, 3.1); FFmpeg's encoder writes CELT only. */
static int64_t opus_samples(const AVPacket *packet)
{
    if (packet->size < 2) {
        return 0;
    }
    int64_t frame = INT64_C(120) << (packet->data[0] >> 3 & 3);
    int code = packet->data[0] & 3;
    return frame * (code == 0 ? 1 : code == 3 ? packet->data[1] & 0x3f : 2);
}

enum artdag_err ad_encoder_trim(struct ad_encoder *encoder, AVPacket *packet, bool *ret_keep,
                                artdag_error *err)
{
    int64_t before = encoder->coded, end = encoder->sent + encoder->ctx->initial_padding;
    *ret_keep = true;
    if (!has_whole_frames(encoder)) {
        return ARTDAG_OK;
    }
    int64_t samples = opus_samples(packet);
    encoder->coded += samples;
    if (encoder->coded <= end) {
        return ARTDAG_OK;
    }
    *ret_keep = before < end;
    uint8_t *data =
        before < end ? av_packet_new_side_data(packet, AV_PKT_DATA_SKIP_SAMPLES, 10) : NULL;
    if (!data) {
        return before < end ? ad_error_nomem(err, ROOM) : ARTDAG_OK;
    }
    uint32_t behind = (uint32_t)(encoder->coded - end);
    memset(data, 0, 10);
    for (int i = 0; i < 4; i++) {
        data[4 + i] = (uint8_t)(behind >> (8 * i));
    }
    packet->duration = samples - behind;
    return ARTDAG_OK;
}

/* A frame of whole size, with silence behind the samples. */
static int send_whole(struct ad_encoder *encoder, const AVFrame *frame)
{
    AVFrame *whole = av_frame_alloc();
    if (!whole) {
        return AVERROR(ENOMEM);
    }
    int e = fill_silence(encoder, whole, encoder->ctx->frame_size);
    if (e >= 0) {
        e = av_samples_copy(whole->extended_data, frame->extended_data, 0, 0, frame->nb_samples,
                            encoder->ctx->ch_layout.nb_channels, encoder->ctx->sample_fmt);
    }
    if (e >= 0) {
        whole->pts = frame->pts;
        e = avcodec_send_frame(encoder->ctx, whole);
    }
    av_frame_free(&whole);
    return e;
}

enum artdag_err ad_encoder_send(struct ad_encoder *encoder, const AVFrame *frame,
                                artdag_error *err)
{
    bool part =
        frame && has_whole_frames(encoder) && frame->nb_samples < encoder->ctx->frame_size;
    if (frame) {
        encoder->sent += frame->nb_samples;
    }
    int e = part ? send_whole(encoder, frame) : avcodec_send_frame(encoder->ctx, frame);
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
