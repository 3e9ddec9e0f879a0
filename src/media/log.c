/* SPDX-License-Identifier: MIT */
#include "media/log.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <artdag/log.h>

#include "media/compat.h"

#define ROOM "media"
#define LINES_MAX 40
#define LINE_BYTES 400

static struct {
    pthread_mutex_t lock;
    struct ad_conn *conn;
    char last[LINE_BYTES]; /* last error line */
    unsigned sent, left_out;
} bridge = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void send_line(uint32_t level, const char *line)
{
    uint8_t message[4 + LINE_BYTES];
    size_t len = strlen(line);
    message[0] = (uint8_t)level;
    message[1] = message[2] = message[3] = 0;
    memcpy(message + 4, line, len);
    (void)ad_conn_send(bridge.conn, AD_WIRE_LOG, message, 4 + len, NULL);
}

/* One printable line: no newline at the end, control characters as '?'. */
static void tidy(char *line)
{
    size_t len = strlen(line);
    while (len > 0 && isspace((unsigned char)line[len - 1])) {
        line[--len] = '\0';
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)line[i];
        if (c < 0x20 || c == 0x7f) {
            line[i] = '?';
        }
    }
    if (!ad_str_is_utf8(ad_str_from(line))) {
        for (size_t i = 0; i < len; i++) {
            line[i] = (unsigned char)line[i] >= 0x80 ? '?' : line[i];
        }
    }
}

/* The component, as libav writes it in front of a line, without the address that differs from run to run. */
static const char *component(void *object)
{
    const AVClass *const *class_ptr = object;
    if (!class_ptr || !*class_ptr || !(*class_ptr)->item_name) {
        return "libav";
    }
    const char *name = (*class_ptr)->item_name(object);
    return name && *name ? name : "libav";
}

/* FFV1 checks the sums of its slices, fills wrong ones with older pictures, and says so nowhere but in its log. */
static void note_damage(void *object, int level)
{
    AVCodecContext *ctx = object;
    if (level <= AV_LOG_ERROR && object && ctx->av_class == avcodec_get_class() &&
        ctx->codec_id == AV_CODEC_ID_FFV1 && ctx->opaque) {
        atomic_store((atomic_bool *)ctx->opaque, true);
    }
}

static void on_log(void *object, int level, const char *fmt, va_list args) AD_PRINTF(3, 0);

static void on_log(void *object, int level, const char *fmt, va_list args)
{
    if (level > AV_LOG_WARNING) {
        return;
    }
    note_damage(object, level);
    char text[LINE_BYTES - 80];
    char line[LINE_BYTES];
    (void)vsnprintf(text, sizeof(text), fmt, args);
    tidy(text);
    if (text[0] == '\0') {
        return;
    }
    (void)snprintf(line, sizeof(line), "%.70s: %s", component(object), text);
    (void)pthread_mutex_lock(&bridge.lock);
    if (level <= AV_LOG_ERROR) {
        memcpy(bridge.last, line, sizeof(line));
    }
    if (!bridge.conn) {
        /* nobody listens */
    } else if (bridge.sent < LINES_MAX) {
        bridge.sent++;
        send_line(level <= AV_LOG_ERROR ? ARTDAG_LOG_WARN : ARTDAG_LOG_INFO, line);
    } else {
        bridge.left_out++;
    }
    (void)pthread_mutex_unlock(&bridge.lock);
}

void ad_media_log_start(struct ad_conn *conn)
{
    bridge.conn = conn;
    bridge.last[0] = '\0';
    bridge.sent = bridge.left_out = 0;
    av_log_set_callback(on_log);
}

void ad_media_log_stop(void)
{
    (void)pthread_mutex_lock(&bridge.lock);
    if (bridge.conn && bridge.left_out > 0) {
        char line[80];
        (void)snprintf(line, sizeof(line), "libav: %u more lines left out", bridge.left_out);
        send_line(ARTDAG_LOG_INFO, line);
    }
    bridge.conn = NULL;
    (void)pthread_mutex_unlock(&bridge.lock);
}

void ad_media_log_forget(void)
{
    (void)pthread_mutex_lock(&bridge.lock);
    bridge.last[0] = '\0';
    (void)pthread_mutex_unlock(&bridge.lock);
}

void ad_media_log_last(char *out, size_t size)
{
    (void)pthread_mutex_lock(&bridge.lock);
    (void)snprintf(out, size, "%s", bridge.last);
    (void)pthread_mutex_unlock(&bridge.lock);
}

enum artdag_err ad_media_error(artdag_error *err, struct ad_conn *conn, int e, const char *fmt,
                               ...)
{
    char what[200];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    if (conn && conn->trouble.code != ARTDAG_OK) {
        enum artdag_err code = conn->trouble.code;
        (void)ad_error_set(err, code, ROOM, "%s: %s", what, conn->trouble.message);
        return code;
    }
    if (e == AVERROR(ENOMEM)) {
        return ad_error_nomem(err, ROOM);
    }
    char why[LINE_BYTES];
    ad_media_log_last(why, sizeof(why));
    if (why[0] == '\0') {
        (void)av_strerror(e, why, sizeof(why));
    }
    enum artdag_err rc = ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "%s: %s", what, why);
    if (err) {
        err->sys = e;
    }
    return rc;
}
