/* SPDX-License-Identifier: MIT
 *
 * The balanced layout, streaming. Each level has one open node, kept in the form in which it
 * will be written. A node is closed only when one child more than it can hold arrives, so at
 * the end every level has an open node with at least one child, and closing them from the
 * bottom up gives every leaf the same depth: a lone child still gets a parent, except at the
 * very top, where a single leaf is the file.
 */
#include "ipld/block.h"

/* 2^64 bytes in the smallest chunks at the smallest width need 64 levels. */
#define LEVELS_MAX 64

struct child {
    struct ad_cid cid;
    uint64_t file_bytes;
    uint64_t tsize;
};

struct level {
    struct ad_buf links;
    struct ad_buf sizes; /* the blocksizes fields */
    uint32_t count;
    uint64_t file_bytes;
    uint64_t tsize;
    struct child last;
};

struct ad_tree {
    struct ad_unixfs_profile profile;
    struct ad_block_sink sink;
    struct ad_buf block;
    unsigned depth; /* levels in use */
    struct level levels[LEVELS_MAX];
};

enum artdag_err ad_tree_create(const struct ad_unixfs_profile *profile,
                               const struct ad_block_sink *sink, struct ad_tree **ret,
                               artdag_error *err)
{
    enum artdag_err rc = ad_unixfs_profile_check(profile, err);
    if (rc != ARTDAG_OK)
        return rc;
    struct ad_tree *tree = ad_alloc(sizeof(*tree));
    if (!tree)
        return ad_error_nomem(err, "ipld");
    tree->profile = *profile;
    if (sink)
        tree->sink = *sink;
    ad_buf_init(&tree->block, AD_BLOCK_MAX);
    for (unsigned i = 0; i < LEVELS_MAX; i++) {
        ad_buf_init(&tree->levels[i].links, AD_BLOCK_MAX);
        ad_buf_init(&tree->levels[i].sizes, AD_BLOCK_MAX);
    }
    *ret = tree;
    return ARTDAG_OK;
}

/* Writes out the level's open node and empties it. */
static enum artdag_err close_node(struct ad_tree *tree, struct level *level, struct child *ret,
                                  artdag_error *err)
{
    struct ad_buf *block = &tree->block;
    struct child node = {.file_bytes = level->file_bytes};
    size_t message = 2 + 1 + ad_varint_len(level->file_bytes) + level->sizes.len;
    ad_buf_clear(block);
    (void)ad_buf_view(block, ad_buf_as_str(&level->links));
    (void)ad_buf_byte(block, AD_TAG_PB_DATA);
    ad_put_varint(block, message);
    (void)ad_buf_byte(block, AD_TAG_UNIXFS_TYPE);
    (void)ad_buf_byte(block, AD_UNIXFS_FILE);
    (void)ad_buf_byte(block, AD_TAG_UNIXFS_FILESIZE);
    ad_put_varint(block, level->file_bytes);
    (void)ad_buf_view(block, ad_buf_as_str(&level->sizes));
    if (ad_buf_status(block) != ARTDAG_OK)
        return ad_error_set(err, ad_buf_status(block), "ipld",
                            "a file node does not fit into a block");
    enum artdag_err rc = ad_node_cid(&tree->profile, block->data, block->len, &node.cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_block_put(&tree->sink, &node.cid, block->data, block->len, err);
    if (rc != ARTDAG_OK)
        return rc;
    node.tsize = level->tsize + block->len;
    ad_buf_clear(&level->links);
    ad_buf_clear(&level->sizes);
    level->count = 0;
    level->file_bytes = 0;
    level->tsize = 0;
    *ret = node;
    return ARTDAG_OK;
}

static enum artdag_err append_child(struct level *level, const struct child *child,
                                    artdag_error *err)
{
    static const struct ad_str no_name = {"",
                                          0}; /* present and empty, as all importers write it */
    ad_put_link(&level->links, &child->cid, &no_name, &child->tsize);
    (void)ad_buf_byte(&level->sizes, AD_TAG_UNIXFS_BLOCKSIZE);
    ad_put_varint(&level->sizes, child->file_bytes);
    if (ad_buf_status(&level->links) != ARTDAG_OK || ad_buf_status(&level->sizes) != ARTDAG_OK)
        return ad_error_nomem(err, "ipld");
    level->count++;
    level->file_bytes += child->file_bytes;
    level->tsize += child->tsize;
    level->last = *child;
    return ARTDAG_OK;
}

static enum artdag_err add_child(struct ad_tree *tree, unsigned at, struct child child,
                                 artdag_error *err)
{
    for (; at < LEVELS_MAX; at++) {
        struct level *level = &tree->levels[at];
        struct child full = {0};
        if (at >= tree->depth)
            tree->depth = at + 1;
        if (level->count < tree->profile.width)
            return append_child(level, &child, err);
        enum artdag_err rc = close_node(tree, level, &full, err);
        if (rc == ARTDAG_OK)
            rc = append_child(level, &child, err);
        if (rc != ARTDAG_OK)
            return rc;
        child = full;
    }
    return ad_error_set(err, ARTDAG_E_LIMIT, "ipld", "the file has too many chunks");
}

enum artdag_err ad_tree_leaf(struct ad_tree *tree, const struct ad_cid *cid,
                             uint64_t file_bytes, uint64_t block_bytes, artdag_error *err)
{
    return add_child(tree, 0, (struct child){*cid, file_bytes, block_bytes}, err);
}

static enum artdag_err empty_file(struct ad_tree *tree, struct child *ret, artdag_error *err)
{
    struct child leaf = {0};
    ad_buf_clear(&tree->block);
    enum artdag_err rc = ad_unixfs_leaf(&tree->profile, "", 0, &tree->block, &leaf.cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_block_put(&tree->sink, &leaf.cid,
                          tree->block.len ? tree->block.data : (const void *)"",
                          tree->block.len, err);
    if (rc != ARTDAG_OK)
        return rc;
    leaf.tsize = tree->block.len;
    *ret = leaf;
    return ARTDAG_OK;
}

enum artdag_err ad_tree_finish(struct ad_tree *tree, struct ad_cid *ret_root,
                               uint64_t *ret_tsize, artdag_error *err)
{
    struct child root = tree->levels[0].last;
    enum artdag_err rc = ARTDAG_OK;
    if (tree->depth == 0)
        rc = empty_file(tree, &root, err);
    bool one_leaf = tree->depth == 1 && tree->levels[0].count == 1;
    unsigned at = one_leaf ? 1 : 0;
    /* Handing a node up may open a level more. */
    for (; rc == ARTDAG_OK && at < tree->depth; at++) {
        rc = close_node(tree, &tree->levels[at], &root, err);
        if (rc == ARTDAG_OK && at + 1 < tree->depth)
            rc = add_child(tree, at + 1, root, err);
    }
    if (rc != ARTDAG_OK)
        return rc;
    *ret_root = root.cid;
    if (ret_tsize)
        *ret_tsize = root.tsize;
    return ARTDAG_OK;
}

void ad_tree_destroy(struct ad_tree *tree)
{
    if (!tree)
        return;
    for (unsigned i = 0; i < LEVELS_MAX; i++) {
        ad_buf_fini(&tree->levels[i].links);
        ad_buf_fini(&tree->levels[i].sizes);
    }
    ad_buf_fini(&tree->block);
    free(tree);
}
