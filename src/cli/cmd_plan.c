/* SPDX-License-Identifier: MIT */
#include <stdio.h>
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
    {"only", 0, AD_CLI_LIST, "NAME", AD_CLI_AT(only), "plan this output only (repeat)"},
    {"rehash", 0, AD_CLI_FLAG, NULL, AD_CLI_AT(rehash),
     "read inputs again, trust no time stamps"},
    {"output", 'o', AD_CLI_VALUE, "FILE", AD_CLI_AT(output),
     "write to this file instead of stdout"},
    {"graph", 0, AD_CLI_VALUE, "FORM", AD_CLI_AT(graph),
     "the plan as dot or mermaid, the film as otio"},
    {"media", 0, AD_CLI_VALUE, "FILE", AD_CLI_AT(media), "the media program (ARTDAG_MEDIA)"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

static bool form_of(const struct ad_cli_args *args, enum artdag_plan_form *ret)
{
    *ret = ARTDAG_PLAN_JSON;
    if (!args->graph)
        return true;
    if (strcmp(args->graph, "dot") == 0)
        *ret = ARTDAG_PLAN_DOT;
    else if (strcmp(args->graph, "mermaid") == 0)
        *ret = ARTDAG_PLAN_MERMAID;
    else if (strcmp(args->graph, "otio") == 0)
        *ret = ARTDAG_PLAN_OTIO;
    else
        return ad_cli_usage(args, "--graph knows dot, mermaid and otio, not \"%s\"",
                            args->graph),
               false;
    return true;
}

static int write_text(const struct ad_cli_args *args, const char *text)
{
    FILE *to = args->output ? fopen(args->output, "we") : stdout;
    if (!to)
        return ad_cli_usage(args, "cannot write %s", args->output);
    size_t len = strlen(text);
    bool ok = fwrite(text, 1, len, to) == len &&
              (len == 0 || text[len - 1] == '\n' || fputc('\n', to) != EOF);
    if (args->output)
        ok = fclose(to) == 0 && ok;
    if (ok)
        return 0;
    fprintf(stderr, "artdag: cannot write the plan\n");
    return 1;
}

static void on_unit(void *payload, const artdag_unit_view *unit)
{
    ad_cli_units_on(payload, unit);
}

/* What the plan would take: the units too, when stdout is free for them. */
static int forecast(const struct ad_cli_args *args, artdag_site *site, const artdag_cid *cid)
{
    struct ad_cli_units units = {.args = args};
    artdag_execute_params execute = ARTDAG_EXECUTE_PARAMS_INIT;
    artdag_run_result result = {0};
    artdag_error err = {0};
    int status = 0;
    execute.dry_run = 1;
    execute.unit = args->output ? on_unit : NULL;
    execute.payload = &units;
    if (artdag_execute_plan(site, cid->text, &execute, &result, &err) != ARTDAG_OK)
        status = ad_cli_fail(args, &err);
    else if (args->output && args->json)
        status = ad_cli_print_forecast(args, &result, &units);
    else if (!args->quiet)
        ad_cli_forecast_print(&result.forecast);
    ad_cli_units_fini(&units);
    artdag_run_result_fini(&result);
    return status;
}

static int run(struct ad_cli_args *args)
{
    struct ad_cli_recipe recipe = {0};
    enum artdag_plan_form form;
    artdag_site *site = NULL;
    artdag_cid cid;
    artdag_error err = {0};
    char *text = NULL;
    int status = form_of(args, &form) && ad_cli_recipe(args, args->rest[0], &recipe) ? 0 : 2;
    if (status == 0)
        status = ad_cli_open(args, &site);
    if (status == 0) {
        enum artdag_err rc = artdag_plan(site, &recipe.params, form, &cid, &text, &err);
        status = rc == ARTDAG_OK ? write_text(args, text) : ad_cli_fail(args, &err);
        if (status == 0 && !args->quiet)
            fprintf(stderr, "plan    %s\n", cid.text);
        if (status == 0 && !(args->quiet && !args->output))
            status = forecast(args, site, &cid);
    }
    artdag_free(text);
    artdag_site_close(site);
    ad_cli_recipe_fini(&recipe);
    return status;
}

const struct ad_cli_command ad_cmd_plan = {
    .name = "plan",
    .usage = "RECIPE [-i NAME=PATH|CID ...] [-p NAME=VALUE ...] [-o FILE]",
    .summary = "make a plan and print it as JSON or as a graph",
    .help =
        "The plan is stored too; its CID goes to stderr, with what rendering it is estimated "
        "to "
        "take.\n"
        "With -o the units to be rendered are listed on stdout. `artdag execute` renders it.",
    .options = options,
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
