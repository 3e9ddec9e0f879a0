/* SPDX-License-Identifier: MIT
 *
 * ENCODE: the file for people. Every setting is fixed, so that the bytes are the same on every machine.
 */
#include "ops/encode.h"

#include <string.h>

static const char *const profiles[] = {"web",  "webm", "prores", "gif",  "master", "audio",
                                       "flac", "wav",  "png",    "jpeg", NULL};
static const char *const presets[] = {"ultrafast", "superfast", "veryfast", "faster",   "fast",
                                      "medium",    "slow",      "slower",   "veryslow", NULL};
static const char *const prores_kinds[] = {"proxy", "lt", "standard", "hq", "4444", NULL};
static const char *const dithers[] = {"none", "bayer", "sierra2_4a", NULL};

static const struct ad_field fields[] = {
    {.name = "profile",
     .type = AD_FIELD_ENUM,
     .fallback = "\"web\"",
     .values = profiles,
     .doc = "web: H.264 High, 4:2:0, with AAC in MP4 that starts playing before it is loaded. "
            "webm: VP9 with Opus in WebM, with transparency where the working format has it. "
            "prores: ProRes with 24-bit PCM in MOV, for other editors. "
            "gif: an endless animation of 256 colours chosen for the whole of it. "
            "master: lossless FFV1 in the working pixel format with 24-bit FLAC in Matroska. "
            "audio: AAC alone in M4A. flac, wav: the sound alone, lossless, 24 bits. "
            "png, jpeg: one picture."},
    {.name = "width",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = 16384,
     .unit = "pixels, even",
     .doc = "The picture is made as large as fits into width and height, with its own "
            "proportions; one of them is enough. Without both it keeps its size."},
    {.name = "height",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = 16384,
     .unit = "pixels, even",
     .doc = "See width; without both the picture keeps its size."},
    {.name = "crf",
     .type = AD_FIELD_NUMBER,
     .min = 0,
     .max = 63,
     .doc = "web (1 to 51), webm (0 to 63): quality, lower is better and larger; 18 and 31 "
            "without it."},
    {.name = "preset",
     .type = AD_FIELD_ENUM,
     .values = presets,
     .doc = "web, webm: slower is smaller at the same quality; fast without it."},
    {.name = "gop",
     .type = AD_FIELD_INT,
     .min = 1,
     .max = 1000,
     .unit = "frames",
     .doc = "web, webm: the longest way between two key frames; 48 and 120 without it."},
    {.name = "max_bitrate",
     .type = AD_FIELD_BITRATE,
     .min = 10000,
     .max = 1000000000,
     .unit = "bit/s",
     .doc =
         "web: the most that the pictures take, with a buffer of one second (n seconds never "
         "hold more than n + 1 times this); crf is the quality where less is enough. The "
         "film is encoded in one piece then."},
    {.name = "max_size",
     .type = AD_FIELD_BITRATE,
     .min = 1000,
     .max = 1000000000000,
     .unit = "bytes",
     .doc = "web, webm: the largest file, \"8M\" or 8000000. The film is encoded in one piece, "
            "and "
            "again with less quality, until it is as good as fits; crf is the best that is "
            "tried."},
    {.name = "audio_bitrate",
     .type = AD_FIELD_BITRATE,
     .min = 16000,
     .max = 512000,
     .unit = "bit/s",
     .doc = "web, webm and audio: \"192k\" or 192000; 192k, 160k for webm, without it."},
    {.name = "prores",
     .type = AD_FIELD_ENUM,
     .values = prores_kinds,
     .doc = "prores: which of them, from the smallest; 4444 has transparency. hq without it."},
    {.name = "colors",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = 256,
     .doc = "gif: how many colours; 256 without it."},
    {.name = "dither",
     .type = AD_FIELD_ENUM,
     .values = dithers,
     .doc = "gif: how colours between them are shown; bayer, which does not flicker, without "
            "it."},
    {.name = "loop",
     .type = AD_FIELD_BOOL,
     .doc = "gif: begins again at the end; true without it."},
    {.name = "quality",
     .type = AD_FIELD_INT,
     .min = 1,
     .max = 100,
     .doc = "jpeg: 100 is the best; 90 without it."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "the film"}, {.max = 0}};

