/* SPDX-License-Identifier: MIT
 *
 * What the tests of the fs back end share: a store in a test's folder, seen from above and from
 * below.
 */
#ifndef IN_STORE_H
#define IN_STORE_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ad_test.h"
#include "ad_test_cid.h"
#include "store/store.h"

static inline struct ad_store *open_logged(const char *dir, const artdag_log *log)
{
    artdag_error err = {0};
    struct ad_store *store = NULL;
    assert_ok(ad_store_open(ad_test_path("fs:", "%s/store", dir), log, &store, &err));
    return store;
}

static inline struct ad_store *open_in(const char *dir)
{
    return open_logged(dir, NULL);
}

/* DIR/store/FOLDER/XX/NAME of a block, worked out from the CID's digest alone. */
static inline const char *block_file(const char *dir, const char *folder,
                                     const struct ad_cid *cid)
{
    struct ad_buf text = AD_BUF_INIT(100);
    uint8_t bytes[34] = {0x12, 0x20};
    assert_int_equal(cid->digest_len, 32);
    memcpy(bytes + 2, cid->digest, 32);
    assert_int_equal(ad_multibase_encode('b', bytes, sizeof(bytes), &text), ARTDAG_OK);
    const char *name = (const char *)text.data + 1;
    const char *path = ad_test_path(dir, "store/%s/%.2s/%s", folder, name + text.len - 4, name);
    ad_buf_fini(&text);
    return path;
}

static inline bool here(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static size_t counted_files;

static inline int count_one(const char *path, const struct stat *st, int type,
                            struct FTW *where)
{
    (void)type;
    counted_files += !S_ISDIR(st->st_mode) && strcmp(path + where->base, "lock") != 0;
    return 0;
}

/* Files below path, lock files not counted. */
static inline size_t count_files(const char *path)
{
    counted_files = 0;
    assert_int_equal(nftw(path, count_one, 8, FTW_PHYS), 0);
    return counted_files;
}

static inline struct ad_cid add_random(struct ad_store *store, uint64_t salt, size_t len)
{
    artdag_error err = {0};
    struct ad_cid cid = {0};
    uint8_t *data = malloc(len);
    assert_non_null(data);
    ad_test_seed(salt);
    ad_test_random_bytes(data, len);
    assert_ok(ad_store_add_bytes(store, data, len, &cid, &err));
    free(data);
    return cid;
}

static inline bool is_complete(struct ad_store *store, const struct ad_cid *cid)
{
    artdag_error err = {0};
    bool complete = false;
    assert_ok(ad_store_complete(store, cid, &complete, &err));
    return complete;
}

/* As if the file had been used last so long ago. */
static inline void make_older(const char *path, int64_t seconds)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
    struct timespec times[2] = {now, now};
    times[0].tv_sec -= seconds;
    times[1].tv_sec -= seconds;
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static inline int64_t age_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return time(NULL) - st.st_mtim.tv_sec;
}

/* Replaces the file's content, whatever its mode says. */
static inline void overwrite(const char *path, const void *data, size_t len)
{
    assert_int_equal(unlink(path), 0);
    ad_test_write(path, data, len);
}

#endif
