/* SPDX-License-Identifier: MIT
 *
 * ENCODE: the settings of encoders and containers, profile by profile.
 */
#include <string.h>

#include "ops/encode.h"

#define OPUS_RATE 48000

const char *ad_encode_pixels(const struct ad_op_call *call)
{
    bool alpha = ad_encode_alpha(call);
    if (ad_encode_is(call, "master"))
        return call->format->pixel_format;
    if (ad_encode_is(call, "webm"))
        return alpha ? "yuva420p" : "yuv420p";
    if (ad_encode_is(call, "prores") && ad_conf_is(call->config, "prores", "4444"))
        return alpha ? "yuva444p10le" : "yuv444p10le";
    if (ad_encode_is(call, "prores"))
        return "yuv422p10le";
    if (ad_encode_is(call, "gif"))
        return "pal8";
    if (ad_encode_is(call, "png"))
        return alpha ? "rgba" : "rgb24";
    return ad_encode_is(call, "jpeg") ? "yuvj420p" : "yuv420p";
}

int64_t ad_encode_sound_rate(const struct ad_op_call *call)
{
    return ad_encode_is(call, "webm") ? OPUS_RATE : call->format->sample_rate;
}

struct setting {
    const char *name, *value;
};

static bool set_all(struct ad_arena *arena, struct ad_codec_settings *codec,
                    const struct setting *settings)
{
    bool ok = true;
    for (; settings->name; settings++)
        ok = ok && settings->value &&
             ad_codec_set(arena, codec, settings->name, settings->value);
    return ok;
}

static bool set_colors(struct ad_arena *arena, struct ad_codec_settings *codec)
{
    static const struct setting colors[] = {{"colorspace", "bt709"},
                                            {"color_primaries", "bt709"},
                                            {"color_trc", "bt709"},
                                            {"color_range", "tv"},
                                            {NULL, NULL}};
    return set_all(arena, codec, colors);
}

/* Level 4.1 up to 1080p30, which every player has; above, the encoder finds the level. */
static bool fits_level_41(const struct ad_op_call *call)
{
    struct ad_edge out = {0};
    if (ad_op_encode.edge(call, &out, NULL))
        return false;
    int64_t blocks = ((out.width + 15) / 16) * ((out.height + 15) / 16);
    return blocks <= 8192 &&
           blocks * call->format->fps_num <= INT64_C(245760) * call->format->fps_den;
}

/* The buffer holds a second, so that n seconds never hold more than n + 1 times the cap. A hundredth is kept for what
 * the container and rounding add. */
static bool set_cap(const struct ad_op_call *call, struct ad_codec_settings *codec)
{
    int64_t cap = ad_conf_int(call->config, "max_bitrate", 0) / 100 * 99;
    const char *text = ad_arena_printf(call->arena, "%lld", (long long)cap);
    return !cap || (text && ad_codec_set(call->arena, codec, "maxrate", text) &&
                    ad_codec_set(call->arena, codec, "bufsize", text));
}

static bool set_h264(const struct ad_op_call *call, struct ad_codec_settings *codec)
{
    struct ad_arena *arena = call->arena;
    char crf[32];
    (void)ad_double_format(ad_conf_number(call->config, "crf", 18), crf);
    const struct setting settings[] = {
        {"preset", ad_conf_text(arena, call->config, "preset", "fast")},
        {"profile", "high"},
        {"crf", crf},
        {"g", ad_arena_printf(arena, "%lld", (long long)ad_conf_int(call->config, "gop", 48))},
        {"threads", "1"},
        {"x264-params", "cpu-independent=1"},
        {"flags", "+bitexact+cgop"},
        {NULL, NULL},
    };
    codec->codec = "libx264";
    codec->pixel_format = ad_encode_pixels(call);
    return set_all(arena, codec, settings) && set_colors(arena, codec) &&
           set_cap(call, codec) &&
           (!fits_level_41(call) || ad_codec_set(arena, codec, "level", "4.1"));
}

/* The presets as libvpx counts them; in its good mode more than 5 changes nothing. */
static const char *vp9_speed(const struct ad_op_call *call)
{
    static const char *const speeds[][2] = {{"veryslow", "0"}, {"slower", "1"},
                                            {"slow", "1"},     {"medium", "2"},
                                            {"fast", "3"},     {"faster", "4"}};
    for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++) {
        if (ad_conf_is(call->config, "preset", speeds[i][0]))
            return speeds[i][1];
    }
    return "5";
}

