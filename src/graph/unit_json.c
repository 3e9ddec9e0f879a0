/* SPDX-License-Identifier: MIT
 *
 * The unit document, byte for byte in docs/formats/unit.md. Written canonically (keys sorted), read strictly:
 * every key of the format exactly once and no other.
 */
#include <string.h>

#include "graph/arena_vec.h"
#include "graph/json.h"

#define UNIT_TYPE "artdag/unit/1"

/* ---- Writing; keys in RFC 8785 order ---- */

static void write_text(struct ad_json_writer *w, const char *key, const char *text)
{
    ad_jw_key(w, key);
    if (text)
        ad_jw_cstr(w, text);
    else
        ad_jw_null(w);
}

static void write_int(struct ad_json_writer *w, const char *key, int64_t n)
{
    ad_jw_key(w, key);
    ad_jw_int(w, n);
}

static void write_bool(struct ad_json_writer *w, const char *key, bool b)
{
    ad_jw_key(w, key);
    ad_jw_bool(w, b);
}

static void write_ratio(struct ad_json_writer *w, const char *key, int64_t num, int64_t den)
{
    ad_jw_key(w, key);
    ad_jw_map_begin(w);
    write_int(w, "den", den);
    write_int(w, "num", num);
    ad_jw_map_end(w);
}

static void write_options(struct ad_json_writer *w, const struct ad_option *options,
                          size_t count)
{
    ad_jw_key(w, "options");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < count; i++) {
        ad_jw_list_begin(w);
        ad_jw_cstr(w, options[i].name);
        ad_jw_cstr(w, options[i].value);
        ad_jw_list_end(w);
    }
    ad_jw_list_end(w);
}

static void write_filter(struct ad_json_writer *w, const struct ad_filter *filter)
{
    ad_jw_map_begin(w);
    write_text(w, "name", filter->name);
    write_options(w, filter->options.items, filter->options.len);
    ad_jw_map_end(w);
}

static void write_leaf(struct ad_json_writer *w, const struct ad_leaf *leaf)
{
    ad_jw_map_begin(w);
    write_bool(w, "alpha", leaf->alpha);
    write_text(w, "cid", leaf->cid);
    write_int(w, "count", leaf->count);
    write_int(w, "first", leaf->first);
    write_bool(w, "mezzanine", leaf->mezzanine);
    write_ratio(w, "origin", leaf->origin_num, leaf->origin_den);
    write_int(w, "stream", leaf->stream);
    ad_jw_map_end(w);
}

static void write_pad(struct ad_json_writer *w, struct ad_pad pad)
{
    ad_jw_cstr(w, pad.leaf ? "leaf" : "filter");
    ad_jw_int(w, pad.filter);
    ad_jw_int(w, pad.index);
}

static void write_graph(struct ad_json_writer *w, const char *key, const struct ad_graph *graph)
{
    ad_jw_key(w, key);
    if (!graph) {
        ad_jw_null(w);
        return;
    }
    ad_jw_map_begin(w);
    ad_jw_key(w, "files");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < graph->files.len; i++)
        ad_jw_cstr(w, graph->files.items[i]);
    ad_jw_list_end(w);
    ad_jw_key(w, "filters");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < graph->filters.len; i++)
        write_filter(w, &graph->filters.items[i]);
    ad_jw_list_end(w);
    ad_jw_key(w, "leaves");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < graph->leaves.len; i++)
        write_leaf(w, &graph->leaves.items[i]);
    ad_jw_list_end(w);
    ad_jw_key(w, "links");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < graph->links.len; i++) {
        const struct ad_link *link = &graph->links.items[i];
        ad_jw_list_begin(w);
        write_pad(w, link->from);
        ad_jw_int(w, link->to_filter);
        ad_jw_int(w, link->to_index);
        ad_jw_list_end(w);
    }
    ad_jw_list_end(w);
    ad_jw_key(w, "out");
    ad_jw_list_begin(w);
    write_pad(w, graph->out);
    ad_jw_list_end(w);
    ad_jw_map_end(w);
}

static void write_codec(struct ad_json_writer *w, const char *key,
                        const struct ad_codec_settings *codec, enum ad_medium medium)
{
    ad_jw_key(w, key);
    if (!codec->codec) {
        ad_jw_null(w);
        return;
    }
    ad_jw_map_begin(w);
    write_text(w, "codec", codec->codec);
    write_text(w, "format", medium == AD_VIDEO ? codec->pixel_format : codec->sample_format);
    write_options(w, codec->options.items, codec->options.len);
    if (codec->sample_rate)
        write_int(w, "sample_rate", codec->sample_rate);
    ad_jw_map_end(w);
}

