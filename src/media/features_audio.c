/* SPDX-License-Identifier: MIT
 *
 * Sound for analysis. Nothing is resampled or mixed, and the job runs without SIMD, so the samples are the same everywhere.
 */
#include "media/listen.h"
#include "media/study.h"

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

struct hearing {
    const struct ad_study *study;
    struct ad_audio_analysis *analysis;
};

static enum artdag_err start(void *payload, const struct ad_shape *shape, artdag_error *err)
{
    struct hearing *h = payload;
    const double *settings = h->study->settings.value;
    struct ad_audio_params params = {
        .features = wanted(h->study->features),
        .sample_rate = shape->sample_rate,
        .channels = shape->layout.nb_channels,
        .window_ms = (int)settings[AD_SET_WINDOW_MS],
        .beats_per_bar = (int)settings[AD_SET_BEATS_PER_BAR],
        .silence_db = settings[AD_SET_SILENCE_DB],
        .silence_min = settings[AD_SET_SILENCE_MIN],
    };
    weigh_channels(&shape->layout, params.weights);
    return ad_audio_analysis_create(&params, &h->analysis, err);
}

static enum artdag_err push(void *payload, const float *const *channels, int count,
                            artdag_error *err)
{
    struct hearing *h = payload;
    return ad_audio_analysis_push(h->analysis, channels, (size_t)count, err);
}

enum artdag_err ad_features_audio(struct ad_child *child, const struct ad_job *job,
                                  struct ad_buf *json, struct ad_done *ret, artdag_error *err)
{
    struct hearing h = {.study = &job->study};
    const struct ad_listener listener = {.conn = &child->conn,
                                         .size = job->sizes.items[0],
                                         .study = &job->study,
                                         .threads = (int)job->threads,
                                         .start = start,
                                         .push = push,
                                         .payload = &h};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_audio_result *result = NULL;
    struct ad_json_writer w;
    enum artdag_err rc = ad_listen(&listener, &ret->decode_errors, err);
    if (rc == ARTDAG_OK) {
        rc = ad_audio_analysis_finish(h.analysis, &arena, &result, err);
    }
    if (rc == ARTDAG_OK) {
        ad_jw_init(&w, json);
        ad_audio_features_write(&w, result, job->study.features);
        ret->samples = result->samples;
    }
    ad_audio_analysis_destroy(h.analysis);
    ad_arena_fini(&arena);
    return rc;
}
