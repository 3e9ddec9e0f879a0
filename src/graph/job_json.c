/* SPDX-License-Identifier: MIT
 *
 * The job document that artdag sends a media process: canonical JSON, read strictly.
 */
#include <string.h>

#include "graph/arena_vec.h"
#include "graph/json.h"

static const char *const kind_names[] = {
    [AD_JOB_PROBE] = "probe", [AD_JOB_AUDIO] = "audio",
    [AD_JOB_FILM] = "film",   [AD_JOB_PART] = "part",
    [AD_JOB_JOIN] = "join",   [AD_JOB_FEATURES] = "features",
    [AD_JOB_PLOT] = "plot",   NULL};

static bool has_study(enum ad_job_kind kind)
{
    return kind == AD_JOB_FEATURES || kind == AD_JOB_PLOT;
}

/* Kinds that render nothing have no unit. */
static bool has_unit(enum ad_job_kind kind)
{
    return kind != AD_JOB_PROBE && !has_study(kind);
}

static void write_nullable(struct ad_json_writer *w, const char *key, const char *text)
{
    ad_jw_key(w, key);
    if (text)
        ad_jw_cstr(w, text);
    else
        ad_jw_null(w);
}

static void write_numbers(struct ad_json_writer *w, const char *key, const int64_t *items,
                          size_t len)
{
    ad_jw_key(w, key);
    ad_jw_list_begin(w);
    for (size_t i = 0; i < len; i++)
        ad_jw_int(w, items[i]);
    ad_jw_list_end(w);
}

enum artdag_err ad_job_to_json(const struct ad_job *job, struct ad_buf *buf, artdag_error *err)
{
    enum artdag_err rc = ad_job_check(job, err);
    if (rc)
        return rc;
    struct ad_json_writer w;
    ad_jw_init(&w, buf);
    ad_jw_map_begin(&w);
    write_nullable(&w, "cpu_flags", job->cpu_flags);
    write_nullable(&w, "kind", kind_names[job->kind]);
    write_nullable(&w, "probe_cid", job->kind == AD_JOB_PROBE ? job->probe_cid : NULL);
    write_numbers(&w, "sizes", job->sizes.items, job->sizes.len);
    write_numbers(&w, "spans", job->spans.items, job->spans.len);
    ad_jw_key(&w, "study");
    if (has_study(job->kind))
        ad_study_write(&job->study, &w);
    else
        ad_jw_null(&w);
    ad_jw_key(&w, "threads");
    ad_jw_int(&w, job->threads);
    ad_jw_key(&w, "unit");
    if (has_unit(job->kind))
        ad_unit_write(&job->unit, &w);
    else
        ad_jw_null(&w);
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

/* A list of integers, appended one by one with add. */
static enum artdag_err read_numbers(struct ad_arena *arena, const struct ad_value *root,
                                    const char *key,
                                    bool (*add)(struct ad_arena *, struct ad_job *, int64_t),
                                    struct ad_job *job, artdag_error *err)
{
    const struct ad_value *list = NULL;
    enum artdag_err rc = ad_value_list(root, key, &list, err);
    for (size_t i = 0; !rc && i < list->list.len; i++) {
        const struct ad_value *number = list->list.items[i];
        if (number->kind != AD_VALUE_INT)
            rc = ad_error_set(err, ARTDAG_E_FORMAT, "graph", "%s holds no integer", key);
        else if (!add(arena, job, number->integer))
            rc = ad_error_nomem(err, "graph");
    }
    return rc;
}

static bool add_size(struct ad_arena *arena, struct ad_job *job, int64_t n)
{
    return ad_arena_vec_push(arena, &job->sizes, n);
}

static bool add_span(struct ad_arena *arena, struct ad_job *job, int64_t n)
{
    return ad_arena_vec_push(arena, &job->spans, n);
}

/* The unit or the study. */
static enum artdag_err read_work(struct ad_arena *arena, const struct ad_value *root,
                                 struct ad_job *job, artdag_error *err)
{
    const struct ad_value *unit = ad_value_get(root, "unit");
    if (has_unit(job->kind) != (unit->kind != AD_VALUE_NULL))
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                            "the unit does not fit the kind of job");
    if (has_unit(job->kind))
        return ad_unit_read(arena, unit, &job->unit, err);
    return has_study(job->kind)
               ? ad_study_read(arena, ad_value_get(root, "study"), &job->study, err)
               : ARTDAG_OK;
}

enum artdag_err ad_job_from_json(struct ad_arena *arena, struct ad_str json, struct ad_job *ret,
                                 artdag_error *err)
{
    static const struct ad_doc_limits limits = {256u << 20, 20000000, 16};
    static const char *const keys[] = {"cpu_flags", "kind",    "probe_cid", "sizes", "spans",
                                       "study",     "threads", "unit",      NULL};
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
        rc = read_numbers(arena, root, "sizes", add_size, &job, err);
    if (!rc)
        rc = read_numbers(arena, root, "spans", add_span, &job, err);
    if (!rc)
        rc = ad_value_i64(root, "threads", &job.threads, err);
    if (!rc)
        rc = read_work(arena, root, &job, err);
    if (!rc)
        rc = ad_job_check(&job, err);
    if (!rc)
        *ret = job;
    return rc;
}
