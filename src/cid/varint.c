/* SPDX-License-Identifier: MIT
 *
 * Unsigned varints as the multiformats write them: seven bits a byte, lowest first, the top bit
 * says that more follows. Numbers of 2^63 and above need a tenth byte, which the specification
 * forbids readers to accept.
 */
#include "cid/cid.h"

#define VARINT_BYTES_MAX 9

size_t ad_varint_encode(uint64_t n, uint8_t out[10])
{
    size_t len = 0;
    while (n >= 0x80) {
        out[len++] = (uint8_t)(n | 0x80);
        n >>= 7;
    }
    out[len++] = (uint8_t)n;
    return len;
}

size_t ad_varint_decode(const uint8_t *data, size_t len, uint64_t *ret)
{
    uint64_t n = 0;
    for (size_t i = 0; i < len && i < VARINT_BYTES_MAX; i++) {
        n |= (uint64_t)(data[i] & 0x7f) << (7 * i);
        if (data[i] & 0x80)
            continue;
        if (data[i] == 0 && i > 0)
            return 0; /* the same number fits in fewer bytes */
        *ret = n;
        return i + 1;
    }
    return 0;
}
