/* SPDX-License-Identifier: MIT
 *
 * What only the sqlite back end promises; the rest is in tests/contract/state.
 */
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "ad_test.h"
#include "ad_test_cid.h"
#include "ad_test_locale.h"
#include "state/state.h"

static struct ad_state *open_state(const char *path)
{
    artdag_error err = {0};
    struct ad_state *s = NULL;
    assert_ok(ad_state_open(ad_test_path("sqlite:", "%s", path), NULL, &s, &err));
    return s;
}

static struct ad_id id_of(uint64_t n)
{
    struct ad_id id = {{0}};
    (void)!ad_sha256(&n, sizeof(n), id.bytes, NULL);
    return id;
}

static void meddle(const char *path, const char *text)
{
    sqlite3 *handle = NULL;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

/* The first column of the first row of a query, as text. */
static void query(const char *path, const char *text, char *ret, size_t size)
{
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(handle, text, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    (void)snprintf(ret, size, "%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(handle);
}

static void entries_are_stored_as_the_format_page_says(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "state.db");
    struct ad_state *s = open_state(path);
    struct ad_id id = {{0}};
    char got[512];
    memset(id.bytes, 0x11, sizeof(id.bytes));
    /* SHA-256 of "abc" (FIPS 180-4) as a dag-pb CID and as a version 0 CID. */
    struct ad_cid cid =
        ad_test_cid("bafybeif2pall7dybz7vecqka3zo24irdwabwdi4wc55jznaq75q7eaavvu");
    assert_ok(ad_state_set(s, AD_STATE_PLAN, &id, &cid, NULL, &err));
    cid.version = 0;
    assert_ok(ad_state_set(s, AD_STATE_STEP, &id, &cid, NULL, &err));
    ad_state_close(s);
    query(path,
          "SELECT group_concat(map||' '||hex(id)||' '||codec||' '||hex(block), ',') FROM entry",
          got, sizeof(got));
    assert_string_equal(
        got, "0 1111111111111111111111111111111111111111111111111111111111111111 0 "
             "1220BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD,"
             "3 1111111111111111111111111111111111111111111111111111111111111111 112 "
             "1220BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
    query(path, "PRAGMA application_id", got, sizeof(got));
    assert_string_equal(got, "1634890852"); /* "artd" */
    query(path, "PRAGMA user_version", got, sizeof(got));
    assert_string_equal(got, "2");
    query(path, "PRAGMA integrity_check", got, sizeof(got));
    assert_string_equal(got, "ok");
}

static void a_state_of_a_newer_artdag_is_refused(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "state.db");
    struct ad_state *s = NULL;
    ad_state_close(open_state(path));
    meddle(path, "PRAGMA user_version=3");
    assert_fails(ARTDAG_E_UNSUPPORTED,
                 ad_state_open(ad_test_path("sqlite:", "%s", path), NULL, &s, &err));
    assert_null(s);
}

static enum artdag_err count_rate(void *payload, const struct ad_rate_record *rate,
                                  artdag_error *err)
{
    size_t *count = payload;
    (void)rate;
    (void)err;
    ++*count;
    return ARTDAG_OK;
}

static void a_state_of_version_1_is_brought_up(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "state.db");
    struct ad_id id = id_of(1);
    struct ad_cid cid =
        ad_test_cid("bafybeif2pall7dybz7vecqka3zo24irdwabwdi4wc55jznaq75q7eaavvu");
    struct ad_rate_record rate = {"ENCODE", 1, 2, 3};
    char got[64];
    size_t count = 0;
    struct ad_state *s = open_state(path);
    assert_ok(ad_state_set(s, AD_STATE_STEP, &id, &cid, NULL, &err));
    ad_state_close(s);
    meddle(path, "DROP TABLE rate");
    meddle(path, "PRAGMA user_version=1");
    s = open_state(path);
    struct ad_cid found;
    assert_ok(ad_state_get(s, AD_STATE_STEP, &id, &found, &err));
    assert_ok(ad_state_rates_add(s, &rate, 1, &err));
    assert_ok(ad_state_rates(s, count_rate, &count, &err));
    assert_int_equal(count, 1);
    ad_state_close(s);
    query(path, "PRAGMA user_version", got, sizeof(got));
    assert_string_equal(got, "2");
}

/* One entry, in a checkpointed file. */
static void make_entry(const char *path, const struct ad_id *id)
{
    artdag_error err = {0};
    struct ad_state *s = open_state(path);
    const struct ad_cid cid = ad_cid_v1(AD_CODEC_RAW, id->bytes);
    assert_ok(ad_state_set(s, AD_STATE_STEP, id, &cid, NULL, &err));
    ad_state_close(s);
}

static void a_row_that_makes_no_sense_is_corrupt(void **state)
{
    static const char *const harm[] = {
        "UPDATE entry SET block=x'1220'",           "UPDATE entry SET block=x''",
        "UPDATE entry SET block=zeroblob(1000000)", "UPDATE entry SET codec=-1",
        "UPDATE entry SET codec=1099511627776",
    };
    for (size_t i = 0; i < sizeof(harm) / sizeof(harm[0]); i++) {
        artdag_error err = {0};
        const char *path = ad_test_path(*state, "%zu.db", i);
        const struct ad_id id = id_of(1);
        struct ad_cid got = {0};
        make_entry(path, &id);
        meddle(path, harm[i]);
        struct ad_state *s = open_state(path);
        assert_fails(ARTDAG_E_CORRUPT, ad_state_get(s, AD_STATE_STEP, &id, &got, &err));
        assert_false(ad_cid_is_set(&got));
        assert_true(err.hint[0] != '\0');
        ad_state_close(s);
    }
}

static void damaged_pages_are_corrupt_and_never_wrong_answers(void **state)
{
    enum {
        COUNT = 2000
    };
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "state.db");
    struct ad_state *s = open_state(path);
    for (uint64_t n = 0; n < COUNT; n++) {
        const struct ad_id id = id_of(n);
        const struct ad_cid cid = ad_cid_v1(AD_CODEC_RAW, id.bytes);
        assert_ok(ad_state_set(s, AD_STATE_STEP, &id, &cid, NULL, &err));
    }
    ad_state_close(s);
    meddle(path, "PRAGMA wal_checkpoint(TRUNCATE)");
    size_t len = 0, corrupt = 0;
    uint8_t *bytes = ad_test_read(path, &len);
    assert_true(len > 30 * 4096);
    memset(bytes + 10 * 4096, 0xa5, 10 * 4096);
    ad_test_write(path, bytes, len);
    s = open_state(path);
    for (uint64_t n = 0; n < COUNT; n++) {
        const struct ad_id id = id_of(n);
        const struct ad_cid cid = ad_cid_v1(AD_CODEC_RAW, id.bytes);
        struct ad_cid got = {0};
        enum artdag_err rc = ad_state_get(s, AD_STATE_STEP, &id, &got, &err);
        if (rc == ARTDAG_OK) {
            assert_cids_equal(&got, &cid);
        } else {
            assert_int_equal(rc, ARTDAG_E_CORRUPT);
            corrupt++;
        }
    }
    assert_true(corrupt > 0);
    ad_state_close(s);
}

