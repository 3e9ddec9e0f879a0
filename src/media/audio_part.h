/* SPDX-License-Identifier: MIT
 *
 * The encoded sound of a film between the process that makes it (SIMD off) and the one that puts the film together.
 * A private file: both ends are this program and these libraries, so numbers are the machine's own. It holds the codec's
 * parameters and every packet with its times, priming included, so that the container can state it.
 *
 *   "ADAUDIO1"  parameters, extradata   { length, packet, side data } ...   0   packet count, samples
 */
#ifndef AD_MEDIA_AUDIO_PART_H
#define AD_MEDIA_AUDIO_PART_H

#include "base/base.h"
#include "media/compat.h"

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
/* samples: per channel, that were encoded. The file is whole then. */
enum artdag_err ad_part_finish(struct ad_part_writer *part, int64_t samples, artdag_error *err);
void ad_part_writer_fini(struct ad_part_writer *part);

struct ad_part_reader {
    int fd; /* borrowed */
    int64_t pos, size;
    int64_t packets; /* read so far */
    int64_t samples; /* known at the end */
    struct ad_buf buf;
    AVCodecParameters *codecpar;
};
enum artdag_err ad_part_open(int fd, struct ad_part_reader *ret, artdag_error *err);
/* NOTFOUND at the end of a whole part; CORRUPT for anything that is none. */
enum artdag_err ad_part_read(struct ad_part_reader *part, AVPacket *packet, artdag_error *err);
void ad_part_reader_fini(struct ad_part_reader *part);

#endif
