/* SPDX-License-Identifier: MIT
 *
 * Files and folders. Paths are the operating system's bytes. Descriptors are opened
 * close-on-exec. Room name in errors: the caller's, given as `room`.
 */
#ifndef AD_BASE_FS_H
#define AD_BASE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/* Reads a whole file of at most max bytes (LIMIT beyond). Replaces buf's content. */
enum artdag_err ad_fs_read_file(const char *path, size_t max, struct ad_buf *buf,
                                const char *room, artdag_error *err);

/* Writes data under a temporary name in the same folder, syncs, renames over path, syncs the
 * folder: readers see the old or the new file whole, also after a power cut. */
enum artdag_err ad_fs_write_file(const char *path, const void *data, size_t len, mode_t mode,
                                 const char *room, artdag_error *err);

/* Creates path and missing parents (mode 0700 for each new one). Existing folders are fine. */
enum artdag_err ad_fs_mkdirs(const char *path, const char *room, artdag_error *err);

/* Loops over short reads and EINTR. pread_full returns how many bytes there were until end of
 * file. */
enum artdag_err ad_fs_pread_full(int fd, void *data, size_t len, uint64_t offset,
                                 size_t *ret_len, const char *room, artdag_error *err);
enum artdag_err ad_fs_write_full(int fd, const void *data, size_t len, const char *room,
                                 artdag_error *err);

/* An anonymous temporary file in folder (O_TMPFILE, or created and unlinked), read-write.
 * Closed by the caller. */
enum artdag_err ad_fs_temp_fd(const char *folder, int *ret_fd, const char *room,
                              artdag_error *err);

bool ad_fs_exists(const char *path);

/* Removes path, and everything below it when it is a folder; symbolic links are not followed.
 * A path that does not exist is fine. */
enum artdag_err ad_fs_remove_tree(const char *path, const char *room, artdag_error *err);

/* "a/b" from folder and name, on the heap; NULL when memory is out. */
char *ad_fs_join(const char *folder, const char *name);

#endif
