/* SPDX-License-Identifier: MIT */
#include "media/mux.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "media/allow.h"
#include "media/log.h"

#define ROOM "media"
#define PB_BYTES (256 << 10)

/* ---- the descriptor as AVIOContexts ---- */

static int write_packet(void *opaque, ad_avio_bytes *data, int len)
{
    struct ad_mux *mux = opaque;
    int done = 0;
    while (done < len) {
        ssize_t n = pwrite(mux->fd, data + done, (size_t)(len - done), mux->pos + done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            mux->write_errno = errno;
            return AVERROR(errno);
        }
        done += (int)n;
    }
    mux->pos += len;
    if (mux->pos > mux->size) {
        mux->size = mux->pos;
    }
    return len;
}

static int64_t seek_write(void *opaque, int64_t offset, int whence)
{
    struct ad_mux *mux = opaque;
    if (whence & AVSEEK_SIZE) {
        return mux->size;
    }
    if ((whence & ~AVSEEK_FORCE) != SEEK_SET || offset < 0) {
        return AVERROR(EINVAL);
    }
    mux->pos = offset;
    return offset;
}

/* A second look at what was written: MP4 moves its index to the front. */
struct reader {
    struct ad_mux *mux;
    int64_t pos;
};

static int read_packet(void *opaque, uint8_t *data, int len)
{
    struct reader *reader = opaque;
    for (;;) {
        ssize_t n = pread(reader->mux->fd, data, (size_t)len, reader->pos);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return AVERROR(errno);
        }
        reader->pos += n;
        return n == 0 ? AVERROR_EOF : (int)n;
    }
}

static int64_t seek_read(void *opaque, int64_t offset, int whence)
{
    struct reader *reader = opaque;
    if (whence & AVSEEK_SIZE) {
        return reader->mux->size;
    }
    if ((whence & ~AVSEEK_FORCE) != SEEK_SET || offset < 0) {
        return AVERROR(EINVAL);
    }
    reader->pos = offset;
    return offset;
}

/* libav asks for this to read its own output again, and for nothing else. */
static int open_again(AVFormatContext *fmt, AVIOContext **pb, const char *url, int flags,
                      AVDictionary **options)
{
    (void)url;
    (void)options;
    if (flags != AVIO_FLAG_READ) {
        return AVERROR(EACCES);
    }
    struct reader *reader = ad_alloc(sizeof(*reader));
    uint8_t *bytes = av_malloc(PB_BYTES);
    AVIOContext *again = NULL;
    if (reader && bytes) {
        reader->mux = fmt->opaque;
        again = avio_alloc_context(bytes, PB_BYTES, 0, reader, read_packet, NULL, seek_read);
    }
    if (!again) {
        av_free(bytes);
        free(reader);
        return AVERROR(ENOMEM);
    }
    *pb = again;
    return 0;
}

static int close_again(AVFormatContext *fmt, AVIOContext *pb)
{
    (void)fmt;
    free(pb->opaque);
    av_freep(&pb->buffer);
    avio_context_free(&pb);
    return 0;
}

/* ---- the container ---- */

static enum artdag_err write_error(const struct ad_mux *mux, int e, artdag_error *err)
{
    if (mux->write_errno != 0) {
        return ad_error_errno(err, mux->write_errno, ROOM, "cannot write the output");
    }
    return ad_media_error(err, NULL, e, "cannot write the %s file", mux->fmt->oformat->name);
}

enum artdag_err ad_mux_open(int fd, const struct ad_encode *encode, struct ad_mux **ret,
                            artdag_error *err)
{
    if (!ad_muxer_allowed(encode->container)) {
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM,
                            "the container \"%.60s\" is not allowed", encode->container);
    }
    struct ad_mux *mux = ad_alloc(sizeof(*mux));
    uint8_t *bytes = av_malloc(PB_BYTES);
    if (!mux || !bytes) {
        goto nomem;
    }
    mux->fd = fd;
    if (avformat_alloc_output_context2(&mux->fmt, NULL, encode->container, "film") < 0) {
        goto nomem;
    }
    mux->fmt->pb = avio_alloc_context(bytes, PB_BYTES, 1, mux, NULL, write_packet, seek_write);
    if (!mux->fmt->pb) {
        goto nomem;
    }
    mux->fmt->opaque = mux;
    mux->fmt->io_open = open_again;
    mux->fmt->io_close2 = close_again;
    mux->fmt->flags |= AVFMT_FLAG_BITEXACT | AVFMT_FLAG_CUSTOM_IO;
    *ret = mux;
    return ARTDAG_OK;
nomem:
    av_free(bytes);
    if (mux) {
        avformat_free_context(mux->fmt);
    }
    free(mux);
    return ad_error_nomem(err, ROOM);
}

void ad_mux_close(struct ad_mux *mux)
{
    if (!mux) {
        return;
    }
    AVIOContext *pb = mux->fmt->pb;
    avformat_free_context(mux->fmt);
    if (pb) {
        av_freep(&pb->buffer);
        avio_context_free(&pb);
    }
    free(mux);
}

