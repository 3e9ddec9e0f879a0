/* SPDX-License-Identifier: MIT
 *
 * A plan at a lower working size: every step again with what it counts in pixels made smaller, and then finished, measured
 * and identified like any other step. Lengths stay, since no length depends on a size. What is in pixels the ops' field
 * tables say (unit "pixels" or "pixels, even"), so no op knows of this.
 */
#include <string.h>

#include "plan/planner.h"

#define RATIO_MAX 1000000 /* of numerator and denominator */
#define SMALLEST 64       /* 1/64 of the size */

struct proxy {
    const struct ad_plan *full;
    struct ad_proxy ratio;
    struct ad_planner planner;
    uint32_t *steps; /* per step of the full plan: its step here */
    AD_VEC(struct ad_step_ref) refs;
    artdag_error *err;
};

/* ---- the ratio ---- */

/* "0.25" -> 25/100 */
static bool read_decimal(struct ad_str text, struct ad_proxy *ret)
{
    struct ad_proxy r = {0, 1};
    bool point = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '.' && !point && i > 0) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9' || r.den >= RATIO_MAX || r.num >= RATIO_MAX)
            return false;
        r.num = r.num * 10 + (c - '0');
        r.den *= point ? 10 : 1;
    }
    *ret = r;
    return text.len > 0;
}

static bool read_ratio(struct ad_str text, struct ad_proxy *ret)
{
    const char *slash = text.len ? memchr(text.ptr, '/', text.len) : NULL;
    if (!slash)
        return read_decimal(text, ret);
    size_t len = (size_t)(slash - text.ptr);
    uint64_t num = 0, den = 0;
    if (!ad_str_to_u64((struct ad_str){text.ptr, len}, &num) ||
        !ad_str_to_u64((struct ad_str){slash + 1, text.len - len - 1}, &den) ||
        num > RATIO_MAX || den > RATIO_MAX)
        return false;
    *ret = (struct ad_proxy){(int64_t)num, (int64_t)den};
    return true;
}

enum artdag_err ad_proxy_parse(struct ad_str text, struct ad_proxy *ret, artdag_error *err)
{
    struct ad_proxy r = {0};
    if (read_ratio(text, &r) && r.num > 0 && r.num <= r.den && r.den <= r.num * SMALLEST) {
        *ret = r;
        return ARTDAG_OK;
    }
    (void)ad_error_set(err, ARTDAG_E_INVAL, ROOM,
                       "the proxy size is no ratio from 1/%d to 1: %.*s", SMALLEST,
                       (int)(text.len > 40 ? 40 : text.len), text.ptr);
    ad_error_hint(err, "for example 1/4 or 0.5");
    return ARTDAG_E_INVAL;
}

/* ---- numbers ---- */

static int64_t divide(int64_t n, int64_t by) /* towards minus infinity */
{
    return n / by - (n % by < 0);
}

/* Even sizes and places are rounded down, so that what lay within its whole still does; others to the nearest. */
static int64_t scale_int(struct ad_proxy r, int64_t n, bool even)
{
    if (n > INT32_MAX || n < INT32_MIN)
        return n;
    return even ? 2 * divide(n * r.num, 2 * r.den) : divide(2 * n * r.num + r.den, 2 * r.den);
}

static int64_t not_below(const struct ad_field *field, int64_t n)
{
    bool bounded = field->min < 0 || field->min > 0 || field->max > 0 || field->max < 0;
    return bounded && (double)n < field->min ? (int64_t)field->min : n;
}

static const struct ad_value *scale_number(struct proxy *p, const struct ad_field *field,
                                           const struct ad_value *value)
{
    struct ad_arena *arena = &p->planner.scratch;
    bool even = strcmp(field->unit, "pixels, even") == 0;
    if (field->type == AD_FIELD_INT && value->kind == AD_VALUE_INT)
        return ad_value_new_int(arena,
                                not_below(field, scale_int(p->ratio, value->integer, even)));
    double n = value->kind == AD_VALUE_INT ? (double)value->integer : value->number;
    n = n * (double)p->ratio.num / (double)p->ratio.den;
    bool bounded = field->min < 0 || field->min > 0 || field->max > 0 || field->max < 0;
    return ad_value_new_double(arena, bounded && n < field->min ? field->min : n);
}

/* ---- configs ---- */

static const struct ad_field *find_field(const struct ad_field *fields, struct ad_str name)
{
    for (; fields && fields->name; fields++)
        if (ad_str_is(name, fields->name))
            return fields;
    return NULL;
}

