/* SPDX-License-Identifier: MIT
 *
 * Packets to frames, and a stream of an input read as frames from its start or from a time on.
 */
#ifndef AD_MEDIA_DECODE_H
#define AD_MEDIA_DECODE_H

#include <stdatomic.h>

#include "media/demux.h"
#include "media/index.h"

struct ad_decoder {
    AVCodecContext *ctx;
    AVRational time_base;  /* of packets and frames */
    const char *container; /* for messages */
    bool started,
        lenient;    /* a packet was given; errors before the first good frame are forgiven */
    int64_t frames; /* good ones given out */
    int64_t errors; /* forgiven: before the first good frame, and after the last of a sound */
    /* Sound: since the last good frame; more sound after them makes them fatal */
    int64_t open_errors;
    artdag_error trouble; /* the first of the open errors */
    /* libav said, in its log only, that it hid damage: log.c sets it */
    atomic_bool patched;
};

/* MEDIA when no decoder on the allow-list fits. Results do not depend on threads. */
enum artdag_err ad_decoder_open(const AVStream *stream, const char *container, bool alpha,
                                int threads, struct ad_decoder **ret, artdag_error *err);
void ad_decoder_close(struct ad_decoder *decoder); /* NULL allowed */

/* Gives a packet, or NULL at the end. All frames must have been received before. */
enum artdag_err ad_decoder_send(struct ad_decoder *decoder, const AVPacket *packet,
                                artdag_error *err);
/* BUSY = give a packet first; NOTFOUND = that was all; MEDIA = damaged media. Forgiven and counted are errors before the
 * first good frame of what starts in the middle of something (a cut stream, raw MPEG sound, after a seek), and those behind
 * the last of raw MPEG sound. */
enum artdag_err ad_decoder_receive(struct ad_decoder *decoder, AVFrame *frame,
                                   artdag_error *err);

/* When the frame is to be presented, in the decoder's time base, or AV_NOPTS_VALUE. */
int64_t ad_frame_time(const AVFrame *frame);

struct ad_source {
    struct ad_demux *demux;
    struct ad_decoder *decoder;
    AVStream *stream;
    AVPacket *packet;
};

struct ad_source_params {
    struct ad_conn *conn; /* borrowed, outlives the source */
    uint32_t input;
    int64_t size;
    int stream; /* number; < 0 = the first that fits the medium */
    enum ad_medium medium;
    bool alpha;
    int threads;
};
enum artdag_err ad_source_open(const struct ad_source_params *params, struct ad_source **ret,
                               artdag_error *err);
void ad_source_close(struct ad_source *source); /* NULL allowed */

/* Moves to the last key frame not later than time (stream time base). False when this container cannot do so; the
 * source must then be opened anew, since its position is unknown. */
bool ad_source_seek(struct ad_source *source, int64_t time);

/* Goes to a key frame of the frame index. False as above. */
bool ad_source_seek_key(struct ad_source *source, const struct ad_index_key *key);

/* The next frame in order of presentation. NOTFOUND at the end. */
enum artdag_err ad_source_next(struct ad_source *source, AVFrame *frame, artdag_error *err);

#endif
