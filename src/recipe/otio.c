/* SPDX-License-Identifier: MIT
 *
 * An OpenTimelineIO timeline (https://opentimelineio.readthedocs.io, the JSON that its own library writes) as a recipe:
 * clips are SEGMENTs, tracks SEQUENCEs, transitions their joints, upper tracks inputs of a LAYER, sound a MUX. What has no
 * counterpart is left out with a comment that says so, or refused where the film would be another.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "recipe/expression.h"

#define ROOM "recipe"
#define TEXT_MAX ((size_t)64 << 20)
#define DEPTH_MAX 32U

struct otio {
    struct ad_arena *arena;
    const char *file;
    struct ad_buf notes, assets, sources, nodes; /* the recipe's parts, in order */
    struct ad_map urls;                          /* media -> id of its SOURCE */
    struct ad_map ids;                           /* taken */
    struct ad_number fps;                        /* of the timeline; num 0 = not known yet */
    unsigned depth;
    artdag_error *err;
};

/* A clip or gap of a track on its way to be a node. */
struct item {
    const char *id;          /* NULL = a gap of an upper track */
    struct ad_number length; /* seconds on the timeline, with what transitions add */
    struct ad_number joint;  /* seconds of the transition to the next one; num 0 = cut */
};
typedef AD_VEC(struct item) item_list;

static enum artdag_err fail(struct otio *o, const struct ad_value *at, enum artdag_err code,
                            const char *fmt, ...) AD_PRINTF(4, 5);
static enum artdag_err fail(struct otio *o, const struct ad_value *at, enum artdag_err code,
                            const char *fmt, ...)
{
    char text[200];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    (void)ad_error_set(o->err, code, ROOM, "%s", text);
    ad_error_at(o->err, o->file, (int)at->line, (int)at->column);
    return code;
}

/* ---- reading ---- */

/* "Clip" for "Clip.2": the versions differ in what they add. */
static bool is_a(const struct ad_value *value, const char *name)
{
    const struct ad_value *schema = ad_value_get(value, "OTIO_SCHEMA");
    size_t len = strlen(name);
    return schema && schema->kind == AD_VALUE_STRING && schema->string.len > len &&
           memcmp(schema->string.ptr, name, len) == 0 && schema->string.ptr[len] == '.';
}

static struct ad_str string_of(const struct ad_value *map, const char *key)
{
    const struct ad_value *value = ad_value_get(map, key);
    return value && value->kind == AD_VALUE_STRING ? value->string : AD_STR_LIT("");
}

static bool is_disabled(const struct ad_value *value)
{
    const struct ad_value *enabled = ad_value_get(value, "enabled");
    return enabled && enabled->kind == AD_VALUE_BOOL && !enabled->boolean;
}

static bool number_of(const struct ad_value *value, struct ad_number *ret)
{
    char text[32] = "";
    if (value && value->kind == AD_VALUE_INT)
        return ad_number_make(value->integer, 1, ret);
    return value && value->kind == AD_VALUE_DOUBLE &&
           ad_number_parse((struct ad_str){text, ad_double_format(value->number, text)}, ret);
}

/* 23.976023976023978 means 24000/1001. */
static bool rate_of(const struct ad_value *value, struct ad_number *ret)
{
    double rate = value && value->kind == AD_VALUE_DOUBLE ? value->number
                  : value && value->kind == AD_VALUE_INT  ? (double)value->integer
                                                          : 0;
    for (int64_t n = 12; n <= 120; n += 1) {
        double ntsc = (double)n * 1000 / 1001;
        if (rate > ntsc - 0.004 && rate < ntsc + 0.004)
            return ad_number_make(n * 1000, 1001, ret);
    }
    return number_of(value, ret) && ret->num > 0;
}

/* A RationalTime as exact seconds. */
static bool seconds_of(const struct ad_value *time, struct ad_number *ret)
{
    struct ad_number value = {0, 1}, rate = {0, 1};
    return number_of(ad_value_get(time, "value"), &value) &&
           rate_of(ad_value_get(time, "rate"), &rate) &&
           ad_number_make((__int128)value.num * rate.den, (__int128)value.den * rate.num, ret);
}

