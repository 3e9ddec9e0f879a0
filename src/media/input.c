/* SPDX-License-Identifier: MIT */
#include "media/input.h"

#include <string.h>

#include "media/compat.h"

#define ROOM "media"
#define PB_BYTES (64 << 10)
#define AHEAD_MIN (256u << 10)

static bool holds(const struct ad_input *input, int64_t offset)
{
    return offset >= input->ahead_at && offset < input->ahead_at + (int64_t)input->ahead.len;
}

/* Makes the held bytes cover offset, which is below the size. */
static enum artdag_err fill(struct ad_input *input, int64_t offset, artdag_error *err)
{
    if (holds(input, offset)) {
        return ARTDAG_OK;
    }
    bool forward =
        input->ahead.len > 0 && offset == input->ahead_at + (int64_t)input->ahead.len;
    if (!forward) {
        input->ahead_bytes = AHEAD_MIN;
    } else if (input->ahead_bytes < AD_WIRE_READ_MAX) {
        input->ahead_bytes *= 2;
    }
    uint32_t want = input->ahead_bytes;
    if ((int64_t)want > input->size - offset) {
        want = (uint32_t)(input->size - offset);
    }
    enum artdag_err rc =
        ad_conn_read(input->conn, input->number, (uint64_t)offset, want, &input->ahead, err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    input->ahead_at = offset;
    if (input->ahead.len < want) {
        return ad_error_set(
            &input->conn->trouble, ARTDAG_E_IO, ROOM, "the input ends at byte %lld, not %lld",
            (long long)(offset + (int64_t)input->ahead.len), (long long)input->size);
    }
    return ARTDAG_OK;
}

static int read_packet(void *opaque, uint8_t *out, int len)
{
    struct ad_input *input = opaque;
    if (input->pos >= input->size) {
        return AVERROR_EOF;
    }
    if (fill(input, input->pos, NULL) != ARTDAG_OK) {
        return AVERROR(EIO);
    }
    size_t from = (size_t)(input->pos - input->ahead_at);
    size_t n = input->ahead.len - from;
    if (n > (size_t)len) {
        n = (size_t)len;
    }
    memcpy(out, input->ahead.data + from, n);
    input->pos += (int64_t)n;
    return (int)n;
}

static int64_t seek(void *opaque, int64_t offset, int whence)
{
    struct ad_input *input = opaque;
    if (whence & AVSEEK_SIZE) {
        return input->size;
    }
    switch (whence & ~AVSEEK_FORCE) {
    case SEEK_SET:
        break;
    case SEEK_CUR:
        offset += input->pos;
        break;
    case SEEK_END:
        offset += input->size;
        break;
    default:
        return AVERROR(EINVAL);
    }
    if (offset < 0) {
        return AVERROR(EINVAL);
    }
    input->pos = offset;
    return offset;
}

enum artdag_err ad_input_open(struct ad_conn *conn, uint32_t number, int64_t size,
                              struct ad_input **ret, artdag_error *err)
{
    struct ad_input *input = ad_alloc(sizeof(*input));
    uint8_t *bytes = av_malloc(PB_BYTES);
    if (!input || !bytes) {
        goto nomem;
    }
    *input = (struct ad_input){
        .conn = conn, .number = number, .size = size, .ahead_bytes = AHEAD_MIN};
    ad_buf_init(&input->ahead, AD_WIRE_READ_MAX);
    input->pb = avio_alloc_context(bytes, PB_BYTES, 0, input, read_packet, NULL, seek);
    if (!input->pb) {
        goto nomem;
    }
    *ret = input;
    return ARTDAG_OK;
nomem:
    av_free(bytes);
    free(input);
    return ad_error_nomem(err, ROOM);
}

void ad_input_close(struct ad_input *input)
{
    if (!input) {
        return;
    }
    if (input->pb) {
        av_freep(&input->pb->buffer);
        avio_context_free(&input->pb);
    }
    ad_buf_fini(&input->ahead);
    free(input);
}

enum artdag_err ad_input_peek(struct ad_input *input, int64_t offset, uint8_t *out, size_t len,
                              size_t *ret_len, artdag_error *err)
{
    size_t done = 0;
    while (done < len && offset >= 0 && offset < input->size) {
        enum artdag_err rc = fill(input, offset, err);
        if (rc != ARTDAG_OK) {
            if (err) {
                *err = input->conn->trouble;
            }
            return rc;
        }
        size_t from = (size_t)(offset - input->ahead_at);
        size_t n = input->ahead.len - from;
        if (n > len - done) {
            n = len - done;
        }
        memcpy(out + done, input->ahead.data + from, n);
        done += n;
        offset += (int64_t)n;
    }
    *ret_len = done;
    return ARTDAG_OK;
}
