/* SPDX-License-Identifier: MIT
 *
 * Loudness after ITU-R BS.1770-4 and EBU R128 / Tech 3341, 3342: K-weighting, 400 ms blocks every 100 ms, gates at -70 LUFS and 10 LU
 * (20 LU for the range) below the mean. True peak: four times oversampled by a windowed sinc.
 */
#include <string.h>

#include "analysis/audio.h"

#define OVERSAMPLE 4
#define TAPS 12                          /* per phase */
#define GATE_POWER 1.1724653045822963e-7 /* -70 LUFS */
#define OFFSET_DB (-0.691)

struct biquad {
    double b0, b1, b2, a1, a2;
};

struct channel {
    double weight;
    double z[4]; /* two filters' states, transposed direct form II */
    double history[TAPS];
    size_t at;
};

struct ad_loudness_meter {
    int rate, channel_count;
    struct biquad shelf, high_pass;
    struct channel channels[AD_AUDIO_CHANNELS_MAX];
    double phases[OVERSAMPLE][TAPS];
    int oversample;
    double sample_peak, true_peak;
    int64_t position;
    double sum;            /* weighted squares in the current 100 ms */
    AD_VEC(double) tenths; /* weighted mean square of each 100 ms */
};

static double tangent(double turns)
{
    double c = 0;
    double s = 0;
    ad_dsp_turn(turns, &c, &s);
    return s / c;
}

/* The two filters of BS.1770, rebuilt for any rate from their analogue parameters (the standard lists 48 kHz only). */
static void make_filters(struct ad_loudness_meter *meter)
{
    double k = tangent(1681.974450955533 / meter->rate / 2);
    double q = 0.7071752369554196;
    double vh = ad_dsp_db_amplitude(3.999843853973347);
    double vb = ad_dsp_exp2(0.4996667741545416 * ad_dsp_log2(vh));
    double a0 = 1 + k / q + k * k;
    meter->shelf = (struct biquad){(vh + vb * k / q + k * k) / a0, 2 * (k * k - vh) / a0,
                                   (vh - vb * k / q + k * k) / a0, 2 * (k * k - 1) / a0,
                                   (1 - k / q + k * k) / a0};
    k = tangent(38.13547087602444 / meter->rate / 2);
    q = 0.5003270373238773;
    a0 = 1 + k / q + k * k;
    meter->high_pass =
        (struct biquad){1, -2, 1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0};
}

/* A Hann-windowed sinc of 49 taps, cut into phases; phase 0 is the sample itself. */
static void make_phases(struct ad_loudness_meter *meter)
{
    const int length = OVERSAMPLE * TAPS;
    const int middle = length / 2;
    for (int i = 0; i < length; i++) {
        double x = (double)(i - middle) / OVERSAMPLE;
        double c = 0;
        double s = 0;
        ad_dsp_turn(x / 2, &c, &s);
        double sinc = i == middle ? 1 : s / (AD_DSP_PI * x);
        ad_dsp_turn((double)i / length, &c, &s);
        meter->phases[i % OVERSAMPLE][i / OVERSAMPLE] = sinc * (0.5 - 0.5 * c);
    }
}

