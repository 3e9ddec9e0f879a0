/* SPDX-License-Identifier: MIT
 *
 * Reading files by range. A node's own data comes first, then its children, each as long as its
 * blocksize says; that rule covers the balanced layout (data in leaves only), trickle (data in
 * inner nodes too), raw leaves and single blocks. The path from the root to the leaf last read
 * stays loaded, so that reading on costs one block per leaf.
 */
#include <string.h>

#include "ipld/block.h"

/* No layout comes near; a file of 2^63 bytes is 16 levels deep at width 16. */
#define DEPTH_MAX 64

struct child {
    struct ad_cid cid;
    uint64_t start; /* within the parent */
};

struct node {
    struct ad_cid cid;
    struct ad_buf block;
    struct ad_str data; /* the node's own part of the file, a view into block */
    AD_VEC(struct child) children;
    uint64_t start; /* within the file */
    uint64_t size;
    size_t index; /* among the parent's children */
};

struct ad_unixfs_file {
    struct ad_block_source source;
    size_t depth; /* loaded nodes */
    struct node path[DEPTH_MAX];
};

static enum artdag_err malformed(const char *what, artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_FORMAT, "ipld", "malformed file: %s", what);
}

static void node_fini(struct node *node)
{
    ad_buf_fini(&node->block);
    ad_vec_fini(&node->children);
}

static enum artdag_err take_children(struct node *node, const struct ad_pb_node *pb,
                                     const struct ad_unixfs *u, artdag_error *err)
{
    uint64_t end = node->data.len;
    if (u->blocksizes.len != pb->links.len)
        return malformed("as many block sizes as links are needed", err);
    if (!ad_vec_reserve(&node->children, pb->links.len))
        return ad_error_nomem(err, "ipld");
    for (size_t i = 0; i < pb->links.len; i++) {
        struct child child = {pb->links.items[i].cid, end};
        node->children.items[node->children.len++] = child;
        if (u->blocksizes.items[i] > INT64_MAX - end)
            return malformed("the block sizes add up to too much", err);
        end += u->blocksizes.items[i];
    }
    node->size = end;
    if (u->has_filesize && u->filesize != end)
        return malformed("the block sizes do not add up to the file size", err);
    return ARTDAG_OK;
}

static enum artdag_err check_type(enum ad_unixfs_type type, bool root, artdag_error *err)
{
    if (type == AD_UNIXFS_FILE || type == AD_UNIXFS_RAW)
        return ARTDAG_OK;
    if (!root)
        return malformed("a part of it is no file", err);
    if (type == AD_UNIXFS_DIRECTORY || type == AD_UNIXFS_HAMT)
        return ad_error_set(err, ARTDAG_E_INVAL, "ipld", "a directory, not a file");
    return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ipld", "a %s, not a file",
                        type == AD_UNIXFS_SYMLINK ? "symbolic link" : "metadata node");
}

static enum artdag_err decode_node(struct node *node, bool root, artdag_error *err)
{
    struct ad_pb_node pb = {0};
    struct ad_unixfs u = {0};
    enum artdag_err rc = ad_pb_decode(node->block.data, node->block.len, &pb, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = pb.has_data ? ad_unixfs_decode(pb.data, &u, err)
                     : malformed("a node has no UnixFS data", err);
    if (rc == ARTDAG_OK)
        rc = check_type(u.type, root, err);
    if (rc == ARTDAG_OK) {
        node->data = u.data;
        rc = take_children(node, &pb, &u, err);
    }
    ad_unixfs_fini(&u);
    ad_pb_node_fini(&pb);
    return rc;
}

static enum artdag_err decode_block(struct node *node, bool root, artdag_error *err)
{
    switch (node->cid.codec) {
    case AD_CODEC_RAW:
        node->data = ad_buf_as_str(&node->block);
        node->size = node->block.len;
        return ARTDAG_OK;
    case AD_CODEC_DAG_PB:
        return decode_node(node, root, err);
    default:
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ipld", "codec 0x%x holds no file",
                            (unsigned)node->cid.codec);
    }
}

