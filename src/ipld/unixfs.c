/* SPDX-License-Identifier: MIT
 *
 * The UnixFS Data message inside a dag-pb node. Written with the fields in number order and
 * blocksizes unpacked; read as protobuf allows: any order, packed or not, unknown fields passed
 * over.
 */
#include "ipld/block.h"

enum {
    WIRE_VARINT = 0,
    WIRE_64 = 1,
    WIRE_BYTES = 2,
    WIRE_32 = 5
};
enum {
    FIELD_TYPE = 1,
    FIELD_DATA,
    FIELD_FILESIZE,
    FIELD_BLOCKSIZES,
    FIELD_HASH_TYPE,
    FIELD_FANOUT
};

static enum artdag_err malformed(const char *what, artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_FORMAT, "ipld", "malformed UnixFS data: %s", what);
}

static enum artdag_err push_size(struct ad_unixfs *u, uint64_t size, artdag_error *err)
{
    return ad_vec_push(&u->blocksizes, size) ? ARTDAG_OK : ad_error_nomem(err, "ipld");
}

static enum artdag_err packed_sizes(struct ad_unixfs *u, struct ad_str bytes, artdag_error *err)
{
    struct ad_cursor in = {(const uint8_t *)bytes.ptr, bytes.len, 0};
    enum artdag_err rc = ARTDAG_OK;
    while (rc == ARTDAG_OK && in.at < in.len) {
        uint64_t size = 0;
        rc = ad_take_varint(&in, &size) ? push_size(u, size, err)
                                        : malformed("bad block size", err);
    }
    return rc;
}

/* A field with a number. Type FIELD_DATA with a number, say, is a wrong wire type. */
static enum artdag_err number_field(struct ad_unixfs *u, uint64_t field, uint64_t n,
                                    artdag_error *err)
{
    switch (field) {
    case FIELD_TYPE:
        if (n > AD_UNIXFS_HAMT)
            return malformed("unknown type", err);
        u->type = (enum ad_unixfs_type)n;
        return ARTDAG_OK;
    case FIELD_FILESIZE:
        u->filesize = n;
        u->has_filesize = true;
        return ARTDAG_OK;
    case FIELD_BLOCKSIZES:
        return push_size(u, n, err);
    case FIELD_HASH_TYPE:
        u->hash_type = n;
        return ARTDAG_OK;
    case FIELD_FANOUT:
        u->fanout = n;
        return ARTDAG_OK;
    case FIELD_DATA:
        return malformed("the data field is a number", err);
    default:
        return ARTDAG_OK; /* mode, or what comes after us */
    }
}

static enum artdag_err bytes_field(struct ad_unixfs *u, uint64_t field, struct ad_str bytes,
                                   artdag_error *err)
{
    if (field == FIELD_BLOCKSIZES)
        return packed_sizes(u, bytes, err);
    if (field == FIELD_DATA) {
        u->data = bytes;
        u->has_data = true;
        return ARTDAG_OK;
    }
    if (field <= FIELD_FANOUT)
        return malformed("a number field holds bytes", err);
    return ARTDAG_OK; /* mtime, or what comes after us */
}

static bool skip(struct ad_cursor *in, size_t len)
{
    if (len > in->len - in->at)
        return false;
    in->at += len;
    return true;
}

static enum artdag_err decode_field(struct ad_cursor *in, struct ad_unixfs *u, unsigned *seen,
                                    artdag_error *err)
{
    uint64_t tag = 0;
    uint64_t n = 0;
    struct ad_str bytes = {0};
    if (!ad_take_varint(in, &tag) || tag >> 3 == 0)
        return malformed("bad field number", err);
    uint64_t field = tag >> 3;
    if (field <= FIELD_FANOUT && field != FIELD_BLOCKSIZES) {
        if (*seen & (1u << field))
            return malformed("a field is repeated", err);
        *seen |= 1u << field;
    }
    switch (tag & 7) {
    case WIRE_VARINT:
        return ad_take_varint(in, &n) ? number_field(u, field, n, err)
                                      : malformed("bad varint", err);
    case WIRE_BYTES:
        return ad_take_bytes(in, &bytes) ? bytes_field(u, field, bytes, err)
                                         : malformed("a field is cut short", err);
    case WIRE_64:
    case WIRE_32:
        if (field <= FIELD_FANOUT || !skip(in, (tag & 7) == WIRE_64 ? 8 : 4))
            return malformed("bad fixed-size field", err);
        return ARTDAG_OK;
    default:
        return malformed("unknown wire type", err);
    }
}

enum artdag_err ad_unixfs_decode(struct ad_str data, struct ad_unixfs *ret, artdag_error *err)
{
    struct ad_cursor in = {(const uint8_t *)data.ptr, data.len, 0};
    struct ad_unixfs u = {0};
    unsigned seen = 0;
    enum artdag_err rc = ARTDAG_OK;
    while (rc == ARTDAG_OK && in.at < in.len)
        rc = decode_field(&in, &u, &seen, err);
    if (rc == ARTDAG_OK && !(seen & (1u << FIELD_TYPE)))
        rc = malformed("no type", err);
    if (rc == ARTDAG_OK)
        *ret = u;
    else
        ad_unixfs_fini(&u);
    return rc;
}

void ad_unixfs_fini(struct ad_unixfs *u)
{
    if (!u)
        return;
    ad_vec_fini(&u->blocksizes);
    *u = (struct ad_unixfs){0};
}
