/* SPDX-License-Identifier: MIT
 *
 * EFFECT: reading a definition.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ops/effect.h"

static const char *const root_keys[] = {"effect", "description", "inputs", "range", "colors",
                                        "params", "video",       "audio",  NULL};
static const char *const range_keys[] = {"before", "after", NULL};
static const char *const param_keys[] = {"type",   "default",     "min",  "max",
                                         "values", "description", "unit", NULL};
static const char *const filter_keys[] = {"filter", "in", "as", "options", NULL};

struct reading {
    struct ad_arena *arena;
    const char *file;
    artdag_error *err;
};

static enum artdag_err bad(struct reading *r, const struct ad_value *at, const char *fmt, ...)
    AD_PRINTF(3, 4);

static enum artdag_err bad(struct reading *r, const struct ad_value *at, const char *fmt, ...)
{
    char text[320];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    (void)ad_error_set(r->err, ARTDAG_E_FORMAT, "ops", "%s", text);
    if (at && at->line)
        ad_error_at(r->err, r->file, (int)at->line, (int)at->column);
    return ARTDAG_E_FORMAT;
}

static bool is_known(struct ad_str key, const char *const *known)
{
    for (; *known; known++) {
        if (ad_str_is(key, *known))
            return true;
    }
    return false;
}

static enum artdag_err check_keys(struct reading *r, const struct ad_value *map,
                                  const char *const *known, const char *what)
{
    if (!map || map->kind != AD_VALUE_MAP)
        return bad(r, map, "%s is not a map", what);
    for (size_t i = 0; i < map->map.len; i++) {
        const struct ad_member *m = &map->map.items[i];
        if (is_known(m->key, known))
            continue;
        const char *near = ad_str_nearest(m->key, known);
        struct ad_value at = {.line = m->line, .column = m->column};
        (void)bad(r, &at, "%s has no key \"%.*s\"", what, AD_STR_ARG(m->key));
        if (near)
            ad_error_hint(r->err, "did you mean \"%s\"?", near);
        return ARTDAG_E_FORMAT;
    }
    return ARTDAG_OK;
}

static enum artdag_err read_int(struct reading *r, const struct ad_value *map, const char *key,
                                int64_t max, int64_t *ret)
{
    const struct ad_value *v = ad_value_get(map, key);
    if (!v)
        return ARTDAG_OK;
    if (v->kind != AD_VALUE_INT || v->integer < 0 || v->integer > max)
        return bad(r, v, "%s is a whole number of at most %lld", key, (long long)max);
    *ret = v->integer;
    return ARTDAG_OK;
}

static const char *text_of(struct reading *r, const struct ad_value *v, const char *fallback)
{
    if (!v || v->kind != AD_VALUE_STRING)
        return fallback;
    const char *copy = ad_arena_strdup(r->arena, v->string);
    return copy ? copy : fallback;
}

/* ---- parameters ---- */

static const struct {
    const char *name;
    enum ad_field_type type;
} types[] = {
    {"bool", AD_FIELD_BOOL}, {"color", AD_FIELD_COLOR},   {"enum", AD_FIELD_ENUM},
    {"int", AD_FIELD_INT},   {"number", AD_FIELD_NUMBER}, {"time", AD_FIELD_TIME},
};

static enum artdag_err read_limit(struct reading *r, const struct ad_value *param,
                                  const char *key, double *ret)
{
    const struct ad_value *v = ad_value_get(param, key);
    if (!v)
        return ARTDAG_OK;
    if (v->kind != AD_VALUE_INT && v->kind != AD_VALUE_DOUBLE)
        return bad(r, v, "%s is not a number", key);
    *ret = v->kind == AD_VALUE_INT ? (double)v->integer : v->number;
    return ARTDAG_OK;
}

static enum artdag_err read_values(struct reading *r, const struct ad_value *param,
                                   struct ad_field *field)
{
    const struct ad_value *list = ad_value_get(param, "values");
    if (field->type != AD_FIELD_ENUM)
        return list ? bad(r, list, "only an enum has values") : ARTDAG_OK;
    if (!list || list->kind != AD_VALUE_LIST || !list->list.len)
        return bad(r, list ? list : param, "an enum has a list of values");
    const char **values = ad_arena_array(r->arena, list->list.len + 1, sizeof(*values));
    for (size_t i = 0; values && i < list->list.len; i++) {
        values[i] = text_of(r, list->list.items[i], NULL);
        if (!values[i])
            return bad(r, list->list.items[i], "a value of an enum is not a text");
    }
    field->values = values;
    return values ? ARTDAG_OK : ad_error_nomem(r->err, "ops");
}

