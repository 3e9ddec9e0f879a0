/* SPDX-License-Identifier: MIT
 *
 * Where messages go. The library never prints; it calls this, or nothing when given NULL.
 */
#ifndef ARTDAG_LOG_H
#define ARTDAG_LOG_H

#include <artdag/export.h>

ARTDAG_BEGIN_DECLS

enum artdag_log_level {
    ARTDAG_LOG_ERROR = 0,
    ARTDAG_LOG_WARN = 1,
    ARTDAG_LOG_INFO = 2,
    ARTDAG_LOG_DEBUG = 3
};

/* A sink. The caller owns it and keeps it alive as long as any handle that was given it. The
 * callback may run on any thread, also on several at once. id is a stable dotted name
 * ("store.quarantine"); message is one line without a newline, and never holds a key or a
 * password. */
typedef struct artdag_log {
    enum artdag_log_level level; /* messages above this level are not formatted */
    void (*write)(void *payload, enum artdag_log_level level, const char *id,
                  const char *message);
    void *payload;
} artdag_log;

ARTDAG_END_DECLS

#endif
