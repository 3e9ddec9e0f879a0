/* SPDX-License-Identifier: MIT
 *
 * SOURCE: conforms a file to the working format.
 */
#include <string.h>

#include "ops/op.h"

static const char *const modes[] = {"fit", "fill", "stretch", NULL};

const struct ad_field ad_source_fields[] = {
    {.name = "input",
     .type = AD_FIELD_BOOL,
     .cosmetic = true,
     .doc = "true says that the file is given when the recipe is run: -i NAME=FILE."},
    {.name = "name",
     .type = AD_FIELD_STRING,
     .cosmetic = true,
     .doc = "The name under which it is given; without it, the node's id."},
    {.name = "description",
     .type = AD_FIELD_STRING,
     .cosmetic = true,
     .doc = "For people: what to give."},
    {.name = "asset",
     .type = AD_FIELD_STRING,
     .cosmetic = true,
     .doc = "The name of an asset of the recipe's registry, instead of a file given."},
    {.name = "mode",
     .type = AD_FIELD_ENUM,
     .fallback = "\"fit\"",
     .values = modes,
     .doc =
         "How the picture gets the working size: fit keeps all of it and fills the rest with "
         "the "
         "background, fill covers the frame and cuts off what is outside, stretch distorts."},
    {.name = "background",
     .type = AD_FIELD_COLOR,
     .fallback = "\"black\"",
     .doc =
         "Beside a fitted picture, and behind a transparent one when the working format has no "
         "transparency."},
    {.name = "duration",
     .type = AD_FIELD_TIME,
     .doc =
         "How long a still picture is shown; one frame without it. Only for still pictures."},
    {.name = "width",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = 16384,
     .internal = true,
     .unit = "pixels, even"},
    {.name = "height",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = 16384,
     .internal = true,
     .unit = "pixels, even"},
    {.name = "fps", .type = AD_FIELD_STRING, .internal = true},
    {.name = "pixel_format", .type = AD_FIELD_STRING, .internal = true},
    {.name = "sample_rate", .type = AD_FIELD_INT, .internal = true},
    {.name = "channels", .type = AD_FIELD_INT, .internal = true},
    {.name = "file",
     .type = AD_FIELD_BOOL,
     .internal = true,
     .doc = "The bytes are for a filter to read; nothing is decoded or conformed."},
    {.name = "frames",
     .type = AD_FIELD_INT,
     .min = 1,
     .max = (double)AD_FRAMES_MAX,
     .internal = true},
    {NULL},
};

static const struct ad_slot slots[] = {{.max = 0}};

/* ---- Timing ---- */

const struct ad_value *ad_source_file_config(struct ad_arena *arena)
{
    struct ad_conf_set with = {"file", ad_value_new_bool(arena, true)};
    return with.value ? ad_conf_new(arena, NULL, &with, 1) : NULL;
}

bool ad_source_config_is_file(const struct ad_value *config)
{
    return ad_conf_bool(config, "file", false);
}

/* A file has no other settings: they would say how it is conformed. */
static enum artdag_err check_file(const struct ad_op_call *call, artdag_error *err)
{
    if (call->source || call->input_count || call->config->map.len != 1)
        return ad_error_set(err, ARTDAG_E_INVAL, "ops",
                            "a file that a filter reads has no settings of its own");
    return ARTDAG_OK;
}

static enum artdag_err check_source(const struct ad_op_call *call, artdag_error *err)
{
    if (call->input_count)
        return ad_op_inputs(&ad_op_source, call, err);
    if (!call->source || (!call->source->video && !call->source->audio))
        return ad_error_set(err, ARTDAG_E_INVAL, "ops", "SOURCE has no media");
    return ARTDAG_OK;
}

static enum artdag_err count_frames(const struct ad_op_call *call, int64_t *ret,
                                    artdag_error *err)
{
    const struct ad_source_info *info = call->source;
    int64_t duration = ad_conf_int(call->config, "duration", -1);
    int64_t frames = ad_conf_int(call->config, "frames", -1); /* a final config */
    if (!info->still || !info->video) {
        if (duration >= 0)
            return ad_conf_bad(call->config, "duration", err,
                               "duration is for still pictures; cut films with SEGMENT");
        int64_t counted = ad_source_frames(info, call->format);
        if (frames >= 0 && frames != counted)
            return ad_conf_bad(call->config, "frames", err,
                               "the source has %lld frames, not %lld", (long long)counted,
                               (long long)frames);
        frames = counted;
    } else if (frames < 0) {
        if (duration == 0)
            return ad_conf_bad(call->config, "duration", err,
                               "duration is shorter than a frame");
        frames = duration < 0 ? 1 : duration;
    }
    *ret = frames;
    return ARTDAG_OK;
}

