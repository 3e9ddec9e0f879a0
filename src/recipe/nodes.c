/* SPDX-License-Identifier: MIT
 *
 * `dag.nodes`: ids and types of all files first, so that a node may use one that is written below it or included;
 * then configs and inputs.
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

struct ad_str ad_reader_full_name(struct ad_recipe_reader *r, struct ad_str name)
{
    struct ad_str prefix = r->scopes.items[r->scope].scope.prefix;
    if (!prefix.len)
        return name;
    const char *full =
        ad_arena_printf(&r->recipe->arena, "%.*s%.*s", AD_STR_ARG(prefix), AD_STR_ARG(name));
    return full ? ad_str_from(full) : (struct ad_str){0};
}

static enum artdag_err read_id(struct ad_recipe_reader *r, const struct ad_value *value,
                               struct ad_str *ret, struct ad_str *ret_full)
{
    const struct ad_value *id = ad_value_get(value, "id");
    bool added = false;
    if (!id)
        return missing(r, value, "id");
    enum artdag_err rc = ad_reader_name(r, id, "id", ret);
    if (rc != ARTDAG_OK)
        return rc;
    *ret_full = ad_reader_full_name(r, *ret);
    union ad_map_value *seen =
        ret_full->ptr ? ad_map_put(&r->recipe->ids, *ret_full, &added) : NULL;
    if (!seen)
        return ad_error_nomem(r->err, ROOM);
    if (added) {
        seen->num = UINT64_MAX; /* until it is known which node it is */
        return ARTDAG_OK;
    }
    rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "two nodes are called \"%.*s\"",
                      AD_STR_ARG(*ret_full));
    if (seen->num < r->heads.len)
        ad_error_hint(r->err, "the first is in line %u",
                      (unsigned)r->heads.items[seen->num].line);
    return ad_reader_at(r, id->line, id->column, rc);
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
    size_t len = id.len < sizeof(text) - 1 ? id.len : sizeof(text) - 1;
    memcpy(text, id.ptr, len);
    text[len] = '\0';
    if (r->err && !r->err->node[0])
        ad_error_node(r->err, text);
}

/* Inside of an INCLUDE, a SOURCE that something is wired to is that something. */
static const struct ad_value *wire_of(const struct ad_recipe_reader *r, struct ad_str id)
{
    const struct ad_value *wires = r->scopes.items[r->scope].scope.wires;
    const struct ad_member *wire = wires ? ad_value_member(wires, id) : NULL;
    return wire ? wire->value : NULL;
}

static enum artdag_err join_wire(struct ad_recipe_reader *r, struct ad_str full,
                                 const struct ad_value *wire)
{
    struct ad_str name;
    uint32_t inner = r->scope;
    r->scope = r->scopes.items[inner].scope.parent;
    enum artdag_err rc = ad_reader_name(r, wire, "an input", &name);
    if (rc == ARTDAG_OK)
        rc = ad_reader_alias(r, full, ad_reader_full_name(r, name), wire);
    r->scope = inner;
    return rc;
}

static enum artdag_err add_head(struct ad_recipe_reader *r, const struct ad_value *value,
                                const struct ad_recipe_node *node)
{
    if (r->heads.len == r->max_nodes) {
        enum artdag_err rc = ad_error_set(r->err, ARTDAG_E_LIMIT, ROOM,
                                          "the recipe has more than %zu nodes", r->max_nodes);
        return ad_reader_at(r, value->line, value->column, rc);
    }
    if (!ad_vec_push(&r->heads, *node) || !ad_vec_push(&r->values, value))
        return ad_error_nomem(r->err, ROOM);
    ad_map_find(&r->recipe->ids, node->id)->num = r->heads.len - 1;
    return ARTDAG_OK;
}

static bool is_include(const struct ad_value *value)
{
    const struct ad_value *type = ad_value_get(value, "type");
    return type && type->kind == AD_VALUE_STRING && ad_str_is(type->string, "INCLUDE");
}

static enum artdag_err read_head(struct ad_recipe_reader *r, const struct ad_value *value)
{
    struct ad_recipe_node node = {
        .scope = r->scope, .line = value->line, .column = value->column};
    struct ad_str id = {0};
    enum artdag_err rc = ad_reader_keys(r, value, node_keys, "a node");
    if (rc == ARTDAG_OK)
        rc = read_id(r, value, &id, &node.id);
    if (rc == ARTDAG_OK && is_include(value)) {
        rc = ad_reader_include(r, value, id);
    } else if (rc == ARTDAG_OK) {
        rc = read_type(r, value, &node);
        bool source = rc == ARTDAG_OK && node.op && !strncmp(node.op->node_type, "SOURCE", 6);
        const struct ad_value *wire = source ? wire_of(r, id) : NULL;
        if (wire)
            rc = join_wire(r, node.id, wire);
        else if (rc == ARTDAG_OK)
            rc = add_head(r, value, &node);
    }
    if (rc != ARTDAG_OK && node.id.len)
        name_node(r, node.id);
    return rc;
}

