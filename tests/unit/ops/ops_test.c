/* SPDX-License-Identifier: MIT */
#include "ops_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ad_test.h"

const struct ops_format_case ops_formats[] = {
    {"24", {64, 36, 24, 1, "yuv420p", 48000, 2}},
    {"25 at 44.1 kHz", {64, 36, 25, 1, "yuv420p", 44100, 2}},
    {"29.97", {64, 36, 30000, 1001, "yuv420p", 8000, 1}},
    {"24 at 22.05 kHz", {64, 36, 24, 1, "yuv420p", 22050, 1}},
};
const size_t ops_format_count = sizeof(ops_formats) / sizeof(ops_formats[0]);

void ops_init(struct ops_case *c, const char *node_type)
{
    *c = (struct ops_case){.arena = AD_ARENA_INIT};
    c->format = ops_formats[0].format;
    c->op = ad_op_find(ad_str_from(node_type));
    assert_non_null(c->op);
    c->call =
        (struct ad_op_call){.arena = &c->arena, .format = &c->format, .inputs = c->inputs};
}

void ops_fini(struct ops_case *c)
{
    ad_arena_fini(&c->arena);
}

void ops_input(struct ops_case *c, int64_t frames, int64_t width, int64_t height, bool video,
               bool audio)
{
    static const char *const slots[OPS_INPUTS] = {"0", "1", "2", "3", "4", "5", "6", "7"};
    assert_true(c->call.input_count < OPS_INPUTS);
    c->inputs[c->call.input_count] = (struct ad_op_input){
        slots[c->call.input_count], {frames, width, height, video, audio, false}};
    c->call.input_count++;
}

enum artdag_err ops_config(struct ops_case *c, const char *yaml, artdag_error *err)
{
    const struct ad_value *written = NULL;
    const struct ad_value *config = NULL;
    enum artdag_err rc =
        ad_yaml_parse(&c->arena, ad_str_from(yaml), "r.yaml", NULL, &written, err);
    if (!rc)
        rc = ad_config_check(c->op->fields, written, "r.yaml", err);
    if (!rc)
        rc = ad_config_normalise(&c->arena, c->op->fields, written, &c->format, "r.yaml",
                                 &config, err);
    if (rc)
        return rc;
    c->call.config = config;
    if (!c->op->finish)
        return ARTDAG_OK;
    rc = c->op->finish(&c->call, &config, err);
    if (rc)
        return rc;
    const struct ad_value *again = NULL;
    c->call.config = config;
    assert_int_equal(c->op->finish(&c->call, &again, err), ARTDAG_OK);
    assert_true(ad_value_equal(config, again));
    assert_int_equal(ad_config_check_final(c->op->fields, config, NULL, err), ARTDAG_OK);
    return ARTDAG_OK;
}

enum artdag_err ops_plan(struct ops_case *c, const char *yaml, artdag_error *err)
{
    enum artdag_err rc = ops_config(c, yaml, err);
    return rc ? rc : c->op->edge(&c->call, &c->edge, err);
}

const char *ops_config_text(struct ops_case *c)
{
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT(1 << 16);
    assert_ok(ad_json_canonical(c->call.config, &buf, &err));
    const char *text = ad_arena_strdup(&c->arena, ad_buf_as_str(&buf));
    ad_buf_fini(&buf);
    return text;
}

/* ---- Graphs ---- */

static void add_leaf(struct ops_case *c, struct ad_graph *graph, size_t i, struct ad_pad *ret)
{
    bool source = c->call.source != NULL;
    struct ad_leaf leaf = {.cid = ad_arena_printf(&c->arena, "bafyinput%zu", i),
                           .origin_den = 1};
    leaf.count = source ? c->edge.frames : c->inputs[i].edge.frames;
    *ret = ad_graph_leaf(graph, &leaf);
}