static void write_format(struct ad_json_writer *w, const struct ad_format *format)
{
    ad_jw_key(w, "format");
    ad_jw_map_begin(w);
    write_int(w, "channels", format->channels);
    write_ratio(w, "fps", format->fps_num, format->fps_den);
    write_int(w, "height", format->height);
    write_text(w, "pixel_format", format->pixel_format);
    write_int(w, "sample_rate", format->sample_rate);
    write_int(w, "width", format->width);
    ad_jw_map_end(w);
}

void ad_unit_write(const struct ad_unit *unit, struct ad_json_writer *w)
{
    ad_jw_map_begin(w);
    write_graph(w, "audio", unit->audio);
    ad_jw_key(w, "encode");
    ad_jw_map_begin(w);
    write_codec(w, "audio", &unit->encode.audio, AD_AUDIO);
    write_text(w, "container", unit->encode.container);
    if (unit->encode.max_bytes)
        write_int(w, "max_bytes", unit->encode.max_bytes);
    write_options(w, unit->encode.options.items, unit->encode.options.len);
    write_codec(w, "video", &unit->encode.video, AD_VIDEO);
    ad_jw_map_end(w);
    write_format(w, &unit->format);
    write_int(w, "frames", unit->frames);
    write_int(w, "height", unit->height);
    write_int(w, "samples", unit->samples);
    write_text(w, "type", UNIT_TYPE);
    write_graph(w, "video", unit->video);
    write_int(w, "width", unit->width);
    ad_jw_map_end(w);
}

enum artdag_err ad_unit_to_json(const struct ad_unit *unit, struct ad_buf *buf,
                                artdag_error *err)
{
    enum artdag_err rc = ad_unit_check(unit, err);
    if (rc)
        return rc;
    struct ad_json_writer w;
    ad_jw_init(&w, buf);
    ad_unit_write(unit, &w);
    rc = ad_buf_status(buf);
    if (rc == ARTDAG_E_NOMEM)
        return ad_error_nomem(err, "graph");
    return rc ? ad_error_set(err, rc, "graph", "the unit is larger than %zu bytes", buf->max)
              : ARTDAG_OK;
}

/* ---- Reading ---- */

static enum artdag_err bad(artdag_error *err, const char *what)
{
    return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "not a unit: %s", what);
}

enum artdag_err ad_graph_json_keys(const struct ad_value *map, const char *const *keys,
                                   const char *what, artdag_error *err)
{
    if (!map || map->kind != AD_VALUE_MAP)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "%s is not a map", what);
    size_t count = 0;
    for (; keys[count]; count++) {
        if (!ad_value_get(map, keys[count]))
            return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "%s lacks the key %s", what,
                                keys[count]);
    }
    if (map->map.len != count)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "%s has keys that are not known",
                            what);
    return ARTDAG_OK;
}

enum artdag_err ad_graph_json_text(struct ad_arena *arena, const struct ad_value *map,
                                   const char *key, bool nullable, const char **ret,
                                   artdag_error *err)
{
    const struct ad_value *value = ad_value_get(map, key);
    struct ad_str text = {0};
    if (nullable && value && value->kind == AD_VALUE_NULL) {
        *ret = NULL;
        return ARTDAG_OK;
    }
    enum artdag_err rc = ad_value_str(map, key, &text, err);
    if (rc)
        return rc;
    if (memchr(text.ptr ? text.ptr : "", 0, text.len))
        return bad(err, "a string holds a NUL byte");
    const char *copy = ad_arena_strdup(arena, text);
    if (!copy)
        return ad_error_nomem(err, "graph");
    *ret = copy;
    return ARTDAG_OK;
}

static enum artdag_err read_ratio(const struct ad_value *map, const char *key, int64_t *ret_num,
                                  int64_t *ret_den, artdag_error *err)
{
    static const char *const keys[] = {"den", "num", NULL};
    const struct ad_value *ratio = ad_value_get(map, key);
    enum artdag_err rc = ad_graph_json_keys(ratio, keys, key, err);
    if (!rc)
        rc = ad_value_i64(ratio, "num", ret_num, err);
    if (!rc)
        rc = ad_value_i64(ratio, "den", ret_den, err);
    return rc;
}

