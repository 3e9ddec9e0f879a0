/* SPDX-License-Identifier: MIT
 *
 * Random documents for the property tests.
 */
#ifndef RANDOM_VALUE_H
#define RANDOM_VALUE_H

#include <math.h>
#include <stdio.h>

#include "doc_test.h"

/* With yaml only what YAML takes unescaped. */
static inline struct ad_str random_text(char out[64], bool yaml)
{
    static const char *const pieces[] = {
        "a", "B", "0", "-", ":", " ", "#", "'", "{", "]", ",", "&x", "*y", "\xc3\xa9",
        "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xee\x80\x80", "\"", "\\", "\t", "\n", "true",
        /* from here on not for YAML */
        "\x7f", "\x01", "\xc2\x85", "\xe2\x80\xa8", "\xef\xbb\xbf", "\xef\xbf\xbf"};
    size_t n = ad_test_random_below(6);
    size_t kinds = sizeof(pieces) / sizeof(pieces[0]) - (yaml ? 6 : 0);
    out[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        strcat(out, pieces[ad_test_random_below(kinds)]);
    }
    return ad_str_from(out);
}

static inline double random_double(void)
{
    for (;;) {
        uint64_t bits = ad_test_random();
        double d = 0;
        memcpy(&d, &bits, sizeof(d));
        /* A whole number below 2^63 reads back as an integer. */
        if (isfinite(d) && (d != trunc(d) || fabs(d) >= 9223372036854775808.0)) {
            return d;
        }
    }
}

static inline const struct ad_value *random_value(struct ad_arena *arena, unsigned depth,
                                                  bool yaml)
{
    char text[64];
    char key[96];
    struct ad_list_builder list;
    struct ad_map_builder map;
    switch (ad_test_random_below(depth > 0 ? 8 : 5)) {
    case 0:
        return ad_value_new_null(arena);
    case 1:
        return ad_value_new_bool(arena, ad_test_random_below(2) == 1);
    case 2:
        return ad_value_new_int(arena, (int64_t)ad_test_random_below((uint64_t)1 << 54) -
                                           ((int64_t)1 << 53));
    case 3:
        return ad_value_new_double(arena, random_double());
    case 4:
        return ad_value_new_str(arena, random_text(text, yaml));
    case 5:
        ad_list_begin(&list, arena);
        for (size_t i = ad_test_random_below(5); i > 0; i--) {
            ad_list_add(&list, random_value(arena, depth - 1, yaml));
        }
        return ad_list_end(&list);
    default:
        ad_map_begin(&map, arena);
        for (size_t i = ad_test_random_below(ad_test_random_below(8) == 0 ? 40 : 6); i > 0;
             i--) {
            /* The number keeps keys apart. */
            (void)snprintf(key, sizeof(key), "%s%zu", random_text(text, yaml).ptr, i);
            ad_map_add(&map, key, random_value(arena, depth - 1, yaml));
        }
        return ad_map_end(&map);
    }
}

#endif
