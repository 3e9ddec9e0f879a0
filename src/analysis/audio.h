/* SPDX-License-Identifier: MIT
 *
 * Private to the room: the parts of the analysis of sound. Each part collects while samples are pushed and answers
 * once at the end. A hop is 10 ms: hop i begins at sample floor(i * rate / 100), whatever the rate.
 */
#ifndef AD_ANALYSIS_AUDIO_H
#define AD_ANALYSIS_AUDIO_H

#include "analysis/analysis.h"
#include "analysis/dsp.h"

#define AD_HOPS_PER_SECOND 100
#define AD_HOP_SECONDS 0.01
#define AD_MEL_BANDS 36
#define AD_CHROMA_HOPS 10 /* hops per chroma frame */
#define AD_CHROMA 24      /* 12 pitch classes of the bass, 12 above */

/* The sample at which a hop begins. */
static inline int64_t ad_hop_start(int64_t hop, int rate)
{
    return hop * rate / AD_HOPS_PER_SECOND;
}

/* ---- levels.c: power per hop; energy and silence ---- */
struct ad_levels {
    int rate, channels;
    int64_t position;    /* samples seen */
    double sum;          /* of squares over all channels, in the current hop */
    AD_VEC(double) hops; /* mean square per hop */
};

enum artdag_err ad_levels_push(struct ad_levels *levels, const float *const *channels,
                               size_t count, artdag_error *err);
/* Closes the last, shorter hop. */
enum artdag_err ad_levels_end(struct ad_levels *levels, artdag_error *err);
enum artdag_err ad_levels_energy(const struct ad_levels *levels, int window_ms,
                                 struct ad_arena *arena, struct ad_energy **ret,
                                 artdag_error *err);
enum artdag_err ad_levels_silence(const struct ad_levels *levels, double db, double min_seconds,
                                  struct ad_arena *arena, struct ad_silence **ret,
                                  artdag_error *err);
void ad_levels_fini(struct ad_levels *levels);

/* ---- loudness.c: EBU R128 ---- */
struct ad_loudness_meter;
enum artdag_err ad_loudness_create(int rate, int channels, const double *weights,
                                   struct ad_loudness_meter **ret, artdag_error *err);
enum artdag_err ad_loudness_push(struct ad_loudness_meter *meter, const float *const *channels,
                                 size_t count, artdag_error *err);
enum artdag_err ad_loudness_result(struct ad_loudness_meter *meter, struct ad_arena *arena,
                                   struct ad_loudness **ret, artdag_error *err);
void ad_loudness_destroy(struct ad_loudness_meter *meter);

/* ---- spectra.c: the short-time spectrum, reduced while it passes ---- */
#define AD_SPECTRA_CHUNK 4096 /* hops per piece of memory */
struct ad_spectra {
    int rate;
    size_t size, long_size; /* transforms: about 46 ms, and about 190 ms for pitch */
    struct ad_fft *fft, *long_fft;
    double *window, *long_window;
    double *ring; /* the last samples of the channels' mean */
    size_t ring_size;
    int64_t position; /* samples seen */
    int64_t hop;      /* the next one to transform */
    double *frame, *power;
    size_t mel_edge[AD_MEL_BANDS + 1];
    double mel_hz[AD_MEL_BANDS];   /* centres */
    size_t band_edge[AD_BANDS][2]; /* bins of the spectrum feature */
    double low_hz[AD_BANDS], high_hz[AD_BANDS];
    int8_t *pitch;       /* chroma index of each bin of the long transform, -1 = none */
    AD_VEC(float *) mel; /* chunks of AD_SPECTRA_CHUNK * AD_MEL_BANDS amplitudes */
    AD_VEC(float) band[AD_BANDS]; /* power per hop */
    AD_VEC(float) chroma;         /* AD_CHROMA per frame */
};

enum artdag_err ad_spectra_init(struct ad_spectra *spectra, int rate, artdag_error *err);
enum artdag_err ad_spectra_push(struct ad_spectra *spectra, const float *const *channels,
                                int channel_count, size_t count, artdag_error *err);
