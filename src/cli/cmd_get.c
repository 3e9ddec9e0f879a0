/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {"output", 'o', AD_CLI_VALUE, "PATH", AD_CLI_AT(output),
     "where to write it (default: the CID)"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

static int run(struct ad_cli_args *args)
{
    artdag_site *site = NULL;
    artdag_error err = {0};
    const char *path = args->output ? args->output : args->rest[0];
    int status = ad_cli_open(args, &site);
    if (status == 0 && artdag_get(site, args->rest[0], path, &err) != ARTDAG_OK)
        status = ad_cli_fail(args, &err);
    if (status == 0 && args->json)
        status = ad_cli_print_json(json_pack("{s:s, s:s}", "cid", args->rest[0], "path", path));
    else if (status == 0 && !args->quiet)
        printf("%s\n", path);
    artdag_site_close(site);
    return status;
}

const struct ad_cli_command ad_cmd_get = {
    .name = "get",
    .usage = "CID [-o PATH]",
    .summary = "write a file or folder to disk",
    .help = "An existing file is replaced once the new one is whole; an existing folder is "
            "refused.",
    .options = options,
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
