/* SPDX-License-Identifier: MIT
 *
 * GENERATE: pictures and sound out of nothing, and text over a picture.
 */
#include "ops/generate.h"

#include <string.h>

static const char *const kinds[] = {"bars",  "color", "counter", "gradient",
                                    "image", "noise", "silence", "testsrc",
                                    "text",  "tone",  NULL};
static const char *const directions[] = {"horizontal", "vertical", "diagonal", "radial", NULL};
static const char *const anchors[] = {"top_left",     "top",   "top_right",   "left",
                                      "center",       "right", "bottom_left", "bottom",
                                      "bottom_right", NULL};
static const char *const aligns[] = {"left", "center", "right", NULL};
static const char *const shows[] = {"frames", "seconds", "timecode", NULL};
static const char *const noises[] = {"white", "pink", "brown", NULL};

static const struct ad_field fields[] = {
    {.name = "kind",
     .type = AD_FIELD_ENUM,
     .values = kinds,
     .required = true,
     .doc =
         "What to make. Pictures: bars (SMPTE colour bars), color, counter, gradient, testsrc "
         "(a moving test picture), text. Sound: noise, silence, tone. image: the first "
         "picture of the input, standing still."},
    {.name = "duration",
     .type = AD_FIELD_TIME,
     .doc = "How long it lasts. Text and counters over an input last as long as the input."},
    {.name = "width",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = 16384,
     .unit = "pixels, even",
     .doc = "Of a picture without an input; the working size without it."},
    {.name = "height",
     .type = AD_FIELD_INT,
     .min = 2,
     .max = 16384,
     .unit = "pixels, even",
     .doc = "Of a picture without an input, too."},
    {.name = "color",
     .type = AD_FIELD_COLOR,
     .doc = "Of kind color (black), of text and numbers (white), and where a gradient begins "
            "(black)."},
    {.name = "color_end", .type = AD_FIELD_COLOR, .doc = "Where a gradient ends (white)."},
    {.name = "direction",
     .type = AD_FIELD_ENUM,
     .values = directions,
     .doc = "Of a gradient: to the right, down, to the lower right corner, or from the middle "
            "to the corners."},
    {.name = "background",
     .type = AD_FIELD_COLOR,
     .doc = "Behind text without an input: black, or nothing when the working format has "
            "transparency."},
    {.name = "text",
     .type = AD_FIELD_STRING,
     .doc = "Shown as it is; lines end with a line break. At most 2000 bytes."},
    {.name = "font_size",
     .type = AD_FIELD_NUMBER,
     .min = 1,
     .max = 4096,
     .unit = "pixels",
     .doc = "Pixels per em; an eighth of the height without it."},
    {.name = "anchor",
     .type = AD_FIELD_ENUM,
     .values = anchors,
     .doc = "The point of the text that x and y place, and where they place it when they are "
            "left out (center)."},
    {.name = "align",
     .type = AD_FIELD_ENUM,
     .values = aligns,
     .doc = "Lines among each other; as the anchor has it without this key."},
    {.name = "margin",
     .type = AD_FIELD_INT,
     .min = 0,
     .max = 16384,
     .unit = "pixels",
     .doc =
         "Distance from the edges when x and y are left out; half the font size, and the box."},
    {.name = "x",
     .type = AD_FIELD_NUMBER,
     .animated = true,
     .min = -32768,
     .max = 32768,
     .unit = "pixels",
     .doc = "Where the anchor stands, from the left edge. Fractions count."},
    {.name = "y",
     .type = AD_FIELD_NUMBER,
     .animated = true,
     .min = -32768,
     .max = 32768,
     .unit = "pixels",
     .doc = "The same from the top."},
    {.name = "opacity",
     .type = AD_FIELD_NUMBER,
     .animated = true,
     .min = 0,
     .max = 1,
     .doc = "Of letters, outline, shadow and box together (1)."},
    {.name = "start", .type = AD_FIELD_TIME, .doc = "When the text appears (0)."},
    {.name = "end", .type = AD_FIELD_TIME, .doc = "When it is gone (the end)."},
    {.name = "fade_in", .type = AD_FIELD_TIME, .doc = "How long it takes to appear (0)."},
    {.name = "fade_out", .type = AD_FIELD_TIME, .doc = "How long it takes to vanish (0)."},
    {.name = "line_spacing",
     .type = AD_FIELD_NUMBER,
     .min = 0.1,
     .max = 10,
     .doc = "Distance of lines, as a factor of what the font says (1)."},
    {.name = "wrap",
     .type = AD_FIELD_INT,
     .min = 1,
     .max = 32768,
     .unit = "pixels",
     .doc = "Breaks lines that are longer than this, between words."},
    {.name = "outline",
     .type = AD_FIELD_MAP,
     .fields = ad_generate_outline,
     .doc = "Around the letters."},
    {.name = "shadow",
     .type = AD_FIELD_MAP,
     .fields = ad_generate_shadow,
     .doc = "Behind the letters."},
    {.name = "box",
     .type = AD_FIELD_MAP,
     .fields = ad_generate_box,
     .doc = "Behind all lines."},
    {.name = "show",
     .type = AD_FIELD_ENUM,
     .values = shows,
     .doc = "What a counter counts (timecode)."},
    {.name = "from", .type = AD_FIELD_TIME, .doc = "Where a counter begins (0)."},
    {.name = "down", .type = AD_FIELD_BOOL, .doc = "It counts down to 0 (false)."},
    {.name = "frequency",
     .type = AD_FIELD_NUMBER,
     .min = 1,
     .max = 20000,
     .unit = "Hz",
     .doc = "Of a tone (1000)."},
    {.name = "level",
     .type = AD_FIELD_NUMBER,
     .min = 0,
     .max = 1,
     .doc = "Largest sample of a tone or of noise; 1 is full scale (0.125)."},
    {.name = "noise", .type = AD_FIELD_ENUM, .values = noises, .doc = "Kind of noise (white)."},
    {.name = "seed",
     .type = AD_FIELD_INT,
     .min = 0,
     .max = 4294967295.0,
     .doc = "Of noise: another seed is other noise (0)."},
    {.name = "first",
     .type = AD_FIELD_INT,
     .min = 0,
     .max = (double)AD_FRAMES_MAX,
     .internal = true,
     .doc = "A slice: the frame of the whole that is its first."},
    {NULL},
};