static enum artdag_err read_fallback(struct reading *r, const struct ad_value *param,
                                     struct ad_field *field)
{
    struct ad_buf json = AD_BUF_INIT(4096);
    const struct ad_value *v = ad_value_get(param, "default");
    field->required = v == NULL;
    if (!v)
        return ARTDAG_OK;
    enum artdag_err rc = ad_json_canonical(v, &json, r->err);
    if (rc == ARTDAG_OK)
        field->fallback = ad_arena_strdup(r->arena, ad_buf_as_str(&json));
    ad_buf_fini(&json);
    if (rc != ARTDAG_OK)
        return bad(r, v, "default cannot be used");
    return field->fallback ? ARTDAG_OK : ad_error_nomem(r->err, "ops");
}

static bool is_name(struct ad_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return text.len > 0 && text.len <= 60;
}

static enum artdag_err read_param(struct reading *r, const struct ad_member *member,
                                  struct ad_field *field)
{
    static const char *const taken[] = {"width", "height", "fps", NULL};
    const struct ad_value *param = member->value;
    enum artdag_err rc = check_keys(r, param, param_keys, "a parameter");
    if (rc)
        return rc;
    if (!is_name(member->key) || is_known(member->key, taken))
        return bad(r, param, "\"%.*s\" cannot be the name of a parameter",
                   AD_STR_ARG(member->key));
    const struct ad_value *type = ad_value_get(param, "type");
    size_t t = 0;
    while (t < sizeof(types) / sizeof(types[0]) &&
           !(type && type->kind == AD_VALUE_STRING && ad_str_is(type->string, types[t].name)))
        t++;
    if (t == sizeof(types) / sizeof(types[0]))
        return bad(r, type ? type : param,
                   "type is one of bool, color, enum, int, number, time");
    field->name = ad_arena_strdup(r->arena, member->key);
    field->type = types[t].type;
    field->doc = text_of(r, ad_value_get(param, "description"), "");
    field->unit = text_of(r, ad_value_get(param, "unit"), NULL);
    rc = read_limit(r, param, "min", &field->min);
    if (!rc)
        rc = read_limit(r, param, "max", &field->max);
    if (!rc)
        rc = read_values(r, param, field);
    if (!rc)
        rc = read_fallback(r, param, field);
    return rc ? rc : field->name ? ARTDAG_OK : ad_error_nomem(r->err, "ops");
}

static enum artdag_err read_params(struct reading *r, const struct ad_value *params,
                                   struct ad_effect *effect)
{
    size_t count = params && params->kind == AD_VALUE_MAP ? params->map.len : 0;
    if (params && params->kind != AD_VALUE_MAP)
        return bad(r, params, "params is not a map");
    if (count > AD_FIELDS_MAX - 1)
        return bad(r, params, "an effect has at most %d parameters", AD_FIELDS_MAX - 1);
    struct ad_field *fields = ad_arena_array(r->arena, count + 1, sizeof(*fields));
    if (!fields)
        return ad_error_nomem(r->err, "ops");
    for (size_t i = 0; i < count; i++) {
        enum artdag_err rc = read_param(r, &params->map.items[i], &fields[i]);
        if (rc)
            return rc;
    }
    effect->params = fields;
    return ARTDAG_OK;
}

/* ---- filters ---- */

/* Filter `as` NAME, or its place in the list. */
static bool names_filter(const struct ad_value *filters, size_t before, struct ad_str name)
{
    for (size_t i = 0; i < before; i++) {
        const struct ad_value *as = ad_value_get(filters->list.items[i], "as");
        if (as && as->kind == AD_VALUE_STRING && ad_str_equal(as->string, name))
            return true;
    }
    return false;
}

