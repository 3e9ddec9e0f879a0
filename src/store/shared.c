/* SPDX-License-Identifier: MIT
 *
 * What two DAGs have in common, block by block.
 */
#include "store/handle.h"

/* In `blocks`, every block's length and whether the walk over b has met it. Blocks are at most
 * AD_BLOCK_MAX long. */
#define MET_IN_B 1u

struct sharing {
    struct ad_store *store;
    struct ad_map blocks; /* by multihash: a DAG may reach one under two CIDs */
    bool in_b;            /* which of the two is walked */
    struct ad_shared sums;
};

static void count(struct sharing *sharing, bool known, uint64_t bytes)
{
    struct ad_shared *sums = &sharing->sums;
    if (!sharing->in_b) {
        sums->a_blocks++;
        sums->a_bytes += bytes;
        return;
    }
    sums->b_blocks++;
    sums->b_bytes += bytes;
    if (known) {
        sums->common_blocks++;
        sums->common_bytes += bytes;
    }
}

static enum artdag_err share_block(void *payload, const struct ad_cid *cid, const void *data,
                                   size_t len, artdag_error *err)
{
    struct sharing *sharing = payload;
    uint8_t bytes[AD_CID_BYTES_MAX];
    uint64_t size = len;
    bool added = false;
    union ad_map_value *value =
        ad_map_put(&sharing->blocks, ad_store_block_key(cid, bytes), &added);
    if (value == NULL)
        return ad_error_nomem(err, ROOM);
    if (!added) {
        if (sharing->in_b && (value->num & MET_IN_B) == 0)
            count(sharing, true, value->num >> 1);
        value->num |= sharing->in_b ? MET_IN_B : 0;
        return ARTDAG_OK;
    }
    if (data == NULL) {
        enum artdag_err code = ad_store_block_len(sharing->store, cid, &size, err);
        if (code != ARTDAG_OK)
            return code;
    }
    value->num = size << 1 | (sharing->in_b ? MET_IN_B : 0);
    count(sharing, false, size);
    return ARTDAG_OK;
}

enum artdag_err ad_store_shared(struct ad_store *store, const struct ad_cid *a,
                                const struct ad_cid *b, struct ad_shared *ret,
                                artdag_error *err)
{
    struct sharing sharing = {.store = store};
    enum artdag_err code = ad_dag_walk(&store->source, a, false, share_block, &sharing, err);
    sharing.in_b = true;
    if (code == ARTDAG_OK)
        code = ad_dag_walk(&store->source, b, false, share_block, &sharing, err);
    ad_map_fini(&sharing.blocks);
    if (code == ARTDAG_OK)
        *ret = sharing.sums;
    return code;
}
