/* SPDX-License-Identifier: MIT */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

static int open_retry(const char *path, int flags, mode_t mode)
{
    int fd = -1;
    do {
        fd = open(path, flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static ssize_t read_retry(int fd, void *data, size_t len)
{
    ssize_t n = 0;
    do {
        n = read(fd, data, len);
    } while (n < 0 && errno == EINTR);
    return n;
}

static enum artdag_err too_large(const char *path, size_t max, const char *room,
                                 artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_LIMIT, room, "%s is larger than %zu bytes", path, max);
}

/* Reads until end of file or one byte past max. */
static enum artdag_err read_all(int fd, const char *path, size_t max, struct ad_buf *buf,
                                const char *room, artdag_error *err)
{
    char chunk[65536];
    for (;;) {
        ssize_t n = read_retry(fd, chunk, sizeof(chunk));
        if (n < 0) {
            return ad_error_errno(err, errno, room, "cannot read %s", path);
        }
        if (n == 0) {
            return ARTDAG_OK;
        }
        if ((size_t)n > max - buf->len) {
            return too_large(path, max, room, err);
        }
        enum artdag_err code = ad_buf_append(buf, chunk, (size_t)n);
        if (code == ARTDAG_E_LIMIT) {
            return too_large(path, buf->max, room, err);
        }
        if (code != ARTDAG_OK) {
            return ad_error_nomem(err, room);
        }
    }
}

enum artdag_err ad_fs_read_file(const char *path, size_t max, struct ad_buf *buf,
                                const char *room, artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    struct stat st = {0};
    ad_buf_clear(buf);
    int fd = open_retry(path, O_RDONLY, 0);
    if (fd < 0) {
        return ad_error_errno(err, errno, room, "cannot open %s", path);
    }
    if (fstat(fd, &st) != 0) {
        code = ad_error_errno(err, errno, room, "cannot read %s", path);
        goto out;
    }
    if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > max) {
        code = too_large(path, max, room, err);
        goto out;
    }
    code = read_all(fd, path, max, buf, room, err);
out:
    (void)close(fd);
    if (code != ARTDAG_OK) {
        ad_buf_clear(buf);
    }
    return code;
}

enum artdag_err ad_fs_pread_full(int fd, void *data, size_t len, uint64_t offset,
                                 size_t *ret_len, const char *room, artdag_error *err)
{
    size_t done = 0;
    if (offset > INT64_MAX || len > (uint64_t)INT64_MAX - offset) {
        return ad_error_set(err, ARTDAG_E_INVAL, room, "read beyond the largest file offset");
    }
    while (done < len) {
        ssize_t n = pread(fd, (char *)data + done, len - done, (off_t)(offset + done));
        if (n == 0) {
            break;
        }
        if (n > 0) {
            done += (size_t)n;
        } else if (errno != EINTR) {
            return ad_error_errno(err, errno, room, "cannot read");
        }
    }
    *ret_len = done;
    return ARTDAG_OK;
}

enum artdag_err ad_fs_write_full(int fd, const void *data, size_t len, const char *room,
                                 artdag_error *err)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = write(fd, (const char *)data + done, len - done);
        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0) {
            return ad_error_errno(err, EIO, room, "cannot write");
        } else if (errno != EINTR) {
            return ad_error_errno(err, errno, room, "cannot write");
        }
    }
    return ARTDAG_OK;
}

char *ad_fs_join(const char *folder, const char *name)
{
    size_t a = strlen(folder);
    size_t b = strlen(name);
    bool slash = a > 0 && folder[a - 1] != '/';
    char *path = ad_alloc_array(a + b + 2, 1);
    if (path != NULL) {
        memcpy(path, folder, a);
        path[a] = '/'; /* overwritten when not wanted */
        memcpy(path + a + (slash ? 1 : 0), name, b + 1);
    }
    return path;
}

/* The folder part of path, "." when there is none; NULL when memory is out. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return ad_strdup(".");
    }
    size_t len = slash > path ? (size_t)(slash - path) : 1;
    char *folder = ad_alloc_array(len + 1, 1);
    if (folder != NULL) {
        memcpy(folder, path, len);
    }
    return folder;
}

/* Creates a file nobody else has in folder. *ret_path is the caller's to free. */
static enum artdag_err create_temp(const char *folder, mode_t mode, char **ret_path,
                                   int *ret_fd, const char *room, artdag_error *err)
{
    for (int attempt = 0; attempt < 100; attempt++) {
        uint64_t random = 0;
        if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random)) {
            random = (uint64_t)ad_clock_monotonic_us() ^ (uint64_t)getpid() << 40;
        }
        char name[48];
        (void)snprintf(name, sizeof(name), ".artdag-%016llx.tmp", (unsigned long long)random);
        char *path = ad_fs_join(folder, name);
        if (path == NULL) {
            return ad_error_nomem(err, room);
        }
        int fd = open_retry(path, O_RDWR | O_CREAT | O_EXCL, mode);
        if (fd >= 0) {
            *ret_path = path;
            *ret_fd = fd;
            return ARTDAG_OK;
        }
        int e = errno;
        free(path);
        if (e != EEXIST) {
            return ad_error_errno(err, e, room, "cannot create a file in %s", folder);
        }
    }
    return ad_error_errno(err, EEXIST, room, "cannot create a file in %s", folder);
}

