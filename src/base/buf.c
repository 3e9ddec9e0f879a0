/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

void ad_buf_init(struct ad_buf *buf, size_t max_bytes)
{
    *buf = (struct ad_buf)AD_BUF_INIT(max_bytes);
}

void ad_buf_fini(struct ad_buf *buf)
{
    if (buf == NULL) {
        return;
    }
    free(buf->data);
    ad_buf_init(buf, buf->max);
}

void ad_buf_clear(struct ad_buf *buf)
{
    buf->len = 0;
    buf->status = ARTDAG_OK;
    if (buf->data != NULL) {
        buf->data[0] = 0;
    }
}

/* Room for len more bytes and the NUL. */
static enum artdag_err reserve(struct ad_buf *buf, size_t len)
{
    if (buf->status != ARTDAG_OK) {
        return buf->status;
    }
    if (buf->len > buf->max || len > buf->max - buf->len || buf->len + len == SIZE_MAX) {
        buf->status = ARTDAG_E_LIMIT;
        return buf->status;
    }
    size_t need = buf->len + len + 1;
    if (need <= buf->cap) {
        return ARTDAG_OK;
    }
    size_t cap = buf->cap > 0 ? buf->cap : 64;
    while (cap < need) {
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    }
    if (cap > buf->max && buf->max < SIZE_MAX) {
        cap = buf->max + 1;
    }
    uint8_t *data = ad_realloc_array(buf->data, cap, 1);
    if (data == NULL) {
        buf->status = ARTDAG_E_NOMEM;
        return buf->status;
    }
    buf->data = data;
    buf->cap = cap;
    return ARTDAG_OK;
}

uint8_t *ad_buf_extend(struct ad_buf *buf, size_t len)
{
    if (reserve(buf, len) != ARTDAG_OK) {
        return NULL;
    }
    uint8_t *p = buf->data + buf->len;
    buf->len += len;
    buf->data[buf->len] = 0;
    return p;
}

enum artdag_err ad_buf_append(struct ad_buf *buf, const void *data, size_t len)
{
    uint8_t *p = ad_buf_extend(buf, len);
    if (p != NULL && len > 0) {
        memcpy(p, data, len);
    }
    return buf->status;
}

enum artdag_err ad_buf_byte(struct ad_buf *buf, uint8_t byte)
{
    return ad_buf_append(buf, &byte, 1);
}

enum artdag_err ad_buf_str(struct ad_buf *buf, const char *s)
{
    return ad_buf_append(buf, s, strlen(s));
}

enum artdag_err ad_buf_view(struct ad_buf *buf, struct ad_str s)
{
    return ad_buf_append(buf, s.ptr, s.len);
}

enum artdag_err ad_buf_printf(struct ad_buf *buf, const char *fmt, ...)
{
    char small[256];
    va_list args;
    va_start(args, fmt);
    int len = ad_vformat(small, sizeof(small), fmt, args);
    va_end(args);
    if (len < 0) {
        if (buf->status == ARTDAG_OK) {
            buf->status = ARTDAG_E_NOMEM;
        }
        return buf->status;
    }
    if ((size_t)len < sizeof(small)) {
        return ad_buf_append(buf, small, (size_t)len);
    }
    uint8_t *p = ad_buf_extend(buf, (size_t)len);
    if (p != NULL) {
        va_start(args, fmt);
        (void)ad_vformat((char *)p, (size_t)len + 1, fmt,
                         args); /* the NUL's place is reserved */
        va_end(args);
    }
    return buf->status;
}

enum artdag_err ad_buf_be64(struct ad_buf *buf, uint64_t n)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(n >> (56 - 8 * i));
    }
    return ad_buf_append(buf, bytes, sizeof(bytes));
}

char *ad_buf_take(struct ad_buf *buf, size_t *ret_len)
{
    if (reserve(buf, 0) != ARTDAG_OK) {
        return NULL;
    }
    char *data = (char *)buf->data;
    data[buf->len] = 0;
    if (ret_len != NULL) {
        *ret_len = buf->len;
    }
    ad_buf_init(buf, buf->max);
    return data;
}
