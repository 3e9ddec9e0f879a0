/* SPDX-License-Identifier: MIT
 *
 * Jobs whose result is read here and now, not stored as it is: what a medium is, and what is in it.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "exec/exec_private.h"

#define ROOM AD_EXEC_ROOM
#define DOCUMENT_BYTES_MAX ((int64_t)512 << 20)

/* The file's bytes replace buf's content. */
static enum artdag_err read_back(int fd, int64_t bytes, struct ad_buf *buf, artdag_error *err)
{
    size_t got = 0;
    if (bytes < 0 || bytes > DOCUMENT_BYTES_MAX || (uint64_t)bytes > buf->max)
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "the analysis is too large");
    ad_buf_clear(buf);
    if (bytes == 0)
        return ARTDAG_OK;
    uint8_t *space = ad_buf_extend(buf, (size_t)bytes);
    if (!space)
        return ad_error_nomem(err, ROOM);
    enum artdag_err rc = ad_fs_pread_full(fd, space, (size_t)bytes, 0, &got, ROOM, err);
    if (rc == ARTDAG_OK && got != (size_t)bytes)
        rc =
            ad_error_set(err, ARTDAG_E_INTERNAL, ROOM, "the analysis is shorter than reported");
    return rc;
}

static int64_t size_of(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 ? (int64_t)st.st_size : -1;
}

/* Runs a job over its inputs; what it writes replaces the content of document, and of beside unless that is NULL. */
static enum artdag_err run(struct ad_exec *exec, struct ad_job *job, struct ad_job_io *io,
                           const struct ad_job_watch *watch, struct ad_buf *document,
                           struct ad_buf *beside, artdag_error *err)
{
    struct ad_job_result result = {0};
    io->output_fd = io->audio_fd = -1;
    enum artdag_err rc = ad_exec_temp(exec, &io->output_fd, err);
    if (rc == ARTDAG_OK && beside)
        rc = ad_exec_temp(exec, &io->audio_fd, err);
    if (rc == ARTDAG_OK)
        rc = ad_exec_job(exec, job, io, watch, &result, err);
    if (rc == ARTDAG_OK)
        rc = read_back(io->output_fd, result.bytes, document, err);
    if (rc == ARTDAG_OK && beside)
        rc = read_back(io->audio_fd, size_of(io->audio_fd), beside, err);
    if (io->output_fd >= 0)
        close(io->output_fd);
    if (io->audio_fd >= 0)
        close(io->audio_fd);
    return rc;
}

enum artdag_err ad_exec_probe(struct ad_exec *exec, const struct ad_cid *cid,
                              struct ad_buf *buf, struct ad_buf *index, artdag_error *err)
{
    char text[AD_CID_TEXT_MAX];
    struct ad_job job = {.kind = AD_JOB_PROBE, .probe_cid = text, .threads = 1};
    struct ad_job_watch watch = {0};
    struct ad_job_io io = {.inputs = cid, .input_count = 1};
    ad_cid_format(cid, text);
    return run(exec, &job, &io, &watch, buf, index, err);
}

enum artdag_err ad_exec_features(struct ad_exec *exec, const struct ad_exec_study *call,
                                 artdag_error *err)
{
    char text[AD_CID_TEXT_MAX];
    struct ad_job job = {.kind = AD_JOB_FEATURES,
                         .study = call->study,
                         .threads = call->threads ? call->threads : 1};
    struct ad_job_watch watch = {.progress = call->progress, .payload = call->payload};
    struct ad_job_io io = {.inputs = call->cid, .input_count = 1};
    bool sheet = call->study.features & AD_FEATURE_BIT(AD_FEATURE_CONTACT_SHEET);
    ad_cid_format(call->cid, text);
    job.study.cid = text;
    return run(exec, &job, &io, &watch, call->json, sheet ? call->sheet : NULL, err);
}

enum artdag_err ad_exec_plot(struct ad_exec *exec, const struct ad_exec_plot *call,
                             artdag_error *err)
{
    char text[AD_CID_TEXT_MAX];
    struct ad_cid inputs[3] = {*call->document};
    struct ad_job job = {.kind = AD_JOB_PLOT, .study = call->study, .threads = 1};
    struct ad_job_watch watch = {0};
    struct ad_job_io io = {.inputs = inputs, .input_count = 1};
    job.study.features = 0;
    if (call->medium) {
        inputs[io.input_count++] = *call->medium;
        job.study.features |= AD_FEATURE_BIT(AD_FEATURE_ENERGY);
    }
    if (call->sheet) {
        inputs[io.input_count++] = *call->sheet;
        job.study.features |= AD_FEATURE_BIT(AD_FEATURE_CONTACT_SHEET);
    }
    ad_cid_format(call->medium ? call->medium : call->document, text);
    job.study.cid = text;
    return run(exec, &job, &io, &watch, call->png, NULL, err);
}
