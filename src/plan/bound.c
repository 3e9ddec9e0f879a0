/* SPDX-License-Identifier: MIT
 *
 * A step whose config follows signals. Fields that can change with time get a curve; the others make the step a SEQUENCE of
 * slices in each of which they stand still.
 */
#include <stdio.h>
#include <string.h>

#include "plan/expand.h"

/* One field that is bound. */
struct bound {
    const struct ad_value *at; /* the map that holds `bind` */
    const struct ad_field *field;
    struct ad_followed followed;
    bool sliced; /* not animated */
};

struct binding {
    struct ad_maker *m;
    const struct ad_make_step *want;
    AD_VEC(struct bound) bounds;
    /* While a config is being made: frames [span) of the signals; first_only: one number for each */
    struct ad_span span;
    bool first_only;
    bool keyframes; /* some other field moves by keyframes */
};

/* ---- finding ---- */

static enum artdag_err add_bound(struct binding *b, const struct ad_field *field,
                                 const struct ad_value *value)
{
    const struct bound bound = {.at = value,
                                .field = field,
                                .sliced = !field->animated || field->type != AD_FIELD_NUMBER};
    return ad_vec_push(&b->bounds, bound) ? ARTDAG_OK : ad_error_nomem(b->m->err, ROOM);
}

/* Config and field table side by side; both nest a few deep. */
/* NOLINTBEGIN(misc-no-recursion) */
static enum artdag_err find_in(struct binding *b, const struct ad_field *field,
                               const struct ad_value *value);

static enum artdag_err find_in_map(struct binding *b, const struct ad_field *fields,
                                   const struct ad_value *map)
{
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && map && i < map->map.len; i++) {
        const struct ad_member *m = &map->map.items[i];
        const struct ad_field *f = fields;
        while (f->name && !ad_str_is(m->key, f->name) &&
               !(f->alias && ad_str_is(m->key, f->alias)))
            f++;
        if (f->name)
            rc = find_in(b, f, m->value);
    }
    return rc;
}

/* Parameters that only the op knows: each may be a number. */
static enum artdag_err find_in_any(struct binding *b, const struct ad_field *field,
                                   const struct ad_value *map)
{
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < map->map.len; i++)
        if (ad_value_bind(map->map.items[i].value))
            rc = add_bound(b, field, map->map.items[i].value);
    return rc;
}

static enum artdag_err find_in(struct binding *b, const struct ad_field *field,
                               const struct ad_value *value)
{
    enum artdag_err rc = ARTDAG_OK;
    if (ad_value_bind(value))
        return add_bound(b, field, value);
    if (value->kind == AD_VALUE_MAP && ad_value_get(value, "keyframes"))
        b->keyframes = true;
    if (field->type == AD_FIELD_MAP && value->kind == AD_VALUE_MAP)
        return find_in_map(b, field->fields, value);
    if (field->type == AD_FIELD_ANY && value->kind == AD_VALUE_MAP)
        return find_in_any(b, field, value);
    if (field->type != AD_FIELD_LIST || !field->item || value->kind != AD_VALUE_LIST)
        return rc;
    for (size_t i = 0; rc == ARTDAG_OK && i < value->list.len; i++)
        rc = find_in(b, field->item, value->list.items[i]);
    return rc;
}

/* ---- a config without binds ---- */

static const struct ad_value *number_value(struct ad_arena *arena, const struct bound *bound,
                                           int64_t frame)
{
    double value = ad_followed_value(&bound->followed, frame);
    bool whole = value == (double)(int64_t)value;
    if (bound->field->type == AD_FIELD_INT || (bound->field->type == AD_FIELD_ANY && whole))
        return ad_value_new_int(arena, (int64_t)(value + (value < 0 ? -0.5 : 0.5)));
    return ad_value_new_double(arena, value);
}

