/* SPDX-License-Identifier: MIT
 *
 * FREEZE: one frame stands still for a while.
 */
#include "ops/op.h"

static const char *const modes[] = {"pause", "hold", NULL};

static const struct ad_field fields[] = {
    {.name = "at",
     .type = AD_FIELD_TIME,
     .doc = "The frame that stands still; without it, the last one."},
    {.name = "duration",
     .type = AD_FIELD_TIME,
     .required = true,
     .doc = "How long it stands still."},
    {.name = "mode",
     .type = AD_FIELD_ENUM,
     .fallback = "\"pause\"",
     .values = modes,
     .doc = "pause: the film stops for that long, silent, and then goes on; the result is "
            "longer by the duration. hold: only the picture stands still; sound and time go "
            "on, and the picture continues where the film is by then."},
    {.name = "shown", .type = AD_FIELD_INT, .min = 1, .max = 1e9, .internal = true},
    {.name = "skipped", .type = AD_FIELD_INT, .internal = true},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "what to stop"}, {.max = 0}};

/* Frame `at` is shown `shown` times, then the frames after `skipped` others. */
struct stop {
    int64_t at, shown, skipped;
    int64_t input, frames; /* lengths */
    bool pauses;
};

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static enum artdag_err stop_of(const struct ad_op_call *call, struct stop *ret,
                               artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_freeze, call, err);
    if (rc)
        return rc;
    int64_t frames = call->inputs[0].edge.frames;
    int64_t duration = ad_conf_int(call->config, "duration", 0);
    struct stop s = {
        .at = ad_conf_int(call->config, "at", frames - 1),
        .shown = ad_conf_int(call->config, "shown", 0),
        .skipped = ad_conf_int(call->config, "skipped", 0),
        .input = frames,
        .pauses = !ad_conf_is(call->config, "mode", "hold"),
    };
    if (s.at < 0 || s.at >= frames)
        return ad_conf_bad(call->config, "at", err,
                           "the frame to stand still is frame %lld, but the input has only "
                           "%lld",
                           (long long)s.at, (long long)frames);
    if (!s.shown) {
        s.shown = s.pauses ? duration + 1 : larger(1, duration);
        s.skipped = s.pauses ? 0 : smaller(s.shown, frames - s.at) - 1;
    }
    if (s.skipped < 0 || s.skipped >= frames - s.at)
        return ad_conf_bad(call->config, "skipped", err,
                           "more frames are left out than follow");
    s.frames = frames + s.shown - 1 - s.skipped;
    if (s.frames > AD_FRAMES_MAX)
        return ad_error_set(err, ARTDAG_E_INVAL, "ops", "the result is longer than %lld frames",
                            (long long)AD_FRAMES_MAX);
    *ret = s;
    return ARTDAG_OK;
}

static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    struct stop s = {0};
    enum artdag_err rc = stop_of(call, &s, err);
    if (rc)
        return rc;
    struct ad_conf_set with = {"at", ad_value_new_int(call->arena, s.at)};
    const struct ad_value *config = ad_conf_edit(call->arena, call->config, NULL, &with, 1);
    if (!config)
        return ad_error_nomem(err, "ops");
    *ret_config = config;
    return ARTDAG_OK;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    struct stop s = {0};
    enum artdag_err rc = stop_of(call, &s, err);
    if (rc)
        return rc;
    *ret = call->inputs[0].edge;
    ret->frames = s.frames;
    return ARTDAG_OK;
}

/* The input frame shown at frame f. */
static int64_t shown_at(const struct stop *s, int64_t f)
{
    if (f < s->at)
        return f;
    return f < s->at + s->shown ? s->at : f - s->shown + 1 + s->skipped;
}

static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    struct stop s = {0};
    *ret = (struct ad_span){0, 0};
    if (stop_of(call, &s, NULL))
        return;
    struct ad_span inside = ad_span_clip(out, 0, s.frames);
    if (inside.from == inside.to)
        return;
    *ret = (struct ad_span){shown_at(&s, inside.from), shown_at(&s, inside.to - 1) + 1};
    if (!s.pauses && call->inputs[i].edge.audio) /* the sound has gone on */
        ret->to = larger(ret->to, smaller(inside.to, s.input));
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    struct stop s = {0};
    enum artdag_err rc = stop_of(call, &s, err);
    if (rc)
        return rc;
    if (!call->inputs[0].edge.video)
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ops", "sound is never divided");
    struct ad_span in = {shown_at(&s, out.from), shown_at(&s, out.to - 1) + 1};
    int64_t shown = smaller(out.to, s.at + s.shown) - larger(out.from, s.at);
    bool moves_on = in.to > s.at + 1;
    struct ad_conf_set with[3] = {
        {"at", ad_value_new_int(call->arena, shown > 0 ? s.at - in.from : 0)},
        {"shown", ad_value_new_int(call->arena, shown > 0 ? shown : 1)},
        {"skipped", ad_value_new_int(call->arena, shown > 0 && moves_on ? s.skipped : 0)},
    };
    const struct ad_value *config = ad_conf_edit(call->arena, call->config, NULL, with, 3);
    return ad_slice_one(call, config, 0, in, ret, err);
}

