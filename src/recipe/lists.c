/* SPDX-License-Identifier: MIT
 *
 * What nodes say of lists and signals: the operation of a MAP, the nodes that a config names, and which kind of node may
 * stand where.
 */
#include <string.h>

#include "recipe/reader.h"

/* ---- operations ---- */

static bool may_be_applied(const struct ad_op *by, const struct ad_op *op)
{
    if (op->encode || !op->slots->max)
        return false;
    if (!op->expands ||
        (op->expands == AD_EXPANDS_TO_FILM && !op->slots[0].name && op->slots[0].max == 1))
        return true;
    return strcmp(by->node_type, "MAP") == 0 &&
           (strcmp(op->node_type, "RANDOM_SLICE") == 0 || op->expands == AD_EXPANDS_TO_SIGNAL);
}

static enum artdag_err find_operation(struct ad_recipe_reader *r, struct ad_recipe_node *node,
                                      const struct ad_value *value)
{
    struct ad_str name;
    enum artdag_err rc = ad_reader_name(r, value, "operation", &name);
    if (rc != ARTDAG_OK)
        return rc;
    node->operation = ad_op_find(name);
    if (node->operation && may_be_applied(node->op, node->operation))
        return ARTDAG_OK;
    if (node->operation) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s cannot apply %s",
                          node->op->node_type, node->operation->node_type);
        ad_error_hint(r->err, "it applies node types that make a film of films");
    } else {
        const char *near = ad_op_nearest(name);
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "unknown operation \"%.*s\"",
                          AD_STR_ARG(name));
        ad_error_hint(r->err, near ? "did you mean %s?" : "\"artdag ops\" lists what there is",
                      near);
    }
    return ad_reader_at(r, value->line, value->column, rc);
}

enum artdag_err ad_reader_operation(struct ad_recipe_reader *r, struct ad_recipe_node *node)
{
    const struct ad_value *config = node->config;
    const struct ad_field *own = node->op->fields;
    if (!own->name || strcmp(own->name, "operation") != 0)
        return ARTDAG_OK;
    const struct ad_value *operation = ad_value_get(config, "operation");
    if (!operation) {
        enum artdag_err rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                                          "%s has no \"operation\"", node->op->node_type);
        ad_error_hint(r->err, "for example \"operation: TRANSFORM\"");
        return ad_reader_at(r, config ? config->line : node->line,
                            config ? config->column : node->column, rc);
    }
    struct ad_value *rest = ad_arena_dup(&r->recipe->arena, config, sizeof(*config));
    struct ad_member *members =
        ad_arena_array(&r->recipe->arena, config->map.len, sizeof(*members));
    if (!rest || !members)
        return ad_error_nomem(r->err, ROOM);
    rest->map.len = 0;
    rest->map.items = members;
    for (size_t i = 0; i < config->map.len; i++)
        if (config->map.items[i].value != operation)
            members[rest->map.len++] = config->map.items[i];
    node->config = rest;
    return find_operation(r, node, operation);
}

/* ---- what a config names ---- */

struct naming {
    struct ad_recipe_reader *r;
    AD_VEC(struct ad_recipe_signal) found;
};

/* Ids may hold dots, so the longest id that fits is meant. */
static bool find_node(struct ad_recipe_reader *r, struct ad_recipe_signal *signal)
{
    for (size_t len = signal->text.len; len > 0; len--) {
        if (len < signal->text.len && signal->text.ptr[len] != '.')
            continue;
        struct ad_str name = ad_reader_full_name(r, ad_str_slice(signal->text, 0, len));
        const union ad_map_value *node = name.ptr ? ad_map_find(&r->recipe->ids, name) : NULL;
        if (!node)
            continue;
        signal->node = (uint32_t)node->num;
        if (len < signal->text.len)
            signal->path = ad_str_slice(signal->text, len + 1, signal->text.len);
        return true;
    }
    return false;
}

static enum artdag_err no_node(struct ad_recipe_reader *r, const struct ad_value *value)
{
    size_t len = 0;
    uint32_t ignored = 0;
    while (len < value->string.len && value->string.ptr[len] != '.')
        len++;
    struct ad_str name = ad_reader_full_name(r, ad_str_slice(value->string, 0, len));
    if (!name.ptr)
        return ad_error_nomem(r->err, ROOM);
    enum artdag_err rc = ad_recipe_find(r->recipe, name, &ignored, r->err);
    if (rc == ARTDAG_E_NOTFOUND) {
        rc = ARTDAG_E_FORMAT;
        if (r->err)
            r->err->code = rc;
    }
    return ad_reader_at(r, value->line, value->column, rc);
}

