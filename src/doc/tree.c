/* SPDX-License-Identifier: MIT */
#include "doc/tree.h"

#include <stdarg.h>
#include <string.h>

#define DEFAULT_MAX_BYTES ((size_t)16 << 20)
#define DEFAULT_MAX_VALUES 1000000U

/* Maps up to this size are searched for double keys pair by pair. */
#define SMALL_MAP 16

void ad_tree_init(struct ad_tree *tree, struct ad_arena *arena, const char *file,
                  const struct ad_doc_limits *limits, artdag_error *err)
{
    *tree = (struct ad_tree){.arena = arena, .file = file, .err = err};
    if (limits != NULL) {
        tree->limits = *limits;
    }
    struct ad_doc_limits *l = &tree->limits;
    l->max_bytes = l->max_bytes > 0 ? l->max_bytes : DEFAULT_MAX_BYTES;
    l->max_values = l->max_values > 0 ? l->max_values : DEFAULT_MAX_VALUES;
    if (l->max_depth == 0 || l->max_depth > AD_DOC_MAX_DEPTH) {
        l->max_depth = AD_DOC_MAX_DEPTH;
    }
}

void ad_tree_fini(struct ad_tree *tree)
{
    ad_vec_fini(&tree->frames);
    ad_vec_fini(&tree->items);
}

enum artdag_err ad_tree_fail(struct ad_tree *tree, enum artdag_err code, struct ad_pos pos,
                             const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)ad_error_setv(tree->err, code, AD_DOC_ROOM, fmt, args);
    va_end(args);
    ad_error_at(tree->err, tree->file, (int)pos.line, (int)pos.column);
    return code;
}

enum artdag_err ad_tree_nomem(struct ad_tree *tree)
{
    if (ad_arena_failed(tree->arena) && tree->arena->max_bytes > 0) {
        return ad_tree_fail(tree, ARTDAG_E_LIMIT, (struct ad_pos){0},
                            "document needs more than %zu bytes of memory",
                            tree->arena->max_bytes);
    }
    return ad_error_nomem(tree->err, AD_DOC_ROOM);
}

struct ad_pos ad_tree_pos_of(struct ad_str text, size_t offset)
{
    struct ad_pos pos = {1, 1};
    for (size_t i = 0; i < offset && i < text.len; i++) {
        bool cr = text.ptr[i] == '\r' && !(i + 1 < text.len && text.ptr[i + 1] == '\n');
        if (text.ptr[i] == '\n' || cr) {
            pos.line++;
            pos.column = 1;
        } else {
            pos.column++;
        }
    }
    return pos;
}

/* What YAML has against a character that is valid UTF-8, or NULL. */
static const char *yaml_objection(const unsigned char *p, size_t len)
{
    static const char control[] = "control character";
    static const char separator[] = "line separator that is not a line feed";
    if (len == 1) {
        return *p == 0x7f || (*p < 0x20 && strchr("\t\n\r", *p) == NULL) ? control : NULL;
    }
    /* U+0085, U+2028 and U+2029 end a line in YAML 1.1 and not in 1.2: better not to guess. */
    if (len == 2 && p[0] == 0xc2 && p[1] < 0xa0) {
        return p[1] == 0x85 ? separator : control;
    }
    if (len != 3) {
        return NULL;
    }
    if (memcmp(p, "\xe2\x80\xa8", 3) == 0 || memcmp(p, "\xe2\x80\xa9", 3) == 0) {
        return separator;
    }
    if (memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        return "byte order mark";
    }
    return memcmp(p, "\xef\xbf\xbe", 3) >= 0 ? "character that YAML does not allow" : NULL;
}

/* Why the character at offset may not stand in a document, or NULL. Sets *ret_len to its
 * length. */
