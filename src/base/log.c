/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stddef.h>

#include "base/text.h"

bool ad_log_wants(const artdag_log *log, enum artdag_log_level level)
{
    return log != NULL && log->write != NULL && level <= log->level;
}

void ad_log(const artdag_log *log, enum artdag_log_level level, const char *id, const char *fmt,
            ...)
{
    if (!ad_log_wants(log, level)) {
        return;
    }
    char raw[1024];
    char line[1024];
    va_list args;
    va_start(args, fmt);
    int len = ad_vformat(raw, sizeof(raw), fmt, args);
    va_end(args);
    if (len < 0) {
        return;
    }
    ad_text_copy(line, sizeof(line), raw);
    log->write(log->payload, level, id, line);
}
