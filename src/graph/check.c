/* SPDX-License-Identifier: MIT
 *
 * Checks that hold before anything is run: a unit may come from another machine, so it is hostile until it
 * passed here. The media program checks again what it alone knows (formats, real stream numbers).
 */
#include <string.h>

#include "graph/allowed.h"
#include "graph/json.h"

#define LEAVES_MAX 1000000
#define FILES_MAX 32 /* each is an open descriptor of the media process */
#define FILTERS_MAX 1000000
#define CID_MAX 128

static enum artdag_err refuse(artdag_error *err, const char *what, const char *name)
{
    return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "%s: %.120s", what,
                        name ? name : "(none)");
}

/* ---- Options ---- */

static bool is_repeated(const struct ad_option *options, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(options[k].name, options[i].name) == 0)
            return true;
    }
    return false;
}

static enum artdag_err check_options(const char *owner, const struct ad_option *options,
                                     size_t count, const struct ad_allowed_option *allowed,
                                     artdag_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct ad_option *o = &options[i];
        const struct ad_allowed_option *a =
            o->name ? ad_allowed_option(allowed, o->name) : NULL;
        if (!a)
            return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                                "%s may not be given option %.80s", owner,
                                o->name ? o->name : "(none)");
        if (is_repeated(options, i))
            return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "%s has option %s twice", owner,
                                o->name);
        if (!o->value || strlen(o->value) > ad_shape_max(a->shape) ||
            !ad_shape_fits(a->shape, o->value))
            return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                                "%s: option %s cannot have the value \"%.80s\"", owner, o->name,
                                o->value ? o->value : "");
    }
    return ARTDAG_OK;
}

static int64_t option_int(const struct ad_filter *filter, const char *name, int64_t fallback)
{
    for (size_t i = 0; i < filter->options.len; i++) {
        int64_t n = fallback;
        if (strcmp(filter->options.items[i].name, name) == 0)
            return ad_str_to_i64(ad_str_from(filter->options.items[i].value), &n) ? n
                                                                                  : fallback;
    }
    return fallback;
}

/* ---- Pads ---- */

struct pads {
    uint32_t inputs, outputs; /* how many the filter has */
    uint32_t used_inputs;
    uint32_t first_output; /* where its output pads begin in the table of all */
};

/* 0xAaBbCc[Dd]: planes a, b, c, d of inputs A, B, C, D. */
static uint32_t mapped_inputs(const struct ad_filter *filter)
{
    uint32_t most = 0;
    for (size_t i = 0; i < filter->options.len; i++) {
        const struct ad_option *o = &filter->options.items[i];
        for (const char *p = o->value + 2; strcmp(o->name, "mapping") == 0 && *p; p += 2) {
            uint32_t input = (uint32_t)(*p - '0'); /* letters come out far too large */
            most = input > most ? input : most;
        }
    }
    return most + 1;
}

static enum artdag_err check_filter(const struct ad_graph *graph,
                                    const struct ad_filter *filter, struct pads *ret,
                                    artdag_error *err)
{
    const struct ad_allowed_filter *allowed =
        filter->name ? ad_allowed_filter(graph->medium, filter->name) : NULL;
    if (!allowed)
        return refuse(err, "filter is not allowed", filter->name);
    enum artdag_err rc = check_options(filter->name, filter->options.items, filter->options.len,
                                       allowed->options, err);
    if (rc)
        return rc;
    ret->inputs = allowed->inputs;
    ret->outputs = 1;
    if (allowed->pads == AD_PADS_FAN_OUT) {
        ret->outputs = (uint32_t)option_int(filter, "outputs", 2);
    } else if (allowed->pads == AD_PADS_PLANES) {
        ret->inputs = mapped_inputs(filter);
    } else if (allowed->pads == AD_PADS_FAN_IN) {
        bool joins = ad_allowed_option(allowed->options, "v") != NULL;
        bool video = graph->medium == AD_VIDEO;
        if (joins &&
            (option_int(filter, "v", 1) != video || option_int(filter, "a", 0) != !video))
            return refuse(err, "filter must join streams of its graph's medium only",
                          filter->name);
        int64_t n = option_int(filter, joins ? "n" : "inputs", 2);
        if (n < 1 || n > FILTERS_MAX)
            return refuse(err, "filter joins too many streams", filter->name);
        ret->inputs = (uint32_t)n;
    }
    if (filter->inputs != ret->inputs)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                            "filter %s has %u inputs instead of %u", filter->name,
                            filter->inputs, ret->inputs);
    return ARTDAG_OK;
}

