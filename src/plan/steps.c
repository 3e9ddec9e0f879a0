/* SPDX-License-Identifier: MIT
 *
 * One ordinary step of a node: a config as written, made final, with a name that people can read.
 */
#include <stdio.h>
#include <string.h>

#include "plan/expand.h"

static enum artdag_err name_step(struct ad_maker *m, uint32_t step,
                                 const struct ad_recipe_node *node, const char *suffix)
{
    struct ad_plan *plan = m->planner.plan;
    plan->steps[step].name =
        ad_arena_printf(&plan->arena, "%s.%.*s%s", plan->name, AD_STR_ARG(node->id), suffix);
    /* Lines are those of the recipe at the top: for what is included, of its INCLUDE. */
    const struct ad_recipe_scope *scope = &m->recipe->scopes[node->scope];
    plan->steps[step].line = node->scope ? scope->line : node->line;
    plan->steps[step].column = node->scope ? scope->column : node->column;
    return plan->steps[step].name ? ARTDAG_OK : ad_error_nomem(m->err, ROOM);
}

static enum artdag_err too_many_inputs(struct ad_maker *m, const struct ad_make_step *want)
{
    return ad_error_set(m->err, ARTDAG_E_INVAL, ROOM, "%s cannot have %zu inputs",
                        want->op->node_type, want->input_count);
}

/* Slots are numbered, or taken in the op's order, or said by the recipe. */
static enum artdag_err fill_refs(struct ad_maker *m, const struct ad_make_step *want)
{
    const struct ad_slot *slots = want->op->slots;
    struct ad_planner *p = &m->planner;
    bool listed = slots->max && !slots->name;
    m->refs.len = 0;
    if (!ad_vec_reserve(&m->refs, want->input_count + 2)) /* perhaps a font */
        return ad_error_nomem(m->err, ROOM);
    for (size_t i = 0; i < want->input_count; i++) {
        const char *slot = NULL;
        if (listed)
            slot = ad_slot_name(&p->slots, &p->plan->arena, i);
        else if (want->slots)
            slot = want->slots[i];
        else if (slots->max)
            slot = slots++->name;
        else
            return too_many_inputs(m, want);
        if (!slot)
            return ad_error_nomem(m->err, ROOM);
        m->refs.items[i] = (struct ad_step_ref){slot, want->inputs[i]};
    }
    return ARTDAG_OK;
}

/* The step of the system's font, for a slot that is left open. */
static enum artdag_err add_font(struct ad_maker *m, const struct ad_make_step *want,
                                const struct ad_slot *slot)
{
    struct ad_planner *p = &m->planner;
    struct ad_draft draft = {.op = ad_op_find(AD_STR_LIT("SOURCE")), .input = m->font};
    struct ad_step_ref ref = {.slot = slot->name};
    bool fresh = false;
    draft.config = ad_source_file_config(&p->scratch);
    enum artdag_err rc = draft.config ? ARTDAG_OK : ad_error_nomem(m->err, ROOM);
    if (rc == ARTDAG_OK)
        rc = ad_planner_add(p, &draft, &ref.step, &fresh, m->err);
    if (rc == ARTDAG_OK && fresh)
        rc = name_step(m, ref.step, want->node, ".font");
    if (rc == ARTDAG_OK)
        m->refs.items[m->refs.len++] = ref;
    return rc;
}

static enum artdag_err add_fonts(struct ad_maker *m, const struct ad_make_step *want,
                                 const struct ad_value *config)
{
    const struct ad_slot *slots = want->op->slots;
    m->refs.len = want->input_count;
    for (const struct ad_slot *slot = slots; slot && slot->max; slot++) {
        bool given = false;
        for (size_t i = 0; slot->font && i < m->refs.len; i++)
            given = given || strcmp(m->refs.items[i].slot, slot->name) == 0;
        if (!slot->font || given || m->font == AD_RECIPE_UNBOUND || !slot->font(config))
            continue;
        enum artdag_err rc = add_font(m, want, slot);
        if (rc != ARTDAG_OK)
            return rc;
    }
    return ARTDAG_OK;
}

/* The config as it is hashed, but for lengths; an effect of the registry brings its definition. */
static enum artdag_err normalise(struct ad_maker *m, const struct ad_make_step *want,
                                 const struct ad_value **ret)
{
    struct ad_planner *p = &m->planner;
    enum artdag_err rc = ARTDAG_OK;
    if (!want->normalised)
        rc = ad_config_normalise(&p->scratch, want->op->fields, want->config, &p->plan->format,
                                 ad_recipe_file_of(m->recipe, want->node), ret, m->err);
    if (rc == ARTDAG_OK && want->node->definition &&
        strcmp(want->op->node_type, "EFFECT") == 0) {
        *ret = ad_effect_define(&p->scratch, *ret, want->node->definition);
        rc = *ret ? ARTDAG_OK : ad_error_nomem(m->err, ROOM);
    }
    return rc;
}

