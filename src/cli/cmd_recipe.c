/* SPDX-License-Identifier: MIT
 *
 * recipe: checks, lays out and describes recipes as texts.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <artdag/recipe.h>

#include "cli/cli.h"

static const struct ad_cli_option options[] = {
    {"write", 'w', AD_CLI_FLAG, NULL, AD_CLI_AT(write), "fmt: change the files"},
    {"list", 'l', AD_CLI_FLAG, NULL, AD_CLI_AT(list),
     "fmt: only name the files that would change; status 1 if there are any"},
    {"output", 'o', AD_CLI_VALUE, "FILE", AD_CLI_AT(output), "import: write to this file"},
    {NULL, 0, AD_CLI_FLAG, NULL, 0, NULL},
};

/* ---- check ---- */

static void print_names(const char *what, const json_t *list)
{
    size_t i;
    json_t *item;
    if (!json_array_size(list))
        return;
    printf("  %s", what);
    json_array_foreach(list, i, item)
    {
        const json_t *fallback = json_object_get(item, "default");
        const char *name =
            json_string_value(json_is_string(item) ? item : json_object_get(item, "name"));
        printf("%s%s", i ? ", " : " ", name);
        if (fallback) {
            char *text = json_dumps(fallback, JSON_ENCODE_ANY);
            printf(" (%s)", text ? text : "");
            free(text);
        }
    }
    putchar('\n');
}

static void print_check(const char *path, const char *text)
{
    json_t *doc = json_loads(text, 0, NULL);
    long long nodes = (long long)json_integer_value(json_object_get(doc, "nodes"));
    size_t files = json_array_size(json_object_get(doc, "files"));
    printf("%s: ok, %lld node%s", path, nodes, nodes == 1 ? "" : "s");
    if (files > 1)
        printf(" in %zu files", files);
    putchar('\n');
    print_names("inputs ", json_object_get(doc, "inputs"));
    print_names("params ", json_object_get(doc, "params"));
    print_names("outputs", json_object_get(doc, "outputs"));
    json_decref(doc);
}

/* Every file is looked at; the first failure is the status. */
static int check(const struct ad_cli_args *args)
{
    artdag_site *site = NULL;
    int status = ad_cli_open(args, &site), first = status;
    for (int i = 1; status == 0 && i < args->rest_count; i++) {
        artdag_error err = {0};
        char *text = NULL;
        int one = 0;
        if (artdag_recipe_check(site, args->rest[i], &text, &err) != ARTDAG_OK)
            one = ad_cli_fail(args, &err);
        else if (args->json)
            one = ad_cli_print_text(text);
        else
            print_check(args->rest[i], text);
        artdag_free(text);
        first = first ? first : one;
    }
    artdag_site_close(site);
    return first;
}

/* ---- fmt ---- */

static char *read_file(const struct ad_cli_args *args, const char *path, size_t *ret_len)
{
    enum {
        MOST = 16 << 20
    };
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "re");
    char *text = file ? malloc(MOST + 1) : NULL;
    size_t len = text ? fread(text, 1, MOST + 1, file) : 0;
    bool bad = !text || ferror(file) || len > MOST;
    if (bad)
        (void)ad_cli_usage(args, "cannot read %s: %s", path,
                           len > MOST ? "larger than 16 MiB" : strerror(errno));
    if (file && !standard)
        (void)fclose(file);
    if (bad) {
        free(text);
        return NULL;
    }
    *ret_len = len;
    return text;
}

/* A new file takes the old one's place whole, or not at all. */
static int replace_file(const struct ad_cli_args *args, const char *path, const char *text)
{
    size_t len = strlen(path);
    char *part = malloc(len + sizeof(".part"));
    if (!part)
        return ad_cli_usage(args, "out of memory");
    memcpy(part, path, len);
    memcpy(part + len, ".part", sizeof(".part"));
    FILE *file = fopen(part, "we");
    bool ok = file && fputs(text, file) >= 0;
    ok = file && fclose(file) == 0 && ok;
    ok = ok && rename(part, path) == 0;
    int status = ok ? 0 : ad_cli_usage(args, "cannot write %s: %s", path, strerror(errno));
    if (!ok && file)
        (void)remove(part);
    free(part);
    return status;
}

