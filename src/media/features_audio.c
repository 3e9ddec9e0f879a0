/* SPDX-License-Identifier: MIT
 *
 * Sound for analysis: as SOURCE hears it, from time 0 on. A stream that begins later begins with silence, what lies before time 0 is
 * left out. At its own rate and with its own channels: nothing is resampled or mixed, and the job runs without
 * SIMD, so the samples are the same everywhere.
 */
#include "media/study.h"
#include "media/feed.h"
#include "media/log.h"

#define ROOM "media"
#define BLOCK 4096

struct listening {
    struct ad_feed feed;
    SwrContext *swr; /* to float planes */
    struct ad_audio_analysis *analysis;
    float *planes[AD_AUDIO_CHANNELS_MAX];
    int64_t pushed; /* samples */
    int64_t skip;   /* samples before time 0 that are still to come */
    struct ad_conn *conn;
};

/* BS.1770-4: what comes from the side or from behind counts more, effects do not count. With six channels the two at the back
 * are the surround channels. */
static void weigh_channels(const AVChannelLayout *layout, double *weights)
{
    bool side = av_channel_layout_index_from_channel(layout, AV_CHAN_SIDE_LEFT) >= 0;
    for (int i = 0; i < layout->nb_channels; i++) {
        enum AVChannel channel = av_channel_layout_channel_from_index(layout, (unsigned)i);
        bool back = channel == AV_CHAN_BACK_LEFT || channel == AV_CHAN_BACK_RIGHT ||
                    channel == AV_CHAN_BACK_CENTER;
        weights[i] = 1;
        if (channel == AV_CHAN_LOW_FREQUENCY || channel == AV_CHAN_LOW_FREQUENCY_2) {
            weights[i] = 0;
        } else if (channel == AV_CHAN_SIDE_LEFT || channel == AV_CHAN_SIDE_RIGHT ||
                   (back && !side)) {
            weights[i] = 1.41;
        }
    }
}

static unsigned wanted(unsigned features)
{
    static const struct {
        unsigned of, to;
    } table[] = {{AD_FEATURE_BIT(AD_FEATURE_BEATS), AD_AUDIO_BEATS},
                 {AD_FEATURE_BIT(AD_FEATURE_TEMPO), AD_AUDIO_BEATS},
                 {AD_FEATURE_BIT(AD_FEATURE_ENERGY), AD_AUDIO_ENERGY},
                 {AD_FEATURE_BIT(AD_FEATURE_SPECTRUM), AD_AUDIO_SPECTRUM},
                 {AD_FEATURE_BIT(AD_FEATURE_ONSETS), AD_AUDIO_ONSETS},
                 {AD_FEATURE_BIT(AD_FEATURE_LOUDNESS), AD_AUDIO_LOUDNESS},
                 {AD_FEATURE_BIT(AD_FEATURE_SILENCE), AD_AUDIO_SILENCE}};
    unsigned set = 0;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        set |= features & table[i].of ? table[i].to : 0;
    }
    return set;
}

static enum artdag_err start(struct listening *l, const struct ad_study *study,
                             artdag_error *err)
{
    struct ad_shape *shape = &l->feed.shape;
    const double *settings = study->settings.value;
    int channels = shape->layout.nb_channels;
    struct ad_audio_params params = {
        .features = wanted(study->features),
        .sample_rate = shape->sample_rate,
        .channels = channels,
        .window_ms = (int)settings[AD_SET_WINDOW_MS],
        .beats_per_bar = (int)settings[AD_SET_BEATS_PER_BAR],
        .silence_db = settings[AD_SET_SILENCE_DB],
        .silence_min = settings[AD_SET_SILENCE_MIN],
    };
    if (channels > AD_AUDIO_CHANNELS_MAX || shape->sample_rate < 8000 ||
        shape->sample_rate > 192000) {
        return ad_error_set(
            err, ARTDAG_E_UNSUPPORTED, ROOM,
            "sound of %d channels at %d Hz is not analysed: at most %d channels, "
            "8000 to 192000 Hz",
            channels, shape->sample_rate, AD_AUDIO_CHANNELS_MAX);
    }
    weigh_channels(&shape->layout, params.weights);
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
    return ad_audio_analysis_create(&params, &l->analysis, err);
}

static enum artdag_err push(struct listening *l, int from, int count, artdag_error *err)
{
    const float *channels[AD_AUDIO_CHANNELS_MAX] = {0};
    for (int c = 0; c < l->feed.shape.layout.nb_channels; c++) {
        channels[c] = l->planes[c] + from;
    }
    l->pushed += count;
    ad_conn_progress(l->conn, l->pushed, false);
    return ad_audio_analysis_push(l->analysis, channels, (size_t)count, err);
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

static enum artdag_err listen(struct listening *l, const struct ad_study *study,
                              artdag_error *err)
{
    AVFrame *frame = av_frame_alloc();
    if (!frame) {
        return ad_error_nomem(err, ROOM);
    }
    enum artdag_err rc = ad_feed_prepare(&l->feed, err);
    if (rc == ARTDAG_OK) {
        rc = start(l, study, err);
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

static void stop(struct listening *l)
{
    ad_audio_analysis_destroy(l->analysis);
    swr_free(&l->swr);
    for (int c = 0; c < AD_AUDIO_CHANNELS_MAX; c++) {
        free(l->planes[c]);
    }
    ad_feed_fini(&l->feed);
}

enum artdag_err ad_features_audio(struct ad_child *child, const struct ad_job *job,
                                  struct ad_buf *json, struct ad_done *ret, artdag_error *err)
{
    const struct ad_study *study = &job->study;
    const struct ad_format format = {.fps_num = 1, .fps_den = 1, .sample_rate = 48000};
    const struct ad_leaf leaf = {.cid = study->cid,
                                 .stream = study->stream,
                                 .origin_num = study->origin_num,
                                 .origin_den = study->origin_den,
                                 .count = AD_FRAMES_MAX};
    struct listening l = {.feed = {.leaf = &leaf,
                                   .format = &format,
                                   .conn = &child->conn,
                                   .medium = AD_AUDIO,
                                   .size = job->sizes.items[0],
                                   .threads = (int)job->threads},
                          .conn = &child->conn};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_audio_result *result = NULL;
    struct ad_json_writer w;
    enum artdag_err rc = listen(&l, study, err);
    if (rc == ARTDAG_OK) {
        rc = ad_audio_analysis_finish(l.analysis, &arena, &result, err);
    }
    if (rc == ARTDAG_OK) {
        ad_jw_init(&w, json);
        ad_audio_features_write(&w, result, study->features);
        ret->samples = result->samples;
        ret->decode_errors = ad_feed_errors(&l.feed);
    }
    stop(&l);
    ad_arena_fini(&arena);
    return rc;
}
