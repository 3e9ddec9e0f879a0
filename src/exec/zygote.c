/* SPDX-License-Identifier: MIT
 *
 * The warm media process: started once, forks one child per job. Messages on its control socket come in
 * the order of their causes, so reading up to the answer of a SPAWN also takes in the exits before it.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doc/doc.h"
#include "exec/exec_private.h"

#define ROOM AD_EXEC_ROOM
#define HELLO_BYTES_MAX 65536
#define HELLO_MS 30000
#define ANSWER_MS 10000
#define EXIT_MS 2000   /* a child's end is told at once, if at all */
#define CHILD_SOCKET 3 /* the number under which the program finds its control socket */

void ad_zygote_init(struct ad_zygote *z)
{
    *z = (struct ad_zygote){.fd = -1, .hello_ms = HELLO_MS};
    pthread_mutex_init(&z->lock, NULL);
}

static uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_u32(uint8_t *p, uint32_t n)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(n >> (8 * i));
}

/* What the media program may know of our surroundings: where its libraries are and how sanitizers
 * behave. Above all not the cluster key. */
static char *const *media_environment(char *slots[9])
{
    static const char *const passed[] = {"LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                                         "TSAN_OPTIONS",    "LSAN_OPTIONS", "QEMU_LD_PREFIX",
                                         "ARTDAG_PLUGINS"};
    size_t n = 0;
    slots[n++] = ad_strdup("LC_ALL=C");
    for (size_t i = 0; i < sizeof(passed) / sizeof(*passed) && n < 8; i++) {
        const char *value = getenv(passed[i]); /* NOLINT(concurrency-mt-unsafe) */
        struct ad_buf pair = AD_BUF_INIT(65536);
        if (!value)
            continue;
        ad_buf_printf(&pair, "%s=%s", passed[i], value);
        slots[n++] = ad_buf_take(&pair, NULL);
    }
    slots[n] = NULL;
    return slots;
}

/* The child must not inherit a blocked Ctrl-C, and gets a process group of its own so that a terminal's
 * Ctrl-C reaches only us: we decide what is stopped and in which order. */
static int spawn_program(const char *program, int socket_fd, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none;
    char *argv[] = {(char *)"artdag-media", (char *)"--zygote", (char *)"3", NULL};
    char *slots[9] = {0};
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0);
    posix_spawn_file_actions_adddup2(&actions, socket_fd, CHILD_SOCKET);
    int e = posix_spawn(ret, program, &actions, &attr, argv, media_environment(slots));
    for (size_t i = 0; slots[i]; i++)
        free(slots[i]);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return e;
}

static enum artdag_err read_hello(struct ad_zygote *z, artdag_error *err)
{
    struct ad_buf text = AD_BUF_INIT(HELLO_BYTES_MAX);
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *root = NULL;
    struct ad_str toolchain;
    uint32_t type = 0;
    enum artdag_err rc = ad_frame_recv(z->fd, z->hello_ms, &type, &text, NULL, NULL, err);
    if (rc == ARTDAG_E_NOTFOUND)
        rc = ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "it ended without a word");
    if (rc == ARTDAG_OK && type != AD_WIRE_HELLO)
        rc = ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "it did not say hello");
    if (rc == ARTDAG_OK)
        rc = ad_json_parse(&arena, ad_buf_as_str(&text), NULL, NULL, &root, err);
    if (rc == ARTDAG_OK)
        rc = ad_value_str(root, "toolchain", &toolchain, err);
    if (rc == ARTDAG_OK) {
        struct ad_buf copy = AD_BUF_INIT(HELLO_BYTES_MAX);
        ad_buf_view(&copy, toolchain);
        z->toolchain = ad_buf_take(&copy, NULL);
        if (!z->toolchain)
            rc = ad_error_nomem(err, ROOM);
    } else {
        ad_error_prefix(err, rc, "the media program does not start");
        ad_error_hint(err, "run `artdag doctor`");
    }
    ad_arena_fini(&arena);
    ad_buf_fini(&text);
    return rc;
}

