/* SPDX-License-Identifier: MIT */
#include "ad_test_media.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ad_test.h"

#define WAIT_MS 120000
#define INPUTS_MAX 4096

static void need(bool ok, const char *what)
{
    if (!ok) {
        print_error("%s\n", what);
        fail();
    }
}

static uint64_t get_le(const uint8_t *in, int bytes)
{
    uint64_t n = 0;
    for (int i = bytes - 1; i >= 0; i--) {
        n = n << 8 | in[i];
    }
    return n;
}

static uint32_t receive(int fd, struct ad_buf *buf)
{
    artdag_error err = {0};
    uint32_t type = 0;
    assert_ok(ad_frame_recv(fd, WAIT_MS, &type, buf, NULL, NULL, &err));
    return type;
}

static void copy_text(const struct ad_value *root, const char *key, char *out, size_t size)
{
    struct ad_str text = {0};
    artdag_error err = {0};
    assert_ok(ad_value_str(root, key, &text, &err));
    (void)snprintf(out, size, "%.*s", AD_STR_ARG(text));
}

static int64_t get_int(const struct ad_value *root, const char *key)
{
    int64_t n = 0;
    artdag_error err = {0};
    assert_ok(ad_value_i64(root, key, &n, &err));
    return n;
}

/* ---- the program ---- */

static void exec_program(const char *const *prefix, int fd)
{
    const char *argv[24];
    size_t n = 0;
    char number[16];
    (void)snprintf(number, sizeof(number), "%d", fd);
    for (; prefix && *prefix && n < 16; prefix++) {
        argv[n++] = *prefix;
    }
    argv[n++] = AD_TEST_MEDIA_PROGRAM;
    argv[n++] = "--zygote";
    argv[n++] = number;
    argv[n] = NULL;
    (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

void ad_test_media_start(struct ad_test_media *media, const char *const *prefix)
{
    int ends[2];
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf buf = AD_BUF_INIT(1 << 16);
    const struct ad_value *root = NULL;
    artdag_error err = {0};
    *media = (struct ad_test_media){0};
    need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "no socket pair");
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    media->pid = fork();
    need(media->pid >= 0, "no process");
    if (media->pid == 0) {
        exec_program(prefix, ends[1]);
    }
    (void)close(ends[1]);
    media->socket = ends[0];
    assert_int_equal(receive(media->socket, &buf), AD_WIRE_HELLO);
    assert_ok(ad_json_parse(&arena, ad_buf_as_str(&buf), NULL, NULL, &root, &err));
    copy_text(root, "toolchain", media->toolchain, sizeof(media->toolchain));
    copy_text(root, "version", media->version, sizeof(media->version));
    ad_arena_fini(&arena);
    ad_buf_fini(&buf);
}

int ad_test_media_stop(struct ad_test_media *media)
{
    int status = -1;
    (void)close(media->socket);
    need(waitpid(media->pid, &status, 0) == media->pid, "the program did not end");
    return status;
}

/* ---- jobs ---- */

struct inputs {
    int fds[INPUTS_MAX];
    int64_t sizes[INPUTS_MAX];
    size_t count;
};

static void open_inputs(const struct ad_test_job *job, struct inputs *inputs)
{
    need(job->path_count <= INPUTS_MAX, "too many inputs");
    inputs->count = job->path_count;
    for (size_t i = 0; i < job->path_count; i++) {
        struct stat st;
        inputs->fds[i] = open(job->paths[i], O_RDONLY | O_CLOEXEC);
        need(inputs->fds[i] >= 0 && fstat(inputs->fds[i], &st) == 0, job->paths[i]);
        inputs->sizes[i] = st.st_size;
    }
}

static void close_inputs(struct inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        (void)close(inputs->fds[i]);
    }
}

static int spawn(struct ad_test_media *media, const struct ad_test_job *job, pid_t *ret_pid)
{
    int ends[2];
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT(64);
    need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "no socket pair");
    int fds[3] = {ends[1], job->output_fd, job->part_fd};
    assert_ok(ad_frame_send(media->socket, AD_WIRE_SPAWN, NULL, 0, fds,
                            job->part_fd > 0 ? 3 : 2, &err));
    (void)close(ends[1]);
    assert_int_equal(receive(media->socket, &buf), AD_WIRE_SPAWNED);
    *ret_pid = (pid_t)get_le(buf.data, 4);
    ad_buf_fini(&buf);
    return ends[0];
}

