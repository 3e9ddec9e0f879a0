/* SPDX-License-Identifier: MIT
 *
 * ad_map: open addressing from byte keys to pointers or numbers. Keys are copied into the map.
 * The hash is seeded per process, so hostile keys cannot pile up; iteration follows insertion
 * order, so nothing that is printed or hashed can depend on the seed. Not thread-safe.
 */
#ifndef AD_BASE_MAP_H
#define AD_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

union ad_map_value {
    void *ptr;
    uint64_t num;
};

struct ad_map_entry {
    struct ad_str key; /* owned by the map; NUL-terminated too */
    union ad_map_value value;
    uint32_t hash; /* private */
};

struct ad_map {
    struct ad_map_entry *entries; /* insertion order */
    size_t len;
    size_t cap;
    uint32_t *slots; /* entry index + 1, 0 = free */
    size_t slot_count;
};

void ad_map_fini(struct ad_map *map); /* NULL and zeroed allowed; values are the caller's */

/* The value stored under key, or NULL. The pointer is good until the next put. */
union ad_map_value *ad_map_find(const struct ad_map *map, struct ad_str key);

/* Finds key or adds it with a zero value; *ret_added (may be NULL) says which. NULL = no
 * memory. */
union ad_map_value *ad_map_put(struct ad_map *map, struct ad_str key, bool *ret_added);

#endif
