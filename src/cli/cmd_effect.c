/* SPDX-License-Identifier: MIT
 *
 * effect: checks and stores effects of one's own.
 */
#include <stdio.h>
#include <string.h>

#include <artdag/ops.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

static void print_effect(const char *path, const char *text)
{
    json_t *doc = json_loads(text, 0, NULL);
    size_t i;
    json_t *param;
    printf("%s: ok, effect %s", path, json_string_value(json_object_get(doc, "effect")));
    json_array_foreach(json_object_get(doc, "params"), i, param)
    {
        printf("%s%s", i ? ", " : " with ", json_string_value(json_object_get(param, "name")));
    }
    putchar('\n');
    json_decref(doc);
}

static int check(const struct ad_cli_args *args, const char *path)
{
    artdag_error err = {0};
    char *text = NULL;
    if (artdag_effect_check(path, &text, &err) != ARTDAG_OK)
        return ad_cli_fail(args, &err);
    int status = 0;
    if (args->json)
        status = ad_cli_print_text(text);
    else
        print_effect(path, text);
    artdag_free(text);
    return status;
}

static int store(const struct ad_cli_args *args, artdag_site *site, const char *path,
                 json_t *list)
{
    artdag_error err = {0};
    artdag_cid cid;
    enum artdag_err rc = artdag_effect_check(path, NULL, &err);
    if (rc == ARTDAG_OK)
        rc = artdag_add(site, path, NULL, &cid, NULL, &err);
    if (rc != ARTDAG_OK)
        return ad_cli_fail(args, &err);
    if (args->json)
        json_array_append_new(list, json_pack("{s:s, s:s}", "path", path, "cid", cid.text));
    else
        printf("%s  %s\n", cid.text, path);
    return 0;
}

static int register_all(const struct ad_cli_args *args)
{
    artdag_site *site = NULL;
    json_t *list = json_array();
    int status = ad_cli_open(args, &site);
    for (int i = 1; status == 0 && i < args->rest_count; i++)
        status = store(args, site, args->rest[i], list);
    if (status == 0 && args->json)
        status = ad_cli_print_json(json_incref(list));
    json_decref(list);
    artdag_site_close(site);
    return status;
}

static int run(struct ad_cli_args *args)
{
    int first = 0;
    if (strcmp(args->rest[0], "register") == 0)
        return register_all(args);
    if (strcmp(args->rest[0], "check") != 0)
        return ad_cli_usage(args, "effect check or effect register, not \"%s\"", args->rest[0]);
    for (int i = 1; i < args->rest_count; i++) {
        int status = check(args, args->rest[i]);
        first = first ? first : status;
    }
    return first;
}

const struct ad_cli_command ad_cmd_effect = {
    .name = "effect",
    .usage = "check|register FILE ...",
    .summary = "check effects of your own, or store them and print their CIDs",
    .help = "An effect is a YAML file with parameters and filters (docs/formats/effect.md of "
            "the source).\n"
            "A recipe names a registered one by its CID:\n"
            "  registry: {effects: {NAME: {cid: CID}}}",
    .options = options,
    .min_args = 2,
    .max_args = -1,
    .run = run,
};
