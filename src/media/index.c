/* SPDX-License-Identifier: MIT */
#include "media/index.h"

#include <string.h>

#define ROOM "media"
#define MAGIC "artdag/index/1\n" /* with its NUL: 16 bytes */
#define MAGIC_BYTES 16
#define HEADER_BYTES 64
#define KEY_BYTES 32
#define PAGE_BYTES 16
#define PAGE_FRAMES 256
#define DELTA_BYTES_MAX 10
#define FLAG_EXACT 1u
#define WINDOW_BYTES 4096u /* read at once: a page with its deltas fits */
#define COUNT_MAX (UINT64_C(1) << 40)

/* ---- making ---- */

bool ad_index_note(struct ad_index_maker *maker, int64_t pts, const struct ad_index_key *key)
{
    maker->packets++;
    maker->vague |= pts == INT64_MIN;
    if (key && pts != INT64_MIN) {
        struct ad_index_key kept = *key;
        kept.safe = maker->latest == INT64_MIN || maker->latest < pts ? pts : maker->latest + 1;
        if (!ad_vec_push(&maker->keys, kept)) {
            return false;
        }
    }
    maker->latest = pts > maker->latest ? pts : maker->latest;
    return true;
}

void ad_index_maker_fini(struct ad_index_maker *maker)
{
    ad_vec_fini(&maker->keys);
}

static void put_u64(uint8_t *out, uint64_t n)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(n >> (8 * i));
    }
}

static void put_u32(uint8_t *out, uint32_t n)
{
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)(n >> (8 * i));
    }
}

static void write_header(const struct ad_index_maker *maker,
                         const struct ad_index_stream *stream, uint64_t pages,
                         struct ad_buf *buf)
{
    uint8_t header[HEADER_BYTES] = {0};
    memcpy(header, MAGIC, MAGIC_BYTES);
    put_u32(header + 16, stream->stream);
    put_u32(header + 20, maker->vague ? 0 : FLAG_EXACT);
    put_u32(header + 24, stream->tb_num);
    put_u32(header + 28, stream->tb_den);
    put_u64(header + 32, maker->packets);
    put_u64(header + 40, stream->count);
    put_u64(header + 48, maker->keys.len);
    put_u64(header + 56, pages);
    ad_buf_append(buf, header, sizeof(header));
}

static void write_keys(const struct ad_index_maker *maker, struct ad_buf *buf)
{
    for (size_t i = 0; i < maker->keys.len; i++) {
        const struct ad_index_key *key = &maker->keys.items[i];
        uint8_t row[KEY_BYTES];
        put_u64(row, (uint64_t)key->safe);
        put_u64(row + 8, (uint64_t)key->pts);
        put_u64(row + 16, (uint64_t)key->dts);
        put_u64(row + 24, (uint64_t)key->pos);
        ad_buf_append(buf, row, sizeof(row));
    }
}

static size_t delta_bytes(uint64_t delta)
{
    size_t bytes = 1;
    while (delta >>= 7) {
        bytes++;
    }
    return bytes;
}

static void write_pages(const struct ad_index_stream *stream, uint64_t at, struct ad_buf *buf)
{
    for (size_t i = 0; i < stream->count; i++) {
        uint8_t row[PAGE_BYTES];
        if (i % PAGE_FRAMES != 0) {
            at += delta_bytes((uint64_t)(stream->times[i] - stream->times[i - 1]));
            continue;
        }
        put_u64(row, (uint64_t)stream->times[i]);
        put_u64(row + 8, at);
        ad_buf_append(buf, row, sizeof(row));
    }
}

static void write_deltas(const struct ad_index_stream *stream, struct ad_buf *buf)
{
    for (size_t i = 0; i < stream->count; i++) {
        uint8_t bytes[DELTA_BYTES_MAX];
        size_t len = 0;
        if (i % PAGE_FRAMES == 0) {
            continue;
        }
        uint64_t delta = (uint64_t)(stream->times[i] - stream->times[i - 1]);
        while (delta >= 0x80) {
            bytes[len++] = (uint8_t)(delta | 0x80);
            delta >>= 7;
        }
        bytes[len++] = (uint8_t)delta;
        ad_buf_append(buf, bytes, len);
    }
}

enum artdag_err ad_index_write(const struct ad_index_maker *maker,
                               const struct ad_index_stream *stream, struct ad_buf *buf,
                               artdag_error *err)
{
    uint64_t pages = (stream->count + PAGE_FRAMES - 1) / PAGE_FRAMES;
    uint64_t deltas_at = HEADER_BYTES + maker->keys.len * KEY_BYTES + pages * PAGE_BYTES;
    write_header(maker, stream, pages, buf);
    write_keys(maker, buf);
    write_pages(stream, deltas_at, buf);
    write_deltas(stream, buf);
    return ad_buf_status(buf) == ARTDAG_OK
               ? ARTDAG_OK
               : ad_error_set(err, ad_buf_status(buf), ROOM, "the frame index is too large");
}

/* ---- reading ---- */

static uint64_t get_u64(const uint8_t *p)
{
    uint64_t n = 0;
    for (int i = 0; i < 8; i++) {
        n |= (uint64_t)p[i] << (8 * i);
    }
    return n;
}

static uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Bytes [at, at + len) or as many as there are; NULL when not even one. */
static const uint8_t *look(struct ad_index *index, uint64_t at, size_t len, size_t *ret_len)
{
    bool inside = at >= index->window_at && at + len <= index->window_at + index->window.len;
    if (!inside) {
        index->window_at = at;
        if (ad_conn_read_index(index->conn, index->input, at, WINDOW_BYTES, &index->window) !=
            ARTDAG_OK) {
            return NULL;
        }
    }
    size_t from = (size_t)(at - index->window_at);
    size_t have = index->window.len - from;
    *ret_len = have < len ? have : len;
    return *ret_len ? index->window.data + from : NULL;
}

static const uint8_t *look_all(struct ad_index *index, uint64_t at, size_t len)
{
    size_t got = 0;
    const uint8_t *p = look(index, at, len, &got);
    return p && got == len ? p : NULL;
}

enum artdag_err ad_index_open(struct ad_index *index, struct ad_conn *conn, uint32_t input,
                              uint32_t stream, int tb_num, int tb_den)
{
    *index = (struct ad_index){.conn = conn, .input = input, .keys_at = HEADER_BYTES};
    ad_buf_init(&index->window, WINDOW_BYTES);
    const uint8_t *header = look_all(index, 0, HEADER_BYTES);
    if (!header || memcmp(header, MAGIC, MAGIC_BYTES) != 0 || get_u32(header + 16) != stream ||
        get_u32(header + 24) != (uint32_t)tb_num || get_u32(header + 28) != (uint32_t)tb_den) {
        return ARTDAG_E_NOTFOUND;
    }
    index->exact = get_u32(header + 20) & FLAG_EXACT;
    index->frames = get_u64(header + 40);
    index->keys = get_u64(header + 48);
    index->pages = get_u64(header + 56);
    index->pages_at = HEADER_BYTES + index->keys * KEY_BYTES;
    return index->keys < COUNT_MAX && index->pages < COUNT_MAX ? ARTDAG_OK : ARTDAG_E_NOTFOUND;
}

void ad_index_fini(struct ad_index *index)
{
    ad_buf_fini(&index->window);
}

/* The last of `count` rows whose first number is not above `time`. False: there is none, or they cannot be read. */
static bool find_row(struct ad_index *index, uint64_t rows_at, uint64_t count, size_t bytes,
                     int64_t time, uint64_t *ret)
{
    uint64_t low = 0, high = count; /* rows below low fit, those from high on do not */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        const uint8_t *row = look_all(index, rows_at + middle * bytes, bytes);
        if (!row) {
            return false;
        }
        if ((int64_t)get_u64(row) <= time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *ret = low - 1;
    return low > 0;
}

bool ad_index_key_for(struct ad_index *index, int64_t time, struct ad_index_key *ret)
{
    uint64_t number = 0;
    if (!find_row(index, index->keys_at, index->keys, KEY_BYTES, time, &number)) {
        return false;
    }
    const uint8_t *row = look_all(index, index->keys_at + number * KEY_BYTES, KEY_BYTES);
    if (!row) {
        return false;
    }
    *ret = (struct ad_index_key){
        .safe = (int64_t)get_u64(row),
        .pts = (int64_t)get_u64(row + 8),
        .dts = (int64_t)get_u64(row + 16),
        .pos = (int64_t)get_u64(row + 24),
    };
    return true;
}

/* Frames of one page, from its first on. */
struct page {
    uint64_t number, left; /* frames after the present one */
    uint64_t at;           /* of the next delta */
    int64_t time;
};

static bool open_page(struct ad_index *index, uint64_t number, struct page *ret)
{
    const uint8_t *row = look_all(index, index->pages_at + number * PAGE_BYTES, PAGE_BYTES);
    uint64_t before = number * PAGE_FRAMES;
    if (!row || before >= index->frames) {
        return false;
    }
    uint64_t frames = index->frames - before;
    *ret = (struct page){
        .number = number,
        .left = (frames < PAGE_FRAMES ? frames : PAGE_FRAMES) - 1,
        .at = get_u64(row + 8),
        .time = (int64_t)get_u64(row),
    };
    return true;
}

static bool next_frame(struct ad_index *index, struct page *page)
{
    uint64_t delta = 0;
    size_t got = 0;
    const uint8_t *p = look(index, page->at, DELTA_BYTES_MAX, &got);
    for (size_t i = 0; p && i < got; i++) {
        delta |= (uint64_t)(p[i] & 0x7f) << (7 * i);
        if (p[i] < 0x80) {
            page->at += i + 1;
            page->left--;
            page->time = (int64_t)((uint64_t)page->time + delta);
            return true;
        }
    }
    return false;
}

bool ad_index_shown(struct ad_index *index, int64_t time, int64_t *ret_at, int64_t *ret_next)
{
    uint64_t number = 0;
    struct page page;
    if (!find_row(index, index->pages_at, index->pages, PAGE_BYTES, time, &number) ||
        !open_page(index, number, &page)) {
        return false;
    }
    *ret_at = page.time;
    while (page.left > 0) {
        if (!next_frame(index, &page)) {
            return false;
        }
        if (page.time > time) {
            *ret_next = page.time;
            return true;
        }
        *ret_at = page.time;
    }
    *ret_next = *ret_at;
    if (number + 1 < index->pages) {
        if (!open_page(index, number + 1, &page)) {
            return false;
        }
        *ret_next = page.time;
    }
    return true;
}