/* A key wherever the value changes; it stands still between. */
static const struct ad_value *keyframes_value(struct binding *b, const struct bound *bound)
{
    struct ad_arena *arena = &b->m->arena;
    const int64_t *levels = bound->followed.levels;
    struct ad_list_builder list;
    size_t keys = 0;
    ad_list_begin(&list, arena);
    for (int64_t i = b->span.from; i < b->span.to; i++) {
        struct ad_map_builder key;
        char at[32];
        if (i > b->span.from && levels[i] == levels[i - 1])
            continue;
        (void)snprintf(at, sizeof(at), "%lldf", (long long)(i - b->span.from));
        ad_map_begin(&key, arena);
        ad_map_add(&key, "at", ad_value_new_str(arena, ad_str_from(at)));
        ad_map_add(&key, "ease", ad_value_new_str(arena, AD_STR_LIT("hold")));
        ad_map_add(&key, "value", number_value(arena, bound, i));
        ad_list_add(&list, ad_map_end(&key));
        keys++;
    }
    const struct ad_value *all = ad_list_end(&list);
    if (keys == 1)
        return number_value(arena, bound, b->span.from);
    struct ad_map_builder map;
    ad_map_begin(&map, arena);
    ad_map_add(&map, "keyframes", all);
    return ad_map_end(&map);
}

static const struct ad_value *bound_value(struct binding *b, const struct ad_value *at)
{
    for (size_t i = 0; i < b->bounds.len; i++) {
        const struct bound *bound = &b->bounds.items[i];
        if (bound->at != at)
            continue;
        const struct ad_value *value = b->first_only || bound->sliced
                                           ? number_value(&b->m->arena, bound, b->span.from)
                                           : keyframes_value(b, bound);
        struct ad_value *placed =
            value ? ad_arena_dup(&b->m->arena, value, sizeof(*value)) : NULL;
        if (placed) {
            placed->line = at->line;
            placed->column = at->column;
        }
        return placed;
    }
    return at;
}

static const struct ad_value *fill(struct binding *b, const struct ad_value *value)
{
    struct ad_arena *arena = &b->m->arena;
    if (ad_value_bind(value))
        return bound_value(b, value);
    if (value->kind != AD_VALUE_MAP && value->kind != AD_VALUE_LIST)
        return value;
    struct ad_value *copy = ad_arena_dup(arena, value, sizeof(*value));
    if (!copy)
        return NULL;
    if (value->kind == AD_VALUE_LIST) {
        const struct ad_value **items =
            ad_arena_array(arena, value->list.len, sizeof(const struct ad_value *));
        for (size_t i = 0; items && i < value->list.len; i++)
            if (!(items[i] = fill(b, value->list.items[i])))
                return NULL;
        copy->list.items = items;
        return items ? copy : NULL;
    }
    struct ad_member *members = ad_arena_array(arena, value->map.len, sizeof(*members));
    for (size_t i = 0; members && i < value->map.len; i++) {
        members[i] = value->map.items[i];
        if (!(members[i].value = fill(b, value->map.items[i].value)))
            return NULL;
    }
    copy->map.items = members;
    return members ? copy : NULL;
}
/* NOLINTEND(misc-no-recursion) */

/* ---- following ---- */

static const struct ad_recipe_signal *signal_of(const struct ad_recipe_node *node,
                                                const struct ad_value *bind)
{
    const struct ad_value *text = ad_value_get(bind, "signal");
    for (size_t i = 0; i < node->signal_count; i++)
        if (ad_str_equal(node->signals[i].text, text->string))
            return &node->signals[i];
    return NULL;
}

static enum artdag_err follow_all(struct binding *b, int64_t frames)
{
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < b->bounds.len; i++) {
        struct bound *bound = &b->bounds.items[i];
        const struct ad_value *bind = ad_value_bind(bound->at);
        const struct ad_recipe_signal *signal = signal_of(b->want->node, bind);
        free(bound->followed.levels);
        bound->followed.levels = NULL;
        if (!signal)
            return ad_error_set(b->m->err, ARTDAG_E_INTERNAL, ROOM, "a bind was not seen");
        rc = ad_follow_bind(b->m, signal, bind, frames, &bound->followed);
        if (rc != ARTDAG_OK && b->m->err && !b->m->err->line)
            ad_error_at(b->m->err, b->m->recipe->file, (int)bound->at->line,
                        (int)bound->at->column);
    }
    return rc;
}