static bool wants_font(const struct ad_value *config)
{
    const struct ad_value *kind = ad_value_get(config, "kind");
    struct ad_str name;
    return kind && (ad_value_is_param(kind, &name) || ad_conf_is(config, "kind", "text") ||
                    ad_conf_is(config, "kind", "counter"));
}

static const struct ad_slot slots[] = {
    {"video", 0, 1, "text, counter: the picture below; image: the picture"},
    {"font", 0, 1, "text, counter: a TTF or OTF file; without it, the system's", .file = true,
     .font = wants_font},
    {.max = 0},
};

/* ---- Which keys a kind knows ---- */

#define TEXT_KEYS                                                                              \
    "color", "background", "font_size", "anchor", "align", "margin", "x", "y", "opacity",      \
        "start", "end", "fade_in", "fade_out", "line_spacing", "wrap", "outline", "shadow",    \
        "box"

static const char *const keys_of[][32] = {
    [AD_GENERATE_BARS] = {"width", "height", NULL},
    [AD_GENERATE_COLOR] = {"width", "height", "color", NULL},
    [AD_GENERATE_COUNTER] = {"width", "height", "show", "from", "down", TEXT_KEYS, NULL},
    [AD_GENERATE_GRADIENT] = {"width", "height", "color", "color_end", "direction", NULL},
    [AD_GENERATE_IMAGE] = {NULL},
    [AD_GENERATE_NOISE] = {"level", "noise", "seed", NULL},
    [AD_GENERATE_SILENCE] = {NULL},
    [AD_GENERATE_TESTSRC] = {"width", "height", NULL},
    [AD_GENERATE_TEXT] = {"width", "height", "text", TEXT_KEYS, NULL},
    [AD_GENERATE_TONE] = {"frequency", "level", NULL},
};

