/* SPDX-License-Identifier: MIT
 *
 * A bind: from a signal to a number for each frame. Between reading the analysis and giving the number there are only
 * integers: the way through the domain in units of 2^-30, times in microseconds.
 */
#include <string.h>

#include "plan/expand.h"

#define ONE (INT64_C(1) << 30)
#define FRAMES_MAX 2000000
#define VALUE_MAX 1e15 /* beyond what any field takes; whole numbers are exact below */
#define POINTS_MAX 10000000

struct point {
    int64_t us; /* on the time line of the input */
    double value;
};

struct following {
    struct ad_maker *m;
    const struct ad_value *bind; /* normalised */
    const struct ad_signal *signal;
    struct ad_signal_origin origin;
    struct ad_str feature;
    AD_VEC(struct point) points;
    ad_frame_vec pulses; /* microseconds */
    int64_t frames;
    int64_t *levels; /* per frame, 0 .. ONE */
    int64_t margin;  /* frames before the first and behind the last that smoothing looks at */
};

/* ---- reading ---- */

static int64_t us_of(double seconds)
{
    return (int64_t)(seconds * 1e6 + (seconds < 0 ? -0.5 : 0.5));
}

static bool number_of(const struct ad_value *v, double *ret)
{
    if (!v || (v->kind != AD_VALUE_INT && v->kind != AD_VALUE_DOUBLE))
        return false;
    *ret = v->kind == AD_VALUE_INT ? (double)v->integer : v->number;
    return *ret > -1e9 && *ret < 1e9;
}

static enum artdag_err not_numbers(struct following *f)
{
    return ad_error_set(f->m->err, ARTDAG_E_FORMAT, ROOM,
                        "%.*s in the analysis of %s are not equally many numbers",
                        AD_STR_ARG(f->feature), f->origin.input->name);
}

/* A value stands for the middle of its window. */
static enum artdag_err read_points(struct following *f, const struct ad_value *times,
                                   const struct ad_value *values, double window_ms)
{
    if (times->kind != AD_VALUE_LIST || values->kind != AD_VALUE_LIST ||
        times->list.len != values->list.len || times->list.len > POINTS_MAX)
        return not_numbers(f);
    if (!ad_vec_reserve(&f->points, times->list.len + 1))
        return ad_error_nomem(f->m->err, ROOM);
    for (size_t i = 0; i < times->list.len; i++) {
        struct point *point = &f->points.items[f->points.len];
        double time = 0;
        if (!number_of(times->list.items[i], &time) ||
            !number_of(values->list.items[i], &point->value))
            return not_numbers(f);
        point->us = us_of(time + window_ms / 2000);
        if (f->points.len && point->us <= f->points.items[f->points.len - 1].us)
            return not_numbers(f);
        f->points.len++;
    }
    return ARTDAG_OK;
}

/* One value per picture of the input. */
static enum artdag_err read_frames(struct following *f, const struct ad_value *values,
                                   double rate)
{
    if (values->kind != AD_VALUE_LIST || values->list.len > POINTS_MAX || !(rate > 0.001))
        return not_numbers(f);
    for (size_t i = 0; i < values->list.len; i++) {
        struct point point = {.us = us_of((double)i / rate)};
        if (!number_of(values->list.items[i], &point.value))
            return not_numbers(f);
        if (!ad_vec_push(&f->points, point))
            return ad_error_nomem(f->m->err, ROOM);
    }
    return ARTDAG_OK;
}

static double number_at(const struct ad_value *document, const char *name, double fallback)
{
    double number = fallback;
    return number_of(ad_signal_part(document, name), &number) ? number : fallback;
}

static double picture_rate(const struct ad_value *document)
{
    const struct ad_value *rate = ad_signal_part(document, "video.frame_rate");
    double num = 0, den = 1;
    if (number_of(rate, &num))
        return num;
    if (number_of(ad_value_get(rate, "num"), &num) &&
        number_of(ad_value_get(rate, "den"), &den) && den > 0)
        return num / den;
    return 0;
}

