/* SPDX-License-Identifier: MIT
 *
 * Renders a recipe through libartdag:
 *
 *     cc render.c $(pkg-config --cflags --libs artdag) -o render
 *     ./render recipe.yaml film.mp4 video=holiday.mp4 music=song.mp3
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <artdag/artdag.h>

static void on_progress(void *payload, const artdag_progress *progress)
{
    (void)payload;
    if (progress->state == ARTDAG_STEP_DONE)
        fprintf(stderr, "%zu/%zu %s\n", progress->units_done, progress->units_total,
                progress->step);
}

/* Splits "name=path" in place. */
static int parse_input(char *text, artdag_named *ret)
{
    char *equals = strchr(text, '=');
    if (!equals)
        return -1;
    *equals = '\0';
    ret->name = text;
    ret->value = equals + 1;
    return 0;
}

int main(int argc, char **argv)
{
    artdag_site_params where = ARTDAG_SITE_PARAMS_INIT;
    artdag_recipe_params what = ARTDAG_RECIPE_PARAMS_INIT;
    artdag_execute_params how = ARTDAG_EXECUTE_PARAMS_INIT;
    artdag_run_result result = {0};
    artdag_site *site = NULL;
    artdag_error err = {0};
    artdag_named inputs[16];
    char line[1024];

    if (argc < 3 || argc > 3 + 16) {
        fprintf(stderr, "usage: render RECIPE FILM NAME=PATH ...\n");
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        if (parse_input(argv[i], &inputs[i - 3]) != 0) {
            fprintf(stderr, "render: \"%s\" is not NAME=PATH\n", argv[i]);
            return 2;
        }
    }
    what.recipe = argv[1];
    what.inputs = inputs;
    what.input_count = (size_t)argc - 3;
    how.output = argv[2];
    how.progress = on_progress;

    enum artdag_err rc = artdag_site_open(&where, &site, &err);
    if (rc == ARTDAG_OK)
        rc = artdag_run_recipe(site, &what, &how, &result, &err);
    if (rc == ARTDAG_OK) {
        printf("%s\n", result.output_cid.text);
    } else {
        artdag_error_format(&err, line, sizeof(line));
        fprintf(stderr, "render: %s\n", line);
    }
    artdag_run_result_fini(&result);
    artdag_site_close(site);
    return artdag_err_exit_status(rc);
}
