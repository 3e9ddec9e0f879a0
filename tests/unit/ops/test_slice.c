/* SPDX-License-Identifier: MIT
 *
 * Slices and joints of all ops: trees of random ops over random inputs, built whole and in slices, and every frame of
 * both followed through the graphs.
 */
#include <stdlib.h>
#include <string.h>

#include "ad_test.h"
#include "ops_test.h"

/* ---- Trees of ops ---- */

#define INPUTS 5

struct node {
    struct ops_case c; /* no op: a leaf */
    struct node *inputs[INPUTS];
    int number; /* leaf */
};

static int leaves_made;

static struct node *new_node(void)
{
    struct node *n = calloc(1, sizeof(*n));
    assert_non_null(n);
    return n;
}

static void free_node(struct node *n)
{
    for (size_t i = 0; i < INPUTS && n->inputs[i]; i++)
        free_node(n->inputs[i]);
    ops_fini(&n->c);
    free(n);
}

static struct node *leaf(int64_t frames, int size, bool video)
{
    static const int64_t sizes[][2] = {{64, 36}, {32, 64}, {100, 50}};
    struct node *n = new_node();
    n->number = leaves_made++;
    n->c.format = ops_formats[0].format;
    n->c.edge = (struct ad_edge){.frames = frames, .video = video, .audio = true};
    if (video) {
        n->c.edge.width = sizes[size][0];
        n->c.edge.height = sizes[size][1];
    }
    return n;
}

static void add_input(struct node *n, struct node *input)
{
    const struct ad_edge *e = &input->c.edge;
    n->inputs[n->c.call.input_count] = input;
    ops_input(&n->c, e->frames, e->width, e->height, e->video, e->audio);
}

static int64_t below(int64_t limit)
{
    return (int64_t)ad_test_random_below((uint64_t)limit);
}

static struct node *random_node(int depth);

static struct node *random_leaf(bool video)
{
    return leaf(1 + below(30), (int)below(3), video);
}

static const char *segment_config(struct node *n)
{
    int64_t frames = n->inputs[0]->c.edge.frames;
    int64_t start = below(frames);
    return ad_arena_printf(&n->c.arena, "{start: %df, duration: %df}", (int)start,
                           (int)(1 + below(frames - start)));
}

static const char *sequence_config(struct node *n)
{
    static const char *const types[] = {"cut", "crossfade", "fade", "wipeleft"};
    int64_t shortest = INT64_MAX;
    for (size_t i = 0; i < n->c.call.input_count; i++) {
        int64_t frames = n->inputs[i]->c.edge.frames;
        shortest = frames < shortest ? frames : shortest;
    }
    int64_t duration = shortest < 2 ? 0 : 1 + below(shortest / 2);
    return ad_arena_printf(&n->c.arena,
                           "{transition: {type: %s, duration: %df}, background: '#%06x'%s}",
                           types[below(4)], (int)duration, (unsigned)below(1 << 24),
                           below(2) ? "" : ", target_size: explicit, width: 40, height: 40");
}

static void add_clips(struct node *n, int depth)
{
    int64_t clips = 1 + below(INPUTS);
    int64_t shown = below(clips); /* at least this one has a picture */
    for (int64_t i = 0; i < clips; i++)
        add_input(n, i != shown && below(4) == 0 ? random_leaf(false) : random_node(depth - 1));
}

static const char *mux_config(struct node *n, int depth)
{
    bool swapped = below(2);
    if (swapped)
        add_input(n, random_leaf(false));
    add_input(n, random_node(depth - 1));
    if (!swapped)
        add_input(n, random_leaf(below(2)));
    n->c.inputs[0].slot = "video";
    n->c.inputs[1].slot = "audio";
    return ad_arena_printf(&n->c.arena, "{shortest: %s, video_stream: %d, audio_stream: %d}",
                           below(2) ? "true" : "false", swapped, !swapped);
}

