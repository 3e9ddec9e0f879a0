/* SPDX-License-Identifier: MIT
 *
 * The door of room store: CID -> bytes. One interface over back ends (fs here; kubo and gateway
 * later), and on top of it what is the same for all of them: adding and reading files,
 * directories, CAR. A handle may be used by many threads at once.
 *
 * Durability: put makes a block readable through this handle at once; ad_store_flush makes it
 * visible to others and durable. Adding files and importing archives do both before they
 * return, all or nothing. What is not flushed at close is dropped. Safety beside gc: what a run
 * depends on is named in a lease before it is trusted (see ad_lease_*). Everything that is
 * added through a handle is named in the leases that are open on that handle, before any gc can
 * take it.
 */
#ifndef AD_STORE_STORE_H
#define AD_STORE_STORE_H

#include "base/base.h"
#include "cid/cid.h"
#include "ipld/ipld.h"

struct ad_store;

/* url: "fs:PATH" (created when missing), "kubo:ADDRESS[?OPTIONS]" (an IPFS node), "gateway:URL[,URL...]" (read-only); see
 * docs/formats/store-urls.md. NET and TIMEOUT when the node does not answer. IO, INVAL (unknown kind: the known ones are named; a
 * folder that holds other things), UNSUPPORTED (made by a newer artdag). log may be NULL and
 * must outlive the store. */
enum artdag_err ad_store_open(const char *url, const artdag_log *log, struct ad_store **ret,
                              artdag_error *err);
void ad_store_close(struct ad_store *store); /* NULL allowed */
const char *ad_store_url(const struct ad_store *store);

/* Blocks. put trusts the caller that data hashes to cid (the importer has just hashed it); an
 * existing block is refreshed, not rewritten. LIMIT beyond AD_BLOCK_MAX; IO "no space left" on
 * a full disk. get verifies: a wrong block is moved to quarantine, logged, and reported as
 * CORRUPT. NOTFOUND when absent. Blocks are kept by multihash: a v0 and a v1 CID of the same
 * bytes share one. Identity CIDs are answered from themselves. */
enum artdag_err ad_store_put(struct ad_store *store, const struct ad_cid *cid, const void *data,
                             size_t len, artdag_error *err);
enum artdag_err ad_store_get(struct ad_store *store, const struct ad_cid *cid,
                             struct ad_buf *buf, artdag_error *err);
enum artdag_err ad_store_has(struct ad_store *store, const struct ad_cid *cid, bool *ret,
                             artdag_error *err);
enum artdag_err ad_store_flush(struct ad_store *store, artdag_error *err);
struct ad_block_source ad_store_source(struct ad_store *store);
struct ad_block_sink ad_store_sink(struct ad_store *store);

/* Files. reference: keep only (path, offset, length, size, mtime) of the leaves instead of
 * copying them; path must then be set and absolute (add_path makes it so) and name a regular
 * file; reading after the file has changed is CORRUPT, after it has gone NOTFOUND. only_hash:
 * store nothing; store may be NULL. A file that is cloned or referred to and changes meanwhile
 * is BUSY. cuts: as in ad_import_params, for one file; a folder with cuts is INVAL. */
struct ad_add_params {
    const struct ad_unixfs_profile *profile; /* NULL = unixfs-v1-2025 */
    unsigned threads;                        /* 0 = all cores */
    bool only_hash;
    bool reference;
    const uint64_t *cuts; /* NULL with cut_count 0 */
    size_t cut_count;
};
/* All of fd from its current position; path is used for references only. ret_bytes may be NULL.
 */
enum artdag_err ad_store_add_fd(struct ad_store *store, int fd, const char *path,
                                const struct ad_add_params *params, struct ad_cid *ret,
                                uint64_t *ret_bytes, artdag_error *err);
enum artdag_err ad_store_add_bytes(struct ad_store *store, const void *data, size_t len,
                                   struct ad_cid *ret, artdag_error *err);
/* A file or a folder (recursively; hidden files left out, empty folders kept, symbolic links
 * stored as UnixFS symlinks, other kinds INVAL). The path itself may be a link to either. */
enum artdag_err ad_store_add_path(struct ad_store *store, const char *path,
                                  const struct ad_add_params *params, struct ad_cid *ret,
                                  uint64_t *ret_bytes, artdag_error *err);
/* Opened for ranged reading; close with ad_unixfs_close. */
enum artdag_err ad_store_open_file(struct ad_store *store, const struct ad_cid *cid,
                                   struct ad_unixfs_file **ret, artdag_error *err);
/* A whole small file (LIMIT beyond max). */
enum artdag_err ad_store_read(struct ad_store *store, const struct ad_cid *cid, size_t max,
                              struct ad_buf *buf, artdag_error *err);
/* Writes the file or folder to path (a temporary name beside it first; an existing file is
 * replaced by a file or link, anything else that exists is EXISTS). FORMAT for entry names that
 * are no file names ("..", "a/b"). */
enum artdag_err ad_store_export(struct ad_store *store, const struct ad_cid *cid,
                                const char *path, artdag_error *err);
enum artdag_err ad_store_list(struct ad_store *store, const struct ad_cid *dir,
                              enum artdag_err (*each)(void *payload,
                                                      const struct ad_dir_entry *entry,
                                                      artdag_error *err),
                              void *payload, artdag_error *err);
