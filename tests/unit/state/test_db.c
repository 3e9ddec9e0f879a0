/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ad_test.h"
#include "state/db.h"

enum {
    PUT,
    COUNT_ROWS,
    STATEMENTS
};
static const char *const sql[STATEMENTS] = {
    [PUT] = "INSERT INTO t(x) VALUES(?1)",
    [COUNT_ROWS] = "SELECT count(*) FROM t",
};
static const struct ad_db_spec spec = {
    .what = "thing",
    .application_id = 4711,
    .version = 3,
    .schema = "CREATE TABLE t(x TEXT NOT NULL);",
    .sql = sql,
    .sql_count = STATEMENTS,
    .hint = "make another",
};

static struct ad_db *open_db(const char *path)
{
    artdag_error err = {0};
    struct ad_db *db = NULL;
    assert_ok(ad_db_open(path, &spec, &db, &err));
    return db;
}

static void put(struct ad_db *db, const char *text)
{
    artdag_error err = {0};
    struct ad_conn *conn = NULL;
    sqlite3_stmt *statement = NULL;
    assert_ok(ad_db_write(db, &conn, &err));
    enum artdag_err rc = ad_db_statement(conn, PUT, &statement, &err);
    if (rc == ARTDAG_OK) {
        ad_db_bind_text(statement, 1, text);
        rc = ad_db_run(conn, statement, &err);
    }
    assert_int_equal(ad_db_end(conn, rc, &err), ARTDAG_OK);
}

static int64_t count_in(struct ad_conn *conn)
{
    artdag_error err = {0};
    sqlite3_stmt *statement = NULL;
    bool row = false;
    assert_ok(ad_db_statement(conn, COUNT_ROWS, &statement, &err));
    assert_ok(ad_db_step(conn, statement, &row, &err));
    assert_true(row);
    return sqlite3_column_int64(statement, 0);
}

static int64_t count(struct ad_db *db)
{
    artdag_error err = {0};
    struct ad_conn *conn = NULL;
    assert_ok(ad_db_read(db, false, &conn, &err));
    int64_t n = count_in(conn);
    ad_db_done(conn);
    return n;
}

