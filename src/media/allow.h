/* SPDX-License-Identifier: MIT
 *
 * What of libav exists for a job: containers, decoders, encoders. Everything else is refused by name. PURE tables.
 */
#ifndef AD_MEDIA_ALLOW_H
#define AD_MEDIA_ALLOW_H

#include "base/base.h"
#include "media/compat.h"

/* How to go to a key frame of the frame index. */
enum ad_seek_way {
    AD_SEEK_NONE, /* read from the start */
    AD_SEEK_DTS,  /* to its decoding time */
    AD_SEEK_PTS,  /* to its presentation time */
    AD_SEEK_NOTE, /* to its presentation time, when the demuxer was told where that is */
    AD_SEEK_BYTE  /* to its place */
};

struct ad_container {
    const char *demuxer; /* libav's name */
    const char *name;    /* ours, in the metadata document */
    /* Seeking to a time lands on a key frame not later, and frames keep their timestamps */
    bool seeks;
    bool picture; /* a picture file */
    bool gapless; /* a gap in its sound can only be damage */
    enum ad_seek_way way;
};

const struct ad_container *ad_container_find(const char *demuxer); /* NULL = refused */
const char *
ad_container_hint(const char *demuxer); /* why a well-known one is refused, or NULL */
const char *ad_container_list(void);    /* demuxers for format_whitelist */
const char *ad_decoder_list(void);      /* decoders for codec_whitelist */

/* The decoder for a codec; alpha asks for one that decodes a VP8/VP9 alpha plane too. NULL = refused. */
const AVCodec *ad_decoder_find(enum AVCodecID id, bool alpha);
bool ad_encoder_allowed(const char *name);
bool ad_muxer_allowed(const char *name);

#endif
