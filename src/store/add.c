/* SPDX-License-Identifier: MIT */
#include "store/add.h"

#include <errno.h>
#include <unistd.h>

/* Below this a clone costs more than it spares. */
#define CLONE_BYTES_MIN (64u << 10)

enum artdag_err ad_add_begin(struct ad_add *add, struct ad_store *store,
                             const struct ad_add_params *params, artdag_error *err)
{
    *add = (struct ad_add){.store = store, .profile = &ad_unixfs_v1_2025, .fd = -1};
    if (params != NULL) {
        if (params->profile != NULL)
            add->profile = params->profile;
        add->threads = params->threads;
        add->cuts = params->cuts;
        add->cut_count = params->cut_count;
        add->only_hash = params->only_hash;
        add->reference = params->reference && !params->only_hash;
    }
    if (add->only_hash)
        return ARTDAG_OK;
    if (add->reference && store->be->put_ref == NULL)
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                            "this kind of store cannot keep references");
    if (add->reference && !add->profile->raw_leaves)
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM,
                            "references need a profile with raw leaves");
    return store->be->begin(store->self, &add->batch, err);
}

void ad_add_end(struct ad_add *add)
{
    if (add->batch != NULL)
        add->store->be->end(add->store->self, add->batch);
    add->batch = NULL;
}

enum artdag_err ad_add_commit(struct ad_add *add, const struct ad_cid *root, artdag_error *err)
{
    if (add->only_hash)
        return ARTDAG_OK;
    enum artdag_err code = ad_store_hold_added(add->store, root, err);
    return code == ARTDAG_OK ? add->store->be->commit(add->store->self, add->batch, err) : code;
}

static enum artdag_err on_leaf(void *payload, const struct ad_cid *cid, uint64_t offset,
                               size_t len, artdag_error *err)
{
    struct ad_add *add = payload;
    add->leaf_next = true;
    add->leaf_offset = add->base + offset;
    add->leaf_len = len;
    if (!add->reference)
        return ARTDAG_OK;
    struct ad_backend_ref ref = {
        .path = add->path,
        .offset = add->leaf_offset,
        .len = len,
        .file_bytes = (uint64_t)add->before.st_size,
        .mtime_ns =
            (int64_t)add->before.st_mtim.tv_sec * 1000000000 + add->before.st_mtim.tv_nsec,
    };
    add->in_place = true;
    return add->store->be->put_ref(add->store->self, add->batch, cid, &ref, err);
}

static enum artdag_err add_put(void *payload, const struct ad_cid *cid, const void *data,
                               size_t len, artdag_error *err)
{
    struct ad_add *add = payload;
    struct ad_store *store = add->store;
    bool leaf = add->leaf_next;
    bool done = false;
    add->leaf_next = false;
    add->tsize += len;
    if (add->only_hash || cid->hash == AD_MULTIHASH_IDENTITY || (leaf && add->reference))
        return ARTDAG_OK;
    if (leaf && add->may_clone && len >= CLONE_BYTES_MIN && len == add->leaf_len) {
        if (store->be->clone(store->self, add->batch, cid, add->fd, add->leaf_offset, len,
                             &done) != ARTDAG_OK ||
            !done)
            add->may_clone = false;
    }
    if (done) {
        add->in_place = true;
        return ARTDAG_OK;
    }
    return store->be->put(store->self, add->batch, cid, data, len, err);
}

struct ad_block_sink ad_add_sink(struct ad_add *add)
{
    return (struct ad_block_sink){add_put, add};
}

static enum artdag_err check_reference(const struct ad_add *add, artdag_error *err)
{
    struct stat st = {0};
    if (add->path == NULL || add->path[0] != '/')
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM,
                            "a reference needs the absolute path of the file");
    if (!S_ISREG(add->before.st_mode))
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM,
                            "%s: only a regular file can be kept by reference", add->path);
    if (stat(add->path, &st) != 0)
        return ad_error_errno(err, errno, ROOM, "cannot read %s", add->path);
    if (st.st_dev != add->before.st_dev || st.st_ino != add->before.st_ino)
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "%s is not the file that was opened",
                            add->path);
    return ARTDAG_OK;
}

static enum artdag_err look_at(struct ad_add *add, int fd, const char *path, artdag_error *err)
{
    add->fd = fd;
    add->path = path;
    add->base = 0;
    add->in_place = false;
    add->leaf_next = false;
    add->may_clone = false;
    add->tsize = 0;
    if (fstat(fd, &add->before) != 0)
        return ad_error_errno(err, errno, ROOM, "cannot read the file to add");
    if (add->only_hash)
        return ARTDAG_OK;
    if (S_ISREG(add->before.st_mode)) {
        off_t at = lseek(fd, 0, SEEK_CUR);
        if (at < 0)
            return ad_error_errno(err, errno, ROOM, "cannot read the file to add");
        add->base = (uint64_t)at;
        add->may_clone = add->store->be->clone != NULL && add->profile->raw_leaves;
    }
    return add->reference ? check_reference(add, err) : ARTDAG_OK;
}