/* [[frame, value, ease], ...] */
static const struct ad_value *scale_keys(struct proxy *p, const struct ad_field *field,
                                         const struct ad_value *keys)
{
    struct ad_arena *arena = &p->planner.scratch;
    struct ad_list_builder list;
    ad_list_begin(&list, arena);
    for (size_t i = 0; i < keys->list.len; i++) {
        const struct ad_value *key = keys->list.items[i];
        struct ad_list_builder triple;
        ad_list_begin(&triple, arena);
        for (size_t k = 0; key->kind == AD_VALUE_LIST && k < key->list.len; k++) {
            const struct ad_value *v = key->list.items[k];
            bool number = v->kind == AD_VALUE_INT || v->kind == AD_VALUE_DOUBLE;
            ad_list_add(&triple, k == 1 && number ? scale_number(p, field, v) : v);
        }
        ad_list_add(&list, ad_list_end(&triple));
    }
    return ad_list_end(&list);
}

static bool counts_pixels(const struct ad_field *field)
{
    return field->unit && strncmp(field->unit, "pixels", strlen("pixels")) == 0;
}

/* The preset of an encoder: not slower than veryfast. The list begins with the fastest. */
static const struct ad_value *quicken(struct proxy *p, const struct ad_field *field,
                                      const struct ad_value *value)
{
    for (const char *const *v = field->values; v && *v; v++) {
        if (ad_str_is(value->string, *v))
            return value;
        if (strcmp(*v, "veryfast") == 0)
            return ad_value_new_str(&p->planner.scratch, AD_STR_LIT("veryfast"));
    }
    return value;
}

/* Maps nest as deep as the field tables do. */
/* NOLINTBEGIN(misc-no-recursion) */
static const struct ad_value *scale_map(struct proxy *p, const struct ad_field *fields,
                                        const struct ad_value *map);

static const struct ad_value *scale_list(struct proxy *p, const struct ad_field *item,
                                         const struct ad_value *value);

static const struct ad_value *scale_value(struct proxy *p, const struct ad_field *field,
                                          const struct ad_value *value)
{
    bool number = value->kind == AD_VALUE_INT || value->kind == AD_VALUE_DOUBLE;
    if (number)
        return counts_pixels(field) ? scale_number(p, field, value) : value;
    if (value->kind == AD_VALUE_STRING && strcmp(field->name, "preset") == 0)
        return quicken(p, field, value);
    const struct ad_value *keys = ad_value_get(value, "curve");
    if (counts_pixels(field) && keys && keys->kind == AD_VALUE_LIST) {
        struct ad_map_builder map;
        ad_map_begin(&map, &p->planner.scratch);
        ad_map_add(&map, "curve", scale_keys(p, field, keys));
        return ad_map_end(&map);
    }
    if (value->kind == AD_VALUE_LIST && field->item)
        return scale_list(p, field->item, value);
    return value->kind == AD_VALUE_MAP && field->fields ? scale_map(p, field->fields, value)
                                                        : value;
}

static const struct ad_value *scale_list(struct proxy *p, const struct ad_field *item,
                                         const struct ad_value *value)
{
    struct ad_list_builder list;
    ad_list_begin(&list, &p->planner.scratch);
    for (size_t i = 0; i < value->list.len; i++)
        ad_list_add(&list, scale_value(p, item, value->list.items[i]));
    return ad_list_end(&list);
}

static const struct ad_value *scale_map(struct proxy *p, const struct ad_field *fields,
                                        const struct ad_value *map)
{
    struct ad_arena *arena = &p->planner.scratch;
    if (!map || map->kind != AD_VALUE_MAP)
        return map;
    struct ad_value *copy = ad_arena_dup(arena, map, sizeof(*map));
    struct ad_member *members =
        ad_arena_dup(arena, map->map.items, map->map.len * sizeof(*members));
    if (!copy || !members)
        return NULL;
    for (size_t i = 0; i < map->map.len; i++) {
        const struct ad_field *field = find_field(fields, members[i].key);
        if (field)
            members[i].value = scale_value(p, field, members[i].value);
        if (!members[i].value)
            return NULL;
    }
    copy->map.items = members;
    return copy;
}
/* NOLINTEND(misc-no-recursion) */

/* ---- steps ---- */

static enum artdag_err at_step(struct proxy *p, const struct ad_step *step, enum artdag_err rc)
{
    if (rc == ARTDAG_OK || rc == ARTDAG_E_NOMEM)
        return rc;
    (void)ad_error_prefix(p->err, rc, "at %lld/%lld of the size", (long long)p->ratio.num,
                          (long long)p->ratio.den);
    ad_error_node(p->err, step->name);
    if (step->line)
        ad_error_at(p->err, p->full->file, (int)step->line, (int)step->column);
    return rc;
}

