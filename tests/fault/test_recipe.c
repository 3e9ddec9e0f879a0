/* SPDX-License-Identifier: MIT */
#include "ad_fault.h"
#include "film.h"
#include "recipe/recipe.h"

static const struct ad_format format = {
    .width = 64,
    .height = 36,
    .fps_num = 24,
    .fps_den = 1,
    .pixel_format = "yuv420p",
    .sample_rate = 48000,
    .channels = 2,
};

static const struct ad_recipe_facts facts = {.format = &format};

/* Parse, then every node's config with the parameters put in. */
static enum artdag_err parse(void *payload, artdag_error *err)
{
    static const struct ad_recipe_given given[] = {{"saturation", "0.5"}};
    struct ad_recipe *recipe = NULL;
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *const *values = NULL;
    const struct ad_value *config = NULL;
    (void)payload;
    enum artdag_err rc =
        ad_recipe_parse(ad_str_from(film_recipe), "film.yaml", NULL, &recipe, err);
    if (rc != ARTDAG_OK) {
        assert_null(recipe);
        return rc;
    }
    assert_int_equal(recipe->node_count, 5);
    rc = ad_recipe_params(recipe, given, 1, &format, &arena, &values, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < recipe->node_count; i++)
        rc = ad_recipe_config(recipe, &recipe->nodes[i], values, &facts, &arena, &config, err);
    ad_recipe_destroy(recipe);
    ad_arena_fini(&arena);
    return rc;
}

static void recipe_without_memory_says_so(void **state)
{
    (void)state;
    ad_fault_each(AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM, parse, NULL, NULL);
    ad_fault_each(AD_FAULT_ALLOC, true, 0, ARTDAG_E_NOMEM, parse, NULL, NULL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(recipe_without_memory_says_so),
};

AD_TEST_MAIN(tests)
