/* SPDX-License-Identifier: MIT */
#include "media/listen.h"

#include "media/log.h"

#define ROOM "media"
#define BLOCK 4096

struct listening {
    const struct ad_listener *to;
    struct ad_feed feed;
    SwrContext *swr; /* to float planes */
    float *planes[AD_LISTEN_CHANNELS_MAX];
    int64_t pushed; /* samples */
    int64_t skip;   /* samples before time 0 that are still to come */
};

static enum artdag_err start(struct listening *l, artdag_error *err)
{
    struct ad_shape *shape = &l->feed.shape;
    int channels = shape->layout.nb_channels;
    if (channels > AD_LISTEN_CHANNELS_MAX || shape->sample_rate < 8000 ||
        shape->sample_rate > 192000) {
        return ad_error_set(
            err, ARTDAG_E_UNSUPPORTED, ROOM,
            "sound of %d channels at %d Hz is not analysed: at most %d channels, "
            "8000 to 192000 Hz",
            channels, shape->sample_rate, AD_LISTEN_CHANNELS_MAX);
    }
    int e =
        swr_alloc_set_opts2(&l->swr, &shape->layout, AV_SAMPLE_FMT_FLTP, shape->sample_rate,
                            &shape->layout, shape->sample_format, shape->sample_rate, 0, NULL);
    if (e < 0 || swr_init(l->swr) < 0) {
        return ad_error_nomem(err, ROOM);
    }
    for (int c = 0; c < channels; c++) {
        l->planes[c] = ad_alloc_array(BLOCK, sizeof(float));
        if (!l->planes[c]) {
            return ad_error_nomem(err, ROOM);
        }
    }
    return l->to->start(l->to->payload, shape, err);
}

static enum artdag_err push(struct listening *l, int from, int count, artdag_error *err)
{
    const float *channels[AD_LISTEN_CHANNELS_MAX] = {0};
    for (int c = 0; c < l->feed.shape.layout.nb_channels; c++) {
        channels[c] = l->planes[c] + from;
    }
    l->pushed += count;
    ad_conn_progress(l->to->conn, l->pushed, false);
    return l->to->push(l->to->payload, channels, count, err);
}

/* The planes are still all zero. */
static enum artdag_err push_silence(struct listening *l, int64_t samples, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    while (rc == ARTDAG_OK && samples > 0) {
        int count = samples < BLOCK ? (int)samples : BLOCK;
        rc = push(l, 0, count, err);
        samples -= count;
    }
    return rc;
}

static enum artdag_err push_frame(struct listening *l, const AVFrame *frame, artdag_error *err)
{
    const uint8_t **input = (void *)frame->extended_data;
    int count = frame->nb_samples;
    for (;;) {
        int n = swr_convert(l->swr, (uint8_t **)l->planes, BLOCK, input, count);
        if (n < 0) {
            return ad_media_error(err, NULL, n, "cannot convert samples");
        }
        if (n == 0) {
            return ARTDAG_OK;
        }
        int skip = l->skip < n ? (int)l->skip : n;
        l->skip -= skip;
        enum artdag_err rc = n > skip ? push(l, skip, n - skip, err) : ARTDAG_OK;
        if (rc != ARTDAG_OK) {
            return rc;
        }
        input = NULL;
        count = 0;
    }
}

static enum artdag_err listen_to_end(struct listening *l, artdag_error *err)
{
    AVFrame *frame = av_frame_alloc();
    if (!frame) {
        return ad_error_nomem(err, ROOM);
    }
    enum artdag_err rc = ad_feed_prepare(&l->feed, err);
    if (rc == ARTDAG_OK) {
        rc = start(l, err);
    }
    if (rc == ARTDAG_OK) {
        int64_t first = l->feed.queue[0]->pts;
        l->skip = first < 0 ? -first : 0;
        rc = push_silence(l, first, err);
    }
    while (rc == ARTDAG_OK) {
        rc = ad_feed_next(&l->feed, frame, err);
        if (rc == ARTDAG_OK) {
            rc = push_frame(l, frame, err);
        }
        av_frame_unref(frame);
    }
    av_frame_free(&frame);
    return rc == ARTDAG_E_NOTFOUND ? ARTDAG_OK : rc;
}

enum artdag_err ad_listen(const struct ad_listener *listener, int64_t *ret_errors,
                          artdag_error *err)
{
    const struct ad_study *study = listener->study;
    const struct ad_format format = {.fps_num = 1, .fps_den = 1, .sample_rate = 48000};
    const struct ad_leaf leaf = {.cid = study->cid,
                                 .stream = study->stream,
                                 .origin_num = study->origin_num,
                                 .origin_den = study->origin_den,
                                 .count = AD_FRAMES_MAX};
    struct listening l = {.to = listener,
                          .feed = {.leaf = &leaf,
                                   .format = &format,
                                   .conn = listener->conn,
                                   .medium = AD_AUDIO,
                                   .input = listener->input,
                                   .size = listener->size,
                                   .threads = listener->threads}};
    enum artdag_err rc = listen_to_end(&l, err);
    if (rc == ARTDAG_OK) {
        *ret_errors = ad_feed_errors(&l.feed);
    }
    swr_free(&l.swr);
    for (int c = 0; c < AD_LISTEN_CHANNELS_MAX; c++) {
        free(l.planes[c]);
    }
    ad_feed_fini(&l.feed);
    return rc;
}
