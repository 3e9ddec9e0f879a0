/* SPDX-License-Identifier: MIT
 *
 * Blocks that have their place: reading, looking up, listing, putting away.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fs.h"

/* Reading marks a block as used, but not each time: gc's order of eviction need not be finer,
 * and a disk that only serves reads should not be kept busy writing. Access times are not used
 * because most systems do not keep them. */
#define USED_NS (INT64_C(3600) * 1000000000)

static void mark_used(int fd, const struct stat *st)
{
    if (ad_clock_wall_ms() - ad_fs_time_ns(st->st_mtim) / 1000000 > USED_NS / 1000000)
        (void)futimens(fd, NULL); /* a store that may only be read is fine */
}

/* Up to len bytes; of a file that is too long or was cut short, what there is: the check
 * against the CID tells. */
static enum artdag_err read_range(int fd, uint64_t offset, uint64_t len, struct ad_buf *buf,
                                  artdag_error *err)
{
    ad_buf_clear(buf);
    if (len > AD_BLOCK_MAX)
        len = AD_BLOCK_MAX;
    if (len == 0)
        return ARTDAG_OK;
    uint8_t *data = ad_buf_extend(buf, (size_t)len);
    if (data == NULL) {
        enum artdag_err status = ad_buf_status(buf);
        return status == ARTDAG_E_NOMEM
                   ? ad_error_nomem(err, ROOM)
                   : ad_error_set(err, status, ROOM, "the block has more than %zu bytes",
                                  buf->max);
    }
    return ad_fs_pread_full(fd, data, (size_t)len, offset, &buf->len, ROOM, err);
}

/* Opens what holds the block: staged first (a commit may move it to its place between two
 * looks), then stored. -1 with errno, ENOENT when neither. */
static int open_block(const struct ad_fs_store *fs, struct ad_fs_name *name)
{
    char staged[96];
    int fd = -1;
    if (ad_fs_staged(fs, name, false, staged, sizeof(staged)))
        fd = ad_fs_openat(fs->root, staged, O_RDONLY, 0);
    return fd >= 0 ? fd : ad_fs_openat(fs->root, ad_fs_name_path(name, "blocks"), O_RDONLY, 0);
}

static enum artdag_err open_ref(const struct ad_fs_store *fs, struct ad_fs_name *name,
                                struct ad_backend_ref *ret, int *ret_fd, artdag_error *err)
{
    char staged[96];
    if (ad_fs_staged(fs, name, true, staged, sizeof(staged)) &&
        faccessat(fs->root, staged, R_OK, 0) == 0)
        return ad_fs_ref_open(fs, staged, ret, ret_fd, err);
    return ad_fs_ref_open(fs, ad_fs_name_path(name, "refs"), ret, ret_fd, err);
}

enum artdag_err ad_fs_get(void *self, const struct ad_cid *cid, struct ad_buf *buf,
                          artdag_error *err)
{
    const struct ad_fs_store *fs = self;
    struct ad_fs_name name;
    struct ad_backend_ref ref = {0};
    struct stat st = {0};
    enum artdag_err code = ad_fs_name_of(cid, &name, err);
    if (code != ARTDAG_OK)
        return code;
    int fd = open_block(fs, &name);
    if (fd >= 0) {
        code = fstat(fd, &st) == 0 ? read_range(fd, 0, (uint64_t)st.st_size, buf, err)
                                   : ad_error_errno(err, errno, ROOM, "cannot read a block");
        if (code == ARTDAG_OK)
            mark_used(fd, &st);
    } else if (errno != ENOENT) {
        return ad_error_errno(err, errno, ROOM, "cannot open %s/%s", fs->path, name.path);
    } else {
        code = open_ref(fs, &name, &ref, &fd, err);
        if (code != ARTDAG_OK)
            return code;
        code = read_range(fd, ref.offset, ref.len, buf, err);
    }
    (void)close(fd);
    return code;
}

enum artdag_err ad_fs_has(void *self, const struct ad_cid *cid, bool *ret, uint64_t *ret_len,
                          artdag_error *err)
{
    const struct ad_fs_store *fs = self;
    struct ad_fs_name name;
    struct ad_backend_ref ref = {0};
    struct stat st = {0};
    char staged[96];
    uint64_t len = 0;
    enum artdag_err code = ad_fs_name_of(cid, &name, err);
    if (code != ARTDAG_OK)
        return code;
    bool found = ad_fs_staged(fs, &name, false, staged, sizeof(staged)) &&
                 fstatat(fs->root, staged, &st, 0) == 0;
    found = found || fstatat(fs->root, ad_fs_name_path(&name, "blocks"), &st, 0) == 0;
    if (found) {
        len = (uint64_t)st.st_size;
    } else if (errno != ENOENT) {
        return ad_error_errno(err, errno, ROOM, "cannot look up %s/%s", fs->path, name.path);
    } else {
        int fd = -1;
        code = open_ref(fs, &name, &ref, &fd, err);
        if (code != ARTDAG_OK && code != ARTDAG_E_NOTFOUND && code != ARTDAG_E_CORRUPT)
            return code;
        found = code == ARTDAG_OK;
        len = ref.len;
        if (fd >= 0)
            (void)close(fd);
    }
    *ret = found;
    if (ret_len != NULL && found)
        *ret_len = len;
    return ARTDAG_OK;
}