static bool is_cid(const char *cid)
{
    size_t len = cid ? strlen(cid) : 0;
    return len >= 8 && len <= CID_MAX &&
           strspn(cid, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == len;
}

static enum artdag_err check_leaf(const struct ad_leaf *leaf, artdag_error *err)
{
    if (!is_cid(leaf->cid))
        return refuse(err, "leaf without a CID", leaf->cid);
    if (leaf->stream < 0 || leaf->stream > 1000 || leaf->origin_den < 1 || leaf->first < 0 ||
        leaf->count < 1 || leaf->first > AD_FRAMES_MAX || leaf->count > AD_FRAMES_MAX)
        return refuse(err, "leaf with a range, stream or origin out of bounds", leaf->cid);
    return ARTDAG_OK;
}

/* The table of all output pads: leaves first, then each filter's. */
struct pad_table {
    struct pads *filters;
    uint8_t *used;
    size_t leaves, count;
};

static enum artdag_err use_output(const struct ad_graph *graph, struct pad_table *table,
                                  struct ad_pad pad, artdag_error *err)
{
    size_t slot = pad.filter;
    bool known = pad.set && (pad.leaf ? pad.filter < graph->leaves.len && pad.index == 0
                                      : pad.filter < graph->filters.len &&
                                            pad.index < table->filters[pad.filter].outputs);
    if (!known)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "a link comes from no pad");
    if (!pad.leaf)
        slot = table->filters[pad.filter].first_output + pad.index;
    if (table->used[slot])
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "a pad is used twice");
    table->used[slot] = 1;
    return ARTDAG_OK;
}

/* Links into one filter stand in input order (builder and reader both keep it so); together with the count
 * that makes each input linked exactly once. */
static enum artdag_err check_link(const struct ad_graph *graph, struct pad_table *table,
                                  const struct ad_link *link, artdag_error *err)
{
    enum artdag_err rc = use_output(graph, table, link->from, err);
    if (rc)
        return rc;
    if (link->to_filter >= graph->filters.len ||
        (!link->from.leaf && link->from.filter >= link->to_filter))
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                            "a link does not lead to a later filter");
    struct pads *to = &table->filters[link->to_filter];
    if (link->to_index != to->used_inputs || to->used_inputs >= to->inputs)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                            "input %u of filter %s: wrong order or twice", link->to_index,
                            graph->filters.items[link->to_filter].name);
    to->used_inputs++;
    return ARTDAG_OK;
}

static enum artdag_err fill_table(const struct ad_graph *graph, struct pad_table *table,
                                  artdag_error *err)
{
    size_t count = graph->leaves.len;
    for (size_t i = 0; i < graph->filters.len; i++) {
        enum artdag_err rc =
            check_filter(graph, &graph->filters.items[i], &table->filters[i], err);
        if (rc)
            return rc;
        table->filters[i].first_output = (uint32_t)count;
        count += table->filters[i].outputs;
        if (count > 4 * (size_t)FILTERS_MAX)
            return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "too many pads");
    }
    table->count = count;
    table->used = ad_alloc_array(count, 1);
    return table->used ? ARTDAG_OK : ad_error_nomem(err, "graph");
}

static enum artdag_err check_links(const struct ad_graph *graph, struct pad_table *table,
                                   artdag_error *err)
{
    enum artdag_err rc = fill_table(graph, table, err);
    for (size_t i = 0; !rc && i < graph->links.len; i++)
        rc = check_link(graph, table, &graph->links.items[i], err);
    for (size_t i = 0; !rc && i < graph->filters.len; i++) {
        if (table->filters[i].used_inputs != table->filters[i].inputs)
            rc = refuse(err, "filter with an open input", graph->filters.items[i].name);
    }
    if (!rc)
        rc = use_output(graph, table, graph->out, err);
    for (size_t i = 0; !rc && i < table->count; i++) {
        if (!table->used[i])
            rc = ad_error_set(err, ARTDAG_E_FORMAT, "graph", "a pad leads nowhere");
    }
    return rc;
}

/* ---- Files ---- */

static enum artdag_err use_files(const struct ad_graph *graph, const struct ad_filter *filter,
                                 bool *used, artdag_error *err)
{
    for (size_t i = 0; i < filter->options.len; i++) {
        const struct ad_option *o = &filter->options.items[i];
        int64_t n = 0;
        if (!ad_filter_option_is_file(graph->medium, filter->name, o->name))
            continue;
        if (!ad_str_to_i64(ad_str_from(o->value), &n) || n < 0 ||
            n >= (int64_t)graph->files.len)
            return refuse(err, "filter reads a file that is not there", filter->name);
        used[n] = true;
    }
    return ARTDAG_OK;
}

