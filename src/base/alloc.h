/* SPDX-License-Identifier: MIT
 *
 * Heap memory with overflow-checked sizes. Everything outside base allocates through these or
 * an arena, so that fault injection has one place to sit. Freed with free().
 */
#ifndef AD_BASE_ALLOC_H
#define AD_BASE_ALLOC_H

#include <stddef.h>
#include <stdlib.h>

/* count * size zeroed bytes; NULL on overflow or exhaustion. A zero total gives a unique
 * non-NULL pointer. */
void *ad_alloc_array(size_t count, size_t size);

/* Grows or shrinks p (NULL allowed) to count * size bytes; new bytes are not cleared. NULL on
 * failure, and p is then still valid. */
void *ad_realloc_array(void *p, size_t count, size_t size);

/* A zeroed object of the given size; NULL on exhaustion. */
static inline void *ad_alloc(size_t size)
{
    return ad_alloc_array(1, size);
}

/* A heap copy of s (NULL gives NULL); NULL on exhaustion. */
char *ad_strdup(const char *s);

#endif
