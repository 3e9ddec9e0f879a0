/* SPDX-License-Identifier: MIT
 *
 * CAR, the archive of blocks. Version 1 is a run of sections, each varint(length) and as many
 * bytes: first the header, the DAG-CBOR map {"roots": [CID ..], "version": 1}, then per block
 * its binary CID and its bytes. Version 2 is
 *
 *   0a a1 67 "version" 02                                  the pragma, 11 bytes
 *   16 bytes characteristics, then little-endian u64 data offset, data size, index offset
 *   a version 1 archive of `data size` bytes at `data offset`, then perhaps an index (not read)
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ipld/block.h"

#define HEADER_MAX (1u << 20)
#define SECTION_MAX (AD_BLOCK_MAX + AD_CID_BYTES_MAX)
#define V2_PRAGMA_BYTES 11
#define V2_HEADER_BYTES 40
#define CBOR_TAG_CID 42

enum {
    CBOR_UINT = 0,
    CBOR_BYTES = 2,
    CBOR_TEXT = 3,
    CBOR_ARRAY = 4,
    CBOR_MAP = 5,
    CBOR_TAG = 6
};

/* ---- writing ---- */

static void put_cbor_head(struct ad_buf *buf, unsigned major, uint64_t n)
{
    uint8_t top = (uint8_t)(major << 5);
    if (n < 24) {
        (void)ad_buf_byte(buf, (uint8_t)(top | n));
        return;
    }
    unsigned extra = n <= 0xff ? 0 : n <= 0xffff ? 1 : n <= 0xffffffff ? 2 : 3;
    (void)ad_buf_byte(buf, (uint8_t)(top | (24 + extra)));
    for (unsigned shift = 8u << extra; shift > 0; shift -= 8)
        (void)ad_buf_byte(buf, (uint8_t)(n >> (shift - 8)));
}

static void put_cbor_text(struct ad_buf *buf, const char *text)
{
    put_cbor_head(buf, CBOR_TEXT, strlen(text));
    (void)ad_buf_str(buf, text);
}

static void put_cbor_cid(struct ad_buf *buf, const struct ad_cid *cid)
{
    uint8_t bytes[AD_CID_BYTES_MAX];
    size_t len = ad_cid_to_bytes(cid, bytes);
    put_cbor_head(buf, CBOR_TAG, CBOR_TAG_CID);
    put_cbor_head(buf, CBOR_BYTES, 1 + len);
    (void)ad_buf_byte(buf, 0);
    (void)ad_buf_append(buf, bytes, len);
}

enum artdag_err ad_car_write_header(struct ad_buf *buf, const struct ad_cid *roots,
                                    size_t count, artdag_error *err)
{
    struct ad_buf header = AD_BUF_INIT(HEADER_MAX);
    put_cbor_head(&header, CBOR_MAP, 2);
    put_cbor_text(&header, "roots");
    put_cbor_head(&header, CBOR_ARRAY, count);
    for (size_t i = 0; i < count; i++)
        put_cbor_cid(&header, &roots[i]);
    put_cbor_text(&header, "version");
    put_cbor_head(&header, CBOR_UINT, 1);
    enum artdag_err rc = ad_buf_status(&header);
    if (rc == ARTDAG_OK) {
        ad_put_varint(buf, header.len);
        rc = ad_buf_view(buf, ad_buf_as_str(&header));
    }
    ad_buf_fini(&header);
    if (rc != ARTDAG_OK)
        return ad_error_set(err, rc, "ipld",
                            "the header of an archive with %zu roots does not fit", count);
    return ARTDAG_OK;
}

enum artdag_err ad_car_write_section(struct ad_buf *buf, const struct ad_cid *cid,
                                     const void *data, size_t len, artdag_error *err)
{
    uint8_t bytes[AD_CID_BYTES_MAX];
    size_t cid_len = ad_cid_to_bytes(cid, bytes);
    ad_put_varint(buf, cid_len + len);
    (void)ad_buf_append(buf, bytes, cid_len);
    (void)ad_buf_append(buf, data, len);
    if (ad_buf_status(buf) != ARTDAG_OK)
        return ad_error_set(err, ad_buf_status(buf), "ipld",
                            "a section of an archive does not fit");
    return ARTDAG_OK;
}

/* ---- the stream below the reader ---- */

struct reader {
    int fd;
    uint64_t position; /* of the next byte, for messages and for version 2's offsets */
    uint64_t end;      /* read no further; version 2 has an index behind its data */
    bool bounded;      /* end is a promise: fewer bytes are too few */
    size_t at;
    size_t len;
    uint8_t ahead[65536];
    struct ad_buf section;
};

static enum artdag_err bad_car(const struct reader *in, const char *what, artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_FORMAT, "ipld", "not a CAR archive: %s near byte %llu",
                        what, (unsigned long long)in->position);
}

