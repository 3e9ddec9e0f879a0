/* SPDX-License-Identifier: MIT
 *
 * Group commit. The data of all staged blocks reaches the disk by one sync, then they get their
 * names, then the names reach the disk by another: a block that can be seen under its name is
 * whole, also after a power cut, and a commit costs two waits however many blocks it holds. Why
 * it is done this way: docs/decisions/0040-block-layout.md.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fs.h"

/* Up to so many files are synced one by one: syncfs would also wait for whatever else is being
 * written to this disk. Beyond that its one wait is cheaper than theirs. */
#define SYNC_SINGLY 4

static enum artdag_err sync_path(const struct ad_fs_store *fs, int dir, const char *path,
                                 bool data_only, artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    int fd = ad_fs_openat(dir, path, O_RDONLY, 0);
    if (fd < 0)
        return ad_error_errno(err, errno, ROOM, "cannot sync the store %s", fs->path);
    /* EINVAL: this file system has no notion of syncing a folder. */
    if ((data_only ? fdatasync(fd) : fsync(fd)) != 0 && errno != EINVAL)
        code = ad_error_errno(err, errno, ROOM, "cannot sync the store %s", fs->path);
    (void)close(fd);
    return code;
}

static enum artdag_err sync_all(const struct ad_fs_store *fs, artdag_error *err)
{
    if (syncfs(fs->root) != 0)
        return ad_error_errno(err, errno, ROOM, "cannot sync the store %s", fs->path);
    return ARTDAG_OK;
}

static enum artdag_err sync_data(const struct ad_fs_store *fs, const struct ad_fs_stage *stage,
                                 artdag_error *err)
{
    char path[32];
    enum artdag_err code = ARTDAG_OK;
    if (stage->new_files > SYNC_SINGLY)
        return sync_all(fs, err);
    for (size_t i = 0; code == ARTDAG_OK && i < stage->map.len; i++) {
        uint64_t value = stage->map.entries[i].value.num;
        (void)snprintf(path, sizeof(path), "%llu", (unsigned long long)value >> 2);
        if ((value & AD_FS_LINKED) == 0)
            code = sync_path(fs, fs->session, path, true, err);
    }
    return code;
}

/* "blocks/XX" or "refs/XX", and the file's path in it. */
static void target_of(const struct ad_map_entry *entry, char folder[16], char path[256])
{
    bool reference = (entry->value.num & AD_FS_REF) != 0;
    int len = (int)entry->key.len - (reference ? (int)strlen(".ref") : 0);
    (void)snprintf(folder, 16, "%s/%.2s", reference ? "refs" : "blocks",
                   entry->key.ptr + len - 3);
    (void)snprintf(path, 256, "%s/%.*s", folder, len, entry->key.ptr);
}

static enum artdag_err give_name(const struct ad_fs_store *fs, const struct ad_map_entry *entry,
                                 artdag_error *err)
{
    char from[32];
    char folder[16];
    char path[256];
    (void)snprintf(from, sizeof(from), "%llu", (unsigned long long)entry->value.num >> 2);
    target_of(entry, folder, path);
    /* A gc that began while this was staged must see that it is young. */
    bool ok = utimensat(fs->session, from, NULL, 0) == 0;
    ok = ok && (renameat(fs->session, from, fs->root, path) == 0 ||
                (errno == ENOENT && (mkdirat(fs->root, folder, 0777) == 0 || errno == EEXIST) &&
                 renameat(fs->session, from, fs->root, path) == 0));
    if (!ok)
        return ad_error_errno(err, errno, ROOM, "cannot write %s/%s", fs->path, path);
    /* Renaming one name of a file to another name of it does nothing. */
    if ((entry->value.num & AD_FS_LINKED) != 0)
        (void)unlinkat(fs->session, from, 0);
    return ARTDAG_OK;
}

