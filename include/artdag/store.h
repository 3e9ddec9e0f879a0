/* SPDX-License-Identifier: MIT
 *
 * The store: CID -> bytes. Everything read is verified against its CID; a block that does not match is
 * quarantined and reported as CORRUPT. All calls need a site and may be made from one thread at a time.
 */
#ifndef ARTDAG_STORE_H
#define ARTDAG_STORE_H

#include <stddef.h>
#include <stdint.h>

#include <artdag/cid.h>
#include <artdag/site.h>

ARTDAG_BEGIN_DECLS

typedef struct artdag_add_params {
    size_t size;
    const char *profile;         /* "unixfs-v1-2025" (NULL) or "unixfs-v0-2015" */
    uint32_t chunk_bytes, width; /* 0 = the profile's; others only together with only_hash */
    int only_hash;               /* compute the CID, store nothing */
    int reference;               /* remember where the bytes are instead of copying them */
} artdag_add_params;
#define ARTDAG_ADD_PARAMS_INIT                                                                 \
    {                                                                                          \
        .size = sizeof(artdag_add_params)                                                      \
    }

/* Adds a file or a folder; params may be NULL. ret_bytes (may be NULL) is the content's size. */
ARTDAG_API enum artdag_err artdag_add(artdag_site *site, const char *path,
                                      const artdag_add_params *params, artdag_cid *ret,
                                      uint64_t *ret_bytes, artdag_error *err);

/* Gives the bytes [offset, offset + length) of a file to write, piece by piece; length < 0 = to the
 * end. write returns 0, or anything else to stop (CANCELED). NOTFOUND, CORRUPT. */
ARTDAG_API enum artdag_err artdag_cat(artdag_site *site, const char *cid, uint64_t offset,
                                      int64_t length,
                                      int (*write)(void *payload, const void *data, size_t len),
                                      void *payload, artdag_error *err);

/* Writes a file or folder to path: a temporary name first, so path is whole or not there. */
ARTDAG_API enum artdag_err artdag_get(artdag_site *site, const char *cid, const char *path,
                                      artdag_error *err);

enum artdag_node_type {
    ARTDAG_FILE = 0,
    ARTDAG_FOLDER = 1,
    ARTDAG_SYMLINK = 2
};

typedef struct artdag_entry {
    const char *name; /* lives during the call */
    artdag_cid cid;
    uint64_t dag_bytes;
} artdag_entry;
ARTDAG_API enum artdag_err artdag_ls(artdag_site *site, const char *cid,
                                     void (*each)(void *payload, const artdag_entry *entry),
                                     void *payload, artdag_error *err);

typedef struct artdag_stat {
    artdag_cid cid;
    enum artdag_node_type type;
    uint64_t file_bytes; /* content; 0 for folders */
    uint64_t dag_bytes;  /* all blocks, each counted once */
    uint64_t blocks;
} artdag_stat;
ARTDAG_API enum artdag_err artdag_stat_cid(artdag_site *site, const char *cid, artdag_stat *ret,
                                           artdag_error *err);

/* What two files or folders share, each different block counted once. Leaves are not read. NOTFOUND when
 * one of them is not whole in the store. */
typedef struct artdag_shared {
    uint64_t a_blocks, a_bytes; /* of all of a, as in artdag_stat */
    uint64_t b_blocks, b_bytes;
    uint64_t common_blocks, common_bytes; /* counted in both of the above */
} artdag_shared;
ARTDAG_API enum artdag_err artdag_stat_shared(artdag_site *site, const char *a, const char *b,
                                              artdag_shared *ret, artdag_error *err);

/* Pins keep a DAG from being collected. A CID may carry several names; "" is one. NULL removes all. */
ARTDAG_API enum artdag_err artdag_pin_add(artdag_site *site, const char *cid, const char *name,
                                          artdag_error *err);
ARTDAG_API enum artdag_err artdag_pin_rm(artdag_site *site, const char *cid, const char *name,
                                         artdag_error *err);
ARTDAG_API enum artdag_err artdag_pin_ls(artdag_site *site,
                                         void (*each)(void *payload, const artdag_cid *cid,
                                                      const char *name),
                                         void *payload, artdag_error *err);

typedef struct artdag_gc_params {
    size_t size;
    int dry_run;
    int64_t keep_bytes;    /* collect only until the store is this small; < 0 = all garbage */
    int64_t older_than_ms; /* only what was not used for this long; 0 = any */
} artdag_gc_params;
#define ARTDAG_GC_PARAMS_INIT                                                                  \
    {                                                                                          \
        .size = sizeof(artdag_gc_params), .keep_bytes = -1                                     \
    }
typedef struct artdag_gc_result {
    uint64_t removed_blocks, removed_bytes, kept_blocks, kept_bytes;
} artdag_gc_result;
/* Removes what neither a pin nor a running render needs, and forgets the results that pointed there. */
ARTDAG_API enum artdag_err artdag_gc(artdag_site *site, const artdag_gc_params *params,
                                     artdag_gc_result *ret, artdag_error *err);

typedef struct artdag_verify_result {
    uint64_t blocks, bytes, corrupt, missing_pinned;
} artdag_verify_result;
/* Reads every block; each wrong or missing one is told to bad (may be NULL) and quarantined. CORRUPT when
 * there was any; *ret is then filled in too. */
ARTDAG_API enum artdag_err
artdag_verify(artdag_site *site, void (*bad)(void *payload, const char *cid, const char *why),
              void *payload, artdag_verify_result *ret, artdag_error *err);

/* CAR archives, to and from a descriptor at its current position. import calls root (may be NULL) once
 * per root named by the archive. */
ARTDAG_API enum artdag_err artdag_car_export(artdag_site *site, const char *const *cids,
                                             size_t count, int fd, artdag_error *err);
ARTDAG_API enum artdag_err artdag_car_import(artdag_site *site, int fd,
                                             void (*root)(void *payload, const artdag_cid *cid),
                                             void *payload, artdag_error *err);

ARTDAG_END_DECLS

#endif
