/* SPDX-License-Identifier: MIT
 *
 * Logging through a handle that is passed down; NULL is silent. Levels are tested before
 * anything is formatted. Every warning carries a stable id ("store.quarantine") that can be
 * searched for. The callback may be called from any thread.
 */
#ifndef AD_BASE_LOG_H
#define AD_BASE_LOG_H

#include <stdbool.h>

#include <artdag/log.h>

#include "base/error.h"

bool ad_log_wants(const artdag_log *log, enum artdag_log_level level);
void ad_log(const artdag_log *log, enum artdag_log_level level, const char *id, const char *fmt,
            ...) AD_PRINTF(4, 5);

#define ad_log_error(log, id, ...) ad_log((log), ARTDAG_LOG_ERROR, (id), __VA_ARGS__)
#define ad_log_warn(log, id, ...) ad_log((log), ARTDAG_LOG_WARN, (id), __VA_ARGS__)
#define ad_log_info(log, id, ...) ad_log((log), ARTDAG_LOG_INFO, (id), __VA_ARGS__)
#define ad_log_debug(log, id, ...) ad_log((log), ARTDAG_LOG_DEBUG, (id), __VA_ARGS__)

#endif
