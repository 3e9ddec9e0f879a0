/* SPDX-License-Identifier: MIT
 *
 * -i NAME=VALUE, -p NAME=VALUE, --analysis NAME=FILE and --only NAME, as run-recipe, plan and why take them; -o as run-recipe and execute do.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

/* Splits every item at its first '='. The copies go one after the other into *texts. */
static bool split(const struct ad_cli_args *args, const char *option,
                  const struct ad_cli_list *list, artdag_named *named, char **texts)
{
    for (size_t i = 0; i < list->len; i++) {
        size_t len = strlen(list->items[i]) + 1;
        memcpy(*texts, list->items[i], len);
        char *equals = strchr(*texts, '=');
        if (!equals || equals == *texts || !equals[1]) {
            (void)ad_cli_usage(args, "%s wants NAME=VALUE, not \"%s\"", option, list->items[i]);
            return false;
        }
        *equals = 0;
        named[i] = (artdag_named){*texts, equals + 1};
        *texts += len;
    }
    return true;
}

static size_t text_bytes(const struct ad_cli_list *list)
{
    size_t bytes = 0;
    for (size_t i = 0; i < list->len; i++)
        bytes += strlen(list->items[i]) + 1;
    return bytes;
}

bool ad_cli_split(const struct ad_cli_args *args, const char *option,
                  const struct ad_cli_list *list, artdag_named **ret, char **ret_texts)
{
    *ret = calloc(list->len + 1, sizeof(**ret));
    *ret_texts = malloc(text_bytes(list) + 1);
    char *at = *ret_texts;
    if (*ret && *ret_texts)
        return split(args, option, list, *ret, &at);
    return ad_cli_usage(args, "out of memory"), false;
}

bool ad_cli_recipe(const struct ad_cli_args *args, const char *recipe,
                   struct ad_cli_recipe *ret)
{
    *ret = (struct ad_cli_recipe){.params = ARTDAG_RECIPE_PARAMS_INIT};
    ret->inputs = calloc(args->inputs.len + 1, sizeof(*ret->inputs));
    ret->values = calloc(args->params.len + 1, sizeof(*ret->values));
    ret->analyses = calloc(args->analyses.len + 1, sizeof(*ret->analyses));
    ret->texts = malloc(text_bytes(&args->inputs) + text_bytes(&args->params) +
                        text_bytes(&args->analyses) + 1);
    char *at = ret->texts;
    if (!ret->inputs || !ret->values || !ret->analyses || !ret->texts) {
        (void)ad_cli_usage(args, "out of memory");
        return false;
    }
    if (!split(args, "-i", &args->inputs, ret->inputs, &at) ||
        !split(args, "-p", &args->params, ret->values, &at) ||
        !split(args, "--analysis", &args->analyses, ret->analyses, &at))
        return false;
    ret->params.recipe = recipe;
    ret->params.inputs = ret->inputs;
    ret->params.input_count = args->inputs.len;
    ret->params.params = ret->values;
    ret->params.param_count = args->params.len;
    ret->params.analyses = ret->analyses;
    ret->params.analysis_count = args->analyses.len;
    ret->params.target = args->target;
    ret->params.proxy = args->proxy;
    ret->params.only = args->only.items;
    ret->params.only_count = args->only.len;
    ret->params.analyzing = !args->quiet && isatty(STDERR_FILENO) ? ad_cli_analyzing : NULL;
    return true;
}

void ad_cli_recipe_fini(struct ad_cli_recipe *recipe)
{
    ad_cli_analyzing_end();
    free(recipe->inputs);
    free(recipe->values);
    free(recipe->analyses);
    free(recipe->texts);
}

/* ---- where outputs go ---- */

static bool is_folder(const char *path)
{
    struct stat st;
    size_t len = strlen(path);
    return (len > 0 && path[len - 1] == '/') || (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

/* The length of NAME in NAME=FILE; 0 for a path, whatever it holds behind a slash. */
static size_t name_length(const char *text)
{
    size_t len = strcspn(text, "=/");
    return text[len] == '=' ? len : 0;
}

static bool take_output(const struct ad_cli_args *args, const char *text,
                        artdag_execute_params *execute, struct ad_cli_outputs *to, char **at)
{
    size_t name = name_length(text);
    const char **place = is_folder(text) ? &execute->folder : &execute->output;
    if (name && text[name + 1]) {
        memcpy(*at, text, strlen(text) + 1);
        (*at)[name] = 0;
        to->files[execute->file_count++] = (artdag_named){*at, *at + name + 1};
        *at += strlen(text) + 1;
        return true;
    }
    if (name || !*text)
        return ad_cli_usage(args, "-o wants FILE, FOLDER/ or NAME=FILE, not \"%s\"", text),
               false;
    if (*place)
        return ad_cli_usage(args, "-o says twice where everything goes: \"%s\" and \"%s\"",
                            *place, text),
               false;
    *place = text;
    return true;
}

bool ad_cli_outputs(const struct ad_cli_args *args, artdag_execute_params *execute,
                    struct ad_cli_outputs *ret)
{
    *ret = (struct ad_cli_outputs){
        .files = calloc(args->outputs.len + 1, sizeof(*ret->files)),
        .texts = malloc(text_bytes(&args->outputs) + 1),
    };
    char *at = ret->texts;
    if (!ret->files || !ret->texts)
        return ad_cli_usage(args, "out of memory"), false;
    for (size_t i = 0; i < args->outputs.len; i++)
        if (!take_output(args, args->outputs.items[i], execute, ret, &at))
            return false;
    execute->files = ret->files;
    return true;
}

void ad_cli_outputs_fini(struct ad_cli_outputs *outputs)
{
    free(outputs->files);
    free(outputs->texts);
}
