/* SPDX-License-Identifier: MIT
 *
 * The stat cache: a table from path to what stat said and which CID the bytes had. The file is
 * described in docs/formats/state.md.
 */
#include <string.h>
#include <unistd.h>

#include "state/db.h"
#include "state/state.h"

#define ROOM "state"
#define APPLICATION_ID 0x61727473 /* "arts" */
#define SCHEMA_VERSION 1
#define FILES_KEPT 100000 /* about 30 MB */

/* How far a file's time may lie behind the clock: the kernel stamps files with its tick, 10 ms at
 * the coarsest; doubled for the reading of the clock. A file system that keeps no fraction of a
 * second (its ctime tells) counts in 1 s or, FAT, in 2 s. */
#define TICK_NS INT64_C(20000000)
#define COARSE_TICK_NS INT64_C(2000000000)
#define NS_PER_MS 1000000
#define NS_PER_S 1000000000

enum statement {
    GET,
    DROP,
    ADD,
    BOUND,
    COUNT
};

static const char schema[] =
    "CREATE TABLE file("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT, path BLOB NOT NULL UNIQUE,"
    " size INTEGER NOT NULL, inode INTEGER NOT NULL, device INTEGER NOT NULL,"
    " mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,"
    " codec INTEGER NOT NULL, block BLOB NOT NULL);";

static const char *const sql[COUNT] = {
    [GET] = "SELECT codec, block FROM file WHERE path=?1 AND size=?2 AND inode=?3"
            " AND device=?4 AND mtime_ns=?5 AND ctime_ns=?6",
    [DROP] = "DELETE FROM file WHERE path=?1",
    [ADD] = "INSERT INTO file(path, size, inode, device, mtime_ns, ctime_ns, codec, block)"
            " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [BOUND] = "DELETE FROM file WHERE seq<=?1",
};

static const struct ad_db_spec spec = {
    .what = "stat cache",
    .application_id = APPLICATION_ID,
    .version = SCHEMA_VERSION,
    .schema = schema,
    .sql = sql,
    .sql_count = COUNT,
    .hint = "remove the file: inputs are then read once more",
};

struct ad_stat_cache {
    struct ad_db *db;
};

/* SQLite has no unsigned numbers; only equality matters. */
static void bind_key(sqlite3_stmt *statement, const struct ad_stat_key *key)
{
    sqlite3_bind_blob64(statement, 1, key->path, strlen(key->path), SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, (int64_t)key->size);
    sqlite3_bind_int64(statement, 3, (int64_t)key->inode);
    sqlite3_bind_int64(statement, 4, (int64_t)key->device);
    sqlite3_bind_int64(statement, 5, key->mtime_ns);
    sqlite3_bind_int64(statement, 6, key->ctime_ns);
}

static enum artdag_err remove_file(const char *path, artdag_error *err)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        struct ad_buf name = AD_BUF_INIT(8192);
        ad_buf_printf(&name, "%s%s", path, suffixes[i]);
        if (ad_buf_status(&name) == ARTDAG_OK)
            (void)unlink((const char *)name.data);
        enum artdag_err rc = ad_buf_status(&name);
        ad_buf_fini(&name);
        if (rc != ARTDAG_OK)
            return ad_error_set(err, rc, ROOM, "cannot remove the damaged stat cache");
    }
    return ARTDAG_OK;
}

/* Damage found later: whoever opens the cache next begins anew. */
static enum artdag_err noted(const struct ad_stat_cache *cache, enum artdag_err rc)
{
    if (rc == ARTDAG_E_CORRUPT)
        (void)!remove_file(ad_db_path(cache->db), NULL);
    return rc;
}

enum artdag_err ad_stat_cache_open(const char *path, struct ad_stat_cache **ret,
                                   artdag_error *err)
{
    struct ad_stat_cache *cache = ad_alloc(sizeof(*cache));
    if (!cache)
        return ad_error_nomem(err, ROOM);
    enum artdag_err rc = ad_db_open(path, &spec, &cache->db, err);
    if (rc == ARTDAG_E_CORRUPT && (rc = remove_file(path, err)) == ARTDAG_OK)
        rc = ad_db_open(path, &spec, &cache->db, err);
    if (rc != ARTDAG_OK) {
        free(cache);
        return rc;
    }
    *ret = cache;
    return ARTDAG_OK;
}

void ad_stat_cache_close(struct ad_stat_cache *cache)
{
    if (!cache)
        return;
    ad_db_close(cache->db);
    free(cache);
}

enum artdag_err ad_stat_cache_get(struct ad_stat_cache *cache, const struct ad_stat_key *key,
                                  struct ad_cid *ret, artdag_error *err)
{
    struct ad_conn *conn = NULL;
    sqlite3_stmt *get = NULL;
    bool found = false;
    enum artdag_err rc = ad_db_read(cache->db, false, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    if ((rc = ad_db_statement(conn, GET, &get, err)) != ARTDAG_OK)
        goto out;
    bind_key(get, key);
    if ((rc = ad_db_step(conn, get, &found, err)) != ARTDAG_OK)
        goto out;
    rc = found ? ad_db_column_cid(conn, get, 0, ret, err)
               : ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM,
                              "the file is not known, or has changed");
out:
    ad_db_done(conn);
    return noted(cache, rc);
}

/* Could the file have been changed after it was stat'ed and still look the same? mtime may be set to
 * anything by anybody; ctime cannot, and every change sets it. */
static bool is_racy(const struct ad_stat_key *key)
{
    int64_t tick_ns = key->ctime_ns % NS_PER_S == 0 ? COARSE_TICK_NS : TICK_NS;
    return key->ctime_ns > key->taken_ms * NS_PER_MS - tick_ns;
}

static enum artdag_err add(struct ad_conn *conn, const struct ad_stat_key *key,
                           const struct ad_cid *cid, artdag_error *err)
{
    sqlite3_stmt *insert = NULL, *bound = NULL;
    uint8_t space[AD_DB_HASH_MAX];
    enum artdag_err rc = ad_db_statement(conn, ADD, &insert, err);
    if (rc != ARTDAG_OK)
        return rc;
    bind_key(insert, key);
    ad_db_bind_cid(insert, 7, cid, space);
    if ((rc = ad_db_run(conn, insert, err)) != ARTDAG_OK)
        return rc;
    if ((rc = ad_db_statement(conn, BOUND, &bound, err)) != ARTDAG_OK)
        return rc;
    sqlite3_bind_int64(bound, 1, sqlite3_last_insert_rowid(conn->handle) - FILES_KEPT);
    return ad_db_run(conn, bound, err);
}

enum artdag_err ad_stat_cache_set(struct ad_stat_cache *cache, const struct ad_stat_key *key,
                                  const struct ad_cid *cid, artdag_error *err)
{
    struct ad_conn *conn = NULL;
    sqlite3_stmt *drop = NULL;
    if (key->taken_ms <= 0 || key->taken_ms > INT64_MAX / NS_PER_MS)
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM,
                            "the stat cache needs the time at which the file was looked at");
    enum artdag_err rc = ad_db_write(cache->db, &conn, err);
    if (rc != ARTDAG_OK)
        return rc;
    rc = ad_db_statement(conn, DROP, &drop, err);
    if (rc == ARTDAG_OK) {
        sqlite3_bind_blob64(drop, 1, key->path, strlen(key->path), SQLITE_STATIC);
        rc = ad_db_run(conn, drop, err);
    }
    if (rc == ARTDAG_OK && !is_racy(key))
        rc = add(conn, key, cid, err);
    return noted(cache, ad_db_end(conn, rc, err));
}