struct ad_graph *ops_graph(struct ops_case *c, enum ad_medium medium)
{
    artdag_error err = {0};
    struct ad_pad video[OPS_INPUTS] = {{0}};
    struct ad_pad audio[OPS_INPUTS] = {{0}};
    struct ad_fragment f = {.video_in = video, .audio_in = audio};
    f.video = c->edge.video ? ad_graph_new(&c->arena, AD_VIDEO) : NULL;
    f.audio = c->edge.audio ? ad_graph_new(&c->arena, AD_AUDIO) : NULL;
    size_t count = c->call.source ? 1 : c->call.input_count;
    for (size_t i = 0; i < count; i++) {
        bool has_video = c->call.source ? c->call.source->video : c->inputs[i].edge.video;
        bool has_audio = c->call.source ? c->call.source->audio : c->inputs[i].edge.audio;
        if (f.video && has_video)
            add_leaf(c, f.video, i, &video[i]);
        if (f.audio && has_audio)
            add_leaf(c, f.audio, i, &audio[i]);
    }
    assert_ok(c->op->build(&c->call, &f, &err));
    struct ad_graph *graph = medium == AD_VIDEO ? f.video : f.audio;
    assert_non_null(graph);
    graph->out = medium == AD_VIDEO ? f.video_out : f.audio_out;
    assert_true(ad_graph_prune(graph));
    assert_ok(ad_graph_check(graph, &err));
    return graph;
}

size_t ops_count(const struct ad_graph *graph, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < graph->filters.len; i++)
        count += strcmp(graph->filters.items[i].name, name) == 0;
    return count;
}

const struct ad_filter *ops_filter(const struct ad_graph *graph, const char *name)
{
    assert_int_equal(ops_count(graph, name), 1);
    size_t i = 0;
    while (strcmp(graph->filters.items[i].name, name) != 0)
        i++;
    return &graph->filters.items[i];
}

const char *ops_option(const struct ad_filter *filter, const char *name)
{
    for (size_t i = 0; i < filter->options.len; i++) {
        if (strcmp(filter->options.items[i].name, name) == 0)
            return filter->options.items[i].value;
    }
    return NULL;
}

/* ---- The interpreter ---- */

#define ENDLESS_MAX 4000000

static void push(struct ops_stream *s, struct ops_item item)
{
    assert_true(ad_vec_push(&s->items, item));
}

