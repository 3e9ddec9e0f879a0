/* SPDX-License-Identifier: MIT
 *
 * Private to room ipld: directories too large for one block.
 */
#ifndef AD_IPLD_HAMT_H
#define AD_IPLD_HAMT_H

#include "ipld/block.h"

/* Bytes 0 to 7 of the result, most significant first, choose the bucket of `name` on levels 0 to 7: the first half of
 * murmur3 x64-128 with seed 0. */
uint64_t ad_hamt_hash(struct ad_str name);

/* Writes the shards of a directory, children before parents. Names must be checked and distinct; count > 0.
 * UNSUPPORTED when two names have the same hash. */
enum artdag_err ad_hamt_write(const struct ad_unixfs_profile *profile,
                              const struct ad_dir_entry *const *entries, size_t count,
                              const struct ad_block_sink *sink, struct ad_cid *ret,
                              uint64_t *ret_tsize, artdag_error *err);

#endif
