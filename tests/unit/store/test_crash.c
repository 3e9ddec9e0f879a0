/* SPDX-License-Identifier: MIT
 *
 * Writers that are killed in the middle.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "in_store.h"

#define KILLS 15
#define FILE_BYTES 1500000

/* Adds one random file after another, and reports the digest of each that was acknowledged. */
static void write_for_ever(const char *dir, int report, uint64_t salt)
{
    struct ad_store *store = open_in(dir);
    for (uint64_t i = 0;; i++) {
        struct ad_cid cid = add_random(store, salt * 1000 + i, FILE_BYTES);
        if (write(report, cid.digest, 32) != 32)
            _exit(1);
    }
}

/* True while reports come; false at the end of the pipe. */
static bool read_report(int fd, uint8_t digest[32])
{
    size_t got = 0;
    while (got < 32) {
        ssize_t n = read(fd, digest + got, 32 - got);
        if (n == 0)
            return false;
        assert_true(n > 0 || errno == EINTR);
        got += n > 0 ? (size_t)n : 0;
    }
    return true;
}

static void killed_writer_leaves_a_clean_store(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    size_t acknowledged = 0;
    for (uint64_t i = 0; i < KILLS; i++) {
        int report[2];
        uint8_t digest[32];
        struct ad_verify_result result = {0};
        assert_int_equal(pipe(report), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_for_ever(*state, report[1], i);
        (void)close(report[1]);
        /* At a place that differs from time to time: some files done, then somewhere in the
         * next one. */
        ad_test_seed(i);
        for (uint64_t n = ad_test_random_below(3); n > 0; n--) {
            assert_true(read_report(report[0], digest));
            acknowledged++;
        }
        (void)usleep((useconds_t)ad_test_random_below(8000));
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        while (read_report(report[0], digest)) {
            struct ad_cid cid = ad_cid_v1(AD_CODEC_DAG_PB, digest);
            assert_true(is_complete(store, &cid));
            acknowledged++;
        }
        (void)close(report[0]);
        assert_ok(ad_store_verify(store, NULL, NULL, &result, &err));
        assert_int_equal(result.corrupt, 0);
    }
    assert_true(acknowledged > 0);
    /* What the dead had begun is cleaned away. */
    assert_ok(ad_store_gc(store, NULL, NULL, &err));
    assert_int_equal(count_files(ad_test_path(*state, "store/tmp")), 0);
    ad_store_close(store);
}

static void writes_of_a_dead_process_are_removed_by_the_next_writer(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    int ready[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct ad_store *mine = open_in(*state);
        struct ad_cid cid = {0};
        (void)ad_cid_of(AD_CODEC_RAW, "abc", 3, &cid, NULL);
        (void)ad_store_put(mine, &cid, "abc", 3, NULL);
        (void)!write(ready[1], "x", 1);
        for (;;)
            (void)pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    const char *tmp = ad_test_path(*state, "store/tmp");
    assert_int_equal(count_files(tmp), 1);
    assert_ok(ad_store_gc(store, NULL, NULL, &err));
    assert_int_equal(count_files(tmp), 1); /* it lives */
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    (void)add_random(store, 1, 10);
    assert_int_equal(count_files(tmp), 0);
    (void)close(ready[0]);
    (void)close(ready[1]);
    ad_store_close(store);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(killed_writer_leaves_a_clean_store),
    ad_test_in_dir(writes_of_a_dead_process_are_removed_by_the_next_writer),
};
AD_TEST_MAIN(tests)
