/* SPDX-License-Identifier: MIT
 *
 * Framed messages: a peer that sends anything at all gets messages within the limit, or an error.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"
#include "fuzz.h"

#define MESSAGE_MAX 4096
#define STREAM_MAX                                                                             \
    65536 /* fits the socket's buffer, so that sending does not wait for the reader */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int pair[2];
    struct ad_buf buf = AD_BUF_INIT(MESSAGE_MAX);
    artdag_error err = {0};
    if (size > STREAM_MAX)
        return 0;
    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    FUZZ_CHECK(size == 0 || send(pair[0], data, size, MSG_NOSIGNAL) == (ssize_t)size);
    FUZZ_CHECK(shutdown(pair[0], SHUT_WR) == 0);

    size_t taken = 0;
    enum artdag_err code = ARTDAG_OK;
    while (code == ARTDAG_OK) {
        uint32_t type = 0;
        size_t fd_count = 0;
        int fds[AD_FRAME_FDS_MAX];
        code = ad_frame_recv(pair[1], 1000, &type, &buf, fds, &fd_count, &err);
        FUZZ_CHECK(buf.len <= MESSAGE_MAX && fd_count == 0);
        if (code == ARTDAG_OK)
            taken += 8 + buf.len;
        else
            FUZZ_CHECK_ERROR(code, err);
        FUZZ_CHECK(taken <= size);
    }
    if (code == ARTDAG_E_NOTFOUND)
        FUZZ_CHECK(taken == size);
    close(pair[0]);
    close(pair[1]);
    ad_buf_fini(&buf);
    return 0;
}
