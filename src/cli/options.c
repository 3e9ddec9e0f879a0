/* SPDX-License-Identifier: MIT
 *
 * The command line from tables, through getopt_long.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#define OPTIONS_MAX 48
#define LONG_ONLY 256 /* what getopt returns for option i without a letter: LONG_ONLY + i */

const struct ad_cli_option ad_cli_global_options[] = {
    {"json", 0, AD_CLI_FLAG, NULL, AD_CLI_AT(json), "print one JSON document on stdout"},
    {"quiet", 'q', AD_CLI_FLAG, NULL, AD_CLI_AT(quiet), "no progress and no warnings"},
    {"verbose", 'v', AD_CLI_FLAG, NULL, AD_CLI_AT(verbose), "say more on stderr"},
    {"home", 0, AD_CLI_VALUE, "DIR", AD_CLI_AT(home),
     "folder of store and state (ARTDAG_HOME)"},
    {"store", 0, AD_CLI_VALUE, "URL", AD_CLI_AT(store),
     "fs:PATH, kubo:ADDRESS or gateway:URLS (ARTDAG_STORE)"},
    {"state", 0, AD_CLI_VALUE, "URL", AD_CLI_AT(state),
     "state, sqlite:PATH or redis://HOST (ARTDAG_STATE)"},
    {"cluster-key-file", 0, AD_CLI_VALUE, "FILE", AD_CLI_AT(cluster_key_file),
     "file with the cluster key (ARTDAG_CLUSTER_KEY_FILE)"},
    {"config", 0, AD_CLI_VALUE, "FILE", AD_CLI_AT(config),
     "configuration file (ARTDAG_CONFIG)"},
    {"help", 'h', AD_CLI_FLAG, NULL, AD_CLI_AT(help), "show this help"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

/* The options of one command and the global ones, as getopt wants them. */
struct table {
    const struct ad_cli_option *options[OPTIONS_MAX];
    struct option longs[OPTIONS_MAX + 1];
    char shorts[2 * OPTIONS_MAX + 2];
    size_t count;
};

static void add_options(struct table *t, const struct ad_cli_option *options)
{
    char *s = t->shorts + strlen(t->shorts);
    for (; options && options->name && t->count < OPTIONS_MAX; options++) {
        int value = options->letter ? options->letter : LONG_ONLY + (int)t->count;
        bool has_arg = options->kind != AD_CLI_FLAG;
        t->longs[t->count] = (struct option){
            options->name, has_arg ? required_argument : no_argument, NULL, value};
        t->options[t->count++] = options;
        if (options->letter) {
            *s++ = options->letter;
            if (has_arg)
                *s++ = ':';
            *s = 0;
        }
    }
}

static const struct ad_cli_option *option_of(const struct table *t, int value)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->longs[i].val == value)
            return t->options[i];
    return NULL;
}

static bool push(struct ad_cli_list *list, const char *item)
{
    const char **items = realloc(list->items, (list->len + 1) * sizeof(*items));
    if (!items)
        return false;
    list->items = items;
    list->items[list->len++] = item;
    return true;
}

static bool store_option(struct ad_cli_args *args, const struct ad_cli_option *option,
                         const char *value)
{
    char *field = (char *)args + option->offset;
    switch (option->kind) {
    case AD_CLI_FLAG:
        *(bool *)field = true;
        return true;
    case AD_CLI_VALUE:
        *(const char **)field = value;
        return true;
    default:
        return push((struct ad_cli_list *)field, value);
    }
}

static int check_rest(const struct ad_cli_command *command, const struct ad_cli_args *args)
{
    if (args->help)
        return 0;
    if (args->rest_count < command->min_args)
        return ad_cli_usage(args, "something is missing: artdag %s %s", command->name,
                            command->usage);
    if (command->max_args >= 0 && args->rest_count > command->max_args)
        return ad_cli_usage(args, "\"%s\" is too much: artdag %s %s",
                            args->rest[command->max_args], command->name, command->usage);
    return 0;
}

int ad_cli_parse(const struct ad_cli_command *command, int argc, char **argv,
                 struct ad_cli_args *args)
{
    struct table t = {.shorts = ":"};
    add_options(&t, command->options);
    add_options(&t, ad_cli_global_options);
    /* --json must hold for the messages of this very loop too. */
    for (int i = 1; i < argc; i++)
        args->json |= strcmp(argv[i], "--json") == 0;
    opterr = 0;
    optind = 1;
    for (;;) {
        int at = optind;
        int value = getopt_long(argc, argv, t.shorts, t.longs, NULL);
        if (value == -1)
            break;
        if (value == '?')
            return ad_cli_usage(args, "unknown option %s; `artdag %s --help` lists them",
                                argv[optind > at ? optind - 1 : at], command->name);
        if (value == ':')
            return ad_cli_usage(args, "option %s needs a value", argv[optind - 1]);
        const struct ad_cli_option *option = option_of(&t, value);
        if (!option || !store_option(args, option, optarg))
            return ad_cli_usage(args, "out of memory");
    }
    args->rest = argv + optind;
    args->rest_count = argc - optind;
    return check_rest(command, args);
}

void ad_cli_args_fini(struct ad_cli_args *args)
{
    free(args->inputs.items);
    free(args->params.items);
    free(args->settings.items);
    free(args->analyses.items);
    free(args->outputs.items);
    free(args->only.items);
}

/* ---- help ---- */

static void print_options(const char *title, const struct ad_cli_option *options)
{
    if (!options || !options->name)
        return;
    printf("\n%s\n", title);
    for (; options->name; options++) {
        char left[64];
        snprintf(left, sizeof(left), "%s%c%s--%s%s%s", options->letter ? "-" : "  ",
                 options->letter ? options->letter : ' ', options->letter ? ", " : " ",
                 options->name, options->arg ? " " : "", options->arg ? options->arg : "");
        printf("  %-30s %s\n", left, options->help);
    }
}

static void print_program_help(void)
{
    printf("artdag renders films from recipes, the way make builds programs.\n\n"
           "Usage: artdag COMMAND [OPTIONS] ...\n\nCommands\n");
    for (size_t i = 0; ad_cli_commands[i]; i++)
        printf("  %-12s %s\n", ad_cli_commands[i]->name, ad_cli_commands[i]->summary);
    printf("\n`artdag COMMAND --help` tells more; `artdag --version` tells the version.\n"
           "Exit status: 0 done, 1 a step failed, 2 usage or recipe error, 3 store or state\n"
           "unreachable, 4 not found, 5 corrupt data, 130 interrupted.\n");
}

void ad_cli_help(const struct ad_cli_command *command)
{
    if (!command) {
        print_program_help();
        return;
    }
    printf("artdag %s: %s\n\nUsage: artdag %s [OPTIONS] %s\n", command->name, command->summary,
           command->name, command->usage);
    if (command->help)
        printf("\n%s\n", command->help);
    print_options("Options", command->options);
    print_options("Options of every command", ad_cli_global_options);
}
