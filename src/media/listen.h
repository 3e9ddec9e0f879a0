/* SPDX-License-Identifier: MIT
 *
 * A stream of sound as float samples, as SOURCE hears it: from time 0 on, at its own rate and with its own channels. A stream that
 * begins later begins with silence, what lies before time 0 is left out.
 */
#ifndef AD_MEDIA_LISTEN_H
#define AD_MEDIA_LISTEN_H

#include "media/feed.h"
#include "media/media.h"

#define AD_LISTEN_CHANNELS_MAX 8

struct ad_listener {
    struct ad_conn *conn;
    uint32_t input;
    int64_t size; /* of the input */
    const struct ad_study *study;
    int threads;
    /* Called once, before the first samples. */
    enum artdag_err (*start)(void *payload, const struct ad_shape *shape, artdag_error *err);
    /* One plane per channel, in order, without gaps. */
    enum artdag_err (*push)(void *payload, const float *const *channels, int count,
                            artdag_error *err);
    void *payload;
};
/* Reads the stream to its end. *ret_errors: decode errors that were forgiven. UNSUPPORTED for more channels or another rate
 * than analysis takes. */
enum artdag_err ad_listen(const struct ad_listener *listener, int64_t *ret_errors,
                          artdag_error *err);

#endif
