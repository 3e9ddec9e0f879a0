/* SPDX-License-Identifier: MIT
 *
 * ENCODE: the file for people. Every setting is fixed, so that the bytes are the same on every machine.
 */
#include <string.h>

#include "ops/op.h"

static const char *const profiles[] = {"web", "master", "audio", NULL};
static const char *const presets[] = {"ultrafast", "superfast", "veryfast", "faster",   "fast",
                                      "medium",    "slow",      "slower",   "veryslow", NULL};

static const struct ad_field fields[] = {
    {.name = "profile",
     .type = AD_FIELD_ENUM,
     .fallback = "\"web\"",
     .values = profiles,
     .doc = "web: H.264 High, 4:2:0, with AAC in MP4 that starts playing before it is loaded. "
            "master: lossless FFV1 in the "
            "working pixel format with 24-bit FLAC in Matroska. audio: AAC alone in M4A."},
    {.name = "crf",
     .type = AD_FIELD_NUMBER,
     .min = 1,
     .max = 51,
     .doc = "web: quality, lower is better and larger; 18 without it."},
    {.name = "preset",
     .type = AD_FIELD_ENUM,
     .values = presets,
     .doc = "web: slower is smaller at the same quality; fast without it."},
    {.name = "gop",
     .type = AD_FIELD_INT,
     .min = 1,
     .max = 1000,
     .unit = "frames",
     .doc = "web: the longest way between two key frames; 48 without it."},
    {.name = "audio_bitrate",
     .type = AD_FIELD_BITRATE,
     .min = 16000,
     .max = 512000,
     .unit = "bit/s",
     .doc = "web and audio: \"192k\" or 192000; 192k without it."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "the film"}, {.max = 0}};

static bool is_profile(const struct ad_op_call *call, const char *name)
{
    return ad_conf_is(call->config, "profile", name);
}

/* What the result holds. */
static bool has_video(const struct ad_op_call *call)
{
    return call->inputs[0].edge.video && !is_profile(call, "audio");
}

static bool has_audio(const struct ad_op_call *call)
{
    return call->inputs[0].edge.audio;
}

static enum artdag_err check_sample_rate(const struct ad_op_call *call, artdag_error *err)
{
    static const int64_t rates[] = {96000, 88200, 64000, 48000, 44100, 32000,
                                    24000, 22050, 16000, 12000, 11025, 8000};
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        if (rates[i] == call->format->sample_rate)
            return ARTDAG_OK;
    }
    enum artdag_err rc = ad_conf_bad(call->config, "profile", err, "AAC cannot carry %lld Hz",
                                     (long long)call->format->sample_rate);
    ad_error_hint(err, "set format.sample_rate to 48000 or 44100");
    return rc;
}

static enum artdag_err check(const struct ad_op_call *call, artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_encode, call, err);
    if (rc)
        return rc;
    if (is_profile(call, "audio") && !has_audio(call))
        return ad_conf_bad(call->config, "profile", err, "the film has no sound");
    static const struct {
        const char *key, *profiles;
    } uses[] = {
        {"crf", "web"}, {"preset", "web"}, {"gop", "web"}, {"audio_bitrate", "web audio"}};
    for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
        const struct ad_value *profile = ad_value_get(call->config, "profile");
        if (!ad_value_get(call->config, uses[i].key) || !profile)
            continue;
        const char *name = ad_conf_text(call->arena, call->config, "profile", "web");
        if (!strstr(uses[i].profiles, name))
            return ad_conf_bad(call->config, uses[i].key, err, "%s means nothing in profile %s",
                               uses[i].key, name);
    }
    if (has_audio(call) && !is_profile(call, "master"))
        return check_sample_rate(call, err);
    return ARTDAG_OK;
}

static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    struct ad_arena *arena = call->arena;
    bool web_video = is_profile(call, "web") && has_video(call);
    bool aac = has_audio(call) && !is_profile(call, "master");
    struct ad_conf_set with[4];
    size_t n = 0;
    if (web_video) {
        const char *preset = ad_conf_text(arena, call->config, "preset", "fast");
        with[n++] = (struct ad_conf_set){
            "crf", ad_value_new_double(arena, ad_conf_number(call->config, "crf", 18))};
        with[n++] =
            (struct ad_conf_set){"preset", ad_value_new_str(arena, ad_str_from(preset))};
        with[n++] = (struct ad_conf_set){
            "gop", ad_value_new_int(arena, ad_conf_int(call->config, "gop", 48))};
    }
    if (aac)
        with[n++] = (struct ad_conf_set){
            "audio_bitrate",
            ad_value_new_int(arena, ad_conf_int(call->config, "audio_bitrate", 192000))};
    /* Settings of a stream that is not there do not make another film. */
    static const char *const all[] = {"crf", "preset", "gop", "audio_bitrate", NULL};
    const struct ad_value *config = ad_conf_edit(arena, call->config, all, with, n);
    if (!config)
        return ad_error_nomem(err, "ops");
    *ret_config = config;
    return ARTDAG_OK;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    const struct ad_edge *in = &call->inputs[0].edge;
    bool video = has_video(call);
    *ret = (struct ad_edge){.frames = in->frames,
                            .width = video ? in->width : 0,
                            .height = video ? in->height : 0,
                            .video = video,
                            .audio = has_audio(call),
                            .deliverable = true};
    return ARTDAG_OK;
}