static int put_formatted(const struct ad_cli_args *args, const char *path, bool changed,
                         const char *text)
{
    if (args->list) {
        if (changed)
            puts(path);
        return changed;
    }
    if (args->write)
        return changed ? replace_file(args, path, text) : 0;
    fputs(text, stdout);
    return 0;
}

static int format(const struct ad_cli_args *args, const char *path)
{
    artdag_error err = {0};
    size_t len = 0;
    char *before = read_file(args, path, &len), *after = NULL;
    int status = before ? 0 : 2;
    if (status == 0 && artdag_recipe_format(before, len, path, &after, &err) != ARTDAG_OK)
        status = ad_cli_fail(args, &err);
    if (status == 0) {
        bool changed = strlen(after) != len || memcmp(before, after, len) != 0;
        status = put_formatted(args, path, changed, after);
    }
    free(before);
    artdag_free(after);
    return status;
}

static int import(const struct ad_cli_args *args, const char *path)
{
    artdag_error err = {0};
    size_t len = 0;
    char *json = read_file(args, path, &len), *text = NULL;
    int status = json ? 0 : 2;
    if (status == 0 && artdag_recipe_import_otio(json, len, path, &text, &err) != ARTDAG_OK)
        status = ad_cli_fail(args, &err);
    if (status == 0 && args->output)
        status = replace_file(args, args->output, text);
    else if (status == 0)
        fputs(text, stdout);
    free(json);
    artdag_free(text);
    return status;
}

static int schema(const struct ad_cli_args *args)
{
    artdag_error err = {0};
    char *text = NULL;
    if (artdag_recipe_schema(&text, &err) != ARTDAG_OK)
        return ad_cli_fail(args, &err);
    int status = ad_cli_print_text(text);
    artdag_free(text);
    return status;
}

static int run(struct ad_cli_args *args)
{
    const char *verb = args->rest[0];
    if (strcmp(verb, "schema") == 0)
        return args->rest_count == 1 ? schema(args)
                                     : ad_cli_usage(args, "recipe schema takes no file");
    bool imports = strcmp(verb, "import") == 0;
    if (!imports && strcmp(verb, "check") != 0 && strcmp(verb, "fmt") != 0)
        return ad_cli_usage(args, "recipe knows check, fmt, import and schema, not \"%s\"",
                            verb);
    if (args->rest_count == 1)
        return ad_cli_usage(args, "recipe %s wants a file", verb);
    if (strcmp(verb, "check") == 0)
        return check(args);
    if (imports)
        return args->rest_count == 2 ? import(args, args->rest[1])
                                     : ad_cli_usage(args, "recipe import wants one file");
    int first = 0;
    for (int i = 1; i < args->rest_count; i++) {
        int status = format(args, args->rest[i]);
        first = first ? first : status;
    }
    return first;
}

const struct ad_cli_command ad_cmd_recipe = {
    .name = "recipe",
    .usage = "check FILE|CID ...  or  fmt [-w|-l] FILE|- ...  or  import FILE.otio [-o FILE]  "
             "or  schema",
    .summary = "check, lay out and import recipes, or print the language as a JSON Schema",
    .help = "check reads a recipe and what it includes, without its inputs, and says what it "
            "wants. fmt prints it with two\n"
            "spaces a level; comments, quotes and order stay. import makes a recipe of an "
            "OpenTimelineIO timeline; the way\n"
            "back is artdag plan --graph otio. schema is for editors: with YAML "
            "support by schema,\n"
            "\"# yaml-language-server: $schema=artdag.json\" as first line gives completion "
            "and checking.",
    .options = options,
    .min_args = 1,
    .max_args = -1,
    .run = run,
};
