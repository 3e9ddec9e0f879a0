/* SPDX-License-Identifier: MIT
 *
 * Reading directories, plain and HAMT-sharded. A shard's links are named by their bucket in
 * hexadecimal, followed by the entry's name, or by nothing when the bucket holds a further
 * shard. Listing needs no hashing, only the bounds that keep a hostile directory from costing
 * more than its bytes.
 */
#include "ipld/block.h"

#define FANOUT_MAX 1024
#define SHARD_DEPTH_MAX 8
#define MURMUR3_X64_64 0x22

struct frame {
    struct ad_buf block;
    struct ad_pb_node node; /* views into block */
    size_t next;
    size_t prefix; /* digits before a name */
    struct ad_cid cid;
};

struct listing {
    const struct ad_block_source *source;
    enum artdag_err (*each)(void *payload, const struct ad_dir_entry *entry, artdag_error *err);
    void *payload;
    struct ad_map names;
    struct ad_map shards;
    struct frame frames[SHARD_DEPTH_MAX + 1];
    size_t depth;
};

static enum artdag_err malformed(const char *what, artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_FORMAT, "ipld", "malformed directory: %s", what);
}

static size_t count_bits(struct ad_str bitfield)
{
    size_t bits = 0;
    for (size_t i = 0; i < bitfield.len; i++) {
        for (unsigned byte = (unsigned char)bitfield.ptr[i]; byte; byte &= byte - 1)
            bits++;
    }
    return bits;
}

static enum artdag_err check_shard(const struct ad_unixfs *u, size_t links, size_t *ret_prefix,
                                   artdag_error *err)
{
    size_t digits = 1;
    if (u->fanout < 8 || u->fanout > FANOUT_MAX || (u->fanout & (u->fanout - 1)) != 0)
        return malformed("the shard's fanout is not a power of two within 8 to 1024", err);
    if (u->hash_type != MURMUR3_X64_64)
        return malformed("the shard's hash is not murmur3-x64-64", err);
    if (u->data.len > u->fanout / 8 || count_bits(u->data) != links)
        return malformed("the shard's bit field does not match its links", err);
    for (uint64_t n = u->fanout - 1; n >= 16; n >>= 4)
        digits++;
    *ret_prefix = digits;
    return ARTDAG_OK;
}

static enum artdag_err check_directory(struct frame *frame, bool root, artdag_error *err)
{
    struct ad_unixfs u = {0};
    if (!frame->node.has_data)
        return malformed("no UnixFS data", err);
    enum artdag_err rc = ad_unixfs_decode(frame->node.data, &u, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (u.type == AD_UNIXFS_HAMT)
        rc = check_shard(&u, frame->node.links.len, &frame->prefix, err);
    else if (!root)
        rc = malformed("a shard's child is no shard", err);
    else if (u.type != AD_UNIXFS_DIRECTORY)
        rc = ad_error_set(err, ARTDAG_E_INVAL, "ipld", "not a directory");
    ad_unixfs_fini(&u);
    return rc;
}

static void pop(struct listing *listing)
{
    struct frame *frame = &listing->frames[--listing->depth];
    ad_pb_node_fini(&frame->node);
    ad_buf_fini(&frame->block);
}

static enum artdag_err load(struct listing *listing, struct frame *frame, bool root,
                            artdag_error *err)
{
    if (frame->cid.codec != AD_CODEC_DAG_PB)
        return ad_error_set(err, ARTDAG_E_INVAL, "ipld", "not a directory");
    enum artdag_err rc = ad_block_get(listing->source, &frame->cid, &frame->block, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = ad_pb_decode(frame->block.data, frame->block.len, &frame->node, err);
    if (rc == ARTDAG_OK)
        rc = check_directory(frame, root, err);
    return rc == ARTDAG_OK ? rc : ad_error_in_block(err, rc, &frame->cid);
}

/* A name's hash leads to one place, so no shard can be in a directory twice; a few blocks that
 * name each other over and over would otherwise list for ever. */
static enum artdag_err check_first_visit(struct listing *listing, const struct ad_cid *cid,
                                         artdag_error *err)
{
    struct ad_str key = {(const char *)cid->digest, cid->digest_len};
    bool added = false;
    if (!ad_map_put(&listing->shards, key, &added))
        return ad_error_nomem(err, "ipld");
    return added ? ARTDAG_OK : malformed("a shard occurs twice", err);
}

static enum artdag_err push(struct listing *listing, const struct ad_cid *cid,
                            artdag_error *err)
{
    if (listing->depth > SHARD_DEPTH_MAX)
        return malformed("the shards are nested too deep", err);
    enum artdag_err rc = check_first_visit(listing, cid, err);
    if (rc != ARTDAG_OK)
        return rc;
    struct frame *frame = &listing->frames[listing->depth++];
    *frame = (struct frame){.cid = *cid};
    ad_buf_init(&frame->block, AD_BLOCK_MAX);
    rc = load(listing, frame, listing->depth == 1, err);
    if (rc != ARTDAG_OK)
        pop(listing);
    return rc;
}

static enum artdag_err give(struct listing *listing, const struct ad_pb_link *link,
                            struct ad_str name, artdag_error *err)
{
    bool added = false;
    if (!ad_map_put(&listing->names, name, &added))
        return ad_error_nomem(err, "ipld");
    if (!added)
        return ARTDAG_OK;
    struct ad_dir_entry entry = {
        .name = name,
        .cid = link->cid,
        .tsize = link->tsize,
        .type = link->cid.codec == AD_CODEC_RAW ? AD_UNIXFS_FILE : AD_UNIXFS_RAW,
    };
    return listing->each(listing->payload, &entry, err);
}

static enum artdag_err step(struct listing *listing, artdag_error *err)
{
    struct frame *frame = &listing->frames[listing->depth - 1];
    if (frame->next == frame->node.links.len) {
        pop(listing);
        return ARTDAG_OK;
    }
    const struct ad_pb_link *link = &frame->node.links.items[frame->next++];
    if (link->name.len < frame->prefix)
        return malformed("a shard's link has no bucket", err);
    if (frame->prefix && link->name.len == frame->prefix)
        return push(listing, &link->cid, err);
    return give(listing, link, ad_str_slice(link->name, frame->prefix, link->name.len), err);
}

enum artdag_err ad_unixfs_list(const struct ad_block_source *source, const struct ad_cid *dir,
                               enum artdag_err (*each)(void *payload,
                                                       const struct ad_dir_entry *entry,
                                                       artdag_error *err),
                               void *payload, artdag_error *err)
{
    struct listing *listing = ad_alloc(sizeof(*listing));
    if (!listing)
        return ad_error_nomem(err, "ipld");
    listing->source = source;
    listing->each = each;
    listing->payload = payload;
    enum artdag_err rc = push(listing, dir, err);
    while (rc == ARTDAG_OK && listing->depth)
        rc = step(listing, err);
    while (listing->depth)
        pop(listing);
    ad_map_fini(&listing->names);
    ad_map_fini(&listing->shards);
    free(listing);
    return rc;
}
