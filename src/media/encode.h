/* SPDX-License-Identifier: MIT
 *
 * Frames to packets with the settings of a unit.
 */
#ifndef AD_MEDIA_ENCODE_H
#define AD_MEDIA_ENCODE_H

#include "graph/graph.h"
#include "media/compat.h"

struct ad_encoder {
    AVCodecContext *ctx;
    int64_t sent;  /* samples of sound */
    int64_t coded; /* samples in the packets that came out, where they are counted */
};

struct ad_encoder_params {
    const struct ad_codec_settings *settings;
    const struct ad_format *format;
    const AVFilterContext *sink; /* what comes out of the graph */
    const AVFrame *first;        /* video: the first frame, for its colours */
    const char *muxer;           /* that will carry the packets */
    const char *crf;             /* video: instead of the settings'; NULL = those */
};

/* The codec's name, allowed and present. FORMAT, UNSUPPORTED. */
enum artdag_err ad_encoder_find(const char *name, const AVCodec **ret, artdag_error *err);

/* Packets are timed in frames (1/fps), for sound in samples. One thread unless the settings say otherwise. FORMAT for
 * an option the encoder does not know. */
enum artdag_err ad_encoder_open_video(const struct ad_encoder_params *params,
                                      struct ad_encoder **ret, artdag_error *err);
enum artdag_err ad_encoder_open_audio(const struct ad_encoder_params *params,
                                      struct ad_encoder **ret, artdag_error *err);
void ad_encoder_close(struct ad_encoder *encoder); /* NULL allowed */

/* What a container or part has to know of the stream; freed by the caller. */
enum artdag_err ad_encoder_parameters(const struct ad_encoder *encoder, AVCodecParameters **ret,
                                      artdag_error *err);

/* Samples each frame but the last must have; also for codecs that would take any, since packets are part of the bytes. */
unsigned ad_encoder_frame_size(const struct ad_encoder *encoder);

/* Opus has whole frames only, and nothing but its container says how many samples of the last one count; the encoder
 * counts them wrongly. Says in a packet what of it lies behind the end; *ret_keep false: the whole packet does. */
enum artdag_err ad_encoder_trim(struct ad_encoder *encoder, AVPacket *packet, bool *ret_keep,
                                artdag_error *err);

/* frame NULL = the end. All packets must have been received before. */
enum artdag_err ad_encoder_send(struct ad_encoder *encoder, const AVFrame *frame,
                                artdag_error *err);
/* BUSY = send a frame first; NOTFOUND = that was all. */
enum artdag_err ad_encoder_receive(struct ad_encoder *encoder, AVPacket *packet,
                                   artdag_error *err);

#endif
