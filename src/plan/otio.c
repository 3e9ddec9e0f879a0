/* SPDX-License-Identifier: MIT
 *
 * A plan's film as an OpenTimelineIO timeline: which frames of which input are seen when. Every op says which frames pass
 * through it (joints), so clips are followed down to their sources; the joints of SEQUENCE become transitions. What is
 * computed (layers, titles ...) becomes a clip without media that bears the step's name; so do effects on a clip,
 * which are only named in its metadata.
 */
#include <string.h>

#include "plan/planner.h"

#define CLIPS_MAX 100000U

/* Frames of a step that follow one another. */
struct piece {
    uint32_t step;
    struct ad_span span;
    int64_t joint; /* this is no piece but a transition of so many frames */
};

/* One item of a track. */
struct clip {
    uint32_t step;
    int64_t start, frames;
    int64_t joint; /* as above */
};

struct follow {
    const struct ad_plan *plan;
    struct ad_arena arena;
    AD_VEC(struct piece) open; /* still to be followed; the earliest is last */
    AD_VEC(struct clip) clips;
    artdag_error *err;
};

static enum artdag_err open_piece(struct follow *f, uint32_t step, int64_t from, int64_t to,
                                  int64_t joint)
{
    struct piece piece = {step, {from, to}, joint};
    if (f->open.len + f->clips.len >= CLIPS_MAX)
        return ad_error_set(f->err, ARTDAG_E_LIMIT, ROOM, "the timeline has too many clips");
    if ((from < to || joint) && !ad_vec_push(&f->open, piece))
        return ad_error_nomem(f->err, ROOM);
    return ARTDAG_OK;
}

static enum artdag_err add_clip(struct follow *f, uint32_t step, int64_t start, int64_t frames,
                                int64_t joint)
{
    struct clip clip = {step, start, frames, joint};
    return ad_vec_push(&f->clips, clip) ? ARTDAG_OK : ad_error_nomem(f->err, ROOM);
}

/* Frames that no piece accounts for are a transition of SEQUENCE when they lie between two clips. */
static bool is_joint(const struct ad_step *step, int64_t from, int64_t to)
{
    const struct ad_value *transition = ad_value_get(step->config, "transition");
    const struct ad_value *type = ad_value_get(transition, "type");
    return strcmp(step->op->node_type, "SEQUENCE") == 0 && from > 0 && to < step->edge.frames &&
           type && type->kind == AD_VALUE_STRING && !ad_str_is(type->string, "cut") &&
           !ad_str_is(type->string, "fade");
}

static enum artdag_err follow_gap(struct follow *f, const struct piece *piece, int64_t from,
                                  int64_t to)
{
    const struct ad_step *step = &f->plan->steps[piece->step];
    if (from >= to)
        return ARTDAG_OK;
    if (is_joint(step, from, to))
        return open_piece(f, piece->step, 0, 0, to - from);
    /* A clip of the step itself: marked by a negative joint, so that it is not followed again. */
    return open_piece(f, piece->step, from, to, -1);
}

/* The pieces of one step, last first. */
static enum artdag_err follow_pieces(struct follow *f, const struct piece *piece,
                                     const struct ad_joints *joints)
{
    const struct ad_step *step = &f->plan->steps[piece->step];
    int64_t end = piece->span.to;
    enum artdag_err rc = ARTDAG_OK;
    for (size_t i = joints->piece_count; rc == ARTDAG_OK && i-- > 0;) {
        const struct ad_piece *p = &joints->pieces[i];
        int64_t from = p->at > piece->span.from ? p->at : piece->span.from;
        int64_t to = p->at + (p->in.to - p->in.from);
        to = to < end ? to : end;
        if (from >= to)
            continue;
        rc = follow_gap(f, piece, to, end);
        if (rc == ARTDAG_OK)
            rc = open_piece(f, step->inputs[p->input].step, p->in.from + (from - p->at),
                            p->in.from + (to - p->at), 0);
        end = from;
    }
    return rc == ARTDAG_OK ? follow_gap(f, piece, piece->span.from, end) : rc;
}

