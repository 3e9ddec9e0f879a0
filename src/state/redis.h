/* SPDX-License-Identifier: MIT
 *
 * Private to state: connections to a Redis (or Valkey) server. Thread-safe: every call takes a connection of its own out of
 * a pool. A call that loses its connection is sent again on a new one for some seconds, so a server that restarts
 * costs time only; everything sent here may be sent twice.
 */
#ifndef AD_STATE_REDIS_H
#define AD_STATE_REDIS_H

#include <hiredis/hiredis.h>

#include "state/backend.h"

struct ad_redis;

/* where: "//[USER:PASSWORD@]HOST[:PORT][/DB][?prefix=TEXT]" or "unix:PATH[?db=N&user=TEXT&password=TEXT&prefix=TEXT]"; a password is percent-encoded
 * and never shown. Connects, to say at once what is wrong. INVAL, NET, REMOTE (refused, wrong password). */
enum artdag_err ad_redis_open(const char *where, const artdag_log *log, struct ad_redis **ret,
                              artdag_error *err);
void ad_redis_close(struct ad_redis *redis);
const char *ad_redis_prefix(const struct ad_redis *redis); /* of every key: "artdag:" */

/* One command: its words. */
struct ad_redis_command {
    const char *const *words;
    const size_t *lens;
    int count;
};
/* Sends count commands in one pass and gives each reply to `reply`, in order; what it returns ends the call. Replies of type
 * error end it with REMOTE, LIMIT (out of memory) or CORRUPT (a key of another type). A second try begins again with reply
 * 0, so `reply` must only fill in. */
enum artdag_err ad_redis_send(struct ad_redis *redis, const struct ad_redis_command *commands,
                              size_t count,
                              enum artdag_err (*reply)(void *payload, size_t i,
                                                       const redisReply *r, artdag_error *err),
                              void *payload, artdag_error *err);

#endif
