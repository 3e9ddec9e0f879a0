/* SPDX-License-Identifier: MIT
 *
 * THUMBNAIL: one frame of a film.
 */
#include "ops/op.h"

#define CANDIDATES 24 /* of which the most typical is chosen */

static const char *const modes[] = {"at", "best", NULL};

static const struct ad_field fields[] = {
    {.name = "mode",
     .type = AD_FIELD_ENUM,
     .fallback = "\"at\"",
     .values = modes,
     .doc = "at: the frame at a time. best: of two dozen frames from the whole film but its "
            "first and last twentieth, the one whose colours are most like those of all."},
    {.name = "at",
     .type = AD_FIELD_TIME,
     .doc = "Mode at: the time of the frame; the first frame without it."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "the film"}, {.max = 0}};

static enum artdag_err check(const struct ad_op_call *call, artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_thumbnail, call, err);
    if (rc)
        return rc;
    const struct ad_edge *in = &call->inputs[0].edge;
    if (!in->video)
        return ad_error_set(err, ARTDAG_E_INVAL, "ops", "THUMBNAIL has no picture to show");
    if (ad_conf_is(call->config, "mode", "best"))
        return ad_value_get(call->config, "at")
                   ? ad_conf_bad(call->config, "at", err, "at means nothing in mode best")
                   : ARTDAG_OK;
    int64_t at = ad_conf_int(call->config, "at", 0);
    if (at >= in->frames)
        return ad_conf_bad(call->config, "at", err,
                           "frame %lld is wanted, but the film has %lld", (long long)at,
                           (long long)in->frames);
    return ARTDAG_OK;
}

static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    *ret_config = call->config;
    if (ad_conf_is(call->config, "mode", "best"))
        return ARTDAG_OK;
    struct ad_conf_set with = {
        "at", ad_value_new_int(call->arena, ad_conf_int(call->config, "at", 0))};
    const struct ad_value *config = ad_conf_edit(call->arena, call->config, NULL, &with, 1);
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
    *ret = call->inputs[0].edge;
    ret->frames = 1;
    ret->audio = false;
    return ARTDAG_OK;
}

static struct ad_span reads(const struct ad_op_call *call)
{
    int64_t at = ad_conf_int(call->config, "at", 0);
    if (ad_conf_is(call->config, "mode", "best"))
        return (struct ad_span){0, call->inputs[0].edge.frames};
    return (struct ad_span){at, at + 1};
}

static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    (void)i;
    *ret = out.from < out.to && out.from < 1 ? reads(call) : (struct ad_span){0, 0};
}

/* The only frame there is; what is below is then that frame alone. */
static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    (void)out;
    if (ad_conf_is(call->config, "mode", "best"))
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ops", "all frames are compared");
    struct ad_conf_set with = {"at", ad_value_new_int(call->arena, 0)};
    return ad_slice_one(call, ad_conf_edit(call->arena, call->config, NULL, &with, 1), 0,
                        reads(call), ret, err);
}

/* Filter thumbnail compares RGB. */
static struct ad_pad choose(const struct ad_op_call *call, struct ad_graph *graph,
                            struct ad_pad in)
{
    const struct ad_edge *from = &call->inputs[0].edge;
    int64_t skipped = from->frames / 20, frames = from->frames - 2 * skipped;
    int64_t step = (frames + CANDIDATES - 1) / CANDIDATES;
    struct ad_pad out = ad_video_cut(graph, in, skipped, skipped + frames);
    out = ad_graph_chain(graph, "framestep", out);
    ad_graph_set_int(graph, out, "step", step);
    out = ad_video_format(graph, ad_video_scale(graph, out, from->width, from->height),
                          ad_pixel_alpha(call->format->pixel_format) ? "rgba" : "rgb24");
    if (ad_pixel_alpha(call->format->pixel_format))
        out = ad_video_format(graph, out, "rgb24");
    out = ad_graph_chain(graph, "thumbnail", out);
    ad_graph_set_int(graph, out, "n", (frames + step - 1) / step);
    out = ad_video_scale(graph, out, from->width, from->height);
    out = ad_video_format(graph, out, call->format->pixel_format);
    out = ad_graph_chain(graph, "setpts", out);
    ad_graph_set(graph, out, "expr", "N");
    return out;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    struct ad_span span = reads(call);
    if (!fragment->video) /* the sound of a film has none of it */
        return ARTDAG_OK;
    if (ad_conf_is(call->config, "mode", "best"))
        fragment->video_out = choose(call, fragment->video, fragment->video_in[0]);
    else
        fragment->video_out =
            ad_video_cut(fragment->video, fragment->video_in[0], span.from, span.to);
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {width: 160, height: 90, fps: 25}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: film, type: GENERATE, config: {kind: testsrc, duration: 4}}\n"
    "    - {id: poster, type: THUMBNAIL, config: {at: 2.5}, inputs: [film]}\n"
    "  output: poster\n";

const struct ad_op ad_op_thumbnail = {
    .node_type = "THUMBNAIL",
    .summary = "one frame of a film",
    .doc = "A picture, without sound. As an output it becomes a PNG file; ENCODE with profile "
           "jpeg makes the other kind, and width a small one. Anything that takes a film takes "
           "it as one of a single frame.",
    .example = example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .cuts = true,
    .profile = "png",
    .finish = finish,
    .edge = edge,
    .range = range,
    .slice = slice,
    .build = build,
};
