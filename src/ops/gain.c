/* SPDX-License-Identifier: MIT
 *
 * Gains, in factors and decibels, constant and moving; shapes of fades.
 */
#include "ops/op.h"

/* A move in decibels is exponential; it is made of so many straight pieces at most. 60 dB in 64 of them are off by 0.02 dB. */
#define PIECES 64

const char *const ad_fade_shapes[] = {"linear", "power", "square", "cubic", NULL};

const char *ad_fade_curve(const struct ad_value *config, const char *key)
{
    static const char *const curves[] = {"tri", "squ", "qua", "cub"};
    for (size_t i = 0; ad_fade_shapes[i]; i++) {
        if (ad_conf_is(config, key, ad_fade_shapes[i]))
            return curves[i];
    }
    return curves[0];
}

enum artdag_err ad_gain_check(const struct ad_value *map, artdag_error *err)
{
    if (!ad_value_get(map, "gain") || !ad_value_get(map, "gain_db"))
        return ARTDAG_OK;
    return ad_conf_bad(map, "gain_db", err, "gain and gain_db say the same thing: give one");
}

/* ---- Decibels ---- */

static const struct ad_value *make_key(struct ad_arena *arena, int64_t frame, double db,
                                       const char *ease)
{
    struct ad_list_builder b;
    ad_list_begin(&b, arena);
    ad_list_add(&b, ad_value_new_int(arena, frame));
    ad_list_add(&b, ad_value_new_double(arena, ad_dsp_db_amplitude(db)));
    ad_list_add(&b, ad_value_new_str(arena, ad_str_from(ease)));
    return ad_list_end(&b);
}

/* The keys in decibels as keys of factors, with further ones between those that differ. */
static const struct ad_value *linear_keys(struct ad_arena *arena, const struct ad_curve *db)
{
    struct ad_list_builder b;
    ad_list_begin(&b, arena);
    for (size_t i = 0; i < db->keys->list.len; i++) {
        const struct ad_value *key = db->keys->list.items[i];
        int64_t from = key->list.items[0]->integer;
        int64_t to = i + 1 < db->keys->list.len
                         ? db->keys->list.items[i + 1]->list.items[0]->integer
                         : from;
        bool held = ad_str_is(key->list.items[2]->string, "hold");
        int64_t pieces = held || to == from ? 1 : to - from < PIECES ? to - from : PIECES;
        for (int64_t k = 0; k < pieces; k++) {
            int64_t frame = from + ad_muldiv_floor(to - from, k, pieces);
            ad_list_add(
                &b, make_key(arena, frame, ad_curve_at(db, frame), held ? "hold" : "linear"));
        }
    }
    return ad_list_end(&b);
}

bool ad_gain_of(struct ad_arena *arena, const struct ad_value *map, struct ad_curve *ret)
{
    const struct ad_value *in_db = ad_value_get(map, "gain_db");
    if (!in_db) {
        *ret = ad_conf_curve(map, "gain", 1);
        return true;
    }
    struct ad_curve db = ad_curve_of(in_db, 0);
    *ret = (struct ad_curve){.value = ad_dsp_db_amplitude(db.value)};
    if (!db.keys)
        return true;
    ret->keys = linear_keys(arena, &db);
    return ret->keys != NULL;
}

const struct ad_value *ad_gain_final(struct ad_arena *arena, const struct ad_value *map,
                                     int64_t frames)
{
    static const char *const both[] = {"gain", "gain_db", NULL};
    const struct ad_value *db = ad_value_get(map, "gain_db");
    const struct ad_value *v = db ? db : ad_value_get(map, "gain");
    struct ad_conf_set with = {db ? "gain_db" : "gain", NULL};
    struct ad_curve gain = {0};
    if (!v)
        return map;
    with.value = ad_curve_slice(arena, v, (struct ad_span){0, frames});
    if (!with.value)
        return NULL;
    if (ad_value_get(with.value, "curve"))
        return ad_conf_edit(arena, map, both, &with, 1);
    gain = ad_curve_of(with.value, 1);
    if (db)
        gain.value = ad_dsp_db_amplitude(gain.value);
    if (gain.value == 1)
        return ad_conf_edit(arena, map, both, NULL, 0);
    with = (struct ad_conf_set){"gain", ad_value_new_double(arena, gain.value)};
    return with.value ? ad_conf_edit(arena, map, both, &with, 1) : NULL;
}

/* ---- Graphs ---- */

struct ad_pad ad_gain_apply(const struct ad_op_call *call, struct ad_graph *graph,
                            struct ad_pad in, const struct ad_curve *gain, double scale)
{
    const struct ad_format *f = call->format;
    if (!gain->keys)
        return ad_audio_scale(graph, in, gain->value * scale);
    /* The frame number of a sample, broken: the gain moves from sample to sample. */
    const char *var = ad_arena_printf(call->arena, "(n*%lld/%lld)", (long long)f->fps_num,
                                      (long long)f->fps_den * (long long)f->sample_rate);
    const char *expr = ad_curve_expr(call->arena, gain, var ? var : "n");
    const char *all = ad_arena_printf(call->arena, "val(ch)*(%s)", expr);
    in = ad_audio_eval(graph, ad_audio_double(graph, in), all ? all : "", f->channels);
    return ad_audio_scale(graph, in, scale);
}
