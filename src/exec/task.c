/* SPDX-License-Identifier: MIT
 *
 * One task, from its claim to its entry in the state:
 *
 *   claim -> unit -> audio part (SIMD off) -> film -> store -> state -> release
 *
 * Claims only save work. A task that loses its claim on the way finishes all the same: the bytes are equal.
 */
#include <string.h>
#include <unistd.h>

#include "exec/exec_private.h"

#define ROOM AD_EXEC_ROOM
#define CLAIM_TTL_MS 30000
#define CLAIM_POLL_MS 100

struct rendering {
    struct ad_exec *exec;
    const struct ad_plan *plan;
    const struct ad_task *task;
    struct ad_id id;
    struct ad_lease *lease;
    const struct ad_task_watch *watch;
};

static enum artdag_err hold(struct rendering *r, const struct ad_cid *cid, bool *ret_complete,
                            artdag_error *err)
{
    if (r->lease)
        return ad_lease_hold(r->lease, cid, ret_complete, err);
    return ad_store_complete(r->exec->params.store, cid, ret_complete, err);
}

/* Is the result known meanwhile? NOTFOUND = no. An entry whose bytes are gone is forgotten. */
static enum artdag_err find_result(struct rendering *r, struct ad_cid *ret, artdag_error *err)
{
    struct ad_state *state = r->exec->params.state;
    struct ad_cid cid;
    bool complete = false;
    enum artdag_err rc = ad_state_get(state, AD_STATE_STEP, &r->id, &cid, err);
    if (rc == ARTDAG_OK)
        rc = hold(r, &cid, &complete, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (!complete) {
        rc = ad_state_forget(state, AD_STATE_STEP, &r->id, err);
        return rc != ARTDAG_OK ? rc : ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "not known");
    }
    *ret = cid;
    return ARTDAG_OK;
}

