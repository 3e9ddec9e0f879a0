/* SPDX-License-Identifier: MIT
 *
 * AUDIO_MIX: any number of sounds at once.
 */
#include "ops/loudness.h"
#include "ops/op.h"

#define INPUTS_MAX 1000

static const char *const durations[] = {"longest", "first", "shortest", NULL};

static const struct ad_field gain_item = {.name = "gain",
                                          .type = AD_FIELD_NUMBER,
                                          .min = 0,
                                          .max = 1000,
                                          .animated = true,
                                          .doc = "Factor of one input."};

static const struct ad_field input[] = {
    AD_GAIN_FIELDS,
    {.name = "offset",
     .type = AD_FIELD_TIME,
     .doc = "When the input begins, counted from the beginning of the result."},
    {.name = "fade_in", .type = AD_FIELD_TIME, .doc = "Length of its fade in."},
    {.name = "fade_out", .type = AD_FIELD_TIME, .doc = "Length of its fade out."},
    {.name = "shape",
     .type = AD_FIELD_ENUM,
     .values = ad_fade_shapes,
     .doc = "Of its fades, as for FADE; linear without it."},
    {NULL},
};

static const struct ad_field one_input = {.name = "input",
                                          .type = AD_FIELD_MAP,
                                          .fields = input,
                                          .doc = "What is done to one input."};

static const struct ad_field duck[] = {
    {.name = "under",
     .type = AD_FIELD_INT,
     .fallback = "0",
     .min = 0,
     .max = INPUTS_MAX - 1,
     .doc = "The number of the input (from 0) that the others make room for: the voice."},
    {.name = "input",
     .type = AD_FIELD_INT,
     .min = 0,
     .max = INPUTS_MAX - 1,
     .doc = "The input that makes room: the music. Without it, all others do."},
    {.name = "by_db",
     .type = AD_FIELD_NUMBER,
     .fallback = "12",
     .min = 0,
     .max = 120,
     .unit = "dB",
     .doc = "How much quieter it gets."},
    {.name = "threshold_db",
     .type = AD_FIELD_NUMBER,
     .fallback = "-40",
     .min = -120,
     .max = -0.001,
     .unit = "dB of full scale",
     .doc = "From which level on the voice counts as sounding; taken before its gain."},
    {.name = "attack",
     .type = AD_FIELD_NUMBER,
     .fallback = "0.1",
     .min = 0,
     .max = 60,
     .unit = "s",
     .doc = "How long the way down takes."},
    {.name = "hold",
     .type = AD_FIELD_NUMBER,
     .fallback = "0.4",
     .min = 0,
     .max = 60,
     .unit = "s",
     .doc = "How long the voice must be below the threshold before the music comes back."},
    {.name = "release",
     .type = AD_FIELD_NUMBER,
     .fallback = "0.6",
     .min = 0,
     .max = 60,
     .unit = "s",
     .doc = "How long the way back takes."},
    {NULL},
};

static const struct ad_field fields[] = {
    {.name = "gains",
     .type = AD_FIELD_LIST,
     .item = &gain_item,
     .min = 1,
     .max = INPUTS_MAX,
     .doc = "One factor per input, 1 for those behind its end. The key inputs says more."},
    {.name = "inputs",
     .type = AD_FIELD_LIST,
     .item = &one_input,
     .min = 1,
     .max = INPUTS_MAX,
     .doc = "One map per input, in order; inputs behind its end are mixed as they are."},
    {.name = "normalize",
     .type = AD_FIELD_BOOL,
     .fallback = "true",
     .doc =
         "When the greatest gains of all inputs add up to more than 1, all are divided by that "
         "sum, once for the whole mix: inputs within full scale then stay within it. A mix "
         "never changes its loudness because an input ends."},
    {.name = "duration",
     .type = AD_FIELD_ENUM,
     .fallback = "\"longest\"",
     .values = durations,
     .doc = "How long the result is: as the input that ends last, that ends first, or as the "
            "first input."},
    {.name = "duck",
     .type = AD_FIELD_MAP,
     .fields = duck,
     .doc = "Turns inputs down while another one sounds. Write {} for the defaults."},
    {.name = "loudness",
     .type = AD_FIELD_MAP,
     .fields = ad_loudness_fields,
     .doc = "Brings the mix to a loudness, as the node LOUDNESS does."},
    {.name = "picture", .type = AD_FIELD_INT, .internal = true},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, INPUTS_MAX, "the sounds"}, {.max = 0}};

