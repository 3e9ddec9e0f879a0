/* SPDX-License-Identifier: MIT
 *
 * Effects of the registry: a recipe names them by CID, and their definitions are read with the recipe.
 */
#include <string.h>

#include "recipe/reader.h"

static bool is_standard(struct ad_str name)
{
    for (size_t i = 0; ad_effect_names[i]; i++)
        if (ad_str_is(name, ad_effect_names[i]))
            return true;
    return false;
}

static enum artdag_err unknown(struct ad_recipe_reader *r, const struct ad_value *effect,
                               const struct ad_value *effects)
{
    struct ad_arena *arena = &r->recipe->arena;
    size_t count = effects ? effects->map.len : 0, n = 0;
    const char *known[64] = {NULL};
    for (size_t i = 0; i < count && n < 40; i++)
        known[n++] = ad_arena_strdup(arena, effects->map.items[i].key);
    for (size_t i = 0; ad_effect_names[i] && n < 63; i++)
        known[n++] = ad_effect_names[i];
    enum artdag_err rc =
        ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "there is no effect \"%.*s\"",
                     AD_STR_ARG(effect->string));
    if (ad_arena_failed(arena))
        return ad_error_nomem(r->err, ROOM);
    ad_reader_suggest(r, effect->string, known);
    return ad_reader_at(r, effect->line, effect->column, rc);
}

static enum artdag_err load(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                            const struct ad_value *effect, const struct ad_value *cid)
{
    struct ad_arena *arena = &r->recipe->arena;
    const char *from = r->scopes.items[r->scope].scope.file;
    const char *ref = ad_arena_strdup(arena, cid->string);
    const char *file = NULL;
    struct ad_str text = {0};
    if (!ref)
        return ad_error_nomem(r->err, ROOM);
    if (!r->options || !r->options->load)
        return ARTDAG_OK; /* a recipe is looked at without a store: the plan will tell */
    enum artdag_err rc =
        r->options->load(r->options->payload, from, ref, arena, &file, &text, r->err);
    if (rc != ARTDAG_OK) {
        ad_error_prefix(r->err, rc, "effect %.*s", AD_STR_ARG(effect->string));
        return ad_reader_at(r, cid->line, cid->column, rc);
    }
    rc = ad_yaml_parse(arena, text, file, NULL, &node->definition, r->err);
    return rc == ARTDAG_OK ? ad_effect_check(arena, node->definition, file, r->err) : rc;
}

enum artdag_err ad_reader_effect(struct ad_recipe_reader *r, struct ad_recipe_node *node)
{
    const struct ad_op *op = node->operation ? node->operation : node->op;
    const struct ad_value *effect = ad_value_get(node->config, "effect");
    const struct ad_value *effects = r->scopes.items[r->scope].effects;
    if (strcmp(op->node_type, "EFFECT") != 0 || !effect || effect->kind != AD_VALUE_STRING)
        return ARTDAG_OK;
    const struct ad_member *entry = ad_value_member(effects, effect->string);
    if (!entry)
        return is_standard(effect->string) || ad_value_is_reference(effect)
                   ? ARTDAG_OK
                   : unknown(r, effect, effects);
    const struct ad_value *cid = ad_value_get(entry->value, "cid");
    if (!cid)
        cid = ad_value_get(entry->value, "hash");
    if (!cid || cid->kind != AD_VALUE_STRING) {
        enum artdag_err rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                                          "effect \"%.*s\" has no cid", AD_STR_ARG(entry->key));
        return ad_reader_at(r, entry->line, entry->column, rc);
    }
    return load(r, node, effect, cid);
}