static const char *freeze_config(struct node *n)
{
    int64_t frames = n->inputs[0]->c.edge.frames;
    return ad_arena_printf(&n->c.arena, "{at: %df, duration: %df, mode: %s}",
                           (int)below(frames), (int)below(12), below(2) ? "pause" : "hold");
}

static const char *fade_config(struct node *n)
{
    static const char *const media[] = {"both", "picture", "sound"};
    int64_t frames = n->inputs[0]->c.edge.frames;
    return ad_arena_printf(&n->c.arena, "{in: %df, out: %df, of: %s}",
                           (int)below(frames / 2 + 1), (int)below(frames / 2 + 1),
                           media[below(3)]);
}

static const char *mix_config(struct node *n, int depth)
{
    int64_t count = 1 + below(INPUTS);
    int64_t shown = below(count);
    for (int64_t i = 0; i < count; i++)
        add_input(n, i == shown ? random_node(depth - 1) : random_leaf(below(2)));
    return below(2) ? "{}" : "{duration: first}";
}

static const char *const speeds[] = {"{speed: 2}", "{speed: 1/3}", "{speed: 1}", "{speed: 5/7}",
                                     "{speed: 2.5}"};

static const char *fill_node(struct node *n, const char *type, int depth)
{
    static const char *const boxes[] = {
        "{width: 50, height: 40}", "{width: 50, height: 40, mode: pad, background: red}",
        "{width: 30, height: 70, mode: fill}", "{width: 8, height: 8, mode: stretch}"};
    static const char *const effects[] = {"{}", "{effects: {brightness: 0.5}}",
                                          "{effects: {blur: 3, hue: 10}}",
                                          "{effects: {speed: 0.7}}"};
    if (strcmp(type, "MUX") == 0)
        return mux_config(n, depth);
    if (strcmp(type, "AUDIO_MIX") == 0)
        return mix_config(n, depth);
    if (strcmp(type, "SEQUENCE") == 0) {
        add_clips(n, depth);
        return sequence_config(n);
    }
    add_input(n, random_node(depth - 1));
    if (strcmp(type, "SEGMENT") == 0)
        return segment_config(n);
    if (strcmp(type, "FREEZE") == 0)
        return freeze_config(n);
    if (strcmp(type, "SPEED") == 0)
        return speeds[below(5)];
    if (strcmp(type, "FADE") == 0)
        return fade_config(n);
    if (strcmp(type, "VOLUME") == 0)
        return "{gain: 0.5}";
    return strcmp(type, "RESIZE") == 0 ? boxes[below(4)] : effects[below(4)];
}

/* Always with a picture. */
static struct node *random_node_of(const char *type, int depth)
{
    artdag_error err = {0};
    struct node *n = new_node();
    ops_init(&n->c, type);
    assert_ok(ops_plan(&n->c, fill_node(n, type, depth), &err));
    return n;
}

static struct node *random_node(int depth)
{
    static const char *const types[] = {"SEQUENCE", "SEGMENT",  "RESIZE",  "TRANSFORM",
                                        "MUX",      "SEQUENCE", "SEGMENT", "SPEED",
                                        "FREEZE",   "FADE",     "VOLUME",  "AUDIO_MIX"};
    if (depth == 0 || below(6) == 0)
        return random_leaf(true);
    return random_node_of(types[below(12)], depth);
}

/* ---- Which slices there are ---- */

static const char *transition_type(const struct ops_case *c, int64_t *ret_duration)
{
    const struct ad_value *t = ad_value_get(c->call.config, "transition");
    const struct ad_value *type = ad_value_get(t, "type");
    const struct ad_value *duration = ad_value_get(t, "duration");
    *ret_duration = duration ? duration->integer : 0;
    return ad_str_is(type->string, "cut")    ? "cut"
           : ad_str_is(type->string, "fade") ? "fade"
                                             : "overlap";
}

/* A number for the part of a SEQUENCE that a frame belongs to: 4 clip + 0 fade in or transition into it, 1 body, 2 fade
 * out. Counted frame by frame from the front. */
