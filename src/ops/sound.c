/* SPDX-License-Identifier: MIT
 *
 * Sound pieces of filter graphs. Positions are sample numbers at the working rate.
 */
#include "ops/op.h"

const char *ad_channel_layout(int64_t channels)
{
    return channels == 1 ? "mono" : "stereo";
}

struct ad_pad ad_audio_cut(struct ad_graph *graph, struct ad_pad in, int64_t from, int64_t to)
{
    struct ad_pad out = ad_graph_chain(graph, "atrim", in);
    if (from > 0)
        ad_graph_set_int(graph, out, "start_pts", from);
    ad_graph_set_int(graph, out, "end_pts", to);
    if (from > 0) {
        out = ad_graph_chain(graph, "asetpts", out);
        ad_graph_setf(graph, out, "expr", "PTS-%lld", (long long)from);
    }
    return out;
}

struct ad_pad ad_audio_hold(struct ad_graph *graph, struct ad_pad in, int64_t samples)
{
    return ad_audio_cut(graph, ad_graph_chain(graph, "apad", in), 0, samples);
}

struct ad_pad ad_audio_silence(struct ad_graph *graph, const struct ad_format *format,
                               int64_t samples)
{
    struct ad_pad out = ad_graph_filter(graph, "anullsrc", NULL, 0);
    ad_graph_set(graph, out, "channel_layout", ad_channel_layout(format->channels));
    ad_graph_set_int(graph, out, "sample_rate", format->sample_rate);
    return ad_audio_cut(graph, out, 0, samples);
}

struct ad_pad ad_audio_split(struct ad_graph *graph, struct ad_pad in, uint32_t outputs)
{
    struct ad_pad out = ad_graph_chain(graph, "asplit", in);
    ad_graph_set_int(graph, out, "outputs", outputs);
    return out;
}

struct ad_pad ad_audio_join(struct ad_graph *graph, const struct ad_pad *parts, size_t count,
                            const struct ad_format *format)
{
    if (count == 1)
        return parts[0];
    struct ad_pad out = ad_graph_filter(graph, "concat", parts, count);
    ad_graph_set_int(graph, out, "n", (int64_t)count);
    ad_graph_set_int(graph, out, "v", 0);
    ad_graph_set_int(graph, out, "a", 1);
    out = ad_graph_chain(graph, "asettb", out);
    ad_graph_setf(graph, out, "expr", "1/%lld", (long long)format->sample_rate);
    out = ad_graph_chain(graph, "asetpts", out);
    ad_graph_set(graph, out, "expr", "N");
    return out;
}

struct ad_pad ad_audio_fade(struct ad_graph *graph, struct ad_pad in, const char *type,
                            int64_t start, int64_t samples, const char *curve)
{
    struct ad_pad out = ad_graph_chain(graph, "afade", in);
    ad_graph_set(graph, out, "type", type);
    ad_graph_set_int(graph, out, "start_sample", start);
    ad_graph_set_int(graph, out, "nb_samples", samples);
    ad_graph_set(graph, out, "curve", curve);
    return out;
}

struct ad_pad ad_audio_double(struct ad_graph *graph, struct ad_pad in)
{
    struct ad_pad out = ad_graph_chain(graph, "aformat", in);
    ad_graph_set(graph, out, "sample_fmts", "dblp");
    return out;
}

struct ad_pad ad_audio_scale(struct ad_graph *graph, struct ad_pad in, double factor)
{
    if (factor == 1)
        return in;
    struct ad_pad out = ad_graph_chain(graph, "volume", in);
    ad_graph_set_double(graph, out, "volume", factor);
    ad_graph_set(graph, out, "precision", "double");
    return out;
}

struct ad_pad ad_audio_eval(struct ad_graph *graph, struct ad_pad in, const char *expr,
                            int64_t channels)
{
    struct ad_pad out = ad_graph_chain(graph, "aeval", in);
    ad_graph_set(graph, out, "exprs", expr);
    ad_graph_set(graph, out, "channel_layout", ad_channel_layout(channels));
    return out;
}
