/* SPDX-License-Identifier: MIT
 *
 * Private to state: what a back end is. A table of functions over `self`, its own state. state.c
 * finds the back end for a URL, checks arguments and writes the log; a back end keeps the data.
 *
 * Rules for every function: thread-safe on one self; outputs are written only on success; callbacks
 * run without a lock of the back end held and may call it again; texts are never NULL on the way out
 * and count as "" when NULL on the way in. The contracts are those of state.h; below is only what
 * state.h does not say.
 */
#ifndef AD_STATE_BACKEND_H
#define AD_STATE_BACKEND_H

#include "state/state.h"

#define ROOM "state" /* in errors */

struct ad_state_params {
    const artdag_log *log;
    /* The wall clock in milliseconds, for tests that turn it; NULL = ad_clock_wall_ms. A back end
     * with a clock of its own (a server's) ignores it. */
    int64_t (*now_ms)(void *payload);
    void *now_payload;
    int64_t runs_kept;  /* 0 = AD_RUNS_KEPT */
    int64_t steps_kept; /* 0 = AD_STEPS_KEPT */
    /* The sqlite file for receipts and rates, when the back end keeps none; NULL = "records" of the URL. */
    const char *records;
};
#define AD_RUNS_KEPT 1000
#define AD_STEPS_KEPT 200000

struct ad_state_backend {
    const char *scheme; /* "sqlite" for "sqlite:..." */
    bool shared;        /* see ad_state_is_shared */

    /* where: the URL behind "scheme:". close takes what open gave. */
    enum artdag_err (*open)(const char *where, const struct ad_state_params *params, void **ret,
                            artdag_error *err);
    void (*close)(void *self);

    /* ---- maps ---- */
    enum artdag_err (*get_many)(void *self, enum ad_state_map map, const struct ad_id *ids,
                                size_t count, struct ad_cid *ret_cids, bool *ret_found,
                                artdag_error *err);
    /* replace: the newest wins. Otherwise *ret_kept != *cid is a conflict, which set counts. */
    enum artdag_err (*set)(void *self, enum ad_state_map map, const struct ad_id *id,
                           const struct ad_cid *cid, bool replace, struct ad_cid *ret_kept,
                           artdag_error *err);
    enum artdag_err (*conflicts)(void *self, int64_t *ret_count, artdag_error *err);
    enum artdag_err (*forget)(void *self, enum ad_state_map map, const struct ad_id *id,
                              artdag_error *err);
    enum artdag_err (*forget_cids)(void *self, const struct ad_cid *cids, size_t count,
                                   artdag_error *err);
    enum artdag_err (*each)(void *self, enum ad_state_map map, ad_state_entry_fn fn,
                            void *payload, artdag_error *err);

    /* ---- claims ---- ttl_ms is in range, owner is not empty; ret_left_ms is never NULL */
    enum artdag_err (*try_claim)(void *self, const struct ad_id *id, const char *owner,
                                 int64_t ttl_ms, int64_t *ret_left_ms, artdag_error *err);
    enum artdag_err (*renew_claim)(void *self, const struct ad_id *id, const char *owner,
                                   int64_t ttl_ms, artdag_error *err);
    enum artdag_err (*release_claim)(void *self, const struct ad_id *id, const char *owner,
                                     artdag_error *err);

    /* ---- runs and rates ---- NULL in a back end that many machines share: they are a machine's own, and go to its
     * records (state.c) */
    enum artdag_err (*run_begin)(void *self, const struct ad_run_record *run, int64_t *ret_seq,
                                 artdag_error *err);
    enum artdag_err (*run_steps)(void *self, int64_t seq, const struct ad_step_record *steps,
                                 size_t count, artdag_error *err);
    enum artdag_err (*run_end)(void *self, const struct ad_run_record *run, artdag_error *err);
    enum artdag_err (*runs)(void *self, size_t limit, ad_state_run_fn fn, void *payload,
                            artdag_error *err);
    enum artdag_err (*steps_of_run)(void *self, int64_t seq, ad_state_step_fn fn, void *payload,
                                    artdag_error *err);
    enum artdag_err (*find_step)(void *self, const struct ad_id *cache_id, ad_state_step_fn fn,
                                 void *payload, artdag_error *err);
    enum artdag_err (*near_steps)(void *self, const char *name, const char *node_type,
                                  size_t limit, ad_state_step_fn fn, void *payload,
                                  artdag_error *err);

    enum artdag_err (*rates)(void *self, ad_state_rate_fn fn, void *payload, artdag_error *err);
    enum artdag_err (*rates_add)(void *self, const struct ad_rate_record *rates, size_t count,
                                 artdag_error *err);
};
#define AD_RATES_FADE 0.98 /* what is left of the old totals when new ones are added */

extern const struct ad_state_backend ad_state_sqlite, ad_state_redis;

/* ad_state_open with all parameters; params NULL = all default. */
enum artdag_err ad_state_open_with(const char *url, const struct ad_state_params *params,
                                   struct ad_state **ret, artdag_error *err);

#endif
