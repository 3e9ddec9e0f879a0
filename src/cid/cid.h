/* SPDX-License-Identifier: MIT
 *
 * The door of room cid: digests, varints, multibase text and CIDs. Sources: multiformats specs
 * (unsigned-varint, multihash, multibase, CID). Digests come from libcrypto's EVP, which uses
 * the CPU's SHA instructions.
 */
#ifndef AD_CID_CID_H
#define AD_CID_CID_H

#include "base/base.h"

#define AD_SHA256_BYTES 32
#define AD_DIGEST_MAX 128 /* an identity multihash may carry up to 128 bytes */
#define AD_CID_BYTES_MAX (4 + 9 + AD_DIGEST_MAX) /* binary form */
#define AD_CID_TEXT_MAX 256                      /* any text form this room writes, with NUL */

enum ad_codec {
    AD_CODEC_RAW = 0x55,
    AD_CODEC_DAG_PB = 0x70,
    AD_CODEC_DAG_CBOR = 0x71,
    AD_CODEC_LIBP2P_KEY = 0x72,
    AD_CODEC_DAG_JSON = 0x0129
};

enum ad_multihash {
    AD_MULTIHASH_IDENTITY = 0x00,
    AD_MULTIHASH_SHA2_256 = 0x12,
    AD_MULTIHASH_SHA2_512 = 0x13
};

/* A CID by value. Compare with ad_cid_equal, never memcmp. */
struct ad_cid {
    uint8_t version; /* 0 or 1; 0 also marks "no CID" when hash_len is 0 */
    uint8_t digest_len;
    uint32_t codec;
    uint32_t hash;
    uint8_t digest[AD_DIGEST_MAX];
};

/* SHA2-256 and SHA3-256 of one piece. Cannot fail for lack of input; NOMEM/INTERNAL from
 * libcrypto is an error. */
enum artdag_err ad_sha256(const void *data, size_t len, uint8_t ret[32], artdag_error *err);
enum artdag_err ad_sha3_256(const void *data, size_t len, uint8_t ret[32], artdag_error *err);

/* field(x) of the identity pre-images: u64 big-endian length, then the bytes. */
void ad_field(struct ad_buf *buf, const void *data, size_t len);
void ad_field_str(struct ad_buf *buf, struct ad_str s);

/* Unsigned LEB128, minimal, at most 9 bytes. decode returns bytes used, 0 when truncated,
 * overlong or too large. */
size_t ad_varint_encode(uint64_t n, uint8_t out[10]);
size_t ad_varint_decode(const uint8_t *data, size_t len, uint64_t *ret);

/* Lower-case hexadecimal of an id; parse takes exactly 2*len digits of either case. */
void ad_hex_format(const uint8_t *data, size_t len, char *out /* 2*len+1 */);
bool ad_hex_parse(struct ad_str text, uint8_t *ret, size_t len);

/* Makes CIDv1 sha2-256 of the given codec from a digest or from bytes. */
struct ad_cid ad_cid_v1(uint32_t codec, const uint8_t digest[32]);
enum artdag_err ad_cid_of(uint32_t codec, const void *data, size_t len, struct ad_cid *ret,
                          artdag_error *err);

/* Binary form. from_bytes wants exactly len bytes; read takes a prefix and says how many
 * bytes it took. FORMAT on anything else. */
size_t ad_cid_to_bytes(const struct ad_cid *cid, uint8_t out[AD_CID_BYTES_MAX]);
enum artdag_err ad_cid_from_bytes(const uint8_t *data, size_t len, struct ad_cid *ret,
                                  artdag_error *err);
enum artdag_err ad_cid_read(const uint8_t *data, size_t len, struct ad_cid *ret,
                            size_t *ret_used, artdag_error *err);

/* Text. format writes v0 as Qm..., v1 as base32 ("b..."). parse takes v0 and v1 in
 * multibases b, B, k, z, f, F, u; surrounding "ipfs://" or "/ipfs/" is accepted. FORMAT with
 * the text in the message. */
size_t ad_cid_format(const struct ad_cid *cid, char out[AD_CID_TEXT_MAX]);
enum artdag_err ad_cid_parse(struct ad_str text, struct ad_cid *ret, artdag_error *err);
bool ad_cid_looks_like(struct ad_str text); /* cheap: would parse succeed? */
/* Multibase by itself, for names and tests: base is one of b k z f u. */
enum artdag_err ad_multibase_encode(char base, const uint8_t *data, size_t len,
                                    struct ad_buf *buf);
enum artdag_err ad_multibase_decode(struct ad_str text, struct ad_buf *buf, artdag_error *err);

bool ad_cid_equal(const struct ad_cid *a,
                  const struct ad_cid *b); /* version, codec and multihash */
bool ad_cid_same_block(const struct ad_cid *a, const struct ad_cid *b); /* multihash only */
bool ad_cid_is_set(const struct ad_cid *cid);
/* CORRUPT unless data hashes to cid. UNSUPPORTED for unknown hash functions. */
enum artdag_err ad_cid_verify(const struct ad_cid *cid, const void *data, size_t len,
                              artdag_error *err);

#endif
