/* SPDX-License-Identifier: MIT
 *
 * Cutting at times: which item a piece is taken from, and which of its frames.
 */
#include <stdio.h>
#include <string.h>

#include "plan/expand.h"

/* Rows of random numbers. */
enum {
    ROW_START = 1,
    ROW_ORDER = 2
};

/* ---- whose turn it is ---- */

enum order {
    ROUND_ROBIN,
    RANDOM,
    IN_ORDER
};

#define PASSES_MAX 50000000 /* items looked at and found too short, in one node */

struct turns {
    size_t passes;
    enum order order;
    uint64_t seed;
    size_t items, pieces;
    uint32_t *round; /* RANDOM: the order of the round at hand */
    size_t at;       /* 1 + its number; 0 = none yet */
};

static enum artdag_err turns_init(struct turns *t, struct ad_str order, uint64_t seed,
                                  size_t items, size_t pieces, artdag_error *err)
{
    *t = (struct turns){.seed = seed, .items = items, .pieces = pieces};
    t->order = ad_str_is(order, "random")     ? RANDOM
               : ad_str_is(order, "in_order") ? IN_ORDER
                                              : ROUND_ROBIN;
    if (t->order == RANDOM)
        t->round = ad_alloc_array(items, sizeof(*t->round));
    return t->order != RANDOM || t->round ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

/* Fisher and Yates. The first is never the last of the round before. */
static void shuffle(struct turns *t)
{
    uint32_t last = t->round[t->items - 1];
    uint64_t first = t->at * t->items;
    for (size_t i = 0; i < t->items; i++)
        t->round[i] = (uint32_t)i;
    for (size_t i = t->items - 1; i > 0; i--) {
        size_t k = (size_t)ad_random_below(ad_random(t->seed, ROW_ORDER, first + i), i + 1);
        uint32_t other = t->round[k];
        t->round[k] = t->round[i];
        t->round[i] = other;
    }
    if (t->at && t->items > 1 && t->round[0] == last) {
        t->round[0] = t->round[1];
        t->round[1] = last;
    }
    t->at++;
}

/* The item of piece i, `more` turns later; pieces are asked for in order. */
static size_t turn(struct turns *t, size_t i, size_t more)
{
    if (t->order == IN_ORDER)
        return (i * t->items / t->pieces + more) % t->items;
    if (t->order == ROUND_ROBIN)
        return (i + more) % t->items;
    while (t->at <= i / t->items)
        shuffle(t);
    return t->round[(i + more) % t->items];
}

/* ---- pieces ---- */

static int64_t frames_of(const struct ad_maker *m, struct ad_item item)
{
    int64_t least = AD_FRAMES_MAX;
    for (uint32_t k = 0; k < item.count; k++) {
        int64_t frames =
            m->planner.plan->steps[m->item_steps.items[item.first + k]].edge.frames;
        least = frames < least ? frames : least;
    }
    return item.count ? least : 0;
}

/* The same frames of all films of an item, as an item of the list. */
static enum artdag_err push_cut(struct ad_maker *m, const struct ad_recipe_node *node,
                                struct ad_item item, struct ad_span span, struct ad_yield *list)
{
    struct ad_item cut = {(uint32_t)m->item_steps.len, item.count};
    const char *more = node->operation && !node->operation->expands ? ".cut" : "";
    enum artdag_err rc = ARTDAG_OK;
    for (uint32_t k = 0; rc == ARTDAG_OK && k < item.count; k++) {
        char suffix[64];
        uint32_t step = 0;
        if (item.count > 1)
            (void)snprintf(suffix, sizeof(suffix), ".%zu%s.%u", list->count, more, (unsigned)k);
        else
            (void)snprintf(suffix, sizeof(suffix), ".%zu%s", list->count, more);
        rc = ad_make_cut(m, node, m->item_steps.items[item.first + k], span, suffix, &step);
        if (rc == ARTDAG_OK && !ad_vec_push(&m->item_steps, step))
            rc = ad_error_nomem(m->err, ROOM);
    }
    return rc == ARTDAG_OK ? ad_expand_push(m, list, cut) : rc;
}

static enum artdag_err too_long(struct ad_maker *m, size_t i, int64_t frames, int64_t most)
{
    enum artdag_err rc =
        ad_error_set(m->err, ARTDAG_E_INVAL, ROOM,
                     "piece %zu is to have %lld frames, but the longest item has %lld", i,
                     (long long)frames, (long long)most);
    ad_error_hint(m->err, "give a longer film, or cut more often");
    return rc;
}

/* An item that has room for so many frames, from the one whose turn it is on. */
static enum artdag_err find_item(struct ad_maker *m, struct turns *t, struct ad_yield items,
                                 size_t i, int64_t frames, struct ad_item *ret)
{
    int64_t most = 0;
    for (size_t more = 0; more < items.count; more++) {
        struct ad_item item = m->items.items[items.first + turn(t, i, more)];
        int64_t has = frames_of(m, item);
        if (has >= frames) {
            *ret = item;
            return ARTDAG_OK;
        }
        most = has > most ? has : most;
        if (t->passes++ == PASSES_MAX)
            return ad_error_set(m->err, ARTDAG_E_LIMIT, ROOM,
                                "too many items are too short for their pieces");
    }
    return too_long(m, i, frames, most);
}

/* An item that has ended is taken as if it went on from its beginning. */
static struct ad_span wrap(struct ad_span wanted, int64_t has)
{
    int64_t length = wanted.to - wanted.from, from = wanted.from;
    if (wanted.to <= has)
        return wanted;
    from %= has;
    from = from + length > has ? has - length : from;
    return (struct ad_span){from, from + length};
}

/* Pieces between times that follow each other. */
static enum artdag_err cut_all(struct ad_maker *m, const struct ad_recipe_node *node,
                               struct ad_yield items, const ad_frame_vec *times,
                               struct turns *turns, struct ad_yield *ret)
{
    enum artdag_err rc = ARTDAG_OK;
    *ret = (struct ad_yield){.kind = AD_YIELD_LIST, .first = m->items.len};
    for (size_t i = 0; rc == ARTDAG_OK && i + 1 < times->len; i++) {
        struct ad_span span = {times->items[i], times->items[i + 1]};
        struct ad_item item;
        rc = find_item(m, turns, items, i, span.to - span.from, &item);
        if (rc == ARTDAG_OK)
            rc = push_cut(m, node, item, wrap(span, frames_of(m, item)), ret);
    }
    return rc;
}

/* ---- times ---- */

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* In order and once each, whatever way they were written. */
static enum artdag_err list_times(struct ad_maker *m, const struct ad_value *listed,
                                  ad_frame_vec *ret)
{
    size_t kept = 0;
    for (size_t i = 0; i < listed->list.len; i++)
        if (!ad_vec_push(ret, listed->list.items[i]->integer))
            return ad_error_nomem(m->err, ROOM);
    if (ret->len > 1)
        qsort(ret->items, ret->len, sizeof(*ret->items), by_number);
    for (size_t i = 0; i < ret->len; i++)
        if (!kept || ret->items[kept - 1] != ret->items[i])
            ret->items[kept++] = ret->items[i];
    ret->len = kept;
    return ARTDAG_OK;
}

/* The cuts that a SEGMENT_AT or SWITCH asks for, of whichever of the ways to say so. */
static enum artdag_err take_times(struct ad_maker *m, const struct ad_recipe_node *node,
                                  const struct ad_value *config, ad_frame_vec *ret)
{
    const struct ad_value *listed = ad_value_get(config, "times");
    const struct ad_value *named = ad_value_get(config, "times_from");
    const struct ad_signal *wired = NULL;
    struct ad_signal signal;
    enum artdag_err rc = ad_expand_timing(m, node, "times", &wired);
    if (rc != ARTDAG_OK)
        return rc;
    if ((listed != NULL) + (named != NULL) + (wired != NULL) != 1) {
        rc = ad_error_set(m->err, ARTDAG_E_FORMAT, ROOM, "%s %s", node->op->node_type,
                          listed || named || wired ? "is told twice where to cut"
                                                   : "is not told where to cut");
        ad_error_hint(m->err, "write times: [1.5, 3], or times_from: and a node");
        return rc;
    }
    if (wired)
        return ad_signal_times(m, wired, (struct ad_str){0}, ret);
    if (named) {
        rc = ad_signal_named(m, &node->signals[0], &signal);
        return rc == ARTDAG_OK ? ad_signal_times(m, &signal, node->signals[0].path, ret) : rc;
    }
    return list_times(m, listed, ret);
}

/* The same times, from 0 to `end`: what lies behind the end goes when `clip` is set. */
static enum artdag_err add_ends(struct ad_maker *m, ad_frame_vec *times, int64_t end, bool clip)
{
    while (clip && times->len && times->items[times->len - 1] >= end)
        times->len--;
    if (!times->len || times->items[0] > 0) {
        if (!ad_vec_push(times, 0))
            return ad_error_nomem(m->err, ROOM);
        memmove(times->items + 1, times->items, (times->len - 1) * sizeof(*times->items));
        times->items[0] = 0;
    }
    if (times->items[times->len - 1] < end && !ad_vec_push(times, end))
        return ad_error_nomem(m->err, ROOM);
    return ARTDAG_OK;
}

static enum artdag_err too_few(struct ad_maker *m, const ad_frame_vec *times)
{
    if (times->len > 1)
        return ARTDAG_OK;
    return ad_error_set(m->err, ARTDAG_E_INVAL, ROOM,
                        "there are no two times to cut between (%zu found)", times->len);
}

/* ---- SEGMENT_AT ---- */

static int64_t extreme(const struct ad_maker *m, struct ad_yield items, bool longest)
{
    int64_t found = 0;
    for (size_t i = 0; i < items.count; i++) {
        int64_t frames = frames_of(m, m->items.items[items.first + i]);
        if (!i || (longest ? frames > found : frames < found))
            found = frames;
    }
    return found;
}

static enum artdag_err segment(struct ad_maker *m, const struct ad_recipe_node *node,
                               const struct ad_value *config, ad_frame_vec *times,
                               struct ad_yield *ret)
{
    struct ad_yield items;
    struct turns turns = {0};
    enum artdag_err rc = ad_expand_items(m, node, "items", &items);
    if (rc == ARTDAG_OK)
        rc = take_times(m, node, config, times);
    if (rc == ARTDAG_OK && ad_value_get(config, "ends")->boolean)
        rc = add_ends(m, times, extreme(m, items, true), false);
    if (rc == ARTDAG_OK)
        rc = too_few(m, times);
    if (rc == ARTDAG_OK)
        rc = turns_init(&turns, ad_value_get(config, "distribute")->string,
                        (uint64_t)ad_value_get(config, "seed")->integer, items.count,
                        times->len - 1, m->err);
    if (rc == ARTDAG_OK)
        rc = cut_all(m, node, items, times, &turns, ret);
    free(turns.round);
    return rc;
}

/* A list of analyses in the slot for one: every item has its own. */
static bool has_own_times(const struct ad_maker *m, const struct ad_recipe_node *node,
                          struct ad_yield *ret)
{
    for (size_t i = 0; i < node->input_count; i++) {
        struct ad_yield yield = m->yields[node->inputs[i].node];
        if (strcmp(node->inputs[i].slot, "times") != 0 || yield.kind != AD_YIELD_LIST)
            continue;
        *ret = yield;
        return true;
    }
    return false;
}

static enum artdag_err segment_one(struct ad_maker *m, const struct ad_recipe_node *node,
                                   struct ad_item item, const struct ad_signal *signal,
                                   bool ends, struct ad_yield *ret)
{
    ad_frame_vec times = {0};
    int64_t frames = frames_of(m, item);
    enum artdag_err rc = ad_signal_times(m, signal, (struct ad_str){0}, &times);
    while (times.len && times.items[times.len - 1] > frames)
        times.len--;
    if (rc == ARTDAG_OK && ends)
        rc = add_ends(m, &times, frames, true);
    for (size_t i = 0; rc == ARTDAG_OK && i + 1 < times.len; i++)
        rc = push_cut(m, node, item, (struct ad_span){times.items[i], times.items[i + 1]}, ret);
    ad_vec_fini(&times);
    return rc;
}

static enum artdag_err segment_each(struct ad_maker *m, const struct ad_recipe_node *node,
                                    const struct ad_value *config, struct ad_yield own,
                                    struct ad_yield *ret)
{
    struct ad_yield items;
    bool ends = ad_value_get(config, "ends")->boolean;
    enum artdag_err rc = ad_expand_items(m, node, "items", &items);
    *ret = (struct ad_yield){.kind = AD_YIELD_LIST, .first = m->items.len};
    if (rc == ARTDAG_OK && items.count != own.count)
        rc = ad_error_set(m->err, ARTDAG_E_INVAL, ROOM, "%zu items have %zu analyses",
                          items.count, own.count);
    for (size_t i = 0; rc == ARTDAG_OK && i < items.count; i++) {
        struct ad_item signal = m->items.items[own.first + i];
        if (signal.count)
            rc = ad_error_set(m->err, ARTDAG_E_INVAL, ROOM,
                              "times of SEGMENT_AT are films, not analyses");
        else
            rc = segment_one(m, node, m->items.items[items.first + i],
                             &m->signals.items[signal.first], ends, ret);
    }
    return rc == ARTDAG_OK && !ret->count ? too_few(m, &(ad_frame_vec){0}) : rc;
}

enum artdag_err ad_expand_segment_at(struct ad_maker *m, uint32_t index)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    const struct ad_value *config = NULL;
    ad_frame_vec times = {0};
    struct ad_yield own;
    enum artdag_err rc = ad_expand_config(m, node, node->op, &config);
    if (rc == ARTDAG_OK && has_own_times(m, node, &own))
        rc = segment_each(m, node, config, own, &m->yields[index]);
    else if (rc == ARTDAG_OK)
        rc = segment(m, node, config, &times, &m->yields[index]);
    ad_vec_fini(&times);
    return rc;
}

