/* SPDX-License-Identifier: MIT
 *
 * Evaluating curves, cutting them, and writing them as expressions. Reading them out of a recipe is in config_curve.c.
 */
#include "ops/curve.h"

#include <string.h>

#include "ops/op.h"

enum ease {
    LINEAR,
    EASE,
    HOLD
};

struct key {
    int64_t frame;
    double value;
    enum ease ease;
};

/* ---- Reading the normalised form ---- */

static double number(const struct ad_value *v)
{
    return v->kind == AD_VALUE_INT ? (double)v->integer : v->number;
}

static struct key key_at(const struct ad_value *keys, size_t i)
{
    const struct ad_value *k = keys->list.items[i];
    struct ad_str ease = k->list.items[2]->string;
    return (struct key){
        .frame = k->list.items[0]->integer,
        .value = number(k->list.items[1]),
        .ease = ad_str_is(ease, "hold") ? HOLD : (ad_str_is(ease, "ease") ? EASE : LINEAR)};
}

struct ad_curve ad_curve_of(const struct ad_value *v, double fallback)
{
    const struct ad_value *keys = ad_value_get(v, "curve");
    if (keys && keys->kind == AD_VALUE_LIST && keys->list.len)
        return (struct ad_curve){.keys = keys};
    if (v && (v->kind == AD_VALUE_INT || v->kind == AD_VALUE_DOUBLE))
        fallback = number(v);
    return (struct ad_curve){.value = fallback};
}

struct ad_curve ad_conf_curve(const struct ad_value *config, const char *key, double fallback)
{
    return ad_curve_of(ad_value_get(config, key), fallback);
}

bool ad_curve_is(const struct ad_curve *curve, double value)
{
    return !curve->keys && curve->value == value;
}

