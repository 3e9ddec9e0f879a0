/* SPDX-License-Identifier: MIT
 *
 * A stand-in for artdag-media that misbehaves on demand. It keeps the wire's rules as the real one does, but renders nothing:
 *
 *     fake_media [--toolchain TEXT] [--hello KIND] [--log FILE] [--gate FILE] [--analysis FILE] [FRAMES=BEHAVIOUR ...]
 *                --zygote FD
 *
 * A job whose unit has FRAMES frames behaves as told; "any" stands for all other jobs. What there is to choose from is in the
 * tables below. --log: each job adds a line "KIND FRAMES". --gate: `gated` jobs wait until that file is there.
 * --analysis: what a probe answers.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "graph/graph.h"

static const char *toolchain = "tools/1";
static const char *log_file, *gate_file, *analysis_file;
static char **rules; /* FRAMES=BEHAVIOUR */
static int rule_count;

static void put_le(uint8_t *p, uint64_t n, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (uint8_t)(n >> (8 * i));
}

static void say(int fd, uint32_t type, const void *data, size_t len)
{
    if (ad_frame_send(fd, type, data, len, NULL, 0, NULL) != ARTDAG_OK)
        _exit(9);
}

static void say_text(int fd, uint32_t type, const char *text)
{
    say(fd, type, text, strlen(text));
}

static _Noreturn void sleep_for_ever(void)
{
    for (;;)
        pause();
}

/* ---- jobs ---- */

struct task {
    int fd; /* the job's socket */
    int output, beside;
    struct ad_arena arena;
    struct ad_job job;
    struct ad_buf buf;
};

static void progress(struct task *t, uint64_t done)
{
    uint8_t message[8];
    put_le(message, done, 8);
    say(t->fd, AD_WIRE_PROGRESS, message, sizeof(message));
}

/* READ; the answer replaces t->buf. Returns its type. */
static uint32_t ask(struct task *t, uint32_t input, uint64_t offset, uint32_t len)
{
    uint8_t message[16];
    uint32_t type = 0;
    put_le(message, input, 4);
    put_le(message + 4, offset, 8);
    put_le(message + 12, len, 4);
    say(t->fd, AD_WIRE_READ, message, sizeof(message));
    if (ad_frame_recv(t->fd, -1, &type, &t->buf, NULL, NULL, NULL) != ARTDAG_OK)
        _exit(9);
    return type;
}

static void done(struct task *t, int64_t bytes, int64_t frames)
{
    char text[200];
    snprintf(text, sizeof(text),
             "{\"bytes\":%lld,\"decode_errors\":0,\"frames\":%lld,\"samples\":%lld}",
             (long long)bytes, (long long)frames, (long long)t->job.unit.samples);
    say_text(t->fd, AD_WIRE_DONE, text);
}

static void analyze(struct ad_buf *text)
{
    if (!analysis_file)
        ad_buf_str(text, "{\"fake\":true}");
    else if (ad_fs_read_file(analysis_file, 1 << 20, text, "fake", NULL) != ARTDAG_OK)
        _exit(8);
}

/* What is asked for, each with a member of its own name; a contact sheet is a picture of that name. */
static void features(struct task *t, struct ad_buf *text)
{
    const char *comma = "{";
    for (int i = 1; i < AD_FEATURE_COUNT; i++) {
        const char *name = ad_feature_name(i);
        if (!(t->job.study.features & AD_FEATURE_BIT(i)))
            continue;
        ad_buf_printf(text, "%s\"%s\":{\"%s\":{\"columns\":6}}", comma, name, name);
        comma = ",";
        if (i == AD_FEATURE_CONTACT_SHEET &&
            ad_fs_write_full(t->beside, "sheet", 5, "fake", NULL) != ARTDAG_OK)
            _exit(8);
    }
    ad_buf_str(text, "}");
}

