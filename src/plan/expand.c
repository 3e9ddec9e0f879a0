/* SPDX-License-Identifier: MIT
 *
 * Lists: where they come from, and what goes over them.
 */
#include "plan/expand.h"

#include <stdio.h>
#include <string.h>

/* ---- items ---- */

enum artdag_err ad_expand_push(struct ad_maker *m, struct ad_yield *list, struct ad_item item)
{
    if (list->count == AD_LIST_ITEMS_MAX)
        return ad_error_set(m->err, ARTDAG_E_LIMIT, ROOM, "a list has more than %d items",
                            AD_LIST_ITEMS_MAX);
    if (!ad_vec_push(&m->items, item))
        return ad_error_nomem(m->err, ROOM);
    list->count++;
    return ARTDAG_OK;
}

static enum artdag_err push_film(struct ad_maker *m, struct ad_yield *list, uint32_t step)
{
    struct ad_item item = {(uint32_t)m->item_steps.len, 1};
    if (!ad_vec_push(&m->item_steps, step))
        return ad_error_nomem(m->err, ROOM);
    return ad_expand_push(m, list, item);
}

static enum artdag_err add_items(struct ad_maker *m, uint32_t node, struct ad_yield *list)
{
    struct ad_yield from = m->yields[node];
    enum artdag_err rc = ARTDAG_OK;
    if (from.kind == AD_YIELD_FILM)
        return push_film(m, list, m->steps[node]);
    for (size_t i = 0; rc == ARTDAG_OK && i < from.count; i++) {
        struct ad_item item = m->items.items[from.first + i];
        rc = ad_expand_push(m, list, item);
    }
    return rc;
}

enum artdag_err ad_expand_items(struct ad_maker *m, const struct ad_recipe_node *node,
                                const char *slot, struct ad_yield *ret)
{
    struct ad_yield list = {.kind = AD_YIELD_LIST, .first = m->items.len};
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < node->input_count; i++)
        if (!slot || strcmp(node->inputs[i].slot, slot) == 0)
            rc = add_items(m, node->inputs[i].node, &list);
    if (rc == ARTDAG_OK && !list.count) {
        rc = ad_error_set(m->err, ARTDAG_E_INVAL, ROOM, "%s has no items", node->op->node_type);
        ad_error_hint(m->err, "the list that goes in is empty");
    }
    *ret = list;
    return rc;
}

enum artdag_err ad_expand_films(struct ad_maker *m, const struct ad_recipe_ref *ref,
                                ad_index_vec *films)
{
    struct ad_yield from = m->yields[ref->node];
    if (from.kind == AD_YIELD_FILM)
        return ad_vec_push(films, m->steps[ref->node]) ? ARTDAG_OK
                                                       : ad_error_nomem(m->err, ROOM);
    for (size_t i = 0; i < from.count; i++) {
        struct ad_item item = m->items.items[from.first + i];
        if (!item.count) {
            enum artdag_err rc = ad_error_set(m->err, ARTDAG_E_INVAL, ROOM,
                                              "an input is a list of analyses, not of films");
            ad_error_at(m->err, m->recipe->file, (int)ref->line, (int)ref->column);
            return rc;
        }
        for (uint32_t k = 0; k < item.count; k++)
            if (!ad_vec_push(films, m->item_steps.items[item.first + k]))
                return ad_error_nomem(m->err, ROOM);
    }
    return ARTDAG_OK;
}

enum artdag_err ad_expand_config(struct ad_maker *m, const struct ad_recipe_node *node,
                                 const struct ad_op *op, const struct ad_value **ret)
{
    const struct ad_value *config = NULL;
    enum artdag_err rc = ad_make_config(m, node, &config);
    if (rc == ARTDAG_OK)
        rc = ad_config_normalise(&m->arena, op->fields, config, &m->planner.plan->format,
                                 ad_recipe_file_of(m->recipe, node), ret, m->err);
    return rc;
}

/* ---- SOURCE_LIST ---- */

static int by_input_name(const void *key, const void *input)
{
    return strcmp(key, ((const struct ad_plan_input *)input)->name);
}