/* Every option's file is there, and every file is read by somebody. */
static enum artdag_err check_files(const struct ad_graph *graph, artdag_error *err)
{
    bool used[FILES_MAX] = {false};
    enum artdag_err rc = ARTDAG_OK;
    if (graph->files.len > FILES_MAX) {
        rc = ad_error_set(err, ARTDAG_E_LIMIT, "graph", "the graph reads %zu files",
                          graph->files.len);
        ad_error_hint(err, "at most %d fonts, tables and the like fit into one piece of work",
                      FILES_MAX);
        return rc;
    }
    for (size_t i = 0; !rc && i < graph->filters.len; i++)
        rc = use_files(graph, &graph->filters.items[i], used, err);
    for (size_t i = 0; !rc && i < graph->files.len; i++) {
        if (!is_cid(graph->files.items[i]))
            rc = refuse(err, "file without a CID", graph->files.items[i]);
        else if (!used[i])
            rc = refuse(err, "file that no filter reads", graph->files.items[i]);
    }
    return rc;
}

enum artdag_err ad_graph_check(const struct ad_graph *graph, artdag_error *err)
{
    if (graph->failed)
        return ad_error_nomem(err, "graph");
    if (graph->leaves.len > LEAVES_MAX || graph->filters.len > FILTERS_MAX ||
        graph->links.len > 4 * (size_t)FILTERS_MAX)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "the graph is too large");
    for (size_t i = 0; i < graph->leaves.len; i++) {
        enum artdag_err rc = check_leaf(&graph->leaves.items[i], err);
        if (rc)
            return rc;
    }
    struct pad_table table = {.leaves = graph->leaves.len};
    table.filters = ad_alloc_array(graph->filters.len, sizeof(*table.filters));
    enum artdag_err rc =
        table.filters ? check_links(graph, &table, err) : ad_error_nomem(err, "graph");
    free(table.filters);
    free(table.used);
    return rc ? rc : check_files(graph, err);
}

/* ---- Units ---- */

static enum artdag_err check_codec(const struct ad_codec_settings *codec, enum ad_medium medium,
                                   artdag_error *err)
{
    const char *format = medium == AD_VIDEO ? codec->pixel_format : codec->sample_format;
    const struct ad_allowed_coder *allowed = ad_allowed_codec(medium, codec->codec);
    if (!allowed)
        return refuse(err, "codec is not allowed", codec->codec);
    if (!format || !ad_shape_fits(AD_SHAPE_WORD, format))
        return refuse(err, "codec without a pixel or sample format", codec->codec);
    if (codec->sample_rate != 0 &&
        (medium == AD_VIDEO || codec->sample_rate < 8000 || codec->sample_rate > 192000))
        return refuse(err, "sample rate out of bounds for", codec->codec);
    return check_options(codec->codec, codec->options.items, codec->options.len,
                         allowed->options, err);
}

/* One medium of a unit: graph and codec are both there or both absent, and the graph is of that medium. */
static enum artdag_err check_medium(const struct ad_graph *graph,
                                    const struct ad_codec_settings *codec,
                                    enum ad_medium medium, artdag_error *err)
{
    if (!graph != !codec->codec || (graph && graph->medium != medium))
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "%s graph and codec do not fit",
                            medium == AD_VIDEO ? "video" : "audio");
    if (!graph)
        return ARTDAG_OK;
    enum artdag_err rc = check_codec(codec, medium, err);
    return rc ? rc : ad_graph_check(graph, err);
}

static bool size_fits(const struct ad_unit *unit, bool video)
{
    if (!video)
        return unit->width == 0 && unit->height == 0;
    return unit->width >= 2 && unit->width <= 16384 && unit->height >= 2 &&
           unit->height <= 16384;
}

/* Everything about a unit but its graphs and codecs. */
static enum artdag_err check_shell(const struct ad_unit *unit, bool video, bool audio,
                                   artdag_error *err)
{
    enum artdag_err rc = ad_format_check(&unit->format, err);
    if (rc) {
        if (err)
            err->code = ARTDAG_E_FORMAT; /* the unit is at fault, not the caller */
        return ARTDAG_E_FORMAT;
    }
    if (!video && !audio)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                            "the unit has neither video nor audio");
    if (unit->frames < 1 || unit->frames > AD_FRAMES_MAX || !size_fits(unit, video) ||
        unit->samples !=
            (audio ? ad_encode_samples(&unit->encode, &unit->format, unit->frames) : 0))
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                            "the unit's size or length is out of bounds");
    if (unit->encode.max_bytes < 0)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "the limit of bytes is negative");
    const struct ad_allowed_coder *container =
        unit->encode.container ? ad_allowed_container(unit->encode.container) : NULL;
    if (!container)
        return refuse(err, "container is not allowed", unit->encode.container);
    return check_options(unit->encode.container, unit->encode.options.items,
                         unit->encode.options.len, container->options, err);
}

enum artdag_err ad_unit_check(const struct ad_unit *unit, artdag_error *err)
{
    enum artdag_err rc = check_shell(unit, unit->video, unit->audio, err);
    if (!rc)
        rc = check_medium(unit->video, &unit->encode.video, AD_VIDEO, err);
    if (!rc)
        rc = check_medium(unit->audio, &unit->encode.audio, AD_AUDIO, err);
    return rc;
}