/* Drops what is below the first `depth` nodes and loads another one. */
static enum artdag_err load(struct ad_unixfs_file *file, size_t depth, const struct ad_cid *cid,
                            uint64_t start, size_t index, artdag_error *err)
{
    if (depth == DEPTH_MAX)
        return malformed("its nodes are nested too deep", err);
    while (file->depth > depth)
        file->path[--file->depth].size = 0;
    struct node *node = &file->path[depth];
    node->children.len = 0;
    node->data = (struct ad_str){0};
    node->cid = *cid;
    node->start = start;
    node->index = index;
    enum artdag_err rc = ad_block_get(&file->source, cid, &node->block, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = decode_block(node, depth == 0, err);
    if (rc != ARTDAG_OK)
        return ad_error_in_block(err, rc, cid);
    file->depth = depth + 1;
    return ARTDAG_OK;
}

enum artdag_err ad_unixfs_open(const struct ad_block_source *source, const struct ad_cid *cid,
                               struct ad_unixfs_file **ret, artdag_error *err)
{
    struct ad_unixfs_file *file = ad_alloc(sizeof(*file));
    if (!file)
        return ad_error_nomem(err, "ipld");
    file->source = *source;
    for (size_t i = 0; i < DEPTH_MAX; i++)
        ad_buf_init(&file->path[i].block, AD_BLOCK_MAX);
    enum artdag_err rc = load(file, 0, cid, 0, 0, err);
    if (rc == ARTDAG_OK)
        *ret = file;
    else
        ad_unixfs_close(file);
    return rc;
}

uint64_t ad_unixfs_size(const struct ad_unixfs_file *file)
{
    return file->path[0].size;
}

/* The last child that starts at or before `at`; of empty children at one place that is the
 * one with the bytes. */
static size_t find_child(const struct node *node, uint64_t at)
{
    size_t low = 0;
    size_t high = node->children.len;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (node->children.items[middle].start <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static uint64_t child_size(const struct node *node, size_t index)
{
    uint64_t end =
        index + 1 < node->children.len ? node->children.items[index + 1].start : node->size;
    return end - node->children.items[index].start;
}

/* Loads the child that holds the byte at `at` of the node at `depth`, unless it is there
 * already. */
static enum artdag_err descend(struct ad_unixfs_file *file, size_t depth, uint64_t at,
                               artdag_error *err)
{
    const struct node *node = &file->path[depth];
    size_t index = find_child(node, at);
    if (file->depth > depth + 1 && file->path[depth + 1].index == index)
        return ARTDAG_OK;
    const struct child *child = &node->children.items[index];
    enum artdag_err rc =
        load(file, depth + 1, &child->cid, node->start + child->start, index, err);
    if (rc != ARTDAG_OK || file->path[depth + 1].size == child_size(node, index))
        return rc;
    file->depth = depth + 1;
    rc = malformed("a part is not as long as its parent says", err);
    return ad_error_in_block(err, rc, &child->cid);
}

enum artdag_err ad_unixfs_pread(struct ad_unixfs_file *file, void *data, size_t len,
                                uint64_t offset, size_t *ret_len, artdag_error *err)
{
    uint8_t *out = data;
    size_t done = 0;
    size_t depth = 0;
    uint64_t size = ad_unixfs_size(file);
    if (offset >= size)
        len = 0;
    else if (len > size - offset)
        len = (size_t)(size - offset);
    while (done < len) {
        const struct node *node = &file->path[depth];
        uint64_t at = offset + done - node->start;
        if (at < node->data.len) {
            size_t left = node->data.len - (size_t)at;
            size_t n = left < len - done ? left : len - done;
            memcpy(out + done, node->data.ptr + at, n);
            done += n;
            depth = 0;
            continue;
        }
        enum artdag_err rc = descend(file, depth++, at, err);
        if (rc != ARTDAG_OK)
            return rc;
    }
    *ret_len = done;
    return ARTDAG_OK;
}

void ad_unixfs_close(struct ad_unixfs_file *file)
{
    if (!file)
        return;
    for (size_t i = 0; i < DEPTH_MAX; i++)
        node_fini(&file->path[i]);
    free(file);
}