enum artdag_err ad_expand_pieces(struct ad_maker *m, uint32_t index)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    const struct ad_signal *timing = NULL;
    struct ad_yield items;
    struct turns turns = {0};
    ad_frame_vec times = {0};
    enum artdag_err rc = ad_expand_timing(m, node, "timing", &timing);
    if (rc == ARTDAG_OK)
        rc = ad_expand_items(m, node, "items", &items);
    if (rc == ARTDAG_OK)
        rc = ad_signal_times(m, timing, (struct ad_str){0}, &times);
    if (rc == ARTDAG_OK)
        rc = too_few(m, &times);
    if (rc == ARTDAG_OK)
        rc = turns_init(&turns, (struct ad_str){0}, 0, items.count, times.len - 1, m->err);
    if (rc == ARTDAG_OK)
        rc = cut_all(m, node, items, &times, &turns, &m->yields[index]);
    ad_vec_fini(&times);
    return rc;
}

/* ---- SWITCH ---- */

static enum artdag_err join(struct ad_maker *m, const struct ad_recipe_node *node,
                            struct ad_yield pieces, uint32_t *ret)
{
    ad_index_vec steps = {0};
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < pieces.count; i++) {
        struct ad_item item = m->items.items[pieces.first + i];
        if (item.count != 1)
            rc = ad_error_set(m->err, ARTDAG_E_INVAL, ROOM,
                              "SWITCH takes films, not items of a ZIP");
        else if (!ad_vec_push(&steps, m->item_steps.items[item.first]))
            rc = ad_error_nomem(m->err, ROOM);
    }
    if (rc == ARTDAG_OK)
        rc = ad_make_sequence(
            m,
            &(struct ad_make_sequence){
                .node = node, .steps = steps.items, .count = steps.len, .suffix = ""},
            ret);
    ad_vec_fini(&steps);
    return rc;
}

