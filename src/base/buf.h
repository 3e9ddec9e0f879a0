/* SPDX-License-Identifier: MIT
 *
 * ad_buf: bytes that grow up to a stated maximum. The error is sticky: after a failed append
 * every further one fails too, so a run of appends is checked once, with ad_buf_status.
 * data[len] is always NUL when data is not NULL. A zeroed buf with max set is a valid empty
 * buffer.
 */
#ifndef AD_BASE_BUF_H
#define AD_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

struct ad_buf {
    uint8_t *data;
    size_t len;
    size_t cap;
    size_t max;             /* appends beyond this many bytes fail with LIMIT */
    enum artdag_err status; /* sticky: OK, NOMEM or LIMIT */
};

#define AD_BUF_INIT(max_bytes)                                                                 \
    {                                                                                          \
        .max = (max_bytes)                                                                     \
    }

void ad_buf_init(struct ad_buf *buf, size_t max_bytes);
void ad_buf_fini(struct ad_buf *buf);  /* NULL allowed; leaves an empty buf with the same max */
void ad_buf_clear(struct ad_buf *buf); /* keeps the memory, resets len and status */

enum artdag_err ad_buf_append(struct ad_buf *buf, const void *data, size_t len);
enum artdag_err ad_buf_byte(struct ad_buf *buf, uint8_t byte);
enum artdag_err ad_buf_str(struct ad_buf *buf, const char *s);
enum artdag_err ad_buf_view(struct ad_buf *buf, struct ad_str s);
enum artdag_err ad_buf_printf(struct ad_buf *buf, const char *fmt, ...) AD_PRINTF(2, 3);
enum artdag_err ad_buf_be64(struct ad_buf *buf, uint64_t n); /* big-endian */

/* Makes room for len more bytes and returns where they go (len is counted already), or NULL. */
uint8_t *ad_buf_extend(struct ad_buf *buf, size_t len);

static inline enum artdag_err ad_buf_status(const struct ad_buf *buf)
{
    return buf->status;
}

static inline struct ad_str ad_buf_as_str(const struct ad_buf *buf)
{
    return (struct ad_str){(const char *)buf->data, buf->len};
}

/* Hands the memory to the caller (free()), NUL-terminated; buf is empty afterwards. NULL when
 * the status is not OK (or becomes NOMEM now); buf then stays as it is, for ad_buf_fini.
 * ret_len may be NULL. */
char *ad_buf_take(struct ad_buf *buf, size_t *ret_len);

#endif
