/* SPDX-License-Identifier: MIT
 *
 * On the wire: u32 type, u32 length (both little-endian), then the payload. Descriptors travel
 * with the first byte of their message.
 */
#include "base/frame.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"

#define ROOM "frame"
#define HEADER_BYTES 8

union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int) * AD_FRAME_FDS_MAX)];
};

static void put_u32(uint8_t *p, uint32_t n)
{
    for (int i = 0; i < 4; i++) {
        p[i] = (uint8_t)(n >> (8 * i));
    }
}

static uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void attach_fds(struct msghdr *msg, union control *control, const int *fds, size_t count)
{
    msg->msg_control = control->bytes;
    msg->msg_controllen = CMSG_SPACE(sizeof(int) * count);
    struct cmsghdr *c = CMSG_FIRSTHDR(msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(c), fds, sizeof(int) * count);
}

/* Drops the first n bytes from the two parts. */
static void advance(struct iovec iov[2], size_t n)
{
    for (int i = 0; i < 2; i++) {
        size_t step = n < iov[i].iov_len ? n : iov[i].iov_len;
        iov[i].iov_base = (char *)iov[i].iov_base + step;
        iov[i].iov_len -= step;
        n -= step;
    }
}

enum artdag_err ad_frame_send(int fd, uint32_t type, const void *data, size_t len,
                              const int *fds, size_t fd_count, artdag_error *err)
{
    if (len > UINT32_MAX || fd_count > AD_FRAME_FDS_MAX) {
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "message is too large");
    }
    uint8_t header[HEADER_BYTES];
    put_u32(header, type);
    put_u32(header + 4, (uint32_t)len);
    static char nothing;
    struct iovec iov[2] = {{header, sizeof(header)},
                           {len > 0 ? (void *)(uintptr_t)data : &nothing, len}};
    union control control = {0};
    struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};
    if (fd_count > 0) {
        attach_fds(&msg, &control, fds, fd_count);
    }
    size_t left = sizeof(header) + len;
    while (left > 0) {
        ssize_t n = sendmsg(fd, &msg, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return ad_error_errno(err, errno, ROOM, "cannot send");
        }
        left -= (size_t)n;
        advance(iov, (size_t)n);
        msg.msg_control = NULL;
        msg.msg_controllen = 0;
    }
    return ARTDAG_OK;
}

/* Waits until fd can be read. deadline_ms < 0 = for ever. */
static enum artdag_err wait_readable(int fd, int64_t deadline_ms, artdag_error *err)
{
    for (;;) {
        int wait_ms = -1;
        if (deadline_ms >= 0) {
            int64_t left = deadline_ms - ad_clock_monotonic_ms();
            wait_ms = left > 0 ? (int)left : 0;
        }
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int n = poll(&p, 1, wait_ms);
        if (n > 0) {
            return ARTDAG_OK;
        }
        if (n == 0) {
            return ad_error_set(err, ARTDAG_E_TIMEOUT, ROOM,
                                "no message within the time limit");
        }
        if (errno != EINTR) {
            return ad_error_errno(err, errno, ROOM, "cannot receive");
        }
    }
}

struct fd_list {
    int fds[AD_FRAME_FDS_MAX];
    size_t count;
};

static void close_fds(struct fd_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        (void)close(list->fds[i]);
    }
    list->count = 0;
}

/* Takes the descriptors out of msg. False when there are more than a message may have; the
 * surplus is closed. */
static bool collect_fds(struct msghdr *msg, struct fd_list *list)
{
    bool fits = (msg->msg_flags & MSG_CTRUNC) == 0; /* the kernel has closed what it cut off */
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd = -1;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
            if (list->count < AD_FRAME_FDS_MAX) {
                list->fds[list->count++] = fd;
            } else {
                (void)close(fd);
                fits = false;
            }
        }
    }
    return fits;
}

/* Fills data. *ret_done tells how far it got when the peer closed. list = NULL lets the kernel
 * drop descriptors that come with these bytes. */
static enum artdag_err receive(int fd, int64_t deadline_ms, void *data, size_t len,
                               struct fd_list *list, size_t *ret_done, artdag_error *err)
{
    *ret_done = 0;
    while (*ret_done < len) {
        enum artdag_err code = wait_readable(fd, deadline_ms, err);
        if (code != ARTDAG_OK) {
            return code;
        }
        struct iovec iov = {(char *)data + *ret_done, len - *ret_done};
        union control control = {0};
        struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
        if (list != NULL) {
            msg.msg_control = control.bytes;
            msg.msg_controllen = sizeof(control.bytes);
        }
        ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (n < 0) {
            return ad_error_errno(err, errno, ROOM, "cannot receive");
        }
        if (list != NULL && !collect_fds(&msg, list)) {
            return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "message has too many descriptors");
        }
        if (n == 0) {
            return ARTDAG_OK;
        }
        *ret_done += (size_t)n;
    }
    return ARTDAG_OK;
}

static enum artdag_err receive_message(int fd, int64_t deadline_ms, uint32_t *ret_type,
                                       struct ad_buf *buf, struct fd_list *list,
                                       artdag_error *err)
{
    uint8_t header[HEADER_BYTES] = {0};
    size_t done = 0;
    enum artdag_err code = receive(fd, deadline_ms, header, sizeof(header), list, &done, err);
    if (code != ARTDAG_OK) {
        return code;
    }
    if (done == 0) {
        return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "peer has closed the connection");
    }
    if (done == sizeof(header)) {
        size_t len = get_u32(header + 4);
        uint8_t *data = ad_buf_extend(buf, len);
        if (data == NULL && ad_buf_status(buf) == ARTDAG_E_LIMIT) {
            return ad_error_set(err, ARTDAG_E_LIMIT, ROOM,
                                "message of %zu bytes, more than the limit of %zu", len,
                                buf->max);
        }
        if (data == NULL) {
            return ad_error_nomem(err, ROOM);
        }
        code = receive(fd, deadline_ms, data, len, NULL, &done, err);
        if (code != ARTDAG_OK) {
            return code;
        }
        if (done == len) {
            *ret_type = get_u32(header);
            return ARTDAG_OK;
        }
    }
    return ad_error_set(err, ARTDAG_E_IO, ROOM, "peer closed in the middle of a message");
}

enum artdag_err ad_frame_recv(int fd, int timeout_ms, uint32_t *ret_type, struct ad_buf *buf,
                              int ret_fds[AD_FRAME_FDS_MAX], size_t *ret_fd_count,
                              artdag_error *err)
{
    int64_t deadline_ms = timeout_ms >= 0 ? ad_clock_monotonic_ms() + timeout_ms : -1;
    struct fd_list list = {.count = 0};
    ad_buf_clear(buf);
    enum artdag_err code = receive_message(fd, deadline_ms, ret_type, buf, &list, err);
    if (code != ARTDAG_OK) {
        ad_buf_clear(buf);
        close_fds(&list);
        return code;
    }
    if (ret_fds == NULL) {
        close_fds(&list);
    } else {
        memcpy(ret_fds, list.fds, list.count * sizeof(int));
    }
    if (ret_fd_count != NULL) {
        *ret_fd_count = list.count;
    }
    return ARTDAG_OK;
}