static enum artdag_err switch_films(struct ad_maker *m, uint32_t index,
                                    const struct ad_value *config, ad_frame_vec *times)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    struct ad_yield items, pieces;
    struct turns turns = {0};
    enum artdag_err rc = ad_expand_items(m, node, NULL, &items);
    if (rc == ARTDAG_OK)
        rc = take_times(m, node, config, times);
    if (rc == ARTDAG_OK)
        rc = add_ends(m, times, extreme(m, items, false), true);
    if (rc == ARTDAG_OK)
        rc = too_few(m, times);
    if (rc == ARTDAG_OK)
        rc = turns_init(&turns, ad_value_get(config, "distribute")->string,
                        (uint64_t)ad_value_get(config, "seed")->integer, items.count,
                        times->len - 1, m->err);
    if (rc == ARTDAG_OK)
        rc = cut_all(m, node, items, times, &turns, &pieces);
    if (rc == ARTDAG_OK)
        rc = join(m, node, pieces, &m->steps[index]);
    m->yields[index].kind = AD_YIELD_FILM;
    free(turns.round);
    return rc;
}

enum artdag_err ad_expand_switch(struct ad_maker *m, uint32_t index)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    const struct ad_value *config = NULL;
    ad_frame_vec times = {0};
    enum artdag_err rc = ad_expand_config(m, node, node->op, &config);
    if (rc == ARTDAG_OK)
        rc = switch_films(m, index, config, &times);
    ad_vec_fini(&times);
    return rc;
}