static bool add(struct ad_number a, struct ad_number b, int sign, struct ad_number *ret)
{
    return ad_number_make((__int128)a.num * b.den + (__int128)sign * b.num * a.den,
                          (__int128)a.den * b.den, ret);
}

/* The first rate of any clip is the timeline's. */
static void find_rate(struct otio *o, const struct ad_value *range)
{
    const struct ad_value *rate = ad_value_get(ad_value_get(range, "duration"), "rate");
    if (!o->fps.num && rate)
        (void)rate_of(rate, &o->fps);
}

/* ---- writing ---- */

/* "36f" where it is whole frames of the film, else a fraction of seconds. */
static const char *time_text(struct otio *o, struct ad_number t)
{
    struct ad_number frames = {0, 1};
    if (o->fps.num &&
        ad_number_make((__int128)t.num * o->fps.num, (__int128)t.den * o->fps.den, &frames) &&
        frames.den == 1)
        return ad_arena_printf(o->arena, "%lldf", (long long)frames.num);
    return ad_arena_printf(o->arena, "%lld/%llds", (long long)t.num, (long long)t.den);
}

/* What JSON writes as it is and YAML wants escaped: DEL, C1 controls, line ends of Unicode, marks of byte order. */
static const struct {
    const char *bytes;
    size_t len;
    unsigned code;
} odd[] = {
    {"\x7f", 1, 0x7f},           {"\xe2\x80\xa8", 3, 0x2028}, {"\xe2\x80\xa9", 3, 0x2029},
    {"\xef\xbb\xbf", 3, 0xfeff}, {"\xef\xbf\xbe", 3, 0xfffe}, {"\xef\xbf\xbf", 3, 0xffff},
};

/* The bytes that such a character takes, 0 = it is none of them. */
static size_t escaped(const char *s, size_t len, unsigned *ret)
{
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        if (len >= odd[i].len && memcmp(s, odd[i].bytes, odd[i].len) == 0) {
            *ret = odd[i].code;
            return odd[i].len;
        }
    if (len < 2 || (unsigned char)s[0] != 0xc2 || (unsigned char)s[1] >= 0xa0)
        return 0;
    *ret = (unsigned char)s[1];
    return 2;
}

static void put_quoted(struct otio *o, struct ad_buf *buf, struct ad_str s)
{
    struct ad_buf json = AD_BUF_INIT(TEXT_MAX);
    struct ad_value *value = ad_value_new_str(o->arena, s);
    if (value && ad_json_canonical(value, &json, NULL) != ARTDAG_OK) {
        ad_buf_clear(&json); /* a text that was cut within a character */
        (void)ad_buf_str(&json, "\"\"");
    }
    struct ad_str text = ad_buf_as_str(&json);
    for (size_t i = 0; i < text.len;) {
        unsigned code = 0;
        size_t len = escaped(text.ptr + i, text.len - i, &code);
        if (len)
            (void)ad_buf_printf(buf, "\\u%04x", code);
        else
            (void)ad_buf_byte(buf, (uint8_t)text.ptr[i]);
        i += len ? len : 1;
    }
    ad_buf_fini(&json);
}

/* One line of comment, whatever is in the text. */
static void note(struct otio *o, const char *what, struct ad_str about)
{
    (void)ad_buf_printf(&o->notes, "# %s ", what);
    put_quoted(o, &o->notes, ad_str_slice(about, 0, 200));
    (void)ad_buf_byte(&o->notes, '\n');
}

static char id_letter(char c)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || c == '-' ? c : '_';
}

/* A name that no other node has, near to what it is made from. */
static const char *new_id(struct otio *o, struct ad_str from, const char *otherwise)
{
    char text[64];
    size_t len = 0;
    for (; len < from.len && len < 40; len++)
        text[len] = id_letter(from.ptr[len]);
    if (!len)
        len = (size_t)snprintf(text, 40, "%s", otherwise);
    text[len] = '\0';
    for (unsigned n = 2;; n++) {
        bool added = false;
        if (!ad_map_put(&o->ids, ad_str_from(text), &added))
            return NULL;
        if (added)
            return ad_arena_strdup(o->arena, ad_str_from(text));
        (void)snprintf(text + len, sizeof(text) - len, "_%u", n);
    }
}

