/* SPDX-License-Identifier: MIT */
#include "media/graph_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "media/files.h"
#include "media/log.h"
#include "media/plugin.h"
#include "media/text.h"

#define ROOM "media"

/* The flags that make conversions the same on every CPU (docs/determinism.md). */
#define EXACT_SWS_FLAGS "bicubic+accurate_rnd+full_chroma_int+bitexact"
/* Feeds that stay open after their format was learnt. */
#define KEEP_OPEN 4
/* With more open feeds than this, those that nobody asked for lately are closed. One that has to be opened again for that
 * reason is given PATIENCE_FACTOR times longer from then on. */
#define OPEN_SOFT_MAX 16
#define PATIENCE 8
#define PATIENCE_FACTOR 8
/* Decoders beyond this many get one thread each. */
#define THREADED_MAX 4

/* A filter of our own: for libav a source, like a leaf; one that changes pictures has a sink before it as well. */
struct own {
    struct ad_text *text; /* one of these two */
    struct ad_plugin *plugin;
    uint32_t filter;
    AVFilterContext *sink; /* of a plug-in */
    AVFilterContext *source;
    bool closed;
};

struct ad_graph_run {
    struct ad_graph_run_params params;
    AVFilterGraph *graph;
    AVFilterContext **filters; /* by number */
    AVFilterContext **sources; /* one per leaf */
    AVFilterContext *sink;
    struct ad_feed *feeds; /* one per leaf */
    bool *closed;          /* the source knows its end */
    struct ad_files files; /* those of the graph */
    struct own *own;       /* at most one per filter */
    size_t own_count;
    size_t leaf_count;
    int64_t results; /* frames that came out so far */
};

static bool is_video(const struct ad_graph_run *run)
{
    return run->params.graph->medium == AD_VIDEO;
}

/* ---- feeds ---- */

static void init_feeds(struct ad_graph_run *run)
{
    const struct ad_graph *graph = run->params.graph;
    for (size_t i = 0; i < run->leaf_count; i++) {
        run->feeds[i] = (struct ad_feed){
            .leaf = &graph->leaves.items[i],
            .format = run->params.format,
            .conn = run->params.conn,
            .medium = graph->medium,
            .input = run->params.inputs ? run->params.inputs[i]
                                        : run->params.first_input + (uint32_t)i,
            .size = run->params.sizes[i],
            .threads = i < THREADED_MAX ? run->params.threads : 1,
            .pool = graph->medium == AD_VIDEO ? run->params.pool : NULL,
            .used_at = -1,
            .patience = PATIENCE,
        };
    }
}

static bool same_stream(const struct ad_leaf *a, const struct ad_leaf *b)
{
    return a->mezzanine == b->mezzanine && (a->mezzanine || a->stream == b->stream) &&
           a->alpha == b->alpha && strcmp(a->cid, b->cid) == 0;
}

/* Leaves of one stream look the same: only the first is opened. */
static bool copy_shape(struct ad_graph_run *run, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (same_stream(run->feeds[k].leaf, run->feeds[i].leaf)) {
            run->feeds[i].shape = run->feeds[k].shape;
            run->feeds[i].shape.layout = (AVChannelLayout){0};
            run->feeds[i].known = av_channel_layout_copy(&run->feeds[i].shape.layout,
                                                         &run->feeds[k].shape.layout) >= 0;
            return run->feeds[i].known;
        }
    }
    return false;
}

static enum artdag_err prepare_feeds(struct ad_graph_run *run, artdag_error *err)
{
    size_t opened = 0;
    for (size_t i = 0; i < run->leaf_count; i++) {
        if (copy_shape(run, i)) {
            continue;
        }
        enum artdag_err rc = ad_feed_prepare(&run->feeds[i], err);
        if (rc != ARTDAG_OK) {
            return rc;
        }
        if (++opened > KEEP_OPEN) {
            ad_feed_close(&run->feeds[i]);
        }
    }
    return ARTDAG_OK;
}

/* A feed whose filter ended early is never asked again; libav does not tell, so it is known by its silence: whatever is
 * still in use is asked about once per result. */
static void close_idle_feeds(struct ad_graph_run *run)
{
    int64_t open = 0;
    for (size_t i = 0; i < run->leaf_count; i++) {
        open += run->feeds[i].source != NULL;
    }
    if (open <= OPEN_SOFT_MAX) {
        return;
    }
    for (size_t i = 0; i < run->leaf_count; i++) {
        struct ad_feed *feed = &run->feeds[i];
        if (feed->source && feed->used_at >= 0 &&
            run->results - feed->used_at > feed->patience) {
            ad_feed_close(feed);
        }
    }
}

