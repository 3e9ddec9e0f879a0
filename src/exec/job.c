/* SPDX-License-Identifier: MIT
 *
 * One job: a child renders, we feed it. The child can ask for bytes of its own inputs and for nothing else.
 */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/exec_private.h"

#define ROOM AD_EXEC_ROOM
#define TICK_MS 200
/* A child that says nothing at all for this long is stuck: even the slowest frame takes less. */
#define SILENCE_MS ((int64_t)10 * 60 * 1000)
#define MESSAGE_MS 10000 /* from a message's first byte to its last */
#define CLAIM_TTL_MS 30000
#define CLAIM_RENEW_MS 10000
#define WARM_JOBS_MAX 64 /* then a fresh child: memory that libraries lose is bounded */
#define MESSAGE_BYTES_MAX ((size_t)1 << 20)

#define BLOCK_BYTES ((uint64_t)1 << 20) /* as inputs are imported */

struct ad_index_file {
    struct ad_unixfs_file *file;
    bool asked;
};

/* What a job read of its inputs, for who wants to know. */
struct ad_reads {
    uint64_t bytes, blocks;
    uint8_t *seen; /* a bit per block of all inputs, one after the other; NULL = not counted */
    uint64_t *first; /* per input: its first block's number; and one more */
};

struct serving {
    struct ad_exec *exec;
    struct ad_unixfs_file **files;
    const struct ad_cid *inputs; /* what the files are */
    size_t file_count;
    struct ad_index_file *indexes; /* of the files, as far as they were asked for */
    struct ad_reads reads;
    int fd;
    const struct ad_job_watch *watch;
    struct ad_job_result *result;
    struct ad_buf message, block;
    int64_t renewed_ms, heard_ms;
    bool heard;       /* anything at all */
    int64_t progress; /* the last figure told: only a larger one keeps the claim */
};

static uint64_t get_le(const uint8_t *p, unsigned bytes)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < bytes; i++)
        n |= (uint64_t)p[i] << (8 * i);
    return n;
}

/* ---- what the child says ---- */

static enum artdag_err refuse_read(struct serving *s, const artdag_error *why,
                                   artdag_error *err)
{
    struct ad_json_writer w;
    ad_buf_clear(&s->block);
    ad_jw_init(&w, &s->block);
    ad_jw_map_begin(&w);
    ad_jw_key(&w, "code");
    ad_jw_int(&w, why->code);
    ad_jw_key(&w, "message");
    ad_jw_cstr(&w, why->message);
    ad_jw_map_end(&w);
    return ad_frame_send(s->fd, AD_WIRE_NODATA, s->block.data, s->block.len, NULL, 0, err);
}

/* The frame index of an input, opened when it is first asked for; NULL = there is none. */
static struct ad_unixfs_file *index_of(struct serving *s, uint64_t input)
{
    struct ad_index_file *index = &s->indexes[input];
    if (!index->asked) {
        index->asked = true;
        (void)!ad_exec_index_open(s->exec, &s->inputs[input], &index->file, NULL);
    }
    return index->file;
}

static void count_read(struct ad_reads *r, uint64_t input, uint64_t offset, size_t len)
{
    r->bytes += len;
    if (!r->seen || !len)
        return;
    uint64_t last = r->first[input] + (offset + len - 1) / BLOCK_BYTES;
    for (uint64_t b = r->first[input] + offset / BLOCK_BYTES; b <= last; b++) {
        r->blocks += !(r->seen[b / 8] & (1u << (b % 8)));
        r->seen[b / 8] |= (uint8_t)(1u << (b % 8));
    }
}

/* Counted only when somebody listens. */
static void begin_reads(struct serving *s)
{
    struct ad_reads *r = &s->reads;
    if (!ad_log_wants(s->exec->params.log, ARTDAG_LOG_DEBUG))
        return;
    r->first = ad_alloc_array(s->file_count + 1, sizeof(*r->first));
    for (size_t i = 0; r->first && i < s->file_count; i++)
        r->first[i + 1] =
            r->first[i] + (ad_unixfs_size(s->files[i]) + BLOCK_BYTES - 1) / BLOCK_BYTES;
    if (r->first)
        r->seen = ad_alloc(r->first[s->file_count] / 8 + 1);
}

