/* SPDX-License-Identifier: MIT
 *
 * From an analysis document to times, on the time line of the step that was analysed. An analysis tells seconds of an input; the step
 * shows a piece of it.
 */
#include <string.h>

#include "plan/expand.h"

/* ---- where it comes from ---- */

static bool is_seen(struct ad_str feature)
{
    static const char *const pictures[] = {"scene_changes", "motion", "motion_tempo", "black",
                                           "freeze"};
    for (size_t i = 0; i < sizeof(pictures) / sizeof(pictures[0]); i++)
        if (ad_str_is(feature, pictures[i]))
            return true;
    return false;
}

/* The input of a MUX that gives what is looked at. */
static uint32_t mux_input(const struct ad_step *step, struct ad_str feature)
{
    uint32_t i = 0;
    while (i + 1 < step->input_count &&
           strcmp(step->inputs[i].slot, is_seen(feature) ? "video" : "audio") != 0)
        i++;
    return step->inputs[i].step;
}

enum artdag_err ad_signal_origin(struct ad_maker *m, uint32_t index, struct ad_str feature,
                                 struct ad_signal_origin *ret)
{
    const struct ad_plan *plan = m->planner.plan;
    const struct ad_step *step = &plan->steps[index];
    struct ad_span span = {0, step->edge.frames};
    while (!ad_step_is_source(step)) {
        if (strcmp(step->op->node_type, "SEGMENT") == 0) {
            int64_t start = ad_value_get(step->config, "start")->integer;
            span = (struct ad_span){span.from + start, span.to + start};
            step = &plan->steps[step->inputs[0].step];
        } else if (strcmp(step->op->node_type, "MUX") == 0) {
            step = &plan->steps[mux_input(step, feature)];
        } else {
            enum artdag_err rc = ad_error_set(
                m->err, ARTDAG_E_UNSUPPORTED, ROOM,
                "what %s makes cannot be analysed while a plan is made", step->op->node_type);
            ad_error_hint(m->err,
                          "analyse a SOURCE or a SEGMENT of one; or render it, and give "
                          "that film as an input");
            return rc;
        }
    }
    *ret = (struct ad_signal_origin){&plan->inputs[step->input], span};
    return ARTDAG_OK;
}

const struct ad_value *ad_signal_part(const struct ad_value *document, const char *name)
{
    while (document && *name) {
        char key[64];
        size_t len = strcspn(name, ".");
        if (len >= sizeof(key))
            return NULL;
        memcpy(key, name, len);
        key[len] = 0;
        document = ad_value_get(document, key);
        name += len + (name[len] == '.');
    }
    return document;
}

enum artdag_err ad_signal_missing(struct ad_maker *m, const struct ad_plan_input *input,
                                  struct ad_str feature)
{
    enum artdag_err rc =
        ad_error_set(m->err, ARTDAG_E_NOTFOUND, ROOM, "there are no %.*s in the analysis of %s",
                     AD_STR_ARG(feature), input->name);
    if (input->features)
        ad_error_hint(m->err, "is there %s in it?", is_seen(feature) ? "a picture" : "sound");
    else
        ad_error_hint(m->err, "it was not analysed; give one with --analysis %s=FILE",
                      input->name);
    return rc;
}

/* ---- times ---- */

/* A list of numbers, of maps with a time, or a map that holds one. */
static const struct ad_value *times_of(const struct ad_value *document, struct ad_str feature)
{
    static const struct {
        const char *feature;
        const char *names[3];
    } places[] = {
        {"beats", {"audio.beats.beat_times"}},
        {"downbeats", {"audio.beats.downbeat_times"}},
        {"onsets", {"audio.onsets.times", "audio.onsets.onset_times", "audio.onsets"}},
        {"silence", {"audio.silence.ranges", "audio.silence"}},
        {"scene_changes", {"video.scene_changes.times", "video.scene_changes"}},
        {"black", {"video.black.ranges", "video.black"}},
        {"freeze", {"video.freeze.ranges", "video.freeze"}},
    };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        for (size_t k = 0; k < 3 && places[i].names[k]; k++) {
            if (!ad_str_is(feature, places[i].feature))
                continue;
            const struct ad_value *times = ad_signal_part(document, places[i].names[k]);
            if (times && times->kind == AD_VALUE_LIST)
                return times;
        }
    return NULL;
}

static const struct ad_value *time_of(const struct ad_value *item)
{
    if (item->kind == AD_VALUE_LIST) /* of ranges: the start */
        return item->list.len ? item->list.items[0] : NULL;
    if (item->kind != AD_VALUE_MAP)
        return item;
    const struct ad_value *time = ad_value_get(item, "time");
    return time ? time : ad_value_get(item, "start");
}