static bool is_list_of(const struct ad_value *value, size_t len)
{
    return value && value->kind == AD_VALUE_LIST && value->list.len == len;
}

static const char *text_at(struct ad_arena *arena, const struct ad_value *list, size_t i)
{
    const struct ad_value *value = list->list.items[i];
    if (value->kind != AD_VALUE_STRING || !value->string.len ||
        memchr(value->string.ptr, 0, value->string.len))
        return NULL;
    return ad_arena_strdup(arena, value->string);
}

/* Appends the pairs of map's "options" to a filter's, codec's or container's vector. */
static enum artdag_err read_options(struct ad_arena *arena, const struct ad_value *map,
                                    bool (*add)(struct ad_arena *arena, void *to,
                                                struct ad_option option),
                                    void *to, artdag_error *err)
{
    const struct ad_value *list = NULL;
    enum artdag_err rc = ad_value_list(map, "options", &list, err);
    for (size_t i = 0; !rc && i < list->list.len; i++) {
        const struct ad_value *pair = list->list.items[i];
        if (!is_list_of(pair, 2))
            return bad(err, "an option is not a pair");
        struct ad_option option = {text_at(arena, pair, 0), text_at(arena, pair, 1)};
        if (!option.name || !option.value)
            return ad_arena_failed(arena) ? ad_error_nomem(err, "graph")
                                          : bad(err, "an option is not two strings");
        if (!add(arena, to, option))
            return ad_error_nomem(err, "graph");
    }
    return rc;
}

static bool add_to_filter(struct ad_arena *arena, void *to, struct ad_option option)
{
    struct ad_filter *filter = to;
    return ad_arena_vec_push(arena, &filter->options, option);
}

static bool add_to_codec(struct ad_arena *arena, void *to, struct ad_option option)
{
    struct ad_codec_settings *codec = to;
    return ad_arena_vec_push(arena, &codec->options, option);
}

static bool add_to_encode(struct ad_arena *arena, void *to, struct ad_option option)
{
    struct ad_encode *encode = to;
    return ad_arena_vec_push(arena, &encode->options, option);
}

static enum artdag_err read_file(struct ad_graph *graph, const struct ad_value *value,
                                 artdag_error *err)
{
    if (value->kind != AD_VALUE_STRING || !value->string.len ||
        memchr(value->string.ptr, 0, value->string.len))
        return bad(err, "a file is not a CID");
    const char *cid = ad_arena_strdup(graph->arena, value->string);
    return cid && ad_arena_vec_push(graph->arena, &graph->files, cid)
               ? ARTDAG_OK
               : ad_error_nomem(err, "graph");
}

static enum artdag_err read_filter(struct ad_graph *graph, const struct ad_value *map,
                                   artdag_error *err)
{
    static const char *const keys[] = {"name", "options", NULL};
    struct ad_filter filter = {0};
    enum artdag_err rc = ad_graph_json_keys(map, keys, "a filter", err);
    if (!rc)
        rc = ad_graph_json_text(graph->arena, map, "name", false, &filter.name, err);
    if (!rc)
        rc = read_options(graph->arena, map, add_to_filter, &filter, err);
    if (!rc && !ad_arena_vec_push(graph->arena, &graph->filters, filter))
        rc = ad_error_nomem(err, "graph");
    return rc;
}

static enum artdag_err read_leaf(struct ad_graph *graph, const struct ad_value *map,
                                 artdag_error *err)
{
    static const char *const keys[] = {"alpha",     "cid",    "count",  "first",
                                       "mezzanine", "origin", "stream", NULL};
    struct ad_leaf leaf = {0};
    enum artdag_err rc = ad_graph_json_keys(map, keys, "a leaf", err);
    if (!rc)
        rc = ad_value_bool(map, "alpha", &leaf.alpha, err);
    if (!rc)
        rc = ad_graph_json_text(graph->arena, map, "cid", false, &leaf.cid, err);
    if (!rc)
        rc = ad_value_i64(map, "count", &leaf.count, err);
    if (!rc)
        rc = ad_value_i64(map, "first", &leaf.first, err);
    if (!rc)
        rc = ad_value_bool(map, "mezzanine", &leaf.mezzanine, err);
    if (!rc)
        rc = read_ratio(map, "origin", &leaf.origin_num, &leaf.origin_den, err);
    if (!rc)
        rc = ad_value_i64(map, "stream", &leaf.stream, err);
    if (!rc && !ad_arena_vec_push(graph->arena, &graph->leaves, leaf))
        rc = ad_error_nomem(err, "graph");
    return rc;
}

