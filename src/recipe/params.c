/* SPDX-License-Identifier: MIT
 *
 * `params:`: declarations.
 */
#include <string.h>

#include "recipe/reader.h"
#include "recipe/value.h"

static const char *const param_keys[] = {"type",   "default",     "min", "max",
                                         "values", "description", NULL};
static const char *const type_names[] = {"number", "int",  "string", "bool",
                                         "time",   "enum", "color",  NULL};
static const enum ad_field_type types[] = {AD_FIELD_NUMBER, AD_FIELD_INT,  AD_FIELD_STRING,
                                           AD_FIELD_BOOL,   AD_FIELD_TIME, AD_FIELD_ENUM,
                                           AD_FIELD_COLOR};

/* ---- declarations ---- */

static bool is_param_name(struct ad_str name)
{
    char text[1 + AD_RECIPE_NAME_MAX] = "$";
    struct ad_str found = {0};
    if (name.len == 0 || name.len > AD_RECIPE_NAME_MAX)
        return false;
    memcpy(text + 1, name.ptr, name.len);
    struct ad_value value = {.kind = AD_VALUE_STRING, .string = {text, 1 + name.len}};
    return name.ptr[0] != '{' && ad_value_is_param(&value, &found) && found.len == name.len;
}

static enum artdag_err read_type(struct ad_recipe_reader *r, const struct ad_value *decl,
                                 struct ad_recipe_param *param)
{
    const struct ad_value *type = ad_value_get(decl, "type");
    struct ad_str name = {0};
    enum artdag_err rc;
    if (!type) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "parameter \"%.*s\" has no type",
                          AD_STR_ARG(param->name));
        return ad_reader_at(r, decl->line, decl->column, rc);
    }
    rc = ad_reader_name(r, type, "type", &name);
    if (rc != ARTDAG_OK)
        return rc;
    for (size_t i = 0; type_names[i]; i++)
        if (ad_str_is(name, type_names[i])) {
            param->type = types[i];
            return ARTDAG_OK;
        }
    rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "unknown parameter type \"%.*s\"",
                      AD_STR_ARG(name));
    if (ad_str_nearest(name, type_names))
        ad_reader_suggest(r, name, type_names);
    else
        ad_error_hint(r->err, "number, int, string, bool, time, enum and color are known");
    return ad_reader_at(r, type->line, type->column, rc);
}

static enum artdag_err read_bound(struct ad_recipe_reader *r, const struct ad_value *decl,
                                  const struct ad_recipe_param *param, const char *key,
                                  bool *ret_has, double *ret)
{
    const struct ad_value *bound = ad_value_get(decl, key);
    enum artdag_err rc = ARTDAG_OK;
    if (!bound)
        return ARTDAG_OK;
    if (param->type != AD_FIELD_NUMBER && param->type != AD_FIELD_INT &&
        param->type != AD_FIELD_TIME)
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                          "%s belongs to parameters of type number, int and time", key);
    else if (bound->kind != AD_VALUE_INT && bound->kind != AD_VALUE_DOUBLE)
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s is a number, not a %s", key,
                          ad_value_kind_name(bound->kind));
    if (rc != ARTDAG_OK)
        return ad_reader_at(r, bound->line, bound->column, rc);
    *ret_has = true;
    *ret = bound->kind == AD_VALUE_INT ? (double)bound->integer : bound->number;
    return ARTDAG_OK;
}

static enum artdag_err read_values(struct ad_recipe_reader *r, const struct ad_value *decl,
                                   struct ad_recipe_param *param)
{
    const struct ad_value *values = ad_value_get(decl, "values");
    const struct ad_value *at = values ? values : decl;
    enum artdag_err rc = ARTDAG_OK;
    if (!values && param->type != AD_FIELD_ENUM)
        return ARTDAG_OK;
    if (param->type != AD_FIELD_ENUM)
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                          "values belongs to parameters of type enum");
    else if (!values || values->kind != AD_VALUE_LIST || !values->list.len)
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                          "an enum parameter has a list of values");
    if (rc != ARTDAG_OK)
        return ad_reader_at(r, at->line, at->column, rc);
    const char **names =
        ad_arena_array(&r->recipe->arena, values->list.len + 1, sizeof(*names));
    for (size_t i = 0; names && rc == ARTDAG_OK && i < values->list.len; i++) {
        struct ad_str name = {0};
        rc = ad_reader_name(r, values->list.items[i], "a value", &name);
        names[i] = ad_arena_strdup(&r->recipe->arena, name);
    }
    param->values = names;
    return rc;
}

static enum artdag_err read_default(struct ad_recipe_reader *r, const struct ad_value *decl,
                                    struct ad_recipe_param *param)
{
    const struct ad_value *value = ad_value_get(decl, "default");
    if (!value)
        return ARTDAG_OK;
    enum artdag_err rc = ad_param_check(param, value, NULL, r->err);
    if (rc != ARTDAG_OK)
        return ad_reader_at(r, value->line, value->column, rc);
    param->fallback = value;
    return ARTDAG_OK;
}

static enum artdag_err read_param(struct ad_recipe_reader *r, const struct ad_member *m,
                                  struct ad_recipe_param *param)
{
    const struct ad_value *doc = ad_value_get(m->value, "description");
    enum artdag_err rc = ARTDAG_OK;
    *param = (struct ad_recipe_param){
        .name = m->key, .line = m->line, .column = m->column, .doc = ""};
    if (!is_param_name(m->key)) {
        rc =
            ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "a parameter cannot be called \"%.*s\"",
                         (int)(m->key.len > 60 ? 60 : m->key.len), m->key.ptr);
        ad_error_hint(r->err, "letters, digits, _ and -, beginning with a letter");
        return ad_reader_at(r, m->line, m->column, rc);
    }
    rc = ad_reader_keys(r, m->value, param_keys, "a parameter");
    if (rc == ARTDAG_OK && doc && doc->kind == AD_VALUE_STRING)
        param->doc = ad_arena_strdup(&r->recipe->arena, doc->string);
    if (rc == ARTDAG_OK)
        rc = read_type(r, m->value, param);
    if (rc == ARTDAG_OK)
        rc = read_values(r, m->value, param);
    if (rc == ARTDAG_OK)
        rc = read_bound(r, m->value, param, "min", &param->has_min, &param->min);
    if (rc == ARTDAG_OK)
        rc = read_bound(r, m->value, param, "max", &param->has_max, &param->max);
    return rc == ARTDAG_OK ? read_default(r, m->value, param) : rc;
}

enum artdag_err ad_reader_params(struct ad_recipe_reader *r, const struct ad_value *value)
{
    struct ad_recipe *recipe = r->recipe;
    enum artdag_err rc = ARTDAG_OK;
    if (!value || value->kind == AD_VALUE_NULL)
        return ARTDAG_OK;
    if (value->kind != AD_VALUE_MAP) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "params is a map, not a %s",
                          ad_value_kind_name(value->kind));
        return ad_reader_at(r, value->line, value->column, rc);
    }
    struct ad_recipe_param *params =
        ad_arena_array(&recipe->arena, value->map.len, sizeof(*params));
    if (!params)
        return ad_error_nomem(r->err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < value->map.len; i++)
        rc = read_param(r, &value->map.items[i], &params[i]);
    r->scopes.items[r->scope].scope.params = params;
    r->scopes.items[r->scope].scope.param_count = value->map.len;
    return rc;
}
