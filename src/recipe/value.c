/* SPDX-License-Identifier: MIT
 *
 * Values of parameters: defaults as YAML, given ones as text that the declared type reads.
 */
#include "recipe/value.h"

#define ROOM "recipe"

static const struct ad_format any_format = {
    .width = 2,
    .height = 2,
    .fps_num = 25,
    .fps_den = 1,
    .pixel_format = "yuv420p",
    .sample_rate = 48000,
    .channels = 2,
};

static enum artdag_err refuse(const struct ad_recipe_param *param, artdag_error *err,
                              const char *why)
{
    return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "parameter \"%.*s\" %s",
                        AD_STR_ARG(param->name), why);
}

static enum artdag_err check_bounds(const struct ad_recipe_param *param, double value,
                                    double min, double max, artdag_error *err)
{
    char low[32], high[32];
    if ((!param->has_min || value >= min) && (!param->has_max || value <= max))
        return ARTDAG_OK;
    enum artdag_err rc = refuse(param, err, "is out of range");
    ad_double_format(param->min, low);
    ad_double_format(param->max, high);
    if (param->has_min && param->has_max)
        ad_error_hint(err, "from %s to %s", low, high);
    else if (param->has_min)
        ad_error_hint(err, "at least %s", low);
    else
        ad_error_hint(err, "at most %s", high);
    return rc;
}

/* Bounds of a time are seconds; they are compared as the frames they come to. */
static enum artdag_err check_time(const struct ad_recipe_param *param,
                                  const struct ad_value *value, const struct ad_format *format,
                                  artdag_error *err)
{
    int64_t frames = 0, min = 0, max = 0;
    struct ad_value low = {.kind = AD_VALUE_DOUBLE, .number = param->min};
    struct ad_value high = {.kind = AD_VALUE_DOUBLE, .number = param->max};
    enum artdag_err rc =
        ad_time_to_frames(value, format ? format : &any_format, NULL, &frames, err);
    if (rc != ARTDAG_OK) {
        ad_error_prefix(err, rc, "parameter \"%.*s\"", AD_STR_ARG(param->name));
        return rc;
    }
    if (!format)
        return ARTDAG_OK;
    if (param->has_min)
        rc = ad_time_to_frames(&low, format, NULL, &min, err);
    if (rc == ARTDAG_OK && param->has_max)
        rc = ad_time_to_frames(&high, format, NULL, &max, err);
    return rc == ARTDAG_OK ? check_bounds(param, (double)frames, (double)min, (double)max, err)
                           : rc;
}

static enum artdag_err check_enum(const struct ad_recipe_param *param, struct ad_str value,
                                  artdag_error *err)
{
    for (const char *const *name = param->values; *name; name++)
        if (ad_str_is(value, *name))
            return ARTDAG_OK;
    enum artdag_err rc = ad_error_set(
        err, ARTDAG_E_FORMAT, ROOM, "parameter \"%.*s\" cannot be \"%.*s\"",
        AD_STR_ARG(param->name), (int)(value.len > 60 ? 60 : value.len), value.ptr);
    const char *near = ad_str_nearest(value, param->values);
    if (near)
        ad_error_hint(err, "did you mean %s?", near);
    else
        ad_error_hint(err, "for example %s", param->values[0]);
    return rc;
}

enum artdag_err ad_param_check(const struct ad_recipe_param *param,
                               const struct ad_value *value, const struct ad_format *format,
                               artdag_error *err)
{
    bool integer = value->kind == AD_VALUE_INT;
    bool number = integer || value->kind == AD_VALUE_DOUBLE;
    bool text = value->kind == AD_VALUE_STRING;
    switch (param->type) {
    case AD_FIELD_INT:
        if (!integer)
            return refuse(param, err, "is a whole number");
        return check_bounds(param, (double)value->integer, param->min, param->max, err);
    case AD_FIELD_NUMBER:
        if (!number)
            return refuse(param, err, "is a number");
        return check_bounds(param, integer ? (double)value->integer : value->number, param->min,
                            param->max, err);
    case AD_FIELD_BOOL:
        return value->kind == AD_VALUE_BOOL ? ARTDAG_OK
                                            : refuse(param, err, "is true or false");
    case AD_FIELD_TIME:
        return check_time(param, value, format, err);
    case AD_FIELD_ENUM:
        return text ? check_enum(param, value->string, err)
                    : refuse(param, err, "is one of its values, as text");
    default:
        return text ? ARTDAG_OK : refuse(param, err, "is a string");
    }
}