/* Which profiles a setting means something in, and of which medium it speaks. */
static const struct use {
    const char *key;
    const char *profiles[8]; /* ends with NULL */
    bool video, audio;
} uses[] = {
    {"width", {"web", "webm", "prores", "gif", "master", "png", "jpeg"}, true, false},
    {"height", {"web", "webm", "prores", "gif", "master", "png", "jpeg"}, true, false},
    {"crf", {"web", "webm"}, true, false},
    {"preset", {"web", "webm"}, true, false},
    {"gop", {"web", "webm"}, true, false},
    {"max_bitrate", {"web"}, true, false},
    {"max_size", {"web", "webm"}, true, false},
    {"audio_bitrate", {"web", "webm", "audio"}, false, true},
    {"prores", {"prores"}, true, false},
    {"colors", {"gif"}, true, false},
    {"dither", {"gif"}, true, false},
    {"loop", {"gif"}, true, false},
    {"quality", {"jpeg"}, true, false},
};
#define USES (sizeof(uses) / sizeof(uses[0]))

bool ad_encode_is(const struct ad_op_call *call, const char *profile)
{
    return ad_conf_is(call->config, "profile", profile);
}

static bool is_sound(const struct ad_op_call *call)
{
    return ad_encode_is(call, "audio") || ad_encode_is(call, "flac") ||
           ad_encode_is(call, "wav");
}

static bool is_picture(const struct ad_op_call *call)
{
    return ad_encode_is(call, "png") || ad_encode_is(call, "jpeg");
}

bool ad_encode_video(const struct ad_op_call *call)
{
    return call->inputs[0].edge.video && !is_sound(call);
}

bool ad_encode_audio(const struct ad_op_call *call)
{
    return call->inputs[0].edge.audio && !is_picture(call) && !ad_encode_is(call, "gif");
}

bool ad_encode_alpha(const struct ad_op_call *call)
{
    bool four = ad_conf_is(call->config, "prores", "4444");
    bool keeps = ad_encode_is(call, "webm") || ad_encode_is(call, "master") ||
                 ad_encode_is(call, "png") || ad_encode_is(call, "gif") ||
                 (ad_encode_is(call, "prores") && four);
    return keeps && ad_pixel_alpha(call->format->pixel_format);
}

static bool means(const struct ad_op_call *call, const struct use *use)
{
    for (const char *const *profile = use->profiles; *profile; profile++)
        if (ad_encode_is(call, *profile))
            return true;
    return false;
}

/* ---- Checks ---- */

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

static enum artdag_err check_media(const struct ad_op_call *call, artdag_error *err)
{
    const struct ad_edge *in = &call->inputs[0].edge;
    if (is_sound(call) && !in->audio)
        return ad_conf_bad(call->config, "profile", err, "the film has no sound");
    if ((is_picture(call) || ad_encode_is(call, "gif")) && !in->video)
        return ad_conf_bad(call->config, "profile", err, "the film has no picture");
    if (is_picture(call) && in->frames != 1) {
        enum artdag_err rc =
            ad_conf_bad(call->config, "profile", err, "a picture is one frame, not %lld",
                        (long long)in->frames);
        ad_error_hint(err, "put a THUMBNAIL or a SEGMENT of 1f before it");
        return rc;
    }
    if (ad_encode_audio(call) && (ad_encode_is(call, "web") || ad_encode_is(call, "audio")))
        return check_sample_rate(call, err);
    return ARTDAG_OK;
}

static enum artdag_err check_settings(const struct ad_op_call *call, artdag_error *err)
{
    const char *profile = ad_conf_text(call->arena, call->config, "profile", "web");
    for (size_t i = 0; i < USES; i++) {
        if (ad_value_get(call->config, uses[i].key) && !means(call, &uses[i]))
            return ad_conf_bad(call->config, uses[i].key, err, "%s means nothing in profile %s",
                               uses[i].key, profile);
    }
    double crf = ad_conf_number(call->config, "crf", 18);
    if (ad_encode_is(call, "web") && (crf < 1 || crf > 51))
        return ad_conf_bad(call->config, "crf", err, "crf is from 1 to 51 in profile web");
    for (int i = 0; i < 2; i++) {
        const char *key = i ? "height" : "width";
        int64_t size = ad_conf_int(call->config, key, 2);
        if (size % 2 != 0)
            return ad_conf_bad(call->config, key, err, "sizes must be even: %lld is not",
                               (long long)size);
    }
    return ARTDAG_OK;
}

static enum artdag_err check(const struct ad_op_call *call, artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_encode, call, err);
    if (!rc)
        rc = check_media(call, err);
    return rc ? rc : check_settings(call, err);
}

/* ---- The final config ---- */

