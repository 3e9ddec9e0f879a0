/* SPDX-License-Identifier: MIT
 *
 * The allow-lists. A filter, codec, container or option that is not here does not exist for a unit, whoever
 * made it. A new op adds the filters and options that its build uses, after a look at what they can reach:
 * nothing here reads a file, opens a protocol or runs for ever.
 */
#include "graph/allowed.h"

#include <string.h>

/* clang-format off */
static const struct ad_allowed_filter filters[] = {
    /* Our own: pictures of text (src/media/text.c). */
    {"artdag_text", AD_VIDEO, AD_PADS_FIXED, 0, {
        {"fontfile", AD_SHAPE_FILE}, {"captions", AD_SHAPE_FILE}, {"text", AD_SHAPE_TEXT}, {"fontsize", AD_SHAPE_NUMBER},
        {"size", AD_SHAPE_FRAME}, {"rate", AD_SHAPE_NUMBER}, {"frames", AD_SHAPE_INT},
        {"x", AD_SHAPE_EXPR}, {"y", AD_SHAPE_EXPR}, {"opacity", AD_SHAPE_EXPR},
        {"anchor", AD_SHAPE_WORD}, {"align", AD_SHAPE_WORD}, {"spacing", AD_SHAPE_SIZE},
        {"wrap", AD_SHAPE_INT}, {"color", AD_SHAPE_COLOR}, {"outline", AD_SHAPE_INT},
        {"outline_color", AD_SHAPE_COLOR}, {"shadow_x", AD_SHAPE_INT}, {"shadow_y", AD_SHAPE_INT},
        {"shadow_color", AD_SHAPE_COLOR}, {"padding", AD_SHAPE_INT}, {"box_color", AD_SHAPE_COLOR},
        {"count", AD_SHAPE_WORD}, {"first", AD_SHAPE_INT}, {"step", AD_SHAPE_INT}}},
    /* Our own: code of the user's, opted into by folder (src/media/plugin.c). */
    {"artdag_plugin", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"file", AD_SHAPE_FILE}, {"params", AD_SHAPE_TEXT}, {"size", AD_SHAPE_FRAME},
        {"rate", AD_SHAPE_NUMBER}, {"format", AD_SHAPE_WORD}}},
    {"alphamerge", AD_VIDEO, AD_PADS_FIXED, 2, {{NULL}}},
    {"blend", AD_VIDEO, AD_PADS_FIXED, 2, {
        {"c0_mode", AD_SHAPE_WORD}, {"c1_mode", AD_SHAPE_WORD}, {"c2_mode", AD_SHAPE_WORD},
        {"c3_mode", AD_SHAPE_WORD}, {"all_mode", AD_SHAPE_WORD}, {"c0_expr", AD_SHAPE_EXPR},
        {"c1_expr", AD_SHAPE_EXPR}, {"c2_expr", AD_SHAPE_EXPR}, {"all_expr", AD_SHAPE_EXPR},
        {"c0_opacity", AD_SHAPE_NUMBER}, {"c1_opacity", AD_SHAPE_NUMBER},
        {"c2_opacity", AD_SHAPE_NUMBER}, {"all_opacity", AD_SHAPE_NUMBER},
        {"shortest", AD_SHAPE_INT}}},
    {"boxblur", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"luma_radius", AD_SHAPE_INT}, {"luma_power", AD_SHAPE_INT},
        {"chroma_radius", AD_SHAPE_INT}, {"chroma_power", AD_SHAPE_INT},
        {"alpha_radius", AD_SHAPE_INT}, {"alpha_power", AD_SHAPE_INT}}},
    {"chromashift", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"cbh", AD_SHAPE_INT}, {"cbv", AD_SHAPE_INT}, {"crh", AD_SHAPE_INT}, {"crv", AD_SHAPE_INT},
        {"edge", AD_SHAPE_WORD}}},
    {"colorchannelmixer", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"rr", AD_SHAPE_NUMBER}, {"rg", AD_SHAPE_NUMBER}, {"rb", AD_SHAPE_NUMBER},
        {"gr", AD_SHAPE_NUMBER}, {"gg", AD_SHAPE_NUMBER}, {"gb", AD_SHAPE_NUMBER},
        {"br", AD_SHAPE_NUMBER}, {"bg", AD_SHAPE_NUMBER}, {"bb", AD_SHAPE_NUMBER},
        {"ra", AD_SHAPE_NUMBER}, {"ga", AD_SHAPE_NUMBER}, {"ba", AD_SHAPE_NUMBER},
        {"aa", AD_SHAPE_NUMBER}}},
    {"chromakey", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"color", AD_SHAPE_COLOR}, {"similarity", AD_SHAPE_NUMBER}, {"blend", AD_SHAPE_NUMBER},
        {"yuv", AD_SHAPE_INT}}},
    {"color", AD_VIDEO, AD_PADS_FIXED, 0, {
        {"color", AD_SHAPE_COLOR}, {"size", AD_SHAPE_FRAME}, {"rate", AD_SHAPE_NUMBER}}},
    {"colorspace", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"ispace", AD_SHAPE_WORD}, {"space", AD_SHAPE_WORD}, {"irange", AD_SHAPE_WORD},
        {"range", AD_SHAPE_WORD}, {"iprimaries", AD_SHAPE_WORD}, {"primaries", AD_SHAPE_WORD},
        {"itrc", AD_SHAPE_WORD}, {"trc", AD_SHAPE_WORD}}},
    {"concat", AD_VIDEO, AD_PADS_FAN_IN, 0, {
        {"n", AD_SHAPE_INT}, {"v", AD_SHAPE_INT}, {"a", AD_SHAPE_INT}}},
    {"crop", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"w", AD_SHAPE_SIZE}, {"h", AD_SHAPE_SIZE}, {"x", AD_SHAPE_EXPR}, {"y", AD_SHAPE_EXPR},
        {"exact", AD_SHAPE_INT}}},
    {"extractplanes", AD_VIDEO, AD_PADS_FIXED, 1, {{"planes", AD_SHAPE_WORD}}},
    {"dilation", AD_VIDEO, AD_PADS_FIXED, 1, {{"coordinates", AD_SHAPE_INT}}},
    {"edgedetect", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"high", AD_SHAPE_NUMBER}, {"low", AD_SHAPE_NUMBER}, {"mode", AD_SHAPE_WORD}}},
    {"erosion", AD_VIDEO, AD_PADS_FIXED, 1, {{"coordinates", AD_SHAPE_INT}}},
    {"fade", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"type", AD_SHAPE_WORD}, {"start_frame", AD_SHAPE_INT}, {"nb_frames", AD_SHAPE_INT}}},
    {"fillborders", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"left", AD_SHAPE_INT}, {"right", AD_SHAPE_INT}, {"top", AD_SHAPE_INT},
        {"bottom", AD_SHAPE_INT}, {"mode", AD_SHAPE_WORD}}},
    {"format", AD_VIDEO, AD_PADS_FIXED, 1, {{"pix_fmts", AD_SHAPE_WORD}}},
    {"fps", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"fps", AD_SHAPE_NUMBER}, {"start_time", AD_SHAPE_NUMBER}, {"round", AD_SHAPE_WORD}}},
    {"geq", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"lum_expr", AD_SHAPE_EXPR}, {"cb_expr", AD_SHAPE_EXPR}, {"cr_expr", AD_SHAPE_EXPR},
        {"alpha_expr", AD_SHAPE_EXPR}}},
    {"framestep", AD_VIDEO, AD_PADS_FIXED, 1, {{"step", AD_SHAPE_INT}}},
    {"hflip", AD_VIDEO, AD_PADS_FIXED, 1, {{NULL}}},
    {"hue", AD_VIDEO, AD_PADS_FIXED, 1, {{"h", AD_SHAPE_NUMBER}, {"s", AD_SHAPE_NUMBER}}},
    {"lagfun", AD_VIDEO, AD_PADS_FIXED, 1, {{"decay", AD_SHAPE_NUMBER}}},
    {"lutrgb", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"r", AD_SHAPE_EXPR}, {"g", AD_SHAPE_EXPR}, {"b", AD_SHAPE_EXPR}, {"a", AD_SHAPE_EXPR}}},
    {"lut3d", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"file", AD_SHAPE_FILE}, {"interp", AD_SHAPE_WORD}}},
    {"lutyuv", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"y", AD_SHAPE_EXPR}, {"u", AD_SHAPE_EXPR}, {"v", AD_SHAPE_EXPR}, {"a", AD_SHAPE_EXPR}}},
    {"mergeplanes", AD_VIDEO, AD_PADS_PLANES, 0, {
        {"mapping", AD_SHAPE_COLOR}, {"format", AD_SHAPE_WORD}}},
    {"negate", AD_VIDEO, AD_PADS_FIXED, 1, {{"components", AD_SHAPE_WORD}, {"negate_alpha", AD_SHAPE_INT}}},
    {"noise", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"c0_strength", AD_SHAPE_INT}, {"all_seed", AD_SHAPE_INT}}},
    {"null", AD_VIDEO, AD_PADS_FIXED, 1, {{NULL}}},
    {"overlay", AD_VIDEO, AD_PADS_FIXED, 2, {
        {"x", AD_SHAPE_EXPR}, {"y", AD_SHAPE_EXPR}, {"format", AD_SHAPE_WORD},
        {"alpha", AD_SHAPE_WORD}, {"eval", AD_SHAPE_WORD}, {"eof_action", AD_SHAPE_WORD}}},
    {"pad", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"width", AD_SHAPE_SIZE}, {"height", AD_SHAPE_SIZE}, {"x", AD_SHAPE_EXPR},
        {"y", AD_SHAPE_EXPR}, {"color", AD_SHAPE_COLOR}, {"eval", AD_SHAPE_WORD}}},
    {"palettegen", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"max_colors", AD_SHAPE_INT}, {"reserve_transparent", AD_SHAPE_INT},
        {"stats_mode", AD_SHAPE_WORD}}},
    {"paletteuse", AD_VIDEO, AD_PADS_FIXED, 2, {
        {"dither", AD_SHAPE_WORD}, {"bayer_scale", AD_SHAPE_INT}, {"diff_mode", AD_SHAPE_WORD},
        {"alpha_threshold", AD_SHAPE_INT}}},
    {"premultiply", AD_VIDEO, AD_PADS_FIXED, 1, {{"inplace", AD_SHAPE_INT}}},
    {"reverse", AD_VIDEO, AD_PADS_FIXED, 1, {{NULL}}},
    {"rotate", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"angle", AD_SHAPE_EXPR}, {"fillcolor", AD_SHAPE_COLOR}}},
    {"perspective", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"x0", AD_SHAPE_EXPR}, {"y0", AD_SHAPE_EXPR}, {"x1", AD_SHAPE_EXPR}, {"y1", AD_SHAPE_EXPR},
        {"x2", AD_SHAPE_EXPR}, {"y2", AD_SHAPE_EXPR}, {"x3", AD_SHAPE_EXPR}, {"y3", AD_SHAPE_EXPR},
        {"interpolation", AD_SHAPE_WORD}, {"sense", AD_SHAPE_WORD}, {"eval", AD_SHAPE_WORD}}},
    {"pixelize", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"w", AD_SHAPE_SIZE}, {"h", AD_SHAPE_SIZE}, {"mode", AD_SHAPE_WORD}}},
    {"rgbashift", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"rh", AD_SHAPE_INT}, {"rv", AD_SHAPE_INT}, {"gh", AD_SHAPE_INT}, {"gv", AD_SHAPE_INT},
        {"bh", AD_SHAPE_INT}, {"bv", AD_SHAPE_INT}, {"edge", AD_SHAPE_WORD}}},
    {"scale", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"w", AD_SHAPE_ANY_SIZE}, {"h", AD_SHAPE_ANY_SIZE}, {"flags", AD_SHAPE_WORD},
        {"eval", AD_SHAPE_WORD}, {"in_color_matrix", AD_SHAPE_WORD}, {"out_color_matrix", AD_SHAPE_WORD},
        {"in_range", AD_SHAPE_WORD}, {"out_range", AD_SHAPE_WORD}}},
    {"setparams", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"field_mode", AD_SHAPE_WORD}, {"range", AD_SHAPE_WORD}, {"color_primaries", AD_SHAPE_WORD},
        {"color_trc", AD_SHAPE_WORD}, {"colorspace", AD_SHAPE_WORD}}},
    {"setpts", AD_VIDEO, AD_PADS_FIXED, 1, {{"expr", AD_SHAPE_EXPR}}},
    {"setsar", AD_VIDEO, AD_PADS_FIXED, 1, {{"sar", AD_SHAPE_NUMBER}}},
    {"settb", AD_VIDEO, AD_PADS_FIXED, 1, {{"expr", AD_SHAPE_NUMBER}}},
    {"smptehdbars", AD_VIDEO, AD_PADS_FIXED, 0, {{"size", AD_SHAPE_FRAME}, {"rate", AD_SHAPE_NUMBER}}},
    {"split", AD_VIDEO, AD_PADS_FAN_OUT, 1, {{"outputs", AD_SHAPE_SIZE}}},
    {"swapuv", AD_VIDEO, AD_PADS_FIXED, 1, {{NULL}}},
    {"testsrc2", AD_VIDEO, AD_PADS_FIXED, 0, {{"size", AD_SHAPE_FRAME}, {"rate", AD_SHAPE_NUMBER}}},
    {"thumbnail", AD_VIDEO, AD_PADS_FIXED, 1, {{"n", AD_SHAPE_INT}}},
    {"tile", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"layout", AD_SHAPE_FRAME}, {"nb_frames", AD_SHAPE_INT}, {"margin", AD_SHAPE_INT},
        {"padding", AD_SHAPE_INT}}},
    {"tmix", AD_VIDEO, AD_PADS_FIXED, 1, {{"frames", AD_SHAPE_INT}}},
    {"tpad", AD_VIDEO, AD_PADS_FIXED, 1, {{"stop", AD_SHAPE_INT}, {"stop_mode", AD_SHAPE_WORD}}},
    {"transpose", AD_VIDEO, AD_PADS_FIXED, 1, {{"dir", AD_SHAPE_WORD}}},
    {"trim", AD_VIDEO, AD_PADS_FIXED, 1, {{"start_pts", AD_SHAPE_INT}, {"end_pts", AD_SHAPE_INT}}},
    {"unsharp", AD_VIDEO, AD_PADS_FIXED, 1, {
        {"luma_msize_x", AD_SHAPE_INT}, {"luma_msize_y", AD_SHAPE_INT},
        {"luma_amount", AD_SHAPE_NUMBER}, {"chroma_amount", AD_SHAPE_NUMBER},
        {"alpha_amount", AD_SHAPE_NUMBER}}},
    {"vflip", AD_VIDEO, AD_PADS_FIXED, 1, {{NULL}}},
    {"xfade", AD_VIDEO, AD_PADS_FIXED, 2, {
        {"transition", AD_SHAPE_WORD}, {"duration", AD_SHAPE_TIME}, {"offset", AD_SHAPE_TIME}}},

    {"acrossfade", AD_AUDIO, AD_PADS_FIXED, 2, {
        {"nb_samples", AD_SHAPE_INT}, {"curve1", AD_SHAPE_WORD}, {"curve2", AD_SHAPE_WORD}}},
    {"aeval", AD_AUDIO, AD_PADS_FIXED, 1, {
        {"exprs", AD_SHAPE_EXPR}, {"channel_layout", AD_SHAPE_WORD}}},
    {"afade", AD_AUDIO, AD_PADS_FIXED, 1, {
        {"type", AD_SHAPE_WORD}, {"start_sample", AD_SHAPE_INT}, {"nb_samples", AD_SHAPE_INT},
        {"curve", AD_SHAPE_WORD}}},
    {"aformat", AD_AUDIO, AD_PADS_FIXED, 1, {
        {"sample_fmts", AD_SHAPE_WORD}, {"sample_rates", AD_SHAPE_WORD},
        {"channel_layouts", AD_SHAPE_WORD}}},
    {"anoisesrc", AD_AUDIO, AD_PADS_FIXED, 0, {
        {"color", AD_SHAPE_WORD}, {"seed", AD_SHAPE_INT}, {"sample_rate", AD_SHAPE_INT},
        {"amplitude", AD_SHAPE_NUMBER}}},
    {"alimiter", AD_AUDIO, AD_PADS_FIXED, 1, {
        {"limit", AD_SHAPE_NUMBER}, {"attack", AD_SHAPE_NUMBER}, {"release", AD_SHAPE_NUMBER},
        {"level", AD_SHAPE_INT}, {"latency", AD_SHAPE_INT}}},
    {"amerge", AD_AUDIO, AD_PADS_FAN_IN, 0, {{"inputs", AD_SHAPE_INT}}},
    {"amix", AD_AUDIO, AD_PADS_FAN_IN, 0, {
        {"inputs", AD_SHAPE_INT}, {"duration", AD_SHAPE_WORD}, {"normalize", AD_SHAPE_INT},
        {"weights", AD_SHAPE_NUMBER}}},
    {"anull", AD_AUDIO, AD_PADS_FIXED, 1, {{NULL}}},
    {"anullsrc", AD_AUDIO, AD_PADS_FIXED, 0, {
        {"channel_layout", AD_SHAPE_WORD}, {"sample_rate", AD_SHAPE_INT}}},
    {"apad", AD_AUDIO, AD_PADS_FIXED, 1, {{NULL}}},
    {"aresample", AD_AUDIO, AD_PADS_FIXED, 1, {
        {"sample_rate", AD_SHAPE_INT}, {"internal_sample_fmt", AD_SHAPE_WORD},
        {"async", AD_SHAPE_INT}, {"first_pts", AD_SHAPE_INT}, {"min_comp", AD_SHAPE_NUMBER},
        {"min_hard_comp", AD_SHAPE_NUMBER}}},
    {"areverse", AD_AUDIO, AD_PADS_FIXED, 1, {{NULL}}},
    {"asetnsamples", AD_AUDIO, AD_PADS_FIXED, 1, {
        {"nb_out_samples", AD_SHAPE_INT}, {"pad", AD_SHAPE_INT}}},
    {"asetrate", AD_AUDIO, AD_PADS_FIXED, 1, {{"sample_rate", AD_SHAPE_INT}}},
    {"asetpts", AD_AUDIO, AD_PADS_FIXED, 1, {{"expr", AD_SHAPE_EXPR}}},
    {"asettb", AD_AUDIO, AD_PADS_FIXED, 1, {{"expr", AD_SHAPE_NUMBER}}},
    {"asplit", AD_AUDIO, AD_PADS_FAN_OUT, 1, {{"outputs", AD_SHAPE_SIZE}}},
    {"atempo", AD_AUDIO, AD_PADS_FIXED, 1, {{"tempo", AD_SHAPE_NUMBER}}},
    {"atrim", AD_AUDIO, AD_PADS_FIXED, 1, {{"start_pts", AD_SHAPE_INT}, {"end_pts", AD_SHAPE_INT}}},
    {"biquad", AD_AUDIO, AD_PADS_FIXED, 1, {
        {"a0", AD_SHAPE_NUMBER}, {"a1", AD_SHAPE_NUMBER}, {"a2", AD_SHAPE_NUMBER},
        {"b0", AD_SHAPE_NUMBER}, {"b1", AD_SHAPE_NUMBER}, {"b2", AD_SHAPE_NUMBER},
        {"precision", AD_SHAPE_WORD}}},
    {"concat", AD_AUDIO, AD_PADS_FAN_IN, 0, {
        {"n", AD_SHAPE_INT}, {"v", AD_SHAPE_INT}, {"a", AD_SHAPE_INT}}},
    {"loudness", AD_AUDIO, AD_PADS_FIXED, 1, { /* ours: media/measure.h */
        {"target", AD_SHAPE_NUMBER}, {"true_peak", AD_SHAPE_NUMBER}}},
    {"pan", AD_AUDIO, AD_PADS_FIXED, 1, {{"args", AD_SHAPE_PAN}}},
    {"sine", AD_AUDIO, AD_PADS_FIXED, 0, {{"frequency", AD_SHAPE_NUMBER}, {"sample_rate", AD_SHAPE_INT}}},
    {"volume", AD_AUDIO, AD_PADS_FIXED, 1, {
        {"volume", AD_SHAPE_NUMBER}, {"precision", AD_SHAPE_WORD}}},
};

