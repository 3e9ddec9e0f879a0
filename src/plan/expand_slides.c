/* SPDX-License-Identifier: MIT
 *
 * SLIDESHOW: a PAN_ZOOM for every picture, and a SEQUENCE of them.
 */
#include <stdio.h>
#include <string.h>

#include "plan/expand.h"

enum move {
    ZOOM_IN,
    PAN_RIGHT,
    ZOOM_OUT,
    PAN_LEFT,
    STAND
};

static enum move move_of(const struct ad_value *config, size_t i)
{
    static const char *const names[] = {"zoom_in", "pan_right", "zoom_out", "pan_left", "none"};
    const struct ad_value *v = ad_value_get(config, "move");
    for (int m = ZOOM_IN; v && m <= STAND; m++)
        if (ad_str_is(v->string, names[m]))
            return (enum move)m;
    return (enum move)(i % 4);
}

static double zoom_of(const struct ad_value *config)
{
    const struct ad_value *v = ad_value_get(config, "zoom");
    if (!v)
        return 1.15;
    return v->kind == AD_VALUE_INT ? (double)v->integer : v->number;
}

/* From one value at the first frame to another at the last, softly at both ends; in the form that is hashed. */
static const struct ad_value *glide(struct ad_arena *arena, double from, double to,
                                    int64_t last)
{
    struct ad_list_builder keys;
    struct ad_map_builder map;
    ad_list_begin(&keys, arena);
    for (int i = 0; i < 2; i++) {
        struct ad_list_builder key;
        ad_list_begin(&key, arena);
        ad_list_add(&key, ad_value_new_int(arena, i ? last : 0));
        ad_list_add(&key, ad_value_new_double(arena, i ? to : from));
        ad_list_add(&key,
                    ad_value_new_str(arena, i ? AD_STR_LIT("linear") : AD_STR_LIT("ease")));
        ad_list_add(&keys, ad_list_end(&key));
    }
    ad_map_begin(&map, arena);
    ad_map_add(&map, "curve", ad_list_end(&keys));
    return ad_map_end(&map);
}

static const struct ad_value *view(struct ad_maker *m, enum move move, double zoom,
                                   int64_t frames)
{
    struct ad_arena *arena = &m->arena;
    bool moves = frames > 1 && zoom > 1;
    double left = 0.5 / zoom;
    const struct ad_value *z = ad_value_new_double(arena, move == STAND ? 1 : zoom);
    const struct ad_value *x = ad_value_new_double(arena, 0.5);
    if (moves && move == ZOOM_IN)
        z = glide(arena, 1, zoom, frames - 1);
    else if (moves && move == ZOOM_OUT)
        z = glide(arena, zoom, 1, frames - 1);
    else if (moves && move == PAN_RIGHT)
        x = glide(arena, left, 1 - left, frames - 1);
    else if (moves && move == PAN_LEFT)
        x = glide(arena, 1 - left, left, frames - 1);
    struct ad_map_builder map;
    ad_map_begin(&map, arena);
    ad_map_add(&map, "duration", ad_value_new_int(arena, frames));
    ad_map_add(&map, "x", x);
    ad_map_add(&map, "y", ad_value_new_double(arena, 0.5));
    ad_map_add(&map, "zoom", z);
    return ad_map_end(&map);
}

static enum artdag_err add_slide(struct ad_maker *m, const struct ad_recipe_node *node,
                                 const struct ad_value *config, ad_index_vec *slides,
                                 uint32_t picture)
{
    const struct ad_value *duration = ad_value_get(config, "duration");
    char suffix[32];
    size_t i = slides->len;
    struct ad_make_step step = {.node = node,
                                .op = ad_op_find(AD_STR_LIT("PAN_ZOOM")),
                                .normalised = true,
                                .inputs = &picture,
                                .input_count = 1,
                                .suffix = suffix};
    enum artdag_err rc = ARTDAG_OK;
    (void)snprintf(suffix, sizeof(suffix), ".%zu", i);
    if (m->planner.plan->steps[picture].edge.frames > 1)
        rc = ad_make_cut(m, node, picture, (struct ad_span){0, 1}, suffix, &picture);
    step.config = view(m, move_of(config, i), zoom_of(config), duration->integer);
    if (rc == ARTDAG_OK)
        rc =
            step.config ? ad_make_plain_step(m, &step, &picture) : ad_error_nomem(m->err, ROOM);
    if (rc == ARTDAG_OK && !ad_vec_push(slides, picture))
        rc = ad_error_nomem(m->err, ROOM);
    return rc;
}

/* The SEQUENCE's transition, as a recipe would write it: times are frames by now. */
static const struct ad_value *transition(struct ad_maker *m, const struct ad_value *config)
{
    const struct ad_value *said = ad_value_get(config, "transition");
    const struct ad_value *duration = ad_value_get(said, "duration");
    const char *time = ad_arena_printf(&m->arena, "%lldf", (long long)duration->integer);
    struct ad_map_builder inner, outer;
    if (!time)
        return NULL;
    ad_map_begin(&inner, &m->arena);
    ad_map_add(&inner, "duration", ad_value_new_str(&m->arena, ad_str_from(time)));
    ad_map_add(&inner, "type", ad_value_get(said, "type"));
    ad_map_begin(&outer, &m->arena);
    ad_map_add(&outer, "transition", ad_map_end(&inner));
    return ad_map_end(&outer);
}

static enum artdag_err join(struct ad_maker *m, const struct ad_recipe_node *node,
                            const struct ad_value *config, const ad_index_vec *slides,
                            uint32_t *ret)
{
    struct ad_make_step step = {.node = node,
                                .op = ad_op_find(AD_STR_LIT("SEQUENCE")),
                                .inputs = slides->items,
                                .input_count = slides->len,
                                .suffix = ""};
    if (slides->len == 1) {
        *ret = slides->items[0];
        return ARTDAG_OK;
    }
    step.config = transition(m, config);
    return step.config ? ad_make_plain_step(m, &step, ret) : ad_error_nomem(m->err, ROOM);
}

enum artdag_err ad_expand_slideshow(struct ad_maker *m, uint32_t index)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    const struct ad_value *config = NULL;
    ad_index_vec pictures = {0}, slides = {0};
    enum artdag_err rc = ad_expand_config(m, node, node->op, &config);
    for (size_t i = 0; rc == ARTDAG_OK && i < node->input_count; i++)
        rc = ad_expand_films(m, &node->inputs[i], &pictures);
    for (size_t i = 0; rc == ARTDAG_OK && i < pictures.len; i++)
        rc = add_slide(m, node, config, &slides, pictures.items[i]);
    if (rc == ARTDAG_OK && !slides.len)
        rc = ad_error_set(m->err, ARTDAG_E_INVAL, ROOM, "a slideshow has at least one picture");
    if (rc == ARTDAG_OK)
        rc = join(m, node, config, &slides, &m->steps[index]);
    m->yields[index].kind = AD_YIELD_FILM;
    ad_vec_fini(&pictures);
    ad_vec_fini(&slides);
    return rc;
}
