/* SPDX-License-Identifier: MIT
 *
 * Directories. Plain: a dag-pb node whose links carry the names, sorted by bytes, and whose data
 * is 08 01. Larger ones are left to hamt.c.
 */
#include <stdlib.h>
#include <string.h>

#include "ipld/hamt.h"

#define PLAIN_MAX 262144 /* larger ones are sharded */

static int compare_entries(const void *a, const void *b)
{
    const struct ad_dir_entry *const *left = a;
    const struct ad_dir_entry *const *right = b;
    return ad_str_compare((*left)->name, (*right)->name);
}

static enum artdag_err check_name(struct ad_str name, artdag_error *err)
{
    bool bad = name.len == 0 || ad_str_is(name, ".") || ad_str_is(name, "..") ||
               memchr(name.ptr, '/', name.len) || memchr(name.ptr, '\0', name.len);
    if (!bad)
        return ARTDAG_OK;
    return ad_error_set(err, ARTDAG_E_INVAL, "ipld", "\"%.*s\" cannot be a name in a directory",
                        (int)(name.len < 100 ? name.len : 100), name.ptr ? name.ptr : "");
}

static enum artdag_err sorted(const struct ad_dir_entry *entries, size_t count,
                              const struct ad_dir_entry ***ret, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    const struct ad_dir_entry **order = ad_alloc_array(count, sizeof(*order));
    if (!order)
        return ad_error_nomem(err, "ipld");
    for (size_t i = 0; i < count && rc == ARTDAG_OK; i++) {
        order[i] = &entries[i];
        rc = check_name(entries[i].name, err);
    }
    if (rc == ARTDAG_OK)
        qsort(order, count, sizeof(*order), compare_entries);
    for (size_t i = 1; i < count && rc == ARTDAG_OK; i++) {
        if (ad_str_equal(order[i - 1]->name, order[i]->name))
            rc = ad_error_set(
                err, ARTDAG_E_INVAL, "ipld", "two entries of a directory are named \"%.*s\"",
                (int)(order[i]->name.len < 100 ? order[i]->name.len : 100), order[i]->name.ptr);
    }
    if (rc == ARTDAG_OK)
        *ret = order;
    else
        free(order);
    return rc;
}

/* What the profile compares with PLAIN_MAX: the block, or just names and CIDs. */
static uint64_t measured_size(const struct ad_unixfs_profile *profile,
                              const struct ad_dir_entry **order, size_t count, size_t block_len)
{
    if (!profile->shard_by_links)
        return block_len;
    uint64_t size = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[AD_CID_BYTES_MAX];
        size += order[i]->name.len + ad_cid_to_bytes(&order[i]->cid, bytes);
    }
    return size;
}

/* *ret_fits = false: too large to be stored plain. */
static enum artdag_err write_plain(const struct ad_unixfs_profile *profile,
                                   const struct ad_dir_entry **order, size_t count,
                                   struct ad_buf *block, uint64_t *ret_tsize, bool *ret_fits,
                                   artdag_error *err)
{
    static const uint8_t data[] = {AD_TAG_PB_DATA, 2, AD_TAG_UNIXFS_TYPE, AD_UNIXFS_DIRECTORY};
    for (size_t i = 0; i < count; i++) {
        ad_put_link(block, &order[i]->cid, &order[i]->name, &order[i]->tsize);
        *ret_tsize += order[i]->tsize;
    }
    (void)ad_buf_append(block, data, sizeof(data));
    if (ad_buf_status(block) == ARTDAG_E_NOMEM)
        return ad_error_nomem(err, "ipld");
    *ret_fits = ad_buf_status(block) == ARTDAG_OK &&
                measured_size(profile, order, count, block->len) <= PLAIN_MAX;
    *ret_tsize += block->len;
    return ARTDAG_OK;
}

static enum artdag_err write_directory(const struct ad_unixfs_profile *profile,
                                       const struct ad_dir_entry **order, size_t count,
                                       const struct ad_block_sink *sink, struct ad_cid *ret,
                                       uint64_t *ret_tsize, artdag_error *err)
{
    struct ad_buf block = AD_BUF_INIT(AD_BLOCK_MAX);
    bool fits = false;
    enum artdag_err rc = write_plain(profile, order, count, &block, ret_tsize, &fits, err);
    if (rc == ARTDAG_OK && fits)
        rc = ad_node_cid(profile, block.data, block.len, ret, err);
    if (rc == ARTDAG_OK && fits && sink)
        rc = ad_block_put(sink, ret, block.data, block.len, err);
    if (rc == ARTDAG_OK && !fits)
        rc = ad_hamt_write(profile, order, count, sink, ret, ret_tsize, err);
    ad_buf_fini(&block);
    return rc;
}

enum artdag_err ad_unixfs_directory(const struct ad_unixfs_profile *profile,
                                    const struct ad_dir_entry *entries, size_t count,
                                    const struct ad_block_sink *sink, struct ad_cid *ret,
                                    uint64_t *ret_tsize, artdag_error *err)
{
    const struct ad_dir_entry **order = NULL;
    struct ad_cid cid = {0};
    uint64_t tsize = 0;
    if (!profile)
        profile = &ad_unixfs_v1_2025;
    enum artdag_err rc = ad_unixfs_profile_check(profile, err);
    if (rc == ARTDAG_OK)
        rc = sorted(entries, count, &order, err);
    if (rc == ARTDAG_OK)
        rc = write_directory(profile, order, count, sink, &cid, &tsize, err);
    if (rc == ARTDAG_OK) {
        *ret = cid;
        if (ret_tsize)
            *ret_tsize = tsize;
    }
    free(order);
    return rc;
}