/* ---- Layout ---- */

#define NO_PICTURE SIZE_MAX

struct mix {
    int64_t frames;
    size_t picture; /* the input that gives it */
    bool sound;
    double sum;   /* of the greatest gains */
    double scale; /* of all inputs */
};

static const struct ad_value *list_item(const struct ad_value *config, const char *key,
                                        size_t i)
{
    const struct ad_value *list = ad_value_get(config, key);
    return list && i < list->list.len ? list->list.items[i] : NULL;
}

static const struct ad_value *input_of(const struct ad_op_call *call, size_t i)
{
    return list_item(call->config, "inputs", i);
}

static int64_t offset_of(const struct ad_op_call *call, size_t i)
{
    return ad_conf_int(input_of(call, i), "offset", 0);
}

static bool gain_of(const struct ad_op_call *call, size_t i, struct ad_curve *ret)
{
    const struct ad_value *listed = list_item(call->config, "gains", i);
    *ret = ad_curve_of(listed, 1);
    return listed || ad_gain_of(call->arena, input_of(call, i), ret);
}

static enum artdag_err check_input(const struct ad_op_call *call, size_t i, artdag_error *err)
{
    static const char *const fades[] = {"fade_in", "fade_out"};
    const struct ad_value *map = input_of(call, i);
    int64_t frames = call->inputs[i].edge.frames;
    enum artdag_err rc = ad_gain_check(map, err);
    if (!rc && list_item(call->config, "gains", i) &&
        (ad_value_get(map, "gain") || ad_value_get(map, "gain_db")))
        return ad_conf_bad(map, "gain", err, "gains gives this input's gain already");
    for (size_t k = 0; !rc && k < 2; k++) {
        if (ad_conf_int(map, fades[k], 0) > frames)
            rc = ad_conf_bad(map, fades[k], err,
                             "the fade is longer than input %zu, which has %lld frames", i,
                             (long long)frames);
    }
    return rc;
}

static enum artdag_err check_duck(const struct ad_op_call *call, artdag_error *err)
{
    const struct ad_value *d = ad_value_get(call->config, "duck");
    static const char *const keys[] = {"under", "input"};
    for (size_t k = 0; d && k < 2; k++) {
        int64_t number = ad_conf_int(d, keys[k], 0);
        if (!ad_value_get(d, keys[k]))
            continue;
        if (number >= (int64_t)call->input_count)
            return ad_conf_bad(d, keys[k], err, "there is no input %lld: the last one is %zu",
                               (long long)number, call->input_count - 1);
        if (!call->inputs[number].edge.audio)
            return ad_conf_bad(d, keys[k], err, "input %lld has no sound", (long long)number);
    }
    if (d && ad_conf_int(d, "input", -1) == ad_conf_int(d, "under", 0))
        return ad_conf_bad(d, "input", err, "an input cannot make room for itself");
    return ARTDAG_OK;
}

static enum artdag_err check_lists(const struct ad_op_call *call, artdag_error *err)
{
    static const char *const keys[] = {"gains", "inputs"};
    for (size_t k = 0; k < 2; k++) {
        const struct ad_value *list = ad_value_get(call->config, keys[k]);
        if (list && list->list.len > call->input_count)
            return ad_conf_bad(call->config, keys[k], err, "%s has %zu entries for %zu inputs",
                               keys[k], list->list.len, call->input_count);
    }
    return check_duck(call, err);
}

static enum artdag_err add_input(const struct ad_op_call *call, size_t i, struct mix *m,
                                 artdag_error *err)
{
    bool shortest = ad_conf_is(call->config, "duration", "shortest");
    bool first = ad_conf_is(call->config, "duration", "first");
    const struct ad_edge *e = &call->inputs[i].edge;
    int64_t end = offset_of(call, i) + e->frames;
    struct ad_curve gain = {0};
    double low = 0;
    double high = 0;
    enum artdag_err rc = check_input(call, i, err);
    if (rc)
        return rc;
    if (!gain_of(call, i, &gain))
        return ad_error_nomem(err, "ops");
    if (i == 0 || (!first && (end < m->frames) == shortest))
        m->frames = end;
    if (e->video && m->picture == NO_PICTURE)
        m->picture = i;
    m->sound = m->sound || e->audio;
    ad_curve_bounds(&gain, end, &low, &high);
    m->sum += e->audio ? high : 0;
    return ARTDAG_OK;
}

