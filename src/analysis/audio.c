/* SPDX-License-Identifier: MIT
 *
 * Hands pushed samples to the parts that the asked features need, and puts their answers together.
 */
#include "analysis/audio.h"

#define NEEDS_LEVELS (AD_AUDIO_ENERGY | AD_AUDIO_SILENCE)
#define NEEDS_SPECTRA (AD_AUDIO_BEATS | AD_AUDIO_SPECTRUM | AD_AUDIO_ONSETS)
#define NEEDS_NOVELTY (AD_AUDIO_BEATS | AD_AUDIO_ONSETS)

struct ad_audio_analysis {
    struct ad_audio_params params;
    int64_t samples;
    bool ended; /* by finish or by a failure */
    struct ad_levels levels;
    struct ad_attacks attacks;
    struct ad_spectra spectra;
    struct ad_loudness_meter *loudness;
};

static bool wants(const struct ad_audio_analysis *a, unsigned features)
{
    return (a->params.features & features) != 0;
}

static enum artdag_err check_levels(const struct ad_audio_params *p, artdag_error *err)
{
    if (!(p->silence_db <= 0 && p->silence_db >= -150) || !(p->silence_min > 0) ||
        !(p->silence_min <= AD_AUDIO_SECONDS_MAX)) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis",
                            "silence needs a level of -150 to 0 dB and a length");
    }
    for (int c = 0; c < p->channels; c++) {
        if (!(p->weights[c] >= 0 && p->weights[c] <= 4)) {
            return ad_error_set(err, ARTDAG_E_INVAL, "analysis",
                                "channel weight is not between 0 and 4");
        }
    }
    return ARTDAG_OK;
}

static enum artdag_err check_params(const struct ad_audio_params *p, artdag_error *err)
{
    if (p->features == 0 || (p->features & ~(unsigned)AD_AUDIO_ALL) != 0) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis", "no such audio features: %u",
                            p->features);
    }
    if (p->sample_rate < 8000 || p->sample_rate > 192000) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis",
                            "sample rate %d Hz is not between 8000 and 192000", p->sample_rate);
    }
    if (p->channels < 1 || p->channels > AD_AUDIO_CHANNELS_MAX) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis", "%d channels, not 1 to %d",
                            p->channels, AD_AUDIO_CHANNELS_MAX);
    }
    if (p->window_ms < 10 || p->window_ms > 1000 || p->window_ms % 10 != 0) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis",
                            "window of %d ms is not 10 to 1000 in steps of 10", p->window_ms);
    }
    if (p->beats_per_bar != 0 && (p->beats_per_bar < 2 || p->beats_per_bar > 7)) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis", "%d beats per bar, not 2 to 7",
                            p->beats_per_bar);
    }
    return check_levels(p, err);
}

static void fill_in(struct ad_audio_params *p)
{
    p->window_ms = p->window_ms != 0 ? p->window_ms : 50;
    p->silence_db = p->silence_db != 0 ? p->silence_db : -60;
    p->silence_min = p->silence_min != 0 ? p->silence_min : 0.5;
    bool given = false;
    for (int c = 0; c < AD_AUDIO_CHANNELS_MAX; c++) {
        given = given || p->weights[c] != 0;
    }
    for (int c = 0; c < AD_AUDIO_CHANNELS_MAX && !given; c++) {
        p->weights[c] = 1;
        if (p->channels == 6 && c >= 3) {
            p->weights[c] = c == 3 ? 0 : 1.41;
        }
    }
}

