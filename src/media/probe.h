/* SPDX-License-Identifier: MIT
 *
 * What is found out about a file, between the three sources of the probe job. docs/formats/analysis.md says what each item
 * means.
 */
#ifndef AD_MEDIA_PROBE_H
#define AD_MEDIA_PROBE_H

#include "media/decode.h"

struct ad_ratio {
    int64_t num, den;
};
struct ad_ratio ad_ratio_reduce(int64_t num, int64_t den); /* den != 0; lowest terms, den > 0 */

/* Presentation times of a video stream's packets. */
struct ad_timing {
    AVRational time_base;
    AD_VEC(int64_t) times; /* sorted by ad_timing_judge */
    int64_t last_duration; /* of the latest one, 0 = unknown */
    /* results */
    struct ad_ratio fps, duration;
    int64_t frames;
    bool vfr;
};
/* Finds rate and length from the times not before `origin` (ticks). hints: rates the container states, tried first. */
void ad_timing_judge(struct ad_timing *timing, int64_t origin, const AVRational *hints,
                     size_t hint_count);

struct ad_probe_video {
    bool present;
    int stream, width, height, bits, rotation;
    const char *codec;
    enum AVPixelFormat pixel_format;
    AVRational sar;
    struct ad_ratio start, fps;
    int64_t frames;
    bool vfr, still, alpha, interlaced;
    enum AVColorSpace matrix;
    enum AVColorPrimaries primaries;
    enum AVColorTransferCharacteristic transfer;
    enum AVColorRange range;
};

struct ad_probe_audio {
    bool present;
    int stream, sample_rate, channels;
    const char *codec;
    char layout[64];
    struct ad_ratio start;
    int64_t samples;
};

struct ad_probe_ignored {
    int stream;
    const char *kind, *codec, *reason;
};

struct ad_probe {
    int64_t bytes;
    const char *container;
    struct ad_ratio origin, duration;
    struct ad_probe_video video;
    struct ad_probe_audio audio;
    struct ad_probe_ignored ignored[AD_STREAMS_MAX];
    size_t ignored_count;
};

enum artdag_err ad_probe_to_json(const struct ad_probe *probe, struct ad_buf *buf,
                                 artdag_error *err);

#endif
