/* SPDX-License-Identifier: MIT
 *
 * Roots: pins and leases. A pin is a file "CID\nNAME" (the name to the end, any bytes), called
 * by the SHA2-256 of its content. A lease is a file of CIDs, one a line, that the owner keeps
 * locked.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fs.h"

#define PIN_FILE_MAX 4096
#define PIN_ID_LEN (2 * AD_SHA256_BYTES)

/* ---- pins ---- */

static enum artdag_err pin_content(const struct ad_cid *cid, const char *name,
                                   struct ad_buf *buf, char path[80], artdag_error *err)
{
    char text[AD_CID_TEXT_MAX];
    uint8_t digest[AD_SHA256_BYTES];
    (void)ad_cid_format(cid, text);
    (void)ad_buf_printf(buf, "%s\n%s", text, name);
    if (ad_buf_status(buf) == ARTDAG_E_NOMEM)
        return ad_error_nomem(err, ROOM);
    if (ad_buf_status(buf) != ARTDAG_OK)
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "the name of the pin is too long");
    enum artdag_err code = ad_sha256(buf->data, buf->len, digest, err);
    if (code == ARTDAG_OK) {
        memcpy(path, "pins/", 5);
        ad_hex_format(digest, sizeof(digest), path + 5);
    }
    return code;
}

enum artdag_err ad_fs_pin(void *self, const struct ad_cid *cid, const char *name, bool *ret_new,
                          artdag_error *err)
{
    const struct ad_fs_store *fs = self;
    char path[80];
    char *full = NULL;
    int lock = -1;
    struct stat st = {0};
    struct ad_buf content = AD_BUF_INIT(PIN_FILE_MAX);
    enum artdag_err code = pin_content(cid, name, &content, path, err);
    if (code == ARTDAG_OK && (full = ad_fs_join(fs->path, path)) == NULL)
        code = ad_error_nomem(err, ROOM);
    if (code == ARTDAG_OK)
        code = ad_fs_lock(fs, false, &lock, err);
    if (code == ARTDAG_OK) {
        bool is_new = fstatat(fs->root, path, &st, 0) != 0;
        if (is_new)
            code = ad_fs_write_file(full, content.data, content.len, 0444, ROOM, err);
        ad_fs_unlock(lock);
        if (code == ARTDAG_OK)
            *ret_new = is_new;
    }
    ad_buf_fini(&content);
    free(full);
    return code;
}

/* CORRUPT when the file is not what ad_fs_pin writes. name points into buf. */
static enum artdag_err read_pin(const struct ad_fs_store *fs, const char *id,
                                struct ad_buf *buf, struct ad_cid *ret_cid,
                                const char **ret_name, artdag_error *err)
{
    char path[300];
    (void)snprintf(path, sizeof(path), "pins/%s", id);
    char *full = ad_fs_join(fs->path, path);
    if (full == NULL)
        return ad_error_nomem(err, ROOM);
    enum artdag_err code = ad_fs_read_file(full, PIN_FILE_MAX, buf, ROOM, err);
    free(full);
    if (code != ARTDAG_OK)
        return code;
    const char *end = buf->len > 0 ? memchr(buf->data, '\n', buf->len) : NULL;
    if (end == NULL || ad_cid_parse((struct ad_str){(const char *)buf->data,
                                                    (size_t)(end - (const char *)buf->data)},
                                    ret_cid, NULL) != ARTDAG_OK)
        return ad_error_set(err, ARTDAG_E_CORRUPT, ROOM, "the pin %s/%s is damaged", fs->path,
                            path);
    *ret_name = end + 1;
    return ARTDAG_OK;
}

struct pin {
    struct ad_cid cid;
    char *text; /* CID and name, for the order */
    const char *name;
};
typedef AD_VEC(struct pin) pin_vec;

static int compare_pins(const void *a, const void *b)
{
    return strcmp(((const struct pin *)a)->text, ((const struct pin *)b)->text);
}

static enum artdag_err load_pin(const struct ad_fs_store *fs, const char *id, pin_vec *pins,
                                artdag_error *err)
{
    struct pin pin = {0};
    struct ad_buf buf = AD_BUF_INIT(PIN_FILE_MAX);
    enum artdag_err code = read_pin(fs, id, &buf, &pin.cid, &pin.name, err);
    if (code == ARTDAG_E_NOTFOUND) /* unpinned meanwhile */
        code = ARTDAG_OK;
    else if (code == ARTDAG_OK) {
        pin.text = (char *)buf.data;
        if (ad_vec_push(pins, pin))
            return ARTDAG_OK;
        code = ad_error_nomem(err, ROOM);
    }
    ad_buf_fini(&buf);
    return code;
}