static enum artdag_err give_names(const struct ad_fs_store *fs, const struct ad_fs_stage *stage,
                                  artdag_error *err)
{
    int lock = -1;
    enum artdag_err code = ad_fs_lock(fs, false, &lock, err);
    for (size_t i = 0; code == ARTDAG_OK && i < stage->map.len; i++)
        code = give_name(fs, &stage->map.entries[i], err);
    if (lock >= 0)
        ad_fs_unlock(lock);
    return code;
}

static enum artdag_err sync_names(const struct ad_fs_store *fs, const struct ad_fs_stage *stage,
                                  artdag_error *err)
{
    char folder[16];
    char path[256];
    bool blocks = false;
    bool refs = false;
    enum artdag_err code = ARTDAG_OK;
    if (stage->map.len > SYNC_SINGLY)
        return sync_all(fs, err);
    for (size_t i = 0; code == ARTDAG_OK && i < stage->map.len; i++) {
        target_of(&stage->map.entries[i], folder, path);
        blocks = blocks || folder[0] == 'b';
        refs = refs || folder[0] == 'r';
        code = sync_path(fs, fs->root, folder, false, err);
    }
    /* The folders themselves may be new. */
    if (code == ARTDAG_OK && blocks)
        code = sync_path(fs, fs->root, "blocks", false, err);
    if (code == ARTDAG_OK && refs)
        code = sync_path(fs, fs->root, "refs", false, err);
    return code;
}

static enum artdag_err sync_counted(struct ad_fs_store *fs,
                                    enum artdag_err (*sync)(const struct ad_fs_store *,
                                                            const struct ad_fs_stage *,
                                                            artdag_error *),
                                    const struct ad_fs_stage *stage, artdag_error *err)
{
    enum artdag_err code = sync(fs, stage, err);
    /* The kernel reports a failed write-back once. Other batches may have lost bytes by the
     * same failure. */
    if (code != ARTDAG_OK)
        atomic_fetch_add(&fs->sync_errors, 1);
    return code;
}

static enum artdag_err commit_stage(struct ad_backend_batch *batch,
                                    const struct ad_fs_stage *stage, artdag_error *err)
{
    struct ad_fs_store *fs = batch->fs;
    enum artdag_err code = sync_counted(fs, sync_data, stage, err);
    if (code == ARTDAG_OK && atomic_load(&fs->sync_errors) != batch->sync_errors)
        code = ad_error_errno(err, EIO, ROOM, "an earlier write into the store %s has failed",
                              fs->path);
    if (code == ARTDAG_OK)
        code = give_names(fs, stage, err);
    if (code == ARTDAG_OK)
        code = sync_counted(fs, sync_names, stage, err);
    return code;
}

/* Moves what is staged aside for the commit. */
static enum artdag_err take_stage(struct ad_backend_batch *batch, artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    (void)pthread_mutex_lock(&batch->lock);
    if (batch->failed) {
        code = ad_error_errno(err, EIO, ROOM, "an earlier write into the store %s has failed",
                              batch->fs->path);
    } else {
        batch->flushing = batch->current;
        batch->current = (struct ad_fs_stage){0};
    }
    (void)pthread_mutex_unlock(&batch->lock);
    return code;
}

enum artdag_err ad_fs_commit(void *self, struct ad_backend_batch *batch, artdag_error *err)
{
    struct ad_fs_store *fs = self;
    batch = batch != NULL ? batch : fs->batch;
    (void)pthread_mutex_lock(&batch->commit);
    enum artdag_err code = take_stage(batch, err);
    if (code == ARTDAG_OK && batch->flushing.map.len > 0) {
        code = commit_stage(batch, &batch->flushing, err);
        (void)pthread_mutex_lock(&batch->lock);
        /* After a failure the files stay for ad_fs_end to remove; those that have their names
         * are not there any more. */
        batch->failed = code != ARTDAG_OK;
        if (!batch->failed) {
            ad_map_fini(&batch->flushing.map);
            batch->flushing = (struct ad_fs_stage){0};
        }
        (void)pthread_mutex_unlock(&batch->lock);
    }
    (void)pthread_mutex_unlock(&batch->commit);
    return code;
}