/* ---- Jobs ---- */

/* A shell: what the parts hold, and their lengths. Only films with pictures have spans. */
static enum artdag_err check_join(const struct ad_job *job, artdag_error *err)
{
    const struct ad_unit *unit = &job->unit;
    const struct ad_encode *encode = &unit->encode;
    int64_t frames = 0;
    if (unit->video || unit->audio || !encode->video.codec)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                            "a join has a video codec and no graphs");
    for (size_t i = 0; i < job->spans.len; i++) {
        if (job->spans.items[i] < 1 || job->spans.items[i] > unit->frames - frames)
            return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                                "the spans are longer than the film");
        frames += job->spans.items[i];
    }
    if (frames != unit->frames)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                            "the spans are shorter than the film");
    enum artdag_err rc = check_shell(unit, true, encode->audio.codec, err);
    if (!rc)
        rc = check_codec(&encode->video, AD_VIDEO, err);
    if (!rc && encode->audio.codec)
        rc = check_codec(&encode->audio, AD_AUDIO, err);
    return rc;
}

static size_t unit_leaves(const struct ad_unit *unit)
{
    return (unit->video ? unit->video->leaves.len : 0) +
           (unit->audio ? unit->audio->leaves.len : 0);
}

static size_t unit_files(const struct ad_unit *unit)
{
    return (unit->video ? unit->video->files.len : 0) +
           (unit->audio ? unit->audio->files.len : 0);
}

static size_t job_inputs(const struct ad_job *job)
{
    const struct ad_unit *unit = &job->unit;
    if (job->kind == AD_JOB_PROBE || job->kind == AD_JOB_FEATURES)
        return 1;
    if (job->kind == AD_JOB_PLOT)
        return (size_t)1 + (job->study.features & AD_FEATURES_AUDIO ? 1 : 0) +
               (job->study.features & AD_FEATURES_VIDEO ? 1 : 0);
    if (job->kind == AD_JOB_JOIN)
        return job->spans.len + (unit->encode.audio.codec ? 1 : 0);
    return unit_leaves(unit) + unit_files(unit);
}

/* Files are held in memory, so they may not be as long as media are. */
static enum artdag_err check_sizes(const struct ad_job *job, artdag_error *err)
{
    bool runs =
        job->kind == AD_JOB_AUDIO || job->kind == AD_JOB_FILM || job->kind == AD_JOB_PART;
    size_t first_file = runs ? unit_leaves(&job->unit) : job->sizes.len;
    for (size_t i = 0; i < job->sizes.len; i++) {
        if (job->sizes.items[i] < 0)
            return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "an input's size is negative");
        if (i >= first_file && job->sizes.items[i] > AD_FILE_BYTES_MAX)
            return ad_error_set(err, ARTDAG_E_LIMIT, "graph",
                                "a file of %lld bytes is too long for a filter",
                                (long long)job->sizes.items[i]);
    }
    return ARTDAG_OK;
}

static enum artdag_err check_kind(const struct ad_job *job, artdag_error *err)
{
    const struct ad_unit *unit = &job->unit;
    if (job->kind != AD_JOB_JOIN && job->spans.len)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "only a join has spans");
    switch (job->kind) {
    case AD_JOB_PROBE:
        return job->probe_cid
                   ? ARTDAG_OK
                   : ad_error_set(err, ARTDAG_E_FORMAT, "graph", "a probe without a CID");
    case AD_JOB_FEATURES:
        return ad_study_check(&job->study, err);
    case AD_JOB_PLOT:
        return ad_plot_check(&job->study, err);
    case AD_JOB_JOIN:
        return check_join(job, err);
    case AD_JOB_AUDIO:
        if (!unit->audio)
            return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                                "an audio job without an audio graph");
        break;
    case AD_JOB_PART:
        if (unit->video && unit->audio)
            return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "a part has one graph");
        break;
    case AD_JOB_FILM:
        break;
    }
    return ad_unit_check(unit, err);
}

enum artdag_err ad_job_check(const struct ad_job *job, artdag_error *err)
{
    enum artdag_err rc = check_kind(job, err);
    if (rc)
        return rc;
    size_t inputs = job_inputs(job);
    if (job->sizes.len != inputs)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph",
                            "the job has %zu sizes for %zu inputs", job->sizes.len, inputs);
    rc = check_sizes(job, err);
    if (rc)
        return rc;
    if (job->threads < 1 || job->threads > 256)
        return ad_error_set(err, ARTDAG_E_FORMAT, "graph", "the job asks for %lld threads",
                            (long long)job->threads);
    return ARTDAG_OK;
}
