/* SPDX-License-Identifier: MIT
 *
 * Digests through libcrypto's EVP. An algorithm is fetched once per process: an implicit fetch
 * per call costs more than hashing a small block, and takes a lock that all hashing threads
 * would share.
 */
#include <stdatomic.h>

#include <openssl/evp.h>

#include "cid/cid.h"
#include "cid/multibase.h"

struct algorithm {
    const char *name;
    EVP_MD *_Atomic md; /* kept until the process ends */
};

static struct algorithm sha2_256 = {.name = "SHA2-256"};
static struct algorithm sha3_256 = {.name = "SHA3-256"};
static struct algorithm sha2_512 = {.name = "SHA2-512"};

/* NULL when libcrypto cannot give it; the next call tries again. */
static EVP_MD *algorithm_md(struct algorithm *algorithm)
{
    EVP_MD *md = atomic_load_explicit(&algorithm->md, memory_order_acquire);
    if (md)
        return md;
    EVP_MD *fresh = EVP_MD_fetch(NULL, algorithm->name, NULL);
    if (!fresh)
        return NULL;
    if (atomic_compare_exchange_strong(&algorithm->md, &md, fresh))
        return fresh;
    EVP_MD_free(fresh);
    return md;
}

static enum artdag_err crypto_error(const char *name, artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_INTERNAL, "cid", "libcrypto cannot compute %s", name);
}

static enum artdag_err digest(struct algorithm *algorithm, const void *data, size_t len,
                              uint8_t *ret, artdag_error *err)
{
    EVP_MD *md = algorithm_md(algorithm);
    if (!md || !EVP_Digest(len ? data : "", len, ret, NULL, md, NULL))
        return crypto_error(algorithm->name, err);
    return ARTDAG_OK;
}

enum artdag_err ad_sha256(const void *data, size_t len, uint8_t ret[32], artdag_error *err)
{
    return digest(&sha2_256, data, len, ret, err);
}

enum artdag_err ad_sha3_256(const void *data, size_t len, uint8_t ret[32], artdag_error *err)
{
    return digest(&sha3_256, data, len, ret, err);
}

enum artdag_err ad_sha512(const void *data, size_t len, uint8_t ret[64], artdag_error *err)
{
    return digest(&sha2_512, data, len, ret, err);
}

void ad_field(struct ad_buf *buf, const void *data, size_t len)
{
    (void)ad_buf_be64(buf, len);
    (void)ad_buf_append(buf, data, len);
}

void ad_field_str(struct ad_buf *buf, struct ad_str s)
{
    ad_field(buf, s.ptr, s.len);
}
