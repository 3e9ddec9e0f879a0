/* SPDX-License-Identifier: MIT
 *
 * The analysis document (docs/formats/analysis.md): the metadata with more in it.
 */
#include <string.h>

#include "pipeline/analyze.h"

#define ROOM "pipeline"

static const struct ad_doc_limits limits = {AD_ANALYSIS_BYTES_MAX, 100000000, 16};

enum artdag_err ad_part_parse(struct ad_arena *arena, struct ad_str json,
                              const struct ad_value **ret, artdag_error *err)
{
    const struct ad_value *part = NULL;
    struct ad_str text = ad_arena_str(arena, json);
    if (ad_arena_failed(arena))
        return ad_error_nomem(err, ROOM);
    enum artdag_err rc = ad_json_parse(arena, text, NULL, &limits, &part, err);
    if (rc == ARTDAG_OK && part->kind != AD_VALUE_MAP)
        rc = ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "an analysis is no map");
    if (rc == ARTDAG_OK)
        *ret = part;
    return rc;
}

/* ---- metadata ---- */

static int64_t number_in(const struct ad_value *map, const char *key)
{
    const struct ad_value *value = ad_value_get(map, key);
    return value && value->kind == AD_VALUE_INT ? value->integer : 0;
}

enum artdag_err ad_subject_read(struct ad_subject *subject, struct ad_str metadata,
                                artdag_error *err)
{
    enum artdag_err rc = ad_part_parse(&subject->own, metadata, &subject->metadata, err);
    if (rc == ARTDAG_OK)
        rc = ad_source_info_from_json(&subject->own, subject->metadata, &subject->info, err);
    if (rc != ARTDAG_OK)
        return rc;
    subject->frames = number_in(ad_value_get(subject->metadata, "video"), "frames");
    subject->samples = number_in(ad_value_get(subject->metadata, "audio"), "samples");
    return ARTDAG_OK;
}

/* ---- the contact sheet's picture ---- */

static const struct ad_value *sheet_of(const struct ad_value *part)
{
    const struct ad_value *sheet = ad_value_get(part, "contact_sheet");
    return sheet && sheet->kind == AD_VALUE_MAP ? sheet : NULL;
}

bool ad_sheet_cid(const struct ad_value *part, struct ad_cid *ret)
{
    const struct ad_value *cid = ad_value_get(sheet_of(part), "cid");
    return cid && cid->kind == AD_VALUE_STRING &&
           ad_cid_parse(cid->string, ret, NULL) == ARTDAG_OK;
}

static void add_all(struct ad_map_builder *b, const struct ad_value *map)
{
    for (size_t i = 0; map && map->kind == AD_VALUE_MAP && i < map->map.len; i++) {
        char *key = ad_arena_strdup(b->arena, map->map.items[i].key);
        ad_map_add(b, key ? key : "", key ? map->map.items[i].value : NULL);
    }
}

const struct ad_value *ad_sheet_with_cid(struct ad_arena *arena, const struct ad_value *part,
                                         const struct ad_cid *cid)
{
    char text[AD_CID_TEXT_MAX];
    struct ad_map_builder sheet, outer;
    const struct ad_value *old = sheet_of(part);
    if (!old || ad_value_get(old, "cid"))
        return NULL;
    ad_cid_format(cid, text);
    ad_map_begin(&sheet, arena);
    add_all(&sheet, old);
    ad_map_add(&sheet, "cid", ad_value_new_str(arena, ad_str_from(text)));
    ad_map_begin(&outer, arena);
    ad_map_add(&outer, "contact_sheet", ad_map_end(&sheet));
    return ad_map_end(&outer);
}

/* ---- the whole ---- */

static double ratio(int64_t num, int64_t den)
{
    return den > 0 ? (double)num / (double)den : 0;
}