/* What was done to a frame, as a number: equal numbers, equal frames. */
static uint64_t fold(uint64_t look, uint64_t value)
{
    look = (look ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return look ^ (look >> 29);
}

static uint64_t fold_text(uint64_t look, const char *text)
{
    for (; *text; text++)
        look = fold(look, (unsigned char)*text);
    return fold(look, 256);
}

static uint64_t fold_filter(uint64_t look, const struct ad_filter *f)
{
    look = fold_text(look, f->name);
    for (size_t i = 0; i < f->options.len; i++)
        look = fold_text(fold_text(look, f->options.items[i].name), f->options.items[i].value);
    return look;
}

static int64_t option(const struct ad_filter *f, const char *name, int64_t fallback)
{
    const char *text = ops_option(f, name);
    return text ? strtoll(text, NULL, 10) : fallback;
}

static void trace_trim(const struct ad_filter *f, const struct ops_stream *in,
                       struct ops_stream *out)
{
    int64_t start = option(f, "start_pts", INT64_MIN);
    int64_t end = option(f, "end_pts", INT64_MAX);
    struct ops_item last = {.input = -1, .pts = -1, .look = in->look};
    for (size_t i = 0; i < in->items.len; i++) {
        last = in->items.items[i];
        if (last.pts >= start && last.pts < end)
            push(out, last);
    }
    bool silent = f->name[0] == 'a';
    for (last.pts++; in->endless && last.pts < end && last.pts < ENDLESS_MAX; last.pts++) {
        if (silent)
            last.input = last.other = -1;
        if (last.pts >= start)
            push(out, last);
    }
}

static void trace_setpts(const struct ad_filter *f, const struct ops_stream *in,
                         struct ops_stream *out)
{
    const char *expr = ops_option(f, "expr");
    out->endless = in->endless && strcmp(expr, "N") == 0;
    out->look = in->look;
    long long n = 0;
    long long q = 1;
    long long p = 1;
    for (size_t i = 0; i < in->items.len; i++) {
        struct ops_item item = in->items.items[i];
        if (strcmp(expr, "N") == 0)
            item.pts = (int64_t)i;
        else if (sscanf(expr, "PTS-%lld", &n) == 1)
            item.pts -= n;
        else if (sscanf(expr, "ceil(N*%lld/%lld)", &q, &p) == 2)
            item.pts = ((int64_t)i * q + p - 1) / p;
        else if (sscanf(expr, "max(0,ceil((N*%lld-%lld)/%lld))", &q, &n, &p) == 3)
            item.pts = (int64_t)i * q > n ? ((int64_t)i * q - n + p - 1) / p : 0;
        else
            fail_msg("the interpreter does not know %s", expr);
        push(out, item);
    }
}

/* Inputs with whole-number time stamps only. */
static void trace_fps(const struct ops_stream *in, struct ops_stream *out)
{
    assert_true(in->items.len > 0);
    size_t next = 0;
    int64_t end = in->items.items[in->items.len - 1].pts;
    for (int64_t tick = 0; tick <= end; tick++) {
        while (next + 1 < in->items.len && in->items.items[next + 1].pts <= tick)
            next++;
        struct ops_item item = in->items.items[next];
        item.pts = tick;
        push(out, item);
    }
}

/* Sound at another speed: sample k is near k * tempo; the filter may give a few samples less. */
static void trace_atempo(const struct ad_filter *f, const struct ops_stream *in,
                         struct ops_stream *out)
{
    double tempo = strtod(ops_option(f, "tempo"), NULL);
    assert_true(tempo >= 0.5 && tempo <= 2);
    size_t count = (size_t)((double)in->items.len / tempo);
    for (size_t i = 0; i < count; i++) {
        size_t from = (size_t)((double)i * tempo);
        struct ops_item item = in->items.items[from < in->items.len ? from : in->items.len - 1];
        item.pts = (int64_t)i;
        push(out, item);
    }
}

static void trace_rate(const struct ad_format *format, const struct ad_filter *f,
                       const struct ops_stream *in, struct ops_stream *out)
{
    int64_t rate = option(f, "sample_rate", 0);
    bool resamples = strcmp(f->name, "aresample") == 0;
    int64_t from = in->rate ? in->rate : format->sample_rate;
    int64_t count = (int64_t)in->items.len;
    for (int64_t i = 0; i < (resamples ? count * rate / from : count); i++) {
        struct ops_item item = in->items.items[resamples ? i * from / rate : i];
        item.pts = i;
        push(out, item);
    }
    out->rate = rate == format->sample_rate ? 0 : rate;
}

/* The two inputs are parts first .. parts - 1 of a transition. */
static void trace_mix(const struct ops_stream *a, const struct ops_stream *b, int64_t first,
                      int64_t parts, struct ops_stream *out)
{
    assert_int_equal(a->items.len, parts - first);
    assert_int_equal(b->items.len, parts - first);
    for (size_t i = 0; i < a->items.len; i++) {
        struct ops_item item = a->items.items[i];
        assert_int_equal(item.pts, i);
        assert_int_equal(b->items.items[i].pts, i);
        item.other = b->items.items[i].input;
        item.other_index = b->items.items[i].index;
        item.part = first + (int64_t)i;
        item.parts = parts;
        item.look = fold(fold(fold(item.look, b->items.items[i].look), (uint64_t)item.part),
                         (uint64_t)parts);
        push(out, item);
    }
}

/* Filter xfade: duration and offset in microseconds, which are whole frames of the format. */
static void trace_xfade(const struct ad_format *f, const struct ad_filter *filter,
                        struct ops_stream **ins, struct ops_stream *out)
{
    int64_t second = 1000000;
    int64_t parts =
        ad_muldiv_round(option(filter, "duration", 0), f->fps_num, second * f->fps_den);
    int64_t first =
        ad_muldiv_round(-option(filter, "offset", 0), f->fps_num, second * f->fps_den);
    trace_mix(ins[0], ins[1], first, parts, out);
    for (size_t i = 0; i < out->items.len; i++)
        out->items.items[i].look = fold_filter(out->items.items[i].look, filter);
}

/* Frame k of a fade has the factor (k - start) / count; before the one and behind the other nothing changes. */
static void trace_fade(const struct ad_filter *f, const struct ops_stream *in,
                       struct ops_stream *out)
{
    bool sound = f->name[0] == 'a';
    int64_t start = option(f, sound ? "start_sample" : "start_frame", 0);
    int64_t count = option(f, sound ? "nb_samples" : "nb_frames", 0);
    bool fades_in = strcmp(ops_option(f, "type"), "in") == 0;
    for (size_t i = 0; i < in->items.len; i++) {
        struct ops_item item = in->items.items[i];
        int64_t k = (int64_t)i - start;
        if (fades_in ? k < count : k > 0) {
            uint64_t dark = (uint64_t)(fades_in ? count - k : k);
            item.look = fold(fold(fold(item.look, 0xfade), dark), (uint64_t)count);
        }
        push(out, item);
    }
}

static bool passes(const char *name)
{
    static const char *const names[] = {
        "format", "scale",  "setsar", "settb",     "asettb",   "setparams",    "pad",
        "crop",   "lutyuv", "hue",    "boxblur",   "unsharp",  "null",         "anull",
        "volume", "aeval",  "biquad", "loudness",  "alimiter", "asetnsamples", "aformat",
        "pan",    "hflip",  "vflip",  "transpose", NULL};
    for (size_t i = 0; names[i]; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static void copy_stream(const struct ops_stream *in, struct ops_stream *out)
{
    for (size_t i = 0; i < in->items.len; i++)
        push(out, in->items.items[i]);
    out->endless = in->endless;
    out->look = in->look;
}

/* Filters that leave time alone; some leave the picture alone too. */
static void trace_pass(const struct ad_filter *f, const struct ops_stream *in,
                       struct ops_stream *out)
{
    static const char *const neutral[] = {"settb", "asettb",       "null",
                                          "anull", "asetnsamples", NULL};
    copy_stream(in, out);
    for (size_t i = 0; neutral[i]; i++) {
        if (strcmp(f->name, neutral[i]) == 0)
            return;
    }
    for (size_t i = 0; i < out->items.len; i++)
        out->items.items[i].look = fold_filter(out->items.items[i].look, f);
    out->look = fold_filter(out->look, f);
}

/* tpad goes on from the time of the stream's end, which may be that of its last frame: what follows counts anew. */
static void trace_pad(const struct ad_filter *f, const struct ops_stream *in,
                      struct ops_stream *out)
{
    int64_t stop = option(f, "stop", -1);
    copy_stream(in, out);
    out->endless = stop < 0;
    for (int64_t i = 0; i < stop; i++)
        push(out, in->items.items[in->items.len - 1]);
    for (size_t i = 0; f->name[0] == 't' && i < out->items.len; i++)
        out->items.items[i].pts = -7;
}

/* concat counts time itself; what follows it must count frames anew (the tests see to it by the marker -7). */
static void trace_concat(struct ops_stream **ins, size_t count, struct ops_stream *out)
{
    for (size_t i = 0; i < count; i++) {
        assert_false(ins[i]->endless);
        for (size_t k = 0; k < ins[i]->items.len; k++) {
            struct ops_item item = ins[i]->items.items[k];
            assert_int_equal(item.pts, k);
            item.pts = -7;
            push(out, item);
        }
    }
}

/* Sounds at once: as many samples as each of them has. */
static void trace_sum(const struct ad_filter *f, struct ops_stream **ins, size_t count,
                      struct ops_stream *out)
{
    for (size_t k = 0; k < ins[0]->items.len; k++) {
        struct ops_item item = ins[0]->items.items[k];
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(ins[i]->items.len, ins[0]->items.len);
            assert_int_equal(ins[i]->items.items[k].pts, k);
            item.look = fold(fold_filter(item.look, f), ins[i]->items.items[k].look);
        }
        push(out, item);
    }
}

static bool is_either(const struct ad_filter *f, const char *video, const char *audio)
{
    return strcmp(f->name, video) == 0 || strcmp(f->name, audio) == 0;
}

static void trace_reverse(const struct ops_stream *in, struct ops_stream *out)
{
    for (size_t i = 0; i < in->items.len; i++) {
        struct ops_item item = in->items.items[in->items.len - 1 - i];
        item.pts = (int64_t)i;
        push(out, item);
    }
}

static void trace_filter(const struct ad_format *format, const struct ad_filter *f,
                         struct ops_stream **ins, size_t count, struct ops_stream *out)
{
    if (is_either(f, "trim", "atrim")) {
        trace_trim(f, ins[0], out);
    } else if (is_either(f, "setpts", "asetpts")) {
        trace_setpts(f, ins[0], out);
    } else if (is_either(f, "tpad", "apad")) {
        trace_pad(f, ins[0], out);
    } else if (strcmp(f->name, "fps") == 0) {
        trace_fps(ins[0], out);
    } else if (strcmp(f->name, "atempo") == 0) {
        trace_atempo(f, ins[0], out);
    } else if (is_either(f, "asetrate", "aresample")) {
        trace_rate(format, f, ins[0], out);
    } else if (is_either(f, "color", "anullsrc")) {
        out->endless = true;
        out->look = fold_filter(0, f);
    } else if (is_either(f, "fade", "afade")) {
        trace_fade(f, ins[0], out);
    } else if (is_either(f, "reverse", "areverse")) {
        trace_reverse(ins[0], out);
    } else if (is_either(f, "amix", "amerge")) {
        trace_sum(f, ins, count, out);
    } else if (strcmp(f->name, "concat") == 0) {
        trace_concat(ins, count, out);
    } else if (strcmp(f->name, "xfade") == 0) {
        trace_xfade(format, f, ins, out);
    } else if (strcmp(f->name, "acrossfade") == 0) {
        trace_mix(ins[0], ins[1], 0, option(f, "nb_samples", 0), out);
    } else if (passes(f->name)) {
        trace_pass(f, ins[0], out);
    } else {
        fail_msg("the interpreter does not know filter %s", f->name);
    }
}

static void leaf_stream(const struct ad_graph *graph, const struct ad_format *format,
                        size_t leaf, struct ops_stream *out)
{
    int input = atoi(graph->leaves.items[leaf].cid + strlen("bafyinput"));
    int64_t first = graph->leaves.items[leaf].first;
    int64_t frames = graph->leaves.items[leaf].count;
    int64_t count = graph->medium == AD_VIDEO ? frames : ad_samples_for(format, frames);
    for (int64_t i = first; i < first + count; i++)
        push(out, (struct ops_item){.pts = i,
                                    .input = input,
                                    .other = -1,
                                    .index = i,
                                    .look = fold((uint64_t)input, (uint64_t)i)});
}

static void follow_filter(const struct ad_graph *graph, const struct ad_format *format,
                          struct ops_stream *streams, size_t i)
{
    struct ops_stream *ins[64] = {NULL};
    size_t leaves = graph->leaves.len;
    size_t count = 0;
    for (size_t k = 0; k < graph->links.len; k++) {
        const struct ad_link *link = &graph->links.items[k];
        assert_true(count < 64);
        if (link->to_filter == i)
            ins[count++] =
                &streams[link->from.leaf ? link->from.filter : leaves + link->from.filter];
    }
    const struct ad_filter *f = &graph->filters.items[i];
    bool fans = strcmp(f->name, "split") == 0 || strcmp(f->name, "asplit") == 0;
    if (fans)
        copy_stream(ins[0], &streams[leaves + i]); /* all outputs alike */
    else
        trace_filter(format, f, ins, count, &streams[leaves + i]);
}

void ops_follow(const struct ad_graph *graph, const struct ad_format *format, int64_t frames,
                struct ops_stream *ret)
{
    size_t leaves = graph->leaves.len;
    size_t total = leaves + graph->filters.len;
    struct ops_stream *streams = calloc(total, sizeof(*streams));
    assert_non_null(streams);
    for (size_t i = 0; i < leaves; i++)
        leaf_stream(graph, format, i, &streams[i]);
    for (size_t i = 0; i < graph->filters.len; i++)
        follow_filter(graph, format, streams, i);
    size_t out = graph->out.leaf ? graph->out.filter : leaves + graph->out.filter;
    *ret = streams[out];
    assert_false(ret->endless);
    for (size_t i = 0; i < total; i++) {
        if (i != out)
            ad_vec_fini(&streams[i].items);
    }
    free(streams);
    for (size_t i = 0; i < ret->items.len; i++)
        assert_int_equal(ret->items.items[i].pts, i);
    assert_int_equal(ret->items.len,
                     graph->medium == AD_VIDEO ? frames : ad_samples_for(format, frames));
}

void ops_trace(struct ops_case *c, enum ad_medium medium, struct ops_stream *ret)
{
    ops_follow(ops_graph(c, medium), &c->format, c->edge.frames, ret);
}

/* ---- Ranges ---- */

static void assert_inside(struct ops_case *c, int input, int64_t index, int64_t frame)
{
    if (input < 0)
        return;
    struct ad_span need = {0, 0};
    c->op->range(&c->call, (size_t)input, (struct ad_span){frame, frame + 1}, &need);
    if (index < need.from || index >= need.to)
        fail_msg("frame %lld shows frame %lld of input %d, its range is [%lld, %lld)",
                 (long long)frame, (long long)index, input, (long long)need.from,
                 (long long)need.to);
}

static void check_union(struct ops_case *c, size_t input)
{
    struct ad_span whole = {0, 0};
    struct ad_span all = {0, 0};
    c->op->range(&c->call, input, (struct ad_span){0, c->edge.frames}, &whole);
    c->op->range(&c->call, input, (struct ad_span){0, INT64_MAX}, &all);
    assert_int_equal(all.from, whole.from);
    assert_int_equal(all.to, whole.to);
    struct ad_span before = {0, 0};
    struct ad_span sum = {INT64_MAX, 0};
    for (int64_t k = 0; k < c->edge.frames; k++) {
        struct ad_span one = {0, 0};
        c->op->range(&c->call, input, (struct ad_span){k, k + 1}, &one);
        if (one.from == one.to)
            continue;
        assert_true(one.from >= before.from &&
                    one.to >= before.to); /* later frames need later frames */
        before = one;
        sum.from = one.from < sum.from ? one.from : sum.from;
        sum.to = one.to > sum.to ? one.to : sum.to;
    }
    if (sum.to > 0) {
        assert_int_equal(sum.from, whole.from);
        assert_true(sum.to <= whole.to);
    }
}

void ops_check_range(struct ops_case *c)
{
    for (size_t i = 0; i < c->call.input_count; i++)
        check_union(c, i);
    if (!c->edge.video)
        return;
    struct ops_stream s = {.endless = false};
    ops_trace(c, AD_VIDEO, &s);
    for (size_t k = 0; k < s.items.len; k++) {
        assert_inside(c, s.items.items[k].input, s.items.items[k].index, (int64_t)k);
        if (s.items.items[k].parts)
            assert_inside(c, s.items.items[k].other, s.items.items[k].other_index, (int64_t)k);
    }
    ad_vec_fini(&s.items);
}
