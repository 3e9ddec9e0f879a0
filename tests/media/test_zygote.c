/* SPDX-License-Identifier: MIT
 *
 * The program itself: its command line, its processes, and that they end when they should.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ad_test.h"
#include "units.h"

static struct ad_test_media media;

static int null_fd(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

/* A child that waits for bytes nobody will send. */
static pid_t waiting_child(struct ad_test_media *m, int *ret_socket)
{
    static struct ad_job job = {
        .kind = AD_JOB_PROBE, .probe_cid = "bafkreitestinput", .threads = 1};
    static const char *path;
    pid_t pid = 0;
    path = ad_test_media("chaplin.mp4");
    int fd = null_fd();
    struct ad_test_job run = {.job = &job, .paths = &path, .path_count = 1, .output_fd = fd};
    *ret_socket = ad_test_media_begin(m, &run, &pid);
    (void)close(fd);
    struct ad_buf buf = AD_BUF_INIT(1 << 16);
    uint32_t type = 0;
    artdag_error err = {0};
    assert_ok(ad_frame_recv(*ret_socket, 20000, &type, &buf, NULL, NULL, &err));
    assert_int_equal(type, AD_WIRE_READ);
    ad_buf_fini(&buf);
    assert_int_equal(kill(pid, 0), 0);
    return pid;
}

/* The wait status of an EXITED message. */
static int exited(struct ad_test_media *m, pid_t pid)
{
    struct ad_buf buf = AD_BUF_INIT(64);
    uint32_t type = 0;
    artdag_error err = {0};
    assert_ok(ad_frame_recv(m->socket, 20000, &type, &buf, NULL, NULL, &err));
    assert_int_equal(type, AD_WIRE_EXITED);
    assert_int_equal(buf.len, 8);
    assert_int_equal(buf.data[0] | buf.data[1] << 8 | buf.data[2] << 16, pid);
    int status = buf.data[4] | buf.data[5] << 8;
    ad_buf_fini(&buf);
    return status;
}

static void toolchain_names_every_library_once_and_in_one_line(void **state)
{
    (void)state;
    static const char *const names[] = {"ffmpeg ",        "libavutil ",   "libavcodec ",
                                        "libavformat ",   "libavfilter ", "libswscale ",
                                        "libswresample ", "x264 ",        "exact "};
    char *told = ad_test_shell("%s --toolchain", AD_TEST_MEDIA_PROGRAM);
    told[strcspn(told, "\n")] = '\0';
    assert_string_equal(told, media.toolchain);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *found = strstr(told, names[i]);
        assert_non_null(found);
        assert_null(strstr(found + 1, names[i]));
    }
    assert_null(strchr(media.toolchain, '\n'));
    free(told);
}

static void units_are_not_run_from_files(void **state)
{
    (void)state;
    free(ad_test_shell("%s --help | grep -q zygote", AD_TEST_MEDIA_PROGRAM));
    free(ad_test_shell("%s --version | grep -q '^artdag-media [0-9]'", AD_TEST_MEDIA_PROGRAM));
    free(ad_test_shell("%s unit.json 2>&1 | grep -q usage", AD_TEST_MEDIA_PROGRAM));
    assert_int_equal(
        ad_test_shell_int("%s unit.json 2>/dev/null; echo $?", AD_TEST_MEDIA_PROGRAM), 2);
    assert_int_equal(ad_test_shell_int("%s --zygote 0 2>/dev/null </dev/null; echo $?",
                                       AD_TEST_MEDIA_PROGRAM),
                     2);
    assert_int_equal(
        ad_test_shell_int("%s --zygote x 2>/dev/null; echo $?", AD_TEST_MEDIA_PROGRAM), 2);
}

static void closing_a_jobs_socket_ends_its_child(void **state)
{
    (void)state;
    int socket = -1;
    pid_t pid = waiting_child(&media, &socket);
    (void)close(socket);
    (void)exited(&media, pid);
}

static void kill_ends_exactly_the_named_child(void **state)
{
    (void)state;
    int sockets[2];
    pid_t first = waiting_child(&media, &sockets[0]);
    pid_t second = waiting_child(&media, &sockets[1]);
    artdag_error err = {0};
    uint8_t message[4] = {(uint8_t)first, (uint8_t)(first >> 8), (uint8_t)(first >> 16),
                          (uint8_t)(first >> 24)};
    assert_ok(ad_frame_send(media.socket, AD_WIRE_KILL, message, 4, NULL, 0, &err));
    int status = exited(&media, first);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(kill(second, 0), 0);
    (void)close(sockets[1]);
    (void)exited(&media, second);
    (void)close(sockets[0]);
}

static void kill_of_a_stranger_is_ignored(void **state)
{
    (void)state;
    pid_t stranger = fork();
    if (stranger == 0) {
        (void)pause();
        _exit(0);
    }
    artdag_error err = {0};
    uint8_t message[4] = {(uint8_t)stranger, (uint8_t)(stranger >> 8),
                          (uint8_t)(stranger >> 16), (uint8_t)(stranger >> 24)};
    assert_ok(ad_frame_send(media.socket, AD_WIRE_KILL, message, 4, NULL, 0, &err));
    int socket = -1;
    pid_t pid = waiting_child(&media, &socket); /* the message before has been handled by now */
    assert_int_equal(waitpid(stranger, NULL, WNOHANG), 0);
    (void)close(socket);
    (void)exited(&media, pid);
    (void)kill(stranger, SIGKILL);
    (void)waitpid(stranger, NULL, 0);
}

