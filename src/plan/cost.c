/* SPDX-License-Identifier: MIT
 *
 * What work consists of: pieces of kinds, each with the milliseconds and bytes that one piece took when this was
 * designed (one thread; per frame of 1280 x 720 in the tables, per million pixels in kinds). What a machine really takes is learned
 * per kind (estimate.c).
 */
#include <stdio.h>
#include <string.h>

#include "plan/planner.h"

#define TABLE_PIXELS (1280.0 * 720.0)
#define MEGA 1e6
#define PER_MEGA(x) ((x)*MEGA / TABLE_PIXELS)

struct rate {
    const char *name;
    double ms;
    double neutral; /* an effect of this value costs nothing */
};

static const struct rate ops[] = {
    {"RESIZE", 2.1, 0},  {"SEQUENCE", 1.5, 0}, {"SOURCE", 2.1, 0},
    {"SEGMENT", 0.1, 0}, {"MUX", 0.1, 0},      {"TRANSFORM", 0.1, 0},
    {"OVERLAY", 1.4, 0}, {"BLEND", 2.1, 0},    {NULL, 1.0, 0},
};
static const struct rate effects[] = {
    {"blur", 7.3, 0},        {"hue", 0.44, 0}, {"sharpen", 6.1, 0},
    {"brightness", 0.15, 0}, {NULL, 0.15, 1},
};
static const struct rate presets[] = {
    {"ultrafast", 4.5, 0}, {"superfast", 8, 0},  {"veryfast", 11, 0},
    {"faster", 20, 0},     {"medium", 35, 0},    {"slow", 55, 0},
    {"slower", 100, 0},    {"veryslow", 200, 0}, {NULL, 28, 0},
};

static const struct rate *find_rate(const struct rate *rates, struct ad_str name)
{
    while (rates->name && !ad_str_is(name, rates->name))
        rates++;
    return rates;
}

/* One part: name is "a", "a.b" or "a.b.c". */
struct telling {
    ad_cost_fn fn;
    void *payload;
};

static void tell(const struct telling *t, const char *name, double ms, double bytes,
                 double amount)
{
    struct ad_kind kind = {
        .name = name, .ms = ms, .bytes = bytes, .prior_ms = ms, .prior_bytes = bytes};
    if (amount > 0)
        t->fn(t->payload, &kind, amount);
}

static double mega_pixels(int64_t width, int64_t height)
{
    return (double)width * (double)height / MEGA;
}

static double seconds(const struct ad_plan *plan, int64_t frames)
{
    return (double)frames * (double)plan->format.fps_den / (double)plan->format.fps_num;
}

static struct ad_str text_at(const struct ad_value *map, const char *key, const char *fallback)
{
    const struct ad_value *v = ad_value_get(map, key);
    return v && v->kind == AD_VALUE_STRING ? v->string : ad_str_from(fallback);
}

/* ---- ops ---- */

static bool has_effect(const struct ad_member *effect, double neutral)
{
    const struct ad_value *v = effect->value;
    double value = v->kind == AD_VALUE_INT ? (double)v->integer : neutral;
    if (v->kind == AD_VALUE_DOUBLE)
        value = v->number;
    return v->kind == AD_VALUE_MAP || value < neutral || value > neutral;
}

static void tell_effects(const struct telling *t, const struct ad_step *step, double amount)
{
    const struct ad_value *applied = ad_value_get(step->config, "effects");
    char name[64];
    for (size_t i = 0; applied && applied->kind == AD_VALUE_MAP && i < applied->map.len; i++) {
        const struct ad_member *effect = &applied->map.items[i];
        const struct rate *rate = find_rate(effects, effect->key);
        if (!has_effect(effect, rate->neutral))
            continue;
        (void)snprintf(name, sizeof(name), "%s.%.*s", step->op->node_type, (int)effect->key.len,
                       effect->key.ptr);
        tell(t, name, PER_MEGA(rate->ms), 0, amount);
    }
}