static enum artdag_err fill(struct reader *in, artdag_error *err)
{
    ssize_t n = 0;
    do {
        n = read(in->fd, in->ahead, sizeof(in->ahead));
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return ad_error_errno(err, errno, "ipld", "cannot read the archive");
    in->at = 0;
    in->len = (size_t)n;
    return ARTDAG_OK;
}

/* Up to len bytes into out (NULL: passed over), fewer only at the end. */
static enum artdag_err take(struct reader *in, uint8_t *out, uint64_t len, uint64_t *ret_len,
                            artdag_error *err)
{
    uint64_t done = 0;
    if (len > in->end - in->position)
        len = in->end - in->position;
    while (done < len) {
        enum artdag_err rc = in->at == in->len ? fill(in, err) : ARTDAG_OK;
        if (rc != ARTDAG_OK)
            return rc;
        if (in->len == 0)
            break;
        size_t n = in->len - in->at < len - done ? in->len - in->at : (size_t)(len - done);
        if (out)
            memcpy(out + done, in->ahead + in->at, n);
        in->at += n;
        in->position += n;
        done += n;
    }
    *ret_len = done;
    return ARTDAG_OK;
}

static enum artdag_err take_exactly(struct reader *in, uint8_t *out, uint64_t len,
                                    artdag_error *err)
{
    uint64_t got = 0;
    enum artdag_err rc = take(in, out, len, &got, err);
    if (rc == ARTDAG_OK && got != len)
        rc = bad_car(in, "it ends too early", err);
    return rc;
}

/* A section into in->section. *ret_more is false at the end of the archive. */
static enum artdag_err take_section(struct reader *in, uint64_t max, bool *ret_more,
                                    artdag_error *err)
{
    uint8_t bytes[10];
    uint64_t len = 0;
    uint64_t got = 0;
    size_t n = 0;
    enum artdag_err rc = take(in, bytes, 1, &got, err);
    if (rc != ARTDAG_OK)
        return rc;
    *ret_more = got > 0;
    if (got == 0)
        return in->bounded && in->position < in->end ? bad_car(in, "it ends too early", err)
                                                     : ARTDAG_OK;
    while (bytes[n++] & 0x80 && n < sizeof(bytes)) {
        rc = take_exactly(in, &bytes[n], 1, err);
        if (rc != ARTDAG_OK)
            return rc;
    }
    if (ad_varint_decode(bytes, n, &len) != n || len == 0)
        return bad_car(in, "a section's length is bad", err);
    if (len > max)
        return ad_error_set(err, ARTDAG_E_LIMIT, "ipld",
                            "the archive has a section of %llu bytes near byte %llu",
                            (unsigned long long)len, (unsigned long long)in->position);
    ad_buf_clear(&in->section);
    uint8_t *room = ad_buf_extend(&in->section, (size_t)len);
    if (!room)
        return ad_error_nomem(err, "ipld");
    return take_exactly(in, room, len, err);
}

/* ---- the header ---- */

static bool take_cbor_head(struct ad_cursor *in, unsigned major, uint64_t *ret)
{
    if (in->at == in->len || in->data[in->at] >> 5 != major)
        return false;
    unsigned low = in->data[in->at++] & 31;
    *ret = low;
    if (low < 24)
        return true;
    if (low > 27 || in->len - in->at < 1u << (low - 24))
        return false;
    *ret = 0;
    for (unsigned i = 0; i < 1u << (low - 24); i++)
        *ret = *ret << 8 | in->data[in->at++];
    return true;
}

static bool take_cbor_bytes(struct ad_cursor *in, unsigned major, struct ad_str *ret)
{
    uint64_t len = 0;
    if (!take_cbor_head(in, major, &len) || len > in->len - in->at)
        return false;
    *ret = (struct ad_str){(const char *)in->data + in->at, (size_t)len};
    in->at += (size_t)len;
    return true;
}

static enum artdag_err take_roots(struct reader *in, struct ad_cursor *head, ad_cid_vec *roots,
                                  artdag_error *err)
{
    uint64_t count = 0;
    if (!take_cbor_head(head, CBOR_ARRAY, &count))
        return bad_car(in, "the header's roots are no list", err);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t tag = 0;
        struct ad_str bytes = {0};
        struct ad_cid cid = {0};
        if (!take_cbor_head(head, CBOR_TAG, &tag) || tag != CBOR_TAG_CID ||
            !take_cbor_bytes(head, CBOR_BYTES, &bytes) || bytes.len == 0 || bytes.ptr[0] != 0)
            return bad_car(in, "a root in the header is no link", err);
        enum artdag_err rc =
            ad_cid_from_bytes((const uint8_t *)bytes.ptr + 1, bytes.len - 1, &cid, err);
        if (rc != ARTDAG_OK)
            return ad_error_prefix(err, rc, "a root of the archive: ");
        if (roots && !ad_vec_push(roots, cid))
            return ad_error_nomem(err, "ipld");
    }
    return ARTDAG_OK;
}

struct header {
    bool has_roots;
    uint64_t version; /* 0 = none seen */
};

