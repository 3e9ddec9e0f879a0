/* SPDX-License-Identifier: MIT
 *
 * A node's `inputs`: a list of ids, one id, or a map slot -> id. What comes out is in slot order, whatever way
 * it was written.
 */
#include <string.h>

#include "recipe/reader.h"

const char *ad_slot_name(struct ad_slot_names *names, struct ad_arena *arena, size_t i)
{
    while (names->names.len <= i) {
        const char *name = ad_arena_printf(arena, "%zu", names->names.len);
        if (!name || !ad_vec_push(&names->names, name))
            return NULL;
    }
    return names->names.items[i];
}

void ad_slot_names_fini(struct ad_slot_names *names)
{
    ad_vec_fini(&names->names);
}

static size_t slot_count(const struct ad_op *op)
{
    size_t count = 0;
    while (op->slots && op->slots[count].max)
        count++;
    return count;
}

static bool is_list_op(const struct ad_op *op)
{
    return slot_count(op) && !op->slots[0].name;
}

static enum artdag_err fail_at(struct ad_recipe_reader *r, const struct ad_recipe_node *node,
                               const struct ad_value *value, enum artdag_err rc)
{
    return ad_reader_at(r, value ? value->line : node->line,
                        value ? value->column : node->column, rc);
}

/* ---- one reference ---- */

static enum artdag_err unknown_node(struct ad_recipe_reader *r, const struct ad_value *value,
                                    struct ad_str id)
{
    uint32_t ignored = 0;
    enum artdag_err rc = ad_recipe_find(r->recipe, id, &ignored, r->err);
    if (r->err && rc == ARTDAG_E_NOTFOUND)
        r->err->code = ARTDAG_E_FORMAT;
    return ad_reader_at(r, value->line, value->column,
                        rc == ARTDAG_E_NOTFOUND ? ARTDAG_E_FORMAT : rc);
}

/* The node, without asking what it goes into. */
static enum artdag_err find_ref(struct ad_recipe_reader *r, const struct ad_value *value,
                                struct ad_recipe_ref *ret)
{
    struct ad_str id;
    enum artdag_err rc = ad_reader_name(r, value, "an input", &id);
    if (rc != ARTDAG_OK)
        return rc;
    id = ad_reader_full_name(r, id);
    if (!id.ptr)
        return ad_error_nomem(r->err, ROOM);
    const union ad_map_value *found = ad_map_find(&r->recipe->ids, id);
    if (!found)
        return unknown_node(r, value, id);
    if (r->nodes[found->num].op->encode) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                          "\"%.*s\" is an encoded film: nothing can come after it",
                          AD_STR_ARG(id));
        ad_error_hint(r->err, "take what goes into it instead");
        return ad_reader_at(r, value->line, value->column, rc);
    }
    *ret = (struct ad_recipe_ref){
        .node = (uint32_t)found->num, .line = value->line, .column = value->column};
    return ARTDAG_OK;
}

static enum artdag_err read_ref(struct ad_recipe_reader *r, const struct ad_recipe_node *node,
                                const struct ad_slot *slot, const struct ad_value *value,
                                struct ad_recipe_ref *ret)
{
    enum artdag_err rc = find_ref(r, value, ret);
    if (rc != ARTDAG_OK)
        return rc;
    ret->slot = slot->name;
    return ad_reader_kind(r, node, slot, &r->nodes[ret->node], value);
}

/* ---- how many ---- */

static enum artdag_err wrong_count(struct ad_recipe_reader *r,
                                   const struct ad_recipe_node *node,
                                   const struct ad_value *value, size_t count, size_t min,
                                   size_t max)
{
    enum artdag_err rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s has %zu input%s",
                                      node->op->node_type, count, count == 1 ? "" : "s");
    if (!max)
        ad_error_hint(r->err, "it takes none");
    else if (min == max)
        ad_error_hint(r->err, "it takes %zu", min);
    else
        ad_error_hint(r->err, "it takes %zu to %zu", min, max);
    return fail_at(r, node, value, rc);
}

