/* SPDX-License-Identifier: MIT
 *
 * Spectral flux of log-compressed mel bands against the neighbourhood of the same band a little earlier (a maximum
 * filter, so that vibrato is no onset). The compression is relative to the piece's own level: quiet recordings and loud
 * ones give the same curves. It is mild on purpose: a strong one lets the hi-hat speak as loud as the drum.
 */
#include <string.h>

#include "analysis/audio.h"

#define COMPRESS_PULSE 12.0
#define COMPRESS_ONSET 200.0
#define LAG_PULSE 2
#define LAG_ONSET 2
#define SURROUNDINGS 40 /* hops to each side for the local mean */
#define LEVEL_HOPS 400  /* hops to each side for the local scale */

static const double flux_weight[AD_FLUXES] = {2.0, 1.0, 0.8, 0.5};

/* The mean over the louder half of all hops of the loudest band: what the piece sounds like when it sounds. */
static double reference_level(const struct ad_spectra *spectra, size_t count)
{
    double sum = 0;
    for (size_t pass = 0; pass < 2; pass++) {
        double floor = count > 0 ? sum / (double)count : 0;
        double total = 0;
        size_t used = 0;
        for (size_t i = 0; i < count; i++) {
            const float *mel = ad_spectra_mel(spectra, (int64_t)i);
            double top = 0;
            for (size_t b = 0; b < AD_MEL_BANDS; b++) {
                top = ad_dsp_max(top, mel[b]);
            }
            if (pass == 0 || top >= floor) {
                total += top;
                used++;
            }
        }
        if (pass == 1) {
            return used > 0 ? total / (double)used : 0;
        }
        sum = total;
    }
    return 0;
}

static void compress(const float *mel, double scale, double *out)
{
    for (size_t b = 0; b < AD_MEL_BANDS; b++) {
        out[b] = ad_dsp_ln(1 + scale * mel[b]);
    }
}

static size_t part_of(double hz)
{
    if (hz < 130) {
        return AD_KICK;
    }
    if (hz < 450) {
        return AD_LOW;
    }
    return hz < 3000 ? AD_MIDDLE : AD_TOP;
}

/* What is new in `now` against `then`, per part of the spectrum; means over the part's bands. */
static void flux_between(const double *now, const double *then, const uint8_t *part,
                         double *flux)
{
    size_t bands[AD_FLUXES] = {0};
    memset(flux, 0, AD_FLUXES * sizeof(*flux));
    for (size_t b = 0; b < AD_MEL_BANDS; b++) {
        double before = then[b];
        if (b > 0) {
            before = ad_dsp_max(before, then[b - 1]);
        }
        if (b + 1 < AD_MEL_BANDS) {
            before = ad_dsp_max(before, then[b + 1]);
        }
        flux[part[b]] += ad_dsp_max(0, now[b] - before);
        bands[part[b]]++;
    }
    for (size_t f = 0; f < AD_FLUXES; f++) {
        flux[f] = bands[f] > 0 ? flux[f] / (double)bands[f] : 0;
    }
}

/* Fluxes of all hops with one compression and lag. */
static void all_fluxes(const struct ad_spectra *spectra, double scale, size_t lag, size_t count,
                       double *const *ret)
{
    double history[4][AD_MEL_BANDS] = {{0}};
    uint8_t part[AD_MEL_BANDS] = {0};
    for (size_t b = 0; b < AD_MEL_BANDS; b++) {
        part[b] = (uint8_t)part_of(spectra->mel_hz[b]);
    }
    for (size_t i = 0; i < count; i++) {
        double flux[AD_FLUXES] = {0};
        double *now = history[i % 4];
        compress(ad_spectra_mel(spectra, (int64_t)i), scale, now);
        if (i >= lag) {
            flux_between(now, history[(i - lag) % 4], part, flux);
        }
        for (size_t f = 0; f < AD_FLUXES; f++) {
            ret[f][i] = flux[f];
        }
    }
}

/* Takes the local mean away and divides by the local strength, so that a quiet passage counts like a loud one.
 * prefix: room for count + 1 values. */
static void level_out(double *curve, double *prefix, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        prefix[i + 1] = prefix[i] + curve[i];
    }
    for (size_t i = 0; i < count; i++) {
        size_t from = i > SURROUNDINGS ? i - SURROUNDINGS : 0;
        size_t to = i + SURROUNDINGS + 1 < count ? i + SURROUNDINGS + 1 : count;
        double mean = (prefix[to] - prefix[from]) / (double)(to - from);
        curve[i] = ad_dsp_max(0, curve[i] - mean);
    }
    double all = 0;
    for (size_t i = 0; i < count; i++) {
        prefix[i + 1] = prefix[i] + curve[i] * curve[i];
    }
    all = count > 0 ? ad_dsp_sqrt(prefix[count] / (double)count) : 0;
    for (size_t i = 0; i < count && all > 0; i++) {
        size_t from = i > LEVEL_HOPS ? i - LEVEL_HOPS : 0;
        size_t to = i + LEVEL_HOPS + 1 < count ? i + LEVEL_HOPS + 1 : count;
        double local = ad_dsp_sqrt((prefix[to] - prefix[from]) / (double)(to - from));
        curve[i] /= 0.7 * local + 0.3 * all;
    }
}

enum artdag_err ad_novelty_create(const struct ad_spectra *spectra, struct ad_novelty *ret,
                                  artdag_error *err)
{
    size_t count = spectra->band[0].len;
    double *memory = ad_alloc_array((count + 1) * (AD_FLUXES + 3), sizeof(double));
    if (memory == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    struct ad_novelty novelty = {.count = count};
    for (size_t f = 0; f < AD_FLUXES; f++) {
        novelty.flux[f] = memory + (count + 1) * f;
    }
    novelty.sum = memory + (count + 1) * AD_FLUXES;
    novelty.onset = memory + (count + 1) * (AD_FLUXES + 1);
    double *prefix = memory + (count + 1) * (AD_FLUXES + 2);
    double level = reference_level(spectra, count);
    if (level > 0) {
        all_fluxes(spectra, COMPRESS_ONSET / level, LAG_ONSET, count, novelty.flux);
        for (size_t i = 0; i < count; i++) {
            for (size_t f = 0; f < AD_FLUXES; f++) {
                novelty.onset[i] += novelty.flux[f][i];
            }
        }
        all_fluxes(spectra, COMPRESS_PULSE / level, LAG_PULSE, count, novelty.flux);
        for (size_t i = 0; i < count; i++) {
            for (size_t f = 0; f < AD_FLUXES; f++) {
                novelty.sum[i] += flux_weight[f] * novelty.flux[f][i];
            }
        }
        level_out(novelty.sum, prefix, count);
    }
    *ret = novelty;
    return ARTDAG_OK;
}

void ad_novelty_fini(struct ad_novelty *novelty)
{
    free(novelty->flux[0]); /* owns all curves */
    *novelty = (struct ad_novelty){0};
}
