/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "analysis/audio.h"

#define WINDOW_SECONDS 0.046
#define LONG_SECONDS 0.186
#define MEL_LOW_HZ 30.0
#define MEL_HIGH_HZ 11000.0

static const double band_low[AD_BANDS] = {20, 200, 2000};
static const double band_high[AD_BANDS] = {200, 2000, 20000};

static double mel_of(double hz)
{
    return ad_dsp_log2(1 + hz / 700);
}

static double hz_of(double mel)
{
    return 700 * (ad_dsp_exp2(mel) - 1);
}

static size_t bin_of(const struct ad_spectra *spectra, size_t size, double hz)
{
    double bin = hz * (double)size / spectra->rate + 0.5;
    size_t last = size / 2;
    return bin >= (double)last ? last : (size_t)bin;
}

static void lay_out_bands(struct ad_spectra *spectra)
{
    double nyquist = spectra->rate / 2.0;
    double low = mel_of(MEL_LOW_HZ);
    double high = mel_of(ad_dsp_min(MEL_HIGH_HZ, nyquist));
    for (size_t b = 0; b <= AD_MEL_BANDS; b++) {
        double hz = hz_of(low + (high - low) * (double)b / AD_MEL_BANDS);
        size_t bin = bin_of(spectra, spectra->size, hz);
        size_t least = b == 0 ? 1 : spectra->mel_edge[b - 1] + 1;
        spectra->mel_edge[b] = bin > least ? bin : least;
    }
    for (size_t b = 0; b < AD_MEL_BANDS; b++) {
        double middle = (double)(spectra->mel_edge[b] + spectra->mel_edge[b + 1]) / 2;
        spectra->mel_hz[b] = middle * spectra->rate / (double)spectra->size;
    }
    for (size_t b = 0; b < AD_BANDS; b++) {
        spectra->low_hz[b] = ad_dsp_min(band_low[b], nyquist);
        spectra->high_hz[b] = ad_dsp_min(band_high[b], nyquist);
        spectra->band_edge[b][0] = bin_of(spectra, spectra->size, spectra->low_hz[b]);
        spectra->band_edge[b][1] = bin_of(spectra, spectra->size, spectra->high_hz[b]);
    }
}

/* Which pitch class a bin of the long transform sounds like; bass (45 to 260 Hz) and the rest (260 to 2100 Hz). */
static void lay_out_pitches(struct ad_spectra *spectra)
{
    for (size_t k = 0; k <= spectra->long_size / 2; k++) {
        double hz = (double)k * spectra->rate / (double)spectra->long_size;
        spectra->pitch[k] = -1;
        if (hz >= 45 && hz < 2100) {
            double semitones = 12 * ad_dsp_log2(hz / 440) + 69;
            int key = (int)(semitones + 0.5);
            spectra->pitch[k] = (int8_t)(key % 12 + (hz < 260 ? 0 : 12));
        }
    }
}

