/* SPDX-License-Identifier: MIT
 *
 * Length-prefixed messages over a stream socket, with file descriptors: u32 type, u32 length
 * (little-endian), payload. Blocking; one thread per direction. Room name in errors: "frame".
 */
#ifndef AD_BASE_FRAME_H
#define AD_BASE_FRAME_H

#include "base/buf.h"
#include "base/error.h"

#define AD_FRAME_FDS_MAX 4

/* Sends one message whole; fds are duplicated by the kernel and stay the caller's. SIGPIPE is
 * not raised: a closed peer is IO with sys EPIPE. INVAL for more than AD_FRAME_FDS_MAX
 * descriptors. */
enum artdag_err ad_frame_send(int fd, uint32_t type, const void *data, size_t len,
                              const int *fds, size_t fd_count, artdag_error *err);

/* Receives one message: payload replaces buf's content (LIMIT when it is longer than buf->max;
 * the stream is then unusable). Descriptors (close-on-exec) go to ret_fds[0..*ret_fd_count);
 * with ret_fds NULL any that come are closed. timeout_ms covers the whole message, < 0 waits
 * for ever; TIMEOUT. NOTFOUND = the peer closed cleanly between messages; IO = in the middle of
 * one; FORMAT = too many descriptors. On failure buf is empty and no descriptor is left open.
 */
enum artdag_err ad_frame_recv(int fd, int timeout_ms, uint32_t *ret_type, struct ad_buf *buf,
                              int ret_fds[AD_FRAME_FDS_MAX], size_t *ret_fd_count,
                              artdag_error *err);

#endif
