/* SPDX-License-Identifier: MIT
 *
 * Sharded directories: a tree of dag-pb nodes with 256 buckets each. On level i byte i of a name's hash is its bucket. A
 * bucket with one entry links to it under two hexadecimal digits and the name, a bucket with more links to a
 * child shard under the digits alone. Data of a shard: 08 05 | 12 n bit field | 28 22 | 30 80 02, where bit b of the field,
 * a big-endian number without leading zero bytes, says that bucket b is taken.
 */
#include "ipld/hamt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FANOUT 256
#define LEVELS 8 /* a hash has no more bytes */

/* ---- murmur3 x64-128, first half ---- */

#define C1 UINT64_C(0x87c37b91114253d5)
#define C2 UINT64_C(0x4cf5ad432745937f)

static uint64_t rotate(uint64_t n, unsigned by)
{
    return n << by | n >> (64 - by);
}

static uint64_t little_endian(const uint8_t *data, size_t len)
{
    uint64_t n = 0;
    for (size_t i = 0; i < len; i++)
        n |= (uint64_t)data[i] << 8 * i;
    return n;
}

static uint64_t mix_first(uint64_t k)
{
    return rotate(k * C1, 31) * C2;
}

static uint64_t mix_second(uint64_t k)
{
    return rotate(k * C2, 33) * C1;
}

static uint64_t finish(uint64_t h)
{
    h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

uint64_t ad_hamt_hash(struct ad_str name)
{
    const uint8_t *data = (const uint8_t *)name.ptr;
    uint64_t h1 = 0;
    uint64_t h2 = 0;
    size_t left = name.len;
    for (; left >= 16; left -= 16, data += 16) {
        h1 = rotate(h1 ^ mix_first(little_endian(data, 8)), 27) + h2;
        h1 = h1 * 5 + 0x52dce729;
        h2 = rotate(h2 ^ mix_second(little_endian(data + 8, 8)), 31) + h1;
        h2 = h2 * 5 + 0x38495ab5;
    }
    if (left > 8)
        h2 ^= mix_second(little_endian(data + 8, left - 8));
    if (left > 0)
        h1 ^= mix_first(little_endian(data, left < 8 ? left : 8));
    h1 ^= name.len;
    h2 ^= name.len;
    h1 += h2;
    h2 += h1;
    return finish(h1) + finish(h2);
}

/* ---- shards ---- */

struct item {
    uint64_t hash;
    const struct ad_dir_entry *entry;
};

/* A shard that is being written: the items from `next` on, up to `end`, are not in it yet. */
struct shard {
    size_t next;
    size_t end;
    struct ad_buf block;
    uint64_t tsize; /* of the links */
    uint8_t bits[FANOUT / 8];
};

struct hamt {
    const struct ad_unixfs_profile *profile;
    const struct ad_block_sink *sink;
    struct item *items; /* by hash */
    struct shard shards[LEVELS];
    size_t depth;
    struct ad_cid cid; /* of the shard that was finished last, */
    uint64_t tsize;    /* and its size */
};

static unsigned bucket_of(const struct hamt *h, size_t item, size_t level)
{
    return (unsigned)(h->items[item].hash >> 8 * (LEVELS - 1 - level) & 0xff);
}

static void put_bucket(struct shard *shard, unsigned bucket, struct ad_str name,
                       const struct ad_cid *cid, uint64_t tsize)
{
    char digits[3];
    struct ad_buf text = AD_BUF_INIT(name.len + sizeof(digits));
    (void)snprintf(digits, sizeof(digits), "%02X", bucket);
    (void)ad_buf_str(&text, digits);
    if (ad_buf_view(&text, name) != ARTDAG_OK)
        shard->block.status = ad_buf_status(&text);
    struct ad_str whole = ad_buf_as_str(&text);
    ad_put_link(&shard->block, cid, &whole, &tsize);
    ad_buf_fini(&text);
    shard->bits[FANOUT / 8 - 1 - bucket / 8] |= (uint8_t)(1u << bucket % 8);
    shard->tsize += tsize;
}

static void put_data(struct shard *shard)
{
    uint8_t data[sizeof(shard->bits) + 16] = {AD_TAG_UNIXFS_TYPE, AD_UNIXFS_HAMT,
                                              AD_TAG_UNIXFS_DATA};
    static const uint8_t rest[] = {0x28, 0x22, 0x30, 0x80, 0x02}; /* murmur3-x64-64, fanout */
    size_t zeros = 0;
    while (zeros < sizeof(shard->bits) - 1 && shard->bits[zeros] == 0)
        zeros++;
    size_t len = 4;
    data[3] = (uint8_t)(sizeof(shard->bits) - zeros);
    memcpy(data + len, shard->bits + zeros, sizeof(shard->bits) - zeros);
    len += sizeof(shard->bits) - zeros;
    memcpy(data + len, rest, sizeof(rest));
    len += sizeof(rest);
    (void)ad_buf_byte(&shard->block, AD_TAG_PB_DATA);
    (void)ad_buf_byte(&shard->block, (uint8_t)len);
    (void)ad_buf_append(&shard->block, data, len);
}

static enum artdag_err push_shard(struct hamt *h, size_t from, size_t to, artdag_error *err)
{
    if (h->depth == LEVELS) {
        struct ad_str name = ad_str_slice(h->items[from].entry->name, 0, 100);
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ipld",
                            "\"%.*s\" and another name in the directory have the same hash",
                            AD_STR_ARG(name));
    }
    struct shard *shard = &h->shards[h->depth++];
    *shard = (struct shard){.next = from, .end = to};
    ad_buf_init(&shard->block, AD_BLOCK_MAX);
    return ARTDAG_OK;
}

