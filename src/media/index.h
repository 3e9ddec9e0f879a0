/* SPDX-License-Identifier: MIT
 *
 * The frame index of a file's pictures: when each frame is shown, and where decoding may begin. Made while the file is probed,
 * kept by the parent, read piecemeal by whoever seeks. docs/formats/index.md gives the bytes.
 */
#ifndef AD_MEDIA_INDEX_H
#define AD_MEDIA_INDEX_H

#include "media/conn.h"

/* A key frame: decoding from here gives every frame that is shown at `safe` or later. */
struct ad_index_key {
    int64_t safe;
    int64_t pts, dts; /* in ticks of the stream; dts INT64_MIN = unknown */
    int64_t pos;      /* where the demuxer finds it; -1 = unknown */
};

/* ---- making ---- */

struct ad_index_maker {
    AD_VEC(struct ad_index_key) keys; /* in order of decoding */
    int64_t latest;                   /* of all packets so far; INT64_MIN = none */
    uint64_t packets;
    bool vague; /* a packet did not say when it is shown */
};
struct ad_index_stream {
    uint32_t stream, tb_num, tb_den;
    const int64_t *times; /* when frames are shown: ascending, each once */
    size_t count;
};
/* A packet of the stream. key = where decoding may begin, pts its time, else NULL. */
bool ad_index_note(struct ad_index_maker *maker, int64_t pts, const struct ad_index_key *key);
void ad_index_maker_fini(struct ad_index_maker *maker);
enum artdag_err ad_index_write(const struct ad_index_maker *maker,
                               const struct ad_index_stream *stream, struct ad_buf *buf,
                               artdag_error *err);

/* ---- reading ---- */

struct ad_index {
    struct ad_conn *conn;
    uint32_t input;
    uint64_t frames, keys, pages, keys_at, pages_at;
    bool exact; /* every packet said when it is shown */
    struct ad_buf window;
    uint64_t window_at;
};
/* NOTFOUND when there is none for this stream. The index borrows conn. */
enum artdag_err ad_index_open(struct ad_index *index, struct ad_conn *conn, uint32_t input,
                              uint32_t stream, int tb_num, int tb_den);
void ad_index_fini(struct ad_index *index);
/* The last key frame that is safe for what is shown at `time`. False: none, or the index is broken. */
bool ad_index_key_for(struct ad_index *index, int64_t time, struct ad_index_key *ret);
/* The frame shown at `time`, and the one after it (*ret_next = *ret_at: there is none). */
bool ad_index_shown(struct ad_index *index, int64_t time, int64_t *ret_at, int64_t *ret_next);

#endif
