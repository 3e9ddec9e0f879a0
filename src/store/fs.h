/* SPDX-License-Identifier: MIT
 *
 * Private to the fs back end: blocks as files in a folder. The layout is told in
 * docs/formats/store.md; in short
 *
 *   version         "artdag-store 1"
 *   blocks/XX/NAME  one block a file; NAME = base32 of the multihash, XX = its two characters
 *                   before the last
 *   refs/XX/NAME    a leaf kept as a place in another file
 *   quarantine/NAME blocks that did not match their name
 *   pins/ID         one pin a file
 *   leases/TOKEN    roots of a live process, which holds a kernel lock on the file
 *   tmp/TOKEN/N     blocks not committed yet, of the process that holds a kernel lock on
 *                   tmp/TOKEN/lock
 *   gc.lock         locked shared while something becomes visible, exclusively while gc removes
 */
#ifndef AD_STORE_FS_H
#define AD_STORE_FS_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/backend.h"

#define AD_FS_TOKEN_MAX 40

struct ad_fs_store {
    char *path;
    int root; /* descriptor of the folder */
    const artdag_log *log;
    struct ad_backend_batch *batch; /* the NULL batch */
    atomic_uint_fast64_t sync_errors;
    atomic_uint_fast64_t next_seq;
    atomic_uint_fast64_t no_clone_from; /* device + 1 that extents cannot be shared with */
    pthread_mutex_t session_lock; /* guards the making of the session; its fields do not change
                                     afterwards */
    int session;                  /* descriptor of tmp/TOKEN, -1 before the first write */
    int session_keep;             /* holds the kernel lock */
    char token[AD_FS_TOKEN_MAX];
};

/* A block's file name, and paths below the root made from it. */
struct ad_fs_name {
    char text[224];
    char path[256];
};

/* fs_name.c */
enum artdag_err ad_fs_name_of(const struct ad_cid *cid, struct ad_fs_name *ret,
                              artdag_error *err);
const char *ad_fs_name_path(struct ad_fs_name *name,
                            const char *folder); /* "blocks/XX/NAME" in name->path */
/* The CID (version 1, raw) for a file name; false when it is none. */
bool ad_fs_name_parse(const char *text, struct ad_cid *ret);
/* A name nobody else has: process id and random bits. */
void ad_fs_token(char out[AD_FS_TOKEN_MAX]);
int ad_fs_openat(int dir, const char *path, int flags,
                 mode_t mode); /* close-on-exec, EINTR retried */
/* The names in root/path, sorted by bytes, dots left out. Freed with ad_fs_names_free. NOTFOUND
 * when there is no such folder. */
struct ad_fs_names {
    struct dirent **items;
    int len;
};
enum artdag_err ad_fs_names_list(const struct ad_fs_store *fs, const char *path,
                                 struct ad_fs_names *ret, artdag_error *err);
void ad_fs_names_free(struct ad_fs_names *names);
int64_t ad_fs_time_ns(struct timespec t);

/* fs_lock.c */
enum artdag_err ad_fs_lock(const struct ad_fs_store *fs, bool exclusive, int *ret,
                           artdag_error *err);
void ad_fs_unlock(int lock);
enum artdag_err ad_fs_session(struct ad_fs_store *fs,
                              artdag_error *err); /* makes it when missing */
void ad_fs_session_end(struct ad_fs_store *fs);
enum artdag_err ad_fs_clean(void *self, artdag_error *err);
enum artdag_err ad_fs_gc_lock(void *self, int *ret, artdag_error *err);
void ad_fs_gc_unlock(void *self, int lock);
enum artdag_err ad_fs_now(void *self, int64_t *ret_ns, artdag_error *err);

/* fs_batch.c */
enum artdag_err ad_fs_begin(void *self, struct ad_backend_batch **ret, artdag_error *err);
enum artdag_err ad_fs_put(void *self, struct ad_backend_batch *batch, const struct ad_cid *cid,
                          const void *data, size_t len, artdag_error *err);
enum artdag_err ad_fs_clone(void *self, struct ad_backend_batch *batch,
                            const struct ad_cid *cid, int fd, uint64_t offset, size_t len,
                            bool *ret_done);
enum artdag_err ad_fs_put_ref(void *self, struct ad_backend_batch *batch,
                              const struct ad_cid *cid, const struct ad_backend_ref *ref,
                              artdag_error *err);
void ad_fs_end(void *self, struct ad_backend_batch *batch);
/* Where the NULL batch has this block: fills path with its place below the root. */
bool ad_fs_staged(const struct ad_fs_store *fs, const struct ad_fs_name *name, bool reference,
                  char *path, size_t size);

/* fs_commit.c */
struct ad_fs_stage {
    struct ad_map map;  /* NAME or NAME.ref -> seq << 2 | AD_FS_REF | AD_FS_LINKED */
    uint64_t new_files; /* not linked ones */
};
#define AD_FS_REF 1u
#define AD_FS_LINKED 2u /* the block was stored already: tmp/TOKEN/N is a second name of it */
struct ad_backend_batch {
    struct ad_fs_store *fs;
    pthread_mutex_t lock; /* guards the fields below */
    struct ad_fs_stage current;
    struct ad_fs_stage flushing; /* still readable while a commit works on it */
    bool failed;                 /* a commit has failed: what it held is lost */
    uint64_t sync_errors;        /* fs->sync_errors when the first block came in */
    pthread_mutex_t commit;      /* held by a commit from end to end */
};
enum artdag_err ad_fs_commit(void *self, struct ad_backend_batch *batch, artdag_error *err);

/* fs_block.c */
enum artdag_err ad_fs_get(void *self, const struct ad_cid *cid, struct ad_buf *buf,
                          artdag_error *err);
enum artdag_err ad_fs_has(void *self, const struct ad_cid *cid, bool *ret, uint64_t *ret_len,
                          artdag_error *err);
enum artdag_err ad_fs_quarantine(void *self, const struct ad_cid *cid, artdag_error *err);
enum artdag_err ad_fs_each(void *self,
                           enum artdag_err (*fn)(void *payload,
                                                 const struct ad_backend_block *block,
                                                 artdag_error *err),
                           void *payload, artdag_error *err);
enum artdag_err ad_fs_remove(void *self, const struct ad_backend_block *block,
                             bool *ret_removed, artdag_error *err);

/* fs_ref.c */
enum artdag_err ad_fs_ref_encode(const struct ad_backend_ref *ref, struct ad_buf *buf,
                                 artdag_error *err);
/* Opens the file behind the reference at root/path. NOTFOUND when there is no reference or no
 * file any more, CORRUPT when the file is another one by size or time. */
enum artdag_err ad_fs_ref_open(const struct ad_fs_store *fs, const char *path,
                               struct ad_backend_ref *ret, int *ret_fd, artdag_error *err);

/* fs_root.c */
enum artdag_err ad_fs_pin(void *self, const struct ad_cid *cid, const char *name, bool *ret_new,
                          artdag_error *err);
enum artdag_err ad_fs_unpin(void *self, const struct ad_cid *cid, const char *name,
                            size_t *ret_removed, artdag_error *err);
enum artdag_err ad_fs_pins(void *self, ad_backend_root_fn each, void *payload,
                           artdag_error *err);
enum artdag_err ad_fs_lease_open(void *self, void **ret, artdag_error *err);
enum artdag_err ad_fs_lease_add(void *self, void *lease, const struct ad_cid *cid,
                                artdag_error *err);
void ad_fs_lease_close(void *self, void *lease);
enum artdag_err ad_fs_leases(void *self, ad_backend_root_fn each, void *payload,
                             artdag_error *err);

#endif
