/* SPDX-License-Identifier: MIT
 *
 * recipe + inputs -> plan: bind inputs, settle format and parameters, then one step per node in an order where inputs come
 * first. Only what the outputs are made from becomes a step.
 */
#include <string.h>

#include "plan/expand.h"

/* ---- errors that name the node ---- */

/* An op says which value is wrong, if one of the recipe's own is. */
enum artdag_err ad_make_at(struct ad_maker *m, const struct ad_recipe_node *node,
                           const struct ad_value *config, enum artdag_err rc)
{
    artdag_error *err = m->err;
    if (rc == ARTDAG_OK || !err)
        return rc;
    char id[AD_RECIPE_NAME_MAX + 1] = "";
    size_t len = node->id.len < sizeof(id) - 1 ? node->id.len : sizeof(id) - 1;
    memcpy(id, node->id.ptr, len);
    ad_error_node(err, id);
    bool placed = config && err->line > 0;
    if (!placed || !err->file[0]) /* a value of an INCLUDE may stand in another file */
        ad_error_at(err, ad_recipe_file_of(m->recipe, node),
                    placed ? err->line : (int)node->line,
                    placed ? err->column : (int)node->column);
    return rc;
}

/* ---- before the steps ---- */

/* Another node instead of what the recipe gives away. */
static enum artdag_err choose_target(struct ad_maker *m, const char *target)
{
    struct ad_recipe_output *output = ad_arena_alloc(&m->arena, sizeof(*output));
    if (!output)
        return ad_error_nomem(m->err, ROOM);
    enum artdag_err rc = ad_recipe_find(m->recipe, ad_str_from(target), &output->node, m->err);
    if (rc == ARTDAG_OK)
        output->name = m->recipe->nodes[output->node].id;
    m->outputs = output;
    m->output_count = 1;
    return rc;
}

/* Some of the outputs, in the recipe's order and once each. */
static enum artdag_err choose_some(struct ad_maker *m, const char *const *names, size_t count)
{
    const struct ad_recipe *recipe = m->recipe;
    struct ad_recipe_output *outputs =
        ad_arena_array(&m->arena, recipe->output_count, sizeof(*outputs));
    bool *wanted = ad_arena_array(&m->arena, recipe->output_count, sizeof(*wanted));
    if (!outputs || !wanted)
        return ad_error_nomem(m->err, ROOM);
    for (size_t i = 0; i < count; i++) {
        const struct ad_recipe_output *found = NULL;
        enum artdag_err rc =
            ad_recipe_find_output(recipe, ad_str_from(names[i]), &found, m->err);
        if (rc != ARTDAG_OK)
            return rc;
        wanted[found - recipe->outputs] = true;
    }
    for (size_t i = 0; i < recipe->output_count; i++)
        if (wanted[i])
            outputs[m->output_count++] = recipe->outputs[i];
    m->outputs = outputs;
    return ARTDAG_OK;
}

static enum artdag_err choose_outputs(struct ad_maker *m, const struct ad_plan_wish *wish)
{
    if (wish->target && wish->only_count)
        return ad_error_set(m->err, ARTDAG_E_INVAL, ROOM,
                            "a target and outputs are wanted: choose one of them");
    if (wish->target)
        return choose_target(m, wish->target);
    if (wish->only_count)
        return choose_some(m, wish->only, wish->only_count);
    m->outputs = m->recipe->outputs;
    m->output_count = m->recipe->output_count;
    return ARTDAG_OK;
}

static enum artdag_err prepare(struct ad_maker *m, const struct ad_plan_wish *wish)
{
    size_t count = m->recipe->node_count;
    enum artdag_err rc = choose_outputs(m, wish);
    if (rc != ARTDAG_OK)
        return rc;
    m->reach = ad_alloc_array(count, sizeof(*m->reach));
    m->bound = ad_alloc_array(count, sizeof(*m->bound));
    m->steps = ad_alloc_array(count, sizeof(*m->steps));
    m->yields = ad_alloc_array(count, sizeof(*m->yields));
    if (!m->reach || !m->bound || !m->steps || !m->yields)
        return ad_error_nomem(m->err, ROOM);
    for (size_t i = 0; i < m->output_count; i++)
        ad_recipe_reach(m->recipe, m->outputs[i].node, m->reach);
    return ARTDAG_OK;
}

