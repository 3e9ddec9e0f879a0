/* SPDX-License-Identifier: MIT
 *
 * How people write times. Everything is read as an exact decimal and rounded to frames once, half up:
 *
 *     1.5  "1.5"  "1.5s"  "250ms"      seconds (or milliseconds)
 *     "1/3"  "1001/30000s"             seconds as a fraction
 *     "36f"                            frames
 *     "01:02.5"  "00:01:02.500"        [hours:]minutes:seconds
 */
#include <string.h>

#include "ops/op.h"

struct exact {
    bool frames;      /* num counts frames */
    int64_t num, den; /* else seconds */
};

static int64_t power_of_ten(int n)
{
    int64_t p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

/* Digits with at most one point, 18 significant digits at most. */
static bool read_decimal(struct ad_str s, int64_t *ret_num, int *ret_scale)
{
    int64_t n = 0;
    int scale = 0;
    size_t digits = 0;
    bool point = false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (s.ptr[i] < '0' || s.ptr[i] > '9' || n >= power_of_ten(17) || scale == 18)
            return false;
        n = n * 10 + (s.ptr[i] - '0');
        scale += point;
        digits++;
    }
    *ret_num = n;
    *ret_scale = scale;
    return digits > 0 && s.ptr[s.len - 1] != '.';
}

/* A decimal with an optional exponent, as numbers are printed, times 10^shift. */
static bool read_number(struct ad_str s, int shift, struct exact *ret)
{
    const char *e = s.len ? memchr(s.ptr, 'e', s.len) : NULL;
    int64_t exponent = 0;
    int scale = 0;
    if (e) {
        struct ad_str tail = ad_str_slice(s, (size_t)(e - s.ptr) + 1, s.len);
        if (tail.len && tail.ptr[0] == '+')
            tail = ad_str_slice(tail, 1, tail.len);
        if (!ad_str_to_i64(tail, &exponent) || exponent < -18 || exponent > 18)
            return false;
        s = ad_str_slice(s, 0, (size_t)(e - s.ptr));
    }
    if (!read_decimal(s, &ret->num, &scale))
        return false;
    int64_t total = exponent + shift - scale;
    if (total < -18 || total > 18)
        return false;
    ret->den = total < 0 ? power_of_ten((int)-total) : 1;
    return total <= 0 || !__builtin_mul_overflow(ret->num, power_of_ten((int)total), &ret->num);
}

/* Two digits below 60. */
static bool read_sixty(struct ad_str s, int64_t *ret)
{
    return s.len == 2 && s.ptr[0] >= '0' && s.ptr[0] <= '9' && ad_str_to_i64(s, ret) &&
           *ret < 60;
}

static bool read_clock(struct ad_str s, struct exact *ret)
{
    int64_t hours = 0;
    int64_t minutes = 0;
    int scale = 0;
    const char *last = memrchr(s.ptr, ':', s.len);
    struct ad_str seconds = ad_str_slice(s, (size_t)(last - s.ptr) + 1, s.len);
    struct ad_str front = ad_str_slice(s, 0, (size_t)(last - s.ptr));
    const char *first = memchr(front.ptr, ':', front.len);
    if (first) {
        struct ad_str h = ad_str_slice(front, 0, (size_t)(first - front.ptr));
        front = ad_str_slice(front, (size_t)(first - front.ptr) + 1, front.len);
        if (h.len > 6 || !h.len || h.ptr[0] == '-' || !ad_str_to_i64(h, &hours))
            return false;
    }
    size_t whole = 0;
    while (whole < seconds.len && seconds.ptr[whole] != '.')
        whole++;
    int64_t check = 0;
    if (!read_sixty(front, &minutes) || !read_sixty(ad_str_slice(seconds, 0, whole), &check) ||
        !read_decimal(seconds, &ret->num, &scale) || scale > 9)
        return false;
    ret->den = power_of_ten(scale);
    ret->num += (hours * 3600 + minutes * 60) * ret->den;
    return true;
}

