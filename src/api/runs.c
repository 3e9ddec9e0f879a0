/* SPDX-License-Identifier: MIT
 *
 * runs: what this site did, as JSON for people and machines.
 */
#include <string.h>

#include "api/api.h"
#include "doc/doc.h"

#define ROOM "api"

static const char *run_status_name(enum ad_run_status status)
{
    static const char *const names[] = {
        [AD_RUN_RUNNING] = "running",
        [AD_RUN_DONE] = "done",
        [AD_RUN_FAILED] = "failed",
        [AD_RUN_CANCELED] = "canceled",
    };
    return names[status];
}

static const char *step_status_name(enum ad_step_status status)
{
    static const char *const names[] = {
        [AD_STEP_CACHED] = "cached",
        [AD_STEP_EXECUTED] = "executed",
        [AD_STEP_FAILED] = "failed",
        [AD_STEP_SKIPPED] = "skipped",
    };
    return names[status];
}

/* What is being written, and what is looked for. */
struct run_list {
    struct ad_state *state;
    struct ad_json_writer w;
    const char *prefix; /* NULL = all */
    bool found;
    int64_t seq; /* of the one found */
};

static enum artdag_err write_step(void *payload, const struct ad_step_record *step,
                                  artdag_error *err)
{
    struct ad_json_writer *w = payload;
    char id[ARTDAG_ID_TEXT_BYTES];
    (void)err;
    ad_hex_format(step->cache_id.bytes, AD_ID_BYTES, id);
    ad_jw_map_begin(w);
    ad_jw_key(w, "cache_id");
    ad_jw_cstr(w, id);
    ad_jw_key(w, "elapsed");
    ad_jw_double(w, (double)step->elapsed_ms / 1000);
    ad_jw_key(w, "frames");
    ad_jw_int(w, step->frames);
    ad_jw_key(w, "name");
    ad_jw_cstr(w, step->name);
    ad_jw_key(w, "node_type");
    ad_jw_cstr(w, step->node_type);
    ad_jw_key(w, "output_cid");
    ad_jw_cstr(w, step->output_cid);
    ad_jw_key(w, "status");
    ad_jw_cstr(w, step_status_name(step->status));
    ad_jw_map_end(w);
    return ARTDAG_OK;
}

static void write_counts(struct ad_json_writer *w, const struct ad_run_record *run)
{
    ad_jw_map_begin(w);
    ad_jw_key(w, "cached");
    ad_jw_int(w, run->steps_cached);
    ad_jw_key(w, "executed");
    ad_jw_int(w, run->steps_executed);
    ad_jw_key(w, "total");
    ad_jw_int(w, run->steps_total);
    ad_jw_map_end(w);
}

/* With a prefix the map stays open: its steps are asked for once this query has ended. */
static enum artdag_err write_run(void *payload, const struct ad_run_record *run,
                                 artdag_error *err)
{
    struct run_list *list = payload;
    struct ad_json_writer *w = &list->w;
    char id[ARTDAG_ID_TEXT_BYTES];
    (void)err;
    ad_hex_format(run->run_id.bytes, AD_ID_BYTES, id);
    if (list->prefix && (list->found || strncmp(id, list->prefix, strlen(list->prefix)) != 0))
        return ARTDAG_OK;
    list->found = true;
    list->seq = run->seq;
    ad_jw_map_begin(w);
    ad_jw_key(w, "elapsed");
    ad_jw_double(w, run->ended_ms > 0 ? (double)(run->ended_ms - run->started_ms) / 1000 : 0);
    ad_jw_key(w, "error");
    ad_jw_cstr(w, run->error);
    ad_jw_key(w, "output_cid");
    ad_jw_cstr(w, run->output_cid);
    ad_jw_key(w, "plan_cid");
    ad_jw_cstr(w, run->plan_cid);
    ad_jw_key(w, "recipe_cid");
    ad_jw_cstr(w, run->recipe_cid);
    ad_jw_key(w, "recipe_name");
    ad_jw_cstr(w, run->recipe_name);
    ad_jw_key(w, "run_id");
    ad_jw_cstr(w, id);
    ad_jw_key(w, "started_ms");
    ad_jw_int(w, run->started_ms);
    ad_jw_key(w, "status");
    ad_jw_cstr(w, run_status_name(run->status));
    ad_jw_key(w, "step_counts");
    write_counts(w, run);
    if (!list->prefix)
        ad_jw_map_end(w);
    return ARTDAG_OK;
}

static enum artdag_err write_steps(struct run_list *list, artdag_error *err)
{
    ad_jw_key(&list->w, "steps");
    ad_jw_list_begin(&list->w);
    enum artdag_err rc =
        ad_state_steps_of_run(list->state, list->seq, write_step, &list->w, err);
    ad_jw_list_end(&list->w);
    ad_jw_map_end(&list->w);
    return rc;
}

enum artdag_err artdag_runs(artdag_site *site, const char *run, size_t limit, char **ret_json,
                            artdag_error *err)
{
    struct ad_buf json = AD_BUF_INIT(AD_DOC_BYTES_MAX);
    if (!site || !ret_json)
        return ad_api_misuse(err, __func__, "site or ret_json is NULL");
    struct run_list list = {.state = ad_site_state(site->inner), .prefix = run};
    ad_jw_init(&list.w, &json);
    if (!run)
        ad_jw_list_begin(&list.w);
    enum artdag_err rc = ad_state_runs(list.state, run ? 0 : limit, write_run, &list, err);
    if (!run)
        ad_jw_list_end(&list.w);
    if (rc == ARTDAG_OK && run && !list.found) {
        rc = ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "no run \"%s\" is known here", run);
        ad_error_hint(err, "`artdag runs` lists them");
    }
    if (rc == ARTDAG_OK && run)
        rc = write_steps(&list, err);
    if (rc == ARTDAG_OK)
        return ad_api_take(&json, ret_json, err);
    ad_buf_fini(&json);
    return rc;
}
