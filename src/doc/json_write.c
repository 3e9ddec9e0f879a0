/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/tree.h"

#define MAX_EXACT ((int64_t)1 << 53)

int ad_json_key_compare(struct ad_str a, struct ad_str b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < len; i++) {
        unsigned char x = (unsigned char)a.ptr[i];
        unsigned char y = (unsigned char)b.ptr[i];
        if (x == y) {
            continue;
        }
        /* UTF-8 sorts by code point. UTF-16 puts everything from U+10000 on (lead bytes
         * F0..F4), written with surrogates D800..DFFF, before U+E000..U+FFFF (lead bytes EE and
         * EF). */
        bool x_high = x >= 0xf0;
        bool y_high = y >= 0xf0;
        if (x_high != y_high && (x_high ? y : x) >= 0xee) {
            return x_high ? -1 : 1;
        }
        return x < y ? -1 : 1;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

void ad_jw_init(struct ad_json_writer *w, struct ad_buf *buf)
{
    *w = (struct ad_json_writer){.buf = buf};
}

static void refuse(struct ad_json_writer *w, enum artdag_err code, const char *problem)
{
    if (w->buf->status == ARTDAG_OK) {
        w->buf->status = code;
        w->problem = problem;
    }
}

static uint64_t level_bit(const struct ad_json_writer *w)
{
    return (uint64_t)1 << (w->depth - 1);
}

/* The comma before a list's item; in a map ad_jw_key has written it. */
static void begin_item(struct ad_json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    if (w->depth == 0) {
        return;
    }
    assert(w->buf->status != ARTDAG_OK ||
           (w->is_map & level_bit(w)) == 0); /* a map needs a key */
    if ((w->has_items & level_bit(w)) != 0) {
        (void)ad_buf_byte(w->buf, ',');
    }
    w->has_items |= level_bit(w);
}

static void begin_level(struct ad_json_writer *w, bool map)
{
    begin_item(w);
    if (w->depth == AD_DOC_MAX_DEPTH) {
        /* Sticky: nothing more is written, so the level that is not there cannot be seen. */
        refuse(w, ARTDAG_E_LIMIT, "lists and maps are nested too deep");
        return;
    }
    w->depth++;
    w->has_items &= ~level_bit(w);
    w->is_map = map ? w->is_map | level_bit(w) : w->is_map & ~level_bit(w);
    w->last_key[w->depth - 1] = (struct ad_str){0};
    (void)ad_buf_byte(w->buf, map ? '{' : '[');
}

static void end_level(struct ad_json_writer *w, char bracket)
{
    (void)ad_buf_byte(w->buf, (uint8_t)bracket);
    if (w->depth > 0) {
        w->depth--;
    }
}

void ad_jw_map_begin(struct ad_json_writer *w)
{
    begin_level(w, true);
}

void ad_jw_map_end(struct ad_json_writer *w)
{
    assert(w->buf->status != ARTDAG_OK || !w->after_key);
    end_level(w, '}');
}

void ad_jw_list_begin(struct ad_json_writer *w)
{
    begin_level(w, false);
}

void ad_jw_list_end(struct ad_json_writer *w)
{
    end_level(w, ']');
}

static void put_escape(struct ad_buf *buf, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char letters[] = "btn_fr"; /* from 0x08 on */
    char text[7] = "\\u00";
    size_t len = 6;
    if (c == '"' || c == '\\') {
        text[1] = (char)c;
        len = 2;
    } else if (c >= 0x08 && c <= 0x0d && c != 0x0b) {
        text[1] = letters[c - 0x08];
        len = 2;
    } else {
        text[4] = hex[c >> 4];
        text[5] = hex[c & 15];
    }
    (void)ad_buf_append(buf, text, len);
}

static void put_string(struct ad_json_writer *w, struct ad_str s)
{
    if (!ad_str_is_utf8(s)) {
        refuse(w, ARTDAG_E_INVAL, "text is not UTF-8");
        return;
    }
    struct ad_buf *buf = w->buf;
    (void)ad_buf_byte(buf, '"');
    size_t from = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        (void)ad_buf_append(buf, s.ptr + from, i - from);
        put_escape(buf, c);
        from = i + 1;
    }
    if (s.len > from) {
        (void)ad_buf_append(buf, s.ptr + from, s.len - from);
    }
    (void)ad_buf_byte(buf, '"');
}

