/* SPDX-License-Identifier: MIT
 *
 * Drawing an analysis: rows below each other over one axis of time. Everything is drawn at twice the size and halved at the end.
 */
#ifndef AD_MEDIA_PLOT_H
#define AD_MEDIA_PLOT_H

#include "doc/doc.h"
#include "media/canvas.h"

/* One column of the sound. */
struct ad_plot_column {
    float low, high;
    double squares;
    int64_t count;
};

struct ad_plot {
    struct ad_canvas canvas;
    const struct ad_value *document, *audio, *video; /* maps; NULL = none */
    double duration;                                 /* seconds that the width stands for */
    int left, width;                                 /* of the rows */
    int y;                                           /* where the next row begins */
    struct ad_plot_column *columns;                  /* `width` of them; NULL = no sound */
    struct ad_canvas sheet;                          /* rgb NULL = no contact sheet */
};

/* Draws all rows that there is something for; *ret_height is what they need. With canvas.rgb NULL nothing is drawn: so the height is
 * learnt first. */
void ad_plot_draw(struct ad_plot *plot, int *ret_height);

/* Reading the document: 0, NULL and empty for what is not there. */
double ad_plot_number(const struct ad_value *map, const char *key);
const struct ad_value *ad_plot_map(const struct ad_value *map, const char *key);

#define AD_PLOT_BACKGROUND 0x14161b

#endif
