/* SPDX-License-Identifier: MIT
 *
 * Packets into a container on the output descriptor. Nothing but the packets, the settings and libav's version reaches the
 * bytes: no creation time, no random identifiers.
 */
#ifndef AD_MEDIA_MUX_H
#define AD_MEDIA_MUX_H

#include "graph/graph.h"
#include "media/compat.h"

struct ad_mux {
    int fd;            /* borrowed; read and written by position */
    int64_t pos, size; /* of the writer */
    int write_errno;   /* why writing failed, 0 = it did not */
    AVFormatContext *fmt;
    AVRational time_bases[2]; /* of the packets given, by stream */
    bool started;
    bool index_moves; /* to the front, when the file is finished */
};

enum artdag_err ad_mux_open(int fd, const struct ad_encode *encode, struct ad_mux **ret,
                            artdag_error *err);
void ad_mux_close(struct ad_mux *mux); /* NULL allowed; does not finish the file */

/* At most two. Packets of the stream are timed in time_base. */
enum artdag_err ad_mux_add_stream(struct ad_mux *mux, const AVCodecParameters *codecpar,
                                  AVRational time_base, artdag_error *err);
/* Writes the header. FORMAT for an option the container does not know. */
enum artdag_err ad_mux_start(struct ad_mux *mux, const struct ad_encode *encode,
                             artdag_error *err);
/* Takes the packet (it is empty afterwards). */
enum artdag_err ad_mux_write(struct ad_mux *mux, int stream, AVPacket *packet,
                             artdag_error *err);
/* The same, at once and behind what was written last: the caller decides how streams are interleaved. */
enum artdag_err ad_mux_append(struct ad_mux *mux, int stream, AVPacket *packet,
                              artdag_error *err);
/* Where the next packet goes. A container that moves its index to the front moves this too: see ad_mux_shift. */
int64_t ad_mux_tell(const struct ad_mux *mux);
/* After finish: by how much the positions told by ad_mux_tell moved. end: ad_mux_tell before finish. */
int64_t ad_mux_shift(const struct ad_mux *mux, int64_t end);
/* Writes the trailer; the file is whole then. */
enum artdag_err ad_mux_finish(struct ad_mux *mux, artdag_error *err);

#endif