/* One node; config and inputs are YAML in flow style. */
static const char *put_node(struct otio *o, const char *id, const char *type,
                            const char *config, const char *inputs)
{
    if (!id || !config || !inputs)
        return NULL;
    (void)ad_buf_printf(&o->nodes, "    - {id: %s, type: %s", id, type);
    if (config[0])
        (void)ad_buf_printf(&o->nodes, ", config: {%s}", config);
    if (inputs[0])
        (void)ad_buf_printf(&o->nodes, ", inputs: [%s]", inputs);
    (void)ad_buf_str(&o->nodes, "}\n");
    return id;
}

/* ---- media ---- */

static const struct ad_value *media_of(const struct ad_value *clip)
{
    const struct ad_value *all = ad_value_get(clip, "media_references");
    struct ad_str key = string_of(clip, "active_media_reference_key");
    const struct ad_member *active =
        all ? ad_value_member(all, key.len ? key : AD_STR_LIT("DEFAULT_MEDIA")) : NULL;
    return active ? active->value : ad_value_get(clip, "media_reference");
}

/* The file's name without folder and extension. */
static struct ad_str base_name(struct ad_str url)
{
    size_t from = url.len, to = url.len;
    while (from > 0 && url.ptr[from - 1] != '/' && url.ptr[from - 1] != '\\')
        from--;
    while (to > from && url.ptr[to - 1] != '.')
        to--;
    return ad_str_slice(url, from, to > from + 1 ? to - 1 : url.len);
}

/* What has a CID is there for everybody; the rest is given when the recipe is run. */
static void put_source_node(struct otio *o, const char *id, struct ad_str url)
{
    bool asset = ad_str_starts(url, "ipfs://");
    (void)ad_buf_printf(&o->sources, "    - {id: %s, type: SOURCE, config: {%s", id,
                        asset ? "asset: " : "input: true");
    if (asset) {
        (void)ad_buf_printf(&o->sources, "%s_media}}\n", id);
        (void)ad_buf_printf(&o->assets, "    %s_media: {cid: ", id);
        put_quoted(o, &o->assets, ad_str_slice(url, 7, url.len));
        (void)ad_buf_str(&o->assets, "}\n");
        return;
    }
    if (url.len) {
        (void)ad_buf_str(&o->sources, ", description: ");
        put_quoted(o, &o->sources, url);
    }
    (void)ad_buf_str(&o->sources, "}}\n");
}

static enum artdag_err put_source(struct otio *o, const struct ad_value *clip,
                                  const struct ad_value *media, const char **ret)
{
    struct ad_str url = string_of(media, "target_url");
    if (media && !is_a(media, "ExternalReference") && !is_a(media, "MissingReference"))
        return fail(o, media, ARTDAG_E_UNSUPPORTED,
                    "this kind of media reference is not known");
    struct ad_str name = string_of(clip, "name");
    if (url.len)
        name = string_of(media, "name").len ? string_of(media, "name") : base_name(url);
    union ad_map_value *known = ad_map_put(&o->urls, url.len ? url : name, NULL);
    if (!known)
        return ad_error_nomem(o->err, ROOM);
    if (!known->ptr) {
        char *id = (char *)(uintptr_t)new_id(o, name, "media");
        known->ptr = id;
        put_source_node(o, id, url);
    }
    *ret = known->ptr;
    return ARTDAG_OK;
}

/* ---- items ---- */

static bool range_of(const struct ad_value *range, struct ad_number *ret_start,
                     struct ad_number *ret_length)
{
    return range && range->kind == AD_VALUE_MAP &&
           seconds_of(ad_value_get(range, "start_time"), ret_start) &&
           seconds_of(ad_value_get(range, "duration"), ret_length);
}

