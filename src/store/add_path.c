/* SPDX-License-Identifier: MIT
 *
 * Adding what a path names. Folders are found breadth first into a list, their files added on
 * the way; then the list is gone through backwards, where every folder comes after all that is
 * in it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "store/add.h"

#define SYMLINK_MAX 4096

struct folder {
    const char *path;
    const char *name; /* in its parent */
    size_t parent;    /* index */
    AD_VEC(struct ad_dir_entry) entries;
};

struct tree {
    struct ad_add *add;
    struct ad_arena arena; /* paths and names */
    AD_VEC(struct folder) folders;
    uint64_t bytes;
};

static enum artdag_err add_symlink(struct ad_add *add, const char *path, struct ad_cid *ret,
                                   uint64_t *ret_tsize, artdag_error *err)
{
    char target[SYMLINK_MAX + 1];
    uint8_t varint[10];
    struct ad_buf data = AD_BUF_INIT(SYMLINK_MAX + 16);
    ssize_t len = readlink(path, target, sizeof(target));
    if (len < 0)
        return ad_error_errno(err, errno, ROOM, "cannot read the link");
    if (len > SYMLINK_MAX)
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "the target of the link is too long");
    /* UnixFS: Type = 4 (symlink), Data = target */
    (void)ad_buf_append(&data, "\x08\x04\x12", 3);
    (void)ad_buf_append(&data, varint, ad_varint_encode((uint64_t)len, varint));
    (void)ad_buf_append(&data, target, (size_t)len);
    if (ad_buf_status(&data) != ARTDAG_OK)
        return ad_error_nomem(err, ROOM);
    struct ad_pb_node node = {.data = ad_buf_as_str(&data), .has_data = true};
    enum artdag_err code = ad_add_node(add, &node, ret, ret_tsize, err);
    ad_buf_fini(&data);
    return code;
}