static int begin(struct ad_test_media *media, const struct ad_test_job *job,
                 const struct inputs *inputs, pid_t *ret_pid)
{
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT(64 << 20);
    struct ad_job copy = *job->job;
    bool woken = job->warm && job->warm->pid > 0;
    int fd = woken ? job->warm->fd : spawn(media, job, ret_pid);
    if (woken) {
        *ret_pid = job->warm->pid;
    }
    copy.sizes.items = (int64_t *)(uintptr_t)inputs->sizes;
    copy.sizes.len = inputs->count;
    assert_ok(ad_job_to_json(&copy, &buf, &err));
    assert_ok(ad_frame_send(fd, AD_WIRE_JOB, buf.data, buf.len, &job->output_fd, woken ? 1 : 0,
                            &err));
    ad_buf_fini(&buf);
    return fd;
}

int ad_test_media_begin(struct ad_test_media *media, const struct ad_test_job *job,
                        pid_t *ret_pid)
{
    struct inputs *inputs = calloc(1, sizeof(*inputs));
    need(inputs != NULL, "no memory");
    open_inputs(job, inputs);
    int fd = begin(media, job, inputs, ret_pid);
    close_inputs(inputs);
    free(inputs);
    return fd;
}

static void serve_read(int fd, const struct ad_test_job *job, const struct inputs *inputs,
                       const struct ad_buf *request, struct ad_test_result *result)
{
    static const char no_index[] = "{\"code\":4,\"message\":\"there is no frame index\"}";
    static const char refused[] = "{\"code\":5,\"message\":\"block is corrupt\"}";
    static uint8_t data[AD_WIRE_READ_MAX];
    artdag_error err = {0};
    assert_int_equal(request->len, 16);
    uint32_t input = (uint32_t)get_le(request->data, 4);
    uint64_t offset = get_le(request->data + 4, 8);
    uint32_t len = (uint32_t)get_le(request->data + 12, 4);
    if (input & AD_WIRE_INDEX) {
        assert_ok(
            ad_frame_send(fd, AD_WIRE_NODATA, no_index, sizeof(no_index) - 1, NULL, 0, &err));
        return;
    }
    assert_true(input < inputs->count);
    assert_true(len > 0 && len <= AD_WIRE_READ_MAX);
    assert_true(offset < (uint64_t)inputs->sizes[input]);
    if (job->refuse_at > 0 && (int64_t)offset >= job->refuse_at) {
        assert_ok(
            ad_frame_send(fd, AD_WIRE_NODATA, refused, sizeof(refused) - 1, NULL, 0, &err));
        return;
    }
    ssize_t n = pread(inputs->fds[input], data, len, (off_t)offset);
    need(n >= 0, "cannot read an input");
    result->reads++;
    result->read_bytes += (uint64_t)n;
    assert_ok(ad_frame_send(fd, AD_WIRE_DATA, data, (size_t)n, NULL, 0, &err));
}

static enum artdag_err take_fail(const struct ad_buf *buf, struct ad_test_result *result)
{
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *root = NULL;
    artdag_error err = {0};
    assert_ok(ad_json_parse(&arena, ad_buf_as_str(buf), NULL, NULL, &root, &err));
    result->error.code = (enum artdag_err)get_int(root, "code");
    result->error.sys = (int)get_int(root, "sys");
    copy_text(root, "message", result->error.message, sizeof(result->error.message));
    copy_text(root, "hint", result->error.hint, sizeof(result->error.hint));
    copy_text(root, "cid", result->error.cid, sizeof(result->error.cid));
    ad_arena_fini(&arena);
    assert_int_not_equal(result->error.code, ARTDAG_OK);
    assert_true(result->error.message[0] != '\0');
    assert_null(strchr(result->error.message, '\n'));
    return result->error.code;
}

