/* SPDX-License-Identifier: MIT
 *
 * Private to the sqlite back end: what sqlite.c (maps, claims, the schema) and sqlite_runs.c share.
 */
#ifndef AD_STATE_SQLITE_H
#define AD_STATE_SQLITE_H

#include "state/backend.h"
#include "state/db.h"

struct ad_sqlite {
    struct ad_db *db;
    int64_t (*now_ms)(void *payload);
    void *now_payload;
    int64_t runs_kept, steps_kept;
};

/* Numbers of the statements in sqlite.c's table. */
enum ad_sqlite_statement {
    AD_SQL_GET,
    AD_SQL_ADD,
    AD_SQL_REPLACE,
    AD_SQL_FORGET,
    AD_SQL_FORGET_BLOCK,
    AD_SQL_EACH,
    AD_SQL_COUNT_CONFLICT,
    AD_SQL_CONFLICTS,
    AD_SQL_CLAIM_GET,
    AD_SQL_CLAIM_PUT,
    AD_SQL_CLAIM_REBASE,
    AD_SQL_CLAIM_RENEW,
    AD_SQL_CLAIM_RELEASE,
    AD_SQL_CLAIM_SWEEP,
    AD_SQL_RUN_BEGIN,
    AD_SQL_RUN_END,
    AD_SQL_RUN_EXISTS,
    AD_SQL_RUN_LAST,
    AD_SQL_RUN_GREW,
    AD_SQL_RUN_SIZES,
    AD_SQL_RUN_DROP,
    AD_SQL_RUNS,
    AD_SQL_STEP_ADD,
    AD_SQL_STEP_DROP,
    AD_SQL_STEPS_OF_RUN,
    AD_SQL_STEP_FIND,
    AD_SQL_STEPS_BY_NAME,
    AD_SQL_STEPS_BY_TYPE,
    AD_SQL_RATES,
    AD_SQL_RATE_ADD,
    AD_SQL_COUNT
};

/* The back end's functions that sqlite_runs.c holds. */
enum artdag_err ad_sqlite_run_begin(void *self, const struct ad_run_record *run,
                                    int64_t *ret_seq, artdag_error *err);
enum artdag_err ad_sqlite_run_steps(void *self, int64_t seq, const struct ad_step_record *steps,
                                    size_t count, artdag_error *err);
enum artdag_err ad_sqlite_run_end(void *self, const struct ad_run_record *run,
                                  artdag_error *err);
enum artdag_err ad_sqlite_runs(void *self, size_t limit, ad_state_run_fn fn, void *payload,
                               artdag_error *err);
enum artdag_err ad_sqlite_steps_of_run(void *self, int64_t seq, ad_state_step_fn fn,
                                       void *payload, artdag_error *err);
enum artdag_err ad_sqlite_find_step(void *self, const struct ad_id *cache_id,
                                    ad_state_step_fn fn, void *payload, artdag_error *err);
enum artdag_err ad_sqlite_near_steps(void *self, const char *name, const char *node_type,
                                     size_t limit, ad_state_step_fn fn, void *payload,
                                     artdag_error *err);

/* sqlite_rates.c */
enum artdag_err ad_sqlite_rates(void *self, ad_state_rate_fn fn, void *payload,
                                artdag_error *err);
enum artdag_err ad_sqlite_rates_add(void *self, const struct ad_rate_record *rates,
                                    size_t count, artdag_error *err);

#endif
