/* SPDX-License-Identifier: MIT
 *
 * One walker over a config and its field table, in three moods: what a recipe may say before its format is known
 * (check), the normalised form that is hashed (normalise), and a normalised form that comes back in a plan (final).
 */
#include <stdio.h>
#include <string.h>

#include "ops/op.h"
#include "ops/rate.h"

enum mood {
    CHECK,
    NORMALISE,
    FINAL
};

struct walk {
    enum mood mood;
    struct ad_arena *arena;         /* NORMALISE */
    const struct ad_format *format; /* NORMALISE */
    const char *file;
    artdag_error *err;
    /* A default has no place of its own: errors about it point at the config that does not give it. */
    bool is_default;
    uint32_t line, column;
};

static enum artdag_err at(const struct walk *w, uint32_t line, uint32_t column)
{
    if (line || w->file)
        ad_error_at(w->err, w->file, (int)line, (int)column);
    return ARTDAG_E_FORMAT;
}

static const char *type_name(enum ad_field_type type)
{
    static const char *const type_names[] = {
        [AD_FIELD_BOOL] = "true or false", [AD_FIELD_INT] = "an integer",
        [AD_FIELD_NUMBER] = "a number",    [AD_FIELD_STRING] = "a string",
        [AD_FIELD_ENUM] = "a name",        [AD_FIELD_TIME] = "a time",
        [AD_FIELD_COLOR] = "a colour",     [AD_FIELD_MAP] = "a map",
        [AD_FIELD_ANY] = "a value",        [AD_FIELD_BITRATE] = "a bit rate",
        [AD_FIELD_LIST] = "a list",        [AD_FIELD_RATIO] = "a number or a ratio",
    };
    return type_names[type];
}

static enum artdag_err wrong_type(const struct walk *w, const struct ad_field *f,
                                  const struct ad_value *v)
{
    (void)ad_error_set(w->err, ARTDAG_E_FORMAT, "ops", "%s must be %s, not a %s", f->name,
                       type_name(f->type), ad_value_kind_name(v->kind));
    return at(w, v->line, v->column);
}

/* ---- Names ---- */

static bool is_param_name(struct ad_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool later = i > 0 && ((c >= '0' && c <= '9') || c == '-');
        if (!letter && !later)
            return false;
    }
    return name.len > 0;
}

bool ad_value_is_param(const struct ad_value *value, struct ad_str *ret_name)
{
    if (!value || value->kind != AD_VALUE_STRING || value->string.len < 2 ||
        value->string.ptr[0] != '$')
        return false;
    struct ad_str name = ad_str_slice(value->string, 1, value->string.len);
    if (name.ptr[0] == '{') {
        if (name.ptr[name.len - 1] != '}')
            return false;
        name = ad_str_slice(name, 1, name.len - 1);
    }
    if (!is_param_name(name))
        return false;
    if (ret_name)
        *ret_name = name;
    return true;
}

bool ad_value_is_reference(const struct ad_value *value)
{
    if (!value || value->kind != AD_VALUE_STRING)
        return false;
    struct ad_str s = value->string;
    bool braces = s.len > 3 && memcmp(s.ptr, "${", 2) == 0 && s.ptr[s.len - 1] == '}';
    return braces || ad_value_is_param(value, NULL);
}

static const struct ad_field *find_field(const struct walk *w, const struct ad_field *fields,
                                         struct ad_str key)
{
    for (const struct ad_field *f = fields; f->name; f++) {
        if (w->mood == FINAL ? f->cosmetic : f->internal)
            continue;
        if (ad_str_is(key, f->name) ||
            (f->alias && w->mood != FINAL && ad_str_is(key, f->alias)))
            return f;
    }
    return NULL;
}

#define HINT_LIST 120

/* "a, b, c" or, when there are more than fit, "a, b, ...". */
static void list_names(const char *const *names, char list[HINT_LIST])
{
    size_t used = 0;
    list[0] = '\0';
    for (size_t i = 0; names[i]; i++) {
        bool fits = used + strlen(names[i]) + sizeof(", , ...") <= HINT_LIST;
        int n = snprintf(list + used, HINT_LIST - used, "%s%s", i ? ", " : "",
                         fits ? names[i] : "...");
        used += n > 0 ? (size_t)n : 0;
        if (!fits)
            return;
    }
}

