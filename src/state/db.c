/* SPDX-License-Identifier: MIT */
#include "state/db.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "cid/cid.h"

#define ROOM "state"
#define WAIT_MS 10000 /* for other processes' transactions, which last milliseconds */
#define IDLE_KEPT 8   /* reading connections kept open while nobody reads */
#define CACHE_KIB 65536
#define WAL_LEFT_MAX (8 << 20) /* bytes; SQLite itself checkpoints at 4 MB */

struct ad_db {
    char *path; /* absolute: connections are opened later, from wherever the process is then */
    const struct ad_db_spec *spec;
    pthread_mutex_t pool_lock;
    struct ad_conn *idle;
    size_t idle_count;
    pthread_mutex_t write_lock;
    struct ad_conn *writer;
};

const char *ad_db_path(const struct ad_db *db)
{
    return db->path;
}

/* ---- errors ---- */

static enum artdag_err code_of(int primary)
{
    switch (primary) {
    case SQLITE_NOMEM:
        return ARTDAG_E_NOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ARTDAG_E_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        return ARTDAG_E_TIMEOUT;
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_IOERR:
    case SQLITE_FULL:
        return ARTDAG_E_IO;
    case SQLITE_TOOBIG:
        return ARTDAG_E_LIMIT;
    default:
        return ARTDAG_E_INTERNAL;
    }
}

/* What SQLite knows of errno; it keeps a stale or no number for some of its codes. */
static int errno_of(sqlite3 *handle, int primary)
{
    switch (primary) {
    case SQLITE_FULL:
        return ENOSPC;
    case SQLITE_READONLY:
        return EROFS;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR: {
        int e = sqlite3_system_errno(handle);
        return e ? e : EIO;
    }
    default:
        return 0;
    }
}

static enum artdag_err fail(const struct ad_db *db, sqlite3 *handle, int result,
                            artdag_error *err)
{
    int primary = result & 0xff;
    enum artdag_err code = code_of(primary);
    int e = handle ? errno_of(handle, primary) : 0;
    if (code == ARTDAG_E_NOMEM)
        return ad_error_nomem(err, ROOM);
    if (code == ARTDAG_E_TIMEOUT) {
        ad_error_set(err, code, ROOM, "the %s %s stayed locked for %d s", db->spec->what,
                     db->path, WAIT_MS / 1000);
        ad_error_hint(err, "another process holds it: stop that, or try again");
        return code;
    }
    if (e)
        ad_error_errno(err, e, ROOM, "cannot use the %s %s", db->spec->what, db->path);
    else
        ad_error_set(err, code, ROOM, "the %s %s: %s", db->spec->what, db->path,
                     sqlite3_errstr(result));
    if (err)
        err->code = code; /* a missing file is IO here: NOTFOUND is an answer of the maps */
    if (code == ARTDAG_E_CORRUPT)
        ad_error_hint(err, "%s", db->spec->hint);
    return code;
}

enum artdag_err ad_db_fail(struct ad_conn *conn, artdag_error *err)
{
    return fail(conn->db, conn->handle, sqlite3_extended_errcode(conn->handle), err);
}

enum artdag_err ad_db_damaged(struct ad_conn *conn, artdag_error *err)
{
    return fail(conn->db, NULL, SQLITE_CORRUPT, err);
}

/* ---- connections ---- */

/* SQLite's own waiting sleeps up to 100 ms between tries, which starves one of many writers. */
static int on_busy(void *payload, int tries)
{
    struct ad_conn *conn = payload;
    int64_t now = ad_clock_monotonic_ms();
    if (tries == 0)
        conn->wait_until_ms = now + WAIT_MS;
    if (now >= conn->wait_until_ms)
        return 0;
    (void)usleep(100u << (tries < 5 ? tries : 5));
    return 1;
}

static void close_conn(struct ad_conn *conn)
{
    if (!conn)
        return;
    for (size_t i = 0; i < AD_DB_STATEMENTS_MAX; i++)
        sqlite3_finalize(conn->statements[i]);
    sqlite3_finalize(conn->begin);
    sqlite3_finalize(conn->begin_write);
    sqlite3_finalize(conn->commit);
    sqlite3_finalize(conn->rollback);
    sqlite3_close(conn->handle);
    free(conn);
}

