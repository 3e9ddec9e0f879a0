/* SPDX-License-Identifier: MIT
 *
 * Private to room cid: digits without the multibase prefix (CIDv0 text has none), and the
 * digest that only verification needs.
 */
#ifndef AD_CID_MULTIBASE_H
#define AD_CID_MULTIBASE_H

#include "cid/cid.h"

/* `prefix` names the base by its multibase letter, which must be known. encode writes digits
 * without NUL and returns how many; out has room for 2 * len (bases 16 to 64), len at most
 * 512. decode appends to buf. */
size_t ad_base_encode(char prefix, const uint8_t *data, size_t len, char *out);
enum artdag_err ad_base_decode(char prefix, struct ad_str digits, struct ad_buf *buf,
                               artdag_error *err);

enum artdag_err ad_sha512(const void *data, size_t len, uint8_t ret[64], artdag_error *err);

#endif