static void tell_reads(struct serving *s)
{
    struct ad_reads *r = &s->reads;
    if (r->seen)
        ad_log_debug(s->exec->params.log, "exec.reads",
                     "read %" PRIu64 " bytes in %" PRIu64 " of %" PRIu64 " blocks", r->bytes,
                     r->blocks, r->first[s->file_count]);
    free(r->seen);
    free(r->first);
}

static enum artdag_err serve_read(struct serving *s, artdag_error *err)
{
    artdag_error why = {0};
    size_t got = 0;
    if (s->message.len != 16)
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM,
                            "the media program sent a broken request");
    uint64_t input = get_le(s->message.data, 4), offset = get_le(s->message.data + 4, 8);
    uint64_t length = get_le(s->message.data + 12, 4);
    bool index = input & AD_WIRE_INDEX;
    input &= ~(uint64_t)AD_WIRE_INDEX;
    if (input >= s->file_count || length > AD_WIRE_READ_MAX)
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM,
                            "the media program asked out of bounds");
    ad_buf_clear(&s->block);
    uint8_t *space = ad_buf_extend(&s->block, (size_t)length);
    if (!space)
        return ad_error_nomem(err, ROOM);
    struct ad_unixfs_file *file = index ? index_of(s, input) : s->files[input];
    if (!file)
        (void)ad_error_set(&why, ARTDAG_E_NOTFOUND, ROOM, "there is no frame index");
    if (!file ||
        ad_unixfs_pread(file, space, (size_t)length, offset, &got, &why) != ARTDAG_OK) {
        if (err && !index)
            *err =
                why; /* the store's own words, should the child fail for want of these bytes */
        return refuse_read(s, &why, NULL);
    }
    if (!index)
        count_read(&s->reads, input, offset, got);
    return ad_frame_send(s->fd, AD_WIRE_DATA, space, got, NULL, 0, err);
}

static enum artdag_err hear_progress(struct serving *s, artdag_error *err)
{
    struct ad_exec *exec = s->exec;
    if (s->message.len != 8)
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM,
                            "the media program sent broken progress");
    int64_t done = (int64_t)get_le(s->message.data, 8);
    if (s->watch->progress)
        s->watch->progress(s->watch->payload, done);
    int64_t now = ad_clock_monotonic_ms();
    if (done > s->progress && s->watch->claim && exec->params.state &&
        now - s->renewed_ms >= CLAIM_RENEW_MS) {
        /* Losing the claim is harmless: whoever took it renders the same bytes. */
        enum artdag_err rc = ad_state_renew_claim(exec->params.state, s->watch->claim,
                                                  s->watch->owner, CLAIM_TTL_MS, NULL);
        if (rc != ARTDAG_OK)
            ad_log_info(exec->params.log, "exec.claim-lost", "a claim could not be renewed");
        s->renewed_ms = now;
    }
    s->progress = done > s->progress ? done : s->progress;
    return ARTDAG_OK;
}

/* What libav mutters about a file is no message of ours: a file that cannot be used ends in FAIL, which
 * says why. It is kept for who asks for more. */
static void hear_log(struct serving *s)
{
    if (s->message.len < 4)
        return;
    uint64_t level = get_le(s->message.data, 4);
    ad_log(s->exec->params.log, level <= ARTDAG_LOG_INFO ? ARTDAG_LOG_INFO : ARTDAG_LOG_DEBUG,
           "media", "%.*s", (int)(s->message.len - 4), (const char *)s->message.data + 4);
}

/* Offsets in the output, ascending: what is not is no reason to fail here, the import refuses it. */
static enum artdag_err hear_cuts(const struct ad_value *root, struct ad_job_result *r,
                                 artdag_error *err)
{
    const struct ad_value *cuts = ad_value_get(root, "cuts");
    for (size_t i = 0; cuts && cuts->kind == AD_VALUE_LIST && i < cuts->list.len; i++) {
        const struct ad_value *cut = cuts->list.items[i];
        if (cut->kind != AD_VALUE_INT || cut->integer < 0)
            return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "a cut is no offset");
        if (!ad_vec_push(&r->cuts, (uint64_t)cut->integer))
            return ad_error_nomem(err, ROOM);
    }
    return ARTDAG_OK;
}

