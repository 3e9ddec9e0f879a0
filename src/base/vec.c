/* SPDX-License-Identifier: MIT */
#include "base/vec.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

bool ad_vec_grow(void *items, size_t *cap, size_t len, size_t more, size_t item_size)
{
    if (more > SIZE_MAX - len) {
        return false;
    }
    size_t need = len + more;
    if (need <= *cap) {
        return true;
    }
    size_t next = *cap > SIZE_MAX / 2 ? need : *cap * 2;
    if (next < 8) {
        next = 8;
    }
    if (next < need) {
        next = need;
    }
    /* memcpy: the pointer's type is the caller's, and reading it as void * would break
     * aliasing. */
    void *old = NULL;
    memcpy(&old, items, sizeof(old));
    void *grown = ad_realloc_array(old, next, item_size);
    if (grown == NULL) {
        return false;
    }
    memcpy(items, &grown, sizeof(grown));
    *cap = next;
    return true;
}