/* ---- RANDOM_SLICE ---- */

/* CIDs of all files below the items, in the order in which they are met. */
static enum artdag_err hash_items(struct ad_maker *m, struct ad_yield items, struct ad_buf *buf)
{
    const struct ad_plan *plan = m->planner.plan;
    bool *seen = ad_alloc_array(plan->step_count, sizeof(*seen));
    ad_index_vec stack = {0};
    bool room = seen != NULL;
    for (size_t i = 0; room && i < items.count; i++) {
        struct ad_item item = m->items.items[items.first + i];
        for (uint32_t k = 0; room && k < item.count; k++)
            room = ad_vec_push(&stack, m->item_steps.items[item.first + k]);
        while (room && stack.len) {
            uint32_t at = stack.items[--stack.len];
            const struct ad_step *step = &plan->steps[at];
            if (seen[at])
                continue;
            seen[at] = true;
            for (uint32_t k = 0; room && k < step->input_count; k++)
                room = ad_vec_push(&stack, step->inputs[k].step);
            if (ad_step_is_source(step)) {
                uint8_t cid[AD_CID_BYTES_MAX];
                ad_field(buf, cid, ad_cid_to_bytes(&plan->inputs[step->input].cid, cid));
            }
        }
    }
    free(seen);
    ad_vec_fini(&stack);
    return room ? ARTDAG_OK : ad_error_nomem(m->err, ROOM);
}

