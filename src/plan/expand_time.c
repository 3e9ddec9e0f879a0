/* SPDX-License-Identifier: MIT
 *
 * Nodes of one input that come to several steps: LOOP is a SEQUENCE of one film many times, REVERSE one of short pieces turned
 * round, last to first, and TRIM_SILENCE one of the pieces that are heard.
 */
#include <stdio.h>
#include <string.h>

#include "plan/expand.h"

static const struct ad_edge *edge_of(const struct ad_maker *m, uint32_t step)
{
    return &m->planner.plan->steps[step].edge;
}

static enum artdag_err one_input(struct ad_maker *m, const struct ad_make_step *want)
{
    if (want->input_count == 1)
        return ARTDAG_OK;
    (void)ad_error_set(m->err, ARTDAG_E_INVAL, ROOM, "%s cannot have %zu inputs",
                       want->op->node_type, want->input_count);
    ad_error_hint(m->err, "it takes 1");
    return ARTDAG_E_INVAL;
}

static enum artdag_err config_of(struct ad_maker *m, const struct ad_make_step *want,
                                 const struct ad_value **ret)
{
    *ret = want->config;
    return want->normalised
               ? ARTDAG_OK
               : ad_config_normalise(&m->arena, want->op->fields, want->config,
                                     &m->planner.plan->format,
                                     ad_recipe_file_of(m->recipe, want->node), ret, m->err);
}

static int64_t number(const struct ad_value *config, const char *key)
{
    const struct ad_value *v = ad_value_get(config, key);
    return v ? v->integer : 0;
}

/* {key: value}, in the arena of the making. */
static const struct ad_value *map_of(struct ad_maker *m, const char *key,
                                     const struct ad_value *value)
{
    struct ad_map_builder map;
    ad_map_begin(&map, &m->arena);
    ad_map_add(&map, key, value);
    return ad_map_end(&map);
}

static enum artdag_err join(struct ad_maker *m, const struct ad_recipe_node *node,
                            const ad_index_vec *pieces, const char *suffix, bool seamless,
                            uint32_t *ret)
{
    const struct ad_make_sequence sequence = {.node = node,
                                              .steps = pieces->items,
                                              .count = pieces->len,
                                              .suffix = suffix,
                                              .seamless = seamless};
    return ad_make_sequence(m, &sequence, ret);
}

/* ---- LOOP ---- */

struct loop {
    int64_t rounds, crossfade;
    int64_t frames; /* of the result, when it is cut off; else 0 */
};

static enum artdag_err loop_of(struct ad_maker *m, const struct ad_value *config,
                               int64_t frames, struct loop *ret)
{
    struct loop l = {.rounds = number(config, "times"),
                     .crossfade = number(config, "crossfade"),
                     .frames = number(config, "duration")};
    if (!l.rounds == !l.frames) {
        (void)ad_error_set(m->err, ARTDAG_E_FORMAT, ROOM, "LOOP takes times or duration%s",
                           l.rounds ? ", not both" : "");
        ad_error_hint(m->err, "for example times: 3, or duration: 60s");
        return ARTDAG_E_FORMAT;
    }
    if (l.crossfade >= frames)
        return ad_error_set(
            m->err, ARTDAG_E_FORMAT, ROOM,
            "a crossfade of %lld frames is as long as the input, which has %lld",
            (long long)l.crossfade, (long long)frames);
    if (l.frames > l.crossfade)
        l.rounds = ad_muldiv_ceil(l.frames - l.crossfade, 1, frames - l.crossfade);
    else if (l.frames)
        l.rounds = 1;
    if (l.rounds > AD_EXPAND_STEPS_MAX)
        return ad_error_set(m->err, ARTDAG_E_LIMIT, ROOM,
                            "LOOP would show its input %lld times", (long long)l.rounds);
    *ret = l;
    return ARTDAG_OK;
}

static const struct ad_value *crossfades(struct ad_maker *m, int64_t frames)
{
    struct ad_map_builder map;
    const char *duration = ad_arena_printf(&m->arena, "%lldf", (long long)frames);
    if (!duration)
        return NULL;
    ad_map_begin(&map, &m->arena);
    ad_map_add(&map, "duration", ad_value_new_str(&m->arena, ad_str_from(duration)));
    ad_map_add(&map, "type", ad_value_new_str(&m->arena, AD_STR_LIT("crossfade")));
    return map_of(m, "transition", ad_map_end(&map));
}