/* ---- building ---- */

static enum artdag_err make_source(struct ad_graph_run *run, size_t i, artdag_error *err)
{
    const struct ad_shape *shape = &run->feeds[i].shape;
    AVBufferSrcParameters *p = av_buffersrc_parameters_alloc();
    char name[32];
    (void)snprintf(name, sizeof(name), "leaf%zu", i);
    AVFilterContext *source = avfilter_graph_alloc_filter(
        run->graph, avfilter_get_by_name(is_video(run) ? "buffer" : "abuffer"), name);
    if (!p || !source) {
        av_free(p);
        return ad_error_nomem(err, ROOM);
    }
    p->time_base = shape->time_base;
    if (is_video(run)) {
        p->format = shape->pixel_format;
        p->width = shape->width;
        p->height = shape->height;
        p->sample_aspect_ratio = shape->sar;
        p->frame_rate = shape->frame_rate;
        ad_compat_source_color(p, shape->space, shape->range);
    } else {
        p->format = shape->sample_format;
        p->sample_rate = shape->sample_rate;
        p->ch_layout = shape->layout; /* copied by the source */
    }
    int e = av_buffersrc_parameters_set(source, p);
    av_free(p);
    if (e >= 0) {
        e = avfilter_init_str(source, NULL);
    }
    run->sources[i] = source;
    return e < 0 ? ad_media_error(err, NULL, e, "cannot set up a source") : ARTDAG_OK;
}

static enum artdag_err set_filter_option(AVFilterContext *filter, const char *name,
                                         const char *value, artdag_error *err)
{
    int e = av_opt_set(filter, name, value, AV_OPT_SEARCH_CHILDREN);
    if (e < 0) {
        char why[80];
        (void)av_strerror(e, why, sizeof(why));
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "filter %s: option %s=%.80s: %s",
                            filter->filter->name, name, value, why);
    }
    return ARTDAG_OK;
}

/* A kernel may be chosen, exactness may not be given up. */
static enum artdag_err check_scale(const struct ad_option *options, size_t count,
                                   artdag_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(options[i].name, "flags") == 0 &&
            (!strstr(options[i].value, "+accurate_rnd") ||
             !strstr(options[i].value, "+full_chroma_int") ||
             !strstr(options[i].value, "+bitexact"))) {
            return ad_error_set(err, ARTDAG_E_FORMAT, ROOM,
                                "filter scale: flags=%.80s are not exact", options[i].value);
        }
    }
    return ARTDAG_OK;
}

/* An option that names a file of the graph gets the path under which this process has it. *ret_cid becomes the file's. */
static enum artdag_err set_option(const struct ad_graph_run *run, AVFilterContext *filter,
                                  const char *kind, const struct ad_option *option,
                                  const char **ret_cid, artdag_error *err)
{
    char path[AD_FILE_PATH_MAX];
    int64_t n = -1;
    if (!ad_filter_option_is_file(run->params.graph->medium, kind, option->name)) {
        return set_filter_option(filter, option->name, option->value, err);
    }
    if (!ad_str_to_i64(ad_str_from(option->value), &n) || n < 0 ||
        n >= (int64_t)run->files.count) {
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "filter %s reads no file of the graph",
                            kind);
    }
    *ret_cid = run->params.graph->files.items[n];
    ad_files_path(&run->files, (size_t)n, path);
    return set_filter_option(filter, option->name, path, err);
}

/* lut3d tells formats by the ending of the file's name, and a descriptor has none: for the time of its set-up there is a
 * link that ends in .cube. */
static int init_table(AVFilterContext *filter)
{
    char link[64];
    uint8_t *target = NULL;
    int e = av_opt_get(filter, "file", AV_OPT_SEARCH_CHILDREN, &target);
    int made = -1;
    for (int i = 0; e >= 0 && made != 0 && i < 100; i++) {
        (void)snprintf(link, sizeof(link), P_tmpdir "/artdag-%d-%d.cube", (int)getpid(), i);
        made = symlink((const char *)target, link);
    }
    if (e >= 0) {
        e = made == 0 ? av_opt_set(filter, "file", link, AV_OPT_SEARCH_CHILDREN)
                      : AVERROR(errno);
    }
    if (e >= 0) {
        e = avfilter_init_str(filter, NULL);
    }
    if (made == 0) {
        (void)unlink(link);
    }
    av_free(target);
    return e;
}