struct ad_str ad_signal_feature(const struct ad_signal *signal, struct ad_str path)
{
    struct ad_str name = path.len ? path : signal->feature;
    if (ad_str_is(name, "bars")) /* they begin with their downbeats */
        return AD_STR_LIT("downbeats");
    return ad_str_is(name, "motion_tempo") ? AD_STR_LIT("motion") : name;
}

/* "" asks for the node's own feature. */
static enum artdag_err what_times(struct ad_maker *m, const struct ad_signal *signal,
                                  struct ad_str path, struct ad_str *ret)
{
    static const char *const known[] = {"beats", "downbeats",     "onsets", "silence",
                                        "black", "scene_changes", "freeze", NULL};
    struct ad_str name = ad_signal_feature(signal, path);
    for (size_t i = 0; known[i]; i++)
        if (ad_str_is(name, known[i])) {
            *ret = name;
            return ARTDAG_OK;
        }
    enum artdag_err rc = ad_error_set(m->err, ARTDAG_E_FORMAT, ROOM,
                                      "\"%.*s\" is no list of times", AD_STR_ARG(name));
    ad_error_hint(m->err,
                  "beats, downbeats, onsets, scene_changes, silence, black and freeze are");
    return rc;
}

/* All of them in frames of the input, as they come. */
static enum artdag_err read_times(struct ad_maker *m, const struct ad_value *list,
                                  ad_frame_vec *ret)
{
    if (list->list.len > AD_LIST_ITEMS_MAX)
        return ad_error_set(m->err, ARTDAG_E_LIMIT, ROOM, "an analysis has more than %d times",
                            AD_LIST_ITEMS_MAX);
    for (size_t i = 0; i < list->list.len; i++) {
        const struct ad_value *time = time_of(list->list.items[i]);
        int64_t frame = 0;
        if (!time || (time->kind != AD_VALUE_INT && time->kind != AD_VALUE_DOUBLE))
            return ad_error_set(m->err, ARTDAG_E_FORMAT, ROOM,
                                "time %zu of an analysis is no number", i);
        if (time->kind == AD_VALUE_INT ? time->integer < 0 : time->number < 0)
            continue;
        struct ad_value bare = *time;
        bare.line = 0; /* of the document, not of the recipe */
        enum artdag_err rc =
            ad_time_to_frames(&bare, &m->planner.plan->format, NULL, &frame, m->err);
        if (rc != ARTDAG_OK)
            return rc;
        if (!ad_vec_push(ret, frame))
            return ad_error_nomem(m->err, ROOM);
    }
    return ARTDAG_OK;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* What is inside the piece, counted from its start; then skip, every, min_interval. */
static void choose(const struct ad_signal *signal, struct ad_span span, ad_frame_vec *times)
{
    size_t kept = 0;
    int64_t number = 0, last = -1;
    if (times->len > 1)
        qsort(times->items, times->len, sizeof(*times->items), by_number);
    for (size_t i = 0; i < times->len; i++) {
        int64_t frame = times->items[i] - span.from;
        bool inside = frame >= 0 && frame <= span.to - span.from;
        bool same = last >= 0 && frame == last;
        if (!inside || same)
            continue;
        last = frame;
        int64_t n = number++ - signal->skip;
        if (n < 0 || n % signal->every != 0)
            continue;
        if (kept && frame - times->items[kept - 1] < signal->min_interval)
            continue;
        times->items[kept++] = frame;
    }
    times->len = kept;
}

enum artdag_err ad_signal_times(struct ad_maker *m, const struct ad_signal *signal,
                                struct ad_str path, ad_frame_vec *ret)
{
    struct ad_signal_origin origin;
    struct ad_str feature = {0};
    enum artdag_err rc = what_times(m, signal, path, &feature);
    if (rc == ARTDAG_OK)
        rc = ad_signal_origin(m, signal->step, feature, &origin);
    if (rc != ARTDAG_OK)
        return rc;
    const struct ad_value *list = times_of(origin.input->features, feature);
    if (!list)
        return ad_signal_missing(m, origin.input, feature);
    rc = read_times(m, list, ret);
    if (rc == ARTDAG_OK)
        choose(signal, origin.span, ret);
    return rc;
}

enum artdag_err ad_signal_named(struct ad_maker *m, const struct ad_recipe_signal *named,
                                struct ad_signal *ret)
{
    struct ad_yield yield = m->yields[named->node];
    if (yield.kind == AD_YIELD_SIGNAL) {
        *ret = m->signals.items[yield.first];
        return ARTDAG_OK;
    }
    *ret = (struct ad_signal){
        .step = m->steps[named->node], .feature = AD_STR_LIT("all"), .every = 1};
    return ARTDAG_OK;
}