/* The "film": what it was made from, so that equal jobs give equal bytes and others do not. */
static void render(struct task *t)
{
    struct ad_buf text = AD_BUF_INIT(64 << 20);
    if (t->job.kind == AD_JOB_PROBE)
        analyze(&text);
    else if (t->job.kind == AD_JOB_FEATURES)
        features(t, &text);
    else if (t->job.kind == AD_JOB_PLOT)
        ad_buf_str(&text, "plot");
    else if (t->job.kind == AD_JOB_JOIN)
        ad_buf_str(&text, "joined");
    else if (ad_unit_to_json(&t->job.unit, &text, NULL) != ARTDAG_OK)
        _exit(8);
    for (size_t i = 0; i < t->job.sizes.len; i++) {
        if (ask(t, (uint32_t)i, 0, t->job.kind == AD_JOB_JOIN ? AD_WIRE_READ_MAX : 16) !=
            AD_WIRE_DATA) {
            say(t->fd, AD_WIRE_FAIL, t->buf.data, t->buf.len);
            _exit(0);
        }
        if (t->job.kind == AD_JOB_JOIN)
            ad_buf_append(&text, t->buf.data, t->buf.len);
    }
    if (ad_fs_write_full(t->output, text.data, text.len, "fake", NULL) != ARTDAG_OK)
        _exit(8);
    progress(t, (uint64_t)t->job.unit.frames);
    done(t, (int64_t)text.len, t->job.unit.frames);
}

static void be_killed(struct task *t)
{
    (void)t;
    raise(SIGKILL);
}

static void be_out_of_time(struct task *t)
{
    (void)t;
    raise(SIGXCPU);
}

static void leave(struct task *t)
{
    (void)t;
    _exit(7);
}

static void be_silent(struct task *t)
{
    (void)t;
    sleep_for_ever();
}

static void wait_for_gate(struct task *t)
{
    while (access(gate_file, F_OK) != 0)
        usleep(2000);
    render(t);
}

static void read_foreign_input(struct task *t)
{
    (void)ask(t, 99, 0, 16);
}

static void read_too_much(struct task *t)
{
    (void)ask(t, 0, 0, AD_WIRE_READ_MAX + 1);
}

static void read_brokenly(struct task *t)
{
    say(t->fd, AD_WIRE_READ, "abc", 3);
}

/* Beyond the end, and nothing at all: both are allowed and give no bytes. */
static void read_nothing(struct task *t)
{
    if (ask(t, 0, UINT64_C(1) << 62, 16) != AD_WIRE_DATA || t->buf.len != 0 ||
        ask(t, 0, 0, 0) != AD_WIRE_DATA || t->buf.len != 0)
        _exit(8);
    render(t);
}

/* Reads every byte of input 0, block by block, and repeats what it is refused with. */
static void read_all(struct task *t)
{
    for (int64_t at = 0; at < t->job.sizes.items[0]; at += AD_WIRE_READ_MAX)
        if (ask(t, 0, (uint64_t)at, AD_WIRE_READ_MAX) != AD_WIRE_DATA) {
            say(t->fd, AD_WIRE_FAIL, t->buf.data, t->buf.len);
            return;
        }
    render(t);
}

static void talk_nonsense(struct task *t)
{
    say(t->fd, 77, "?", 1);
}

static void finish_badly(struct task *t)
{
    say_text(t->fd, AD_WIRE_DONE, "{\"bytes\":");
}

static void progress_badly(struct task *t)
{
    say(t->fd, AD_WIRE_PROGRESS, "abc", 3);
}

/* More than was asked for, and less than nothing. */
static void progress_wildly(struct task *t)
{
    progress(t, UINT64_MAX);
    progress(t, UINT64_C(1) << 40);
    progress(t, 3);
    progress(t, 2);
    render(t);
}

static void announce_gigabytes(struct task *t)
{
    uint8_t header[8];
    put_le(header, AD_WIRE_LOG, 4);
    put_le(header + 4, 0xffffffff, 4);
    if (write(t->fd, header, sizeof(header)) != sizeof(header))
        _exit(9);
    sleep_for_ever();
}

