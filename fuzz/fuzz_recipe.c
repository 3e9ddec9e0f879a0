/* SPDX-License-Identifier: MIT
 *
 * Recipes: what is refused is refused with a position or a node; what is accepted has a canonical form.
 */
#include "fuzz.h"
#include "recipe/recipe.h"

static const struct ad_recipe_limits limits = {
    .doc = {.max_bytes = 1 << 16, .max_values = 10000},
    .max_nodes = 1000,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ad_recipe *recipe = NULL;
    struct ad_buf canonical = AD_BUF_INIT(1 << 24);
    artdag_error err = {0};
    struct ad_str text = {(const char *)data, size};
    enum artdag_err code = ad_recipe_parse(text, "fuzz", &limits, &recipe, &err);
    if (code != ARTDAG_OK) {
        FUZZ_CHECK_ERROR(code, err);
        FUZZ_CHECK(!recipe);
    } else {
        FUZZ_CHECK(recipe->output < recipe->node_count);
        (void)ad_recipe_canonical(recipe, &canonical, &err);
    }
    ad_recipe_destroy(recipe);
    ad_buf_fini(&canonical);
    return 0;
}