static enum artdag_err repeat(struct ad_maker *m, const struct ad_make_step *want,
                              const struct loop *l, const char *suffix, uint32_t *ret)
{
    ad_index_vec films = {0};
    struct ad_make_step sequence = {
        .node = want->node, .op = ad_op_find(AD_STR_LIT("SEQUENCE")), .suffix = suffix};
    enum artdag_err rc = ARTDAG_OK;
    for (int64_t i = 0; rc == ARTDAG_OK && i < l->rounds; i++)
        if (!ad_vec_push(&films, want->inputs[0]))
            rc = ad_error_nomem(m->err, ROOM);
    if (rc == ARTDAG_OK && l->crossfade) {
        sequence.config = crossfades(m, l->crossfade);
        rc = sequence.config ? ARTDAG_OK : ad_error_nomem(m->err, ROOM);
    }
    sequence.inputs = films.items;
    sequence.input_count = films.len;
    if (rc == ARTDAG_OK)
        rc = ad_make_plain_step(m, &sequence, ret);
    ad_vec_fini(&films);
    return rc;
}

static enum artdag_err make_loop(struct ad_maker *m, const struct ad_make_step *want,
                                 uint32_t *ret)
{
    const struct ad_value *config = NULL;
    struct loop l = {0};
    uint32_t step = want->inputs[0];
    int64_t frames = edge_of(m, step)->frames;
    char suffix[64];
    (void)snprintf(suffix, sizeof(suffix), "%.40s.rounds", want->suffix);
    enum artdag_err rc = config_of(m, want, &config);
    if (rc == ARTDAG_OK)
        rc = loop_of(m, config, frames, &l);
    if (rc != ARTDAG_OK)
        return rc;
    int64_t all = l.rounds * frames - (l.rounds - 1) * l.crossfade;
    bool cut = l.frames && l.frames < all;
    if (l.rounds > 1)
        rc = repeat(m, want, &l, cut ? suffix : want->suffix, &step);
    if (rc == ARTDAG_OK && cut)
        rc = ad_make_cut(m, want->node, step, (struct ad_span){0, l.frames}, want->suffix,
                         &step);
    *ret = step;
    return rc;
}

/* ---- REVERSE ---- */

static enum artdag_err reverse(struct ad_maker *m, const struct ad_make_step *want,
                               uint32_t input, const char *part, const char *suffix,
                               uint32_t *ret)
{
    struct ad_make_step step = *want;
    step.normalised = true;
    step.inputs = &input;
    step.slots = NULL;
    step.suffix = suffix;
    step.config = map_of(m, "part", ad_value_new_str(&m->arena, ad_str_from(part)));
    return step.config ? ad_make_plain_step(m, &step, ret) : ad_error_nomem(m->err, ROOM);
}

/* Pieces of so many frames, the last one first, each turned round. */
static enum artdag_err reverse_pictures(struct ad_maker *m, const struct ad_make_step *want,
                                        int64_t most, const char *suffix, uint32_t *ret)
{
    int64_t frames = edge_of(m, want->inputs[0])->frames;
    ad_index_vec pieces = {0};
    enum artdag_err rc = ARTDAG_OK;
    for (int64_t to = frames; rc == ARTDAG_OK && to > 0; to -= most) {
        struct ad_span span = {to > most ? to - most : 0, to};
        char name[64];
        uint32_t step = 0;
        (void)snprintf(name, sizeof(name), "%.20s.%zu", want->suffix, pieces.len);
        rc = ad_make_cut(m, want->node, want->inputs[0], span, name, &step);
        if (rc == ARTDAG_OK)
            rc = reverse(m, want, step, "picture", name, &step);
        if (rc == ARTDAG_OK && !ad_vec_push(&pieces, step))
            rc = ad_error_nomem(m->err, ROOM);
    }
    if (rc == ARTDAG_OK)
        rc = join(m, want->node, &pieces, suffix, true, ret);
    ad_vec_fini(&pieces);
    return rc;
}