static enum artdag_err check_ref(struct reading *r, const struct ad_effect *effect,
                                 const struct ad_value *filters, size_t i,
                                 const struct ad_value *ref)
{
    if (ref->kind != AD_VALUE_STRING)
        return bad(r, ref, "an input of a filter is a name");
    const char *dot = memchr(ref->string.ptr, '.', ref->string.len);
    struct ad_str name = {ref->string.ptr,
                          dot ? (size_t)(dot - ref->string.ptr) : ref->string.len};
    int64_t n = 0;
    if (dot && (!ad_str_to_i64(ad_str_slice(ref->string, name.len + 1, ref->string.len), &n) ||
                n < 0 || n > 64))
        return bad(r, ref, "what follows the dot is the number of an output");
    struct ad_str digits = ad_str_slice(name, name.len < 5 ? name.len : 5, name.len);
    bool input = name.len >= 5 && memcmp(name.ptr, "input", 5) == 0 &&
                 (!digits.len || (ad_str_to_i64(digits, &n) && n >= 0 && n < effect->inputs));
    if (!input && !names_filter(filters, i, name))
        return bad(r, ref, "\"%.*s\" is no input and no filter above", AD_STR_ARG(name));
    return ARTDAG_OK;
}

static bool is_param(const struct ad_effect *effect, struct ad_str name)
{
    static const char *const given[] = {"width", "height", "fps", NULL};
    for (const struct ad_field *f = effect->params; f->name; f++) {
        if (ad_str_is(name, f->name))
            return true;
    }
    return is_known(name, given);
}

/* The reference that begins with the $ at `at`. */
static bool is_reference(const struct ad_effect *effect, struct ad_str text, size_t at,
                         struct ad_str *ret_name)
{
    bool braces = at + 1 < text.len && text.ptr[at + 1] == '{';
    size_t from = at + (braces ? 2 : 1);
    size_t to = from;
    while (to < text.len && is_name(ad_str_slice(text, from, to + 1)))
        to++;
    *ret_name = ad_str_slice(text, from, to);
    return is_param(effect, *ret_name) && (!braces || (to < text.len && text.ptr[to] == '}'));
}

static enum artdag_err check_option(struct reading *r, const struct ad_effect *effect,
                                    const struct ad_value *v)
{
    if (v->kind == AD_VALUE_INT || v->kind == AD_VALUE_DOUBLE || v->kind == AD_VALUE_BOOL)
        return ARTDAG_OK;
    if (v->kind != AD_VALUE_STRING)
        return bad(r, v, "an option has a number or a text");
    for (size_t at = 0; at < v->string.len; at++) {
        struct ad_str name;
        if (v->string.ptr[at] == '$' && !is_reference(effect, v->string, at, &name))
            return bad(r, v, "\"$%.*s\" is no parameter", AD_STR_ARG(name));
    }
    return ARTDAG_OK;
}

static enum artdag_err check_options(struct reading *r, const struct ad_effect *effect,
                                     const struct ad_value *options)
{
    enum artdag_err rc = ARTDAG_OK;
    if (options && options->kind != AD_VALUE_MAP)
        return bad(r, options, "options is a map");
    for (size_t k = 0; !rc && options && k < options->map.len; k++)
        rc = check_option(r, effect, options->map.items[k].value);
    return rc;
}

static enum artdag_err check_inputs(struct reading *r, const struct ad_effect *effect,
                                    const struct ad_value *filters, size_t i)
{
    const struct ad_value *in = ad_value_get(filters->list.items[i], "in");
    enum artdag_err rc = ARTDAG_OK;
    if (in && in->kind != AD_VALUE_LIST)
        return bad(r, in, "in is a list of names");
    for (size_t k = 0; !rc && in && k < in->list.len; k++)
        rc = check_ref(r, effect, filters, i, in->list.items[k]);
    return rc;
}

static enum artdag_err check_filter(struct reading *r, const struct ad_effect *effect,
                                    enum ad_medium medium, const struct ad_value *filters,
                                    size_t i)
{
    const struct ad_value *filter = filters->list.items[i];
    enum artdag_err rc = check_keys(r, filter, filter_keys, "a filter");
    if (rc)
        return rc;
    const struct ad_value *name = ad_value_get(filter, "filter");
    if (!name || name->kind != AD_VALUE_STRING)
        return bad(r, name ? name : filter, "a filter has a name");
    if (!ad_effect_may_use(medium, name->string))
        return bad(r, name, "an effect cannot use filter \"%.*s\"", AD_STR_ARG(name->string));
    rc = check_inputs(r, effect, filters, i);
    return rc ? rc : check_options(r, effect, ad_value_get(filter, "options"));
}

