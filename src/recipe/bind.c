/* SPDX-License-Identifier: MIT
 *
 * Which given input belongs to which SOURCE. A node is known by its id, and by its title (config.name) when no
 * input has that id.
 */
#include <stdio.h>

#include "recipe/recipe.h"

#define ROOM "recipe"

struct binding {
    const struct ad_recipe *recipe;
    const char *const *names;
    size_t count;
    struct ad_map given; /* name -> index in names */
    struct ad_map ids;   /* ids of SOURCE nodes that are inputs */
    bool *used;          /* per name */
    artdag_error *err;
};

static bool is_input(const struct ad_recipe_node *node)
{
    return node->input_name.len && !node->asset_cid;
}

static bool is_given(const struct ad_recipe_node *node, const struct ad_slot *slot)
{
    for (size_t i = 0; i < node->input_count; i++)
        if (ad_str_is(ad_str_from(node->inputs[i].slot), slot->name))
            return true;
    return false;
}

static bool wants_font(const struct ad_recipe_node *node, const struct ad_op *op)
{
    for (const struct ad_slot *slot = op ? op->slots : NULL; slot && slot->max; slot++)
        if (slot->font && !is_given(node, slot) && (op != node->op || slot->font(node->config)))
            return true;
    return false;
}

bool ad_recipe_wants_font(const struct ad_recipe *recipe)
{
    for (size_t i = 0; i < recipe->node_count; i++)
        if (wants_font(&recipe->nodes[i], recipe->nodes[i].op) ||
            wants_font(&recipe->nodes[i], recipe->nodes[i].operation))
            return true;
    return false;
}

bool ad_recipe_input_is_file(const struct ad_recipe *recipe, struct ad_str name)
{
    bool any = false;
    for (size_t i = 0; i < recipe->node_count; i++) {
        const struct ad_recipe_node *node = &recipe->nodes[i];
        bool named = node->input_name.len &&
                     (ad_str_equal(node->input_name, name) ||
                      (node->input_alias.len && ad_str_equal(node->input_alias, name)));
        if (named && !node->file)
            return false;
        any = any || named;
    }
    return any;
}

static enum artdag_err note_names(struct binding *b)
{
    for (size_t i = 0; i < b->count; i++) {
        bool added = false;
        union ad_map_value *v = ad_map_put(&b->given, ad_str_from(b->names[i]), &added);
        if (!v)
            return ad_error_nomem(b->err, ROOM);
        if (!added)
            return ad_error_set(b->err, ARTDAG_E_INVAL, ROOM, "input \"%s\" is given twice",
                                b->names[i]);
        v->num = i;
    }
    for (size_t i = 0; i < b->recipe->node_count; i++)
        if (is_input(&b->recipe->nodes[i]) &&
            !ad_map_put(&b->ids, b->recipe->nodes[i].id, NULL))
            return ad_error_nomem(b->err, ROOM);
    return ARTDAG_OK;
}

static void tell_node(struct binding *b, const struct ad_recipe_node *node)
{
    struct ad_arena arena = AD_ARENA_INIT;
    ad_error_at(b->err, ad_recipe_file_of(b->recipe, node), (int)node->line, (int)node->column);
    ad_error_node(b->err, ad_arena_strdup(&arena, node->id));
    ad_arena_fini(&arena);
}

static bool is_list(const struct ad_recipe_node *node)
{
    return node->op->expands == AD_EXPANDS_TO_LIST;
}

/* The place of an input's name; of a list, that of its first file, and all of them are used. */
static const union ad_map_value *look_up(struct binding *b, const struct ad_recipe_node *node,
                                         struct ad_str name)
{
    const union ad_map_value *first = NULL;
    if (!is_list(node))
        return ad_map_find(&b->given, name);
    for (size_t i = 0;; i++) {
        char text[AD_RECIPE_NAME_MAX + 32];
        int len = snprintf(text, sizeof(text), "%.*s.%zu", AD_STR_ARG(name), i);
        const union ad_map_value *found =
            ad_map_find(&b->given, (struct ad_str){text, (size_t)len});
        if (!found)
            return first;
        b->used[found->num] = true;
        first = first ? first : found;
    }
}

static enum artdag_err bind_node(struct binding *b, const struct ad_recipe_node *node,
                                 bool required, uint32_t *ret)
{
    const union ad_map_value *by_id = look_up(b, node, node->input_name);
    const union ad_map_value *by_title = NULL;
    if (node->input_alias.len && !ad_map_find(&b->ids, node->input_alias))
        by_title = look_up(b, node, node->input_alias);
    const union ad_map_value *found = by_id ? by_id : by_title;
    enum artdag_err rc = ARTDAG_OK;
    if (by_id && by_title)
        rc = ad_error_set(b->err, ARTDAG_E_INVAL, ROOM,
                          "the input is given twice, as \"%.*s\" and as \"%.*s\"",
                          AD_STR_ARG(node->input_name), AD_STR_ARG(node->input_alias));
    else if (!found && required)
        rc = ad_error_set(b->err, ARTDAG_E_INVAL, ROOM, "input \"%.*s\" is not given",
                          AD_STR_ARG(node->input_name));
    if (rc != ARTDAG_OK) {
        tell_node(b, node);
        if (!found)
            ad_error_hint(b->err, "add -i %.*s=FILE", AD_STR_ARG(node->input_name));
        return rc;
    }
    *ret = AD_RECIPE_UNBOUND;
    if (found) {
        *ret = (uint32_t)found->num;
        b->used[found->num] = true;
    }
    return ARTDAG_OK;
}

