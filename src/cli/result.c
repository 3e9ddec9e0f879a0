/* SPDX-License-Identifier: MIT
 *
 * The result of a run.
 */
#include <stdio.h>

#include "cli/cli.h"

static double duration(const artdag_run_result *r)
{
    return r->fps_num > 0 ? (double)r->frames * (double)r->fps_den / (double)r->fps_num : 0;
}

static json_t *outputs_json(const artdag_run_result *r)
{
    json_t *outputs = json_object();
    for (size_t i = 0; i < r->output_count; i++) {
        const artdag_run_output *o = &r->outputs[i];
        json_t *output = json_pack("{s:s, s:I, s:s, s:s}", "cid", o->cid.text, "frames",
                                   (json_int_t)o->frames, "media_type", o->media_type,
                                   "step_id", o->step_id);
        if (output && o->path)
            json_object_set_new(output, "path", json_string(o->path));
        json_object_set_new(outputs, o->name, output);
    }
    return outputs;
}

json_t *ad_cli_result_json(const artdag_run_result *r)
{
    json_t *inputs = json_object();
    for (size_t i = 0; i < r->input_count; i++)
        json_object_set_new(inputs, r->inputs[i].name, json_string(r->inputs[i].cid.text));
    return json_pack(
        "{s:s, s:o, s:s, s:s, s:s, s:s, s:o, s:{s:I, s:I, s:I}, s:{s:I}, s:I, s:f, s:f}",
        "output_cid", r->output_cid.text, "outputs", outputs_json(r), "run_id", r->run_id,
        "plan_id", r->plan_id, "plan_cid", r->plan_cid.text, "recipe_cid", r->recipe_cid.text,
        "input_cids", inputs, "steps", "total", (json_int_t)r->steps_total, "cached",
        (json_int_t)r->steps_cached, "executed", (json_int_t)r->steps_executed, "units",
        "executed", (json_int_t)r->units_executed, "frames", (json_int_t)r->frames, "duration",
        duration(r), "elapsed", (double)r->elapsed_ms / 1000);
}

/* One CID a line; of several outputs with its name behind it. */
static void print_cids(const artdag_run_result *r)
{
    if (r->output_count == 1)
        printf("%s\n", r->outputs[0].cid.text);
    for (size_t i = 0; r->output_count > 1 && i < r->output_count; i++)
        printf("%s %s\n", r->outputs[i].cid.text, r->outputs[i].name);
}

int ad_cli_print_result(const struct ad_cli_args *args, const artdag_run_result *r)
{
    if (args->json) {
        json_t *document = ad_cli_result_json(r);
        if (document && r->output_count == 1 && r->outputs[0].path)
            json_object_set_new(document, "output", json_string(r->outputs[0].path));
        return ad_cli_print_json(document);
    }
    print_cids(r);
    if (args->quiet)
        return 0;
    fprintf(stderr,
            "run     %s\nsteps   %zu total, %zu cached, %zu executed\n"
            "film    %lld frames, %.3f s\ntime    %.2f s\n",
            r->run_id, r->steps_total, r->steps_cached, r->steps_executed, (long long)r->frames,
            duration(r), (double)r->elapsed_ms / 1000);
    if (r->steps_executed == 0)
        fprintf(stderr, "nothing had to be rendered\n");
    for (size_t i = 0; i < r->output_count; i++)
        if (r->outputs[i].path)
            fprintf(stderr, "file    %s\n", r->outputs[i].path);
    return 0;
}
