/* SPDX-License-Identifier: MIT
 *
 * INCLUDE: another recipe's nodes become nodes of this one, under the prefix of the INCLUDE's id. Its inputs that are
 * wired become other names of our nodes, and the INCLUDE's id another name of its output.
 */
#include <string.h>

#include "recipe/reader.h"
#include "recipe/value.h"

static const char *const include_keys[] = {"id", "type", "config", "inputs", NULL};
static const char *const config_keys[] = {"recipe", "params", "output", NULL};

static enum artdag_err fail_at(struct ad_recipe_reader *r, const struct ad_value *at,
                               enum artdag_err rc)
{
    return ad_reader_at(r, at->line, at->column, rc);
}

/* ---- other names ---- */

enum artdag_err ad_reader_alias(struct ad_recipe_reader *r, struct ad_str name,
                                struct ad_str target, const struct ad_value *at)
{
    struct ad_reader_alias alias = {name, target, at, r->scope};
    if (!name.ptr || !target.ptr || !ad_vec_push(&r->aliases, alias))
        return ad_error_nomem(r->err, ROOM);
    return ARTDAG_OK;
}

static enum artdag_err dangling(struct ad_recipe_reader *r, const struct ad_reader_alias *alias)
{
    r->scope = alias->scope;
    enum artdag_err rc = ad_error_set(
        r->err, ARTDAG_E_FORMAT, ROOM, "no node is called \"%.*s\"",
        (int)(alias->target.len > 100 ? 100 : alias->target.len), alias->target.ptr);
    return fail_at(r, alias->at, rc);
}

/* An alias may stand for another one that is not settled yet; every round settles at least one, or none can be. */
enum artdag_err ad_reader_settle_aliases(struct ad_recipe_reader *r)
{
    struct ad_map *ids = &r->recipe->ids;
    size_t left = r->aliases.len;
    while (left) {
        size_t open = 0;
        for (size_t i = 0; i < left; i++) {
            struct ad_reader_alias alias = r->aliases.items[i];
            const union ad_map_value *target = ad_map_find(ids, alias.target);
            if (!target)
                return dangling(r, &alias);
            if (target->num == UINT64_MAX)
                r->aliases.items[open++] = alias;
            else
                ad_map_find(ids, alias.name)->num = target->num;
        }
        if (open == left) {
            r->scope = r->aliases.items[0].scope;
            return fail_at(r, r->aliases.items[0].at,
                           ad_error_set(r->err, ARTDAG_E_CYCLE, ROOM,
                                        "the inputs of INCLUDEs go round in a ring: %.*s",
                                        AD_STR_ARG(r->aliases.items[0].name)));
        }
        left = open;
    }
    return ARTDAG_OK;
}

/* ---- files ---- */

static enum artdag_err check_ring(struct ad_recipe_reader *r, const struct ad_value *ref,
                                  uint32_t file)
{
    uint32_t scope = r->scope;
    for (;; scope = r->scopes.items[scope].scope.parent) {
        if (r->scopes.items[scope].file == file)
            return fail_at(
                r, ref,
                ad_error_set(r->err, ARTDAG_E_CYCLE, ROOM, "the recipe includes itself"));
        if (scope == 0)
            return ARTDAG_OK;
    }
}

static enum artdag_err open_file(struct ad_recipe_reader *r, const struct ad_value *ref,
                                 const char *name, struct ad_str text, uint32_t *ret)
{
    struct ad_recipe_file file = {.name = name, .text = text};
    struct ad_doc_limits doc = r->options->doc;
    if (!doc.max_values)
        doc.max_values = AD_RECIPE_VALUES_MAX;
    for (size_t i = 0; i < r->files.len; i++)
        if (r->files.items[i].name && strcmp(r->files.items[i].name, name) == 0) {
            *ret = (uint32_t)i;
            return check_ring(r, ref, *ret);
        }
    enum artdag_err rc = ad_yaml_parse(&r->recipe->arena, text, name, &doc, &file.root, r->err);
    if (rc == ARTDAG_OK && !ad_vec_push(&r->files, file))
        rc = ad_error_nomem(r->err, ROOM);
    *ret = (uint32_t)(r->files.len - 1);
    return rc;
}

/* Notes once for each file where it names others. */
static enum artdag_err note_site(struct ad_recipe_reader *r, const struct ad_value *ref,
                                 uint32_t file)
{
    struct ad_recipe_file *in = &r->files.items[r->scopes.items[r->scope].file];
    for (size_t i = 0; i < in->site_count; i++)
        if (in->sites[i].ref == ref)
            return ARTDAG_OK;
    struct ad_recipe_site *sites =
        ad_arena_array(&r->recipe->arena, in->site_count + 1, sizeof(*sites));
    if (!sites)
        return ad_error_nomem(r->err, ROOM);
    if (in->site_count)
        memcpy(sites, in->sites, in->site_count * sizeof(*sites));
    sites[in->site_count++] = (struct ad_recipe_site){ref, file};
    in->sites = sites;
    return ARTDAG_OK;
}