/* Files of a list are called NAME.0, NAME.1 ... The first is bound. */
static enum artdag_err expand_source_list(struct ad_maker *m, uint32_t index)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    const struct ad_plan *plan = m->planner.plan;
    struct ad_str first = ad_str_from(plan->inputs[m->bound[index]].name);
    struct ad_yield list = {.kind = AD_YIELD_LIST, .first = m->items.len};
    const struct ad_value *config = NULL;
    enum artdag_err rc = ad_make_config(m, node, &config);
    for (size_t i = 0; rc == ARTDAG_OK; i++) {
        char name[AD_RECIPE_NAME_MAX + 32], suffix[32];
        uint32_t step = 0;
        (void)snprintf(name, sizeof(name), "%.*s%zu", (int)first.len - 1, first.ptr, i);
        (void)snprintf(suffix, sizeof(suffix), ".%zu", i);
        const struct ad_plan_input *input =
            bsearch(name, plan->inputs, plan->input_count, sizeof(*input), by_input_name);
        if (!input)
            break;
        const struct ad_make_step source = {
            .node = node,
            .op = ad_op_find(AD_STR_LIT("SOURCE")),
            .config = config,
            .input = (uint32_t)(input - plan->inputs),
            .suffix = suffix,
        };
        rc = ad_make_step(m, &source, &step);
        if (rc == ARTDAG_OK)
            rc = push_film(m, &list, step);
    }
    m->yields[index] = list;
    return rc;
}

/* ---- MAP ---- */

/* One step from the films of one item. */
static enum artdag_err apply(struct ad_maker *m, const struct ad_recipe_node *node,
                             const struct ad_value *config, struct ad_item item,
                             const char *suffix, uint32_t *ret)
{
    ad_index_vec films = {0};
    enum artdag_err rc = ARTDAG_OK;
    for (uint32_t k = 0; rc == ARTDAG_OK && k < item.count; k++)
        if (!ad_vec_push(&films, m->item_steps.items[item.first + k]))
            rc = ad_error_nomem(m->err, ROOM);
    const struct ad_make_step step = {
        .node = node,
        .op = node->operation,
        .config = config,
        .inputs = films.items,
        .input_count = films.len,
        .suffix = suffix,
    };
    if (rc == ARTDAG_OK && !item.count)
        rc = ad_error_set(m->err, ARTDAG_E_INVAL, ROOM,
                          "the items are analyses, which %s cannot take",
                          node->operation->node_type);
    if (rc == ARTDAG_OK)
        rc = ad_make_step(m, &step, ret);
    ad_vec_fini(&films);
    return rc;
}

static enum artdag_err map_films(struct ad_maker *m, uint32_t index, struct ad_yield items)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    struct ad_yield list = {.kind = AD_YIELD_LIST, .first = m->items.len};
    const struct ad_value *config = NULL;
    enum artdag_err rc = ad_make_config(m, node, &config);
    for (size_t i = 0; rc == ARTDAG_OK && i < items.count; i++) {
        char suffix[32];
        uint32_t step = 0;
        (void)snprintf(suffix, sizeof(suffix), ".%zu", i);
        rc = apply(m, node, config, m->items.items[items.first + i], suffix, &step);
        if (rc == ARTDAG_OK)
            rc = push_film(m, &list, step);
    }
    m->yields[index] = list;
    return rc;
}

static enum artdag_err add_signal(struct ad_maker *m, const struct ad_recipe_node *node,
                                  const struct ad_value *config, uint32_t step)
{
    struct ad_str feature = ad_value_get(config, "feature")->string;
    const struct ad_signal signal = {
        .step = step,
        .feature = ad_arena_str(&m->arena, feature),
        .every = ad_value_get(config, "every")->integer,
        .skip = ad_value_get(config, "skip")->integer,
        .min_interval = ad_value_get(config, "min_interval")->integer,
    };
    (void)node;
    return ad_vec_push(&m->signals, signal) && signal.feature.ptr
               ? ARTDAG_OK
               : ad_error_nomem(m->err, ROOM);
}

static enum artdag_err map_signals(struct ad_maker *m, uint32_t index, struct ad_yield items)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    struct ad_yield list = {.kind = AD_YIELD_LIST, .first = m->items.len};
    const struct ad_value *config = NULL;
    enum artdag_err rc = ad_expand_config(m, node, node->operation, &config);
    for (size_t i = 0; rc == ARTDAG_OK && i < items.count; i++) {
        struct ad_item item = m->items.items[items.first + i];
        if (item.count != 1)
            rc = ad_error_set(m->err, ARTDAG_E_INVAL, ROOM, "ANALYZE takes single films");
        if (rc == ARTDAG_OK)
            rc = add_signal(m, node, config, m->item_steps.items[item.first]);
        if (rc == ARTDAG_OK)
            rc = ad_expand_push(m, &list,
                                (struct ad_item){.first = (uint32_t)m->signals.len - 1});
    }
    m->yields[index] = list;
    return rc;
}

