/* SPDX-License-Identifier: MIT
 *
 * What stands for something else in configs: "$name" and "${name}" for a parameter's value of any type, "${...}" for
 * the result of an expression. Always a whole scalar, never a piece of text. A name belongs to the file it is written in.
 */
#include <stdio.h>

#include "recipe/expression.h"
#include "recipe/reader.h"
#include "recipe/value.h"

/* One walk over a config, to check it (facts NULL) or to fill it in. */
struct filling {
    const struct ad_recipe *recipe;
    uint32_t scope;                       /* that the value at hand is written in */
    const struct ad_value *const *values; /* of the top's parameters */
    const struct ad_recipe_facts *facts;
    struct ad_arena *arena;
    ad_index_list *mentions; /* checking: every node that is asked for */
    bool any;                /* there was something to fill in */
    enum artdag_err rc;
    artdag_error *err;
};

static const struct ad_value *resolve(struct filling *f, const struct ad_value *value);

static const struct ad_recipe_scope *scope_of(const struct filling *f)
{
    return &f->recipe->scopes[f->scope];
}

static enum artdag_err fail(struct filling *f, const struct ad_value *at, enum artdag_err rc)
{
    if (f->err && !f->err->line)
        ad_error_at(f->err, scope_of(f)->file, (int)at->line, (int)at->column);
    f->rc = rc;
    return rc;
}

static const struct ad_value *refuse(struct filling *f, const struct ad_value *at,
                                     enum artdag_err rc)
{
    (void)fail(f, at, rc);
    return NULL;
}

static enum artdag_err no_memory(struct filling *f)
{
    f->rc = ad_error_nomem(f->err, ROOM);
    return f->rc;
}

/* ---- parameters ---- */

/* The recursion goes outwards from scope to scope, so it is AD_RECIPE_INCLUDE_DEPTH deep at most. */
/* NOLINTBEGIN(misc-no-recursion) */

static enum artdag_err unknown_param(struct filling *f, struct ad_str name)
{
    const struct ad_recipe_scope *scope = scope_of(f);
    struct ad_arena arena = AD_ARENA_INIT;
    const char **known = ad_arena_array(&arena, scope->param_count + 1, sizeof(*known));
    (void)ad_error_set(f->err, ARTDAG_E_FORMAT, ROOM, "there is no parameter \"%.*s\"",
                       AD_STR_ARG(name));
    for (size_t i = 0; known && i < scope->param_count; i++)
        known[i] = ad_arena_strdup(&arena, scope->params[i].name);
    const char *near = ad_arena_failed(&arena) ? NULL : ad_str_nearest(name, known);
    if (near)
        ad_error_hint(f->err, "did you mean %s?", near);
    else
        ad_error_hint(f->err, "declare it under params:");
    ad_arena_fini(&arena);
    return ARTDAG_E_FORMAT;
}

/* A parameter of an included recipe: what its INCLUDE gives, read where that is written, or the default. */
static const struct ad_value *inner_param(struct filling *f,
                                          const struct ad_recipe_param *param)
{
    const struct ad_recipe_scope *scope = scope_of(f);
    const struct ad_member *given =
        scope->given ? ad_value_member(scope->given, param->name) : NULL;
    uint32_t inner = f->scope;
    if (!given)
        return param->fallback;
    f->scope = scope->parent;
    const struct ad_value *value = resolve(f, given->value);
    if (value && f->facts &&
        ad_param_check(param, value, f->facts->format, f->err) != ARTDAG_OK)
        value = refuse(f, given->value, ARTDAG_E_FORMAT);
    f->scope = inner;
    return value;
}

/* The value of a parameter of the present scope; while checking, of the top's only whether there is one. NULL = f->rc says why. */
static const struct ad_value *param_value(struct filling *f, const struct ad_value *at,
                                          struct ad_str name,
                                          const struct ad_recipe_param **ret)
{
    const struct ad_recipe_scope *scope = scope_of(f);
    size_t i = 0;
    while (i < scope->param_count && !ad_str_equal(scope->params[i].name, name))
        i++;
    if (i == scope->param_count)
        return refuse(f, at, unknown_param(f, name));
    *ret = &scope->params[i];
    if (f->scope)
        return inner_param(f, &scope->params[i]);
    return f->facts ? f->values[i] : at;
}

static const struct ad_value *copy_param(struct filling *f, const struct ad_value *at,
                                         struct ad_str name)
{
    const struct ad_recipe_param *param = NULL;
    const struct ad_value *value = param_value(f, at, name, &param);
    if (!value || !f->facts)
        return value;
    struct ad_value *copy = ad_arena_dup(f->arena, value, sizeof(*copy));
    if (!copy)
        return refuse(f, at, no_memory(f));
    copy->line = at->line; /* what is wrong with it is wrong here */
    copy->column = at->column;
    return copy;
}