/* Sets the deliverable's pixel format; what is transparent becomes black in formats that know no transparency. */
static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    if (fragment->video) {
        struct ad_graph *graph = fragment->video;
        const struct ad_edge *in = &call->inputs[0].edge;
        const char *working = call->format->pixel_format;
        struct ad_pad out = fragment->video_in[0];
        if (is_profile(call, "web") && strcmp(working, "yuv420p") != 0) {
            if (ad_pixel_alpha(working))
                out = ad_video_flatten(graph, out, working, "#000000");
            out = ad_video_scale(graph, out, in->width, in->height);
            out = ad_video_format(graph, out, "yuv420p");
        }
        fragment->video_out = out;
    }
    if (fragment->audio)
        fragment->audio_out = fragment->audio_in[0];
    return ad_op_built(fragment, err);
}

/* Every span is encoded by itself and none knows of its neighbours; that is what revision 2 means. */
static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    if (!has_video(call))
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ops", "sound is never divided");
    return ad_slice_same(call, out, ret, err);
}

/* ---- Settings ---- */

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
    const struct ad_edge *in = &call->inputs[0].edge;
    int64_t blocks = ((in->width + 15) / 16) * ((in->height + 15) / 16);
    return blocks <= 8192 &&
           blocks * call->format->fps_num <= INT64_C(245760) * call->format->fps_den;
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
    codec->pixel_format = "yuv420p";
    return set_all(arena, codec, settings) && set_colors(arena, codec) &&
           (!fits_level_41(call) || ad_codec_set(arena, codec, "level", "4.1"));
}

/* The encoder takes more than one slice only from pictures above 352 x 288. */
static bool set_ffv1(const struct ad_op_call *call, struct ad_codec_settings *codec)
{
    const struct ad_edge *in = &call->inputs[0].edge;
    const struct setting settings[] = {
        {"level", "3"},
        {"g", "1"},
        {"slices", in->width > 352 || in->height > 288 ? "4" : "1"},
        {"slicecrc", "1"},
        {"threads", "1"},
        {"flags", "+bitexact"},
        {NULL, NULL},
    };
    codec->codec = "ffv1";
    codec->pixel_format = call->format->pixel_format;
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
           (!has_audio(call) || ad_encode_set(call->arena, e, "movie_timescale", scale));
}

static enum artdag_err encode(const struct ad_op_call *call, struct ad_encode *ret,
                              artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    bool master = is_profile(call, "master");
    struct ad_encode e = {.container = master                      ? "matroska"
                                       : is_profile(call, "audio") ? "ipod"
                                                                   : "mp4"};
    bool ok = ad_encode_set(call->arena, &e, "fflags", "+bitexact");
    if (!master)
        ok = ok && set_mp4(call, &e);
    if (has_video(call))
        ok = ok && (master ? set_ffv1(call, &e.video) : set_h264(call, &e.video));
    if (has_audio(call))
        ok = ok && (master ? set_flac(call, &e.audio) : set_aac(call, &e.audio));
    if (!ok)
        return ad_error_nomem(err, "ops");
    *ret = e;
    return ARTDAG_OK;
}

const struct ad_op ad_op_encode = {
    .node_type = "ENCODE",
    .summary = "the file for people",
    .doc = "The last node of a recipe; a recipe whose output is another node gets an ENCODE "
           "with profile web. Without sound in "
           "the film there is no sound track.\n"
           "\n"
           "web is constrained to level 4.1 up to 1080p at 30 frames a second and finds its "
           "level above. The encoder runs in "
           "one thread without instructions that differ between processors, and containers "
           "carry no time, no random id and "
           "no version, so the file is the same everywhere.",
    .revision = 2, /* 2: films are joined from spans */
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .finish = finish,
    .edge = edge,
    .range = ad_range_same,
    .slice = slice,
    .joints = ad_joints_same,
    .build = build,
    .encode = encode,
};