static enum artdag_err take_header_field(struct reader *in, struct ad_cursor *head,
                                         struct header *header, ad_cid_vec *roots,
                                         artdag_error *err)
{
    struct ad_str key = {0};
    if (!take_cbor_bytes(head, CBOR_TEXT, &key))
        return bad_car(in, "the header has a bad key", err);
    if (ad_str_is(key, "roots") && !header->has_roots) {
        header->has_roots = true;
        return take_roots(in, head, roots, err);
    }
    if (ad_str_is(key, "version") && header->version == 0 &&
        take_cbor_head(head, CBOR_UINT, &header->version))
        return ARTDAG_OK;
    return bad_car(in, "the header has an unknown or bad field", err);
}

/* The header in in->section; version 1 has roots, version 2 none. */
static enum artdag_err decode_header(struct reader *in, ad_cid_vec *roots,
                                     uint64_t *ret_version, artdag_error *err)
{
    struct ad_cursor head = {in->section.data, in->section.len, 0};
    struct header header = {0};
    uint64_t pairs = 0;
    if (!take_cbor_head(&head, CBOR_MAP, &pairs) || pairs > 2)
        return bad_car(in, "the header is no map", err);
    for (uint64_t i = 0; i < pairs; i++) {
        enum artdag_err rc = take_header_field(in, &head, &header, roots, err);
        if (rc != ARTDAG_OK)
            return rc;
    }
    if (head.at != head.len || header.version != (header.has_roots ? 1 : 2))
        return bad_car(in, "the header is not of version 1 or 2", err);
    *ret_version = header.version;
    return ARTDAG_OK;
}

static uint64_t little_endian(const uint8_t *bytes)
{
    uint64_t n = 0;
    for (int i = 7; i >= 0; i--)
        n = n << 8 | bytes[i];
    return n;
}

/* From behind the pragma to the inner archive, and no further than that archive's end. */
static enum artdag_err enter_v2(struct reader *in, artdag_error *err)
{
    uint8_t header[V2_HEADER_BYTES];
    enum artdag_err rc = take_exactly(in, header, sizeof(header), err);
    if (rc != ARTDAG_OK)
        return rc;
    uint64_t offset = little_endian(header + 16);
    uint64_t size = little_endian(header + 24);
    if (offset < V2_PRAGMA_BYTES + V2_HEADER_BYTES || size > INT64_MAX ||
        offset > INT64_MAX - size)
        return bad_car(in, "the version 2 header has bad offsets", err);
    rc = take_exactly(in, NULL, offset - in->position, err);
    in->end = offset + size;
    in->bounded = true;
    return rc;
}

static enum artdag_err take_header(struct reader *in, ad_cid_vec *roots, uint64_t *ret_version,
                                   artdag_error *err)
{
    bool more = false;
    enum artdag_err rc = take_section(in, HEADER_MAX, &more, err);
    if (rc != ARTDAG_OK)
        return rc;
    return more ? decode_header(in, roots, ret_version, err)
                : bad_car(in, "it has no header", err);
}

static enum artdag_err open_archive(struct reader *in, ad_cid_vec *roots, artdag_error *err)
{
    uint64_t version = 0;
    enum artdag_err rc = take_header(in, roots, &version, err);
    if (rc != ARTDAG_OK || version == 1)
        return rc;
    rc = enter_v2(in, err);
    if (rc == ARTDAG_OK)
        rc = take_header(in, roots, &version, err);
    if (rc == ARTDAG_OK && version != 1)
        rc = bad_car(in, "the inner archive is not of version 1", err);
    return rc;
}

/* ---- blocks ---- */

static enum artdag_err give_block(const struct reader *in, const struct ad_block_sink *sink,
                                  artdag_error *err)
{
    struct ad_cid cid = {0};
    size_t used = 0;
    enum artdag_err rc = ad_cid_read(in->section.data, in->section.len, &cid, &used, err);
    if (rc != ARTDAG_OK)
        return ad_error_prefix(err, rc, "the archive's section before byte %llu: ",
                               (unsigned long long)in->position);
    const uint8_t *block = in->section.data + used;
    size_t len = in->section.len - used;
    if (len > AD_BLOCK_MAX)
        return ad_error_set(err, ARTDAG_E_LIMIT, "ipld", "the archive has a block of %zu bytes",
                            len);
    rc = ad_cid_verify(&cid, block, len, err);
    if (rc != ARTDAG_OK || cid.hash == AD_MULTIHASH_IDENTITY)
        return rc;
    return ad_block_put(sink, &cid, block, len, err);
}

enum artdag_err ad_car_read_fd(int fd, const struct ad_block_sink *sink, ad_cid_vec *roots,
                               artdag_error *err)
{
    struct reader *in = ad_alloc(sizeof(*in));
    bool more = true;
    size_t roots_before = roots ? roots->len : 0;
    if (!in)
        return ad_error_nomem(err, "ipld");
    in->fd = fd;
    in->end = INT64_MAX;
    ad_buf_init(&in->section, SECTION_MAX);
    enum artdag_err rc = open_archive(in, roots, err);
    while (rc == ARTDAG_OK && more) {
        rc = take_section(in, SECTION_MAX, &more, err);
        if (rc == ARTDAG_OK && more)
            rc = give_block(in, sink, err);
    }
    if (rc != ARTDAG_OK && roots)
        roots->len = roots_before;
    ad_buf_fini(&in->section);
    free(in);
    return rc;
}