static enum artdag_err hear_done(struct serving *s, artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *root = NULL;
    struct ad_job_result r = {0};
    enum artdag_err rc =
        ad_json_parse(&arena, ad_buf_as_str(&s->message), NULL, NULL, &root, err);
    if (rc == ARTDAG_OK)
        rc = ad_value_i64(root, "bytes", &r.bytes, err);
    if (rc == ARTDAG_OK)
        rc = ad_value_i64(root, "frames", &r.frames, err);
    if (rc == ARTDAG_OK)
        rc = ad_value_i64(root, "samples", &r.samples, err);
    if (rc == ARTDAG_OK)
        rc = hear_cuts(root, &r, err);
    if (rc == ARTDAG_OK) {
        ad_vec_fini(&s->result->cuts);
        *s->result = r;
    } else {
        ad_vec_fini(&r.cuts);
    }
    if (rc != ARTDAG_OK)
        ad_error_prefix(err, rc, "the media program's last message");
    ad_arena_fini(&arena);
    return rc;
}

static void copy_text(char *to, size_t size, struct ad_str from)
{
    size_t len = from.len < size ? from.len : size - 1;
    if (len)
        memcpy(to, from.ptr, len);
    to[len] = 0;
}

static void hear_details(const struct ad_value *root, artdag_error *err)
{
    struct ad_str text = {0};
    int64_t number = 0;
    if (ad_value_str(root, "hint", &text, NULL) == ARTDAG_OK)
        copy_text(err->hint, sizeof(err->hint), text);
    if (ad_value_str(root, "cid", &text, NULL) == ARTDAG_OK)
        copy_text(err->cid, sizeof(err->cid), text);
    if (ad_value_i64(root, "sys", &number, NULL) == ARTDAG_OK)
        err->sys = (int)number;
}

/* The child's error becomes ours, as it said it. */
static enum artdag_err hear_fail(struct serving *s, artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *root = NULL;
    struct ad_str text = {0};
    int64_t number = 0;
    enum artdag_err code = ARTDAG_E_MEDIA;
    char message[sizeof(err->message)] = "it failed without a reason";
    if (ad_json_parse(&arena, ad_buf_as_str(&s->message), NULL, NULL, &root, NULL) ==
        ARTDAG_OK) {
        /* That somebody wants to stop is not for a child to say. */
        if (ad_value_i64(root, "code", &number, NULL) == ARTDAG_OK && number > ARTDAG_OK &&
            number <= ARTDAG_E_INTERNAL && number != ARTDAG_E_CANCELED)
            code = (enum artdag_err)number;
        if (ad_value_str(root, "message", &text, NULL) == ARTDAG_OK)
            copy_text(message, sizeof(message), text);
    }
    ad_error_set(err, code, "media", "%s", message);
    if (err && root)
        hear_details(root, err);
    ad_arena_fini(&arena);
    return code;
}

/* ---- the conversation ---- */

static enum artdag_err hear(struct serving *s, uint32_t type, bool *ret_done, artdag_error *err)
{
    switch (type) {
    case AD_WIRE_READ:
        return serve_read(s, err);
    case AD_WIRE_PROGRESS:
        return hear_progress(s, err);
    case AD_WIRE_LOG:
        hear_log(s);
        return ARTDAG_OK;
    case AD_WIRE_DONE:
        *ret_done = true;
        return hear_done(s, err);
    case AD_WIRE_FAIL:
        return hear_fail(s, err);
    default:
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM,
                            "the media program sent an unknown message %u", type);
    }
}

static int64_t silence_ms(const struct ad_exec *exec)
{
    return exec->params.silence_ms > 0 ? exec->params.silence_ms : SILENCE_MS;
}

/* Waits a little for a message to begin. Only then is it received: giving up in the middle of one would
 * lose its beginning. */
static bool message_begins(const struct serving *s)
{
    struct pollfd p = {.fd = s->fd, .events = POLLIN};
    return poll(&p, 1, TICK_MS) > 0;
}

