/* SPDX-License-Identifier: MIT
 *
 * The door of room state: what is known about computations. Maps from 32-byte ids to CIDs, claims,
 * and the record of runs; and, beside it, the stat cache. One interface over back ends (sqlite, redis).
 *
 * What is kept here is a hint or a receipt, never truth: losing all of it costs rendering again.
 *
 * Threads and processes: a handle may be used by many threads at once, and many processes may open
 * the same state. A handle does not survive fork(): the child opens its own. Callbacks run without
 * a lock held and may call anything in this header on the same handle; what they see of the list
 * they are called for is a snapshot. A callback that does not return OK ends the call with its code.
 *
 * Errors every call may give: IO (the file system refuses), CORRUPT (the file is damaged), TIMEOUT
 * (another process kept the state locked), NOMEM. Pointers may be NULL only where it is said.
 */
#ifndef AD_STATE_STATE_H
#define AD_STATE_STATE_H

#include "base/base.h"
#include "cid/cid.h"

struct ad_state;

#define AD_ID_BYTES 32
struct ad_id {
    uint8_t bytes[AD_ID_BYTES];
};

/* The maps. The numbers are stored. */
enum ad_state_map {
    AD_STATE_STEP = 0,     /* cache_id -> output CID */
    AD_STATE_CONTENT = 1,  /* content_id -> output CID */
    AD_STATE_ANALYSIS = 2, /* analysis id -> analysis CID */
    AD_STATE_PLAN = 3,     /* plan_id -> plan CID */
    AD_STATE_RUN = 4       /* run_id -> output CID of the last run that ended well */
};

/* url: "sqlite:PATH"; the file and missing folders above it are created. Or "redis://..." (docs/formats/state.md): maps and
 * claims that many machines share; runs and rates are a machine's own and go to the sqlite file that "records=PATH" in
 * the URL names. log (NULL = silent) must outlive the handle. INVAL for an unknown kind or somebody else's database, UNSUPPORTED for a
 * state that a newer artdag has written or that this build does not know, NET when a server cannot be reached. */
enum artdag_err ad_state_open(const char *url, const artdag_log *log, struct ad_state **ret,
                              artdag_error *err);
/* The same; records is the file for what is a machine's own, when the URL names none. */
enum artdag_err ad_state_open_beside(const char *url, const char *records,
                                     const artdag_log *log, struct ad_state **ret,
                                     artdag_error *err);
/* True when machines with stores of their own may use it: what is missing here is not missing there, so entries without
 * bytes are left alone. */
bool ad_state_is_shared(const struct ad_state *state);
/* Only when no call is under way. NULL allowed. */
void ad_state_close(struct ad_state *state);

/* ---- maps ---- */

/* NOTFOUND is a plain answer (and is never logged). */
enum artdag_err ad_state_get(struct ad_state *state, enum ad_state_map map,
                             const struct ad_id *id, struct ad_cid *ret, artdag_error *err);
/* Batched look-up, all answers from one moment: ret_found[i] says whether ret_cids[i] was filled.
 * After a failure both are undefined. One pass, no N round trips. */
enum artdag_err ad_state_get_many(struct ad_state *state, enum ad_state_map map,
                                  const struct ad_id *ids, size_t count,
                                  struct ad_cid *ret_cids, bool *ret_found, artdag_error *err);
/* First writer wins: *ret_kept (may be NULL) is what the map holds afterwards; a different CID for
 * the same id is counted, logged as "state.nondeterminism" and not stored. Two maps take
 * the newest, since another CID is no contradiction there: a run_id does not hold the toolchain, and a plan_id not
 * the names that its document shows. */
enum artdag_err ad_state_set(struct ad_state *state, enum ad_state_map map,
                             const struct ad_id *id, const struct ad_cid *cid,
                             struct ad_cid *ret_kept, artdag_error *err);
/* How often ad_state_set met another CID than the kept one, since the state exists. */
enum artdag_err ad_state_conflicts(struct ad_state *state, int64_t *ret_count,
                                   artdag_error *err);
/* Forget one entry; OK when there is none. */
enum artdag_err ad_state_forget(struct ad_state *state, enum ad_state_map map,
                                const struct ad_id *id, artdag_error *err);
