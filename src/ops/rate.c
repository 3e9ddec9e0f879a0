/* SPDX-License-Identifier: MIT */
#include "ops/rate.h"

#include <string.h>

#include "ops/op.h"

#define TERM_MAX INT64_C(1000000000000)
/* libav computes time stamps in doubles; up to here their quotients are exact. */
#define EXACT_MAX (INT64_C(1) << 53)

/* ---- Ratios ---- */

static int64_t common(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static struct ad_rate ratio(int64_t p, int64_t q)
{
    int64_t divisor = common(p, q);
    return (struct ad_rate){.p = p / divisor, .q = q / divisor, .value = (double)p / (double)q};
}

static struct ad_rate decimal(const char *text, size_t len)
{
    int64_t p = 0;
    int64_t q = 1;
    bool point = false;
    for (size_t i = 0; i < len && q < 1000000000; i++) {
        if (text[i] == '.') {
            point = true;
            continue;
        }
        p = p * 10 + (text[i] - '0');
        q *= point ? 10 : 1;
    }
    return ratio(p, q);
}

struct ad_rate ad_rate_of(double value)
{
    if (!(value >= AD_RATE_MIN && value <= AD_RATE_MAX))
        value = 1; /* only a config that was not checked gets here */
    char text[32];
    size_t len = ad_double_format(value, text);
    struct ad_rate rate = decimal(text, len);
    rate.value = value;
    return rate;
}

bool ad_rate_parse(struct ad_str text, struct ad_rate *ret)
{
    const char *slash = text.len ? memchr(text.ptr, '/', text.len) : NULL;
    if (!slash) {
        double value = 0;
        if (!ad_str_to_double(text, &value) || !(value >= AD_RATE_MIN && value <= AD_RATE_MAX))
            return false;
        *ret = ad_rate_of(value);
        return true;
    }
    int64_t p = 0;
    int64_t q = 0;
    size_t at = (size_t)(slash - text.ptr);
    if (!ad_str_to_i64(ad_str_slice(text, 0, at), &p) ||
        !ad_str_to_i64(ad_str_slice(text, at + 1, text.len), &q) || p < 1 || q < 1 ||
        p > TERM_MAX || q > TERM_MAX)
        return false;
    *ret = ratio(p, q);
    return ret->value >= AD_RATE_MIN && ret->value <= AD_RATE_MAX;
}

/* ---- Frames ---- */

void ad_rate_place(struct ad_rate *rate, const struct ad_value *config)
{
    rate->phase = ad_conf_int(config, "phase", 0);
    rate->frames = ad_conf_int(config, "frames", 0);
}

enum artdag_err ad_rate_frames(const struct ad_rate *rate, int64_t frames, int64_t *ret,
                               artdag_error *err)
{
    int64_t n = rate->frames ? rate->frames : ad_muldiv_round(frames, rate->q, rate->p);
    if (n > AD_FRAMES_MAX)
        return ad_error_set(err, ARTDAG_E_INVAL, "ops", "the result is longer than %lld frames",
                            (long long)AD_FRAMES_MAX);
    if (rate->q > EXACT_MAX / (frames + 1) || rate->p > EXACT_MAX / (n + 1)) {
        enum artdag_err rc = ad_error_set(
            err, ARTDAG_E_LIMIT, "ops", "%lld/%lld is too fine a speed for %lld frames",
            (long long)rate->p, (long long)rate->q, (long long)frames);
        ad_error_hint(err, "write it with fewer digits");
        return rc;
    }
    *ret = n < 1 ? 1 : n;
    return ARTDAG_OK;
}

struct ad_span ad_rate_shown(const struct ad_rate *rate, struct ad_span out)
{
    /* ad_rate_frames has seen to it that the products fit. */
    return (struct ad_span){(out.from * rate->p + rate->phase) / rate->q,
                            ((out.to - 1) * rate->p + rate->phase) / rate->q + 1};
}

struct ad_span ad_rate_range(const struct ad_rate *rate, const struct ad_edge *edge,
                             struct ad_span out)
{
    int64_t length = 0;
    if (rate->p == rate->q)
        return ad_span_clip(out, 0, edge->frames);
    if (ad_rate_frames(rate, edge->frames, &length, NULL) != ARTDAG_OK)
        return (struct ad_span){0, edge->frames};
    struct ad_span inside = ad_span_clip(out, 0, length);
    if (inside.from == inside.to)
        return inside;
    /* Sound at another speed depends on all that came before. */
    return edge->audio ? (struct ad_span){0, edge->frames}
                       : ad_span_clip(ad_rate_shown(rate, inside), 0, edge->frames);
}

enum artdag_err ad_rate_slice(const struct ad_op_call *call, const struct ad_rate *rate,
                              struct ad_span out, struct ad_slice *ret, artdag_error *err)
{
    if (rate->p == rate->q)
        return ad_slice_same(call, out, ret, err);
    if (!call->inputs[0].edge.video)
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "ops", "sound is never divided");
    int64_t phase = (out.from * rate->p + rate->phase) % rate->q;
    struct ad_conf_set with[2] = {{"phase", ad_value_new_int(call->arena, phase)},
                                  {"frames", ad_value_new_int(call->arena, out.to - out.from)}};
    const struct ad_value *config = ad_conf_edit(call->arena, call->config, NULL, with, 2);
    return ad_slice_one(call, config, 0, ad_rate_shown(rate, out), ret, err);
}