static enum artdag_err unknown_name(struct binding *b, const char *name)
{
    struct ad_arena arena = AD_ARENA_INIT;
    AD_VEC(const char *) known = {0};
    const char *first = NULL;
    bool ok = true;
    for (size_t i = 0; ok && i < b->recipe->node_count; i++) {
        const struct ad_recipe_node *node = &b->recipe->nodes[i];
        if (!is_input(node))
            continue;
        ok = ad_vec_push(&known, ad_arena_strdup(&arena, node->id));
        if (ok && node->input_alias.len)
            ok = ad_vec_push(&known, ad_arena_strdup(&arena, node->input_alias));
        if (!first)
            first = known.items[0];
    }
    ok = ok && ad_vec_push(&known, NULL) && !ad_arena_failed(&arena);
    enum artdag_err rc = ad_error_set(b->err, ARTDAG_E_INVAL, ROOM,
                                      "the recipe has no input called \"%s\"", name);
    const char *near = ok ? ad_str_nearest(ad_str_from(name), known.items) : NULL;
    if (near)
        ad_error_hint(b->err, "did you mean %s?", near);
    else if (ok && first)
        ad_error_hint(b->err, "its first input is called %s", first);
    else if (ok)
        ad_error_hint(b->err, "it takes none");
    ad_vec_fini(&known);
    ad_arena_fini(&arena);
    return rc;
}

static enum artdag_err bind_all(struct binding *b, const bool *reach, bool assets,
                                uint32_t *ret_bound)
{
    const struct ad_recipe *recipe = b->recipe;
    enum artdag_err rc = note_names(b);
    /* Unknown names first: a slip of the pen makes a missing input as well, and says more. */
    for (size_t i = 0; rc == ARTDAG_OK && i < recipe->node_count; i++) {
        ret_bound[i] = AD_RECIPE_UNBOUND;
        if (is_input(&recipe->nodes[i]) || (assets && recipe->nodes[i].asset_cid))
            rc = bind_node(b, &recipe->nodes[i], false, &ret_bound[i]);
    }
    for (size_t i = 0; rc == ARTDAG_OK && i < b->count; i++)
        if (!b->used[i])
            rc = unknown_name(b, b->names[i]);
    for (size_t i = 0; rc == ARTDAG_OK && i < recipe->node_count; i++)
        if (reach[i] && (is_input(&recipe->nodes[i]) || (assets && recipe->nodes[i].asset_cid)))
            rc = bind_node(b, &recipe->nodes[i], true, &ret_bound[i]);
    return rc;
}

static enum artdag_err bind_names(const struct ad_recipe *recipe, const char *const *names,
                                  size_t count, const bool *reach, bool assets,
                                  uint32_t *ret_bound, artdag_error *err)
{
    struct binding b = {.recipe = recipe, .names = names, .count = count, .err = err};
    bool *reached = NULL;
    enum artdag_err rc = ARTDAG_OK;
    b.used = ad_alloc_array(count, sizeof(*b.used));
    if (!reach) {
        reached = ad_alloc_array(recipe->node_count, sizeof(*reached));
        if (reached)
            ad_recipe_reach_outputs(recipe, reached);
        reach = reached;
    }
    if (!b.used || !reach)
        rc = ad_error_nomem(err, ROOM);
    else
        rc = bind_all(&b, reach, assets, ret_bound);
    ad_map_fini(&b.given);
    ad_map_fini(&b.ids);
    free(b.used);
    free(reached);
    return rc;
}

enum artdag_err ad_recipe_bind(const struct ad_recipe *recipe, const char *const *names,
                               size_t count, const bool *reach, uint32_t *ret_bound,
                               artdag_error *err)
{
    return bind_names(recipe, names, count, reach, true, ret_bound, err);
}

enum artdag_err ad_recipe_check_inputs(const struct ad_recipe *recipe, const char *const *names,
                                       size_t count, const bool *reach, artdag_error *err)
{
    uint32_t *bound = ad_alloc_array(recipe->node_count, sizeof(*bound));
    if (!bound)
        return ad_error_nomem(err, ROOM);
    enum artdag_err rc = bind_names(recipe, names, count, reach, false, bound, err);
    free(bound);
    return rc;
}

/* ---- several files under one name ---- */

static bool names_a_list(const struct ad_recipe *recipe, struct ad_str name)
{
    bool list = false;
    for (size_t i = 0; i < recipe->node_count; i++) {
        const struct ad_recipe_node *node = &recipe->nodes[i];
        if (!is_input(node))
            continue;
        if (ad_str_equal(node->id, name))
            return is_list(node);
        list = list || (is_list(node) && ad_str_equal(node->input_alias, name));
    }
    return list;
}

enum artdag_err ad_recipe_name_inputs(const struct ad_recipe *recipe, const char *const *names,
                                      size_t count, struct ad_arena *arena, const char **ret,
                                      artdag_error *err)
{
    struct ad_map counts = {0}; /* name -> 0 for what is no list, else 1 + times seen */
    bool failed = false;
    for (size_t i = 0; i < count && !failed; i++) {
        struct ad_str name = ad_str_from(names[i]);
        bool added = false;
        union ad_map_value *seen = ad_map_put(&counts, name, &added);
        failed = !seen;
        if (seen && added)
            seen->num = names_a_list(recipe, name) ? 1 : 0;
        if (seen && seen->num)
            ret[i] = ad_arena_printf(arena, "%s.%u", names[i], (unsigned)seen->num++ - 1);
        else
            ret[i] = ad_arena_strdup(arena, name);
    }
    ad_map_fini(&counts);
    return failed || ad_arena_failed(arena) ? ad_error_nomem(err, ROOM) : ARTDAG_OK;
}
