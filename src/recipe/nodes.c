/* SPDX-License-Identifier: MIT
 *
 * `dag.nodes`: ids and types first, so that a node may use one that is written below it; then configs and inputs.
 */
#include <string.h>

#include "recipe/reader.h"

static const char *const node_keys[] = {"id", "type", "config", "inputs", "keep", NULL};

static enum artdag_err missing(struct ad_recipe_reader *r, const struct ad_value *node,
                               const char *key)
{
    enum artdag_err rc =
        ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "the node has no \"%s\"", key);
    return ad_reader_at(r, node->line, node->column, rc);
}

/* ---- ids and types ---- */

static enum artdag_err read_id(struct ad_recipe_reader *r, const struct ad_value *value,
                               size_t index)
{
    const struct ad_value *id = ad_value_get(value, "id");
    struct ad_recipe_node *node = &r->nodes[index];
    bool added = false;
    if (!id)
        return missing(r, value, "id");
    enum artdag_err rc = ad_reader_name(r, id, "id", &node->id);
    if (rc != ARTDAG_OK)
        return rc;
    union ad_map_value *seen = ad_map_put(&r->ids, node->id, &added);
    if (!seen)
        return ad_error_nomem(r->err, ROOM);
    if (!added) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "two nodes are called \"%.*s\"",
                          AD_STR_ARG(node->id));
        ad_error_hint(r->err, "the first is in line %u", (unsigned)r->nodes[seen->num].line);
        return ad_reader_at(r, id->line, id->column, rc);
    }
    seen->num = index;
    return ARTDAG_OK;
}

static enum artdag_err read_type(struct ad_recipe_reader *r, const struct ad_value *value,
                                 struct ad_recipe_node *node)
{
    const struct ad_value *type = ad_value_get(value, "type");
    struct ad_str name;
    if (!type)
        return missing(r, value, "type");
    enum artdag_err rc = ad_reader_name(r, type, "type", &name);
    if (rc != ARTDAG_OK)
        return rc;
    node->op = ad_op_find(name);
    if (node->op)
        return ARTDAG_OK;
    rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "unknown type \"%.*s\"", AD_STR_ARG(name));
    const char *near = ad_op_nearest(name);
    if (near)
        ad_error_hint(r->err, "did you mean %s?", near);
    else
        ad_error_hint(r->err, "\"artdag ops\" lists what there is");
    return ad_reader_at(r, type->line, type->column, rc);
}

static void name_node(struct ad_recipe_reader *r, struct ad_str id)
{
    char text[AD_RECIPE_NAME_MAX + 1];
    memcpy(text, id.ptr, id.len);
    text[id.len] = '\0';
    ad_error_node(r->err, text);
}

static enum artdag_err read_head(struct ad_recipe_reader *r, const struct ad_value *value,
                                 size_t index)
{
    struct ad_recipe_node *node = &r->nodes[index];
    enum artdag_err rc = ad_reader_keys(r, value, node_keys, "a node");
    node->line = value->line;
    node->column = value->column;
    if (rc == ARTDAG_OK)
        rc = read_id(r, value, index);
    if (rc == ARTDAG_OK)
        rc = read_type(r, value, node);
    if (rc != ARTDAG_OK && node->id.len)
        name_node(r, node->id);
    return rc;
}

/* ---- SOURCE ---- */

/* The CID of a registry entry. `hash` is the original's key; it can only be used when it is a CID. */
static enum artdag_err asset_cid(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                 const struct ad_value *asset, const struct ad_value *entry)
{
    const struct ad_value *cid = ad_value_get(entry, "cid");
    if (!cid)
        cid = ad_value_get(entry, "hash");
    if (cid && cid->kind == AD_VALUE_STRING) {
        node->asset_cid = ad_arena_strdup(&r->recipe->arena, cid->string);
        return node->asset_cid ? ARTDAG_OK : ad_error_nomem(r->err, ROOM);
    }
    enum artdag_err rc =
        ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "asset \"%.*s\" has no cid",
                     AD_STR_ARG(node->input_name));
    return ad_reader_at(r, asset->line, asset->column, rc);
}

static enum artdag_err read_asset(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                  const struct ad_value *asset)
{
    enum artdag_err rc = ad_reader_name(r, asset, "asset", &node->input_name);
    if (rc != ARTDAG_OK)
        return rc;
    const struct ad_member *entry = ad_value_member(r->assets, node->input_name);
    if (entry)
        return asset_cid(r, node, asset, entry->value);
    size_t count = r->assets ? r->assets->map.len : 0;
    const char **known = ad_alloc_array(count + 1, sizeof(*known));
    if (!known)
        return ad_error_nomem(r->err, ROOM);
    rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "the registry has no asset \"%.*s\"",
                      AD_STR_ARG(node->input_name));
    for (size_t i = 0; i < count; i++)
        known[i] = ad_arena_strdup(&r->recipe->arena, r->assets->map.items[i].key);
    if (!ad_arena_failed(&r->recipe->arena))
        ad_reader_suggest(r, node->input_name, known);
    free(known);
    return ad_reader_at(r, asset->line, asset->column, rc);
}

