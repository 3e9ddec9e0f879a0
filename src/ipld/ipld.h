/* SPDX-License-Identifier: MIT
 *
 * The door of room ipld: dag-pb, UnixFS files and directories, CAR. Sources: IPIP-0499
 * (profiles), the dag-pb, UnixFS and CARv1/v2 specs; where prose and running code differ the
 * bytes of Kubo and boxo win (docs/formats/unixfs.md).
 */
#ifndef AD_IPLD_IPLD_H
#define AD_IPLD_IPLD_H

#include "base/base.h"
#include "cid/cid.h"

#define AD_BLOCK_MAX (2u << 20) /* readers accept blocks up to 2 MiB */

/* ---- dag-pb ---- */
struct ad_pb_link {
    struct ad_cid cid;
    struct ad_str name; /* points into the block */
    bool has_name;
    bool has_tsize;
    uint64_t tsize;
};
struct ad_pb_node {
    AD_VEC(struct ad_pb_link) links;
    struct ad_str data;
    bool has_data;
};
/* Strict: links before data as written, no unknown fields, no duplicates. FORMAT. The node's
 * views point into `block`. */
enum artdag_err ad_pb_decode(const void *block, size_t len, struct ad_pb_node *ret,
                             artdag_error *err);
void ad_pb_node_fini(struct ad_pb_node *node);
/* Appends the node's one canonical form to buf. */
enum artdag_err ad_pb_encode(const struct ad_pb_node *node, struct ad_buf *buf,
                             artdag_error *err);

/* ---- UnixFS ---- */
enum ad_unixfs_type {
    AD_UNIXFS_RAW = 0,
    AD_UNIXFS_DIRECTORY = 1,
    AD_UNIXFS_FILE = 2,
    AD_UNIXFS_METADATA = 3,
    AD_UNIXFS_SYMLINK = 4,
    AD_UNIXFS_HAMT = 5
};
struct ad_unixfs {
    enum ad_unixfs_type type;
    struct ad_str data;
    bool has_data;
    uint64_t filesize;
    bool has_filesize;
    AD_VEC(uint64_t) blocksizes;
    uint64_t hash_type;
    uint64_t fanout;
};
/* FORMAT on a malformed message, an unknown type or a repeated field; mode and mtime are
 * read over. `data` is a view into the input. */
enum artdag_err ad_unixfs_decode(struct ad_str data, struct ad_unixfs *ret, artdag_error *err);
void ad_unixfs_fini(struct ad_unixfs *u);

/* Where made blocks go: called from one thread, in an order where children precede parents;
 * data is borrowed. */
struct ad_block_sink {
    enum artdag_err (*put)(void *payload, const struct ad_cid *cid, const void *data,
                           size_t len, artdag_error *err);
    void *payload;
};
/* Where blocks come from: fills buf (cleared first) with verified bytes; NOTFOUND when
 * absent. Thread-safe if the source says so. */
struct ad_block_source {
    enum artdag_err (*get)(void *payload, const struct ad_cid *cid, struct ad_buf *buf,
                           artdag_error *err);
    void *payload;
};

/* How files become DAGs. */
struct ad_unixfs_profile {
    unsigned cid_version; /* 0 or 1 */
    bool raw_leaves;
    uint32_t chunk_bytes; /* at most AD_BLOCK_MAX - 256 */
    uint32_t width;       /* links per node, 2 to 16384 */
    bool shard_by_links;  /* a directory's size is that of names and CIDs, not of its block */
};
extern const struct ad_unixfs_profile ad_unixfs_v1_2025; /* the profile of artdag */
extern const struct ad_unixfs_profile ad_unixfs_v0_2015;
#define AD_CHUNK_MAX (AD_BLOCK_MAX - 256)
#define AD_WIDTH_MAX 16384
/* INVAL for a chunk size or width outside the limits. Trees, imports and directories check
 * their profile so. */
enum artdag_err ad_unixfs_profile_check(const struct ad_unixfs_profile *profile,
                                        artdag_error *err);
const struct ad_unixfs_profile *
ad_unixfs_profile_find(const char *name); /* "unixfs-v1-2025", "unixfs-v0-2015" or NULL */

/* Builds the balanced tree above leaves that are given left to right: O(depth * width)
 * memory. Profile and sink are copied; sink may be NULL. After an error only destroy is
 * allowed. */
struct ad_tree; /* opaque */
enum artdag_err ad_tree_create(const struct ad_unixfs_profile *profile,
                               const struct ad_block_sink *sink, struct ad_tree **ret,
                               artdag_error *err);
enum artdag_err ad_tree_leaf(struct ad_tree *tree, const struct ad_cid *cid,
                             uint64_t file_bytes, uint64_t block_bytes, artdag_error *err);
/* The root's CID and Tsize; with no leaf at all: the empty file. */
enum artdag_err ad_tree_finish(struct ad_tree *tree, struct ad_cid *ret_root,
                               uint64_t *ret_tsize, artdag_error *err);
void ad_tree_destroy(struct ad_tree *tree);
/* Makes one leaf block's CID. Without raw leaves the block is data wrapped in dag-pb, which
 * replaces wrap's content; raw leaves leave wrap alone (NULL allowed). Thread-safe. */
enum artdag_err ad_unixfs_leaf(const struct ad_unixfs_profile *profile, const void *data,
                               size_t len, struct ad_buf *wrap, struct ad_cid *ret,
                               artdag_error *err);