static enum artdag_err lay_out(const struct ad_op_call *call, struct mix *ret,
                               artdag_error *err)
{
    struct mix m = {.picture = NO_PICTURE, .scale = 1};
    enum artdag_err rc = ad_op_inputs(&ad_op_audio_mix, call, err);
    if (!rc)
        rc = check_lists(call, err);
    for (size_t i = 0; !rc && i < call->input_count; i++)
        rc = add_input(call, i, &m, err);
    if (!rc && m.sum > 1 && ad_conf_bool(call->config, "normalize", true))
        m.scale = 1 / m.sum;
    *ret = m;
    return rc;
}

/* Of a slice: the picture alone, `frames` long. */
static enum artdag_err picture_of(const struct ad_op_call *call, int64_t frames,
                                  struct mix *ret, artdag_error *err)
{
    if (call->input_count != 1 || !call->inputs[0].edge.video ||
        call->inputs[0].edge.frames > frames)
        return ad_conf_bad(call->config, "picture", err,
                           "a picture alone has one input, which is not longer than it");
    *ret = (struct mix){.frames = frames};
    return ARTDAG_OK;
}

static enum artdag_err mix_of(const struct ad_op_call *call, struct mix *ret, artdag_error *err)
{
    int64_t picture = ad_conf_int(call->config, "picture", 0);
    if (picture > 0)
        return picture_of(call, picture, ret, err);
    enum artdag_err rc = lay_out(call, ret, err);
    if (rc)
        return rc;
    if (!ret->sound)
        return ad_error_set(err, ARTDAG_E_INVAL, "ops", "no input of AUDIO_MIX has sound");
    for (size_t i = 0; i < call->input_count; i++) {
        if (offset_of(call, i) >= ret->frames)
            return ad_conf_bad(input_of(call, i), "offset", err,
                               "input %zu begins at frame %lld, when the mix has ended", i,
                               (long long)offset_of(call, i));
    }
    if (ret->frames > AD_FRAMES_MAX)
        return ad_error_set(err, ARTDAG_E_INVAL, "ops", "the result is longer than %lld frames",
                            (long long)AD_FRAMES_MAX);
    if (ret->picture != NO_PICTURE && offset_of(call, ret->picture) > 0) {
        rc = ad_conf_bad(input_of(call, ret->picture), "offset", err,
                         "input %zu gives the picture, which begins at once", ret->picture);
        ad_error_hint(err, "put it into a SEQUENCE behind something, or its sound alone into a "
                           "MUX");
    }
    return rc;
}

/* ---- The final form: each input's map says what is done to it and no more ---- */

static const struct ad_value *final_input(const struct ad_op_call *call, size_t i,
                                          int64_t frames)
{
    static const char *const times[] = {"offset", "fade_in", "fade_out"};
    const char *drop[5] = {NULL};
    size_t dropped = 0;
    const struct ad_value *map = input_of(call, i);
    struct ad_conf_set gain = {"gain", list_item(call->config, "gains", i)};
    map = ad_conf_edit(call->arena, map, NULL, &gain, gain.value ? 1 : 0);
    bool fades = ad_conf_int(map, "fade_in", 0) || ad_conf_int(map, "fade_out", 0);
    for (size_t k = 0; k < 3; k++) {
        if (ad_conf_int(map, times[k], 0) == 0)
            drop[dropped++] = times[k];
    }
    if (!fades || ad_conf_is(map, "shape", "linear"))
        drop[dropped] = "shape";
    map = map ? ad_conf_edit(call->arena, map, drop, NULL, 0) : NULL;
    return map ? ad_gain_final(call->arena, map, frames) : NULL;
}