static enum artdag_err load_file(struct ad_recipe_reader *r, const struct ad_value *ref,
                                 uint32_t *ret)
{
    struct ad_str name, text = {0};
    const char *from = r->scopes.items[r->scope].scope.file, *file = NULL;
    enum artdag_err rc = ad_reader_name(r, ref, "recipe", &name);
    if (rc != ARTDAG_OK)
        return rc;
    const char *path = ad_arena_strdup(&r->recipe->arena, name);
    if (!path)
        return ad_error_nomem(r->err, ROOM);
    if (!r->options || !r->options->load)
        return fail_at(
            r, ref,
            ad_error_set(r->err, ARTDAG_E_UNSUPPORTED, ROOM, "nothing can be included here"));
    rc = r->options->load(r->options->payload, from, path, &r->recipe->arena, &file, &text,
                          r->err);
    if (rc != ARTDAG_OK) {
        ad_error_prefix(r->err, rc, "cannot include \"%s\"", path);
        return fail_at(r, ref, rc);
    }
    rc = open_file(r, ref, file, text, ret);
    return rc == ARTDAG_OK ? note_site(r, ref, *ret) : rc;
}

/* ---- the INCLUDE ---- */

static enum artdag_err check_map(struct ad_recipe_reader *r, const struct ad_value *value,
                                 const char *what)
{
    if (!value || value->kind == AD_VALUE_MAP)
        return ARTDAG_OK;
    return fail_at(r, value,
                   ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                                "%s of an INCLUDE are a map, not a %s", what,
                                ad_value_kind_name(value->kind)));
}

static enum artdag_err check_include(struct ad_recipe_reader *r, const struct ad_value *node,
                                     const struct ad_value **ret_config)
{
    const struct ad_value *config = ad_value_get(node, "config");
    enum artdag_err rc = ad_reader_keys(r, node, include_keys, "an INCLUDE");
    if (rc == ARTDAG_OK && (!config || !ad_value_get(config, "recipe"))) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                          "an INCLUDE needs \"recipe\", a path or a CID, in its config");
        return fail_at(r, config ? config : node, rc);
    }
    if (rc == ARTDAG_OK)
        rc = ad_reader_keys(r, config, config_keys, "the config of an INCLUDE");
    if (rc == ARTDAG_OK)
        rc = check_map(r, ad_value_get(config, "params"), "params");
    if (rc == ARTDAG_OK)
        rc = check_map(r, ad_value_get(node, "inputs"), "inputs");
    *ret_config = config;
    return rc;
}

static enum artdag_err open_scope(struct ad_recipe_reader *r, const struct ad_value *node,
                                  const struct ad_value *config, uint32_t file,
                                  struct ad_str id)
{
    const struct ad_reader_scope *outer = &r->scopes.items[r->scope];
    const struct ad_value *ref = ad_value_get(config, "recipe");
    const char *prefix = ad_arena_printf(&r->recipe->arena, "%.*s%.*s/",
                                         AD_STR_ARG(outer->scope.prefix), AD_STR_ARG(id));
    struct ad_reader_scope inner = {
        .scope =
            {
                .file = r->files.items[file].name,
                .prefix = {prefix, prefix ? strlen(prefix) : 0},
                .parent = r->scope,
                .given = ad_value_get(config, "params"),
                .wires = ad_value_get(node, "inputs"),
                .line = r->scope ? outer->scope.line : node->line,
                .column = r->scope ? outer->scope.column : node->column,
            },
        .file = file,
        .depth = outer->depth + 1,
    };
    if (!prefix)
        return ad_error_nomem(r->err, ROOM);
    if (inner.depth > AD_RECIPE_INCLUDE_DEPTH || r->scopes.len == AD_RECIPE_SCOPES_MAX ||
        inner.scope.prefix.len > AD_RECIPE_NAME_MAX)
        return fail_at(r, ref,
                       ad_error_set(r->err, ARTDAG_E_LIMIT, ROOM,
                                    "too many recipes are included, or too deeply"));
    if (!ad_vec_push(&r->scopes, inner))
        return ad_error_nomem(r->err, ROOM);
    r->scope = (uint32_t)(r->scopes.len - 1);
    return ARTDAG_OK;
}

/* What stands there literally is checked now; references when they are known. */
static enum artdag_err check_value(struct ad_recipe_reader *r,
                                   const struct ad_recipe_param *param,
                                   const struct ad_value *value)
{
    if (ad_value_is_reference(value))
        return ARTDAG_OK;
    enum artdag_err rc = ad_param_check(param, value, NULL, r->err);
    return rc == ARTDAG_OK ? rc : fail_at(r, value, rc);
}