static enum artdag_err read_curve(struct following *f)
{
    static const struct {
        const char *feature, *times, *values, *window;
    } curves[] = {
        {"energy", "audio.energy.times", "audio.energy.values", "audio.energy.window_ms"},
        {"spectrum.bass", "audio.spectrum.times", "audio.spectrum.bass",
         "audio.spectrum.window_ms"},
        {"spectrum.mid", "audio.spectrum.times", "audio.spectrum.mid",
         "audio.spectrum.window_ms"},
        {"spectrum.high", "audio.spectrum.times", "audio.spectrum.high",
         "audio.spectrum.window_ms"},
        {"tempo", "audio.tempo.times", "audio.tempo.values", ""},
        {"motion", "video.motion.times", "video.motion.values", ""},
    };
    const struct ad_value *document = f->origin.input->features;
    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        if (!ad_str_is(f->feature, curves[i].feature))
            continue;
        const struct ad_value *times = ad_signal_part(document, curves[i].times);
        const struct ad_value *values = ad_signal_part(document, curves[i].values);
        if (times && values)
            return read_points(f, times, values, number_at(document, curves[i].window, 0));
        if (values)
            return read_frames(f, values, picture_rate(document));
        return ad_signal_missing(f->m, f->origin.input, f->feature);
    }
    enum artdag_err rc = ad_error_set(f->m->err, ARTDAG_E_FORMAT, ROOM,
                                      "nothing can follow \"%.*s\"", AD_STR_ARG(f->feature));
    ad_error_hint(f->m->err, "energy, spectrum.bass, .mid, .high, beats, downbeats, onsets, "
                             "scene_changes, motion and tempo are signals");
    return rc;
}

static bool is_pulses(struct ad_str feature)
{
    return ad_str_is(feature, "beats") || ad_str_is(feature, "downbeats") ||
           ad_str_is(feature, "onsets") || ad_str_is(feature, "scene_changes");
}

/* ---- levels ---- */

static void domain_of(const struct following *f, double *ret_low, double *ret_high)
{
    const struct ad_value *domain = ad_value_get(f->bind, "domain");
    if (domain) {
        *ret_low = domain->list.items[0]->number;
        *ret_high = domain->list.items[1]->number;
        return;
    }
    *ret_low = *ret_high = f->points.len ? f->points.items[0].value : 0;
    for (size_t i = 0; i < f->points.len; i++) {
        double value = f->points.items[i].value;
        *ret_low = value < *ret_low ? value : *ret_low;
        *ret_high = value > *ret_high ? value : *ret_high;
    }
}

static int64_t level_of(double value, double low, double high)
{
    double part = high == low ? 0 : (value - low) / (high - low);
    part = part < -1024 ? -1024 : part > 1024 ? 1024 : part;
    return (int64_t)(part * (double)ONE + (part < 0 ? -0.5 : 0.5));
}

/* Cutting off comes after the line is drawn. */
static int64_t clip(int64_t level)
{
    return level < 0 ? 0 : level > ONE ? ONE : level;
}

/* The time of a frame of the node, on the input's time line. */
static int64_t frame_us(const struct following *f, int64_t frame)
{
    const struct ad_format *format = &f->m->planner.plan->format;
    int64_t at = f->origin.span.from + ad_value_get(f->bind, "offset")->integer + frame;
    if (at < 0)
        return -ad_muldiv_round(-at * format->fps_den, 1000000, format->fps_num);
    return ad_muldiv_round(at * format->fps_den, 1000000, format->fps_num);
}

/* Straight lines between the points. */
static void sample_points(struct following *f)
{
    double low = 0, high = 0;
    size_t next = 0;
    domain_of(f, &low, &high);
    for (int64_t i = 0; f->points.len && i < f->frames + 2 * f->margin; i++) {
        int64_t us = frame_us(f, i - f->margin);
        while (next < f->points.len && f->points.items[next].us <= us)
            next++;
        const struct point *b = &f->points.items[next < f->points.len ? next : next - 1];
        const struct point *a = &f->points.items[next ? next - 1 : 0];
        int64_t x = level_of(a->value, low, high), y = level_of(b->value, low, high);
        int64_t part = b->us > a->us ? us - a->us : 0,
                whole = b->us > a->us ? b->us - a->us : 1;
        f->levels[i] = clip(y >= x ? x + ad_muldiv_round(y - x, part, whole)
                                   : x - ad_muldiv_round(x - y, part, whole));
    }
}

static void sample_pulses(struct following *f)
{
    const struct ad_format *format = &f->m->planner.plan->format;
    int64_t decay = ad_muldiv_round(ad_value_get(f->bind, "decay")->integer * format->fps_den,
                                    1000000, format->fps_num);
    size_t next = 0;
    for (int64_t i = 0; i < f->frames + 2 * f->margin; i++) {
        int64_t us = frame_us(f, i - f->margin);
        while (next < f->pulses.len && f->pulses.items[next] <= us)
            next++;
        int64_t since = next ? us - f->pulses.items[next - 1] : decay + 1;
        /* The frame on which a pulse falls shows it even when it has no length. */
        f->levels[i] = since == 0      ? ONE
                       : since < decay ? ONE - ad_muldiv_floor(since, ONE, decay)
                                       : 0;
    }
}

/* Pulses begin on frames, as cuts do. */
static enum artdag_err read_pulses(struct following *f)
{
    ad_frame_vec times = {0};
    struct ad_signal whole = *f->signal;
    enum artdag_err rc = ad_signal_times(f->m, &whole, f->feature, &times);
    for (size_t i = 0; rc == ARTDAG_OK && i < times.len; i++) {
        int64_t offset = ad_value_get(f->bind, "offset")->integer;
        if (!ad_vec_push(&f->pulses, frame_us(f, times.items[i] - offset)))
            rc = ad_error_nomem(f->m->err, ROOM);
    }
    ad_vec_fini(&times);
    return rc;
}