static enum artdag_err finish(const struct ad_op_call *call, const struct ad_value **ret_config,
                              artdag_error *err)
{
    const char *drop[] = {"gains", "inputs", NULL, NULL};
    struct mix m = {0};
    enum artdag_err rc = mix_of(call, &m, err);
    if (rc)
        return rc;
    *ret_config = call->config;
    if (ad_conf_int(call->config, "picture", 0) > 0)
        return ARTDAG_OK;
    const struct ad_value **maps =
        ad_arena_array(call->arena, call->input_count, sizeof(*maps));
    struct ad_conf_set with = {"inputs", NULL};
    struct ad_list_builder list;
    size_t used = 0;
    for (size_t i = 0; maps && i < call->input_count; i++) {
        maps[i] = final_input(call, i, m.frames);
        if (!maps[i])
            return ad_error_nomem(err, "ops");
        used = maps[i]->map.len ? i + 1 : used;
    }
    if (m.sum <= 1) /* there is nothing to normalise */
        drop[2] = "normalize";
    ad_list_begin(&list, call->arena);
    for (size_t i = 0; maps && i < used; i++)
        ad_list_add(&list, maps[i]);
    with.value = ad_list_end(&list);
    if (!maps || !with.value)
        return ad_error_nomem(err, "ops");
    *ret_config = ad_conf_edit(call->arena, call->config, drop, &with, used ? 1 : 0);
    return *ret_config ? ARTDAG_OK : ad_error_nomem(err, "ops");
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    struct mix m = {0};
    enum artdag_err rc = mix_of(call, &m, err);
    if (rc)
        return rc;
    *ret = (struct ad_edge){.frames = m.frames, .audio = m.sound};
    if (m.picture != NO_PICTURE) {
        ret->video = true;
        ret->width = call->inputs[m.picture].edge.width;
        ret->height = call->inputs[m.picture].edge.height;
    }
    return ARTDAG_OK;
}

/* Ducking depends on all that came before, loudness on everything. */
static void range(const struct ad_op_call *call, size_t i, struct ad_span out,
                  struct ad_span *ret)
{
    struct mix m = {0};
    *ret = (struct ad_span){0, 0};
    if (mix_of(call, &m, NULL))
        return;
    int64_t frames = call->inputs[i].edge.frames;
    struct ad_span asked = ad_span_clip(out, 0, m.frames);
    bool all = ad_value_get(call->config, "duck") || ad_value_get(call->config, "loudness");
    if (asked.from == asked.to)
        return;
    if (all) {
        *ret = (struct ad_span){0, frames};
        return;
    }
    int64_t offset = offset_of(call, i);
    *ret = ad_span_clip((struct ad_span){asked.from - offset, asked.to - offset}, 0, frames);
    if (i == m.picture && ret->from == ret->to) /* the last frame stands still */
        *ret = (struct ad_span){frames - 1, frames};
}

static enum artdag_err slice(const struct ad_op_call *call, struct ad_span out,
                             struct ad_slice *ret, artdag_error *err)
{
    struct mix m = {0};
    enum artdag_err rc = mix_of(call, &m, err);
    if (rc)
        return rc;
    if (m.picture == NO_PICTURE)
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ops", "sound is never divided");
    int64_t frames = call->inputs[m.picture].edge.frames;
    struct ad_conf_set with = {"picture", ad_value_new_int(call->arena, out.to - out.from)};
    const struct ad_value *config = ad_conf_new(call->arena, call->config, &with, 1);
    struct ad_span in = {out.from < frames ? out.from : frames - 1,
                         out.to < frames ? out.to : frames};
    return ad_slice_one(call, config, (uint32_t)m.picture, in, ret, err);
}

static bool joints(const struct ad_op_call *call, struct ad_joints *ret)
{
    struct mix m = {0};
    *ret = (struct ad_joints){0};
    if (mix_of(call, &m, NULL) || m.picture == NO_PICTURE)
        return true;
    int64_t frames = call->inputs[m.picture].edge.frames;
    int64_t moving = frames < m.frames ? frames : m.frames;
    int64_t *border = ad_arena_array(call->arena, 1, sizeof(*border));
    if (!border || !ad_joints_one(call, (uint32_t)m.picture, (struct ad_span){0, moving}, ret))
        return false;
    *border = moving;
    ret->borders = border;
    ret->border_count = moving < m.frames;
    return true;
}

/* ---- Sound ---- */