/* A step with the numbers of the first frame tells how many frames there are. */
static enum artdag_err measure(struct binding *b, int64_t *ret)
{
    struct ad_make_step step = *b->want;
    struct ad_plan *plan = b->m->planner.plan;
    uint32_t index = 0;
    enum artdag_err rc = follow_all(b, 1);
    b->span = (struct ad_span){0, 1};
    b->first_only = true;
    if (rc == ARTDAG_OK && !(step.config = fill(b, b->want->config)))
        rc = ad_error_nomem(b->m->err, ROOM);
    if (rc == ARTDAG_OK)
        rc = ad_make_plain_step(b->m, &step, &index);
    b->first_only = false;
    if (rc == ARTDAG_OK)
        *ret = plan->steps[index].edge.frames;
    return rc;
}

/* ---- slices ---- */

static enum artdag_err check_sliced(struct binding *b, const struct bound *bound)
{
    const struct ad_plan *plan = b->m->planner.plan;
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 1; i < b->want->input_count; i++)
        if (plan->steps[b->want->inputs[i]].edge.frames !=
            plan->steps[b->want->inputs[0]].edge.frames)
            rc = ad_error_set(
                b->m->err, ARTDAG_E_UNSUPPORTED, ROOM,
                "%s can follow a signal only when all inputs of %s are of one length",
                bound->field->name, b->want->op->node_type);
    if (!b->want->input_count)
        rc = ad_error_set(b->m->err, ARTDAG_E_UNSUPPORTED, ROOM,
                          "%s of %s cannot follow a signal", bound->field->name,
                          b->want->op->node_type);
    if (rc == ARTDAG_OK && b->keyframes) {
        rc = ad_error_set(
            b->m->err, ARTDAG_E_UNSUPPORTED, ROOM,
            "%s follows a signal in slices, which keyframes in the same node cannot",
            bound->field->name);
        ad_error_hint(b->m->err, "put the keyframes in a node of their own");
    }
    if (rc != ARTDAG_OK)
        ad_error_at(b->m->err, b->m->recipe->file, (int)bound->at->line,
                    (int)bound->at->column);
    return rc;
}

/* A curve with more keys than there may be; its node is cut into pieces that have fewer. */
static const struct bound *too_long_curve(const struct binding *b, int64_t frames)
{
    for (size_t i = 0; i < b->bounds.len; i++) {
        const int64_t *levels = b->bounds.items[i].followed.levels;
        size_t keys = 1;
        for (int64_t f = 1; f < frames; f++)
            keys += levels[f] != levels[f - 1];
        if (!b->bounds.items[i].sliced && keys > AD_CURVE_KEYS_MAX)
            return &b->bounds.items[i];
    }
    return NULL;
}

/* The frame behind `from` at which a sliced field changes; never farther than a curve reaches. */
static int64_t run_end(const struct binding *b, int64_t from, int64_t frames)
{
    int64_t to = from + 1;
    bool curves = false;
    for (size_t i = 0; i < b->bounds.len; i++)
        curves = curves || !b->bounds.items[i].sliced;
    if (curves && frames - from > AD_CURVE_KEYS_MAX)
        frames = from + AD_CURVE_KEYS_MAX;
    for (; to < frames; to++)
        for (size_t i = 0; i < b->bounds.len; i++) {
            const int64_t *levels = b->bounds.items[i].followed.levels;
            if (b->bounds.items[i].sliced && levels[to] != levels[to - 1])
                return to;
        }
    return to;
}

/* A long curve is divided only where frame f of the result is frame f of the inputs. */
static enum artdag_err check_divisible(struct binding *b, const struct bound *curve,
                                       int64_t frames)
{
    const struct ad_make_step *want = b->want;
    enum artdag_err rc = check_sliced(b, curve);
    if (rc != ARTDAG_OK || b->m->planner.plan->steps[want->inputs[0]].edge.frames == frames)
        return rc;
    rc = ad_error_set(b->m->err, ARTDAG_E_LIMIT, ROOM, "%s changes more than %d times",
                      curve->field->name, AD_CURVE_KEYS_MAX);
    ad_error_hint(b->m->err, "hold its values longer, or take fewer steps");
    ad_error_at(b->m->err, ad_recipe_file_of(b->m->recipe, want->node), (int)curve->at->line,
                (int)curve->at->column);
    return rc;
}

