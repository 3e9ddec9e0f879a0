/* SPDX-License-Identifier: MIT */
#include "media/feed.h"

#include <string.h>

#include "media/compat.h"
#include "media/log.h"

#define ROOM "media"

/* The next unit may go on where this one ends. */
static void leave_source(struct ad_feed *feed)
{
    if (feed->source) {
        feed->errors += feed->source->decoder->errors;
        feed->source->decoder->errors = 0;
    }
    if (feed->source && feed->pool && feed->parkable && feed->kept.count > 0) {
        ad_pool_park(feed->pool, feed->leaf, feed->format, feed->source, &feed->kept);
    } else {
        ad_source_close(feed->source);
    }
    feed->source = NULL;
    ad_kept_clear(&feed->kept);
}

void ad_feed_close(struct ad_feed *feed)
{
    leave_source(feed);
    ad_kept_clear(&feed->replay);
    for (int i = 0; i < 2; i++) {
        av_frame_free(&feed->queue[i]);
    }
    av_frame_free(&feed->late);
    feed->queued = 0;
    feed->silence = 0;
    feed->running = false;
}

void ad_feed_fini(struct ad_feed *feed)
{
    ad_feed_close(feed);
    av_channel_layout_uninit(&feed->shape.layout);
}

int64_t ad_feed_errors(const struct ad_feed *feed)
{
    return feed->errors + (feed->source ? feed->source->decoder->errors : 0);
}

enum artdag_err ad_feed_open_source(struct ad_feed *feed, artdag_error *err)
{
    const struct ad_leaf *leaf = feed->leaf;
    struct ad_source_params params = {
        .conn = feed->conn,
        .input = feed->input,
        .size = feed->size,
        .stream = leaf->mezzanine ? -1 : (int)leaf->stream,
        .medium = feed->medium,
        .alpha = leaf->alpha,
        .threads = feed->threads,
    };
    ad_feed_close(feed);
    feed->parkable = true;
    return ad_source_open(&params, &feed->source, err);
}

static bool same_video(const struct ad_shape *shape, const AVFrame *frame)
{
    return frame->width == shape->width && frame->height == shape->height &&
           frame->format == shape->pixel_format;
}

static bool same_audio(const struct ad_shape *shape, const AVFrame *frame)
{
    return frame->sample_rate == shape->sample_rate && frame->format == shape->sample_format &&
           av_channel_layout_compare(&frame->ch_layout, &shape->layout) == 0;
}

static enum artdag_err learn_shape(struct ad_feed *feed, const AVFrame *frame,
                                   artdag_error *err)
{
    struct ad_shape *shape = &feed->shape;
    if (feed->medium == AD_AUDIO) {
        shape->time_base = (AVRational){1, frame->sample_rate};
        shape->sample_rate = frame->sample_rate;
        shape->sample_format = frame->format;
        if (av_channel_layout_copy(&shape->layout, &frame->ch_layout) < 0) {
            return ad_error_nomem(err, ROOM);
        }
    } else {
        AVRational frame_tb = {(int)feed->format->fps_den, (int)feed->format->fps_num};
        shape->time_base = feed->leaf->mezzanine ? frame_tb : feed->source->stream->time_base;
        shape->frame_rate = feed->leaf->mezzanine ? av_inv_q(frame_tb) : (AVRational){0, 1};
        shape->width = frame->width;
        shape->height = frame->height;
        shape->pixel_format = frame->format;
        shape->sar = frame->sample_aspect_ratio;
        shape->space = frame->colorspace;
        shape->range = frame->color_range;
    }
    feed->known = true;
    return ARTDAG_OK;
}

static enum artdag_err check_shape(struct ad_feed *feed, const AVFrame *frame,
                                   artdag_error *err)
{
    if (!feed->known) {
        return learn_shape(feed, frame, err);
    }
    const struct ad_shape *shape = &feed->shape;
    double at = (double)frame->pts * av_q2d(shape->time_base);
    if (feed->medium == AD_VIDEO && !same_video(shape, frame)) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                            "the picture changes from %dx%d %s to %dx%d %s at %.3f s",
                            shape->width, shape->height,
                            av_get_pix_fmt_name(shape->pixel_format), frame->width,
                            frame->height, av_get_pix_fmt_name(frame->format), at);
    }
    if (feed->medium == AD_AUDIO && !same_audio(shape, frame)) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                            "the sound changes from %d Hz, %d channels to %d Hz, %d channels "
                            "at %.3f s",
                            shape->sample_rate, shape->layout.nb_channels, frame->sample_rate,
                            frame->ch_layout.nb_channels, at);
    }
    return ARTDAG_OK;
}

