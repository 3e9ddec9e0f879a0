/* SPDX-License-Identifier: MIT
 *
 * Names and small file-system helpers of the fs back end.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "store/fs.h"

enum artdag_err ad_fs_name_of(const struct ad_cid *cid, struct ad_fs_name *ret,
                              artdag_error *err)
{
    uint8_t bytes[AD_CID_BYTES_MAX];
    struct ad_buf text = AD_BUF_INIT(sizeof(ret->text));
    struct ad_cid key = *cid;
    key.version = 1;
    key.codec = AD_CODEC_RAW;
    size_t len = ad_cid_to_bytes(&key, bytes);
    enum artdag_err code = ad_multibase_encode('b', bytes + 2, len - 2, &text);
    /* Two characters of fan-out, the last one not counted, and the 'b' that is cut off. */
    if (code != ARTDAG_OK || text.len < 4 || text.len > sizeof(ret->text)) {
        ad_buf_fini(&text);
        return code == ARTDAG_E_NOMEM
                   ? ad_error_nomem(err, ROOM)
                   : ad_error_set(err, ARTDAG_E_INVAL, ROOM, "not a CID that names a block");
    }
    memcpy(ret->text, text.data + 1, text.len); /* with the NUL */
    ad_buf_fini(&text);
    return ARTDAG_OK;
}

const char *ad_fs_name_path(struct ad_fs_name *name, const char *folder)
{
    size_t len = strlen(name->text);
    (void)snprintf(name->path, sizeof(name->path), "%s/%.2s/%s", folder, name->text + len - 3,
                   name->text);
    return name->path;
}

bool ad_fs_name_parse(const char *text, struct ad_cid *ret)
{
    char with_base[232];
    uint8_t bytes[AD_CID_BYTES_MAX] = {1, AD_CODEC_RAW};
    struct ad_buf mh = AD_BUF_INIT(sizeof(bytes) - 2);
    int n = snprintf(with_base, sizeof(with_base), "b%s", text);
    if (n < 5 || (size_t)n >= sizeof(with_base))
        return false;
    bool ok = ad_multibase_decode(ad_str_from(with_base), &mh, NULL) == ARTDAG_OK;
    if (ok) {
        memcpy(bytes + 2, mh.data, mh.len);
        ok = ad_cid_from_bytes(bytes, mh.len + 2, ret, NULL) == ARTDAG_OK;
    }
    ad_buf_fini(&mh);
    return ok;
}

void ad_fs_token(char out[AD_FS_TOKEN_MAX])
{
    uint64_t random = 0;
    if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
        random = (uint64_t)ad_clock_monotonic_us();
    (void)snprintf(out, AD_FS_TOKEN_MAX, "%ld-%016llx", (long)getpid(),
                   (unsigned long long)random);
}

int ad_fs_openat(int dir, const char *path, int flags, mode_t mode)
{
    int fd = -1;
    do {
        fd = openat(dir, path, flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

static int no_dots(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* alphasort would ask the locale. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

enum artdag_err ad_fs_names_list(const struct ad_fs_store *fs, const char *path,
                                 struct ad_fs_names *ret, artdag_error *err)
{
    struct ad_fs_names names = {0};
    names.len = scandirat(fs->root, path, &names.items, no_dots, by_bytes);
    if (names.len < 0)
        return ad_error_errno(err, errno, ROOM, "cannot list %s/%s", fs->path, path);
    *ret = names;
    return ARTDAG_OK;
}

void ad_fs_names_free(struct ad_fs_names *names)
{
    for (int i = 0; i < names->len; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct ad_fs_names){0};
}

int64_t ad_fs_time_ns(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
