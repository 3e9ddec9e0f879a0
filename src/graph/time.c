/* SPDX-License-Identifier: MIT
 *
 * Exact time arithmetic. Products of a frame number, a rate and a denominator pass 64 bits (2^30 frames of
 * 1001/240000 s at 192 kHz do), and a double would round them differently from place to place.
 */
#include <string.h>

#include "graph/graph.h"

__extension__ typedef unsigned __int128 u128;

/* 3 factors below 2^63 do not fit 128 bits: saturation needs room, so each caller keeps its factors small. */
static u128 product(int64_t a, int64_t b)
{
    return (u128)(uint64_t)a * (uint64_t)b;
}

static int64_t saturate(u128 n)
{
    return n > (u128)INT64_MAX ? INT64_MAX : (int64_t)n;
}

int64_t ad_muldiv_floor(int64_t a, int64_t b, int64_t c)
{
    return saturate(product(a, b) / (uint64_t)c);
}

int64_t ad_muldiv_ceil(int64_t a, int64_t b, int64_t c)
{
    return saturate((product(a, b) + (uint64_t)c - 1) / (uint64_t)c);
}

int64_t ad_muldiv_round(int64_t a, int64_t b, int64_t c)
{
    u128 n = product(a, b);
    u128 floor = n / (uint64_t)c;
    u128 rest = n % (uint64_t)c;
    return saturate(floor + (rest * 2 >= (u128)(uint64_t)c));
}

int64_t ad_samples_at(const struct ad_format *format, int64_t frame)
{
    /* rate * den stays below 2^18 * 2^31. */
    return ad_muldiv_floor(frame, format->sample_rate * format->fps_den, format->fps_num);
}

int64_t ad_samples_for(const struct ad_format *format, int64_t frames)
{
    return ad_muldiv_ceil(frames, format->sample_rate * format->fps_den, format->fps_num);
}

int64_t ad_frames_from_seconds(int64_t num, int64_t den, const struct ad_format *format)
{
    /* num * fps_num / (den * fps_den): the divisor may pass 64 bits, so divide in 128. */
    u128 n = product(num, format->fps_num);
    u128 d = product(den, format->fps_den);
    u128 floor = n / d;
    u128 rest = n % d;
    return saturate(floor + (rest >= d - rest));
}

/* ---- The working format ---- */

const char *const ad_pixel_formats[] = {
    "yuv420p",  "yuv422p",     "yuv444p",     "yuva420p",    "yuva422p",
    "yuva444p", "yuv420p10le", "yuv422p10le", "yuv444p10le", NULL,
};

static bool is_listed(const char *name, const char *const *list)
{
    for (; name && *list; list++) {
        if (strcmp(name, *list) == 0)
            return true;
    }
    return false;
}

static int64_t gcd(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static enum artdag_err bad(artdag_error *err, const char *what, int64_t value, const char *hint)
{
    (void)ad_error_set(err, ARTDAG_E_INVAL, "graph", "the working format's %s cannot be %lld",
                       what, (long long)value);
    ad_error_hint(err, "%s", hint);
    return ARTDAG_E_INVAL;
}

static enum artdag_err check_size(const char *what, int64_t value, artdag_error *err)
{
    if (value < 2 || value > 16384 || value % 2)
        return bad(err, what, value, "even numbers from 2 to 16384 are possible");
    return ARTDAG_OK;
}

static bool is_rate(int64_t num, int64_t den)
{
    return num >= 1 && den >= 1 && num <= INT32_MAX && den <= INT32_MAX && gcd(num, den) == 1 &&
           num / den <= 1000 && den / num <= 1000;
}

enum artdag_err ad_format_check(const struct ad_format *format, artdag_error *err)
{
    enum artdag_err rc = check_size("width", format->width, err);
    if (!rc)
        rc = check_size("height", format->height, err);
    if (rc)
        return rc;
    if (!is_rate(format->fps_num, format->fps_den))
        return bad(err, "frame rate's numerator", format->fps_num,
                   "rates from 1/1000 to 1000 frames a second in lowest terms are possible");
    if (format->sample_rate < 8000 || format->sample_rate > 192000)
        return bad(err, "sample rate", format->sample_rate, "8000 to 192000 Hz are possible");
    if (format->channels < 1 || format->channels > 2)
        return bad(err, "channel count", format->channels, "1 and 2 are possible");
    if (!is_listed(format->pixel_format, ad_pixel_formats)) {
        (void)ad_error_set(err, ARTDAG_E_INVAL, "graph", "unknown working pixel format \"%s\"",
                           format->pixel_format ? format->pixel_format : "");
        const char *near = ad_str_nearest(ad_str_from(format->pixel_format), ad_pixel_formats);
        ad_error_hint(err, "%s%s", near ? "did you mean " : "for example yuv420p",
                      near ? near : "");
        return ARTDAG_E_INVAL;
    }
    return ARTDAG_OK;
}