/* Runs SQL on the file behind artdag's back. */
static void meddle(const char *path, const char *text)
{
    sqlite3 *handle = NULL;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

static void a_file_is_made_with_its_folders_and_header_and_kept(void **state)
{
    const char *path = ad_test_path(*state, "a/b/thing.db");
    struct ad_db *db = open_db(path);
    assert_string_equal(ad_db_path(db), path);
    put(db, "one");
    ad_db_close(db);
    db = open_db(path);
    assert_int_equal(count(db), 1);
    ad_db_close(db);
    /* Header of the SQLite file format: user_version at 60, application_id at 68. */
    meddle(path, "PRAGMA wal_checkpoint(TRUNCATE)");
    size_t len = 0;
    uint8_t *bytes = ad_test_read(path, &len);
    assert_true(len >= 100);
    assert_bytes_hex(bytes, 16, "53514c69746520666f726d6174203300");
    assert_bytes_hex(bytes + 18, 2, "0202"); /* WAL */
    assert_bytes_hex(bytes + 60, 4, "00000003");
    assert_bytes_hex(bytes + 68, 4, "00001267");
}

static void a_failed_transaction_leaves_nothing(void **state)
{
    artdag_error err = {0};
    struct ad_db *db = open_db(ad_test_path(*state, "thing.db"));
    struct ad_conn *conn = NULL;
    sqlite3_stmt *statement = NULL;
    put(db, "one");
    assert_ok(ad_db_write(db, &conn, &err));
    assert_ok(ad_db_statement(conn, PUT, &statement, &err));
    ad_db_bind_text(statement, 1, "two");
    assert_ok(ad_db_run(conn, statement, &err));
    assert_int_equal(count_in(conn), 2);
    assert_int_equal(ad_db_end(conn, ARTDAG_E_CANCELED, &err), ARTDAG_E_CANCELED);
    assert_int_equal(count(db), 1);
    put(db, NULL); /* NULL counts as "" */
    assert_int_equal(count(db), 2);
    ad_db_close(db);
}

static void a_snapshot_does_not_see_what_is_written_meanwhile(void **state)
{
    artdag_error err = {0};
    struct ad_db *db = open_db(ad_test_path(*state, "thing.db"));
    struct ad_conn *conn = NULL;
    put(db, "one");
    assert_ok(ad_db_read(db, true, &conn, &err));
    assert_int_equal(count_in(conn), 1);
    put(db, "two");
    assert_int_equal(count_in(conn), 1);
    assert_int_equal(count(db), 2);
    ad_db_done(conn);
    ad_db_close(db);
}

static void many_readers_at_once_get_a_connection_each(void **state)
{
    artdag_error err = {0};
    struct ad_db *db = open_db(ad_test_path(*state, "thing.db"));
    struct ad_conn *conns[20] = {0};
    for (size_t i = 0; i < 20; i++)
        assert_ok(ad_db_read(db, true, &conns[i], &err));
    for (size_t i = 0; i < 20; i++)
        for (size_t j = 0; j < i; j++)
            assert_ptr_not_equal(conns[i], conns[j]);
    put(db, "one");
    for (size_t i = 0; i < 20; i++)
        ad_db_done(conns[i]);
    assert_int_equal(count(db), 1);
    ad_db_close(db);
}

static void a_reader_cannot_write(void **state)
{
    artdag_error err = {0};
    struct ad_db *db = open_db(ad_test_path(*state, "thing.db"));
    struct ad_conn *conn = NULL;
    sqlite3_stmt *statement = NULL;
    assert_ok(ad_db_read(db, false, &conn, &err));
    assert_ok(ad_db_statement(conn, PUT, &statement, &err));
    ad_db_bind_text(statement, 1, "one");
    assert_fails(ARTDAG_E_IO, ad_db_run(conn, statement, &err));
    ad_db_done(conn);
    assert_int_equal(count(db), 0);
    ad_db_close(db);
}

static void a_relative_path_is_that_of_the_moment_of_opening(void **state)
{
    char before[4096];
    assert_non_null(getcwd(before, sizeof(before)));
    assert_int_equal(chdir(*state), 0);
    struct ad_db *db = open_db("thing.db");
    struct ad_db *odd = open_db(":memory:"); /* a file like any other */
    assert_int_equal(chdir(before), 0);
    put(db, "one");
    put(odd, "two");
    assert_int_equal(count(db), 1); /* on a connection that was opened elsewhere */
    assert_int_equal(count(odd), 1);
    ad_db_close(db);
    ad_db_close(odd);
    assert_int_equal(access(ad_test_path(*state, "thing.db"), R_OK), 0);
    assert_int_equal(access(ad_test_path(*state, ":memory:"), R_OK), 0);
}

static void a_newer_schema_is_refused_and_not_touched(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "thing.db");
    struct ad_db *db = NULL;
    ad_db_close(open_db(path));
    meddle(path, "PRAGMA user_version=4");
    assert_fails(ARTDAG_E_UNSUPPORTED, ad_db_open(path, &spec, &db, &err));
    assert_err_says("version 4");
    assert_err_says("up to 3");
    assert_true(err.hint[0] != '\0');
    meddle(path, "PRAGMA user_version=3");
    ad_db_close(open_db(path));
}

static void another_programs_database_is_refused(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "mail.db");
    struct ad_db *db = NULL;
    meddle(path, "CREATE TABLE mail(x); INSERT INTO mail VALUES(1)");
    assert_fails(ARTDAG_E_INVAL, ad_db_open(path, &spec, &db, &err));
    meddle(path, "PRAGMA application_id=1; DROP TABLE mail");
    assert_fails(ARTDAG_E_INVAL, ad_db_open(path, &spec, &db, &err));
    assert_err_says("another program's");
}

static void a_file_that_is_no_database_is_corrupt_with_a_hint(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "thing.db");
    struct ad_db *db = NULL;
    static const char text[4096] = "this is a letter to my mother";
    ad_test_write(path, text, sizeof(text));
    assert_fails(ARTDAG_E_CORRUPT, ad_db_open(path, &spec, &db, &err));
    assert_err_says(path);
    assert_string_equal(err.hint, "make another");
    assert_null(db);
}