/* The working format goes into the final config as far as it concerns this source, and so into every id downstream. */
static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    int64_t frames = 0;
    if (ad_source_config_is_file(call->config))
        return check_file(call, err);
    enum artdag_err rc = check_source(call, err);
    if (!rc)
        rc = count_frames(call, &frames, err);
    if (rc)
        return rc;
    const struct ad_format *f = call->format;
    struct ad_arena *arena = call->arena;
    const char *fps =
        ad_arena_printf(arena, "%lld/%lld", (long long)f->fps_num, (long long)f->fps_den);
    struct ad_conf_set with[8];
    size_t n = 0;
    with[n++] = (struct ad_conf_set){"fps", ad_value_new_str(arena, ad_str_from(fps))};
    with[n++] = (struct ad_conf_set){"frames", ad_value_new_int(arena, frames)};
    if (call->source->video) {
        with[n++] = (struct ad_conf_set){"width", ad_value_new_int(arena, f->width)};
        with[n++] = (struct ad_conf_set){"height", ad_value_new_int(arena, f->height)};
        with[n++] = (struct ad_conf_set){"pixel_format",
                                         ad_value_new_str(arena, ad_str_from(f->pixel_format))};
    }
    if (call->source->audio) {
        with[n++] =
            (struct ad_conf_set){"sample_rate", ad_value_new_int(arena, f->sample_rate)};
        with[n++] = (struct ad_conf_set){"channels", ad_value_new_int(arena, f->channels)};
    }
    static const char *const drop_always[] = {"duration", NULL};
    static const char *const drop_picture[] = {"duration", "mode", "background", NULL};
    const struct ad_value *config = ad_conf_edit(
        arena, call->config, call->source->video ? drop_always : drop_picture, with, n);
    if (!config)
        return ad_error_nomem(err, "ops");
    *ret_config = config;
    return ARTDAG_OK;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    int64_t frames = 0;
    enum artdag_err rc;
    if (ad_source_config_is_file(call->config)) {
        rc = check_file(call, err);
        if (!rc)
            *ret = (struct ad_edge){.frames = 1, .file = true};
        return rc;
    }
    rc = check_source(call, err);
    if (!rc)
        rc = count_frames(call, &frames, err);
    if (rc)
        return rc;
    bool video = call->source->video;
    *ret = (struct ad_edge){.frames = frames,
                            .width = video ? call->format->width : 0,
                            .height = video ? call->format->height : 0,
                            .video = video,
                            .audio = call->source->audio};
    return ARTDAG_OK;
}

/* ---- Picture ---- */

/* libav's names to those that filter scale knows. Files that do not say: SD pictures are BT.601, the rest BT.709, as
 * players have it. */
static const char *scale_matrix(const struct ad_source_info *info)
{
    static const char *const names[][2] = {
        {"bt709", "bt709"},         {"bt470bg", "bt601"},
        {"smpte170m", "bt601"},     {"fcc", "fcc"},
        {"bt2020nc", "bt2020"},     {"bt2020c", "bt2020"},
        {"smpte240m", "smpte240m"}, {"gbr", "bt709"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(info->matrix, names[i][0]) == 0)
            return names[i][1];
    }
    return info->height < 720 ? "bt601" : "bt709";
}

/* Clockwise quarter turns. */
static struct ad_pad turn(struct ad_graph *graph, struct ad_pad in, int64_t rotation)
{
    if (rotation == 180)
        return ad_graph_chain(graph, "vflip", ad_graph_chain(graph, "hflip", in));
    if (rotation == 0)
        return in;
    struct ad_pad out = ad_graph_chain(graph, "transpose", in);
    ad_graph_set(graph, out, "dir", rotation == 90 ? "clock" : "cclock");
    return out;
}

/* The shape on the screen: after rotation, with square pixels. */
static void display_shape(const struct ad_source_info *info, int64_t *ret_w, int64_t *ret_h)
{
    int64_t w = info->width * info->sar_num;
    int64_t h = info->height * info->sar_den;
    bool turned = info->rotation == 90 || info->rotation == 270;
    *ret_w = turned ? h : w;
    *ret_h = turned ? w : h;
}

static struct ad_placing place(const struct ad_op_call *call)
{
    int64_t w = 0;
    int64_t h = 0;
    display_shape(call->source, &w, &h);
    if (ad_conf_is(call->config, "mode", "fill"))
        return ad_place_fill(w, h, call->format->width, call->format->height);
    if (ad_conf_is(call->config, "mode", "stretch"))
        return (struct ad_placing){call->format->width, call->format->height, 0, 0};
    return ad_place_fit(w, h, call->format->width, call->format->height);
}

/* Filter scale goes from one matrix to another through RGB, which costs seventeen times what filter colorspace takes, and
 * clips. That one knows no alpha. NULL = let scale do it. */
