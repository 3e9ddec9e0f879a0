/* SPDX-License-Identifier: MIT
 *
 * The public pipeline functions: argument checks, calls inward, results as plain structs.
 */
#include <stdlib.h>
#include <string.h>

#include "api/api.h"

#define ROOM "api"

enum artdag_err artdag_register_input(artdag_site *site, const char *path_or_cid,
                                      artdag_cid *ret, artdag_error *err)
{
    struct ad_cid cid;
    if (!site || !path_or_cid || !ret)
        return ad_api_misuse(err, __func__, "site, path_or_cid or ret is NULL");
    enum artdag_err rc = ad_register_input(site->inner, path_or_cid, &cid, err);
    if (rc == ARTDAG_OK)
        *ret = ad_api_cid(&cid);
    return rc;
}

/* ---- planning ---- */

static enum artdag_err copy_named(const artdag_named *from, size_t count, struct ad_named **ret,
                                  artdag_error *err)
{
    if (count > 0 && !from)
        return ad_api_misuse(err, "artdag", "inputs or params is NULL but counted");
    struct ad_named *to = ad_alloc_array(count + 1, sizeof(*to));
    if (!to)
        return ad_error_nomem(err, ROOM);
    for (size_t i = 0; i < count; i++) {
        if (!from[i].name || !from[i].value) {
            free(to);
            return ad_api_misuse(err, "artdag", "a name or value is NULL");
        }
        to[i] = (struct ad_named){from[i].name, from[i].value};
    }
    *ret = to;
    return ARTDAG_OK;
}

static void tell_analyzing(void *payload, const struct ad_analyze_progress *progress)
{
    const artdag_recipe_params *params = payload;
    const artdag_analyze_progress out = {progress->name, progress->sound, progress->done,
                                         progress->total};
    params->analyzing(params->payload, &out);
}

enum artdag_err ad_api_request(const artdag_recipe_params *params, struct ad_api_request *ret,
                               artdag_error *err)
{
    if (!params || !params->recipe)
        return ad_api_misuse(err, "artdag", "params or params.recipe is NULL");
    if (params->size != sizeof(*params))
        return ad_api_misuse(err, "artdag", "params.size is not set");
    if (params->only_count > 0 && !params->only)
        return ad_api_misuse(err, "artdag", "only is NULL but counted");
    enum artdag_err rc = copy_named(params->inputs, params->input_count, &ret->inputs, err);
    if (rc == ARTDAG_OK)
        rc = copy_named(params->analyses, params->analysis_count, &ret->analyses, err);
    if (rc == ARTDAG_OK)
        rc = copy_named(params->params, params->param_count, &ret->values, err);
    ret->params = *params;
    ret->plan = (struct ad_plan_request){
        .recipe = params->recipe,
        .inputs = ret->inputs,
        .input_count = params->input_count,
        .params = ret->values,
        .param_count = params->param_count,
        .analyses = ret->analyses,
        .analysis_count = params->analysis_count,
        .target = params->target,
        .proxy = params->proxy,
        .only = params->only,
        .only_count = params->only_count,
        .analyzing = params->analyzing ? tell_analyzing : NULL,
        .payload = &ret->params,
    };
    return rc;
}

void ad_api_request_fini(struct ad_api_request *request)
{
    free(request->inputs);
    free(request->values);
    free(request->analyses);
}

enum artdag_err ad_api_plan(artdag_site *site, const artdag_recipe_params *params,
                            struct ad_plan **ret, struct ad_cid *ret_cid, artdag_error *err)
{
    struct ad_api_request request = {0};
    if (!site)
        return ad_api_misuse(err, "artdag", "site is NULL");
    enum artdag_err rc = ad_api_request(params, &request, err);
    if (rc == ARTDAG_OK)
        rc = ad_make_plan(site->inner, &request.plan, ret, ret_cid, err);
    ad_api_request_fini(&request);
    return rc;
}

static enum artdag_err plan_text(const struct ad_plan *plan, enum artdag_plan_form form,
                                 char **ret, artdag_error *err)
{
    struct ad_buf buf = AD_BUF_INIT(AD_DOC_BYTES_MAX);
    enum artdag_err rc;
    switch (form) {
    case ARTDAG_PLAN_JSON:
        rc = ad_plan_to_json(plan, &buf, err);
        break;
    case ARTDAG_PLAN_DOT:
        rc = ad_plan_to_dot(plan, &buf, err);
        break;
    case ARTDAG_PLAN_MERMAID:
        rc = ad_plan_to_mermaid(plan, &buf, err);
        break;
    case ARTDAG_PLAN_OTIO:
        rc = ad_plan_to_otio(plan, &buf, err);
        break;
    default:
        rc = ad_api_misuse(err, "artdag_plan", "unknown form");
    }
    if (rc == ARTDAG_OK)
        return ad_api_take(&buf, ret, err);
    ad_buf_fini(&buf);
    return rc;
}

enum artdag_err artdag_plan(artdag_site *site, const artdag_recipe_params *params,
                            enum artdag_plan_form form, artdag_cid *ret_plan_cid,
                            char **ret_text, artdag_error *err)
{
    struct ad_plan *plan = NULL;
    struct ad_cid cid;
    enum artdag_err rc = ad_api_plan(site, params, &plan, &cid, err);
    if (rc == ARTDAG_OK && ret_text)
        rc = plan_text(plan, form, ret_text, err);
    if (rc == ARTDAG_OK && ret_plan_cid)
        *ret_plan_cid = ad_api_cid(&cid);
    ad_plan_destroy(plan);
    return rc;
}