/* A message in two pieces, far apart. */
static void drip(struct task *t)
{
    static const uint8_t first[] = {AD_WIRE_PROGRESS, 0, 0, 0, 8, 0, 0, 0, 1, 0};
    static const uint8_t rest[6] = {0};
    if (write(t->fd, first, sizeof(first)) != (ssize_t)sizeof(first))
        _exit(9);
    usleep(500000);
    if (write(t->fd, rest, sizeof(rest)) != (ssize_t)sizeof(rest))
        _exit(9);
    render(t);
}

static void give_up(struct task *t)
{
    say_text(t->fd, AD_WIRE_FAIL,
             "{\"cid\":\"bafkfake\",\"code\":14,\"hint\":\"use another file\","
             "\"message\":\"no picture in\\nthis file\",\"sys\":-22}");
}

static void claim_to_be_canceled(struct task *t)
{
    say_text(t->fd, AD_WIRE_FAIL,
             "{\"cid\":\"\",\"code\":10,\"hint\":\"\",\"message\":\"stopped\",\"sys\":0}");
}

static void fail_without_reason(struct task *t)
{
    say_text(t->fd, AD_WIRE_FAIL, "{");
}

static void lose_a_frame(struct task *t)
{
    done(t, 0, t->job.unit.frames - 1);
}

static void lie_about_bytes(struct task *t)
{
    done(t, INT64_MAX, t->job.unit.frames);
}

static void kill_parent(struct task *t)
{
    (void)t;
    kill(getppid(), SIGKILL);
    sleep_for_ever();
}

static const struct {
    const char *name;
    void (*run)(struct task *t);
} behaviours[] = {
    {"ok", render},
    {"killed", be_killed},
    {"xcpu", be_out_of_time},
    {"leaves", leave},
    {"silent", be_silent},
    {"gated", wait_for_gate},
    {"foreign-input", read_foreign_input},
    {"too-much", read_too_much},
    {"broken-read", read_brokenly},
    {"reads-nothing", read_nothing},
    {"reads-all", read_all},
    {"nonsense", talk_nonsense},
    {"bad-done", finish_badly},
    {"bad-progress", progress_badly},
    {"wild-progress", progress_wildly},
    {"gigabytes", announce_gigabytes},
    {"drips", drip},
    {"fails", give_up},
    {"fake-cancel", claim_to_be_canceled},
    {"no-reason", fail_without_reason},
    {"frame-lost", lose_a_frame},
    {"lies", lie_about_bytes},
    {"kills-parent", kill_parent},
};

static void log_job(const struct ad_job *job)
{
    static const char *const kinds[] = {
        [AD_JOB_PROBE] = "probe", [AD_JOB_AUDIO] = "audio", [AD_JOB_FILM] = "film",
        [AD_JOB_PART] = "part",   [AD_JOB_JOIN] = "join",   [AD_JOB_FEATURES] = "features",
        [AD_JOB_PLOT] = "plot"};
    int fd = log_file ? open(log_file, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;
    if (fd < 0)
        return;
    dprintf(fd, "%s %lld\n", kinds[job->kind], (long long)job->unit.frames);
    close(fd);
}

static void behave(struct task *t)
{
    char want[32];
    const char *name = "ok";
    int len = snprintf(want, sizeof(want), "%lld=", (long long)t->job.unit.frames);
    bool exact = false;
    for (int i = 0; i < rule_count; i++)
        if (strncmp(rules[i], want, (size_t)len) == 0) {
            name = rules[i] + len;
            exact = true;
        } else if (!exact && strncmp(rules[i], "any=", 4) == 0) {
            name = rules[i] + 4;
        }
    for (size_t i = 0; i < sizeof(behaviours) / sizeof(*behaviours); i++)
        if (strcmp(behaviours[i].name, name) == 0) {
            behaviours[i].run(t);
            _exit(0);
        }
    _exit(99);
}

static _Noreturn void child(pid_t zygote, int fd, int output, int beside)
{
    struct task t = {.fd = fd, .output = output, .beside = beside, .buf = AD_BUF_INIT(4 << 20)};
    struct ad_buf job = AD_BUF_INIT(256 << 20);
    uint32_t type = 0;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != zygote)
        _exit(1);
    ad_arena_init(&t.arena, 0);
    if (ad_frame_recv(fd, -1, &type, &job, NULL, NULL, NULL) != ARTDAG_OK ||
        type != AD_WIRE_JOB ||
        ad_job_from_json(&t.arena, ad_buf_as_str(&job), &t.job, NULL) != ARTDAG_OK)
        _exit(98);
    log_job(&t.job);
    behave(&t);
    _exit(0);
}

