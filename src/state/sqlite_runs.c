/* SPDX-License-Identifier: MIT
 *
 * The sqlite back end: runs and their steps.
 */
#include <string.h>

#include "state/owner.h"
#include "state/sqlite.h"

/* ---- writing ---- */

/* Parameters 1 to 12 of RUN_BEGIN and RUN_END, which share their numbers. */
static void bind_run(sqlite3_stmt *statement, const struct ad_run_record *run)
{
    sqlite3_bind_blob(statement, 1, run->run_id.bytes, AD_ID_BYTES, SQLITE_STATIC);
    ad_db_bind_text(statement, 2, run->recipe_name);
    ad_db_bind_text(statement, 3, run->recipe_cid);
    ad_db_bind_text(statement, 4, run->plan_cid);
    ad_db_bind_text(statement, 5, run->output_cid);
    sqlite3_bind_int(statement, 6, (int)run->status);
    sqlite3_bind_int64(statement, 7, run->started_ms);
    sqlite3_bind_int64(statement, 8, run->ended_ms);
    sqlite3_bind_int64(statement, 9, run->steps_total);
    sqlite3_bind_int64(statement, 10, run->steps_cached);
    sqlite3_bind_int64(statement, 11, run->steps_executed);
    ad_db_bind_text(statement, 12, run->error);
}

/* Runs a statement whose one parameter is a number. */
static enum artdag_err run_with(struct ad_conn *conn, enum ad_sqlite_statement which,
                                int64_t number, artdag_error *err)
{
    sqlite3_stmt *statement = NULL;
    enum artdag_err rc = ad_db_statement(conn, which, &statement, err);
    if (rc != ARTDAG_OK)
        return rc;
    sqlite3_bind_int64(statement, 1, number);
    return ad_db_run(conn, statement, err);
}

/* Drops the runs up to and including last, with their steps. */
static enum artdag_err drop_runs(struct ad_conn *conn, int64_t last, artdag_error *err)
{
    enum artdag_err rc = run_with(conn, AD_SQL_STEP_DROP, last, err);
    return rc == ARTDAG_OK ? run_with(conn, AD_SQL_RUN_DROP, last, err) : rc;
}

static enum artdag_err begin(const struct ad_sqlite *s, struct ad_conn *conn,
                             const struct ad_run_record *run, int64_t *ret_seq,
                             artdag_error *err)
{
    sqlite3_stmt *add = NULL;
    char process[AD_OWNER_TOKEN_MAX];
    enum artdag_err rc = ad_db_statement(conn, AD_SQL_RUN_BEGIN, &add, err);
    if (rc != ARTDAG_OK)
        return rc;
    ad_owner_process(process);
    bind_run(add, run);
    ad_db_bind_text(add, 13, process);
    if ((rc = ad_db_run(conn, add, err)) != ARTDAG_OK)
        return rc;
    *ret_seq = sqlite3_last_insert_rowid(conn->handle);
    return drop_runs(conn, *ret_seq - s->runs_kept, err);
}

enum artdag_err ad_sqlite_run_begin(void *self, const struct ad_run_record *run,
                                    int64_t *ret_seq, artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    int64_t seq = 0;
    enum artdag_err rc = ad_db_write(s->db, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = begin(s, conn, run, &seq, err);
    if (rc == ARTDAG_OK) /* once a run is often enough to sweep up what crashes left */
        rc = run_with(conn, AD_SQL_CLAIM_SWEEP, s->now_ms(s->now_payload), err);
    rc = ad_db_end(conn, rc, err);
    if (rc == ARTDAG_OK)
        *ret_seq = seq;
    return rc;
}

/* Is the run still kept? NOTFOUND when there never was one of that number. */
static enum artdag_err is_kept(struct ad_conn *conn, int64_t seq, bool *ret, artdag_error *err)
{
    sqlite3_stmt *exists = NULL, *last = NULL;
    bool kept = false, row = false;
    enum artdag_err rc = ad_db_statement(conn, AD_SQL_RUN_EXISTS, &exists, err);
    if (rc != ARTDAG_OK)
        return rc;
    sqlite3_bind_int64(exists, 1, seq);
    if ((rc = ad_db_step(conn, exists, &kept, err)) != ARTDAG_OK)
        return rc;
    sqlite3_reset(exists);
    if (!kept) {
        if ((rc = ad_db_statement(conn, AD_SQL_RUN_LAST, &last, err)) != ARTDAG_OK ||
            (rc = ad_db_step(conn, last, &row, err)) != ARTDAG_OK)
            return rc;
        if (seq < 1 || !row || seq > sqlite3_column_int64(last, 0))
            return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "no run has number %lld",
                                (long long)seq);
    }
    *ret = kept;
    return ARTDAG_OK;
}