static enum artdag_err make_filter(struct ad_graph_run *run, const char *kind, const char *name,
                                   const struct ad_option *options, size_t count,
                                   AVFilterContext **ret, artdag_error *err)
{
    const char *cid = NULL; /* of a file that it reads */
    const AVFilter *type = avfilter_get_by_name(kind);
    if (!type) {
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                            "this build of libavfilter has no filter %s", kind);
    }
    AVFilterContext *filter = avfilter_graph_alloc_filter(run->graph, type, name);
    if (!filter) {
        return ad_error_nomem(err, ROOM);
    }
    enum artdag_err rc = ARTDAG_OK;
    if (strcmp(kind, "scale") == 0) {
        rc = check_scale(options, count, err);
        if (rc == ARTDAG_OK) {
            rc = set_filter_option(filter, "flags", EXACT_SWS_FLAGS, err);
        }
    }
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++) {
        rc = set_option(run, filter, kind, &options[i], &cid, err);
    }
    if (rc != ARTDAG_OK) {
        return rc;
    }
    ad_media_log_forget();
    int e = strcmp(kind, "lut3d") == 0 ? init_table(filter) : avfilter_init_str(filter, NULL);
    if (e < 0) {
        rc = ad_media_error(err, NULL, e, "cannot set up filter %s", kind);
        if (cid) {
            ad_error_cid(err, cid);
        }
        return rc;
    }
    *ret = filter;
    return ARTDAG_OK;
}

static enum artdag_err make_own_source(struct ad_graph_run *run, struct own *own,
                                       const char *name, AVBufferSrcParameters *p,
                                       artdag_error *err)
{
    own->source = avfilter_graph_alloc_filter(run->graph, avfilter_get_by_name("buffer"), name);
    if (!own->source) {
        return ad_error_nomem(err, ROOM);
    }
    p->time_base = av_inv_q(p->frame_rate);
    p->sample_aspect_ratio = (AVRational){1, 1};
    int e = av_buffersrc_parameters_set(own->source, p);
    if (e >= 0) {
        e = avfilter_init_str(own->source, NULL);
    }
    return e < 0 ? ad_media_error(err, NULL, e, "cannot set up a source") : ARTDAG_OK;
}

