/* SPDX-License-Identifier: MIT
 *
 * The FEATURES job: everything that is asked of one stream, in one decoding.
 */
#include "media/study.h"

#define ROOM "media"
#define DOCUMENT_BYTES_MAX ((size_t)512 << 20)

enum artdag_err ad_job_features(struct ad_child *child, const struct ad_job *job,
                                struct ad_done *ret, artdag_error *err)
{
    bool sound = job->study.features & AD_FEATURES_AUDIO;
    struct ad_buf json = AD_BUF_INIT(DOCUMENT_BYTES_MAX);
    struct ad_done done = {0};
    enum artdag_err rc = sound ? ad_features_audio(child, job, &json, &done, err)
                               : ad_features_video(child, job, &json, &done, err);
    if (rc == ARTDAG_OK && ad_buf_status(&json) != ARTDAG_OK) {
        rc = ad_error_nomem(err, ROOM);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_fs_write_full(child->output_fd, json.data, json.len, ROOM, err);
    }
    if (rc == ARTDAG_OK) {
        done.bytes = (int64_t)json.len;
        *ret = done;
    } else {
        ad_error_cid(err, job->study.cid);
    }
    ad_buf_fini(&json);
    return rc;
}