static enum artdag_err sync_folder(const char *folder, const char *room, artdag_error *err)
{
    int fd = open_retry(folder, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0) {
        return ad_error_errno(err, errno, room, "cannot open %s", folder);
    }
    enum artdag_err code = ARTDAG_OK;
    /* EINVAL: this file system has no notion of syncing a folder. */
    if (fsync(fd) != 0 && errno != EINVAL) {
        code = ad_error_errno(err, errno, room, "cannot sync %s", folder);
    }
    (void)close(fd);
    return code;
}

enum artdag_err ad_fs_write_file(const char *path, const void *data, size_t len, mode_t mode,
                                 const char *room, artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    char *temp = NULL;
    int fd = -1;
    char *folder = folder_of(path);
    if (folder == NULL) {
        return ad_error_nomem(err, room);
    }
    code = create_temp(folder, mode, &temp, &fd, room, err);
    if (code != ARTDAG_OK) {
        goto out;
    }
    code = ad_fs_write_full(fd, data, len, room, err);
    if (code == ARTDAG_OK && fsync(fd) != 0) {
        code = ad_error_errno(err, errno, room, "cannot sync");
    }
    /* Some file systems report a full disk only here. */
    if (close(fd) != 0 && code == ARTDAG_OK && errno != EINTR) {
        code = ad_error_errno(err, errno, room, "cannot write");
    }
    if (code != ARTDAG_OK) {
        code = ad_error_prefix(err, code, "%s", path);
    } else if (rename(temp, path) != 0) {
        code = ad_error_errno(err, errno, room, "cannot write %s", path);
    }
    if (code != ARTDAG_OK) {
        (void)unlink(temp);
        goto out;
    }
    code = sync_folder(folder, room, err);
out:
    free(temp);
    free(folder);
    return code;
}

static bool is_folder(const char *path)
{
    struct stat st = {0};
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

enum artdag_err ad_fs_mkdirs(const char *path, const char *room, artdag_error *err)
{
    if (is_folder(path)) {
        return ARTDAG_OK;
    }
    char *copy = ad_strdup(path);
    if (copy == NULL) {
        return ad_error_nomem(err, room);
    }
    enum artdag_err code = ARTDAG_OK;
    char *end = copy;
    do {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        char kept = *end;
        *end = '\0';
        if (mkdir(copy, 0700) != 0) {
            int e = errno;
            if (!is_folder(copy)) {
                code = ad_error_errno(err, e == EEXIST ? ENOTDIR : e, room,
                                      "cannot create folder %s", copy);
            }
        }
        *end = kept;
    } while (code == ARTDAG_OK && *end != '\0');
    free(copy);
    return code;
}

enum artdag_err ad_fs_temp_fd(const char *folder, int *ret_fd, const char *room,
                              artdag_error *err)
{
    int fd = open_retry(folder, O_TMPFILE | O_RDWR, 0600);
    if (fd >= 0) {
        *ret_fd = fd;
        return ARTDAG_OK;
    }
    /* Network and overlay file systems may lack O_TMPFILE; any real trouble shows again below.
     */
    char *path = NULL;
    enum artdag_err code = create_temp(folder, 0600, &path, &fd, room, err);
    if (code != ARTDAG_OK) {
        return code;
    }
    (void)unlink(path);
    free(path);
    *ret_fd = fd;
    return ARTDAG_OK;
}

bool ad_fs_exists(const char *path)
{
    struct stat st = {0};
    return stat(path, &st) == 0;
}

/* nftw stops at a value other than 0 and returns it. */
static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    if (remove(path) != 0 && errno != ENOENT) {
        return errno;
    }
    return 0;
}

enum artdag_err ad_fs_remove_tree(const char *path, const char *room, artdag_error *err)
{
    struct stat st = {0};
    if (lstat(path, &st) != 0 && errno == ENOENT) {
        return ARTDAG_OK;
    }
    int e = nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS);
    if (e < 0) {
        e = errno;
    }
    if (e != 0 && e != ENOENT) {
        return ad_error_errno(err, e, room, "cannot remove %s", path);
    }
    return ARTDAG_OK;
}
