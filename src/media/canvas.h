/* SPDX-License-Identifier: MIT
 *
 * A picture of bytes R, G, B to draw on, and PNG. Colours are 0xRRGGBB; what lies outside is not drawn.
 */
#ifndef AD_MEDIA_CANVAS_H
#define AD_MEDIA_CANVAS_H

#include "base/base.h"

struct ad_canvas {
    int width, height;
    uint8_t *rgb; /* rows of width * 3 bytes */
};

/* All of one colour. */
enum artdag_err ad_canvas_init(struct ad_canvas *canvas, int width, int height, uint32_t color,
                               artdag_error *err);
void ad_canvas_fini(struct ad_canvas *canvas); /* a zeroed one is fine */

struct ad_area {
    int x, y, width, height;
};

/* Opacity is of 256. */
void ad_canvas_fill(struct ad_canvas *canvas, struct ad_area area, uint32_t color, int opacity);

/* Text from its top left corner, each dot of the letters scale by scale pixels with corners rounded (scale: even). */
void ad_canvas_text(struct ad_canvas *canvas, int x, int y, int scale, uint32_t color,
                    const char *text);
int ad_canvas_text_width(const char *text, int scale);

/* An area of one picture, averaged, into an area of another. Both lie inside. */
void ad_canvas_paste(struct ad_canvas *to, struct ad_area into, const struct ad_canvas *from,
                     struct ad_area area);

/* Half the size, four pixels averaged: what was drawn becomes smooth. */
void ad_canvas_halve(struct ad_canvas *canvas);

/* Writes the picture as PNG; *ret_bytes (may be NULL) is how much. Equal pictures give equal bytes with equal libraries. */
enum artdag_err ad_canvas_write(const struct ad_canvas *canvas, int fd, int64_t *ret_bytes,
                                artdag_error *err);

/* ---- letters.c ---- */
#define AD_LETTER_COLUMNS 5
#define AD_LETTER_ROWS 8
bool ad_letter_dot(char letter, int x, int y); /* false outside of the letter */

#endif
