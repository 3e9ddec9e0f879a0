/* SPDX-License-Identifier: MIT
 *
 * Text as pictures: lines shaped by HarfBuzz, outlines drawn by FreeType, without hinting and at fractions of a pixel, so
 * that moving text moves smoothly. Integer arithmetic throughout. The filter "artdag_text" (docs/formats/unit.md).
 */
#ifndef AD_MEDIA_TEXT_H
#define AD_MEDIA_TEXT_H

#include "media/compat.h"
#include "media/files.h"

struct ad_text;

/* Reads the options of the filter; its font is one of files. */
enum artdag_err ad_text_open(const struct ad_graph *graph, const struct ad_filter *filter,
                             const struct ad_files *files, struct ad_text **ret,
                             artdag_error *err);
void ad_text_close(struct ad_text *text); /* NULL allowed */

int ad_text_width(const struct ad_text *text);
int ad_text_height(const struct ad_text *text);
AVRational ad_text_rate(const struct ad_text *text);

/* The next picture, RGBA with straight alpha, into an empty frame; pts counts frames. NOTFOUND at the end. */
enum artdag_err ad_text_next(struct ad_text *text, AVFrame *frame, artdag_error *err);

#endif
