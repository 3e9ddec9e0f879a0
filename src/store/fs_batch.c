/* SPDX-License-Identifier: MIT
 *
 * Blocks on their way in. Each is written to tmp/TOKEN/N, a file that nothing but this batch
 * knows; a block that is stored already gets tmp/TOKEN/N as a second name instead (a hard
 * link), so that gc may take the first name away without the bytes going. fs_commit.c gives
 * them their place.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fs.h"

/* From this size on the kernel is told to start writing at once, so that a commit has little
 * left to wait for. */
#define WRITEBACK_BYTES (256u << 10)

enum artdag_err ad_fs_begin(void *self, struct ad_backend_batch **ret, artdag_error *err)
{
    struct ad_backend_batch *batch = ad_alloc(sizeof(*batch));
    if (batch == NULL)
        return ad_error_nomem(err, ROOM);
    batch->fs = self;
    (void)pthread_mutex_init(&batch->lock, NULL);
    (void)pthread_mutex_init(&batch->commit, NULL);
    *ret = batch;
    return ARTDAG_OK;
}

static void drop_stage(const struct ad_fs_store *fs, struct ad_fs_stage *stage)
{
    char path[32];
    for (size_t i = 0; i < stage->map.len; i++) {
        (void)snprintf(path, sizeof(path), "%llu",
                       (unsigned long long)stage->map.entries[i].value.num >> 2);
        (void)unlinkat(fs->session, path, 0);
    }
    ad_map_fini(&stage->map);
    *stage = (struct ad_fs_stage){0};
}

void ad_fs_end(void *self, struct ad_backend_batch *batch)
{
    if (batch == NULL)
        return;
    drop_stage(self, &batch->current);
    drop_stage(self, &batch->flushing);
    (void)pthread_mutex_destroy(&batch->lock);
    (void)pthread_mutex_destroy(&batch->commit);
    free(batch);
}

/* The key of a block or a reference among what is staged. */
static struct ad_str stage_key(const struct ad_fs_name *name, bool reference, char out[232])
{
    int len = snprintf(out, 232, "%s%s", name->text, reference ? ".ref" : "");
    return (struct ad_str){out, (size_t)len};
}

static const union ad_map_value *find_staged(const struct ad_backend_batch *batch,
                                             struct ad_str key)
{
    const union ad_map_value *value = ad_map_find(&batch->current.map, key);
    return value != NULL ? value : ad_map_find(&batch->flushing.map, key);
}

bool ad_fs_staged(const struct ad_fs_store *fs, const struct ad_fs_name *name, bool reference,
                  char *path, size_t size)
{
    char text[232];
    struct ad_backend_batch *batch = fs->batch;
    (void)pthread_mutex_lock(&batch->lock);
    const union ad_map_value *value = find_staged(batch, stage_key(name, reference, text));
    if (value != NULL)
        (void)snprintf(path, size, "tmp/%s/%llu", fs->token,
                       (unsigned long long)value->num >> 2);
    (void)pthread_mutex_unlock(&batch->lock);
    return value != NULL;
}

static bool is_staged(struct ad_backend_batch *batch, struct ad_str key)
{
    (void)pthread_mutex_lock(&batch->lock);
    bool staged = ad_map_find(&batch->current.map, key) != NULL;
    (void)pthread_mutex_unlock(&batch->lock);
    return staged;
}

/* Enters file number seq as `key`. The file is removed when another thread was faster, or on
 * failure. */
static enum artdag_err enter(struct ad_backend_batch *batch, struct ad_str key, uint64_t seq,
                             unsigned flags, artdag_error *err)
{
    bool added = false;
    enum artdag_err code = ARTDAG_OK;
    (void)pthread_mutex_lock(&batch->lock);
    if (batch->current.map.len == 0 && batch->flushing.map.len == 0)
        batch->sync_errors = atomic_load(&batch->fs->sync_errors);
    union ad_map_value *value = ad_map_put(&batch->current.map, key, &added);
    if (value == NULL) {
        code = ad_error_nomem(err, ROOM);
    } else if (added) {
        value->num = seq << 2 | flags;
        batch->current.new_files += (flags & AD_FS_LINKED) == 0;
    }
    (void)pthread_mutex_unlock(&batch->lock);
    if (!added) {
        char path[32];
        (void)snprintf(path, sizeof(path), "%llu", (unsigned long long)seq);
        (void)unlinkat(batch->fs->session, path, 0);
    }
    return code;
}

static uint64_t next_file(struct ad_fs_store *fs, char path[32])
{
    uint64_t seq = atomic_fetch_add(&fs->next_seq, 1) + 1;
    (void)snprintf(path, 32, "%llu", (unsigned long long)seq);
    return seq;
}

/* Second name for a stored block. False when there is none, or when the file system or its
 * rights forbid it: the caller then stores a copy of its own, which is never wrong. */
static bool link_stored(struct ad_fs_store *fs, struct ad_fs_name *name, size_t len,
                        uint64_t *ret_seq)
{
    char path[32];
    struct stat st = {0};
    const char *stored = ad_fs_name_path(name, "blocks");
    /* A file of another size is damaged and gets replaced. What cannot be marked as used now
     * cannot be marked at commit either. */
    if (fstatat(fs->root, stored, &st, 0) != 0 || (uint64_t)st.st_size != len ||
        utimensat(fs->root, stored, NULL, 0) != 0)
        return false;
    uint64_t seq = next_file(fs, path);
    if (linkat(fs->root, stored, fs->session, path, 0) != 0)
        return false;
    *ret_seq = seq;
    return true;
}

