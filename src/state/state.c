/* SPDX-License-Identifier: MIT
 *
 * The state's interface: finds the back end for a URL, checks arguments, reports contradictions.
 */
#include <inttypes.h>
#include <string.h>

#include "state/backend.h"

struct ad_state {
    const struct ad_state_backend *backend; /* maps and claims */
    void *self;
    const struct ad_state_backend
        *records; /* runs and rates: the same, or a file of this machine */
    void *records_self;
    const artdag_log *log;
};

static const struct ad_state_backend *const backends[] = {&ad_state_sqlite, &ad_state_redis,
                                                          NULL};

/* The back end that url names, *ret_where = what stands behind the scheme; NULL for none. */
static const struct ad_state_backend *find_backend(const char *url, const char **ret_where)
{
    for (size_t i = 0; backends[i]; i++) {
        size_t len = strlen(backends[i]->scheme);
        if (strncmp(url, backends[i]->scheme, len) == 0 && url[len] == ':') {
            *ret_where = url + len + 1;
            return backends[i];
        }
    }
    return NULL;
}

/* "records=PATH" of a URL's query, or NULL. */
static const char *records_of(const char *where)
{
    const char *at = strchr(where, '?');
    while (at) {
        if (strncmp(at + 1, "records=", 8) == 0)
            return at + 9;
        at = strchr(at + 1, '&');
    }
    return NULL;
}

static enum artdag_err open_records(struct ad_state *state, const char *where,
                                    const struct ad_state_params *params, artdag_error *err)
{
    char path[4096];
    const char *records = params->records ? params->records : records_of(where);
    state->records = state->backend;
    state->records_self = state->self;
    if (state->backend->run_begin)
        return ARTDAG_OK;
    state->records = NULL;
    if (!records || strcspn(records, "&") >= sizeof(path)) {
        ad_error_set(err, ARTDAG_E_INVAL, ROOM, "the state needs a file for its records");
        ad_error_hint(err, "add records=PATH to its URL");
        return ARTDAG_E_INVAL;
    }
    size_t len = params->records ? strlen(records) : strcspn(records, "&");
    if (len >= sizeof(path))
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "the path of the records is too long");
    memcpy(path, records, len);
    path[len] = '\0';
    enum artdag_err rc = ad_state_sqlite.open(path, params, &state->records_self, err);
    if (rc == ARTDAG_OK)
        state->records = &ad_state_sqlite;
    return rc;
}

enum artdag_err ad_state_open_with(const char *url, const struct ad_state_params *params,
                                   struct ad_state **ret, artdag_error *err)
{
    const char *where = NULL;
    const struct ad_state_params defaults = {0};
    const struct ad_state_backend *backend = find_backend(url, &where);
    if (!backend) {
        /* Only the scheme: what follows may hold a password. */
        size_t len = strcspn(url, ":");
        ad_error_set(err, ARTDAG_E_INVAL, ROOM, "unknown kind of state \"%.*s\"",
                     (int)(len < 32 ? len : 32), url);
        ad_error_hint(err, "a state is written sqlite:PATH or redis://HOST");
        return ARTDAG_E_INVAL;
    }
    struct ad_state *state = ad_alloc(sizeof(*state));
    if (!state)
        return ad_error_nomem(err, ROOM);
    state->backend = backend;
    params = params ? params : &defaults;
    state->log = params->log;
    enum artdag_err rc = backend->open(where, params, &state->self, err);
    if (rc == ARTDAG_OK)
        rc = open_records(state, where, params, err);
    if (rc != ARTDAG_OK) {
        ad_state_close(state);
        return rc;
    }
    *ret = state;
    return ARTDAG_OK;
}

enum artdag_err ad_state_open(const char *url, const artdag_log *log, struct ad_state **ret,
                              artdag_error *err)
{
    const struct ad_state_params params = {.log = log};
    return ad_state_open_with(url, &params, ret, err);
}