/* The file may come from anywhere: no SQL that its schema smuggles in may do harm. */
static int harden(sqlite3 *handle)
{
    int rc = sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
    return rc;
}

static int set_up(struct ad_conn *conn, bool writes)
{
    sqlite3 *handle = conn->handle;
    char sql[160];
    (void)snprintf(sql, sizeof(sql),
                   "PRAGMA cell_size_check=ON; PRAGMA synchronous=NORMAL;"
                   "PRAGMA cache_size=-%d; PRAGMA query_only=%s;",
                   CACHE_KIB, writes ? "OFF" : "ON");
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_handler(handle, on_busy, conn);
    int rc = harden(handle);
    return rc == SQLITE_OK ? sqlite3_exec(handle, sql, NULL, NULL, NULL) : rc;
}

static enum artdag_err open_conn(struct ad_db *db, bool writes, struct ad_conn **ret,
                                 artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    struct ad_conn *conn = ad_alloc(sizeof(*conn));
    if (!conn)
        return ad_error_nomem(err, ROOM);
    conn->db = db;
    conn->writes = writes;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (writes)
        flags |= SQLITE_OPEN_CREATE;
    int rc = sqlite3_open_v2(db->path, &conn->handle, flags, NULL);
    if (rc == SQLITE_OK)
        rc = set_up(conn, writes);
    if (rc != SQLITE_OK) {
        code = conn->handle ? fail(db, conn->handle, rc, err) : ad_error_nomem(err, ROOM);
        close_conn(conn);
        return code;
    }
    *ret = conn;
    return ARTDAG_OK;
}

/* ---- statements ---- */

static enum artdag_err prepared(struct ad_conn *conn, const char *sql, sqlite3_stmt **slot,
                                artdag_error *err)
{
    if (*slot) {
        sqlite3_reset(*slot);
        return ARTDAG_OK;
    }
    if (sqlite3_prepare_v3(conn->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL) !=
        SQLITE_OK)
        return ad_db_fail(conn, err);
    return ARTDAG_OK;
}

enum artdag_err ad_db_statement(struct ad_conn *conn, size_t which, sqlite3_stmt **ret,
                                artdag_error *err)
{
    enum artdag_err rc =
        prepared(conn, conn->db->spec->sql[which], &conn->statements[which], err);
    if (rc == ARTDAG_OK)
        *ret = conn->statements[which];
    return rc;
}

enum artdag_err ad_db_step(struct ad_conn *conn, sqlite3_stmt *statement, bool *ret_row,
                           artdag_error *err)
{
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        *ret_row = true;
        return ARTDAG_OK;
    }
    if (rc != SQLITE_DONE) {
        enum artdag_err code = ad_db_fail(conn, err);
        sqlite3_reset(statement);
        return code;
    }
    sqlite3_reset(statement);
    *ret_row = false;
    return ARTDAG_OK;
}

enum artdag_err ad_db_run(struct ad_conn *conn, sqlite3_stmt *statement, artdag_error *err)
{
    bool row = false;
    return ad_db_step(conn, statement, &row, err);
}

static enum artdag_err run_once(struct ad_conn *conn, const char *sql, sqlite3_stmt **slot,
                                artdag_error *err)
{
    enum artdag_err rc = prepared(conn, sql, slot, err);
    return rc == ARTDAG_OK ? ad_db_run(conn, *slot, err) : rc;
}

static void reset_all(struct ad_conn *conn)
{
    for (size_t i = 0; i < conn->db->spec->sql_count; i++)
        if (conn->statements[i])
            sqlite3_reset(conn->statements[i]);
}

static void undo(struct ad_conn *conn)
{
    if (!sqlite3_get_autocommit(conn->handle))
        (void)!run_once(conn, "ROLLBACK", &conn->rollback, NULL);
}

/* ---- reading and writing ---- */

static void give_back(struct ad_conn *conn)
{
    struct ad_db *db = conn->db;
    pthread_mutex_lock(&db->pool_lock);
    if (db->idle_count < IDLE_KEPT) {
        conn->next = db->idle;
        db->idle = conn;
        db->idle_count++;
        conn = NULL;
    }
    pthread_mutex_unlock(&db->pool_lock);
    close_conn(conn);
}