static enum artdag_err add_steps(struct ad_conn *conn, int64_t seq,
                                 const struct ad_step_record *steps, size_t count,
                                 artdag_error *err)
{
    sqlite3_stmt *add = NULL, *grew = NULL;
    enum artdag_err rc = ad_db_statement(conn, AD_SQL_STEP_ADD, &add, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++) {
        const struct ad_step_record *step = &steps[i];
        sqlite3_bind_int64(add, 1, seq);
        sqlite3_bind_blob(add, 2, step->cache_id.bytes, AD_ID_BYTES, SQLITE_STATIC);
        ad_db_bind_text(add, 3, step->name);
        ad_db_bind_text(add, 4, step->node_type);
        ad_db_bind_text(add, 5, step->toolchain);
        ad_db_bind_text(add, 6, step->config);
        ad_db_bind_text(add, 7, step->inputs);
        ad_db_bind_text(add, 8, step->output_cid);
        sqlite3_bind_int(add, 9, (int)step->status);
        sqlite3_bind_int64(add, 10, step->frames);
        sqlite3_bind_int64(add, 11, step->elapsed_ms);
        rc = ad_db_run(conn, add, err);
    }
    if (rc == ARTDAG_OK)
        rc = ad_db_statement(conn, AD_SQL_RUN_GREW, &grew, err);
    if (rc != ARTDAG_OK)
        return rc;
    sqlite3_bind_int64(grew, 1, seq);
    sqlite3_bind_int64(grew, 2, (int64_t)count);
    return ad_db_run(conn, grew, err);
}

/* Drops the oldest runs while all together hold too many steps; the newest stays in any case. */
static enum artdag_err bound_steps(struct ad_conn *conn, int64_t steps_kept, artdag_error *err)
{
    sqlite3_stmt *sizes = NULL;
    bool row = false;
    int64_t total = 0, newest = 0, drop = 0;
    enum artdag_err rc = ad_db_statement(conn, AD_SQL_RUN_SIZES, &sizes, err);
    while (rc == ARTDAG_OK && drop == 0) {
        if ((rc = ad_db_step(conn, sizes, &row, err)) != ARTDAG_OK || !row)
            break;
        int64_t seq = sqlite3_column_int64(sizes, 0);
        newest = newest ? newest : seq;
        total += sqlite3_column_int64(sizes, 1);
        if (total > steps_kept && seq != newest)
            drop = seq;
    }
    if (rc != ARTDAG_OK || drop == 0)
        return rc;
    sqlite3_reset(sizes);
    return drop_runs(conn, drop, err);
}

