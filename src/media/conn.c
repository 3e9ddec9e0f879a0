/* SPDX-License-Identifier: MIT */
#include "media/conn.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define ROOM "media"
#define PROGRESS_EVERY_MS 100

void ad_conn_init(struct ad_conn *conn, int fd)
{
    *conn = (struct ad_conn){.fd = fd, .last_progress_ms = -PROGRESS_EVERY_MS};
    (void)pthread_mutex_init(&conn->send_lock, NULL);
    atomic_init(&conn->finished, false);
}

void ad_conn_begin(struct ad_conn *conn)
{
    conn->trouble = (artdag_error){0};
    conn->last_progress_ms = -PROGRESS_EVERY_MS;
    atomic_store(&conn->finished, false);
}

static void *watch(void *arg)
{
    struct ad_conn *conn = arg;
    struct pollfd p = {.fd = conn->fd, .events = POLLRDHUP};
    for (;;) {
        int n = poll(&p, 1, -1);
        if (n > 0) {
            if (atomic_load(&conn->finished)) {
                return NULL; /* the main thread sees it too, and ends in order */
            }
            /* Nobody waits for the result any more, and the main thread may be deep in an encoder. */
            _exit(1);
        }
        if (n < 0 && errno != EINTR) {
            return NULL;
        }
    }
}

enum artdag_err ad_conn_watch(struct ad_conn *conn, artdag_error *err)
{
    pthread_t thread;
    int e = pthread_create(&thread, NULL, watch, conn);
    if (e != 0) {
        return ad_error_errno(err, e, ROOM, "cannot start a thread");
    }
    (void)pthread_detach(thread);
    return ARTDAG_OK;
}

enum artdag_err ad_conn_send(struct ad_conn *conn, enum ad_wire type, const void *data,
                             size_t len, artdag_error *err)
{
    (void)pthread_mutex_lock(&conn->send_lock);
    enum artdag_err rc = ad_frame_send(conn->fd, type, data, len, NULL, 0, err);
    (void)pthread_mutex_unlock(&conn->send_lock);
    return rc;
}

static void put_le(uint8_t *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

/* The parent's reason, from the JSON of a NODATA message. */
static enum artdag_err refused(struct ad_conn *conn, struct ad_str json, artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *root = NULL;
    struct ad_str message = AD_STR_LIT("the input cannot be read");
    int64_t code = ARTDAG_E_IO;
    if (ad_json_parse(&arena, json, NULL, NULL, &root, NULL) == ARTDAG_OK) {
        (void)ad_value_str(root, "message", &message, NULL);
        (void)ad_value_i64(root, "code", &code, NULL);
    }
    if (code <= ARTDAG_OK || code > ARTDAG_E_INTERNAL) {
        code = ARTDAG_E_IO;
    }
    enum artdag_err rc =
        ad_error_set(&conn->trouble, (enum artdag_err)code, ROOM, "%.*s", AD_STR_ARG(message));
    ad_arena_fini(&arena);
    if (err) {
        *err = conn->trouble;
    }
    return rc;
}

/* Sends a READ and receives its answer. */
static enum artdag_err ask(struct ad_conn *conn, uint32_t input, uint64_t offset, uint32_t len,
                           struct ad_buf *buf, uint32_t *ret_type)
{
    uint8_t request[16];
    put_le(request, input, 4);
    put_le(request + 4, offset, 8);
    put_le(request + 12, len, 4);
    enum artdag_err rc = ad_conn_send(conn, AD_WIRE_READ, request, sizeof(request), NULL);
    return rc == ARTDAG_OK ? ad_frame_recv(conn->fd, -1, ret_type, buf, NULL, NULL, NULL) : rc;
}

enum artdag_err ad_conn_read_index(struct ad_conn *conn, uint32_t input, uint64_t offset,
                                   uint32_t len, struct ad_buf *buf)
{
    struct ad_buf answer = AD_BUF_INIT(AD_WIRE_READ_MAX);
    uint32_t type = 0;
    ad_buf_clear(buf);
    enum artdag_err rc = ask(conn, input | AD_WIRE_INDEX, offset, len, &answer, &type);
    if (rc == ARTDAG_OK && type == AD_WIRE_DATA && answer.len <= len) {
        ad_buf_append(buf, answer.data, answer.len);
        rc = ad_buf_status(buf);
    } else {
        rc = ARTDAG_E_NOTFOUND;
    }
    ad_buf_fini(&answer);
    return rc;
}

enum artdag_err ad_conn_read(struct ad_conn *conn, uint32_t input, uint64_t offset,
                             uint32_t len, struct ad_buf *buf, artdag_error *err)
{
    uint32_t type = 0;
    enum artdag_err rc = ask(conn, input, offset, len, buf, &type);
    if (rc != ARTDAG_OK) {
        rc = ad_error_set(&conn->trouble, ARTDAG_E_IO, ROOM, "the parent process is gone");
    } else if (type == AD_WIRE_NODATA) {
        rc = refused(conn, ad_buf_as_str(buf), NULL);
    } else if (type != AD_WIRE_DATA || buf->len > len) {
        rc = ad_error_set(&conn->trouble, ARTDAG_E_INTERNAL, ROOM,
                          "message %u does not answer a read of %u bytes", type, len);
    }
    if (rc != ARTDAG_OK) {
        ad_buf_clear(buf);
        if (err) {
            *err = conn->trouble;
        }
    }
    return rc;
}

void ad_conn_progress(struct ad_conn *conn, int64_t done, bool last)
{
    int64_t now = ad_clock_monotonic_ms();
    if (!last && now - conn->last_progress_ms < PROGRESS_EVERY_MS) {
        return;
    }
    conn->last_progress_ms = now;
    uint8_t message[8];
    put_le(message, (uint64_t)done, 8);
    /* A parent that is gone is noticed by the watcher. */
    (void)ad_conn_send(conn, AD_WIRE_PROGRESS, message, sizeof(message), NULL);
}