/* Frames ahead that are shown later do not go together with transparency. */
static bool set_vp9(const struct ad_op_call *call, struct ad_codec_settings *codec)
{
    struct ad_arena *arena = call->arena;
    char crf[32];
    (void)ad_double_format(ad_conf_number(call->config, "crf", 31), crf);
    const struct setting settings[] = {
        {"crf", crf},
        {"b", "0"},
        {"g", ad_arena_printf(arena, "%lld", (long long)ad_conf_int(call->config, "gop", 120))},
        {"deadline", "good"},
        {"cpu-used", vp9_speed(call)},
        {"lag-in-frames", "25"},
        {"auto-alt-ref", ad_encode_alpha(call) ? "0" : "1"},
        {"row-mt", "0"},
        {"tile-columns", "0"},
        {"frame-parallel", "0"},
        {"threads", "1"},
        {"flags", "+bitexact"},
        {NULL, NULL},
    };
    codec->codec = "libvpx-vp9";
    codec->pixel_format = ad_encode_pixels(call);
    return set_all(arena, codec, settings) && set_colors(arena, codec);
}

static bool set_prores(const struct ad_op_call *call, struct ad_codec_settings *codec)
{
    const struct setting settings[] = {
        {"profile", ad_conf_text(call->arena, call->config, "prores", "hq")},
        {"vendor", "apl0"},
        {"alpha_bits", ad_encode_alpha(call) ? "16" : "0"},
        {"threads", "1"},
        {"flags", "+bitexact"},
        {NULL, NULL},
    };
    codec->codec = "prores_ks";
    codec->pixel_format = ad_encode_pixels(call);
    return set_all(call->arena, codec, settings) && set_colors(call->arena, codec);
}

static bool set_plain(const struct ad_op_call *call, const char *name,
                      struct ad_codec_settings *codec)
{
    codec->codec = name;
    codec->pixel_format = ad_encode_pixels(call);
    return ad_codec_set(call->arena, codec, "threads", "1") &&
           ad_codec_set(call->arena, codec, "flags", "+bitexact");
}

/* 100 is the encoder's scale of 2, 1 its 31. */
static bool set_mjpeg(const struct ad_op_call *call, struct ad_codec_settings *codec)
{
    int64_t scale = 2 + (100 - ad_conf_int(call->config, "quality", 90)) * 29 / 99;
    const char *text = ad_arena_printf(call->arena, "%lld", (long long)scale);
    const struct setting settings[] = {
        {"qmin", text},   {"qmax", text},         {"huffman", "optimal"},
        {"dct", "int"},   {"idct", "simple"},     {"color_range", "pc"},
        {"threads", "1"}, {"flags", "+bitexact"}, {NULL, NULL},
    };
    codec->codec = "mjpeg";
    codec->pixel_format = ad_encode_pixels(call);
    return set_all(call->arena, codec, settings);
}

/* The encoder takes more than one slice only from pictures above 352 x 288. */
static bool set_ffv1(const struct ad_op_call *call, struct ad_codec_settings *codec)
{
    struct ad_edge out = {0};
    if (ad_op_encode.edge(call, &out, NULL))
        return false;
    const struct setting settings[] = {
        {"level", "3"},
        {"g", "1"},
        {"slices", out.width > 352 || out.height > 288 ? "4" : "1"},
        {"slicecrc", "1"},
        {"threads", "1"},
        {"flags", "+bitexact"},
        {NULL, NULL},
    };
    codec->codec = "ffv1";
    codec->pixel_format = ad_encode_pixels(call);
    return set_all(call->arena, codec, settings) && set_colors(call->arena, codec);
}

static bool set_aac(const struct ad_op_call *call, struct ad_codec_settings *codec)
{
    int64_t rate = ad_conf_int(call->config, "audio_bitrate", 192000);
    const struct setting settings[] = {
        {"b", ad_arena_printf(call->arena, "%lld", (long long)rate)},
        {"flags", "+bitexact"},
        {NULL, NULL},
    };
    codec->codec = "aac";
    codec->sample_format = "fltp";
    return set_all(call->arena, codec, settings);
}