static int64_t part_of(const struct ops_case *c, int64_t frame)
{
    int64_t d = 0;
    const char *type = transition_type(c, &d);
    int64_t overlap = strcmp(type, "overlap") == 0 ? d : 0;
    int64_t clips = (int64_t)c->call.input_count;
    int64_t start = 0;
    int64_t i = 0;
    while (i + 1 < clips && frame >= start + c->inputs[i].edge.frames - overlap) {
        start += c->inputs[i].edge.frames - overlap;
        i++;
    }
    int64_t pos = frame - start;
    if (i > 0 && pos < d)
        return 4 * i;
    bool fades_out = strcmp(type, "fade") == 0 && i + 1 < clips;
    return 4 * i + (fades_out && pos >= c->inputs[i].edge.frames - d ? 2 : 1);
}

static bool inside_part(const struct ops_case *c, int64_t border)
{
    if (border == 0 || border == c->edge.frames)
        return false;
    int64_t part = part_of(c, border);
    return part % 4 != 1 && part == part_of(c, border - 1);
}

/* Of FADE: whether it fades a frame of the picture. */
static bool fades_at(const struct ops_case *c, int64_t frame)
{
    if (ad_conf_is(c->call.config, "of", "sound"))
        return false;
    return frame < ad_conf_int(c->call.config, "in", 0) ||
           frame >= c->edge.frames - ad_conf_int(c->call.config, "out", 0);
}

/* The border lies within one fade; the two of them touch in the middle at most. */
static bool inside_fade(const struct ops_case *c, int64_t border)
{
    return border > 0 && border < c->edge.frames && fades_at(c, border - 1) &&
           fades_at(c, border) &&
           border != c->edge.frames - ad_conf_int(c->call.config, "out", 0);
}

/* What the contract calls UNSUPPORTED. */
static bool is_divisible(const struct ops_case *c, struct ad_span out)
{
    if (strcmp(c->op->node_type, "SEQUENCE") == 0)
        return !inside_part(c, out.from) && !inside_part(c, out.to);
    if (strcmp(c->op->node_type, "FADE") == 0)
        return !inside_fade(c, out.from) && !inside_fade(c, out.to);
    return true;
}

/* ---- Building ---- */

static struct ad_pad build_leaf(struct node *n, struct ad_span span, struct ad_graph *graph)
{
    struct ad_leaf l = {.cid = ad_arena_printf(graph->arena, "bafyinput%d", n->number),
                        .mezzanine = true,
                        .origin_den = 1,
                        .first = span.from,
                        .count = span.to - span.from};
    if (!n->c.edge.video)
        return (struct ad_pad){.set = false};
    struct ad_pad pad = ad_graph_leaf(graph, &l);
    return span.from ? ad_video_cut(graph, pad, span.from, span.to) : pad;
}

static struct ad_pad build_call(struct node *n, const struct ad_op_call *call,
                                const struct ad_pad *ins, struct ad_graph *graph)
{
    artdag_error err = {0};
    struct ad_fragment f = {.video = graph, .video_in = ins};
    struct ad_op_call here = *call;
    here.arena = graph->arena;
    assert_ok(n->c.op->build(&here, &f, &err));
    assert_true(f.video_out.set);
    return f.video_out;
}

static struct ad_pad build_whole(struct node *n, struct ad_graph *graph)
{
    struct ad_pad ins[INPUTS] = {{0}};
    if (!n->c.op)
        return build_leaf(n, (struct ad_span){0, n->c.edge.frames}, graph);
    for (size_t i = 0; i < n->c.call.input_count; i++) {
        if (n->inputs[i]->c.edge.video)
            ins[i] = build_whole(n->inputs[i], graph);
    }
    return build_call(n, &n->c.call, ins, graph);
}

