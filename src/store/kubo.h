/* SPDX-License-Identifier: MIT
 *
 * Private to the kubo back end: an IPFS node as the store.
 *
 * Writing: a batch spools its blocks, as sections of a CAR, into a temporary file (kubo_spool.c); commit uploads them in one
 * dag/import (kubo_write.c). Reading (kubo.c): what this handle has spooled, then the cache folder, the node, the gateways.
 *
 * Roots (kubo_pin.c, kubo_lease.c): the node keeps one name for each CID and no lifetimes, so pins with names and leases are records: a
 * small UnixFS directory that links to the roots and is itself pinned (kubo_record.c).
 */
#ifndef AD_STORE_KUBO_H
#define AD_STORE_KUBO_H

#include <pthread.h>

#include "net/net.h"
#include "store/gateways.h"

/* ---- kubo_spool.c ---- */

struct ad_spool {
    int fd;
    uint64_t bytes;
    struct ad_map index; /* block key -> place of the data << 22 | length */
    struct ad_cid last;
    struct ad_spool *next;
};
enum artdag_err ad_spool_create(const char *folder, struct ad_spool **ret, artdag_error *err);
void ad_spool_destroy(struct ad_spool *spool); /* NULL allowed */
enum artdag_err ad_spool_put(struct ad_spool *spool, const struct ad_cid *cid, const void *data,
                             size_t len, artdag_error *err);
bool ad_spool_find(const struct ad_spool *spool, const struct ad_cid *cid, uint64_t *ret_at,
                   size_t *ret_len);

/* ---- the back end ---- */

struct ad_kubo_lease {
    ad_cid_vec records; /* pinned on the node for this lease */
    struct ad_map held; /* CIDs that a record holds, */
    ad_cid_vec targets; /* the same in order */
    /* CIDs to be held from the commit on that brings them -> 1, 0 = no longer */
    struct ad_map wanted;
    int64_t renew_ms; /* monotonic time from which the records want later dates */
    unsigned serial;
    struct ad_kubo_lease *next;
};

struct ad_kubo_store {
    struct ad_kubo *node;
    const artdag_log *log;
    struct ad_gateways reader; /* the node's own gateway port: faster than its RPC */
    struct ad_gateways gateways;
    struct ad_store *cache; /* NULL = none */
    uint64_t cache_max;
    uint64_t cache_new;             /* bytes since the last trimming; under lock */
    char *folder;                   /* for spools */
    char token[64];                 /* of this process, for leases */
    struct ad_backend_batch *batch; /* the NULL batch */
    pthread_mutex_t lock;           /* guards leases and what is in them, records */
    struct ad_kubo_lease *leases;
    unsigned lease_serial; /* under lock */
};

struct ad_backend_batch {
    struct ad_kubo_store *store;
    pthread_mutex_t lock;     /* guards the fields below */
    struct ad_spool *current; /* NULL = empty */
    struct ad_spool *full;    /* oldest first: waiting for or in upload, still readable */
    pthread_mutex_t commit;   /* held by a commit from end to end */
};

/* kubo_write.c */
enum artdag_err ad_kubo_begin(void *self, struct ad_backend_batch **ret, artdag_error *err);
enum artdag_err ad_kubo_put(void *self, struct ad_backend_batch *batch,
                            const struct ad_cid *cid, const void *data, size_t len,
                            artdag_error *err);
enum artdag_err ad_kubo_commit(void *self, struct ad_backend_batch *batch, artdag_error *err);
void ad_kubo_end(void *self, struct ad_backend_batch *batch);
/* From the NULL batch: NOTFOUND when it is not there. buf NULL: only *ret_len is wanted. */
enum artdag_err ad_kubo_staged(struct ad_kubo_store *k, const struct ad_cid *cid,
                               struct ad_buf *buf, size_t *ret_len, artdag_error *err);
/* Uploads one block and pins it. NOTFOUND when what it links to is not whole on the node. */
enum artdag_err ad_kubo_pin_block(struct ad_kubo_store *k, const struct ad_cid *cid,
                                  const struct ad_buf *block, artdag_error *err);

/* kubo_record.c */
#define AD_KUBO_RECORD_TARGETS 1000
struct ad_kubo_record {
    bool lease;
    int64_t expires_s;  /* of a lease: seconds since 1970 */
    char token[64];     /* of a lease */
    char pin_name[256]; /* of a pin */
    ad_cid_vec targets;
};
void ad_kubo_record_fini(struct ad_kubo_record *record);
enum artdag_err ad_kubo_record_encode(const struct ad_kubo_record *record, struct ad_cid *ret,
                                      struct ad_buf *block, artdag_error *err);
/* *ret_is = false: some other block. */
enum artdag_err ad_kubo_record_decode(const struct ad_buf *block, struct ad_kubo_record *ret,
                                      bool *ret_is, artdag_error *err);

/* kubo_pin.c */
enum artdag_err ad_kubo_pin(void *self, const struct ad_cid *cid, const char *name,
                            bool *ret_new, artdag_error *err);
enum artdag_err ad_kubo_unpin(void *self, const struct ad_cid *cid, const char *name,
                              size_t *ret_removed, artdag_error *err);
enum artdag_err ad_kubo_pins(void *self, ad_backend_root_fn each, void *payload,
                             artdag_error *err);
enum artdag_err ad_kubo_collect(void *self, const struct ad_gc_params *params,
                                struct ad_gc_result *ret, artdag_error *err);

/* kubo_lease.c */
void ad_kubo_token(char out[64]);
/* Is the process of this lease known to be gone? */
bool ad_kubo_token_is_dead(const char *token);
enum artdag_err ad_kubo_lease_open(void *self, void **ret, artdag_error *err);
enum artdag_err ad_kubo_lease_add(void *self, void *handle, const struct ad_cid *cid,
                                  artdag_error *err);
enum artdag_err ad_kubo_lease_hold(void *self, void *handle, const struct ad_cid *cid,
                                   bool *ret_complete, artdag_error *err);
void ad_kubo_lease_close(void *self, void *handle);
/* What a commit brings for one lease: the record that holds `targets`, pinned in the same upload. */
struct ad_kubo_grant {
    struct ad_kubo_lease *lease; /* compare only: it may be closed meanwhile */
    struct ad_cid record;
    ad_cid_vec targets;
};
typedef AD_VEC(struct ad_kubo_grant) ad_kubo_grants;
/* What leases want of this spool; the records' blocks go into sections, as sections of a CAR. */
enum artdag_err ad_kubo_grants_make(struct ad_kubo_store *k, const struct ad_spool *spool,
                                    ad_kubo_grants *ret, struct ad_buf *sections,
                                    artdag_error *err);
/* The upload is done: the leases hold now. */
enum artdag_err ad_kubo_grants_settle(struct ad_kubo_store *k, const ad_kubo_grants *grants,
                                      artdag_error *err);
void ad_kubo_grants_fini(ad_kubo_grants *grants);

#endif
