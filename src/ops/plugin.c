/* SPDX-License-Identifier: MIT
 *
 * PLUGIN: code of the user's own, picture by picture.
 */
#include <string.h>

#include "ops/op.h"

static const struct ad_field fields[] = {
    {.name = "params",
     .type = AD_FIELD_ANY,
     .doc = "Numbers by name, for the plug-in; at most 64."},
    {NULL},
};

static const struct ad_slot slots[] = {
    {"video", 1, 1, "what to change"},
    {"plugin", 1, 1, "the shared object, by its bytes", .file = true},
    {.max = 0},
};

static bool is_name(struct ad_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return name.len > 0 && name.len <= 60;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    const struct ad_value *params = ad_value_get(call->config, "params");
    size_t count = params && params->kind == AD_VALUE_MAP ? params->map.len : 0;
    enum artdag_err rc = ad_op_inputs(&ad_op_plugin, call, err);
    if (rc)
        return rc;
    if (params && (params->kind != AD_VALUE_MAP || count > 64))
        return ad_conf_bad(call->config, "params", err,
                           "params is a map of at most 64 numbers");
    for (size_t i = 0; i < count; i++) {
        const struct ad_member *m = &params->map.items[i];
        bool number = m->value->kind == AD_VALUE_INT || m->value->kind == AD_VALUE_DOUBLE;
        if (!number || !is_name(m->key))
            return ad_conf_bad(call->config, "params", err,
                               "a parameter of a plug-in is a name and a number");
    }
    if (!call->inputs[0].edge.video)
        return ad_conf_bad(call->config, "params", err, "a plug-in changes pictures");
    *ret = call->inputs[0].edge;
    return ARTDAG_OK;
}

static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    ad_range_same(call, i, out, ret);
    if (call->inputs[i].edge.file && out.from < out.to)
        *ret = (struct ad_span){0, 1};
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    uint32_t *inputs = ad_arena_array(call->arena, 2, sizeof(*inputs));
    struct ad_span *spans = ad_arena_array(call->arena, 2, sizeof(*spans));
    if (!inputs || !spans)
        return ad_error_nomem(err, "ops");
    inputs[1] = 1;
    spans[0] = out;
    spans[1] = (struct ad_span){0, 1};
    *ret = (struct ad_slice){call->config, inputs, spans, 2};
    return ARTDAG_OK;
}

static bool joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    return ad_joints_one(call, 0, (struct ad_span){0, call->inputs[0].edge.frames}, ret);
}

static enum artdag_err set_params(const struct ad_op_call *call, struct ad_graph *graph,
                                  struct ad_pad pad, artdag_error *err)
{
    const struct ad_value *params = ad_value_get(call->config, "params");
    struct ad_buf text = AD_BUF_INIT(1 << 16);
    for (size_t i = 0; params && i < params->map.len; i++) {
        const struct ad_member *m = &params->map.items[i];
        char number[32];
        double v =
            m->value->kind == AD_VALUE_INT ? (double)m->value->integer : m->value->number;
        (void)ad_double_format(v, number);
        (void)ad_buf_printf(&text, "%s%.*s=%s", i ? "\n" : "", AD_STR_ARG(m->key), number);
    }
    const char *copy = ad_arena_strdup(call->arena, ad_buf_as_str(&text));
    enum artdag_err rc = copy && !ad_buf_status(&text) ? ARTDAG_OK : ad_error_nomem(err, "ops");
    if (!rc && *copy)
        ad_graph_set(graph, pad, "params", copy);
    ad_buf_fini(&text);
    return rc;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct ad_edge e = {0};
    enum artdag_err rc = edge(call, &e, err);
    if (rc)
        return rc;
    if (fragment->video) {
        struct ad_graph *graph = fragment->video;
        const struct ad_format *f = call->format;
        struct ad_pad pad = ad_graph_chain(graph, "artdag_plugin", fragment->video_in[0]);
        ad_graph_set_file(graph, pad, "file", call->inputs[1].file_cid);
        ad_graph_setf(graph, pad, "size", "%lldx%lld", (long long)e.width, (long long)e.height);
        ad_graph_setf(graph, pad, "rate", "%lld/%lld", (long long)f->fps_num,
                      (long long)f->fps_den);
        ad_graph_set(graph, pad, "format", f->pixel_format);
        rc = set_params(call, graph, pad, err);
        fragment->video_out = pad;
    }
    if (fragment->audio)
        fragment->audio_out = fragment->audio_in[0];
    return rc ? rc : ad_op_built(fragment, err);
}

const struct ad_op ad_op_plugin = {
    .node_type = "PLUGIN",
    .summary = "an effect in C, as a shared object",
    .doc = "The plug-in is an input: a SOURCE whose file is a shared object made with "
           "include/artdag/plugin.h. Its CID is part of the identity. Only the media program "
           "loads it, "
           "and only when the same bytes lie in the folder that ARTDAG_PLUGINS names: a recipe "
           "cannot "
           "bring code that runs. It sees one picture at a time, in the working pixel format. "
           "Whether it gives the same bytes on every machine is the plug-in's business.",
    .revision = 1,
    .exactness = AD_CLASS_PROFILE,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .edge = edge,
    .range = range,
    .slice = slice,
    .joints = joints,
    .build = build,
};