static const struct ad_allowed_coder codecs[] = {
    {"ffv1", AD_VIDEO, {
        {"level", AD_SHAPE_INT}, {"coder", AD_SHAPE_WORD}, {"context", AD_SHAPE_INT},
        {"slices", AD_SHAPE_INT}, {"slicecrc", AD_SHAPE_INT}, {"g", AD_SHAPE_INT},
        {"threads", AD_SHAPE_INT}, {"flags", AD_SHAPE_WORD}, {"colorspace", AD_SHAPE_WORD},
        {"color_primaries", AD_SHAPE_WORD}, {"color_trc", AD_SHAPE_WORD},
        {"color_range", AD_SHAPE_WORD}}},
    {"ffvhuff", AD_VIDEO, {
        {"pred", AD_SHAPE_WORD}, {"context", AD_SHAPE_INT}, {"threads", AD_SHAPE_INT},
        {"flags", AD_SHAPE_WORD}, {"colorspace", AD_SHAPE_WORD},
        {"color_primaries", AD_SHAPE_WORD}, {"color_trc", AD_SHAPE_WORD},
        {"color_range", AD_SHAPE_WORD}}},
    {"libx264", AD_VIDEO, {
        {"preset", AD_SHAPE_WORD}, {"crf", AD_SHAPE_NUMBER}, {"g", AD_SHAPE_INT},
        {"maxrate", AD_SHAPE_INT}, {"bufsize", AD_SHAPE_INT}, {"profile", AD_SHAPE_WORD}, {"level", AD_SHAPE_NUMBER}, {"x264-params", AD_SHAPE_X264},
        {"threads", AD_SHAPE_INT}, {"flags", AD_SHAPE_WORD}, {"colorspace", AD_SHAPE_WORD},
        {"color_primaries", AD_SHAPE_WORD}, {"color_trc", AD_SHAPE_WORD},
        {"color_range", AD_SHAPE_WORD}}},
    {"gif", AD_VIDEO, {{"flags", AD_SHAPE_WORD}, {"threads", AD_SHAPE_INT}}},
    {"libvpx-vp9", AD_VIDEO, {
        {"crf", AD_SHAPE_NUMBER}, {"b", AD_SHAPE_INT}, {"g", AD_SHAPE_INT},
        {"deadline", AD_SHAPE_WORD}, {"cpu-used", AD_SHAPE_INT}, {"lag-in-frames", AD_SHAPE_INT},
        {"auto-alt-ref", AD_SHAPE_INT}, {"tile-columns", AD_SHAPE_INT}, {"row-mt", AD_SHAPE_INT},
        {"frame-parallel", AD_SHAPE_INT}, {"threads", AD_SHAPE_INT}, {"flags", AD_SHAPE_WORD},
        {"colorspace", AD_SHAPE_WORD}, {"color_primaries", AD_SHAPE_WORD},
        {"color_trc", AD_SHAPE_WORD}, {"color_range", AD_SHAPE_WORD}}},
    {"mjpeg", AD_VIDEO, {
        {"qmin", AD_SHAPE_INT}, {"qmax", AD_SHAPE_INT}, {"huffman", AD_SHAPE_WORD},
        {"dct", AD_SHAPE_WORD}, {"idct", AD_SHAPE_WORD}, {"threads", AD_SHAPE_INT},
        {"flags", AD_SHAPE_WORD}, {"color_range", AD_SHAPE_WORD}}},
    {"png", AD_VIDEO, {
        {"compression_level", AD_SHAPE_INT}, {"pred", AD_SHAPE_WORD}, {"threads", AD_SHAPE_INT},
        {"flags", AD_SHAPE_WORD}}},
    {"prores_ks", AD_VIDEO, {
        {"profile", AD_SHAPE_WORD}, {"vendor", AD_SHAPE_WORD}, {"alpha_bits", AD_SHAPE_INT},
        {"threads", AD_SHAPE_INT}, {"flags", AD_SHAPE_WORD}, {"colorspace", AD_SHAPE_WORD},
        {"color_primaries", AD_SHAPE_WORD}, {"color_trc", AD_SHAPE_WORD},
        {"color_range", AD_SHAPE_WORD}}},
    {"aac", AD_AUDIO, {{"b", AD_SHAPE_INT}, {"flags", AD_SHAPE_WORD}, {"threads", AD_SHAPE_INT}}},
    {"flac", AD_AUDIO, {
        {"compression_level", AD_SHAPE_INT}, {"flags", AD_SHAPE_WORD}, {"threads", AD_SHAPE_INT}}},
    {"opus", AD_AUDIO, {
        {"b", AD_SHAPE_INT}, {"strict", AD_SHAPE_INT}, {"flags", AD_SHAPE_WORD},
        {"threads", AD_SHAPE_INT}}},
    {"pcm_f32le", AD_AUDIO, {{"flags", AD_SHAPE_WORD}}},
    {"pcm_s16le", AD_AUDIO, {{"flags", AD_SHAPE_WORD}}},
    {"pcm_s24le", AD_AUDIO, {{"flags", AD_SHAPE_WORD}}},
};

