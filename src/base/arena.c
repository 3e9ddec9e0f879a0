/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

#define ALIGNMENT _Alignof(max_align_t)
#define FIRST_BLOCK 1024U
#define LARGEST_BLOCK (1024U * 1024U)

struct ad_arena_block {
    struct ad_arena_block *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) unsigned char data[];
};

void ad_arena_init(struct ad_arena *arena, size_t max_bytes)
{
    *arena = (struct ad_arena){.max_bytes = max_bytes};
}

void ad_arena_fini(struct ad_arena *arena)
{
    if (arena == NULL) {
        return;
    }
    struct ad_arena_block *block = arena->head;
    while (block != NULL) {
        struct ad_arena_block *next = block->next;
        free(block);
        block = next;
    }
    ad_arena_init(arena, arena->max_bytes);
}

static bool add_block(struct ad_arena *arena, size_t need)
{
    struct ad_arena_block *head = arena->head;
    size_t size = head != NULL ? head->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK) {
        size = LARGEST_BLOCK;
    }
    /* A large object gets a block of its own behind the head, so that the head's rest stays
     * usable. */
    bool own = need > size / 2;
    if (own) {
        size = need;
    }
    if (size > SIZE_MAX - sizeof(struct ad_arena_block)) {
        return false;
    }
    struct ad_arena_block *block = ad_alloc_array(1, sizeof(*block) + size);
    if (block == NULL) {
        return false;
    }
    block->size = size;
    if (own && head != NULL) {
        block->next = head->next;
        head->next = block;
    } else {
        block->next = head;
        arena->head = block;
    }
    return true;
}

/* The block with room for need bytes, added when there is none. */
static struct ad_arena_block *find_room(struct ad_arena *arena, size_t need)
{
    struct ad_arena_block *head = arena->head;
    if (head != NULL && head->size - head->used >= need) {
        return head;
    }
    if (!add_block(arena, need)) {
        return NULL;
    }
    head = arena->head;
    return head->size - head->used >= need ? head : head->next;
}

void *ad_arena_alloc(struct ad_arena *arena, size_t size)
{
    if (arena->failed) {
        return NULL;
    }
    size_t need = size > 0 ? size : 1;
    struct ad_arena_block *block = NULL;
    if (need <= PTRDIFF_MAX - ALIGNMENT) {
        need = (need + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (arena->max_bytes == 0 || (arena->used_bytes <= arena->max_bytes &&
                                      need <= arena->max_bytes - arena->used_bytes)) {
            block = find_room(arena, need);
        }
    }
    if (block == NULL) {
        arena->failed = true;
        return NULL;
    }
    void *p = block->data + block->used;
    block->used += need;
    arena->used_bytes += need;
    return p;
}

void *ad_arena_array(struct ad_arena *arena, size_t count, size_t size)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size, &total)) {
        arena->failed = true;
        return NULL;
    }
    return ad_arena_alloc(arena, total);
}

void *ad_arena_dup(struct ad_arena *arena, const void *data, size_t len)
{
    void *copy = ad_arena_alloc(arena, len);
    if (copy != NULL && len > 0) {
        memcpy(copy, data, len);
    }
    return copy;
}

char *ad_arena_strdup(struct ad_arena *arena, struct ad_str s)
{
    if (s.len == SIZE_MAX) {
        arena->failed = true;
        return NULL;
    }
    char *copy = ad_arena_alloc(arena, s.len + 1); /* zeroed, so the NUL is there */
    if (copy != NULL && s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    return copy;
}

struct ad_str ad_arena_str(struct ad_arena *arena, struct ad_str s)
{
    char *copy = ad_arena_strdup(arena, s);
    return (struct ad_str){copy, copy != NULL ? s.len : 0};
}

char *ad_arena_printf(struct ad_arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = ad_vformat(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0) {
        arena->failed = true;
        return NULL;
    }
    char *text = ad_arena_alloc(arena, (size_t)len + 1);
    if (text != NULL) {
        va_start(args, fmt);
        (void)ad_vformat(text, (size_t)len + 1, fmt, args);
        va_end(args);
    }
    return text;
}
