/* SPDX-License-Identifier: MIT
 *
 * The sqlite back end: schema, maps and claims. The file is described in docs/formats/state.md.
 */
#include "state/sqlite.h"

#include <string.h>

#include "state/owner.h"

#define APPLICATION_ID 0x61727464 /* "artd" */
#define SCHEMA_VERSION 2

/* entry is its own primary index: a look-up is one descent. entry_block serves gc. AUTOINCREMENT
 * keeps a dropped run's number from being given to another. */
#define RATE_TABLE                                                                             \
    "CREATE TABLE rate("                                                                       \
    " kind TEXT PRIMARY KEY, amount REAL NOT NULL, ms REAL NOT NULL, bytes REAL NOT NULL)"     \
    " WITHOUT ROWID;"

static const char *const upgrades[SCHEMA_VERSION - 1] = {RATE_TABLE};
static const char schema[] =
    "CREATE TABLE entry("
    " map INTEGER NOT NULL, id BLOB NOT NULL, codec INTEGER NOT NULL, block BLOB NOT NULL,"
    " PRIMARY KEY(map, id)) WITHOUT ROWID;"
    "CREATE INDEX entry_block ON entry(block);"
    "CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE claim("
    " id BLOB PRIMARY KEY, owner TEXT NOT NULL,"
    " granted_ms INTEGER NOT NULL, ttl_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE run("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT, run_id BLOB NOT NULL, recipe_name TEXT NOT NULL,"
    " recipe_cid TEXT NOT NULL, plan_cid TEXT NOT NULL, output_cid TEXT NOT NULL,"
    " status INTEGER NOT NULL, started_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL,"
    " steps_total INTEGER NOT NULL, steps_cached INTEGER NOT NULL,"
    " steps_executed INTEGER NOT NULL, error TEXT NOT NULL, process TEXT NOT NULL,"
    " steps_recorded INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE step("
    " id INTEGER PRIMARY KEY, run INTEGER NOT NULL, cache_id BLOB NOT NULL, name TEXT NOT NULL,"
    " node_type TEXT NOT NULL, toolchain TEXT NOT NULL, config TEXT NOT NULL,"
    " inputs TEXT NOT NULL, output_cid TEXT NOT NULL, status INTEGER NOT NULL,"
    " frames INTEGER NOT NULL, elapsed_ms INTEGER NOT NULL);"
    "CREATE INDEX step_run ON step(run);"
    "CREATE INDEX step_cache_id ON step(cache_id);"
    "CREATE INDEX step_name ON step(name);"
    "CREATE INDEX step_node_type ON step(node_type);" RATE_TABLE;

#define STEP_COLUMNS                                                                           \
    "cache_id, name, node_type, toolchain, config, inputs, output_cid, status, frames,"        \
    " elapsed_ms"

