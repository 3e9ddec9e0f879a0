/* SPDX-License-Identifier: MIT */
#include "base/alloc.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool product(size_t count, size_t size, size_t *ret_total)
{
    size_t total = 0;
    /* PTRDIFF_MAX: pointer differences inside the block must stay defined. */
    if (__builtin_mul_overflow(count, size, &total) || total > PTRDIFF_MAX) {
        return false;
    }
    *ret_total = total > 0 ? total : 1;
    return true;
}

void *ad_alloc_array(size_t count, size_t size)
{
    size_t total = 0;
    if (!product(count, size, &total)) {
        return NULL;
    }
    return calloc(1, total);
}

void *ad_realloc_array(void *p, size_t count, size_t size)
{
    size_t total = 0;
    if (!product(count, size, &total)) {
        return NULL;
    }
    return realloc(p, total);
}

char *ad_strdup(const char *s)
{
    if (s == NULL) {
        return NULL;
    }
    size_t size = strlen(s) + 1;
    char *copy = ad_alloc_array(size, 1);
    if (copy != NULL) {
        memcpy(copy, s, size);
    }
    return copy;
}
