/* SPDX-License-Identifier: MIT
 *
 * What a unit costs, for the order of the ready queue: milliseconds of CPU per frame of 1280 x 720 in one thread, as
 * measured for the design. Only the proportions matter.
 */
#include <string.h>

#include "plan/planner.h"

#define REFERENCE_PIXELS (1280.0 * 720.0)
#define DECODE_FOREIGN 3.0
#define DECODE_MEZZANINE 4.9
#define ENCODE_MEZZANINE 2.7
#define SOUND 0.05 /* of one frame's length, decoded, filtered and encoded */

struct rate {
    const char *name;
    double ms;
    double neutral; /* an effect of this value costs nothing */
};

static const struct rate ops[] = {
    {"ENCODE", 28, 0},  {"RESIZE", 2.1, 0}, {"SEQUENCE", 1.5, 0},
    {"SOURCE", 2.1, 0}, {NULL, 0.1, 0},
};
static const struct rate effects[] = {
    {"blur", 7.3, 0},        {"hue", 0.44, 0}, {"sharpen", 6.1, 0},
    {"brightness", 0.15, 0}, {NULL, 0.15, 1},
};

static const struct rate *find_rate(const struct rate *rates, struct ad_str name)
{
    while (rates->name && !ad_str_is(name, rates->name))
        rates++;
    return rates;
}

static double effect_rate(const struct ad_member *effect)
{
    const struct rate *rate = find_rate(effects, effect->key);
    const struct ad_value *v = effect->value;
    double value = v->kind == AD_VALUE_INT ? (double)v->integer : rate->neutral;
    if (v->kind == AD_VALUE_DOUBLE)
        value = v->number;
    return value < rate->neutral || value > rate->neutral ? rate->ms : 0;
}

static double pixels(const struct ad_step *step)
{
    const struct ad_edge *edge = &step->edge;
    return edge->video ? (double)edge->width * (double)edge->height / REFERENCE_PIXELS : 0;
}

static double sound(const struct ad_step *step, bool audio)
{
    return audio && step->edge.audio ? SOUND : 0;
}

double ad_cost_op(const struct ad_step *step, int64_t frames, bool video, bool audio)
{
    const struct ad_value *applied = ad_value_get(step->config, "effects");
    double ms = find_rate(ops, ad_str_from(step->op->node_type))->ms;
    for (size_t i = 0; applied && applied->kind == AD_VALUE_MAP && i < applied->map.len; i++)
        ms += effect_rate(&applied->map.items[i]);
    return (double)frames * ((video ? ms * pixels(step) : 0) + sound(step, audio));
}

double ad_cost_read(const struct ad_step *step, int64_t frames, bool video, bool audio)
{
    double ms = DECODE_MEZZANINE;
    if (ad_step_is_source(step))
        ms = DECODE_FOREIGN + find_rate(ops, AD_STR_LIT("SOURCE"))->ms;
    return (double)frames * ((video ? ms * pixels(step) : 0) + sound(step, audio));
}

double ad_cost_keep(const struct ad_step *step, int64_t frames)
{
    return step->op->encode ? 0 : (double)frames * ENCODE_MEZZANINE * pixels(step);
}

int64_t ad_cost_ms(double ms)
{
    if (!(ms >= 1))
        return 1;
    return ms < 1e15 ? (int64_t)ms : INT64_C(1000000000000000);
}