/* The same op on the chosen frames, as the planner calls it. */
static struct ad_op_call sliced_call(const struct ad_op_call *call,
                                     const struct ad_slice *slice,
                                     struct ad_op_input inputs[INPUTS])
{
    struct ad_op_call sliced = *call;
    assert_true(slice->count <= call->input_count);
    for (size_t i = 0; i < slice->count; i++) {
        const struct ad_op_input *from = &call->inputs[slice->inputs[i]];
        assert_true(slice->inputs[i] < call->input_count);
        assert_true(i == 0 || slice->inputs[i] > slice->inputs[i - 1]);
        assert_true(slice->spans[i].from >= 0 && slice->spans[i].from < slice->spans[i].to &&
                    slice->spans[i].to <= from->edge.frames);
        inputs[i] = (struct ad_op_input){.slot = from->slot, .edge = from->edge};
        inputs[i].edge.frames = slice->spans[i].to - slice->spans[i].from;
    }
    sliced.config = slice->config;
    sliced.inputs = inputs;
    sliced.input_count = slice->count;
    return sliced;
}

/* A sliced call is a good call: its config is final, and its picture as long and as large as it must be. */
static void check_call(const struct ops_case *c, const struct ad_op_call *call,
                       struct ad_span out)
{
    artdag_error err = {0};
    struct ad_edge edge = {0};
    const struct ad_value *again = NULL;
    bool seen = false;
    for (size_t i = 0; i < call->input_count; i++)
        seen = seen || call->inputs[i].edge.video;
    assert_ok(ad_config_check_final(c->op->fields, call->config, NULL, &err));
    assert_ok(c->op->edge(call, &edge, &err));
    assert_int_equal(edge.frames, out.to - out.from);
    if (!seen)
        return;
    assert_int_equal(edge.width, c->edge.width);
    assert_int_equal(edge.height, c->edge.height);
    if (c->op->finish) {
        assert_ok(c->op->finish(call, &again, &err));
        assert_true(ad_value_equal(again, call->config));
    }
}

static bool build_slice(struct node *n, const struct ad_op_call *call, struct ad_span out,
                        struct ad_graph *graph, struct ad_pad *ret);

static bool build_inputs(struct node *n, const struct ad_slice *slice, struct ad_graph *graph,
                         struct ad_pad ins[INPUTS])
{
    for (size_t i = 0; i < slice->count; i++) {
        struct node *below_it = n->inputs[slice->inputs[i]];
        if (below_it->c.edge.video &&
            !build_slice(below_it, &below_it->c.call, slice->spans[i], graph, &ins[i]))
            return false;
    }
    return true;
}

/* False: the contract says that something on the way cannot be divided there. */
static bool build_slice(struct node *n, const struct ad_op_call *call, struct ad_span out,
                        struct ad_graph *graph, struct ad_pad *ret)
{
    artdag_error err = {0};
    struct ad_slice slice = {0};
    struct ad_pad ins[INPUTS] = {{0}};
    struct ad_op_input inputs[INPUTS];
    if (!n->c.op) {
        *ret = build_leaf(n, out, graph);
        return true;
    }
    if (!is_divisible(&n->c, out)) {
        assert_fails(ARTDAG_E_UNSUPPORTED, n->c.op->slice(call, out, &slice, &err));
        return false;
    }
    assert_ok(n->c.op->slice(call, out, &slice, &err));
    struct ad_op_call sliced = sliced_call(call, &slice, inputs);
    check_call(&n->c, &sliced, out);
    if (!build_inputs(n, &slice, graph, ins))
        return false;
    *ret = build_call(n, &sliced, ins, graph);
    return true;
}

/* ---- Comparing ---- */

