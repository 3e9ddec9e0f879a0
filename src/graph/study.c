/* SPDX-License-Identifier: MIT
 *
 * What a FEATURES job is told: its part of the job document, and what it must satisfy.
 */
#include "graph/json.h"

#define ROOM "graph"

static enum artdag_err bad_study(artdag_error *err, const char *what)
{
    return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "a study %s", what);
}

static bool within(int64_t n, int64_t low, int64_t high)
{
    return n >= low && n <= high;
}

static bool has_rate(const struct ad_study *s)
{
    return within(s->fps_num, 1, INT32_MAX) && within(s->fps_den, 1, INT32_MAX) &&
           within(s->frames, 1, AD_FRAMES_MAX);
}

static bool is_shown(const struct ad_study *s)
{
    return within(s->rotation, 0, 270) && s->rotation % 90 == 0 &&
           within(s->sar_num, 1, 65536) && within(s->sar_den, 1, 65536);
}

enum artdag_err ad_study_check(const struct ad_study *s, artdag_error *err)
{
    bool sound = s->features & AD_FEATURES_AUDIO;
    bool pictures = s->features & AD_FEATURES_VIDEO;
    if (sound == pictures || (s->features & ~(AD_FEATURES_AUDIO | AD_FEATURES_VIDEO)))
        return bad_study(err, "is of sound or of pictures");
    if (!s->cid || !within(s->stream, 0, 1000) || s->origin_den < 1)
        return bad_study(err, "names a stream and an origin");
    enum artdag_err rc = ad_feature_settings_check(&s->settings, err);
    if (rc || sound)
        return rc;
    if (!has_rate(s))
        return bad_study(err, "has no usable rate or length");
    return is_shown(s) ? ARTDAG_OK : bad_study(err, "has no usable rotation or pixel shape");
}

/* A plot needs to know where the sound is and how it is placed; the document says the rest. */
enum artdag_err ad_plot_check(const struct ad_study *s, artdag_error *err)
{
    const unsigned sheet = AD_FEATURE_BIT(AD_FEATURE_CONTACT_SHEET);
    if (s->features & ~(AD_FEATURES_AUDIO | sheet))
        return bad_study(err, "draws sound and a contact sheet");
    if (!s->cid || !within(s->stream, 0, 1000) || s->origin_den < 1)
        return bad_study(err, "names a stream and an origin");
    return ad_feature_settings_check(&s->settings, err);
}

void ad_study_write(const struct ad_study *s, struct ad_json_writer *w)
{
    const struct {
        const char *key;
        int64_t value;
    } numbers[] = {
        {"features", s->features}, {"fps_den", s->fps_den},       {"fps_num", s->fps_num},
        {"frames", s->frames},     {"origin_den", s->origin_den}, {"origin_num", s->origin_num},
        {"rotation", s->rotation}, {"sar_den", s->sar_den},       {"sar_num", s->sar_num}};
    ad_jw_map_begin(w);
    ad_jw_key(w, "cid");
    ad_jw_cstr(w, s->cid);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        ad_jw_key(w, numbers[i].key);
        ad_jw_int(w, numbers[i].value);
    }
    ad_jw_key(w, "settings");
    ad_feature_settings_write(&s->settings, AD_FEATURES_ALL, w);
    ad_jw_key(w, "stream");
    ad_jw_int(w, s->stream);
    ad_jw_map_end(w);
}

enum artdag_err ad_study_read(struct ad_arena *arena, const struct ad_value *root,
                              struct ad_study *ret, artdag_error *err)
{
    static const char *const keys[] = {
        "cid",      "features", "fps_den", "fps_num",  "frames", "origin_den", "origin_num",
        "rotation", "sar_den",  "sar_num", "settings", "stream", NULL};
    struct ad_study s = {0};
    int64_t features = 0;
    const struct {
        const char *key;
        int64_t *to;
    } numbers[] = {{"features", &features},       {"fps_den", &s.fps_den},
                   {"fps_num", &s.fps_num},       {"frames", &s.frames},
                   {"origin_den", &s.origin_den}, {"origin_num", &s.origin_num},
                   {"rotation", &s.rotation},     {"sar_den", &s.sar_den},
                   {"sar_num", &s.sar_num},       {"stream", &s.stream}};
    enum artdag_err rc = ad_graph_json_keys(root, keys, "the study", err);
    for (size_t i = 0; !rc && i < sizeof(numbers) / sizeof(numbers[0]); i++)
        rc = ad_value_i64(root, numbers[i].key, numbers[i].to, err);
    if (!rc)
        rc = ad_graph_json_text(arena, root, "cid", false, &s.cid, err);
    if (!rc)
        rc = ad_feature_settings_read(ad_value_get(root, "settings"), &s.settings, err);
    if (!rc && (features < 0 || features > AD_FEATURES_ALL))
        rc = bad_study(err, "asks for unknown features");
    s.features = (unsigned)features;
    if (!rc)
        *ret = s;
    return rc;
}