/* The plan's inputs are the given ones and perhaps the font, which no node of the recipe names. */
static enum artdag_err take_inputs(struct ad_maker *m, const struct ad_plan_wish *wish)
{
    struct ad_plan_input *all = ad_alloc_array(wish->input_count + 1, sizeof(*all));
    size_t count = wish->input_count;
    m->font = AD_RECIPE_UNBOUND;
    if (!all)
        return ad_error_nomem(m->err, ROOM);
    if (count)
        memcpy(all, wish->inputs, count * sizeof(*all));
    if (wish->font)
        all[count++] = *wish->font;
    enum artdag_err rc = ad_planner_inputs(&m->planner, all, count, m->err);
    free(all);
    const struct ad_plan *plan = m->planner.plan;
    for (uint32_t i = 0; rc == ARTDAG_OK && wish->font && i < plan->input_count; i++)
        if (strcmp(plan->inputs[i].name, wish->font->name) == 0)
            m->font = i;
    return rc;
}

static enum artdag_err bind_inputs(struct ad_maker *m)
{
    const struct ad_plan *plan = m->planner.plan;
    const char **names = ad_alloc_array(plan->input_count, sizeof(*names));
    size_t count = 0;
    if (!names)
        return ad_error_nomem(m->err, ROOM);
    for (uint32_t i = 0; i < plan->input_count; i++)
        if (i != m->font)
            names[count++] = plan->inputs[i].name;
    enum artdag_err rc = ad_recipe_bind(m->recipe, names, count, m->reach, m->bound, m->err);
    for (size_t i = 0; rc == ARTDAG_OK && i < m->recipe->node_count; i++)
        if (m->bound[i] != AD_RECIPE_UNBOUND && m->bound[i] >= m->font)
            m->bound[i]++;
    free(names);
    return rc;
}

/* What the outputs show or let hear, without what is only analysed. */
static void reach_films(const struct ad_recipe *recipe, bool *reach)
{
    for (size_t i = 0; i < recipe->output_count; i++)
        reach[recipe->outputs[i].node] = true;
    for (size_t i = recipe->node_count; i-- > 0;) {
        const struct ad_recipe_node *node = &recipe->nodes[recipe->order[i]];
        bool film = reach[recipe->order[i]] && node->op->expands != AD_EXPANDS_TO_SIGNAL;
        for (size_t k = 0; film && k < node->input_count; k++)
            reach[node->inputs[k].node] = true;
    }
}

/* The inputs of all outputs decide the format, even when a part of them is wanted or another node is the target: a look
 * at a part has the format of the whole, and shares its steps. Only a target beside them brings inputs of its own. */
static enum artdag_err settle_format(struct ad_maker *m)
{
    struct ad_plan *plan = m->planner.plan;
    size_t count = m->recipe->node_count;
    bool *film = ad_alloc_array(count, sizeof(*film));
    if (!film)
        return ad_error_nomem(m->err, ROOM);
    reach_films(m->recipe, film);
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any = any || (film[i] && m->bound[i] != AD_RECIPE_UNBOUND);
    enum artdag_err rc =
        ad_plan_format(plan, m->recipe, m->bound, any ? film : m->reach, &plan->format, m->err);
    free(film);
    if (rc != ARTDAG_OK)
        return rc;
    plan->format.pixel_format =
        ad_arena_strdup(&plan->arena, ad_str_from(plan->format.pixel_format));
    return plan->format.pixel_format ? ARTDAG_OK : ad_error_nomem(m->err, ROOM);
}

static enum artdag_err settle_params(struct ad_maker *m, const struct ad_plan_param *params,
                                     size_t count)
{
    struct ad_recipe_given *given = ad_alloc_array(count, sizeof(*given));
    if (!given)
        return ad_error_nomem(m->err, ROOM);
    for (size_t i = 0; i < count; i++)
        given[i] = (struct ad_recipe_given){params[i].name, params[i].value};
    enum artdag_err rc = ad_recipe_params(m->recipe, given, count, &m->planner.plan->format,
                                          &m->arena, &m->values, m->err);
    free(given);
    return rc;
}

static enum artdag_err copy_titles(struct ad_maker *m)
{
    const struct ad_recipe *recipe = m->recipe;
    struct ad_plan *plan = m->planner.plan;
    plan->name = ad_arena_strdup(&plan->arena, recipe->name);
    plan->version = ad_arena_strdup(&plan->arena, recipe->version);
    plan->description = ad_arena_strdup(&plan->arena, recipe->description);
    plan->owner = ad_arena_strdup(&plan->arena, recipe->owner);
    if (recipe->file)
        plan->file = ad_arena_strdup(&plan->arena, ad_str_from(recipe->file));
    return ad_arena_failed(&plan->arena) ? ad_error_nomem(m->err, ROOM) : ARTDAG_OK;
}

