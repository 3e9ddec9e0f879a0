/* SPDX-License-Identifier: MIT
 *
 * The recipe language as a JSON Schema (draft 7, which editors understand): what is the same in every recipe as
 * text below, configs and inputs out of the ops' own tables.
 */
#include <stdio.h>
#include <string.h>

#include "recipe/recipe.h"

#define ROOM "recipe"

/* clang-format off */
static const char definitions[] =
    "{\"id\": {\"type\": [\"string\", \"number\"], \"description\": \"The id of a node.\"},"
    "\"reference\": {\"type\": \"string\", \"pattern\": \"^\\\\$([A-Za-z_][A-Za-z0-9_-]*|\\\\{.+\\\\})$\","
    " \"description\": \"A parameter, $name, or an expression, ${a * 2 + clip.duration}.\"},"
    "\"time\": {\"anyOf\": [{\"type\": \"number\", \"minimum\": 0}, {\"type\": \"string\", \"pattern\":"
    " \"^([0-9.]+(e[-+]?[0-9]+)?(ms|s)?|[0-9]+f|[0-9]+/[0-9]+s?|([0-9]+:)?[0-9]{2}:[0-9]{2}(\\\\.[0-9]+)?)$\"}],"
    " \"description\": \"Seconds (1.5), \\\"250ms\\\", frames (\\\"36f\\\") or \\\"00:01:02.5\\\".\"},"
    "\"color\": {\"type\": \"string\", \"description\": \"A name, or #rrggbb, or #rrggbbaa.\"},"
    "\"bitrate\": {\"anyOf\": [{\"type\": \"integer\", \"minimum\": 1}, {\"type\": \"string\", \"pattern\":"
    " \"^[0-9.]+[kM]?$\"}], \"description\": \"Bits per second: 192000, \\\"192k\\\" or \\\"1.5M\\\".\"},"
    "\"ratio\": {\"anyOf\": [{\"type\": \"number\"}, {\"type\": \"string\", \"pattern\":"
    " \"^[0-9.]+(/[0-9.]+)?$\"}], \"description\": \"A number, or a fraction like \\\"25/24\\\".\"},"
    "\"keyframes\": {\"type\": \"object\", \"required\": [\"keyframes\"], \"additionalProperties\": false,"
    " \"properties\": {\"keyframes\": {\"type\": \"array\", \"minItems\": 1, \"items\": {\"type\": \"object\","
    " \"required\": [\"at\", \"value\"], \"additionalProperties\": false, \"properties\": {"
    "\"at\": {\"anyOf\": [{\"$ref\": \"#/definitions/time\"}, {\"$ref\": \"#/definitions/reference\"}]},"
    " \"value\": {\"anyOf\": [{\"type\": \"number\"}, {\"$ref\": \"#/definitions/reference\"}]},"
    " \"ease\": {\"enum\": [\"linear\", \"ease\", \"hold\"]}}}}}},"
    "\"bind\": {\"type\": \"object\", \"required\": [\"bind\"], \"additionalProperties\": false,"
    " \"properties\": {\"bind\": {\"type\": \"object\", \"required\": [\"signal\"]}}},"
    "\"entry\": {\"type\": \"object\", \"additionalProperties\": false, \"properties\": {\"cid\": {\"type\":"
    " \"string\"}, \"hash\": {\"type\": \"string\"}}},"
    "\"param\": {\"type\": \"object\", \"required\": [\"type\"], \"additionalProperties\": false, \"properties\": {"
    "\"type\": {\"enum\": [\"number\", \"int\", \"string\", \"bool\", \"time\", \"enum\", \"color\"]},"
    " \"default\": {}, \"min\": {\"type\": \"number\"}, \"max\": {\"type\": \"number\"},"
    " \"values\": {\"type\": \"array\", \"items\": {\"type\": [\"string\", \"number\"]}, \"minItems\": 1},"
    " \"description\": {\"type\": \"string\"}}}}";