enum artdag_err ad_fs_pins(void *self, ad_backend_root_fn each, void *payload,
                           artdag_error *err)
{
    const struct ad_fs_store *fs = self;
    struct ad_fs_names names = {0};
    pin_vec pins = {0};
    enum artdag_err code = ad_fs_names_list(fs, "pins", &names, err);
    for (int i = 0; code == ARTDAG_OK && i < names.len; i++) {
        if (strlen(names.items[i]->d_name) == PIN_ID_LEN) /* else a temporary name */
            code = load_pin(fs, names.items[i]->d_name, &pins, err);
    }
    if (code == ARTDAG_OK && pins.len > 0)
        qsort(pins.items, pins.len, sizeof(pins.items[0]), compare_pins);
    for (size_t i = 0; code == ARTDAG_OK && i < pins.len; i++)
        code = each(payload, &pins.items[i].cid, pins.items[i].name, err);
    for (size_t i = 0; i < pins.len; i++)
        free(pins.items[i].text);
    ad_vec_fini(&pins);
    ad_fs_names_free(&names);
    return code;
}

struct unpin {
    const struct ad_fs_store *fs;
    const struct ad_cid *cid;
    const char *name;
    size_t removed;
};

static enum artdag_err unpin_one(void *payload, const struct ad_cid *cid, const char *name,
                                 artdag_error *err)
{
    struct unpin *u = payload;
    char path[80];
    struct ad_buf content = AD_BUF_INIT(PIN_FILE_MAX);
    if (!ad_cid_same_block(cid, u->cid) || (u->name != NULL && strcmp(name, u->name) != 0))
        return ARTDAG_OK;
    enum artdag_err code = pin_content(cid, name, &content, path, err);
    ad_buf_fini(&content);
    if (code != ARTDAG_OK)
        return code;
    if (unlinkat(u->fs->root, path, 0) != 0 && errno != ENOENT)
        return ad_error_errno(err, errno, ROOM, "cannot remove %s/%s", u->fs->path, path);
    u->removed++;
    return ARTDAG_OK;
}

enum artdag_err ad_fs_unpin(void *self, const struct ad_cid *cid, const char *name,
                            size_t *ret_removed, artdag_error *err)
{
    struct unpin u = {self, cid, name, 0};
    enum artdag_err code = ad_fs_pins(self, unpin_one, &u, err);
    if (code == ARTDAG_OK)
        *ret_removed = u.removed;
    return code;
}

/* ---- leases ---- */

struct fs_lease {
    int fd;
    char path[AD_FS_TOKEN_MAX + 8];
    pthread_mutex_t lock; /* one line at a time */
};

enum artdag_err ad_fs_lease_open(void *self, void **ret, artdag_error *err)
{
    const struct ad_fs_store *fs = self;
    char token[AD_FS_TOKEN_MAX];
    int lock = -1;
    struct fs_lease *lease = ad_alloc(sizeof(*lease));
    if (lease == NULL)
        return ad_error_nomem(err, ROOM);
    ad_fs_token(token);
    (void)snprintf(lease->path, sizeof(lease->path), "leases/%s", token);
    /* A gc that saw the file before it is locked would take it for a dead one. */
    enum artdag_err code = ad_fs_lock(fs, false, &lock, err);
    if (code == ARTDAG_OK) {
        lease->fd =
            ad_fs_openat(fs->root, lease->path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL, 0666);
        if (lease->fd < 0 || flock(lease->fd, LOCK_EX | LOCK_NB) != 0) {
            code =
                ad_error_errno(err, errno, ROOM, "cannot create %s/%s", fs->path, lease->path);
            if (lease->fd >= 0)
                (void)close(lease->fd);
        }
        ad_fs_unlock(lock);
    }
    if (code != ARTDAG_OK) {
        free(lease);
        return code;
    }
    (void)pthread_mutex_init(&lease->lock, NULL);
    *ret = lease;
    return ARTDAG_OK;
}

