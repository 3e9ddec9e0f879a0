/* SPDX-License-Identifier: MIT
 *
 * The job document that artdag sends a media process: canonical JSON, read strictly.
 */
#include <string.h>

#include "graph/arena_vec.h"
#include "graph/json.h"

static const char *const kind_names[] = {
    [AD_JOB_PROBE] = "probe", [AD_JOB_AUDIO] = "audio", [AD_JOB_FILM] = "film", NULL};

static void write_nullable(struct ad_json_writer *w, const char *key, const char *text)
{
    ad_jw_key(w, key);
    if (text)
        ad_jw_cstr(w, text);
    else
        ad_jw_null(w);
}

static size_t leaf_count(const struct ad_unit *unit)
{
    return (unit->video ? unit->video->leaves.len : 0) +
           (unit->audio ? unit->audio->leaves.len : 0);
}

/* What both directions insist on, beyond the unit's own check. */
static enum artdag_err check_job(const struct ad_job *job, artdag_error *err)
{
    size_t inputs = job->kind == AD_JOB_PROBE ? 1 : leaf_count(&job->unit);
    if (job->sizes.len != inputs)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                            "the job has %zu sizes for %zu inputs", job->sizes.len, inputs);
    for (size_t i = 0; i < inputs; i++) {
        if (job->sizes.items[i] < 0)
            return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "an input's size is negative");
    }
    if (job->threads < 1 || job->threads > 256)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "the job asks for %lld threads",
                            (long long)job->threads);
    if (job->kind == AD_JOB_PROBE && !job->probe_cid)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "a probe without a CID");
    if (job->kind == AD_JOB_AUDIO && !job->unit.audio)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                            "an audio job without an audio graph");
    return ARTDAG_OK;
}

enum artdag_err ad_job_to_json(const struct ad_job *job, struct ad_buf *buf, artdag_error *err)
{
    bool probe = job->kind == AD_JOB_PROBE;
    enum artdag_err rc = probe ? ARTDAG_OK : ad_unit_check(&job->unit, err);
    if (!rc)
        rc = check_job(job, err);
    if (rc)
        return rc;
    struct ad_json_writer w;
    ad_jw_init(&w, buf);
    ad_jw_map_begin(&w);
    write_nullable(&w, "cpu_flags", job->cpu_flags);
    write_nullable(&w, "kind", kind_names[job->kind]);
    write_nullable(&w, "probe_cid", probe ? job->probe_cid : NULL);
    ad_jw_key(&w, "sizes");
    ad_jw_list_begin(&w);
    for (size_t i = 0; i < job->sizes.len; i++)
        ad_jw_int(&w, job->sizes.items[i]);
    ad_jw_list_end(&w);
    ad_jw_key(&w, "threads");
    ad_jw_int(&w, job->threads);
    ad_jw_key(&w, "unit");
    if (probe)
        ad_jw_null(&w);
    else
        ad_unit_write(&job->unit, &w);
    ad_jw_map_end(&w);
    rc = ad_buf_status(buf);
    if (rc == ARTDAG_E_NOMEM)
        return ad_error_nomem(err, "graph");
    return rc ? ad_error_set(err, rc, "graph", "the job is larger than %zu bytes", buf->max)
              : ARTDAG_OK;
}

static enum artdag_err read_kind(const struct ad_value *root, enum ad_job_kind *ret,
                                 artdag_error *err)
{
    struct ad_str name = {0};
    enum artdag_err rc = ad_value_str(root, "kind", &name, err);
    if (rc)
        return rc;
    for (int i = 0; kind_names[i]; i++) {
        if (ad_str_is(name, kind_names[i])) {
            *ret = (enum ad_job_kind)i;
            return ARTDAG_OK;
        }
    }
    return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "unknown kind of job");
}

static enum artdag_err read_sizes(struct ad_arena *arena, const struct ad_value *root,
                                  struct ad_job *job, artdag_error *err)
{
    const struct ad_value *list = NULL;
    enum artdag_err rc = ad_value_list(root, "sizes", &list, err);
    for (size_t i = 0; !rc && i < list->list.len; i++) {
        const struct ad_value *size = list->list.items[i];
        if (size->kind != AD_VALUE_INT)
            rc = ad_error_set(err, ARTDAG_E_FORMAT, "graph", "an input's size is no integer");
        else if (!ad_arena_vec_push(arena, &job->sizes, size->integer))
            rc = ad_error_nomem(err, "graph");
    }
    return rc;
}

enum artdag_err ad_job_from_json(struct ad_arena *arena, struct ad_str json, struct ad_job *ret,
                                 artdag_error *err)
{
    static const struct ad_doc_limits limits = {256u << 20, 20000000, 16};
    static const char *const keys[] = {"cpu_flags", "kind", "probe_cid", "sizes",
                                       "threads",   "unit", NULL};
    const struct ad_value *root = NULL;
    struct ad_job job = {0};
    enum artdag_err rc = ad_json_parse(arena, json, NULL, &limits, &root, err);
    if (!rc)
        rc = ad_graph_json_keys(root, keys, "the job", err);
    if (!rc)
        rc = ad_graph_json_text(arena, root, "cpu_flags", true, &job.cpu_flags, err);
    if (!rc)
        rc = read_kind(root, &job.kind, err);
    if (!rc)
        rc = ad_graph_json_text(arena, root, "probe_cid", true, &job.probe_cid, err);
    if (!rc)
        rc = read_sizes(arena, root, &job, err);
    if (!rc)
        rc = ad_value_i64(root, "threads", &job.threads, err);
    const struct ad_value *unit = ad_value_get(root, "unit");
    if (!rc && (job.kind == AD_JOB_PROBE) != (unit->kind == AD_VALUE_NULL))
        rc = ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                          "the unit does not fit the kind of job");
    if (!rc && job.kind != AD_JOB_PROBE)
        rc = ad_unit_read(arena, unit, &job.unit, err);
    if (!rc)
        rc = check_job(&job, err);
    if (!rc)
        *ret = job;
    return rc;
}