static enum artdag_err make_reverse(struct ad_maker *m, const struct ad_make_step *want,
                                    uint32_t *ret)
{
    const struct ad_edge edge = *edge_of(m, want->inputs[0]);
    int64_t most = ad_reverse_frames_max(&edge, &m->planner.plan->format);
    uint32_t sides[2] = {0, 0};
    char picture[64], sound[64];
    if (!edge.video || edge.deliverable || edge.frames <= most)
        return ad_make_plain_step(m, want, ret);
    (void)snprintf(picture, sizeof(picture), "%.40s.picture", want->suffix);
    (void)snprintf(sound, sizeof(sound), "%.40s.sound", want->suffix);
    if (!edge.audio)
        return reverse_pictures(m, want, most, want->suffix, ret);
    enum artdag_err rc = reverse_pictures(m, want, most, picture, &sides[0]);
    if (rc == ARTDAG_OK)
        rc = reverse(m, want, want->inputs[0], "sound", sound, &sides[1]);
    const struct ad_make_step mux = {
        .node = want->node,
        .op = ad_op_find(AD_STR_LIT("MUX")),
        .inputs = sides,
        .input_count = 2,
        .suffix = want->suffix,
    };
    return rc == ARTDAG_OK ? ad_make_plain_step(m, &mux, ret) : rc;
}

/* ---- TRIM_SILENCE ---- */

typedef AD_VEC(struct ad_span) span_vec;

/* A time of the analysis in microseconds. */
static int64_t micros(const struct ad_value *v)
{
    double seconds = v->kind == AD_VALUE_INT ? (double)v->integer : v->number;
    return seconds > 0 ? (int64_t)(seconds * 1e6 + 0.5) : 0;
}

static bool is_range(const struct ad_value *v)
{
    if (v->kind != AD_VALUE_LIST || v->list.len != 2)
        return false;
    for (size_t i = 0; i < 2; i++) {
        const struct ad_value *t = v->list.items[i];
        double seconds = t->kind == AD_VALUE_INT ? (double)t->integer : t->number;
        if ((t->kind != AD_VALUE_INT && t->kind != AD_VALUE_DOUBLE) ||
            !(seconds >= 0 && seconds < 1e9))
            return false;
    }
    return micros(v->list.items[0]) <= micros(v->list.items[1]);
}

struct trim {
    const struct ad_value *config;
    struct ad_span piece; /* of the input */
    int64_t keep, at;     /* at: where the next piece that is heard begins */
    span_vec heard;       /* counted from the piece's start */
};

static bool is_wanted(const struct trim *t, bool start, bool end)
{
    struct ad_str where = ad_value_get(t->config, "where")->string;
    return ad_str_is(where, "all") || (ad_str_is(where, "ends") && (start || end)) ||
           (ad_str_is(where, "start") && start) || (ad_str_is(where, "end") && end);
}

/* Takes frames `silent` of the input out, less what is kept of them. */
static bool take_out(struct trim *t, struct ad_span silent)
{
    int64_t frames = t->piece.to - t->piece.from;
    int64_t from = silent.from - t->piece.from;
    int64_t to = silent.to - t->piece.from;
    bool start = from <= 0;
    bool end = to >= frames;
    from = start ? 0 : from + t->keep;
    to = end ? frames : to - t->keep;
    if (from >= to || from < t->at || !is_wanted(t, start, end))
        return true;
    bool pushed = from == t->at || ad_vec_push(&t->heard, ((struct ad_span){t->at, from}));
    t->at = to;
    return pushed;
}

/* Only frames that are silent throughout. */
static enum artdag_err find_heard(struct ad_maker *m, const struct ad_value *ranges,
                                  struct trim *t)
{
    const struct ad_format *f = &m->planner.plan->format;
    int64_t second = f->fps_den * 1000000;
    int64_t frames = t->piece.to - t->piece.from;
    for (size_t i = 0; i < ranges->list.len; i++) {
        const struct ad_value *range = ranges->list.items[i];
        if (!is_range(range))
            return ad_error_set(m->err, ARTDAG_E_FORMAT, ROOM,
                                "the analysis has a silence that is no pair of times");
        struct ad_span silent = {
            ad_muldiv_ceil(micros(range->list.items[0]), f->fps_num, second),
            ad_muldiv_floor(micros(range->list.items[1]), f->fps_num, second)};
        if (silent.from < t->piece.to && silent.to > t->piece.from && !take_out(t, silent))
            return ad_error_nomem(m->err, ROOM);
    }
    if (t->at < frames && !ad_vec_push(&t->heard, ((struct ad_span){t->at, frames})))
        return ad_error_nomem(m->err, ROOM);
    if (!t->heard.len)
        return ad_error_set(m->err, ARTDAG_E_INVAL, ROOM, "the input is silent throughout");
    return ARTDAG_OK;
}

