/* SPDX-License-Identifier: MIT */
#include "media/fit.h"

#include <inttypes.h>
#include <string.h>

#define ROOM "media"
#define TRIES_MAX 9
#define NONE INT64_MIN
#define NEAR_PERCENT 94  /* of the limit: close enough to stop */
#define STEP_OF_CRF 1.12 /* a crf more makes a file smaller by about this */

static const struct {
    const char *codec;
    int64_t per_unit, worst;
} encoders[] = {{"libx264", 4, 51}, {"libvpx-vp9", 1, 63}};

static const char *crf_of(const struct ad_codec_settings *settings)
{
    for (size_t i = 0; i < settings->options.len; i++) {
        if (strcmp(settings->options.items[i].name, "crf") == 0) {
            return settings->options.items[i].value;
        }
    }
    return NULL;
}

enum artdag_err ad_fit_begin(const struct ad_encode *encode, struct ad_fit *ret,
                             artdag_error *err)
{
    const char *text = crf_of(&encode->video);
    double crf = 0;
    for (size_t i = 0; text && i < sizeof(encoders) / sizeof(encoders[0]); i++) {
        if (strcmp(encoders[i].codec, encode->video.codec) != 0 ||
            !ad_str_to_double(ad_str_from(text), &crf) || !(crf >= 0 && crf <= 63)) {
            continue;
        }
        int64_t per_unit = encoders[i].per_unit;
        *ret = (struct ad_fit){.max_bytes = encode->max_bytes,
                               .per_unit = per_unit,
                               .best = (int64_t)(crf * (double)per_unit),
                               .worst = encoders[i].worst * per_unit,
                               .fits = NONE,
                               .fails = NONE,
                               .last = NONE};
        return ARTDAG_OK;
    }
    return ad_error_set(err, ARTDAG_E_FORMAT, ROOM,
                        "a file of limited size needs an encoder with a crf");
}

/* Where a file of `bytes` would have to go from a crf. */
static int64_t guess(const struct ad_fit *fit, int64_t from, int64_t bytes)
{
    double ratio = (double)bytes / (double)fit->max_bytes;
    int64_t steps = 0;
    for (; ratio > 1.0 && steps < 64; steps++) {
        ratio /= STEP_OF_CRF;
    }
    return from + (steps > 0 ? steps : 1) * fit->per_unit;
}

static int64_t clip(int64_t n, int64_t low, int64_t high)
{
    return n < low ? low : n > high ? high : n;
}

static bool is_settled(const struct ad_fit *fit)
{
    return fit->fits != NONE &&
           (fit->fits == fit->best || (fit->fails != NONE && fit->fits - fit->fails <= 1) ||
            fit->fits_bytes >= fit->max_bytes / 100 * NEAR_PERCENT || fit->tries >= TRIES_MAX);
}

static int64_t choose(const struct ad_fit *fit)
{
    if (fit->fails == NONE) {
        return fit->best;
    }
    /* Enough guessed: the smallest there is. */
    if (fit->fits == NONE && fit->tries >= TRIES_MAX) {
        return fit->worst;
    }
    if (fit->fits == NONE) {
        return clip(guess(fit, fit->fails, fit->fails_bytes), fit->fails + 1, fit->worst);
    }
    /* Between what fits and what does not, in proportion to how far each is off. */
    double above = (double)(fit->fails_bytes - fit->max_bytes);
    double below = (double)(fit->max_bytes - fit->fits_bytes);
    int64_t way = (int64_t)((double)(fit->fits - fit->fails) * above / (above + below));
    return clip(fit->fails + way, fit->fails + 1, fit->fits - 1);
}

bool ad_fit_next(struct ad_fit *fit, char ret_crf[32])
{
    bool hopeless = fit->fails == fit->worst;
    bool settled = is_settled(fit);
    if (hopeless || (settled && fit->last == fit->fits)) {
        return false;
    }
    /* Something worse was tried since: the best that fits is made once more. */
    fit->last = settled ? fit->fits : choose(fit);
    fit->tries++;
    (void)ad_double_format((double)fit->last / (double)fit->per_unit, ret_crf);
    return true;
}

void ad_fit_tell(struct ad_fit *fit, int64_t bytes)
{
    if (bytes <= fit->max_bytes && (fit->fits == NONE || fit->last <= fit->fits)) {
        fit->fits = fit->last;
        fit->fits_bytes = bytes;
    } else if (bytes > fit->max_bytes && fit->last > fit->fails) {
        fit->fails = fit->last;
        fit->fails_bytes = bytes;
    }
}

enum artdag_err ad_fit_end(const struct ad_fit *fit, artdag_error *err)
{
    if (fit->fits != NONE) {
        return ARTDAG_OK;
    }
    ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                 "the film does not fit into %" PRId64 " bytes: at the lowest quality it has "
                 "%" PRId64,
                 fit->max_bytes, fit->fails_bytes);
    ad_error_hint(err, "a smaller picture (width), a shorter film or less audio_bitrate helps");
    return ARTDAG_E_MEDIA;
}