static void tell_encode(const struct telling *t, const struct ad_step *step, double amount)
{
    struct ad_str profile = text_at(step->config, "profile", "web");
    struct ad_str preset = text_at(step->config, "preset", "");
    bool lossless = ad_str_is(profile, "master");
    char name[64];
    (void)snprintf(name, sizeof(name), "%s.%.*s%s%.*s", step->op->node_type, (int)profile.len,
                   profile.ptr, preset.len ? "." : "", (int)preset.len, preset.ptr);
    tell(t, name, PER_MEGA(lossless ? 38.0 : find_rate(presets, preset)->ms),
         PER_MEGA(lossless ? 438e3 : 20e3), amount);
}

void ad_cost_op(const struct ad_plan *plan, const struct ad_step *step, int64_t frames,
                struct ad_media media, ad_cost_fn fn, void *payload)
{
    const struct telling t = {fn, payload};
    const struct ad_edge *edge = &step->edge;
    const char *type = step->op->node_type;
    double amount = (double)frames * mega_pixels(edge->width, edge->height);
    char name[64];
    if (media.video && edge->video && step->op->encode) {
        tell_encode(&t, step, amount);
    } else if (media.video && edge->video) {
        tell(&t, type, PER_MEGA(find_rate(ops, ad_str_from(type))->ms), 0, amount);
        tell_effects(&t, step, amount);
    }
    if (media.audio && edge->audio) {
        (void)snprintf(name, sizeof(name), "%s.sound", type);
        tell(&t, name, step->op->encode ? 25 : 1, step->op->encode ? 24e3 : 0,
             seconds(plan, frames));
    }
}

/* ---- leaves ---- */

static void tell_decode(const struct telling *t, const struct ad_plan *plan,
                        const struct ad_step *step, int64_t frames, struct ad_media media)
{
    const struct ad_source_info *info = &plan->sources[step->input];
    const struct ad_value *analysis = plan->inputs[step->input].analysis;
    struct ad_str codec = text_at(ad_value_get(analysis, "video"), "codec", "unknown");
    char name[64];
    if (media.video && info->video) {
        double rate = (double)info->fps_num * (double)plan->format.fps_den /
                      ((double)info->fps_den * (double)plan->format.fps_num);
        (void)snprintf(name, sizeof(name), "decode.%.*s", (int)codec.len, codec.ptr);
        tell(t, name, PER_MEGA(3.0), 0,
             (double)frames * (info->still ? 1 : rate) *
                 mega_pixels(info->width, info->height));
    }
    if (media.audio && info->audio)
        tell(t, "decode.sound", 4, 0, seconds(plan, frames));
}

void ad_cost_read(const struct ad_plan *plan, const struct ad_step *step, int64_t frames,
                  struct ad_media media, ad_cost_fn fn, void *payload)
{
    const struct telling t = {fn, payload};
    const struct ad_edge *edge = &step->edge;
    tell(&t, "leaf", 20, 0, 1);
    if (ad_step_is_source(step)) {
        tell_decode(&t, plan, step, frames, media);
        ad_cost_op(plan, step, frames, media, fn, payload);
        return;
    }
    if (media.video && edge->video)
        tell(&t, "kept", PER_MEGA(4.9), 0,
             (double)frames * mega_pixels(edge->width, edge->height));
    if (media.audio && edge->audio)
        tell(&t, "kept.sound", 0.5, 0, seconds(plan, frames));
}

void ad_cost_keep(const struct ad_plan *plan, const struct ad_step *step, int64_t frames,
                  ad_cost_fn fn, void *payload)
{
    const struct telling t = {fn, payload};
    const struct ad_edge *edge = &step->edge;
    if (step->op->encode)
        return;
    if (edge->video)
        tell(&t, "keep", PER_MEGA(2.7), PER_MEGA(578e3),
             (double)frames * mega_pixels(edge->width, edge->height));
    if (edge->audio)
        tell(&t, "keep.sound", 0.5,
             4.0 * (double)plan->format.channels * (double)plan->format.sample_rate,
             seconds(plan, frames));
}

void ad_cost_unit(ad_cost_fn fn, void *payload)
{
    const struct telling t = {fn, payload};
    tell(&t, "unit", 15, 0, 1);
}

/* Packets are copied. */
void ad_cost_join(int64_t frames, ad_cost_fn fn, void *payload)
{
    const struct telling t = {fn, payload};
    tell(&t, "join", 0.02, 0, (double)frames);
}