static void take_done(const struct ad_buf *buf, struct ad_test_result *result)
{
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *root = NULL;
    artdag_error err = {0};
    assert_ok(ad_json_parse(&arena, ad_buf_as_str(buf), NULL, NULL, &root, &err));
    result->bytes = get_int(root, "bytes");
    result->frames = get_int(root, "frames");
    result->samples = get_int(root, "samples");
    result->decode_errors = get_int(root, "decode_errors");
    const struct ad_value *cuts = ad_value_get(root, "cuts");
    for (size_t i = 0; cuts && i < cuts->list.len && i < 16; i++) {
        result->cuts[i] = cuts->list.items[i]->integer;
        result->cut_count = i + 1;
    }
    ad_arena_fini(&arena);
}

static void await_exit(struct ad_test_media *media, pid_t pid, struct ad_test_result *result)
{
    struct ad_buf buf = AD_BUF_INIT(64);
    assert_int_equal(receive(media->socket, &buf), AD_WIRE_EXITED);
    assert_int_equal(get_le(buf.data, 4), pid);
    result->exit_status = (int)get_le(buf.data + 4, 4);
    ad_buf_fini(&buf);
}

/* Linux keeps the peak for us; a child that is gone has told it before. */
static void look_at_memory(pid_t pid, struct ad_test_result *result)
{
    char path[64];
    char line[256];
    (void)snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
    FILE *status = fopen(path, "re");
    while (status && fgets(line, sizeof(line), status)) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            int64_t kib = strtoll(line + 6, NULL, 10);
            result->peak_kib = kib > result->peak_kib ? kib : result->peak_kib;
        }
    }
    if (status) {
        (void)fclose(status);
    }
}

enum artdag_err ad_test_media_run(struct ad_test_media *media, const struct ad_test_job *job,
                                  struct ad_test_result *ret)
{
    struct inputs *inputs = calloc(1, sizeof(*inputs));
    need(inputs != NULL, "no memory");
    struct ad_buf buf = AD_BUF_INIT(1 << 21);
    struct ad_test_result result = {0};
    enum artdag_err rc = ARTDAG_OK;
    pid_t pid = 0;
    open_inputs(job, inputs);
    int fd = begin(media, job, inputs, &pid);
    for (bool running = true; running;) {
        switch (receive(fd, &buf)) {
        case AD_WIRE_READ:
            look_at_memory(pid, &result);
            serve_read(fd, job, inputs, &buf, &result);
            break;
        case AD_WIRE_PROGRESS:
            result.progress = (int64_t)get_le(buf.data, 8);
            result.progresses++;
            break;
        case AD_WIRE_LOG:
            result.logs++;
            if (getenv("AD_TEST_VERBOSE")) {
                (void)printf("log: %.*s\n", (int)buf.len - 4, (const char *)buf.data + 4);
            }
            break;
        case AD_WIRE_DONE:
            take_done(&buf, &result);
            running = false;
            break;
        case AD_WIRE_FAIL:
            rc = take_fail(&buf, &result);
            running = false;
            break;
        default:
            need(false, "an unknown message from the child");
        }
    }
    if (job->warm && rc == ARTDAG_OK) {
        *job->warm = (struct ad_test_warm){fd, pid};
    } else {
        (void)shutdown(fd, SHUT_WR); /* a child that rendered a span waits for another */
        await_exit(media, pid, &result);
        (void)close(fd);
    }
    close_inputs(inputs);
    free(inputs);
    ad_buf_fini(&buf);
    *ret = result;
    return rc;
}

int ad_test_media_let_go(struct ad_test_media *media, struct ad_test_warm *warm)
{
    struct ad_test_result result = {0};
    (void)shutdown(warm->fd, SHUT_WR);
    await_exit(media, warm->pid, &result);
    (void)close(warm->fd);
    *warm = (struct ad_test_warm){0};
    return result.exit_status;
}

static int temp_fd(void)
{
    int fd = -1;
    artdag_error err = {0};
    assert_ok(ad_fs_temp_fd("/tmp", &fd, "test", &err));
    return fd;
}

