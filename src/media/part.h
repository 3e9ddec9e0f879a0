/* SPDX-License-Identifier: MIT
 *
 * A part: one encoded stream, the sound of a film or the pictures of a span, between the process that makes it and the one
 * that puts the film together. A private file: both ends are this program and these libraries (parts are
 * known by ids that hold the toolchain), so numbers are little-endian as they lie in memory, without gaps. It holds the
 * codec's parameters and every packet with its times, priming included, so that the container can state it.
 *
 *   "ADPART02"  parameters, extradata   { length, packet, side data } ...   0   packet count, frames or samples
 */
#ifndef AD_MEDIA_PART_H
#define AD_MEDIA_PART_H

#include "base/base.h"
#include "media/compat.h"
#include "media/input.h"

struct ad_part_writer {
    int fd; /* borrowed */
    int64_t pos;
    int64_t packets;
    struct ad_buf buf;
};
enum artdag_err ad_part_create(int fd, const AVCodecParameters *codecpar,
                               struct ad_part_writer *ret, artdag_error *err);
enum artdag_err ad_part_write(struct ad_part_writer *part, const AVPacket *packet,
                              artdag_error *err);
/* length: frames, or samples per channel, that were encoded. The file is whole then. */
enum artdag_err ad_part_finish(struct ad_part_writer *part, int64_t length, artdag_error *err);
void ad_part_writer_fini(struct ad_part_writer *part);

struct ad_part_reader {
    int fd;          /* borrowed; or */
    AVIOContext *pb; /* borrowed, read from its beginning */
    int64_t pos, size;
    int64_t packets; /* read so far */
    int64_t length;  /* frames or samples; known at the end */
    struct ad_buf buf;
    AVCodecParameters *codecpar;
};
enum artdag_err ad_part_open(int fd, struct ad_part_reader *ret, artdag_error *err);
/* The same from an input of the job, which must outlive the reader. */
enum artdag_err ad_part_open_input(struct ad_input *input, struct ad_part_reader *ret,
                                   artdag_error *err);
/* NOTFOUND at the end of a whole part; CORRUPT for anything that is none. */
enum artdag_err ad_part_read(struct ad_part_reader *part, AVPacket *packet, artdag_error *err);
void ad_part_reader_fini(struct ad_part_reader *part);

#endif