enum artdag_err ad_db_read(struct ad_db *db, bool snapshot, struct ad_conn **ret,
                           artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    pthread_mutex_lock(&db->pool_lock);
    struct ad_conn *conn = db->idle;
    if (conn) {
        db->idle = conn->next;
        db->idle_count--;
    }
    pthread_mutex_unlock(&db->pool_lock);
    if (!conn)
        rc = open_conn(db, false, &conn, err);
    if (!conn)
        return rc;
    if (snapshot && (rc = run_once(conn, "BEGIN", &conn->begin, err)) != ARTDAG_OK) {
        give_back(conn);
        return rc;
    }
    *ret = conn;
    return ARTDAG_OK;
}

void ad_db_done(struct ad_conn *conn)
{
    if (!conn)
        return;
    reset_all(conn);
    if (!sqlite3_get_autocommit(conn->handle))
        (void)!run_once(conn, "COMMIT", &conn->commit, NULL);
    undo(conn); /* only when that failed */
    give_back(conn);
}

enum artdag_err ad_db_write(struct ad_db *db, struct ad_conn **ret, artdag_error *err)
{
    pthread_mutex_lock(&db->write_lock);
    struct ad_conn *conn = db->writer;
    enum artdag_err rc = run_once(conn, "BEGIN IMMEDIATE", &conn->begin_write, err);
    if (rc != ARTDAG_OK) {
        pthread_mutex_unlock(&db->write_lock);
        return rc;
    }
    *ret = conn;
    return ARTDAG_OK;
}

enum artdag_err ad_db_end(struct ad_conn *conn, enum artdag_err rc, artdag_error *err)
{
    struct ad_db *db = conn->db;
    reset_all(conn);
    if (rc == ARTDAG_OK)
        rc = run_once(conn, "COMMIT", &conn->commit, err);
    undo(conn);
    pthread_mutex_unlock(&db->write_lock);
    return rc;
}

/* ---- the file ---- */

static enum artdag_err read_number(struct ad_conn *conn, const char *sql, int64_t *ret,
                                   artdag_error *err)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;
    enum artdag_err rc = prepared(conn, sql, &statement, err);
    if (rc == ARTDAG_OK)
        rc = ad_db_step(conn, statement, &row, err);
    if (rc == ARTDAG_OK && row)
        *ret = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return rc;
}

/* *ret_version: 0 for a file that is still empty. */
static enum artdag_err check_header(struct ad_conn *conn, int64_t *ret_version,
                                    artdag_error *err)
{
    const struct ad_db *db = conn->db;
    int64_t application = 0, version = 0, objects = 0;
    enum artdag_err rc = read_number(conn, "PRAGMA application_id", &application, err);
    if (rc == ARTDAG_OK)
        rc = read_number(conn, "PRAGMA user_version", &version, err);
    if (rc == ARTDAG_OK)
        rc = read_number(conn, "SELECT count(*) FROM sqlite_master", &objects, err);
    if (rc != ARTDAG_OK)
        return rc;
    *ret_version = version;
    if (application == 0 && version == 0 && objects == 0)
        return ARTDAG_OK;
    if (application != db->spec->application_id) {
        ad_error_set(err, ARTDAG_E_INVAL, ROOM, "%s is another program's database, not a %s",
                     db->path, db->spec->what);
        ad_error_hint(err, "name another file");
        return ARTDAG_E_INVAL;
    }
    if (version > db->spec->version) {
        ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                     "the %s %s has schema version %d, this artdag knows up to %d",
                     db->spec->what, db->path, (int)version, (int)db->spec->version);
        ad_error_hint(err, "use the artdag that wrote it, or name another file");
        return ARTDAG_E_UNSUPPORTED;
    }
    return version < 1 ? ad_db_damaged(conn, err) : ARTDAG_OK;
}

static enum artdag_err exec(struct ad_conn *conn, const char *sql, artdag_error *err)
{
    return sqlite3_exec(conn->handle, sql, NULL, NULL, NULL) == SQLITE_OK
               ? ARTDAG_OK
               : ad_db_fail(conn, err);
}