enum artdag_err ad_state_open_beside(const char *url, const char *records,
                                     const artdag_log *log, struct ad_state **ret,
                                     artdag_error *err)
{
    const struct ad_state_params params = {.log = log, .records = records};
    return ad_state_open_with(url, &params, ret, err);
}

bool ad_state_is_shared(const struct ad_state *state)
{
    return state->backend->shared;
}

void ad_state_close(struct ad_state *state)
{
    if (!state)
        return;
    if (state->records && state->records != state->backend)
        state->records->close(state->records_self);
    if (state->self)
        state->backend->close(state->self);
    free(state);
}

/* ---- maps ---- */

enum artdag_err ad_state_get(struct ad_state *state, enum ad_state_map map,
                             const struct ad_id *id, struct ad_cid *ret, artdag_error *err)
{
    struct ad_cid cid;
    bool found = false;
    enum artdag_err rc = state->backend->get_many(state->self, map, id, 1, &cid, &found, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (!found)
        return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "the state holds no such entry");
    *ret = cid;
    return ARTDAG_OK;
}

enum artdag_err ad_state_get_many(struct ad_state *state, enum ad_state_map map,
                                  const struct ad_id *ids, size_t count,
                                  struct ad_cid *ret_cids, bool *ret_found, artdag_error *err)
{
    if (count == 0)
        return ARTDAG_OK;
    return state->backend->get_many(state->self, map, ids, count, ret_cids, ret_found, err);
}

static void report_conflict(const struct ad_state *state, const struct ad_id *id,
                            const struct ad_cid *kept, const struct ad_cid *offered)
{
    char hex[2 * AD_ID_BYTES + 1], a[AD_CID_TEXT_MAX], b[AD_CID_TEXT_MAX];
    if (!ad_log_wants(state->log, ARTDAG_LOG_WARN))
        return;
    ad_hex_format(id->bytes, AD_ID_BYTES, hex);
    ad_cid_format(kept, a);
    ad_cid_format(offered, b);
    ad_log_warn(state->log, "state.nondeterminism",
                "id %s has two results: %s is kept, %s was made now", hex, a, b);
}

enum artdag_err ad_state_set(struct ad_state *state, enum ad_state_map map,
                             const struct ad_id *id, const struct ad_cid *cid,
                             struct ad_cid *ret_kept, artdag_error *err)
{
    struct ad_cid kept;
    if (!ad_cid_is_set(cid))
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "an entry needs a CID");
    bool newest = map == AD_STATE_RUN || map == AD_STATE_PLAN;
    enum artdag_err rc = state->backend->set(state->self, map, id, cid, newest, &kept, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (!ad_cid_equal(&kept, cid))
        report_conflict(state, id, &kept, cid);
    if (ret_kept)
        *ret_kept = kept;
    return ARTDAG_OK;
}

enum artdag_err ad_state_conflicts(struct ad_state *state, int64_t *ret_count,
                                   artdag_error *err)
{
    return state->backend->conflicts(state->self, ret_count, err);
}

enum artdag_err ad_state_forget(struct ad_state *state, enum ad_state_map map,
                                const struct ad_id *id, artdag_error *err)
{
    return state->backend->forget(state->self, map, id, err);
}

enum artdag_err ad_state_forget_cids(struct ad_state *state, const struct ad_cid *cids,
                                     size_t count, artdag_error *err)
{
    if (count == 0)
        return ARTDAG_OK;
    return state->backend->forget_cids(state->self, cids, count, err);
}

enum artdag_err ad_state_each(struct ad_state *state, enum ad_state_map map,
                              ad_state_entry_fn each, void *payload, artdag_error *err)
{
    return state->backend->each(state->self, map, each, payload, err);
}

/* ---- claims ---- */

