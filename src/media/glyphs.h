/* SPDX-License-Identifier: MIT
 *
 * Lines of text as coverage of pixels. Lengths are in 1/64 of a pixel (FreeType's 26.6), y grows downwards.
 */
#ifndef AD_MEDIA_GLYPHS_H
#define AD_MEDIA_GLYPHS_H

#include "media/files.h"

struct ad_glyphs;

/* A font at this size (per em). MEDIA when the file is no usable font. */
enum artdag_err ad_glyphs_open(const struct ad_files *files, size_t file, int64_t size,
                               struct ad_glyphs **ret, artdag_error *err);
void ad_glyphs_close(struct ad_glyphs *glyphs); /* NULL allowed */

/* From the top of a line to its baseline, and on to its bottom. */
int64_t ad_glyphs_ascent(const struct ad_glyphs *glyphs);
int64_t ad_glyphs_descent(const struct ad_glyphs *glyphs);

/* The way that a line takes. NOMEM. */
enum artdag_err ad_glyphs_width(struct ad_glyphs *glyphs, struct ad_str line, int64_t *ret,
                                artdag_error *err);

/* What of each pixel is covered, 0 to 255. */
struct ad_cover {
    uint8_t *rows;
    int64_t width, height;
};

/* Adds a line whose baseline begins at x, y; `outline` makes its letters wider by so much on all sides. */
enum artdag_err ad_glyphs_draw(struct ad_glyphs *glyphs, struct ad_str line, int64_t x,
                               int64_t y, int64_t outline, const struct ad_cover *cover,
                               artdag_error *err);
/* Adds a rectangle. */
void ad_cover_box(const struct ad_cover *cover, int64_t left, int64_t top, int64_t right,
                  int64_t bottom);

#endif