static bool set_opus(const struct ad_op_call *call, struct ad_codec_settings *codec)
{
    int64_t rate = ad_conf_int(call->config, "audio_bitrate", 160000);
    const struct setting settings[] = {
        {"b", ad_arena_printf(call->arena, "%lld", (long long)rate)},
        {"strict", "-2"}, /* it calls itself experimental */
        {"flags", "+bitexact"},
        {NULL, NULL},
    };
    codec->codec = "opus";
    codec->sample_format = "fltp";
    codec->sample_rate = call->format->sample_rate == OPUS_RATE ? 0 : OPUS_RATE;
    return set_all(call->arena, codec, settings);
}

static bool set_pcm(const struct ad_op_call *call, struct ad_codec_settings *codec)
{
    codec->codec = "pcm_s24le";
    codec->sample_format = "s32";
    return ad_codec_set(call->arena, codec, "flags", "+bitexact");
}

static bool set_flac(const struct ad_op_call *call, struct ad_codec_settings *codec)
{
    codec->codec = "flac";
    codec->sample_format = "s32";
    return ad_codec_set(call->arena, codec, "flags", "+bitexact");
}

/* Edit lists, which hide the encoder's priming samples and end the sound, count in the movie's own time scale: with the
 * default of milliseconds the sound's length would be rounded to those. */
static bool set_mp4(const struct ad_op_call *call, struct ad_encode *e)
{
    const char *scale =
        ad_arena_printf(call->arena, "%lld", (long long)call->format->sample_rate);
    return scale && ad_encode_set(call->arena, e, "movflags", "+faststart") &&
           (!ad_encode_audio(call) || ad_encode_set(call->arena, e, "movie_timescale", scale));
}

/* ---- Files ---- */

typedef bool (*set_fn)(const struct ad_op_call *call, struct ad_codec_settings *codec);

static bool set_gif(const struct ad_op_call *call, struct ad_codec_settings *codec)
{
    return set_plain(call, "gif", codec);
}

static bool set_png(const struct ad_op_call *call, struct ad_codec_settings *codec)
{
    return set_plain(call, "png", codec);
}

static const struct file {
    const char *profile, *container;
    set_fn video, audio;
} files[] = {
    {"web", "mp4", set_h264, set_aac},          {"webm", "webm", set_vp9, set_opus},
    {"prores", "mov", set_prores, set_pcm},     {"gif", "gif", set_gif, NULL},
    {"master", "matroska", set_ffv1, set_flac}, {"audio", "ipod", NULL, set_aac},
    {"flac", "flac", NULL, set_flac},           {"wav", "wav", NULL, set_pcm},
    {"png", "image2pipe", set_png, NULL},       {"jpeg", "image2pipe", set_mjpeg, NULL},
};

static bool set_container(const struct ad_op_call *call, struct ad_encode *e)
{
    bool mp4 = strcmp(e->container, "mp4") == 0 || strcmp(e->container, "mov") == 0 ||
               strcmp(e->container, "ipod") == 0;
    bool once = !ad_conf_bool(call->config, "loop", true);
    bool ok = ad_encode_set(call->arena, e, "fflags", "+bitexact");
    if (mp4)
        ok = ok && set_mp4(call, e);
    if (strcmp(e->container, "gif") == 0)
        ok = ok && ad_encode_set(call->arena, e, "loop", once ? "-1" : "0");
    return ok;
}

enum artdag_err ad_encode_settings(const struct ad_op_call *call, struct ad_encode *ret,
                                   artdag_error *err)
{
    const struct file *file = files; /* web when a document says nothing */
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (ad_encode_is(call, files[i].profile))
            file = &files[i];
    }
    if ((ad_encode_video(call) && !file->video) || (ad_encode_audio(call) && !file->audio))
        return ad_error_set(err, ARTDAG_E_INTERNAL, "ops", "%s is no file", file->profile);
    struct ad_encode e = {.container = file->container,
                          .max_bytes = ad_conf_int(call->config, "max_size", 0)};
    bool ok = set_container(call, &e);
    if (ad_encode_video(call))
        ok = ok && file->video(call, &e.video);
    if (ad_encode_audio(call))
        ok = ok && file->audio(call, &e.audio);
    if (!ok)
        return ad_error_nomem(err, "ops");
    *ret = e;
    return ARTDAG_OK;
}