static enum artdag_err add_regular(struct tree *tree, const char *path, int follow,
                                   struct ad_cid *ret, uint64_t *ret_bytes, artdag_error *err)
{
    struct stat st = {0};
    /* O_NONBLOCK: a named pipe put in place of the file must not hang us. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | follow);
    if (fd < 0)
        return ad_error_errno(err, errno, ROOM, "cannot open");
    enum artdag_err code = ARTDAG_OK;
    if (fstat(fd, &st) != 0)
        code = ad_error_errno(err, errno, ROOM, "cannot read");
    else if (!S_ISREG(st.st_mode))
        code =
            ad_error_set(err, ARTDAG_E_INVAL, ROOM, "neither file, folder nor symbolic link");
    if (code == ARTDAG_OK)
        code = ad_add_file(tree->add, fd, path, ret, ret_bytes, err);
    (void)close(fd);
    return code;
}

static enum artdag_err push_folder(struct tree *tree, const char *path, const char *name,
                                   size_t parent, artdag_error *err)
{
    struct folder folder = {.path = path, .name = name, .parent = parent};
    return ad_vec_push(&tree->folders, folder) ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

static enum artdag_err add_entry(struct tree *tree, size_t parent, const char *path,
                                 const char *name, artdag_error *err)
{
    struct stat st = {0};
    struct ad_dir_entry entry = {.name = ad_str_from(name)};
    uint64_t bytes = 0;
    enum artdag_err code = ARTDAG_OK;
    if (lstat(path, &st) != 0)
        return ad_error_errno(err, errno, ROOM, "cannot read");
    if (S_ISDIR(st.st_mode))
        return push_folder(tree, path, name, parent, err);
    if (S_ISLNK(st.st_mode)) {
        code = add_symlink(tree->add, path, &entry.cid, &entry.tsize, err);
    } else {
        code = add_regular(tree, path, O_NOFOLLOW, &entry.cid, &bytes, err);
        entry.tsize = tree->add->tsize;
    }
    if (code != ARTDAG_OK)
        return code;
    tree->bytes += bytes;
    return ad_vec_push(&tree->folders.items[parent].entries, entry) ? ARTDAG_OK
                                                                    : ad_error_nomem(err, ROOM);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum artdag_err scan_folder(struct tree *tree, size_t index, artdag_error *err)
{
    struct dirent **names = NULL;
    enum artdag_err code = ARTDAG_OK;
    const char *folder = tree->folders.items[index].path;
    int count = scandir(folder, &names, visible, by_bytes);
    if (count < 0)
        return ad_error_prefix(err, ad_error_errno(err, errno, ROOM, "cannot list"), "%s",
                               folder);
    for (int i = 0; i < count && code == ARTDAG_OK; i++) {
        const char *name = ad_arena_strdup(&tree->arena, ad_str_from(names[i]->d_name));
        const char *path = ad_arena_printf(&tree->arena, "%s/%s", folder, names[i]->d_name);
        if (ad_arena_failed(&tree->arena)) {
            code = ad_error_nomem(err, ROOM);
            break;
        }
        code = add_entry(tree, index, path, name, err);
        if (code != ARTDAG_OK)
            (void)ad_error_prefix(err, code, "%s", path);
    }
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    return code;
}

/* Writes folder `index` and enters it in its parent. */
static enum artdag_err close_folder(struct tree *tree, size_t index, struct ad_cid *ret,
                                    artdag_error *err)
{
    struct folder *folder = &tree->folders.items[index];
    struct ad_block_sink sink = ad_add_sink(tree->add);
    struct ad_dir_entry entry = {.name = ad_str_from(folder->name)};
    enum artdag_err code =
        ad_unixfs_directory(tree->add->profile, folder->entries.items, folder->entries.len,
                            &sink, &entry.cid, &entry.tsize, err);
    if (code != ARTDAG_OK)
        return ad_error_prefix(err, code, "%s", folder->path);
    ad_vec_fini(&folder->entries);
    if (index == 0)
        *ret = entry.cid;
    else if (!ad_vec_push(&tree->folders.items[folder->parent].entries, entry))
        return ad_error_nomem(err, ROOM);
    return ARTDAG_OK;
}

static enum artdag_err add_folder(struct ad_add *add, const char *path, struct ad_cid *ret,
                                  uint64_t *ret_bytes, artdag_error *err)
{
    struct tree tree = {.add = add};
    ad_arena_init(&tree.arena, 0);
    enum artdag_err code = push_folder(&tree, path, "", 0, err);
    for (size_t i = 0; i < tree.folders.len && code == ARTDAG_OK; i++)
        code = scan_folder(&tree, i, err);
    for (size_t i = tree.folders.len; i > 0 && code == ARTDAG_OK; i--)
        code = close_folder(&tree, i - 1, ret, err);
    *ret_bytes = tree.bytes;
    for (size_t i = 0; i < tree.folders.len; i++)
        ad_vec_fini(&tree.folders.items[i].entries);
    ad_vec_fini(&tree.folders);
    ad_arena_fini(&tree.arena);
    return code;
}

static enum artdag_err add_top(struct ad_add *add, const char *path, struct ad_cid *ret,
                               uint64_t *ret_bytes, artdag_error *err)
{
    struct stat st = {0};
    struct tree tree = {.add = add};
    if (stat(path, &st) != 0)
        return ad_error_errno(err, errno, ROOM, "cannot read %s", path);
    if (S_ISDIR(st.st_mode) && add->cut_count > 0)
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM,
                            "%s is a folder: cut points are for one file", path);
    if (S_ISDIR(st.st_mode))
        return add_folder(add, path, ret, ret_bytes, err);
    enum artdag_err code = add_regular(&tree, path, 0, ret, ret_bytes, err);
    return code == ARTDAG_OK ? code : ad_error_prefix(err, code, "%s", path);
}

enum artdag_err ad_store_add_path(struct ad_store *store, const char *path,
                                  const struct ad_add_params *params, struct ad_cid *ret,
                                  uint64_t *ret_bytes, artdag_error *err)
{
    struct ad_add add;
    struct ad_cid cid = {0};
    uint64_t bytes = 0;
    char *real = NULL;
    enum artdag_err code = ad_add_begin(&add, store, params, err);
    if (code == ARTDAG_OK && add.reference && (real = realpath(path, NULL)) == NULL)
        code = ad_error_errno(err, errno, ROOM, "cannot read %s", path);
    if (code == ARTDAG_OK)
        code = add_top(&add, real != NULL ? real : path, &cid, &bytes, err);
    if (code == ARTDAG_OK)
        code = ad_add_commit(&add, &cid, err);
    ad_add_end(&add);
    free(real);
    if (code != ARTDAG_OK)
        return code;
    *ret = cid;
    if (ret_bytes != NULL)
        *ret_bytes = bytes;
    return ARTDAG_OK;
}
