/* SPDX-License-Identifier: MIT
 *
 * Recipes: what is refused is refused with a reason; what is accepted has its nodes in an order in which inputs come before
 * users, and takes its parameters.
 */
#include "fuzz.h"
#include "recipe/recipe.h"

static const struct ad_recipe_options limits = {
    .doc = {.max_bytes = 1 << 16, .max_values = 10000},
    .max_nodes = 1000,
};

static const struct ad_format format = {
    .width = 64,
    .height = 36,
    .fps_num = 24,
    .fps_den = 1,
    .pixel_format = "yuv420p",
    .sample_rate = 48000,
    .channels = 2,
};

/* As if it had been planned. */
static bool edge_of(void *payload, uint32_t node, struct ad_edge *ret)
{
    (void)payload;
    *ret = (struct ad_edge){.frames = 10 + node, .width = 64, .height = 36, .video = true};
    return true;
}

static void check_order(const struct ad_recipe *recipe)
{
    uint32_t *place = calloc(recipe->node_count, sizeof(*place));
    FUZZ_CHECK(place);
    for (uint32_t i = 0; i < recipe->node_count; i++) {
        FUZZ_CHECK(recipe->order[i] < recipe->node_count && place[recipe->order[i]] == 0);
        place[recipe->order[i]] = i + 1;
    }
    for (size_t n = 0; n < recipe->node_count; n++) {
        const struct ad_recipe_node *node = &recipe->nodes[n];
        for (size_t i = 0; i < node->input_count; i++)
            FUZZ_CHECK(place[node->inputs[i].node] < place[n]);
    }
    free(place);
}

static void bind_params(const struct ad_recipe *recipe)
{
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *const *values = NULL;
    const struct ad_value *config = NULL;
    const struct ad_recipe_facts facts = {&format, edge_of, NULL};
    artdag_error err = {0};
    enum artdag_err code = ad_recipe_params(recipe, NULL, 0, &format, &arena, &values, &err);
    for (size_t i = 0; code == ARTDAG_OK && i < recipe->node_count; i++)
        code =
            ad_recipe_config(recipe, &recipe->nodes[i], values, &facts, &arena, &config, &err);
    if (code != ARTDAG_OK)
        FUZZ_CHECK_ERROR(code, err);
    ad_arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ad_recipe *recipe = NULL;
    artdag_error err = {0};
    struct ad_str text = {(const char *)data, size};
    enum artdag_err code = ad_recipe_parse(text, "fuzz", &limits, &recipe, &err);
    if (code != ARTDAG_OK) {
        FUZZ_CHECK_ERROR(code, err);
        FUZZ_CHECK(!recipe);
    } else {
        FUZZ_CHECK(recipe->output < recipe->node_count);
        check_order(recipe);
        bind_params(recipe);
    }
    ad_recipe_destroy(recipe);
    return 0;
}