static enum artdag_err unknown_key(const struct walk *w, const struct ad_field *fields,
                                   const struct ad_member *m)
{
    const char *known[2 * AD_FIELDS_MAX + 1] = {NULL};
    size_t count = 0;
    for (const struct ad_field *f = fields; f->name && count + 2 < 2 * AD_FIELDS_MAX; f++) {
        if (!f->internal)
            known[count++] = f->name;
        if (f->alias)
            known[count++] = f->alias;
    }
    (void)ad_error_set(w->err, ARTDAG_E_FORMAT, "ops", "unknown key \"%.*s\"",
                       (int)(m->key.len > 60 ? 60 : m->key.len), m->key.ptr);
    const char *near = ad_str_nearest(m->key, known);
    if (near) {
        ad_error_hint(w->err, "did you mean \"%s\"?", near);
    } else if (count) {
        char list[HINT_LIST];
        list_names(known, list);
        ad_error_hint(w->err, "it knows %s", list);
    } else {
        ad_error_hint(w->err, "it takes no keys");
    }
    return at(w, m->line, m->column);
}

/* ---- Values ---- */

static enum artdag_err check_range(const struct walk *w, const struct ad_field *f,
                                   const struct ad_value *v, double n)
{
    bool bounded = f->min != 0 || f->max != 0;
    if (!bounded || (n >= f->min && n <= f->max))
        return ARTDAG_OK;
    char low[32];
    char high[32];
    char is[32];
    (void)ad_double_format(f->min, low);
    (void)ad_double_format(f->max, high);
    (void)ad_double_format(n, is);
    (void)ad_error_set(w->err, ARTDAG_E_FORMAT, "ops", "%s cannot be %s", f->name, is);
    ad_error_hint(w->err, "from %s to %s%s%s", low, high, f->unit && *f->unit ? " " : "",
                  f->unit ? f->unit : "");
    return at(w, v->line, v->column);
}

static enum artdag_err keep(const struct walk *w, const struct ad_value *v,
                            const struct ad_value **ret)
{
    if (!v)
        return ad_error_nomem(w->err, "ops");
    *ret = v;
    return ARTDAG_OK;
}

static struct ad_value place_of(const struct walk *w, const struct ad_value *v)
{
    struct ad_value place = {.line = v ? v->line : 0, .column = v ? v->column : 0};
    if (w->is_default) {
        place.line = w->line;
        place.column = w->column;
    }
    return place;
}

/* Values made here carry the position of what they were made from, for errors that come later. */
static enum artdag_err made(const struct walk *w, struct ad_value *v,
                            const struct ad_value *from, const struct ad_value **ret)
{
    struct ad_value place = place_of(w, from);
    if (v) {
        v->line = place.line;
        v->column = place.column;
    }
    return keep(w, v, ret);
}

static enum artdag_err walk_number(const struct walk *w, const struct ad_field *f,
                                   const struct ad_value *v, const struct ad_value **ret)
{
    bool integer = v->kind == AD_VALUE_INT;
    if (!integer && (v->kind != AD_VALUE_DOUBLE || f->type == AD_FIELD_INT))
        return wrong_type(w, f, v);
    double n = integer ? (double)v->integer : v->number;
    enum artdag_err rc = check_range(w, f, v, n);
    if (rc || w->mood != NORMALISE)
        return rc;
    return made(w,
                f->type == AD_FIELD_INT ? ad_value_new_int(w->arena, v->integer)
                                        : ad_value_new_double(w->arena, n == 0 ? 0 : n),
                v, ret);
}

static enum artdag_err walk_enum(const struct walk *w, const struct ad_field *f,
                                 const struct ad_value *v, const struct ad_value **ret)
{
    if (v->kind != AD_VALUE_STRING)
        return wrong_type(w, f, v);
    for (const char *const *name = f->values; *name; name++) {
        if (ad_str_is(v->string, *name))
            return w->mood == NORMALISE ? made(w, ad_value_new_str(w->arena, v->string), v, ret)
                                        : ARTDAG_OK;
    }
    (void)ad_error_set(w->err, ARTDAG_E_FORMAT, "ops", "%s cannot be \"%.*s\"", f->name,
                       (int)(v->string.len > 60 ? 60 : v->string.len), v->string.ptr);
    const char *near = ad_str_nearest(v->string, f->values);
    if (near) {
        ad_error_hint(w->err, "did you mean \"%s\"?", near);
    } else {
        char list[HINT_LIST];
        list_names(f->values, list);
        ad_error_hint(w->err, "one of %s", list);
    }
    return at(w, v->line, v->column);
}