/* Cloned and referenced leaves are whatever the file holds, not what was read when it was
 * hashed. A change that the file's times do not show is found by the check that every read
 * makes. */
static enum artdag_err check_unchanged(const struct ad_add *add, artdag_error *err)
{
    struct stat after = {0};
    const struct stat *before = &add->before;
    if (!add->in_place)
        return ARTDAG_OK;
    if (fstat(add->fd, &after) != 0)
        return ad_error_errno(err, errno, ROOM, "cannot read the file to add");
    if (after.st_size == before->st_size && after.st_mtim.tv_sec == before->st_mtim.tv_sec &&
        after.st_mtim.tv_nsec == before->st_mtim.tv_nsec)
        return ARTDAG_OK;
    enum artdag_err code =
        ad_error_set(err, ARTDAG_E_BUSY, ROOM, "the file changed while it was read");
    ad_error_hint(err, "wait until it is written and add it again");
    return code;
}

enum artdag_err ad_add_file(struct ad_add *add, int fd, const char *path, struct ad_cid *ret,
                            uint64_t *ret_bytes, artdag_error *err)
{
    struct ad_cid cid = {0};
    uint64_t bytes = 0;
    enum artdag_err code = look_at(add, fd, path, err);
    if (code != ARTDAG_OK)
        return code;
    struct ad_import_params import = {
        .profile = add->profile,
        .threads = add->threads,
        .cuts = add->cuts,
        .cut_count = add->cut_count,
        .sink = ad_add_sink(add),
    };
    if (add->reference || add->may_clone) {
        import.on_leaf = on_leaf;
        import.on_leaf_payload = add;
    }
    code = ad_unixfs_import_fd(fd, &import, &cid, &bytes, err);
    if (code == ARTDAG_OK)
        code = check_unchanged(add, err);
    if (code != ARTDAG_OK)
        return code;
    *ret = cid;
    if (ret_bytes != NULL)
        *ret_bytes = bytes;
    return ARTDAG_OK;
}

enum artdag_err ad_add_node(struct ad_add *add, const struct ad_pb_node *node,
                            struct ad_cid *ret, uint64_t *ret_tsize, artdag_error *err)
{
    struct ad_buf block = AD_BUF_INIT(AD_BLOCK_MAX);
    struct ad_cid cid = {0};
    enum artdag_err code = ad_pb_encode(node, &block, err);
    if (code == ARTDAG_OK)
        code = ad_cid_of(AD_CODEC_DAG_PB, block.data, block.len, &cid, err);
    if (code == ARTDAG_OK) {
        cid.version = (uint8_t)add->profile->cid_version;
        code = add_put(add, &cid, block.data, block.len, err);
    }
    if (code == ARTDAG_OK) {
        *ret = cid;
        *ret_tsize = block.len;
    }
    ad_buf_fini(&block);
    return code;
}

enum artdag_err ad_store_add_fd(struct ad_store *store, int fd, const char *path,
                                const struct ad_add_params *params, struct ad_cid *ret,
                                uint64_t *ret_bytes, artdag_error *err)
{
    struct ad_add add;
    struct ad_cid cid = {0};
    uint64_t bytes = 0;
    enum artdag_err code = ad_add_begin(&add, store, params, err);
    if (code == ARTDAG_OK)
        code = ad_add_file(&add, fd, path, &cid, &bytes, err);
    if (code == ARTDAG_OK)
        code = ad_add_commit(&add, &cid, err);
    ad_add_end(&add);
    if (code != ARTDAG_OK)
        return code;
    *ret = cid;
    if (ret_bytes != NULL)
        *ret_bytes = bytes;
    return ARTDAG_OK;
}

enum artdag_err ad_store_add_bytes(struct ad_store *store, const void *data, size_t len,
                                   struct ad_cid *ret, artdag_error *err)
{
    struct ad_add add;
    struct ad_cid cid = {0};
    enum artdag_err code = ad_add_begin(&add, store, NULL, err);
    if (code == ARTDAG_OK) {
        struct ad_import_params import = {.profile = add.profile, .sink = ad_add_sink(&add)};
        code = ad_unixfs_import_bytes(data, len, &import, &cid, err);
    }
    if (code == ARTDAG_OK)
        code = ad_add_commit(&add, &cid, err);
    ad_add_end(&add);
    if (code == ARTDAG_OK)
        *ret = cid;
    return code;
}
