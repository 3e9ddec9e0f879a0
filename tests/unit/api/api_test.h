/* SPDX-License-Identifier: MIT
 *
 * Shared by the tests of the public interface: a site over the stand-in for the media program, a recipe and an input.
 */
#ifndef API_TEST_H
#define API_TEST_H

#include <stdlib.h>

#include <artdag/artdag.h>

#include "pipeline_test.h"

struct user {
    struct place files; /* its paths only: the site is closed */
    artdag_site_params where;
    artdag_recipe_params what;
    artdag_named input;
    artdag_site *site;
};

static inline void user_open(struct user *u, const char *dir, const char *arguments)
{
    artdag_error err = {0};
    place_open(&u->files, dir, arguments);
    place_close(&u->files);
    u->where = (artdag_site_params)ARTDAG_SITE_PARAMS_INIT;
    u->where.home = u->files.params.home;
    u->where.media_program = u->files.params.media_program;
    u->where.config = ad_test_path(dir, "config.yaml");
    u->where.cluster_key = PLACE_KEY;
    u->where.jobs = 2;
    ad_test_write(u->where.config, "{}\n", 3);
    u->input = (artdag_named){"video", u->files.input};
    u->what = (artdag_recipe_params)ARTDAG_RECIPE_PARAMS_INIT;
    u->what.recipe = u->files.recipe;
    u->what.inputs = &u->input;
    u->what.input_count = 1;
    assert_ok(artdag_site_open(&u->where, &u->site, &err));
}

static inline void user_reopen(struct user *u)
{
    artdag_error err = {0};
    artdag_site_close(u->site);
    assert_ok(artdag_site_open(&u->where, &u->site, &err));
}

static inline void user_close(struct user *u)
{
    artdag_site_close(u->site);
    u->site = NULL;
}

/* Runs the recipe; the result holds no memory any more. */
static inline artdag_run_result user_run(struct user *u)
{
    artdag_error err = {0};
    artdag_run_result result = {0};
    assert_ok(artdag_run_recipe(u->site, &u->what, NULL, &result, &err));
    artdag_run_result_fini(&result);
    return result;
}

/* A document given out by the library, as a tree in arena. */
static inline const struct ad_value *tree_of(struct ad_arena *arena, char *json)
{
    artdag_error err = {0};
    const struct ad_value *root = NULL;
    struct ad_str text = ad_arena_str(arena, ad_str_from(json));
    artdag_free(json);
    assert_ok(ad_json_parse(arena, text, NULL, NULL, &root, &err));
    return root;
}

static inline const struct ad_value *at(const struct ad_value *map, const char *key)
{
    const struct ad_member *m = ad_value_member(map, ad_str_from(key));
    if (!m)
        fail_msg("no \"%s\"", key);
    return m->value;
}

#endif
