/* SPDX-License-Identifier: MIT
 *
 * A real redis-server for one test program: on a Unix socket in a folder of its own, without persistence unless asked for,
 * stopped by pid, and started by the program's main thread, with which it dies. A missing server is a failure.
 */
#ifndef AD_TEST_REDIS_H
#define AD_TEST_REDIS_H

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ad_test.h"

struct ad_test_redis {
    pid_t pid; /* 0 = not running */
    char dir[64];
    char socket[96];
};

static inline bool ad_test_redis_answers(const struct ad_test_redis *r)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char pong[8] = "";
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", r->socket);
    bool ok = fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
              write(fd, "PING\r\n", 6) == 6 && read(fd, pong, sizeof(pong)) > 0 &&
              (pong[0] == '+' || strncmp(pong, "-NOAUTH", 7) == 0);
    if (fd >= 0)
        (void)close(fd);
    return ok;
}

/* Starts it in r->dir (made when empty); more: further arguments, NULL-terminated, or NULL. */
static inline void ad_test_redis_start(struct ad_test_redis *r, const char *const *more)
{
    const char *argv[24] = {"redis-server",
                            "--port",
                            "0",
                            "--unixsocket",
                            NULL,
                            "--dir",
                            NULL,
                            "--save",
                            "",
                            "--appendonly",
                            "no",
                            "--logfile",
                            NULL};
    char log[96];
    size_t count = 12;
    if (!r->dir[0]) {
        (void)snprintf(r->dir, sizeof(r->dir), "/tmp/artdag-redis-XXXXXX");
        if (!mkdtemp(r->dir))
            fail_msg("no folder for redis-server");
    }
    (void)snprintf(r->socket, sizeof(r->socket), "%s/redis.sock", r->dir);
    (void)snprintf(log, sizeof(log), "%s/log", r->dir);
    argv[4] = r->socket;
    argv[6] = r->dir;
    argv[count++] = log;
    for (; more && *more && count < 23; more++)
        argv[count++] = *more;
    r->pid = fork();
    if (r->pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that dies leaves none behind */
        (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    for (int i = 0; i < 1000; i++) {
        const struct timespec pause = {.tv_nsec = 10000000};
        if (ad_test_redis_answers(r))
            return;
        if (waitpid(r->pid, NULL, WNOHANG) == r->pid)
            break;
        (void)nanosleep(&pause, NULL);
    }
    fail_msg("redis-server does not start; see %s (install redis-server)", log);
}

static inline void ad_test_redis_kill(struct ad_test_redis *r, int signal)
{
    if (r->pid > 0) {
        (void)kill(r->pid, signal);
        (void)waitpid(r->pid, NULL, 0);
    }
    r->pid = 0;
}

/* For good: the folder goes, too. */
static inline void ad_test_redis_stop(struct ad_test_redis *r)
{
    static const char *const names[] = {"redis.sock", "log", "dump.rdb", "users.acl"};
    ad_test_redis_kill(r, SIGKILL);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[128];
        (void)snprintf(path, sizeof(path), "%s/%s", r->dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(r->dir);
}

#endif