/* ---- steps ---- */

static bool edge_of(void *payload, uint32_t node, struct ad_edge *ret)
{
    const struct ad_maker *m = payload;
    if (m->yields[node].kind != AD_YIELD_FILM)
        return false;
    *ret = m->planner.plan->steps[m->steps[node]].edge;
    return true;
}

enum artdag_err ad_make_config(struct ad_maker *m, const struct ad_recipe_node *node,
                               const struct ad_value **ret)
{
    const struct ad_recipe_facts facts = {&m->planner.plan->format, edge_of, m};
    return ad_recipe_config(m->recipe, node, m->values, &facts, &m->arena, ret, m->err);
}

/* An ordinary node: one step, with lists among its inputs as many. */
static enum artdag_err add_film(struct ad_maker *m, uint32_t index)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    struct ad_make_step step = {.node = node, .op = node->op, .suffix = ""};
    AD_VEC(const char *) slots = {0};
    ad_index_vec films = {0};
    enum artdag_err rc = ad_make_config(m, node, &step.config);
    for (size_t i = 0; rc == ARTDAG_OK && i < node->input_count; i++) {
        rc = ad_expand_films(m, &node->inputs[i], &films);
        while (rc == ARTDAG_OK && slots.len < films.len)
            if (!ad_vec_push(&slots, node->inputs[i].slot))
                rc = ad_error_nomem(m->err, ROOM);
    }
    if (rc == ARTDAG_OK && node->file) {
        step.config = ad_source_file_config(&m->arena);
        step.normalised = true;
        rc = step.config ? ARTDAG_OK : ad_error_nomem(m->err, ROOM);
    }
    step.inputs = films.items;
    step.slots = slots.items;
    step.input_count = films.len;
    if (m->bound[index] != AD_RECIPE_UNBOUND)
        step.input = m->bound[index];
    if (rc == ARTDAG_OK)
        rc = ad_make_step(m, &step, &m->steps[index]);
    m->yields[index].kind = AD_YIELD_FILM;
    ad_vec_fini(&films);
    ad_vec_fini(&slots);
    return rc;
}

static enum artdag_err add_node(struct ad_maker *m, uint32_t index)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    enum artdag_err rc = node->op->expands ? ad_expand(m, index) : add_film(m, index);
    return ad_make_at(m, node, node->config, rc);
}

/* An output is one film: what else a node may be cannot be shown. */
static enum artdag_err check_output(struct ad_maker *m, uint32_t index)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    bool list = m->yields[index].kind == AD_YIELD_LIST;
    if (m->yields[index].kind == AD_YIELD_FILM)
        return ARTDAG_OK;
    enum artdag_err rc =
        ad_error_set(m->err, ARTDAG_E_FORMAT, ROOM, "an output is %s, not a film",
                     list ? "a list" : "an analysis");
    ad_error_hint(m->err, list ? "join it with SEQUENCE" : "\"artdag analyze\" shows analyses");
    return ad_make_at(m, node, NULL, rc);
}

/* Pictures become picture files; NULL = as it is by default. */
static const struct ad_value *encode_config(struct ad_maker *m, const struct ad_op *op)
{
    struct ad_map_builder map;
    if (!op->profile)
        return NULL;
    ad_map_begin(&map, &m->arena);
    ad_map_add(&map, "profile", ad_value_new_str(&m->arena, ad_str_from(op->profile)));
    return ad_map_end(&map);
}

/* A film ends with an encoded file, whether or not the recipe says so. */
static enum artdag_err add_encode(struct ad_maker *m, const struct ad_recipe_node *node,
                                  uint32_t *step)
{
    const struct ad_make_step encode = {
        .node = node,
        .op = ad_op_find(AD_STR_LIT("ENCODE")),
        .inputs = step,
        .input_count = 1,
        .suffix = ".encode",
        .config = encode_config(m, m->planner.plan->steps[*step].op),
    };
    if (m->planner.plan->steps[*step].edge.deliverable)
        return ARTDAG_OK;
    if (!encode.config && m->planner.plan->steps[*step].op->profile)
        return ad_error_nomem(m->err, ROOM);
    return ad_make_at(m, node, NULL, ad_make_plain_step(m, &encode, step));
}

