/* SPDX-License-Identifier: MIT */
#include "media/demux.h"

#include <stdio.h>
#include <string.h>

#include "media/log.h"
#include "media/truncated.h"

#define ROOM "media"
#define PROBE_BYTES "8388608"
#define ANALYZE_US "10000000"

/* libav asks for this when a file wants another file: playlists, external tracks, keys. */
static int refuse_open(AVFormatContext *fmt, AVIOContext **pb, const char *url, int flags,
                       AVDictionary **options)
{
    (void)pb;
    (void)flags;
    (void)options;
    av_log(fmt, AV_LOG_ERROR, "the file refers to another file (%.80s), which is not opened\n",
           url);
    return AVERROR(EACCES);
}

/* Finds the container from the bytes alone: a file's name never reaches this process. */
static enum artdag_err sniff(struct ad_demux *demux, const AVInputFormat **ret,
                             artdag_error *err)
{
    const AVInputFormat *format = NULL;
    struct ad_conn *conn = demux->input->conn;
    int e = av_probe_input_buffer2(demux->input->pb, &format, "", NULL, 0, 1 << 20);
    if (e < 0 || !format) {
        if (conn->trouble.code != ARTDAG_OK) {
            return ad_media_error(err, conn, e, "cannot read the input");
        }
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "this is no media file we know");
    }
    demux->container = ad_container_find(format->name);
    if (!demux->container) {
        (void)ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                           "the container format \"%s\" is not accepted", format->name);
        const char *hint = ad_container_hint(format->name);
        if (hint) {
            ad_error_hint(err, "%s", hint);
        }
        return ARTDAG_E_MEDIA;
    }
    *ret = format;
    return ARTDAG_OK;
}

static int set_options(AVDictionary **options)
{
    static const char *const fixed[][2] = {
        {"protocol_whitelist", "none"},  {"probesize", PROBE_BYTES},
        {"analyzeduration", ANALYZE_US}, {"enable_drefs", "0"},
        {"use_absolute_path", "0"},
    };
    int e = av_dict_set(options, "format_whitelist", ad_container_list(), 0);
    if (e >= 0) {
        e = av_dict_set(options, "codec_whitelist", ad_decoder_list(), 0);
    }
    if (e >= 0) {
        e = av_dict_set_int(options, "max_streams", AD_STREAMS_MAX, 0);
    }
    for (size_t i = 0; e >= 0 && i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        e = av_dict_set(options, fixed[i][0], fixed[i][1], 0);
    }
    return e;
}

static enum artdag_err open_format(struct ad_demux *demux, const AVInputFormat *format,
                                   artdag_error *err)
{
    AVDictionary *options = NULL;
    enum artdag_err rc = ARTDAG_OK;
    struct ad_conn *conn = demux->input->conn;
    demux->fmt = avformat_alloc_context();
    if (!demux->fmt || set_options(&options) < 0) {
        rc = ad_error_nomem(err, ROOM);
        goto out;
    }
    demux->fmt->pb = demux->input->pb;
    demux->fmt->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
    demux->fmt->io_open = refuse_open;
    /* avformat_open_input frees the context when it fails. */
    int e = avformat_open_input(&demux->fmt, "", format, &options);
    if (e < 0) {
        rc = ad_media_error(err, conn, e, "cannot open the %s file", demux->container->name);
        goto out;
    }
    e = avformat_find_stream_info(demux->fmt, NULL);
    if (e < 0 || conn->trouble.code != ARTDAG_OK) {
        rc = ad_media_error(err, conn, e, "cannot read the streams of the %s file",
                            demux->container->name);
    }
out:
    av_dict_free(&options);
    return rc;
}

enum artdag_err ad_demux_open(struct ad_conn *conn, uint32_t number, int64_t size,
                              struct ad_demux **ret, artdag_error *err)
{
    const AVInputFormat *format = NULL;
    if (size <= 0) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "the file is empty");
    }
    struct ad_demux *demux = ad_alloc(sizeof(*demux));
    if (!demux) {
        return ad_error_nomem(err, ROOM);
    }
    ad_media_log_forget();
    enum artdag_err rc = ad_input_open(conn, number, size, &demux->input, err);
    if (rc == ARTDAG_OK) {
        rc = sniff(demux, &format, err);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_check_whole(demux->input, demux->container, err);
    }
    if (rc == ARTDAG_OK) {
        rc = open_format(demux, format, err);
    }
    if (rc != ARTDAG_OK) {
        ad_demux_close(demux);
        return rc;
    }
    *ret = demux;
    return ARTDAG_OK;
}

void ad_demux_close(struct ad_demux *demux)
{
    if (!demux) {
        return;
    }
    avformat_close_input(&demux->fmt);
    ad_input_close(demux->input);
    free(demux);
}

void ad_demux_select(struct ad_demux *demux, int stream)
{
    for (unsigned i = 0; i < demux->fmt->nb_streams; i++) {
        demux->fmt->streams[i]->discard = (int)i == stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    }
}

enum artdag_err ad_demux_next(struct ad_demux *demux, AVPacket *packet, artdag_error *err)
{
    struct ad_conn *conn = demux->input->conn;
    for (;;) {
        int e = av_read_frame(demux->fmt, packet);
        if (e == AVERROR(EAGAIN)) {
            continue;
        }
        if (conn->trouble.code != ARTDAG_OK || (e < 0 && e != AVERROR_EOF)) {
            av_packet_unref(packet);
            return ad_media_error(err, conn, e, "the %s file is broken",
                                  demux->container->name);
        }
        if (e == AVERROR_EOF) {
            return ARTDAG_E_NOTFOUND;
        }
        if (demux->fmt->streams[packet->stream_index]->discard < AVDISCARD_ALL) {
            break;
        }
        av_packet_unref(packet);
    }
    if (packet->flags & AV_PKT_FLAG_CORRUPT) {
        long long pos = packet->pos;
        av_packet_unref(packet);
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "the %s file is damaged near byte %lld",
                            demux->container->name, pos);
    }
    return ARTDAG_OK;
}

bool ad_demux_is_video(const AVStream *stream)
{
    return stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
           !(stream->disposition & AV_DISPOSITION_ATTACHED_PIC) &&
           !(stream->disposition & AV_DISPOSITION_TIMED_THUMBNAILS);
}

bool ad_demux_is_audio(const AVStream *stream)
{
    return stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO;
}

bool ad_demux_has_alpha_plane(const AVStream *stream)
{
    enum AVCodecID id = stream->codecpar->codec_id;
    if (id != AV_CODEC_ID_VP8 && id != AV_CODEC_ID_VP9) {
        return false;
    }
    const AVDictionaryEntry *tag = av_dict_get(stream->metadata, "alpha_mode", NULL, 0);
    return tag && strcmp(tag->value, "0") != 0;
}
