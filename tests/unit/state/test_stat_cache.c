/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "ad_test.h"
#include "ad_test_cid.h"
#include "state/state.h"

#define NOW_MS INT64_C(1700000000000)
#define MS INT64_C(1000000)

/* A file whose times are well in the past of the moment at which it was looked at. */
static struct ad_stat_key settled(const char *path)
{
    return (struct ad_stat_key){
        .path = path,
        .size = 1234,
        .inode = UINT64_MAX - 5, /* does not fit a signed number */
        .device = 2049,
        .mtime_ns = (NOW_MS - 5000) * MS + 111,
        .ctime_ns = (NOW_MS - 4000) * MS + 222,
        .taken_ms = NOW_MS,
    };
}

static struct ad_stat_cache *open_cache(const char *dir)
{
    artdag_error err = {0};
    struct ad_stat_cache *cache = NULL;
    assert_ok(ad_stat_cache_open(ad_test_path(dir, "stat.db"), &cache, &err));
    return cache;
}

static struct ad_cid cid_of(uint8_t n)
{
    return ad_cid_v1(AD_CODEC_DAG_PB, (const uint8_t[32]){n});
}

static void a_file_is_known_again_after_reopening(void **state)
{
    artdag_error err = {0};
    struct ad_stat_cache *cache = open_cache(*state);
    const struct ad_stat_key key = settled("/films/\xff\xfe odd.mkv");
    const struct ad_cid cid = cid_of(1);
    struct ad_cid got = {0};
    assert_fails(ARTDAG_E_NOTFOUND, ad_stat_cache_get(cache, &key, &got, &err));
    assert_ok(ad_stat_cache_set(cache, &key, &cid, &err));
    ad_stat_cache_close(cache);
    cache = open_cache(*state);
    struct ad_stat_key later = key;
    later.taken_ms = 0; /* nothing to get */
    assert_ok(ad_stat_cache_get(cache, &later, &got, &err));
    assert_cids_equal(&got, &cid);
    ad_stat_cache_close(cache);
}

static void any_difference_makes_the_file_unknown(void **state)
{
    artdag_error err = {0};
    struct ad_stat_cache *cache = open_cache(*state);
    const struct ad_stat_key key = settled("/films/a.mkv");
    const struct ad_cid cid = cid_of(1);
    struct ad_cid got = {0};
    struct ad_stat_key keys[7];
    for (size_t i = 0; i < 7; i++)
        keys[i] = key;
    keys[0].path = "/films/b.mkv";
    keys[1].size++;
    keys[2].inode++;
    keys[3].device++;
    keys[4].mtime_ns++;
    keys[5].ctime_ns--;
    keys[6].path = "/films/a.mk";
    assert_ok(ad_stat_cache_set(cache, &key, &cid, &err));
    for (size_t i = 0; i < 7; i++)
        assert_fails(ARTDAG_E_NOTFOUND, ad_stat_cache_get(cache, &keys[i], &got, &err));
    assert_ok(ad_stat_cache_get(cache, &key, &got, &err));
    ad_stat_cache_close(cache);
}

static void the_newest_answer_replaces_the_old(void **state)
{
    artdag_error err = {0};
    struct ad_stat_cache *cache = open_cache(*state);
    const struct ad_stat_key before = settled("/films/a.mkv");
    struct ad_stat_key after = before;
    const struct ad_cid a = cid_of(1), b = cid_of(2);
    struct ad_cid got = {0};
    after.size++;
    assert_ok(ad_stat_cache_set(cache, &before, &a, &err));
    assert_ok(ad_stat_cache_set(cache, &after, &b, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_stat_cache_get(cache, &before, &got, &err));
    assert_ok(ad_stat_cache_get(cache, &after, &got, &err));
    assert_cids_equal(&got, &b);
    ad_stat_cache_close(cache);
}

struct moment {
    int64_t mtime_ns, ctime_ns;
    bool kept;
};

static void a_file_that_could_still_change_unseen_is_not_kept(void **state)
{
    const int64_t now = NOW_MS * MS;
    const struct moment moments[] = {
        {now - 20 * MS - 1, now - 20 * MS - 1, true},
        {now - 20 * MS, now - 20 * MS, true},
        {now - 20 * MS + 1, now - 20 * MS + 1, false},
        {now, now, false},
        {now + 5000 * MS, now + 5000 * MS, false}, /* the clock was turned back */
        {now - 9000 * MS, now - 1 * MS, false},    /* mtime set back after a change */
        {now + 9000 * MS, now - 50 * MS, true},    /* mtime set to the future */
        {now - 1000 * MS, now - 1000 * MS, false}, /* whole seconds: a coarse clock */
        {now - 2000 * MS, now - 2000 * MS, true},
        {now - 3000 * MS, now - 50 * MS, true}, /* whole seconds by choice (touch) */
    };
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        artdag_error err = {0};
        struct ad_stat_cache *cache = open_cache(ad_test_path(*state, "%zu", i));
        struct ad_stat_key key = settled("/films/a.mkv");
        const struct ad_cid cid = cid_of(1);
        struct ad_cid got = {0};
        /* What was known before is forgotten in any case. */
        assert_ok(ad_stat_cache_set(cache, &key, &cid, &err));
        const struct ad_stat_key old = key;
        key.mtime_ns = moments[i].mtime_ns;
        key.ctime_ns = moments[i].ctime_ns;
        assert_ok(ad_stat_cache_set(cache, &key, &cid, &err));
        assert_fails(ARTDAG_E_NOTFOUND, ad_stat_cache_get(cache, &old, &got, &err));
        enum artdag_err rc = ad_stat_cache_get(cache, &key, &got, NULL);
        assert_int_equal(rc, moments[i].kept ? ARTDAG_OK : ARTDAG_E_NOTFOUND);
        ad_stat_cache_close(cache);
    }
}