/* Transforms the hops that reach beyond the end. */
enum artdag_err ad_spectra_end(struct ad_spectra *spectra, artdag_error *err);
void ad_spectra_fini(struct ad_spectra *spectra);
/* The AD_MEL_BANDS amplitudes of a hop below spectra->hop. */
const float *ad_spectra_mel(const struct ad_spectra *spectra, int64_t hop);
enum artdag_err ad_spectra_result(const struct ad_spectra *spectra, int window_ms,
                                  struct ad_arena *arena, struct ad_spectrum **ret,
                                  artdag_error *err);

/* ---- novelty.c: how much begins at each hop ---- */
enum {
    AD_KICK,
    AD_LOW,
    AD_MIDDLE,
    AD_TOP,
    AD_FLUXES
};
struct ad_novelty {
    size_t count;            /* hops */
    double *flux[AD_FLUXES]; /* by part of the spectrum */
    double *sum;             /* weighted for the pulse, scaled to its own surroundings */
    double *onset;           /* for onsets: all bands, with a short lag */
};

/* Reads nothing but the spectra. */
enum artdag_err ad_novelty_create(const struct ad_spectra *spectra, struct ad_novelty *ret,
                                  artdag_error *err);
void ad_novelty_fini(struct ad_novelty *novelty);

/* ---- onsets.c ---- */
enum artdag_err ad_onsets_find(const struct ad_novelty *novelty, struct ad_arena *arena,
                               struct ad_onsets **ret, artdag_error *err);

/* ---- attacks.c: onsets and beats moved to where the sound sets in ---- */
struct ad_attacks {
    int rate, channels;
    int64_t position;    /* samples seen */
    double sum;          /* of squares, in the current step of 2 ms */
    AD_VEC(float) steps; /* the same of the closed ones */
};

enum artdag_err ad_attacks_push(struct ad_attacks *attacks, const float *const *channels,
                                size_t count, artdag_error *err);
/* Either may be NULL. Beats move all together, onsets one by one; what rises slowly stays. */
enum artdag_err ad_attacks_refine(const struct ad_attacks *attacks, struct ad_arena *arena,
                                  struct ad_onsets *onsets, struct ad_beats *beats,
                                  artdag_error *err);
void ad_attacks_fini(struct ad_attacks *attacks);

/* ---- tempo.c: the course of the tempo ---- */
#define AD_TEMPO_STEP 25 /* hops between two estimates */
struct ad_tempo {
    size_t count;       /* steps */
    double *periods;    /* hops per beat at each step */
    double *spectrum;   /* mean strength of each candidate period */
    const double *grid; /* the candidates, in hops */
    size_t grid_count;
};

enum artdag_err ad_tempo_find(const double *novelty, size_t count, struct ad_arena *arena,
                              struct ad_tempo *ret, artdag_error *err);
/* Strength of a period (in hops) by the mean tempogram, interpolated; 0 outside the grid. */
double ad_tempo_strength(const struct ad_tempo *tempo, double period);

/* ---- beats.c: where the beats are ---- */
enum artdag_err ad_beats_find(const struct ad_spectra *spectra,
                              const struct ad_novelty *novelty, int beats_per_bar,
                              struct ad_arena *arena, struct ad_beats **ret, artdag_error *err);

/* The beats that follow a course of periods (one per AD_TEMPO_STEP hops, times `factor`). `times` are hops with
 * fractions. They live in the arena. */
enum artdag_err ad_track_beats(const struct ad_novelty *novelty, const struct ad_tempo *tempo,
                               double factor, struct ad_arena *arena, double **ret_times,
                               size_t *ret_count, artdag_error *err);

/* ---- bars.c: which beats begin a bar ---- */
/* How well the beats fall into bars. */
struct ad_bars_fit {
    double gain; /* of the downbeats found over any others, per beat */
    /* Share of what happens on the beats that the position in the bar explains */
    double repeat;
};

/* Fills in the downbeats, metre and confidence of beats that have their times. */
enum artdag_err ad_bars_find(const struct ad_spectra *spectra, const struct ad_novelty *novelty,
                             int beats_per_bar, struct ad_arena *arena, struct ad_beats *beats,
                             struct ad_bars_fit *ret_fit, artdag_error *err);
/* How much the bass and the chord of the 0.4 s after a time differ from those of the 0.4 s before: 0 to 1. */
void ad_harmony_change(const struct ad_spectra *spectra, double time, double *ret_bass,
                       double *ret_chord);

#endif
