/* SPDX-License-Identifier: MIT */
#include "media/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROOM "media"

static enum artdag_err write_all(int fd, const struct ad_buf *bytes, artdag_error *err)
{
    size_t done = 0;
    while (done < bytes->len) {
        ssize_t n = write(fd, bytes->data + done, bytes->len - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return ad_error_errno(err, errno, ROOM, "cannot hold a file in memory");
        }
        done += (size_t)n;
    }
    return ARTDAG_OK;
}

static enum artdag_err fetch(struct ad_conn *conn, uint32_t input, int64_t size, int fd,
                             artdag_error *err)
{
    struct ad_buf bytes = AD_BUF_INIT(AD_WIRE_READ_MAX);
    enum artdag_err rc = ARTDAG_OK;
    for (int64_t at = 0; rc == ARTDAG_OK && at < size; at += (int64_t)bytes.len) {
        int64_t left = size - at;
        uint32_t want = left < (int64_t)AD_WIRE_READ_MAX ? (uint32_t)left : AD_WIRE_READ_MAX;
        rc = ad_conn_read(conn, input, (uint64_t)at, want, &bytes, err);
        if (rc == ARTDAG_OK && bytes.len < want) {
            rc = ad_error_set(err, ARTDAG_E_IO, ROOM, "a file ends at byte %lld, not %lld",
                              (long long)(at + (int64_t)bytes.len), (long long)size);
        }
        if (rc == ARTDAG_OK) {
            rc = write_all(fd, &bytes, err);
        }
    }
    ad_buf_fini(&bytes);
    return rc;
}

/* Nobody can change the bytes once they are there. */
static enum artdag_err seal(int fd, artdag_error *err)
{
    int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    if (fcntl(fd, F_ADD_SEALS, seals) != 0) {
        return ad_error_errno(err, errno, ROOM, "cannot seal a file in memory");
    }
    return ARTDAG_OK;
}

enum artdag_err ad_files_open(struct ad_conn *conn, uint32_t first, const int64_t *sizes,
                              size_t count, struct ad_files *ret, artdag_error *err)
{
    struct ad_files files = {.fds = ad_alloc_array(count, sizeof(int))};
    enum artdag_err rc = files.fds ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++) {
        char path[AD_FILE_PATH_MAX];
        int fd = memfd_create("file", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        if (fd < 0) {
            rc = ad_error_errno(err, errno, ROOM, "cannot hold a file in memory");
            break;
        }
        files.fds[files.count++] = fd;
        rc = fetch(conn, first + (uint32_t)i, sizes[i], fd, err);
        if (rc == ARTDAG_OK) {
            rc = seal(fd, err);
        }
        ad_files_path(&files, i, path);
        if (rc == ARTDAG_OK && access(path, R_OK) != 0) {
            rc = ad_error_errno(err, errno, ROOM, "files for filters need /proc");
        }
    }
    if (rc != ARTDAG_OK) {
        ad_files_close(&files);
        return rc;
    }
    *ret = files;
    return ARTDAG_OK;
}

void ad_files_close(struct ad_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        (void)close(files->fds[i]);
    }
    free(files->fds);
    *files = (struct ad_files){0};
}

void ad_files_path(const struct ad_files *files, size_t i, char out[AD_FILE_PATH_MAX])
{
    (void)snprintf(out, AD_FILE_PATH_MAX, "/proc/self/fd/%d", files->fds[i]);
}

enum artdag_err ad_files_read(const struct ad_files *files, size_t i, struct ad_buf *buf,
                              artdag_error *err)
{
    uint8_t part[16384];
    for (off_t at = 0;;) {
        ssize_t n = pread(files->fds[i], part, sizeof(part), at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return ad_error_errno(err, errno, ROOM, "cannot read a file from memory");
        }
        enum artdag_err rc = ad_buf_append(buf, part, (size_t)n);
        if (n == 0 || rc != ARTDAG_OK) {
            return rc == ARTDAG_E_NOMEM   ? ad_error_nomem(err, ROOM)
                   : rc == ARTDAG_E_LIMIT ? ad_error_set(err, rc, ROOM, "a file is too large")
                                          : rc;
        }
        at += n;
    }
}