static size_t given_count(const struct ad_value *value)
{
    if (!value || value->kind == AD_VALUE_NULL)
        return 0;
    if (value->kind == AD_VALUE_LIST)
        return value->list.len;
    return value->kind == AD_VALUE_MAP ? value->map.len : 1;
}

static const struct ad_value *given_item(const struct ad_value *value, size_t i)
{
    return value->kind == AD_VALUE_LIST ? value->list.items[i] : value;
}

static struct ad_recipe_ref *new_refs(struct ad_recipe_reader *r, size_t count)
{
    return ad_arena_array(&r->recipe->arena, count, sizeof(struct ad_recipe_ref));
}

/* ---- the three ways to write it ---- */

/* How many items a list has is known when a plan is made. */
static bool takes_list(const struct ad_recipe_reader *r, const struct ad_recipe_node *node)
{
    for (size_t i = 0; !node->op->expands && i < node->input_count; i++)
        if (r->nodes[node->inputs[i].node].op->expands == AD_EXPANDS_TO_LIST)
            return true;
    return false;
}

/* A list, or one id, for an op whose slots are numbered. */
static enum artdag_err read_list(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                 const struct ad_value *value)
{
    size_t count = given_count(value);
    const struct ad_slot *slot = &node->op->slots[0];
    enum artdag_err rc = ARTDAG_OK;
    if (value && value->kind == AD_VALUE_MAP) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "the inputs of %s have no names",
                          node->op->node_type);
        ad_error_hint(r->err, "write a list: [a, b]");
        return fail_at(r, node, value, rc);
    }
    if ((!count && slot->min) || count > slot->max)
        return wrong_count(r, node, value, count, slot->min, slot->max);
    struct ad_recipe_ref *refs = new_refs(r, count);
    if (!refs)
        return ad_error_nomem(r->err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++) {
        rc = read_ref(r, node, slot, given_item(value, i), &refs[i]);
        refs[i].slot = ad_slot_name(&r->slots, &r->recipe->arena, i);
        if (rc == ARTDAG_OK && !refs[i].slot)
            rc = ad_error_nomem(r->err, ROOM);
    }
    node->inputs = refs;
    node->input_count = count;
    if (rc == ARTDAG_OK && count < slot->min && !takes_list(r, node))
        rc = wrong_count(r, node, value, count, slot->min, slot->max);
    return rc;
}

static enum artdag_err check_slot_names(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                        const struct ad_value *value)
{
    const char *known[16] = {NULL};
    size_t slots = slot_count(node->op);
    for (size_t s = 0; s < slots && s < 15; s++)
        known[s] = node->op->slots[s].name;
    for (size_t i = 0; i < value->map.len; i++) {
        const struct ad_member *m = &value->map.items[i];
        size_t s = 0;
        while (s < slots && !ad_str_is(m->key, node->op->slots[s].name))
            s++;
        if (s < slots)
            continue;
        enum artdag_err rc =
            ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s has no input \"%.*s\"",
                         node->op->node_type, AD_STR_ARG(m->key));
        if (ad_str_nearest(m->key, known))
            ad_reader_suggest(r, m->key, known);
        else
            ad_error_hint(r->err, "its first is called %s", known[0]);
        return ad_reader_at(r, m->line, m->column, rc);
    }
    return ARTDAG_OK;
}

/* What goes into slot s: by name from a map, by place from a list or a single id. NULL = nothing. */
static const struct ad_value *slot_value(const struct ad_value *value,
                                         const struct ad_slot *slots, size_t s)
{
    if (!value || value->kind == AD_VALUE_NULL)
        return NULL;
    if (value->kind == AD_VALUE_MAP)
        return ad_value_get(value, slots[s].name);
    return s < given_count(value) ? given_item(value, s) : NULL;
}

