/* SPDX-License-Identifier: MIT
 *
 * The top of a recipe: name, version, registry and dag; the parts have files of their own.
 */
#include <string.h>

#include "recipe/reader.h"

static const char *const top_keys[] = {"name",     "version", "description", "owner",
                                       "registry", "format",  "params",      "dag",
                                       "outputs",  NULL};
static const char *const dag_keys[] = {"nodes", "output", NULL};
static const char *const registry_keys[] = {"assets", "effects", NULL};
static const char *const entry_keys[] = {"cid", "hash", NULL};

enum artdag_err ad_reader_at(struct ad_recipe_reader *r, uint32_t line, uint32_t column,
                             enum artdag_err rc)
{
    ad_error_at(r->err, r->scopes.items[r->scope].scope.file, (int)line, (int)column);
    return rc;
}

void ad_reader_suggest(struct ad_recipe_reader *r, struct ad_str name, const char *const *known)
{
    const char *near = ad_str_nearest(name, known);
    if (near)
        ad_error_hint(r->err, "did you mean %s?", near);
}

/* Names that are right in another place deserve a better answer than "unknown". */
static void suggest_place(struct ad_recipe_reader *r, struct ad_str key,
                          const char *const *known)
{
    if (known == top_keys && (ad_str_is(key, "nodes") || ad_str_is(key, "output")))
        ad_error_hint(r->err, "it belongs inside dag:");
    else
        ad_reader_suggest(r, key, known);
}

static bool is_known(struct ad_str key, const char *const *known)
{
    for (; *known; known++)
        if (ad_str_is(key, *known))
            return true;
    return false;
}

enum artdag_err ad_reader_keys(struct ad_recipe_reader *r, const struct ad_value *value,
                               const char *const *known, const char *what)
{
    enum artdag_err rc;
    if (value->kind != AD_VALUE_MAP) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s is a map, not a %s", what,
                          ad_value_kind_name(value->kind));
        return ad_reader_at(r, value->line, value->column, rc);
    }
    for (size_t i = 0; i < value->map.len; i++) {
        const struct ad_member *m = &value->map.items[i];
        if (is_known(m->key, known))
            continue;
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "unknown key \"%.*s\" in %s",
                          AD_STR_ARG(m->key), what);
        suggest_place(r, m->key, known);
        return ad_reader_at(r, m->line, m->column, rc);
    }
    return ARTDAG_OK;
}

static bool is_printable(struct ad_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
            return false;
    return ad_str_is_utf8(s);
}

enum artdag_err ad_reader_name(struct ad_recipe_reader *r, const struct ad_value *value,
                               const char *what, struct ad_str *ret)
{
    struct ad_str text = value->kind == AD_VALUE_STRING ? value->string : value->text;
    enum artdag_err rc = ARTDAG_OK;
    if (value->kind != AD_VALUE_STRING && value->kind != AD_VALUE_INT &&
        value->kind != AD_VALUE_DOUBLE)
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s is a string, not a %s", what,
                          ad_value_kind_name(value->kind));
    else if (!text.len)
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s is empty", what);
    else if (text.len > AD_RECIPE_NAME_MAX)
        rc = ad_error_set(r->err, ARTDAG_E_LIMIT, ROOM, "%s is longer than %u bytes", what,
                          AD_RECIPE_NAME_MAX);
    else if (!is_printable(text))
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s holds a control character", what);
    if (rc != ARTDAG_OK)
        return ad_reader_at(r, value->line, value->column, rc);
    *ret = text;
    return ARTDAG_OK;
}

/* ---- free text ---- */

static enum artdag_err read_text(struct ad_recipe_reader *r, const char *key,
                                 struct ad_str *ret)
{
    const struct ad_value *value = ad_value_get(r->recipe->root, key);
    if (!value || value->kind == AD_VALUE_NULL)
        return ARTDAG_OK;
    if (value->kind == AD_VALUE_STRING) {
        *ret = value->string;
    } else if (value->kind != AD_VALUE_LIST && value->kind != AD_VALUE_MAP) {
        *ret = value->text; /* version: 1.0 stays "1.0" */
    } else {
        enum artdag_err rc =
            ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s is a string, not a %s", key,
                         ad_value_kind_name(value->kind));
        return ad_reader_at(r, value->line, value->column, rc);
    }
    return ARTDAG_OK;
}

