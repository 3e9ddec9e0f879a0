/* SPDX-License-Identifier: MIT
 *
 * EFFECT: named effects, those of the program and those that users write.
 */
#include "ops/effect.h"

#include <string.h>

static const struct ad_field fields[] = {
    {.name = "effect",
     .type = AD_FIELD_STRING,
     .doc = "One that comes with the program (glow, grayscale, identity, invert, mirror, "
            "pixelate, "
            "sepia, trails), or one of the recipe's registry.effects. identity when left out."},
    {.name = "params",
     .type = AD_FIELD_ANY,
     .doc = "Values for the effect's parameters, by name. What is left out has the effect's "
            "default."},
    {.name = "definition", .type = AD_FIELD_ANY, .internal = true},
    {.name = "graph", .type = AD_FIELD_ANY, .internal = true},
    {.name = "skip",
     .type = AD_FIELD_INT,
     .min = 0,
     .max = 1000,
     .internal = true,
     .doc = "A slice: frames at the beginning that only others look at."},
    {.name = "take",
     .type = AD_FIELD_INT,
     .min = 1,
     .max = (double)AD_FRAMES_MAX,
     .internal = true,
     .doc = "A slice: frames behind those."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, AD_EFFECT_INPUTS_MAX, "what to change"},
                                       {.max = 0}};

/* ---- Final config ---- */

const struct ad_value *ad_effect_define(struct ad_arena *arena, const struct ad_value *config,
                                        const struct ad_value *definition)
{
    struct ad_conf_set with = {"definition", definition};
    return ad_conf_edit(arena, config, NULL, &with, 1);
}

enum artdag_err ad_effect_check(struct ad_arena *arena, const struct ad_value *definition,
                                const char *file, artdag_error *err)
{
    struct ad_effect effect = {0};
    return ad_effect_read(arena, definition, file, &effect, err);
}

enum artdag_err ad_effect_json(struct ad_arena *arena, const struct ad_value *definition,
                               const char *file, struct ad_json_writer *w, artdag_error *err)
{
    struct ad_effect effect = {0};
    enum artdag_err rc = ad_effect_read(arena, definition, file, &effect, err);
    if (rc)
        return rc;
    ad_jw_map_begin(w);
    ad_jw_key(w, "description");
    ad_jw_cstr(w, effect.doc);
    ad_jw_key(w, "effect");
    ad_jw_cstr(w, effect.name);
    ad_jw_key(w, "inputs");
    ad_jw_int(w, effect.inputs);
    ad_fields_json("params", effect.params, w);
    ad_jw_map_end(w);
    return ARTDAG_OK;
}

static enum artdag_err find_definition(const struct ad_op_call *call,
                                       const struct ad_value **ret, artdag_error *err)
{
    const struct ad_value *name = ad_value_get(call->config, "effect");
    struct ad_str text = name ? name->string : AD_STR_LIT("identity");
    *ret = ad_value_get(call->config, "definition");
    if (!*ret)
        *ret = ad_effect_standard(call->arena, text);
    if (*ret)
        return ARTDAG_OK;
    if (ad_arena_failed(call->arena))
        return ad_error_nomem(err, "ops");
    (void)ad_conf_bad(call->config, "effect", err, "there is no effect \"%.*s\"",
                      AD_STR_ARG(text));
    const char *near = ad_str_nearest(text, ad_effect_names);
    if (near)
        ad_error_hint(err, "did you mean %s?", near);
    else
        ad_error_hint(err, "effects of your own stand in the recipe's registry.effects");
    return ARTDAG_E_FORMAT;
}

/* The filters must make a graph that the media program takes: it is built once for nothing. */
static enum artdag_err try_graph(const struct ad_op_call *call, const struct ad_effect *effect,
                                 enum ad_medium medium, artdag_error *err)
{
    struct ad_graph *graph = ad_graph_new(call->arena, medium);
    struct ad_pad in[AD_EFFECT_INPUTS_MAX];
    const struct ad_leaf leaf = {.cid = "bafkreiaaaa", .origin_den = 1, .count = 1};
    const struct ad_value *filters = medium == AD_VIDEO ? effect->video : effect->audio;
    size_t count = medium == AD_VIDEO ? (size_t)effect->inputs : 1;
    if (!graph)
        return ad_error_nomem(err, "ops");
    for (size_t i = 0; i < count; i++)
        in[i] = ad_graph_leaf(graph, &leaf);
    enum artdag_err rc = ad_effect_build(graph, filters, in, count, &graph->out, err);
    return rc ? rc : ad_graph_check(graph, err);
}

