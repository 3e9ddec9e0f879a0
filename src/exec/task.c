/* SPDX-License-Identifier: MIT
 *
 * One task, from its claim to its entry in the state:
 *
 *   STEP    claim -> unit -> [audio part] -> film -> store -> state
 *   SPAN    unit -> claim -> part -> store -> state
 *   SOUND   unit -> claim -> part (SIMD off) -> store -> state
 *   TRACK   unit -> claim -> intermediate (SIMD off) -> store -> state
 *   JOIN    claim -> join -> store, leaves cut at the spans -> state
 *
 * A STEP and a JOIN are known by their step's cache_id. A unit is known by its own id too, made of the CIDs that it reads
 * (docs/decisions/0020-spans.md): SPAN and SOUND by that alone; a STEP asks for it once its inputs are there, so that equal
 * bytes upstream stop work downstream.
 *
 * Claims only save work. A task that loses its claim on the way finishes all the same: the bytes are equal.
 */
#include <string.h>
#include <unistd.h>

#include "exec/exec_private.h"

#define ROOM AD_EXEC_ROOM
#define CLAIM_TTL_MS 30000
#define CLAIM_POLL_MS 100
#define SOUND_THREADS_MAX 16
#define UNIT_BYTES_MAX ((size_t)1 << 30)

struct rendering {
    const struct ad_task_call *call;
    struct ad_exec *exec;
    const struct ad_plan *plan;
    const struct ad_task *task;
    struct ad_arena arena; /* the unit lives here */
    struct ad_unit unit;   /* not for JOIN */
    struct ad_id unit_id;
    bool has_unit;
    /* Under what the result is known, and claimed. */
    enum ad_state_map map;
    struct ad_id id;
    /* A token for each task: two tasks of one film may be the same unit, and one of them has to wait. */
    char owner[AD_OWNER_TOKEN_MAX];
};

static enum artdag_err hold(struct rendering *r, const struct ad_cid *cid, bool *ret_complete,
                            artdag_error *err)
{
    if (r->call->lease)
        return ad_lease_hold(r->call->lease, cid, ret_complete, err);
    return ad_store_complete(r->exec->params.store, cid, ret_complete, err);
}

/* Is it known meanwhile? NOTFOUND = no. An entry whose bytes are gone is forgotten, unless others may have them. */
static enum artdag_err find(struct rendering *r, enum ad_state_map map, const struct ad_id *id,
                            struct ad_cid *ret, artdag_error *err)
{
    struct ad_state *state = r->exec->params.state;
    struct ad_cid cid;
    bool complete = false;
    enum artdag_err rc = ad_state_get(state, map, id, &cid, err);
    if (rc == ARTDAG_OK)
        rc = hold(r, &cid, &complete, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (!complete) {
        if (!ad_state_is_shared(state))
            rc = ad_state_forget(state, map, id, err);
        return rc != ARTDAG_OK ? rc : ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "not known");
    }
    *ret = cid;
    return ARTDAG_OK;
}

/* Waits until the result is ours to make (*ret_known false) or is known (*ret_known true). */
static enum artdag_err claim(struct rendering *r, bool *ret_known, struct ad_cid *ret,
                             artdag_error *err)
{
    struct ad_exec *exec = r->exec;
    for (;;) {
        int64_t left_ms = 0;
        if (ad_exec_canceled(exec))
            return ad_exec_cancel_error(err);
        enum artdag_err rc = ad_state_try_claim(exec->params.state, &r->id, r->owner,
                                                CLAIM_TTL_MS, &left_ms, err);
        if (rc != ARTDAG_OK && rc != ARTDAG_E_BUSY)
            return rc;
        /* Looked up after claiming, so that a result entered just before is not made again. */
        enum artdag_err found = find(r, r->map, &r->id, ret, err);
        if (found == ARTDAG_OK && rc == ARTDAG_OK)
            (void)!ad_state_release_claim(exec->params.state, &r->id, r->owner, NULL);
        if (found != ARTDAG_E_NOTFOUND) {
            *ret_known = true;
            return found;
        }
        if (rc == ARTDAG_OK) {
            *ret_known = false;
            return ARTDAG_OK;
        }
        usleep(CLAIM_POLL_MS * 1000);
    }
}

