/* SPDX-License-Identifier: MIT
 *
 * Does a file end before its own header says? libav plays what is there and says nothing; a film must not.
 */
#ifndef AD_MEDIA_TRUNCATED_H
#define AD_MEDIA_TRUNCATED_H

#include "media/allow.h"
#include "media/input.h"

/* MEDIA with both sizes when the file is cut off. Containers that do not state a size pass. */
enum artdag_err ad_check_whole(struct ad_input *input, const struct ad_container *container,
                               artdag_error *err);

#endif
