/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {"recipe", 'r', AD_CLI_VALUE, "RECIPE", AD_CLI_AT(name), "the recipe the step belongs to"},
    {"input", 'i', AD_CLI_LIST, "NAME=PATH|CID", AD_CLI_AT(inputs), "give an input (repeat)"},
    {"param", 'p', AD_CLI_LIST, "NAME=VALUE", AD_CLI_AT(params), "set a parameter (repeat)"},
    {"analysis", 0, AD_CLI_LIST, "NAME=FILE|CID", AD_CLI_AT(analyses),
     "what is known of an input, as JSON (repeat)"},
    {"target", 0, AD_CLI_VALUE, "NODE", AD_CLI_AT(target),
     "render this node instead of the output"},
    {"rehash", 0, AD_CLI_FLAG, NULL, AD_CLI_AT(rehash),
     "read inputs again, trust no time stamps"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

static const char *text_of(const json_t *value, char out[256])
{
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    snprintf(out, 256, "%s", text ? text : "(absent)");
    free(text);
    return out;
}

static void print_changes(const json_t *changes)
{
    size_t i;
    json_t *change;
    json_array_foreach(changes, i, change)
    {
        char before[256], now[256];
        const char *field = json_string_value(json_object_get(change, "field"));
        if (strcmp(field, "cluster_key") == 0)
            printf("  everything recorded is equal: the cluster key differs\n");
        else
            printf("  %s: %s -> %s\n", field,
                   text_of(json_object_get(change, "before"), before),
                   text_of(json_object_get(change, "now"), now));
    }
}

static void print_answer(const json_t *root)
{
    const char *status = json_string_value(json_object_get(root, "status"));
    const json_t *nearest = json_object_get(root, "nearest");
    printf("%s (%s): %s\n", json_string_value(json_object_get(root, "name")),
           json_string_value(json_object_get(root, "node_type")), status);
    printf("  id %s\n", json_string_value(json_object_get(root, "cache_id")));
    const char *cid = json_string_value(json_object_get(root, "output_cid"));
    if (strcmp(status, "hit") == 0 && *cid)
        printf("  is %s\n", cid);
    else if (strcmp(status, "hit") == 0)
        printf("  was rendered here, inside the units of a film\n");
    else if (strcmp(status, "lost") == 0)
        printf("  was rendered, but its bytes are no longer in the store\n");
    else if (json_is_null(nearest))
        printf("  no step like it was rendered here before\n");
    else {
        printf("  differs from %s (%.12s...) in\n",
               json_string_value(json_object_get(nearest, "name")),
               json_string_value(json_object_get(nearest, "cache_id")));
        print_changes(json_object_get(root, "changes"));
    }
}

static int print(const struct ad_cli_args *args, const char *json)
{
    if (args->json)
        return ad_cli_print_text(json);
    json_t *root = json_loads(json, 0, NULL);
    if (!root)
        return 1;
    print_answer(root);
    json_decref(root);
    return 0;
}

static int run(struct ad_cli_args *args)
{
    struct ad_cli_recipe recipe = {0};
    artdag_site *site = NULL;
    artdag_error err = {0};
    char *json = NULL;
    const char *file = args->name ? args->name : args->rest_count > 1 ? args->rest[1] : NULL;
    if (!file)
        return ad_cli_usage(args, "which recipe? artdag why STEP RECIPE -i ...");
    int status = ad_cli_recipe(args, file, &recipe) ? 0 : 2;
    if (status == 0)
        status = ad_cli_open(args, &site);
    if (status == 0) {
        enum artdag_err rc = artdag_why(site, &recipe.params, args->rest[0], &json, &err);
        status = rc == ARTDAG_OK ? print(args, json) : ad_cli_fail(args, &err);
    }
    artdag_free(json);
    artdag_site_close(site);
    ad_cli_recipe_fini(&recipe);
    return status;
}

const struct ad_cli_command ad_cmd_why = {
    .name = "why",
    .usage = "STEP RECIPE [-i NAME=PATH|CID ...] [-p NAME=VALUE ...]",
    .summary = "explain why a step is a hit or has to be rendered",
    .help = "Compares the step's identity, field by field, with the nearest step this site has "
            "seen.",
    .options = options,
    .min_args = 1,
    .max_args = 2,
    .run = run,
};
