/* SPDX-License-Identifier: MIT
 *
 * Private to room ipld: the pieces blocks are made of, and fetching one.
 */
#ifndef AD_IPLD_BLOCK_H
#define AD_IPLD_BLOCK_H

#include "ipld/ipld.h"

/* Protobuf tags: field number << 3 | wire type. */
#define AD_TAG_PB_DATA 0x0a
#define AD_TAG_PB_LINK 0x12
#define AD_TAG_LINK_HASH 0x0a
#define AD_TAG_LINK_NAME 0x12
#define AD_TAG_LINK_TSIZE 0x18
#define AD_TAG_UNIXFS_TYPE 0x08
#define AD_TAG_UNIXFS_DATA 0x12
#define AD_TAG_UNIXFS_FILESIZE 0x18
#define AD_TAG_UNIXFS_BLOCKSIZE 0x20

/* A reading position in protobuf bytes. The takers return false, and leave the cursor
 * anywhere, when the bytes end too early or a varint is bad. */
struct ad_cursor {
    const uint8_t *data;
    size_t len;
    size_t at;
};
bool ad_take_varint(struct ad_cursor *in, uint64_t *ret);
bool ad_take_bytes(struct ad_cursor *in,
                   struct ad_str *ret); /* varint length, then that many bytes */

size_t ad_varint_len(uint64_t n);
void ad_put_varint(struct ad_buf *buf, uint64_t n);

/* One link, with its tag and length. name may be empty, tsize NULL leaves the field out. */
void ad_put_link(struct ad_buf *buf, const struct ad_cid *cid, const struct ad_str *name,
                 const uint64_t *tsize);

/* The dag-pb block of a leaf that holds len bytes of a file. */
void ad_put_leaf(struct ad_buf *buf, const void *data, size_t len);

/* The CID of a dag-pb block in the profile's version. */
enum artdag_err ad_node_cid(const struct ad_unixfs_profile *profile, const void *block,
                            size_t len, struct ad_cid *ret, artdag_error *err);

/* Where a file is cut: at each cut, and every chunk_bytes counted from the cut before. `cuts`
 * is borrowed, ascending, and may hold 0 and repeat itself. */
struct ad_chunking {
    uint32_t chunk_bytes;
    const uint64_t *cuts; /* NULL with cut_count 0 */
    size_t cut_count;
};
/* Checks profile and cuts: INVAL. */
enum artdag_err ad_chunking_init(struct ad_chunking *chunking,
                                 const struct ad_unixfs_profile *profile, const uint64_t *cuts,
                                 size_t cut_count, artdag_error *err);
/* How many bytes there are from `offset` of a file to the next border, at least 1. The only
 * place that decides where files are cut. Pure, so any thread may ask for any offset. */
size_t ad_chunk_len(const struct ad_chunking *chunking, uint64_t offset);

/* The block of cid from the source; identity CIDs carry their own. Replaces buf's content. */
enum artdag_err ad_block_get(const struct ad_block_source *source, const struct ad_cid *cid,
                             struct ad_buf *buf, artdag_error *err);
enum artdag_err ad_block_put(const struct ad_block_sink *sink, const struct ad_cid *cid,
                             const void *data, size_t len,
                             artdag_error *err); /* a sink without put swallows it */

/* Prefixes err with the CID it is about, and returns rc. */
enum artdag_err ad_error_in_block(artdag_error *err, enum artdag_err rc,
                                  const struct ad_cid *cid);

#endif
