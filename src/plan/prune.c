/* SPDX-License-Identifier: MIT
 *
 * What has to run: a walk from the outputs that ends where a result is at hand. Each wave is asked in one batch, so a
 * state behind a network costs a round trip per wave and not per step.
 */
#include "plan/planner.h"

struct walk {
    const struct ad_plan *plan;
    const bool *stored, *worth; /* per step: can be asked about; worth may be NULL */
    enum ad_need *need;
    uint32_t *wave, *next; /* steps wanted and not yet asked about */
    size_t wave_len, next_len;
    uint32_t *inside; /* stack of steps that live inside units, whose inputs are to be wanted */
    size_t inside_len;
    bool *known; /* per place in wave */
};

/* A step becomes RUN when it is wanted; the answer may make it a HIT. So RUN also means "asked already". */
static void want(struct walk *w, uint32_t step)
{
    if (w->need[step] != AD_NEED_NO)
        return;
    if (ad_step_is_source(&w->plan->steps[step])) {
        w->need[step] = AD_NEED_HIT;
        return;
    }
    w->need[step] = AD_NEED_RUN;
    if (w->stored[step] || (w->worth && w->worth[step]))
        w->next[w->next_len++] = step;
    else
        w->inside[w->inside_len++] = step;
}

static void want_inputs(struct walk *w, const struct ad_step *step)
{
    for (uint32_t k = 0; k < step->input_count; k++)
        want(w, step->inputs[k].step);
    while (w->inside_len) {
        step = &w->plan->steps[w->inside[--w->inside_len]];
        for (uint32_t k = 0; k < step->input_count; k++)
            want(w, step->inputs[k].step);
    }
}

static void take_answers(struct walk *w)
{
    for (size_t i = 0; i < w->wave_len; i++) {
        if (w->known[i])
            w->need[w->wave[i]] = AD_NEED_HIT;
        else
            want_inputs(w, &w->plan->steps[w->wave[i]]);
    }
}

static void swap_waves(struct walk *w)
{
    uint32_t *asked = w->wave;
    w->wave = w->next;
    w->wave_len = w->next_len;
    w->next = asked;
    w->next_len = 0;
}

enum artdag_err ad_plan_prune(const struct ad_plan *plan, const struct ad_shape *shape,
                              enum artdag_err (*lookup)(void *payload, const uint32_t *steps,
                                                        size_t count, bool *ret_known,
                                                        artdag_error *err),
                              void *payload, enum ad_need *ret_need, artdag_error *err)
{
    struct walk w = {
        .plan = plan,
        .stored = shape->stored,
        .worth = shape->worth,
        .need = ret_need,
        .wave = ad_alloc_array(plan->step_count, sizeof(*w.wave)),
        .next = ad_alloc_array(plan->step_count, sizeof(*w.next)),
        .inside = ad_alloc_array(plan->step_count, sizeof(*w.inside)),
        .known = ad_alloc_array(plan->step_count, sizeof(*w.known)),
    };
    enum artdag_err rc = ARTDAG_OK;
    if (!w.wave || !w.next || !w.inside || !w.known) {
        rc = ad_error_nomem(err, ROOM);
        goto out;
    }
    for (size_t i = 0; i < plan->step_count; i++)
        ret_need[i] = AD_NEED_NO;
    for (size_t i = 0; i < plan->output_count; i++)
        want(&w, plan->outputs[i].step);
    for (swap_waves(&w); w.wave_len; swap_waves(&w)) {
        for (size_t i = 0; i < w.wave_len; i++)
            w.known[i] = false;
        rc = lookup(payload, w.wave, w.wave_len, w.known, err);
        if (rc != ARTDAG_OK)
            goto out;
        take_answers(&w);
    }
out:
    free(w.wave);
    free(w.next);
    free(w.inside);
    free(w.known);
    return rc;
}