static enum artdag_err check_graph(const struct ad_op_call *call, const struct ad_value *config,
                                   artdag_error *err)
{
    struct ad_effect effect = {0};
    enum artdag_err rc = ad_effect_graph_head(ad_value_get(config, "graph"), &effect, err);
    if (!rc && effect.video)
        rc = try_graph(call, &effect, AD_VIDEO, err);
    if (!rc && effect.audio)
        rc = try_graph(call, &effect, AD_AUDIO, err);
    if (rc == ARTDAG_E_FORMAT) {
        (void)ad_error_prefix(err, rc, "the effect cannot be built");
        const struct ad_value *at = ad_value_get(call->config, "effect");
        if (err && at && at->line)
            ad_error_at(err, NULL, (int)at->line, (int)at->column);
    }
    return rc;
}

static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    static const char *const drop[] = {"effect", "params", "definition", NULL};
    const struct ad_value *definition = NULL;
    const struct ad_value *params = NULL;
    struct ad_effect effect = {0};
    enum artdag_err rc = ad_op_inputs(&ad_op_effect, call, err);
    if (rc)
        return rc;
    if (ad_value_get(call->config, "graph")) { /* final already */
        if (ad_value_get(call->config, "effect") || ad_value_get(call->config, "params"))
            return ad_conf_bad(call->config, "graph", err, "an effect has a graph or a name");
        return check_graph(call, call->config, err);
    }
    rc = find_definition(call, &definition, err);
    if (!rc)
        rc = ad_effect_read(call->arena, definition, NULL, &effect, err);
    if (!rc)
        rc = ad_config_normalise(call->arena, effect.params,
                                 ad_value_get(call->config, "params"), call->format, NULL,
                                 &params, err);
    if (rc)
        return rc;
    if (call->input_count != (size_t)effect.inputs)
        return ad_conf_bad(call->config, "effect", err, "effect %s takes %lld inputs, not %zu",
                           effect.name, (long long)effect.inputs, call->input_count);
    struct ad_conf_set with = {"graph", ad_effect_graph(call, &effect, params)};
    const struct ad_value *config =
        with.value ? ad_conf_edit(call->arena, call->config, drop, &with, 1) : NULL;
    if (!config)
        return ad_error_nomem(err, "ops");
    rc = check_graph(call, config, err);
    if (!rc)
        *ret_config = config;
    return rc;
}

/* ---- Timing ---- */

static enum artdag_err read_call(const struct ad_op_call *call, struct ad_effect *ret,
                                 artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_effect, call, err);
    if (!rc)
        rc = ad_effect_graph_head(ad_value_get(call->config, "graph"), ret, err);
    if (rc)
        return rc;
    if (call->input_count != (size_t)ret->inputs)
        return ad_conf_bad(call->config, "graph", err, "the effect takes %lld inputs",
                           (long long)ret->inputs);
    for (size_t i = 0; i < call->input_count; i++) {
        const struct ad_edge *edge = &call->inputs[i].edge;
        if (ret->video && !edge->video)
            return ad_conf_bad(call->config, "graph", err, "input %zu has no picture", i);
        if (edge->frames != call->inputs[0].edge.frames) {
            (void)ad_conf_bad(call->config, "graph", err,
                              "the inputs of an effect are equally long: %lld and %lld frames",
                              (long long)call->inputs[0].edge.frames, (long long)edge->frames);
            ad_error_hint(err, "cut them with SEGMENT");
            return ARTDAG_E_FORMAT;
        }
    }
    return ARTDAG_OK;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    struct ad_effect effect = {0};
    enum artdag_err rc = read_call(call, &effect, err);
    if (rc)
        return rc;
    struct ad_edge e = call->inputs[0].edge;
    int64_t skip = ad_conf_int(call->config, "skip", 0);
    int64_t take = ad_conf_int(call->config, "take", e.frames - skip);
    if (skip > e.frames || take > e.frames - skip)
        return ad_conf_bad(call->config, "take", err, "the slice is longer than its input");
    e.frames = take;
    *ret = e;
    return ARTDAG_OK;
}