static enum artdag_err walk_bool(const struct walk *w, const struct ad_field *f,
                                 const struct ad_value *v, const struct ad_value **ret)
{
    if (v->kind != AD_VALUE_BOOL)
        return wrong_type(w, f, v);
    if (f->values && strcmp(f->values[0], v->boolean ? "true" : "false") != 0) {
        (void)ad_error_set(w->err, ARTDAG_E_FORMAT, "ops", "%s can only be %s", f->name,
                           f->values[0]);
        ad_error_hint(w->err, "%s", f->doc);
        return at(w, v->line, v->column);
    }
    return w->mood == NORMALISE ? made(w, ad_value_new_bool(w->arena, v->boolean), v, ret)
                                : ARTDAG_OK;
}

static enum artdag_err check_final_time(const struct walk *w, const struct ad_field *f,
                                        const struct ad_value *v)
{
    if (v->kind == AD_VALUE_INT && v->integer >= 0 && v->integer <= AD_FRAMES_MAX)
        return ARTDAG_OK;
    return wrong_type(w, f, v);
}

static enum artdag_err walk_time(const struct walk *w, const struct ad_field *f,
                                 const struct ad_value *v, const struct ad_value **ret)
{
    int64_t frames = 0;
    if (w->mood == FINAL)
        return check_final_time(w, f, v);
    enum artdag_err rc = w->mood == CHECK
                             ? ad_time_check(v, w->file, w->err)
                             : ad_time_to_frames(v, w->format, w->file, &frames, w->err);
    if (rc)
        return ad_error_prefix(w->err, rc, "%s", f->name);
    if (w->mood == CHECK)
        return ARTDAG_OK;
    rc = check_range(w, f, v,
                     (double)frames * (double)w->format->fps_den / (double)w->format->fps_num);
    return rc ? rc : made(w, ad_value_new_int(w->arena, frames), v, ret);
}

static enum artdag_err walk_color(const struct walk *w, const struct ad_field *f,
                                  const struct ad_value *v, const struct ad_value **ret)
{
    char canonical[10] = "";
    if (v->kind != AD_VALUE_STRING)
        return wrong_type(w, f, v);
    if (ad_color_parse(v->string, canonical)) {
        if (w->mood == FINAL && !ad_str_is(v->string, canonical))
            return wrong_type(w, f, v);
        return w->mood == NORMALISE
                   ? made(w, ad_value_new_str(w->arena, ad_str_from(canonical)), v, ret)
                   : ARTDAG_OK;
    }
    (void)ad_error_set(w->err, ARTDAG_E_FORMAT, "ops", "%s: \"%.*s\" is no colour", f->name,
                       (int)(v->string.len > 60 ? 60 : v->string.len), v->string.ptr);
    const char *near = ad_str_nearest(v->string, ad_color_names());
    if (near)
        ad_error_hint(w->err, "did you mean \"%s\"?", near);
    else
        ad_error_hint(w->err, "a CSS name, \"#rrggbb\" or \"#rrggbbaa\" in quotes");
    return at(w, v->line, v->column);
}

/* "192k", "1.5M", "192000". */
static bool read_bitrate(struct ad_str s, int64_t *ret)
{
    double scale = 1;
    double n = 0;
    if (s.len && (s.ptr[s.len - 1] == 'k' || s.ptr[s.len - 1] == 'M')) {
        scale = s.ptr[s.len - 1] == 'k' ? 1e3 : 1e6;
        s.len--;
    }
    if (!ad_str_to_double(s, &n) || n <= 0 || n * scale > 1e12)
        return false;
    *ret = (int64_t)(n * scale + 0.5);
    return true;
}

