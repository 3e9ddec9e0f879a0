/* SPDX-License-Identifier: MIT
 *
 * One continuous AAC stream, encoded in stretches of some ten seconds on several cores. Each stretch has an encoder of its own that begins
 * some frames early and goes on some frames behind its end; the packets of those frames are dropped. Packets stand at the same
 * multiples of the frame size as those of a single encoder. What an AAC frame has to agree on with the one before it is the shape of
 * the window they share, and that follows from the sound around it and not from what was encoded before. So the decoder hears one
 * stream: no priming, no padding and no seam between stretches. What begins anew is the encoder's estimate of how finely to quantise,
 * which the early frames let settle.
 *
 * Where stretches lie is counted from the start of the sound: the bytes do not depend on the number of threads.
 */
#ifndef AD_MEDIA_STRETCH_H
#define AD_MEDIA_STRETCH_H

#include "media/encode.h"

struct ad_stretches;

enum artdag_err ad_stretches_open(const struct ad_encoder_params *params, int threads,
                                  struct ad_stretches **ret, artdag_error *err);
void ad_stretches_close(struct ad_stretches *s); /* NULL allowed */

/* Takes the next frame, of the encoder's frame size unless it is the last, timed in samples; NULL = the end. Packets come out in order, later. A frame
 * is referred to, not copied. */
enum artdag_err ad_stretches_encode(struct ad_stretches *s, const AVFrame *frame,
                                    enum artdag_err (*write)(void *payload, AVPacket *packet,
                                                             artdag_error *err),
                                    void *payload, artdag_error *err);

#endif
