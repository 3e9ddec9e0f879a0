/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {"strategy", 0, AD_CLI_VALUE, "WAY", AD_CLI_AT(strategy),
     "auto or naive; the film is the same"},
    {"dry-run", 'n', AD_CLI_FLAG, NULL, AD_CLI_AT(dry_run),
     "list hit or miss per step, and what there is to render; render nothing"},
    {"proxy", 0, AD_CLI_VALUE, "RATIO", AD_CLI_AT(proxy),
     "the same film at 1/4, 0.5 ... of its size"},
    {"output", 'o', AD_CLI_LIST, "[NAME=]FILE", AD_CLI_AT(outputs),
     "write the film, or the output NAME, to FILE; FOLDER/ takes all (repeat)"},
    {"jobs", 'j', AD_CLI_VALUE, "N", AD_CLI_AT(jobs),
     "media processes at once (default: cores)"},
    {"media", 0, AD_CLI_VALUE, "FILE", AD_CLI_AT(media), "the media program (ARTDAG_MEDIA)"},
    {"cpu-flags", 0, AD_CLI_VALUE, "FLAGS", AD_CLI_AT(cpu_flags),
     "force libav's CPU flags: 0, sse2, ssse3, avx2 (tests)"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

struct listing {
    struct ad_cli_progress progress;
    const struct ad_cli_args *args;
    json_t *steps;
    struct ad_cli_units units;
};

static const char *need_name(enum artdag_step_need need)
{
    static const char *const names[] = {[ARTDAG_NEED_NOTHING] = "unneeded",
                                        [ARTDAG_NEED_HIT] = "hit",
                                        [ARTDAG_NEED_RUN] = "miss"};
    return names[need];
}

static void on_step(void *payload, const artdag_step_view *step)
{
    struct listing *l = payload;
    if (!l->args->dry_run)
        return;
    if (l->args->json)
        json_array_append_new(l->steps,
                              json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "name", step->name,
                                        "node_type", step->node_type, "step_id", step->step_id,
                                        "status", need_name(step->need), "cid", step->cid,
                                        "frames", (json_int_t)step->frames));
    else
        printf("%-8s %-24s %-10s %8lld frames  %s\n", need_name(step->need), step->name,
               step->node_type, (long long)step->frames, step->cid);
}

static void on_progress(void *payload, const artdag_progress *progress)
{
    struct listing *l = payload;
    ad_cli_progress_on(&l->progress, progress);
}

static void on_unit(void *payload, const artdag_unit_view *unit)
{
    struct listing *l = payload;
    ad_cli_units_on(&l->units, unit);
}

static int run(struct ad_cli_args *args)
{
    struct listing l = {.args = args, .steps = json_array(), .units = {.args = args}};
    struct ad_cli_outputs outputs = {0};
    artdag_execute_params execute = ARTDAG_EXECUTE_PARAMS_INIT;
    artdag_site *site = NULL;
    artdag_run_result result = {0};
    artdag_error err = {0};
    int status = ad_cli_outputs(args, &execute, &outputs) ? 0 : 2;
    if (status == 0)
        status = ad_cli_open(args, &site);
    if (status == 0) {
        ad_cli_progress_init(&l.progress, args);
        execute.dry_run = args->dry_run;
        execute.naive = args->strategy && strcmp(args->strategy, "naive") == 0;
        execute.proxy = args->proxy;
        execute.progress = on_progress;
        execute.step = on_step;
        execute.unit = args->dry_run ? on_unit : NULL;
        execute.payload = &l;
        enum artdag_err rc = artdag_execute_plan(site, args->rest[0], &execute, &result, &err);
        ad_cli_progress_end(&l.progress);
        l.units.steps = l.steps;
        if (rc != ARTDAG_OK)
            status = ad_cli_fail(args, &err);
        else if (args->dry_run)
            status = ad_cli_print_forecast(args, &result, &l.units);
        else
            status = ad_cli_print_result(args, &result);
    }
    ad_cli_units_fini(&l.units);
    artdag_run_result_fini(&result);
    artdag_site_close(site);
    ad_cli_outputs_fini(&outputs);
    json_decref(l.steps);
    return status;
}

const struct ad_cli_command ad_cmd_execute = {
    .name = "execute",
    .usage = "PLAN|CID [-o [NAME=]FILE ...]",
    .summary = "render a plan",
    .help = "PLAN is a file written by `artdag plan`, or a plan's CID. Its inputs are fetched "
            "by CID.",
    .options = options,
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