static void a_key_without_its_moment_is_refused(void **state)
{
    artdag_error err = {0};
    struct ad_stat_cache *cache = open_cache(*state);
    struct ad_stat_key key = settled("/films/a.mkv");
    const struct ad_cid cid = cid_of(1);
    key.taken_ms = 0;
    assert_fails(ARTDAG_E_INVAL, ad_stat_cache_set(cache, &key, &cid, &err));
    key.taken_ms = INT64_MAX;
    assert_fails(ARTDAG_E_INVAL, ad_stat_cache_set(cache, &key, &cid, &err));
    ad_stat_cache_close(cache);
}

/* As a caller does it: the clock first, then stat. */
static struct ad_stat_key look_at(const char *path)
{
    struct stat st;
    struct ad_stat_key key = {.path = path, .taken_ms = ad_clock_wall_ms()};
    assert_int_equal(stat(path, &st), 0);
    key.size = (uint64_t)st.st_size;
    key.inode = (uint64_t)st.st_ino;
    key.device = (uint64_t)st.st_dev;
    key.mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    key.ctime_ns = (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec;
    return key;
}

/* Files are rewritten with the same length as fast as possible: whenever one still looks the same,
 * its old CID must not be given. */
static void a_real_file_that_is_rewritten_at_once_is_never_mistaken(void **state)
{
    artdag_error err = {0};
    struct ad_stat_cache *cache = open_cache(*state);
    const char *path = ad_test_path(*state, "a.mkv");
    ad_test_write(path, "one", 3);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    for (int i = 0; i < 300; i++) {
        const struct ad_cid cid = cid_of(1);
        struct ad_cid got = {0};
        assert_int_equal(pwrite(fd, "one", 3, 0), 3);
        struct ad_stat_key before = look_at(path);
        assert_ok(ad_stat_cache_set(cache, &before, &cid, &err));
        assert_int_equal(pwrite(fd, "two", 3, 0), 3);
        struct ad_stat_key after = look_at(path);
        assert_fails(ARTDAG_E_NOTFOUND, ad_stat_cache_get(cache, &after, &got, &err));
    }
    (void)close(fd);
    ad_stat_cache_close(cache);
}

static void a_damaged_cache_is_begun_anew(void **state)
{
    artdag_error err = {0};
    struct ad_stat_cache *cache = open_cache(*state);
    const struct ad_stat_key key = settled("/films/a.mkv");
    const struct ad_cid cid = cid_of(1);
    struct ad_cid got = {0};
    static const char text[5000] = "no database";
    assert_ok(ad_stat_cache_set(cache, &key, &cid, &err));
    ad_stat_cache_close(cache);
    ad_test_write(ad_test_path(*state, "stat.db"), text, sizeof(text));
    assert_int_equal(unlink(ad_test_path(*state, "stat.db-wal")),
                     0); /* it would heal the file */
    cache = open_cache(*state);
    assert_fails(ARTDAG_E_NOTFOUND, ad_stat_cache_get(cache, &key, &got, &err));
    assert_ok(ad_stat_cache_set(cache, &key, &cid, &err));
    assert_ok(ad_stat_cache_get(cache, &key, &got, &err));
    ad_stat_cache_close(cache);
}

static void damage_that_shows_late_is_gone_at_the_next_open(void **state)
{
    artdag_error err = {0};
    struct ad_stat_cache *cache = open_cache(*state);
    const struct ad_stat_key key = settled("/films/a.mkv");
    const struct ad_cid cid = cid_of(1);
    struct ad_cid got = {0};
    sqlite3 *handle = NULL;
    assert_ok(ad_stat_cache_set(cache, &key, &cid, &err));
    ad_stat_cache_close(cache);
    assert_int_equal(sqlite3_open(ad_test_path(*state, "stat.db"), &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, "UPDATE file SET block=x'00ff'", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
    cache = open_cache(*state);
    assert_fails(ARTDAG_E_CORRUPT, ad_stat_cache_get(cache, &key, &got, &err));
    ad_stat_cache_close(cache);
    cache = open_cache(*state);
    assert_fails(ARTDAG_E_NOTFOUND, ad_stat_cache_get(cache, &key, &got, &err));
    ad_stat_cache_close(cache);
}

static void a_state_is_not_taken_for_a_stat_cache(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = NULL;
    struct ad_stat_cache *cache = NULL;
    const char *dir = *state;
    assert_ok(ad_state_open(ad_test_path("sqlite:", "%s/state.db", dir), NULL, &s, &err));
    assert_fails(ARTDAG_E_INVAL,
                 ad_stat_cache_open(ad_test_path(dir, "state.db"), &cache, &err));
    ad_state_close(s);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(a_file_is_known_again_after_reopening),
    ad_test_in_dir(any_difference_makes_the_file_unknown),
    ad_test_in_dir(the_newest_answer_replaces_the_old),
    ad_test_in_dir(a_file_that_could_still_change_unseen_is_not_kept),
    ad_test_in_dir(a_key_without_its_moment_is_refused),
    ad_test_in_dir(a_real_file_that_is_rewritten_at_once_is_never_mistaken),
    ad_test_in_dir(a_damaged_cache_is_begun_anew),
    ad_test_in_dir(damage_that_shows_late_is_gone_at_the_next_open),
    ad_test_in_dir(a_state_is_not_taken_for_a_stat_cache),
};
AD_TEST_MAIN(tests)
