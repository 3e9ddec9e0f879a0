/* SPDX-License-Identifier: MIT */
#include "media/decode.h"

#include <string.h>

#include "media/log.h"

#define ROOM "media"

/* Codecs whose check sums are always right unless the data is damaged. */
static bool has_check_sum(enum AVCodecID id)
{
    return id == AV_CODEC_ID_FLAC || id == AV_CODEC_ID_FFV1 || id == AV_CODEC_ID_WAVPACK ||
           id == AV_CODEC_ID_PNG;
}

/* Decoders that patch over damage. With a thread per frame they lose the mark that they did (seen in 5.1), and what they patch
 * with depends on timing; with a thread per slice both are sound. */
static bool conceals(enum AVCodecID id)
{
    return id == AV_CODEC_ID_H264 || id == AV_CODEC_ID_MPEG4 || id == AV_CODEC_ID_MPEG1VIDEO ||
           id == AV_CODEC_ID_MPEG2VIDEO || id == AV_CODEC_ID_H263 || id == AV_CODEC_ID_FLV1 ||
           id == AV_CODEC_ID_MSMPEG4V3;
}

enum artdag_err ad_decoder_open(const AVStream *stream, const char *container, bool alpha,
                                int threads, struct ad_decoder **ret, artdag_error *err)
{
    enum AVCodecID id = stream->codecpar->codec_id;
    const AVCodec *codec = ad_decoder_find(id, alpha && ad_demux_has_alpha_plane(stream));
    if (!codec) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "the codec \"%s\" is not accepted",
                            avcodec_get_name(id));
    }
    struct ad_decoder *decoder = ad_alloc(sizeof(*decoder));
    AVCodecContext *ctx = avcodec_alloc_context3(codec);
    if (!decoder || !ctx || avcodec_parameters_to_context(ctx, stream->codecpar) < 0) {
        avcodec_free_context(&ctx);
        free(decoder);
        return ad_error_nomem(err, ROOM);
    }
    decoder->ctx = ctx;
    decoder->time_base = stream->time_base;
    decoder->container = container;
    ctx->pkt_timebase = stream->time_base;
    ctx->flags |= AV_CODEC_FLAG_BITEXACT;
    ctx->idct_algo = FF_IDCT_SIMPLE;
    ctx->thread_count = threads;
    if (conceals(id)) {
        ctx->thread_type = FF_THREAD_SLICE;
    }
    ctx->max_pixels = AD_PIXELS_MAX;
    ctx->opaque = &decoder->patched;
    if (has_check_sum(id)) {
        ctx->err_recognition |= AV_EF_CRCCHECK | AV_EF_EXPLODE;
    }
    int e = avcodec_open2(ctx, codec, NULL);
    if (e < 0) {
        ad_decoder_close(decoder);
        return ad_media_error(err, NULL, e, "cannot start the %s decoder", codec->name);
    }
    *ret = decoder;
    return ARTDAG_OK;
}

void ad_decoder_close(struct ad_decoder *decoder)
{
    if (!decoder) {
        return;
    }
    avcodec_free_context(&decoder->ctx);
    free(decoder);
}

static double seconds(const struct ad_decoder *decoder, int64_t time)
{
    return time == AV_NOPTS_VALUE ? 0 : (double)time * av_q2d(decoder->time_base);
}