/* Where it belongs in the mix, and as long as that. */
static struct ad_pad place(const struct ad_op_call *call, struct ad_graph *graph,
                           struct ad_pad in, const struct mix *m, size_t i)
{
    const struct ad_format *f = call->format;
    int64_t total = ad_samples_for(f, m->frames);
    int64_t at = ad_samples_at(f, offset_of(call, i));
    if (at > 0) {
        struct ad_pad parts[2] = {ad_audio_silence(graph, f, at), in};
        in = ad_audio_join(graph, parts, 2, f);
    }
    return at + ad_samples_for(f, call->inputs[i].edge.frames) == total
               ? in
               : ad_audio_hold(graph, in, total);
}

/* One input as it goes into the mix, in doubles. Its gain moves on the mix's time. */
static struct ad_pad voice(const struct ad_op_call *call, struct ad_graph *graph,
                           struct ad_pad in, const struct mix *m, size_t i)
{
    const struct ad_format *f = call->format;
    const struct ad_value *map = input_of(call, i);
    const char *shape = ad_fade_curve(map, "shape");
    int64_t frames = call->inputs[i].edge.frames;
    int64_t rise = ad_samples_at(f, ad_conf_int(map, "fade_in", 0));
    int64_t fall = ad_samples_at(f, frames - ad_conf_int(map, "fade_out", 0));
    int64_t has = ad_samples_for(f, frames);
    struct ad_curve gain = {.value = 1};
    (void)gain_of(call, i, &gain);
    in = ad_audio_double(graph, in);
    if (rise > 0)
        in = ad_audio_fade(graph, in, "in", 0, rise, shape);
    if (ad_conf_int(map, "fade_out", 0) > 0)
        in = ad_audio_fade(graph, in, "out", fall, has - fall, shape);
    in = place(call, graph, in, m, i);
    return ad_gain_apply(call, graph, in, &gain, m->scale);
}

static long long samples_in(const struct ad_op_call *call, const struct ad_value *d,
                            const char *key)
{
    double n = ad_conf_number(d, key, 0) * (double)call->format->sample_rate;
    return n < 1 ? 1 : (long long)ad_dsp_floor(n + 0.5);
}

/* While the key's level is above the threshold, and `hold` longer, the depth (number 1) rises evenly to 1, else it falls to
 * 0. Number 0 counts the samples of hold down. */
static struct ad_pad duck_under(const struct ad_op_call *call, struct ad_graph *graph,
                                struct ad_pad in, struct ad_pad key)
{
    const struct ad_value *d = ad_value_get(call->config, "duck");
    int64_t channels = call->format->channels;
    char threshold[32];
    char depth[32];
    (void)ad_double_format(ad_dsp_db_amplitude(ad_conf_number(d, "threshold_db", 0)),
                           threshold);
    (void)ad_double_format(1 - ad_dsp_db_amplitude(-ad_conf_number(d, "by_db", 0)), depth);
    struct ad_pad both[2] = {in, key};
    for (size_t i = 0; i < 2; i++) {
        both[i] = ad_graph_chain(graph, "aformat", both[i]);
        ad_graph_set(graph, both[i], "sample_fmts", "dbl");
        ad_graph_set(graph, both[i], "channel_layouts", ad_channel_layout(channels));
    }
    in = ad_graph_filter(graph, "amerge", both, 2);
    ad_graph_set_int(graph, in, "inputs", 2);
    const char *level = channels == 1 ? "abs(val(1))" : "max(abs(val(2)),abs(val(3)))";
    const char *expr =
        ad_arena_printf(call->arena,
                        "val(ch)*(1-%s*st(1,if(gt(st(0,if(gt(%s,%s),%lld,max(ld(0)-1,0))),0),"
                        "min(1,ld(1)+1/%lld),max(0,ld(1)-1/%lld))))",
                        depth, level, threshold, samples_in(call, d, "hold"),
                        samples_in(call, d, "attack"), samples_in(call, d, "release"));
    return ad_audio_eval(graph, ad_audio_double(graph, in), expr ? expr : "", channels);
}

static bool is_ducked(const struct ad_op_call *call, size_t i)
{
    const struct ad_value *d = ad_value_get(call->config, "duck");
    int64_t only = ad_conf_int(d, "input", -1);
    return d && call->inputs[i].edge.audio && (int64_t)i != ad_conf_int(d, "under", 0) &&
           (only < 0 || only == (int64_t)i);
}

