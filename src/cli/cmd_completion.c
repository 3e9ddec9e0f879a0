/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static void print_options(const struct ad_cli_option *options)
{
    for (; options && options->name; options++)
        printf(" --%s", options->name);
}

/* The script is written from the same tables that parse the command line, so it cannot lag behind. */
static void print_bash(void)
{
    printf("# bash completion for artdag:  source <(artdag completion bash)\n"
           "_artdag() {\n    local words='");
    for (size_t i = 0; ad_cli_commands[i]; i++)
        printf("%s%s", i ? " " : "", ad_cli_commands[i]->name);
    printf("'\n    local current=${COMP_WORDS[COMP_CWORD]} options=\n"
           "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
           "        mapfile -t COMPREPLY < <(compgen -W \"$words --help --version\" -- "
           "\"$current\")\n"
           "        return\n    fi\n    case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; ad_cli_commands[i]; i++) {
        printf("    %s) options='", ad_cli_commands[i]->name);
        print_options(ad_cli_commands[i]->options);
        print_options(ad_cli_global_options);
        printf("' ;;\n");
    }
    printf("    esac\n"
           "    case $current in\n"
           "    -*) mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\") ;;\n"
           "    *=*) mapfile -t COMPREPLY < <(compgen -f -- \"${current#*=}\") ;;\n"
           "    *) mapfile -t COMPREPLY < <(compgen -f -- \"$current\") ;;\n"
           "    esac\n}\ncomplete -o filenames -F _artdag artdag\n");
}

static int run(struct ad_cli_args *args)
{
    if (strcmp(args->rest[0], "bash") != 0)
        return ad_cli_usage(args, "completion knows bash, not \"%s\"", args->rest[0]);
    print_bash();
    return 0;
}

const struct ad_cli_command ad_cmd_completion = {
    .name = "completion",
    .usage = "bash",
    .summary = "print a completion script for the shell",
    .min_args = 1,
    .max_args = 1,
    .run = run,
};