/* Is the block in the batch now, or was it stored and is it held there? */
static enum artdag_err stage_known(struct ad_backend_batch *batch, struct ad_fs_name *name,
                                   struct ad_str key, size_t len, bool *ret, artdag_error *err)
{
    uint64_t seq = 0;
    enum artdag_err code = ad_fs_session(batch->fs, err);
    if (code != ARTDAG_OK)
        return code;
    if (is_staged(batch, key)) {
        *ret = true;
        return ARTDAG_OK;
    }
    *ret = link_stored(batch->fs, name, len, &seq);
    return *ret ? enter(batch, key, seq, AD_FS_LINKED, err) : ARTDAG_OK;
}

static enum artdag_err write_new(struct ad_backend_batch *batch, struct ad_str key,
                                 const void *data, size_t len, unsigned flags,
                                 artdag_error *err)
{
    struct ad_fs_store *fs = batch->fs;
    char path[32];
    uint64_t seq = next_file(fs, path);
    int fd = ad_fs_openat(fs->session, path, O_WRONLY | O_CREAT | O_EXCL, 0444);
    if (fd < 0)
        return ad_error_errno(err, errno, ROOM, "cannot write into the store %s", fs->path);
    enum artdag_err code = ad_fs_write_full(fd, data, len, ROOM, err);
    if (code == ARTDAG_OK && len >= WRITEBACK_BYTES)
        (void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    if (close(fd) != 0 && code == ARTDAG_OK && errno != EINTR)
        code = ad_error_errno(err, errno, ROOM, "cannot write");
    if (code != ARTDAG_OK) {
        (void)unlinkat(fs->session, path, 0);
        return ad_error_prefix(err, code, "store %s", fs->path);
    }
    return enter(batch, key, seq, flags, err);
}

enum artdag_err ad_fs_put(void *self, struct ad_backend_batch *batch, const struct ad_cid *cid,
                          const void *data, size_t len, artdag_error *err)
{
    struct ad_fs_store *fs = self;
    struct ad_fs_name name;
    char text[232];
    bool known = false;
    batch = batch != NULL ? batch : fs->batch;
    enum artdag_err code = ad_fs_name_of(cid, &name, err);
    if (code != ARTDAG_OK)
        return code;
    struct ad_str key = stage_key(&name, false, text);
    code = stage_known(batch, &name, key, len, &known, err);
    if (code != ARTDAG_OK || known)
        return code;
    return write_new(batch, key, data, len, 0, err);
}

enum artdag_err ad_fs_put_ref(void *self, struct ad_backend_batch *batch,
                              const struct ad_cid *cid, const struct ad_backend_ref *ref,
                              artdag_error *err)
{
    struct ad_fs_store *fs = self;
    struct ad_fs_name name;
    char text[232];
    struct ad_buf record = AD_BUF_INIT(1u << 16);
    batch = batch != NULL ? batch : fs->batch;
    enum artdag_err code = ad_fs_name_of(cid, &name, err);
    if (code == ARTDAG_OK)
        code = ad_fs_session(fs, err);
    if (code != ARTDAG_OK)
        return code;
    struct ad_str key = stage_key(&name, true, text);
    if (is_staged(batch, key))
        return ARTDAG_OK;
    code = ad_fs_ref_encode(ref, &record, err);
    if (code == ARTDAG_OK)
        code = write_new(batch, key, record.data, record.len, AD_FS_REF, err);
    ad_buf_fini(&record);
    return code;
}

/* Shares the source's extents. The last chunk of a file need not be whole file-system blocks
 * long. */
static bool share_extents(int to, int from, uint64_t offset, size_t len)
{
    struct stat st = {0};
    struct file_clone_range range = {
        .src_fd = from, .src_offset = offset, .src_length = len, .dest_offset = 0};
    return ioctl(to, FICLONERANGE, &range) == 0 && fstat(to, &st) == 0 &&
           (uint64_t)st.st_size == len;
}

/* From a disk that cannot, or another disk, every try costs a file made and removed: one is
 * enough. */
static bool clone_is_hopeless(const struct ad_fs_store *fs, int fd, uint64_t *ret_device)
{
    struct stat st = {0};
    if (fstat(fd, &st) != 0)
        return true;
    *ret_device = (uint64_t)st.st_dev + 1; /* 0 = none known */
    return atomic_load(&fs->no_clone_from) == *ret_device;
}

enum artdag_err ad_fs_clone(void *self, struct ad_backend_batch *batch,
                            const struct ad_cid *cid, int fd, uint64_t offset, size_t len,
                            bool *ret_done)
{
    struct ad_fs_store *fs = self;
    struct ad_fs_name name;
    char text[232];
    char path[32];
    bool known = false;
    uint64_t device = 0;
    batch = batch != NULL ? batch : fs->batch;
    *ret_done = false;
    if (clone_is_hopeless(fs, fd, &device))
        return ARTDAG_OK;
    enum artdag_err code = ad_fs_name_of(cid, &name, NULL);
    if (code != ARTDAG_OK)
        return code;
    struct ad_str key = stage_key(&name, false, text);
    code = stage_known(batch, &name, key, len, &known, NULL);
    if (code != ARTDAG_OK || known) {
        *ret_done = known;
        return code;
    }
    uint64_t seq = next_file(fs, path);
    int to = ad_fs_openat(fs->session, path, O_WRONLY | O_CREAT | O_EXCL, 0444);
    bool shared = to >= 0 && share_extents(to, fd, offset, len);
    if (to >= 0 && !shared && (errno == EOPNOTSUPP || errno == EXDEV || errno == ENOTTY))
        atomic_store(&fs->no_clone_from, device);
    if (to >= 0)
        (void)close(to);
    if (!shared) {
        (void)unlinkat(fs->session, path, 0);
        return ARTDAG_OK;
    }
    *ret_done = true;
    return enter(batch, key, seq, 0, NULL);
}