static void assert_same_frames(const struct ops_stream *whole, const struct ops_stream *part,
                               struct ad_span out)
{
    assert_int_equal(part->items.len, out.to - out.from);
    for (size_t i = 0; i < part->items.len; i++) {
        const struct ops_item *want = &whole->items.items[out.from + (int64_t)i];
        const struct ops_item *have = &part->items.items[i];
        bool same = want->input == have->input && want->index == have->index &&
                    want->other == have->other && want->other_index == have->other_index &&
                    want->part == have->part && want->parts == have->parts &&
                    want->look == have->look;
        if (!same)
            fail_msg("frame %zu of [%lld, %lld): input %d frame %lld, not input %d frame %lld",
                     i, (long long)out.from, (long long)out.to, have->input,
                     (long long)have->index, want->input, (long long)want->index);
    }
}

static void trace_whole(struct node *n, struct ops_stream *ret)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_graph *graph = ad_graph_new(&arena, AD_VIDEO);
    graph->out = build_whole(n, graph);
    ops_follow(graph, &n->c.format, n->c.edge.frames, ret);
    ad_arena_fini(&arena);
}

/* Whether there is such a slice; its frames are the whole's. */
static bool check_slice(struct node *n, const struct ops_stream *whole, struct ad_span out)
{
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_graph *graph = ad_graph_new(&arena, AD_VIDEO);
    struct ops_stream part = {.endless = false};
    bool built = build_slice(n, &n->c.call, out, graph, &graph->out);
    if (built) {
        /* A transition of one frame shows nothing of the clip behind it. */
        assert_true(ad_graph_prune(graph));
        assert_ok(ad_graph_check(graph, &err));
        ops_follow(graph, &n->c.format, out.to - out.from, &part);
        assert_same_frames(whole, &part, out);
        ad_vec_fini(&part.items);
    }
    ad_arena_fini(&arena);
    return built;
}

static struct ad_span random_span(int64_t frames)
{
    int64_t from = below(frames);
    return (struct ad_span){from, from + 1 + below(frames - from)};
}

/* Random spans; returns how many were slices. */
static int check_node(struct node *n, int spans)
{
    struct ops_stream whole = {.endless = false};
    int slices = 0;
    trace_whole(n, &whole);
    slices += check_slice(n, &whole, (struct ad_span){0, n->c.edge.frames});
    for (int i = 1; i < spans; i++)
        slices += check_slice(n, &whole, random_span(n->c.edge.frames));
    ad_vec_fini(&whole.items);
    return slices;
}

/* ---- Slices ---- */

static void a_slice_of_each_op_yields_the_frames_of_the_whole(void **state)
{
    (void)state;
    static const char *const types[] = {"RESIZE",   "TRANSFORM", "SEGMENT", "MUX",
                                        "SEQUENCE", "SPEED",     "FREEZE",  "FADE",
                                        "VOLUME",   "AUDIO_MIX"};
    ad_test_seed(21);
    for (size_t t = 0; t < 10; t++) {
        int slices = 0;
        for (int i = 0; i < 150; i++) {
            struct node *n = random_node_of(types[t], 1);
            n->c.format = ops_formats[i % (int)ops_format_count].format;
            slices += check_node(n, 12);
            free_node(n);
        }
        assert_true(slices > 400);
    }
}

static void a_slice_of_a_chain_is_the_chain_of_slices(void **state)
{
    (void)state;
    ad_test_seed(22);
    int slices = 0;
    for (int i = 0; i < 400; i++) {
        struct node *n = random_node_of(i % 2 ? "SEQUENCE" : "SEGMENT", 4);
        slices += check_node(n, 12);
        free_node(n);
    }
    assert_true(slices > 800);
}

static void every_span_of_a_short_film_is_right_or_refused(void **state)
{
    (void)state;
    static const char *const types[] = {"cut", "crossfade", "fade", "wipeup"};
    static const int64_t lengths[][3] = {{3, 6, 3}, {4, 6, 3}, {5, 9, 7}};
    artdag_error err = {0};
    for (size_t k = 0; k < 12; k++) {
        struct node *n = new_node();
        ops_init(&n->c, "SEQUENCE");
        for (size_t i = 0; i < 3; i++)
            add_input(n, leaf(lengths[k / 4][i], (int)i, true));
        assert_ok(
            ops_plan(&n->c,
                     ad_arena_printf(&n->c.arena, "{transition: {type: %s, duration: 3f}}",
                                     types[k % 4]),
                     &err));
        struct ops_stream whole = {.endless = false};
        trace_whole(n, &whole);
        for (int64_t from = 0; from < n->c.edge.frames; from++) {
            for (int64_t to = from + 1; to <= n->c.edge.frames; to++) {
                bool cut = check_slice(n, &whole, (struct ad_span){from, to});
                assert_true(cut || k % 4);
            }
        }
        ad_vec_fini(&whole.items);
        free_node(n);
    }
}