/* The frames that those of `out` look at. */
static struct ad_span reach(const struct ad_op_call *call, const struct ad_effect *effect,
                            struct ad_span out)
{
    int64_t frames = call->inputs[0].edge.frames;
    if (effect->whole)
        return (struct ad_span){0, frames};
    return ad_span_clip((struct ad_span){out.from - effect->before, out.to + effect->after}, 0,
                        frames);
}

static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    struct ad_effect effect = {0};
    *ret = (struct ad_span){0, 0};
    out = ad_span_clip(out, 0, call->inputs[i].edge.frames);
    if (out.from < out.to && !read_call(call, &effect, NULL))
        *ret = reach(call, &effect, out);
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    static const char *const drop[] = {"skip", "take", NULL};
    struct ad_effect effect = {0};
    enum artdag_err rc = read_call(call, &effect, err);
    if (rc)
        return rc;
    int64_t skipped = ad_conf_int(call->config, "skip", 0);
    struct ad_span wanted = {out.from + skipped, out.to + skipped};
    struct ad_span in = reach(call, &effect, wanted);
    int64_t frames = call->inputs[0].edge.frames;
    if (effect.whole && (out.from > 0 || out.to < frames))
        return ARTDAG_E_UNSUPPORTED;
    struct ad_conf_set with[2] = {
        {"skip", ad_value_new_int(call->arena, wanted.from - in.from)},
        {"take", ad_value_new_int(call->arena, out.to - out.from)}};
    bool all = in.from == wanted.from && in.to == wanted.to;
    const struct ad_value *config =
        ad_conf_edit(call->arena, call->config, drop, with, all ? 0 : 2);
    uint32_t *inputs = ad_arena_array(call->arena, call->input_count, sizeof(*inputs));
    struct ad_span *spans = ad_arena_array(call->arena, call->input_count, sizeof(*spans));
    if (!config || !inputs || !spans)
        return ad_error_nomem(err, "ops");
    for (size_t i = 0; i < call->input_count; i++) {
        inputs[i] = (uint32_t)i;
        spans[i] = in;
    }
    *ret = (struct ad_slice){config, inputs, spans, call->input_count};
    return ARTDAG_OK;
}

static bool joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    struct ad_effect effect = {0};
    *ret = (struct ad_joints){0};
    if (read_call(call, &effect, NULL) || effect.whole)
        return true;
    return ad_joints_one(call, 0, (struct ad_span){0, call->inputs[0].edge.frames}, ret);
}

/* ---- Graphs ---- */

static struct ad_pad to_rgb(const struct ad_op_call *call, struct ad_graph *graph,
                            struct ad_pad in)
{
    const char *format = call->format->pixel_format;
    struct ad_pad out = ad_graph_chain(graph, "scale", in);
    ad_graph_set(graph, out, "flags", AD_SCALE_FLAGS);
    ad_graph_set(graph, out, "in_color_matrix", "bt709");
    ad_graph_set(graph, out, "in_range", "tv");
    ad_graph_set(graph, out, "out_range", "pc");
    if (ad_pixel_alpha(format))
        return ad_video_format(graph, out, "gbrap");
    return ad_video_format(graph, out, ad_pixel_depth(format) == 10 ? "gbrp10le" : "gbrp");
}