/* ---- given values ---- */

static struct ad_value *read_text(const struct ad_recipe_param *param, struct ad_str text,
                                  struct ad_arena *arena)
{
    int64_t integer = 0;
    double number = 0;
    bool numeric = param->type == AD_FIELD_INT || param->type == AD_FIELD_NUMBER;
    if (numeric && ad_str_to_i64(text, &integer))
        return ad_value_new_int(arena, integer);
    if (param->type == AD_FIELD_NUMBER && ad_str_to_double(text, &number))
        return ad_value_new_double(arena, number);
    if (param->type == AD_FIELD_BOOL && ad_str_is(text, "true"))
        return ad_value_new_bool(arena, true);
    if (param->type == AD_FIELD_BOOL && ad_str_is(text, "false"))
        return ad_value_new_bool(arena, false);
    return ad_value_new_str(arena,
                            text); /* a string where none is wanted is refused by the check */
}

static enum artdag_err unknown_param(const struct ad_recipe *recipe, const char *name,
                                     artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    const char **known = ad_arena_array(&arena, recipe->param_count + 1, sizeof(*known));
    for (size_t i = 0; known && i < recipe->param_count; i++)
        known[i] = ad_arena_strdup(&arena, recipe->params[i].name);
    enum artdag_err rc =
        ad_error_set(err, ARTDAG_E_INVAL, ROOM, "the recipe has no parameter \"%s\"", name);
    const char *near =
        ad_arena_failed(&arena) ? NULL : ad_str_nearest(ad_str_from(name), known);
    if (near)
        ad_error_hint(err, "did you mean %s?", near);
    else if (recipe->param_count)
        ad_error_hint(err, "its first is %.*s", AD_STR_ARG(recipe->params[0].name));
    else
        ad_error_hint(err, "it has none");
    ad_arena_fini(&arena);
    return rc;
}

static enum artdag_err take_given(const struct ad_recipe *recipe,
                                  const struct ad_recipe_given *given, struct ad_arena *arena,
                                  const struct ad_value **values, artdag_error *err)
{
    size_t i = 0;
    while (i < recipe->param_count && !ad_str_is(recipe->params[i].name, given->name))
        i++;
    if (i == recipe->param_count)
        return unknown_param(recipe, given->name, err);
    if (values[i])
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "parameter \"%s\" is given twice",
                            given->name);
    values[i] = read_text(&recipe->params[i], ad_str_from(given->value), arena);
    return values[i] ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

static enum artdag_err settle(const struct ad_recipe *recipe,
                              const struct ad_recipe_param *param,
                              const struct ad_format *format, const struct ad_value **value,
                              artdag_error *err)
{
    enum artdag_err rc;
    if (!*value)
        *value = param->fallback;
    if (*value) {
        rc = ad_param_check(param, *value, format, err);
    } else {
        rc = refuse(param, err, "is not given and has no default");
        ad_error_hint(err, "add -p %.*s=VALUE", AD_STR_ARG(param->name));
    }
    if (rc != ARTDAG_E_FORMAT)
        return rc;
    if (err)
        err->code = ARTDAG_E_INVAL;
    ad_error_at(err, recipe->file, (int)param->line, (int)param->column);
    return ARTDAG_E_INVAL;
}

enum artdag_err ad_recipe_params(const struct ad_recipe *recipe,
                                 const struct ad_recipe_given *given, size_t count,
                                 const struct ad_format *format, struct ad_arena *arena,
                                 const struct ad_value *const **ret, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    const struct ad_value **values =
        ad_arena_array(arena, recipe->param_count, sizeof(*values));
    if (!values)
        return ad_error_nomem(err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++)
        rc = take_given(recipe, &given[i], arena, values, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < recipe->param_count; i++)
        rc = settle(recipe, &recipe->params[i], format, &values[i], err);
    if (rc == ARTDAG_OK)
        *ret = values;
    return rc;
}