static bool is_speed(const struct node *n)
{
    const struct ad_value *config = n->c.call.config;
    if (strcmp(n->c.op->node_type, "SPEED") == 0)
        return !ad_conf_is(config, "speed", "1/1");
    return strcmp(n->c.op->node_type, "TRANSFORM") == 0 &&
           ad_conf_number(ad_value_get(config, "effects"), "speed", 1) != 1;
}

/* The frames [from, to) of a slice [a, b) are the frames [a + from, a + to). */
static void a_slice_can_be_sliced_again(void **state)
{
    (void)state;
    static const char *const types[] = {"RESIZE",   "TRANSFORM", "SEGMENT", "MUX",
                                        "SEQUENCE", "SPEED",     "FREEZE",  "FADE",
                                        "VOLUME",   "AUDIO_MIX"};
    artdag_error err = {0};
    int slices = 0;
    ad_test_seed(23);
    for (int i = 0; i < 1200; i++) {
        struct node *n = random_node_of(types[i % 10], 1);
        struct ad_span out = random_span(n->c.edge.frames);
        struct ad_span in = random_span(out.to - out.from);
        struct ad_span both = {out.from + in.from, out.from + in.to};
        struct ad_slice first = {0};
        struct ad_slice second = {0};
        struct ad_slice direct = {0};
        struct ad_op_input inputs[INPUTS];
        if (is_divisible(&n->c, out) && is_divisible(&n->c, both)) {
            assert_ok(n->c.op->slice(&n->c.call, both, &direct, &err));
            assert_ok(n->c.op->slice(&n->c.call, out, &first, &err));
            struct ad_op_call call = sliced_call(&n->c.call, &first, inputs);
            assert_ok(n->c.op->slice(&call, in, &second, &err));
            assert_true(ad_value_equal(direct.config, second.config));
            assert_int_equal(direct.count, second.count);
            for (size_t k = 0; k < second.count; k++) {
                size_t at = second.inputs[k];
                assert_int_equal(first.inputs[at], direct.inputs[k]);
                assert_int_equal(first.spans[at].from + second.spans[k].from,
                                 direct.spans[k].from);
                assert_int_equal(first.spans[at].from + second.spans[k].to, direct.spans[k].to);
            }
            slices++;
        }
        free_node(n);
    }
    assert_true(slices > 300);
}

static void encode_takes_the_same_span_unless_it_is_sound_alone(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    struct ad_slice slice = {0};
    static const char *const profiles[] = {"{}", "{profile: master}", "{profile: audio}"};
    for (size_t i = 0; i < 3; i++) {
        ops_init(&c, "ENCODE");
        ops_input(&c, 50, 64, 36, true, true);
        assert_ok(ops_plan(&c, profiles[i], &err));
        if (i == 2) {
            assert_fails(ARTDAG_E_UNSUPPORTED,
                         c.op->slice(&c.call, (struct ad_span){0, 50}, &slice, &err));
        } else {
            assert_ok(c.op->slice(&c.call, (struct ad_span){7, 9}, &slice, &err));
            assert_int_equal(slice.count, 1);
            assert_int_equal(slice.inputs[0], 0);
            assert_int_equal(slice.spans[0].from, 7);
            assert_int_equal(slice.spans[0].to, 9);
            assert_true(ad_value_equal(slice.config, c.call.config));
        }
        ops_fini(&c);
    }
    assert_int_equal(c.op->revision, 2);
}