static enum artdag_err follow_one(struct follow *f, const struct piece *piece)
{
    const struct ad_step *step = &f->plan->steps[piece->step];
    struct ad_joints joints = {0};
    if (piece->joint > 0)
        return add_clip(f, piece->step, 0, 0, piece->joint);
    if (piece->joint < 0 || ad_step_is_source(step) || !step->op->joints)
        return add_clip(f, piece->step, piece->span.from, piece->span.to - piece->span.from, 0);
    struct ad_op_input *inputs =
        ad_arena_array(&f->arena, (size_t)step->input_count + 1, sizeof(*inputs));
    if (!inputs)
        return ad_error_nomem(f->err, ROOM);
    struct ad_op_call call = ad_plan_call(f->plan, step, inputs, &f->arena);
    if (!step->op->joints(&call, &joints))
        return ad_error_nomem(f->err, ROOM);
    return follow_pieces(f, piece, &joints);
}

static enum artdag_err follow_all(struct follow *f, uint32_t step)
{
    f->clips.len = 0;
    enum artdag_err rc = open_piece(f, step, 0, f->plan->steps[step].edge.frames, 0);
    while (rc == ARTDAG_OK && f->open.len) {
        struct piece piece = f->open.items[--f->open.len];
        rc = follow_one(f, &piece);
    }
    return rc;
}

/* A transition of d frames lies about a cut: the clip before it goes on for the first part, the next one begins with the rest. */
static void spread_joints(struct follow *f)
{
    for (size_t i = 1; i + 1 < f->clips.len; i++) {
        struct clip *clip = &f->clips.items[i], *last = clip - 1, *next = clip + 1;
        if (!clip->joint || last->joint || next->joint)
            continue;
        last->frames += clip->joint / 2;
        next->start -= clip->joint - clip->joint / 2;
        next->frames += clip->joint - clip->joint / 2;
    }
}

/* ---- JSON ---- */

static double rate_of(const struct ad_plan *plan)
{
    return (double)plan->format.fps_num / (double)plan->format.fps_den;
}

static void put_time(struct ad_json_writer *w, const struct ad_plan *plan, const char *key,
                     int64_t frames)
{
    ad_jw_key(w, key);
    ad_jw_map_begin(w);
    ad_jw_key(w, "OTIO_SCHEMA");
    ad_jw_cstr(w, "RationalTime.1");
    ad_jw_key(w, "rate");
    ad_jw_double(w, rate_of(plan));
    ad_jw_key(w, "value");
    ad_jw_int(w, frames);
    ad_jw_map_end(w);
}

static void put_range(struct ad_json_writer *w, const struct ad_plan *plan, const char *key,
                      int64_t start, int64_t frames)
{
    ad_jw_key(w, key);
    ad_jw_map_begin(w);
    ad_jw_key(w, "OTIO_SCHEMA");
    ad_jw_cstr(w, "TimeRange.1");
    put_time(w, plan, "duration", frames);
    put_time(w, plan, "start_time", start);
    ad_jw_map_end(w);
}

static void put_media(struct ad_json_writer *w, const struct ad_plan *plan,
                      const struct ad_step *step)
{
    char url[AD_CID_TEXT_MAX + 8] = "ipfs://";
    ad_jw_key(w, "media_reference");
    ad_jw_map_begin(w);
    ad_jw_key(w, "OTIO_SCHEMA");
    if (!ad_step_is_source(step)) {
        ad_jw_cstr(w, "MissingReference.1");
        ad_jw_key(w, "name");
        ad_jw_cstr(w, step->name);
    } else {
        const struct ad_plan_input *input = &plan->inputs[step->input];
        ad_cid_format(&input->cid, url + 7);
        ad_jw_cstr(w, "ExternalReference.1");
        put_range(w, plan, "available_range", 0, step->edge.frames);
        ad_jw_key(w, "name");
        ad_jw_cstr(w, input->name);
        ad_jw_key(w, "target_url");
        ad_jw_cstr(w, url);
    }
    ad_jw_map_end(w);
}

