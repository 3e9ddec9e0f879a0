/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {"input", 'i', AD_CLI_LIST, "NAME=PATH|CID", AD_CLI_AT(inputs), "give an input (repeat)"},
    {"param", 'p', AD_CLI_LIST, "NAME=VALUE", AD_CLI_AT(params), "set a parameter (repeat)"},
    {"analysis", 0, AD_CLI_LIST, "NAME=FILE|CID", AD_CLI_AT(analyses),
     "what is known of an input, as JSON (repeat)"},
    {"target", 0, AD_CLI_VALUE, "NODE", AD_CLI_AT(target),
     "render this node instead of the outputs"},
    {"proxy", 0, AD_CLI_VALUE, "RATIO", AD_CLI_AT(proxy),
     "the same film at 1/4, 0.5 ... of its size"},
    {"only", 0, AD_CLI_LIST, "NAME", AD_CLI_AT(only), "render this output only (repeat)"},
    {"rehash", 0, AD_CLI_FLAG, NULL, AD_CLI_AT(rehash),
     "read inputs again, trust no time stamps"},
    {"output", 'o', AD_CLI_LIST, "[NAME=]FILE", AD_CLI_AT(outputs),
     "write the film, or the output NAME, to FILE; FOLDER/ takes all (repeat)"},
    {"dry-run", 'n', AD_CLI_FLAG, NULL, AD_CLI_AT(dry_run),
     "say what would be rendered, render nothing"},
    {"engine", 0, AD_CLI_VALUE, "ENGINE", AD_CLI_AT(engine),
     "who renders: local (the only one built)"},
    {"strategy", 0, AD_CLI_VALUE, "WAY", AD_CLI_AT(strategy),
     "auto or naive; the film is the same"},
    {"jobs", 'j', AD_CLI_VALUE, "N", AD_CLI_AT(jobs),
     "media processes at once (default: cores)"},
    {"media", 0, AD_CLI_VALUE, "FILE", AD_CLI_AT(media), "the media program (ARTDAG_MEDIA)"},
    {"cpu-flags", 0, AD_CLI_VALUE, "FLAGS", AD_CLI_AT(cpu_flags),
     "force libav's CPU flags: 0, sse2, ssse3, avx2 (tests)"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

/* Only what exists may be named: a wish that is not fulfilled is an error, never ignored. */
static int check_choices(const struct ad_cli_args *args)
{
    if (args->engine && strcmp(args->engine, "local") != 0)
        return ad_cli_usage(args, "--engine knows \"local\", not \"%s\"", args->engine);
    if (args->strategy && strcmp(args->strategy, "auto") != 0 &&
        strcmp(args->strategy, "naive") != 0)
        return ad_cli_usage(args, "--strategy knows auto and naive, not \"%s\"",
                            args->strategy);
    return 0;
}

struct listing {
    struct ad_cli_progress progress;
    struct ad_cli_units units;
};

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
    struct listing l = {.units = {.args = args}};
    struct ad_cli_recipe recipe = {0};
    struct ad_cli_outputs outputs = {0};
    artdag_execute_params execute = ARTDAG_EXECUTE_PARAMS_INIT;
    artdag_site *site = NULL;
    artdag_run_result result = {0};
    artdag_error err = {0};
    int status = check_choices(args);
    if (status == 0 && (!ad_cli_recipe(args, args->rest[0], &recipe) ||
                        !ad_cli_outputs(args, &execute, &outputs)))
        status = 2;
    if (status == 0)
        status = ad_cli_open(args, &site);
    if (status == 0) {
        ad_cli_progress_init(&l.progress, args);
        execute.dry_run = args->dry_run;
        execute.naive = args->strategy && strcmp(args->strategy, "naive") == 0;
        execute.progress = on_progress;
        execute.unit = args->dry_run ? on_unit : NULL;
        execute.payload = &l;
        enum artdag_err rc = artdag_run_recipe(site, &recipe.params, &execute, &result, &err);
        ad_cli_progress_end(&l.progress);
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
    ad_cli_recipe_fini(&recipe);
    return status;
}

const struct ad_cli_command ad_cmd_run_recipe = {
    .name = "run-recipe",
    .usage = "RECIPE [-i NAME=PATH|CID ...] [-p NAME=VALUE ...] [-o [NAME=]FILE ...]",
    .summary = "render a film from a recipe",
    .help =
        "Registers and analyses the inputs, plans, renders what is not known yet, and "
        "prints the\n"
        "film's CID, or one line with CID and name for each of several outputs. RECIPE is a "
        "file or a\nCID. A second run renders nothing.",
    .options = options,
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
