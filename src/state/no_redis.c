/* SPDX-License-Identifier: MIT
 *
 * In the place of redis.c when there is no hiredis: says so.
 */
#include "state/backend.h"

static enum artdag_err open_state(const char *where, const struct ad_state_params *params,
                                  void **ret, artdag_error *err)
{
    (void)where;
    (void)params;
    (void)ret;
    (void)ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM, "this artdag was built without Redis");
    ad_error_hint(err, "build it with hiredis, or use a state of kind sqlite");
    return ARTDAG_E_UNSUPPORTED;
}

const struct ad_state_backend ad_state_redis = {.scheme = "redis", .open = open_state};