static const char top[] =
    "{\"name\": {\"type\": [\"string\", \"number\"], \"description\": \"Goes into step names.\"},"
    "\"version\": {\"type\": [\"string\", \"number\"]},"
    "\"description\": {\"type\": \"string\"},"
    "\"owner\": {\"type\": \"string\"},"
    "\"registry\": {\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
    "\"assets\": {\"type\": \"object\", \"additionalProperties\": {\"$ref\": \"#/definitions/entry\"}},"
    " \"effects\": {\"type\": \"object\", \"additionalProperties\": {\"$ref\": \"#/definitions/entry\"}}}},"
    "\"format\": {\"type\": \"object\", \"additionalProperties\": false, \"description\": \"The working format; what is left"
    " out comes from the first video input.\", \"properties\": {"
    "\"width\": {\"type\": \"integer\", \"minimum\": 2, \"multipleOf\": 2},"
    " \"height\": {\"type\": \"integer\", \"minimum\": 2, \"multipleOf\": 2},"
    " \"fps\": {\"type\": [\"number\", \"string\"]}, \"pixel_format\": {\"type\": \"string\"},"
    " \"sample_rate\": {\"type\": \"integer\"}, \"channels\": {\"enum\": [1, 2]}}},"
    "\"params\": {\"type\": [\"object\", \"null\"], \"additionalProperties\": {\"$ref\": \"#/definitions/param\"}},"
    "\"outputs\": {\"type\": \"object\", \"minProperties\": 1, \"additionalProperties\": {\"$ref\": \"#/definitions/id\"},"
    " \"description\": \"Several films of one run: name -> node.\"},"
    "\"dag\": {\"type\": \"object\", \"required\": [\"nodes\"], \"additionalProperties\": false, \"properties\": {"
    "\"nodes\": {\"type\": \"array\", \"minItems\": 1, \"items\": {\"$ref\": \"#/definitions/node\"}},"
    " \"output\": {\"$ref\": \"#/definitions/id\"}}}}";

static const char include_config[] =
    "{\"type\": \"object\", \"required\": [\"recipe\"], \"additionalProperties\": false, \"properties\": {"
    "\"recipe\": {\"type\": \"string\", \"description\": \"A path, relative to this file, or a CID.\"},"
    " \"params\": {\"type\": \"object\"}, \"output\": {\"$ref\": \"#/definitions/id\"}}}";
/* clang-format on */

struct schema {
    struct ad_arena *arena;
    bool failed;
};

static const struct ad_value *json(struct schema *s, const char *text)
{
    const struct ad_value *value = NULL;
    if (ad_json_parse(s->arena, ad_str_from(text), NULL, NULL, &value, NULL) != ARTDAG_OK)
        s->failed = true;
    return value;
}

static const struct ad_value *text(struct schema *s, const char *t)
{
    return ad_value_new_str(s->arena, ad_str_from(t));
}

static const struct ad_value *ref(struct schema *s, const char *name)
{
    const char *path = ad_arena_printf(s->arena, "#/definitions/%s", name);
    struct ad_map_builder b;
    ad_map_begin(&b, s->arena);
    ad_map_add(&b, "$ref", path ? text(s, path) : NULL);
    return ad_map_end(&b);
}

/* ---- fields ---- */

static void add_bounds(struct schema *s, struct ad_map_builder *b, const struct ad_field *f,
                       const char *min, const char *max)
{
    if (f->min == 0 && f->max == 0)
        return;
    ad_map_add(b, min, ad_value_new_double(s->arena, f->min));
    ad_map_add(b, max, ad_value_new_double(s->arena, f->max));
}

static const struct ad_value *typed(struct schema *s, const char *type,
                                    const struct ad_field *f)
{
    struct ad_map_builder b;
    ad_map_begin(&b, s->arena);
    ad_map_add(&b, "type", text(s, type));
    add_bounds(s, &b, f, "minimum", "maximum");
    return ad_map_end(&b);
}

