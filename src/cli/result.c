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

json_t *ad_cli_result_json(const artdag_run_result *r)
{
    json_t *inputs = json_object();
    for (size_t i = 0; i < r->input_count; i++)
        json_object_set_new(inputs, r->inputs[i].name, json_string(r->inputs[i].cid.text));
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:o, s:{s:I, s:I, s:I}, s:{s:I}, s:I, s:f, s:f}",
        "output_cid", r->output_cid.text, "run_id", r->run_id, "plan_id", r->plan_id,
        "plan_cid", r->plan_cid.text, "recipe_cid", r->recipe_cid.text, "input_cids", inputs,
        "steps", "total", (json_int_t)r->steps_total, "cached", (json_int_t)r->steps_cached,
        "executed", (json_int_t)r->steps_executed, "units", "executed",
        (json_int_t)r->units_executed, "frames", (json_int_t)r->frames, "duration", duration(r),
        "elapsed", (double)r->elapsed_ms / 1000);
}

int ad_cli_print_result(const struct ad_cli_args *args, const artdag_run_result *r,
                        const char *output)
{
    if (args->json) {
        json_t *document = ad_cli_result_json(r);
        if (document && output)
            json_object_set_new(document, "output", json_string(output));
        return ad_cli_print_json(document);
    }
    printf("%s\n", r->output_cid.text);
    if (args->quiet)
        return 0;
    fprintf(stderr,
            "run     %s\nsteps   %zu total, %zu cached, %zu executed\n"
            "film    %lld frames, %.3f s\ntime    %.2f s\n",
            r->run_id, r->steps_total, r->steps_cached, r->steps_executed, (long long)r->frames,
            duration(r), (double)r->elapsed_ms / 1000);
    if (r->steps_executed == 0)
        fprintf(stderr, "nothing had to be rendered\n");
    if (output)
        fprintf(stderr, "file    %s\n", output);
    return 0;
}