/* A slot, or the node that is wired to it. */
static struct ad_str seed_slot(struct ad_maker *m, const struct ad_recipe_node *node,
                               const struct ad_value *named)
{
    for (size_t i = 0; named && i < node->input_count; i++)
        if (ad_str_equal(named->string, m->recipe->nodes[node->inputs[i].node].id))
            return ad_str_from(node->inputs[i].slot);
    return named ? named->string : (struct ad_str){0};
}

/* The first eight bytes of a SHA3-256 over the content. */
static enum artdag_err seed_of(struct ad_maker *m, const struct ad_recipe_node *node,
                               const struct ad_value *config, struct ad_yield items,
                               const ad_frame_vec *times, uint64_t *ret)
{
    const struct ad_value *named = ad_value_get(config, "seed_from");
    struct ad_str from = seed_slot(m, node, named);
    struct ad_buf buf = AD_BUF_INIT((size_t)1 << 30);
    uint8_t hash[32];
    enum artdag_err rc = ARTDAG_OK;
    *ret = (uint64_t)ad_value_get(config, "seed")->integer;
    if (!named)
        return ARTDAG_OK;
    ad_field_str(&buf, AD_STR_LIT("artdag/seed/1"));
    if (ad_str_is(from, "items")) {
        rc = hash_items(m, items, &buf);
    } else if (ad_str_is(from, "timing") && times->len) {
        for (size_t i = 0; i < times->len; i++)
            (void)ad_buf_be64(&buf, (uint64_t)times->items[i]);
    } else {
        rc = ad_error_set(m->err, ARTDAG_E_FORMAT, ROOM, "there is no seed in \"%.*s\"",
                          AD_STR_ARG(from));
        ad_error_at(m->err, ad_recipe_file_of(m->recipe, node), (int)named->line,
                    (int)named->column);
        ad_error_hint(m->err, "seed_from is \"timing\" or \"items\"");
    }
    if (rc == ARTDAG_OK)
        rc = ad_buf_status(&buf) == ARTDAG_OK ? ad_sha3_256(buf.data, buf.len, hash, m->err)
                                              : ad_error_nomem(m->err, ROOM);
    for (size_t i = 0; rc == ARTDAG_OK && i < 8; i++)
        *ret = *ret << 8 | hash[i];
    ad_buf_fini(&buf);
    return rc;
}