static const char *const sql[AD_SQL_COUNT] = {
    [AD_SQL_GET] = "SELECT codec, block FROM entry WHERE map=?1 AND id=?2",
    [AD_SQL_ADD] = "INSERT INTO entry(map, id, codec, block) VALUES(?1, ?2, ?3, ?4)"
                   " ON CONFLICT DO NOTHING",
    [AD_SQL_REPLACE] = "INSERT OR REPLACE INTO entry(map, id, codec, block)"
                       " VALUES(?1, ?2, ?3, ?4)",
    [AD_SQL_FORGET] = "DELETE FROM entry WHERE map=?1 AND id=?2",
    [AD_SQL_FORGET_BLOCK] = "DELETE FROM entry WHERE block=?1",
    [AD_SQL_EACH] = "SELECT id, codec, block FROM entry WHERE map=?1 ORDER BY id",
    [AD_SQL_COUNT_CONFLICT] = "INSERT INTO counter(name, value) VALUES('conflicts', 1)"
                              " ON CONFLICT(name) DO UPDATE SET value=value+1",
    [AD_SQL_CONFLICTS] = "SELECT value FROM counter WHERE name='conflicts'",
    [AD_SQL_CLAIM_GET] = "SELECT owner, granted_ms, ttl_ms FROM claim WHERE id=?1",
    [AD_SQL_CLAIM_PUT] = "INSERT OR REPLACE INTO claim(id, owner, granted_ms, ttl_ms)"
                         " VALUES(?1, ?2, ?3, ?4)",
    [AD_SQL_CLAIM_REBASE] = "UPDATE claim SET granted_ms=?2 WHERE id=?1",
    [AD_SQL_CLAIM_RENEW] = "UPDATE claim SET granted_ms=?3, ttl_ms=?4"
                           " WHERE id=?1 AND owner=?2",
    [AD_SQL_CLAIM_RELEASE] = "DELETE FROM claim WHERE id=?1 AND owner=?2",
    [AD_SQL_CLAIM_SWEEP] = "DELETE FROM claim WHERE granted_ms+ttl_ms<=?1",
    [AD_SQL_RUN_BEGIN] =
        "INSERT INTO run(run_id, recipe_name, recipe_cid, plan_cid, output_cid,"
        " status, started_ms, ended_ms, steps_total, steps_cached,"
        " steps_executed, error, process)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [AD_SQL_RUN_END] = "UPDATE run SET recipe_name=?2, recipe_cid=?3, plan_cid=?4,"
                       " output_cid=?5, status=?6, ended_ms=?8, steps_total=?9,"
                       " steps_cached=?10, steps_executed=?11, error=?12 WHERE seq=?13",
    [AD_SQL_RUN_EXISTS] = "SELECT 1 FROM run WHERE seq=?1",
    [AD_SQL_RUN_LAST] = "SELECT seq FROM sqlite_sequence WHERE name='run'",
    [AD_SQL_RUN_GREW] = "UPDATE run SET steps_recorded=steps_recorded+?2 WHERE seq=?1",
    [AD_SQL_RUN_SIZES] = "SELECT seq, steps_recorded FROM run ORDER BY seq DESC",
    [AD_SQL_RUN_DROP] = "DELETE FROM run WHERE seq<=?1",
    [AD_SQL_RUNS] = "SELECT run_id, recipe_name, recipe_cid, plan_cid, output_cid, status,"
                    " started_ms, ended_ms, steps_total, steps_cached, steps_executed, error,"
                    " seq, process FROM run ORDER BY seq DESC LIMIT ?1",
    [AD_SQL_STEP_ADD] = "INSERT INTO step(run, " STEP_COLUMNS ")"
                        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    [AD_SQL_STEP_DROP] = "DELETE FROM step WHERE run<=?1",
    [AD_SQL_STEPS_OF_RUN] = "SELECT " STEP_COLUMNS " FROM step WHERE run=?1 ORDER BY id",
    [AD_SQL_STEP_FIND] = "SELECT " STEP_COLUMNS " FROM step WHERE cache_id=?1"
                         " ORDER BY id DESC LIMIT 1",
    [AD_SQL_STEPS_BY_NAME] = "SELECT " STEP_COLUMNS " FROM step WHERE name=?1"
                             " ORDER BY id DESC",
    [AD_SQL_STEPS_BY_TYPE] = "SELECT " STEP_COLUMNS " FROM step WHERE node_type=?1"
                             " ORDER BY id DESC",
    [AD_SQL_RATES] = "SELECT kind, amount, ms, bytes FROM rate ORDER BY kind",
    [AD_SQL_RATE_ADD] = "INSERT INTO rate(kind, amount, ms, bytes) VALUES(?1, ?2, ?3, ?4)"
                        " ON CONFLICT(kind) DO UPDATE SET amount=amount*?5+?2, ms=ms*?5+?3,"
                        " bytes=bytes*?5+?4",
};