static enum artdag_err walk_bitrate(const struct walk *w, const struct ad_field *f,
                                    const struct ad_value *v, const struct ad_value **ret)
{
    int64_t rate = 0;
    if (v->kind == AD_VALUE_INT)
        rate = v->integer;
    else if (v->kind != AD_VALUE_STRING || w->mood == FINAL || !read_bitrate(v->string, &rate))
        return wrong_type(w, f, v);
    enum artdag_err rc = check_range(w, f, v, (double)rate);
    if (rc || w->mood != NORMALISE)
        return rc;
    return made(w, ad_value_new_int(w->arena, rate), v, ret);
}

/* ---- Keyframes ---- */

static const char *const eases[] = {"linear", "ease", "hold", NULL};

/* One keyframe as it is written; value and ease are those of the field that it belongs to. */
static const struct ad_field keyframe[] = {
    {.name = "at", .type = AD_FIELD_TIME, .required = true},
    {.name = "value", .type = AD_FIELD_NUMBER, .required = true},
    {.name = "ease", .type = AD_FIELD_ENUM, .fallback = "\"linear\"", .values = eases},
    {NULL},
};

static bool is_keyframes(const struct ad_field *f, const struct ad_value *v)
{
    return f->animated && v->kind == AD_VALUE_MAP;
}

static enum artdag_err bad_curve(const struct walk *w, const struct ad_field *f,
                                 const struct ad_value *v, const char *why)
{
    (void)ad_error_set(w->err, ARTDAG_E_FORMAT, "ops", "%s: %s", f->name, why);
    return at(w, v->line, v->column);
}

/* [frame, value, ease] of a normalised curve. */
static enum artdag_err check_final_key(const struct walk *w, const struct ad_field *f,
                                       const struct ad_value *key, int64_t *last)
{
    static const struct ad_field ease = {
        .name = "ease", .type = AD_FIELD_ENUM, .values = eases};
    struct ad_field number = *f;
    number.animated = false;
    if (key->kind != AD_VALUE_LIST || key->list.len != 3)
        return bad_curve(w, f, key, "a key is [frame, value, ease]");
    const struct ad_value *frame = key->list.items[0];
    if (frame->kind != AD_VALUE_INT || frame->integer < -AD_FRAMES_MAX ||
        frame->integer > AD_FRAMES_MAX || frame->integer <= *last)
        return bad_curve(w, f, key, "frames of keys ascend");
    *last = frame->integer;
    enum artdag_err rc = walk_number(w, &number, key->list.items[1], NULL);
    return rc ? rc : walk_enum(w, &ease, key->list.items[2], NULL);
}

static enum artdag_err check_final_curve(const struct walk *w, const struct ad_field *f,
                                         const struct ad_value *v)
{
    const struct ad_value *keys = ad_value_get(v, "curve");
    int64_t last = INT64_MIN;
    enum artdag_err rc = ARTDAG_OK;
    if (v->map.len != 1 || !keys || keys->kind != AD_VALUE_LIST || keys->list.len < 2 ||
        keys->list.len > AD_CURVE_KEYS_MAX)
        return bad_curve(w, f, v, "a curve has two keys or more");
    for (size_t i = 0; !rc && i < keys->list.len; i++)
        rc = check_final_key(w, f, keys->list.items[i], &last);
    return rc;
}

/* The list under `keyframes`, with everything checked that can be without looking into it. */
static enum artdag_err keyframe_list(const struct walk *w, const struct ad_field *f,
                                     const struct ad_value *v, const struct ad_value **ret)
{
    const struct ad_value *list = ad_value_get(v, "keyframes");
    enum artdag_err rc = ARTDAG_OK;
    if (v->map.len != 1 || !list) {
        rc = bad_curve(w, f, v, "a number, or keyframes: [...]");
        ad_error_hint(w->err,
                      "{keyframes: [{at: 0, value: 0}, {at: 2, value: 1, ease: hold}]}");
    } else if (list->kind != AD_VALUE_LIST || !list->list.len) {
        rc = bad_curve(w, f, list, "keyframes is a list of {at, value, ease}");
    } else if (list->list.len > AD_CURVE_KEYS_MAX) {
        rc = bad_curve(w, f, list, "more keyframes than are allowed");
        ad_error_hint(w->err, "at most %d", AD_CURVE_KEYS_MAX);
    }
    if (!rc)
        *ret = list;
    return rc;
}

