/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

const struct ad_cli_command *const ad_cli_commands[] = {
    &ad_cmd_run_recipe,  &ad_cmd_analyze,
    &ad_cmd_plan,        &ad_cmd_execute,
    &ad_cmd_why,         &ad_cmd_runs,
    &ad_cmd_recipe,      &ad_cmd_effect,
    &ad_cmd_ops,         &ad_cmd_add,
    &ad_cmd_cat,         &ad_cmd_get,
    &ad_cmd_ls,          &ad_cmd_stat,
    &ad_cmd_pin,         &ad_cmd_gc,
    &ad_cmd_verify,      &ad_cmd_car,
    &ad_cmd_cluster_key, &ad_cmd_doctor,
    &ad_cmd_completion,  NULL,
};

static const struct ad_cli_command *find(const char *name)
{
    for (size_t i = 0; ad_cli_commands[i]; i++)
        if (strcmp(ad_cli_commands[i]->name, name) == 0)
            return ad_cli_commands[i];
    return NULL;
}

static int run(const struct ad_cli_command *command, int argc, char **argv)
{
    struct ad_cli_args args = {0};
    int status = ad_cli_parse(command, argc, argv, &args);
    if (status == 0 && args.help)
        ad_cli_help(command);
    else if (status == 0)
        status = command->run(&args);
    ad_cli_args_fini(&args);
    /* What was printed counts only when it has arrived: a full disk behind stdout is a failure. */
    if (fflush(stdout) != 0 && status == 0)
        status = 1;
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        ad_cli_help(NULL);
        return 2;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("artdag %s\n", artdag_version());
        return 0;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        const struct ad_cli_command *about = argc > 2 ? find(argv[2]) : NULL;
        ad_cli_help(about);
        return argc > 2 && !about ? 2 : 0;
    }
    const struct ad_cli_command *command = find(argv[1]);
    if (!command) {
        struct ad_cli_args none = {0};
        return ad_cli_usage(&none, "there is no command \"%s\"; `artdag --help` lists them",
                            argv[1]);
    }
    return run(command, argc - 1, argv + 1);
}