static enum artdag_err add_step(struct proxy *p, uint32_t index)
{
    const struct ad_step *from = &p->full->steps[index];
    struct ad_planner *planner = &p->planner;
    struct ad_draft draft = {
        .op = from->op, .input_count = from->input_count, .input = from->input};
    bool fresh = false;
    p->refs.len = 0;
    if (!ad_vec_reserve(&p->refs, (size_t)from->input_count + 1))
        return ad_error_nomem(p->err, ROOM);
    for (uint32_t i = 0; i < from->input_count; i++)
        p->refs.items[i] =
            (struct ad_step_ref){from->inputs[i].slot, p->steps[from->inputs[i].step]};
    draft.inputs = p->refs.items;
    draft.config = p->ratio.num == p->ratio.den ? from->config
                                                : scale_map(p, from->op->fields, from->config);
    enum artdag_err rc = draft.config ? ARTDAG_OK : ad_error_nomem(p->err, ROOM);
    if (rc == ARTDAG_OK)
        rc = ad_planner_add(planner, &draft, &p->steps[index], &fresh, p->err);
    ad_arena_fini(&planner->scratch);
    if (rc != ARTDAG_OK)
        return at_step(p, from, rc);
    struct ad_step *to = &planner->plan->steps[p->steps[index]];
    if (to->edge.frames != from->edge.frames)
        return at_step(p, from,
                       ad_error_set(p->err, ARTDAG_E_INTERNAL, ROOM, "the length has changed"));
    if (fresh) {
        to->name = ad_arena_strdup(&planner->plan->arena, ad_str_from(from->name));
        to->line = from->line;
        to->column = from->column;
    }
    to->keep |= from->keep;
    return to->name ? ARTDAG_OK : ad_error_nomem(p->err, ROOM);
}

/* ---- the plan ---- */

static enum artdag_err copy_head(struct proxy *p)
{
    const struct ad_plan *full = p->full;
    struct ad_plan *plan = p->planner.plan;
    struct ad_arena *arena = &plan->arena;
    plan->name = ad_arena_strdup(arena, ad_str_from(full->name));
    plan->version = ad_arena_strdup(arena, ad_str_from(full->version));
    plan->description = ad_arena_strdup(arena, ad_str_from(full->description));
    plan->owner = ad_arena_strdup(arena, ad_str_from(full->owner));
    if (full->file)
        plan->file = ad_arena_strdup(arena, ad_str_from(full->file));
    plan->recipe_cid = full->recipe_cid;
    plan->format = full->format;
    plan->format.pixel_format = ad_arena_strdup(arena, ad_str_from(full->format.pixel_format));
    plan->format.width = scale_int(p->ratio, full->format.width, true);
    plan->format.height = scale_int(p->ratio, full->format.height, true);
    plan->format.width += plan->format.width < 2 ? 2 : 0;
    plan->format.height += plan->format.height < 2 ? 2 : 0;
    if (ad_arena_failed(arena))
        return ad_error_nomem(p->err, ROOM);
    return ad_planner_inputs(&p->planner, full->inputs, full->input_count, p->err);
}

static enum artdag_err copy_outputs(struct proxy *p)
{
    const struct ad_plan *full = p->full;
    struct ad_plan *plan = p->planner.plan;
    struct ad_plan_output *outputs =
        ad_arena_array(&plan->arena, full->output_count, sizeof(*outputs));
    if (!outputs)
        return ad_error_nomem(p->err, ROOM);
    for (size_t i = 0; i < full->output_count; i++) {
        outputs[i].name = ad_arena_strdup(&plan->arena, ad_str_from(full->outputs[i].name));
        outputs[i].step = p->steps[full->outputs[i].step];
        if (!outputs[i].name)
            return ad_error_nomem(p->err, ROOM);
    }
    plan->outputs = outputs;
    plan->output_count = full->output_count;
    plan->output = p->steps[full->output];
    return ARTDAG_OK;
}

static enum artdag_err make(struct proxy *p, const struct ad_plan_env *env)
{
    p->steps = ad_alloc_array(p->full->step_count, sizeof(*p->steps));
    enum artdag_err rc = p->steps ? ARTDAG_OK : ad_error_nomem(p->err, ROOM);
    if (rc == ARTDAG_OK)
        rc = ad_planner_init(&p->planner, p->full->step_count, env, p->err);
    if (rc == ARTDAG_OK)
        rc = copy_head(p);
    for (uint32_t i = 0; rc == ARTDAG_OK && i < p->full->step_count; i++)
        rc = add_step(p, i);
    if (rc != ARTDAG_OK)
        return rc;
    rc = copy_outputs(p);
    if (rc != ARTDAG_OK)
        return rc;
    return ad_plan_ids(p->planner.plan, env->cluster_key, p->err);
}

enum artdag_err ad_plan_proxy(const struct ad_plan *full, struct ad_proxy ratio,
                              const struct ad_plan_env *env, struct ad_plan **ret,
                              artdag_error *err)
{
    struct proxy p = {.full = full, .ratio = ratio, .err = err};
    enum artdag_err rc = make(&p, env);
    ad_planner_fini(&p.planner);
    ad_vec_fini(&p.refs);
    free(p.steps);
    if (rc != ARTDAG_OK) {
        ad_plan_destroy(p.planner.plan);
        return rc;
    }
    *ret = p.planner.plan;
    return ARTDAG_OK;
}