static const struct ad_value *one_of(struct schema *s, const struct ad_field *f)
{
    struct ad_map_builder b;
    struct ad_list_builder list;
    ad_list_begin(&list, s->arena);
    for (const char *const *v = f->values; v && *v; v++)
        ad_list_add(&list, text(s, *v));
    ad_map_begin(&b, s->arena);
    ad_map_add(&b, "enum", ad_list_end(&list));
    return ad_map_end(&b);
}

static const struct ad_value *boolean(struct schema *s, const struct ad_field *f)
{
    struct ad_map_builder b;
    ad_map_begin(&b, s->arena);
    if (f->values && f->values[0])
        ad_map_add(&b, "const", ad_value_new_bool(s->arena, strcmp(f->values[0], "true") == 0));
    else
        ad_map_add(&b, "type", text(s, "boolean"));
    return ad_map_end(&b);
}

static const struct ad_value *map_of(struct schema *s, const struct ad_field *fields);
static const struct ad_value *field(struct schema *s, const struct ad_field *f);

/* Fields nest as deep as the tables do. */
/* NOLINTBEGIN(misc-no-recursion) */
static const struct ad_value *list_of(struct schema *s, const struct ad_field *f)
{
    struct ad_map_builder b;
    ad_map_begin(&b, s->arena);
    ad_map_add(&b, "type", text(s, "array"));
    ad_map_add(&b, "items", field(s, f->item));
    if (f->min != 0 || f->max != 0) {
        ad_map_add(&b, "minItems", ad_value_new_int(s->arena, (int64_t)f->min));
        ad_map_add(&b, "maxItems", ad_value_new_int(s->arena, (int64_t)f->max));
    }
    return ad_map_end(&b);
}

/* What the value itself may be, references aside. */
static const struct ad_value *value_of(struct schema *s, const struct ad_field *f)
{
    switch (f->type) {
    case AD_FIELD_BOOL:
        return boolean(s, f);
    case AD_FIELD_INT:
        return typed(s, "integer", f);
    case AD_FIELD_NUMBER:
        return typed(s, "number", f);
    case AD_FIELD_ENUM:
        return one_of(s, f);
    case AD_FIELD_TIME:
        return ref(s, "time");
    case AD_FIELD_COLOR:
        return ref(s, "color");
    case AD_FIELD_BITRATE:
        return ref(s, "bitrate");
    case AD_FIELD_RATIO:
        return ref(s, "ratio");
    case AD_FIELD_MAP:
        return map_of(s, f->fields);
    case AD_FIELD_LIST:
        return list_of(s, f);
    case AD_FIELD_ANY:
        return typed(s, "object", &(struct ad_field){0});
    default:
        return typed(s, "string", &(struct ad_field){0});
    }
}

static const struct ad_value *alternatives(struct schema *s, const struct ad_field *f)
{
    struct ad_list_builder list;
    ad_list_begin(&list, s->arena);
    ad_list_add(&list, value_of(s, f));
    ad_list_add(&list, ref(s, "reference"));
    if (f->type == AD_FIELD_NUMBER && f->animated)
        ad_list_add(&list, ref(s, "keyframes"));
    if (ad_field_may_follow(f))
        ad_list_add(&list, ref(s, "bind"));
    return ad_list_end(&list);
}

static const struct ad_value *field(struct schema *s, const struct ad_field *f)
{
    struct ad_map_builder b;
    ad_map_begin(&b, s->arena);
    ad_map_add(&b, "anyOf", alternatives(s, f));
    if (f->doc)
        ad_map_add(&b, "description", text(s, f->doc));
    if (f->fallback)
        ad_map_add(&b, "default", json(s, f->fallback));
    return ad_map_end(&b);
}

