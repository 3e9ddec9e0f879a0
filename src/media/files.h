/* SPDX-License-Identifier: MIT
 *
 * The files that filters of a graph read (fonts, tables): fetched whole from the parent and held in memory. Libraries
 * that want a path get one that leads to that memory, in this process only.
 */
#ifndef AD_MEDIA_FILES_H
#define AD_MEDIA_FILES_H

#include "media/conn.h"

struct ad_files {
    int *fds;
    size_t count;
};

/* Fetches inputs first .. first + count - 1 of these sizes. */
enum artdag_err ad_files_open(struct ad_conn *conn, uint32_t first, const int64_t *sizes,
                              size_t count, struct ad_files *ret, artdag_error *err);
void ad_files_close(struct ad_files *files); /* zeroed or half-opened allowed */

/* The bytes of file i, into an empty buf with room for them. LIMIT. */
enum artdag_err ad_files_read(const struct ad_files *files, size_t i, struct ad_buf *buf,
                              artdag_error *err);

#define AD_FILE_PATH_MAX 40
/* The path of file i, good while the files are open. i < count. */
void ad_files_path(const struct ad_files *files, size_t i, char out[AD_FILE_PATH_MAX]);

/* What text looks like depends on these: "freetype 2.12.1, harfbuzz 6.0.0, ". */
void ad_font_toolchain(struct ad_buf *buf);

#endif
