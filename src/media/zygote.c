/* SPDX-License-Identifier: MIT
 *
 * The warm parent of media processes: libraries loaded, one thread, nothing decoded. It forks one child per job, tells when children
 * end, and kills them on demand. It ends when its parent closes the socket, and its children end with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "media/log.h"
#include "media/media.h"

#define ROOM "media"
#define REQUEST_BYTES_MAX 4096
#define CHILD_FILES_MAX 64
#define CHILD_MEMORY_MAX ((rlim_t)16 << 30)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAVE_SHADOW_MEMORY 1 /* terabytes of address space are normal then */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAVE_SHADOW_MEMORY 1
#endif
#endif

struct zygote {
    int socket;
    int signals; /* signalfd for SIGCHLD */
    AD_VEC(pid_t) children;
};

static void put_u32(uint8_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint32_t get_u32(const uint8_t *in)
{
    return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 |
           (uint32_t)in[3] << 24;
}

/* ---- becoming a child ---- */

static void limit(int what, rlim_t value)
{
    struct rlimit r = {0};
    if (getrlimit(what, &r) == 0 && (r.rlim_cur == RLIM_INFINITY || r.rlim_cur > value)) {
        r.rlim_cur = value;
        if (r.rlim_max == RLIM_INFINITY || r.rlim_max > value) {
            r.rlim_max = value;
        }
        (void)setrlimit(what, &r);
    }
}

static void close_from(unsigned first)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, ~0u, 0u) == 0) {
        return;
    }
#endif
    struct rlimit r = {0};
    unsigned end =
        getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur < 65536 ? (unsigned)r.rlim_cur : 65536;
    for (unsigned fd = first; fd < end; fd++) {
        (void)close((int)fd);
    }
}

/* Moves the descriptors to 3, 4, 5, where the child expects them, and closes everything else but stderr. */
static bool keep_only(int *fds, size_t count)
{
    int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(null_fd, 1) < 0) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 16);
        if (fds[i] < 0) {
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (dup2(fds[i], 3 + (int)i) < 0) {
            return false;
        }
    }
    close_from(3 + (unsigned)count);
    return true;
}

static _Noreturn void become_child(pid_t zygote, int *fds, size_t count)
{
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGINT, SIG_IGN); /* a terminal's Ctrl-C is the parent's business */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != zygote ||
        !keep_only(fds, count)) {
        _exit(1);
    }
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, CHILD_FILES_MAX);
#ifndef HAVE_SHADOW_MEMORY
    limit(RLIMIT_AS, CHILD_MEMORY_MAX);
#endif
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    int status = ad_child_main(3, 4, count > 2 ? 5 : -1);
#ifdef HAVE_SHADOW_MEMORY
    exit(status); /* the leak check runs at exit */
#endif
    _exit(status); /* the destructors of two hundred libraries cost milliseconds */
}

/* ---- requests ---- */

static enum artdag_err spawn(struct zygote *z, int *fds, size_t count, artdag_error *err)
{
    if (count < 2 || count > 3) {
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "SPAWN came with %zu descriptors",
                            count);
    }
    if (!ad_vec_reserve(&z->children, 1)) {
        return ad_error_nomem(err, ROOM);
    }
    pid_t self = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        become_child(self, fds, count);
    }
    if (pid < 0) {
        return ad_error_errno(err, errno, ROOM, "cannot start a media process");
    }
    z->children.items[z->children.len++] = pid;
    uint8_t message[4];
    put_u32(message, (uint32_t)pid);
    return ad_frame_send(z->socket, AD_WIRE_SPAWNED, message, sizeof(message), NULL, 0, err);
}

/* Only children that are not yet reaped can be named, so a reused pid is never hit. */
static void kill_child(const struct zygote *z, const struct ad_buf *buf)
{
    if (buf->len != 4) {
        return;
    }
    for (size_t i = 0; i < z->children.len; i++) {
        if ((uint32_t)z->children.items[i] == get_u32(buf->data)) {
            (void)kill(z->children.items[i], SIGKILL);
        }
    }
}

/* NOTFOUND = the parent is gone. */
static enum artdag_err serve(struct zygote *z, artdag_error *err)
{
    struct ad_buf buf = AD_BUF_INIT(REQUEST_BYTES_MAX);
    int fds[AD_FRAME_FDS_MAX];
    size_t count = 0;
    uint32_t type = 0;
    enum artdag_err rc = ad_frame_recv(z->socket, -1, &type, &buf, fds, &count, err);
    if (rc == ARTDAG_OK && type == AD_WIRE_SPAWN) {
        rc = spawn(z, fds, count, err);
    } else if (rc == ARTDAG_OK && type == AD_WIRE_KILL) {
        kill_child(z, &buf);
    } else if (rc == ARTDAG_OK) {
        rc = ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "unknown message %u", type);
    }
    for (size_t i = 0; i < count; i++) {
        (void)close(fds[i]);
    }
    ad_buf_fini(&buf);
    return rc;
}

