/* SPDX-License-Identifier: MIT
 *
 * The door of room analysis: what music and pictures contain, from decoded samples and frames. Pure: no files, clock,
 * threads or libav. Input is pushed in pieces of any size; the pieces' borders do not reach the result, and equal
 * input gives equal bits on every machine (dsp.h says how).
 *
 * Both analyses work the same way: create with what is wanted, push everything in order, finish once, destroy. Results are
 * plain structs in the caller's arena, without pointers into the analysis. Thread rule: an analysis belongs to one
 * thread at a time. Every failure leaves the analysis good for destroy only.
 *
 * Errors: INVAL for parameters and for calls out of order, MEDIA for what a decoder should not give (a sample that is not a
 * number, nothing at all), LIMIT for input that is too long, NOMEM.
 *
 * Times are seconds from the first sample or frame. Levels are absolute: 1.0 or 0 dB is full scale.
 */
#ifndef AD_ANALYSIS_ANALYSIS_H
#define AD_ANALYSIS_ANALYSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

/* Raised when the same input gives another result than before. They belong in the identity of an analysis. */
#define AD_ANALYSIS_AUDIO_REVISION 1
#define AD_ANALYSIS_VIDEO_REVISION 1

/* ---- sound ---- */
enum ad_audio_feature {
    AD_AUDIO_BEATS = 1,     /* beats, tempo, downbeats, time signature */
    AD_AUDIO_ENERGY = 2,    /* loudness of the moment */
    AD_AUDIO_SPECTRUM = 4,  /* the same in three bands */
    AD_AUDIO_ONSETS = 8,    /* where notes and strokes begin */
    AD_AUDIO_LOUDNESS = 16, /* EBU R128 */
    AD_AUDIO_SILENCE = 32,
    AD_AUDIO_ALL = 63
};

#define AD_AUDIO_CHANNELS_MAX 8
#define AD_AUDIO_SECONDS_MAX 21600

struct ad_audio_params {
    unsigned features;  /* of enum ad_audio_feature, at least one */
    int sample_rate;    /* 8000 to 192000 */
    int channels;       /* 1 to 8 */
    int window_ms;      /* energy and spectrum; 10 to 1000 in steps of 10, 0 = 50 */
    int beats_per_bar;  /* a hint: 2 to 7; 0 = find out */
    double silence_db;  /* RMS below this is silence; 0 = -60 */
    double silence_min; /* seconds; 0 = 0.5 */
    /* Loudness weight of each channel. All zero: 1 for each of one or two channels; for six, those of L R C LFE Ls Rs
     * (1 1 1 0 1.41 1.41); otherwise 1. */
    double weights[AD_AUDIO_CHANNELS_MAX];
};

struct ad_range {
    double start, end;
};

/* One way to hear the pulse. */
#define AD_BEAT_EVIDENCE 23
struct ad_beat_hypothesis {
    double *times;
    size_t count;
    double tempo;      /* beats per minute, the median over the piece */
    double confidence; /* 0 to 1; those of one piece sum to at most 1 */
    /* What the confidence was made from; see docs/internals/analysis.md */
    double evidence[AD_BEAT_EVIDENCE];
};

/* beats.count 0 (silence, or less than two beats' length) is an answer, not an error. */
struct ad_beats {
    double *times; /* ascending */
    size_t count;
    double tempo;      /* 0 when there are no beats */
    double confidence; /* 0 to 1 */
    double *downbeats; /* each one of `times` */
    size_t downbeat_count;
    double downbeat_confidence;
    int beats_per_bar; /* 2 to 7; 0 when there are no beats */
    int beat_unit; /* 4, or 8 where a beat falls into three: then time_signature is 3 beats_per_bar / 8 */
    double *tempo_times; /* the tempo's course, twice a second */
    double *tempo_values;
    size_t tempo_count;
    struct ad_beat_hypothesis *hypotheses; /* best first; [0] is what stands above */
    size_t hypothesis_count;
};

/* values[i] belongs to [times[i], times[i] + window): RMS over all channels. */
struct ad_energy {
    double *times;
    double *values;
    double *values_db;
    size_t count;
    double max;
    double mean;
};

enum {
    AD_BASS,
    AD_MID,
    AD_HIGH,
    AD_BANDS
};

/* RMS of the channels' mean within the band. A band that lies above the Nyquist frequency is all zero and its edges
 * are equal. */
struct ad_spectrum {
    double *times;
    double *values[AD_BANDS];
    size_t count;
    double max[AD_BANDS];
    double low_hz[AD_BANDS], high_hz[AD_BANDS];
};

struct ad_onsets {
    double *times;
    double *strengths; /* 0 to 1, the strongest of the piece is 1 */
    size_t count;
};

