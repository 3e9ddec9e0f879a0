/* SPDX-License-Identifier: MIT
 *
 * Private to state: one SQLite file, shared by the threads of this process and by other processes.
 *
 * Writers take turns inside the process at a mutex and among processes at SQLite's lock; each has
 * the file's one writing connection while its transaction lasts. Readers check a connection out of
 * a pool, so that no reader waits for anybody and a callback in the middle of a query may ask
 * another one. Every connection keeps its prepared statements.
 *
 * WAL with synchronous=NORMAL: a power cut may lose the last transactions, never the order or the
 * shape of the data. What is lost here is rendered or read again, so a sync per entry would buy
 * nothing.
 */
#ifndef AD_STATE_DB_H
#define AD_STATE_DB_H

#include <sqlite3.h>

#include "base/base.h"

#define AD_DB_STATEMENTS_MAX 32

/* What a file of one kind is. */
struct ad_db_spec {
    const char *what;       /* "state", for messages */
    int32_t application_id; /* in the file's header: says that it is ours, and of this kind */
    int32_t version;        /* of the schema, from 1; a file with a newer one is refused */
    const char *schema;     /* SQL that makes it */
    const char *const *upgrades; /* [i]: SQL that leads from version i + 1 to i + 2 */
    const char *const *sql;      /* the statements, by number */
    size_t sql_count;            /* at most AD_DB_STATEMENTS_MAX */
    const char *hint;            /* what to do about a damaged file */
};

struct ad_db;

/* A connection, used by one thread at a time. */
struct ad_conn {
    sqlite3 *handle;
    struct ad_db *db;
    struct ad_conn *next; /* in the pool */
    int64_t wait_until_ms;
    bool writes;
    sqlite3_stmt *begin, *begin_write, *commit, *rollback;
    sqlite3_stmt *statements[AD_DB_STATEMENTS_MAX];
};

/* Opens path, creating it and the folders above. spec must outlive the handle. IO, CORRUPT, INVAL (another
 * program's file), UNSUPPORTED (newer version, or a file system that cannot do WAL), TIMEOUT. */
enum artdag_err ad_db_open(const char *path, const struct ad_db_spec *spec, struct ad_db **ret,
                           artdag_error *err);
void ad_db_close(struct ad_db *db);             /* NULL allowed */
const char *ad_db_path(const struct ad_db *db); /* absolute; lives as long as db */

/* Checks a reading connection out; snapshot: all that is read until ad_db_done is of one moment. */
enum artdag_err ad_db_read(struct ad_db *db, bool snapshot, struct ad_conn **ret,
                           artdag_error *err);
void ad_db_done(struct ad_conn *conn); /* NULL allowed; ends its statements */

/* Begins a writing transaction, waiting for those of others. ad_db_end commits when rc is OK, else
 * undoes everything; it returns rc, or how the commit failed. Call no foreign code in between. */
enum artdag_err ad_db_write(struct ad_db *db, struct ad_conn **ret, artdag_error *err);
enum artdag_err ad_db_end(struct ad_conn *conn, enum artdag_err rc, artdag_error *err);

/* Statement number `which`, reset; bound values stay until bound anew. */
enum artdag_err ad_db_statement(struct ad_conn *conn, size_t which, sqlite3_stmt **ret,
                                artdag_error *err);
/* One step: *ret_row says whether there is a row. After the last one the statement is reset. */
enum artdag_err ad_db_step(struct ad_conn *conn, sqlite3_stmt *statement, bool *ret_row,
                           artdag_error *err);
/* Runs a statement that gives no rows. */
enum artdag_err ad_db_run(struct ad_conn *conn, sqlite3_stmt *statement, artdag_error *err);

/* A text column that is declared NOT NULL: NULL only when memory is out. */
const char *ad_db_text(sqlite3_stmt *statement, int column);
/* Binds NULL as "". Like the other binds in this room the bytes must live until the step. */
void ad_db_bind_text(sqlite3_stmt *statement, int index, const char *text);

/* A CID is stored as two columns: codec (0 = version 0) and the multihash. bind fills parameters index
 * and index + 1; the bytes are kept in `space`. column reads them back; CORRUPT. */
#define AD_DB_HASH_MAX 160
struct ad_cid;
void ad_db_bind_cid(sqlite3_stmt *statement, int index, const struct ad_cid *cid,
                    uint8_t space[AD_DB_HASH_MAX]);
/* The multihash alone, as one parameter. */
void ad_db_bind_hash(sqlite3_stmt *statement, int index, const struct ad_cid *cid,
                     uint8_t space[AD_DB_HASH_MAX]);
enum artdag_err ad_db_column_cid(struct ad_conn *conn, sqlite3_stmt *statement, int column,
                                 struct ad_cid *ret, artdag_error *err);

/* The last SQLite call on conn failed: fills err, returns the code. The one place where SQLite's
 * errors become artdag's. */
enum artdag_err ad_db_fail(struct ad_conn *conn, artdag_error *err);
/* A stored record makes no sense. */
enum artdag_err ad_db_damaged(struct ad_conn *conn, artdag_error *err);

#endif