enum artdag_err ad_audio_analysis_create(const struct ad_audio_params *params,
                                         struct ad_audio_analysis **ret_analysis,
                                         artdag_error *err)
{
    struct ad_audio_params p = *params;
    fill_in(&p);
    enum artdag_err code = check_params(&p, err);
    if (code != ARTDAG_OK) {
        return code;
    }
    struct ad_audio_analysis *a = ad_alloc(sizeof(*a));
    if (a == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    a->params = p;
    a->levels.rate = p.sample_rate;
    a->levels.channels = p.channels;
    a->attacks.rate = p.sample_rate;
    a->attacks.channels = p.channels;
    if (wants(a, NEEDS_SPECTRA)) {
        code = ad_spectra_init(&a->spectra, p.sample_rate, err);
    }
    if (code == ARTDAG_OK && wants(a, AD_AUDIO_LOUDNESS)) {
        code = ad_loudness_create(p.sample_rate, p.channels, p.weights, &a->loudness, err);
    }
    if (code != ARTDAG_OK) {
        ad_audio_analysis_destroy(a);
        return code;
    }
    *ret_analysis = a;
    return ARTDAG_OK;
}

void ad_audio_analysis_destroy(struct ad_audio_analysis *analysis)
{
    if (analysis != NULL) {
        ad_levels_fini(&analysis->levels);
        ad_attacks_fini(&analysis->attacks);
        ad_spectra_fini(&analysis->spectra);
        ad_loudness_destroy(analysis->loudness);
        free(analysis);
    }
}

static enum artdag_err check_samples(const struct ad_audio_analysis *a,
                                     const float *const *channels, size_t count,
                                     artdag_error *err)
{
    int64_t limit = (int64_t)a->params.sample_rate * AD_AUDIO_SECONDS_MAX;
    if (a->samples > limit || count > (uint64_t)(limit - a->samples)) {
        return ad_error_set(err, ARTDAG_E_LIMIT, "analysis", "sound is longer than %d s",
                            AD_AUDIO_SECONDS_MAX);
    }
    for (int c = 0; c < a->params.channels; c++) {
        for (size_t i = 0; i < count; i++) {
            if (!(channels[c][i] >= -1e6F && channels[c][i] <= 1e6F)) {
                return ad_error_set(err, ARTDAG_E_MEDIA, "analysis",
                                    "sample %lld of channel %d is not a sound level",
                                    (long long)a->samples + (long long)i, c);
            }
        }
    }
    return ARTDAG_OK;
}

static enum artdag_err push_to_parts(struct ad_audio_analysis *a, const float *const *channels,
                                     size_t count, artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    if (wants(a, NEEDS_LEVELS)) {
        code = ad_levels_push(&a->levels, channels, count, err);
    }
    if (code == ARTDAG_OK && wants(a, NEEDS_SPECTRA)) {
        code = ad_spectra_push(&a->spectra, channels, a->params.channels, count, err);
    }
    if (code == ARTDAG_OK && wants(a, NEEDS_NOVELTY)) {
        code = ad_attacks_push(&a->attacks, channels, count, err);
    }
    if (code == ARTDAG_OK && wants(a, AD_AUDIO_LOUDNESS)) {
        code = ad_loudness_push(a->loudness, channels, count, err);
    }
    return code;
}

enum artdag_err ad_audio_analysis_push(struct ad_audio_analysis *analysis,
                                       const float *const *channels, size_t count,
                                       artdag_error *err)
{
    if (analysis->ended) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis", "samples after the end");
    }
    enum artdag_err code = check_samples(analysis, channels, count, err);
    if (code == ARTDAG_OK) {
        code = push_to_parts(analysis, channels, count, err);
    }
    analysis->samples += (int64_t)count;
    analysis->ended = code != ARTDAG_OK;
    return code;
}

/* Energy, silence, spectrum, loudness: what needs no more than its part. */
static enum artdag_err simple_results(struct ad_audio_analysis *a, struct ad_arena *arena,
                                      struct ad_audio_result *r, artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    if (wants(a, NEEDS_LEVELS)) {
        code = ad_levels_end(&a->levels, err);
    }
    if (code == ARTDAG_OK && wants(a, AD_AUDIO_ENERGY)) {
        code = ad_levels_energy(&a->levels, a->params.window_ms, arena, &r->energy, err);
    }
    if (code == ARTDAG_OK && wants(a, AD_AUDIO_SILENCE)) {
        code = ad_levels_silence(&a->levels, a->params.silence_db, a->params.silence_min, arena,
                                 &r->silence, err);
    }
    if (code == ARTDAG_OK && wants(a, AD_AUDIO_LOUDNESS)) {
        code = ad_loudness_result(a->loudness, arena, &r->loudness, err);
    }
    if (code == ARTDAG_OK && wants(a, NEEDS_SPECTRA)) {
        code = ad_spectra_end(&a->spectra, err);
    }
    if (code == ARTDAG_OK && wants(a, AD_AUDIO_SPECTRUM)) {
        code = ad_spectra_result(&a->spectra, a->params.window_ms, arena, &r->spectrum, err);
    }
    return code;
}

static enum artdag_err novelty_results(struct ad_audio_analysis *a, struct ad_arena *arena,
                                       struct ad_audio_result *r, artdag_error *err)
{
    struct ad_novelty novelty = {0};
    enum artdag_err code = ad_novelty_create(&a->spectra, &novelty, err);
    if (code == ARTDAG_OK && wants(a, AD_AUDIO_ONSETS)) {
        code = ad_onsets_find(&novelty, arena, &r->onsets, err);
    }
    if (code == ARTDAG_OK && wants(a, AD_AUDIO_BEATS)) {
        code = ad_beats_find(&a->spectra, &novelty, a->params.beats_per_bar, arena, &r->beats,
                             err);
    }
    if (code == ARTDAG_OK) {
        code = ad_attacks_refine(&a->attacks, arena, r->onsets, r->beats, err);
    }
    ad_novelty_fini(&novelty);
    return code;
}

enum artdag_err ad_audio_analysis_finish(struct ad_audio_analysis *analysis,
                                         struct ad_arena *arena,
                                         struct ad_audio_result **ret_result, artdag_error *err)
{
    struct ad_audio_analysis *a = analysis;
    if (a->ended) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis", "finished twice");
    }
    a->ended = true;
    if (a->samples == 0) {
        return ad_error_set(err, ARTDAG_E_MEDIA, "analysis", "no samples");
    }
    struct ad_audio_result *r = ad_arena_alloc(arena, sizeof(*r));
    if (r == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    r->features = a->params.features;
    r->sample_rate = a->params.sample_rate;
    r->channels = a->params.channels;
    r->window_ms = a->params.window_ms;
    r->samples = a->samples;
    r->duration = (double)a->samples / a->params.sample_rate;
    enum artdag_err code = simple_results(a, arena, r, err);
    if (code == ARTDAG_OK && wants(a, NEEDS_NOVELTY)) {
        code = novelty_results(a, arena, r, err);
    }
    if (code == ARTDAG_OK) {
        *ret_result = r;
    }
    return code;
}
