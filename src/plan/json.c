/* SPDX-License-Identifier: MIT
 *
 * Writing the plan document (docs/formats/plan.md). Keys stand in canonical order already, so a plan of a million steps
 * is written in one pass and never held as a tree.
 */
#include "plan/planner.h"

static void write_hex(struct ad_json_writer *w, const char *key, const struct ad_hash32 *id)
{
    char text[65];
    ad_hex_format(id->bytes, sizeof(id->bytes), text);
    ad_jw_key(w, key);
    ad_jw_cstr(w, text);
}

static void write_cid(struct ad_json_writer *w, const char *key, const struct ad_cid *cid)
{
    char text[AD_CID_TEXT_MAX] = "";
    if (ad_cid_is_set(cid))
        ad_cid_format(cid, text);
    ad_jw_key(w, key);
    ad_jw_cstr(w, text);
}

static void write_text(struct ad_json_writer *w, const char *key, const char *text)
{
    ad_jw_key(w, key);
    ad_jw_cstr(w, text);
}

static void write_int(struct ad_json_writer *w, const char *key, int64_t n)
{
    ad_jw_key(w, key);
    ad_jw_int(w, n);
}

static const char *media_type(const struct ad_plan_input *input,
                              const struct ad_source_info *info)
{
    if (input->file)
        return "file";
    if (!info->video)
        return "audio";
    return info->still ? "image" : "video";
}

static void write_analysis(struct ad_json_writer *w, const struct ad_value *analysis)
{
    if (analysis)
        ad_jw_value(w, analysis);
    else
        ad_jw_null(w);
}

static void write_inputs(const struct ad_plan *plan, struct ad_json_writer *w)
{
    ad_jw_key(w, "inputs");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < plan->input_count; i++) {
        const struct ad_plan_input *input = &plan->inputs[i];
        ad_jw_map_begin(w);
        ad_jw_key(w, "analysis");
        write_analysis(w, input->analysis);
        write_text(w, "analysis_cid", input->analysis_cid);
        write_cid(w, "cid", &input->cid);
        write_text(w, "media_type", media_type(input, &plan->sources[i]));
        write_text(w, "name", input->name);
        ad_jw_map_end(w);
    }
    ad_jw_list_end(w);
}

/* A SOURCE stands on a CID, every other step on steps. */
static void write_step_inputs(const struct ad_plan *plan, const struct ad_step *step,
                              struct ad_json_writer *w)
{
    ad_jw_key(w, "input_steps");
    ad_jw_list_begin(w);
    for (uint32_t i = 0; i < step->input_count; i++) {
        char id[65];
        ad_step_id(&plan->steps[step->inputs[i].step], id);
        ad_jw_cstr(w, id);
    }
    ad_jw_list_end(w);
    ad_jw_key(w, "inputs");
    ad_jw_list_begin(w);
    if (ad_step_is_source(step)) {
        ad_jw_map_begin(w);
        write_cid(w, "cid", &plan->inputs[step->input].cid);
        write_text(w, "name", "");
        write_text(w, "source", plan->inputs[step->input].name);
        ad_jw_map_end(w);
    }
    for (uint32_t i = 0; i < step->input_count; i++) {
        const struct ad_step *below = &plan->steps[step->inputs[i].step];
        ad_jw_map_begin(w);
        write_hex(w, "cache_id", &below->cache_id);
        write_text(w, "name", step->inputs[i].slot);
        write_hex(w, "source", &below->cache_id);
        ad_jw_map_end(w);
    }
    ad_jw_list_end(w);
}

static void write_step(const struct ad_plan *plan, const struct ad_step *step,
                       struct ad_json_writer *w)
{
    ad_jw_map_begin(w);
    write_hex(w, "cache_id", &step->cache_id);
    ad_jw_key(w, "config");
    ad_jw_raw(w, step->config_json);
    write_int(w, "frames", step->edge.frames);
    write_step_inputs(plan, step, w);
    ad_jw_key(w, "keep");
    ad_jw_bool(w, step->keep);
    write_int(w, "level", step->level);
    write_text(w, "name", step->name);
    write_text(w, "node_type", step->op->node_type);
    write_hex(w, "step_id", &step->cache_id);
    ad_jw_map_end(w);
}

static enum artdag_err write_outputs(const struct ad_plan *plan, struct ad_json_writer *w,
                                     artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    ad_jw_key(w, "outputs");
    ad_jw_list_begin(w);
    for (size_t i = 0; rc == ARTDAG_OK && i < plan->output_count; i++) {
        const struct ad_plan_output *output = &plan->outputs[i];
        struct ad_file_type type = {0};
        rc = ad_plan_file_type(plan, output->step, &type, err);
        if (rc != ARTDAG_OK)
            return rc;
        ad_jw_map_begin(w);
        write_hex(w, "cache_id", &plan->steps[output->step].cache_id);
        write_int(w, "index", (int64_t)i);
        write_text(w, "media_type", type.kind);
        write_text(w, "name", output->name);
        ad_jw_map_end(w);
    }
    ad_jw_list_end(w);
    return rc;
}

static void write_metadata(const struct ad_plan *plan, struct ad_json_writer *w)
{
    ad_jw_key(w, "metadata");
    ad_jw_map_begin(w);
    write_text(w, "description", plan->description);
    write_text(w, "owner", plan->owner);
    write_text(w, "version", plan->version);
    ad_jw_map_end(w);
}

enum artdag_err ad_plan_to_json(const struct ad_plan *plan, struct ad_buf *buf,
                                artdag_error *err)
{
    const struct ad_step *output = &plan->steps[plan->output];
    struct ad_json_writer w;
    ad_jw_init(&w, buf);
    ad_jw_map_begin(&w);
    ad_jw_key(&w, "format");
    ad_plan_write_format(&plan->format, &w);
    write_inputs(plan, &w);
    write_metadata(plan, &w);
    write_text(&w, "name", plan->name);
    write_text(&w, "output_name", output->name);
    write_hex(&w, "output_step", &output->cache_id);
    enum artdag_err rc = write_outputs(plan, &w, err);
    if (rc != ARTDAG_OK)
        return rc;
    write_hex(&w, "plan_id", &plan->plan_id);
    write_cid(&w, "recipe_cid", &plan->recipe_cid);
    write_text(&w, "recipe_name", plan->name);
    write_hex(&w, "run_id", &plan->run_id);
    ad_jw_key(&w, "steps");
    ad_jw_list_begin(&w);
    for (size_t i = 0; i < plan->step_count; i++)
        write_step(plan, &plan->steps[i], &w);
    ad_jw_list_end(&w);
    write_text(&w, "toolchain", plan->toolchain);
    write_text(&w, "type", "artdag/plan/1");
    ad_jw_map_end(&w);
    if (ad_buf_status(buf) == ARTDAG_E_LIMIT)
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "the plan document is too large");
    return ad_buf_status(buf) == ARTDAG_OK ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}