static bool joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    struct stop s = {0};
    *ret = (struct ad_joints){0};
    if (stop_of(call, &s, NULL))
        return true;
    int64_t *borders = ad_arena_array(call->arena, 2, sizeof(*borders));
    struct ad_piece *pieces = ad_arena_array(call->arena, 2, sizeof(*pieces));
    if (!borders || !pieces)
        return false;
    struct ad_joints j = {.borders = borders, .pieces = pieces};
    int64_t after = s.at + s.shown;
    if (s.at > 0) {
        borders[j.border_count++] = s.at;
        pieces[j.piece_count++] = (struct ad_piece){.in = {0, s.at}};
    }
    if (after < s.frames) {
        borders[j.border_count++] = after;
        pieces[j.piece_count++] =
            (struct ad_piece){.in = {s.at + 1 + s.skipped, s.input}, .at = after};
    }
    *ret = j;
    return true;
}

static struct ad_pad stop_video(const struct ad_op_call *call, struct ad_graph *graph,
                                struct ad_pad in, const struct stop *s)
{
    int64_t rest = s->at + 1 + s->skipped;
    if (s->shown == 1 && s->skipped == 0)
        return in;
    if (rest == s->input) {
        in = s->at + 1 < s->input ? ad_video_cut(graph, in, 0, s->at + 1) : in;
        return ad_video_hold(graph, in, s->frames);
    }
    struct ad_pad split = ad_video_split(graph, in, 2);
    struct ad_pad parts[2] = {
        ad_video_cut(graph, ad_pad_nth(split, 0), 0, s->at + 1),
        ad_video_cut(graph, ad_pad_nth(split, 1), rest, s->input),
    };
    if (s->shown > 1)
        parts[0] = ad_video_hold(graph, parts[0], s->at + s->shown);
    return ad_video_join(graph, parts, 2, call->format);
}

/* Frame `at` sounds once; then there is silence until the film goes on. */
static struct ad_pad stop_audio(const struct ad_op_call *call, struct ad_graph *graph,
                                struct ad_pad in, const struct stop *s)
{
    const struct ad_format *f = call->format;
    int64_t total = ad_samples_for(f, s->frames);
    int64_t until = ad_samples_at(f, s->at + 1);
    int64_t again = ad_samples_at(f, s->at + s->shown);
    if (s->shown == 1)
        return in;
    if (!s->pauses || s->at + 1 == s->input)
        return s->frames > s->input ? ad_audio_hold(graph, in, total) : in;
    struct ad_pad split = ad_audio_split(graph, in, 2);
    struct ad_pad rest =
        ad_audio_cut(graph, ad_pad_nth(split, 1), until, ad_samples_for(f, s->input));
    struct ad_pad parts[2] = {
        ad_audio_hold(graph, ad_audio_cut(graph, ad_pad_nth(split, 0), 0, until), again),
        ad_audio_hold(graph, rest, total - again),
    };
    return ad_audio_join(graph, parts, 2, f);
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct stop s = {0};
    enum artdag_err rc = stop_of(call, &s, err);
    if (rc)
        return rc;
    if (fragment->video)
        fragment->video_out = stop_video(call, fragment->video, fragment->video_in[0], &s);
    if (fragment->audio)
        fragment->audio_out = stop_audio(call, fragment->audio, fragment->audio_in[0], &s);
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {width: 320, height: 180, fps: 24}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: film, type: GENERATE, config: {kind: counter, duration: 2}}\n"
    "    - id: out\n"
    "      type: FREEZE\n"
    "      inputs: [film]\n"
    "      config: {at: 10f, duration: 3}\n"
    "  output: out\n";

const struct ad_op ad_op_freeze = {
    .node_type = "FREEZE",
    .summary = "one frame stands still for a while",
    .doc = "With mode pause, frame `at` is shown once as always and then `duration` longer, in "
           "silence; what follows is later by `duration`. With mode hold, it takes the place "
           "of the frames of that time, and the sound is left alone; held beyond the end, the "
           "film becomes longer, and silent there.",
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