static const struct ad_allowed_coder containers[] = {
    {"flac", AD_VIDEO, {{"fflags", AD_SHAPE_WORD}}},
    {"gif", AD_VIDEO, {{"fflags", AD_SHAPE_WORD}, {"loop", AD_SHAPE_INT}}},
    {"image2pipe", AD_VIDEO, {{"fflags", AD_SHAPE_WORD}}},
    {"ipod", AD_VIDEO, {{"fflags", AD_SHAPE_WORD}, {"movflags", AD_SHAPE_WORD},
        {"movie_timescale", AD_SHAPE_INT}}},
    {"matroska", AD_VIDEO, {{"fflags", AD_SHAPE_WORD}}},
    {"mov", AD_VIDEO, {{"fflags", AD_SHAPE_WORD}, {"movflags", AD_SHAPE_WORD},
        {"movie_timescale", AD_SHAPE_INT}}},
    {"mp4", AD_VIDEO, {{"fflags", AD_SHAPE_WORD}, {"movflags", AD_SHAPE_WORD},
        {"movie_timescale", AD_SHAPE_INT}}},
    {"nut", AD_VIDEO, {{"fflags", AD_SHAPE_WORD}}},
    {"wav", AD_VIDEO, {{"fflags", AD_SHAPE_WORD}}},
    {"webm", AD_VIDEO, {{"fflags", AD_SHAPE_WORD}}},
};

