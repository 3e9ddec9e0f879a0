/* SPDX-License-Identifier: MIT
 *
 * -i NAME=VALUE and -p NAME=VALUE, as run-recipe, plan and why take them.
 */
#include <stdlib.h>
#include <string.h>

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

bool ad_cli_recipe(const struct ad_cli_args *args, const char *recipe,
                   struct ad_cli_recipe *ret)
{
    *ret = (struct ad_cli_recipe){.params = ARTDAG_RECIPE_PARAMS_INIT};
    ret->inputs = calloc(args->inputs.len + 1, sizeof(*ret->inputs));
    ret->values = calloc(args->params.len + 1, sizeof(*ret->values));
    ret->texts = malloc(text_bytes(&args->inputs) + text_bytes(&args->params) + 1);
    char *at = ret->texts;
    if (!ret->inputs || !ret->values || !ret->texts) {
        (void)ad_cli_usage(args, "out of memory");
        return false;
    }
    if (!split(args, "-i", &args->inputs, ret->inputs, &at) ||
        !split(args, "-p", &args->params, ret->values, &at))
        return false;
    ret->params.recipe = recipe;
    ret->params.inputs = ret->inputs;
    ret->params.input_count = args->inputs.len;
    ret->params.params = ret->values;
    ret->params.param_count = args->params.len;
    ret->params.target = args->target;
    ret->params.proxy = args->proxy;
    return true;
}

void ad_cli_recipe_fini(struct ad_cli_recipe *recipe)
{
    free(recipe->inputs);
    free(recipe->values);
    free(recipe->texts);
}