/* Forget every entry of every map that points at one of these blocks (gc calls this): compared by
 * multihash, as gc does not know a block's codec. OK when there is none. */
enum artdag_err ad_state_forget_cids(struct ad_state *state, const struct ad_cid *cids,
                                     size_t count, artdag_error *err);
typedef enum artdag_err (*ad_state_entry_fn)(void *payload, const struct ad_id *id,
                                             const struct ad_cid *cid, artdag_error *err);
/* Every entry of a map, in order of id. */
enum artdag_err ad_state_each(struct ad_state *state, enum ad_state_map map,
                              ad_state_entry_fn each, void *payload, artdag_error *err);

/* ---- claims ----
 * Claims are leases on ids: owner is a token that only the holder knows. They save work and protect
 * nothing: two holders make the same bytes. Times are those of the state's own host; a lease never
 * lasts longer than its ttl from the moment anyone looks at it, also when the wall clock was turned
 * back. 0 < ttl_ms <= AD_CLAIM_TTL_MAX_MS, else INVAL. */
#define AD_CLAIM_TTL_MAX_MS INT64_C(86400000)

/* OK: the claim is owner's for ttl_ms from now (also when it was owner's already). BUSY while
 * another owner's claim is live; *ret_left_ms (may be NULL) is then how long it can still last.
 * The claim of a process of this machine that has died is not live. */
enum artdag_err ad_state_try_claim(struct ad_state *state, const struct ad_id *id,
                                   const char *owner, int64_t ttl_ms, int64_t *ret_left_ms,
                                   artdag_error *err);
/* Both act only when owner matches, NOTFOUND otherwise. renew also revives a claim that ran out and
 * that nobody took. */
enum artdag_err ad_state_renew_claim(struct ad_state *state, const struct ad_id *id,
                                     const char *owner, int64_t ttl_ms, artdag_error *err);
enum artdag_err ad_state_release_claim(struct ad_state *state, const struct ad_id *id,
                                       const char *owner, artdag_error *err);
/* A fresh unguessable token, NUL-terminated: machine, process and 128 random bits (see owner.h). */
#define AD_OWNER_TOKEN_MAX 96
void ad_state_owner_token(char out[AD_OWNER_TOKEN_MAX]);

/* ---- runs ----
 * The receipts. Text fields are UTF-8, NULL counts as ""; strings handed to callbacks live during
 * the call. Kept are the last 1,000 runs with at most 200,000 steps; the newest run is kept whole. */
enum ad_run_status {
    AD_RUN_RUNNING = 0,
    AD_RUN_DONE = 1,
    AD_RUN_FAILED = 2,
    AD_RUN_CANCELED = 3
};
enum ad_step_status {
    AD_STEP_CACHED = 0,
    AD_STEP_EXECUTED = 1,
    AD_STEP_FAILED = 2,
    AD_STEP_SKIPPED = 3
};
struct ad_run_record {
    struct ad_id run_id;
    const char *recipe_name;
    const char *recipe_cid;
    const char *plan_cid;
    const char *output_cid; /* "" until done */
    enum ad_run_status status;
    int64_t started_ms, ended_ms; /* wall clock, for people only */
    int64_t steps_total, steps_cached, steps_executed;
    const char *error; /* one line or "" */
    int64_t seq;       /* order of starting, given by the state */
};
struct ad_step_record {
    struct ad_id cache_id;
    const char *name; /* step name: recipe.node */
    const char *node_type;
    const char *toolchain;
    const char *config;     /* canonical JSON */
    const char *inputs;     /* canonical JSON: [[slot, cache id hex], ...] */
    const char *output_cid; /* "" when none */
    enum ad_step_status status;
    int64_t frames, elapsed_ms;
};
typedef enum artdag_err (*ad_state_run_fn)(void *payload, const struct ad_run_record *run,
                                           artdag_error *err);
typedef enum artdag_err (*ad_state_step_fn)(void *payload, const struct ad_step_record *step,
                                            artdag_error *err);