/* Lengths of the slices: between the times, or all alike. */
static enum artdag_err slice_lengths(struct ad_maker *m, const struct ad_recipe_node *node,
                                     const struct ad_value *config, size_t items,
                                     ad_frame_vec *times)
{
    const struct ad_value *duration = ad_value_get(config, "duration");
    const struct ad_value *count = ad_value_get(config, "count");
    const struct ad_signal *timing = NULL;
    enum artdag_err rc = ad_expand_timing(m, node, "timing", &timing);
    if (rc != ARTDAG_OK)
        return rc;
    if (timing && !duration && !count) {
        rc = ad_signal_times(m, timing, (struct ad_str){0}, times);
        return rc == ARTDAG_OK ? too_few(m, times) : rc;
    }
    if (timing || !duration || duration->integer < 1) {
        rc = ad_error_set(m->err, ARTDAG_E_FORMAT, ROOM, "RANDOM_SLICE has %s",
                          timing     ? "timing, which says how long and how many"
                          : duration ? "no frames"
                                     : "neither timing nor a duration");
        ad_error_hint(m->err, timing ? "leave duration and count out"
                                     : "wire an ANALYZE node to timing, or give a duration");
        return rc;
    }
    int64_t slices = count ? count->integer : (int64_t)items;
    for (int64_t i = 0; i <= slices; i++)
        if (!ad_vec_push(times, i * duration->integer))
            return ad_error_nomem(m->err, ROOM);
    return ARTDAG_OK;
}

static enum artdag_err slice_all(struct ad_maker *m, const struct ad_recipe_node *node,
                                 struct ad_yield items, const ad_frame_vec *times,
                                 struct turns *turns, struct ad_yield *ret)
{
    enum artdag_err rc = ARTDAG_OK;
    *ret = (struct ad_yield){.kind = AD_YIELD_LIST, .first = m->items.len};
    for (size_t i = 0; rc == ARTDAG_OK && i + 1 < times->len; i++) {
        int64_t frames = times->items[i + 1] - times->items[i];
        struct ad_item item;
        rc = find_item(m, turns, items, i, frames, &item);
        if (rc != ARTDAG_OK)
            break;
        uint64_t places = (uint64_t)(frames_of(m, item) - frames + 1);
        int64_t from = (int64_t)ad_random_below(ad_random(turns->seed, ROW_START, i), places);
        rc = push_cut(m, node, item, (struct ad_span){from, from + frames}, ret);
    }
    return rc;
}

enum artdag_err ad_expand_random_slice(struct ad_maker *m, uint32_t index,
                                       const struct ad_value *config)
{
    const struct ad_recipe_node *node = &m->recipe->nodes[index];
    struct ad_yield items;
    struct turns turns = {0};
    ad_frame_vec times = {0};
    uint64_t seed = 0;
    enum artdag_err rc = ad_expand_items(m, node, "items", &items);
    if (rc == ARTDAG_OK)
        rc = slice_lengths(m, node, config, items.count, &times);
    if (rc == ARTDAG_OK)
        rc = seed_of(m, node, config, items, &times, &seed);
    if (rc == ARTDAG_OK)
        rc = turns_init(&turns, AD_STR_LIT("random"), seed, items.count, times.len - 1, m->err);
    if (rc == ARTDAG_OK)
        rc = slice_all(m, node, items, &times, &turns, &m->yields[index]);
    free(turns.round);
    ad_vec_fini(&times);
    return rc;
}