/* Maps and lists nest as deep as the field tables do. */
/* Normalised to "p/q" in lowest terms. */
static enum artdag_err walk_ratio(const struct walk *w, const struct ad_field *f,
                                  const struct ad_value *v, const struct ad_value **ret)
{
    char number[32];
    struct ad_str text = v->string;
    struct ad_rate rate;
    bool numeric = v->kind == AD_VALUE_INT || v->kind == AD_VALUE_DOUBLE;
    if (numeric ? w->mood == FINAL : v->kind != AD_VALUE_STRING)
        return wrong_type(w, f, v);
    if (numeric) {
        double n = v->kind == AD_VALUE_INT ? (double)v->integer : v->number;
        enum artdag_err rc = check_range(w, f, v, n);
        if (rc)
            return rc;
        text = (struct ad_str){number, ad_double_format(n, number)};
    }
    if (!ad_rate_parse(text, &rate)) {
        (void)ad_error_set(w->err, ARTDAG_E_FORMAT, "ops", "%s cannot be \"%.*s\"", f->name,
                           (int)(text.len > 60 ? 60 : text.len), text.ptr);
        ad_error_hint(w->err, "a number or a ratio like 25/24, from 1/20 to 100");
        return at(w, v->line, v->column);
    }
    char canonical[48];
    int len = snprintf(canonical, sizeof(canonical), "%lld/%lld", (long long)rate.p,
                       (long long)rate.q);
    struct ad_str norm = {canonical, (size_t)len};
    if (w->mood == FINAL)
        return ad_str_is(text, canonical) ? ARTDAG_OK : wrong_type(w, f, v);
    return w->mood == NORMALISE ? made(w, ad_value_new_str(w->arena, norm), v, ret) : ARTDAG_OK;
}

/* Maps nest as deep as the field tables do, which is two. */
/* NOLINTBEGIN(misc-no-recursion) */
static enum artdag_err walk_map(const struct walk *w, const struct ad_field *fields,
                                const struct ad_value *config, const struct ad_value **ret);

/* One {at, value, ease}; ret (NORMALISE) is [frame, value, ease]. */
static enum artdag_err walk_keyframe(const struct walk *w, const struct ad_field *f,
                                     const struct ad_value *k, int64_t *last,
                                     const struct ad_value **ret)
{
    struct ad_field fields[] = {keyframe[0], *f, keyframe[2], {NULL}};
    fields[1].name = "value";
    fields[1].alias = NULL;
    fields[1].required = true;
    fields[1].animated = false;
    const struct ad_value *map = NULL;
    if (k->kind != AD_VALUE_MAP)
        return bad_curve(w, f, k, "a keyframe is {at: TIME, value: NUMBER, ease: NAME}");
    enum artdag_err rc = walk_map(w, fields, k, &map);
    if (rc)
        return ad_error_prefix(w->err, rc, "%s", f->name);
    if (w->mood != NORMALISE)
        return ARTDAG_OK;
    int64_t frame = ad_conf_int(map, "at", 0);
    if (frame == *last)
        return bad_curve(w, f, k, "two keyframes fall on one frame");
    if (frame < *last)
        return bad_curve(w, f, k, "keyframes stand in the order of their times");
    *last = frame;
    struct ad_list_builder b;
    ad_list_begin(&b, w->arena);
    ad_list_add(&b, ad_value_get(map, "at"));
    ad_list_add(&b, ad_value_get(map, "value"));
    ad_list_add(&b, ad_value_get(map, "ease"));
    return made(w, ad_list_end(&b), k, ret);
}

static enum artdag_err walk_curve(const struct walk *w, const struct ad_field *f,
                                  const struct ad_value *v, const struct ad_value **ret)
{
    if (w->mood == FINAL)
        return check_final_curve(w, f, v);
    const struct ad_value *list = NULL;
    enum artdag_err rc = keyframe_list(w, f, v, &list);
    struct ad_list_builder keys;
    struct ad_map_builder map;
    int64_t last = -1;
    if (rc)
        return rc;
    if (w->mood == NORMALISE)
        ad_list_begin(&keys, w->arena);
    for (size_t i = 0; !rc && i < list->list.len; i++) {
        const struct ad_value *key = NULL;
        rc = walk_keyframe(w, f, list->list.items[i], &last, &key);
        if (w->mood == NORMALISE)
            ad_list_add(&keys, key);
    }
    if (w->mood != NORMALISE)
        return rc;
    struct ad_value *made_keys = ad_list_end(&keys);
    if (rc)
        return rc;
    ad_map_begin(&map, w->arena);
    ad_map_add(&map, "curve", made_keys);
    rc = made(w, ad_map_end(&map), v, ret);
    /* All frames there are: what is left out then matters nowhere. */
    return rc ? rc
              : keep(w, ad_curve_slice(w->arena, *ret, (struct ad_span){0, AD_FRAMES_MAX}),
                     ret);
}