static const char *objection(struct ad_str text, size_t offset, bool yaml, size_t *ret_len)
{
    const unsigned char *p = (const unsigned char *)text.ptr + offset;
    *ret_len = 1;
    if (*p == 0) {
        return "NUL character";
    }
    if (*p >= 0x80) {
        size_t len = *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;
        if (len > text.len - offset || !ad_str_is_utf8((struct ad_str){(const char *)p, len})) {
            return "text is not UTF-8";
        }
        *ret_len = len;
    }
    return yaml ? yaml_objection(p, *ret_len) : NULL;
}

enum artdag_err ad_tree_screen(struct ad_tree *tree, struct ad_str text, bool yaml)
{
    struct ad_pos start = {1, 1};
    if (text.len > tree->limits.max_bytes) {
        return ad_tree_fail(tree, ARTDAG_E_LIMIT, (struct ad_pos){0},
                            "document is larger than %zu bytes", tree->limits.max_bytes);
    }
    bool utf16 = ad_str_starts(text, "\xff\xfe") || ad_str_starts(text, "\xfe\xff");
    if (utf16 || ad_str_starts(text, "\xef\xbb\xbf")) {
        enum artdag_err code = ad_tree_fail(tree, ARTDAG_E_FORMAT, start,
                                            "document starts with a byte order mark");
        ad_error_hint(tree->err, "save it as UTF-8 without a byte order mark");
        return code;
    }
    size_t len = 0;
    for (size_t i = 0; i < text.len; i += len) {
        const char *why = objection(text, i, yaml, &len);
        if (why != NULL) {
            return ad_tree_fail(tree, ARTDAG_E_FORMAT, ad_tree_pos_of(text, i), "%s", why);
        }
    }
    return ARTDAG_OK;
}

struct ad_tree_frame *ad_tree_top(struct ad_tree *tree)
{
    return tree->frames.len > 0 ? &tree->frames.items[tree->frames.len - 1] : NULL;
}

static enum artdag_err count(struct ad_tree *tree, size_t values, unsigned height,
                             struct ad_pos pos)
{
    if (values > tree->limits.max_values - tree->values) {
        return ad_tree_fail(tree, ARTDAG_E_LIMIT, pos, "document has more than %zu values",
                            tree->limits.max_values);
    }
    if (tree->frames.len + height > tree->limits.max_depth) {
        return ad_tree_fail(tree, ARTDAG_E_LIMIT, pos,
                            "lists and maps are nested more than %u deep",
                            tree->limits.max_depth);
    }
    tree->values += values;
    return ARTDAG_OK;
}

enum artdag_err ad_tree_open(struct ad_tree *tree, enum ad_value_kind kind, struct ad_pos pos)
{
    struct ad_tree_frame frame = {
        .kind = kind, .pos = pos, .first = tree->items.len, .values_before = tree->values};
    enum artdag_err code = count(tree, 1, 1, pos);
    if (code != ARTDAG_OK) {
        return code;
    }
    return ad_vec_push(&tree->frames, frame) ? ARTDAG_OK : ad_tree_nomem(tree);
}

enum artdag_err ad_tree_key(struct ad_tree *tree, struct ad_str key, bool merge,
                            struct ad_pos pos)
{
    struct ad_tree_frame *top = &tree->frames.items[tree->frames.len - 1];
    top->has_key = true;
    top->merge_key = merge;
    top->key = key;
    top->key_pos = pos;
    return ARTDAG_OK;
}

enum artdag_err ad_tree_scalar(struct ad_tree *tree, enum ad_value_kind kind, struct ad_pos pos,
                               struct ad_value **ret)
{
    enum artdag_err code = count(tree, 1, 0, pos);
    if (code != ARTDAG_OK) {
        return code;
    }
    struct ad_value *value = ad_arena_alloc(tree->arena, sizeof(*value));
    if (value == NULL) {
        return ad_tree_nomem(tree);
    }
    value->kind = kind;
    value->line = pos.line;
    value->column = pos.column;
    *ret = value;
    return ARTDAG_OK;
}

enum artdag_err ad_tree_reuse(struct ad_tree *tree, struct ad_tree_part part, struct ad_pos pos)
{
    return count(tree, part.values, part.height, pos);
}

