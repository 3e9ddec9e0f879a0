/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "cli/cli.h"

static int run(struct ad_cli_args *args)
{
    artdag_error err = {0};
    char *text = NULL;
    const char *node_type = args->rest_count ? args->rest[0] : NULL;
    if (artdag_ops_manual(node_type, args->json, &text, &err) != ARTDAG_OK)
        return ad_cli_fail(args, &err);
    int status = 0;
    if (args->json)
        status = ad_cli_print_text(text);
    else
        fputs(text, stdout);
    artdag_free(text);
    return status;
}

const struct ad_cli_command ad_cmd_ops = {
    .name = "ops",
    .usage = "[NODE_TYPE]",
    .summary = "list the operations, or show the manual of one",
    .min_args = 0,
    .max_args = 1,
    .run = run,
};
