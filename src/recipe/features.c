/* SPDX-License-Identifier: MIT
 *
 * What has to be known of the inputs beyond their metadata: the features that nodes ask for, brought down to the inputs
 * along the nodes that an analysis can look through.
 */
#include <string.h>

#include "recipe/recipe.h"

#define ROOM "recipe"

static unsigned feature_of(const struct ad_value *config)
{
    const struct ad_value *feature = ad_value_get(config, "feature");
    if (!feature || feature->kind != AD_VALUE_STRING || ad_value_is_reference(feature))
        return ad_feature_bits(AD_STR_LIT("all"));
    return ad_feature_bits(feature->string);
}

static bool trims_silence(const struct ad_recipe_node *node)
{
    const struct ad_op *op = node->operation ? node->operation : node->op;
    return strcmp(op->node_type, "TRIM_SILENCE") == 0;
}

/* What the node itself asks of its inputs. */
static void ask(const struct ad_recipe_node *node, unsigned *need)
{
    bool map = node->operation && node->operation->expands == AD_EXPANDS_TO_SIGNAL;
    for (size_t k = 0; k < node->signal_count; k++)
        need[node->signals[k].node] |= ad_feature_bits(node->signals[k].path);
    for (size_t k = 0; trims_silence(node) && k < node->input_count; k++)
        need[node->inputs[k].node] |= AD_FEATURE_BIT(AD_FEATURE_SILENCE);
    if (node->op->expands != AD_EXPANDS_TO_SIGNAL && !map)
        return;
    for (size_t k = 0; k < node->input_count; k++)
        need[node->inputs[k].node] |= feature_of(node->config);
}

/* What is asked of a node goes on to what it is made from. */
static void pass(const struct ad_recipe_node *node, unsigned bits, unsigned *need)
{
    for (size_t k = 0; k < node->input_count; k++) {
        const struct ad_recipe_ref *ref = &node->inputs[k];
        if (strcmp(node->op->node_type, "SEGMENT") == 0)
            need[ref->node] |= bits;
        else if (strcmp(node->op->node_type, "MUX") == 0)
            need[ref->node] |= strcmp(ref->slot, "video") == 0 ? bits & AD_FEATURES_VIDEO
                                                               : bits & AD_FEATURES_AUDIO;
    }
}

enum artdag_err ad_recipe_features(const struct ad_recipe *recipe, const bool *reach,
                                   unsigned *ret, artdag_error *err)
{
    unsigned *need = ad_alloc_array(recipe->node_count, sizeof(*need));
    if (!need)
        return ad_error_nomem(err, ROOM);
    for (size_t i = recipe->node_count; i-- > 0;) {
        const struct ad_recipe_node *node = &recipe->nodes[recipe->order[i]];
        if (!reach[recipe->order[i]])
            continue;
        ask(node, need);
        if (need[recipe->order[i]])
            pass(node, need[recipe->order[i]], need);
    }
    for (size_t i = 0; i < recipe->node_count; i++)
        ret[i] = recipe->nodes[i].input_name.len ? need[i] : 0;
    free(need);
    return ARTDAG_OK;
}