/* Waits until the step is ours to do (*ret_known false) or done by another (*ret_known true). */
static enum artdag_err claim(struct rendering *r, bool *ret_known, struct ad_cid *ret,
                             artdag_error *err)
{
    struct ad_exec *exec = r->exec;
    for (;;) {
        int64_t left_ms = 0;
        if (ad_exec_canceled(exec))
            return ad_exec_cancel_error(err);
        enum artdag_err rc = ad_state_try_claim(exec->params.state, &r->id, exec->owner,
                                                CLAIM_TTL_MS, &left_ms, err);
        if (rc != ARTDAG_OK && rc != ARTDAG_E_BUSY)
            return rc;
        /* Looked up after claiming, so that a result entered just before is not made again. */
        enum artdag_err found = find_result(r, ret, err);
        if (found == ARTDAG_OK && rc == ARTDAG_OK)
            (void)!ad_state_release_claim(exec->params.state, &r->id, exec->owner, NULL);
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

/* The CIDs of the unit's inputs as a job numbers them: video leaves, then audio leaves. */
static enum artdag_err unit_inputs(const struct ad_unit *unit, struct ad_cid **ret,
                                   size_t *ret_count, artdag_error *err)
{
    const struct ad_graph *graphs[2] = {unit->video, unit->audio};
    size_t count = 0, n = 0;
    for (size_t g = 0; g < 2; g++)
        count += graphs[g] ? graphs[g]->leaves.len : 0;
    struct ad_cid *cids = ad_alloc_array(count + 1, sizeof(*cids));
    if (!cids)
        return ad_error_nomem(err, ROOM);
    for (size_t g = 0; g < 2; g++) {
        for (size_t i = 0; graphs[g] && i < graphs[g]->leaves.len; i++) {
            enum artdag_err rc =
                ad_cid_parse(ad_str_from(graphs[g]->leaves.items[i].cid), &cids[n++], err);
            if (rc != ARTDAG_OK) {
                free(cids);
                return rc;
            }
        }
    }
    *ret = cids;
    *ret_count = count;
    return ARTDAG_OK;
}

/* Decoders and filters may use what the other jobs leave: results do not depend on it. */
static int64_t job_threads(const struct ad_exec *exec)
{
    unsigned cores = ad_threads_cores();
    return cores > exec->jobs ? (int64_t)(cores / exec->jobs) : 1;
}

static enum artdag_err check_length(const struct ad_unit *unit,
                                    const struct ad_job_result *result, artdag_error *err)
{
    if (unit->video && result->frames != unit->frames)
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "%lld frames came out instead of %lld",
                            (long long)result->frames, (long long)unit->frames);
    return ARTDAG_OK;
}

static enum artdag_err render(struct rendering *r, const struct ad_unit *unit, int output_fd,
                              artdag_error *err)
{
    struct ad_exec *exec = r->exec;
    struct ad_job_watch silent = {.claim = &r->id};
    struct ad_job_watch watch = {r->watch->progress, r->watch->payload, &r->id};
    struct ad_job job = {.unit = *unit, .threads = job_threads(exec)};
    struct ad_job_result result = {0};
    struct ad_cid *inputs = NULL;
    size_t input_count = 0;
    int audio_fd = -1;
    bool both = unit->video && unit->audio;
    enum artdag_err rc = unit_inputs(unit, &inputs, &input_count, err);
    if (rc == ARTDAG_OK && both)
        rc = ad_exec_temp(exec, &audio_fd, err);
    if (rc == ARTDAG_OK && both) {
        job.kind = AD_JOB_AUDIO;
        rc = ad_exec_job(exec, &job, inputs, input_count, audio_fd, -1, &silent, &result, err);
    }
    if (rc == ARTDAG_OK) {
        job.kind = AD_JOB_FILM;
        /* Without video progress counts samples, which says nothing about frames. */
        rc = ad_exec_job(exec, &job, inputs, input_count, output_fd, audio_fd,
                         unit->video ? &watch : &silent, &result, err);
    }
    if (rc == ARTDAG_OK)
        rc = check_length(unit, &result, err);
    if (audio_fd >= 0)
        close(audio_fd);
    free(inputs);
    return rc;
}

static enum artdag_err publish(struct rendering *r, int fd, struct ad_cid *ret,
                               artdag_error *err)
{
    struct ad_exec *exec = r->exec;
    struct ad_cid made, kept;
    bool complete = false;
    if (lseek(fd, 0, SEEK_SET) != 0)
        return ad_error_set(err, ARTDAG_E_IO, ROOM, "cannot read the result back");
    enum artdag_err rc = ad_store_add_fd(exec->params.store, fd, NULL, NULL, &made, NULL, err);
    if (rc == ARTDAG_OK)
        rc = hold(r, &made, &complete, err);
    kept = made;
    if (rc == ARTDAG_OK && exec->params.state)
        rc = ad_state_set(exec->params.state, AD_STATE_STEP, &r->id, &made, &kept, err);
    if (rc == ARTDAG_OK)
        *ret = ad_cid_equal(&kept, &made) ? made : kept;
    return rc;
}

static enum artdag_err make(struct rendering *r, char *const *cids, struct ad_cid *ret,
                            artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = {0};
    int fd = -1;
    enum artdag_err rc =
        ad_lower_unit(r->plan, r->task, (const char *const *)cids, &arena, &unit, err);
    if (rc == ARTDAG_OK)
        rc = ad_exec_temp(r->exec, &fd, err);
    if (rc == ARTDAG_OK)
        rc = render(r, &unit, fd, err);
    if (rc == ARTDAG_OK)
        rc = publish(r, fd, ret, err);
    if (fd >= 0)
        close(fd);
    ad_arena_fini(&arena);
    return rc;
}

enum artdag_err ad_exec_task(struct ad_exec *exec, const struct ad_plan *plan,
                             const struct ad_task *task, char *const *cids,
                             struct ad_lease *lease, const struct ad_task_watch *watch,
                             char **ret_cid, bool *ret_elsewhere, artdag_error *err)
{
    const struct ad_step *step = &plan->steps[task->step];
    struct rendering r = {
        .exec = exec, .plan = plan, .task = task, .lease = lease, .watch = watch};
    struct ad_cid cid;
    bool known = false;
    char text[AD_CID_TEXT_MAX];
    memcpy(r.id.bytes, step->cache_id.bytes, sizeof(r.id.bytes));
    enum artdag_err rc = exec->params.state ? claim(&r, &known, &cid, err) : ARTDAG_OK;
    if (rc == ARTDAG_OK && !known) {
        rc = make(&r, cids, &cid, err);
        if (exec->params.state)
            (void)!ad_state_release_claim(exec->params.state, &r.id, exec->owner, NULL);
    }
    if (rc != ARTDAG_OK) {
        ad_error_node(err, step->name);
        if (step->line)
            ad_error_at(err, plan->file, (int)step->line, (int)step->column);
        return rc;
    }
    ad_cid_format(&cid, text);
    *ret_cid = ad_strdup(text);
    *ret_elsewhere = known;
    return *ret_cid ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}