/* The factor of a clip's time warp; 1 without one, 0 for a frozen frame. */
static struct ad_number warp_of(struct otio *o, const struct ad_value *clip)
{
    const struct ad_value *effects = ad_value_get(clip, "effects");
    struct ad_number speed = {1, 1};
    for (size_t i = 0; effects && effects->kind == AD_VALUE_LIST && i < effects->list.len;
         i++) {
        const struct ad_value *effect = effects->list.items[i];
        struct ad_number factor = {1, 1};
        if (is_a(effect, "FreezeFrame"))
            speed.num = 0;
        else if (is_a(effect, "LinearTimeWarp") &&
                 number_of(ad_value_get(effect, "time_scalar"), &factor))
            speed = factor;
        else
            note(o, "left out: the effect", string_of(effect, "effect_name"));
    }
    return speed;
}

/* `length` seconds of the timeline from `start` of the source, at the given speed. */
static const char *put_clip(struct otio *o, struct ad_str name, const char *source,
                            struct ad_number start, struct ad_number length,
                            struct ad_number speed)
{
    struct ad_number taken = length;
    const char *cut = new_id(o, name, "clip");
    if (speed.num > 0)
        (void)ad_number_make((__int128)length.num * speed.num, (__int128)length.den * speed.den,
                             &taken);
    if (speed.num == 0) {
        cut = put_node(
            o, cut, "SEGMENT",
            ad_arena_printf(o->arena, "start: %s, duration: 1f", time_text(o, start)), source);
        const char *frozen =
            ad_arena_printf(o->arena, "at: 0, duration: %s, mode: hold", time_text(o, length));
        return put_node(o, new_id(o, name, "frozen"), "FREEZE", frozen, cut);
    }
    cut = put_node(o, cut, "SEGMENT",
                   ad_arena_printf(o->arena, "start: %s, duration: %s", time_text(o, start),
                                   time_text(o, taken)),
                   source);
    if (speed.num == speed.den)
        return cut;
    return put_node(o, new_id(o, name, "speed"), "SPEED",
                    ad_arena_printf(o->arena, "speed: %lld/%lld", (long long)speed.num,
                                    (long long)speed.den),
                    cut);
}

static enum artdag_err read_composition(struct otio *o, const struct ad_value *value,
                                        bool audio, const char **ret,
                                        struct ad_number *ret_length);

/* before and after: what the transitions at its ends take beyond it. */
static enum artdag_err read_clip(struct otio *o, const struct ad_value *clip,
                                 struct ad_number before, struct ad_number after,
                                 struct item *ret)
{
    const struct ad_value *media = media_of(clip);
    const struct ad_value *range = ad_value_get(clip, "source_range");
    struct ad_number start = {0, 1}, length = {0, 1}, origin = {0, 1}, all = {0, 1};
    const char *source = NULL;
    bool has_all = range_of(ad_value_get(media, "available_range"), &origin, &all);
    if (!range_of(range, &start, &length)) {
        if (!has_all)
            return fail(o, clip, ARTDAG_E_UNSUPPORTED,
                        "the clip has neither a source range nor an available range");
        start = origin;
        length = all;
    }
    enum artdag_err rc = put_source(o, clip, media, &source);
    if (rc != ARTDAG_OK)
        return rc;
    struct ad_number speed = warp_of(o, clip);
    if (speed.num < 0)
        return fail(o, clip, ARTDAG_E_UNSUPPORTED, "clips that run backwards are not read");
    struct ad_number skipped = {0, 1}; /* of the media, by what goes on before the clip */
    bool ok = ad_number_make((__int128)before.num * speed.num, (__int128)before.den * speed.den,
                             &skipped) &&
              add(start, origin, -1, &start) && add(start, skipped, -1, &start) &&
              add(length, before, 1, &length) && add(length, after, 1, &length);
    if (!ok || start.num < 0 || length.num <= 0)
        return fail(o, clip, ARTDAG_E_FORMAT,
                    "the clip begins before its media, or has no length");
    ret->length = length;
    ret->id = put_clip(o, string_of(clip, "name"), source, start, length, speed);
    return ret->id ? ARTDAG_OK : ad_error_nomem(o->err, ROOM);
}

