/* SPDX-License-Identifier: MIT
 *
 * An input of a job as libav reads it: an AVIOContext whose bytes the parent is asked for, with read-ahead.
 */
#ifndef AD_MEDIA_INPUT_H
#define AD_MEDIA_INPUT_H

#include <libavformat/avio.h>

#include "media/conn.h"

struct ad_input {
    struct ad_conn *conn;
    uint32_t number;
    int64_t size;
    int64_t pos;         /* where libav reads next */
    struct ad_buf ahead; /* bytes held, from ahead_at on */
    int64_t ahead_at;
    uint32_t ahead_bytes; /* how much to ask for next; grows while reading runs forward */
    AVIOContext *pb;
};

/* Nothing is read yet. conn is borrowed and must outlive the input. */
enum artdag_err ad_input_open(struct ad_conn *conn, uint32_t number, int64_t size,
                              struct ad_input **ret, artdag_error *err);
void ad_input_close(struct ad_input *input); /* NULL allowed */

/* Bytes at offset, as many as there are; for looking at headers. Does not move the reading position. */
enum artdag_err ad_input_peek(struct ad_input *input, int64_t offset, uint8_t *out, size_t len,
                              size_t *ret_len, artdag_error *err);

#endif
