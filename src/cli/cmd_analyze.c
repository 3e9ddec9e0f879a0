/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {"input", 'i', AD_CLI_LIST, "NAME=PATH|CID", AD_CLI_AT(inputs),
     "an input of the recipe (repeat)"},
    {"target", 0, AD_CLI_VALUE, "NODE", AD_CLI_AT(target),
     "what this node of the recipe needs, not all outputs"},
    {"features", 0, AD_CLI_VALUE, "LIST", AD_CLI_AT(features),
     "beats,energy,... or all; metadata when left out, all with --plot"},
    {"plot", 0, AD_CLI_VALUE, "FILE.png", AD_CLI_AT(plot),
     "draw it: waveform, beats, curves, film strip, cuts"},
    {"set", 0, AD_CLI_LIST, "NAME=VALUE", AD_CLI_AT(settings),
     "how to analyse, such as window_ms=20 (repeat)"},
    {"rehash", 0, AD_CLI_FLAG, NULL, AD_CLI_AT(rehash),
     "read the file again, trust no time stamps"},
    {"jobs", 0, AD_CLI_VALUE, "N", AD_CLI_AT(jobs), "media processes at once (ARTDAG_JOBS)"},
    {"media", 0, AD_CLI_VALUE, "FILE", AD_CLI_AT(media), "the media program (ARTDAG_MEDIA)"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

/* ---- the results ---- */

static json_t *report_of(const artdag_analysis *analysis)
{
    json_t *document = json_loads(analysis->json, 0, NULL);
    return document ? json_pack("{s:s, s:s, s:s, s:o}", "path", analysis->input, "input_cid",
                                analysis->input_cid.text, "analysis_cid",
                                analysis->analysis_cid.text, "analysis", document)
                    : NULL;
}

static int print_json(const artdag_analyses *all)
{
    if (all->count == 1)
        return ad_cli_print_json(report_of(&all->items[0]));
    json_t *list = json_array();
    for (size_t i = 0; i < all->count; i++)
        json_array_append_new(list, report_of(&all->items[i]));
    return ad_cli_print_json(list);
}

static int print_text(const artdag_analyses *all)
{
    for (size_t i = 0; i < all->count; i++) {
        json_t *document = json_loads(all->items[i].json, 0, NULL);
        if (!document)
            return 1;
        printf("%s%s\n", i ? "\n" : "", all->items[i].input);
        ad_cli_print_analysis(document);
        printf("  %-14s %s\n", "analysis", all->items[i].analysis_cid.text);
        json_decref(document);
    }
    return 0;
}

/* ---- the command ---- */

static int analyze(const struct ad_cli_args *args, const artdag_analyze_params *params)
{
    artdag_site *site = NULL;
    artdag_analyses all = {0};
    artdag_error err = {0};
    int status = ad_cli_open(args, &site);
    if (status == 0) {
        enum artdag_err rc = artdag_analyze(site, params, &all, &err);
        ad_cli_analyzing_end();
        if (rc != ARTDAG_OK)
            status = ad_cli_fail(args, &err);
        else
            status = args->json ? print_json(&all) : print_text(&all);
    }
    artdag_analyses_fini(&all);
    artdag_site_close(site);
    return status;
}

/* A recipe shows by its inputs or by its name. */
static bool is_recipe(const struct ad_cli_args *args)
{
    const char *path = args->rest[0];
    const char *dot = strrchr(path, '.');
    return args->inputs.len || (dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0));
}

static int with_inputs(const struct ad_cli_args *args, artdag_analyze_params params)
{
    artdag_named *inputs = calloc((size_t)args->rest_count + 1, sizeof(*inputs));
    if (!inputs)
        return ad_cli_usage(args, "out of memory");
    for (int i = 0; i < args->rest_count; i++)
        inputs[i] = (artdag_named){args->rest[i], args->rest[i]};
    params.inputs = inputs;
    params.input_count = (size_t)args->rest_count;
    int status = analyze(args, &params);
    free(inputs);
    return status;
}

static int with_recipe(const struct ad_cli_args *args, artdag_analyze_params params)
{
    struct ad_cli_recipe recipe = {0};
    int status = 2;
    if (args->rest_count > 1)
        status = ad_cli_usage(args, "one recipe at a time, not \"%s\" too", args->rest[1]);
    else if (ad_cli_recipe(args, args->rest[0], &recipe)) {
        params.recipe = &recipe.params;
        status = analyze(args, &params);
    }
    ad_cli_recipe_fini(&recipe);
    return status;
}

static int run(struct ad_cli_args *args)
{
    artdag_analyze_params params = ARTDAG_ANALYZE_PARAMS_INIT;
    artdag_named *settings = NULL;
    char *texts = NULL;
    int status = 2;
    if (ad_cli_split(args, "--set", &args->settings, &settings, &texts)) {
        params.features = args->features ? args->features : args->plot ? "all" : NULL;
        params.plot = args->plot;
        params.settings = settings;
        params.setting_count = args->settings.len;
        params.progress = !args->quiet && isatty(STDERR_FILENO) ? ad_cli_analyzing : NULL;
        status = is_recipe(args) ? with_recipe(args, params) : with_inputs(args, params);
    }
    free(settings);
    free(texts);
    return status;
}

const struct ad_cli_command ad_cmd_analyze = {
    .name = "analyze",
    .usage = "PATH|CID ... | RECIPE [-i NAME=PATH|CID ...]",
    .summary = "say what is in media files: streams, beats, loudness, cuts",
    .help =
        "Of a recipe, its inputs are analysed for what it needs, or for --features.\n\n"
        "Features of sound: beats, tempo, energy, spectrum, onsets, loudness, silence. Of "
        "pictures:\n"
        "scene_changes, motion_tempo, black, freeze, contact_sheet. Of both: metadata, all.\n\n"
        "Each feature is kept by CID and settings; asking again costs nothing. Settings are "
        "window_ms,\n"
        "beats_per_bar, silence_db, silence_min, scene_threshold, scene_min, black_level, "
        "black_min,\n"
        "freeze_level, freeze_min, sheet_columns, sheet_rows, sheet_width.",
    .options = options,
    .min_args = 1,
    .max_args = -1,
    .run = run,
};
