/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {"rehash", 0, AD_CLI_FLAG, NULL, AD_CLI_AT(rehash),
     "read the file again, trust no time stamps"},
    {"media", 0, AD_CLI_VALUE, "FILE", AD_CLI_AT(media), "the media program (ARTDAG_MEDIA)"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

static int analyze_one(const struct ad_cli_args *args, artdag_site *site, const char *path,
                       json_t *list)
{
    artdag_cid input, analysis;
    artdag_error err = {0};
    char *json = NULL;
    if (artdag_analyze(site, path, &input, &analysis, &json, &err) != ARTDAG_OK)
        return ad_cli_fail(args, &err);
    json_t *root = json_loads(json, 0, NULL);
    artdag_free(json);
    if (!root)
        return 1;
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:o}", "path", path, "input_cid",
                                          input.text, "analysis_cid", analysis.text, "analysis",
                                          root));
    return 0;
}

/* Scalars in key order, tables indented: enough to read, the document has it all. It is our own document, and
 * jansson has bounded its depth. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void print_map(json_t *map, int indent)
{
    const char *key;
    json_t *value;
    json_object_foreach(map, key, value)
    {
        if (json_is_object(value)) {
            printf("%*s%s\n", indent, "", key);
            print_map(value, indent + 2);
        } else {
            char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
            printf("%*s%-*s %s\n", indent, "", 26 - indent, key, text ? text : "");
            free(text);
        }
    }
}

static int print(const struct ad_cli_args *args, json_t *list)
{
    size_t i;
    json_t *one;
    if (args->json && json_array_size(list) == 1)
        return ad_cli_print_json(json_incref(json_array_get(list, 0)));
    if (args->json)
        return ad_cli_print_json(json_incref(list));
    json_array_foreach(list, i, one)
    {
        printf("%s\n", json_string_value(json_object_get(one, "path")));
        print_map(json_object_get(one, "analysis"), 2);
        printf("  %-24s %s\n", "analysis CID",
               json_string_value(json_object_get(one, "analysis_cid")));
    }
    return 0;
}

static int run(struct ad_cli_args *args)
{
    artdag_site *site = NULL;
    json_t *list = json_array();
    int status = ad_cli_open(args, &site);
    for (int i = 0; status == 0 && i < args->rest_count; i++)
        status = analyze_one(args, site, args->rest[i], list);
    if (status == 0)
        status = print(args, list);
    json_decref(list);
    artdag_site_close(site);
    return status;
}

const struct ad_cli_command ad_cmd_analyze = {
    .name = "analyze",
    .usage = "PATH|CID ...",
    .summary = "say what a media file is: streams, exact length, rates",
    .help = "The analysis is kept by CID; asking again costs nothing.",
    .options = options,
    .min_args = 1,
    .max_args = -1,
    .run = run,
};