/* Records that a run has begun. *ret_seq names this attempt (the same run_id may run again). */
enum artdag_err ad_state_run_begin(struct ad_state *state, const struct ad_run_record *run,
                                   int64_t *ret_seq, artdag_error *err);
/* Adds steps to a run, all or none. NOTFOUND when the state never gave out seq; OK without effect
 * when so many runs began since that this one has been dropped. The same for run_end. */
enum artdag_err ad_state_run_steps(struct ad_state *state, int64_t seq,
                                   const struct ad_step_record *steps, size_t count,
                                   artdag_error *err);
/* Overwrites everything but run_id and started_ms of the run that run->seq names. */
enum artdag_err ad_state_run_end(struct ad_state *state, const struct ad_run_record *run,
                                 artdag_error *err);
/* Newest first, at most limit (0 = all). A run that is still RUNNING although its process of this
 * machine has died is given as FAILED. */
enum artdag_err ad_state_runs(struct ad_state *state, size_t limit, ad_state_run_fn each,
                              void *payload, artdag_error *err);
/* In the order in which they were recorded. */
enum artdag_err ad_state_steps_of_run(struct ad_state *state, int64_t seq,
                                      ad_state_step_fn each, void *payload, artdag_error *err);
/* The newest record with this cache_id, else NOTFOUND. */
enum artdag_err ad_state_find_step(struct ad_state *state, const struct ad_id *cache_id,
                                   ad_state_step_fn each, void *payload, artdag_error *err);
/* The records nearest to a step: same name first, then same node type, each newest first, each
 * cache_id once; at most limit (0 = all). None is OK. */
enum artdag_err ad_state_near_steps(struct ad_state *state, const char *name,
                                    const char *node_type, size_t limit, ad_state_step_fn each,
                                    void *payload, artdag_error *err);

/* ---- rates: what work took here ----
 * For estimates only. Totals per kind of work; what is added counts fully, and what was there before
 * loses a fiftieth of its weight each time, so that a machine that changes is learned anew. */
struct ad_rate_record {
    const char *kind;
    double amount, ms, bytes; /* not negative */
};
typedef enum artdag_err (*ad_state_rate_fn)(void *payload, const struct ad_rate_record *rate,
                                            artdag_error *err);
/* By kind. */
enum artdag_err ad_state_rates(struct ad_state *state, ad_state_rate_fn each, void *payload,
                               artdag_error *err);
/* All or none. INVAL for what is negative or no number. */
enum artdag_err ad_state_rates_add(struct ad_state *state, const struct ad_rate_record *rates,
                                   size_t count, artdag_error *err);

/* ---- the stat cache ----
 * As git's index: which CID a file of this machine had when it was last read. Local, never an
 * identity, never part of a state. An entry answers only while all numbers of the key are the same.
 *
 * Racy files: a file that is changed twice within one step of the file system's clock has the same
 * times before and after. So set keeps nothing when the file's ctime is not older than taken_ms by
 * more than that step; the file is then simply read again next time. See docs/formats/state.md. */
struct ad_stat_cache;
struct ad_stat_key {
    const char *path; /* absolute, the operating system's bytes */
    uint64_t size, inode, device;
    int64_t mtime_ns, ctime_ns;
    int64_t
        taken_ms; /* ad_clock_wall_ms() before the numbers were taken, which is before the file
                         was read. Needed by set (0: INVAL), not looked at by get */
};
/* The file is created when missing, and begun anew when it is damaged. Thread and process rules, and
 * errors, as for a state. */
enum artdag_err ad_stat_cache_open(const char *path, struct ad_stat_cache **ret,
                                   artdag_error *err);
void ad_stat_cache_close(struct ad_stat_cache *cache); /* NULL allowed */
enum artdag_err ad_stat_cache_get(struct ad_stat_cache *cache, const struct ad_stat_key *key,
                                  struct ad_cid *ret, artdag_error *err); /* NOTFOUND */
/* Replaces what is known of the path. OK without keeping anything when the file is racy. */
enum artdag_err ad_stat_cache_set(struct ad_stat_cache *cache, const struct ad_stat_key *key,
                                  const struct ad_cid *cid, artdag_error *err);

#endif