enum artdag_err ad_reader_heads(struct ad_recipe_reader *r, const struct ad_value *nodes)
{
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < nodes->list.len; i++)
        rc = read_head(r, nodes->list.items[i]);
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
    struct ad_str name;
    const struct ad_value *assets = r->scopes.items[r->scope].assets;
    enum artdag_err rc = ad_reader_name(r, asset, "asset", &name);
    if (rc != ARTDAG_OK)
        return rc;
    node->input_name = ad_reader_full_name(r, name);
    if (!node->input_name.ptr)
        return ad_error_nomem(r->err, ROOM);
    const struct ad_member *entry = ad_value_member(assets, name);
    if (entry)
        return asset_cid(r, node, asset, entry->value);
    size_t count = assets ? assets->map.len : 0;
    const char **known = ad_alloc_array(count + 1, sizeof(*known));
    if (!known)
        return ad_error_nomem(r->err, ROOM);
    rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "the registry has no asset \"%.*s\"",
                      AD_STR_ARG(name));
    for (size_t i = 0; i < count; i++)
        known[i] = ad_arena_strdup(&r->recipe->arena, assets->map.items[i].key);
    if (!ad_arena_failed(&r->recipe->arena))
        ad_reader_suggest(r, name, known);
    free(known);
    return ad_reader_at(r, asset->line, asset->column, rc);
}

/* A file is given, or is an asset; a list is given. */
static enum artdag_err check_origin(struct ad_recipe_reader *r,
                                    const struct ad_recipe_node *node, bool given,
                                    const struct ad_value *asset)
{
    const struct ad_value *at = node->config;
    const char *why = NULL;
    if (node->op->expands && (!given || asset))
        why = asset ? "a SOURCE_LIST takes no asset" : "a SOURCE_LIST needs \"input: true\"";
    else if (given == (asset != NULL))
        why = given ? "a SOURCE has either an input or an asset, not both"
                    : "a SOURCE needs \"input: true\" or an asset";
    if (!why)
        return ARTDAG_OK;
    enum artdag_err rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s", why);
    return ad_reader_at(r, at ? at->line : node->line, at ? at->column : node->column, rc);
}

static enum artdag_err read_source(struct ad_recipe_reader *r, struct ad_recipe_node *node)
{
    const struct ad_value *input = ad_value_get(node->config, "input");
    const struct ad_value *asset = ad_value_get(node->config, "asset");
    const struct ad_value *name = ad_value_get(node->config, "name");
    bool given = input && input->kind == AD_VALUE_BOOL && input->boolean;
    enum artdag_err rc = check_origin(r, node, given, asset);
    if (rc != ARTDAG_OK)
        return rc;
    if (asset)
        return read_asset(r, node, asset);
    node->input_name = node->id;
    struct ad_str title = {0};
    if (name)
        rc = ad_reader_name(r, name, "name", &title);
    if (r->scope == 0) /* titles of included recipes may be the same */
        node->input_alias = title;
    return rc;
}

/* ---- the rest of a node ---- */

static enum artdag_err read_config(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                   const struct ad_value *config)
{
    if (config && config->kind == AD_VALUE_NULL)
        config = NULL; /* "config:" with nothing behind it */
    node->config = config;
    enum artdag_err rc = ad_reader_operation(r, node);
    config = node->config;
    if (rc == ARTDAG_OK && config)
        rc = ad_reader_refs(r, node);
    if (rc == ARTDAG_OK) {
        const struct ad_op *op = node->operation ? node->operation : node->op;
        rc = ad_config_check(op->fields, config, r->scopes.items[r->scope].scope.file, r->err);
        if (rc != ARTDAG_OK && r->err && !r->err->line)
            ad_reader_at(r, config ? config->line : node->line,
                         config ? config->column : node->column, rc);
    }
    if (rc == ARTDAG_OK && strncmp(node->op->node_type, "SOURCE", 6) == 0)
        rc = read_source(r, node);
    return rc == ARTDAG_OK ? ad_reader_signals(r, node) : rc;
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
        rc = ad_reader_effect(r, node);
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
            node->asset_cid ? ad_map_find(&r->recipe->ids, node->input_name) : NULL;
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

enum artdag_err ad_reader_nodes(struct ad_recipe_reader *r)
{
    struct ad_recipe *recipe = r->recipe;
    enum artdag_err rc = ARTDAG_OK;
    recipe->node_count = r->heads.len;
    r->nodes = ad_arena_array(&recipe->arena, recipe->node_count, sizeof(*r->nodes));
    recipe->nodes = r->nodes;
    if (!r->nodes)
        return ad_error_nomem(r->err, ROOM);
    if (r->heads.len)
        memcpy(r->nodes, r->heads.items, r->heads.len * sizeof(*r->nodes));
    for (size_t i = 0; rc == ARTDAG_OK && i < recipe->node_count; i++) {
        r->scope = r->nodes[i].scope;
        rc = read_body(r, r->values.items[i], &r->nodes[i]);
    }
    return rc == ARTDAG_OK ? check_assets(r) : rc;
}

enum artdag_err ad_recipe_find(const struct ad_recipe *recipe, struct ad_str id, uint32_t *ret,
                               artdag_error *err)
{
    const union ad_map_value *found = ad_map_find(&recipe->ids, id);
    if (found && found->num < recipe->node_count) {
        *ret = (uint32_t)found->num;
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