/* What a setting is when nobody says; NULL when it may be absent. */
static const struct ad_value *fallback(const struct ad_op_call *call, const char *key)
{
    struct ad_arena *arena = call->arena;
    bool webm = ad_encode_is(call, "webm");
    if (strcmp(key, "crf") == 0)
        return ad_value_new_double(arena, webm ? 31 : 18);
    if (strcmp(key, "preset") == 0)
        return ad_value_new_str(arena, AD_STR_LIT("fast"));
    if (strcmp(key, "gop") == 0)
        return ad_value_new_int(arena, webm ? 120 : 48);
    if (strcmp(key, "audio_bitrate") == 0)
        return ad_value_new_int(arena, webm ? 160000 : 192000);
    if (strcmp(key, "prores") == 0)
        return ad_value_new_str(arena, AD_STR_LIT("hq"));
    if (strcmp(key, "colors") == 0)
        return ad_value_new_int(arena, 256);
    if (strcmp(key, "dither") == 0)
        return ad_value_new_str(arena, AD_STR_LIT("bayer"));
    if (strcmp(key, "loop") == 0)
        return ad_value_new_bool(arena, true);
    if (strcmp(key, "quality") == 0)
        return ad_value_new_int(arena, 90);
    return NULL;
}

/* Numbers are spelled one way, whether they came as 18 or as 18.0. */
static const struct ad_value *given(const struct ad_op_call *call, const char *key)
{
    const struct ad_value *value = ad_value_get(call->config, key);
    if (value && strcmp(key, "crf") == 0)
        return ad_value_new_double(call->arena, ad_conf_number(call->config, key, 18));
    return value;
}

/* Settings of a stream that is not there do not make another film. */
static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    const char *drop[USES + 1] = {NULL};
    struct ad_conf_set with[USES];
    size_t n = 0;
    for (size_t i = 0; i < USES; i++) {
        const struct use *use = &uses[i];
        bool there =
            (use->video && ad_encode_video(call)) || (use->audio && ad_encode_audio(call));
        const struct ad_value *value = given(call, use->key);
        drop[i] = use->key;
        if (!there || !means(call, use))
            continue;
        if (!value)
            value = fallback(call, use->key);
        if (value)
            with[n++] = (struct ad_conf_set){use->key, value};
    }
    const struct ad_value *config = ad_conf_edit(call->arena, call->config, drop, with, n);
    if (!config)
        return ad_error_nomem(err, "ops");
    *ret_config = config;
    return ARTDAG_OK;
}

/* ---- The picture ---- */

static struct ad_placing size_of(const struct ad_op_call *call)
{
    const struct ad_edge *in = &call->inputs[0].edge;
    int64_t width = ad_conf_int(call->config, "width", 0);
    int64_t height = ad_conf_int(call->config, "height", 0);
    if (!width && !height)
        return (struct ad_placing){in->width, in->height, 0, 0};
    return ad_place_fit(in->width, in->height, width ? width : 16384, height ? height : 16384);
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    bool video = ad_encode_video(call);
    struct ad_placing size = size_of(call);
    *ret = (struct ad_edge){.frames = call->inputs[0].edge.frames,
                            .width = video ? size.scale_w : 0,
                            .height = video ? size.scale_h : 0,
                            .video = video,
                            .audio = ad_encode_audio(call),
                            .deliverable = true};
    return ARTDAG_OK;
}

/* RGB is full range and knows no matrix; sRGB is what everybody shows it as. */
static struct ad_pad to_rgb(struct ad_graph *graph, struct ad_pad in,
                            const struct ad_placing *size, const char *format)
{
    struct ad_pad out = ad_video_scale(graph, in, size->scale_w, size->scale_h);
    out = ad_video_format(graph, out, format);
    out = ad_graph_chain(graph, "setparams", out);
    ad_graph_set(graph, out, "color_primaries", "bt709");
    ad_graph_set(graph, out, "color_trc", "iec61966-2-1");
    return out;
}

/* One palette for all frames: they wait in front of paletteuse until the last of them was counted. */
static struct ad_pad to_palette(const struct ad_op_call *call, struct ad_graph *graph,
                                struct ad_pad in)
{
    bool alpha = ad_encode_alpha(call);
    struct ad_pad copies = ad_video_split(graph, in, 2);
    struct ad_pad palette = ad_graph_chain(graph, "palettegen", ad_pad_nth(copies, 1));
    ad_graph_set_int(graph, palette, "max_colors", ad_conf_int(call->config, "colors", 256));
    ad_graph_set_int(graph, palette, "reserve_transparent", alpha ? 1 : 0);
    struct ad_pad both[2] = {copies, palette};
    struct ad_pad out = ad_graph_filter(graph, "paletteuse", both, 2);
    const char *dither = ad_conf_text(call->arena, call->config, "dither", "bayer");
    ad_graph_set(graph, out, "dither", dither);
    if (strcmp(dither, "bayer") == 0)
        ad_graph_set_int(graph, out, "bayer_scale", 3);
    return out;
}