static enum artdag_err expand_map(struct ad_maker *m, uint32_t index)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    const struct ad_op *op = node->operation;
    const struct ad_signal *timing = NULL;
    struct ad_yield items;
    const struct ad_value *config = NULL;
    if (op->expands == AD_EXPANDS_TO_LIST) {
        enum artdag_err rc = ad_expand_config(m, node, op, &config);
        return rc == ARTDAG_OK ? ad_expand_random_slice(m, index, config) : rc;
    }
    enum artdag_err rc = ad_expand_timing(m, node, "timing", &timing);
    if (rc == ARTDAG_OK && timing) {
        rc = ad_expand_pieces(m, index);
        items = m->yields[index];
    } else if (rc == ARTDAG_OK) {
        rc = ad_expand_items(m, node, "items", &items);
    }
    if (rc != ARTDAG_OK)
        return rc;
    return op->expands ? map_signals(m, index, items) : map_films(m, index, items);
}

enum artdag_err ad_expand_timing(struct ad_maker *m, const struct ad_recipe_node *node,
                                 const char *slot, const struct ad_signal **ret)
{
    *ret = NULL;
    for (size_t i = 0; i < node->input_count; i++) {
        if (strcmp(node->inputs[i].slot, slot) != 0)
            continue;
        struct ad_yield yield = m->yields[node->inputs[i].node];
        size_t signal = yield.first;
        if (yield.kind == AD_YIELD_LIST) {
            struct ad_item item = m->items.items[yield.first];
            signal = item.first;
            if (yield.count != 1 || item.count)
                return ad_error_set(m->err, ARTDAG_E_INVAL, ROOM,
                                    "%s takes one analysis, not a list", slot);
        }
        *ret = &m->signals.items[signal];
    }
    return ARTDAG_OK;
}

/* ---- ZIP ---- */

/* How long the result is; cycle: the longest. */
static enum artdag_err zip_length(struct ad_maker *m, const struct ad_recipe_node *node,
                                  struct ad_str how, const struct ad_yield *lists, size_t *ret)
{
    size_t least = lists[0].count, most = lists[0].count;
    for (size_t i = 1; i < node->input_count; i++) {
        least = lists[i].count < least ? lists[i].count : least;
        most = lists[i].count > most ? lists[i].count : most;
    }
    *ret = ad_str_is(how, "cycle") ? most : least;
    if (!ad_str_is(how, "equal") || least == most)
        return ARTDAG_OK;
    enum artdag_err rc = ad_error_set(m->err, ARTDAG_E_INVAL, ROOM,
                                      "the lists have %zu to %zu items", least, most);
    ad_error_hint(m->err, "\"length: equal\" wants lists of one length");
    return rc;
}

static enum artdag_err zip_item(struct ad_maker *m, const struct ad_yield *lists, size_t count,
                                size_t i, struct ad_yield *list)
{
    struct ad_item group = {.first = (uint32_t)m->item_steps.len};
    for (size_t k = 0; k < count; k++) {
        struct ad_item item = m->items.items[lists[k].first + i % lists[k].count];
        for (uint32_t n = 0; n < item.count; n++)
            if (!ad_vec_push(&m->item_steps, m->item_steps.items[item.first + n]))
                return ad_error_nomem(m->err, ROOM);
        group.count += item.count;
        if (!item.count)
            return ad_error_set(m->err, ARTDAG_E_INVAL, ROOM, "ZIP takes films, not analyses");
    }
    return ad_expand_push(m, list, group);
}

static enum artdag_err expand_zip(struct ad_maker *m, uint32_t index)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    struct ad_yield *lists = ad_alloc_array(node->input_count, sizeof(*lists));
    const struct ad_value *config = NULL;
    size_t length = 0;
    enum artdag_err rc =
        lists ? ad_expand_config(m, node, node->op, &config) : ad_error_nomem(m->err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < node->input_count; i++) {
        lists[i] = (struct ad_yield){.kind = AD_YIELD_LIST, .first = m->items.len};
        rc = add_items(m, node->inputs[i].node, &lists[i]);
        if (rc == ARTDAG_OK && !lists[i].count)
            rc = ad_error_set(m->err, ARTDAG_E_INVAL, ROOM, "a list is empty");
    }
    if (rc == ARTDAG_OK)
        rc = zip_length(m, node, ad_value_get(config, "length")->string, lists, &length);
    struct ad_yield list = {.kind = AD_YIELD_LIST, .first = m->items.len};
    for (size_t i = 0; rc == ARTDAG_OK && i < length; i++)
        rc = zip_item(m, lists, node->input_count, i, &list);
    m->yields[index] = list;
    free(lists);
    return rc;
}