/* ---- the unit ---- */

/* The unit and its id; the unit that will run is another when results are read that only happened to be there. */
static enum artdag_err lower(struct rendering *r, artdag_error *err)
{
    struct ad_buf json = AD_BUF_INIT(UNIT_BYTES_MAX);
    struct ad_hash32 hash;
    struct ad_task named = *r->task;
    named.stored = named.named_by ? named.named_by : named.stored;
    enum artdag_err rc =
        ad_lower_unit(r->plan, &named, (const char *const *)r->call->cids,
                      named.named_by ? NULL : r->call->touched, &r->arena, &r->unit, err);
    if (rc == ARTDAG_OK)
        rc = ad_unit_to_json(&r->unit, &json, err);
    if (rc == ARTDAG_OK)
        rc = ad_unit_id(r->exec->cluster_key, ad_str_from(r->plan->toolchain),
                        ad_buf_as_str(&json), &hash, err);
    if (rc == ARTDAG_OK) {
        memcpy(r->unit_id.bytes, hash.bytes, sizeof(hash.bytes));
        r->has_unit = true;
    }
    ad_buf_fini(&json);
    return rc;
}

/* The CIDs of the unit's inputs as a job numbers them: leaves of the pictures, of the sound, then files of both. */
static enum artdag_err unit_inputs(const struct ad_unit *unit, struct ad_cid **ret,
                                   size_t *ret_count, artdag_error *err)
{
    const struct ad_graph *graphs[2] = {unit->video, unit->audio};
    size_t count = 0, n = 0;
    enum artdag_err rc = ARTDAG_OK;
    for (size_t g = 0; g < 2; g++)
        count += graphs[g] ? graphs[g]->leaves.len + graphs[g]->files.len : 0;
    struct ad_cid *cids = ad_alloc_array(count + 1, sizeof(*cids));
    if (!cids)
        return ad_error_nomem(err, ROOM);
    for (size_t g = 0; g < 2; g++)
        for (size_t i = 0; !rc && graphs[g] && i < graphs[g]->leaves.len; i++)
            rc = ad_cid_parse(ad_str_from(graphs[g]->leaves.items[i].cid), &cids[n++], err);
    for (size_t g = 0; g < 2; g++)
        for (size_t i = 0; !rc && graphs[g] && i < graphs[g]->files.len; i++)
            rc = ad_cid_parse(ad_str_from(graphs[g]->files.items[i]), &cids[n++], err);
    if (rc != ARTDAG_OK) {
        free(cids);
        return rc;
    }
    *ret = cids;
    *ret_count = count;
    return ARTDAG_OK;
}

/* The parts of a join: the results of the tasks it waited for, in their order. */
static enum artdag_err join_inputs(const struct rendering *r, struct ad_cid **ret,
                                   size_t *ret_count, artdag_error *err)
{
    size_t count = r->task->after_count;
    struct ad_cid *cids = ad_alloc_array(count + 1, sizeof(*cids));
    if (!cids)
        return ad_error_nomem(err, ROOM);
    for (size_t i = 0; i < count; i++) {
        const char *text = r->call->task_cids[r->task->after[i]];
        enum artdag_err rc = ad_cid_parse(ad_str_from(text), &cids[i], err);
        if (rc != ARTDAG_OK) {
            free(cids);
            return rc;
        }
    }
    *ret = cids;
    *ret_count = count;
    return ARTDAG_OK;
}

/* ---- rendering ---- */

/* Decoders and filters may use what the other jobs leave: results do not depend on it. */
static int64_t job_threads(const struct ad_exec *exec)
{
    unsigned cores = ad_threads_cores();
    return cores > exec->jobs ? (int64_t)(cores / exec->jobs) : 1;
}

/* Sound is one long task, and what spans are there may be done before it: it may use every core. */
static int64_t sound_threads(void)
{
    unsigned cores = ad_threads_cores();
    return cores < SOUND_THREADS_MAX ? (int64_t)cores : SOUND_THREADS_MAX;
}

