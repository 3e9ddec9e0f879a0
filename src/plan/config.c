/* SPDX-License-Identifier: MIT
 *
 * The hashed form of a config: the final config, the op's revision, and every setting that reaches the encoder. It is
 * what the document shows as `config`, so that anyone can recompute an id from a document alone.
 */
#include "plan/planner.h"

static const struct ad_value *text_value(struct ad_arena *arena, const char *text)
{
    return ad_value_new_str(arena, ad_str_from(text));
}

/* [[name, value], ...] in the order of setting. */
static const struct ad_value *options_value(struct ad_arena *arena,
                                            const struct ad_option *options, size_t count)
{
    struct ad_list_builder list;
    ad_list_begin(&list, arena);
    for (size_t i = 0; i < count; i++) {
        struct ad_list_builder pair;
        ad_list_begin(&pair, arena);
        ad_list_add(&pair, text_value(arena, options[i].name));
        ad_list_add(&pair, text_value(arena, options[i].value));
        ad_list_add(&list, ad_list_end(&pair));
    }
    return ad_list_end(&list);
}

static const struct ad_value *codec_value(struct ad_arena *arena,
                                          const struct ad_codec_settings *codec)
{
    struct ad_map_builder map;
    if (!codec->codec)
        return ad_value_new_null(arena);
    ad_map_begin(&map, arena);
    ad_map_add(&map, "codec", text_value(arena, codec->codec));
    ad_map_add(&map, "options", options_value(arena, codec->options.items, codec->options.len));
    ad_map_add(&map, "pixel_format",
               text_value(arena, codec->pixel_format ? codec->pixel_format : ""));
    ad_map_add(&map, "sample_format",
               text_value(arena, codec->sample_format ? codec->sample_format : ""));
    if (codec->sample_rate)
        ad_map_add(&map, "sample_rate", ad_value_new_int(arena, codec->sample_rate));
    return ad_map_end(&map);
}

static const struct ad_value *encoding_value(struct ad_arena *arena,
                                             const struct ad_encode *encode)
{
    struct ad_map_builder map;
    ad_map_begin(&map, arena);
    ad_map_add(&map, "audio", codec_value(arena, &encode->audio));
    ad_map_add(&map, "container", text_value(arena, encode->container));
    ad_map_add(&map, "options",
               options_value(arena, encode->options.items, encode->options.len));
    ad_map_add(&map, "video", codec_value(arena, &encode->video));
    return ad_map_end(&map);
}

enum artdag_err ad_config_json(const struct ad_op *op, const struct ad_op_call *call,
                               struct ad_arena *scratch, struct ad_buf *buf, artdag_error *err)
{
    size_t count = call->config ? call->config->map.len : 0;
    struct ad_member *members = ad_arena_array(scratch, count + 2, sizeof(*members));
    struct ad_value map = {.kind = AD_VALUE_MAP};
    enum artdag_err rc = ARTDAG_OK;
    if (!members)
        return ad_error_nomem(err, ROOM);
    for (size_t i = 0; i < count; i++)
        members[i] = call->config->map.items[i];
    members[count++] = (struct ad_member){.key = AD_STR_LIT("revision"),
                                          .value = ad_value_new_int(scratch, op->revision)};
    if (op->encode) {
        struct ad_encode encode = {0};
        rc = op->encode(call, &encode, err);
        if (rc != ARTDAG_OK)
            return rc;
        members[count++] = (struct ad_member){.key = AD_STR_LIT("encoding"),
                                              .value = encoding_value(scratch, &encode)};
    }
    if (ad_arena_failed(scratch) || !members[count - 1].value)
        return ad_error_nomem(err, ROOM);
    map.map.items = members;
    map.map.len = count;
    return ad_json_canonical(&map, buf, err);
}