/* Back to the working colours and the input's size. */
static struct ad_pad settle(const struct ad_op_call *call, const struct ad_effect *effect,
                            struct ad_graph *graph, struct ad_pad in)
{
    struct ad_pad out = ad_graph_chain(graph, "scale", in);
    ad_graph_set_int(graph, out, "w", call->inputs[0].edge.width);
    ad_graph_set_int(graph, out, "h", call->inputs[0].edge.height);
    ad_graph_set(graph, out, "flags", AD_SCALE_FLAGS);
    if (effect->rgb) {
        ad_graph_set(graph, out, "out_color_matrix", "bt709");
        ad_graph_set(graph, out, "out_range", "tv");
    }
    out = ad_video_format(graph, out, call->format->pixel_format);
    out = ad_graph_chain(graph, "setparams", out);
    ad_graph_set(graph, out, "range", "tv");
    ad_graph_set(graph, out, "color_primaries", "bt709");
    ad_graph_set(graph, out, "color_trc", "bt709");
    ad_graph_set(graph, out, "colorspace", "bt709");
    return out;
}

static enum artdag_err build_video(const struct ad_op_call *call,
                                   const struct ad_effect *effect, struct ad_fragment *fragment,
                                   artdag_error *err)
{
    struct ad_graph *graph = fragment->video;
    struct ad_pad in[AD_EFFECT_INPUTS_MAX];
    struct ad_pad out = fragment->video_in[0];
    int64_t skip = ad_conf_int(call->config, "skip", 0);
    int64_t take = ad_conf_int(call->config, "take", -1);
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; effect->video && i < call->input_count; i++) {
        const struct ad_edge *edge = &call->inputs[i].edge;
        in[i] = fragment->video_in[i];
        if (edge->width != call->inputs[0].edge.width ||
            edge->height != call->inputs[0].edge.height)
            in[i] = ad_video_scale(graph, in[i], call->inputs[0].edge.width,
                                   call->inputs[0].edge.height);
        if (effect->rgb)
            in[i] = to_rgb(call, graph, in[i]);
    }
    if (effect->video)
        rc = ad_effect_build(graph, effect->video, in, call->input_count, &out, err);
    if (rc)
        return rc;
    if (effect->video)
        out = settle(call, effect, graph, out);
    if (take >= 0)
        out = ad_video_cut(graph, out, skip, skip + take);
    fragment->video_out = out;
    return ARTDAG_OK;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct ad_effect effect = {0};
    enum artdag_err rc = read_call(call, &effect, err);
    if (!rc && fragment->video)
        rc = build_video(call, &effect, fragment, err);
    if (!rc && fragment->audio) {
        fragment->audio_out = fragment->audio_in[0];
        if (effect.audio)
            rc = ad_effect_build(fragment->audio, effect.audio, fragment->audio_in, 1,
                                 &fragment->audio_out, err);
        if (!rc && effect.audio)
            fragment->audio_out =
                ad_audio_hold(fragment->audio, fragment->audio_out,
                              ad_samples_for(call->format, call->inputs[0].edge.frames));
    }
    return rc ? rc : ad_op_built(fragment, err);
}

static const char example[] = "format: {width: 320, height: 180, fps: 24}\n"
                              "dag:\n"
                              "  nodes:\n"
                              "    - id: picture\n"
                              "      type: GENERATE\n"
                              "      config: {kind: testsrc, duration: 1}\n"
                              "    - id: old\n"
                              "      type: EFFECT\n"
                              "      config: {effect: sepia}\n"
                              "      inputs: [picture]\n"
                              "    - id: blocks\n"
                              "      type: EFFECT\n"
                              "      config: {effect: pixelate, params: {size: 12}}\n"
                              "      inputs: [old]\n"
                              "  output: blocks\n";

const struct ad_op ad_op_effect = {
    .node_type = "EFFECT",
    .summary = "a named effect: one of the program's, or a filter graph of your own",
    .doc =
        "Effects of your own are YAML files: parameters with types and ranges, and filters of "
        "a "
        "list that are given them (docs/formats/effect.md). \"artdag effect check FILE\" looks "
        "for mistakes, \"artdag effect register FILE\" stores one and tells its CID; a recipe "
        "names it so:\n"
        "\n"
        "    registry: {effects: {shine: {cid: bafkrei...}}}\n"
        "\n"
        "An effect has as many inputs as it says, equally long; they are brought to the first "
        "one's size. Sound is the first one's. The identity of the result is that of the "
        "filters with "
        "their values: neither the effect's name nor its text count.",
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