static enum artdag_err make_text(struct ad_graph_run *run, struct own *own, const char *name,
                                 AVBufferSrcParameters *p, artdag_error *err)
{
    const struct ad_filter *filter = &run->params.graph->filters.items[own->filter];
    enum artdag_err rc = ad_text_open(run->params.graph, filter, &run->files, &own->text, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    p->format = AV_PIX_FMT_RGBA;
    p->width = ad_text_width(own->text);
    p->height = ad_text_height(own->text);
    p->frame_rate = ad_text_rate(own->text);
    ad_compat_source_color(p, AVCOL_SPC_RGB, AVCOL_RANGE_JPEG);
    return make_own_source(run, own, name, p, err);
}

static enum artdag_err make_plugin(struct ad_graph_run *run, struct own *own, const char *name,
                                   AVBufferSrcParameters *p, artdag_error *err)
{
    const struct ad_filter *filter = &run->params.graph->filters.items[own->filter];
    struct ad_plugin_shape shape = {0};
    enum artdag_err rc =
        ad_plugin_open(run->params.graph, filter, &run->files, &own->plugin, &shape, err);
    if (rc == ARTDAG_OK) {
        rc = make_filter(run, "buffersink", "plugin", NULL, 0, &own->sink, err);
    }
    if (rc != ARTDAG_OK) {
        return rc;
    }
    p->format = shape.format;
    p->width = shape.width;
    p->height = shape.height;
    p->frame_rate = shape.rate;
    ad_compat_source_color(p, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG);
    return make_own_source(run, own, name, p, err);
}

static bool is_own(const char *filter)
{
    return strncmp(filter, "artdag_", 7) == 0;
}

static enum artdag_err make_own(struct ad_graph_run *run, uint32_t number, const char *name,
                                artdag_error *err)
{
    struct own *own = &run->own[run->own_count++];
    const char *kind = run->params.graph->filters.items[number].name;
    AVBufferSrcParameters *p = av_buffersrc_parameters_alloc();
    if (!p) {
        return ad_error_nomem(err, ROOM);
    }
    own->filter = number;
    enum artdag_err rc = strcmp(kind, "artdag_text") == 0 ? make_text(run, own, name, p, err)
                                                          : make_plugin(run, own, name, p, err);
    av_free(p);
    run->filters[number] = own->source;
    return rc;
}

/* Where links to a filter lead. */
static AVFilterContext *entry(const struct ad_graph_run *run, uint32_t filter)
{
    for (size_t i = 0; i < run->own_count; i++) {
        if (run->own[i].filter == filter) {
            return run->own[i].sink;
        }
    }
    return run->filters[filter];
}

static AVFilterContext *pad_owner(const struct ad_graph_run *run, struct ad_pad pad)
{
    return pad.leaf ? run->sources[pad.filter] : run->filters[pad.filter];
}

static enum artdag_err link_pads(const struct ad_graph_run *run, struct ad_pad from,
                                 AVFilterContext *to, uint32_t to_index, artdag_error *err)
{
    int e = avfilter_link(pad_owner(run, from), from.index, to, to_index);
    return e < 0 ? ad_media_error(err, NULL, e, "cannot link filter %s",
                                  to ? to->filter->name : "")
                 : ARTDAG_OK;
}

/* The end: the format that the encoder takes, so that no conversion is left to chance. */
static enum artdag_err make_sink(struct ad_graph_run *run, artdag_error *err)
{
    char rate[24];
    (void)snprintf(rate, sizeof(rate), "%lld", (long long)run->params.out_rate);
    const struct ad_option video[] = {{"pix_fmts", run->params.out_format}};
    const struct ad_option audio[] = {
        {"sample_fmts", run->params.out_format},
        {"sample_rates", rate},
        {"channel_layouts", run->params.format->channels == 1 ? "mono" : "stereo"}};
    AVFilterContext *last = NULL;
    enum artdag_err rc = is_video(run)
                             ? make_filter(run, "format", "out", video, 1, &last, err)
                             : make_filter(run, "aformat", "out", audio, 3, &last, err);
    if (rc == ARTDAG_OK) {
        rc = make_filter(run, is_video(run) ? "buffersink" : "abuffersink", "sink", NULL, 0,
                         &run->sink, err);
    }
    if (rc == ARTDAG_OK) {
        rc = link_pads(run, run->params.graph->out, last, 0, err);
    }
    if (rc == ARTDAG_OK && avfilter_link(last, 0, run->sink, 0) < 0) {
        rc = ad_error_nomem(err, ROOM);
    }
    return rc;
}

static enum artdag_err build(struct ad_graph_run *run, artdag_error *err)
{
    const struct ad_graph *graph = run->params.graph;
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = 0; rc == ARTDAG_OK && i < run->leaf_count; i++) {
        rc = make_source(run, i, err);
    }
    for (size_t i = 0; rc == ARTDAG_OK && i < graph->filters.len; i++) {
        const struct ad_filter *f = &graph->filters.items[i];
        char name[64];
        (void)snprintf(name, sizeof(name), "f%zu %.40s", i, f->name);
        rc = is_own(f->name) ? make_own(run, (uint32_t)i, name, err)
                             : make_filter(run, f->name, name, f->options.items, f->options.len,
                                           &run->filters[i], err);
    }
    for (size_t i = 0; rc == ARTDAG_OK && i < graph->links.len; i++) {
        const struct ad_link *l = &graph->links.items[i];
        rc = link_pads(run, l->from, entry(run, l->to_filter), l->to_index, err);
    }
    if (rc == ARTDAG_OK) {
        rc = make_sink(run, err);
    }
    if (rc != ARTDAG_OK) {
        return rc;
    }
    ad_media_log_forget();
    int e = avfilter_graph_config(run->graph, NULL);
    return e < 0 ? ad_media_error(err, NULL, e, "cannot configure the graph") : ARTDAG_OK;
}

