/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <float.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

locale_t ad_c_locale(void)
{
    (void)pthread_once(&c_locale_once, make_c_locale);
    return c_locale;
}

int ad_vformat(char *out, size_t size, const char *fmt, va_list args)
{
    locale_t before = uselocale(ad_c_locale());
    int len = vsnprintf(out, size, fmt, args);
    (void)uselocale(before);
    return len;
}

struct ad_str ad_str_from(const char *s)
{
    return (struct ad_str){s, s != NULL ? strlen(s) : 0};
}

bool ad_str_equal(struct ad_str a, struct ad_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool ad_str_is(struct ad_str a, const char *s)
{
    return ad_str_equal(a, ad_str_from(s));
}

int ad_str_compare(struct ad_str a, struct ad_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;
    if (order != 0) {
        return order;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

bool ad_str_starts(struct ad_str s, const char *prefix)
{
    size_t len = strlen(prefix);
    return len <= s.len && (len == 0 || memcmp(s.ptr, prefix, len) == 0);
}

struct ad_str ad_str_slice(struct ad_str s, size_t from, size_t to)
{
    if (to > s.len) {
        to = s.len;
    }
    if (from > to) {
        from = to;
    }
    return (struct ad_str){s.ptr != NULL ? s.ptr + from : NULL, to - from};
}

size_t ad_utf8_sequence(const unsigned char *p, size_t left)
{
    /* Table 3-7 of the Unicode standard. The second byte's range keeps out overlong forms,
     * surrogates and what is above U+10FFFF; later bytes are 80..BF. */
    static const struct {
        unsigned char first;
        unsigned char last;
        unsigned char len;
        unsigned char low;
        unsigned char high;
    } forms[] = {
        {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf}, {0xe1, 0xec, 3, 0x80, 0xbf},
        {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf}, {0xf0, 0xf0, 4, 0x90, 0xbf},
        {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
    };
    if (left > 0 && p[0] < 0x80) {
        return 1;
    }
    size_t f = 0;
    const size_t count = sizeof(forms) / sizeof(forms[0]);
    while (left > 0 && f < count && (p[0] < forms[f].first || p[0] > forms[f].last)) {
        f++;
    }
    if (left == 0 || f == count || forms[f].len > left || p[1] < forms[f].low ||
        p[1] > forms[f].high) {
        return 0;
    }
    for (size_t i = 2; i < forms[f].len; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return forms[f].len;
}

bool ad_str_is_utf8(struct ad_str s)
{
    size_t i = 0;
    while (i < s.len) {
        size_t len = ad_utf8_sequence((const unsigned char *)s.ptr + i, s.len - i);
        if (len == 0) {
            return false;
        }
        i += len;
    }
    return true;
}

/* C0 and C1 controls and DEL: a message must not move a terminal's cursor. */
static bool is_control(const unsigned char *p, size_t len)
{
    return (len == 1 && (p[0] < 0x20 || p[0] == 0x7f)) ||
           (len == 2 && p[0] == 0xc2 && p[1] < 0xa0);
}

void ad_text_copy(char *out, size_t size, const char *src)
{
    static const char ellipsis[] = "...";
    const unsigned char *p = (const unsigned char *)src;
    size_t left = strlen(src);
    size_t at = 0;
    size_t cut = 0; /* where the ellipsis goes when the text turns out too long */
    while (left > 0) {
        size_t len = ad_utf8_sequence(p, left);
        size_t step = len > 0 ? len : 1;
        bool copy = len > 0 && !is_control(p, len);
        size_t width = copy ? len : 1;
        if (at + width + 1 > size) {
            if (size >= sizeof(ellipsis)) {
                memcpy(out + cut, ellipsis, sizeof(ellipsis));
                return;
            }
            break;
        }
        if (copy) {
            memcpy(out + at, p, len);
        } else {
            out[at] = len > 0 ? ' ' : '?';
        }
        at += width;
        if (at + sizeof(ellipsis) <= size) {
            cut = at;
        }
        p += step;
        left -= step;
    }
    out[at] = '\0';
}

bool ad_str_to_u64(struct ad_str s, uint64_t *ret)
{
    uint64_t n = 0;
    if (s.len == 0) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') {
            return false;
        }
        uint64_t digit = (uint64_t)(s.ptr[i] - '0');
        if (n > (UINT64_MAX - digit) / 10) {
            return false;
        }
        n = n * 10 + digit;
    }
    *ret = n;
    return true;
}

bool ad_str_to_i64(struct ad_str s, int64_t *ret)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    uint64_t n = 0;
    if (!ad_str_to_u64(ad_str_slice(s, negative ? 1 : 0, s.len), &n)) {
        return false;
    }
    if (n > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
        return false;
    }
    if (!negative) {
        *ret = (int64_t)n;
    } else {
        *ret = n > (uint64_t)INT64_MAX ? INT64_MIN : -(int64_t)n;
    }
    return true;
}

static size_t count_digits(struct ad_str s, size_t from)
{
    size_t i = from;
    while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9') {
        i++;
    }
    return i - from;
}

static bool looks_like_double(struct ad_str s)
{
    size_t i = s.len > 0 && s.ptr[0] == '-' ? 1 : 0;
    size_t whole = count_digits(s, i);
    size_t fraction = 0;
    i += whole;
    if (i < s.len && s.ptr[i] == '.') {
        fraction = count_digits(s, i + 1);
        i += 1 + fraction;
    }
    if (whole + fraction == 0) {
        return false;
    }
    if (i < s.len && (s.ptr[i] == 'e' || s.ptr[i] == 'E')) {
        i++;
        if (i < s.len && (s.ptr[i] == '+' || s.ptr[i] == '-')) {
            i++;
        }
        size_t exponent = count_digits(s, i);
        if (exponent == 0) {
            return false;
        }
        i += exponent;
    }
    return i == s.len;
}

bool ad_str_to_double(struct ad_str s, double *ret)
{
    char text[1001];
    if (s.len >= sizeof(text) || !looks_like_double(s)) {
        return false;
    }
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    double d = strtod_l(text, NULL, ad_c_locale());
    if (!isfinite(d)) {
        return false;
    }
    *ret = d;
    return true;
}

/* Decimal digits of a positive number: 0.DIGITS * 10^point. */
struct decimal {
    char digits[20];
    int count;
    int point;
};

/* d rounded to `precision` digits, and whether that reads back as d. */
static bool round_to(double d, int precision, struct decimal *ret)
{
    char text[40];
    locale_t before = uselocale(ad_c_locale());
    (void)snprintf(text, sizeof(text), "%.*e", precision - 1, d);
    (void)uselocale(before);
    const char *e = strchr(text, 'e');
    ret->count = 0;
    for (const char *p = text; p < e; p++) {
        if (*p != '.') {
            ret->digits[ret->count++] = *p;
        }
    }
    ret->digits[ret->count] = '\0';
    ret->point = (int)strtol(e + 1, NULL, 10) + 1;
    return strtod_l(text, NULL, ad_c_locale()) == d;
}

/* The next larger number of equally many digits, and whether it reads back as d. Below a power
 * of two doubles lie closer than above it, so the nearest short decimal may miss from below
 * while its upper neighbour hits. */
static bool round_above(double d, struct decimal *dec)
{
    int i = dec->count - 1;
    while (i >= 0 && dec->digits[i] == '9') {
        dec->digits[i--] = '0';
    }
    if (i < 0) {
        dec->digits[0] = '1';
        dec->point++;
    } else {
        dec->digits[i]++;
    }
    char text[40];
    (void)snprintf(text, sizeof(text), "0.%se%d", dec->digits, dec->point);
    return strtod_l(text, NULL, ad_c_locale()) == d;
}

static void shortest(double d, struct decimal *ret)
{
    /* Up to 15 digits survive the way through a normal double, so a number that has 15 or fewer
     * shows them at precision 15. Subnormals have less room and are tried from one digit on. */
    int exponent = 0;
    bool power_of_two = frexp(d, &exponent) == 0.5;
    for (int precision = d < DBL_MIN ? 1 : 15; precision < 17; precision++) {
        if (round_to(d, precision, ret) || (power_of_two && round_above(d, ret))) {
            break;
        }
        if (precision == 16) {
            (void)round_to(d, 17, ret);
        }
    }
    while (ret->count > 1 && ret->digits[ret->count - 1] == '0') {
        ret->count--;
    }
    ret->digits[ret->count] = '\0';
}

static char *put_bytes(char *out, const char *bytes, int count)
{
    memcpy(out, bytes, (size_t)count);
    return out + count;
}

/* ECMAScript, Number::toString: k digits, decimal point after n of them. */
static char *put_decimal(char *out, const struct decimal *dec)
{
    static const char zeros[] = "000000000000000000000";
    int k = dec->count;
    int n = dec->point;
    if (k <= n && n <= 21) {
        out = put_bytes(out, dec->digits, k);
        return put_bytes(out, zeros, n - k);
    }
    if (0 < n && n < k) { /* k is at most 17 */
        out = put_bytes(out, dec->digits, n);
        *out++ = '.';
        return put_bytes(out, dec->digits + n, k - n);
    }
    if (-6 < n && n <= 0) {
        out = put_bytes(out, "0.", 2);
        out = put_bytes(out, zeros, -n);
        return put_bytes(out, dec->digits, k);
    }
    out = put_bytes(out, dec->digits, 1);
    if (k > 1) {
        *out++ = '.';
        out = put_bytes(out, dec->digits + 1, k - 1);
    }
    return out + snprintf(out, 6, "e%+d", n - 1);
}

size_t ad_double_format(double d, char out[32])
{
    if (d == 0) {
        memcpy(out, "0", 2); /* also for -0 */
        return 1;
    }
    if (fabs(d) < 9007199254740992.0 && d == trunc(d)) {
        return (size_t)snprintf(out, 32, "%lld", (long long)d);
    }
    /* At most a sign, "0.", 5 zeros and 17 digits; or a sign, 17 digits, a point and "e-324".
     */
    struct decimal dec = {0};
    char *end = out;
    shortest(fabs(d), &dec);
    if (d < 0) {
        *end++ = '-';
    }
    end = put_decimal(end, &dec);
    *end = '\0';
    return (size_t)(end - out);
}

#define NEAREST_MAX 64

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* Optimal string alignment distance; both at most NEAREST_MAX bytes. */
static size_t distance(struct ad_str a, struct ad_str b)
{
    size_t rows[3][NEAREST_MAX + 1] = {{0}};
    for (size_t j = 0; j <= b.len; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t cost = lower(a.ptr[i - 1]) != lower(b.ptr[j - 1]);
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost);
            bool swapped = i > 1 && j > 1 && lower(a.ptr[i - 1]) == lower(b.ptr[j - 2]) &&
                           lower(a.ptr[i - 2]) == lower(b.ptr[j - 1]);
            if (swapped && above2[j - 2] + 1 < row[j]) {
                row[j] = above2[j - 2] + 1;
            }
        }
    }
    return rows[a.len % 3][b.len];
}

const char *ad_str_nearest(struct ad_str name, const char *const *candidates)
{
    if (name.len == 0 || name.len > NEAREST_MAX) {
        return NULL;
    }
    size_t limit = name.len / 3 > 1 ? name.len / 3 : 1;
    size_t best = limit + 1;
    const char *found = NULL;
    for (; *candidates != NULL; candidates++) {
        struct ad_str candidate = ad_str_from(*candidates);
        if (candidate.len > NEAREST_MAX) {
            continue;
        }
        size_t d = distance(name, candidate);
        if (d < best) {
            best = d;
            found = *candidates;
        }
    }
    return found;
}
