/* SPDX-License-Identifier: MIT
 *
 * Private to store: what a back end is. A table of functions over `self`, its own state.
 * store.c checks and verifies what goes in and out, files.c, export.c, car.c, gc.c and verify.c
 * build everything else on these calls.
 *
 * Rules for every function: thread-safe on one self; outputs are written only on success;
 * identity CIDs never arrive. Blocks are keyed by multihash, so a v0 and a v1 CID of the same
 * bytes name one block. A CID that a back end makes up itself (each, quarantine) is version 1,
 * codec raw.
 */
#ifndef AD_STORE_BACKEND_H
#define AD_STORE_BACKEND_H

#include "store/store.h"

#define ROOM "store" /* in errors */

/* Blocks on their way in: invisible until commit, except that those of the NULL batch (the one
 * every handle has by itself, used by ad_store_put) can be read through this handle at once.
 * What a batch holds is out of gc's reach, also the blocks it found stored already. */
struct ad_backend_batch;

/* A leaf that is kept as a place in somebody else's file. */
struct ad_backend_ref {
    const char *path; /* absolute */
    uint64_t offset;
    uint64_t len;
    uint64_t file_bytes; /* of the whole file, */
    /* And its time, when it was read: another value means the file has changed */
    int64_t mtime_ns;
};

/* One stored block, as gc and verify see it. */
struct ad_backend_block {
    struct ad_cid cid;
    bool reference;
    uint64_t bytes;  /* taken by it in the store */
    int64_t used_ns; /* when it was last written or (to within an hour) read, by the store's own
                        clock */
};

typedef enum artdag_err (*ad_backend_root_fn)(void *payload, const struct ad_cid *cid,
                                              const char *pin_name, artdag_error *err);

struct ad_store_backend {
    const char *scheme; /* "fs" for "fs:..." */

    /* where: the URL behind "scheme:". log may be NULL. close takes what open gave; what was
     * not committed is dropped. */
    enum artdag_err (*open)(const char *where, const artdag_log *log, void **ret,
                            artdag_error *err);
    void (*close)(void *self);

    /* ---- writing ----
     * begin gives an empty batch; end (NULL allowed) drops what it holds uncommitted and frees
     * it. commit makes everything in the batch visible and durable (both or, on failure, it is
     * to be ended: some blocks may have become visible, all of them whole). A batch can be
     * filled and committed again after success. */
    enum artdag_err (*begin)(void *self, struct ad_backend_batch **ret, artdag_error *err);
    enum artdag_err (*put)(void *self, struct ad_backend_batch *batch, const struct ad_cid *cid,
                           const void *data, size_t len, artdag_error *err);
    enum artdag_err (*commit)(void *self, struct ad_backend_batch *batch, artdag_error *err);
    void (*end)(void *self, struct ad_backend_batch *batch);
    /* Optional (NULL). Stores len bytes of fd at offset without copying them, as block cid.
     * *ret_done = false: cannot be done for this file, use put. The caller has to find out
     * whether the file changed after it was hashed. */
    enum artdag_err (*clone)(void *self, struct ad_backend_batch *batch,
                             const struct ad_cid *cid, int fd, uint64_t offset, size_t len,
                             bool *ret_done);
    /* Optional (NULL). Keeps a reference instead of bytes; replaces an older reference. */
    enum artdag_err (*put_ref)(void *self, struct ad_backend_batch *batch,
                               const struct ad_cid *cid, const struct ad_backend_ref *ref,
                               artdag_error *err);

    /* ---- reading ---- */
    /* Fills buf (cleared first) with the bytes, unverified. NOTFOUND; CORRUPT for a reference
     * whose file has changed. */
    enum artdag_err (*get)(void *self, const struct ad_cid *cid, struct ad_buf *buf,
                           artdag_error *err);
    /* Is it here, and how long is it? A reference counts only while its file is unchanged.
     * ret_len may be NULL. */
    enum artdag_err (*has)(void *self, const struct ad_cid *cid, bool *ret, uint64_t *ret_len,
                           artdag_error *err);
    /* Looks at the block again and, if it is still wrong, moves it to where no read finds it.
     */
    enum artdag_err (*quarantine)(void *self, const struct ad_cid *cid, artdag_error *err);

    /* Optional (NULL): what "/ipns/..." stands for now. */
    enum artdag_err (*resolve)(void *self, struct ad_str path, struct ad_cid *ret,
                               artdag_error *err);

    /* ---- roots ---- */
    enum artdag_err (*pin)(void *self, const struct ad_cid *cid, const char *name,
                           bool *ret_new, artdag_error *err);
    /* name NULL = every name. *ret_removed = how many there were. */
    enum artdag_err (*unpin)(void *self, const struct ad_cid *cid, const char *name,
                             size_t *ret_removed, artdag_error *err);
    enum artdag_err (*pins)(void *self, ad_backend_root_fn each, void *payload,
                            artdag_error *err); /* sorted */
    /* A lease lives as long as the process that opened it. add returns when no gc can have
     * missed it. */
    enum artdag_err (*lease_open)(void *self, void **ret, artdag_error *err);
    enum artdag_err (*lease_add)(void *self, void *lease, const struct ad_cid *cid,
                                 artdag_error *err);
    void (*lease_close)(void *self, void *lease); /* NULL allowed */
    /* Optional (NULL): names cid and says in one whether its DAG is whole and stays so, for a store that somebody else collects. What
     * lease_add has named is then held from the commit on that brings it. */
    enum artdag_err (*lease_hold)(void *self, void *lease, const struct ad_cid *cid,
                                  bool *ret_complete, artdag_error *err);

    /* Optional (NULL): the whole of ad_store_gc, for a store that collects by itself. */
    enum artdag_err (*collect)(void *self, const struct ad_gc_params *params,
                               struct ad_gc_result *ret, artdag_error *err);

    /* ---- garbage ---- NULL together when the back end does not let us collect */
    enum artdag_err (*each)(void *self,
                            enum artdag_err (*fn)(void *payload,
                                                  const struct ad_backend_block *block,
                                                  artdag_error *err),
                            void *payload, artdag_error *err);
    /* The store's clock, later than the used_ns of every block that was committed before this
     * call. */
    enum artdag_err (*now)(void *self, int64_t *ret_ns, artdag_error *err);
    /* While locked, no commit, pin or lease_add completes anywhere. Waits. *ret is for unlock.
     */
    enum artdag_err (*lock)(void *self, int *ret, artdag_error *err);
    void (*unlock)(void *self, int lock);
    /* Under the lock. leases: the roots of all live leases; clean: forgets dead leases and
     * unfinished writes of dead processes; remove: unless the block was used since `block` was
     * filled in. */
    enum artdag_err (*leases)(void *self, ad_backend_root_fn each, void *payload,
                              artdag_error *err);
    enum artdag_err (*clean)(void *self, artdag_error *err);
    enum artdag_err (*remove)(void *self, const struct ad_backend_block *block,
                              bool *ret_removed, artdag_error *err);
};

extern const struct ad_store_backend ad_store_fs;
extern const struct ad_store_backend ad_store_gateway;
extern const struct ad_store_backend ad_store_kubo;

#endif
