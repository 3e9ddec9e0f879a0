/* SPDX-License-Identifier: MIT
 *
 * A store in memory for tests of DAGs: a sink and a source over the same blocks, and the order
 * they came in.
 */
#ifndef AD_TEST_BLOCKS_H
#define AD_TEST_BLOCKS_H

#include <stdlib.h>
#include <string.h>

#include "ad_test_cid.h"
#include "ipld/ipld.h"

struct ad_test_block {
    struct ad_cid cid;
    uint8_t *data;
    size_t len;
};

struct ad_test_blocks {
    AD_VEC(struct ad_test_block) list; /* in the order of the first put */
    struct ad_map index;               /* multihash -> position in list */
    size_t puts;
    size_t gets;
};

static inline struct ad_str ad_test_block_key(const struct ad_cid *cid)
{
    return (struct ad_str){(const char *)cid->digest, cid->digest_len};
}

static inline enum artdag_err ad_test_blocks_put(void *payload, const struct ad_cid *cid,
                                                 const void *data, size_t len,
                                                 artdag_error *err)
{
    struct ad_test_blocks *blocks = payload;
    bool added = false;
    enum artdag_err rc = ad_cid_verify(cid, data, len, err);
    if (rc != ARTDAG_OK)
        return rc;
    union ad_map_value *slot = ad_map_put(&blocks->index, ad_test_block_key(cid), &added);
    if (!slot)
        return ad_error_nomem(err, "test");
    blocks->puts++;
    if (!added)
        return ARTDAG_OK;
    struct ad_test_block block = {*cid, ad_alloc(len + 1), len};
    if (len)
        memcpy(block.data, data, len);
    slot->num = blocks->list.len;
    return ad_vec_push(&blocks->list, block) ? ARTDAG_OK : ad_error_nomem(err, "test");
}

static inline enum artdag_err ad_test_blocks_get(void *payload, const struct ad_cid *cid,
                                                 struct ad_buf *buf, artdag_error *err)
{
    struct ad_test_blocks *blocks = payload;
    union ad_map_value *slot = ad_map_find(&blocks->index, ad_test_block_key(cid));
    if (!slot)
        return ad_error_set(err, ARTDAG_E_NOTFOUND, "test", "no such block");
    blocks->gets++;
    ad_buf_clear(buf);
    return ad_buf_append(buf, blocks->list.items[slot->num].data,
                         blocks->list.items[slot->num].len);
}

static inline struct ad_block_sink ad_test_sink(struct ad_test_blocks *blocks)
{
    return (struct ad_block_sink){ad_test_blocks_put, blocks};
}

static inline struct ad_block_source ad_test_block_source(struct ad_test_blocks *blocks)
{
    return (struct ad_block_source){ad_test_blocks_get, blocks};
}

/* Stores a block and gives its CIDv1. */
static inline struct ad_cid ad_test_add_block(struct ad_test_blocks *blocks, uint32_t codec,
                                              const void *data, size_t len)
{
    struct ad_cid cid = {0};
    if (ad_cid_of(codec, data, len, &cid, NULL) != ARTDAG_OK ||
        ad_test_blocks_put(blocks, &cid, data, len, NULL) != ARTDAG_OK)
        fail_msg("cannot add a block");
    return cid;
}

static inline void ad_test_blocks_fini(struct ad_test_blocks *blocks)
{
    for (size_t i = 0; i < blocks->list.len; i++)
        free(blocks->list.items[i].data);
    ad_vec_fini(&blocks->list);
    ad_map_fini(&blocks->index);
}

#endif