/* Imports what fd holds from its current position to the end, hashing chunks on `threads`
 * threads (0 = all cores), in memory that does not grow with the file. sink.put may be NULL
 * for --only-hash; sink and on_leaf are called from the calling thread, in file order.
 * ret_bytes may be NULL. A regular file that shrinks meanwhile is IO.
 *
 * Cuts: a leaf ends at each of them, and every chunk_bytes counted from the cut before, so that
 * what lies between two cuts has the same leaves wherever it is. Offsets count from the first
 * imported byte, ascending; 0, repeated ones and those at or beyond the end change nothing.
 * Borrowed. INVAL when they do not ascend. */
struct ad_import_params {
    const struct ad_unixfs_profile *profile; /* NULL = v1-2025 */
    unsigned threads;
    const uint64_t *cuts; /* NULL with cut_count 0: the profile alone */
    size_t cut_count;
    struct ad_block_sink sink;
    /* Called for each leaf in file order before the sink gets it (NULL to leave out): offset
     * in the file. For reference stores. */
    enum artdag_err (*on_leaf)(void *payload, const struct ad_cid *cid, uint64_t offset,
                               size_t len, artdag_error *err);
    void *on_leaf_payload;
};
enum artdag_err ad_unixfs_import_fd(int fd, const struct ad_import_params *params,
                                    struct ad_cid *ret_root, uint64_t *ret_bytes,
                                    artdag_error *err);
enum artdag_err ad_unixfs_import_bytes(const void *data, size_t len,
                                       const struct ad_import_params *params,
                                       struct ad_cid *ret_root, artdag_error *err);

/* Directories: entries may come in any order; plain and sorted by name bytes up to 262144 bytes,
 * HAMT-sharded beyond. INVAL for a name that is empty, ".", "..", repeated or holds '/' or NUL.
 * ret_tsize may be NULL. */
struct ad_dir_entry {
    struct ad_str name;
    struct ad_cid cid;
    uint64_t tsize;
    enum ad_unixfs_type type; /* FILE for raw blocks; AD_UNIXFS_RAW = only loading it tells */
};
enum artdag_err ad_unixfs_directory(const struct ad_unixfs_profile *profile,
                                    const struct ad_dir_entry *entries, size_t count,
                                    const struct ad_block_sink *sink, struct ad_cid *ret,
                                    uint64_t *ret_tsize, artdag_error *err);
/* Calls each for every entry of a plain or HAMT-sharded directory, in stored order; of equal
 * names the first counts. INVAL when dir is a file. */
enum artdag_err ad_unixfs_list(const struct ad_block_source *source, const struct ad_cid *dir,
                               enum artdag_err (*each)(void *payload,
                                                       const struct ad_dir_entry *entry,
                                                       artdag_error *err),
                               void *payload, artdag_error *err);

/* A file opened for reading by range: any balanced or trickle UnixFS file, raw block, CIDv0
 * or v1. Loads only the nodes on the way. One thread at a time. The source is copied, its
 * payload must outlive the file. INVAL for a directory, FORMAT for a malformed node. */
struct ad_unixfs_file; /* opaque */
enum artdag_err ad_unixfs_open(const struct ad_block_source *source, const struct ad_cid *cid,
                               struct ad_unixfs_file **ret, artdag_error *err);
uint64_t ad_unixfs_size(const struct ad_unixfs_file *file);
/* Reads up to len bytes at offset; short only at the end of the file. */
enum artdag_err ad_unixfs_pread(struct ad_unixfs_file *file, void *data, size_t len,
                                uint64_t offset, size_t *ret_len, artdag_error *err);
void ad_unixfs_close(struct ad_unixfs_file *file);

/* Visits every block below and including root once, parents first, depth-first in link
 * order. `each` gets the block's bytes; with leaves = false raw leaves are visited with data
 * NULL and not loaded. Identity CIDs are no blocks and are not visited, only what they link
 * to is. LIMIT beyond 256 levels, UNSUPPORTED for codecs other than raw and dag-pb;
 * NOTFOUND, CORRUPT from the source. */
enum artdag_err
ad_dag_walk(const struct ad_block_source *source, const struct ad_cid *root, bool leaves,
            enum artdag_err (*each)(void *payload, const struct ad_cid *cid, const void *data,
                                    size_t len, artdag_error *err),
            void *payload, artdag_error *err);

/* ---- CAR ---- */
/* Append to buf the header of a CARv1, and one section. */
enum artdag_err ad_car_write_header(struct ad_buf *buf, const struct ad_cid *roots,
                                    size_t count, artdag_error *err);
enum artdag_err ad_car_write_section(struct ad_buf *buf, const struct ad_cid *cid,
                                     const void *data, size_t len, artdag_error *err);
/* Reads CARv1 or CARv2 from fd's position (pipes too); every block is verified before `put`
 * sees it, in the file's order; identity CIDs are skipped. Roots are appended to roots (NULL
 * to leave out). FORMAT, CORRUPT, LIMIT for a section that holds more than a block. */
typedef AD_VEC(struct ad_cid) ad_cid_vec;
enum artdag_err ad_car_read_fd(int fd, const struct ad_block_sink *sink, ad_cid_vec *roots,
                               artdag_error *err);

#endif
