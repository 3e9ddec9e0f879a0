/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ad_test.h"
#include "base/frame.h"

static void pair(int ends[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
}

static void close_pair(const int ends[2])
{
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void messages_arrive_in_order_with_type_and_payload(void **state)
{
    (void)state;
    artdag_error err = {0};
    int ends[2];
    struct ad_buf buf = AD_BUF_INIT(100);
    uint32_t type = 0;
    pair(ends);
    assert_ok(ad_frame_send(ends[0], 7, "hello", 5, NULL, 0, &err));
    assert_ok(ad_frame_send(ends[0], 0xfffffffe, NULL, 0, NULL, 0, &err));
    assert_ok(ad_frame_recv(ends[1], 1000, &type, &buf, NULL, NULL, &err));
    assert_int_equal(type, 7);
    assert_str_view_equal(ad_buf_as_str(&buf), "hello");
    assert_ok(ad_frame_recv(ends[1], -1, &type, &buf, NULL, NULL, &err));
    assert_true(type == 0xfffffffe);
    assert_int_equal(buf.len, 0);
    ad_buf_fini(&buf);
    close_pair(ends);
}

static void header_is_little_endian_on_the_wire(void **state)
{
    (void)state;
    artdag_error err = {0};
    int ends[2];
    uint8_t wire[16];
    pair(ends);
    assert_ok(ad_frame_send(ends[0], 0x01020304, "ab", 2, NULL, 0, &err));
    ssize_t n = read(ends[1], wire, sizeof(wire));
    assert_int_equal(n, 10);
    assert_bytes_hex(wire, 10, "04030201 02000000 6162");
    close_pair(ends);
}

struct sender {
    int fd;
    uint8_t *data;
    size_t len;
    enum artdag_err code;
};

static void *send_large(void *arg)
{
    struct sender *sender = arg;
    sender->code = ad_frame_send(sender->fd, 1, sender->data, sender->len, NULL, 0, NULL);
    return NULL;
}

static void a_message_larger_than_the_socket_buffer_arrives_whole(void **state)
{
    (void)state;
    artdag_error err = {0};
    int ends[2];
    pthread_t thread;
    uint32_t type = 0;
    struct ad_buf buf = AD_BUF_INIT(8 << 20);
    struct sender sender = {.len = 5 << 20, .data = malloc(5 << 20)};
    ad_test_seed(1);
    ad_test_random_bytes(sender.data, sender.len);
    pair(ends);
    sender.fd = ends[0];
    assert_int_equal(pthread_create(&thread, NULL, send_large, &sender), 0);
    assert_ok(ad_frame_recv(ends[1], -1, &type, &buf, NULL, NULL, &err));
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(sender.code, ARTDAG_OK);
    assert_int_equal(buf.len, sender.len);
    assert_memory_equal(buf.data, sender.data, sender.len);
    free(sender.data);
    ad_buf_fini(&buf);
    close_pair(ends);
}

static int count_open_fds(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

static void descriptors_travel_and_are_close_on_exec(void **state)
{
    (void)state;
    artdag_error err = {0};
    int ends[2];
    int pipes[2];
    int got[AD_FRAME_FDS_MAX] = {-1, -1, -1, -1};
    size_t count = 0;
    uint32_t type = 0;
    char c = 0;
    struct ad_buf buf = AD_BUF_INIT(100);
    pair(ends);
    assert_int_equal(pipe(pipes), 0);
    assert_ok(ad_frame_send(ends[0], 3, "x", 1, pipes, 2, &err));
    assert_ok(ad_frame_send(ends[0], 4, "y", 1, NULL, 0, &err));
    assert_ok(ad_frame_recv(ends[1], 1000, &type, &buf, got, &count, &err));
    assert_int_equal(count, 2);
    assert_int_equal(fcntl(got[0], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(write(got[1], "!", 1), 1);
    assert_int_equal(read(pipes[0], &c, 1), 1);
    assert_int_equal(c, '!');
    assert_ok(ad_frame_recv(ends[1], 1000, &type, &buf, got, &count, &err));
    assert_int_equal(count, 0);
    (void)close(got[0]);
    (void)close(got[1]);
    close_pair(pipes);
    ad_buf_fini(&buf);
    close_pair(ends);
}

static void unwanted_descriptors_are_closed(void **state)
{
    (void)state;
    artdag_error err = {0};
    int ends[2];
    uint32_t type = 0;
    struct ad_buf buf = AD_BUF_INIT(2);
    pair(ends);
    int before = count_open_fds();
    int fds[4] = {ends[0], ends[0], ends[1], ends[1]};
    assert_ok(ad_frame_send(ends[0], 3, "x", 1, fds, 4, &err));
    assert_ok(ad_frame_recv(ends[1], 1000, &type, &buf, NULL, NULL, &err));
    assert_int_equal(count_open_fds(), before);
    int got[AD_FRAME_FDS_MAX];
    size_t count = 0;
    assert_ok(ad_frame_send(ends[0], 3, "too long", 8, fds, 4, &err));
    assert_fails(ARTDAG_E_LIMIT, ad_frame_recv(ends[1], 1000, &type, &buf, got, &count, &err));
    assert_int_equal(count_open_fds(), before);
    ad_buf_fini(&buf);
    close_pair(ends);
}

static void too_many_descriptors_are_refused_on_both_sides(void **state)
{
    (void)state;
    artdag_error err = {0};
    int ends[2];
    uint32_t type = 0;
    struct ad_buf buf = AD_BUF_INIT(10);
    pair(ends);
    int fds[6] = {ends[0], ends[0], ends[0], ends[0], ends[0], ends[0]};
    assert_fails(ARTDAG_E_INVAL, ad_frame_send(ends[0], 1, "", 0, fds, 5, &err));

    /* A hostile peer sends six by hand. */
    int before = count_open_fds();
    uint8_t header[8] = {1};
    struct iovec iov = {header, sizeof(header)};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(fds))];
    } control = {0};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.bytes,
                         .msg_controllen = sizeof(control.bytes)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(fds));
    memcpy(CMSG_DATA(c), fds, sizeof(fds));
    assert_int_equal(sendmsg(ends[0], &msg, 0), sizeof(header));
    assert_fails(ARTDAG_E_FORMAT, ad_frame_recv(ends[1], 1000, &type, &buf, NULL, NULL, &err));
    assert_int_equal(count_open_fds(), before);
    ad_buf_fini(&buf);
    close_pair(ends);
}

static void silence_times_out_also_within_a_message(void **state)
{
    (void)state;
    artdag_error err = {0};
    int ends[2];
    uint32_t type = 0;
    struct ad_buf buf = AD_BUF_INIT(100);
    pair(ends);
    assert_fails(ARTDAG_E_TIMEOUT, ad_frame_recv(ends[1], 0, &type, &buf, NULL, NULL, &err));
    assert_int_equal(write(ends[0], "\1\0\0\0\5\0\0\0ab", 10), 10);
    assert_fails(ARTDAG_E_TIMEOUT, ad_frame_recv(ends[1], 20, &type, &buf, NULL, NULL, &err));
    assert_int_equal(buf.len, 0);
    ad_buf_fini(&buf);
    close_pair(ends);
}

static void closing_between_messages_is_not_an_io_error(void **state)
{
    (void)state;
    artdag_error err = {0};
    int ends[2];
    uint32_t type = 0;
    struct ad_buf buf = AD_BUF_INIT(100);
    pair(ends);
    (void)close(ends[0]);
    assert_fails(ARTDAG_E_NOTFOUND, ad_frame_recv(ends[1], -1, &type, &buf, NULL, NULL, &err));
    (void)close(ends[1]);
    static const struct ad_str parts[] = {
        {"\1", 1}, {"\1\0\0\0\5\0\0", 7}, {"\1\0\0\0\5\0\0\0abcd", 12}};
    for (size_t i = 0; i < 3; i++) {
        pair(ends);
        assert_int_equal(write(ends[0], parts[i].ptr, parts[i].len), parts[i].len);
        (void)close(ends[0]);
        assert_fails(ARTDAG_E_IO, ad_frame_recv(ends[1], -1, &type, &buf, NULL, NULL, &err));
        (void)close(ends[1]);
    }
    ad_buf_fini(&buf);
}

static void sending_to_a_closed_peer_is_epipe_and_no_signal(void **state)
{
    (void)state;
    artdag_error err = {0};
    int ends[2];
    pair(ends);
    (void)close(ends[1]);
    assert_fails(ARTDAG_E_IO, ad_frame_send(ends[0], 1, "x", 1, NULL, 0, &err));
    assert_int_equal(err.sys, EPIPE);
    (void)close(ends[0]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(messages_arrive_in_order_with_type_and_payload),
    cmocka_unit_test(header_is_little_endian_on_the_wire),
    cmocka_unit_test(a_message_larger_than_the_socket_buffer_arrives_whole),
    cmocka_unit_test(descriptors_travel_and_are_close_on_exec),
    cmocka_unit_test(unwanted_descriptors_are_closed),
    cmocka_unit_test(too_many_descriptors_are_refused_on_both_sides),
    cmocka_unit_test(silence_times_out_also_within_a_message),
    cmocka_unit_test(closing_between_messages_is_not_an_io_error),
    cmocka_unit_test(sending_to_a_closed_peer_is_epipe_and_no_signal),
};
AD_TEST_MAIN(tests)
