/* SPDX-License-Identifier: MIT
 *
 * Names of features and their settings.
 */
#include <string.h>

#include "graph/json.h"

#define ROOM "graph"

static const char *const names[] = {
    [AD_FEATURE_METADATA] = "metadata",
    [AD_FEATURE_BEATS] = "beats",
    [AD_FEATURE_TEMPO] = "tempo",
    [AD_FEATURE_ENERGY] = "energy",
    [AD_FEATURE_SPECTRUM] = "spectrum",
    [AD_FEATURE_ONSETS] = "onsets",
    [AD_FEATURE_LOUDNESS] = "loudness",
    [AD_FEATURE_SILENCE] = "silence",
    [AD_FEATURE_SCENE_CHANGES] = "scene_changes",
    [AD_FEATURE_MOTION_TEMPO] = "motion_tempo",
    [AD_FEATURE_BLACK] = "black",
    [AD_FEATURE_FREEZE] = "freeze",
    [AD_FEATURE_CONTACT_SHEET] = "contact_sheet",
    NULL,
};

const char *ad_feature_name(enum ad_feature feature)
{
    return names[feature];
}

static enum artdag_err add_feature(struct ad_str name, unsigned *set, artdag_error *err)
{
    if (ad_str_is(name, "all")) {
        *set |= AD_FEATURES_ALL;
        return ARTDAG_OK;
    }
    for (int i = 0; i < AD_FEATURE_COUNT; i++) {
        if (ad_str_is(name, names[i])) {
            *set |= AD_FEATURE_BIT(i);
            return ARTDAG_OK;
        }
    }
    const char *nearest = ad_str_nearest(name, names);
    ad_error_set(err, ARTDAG_E_INVAL, ROOM, "there is no feature \"%.*s\"%s%s%s",
                 (int)(name.len < 60 ? name.len : 60), name.ptr ? name.ptr : "",
                 nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
    ad_error_hint(err,
                  "all, metadata, beats, tempo, energy, spectrum, onsets, loudness, silence, "
                  "scene_changes, motion_tempo, black, freeze, contact_sheet");
    return ARTDAG_E_INVAL;
}

enum artdag_err ad_features_parse(struct ad_str text, unsigned *ret, artdag_error *err)
{
    unsigned set = 0;
    size_t from = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && text.ptr[i] != ',')
            continue;
        enum artdag_err rc = add_feature(ad_str_slice(text, from, i), &set, err);
        if (rc)
            return rc;
        from = i + 1;
    }
    *ret = set;
    return ARTDAG_OK;
}

/* ---- settings ---- */

#define BIT(name) AD_FEATURE_BIT(AD_FEATURE_##name)

/* In the order of their names, which is that of the document. */
static const struct {
    const char *name;
    unsigned features; /* what depends on it */
    double standard, min, max;
    bool whole;
} table[] = {
    [AD_SET_BEATS_PER_BAR] = {"beats_per_bar", BIT(BEATS) | BIT(TEMPO), 0, 0, 7, true},
    [AD_SET_BLACK_LEVEL] = {"black_level", BIT(BLACK), 0.98, 0.01, 1, false},
    [AD_SET_BLACK_MIN] = {"black_min", BIT(BLACK), 0.1, 0.001, 3600, false},
    [AD_SET_FREEZE_LEVEL] = {"freeze_level", BIT(FREEZE), 0.5, 0.001, 255, false},
    [AD_SET_FREEZE_MIN] = {"freeze_min", BIT(FREEZE), 1, 0.001, 3600, false},
    [AD_SET_SCENE_MIN] = {"scene_min", BIT(SCENE_CHANGES), 0.25, 0.001, 3600, false},
    [AD_SET_SCENE_THRESHOLD] = {"scene_threshold", BIT(SCENE_CHANGES), 28, 1, 100, false},
    [AD_SET_SHEET_COLUMNS] = {"sheet_columns", BIT(CONTACT_SHEET), 6, 1, 40, true},
    [AD_SET_SHEET_ROWS] = {"sheet_rows", BIT(CONTACT_SHEET), 4, 1, 40, true},
    [AD_SET_SHEET_WIDTH] = {"sheet_width", BIT(CONTACT_SHEET), 240, 32, 640, true},
    [AD_SET_SILENCE_DB] = {"silence_db", BIT(SILENCE), -60, -150, -1, false},
    [AD_SET_SILENCE_MIN] = {"silence_min", BIT(SILENCE), 0.5, 0.01, 3600, false},
    [AD_SET_WINDOW_MS] = {"window_ms", BIT(ENERGY) | BIT(SPECTRUM), 50, 10, 1000, true},
};