static enum artdag_err check_claim(const char *owner, int64_t ttl_ms, artdag_error *err)
{
    if (*owner == '\0')
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "a claim needs an owner");
    if (ttl_ms <= 0 || ttl_ms > AD_CLAIM_TTL_MAX_MS)
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM,
                            "a claim cannot last %" PRId64 " ms (1 to %" PRId64 ")", ttl_ms,
                            AD_CLAIM_TTL_MAX_MS);
    return ARTDAG_OK;
}

enum artdag_err ad_state_try_claim(struct ad_state *state, const struct ad_id *id,
                                   const char *owner, int64_t ttl_ms, int64_t *ret_left_ms,
                                   artdag_error *err)
{
    int64_t left_ms = 0;
    enum artdag_err rc = check_claim(owner, ttl_ms, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = state->backend->try_claim(state->self, id, owner, ttl_ms, &left_ms, err);
    if (rc == ARTDAG_E_BUSY && ret_left_ms)
        *ret_left_ms = left_ms;
    return rc;
}

enum artdag_err ad_state_renew_claim(struct ad_state *state, const struct ad_id *id,
                                     const char *owner, int64_t ttl_ms, artdag_error *err)
{
    enum artdag_err rc = check_claim(owner, ttl_ms, err);
    if (rc != ARTDAG_OK)
        return rc;
    return state->backend->renew_claim(state->self, id, owner, ttl_ms, err);
}

enum artdag_err ad_state_release_claim(struct ad_state *state, const struct ad_id *id,
                                       const char *owner, artdag_error *err)
{
    return state->backend->release_claim(state->self, id, owner, err);
}

/* ---- runs ---- */

enum artdag_err ad_state_run_begin(struct ad_state *state, const struct ad_run_record *run,
                                   int64_t *ret_seq, artdag_error *err)
{
    return state->records->run_begin(state->records_self, run, ret_seq, err);
}

enum artdag_err ad_state_run_steps(struct ad_state *state, int64_t seq,
                                   const struct ad_step_record *steps, size_t count,
                                   artdag_error *err)
{
    return state->records->run_steps(state->records_self, seq, steps, count, err);
}

enum artdag_err ad_state_run_end(struct ad_state *state, const struct ad_run_record *run,
                                 artdag_error *err)
{
    return state->records->run_end(state->records_self, run, err);
}

enum artdag_err ad_state_runs(struct ad_state *state, size_t limit, ad_state_run_fn each,
                              void *payload, artdag_error *err)
{
    return state->records->runs(state->records_self, limit, each, payload, err);
}

enum artdag_err ad_state_steps_of_run(struct ad_state *state, int64_t seq,
                                      ad_state_step_fn each, void *payload, artdag_error *err)
{
    return state->records->steps_of_run(state->records_self, seq, each, payload, err);
}

enum artdag_err ad_state_find_step(struct ad_state *state, const struct ad_id *cache_id,
                                   ad_state_step_fn each, void *payload, artdag_error *err)
{
    return state->records->find_step(state->records_self, cache_id, each, payload, err);
}

enum artdag_err ad_state_near_steps(struct ad_state *state, const char *name,
                                    const char *node_type, size_t limit, ad_state_step_fn each,
                                    void *payload, artdag_error *err)
{
    return state->records->near_steps(state->records_self, name, node_type, limit, each,
                                      payload, err);
}

/* ---- rates ---- */

enum artdag_err ad_state_rates(struct ad_state *state, ad_state_rate_fn each, void *payload,
                               artdag_error *err)
{
    return state->records->rates(state->records_self, each, payload, err);
}

enum artdag_err ad_state_rates_add(struct ad_state *state, const struct ad_rate_record *rates,
                                   size_t count, artdag_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!(rates[i].amount >= 0 && rates[i].ms >= 0 && rates[i].bytes >= 0) ||
            !(rates[i].amount < 1e300 && rates[i].ms < 1e300 && rates[i].bytes < 1e300))
            return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "the rate of %s is no rate",
                                rates[i].kind);
    return count ? state->records->rates_add(state->records_self, rates, count, err)
                 : ARTDAG_OK;
}