/* ---- names in expressions ---- */

struct name_call {
    struct filling *f;
    const struct ad_value *at;
};

static bool scalar_number(struct filling *f, const struct ad_recipe_param *param,
                          const struct ad_value *value, struct ad_number *ret)
{
    char text[32];
    int64_t frames = 0;
    const struct ad_format *format = f->facts->format;
    switch (param->type) {
    case AD_FIELD_TIME:
        return ad_time_to_frames(value, format, NULL, &frames, NULL) == ARTDAG_OK &&
               ad_number_make((__int128)frames * format->fps_den, format->fps_num, ret);
    case AD_FIELD_BOOL:
        return ad_number_make(value->boolean, 1, ret);
    default:
        if (value->kind == AD_VALUE_INT)
            return ad_number_make(value->integer, 1, ret);
        if (value->plain && value->text.len && ad_number_parse(value->text, ret))
            return true;
        return ad_number_parse((struct ad_str){text, ad_double_format(value->number, text)},
                               ret);
    }
}

static enum artdag_err find_param(struct filling *f, const struct ad_value *at,
                                  struct ad_str name, struct ad_number *ret)
{
    const struct ad_recipe_param *param = NULL;
    const struct ad_value *value = param_value(f, at, name, &param);
    if (!value)
        return f->rc != ARTDAG_OK ? f->rc : ARTDAG_E_FORMAT;
    if (param->type == AD_FIELD_STRING || param->type == AD_FIELD_ENUM ||
        param->type == AD_FIELD_COLOR)
        return ad_error_set(f->err, ARTDAG_E_FORMAT, ROOM,
                            "parameter \"%.*s\" is text: it cannot be reckoned with",
                            AD_STR_ARG(name));
    if (!f->facts || scalar_number(f, param, value, ret))
        return ARTDAG_OK;
    return ad_error_set(f->err, ARTDAG_E_FORMAT, ROOM,
                        "parameter \"%.*s\" is too large or too fine to reckon with",
                        AD_STR_ARG(name));
}

enum fact {
    DURATION,
    FRAMES,
    WIDTH,
    HEIGHT,
    FPS,
    SAMPLE_RATE,
    CHANNELS,
    FACTS
};
static const char *const fact_names[] = {"duration", "frames",      "width",    "height",
                                         "fps",      "sample_rate", "channels", NULL};

static enum artdag_err read_fact(struct filling *f, struct ad_str field, bool of_node,
                                 enum fact *ret)
{
    size_t i = of_node ? DURATION : WIDTH, end = of_node ? FPS : FACTS;
    for (; i < end; i++)
        if (ad_str_is(field, fact_names[i])) {
            *ret = (enum fact)i;
            return ARTDAG_OK;
        }
    (void)ad_error_set(f->err, ARTDAG_E_FORMAT, ROOM, "%s has no \"%.*s\"",
                       of_node ? "a node" : "format", AD_STR_ARG(field));
    ad_error_hint(f->err, "%s",
                  of_node ? "it has duration, frames, width and height"
                          : "it has width, height, fps, sample_rate and channels");
    return ARTDAG_E_FORMAT;
}

static enum artdag_err find_format(struct filling *f, struct ad_str field,
                                   struct ad_number *ret)
{
    enum fact fact = WIDTH;
    enum artdag_err rc = read_fact(f, field, false, &fact);
    if (rc != ARTDAG_OK || !f->facts)
        return rc;
    const struct ad_format *format = f->facts->format;
    const int64_t whole[FACTS] = {[WIDTH] = format->width,
                                  [HEIGHT] = format->height,
                                  [SAMPLE_RATE] = format->sample_rate,
                                  [CHANNELS] = format->channels};
    *ret = fact == FPS ? (struct ad_number){format->fps_num, format->fps_den}
                       : (struct ad_number){whole[fact], 1};
    return ARTDAG_OK;
}

static enum artdag_err find_node(struct filling *f, struct ad_str name, uint32_t *ret)
{
    struct ad_str prefix = scope_of(f)->prefix;
    char id[2 * AD_RECIPE_NAME_MAX + 2];
    int len = snprintf(id, sizeof(id), "%.*s%.*s", AD_STR_ARG(prefix), AD_STR_ARG(name));
    struct ad_str full = {id, len > 0 && (size_t)len < sizeof(id) ? (size_t)len : 0};
    enum artdag_err rc = ad_recipe_find(f->recipe, full, ret, f->err);
    if (rc != ARTDAG_E_NOTFOUND)
        return rc;
    if (f->err)
        f->err->code = ARTDAG_E_FORMAT;
    return ARTDAG_E_FORMAT;
}