static bool read_fraction(struct ad_str s, const char *slash, struct exact *ret)
{
    struct ad_str num = ad_str_slice(s, 0, (size_t)(slash - s.ptr));
    struct ad_str den = ad_str_slice(s, num.len + 1, s.len);
    return ad_str_to_i64(num, &ret->num) && ad_str_to_i64(den, &ret->den) && ret->num >= 0 &&
           ret->den > 0;
}

static bool read_text(struct ad_str s, struct exact *ret)
{
    if (!s.len)
        return false;
    if (memchr(s.ptr, ':', s.len))
        return read_clock(s, ret);
    const char *slash = memchr(s.ptr, '/', s.len);
    if (slash)
        return read_fraction(s.ptr[s.len - 1] == 's' ? ad_str_slice(s, 0, s.len - 1) : s, slash,
                             ret);
    char last = s.ptr[s.len - 1];
    struct ad_str front = ad_str_slice(s, 0, s.len - 1);
    if (last == 'f') {
        ret->frames = true;
        return front.len && front.ptr[0] != '-' && ad_str_to_i64(front, &ret->num);
    }
    if (last == 's' && front.len && front.ptr[front.len - 1] == 'm')
        return read_number(ad_str_slice(front, 0, front.len - 1), -3, ret);
    return read_number(last == 's' ? front : s, 0, ret);
}

static bool read_value(const struct ad_value *value, struct exact *ret)
{
    char shortest[32];
    *ret = (struct exact){.den = 1};
    switch (value->kind) {
    case AD_VALUE_INT:
        ret->num = value->integer;
        return value->integer >= 0;
    case AD_VALUE_DOUBLE:
        /* As written when it was: 1.1 means eleven tenths, not the nearest double. */
        if (value->plain && value->text.len)
            return read_text(value->text, ret);
        return read_number((struct ad_str){shortest, ad_double_format(value->number, shortest)},
                           0, ret);
    case AD_VALUE_STRING:
        return read_text(value->string, ret);
    default:
        return false;
    }
}

static enum artdag_err bad(const struct ad_value *value, const char *file, artdag_error *err)
{
    struct ad_str text = value->kind == AD_VALUE_STRING ? value->string : value->text;
    if (text.len && text.ptr)
        (void)ad_error_set(err, ARTDAG_E_FORMAT, "ops", "\"%.*s\" is not a time",
                           (int)(text.len > 60 ? 60 : text.len), text.ptr);
    else
        (void)ad_error_set(
            err, ARTDAG_E_FORMAT, "ops", "a time cannot be %s %s",
            value->kind == AD_VALUE_INT || value->kind == AD_VALUE_DOUBLE ? "this" : "a",
            ad_value_kind_name(value->kind));
    ad_error_at(err, file, (int)value->line, (int)value->column);
    ad_error_hint(err, "write seconds (1.5), \"250ms\", frames (\"36f\") or \"00:01:02.500\"; "
                       "not negative");
    return ARTDAG_E_FORMAT;
}

enum artdag_err ad_time_check(const struct ad_value *value, const char *file, artdag_error *err)
{
    struct exact t;
    return read_value(value, &t) ? ARTDAG_OK : bad(value, file, err);
}

enum artdag_err ad_time_to_frames(const struct ad_value *value, const struct ad_format *format,
                                  const char *file, int64_t *ret, artdag_error *err)
{
    struct exact t;
    if (!read_value(value, &t))
        return bad(value, file, err);
    int64_t frames = t.frames ? t.num : ad_frames_from_seconds(t.num, t.den, format);
    if (frames > AD_FRAMES_MAX) {
        (void)ad_error_set(err, ARTDAG_E_FORMAT, "ops", "a time is longer than %lld frames",
                           (long long)AD_FRAMES_MAX);
        ad_error_at(err, file, (int)value->line, (int)value->column);
        return ARTDAG_E_FORMAT;
    }
    *ret = frames;
    return ARTDAG_OK;
}
