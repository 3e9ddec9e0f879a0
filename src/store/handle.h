/* SPDX-License-Identifier: MIT
 *
 * Private to store: the handle, and what its files share.
 */
#ifndef AD_STORE_HANDLE_H
#define AD_STORE_HANDLE_H

#include <pthread.h>

#include "store/backend.h"

struct ad_lease {
    struct ad_store *store;
    void *backend;
    struct ad_lease *next; /* in store->leases */
    pthread_mutex_t lock;  /* guards held */
    struct ad_map held;    /* CID bytes -> 1 once written into the lease */
};

struct ad_store {
    const struct ad_store_backend *be;
    void *self;
    char *url;
    const artdag_log *log;
    struct ad_block_source source; /* over this store */
    pthread_mutex_t lock;          /* guards leases */
    struct ad_lease *leases;
};

/* Names cid in every open lease of this handle: done before what was added is committed, so
 * that no gc can come between an add and the lease_hold that follows it. */
enum artdag_err ad_store_hold_added(struct ad_store *store, const struct ad_cid *cid,
                                    artdag_error *err);

/* What the node is: RAW for a raw block, without reading it. block gets the node's bytes, and
 * *ret_data (may be NULL) views its UnixFS data in there. */
enum artdag_err ad_store_node_type(struct ad_store *store, const struct ad_cid *cid,
                                   struct ad_buf *block, enum ad_unixfs_type *ret,
                                   struct ad_str *ret_data, artdag_error *err);

/* A block's length, without reading it. NOTFOUND when it is not here. */
enum artdag_err ad_store_block_len(struct ad_store *store, const struct ad_cid *cid,
                                   uint64_t *ret, artdag_error *err);

/* Sets the error's CID and gives back code. */
enum artdag_err ad_store_error_cid(artdag_error *err, enum artdag_err code,
                                   const struct ad_cid *cid);

/* A view of a CID's binary form in `bytes`, for map keys. */
struct ad_str ad_store_cid_key(const struct ad_cid *cid, uint8_t bytes[AD_CID_BYTES_MAX]);
/* The same for the multihash alone: the key of the block. */
struct ad_str ad_store_block_key(const struct ad_cid *cid, uint8_t bytes[AD_CID_BYTES_MAX]);

#endif