enum artdag_err ad_spectra_init(struct ad_spectra *spectra, int rate, artdag_error *err)
{
    *spectra = (struct ad_spectra){.rate = rate};
    spectra->size = ad_dsp_near_power_of_two(WINDOW_SECONDS * rate);
    spectra->long_size = ad_dsp_near_power_of_two(LONG_SECONDS * rate);
    /* Half a long window behind the hop, half before it, and a hop's worth of slack. */
    spectra->ring_size = spectra->long_size * 2;
    enum artdag_err code = ad_fft_create(spectra->size, &spectra->fft, err);
    if (code == ARTDAG_OK) {
        code = ad_fft_create(spectra->long_size, &spectra->long_fft, err);
    }
    if (code != ARTDAG_OK) {
        return code;
    }
    spectra->window = ad_alloc_array(spectra->size, sizeof(double));
    spectra->long_window = ad_alloc_array(spectra->long_size, sizeof(double));
    spectra->ring = ad_alloc_array(spectra->ring_size, sizeof(double));
    spectra->frame = ad_alloc_array(spectra->long_size, sizeof(double));
    spectra->power = ad_alloc_array(spectra->long_size / 2 + 1, sizeof(double));
    spectra->pitch = ad_alloc_array(spectra->long_size / 2 + 1, 1);
    if (spectra->window == NULL || spectra->long_window == NULL || spectra->ring == NULL ||
        spectra->frame == NULL || spectra->power == NULL || spectra->pitch == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    ad_dsp_hann(spectra->window, spectra->size);
    ad_dsp_hann(spectra->long_window, spectra->long_size);
    lay_out_bands(spectra);
    lay_out_pitches(spectra);
    return ARTDAG_OK;
}

void ad_spectra_fini(struct ad_spectra *spectra)
{
    ad_fft_destroy(spectra->fft);
    ad_fft_destroy(spectra->long_fft);
    free(spectra->window);
    free(spectra->long_window);
    free(spectra->ring);
    free(spectra->frame);
    free(spectra->power);
    free(spectra->pitch);
    for (size_t i = 0; i < spectra->mel.len; i++) {
        free(spectra->mel.items[i]);
    }
    ad_vec_fini(&spectra->mel);
    for (size_t b = 0; b < AD_BANDS; b++) {
        ad_vec_fini(&spectra->band[b]);
    }
    ad_vec_fini(&spectra->chroma);
}

const float *ad_spectra_mel(const struct ad_spectra *spectra, int64_t hop)
{
    size_t i = (size_t)hop;
    return spectra->mel.items[i / AD_SPECTRA_CHUNK] + i % AD_SPECTRA_CHUNK * AD_MEL_BANDS;
}

/* The windowed samples around a hop's start; zeros before the first sample. */
static void take_frame(struct ad_spectra *spectra, const double *window, size_t size)
{
    int64_t start = ad_hop_start(spectra->hop, spectra->rate) - (int64_t)(size / 2);
    size_t mask = spectra->ring_size - 1;
    for (size_t i = 0; i < size; i++) {
        int64_t at = start + (int64_t)i;
        spectra->frame[i] = at < 0 ? 0 : spectra->ring[(size_t)at & mask] * window[i];
    }
}

static enum artdag_err keep_mel(struct ad_spectra *spectra, artdag_error *err)
{
    size_t hop = (size_t)spectra->hop;
    if (hop % AD_SPECTRA_CHUNK == 0) {
        float *chunk = ad_alloc_array((size_t)AD_SPECTRA_CHUNK * AD_MEL_BANDS, sizeof(float));
        if (chunk == NULL || !ad_vec_push(&spectra->mel, chunk)) {
            free(chunk);
            return ad_error_nomem(err, "analysis");
        }
    }
    float *mel =
        spectra->mel.items[hop / AD_SPECTRA_CHUNK] + hop % AD_SPECTRA_CHUNK * AD_MEL_BANDS;
    double scale = 4.0 / (double)spectra->size; /* a full-scale sine gives about 1 */
    for (size_t b = 0; b < AD_MEL_BANDS; b++) {
        double sum = 0;
        for (size_t k = spectra->mel_edge[b]; k < spectra->mel_edge[b + 1]; k++) {
            sum += k <= spectra->size / 2 ? spectra->power[k] : 0;
        }
        mel[b] = (float)(ad_dsp_sqrt(sum) * scale);
    }
    /* Parseval: of white noise with mean square 1 all bins together give 1. Hann's mean square is 3/8. */
    double mean = 2.0 / ((double)spectra->size * (double)spectra->size * 0.375);
    for (size_t b = 0; b < AD_BANDS; b++) {
        double sum = 0;
        for (size_t k = spectra->band_edge[b][0]; k < spectra->band_edge[b][1]; k++) {
            sum += spectra->power[k];
        }
        if (!ad_vec_push(&spectra->band[b], (float)(sum * mean))) {
            return ad_error_nomem(err, "analysis");
        }
    }
    return ARTDAG_OK;
}

static enum artdag_err keep_chroma(struct ad_spectra *spectra, artdag_error *err)
{
    double sums[AD_CHROMA] = {0};
    for (size_t k = 0; k <= spectra->long_size / 2; k++) {
        if (spectra->pitch[k] >= 0) {
            sums[spectra->pitch[k]] += spectra->power[k];
        }
    }
    for (size_t i = 0; i < AD_CHROMA; i++) {
        if (!ad_vec_push(&spectra->chroma, (float)ad_dsp_sqrt(sums[i]))) {
            return ad_error_nomem(err, "analysis");
        }
    }
    return ARTDAG_OK;
}

static enum artdag_err transform_hop(struct ad_spectra *spectra, artdag_error *err)
{
    take_frame(spectra, spectra->window, spectra->size);
    ad_fft_power(spectra->fft, spectra->frame, spectra->power);
    enum artdag_err code = keep_mel(spectra, err);
    if (code == ARTDAG_OK && spectra->hop % AD_CHROMA_HOPS == 0) {
        take_frame(spectra, spectra->long_window, spectra->long_size);
        ad_fft_power(spectra->long_fft, spectra->frame, spectra->power);
        code = keep_chroma(spectra, err);
    }
    spectra->hop++;
    return code;
}

/* All hops whose long window ends within what has been seen. */
static enum artdag_err transform_ready(struct ad_spectra *spectra, artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    while (code == ARTDAG_OK &&
           ad_hop_start(spectra->hop, spectra->rate) + (int64_t)(spectra->long_size / 2) <=
               spectra->position) {
        code = transform_hop(spectra, err);
    }
    return code;
}

enum artdag_err ad_spectra_push(struct ad_spectra *spectra, const float *const *channels,
                                int channel_count, size_t count, artdag_error *err)
{
    size_t mask = spectra->ring_size - 1;
    size_t at = 0;
    while (at < count) {
        size_t take = count - at < spectra->size / 4 ? count - at : spectra->size / 4;
        for (size_t i = at; i < at + take; i++) {
            double sum = 0;
            for (int c = 0; c < channel_count; c++) {
                sum += channels[c][i];
            }
            spectra->ring[(size_t)spectra->position & mask] = sum / channel_count;
            spectra->position++;
        }
        at += take;
        enum artdag_err code = transform_ready(spectra, err);
        if (code != ARTDAG_OK) {
            return code;
        }
    }
    return ARTDAG_OK;
}

enum artdag_err ad_spectra_end(struct ad_spectra *spectra, artdag_error *err)
{
    int64_t end = spectra->position;
    const float zero = 0;
    const float *plane = &zero;
    enum artdag_err code = ARTDAG_OK;
    while (code == ARTDAG_OK && ad_hop_start(spectra->hop, spectra->rate) < end) {
        code = ad_spectra_push(spectra, &plane, 1, 1, err);
    }
    return code;
}

enum artdag_err ad_spectra_result(const struct ad_spectra *spectra, int window_ms,
                                  struct ad_arena *arena, struct ad_spectrum **ret,
                                  artdag_error *err)
{
    size_t per_window = (size_t)window_ms / 10;
    size_t hops = spectra->band[0].len;
    size_t count = (hops + per_window - 1) / per_window;
    struct ad_spectrum *result = ad_arena_alloc(arena, sizeof(*result));
    double *memory = ad_arena_array(arena, count * (AD_BANDS + 1), sizeof(double));
    if (result == NULL || memory == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    result->count = count;
    result->times = memory;
    for (size_t w = 0; w < count; w++) {
        result->times[w] = (double)(w * (size_t)window_ms) / 1000;
    }
    for (size_t b = 0; b < AD_BANDS; b++) {
        result->low_hz[b] = spectra->low_hz[b];
        result->high_hz[b] = spectra->high_hz[b];
        result->values[b] = memory + count * (b + 1);
        for (size_t w = 0; w < count; w++) {
            double sum = 0;
            size_t used = 0;
            for (; used < per_window && w * per_window + used < hops; used++) {
                sum += spectra->band[b].items[w * per_window + used];
            }
            result->values[b][w] = ad_dsp_sqrt(sum / (double)used);
            result->max[b] = ad_dsp_max(result->max[b], result->values[b][w]);
        }
    }
    *ret = result;
    return ARTDAG_OK;
}