static const char *const x264_keys[] = {"cpu-independent", "stitchable", "sliced-threads", NULL};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const struct ad_allowed_filter *ad_allowed_filter(enum ad_medium medium, const char *name)
{
    for (size_t i = 0; i < COUNT(filters); i++) {
        if (filters[i].medium == medium && strcmp(filters[i].name, name) == 0)
            return &filters[i];
    }
    return NULL;
}

bool ad_filter_allowed(enum ad_medium medium, const char *name)
{
    return ad_allowed_filter(medium, name) != NULL;
}

bool ad_filter_option_is_file(enum ad_medium medium, const char *name, const char *option)
{
    const struct ad_allowed_filter *filter = ad_allowed_filter(medium, name);
    const struct ad_allowed_option *allowed =
        filter ? ad_allowed_option(filter->options, option) : NULL;
    return allowed && allowed->shape == AD_SHAPE_FILE;
}

const struct ad_allowed_coder *ad_allowed_codec(enum ad_medium medium, const char *name)
{
    for (size_t i = 0; i < COUNT(codecs); i++) {
        if (codecs[i].medium == medium && strcmp(codecs[i].name, name) == 0)
            return &codecs[i];
    }
    return NULL;
}

const struct ad_allowed_coder *ad_allowed_container(const char *name)
{
    for (size_t i = 0; i < COUNT(containers); i++) {
        if (strcmp(containers[i].name, name) == 0)
            return &containers[i];
    }
    return NULL;
}