static void stop(struct ad_zygote *z)
{
    if (z->fd >= 0)
        close(z->fd);
    z->fd = -1;
    if (z->pid > 0) {
        /* Its children die with it (parent-death signal). */
        kill(z->pid, SIGKILL);
        while (waitpid(z->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    z->pid = 0;
    free(z->toolchain);
    z->toolchain = NULL;
    memset(z->exits, 0, sizeof(z->exits));
}

static enum artdag_err start_locked(struct ad_zygote *z, const char *program, artdag_error *err)
{
    int pair[2];
    if (z->pid > 0)
        return ARTDAG_OK;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return ad_error_errno(err, errno, ROOM, "no socket pair");
    int e = spawn_program(program, pair[1], &z->pid);
    close(pair[1]);
    if (e != 0) {
        close(pair[0]);
        z->pid = 0;
        enum artdag_err rc =
            ad_error_errno(err, e, ROOM, "cannot start the media program %s", program);
        ad_error_hint(err, "install artdag-media, or name it with ARTDAG_MEDIA");
        return rc;
    }
    z->fd = pair[0];
    enum artdag_err rc = read_hello(z, err);
    if (rc != ARTDAG_OK)
        stop(z);
    return rc;
}

enum artdag_err ad_zygote_start(struct ad_zygote *z, const char *program, artdag_error *err)
{
    pthread_mutex_lock(&z->lock);
    enum artdag_err rc = start_locked(z, program, err);
    pthread_mutex_unlock(&z->lock);
    return rc;
}

static void keep_exit(struct ad_zygote *z, pid_t pid, int status)
{
    z->exits[z->next_exit] = (struct ad_exit){pid, status};
    z->next_exit = (z->next_exit + 1) % AD_EXITS_KEPT;
}

static bool take_exit(struct ad_zygote *z, pid_t pid, int *ret_status)
{
    for (size_t i = 0; i < AD_EXITS_KEPT; i++) {
        if (z->exits[i].pid != pid)
            continue;
        *ret_status = z->exits[i].status;
        z->exits[i].pid = 0;
        return true;
    }
    return false;
}

/* Reads messages until one of `type` comes (about pid, unless that is 0). Exits heard on the way are kept for
 * the job threads that will ask. */
static enum artdag_err await(struct ad_zygote *z, uint32_t type, pid_t pid, int timeout_ms,
                             uint32_t ret[2], artdag_error *err)
{
    struct ad_buf payload = AD_BUF_INIT(64);
    enum artdag_err rc;
    for (;;) {
        uint32_t got = 0;
        rc = ad_frame_recv(z->fd, timeout_ms, &got, &payload, NULL, NULL, err);
        if (rc != ARTDAG_OK)
            break;
        if (payload.len < 4)
            continue;
        ret[0] = get_u32(payload.data);
        ret[1] = payload.len >= 8 ? get_u32(payload.data + 4) : 0;
        if (got == type && (pid == 0 || ret[0] == (uint32_t)pid))
            break;
        if (got == AD_WIRE_EXITED)
            keep_exit(z, (pid_t)ret[0], (int)ret[1]);
    }
    ad_buf_fini(&payload);
    return rc;
}

enum artdag_err ad_zygote_spawn(struct ad_zygote *z, int output_fd, int audio_fd, int *ret_fd,
                                pid_t *ret_pid, artdag_error *err)
{
    int pair[2];
    uint32_t answer[2] = {0, 0};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return ad_error_errno(err, errno, ROOM, "no socket pair");
    int fds[3] = {pair[1], output_fd, audio_fd};
    size_t fd_count = audio_fd >= 0 ? 3 : 2;
    pthread_mutex_lock(&z->lock);
    enum artdag_err rc = ad_frame_send(z->fd, AD_WIRE_SPAWN, NULL, 0, fds, fd_count, err);
    if (rc == ARTDAG_OK)
        rc = await(z, AD_WIRE_SPAWNED, 0, ANSWER_MS, answer, err);
    if (rc == ARTDAG_E_NOTFOUND)
        rc = ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "it has ended");
    int stale = 0; /* of an earlier child that had this number */
    if (rc == ARTDAG_OK)
        (void)take_exit(z, (pid_t)answer[0], &stale);
    else
        stop(z); /* a zygote that does not answer is replaced at the next start */
    pthread_mutex_unlock(&z->lock);
    close(pair[1]);
    if (rc != ARTDAG_OK) {
        close(pair[0]);
        return ad_error_prefix(err, rc, "the media program does not answer");
    }
    *ret_fd = pair[0];
    *ret_pid = (pid_t)answer[0];
    return ARTDAG_OK;
}

void ad_zygote_kill(struct ad_zygote *z, pid_t pid)
{
    uint8_t payload[4];
    put_u32(payload, (uint32_t)pid);
    pthread_mutex_lock(&z->lock);
    if (z->fd >= 0)
        (void)!ad_frame_send(z->fd, AD_WIRE_KILL, payload, sizeof(payload), NULL, 0, NULL);
    pthread_mutex_unlock(&z->lock);
}

bool ad_zygote_exit_status(struct ad_zygote *z, pid_t pid, int *ret_status)
{
    uint32_t answer[2] = {0, 0};
    pthread_mutex_lock(&z->lock);
    bool known = take_exit(z, pid, ret_status);
    if (!known && z->fd >= 0) {
        enum artdag_err rc = await(z, AD_WIRE_EXITED, pid, EXIT_MS, answer, NULL);
        known = rc == ARTDAG_OK;
        if (known)
            *ret_status = (int)answer[1];
        else if (rc != ARTDAG_E_TIMEOUT)
            stop(z); /* it died, and its children with it: the next job gets a new one */
    }
    pthread_mutex_unlock(&z->lock);
    return known;
}

void ad_zygote_fini(struct ad_zygote *z)
{
    stop(z);
    pthread_mutex_destroy(&z->lock);
}