enum artdag_err ad_loudness_create(int rate, int channels, const double *weights,
                                   struct ad_loudness_meter **ret, artdag_error *err)
{
    struct ad_loudness_meter *meter = ad_alloc(sizeof(*meter));
    if (meter == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    meter->rate = rate;
    meter->channel_count = channels;
    for (int c = 0; c < channels; c++) {
        meter->channels[c].weight = weights[c];
    }
    /* At 96 kHz twice is what four times is at 48; at 192 kHz the samples suffice. */
    meter->oversample = rate < 96000 ? 4 : rate < 192000 ? 2 : 1;
    make_filters(meter);
    make_phases(meter);
    *ret = meter;
    return ARTDAG_OK;
}

void ad_loudness_destroy(struct ad_loudness_meter *meter)
{
    if (meter != NULL) {
        ad_vec_fini(&meter->tenths);
        free(meter);
    }
}

static double filter(const struct biquad *f, double *z, double x)
{
    double y = f->b0 * x + z[0];
    z[0] = f->b1 * x - f->a1 * y + z[1];
    z[1] = f->b2 * x - f->a2 * y;
    return y;
}

static double magnitude(double x)
{
    return x < 0 ? -x : x;
}

static void look_for_peak(struct ad_loudness_meter *meter, struct channel *channel, double x)
{
    meter->sample_peak = ad_dsp_max(meter->sample_peak, magnitude(x));
    channel->history[channel->at] = x;
    for (int p = 0; p < OVERSAMPLE; p += OVERSAMPLE / meter->oversample) {
        double sum = 0;
        size_t at = channel->at;
        for (size_t t = 0; t < TAPS; t++) {
            sum += meter->phases[p][t] * channel->history[at];
            at = at > 0 ? at - 1 : TAPS - 1;
        }
        meter->true_peak = ad_dsp_max(meter->true_peak, magnitude(sum));
    }
    channel->at = channel->at + 1 < TAPS ? channel->at + 1 : 0;
}

static enum artdag_err one_sample(struct ad_loudness_meter *meter, const float *const *channels,
                                  size_t i, artdag_error *err)
{
    for (int c = 0; c < meter->channel_count; c++) {
        struct channel *channel = &meter->channels[c];
        double x = channels[c][i];
        look_for_peak(meter, channel, x);
        double y = filter(&meter->shelf, channel->z, x);
        y = filter(&meter->high_pass, channel->z + 2, y);
        meter->sum += channel->weight * y * y;
    }
    meter->position++;
    int64_t tenth = (int64_t)meter->tenths.len;
    if (meter->position == (tenth + 1) * meter->rate / 10) {
        int64_t length = (tenth + 1) * meter->rate / 10 - tenth * meter->rate / 10;
        if (!ad_vec_push(&meter->tenths, meter->sum / (double)length)) {
            return ad_error_nomem(err, "analysis");
        }
        meter->sum = 0;
    }
    return ARTDAG_OK;
}

enum artdag_err ad_loudness_push(struct ad_loudness_meter *meter, const float *const *channels,
                                 size_t count, artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    for (size_t i = 0; i < count && code == ARTDAG_OK; i++) {
        code = one_sample(meter, channels, i, err);
    }
    return code;
}

/* Mean power of `span` tenths from `first`. */
static double block_power(const struct ad_loudness_meter *meter, size_t first, size_t span)
{
    double sum = 0;
    for (size_t i = 0; i < span; i++) {
        sum += meter->tenths.items[first + i];
    }
    return sum / (double)span;
}

static size_t block_count(const struct ad_loudness_meter *meter, size_t span)
{
    return meter->tenths.len >= span ? meter->tenths.len - span + 1 : 0;
}

/* Mean of the blocks above `gate`; 0 when there are none. */
static double gated_mean(const struct ad_loudness_meter *meter, size_t span, double gate)
{
    double sum = 0;
    size_t used = 0;
    for (size_t i = 0; i < block_count(meter, span); i++) {
        double power = block_power(meter, i, span);
        if (power >= gate) {
            sum += power;
            used++;
        }
    }
    return used > 0 ? sum / (double)used : 0;
}

static double max_power(const struct ad_loudness_meter *meter, size_t span)
{
    double top = 0;
    for (size_t i = 0; i < block_count(meter, span); i++) {
        top = ad_dsp_max(top, block_power(meter, i, span));
    }
    return top;
}

static double lufs(double power)
{
    return power > 0 ? ad_dsp_max(-200, OFFSET_DB + ad_dsp_power_db(power)) : -200;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Tech 3342: the 10th to the 95th percentile of 3 s blocks above -70 LUFS and above 20 LU below their mean. */
static enum artdag_err measure_range(const struct ad_loudness_meter *meter,
                                     struct ad_loudness *result, artdag_error *err)
{
    size_t blocks = block_count(meter, 30);
    double gate = ad_dsp_max(GATE_POWER, gated_mean(meter, 30, GATE_POWER) / 100);
    double *powers = ad_alloc_array(blocks, sizeof(double));
    if (powers == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    size_t used = 0;
    for (size_t i = 0; i < blocks; i++) {
        double power = block_power(meter, i, 30);
        if (power >= gate) {
            powers[used++] = power;
        }
    }
    if (used > 0) {
        qsort(powers, used, sizeof(double), compare_doubles);
        result->range_low = lufs(powers[(size_t)((double)(used - 1) * 0.1 + 0.5)]);
        result->range_high = lufs(powers[(size_t)((double)(used - 1) * 0.95 + 0.5)]);
        result->range = result->range_high - result->range_low;
    }
    free(powers);
    return ARTDAG_OK;
}

enum artdag_err ad_loudness_result(struct ad_loudness_meter *meter, struct ad_arena *arena,
                                   struct ad_loudness **ret, artdag_error *err)
{
    struct ad_loudness *result = ad_arena_alloc(arena, sizeof(*result));
    if (result == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    /* The filter's tail: a peak may lie between the last samples. */
    for (int c = 0; c < meter->channel_count; c++) {
        for (int i = 0; i < TAPS; i++) {
            look_for_peak(meter, &meter->channels[c], 0);
        }
    }
    double mean = gated_mean(meter, 4, GATE_POWER);
    double power = gated_mean(meter, 4, ad_dsp_max(GATE_POWER, mean / 10));
    result->measured = power > 0;
    result->integrated = lufs(power);
    result->momentary_max = lufs(max_power(meter, 4));
    result->short_term_max = lufs(max_power(meter, 30));
    result->range_low = -200;
    result->range_high = -200;
    result->sample_peak = ad_dsp_amplitude_db(meter->sample_peak);
    result->true_peak = ad_dsp_amplitude_db(ad_dsp_max(meter->true_peak, meter->sample_peak));
    enum artdag_err code = measure_range(meter, result, err);
    if (code == ARTDAG_OK) {
        *ret = result;
    }
    return code;
}
