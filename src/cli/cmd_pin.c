/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {"name", 'n', AD_CLI_VALUE, "NAME", AD_CLI_AT(name),
     "name of the pin (rm without it: all names)"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

struct listing {
    const struct ad_cli_args *args;
    json_t *pins;
};

static void on_pin(void *payload, const artdag_cid *cid, const char *name)
{
    struct listing *l = payload;
    if (l->args->json)
        json_array_append_new(l->pins, json_pack("{s:s, s:s}", "cid", cid->text, "name", name));
    else
        printf("%s  %s\n", cid->text, name);
}

static int list(const struct ad_cli_args *args, artdag_site *site)
{
    artdag_error err = {0};
    struct listing l = {args, json_array()};
    int status = 0;
    if (artdag_pin_ls(site, on_pin, &l, &err) != ARTDAG_OK)
        status = ad_cli_fail(args, &err);
    else if (args->json)
        status = ad_cli_print_json(json_incref(l.pins));
    json_decref(l.pins);
    return status;
}

static int change(const struct ad_cli_args *args, artdag_site *site, bool add)
{
    artdag_error err = {0};
    for (int i = 1; i < args->rest_count; i++) {
        enum artdag_err rc =
            add ? artdag_pin_add(site, args->rest[i], args->name ? args->name : "", &err)
                : artdag_pin_rm(site, args->rest[i], args->name, &err);
        if (rc != ARTDAG_OK)
            return ad_cli_fail(args, &err);
    }
    if (args->json)
        return ad_cli_print_json(
            json_pack("{s:i}", add ? "added" : "removed", args->rest_count - 1));
    return 0;
}

static int run(struct ad_cli_args *args)
{
    artdag_site *site = NULL;
    const char *verb = args->rest[0];
    bool add = strcmp(verb, "add") == 0, rm = strcmp(verb, "rm") == 0;
    if (!add && !rm && strcmp(verb, "ls") != 0)
        return ad_cli_usage(args, "pin knows add, rm and ls, not \"%s\"", verb);
    if ((add || rm) && args->rest_count < 2)
        return ad_cli_usage(args, "pin %s wants a CID", verb);
    int status = ad_cli_open(args, &site);
    if (status == 0)
        status = add || rm ? change(args, site, add) : list(args, site);
    artdag_site_close(site);
    return status;
}

const struct ad_cli_command ad_cmd_pin = {
    .name = "pin",
    .usage = "add|rm CID ... [-n NAME]  or  ls",
    .summary = "keep files and folders from garbage collection",
    .options = options,
    .min_args = 1,
    .max_args = -1,
    .run = run,
};
