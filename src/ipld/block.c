/* SPDX-License-Identifier: MIT
 *
 * The pieces blocks are made of. A dag-pb node is written as all links (field 2), then the data
 * (field 1), although protobuf would put field 1 first; the CIDs of the whole network depend on
 * that.
 */
#include "ipld/block.h"

bool ad_take_varint(struct ad_cursor *in, uint64_t *ret)
{
    size_t n = ad_varint_decode(in->data + in->at, in->len - in->at, ret);
    in->at += n;
    return n > 0;
}

bool ad_take_bytes(struct ad_cursor *in, struct ad_str *ret)
{
    uint64_t len = 0;
    if (!ad_take_varint(in, &len) || len > in->len - in->at)
        return false;
    *ret = (struct ad_str){(const char *)in->data + in->at, (size_t)len};
    in->at += (size_t)len;
    return true;
}

size_t ad_varint_len(uint64_t n)
{
    size_t len = 1;
    while (n >= 0x80) {
        n >>= 7;
        len++;
    }
    return len;
}

void ad_put_varint(struct ad_buf *buf, uint64_t n)
{
    uint8_t bytes[10];
    (void)ad_buf_append(buf, bytes, ad_varint_encode(n, bytes));
}

static void put_bytes(struct ad_buf *buf, uint8_t tag, const void *data, size_t len)
{
    (void)ad_buf_byte(buf, tag);
    ad_put_varint(buf, len);
    (void)ad_buf_append(buf, data, len);
}

void ad_put_link(struct ad_buf *buf, const struct ad_cid *cid, const struct ad_str *name,
                 const uint64_t *tsize)
{
    uint8_t bytes[AD_CID_BYTES_MAX];
    size_t cid_len = ad_cid_to_bytes(cid, bytes);
    size_t len = 1 + ad_varint_len(cid_len) + cid_len;
    if (name)
        len += 1 + ad_varint_len(name->len) + name->len;
    if (tsize)
        len += 1 + ad_varint_len(*tsize);
    (void)ad_buf_byte(buf, AD_TAG_PB_LINK);
    ad_put_varint(buf, len);
    put_bytes(buf, AD_TAG_LINK_HASH, bytes, cid_len);
    if (name)
        put_bytes(buf, AD_TAG_LINK_NAME, name->ptr, name->len);
    if (tsize) {
        (void)ad_buf_byte(buf, AD_TAG_LINK_TSIZE);
        ad_put_varint(buf, *tsize);
    }
}

void ad_put_leaf(struct ad_buf *buf, const void *data, size_t len)
{
    size_t message = 2 + 1 + ad_varint_len(len);
    if (len)
        message += 1 + ad_varint_len(len) + len;
    (void)ad_buf_byte(buf, AD_TAG_PB_DATA);
    ad_put_varint(buf, message);
    (void)ad_buf_byte(buf, AD_TAG_UNIXFS_TYPE);
    (void)ad_buf_byte(buf, AD_UNIXFS_FILE);
    if (len)
        put_bytes(buf, AD_TAG_UNIXFS_DATA, data, len);
    (void)ad_buf_byte(buf, AD_TAG_UNIXFS_FILESIZE);
    ad_put_varint(buf, len);
}

enum artdag_err ad_node_cid(const struct ad_unixfs_profile *profile, const void *block,
                            size_t len, struct ad_cid *ret, artdag_error *err)
{
    struct ad_cid cid = {0};
    enum artdag_err rc = ad_cid_of(AD_CODEC_DAG_PB, block, len, &cid, err);
    if (rc != ARTDAG_OK)
        return rc;
    cid.version = (uint8_t)profile->cid_version;
    *ret = cid;
    return ARTDAG_OK;
}

enum artdag_err ad_unixfs_leaf(const struct ad_unixfs_profile *profile, const void *data,
                               size_t len, struct ad_buf *wrap, struct ad_cid *ret,
                               artdag_error *err)
{
    if (profile->raw_leaves)
        return ad_cid_of(AD_CODEC_RAW, data, len, ret, err);
    ad_buf_clear(wrap);
    ad_put_leaf(wrap, data, len);
    if (ad_buf_status(wrap) != ARTDAG_OK)
        return ad_error_set(err, ad_buf_status(wrap), "ipld", "cannot wrap a leaf of %zu bytes",
                            len);
    return ad_node_cid(profile, wrap->data, wrap->len, ret, err);
}

enum artdag_err ad_block_get(const struct ad_block_source *source, const struct ad_cid *cid,
                             struct ad_buf *buf, artdag_error *err)
{
    if (cid->hash != AD_MULTIHASH_IDENTITY)
        return source->get(source->payload, cid, buf, err);
    ad_buf_clear(buf);
    if (ad_buf_append(buf, cid->digest, cid->digest_len) != ARTDAG_OK)
        return ad_error_nomem(err, "ipld");
    return ARTDAG_OK;
}

enum artdag_err ad_block_put(const struct ad_block_sink *sink, const struct ad_cid *cid,
                             const void *data, size_t len, artdag_error *err)
{
    return sink->put ? sink->put(sink->payload, cid, data, len, err) : ARTDAG_OK;
}

enum artdag_err ad_error_in_block(artdag_error *err, enum artdag_err rc,
                                  const struct ad_cid *cid)
{
    char text[AD_CID_TEXT_MAX];
    (void)ad_cid_format(cid, text);
    rc = ad_error_prefix(err, rc, "block %.100s: ", text);
    ad_error_cid(err, text);
    return rc;
}