static void keys_of_slices_are_unknown_to_recipes(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"SEQUENCE", "{transition: {type: fade, fade_in: true}}"},
        {"SEQUENCE", "{transition: {type: fade, fade_out: true}}"},
        {"MUX", "{picture: 5}"},
        {"TRANSFORM", "{effects: {speed: 2}, phase: 1}"},
        {"SPEED", "{speed: 2, frames: 10}"},
        {"FREEZE", "{duration: 1, skipped: 2}"},
    };
    artdag_error err = {0};
    for (size_t i = 0; i < 6; i++) {
        struct ops_case c;
        ops_init(&c, cases[i][0]);
        ops_input(&c, 50, 64, 36, true, true);
        if (c.op->slots[0].max > 1 || c.op->slots[1].max)
            ops_input(&c, 50, 64, 36, true, true);
        assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, cases[i][1], &err));
        assert_err_says("unknown key");
        ops_fini(&c);
    }
}

static void sound_alone_is_never_divided(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    struct ad_slice slice = {0};
    ops_init(&c, "SEQUENCE");
    ops_input(&c, 50, 0, 0, false, true);
    ops_input(&c, 50, 0, 0, false, true);
    assert_ok(ops_plan(&c, "{}", &err));
    assert_fails(ARTDAG_E_UNSUPPORTED,
                 c.op->slice(&c.call, (struct ad_span){0, 50}, &slice, &err));
    ops_fini(&c);
}

/* ---- Joints ---- */

/* Frames of a piece are the input's own, one to one, and every place in it divides. */
static int64_t check_piece(struct node *n, const struct ops_stream *whole,
                           const struct ad_piece *p)
{
    int64_t count = p->in.to - p->in.from;
    assert_true(count > 0 && p->at >= 0 && p->at + count <= n->c.edge.frames);
    for (int64_t k = 0; k < count; k++) {
        const struct ops_item *item = &whole->items.items[p->at + k];
        assert_int_equal(item->input, n->inputs[p->input]->number);
        assert_int_equal(item->index, p->in.from + k);
        assert_int_equal(item->parts, 0);
        assert_true(check_slice(n, whole, (struct ad_span){p->at + k, p->at + count}));
    }
    return count;
}

/* Where the frame that stands still ends. */
static int64_t freeze_end(const struct ops_case *c)
{
    int64_t duration = ad_conf_int(c->call.config, "duration", 0);
    bool hold = ad_conf_is(c->call.config, "mode", "hold");
    return ad_conf_int(c->call.config, "at", 0) +
           (hold ? (duration < 1 ? 1 : duration) : duration + 1);
}

/* Frames of the input whose picture a mix shows. */
static int64_t mix_picture(const struct ops_case *c)
{
    size_t i = 0;
    while (!c->inputs[i].edge.video)
        i++;
    return c->inputs[i].edge.frames;
}

/* Where the part of a SEQUENCE changes, and where the picture of a MUX ends. */
static bool is_border(const struct node *n, int64_t frame)
{
    const struct ops_case *c = &n->c;
    if (strcmp(c->op->node_type, "SEQUENCE") == 0)
        return part_of(c, frame) != part_of(c, frame - 1);
    if (strcmp(c->op->node_type, "MUX") == 0) {
        size_t picture = (size_t)ad_conf_int(c->call.config, "video_stream", 0);
        return frame == c->inputs[picture].edge.frames;
    }
    if (strcmp(c->op->node_type, "FADE") == 0)
        return fades_at(c, frame) != fades_at(c, frame - 1);
    if (strcmp(c->op->node_type, "AUDIO_MIX") == 0)
        return frame == mix_picture(c);
    if (strcmp(c->op->node_type, "FREEZE") == 0) {
        int64_t at = ad_conf_int(c->call.config, "at", 0);
        return frame == at || frame == freeze_end(c);
    }
    return false;
}