enum artdag_err ad_graph_run_open(const struct ad_graph_run_params *params,
                                  struct ad_graph_run **ret, artdag_error *err)
{
    struct ad_graph_run *run = ad_alloc(sizeof(*run));
    if (!run) {
        return ad_error_nomem(err, ROOM);
    }
    enum artdag_err rc = ARTDAG_OK;
    run->params = *params;
    size_t leaves = params->graph->leaves.len;
    run->graph = avfilter_graph_alloc();
    run->feeds = ad_alloc_array(leaves, sizeof(*run->feeds));
    run->closed = ad_alloc_array(leaves, sizeof(*run->closed));
    run->sources = ad_alloc_array(leaves, sizeof(AVFilterContext *));
    run->filters = ad_alloc_array(params->graph->filters.len, sizeof(AVFilterContext *));
    run->own = ad_alloc_array(params->graph->filters.len, sizeof(*run->own));
    if (!run->graph || !run->feeds || !run->closed || !run->sources || !run->filters ||
        !run->own) {
        rc = ad_error_nomem(err, ROOM);
        goto out;
    }
    run->leaf_count = leaves;
    run->graph->nb_threads = params->threads;
    run->graph->scale_sws_opts = av_strdup("flags=" EXACT_SWS_FLAGS);
    if (!run->graph->scale_sws_opts) {
        rc = ad_error_nomem(err, ROOM);
        goto out;
    }
    init_feeds(run);
    rc = ad_files_open(params->conn, params->first_file, params->file_sizes,
                       params->graph->files.len, &run->files, err);
    if (rc == ARTDAG_OK) {
        rc = prepare_feeds(run, err);
    }
    if (rc == ARTDAG_OK) {
        rc = build(run, err);
    }
    if (rc == ARTDAG_OK) {
        *ret = run;
        run = NULL;
    }
out:
    ad_graph_run_close(run);
    return rc;
}

void ad_graph_run_close(struct ad_graph_run *run)
{
    if (!run) {
        return;
    }
    for (size_t i = 0; i < run->leaf_count; i++) {
        ad_feed_fini(&run->feeds[i]);
    }
    avfilter_graph_free(&run->graph);
    for (size_t i = 0; i < run->own_count; i++) {
        ad_text_close(run->own[i].text);
        ad_plugin_close(run->own[i].plugin);
    }
    free(run->own);
    ad_files_close(&run->files);
    free(run->feeds);
    free(run->closed);
    free(run->sources);
    free(run->filters);
    free(run);
}

const AVFilterContext *ad_graph_run_sink(const struct ad_graph_run *run)
{
    return run->sink;
}

void ad_graph_run_set_frame_size(struct ad_graph_run *run, unsigned samples)
{
    av_buffersink_set_frame_size(run->sink, samples);
}

int64_t ad_graph_run_errors(const struct ad_graph_run *run)
{
    int64_t errors = 0;
    for (size_t i = 0; i < run->leaf_count; i++) {
        errors += ad_feed_errors(&run->feeds[i]);
    }
    return errors;
}

/* ---- running ---- */

/* The source that the graph asked for most often without getting anything: leaves first, then our own filters; their
 * number together = none. */
static size_t hungriest(const struct ad_graph_run *run)
{
    size_t count = run->leaf_count + run->own_count;
    size_t best = count;
    unsigned most = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned n = 0;
        if (i >= run->leaf_count) {
            const struct own *own = &run->own[i - run->leaf_count];
            n = own->closed || own->plugin ? 0
                                           : av_buffersrc_get_nb_failed_requests(own->source);
        } else if (!run->closed[i]) {
            n = av_buffersrc_get_nb_failed_requests(run->sources[i]);
        }
        if (n > most) {
            most = n;
            best = i;
        }
    }
    return best;
}

static enum artdag_err give_own(struct own *own, AVFrame *frame, artdag_error *err)
{
    enum artdag_err rc = ad_text_next(own->text, frame, err);
    int e = AVERROR_EOF;
    if (rc == ARTDAG_OK) {
        e = av_buffersrc_add_frame_flags(own->source, frame, 0);
        av_frame_unref(frame);
    } else if (rc == ARTDAG_E_NOTFOUND) {
        e = av_buffersrc_add_frame_flags(own->source, NULL, 0);
        own->closed = true;
    } else {
        return rc;
    }
    own->closed = own->closed || e == AVERROR_EOF;
    return e < 0 && e != AVERROR_EOF ? ad_media_error(err, NULL, e, "cannot filter a frame")
                                     : ARTDAG_OK;
}

