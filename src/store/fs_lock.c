/* SPDX-License-Identifier: MIT
 *
 * Locks, the session (this handle's folder for unfinished writes) and the store's clock. All
 * locks are flock locks: the kernel drops them with the process, however it ends. Each lock has
 * its own open file, so that threads of one process exclude each other as processes do.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/fs.h"

enum artdag_err ad_fs_lock(const struct ad_fs_store *fs, bool exclusive, int *ret,
                           artdag_error *err)
{
    int fd = ad_fs_openat(fs->root, "gc.lock", O_RDONLY | O_CREAT, 0666);
    if (fd < 0)
        return ad_error_errno(err, errno, ROOM, "cannot open %s/gc.lock", fs->path);
    int rc = 0;
    do {
        rc = flock(fd, exclusive ? LOCK_EX : LOCK_SH);
    } while (rc != 0 && errno == EINTR);
    if (rc != 0) {
        enum artdag_err code =
            ad_error_errno(err, errno, ROOM, "cannot lock %s/gc.lock", fs->path);
        (void)close(fd);
        return code;
    }
    *ret = fd;
    return ARTDAG_OK;
}

void ad_fs_unlock(int lock)
{
    (void)close(lock);
}

enum artdag_err ad_fs_gc_lock(void *self, int *ret, artdag_error *err)
{
    return ad_fs_lock(self, true, ret, err);
}

void ad_fs_gc_unlock(void *self, int lock)
{
    (void)self;
    ad_fs_unlock(lock);
}

/* Removes one session when its process is gone. The caller holds gc.lock exclusively, so no
 * session is half made. */
static enum artdag_err remove_dead_session(const struct ad_fs_store *fs, const char *token,
                                           artdag_error *err)
{
    char path[300];
    (void)snprintf(path, sizeof(path), "tmp/%s/lock", token);
    int fd = ad_fs_openat(fs->root, path, O_RDONLY, 0);
    if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
        return ad_error_errno(err, errno, ROOM, "cannot open %s/%s", fs->path, path);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        return ARTDAG_OK; /* alive */
    }
    /* Without a lock file it is a leftover from the middle of making or removing a session, or
     * of a version file. */
    char *full = NULL;
    enum artdag_err code = ARTDAG_OK;
    (void)snprintf(path, sizeof(path), "tmp/%s", token);
    if ((full = ad_fs_join(fs->path, path)) == NULL)
        code = ad_error_nomem(err, ROOM);
    if (code == ARTDAG_OK)
        code = ad_fs_remove_tree(full, ROOM, err);
    free(full);
    if (fd >= 0)
        (void)close(fd);
    return code;
}

/* Under gc.lock exclusively. */
static enum artdag_err remove_dead_sessions(const struct ad_fs_store *fs, artdag_error *err)
{
    struct ad_fs_names names = {0};
    enum artdag_err code = ad_fs_names_list(fs, "tmp", &names, err);
    for (int i = 0; code == ARTDAG_OK && i < names.len; i++)
        code = remove_dead_session(fs, names.items[i]->d_name, err);
    ad_fs_names_free(&names);
    return code;
}

enum artdag_err ad_fs_clean(void *self, artdag_error *err)
{
    return remove_dead_sessions(self, err); /* dead leases go when leases are listed */
}

static enum artdag_err make_session(struct ad_fs_store *fs, artdag_error *err)
{
    char path[AD_FS_TOKEN_MAX + 8];
    ad_fs_token(fs->token);
    (void)snprintf(path, sizeof(path), "tmp/%s", fs->token);
    if (mkdirat(fs->root, path, 0777) != 0)
        return ad_error_errno(err, errno, ROOM, "cannot create %s/%s", fs->path, path);
    int dir = ad_fs_openat(fs->root, path, O_RDONLY | O_DIRECTORY, 0);
    int keep = dir < 0 ? -1 : ad_fs_openat(dir, "lock", O_RDONLY | O_CREAT | O_EXCL, 0666);
    if (keep < 0 || flock(keep, LOCK_EX | LOCK_NB) != 0) {
        enum artdag_err code =
            ad_error_errno(err, errno, ROOM, "cannot create %s/%s/lock", fs->path, path);
        if (keep >= 0)
            (void)close(keep);
        if (dir >= 0) {
            (void)unlinkat(dir, "lock", 0);
            (void)close(dir);
        }
        (void)unlinkat(fs->root, path, AT_REMOVEDIR);
        return code;
    }
    fs->session_keep = keep;
    fs->session = dir;
    return ARTDAG_OK;
}

enum artdag_err ad_fs_session(struct ad_fs_store *fs, artdag_error *err)
{
    int lock = -1;
    enum artdag_err code = ARTDAG_OK;
    (void)pthread_mutex_lock(&fs->session_lock);
    if (fs->session < 0) {
        code = ad_fs_lock(fs, true, &lock, err);
        /* What others left behind is not this writer's trouble: gc will say so. */
        if (code == ARTDAG_OK && remove_dead_sessions(fs, NULL) != ARTDAG_OK)
            ad_log_debug(fs->log, "store.clean",
                         "cannot remove unfinished writes of dead processes");
        if (code == ARTDAG_OK)
            code = make_session(fs, err);
        if (lock >= 0)
            ad_fs_unlock(lock);
    }
    (void)pthread_mutex_unlock(&fs->session_lock);
    return code;
}

void ad_fs_session_end(struct ad_fs_store *fs)
{
    char path[AD_FS_TOKEN_MAX + 8];
    if (fs->session < 0)
        return;
    (void)snprintf(path, sizeof(path), "tmp/%s", fs->token);
    (void)unlinkat(fs->session, "lock", 0);
    (void)unlinkat(fs->root, path, AT_REMOVEDIR);
    (void)close(fs->session);
    (void)close(fs->session_keep);
    fs->session = -1;
    fs->session_keep = -1;
}

/* File times come from the kernel's coarse clock, which stands still for some milliseconds. So
 * the time is taken from a file, and taken again until it has moved on: what was written before
 * this call is then strictly older. */
enum artdag_err ad_fs_now(void *self, int64_t *ret_ns, artdag_error *err)
{
    const struct ad_fs_store *fs = self;
    struct stat st = {0};
    const struct timespec pause = {.tv_nsec = 1000000};
    int64_t first = 0;
    enum artdag_err code = ARTDAG_OK;
    int fd = ad_fs_openat(fs->root, "gc.lock", O_RDONLY | O_CREAT, 0666);
    if (fd < 0)
        return ad_error_errno(err, errno, ROOM, "cannot open %s/gc.lock", fs->path);
    for (int i = 0;; i++) {
        if (futimens(fd, NULL) != 0 || fstat(fd, &st) != 0) {
            code = ad_error_errno(err, errno, ROOM, "cannot read the time of %s/gc.lock",
                                  fs->path);
            break;
        }
        int64_t now = ad_fs_time_ns(st.st_mtim);
        if (i == 0)
            first = now;
        if (now != first) {
            *ret_ns = now;
            break;
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)close(fd);
    return code;
}
