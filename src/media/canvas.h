/* SPDX-License-Identifier: MIT
 *
 * A picture of bytes R, G, B to draw on, and PNG.
 */
#ifndef AD_MEDIA_CANVAS_H
#define AD_MEDIA_CANVAS_H

#include "base/base.h"

struct ad_canvas {
    int width, height;
    uint8_t *rgb; /* rows of width * 3 bytes */
};

/* All of one colour, 0xRRGGBB. */
enum artdag_err ad_canvas_init(struct ad_canvas *canvas, int width, int height, uint32_t color,
                               artdag_error *err);
void ad_canvas_fini(struct ad_canvas *canvas);

/* Writes the picture as PNG; *ret_bytes (may be NULL) is how much. Equal pictures give equal bytes with equal libraries. */
enum artdag_err ad_canvas_write(const struct ad_canvas *canvas, int fd, int64_t *ret_bytes,
                                artdag_error *err);

#endif
