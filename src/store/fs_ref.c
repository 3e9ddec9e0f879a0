/* SPDX-License-Identifier: MIT
 *
 * References: blocks that are a stretch of somebody else's file. The record is text:
 *
 *   artdag-ref 1 OFFSET LEN FILE_BYTES MTIME_NS\n
 *   PATH
 *
 * PATH goes to the end of the record: it may hold a newline.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/fs.h"

#define RECORD_MAX 8192

enum artdag_err ad_fs_ref_encode(const struct ad_backend_ref *ref, struct ad_buf *buf,
                                 artdag_error *err)
{
    (void)ad_buf_printf(buf, "artdag-ref 1 %llu %llu %llu %lld\n%s",
                        (unsigned long long)ref->offset, (unsigned long long)ref->len,
                        (unsigned long long)ref->file_bytes, (long long)ref->mtime_ns,
                        ref->path);
    if (ad_buf_status(buf) == ARTDAG_E_NOMEM)
        return ad_error_nomem(err, ROOM);
    if (ad_buf_status(buf) != ARTDAG_OK || buf->len > RECORD_MAX)
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "the path is too long for a reference");
    return ARTDAG_OK;
}

/* Cuts the next word off text. */
static struct ad_str next_word(struct ad_str *text)
{
    size_t len = 0;
    while (len < text->len && text->ptr[len] != ' ')
        len++;
    struct ad_str word = {text->ptr, len};
    *text = ad_str_slice(*text, len + 1, text->len);
    return word;
}

/* The view's last byte is followed by NUL, so path can point into it. */
static bool parse_record(struct ad_str text, struct ad_backend_ref *ret)
{
    const char *end = memchr(text.ptr, '\n', text.len);
    if (end == NULL || end[1] != '/' ||
        strlen(end + 1) != text.len - (size_t)(end + 1 - text.ptr))
        return false;
    struct ad_str line = {text.ptr, (size_t)(end - text.ptr)};
    ret->path = end + 1;
    return ad_str_is(next_word(&line), "artdag-ref") && ad_str_is(next_word(&line), "1") &&
           ad_str_to_u64(next_word(&line), &ret->offset) &&
           ad_str_to_u64(next_word(&line), &ret->len) &&
           ad_str_to_u64(next_word(&line), &ret->file_bytes) &&
           ad_str_to_i64(line, &ret->mtime_ns);
}

static enum artdag_err open_unchanged(const struct ad_backend_ref *ref, int *ret_fd,
                                      artdag_error *err)
{
    struct stat st = {0};
    int fd = ad_fs_openat(AT_FDCWD, ref->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0)
        return ad_error_errno(err, errno, ROOM, "cannot open %s, which is stored by reference",
                              ref->path);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
        (uint64_t)st.st_size != ref->file_bytes || ad_fs_time_ns(st.st_mtim) != ref->mtime_ns) {
        (void)close(fd);
        enum artdag_err code =
            ad_error_set(err, ARTDAG_E_CORRUPT, ROOM,
                         "%s is stored by reference and has changed", ref->path);
        ad_error_hint(err, "add the file again");
        return code;
    }
    *ret_fd = fd;
    return ARTDAG_OK;
}

enum artdag_err ad_fs_ref_open(const struct ad_fs_store *fs, const char *path,
                               struct ad_backend_ref *ret, int *ret_fd, artdag_error *err)
{
    char record[RECORD_MAX + 1];
    size_t len = 0;
    struct ad_backend_ref ref = {0};
    int fd = ad_fs_openat(fs->root, path, O_RDONLY, 0);
    if (fd < 0 && errno == ENOENT)
        return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "the block is not in the store");
    if (fd < 0)
        return ad_error_errno(err, errno, ROOM, "cannot open %s/%s", fs->path, path);
    enum artdag_err code = ad_fs_pread_full(fd, record, sizeof(record) - 1, 0, &len, ROOM, err);
    (void)close(fd);
    if (code != ARTDAG_OK)
        return code;
    record[len] = '\0';
    if (!parse_record((struct ad_str){record, len}, &ref))
        return ad_error_set(err, ARTDAG_E_CORRUPT, ROOM, "%s/%s is damaged", fs->path, path);
    code = open_unchanged(&ref, ret_fd, err);
    if (code != ARTDAG_OK)
        return code;
    ref.path = NULL; /* pointed into the record */
    *ret = ref;
    return ARTDAG_OK;
}
