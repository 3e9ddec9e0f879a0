/* SPDX-License-Identifier: MIT
 *
 * execute: prune, lower, run, record.
 */
#include <string.h>

#include "pipeline/site.h"

#define ROOM "pipeline"

/* One execution of one plan. */
struct execution {
    struct ad_site *site;
    const struct ad_plan *plan;
    char **cids;         /* per step: output CID text once known */
    enum ad_need *need;  /* per step */
    int64_t *elapsed_ms; /* per step: time of its tasks */
    bool *failed;        /* per step */
    bool *executed;      /* per step: a unit that was rendered contains it */
    struct ad_shape *shape;
    struct ad_lowering *lowering;
    bool *known; /* per task, of a dry run */
    const struct ad_execute_request *request;
};

static enum artdag_err remember(struct execution *x, uint32_t step, const struct ad_cid *cid,
                                artdag_error *err)
{
    char text[AD_CID_TEXT_MAX];
    ad_cid_format(cid, text);
    x->cids[step] = ad_strdup(text);
    return x->cids[step] ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

/* Answers the planner: which of these steps are cache hits whose bytes are here? */
static enum artdag_err look_up(void *payload, const uint32_t *steps, size_t count,
                               bool *ret_known, artdag_error *err)
{
    struct execution *x = payload;
    enum artdag_err rc = ARTDAG_OK;
    struct ad_id *ids = ad_alloc_array(count, sizeof(*ids));
    struct ad_cid *cids = ad_alloc_array(count, sizeof(*cids));
    if (!ids || !cids) {
        rc = ad_error_nomem(err, ROOM);
        goto out;
    }
    for (size_t i = 0; i < count; i++)
        ids[i] = ad_id_of(&x->plan->steps[steps[i]].cache_id);
    rc = ad_state_get_many(x->site->state, AD_STATE_STEP, ids, count, cids, ret_known, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++) {
        if (!ret_known[i] || x->cids[steps[i]])
            continue;
        rc = ad_lease_hold(x->site->lease, &cids[i], &ret_known[i], err);
        if (rc == ARTDAG_OK && !ret_known[i] && !ad_state_is_shared(x->site->state))
            rc = ad_state_forget(x->site->state, AD_STATE_STEP, &ids[i], err);
        else if (rc == ARTDAG_OK && ret_known[i])
            rc = remember(x, steps[i], &cids[i], err);
    }
out:
    free(ids);
    free(cids);
    return rc;
}

static void on_event(void *payload, const struct ad_exec_event *event)
{
    struct execution *x = payload;
    if (event->kind == AD_EXEC_TASK_DONE || event->kind == AD_EXEC_TASK_FAILED)
        x->elapsed_ms[event->step] += event->elapsed_ms;
    if (event->kind == AD_EXEC_TASK_FAILED)
        x->failed[event->step] = true;
    if (x->request->event)
        x->request->event(x->request->payload, event);
}

static enum artdag_err prepare(struct execution *x, artdag_error *err)
{
    size_t count = x->plan->step_count;
    x->cids = ad_alloc_array(count, sizeof(*x->cids));
    x->need = ad_alloc_array(count, sizeof(*x->need));
    x->elapsed_ms = ad_alloc_array(count, sizeof(*x->elapsed_ms));
    x->failed = ad_alloc_array(count, sizeof(*x->failed));
    x->executed = ad_alloc_array(count, sizeof(*x->executed));
    if (!x->cids || !x->need || !x->elapsed_ms || !x->failed || !x->executed)
        return ad_error_nomem(err, ROOM);
    enum artdag_err rc = ARTDAG_OK;
    for (uint32_t i = 0; rc == ARTDAG_OK && i < count; i++)
        if (ad_step_is_source(&x->plan->steps[i]))
            rc = remember(x, i, &x->plan->inputs[x->plan->steps[i].input].cid, err);
    return rc;
}

/* Was this step rendered here before? Then its frames are no news, though units may show them again. */
static enum artdag_err on_record(void *payload, const struct ad_step_record *record,
                                 artdag_error *err)
{
    bool *known = payload;
    (void)err;
    *known |= record->status == AD_STEP_EXECUTED;
    return ARTDAG_OK;
}

static enum artdag_err was_rendered(const struct execution *x, size_t step, bool *ret,
                                    artdag_error *err)
{
    struct ad_id id = ad_id_of(&x->plan->steps[step].cache_id);
    *ret = false;
    enum artdag_err rc = ad_state_find_step(x->site->state, &id, on_record, ret, err);
    return rc == ARTDAG_E_NOTFOUND ? ARTDAG_OK : rc;
}

/* The same of all outputs that had to run. */
static enum artdag_err were_rendered(const struct execution *x, bool *ret, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    bool all = true;
    for (size_t i = 0; rc == ARTDAG_OK && all && i < x->plan->output_count; i++) {
        uint32_t step = x->plan->outputs[i].step;
        if (x->need[step] == AD_NEED_RUN)
            rc = was_rendered(x, step, &all, err);
    }
    *ret = all;
    return rc;
}

/* What counts as executed (docs/decisions/0012-what-counts-as-cached.md): a step that a rendered unit contains,
 * unless a new film only shows again what was rendered for an older one. SOURCE is its input and
 * never counts. Runs before this run is recorded. */
static enum artdag_err settle_executed(struct execution *x, artdag_error *err)
{
    bool again = false;
    enum artdag_err rc = were_rendered(x, &again, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < x->plan->step_count; i++) {
        bool known = false;
        if (!x->executed[i])
            continue;
        if (ad_step_is_source(&x->plan->steps[i]))
            x->executed[i] = false;
        else if (!again && !x->shape->stored[i])
            rc = was_rendered(x, i, &known, err);
        if (known)
            x->executed[i] = false;
    }
    return rc;
}

static void count_steps(const struct execution *x, struct ad_execute_result *result)
{
    result->steps_total = result->step_count = x->plan->step_count;
    for (size_t i = 0; i < result->step_count; i++)
        result->steps_executed += x->executed[i];
    result->steps_cached = result->steps_total - result->steps_executed;
}

/* ---- the record of the run ---- */

static const char *inputs_json(const struct ad_plan *plan, const struct ad_step *step,
                               struct ad_arena *arena)
{
    struct ad_buf buf = AD_BUF_INIT((size_t)64 << 20);
    struct ad_json_writer w;
    ad_jw_init(&w, &buf);
    ad_jw_list_begin(&w);
    for (uint32_t i = 0; i < step->input_count; i++) {
        char id[65];
        ad_step_id(&plan->steps[step->inputs[i].step], id);
        ad_jw_list_begin(&w);
        ad_jw_cstr(&w, step->inputs[i].slot);
        ad_jw_cstr(&w, id);
        ad_jw_list_end(&w);
    }
    if (ad_step_is_source(step)) {
        char cid[AD_CID_TEXT_MAX];
        ad_cid_format(&plan->inputs[step->input].cid, cid);
        ad_jw_list_begin(&w);
        ad_jw_cstr(&w, "");
        ad_jw_cstr(&w, cid);
        ad_jw_list_end(&w);
    }
    ad_jw_list_end(&w);
    const char *text = NULL;
    if (ad_buf_status(&buf) == ARTDAG_OK)
        text = ad_arena_strdup(arena, ad_buf_as_str(&buf));
    ad_buf_fini(&buf);
    return text;
}

static bool has_outputs(const struct execution *x)
{
    for (size_t i = 0; i < x->plan->output_count; i++)
        if (!x->cids[x->plan->outputs[i].step])
            return false;
    return true;
}

static enum ad_step_status status_of(const struct execution *x, size_t i)
{
    if (x->need[i] != AD_NEED_RUN)
        return AD_STEP_CACHED;
    if (x->failed[i])
        return AD_STEP_FAILED;
    if (x->executed[i])
        return AD_STEP_EXECUTED;
    return has_outputs(x) ? AD_STEP_CACHED : AD_STEP_SKIPPED;
}

/* Records the steps that were looked at: those that ran, and the hits that ended the walk. What lies behind
 * a hit was recorded when it was made, so a cached run costs a row and not a row per step. */
static enum artdag_err record_steps(const struct execution *x, int64_t seq, artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    enum artdag_err rc = ARTDAG_OK;
    size_t count = 0;
    struct ad_step_record *records = ad_alloc_array(x->plan->step_count, sizeof(*records));
    if (!records)
        return ad_error_nomem(err, ROOM);
    for (size_t i = 0; i < x->plan->step_count; i++) {
        const struct ad_step *step = &x->plan->steps[i];
        if (x->need[i] == AD_NEED_NO)
            continue;
        struct ad_step_record *record = &records[count++];
        *record = (struct ad_step_record){
            .cache_id = ad_id_of(&step->cache_id),
            .name = step->name,
            .node_type = step->op->node_type,
            .toolchain = step->op->needs_toolchain ? x->plan->toolchain : "",
            .config = ad_arena_strdup(&arena, step->config_json),
            .inputs = inputs_json(x->plan, step, &arena),
            .output_cid = x->cids[i] ? x->cids[i] : "",
            .status = status_of(x, i),
            .frames = step->edge.frames,
            .elapsed_ms = x->elapsed_ms[i],
        };
        if (!record->config || !record->inputs) {
            rc = ad_error_nomem(err, ROOM);
            goto out;
        }
    }
    rc = ad_state_run_steps(x->site->state, seq, records, count, err);
out:
    free(records);
    ad_arena_fini(&arena);
    return rc;
}

static enum ad_run_status run_status(enum artdag_err rc)
{
    if (rc == ARTDAG_OK)
        return AD_RUN_DONE;
    return rc == ARTDAG_E_CANCELED ? AD_RUN_CANCELED : AD_RUN_FAILED;
}

/* Closes the record. A run that failed keeps its own error; only a good run can fail here. */
static enum artdag_err finish_record(const struct execution *x, struct ad_run_record *run,
                                     const struct ad_execute_result *result, enum artdag_err rc,
                                     artdag_error *err)
{
    char line[600] = "";
    artdag_error ignored = {0};
    artdag_error *sink = rc == ARTDAG_OK ? err : &ignored;
    if (rc != ARTDAG_OK && err)
        artdag_error_format(err, line, sizeof(line));
    run->status = run_status(rc);
    run->error = line;
    run->ended_ms = ad_clock_wall_ms();
    run->steps_total = (int64_t)result->steps_total;
    run->steps_cached = (int64_t)result->steps_cached;
    run->steps_executed = (int64_t)result->steps_executed;
    run->output_cid = x->cids[x->plan->output] ? x->cids[x->plan->output] : "";
    enum artdag_err written = record_steps(x, run->seq, sink);
    if (written == ARTDAG_OK)
        written = ad_state_run_end(x->site->state, run, sink);
    run->error = "";
    return rc == ARTDAG_OK ? written : rc;
}

/* ---- running ---- */

/* An output outlives the run: the film is pinned under the run's name, one of several with its own name behind it. */
static enum artdag_err pin_output(struct execution *x, const struct ad_plan_output *output,
                                  artdag_error *err)
{
    struct ad_buf name = AD_BUF_INIT(512);
    char run[65];
    struct ad_cid cid;
    ad_hex_format(x->plan->run_id.bytes, sizeof(x->plan->run_id.bytes), run);
    (void)ad_buf_printf(&name, "artdag/run/%s", run);
    if (x->plan->output_count > 1)
        (void)ad_buf_printf(&name, "/%s", output->name);
    (void)ad_buf_byte(&name, 0);
    enum artdag_err rc =
        ad_buf_status(&name) == ARTDAG_OK ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    if (rc == ARTDAG_OK)
        rc = ad_cid_parse(ad_str_from(x->cids[output->step]), &cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_pin(x->site->store, &cid, (const char *)name.data, err);
    ad_buf_fini(&name);
    return rc;
}

static enum artdag_err publish(struct execution *x, struct ad_cid *ret, artdag_error *err)
{
    struct ad_cid output;
    struct ad_id run_id = ad_id_of(&x->plan->run_id);
    enum artdag_err rc = ad_cid_parse(ad_str_from(x->cids[x->plan->output]), &output, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < x->plan->output_count; i++)
        rc = pin_output(x, &x->plan->outputs[i], err);
    if (rc == ARTDAG_OK)
        rc = ad_state_set(x->site->state, AD_STATE_RUN, &run_id, &output, NULL, err);
    if (rc == ARTDAG_OK)
        *ret = output;
    return rc;
}

static enum artdag_err run_tasks(struct execution *x, struct ad_execute_result *result,
                                 artdag_error *err)
{
    struct ad_exec_result done = {0};
    struct ad_exec_call call = {
        .plan = x->plan,
        .lowering = x->lowering,
        .cids = x->cids,
        .executed = x->executed,
        .lease = x->site->lease,
        .event = on_event,
        .payload = x,
    };
    enum artdag_err rc = ARTDAG_OK;
    if (x->lowering->task_count > 0)
        rc = ad_exec_run(x->site->exec, &call, &done, err);
    result->units_executed = done.tasks_executed;
    if (rc == ARTDAG_OK && !has_outputs(x))
        rc = ad_error_nomem(err, ROOM);
    return rc;
}

static enum artdag_err run_recorded(struct execution *x, struct ad_execute_result *result,
                                    artdag_error *err)
{
    char recipe_cid[AD_CID_TEXT_MAX] = "", plan_cid[AD_CID_TEXT_MAX] = "";
    ad_cid_format(&x->plan->recipe_cid, recipe_cid);
    ad_cid_format(&x->request->plan_cid, plan_cid);
    struct ad_run_record run = {
        .run_id = ad_id_of(&x->plan->run_id),
        .recipe_name = x->plan->name,
        .recipe_cid = recipe_cid,
        .plan_cid = plan_cid,
        .output_cid = "",
        .error = "",
        .status = AD_RUN_RUNNING,
        .started_ms = ad_clock_wall_ms(),
        .steps_total = (int64_t)x->plan->step_count,
    };
    enum artdag_err rc = ad_state_run_begin(x->site->state, &run, &run.seq, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = run_tasks(x, result, err);
    if (rc == ARTDAG_OK)
        rc = publish(x, &result->output, err);
    enum artdag_err settled = settle_executed(x, rc == ARTDAG_OK ? err : NULL);
    if (rc == ARTDAG_OK)
        rc = settled;
    count_steps(x, result);
    return finish_record(x, &run, result, rc, err);
}

/* A forecast: what would be in a unit counts as executed. */
static enum artdag_err dry_run(struct execution *x, struct ad_execute_result *result,
                               artdag_error *err)
{
    for (size_t i = 0; i < x->plan->step_count; i++)
        x->executed[i] = x->need[i] == AD_NEED_RUN && !ad_step_is_source(&x->plan->steps[i]);
    count_steps(x, result);
    if (x->need[x->plan->output] != AD_NEED_HIT)
        return ARTDAG_OK;
    return ad_cid_parse(ad_str_from(x->cids[x->plan->output]), &result->output, err);
}

static enum artdag_err decide(struct execution *x, artdag_error *err)
{
    enum artdag_err rc = prepare(x, err);
    if (rc == ARTDAG_OK)
        rc = ad_plan_shape(x->plan, x->request->strategy, &x->shape, err);
    if (rc == ARTDAG_OK)
        rc = ad_plan_prune(x->plan, x->shape, look_up, x, x->need, err);
    if (rc == ARTDAG_OK)
        rc = ad_lower(x->plan, x->shape, x->need, &x->lowering, err);
    if (rc != ARTDAG_OK)
        return rc;
    struct ad_decision decision = {.need = x->need, .cids = x->cids, .lowering = x->lowering};
    rc = ad_site_forecast(x->site, x->plan, x->lowering, x->request->dry_run ? x->cids : NULL,
                          &x->known, &decision, err);
    if (rc == ARTDAG_OK && x->request->decided)
        x->request->decided(x->request->payload, &decision);
    return rc;
}

enum artdag_err ad_execute(struct ad_site *site, const struct ad_execute_request *request,
                           struct ad_execute_result *ret, artdag_error *err)
{
    struct execution x = {.site = site, .plan = request->plan, .request = request};
    struct ad_execute_result result = {0};
    int64_t start = ad_clock_monotonic_ms();
    enum artdag_err rc = decide(&x, err);
    if (rc == ARTDAG_OK)
        rc = request->dry_run ? dry_run(&x, &result, err) : run_recorded(&x, &result, err);
    result.cids = x.cids;
    result.need = x.need;
    result.step_count = x.plan->step_count;
    result.elapsed_ms = ad_clock_monotonic_ms() - start;
    ad_lowering_destroy(x.lowering);
    ad_shape_destroy(x.shape);
    free(x.elapsed_ms);
    free(x.failed);
    free(x.executed);
    free(x.known);
    if (rc == ARTDAG_OK)
        *ret = result;
    else
        ad_execute_result_fini(&result);
    return rc;
}

void ad_execute_result_fini(struct ad_execute_result *result)
{
    if (!result)
        return;
    for (size_t i = 0; result->cids && i < result->step_count; i++)
        free(result->cids[i]);
    free(result->cids);
    free(result->need);
    *result = (struct ad_execute_result){0};
}