/* Puts away what is at FOLDER/XX/NAME. Something put there in the meantime is at worst stored
 * once more later. */
static enum artdag_err move_away(const struct ad_fs_store *fs, struct ad_fs_name *name,
                                 const char *folder, artdag_error *err)
{
    char to[256];
    (void)snprintf(to, sizeof(to), "quarantine/%s%s", name->text,
                   folder[0] == 'r' ? ".ref" : "");
    if (renameat(fs->root, ad_fs_name_path(name, folder), fs->root, to) != 0 && errno != ENOENT)
        return ad_error_errno(err, errno, ROOM, "cannot quarantine %s/%s", fs->path,
                              name->path);
    return ARTDAG_OK;
}

enum artdag_err ad_fs_quarantine(void *self, const struct ad_cid *cid, artdag_error *err)
{
    const struct ad_fs_store *fs = self;
    struct ad_fs_name name;
    struct stat st = {0};
    struct ad_buf buf = AD_BUF_INIT(AD_BLOCK_MAX);
    /* Another thread may have replaced it by a good one since it was read. */
    enum artdag_err code = ad_fs_get(self, cid, &buf, err);
    if (code == ARTDAG_OK)
        code = ad_cid_verify(cid, buf.data, buf.len, err);
    ad_buf_fini(&buf);
    if (code == ARTDAG_E_NOTFOUND)
        return ARTDAG_OK;
    if (code != ARTDAG_E_CORRUPT)
        return code;
    code = ad_fs_name_of(cid, &name, err);
    if (code != ARTDAG_OK)
        return code;
    bool stored = fstatat(fs->root, ad_fs_name_path(&name, "blocks"), &st, 0) == 0;
    return move_away(fs, &name, stored ? "blocks" : "refs", err);
}

static enum artdag_err each_in(struct ad_fs_store *fs, const char *folder,
                               enum artdag_err (*fn)(void *payload,
                                                     const struct ad_backend_block *block,
                                                     artdag_error *err),
                               void *payload, artdag_error *err)
{
    char path[600];
    struct stat st = {0};
    struct ad_fs_names names = {0};
    struct ad_backend_block block = {.reference = folder[0] == 'r'};
    enum artdag_err code = ad_fs_names_list(fs, folder, &names, err);
    for (int i = 0; code == ARTDAG_OK && i < names.len; i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names.items[i]->d_name);
        if (fstatat(fs->root, path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno != ENOENT) /* gone meanwhile */
                code = ad_error_errno(err, errno, ROOM, "cannot read %s/%s", fs->path, path);
            continue;
        }
        if (!S_ISREG(st.st_mode) || !ad_fs_name_parse(names.items[i]->d_name, &block.cid)) {
            ad_log_warn(fs->log, "store.foreign-file", "%s/%s is not a block and is left alone",
                        fs->path, path);
            continue;
        }
        block.bytes = (uint64_t)st.st_size;
        block.used_ns = ad_fs_time_ns(st.st_mtim);
        code = fn(payload, &block, err);
    }
    ad_fs_names_free(&names);
    return code;
}

enum artdag_err ad_fs_each(void *self,
                           enum artdag_err (*fn)(void *payload,
                                                 const struct ad_backend_block *block,
                                                 artdag_error *err),
                           void *payload, artdag_error *err)
{
    static const char *const tops[] = {"blocks", "refs"};
    struct ad_fs_store *fs = self;
    enum artdag_err code = ARTDAG_OK;
    char folder[300];
    for (size_t t = 0; code == ARTDAG_OK && t < 2; t++) {
        struct ad_fs_names names = {0};
        code = ad_fs_names_list(fs, tops[t], &names, err);
        for (int i = 0; code == ARTDAG_OK && i < names.len; i++) {
            (void)snprintf(folder, sizeof(folder), "%s/%s", tops[t], names.items[i]->d_name);
            code = each_in(fs, folder, fn, payload, err);
        }
        ad_fs_names_free(&names);
    }
    return code;
}

enum artdag_err ad_fs_remove(void *self, const struct ad_backend_block *block,
                             bool *ret_removed, artdag_error *err)
{
    const struct ad_fs_store *fs = self;
    struct ad_fs_name name;
    struct stat st = {0};
    enum artdag_err code = ad_fs_name_of(&block->cid, &name, err);
    if (code != ARTDAG_OK)
        return code;
    const char *path = ad_fs_name_path(&name, block->reference ? "refs" : "blocks");
    bool same = fstatat(fs->root, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                ad_fs_time_ns(st.st_mtim) == block->used_ns;
    if (same && unlinkat(fs->root, path, 0) != 0 && errno != ENOENT)
        return ad_error_errno(err, errno, ROOM, "cannot remove %s/%s", fs->path, path);
    *ret_removed = same;
    return ARTDAG_OK;
}
