/* SPDX-License-Identifier: MIT
 *
 * What SOURCE needs to know of a foreign file, out of the metadata document (docs/formats/analysis.md).
 */
#include <string.h>

#include "ops/op.h"

static enum artdag_err bad(artdag_error *err, const char *what)
{
    return ad_error_set(err, ARTDAG_E_FORMAT, "ops", "not a metadata document: %s", what);
}

static enum artdag_err read_ratio(const struct ad_value *map, const char *key, int64_t *ret_num,
                                  int64_t *ret_den, artdag_error *err)
{
    const struct ad_value *ratio = NULL;
    enum artdag_err rc = ad_value_map(map, key, &ratio, err);
    if (!rc)
        rc = ad_value_i64(ratio, "num", ret_num, err);
    if (!rc)
        rc = ad_value_i64(ratio, "den", ret_den, err);
    if (!rc && *ret_den < 1)
        rc = bad(err, "a ratio's denominator is not positive");
    return rc;
}

static enum artdag_err read_text(struct ad_arena *arena, const struct ad_value *map,
                                 const char *key, const char **ret, artdag_error *err)
{
    struct ad_str text = {0};
    enum artdag_err rc = ad_value_str(map, key, &text, err);
    if (rc)
        return rc;
    *ret = ad_arena_strdup(arena, text);
    return *ret ? ARTDAG_OK : ad_error_nomem(err, "ops");
}

static bool starts_with_any(const char *text, const char *const *prefixes)
{
    for (; *prefixes; prefixes++) {
        if (strncmp(text, *prefixes, strlen(*prefixes)) == 0)
            return true;
    }
    return false;
}

/* Files often do not say what their pixel format implies: RGB has no matrix, and it, grey and the JPEG formats use the
 * full range. */
static enum artdag_err read_color(struct ad_arena *arena, const struct ad_value *video,
                                  struct ad_source_info *info, artdag_error *err)
{
    static const char *const rgb[] = {"rgb",  "bgr", "argb", "abgr", "0rgb",
                                      "0bgr", "gbr", "pal8", "x2",   NULL};
    static const char *const full[] = {"yuvj", "gray", "mono", "ya8", "ya16", NULL};
    const struct ad_value *color = NULL;
    const char *format = "";
    const char *range = "";
    enum artdag_err rc = ad_value_map(video, "color", &color, err);
    if (!rc)
        rc = read_text(arena, video, "pixel_format", &format, err);
    if (!rc)
        rc = read_text(arena, color, "matrix", &info->matrix, err);
    if (!rc)
        rc = read_text(arena, color, "range", &range, err);
    if (rc)
        return rc;
    if (starts_with_any(format, rgb))
        info->matrix = "gbr";
    info->full_range = strcmp(range, "pc") == 0 || strcmp(info->matrix, "gbr") == 0 ||
                       (strcmp(range, "tv") != 0 && starts_with_any(format, full));
    return ARTDAG_OK;
}

static bool video_fits(const struct ad_source_info *i)
{
    bool turned =
        i->rotation == 0 || i->rotation == 90 || i->rotation == 180 || i->rotation == 270;
    return i->width >= 1 && i->height >= 1 && i->width <= 16384 && i->height <= 16384 &&
           turned && i->sar_num >= 1 && i->sar_num <= 65536 && i->sar_den <= 65536 &&
           i->fps_num >= 1 && i->fps_num <= INT32_MAX && i->fps_den <= INT32_MAX &&
           i->video_stream >= 0;
}

static enum artdag_err read_video(struct ad_arena *arena, const struct ad_value *video,
                                  struct ad_source_info *info, artdag_error *err)
{
    enum artdag_err rc = ad_value_i64(video, "stream", &info->video_stream, err);
    if (!rc)
        rc = ad_value_i64(video, "width", &info->width, err);
    if (!rc)
        rc = ad_value_i64(video, "height", &info->height, err);
    if (!rc)
        rc = ad_value_i64(video, "rotation", &info->rotation, err);
    if (!rc)
        rc = ad_value_bool(video, "alpha", &info->alpha, err);
    if (!rc)
        rc = ad_value_bool(video, "still", &info->still, err);
    if (!rc)
        rc = read_ratio(video, "sar", &info->sar_num, &info->sar_den, err);
    if (!rc)
        rc = read_ratio(video, "fps", &info->fps_num, &info->fps_den, err);
    if (!rc)
        rc = read_color(arena, video, info, err);
    if (!rc && !video_fits(info))
        rc = bad(err, "its video has sizes or rates out of bounds");
    info->video = true;
    return rc;
}

static enum artdag_err read_audio(const struct ad_value *audio, struct ad_source_info *info,
                                  artdag_error *err)
{
    enum artdag_err rc = ad_value_i64(audio, "stream", &info->audio_stream, err);
    if (!rc)
        rc = ad_value_i64(audio, "sample_rate", &info->sample_rate, err);
    if (!rc)
        rc = ad_value_i64(audio, "channels", &info->channels, err);
    if (!rc && (info->audio_stream < 0 || info->sample_rate < 1 ||
                info->sample_rate > 10000000 || info->channels < 1 || info->channels > 1024))
        rc = bad(err, "its audio has rates or channels out of bounds");
    info->audio = true;
    return rc;
}

static enum artdag_err read_times(const struct ad_value *analysis, struct ad_source_info *info,
                                  artdag_error *err)
{
    enum artdag_err rc =
        read_ratio(analysis, "origin", &info->origin_num, &info->origin_den, err);
    if (!rc)
        rc = read_ratio(analysis, "duration", &info->duration_num, &info->duration_den, err);
    if (!rc && info->duration_num < 0)
        rc = bad(err, "its duration is negative");
    return rc;
}

static enum artdag_err read_streams(struct ad_arena *arena, const struct ad_value *analysis,
                                    struct ad_source_info *info, artdag_error *err)
{
    const struct ad_value *video = ad_value_get(analysis, "video");
    const struct ad_value *audio = ad_value_get(analysis, "audio");
    enum artdag_err rc = ARTDAG_OK;
    if (video && video->kind == AD_VALUE_MAP)
        rc = read_video(arena, video, info, err);
    if (!rc && audio && audio->kind == AD_VALUE_MAP)
        rc = read_audio(audio, info, err);
    if (!rc && !info->video && !info->audio)
        rc = bad(err, "it has neither video nor audio");
    return rc;
}

enum artdag_err ad_source_info_from_json(struct ad_arena *arena,
                                         const struct ad_value *analysis,
                                         struct ad_source_info *ret, artdag_error *err)
{
    struct ad_source_info info = {
        .sar_num = 1, .sar_den = 1, .fps_num = 1, .fps_den = 1, .matrix = ""};
    if (!analysis || analysis->kind != AD_VALUE_MAP)
        return bad(err, "it is not a map");
    struct ad_str format = {0};
    enum artdag_err rc = ad_value_str(analysis, "format", &format, err);
    if (!rc && !ad_str_is(format, "artdag/metadata/1"))
        rc = bad(err, "its format is not artdag/metadata/1");
    if (!rc)
        rc = read_times(analysis, &info, err);
    if (!rc)
        rc = read_streams(arena, analysis, &info, err);
    if (!rc)
        *ret = info;
    return rc;
}

int64_t ad_source_frames(const struct ad_source_info *info, const struct ad_format *format)
{
    int64_t frames = ad_frames_from_seconds(info->duration_num, info->duration_den, format);
    return frames < 1 ? 1 : frames > AD_FRAMES_MAX ? AD_FRAMES_MAX : frames;
}
