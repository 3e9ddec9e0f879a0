/* SPDX-License-Identifier: MIT
 *
 * Foreign sound is decoded from the start of its stream: lossy decoders carry state from frame to frame, so only then are
 * the samples the same whatever part of them is used. The first frame's time, minus the leaf's origin, rounded to the
 * nearest sample (halves away from zero) places the sound; from there on samples are counted. Containers state times coarsely, so a
 * frame that is off by up to JITTER_MS is where counting puts it; a larger gap is filled with silence, a larger overlap is cut off.
 */
#include <string.h>

#include "media/feed.h"
#include "media/log.h"

#define ROOM "media"
#define JITTER_MS 20
#define GAP_MAX_S (24 * 3600)
#define OVERLAP_MAX_S 10
#define SILENCE_SAMPLES 4096
/* Filters look ahead by less than this. */
#define TAIL_MS 1000
/* Beyond this a time stamp is nonsense, and products of it would overflow. */
#define TIME_MAX_S 1e9

__extension__ typedef __int128 i128;

/* round((ticks * tb - origin) * rate), halves away from zero. */
static int64_t sample_at(const struct ad_leaf *leaf, int64_t ticks, AVRational tb, int rate)
{
    i128 num = (i128)ticks * tb.num * leaf->origin_den - (i128)leaf->origin_num * tb.den;
    i128 den = (i128)tb.den * leaf->origin_den;
    num *= 2 * (i128)rate;
    num += num >= 0 ? den : -den;
    return (int64_t)(num / (2 * den));
}

static enum artdag_err name_layout(AVFrame *frame, artdag_error *err)
{
    if (frame->ch_layout.order != AV_CHANNEL_ORDER_UNSPEC) {
        return ARTDAG_OK;
    }
    int channels = frame->ch_layout.nb_channels;
    av_channel_layout_default(&frame->ch_layout, channels);
    if (frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "%d channels without a layout",
                            channels);
    }
    return ARTDAG_OK;
}

/* Replaces frame by its samples from `from` on. */
static enum artdag_err cut_front(AVFrame *frame, int from, artdag_error *err)
{
    AVFrame *rest = av_frame_alloc();
    if (!rest) {
        return ad_error_nomem(err, ROOM);
    }
    rest->format = frame->format;
    rest->sample_rate = frame->sample_rate;
    rest->nb_samples = frame->nb_samples - from;
    if (av_channel_layout_copy(&rest->ch_layout, &frame->ch_layout) < 0 ||
        av_frame_get_buffer(rest, 0) < 0) {
        av_frame_free(&rest);
        return ad_error_nomem(err, ROOM);
    }
    av_samples_copy(rest->extended_data, frame->extended_data, 0, from, rest->nb_samples,
                    rest->ch_layout.nb_channels, rest->format);
    av_frame_unref(frame);
    av_frame_move_ref(frame, rest);
    av_frame_free(&rest);
    return ARTDAG_OK;
}

static enum artdag_err make_silence(struct ad_feed *feed, AVFrame *frame, artdag_error *err)
{
    const AVFrame *like = feed->late;
    frame->format = like->format;
    frame->sample_rate = like->sample_rate;
    frame->nb_samples = feed->silence < SILENCE_SAMPLES ? (int)feed->silence : SILENCE_SAMPLES;
    if (av_channel_layout_copy(&frame->ch_layout, &like->ch_layout) < 0 ||
        av_frame_get_buffer(frame, 0) < 0) {
        return ad_error_nomem(err, ROOM);
    }
    av_samples_set_silence(frame->extended_data, 0, frame->nb_samples,
                           frame->ch_layout.nb_channels, frame->format);
    feed->silence -= frame->nb_samples;
    return ARTDAG_OK;
}

static void place(struct ad_feed *feed, AVFrame *frame)
{
    frame->pts = feed->expected;
    feed->expected += frame->nb_samples;
}