struct ad_loudness {
    bool measured; /* false: everything lies below the gate; the numbers are then -200 and 0 */
    double integrated;                    /* LUFS */
    double range;                         /* LU */
    double range_low, range_high;         /* LUFS */
    double momentary_max, short_term_max; /* LUFS */
    double true_peak;                     /* dBTP, the highest of all channels */
    double sample_peak;                   /* dBFS */
};

struct ad_silence {
    struct ad_range *ranges;
    size_t count;
    double total;
};

struct ad_audio_result {
    unsigned features;
    int sample_rate, channels, window_ms;
    int64_t samples;
    double duration;
    /* NULL when not asked for. */
    struct ad_beats *beats;
    struct ad_energy *energy;
    struct ad_spectrum *spectrum;
    struct ad_onsets *onsets;
    struct ad_loudness *loudness;
    struct ad_silence *silence;
};

struct ad_audio_analysis;

enum artdag_err ad_audio_analysis_create(const struct ad_audio_params *params,
                                         struct ad_audio_analysis **ret_analysis,
                                         artdag_error *err) AD_MUST_USE;
/* channels[c][i]: one plane per channel, read during the call only. count may be 0. */
enum artdag_err ad_audio_analysis_push(struct ad_audio_analysis *analysis,
                                       const float *const *channels, size_t count,
                                       artdag_error *err) AD_MUST_USE;
enum artdag_err ad_audio_analysis_finish(struct ad_audio_analysis *analysis,
                                         struct ad_arena *arena,
                                         struct ad_audio_result **ret_result,
                                         artdag_error *err) AD_MUST_USE;
void ad_audio_analysis_destroy(struct ad_audio_analysis *analysis); /* NULL allowed */

/* ---- pictures ---- */
enum ad_video_feature {
    AD_VIDEO_SCENES = 1, /* hard cuts and fades, with the scores of all frames */
    AD_VIDEO_MOTION = 2, /* how much moves, and its tempo */
    AD_VIDEO_BLACK = 4,
    AD_VIDEO_FREEZE = 8,
    AD_VIDEO_ALL = 15
};

#define AD_VIDEO_FRAMES_MAX 4000000
/* What a caller scales its pictures to before it pushes them: both sides at most this; area averaging. Smaller is
 * fine; larger is refused. */
#define AD_VIDEO_WIDTH 160
#define AD_VIDEO_HEIGHT 96

struct ad_video_params {
    unsigned features;
    int width, height; /* of the pushed luma plane: 16 to 160, 16 to 96 */
    int64_t fps_num, fps_den;
    double scene_threshold; /* 0 to 100; 0 = 28 */
    double scene_min;       /* shortest shot, seconds; 0 = 0.25 */
    double black_level;     /* share of black pixels that makes a black frame; 0 = 0.98 */
    double black_min;       /* seconds; 0 = 0.1 */
    double freeze_level;    /* mean difference below which nothing moves, of 255; 0 = 0.5 */
    double freeze_min;      /* seconds; 0 = 1 */
};

/* One picture, 8 bit, full or limited range as decoded. Chroma planes are of half width and height, rounded up. */
struct ad_video_frame {
    const uint8_t *luma;
    size_t luma_stride;
    const uint8_t *chroma[2]; /* both NULL: a grey picture */
    size_t chroma_stride;
};

struct ad_scene {
    double time;
    int64_t frame; /* the first of the new scene */
    double score;
};

struct ad_scenes {
    struct ad_scene *changes;
    size_t count;
    float *scores; /* one per frame, 0 to 100; [0] is 0 */
    size_t score_count;
};

struct ad_motion {
    double tempo;      /* per minute; 0 = no regular motion */
    double confidence; /* 0 to 1 */
    double mean;       /* mean difference between frames, of 255 */
    float *values;     /* the same per frame; [0] is 0 */
    size_t count;
};

struct ad_ranges {
    struct ad_range *ranges;
    size_t count;
    double total;
};

struct ad_video_result {
    unsigned features;
    int64_t frames;
    double duration;
    struct ad_scenes *scenes;
    struct ad_motion *motion;
    struct ad_ranges *black;
    struct ad_ranges *freeze;
};

struct ad_video_analysis;

enum artdag_err ad_video_analysis_create(const struct ad_video_params *params,
                                         struct ad_video_analysis **ret_analysis,
                                         artdag_error *err) AD_MUST_USE;
enum artdag_err ad_video_analysis_push(struct ad_video_analysis *analysis,
                                       const struct ad_video_frame *frame,
                                       artdag_error *err) AD_MUST_USE;
enum artdag_err ad_video_analysis_finish(struct ad_video_analysis *analysis,
                                         struct ad_arena *arena,
                                         struct ad_video_result **ret_result,
                                         artdag_error *err) AD_MUST_USE;
void ad_video_analysis_destroy(struct ad_video_analysis *analysis); /* NULL allowed */

#endif
