/* SPDX-License-Identifier: MIT
 *
 * A child's life: job in, result out.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/compat.h"
#include "media/log.h"
#include "media/media.h"

#define ROOM "media"
#define JOB_BYTES_MAX ((size_t)256 << 20)
#define ALLOC_MAX ((size_t)2 << 30)
#define BLOCK_MAX (32 << 20)
#define KEPT_BYTES (256 << 20)

/* SIMD in floating point differs from CPU to CPU, so sound never uses it; pictures use integer code that does not differ. */
static enum artdag_err set_cpu(const struct ad_job *job, artdag_error *err)
{
    bool sound_only =
        job->kind == AD_JOB_AUDIO || (job->unit.audio && !job->unit.video) ||
        job->kind == AD_JOB_PLOT ||
        (job->kind == AD_JOB_FEATURES && (job->study.features & AD_FEATURES_AUDIO));
    unsigned flags = (unsigned)av_get_cpu_flags();
    if (job->cpu_flags && av_parse_cpu_caps(&flags, job->cpu_flags) < 0) {
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "unknown CPU flags \"%.60s\"",
                            job->cpu_flags);
    }
    if (sound_only) {
        av_force_cpu_flags(0);
    } else if (job->cpu_flags) {
        /* Only down: flags that the CPU lacks would crash. */
        av_force_cpu_flags((int)flags & av_get_cpu_flags());
    }
    return ARTDAG_OK;
}

static enum artdag_err run_job(struct ad_child *child, const struct ad_job *job,
                               struct ad_done *ret, artdag_error *err)
{
    enum artdag_err rc = set_cpu(job, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    switch (job->kind) {
    case AD_JOB_PROBE:
        return ad_job_probe(child, job, ret, err);
    case AD_JOB_AUDIO:
        return ad_job_audio(child, job, ret, err);
    case AD_JOB_FILM:
        return ad_job_film(child, job, ret, err);
    case AD_JOB_PART:
        return ad_job_part(child, job, ret, err);
    case AD_JOB_JOIN:
        return ad_job_join(child, job, ret, err);
    case AD_JOB_FEATURES:
        return ad_job_features(child, job, ret, err);
    case AD_JOB_PLOT:
        return ad_job_plot(child, job, ret, err);
    }
    return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "unknown kind of job");
}

/* A job after the first brings the descriptor of its own output. */
static enum artdag_err take_output(struct ad_child *child, int *fds, size_t count,
                                   artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    if (count > 0 && dup2(fds[0], child->output_fd) < 0) {
        rc = ad_error_errno(err, errno, ROOM, "cannot take the output");
    }
    for (size_t i = 0; i < count; i++) {
        (void)close(fds[i]);
    }
    return rc;
}

/* NOTFOUND = the parent closed instead: there is no further job. */
static enum artdag_err receive_job(struct ad_child *child, struct ad_arena *arena,
                                   struct ad_job *ret, artdag_error *err)
{
    struct ad_buf buf = AD_BUF_INIT(JOB_BYTES_MAX);
    int fds[AD_FRAME_FDS_MAX];
    size_t count = 0;
    uint32_t type = 0;
    enum artdag_err rc = ad_frame_recv(child->conn.fd, -1, &type, &buf, fds, &count, err);
    if (rc == ARTDAG_OK) {
        rc = take_output(child, fds, count, err);
    }
    if (rc == ARTDAG_OK && type != AD_WIRE_JOB) {
        rc = ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "message %u is no job", type);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_job_from_json(arena, ad_buf_as_str(&buf), ret, err);
    }
    ad_buf_fini(&buf);
    return rc;
}

static void report(struct ad_child *child, const struct ad_done *done, enum artdag_err rc,
                   const artdag_error *error)
{
    struct ad_buf buf = AD_BUF_INIT(64 << 20); /* a join of many spans has many cuts */
    struct ad_json_writer w;
    ad_jw_init(&w, &buf);
    ad_jw_map_begin(&w);
    if (rc == ARTDAG_OK) {
        ad_jw_key(&w, "bytes");
        ad_jw_int(&w, done->bytes);
        ad_jw_key(&w, "cuts");
        ad_jw_list_begin(&w);
        for (size_t i = 0; i < done->cuts.len; i++) {
            ad_jw_int(&w, done->cuts.items[i]);
        }
        ad_jw_list_end(&w);
        ad_jw_key(&w, "decode_errors");
        ad_jw_int(&w, done->decode_errors);
        ad_jw_key(&w, "frames");
        ad_jw_int(&w, done->frames);
        ad_jw_key(&w, "samples");
        ad_jw_int(&w, done->samples);
    } else {
        ad_jw_key(&w, "cid");
        ad_jw_cstr(&w, error->cid);
        ad_jw_key(&w, "code");
        ad_jw_int(&w, rc);
        ad_jw_key(&w, "hint");
        ad_jw_cstr(&w, error->hint);
        ad_jw_key(&w, "message");
        ad_jw_cstr(&w, error->message);
        ad_jw_key(&w, "sys");
        ad_jw_int(&w, error->sys);
    }
    ad_jw_map_end(&w);
    atomic_store(&child->conn.finished, true);
    (void)ad_conn_send(&child->conn, rc == ARTDAG_OK ? AD_WIRE_DONE : AD_WIRE_FAIL, buf.data,
                       buf.len, NULL);
    ad_buf_fini(&buf);
}

/* One job, the first or a further one. False = it was the last: only a child that rendered a span waits for the next. */
static bool serve(struct ad_child *child, bool first)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_job job = {0};
    struct ad_done done = {0};
    artdag_error error = {0};
    enum artdag_err rc = receive_job(child, &arena, &job, &error);
    bool over = rc == ARTDAG_E_NOTFOUND && !first;
    bool span = rc == ARTDAG_OK && job.kind == AD_JOB_PART && job.unit.video;
    if (rc == ARTDAG_OK && !first && !span) {
        rc = ad_error_set(&error, ARTDAG_E_FORMAT, ROOM, "only spans follow each other");
    }
    if (!over) {
        ad_conn_begin(&child->conn);
        ad_media_log_start(&child->conn);
        if (rc == ARTDAG_OK && first) {
            rc = ad_conn_watch(&child->conn, &error);
        }
        if (rc == ARTDAG_OK) {
            rc = run_job(child, &job, &done, &error);
        }
        ad_media_log_stop();
        report(child, &done, rc, &error);
    }
    ad_vec_fini(&done.cuts);
    ad_arena_fini(&arena);
    return !over && span && rc == ARTDAG_OK;
}

/* Encoders and decoders come and go: their memory is for the next ones, instead of the kernel's to clear again. */
static void keep_memory(void)
{
#ifdef M_MMAP_THRESHOLD
    (void)mallopt(M_MMAP_THRESHOLD, BLOCK_MAX);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
#endif
}

int ad_child_main(int socket, int output_fd, int part_fd)
{
    static struct ad_child child; /* the watcher looks at it until the process is gone */
    bool first = true;
    child.output_fd = output_fd;
    child.part_fd = part_fd;
    ad_conn_init(&child.conn, socket);
    av_max_alloc(ALLOC_MAX);
    keep_memory();
    while (serve(&child, first)) {
        first = false;
    }
    ad_pool_fini(&child.pool);
    return 0;
}