/* Captions, camera motion, display matrices ...: whatever encoders would put into the film, and the types of
 * pictures, fields and places of colour samples, which they would copy; intermediates do not keep those. */
static void strip(AVFrame *frame)
{
    while (frame->nb_side_data > 0) {
        av_frame_remove_side_data(frame, frame->side_data[0]->type);
    }
    av_dict_free(&frame->metadata);
    frame->pict_type = AV_PICTURE_TYPE_NONE;
    frame->chroma_location = AVCHROMA_LOC_UNSPECIFIED;
    frame->repeat_pict = 0;
    ad_compat_frame_set_progressive(frame);
}

/* Reads on until a frame is queued. */
static enum artdag_err fetch(struct ad_feed *feed, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    bool video = feed->medium == AD_VIDEO;
    if (!feed->source) {
        rc = video ? ad_feed_video_start(feed, err) : ad_feed_audio_start(feed, err);
    }
    if (rc != ARTDAG_OK || feed->queued > 0) {
        return rc;
    }
    AVFrame *frame = av_frame_alloc();
    if (!frame) {
        return ad_error_nomem(err, ROOM);
    }
    rc = video ? ad_feed_video_read(feed, frame, err) : ad_feed_audio_read(feed, frame, err);
    if (rc == ARTDAG_OK) {
        feed->queue[feed->queued++] = frame;
    } else {
        av_frame_free(&frame);
    }
    return rc;
}

/* Takes the first queued frame, checked and stripped. */
static enum artdag_err take(struct ad_feed *feed, AVFrame *frame, artdag_error *err)
{
    av_frame_move_ref(frame, feed->queue[0]);
    av_frame_free(&feed->queue[0]);
    feed->queue[0] = feed->queue[1];
    feed->queue[1] = NULL;
    feed->queued--;
    strip(frame);
    return check_shape(feed, frame, err);
}

static enum artdag_err name_input(const struct ad_feed *feed, enum artdag_err rc,
                                  artdag_error *err)
{
    ad_error_cid(err, feed->leaf->cid);
    return rc;
}

enum artdag_err ad_feed_prepare(struct ad_feed *feed, artdag_error *err)
{
    enum artdag_err rc = fetch(feed, err);
    if (rc == ARTDAG_E_NOTFOUND) {
        rc = ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "no %s frame can be decoded",
                          feed->medium == AD_VIDEO ? "video" : "audio");
    }
    if (rc == ARTDAG_OK) {
        rc = check_shape(feed, feed->queue[0], err);
    }
    return rc == ARTDAG_OK ? rc : name_input(feed, rc, err);
}

/* After being closed in the middle: reads again up to where it was. */
static enum artdag_err resume(struct ad_feed *feed, artdag_error *err)
{
    AVFrame *frame = av_frame_alloc();
    if (!frame) {
        return ad_error_nomem(err, ROOM);
    }
    enum artdag_err rc = ARTDAG_OK;
    for (int64_t i = 0; rc == ARTDAG_OK && i < feed->delivered; i++) {
        rc = fetch(feed, err);
        if (rc == ARTDAG_OK) {
            rc = take(feed, frame, err);
        }
        av_frame_unref(frame);
    }
    av_frame_free(&frame);
    return rc;
}

enum artdag_err ad_feed_next(struct ad_feed *feed, AVFrame *frame, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    if (feed->done) {
        return ARTDAG_E_NOTFOUND;
    }
    if (!feed->source && feed->delivered > 0) {
        rc = resume(feed, err);
    }
    if (rc == ARTDAG_OK) {
        rc = fetch(feed, err);
    }
    if (rc == ARTDAG_OK) {
        rc = take(feed, frame, err);
    }
    if (rc == ARTDAG_OK) {
        feed->delivered++;
        feed->end_time =
            frame->pts +
            (feed->medium == AD_VIDEO ? ad_feed_video_length(feed, frame) : frame->nb_samples);
        feed->done = feed->medium == AD_VIDEO ? ad_feed_video_is_past(feed, frame)
                                              : ad_feed_audio_is_past(feed, frame);
    }
    if (rc == ARTDAG_E_NOTFOUND) {
        feed->done = true;
    }
    if (feed->done) {
        ad_feed_close(feed);
    }
    if (rc != ARTDAG_OK && rc != ARTDAG_E_NOTFOUND) {
        return name_input(feed, rc, err);
    }
    return rc;
}
