/* SPDX-License-Identifier: MIT
 *
 * Private to the kubo back end: what stands behind "kubo:".
 */
#ifndef AD_STORE_KUBO_OPTIONS_H
#define AD_STORE_KUBO_OPTIONS_H

#include "net/net.h"
#include "store/gateways.h"

/* ADDRESS[?NAME=VALUE[&NAME=VALUE...]]. An empty address is that of the local node: the file `api` in $IPFS_PATH or ~/.ipfs,
 * or /ip4/127.0.0.1/tcp/5001. */
struct ad_kubo_options {
    struct ad_endpoint endpoint;
    struct ad_buf auth; /* empty = none */
    struct ad_gateways gateways;
    struct ad_gateways reader;
    char *cache; /* NULL = none */
    uint64_t cache_bytes;
    uint64_t find_ms; /* 0 = default */
    uint64_t call_ms;
    char *spool; /* folder */
};
/* INVAL with the nearest known name for an unknown option. */
enum artdag_err ad_kubo_options_parse(const char *where, const artdag_log *log,
                                      struct ad_kubo_options *ret, artdag_error *err);
void ad_kubo_options_fini(struct ad_kubo_options *options);

#endif
