/* SPDX-License-Identifier: MIT
 *
 * Reading and rewriting configs, and the checks that all ops share.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ops/op.h"

int64_t ad_conf_int(const struct ad_value *config, const char *key, int64_t fallback)
{
    const struct ad_value *v = ad_value_get(config, key);
    return v && v->kind == AD_VALUE_INT ? v->integer : fallback;
}

double ad_conf_number(const struct ad_value *config, const char *key, double fallback)
{
    const struct ad_value *v = ad_value_get(config, key);
    if (v && v->kind == AD_VALUE_INT)
        return (double)v->integer;
    return v && v->kind == AD_VALUE_DOUBLE ? v->number : fallback;
}

bool ad_conf_bool(const struct ad_value *config, const char *key, bool fallback)
{
    const struct ad_value *v = ad_value_get(config, key);
    return v && v->kind == AD_VALUE_BOOL ? v->boolean : fallback;
}

const char *ad_conf_text(struct ad_arena *arena, const struct ad_value *config, const char *key,
                         const char *fallback)
{
    const struct ad_value *v = ad_value_get(config, key);
    if (!v || v->kind != AD_VALUE_STRING)
        return fallback;
    const char *copy = ad_arena_strdup(arena, v->string);
    return copy ? copy : "";
}

bool ad_conf_is(const struct ad_value *config, const char *key, const char *text)
{
    const struct ad_value *v = ad_value_get(config, key);
    return v && v->kind == AD_VALUE_STRING && ad_str_is(v->string, text);
}

/* ---- Rewriting ---- */

#define KEYS_MAX 64

static bool is_dropped(struct ad_str key, const char *const *drop,
                       const struct ad_conf_set *with, size_t count)
{
    for (; drop && *drop; drop++) {
        if (ad_str_is(key, *drop))
            return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (ad_str_is(key, with[i].key))
            return true;
    }
    return false;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct ad_conf_set *)a)->key, ((const struct ad_conf_set *)b)->key);
}

const struct ad_value *ad_conf_new(struct ad_arena *arena, const struct ad_value *at,
                                   struct ad_conf_set *with, size_t count)
{
    struct ad_map_builder b;
    if (count > 1)
        qsort(with, count, sizeof(*with), by_key);
    ad_map_begin(&b, arena);
    for (size_t i = 0; i < count; i++)
        ad_map_add(&b, with[i].key, with[i].value);
    struct ad_value *map = ad_map_end(&b);
    if (map && at) {
        map->line = at->line;
        map->column = at->column;
    }
    return map;
}

const struct ad_value *ad_conf_edit(struct ad_arena *arena, const struct ad_value *config,
                                    const char *const *drop, const struct ad_conf_set *with,
                                    size_t count)
{
    struct ad_conf_set all[KEYS_MAX];
    size_t used = 0;
    for (size_t i = 0; config && i < config->map.len && used < KEYS_MAX; i++) {
        const struct ad_member *m = &config->map.items[i];
        if (is_dropped(m->key, drop, with, count))
            continue;
        all[used].key = ad_arena_strdup(arena, m->key);
        all[used].value = m->value;
        if (!all[used].key)
            return NULL;
        used++;
    }
    for (size_t i = 0; i < count && used < KEYS_MAX; i++)
        all[used++] = with[i];
    return ad_conf_new(arena, config, all, used);
}

enum artdag_err ad_conf_bad(const struct ad_value *config, const char *key, artdag_error *err,
                            const char *fmt, ...)
{
    char text[320];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    (void)ad_error_set(err, ARTDAG_E_FORMAT, "ops", "%s", text);
    const struct ad_value *at = ad_value_get(config, key);
    if (!at || !at->line)
        at = config;
    if (at && at->line)
        ad_error_at(err, NULL, (int)at->line, (int)at->column);
    return ARTDAG_E_FORMAT;
}

/* ---- Checks ---- */