static enum artdag_err read_gap(struct otio *o, const struct ad_value *gap, bool audio,
                                bool see_through, struct ad_number more, struct item *ret)
{
    struct ad_number start = {0, 1}, length = {0, 1};
    if (!range_of(ad_value_get(gap, "source_range"), &start, &length) ||
        !add(length, more, 1, &length))
        return fail(o, gap, ARTDAG_E_FORMAT, "the gap has no length");
    ret->length = length;
    ret->id = NULL;
    if (see_through || !length.num)
        return ARTDAG_OK;
    ret->id = put_node(o, new_id(o, AD_STR_LIT("gap"), "gap"), "GENERATE",
                       ad_arena_printf(o->arena, "kind: %s, duration: %s",
                                       audio ? "silence" : "color", time_text(o, length)),
                       "");
    return ret->id ? ARTDAG_OK : ad_error_nomem(o->err, ROOM);
}

/* The recursion follows the timeline, DEPTH_MAX deep at most. */
/* NOLINTBEGIN(misc-no-recursion) */
static enum artdag_err read_item(struct otio *o, const struct ad_value *child, bool audio,
                                 bool see_through, const struct ad_number ends[2],
                                 struct item *ret)
{
    struct ad_number both = {0, 1};
    (void)add(ends[0], ends[1], 1, &both);
    find_rate(o, ad_value_get(child, "source_range"));
    if (is_a(child, "Gap") || (is_a(child, "Clip") && is_disabled(child)))
        return read_gap(o, child, audio, see_through, both, ret);
    if (is_a(child, "Clip"))
        return read_clip(o, child, ends[0], ends[1], ret);
    if (both.num)
        return fail(o, child, ARTDAG_E_UNSUPPORTED,
                    "a transition to a nested timeline is not read");
    return read_composition(o, child, audio, &ret->id, &ret->length);
}

/* ---- tracks ---- */

static struct ad_number offset_of(const struct ad_value *transition, const char *key)
{
    struct ad_number t = {0, 1};
    (void)seconds_of(ad_value_get(transition, key), &t);
    return t;
}

/* A transition of in + out seconds: the clip before it goes on for `out`, the one behind it begins earlier by `in`. */
static enum artdag_err read_items(struct otio *o, const struct ad_value *track, bool audio,
                                  bool see_through, item_list *items)
{
    const struct ad_value *children = ad_value_get(track, "children");
    struct ad_number in = {0, 1};
    if (!children || children->kind != AD_VALUE_LIST)
        return fail(o, track, ARTDAG_E_FORMAT, "the track has no children");
    for (size_t i = 0; i < children->list.len; i++) {
        const struct ad_value *child = children->list.items[i];
        const struct ad_value *next =
            i + 1 < children->list.len ? children->list.items[i + 1] : NULL;
        struct item item = {.length = {0, 1}, .joint = {0, 1}};
        struct ad_number ends[2] = {in, {0, 1}};
        if (is_a(child, "Transition"))
            continue;
        in = (struct ad_number){0, 1};
        if (next && is_a(next, "Transition") && items->len + 1 < children->list.len) {
            in = offset_of(next, "in_offset");
            ends[1] = offset_of(next, "out_offset");
            (void)add(in, ends[1], 1, &item.joint);
        }
        enum artdag_err rc = read_item(o, child, audio, see_through, ends, &item);
        if (rc != ARTDAG_OK)
            return rc;
        if (item.length.num && !ad_vec_push(items, item))
            return ad_error_nomem(o->err, ROOM);
    }
    if (items->len)
        items->items[items->len - 1].joint = (struct ad_number){0, 1};
    return ARTDAG_OK;
}

static bool same_joint(const struct item *a, const struct item *b)
{
    return a->joint.num == b->joint.num && a->joint.den == b->joint.den;
}