/* ---- shaping ---- */

/* The mean of the frames around each; afterwards levels[0] is frame 0. */
static void smooth(struct following *f)
{
    int64_t window = 2 * f->margin + 1, sum = 0;
    for (int64_t i = 0; i < 2 * f->margin; i++)
        sum += f->levels[i];
    for (int64_t i = 0; i < f->frames; i++) {
        int64_t first = f->levels[i];
        sum += f->levels[i + 2 * f->margin];
        f->levels[i] = (sum + window / 2) / window;
        sum -= first;
    }
}

static int64_t square_root(int64_t n)
{
    int64_t low = 0, high = ONE;
    while (low < high) {
        int64_t middle = low + (high - low + 1) / 2;
        if (middle * middle <= n)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static int64_t bend(int64_t level, struct ad_str curve)
{
    if (ad_str_is(curve, "square"))
        return level * level / ONE;
    if (ad_str_is(curve, "root"))
        return square_root(level * ONE);
    if (ad_str_is(curve, "smooth")) /* 3 x^2 - 2 x^3 */
        return level * level / ONE * (3 * ONE - 2 * level) / ONE;
    return level;
}

static void quantise(struct following *f)
{
    int64_t steps = ad_value_get(f->bind, "steps")->integer;
    int64_t hold = ad_value_get(f->bind, "hold")->integer;
    struct ad_str curve = ad_value_get(f->bind, "curve")->string;
    for (int64_t i = 0; i < f->frames; i++) {
        if (hold > 1 && i % hold)
            f->levels[i] = f->levels[i - 1];
        else
            f->levels[i] = (bend(f->levels[i], curve) * steps + ONE / 2) / ONE;
    }
}

static enum artdag_err follow(struct following *f)
{
    int64_t places = f->frames + 2 * f->margin;
    bool pulses = is_pulses(f->feature);
    if (places > FRAMES_MAX)
        return ad_error_set(f->m->err, ARTDAG_E_LIMIT, ROOM, "a bind over more than %d frames",
                            FRAMES_MAX);
    f->levels = ad_alloc_array((size_t)places, sizeof(*f->levels));
    if (!f->levels)
        return ad_error_nomem(f->m->err, ROOM);
    enum artdag_err rc = pulses ? read_pulses(f) : read_curve(f);
    if (rc != ARTDAG_OK)
        return rc;
    if (pulses)
        sample_pulses(f);
    else
        sample_points(f);
    smooth(f);
    quantise(f);
    return ARTDAG_OK;
}

enum artdag_err ad_follow_bind(struct ad_maker *m, const struct ad_recipe_signal *named,
                               const struct ad_value *bind, int64_t frames,
                               struct ad_followed *ret)
{
    struct ad_signal signal;
    struct following f = {.m = m, .signal = &signal, .frames = frames};
    enum artdag_err rc =
        ad_config_normalise(&m->arena, ad_bind_fields, bind, &m->planner.plan->format,
                            m->recipe->file, &f.bind, m->err);
    if (rc == ARTDAG_OK)
        rc = ad_signal_named(m, named, &signal);
    if (rc == ARTDAG_OK) {
        f.feature = ad_signal_feature(&signal, named->path);
        f.margin = ad_value_get(f.bind, "smooth")->integer / 2;
        rc = ad_signal_origin(m, signal.step, f.feature, &f.origin);
    }
    if (rc == ARTDAG_OK)
        rc = follow(&f);
    ad_vec_fini(&f.points);
    ad_vec_fini(&f.pulses);
    if (rc != ARTDAG_OK) {
        free(f.levels);
        return rc;
    }
    const struct ad_value *range = ad_value_get(f.bind, "range");
    *ret = (struct ad_followed){
        .levels = f.levels,
        .frames = frames,
        .steps = ad_value_get(f.bind, "steps")->integer,
        .low = range->list.items[0]->number,
        .high = range->list.items[1]->number,
    };
    return ARTDAG_OK;
}

/* Billionths are kept, so that what is meant as 0.3 is written so. */
double ad_followed_value(const struct ad_followed *f, int64_t frame)
{
    double level = (double)f->levels[frame], steps = (double)f->steps;
    double value = (f->low * (steps - level) + f->high * level) / steps;
    if (!(value > -VALUE_MAX && value < VALUE_MAX))
        value = value < 0 ? -VALUE_MAX : VALUE_MAX;
    if (value > -1e6 && value < 1e6)
        value = (double)(int64_t)(value * 1e9 + (value < 0 ? -0.5 : 0.5)) / 1e9;
    return value;
}