enum artdag_err ad_mux_add_stream(struct ad_mux *mux, const AVCodecParameters *codecpar,
                                  AVRational time_base, artdag_error *err)
{
    AVStream *stream = avformat_new_stream(mux->fmt, NULL);
    if (!stream || avcodec_parameters_copy(stream->codecpar, codecpar) < 0) {
        return ad_error_nomem(err, ROOM);
    }
    stream->codecpar->codec_tag = 0; /* the container's own */
    stream->time_base = time_base;
    mux->time_bases[stream->index] = time_base;
    if (codecpar->codec_type == AVMEDIA_TYPE_VIDEO) {
        stream->avg_frame_rate = stream->r_frame_rate = av_inv_q(time_base);
        stream->sample_aspect_ratio = codecpar->sample_aspect_ratio;
    }
    return ARTDAG_OK;
}

static enum artdag_err set_option(struct ad_mux *mux, const char *name, const char *value,
                                  artdag_error *err)
{
    int e = av_opt_set(mux->fmt, name, value, AV_OPT_SEARCH_CHILDREN);
    if (e < 0) {
        char why[80];
        (void)av_strerror(e, why, sizeof(why));
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "container %s: option %s=%.80s: %s",
                            mux->fmt->oformat->name, name, value, why);
    }
    return ARTDAG_OK;
}

/* MP4 states lengths and edit lists in a clock of its own, milliseconds unless told otherwise; with the clock of the sound (or
 * of the pictures) they are exact to the sample. */
static void set_movie_clock(struct ad_mux *mux)
{
    int64_t clock = 0;
    for (unsigned i = 0; i < mux->fmt->nb_streams; i++) {
        const AVStream *stream = mux->fmt->streams[i];
        if (stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO) {
            clock = stream->codecpar->sample_rate;
        } else if (clock == 0) {
            clock = mux->time_bases[i].den;
        }
    }
    while (clock > 0 && clock < 1000) {
        clock *= 2;
    }
    /* Containers without such a clock do not know the option. */
    (void)av_opt_set_int(mux->fmt, "movie_timescale", clock, AV_OPT_SEARCH_CHILDREN);
}

enum artdag_err ad_mux_start(struct ad_mux *mux, const struct ad_encode *encode,
                             artdag_error *err)
{
    set_movie_clock(mux);
    for (size_t i = 0; i < encode->options.len; i++) {
        const struct ad_option *o = &encode->options.items[i];
        enum artdag_err rc = set_option(mux, o->name, o->value, err);
        if (rc != ARTDAG_OK) {
            return rc;
        }
    }
    ad_media_log_forget();
    int e = avformat_write_header(mux->fmt, NULL);
    if (e < 0) {
        return write_error(mux, e, err);
    }
    /* With +faststart the movie box, all that the trailer adds, comes to stand before the data. */
    mux->index_moves = mux->fmt->oformat->priv_class &&
                       av_opt_flag_is_set(mux->fmt->priv_data, "movflags", "faststart");
    mux->started = true;
    return ARTDAG_OK;
}

static void prepare_packet(const struct ad_mux *mux, int stream, AVPacket *packet)
{
    packet->stream_index = stream;
    packet->pos = -1;
    av_packet_rescale_ts(packet, mux->time_bases[stream], mux->fmt->streams[stream]->time_base);
}

enum artdag_err ad_mux_write(struct ad_mux *mux, int stream, AVPacket *packet,
                             artdag_error *err)
{
    prepare_packet(mux, stream, packet);
    int e = av_interleaved_write_frame(mux->fmt, packet);
    return e < 0 ? write_error(mux, e, err) : ARTDAG_OK;
}

enum artdag_err ad_mux_append(struct ad_mux *mux, int stream, AVPacket *packet,
                              artdag_error *err)
{
    prepare_packet(mux, stream, packet);
    int e = av_write_frame(mux->fmt, packet);
    return e < 0 ? write_error(mux, e, err) : ARTDAG_OK;
}

int64_t ad_mux_tell(const struct ad_mux *mux)
{
    return avio_tell(mux->fmt->pb);
}

int64_t ad_mux_shift(const struct ad_mux *mux, int64_t end)
{
    return mux->index_moves ? mux->size - end : 0;
}

enum artdag_err ad_mux_finish(struct ad_mux *mux, artdag_error *err)
{
    ad_media_log_forget();
    int e = av_write_trailer(mux->fmt);
    if (e >= 0) {
        avio_flush(mux->fmt->pb);
        e = mux->fmt->pb->error;
    }
    if (e < 0 || mux->write_errno != 0) {
        return write_error(mux, e, err);
    }
    /* A retried job may have found a longer file. */
    if (ftruncate(mux->fd, mux->size) != 0) {
        return ad_error_errno(err, errno, ROOM, "cannot write the output");
    }
    return ARTDAG_OK;
}
