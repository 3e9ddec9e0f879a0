/* SPDX-License-Identifier: MIT
 *
 * The import profiles of IPIP-0499 that fix a file's CID.
 */
#include <string.h>

#include "ipld/block.h"

const struct ad_unixfs_profile ad_unixfs_v1_2025 = {
    .cid_version = 1,
    .raw_leaves = true,
    .chunk_bytes = 1048576,
    .width = 1024,
};

const struct ad_unixfs_profile ad_unixfs_v0_2015 = {
    .cid_version = 0,
    .raw_leaves = false,
    .chunk_bytes = 262144,
    .width = 174,
    .shard_by_links = true,
};

const struct ad_unixfs_profile *ad_unixfs_profile_find(const char *name)
{
    if (strcmp(name, "unixfs-v1-2025") == 0)
        return &ad_unixfs_v1_2025;
    if (strcmp(name, "unixfs-v0-2015") == 0)
        return &ad_unixfs_v0_2015;
    return NULL;
}

enum artdag_err ad_unixfs_profile_check(const struct ad_unixfs_profile *profile,
                                        artdag_error *err)
{
    if (profile->cid_version > 1)
        return ad_error_set(err, ARTDAG_E_INVAL, "ipld", "CID version %u is not 0 or 1",
                            profile->cid_version);
    if (profile->chunk_bytes < 1 || profile->chunk_bytes > AD_CHUNK_MAX)
        return ad_error_set(err, ARTDAG_E_INVAL, "ipld",
                            "chunk size %u is not within 1 to %u bytes", profile->chunk_bytes,
                            AD_CHUNK_MAX);
    if (profile->width < 2 || profile->width > AD_WIDTH_MAX)
        return ad_error_set(err, ARTDAG_E_INVAL, "ipld", "width %u is not within 2 to %d links",
                            profile->width, AD_WIDTH_MAX);
    return ARTDAG_OK;
}

enum artdag_err ad_chunking_init(struct ad_chunking *chunking,
                                 const struct ad_unixfs_profile *profile, const uint64_t *cuts,
                                 size_t cut_count, artdag_error *err)
{
    enum artdag_err rc = ad_unixfs_profile_check(profile, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (cut_count && !cuts)
        return ad_error_set(err, ARTDAG_E_INVAL, "ipld", "cut points are counted but missing");
    for (size_t i = 1; i < cut_count; i++) {
        if (cuts[i] < cuts[i - 1])
            return ad_error_set(err, ARTDAG_E_INVAL, "ipld",
                                "cut points must ascend, but %llu comes after %llu",
                                (unsigned long long)cuts[i], (unsigned long long)cuts[i - 1]);
    }
    *chunking = (struct ad_chunking){profile->chunk_bytes, cuts, cut_count};
    return ARTDAG_OK;
}

/* How many cuts are at or before the offset. */
static size_t cuts_until(const struct ad_chunking *chunking, uint64_t offset)
{
    size_t low = 0;
    size_t high = chunking->cut_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (chunking->cuts[middle] <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t ad_chunk_len(const struct ad_chunking *chunking, uint64_t offset)
{
    size_t behind = cuts_until(chunking, offset);
    uint64_t since = offset - (behind ? chunking->cuts[behind - 1] : 0);
    uint64_t len = chunking->chunk_bytes - since % chunking->chunk_bytes;
    if (behind < chunking->cut_count && chunking->cuts[behind] - offset < len)
        len = chunking->cuts[behind] - offset;
    return (size_t)len;
}