/* ---- executing ---- */

static enum artdag_err fill_inputs(const struct ad_plan *plan, artdag_run_result *ret,
                                   artdag_error *err)
{
    ret->inputs = ad_alloc_array(plan->input_count, sizeof(*ret->inputs));
    if (!ret->inputs)
        return ad_error_nomem(err, ROOM);
    ret->input_count = plan->input_count;
    for (size_t i = 0; i < plan->input_count; i++) {
        struct ad_str name = ad_str_from(plan->inputs[i].name);
        size_t len =
            name.len < sizeof(ret->inputs[i].name) ? name.len : sizeof(ret->inputs[i].name) - 1;
        memcpy(ret->inputs[i].name, name.ptr, len);
        ret->inputs[i].cid = ad_api_cid(&plan->inputs[i].cid);
    }
    return ARTDAG_OK;
}

static void fill_result(const struct ad_plan *plan, const struct ad_cid *plan_cid,
                        const struct ad_execute_result *done, artdag_run_result *ret)
{
    ret->output_cid = ad_api_cid(&done->output);
    ret->plan_cid = ad_api_cid(plan_cid);
    ret->recipe_cid = ad_api_cid(&plan->recipe_cid);
    ad_hex_format(plan->run_id.bytes, sizeof(plan->run_id.bytes), ret->run_id);
    ad_hex_format(plan->plan_id.bytes, sizeof(plan->plan_id.bytes), ret->plan_id);
    ret->steps_total = done->steps_total;
    ret->steps_cached = done->steps_cached;
    ret->steps_executed = done->steps_executed;
    ret->units_executed = done->units_executed;
    ret->frames = plan->steps[plan->output].edge.frames;
    ret->fps_num = plan->format.fps_num;
    ret->fps_den = plan->format.fps_den;
}

static enum artdag_err execute(artdag_site *site, const struct ad_plan *plan,
                               const struct ad_cid *plan_cid,
                               const artdag_execute_params *params, int64_t start_ms,
                               artdag_run_result *ret, artdag_error *err)
{
    struct ad_execute_result done = {0};
    artdag_run_result result = {0};
    struct ad_tracker t = {.plan = plan, .params = params, .start_ms = start_ms};
    struct ad_execute_request request = {
        .plan = plan,
        .plan_cid = *plan_cid,
        .strategy = params->naive ? AD_STRATEGY_NAIVE : AD_STRATEGY_AUTO,
        .dry_run = params->dry_run != 0,
        .decided = ad_track_decision,
        .event = ad_track_event,
        .payload = &t,
    };
    enum artdag_err rc = ad_api_outputs(plan, params, &result, err);
    if (rc == ARTDAG_OK)
        rc = ad_execute(site->inner, &request, &done, err);
    if (rc == ARTDAG_OK)
        rc = ad_api_outputs_done(site, plan, &done, params->dry_run != 0, &result, err);
    if (rc == ARTDAG_OK)
        rc = fill_inputs(plan, &result, err);
    if (rc == ARTDAG_OK) {
        fill_result(plan, plan_cid, &done, &result);
        result.forecast = t.forecast;
        result.elapsed_ms = ad_clock_monotonic_ms() - start_ms;
        *ret = result;
        result = (artdag_run_result){0};
    }
    artdag_run_result_fini(&result);
    ad_execute_result_fini(&done);
    free(t.frames);
    return rc;
}

static enum artdag_err check_execute(const artdag_execute_params **params, artdag_error *err)
{
    static const artdag_execute_params defaults = ARTDAG_EXECUTE_PARAMS_INIT;
    if (!*params)
        *params = &defaults;
    if ((*params)->size != sizeof(**params))
        return ad_api_misuse(err, "artdag", "execute params.size is not set");
    return ARTDAG_OK;
}

enum artdag_err artdag_execute_plan(artdag_site *site, const char *plan_name,
                                    const artdag_execute_params *params, artdag_run_result *ret,
                                    artdag_error *err)
{
    struct ad_plan *plan = NULL;
    struct ad_cid cid;
    int64_t start_ms = ad_clock_monotonic_ms();
    if (!site || !plan_name || !ret)
        return ad_api_misuse(err, __func__, "site, plan or ret is NULL");
    enum artdag_err rc = check_execute(&params, err);
    if (rc == ARTDAG_OK)
        rc = ad_load_plan(site->inner, plan_name, params->proxy, &plan, &cid, err);
    if (rc == ARTDAG_OK)
        rc = execute(site, plan, &cid, params, start_ms, ret, err);
    ad_plan_destroy(plan);
    return rc;
}

enum artdag_err artdag_run_recipe(artdag_site *site, const artdag_recipe_params *params,
                                  const artdag_execute_params *execute_params,
                                  artdag_run_result *ret, artdag_error *err)
{
    struct ad_plan *plan = NULL;
    struct ad_cid cid;
    int64_t start_ms = ad_clock_monotonic_ms();
    if (!ret)
        return ad_api_misuse(err, __func__, "ret is NULL");
    enum artdag_err rc = check_execute(&execute_params, err);
    if (rc == ARTDAG_OK)
        rc = ad_api_plan(site, params, &plan, &cid, err);
    if (rc == ARTDAG_OK)
        rc = execute(site, plan, &cid, execute_params, start_ms, ret, err);
    ad_plan_destroy(plan);
    return rc;
}

void artdag_run_result_fini(artdag_run_result *result)
{
    if (!result)
        return;
    free(result->inputs);
    result->inputs = NULL;
    result->input_count = 0;
    ad_api_outputs_fini(result);
}