static enum artdag_err walk_value(const struct walk *w, const struct ad_field *f,
                                  const struct ad_value *v, const struct ad_value **ret);

static enum artdag_err walk_list(const struct walk *w, const struct ad_field *f,
                                 const struct ad_value *v, const struct ad_value **ret)
{
    if (v->kind != AD_VALUE_LIST)
        return wrong_type(w, f, v);
    if ((double)v->list.len < f->min || (f->max != 0 && (double)v->list.len > f->max)) {
        (void)ad_error_set(w->err, ARTDAG_E_FORMAT, "ops", "%s cannot have %zu elements",
                           f->name, v->list.len);
        ad_error_hint(w->err, "from %d to %d", (int)f->min, (int)f->max);
        return at(w, v->line, v->column);
    }
    struct ad_list_builder b;
    enum artdag_err rc = ARTDAG_OK;
    if (w->mood == NORMALISE)
        ad_list_begin(&b, w->arena);
    for (size_t i = 0; !rc && i < v->list.len; i++) {
        const struct ad_value *item = NULL;
        rc = walk_value(w, f->item, v->list.items[i], &item);
        if (w->mood == NORMALISE)
            ad_list_add(&b, item);
    }
    if (w->mood != NORMALISE)
        return rc;
    struct ad_value *list = ad_list_end(&b);
    return rc ? rc : made(w, list, v, ret);
}

static enum artdag_err walk_value(const struct walk *w, const struct ad_field *f,
                                  const struct ad_value *v, const struct ad_value **ret)
{
    if (w->mood == CHECK && f->type != AD_FIELD_MAP && f->type != AD_FIELD_LIST &&
        ad_value_is_reference(v))
        return ARTDAG_OK;
    if (w->mood == CHECK && ad_field_may_follow(f) && ad_value_bind(v))
        return walk_map(w, ad_bind_fields, ad_value_bind(v), NULL);
    switch (f->type) {
    case AD_FIELD_BOOL:
        return walk_bool(w, f, v, ret);
    case AD_FIELD_STRING:
        if (v->kind != AD_VALUE_STRING)
            return wrong_type(w, f, v);
        return w->mood == NORMALISE ? made(w, ad_value_new_str(w->arena, v->string), v, ret)
                                    : ARTDAG_OK;
    case AD_FIELD_INT:
    case AD_FIELD_NUMBER:
        return is_keyframes(f, v) ? walk_curve(w, f, v, ret) : walk_number(w, f, v, ret);
    case AD_FIELD_ENUM:
        return walk_enum(w, f, v, ret);
    case AD_FIELD_TIME:
        return walk_time(w, f, v, ret);
    case AD_FIELD_COLOR:
        return walk_color(w, f, v, ret);
    case AD_FIELD_BITRATE:
        return walk_bitrate(w, f, v, ret);
    case AD_FIELD_RATIO:
        return walk_ratio(w, f, v, ret);
    case AD_FIELD_MAP:
        if (v->kind != AD_VALUE_MAP)
            return wrong_type(w, f, v);
        return walk_map(w, f->fields, v, ret);
    case AD_FIELD_LIST:
        return walk_list(w, f, v, ret);
    case AD_FIELD_ANY:
        if (ret)
            *ret = v;
        return ARTDAG_OK;
    }
    return ad_error_set(w->err, ARTDAG_E_INTERNAL, "ops", "field %s has no type", f->name);
}

/* ---- Maps ---- */

