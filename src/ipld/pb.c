/* SPDX-License-Identifier: MIT
 *
 * dag-pb, strictly: only the one encoding of a node is accepted, so that what decodes encodes
 * to the same bytes.
 *
 *   PBNode = { 12 len PBLink }  [ 0a len data ]
 *   PBLink = 0a len cid  [ 12 len name ]  [ 18 tsize ]
 */
#include "ipld/block.h"

static enum artdag_err malformed(const struct ad_cursor *in, const char *what,
                                 artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_FORMAT, "ipld", "not strict dag-pb: %s near byte %zu",
                        what, in->at);
}

static bool next_is(const struct ad_cursor *in, uint8_t tag)
{
    return in->at < in->len && in->data[in->at] == tag;
}

static enum artdag_err decode_link(struct ad_str bytes, struct ad_pb_link *link,
                                   artdag_error *err)
{
    struct ad_cursor in = {(const uint8_t *)bytes.ptr, bytes.len, 0};
    struct ad_str hash = {0};
    if (!next_is(&in, AD_TAG_LINK_HASH))
        return malformed(&in, "a link does not start with its hash", err);
    in.at++;
    if (!ad_take_bytes(&in, &hash))
        return malformed(&in, "a link's hash is cut short", err);
    enum artdag_err rc =
        ad_cid_from_bytes((const uint8_t *)hash.ptr, hash.len, &link->cid, err);
    if (rc != ARTDAG_OK)
        return ad_error_prefix(err, rc, "a link's hash is no CID: ");
    if (next_is(&in, AD_TAG_LINK_NAME)) {
        in.at++;
        link->has_name = true;
        if (!ad_take_bytes(&in, &link->name))
            return malformed(&in, "a link's name is cut short", err);
    }
    if (next_is(&in, AD_TAG_LINK_TSIZE)) {
        in.at++;
        link->has_tsize = true;
        if (!ad_take_varint(&in, &link->tsize))
            return malformed(&in, "a link's size is a bad varint", err);
    }
    if (in.at != in.len)
        return malformed(&in, "a link's field is unknown, repeated or out of order", err);
    return ARTDAG_OK;
}

static enum artdag_err decode_field(struct ad_cursor *in, struct ad_pb_node *node,
                                    artdag_error *err)
{
    struct ad_str bytes = {0};
    uint8_t tag = in->data[in->at];
    if (node->has_data || (tag != AD_TAG_PB_LINK && tag != AD_TAG_PB_DATA))
        return malformed(in, "a field is unknown, repeated or out of order", err);
    in->at++;
    if (!ad_take_bytes(in, &bytes))
        return malformed(in, "a field is cut short", err);
    if (tag == AD_TAG_PB_DATA) {
        node->data = bytes;
        node->has_data = true;
        return ARTDAG_OK;
    }
    struct ad_pb_link link = {0};
    enum artdag_err rc = decode_link(bytes, &link, err);
    if (rc != ARTDAG_OK)
        return rc;
    return ad_vec_push(&node->links, link) ? ARTDAG_OK : ad_error_nomem(err, "ipld");
}

enum artdag_err ad_pb_decode(const void *block, size_t len, struct ad_pb_node *ret,
                             artdag_error *err)
{
    struct ad_cursor in = {block, len, 0};
    struct ad_pb_node node = {0};
    enum artdag_err rc = ARTDAG_OK;
    while (rc == ARTDAG_OK && in.at < in.len)
        rc = decode_field(&in, &node, err);
    if (rc == ARTDAG_OK)
        *ret = node;
    else
        ad_pb_node_fini(&node);
    return rc;
}

void ad_pb_node_fini(struct ad_pb_node *node)
{
    if (!node)
        return;
    ad_vec_fini(&node->links);
    *node = (struct ad_pb_node){0};
}

enum artdag_err ad_pb_encode(const struct ad_pb_node *node, struct ad_buf *buf,
                             artdag_error *err)
{
    for (size_t i = 0; i < node->links.len; i++) {
        const struct ad_pb_link *link = &node->links.items[i];
        ad_put_link(buf, &link->cid, link->has_name ? &link->name : NULL,
                    link->has_tsize ? &link->tsize : NULL);
    }
    if (node->has_data) {
        (void)ad_buf_byte(buf, AD_TAG_PB_DATA);
        ad_put_varint(buf, node->data.len);
        (void)ad_buf_view(buf, node->data);
    }
    if (ad_buf_status(buf) != ARTDAG_OK)
        return ad_error_set(err, ad_buf_status(buf), "ipld", "the dag-pb node does not fit");
    return ARTDAG_OK;
}