static enum artdag_err check_length(const struct ad_unit *unit,
                                    const struct ad_job_result *result, bool video,
                                    artdag_error *err)
{
    if (video && result->frames != unit->frames)
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "%lld frames came out instead of %lld",
                            (long long)result->frames, (long long)unit->frames);
    if (!video && result->samples != unit->samples)
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "%lld samples came out instead of %lld",
                            (long long)result->samples, (long long)unit->samples);
    return ARTDAG_OK;
}

/* A whole step: its sound first, in a process without SIMD, then the film with it. */
static enum artdag_err render_step(struct rendering *r, const struct ad_job_io *io,
                                   struct ad_job_result *result, artdag_error *err)
{
    struct ad_exec *exec = r->exec;
    const struct ad_unit *unit = &r->unit;
    struct ad_job_watch silent = {.claim = &r->id, .owner = r->owner};
    struct ad_job_watch watch = {r->call->progress, r->call->payload, &r->id, r->owner};
    struct ad_job job = {.unit = *unit, .threads = job_threads(exec)};
    struct ad_job_io sound = {io->inputs, io->input_count, -1, -1, NULL};
    struct ad_job_io film = *io;
    bool both = unit->video && unit->audio;
    enum artdag_err rc = both ? ad_exec_temp(exec, &sound.output_fd, err) : ARTDAG_OK;
    if (rc == ARTDAG_OK && both) {
        job.kind = AD_JOB_AUDIO;
        job.threads = sound_threads();
        rc = ad_exec_job(exec, &job, &sound, &silent, result, err);
    }
    if (rc == ARTDAG_OK) {
        job.kind = AD_JOB_FILM;
        job.threads = unit->video ? job_threads(exec) : sound_threads();
        film.audio_fd = sound.output_fd;
        /* Without video progress counts samples, which says nothing about frames. */
        rc = ad_exec_job(exec, &job, &film, unit->video ? &watch : &silent, result, err);
    }
    if (rc == ARTDAG_OK)
        rc = check_length(unit, result, unit->video != NULL, err);
    if (sound.output_fd >= 0)
        close(sound.output_fd);
    return rc;
}

static enum artdag_err render_part(struct rendering *r, const struct ad_job_io *io,
                                   struct ad_job_result *result, artdag_error *err)
{
    struct ad_job_watch silent = {.claim = &r->id, .owner = r->owner};
    struct ad_job_watch watch = {r->call->progress, r->call->payload, &r->id, r->owner};
    struct ad_job_io part = *io;
    bool video = r->unit.video != NULL;
    struct ad_job job = {.kind = AD_JOB_PART,
                         .unit = r->unit,
                         .threads = video ? job_threads(r->exec) : sound_threads()};
    part.warm = video ? r->call->warm : NULL;
    enum artdag_err rc =
        ad_exec_job(r->exec, &job, &part, video ? &watch : &silent, result, err);
    return rc == ARTDAG_OK ? check_length(&r->unit, result, video, err) : rc;
}

static enum artdag_err render_join(struct rendering *r, const struct ad_job_io *io,
                                   struct ad_job_result *result, artdag_error *err)
{
    struct ad_job_watch watch = {.claim = &r->id, .owner = r->owner};
    struct ad_job job = {0};
    enum artdag_err rc =
        ad_lower_join(r->plan, r->call->lowering, r->task, &r->arena, &job, err);
    job.threads = 1;
    if (rc == ARTDAG_OK)
        rc = ad_exec_job(r->exec, &job, io, &watch, result, err);
    return rc == ARTDAG_OK ? check_length(&job.unit, result, true, err) : rc;
}

static enum artdag_err render(struct rendering *r, int output_fd, struct ad_job_result *result,
                              artdag_error *err)
{
    struct ad_cid *inputs = NULL;
    size_t count = 0;
    bool join = r->task->kind == AD_TASK_JOIN;
    enum artdag_err rc = join ? join_inputs(r, &inputs, &count, err)
                              : unit_inputs(&r->unit, &inputs, &count, err);
    if (rc != ARTDAG_OK)
        return rc;
    const struct ad_job_io io = {inputs, count, output_fd, -1, NULL};
    if (join)
        rc = render_join(r, &io, result, err);
    else if (r->task->kind == AD_TASK_STEP || r->task->kind == AD_TASK_TRACK)
        rc = render_step(r, &io, result, err);
    else
        rc = render_part(r, &io, result, err);
    free(inputs);
    return rc;
}