static const struct ad_value *map_of(struct schema *s, const struct ad_field *fields)
{
    struct ad_map_builder b, properties;
    struct ad_list_builder required;
    size_t needed = 0;
    ad_map_begin(&properties, s->arena);
    ad_list_begin(&required, s->arena);
    for (const struct ad_field *f = fields; f->name; f++) {
        if (f->internal)
            continue;
        ad_map_add(&properties, f->name, field(s, f));
        if (f->alias)
            ad_map_add(&properties, f->alias, field(s, f));
        if (f->required && !f->alias) {
            ad_list_add(&required, text(s, f->name));
            needed++;
        }
    }
    ad_map_begin(&b, s->arena);
    ad_map_add(&b, "type", text(s, "object"));
    /* All other keys of a MAP or REDUCE are its operation's. */
    bool open = fields->name && strcmp(fields->name, "operation") == 0;
    ad_map_add(&b, "additionalProperties", ad_value_new_bool(s->arena, open));
    ad_map_add(&b, "properties", ad_map_end(&properties));
    const struct ad_value *names = ad_list_end(&required);
    if (needed)
        ad_map_add(&b, "required", names);
    return ad_map_end(&b);
}
/* NOLINTEND(misc-no-recursion) */

/* ---- nodes ---- */

static const struct ad_value *inputs_of(struct schema *s, const struct ad_op *op)
{
    struct ad_map_builder b, named;
    if (!op->slots || !op->slots[0].max)
        return json(s, "{\"maxItems\": 0}");
    if (!op->slots[0].name)
        return json(s, "{\"anyOf\": [{\"$ref\": \"#/definitions/id\"}, {\"type\": \"array\", "
                       "\"items\": {\"$ref\": \"#/definitions/id\"}}]}");
    ad_map_begin(&named, s->arena);
    for (const struct ad_slot *slot = op->slots; slot->max; slot++) {
        struct ad_map_builder one;
        ad_map_begin(&one, s->arena);
        ad_map_add(&one, "type",
                   json(s, slot->max > 1 ? "[\"string\", \"number\", \"array\"]"
                                         : "[\"string\", \"number\"]"));
        ad_map_add(&one, "description", text(s, slot->doc ? slot->doc : ""));
        ad_map_add(&named, slot->name, ad_map_end(&one));
    }
    ad_map_begin(&b, s->arena);
    ad_map_add(&b, "type", json(s, "[\"string\", \"number\", \"array\", \"object\"]"));
    ad_map_add(&b, "properties", ad_map_end(&named));
    ad_map_add(&b, "additionalProperties", ad_value_new_bool(s->arena, false));
    return ad_map_end(&b);
}

/* {"if": type is `type`, "then": its config and inputs}. */
static const struct ad_value *branch(struct schema *s, const char *type,
                                     const struct ad_value *config,
                                     const struct ad_value *inputs)
{
    struct ad_map_builder b, condition, then, properties;
    struct ad_map_builder is;
    ad_map_begin(&is, s->arena);
    ad_map_add(&is, "const", text(s, type));
    ad_map_begin(&properties, s->arena);
    ad_map_add(&properties, "type", ad_map_end(&is));
    ad_map_begin(&condition, s->arena);
    ad_map_add(&condition, "properties", ad_map_end(&properties));
    ad_map_add(&condition, "required", json(s, "[\"type\"]"));
    ad_map_begin(&properties, s->arena);
    ad_map_add(&properties, "config", config);
    if (inputs)
        ad_map_add(&properties, "inputs", inputs);
    ad_map_begin(&then, s->arena);
    ad_map_add(&then, "properties", ad_map_end(&properties));
    ad_map_begin(&b, s->arena);
    ad_map_add(&b, "if", ad_map_end(&condition));
    ad_map_add(&b, "then", ad_map_end(&then));
    return ad_map_end(&b);
}