static enum artdag_err read_title(struct ad_recipe_reader *r)
{
    struct ad_recipe *recipe = r->recipe;
    const struct ad_value *name = ad_value_get(recipe->root, "name");
    enum artdag_err rc = ARTDAG_OK;
    recipe->name = AD_STR_LIT("recipe");
    if (name)
        rc = ad_reader_name(r, name, "name", &recipe->name);
    if (rc == ARTDAG_OK)
        rc = read_text(r, "version", &recipe->version);
    if (rc == ARTDAG_OK)
        rc = read_text(r, "description", &recipe->description);
    if (rc == ARTDAG_OK)
        rc = read_text(r, "owner", &recipe->owner);
    return rc;
}

/* ---- registry ---- */

static enum artdag_err check_entries(struct ad_recipe_reader *r, const struct ad_value *entries,
                                     const char *what)
{
    enum artdag_err rc = ARTDAG_OK;
    if (entries->kind != AD_VALUE_MAP) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "registry.%ss is a map, not a %s",
                          what, ad_value_kind_name(entries->kind));
        return ad_reader_at(r, entries->line, entries->column, rc);
    }
    for (size_t i = 0; rc == ARTDAG_OK && i < entries->map.len; i++) {
        const struct ad_value *entry = entries->map.items[i].value;
        rc = ad_reader_keys(r, entry, entry_keys, what);
        for (size_t k = 0; rc == ARTDAG_OK && k < entry->map.len; k++) {
            struct ad_str ignored;
            rc = ad_reader_name(r, entry->map.items[k].value, entry->map.items[k].key.ptr,
                                &ignored);
        }
    }
    return rc;
}

enum artdag_err ad_reader_registry(struct ad_recipe_reader *r, const struct ad_value *registry)
{
    if (!registry)
        return ARTDAG_OK;
    enum artdag_err rc = ad_reader_keys(r, registry, registry_keys, "registry");
    if (rc != ARTDAG_OK)
        return rc;
    const struct ad_value *effects = ad_value_get(registry, "effects");
    const struct ad_value *assets = ad_value_get(registry, "assets");
    r->scopes.items[r->scope].assets = assets;
    r->scopes.items[r->scope].effects = effects;
    if (assets)
        rc = check_entries(r, assets, "asset");
    if (rc == ARTDAG_OK && effects)
        rc = check_entries(r, effects, "effect");
    return rc;
}

/* ---- dag ---- */

enum artdag_err ad_reader_dag(struct ad_recipe_reader *r, const struct ad_value *root,
                              const struct ad_value **ret_dag)
{
    enum artdag_err rc = ad_reader_keys(r, root, top_keys, "the recipe");
    const struct ad_value *dag = ad_value_get(root, "dag");
    if (rc != ARTDAG_OK)
        return rc;
    if (!dag) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "the recipe has no dag");
        return ad_reader_at(r, root->line, root->column, rc);
    }
    rc = ad_reader_keys(r, dag, dag_keys, "dag");
    if (rc != ARTDAG_OK)
        return rc;
    const struct ad_value *nodes = ad_value_get(dag, "nodes");
    if (nodes && nodes->kind == AD_VALUE_LIST && nodes->list.len) {
        *ret_dag = dag;
        return ARTDAG_OK;
    }
    rc =
        ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "dag.nodes is a list of at least one node");
    return ad_reader_at(r, nodes ? nodes->line : dag->line, nodes ? nodes->column : dag->column,
                        rc);
}

/* Once every file is read; references look names up in them. */
static enum artdag_err keep_scopes(struct ad_recipe_reader *r)
{
    struct ad_recipe *recipe = r->recipe;
    struct ad_recipe_scope *scopes =
        ad_arena_array(&recipe->arena, r->scopes.len, sizeof(*scopes));
    recipe->files =
        ad_arena_dup(&recipe->arena, r->files.items, r->files.len * sizeof(*r->files.items));
    if (!scopes || !recipe->files)
        return ad_error_nomem(r->err, ROOM);
    for (size_t i = 0; i < r->scopes.len; i++)
        scopes[i] = r->scopes.items[i].scope;
    recipe->scopes = scopes;
    recipe->scope_count = r->scopes.len;
    recipe->file_count = r->files.len;
    recipe->params = scopes[0].params;
    recipe->param_count = scopes[0].param_count;
    return ARTDAG_OK;
}

