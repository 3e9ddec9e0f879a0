/* SPDX-License-Identifier: MIT
 *
 * Between the two files of ENCODE: what its config says (encode.c), and the encoders' settings (encode_settings.c).
 */
#ifndef AD_OPS_ENCODE_H
#define AD_OPS_ENCODE_H

#include "ops/op.h"

bool ad_encode_is(const struct ad_op_call *call, const char *profile);
/* What the file holds. */
bool ad_encode_video(const struct ad_op_call *call);
bool ad_encode_audio(const struct ad_op_call *call);
bool ad_encode_alpha(const struct ad_op_call *call);

/* The pixel format of the encoder; the rate of its sound. */
const char *ad_encode_pixels(const struct ad_op_call *call);
int64_t ad_encode_sound_rate(const struct ad_op_call *call);
enum artdag_err ad_encode_settings(const struct ad_op_call *call, struct ad_encode *ret,
                                   artdag_error *err);

#endif