static void children_hold_no_descriptor_but_their_own(void **state)
{
    (void)state;
    int socket = -1;
    int stray = open("/dev/zero", O_RDONLY); /* inheritable on purpose */
    struct ad_test_media other;
    ad_test_media_start(&other, NULL);
    pid_t pid = waiting_child(&other, &socket);
    assert_int_equal(ad_test_shell_int("ls /proc/%ld/fd | wc -l", (long)pid), 5);
    assert_int_equal(
        ad_test_shell_int("ls -l /proc/%ld/fd | grep -c /dev/zero || true", (long)pid), 0);
    assert_int_equal(ad_test_shell_int("grep -c 'NoNewPrivs:.1' /proc/%ld/status", (long)pid),
                     1);
    (void)close(socket);
    (void)exited(&other, pid);
    assert_int_equal(ad_test_media_stop(&other), 0);
    (void)close(stray);
}

static void child_dies_with_the_zygote(void **state)
{
    (void)state;
    struct ad_test_media other;
    int socket = -1;
    int status = 0;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    ad_test_media_start(&other, NULL);
    pid_t pid = waiting_child(&other, &socket);
    assert_int_equal(kill(other.pid, SIGKILL), 0);
    assert_int_equal(waitpid(other.pid, &status, 0), other.pid);
    assert_int_equal(waitpid(pid, &status, 0), pid); /* ours now, and dead */
    assert_true(WIFSIGNALED(status));
    (void)close(socket);
    (void)close(other.socket);
}

static void everything_ends_when_the_parent_is_killed(void **state)
{
    (void)state;
    int pipes[2];
    pid_t pids[2];
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    pid_t parent = fork();
    if (parent == 0) {
        struct ad_test_media other;
        int socket = -1;
        ad_test_media_start(&other, NULL);
        pids[0] = waiting_child(&other, &socket);
        pids[1] = other.pid;
        if (write(pipes[1], pids, sizeof(pids)) == (ssize_t)sizeof(pids)) {
            (void)pause();
        }
        _exit(1);
    }
    (void)close(pipes[1]);
    assert_int_equal(read(pipes[0], pids, sizeof(pids)), sizeof(pids));
    (void)kill(parent, SIGKILL);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    assert_int_equal(waitpid(pids[1], NULL, 0), pids[1]);
    /* the zygote may have reaped its child before it ended; if not, it is ours and dead */
    (void)waitpid(pids[0], NULL, 0);
    assert_int_equal(kill(pids[0], 0), -1);
    (void)close(pipes[0]);
}

static void broken_job_fails_and_the_next_one_works(void **state)
{
    (void)state;
    int ends[2];
    artdag_error err = {0};
    uint32_t type = 0;
    struct ad_buf buf = AD_BUF_INIT(1 << 16);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    int fds[2] = {ends[1], null_fd()};
    assert_ok(ad_frame_send(media.socket, AD_WIRE_SPAWN, NULL, 0, fds, 2, &err));
    (void)close(fds[0]);
    (void)close(fds[1]);
    assert_ok(ad_frame_recv(media.socket, 20000, &type, &buf, NULL, NULL, &err));
    assert_int_equal(type, AD_WIRE_SPAWNED);
    pid_t pid = buf.data[0] | buf.data[1] << 8 | buf.data[2] << 16;
    assert_ok(ad_frame_send(ends[0], AD_WIRE_JOB, "{\"kind\":\"evil\"}", 15, NULL, 0, &err));
    assert_ok(ad_frame_recv(ends[0], 20000, &type, &buf, NULL, NULL, &err));
    assert_int_equal(type, AD_WIRE_FAIL);
    assert_int_equal(exited(&media, pid), 0);
    (void)close(ends[0]);
    ad_buf_fini(&buf);
    struct ad_test_result result;
    char *json = ad_test_media_probe(&media, ad_test_media("transparent.webm"), &result);
    assert_non_null(json);
    free(json);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(toolchain_names_every_library_once_and_in_one_line),
    cmocka_unit_test(units_are_not_run_from_files),
    cmocka_unit_test(closing_a_jobs_socket_ends_its_child),
    cmocka_unit_test(kill_ends_exactly_the_named_child),
    cmocka_unit_test(kill_of_a_stranger_is_ignored),
    cmocka_unit_test(children_hold_no_descriptor_but_their_own),
    cmocka_unit_test(child_dies_with_the_zygote),
    cmocka_unit_test(everything_ends_when_the_parent_is_killed),
    cmocka_unit_test(broken_job_fails_and_the_next_one_works),
};

int main(void)
{
    ad_test_media_start(&media, NULL);
    int rc = ad_test_run(__FILE__, tests, sizeof(tests) / sizeof(tests[0]));
    return ad_test_media_stop(&media) == 0 ? rc : 1;
}
