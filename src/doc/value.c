/* SPDX-License-Identifier: MIT */
#include <assert.h>

#include "doc/tree.h"

const struct ad_member *ad_value_member(const struct ad_value *map, struct ad_str key)
{
    if (map == NULL || map->kind != AD_VALUE_MAP) {
        return NULL;
    }
    for (size_t i = 0; i < map->map.len; i++) {
        if (ad_str_equal(map->map.items[i].key, key)) {
            return &map->map.items[i];
        }
    }
    return NULL;
}

const struct ad_value *ad_value_get(const struct ad_value *map, const char *key)
{
    const struct ad_member *member = ad_value_member(map, ad_str_from(key));
    return member != NULL ? member->value : NULL;
}

const char *ad_value_kind_name(enum ad_value_kind kind)
{
    switch (kind) {
    case AD_VALUE_NULL:
        return "null";
    case AD_VALUE_BOOL:
        return "boolean";
    case AD_VALUE_INT:
        return "integer";
    case AD_VALUE_DOUBLE:
        return "number";
    case AD_VALUE_STRING:
        return "string";
    case AD_VALUE_LIST:
        return "list";
    case AD_VALUE_MAP:
        return "map";
    }
    return "value";
}

static bool scalar_equal(const struct ad_value *a, const struct ad_value *b)
{
    switch (a->kind) {
    case AD_VALUE_BOOL:
        return a->boolean == b->boolean;
    case AD_VALUE_INT:
        return a->integer == b->integer;
    case AD_VALUE_DOUBLE:
        return a->number == b->number;
    case AD_VALUE_STRING:
        return ad_str_equal(a->string, b->string);
    default:
        return true;
    }
}

/* Two lists or maps that are being compared. */
struct pair {
    const struct ad_value *a;
    const struct ad_value *b;
    size_t next;
};

static size_t child_count(const struct ad_value *v)
{
    return v->kind == AD_VALUE_LIST ? v->list.len : v->map.len;
}

/* The value in b that must equal a's child i, or NULL. Maps mostly have the same order: look
 * there first. */
static const struct ad_value *counterpart(const struct pair *p, size_t i)
{
    if (p->a->kind == AD_VALUE_LIST) {
        return p->b->list.items[i];
    }
    struct ad_str key = p->a->map.items[i].key;
    const struct ad_member *member = &p->b->map.items[i];
    if (!ad_str_equal(member->key, key)) {
        member = ad_value_member(p->b, key);
    }
    return member != NULL ? member->value : NULL;
}

bool ad_value_equal(const struct ad_value *a, const struct ad_value *b)
{
    struct pair stack[AD_DOC_MAX_DEPTH];
    size_t depth = 0;
    for (;;) {
        if (a != b) {
            if (a == NULL || b == NULL || a->kind != b->kind || !scalar_equal(a, b)) {
                return false;
            }
            if (a->kind == AD_VALUE_LIST || a->kind == AD_VALUE_MAP) {
                if (child_count(a) != child_count(b) || depth == AD_DOC_MAX_DEPTH) {
                    return false;
                }
                stack[depth++] = (struct pair){a, b, 0};
            }
        }
        while (depth > 0 && stack[depth - 1].next == child_count(stack[depth - 1].a)) {
            depth--;
        }
        if (depth == 0) {
            return true;
        }
        struct pair *top = &stack[depth - 1];
        size_t i = top->next++;
        a = top->a->kind == AD_VALUE_LIST ? top->a->list.items[i] : top->a->map.items[i].value;
        b = counterpart(top, i);
    }
}

/* The member's value, of the kind wanted. */
static enum artdag_err typed(const struct ad_value *map, const char *key,
                             enum ad_value_kind kind, const struct ad_value **ret,
                             artdag_error *err)
{
    if (map == NULL || map->kind != AD_VALUE_MAP) {
        enum artdag_err code = ad_error_set(
            err, ARTDAG_E_FORMAT, AD_DOC_ROOM, "expected a map with key \"%s\", not %s", key,
            map != NULL ? ad_value_kind_name(map->kind) : "nothing");
        ad_error_at(err, NULL, map != NULL ? (int)map->line : 0,
                    map != NULL ? (int)map->column : 0);
        return code;
    }
    const struct ad_value *value = ad_value_get(map, key);
    if (value == NULL) {
        (void)ad_error_set(err, ARTDAG_E_FORMAT, AD_DOC_ROOM, "missing key \"%s\"", key);
        ad_error_at(err, NULL, (int)map->line, (int)map->column);
        return ARTDAG_E_FORMAT;
    }
    if (value->kind != kind) {
        (void)ad_error_set(
            err, ARTDAG_E_FORMAT, AD_DOC_ROOM, "\"%s\" must be a%s %s, not a%s %s", key,
            kind == AD_VALUE_INT ? "n" : "", ad_value_kind_name(kind),
            value->kind == AD_VALUE_INT ? "n" : "", ad_value_kind_name(value->kind));
        ad_error_at(err, NULL, (int)value->line, (int)value->column);
        return ARTDAG_E_FORMAT;
    }
    *ret = value;
    return ARTDAG_OK;
}