/* ---- publishing ---- */

static enum artdag_err enter(struct rendering *r, const struct ad_cid *made, struct ad_cid *ret,
                             artdag_error *err)
{
    struct ad_state *state = r->exec->params.state;
    struct ad_cid kept = *made;
    enum artdag_err rc = ARTDAG_OK;
    if (state && r->has_unit && r->map != AD_STATE_CONTENT)
        rc = ad_state_set(state, AD_STATE_CONTENT, &r->unit_id, made, NULL, err);
    if (rc == ARTDAG_OK && state)
        rc = ad_state_set(state, r->map, &r->id, made, &kept, err);
    /* Somebody was faster, with other bytes: theirs count, if they can be had. */
    if (rc == ARTDAG_OK && !ad_cid_equal(&kept, made)) {
        bool complete = false;
        rc = hold(r, &kept, &complete, err);
        if (rc == ARTDAG_OK && !complete)
            kept = *made;
    }
    if (rc == ARTDAG_OK)
        *ret = kept;
    return rc;
}

static enum artdag_err publish(struct rendering *r, int fd, const struct ad_job_result *result,
                               struct ad_cid *ret, artdag_error *err)
{
    struct ad_add_params params = {.cuts = result->cuts.items, .cut_count = result->cuts.len};
    struct ad_cid made;
    bool complete = false;
    if (lseek(fd, 0, SEEK_SET) != 0)
        return ad_error_set(err, ARTDAG_E_IO, ROOM, "cannot read the result back");
    enum artdag_err rc =
        ad_store_add_fd(r->exec->params.store, fd, NULL, &params, &made, NULL, err);
    if (rc == ARTDAG_OK)
        rc = hold(r, &made, &complete, err);
    return rc == ARTDAG_OK ? enter(r, &made, ret, err) : rc;
}

static enum artdag_err make(struct rendering *r, struct ad_cid *ret, artdag_error *err)
{
    struct ad_job_result result = {0};
    int fd = -1;
    int64_t start = ad_clock_monotonic_ms();
    enum artdag_err rc = ARTDAG_OK;
    if (r->task->named_by && r->has_unit)
        rc = ad_lower_unit(r->plan, r->task, (const char *const *)r->call->cids,
                           r->call->touched, &r->arena, &r->unit, err);
    if (rc == ARTDAG_OK)
        rc = ad_exec_temp(r->exec, &fd, err);
    if (rc == ARTDAG_OK)
        rc = render(r, fd, &result, err);
    if (rc == ARTDAG_OK)
        rc = publish(r, fd, &result, ret, err);
    if (rc == ARTDAG_OK)
        ad_exec_learn(r->exec, r->call->lowering, r->task, ad_clock_monotonic_ms() - start,
                      result.bytes);
    if (fd >= 0)
        close(fd);
    ad_vec_fini(&result.cuts);
    return rc;
}

/* A step's own id is not known, but perhaps what it would compute is. */
static enum artdag_err find_equal(struct rendering *r, bool *ret_known, struct ad_cid *ret,
                                  artdag_error *err)
{
    struct ad_cid cid = {0};
    enum artdag_err rc = lower(r, err);
    if (rc == ARTDAG_OK && r->exec->params.state)
        rc = find(r, AD_STATE_CONTENT, &r->unit_id, &cid, err);
    else if (rc == ARTDAG_OK)
        return ARTDAG_OK;
    if (rc == ARTDAG_E_NOTFOUND)
        return ARTDAG_OK;
    if (rc == ARTDAG_OK)
        rc = enter(r, &cid, ret, err);
    *ret_known = rc == ARTDAG_OK;
    return rc;
}

/* ---- the whole way ---- */

