/* SPDX-License-Identifier: MIT */
#include "base/map.h"

#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/clock.h"

/* SipHash-1-3 (Aumasson, Bernstein) under a random key: an adversary who chooses the keys
 * cannot choose the collisions. */
static uint64_t hash_key[2];
static pthread_once_t hash_key_once = PTHREAD_ONCE_INIT;

static void make_hash_key(void)
{
    if (getrandom(hash_key, sizeof(hash_key), GRND_NONBLOCK) != (ssize_t)sizeof(hash_key)) {
        /* Early boot or a filtered system call: weaker, but still not a constant. */
        hash_key[0] = (uint64_t)ad_clock_monotonic_us() * 0x9e3779b97f4a7c15U;
        hash_key[1] = (uint64_t)(uintptr_t)&hash_key ^ (uint64_t)ad_clock_wall_ms();
    }
}

static uint64_t rotate(uint64_t x, unsigned bits)
{
    return (x << bits) | (x >> (64 - bits));
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

static uint32_t hash(struct ad_str key)
{
    (void)pthread_once(&hash_key_once, make_hash_key);
    uint64_t v[4] = {hash_key[0] ^ 0x736f6d6570736575U, hash_key[1] ^ 0x646f72616e646f6dU,
                     hash_key[0] ^ 0x6c7967656e657261U, hash_key[1] ^ 0x7465646279746573U};
    size_t i = 0;
    for (; i + 8 <= key.len; i += 8) {
        uint64_t m = 0;
        memcpy(&m, key.ptr + i, 8);
        v[3] ^= m;
        sip_round(v);
        v[0] ^= m;
    }
    uint64_t last = (uint64_t)key.len << 56;
    for (unsigned shift = 0; i < key.len; i++, shift += 8) {
        last |= (uint64_t)(unsigned char)key.ptr[i] << shift;
    }
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    sip_round(v);
    sip_round(v);
    sip_round(v);
    uint64_t h = v[0] ^ v[1] ^ v[2] ^ v[3];
    return (uint32_t)(h ^ (h >> 32));
}

void ad_map_fini(struct ad_map *map)
{
    if (map == NULL) {
        return;
    }
    for (size_t i = 0; i < map->len; i++) {
        free((void *)(uintptr_t)map->entries[i].key.ptr); /* ours, const only for readers */
    }
    free(map->entries);
    free(map->slots);
    *map = (struct ad_map){0};
}

/* The slot that holds key, or the free one where it belongs. slot_count is a power of two and
 * never full. */
static size_t find_slot(const struct ad_map *map, struct ad_str key, uint32_t h)
{
    size_t mask = map->slot_count - 1;
    size_t slot = h & mask;
    while (map->slots[slot] != 0) {
        const struct ad_map_entry *entry = &map->entries[map->slots[slot] - 1];
        if (entry->hash == h && ad_str_equal(entry->key, key)) {
            break;
        }
        slot = (slot + 1) & mask;
    }
    return slot;
}

union ad_map_value *ad_map_find(const struct ad_map *map, struct ad_str key)
{
    if (map->len == 0) {
        return NULL;
    }
    size_t slot = find_slot(map, key, hash(key));
    return map->slots[slot] != 0 ? &map->entries[map->slots[slot] - 1].value : NULL;
}

/* Makes room for one more entry: at most three quarters of the slots are ever taken. */
static bool make_room(struct ad_map *map)
{
    if (map->len == map->cap) {
        size_t cap = map->cap > 0 ? map->cap * 2 : 8;
        struct ad_map_entry *entries =
            cap < UINT32_MAX ? ad_realloc_array(map->entries, cap, sizeof(*entries)) : NULL;
        if (entries == NULL) {
            return false;
        }
        map->entries = entries;
        map->cap = cap;
    }
    if (map->len + 1 <= map->slot_count / 4 * 3) {
        return true;
    }
    size_t count = map->slot_count > 0 ? map->slot_count * 2 : 16;
    uint32_t *slots = ad_alloc_array(count, sizeof(*slots));
    if (slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < map->len; i++) {
        size_t slot = map->entries[i].hash & (count - 1);
        while (slots[slot] != 0) {
            slot = (slot + 1) & (count - 1);
        }
        slots[slot] = (uint32_t)(i + 1);
    }
    free(map->slots);
    map->slots = slots;
    map->slot_count = count;
    return true;
}

union ad_map_value *ad_map_put(struct ad_map *map, struct ad_str key, bool *ret_added)
{
    uint32_t h = hash(key);
    if (map->len > 0) {
        size_t slot = find_slot(map, key, h);
        if (map->slots[slot] != 0) {
            if (ret_added != NULL) {
                *ret_added = false;
            }
            return &map->entries[map->slots[slot] - 1].value;
        }
    }
    char *copy = key.len < SIZE_MAX ? ad_alloc_array(key.len + 1, 1) : NULL;
    if (copy == NULL || !make_room(map)) {
        free(copy);
        return NULL;
    }
    if (key.len > 0) {
        memcpy(copy, key.ptr, key.len);
    }
    struct ad_map_entry *entry = &map->entries[map->len];
    *entry = (struct ad_map_entry){.key = {copy, key.len}, .hash = h};
    map->slots[find_slot(map, key, h)] = (uint32_t)(++map->len);
    if (ret_added != NULL) {
        *ret_added = true;
    }
    return &entry->value;
}
