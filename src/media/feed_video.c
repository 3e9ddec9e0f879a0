/* SPDX-License-Identifier: MIT
 *
 * Time of a foreign frame = its presentation time in ticks of the stream minus the leaf's origin in the same ticks (rounded
 * to the nearest, halves away from zero; the analysis takes the origin from this very stream, so nothing is rounded in
 * practice). Time of a mezzanine frame = its index. A time that does not pass the one before it is made one tick later: broken
 * time stamps lose no frame.
 */
#include "media/feed.h"
#include "media/log.h"

#define ROOM "media"

/* How far before the wanted time to land, in seconds, attempt by attempt; then the start of the file. A container's idea
 * of a key frame's time may be that of decoding, and streams with open groups need a later try. */
static const int back_off_s[] = {0, 2, 16};
#define ATTEMPTS ((int)(sizeof(back_off_s) / sizeof(back_off_s[0])))

#define TICKS_MAX (INT64_MAX / 4)

static AVRational frame_time_base(const struct ad_feed *feed)
{
    return (AVRational){(int)feed->format->fps_den, (int)feed->format->fps_num};
}

static AVRational feed_time_base(const struct ad_feed *feed)
{
    return feed->leaf->mezzanine ? frame_time_base(feed) : feed->source->stream->time_base;
}

/* Ticks of the stream that the origin is. */
static int64_t origin_ticks(const struct ad_feed *feed)
{
    AVRational tb = feed->source->stream->time_base;
    if (feed->leaf->mezzanine) {
        return 0;
    }
    return av_rescale_rnd(feed->leaf->origin_num, tb.den, feed->leaf->origin_den * tb.num,
                          AV_ROUND_NEAR_INF);
}

static enum artdag_err check_origin(const struct ad_feed *feed, artdag_error *err)
{
    AVRational tb = feed->source->stream->time_base;
    if (tb.num <= 0 || tb.den <= 0 || feed->leaf->origin_den > INT64_MAX / tb.num) {
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "the origin or time base is unusable");
    }
    return ARTDAG_OK;
}

/* The start of a working frame in ticks of the feed. */
static int64_t ticks_of_frame(int64_t frame, AVRational frame_tb, AVRational tb)
{
    return av_rescale_q_rnd(frame, frame_tb, tb, AV_ROUND_DOWN);
}

static int64_t time_of(struct ad_feed *feed, const AVFrame *frame)
{
    AVRational tb = feed->source->stream->time_base;
    int64_t time = ad_frame_time(frame);
    if (time < -TICKS_MAX || time > TICKS_MAX) { /* AV_NOPTS_VALUE too */
        feed->parkable = false;
        if (!feed->running) {
            return 0;
        }
        int64_t step = ad_compat_frame_duration(frame);
        return feed->last_time + (step > 0 ? step : 1);
    }
    time -= origin_ticks(feed);
    return feed->leaf->mezzanine ? av_rescale_q(time, tb, frame_time_base(feed)) : time;
}

/* Keeps the frame if a leaf that follows this one may begin with it. All others must stay without a second owner, or filters could not
 * work in place. */
static void keep(struct ad_feed *feed, const AVFrame *frame, int64_t before)
{
    struct ad_kept *kept = &feed->kept;
    int64_t next = ticks_of_frame(feed->leaf->first + feed->leaf->count - 1,
                                  frame_time_base(feed), feed_time_base(feed));
    bool may_be_shown = frame->pts >= next || frame->pts + (frame->pts - before) > next;
    if (!feed->pool || !feed->parkable || !may_be_shown) {
        return;
    }
    if (frame->pts <= next) {
        ad_kept_clear(kept);
    }
    AVFrame *copy = kept->count < AD_KEPT_FRAMES ? av_frame_clone(frame) : NULL;
    if (copy) {
        kept->frames[kept->count++] = copy;
    } else {
        feed->parkable = false;
        ad_kept_clear(kept);
    }
}

