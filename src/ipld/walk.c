/* SPDX-License-Identifier: MIT
 *
 * Visiting every block of a DAG once, depth first. The stack is explicit and holds per level
 * only the CIDs still to be visited, in binary, so a level never needs more memory than its
 * block.
 */
#include "ipld/block.h"

#define DEPTH_MAX 256

struct frame {
    struct ad_buf cids;
    size_t at;
};

struct walk {
    const struct ad_block_source *source;
    bool leaves;
    enum artdag_err (*each)(void *payload, const struct ad_cid *cid, const void *data,
                            size_t len, artdag_error *err);
    void *payload;
    struct ad_map seen;
    struct ad_buf block;
    size_t depth;
    struct frame frames[DEPTH_MAX];
};

/* CIDs that differ in version only name the same block; raw and dag-pb readings of the same
 * bytes have different links. */
static enum artdag_err mark_seen(struct walk *walk, const struct ad_cid *cid, bool *ret_new,
                                 artdag_error *err)
{
    uint8_t key[AD_CID_BYTES_MAX];
    struct ad_cid v1 = *cid;
    v1.version = 1;
    struct ad_str view = {(const char *)key, ad_cid_to_bytes(&v1, key)};
    return ad_map_put(&walk->seen, view, ret_new) ? ARTDAG_OK : ad_error_nomem(err, "ipld");
}

static enum artdag_err push_links(struct walk *walk, const struct ad_cid *cid,
                                  artdag_error *err)
{
    struct ad_pb_node node = {0};
    enum artdag_err rc = ad_pb_decode(walk->block.data, walk->block.len, &node, err);
    if (rc == ARTDAG_OK && node.links.len && walk->depth == DEPTH_MAX)
        rc = ad_error_set(err, ARTDAG_E_LIMIT, "ipld", "the DAG is more than %d levels deep",
                          DEPTH_MAX);
    if (rc == ARTDAG_OK && node.links.len) {
        struct frame *frame = &walk->frames[walk->depth++];
        frame->at = 0;
        ad_buf_init(&frame->cids, AD_BLOCK_MAX);
        for (size_t i = 0; i < node.links.len; i++) {
            uint8_t bytes[AD_CID_BYTES_MAX];
            (void)ad_buf_append(&frame->cids, bytes,
                                ad_cid_to_bytes(&node.links.items[i].cid, bytes));
        }
        if (ad_buf_status(&frame->cids) != ARTDAG_OK)
            rc = ad_error_nomem(err, "ipld");
    }
    ad_pb_node_fini(&node);
    return rc == ARTDAG_OK ? rc : ad_error_in_block(err, rc, cid);
}

static enum artdag_err visit(struct walk *walk, const struct ad_cid *cid, artdag_error *err)
{
    bool raw = cid->codec == AD_CODEC_RAW;
    bool identity = cid->hash == AD_MULTIHASH_IDENTITY;
    bool is_new = false;
    if (!raw && cid->codec != AD_CODEC_DAG_PB) {
        enum artdag_err rc =
            ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ipld",
                         "the links of codec 0x%x are not known here", (unsigned)cid->codec);
        return ad_error_in_block(err, rc, cid);
    }
    enum artdag_err rc = mark_seen(walk, cid, &is_new, err);
    if (rc != ARTDAG_OK || !is_new || (raw && identity))
        return rc;
    if (raw && !walk->leaves)
        return walk->each(walk->payload, cid, NULL, 0, err);
    rc = ad_block_get(walk->source, cid, &walk->block, err);
    if (rc == ARTDAG_OK && !identity)
        rc = walk->each(walk->payload, cid,
                        walk->block.len ? walk->block.data : (const void *)"", walk->block.len,
                        err);
    if (rc == ARTDAG_OK && !raw)
        rc = push_links(walk, cid, err);
    return rc;
}

static enum artdag_err step(struct walk *walk, artdag_error *err)
{
    struct frame *frame = &walk->frames[walk->depth - 1];
    struct ad_cid cid = {0};
    size_t used = 0;
    if (frame->at == frame->cids.len) {
        ad_buf_fini(&frame->cids);
        walk->depth--;
        return ARTDAG_OK;
    }
    enum artdag_err rc = ad_cid_read(frame->cids.data + frame->at, frame->cids.len - frame->at,
                                     &cid, &used, err);
    frame->at += used;
    return rc == ARTDAG_OK ? visit(walk, &cid, err) : rc;
}

enum artdag_err
ad_dag_walk(const struct ad_block_source *source, const struct ad_cid *root, bool leaves,
            enum artdag_err (*each)(void *payload, const struct ad_cid *cid, const void *data,
                                    size_t len, artdag_error *err),
            void *payload, artdag_error *err)
{
    struct walk *walk = ad_alloc(sizeof(*walk));
    if (!walk)
        return ad_error_nomem(err, "ipld");
    walk->source = source;
    walk->leaves = leaves;
    walk->each = each;
    walk->payload = payload;
    ad_buf_init(&walk->block, AD_BLOCK_MAX);
    enum artdag_err rc = visit(walk, root, err);
    while (rc == ARTDAG_OK && walk->depth)
        rc = step(walk, err);
    while (walk->depth)
        ad_buf_fini(&walk->frames[--walk->depth].cids);
    ad_buf_fini(&walk->block);
    ad_map_fini(&walk->seen);
    free(walk);
    return rc;
}