/* One id, or a list where a slot takes several. */
static enum artdag_err read_slot(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                 const struct ad_slot *slot, const struct ad_value *value,
                                 struct ad_recipe_ref *refs)
{
    enum artdag_err rc = ARTDAG_OK;
    if (slot->max == 1 || value->kind != AD_VALUE_LIST)
        return read_ref(r, node, slot, value, &refs[node->input_count++]);
    if (value->list.len < slot->min || value->list.len > slot->max)
        return wrong_count(r, node, value, value->list.len, slot->min, slot->max);
    for (size_t i = 0; rc == ARTDAG_OK && i < value->list.len; i++)
        rc = read_ref(r, node, slot, value->list.items[i], &refs[node->input_count++]);
    return rc;
}

static enum artdag_err read_slots(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                  const struct ad_value *value)
{
    const struct ad_slot *slots = node->op->slots;
    size_t count = slot_count(node->op), given = given_count(value);
    enum artdag_err rc = ARTDAG_OK;
    if (value && value->kind == AD_VALUE_MAP)
        rc = check_slot_names(r, node, value);
    else if (given > count)
        return wrong_count(r, node, value, given, 0, count);
    size_t room = count;
    for (size_t s = 0; s < count; s++)
        room += given_count(slot_value(value, slots, s));
    struct ad_recipe_ref *refs = new_refs(r, room);
    if (rc == ARTDAG_OK && !refs)
        rc = ad_error_nomem(r->err, ROOM);
    for (size_t s = 0; rc == ARTDAG_OK && s < count; s++) {
        const struct ad_value *item = slot_value(value, slots, s);
        if (item)
            rc = read_slot(r, node, &slots[s], item, refs);
        else if (slots[s].min)
            rc = fail_at(r, node, value,
                         ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                                      "input \"%s\" of %s is missing", slots[s].name,
                                      node->op->node_type));
    }
    node->inputs = refs;
    return rc;
}

static bool is_signal(const struct ad_recipe_reader *r, uint32_t node)
{
    return r->nodes[node].op->expands == AD_EXPANDS_TO_SIGNAL;
}

/* Finds a listed input and the slot that it goes to by its kind. */
static enum artdag_err place_mixed(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                   const struct ad_value *item, size_t *signals,
                                   struct ad_recipe_ref *ret)
{
    const struct ad_slot *slots = node->op->slots;
    enum artdag_err rc = find_ref(r, item, ret);
    if (rc != ARTDAG_OK)
        return rc;
    const struct ad_slot *slot = is_signal(r, ret->node) ? &slots[1] : &slots[0];
    ret->slot = slot->name;
    *signals += slot == &slots[1];
    if (*signals > slots[1].max)
        return wrong_count(r, node, item, *signals, 0, slots[1].max);
    return ad_reader_kind(r, node, slot, &r->nodes[ret->node], item);
}

/* A list for a type whose first slot takes several: films go there, an analysis to the slot for one. */
static enum artdag_err read_mixed(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                  const struct ad_value *value)
{
    const struct ad_slot *slots = node->op->slots;
    size_t count = given_count(value), signals = 0;
    struct ad_recipe_ref *refs = new_refs(r, count), *read = new_refs(r, count);
    if (!refs || !read)
        return ad_error_nomem(r->err, ROOM);
    if (!count || count > slots[0].max)
        return wrong_count(r, node, value, count, slots[0].min, slots[0].max);
    node->inputs = refs;
    for (size_t i = 0; i < count; i++) {
        enum artdag_err rc = place_mixed(r, node, given_item(value, i), &signals, &read[i]);
        if (rc != ARTDAG_OK)
            return rc;
    }
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < count; i++)
            if (read[i].slot == slots[s].name)
                refs[node->input_count++] = read[i];
    return ARTDAG_OK;
}

enum artdag_err ad_reader_inputs(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                 const struct ad_value *value)
{
    if (is_list_op(node->op))
        return read_list(r, node, value);
    bool listed = value && value->kind != AD_VALUE_MAP && value->kind != AD_VALUE_NULL;
    if (listed && slot_count(node->op) == 2 && node->op->slots[1].signal)
        return read_mixed(r, node, value);
    if (slot_count(node->op))
        return read_slots(r, node, value);
    size_t given = given_count(value);
    return given ? wrong_count(r, node, value, given, 0, 0) : ARTDAG_OK;
}
