/* SPDX-License-Identifier: MIT */
#include "media/pool.h"

#include <string.h>

#include "media/compat.h"

void ad_kept_clear(struct ad_kept *kept)
{
    for (int i = 0; i < kept->count; i++) {
        av_frame_free(&kept->frames[i]);
    }
    kept->count = 0;
}

AVFrame *ad_kept_shift(struct ad_kept *kept)
{
    AVFrame *first = kept->frames[0];
    kept->count--;
    memmove(&kept->frames[0], &kept->frames[1], (size_t)kept->count * sizeof(AVFrame *));
    return first;
}

static void leave(struct ad_parked *place)
{
    ad_source_close(place->source);
    ad_kept_clear(&place->kept);
    free(place->cid);
    *place = (struct ad_parked){0};
}

void ad_pool_park(struct ad_pool *pool, const struct ad_leaf *leaf,
                  const struct ad_format *format, struct ad_source *source,
                  struct ad_kept *kept)
{
    struct ad_parked *place = &pool->places[0];
    for (size_t i = 1; i < AD_POOL_STREAMS; i++) {
        if (pool->places[i].used_at < place->used_at) {
            place = &pool->places[i];
        }
    }
    leave(place);
    *place = (struct ad_parked){
        .cid = ad_strdup(leaf->cid),
        .leaf = *leaf,
        .fps_num = format->fps_num,
        .fps_den = format->fps_den,
        .source = source,
        .kept = *kept,
        .used_at = ++pool->now,
    };
    *kept = (struct ad_kept){0};
    if (!place->cid) {
        leave(place);
    }
}

static bool is_same(const struct ad_parked *place, const struct ad_leaf *leaf,
                    const struct ad_format *format)
{
    const struct ad_leaf *own = &place->leaf;
    return place->source && own->mezzanine == leaf->mezzanine && own->stream == leaf->stream &&
           own->alpha == leaf->alpha && own->origin_num == leaf->origin_num &&
           own->origin_den == leaf->origin_den && place->fps_num == format->fps_num &&
           place->fps_den == format->fps_den && strcmp(place->cid, leaf->cid) == 0;
}

/* How far a stream is decoded on rather than sought: about a second. */
static int64_t reach(const struct ad_parked *place)
{
    AVRational tb = place->source->stream->time_base;
    return place->leaf.mezzanine ? place->fps_num / place->fps_den : tb.den / tb.num;
}

static int64_t ticks_of(const struct ad_parked *place, int64_t frame)
{
    AVRational frame_tb = {(int)place->fps_den, (int)place->fps_num};
    return place->leaf.mezzanine
               ? frame
               : av_rescale_q_rnd(frame, frame_tb, place->source->stream->time_base,
                                  AV_ROUND_DOWN);
}

bool ad_pool_take(struct ad_pool *pool, const struct ad_leaf *leaf,
                  const struct ad_format *format, int64_t frame, struct ad_source **ret_source,
                  struct ad_kept *ret_kept)
{
    for (size_t i = 0; i < AD_POOL_STREAMS; i++) {
        struct ad_parked *place = &pool->places[i];
        const struct ad_kept *kept = &place->kept;
        if (!is_same(place, leaf, format)) {
            continue;
        }
        int64_t time = ticks_of(place, frame);
        if (kept->frames[0]->pts > time ||
            time - kept->frames[kept->count - 1]->pts > reach(place)) {
            continue;
        }
        *ret_source = place->source;
        *ret_kept = place->kept;
        free(place->cid);
        *place = (struct ad_parked){0};
        return true;
    }
    return false;
}

void ad_pool_fini(struct ad_pool *pool)
{
    for (size_t i = 0; i < AD_POOL_STREAMS; i++) {
        leave(&pool->places[i]);
    }
}
