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

static double own_rate(const struct ad_step *step)
{
    const struct ad_value *applied = ad_value_get(step->config, "effects");
    double ms = find_rate(ops, ad_str_from(step->op->node_type))->ms;
    for (size_t i = 0; applied && applied->kind == AD_VALUE_MAP && i < applied->map.len; i++)
        ms += effect_rate(&applied->map.items[i]);
    return step->op->encode ? ms : ms + ENCODE_MEZZANINE;
}

static double pixels(const struct ad_edge *edge)
{
    return edge->video ? (double)edge->width * (double)edge->height / REFERENCE_PIXELS : 0;
}

/* Reading one input: decoding it, and conforming it when it is a SOURCE. */
static double read_cost(const struct ad_plan *plan, const struct ad_step *step, uint32_t i)
{
    const struct ad_step *below = &plan->steps[step->inputs[i].step];
    bool cut = strcmp(step->op->node_type, "SEGMENT") == 0;
    int64_t frames = cut ? step->edge.frames : below->edge.frames;
    double ms = ad_plan_inlines(below)
                    ? DECODE_FOREIGN + find_rate(ops, AD_STR_LIT("SOURCE"))->ms
                    : DECODE_MEZZANINE;
    return (double)frames * (ms * pixels(&below->edge) + (below->edge.audio ? SOUND : 0));
}

int64_t ad_plan_cost(const struct ad_plan *plan, const struct ad_step *step)
{
    double ms = (double)step->edge.frames *
                (own_rate(step) * pixels(&step->edge) + (step->edge.audio ? SOUND : 0));
    for (uint32_t i = 0; i < step->input_count; i++)
        ms += read_cost(plan, step, i);
    if (ms < 1)
        return 1;
    return ms < 1e15 ? (int64_t)ms : INT64_C(1000000000000000);
}
