/* SPDX-License-Identifier: MIT
 *
 * Private to store: everything that can be reached from some roots, as far as it is there.
 * Unlike ad_dag_walk this goes on beside what is missing.
 */
#ifndef AD_STORE_REACH_H
#define AD_STORE_REACH_H

#include "store/handle.h"

struct ad_reach {
    struct ad_store *store;
    bool look_up_leaves; /* else only what has links is looked at */
    /* Called once for each block that is missing, damaged or malformed. */
    void (*lost)(void *payload, const struct ad_cid *cid, const char *why);
    void *payload;

    struct ad_map blocks; /* block keys; private */
    AD_VEC(struct ad_cid) stack;
    struct ad_buf block;
};

void ad_reach_init(struct ad_reach *reach, struct ad_store *store);
void ad_reach_fini(struct ad_reach *reach);
/* Adds root and all below it. Fails only when the store cannot be read at all, or for lack of
 * memory. */
enum artdag_err ad_reach_add(struct ad_reach *reach, const struct ad_cid *root,
                             artdag_error *err);
bool ad_reach_has(const struct ad_reach *reach, const struct ad_cid *cid); /* as a block */

#endif
