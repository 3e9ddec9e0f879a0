/* SPDX-License-Identifier: MIT
 *
 * Reading: files, directories, sizes and completeness of DAGs.
 */
#include "store/handle.h"

enum artdag_err ad_store_open_file(struct ad_store *store, const struct ad_cid *cid,
                                   struct ad_unixfs_file **ret, artdag_error *err)
{
    enum artdag_err code = ad_unixfs_open(&store->source, cid, ret, err);
    return code == ARTDAG_OK ? code : ad_store_error_cid(err, code, cid);
}

static enum artdag_err read_whole(struct ad_unixfs_file *file, size_t max, struct ad_buf *buf,
                                  artdag_error *err)
{
    size_t got = 0;
    uint64_t size = ad_unixfs_size(file);
    if (size > max || size > buf->max)
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM,
                            "a file of %llu bytes where at most %zu are expected",
                            (unsigned long long)size, max < buf->max ? max : buf->max);
    uint8_t *data = ad_buf_extend(buf, (size_t)size);
    if (data == NULL)
        return ad_error_nomem(err, ROOM);
    return ad_unixfs_pread(file, data, (size_t)size, 0, &got, err);
}

enum artdag_err ad_store_read(struct ad_store *store, const struct ad_cid *cid, size_t max,
                              struct ad_buf *buf, artdag_error *err)
{
    struct ad_unixfs_file *file = NULL;
    ad_buf_clear(buf);
    enum artdag_err code = ad_store_open_file(store, cid, &file, err);
    if (code != ARTDAG_OK)
        return code;
    code = read_whole(file, max, buf, err);
    ad_unixfs_close(file);
    if (code == ARTDAG_OK)
        return code;
    ad_buf_clear(buf);
    return ad_store_error_cid(err, code, cid);
}

enum artdag_err ad_store_list(struct ad_store *store, const struct ad_cid *dir,
                              enum artdag_err (*each)(void *payload,
                                                      const struct ad_dir_entry *entry,
                                                      artdag_error *err),
                              void *payload, artdag_error *err)
{
    return ad_unixfs_list(&store->source, dir, each, payload, err);
}

/* ---- stat ---- */

enum artdag_err ad_store_node_type(struct ad_store *store, const struct ad_cid *cid,
                                   struct ad_buf *block, enum ad_unixfs_type *ret,
                                   struct ad_str *ret_data, artdag_error *err)
{
    struct ad_pb_node node = {0};
    struct ad_unixfs u = {0};
    if (cid->codec == AD_CODEC_RAW) {
        *ret = AD_UNIXFS_RAW;
        return ARTDAG_OK;
    }
    enum artdag_err code = ad_store_get(store, cid, block, err);
    if (code != ARTDAG_OK)
        return code;
    if (cid->codec != AD_CODEC_DAG_PB)
        code = ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                            "codec 0x%x is neither file nor directory", (unsigned)cid->codec);
    if (code == ARTDAG_OK)
        code = ad_pb_decode(block->data, block->len, &node, err);
    if (code == ARTDAG_OK)
        code = node.has_data ? ad_unixfs_decode(node.data, &u, err)
                             : ad_error_set(err, ARTDAG_E_FORMAT, ROOM,
                                            "a dag-pb node that is no UnixFS");
    if (code == ARTDAG_OK) {
        *ret = u.type;
        if (ret_data != NULL)
            *ret_data = u.data;
    }
    ad_unixfs_fini(&u);
    ad_pb_node_fini(&node);
    return code == ARTDAG_OK ? code : ad_store_error_cid(err, code, cid);
}

enum artdag_err ad_store_block_len(struct ad_store *store, const struct ad_cid *cid,
                                   uint64_t *ret, artdag_error *err)
{
    bool here = false;
    uint64_t len = 0;
    enum artdag_err code = store->be->has(store->self, cid, &here, &len, err);
    if (code == ARTDAG_OK && !here)
        code = ad_store_error_cid(
            err,
            ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "a block of it is not in the store"),
            cid);
    if (code == ARTDAG_OK)
        *ret = len;
    return code;
}

struct stat_walk {
    struct ad_store *store;
    struct ad_map seen; /* blocks: a DAG may reach one under two CIDs */
    struct ad_dag_stat *stat;
};

static enum artdag_err stat_block(void *payload, const struct ad_cid *cid, const void *data,
                                  size_t len, artdag_error *err)
{
    struct stat_walk *walk = payload;
    uint8_t bytes[AD_CID_BYTES_MAX];
    uint64_t size = len;
    bool added = false;
    if (ad_map_put(&walk->seen, ad_store_block_key(cid, bytes), &added) == NULL)
        return ad_error_nomem(err, ROOM);
    if (!added)
        return ARTDAG_OK;
    if (data == NULL) {
        enum artdag_err code = ad_store_block_len(walk->store, cid, &size, err);
        if (code != ARTDAG_OK)
            return code;
    }
    walk->stat->blocks++;
    walk->stat->dag_bytes += size;
    return ARTDAG_OK;
}

static enum artdag_err file_size(struct ad_store *store, const struct ad_cid *cid,
                                 uint64_t *ret, artdag_error *err)
{
    struct ad_unixfs_file *file = NULL;
    enum artdag_err code = ad_store_open_file(store, cid, &file, err);
    if (code == ARTDAG_OK)
        *ret = ad_unixfs_size(file);
    ad_unixfs_close(file);
    return code;
}

enum artdag_err ad_store_stat(struct ad_store *store, const struct ad_cid *cid,
                              struct ad_dag_stat *ret, artdag_error *err)
{
    struct ad_dag_stat stat = {0};
    struct stat_walk walk = {store, {0}, &stat};
    struct ad_buf block = AD_BUF_INIT(AD_BLOCK_MAX);
    enum artdag_err code = ad_store_node_type(store, cid, &block, &stat.type, NULL, err);
    if (code == ARTDAG_OK && (stat.type == AD_UNIXFS_RAW || stat.type == AD_UNIXFS_FILE))
        code = file_size(store, cid, &stat.file_bytes, err);
    if (code == ARTDAG_OK)
        code = ad_dag_walk(&store->source, cid, false, stat_block, &walk, err);
    ad_map_fini(&walk.seen);
    ad_buf_fini(&block);
    if (code == ARTDAG_OK)
        *ret = stat;
    return code;
}

/* ---- completeness ---- */

static enum artdag_err look_up(void *payload, const struct ad_cid *cid, const void *data,
                               size_t len, artdag_error *err)
{
    bool here = true;
    (void)len;
    if (data != NULL)
        return ARTDAG_OK;
    enum artdag_err code = ad_store_has(payload, cid, &here, err);
    if (code != ARTDAG_OK || here)
        return code;
    return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM,
                        "a block of it is not in the store"); /* ends the walk */
}

enum artdag_err ad_store_complete(struct ad_store *store, const struct ad_cid *cid, bool *ret,
                                  artdag_error *err)
{
    artdag_error inner = {0};
    enum artdag_err code = ad_dag_walk(&store->source, cid, false, look_up, store, &inner);
    if (code == ARTDAG_E_NOTFOUND || code == ARTDAG_E_CORRUPT) {
        *ret = false; /* a damaged block is in quarantine now, so it is missing too */
        return ARTDAG_OK;
    }
    if (code == ARTDAG_OK)
        *ret = true;
    else if (err != NULL)
        *err = inner;
    return code;
}
