/* SPDX-License-Identifier: MIT
 *
 * An HTTP server for tests, on a free loopback port, that answers just what the test says, byte for byte, so that it can hang, lie
 * and stop half-way. One thread for each connection.
 */
#ifndef AD_TEST_HTTP_H
#define AD_TEST_HTTP_H

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ad_test.h"
#include "base/base.h"

#define FAKE_CONNECTIONS_MAX 64

struct fake_request {
    char head[16384];   /* request line and headers */
    struct ad_buf body; /* chunked coding taken off */
    unsigned number;    /* from 1, over all connections */
};

/* Writes the whole answer to fd. False = close the connection. */
typedef bool (*fake_handler)(void *payload, const struct fake_request *request, int fd);

struct fake {
    int listener;
    char url[64];
    char socket[108];
    pthread_t thread;
    fake_handler handler;
    void *payload;
    atomic_bool stop;
    atomic_uint requests;
    atomic_uint connections;
    pthread_t threads[FAKE_CONNECTIONS_MAX];
    unsigned thread_count;
};

struct fake_connection {
    struct fake *fake;
    int fd;
};

static inline void fake_say(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len > 0) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        at += n;
        len -= (size_t)n;
    }
}

static inline void fake_text(int fd, const char *text)
{
    fake_say(fd, text, strlen(text));
}

static inline void fake_reply(int fd, const char *status, const char *type, const void *data,
                              size_t len)
{
    char head[512];
    int n = snprintf(head, sizeof(head),
                     "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", status,
                     type, len);
    fake_say(fd, head, (size_t)n);
    fake_say(fd, data, len);
}

static inline void fake_json(int fd, const char *status, const char *json)
{
    fake_reply(fd, status, "application/json", json, strlen(json));
}

static inline bool fake_is(const struct fake_request *request, const char *text)
{
    return strstr(request->head, text) != NULL;
}

/* Sleeps in small steps, so that a test ends when it wants to. */
static inline void fake_sleep(const struct fake *fake, int ms)
{
    for (; ms > 0 && !atomic_load(&fake->stop); ms -= 10)
        (void)poll(NULL, 0, 10);
}

/* More bytes into raw; false at the end of the connection or of the test. */
static inline bool fake_more(const struct fake *fake, int fd, struct ad_buf *raw)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char data[65536];
    while (poll(&p, 1, 20) == 0) {
        if (atomic_load(&fake->stop))
            return false;
    }
    ssize_t n = recv(fd, data, sizeof(data), 0);
    return n > 0 && ad_buf_append(raw, data, (size_t)n) == ARTDAG_OK;
}

static inline void fake_drop(struct ad_buf *raw, size_t len)
{
    memmove(raw->data, raw->data + len, raw->len - len);
    raw->len -= len;
    raw->data[raw->len] = '\0';
}

static inline bool fake_read_chunks(const struct fake *fake, int fd, struct ad_buf *raw,
                                    struct ad_buf *body)
{
    for (;;) {
        char *end = NULL;
        while (raw->len == 0 || (end = strstr((char *)raw->data, "\r\n")) == NULL) {
            if (!fake_more(fake, fd, raw))
                return false;
        }
        size_t size = strtoul((char *)raw->data, NULL, 16);
        size_t head = (size_t)(end - (char *)raw->data) + 2;
        while (raw->len < head + size + 2) {
            if (!fake_more(fake, fd, raw))
                return false;
        }
        (void)ad_buf_append(body, raw->data + head, size);
        fake_drop(raw, head + size + 2);
        if (size == 0)
            return true;
    }
}

static inline bool fake_read(struct fake *fake, int fd, struct ad_buf *raw,
                             struct fake_request *request)
{
    char *end = NULL;
    while (raw->len == 0 || (end = strstr((char *)raw->data, "\r\n\r\n")) == NULL) {
        if (!fake_more(fake, fd, raw))
            return false;
    }
    size_t len = (size_t)(end - (char *)raw->data) + 4;
    if (len >= sizeof(request->head))
        return false;
    memcpy(request->head, raw->data, len);
    request->head[len] = '\0';
    fake_drop(raw, len);
    ad_buf_clear(&request->body);
    request->number = atomic_fetch_add(&fake->requests, 1) + 1;
    return !fake_is(request, "Transfer-Encoding: chunked") ||
           fake_read_chunks(fake, fd, raw, &request->body);
}

static inline void *fake_serve(void *payload)
{
    struct fake_connection *c = payload;
    struct fake_request *request = calloc(1, sizeof(*request));
    struct ad_buf raw = AD_BUF_INIT(64u << 20);
    ad_buf_init(&request->body, 64u << 20);
    while (fake_read(c->fake, c->fd, &raw, request) &&
           c->fake->handler(c->fake->payload, request, c->fd)) {
    }
    ad_buf_fini(&raw);
    ad_buf_fini(&request->body);
    free(request);
    (void)close(c->fd);
    free(c);
    return NULL;
}

static inline void *fake_accept(void *payload)
{
    struct fake *fake = payload;
    while (!atomic_load(&fake->stop)) {
        struct pollfd p = {.fd = fake->listener, .events = POLLIN};
        if (poll(&p, 1, 20) <= 0 || fake->thread_count == FAKE_CONNECTIONS_MAX)
            continue;
        struct fake_connection *c = calloc(1, sizeof(*c));
        c->fake = fake;
        c->fd = accept(fake->listener, NULL, NULL);
        (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        (void)atomic_fetch_add(&fake->connections, 1);
        if (c->fd < 0 ||
            pthread_create(&fake->threads[fake->thread_count], NULL, fake_serve, c) != 0)
            abort();
        fake->thread_count++;
    }
    return NULL;
}

static inline void fake_run(struct fake *fake, fake_handler handler, void *payload)
{
    fake->handler = handler;
    fake->payload = payload;
    assert_int_equal(listen(fake->listener, 16), 0);
    assert_int_equal(pthread_create(&fake->thread, NULL, fake_accept, fake), 0);
}

static inline void fake_start(struct fake *fake, fake_handler handler, void *payload)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    memset(fake, 0, sizeof(*fake));
    fake->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fake->listener >= 0);
    assert_int_equal(bind(fake->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fake->listener, (struct sockaddr *)&address, &len), 0);
    (void)snprintf(fake->url, sizeof(fake->url), "http://127.0.0.1:%u",
                   ntohs(address.sin_port));
    fake_run(fake, handler, payload);
}

static inline void fake_start_socket(struct fake *fake, const char *path, fake_handler handler,
                                     void *payload)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memset(fake, 0, sizeof(*fake));
    assert_true(strlen(path) < sizeof(address.sun_path));
    strcpy(address.sun_path, path);
    fake->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fake->listener >= 0);
    assert_int_equal(bind(fake->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    fake_run(fake, handler, payload);
}

static inline void fake_stop(struct fake *fake)
{
    atomic_store(&fake->stop, true);
    assert_int_equal(pthread_join(fake->thread, NULL), 0);
    for (unsigned i = 0; i < fake->thread_count; i++)
        assert_int_equal(pthread_join(fake->threads[i], NULL), 0);
    (void)close(fake->listener);
}

#endif