static enum artdag_err check_keys(const struct ad_op_call *call, enum ad_generate_kind kind,
                                  artdag_error *err)
{
    for (size_t i = 0; i < call->config->map.len; i++) {
        struct ad_str key = call->config->map.items[i].key;
        size_t k = 0;
        if (ad_str_is(key, "kind") || ad_str_is(key, "duration") || ad_str_is(key, "first"))
            continue;
        while (keys_of[kind][k] && !ad_str_is(key, keys_of[kind][k]))
            k++;
        if (keys_of[kind][k])
            continue;
        char name[32] = "";
        memcpy(name, key.ptr, key.len < sizeof(name) - 1 ? key.len : sizeof(name) - 1);
        return ad_conf_bad(call->config, name, err, "%s does not apply to kind %s", name,
                           kinds[kind]);
    }
    return ARTDAG_OK;
}

/* ---- Timing ---- */

static bool is_text(enum ad_generate_kind kind)
{
    return kind == AD_GENERATE_TEXT || kind == AD_GENERATE_COUNTER;
}

static bool is_sound(enum ad_generate_kind kind)
{
    return kind == AD_GENERATE_NOISE || kind == AD_GENERATE_SILENCE || kind == AD_GENERATE_TONE;
}

static void find_inputs(const struct ad_op_call *call, struct ad_generate *g)
{
    for (size_t i = 0; i < call->input_count; i++) {
        if (strcmp(call->inputs[i].slot, "font") == 0) {
            g->font = &call->inputs[i];
        } else {
            g->video = &call->inputs[i];
            g->video_index = i;
        }
    }
}

static enum artdag_err check_inputs(const struct ad_op_call *call, const struct ad_generate *g,
                                    artdag_error *err)
{
    const char *kind = kinds[g->kind];
    if (g->video && !is_text(g->kind) && g->kind != AD_GENERATE_IMAGE)
        return ad_conf_bad(call->config, "kind", err, "kind %s takes no picture", kind);
    if (g->video && !g->video->edge.video)
        return ad_conf_bad(call->config, "kind", err, "the input has no picture");
    if (!g->video && g->kind == AD_GENERATE_IMAGE)
        return ad_conf_bad(call->config, "kind", err, "kind image takes a picture");
    if (g->font && !is_text(g->kind))
        return ad_conf_bad(call->config, "kind", err, "kind %s takes no font", kind);
    if (is_text(g->kind) && strcmp(call->format->pixel_format, "yuv444p10le") == 0)
        return ad_conf_bad(
            call->config, "kind", err,
            "text cannot be laid over pictures of the working format yuv444p10le");
    if (!g->font && is_text(g->kind)) {
        (void)ad_conf_bad(call->config, "kind", err, "there is no font for the text");
        ad_error_hint(err, "give a SOURCE as input \"font\", or set ARTDAG_FONT");
        return ARTDAG_E_FORMAT;
    }
    return ARTDAG_OK;
}

static enum artdag_err measure_time(const struct ad_op_call *call, struct ad_generate *g,
                                    artdag_error *err)
{
    const struct ad_value *duration = ad_value_get(call->config, "duration");
    bool below = g->video && is_text(g->kind);
    if (below && duration)
        return ad_conf_bad(call->config, "duration", err,
                           "text over an input has the input's length");
    if (!below && !duration)
        return ad_conf_bad(call->config, "kind", err, "kind %s needs a duration",
                           kinds[g->kind]);
    g->frames = below ? g->video->edge.frames : ad_conf_int(call->config, "duration", 0);
    if (g->frames < 1 || g->frames > AD_FRAMES_MAX)
        return ad_conf_bad(call->config, "duration", err, "duration is shorter than a frame");
    return ARTDAG_OK;
}