enum artdag_err ad_make_plain_step(struct ad_maker *m, const struct ad_make_step *want,
                                   uint32_t *ret)
{
    struct ad_planner *p = &m->planner;
    struct ad_draft draft = {
        .op = want->op, .input_count = (uint32_t)want->input_count, .input = want->input};
    bool fresh = false;
    uint32_t step = 0;
    draft.config = want->config;
    enum artdag_err rc = fill_refs(m, want);
    if (rc == ARTDAG_OK)
        rc = normalise(m, want, &draft.config);
    if (rc == ARTDAG_OK)
        rc = add_fonts(m, want, draft.config);
    draft.inputs = m->refs.items;
    draft.input_count = (uint32_t)m->refs.len;
    if (rc == ARTDAG_OK)
        rc = ad_planner_add(p, &draft, &step, &fresh, m->err);
    ad_arena_fini(&p->scratch);
    if (rc == ARTDAG_OK && fresh)
        rc = name_step(m, step, want->node, want->suffix);
    if (rc == ARTDAG_OK && *want->suffix && m->expanded++ == AD_EXPAND_STEPS_MAX)
        rc = ad_error_set(m->err, ARTDAG_E_LIMIT, ROOM, "lists come to more than %d steps",
                          AD_EXPAND_STEPS_MAX);
    if (rc != ARTDAG_OK)
        return rc;
    if (want->node->keep && !want->helper)
        p->plan->steps[step].keep = true;
    *ret = step;
    return ARTDAG_OK;
}

enum artdag_err ad_make_step(struct ad_maker *m, const struct ad_make_step *want, uint32_t *ret)
{
    bool bound = false;
    if (ad_make_is_several(want->op))
        return ad_make_several(m, want, ret);
    for (size_t i = 0; i < want->node->signal_count; i++)
        bound = bound || !want->node->op->expands || want->node->operation;
    return bound ? ad_make_bound_step(m, want, ret) : ad_make_plain_step(m, want, ret);
}

enum artdag_err ad_make_cut(struct ad_maker *m, const struct ad_recipe_node *node,
                            uint32_t step, struct ad_span span, const char *suffix,
                            uint32_t *ret)
{
    struct ad_planner *p = &m->planner;
    struct ad_map_builder map;
    ad_map_begin(&map, &p->scratch);
    ad_map_add(&map, "duration", ad_value_new_int(&p->scratch, span.to - span.from));
    ad_map_add(&map, "start", ad_value_new_int(&p->scratch, span.from));
    const struct ad_make_step cut = {
        .node = node,
        .op = ad_op_find(AD_STR_LIT("SEGMENT")),
        .config = ad_map_end(&map),
        .normalised = true,
        .inputs = &step,
        .input_count = 1,
        .suffix = suffix,
        .helper = strstr(suffix, ".cut") != NULL,
    };
    return cut.config ? ad_make_plain_step(m, &cut, ret) : ad_error_nomem(m->err, ROOM);
}

/* The config of a SEQUENCE that nobody wrote, with the key that no recipe can write. */
static const struct ad_value *seamless_config(struct ad_planner *p, const struct ad_op *op,
                                              artdag_error *err)
{
    const struct ad_value *config = NULL;
    struct ad_map_builder map;
    if (ad_config_normalise(&p->scratch, op->fields, NULL, &p->plan->format, NULL, &config,
                            err))
        return NULL;
    ad_map_begin(&map, &p->scratch);
    for (size_t i = 0; i < config->map.len; i++) {
        const char *key = ad_arena_strdup(&p->scratch, config->map.items[i].key);
        ad_map_add(&map, key ? key : "", key ? config->map.items[i].value : NULL);
    }
    ad_map_add(&map, "seamless", ad_value_new_bool(&p->scratch, true));
    return ad_map_end(&map);
}

enum artdag_err ad_make_sequence(struct ad_maker *m, const struct ad_make_sequence *want,
                                 uint32_t *ret)
{
    struct ad_make_step sequence = {
        .node = want->node,
        .op = ad_op_find(AD_STR_LIT("SEQUENCE")),
        .inputs = want->steps,
        .input_count = want->count,
        .suffix = want->suffix,
    };
    if (want->seamless) {
        sequence.config = seamless_config(&m->planner, sequence.op, m->err);
        sequence.normalised = true;
        if (!sequence.config)
            return ad_error_nomem(m->err, ROOM);
    }
    return ad_make_plain_step(m, &sequence, ret);
}