static void put_key(struct ad_json_writer *w, struct ad_str key)
{
    assert(w->depth > 0 || w->buf->status != ARTDAG_OK);
    if (w->depth == 0) {
        return;
    }
    struct ad_str *last = &w->last_key[w->depth - 1];
    if ((w->has_items & level_bit(w)) != 0) {
        assert(w->buf->status != ARTDAG_OK || ad_json_key_compare(*last, key) < 0);
        (void)ad_buf_byte(w->buf, ',');
    }
    w->has_items |= level_bit(w);
    *last = key;
    put_string(w, key);
    (void)ad_buf_byte(w->buf, ':');
    w->after_key = true;
}

void ad_jw_key(struct ad_json_writer *w, const char *key)
{
    put_key(w, ad_str_from(key));
}

void ad_jw_str(struct ad_json_writer *w, struct ad_str s)
{
    begin_item(w);
    put_string(w, s);
}

void ad_jw_cstr(struct ad_json_writer *w, const char *s)
{
    ad_jw_str(w, ad_str_from(s));
}

static void put_int(struct ad_json_writer *w, int64_t i)
{
    char text[32];
    int len = snprintf(text, sizeof(text), "%" PRId64, i);
    if (i > MAX_EXACT || i < -MAX_EXACT) {
        char other[32];
        size_t other_len = ad_double_format((double)i, other);
        if (other_len != (size_t)len || memcmp(text, other, other_len) != 0) {
            refuse(w, ARTDAG_E_INVAL, "integer is beyond 2^53, which JSON does not carry");
            return;
        }
    }
    (void)ad_buf_append(w->buf, text, (size_t)len);
}

void ad_jw_int(struct ad_json_writer *w, int64_t i)
{
    begin_item(w);
    put_int(w, i);
}

void ad_jw_bool(struct ad_json_writer *w, bool b)
{
    begin_item(w);
    (void)ad_buf_str(w->buf, b ? "true" : "false");
}

static void put_double(struct ad_json_writer *w, double d)
{
    char text[32];
    if (!isfinite(d)) {
        refuse(w, ARTDAG_E_INVAL, "number is not finite");
        return;
    }
    size_t len = ad_double_format(d, text);
    (void)ad_buf_append(w->buf, text, len);
}

void ad_jw_double(struct ad_json_writer *w, double d)
{
    begin_item(w);
    put_double(w, d);
}

void ad_jw_null(struct ad_json_writer *w)
{
    begin_item(w);
    (void)ad_buf_str(w->buf, "null");
}

void ad_jw_raw(struct ad_json_writer *w, struct ad_str canonical_json)
{
    begin_item(w);
    (void)ad_buf_view(w->buf, canonical_json);
}

/* ---- whole trees ---- */

/* A list or map that is being written. */
struct level {
    const struct ad_value *value;
    /* Members sorted, when they were not; freed at the level's end */
    const struct ad_member **order;
    size_t next;
};

struct walk {
    struct ad_json_writer *w;
    struct level levels[AD_DOC_MAX_DEPTH];
    size_t depth;
};

static int compare_members(const void *a, const void *b)
{
    const struct ad_member *const *x = a;
    const struct ad_member *const *y = b;
    return ad_json_key_compare((*x)->key, (*y)->key);
}

static bool is_sorted(const struct ad_value *map)
{
    for (size_t i = 1; i < map->map.len; i++) {
        if (ad_json_key_compare(map->map.items[i - 1].key, map->map.items[i].key) >= 0) {
            return false;
        }
    }
    return true;
}

static bool sort_members(struct level *level)
{
    const struct ad_value *map = level->value;
    level->order = ad_alloc_array(map->map.len, sizeof(struct ad_member *));
    if (level->order == NULL) {
        return false;
    }
    for (size_t i = 0; i < map->map.len; i++) {
        level->order[i] = &map->map.items[i];
    }
    qsort(level->order, map->map.len, sizeof(struct ad_member *), compare_members);
    return true;
}

