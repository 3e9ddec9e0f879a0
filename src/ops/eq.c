/* SPDX-License-Identifier: MIT
 *
 * EQ: bands that raise and lower frequencies. Second-order filters after R. Bristow-Johnson's cookbook; the coefficients are
 * computed here, without libm, so that they are the same everywhere, and handed to a filter that only adds and multiplies.
 */
#include "ops/op.h"

#define BANDS_MAX 32
/* Nearer to half the sample rate the formulas still hold, but nobody hears it. */
#define TOP_OF_RATE 0.49

static const char *const types[] = {"peak",     "low_shelf", "high_shelf",
                                    "low_pass", "high_pass", NULL};

static const struct ad_field band[] = {
    {.name = "type",
     .type = AD_FIELD_ENUM,
     .fallback = "\"peak\"",
     .values = types,
     .doc = "peak: around the frequency. low_shelf and high_shelf: all below and above it. "
            "low_pass and high_pass: only what lies below and above it remains, 12 dB an "
            "octave."},
    {.name = "frequency",
     .type = AD_FIELD_NUMBER,
     .required = true,
     .min = 1,
     .max = 96000,
     .unit = "Hz",
     .doc = "Where the band is; below half the sample rate."},
    {.name = "gain_db",
     .type = AD_FIELD_NUMBER,
     .min = -60,
     .max = 60,
     .unit = "dB",
     .doc = "How much it raises; lowers when negative. Not for passes."},
    {.name = "q",
     .type = AD_FIELD_NUMBER,
     .fallback = "0.7071067811865476",
     .min = 0.05,
     .max = 100,
     .doc = "Quality: the greater, the narrower a peak is and the steeper a shelf."},
    {NULL},
};

static const struct ad_field one_band = {
    .name = "band", .type = AD_FIELD_MAP, .fields = band, .doc = "One band."};

static const struct ad_field fields[] = {
    {.name = "bands",
     .type = AD_FIELD_LIST,
     .item = &one_band,
     .required = true,
     .min = 1,
     .max = BANDS_MAX,
     .doc = "One after the other."},
    {NULL},
};

static const struct ad_slot slots[] = {{NULL, 1, 1, "whose sound to change"}, {.max = 0}};

static bool is_pass(const struct ad_value *b)
{
    return ad_conf_is(b, "type", "low_pass") || ad_conf_is(b, "type", "high_pass");
}

static enum artdag_err check_band(const struct ad_op_call *call, const struct ad_value *b,
                                  artdag_error *err)
{
    double frequency = ad_conf_number(b, "frequency", 0);
    double top = TOP_OF_RATE * (double)call->format->sample_rate;
    if (frequency > top)
        return ad_conf_bad(b, "frequency", err,
                           "at %lld samples a second a band lies below %lld Hz",
                           (long long)call->format->sample_rate, (long long)top);
    if (is_pass(b) && ad_value_get(b, "gain_db"))
        return ad_conf_bad(b, "gain_db", err, "a pass has no gain");
    if (!is_pass(b) && !ad_value_get(b, "gain_db"))
        return ad_conf_bad(b, "gain_db", err, "the key \"gain_db\" is missing");
    return ARTDAG_OK;
}

static enum artdag_err check(const struct ad_op_call *call, artdag_error *err)
{
    enum artdag_err rc = ad_op_inputs(&ad_op_eq, call, err);
    const struct ad_value *bands = ad_value_get(call->config, "bands");
    if (!rc && !call->inputs[0].edge.audio)
        rc = ad_error_set(err, ARTDAG_E_INVAL, "ops", "EQ has an input without sound");
    for (size_t i = 0; !rc && bands && i < bands->list.len; i++)
        rc = check_band(call, bands->list.items[i], err);
    return rc;
}

static enum artdag_err edge(const struct ad_op_call *call, struct ad_edge *ret,
                            artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (!rc)
        *ret = call->inputs[0].edge;
    return rc;
}

/* ---- Coefficients ---- */

struct biquad {
    double b[3], a[3];
};

