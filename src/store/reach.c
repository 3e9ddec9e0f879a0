/* SPDX-License-Identifier: MIT */
#include "store/reach.h"

/* What is known of a block. It may be linked both as raw bytes, which lead nowhere, and as
 * dag-pb. */
#define REACHED 1u
#define FOLLOWED 2u

void ad_reach_init(struct ad_reach *reach, struct ad_store *store)
{
    *reach = (struct ad_reach){.store = store, .block = AD_BUF_INIT(AD_BLOCK_MAX)};
}

void ad_reach_fini(struct ad_reach *reach)
{
    ad_map_fini(&reach->blocks);
    ad_vec_fini(&reach->stack);
    ad_buf_fini(&reach->block);
}

bool ad_reach_has(const struct ad_reach *reach, const struct ad_cid *cid)
{
    uint8_t bytes[AD_CID_BYTES_MAX];
    return ad_map_find(&reach->blocks, ad_store_block_key(cid, bytes)) != NULL;
}

static enum artdag_err push_links(struct ad_reach *reach, artdag_error *err)
{
    struct ad_pb_node node = {0};
    enum artdag_err code = ad_pb_decode(reach->block.data, reach->block.len, &node, err);
    for (size_t i = 0; i < node.links.len && code == ARTDAG_OK; i++) {
        if (!ad_vec_push(&reach->stack, node.links.items[i].cid))
            code = ad_error_nomem(err, ROOM);
    }
    ad_pb_node_fini(&node);
    return code;
}

static enum artdag_err look_up(struct ad_reach *reach, const struct ad_cid *cid,
                               artdag_error *err)
{
    bool here = true;
    enum artdag_err code = ARTDAG_OK;
    if (reach->look_up_leaves)
        code = ad_store_has(reach->store, cid, &here, err);
    if (code == ARTDAG_OK && !here)
        code = ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "the block is not in the store");
    return code;
}

/* Trouble with the disk is an error, because then anything might look unreachable. */
static enum artdag_err visit(struct ad_reach *reach, const struct ad_cid *cid, bool follow,
                             artdag_error *err)
{
    artdag_error inner = {0};
    enum artdag_err code = ARTDAG_OK;
    if (follow) {
        code = ad_store_get(reach->store, cid, &reach->block, &inner);
        if (code == ARTDAG_OK)
            code = push_links(reach, &inner);
    } else {
        code = look_up(reach, cid, &inner);
    }
    if (code == ARTDAG_E_NOTFOUND || code == ARTDAG_E_CORRUPT || code == ARTDAG_E_FORMAT) {
        if (reach->lost != NULL)
            reach->lost(reach->payload, cid, inner.message);
        return ARTDAG_OK;
    }
    if (code != ARTDAG_OK && err != NULL)
        *err = inner;
    return code;
}

enum artdag_err ad_reach_add(struct ad_reach *reach, const struct ad_cid *root,
                             artdag_error *err)
{
    enum artdag_err code =
        ad_vec_push(&reach->stack, *root) ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    while (code == ARTDAG_OK && reach->stack.len > 0) {
        struct ad_cid cid = reach->stack.items[--reach->stack.len];
        uint8_t bytes[AD_CID_BYTES_MAX];
        union ad_map_value *value =
            ad_map_put(&reach->blocks, ad_store_block_key(&cid, bytes), NULL);
        if (value == NULL)
            return ad_error_nomem(err, ROOM);
        bool follow = cid.codec == AD_CODEC_DAG_PB && (value->num & FOLLOWED) == 0;
        bool is_new = value->num == 0;
        value->num |= follow ? REACHED | FOLLOWED : REACHED;
        if (follow || is_new)
            code = visit(reach, &cid, follow, err);
    }
    return code;
}