static enum artdag_err read_nodes(struct ad_recipe_reader *r, const struct ad_value *dag)
{
    enum artdag_err rc = ad_reader_heads(r, ad_value_get(dag, "nodes"));
    if (rc == ARTDAG_OK)
        rc = ad_reader_settle_aliases(r);
    if (rc == ARTDAG_OK)
        rc = keep_scopes(r);
    if (rc == ARTDAG_OK)
        rc = ad_reader_nodes(r);
    r->scope = 0;
    if (rc == ARTDAG_OK)
        rc = ad_reader_outputs(r, dag);
    if (rc == ARTDAG_OK)
        rc = ad_reader_files(r);
    return rc == ARTDAG_OK ? ad_reader_order(r) : rc;
}

static enum artdag_err read_all(struct ad_recipe_reader *r)
{
    const struct ad_value *root = r->recipe->root, *dag = NULL;
    enum artdag_err rc = ad_reader_dag(r, root, &dag);
    if (rc == ARTDAG_OK)
        rc = read_title(r);
    if (rc == ARTDAG_OK)
        rc = ad_reader_registry(r, ad_value_get(root, "registry"));
    if (rc == ARTDAG_OK)
        rc = ad_reader_format(r, ad_value_get(root, "format"));
    if (rc == ARTDAG_OK)
        rc = ad_reader_params(r, ad_value_get(root, "params"));
    if (rc == ARTDAG_OK)
        rc = read_nodes(r, dag);
    if (rc == ARTDAG_OK && ad_arena_failed(&r->recipe->arena))
        rc = ad_error_nomem(r->err, ROOM);
    return rc;
}

static enum artdag_err read_text_of(struct ad_recipe_reader *r, struct ad_str text,
                                    const char *name)
{
    struct ad_recipe *recipe = r->recipe;
    struct ad_doc_limits doc = r->options ? r->options->doc : (struct ad_doc_limits){0};
    if (!doc.max_values)
        doc.max_values = AD_RECIPE_VALUES_MAX;
    if (name)
        recipe->file = ad_arena_strdup(&recipe->arena, ad_str_from(name));
    struct ad_recipe_file file = {.name = recipe->file,
                                  .text = ad_arena_str(&recipe->arena, text)};
    struct ad_reader_scope top = {.scope = {.file = recipe->file, .prefix = {"", 0}}};
    if (ad_arena_failed(&recipe->arena) || !ad_vec_push(&r->scopes, top))
        return ad_error_nomem(r->err, ROOM);
    enum artdag_err rc =
        ad_yaml_parse(&recipe->arena, file.text, recipe->file, &doc, &recipe->root, r->err);
    file.root = recipe->root;
    if (rc == ARTDAG_OK && !ad_vec_push(&r->files, file))
        rc = ad_error_nomem(r->err, ROOM);
    if (rc == ARTDAG_OK)
        rc = read_all(r);
    return rc;
}

enum artdag_err ad_recipe_parse(struct ad_str text, const char *file,
                                const struct ad_recipe_options *options, struct ad_recipe **ret,
                                artdag_error *err)
{
    struct ad_recipe_reader r = {
        .options = options, .err = err, .max_nodes = AD_RECIPE_NODES_MAX};
    if (options && options->max_nodes)
        r.max_nodes = options->max_nodes;
    r.recipe = ad_alloc(sizeof(*r.recipe));
    if (!r.recipe)
        return ad_error_nomem(err, ROOM);
    ad_arena_init(&r.recipe->arena, 0);
    enum artdag_err rc = read_text_of(&r, text, file);
    ad_vec_fini(&r.scopes);
    ad_vec_fini(&r.files);
    ad_vec_fini(&r.aliases);
    ad_vec_fini(&r.heads);
    ad_vec_fini(&r.values);
    ad_slot_names_fini(&r.slots);
    if (rc != ARTDAG_OK) {
        ad_recipe_destroy(r.recipe);
        return rc;
    }
    *ret = r.recipe;
    return ARTDAG_OK;
}

void ad_recipe_destroy(struct ad_recipe *recipe)
{
    if (!recipe)
        return;
    ad_map_fini(&recipe->ids);
    ad_arena_fini(&recipe->arena);
    free(recipe);
}

const char *ad_recipe_file_of(const struct ad_recipe *recipe, const struct ad_recipe_node *node)
{
    return recipe->scopes[node->scope].file;
}