void ad_feature_settings_init(struct ad_feature_settings *settings)
{
    for (int i = 0; i < AD_SETTING_COUNT; i++)
        settings->value[i] = table[i].standard;
}

static bool in_range(int i, double value)
{
    if (!(value >= table[i].min && value <= table[i].max))
        return false;
    if (table[i].whole && value != (double)(int)value)
        return false;
    if (i == AD_SET_BEATS_PER_BAR && value == 1)
        return false;
    return i != AD_SET_WINDOW_MS || (int)value % 10 == 0;
}

static enum artdag_err bad_value(int i, const char *value, artdag_error *err)
{
    char low[32];
    char high[32];
    ad_double_format(table[i].min, low);
    ad_double_format(table[i].max, high);
    return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "%s is %s from %s to %s%s, not \"%.60s\"",
                        table[i].name, table[i].whole ? "a whole number" : "a number", low,
                        high,
                        i == AD_SET_WINDOW_MS       ? " in steps of 10"
                        : i == AD_SET_BEATS_PER_BAR ? " but not 1 (0: find out)"
                                                    : "",
                        value);
}

enum artdag_err ad_feature_settings_set(struct ad_feature_settings *settings, const char *name,
                                        const char *value, artdag_error *err)
{
    const char *known[AD_SETTING_COUNT + 1] = {0};
    double number = 0;
    for (int i = 0; i < AD_SETTING_COUNT; i++) {
        known[i] = table[i].name;
        if (strcmp(name, table[i].name) != 0)
            continue;
        if (!ad_str_to_double(ad_str_from(value), &number) || !in_range(i, number))
            return bad_value(i, value, err);
        settings->value[i] = number;
        return ARTDAG_OK;
    }
    const char *nearest = ad_str_nearest(ad_str_from(name), known);
    return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "there is no setting \"%.60s\"%s%s%s", name,
                        nearest ? "; did you mean " : "", nearest ? nearest : "",
                        nearest ? "?" : "");
}

void ad_feature_settings_write(const struct ad_feature_settings *settings, unsigned features,
                               struct ad_json_writer *w)
{
    ad_jw_map_begin(w);
    for (int i = 0; i < AD_SETTING_COUNT; i++) {
        if (table[i].features & features) {
            ad_jw_key(w, table[i].name);
            ad_jw_double(w, settings->value[i]);
        }
    }
    ad_jw_map_end(w);
}

/* ---- for the study ---- */

enum artdag_err ad_feature_settings_check(const struct ad_feature_settings *settings,
                                          artdag_error *err)
{
    for (int i = 0; i < AD_SETTING_COUNT; i++)
        if (!in_range(i, settings->value[i]))
            return bad_value(i, "something else", err);
    return ARTDAG_OK;
}

enum artdag_err ad_feature_settings_read(const struct ad_value *map,
                                         struct ad_feature_settings *ret, artdag_error *err)
{
    const char *known[AD_SETTING_COUNT + 1] = {0};
    struct ad_feature_settings settings;
    for (int i = 0; i < AD_SETTING_COUNT; i++)
        known[i] = table[i].name;
    enum artdag_err rc = ad_graph_json_keys(map, known, "the settings", err);
    for (int i = 0; !rc && i < AD_SETTING_COUNT; i++) {
        const struct ad_value *value = ad_value_get(map, known[i]);
        if (value->kind == AD_VALUE_INT)
            settings.value[i] = (double)value->integer;
        else if (value->kind == AD_VALUE_DOUBLE)
            settings.value[i] = value->number;
        else
            rc = ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "the setting %s is no number",
                              known[i]);
    }
    if (!rc)
        *ret = settings;
    return rc;
}