static enum artdag_err wrong_count(const struct ad_op *op, size_t count, artdag_error *err)
{
    (void)ad_error_set(err, ARTDAG_E_INVAL, "ops", "%s cannot have %zu input%s", op->node_type,
                       count, count == 1 ? "" : "s");
    size_t min = 0;
    size_t max = 0;
    for (const struct ad_slot *s = op->slots; s->max; s++) {
        min += s->min;
        max += s->max;
    }
    if (min == max)
        ad_error_hint(err, "it takes %zu", min);
    else
        ad_error_hint(err, "it takes %zu to %zu", min, max);
    return ARTDAG_E_INVAL;
}

const struct ad_slot *ad_op_slot(const struct ad_op *op, const char *name)
{
    for (const struct ad_slot *s = op->slots; s && s->max; s++) {
        if (!s->name || (name && strcmp(s->name, name) == 0))
            return s;
    }
    return NULL;
}

enum artdag_err ad_op_kinds(const struct ad_op *op, const struct ad_op_call *call,
                            artdag_error *err)
{
    for (size_t i = 0; i < call->input_count; i++) {
        const struct ad_op_input *in = &call->inputs[i];
        const struct ad_slot *slot = ad_op_slot(op, in->slot);
        bool wanted = slot && slot->file;
        if (wanted == in->edge.file)
            continue;
        (void)ad_error_set(err, ARTDAG_E_INVAL, "ops",
                           wanted ? "input %s of %s is a file to be read, not media"
                                  : "input %s of %s is media, not a file to be read",
                           in->slot ? in->slot : "?", op->node_type);
        return ARTDAG_E_INVAL;
    }
    return ARTDAG_OK;
}

enum artdag_err ad_op_inputs(const struct ad_op *op, const struct ad_op_call *call,
                             artdag_error *err)
{
    size_t min = 0;
    size_t max = 0;
    for (const struct ad_slot *s = op->slots; s->max; s++) {
        min += s->min;
        max += s->max;
    }
    if (call->input_count < min || call->input_count > max)
        return wrong_count(op, call->input_count, err);
    enum artdag_err rc = ad_op_kinds(op, call, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < call->input_count; i++) {
        const struct ad_op_input *in = &call->inputs[i];
        if (in->edge.deliverable) {
            (void)ad_error_set(err, ARTDAG_E_INVAL, "ops",
                               "%s cannot take input %s: it is an encoded film", op->node_type,
                               in->slot ? in->slot : "?");
            ad_error_hint(err, "ENCODE must be the last node");
            return ARTDAG_E_INVAL;
        }
        if (in->edge.file)
            continue;
        if (in->edge.frames < 1 || in->edge.frames > AD_FRAMES_MAX ||
            (!in->edge.video && !in->edge.audio))
            return ad_error_set(err, ARTDAG_E_INVAL, "ops", "input %s of %s is empty",
                                in->slot ? in->slot : "?", op->node_type);
    }
    return ARTDAG_OK;
}

enum artdag_err ad_op_picture(const struct ad_op *op, const struct ad_op_call *call,
                              artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(op, call, err);
    if (!rc && !call->inputs[0].edge.video) {
        rc = ad_error_set(err, ARTDAG_E_INVAL, "ops", "the input of %s has no picture",
                          op->node_type);
        ad_error_hint(err, "give it something that can be seen");
    }
    return rc;
}

enum artdag_err ad_op_built(const struct ad_fragment *fragment, artdag_error *err)
{
    bool failed = (fragment->video && fragment->video->failed) ||
                  (fragment->audio && fragment->audio->failed);
    return failed ? ad_error_nomem(err, "ops") : ARTDAG_OK;
}

struct ad_span ad_span_clip(struct ad_span span, int64_t from, int64_t to)
{
    span.from = span.from < from ? from : span.from;
    span.to = span.to > to ? to : span.to;
    if (span.from >= span.to)
        span = (struct ad_span){0, 0};
    return span;
}

void ad_range_same(const struct ad_op_call *call, size_t i, struct ad_span out,
                   struct ad_span *ret)
{
    *ret = ad_span_clip(out, 0, call->inputs[i].edge.frames);
}
