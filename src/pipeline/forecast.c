/* SPDX-License-Identifier: MIT
 *
 * What a run will take, by what runs before it took.
 */
#include "pipeline/site.h"

#define ROOM "pipeline"

struct rate_list {
    struct ad_arena arena;
    AD_VEC(struct ad_rate) rates;
};

static enum artdag_err take_rate(void *payload, const struct ad_rate_record *record,
                                 artdag_error *err)
{
    struct rate_list *list = payload;
    const struct ad_rate rate = {ad_arena_strdup(&list->arena, ad_str_from(record->kind)),
                                 record->amount, record->ms, record->bytes};
    return rate.name && ad_vec_push(&list->rates, rate) ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

static enum artdag_err estimate(struct ad_site *site, struct ad_lowering *lowering,
                                artdag_error *err)
{
    struct rate_list list = {0};
    enum artdag_err rc = ad_state_rates(site->state, take_rate, &list, err);
    if (rc == ARTDAG_OK)
        ad_lowering_estimate(lowering, list.rates.items, list.rates.len);
    ad_vec_fini(&list.rates);
    ad_arena_fini(&list.arena);
    return rc;
}

enum artdag_err ad_site_forecast(struct ad_site *site, const struct ad_plan *plan,
                                 struct ad_lowering *lowering, char **cids, bool **ret_known,
                                 struct ad_decision *decision, artdag_error *err)
{
    const struct ad_exec_call call = {
        .plan = plan, .lowering = lowering, .cids = cids, .lease = site->lease};
    bool *known = NULL;
    enum artdag_err rc = estimate(site, lowering, err);
    if (rc == ARTDAG_OK && cids) {
        known = ad_alloc_array(lowering->task_count, sizeof(*known));
        rc = known ? ad_exec_find_units(site->exec, &call, known, err)
                   : ad_error_nomem(err, ROOM);
    }
    decision->jobs = ad_exec_jobs(site->exec);
    if (rc == ARTDAG_OK)
        rc = ad_lowering_forecast(lowering, known, decision->jobs, &decision->forecast, err);
    if (rc != ARTDAG_OK) {
        free(known);
        return rc;
    }
    decision->known = *ret_known = known;
    return ARTDAG_OK;
}
