/* SPDX-License-Identifier: MIT
 *
 * Video streams that one unit has done with and the next may go on with: a child that renders neighbouring spans opens
 * and seeks each clip once. A parked stream stands where its decoder stopped, and the frames around the end of the leaf are kept,
 * since the next leaf begins there.
 */
#ifndef AD_MEDIA_POOL_H
#define AD_MEDIA_POOL_H

#include "media/decode.h"

#define AD_POOL_STREAMS 4
#define AD_KEPT_FRAMES 16

/* Frames in order of presentation, with their times in the feed's time base. */
struct ad_kept {
    AVFrame *frames[AD_KEPT_FRAMES];
    int count;
};
void ad_kept_clear(struct ad_kept *kept);
/* Takes the first one out; the caller frees it. There must be one. */
AVFrame *ad_kept_shift(struct ad_kept *kept);

struct ad_parked {
    /* what it is; copied */
    char *cid;
    struct ad_leaf leaf;
    int64_t fps_num, fps_den;
    /* where it is */
    struct ad_source *source; /* NULL = a free place */
    struct ad_kept kept;      /* the last one is the last that was decoded */
    int64_t used_at;
};

struct ad_pool {
    struct ad_parked places[AD_POOL_STREAMS];
    int64_t now;
};

/* Takes the source and the kept frames, which must not be none. The stream that was parked longest gives way. Without memory they are
 * freed. */
void ad_pool_park(struct ad_pool *pool, const struct ad_leaf *leaf,
                  const struct ad_format *format, struct ad_source *source,
                  struct ad_kept *kept);
/* The parked stream of that leaf; source and frames go to the caller. False = there is none that holds what is shown at that working frame or
 * comes to it within a second. */
bool ad_pool_take(struct ad_pool *pool, const struct ad_leaf *leaf,
                  const struct ad_format *format, int64_t frame, struct ad_source **ret_source,
                  struct ad_kept *ret_kept);
void ad_pool_fini(struct ad_pool *pool);

#endif