static void write_scalar(struct walk *walk, const struct ad_value *v)
{
    switch (v->kind) {
    case AD_VALUE_BOOL:
        (void)ad_buf_str(walk->w->buf, v->boolean ? "true" : "false");
        break;
    case AD_VALUE_INT:
        put_int(walk->w, v->integer);
        break;
    case AD_VALUE_DOUBLE:
        put_double(walk->w, v->number);
        break;
    case AD_VALUE_STRING:
        put_string(walk->w, v->string);
        break;
    default:
        (void)ad_buf_str(walk->w->buf, "null");
        break;
    }
}

static size_t level_len(const struct level *level)
{
    return level->value->kind == AD_VALUE_MAP ? level->value->map.len : level->value->list.len;
}

/* Writes a scalar whole, or a list's or map's beginning. */
static void write_begin(struct walk *walk, const struct ad_value *v)
{
    if (v->kind != AD_VALUE_LIST && v->kind != AD_VALUE_MAP) {
        write_scalar(walk, v);
        return;
    }
    if (walk->depth + walk->w->depth >= AD_DOC_MAX_DEPTH) {
        refuse(walk->w, ARTDAG_E_LIMIT, "lists and maps are nested too deep");
        return;
    }
    struct level *level = &walk->levels[walk->depth++];
    *level = (struct level){.value = v};
    (void)ad_buf_byte(walk->w->buf, v->kind == AD_VALUE_MAP ? '{' : '[');
    if (v->kind == AD_VALUE_MAP && !is_sorted(v) && !sort_members(level)) {
        refuse(walk->w, ARTDAG_E_NOMEM, "out of memory");
    }
}

static void write_end(struct walk *walk)
{
    struct level *level = &walk->levels[--walk->depth];
    (void)ad_buf_byte(walk->w->buf, level->value->kind == AD_VALUE_MAP ? '}' : ']');
    free(level->order);
}

/* Writes the comma and key before the innermost level's next value, and returns that value. */
static const struct ad_value *write_next(struct walk *walk)
{
    struct level *level = &walk->levels[walk->depth - 1];
    struct ad_buf *buf = walk->w->buf;
    size_t i = level->next++;
    if (i > 0) {
        (void)ad_buf_byte(buf, ',');
    }
    if (level->value->kind == AD_VALUE_LIST) {
        return level->value->list.items[i];
    }
    const struct ad_member *m =
        level->order != NULL ? level->order[i] : &level->value->map.items[i];
    put_string(walk->w, m->key);
    (void)ad_buf_byte(buf, ':');
    return m->value;
}

static void write_tree(struct ad_json_writer *w, const struct ad_value *root)
{
    struct walk walk = {.w = w};
    write_begin(&walk, root);
    while (walk.depth > 0) {
        struct level *level = &walk.levels[walk.depth - 1];
        if (w->buf->status != ARTDAG_OK || level->next == level_len(level)) {
            write_end(&walk);
        } else {
            write_begin(&walk, write_next(&walk));
        }
    }
}

void ad_jw_value(struct ad_json_writer *w, const struct ad_value *v)
{
    begin_item(w);
    write_tree(w, v);
}

static enum artdag_err report(const struct ad_json_writer *w, artdag_error *err)
{
    enum artdag_err code = ad_buf_status(w->buf);
    if (code == ARTDAG_OK) {
        return ARTDAG_OK;
    }
    if (code == ARTDAG_E_NOMEM) {
        return ad_error_nomem(err, AD_DOC_ROOM);
    }
    if (w->problem != NULL) {
        return ad_error_set(err, code, AD_DOC_ROOM, "cannot write JSON: %s", w->problem);
    }
    return ad_error_set(err, code, AD_DOC_ROOM, "document is larger than %zu bytes",
                        w->buf->max);
}

enum artdag_err ad_json_canonical(const struct ad_value *value, struct ad_buf *buf,
                                  artdag_error *err)
{
    struct ad_json_writer w;
    ad_jw_init(&w, buf);
    write_tree(&w, value);
    return report(&w, err);
}
