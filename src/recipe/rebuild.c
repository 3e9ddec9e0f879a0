/* SPDX-License-Identifier: MIT
 *
 * Copies of values with leaves and keys replaced. The stack is as deep as documents may be.
 */
#include "recipe/recipe.h"

#define DEPTH_MAX 128

struct frame {
    const struct ad_value *from;
    struct ad_member *members; /* of a map */
    const struct ad_value **items;
    size_t next;
};

static bool is_container(const struct ad_value *v)
{
    return v->kind == AD_VALUE_MAP || v->kind == AD_VALUE_LIST;
}

static size_t child_count(const struct ad_value *v)
{
    return v->kind == AD_VALUE_MAP ? v->map.len : v->list.len;
}

/* A copy of an empty container whose places are to be filled through the frame. */
static const struct ad_value *open_copy(const struct ad_rebuild *rebuild,
                                        const struct ad_value *from, struct frame *ret)
{
    struct ad_value *to = ad_arena_dup(rebuild->arena, from, sizeof(*from));
    *ret = (struct frame){.from = from};
    if (!to)
        return NULL;
    if (from->kind == AD_VALUE_MAP) {
        ret->members = ad_arena_array(rebuild->arena, from->map.len, sizeof(*ret->members));
        to->map.items = ret->members;
    } else {
        ret->items = ad_arena_array(rebuild->arena, from->list.len, sizeof(*ret->items));
        to->list.items = ret->items;
    }
    return ret->members || ret->items ? to : NULL;
}

static void put(const struct ad_rebuild *rebuild, struct frame *frame, size_t i,
                const struct ad_value *value)
{
    if (frame->items) {
        frame->items[i] = value;
        return;
    }
    const struct ad_member *m = &frame->from->map.items[i];
    frame->members[i] = *m;
    frame->members[i].value = value;
    if (rebuild->key)
        frame->members[i].key = rebuild->key(rebuild->payload, m->key);
}

const struct ad_value *ad_value_rebuild(const struct ad_rebuild *rebuild,
                                        const struct ad_value *value)
{
    struct frame stack[DEPTH_MAX];
    size_t depth = 0;
    if (!is_container(value))
        return rebuild->leaf(rebuild->payload, value);
    const struct ad_value *root = open_copy(rebuild, value, &stack[depth++]);
    while (root && depth) {
        struct frame *top = &stack[depth - 1];
        size_t i = top->next++;
        if (i == child_count(top->from)) {
            depth--;
            continue;
        }
        const struct ad_value *child = top->from->kind == AD_VALUE_MAP
                                           ? top->from->map.items[i].value
                                           : top->from->list.items[i];
        const struct ad_value *copy = NULL;
        if (!is_container(child))
            copy = rebuild->leaf(rebuild->payload, child);
        else if (depth < DEPTH_MAX)
            copy = open_copy(rebuild, child, &stack[depth++]);
        if (!copy)
            return NULL;
        put(rebuild, top, i, copy);
    }
    return root;
}