/* MPEG sound without a container around it starts and ends in whatever surrounded it: tags, half frames. */
static bool is_raw_sound(const struct ad_decoder *decoder)
{
    static const char *const raw[] = {"aac", "mp3", "mpeg", "mpegts"};
    for (size_t i = 0; i < sizeof(raw) / sizeof(raw[0]); i++) {
        if (decoder->ctx->codec_type == AVMEDIA_TYPE_AUDIO &&
            strcmp(decoder->container, raw[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* One packet or frame is damaged. OK = forgiven so far. */
static enum artdag_err on_error(struct ad_decoder *decoder, int e, int64_t time,
                                artdag_error *err)
{
    if (e == AVERROR(ENOMEM)) {
        return ad_error_nomem(err, ROOM);
    }
    artdag_error trouble = {0};
    enum artdag_err rc = ad_media_error(&trouble, NULL, e, "damaged %s data at %.3f s",
                                        decoder->ctx->codec->name, seconds(decoder, time));
    if (decoder->frames == 0 && decoder->lenient) {
        decoder->errors++;
        return ARTDAG_OK;
    }
    if (is_raw_sound(decoder)) {
        if (decoder->open_errors++ == 0) {
            decoder->trouble = trouble;
        }
        return ARTDAG_OK;
    }
    if (err) {
        *err = trouble;
    }
    return rc;
}

enum artdag_err ad_decoder_send(struct ad_decoder *decoder, const AVPacket *packet,
                                artdag_error *err)
{
    if (packet && !decoder->started) {
        decoder->started = true;
        decoder->lenient |= !(packet->flags & AV_PKT_FLAG_KEY) || is_raw_sound(decoder);
    }
    int e = avcodec_send_packet(decoder->ctx, packet);
    if (e < 0 && e != AVERROR_EOF) {
        return on_error(decoder, e, packet ? packet->pts : AV_NOPTS_VALUE, err);
    }
    return ARTDAG_OK;
}

int64_t ad_frame_time(const AVFrame *frame)
{
    return frame->best_effort_timestamp != AV_NOPTS_VALUE ? frame->best_effort_timestamp
                                                          : frame->pts;
}

static bool is_damaged(const AVFrame *frame)
{
    return (frame->flags & AV_FRAME_FLAG_CORRUPT) || frame->decode_error_flags != 0;
}

/* A good frame: errors before it were no tail. */
static enum artdag_err accept_frame(struct ad_decoder *decoder, artdag_error *err)
{
    if (decoder->open_errors > 0) {
        if (err) {
            *err = decoder->trouble;
        }
        return ARTDAG_E_MEDIA;
    }
    decoder->frames++;
    return ARTDAG_OK;
}

enum artdag_err ad_decoder_receive(struct ad_decoder *decoder, AVFrame *frame,
                                   artdag_error *err)
{
    for (;;) {
        int e = avcodec_receive_frame(decoder->ctx, frame);
        if (e == AVERROR(EAGAIN)) {
            return ARTDAG_E_BUSY;
        }
        bool patched = atomic_exchange(&decoder->patched, false);
        if (e == AVERROR_EOF && !patched) {
            decoder->errors += decoder->open_errors;
            decoder->open_errors = 0;
            return ARTDAG_E_NOTFOUND;
        }
        enum artdag_err rc = ARTDAG_OK;
        if (e < 0 && !patched) {
            rc = on_error(decoder, e, AV_NOPTS_VALUE, err);
        } else if (patched || is_damaged(frame)) {
            rc = on_error(decoder, AVERROR_INVALIDDATA, ad_frame_time(frame), err);
        } else {
            rc = accept_frame(decoder, err);
            if (rc == ARTDAG_OK) {
                return ARTDAG_OK;
            }
        }
        av_frame_unref(frame);
        if (rc != ARTDAG_OK) {
            return rc;
        }
    }
}

/* ---- a stream of an input ---- */

static enum artdag_err find_stream(struct ad_source *source,
                                   const struct ad_source_params *params, artdag_error *err)
{
    bool video = params->medium == AD_VIDEO;
    AVFormatContext *fmt = source->demux->fmt;
    for (unsigned i = 0; i < fmt->nb_streams; i++) {
        AVStream *stream = fmt->streams[i];
        if ((params->stream < 0 || params->stream == (int)i) &&
            (video ? ad_demux_is_video(stream) : ad_demux_is_audio(stream))) {
            source->stream = stream;
            ad_demux_select(source->demux, (int)i);
            return ARTDAG_OK;
        }
    }
    if (params->stream >= 0) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "stream %d is no %s stream",
                            params->stream, video ? "video" : "audio");
    }
    return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "there is no %s stream",
                        video ? "video" : "audio");
}

enum artdag_err ad_source_open(const struct ad_source_params *params, struct ad_source **ret,
                               artdag_error *err)
{
    struct ad_source *source = ad_alloc(sizeof(*source));
    if (!source) {
        return ad_error_nomem(err, ROOM);
    }
    enum artdag_err rc = ARTDAG_OK;
    source->packet = av_packet_alloc();
    if (!source->packet) {
        rc = ad_error_nomem(err, ROOM);
        goto out;
    }
    rc = ad_demux_open(params->conn, params->input, params->size, &source->demux, err);
    if (rc == ARTDAG_OK) {
        rc = find_stream(source, params, err);
    }
    if (rc == ARTDAG_OK) {
        ad_media_log_forget();
        rc = ad_decoder_open(source->stream, source->demux->container->name, params->alpha,
                             params->threads, &source->decoder, err);
    }
    if (rc == ARTDAG_OK) {
        *ret = source;
        source = NULL;
    }
out:
    ad_source_close(source);
    return rc;
}

void ad_source_close(struct ad_source *source)
{
    if (!source) {
        return;
    }
    ad_decoder_close(source->decoder);
    ad_demux_close(source->demux);
    av_packet_free(&source->packet);
    free(source);
}

bool ad_source_seek(struct ad_source *source, int64_t time)
{
    source->decoder->lenient = true;
    return source->demux->container->seeks &&
           av_seek_frame(source->demux->fmt, source->stream->index, time,
                         AVSEEK_FLAG_BACKWARD) >= 0;
}

bool ad_source_seek_key(struct ad_source *source, const struct ad_index_key *key)
{
    AVFormatContext *fmt = source->demux->fmt;
    enum ad_seek_way way = source->demux->container->way;
    int64_t time = way == AD_SEEK_DTS && key->dts != INT64_MIN ? key->dts : key->pts;
    int number = source->stream->index;
    source->decoder->lenient = true;
    if (way == AD_SEEK_NOTE && key->pos >= 0) {
        (void)av_add_index_entry(source->stream, key->pos, key->pts, 0, 0, AVINDEX_KEYFRAME);
    }
    if (way == AD_SEEK_BYTE) {
        return key->pos >= 0 && av_seek_frame(fmt, number, key->pos, AVSEEK_FLAG_BYTE) >= 0;
    }
    return way != AD_SEEK_NONE && av_seek_frame(fmt, number, time, AVSEEK_FLAG_BACKWARD) >= 0;
}

enum artdag_err ad_source_next(struct ad_source *source, AVFrame *frame, artdag_error *err)
{
    for (;;) {
        enum artdag_err rc = ad_decoder_receive(source->decoder, frame, err);
        if (rc != ARTDAG_E_BUSY) {
            return rc;
        }
        rc = ad_demux_next(source->demux, source->packet, err);
        if (rc == ARTDAG_OK) {
            rc = ad_decoder_send(source->decoder, source->packet, err);
            av_packet_unref(source->packet);
        } else if (rc == ARTDAG_E_NOTFOUND) {
            rc = ad_decoder_send(source->decoder, NULL, err);
        }
        if (rc != ARTDAG_OK) {
            return rc;
        }
    }
}