/* How many samples this frame starts later than counting says. */
static enum artdag_err offset_of(struct ad_feed *feed, const AVFrame *frame, int64_t *ret,
                                 artdag_error *err)
{
    int64_t ticks = frame->pts != AV_NOPTS_VALUE ? frame->pts : frame->best_effort_timestamp;
    int rate = frame->sample_rate;
    *ret = 0;
    if (ticks == AV_NOPTS_VALUE) {
        return ARTDAG_OK;
    }
    AVRational tb = feed->source->stream->time_base;
    double seconds = (double)ticks * av_q2d(tb);
    if (!(seconds > -TIME_MAX_S && seconds < TIME_MAX_S)) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "a time stamp is out of range");
    }
    struct ad_leaf own = {.origin_num = 0, .origin_den = 1};
    int64_t at = sample_at(feed->leaf->mezzanine ? &own : feed->leaf, ticks, tb, rate);
    if (!feed->running) {
        feed->expected = at;
        return ARTDAG_OK;
    }
    int64_t off = at - feed->expected;
    if (off > (int64_t)rate * GAP_MAX_S || off < -(int64_t)rate * OVERLAP_MAX_S) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                            "the sound's time stamps jump by %.1f s at %.3f s",
                            (double)off / rate, (double)feed->expected / rate);
    }
    bool jitter =
        off >= -(int64_t)rate * JITTER_MS / 1000 && off <= (int64_t)rate * JITTER_MS / 1000;
    if (off > 0 && !jitter && feed->source->demux->container->gapless) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                            "the %s file is damaged: %lld samples are missing at %.3f s",
                            feed->source->demux->container->name, (long long)off,
                            (double)feed->expected / rate);
    }
    *ret = jitter ? 0 : off;
    return ARTDAG_OK;
}

/* Reads one frame of the stream. *ret_skip: it lies wholly in what was already heard, or starts a gap. */
static enum artdag_err read_one(struct ad_feed *feed, AVFrame *frame, bool *ret_skip,
                                artdag_error *err)
{
    int64_t off = 0;
    *ret_skip = false;
    enum artdag_err rc = ad_source_next(feed->source, frame, err);
    if (rc == ARTDAG_OK) {
        rc = name_layout(frame, err);
    }
    if (rc == ARTDAG_OK) {
        rc = offset_of(feed, frame, &off, err);
    }
    if (rc != ARTDAG_OK) {
        return rc;
    }
    feed->running = true;
    if (off > 0) {
        feed->late = av_frame_clone(frame);
        feed->silence = off;
        *ret_skip = true;
        return feed->late ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    }
    if (-off >= frame->nb_samples || frame->nb_samples == 0) {
        *ret_skip = true;
        return ARTDAG_OK;
    }
    return off < 0 ? cut_front(frame, (int)-off, err) : ARTDAG_OK;
}

enum artdag_err ad_feed_audio_read(struct ad_feed *feed, AVFrame *frame, artdag_error *err)
{
    for (;;) {
        enum artdag_err rc = ARTDAG_OK;
        bool skip = false;
        if (feed->silence > 0) {
            rc = make_silence(feed, frame, err);
        } else if (feed->late) {
            av_frame_move_ref(frame, feed->late);
            av_frame_free(&feed->late);
        } else {
            rc = read_one(feed, frame, &skip, err);
        }
        if (rc != ARTDAG_OK) {
            av_frame_unref(frame);
            return rc;
        }
        if (!skip) {
            place(feed, frame);
            return ARTDAG_OK;
        }
        av_frame_unref(frame);
    }
}

enum artdag_err ad_feed_audio_start(struct ad_feed *feed, artdag_error *err)
{
    enum artdag_err rc = ad_feed_open_source(feed, err);
    if (rc == ARTDAG_OK && feed->leaf->origin_den > INT32_MAX) {
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "the origin is unusable");
    }
    ad_media_log_forget();
    int64_t first = ad_samples_at(feed->format, feed->leaf->first);
    if (rc != ARTDAG_OK || !feed->leaf->mezzanine || first < feed->format->sample_rate) {
        return rc;
    }
    /* Intermediates are PCM: any packet is a good start. */
    AVRational tb = {1, (int)feed->format->sample_rate};
    int64_t time = av_rescale_q_rnd(first, tb, feed->source->stream->time_base, AV_ROUND_DOWN);
    if (!ad_source_seek(feed->source, time)) {
        return ad_feed_open_source(feed, err);
    }
    AVFrame *frame = av_frame_alloc();
    if (!frame) {
        return ad_error_nomem(err, ROOM);
    }
    rc = ad_feed_audio_read(feed, frame, err);
    if (rc == ARTDAG_OK && frame->pts <= first) {
        feed->queue[feed->queued++] = frame;
        return ARTDAG_OK;
    }
    av_frame_free(&frame);
    return ad_feed_open_source(feed, err);
}

bool ad_feed_audio_is_past(const struct ad_feed *feed, const AVFrame *frame)
{
    AVRational frame_tb = {(int)feed->format->fps_den, (int)feed->format->fps_num};
    AVRational sample_tb = {1, feed->shape.sample_rate};
    int64_t end = av_rescale_q_rnd(feed->leaf->first + feed->leaf->count, frame_tb, sample_tb,
                                   AV_ROUND_UP);
    return frame->pts >= end + (int64_t)feed->shape.sample_rate * TAIL_MS / 1000;
}
