/* SPDX-License-Identifier: MIT
 *
 * register: bytes of this machine become CIDs.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/site.h"

#define ROOM "pipeline"

static struct ad_stat_key stat_key(const char *path, const struct stat *st, int64_t taken_ms)
{
    return (struct ad_stat_key){
        .path = path,
        .taken_ms = taken_ms,
        .size = (uint64_t)st->st_size,
        .inode = (uint64_t)st->st_ino,
        .device = (uint64_t)st->st_dev,
        .mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
        .ctime_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec,
    };
}

/* The CID that an unchanged file had when it was last read, if its bytes are still here. */
static bool recall(struct ad_site *site, const struct ad_stat_key *key, struct ad_cid *ret)
{
    struct ad_cid cid;
    bool complete = false;
    if (site->rehash || ad_stat_cache_get(site->stats, key, &cid, NULL) != ARTDAG_OK)
        return false;
    if (ad_lease_hold(site->lease, &cid, &complete, NULL) != ARTDAG_OK || !complete)
        return false;
    *ret = cid;
    return true;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static enum artdag_err import_file(struct ad_site *site, int fd, const char *path,
                                   const struct stat *before, const struct ad_stat_key *key,
                                   struct ad_cid *ret, artdag_error *err)
{
    struct ad_cid cid;
    bool complete = false;
    struct stat after;
    enum artdag_err rc = ad_store_add_fd(site->store, fd, path, NULL, &cid, NULL, err);
    if (rc == ARTDAG_OK)
        rc = ad_lease_hold(site->lease, &cid, &complete, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (fstat(fd, &after) != 0)
        return ad_error_errno(err, errno, ROOM, "cannot stat %s", path);
    if (!same_file(before, &after)) {
        ad_error_set(err, ARTDAG_E_BUSY, ROOM, "the file changed while it was read");
        ad_error_hint(err, "wait until it is written and run again");
        return ARTDAG_E_BUSY;
    }
    /* Not being able to remember costs a read next time, nothing else. */
    if (ad_stat_cache_set(site->stats, key, &cid, NULL) != ARTDAG_OK)
        ad_log_info(site->log, "pipeline.stat-cache", "cannot remember the CID of an input");
    *ret = cid;
    return ARTDAG_OK;
}

/* Reads and imports; the stat data taken before is that of the very file that is open. */
static enum artdag_err read_path(struct ad_site *site, const char *path, const char *real,
                                 struct ad_cid *ret, artdag_error *err)
{
    struct stat st;
    int64_t taken_ms = ad_clock_wall_ms(); /* before the stat: see ad_stat_key */
    int fd = open(real, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return ad_error_errno(err, errno, ROOM, "cannot read the input %s", path);
    enum artdag_err rc;
    if (fstat(fd, &st) != 0) {
        rc = ad_error_errno(err, errno, ROOM, "cannot stat %s", path);
    } else if (!S_ISREG(st.st_mode)) {
        rc =
            ad_error_set(err, ARTDAG_E_INVAL, ROOM, "the input %s is not a regular file", path);
    } else {
        struct ad_stat_key key = stat_key(real, &st, taken_ms);
        rc = import_file(site, fd, real, &st, &key, ret, err);
    }
    close(fd);
    return rc;
}

/* A file that is known by its stat data is not even opened. */
static enum artdag_err register_path(struct ad_site *site, const char *path, struct ad_cid *ret,
                                     artdag_error *err)
{
    struct stat st;
    char *real = realpath(path, NULL);
    if (!real)
        return ad_error_errno(err, errno, ROOM, "cannot find the input %s", path);
    enum artdag_err rc = ARTDAG_OK;
    bool known = false;
    if (stat(real, &st) == 0 && S_ISREG(st.st_mode)) {
        struct ad_stat_key key = stat_key(real, &st, 0);
        known = recall(site, &key, ret);
    }
    if (!known)
        rc = read_path(site, path, real, ret, err);
    free(real);
    return rc;
}

static enum artdag_err register_cid(struct ad_site *site, const char *text, struct ad_cid *ret,
                                    artdag_error *err)
{
    struct ad_cid cid;
    bool complete = false;
    enum artdag_err rc = ad_cid_parse(ad_str_from(text), &cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_lease_hold(site->lease, &cid, &complete, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (!complete) {
        ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "the input is not whole in the store");
        ad_error_cid(err, text);
        ad_error_hint(err, "add the file, or import a CAR that holds it");
        return ARTDAG_E_NOTFOUND;
    }
    *ret = cid;
    return ARTDAG_OK;
}

enum artdag_err ad_register_input(struct ad_site *site, const char *path_or_cid,
                                  struct ad_cid *ret, artdag_error *err)
{
    if (!ad_fs_exists(path_or_cid) && ad_cid_looks_like(ad_str_from(path_or_cid)))
        return register_cid(site, path_or_cid, ret, err);
    return register_path(site, path_or_cid, ret, err);
}

static enum artdag_err too_long(const char *path_or_cid, uint64_t bytes, artdag_error *err)
{
    (void)ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "%s has %llu bytes", path_or_cid,
                       (unsigned long long)bytes);
    ad_error_hint(err, "a file for a filter to read has at most %lld",
                  (long long)AD_FILE_BYTES_MAX);
    return ARTDAG_E_LIMIT;
}

/* The size is asked before the bytes are read, and again of what was read. */
enum artdag_err ad_register_file(struct ad_site *site, const char *path_or_cid,
                                 struct ad_cid *ret, artdag_error *err)
{
    struct stat st;
    struct ad_unixfs_file *file = NULL;
    struct ad_cid cid;
    if (stat(path_or_cid, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > AD_FILE_BYTES_MAX)
        return too_long(path_or_cid, (uint64_t)st.st_size, err);
    enum artdag_err rc = ad_register_input(site, path_or_cid, &cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_open_file(site->store, &cid, &file, err);
    if (rc != ARTDAG_OK)
        return rc;
    uint64_t bytes = ad_unixfs_size(file);
    ad_unixfs_close(file);
    if (bytes > (uint64_t)AD_FILE_BYTES_MAX)
        return too_long(path_or_cid, bytes, err);
    *ret = cid;
    return ARTDAG_OK;
}
