/* SPDX-License-Identifier: MIT
 *
 * ad_arena: memory for one document, dropped whole. Allocations are zeroed and aligned for any
 * type. Sticky failure: after one NULL every allocation is NULL and ad_arena_failed says so, so
 * a builder may check once. One thread builds; a frozen document may be read by many.
 */
#ifndef AD_BASE_ARENA_H
#define AD_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

struct ad_arena_block;

struct ad_arena {
    struct ad_arena_block *head;
    size_t used_bytes; /* handed out so far, padding included */
    size_t max_bytes;  /* 0 = no limit */
    bool failed;
};

#define AD_ARENA_INIT                                                                          \
    {                                                                                          \
        0                                                                                      \
    }

void ad_arena_init(struct ad_arena *arena, size_t max_bytes);
void ad_arena_fini(struct ad_arena *arena); /* NULL allowed */
void *ad_arena_alloc(struct ad_arena *arena, size_t size);
void *ad_arena_array(struct ad_arena *arena, size_t count, size_t size);
char *ad_arena_strdup(struct ad_arena *arena, struct ad_str s);      /* NUL-terminated copy */
struct ad_str ad_arena_str(struct ad_arena *arena, struct ad_str s); /* same, as a view */
char *ad_arena_printf(struct ad_arena *arena, const char *fmt, ...) AD_PRINTF(2, 3);
void *ad_arena_dup(struct ad_arena *arena, const void *data, size_t len);

static inline bool ad_arena_failed(const struct ad_arena *arena)
{
    return arena->failed;
}

#endif