/* Frames that an input shows one to one. */
static bool is_passed(const struct node *n, int64_t frame, const struct ops_item *item)
{
    if (item->input < 0 || is_speed(n))
        return false;
    if (strcmp(n->c.op->node_type, "SEQUENCE") == 0)
        return part_of(&n->c, frame) % 4 == 1;
    if (strcmp(n->c.op->node_type, "MUX") == 0)
        return item->index == frame;
    if (strcmp(n->c.op->node_type, "FADE") == 0)
        return !fades_at(&n->c, frame);
    if (strcmp(n->c.op->node_type, "AUDIO_MIX") == 0)
        return item->index == frame;
    if (strcmp(n->c.op->node_type, "FREEZE") == 0)
        return frame < ad_conf_int(n->c.call.config, "at", 0) || frame >= freeze_end(&n->c);
    return true;
}

static void check_joints(struct node *n)
{
    struct ops_stream whole = {.endless = false};
    struct ad_joints j = {0};
    int64_t frames = n->c.edge.frames;
    int64_t passed = 0;
    int64_t expected = 0;
    size_t next = 0;
    trace_whole(n, &whole);
    assert_true(n->c.op->joints(&n->c.call, &j));
    for (int64_t k = 1; k < frames; k++) {
        if (!is_border(n, k))
            continue;
        assert_true(next < j.border_count);
        assert_int_equal(j.borders[next++], k);
        assert_true(check_slice(n, &whole, (struct ad_span){0, k}));
        assert_true(check_slice(n, &whole, (struct ad_span){k, frames}));
    }
    assert_int_equal(next, j.border_count);
    for (size_t i = 0; i < j.piece_count; i++) {
        assert_true(i == 0 || j.pieces[i].at >= j.pieces[i - 1].at + j.pieces[i - 1].in.to -
                                                    j.pieces[i - 1].in.from);
        passed += check_piece(n, &whole, &j.pieces[i]);
    }
    for (int64_t k = 0; k < frames; k++)
        expected += is_passed(n, k, &whole.items.items[k]);
    assert_int_equal(passed, expected);
    ad_vec_fini(&whole.items);
}

static void joints_are_where_the_structure_is(void **state)
{
    (void)state;
    static const char *const types[] = {"RESIZE",   "TRANSFORM", "SEGMENT", "MUX",   "SEQUENCE",
                                        "SEQUENCE", "SEQUENCE",  "SPEED",   "FREEZE"};
    ad_test_seed(24);
    for (int i = 0; i < 450; i++) {
        struct node *n = random_node_of(types[i % 9], 1);
        check_joints(n);
        free_node(n);
    }
}

static void encode_passes_every_frame(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    struct ad_joints j = {0};
    ops_init(&c, "ENCODE");
    ops_input(&c, 50, 64, 36, true, true);
    assert_ok(ops_plan(&c, "{}", &err));
    assert_true(c.op->joints(&c.call, &j));
    assert_int_equal(j.border_count, 0);
    assert_int_equal(j.piece_count, 1);
    assert_int_equal(j.pieces[0].at, 0);
    assert_int_equal(j.pieces[0].in.from, 0);
    assert_int_equal(j.pieces[0].in.to, 50);
    ops_fini(&c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_slice_of_each_op_yields_the_frames_of_the_whole),
    cmocka_unit_test(a_slice_of_a_chain_is_the_chain_of_slices),
    cmocka_unit_test(every_span_of_a_short_film_is_right_or_refused),
    cmocka_unit_test(a_slice_can_be_sliced_again),
    cmocka_unit_test(encode_takes_the_same_span_unless_it_is_sound_alone),
    cmocka_unit_test(keys_of_slices_are_unknown_to_recipes),
    cmocka_unit_test(sound_alone_is_never_divided),
    cmocka_unit_test(joints_are_where_the_structure_is),
    cmocka_unit_test(encode_passes_every_frame),
};
AD_TEST_MAIN(tests)