static const struct ad_db_spec spec = {
    .what = "state",
    .application_id = APPLICATION_ID,
    .version = SCHEMA_VERSION,
    .schema = schema,
    .upgrades = upgrades,
    .sql = sql,
    .sql_count = AD_SQL_COUNT,
    .hint = "move the file away, with its -wal and -shm: results are found or made again",
};
_Static_assert(AD_SQL_COUNT <= AD_DB_STATEMENTS_MAX, "room for every statement");

static int64_t wall_ms(void *payload)
{
    (void)payload;
    return ad_clock_wall_ms();
}

static enum artdag_err open_state(const char *where, const struct ad_state_params *params,
                                  void **ret, artdag_error *err)
{
    struct ad_sqlite *self = ad_alloc(sizeof(*self));
    if (!self)
        return ad_error_nomem(err, ROOM);
    self->now_ms = params->now_ms ? params->now_ms : wall_ms;
    self->now_payload = params->now_payload;
    self->runs_kept = params->runs_kept > 0 ? params->runs_kept : AD_RUNS_KEPT;
    self->steps_kept = params->steps_kept > 0 ? params->steps_kept : AD_STEPS_KEPT;
    enum artdag_err rc = ad_db_open(where, &spec, &self->db, err);
    if (rc != ARTDAG_OK) {
        free(self);
        return rc;
    }
    *ret = self;
    return ARTDAG_OK;
}

static void close_state(void *self)
{
    struct ad_sqlite *s = self;
    ad_db_close(s->db);
    free(s);
}

static void bind_id(sqlite3_stmt *statement, int index, const struct ad_id *id)
{
    sqlite3_bind_blob(statement, index, id->bytes, AD_ID_BYTES, SQLITE_STATIC);
}

/* ---- maps ---- */

static enum artdag_err look_up(struct ad_conn *conn, enum ad_state_map map,
                               const struct ad_id *ids, size_t count, struct ad_cid *ret_cids,
                               bool *ret_found, artdag_error *err)
{
    sqlite3_stmt *get = NULL;
    enum artdag_err rc = ad_db_statement(conn, AD_SQL_GET, &get, err);
    if (rc != ARTDAG_OK)
        return rc;
    sqlite3_bind_int(get, 1, (int)map);
    for (size_t i = 0; i < count; i++) {
        bind_id(get, 2, &ids[i]);
        rc = ad_db_step(conn, get, &ret_found[i], err);
        if (rc == ARTDAG_OK && ret_found[i]) {
            rc = ad_db_column_cid(conn, get, 0, &ret_cids[i], err);
            sqlite3_reset(get);
        }
        if (rc != ARTDAG_OK)
            return rc;
    }
    return ARTDAG_OK;
}