static enum artdag_err cut_heard(struct ad_maker *m, const struct ad_make_step *want,
                                 const struct trim *t, uint32_t *ret)
{
    ad_index_vec pieces = {0};
    enum artdag_err rc = ARTDAG_OK;
    bool one = t->heard.len == 1;
    for (size_t i = 0; rc == ARTDAG_OK && i < t->heard.len; i++) {
        char name[64];
        uint32_t step = 0;
        (void)snprintf(name, sizeof(name), "%.40s.%zu", want->suffix, i);
        rc = ad_make_cut(m, want->node, want->inputs[0], t->heard.items[i],
                         one ? want->suffix : name, &step);
        if (rc == ARTDAG_OK && !ad_vec_push(&pieces, step))
            rc = ad_error_nomem(m->err, ROOM);
    }
    if (rc == ARTDAG_OK && one)
        *ret = pieces.items[0];
    else if (rc == ARTDAG_OK)
        rc = join(m, want->node, &pieces, want->suffix, false, ret);
    ad_vec_fini(&pieces);
    return rc;
}

static enum artdag_err make_trim(struct ad_maker *m, const struct ad_make_step *want,
                                 uint32_t *ret)
{
    const struct ad_str feature = AD_STR_LIT("silence");
    struct ad_signal_origin origin = {0};
    struct trim t = {0};
    enum artdag_err rc = config_of(m, want, &t.config);
    if (rc == ARTDAG_OK)
        rc = ad_signal_origin(m, want->inputs[0], feature, &origin);
    if (rc != ARTDAG_OK)
        return rc;
    const struct ad_value *ranges =
        ad_signal_part(origin.input->features, "audio.silence.ranges");
    if (!ranges || ranges->kind != AD_VALUE_LIST)
        return ad_signal_missing(m, origin.input, feature);
    t.piece = origin.span;
    t.keep = number(t.config, "keep");
    rc = find_heard(m, ranges, &t);
    if (rc == ARTDAG_OK)
        rc = cut_heard(m, want, &t, ret);
    ad_vec_fini(&t.heard);
    return rc;
}

/* ---- all of them ---- */

static const struct {
    const char *type;
    enum artdag_err (*make)(struct ad_maker *m, const struct ad_make_step *want, uint32_t *ret);
} ways[] = {{"LOOP", make_loop}, {"REVERSE", make_reverse}, {"TRIM_SILENCE", make_trim}};

bool ad_make_is_several(const struct ad_op *op)
{
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (strcmp(ways[i].type, op->node_type) == 0)
            return true;
    return false;
}

enum artdag_err ad_make_several(struct ad_maker *m, const struct ad_make_step *want,
                                uint32_t *ret)
{
    enum artdag_err rc = one_input(m, want);
    for (size_t i = 0; rc == ARTDAG_OK && i < sizeof(ways) / sizeof(ways[0]); i++)
        if (strcmp(ways[i].type, want->op->node_type) == 0)
            rc = ways[i].make(m, want, ret);
    return rc;
}

enum artdag_err ad_expand_several(struct ad_maker *m, uint32_t index)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    struct ad_make_step want = {.node = node, .op = node->op, .suffix = ""};
    ad_index_vec films = {0};
    enum artdag_err rc = ad_make_config(m, node, &want.config);
    for (size_t i = 0; rc == ARTDAG_OK && i < node->input_count; i++)
        rc = ad_expand_films(m, &node->inputs[i], &films);
    want.inputs = films.items;
    want.input_count = films.len;
    if (rc == ARTDAG_OK)
        rc = ad_make_several(m, &want, &m->steps[index]);
    m->yields[index].kind = AD_YIELD_FILM;
    ad_vec_fini(&films);
    return rc;
}