/* ---- REDUCE ---- */

static enum artdag_err fold(struct ad_maker *m, const struct ad_recipe_node *node,
                            const struct ad_value *config, const ad_index_vec *films,
                            uint32_t *ret)
{
    uint32_t pair[2] = {films->items[0]};
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 1; rc == ARTDAG_OK && i < films->len; i++) {
        char suffix[32] = "";
        pair[1] = films->items[i];
        if (i + 1 < films->len)
            (void)snprintf(suffix, sizeof(suffix), ".%zu", i - 1);
        const struct ad_make_step step = {
            .node = node,
            .op = node->operation,
            .config = config,
            .inputs = pair,
            .input_count = 2,
            .suffix = suffix,
        };
        rc = ad_make_step(m, &step, &pair[0]);
    }
    *ret = pair[0];
    return rc;
}

static enum artdag_err expand_reduce(struct ad_maker *m, uint32_t index)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    const struct ad_slot *slot = node->operation->slots;
    const struct ad_value *config = NULL;
    ad_index_vec films = {0};
    enum artdag_err rc = ad_make_config(m, node, &config);
    for (size_t i = 0; rc == ARTDAG_OK && i < node->input_count; i++)
        rc = ad_expand_films(m, &node->inputs[i], &films);
    if (rc == ARTDAG_OK && !films.len)
        rc = ad_error_set(m->err, ARTDAG_E_INVAL, ROOM, "REDUCE has no items");
    if (rc == ARTDAG_OK && !slot->name && slot->max > 2) {
        const struct ad_make_step step = {
            .node = node,
            .op = node->operation,
            .config = config,
            .inputs = films.items,
            .input_count = films.len,
            .suffix = "",
        };
        rc = ad_make_step(m, &step, &m->steps[index]);
    } else if (rc == ARTDAG_OK) {
        rc = fold(m, node, config, &films, &m->steps[index]);
    }
    m->yields[index].kind = AD_YIELD_FILM;
    ad_vec_fini(&films);
    return rc;
}

/* ---- ANALYZE ---- */

static enum artdag_err expand_analyze(struct ad_maker *m, uint32_t index)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    const struct ad_value *config = NULL;
    enum artdag_err rc = ad_expand_config(m, node, node->op, &config);
    if (rc == ARTDAG_OK)
        rc = add_signal(m, node, config, m->steps[node->inputs[0].node]);
    m->yields[index] = (struct ad_yield){AD_YIELD_SIGNAL, m->signals.len - 1, 1};
    return rc;
}

static enum artdag_err expand_random_slice(struct ad_maker *m, uint32_t index)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    const struct ad_value *config = NULL;
    enum artdag_err rc = ad_expand_config(m, node, node->op, &config);
    return rc == ARTDAG_OK ? ad_expand_random_slice(m, index, config) : rc;
}

enum artdag_err ad_expand(struct ad_maker *m, uint32_t index)
{
    static const struct {
        const char *type;
        enum artdag_err (*expand)(struct ad_maker *m, uint32_t index);
    } ways[] = {
        {"ANALYZE", expand_analyze},
        {"LOOP", ad_expand_several},
        {"MAP", expand_map},
        {"TRIM_SILENCE", ad_expand_several},
        {"RANDOM_SLICE", expand_random_slice},
        {"REDUCE", expand_reduce},
        {"SEGMENT_AT", ad_expand_segment_at},
        {"SLIDESHOW", ad_expand_slideshow},
        {"SOURCE_LIST", expand_source_list},
        {"SWITCH", ad_expand_switch},
        {"ZIP", expand_zip},
    };
    const char *type = m->recipe->nodes[index].op->node_type;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (strcmp(ways[i].type, type) == 0)
            return ways[i].expand(m, index);
    return ad_error_set(m->err, ARTDAG_E_INTERNAL, ROOM, "nobody expands %s", type);
}