static enum artdag_err read_source(struct ad_recipe_reader *r, struct ad_recipe_node *node)
{
    const struct ad_value *input = ad_value_get(node->config, "input");
    const struct ad_value *asset = ad_value_get(node->config, "asset");
    const struct ad_value *name = ad_value_get(node->config, "name");
    bool given = input && input->kind == AD_VALUE_BOOL && input->boolean;
    enum artdag_err rc = ARTDAG_OK;
    if (given == (asset != NULL)) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                          given ? "a SOURCE has either an input or an asset, not both"
                                : "a SOURCE needs \"input: true\" or an asset");
        const struct ad_value *at = node->config;
        return ad_reader_at(r, at ? at->line : node->line, at ? at->column : node->column, rc);
    }
    if (asset)
        return read_asset(r, node, asset);
    node->input_name = node->id;
    if (name)
        rc = ad_reader_name(r, name, "name", &node->input_alias);
    return rc;
}

/* ---- the rest of a node ---- */

static enum artdag_err read_config(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                   const struct ad_value *config)
{
    if (config && config->kind == AD_VALUE_NULL)
        config = NULL; /* "config:" with nothing behind it */
    node->config = config;
    enum artdag_err rc = ARTDAG_OK;
    if (config)
        rc = ad_reader_refs(r, config, &node->has_params);
    if (rc == ARTDAG_OK) {
        rc = ad_config_check(node->op->fields, config, r->recipe->file, r->err);
        if (rc != ARTDAG_OK && r->err && !r->err->line)
            ad_reader_at(r, config ? config->line : node->line,
                         config ? config->column : node->column, rc);
    }
    if (rc == ARTDAG_OK && strcmp(node->op->node_type, "SOURCE") == 0)
        rc = read_source(r, node);
    return rc;
}

static enum artdag_err read_keep(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                 const struct ad_value *keep)
{
    if (keep && keep->kind != AD_VALUE_BOOL) {
        enum artdag_err rc =
            ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "keep is true or false, not a %s",
                         ad_value_kind_name(keep->kind));
        return ad_reader_at(r, keep->line, keep->column, rc);
    }
    node->keep = keep && keep->boolean;
    return ARTDAG_OK;
}

static enum artdag_err read_body(struct ad_recipe_reader *r, const struct ad_value *value,
                                 struct ad_recipe_node *node)
{
    enum artdag_err rc = read_config(r, node, ad_value_get(value, "config"));
    if (rc == ARTDAG_OK)
        rc = ad_reader_inputs(r, node, ad_value_get(value, "inputs"));
    if (rc == ARTDAG_OK)
        rc = read_keep(r, node, ad_value_get(value, "keep"));
    if (rc != ARTDAG_OK)
        name_node(r, node->id);
    return rc;
}

/* An asset called like an input would take the input's place. */
static enum artdag_err check_assets(struct ad_recipe_reader *r)
{
    for (size_t i = 0; i < r->recipe->node_count; i++) {
        const struct ad_recipe_node *node = &r->nodes[i];
        const union ad_map_value *same =
            node->asset_cid ? ad_map_find(&r->ids, node->input_name) : NULL;
        if (!same || !r->nodes[same->num].input_name.len || r->nodes[same->num].asset_cid)
            continue;
        enum artdag_err rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                                          "an input is called \"%.*s\", as the asset is",
                                          AD_STR_ARG(node->input_name));
        name_node(r, node->id);
        return ad_reader_at(r, node->line, node->column, rc);
    }
    return ARTDAG_OK;
}

enum artdag_err ad_reader_nodes(struct ad_recipe_reader *r, const struct ad_value *value)
{
    struct ad_recipe *recipe = r->recipe;
    enum artdag_err rc = ARTDAG_OK;
    if (value->list.len > r->max_nodes) {
        rc = ad_error_set(r->err, ARTDAG_E_LIMIT, ROOM,
                          "the recipe has %zu nodes; at most %zu are possible", value->list.len,
                          r->max_nodes);
        return ad_reader_at(r, value->line, value->column, rc);
    }
    recipe->node_count = value->list.len;
    r->nodes = ad_arena_array(&recipe->arena, recipe->node_count, sizeof(*r->nodes));
    recipe->nodes = r->nodes;
    if (!r->nodes)
        return ad_error_nomem(r->err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < recipe->node_count; i++)
        rc = read_head(r, value->list.items[i], i);
    for (size_t i = 0; rc == ARTDAG_OK && i < recipe->node_count; i++)
        rc = read_body(r, value->list.items[i], &r->nodes[i]);
    return rc == ARTDAG_OK ? check_assets(r) : rc;
}

enum artdag_err ad_recipe_find(const struct ad_recipe *recipe, struct ad_str id, uint32_t *ret,
                               artdag_error *err)
{
    for (size_t i = 0; i < recipe->node_count; i++)
        if (ad_str_equal(recipe->nodes[i].id, id)) {
            *ret = (uint32_t)i;
            return ARTDAG_OK;
        }
    struct ad_arena arena = AD_ARENA_INIT;
    const char **known = ad_arena_array(&arena, recipe->node_count + 1, sizeof(*known));
    for (size_t i = 0; known && i < recipe->node_count; i++)
        known[i] = ad_arena_strdup(&arena, recipe->nodes[i].id);
    enum artdag_err rc =
        ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "no node is called \"%.*s\"",
                     (int)(id.len > 100 ? 100 : id.len), id.ptr);
    const char *near = ad_arena_failed(&arena) ? NULL : ad_str_nearest(id, known);
    if (near)
        ad_error_hint(err, "did you mean %s?", near);
    ad_arena_fini(&arena);
    return rc;
}