static enum artdag_err converse(struct serving *s, artdag_error *err)
{
    bool done = false;
    enum artdag_err rc = ARTDAG_OK;
    while (rc == ARTDAG_OK && !done) {
        uint32_t type = 0;
        if (ad_exec_canceled(s->exec))
            return ad_exec_cancel_error(err);
        if (!message_begins(s)) {
            if (ad_clock_monotonic_ms() - s->heard_ms > silence_ms(s->exec))
                return ad_error_set(err, ARTDAG_E_TIMEOUT, ROOM,
                                    "the media program said nothing for %lld s",
                                    (long long)(silence_ms(s->exec) / 1000));
            continue;
        }
        rc = ad_frame_recv(s->fd, MESSAGE_MS, &type, &s->message, NULL, NULL, err);
        if (rc == ARTDAG_E_NOTFOUND || rc == ARTDAG_E_IO)
            return ARTDAG_E_REMOTE; /* the child is gone: its exit tells more */
        if (rc != ARTDAG_OK)
            return ad_error_prefix(err, rc, "the media program");
        s->heard_ms = ad_clock_monotonic_ms();
        s->heard = true;
        rc = hear(s, type, &done, err);
    }
    return rc;
}

static enum artdag_err explain_exit(struct ad_exec *exec, pid_t pid, artdag_error *err)
{
    int status = 0;
    if (!ad_zygote_exit_status(&exec->zygote, pid, &status))
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "the media process vanished");
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM,
                            "the media process used too much CPU time");
    if (WIFSIGNALED(status))
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                            "the media process was killed by signal %d", WTERMSIG(status));
    return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                        "the media process ended with status %d before it was done",
                        WEXITSTATUS(status));
}

static enum artdag_err open_inputs(struct serving *s, struct ad_job *job,
                                   const struct ad_cid *inputs, size_t count, artdag_error *err)
{
    s->files = ad_alloc_array(count + 1, sizeof(struct ad_unixfs_file *));
    s->indexes = ad_alloc_array(count + 1, sizeof(*s->indexes));
    s->inputs = inputs;
    if (!s->files || !s->indexes)
        return ad_error_nomem(err, ROOM);
    for (size_t i = 0; i < count; i++) {
        enum artdag_err rc =
            ad_store_open_file(s->exec->params.store, &inputs[i], &s->files[i], err);
        if (rc != ARTDAG_OK) {
            char text[AD_CID_TEXT_MAX];
            ad_cid_format(&inputs[i], text);
            ad_error_cid(err, text);
            return rc;
        }
        s->file_count++;
        if (!ad_vec_push(&job->sizes, (int64_t)ad_unixfs_size(s->files[i])))
            return ad_error_nomem(err, ROOM);
    }
    return ARTDAG_OK;
}

static void close_inputs(struct serving *s)
{
    for (size_t i = 0; i < s->file_count; i++)
        ad_unixfs_close(s->files[i]);
    for (size_t i = 0; s->indexes && i < s->file_count; i++)
        ad_unixfs_close(s->indexes[i].file);
    free(s->indexes);
    free(s->files);
}

/* A media program that died since it was last used is started once more. */
static enum artdag_err spawn(struct serving *s, int output_fd, int audio_fd, pid_t *ret_pid,
                             artdag_error *err)
{
    struct ad_exec *exec = s->exec;
    enum artdag_err rc = ARTDAG_OK;
    for (int attempt = 0; attempt < 2; attempt++) {
        rc = ad_zygote_start(&exec->zygote, exec->program, err);
        if (rc != ARTDAG_OK)
            return rc;
        rc = ad_zygote_spawn(&exec->zygote, output_fd, audio_fd, &s->fd, ret_pid, err);
        if (rc == ARTDAG_OK)
            return rc;
    }
    return rc;
}

/* ---- a child that is waiting ---- */

void ad_warm_end(struct ad_warm *warm)
{
    if (warm->fd >= 0)
        close(warm->fd); /* it ends by itself then */
    *warm = (struct ad_warm){.fd = -1};
}