enum artdag_err ad_sqlite_run_steps(void *self, int64_t seq, const struct ad_step_record *steps,
                                    size_t count, artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    bool kept = false;
    enum artdag_err rc = ad_db_write(s->db, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = is_kept(conn, seq, &kept, err);
    if (rc == ARTDAG_OK && kept)
        rc = add_steps(conn, seq, steps, count, err);
    if (rc == ARTDAG_OK && kept)
        rc = bound_steps(conn, s->steps_kept, err);
    return ad_db_end(conn, rc, err);
}

enum artdag_err ad_sqlite_run_end(void *self, const struct ad_run_record *run,
                                  artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    sqlite3_stmt *update = NULL;
    bool kept = false;
    enum artdag_err rc = ad_db_write(s->db, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = is_kept(conn, run->seq, &kept, err);
    if (rc == ARTDAG_OK && kept)
        rc = ad_db_statement(conn, AD_SQL_RUN_END, &update, err);
    if (rc == ARTDAG_OK && kept) {
        bind_run(update, run);
        sqlite3_bind_int64(update, 13, run->seq);
        rc = ad_db_run(conn, update, err);
    }
    return ad_db_end(conn, rc, err);
}

/* ---- reading ---- */

static enum artdag_err read_id(struct ad_conn *conn, sqlite3_stmt *row, int column,
                               struct ad_id *ret, artdag_error *err)
{
    const void *id = sqlite3_column_blob(row, column);
    if (!id || sqlite3_column_bytes(row, column) != AD_ID_BYTES)
        return ad_db_damaged(conn, err);
    memcpy(ret->bytes, id, AD_ID_BYTES);
    return ARTDAG_OK;
}

/* A process that died could not say so. */
static void judge_running(struct ad_run_record *run, const char *process)
{
    if (run->status != AD_RUN_RUNNING || !ad_owner_is_gone(process))
        return;
    run->status = AD_RUN_FAILED;
    run->error = "its process died before it had ended";
}

static enum artdag_err read_run(struct ad_conn *conn, sqlite3_stmt *row,
                                struct ad_run_record *ret, artdag_error *err)
{
    int64_t status = sqlite3_column_int64(row, 5);
    struct ad_run_record run = {
        .recipe_name = ad_db_text(row, 1),
        .recipe_cid = ad_db_text(row, 2),
        .plan_cid = ad_db_text(row, 3),
        .output_cid = ad_db_text(row, 4),
        .status = (enum ad_run_status)status,
        .started_ms = sqlite3_column_int64(row, 6),
        .ended_ms = sqlite3_column_int64(row, 7),
        .steps_total = sqlite3_column_int64(row, 8),
        .steps_cached = sqlite3_column_int64(row, 9),
        .steps_executed = sqlite3_column_int64(row, 10),
        .error = ad_db_text(row, 11),
        .seq = sqlite3_column_int64(row, 12),
    };
    const char *process = ad_db_text(row, 13);
    if (!run.recipe_name || !run.recipe_cid || !run.plan_cid || !run.output_cid || !run.error ||
        !process)
        return ad_error_nomem(err, ROOM);
    if (status < AD_RUN_RUNNING || status > AD_RUN_CANCELED)
        return ad_db_damaged(conn, err);
    enum artdag_err rc = read_id(conn, row, 0, &run.run_id, err);
    if (rc != ARTDAG_OK)
        return rc;
    judge_running(&run, process);
    *ret = run;
    return ARTDAG_OK;
}

enum artdag_err ad_sqlite_runs(void *self, size_t limit, ad_state_run_fn fn, void *payload,
                               artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    sqlite3_stmt *list = NULL;
    bool row = false;
    enum artdag_err rc = ad_db_read(s->db, false, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = ad_db_statement(conn, AD_SQL_RUNS, &list, err);
    if (rc == ARTDAG_OK) /* LIMIT -1 = all */
        sqlite3_bind_int64(list, 1, limit && limit <= INT64_MAX ? (int64_t)limit : -1);
    while (rc == ARTDAG_OK) {
        struct ad_run_record run;
        rc = ad_db_step(conn, list, &row, err);
        if (rc != ARTDAG_OK || !row)
            break;
        rc = read_run(conn, list, &run, err);
        if (rc == ARTDAG_OK)
            rc = fn(payload, &run, err);
    }
    ad_db_done(conn);
    return rc;
}

static enum artdag_err read_step(struct ad_conn *conn, sqlite3_stmt *row,
                                 struct ad_step_record *ret, artdag_error *err)
{
    int64_t status = sqlite3_column_int64(row, 7);
    struct ad_step_record step = {
        .name = ad_db_text(row, 1),
        .node_type = ad_db_text(row, 2),
        .toolchain = ad_db_text(row, 3),
        .config = ad_db_text(row, 4),
        .inputs = ad_db_text(row, 5),
        .output_cid = ad_db_text(row, 6),
        .status = (enum ad_step_status)status,
        .frames = sqlite3_column_int64(row, 8),
        .elapsed_ms = sqlite3_column_int64(row, 9),
    };
    if (!step.name || !step.node_type || !step.toolchain || !step.config || !step.inputs ||
        !step.output_cid)
        return ad_error_nomem(err, ROOM);
    if (status < AD_STEP_CACHED || status > AD_STEP_SKIPPED)
        return ad_db_damaged(conn, err);
    enum artdag_err rc = read_id(conn, row, 0, &step.cache_id, err);
    if (rc == ARTDAG_OK)
        *ret = step;
    return rc;
}

/* Which records of a query reach the caller. */
struct filter {
    struct ad_map *seen; /* cache ids already given; NULL = give all */
    size_t limit;        /* 0 = all */
    size_t given;
};

static enum artdag_err is_new(struct filter *filter, const struct ad_id *id, bool *ret,
                              artdag_error *err)
{
    const struct ad_str key = {(const char *)id->bytes, AD_ID_BYTES};
    *ret = true;
    if (filter->seen && !ad_map_put(filter->seen, key, ret))
        return ad_error_nomem(err, ROOM);
    return ARTDAG_OK;
}

/* Gives the rows of a bound query of steps. */
static enum artdag_err give_steps(struct ad_conn *conn, sqlite3_stmt *list,
                                  struct filter *filter, ad_state_step_fn fn, void *payload,
                                  artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    while (filter->limit == 0 || filter->given < filter->limit) {
        struct ad_step_record step;
        bool row = false, fresh = false;
        if ((rc = ad_db_step(conn, list, &row, err)) != ARTDAG_OK || !row)
            return rc;
        if ((rc = read_step(conn, list, &step, err)) != ARTDAG_OK ||
            (rc = is_new(filter, &step.cache_id, &fresh, err)) != ARTDAG_OK)
            return rc;
        if (!fresh)
            continue;
        filter->given++;
        if ((rc = fn(payload, &step, err)) != ARTDAG_OK)
            return rc;
    }
    return ARTDAG_OK;
}

enum artdag_err ad_sqlite_steps_of_run(void *self, int64_t seq, ad_state_step_fn fn,
                                       void *payload, artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    sqlite3_stmt *list = NULL;
    struct filter filter = {0};
    enum artdag_err rc = ad_db_read(s->db, false, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = ad_db_statement(conn, AD_SQL_STEPS_OF_RUN, &list, err);
    if (rc == ARTDAG_OK) {
        sqlite3_bind_int64(list, 1, seq);
        rc = give_steps(conn, list, &filter, fn, payload, err);
    }
    ad_db_done(conn);
    return rc;
}

enum artdag_err ad_sqlite_find_step(void *self, const struct ad_id *cache_id,
                                    ad_state_step_fn fn, void *payload, artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    sqlite3_stmt *find = NULL;
    struct filter filter = {.limit = 1};
    enum artdag_err rc = ad_db_read(s->db, false, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = ad_db_statement(conn, AD_SQL_STEP_FIND, &find, err);
    if (rc == ARTDAG_OK) {
        sqlite3_bind_blob(find, 1, cache_id->bytes, AD_ID_BYTES, SQLITE_STATIC);
        rc = give_steps(conn, find, &filter, fn, payload, err);
    }
    ad_db_done(conn);
    if (rc == ARTDAG_OK && filter.given == 0)
        return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "no run recorded such a step");
    return rc;
}

enum artdag_err ad_sqlite_near_steps(void *self, const char *name, const char *node_type,
                                     size_t limit, ad_state_step_fn fn, void *payload,
                                     artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    sqlite3_stmt *list = NULL;
    struct ad_map seen = {0};
    struct filter filter = {.seen = &seen, .limit = limit};
    const struct {
        enum ad_sqlite_statement which;
        const char *key;
    } queries[] = {{AD_SQL_STEPS_BY_NAME, name}, {AD_SQL_STEPS_BY_TYPE, node_type}};
    enum artdag_err rc = ad_db_read(s->db, true, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    for (size_t i = 0; rc == ARTDAG_OK && i < 2; i++) {
        if ((rc = ad_db_statement(conn, queries[i].which, &list, err)) != ARTDAG_OK)
            break;
        ad_db_bind_text(list, 1, queries[i].key);
        rc = give_steps(conn, list, &filter, fn, payload, err);
    }
    ad_db_done(conn);
    ad_map_fini(&seen);
    return rc;
}