enum artdag_err ad_tree_attach(struct ad_tree *tree, struct ad_tree_part part)
{
    struct ad_tree_frame *top = ad_tree_top(tree);
    if (top == NULL) {
        tree->root = part.value;
        return ARTDAG_OK;
    }
    struct ad_tree_item item = {.member = {.value = part.value}};
    if (top->kind == AD_VALUE_MAP) {
        item.member.key = top->key;
        item.member.line = top->key_pos.line;
        item.member.column = top->key_pos.column;
        item.merge = top->merge_key;
        top->has_key = false;
    }
    if (part.height > top->height) {
        top->height = part.height;
    }
    return ad_vec_push(&tree->items, item) ? ARTDAG_OK : ad_tree_nomem(tree);
}

static enum artdag_err double_key(struct ad_tree *tree, const struct ad_tree_item *items,
                                  size_t i, size_t first)
{
    const struct ad_member *m = &items[i].member;
    int shown = m->key.len < 80 ? (int)m->key.len : 80;
    enum artdag_err code = ad_tree_fail(
        tree, ARTDAG_E_FORMAT, (struct ad_pos){m->line, m->column},
        "key \"%.*s\" is there twice", shown, m->key.ptr != NULL ? m->key.ptr : "");
    ad_error_hint(tree->err, "the first is at line %u", (unsigned)items[first].member.line);
    return code;
}

static enum artdag_err check_keys(struct ad_tree *tree, const struct ad_tree_item *items,
                                  size_t n)
{
    enum artdag_err code = ARTDAG_OK;
    struct ad_map seen = {0};
    if (n <= SMALL_MAP) {
        for (size_t i = 1; i < n; i++) {
            for (size_t j = 0; j < i; j++) {
                if (ad_str_equal(items[i].member.key, items[j].member.key)) {
                    return double_key(tree, items, i, j);
                }
            }
        }
        return ARTDAG_OK;
    }
    for (size_t i = 0; i < n && code == ARTDAG_OK; i++) {
        bool added = false;
        union ad_map_value *first = ad_map_put(&seen, items[i].member.key, &added);
        if (first == NULL) {
            code = ad_tree_nomem(tree);
        } else if (!added) {
            code = double_key(tree, items, i, (size_t)first->num);
        } else {
            first->num = i;
        }
    }
    ad_map_fini(&seen);
    return code;
}

struct merge {
    struct ad_map seen; /* keys that are taken */
    AD_VEC(struct ad_member) members;
};

/* Takes over what is not there yet: a map's own keys win over merged ones, earlier merges over
 * later. */
static bool take_over(struct merge *merge, const struct ad_value *map)
{
    for (size_t i = 0; i < map->map.len; i++) {
        bool added = false;
        if (ad_map_put(&merge->seen, map->map.items[i].key, &added) == NULL ||
            (added && !ad_vec_push(&merge->members, map->map.items[i]))) {
            return false;
        }
    }
    return true;
}

static enum artdag_err merge_from(struct ad_tree *tree, struct merge *merge,
                                  const struct ad_member *from)
{
    const struct ad_value *v = from->value;
    const struct ad_value *const *maps = v->kind == AD_VALUE_LIST ? v->list.items : &v;
    size_t len = v->kind == AD_VALUE_LIST ? v->list.len : 1;
    for (size_t i = 0; i < len; i++) {
        if (maps[i]->kind != AD_VALUE_MAP) {
            return ad_tree_fail(tree, ARTDAG_E_FORMAT,
                                (struct ad_pos){from->line, from->column},
                                "the merge key << needs a map or a list of maps");
        }
        if (!take_over(merge, maps[i])) {
            return ad_tree_nomem(tree);
        }
    }
    return ARTDAG_OK;
}

/* The members of a map that has merge keys: its own, and at the place of each << what that
 * brings. */