/* ins: one pad per input with sound. Replaces those that are ducked. */
static void split_key(const struct ad_op_call *call, struct ad_graph *graph,
                      const struct mix *m, struct ad_pad *ins, struct ad_pad *keys)
{
    size_t under = (size_t)ad_conf_int(ad_value_get(call->config, "duck"), "under", 0);
    uint32_t count = 0;
    for (size_t i = 0; i < call->input_count; i++)
        count += is_ducked(call, i);
    if (count == 0)
        return;
    struct ad_pad split = ad_audio_split(graph, ins[under], count + 1);
    ins[under] = ad_pad_nth(split, 0);
    for (size_t i = 0; i < call->input_count; i++) {
        if (is_ducked(call, i))
            keys[i] = place(call, graph, ad_pad_nth(split, count--), m, under);
    }
}

static enum artdag_err build_audio(const struct ad_op_call *call, struct ad_fragment *fragment,
                                   const struct mix *m, artdag_error *err)
{
    struct ad_graph *graph = fragment->audio;
    size_t n = call->input_count;
    struct ad_pad *ins = ad_arena_array(call->arena, n, sizeof(*ins));
    struct ad_pad *keys = ad_arena_array(call->arena, n, sizeof(*keys));
    struct ad_pad *mixed = ad_arena_array(call->arena, n, sizeof(*mixed));
    size_t count = 0;
    if (!ins || !keys || !mixed)
        return ad_error_nomem(err, "ops");
    for (size_t i = 0; i < n; i++)
        ins[i] = fragment->audio_in[i];
    split_key(call, graph, m, ins, keys);
    for (size_t i = 0; i < n; i++) {
        if (!call->inputs[i].edge.audio)
            continue;
        struct ad_pad pad = voice(call, graph, ins[i], m, i);
        if (is_ducked(call, i))
            pad = duck_under(call, graph, pad, keys[i]);
        mixed[count++] = ad_audio_double(graph, pad);
    }
    struct ad_pad out = mixed[0];
    if (count > 1) {
        out = ad_graph_filter(graph, "amix", mixed, count);
        ad_graph_set_int(graph, out, "inputs", (int64_t)count);
        ad_graph_set_int(graph, out, "normalize", 0);
        ad_graph_set(graph, out, "weights", "1");
        ad_graph_set(graph, out, "duration", "longest");
    }
    const struct ad_value *loudness = ad_value_get(call->config, "loudness");
    fragment->audio_out = loudness ? ad_loudness_apply(graph, out, loudness) : out;
    return ARTDAG_OK;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    struct mix m = {0};
    enum artdag_err rc = mix_of(call, &m, err);
    if (!rc && fragment->video) {
        int64_t frames = call->inputs[m.picture].edge.frames;
        struct ad_pad in = fragment->video_in[m.picture];
        if (frames > m.frames)
            in = ad_video_cut(fragment->video, in, 0, m.frames);
        else if (frames < m.frames)
            in = ad_video_hold(fragment->video, in, m.frames);
        fragment->video_out = in;
    }
    if (!rc && fragment->audio && m.sound)
        rc = build_audio(call, fragment, &m, err);
    return rc ? rc : ad_op_built(fragment, err);
}

static const char example[] =
    "format: {sample_rate: 48000, channels: 1}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: voice, type: GENERATE, config: {kind: tone, duration: 1,\n"
    "       frequency: 440, level: 0.5}}\n"
    "    - {id: music, type: GENERATE, config: {kind: noise, duration: 5,\n"
    "       level: 0.3}}\n"
    "    - id: out\n"
    "      type: AUDIO_MIX\n"
    "      inputs: [voice, music]\n"
    "      config:\n"
    "        inputs: [{offset: 1.5}, {gain_db: -3, fade_in: 1, fade_out: 1}]\n"
    "        duck: {under: 0, by_db: 15, threshold_db: -40}\n"
    "  output: out\n";

const struct ad_op ad_op_audio_mix = {
    .node_type = "AUDIO_MIX",
    .summary = "any number of sounds at once",
    .doc = "All inputs are added up in one pass, in doubles. Inputs without sound are silent. "
           "The picture is that of the first input that has one; when it ends before the mix, "
           "its last frame stands still. Without such an input the result is sound alone.\n"
           "\n"
           "Ducking: while input `under` is louder than the threshold, and for `hold` "
           "afterwards, the gain of the other falls in a straight line to -by_db within "
           "`attack`; then it rises again within `release`.",
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