static const char *colorspace_matrix(const struct ad_op_call *call)
{
    static const char *const names[][2] = {{"bt601", "smpte170m"},
                                           {"fcc", "fcc"},
                                           {"bt2020", "bt2020nc"},
                                           {"smpte240m", "smpte240m"}};
    const char *matrix = scale_matrix(call->source);
    bool alpha = call->source->alpha || ad_pixel_alpha(call->format->pixel_format);
    bool rgb = strcmp(call->source->matrix, "gbr") == 0;
    for (size_t i = 0; !alpha && !rgb && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(matrix, names[i][0]) == 0)
            return names[i][1];
    }
    return NULL;
}

static struct ad_pad convert_matrix(struct ad_graph *graph, struct ad_pad in, const char *from)
{
    struct ad_pad out = ad_graph_chain(graph, "colorspace", in);
    ad_graph_set(graph, out, "ispace", from);
    ad_graph_set(graph, out, "space", "bt709");
    ad_graph_set(graph, out, "irange", "tv");
    ad_graph_set(graph, out, "range", "tv");
    /* Equal on both sides: the matrix alone is to change. */
    ad_graph_set(graph, out, "iprimaries", "bt709");
    ad_graph_set(graph, out, "primaries", "bt709");
    ad_graph_set(graph, out, "itrc", "bt709");
    ad_graph_set(graph, out, "trc", "bt709");
    return out;
}

static struct ad_pad conform_colors(const struct ad_op_call *call, struct ad_graph *graph,
                                    struct ad_pad in, const struct ad_placing *p,
                                    const char *background)
{
    const struct ad_source_info *info = call->source;
    const char *later = colorspace_matrix(call);
    struct ad_pad out = ad_graph_chain(graph, "scale", in);
    ad_graph_set_int(graph, out, "w", p->scale_w);
    ad_graph_set_int(graph, out, "h", p->scale_h);
    ad_graph_set(graph, out, "flags", AD_SCALE_FLAGS);
    ad_graph_set(graph, out, "in_color_matrix", scale_matrix(info));
    ad_graph_set(graph, out, "out_color_matrix", later ? scale_matrix(info) : "bt709");
    ad_graph_set(graph, out, "in_range", info->full_range ? "pc" : "tv");
    ad_graph_set(graph, out, "out_range", "tv");
    if (info->alpha && !ad_pixel_alpha(call->format->pixel_format))
        out = ad_video_flatten(graph, out, call->format->pixel_format, background);
    out = ad_video_format(graph, out, call->format->pixel_format);
    if (later)
        out = convert_matrix(graph, out, later);
    out = ad_graph_chain(graph, "setsar", out);
    ad_graph_set(graph, out, "sar", "1/1");
    out = ad_graph_chain(graph, "setparams", out);
    ad_graph_set(graph, out, "field_mode", "prog");
    ad_graph_set(graph, out, "range", "tv");
    ad_graph_set(graph, out, "color_primaries", "bt709");
    ad_graph_set(graph, out, "color_trc", "bt709");
    ad_graph_set(graph, out, "colorspace", "bt709");
    return out;
}

/* Frames outside the leaf's range are dropped before the costly filters see them; time stamps stay. */
static struct ad_pad conform_time(const struct ad_op_call *call, struct ad_graph *graph,
                                  struct ad_pad in)
{
    int64_t first = graph->leaves.items[in.filter].first;
    int64_t count = graph->leaves.items[in.filter].count;
    struct ad_pad out = ad_graph_chain(graph, "tpad", ad_video_fps(graph, in, call->format));
    ad_graph_set(graph, out, "stop", "-1");
    ad_graph_set(graph, out, "stop_mode", "clone");
    out = ad_graph_chain(graph, "trim", out);
    ad_graph_set_int(graph, out, "start_pts", first);
    ad_graph_set_int(graph, out, "end_pts", first + count);
    return out;
}

static enum artdag_err build_video(const struct ad_op_call *call, struct ad_fragment *fragment,
                                   artdag_error *err)
{
    struct ad_graph *graph = fragment->video;
    struct ad_placing p = place(call);
    int64_t width = call->format->width;
    int64_t height = call->format->height;
    if (p.scale_w > 32768 || p.scale_h > 32768)
        return ad_conf_bad(call->config, "mode", err,
                           "the source is too long and thin to fill %lldx%lld",
                           (long long)width, (long long)height);
    if (strcmp(call->source->matrix, "ycgco") == 0)
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ops",
                            "YCgCo colours are not supported");
    const char *background = ad_conf_text(call->arena, call->config, "background", "#000000");
    struct ad_pad pad = conform_time(call, graph, fragment->video_in[0]);
    pad = turn(graph, pad, call->source->rotation);
    pad = conform_colors(call, graph, pad, &p, background);
    if (p.scale_w > width || p.scale_h > height)
        pad = ad_video_crop(graph, pad, width, height, p.x, p.y);
    else if (p.scale_w < width || p.scale_h < height)
        pad = ad_video_pad(graph, pad, call->format, &(struct ad_box){width, height, p.x, p.y},
                           background);
    fragment->video_out = pad;
    return ARTDAG_OK;
}