enum artdag_err ad_test_media_render(struct ad_test_media *media, const struct ad_unit *unit,
                                     const char *const *paths, const char *cpu_flags,
                                     int threads, const char *out, struct ad_test_result *ret)
{
    struct ad_job job = {
        .kind = AD_JOB_FILM, .unit = *unit, .threads = threads, .cpu_flags = cpu_flags};
    struct ad_test_job run = {.job = &job, .paths = paths};
    enum artdag_err rc = ARTDAG_OK;
    int part = -1;
    run.path_count = (unit->video ? unit->video->leaves.len + unit->video->files.len : 0) +
                     (unit->audio ? unit->audio->leaves.len + unit->audio->files.len : 0);
    if (unit->video && unit->audio) {
        part = temp_fd();
        job.kind = AD_JOB_AUDIO;
        run.output_fd = part;
        rc = ad_test_media_run(media, &run, ret);
        job.kind = AD_JOB_FILM;
        run.part_fd = part;
    }
    if (rc == ARTDAG_OK) {
        run.output_fd = open(out, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        need(run.output_fd >= 0, out);
        rc = ad_test_media_run(media, &run, ret);
        (void)close(run.output_fd);
    }
    if (part >= 0) {
        (void)close(part);
    }
    return rc;
}

char *ad_test_media_probe(struct ad_test_media *media, const char *path,
                          struct ad_test_result *ret)
{
    struct ad_job job = {.kind = AD_JOB_PROBE, .probe_cid = "bafkreitestinput", .threads = 2};
    int fd = temp_fd();
    struct ad_test_job run = {.job = &job, .paths = &path, .path_count = 1, .output_fd = fd};
    char *text = NULL;
    if (ad_test_media_run(media, &run, ret) == ARTDAG_OK) {
        artdag_error err = {0};
        size_t n = 0;
        text = calloc(1, (size_t)ret->bytes + 1);
        need(text != NULL, "no memory");
        assert_ok(ad_fs_pread_full(fd, text, (size_t)ret->bytes, 0, &n, "test", &err));
        assert_int_equal(n, ret->bytes);
    }
    (void)close(fd);
    return text;
}

int64_t ad_test_json_int(const char *json, const char *name)
{
    char key[80];
    (void)snprintf(key, sizeof(key), "\"%s\":", name);
    const char *found = json ? strstr(json, key) : NULL;
    if (!found) {
        print_error("no %s in %s\n", name, json ? json : "(nothing)");
        fail();
        return 0;
    }
    return strtoll(found + strlen(key), NULL, 10);
}

/* ---- other programs ---- */

static char *shell(const char *command)
{
    struct ad_buf buf = AD_BUF_INIT(16 << 20);
    char chunk[4096];
    size_t n = 0;
    FILE *pipe = popen(command, "re");
    need(pipe != NULL, command);
    while ((n = fread(chunk, 1, sizeof(chunk), pipe)) > 0) {
        (void)ad_buf_append(&buf, chunk, n);
    }
    if (pclose(pipe) != 0) {
        print_error("failed: %s\n", command);
        fail();
    }
    (void)ad_buf_byte(&buf, 0);
    char *text = ad_buf_take(&buf, NULL);
    need(text != NULL, "no memory");
    return text;
}

char *ad_test_shell(const char *fmt, ...)
{
    char *command = NULL;
    va_list args;
    va_start(args, fmt);
    need(vasprintf(&command, fmt, args) >= 0, "no memory");
    va_end(args);
    char *text = shell(command);
    free(command);
    return text;
}

int64_t ad_test_shell_int(const char *fmt, ...)
{
    char *command = NULL;
    va_list args;
    va_start(args, fmt);
    need(vasprintf(&command, fmt, args) >= 0, "no memory");
    va_end(args);
    char *text = shell(command);
    size_t len = strcspn(text, " \t\r\n");
    int64_t n = 0;
    if (!ad_str_to_i64((struct ad_str){text, len}, &n)) {
        print_error("no number: %s gave \"%s\"\n", command, text);
        fail();
    }
    free(command);
    free(text);
    return n;
}
