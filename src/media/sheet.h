/* SPDX-License-Identifier: MIT
 *
 * A contact sheet: pictures at even distances, upright, with square pixels, row by row from the top left.
 */
#ifndef AD_MEDIA_SHEET_H
#define AD_MEDIA_SHEET_H

#include "media/canvas.h"
#include "media/compat.h"
#include "media/media.h"

struct ad_sheet {
    struct ad_canvas canvas;
    int columns, rows, cell_width, cell_height;
    int64_t frames; /* of the film */
    int count;      /* pictures wanted: at most columns * rows, and no more than frames */
    int done;
    int64_t rotation;
    struct SwsContext *sws;
    uint8_t *cell; /* one picture before it is turned */
};

/* like: a decoded frame. The study's settings say how many and how wide. */
enum artdag_err ad_sheet_init(struct ad_sheet *sheet, const struct ad_study *study,
                              const AVFrame *like, artdag_error *err);
void ad_sheet_fini(struct ad_sheet *sheet); /* a zeroed one is fine */

/* The film's frame that picture i shows: the middle of its share. */
int64_t ad_sheet_frame(const struct ad_sheet *sheet, int i);
/* Offers a frame of the film; takes it as often as pictures want it. */
enum artdag_err ad_sheet_offer(struct ad_sheet *sheet, int64_t number, const AVFrame *frame,
                               artdag_error *err);

#endif