/* "config:" with nothing behind it is no config. */
static const struct ad_value *or_null(struct schema *s, const struct ad_value *value)
{
    struct ad_map_builder b;
    struct ad_list_builder list;
    ad_list_begin(&list, s->arena);
    ad_list_add(&list, value);
    ad_list_add(&list, json(s, "{\"type\": \"null\"}"));
    ad_map_begin(&b, s->arena);
    ad_map_add(&b, "anyOf", ad_list_end(&list));
    return ad_map_end(&b);
}

static const struct ad_value *type_names(struct schema *s)
{
    struct ad_map_builder b;
    struct ad_list_builder list;
    ad_list_begin(&list, s->arena);
    for (size_t i = 0; ad_ops[i]; i++)
        ad_list_add(&list, text(s, ad_ops[i]->node_type));
    ad_list_add(&list, text(s, "INCLUDE"));
    ad_map_begin(&b, s->arena);
    ad_map_add(&b, "enum", ad_list_end(&list));
    return ad_map_end(&b);
}

static const struct ad_value *node(struct schema *s)
{
    struct ad_map_builder b, properties;
    struct ad_list_builder branches;
    ad_map_begin(&properties, s->arena);
    ad_map_add(&properties, "id", ref(s, "id"));
    ad_map_add(&properties, "type", type_names(s));
    ad_map_add(&properties, "config", json(s, "{\"type\": [\"object\", \"null\"]}"));
    ad_map_add(
        &properties, "inputs",
        json(s, "{\"type\": [\"string\", \"number\", \"array\", \"object\", \"null\"]}"));
    ad_map_add(&properties, "keep", json(s, "{\"type\": \"boolean\"}"));
    ad_list_begin(&branches, s->arena);
    for (size_t i = 0; ad_ops[i]; i++)
        ad_list_add(&branches,
                    branch(s, ad_ops[i]->node_type, or_null(s, map_of(s, ad_ops[i]->fields)),
                           or_null(s, inputs_of(s, ad_ops[i]))));
    ad_list_add(&branches, branch(s, "INCLUDE", json(s, include_config),
                                  json(s, "{\"type\": \"object\"}")));
    ad_map_begin(&b, s->arena);
    ad_map_add(&b, "type", text(s, "object"));
    ad_map_add(&b, "required", json(s, "[\"id\", \"type\"]"));
    ad_map_add(&b, "additionalProperties", ad_value_new_bool(s->arena, false));
    ad_map_add(&b, "properties", ad_map_end(&properties));
    ad_map_add(&b, "allOf", ad_list_end(&branches));
    return ad_map_end(&b);
}

enum artdag_err ad_recipe_schema(struct ad_buf *ret, artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct schema s = {.arena = &arena};
    struct ad_map_builder b, all;
    const struct ad_value *fixed = json(&s, definitions);
    ad_map_begin(&all, &arena);
    for (size_t i = 0; fixed && i < fixed->map.len; i++)
        ad_map_add(&all, ad_arena_strdup(&arena, fixed->map.items[i].key),
                   fixed->map.items[i].value);
    ad_map_add(&all, "node", node(&s));
    ad_map_begin(&b, &arena);
    ad_map_add(&b, "$schema", text(&s, "http://json-schema.org/draft-07/schema#"));
    ad_map_add(&b, "title", text(&s, "artdag recipe"));
    ad_map_add(&b, "type", text(&s, "object"));
    ad_map_add(&b, "required", json(&s, "[\"dag\"]"));
    ad_map_add(&b, "additionalProperties", ad_value_new_bool(&arena, false));
    ad_map_add(&b, "properties", json(&s, top));
    ad_map_add(&b, "definitions", ad_map_end(&all));
    const struct ad_value *schema = ad_map_end(&b);
    enum artdag_err rc = ARTDAG_OK;
    if (!schema || s.failed || ad_arena_failed(&arena))
        rc = ad_error_nomem(err, ROOM);
    if (rc == ARTDAG_OK)
        rc = ad_json_canonical(schema, ret, err);
    ad_arena_fini(&arena);
    return rc;
}
