/* SPDX-License-Identifier: MIT
 *
 * The fs back end: opening and making the folder, and the table of its functions.
 */
#include "store/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION_TEXT "artdag-store 1\n"

static const char *const folders[] = {"tmp",  "blocks", "refs", "quarantine",
                                      "pins", "leases", NULL};

static bool is_own_name(const char *name)
{
    for (size_t i = 0; folders[i] != NULL; i++) {
        if (strcmp(name, folders[i]) == 0)
            return true;
    }
    return strcmp(name, "version") == 0 || strcmp(name, "gc.lock") == 0;
}

/* Anything else in the folder means that it is somebody's folder and not a store. */
static enum artdag_err refuse_foreign(const struct ad_fs_store *fs, artdag_error *err)
{
    struct ad_fs_names names = {0};
    enum artdag_err code = ad_fs_names_list(fs, ".", &names, err);
    for (int i = 0; code == ARTDAG_OK && i < names.len; i++) {
        if (!is_own_name(names.items[i]->d_name)) {
            code = ad_error_set(err, ARTDAG_E_INVAL, ROOM,
                                "%s is not empty and not a store (it holds %s)", fs->path,
                                names.items[i]->d_name);
            ad_error_hint(err, "give an empty or a new folder");
        }
    }
    ad_fs_names_free(&names);
    return code;
}

/* Two processes may do this, one after the other: every step is idempotent, and the version
 * comes last. */
static enum artdag_err make_layout_locked(const struct ad_fs_store *fs, artdag_error *err)
{
    char token[AD_FS_TOKEN_MAX];
    char temp[AD_FS_TOKEN_MAX + 16];
    enum artdag_err code = ARTDAG_OK;
    for (size_t i = 0; folders[i] != NULL; i++) {
        if (mkdirat(fs->root, folders[i], 0777) != 0 && errno != EEXIST)
            return ad_error_errno(err, errno, ROOM, "cannot create %s/%s", fs->path,
                                  folders[i]);
    }
    ad_fs_token(token);
    (void)snprintf(temp, sizeof(temp), "tmp/version-%s", token);
    int fd = ad_fs_openat(fs->root, temp, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd < 0)
        return ad_error_errno(err, errno, ROOM, "cannot create %s/version", fs->path);
    code = ad_fs_write_full(fd, VERSION_TEXT, strlen(VERSION_TEXT), ROOM, err);
    if (code == ARTDAG_OK && fsync(fd) != 0)
        code = ad_error_errno(err, errno, ROOM, "cannot sync %s/version", fs->path);
    (void)close(fd);
    if (code == ARTDAG_OK &&
        (renameat(fs->root, temp, fs->root, "version") != 0 || fsync(fs->root) != 0))
        code = ad_error_errno(err, errno, ROOM, "cannot create %s/version", fs->path);
    if (code != ARTDAG_OK)
        (void)unlinkat(fs->root, temp, 0);
    return code;
}

static enum artdag_err make_layout(const struct ad_fs_store *fs, artdag_error *err)
{
    int lock = -1;
    enum artdag_err code = refuse_foreign(fs, err);
    if (code == ARTDAG_OK)
        code = ad_fs_lock(fs, true, &lock, err);
    if (code == ARTDAG_OK) {
        code = make_layout_locked(fs, err);
        ad_fs_unlock(lock);
    }
    return code;
}

static enum artdag_err check_version(const struct ad_fs_store *fs, artdag_error *err)
{
    char text[64];
    size_t len = 0;
    int fd = ad_fs_openat(fs->root, "version", O_RDONLY, 0);
    if (fd < 0)
        return errno == ENOENT
                   ? make_layout(fs, err)
                   : ad_error_errno(err, errno, ROOM, "cannot open %s/version", fs->path);
    enum artdag_err code = ad_fs_pread_full(fd, text, sizeof(text), 0, &len, ROOM, err);
    (void)close(fd);
    if (code != ARTDAG_OK)
        return code;
    if (ad_str_is((struct ad_str){text, len}, VERSION_TEXT))
        return ARTDAG_OK;
    return ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM,
                        "%s is a store of another version, this program knows version 1",
                        fs->path);
}

static void fs_close(void *self)
{
    struct ad_fs_store *fs = self;
    if (fs == NULL)
        return;
    ad_fs_end(fs, fs->batch);
    ad_fs_session_end(fs);
    if (fs->root >= 0)
        (void)close(fs->root);
    (void)pthread_mutex_destroy(&fs->session_lock);
    free(fs->path);
    free(fs);
}

static enum artdag_err fs_open(const char *where, const artdag_log *log, void **ret,
                               artdag_error *err)
{
    if (where[0] == '\0')
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM,
                            "the store's folder is missing (fs:PATH)");
    struct ad_fs_store *fs = ad_alloc(sizeof(*fs));
    if (fs == NULL)
        return ad_error_nomem(err, ROOM);
    fs->log = log;
    fs->root = -1;
    fs->session = -1;
    fs->session_keep = -1;
    (void)pthread_mutex_init(&fs->session_lock, NULL);
    fs->path = ad_strdup(where);
    enum artdag_err code =
        fs->path == NULL ? ad_error_nomem(err, ROOM) : ad_fs_mkdirs(where, ROOM, err);
    if (code == ARTDAG_OK) {
        fs->root = ad_fs_openat(AT_FDCWD, where, O_RDONLY | O_DIRECTORY, 0);
        if (fs->root < 0)
            code = ad_error_errno(err, errno, ROOM, "cannot open %s", where);
    }
    if (code == ARTDAG_OK)
        code = check_version(fs, err);
    if (code == ARTDAG_OK)
        code = ad_fs_begin(fs, &fs->batch, err);
    if (code != ARTDAG_OK) {
        fs_close(fs);
        return code;
    }
    *ret = fs;
    return ARTDAG_OK;
}

const struct ad_store_backend ad_store_fs = {
    .scheme = "fs",
    .open = fs_open,
    .close = fs_close,
    .begin = ad_fs_begin,
    .put = ad_fs_put,
    .commit = ad_fs_commit,
    .end = ad_fs_end,
    .clone = ad_fs_clone,
    .put_ref = ad_fs_put_ref,
    .get = ad_fs_get,
    .has = ad_fs_has,
    .quarantine = ad_fs_quarantine,
    .pin = ad_fs_pin,
    .unpin = ad_fs_unpin,
    .pins = ad_fs_pins,
    .lease_open = ad_fs_lease_open,
    .lease_add = ad_fs_lease_add,
    .lease_close = ad_fs_lease_close,
    .each = ad_fs_each,
    .now = ad_fs_now,
    .lock = ad_fs_gc_lock,
    .unlock = ad_fs_gc_unlock,
    .leases = ad_fs_leases,
    .clean = ad_fs_clean,
    .remove = ad_fs_remove,
};
