/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cli/cli.h"

struct listing {
    const struct ad_cli_args *args;
    json_t *entries;
};

static void on_entry(void *payload, const artdag_entry *entry)
{
    struct listing *l = payload;
    if (l->args->json)
        json_array_append_new(l->entries, json_pack("{s:s, s:s, s:I}", "name", entry->name,
                                                    "cid", entry->cid.text, "dag_bytes",
                                                    (json_int_t)entry->dag_bytes));
    else
        printf("%s  %12llu  %s\n", entry->cid.text, (unsigned long long)entry->dag_bytes,
               entry->name);
}

static int run(struct ad_cli_args *args)
{
    artdag_site *site = NULL;
    artdag_error err = {0};
    struct listing l = {args, json_array()};
    int status = ad_cli_open(args, &site);
    if (status == 0 && artdag_ls(site, args->rest[0], on_entry, &l, &err) != ARTDAG_OK)
        status = ad_cli_fail(args, &err);
    if (status == 0 && args->json)
        status = ad_cli_print_json(json_incref(l.entries));
    json_decref(l.entries);
    artdag_site_close(site);
    return status;
}

const struct ad_cli_command ad_cmd_ls = {
    .name = "ls",
    .usage = "CID",
    .summary = "list a folder",
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