const struct ad_allowed_option *ad_allowed_option(const struct ad_allowed_option *options,
                                                  const char *name)
{
    for (; options->name; options++) {
        if (strcmp(options->name, name) == 0)
            return options;
    }
    return NULL;
}

/* ---- Shapes ---- */

static bool is_on(struct ad_str name, const char *const *list)
{
    for (; *list; list++) {
        if (ad_str_is(name, *list))
            return true;
    }
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool all_of(const char *value, const char *also)
{
    for (; *value; value++) {
        if (!is_digit(*value) && !is_letter(*value) && !strchr(also, *value))
            return false;
    }
    return true;
}

static bool is_int(struct ad_str text, int64_t min, int64_t max)
{
    int64_t n = 0;
    return ad_str_to_i64(text, &n) && n >= min && n <= max;
}

/* A pair of integers with a separator between. */
static bool is_pair(const char *value, char separator, int64_t min, int64_t max)
{
    const char *middle = strchr(value, separator);
    return middle && is_int((struct ad_str){value, (size_t)(middle - value)}, min, max) &&
           is_int(ad_str_from(middle + 1), 1, max);
}

static bool is_number(const char *value)
{
    double d = 0;
    return ad_str_to_double(ad_str_from(value), &d) ||
           is_pair(value, '/', -INT32_MAX, INT32_MAX);
}

static bool is_time(const char *value)
{
    size_t len = strlen(value);
    return len > 2 && strcmp(value + len - 2, "us") == 0 &&
           is_int((struct ad_str){value, len - 2}, -INT32_MAX, INT64_MAX);
}

static bool is_color(const char *value)
{
    size_t len = strlen(value);
    return (len == 8 || len == 10) && value[0] == '0' && value[1] == 'x' &&
           strspn(value + 2, "0123456789abcdef") == len - 2;
}

/* libx264's parameters can name files to read and write, hence keys by list and integers only. */
static bool is_x264(const char *value)
{
    while (*value) {
        size_t len = strcspn(value, ":");
        const char *equals = memchr(value, '=', len);
        if (!equals || !is_on((struct ad_str){value, (size_t)(equals - value)}, x264_keys) ||
            !is_int((struct ad_str){equals + 1, (size_t)(value + len - equals - 1)}, 0, 1))
            return false;
        value += len;
        if (*value == ':' && value[1])
            value++;
        else if (*value)
            return false;
    }
    return true;
}

static bool is_text(const char *value)
{
    for (const char *p = value; *p; p++) {
        if (((unsigned char)*p < 0x20 && *p != '\n') || *p == 0x7f)
            return false;
    }
    return ad_str_is_utf8(ad_str_from(value));
}

/* Keyframes make long expressions. */
size_t ad_shape_max(enum ad_value_shape shape)
{
    return shape == AD_SHAPE_EXPR || shape == AD_SHAPE_ANY_SIZE ? AD_EXPR_MAX : 2048;
}

bool ad_shape_fits(enum ad_value_shape shape, const char *value)
{
    if (!*value)
        return false;
    switch (shape) {
    case AD_SHAPE_INT:
        return is_int(ad_str_from(value), INT64_MIN, INT64_MAX);
    case AD_SHAPE_SIZE:
        return is_int(ad_str_from(value), 1, 32768);
    case AD_SHAPE_ANY_SIZE:
        return is_number(value) ? is_int(ad_str_from(value), 1, 32768) : ad_expr_fits(value);
    case AD_SHAPE_NUMBER:
        return is_number(value);
    case AD_SHAPE_TIME:
        return is_time(value);
    case AD_SHAPE_WORD:
        return all_of(value, "_+-.|");
    case AD_SHAPE_COLOR:
        return is_color(value);
    case AD_SHAPE_FRAME:
        return is_pair(value, 'x', 1, 32768);
    case AD_SHAPE_EXPR:
        return ad_expr_fits(value);
    case AD_SHAPE_PAN:
        return all_of(value, "|=+*. ");
    case AD_SHAPE_TEXT:
        return is_text(value);
    case AD_SHAPE_FILE:
        return is_int(ad_str_from(value), 0, INT32_MAX);
    case AD_SHAPE_X264:
        return is_x264(value);
    }
    return false;
}