/* ---- Graphs ---- */

/* Input frame n is due at the first k with floor((k p + phase) / q) = n, and the first one of a slice at once. Behind a trim
 * the end of a stream bears the time of its last frame, which fps would drop then: one more frame says how long that one
 * lasts. */
struct ad_pad ad_rate_video(const struct ad_op_call *call, struct ad_graph *graph,
                            struct ad_pad in, const struct ad_rate *rate, int64_t frames)
{
    struct ad_pad out = ad_graph_chain(graph, "tpad", in);
    ad_graph_set(graph, out, "stop", "1");
    ad_graph_set(graph, out, "stop_mode", "clone");
    out = ad_graph_chain(graph, "setpts", out);
    if (rate->phase)
        ad_graph_setf(graph, out, "expr", "max(0,ceil((N*%lld-%lld)/%lld))", (long long)rate->q,
                      (long long)rate->phase, (long long)rate->p);
    else
        ad_graph_setf(graph, out, "expr", "ceil(N*%lld/%lld)", (long long)rate->q,
                      (long long)rate->p);
    return ad_video_hold(graph, ad_video_fps(graph, out, call->format), frames);
}

/* What these filters round depends on how their input is portioned, and portions differ between a file read through and
 * an intermediate: equal ones make it a function of the samples alone. */
static struct ad_pad portions(struct ad_graph *graph, struct ad_pad in)
{
    in = ad_graph_chain(graph, "asetnsamples", in);
    ad_graph_set_int(graph, in, "nb_out_samples", 4096);
    ad_graph_set_int(graph, in, "pad", 0);
    return in;
}

/* Outside 0.5..2 a single atempo skips or repeats coarsely: halvings and doublings, which are exact, come first. */
struct ad_pad ad_rate_tempo(struct ad_graph *graph, struct ad_pad in,
                            const struct ad_rate *rate, int64_t samples)
{
    double tempo = rate->value;
    in = portions(graph, in);
    while (tempo > 2 || tempo < 0.5) {
        double factor = tempo > 2 ? 2 : 0.5;
        in = ad_graph_chain(graph, "atempo", in);
        ad_graph_set_double(graph, in, "tempo", factor);
        tempo /= factor;
    }
    if (tempo != 1) {
        in = ad_graph_chain(graph, "atempo", in);
        ad_graph_set_double(graph, in, "tempo", tempo);
    }
    return ad_audio_hold(graph, in, samples);
}

/* The samples are said to have the rate p and resampled to q, both times a factor that brings them near the working
 * rate: what the filter needs is their proportion. */
struct ad_pad ad_rate_tape(const struct ad_op_call *call, struct ad_graph *graph,
                           struct ad_pad in, const struct ad_rate *rate, int64_t samples)
{
    int64_t factor = call->format->sample_rate / rate->q;
    if (factor < 1)
        factor = 1;
    in = ad_graph_chain(graph, "asetrate", portions(graph, in));
    ad_graph_set_int(graph, in, "sample_rate", rate->p * factor);
    in = ad_graph_chain(graph, "aresample", in);
    ad_graph_set_int(graph, in, "sample_rate", rate->q * factor);
    ad_graph_set(graph, in, "internal_sample_fmt", "dblp");
    in = ad_graph_chain(graph, "asetrate", in);
    ad_graph_set_int(graph, in, "sample_rate", call->format->sample_rate);
    in = ad_graph_chain(graph, "asetpts", in);
    ad_graph_set(graph, in, "expr", "N");
    return ad_audio_hold(graph, in, samples);
}