static enum artdag_err check_missing(struct ad_recipe_reader *r, const struct ad_value *config,
                                     const struct ad_recipe_scope *inner)
{
    for (size_t i = 0; i < inner->param_count; i++) {
        const struct ad_recipe_param *param = &inner->params[i];
        if (param->fallback || (inner->given && ad_value_member(inner->given, param->name)))
            continue;
        enum artdag_err rc =
            ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s needs parameter \"%.*s\"",
                         inner->file, AD_STR_ARG(param->name));
        ad_error_hint(r->err, "add it under params: in the config of the INCLUDE");
        return fail_at(r, config, rc);
    }
    return ARTDAG_OK;
}

/* config.params against the parameters of the included recipe. */
static enum artdag_err check_given(struct ad_recipe_reader *r, const struct ad_value *given,
                                   uint32_t scope)
{
    enum artdag_err rc = ARTDAG_OK;
    const struct ad_recipe_scope *inner = &r->scopes.items[scope].scope;
    for (size_t i = 0; rc == ARTDAG_OK && given && i < given->map.len; i++) {
        const struct ad_member *m = &given->map.items[i];
        size_t k = 0;
        while (k < inner->param_count && !ad_str_equal(inner->params[k].name, m->key))
            k++;
        if (k < inner->param_count) {
            rc = check_value(r, &inner->params[k], m->value);
            continue;
        }
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s has no parameter \"%.*s\"",
                          inner->file, AD_STR_ARG(m->key));
        return ad_reader_at(r, m->line, m->column, rc);
    }
    return rc;
}

static bool is_source(const struct ad_value *nodes, struct ad_str id)
{
    for (size_t i = 0; i < nodes->list.len; i++) {
        const struct ad_value *name = ad_value_get(nodes->list.items[i], "id");
        const struct ad_value *type = ad_value_get(nodes->list.items[i], "type");
        if (name && name->kind == AD_VALUE_STRING && ad_str_equal(name->string, id))
            return type && type->kind == AD_VALUE_STRING &&
                   (ad_str_is(type->string, "SOURCE") ||
                    ad_str_is(type->string, "SOURCE_LIST"));
    }
    return false;
}

static enum artdag_err check_wires(struct ad_recipe_reader *r, const struct ad_value *wires,
                                   const struct ad_value *nodes, uint32_t scope)
{
    for (size_t i = 0; wires && i < wires->map.len; i++) {
        const struct ad_member *m = &wires->map.items[i];
        if (is_source(nodes, m->key))
            continue;
        enum artdag_err rc =
            ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s has no SOURCE \"%.*s\"",
                         r->scopes.items[scope].scope.file, AD_STR_ARG(m->key));
        return ad_reader_at(r, m->line, m->column, rc);
    }
    return ARTDAG_OK;
}

/* What goes into the ENCODE at the end of an included recipe: only the outermost film is encoded. */
static const struct ad_value *before_encode(const struct ad_recipe_reader *r,
                                            struct ad_str full, const struct ad_value *output)
{
    const union ad_map_value *found = ad_map_find(&r->recipe->ids, full);
    if (!found || found->num >= r->heads.len || !r->heads.items[found->num].op->encode)
        return output;
    const struct ad_value *inputs = ad_value_get(r->values.items[found->num], "inputs");
    if (inputs && inputs->kind == AD_VALUE_LIST && inputs->list.len)
        return inputs->list.items[0];
    if (inputs && inputs->kind == AD_VALUE_MAP && inputs->map.len)
        return inputs->map.items[0].value;
    return inputs ? inputs : output;
}

/* The node that config.output asks for, by the name of an output or its own; else what dag.output or the first of outputs names. */
static const struct ad_value *choose_output(const struct ad_value *root,
                                            const struct ad_value *wanted)
{
    const struct ad_value *named = ad_value_get(root, "outputs");
    const struct ad_value *main = ad_value_get(ad_value_get(root, "dag"), "output");
    bool any = named && named->kind == AD_VALUE_MAP && named->map.len;
    if (wanted && any && wanted->kind == AD_VALUE_STRING) {
        const struct ad_member *output = ad_value_member(named, wanted->string);
        return output ? output->value : wanted;
    }
    if (wanted || main)
        return wanted ? wanted : main;
    return any ? named->map.items[0].value : NULL;
}