static bool small_at(const struct ad_value *list, size_t i, uint32_t *ret)
{
    const struct ad_value *value = list->list.items[i];
    if (value->kind != AD_VALUE_INT || value->integer < 0 || value->integer > UINT32_MAX)
        return false;
    *ret = (uint32_t)value->integer;
    return true;
}

static bool read_pad(const struct ad_value *list, struct ad_pad *ret)
{
    const struct ad_value *kind = list->list.items[0];
    if (kind->kind != AD_VALUE_STRING)
        return false;
    ret->set = true;
    ret->leaf = ad_str_is(kind->string, "leaf");
    return (ret->leaf || ad_str_is(kind->string, "filter")) &&
           small_at(list, 1, &ret->filter) && small_at(list, 2, &ret->index);
}

static enum artdag_err read_link(struct ad_graph *graph, const struct ad_value *list,
                                 artdag_error *err)
{
    struct ad_link link = {0};
    if (!is_list_of(list, 5) || !read_pad(list, &link.from) ||
        !small_at(list, 3, &link.to_filter) || !small_at(list, 4, &link.to_index))
        return bad(err, "a link is not [kind, from, pad, filter, input]");
    if (link.to_filter >= graph->filters.len)
        return bad(err, "a link leads to no filter");
    graph->filters.items[link.to_filter].inputs++;
    return ad_arena_vec_push(graph->arena, &graph->links, link) ? ARTDAG_OK
                                                                : ad_error_nomem(err, "graph");
}

static enum artdag_err
read_each(struct ad_graph *graph, const struct ad_value *map, const char *key,
          enum artdag_err (*read)(struct ad_graph *graph, const struct ad_value *value,
                                  artdag_error *err),
          artdag_error *err)
{
    const struct ad_value *list = NULL;
    enum artdag_err rc = ad_value_list(map, key, &list, err);
    for (size_t i = 0; !rc && i < list->list.len; i++)
        rc = read(graph, list->list.items[i], err);
    return rc;
}

static enum artdag_err read_graph(struct ad_arena *arena, const struct ad_value *map,
                                  enum ad_medium medium, struct ad_graph **ret,
                                  artdag_error *err)
{
    static const char *const keys[] = {"files", "filters", "leaves", "links", "out", NULL};
    if (map && map->kind == AD_VALUE_NULL) {
        *ret = NULL;
        return ARTDAG_OK;
    }
    struct ad_graph *graph = ad_graph_new(arena, medium);
    if (!graph)
        return ad_error_nomem(err, "graph");
    enum artdag_err rc = ad_graph_json_keys(map, keys, "a graph", err);
    if (!rc)
        rc = read_each(graph, map, "files", read_file, err);
    if (!rc)
        rc = read_each(graph, map, "filters", read_filter, err);
    if (!rc)
        rc = read_each(graph, map, "leaves", read_leaf, err);
    if (!rc)
        rc = read_each(graph, map, "links", read_link, err);
    const struct ad_value *out = ad_value_get(map, "out");
    if (!rc && (!is_list_of(out, 3) || !read_pad(out, &graph->out)))
        rc = bad(err, "out is not [kind, from, pad]");
    if (!rc)
        *ret = graph;
    return rc;
}

static enum artdag_err read_codec(struct ad_arena *arena, const struct ad_value *map,
                                  enum ad_medium medium, struct ad_codec_settings *ret,
                                  artdag_error *err)
{
    const char *keys[] = {"codec", "format", "options", NULL, NULL};
    if (map && map->kind == AD_VALUE_NULL)
        return ARTDAG_OK;
    bool rate = medium == AD_AUDIO && map && ad_value_get(map, "sample_rate");
    keys[3] = rate ? "sample_rate" : NULL;
    enum artdag_err rc = ad_graph_json_keys(map, keys, "a codec", err);
    if (!rc && rate)
        rc = ad_value_i64(map, "sample_rate", &ret->sample_rate, err);
    if (!rc)
        rc = ad_graph_json_text(arena, map, "codec", false, &ret->codec, err);
    if (!rc)
        rc = ad_graph_json_text(arena, map, "format", false,
                                medium == AD_VIDEO ? &ret->pixel_format : &ret->sample_format,
                                err);
    if (!rc)
        rc = read_options(arena, map, add_to_codec, ret, err);
    return rc;
}

