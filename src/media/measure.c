/* SPDX-License-Identifier: MIT */
#include "media/measure.h"

#include <string.h>

#include "analysis/analysis.h"
#include "media/log.h"

#define ROOM "media"

static bool needs_measure(const struct ad_filter *filter)
{
    return strcmp(filter->name, "loudness") == 0;
}

/* ---- what comes before a filter, as a graph of its own ---- */

static enum artdag_err copy_before(const struct ad_graph *graph, uint32_t filter,
                                   struct ad_graph *ret, artdag_error *err)
{
    struct ad_graph copy = *graph;
    copy.leaves.items = ad_arena_dup(graph->arena, graph->leaves.items,
                                     graph->leaves.len * sizeof(*graph->leaves.items));
    copy.filters.items = ad_arena_dup(graph->arena, graph->filters.items,
                                      graph->filters.len * sizeof(*graph->filters.items));
    copy.links.items = ad_arena_dup(graph->arena, graph->links.items,
                                    graph->links.len * sizeof(*graph->links.items));
    copy.files.len = 0; /* no filter of sound reads one */
    for (size_t i = 0; i < graph->links.len; i++) {
        if (graph->links.items[i].to_filter == filter) {
            copy.out = graph->links.items[i].from;
        }
    }
    if (ad_arena_failed(graph->arena) || !ad_graph_prune(&copy)) {
        return ad_error_nomem(err, ROOM);
    }
    *ret = copy;
    return ARTDAG_OK;
}

/* A leaf that is left has another number now; any input with its CID holds its bytes. */
static enum artdag_err find_inputs(const struct ad_graph_run_params *params,
                                   const struct ad_graph *before,
                                   struct ad_graph_run_params *ret, artdag_error *err)
{
    size_t count = before->leaves.len;
    uint32_t *inputs = ad_arena_array(before->arena, count + 1, sizeof(*inputs));
    int64_t *sizes = ad_arena_array(before->arena, count + 1, sizeof(*sizes));
    if (!inputs || !sizes) {
        return ad_error_nomem(err, ROOM);
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t k = 0;
        while (strcmp(params->graph->leaves.items[k].cid, before->leaves.items[i].cid) != 0) {
            k++;
        }
        inputs[i] = params->first_input + k;
        sizes[i] = params->sizes[k];
    }
    ret->inputs = inputs;
    ret->sizes = sizes;
    return ARTDAG_OK;
}

/* ---- loudness ---- */

static enum artdag_err listen(struct ad_graph_run *run, struct ad_audio_analysis *analysis,
                              int64_t channels, artdag_error *err)
{
    AVFrame *frame = av_frame_alloc();
    enum artdag_err rc = frame ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    while (rc == ARTDAG_OK) {
        rc = ad_graph_run_next(run, frame, err);
        if (rc == ARTDAG_OK) {
            const float *planes[2] = {(const float *)frame->extended_data[0],
                                      (const float *)frame->extended_data[channels - 1]};
            rc = ad_audio_analysis_push(analysis, planes, (size_t)frame->nb_samples, err);
        }
        av_frame_unref(frame);
    }
    av_frame_free(&frame);
    return rc == ARTDAG_E_NOTFOUND ? ARTDAG_OK : rc;
}

static enum artdag_err measure_loudness(const struct ad_graph_run_params *params,
                                        struct ad_loudness *ret, artdag_error *err)
{
    struct ad_graph_run *run = NULL;
    struct ad_audio_analysis *analysis = NULL;
    struct ad_audio_result *result = NULL;
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_audio_params settings = {
        .features = AD_AUDIO_LOUDNESS,
        .sample_rate = (int)params->format->sample_rate,
        .channels = (int)params->format->channels,
    };
    enum artdag_err rc = ad_audio_analysis_create(&settings, &analysis, err);
    if (rc == ARTDAG_OK) {
        rc = ad_graph_run_open(params, &run, err);
    }
    if (rc == ARTDAG_OK) {
        rc = listen(run, analysis, params->format->channels, err);
    }
    if (rc == ARTDAG_OK) {
        rc = ad_audio_analysis_finish(analysis, &arena, &result, err);
    }
    if (rc == ARTDAG_OK) {
        *ret = *result->loudness;
    }
    ad_graph_run_close(run);
    ad_audio_analysis_destroy(analysis);
    ad_arena_fini(&arena);
    return rc;
}

static double option(const struct ad_filter *filter, const char *name)
{
    double value = 0;
    for (size_t i = 0; i < filter->options.len; i++) {
        if (strcmp(filter->options.items[i].name, name) == 0) {
            (void)ad_str_to_double(ad_str_from(filter->options.items[i].value), &value);
        }
    }
    return value;
}

/* One gain for everything; what has no loudness keeps its own. */
static double gain_for(const struct ad_loudness *loudness, const struct ad_filter *filter)
{
    if (!loudness->measured) {
        return 1;
    }
    double wanted = option(filter, "target") - loudness->integrated;
    double allowed = option(filter, "true_peak") - loudness->true_peak;
    return ad_dsp_db_amplitude(ad_dsp_min(wanted, allowed));
}

static enum artdag_err replace(struct ad_graph *graph, uint32_t filter, double gain,
                               artdag_error *err)
{
    struct ad_pad pad = {.filter = filter, .set = true};
    struct ad_filter *f = &graph->filters.items[filter];
    f->name = "volume";
    memset(&f->options, 0, sizeof(f->options));
    ad_graph_set_double(graph, pad, "volume", gain);
    ad_graph_set(graph, pad, "precision", "double");
    return graph->failed ? ad_error_nomem(err, ROOM) : ARTDAG_OK;
}

enum artdag_err ad_measure(const struct ad_graph_run_params *params, struct ad_graph *graph,
                           artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    /* Links lead from earlier to later filters, so everything before a filter is measured already. */
    for (uint32_t i = 0; rc == ARTDAG_OK && i < graph->filters.len; i++) {
        struct ad_graph before;
        struct ad_graph_run_params here = *params;
        struct ad_loudness loudness = {0};
        if (!needs_measure(&graph->filters.items[i])) {
            continue;
        }
        rc = copy_before(graph, i, &before, err);
        here.graph = &before;
        here.out_format = "fltp";
        if (rc == ARTDAG_OK) {
            rc = find_inputs(params, &before, &here, err);
        }
        if (rc == ARTDAG_OK) {
            rc = measure_loudness(&here, &loudness, err);
        }
        if (rc == ARTDAG_OK) {
            rc = replace(graph, i, gain_for(&loudness, &graph->filters.items[i]), err);
        }
    }
    return rc;
}
