/* SPDX-License-Identifier: MIT
 *
 * A feed: one leaf of a graph, read as frames with the time stamps that graph.h promises. Opened at its first
 * demand and closed at its end, so that a film of a thousand clips holds few decoders; it may also be closed between two
 * frames and then goes on exactly where it was.
 */
#ifndef AD_MEDIA_FEED_H
#define AD_MEDIA_FEED_H

#include "media/pool.h"

/* What the frames of a feed are like: constant over its life. */
struct ad_shape {
    AVRational time_base;
    int width, height; /* video */
    enum AVPixelFormat pixel_format;
    AVRational sar, frame_rate; /* frame_rate 0/1 = not constant */
    enum AVColorSpace space;
    enum AVColorRange range;
    int sample_rate; /* audio */
    enum AVSampleFormat sample_format;
    AVChannelLayout layout;
};

struct ad_feed {
    /* set by the maker, borrowed */
    const struct ad_leaf *leaf;
    const struct ad_format *format;
    struct ad_conn *conn;
    enum ad_medium medium;
    uint32_t input;
    int64_t size;
    int threads;
    struct ad_pool *pool; /* of streams for the units that come after; NULL = none */

    struct ad_shape shape; /* valid when `known` */
    bool known;
    bool done;                /* the last frame was given out */
    struct ad_source *source; /* NULL while closed */
    AVFrame *queue[2];        /* read and not yet given out */
    int queued;
    int64_t delivered; /* frames given out so far */
    int64_t used_at;   /* the graph's count of results when it was last used; < 0 = never */
    int64_t patience;  /* how many results later it counts as idle */
    int64_t errors;    /* decode errors forgiven, of closed sources */

    int64_t last_time;     /* video: of the last frame read, in shape.time_base */
    struct ad_kept replay; /* video: read for an earlier unit, and the next ones here */
    struct ad_kept kept;   /* video: for the unit that goes on where this leaf ends */
    bool parkable;         /* video: no time stamp was made up since opening */
    bool running;          /* a frame was read since opening; audio: `expected` is set */
    int64_t expected;      /* audio: sample index the next frame should start with */
    int64_t end_time;      /* where the last frame given out ends, in shape.time_base */
    int64_t silence;       /* audio: samples of silence due before `late` */
    AVFrame *late;         /* audio: the frame after that silence */
};

void ad_feed_fini(struct ad_feed *feed);

/* Learns the shape by reading the first frame, which is kept. MEDIA with the leaf's CID when that fails. */
enum artdag_err ad_feed_prepare(struct ad_feed *feed, artdag_error *err);

/* Gives the next frame into an empty `frame`. NOTFOUND at the end. */
enum artdag_err ad_feed_next(struct ad_feed *feed, AVFrame *frame, artdag_error *err);

/* Drops decoder and buffers; the next demand opens it again and skips what was given out. */
void ad_feed_close(struct ad_feed *feed);

int64_t ad_feed_errors(const struct ad_feed *feed); /* decode errors forgiven so far */

/* ---- between feed.c, feed_video.c and feed_audio.c ---- */
enum artdag_err ad_feed_open_source(struct ad_feed *feed, artdag_error *err);
enum artdag_err ad_feed_video_start(struct ad_feed *feed, artdag_error *err);
enum artdag_err ad_feed_video_read(struct ad_feed *feed, AVFrame *frame, artdag_error *err);
int64_t ad_feed_video_length(const struct ad_feed *feed, const AVFrame *frame);
bool ad_feed_video_is_past(const struct ad_feed *feed, const AVFrame *frame);
enum artdag_err ad_feed_audio_start(struct ad_feed *feed, artdag_error *err);
enum artdag_err ad_feed_audio_read(struct ad_feed *feed, AVFrame *frame, artdag_error *err);
bool ad_feed_audio_is_past(const struct ad_feed *feed, const AVFrame *frame);

#endif