static enum artdag_err measure_size(const struct ad_op_call *call, struct ad_generate *g,
                                    artdag_error *err)
{
    g->width = ad_conf_int(call->config, "width", call->format->width);
    g->height = ad_conf_int(call->config, "height", call->format->height);
    if (g->video) {
        const char *key = ad_value_get(call->config, "width") ? "width" : "height";
        if (ad_value_get(call->config, key))
            return ad_conf_bad(call->config, key, err,
                               "text over an input has the input's size");
        g->width = g->video->edge.width;
        g->height = g->video->edge.height;
    }
    if (g->width % 2 || g->height % 2)
        return ad_conf_bad(call->config, g->width % 2 ? "width" : "height", err,
                           "width and height must be even");
    return ARTDAG_OK;
}

static enum artdag_err read_call(const struct ad_op_call *call, struct ad_generate *ret,
                                 artdag_error *err)
{
    struct ad_generate g = {0};
    enum artdag_err rc = ad_op_inputs(&ad_op_generate, call, err);
    if (rc)
        return rc;
    for (int i = 0; kinds[i]; i++) {
        if (ad_conf_is(call->config, "kind", kinds[i]))
            g.kind = (enum ad_generate_kind)i;
    }
    find_inputs(call, &g);
    rc = check_keys(call, g.kind, err);
    if (!rc)
        rc = check_inputs(call, &g, err);
    if (!rc)
        rc = measure_time(call, &g, err);
    if (!rc)
        rc = measure_size(call, &g, err);
    if (!rc)
        *ret = g;
    return rc;
}

/* ---- Final config ---- */

struct standard {
    enum ad_generate_kind kind;
    const char *key;
    const char *text; /* NULL: number */
    double number;
};

/* What is left out, for what is no text. */
static const struct standard standards[] = {
    {AD_GENERATE_COLOR, "color", "#000000", 0},
    {AD_GENERATE_GRADIENT, "color", "#000000", 0},
    {AD_GENERATE_GRADIENT, "color_end", "#ffffff", 0},
    {AD_GENERATE_GRADIENT, "direction", "horizontal", 0},
    {AD_GENERATE_NOISE, "level", NULL, 0.125},
    {AD_GENERATE_NOISE, "noise", "white", 0},
    {AD_GENERATE_NOISE, "seed", NULL, 0},
    {AD_GENERATE_TONE, "frequency", NULL, 1000},
    {AD_GENERATE_TONE, "level", NULL, 0.125},
};

static const struct ad_value *standard_value(struct ad_arena *arena, const struct standard *s)
{
    if (s->text)
        return ad_value_new_str(arena, ad_str_from(s->text));
    if (strcmp(s->key, "seed") == 0)
        return ad_value_new_int(arena, 0);
    return ad_value_new_double(arena, s->number);
}

static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    struct ad_generate g = {0};
    struct ad_conf_set with[8];
    size_t count = 0;
    enum artdag_err rc = read_call(call, &g, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < sizeof(standards) / sizeof(standards[0]); i++) {
        const struct standard *s = &standards[i];
        if (s->kind == g.kind && !ad_value_get(call->config, s->key))
            with[count++] = (struct ad_conf_set){s->key, standard_value(call->arena, s)};
    }
    if (!g.video && !is_sound(g.kind)) {
        with[count++] = (struct ad_conf_set){"width", ad_value_new_int(call->arena, g.width)};
        with[count++] = (struct ad_conf_set){"height", ad_value_new_int(call->arena, g.height)};
    }
    const struct ad_value *config = ad_conf_edit(call->arena, call->config, NULL, with, count);
    if (!config)
        return ad_error_nomem(err, "ops");
    if (is_text(g.kind))
        rc = ad_generate_finish_text(call, &g, &config, err);
    if (rc)
        return rc;
    config = ad_conf_slice(call->arena, fields, config, (struct ad_span){0, g.frames});
    if (!config)
        return ad_error_nomem(err, "ops");
    *ret_config = config;
    return ARTDAG_OK;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    struct ad_generate g = {0};
    enum artdag_err rc = read_call(call, &g, err);
    if (rc)
        return rc;
    *ret = (struct ad_edge){.frames = g.frames, .audio = is_sound(g.kind)};
    if (!is_sound(g.kind)) {
        ret->video = true;
        ret->width = g.width;
        ret->height = g.height;
        ret->audio = is_text(g.kind) && g.video && g.video->edge.audio;
    }
    return ARTDAG_OK;
}