/* Items from `from` to the last before `to` as one SEQUENCE with one kind of joint. */
static const char *put_run(struct otio *o, const struct item *items, size_t from, size_t to,
                           struct ad_number joint)
{
    struct ad_buf inputs = AD_BUF_INIT(TEXT_MAX);
    const char *config = "", *id = NULL;
    if (to - from == 1)
        return items[from].id;
    for (size_t i = from; i < to; i++)
        (void)ad_buf_printf(&inputs, "%s%s", i > from ? ", " : "", items[i].id);
    if (joint.num)
        config = ad_arena_printf(o->arena, "transition: {type: crossfade, duration: %s}",
                                 time_text(o, joint));
    (void)ad_buf_byte(&inputs, 0);
    if (ad_buf_status(&inputs) == ARTDAG_OK)
        id = put_node(o, new_id(o, AD_STR_LIT("cut"), "cut"), "SEQUENCE", config,
                      (const char *)inputs.data);
    ad_buf_fini(&inputs);
    return id;
}

/* Neighbours with equal joints become one SEQUENCE, cuts first, until one is left. */
static enum artdag_err join_items(struct otio *o, struct item *items, size_t count,
                                  const char **ret)
{
    while (count > 1) {
        size_t kept = 0;
        bool cuts = false;
        for (size_t i = 0; i + 1 < count; i++)
            cuts = cuts || !items[i].joint.num;
        for (size_t i = 0; i < count;) {
            size_t end = i + 1;
            struct ad_number joint = items[i].joint;
            bool wanted = i + 1 < count && (cuts ? !joint.num : kept == 0);
            while (wanted && end < count && same_joint(&items[end - 1], &items[i]))
                end++;
            const char *id = put_run(o, items, i, end, joint);
            if (!id)
                return ad_error_nomem(o->err, ROOM);
            items[kept].id = id;
            items[kept++].joint = items[end - 1].joint;
            i = end;
        }
        count = kept;
    }
    *ret = count ? items[0].id : NULL;
    return ARTDAG_OK;
}

/* What is seen through a gap begins anew behind it: runs of items with the time each begins. */
static enum artdag_err join_runs(struct otio *o, item_list *items, struct ad_buf *inputs,
                                 struct ad_buf *places)
{
    struct ad_number at = {0, 1};
    for (size_t i = 0; i < items->len;) {
        size_t end = i;
        const char *id = NULL;
        struct ad_number begin = at;
        while (end < items->len && items->items[end].id) {
            struct ad_number over = items->items[end].joint;
            (void)add(at, items->items[end].length, 1, &at);
            (void)add(at, over, -1, &at);
            end++;
        }
        if (end == i) {
            (void)add(at, items->items[i++].length, 1, &at);
            continue;
        }
        items->items[end - 1].joint = (struct ad_number){0, 1};
        enum artdag_err rc = join_items(o, items->items + i, end - i, &id);
        if (rc != ARTDAG_OK)
            return rc;
        (void)ad_buf_printf(inputs, ", %s", id);
        (void)ad_buf_printf(places, ", {start: %s}", time_text(o, begin));
        i = end;
    }
    return ARTDAG_OK;
}

static enum artdag_err read_track(struct otio *o, const struct ad_value *track, bool audio,
                                  const char **ret, struct ad_number *ret_length)
{
    item_list items = {0};
    struct ad_number length = {0, 1};
    enum artdag_err rc = read_items(o, track, audio, false, &items);
    for (size_t i = 0; rc == ARTDAG_OK && i < items.len; i++) {
        (void)add(length, items.items[i].length, 1, &length);
        (void)add(length, items.items[i].joint, -1, &length);
    }
    if (rc == ARTDAG_OK)
        rc = join_items(o, items.items, items.len, ret);
    ad_vec_fini(&items);
    *ret_length = length;
    return rc;
}

/* ---- stacks ---- */

static bool is_kind(const struct ad_value *track, bool audio)
{
    return is_a(track, "Track") && !is_disabled(track) &&
           ad_str_is(string_of(track, "kind"), "Audio") == audio;
}

/* Tracks of one kind while they are gathered. */
struct tracks {
    struct ad_buf inputs, places; /* ids; where upper ones begin */
    size_t count;
    const char *first;
    struct ad_number length;
};

static enum artdag_err add_track(struct otio *o, struct tracks *t, const struct ad_value *track,
                                 bool audio)
{
    struct ad_number length = {0, 1}, more = {0, 1};
    const char *id = NULL;
    enum artdag_err rc = read_track(o, track, audio, &id, &length);
    if (rc != ARTDAG_OK || !id)
        return rc;
    (void)ad_buf_printf(&t->inputs, "%s%s", t->count ? ", " : "", id);
    if (!t->count++)
        t->first = id;
    if (add(length, t->length, -1, &more) && more.num > 0)
        t->length = length;
    return ARTDAG_OK;
}