static enum artdag_err give(struct ad_graph_run *run, size_t i, AVFrame *frame,
                            artdag_error *err)
{
    struct ad_feed *feed = &run->feeds[i];
    feed->used_at = run->results;
    if (!feed->source) {
        feed->patience *= feed->delivered > 0 ? PATIENCE_FACTOR : 1;
        close_idle_feeds(run);
    }
    enum artdag_err rc = ad_feed_next(feed, frame, err);
    if (rc != ARTDAG_OK && rc != ARTDAG_E_NOTFOUND) {
        return rc;
    }
    ad_media_log_forget();
    int e = AVERROR_EOF;
    if (rc == ARTDAG_OK) {
        e = av_buffersrc_add_frame_flags(run->sources[i], frame, 0);
        av_frame_unref(frame);
    } else {
        e = av_buffersrc_close(run->sources[i], feed->end_time, 0);
    }
    if (e < 0 && e != AVERROR_EOF) {
        return ad_media_error(err, NULL, e, "cannot filter a frame");
    }
    if (e == AVERROR_EOF ||
        rc == ARTDAG_E_NOTFOUND) { /* the file ended, or nobody wants more of it */
        run->closed[i] = true;
        feed->done = true;
        ad_feed_close(feed);
    }
    return ARTDAG_OK;
}

/* Takes what stands before a plug-in through it. *ret_some: something went on. */
static enum artdag_err pump(struct own *own, AVFrame *frame, bool *ret_some, artdag_error *err)
{
    while (own->plugin && !own->closed) {
        int e = av_buffersink_get_frame_flags(own->sink, frame, AV_BUFFERSINK_FLAG_NO_REQUEST);
        if (e == AVERROR(EAGAIN)) {
            return ARTDAG_OK;
        }
        *ret_some = true;
        if (e >= 0) {
            enum artdag_err rc = ad_plugin_process(own->plugin, frame, err);
            if (rc != ARTDAG_OK) {
                return rc;
            }
            e = av_buffersrc_add_frame_flags(own->source, frame, 0);
            av_frame_unref(frame);
        } else if (e == AVERROR_EOF) {
            own->closed = true;
            e = av_buffersrc_add_frame_flags(own->source, NULL, 0);
        }
        if (e == AVERROR_EOF) {
            own->closed = true;
        } else if (e < 0) {
            return ad_media_error(err, NULL, e, "cannot filter a frame");
        }
    }
    return ARTDAG_OK;
}

/* Asks before every plug-in that is waited for. */
static enum artdag_err pump_all(struct ad_graph_run *run, AVFrame *frame, bool *ret_some,
                                artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = run->own_count; rc == ARTDAG_OK && i-- > 0;) {
        struct own *own = &run->own[i];
        if (!own->plugin || own->closed) {
            continue;
        }
        if (av_buffersrc_get_nb_failed_requests(own->source)) {
            (void)!av_buffersink_get_frame_flags(own->sink, NULL, AV_BUFFERSINK_FLAG_PEEK);
        }
        rc = pump(own, frame, ret_some, err);
    }
    return rc;
}

/* With plug-ins there are several sinks, and the oldest may be one that has enough: the last one is asked. */
static int request(struct ad_graph_run *run)
{
    for (size_t i = 0; i < run->own_count; i++) {
        if (run->own[i].plugin) {
            return av_buffersink_get_frame_flags(run->sink, NULL, AV_BUFFERSINK_FLAG_PEEK);
        }
    }
    return avfilter_graph_request_oldest(run->graph);
}

enum artdag_err ad_graph_run_next(struct ad_graph_run *run, AVFrame *frame, artdag_error *err)
{
    for (;;) {
        int e = av_buffersink_get_frame_flags(run->sink, frame, AV_BUFFERSINK_FLAG_NO_REQUEST);
        if (e >= 0) {
            run->results++;
            return ARTDAG_OK;
        }
        if (e == AVERROR(EAGAIN)) {
            e = request(run);
        }
        if (e == AVERROR(EAGAIN)) {
            bool some = false;
            enum artdag_err pumped = pump_all(run, frame, &some, err);
            if (pumped != ARTDAG_OK) {
                return pumped;
            }
            e = some ? 0 : e;
        }
        if (e >= 0) {
            continue;
        }
        if (e == AVERROR_EOF) {
            return ARTDAG_E_NOTFOUND;
        }
        if (e != AVERROR(EAGAIN)) {
            return ad_media_error(err, NULL, e, "cannot run the graph");
        }
        size_t i = hungriest(run);
        if (i == run->leaf_count + run->own_count) {
            return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "the graph waits for nothing");
        }
        enum artdag_err rc = i < run->leaf_count
                                 ? give(run, i, frame, err)
                                 : give_own(&run->own[i - run->leaf_count], frame, err);
        if (rc != ARTDAG_OK) {
            return rc;
        }
    }
}