static void put_clip(struct ad_json_writer *w, const struct ad_plan *plan,
                     const struct clip *clip)
{
    const struct ad_step *step = &plan->steps[clip->step];
    ad_jw_map_begin(w);
    ad_jw_key(w, "OTIO_SCHEMA");
    ad_jw_cstr(w, clip->joint ? "Transition.1" : "Clip.1");
    if (clip->joint) {
        put_time(w, plan, "in_offset", clip->joint / 2);
    } else {
        put_media(w, plan, step);
    }
    ad_jw_key(w, "name");
    ad_jw_cstr(w, ad_step_is_source(step) ? plan->inputs[step->input].name : step->name);
    if (clip->joint) {
        put_time(w, plan, "out_offset", clip->joint - clip->joint / 2);
        ad_jw_key(w, "transition_type");
        ad_jw_cstr(w, "SMPTE_Dissolve");
    } else {
        put_range(w, plan, "source_range", clip->start, clip->frames);
    }
    ad_jw_map_end(w);
}

static enum artdag_err put_track(struct follow *f, struct ad_json_writer *w, uint32_t step,
                                 const char *kind)
{
    enum artdag_err rc = follow_all(f, step);
    if (rc != ARTDAG_OK)
        return rc;
    spread_joints(f);
    ad_jw_map_begin(w);
    ad_jw_key(w, "OTIO_SCHEMA");
    ad_jw_cstr(w, "Track.1");
    ad_jw_key(w, "children");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < f->clips.len; i++)
        put_clip(w, f->plan, &f->clips.items[i]);
    ad_jw_list_end(w);
    ad_jw_key(w, "kind");
    ad_jw_cstr(w, kind);
    ad_jw_key(w, "name");
    ad_jw_cstr(w, kind);
    ad_jw_map_end(w);
    return ARTDAG_OK;
}

/* What is encoded, and where its picture and its sound come from. */
static void find_tracks(const struct ad_plan *plan, uint32_t *ret_picture, uint32_t *ret_sound)
{
    uint32_t step = plan->output;
    if (plan->steps[step].op->encode && plan->steps[step].input_count)
        step = plan->steps[step].inputs[0].step;
    *ret_picture = *ret_sound = step;
    const struct ad_step *mux = &plan->steps[step];
    if (strcmp(mux->op->node_type, "MUX") != 0 || mux->input_count != 2)
        return;
    const struct ad_value *audio = ad_value_get(mux->config, "audio_stream");
    uint32_t sound = audio && audio->kind == AD_VALUE_INT && audio->integer == 0 ? 0 : 1;
    *ret_picture = mux->inputs[1 - sound].step;
    *ret_sound = mux->inputs[sound].step;
}

enum artdag_err ad_plan_to_otio(const struct ad_plan *plan, struct ad_buf *buf,
                                artdag_error *err)
{
    struct follow f = {.plan = plan, .err = err};
    struct ad_json_writer w;
    uint32_t picture = 0, sound = 0;
    enum artdag_err rc = ARTDAG_OK;
    ad_arena_init(&f.arena, 0);
    find_tracks(plan, &picture, &sound);
    ad_jw_init(&w, buf);
    ad_jw_map_begin(&w);
    ad_jw_key(&w, "OTIO_SCHEMA");
    ad_jw_cstr(&w, "Timeline.1");
    ad_jw_key(&w, "name");
    ad_jw_cstr(&w, plan->name);
    ad_jw_key(&w, "tracks");
    ad_jw_map_begin(&w);
    ad_jw_key(&w, "OTIO_SCHEMA");
    ad_jw_cstr(&w, "Stack.1");
    ad_jw_key(&w, "children");
    ad_jw_list_begin(&w);
    if (plan->steps[picture].edge.video)
        rc = put_track(&f, &w, picture, "Video");
    if (rc == ARTDAG_OK && plan->steps[sound].edge.audio)
        rc = put_track(&f, &w, sound, "Audio");
    ad_jw_list_end(&w);
    ad_jw_key(&w, "name");
    ad_jw_cstr(&w, "tracks");
    ad_jw_map_end(&w);
    ad_jw_map_end(&w);
    ad_vec_fini(&f.open);
    ad_vec_fini(&f.clips);
    ad_arena_fini(&f.arena);
    if (rc != ARTDAG_OK)
        return rc;
    if (ad_buf_status(buf) == ARTDAG_E_LIMIT)
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "the timeline is too large");
    return ad_buf_status(buf) == ARTDAG_OK ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}