/* The last key at or before the frame, or 0. */
static size_t key_before(const struct ad_value *keys, int64_t frame)
{
    size_t low = 0;
    size_t high = keys->list.len;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (key_at(keys, middle).frame <= frame)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The order of operations is that of segment_expr: the doubles must be the same. */
double ad_curve_at(const struct ad_curve *curve, int64_t frame)
{
    if (!curve->keys)
        return curve->value;
    size_t i = key_before(curve->keys, frame);
    struct key a = key_at(curve->keys, i);
    if (frame <= a.frame || a.ease == HOLD || i + 1 == curve->keys->list.len)
        return a.value;
    struct key b = key_at(curve->keys, i + 1);
    double t = (double)(frame - a.frame) / (double)(b.frame - a.frame);
    if (a.ease == EASE)
        t = t * t * (3 - 2 * t);
    return a.value + (b.value - a.value) * t;
}

/* Between keys the value never leaves what the two keys span. */
void ad_curve_bounds(const struct ad_curve *curve, int64_t frames, double *ret_min,
                     double *ret_max)
{
    double first = ad_curve_at(curve, 0);
    double last = ad_curve_at(curve, frames - 1);
    double min = first < last ? first : last;
    double max = first < last ? last : first;
    for (size_t i = 0; curve->keys && i < curve->keys->list.len; i++) {
        struct key k = key_at(curve->keys, i);
        if (k.frame < 0 || k.frame >= frames)
            continue;
        min = k.value < min ? k.value : min;
        max = k.value > max ? k.value : max;
    }
    *ret_min = min;
    *ret_max = max;
}

/* ---- As an expression ---- */

static void put_number(struct ad_buf *buf, double d)
{
    char text[32];
    (void)ad_double_format(d, text);
    (void)ad_buf_printf(buf, d < 0 ? "(%s)" : "%s", text);
}

static void put_segment(struct ad_buf *buf, const struct ad_value *keys, size_t i,
                        const char *var)
{
    struct key a = key_at(keys, i);
    if (a.ease == HOLD || i + 1 == keys->list.len) {
        put_number(buf, a.value);
        return;
    }
    struct key b = key_at(keys, i + 1);
    char t[128];
    struct ad_buf time = AD_BUF_INIT(sizeof(t));
    (void)ad_buf_printf(&time, a.frame < 0 ? "((%s+%lld)/%lld)" : "((%s-%lld)/%lld)", var,
                        (long long)(a.frame < 0 ? -a.frame : a.frame),
                        (long long)(b.frame - a.frame));
    (void)ad_buf_byte(&time, '\0');
    const char *at = ad_buf_status(&time) ? "" : (const char *)time.data;
    put_number(buf, a.value);
    (void)ad_buf_byte(buf, '+');
    put_number(buf, b.value - a.value);
    if (a.ease == EASE)
        (void)ad_buf_printf(buf, "*(%s*%s*(3-2*%s))", at, at, at);
    else
        (void)ad_buf_printf(buf, "*%s", at);
    ad_buf_fini(&time);
}

/* Segments [from, to), of which number 0 is what lies before the first key. As deep as the logarithm of their number. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void put_tree(struct ad_buf *buf, const struct ad_value *keys, size_t from, size_t to,
                     const char *var)
{
    if (to - from == 1) {
        if (from == 0)
            put_number(buf, key_at(keys, 0).value);
        else
            put_segment(buf, keys, from - 1, var);
        return;
    }
    size_t middle = from + (to - from) / 2;
    long long border = key_at(keys, middle - 1).frame;
    (void)ad_buf_printf(buf, border < 0 ? "if(lt(%s,(%lld))," : "if(lt(%s,%lld),", var, border);
    put_tree(buf, keys, from, middle, var);
    (void)ad_buf_byte(buf, ',');
    put_tree(buf, keys, middle, to, var);
    (void)ad_buf_byte(buf, ')');
}

const char *ad_curve_expr(struct ad_arena *arena, const struct ad_curve *curve, const char *var)
{
    struct ad_buf buf = AD_BUF_INIT(AD_CURVE_KEYS_MAX * 256);
    if (curve->keys)
        put_tree(&buf, curve->keys, 0, curve->keys->list.len + 1, var);
    else
        put_number(&buf, curve->value);
    const char *text = ad_buf_status(&buf) ? NULL : ad_arena_strdup(arena, ad_buf_as_str(&buf));
    if (!text)
        arena->failed = true;
    ad_buf_fini(&buf);
    return text ? text : "";
}

/* ---- Slices ---- */

struct keys {
    AD_VEC(struct key) list;
    bool failed;
};

/* Adds a key that says something: one that goes on as the held value before it does not. */
static void add_key(struct keys *keys, struct key key)
{
    size_t len = keys->list.len;
    const struct key *last = len ? &keys->list.items[len - 1] : NULL;
    if (last && last->ease == HOLD && key.ease == HOLD && last->value == key.value)
        return;
    if (!ad_vec_push(&keys->list, key))
        keys->failed = true;
}

static void collect(const struct ad_value *from, struct ad_span span, struct keys *ret)
{
    size_t len = from->list.len;
    for (size_t i = key_before(from, span.from); i < len; i++) {
        struct key k = key_at(from, i);
        bool last = i + 1 == len || k.frame >= span.to - 1;
        if (last || key_at(from, i + 1).value == k.value)
            k.ease = HOLD;
        if (k.ease == HOLD && (k.frame < span.from || ret->list.len == 0))
            k.frame = span.from;
        k.frame -= span.from;
        add_key(ret, k);
        /* The next key is looked at when this one moves towards it, or when it comes within the span. */
        if (last || (k.ease == HOLD && key_at(from, i + 1).frame >= span.to))
            return;
    }
}

static const struct ad_value *write_key(struct ad_arena *arena, const struct key *k)
{
    static const char *const names[] = {"linear", "ease", "hold"};
    struct ad_list_builder b;
    ad_list_begin(&b, arena);
    ad_list_add(&b, ad_value_new_int(arena, k->frame));
    ad_list_add(&b, ad_value_new_double(arena, k->value));
    ad_list_add(&b, ad_value_new_str(arena, ad_str_from(names[k->ease])));
    return ad_list_end(&b);
}

static struct ad_value *write_keys(struct ad_arena *arena, const struct keys *keys)
{
    if (keys->list.len == 1)
        return ad_value_new_double(arena, keys->list.items[0].value);
    struct ad_list_builder list;
    struct ad_map_builder map;
    ad_list_begin(&list, arena);
    for (size_t i = 0; i < keys->list.len; i++)
        ad_list_add(&list, write_key(arena, &keys->list.items[i]));
    ad_map_begin(&map, arena);
    ad_map_add(&map, "curve", ad_list_end(&list));
    return ad_map_end(&map);
}

const struct ad_value *ad_curve_slice(struct ad_arena *arena, const struct ad_value *v,
                                      struct ad_span span)
{
    struct ad_curve curve = ad_curve_of(v, 0);
    if (!curve.keys)
        return v;
    struct keys keys = {0};
    struct ad_value *sliced = NULL;
    collect(curve.keys, span, &keys);
    if (span.to - span.from == 1)
        sliced = ad_value_new_double(arena, ad_curve_at(&curve, span.from));
    else if (!keys.failed)
        sliced = write_keys(arena, &keys);
    ad_vec_fini(&keys.list);
    if (sliced) {
        sliced->line = v->line;
        sliced->column = v->column;
    }
    return sliced;
}

/* Maps and lists nest as deep as the field tables do. */
/* NOLINTBEGIN(misc-no-recursion) */
static bool is_animated(const struct ad_field *f, const struct ad_value *v)
{
    if (f->type == AD_FIELD_MAP)
        return ad_conf_animated(f->fields, v);
    if (f->type != AD_FIELD_LIST)
        return f->animated && ad_value_get(v, "curve");
    for (size_t i = 0; i < v->list.len; i++) {
        if (is_animated(f->item, v->list.items[i]))
            return true;
    }
    return false;
}

bool ad_conf_animated(const struct ad_field *fields, const struct ad_value *config)
{
    for (const struct ad_field *f = fields; f->name; f++) {
        const struct ad_value *v = ad_value_get(config, f->name);
        if (v && is_animated(f, v))
            return true;
    }
    return false;
}

static const struct ad_value *slice_value(struct ad_arena *arena, const struct ad_field *f,
                                          const struct ad_value *v, struct ad_span span)
{
    if (f->type == AD_FIELD_MAP)
        return ad_conf_slice(arena, f->fields, v, span);
    if (f->type != AD_FIELD_LIST)
        return f->animated ? ad_curve_slice(arena, v, span) : v;
    struct ad_list_builder b;
    ad_list_begin(&b, arena);
    for (size_t i = 0; i < v->list.len; i++)
        ad_list_add(&b, slice_value(arena, f->item, v->list.items[i], span));
    struct ad_value *list = ad_list_end(&b);
    if (list) {
        list->line = v->line;
        list->column = v->column;
    }
    return list;
}

const struct ad_value *ad_conf_slice(struct ad_arena *arena, const struct ad_field *fields,
                                     const struct ad_value *config, struct ad_span span)
{
    struct ad_conf_set with[AD_FIELDS_MAX];
    size_t count = 0;
    for (const struct ad_field *f = fields; f->name; f++) {
        const struct ad_value *v = ad_value_get(config, f->name);
        const struct ad_value *sliced = v ? slice_value(arena, f, v, span) : NULL;
        if (v && !sliced)
            return NULL;
        if (v && sliced != v)
            with[count++] = (struct ad_conf_set){f->name, sliced};
    }
    return count ? ad_conf_edit(arena, config, NULL, with, count) : config;
}
/* NOLINTEND(misc-no-recursion) */