/* Sizes of a DAG. */
struct ad_dag_stat {
    uint64_t file_bytes; /* content; 0 for folders */
    uint64_t dag_bytes;  /* unique blocks */
    uint64_t blocks;
    enum ad_unixfs_type type;
};
enum artdag_err ad_store_stat(struct ad_store *store, const struct ad_cid *cid,
                              struct ad_dag_stat *ret, artdag_error *err);
/* What two DAGs share. Blocks are told apart by multihash and counted once in each DAG. Inner
 * nodes are read, raw leaves are only asked for their lengths; memory grows with the number of
 * different blocks. NOTFOUND when a block of either is not here. */
struct ad_shared {
    uint64_t a_blocks, a_bytes; /* of all of a */
    uint64_t b_blocks, b_bytes;
    uint64_t common_blocks, common_bytes; /* those of a that are also b's */
};
enum artdag_err ad_store_shared(struct ad_store *store, const struct ad_cid *a,
                                const struct ad_cid *b, struct ad_shared *ret,
                                artdag_error *err);
/* Are all blocks of this DAG here? Cheap: inner nodes are read, leaves only looked up. */
enum artdag_err ad_store_complete(struct ad_store *store, const struct ad_cid *cid, bool *ret,
                                  artdag_error *err);

/* "ipns://NAME[/PATH]" or "/ipns/NAME[/PATH]", where NAME is a key or a DNS name, to the CID it stands for at this moment. NOTFOUND when nobody
 * answers in time, UNSUPPORTED where the store knows no names. */
enum artdag_err ad_store_resolve(struct ad_store *store, const char *name, struct ad_cid *ret,
                                 artdag_error *err);

/* Pins: named roots that gc keeps, recursive. One CID may be pinned under several names; "" is
 * a name; at most 255 bytes. Adding one twice is fine. NOTFOUND: the DAG is not whole here;
 * there is no such pin. Listed in order of text. */
enum artdag_err ad_store_pin(struct ad_store *store, const struct ad_cid *cid, const char *name,
                             artdag_error *err);
enum artdag_err ad_store_unpin(struct ad_store *store, const struct ad_cid *cid,
                               const char *name /* NULL = all */, artdag_error *err);
enum artdag_err ad_store_pins(struct ad_store *store,
                              enum artdag_err (*each)(void *payload, const struct ad_cid *cid,
                                                      const char *name, artdag_error *err),
                              void *payload, artdag_error *err);

/* Leases: the roots a running process needs. They vanish with the process (kernel lock), so a
 * crash leaves nothing behind. Close them before the store. */
struct ad_lease;
enum artdag_err ad_lease_open(struct ad_store *store, struct ad_lease **ret, artdag_error *err);
/* Adds cid, then says whether its DAG is complete here: true means it stays so until the lease
 * is closed. Thread-safe. */
enum artdag_err ad_lease_hold(struct ad_lease *lease, const struct ad_cid *cid,
                              bool *ret_complete, artdag_error *err);
void ad_lease_close(struct ad_lease *lease); /* NULL allowed */

/* Removes blocks that no pin and no live lease reaches and that were not written since gc
 * began. Safe beside anything that happens in any process; waits for locks, never BUSY. params
 * NULL = all garbage. UNSUPPORTED where the store does it itself. */
struct ad_gc_params {
    bool dry_run;
    int64_t keep_bytes; /* stop when the store is at most this large; <0 = remove all garbage.
                           Least recently used first */
    int64_t older_than_ms; /* only blocks not touched for this long; 0 = any */
    /* Called for each removed block after it is gone, or would be (may be NULL). The CID is
     * version 1, raw, as the block's codec is not known any more: compare with
     * ad_cid_same_block. */
    enum artdag_err (*removed)(void *payload, const struct ad_cid *cid, uint64_t bytes,
                               artdag_error *err);
    void *payload;
};
struct ad_gc_result {
    uint64_t removed_blocks, removed_bytes, kept_blocks, kept_bytes;
};
enum artdag_err ad_store_gc(struct ad_store *store, const struct ad_gc_params *params,
                            struct ad_gc_result *ret, artdag_error *err);

/* Reads and checks every block (references included); `bad` (may be NULL) is called for each
 * wrong one, which is quarantined, for each reference to a file that is gone, which stays, and
 * for each block that a pin needs and that is not here. The CID's codec is raw where it is not
 * known. Returns OK when all could be read. */
struct ad_verify_result {
    uint64_t blocks, bytes, corrupt, missing_pinned;
};
enum artdag_err ad_store_verify(struct ad_store *store,
                                void (*bad)(void *payload, const struct ad_cid *cid,
                                            const char *why),
                                void *payload, struct ad_verify_result *ret, artdag_error *err);

/* CAR: export writes CARv1 of the DAGs below roots, blocks depth-first, each once; NOTFOUND
 * before the first byte when one is not whole. import verifies and stores all, flushes, and
 * appends the roots to roots; after a failure nothing is stored. */
enum artdag_err ad_store_car_export(struct ad_store *store, const struct ad_cid *roots,
                                    size_t count, int fd, artdag_error *err);
enum artdag_err ad_store_car_import(struct ad_store *store, int fd, ad_cid_vec *roots,
                                    artdag_error *err);

#endif