static void forget(struct zygote *z, pid_t pid)
{
    for (size_t i = 0; i < z->children.len; i++) {
        if (z->children.items[i] == pid) {
            z->children.items[i] = z->children.items[--z->children.len];
            return;
        }
    }
}

static enum artdag_err reap(struct zygote *z, artdag_error *err)
{
    struct signalfd_siginfo info;
    while (read(z->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        /* several children may stand behind one signal */
    }
    for (;;) {
        int status = 0;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid <= 0) {
            return ARTDAG_OK;
        }
        forget(z, pid);
        uint8_t message[8];
        put_u32(message, (uint32_t)pid);
        put_u32(message + 4, (uint32_t)status);
        enum artdag_err rc =
            ad_frame_send(z->socket, AD_WIRE_EXITED, message, sizeof(message), NULL, 0, err);
        if (rc != ARTDAG_OK) {
            return rc;
        }
    }
}

/* ---- hello ---- */

/* Naming the x264 build means running it; that happens in a child, so that every job starts from a process in which
 * nothing was ever decoded or encoded. */
static enum artdag_err toolchain_by_child(struct ad_buf *buf, artdag_error *err)
{
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return ad_error_errno(err, errno, ROOM, "cannot make a pipe");
    }
    pid_t pid = fork();
    if (pid == 0) {
        ad_media_log_start(NULL);
        bool ok = ad_toolchain(buf, NULL) == ARTDAG_OK &&
                  ad_fs_write_full(ends[1], buf->data, buf->len, ROOM, NULL) == ARTDAG_OK;
        _exit(ok ? 0 : 1);
    }
    (void)close(ends[1]);
    ssize_t n = 1;
    char chunk[512];
    while (pid > 0 && (n = read(ends[0], chunk, sizeof(chunk))) != 0) {
        if (n > 0) {
            (void)ad_buf_append(buf, chunk, (size_t)n);
        } else if (errno != EINTR) {
            break;
        }
    }
    (void)close(ends[0]);
    int status = 1;
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
        return ad_error_set(err, ARTDAG_E_INTERNAL, ROOM, "cannot name the media libraries");
    }
    return ad_buf_status(buf) == ARTDAG_OK ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

static enum artdag_err hello(const struct zygote *z, artdag_error *err)
{
    struct ad_buf toolchain = AD_BUF_INIT(4096);
    struct ad_buf json = AD_BUF_INIT(8192);
    struct ad_json_writer w;
    enum artdag_err rc = toolchain_by_child(&toolchain, err);
    if (rc == ARTDAG_OK) {
        ad_jw_init(&w, &json);
        ad_jw_map_begin(&w);
        ad_jw_key(&w, "toolchain");
        ad_jw_str(&w, ad_buf_as_str(&toolchain));
        ad_jw_key(&w, "version");
        ad_jw_cstr(&w, AD_MEDIA_VERSION);
        ad_jw_map_end(&w);
        rc = ad_buf_status(&json) == ARTDAG_OK
                 ? ad_frame_send(z->socket, AD_WIRE_HELLO, json.data, json.len, NULL, 0, err)
                 : ad_error_nomem(err, ROOM);
    }
    ad_buf_fini(&toolchain);
    ad_buf_fini(&json);
    return rc;
}

static enum artdag_err loop(struct zygote *z, artdag_error *err)
{
    for (;;) {
        struct pollfd p[2] = {{.fd = z->socket, .events = POLLIN},
                              {.fd = z->signals, .events = POLLIN}};
        if (poll(p, 2, -1) < 0 && errno != EINTR) {
            return ad_error_errno(err, errno, ROOM, "cannot wait");
        }
        enum artdag_err rc = ARTDAG_OK;
        if (p[1].revents) {
            rc = reap(z, err);
        }
        if (rc == ARTDAG_OK && p[0].revents) {
            rc = serve(z, err);
        }
        if (rc != ARTDAG_OK) {
            return rc;
        }
    }
}

int ad_zygote_main(int socket)
{
    struct zygote z = {.socket = socket, .signals = -1};
    artdag_error err = {0};
    sigset_t chld;
    (void)fcntl(socket, F_SETFD, FD_CLOEXEC);
    (void)signal(SIGINT, SIG_IGN);
    (void)sigemptyset(&chld);
    (void)sigaddset(&chld, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &chld, NULL);
    enum artdag_err rc = hello(&z, &err);
    if (rc == ARTDAG_OK) {
        z.signals = signalfd(-1, &chld, SFD_NONBLOCK | SFD_CLOEXEC);
        rc = z.signals >= 0 ? loop(&z, &err)
                            : ad_error_errno(&err, errno, ROOM, "cannot watch children");
    }
    for (size_t i = 0; i < z.children.len; i++) {
        (void)kill(z.children.items[i], SIGKILL);
    }
    ad_vec_fini(&z.children);
    /* IO: the parent died while we told it something. */
    if (rc != ARTDAG_E_NOTFOUND && rc != ARTDAG_E_IO) {
        (void)dprintf(2, "artdag-media: %s\n", err.message);
        return 1;
    }
    return 0;
}
