/* SPDX-License-Identifier: MIT
 *
 * Units for the media tests, built as the ops build theirs: conform to the working format, cut by time stamp.
 */
#ifndef AD_TEST_UNITS_H
#define AD_TEST_UNITS_H

#include "ad_test_media.h"

struct ad_test_unit {
    struct ad_arena arena;
    struct ad_unit unit;
};

#define AD_TEST_CID_A "bafkreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define AD_TEST_CID_B "bafkreibbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* A foreign clip: frames [first, first + count) of what the file is at the unit's rate. */
struct ad_test_clip {
    const char *cid;
    int stream;
    int64_t origin_num, origin_den;
    int64_t first, count;
    bool alpha;
};

void ad_test_unit_init(struct ad_test_unit *u, const struct ad_format *format);
void ad_test_unit_fini(struct ad_test_unit *u);

/* The clip's pictures at the working size and rate, numbered from 0; its sound likewise. */
struct ad_pad ad_test_video_clip(struct ad_test_unit *u, const struct ad_test_clip *clip);
struct ad_pad ad_test_audio_clip(struct ad_test_unit *u, const struct ad_test_clip *clip);
/* The same without any change to the pictures. */
struct ad_pad ad_test_plain_clip(struct ad_test_unit *u, const struct ad_test_clip *clip);
/* Sets the results and the lengths that follow from `frames`. Not-set pads leave the stream out. */
void ad_test_unit_finish(struct ad_test_unit *u, struct ad_pad video, struct ad_pad audio,
                         int64_t frames);

void ad_test_encode_mezzanine(struct ad_test_unit *u);
/* H.264 and AAC in a fast-start MP4, as the web profile has them. */
void ad_test_encode_web(struct ad_test_unit *u);

#endif
