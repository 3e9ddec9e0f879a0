/* SPDX-License-Identifier: MIT
 *
 * Writing what a CID names to a path. Everything is made under a temporary name beside it and
 * renamed at the end. Entry names come from outside and must be plain names; no link made here
 * is ever followed, because no name is written twice.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/handle.h"

#define COPY_BYTES (1u << 20)
#define ENTRIES_MAX (1u << 24) /* a few blocks can describe more files than any disk holds */

struct todo {
    struct ad_cid cid;
    const char *path;
};

struct export
{
    struct ad_store *store;
    struct ad_arena arena; /* paths */
    AD_VEC(struct todo) todo;
    const char *folder; /* the one being listed */
    struct ad_buf copy;
    struct ad_buf block;
};

static enum artdag_err check_name(struct ad_str name, artdag_error *err)
{
    if (name.len > 0 && !ad_str_is(name, ".") && !ad_str_is(name, "..") &&
        memchr(name.ptr, '/', name.len) == NULL && memchr(name.ptr, '\0', name.len) == NULL)
        return ARTDAG_OK;
    return ad_error_set(err, ARTDAG_E_FORMAT, ROOM,
                        "the directory has an entry named \"%.*s\", which is no file name",
                        (int)(name.len < 80 ? name.len : 80), name.len > 0 ? name.ptr : "");
}

static enum artdag_err copy_content(struct export *ex, struct ad_unixfs_file *file, int fd,
                                    artdag_error *err)
{
    uint64_t at = 0;
    enum artdag_err code = ARTDAG_OK;
    while (code == ARTDAG_OK && at < ad_unixfs_size(file)) {
        size_t got = 0;
        code = ad_unixfs_pread(file, ex->copy.data, ex->copy.len, at, &got, err);
        if (code == ARTDAG_OK)
            code = ad_fs_write_full(fd, ex->copy.data, got, ROOM, err);
        at += got;
    }
    return code;
}

static enum artdag_err write_regular(struct export *ex, const struct todo *todo,
                                     artdag_error *err)
{
    struct ad_unixfs_file *file = NULL;
    enum artdag_err code = ad_store_open_file(ex->store, &todo->cid, &file, err);
    if (code != ARTDAG_OK)
        return code;
    int fd = open(todo->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        code = ad_error_errno(err, errno, ROOM, "cannot create");
        goto out;
    }
    code = copy_content(ex, file, fd, err);
    if (code == ARTDAG_OK && fsync(fd) != 0 && errno != EINVAL)
        code = ad_error_errno(err, errno, ROOM, "cannot sync");
    if (close(fd) != 0 && code == ARTDAG_OK && errno != EINTR)
        code = ad_error_errno(err, errno, ROOM, "cannot write");
out:
    ad_unixfs_close(file);
    return code;
}

static enum artdag_err write_symlink(struct export *ex, const struct todo *todo,
                                     struct ad_str target, artdag_error *err)
{
    if (target.len == 0 || memchr(target.ptr, '\0', target.len) != NULL)
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM,
                            "a symbolic link with an impossible target");
    const char *text = ad_arena_strdup(&ex->arena, target);
    if (text == NULL)
        return ad_error_nomem(err, ROOM);
    if (symlink(text, todo->path) != 0)
        return ad_error_errno(err, errno, ROOM, "cannot create the link");
    return ARTDAG_OK;
}

static enum artdag_err push_entry(void *payload, const struct ad_dir_entry *entry,
                                  artdag_error *err)
{
    struct export *ex = payload;
    enum artdag_err code = check_name(entry->name, err);
    if (code != ARTDAG_OK)
        return code;
    if (ex->todo.len >= ENTRIES_MAX)
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "the directory holds more than %u files",
                            ENTRIES_MAX);
    struct todo todo = {
        .cid = entry->cid,
        .path = ad_arena_printf(&ex->arena, "%s/%.*s", ex->folder, AD_STR_ARG(entry->name))};
    return todo.path != NULL && ad_vec_push(&ex->todo, todo) ? ARTDAG_OK
                                                             : ad_error_nomem(err, ROOM);
}

static enum artdag_err write_folder(struct export *ex, const struct todo *todo,
                                    artdag_error *err)
{
    struct ad_cid cid = todo->cid; /* todo moves when the list grows */
    ex->folder = todo->path;
    if (mkdir(todo->path, 0777) != 0)
        return ad_error_errno(err, errno, ROOM, "cannot create the folder");
    return ad_store_list(ex->store, &cid, push_entry, ex, err);
}

