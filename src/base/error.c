/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The analyzer's stand-ins. */
#undef ad_error_set
#undef ad_error_errno
#undef ad_error_nomem
#undef ad_error_prefix

/* Long enough for every field; what is cut here would be cut by the field anyway. */
#define RAW_SIZE 1024

const char *artdag_err_name(enum artdag_err code)
{
    switch (code) {
    case ARTDAG_OK:
        return "ok";
    case ARTDAG_E_INVAL:
        return "invalid";
    case ARTDAG_E_NOMEM:
        return "out of memory";
    case ARTDAG_E_NOTFOUND:
        return "not found";
    case ARTDAG_E_EXISTS:
        return "exists";
    case ARTDAG_E_CORRUPT:
        return "corrupt";
    case ARTDAG_E_FORMAT:
        return "bad format";
    case ARTDAG_E_IO:
        return "input/output error";
    case ARTDAG_E_NET:
        return "unreachable";
    case ARTDAG_E_TIMEOUT:
        return "timed out";
    case ARTDAG_E_CANCELED:
        return "canceled";
    case ARTDAG_E_BUSY:
        return "busy";
    case ARTDAG_E_LIMIT:
        return "limit reached";
    case ARTDAG_E_CYCLE:
        return "cycle";
    case ARTDAG_E_MEDIA:
        return "media error";
    case ARTDAG_E_REMOTE:
        return "remote error";
    case ARTDAG_E_UNSUPPORTED:
        return "unsupported";
    case ARTDAG_E_INTERNAL:
        return "internal error";
    }
    return "unknown error";
}

int artdag_err_exit_status(enum artdag_err code)
{
    switch (code) {
    case ARTDAG_OK:
        return 0;
    case ARTDAG_E_INVAL:
    case ARTDAG_E_FORMAT:
    case ARTDAG_E_LIMIT:
    case ARTDAG_E_CYCLE:
    case ARTDAG_E_UNSUPPORTED:
        return 2;
    case ARTDAG_E_NET:
    case ARTDAG_E_TIMEOUT:
    case ARTDAG_E_BUSY:
    case ARTDAG_E_REMOTE:
        return 3;
    case ARTDAG_E_NOTFOUND:
        return 4;
    case ARTDAG_E_CORRUPT:
        return 5;
    case ARTDAG_E_CANCELED:
        return 130;
    case ARTDAG_E_NOMEM:
    case ARTDAG_E_EXISTS:
    case ARTDAG_E_IO:
    case ARTDAG_E_MEDIA:
    case ARTDAG_E_INTERNAL:
        break;
    }
    return 1;
}

/* Adds text to out and counts on when out is full. */
static void put(char *out, size_t size, size_t *at, const char *text)
{
    for (; *text != '\0'; text++, (*at)++) {
        if (*at + 1 < size) {
            out[*at] = *text;
        }
    }
}

static void put_number(char *out, size_t size, size_t *at, int n)
{
    char digits[16];
    (void)snprintf(digits, sizeof(digits), ":%d", n);
    put(out, size, at, digits);
}

int artdag_error_format(const artdag_error *err, char *out, unsigned long size)
{
    size_t at = 0;
    if (err->file[0] != '\0') {
        put(out, size, &at, err->file);
        if (err->line > 0) {
            put_number(out, size, &at, err->line);
        }
        if (err->line > 0 && err->column > 0) {
            put_number(out, size, &at, err->column);
        }
        put(out, size, &at, ": ");
    } else if (err->line > 0) {
        put(out, size, &at, "line ");
        char digits[16];
        (void)snprintf(digits, sizeof(digits), "%d", err->line);
        put(out, size, &at, digits);
        if (err->column > 0) {
            put_number(out, size, &at, err->column);
        }
        put(out, size, &at, ": ");
    }
    if (err->node[0] != '\0') {
        put(out, size, &at, err->node);
        put(out, size, &at, ": ");
    }
    put(out, size, &at, err->message[0] != '\0' ? err->message : artdag_err_name(err->code));
    if (err->hint[0] != '\0') {
        put(out, size, &at, " (");
        put(out, size, &at, err->hint);
        put(out, size, &at, ")");
    }
    if (size > 0) {
        out[at < size ? at : size - 1] = '\0';
    }
    return (int)at;
}

/* The message is formatted before err is cleared: arguments may point into err. */
static void fill(artdag_error *err, enum artdag_err code, const char *room, const char *raw)
{
    char room_copy[sizeof(err->room)];
    ad_text_copy(room_copy, sizeof(room_copy), room != NULL ? room : "");
    *err = (artdag_error){.code = code};
    memcpy(err->room, room_copy, sizeof(room_copy));
    ad_text_copy(err->message, sizeof(err->message), raw);
}