static struct biquad shelf(double a, double cosine, double alpha, double side)
{
    double root = 2 * ad_dsp_sqrt(a) * alpha;
    double c = side * cosine; /* side 1: low, -1: high */
    return (struct biquad){
        {a * ((a + 1) - (a - 1) * c + root), side * 2 * a * ((a - 1) - (a + 1) * c),
         a * ((a + 1) - (a - 1) * c - root)},
        {(a + 1) + (a - 1) * c + root, side * -2 * ((a - 1) + (a + 1) * c),
         (a + 1) + (a - 1) * c - root},
    };
}

static struct biquad pass(double cosine, double alpha, double side)
{
    double edge_gain = 1 - side * cosine; /* side 1: low, -1: high */
    return (struct biquad){{edge_gain / 2, side * edge_gain, edge_gain / 2},
                           {1 + alpha, -2 * cosine, 1 - alpha}};
}

static struct biquad biquad_of(const struct ad_op_call *call, const struct ad_value *b)
{
    double cosine = 0;
    double sine = 0;
    ad_dsp_turn(ad_conf_number(b, "frequency", 1) / (double)call->format->sample_rate, &cosine,
                &sine);
    double alpha = sine / (2 * ad_conf_number(b, "q", 1));
    double a = ad_dsp_db_amplitude(ad_conf_number(b, "gain_db", 0) / 2);
    if (is_pass(b))
        return pass(cosine, alpha, ad_conf_is(b, "type", "low_pass") ? 1 : -1);
    if (!ad_conf_is(b, "type", "peak"))
        return shelf(a, cosine, alpha, ad_conf_is(b, "type", "low_shelf") ? 1 : -1);
    return (struct biquad){{1 + alpha * a, -2 * cosine, 1 - alpha * a},
                           {1 + alpha / a, -2 * cosine, 1 - alpha / a}};
}

static struct ad_pad apply(struct ad_graph *graph, struct ad_pad in, const struct biquad *f)
{
    static const char *const names[2][3] = {{"b0", "b1", "b2"}, {"a0", "a1", "a2"}};
    struct ad_pad out = ad_graph_chain(graph, "biquad", in);
    for (size_t i = 0; i < 3; i++)
        ad_graph_set_double(graph, out, names[0][i], f->b[i] / f->a[0]);
    for (size_t i = 1; i < 3; i++)
        ad_graph_set_double(graph, out, names[1][i], f->a[i] / f->a[0]);
    ad_graph_set(graph, out, "precision", "f64");
    return out;
}

static enum artdag_err build(const struct ad_op_call *call, struct ad_fragment *fragment,
                             artdag_error *err)
{
    enum artdag_err rc = check(call, err);
    if (rc)
        return rc;
    if (fragment->video)
        fragment->video_out = fragment->video_in[0];
    if (fragment->audio) {
        const struct ad_value *bands = ad_value_get(call->config, "bands");
        struct ad_pad pad = ad_audio_double(fragment->audio, fragment->audio_in[0]);
        for (size_t i = 0; i < bands->list.len; i++) {
            struct biquad f = biquad_of(call, bands->list.items[i]);
            pad = apply(fragment->audio, pad, &f);
        }
        fragment->audio_out = pad;
    }
    return ad_op_built(fragment, err);
}

static const char example[] =
    "format: {sample_rate: 48000, channels: 1}\n"
    "dag:\n"
    "  nodes:\n"
    "    - {id: hiss, type: GENERATE, config: {kind: noise, duration: 2}}\n"
    "    - id: out\n"
    "      type: EQ\n"
    "      inputs: [hiss]\n"
    "      config:\n"
    "        bands:\n"
    "          - {type: high_pass, frequency: 80}\n"
    "          - {type: peak, frequency: 300, gain_db: -9, q: 2}\n"
    "          - {type: low_pass, frequency: 1000}\n"
    "  output: out\n";

const struct ad_op ad_op_eq = {
    .node_type = "EQ",
    .summary = "raises and lowers frequencies of the sound",
    .doc = "Bands are second-order filters, computed in doubles, one after the other. The "
           "picture passes.",
    .example = example,
    .revision = 1,
    .exactness = AD_CLASS_EXACT,
    .fields = fields,
    .slots = slots,
    .needs_toolchain = true,
    .edge = edge,
    .range = ad_range_same,
    .slice = ad_slice_same,
    .joints = ad_joints_same,
    .build = build,
};
