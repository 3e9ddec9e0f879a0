/* SPDX-License-Identifier: MIT
 *
 * Private to store: one addition, of a file, of memory or of a whole folder. Everything goes
 * into one batch, so that a failed addition leaves nothing behind.
 */
#ifndef AD_STORE_ADD_H
#define AD_STORE_ADD_H

#include <sys/stat.h>

#include "store/handle.h"

struct ad_add {
    struct ad_store *store; /* NULL only with only_hash */
    const struct ad_unixfs_profile *profile;
    unsigned threads;
    bool only_hash;
    bool reference;
    const uint64_t *cuts;
    size_t cut_count;
    struct ad_backend_batch *batch; /* NULL with only_hash */

    /* the file being read */
    int fd;
    const char *path;
    uint64_t base; /* its position when it was given to us */
    struct stat before;
    bool may_clone;
    bool in_place; /* some leaf was cloned or referred to: the file must not change meanwhile */
    uint64_t tsize; /* bytes of all blocks so far, each as often as it is linked */
    bool leaf_next; /* what the sink gets next is this leaf */
    uint64_t leaf_offset;
    size_t leaf_len;
};

enum artdag_err ad_add_begin(struct ad_add *add, struct ad_store *store,
                             const struct ad_add_params *params, artdag_error *err);
enum artdag_err ad_add_file(struct ad_add *add, int fd, const char *path, struct ad_cid *ret,
                            uint64_t *ret_bytes, artdag_error *err);
/* One block made by the caller; its CID in the profile's version. */
enum artdag_err ad_add_node(struct ad_add *add, const struct ad_pb_node *node,
                            struct ad_cid *ret, uint64_t *ret_tsize, artdag_error *err);
struct ad_block_sink ad_add_sink(struct ad_add *add);
/* Names root in the open leases and makes all of it durable. */
enum artdag_err ad_add_commit(struct ad_add *add, const struct ad_cid *root, artdag_error *err);
void ad_add_end(struct ad_add *add);

#endif