static enum artdag_err finish_shard(struct hamt *h, artdag_error *err)
{
    struct shard *shard = &h->shards[h->depth - 1];
    put_data(shard);
    if (ad_buf_status(&shard->block) == ARTDAG_E_NOMEM)
        return ad_error_nomem(err, "ipld");
    if (ad_buf_status(&shard->block) != ARTDAG_OK)
        return ad_error_set(err, ARTDAG_E_LIMIT, "ipld",
                            "the names of a directory do not fit into a block");
    enum artdag_err rc =
        ad_node_cid(h->profile, shard->block.data, shard->block.len, &h->cid, err);
    if (rc == ARTDAG_OK && h->sink != NULL)
        rc = ad_block_put(h->sink, &h->cid, shard->block.data, shard->block.len, err);
    h->tsize = shard->tsize + shard->block.len;
    ad_buf_fini(&shard->block);
    h->depth--;
    if (rc == ARTDAG_OK && h->depth > 0) {
        struct shard *parent = &h->shards[h->depth - 1];
        put_bucket(parent, bucket_of(h, shard->next - 1, h->depth - 1), (struct ad_str){"", 0},
                   &h->cid, h->tsize);
        parent->next = shard->next;
    }
    return rc;
}

static enum artdag_err step(struct hamt *h, artdag_error *err)
{
    struct shard *shard = &h->shards[h->depth - 1];
    size_t level = h->depth - 1;
    size_t end = shard->next;
    if (shard->next == shard->end)
        return finish_shard(h, err);
    unsigned bucket = bucket_of(h, shard->next, level);
    while (end < shard->end && bucket_of(h, end, level) == bucket)
        end++;
    if (end - shard->next > 1)
        return push_shard(h, shard->next, end, err);
    const struct ad_dir_entry *entry = h->items[shard->next].entry;
    put_bucket(shard, bucket, entry->name, &entry->cid, entry->tsize);
    shard->next = end;
    return ARTDAG_OK;
}

static int by_hash(const void *a, const void *b)
{
    const struct item *left = a;
    const struct item *right = b;
    return left->hash < right->hash ? -1 : left->hash > right->hash;
}

enum artdag_err ad_hamt_write(const struct ad_unixfs_profile *profile,
                              const struct ad_dir_entry *const *entries, size_t count,
                              const struct ad_block_sink *sink, struct ad_cid *ret,
                              uint64_t *ret_tsize, artdag_error *err)
{
    struct hamt *h = ad_alloc(sizeof(*h));
    if (h == NULL)
        return ad_error_nomem(err, "ipld");
    h->profile = profile;
    h->sink = sink;
    h->items = ad_alloc_array(count, sizeof(*h->items));
    enum artdag_err rc = h->items != NULL ? ARTDAG_OK : ad_error_nomem(err, "ipld");
    for (size_t i = 0; i < count && rc == ARTDAG_OK; i++)
        h->items[i] = (struct item){ad_hamt_hash(entries[i]->name), entries[i]};
    if (rc == ARTDAG_OK) {
        qsort(h->items, count, sizeof(*h->items), by_hash);
        rc = push_shard(h, 0, count, err);
    }
    while (rc == ARTDAG_OK && h->depth > 0)
        rc = step(h, err);
    while (h->depth > 0)
        ad_buf_fini(&h->shards[--h->depth].block);
    if (rc == ARTDAG_OK) {
        *ret = h->cid;
        *ret_tsize = h->tsize;
    }
    free(h->items);
    free(h);
    return rc;
}