static enum artdag_err name_task(struct rendering *r, artdag_error *err)
{
    const struct ad_step *step = &r->plan->steps[r->task->step];
    if (r->task->kind == AD_TASK_STEP || r->task->kind == AD_TASK_JOIN) {
        r->map = AD_STATE_STEP;
        memcpy(r->id.bytes, step->cache_id.bytes, sizeof(r->id.bytes));
        return ARTDAG_OK;
    }
    enum artdag_err rc = lower(r, err);
    r->map = AD_STATE_CONTENT;
    r->id = r->unit_id;
    return rc;
}

static enum artdag_err work(struct rendering *r, bool *ret_later, bool *ret_known,
                            struct ad_cid *ret, artdag_error *err)
{
    struct ad_state *state = r->exec->params.state;
    enum artdag_err rc = name_task(r, err);
    *ret_later =
        rc == ARTDAG_OK && r->call->put_off && r->call->put_off(r->call->payload, &r->id);
    if (*ret_later)
        return ARTDAG_OK;
    if (rc == ARTDAG_OK && state)
        rc = claim(r, ret_known, ret, err);
    if (rc != ARTDAG_OK || *ret_known)
        return rc;
    if (r->task->kind == AD_TASK_STEP)
        rc = find_equal(r, ret_known, ret, err);
    if (rc == ARTDAG_OK && !*ret_known)
        rc = make(r, ret, err);
    if (state)
        (void)!ad_state_release_claim(state, &r->id, r->owner, NULL);
    return rc;
}

/* The step to blame: a unit contains many, and when an input cannot be read it is the SOURCE that stands for it; else
 * the step whose result was to be made. */
static const struct ad_step *culprit(const struct ad_task_call *call, const char *cid)
{
    const struct ad_plan *plan = call->plan;
    for (size_t i = 0; cid[0] && i < plan->step_count; i++) {
        char text[AD_CID_TEXT_MAX];
        if (!ad_step_is_source(&plan->steps[i]))
            continue;
        ad_cid_format(&plan->inputs[plan->steps[i].input].cid, text);
        if (strcmp(text, cid) == 0)
            return &plan->steps[i];
    }
    return &plan->steps[call->task->step];
}

static void tell_where(const struct ad_task_call *call, artdag_error *err)
{
    const struct ad_step *step = culprit(call, err->cid);
    ad_error_node(err, step->name);
    if (step->line)
        ad_error_at(err, call->plan->file, (int)step->line, (int)step->column);
}

enum artdag_err ad_exec_task(struct ad_exec *exec, const struct ad_task_call *call,
                             char **ret_cid, bool *ret_known, artdag_error *err)
{
    struct rendering r = {.call = call, .exec = exec, .plan = call->plan, .task = call->task};
    struct ad_cid cid;
    bool known = false, later = false;
    char text[AD_CID_TEXT_MAX];
    ad_arena_init(&r.arena, 0);
    ad_state_owner_token(r.owner);
    enum artdag_err rc = work(&r, &later, &known, &cid, err);
    ad_arena_fini(&r.arena);
    if (rc != ARTDAG_OK) {
        if (err)
            tell_where(call, err);
        return rc;
    }
    if (later)
        return ARTDAG_OK;
    ad_cid_format(&cid, text);
    *ret_cid = ad_strdup(text);
    *ret_known = known;
    return *ret_cid ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

enum artdag_err ad_exec_find_unit(struct ad_exec *exec, const struct ad_task_call *call,
                                  char **ret_cid, artdag_error *err)
{
    struct rendering r = {.call = call, .exec = exec, .plan = call->plan, .task = call->task};
    struct ad_cid cid;
    char text[AD_CID_TEXT_MAX];
    if (!exec->params.state)
        return ARTDAG_OK;
    ad_arena_init(&r.arena, 0);
    enum artdag_err rc = lower(&r, err);
    if (rc == ARTDAG_OK)
        rc = find(&r, AD_STATE_CONTENT, &r.unit_id, &cid, err);
    ad_arena_fini(&r.arena);
    if (rc == ARTDAG_E_NOTFOUND)
        return ARTDAG_OK;
    if (rc != ARTDAG_OK)
        return rc;
    ad_cid_format(&cid, text);
    *ret_cid = ad_strdup(text);
    return *ret_cid ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}