static enum artdag_err add_upper_track(struct otio *o, struct tracks *t,
                                       const struct ad_value *track)
{
    item_list items = {0};
    size_t before = t->inputs.len;
    enum artdag_err rc = read_items(o, track, false, true, &items);
    if (rc == ARTDAG_OK)
        rc = join_runs(o, &items, &t->inputs, &t->places);
    t->count += t->inputs.len > before;
    ad_vec_fini(&items);
    return rc;
}

static const char *combine(struct otio *o, struct tracks *t, bool audio)
{
    if (t->count < 2)
        return t->first;
    const char *config =
        audio ? "normalize: false"
              : ad_arena_printf(o->arena, "inputs: [{}%s]", (const char *)t->places.data);
    return put_node(o, new_id(o, AD_STR_LIT(""), audio ? "mix" : "layers"),
                    audio ? "AUDIO_MIX" : "LAYER", config, (const char *)t->inputs.data);
}

/* The lowest track of pictures with black gaps, the others over it; tracks of sound mixed. */
static enum artdag_err read_tracks(struct otio *o, const struct ad_value *children, bool audio,
                                   const char **ret, struct ad_number *ret_length)
{
    struct tracks t = {
        .inputs = AD_BUF_INIT(TEXT_MAX), .places = AD_BUF_INIT(TEXT_MAX), .length = {0, 1}};
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < children->list.len; i++) {
        const struct ad_value *track = children->list.items[i];
        if (is_kind(track, audio))
            rc = t.count && !audio ? add_upper_track(o, &t, track)
                                   : add_track(o, &t, track, audio);
    }
    (void)ad_buf_byte(&t.inputs, 0);
    (void)ad_buf_byte(&t.places, 0);
    if (rc == ARTDAG_OK && (ad_buf_status(&t.inputs) || ad_buf_status(&t.places)))
        rc = ad_error_nomem(o->err, ROOM);
    if (rc == ARTDAG_OK)
        *ret = combine(o, &t, audio);
    if (rc == ARTDAG_OK && ad_arena_failed(o->arena))
        rc = ad_error_nomem(o->err, ROOM);
    *ret_length = t.length;
    ad_buf_fini(&t.inputs);
    ad_buf_fini(&t.places);
    return rc;
}

static enum artdag_err read_stack(struct otio *o, const struct ad_value *stack, bool audio,
                                  const char **ret, struct ad_number *ret_length)
{
    const struct ad_value *children = ad_value_get(stack, "children");
    if (!children || children->kind != AD_VALUE_LIST)
        return fail(o, stack, ARTDAG_E_FORMAT, "the stack has no children");
    return read_tracks(o, children, audio, ret, ret_length);
}

/* A track or stack as one item of another, with its own range if it has one. */
static enum artdag_err read_composition(struct otio *o, const struct ad_value *value,
                                        bool audio, const char **ret,
                                        struct ad_number *ret_length)
{
    struct ad_number start = {0, 1}, length = {0, 1};
    enum artdag_err rc;
    if (!is_a(value, "Track") && !is_a(value, "Stack"))
        return fail(o, value, ARTDAG_E_UNSUPPORTED, "what stands here is not known");
    if (o->depth == DEPTH_MAX)
        return fail(o, value, ARTDAG_E_LIMIT, "the timeline is nested too deeply");
    o->depth++;
    rc = is_a(value, "Track") ? read_track(o, value, audio, ret, ret_length)
                              : read_stack(o, value, audio, ret, ret_length);
    o->depth--;
    if (rc != ARTDAG_OK || !*ret ||
        !range_of(ad_value_get(value, "source_range"), &start, &length))
        return rc;
    *ret_length = length;
    *ret = put_clip(o, string_of(value, "name"), *ret, start, length, (struct ad_number){1, 1});
    return *ret ? ARTDAG_OK : ad_error_nomem(o->err, ROOM);
}

