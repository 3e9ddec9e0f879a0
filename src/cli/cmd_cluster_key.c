/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static int run(struct ad_cli_args *args)
{
    char key[ARTDAG_CLUSTER_KEY_BYTES];
    artdag_error err = {0};
    if (strcmp(args->rest[0], "new") != 0)
        return ad_cli_usage(args, "cluster-key knows new, not \"%s\"", args->rest[0]);
    if (artdag_cluster_key_new(key, &err) != ARTDAG_OK)
        return ad_cli_fail(args, &err);
    if (args->json)
        return ad_cli_print_json(json_pack("{s:s}", "cluster_key", key));
    printf("%s\n", key);
    return 0;
}

const struct ad_cli_command ad_cmd_cluster_key = {
    .name = "cluster-key",
    .usage = "new",
    .summary = "make a strong cluster key",
    .help = "Systems with one key share results. Write it to a file that only you can read, "
            "and name it\n"
            "with ARTDAG_CLUSTER_KEY_FILE:  (umask 077; artdag cluster-key new > key)",
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