/* The INCLUDE's id stands for the result. */
static enum artdag_err name_result(struct ad_recipe_reader *r, const struct ad_value *root,
                                   const struct ad_value *wanted, struct ad_str full)
{
    const struct ad_value *output = choose_output(root, wanted);
    struct ad_str name;
    if (!output)
        return fail_at(r, root,
                       ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "dag has no output"));
    enum artdag_err rc = ad_reader_name(r, output, "output", &name);
    if (rc == ARTDAG_OK) {
        struct ad_str inner = ad_reader_full_name(r, name);
        output = inner.ptr ? before_encode(r, inner, output) : output;
        rc = ad_reader_name(r, output, "an input", &name);
    }
    return rc == ARTDAG_OK ? ad_reader_alias(r, full, ad_reader_full_name(r, name), output)
                           : rc;
}

enum artdag_err ad_reader_include(struct ad_recipe_reader *r, const struct ad_value *node,
                                  struct ad_str id)
{
    const struct ad_value *config = NULL, *dag = NULL;
    uint32_t file = 0, outer = r->scope;
    struct ad_str full = ad_reader_full_name(r, id);
    enum artdag_err rc = check_include(r, node, &config);
    if (rc == ARTDAG_OK)
        rc = load_file(r, ad_value_get(config, "recipe"), &file);
    if (rc == ARTDAG_OK)
        rc = open_scope(r, node, config, file, id);
    if (rc != ARTDAG_OK || !config)
        return rc;
    uint32_t inner = r->scope;
    const struct ad_value *root = r->files.items[file].root;
    rc = ad_reader_dag(r, root, &dag);
    if (rc == ARTDAG_OK)
        rc = ad_reader_registry(r, ad_value_get(root, "registry"));
    if (rc == ARTDAG_OK)
        rc = ad_reader_params(r, ad_value_get(root, "params"));
    if (rc == ARTDAG_OK)
        rc = ad_reader_heads(r, ad_value_get(dag, "nodes"));
    if (rc == ARTDAG_OK)
        rc = name_result(r, root, ad_value_get(config, "output"), full);
    if (rc != ARTDAG_OK)
        return rc;
    r->scope = outer;
    rc = check_given(r, ad_value_get(config, "params"), inner);
    if (rc == ARTDAG_OK)
        rc = check_missing(r, config, &r->scopes.items[inner].scope);
    if (rc == ARTDAG_OK)
        rc = check_wires(r, ad_value_get(node, "inputs"), ad_value_get(dag, "nodes"), inner);
    return rc;
}

/* ---- freezing ---- */

/* Where line begins in text, or text.len. */
static size_t line_at(struct ad_str text, uint32_t line)
{
    size_t at = 0;
    for (uint32_t i = 1; i < line && at < text.len; i++) {
        const char *end = memchr(text.ptr + at, '\n', text.len - at);
        at = end ? (size_t)(end - text.ptr) + 1 : text.len;
    }
    return at;
}

/* The bytes of a scalar as it is written, with its quotes. 0 = it is not what stands there. */
static size_t written_len(struct ad_str text, size_t at, const struct ad_value *value)
{
    if (at >= text.len)
        return 0;
    char quote = text.ptr[at];
    if (quote != '"' && quote != '\'') {
        struct ad_str there = ad_str_slice(text, at, at + value->string.len);
        return ad_str_equal(there, value->string) ? value->string.len : 0;
    }
    for (size_t i = at + 1; i < text.len; i++) {
        bool twice = quote == '\'' && i + 1 < text.len && text.ptr[i + 1] == '\'';
        bool escaped = (text.ptr[i] == '\\' && quote == '"') || (text.ptr[i] == quote && twice);
        if (escaped)
            i++;
        else if (text.ptr[i] == quote)
            return i + 1 - at;
    }
    return 0;
}

enum artdag_err ad_recipe_freeze(const struct ad_recipe *recipe, uint32_t file,
                                 const char *const *cids, struct ad_buf *ret, artdag_error *err)
{
    const struct ad_recipe_file *in = &recipe->files[file];
    size_t done = 0;
    for (size_t i = 0; i < in->site_count; i++) {
        const struct ad_value *ref = in->sites[i].ref;
        size_t at = line_at(in->text, ref->line) + ref->column - 1;
        size_t len = at >= done ? written_len(in->text, at, ref) : 0;
        if (!len) {
            (void)ad_error_set(err, ARTDAG_E_CORRUPT, ROOM,
                               "cannot find again where \"%.*s\" is included",
                               AD_STR_ARG(ref->string));
            ad_error_hint(err, "write it as a plain scalar, without an anchor");
            ad_error_at(err, in->name, (int)ref->line, (int)ref->column);
            return ARTDAG_E_CORRUPT;
        }
        (void)ad_buf_append(ret, in->text.ptr + done, at - done);
        (void)ad_buf_str(ret, cids[in->sites[i].file]);
        done = at + len;
    }
    (void)ad_buf_append(ret, in->text.ptr + done, in->text.len - done);
    return ad_buf_status(ret) == ARTDAG_OK ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}