/* NOLINTEND(misc-no-recursion) */

/* ---- the recipe ---- */

static enum artdag_err read_timeline(struct otio *o, const struct ad_value *root,
                                     const char **ret_output)
{
    const struct ad_value *stack = is_a(root, "Timeline") ? ad_value_get(root, "tracks") : root;
    const char *picture = NULL, *sound = NULL;
    struct ad_number length = {0, 1};
    if (!stack || !is_a(stack, "Stack"))
        return fail(o, root, ARTDAG_E_FORMAT, "this is no OpenTimelineIO timeline");
    enum artdag_err rc = read_stack(o, stack, false, &picture, &length);
    if (rc == ARTDAG_OK)
        rc = read_stack(o, stack, true, &sound, &length);
    if (rc != ARTDAG_OK)
        return rc;
    if (!picture && !sound)
        return fail(o, root, ARTDAG_E_FORMAT, "the timeline is empty");
    *ret_output = picture ? picture : sound;
    if (picture && sound)
        *ret_output =
            put_node(o, new_id(o, AD_STR_LIT("film"), "film"), "MUX", "shortest: false",
                     ad_arena_printf(o->arena, "%s, %s", picture, sound));
    else if (sound)
        *ret_output = put_node(o, new_id(o, AD_STR_LIT("file"), "file"), "ENCODE",
                               "profile: audio", sound);
    return *ret_output ? ARTDAG_OK : ad_error_nomem(o->err, ROOM);
}

static void put_recipe(struct otio *o, const struct ad_value *root, const char *output,
                       struct ad_buf *ret)
{
    struct ad_str name = string_of(root, "name");
    (void)ad_buf_view(ret, ad_buf_as_str(&o->notes));
    (void)ad_buf_str(ret, "name: ");
    put_quoted(o, ret, name.len ? ad_str_slice(name, 0, 100) : AD_STR_LIT("timeline"));
    if (o->fps.num)
        (void)ad_buf_printf(ret, "\nformat: {fps: %lld/%lld}", (long long)o->fps.num,
                            (long long)o->fps.den);
    if (o->assets.len) {
        (void)ad_buf_str(ret, "\nregistry:\n  assets:\n");
        (void)ad_buf_view(ret, ad_str_slice(ad_buf_as_str(&o->assets), 0, o->assets.len - 1));
    }
    (void)ad_buf_str(ret, "\ndag:\n  nodes:\n");
    (void)ad_buf_view(ret, ad_buf_as_str(&o->sources));
    (void)ad_buf_view(ret, ad_buf_as_str(&o->nodes));
    (void)ad_buf_printf(ret, "  output: %s\n", output);
}

enum artdag_err ad_recipe_from_otio(struct ad_str json, const char *file, struct ad_buf *ret,
                                    artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct otio o = {.arena = &arena,
                     .file = file,
                     .notes = AD_BUF_INIT(TEXT_MAX),
                     .assets = AD_BUF_INIT(TEXT_MAX),
                     .sources = AD_BUF_INIT(TEXT_MAX),
                     .nodes = AD_BUF_INIT(TEXT_MAX),
                     .err = err};
    const struct ad_value *root = NULL;
    const char *output = NULL;
    enum artdag_err rc = ad_json_parse(&arena, json, file, NULL, &root, err);
    if (rc == ARTDAG_OK)
        rc = read_timeline(&o, root, &output);
    if (rc == ARTDAG_OK)
        put_recipe(&o, root, output, ret);
    if (rc == ARTDAG_OK &&
        (ad_arena_failed(&arena) || ad_buf_status(&o.notes) || ad_buf_status(&o.assets) ||
         ad_buf_status(&o.sources) || ad_buf_status(&o.nodes) || ad_buf_status(ret)))
        rc = ad_error_nomem(err, ROOM);
    ad_map_fini(&o.urls);
    ad_map_fini(&o.ids);
    ad_buf_fini(&o.notes);
    ad_buf_fini(&o.assets);
    ad_buf_fini(&o.sources);
    ad_buf_fini(&o.nodes);
    ad_arena_fini(&arena);
    return rc;
}