static enum artdag_err make_slice(struct binding *b, size_t number, uint32_t *ret)
{
    const struct ad_make_step *want = b->want;
    struct ad_make_step step = *want;
    uint32_t *inputs = ad_alloc_array(want->input_count, sizeof(*inputs));
    char suffix[96], cut[128];
    enum artdag_err rc = inputs ? ARTDAG_OK : ad_error_nomem(b->m->err, ROOM);
    (void)snprintf(suffix, sizeof(suffix), "%s.%zu", want->suffix, number);
    for (size_t k = 0; rc == ARTDAG_OK && k < want->input_count; k++) {
        if (want->input_count > 1)
            (void)snprintf(cut, sizeof(cut), "%s.cut.%zu", suffix, k);
        else
            (void)snprintf(cut, sizeof(cut), "%s.cut", suffix);
        rc = ad_make_cut(b->m, want->node, want->inputs[k], b->span, cut, &inputs[k]);
    }
    step.inputs = inputs;
    step.suffix = suffix;
    step.helper = true;
    step.config = fill(b, want->config);
    if (rc == ARTDAG_OK && !step.config)
        rc = ad_error_nomem(b->m->err, ROOM);
    if (rc == ARTDAG_OK)
        rc = ad_make_plain_step(b->m, &step, ret);
    free(inputs);
    return rc;
}

static enum artdag_err make_slices(struct binding *b, int64_t frames, uint32_t *ret)
{
    ad_index_vec slices = {0};
    enum artdag_err rc = ARTDAG_OK;
    for (int64_t from = 0; rc == ARTDAG_OK && from < frames; from = b->span.to) {
        uint32_t step = 0;
        b->span = (struct ad_span){from, run_end(b, from, frames)};
        rc = make_slice(b, slices.len, &step);
        if (rc == ARTDAG_OK && !ad_vec_push(&slices, step))
            rc = ad_error_nomem(b->m->err, ROOM);
    }
    if (rc == ARTDAG_OK)
        rc = ad_make_sequence(b->m,
                              &(struct ad_make_sequence){.node = b->want->node,
                                                         .steps = slices.items,
                                                         .count = slices.len,
                                                         .suffix = b->want->suffix,
                                                         .seamless = true},
                              ret);
    ad_vec_fini(&slices);
    return rc;
}

/* ---- all of it ---- */

static enum artdag_err make_bound(struct binding *b, uint32_t *ret)
{
    const struct bound *sliced = NULL;
    struct ad_make_step step = *b->want;
    int64_t frames = 0;
    for (size_t i = 0; i < b->bounds.len; i++)
        sliced = b->bounds.items[i].sliced ? &b->bounds.items[i] : sliced;
    enum artdag_err rc = sliced ? check_sliced(b, sliced) : measure(b, &frames);
    if (sliced && rc == ARTDAG_OK)
        frames = b->m->planner.plan->steps[b->want->inputs[0]].edge.frames;
    if (rc == ARTDAG_OK)
        rc = follow_all(b, frames);
    b->span = (struct ad_span){0, frames};
    if (rc != ARTDAG_OK)
        return rc;
    const struct bound *curve = sliced ? NULL : too_long_curve(b, frames);
    if (curve && (rc = check_divisible(b, curve, frames)) != ARTDAG_OK)
        return rc;
    if (curve || (sliced && run_end(b, 0, frames) < frames))
        return make_slices(b, frames, ret);
    step.config = fill(b, b->want->config);
    return step.config ? ad_make_plain_step(b->m, &step, ret) : ad_error_nomem(b->m->err, ROOM);
}

enum artdag_err ad_make_bound_step(struct ad_maker *m, const struct ad_make_step *want,
                                   uint32_t *ret)
{
    struct binding b = {.m = m, .want = want};
    enum artdag_err rc = find_in_map(&b, want->op->fields, want->config);
    if (rc == ARTDAG_OK)
        rc = b.bounds.len ? make_bound(&b, ret) : ad_make_plain_step(m, want, ret);
    for (size_t i = 0; i < b.bounds.len; i++)
        free(b.bounds.items[i].followed.levels);
    ad_vec_fini(&b.bounds);
    return rc;
}
