/* SPDX-License-Identifier: MIT
 *
 * Opening an input as a container: sniffed from its bytes, only what is on the allow-list, no other file reachable.
 */
#ifndef AD_MEDIA_DEMUX_H
#define AD_MEDIA_DEMUX_H

#include "media/allow.h"
#include "media/input.h"

#define AD_STREAMS_MAX 64
#define AD_PIXELS_MAX ((int64_t)1 << 27)

struct ad_demux {
    struct ad_input *input;
    AVFormatContext *fmt;
    const struct ad_container *container;
};

/* Opens the input and reads enough of it to know its streams. MEDIA when it is no usable media file. conn is
 * borrowed. */
enum artdag_err ad_demux_open(struct ad_conn *conn, uint32_t number, int64_t size,
                              struct ad_demux **ret, artdag_error *err);
void ad_demux_close(struct ad_demux *demux); /* NULL allowed */

/* Delivers packets of this stream only from now on. */
void ad_demux_select(struct ad_demux *demux, int stream);

/* The next packet. NOTFOUND at the end; MEDIA for a broken file or a packet the demuxer marked corrupt. */
enum artdag_err ad_demux_next(struct ad_demux *demux, AVPacket *packet, artdag_error *err);

/* Is this a stream we can use as a picture or as sound (attached covers are not)? */
bool ad_demux_is_video(const AVStream *stream);
bool ad_demux_is_audio(const AVStream *stream);
/* The stream says that an alpha plane is coded beside the picture (VP8, VP9). */
bool ad_demux_has_alpha_plane(const AVStream *stream);

#endif