static enum artdag_err find_edge(struct filling *f, struct ad_str name, struct ad_str field,
                                 struct ad_number *ret)
{
    enum fact fact = DURATION;
    struct ad_edge edge = {0};
    uint32_t node = 0;
    enum artdag_err rc = find_node(f, name, &node);
    if (rc == ARTDAG_OK)
        rc = read_fact(f, field, true, &fact);
    if (rc != ARTDAG_OK)
        return rc;
    if (!f->facts)
        return ad_vec_push(f->mentions, node) ? ARTDAG_OK : ad_error_nomem(f->err, ROOM);
    if (!f->facts->edge || !f->facts->edge(f->facts->payload, node, &edge))
        return ad_error_set(f->err, ARTDAG_E_FORMAT, ROOM,
                            "\"%.*s\" has no length or size that could be asked for",
                            AD_STR_ARG(name));
    const struct ad_format *format = f->facts->format;
    if (fact == DURATION)
        (void)ad_number_make((__int128)edge.frames * format->fps_den, format->fps_num, ret);
    else
        *ret = (struct ad_number){
            fact == FRAMES ? edge.frames : (fact == WIDTH ? edge.width : edge.height), 1};
    return ARTDAG_OK;
}

static enum artdag_err find_name(void *payload, struct ad_str name, struct ad_str field,
                                 struct ad_number *ret, artdag_error *err)
{
    const struct name_call *call = payload;
    (void)err; /* the filling's own */
    *ret = (struct ad_number){1, 1};
    if (!field.len)
        return find_param(call->f, call->at, name, ret);
    if (ad_str_is(name, "format"))
        return find_format(call->f, field, ret);
    return find_edge(call->f, name, field, ret);
}

/* ---- values ---- */

static const struct ad_value *reckon(struct filling *f, const struct ad_value *value)
{
    struct name_call call = {f, value};
    struct ad_expression_names names = {
        .find = find_name, .payload = &call, .check = !f->facts};
    struct ad_number number = {0, 1};
    enum artdag_err rc = ad_expression_eval(value, scope_of(f)->file, &names, &number, f->err);
    if (rc != ARTDAG_OK)
        return refuse(f, value, rc);
    if (!f->facts)
        return value;
    struct ad_value *result = ad_number_value(f->arena, number);
    if (!result)
        return refuse(f, value, no_memory(f));
    result->line = value->line;
    result->column = value->column;
    return result;
}

static const struct ad_value *resolve(struct filling *f, const struct ad_value *value)
{
    struct ad_str name;
    if (!ad_value_is_reference(value))
        return value;
    f->any = true;
    return ad_value_is_param(value, &name) ? copy_param(f, value, name) : reckon(f, value);
}

/* NOLINTEND(misc-no-recursion) */

static const struct ad_value *fill_leaf(void *payload, const struct ad_value *value)
{
    struct filling *f = payload;
    return f->rc == ARTDAG_OK ? resolve(f, value) : NULL;
}

static enum artdag_err fill(struct filling *f, const struct ad_value *config,
                            const struct ad_value **ret)
{
    struct ad_rebuild rebuild = {.arena = f->arena, .leaf = fill_leaf, .payload = f};
    *ret = ad_value_rebuild(&rebuild, config);
    if (!*ret && f->rc == ARTDAG_OK)
        (void)no_memory(f);
    return f->rc;
}

enum artdag_err ad_reader_refs(struct ad_recipe_reader *r, struct ad_recipe_node *node)
{
    struct ad_arena scratch = AD_ARENA_INIT;
    ad_index_list mentions = {0};
    const struct ad_value *ignored = NULL;
    struct filling f = {.recipe = r->recipe,
                        .scope = node->scope,
                        .arena = &scratch,
                        .mentions = &mentions,
                        .err = r->err};
    enum artdag_err rc = fill(&f, node->config, &ignored);
    node->has_params = f.any;
    node->mention_count = mentions.len;
    if (rc == ARTDAG_OK && mentions.len) {
        node->mentions = ad_arena_dup(&r->recipe->arena, mentions.items,
                                      mentions.len * sizeof(*mentions.items));
        rc = node->mentions ? ARTDAG_OK : no_memory(&f);
    }
    ad_vec_fini(&mentions);
    ad_arena_fini(&scratch);
    return rc;
}

enum artdag_err ad_recipe_config(const struct ad_recipe *recipe,
                                 const struct ad_recipe_node *node,
                                 const struct ad_value *const *values,
                                 const struct ad_recipe_facts *facts, struct ad_arena *arena,
                                 const struct ad_value **ret, artdag_error *err)
{
    struct filling f = {.recipe = recipe,
                        .scope = node->scope,
                        .values = values,
                        .facts = facts,
                        .arena = arena,
                        .err = err};
    const struct ad_value *config = node->config;
    if (config && node->has_params) {
        enum artdag_err rc = fill(&f, node->config, &config);
        if (rc != ARTDAG_OK)
            return rc;
    }
    *ret = config;
    return ARTDAG_OK;
}