enum artdag_err ad_value_str(const struct ad_value *map, const char *key, struct ad_str *ret,
                             artdag_error *err)
{
    const struct ad_value *value = NULL;
    enum artdag_err code = typed(map, key, AD_VALUE_STRING, &value, err);
    if (code == ARTDAG_OK) {
        *ret = value->string;
    }
    return code;
}

enum artdag_err ad_value_i64(const struct ad_value *map, const char *key, int64_t *ret,
                             artdag_error *err)
{
    const struct ad_value *value = NULL;
    enum artdag_err code = typed(map, key, AD_VALUE_INT, &value, err);
    if (code == ARTDAG_OK) {
        *ret = value->integer;
    }
    return code;
}

enum artdag_err ad_value_bool(const struct ad_value *map, const char *key, bool *ret,
                              artdag_error *err)
{
    const struct ad_value *value = NULL;
    enum artdag_err code = typed(map, key, AD_VALUE_BOOL, &value, err);
    if (code == ARTDAG_OK) {
        *ret = value->boolean;
    }
    return code;
}

enum artdag_err ad_value_list(const struct ad_value *map, const char *key,
                              const struct ad_value **ret, artdag_error *err)
{
    return typed(map, key, AD_VALUE_LIST, ret, err);
}

enum artdag_err ad_value_map(const struct ad_value *map, const char *key,
                             const struct ad_value **ret, artdag_error *err)
{
    return typed(map, key, AD_VALUE_MAP, ret, err);
}

static struct ad_value *new_value(struct ad_arena *arena, enum ad_value_kind kind)
{
    struct ad_value *value = ad_arena_alloc(arena, sizeof(*value));
    if (value != NULL) {
        value->kind = kind;
    }
    return value;
}

struct ad_value *ad_value_new_null(struct ad_arena *arena)
{
    return new_value(arena, AD_VALUE_NULL);
}

struct ad_value *ad_value_new_bool(struct ad_arena *arena, bool b)
{
    struct ad_value *value = new_value(arena, AD_VALUE_BOOL);
    if (value != NULL) {
        value->boolean = b;
    }
    return value;
}

struct ad_value *ad_value_new_int(struct ad_arena *arena, int64_t i)
{
    struct ad_value *value = new_value(arena, AD_VALUE_INT);
    if (value != NULL) {
        value->integer = i;
    }
    return value;
}

struct ad_value *ad_value_new_double(struct ad_arena *arena, double d)
{
    struct ad_value *value = new_value(arena, AD_VALUE_DOUBLE);
    if (value != NULL) {
        value->number = d;
    }
    return value;
}

struct ad_value *ad_value_new_str(struct ad_arena *arena, struct ad_str s)
{
    struct ad_value *value = new_value(arena, AD_VALUE_STRING);
    if (value != NULL) {
        value->string = ad_arena_str(arena, s);
    }
    return ad_arena_failed(arena) ? NULL : value;
}

void ad_map_begin(struct ad_map_builder *b, struct ad_arena *arena)
{
    *b = (struct ad_map_builder){.arena = arena};
}

static bool has_key(const struct ad_map_builder *b, const char *key)
{
    for (size_t i = 0; i < b->members.len && i < 64; i++) {
        if (ad_str_is(b->members.items[i].key, key)) {
            return true;
        }
    }
    return false;
}

void ad_map_add(struct ad_map_builder *b, const char *key, const struct ad_value *value)
{
    assert(!has_key(b, key));
    (void)has_key;
    struct ad_member member = {.key = ad_arena_str(b->arena, ad_str_from(key)), .value = value};
    if (value == NULL || member.key.ptr == NULL || !ad_vec_push(&b->members, member)) {
        b->failed = true;
    }
}

struct ad_value *ad_map_end(struct ad_map_builder *b)
{
    struct ad_value *value = b->failed ? NULL : new_value(b->arena, AD_VALUE_MAP);
    if (value != NULL) {
        value->map.len = b->members.len;
        value->map.items =
            ad_arena_dup(b->arena, b->members.items, b->members.len * sizeof(struct ad_member));
        value = value->map.items != NULL ? value : NULL;
    }
    ad_vec_fini(&b->members);
    return value;
}

void ad_list_begin(struct ad_list_builder *b, struct ad_arena *arena)
{
    *b = (struct ad_list_builder){.arena = arena};
}

void ad_list_add(struct ad_list_builder *b, const struct ad_value *value)
{
    if (value == NULL || !ad_vec_push(&b->items, value)) {
        b->failed = true;
    }
}

struct ad_value *ad_list_end(struct ad_list_builder *b)
{
    struct ad_value *value = b->failed ? NULL : new_value(b->arena, AD_VALUE_LIST);
    if (value != NULL) {
        value->list.len = b->items.len;
        value->list.items =
            ad_arena_dup(b->arena, b->items.items, b->items.len * sizeof(struct ad_value *));
        value = value->list.items != NULL ? value : NULL;
    }
    ad_vec_fini(&b->items);
    return value;
}