/* The metadata's map of one medium, joined by every part of that medium; null where there is no such stream. */
static const struct ad_value *join(const struct ad_subject *s, struct ad_arena *arena,
                                   bool sound)
{
    const struct ad_value *base = ad_value_get(s->metadata, sound ? "audio" : "video");
    const struct ad_source_info *info = &s->info;
    struct ad_map_builder b;
    if (!base || base->kind != AD_VALUE_MAP)
        return ad_value_new_null(arena);
    ad_map_begin(&b, arena);
    add_all(&b, base);
    double duration = sound ? ratio(s->samples, info->sample_rate)
                            : ratio(info->duration_num, info->duration_den);
    ad_map_add(&b, "duration", ad_value_new_double(arena, duration));
    if (!sound)
        ad_map_add(&b, "frame_rate",
                   ad_value_new_double(arena, ratio(info->fps_num, info->fps_den)));
    unsigned of = sound ? AD_FEATURES_AUDIO : AD_FEATURES_VIDEO;
    for (int i = 0; i < AD_FEATURE_COUNT; i++)
        if (s->parts[i] && (AD_FEATURE_BIT(i) & of & s->asked))
            add_all(&b, s->parts[i]);
    return ad_map_end(&b);
}

static const struct ad_value *requested(const struct ad_subject *s, struct ad_arena *arena)
{
    struct ad_list_builder b;
    ad_list_begin(&b, arena);
    for (int i = 0; i < AD_FEATURE_COUNT; i++)
        if (s->asked & AD_FEATURE_BIT(i))
            ad_list_add(&b, ad_value_new_str(arena, ad_str_from(ad_feature_name(i))));
    return ad_list_end(&b);
}

/* The settings that matter to what was found. */
static const struct ad_value *parameters(const struct ad_subject *s, struct ad_arena *arena,
                                         const struct ad_feature_settings *settings)
{
    struct ad_buf text = AD_BUF_INIT(8192);
    struct ad_json_writer w;
    const struct ad_value *map = NULL;
    ad_jw_init(&w, &text);
    ad_feature_settings_write(settings, s->found, &w);
    if (ad_buf_status(&text) != ARTDAG_OK ||
        ad_part_parse(arena, ad_buf_as_str(&text), &map, NULL) != ARTDAG_OK)
        map = NULL;
    ad_buf_fini(&text);
    return map;
}

static const struct ad_value *revisions(const struct ad_subject *s, struct ad_arena *arena)
{
    struct ad_map_builder b;
    ad_map_begin(&b, arena);
    if (s->found & AD_FEATURES_AUDIO)
        ad_map_add(&b, "audio", ad_value_new_int(arena, ad_feature_revision(AD_FEATURE_BEATS)));
    ad_map_add(&b, "metadata",
               ad_value_new_int(arena, ad_feature_revision(AD_FEATURE_METADATA)));
    if (s->found & AD_FEATURES_VIDEO)
        ad_map_add(&b, "video", ad_value_new_int(arena, ad_feature_revision(AD_FEATURE_BLACK)));
    return ad_map_end(&b);
}

enum artdag_err ad_document_write(const struct ad_subject *s,
                                  const struct ad_feature_settings *settings,
                                  struct ad_buf *buf, artdag_error *err)
{
    static const char *const replaced[] = {"audio", "format", "video"};
    char cid[AD_CID_TEXT_MAX];
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_map_builder b;
    ad_cid_format(s->cid, cid);
    ad_map_begin(&b, &arena);
    for (size_t i = 0; i < s->metadata->map.len; i++) {
        const struct ad_member *member = &s->metadata->map.items[i];
        bool other = false;
        for (size_t k = 0; k < sizeof(replaced) / sizeof(replaced[0]); k++)
            other |= ad_str_is(member->key, replaced[k]);
        char *key = other ? NULL : ad_arena_strdup(&arena, member->key);
        if (key)
            ad_map_add(&b, key, member->value);
    }
    ad_map_add(&b, "audio", join(s, &arena, true));
    ad_map_add(&b, "features_requested", requested(s, &arena));
    ad_map_add(&b, "format", ad_value_new_str(&arena, AD_STR_LIT("artdag/analysis/1")));
    ad_map_add(&b, "input_hash", ad_value_new_str(&arena, ad_str_from(cid)));
    ad_map_add(&b, "parameters", parameters(s, &arena, settings));
    ad_map_add(&b, "revisions", revisions(s, &arena));
    ad_map_add(&b, "video", join(s, &arena, false));
    const struct ad_value *root = ad_map_end(&b);
    ad_buf_clear(buf);
    enum artdag_err rc = root && !ad_arena_failed(&arena) ? ad_json_canonical(root, buf, err)
                                                          : ad_error_nomem(err, ROOM);
    ad_arena_fini(&arena);
    return rc;
}