static void paths_that_cannot_hold_a_file_are_io(void **state)
{
    artdag_error err = {0};
    struct ad_db *db = NULL;
    ad_test_write(ad_test_path(*state, "file"), "x", 1);
    assert_fails(ARTDAG_E_IO, ad_db_open(ad_test_path(*state, "file/t.db"), &spec, &db, &err));
    assert_fails(ARTDAG_E_IO,
                 ad_db_open(ad_test_path(*state, "file/d/t.db"), &spec, &db, &err));
    assert_fails(ARTDAG_E_IO, ad_db_open(*state, &spec, &db, &err));
    assert_fails(ARTDAG_E_INVAL, ad_db_open(ad_test_path(*state, "a/"), &spec, &db, &err));
    assert_fails(ARTDAG_E_INVAL, ad_db_open("", &spec, &db, &err));
}

/* Root may write anywhere, so this is asked by somebody else. Gives the code of opening path. */
static int open_as_nobody(const char *path)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        struct ad_db *db = NULL;
        if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(99);
        _exit((int)ad_db_open(path, &spec, &db, NULL));
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void unwritable_folders_and_read_only_files_are_io(void **state)
{
    const char *path = ad_test_path(*state, "thing.db");
    assert_int_equal(chmod(*state, 0555), 0);
    assert_int_equal(open_as_nobody(path), ARTDAG_E_IO);
    assert_int_equal(chmod(*state, 0777), 0);
    assert_int_equal(open_as_nobody(path), ARTDAG_OK);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chown(path, geteuid(), getegid()), 0);
    assert_int_equal(open_as_nobody(path), ARTDAG_E_IO);
}

static void a_full_disk_is_io_and_leaves_the_data_as_it_was(void **state)
{
    artdag_error err = {0};
    struct ad_db *db = open_db(ad_test_path(*state, "thing.db"));
    struct ad_conn *conn = NULL;
    sqlite3_stmt *statement = NULL;
    static char big[1 << 20];
    memset(big, 'x', sizeof(big) - 1);
    put(db, "one");
    assert_ok(ad_db_write(db, &conn, &err));
    /* SQLite's own limit on pages fails as a full disk does. */
    assert_int_equal(sqlite3_exec(conn->handle, "PRAGMA max_page_count=10", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_ok(ad_db_statement(conn, PUT, &statement, &err));
    ad_db_bind_text(statement, 1, big);
    assert_fails(ARTDAG_E_IO, ad_db_run(conn, statement, &err));
    assert_err_says("no space left");
    assert_int_equal(ad_db_end(conn, ARTDAG_E_IO, &err), ARTDAG_E_IO);
    assert_int_equal(count(db), 1);
    put(db, "two");
    assert_int_equal(count(db), 2);
    ad_db_close(db);
}

static void closing_leaves_a_small_log_and_the_next_open_reads_it(void **state)
{
    const char *path = ad_test_path(*state, "thing.db");
    struct ad_db *db = open_db(path);
    put(db, "one");
    ad_db_close(db);
    struct stat st;
    assert_int_equal(stat(ad_test_path(*state, "thing.db-wal"), &st), 0);
    assert_true(st.st_size > 0 && st.st_size <= 8 << 20);
    db = open_db(path);
    assert_int_equal(count(db), 1);
    ad_db_close(db);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(a_file_is_made_with_its_folders_and_header_and_kept),
    ad_test_in_dir(a_failed_transaction_leaves_nothing),
    ad_test_in_dir(a_snapshot_does_not_see_what_is_written_meanwhile),
    ad_test_in_dir(many_readers_at_once_get_a_connection_each),
    ad_test_in_dir(a_reader_cannot_write),
    ad_test_in_dir(a_relative_path_is_that_of_the_moment_of_opening),
    ad_test_in_dir(a_newer_schema_is_refused_and_not_touched),
    ad_test_in_dir(another_programs_database_is_refused),
    ad_test_in_dir(a_file_that_is_no_database_is_corrupt_with_a_hint),
    ad_test_in_dir(paths_that_cannot_hold_a_file_are_io),
    ad_test_in_dir(unwritable_folders_and_read_only_files_are_io),
    ad_test_in_dir(a_full_disk_is_io_and_leaves_the_data_as_it_was),
    ad_test_in_dir(closing_leaves_a_small_log_and_the_next_open_reads_it),
};
AD_TEST_MAIN(tests)
