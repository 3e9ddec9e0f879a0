/* SPDX-License-Identifier: MIT
 *
 * ad_str: a view of bytes, pointer and length, owning nothing. Not NUL-terminated.
 */
#ifndef AD_BASE_STR_H
#define AD_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ad_str {
    const char *ptr; /* may be NULL when len is 0 */
    size_t len;
};

#define AD_STR_LIT(s) ((struct ad_str){(s), sizeof(s) - 1})
/* For printf: "%.*s", AD_STR_ARG(view) */
#define AD_STR_ARG(s) (int)(s).len, (s).ptr

struct ad_str ad_str_from(const char *s); /* NULL gives the empty view */
bool ad_str_equal(struct ad_str a, struct ad_str b);
bool ad_str_is(struct ad_str a, const char *s);
int ad_str_compare(struct ad_str a, struct ad_str b); /* by bytes, shorter first */
bool ad_str_starts(struct ad_str s, const char *prefix);
struct ad_str ad_str_slice(struct ad_str s, size_t from, size_t to); /* clamped to s */
bool ad_str_is_utf8(struct ad_str s); /* valid UTF-8, no surrogates, shortest forms */

/* Number parsing that ignores the locale and accepts the whole view or nothing: no spaces, no
 * trailing bytes, no overflow. Decimal; a leading '-' (int64 and double only); doubles need a
 * digit and may have fraction and exponent, never inf, nan or hex, and at most 1000 bytes.
 * Return false and leave ret alone on failure. */
bool ad_str_to_i64(struct ad_str s, int64_t *ret);
bool ad_str_to_u64(struct ad_str s, uint64_t *ret);
bool ad_str_to_double(struct ad_str s, double *ret);

/* The shortest decimal text that reads back as d, in ECMAScript's form ("1", "0.1", "1e+21"); d
 * must be finite. Writes at most 32 bytes with NUL; returns the length. Ignores the locale. */
size_t ad_double_format(double d, char out[32]);

/* The candidate nearest to name by edit distance when that is small enough to be a typing slip
 * (at most a third of the length, at least 1), else NULL. Letter case costs nothing, swapped
 * neighbours cost 1. The first of equals wins. candidates ends with NULL. */
const char *ad_str_nearest(struct ad_str name, const char *const *candidates);

#endif