static enum artdag_err get_many(void *self, enum ad_state_map map, const struct ad_id *ids,
                                size_t count, struct ad_cid *ret_cids, bool *ret_found,
                                artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    enum artdag_err rc = ad_db_read(s->db, count > 1, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = look_up(conn, map, ids, count, ret_cids, ret_found, err);
    ad_db_done(conn);
    return rc;
}

static enum artdag_err count_conflict(struct ad_conn *conn, artdag_error *err)
{
    sqlite3_stmt *count = NULL;
    enum artdag_err rc = ad_db_statement(conn, AD_SQL_COUNT_CONFLICT, &count, err);
    return rc == ARTDAG_OK ? ad_db_run(conn, count, err) : rc;
}

static enum artdag_err put(struct ad_conn *conn, enum ad_state_map map, const struct ad_id *id,
                           const struct ad_cid *cid, bool replace, struct ad_cid *ret_kept,
                           artdag_error *err)
{
    sqlite3_stmt *add = NULL;
    uint8_t space[AD_DB_HASH_MAX];
    bool found = false;
    struct ad_cid kept;
    enum artdag_err rc =
        ad_db_statement(conn, replace ? AD_SQL_REPLACE : AD_SQL_ADD, &add, err);
    if (rc != ARTDAG_OK)
        return rc;
    sqlite3_bind_int(add, 1, (int)map);
    bind_id(add, 2, id);
    ad_db_bind_cid(add, 3, cid, space);
    if ((rc = ad_db_run(conn, add, err)) != ARTDAG_OK)
        return rc;
    if (sqlite3_changes(conn->handle) > 0) {
        *ret_kept = *cid;
        return ARTDAG_OK;
    }
    if ((rc = look_up(conn, map, id, 1, &kept, &found, err)) != ARTDAG_OK)
        return rc;
    if (!found)
        return ad_db_damaged(conn, err);
    if (!ad_cid_equal(&kept, cid) && (rc = count_conflict(conn, err)) != ARTDAG_OK)
        return rc;
    *ret_kept = kept;
    return ARTDAG_OK;
}

static enum artdag_err set(void *self, enum ad_state_map map, const struct ad_id *id,
                           const struct ad_cid *cid, bool replace, struct ad_cid *ret_kept,
                           artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    struct ad_cid kept;
    enum artdag_err rc = ad_db_write(s->db, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = put(conn, map, id, cid, replace, &kept, err);
    rc = ad_db_end(conn, rc, err);
    if (rc == ARTDAG_OK)
        *ret_kept = kept;
    return rc;
}

static enum artdag_err conflicts(void *self, int64_t *ret_count, artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    sqlite3_stmt *get = NULL;
    bool row = false;
    enum artdag_err rc = ad_db_read(s->db, false, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = ad_db_statement(conn, AD_SQL_CONFLICTS, &get, err);
    if (rc == ARTDAG_OK)
        rc = ad_db_step(conn, get, &row, err);
    if (rc == ARTDAG_OK)
        *ret_count = row ? sqlite3_column_int64(get, 0) : 0;
    ad_db_done(conn);
    return rc;
}

static enum artdag_err forget(void *self, enum ad_state_map map, const struct ad_id *id,
                              artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    sqlite3_stmt *drop = NULL;
    enum artdag_err rc = ad_db_write(s->db, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = ad_db_statement(conn, AD_SQL_FORGET, &drop, err);
    if (rc == ARTDAG_OK) {
        sqlite3_bind_int(drop, 1, (int)map);
        bind_id(drop, 2, id);
        rc = ad_db_run(conn, drop, err);
    }
    return ad_db_end(conn, rc, err);
}

static enum artdag_err forget_cids(void *self, const struct ad_cid *cids, size_t count,
                                   artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    sqlite3_stmt *drop = NULL;
    enum artdag_err rc = ad_db_write(s->db, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = ad_db_statement(conn, AD_SQL_FORGET_BLOCK, &drop, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++) {
        uint8_t space[AD_DB_HASH_MAX];
        ad_db_bind_hash(drop, 1, &cids[i], space);
        rc = ad_db_run(conn, drop, err);
    }
    return ad_db_end(conn, rc, err);
}

static enum artdag_err read_entry(struct ad_conn *conn, sqlite3_stmt *row, struct ad_id *ret_id,
                                  struct ad_cid *ret_cid, artdag_error *err)
{
    const void *id = sqlite3_column_blob(row, 0);
    if (!id || sqlite3_column_bytes(row, 0) != AD_ID_BYTES)
        return ad_db_damaged(conn, err);
    memcpy(ret_id->bytes, id, AD_ID_BYTES);
    return ad_db_column_cid(conn, row, 1, ret_cid, err);
}

static enum artdag_err each(void *self, enum ad_state_map map, ad_state_entry_fn fn,
                            void *payload, artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    sqlite3_stmt *list = NULL;
    bool row = true;
    enum artdag_err rc = ad_db_read(s->db, false, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = ad_db_statement(conn, AD_SQL_EACH, &list, err);
    if (rc == ARTDAG_OK)
        sqlite3_bind_int(list, 1, (int)map);
    while (rc == ARTDAG_OK) {
        struct ad_id id;
        struct ad_cid cid;
        rc = ad_db_step(conn, list, &row, err);
        if (rc != ARTDAG_OK || !row)
            break;
        rc = read_entry(conn, list, &id, &cid, err);
        if (rc == ARTDAG_OK)
            rc = fn(payload, &id, &cid, err);
    }
    ad_db_done(conn);
    return rc;
}

/* ---- claims ---- */

struct claim {
    bool exists;
    bool own;
    bool gone; /* its process has died */
    int64_t granted_ms, ttl_ms;
};

static enum artdag_err read_claim(struct ad_conn *conn, const struct ad_id *id,
                                  const char *owner, struct claim *ret, artdag_error *err)
{
    sqlite3_stmt *get = NULL;
    struct claim claim = {0};
    enum artdag_err rc = ad_db_statement(conn, AD_SQL_CLAIM_GET, &get, err);
    if (rc != ARTDAG_OK)
        return rc;
    bind_id(get, 1, id);
    if ((rc = ad_db_step(conn, get, &claim.exists, err)) != ARTDAG_OK)
        return rc;
    if (claim.exists) {
        const char *holder = ad_db_text(get, 0);
        if (!holder)
            return ad_error_nomem(err, ROOM);
        claim.own = strcmp(holder, owner) == 0;
        claim.gone = !claim.own && ad_owner_is_gone(holder);
        claim.granted_ms = sqlite3_column_int64(get, 1);
        claim.ttl_ms = sqlite3_column_int64(get, 2);
        sqlite3_reset(get);
        if (claim.ttl_ms <= 0 || claim.ttl_ms > AD_CLAIM_TTL_MAX_MS)
            return ad_db_damaged(conn, err);
    }
    *ret = claim;
    return ARTDAG_OK;
}

/* Is it another's and running? A grant that lies in the future (the clock was turned back) counts as
 * given now; without that it would outlive its ttl by as much as the clock was turned. */
static bool is_live(const struct claim *claim, int64_t now_ms, int64_t *ret_left_ms)
{
    if (!claim->exists || claim->own || claim->gone)
        return false;
    int64_t age_ms = now_ms < claim->granted_ms ? 0 : now_ms - claim->granted_ms;
    if (age_ms >= claim->ttl_ms)
        return false;
    *ret_left_ms = claim->ttl_ms - age_ms;
    return true;
}

static enum artdag_err busy(artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_BUSY, ROOM, "another process holds the claim");
}

/* Most who ask for a claim that is taken ask again and again: they must not keep writers out. */
static enum artdag_err peek_claim(struct ad_sqlite *s, const struct ad_id *id,
                                  const char *owner, int64_t *ret_left_ms, artdag_error *err)
{
    struct ad_conn *conn = NULL;
    struct claim claim = {0};
    enum artdag_err rc = ad_db_read(s->db, false, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = read_claim(conn, id, owner, &claim, err);
    ad_db_done(conn);
    if (rc != ARTDAG_OK)
        return rc;
    int64_t now_ms = s->now_ms(s->now_payload);
    if (claim.granted_ms <= now_ms && is_live(&claim, now_ms, ret_left_ms))
        return busy(err);
    return ARTDAG_OK;
}

static enum artdag_err put_claim(struct ad_conn *conn, const struct ad_id *id,
                                 const char *owner, int64_t now_ms, int64_t ttl_ms,
                                 artdag_error *err)
{
    sqlite3_stmt *put = NULL;
    enum artdag_err rc = ad_db_statement(conn, AD_SQL_CLAIM_PUT, &put, err);
    if (rc != ARTDAG_OK)
        return rc;
    bind_id(put, 1, id);
    ad_db_bind_text(put, 2, owner);
    sqlite3_bind_int64(put, 3, now_ms);
    sqlite3_bind_int64(put, 4, ttl_ms);
    return ad_db_run(conn, put, err);
}

static enum artdag_err rebase_claim(struct ad_conn *conn, const struct ad_id *id,
                                    int64_t now_ms, artdag_error *err)
{
    sqlite3_stmt *rebase = NULL;
    enum artdag_err rc = ad_db_statement(conn, AD_SQL_CLAIM_REBASE, &rebase, err);
    if (rc != ARTDAG_OK)
        return rc;
    bind_id(rebase, 1, id);
    sqlite3_bind_int64(rebase, 2, now_ms);
    return ad_db_run(conn, rebase, err);
}

static enum artdag_err try_claim(void *self, const struct ad_id *id, const char *owner,
                                 int64_t ttl_ms, int64_t *ret_left_ms, artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    struct claim claim = {0};
    bool live = false;
    enum artdag_err rc = peek_claim(s, id, owner, ret_left_ms, err);
    if (rc != ARTDAG_OK || (rc = ad_db_write(s->db, &conn, err)) != ARTDAG_OK)
        return rc;
    int64_t now_ms = s->now_ms(s->now_payload); /* not before the wait for the lock is over */
    rc = read_claim(conn, id, owner, &claim, err);
    if (rc == ARTDAG_OK) {
        live = is_live(&claim, now_ms, ret_left_ms);
        if (!live)
            rc = put_claim(conn, id, owner, now_ms, ttl_ms, err);
        else if (now_ms < claim.granted_ms)
            rc = rebase_claim(conn, id, now_ms, err);
    }
    rc = ad_db_end(conn, rc, err);
    return rc == ARTDAG_OK && live ? busy(err) : rc;
}

static enum artdag_err not_held(artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "the claim is not this owner's");
}

static enum artdag_err renew_claim(void *self, const struct ad_id *id, const char *owner,
                                   int64_t ttl_ms, artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    sqlite3_stmt *renew = NULL;
    enum artdag_err rc = ad_db_write(s->db, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = ad_db_statement(conn, AD_SQL_CLAIM_RENEW, &renew, err);
    if (rc == ARTDAG_OK) {
        bind_id(renew, 1, id);
        ad_db_bind_text(renew, 2, owner);
        sqlite3_bind_int64(renew, 3, s->now_ms(s->now_payload));
        sqlite3_bind_int64(renew, 4, ttl_ms);
        rc = ad_db_run(conn, renew, err);
    }
    if (rc == ARTDAG_OK && sqlite3_changes(conn->handle) == 0)
        rc = not_held(err);
    return ad_db_end(conn, rc, err);
}

static enum artdag_err release_claim(void *self, const struct ad_id *id, const char *owner,
                                     artdag_error *err)
{
    struct ad_sqlite *s = self;
    struct ad_conn *conn = NULL;
    sqlite3_stmt *release = NULL;
    enum artdag_err rc = ad_db_write(s->db, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = ad_db_statement(conn, AD_SQL_CLAIM_RELEASE, &release, err);
    if (rc == ARTDAG_OK) {
        bind_id(release, 1, id);
        ad_db_bind_text(release, 2, owner);
        rc = ad_db_run(conn, release, err);
    }
    if (rc == ARTDAG_OK && sqlite3_changes(conn->handle) == 0)
        rc = not_held(err);
    return ad_db_end(conn, rc, err);
}

const struct ad_state_backend ad_state_sqlite = {
    .scheme = "sqlite",
    .open = open_state,
    .close = close_state,
    .get_many = get_many,
    .set = set,
    .conflicts = conflicts,
    .forget = forget,
    .forget_cids = forget_cids,
    .each = each,
    .try_claim = try_claim,
    .renew_claim = renew_claim,
    .release_claim = release_claim,
    .run_begin = ad_sqlite_run_begin,
    .run_steps = ad_sqlite_run_steps,
    .run_end = ad_sqlite_run_end,
    .runs = ad_sqlite_runs,
    .steps_of_run = ad_sqlite_steps_of_run,
    .find_step = ad_sqlite_find_step,
    .near_steps = ad_sqlite_near_steps,
    .rates = ad_sqlite_rates,
    .rates_add = ad_sqlite_rates_add,
};