/* Of several outputs the recipe's first is the plan's, or the first that is wanted. */
static enum artdag_err add_outputs(struct ad_maker *m)
{
    struct ad_plan *plan = m->planner.plan;
    struct ad_plan_output *outputs =
        ad_arena_array(&plan->arena, m->output_count, sizeof(*outputs));
    enum artdag_err rc = outputs ? ARTDAG_OK : ad_error_nomem(m->err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < m->output_count; i++) {
        uint32_t node = m->outputs[i].node;
        outputs[i].name = ad_arena_strdup(&plan->arena, m->outputs[i].name);
        outputs[i].step = m->steps[node];
        if (!outputs[i].name)
            return ad_error_nomem(m->err, ROOM);
        rc = check_output(m, node);
        if (rc == ARTDAG_OK)
            rc = add_encode(m, &m->recipe->nodes[node], &outputs[i].step);
        if (i == 0 || node == m->recipe->output)
            plan->output = outputs[i].step;
    }
    plan->outputs = outputs;
    plan->output_count = m->output_count;
    return rc;
}

/* Expansion leaves steps that nobody uses: files that were only analysed, or never chosen. */
static enum artdag_err drop_unused(struct ad_maker *m)
{
    struct ad_plan *plan = m->planner.plan;
    struct ad_plan_output *outputs =
        ad_arena_dup(&plan->arena, plan->outputs, plan->output_count * sizeof(*outputs));
    bool *marks = ad_alloc_array(plan->step_count, sizeof(*marks));
    uint32_t *moved = ad_alloc_array(plan->step_count, sizeof(*moved));
    enum artdag_err rc = outputs && marks && moved ? ARTDAG_OK : ad_error_nomem(m->err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < plan->output_count; i++)
        marks[outputs[i].step] = true;
    if (rc == ARTDAG_OK)
        rc = ad_planner_keep(&m->planner, marks, moved, m->err);
    for (size_t i = 0; rc == ARTDAG_OK && i < plan->output_count; i++)
        outputs[i].step = moved[outputs[i].step];
    if (rc == ARTDAG_OK) {
        plan->outputs = outputs;
        plan->output = moved[plan->output];
    }
    free(marks);
    free(moved);
    return rc;
}

static enum artdag_err add_steps(struct ad_maker *m)
{
    const struct ad_recipe *recipe = m->recipe;
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < recipe->node_count; i++)
        if (m->reach[recipe->order[i]])
            rc = add_node(m, recipe->order[i]);
    if (rc == ARTDAG_OK)
        rc = add_outputs(m);
    return rc == ARTDAG_OK ? drop_unused(m) : rc;
}

static size_t count_reached(const struct ad_maker *m)
{
    size_t count = 0;
    for (size_t i = 0; i < m->recipe->node_count; i++)
        count += m->reach[i];
    return count;
}

enum artdag_err ad_plan_make(const struct ad_recipe *recipe, const struct ad_plan_wish *wish,
                             const struct ad_plan_env *env, struct ad_plan **ret,
                             artdag_error *err)
{
    struct ad_maker m = {.recipe = recipe, .err = err};
    enum artdag_err rc = prepare(&m, wish);
    if (rc == ARTDAG_OK)
        rc = ad_planner_init(&m.planner, count_reached(&m) + m.output_count, env, err);
    if (rc == ARTDAG_OK)
        rc = copy_titles(&m);
    if (rc == ARTDAG_OK)
        rc = take_inputs(&m, wish);
    if (rc == ARTDAG_OK)
        rc = bind_inputs(&m);
    if (rc == ARTDAG_OK)
        rc = settle_format(&m);
    if (rc == ARTDAG_OK)
        rc = settle_params(&m, wish->params, wish->param_count);
    if (rc == ARTDAG_OK)
        rc = add_steps(&m);
    if (rc == ARTDAG_OK)
        rc = ad_plan_ids(m.planner.plan, env->cluster_key, err);
    ad_planner_fini(&m.planner);
    ad_arena_fini(&m.arena);
    ad_vec_fini(&m.refs);
    ad_vec_fini(&m.items);
    ad_vec_fini(&m.item_steps);
    ad_vec_fini(&m.signals);
    free(m.reach);
    free(m.bound);
    free(m.steps);
    free(m.yields);
    if (rc != ARTDAG_OK) {
        ad_plan_destroy(m.planner.plan);
        return rc;
    }
    *ret = m.planner.plan;
    return ARTDAG_OK;
}