/* All of the line or nothing: half a line would spoil the next one. */
static enum artdag_err append_line(const struct fs_lease *lease, const char *text, size_t len,
                                   artdag_error *err)
{
    struct stat st = {0};
    if (fstat(lease->fd, &st) != 0)
        return ad_error_errno(err, errno, ROOM, "cannot write the lease");
    enum artdag_err code = ad_fs_write_full(lease->fd, text, len, ROOM, err);
    if (code == ARTDAG_OK)
        return ARTDAG_OK;
    if (ftruncate(lease->fd, st.st_size) != 0)
        return ad_error_errno(err, errno, ROOM, "cannot repair the lease");
    return ad_error_prefix(err, code, "the lease");
}

enum artdag_err ad_fs_lease_add(void *self, void *lease, const struct ad_cid *cid,
                                artdag_error *err)
{
    struct fs_lease *l = lease;
    char text[AD_CID_TEXT_MAX + 1];
    int lock = -1;
    size_t len = ad_cid_format(cid, text);
    text[len] = '\n';
    enum artdag_err code = ad_fs_lock(self, false, &lock, err);
    if (code != ARTDAG_OK)
        return code;
    (void)pthread_mutex_lock(&l->lock);
    code = append_line(l, text, len + 1, err);
    (void)pthread_mutex_unlock(&l->lock);
    ad_fs_unlock(lock);
    return code;
}

void ad_fs_lease_close(void *self, void *lease)
{
    const struct ad_fs_store *fs = self;
    struct fs_lease *l = lease;
    if (l == NULL)
        return;
    (void)unlinkat(fs->root, l->path, 0);
    (void)close(l->fd);
    (void)pthread_mutex_destroy(&l->lock);
    free(l);
}

static enum artdag_err each_line(const struct ad_fs_store *fs, const char *path,
                                 const struct ad_buf *content, ad_backend_root_fn each,
                                 void *payload, artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    const char *at = (const char *)content->data;
    size_t left = content->len;
    while (code == ARTDAG_OK && left > 0) {
        struct ad_cid cid;
        const char *end = memchr(at, '\n', left);
        if (end == NULL ||
            ad_cid_parse((struct ad_str){at, (size_t)(end - at)}, &cid, NULL) != ARTDAG_OK)
            return ad_error_set(err, ARTDAG_E_CORRUPT, ROOM, "the lease %s/%s is damaged",
                                fs->path, path);
        code = each(payload, &cid, NULL, err);
        left -= (size_t)(end + 1 - at);
        at = end + 1;
    }
    return code;
}

static enum artdag_err read_lease(const struct ad_fs_store *fs, const char *token,
                                  ad_backend_root_fn each, void *payload, artdag_error *err)
{
    char path[300];
    struct stat st = {0};
    size_t len = 0;
    struct ad_buf content = AD_BUF_INIT(1u << 30);
    (void)snprintf(path, sizeof(path), "leases/%s", token);
    int fd = ad_fs_openat(fs->root, path, O_RDONLY, 0);
    if (fd < 0)
        return errno == ENOENT
                   ? ARTDAG_OK
                   : ad_error_errno(err, errno, ROOM, "cannot open %s/%s", fs->path, path);
    enum artdag_err code = ARTDAG_OK;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        (void)unlinkat(fs->root, path, 0); /* its process is gone */
        goto out;
    }
    if (fstat(fd, &st) != 0) {
        code = ad_error_errno(err, errno, ROOM, "cannot read %s/%s", fs->path, path);
        goto out;
    }
    uint8_t *data = ad_buf_extend(&content, (size_t)st.st_size);
    if (data == NULL && st.st_size > 0) {
        code = ad_error_nomem(err, ROOM);
        goto out;
    }
    if (st.st_size > 0)
        code = ad_fs_pread_full(fd, data, (size_t)st.st_size, 0, &len, ROOM, err);
    content.len = len;
    if (code == ARTDAG_OK)
        code = each_line(fs, path, &content, each, payload, err);
out:
    ad_buf_fini(&content);
    (void)close(fd);
    return code;
}

enum artdag_err ad_fs_leases(void *self, ad_backend_root_fn each, void *payload,
                             artdag_error *err)
{
    const struct ad_fs_store *fs = self;
    struct ad_fs_names names = {0};
    enum artdag_err code = ad_fs_names_list(fs, "leases", &names, err);
    for (int i = 0; code == ARTDAG_OK && i < names.len; i++)
        code = read_lease(fs, names.items[i]->d_name, each, payload, err);
    ad_fs_names_free(&names);
    return code;
}
