/* SPDX-License-Identifier: MIT
 *
 * Private to store: blocks from trustless HTTP gateways. Every block is verified here; a gateway that gives wrong ones is told of in
 * the log and passed over.
 */
#ifndef AD_STORE_GATEWAYS_H
#define AD_STORE_GATEWAYS_H

#include "net/net.h"
#include "store/backend.h"

#define AD_GATEWAYS_MAX 16

struct ad_gateways {
    const artdag_log *log;
    int64_t find_ms;
    struct ad_http *items[AD_GATEWAYS_MAX];
    size_t len;
};

/* *g is zeroed or made by earlier calls; url is one gateway. */
enum artdag_err ad_gateways_add(struct ad_gateways *g, struct ad_str url, artdag_error *err);
void ad_gateways_fini(struct ad_gateways *g);
/* Asks one after the other. NOTFOUND when all answered and none has it; otherwise the first trouble. Thread-safe. */
enum artdag_err ad_gateways_get(const struct ad_gateways *g, const struct ad_cid *cid,
                                struct ad_buf *buf, artdag_error *err);
enum artdag_err ad_gateways_has(const struct ad_gateways *g, const struct ad_cid *cid,
                                bool *ret, uint64_t *ret_len, artdag_error *err);

#endif
