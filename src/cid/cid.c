/* SPDX-License-Identifier: MIT
 *
 * CIDs, binary and text. Binary v1 is varint(1) varint(codec) varint(hash) varint(length)
 * digest; v0 is a bare sha2-256 multihash (12 20 ..) that stands for dag-pb. Text v1 is
 * multibase, v0 is base58btc without a prefix.
 */
#include "cid/cid.h"

#include <string.h>

#include "cid/multibase.h"

#define V0_BYTES 34
#define V0_TEXT 46

static int shown(struct ad_str text)
{
    return (int)(text.len < 100 ? text.len : 100);
}

struct ad_cid ad_cid_v1(uint32_t codec, const uint8_t digest[32])
{
    struct ad_cid cid = {
        .version = 1,
        .codec = codec,
        .hash = AD_MULTIHASH_SHA2_256,
        .digest_len = AD_SHA256_BYTES,
    };
    memcpy(cid.digest, digest, AD_SHA256_BYTES);
    return cid;
}

enum artdag_err ad_cid_of(uint32_t codec, const void *data, size_t len, struct ad_cid *ret,
                          artdag_error *err)
{
    uint8_t digest[AD_SHA256_BYTES];
    enum artdag_err rc = ad_sha256(data, len, digest, err);
    if (rc == ARTDAG_OK)
        *ret = ad_cid_v1(codec, digest);
    return rc;
}

/* ---- binary ---- */

size_t ad_cid_to_bytes(const struct ad_cid *cid, uint8_t out[AD_CID_BYTES_MAX])
{
    size_t n = 0;
    if (cid->version != 0) {
        n += ad_varint_encode(cid->version, out + n);
        n += ad_varint_encode(cid->codec, out + n);
    }
    n += ad_varint_encode(cid->hash, out + n);
    n += ad_varint_encode(cid->digest_len, out + n);
    memcpy(out + n, cid->digest, cid->digest_len);
    return n + cid->digest_len;
}

/* A shortened digest would be easier to forge, so the length must be the function's own. */
static bool digest_len_fits(uint64_t hash, uint64_t len)
{
    switch (hash) {
    case AD_MULTIHASH_SHA2_256:
        return len == AD_SHA256_BYTES;
    case AD_MULTIHASH_SHA2_512:
        return len == 64;
    default:
        return len <= AD_DIGEST_MAX;
    }
}

static enum artdag_err read_multihash(const uint8_t *data, size_t len, struct ad_cid *cid,
                                      size_t *used, artdag_error *err)
{
    uint64_t hash = 0;
    uint64_t digest_len = 0;
    size_t n = ad_varint_decode(data, len, &hash);
    size_t m = n ? ad_varint_decode(data + n, len - n, &digest_len) : 0;
    if (m == 0 || hash > UINT32_MAX)
        return ad_error_set(err, ARTDAG_E_FORMAT, "cid",
                            "the CID's multihash has a bad varint");
    if (!digest_len_fits(hash, digest_len))
        return ad_error_set(err, ARTDAG_E_FORMAT, "cid",
                            "the CID's digest of %llu bytes does not fit hash function 0x%llx",
                            (unsigned long long)digest_len, (unsigned long long)hash);
    if (digest_len > len - n - m)
        return ad_error_set(err, ARTDAG_E_FORMAT, "cid", "the CID ends inside its digest");
    cid->hash = (uint32_t)hash;
    cid->digest_len = (uint8_t)digest_len;
    memcpy(cid->digest, data + n + m, (size_t)digest_len);
    *used = n + m + (size_t)digest_len;
    return ARTDAG_OK;
}

enum artdag_err ad_cid_read(const uint8_t *data, size_t len, struct ad_cid *ret,
                            size_t *ret_used, artdag_error *err)
{
    struct ad_cid cid = {0};
    uint64_t version = 0;
    uint64_t codec = AD_CODEC_DAG_PB;
    size_t head = 0;
    size_t tail = 0;
    bool bare = len >= 2 && data[0] == AD_MULTIHASH_SHA2_256 && data[1] == AD_SHA256_BYTES;
    if (!bare) {
        head = ad_varint_decode(data, len, &version);
        if (head == 0 || version != 1)
            return ad_error_set(err, ARTDAG_E_FORMAT, "cid", "not a CID of version 0 or 1");
        size_t n = ad_varint_decode(data + head, len - head, &codec);
        if (n == 0 || codec > UINT32_MAX)
            return ad_error_set(err, ARTDAG_E_FORMAT, "cid", "the CID's codec is a bad varint");
        head += n;
    }
    enum artdag_err rc = read_multihash(data + head, len - head, &cid, &tail, err);
    if (rc != ARTDAG_OK)
        return rc;
    cid.version = (uint8_t)version;
    cid.codec = (uint32_t)codec;
    *ret = cid;
    *ret_used = head + tail;
    return ARTDAG_OK;
}