/* Makes the tables, or those that later versions added. */
static enum artdag_err bring_up(struct ad_conn *conn, int64_t version, artdag_error *err)
{
    const struct ad_db_spec *spec = conn->db->spec;
    char header[96];
    enum artdag_err rc = version == 0 ? exec(conn, spec->schema, err) : ARTDAG_OK;
    for (int64_t v = version; rc == ARTDAG_OK && v > 0 && v < spec->version; v++)
        rc = exec(conn, spec->upgrades[v - 1], err);
    (void)snprintf(header, sizeof(header), "PRAGMA application_id=%d; PRAGMA user_version=%d;",
                   (int)spec->application_id, (int)spec->version);
    return rc == ARTDAG_OK ? exec(conn, header, err) : rc;
}

/* Another process may have made it since we looked: the transaction decides. */
static enum artdag_err create_schema(struct ad_conn *conn, artdag_error *err)
{
    int64_t version = 0;
    enum artdag_err rc = run_once(conn, "BEGIN IMMEDIATE", &conn->begin_write, err);
    if (rc == ARTDAG_OK)
        rc = check_header(conn, &version, err);
    if (rc == ARTDAG_OK && version < conn->db->spec->version)
        rc = bring_up(conn, version, err);
    if (rc == ARTDAG_OK)
        rc = run_once(conn, "COMMIT", &conn->commit, err);
    undo(conn);
    return rc;
}

static enum artdag_err use_wal(struct ad_conn *conn, artdag_error *err)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;
    enum artdag_err rc = prepared(conn, "PRAGMA journal_mode=WAL", &statement, err);
    if (rc == ARTDAG_OK)
        rc = ad_db_step(conn, statement, &row, err);
    const char *mode = rc == ARTDAG_OK && row ? ad_db_text(statement, 0) : NULL;
    if (rc == ARTDAG_OK && (!mode || strcmp(mode, "wal") != 0)) {
        rc = ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                          "the file system of %s cannot hold a %s", conn->db->path,
                          conn->db->spec->what);
        ad_error_hint(err, "put it on a local disk");
    }
    sqlite3_finalize(statement);
    return rc;
}

static enum artdag_err prepare_once(struct ad_conn *conn, artdag_error *err)
{
    int64_t version = 0;
    if (sqlite3_db_readonly(conn->handle, "main") == 1)
        return fail(conn->db, conn->handle, SQLITE_READONLY, err);
    /* One transaction, or a header from before and tables from after another process's making of
     * the file look like a stranger's database. */
    enum artdag_err rc = run_once(conn, "BEGIN", &conn->begin, err);
    if (rc == ARTDAG_OK)
        rc = check_header(conn, &version, err);
    undo(conn);
    if (rc == ARTDAG_OK)
        rc = use_wal(conn, err);
    if (rc == ARTDAG_OK && version < conn->db->spec->version)
        rc = create_schema(conn, err);
    return rc;
}

/* SQLite does not wait by itself where two processes switch a new file to WAL at once. */
static enum artdag_err prepare_file(struct ad_conn *conn, artdag_error *err)
{
    int64_t until = ad_clock_monotonic_ms() + WAIT_MS;
    for (;;) {
        enum artdag_err rc = prepare_once(conn, err);
        if (rc != ARTDAG_E_TIMEOUT || ad_clock_monotonic_ms() >= until)
            return rc;
        (void)usleep(1000);
    }
}