static void garbage_in_place_of_the_file_is_corrupt(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "state.db");
    struct ad_state *s = NULL;
    uint8_t garbage[8192];
    ad_test_seed(1);
    ad_test_random_bytes(garbage, sizeof(garbage));
    ad_test_write(path, garbage, sizeof(garbage));
    assert_fails(ARTDAG_E_CORRUPT,
                 ad_state_open(ad_test_path("sqlite:", "%s", path), NULL, &s, &err));
    assert_non_null(strstr(err.hint, "move the file away"));
    assert_string_equal(err.room, "state");
}

static void what_is_stored_does_not_depend_on_the_locale(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "state.db");
    const struct ad_run_record run = {.started_ms = 1234567890123, .steps_total = 1234567};
    char got[64];
    int64_t seq = 0;
    ad_test_comma_locale(*state);
    struct ad_state *s = open_state(path);
    assert_ok(ad_state_run_begin(s, &run, &seq, &err));
    ad_state_close(s);
    (void)setlocale(LC_ALL, "C");
    query(path, "SELECT started_ms||' '||steps_total FROM run", got, sizeof(got));
    assert_string_equal(got, "1234567890123 1234567");
}

static void dead_claims_are_swept_when_a_run_begins(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "state.db");
    struct ad_state *s = open_state(path);
    const struct ad_id old = id_of(1), live = id_of(2);
    const struct ad_run_record run = {0};
    char got[64];
    int64_t seq = 0;
    assert_ok(ad_state_try_claim(s, &old, "alice", 60000, NULL, &err));
    assert_ok(ad_state_try_claim(s, &live, "alice", 60000, NULL, &err));
    meddle(path, "UPDATE claim SET granted_ms=granted_ms-60001 WHERE id=("
                 "SELECT min(id) FROM claim)");
    assert_ok(ad_state_run_begin(s, &run, &seq, &err));
    query(path, "SELECT count(*) FROM claim", got, sizeof(got));
    assert_string_equal(got, "1");
    ad_state_close(s);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(entries_are_stored_as_the_format_page_says),
    ad_test_in_dir(a_state_of_a_newer_artdag_is_refused),
    ad_test_in_dir(a_state_of_version_1_is_brought_up),
    ad_test_in_dir(a_row_that_makes_no_sense_is_corrupt),
    ad_test_in_dir(damaged_pages_are_corrupt_and_never_wrong_answers),
    ad_test_in_dir(garbage_in_place_of_the_file_is_corrupt),
    ad_test_in_dir(what_is_stored_does_not_depend_on_the_locale),
    ad_test_in_dir(dead_claims_are_swept_when_a_run_begins),
};
AD_TEST_MAIN(tests)