enum artdag_err ad_error_setv(artdag_error *err, enum artdag_err code, const char *room,
                              const char *fmt, va_list args)
{
    if (err != NULL) {
        char raw[RAW_SIZE] = "";
        (void)ad_vformat(raw, sizeof(raw), fmt, args);
        fill(err, code, room, raw);
    }
    return code;
}

enum artdag_err ad_error_set(artdag_error *err, enum artdag_err code, const char *room,
                             const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)ad_error_setv(err, code, room, fmt, args);
    va_end(args);
    return code;
}

static enum artdag_err code_of_errno(int e)
{
    switch (e) {
    case ENOENT:
        return ARTDAG_E_NOTFOUND;
    case ENOMEM:
        return ARTDAG_E_NOMEM;
    case EEXIST:
        return ARTDAG_E_EXISTS;
    case EINTR:
    case ECANCELED:
        return ARTDAG_E_CANCELED;
    default:
        return ARTDAG_E_IO;
    }
}

enum artdag_err ad_error_errno(artdag_error *err, int e, const char *room, const char *fmt, ...)
{
    enum artdag_err code = code_of_errno(e);
    if (err == NULL) {
        return code;
    }
    const char *reason =
        e == ENOSPC || e == EDQUOT ? "no space left" : strerror_l(e, ad_c_locale());
    char raw[RAW_SIZE] = "";
    va_list args;
    va_start(args, fmt);
    (void)ad_vformat(raw, sizeof(raw), fmt, args);
    va_end(args);

    /* A long text gives way, so that the reason is always there. */
    char text[sizeof(err->message)];
    char whole[RAW_SIZE];
    size_t room_left = sizeof(err->message) - strnlen(reason, 128) - 2;
    ad_text_copy(text, room_left, raw);
    (void)snprintf(whole, sizeof(whole), "%s: %s", text, reason);
    fill(err, code, room, whole);
    err->sys = e;
    return code;
}

enum artdag_err ad_error_nomem(artdag_error *err, const char *room)
{
    return ad_error_set(err, ARTDAG_E_NOMEM, room, "out of memory");
}

enum artdag_err ad_error_prefix(artdag_error *err, enum artdag_err code, const char *fmt, ...)
{
    if (err == NULL) {
        return code;
    }
    char prefix[sizeof(err->message)] = "";
    va_list args;
    va_start(args, fmt);
    (void)ad_vformat(prefix, sizeof(prefix), fmt, args);
    va_end(args);
    char whole[2 * RAW_SIZE];
    const char *rest = err->message[0] != '\0' ? err->message : artdag_err_name(code);
    (void)snprintf(whole, sizeof(whole), "%s: %s", prefix, rest);
    ad_text_copy(err->message, sizeof(err->message), whole);
    return err->code != ARTDAG_OK ? err->code : code;
}

void ad_error_at(artdag_error *err, const char *file, int line, int column)
{
    if (err == NULL) {
        return;
    }
    err->line = line;
    err->column = column;
    if (file == NULL) {
        err->file[0] = '\0';
        return;
    }
    /* A path says more at its end than at its start. */
    size_t len = strlen(file);
    size_t fits = sizeof(err->file) - 1;
    if (len <= fits) {
        ad_text_copy(err->file, sizeof(err->file), file);
        return;
    }
    const char *tail = file + (len - (fits - 3));
    while (((unsigned char)*tail & 0xc0) == 0x80) {
        tail++;
    }
    memcpy(err->file, "...", 3);
    ad_text_copy(err->file + 3, sizeof(err->file) - 3, tail);
}

void ad_error_node(artdag_error *err, const char *node)
{
    if (err != NULL) {
        ad_text_copy(err->node, sizeof(err->node), node != NULL ? node : "");
    }
}

void ad_error_cid(artdag_error *err, const char *cid)
{
    if (err != NULL) {
        ad_text_copy(err->cid, sizeof(err->cid), cid != NULL ? cid : "");
    }
}

void ad_error_hint(artdag_error *err, const char *fmt, ...)
{
    if (err == NULL) {
        return;
    }
    char raw[RAW_SIZE] = "";
    va_list args;
    va_start(args, fmt);
    (void)ad_vformat(raw, sizeof(raw), fmt, args);
    va_end(args);
    ad_text_copy(err->hint, sizeof(err->hint), raw);
}