static enum artdag_err read_encode(struct ad_arena *arena, const struct ad_value *map,
                                   struct ad_encode *ret, artdag_error *err)
{
    const char *keys[] = {"audio", "container", "options", "video", NULL, NULL};
    bool limited = map && ad_value_get(map, "max_bytes");
    keys[4] = limited ? "max_bytes" : NULL;
    enum artdag_err rc = ad_graph_json_keys(map, keys, "encode", err);
    if (!rc && limited)
        rc = ad_value_i64(map, "max_bytes", &ret->max_bytes, err);
    if (!rc)
        rc = read_codec(arena, ad_value_get(map, "audio"), AD_AUDIO, &ret->audio, err);
    if (!rc)
        rc = ad_graph_json_text(arena, map, "container", false, &ret->container, err);
    if (!rc)
        rc = read_options(arena, map, add_to_encode, ret, err);
    if (!rc)
        rc = read_codec(arena, ad_value_get(map, "video"), AD_VIDEO, &ret->video, err);
    return rc;
}

static enum artdag_err read_format(struct ad_arena *arena, const struct ad_value *map,
                                   struct ad_format *ret, artdag_error *err)
{
    static const char *const keys[] = {"channels",    "fps",   "height", "pixel_format",
                                       "sample_rate", "width", NULL};
    enum artdag_err rc = ad_graph_json_keys(map, keys, "format", err);
    if (!rc)
        rc = ad_value_i64(map, "channels", &ret->channels, err);
    if (!rc)
        rc = read_ratio(map, "fps", &ret->fps_num, &ret->fps_den, err);
    if (!rc)
        rc = ad_value_i64(map, "height", &ret->height, err);
    if (!rc)
        rc = ad_graph_json_text(arena, map, "pixel_format", false, &ret->pixel_format, err);
    if (!rc)
        rc = ad_value_i64(map, "sample_rate", &ret->sample_rate, err);
    if (!rc)
        rc = ad_value_i64(map, "width", &ret->width, err);
    return rc;
}

static enum artdag_err read_head(const struct ad_value *root, struct ad_unit *ret,
                                 artdag_error *err)
{
    static const char *const keys[] = {"audio",   "encode", "format", "frames", "height",
                                       "samples", "type",   "video",  "width",  NULL};
    struct ad_str type = {0};
    enum artdag_err rc = ad_graph_json_keys(root, keys, "the unit", err);
    if (!rc)
        rc = ad_value_str(root, "type", &type, err);
    if (!rc && !ad_str_is(type, UNIT_TYPE))
        rc = bad(err, "its type is not " UNIT_TYPE);
    if (!rc)
        rc = ad_value_i64(root, "frames", &ret->frames, err);
    if (!rc)
        rc = ad_value_i64(root, "samples", &ret->samples, err);
    if (!rc)
        rc = ad_value_i64(root, "width", &ret->width, err);
    if (!rc)
        rc = ad_value_i64(root, "height", &ret->height, err);
    return rc;
}

enum artdag_err ad_unit_read(struct ad_arena *arena, const struct ad_value *root,
                             struct ad_unit *ret, artdag_error *err)
{
    struct ad_unit unit = {0};
    enum artdag_err rc = read_head(root, &unit, err);
    if (!rc)
        rc = read_format(arena, ad_value_get(root, "format"), &unit.format, err);
    if (!rc)
        rc = read_encode(arena, ad_value_get(root, "encode"), &unit.encode, err);
    if (!rc)
        rc = read_graph(arena, ad_value_get(root, "video"), AD_VIDEO, &unit.video, err);
    if (!rc)
        rc = read_graph(arena, ad_value_get(root, "audio"), AD_AUDIO, &unit.audio, err);
    if (!rc)
        *ret = unit;
    return rc;
}

enum artdag_err ad_unit_from_json(struct ad_arena *arena, struct ad_str json,
                                  struct ad_unit *ret, artdag_error *err)
{
    static const struct ad_doc_limits limits = {256u << 20, 20000000, 16};
    const struct ad_value *root = NULL;
    struct ad_unit unit = {0};
    enum artdag_err rc = ad_json_parse(arena, json, NULL, &limits, &root, err);
    if (!rc)
        rc = ad_unit_read(arena, root, &unit, err);
    if (!rc)
        rc = ad_unit_check(&unit, err);
    if (!rc)
        *ret = unit;
    return rc;
}