/* Its next job brings its next output. One that has gone meanwhile is given up. */
static bool wake(struct serving *s, const struct ad_buf *job, const struct ad_job_io *io,
                 pid_t *ret_pid)
{
    struct ad_warm *warm = io->warm;
    if (!warm || warm->fd < 0)
        return false;
    if (warm->jobs >= WARM_JOBS_MAX || ad_frame_send(warm->fd, AD_WIRE_JOB, job->data, job->len,
                                                     &io->output_fd, 1, NULL) != ARTDAG_OK) {
        ad_warm_end(warm);
        return false;
    }
    s->fd = warm->fd;
    *ret_pid = warm->pid;
    return true;
}

static void keep_warm(struct serving *s, struct ad_warm *warm, pid_t pid)
{
    warm->jobs = warm->fd == s->fd ? warm->jobs + 1 : 1;
    warm->fd = s->fd;
    warm->pid = pid;
}

/* ---- one job ---- */

static enum artdag_err start_fresh(struct serving *s, const struct ad_buf *job,
                                   const struct ad_job_io *io, pid_t *ret_pid,
                                   artdag_error *err)
{
    enum artdag_err rc = spawn(s, io->output_fd, io->audio_fd, ret_pid, err);
    if (rc == ARTDAG_OK &&
        ad_frame_send(s->fd, AD_WIRE_JOB, job->data, job->len, NULL, 0, err) != ARTDAG_OK)
        rc = ARTDAG_E_REMOTE;
    return rc;
}

static enum artdag_err talk(struct serving *s, const struct ad_buf *job,
                            const struct ad_job_io *io, pid_t *ret_pid, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    bool woken = wake(s, job, io, ret_pid);
    s->heard_ms = s->renewed_ms = ad_clock_monotonic_ms();
    if (woken)
        rc = converse(s, err);
    if (woken && rc == ARTDAG_E_REMOTE && !s->heard) {
        ad_warm_end(io->warm);
        woken = false;
    }
    if (woken)
        return rc;
    s->fd = -1;
    rc = start_fresh(s, job, io, ret_pid, err);
    s->heard_ms = s->renewed_ms = ad_clock_monotonic_ms();
    return rc == ARTDAG_OK ? converse(s, err) : rc;
}

static enum artdag_err run_child(struct serving *s, const struct ad_job *job,
                                 const struct ad_job_io *io, artdag_error *err)
{
    struct ad_exec *exec = s->exec;
    struct ad_buf text = AD_BUF_INIT((size_t)1 << 30);
    pid_t pid = 0;
    enum artdag_err rc = ad_job_to_json(job, &text, err);
    if (rc == ARTDAG_OK)
        rc = talk(s, &text, io, &pid, err);
    if (s->fd < 0)
        goto out;
    if (rc == ARTDAG_E_REMOTE)
        rc = explain_exit(exec, pid, err);
    else if (rc != ARTDAG_OK)
        ad_zygote_kill(&exec->zygote, pid);
    if (rc == ARTDAG_OK && io->warm) {
        keep_warm(s, io->warm, pid);
        goto out;
    }
    if (io->warm && io->warm->fd == s->fd)
        io->warm->fd = -1;
    close(s->fd);
out:
    ad_buf_fini(&text);
    return rc;
}

enum artdag_err ad_exec_job(struct ad_exec *exec, struct ad_job *job,
                            const struct ad_job_io *io, const struct ad_job_watch *watch,
                            struct ad_job_result *ret, artdag_error *err)
{
    struct serving s = {
        .exec = exec,
        .fd = -1,
        .watch = watch,
        .result = ret,
        .message = AD_BUF_INIT(MESSAGE_BYTES_MAX),
        .block = AD_BUF_INIT(AD_WIRE_READ_MAX + 4096),
    };
    job->cpu_flags = exec->cpu_flags;
    enum artdag_err rc = open_inputs(&s, job, io->inputs, io->input_count, err);
    begin_reads(&s);
    if (rc == ARTDAG_OK)
        rc = run_child(&s, job, io, err);
    tell_reads(&s);
    close_inputs(&s);
    ad_vec_fini(&job->sizes);
    ad_buf_fini(&s.message);
    ad_buf_fini(&s.block);
    return rc;
}