enum artdag_err ad_cid_from_bytes(const uint8_t *data, size_t len, struct ad_cid *ret,
                                  artdag_error *err)
{
    struct ad_cid cid = {0};
    size_t used = 0;
    enum artdag_err rc = ad_cid_read(data, len, &cid, &used, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (used != len)
        return ad_error_set(err, ARTDAG_E_FORMAT, "cid", "%zu bytes follow the CID",
                            len - used);
    *ret = cid;
    return ARTDAG_OK;
}

/* ---- text ---- */

size_t ad_cid_format(const struct ad_cid *cid, char out[AD_CID_TEXT_MAX])
{
    uint8_t bytes[AD_CID_BYTES_MAX];
    size_t len = ad_cid_to_bytes(cid, bytes);
    size_t used = 0;
    if (cid->version == 0) {
        used = ad_base_encode('z', bytes, len, out);
    } else {
        out[0] = 'b';
        used = 1 + ad_base_encode('b', bytes, len, out + 1);
    }
    out[used] = '\0';
    return used;
}

static struct ad_str strip_path(struct ad_str text)
{
    static const char *const prefixes[] = {"ipfs://", "/ipfs/"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (!ad_str_starts(text, prefixes[i]))
            continue;
        text = ad_str_slice(text, strlen(prefixes[i]), text.len);
        if (text.len && text.ptr[text.len - 1] == '/')
            text.len--;
        break;
    }
    return text;
}

static bool is_v0_text(struct ad_str text)
{
    return text.len == V0_TEXT && ad_str_starts(text, "Qm");
}

enum artdag_err ad_cid_parse(struct ad_str text, struct ad_cid *ret, artdag_error *err)
{
    struct ad_buf bytes = AD_BUF_INIT(AD_CID_BYTES_MAX);
    struct ad_cid cid = {0};
    struct ad_str inner = strip_path(text);
    bool v0 = is_v0_text(inner);
    enum artdag_err rc =
        v0 ? ad_base_decode('z', inner, &bytes, err) : ad_multibase_decode(inner, &bytes, err);
    if (rc == ARTDAG_OK)
        rc = ad_cid_from_bytes(bytes.data, bytes.len, &cid, err);
    if (rc == ARTDAG_OK && v0 != (cid.version == 0))
        rc = ad_error_set(err, ARTDAG_E_FORMAT, "cid",
                          "a CID of version 0 takes no multibase prefix");
    ad_buf_fini(&bytes);
    if (rc == ARTDAG_E_NOMEM)
        return rc;
    if (rc != ARTDAG_OK) {
        (void)ad_error_set(err, ARTDAG_E_FORMAT, "cid", "\"%.*s\" is not a CID", shown(text),
                           text.ptr);
        return ARTDAG_E_FORMAT;
    }
    *ret = cid;
    return ARTDAG_OK;
}

bool ad_cid_looks_like(struct ad_str text)
{
    struct ad_cid cid = {0};
    return ad_cid_parse(text, &cid, NULL) == ARTDAG_OK;
}

/* ---- comparing and checking ---- */

bool ad_cid_same_block(const struct ad_cid *a, const struct ad_cid *b)
{
    return a->hash == b->hash && a->digest_len == b->digest_len &&
           memcmp(a->digest, b->digest, a->digest_len) == 0;
}

bool ad_cid_equal(const struct ad_cid *a, const struct ad_cid *b)
{
    return a->version == b->version && a->codec == b->codec && ad_cid_same_block(a, b);
}

bool ad_cid_is_set(const struct ad_cid *cid)
{
    return cid->version != 0 || cid->digest_len != 0;
}

static enum artdag_err corrupt(const struct ad_cid *cid, size_t len, artdag_error *err)
{
    char text[AD_CID_TEXT_MAX];
    (void)ad_cid_format(cid, text);
    enum artdag_err rc = ad_error_set(err, ARTDAG_E_CORRUPT, "cid",
                                      "%zu bytes do not match their CID %.100s", len, text);
    ad_error_cid(err, text);
    return rc;
}

enum artdag_err ad_cid_verify(const struct ad_cid *cid, const void *data, size_t len,
                              artdag_error *err)
{
    uint8_t digest[64];
    enum artdag_err rc = ARTDAG_OK;
    const void *actual = digest;
    size_t actual_len = 0;
    switch (cid->hash) {
    case AD_MULTIHASH_SHA2_256:
        rc = ad_sha256(data, len, digest, err);
        actual_len = AD_SHA256_BYTES;
        break;
    case AD_MULTIHASH_SHA2_512:
        rc = ad_sha512(data, len, digest, err);
        actual_len = sizeof(digest);
        break;
    case AD_MULTIHASH_IDENTITY:
        actual = data;
        actual_len = len;
        break;
    default:
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, "cid",
                            "hash function 0x%x is not known here", (unsigned)cid->hash);
    }
    if (rc != ARTDAG_OK)
        return rc;
    if (actual_len != cid->digest_len ||
        (actual_len && memcmp(actual, cid->digest, actual_len) != 0))
        return corrupt(cid, len, err);
    return ARTDAG_OK;
}
