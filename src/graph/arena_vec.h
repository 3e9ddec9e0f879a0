/* SPDX-License-Identifier: MIT
 *
 * Growing an AD_VEC inside an arena: the old items are left behind when it doubles, which costs at most as
 * much again as the vector itself and keeps a graph one object that is dropped whole.
 */
#ifndef AD_GRAPH_ARENA_VEC_H
#define AD_GRAPH_ARENA_VEC_H

#include "base/base.h"

/* Room for one more item; false when the arena has failed. */
bool ad_arena_vec_grow(struct ad_arena *arena, void **items, size_t *cap, size_t len,
                       size_t item_size);

#define ad_arena_vec_push(arena, v, ...)                                                       \
    (ad_arena_vec_grow((arena), (void **)&(v)->items, &(v)->cap, (v)->len,                     \
                       sizeof(*(v)->items))                                                    \
         ? ((v)->items[(v)->len++] = (__VA_ARGS__), true)                                      \
         : false)

#endif