/* The absolute form of path, whose folder is created when it is missing. */
static enum artdag_err resolve(const char *path, const char *what, char **ret,
                               artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    char real[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *folder = ad_strdup(slash ? path : ".");
    if (!folder)
        return ad_error_nomem(err, ROOM);
    if (slash)
        folder[slash == path ? 1 : slash - path] = '\0';
    if (*name == '\0') {
        rc = ad_error_set(err, ARTDAG_E_INVAL, ROOM, "the %s needs a file name, not \"%s\"",
                          what, path);
        goto out;
    }
    if ((rc = ad_fs_mkdirs(folder, ROOM, err)) != ARTDAG_OK)
        goto out;
    if (!realpath(folder, real)) {
        rc = ad_error_errno(err, errno, ROOM, "cannot resolve %s", folder);
        goto out;
    }
    *ret = ad_fs_join(real, name);
    if (!*ret)
        rc = ad_error_nomem(err, ROOM);
out:
    free(folder);
    return rc;
}

enum artdag_err ad_db_open(const char *path, const struct ad_db_spec *spec, struct ad_db **ret,
                           artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    struct ad_db *db = ad_alloc(sizeof(*db));
    if (!db)
        return ad_error_nomem(err, ROOM);
    db->spec = spec;
    pthread_mutex_init(&db->pool_lock, NULL);
    pthread_mutex_init(&db->write_lock, NULL);
    if ((rc = resolve(path, spec->what, &db->path, err)) != ARTDAG_OK)
        goto out;
    if ((rc = open_conn(db, true, &db->writer, err)) != ARTDAG_OK)
        goto out;
    if ((rc = prepare_file(db->writer, err)) != ARTDAG_OK)
        goto out;
    *ret = db;
    db = NULL;
out:
    ad_db_close(db);
    return rc;
}

/* The last process to close a file would checkpoint it and sync twice, and the next one would sync a
 * new log's head: tens of milliseconds on a slow disk, in every short command. A small log is left
 * behind instead, and read by who comes next in about a millisecond. */
static bool leaves_log(const struct ad_db *db)
{
    struct ad_buf name = AD_BUF_INIT(PATH_MAX + 8);
    struct stat st;
    ad_buf_printf(&name, "%s-wal", db->path ? db->path : "");
    bool small = ad_buf_status(&name) == ARTDAG_OK && stat((const char *)name.data, &st) == 0 &&
                 st.st_size <= WAL_LEFT_MAX;
    ad_buf_fini(&name);
    return small;
}

static void close_last(struct ad_conn *conn, bool leave_log)
{
    if (conn && leave_log)
        sqlite3_db_config(conn->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
    close_conn(conn);
}

void ad_db_close(struct ad_db *db)
{
    if (!db)
        return;
    bool leave_log = leaves_log(db);
    while (db->idle) {
        struct ad_conn *conn = db->idle;
        db->idle = conn->next;
        close_last(conn, leave_log);
    }
    close_last(db->writer, leave_log);
    pthread_mutex_destroy(&db->write_lock);
    pthread_mutex_destroy(&db->pool_lock);
    free(db->path);
    free(db);
}

/* ---- columns ---- */

const char *ad_db_text(sqlite3_stmt *statement, int column)
{
    return (const char *)sqlite3_column_text(statement, column);
}

void ad_db_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
    sqlite3_bind_text(statement, index, text ? text : "", -1, SQLITE_STATIC);
}

void ad_db_bind_hash(sqlite3_stmt *statement, int index, const struct ad_cid *cid,
                     uint8_t space[AD_DB_HASH_MAX])
{
    struct ad_cid bare = *cid;
    _Static_assert(AD_CID_BYTES_MAX <= AD_DB_HASH_MAX, "any multihash fits");
    bare.version = 0; /* whose binary form is the multihash */
    sqlite3_bind_blob(statement, index, space, (int)ad_cid_to_bytes(&bare, space),
                      SQLITE_STATIC);
}

void ad_db_bind_cid(sqlite3_stmt *statement, int index, const struct ad_cid *cid,
                    uint8_t space[AD_DB_HASH_MAX])
{
    sqlite3_bind_int64(statement, index, cid->version == 0 ? 0 : cid->codec);
    ad_db_bind_hash(statement, index + 1, cid, space);
}

enum artdag_err ad_db_column_cid(struct ad_conn *conn, sqlite3_stmt *statement, int column,
                                 struct ad_cid *ret, artdag_error *err)
{
    uint8_t bytes[AD_CID_BYTES_MAX + 16];
    size_t used = 0;
    int64_t codec = sqlite3_column_int64(statement, column);
    const void *hash = sqlite3_column_blob(statement, column + 1);
    int len = sqlite3_column_bytes(statement, column + 1);
    if (!hash || len < 0 || (size_t)len > AD_CID_BYTES_MAX || codec < 0 || codec > UINT32_MAX)
        return ad_db_damaged(conn, err);
    if (codec != 0) {
        bytes[used++] = 1;
        used += ad_varint_encode((uint64_t)codec, bytes + used);
    }
    memcpy(bytes + used, hash, (size_t)len);
    if (ad_cid_from_bytes(bytes, used + (size_t)len, ret, NULL) != ARTDAG_OK)
        return ad_db_damaged(conn, err);
    return ARTDAG_OK;
}