static enum artdag_err write_one(struct export *ex, const struct todo *todo, artdag_error *err)
{
    enum ad_unixfs_type type = AD_UNIXFS_RAW;
    struct ad_str data = {0};
    enum artdag_err code =
        ad_store_node_type(ex->store, &todo->cid, &ex->block, &type, &data, err);
    if (code != ARTDAG_OK)
        return code;
    switch (type) {
    case AD_UNIXFS_RAW:
    case AD_UNIXFS_FILE:
        return write_regular(ex, todo, err);
    case AD_UNIXFS_SYMLINK:
        return write_symlink(ex, todo, data, err);
    case AD_UNIXFS_DIRECTORY:
    case AD_UNIXFS_HAMT:
        return write_folder(ex, todo, err);
    case AD_UNIXFS_METADATA:
        break;
    }
    return ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM, "a UnixFS metadata node");
}

static enum artdag_err write_all(struct export *ex, artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    if (ad_buf_extend(&ex->copy, COPY_BYTES) == NULL)
        return ad_error_nomem(err, ROOM);
    for (size_t i = 0; i < ex->todo.len && code == ARTDAG_OK; i++) {
        const char *path = ex->todo.items[i].path;
        code = write_one(ex, &ex->todo.items[i], err);
        /* What can be there already is a name that differs in case only, on a file system that
         * does not tell them apart. */
        if (code != ARTDAG_OK)
            code = ad_error_prefix(err, code, "%s", path);
    }
    return code;
}

static enum artdag_err check_target(struct ad_store *store, const struct ad_cid *cid,
                                    const char *path, artdag_error *err)
{
    struct stat st = {0};
    enum ad_unixfs_type type = AD_UNIXFS_RAW;
    struct ad_buf block = AD_BUF_INIT(AD_BLOCK_MAX);
    enum artdag_err code = ad_store_node_type(store, cid, &block, &type, NULL, err);
    ad_buf_fini(&block);
    if (code != ARTDAG_OK || lstat(path, &st) != 0)
        return code;
    bool folder = type == AD_UNIXFS_DIRECTORY || type == AD_UNIXFS_HAMT;
    if (S_ISDIR(st.st_mode))
        return ad_error_set(err, ARTDAG_E_EXISTS, ROOM, "%s is a folder that exists", path);
    if (folder || !(S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)))
        return ad_error_set(err, ARTDAG_E_EXISTS, ROOM, "%s exists and cannot be replaced",
                            path);
    return ARTDAG_OK;
}

/* path + ".artdag-RANDOM", without slashes at the end of path. */
static char *temp_path(struct export *ex, const char *path)
{
    uint64_t random = 0;
    struct ad_str bare = ad_str_from(path);
    while (bare.len > 1 && bare.ptr[bare.len - 1] == '/')
        bare.len--;
    if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
        random = (uint64_t)ad_clock_monotonic_us();
    return ad_arena_printf(&ex->arena, "%.*s.artdag-%016llx", AD_STR_ARG(bare),
                           (unsigned long long)random);
}

/* An empty folder that came up meanwhile would be replaced by a plain rename. */
static int move_to(const char *temp, const char *path)
{
    struct stat st = {0};
    if (lstat(temp, &st) != 0)
        return -1;
    if (!S_ISDIR(st.st_mode))
        return rename(temp, path);
    int rc = renameat2(AT_FDCWD, temp, AT_FDCWD, path, RENAME_NOREPLACE);
    return rc != 0 && errno == EINVAL ? rename(temp, path) : rc;
}

enum artdag_err ad_store_export(struct ad_store *store, const struct ad_cid *cid,
                                const char *path, artdag_error *err)
{
    struct export ex = {
        .store = store, .copy = AD_BUF_INIT(COPY_BYTES), .block = AD_BUF_INIT(AD_BLOCK_MAX)};
    enum artdag_err code = check_target(store, cid, path, err);
    if (code != ARTDAG_OK)
        return code;
    ad_arena_init(&ex.arena, 0);
    const char *temp = temp_path(&ex, path);
    struct todo todo = {.cid = *cid, .path = temp};
    if (temp == NULL || !ad_vec_push(&ex.todo, todo))
        code = ad_error_nomem(err, ROOM);
    if (code == ARTDAG_OK)
        code = write_all(&ex, err);
    if (code == ARTDAG_OK && move_to(temp, path) != 0)
        code = ad_error_errno(err, errno, ROOM, "cannot write %s", path);
    if (code != ARTDAG_OK && temp != NULL)
        (void)ad_fs_remove_tree(temp, ROOM, NULL);
    ad_vec_fini(&ex.todo);
    ad_buf_fini(&ex.copy);
    ad_buf_fini(&ex.block);
    ad_arena_fini(&ex.arena);
    return code;
}