/* ---- Sound ---- */

/* One channel to two without the 3 dB that a downmix matrix takes off; two to one as their mean. More than two are mixed
 * down by the resampler's matrix (ITU-R BS.775). */
static struct ad_pad conform_channels(const struct ad_op_call *call, struct ad_graph *graph,
                                      struct ad_pad in)
{
    int64_t from = call->source->channels;
    int64_t to = call->format->channels;
    if (from <= 2 && from != to) {
        in = ad_graph_chain(graph, "pan", in);
        ad_graph_set(graph, in, "args",
                     to == 2 ? "stereo|c0=c0|c1=c0" : "mono|c0=0.5*c0+0.5*c1");
    }
    struct ad_pad out = ad_graph_chain(graph, "aformat", in);
    ad_graph_set_int(graph, out, "sample_rates", call->format->sample_rate);
    ad_graph_set(graph, out, "channel_layouts", ad_channel_layout(to));
    return out;
}

static void build_audio(const struct ad_op_call *call, struct ad_fragment *fragment)
{
    struct ad_graph *graph = fragment->audio;
    const struct ad_format *f = call->format;
    struct ad_pad in = fragment->audio_in[0];
    int64_t first = graph->leaves.items[in.filter].first;
    int64_t count = graph->leaves.items[in.filter].count;
    struct ad_pad out = ad_graph_chain(graph, "aresample", in);
    ad_graph_set_int(graph, out, "sample_rate", f->sample_rate);
    ad_graph_set(graph, out, "internal_sample_fmt", "dblp");
    /* Time stamps decide where sound begins, to the sample, and where there is a gap; they never stretch it. */
    ad_graph_set(graph, out, "async", "1");
    ad_graph_set(graph, out, "first_pts", "0");
    ad_graph_set(graph, out, "min_comp", "0");
    ad_graph_set(graph, out, "min_hard_comp", "0.1");
    out = conform_channels(call, graph, out);
    out = ad_graph_chain(graph, "apad", out);
    out = ad_graph_chain(graph, "atrim", out);
    ad_graph_set_int(graph, out, "start_pts", ad_samples_at(f, first));
    ad_graph_set_int(graph, out, "end_pts", ad_samples_for(f, first + count));
    fragment->audio_out = out;
}

static bool is_leaf_of(const struct ad_graph *graph, const struct ad_pad *pads)
{
    return pads && pads[0].set && pads[0].leaf && pads[0].filter < graph->leaves.len;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = check_source(call, err);
    if (rc == ARTDAG_OK)
        rc = ad_op_built(fragment, err); /* a leaf that could not be made is no leaf */
    if (rc)
        return rc;
    if ((fragment->video && !is_leaf_of(fragment->video, fragment->video_in)) ||
        (fragment->audio && !is_leaf_of(fragment->audio, fragment->audio_in)))
        return ad_error_set(err, ARTDAG_E_INTERNAL, "ops", "SOURCE must stand on a leaf");
    if (fragment->video)
        rc = build_video(call, fragment, err);
    if (!rc && fragment->audio)
        build_audio(call, fragment);
    return rc ? rc : ad_op_built(fragment, err);
}

const struct ad_op ad_op_source = {
    .node_type = "SOURCE",
    .summary = "a media file, conformed to the working format",
    .doc = "Takes no inputs from other nodes. Whatever comes (variable frame rate, rotation, "
           "odd sizes, "
           "anamorphic pixels, mono, 44.1 kHz, no sound, no declared length, transparency) "
           "leaves it with the "
           "working format's size, frame rate, pixel format, sample rate and channels, with an "
           "exact number of "
           "frames: the length in seconds times the frame rate, rounded to the nearest frame, "
           "at least one.\n"
           "\n"
           "Time 0 is the first picture (the first sound of a file without pictures); sound "
           "that begins before it is "
           "cut, a gap before the sound is silent. At each tick the latest frame is shown "
           "whose time, rounded to "
           "the nearest tick, has come. Sound shorter than the picture is followed by silence, "
           "longer sound is cut.\n"
           "\n"
           "Colours become BT.709 limited range. A file that does not name its matrix counts "
           "as BT.601 when it has fewer "
           "than 720 lines, as BT.709 otherwise. One channel becomes two by copying it, two "
           "become one by their mean, "
           "more are mixed down.",
    .revision = 2, /* 2: colour matrices are converted without a detour through RGB */
    .exactness = AD_CLASS_EXACT,
    .fields = ad_source_fields,
    .slots = slots,
    .needs_toolchain = false,
    .finish = finish,
    .edge = edge,
    .build = build,
};