/* ---- the zygote ---- */

static void hello(int fd, const char *kind)
{
    struct ad_buf json = AD_BUF_INIT(1 << 20);
    if (strcmp(kind, "dies") == 0)
        _exit(3);
    if (strcmp(kind, "mute") == 0)
        sleep_for_ever();
    if (strcmp(kind, "other") == 0)
        say_text(fd, AD_WIRE_SPAWNED, "abcd");
    else if (strcmp(kind, "garbage") == 0)
        say_text(fd, AD_WIRE_HELLO, "toolchain: none");
    else if (strcmp(kind, "nameless") == 0)
        say_text(fd, AD_WIRE_HELLO, "{\"version\":\"1\"}");
    else if (strcmp(kind, "endless") == 0) {
        while (json.len < 100000)
            ad_buf_str(&json, "          ");
        say(fd, AD_WIRE_HELLO, json.data, json.len);
    } else {
        ad_buf_printf(&json, "{\"toolchain\":\"%s\",\"version\":\"0\"}", toolchain);
        say(fd, AD_WIRE_HELLO, json.data, json.len);
    }
    ad_buf_fini(&json);
}

static void reap(int fd)
{
    int status = 0;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        uint8_t message[8];
        put_le(message, (uint64_t)pid, 4);
        put_le(message + 4, (uint64_t)status, 4);
        say(fd, AD_WIRE_EXITED, message, sizeof(message));
    }
}

static void serve(int fd)
{
    struct ad_buf buf = AD_BUF_INIT(4096);
    int fds[AD_FRAME_FDS_MAX];
    size_t count = 0;
    uint32_t type = 0;
    uint8_t message[4];
    if (ad_frame_recv(fd, -1, &type, &buf, fds, &count, NULL) != ARTDAG_OK)
        _exit(0);
    if (type == AD_WIRE_KILL) {
        kill((pid_t)(buf.data[0] | buf.data[1] << 8 | buf.data[2] << 16 | buf.data[3] << 24),
             SIGKILL);
    } else if (type == AD_WIRE_SPAWN) {
        pid_t zygote = getpid(), pid = fork();
        if (pid == 0)
            child(zygote, fds[0], fds[1], count > 2 ? fds[2] : -1);
        put_le(message, (uint64_t)pid, 4);
        say(fd, AD_WIRE_SPAWNED, message, sizeof(message));
    }
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
    ad_buf_fini(&buf);
}

int main(int argc, char **argv)
{
    const char *kind = "well";
    int fd = -1;
    rules = argv;
    rule_count = argc;
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], "--toolchain") == 0)
            toolchain = argv[++i];
        else if (strcmp(argv[i], "--hello") == 0)
            kind = argv[++i];
        else if (strcmp(argv[i], "--log") == 0)
            log_file = argv[++i];
        else if (strcmp(argv[i], "--gate") == 0)
            gate_file = argv[++i];
        else if (strcmp(argv[i], "--analysis") == 0)
            analysis_file = argv[++i];
        else if (strcmp(argv[i], "--zygote") == 0)
            fd = atoi(argv[++i]); /* NOLINT(cert-err34-c): our own test wrote it */
    }
    if (fd < 0)
        return 2;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    hello(fd, kind);
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 5) > 0)
            serve(fd);
        reap(fd);
    }
}
