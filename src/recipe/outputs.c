/* SPDX-License-Identifier: MIT
 *
 * What a recipe gives away: dag.output, and the map `outputs` from names to nodes.
 */
#include <string.h>

#include "recipe/reader.h"

struct output_list {
    struct ad_recipe_reader *r;
    struct ad_recipe_output *items;
    size_t len;
};

/* The node that a value names. In a file an unknown name is a mistake of the text. */
static enum artdag_err find_node(struct ad_recipe_reader *r, const struct ad_value *value,
                                 const char *what, uint32_t *ret)
{
    struct ad_str id;
    enum artdag_err rc = ad_reader_name(r, value, what, &id);
    if (rc != ARTDAG_OK)
        return rc;
    rc = ad_recipe_find(r->recipe, id, ret, r->err);
    if (rc == ARTDAG_OK)
        return rc;
    if (rc == ARTDAG_E_NOTFOUND && r->err)
        r->err->code = ARTDAG_E_FORMAT;
    if (rc == ARTDAG_E_NOTFOUND)
        rc = ARTDAG_E_FORMAT;
    return ad_reader_at(r, value->line, value->column, rc);
}

/* Names of outputs become names of files. */
static bool is_file_name(struct ad_str name)
{
    if (!name.len || name.len > AD_RECIPE_NAME_MAX || name.ptr[0] == '.' || name.ptr[0] == '-')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && !memchr("_-.", c, 3))
            return false;
    }
    return true;
}

static enum artdag_err add(struct output_list *list, struct ad_str name, uint32_t node,
                           const struct ad_value *at)
{
    for (size_t i = 0; i < list->len; i++) {
        if (!ad_str_equal(list->items[i].name, name))
            continue;
        enum artdag_err rc = ad_error_set(
            list->r->err, ARTDAG_E_FORMAT, ROOM,
            "two outputs are called \"%.*s\": dag.output and another node", AD_STR_ARG(name));
        ad_error_hint(list->r->err, "leave out dag.output, or call the output otherwise");
        return ad_reader_at(list->r, at->line, at->column, rc);
    }
    list->items[list->len++] = (struct ad_recipe_output){name, node};
    return ARTDAG_OK;
}

static enum artdag_err add_named(struct output_list *list, const struct ad_member *member)
{
    struct ad_recipe_reader *r = list->r;
    uint32_t node = 0;
    enum artdag_err rc;
    if (!is_file_name(member->key)) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                          "\"%.*s\" is no name for an output: letters, digits, _, - and . "
                          "make one, and neither - nor . begins it",
                          (int)(member->key.len > 60 ? 60 : member->key.len), member->key.ptr);
        return ad_reader_at(r, member->line, member->column, rc);
    }
    rc = find_node(r, member->value, "an output", &node);
    return rc == ARTDAG_OK ? add(list, member->key, node, member->value) : rc;
}

/* dag.output stands beside the named outputs, unless one of them is its node. */
static enum artdag_err add_main(struct output_list *list, const struct ad_value *output)
{
    struct ad_recipe *recipe = list->r->recipe;
    enum artdag_err rc = find_node(list->r, output, "output", &recipe->output);
    if (rc != ARTDAG_OK)
        return rc;
    for (size_t i = 0; i < list->len; i++)
        if (list->items[i].node == recipe->output)
            return ARTDAG_OK;
    return add(list, recipe->nodes[recipe->output].id, recipe->output, output);
}

static enum artdag_err no_output(struct ad_recipe_reader *r, const struct ad_value *dag)
{
    enum artdag_err rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "dag has no output");
    ad_error_hint(r->err, "add \"output: ID\" with the id of the node that is the film");
    return ad_reader_at(r, dag->line, dag->column, rc);
}

static enum artdag_err check_named(struct ad_recipe_reader *r, const struct ad_value *named)
{
    enum artdag_err rc = ARTDAG_OK;
    if (named->kind != AD_VALUE_MAP)
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                          "outputs is a map from names to nodes, not a %s",
                          ad_value_kind_name(named->kind));
    else if (!named->map.len)
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "outputs is empty");
    else if (named->map.len > AD_RECIPE_OUTPUTS_MAX)
        rc = ad_error_set(r->err, ARTDAG_E_LIMIT, ROOM, "more than %u outputs",
                          AD_RECIPE_OUTPUTS_MAX);
    return rc == ARTDAG_OK ? rc : ad_reader_at(r, named->line, named->column, rc);
}

enum artdag_err ad_reader_outputs(struct ad_recipe_reader *r, const struct ad_value *dag)
{
    const struct ad_value *output = ad_value_get(dag, "output");
    const struct ad_value *named = ad_value_get(r->recipe->root, "outputs");
    struct output_list list = {.r = r};
    enum artdag_err rc = named ? check_named(r, named) : ARTDAG_OK;
    if (rc == ARTDAG_OK && !named && !output)
        rc = no_output(r, dag);
    if (rc != ARTDAG_OK)
        return rc;
    size_t count = named ? named->map.len : 0;
    list.items = ad_arena_array(&r->recipe->arena, count + 1, sizeof(*list.items));
    if (!list.items)
        return ad_error_nomem(r->err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++)
        rc = add_named(&list, &named->map.items[i]);
    if (rc == ARTDAG_OK && output)
        rc = add_main(&list, output);
    else if (rc == ARTDAG_OK)
        r->recipe->output = list.items[0].node;
    r->recipe->outputs = list.items;
    r->recipe->output_count = list.len;
    return rc;
}

enum artdag_err ad_recipe_find_output(const struct ad_recipe *recipe, struct ad_str name,
                                      const struct ad_recipe_output **ret, artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    const char **known = ad_arena_array(&arena, recipe->output_count + 1, sizeof(const char *));
    for (size_t i = 0; i < recipe->output_count; i++) {
        if (ad_str_equal(recipe->outputs[i].name, name)) {
            *ret = &recipe->outputs[i];
            ad_arena_fini(&arena);
            return ARTDAG_OK;
        }
        if (known)
            known[i] = ad_arena_strdup(&arena, recipe->outputs[i].name);
    }
    enum artdag_err rc =
        ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "the recipe has no output called \"%.*s\"",
                     (int)(name.len > 60 ? 60 : name.len), name.ptr);
    const char *near = known && !ad_arena_failed(&arena) ? ad_str_nearest(name, known) : NULL;
    if (near)
        ad_error_hint(err, "did you mean %s?", near);
    else if (known && !ad_arena_failed(&arena))
        ad_error_hint(err, "its first output is called %s", known[0]);
    ad_arena_fini(&arena);
    return rc;
}