/* The next frame: one that was decoded for an earlier unit, or a new one, with its time. */
static enum artdag_err read_timed(struct ad_feed *feed, AVFrame *frame, artdag_error *err)
{
    if (feed->replay.count > 0) {
        AVFrame *first = ad_kept_shift(&feed->replay);
        av_frame_move_ref(frame, first);
        av_frame_free(&first);
        return ARTDAG_OK;
    }
    enum artdag_err rc = ad_source_next(feed->source, frame, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    frame->pts = time_of(feed, frame);
    if (feed->running && frame->pts <= feed->last_time) {
        frame->pts = feed->last_time + 1;
        feed->parkable = false;
    }
    return ARTDAG_OK;
}

enum artdag_err ad_feed_video_read(struct ad_feed *feed, AVFrame *frame, artdag_error *err)
{
    enum artdag_err rc = read_timed(feed, frame, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    keep(feed, frame, feed->running ? feed->last_time : frame->pts);
    feed->running = true;
    feed->last_time = frame->pts;
    return ARTDAG_OK;
}

/* What the frame index says of the wanted frame and its successor, in ticks of the stream. */
struct expected {
    bool known;
    int64_t at, next;
};

/* Goes to the last key frame that decoding may begin at. *ret_moved: the source no longer stands where it stood. */
static bool seek_by_index(struct ad_feed *feed, int64_t time, struct expected *ret,
                          bool *ret_moved)
{
    struct ad_index index = {0};
    struct ad_index_key key;
    const AVStream *stream = feed->source->stream;
    bool usable = !feed->leaf->mezzanine &&
                  feed->source->demux->container->way != AD_SEEK_NONE &&
                  ad_index_open(&index, feed->conn, feed->input, (uint32_t)stream->index,
                                stream->time_base.num, stream->time_base.den) == ARTDAG_OK;
    *ret_moved = usable && index.exact && ad_index_shown(&index, time, &ret->at, &ret->next) &&
                 ad_index_key_for(&index, ret->at, &key);
    ret->known = *ret_moved && ad_source_seek_key(feed->source, &key);
    ad_index_fini(&index);
    return ret->known;
}

/* Is what was found what the index says? */
static bool is_expected(const struct ad_feed *feed, const struct expected *e)
{
    int64_t origin = origin_ticks(feed);
    return feed->queued > 0 && feed->queue[0]->pts == e->at - origin &&
           (e->next == e->at ? feed->queued == 1
                             : feed->queued == 2 && feed->queue[1]->pts == e->next - origin);
}

/* Opens the source and goes to `time` minus the attempt's distance; attempt -1 goes by the frame
 * index, if there is one. *ret_sought: not at the start of the file. */
static enum artdag_err open_at(struct ad_feed *feed, int attempt, int64_t first,
                               struct expected *ret_expected, bool *ret_sought,
                               artdag_error *err)
{
    enum artdag_err rc = ad_feed_open_source(feed, err);
    if (rc == ARTDAG_OK) {
        rc = check_origin(feed, err);
    }
    *ret_sought = false;
    if (rc != ARTDAG_OK || attempt >= ATTEMPTS) {
        return rc;
    }
    AVRational tb = feed->source->stream->time_base;
    int64_t time = ticks_of_frame(first, frame_time_base(feed), tb);
    int64_t second = av_rescale_q(1, (AVRational){1, 1}, tb);
    bool moved = false;
    if (attempt < 0 && time > second) {
        *ret_sought = seek_by_index(feed, time + origin_ticks(feed), ret_expected, &moved);
    }
    if (moved) {
        return *ret_sought ? ARTDAG_OK : ad_feed_open_source(feed, err);
    }
    int64_t back = av_rescale_q(back_off_s[attempt > 0 ? attempt : 0], (AVRational){1, 1}, tb);
    if (time - back <= second) {
        return ARTDAG_OK; /* too near the start to be worth it */
    }
    if (!ad_source_seek(feed->source, time - back + origin_ticks(feed))) {
        return ad_feed_open_source(feed, err);
    }
    *ret_sought = true;
    return ARTDAG_OK;
}

static enum artdag_err read_queued(struct ad_feed *feed, int slot, artdag_error *err)
{
    if (!feed->queue[slot]) {
        feed->queue[slot] = av_frame_alloc();
    }
    if (!feed->queue[slot]) {
        return ad_error_nomem(err, ROOM);
    }
    enum artdag_err rc = ad_feed_video_read(feed, feed->queue[slot], err);
    if (rc == ARTDAG_OK) {
        feed->queued = slot + 1;
    } else {
        av_frame_free(&feed->queue[slot]);
    }
    return rc;
}

/* Reads on until the frame shown at `target` and its successor are queued. */
static enum artdag_err skip_to(struct ad_feed *feed, int64_t target, artdag_error *err)
{
    while (feed->last_time <= target) {
        enum artdag_err rc = read_queued(feed, 1, err);
        if (rc == ARTDAG_E_NOTFOUND) {
            return ARTDAG_OK;
        }
        if (rc != ARTDAG_OK) {
            return rc;
        }
        if (feed->queue[1]->pts <= target) {
            av_frame_free(&feed->queue[0]);
            feed->queue[0] = feed->queue[1];
            feed->queue[1] = NULL;
            feed->queued = 1;
        }
    }
    return ARTDAG_OK;
}

/* Goes on with a stream that an earlier unit left just before. */
static bool take_parked(struct ad_feed *feed, int64_t first)
{
    struct ad_source *source = NULL;
    if (!feed->pool ||
        !ad_pool_take(feed->pool, feed->leaf, feed->format, first, &source, &feed->replay)) {
        return false;
    }
    source->demux->input->number = feed->input; /* inputs are numbered by the job */
    feed->source = source;
    feed->parkable = true;
    return true;
}

enum artdag_err ad_feed_video_start(struct ad_feed *feed, artdag_error *err)
{
    /* One frame early: conforming to the working rate rounds to the nearest frame. */
    int64_t first = feed->leaf->first > 0 ? feed->leaf->first - 1 : 0;
    if (take_parked(feed, first)) {
        enum artdag_err rc = read_queued(feed, 0, err);
        int64_t target = ticks_of_frame(first, frame_time_base(feed), feed_time_base(feed));
        return rc == ARTDAG_OK ? skip_to(feed, target, err) : rc;
    }
    for (int attempt = -1;; attempt++) {
        struct expected expected = {0};
        bool sought = false;
        enum artdag_err rc = open_at(feed, attempt, first, &expected, &sought, err);
        if (rc != ARTDAG_OK) {
            return rc;
        }
        ad_media_log_forget();
        int64_t target = ticks_of_frame(first, frame_time_base(feed), feed_time_base(feed));
        rc = read_queued(feed, 0, err);
        if (sought && (rc != ARTDAG_OK || feed->last_time > target)) {
            continue; /* landed behind it, or in a damaged spot: try further back */
        }
        if (rc == ARTDAG_OK) {
            rc = skip_to(feed, target, err);
        }
        if (!expected.known || (rc == ARTDAG_OK && is_expected(feed, &expected))) {
            return rc;
        }
    }
}

/* How long a frame is shown: what the file says, else one frame of the timeline. Only the last one's matters. */
int64_t ad_feed_video_length(const struct ad_feed *feed, const AVFrame *frame)
{
    int64_t length = feed->leaf->mezzanine ? 1 : ad_compat_frame_duration(frame);
    if (length <= 0 || length > TICKS_MAX) {
        length = ticks_of_frame(1, frame_time_base(feed), feed->shape.time_base);
    }
    return length > 0 ? length : 1;
}

bool ad_feed_video_is_past(const struct ad_feed *feed, const AVFrame *frame)
{
    int64_t end = feed->leaf->first + feed->leaf->count + 1;
    return frame->pts >= ticks_of_frame(end, frame_time_base(feed), feed->shape.time_base);
}
