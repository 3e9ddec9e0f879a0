/* SPDX-License-Identifier: MIT
 *
 * Bytes behind descriptors: as a file in memory, and as a pipe that gives them in odd steps.
 */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ad_test.h"
#include "ipld/ipld.h"

static inline int memory_file(const uint8_t *data, size_t len)
{
    int fd = memfd_create("import", MFD_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t at = 0; at < len;) {
        ssize_t n = write(fd, data + at, len - at);
        assert_true(n > 0);
        at += (size_t)n;
    }
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

struct feeder {
    int fd;
    const uint8_t *data;
    size_t len;
    size_t step;
};

/* Writes in odd steps, so that reads are short, then closes. A reader that went away ends
 * it. */
static inline void *feed(void *payload)
{
    struct feeder *feeder = payload;
    for (size_t at = 0; at < feeder->len;) {
        size_t left = feeder->len - at;
        ssize_t n =
            write(feeder->fd, feeder->data + at, left < feeder->step ? left : feeder->step);
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    (void)close(feeder->fd);
    return NULL;
}

static inline enum artdag_err import_pipe(const uint8_t *data, size_t len, size_t step,
                                          const struct ad_import_params *params,
                                          struct ad_cid *ret, uint64_t *ret_bytes,
                                          artdag_error *err)
{
    int fds[2];
    pthread_t thread;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    struct feeder feeder = {fds[1], data, len, step};
    assert_int_equal(pthread_create(&thread, NULL, feed, &feeder), 0);
    enum artdag_err rc = ad_unixfs_import_fd(fds[0], params, ret, ret_bytes, err);
    (void)close(fds[0]);
    assert_int_equal(pthread_join(thread, NULL), 0);
    return rc;
}

#endif