/* JFIF's colours: BT.601, full range. */
static struct ad_pad to_jfif(struct ad_graph *graph, struct ad_pad in,
                             const struct ad_placing *size)
{
    struct ad_pad out = ad_video_scale(graph, in, size->scale_w, size->scale_h);
    out = ad_graph_chain(graph, "scale", out);
    ad_graph_set_int(graph, out, "w", size->scale_w);
    ad_graph_set_int(graph, out, "h", size->scale_h);
    ad_graph_set(graph, out, "flags", AD_SCALE_FLAGS);
    ad_graph_set(graph, out, "in_color_matrix", "bt709");
    ad_graph_set(graph, out, "out_color_matrix", "bt601");
    ad_graph_set(graph, out, "in_range", "tv");
    ad_graph_set(graph, out, "out_range", "pc");
    return ad_video_format(graph, out, "yuvj420p");
}

/* Sets the deliverable's size and pixel format; what is transparent becomes black in formats that know no transparency. */
static struct ad_pad build_video(const struct ad_op_call *call, struct ad_graph *graph,
                                 struct ad_pad in)
{
    const struct ad_edge *from = &call->inputs[0].edge;
    const char *working = call->format->pixel_format;
    const char *wanted = ad_encode_pixels(call);
    struct ad_placing size = size_of(call);
    bool resize = size.scale_w != from->width || size.scale_h != from->height;
    if (ad_pixel_alpha(working) && !ad_encode_alpha(call))
        in = ad_video_flatten(graph, in, working, "#000000");
    if (ad_encode_is(call, "gif"))
        return to_palette(call, graph, to_rgb(graph, in, &size, "bgra"));
    if (ad_encode_is(call, "png"))
        return to_rgb(graph, in, &size, wanted);
    if (ad_encode_is(call, "jpeg"))
        return to_jfif(graph, in, &size);
    if (resize || strcmp(working, wanted) != 0)
        in = ad_video_scale(graph, in, size.scale_w, size.scale_h);
    return strcmp(working, wanted) != 0 ? ad_video_format(graph, in, wanted) : in;
}

/* Opus knows 48 kHz alone. */
static struct ad_pad build_audio(const struct ad_op_call *call, struct ad_graph *graph,
                                 struct ad_pad in)
{
    struct ad_format coded = *call->format;
    coded.sample_rate = ad_encode_sound_rate(call);
    if (coded.sample_rate == call->format->sample_rate)
        return in;
    struct ad_pad out = ad_graph_chain(graph, "aresample", in);
    ad_graph_set_int(graph, out, "sample_rate", coded.sample_rate);
    ad_graph_set(graph, out, "internal_sample_fmt", "dblp");
    return ad_audio_hold(graph, out, ad_samples_for(&coded, call->inputs[0].edge.frames));
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    if (fragment->video)
        fragment->video_out = build_video(call, fragment->video, fragment->video_in[0]);
    if (fragment->audio)
        fragment->audio_out = build_audio(call, fragment->audio, fragment->audio_in[0]);
    return ad_op_built(fragment, err);
}

/* Every span is encoded by itself and none knows of its neighbours; that is what revision 2 means. A limit holds for the
 * whole, and so does a palette. */
static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    if (!ad_encode_video(call))
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ops", "sound is never divided");
    if (ad_encode_is(call, "gif") || is_picture(call) ||
        ad_value_get(call->config, "max_size") || ad_value_get(call->config, "max_bitrate"))
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ops", "it is encoded in one piece");
    return ad_slice_same(call, out, ret, err);
}

static enum artdag_err encode(const struct ad_op_call *call, struct ad_encode *ret,
                              artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    return rc ? rc : ad_encode_settings(call, ret, err);
}

static const char example[] =
    "format: {width: 320, height: 180, fps: 25}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: film, type: GENERATE, config: {kind: testsrc, duration: 1}}\n"
    "    - {id: anim, type: ENCODE, config: {profile: gif, width: 160},\n"
    "       inputs: [film]}\n"
    "  output: anim\n";

const struct ad_op ad_op_encode = {
    .node_type = "ENCODE",
    .summary = "the file for people",
    .doc = "The last node of a recipe; a recipe whose output is another node gets an ENCODE "
           "with profile web. Without sound in "
           "the film there is no sound track.\n"
           "\n"
           "web is constrained to level 4.1 up to 1080p at 30 frames a second and finds its "
           "level above. The encoders run in "
           "one thread without instructions that differ between processors, and containers "
           "carry no time, no random id and "
           "no version, so the file is the same everywhere. Opus is FFmpeg's own encoder for "
           "that reason: libopus gives other bytes on other processors.\n"
           "\n"
           "An animation (gif) holds all its frames in memory while the colours are chosen: "
           "keep it short and small (width).",
    .example = example,
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
