/* SPDX-License-Identifier: MIT
 *
 * Captions: SubRip and WebVTT. What they say and when; styles, places and voices are left out.
 */
#ifndef AD_MEDIA_CAPTIONS_H
#define AD_MEDIA_CAPTIONS_H

#include "base/base.h"

struct ad_captions;

/* Reads a whole file; bytes need not outlive the call. MEDIA with the line for what is no caption file: text that is no
 * UTF-8, a cue without times, times that go backwards, too much of anything. */
enum artdag_err ad_captions_parse(struct ad_str bytes, struct ad_captions **ret,
                                  artdag_error *err);
void ad_captions_close(struct ad_captions *captions); /* NULL allowed */

size_t ad_captions_count(const struct ad_captions *captions);
/* What is shown in frame `frame` at num/den frames a second: lines, cues that overlap one below the other. Replaces
 * buf's content; empty when nothing is. Returns a number that is another for other cues, 0 for none. LIMIT in buf
 * when it is too small. */
uint64_t ad_captions_at(const struct ad_captions *captions, int64_t frame, int64_t num,
                        int64_t den, struct ad_buf *buf);

#endif
