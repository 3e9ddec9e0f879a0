/* SPDX-License-Identifier: MIT
 *
 * Look-ups in a state, each against the same look-ups made with bare SQLite calls on the same file:
 * one prepared "SELECT ... WHERE map=? AND id=?", alone and inside one transaction.
 *
 * usage: bench_state [ENTRIES]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "state/state.h"

#define ENTRIES 1000000
#define POINTS 100000
#define BATCH 1000

static double now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void check(int ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "bench_state: %s failed\n", what);
    exit(1);
}

static struct ad_id id_of(uint64_t n)
{
    struct ad_id id;
    check(ad_sha256(&n, sizeof(n), id.bytes, NULL) == ARTDAG_OK, "hashing");
    return id;
}

/* Every id of the benchmark is there. Entries are spread like real ones: by hash. */
static struct ad_id *pick(uint64_t entries, size_t count)
{
    struct ad_id *ids = ad_alloc_array(count, sizeof(*ids));
    uint64_t x = 88172645463325252u;
    check(ids != NULL, "allocation");
    for (size_t i = 0; i < count; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        ids[i] = id_of(x % entries);
    }
    return ids;
}

/* Filling is not measured, hence one transaction behind the state's back. */
static void fill(const char *path, uint64_t entries)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *add = NULL;
    check(sqlite3_open(path, &db) == SQLITE_OK, "open");
    check(sqlite3_exec(db, "PRAGMA cache_size=-500000; BEGIN", NULL, NULL, NULL) == SQLITE_OK,
          "begin");
    check(sqlite3_prepare_v2(db, "INSERT INTO entry VALUES(0, ?1, 112, x'1220'||?1)", -1, &add,
                             NULL) == SQLITE_OK,
          "prepare");
    for (uint64_t n = 0; n < entries; n++) {
        struct ad_id id = id_of(n);
        sqlite3_bind_blob(add, 1, id.bytes, AD_ID_BYTES, SQLITE_STATIC);
        check(sqlite3_step(add) == SQLITE_DONE, "insert");
        sqlite3_reset(add);
    }
    sqlite3_finalize(add);
    check(sqlite3_exec(db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL) ==
              SQLITE_OK,
          "commit");
    sqlite3_close(db);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), by_value);
    return values[count / 2];
}

static double state_point(struct ad_state *state, const struct ad_id *ids, double *times)
{
    for (size_t i = 0; i < POINTS; i++) {
        struct ad_cid cid;
        double start = now_us();
        check(ad_state_get(state, AD_STATE_STEP, &ids[i], &cid, NULL) == ARTDAG_OK, "get");
        times[i] = now_us() - start;
    }
    return median(times, POINTS);
}

static double state_rate(struct ad_state *state, const struct ad_id *ids)
{
    static struct ad_cid cids[BATCH];
    static bool found[BATCH];
    double start = now_us();
    for (size_t i = 0; i < POINTS; i += BATCH)
        check(ad_state_get_many(state, AD_STATE_STEP, ids + i, BATCH, cids, found, NULL) ==
                  ARTDAG_OK,
              "get_many");
    return POINTS / (now_us() - start) * 1e6;
}

static void raw_get(sqlite3_stmt *get, const struct ad_id *id)
{
    sqlite3_bind_int(get, 1, 0);
    sqlite3_bind_blob(get, 2, id->bytes, AD_ID_BYTES, SQLITE_STATIC);
    check(sqlite3_step(get) == SQLITE_ROW && sqlite3_column_bytes(get, 1) == 34, "select");
    sqlite3_reset(get);
}

static double raw_point(sqlite3_stmt *get, const struct ad_id *ids, double *times)
{
    for (size_t i = 0; i < POINTS; i++) {
        double start = now_us();
        raw_get(get, &ids[i]);
        times[i] = now_us() - start;
    }
    return median(times, POINTS);
}

static double raw_rate(sqlite3 *db, sqlite3_stmt *get, const struct ad_id *ids)
{
    double start = now_us();
    for (size_t i = 0; i < POINTS; i += BATCH) {
        check(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK, "begin");
        for (size_t j = 0; j < BATCH; j++)
            raw_get(get, &ids[i + j]);
        check(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK, "commit");
    }
    return POINTS / (now_us() - start) * 1e6;
}

static void measure(const char *path, uint64_t entries)
{
    char url[600];
    struct ad_state *state = NULL;
    sqlite3 *db = NULL;
    sqlite3_stmt *get = NULL;
    struct ad_id *ids = pick(entries, POINTS);
    double *times = ad_alloc_array(POINTS, sizeof(*times));
    check(times != NULL, "allocation");
    (void)snprintf(url, sizeof(url), "sqlite:%s", path);
    check(ad_state_open(url, NULL, &state, NULL) == ARTDAG_OK, "opening the state");
    fill(path, entries);
    check(sqlite3_open(path, &db) == SQLITE_OK, "open");
    check(sqlite3_exec(db, "PRAGMA cache_size=-65536", NULL, NULL, NULL) == SQLITE_OK, "cache");
    check(sqlite3_prepare_v2(db, "SELECT codec, block FROM entry WHERE map=?1 AND id=?2", -1,
                             &get, NULL) == SQLITE_OK,
          "prepare");
    (void)state_rate(state, ids); /* warms the page cache for both */
    (void)raw_rate(db, get, ids);
    double raw_us = raw_point(get, ids, times), us = state_point(state, ids, times);
    double raw_per_s = raw_rate(db, get, ids), per_s = state_rate(state, ids);
    (void)printf("entries                  %" PRIu64 "\n", entries);
    (void)printf("point look-up, p50       %.2f us   bare SQLite %.2f us   ratio %.2f\n", us,
                 raw_us, us / raw_us);
    (void)printf("batches of %d          %.0f/s   bare SQLite %.0f/s   ratio %.2f\n", BATCH,
                 per_s, raw_per_s, per_s / raw_per_s);
    sqlite3_finalize(get);
    sqlite3_close(db);
    ad_state_close(state);
    free(times);
    free(ids);
}

int main(int argc, char **argv)
{
    uint64_t entries = ENTRIES;
    char folder[] = "/tmp/bench-state-XXXXXX", path[64];
    if (argc > 1)
        check(ad_str_to_u64(ad_str_from(argv[1]), &entries) && entries > 0, "reading ENTRIES");
    check(mkdtemp(folder) != NULL, "mkdtemp");
    (void)snprintf(path, sizeof(path), "%s/state.db", folder);
    measure(path, entries);
    return ad_fs_remove_tree(folder, "bench", NULL) == ARTDAG_OK ? 0 : 1;
}