/* Every key is known, and none comes twice (an alias counts as its field). given[k] = the member for fields[k]. */
static enum artdag_err match_keys(const struct walk *w, const struct ad_field *fields,
                                  const struct ad_value *config,
                                  const struct ad_member *given[AD_FIELDS_MAX])
{
    for (size_t i = 0; config && i < config->map.len; i++) {
        const struct ad_member *m = &config->map.items[i];
        const struct ad_field *f = find_field(w, fields, m->key);
        if (!f)
            return unknown_key(w, fields, m);
        const struct ad_member **slot = &given[f - fields];
        if (*slot) {
            (void)ad_error_set(w->err, ARTDAG_E_FORMAT, "ops",
                               "%.*s and %.*s say the same thing", AD_STR_ARG((*slot)->key),
                               AD_STR_ARG(m->key));
            return at(w, m->line, m->column);
        }
        *slot = m;
    }
    return ARTDAG_OK;
}

static enum artdag_err default_value(const struct walk *w, const struct ad_field *f,
                                     const struct ad_value *config, const struct ad_value **ret)
{
    const struct ad_value *fallback = NULL;
    struct ad_value place = place_of(w, config);
    struct walk inner = *w;
    inner.is_default = true;
    inner.line = place.line;
    inner.column = place.column;
    enum artdag_err rc =
        ad_json_parse(w->arena, ad_str_from(f->fallback), NULL, NULL, &fallback, w->err);
    return rc ? rc : walk_value(&inner, f, fallback, ret);
}

static enum artdag_err walk_field(const struct walk *w, const struct ad_field *f,
                                  const struct ad_member *m, const struct ad_value *config,
                                  const struct ad_value **ret)
{
    if (m)
        return walk_value(w, f, m->value, ret);
    if (w->mood != FINAL && f->required) {
        (void)ad_error_set(w->err, ARTDAG_E_FORMAT, "ops", "the key \"%s\" is missing",
                           f->name);
        return at(w, config ? config->line : 0, config ? config->column : 0);
    }
    return w->mood == NORMALISE && f->fallback && !f->cosmetic
               ? default_value(w, f, config, ret)
               : ARTDAG_OK;
}

static enum artdag_err walk_map(const struct walk *w, const struct ad_field *fields,
                                const struct ad_value *config, const struct ad_value **ret)
{
    const struct ad_member *given[AD_FIELDS_MAX] = {NULL};
    struct ad_conf_set values[AD_FIELDS_MAX];
    size_t count = 0;
    enum artdag_err rc = match_keys(w, fields, config, given);
    for (const struct ad_field *f = fields; !rc && f->name; f++) {
        const struct ad_value *value = NULL;
        rc = walk_field(w, f, given[f - fields], config, &value);
        if (!rc && value && !f->cosmetic)
            values[count++] = (struct ad_conf_set){f->name, value};
    }
    if (rc || w->mood != NORMALISE)
        return rc;
    struct ad_value place = place_of(w, config);
    return keep(w, ad_conf_new(w->arena, &place, values, count), ret);
}
/* NOLINTEND(misc-no-recursion) */

static enum artdag_err walk_root(const struct walk *w, const struct ad_field *fields,
                                 const struct ad_value *config, const struct ad_value **ret)
{
    if (config && config->kind == AD_VALUE_NULL)
        config = NULL; /* "config:" with nothing behind it */
    if (config && config->kind != AD_VALUE_MAP) {
        (void)ad_error_set(w->err, ARTDAG_E_FORMAT, "ops", "config must be a map, not a %s",
                           ad_value_kind_name(config->kind));
        return at(w, config->line, config->column);
    }
    return walk_map(w, fields, config, ret);
}

enum artdag_err ad_config_normalise(struct ad_arena *arena, const struct ad_field *fields,
                                    const struct ad_value *config,
                                    const struct ad_format *format, const char *file,
                                    const struct ad_value **ret, artdag_error *err)
{
    struct walk w = {
        .mood = NORMALISE, .arena = arena, .format = format, .file = file, .err = err};
    return walk_root(&w, fields, config, ret);
}

enum artdag_err ad_config_check(const struct ad_field *fields, const struct ad_value *config,
                                const char *file, artdag_error *err)
{
    struct walk w = {.mood = CHECK, .file = file, .err = err};
    return walk_root(&w, fields, config, NULL);
}

enum artdag_err ad_config_check_final(const struct ad_field *fields,
                                      const struct ad_value *config, const char *file,
                                      artdag_error *err)
{
    struct walk w = {.mood = FINAL, .file = file, .err = err};
    return walk_root(&w, fields, config, NULL);
}