/* ---- Parts ---- */

static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    struct ad_generate g = {0};
    *ret = (struct ad_span){0, 0};
    if (read_call(call, &g, NULL) || out.from >= out.to)
        return;
    if (g.video && i == g.video_index && is_text(g.kind))
        *ret = ad_span_clip(out, 0, g.frames);
    else
        *ret = (struct ad_span){0, 1};
}

static const struct ad_value *slice_config(const struct ad_op_call *call,
                                           const struct ad_generate *g, struct ad_span out)
{
    struct ad_conf_set with[2];
    size_t count = 0;
    const struct ad_value *config = ad_conf_slice(call->arena, fields, call->config, out);
    bool counts = g->kind == AD_GENERATE_COUNTER || g->kind == AD_GENERATE_TESTSRC;
    int64_t first = ad_conf_int(call->config, "first", 0) + out.from;
    if (!config)
        return NULL;
    if (ad_value_get(config, "duration"))
        with[count++] =
            (struct ad_conf_set){"duration", ad_value_new_int(call->arena, out.to - out.from)};
    if (counts && first > 0)
        with[count++] = (struct ad_conf_set){"first", ad_value_new_int(call->arena, first)};
    return ad_conf_edit(call->arena, config, NULL, with, count);
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    struct ad_generate g = {0};
    enum artdag_err rc = read_call(call, &g, err);
    if (rc)
        return rc;
    const struct ad_value *config = slice_config(call, &g, out);
    uint32_t *inputs = ad_arena_array(call->arena, call->input_count + 1, sizeof(*inputs));
    struct ad_span *spans = ad_arena_array(call->arena, call->input_count + 1, sizeof(*spans));
    if (!config || !inputs || !spans)
        return ad_error_nomem(err, "ops");
    for (size_t i = 0; i < call->input_count; i++) {
        inputs[i] = (uint32_t)i;
        range(call, i, out, &spans[i]);
    }
    *ret = (struct ad_slice){config, inputs, spans, call->input_count};
    return ARTDAG_OK;
}

static bool joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    struct ad_generate g = {0};
    *ret = (struct ad_joints){0};
    if (read_call(call, &g, NULL) || !g.video || !is_text(g.kind))
        return true;
    return ad_joints_one(call, (uint32_t)g.video_index, (struct ad_span){0, g.frames}, ret);
}

/* ---- Graphs ---- */

static void build_video(const struct ad_op_call *call, const struct ad_generate *g,
                        struct ad_fragment *fragment)
{
    struct ad_graph *graph = fragment->video;
    struct ad_pad below = {0};
    struct ad_pad out = {0};
    if (g->video)
        below = fragment->video_in[g->video_index];
    switch (g->kind) {
    case AD_GENERATE_BARS:
        out = ad_generate_bars(call, g, graph);
        break;
    case AD_GENERATE_GRADIENT:
        out = ad_generate_gradient(call, g, graph);
        break;
    case AD_GENERATE_TESTSRC:
        out = ad_generate_testsrc(call, g, graph);
        break;
    case AD_GENERATE_IMAGE:
        out = ad_video_hold(graph, ad_video_cut(graph, below, 0, 1), g->frames);
        break;
    case AD_GENERATE_TEXT:
    case AD_GENERATE_COUNTER:
        out = ad_generate_text(call, g, graph, below);
        break;
    default:
        out = ad_video_blank(graph, call->format, g->width, g->height, g->frames,
                             ad_conf_text(call->arena, call->config, "color", "#000000"));
        break;
    }
    fragment->video_out = out;
}

/* To all channels, so strong. */
static struct ad_pad spread(const struct ad_op_call *call, struct ad_graph *graph,
                            struct ad_pad in, double gain)
{
    char number[32];
    bool stereo = call->format->channels == 2;
    (void)ad_double_format(gain, number);
    in = ad_graph_chain(graph, "aformat", in);
    ad_graph_set(graph, in, "sample_fmts", "fltp");
    in = ad_graph_chain(graph, "pan", in);
    ad_graph_setf(graph, in, "args", stereo ? "stereo|c0=%s*c0|c1=%s*c0" : "mono|c0=%s*c0",
                  number, number);
    return in;
}