static enum artdag_err freeze_merged(struct ad_tree *tree, const struct ad_tree_item *items,
                                     size_t n, struct ad_value *value)
{
    enum artdag_err code = ARTDAG_OK;
    struct merge merge = {0};
    for (size_t i = 0; i < n && code == ARTDAG_OK; i++) {
        if (!items[i].merge && ad_map_put(&merge.seen, items[i].member.key, NULL) == NULL) {
            code = ad_tree_nomem(tree);
        }
    }
    for (size_t i = 0; i < n && code == ARTDAG_OK; i++) {
        if (items[i].merge) {
            code = merge_from(tree, &merge, &items[i].member);
        } else if (!ad_vec_push(&merge.members, items[i].member)) {
            code = ad_tree_nomem(tree);
        }
    }
    if (code == ARTDAG_OK) {
        value->map.len = merge.members.len;
        value->map.items = ad_arena_dup(tree->arena, merge.members.items,
                                        merge.members.len * sizeof(struct ad_member));
        code = value->map.items != NULL ? ARTDAG_OK : ad_tree_nomem(tree);
    }
    ad_map_fini(&merge.seen);
    ad_vec_fini(&merge.members);
    return code;
}

static enum artdag_err freeze_map(struct ad_tree *tree, const struct ad_tree_item *items,
                                  size_t n, struct ad_value *value)
{
    enum artdag_err code = check_keys(tree, items, n);
    if (code != ARTDAG_OK) {
        return code;
    }
    struct ad_member *members = ad_arena_array(tree->arena, n, sizeof(*members));
    if (members == NULL) {
        return ad_tree_nomem(tree);
    }
    bool merges = false;
    for (size_t i = 0; i < n; i++) {
        members[i] = items[i].member;
        merges = merges || items[i].merge;
    }
    value->map.items = members;
    value->map.len = n;
    return merges ? freeze_merged(tree, items, n, value) : ARTDAG_OK;
}

static enum artdag_err freeze_list(struct ad_tree *tree, const struct ad_tree_item *items,
                                   size_t n, struct ad_value *value)
{
    const struct ad_value **list = ad_arena_array(tree->arena, n, sizeof(*list));
    if (list == NULL) {
        return ad_tree_nomem(tree);
    }
    for (size_t i = 0; i < n; i++) {
        list[i] = items[i].member.value;
    }
    value->list.items = list;
    value->list.len = n;
    return ARTDAG_OK;
}

enum artdag_err ad_tree_close(struct ad_tree *tree, struct ad_tree_part *ret_part)
{
    struct ad_tree_frame frame = tree->frames.items[tree->frames.len - 1];
    size_t n = tree->items.len - frame.first;
    const struct ad_tree_item *items = n > 0 ? tree->items.items + frame.first : NULL;
    struct ad_value *value = ad_arena_alloc(tree->arena, sizeof(*value));
    if (value == NULL) {
        return ad_tree_nomem(tree);
    }
    value->kind = frame.kind;
    value->line = frame.pos.line;
    value->column = frame.pos.column;
    enum artdag_err code = frame.kind == AD_VALUE_MAP ? freeze_map(tree, items, n, value)
                                                      : freeze_list(tree, items, n, value);
    if (code != ARTDAG_OK) {
        return code;
    }
    tree->items.len = frame.first;
    tree->frames.len--;
    struct ad_tree_part part = {value, tree->values - frame.values_before, frame.height + 1};
    if (ret_part != NULL) {
        *ret_part = part;
    }
    return ad_tree_attach(tree, part);
}

bool ad_number_from_integer(struct ad_str digits, struct ad_value *value)
{
    int64_t integer = 0;
    if (ad_str_to_i64(digits, &integer)) {
        value->kind = AD_VALUE_INT;
        value->integer = integer;
        return true;
    }
    double number = 0;
    char text[32];
    if (!ad_str_to_double(digits, &number)) {
        return false;
    }
    size_t len = ad_double_format(number, text);
    if (!ad_str_equal(digits, (struct ad_str){text, len})) {
        return false;
    }
    value->kind = AD_VALUE_DOUBLE;
    value->number = number;
    return true;
}
