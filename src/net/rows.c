/* SPDX-License-Identifier: MIT
 *
 * Replies of the RPC: one JSON document, or one a line.
 */
#include <stdio.h>
#include <string.h>

#include "net/kubo.h"

#define LINE_MAX_BYTES (4u << 20)

void ad_rows_init(struct ad_rows *rows, struct ad_kubo_sink sink)
{
    *rows = (struct ad_rows){.line = AD_BUF_INIT(LINE_MAX_BYTES), .sink = sink};
}

void ad_rows_fini(struct ad_rows *rows)
{
    ad_buf_fini(&rows->line);
}

/* {"Message":..,"Type":"error"}: how a reply that has begun well says that it ends badly. */
static enum artdag_err check_error_row(struct ad_rows *rows, const struct ad_value *row,
                                       artdag_error *err)
{
    struct ad_str type = {0};
    struct ad_str text = {0};
    if (ad_value_str(row, "Type", &type, NULL) != ARTDAG_OK || !ad_str_is(type, "error"))
        return ARTDAG_OK;
    (void)ad_value_str(row, "Message", &text, NULL);
    (void)snprintf(rows->message, sizeof(rows->message), "%.*s",
                   (int)(text.len < 255 ? text.len : 255), text.len > 0 ? text.ptr : "");
    return ad_error_set(err, ARTDAG_E_REMOTE, ROOM, "the node failed half-way: %s",
                        rows->message);
}

static enum artdag_err take_line(struct ad_rows *rows, artdag_error *err)
{
    const struct ad_value *row = NULL;
    bool blank = true;
    for (size_t i = 0; i < rows->line.len; i++)
        blank = blank && strchr(" \t\r", rows->line.data[i]) != NULL;
    if (blank)
        return ARTDAG_OK;
    ad_arena_init(&rows->arena, 0);
    enum artdag_err code = ad_json_parse(&rows->arena, ad_buf_as_str(&rows->line),
                                         "the node's reply", NULL, &row, err);
    if (code == ARTDAG_OK)
        code = check_error_row(rows, row, err);
    if (code == ARTDAG_OK && rows->sink.fn != NULL)
        code = rows->sink.fn(rows->sink.payload, row, err);
    ad_arena_fini(&rows->arena);
    ad_buf_clear(&rows->line);
    return code;
}

enum artdag_err ad_rows_take(void *payload, const void *data, size_t len, artdag_error *err)
{
    struct ad_rows *rows = payload;
    const char *at = data;
    enum artdag_err code = ARTDAG_OK;
    while (len > 0 && code == ARTDAG_OK) {
        const char *end = memchr(at, '\n', len);
        size_t take = end != NULL ? (size_t)(end - at) : len;
        enum artdag_err status = ad_buf_append(&rows->line, at, take);
        if (status == ARTDAG_E_NOMEM)
            return ad_error_nomem(err, ROOM);
        if (status != ARTDAG_OK)
            return ad_error_set(err, status, ROOM, "a line of the node's reply is too long");
        if (end != NULL)
            code = take_line(rows, err);
        take += end != NULL;
        at += take;
        len -= take;
    }
    return code;
}

enum artdag_err ad_rows_end(struct ad_rows *rows, artdag_error *err)
{
    return take_line(rows, err);
}

enum artdag_err ad_kubo_cid_of(const struct ad_value *row, const char *key, struct ad_cid *ret,
                               artdag_error *err)
{
    const struct ad_value *value = ad_value_get(row, key);
    struct ad_str text = {0};
    enum artdag_err code = ARTDAG_OK;
    if (value != NULL && value->kind == AD_VALUE_MAP)
        code = ad_value_str(value, "/", &text, err);
    else
        code = ad_value_str(row, key, &text, err);
    return code == ARTDAG_OK ? ad_cid_parse(text, ret, err) : code;
}

static bool says_one_of(const char *message, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (strcasestr(message, *words) != NULL)
            return true;
    }
    return false;
}

bool ad_kubo_says_absent(const char *message)
{
    static const char *const words[] = {"not found", "could not find", "ERR_NOT_FOUND", NULL};
    return says_one_of(message, words);
}

bool ad_kubo_says_timeout(const char *message)
{
    static const char *const words[] = {"deadline exceeded", "timed out", "timeout", NULL};
    return says_one_of(message, words);
}