/* Filter sine draws from a table of 16 bits whose largest value is 4095. */
static struct ad_pad tone(const struct ad_op_call *call, struct ad_graph *graph)
{
    struct ad_pad out = ad_graph_filter(graph, "sine", NULL, 0);
    ad_graph_set_double(graph, out, "frequency",
                        ad_conf_number(call->config, "frequency", 1000));
    ad_graph_set_int(graph, out, "sample_rate", call->format->sample_rate);
    return spread(call, graph, out,
                  ad_conf_number(call->config, "level", 0.125) * 32768 / 4095);
}

static struct ad_pad noise(const struct ad_op_call *call, struct ad_graph *graph)
{
    struct ad_pad out = ad_graph_filter(graph, "anoisesrc", NULL, 0);
    ad_graph_set(graph, out, "color",
                 ad_conf_text(call->arena, call->config, "noise", "white"));
    ad_graph_set_int(graph, out, "seed", ad_conf_int(call->config, "seed", 0));
    ad_graph_set_int(graph, out, "sample_rate", call->format->sample_rate);
    ad_graph_set(graph, out, "amplitude", "1");
    return spread(call, graph, out, ad_conf_number(call->config, "level", 0.125));
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct ad_generate g = {0};
    enum artdag_err rc = read_call(call, &g, err);
    if (rc)
        return rc;
    if (fragment->video)
        build_video(call, &g, fragment);
    if (fragment->audio && g.video) {
        fragment->audio_out = fragment->audio_in[g.video_index];
    } else if (fragment->audio) {
        struct ad_graph *graph = fragment->audio;
        int64_t samples = ad_samples_for(call->format, g.frames);
        if (g.kind == AD_GENERATE_SILENCE)
            fragment->audio_out = ad_audio_silence(graph, call->format, samples);
        else
            fragment->audio_out = ad_audio_cut(
                graph, g.kind == AD_GENERATE_TONE ? tone(call, graph) : noise(call, graph), 0,
                samples);
    }
    return ad_op_built(fragment, err);
}

static const char example[] = "format: {width: 320, height: 180, fps: 24}\n"
                              "dag:\n"
                              "  nodes:\n"
                              "    - id: sky\n"
                              "      type: GENERATE\n"
                              "      config:\n"
                              "        kind: gradient\n"
                              "        duration: 1\n"
                              "        direction: diagonal\n"
                              "        color: \"#102040\"\n"
                              "        color_end: \"#e08040\"\n"
                              "    - id: titled\n"
                              "      type: GENERATE\n"
                              "      config:\n"
                              "        kind: text\n"
                              "        text: \"A Small Film\\nby its makers\"\n"
                              "        font_size: 28\n"
                              "        outline: {width: 2}\n"
                              "        shadow: {x: 3, y: 3}\n"
                              "      inputs: [sky]\n"
                              "  output: titled\n";

const struct ad_op ad_op_generate = {
    .node_type = "GENERATE",
    .summary = "pictures and sound out of nothing, and text over a picture",
    .doc =
        "Takes no input, or a picture that text is written over.\n"
        "\n"
        "Text is laid out by the font's own metrics, in fractions of a pixel, so that it moves "
        "smoothly; position and opacity may be keyframed. Box, shadow, outline and letters "
        "lie over each other in this order and fade together. Lines are shaped by HarfBuzz, "
        "each in the direction of its first letters; letters of both directions within one "
        "line are not reordered. The font is an input, so its CID is part of the "
        "identity; without one the system's is taken: ARTDAG_FONT, or the first that there is "
        "of "
        "DejaVu Sans, Liberation Sans, Noto Sans and FreeSans.\n"
        "\n"
        "Text without an input stands on a background; in a working format with transparency "
        "the "
        "background is nothing, so that LAYER can put it over a film. The timecode of a "
        "counter has as many frames a second as the rate rounded up, and drops none.",
    .example = example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .finish = finish,
    .edge = edge,
    .range = range,
    .slice = slice,
    .joints = joints,
    .build = build,
};