static enum artdag_err read_filters(struct reading *r, const struct ad_value *root,
                                    const char *key, struct ad_effect *effect,
                                    const struct ad_value **ret)
{
    const struct ad_value *list = ad_value_get(root, key);
    enum ad_medium medium = strcmp(key, "video") == 0 ? AD_VIDEO : AD_AUDIO;
    enum artdag_err rc = ARTDAG_OK;
    if (list && (list->kind != AD_VALUE_LIST || !list->list.len ||
                 list->list.len > AD_EFFECT_FILTERS_MAX))
        return bad(r, list, "%s is a list of 1 to %d filters", key, AD_EFFECT_FILTERS_MAX);
    for (size_t i = 0; !rc && list && i < list->list.len; i++)
        rc = check_filter(r, effect, medium, list, i);
    *ret = list;
    return rc;
}

/* ---- the whole ---- */

static enum artdag_err read_range(struct reading *r, const struct ad_value *range,
                                  struct ad_effect *effect)
{
    if (!range || (range->kind == AD_VALUE_STRING && ad_str_is(range->string, "frame")))
        return ARTDAG_OK;
    effect->whole = range->kind == AD_VALUE_STRING && ad_str_is(range->string, "whole");
    if (effect->whole)
        return ARTDAG_OK;
    if (range->kind != AD_VALUE_MAP)
        return bad(r, range, "range is frame, whole, or {before: N, after: N}");
    enum artdag_err rc = check_keys(r, range, range_keys, "range");
    if (!rc)
        rc = read_int(r, range, "before", 1000, &effect->before);
    return rc ? rc : read_int(r, range, "after", 1000, &effect->after);
}

static enum artdag_err check_memory(struct reading *r, const struct ad_value *root,
                                    const struct ad_effect *effect)
{
    int64_t needed = effect->video ? ad_effect_memory(effect->video) : 0;
    const struct ad_value *at = ad_value_get(root, "range");
    if (effect->whole || needed <= effect->before)
        return ARTDAG_OK;
    if (needed == INT64_MAX)
        return bad(r, at ? at : root,
                   "its filters look at all frames before: say \"range: whole\"");
    return bad(
        r, at ? at : root,
        "its filters look at %lld frames before their own: say \"range: {before: %lld}\"",
        (long long)needed, (long long)needed);
}

static enum artdag_err read_titles(struct reading *r, const struct ad_value *root,
                                   struct ad_effect *effect)
{
    const struct ad_value *name = ad_value_get(root, "effect");
    const struct ad_value *colors = ad_value_get(root, "colors");
    if (!name || name->kind != AD_VALUE_STRING || !name->string.len)
        return bad(r, name ? name : root, "an effect begins with its name: \"effect: NAME\"");
    effect->name = text_of(r, name, "");
    effect->doc = text_of(r, ad_value_get(root, "description"), "");
    struct ad_str said = AD_STR_LIT("working");
    if (colors)
        said = colors->kind == AD_VALUE_STRING ? colors->string : (struct ad_str){0};
    effect->rgb = ad_str_is(said, "rgb");
    if (!effect->rgb && !ad_str_is(said, "working"))
        return bad(r, colors, "colors is working or rgb");
    return ARTDAG_OK;
}

enum artdag_err ad_effect_read(struct ad_arena *arena, const struct ad_value *root,
                               const char *file, struct ad_effect *ret, artdag_error *err)
{
    struct reading r = {arena, file, err};
    struct ad_effect e = {.inputs = 1};
    enum artdag_err rc = check_keys(&r, root, root_keys, "the effect");
    if (!rc)
        rc = read_titles(&r, root, &e);
    if (!rc)
        rc = read_int(&r, root, "inputs", AD_EFFECT_INPUTS_MAX, &e.inputs);
    if (!rc && e.inputs < 1)
        rc = bad(&r, ad_value_get(root, "inputs"), "an effect has at least one input");
    if (!rc)
        rc = read_range(&r, ad_value_get(root, "range"), &e);
    if (!rc)
        rc = read_params(&r, ad_value_get(root, "params"), &e);
    if (!rc)
        rc = read_filters(&r, root, "video", &e, &e.video);
    if (!rc)
        rc = read_filters(&r, root, "audio", &e, &e.audio);
    if (!rc)
        rc = check_memory(&r, root, &e);
    if (!rc && ad_arena_failed(arena))
        rc = ad_error_nomem(err, "ops");
    if (!rc)
        *ret = e;
    return rc;
}
