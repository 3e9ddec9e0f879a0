/* SPDX-License-Identifier: MIT
 *
 * AD_VEC(type): a growable array as plain struct { items, len, cap }. A zeroed one is empty.
 */
#ifndef AD_BASE_VEC_H
#define AD_BASE_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define AD_VEC(type)                                                                           \
    struct {                                                                                   \
        type *items;                                                                           \
        size_t len;                                                                            \
        size_t cap;                                                                            \
    }

/* Makes room for at least `more` further items. False when memory is out. items is the address
 * of the array's pointer, whatever its type. */
bool ad_vec_grow(void *items, size_t *cap, size_t len, size_t more, size_t item_size);

#define ad_vec_reserve(v, more)                                                                \
    ad_vec_grow(&(v)->items, &(v)->cap, (v)->len, (more), sizeof(*(v)->items))

/* Appends one value. Evaluates to false when memory is out (the value is then not added). */
#define ad_vec_push(v, ...)                                                                    \
    (ad_vec_reserve((v), 1) ? ((v)->items[(v)->len++] = (__VA_ARGS__), true) : false)

#define ad_vec_fini(v)                                                                         \
    do {                                                                                       \
        free((v)->items);                                                                      \
        (v)->items = NULL;                                                                     \
        (v)->len = (v)->cap = 0;                                                               \
    } while (0)

#endif
