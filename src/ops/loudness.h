/* SPDX-License-Identifier: MIT
 *
 * Bringing sound to a loudness, for LOUDNESS and AUDIO_MIX. Private to room ops.
 */
#ifndef AD_OPS_LOUDNESS_H
#define AD_OPS_LOUDNESS_H

#include "ops/ops.h"

extern const struct ad_field ad_loudness_fields[];

/* config: a map of those fields. */
struct ad_pad ad_loudness_apply(struct ad_graph *graph, struct ad_pad in,
                                const struct ad_value *config);

#endif