static enum artdag_err check_signal(struct ad_recipe_reader *r,
                                    const struct ad_recipe_signal *signal)
{
    const struct ad_recipe_node *node = &r->nodes[signal->node];
    enum artdag_err rc = ARTDAG_OK;
    if (node->op->expands && node->op->expands != AD_EXPANDS_TO_SIGNAL) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "\"%.*s\" has no signals",
                          AD_STR_ARG(node->id));
        ad_error_hint(r->err, "name an ANALYZE node, or a SOURCE and what to take from it");
    } else if (signal->path.len ? !ad_feature_bits(signal->path) : !node->op->expands) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "\"%.*s\" names no signal",
                          AD_STR_ARG(signal->text));
        ad_error_hint(r->err, "for example %.*s.beats, .onsets, .energy, .spectrum.bass",
                      AD_STR_ARG(node->id));
    }
    return rc == ARTDAG_OK ? rc : ad_reader_at(r, signal->line, signal->column, rc);
}

static enum artdag_err add_signal(struct naming *n, const struct ad_value *value)
{
    struct ad_recipe_signal signal = {.line = value->line, .column = value->column};
    if (value->kind != AD_VALUE_STRING || ad_value_is_reference(value)) {
        enum artdag_err rc = ad_error_set(n->r->err, ARTDAG_E_FORMAT, ROOM,
                                          "the name of a node is wanted here, as text");
        return ad_reader_at(n->r, value->line, value->column, rc);
    }
    signal.text = value->string;
    if (!find_node(n->r, &signal))
        return no_node(n->r, value);
    enum artdag_err rc = check_signal(n->r, &signal);
    if (rc == ARTDAG_OK && !ad_vec_push(&n->found, signal))
        rc = ad_error_nomem(n->r->err, ROOM);
    return rc;
}

/* Binds lie at any depth. */
static enum artdag_err find_binds(struct naming *n, const struct ad_value *config)
{
    AD_VEC(const struct ad_value *) stack = {0};
    enum artdag_err rc = ARTDAG_OK;
    bool room = ad_vec_push(&stack, config);
    while (rc == ARTDAG_OK && room && stack.len) {
        const struct ad_value *v = stack.items[--stack.len];
        const struct ad_value *bind = ad_value_bind(v);
        if (bind) {
            const struct ad_value *signal = ad_value_get(bind, "signal");
            rc = signal ? add_signal(n, signal) : ARTDAG_OK;
            continue;
        }
        size_t count = v->kind == AD_VALUE_MAP    ? v->map.len
                       : v->kind == AD_VALUE_LIST ? v->list.len
                                                  : 0;
        for (size_t i = 0; room && i < count; i++)
            room = ad_vec_push(&stack, v->kind == AD_VALUE_MAP ? v->map.items[i].value
                                                               : v->list.items[i]);
    }
    ad_vec_fini(&stack);
    return room ? rc : ad_error_nomem(n->r->err, ROOM);
}

enum artdag_err ad_reader_signals(struct ad_recipe_reader *r, struct ad_recipe_node *node)
{
    struct naming n = {.r = r};
    enum artdag_err rc = ARTDAG_OK;
    const struct ad_value *times =
        node->op->expands ? ad_value_get(node->config, "times_from") : NULL;
    if (times)
        rc = add_signal(&n, times);
    if (rc == ARTDAG_OK && node->config)
        rc = find_binds(&n, node->config);
    if (rc == ARTDAG_OK && n.found.len) {
        node->signals = ad_arena_dup(&r->recipe->arena, n.found.items,
                                     n.found.len * sizeof(*n.found.items));
        node->signal_count = n.found.len;
        if (!node->signals)
            rc = ad_error_nomem(r->err, ROOM);
    }
    ad_vec_fini(&n.found);
    return rc;
}

/* ---- what may stand where ---- */

enum artdag_err ad_reader_kind(struct ad_recipe_reader *r, const struct ad_recipe_node *node,
                               const struct ad_slot *slot, const struct ad_recipe_node *below,
                               const struct ad_value *value)
{
    enum ad_expansion kind = below->op->expands;
    const char *type = node->op->node_type;
    enum artdag_err rc;
    if (slot->signal ? kind == AD_EXPANDS_TO_SIGNAL || kind == AD_EXPANDS_TO_LIST
                     : kind == AD_EXPANDS_NOT || kind == AD_EXPANDS_TO_FILM)
        return ARTDAG_OK;
    if (slot->signal) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "%s of %s is no film", slot->name,
                          type);
        ad_error_hint(r->err, "put an ANALYZE node between \"%.*s\" and it",
                      AD_STR_ARG(below->id));
    } else if (kind == AD_EXPANDS_TO_SIGNAL) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM, "\"%.*s\" is an analysis and no film",
                          AD_STR_ARG(below->id));
        ad_error_hint(r->err, "it goes into timing, times, times_from or a bind");
    } else if (slot->max == 1) {
        rc = ad_error_set(r->err, ARTDAG_E_FORMAT, ROOM,
                          "\"%.*s\" is a list, and %s takes one film", AD_STR_ARG(below->id),
                          type);
        ad_error_hint(r->err, "use MAP with \"operation: %s\", or join the list", type);
    } else {
        return ARTDAG_OK;
    }
    return ad_reader_at(r, value->line, value->column, rc);
}
