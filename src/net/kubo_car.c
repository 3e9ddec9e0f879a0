/* SPDX-License-Identifier: MIT
 *
 * Uploading a CAR as the one part of a multipart form. The node answers with a line for each root, and says of each whether it
 * could be pinned; a status of 200 by itself says nothing.
 */
#include <string.h>

#include "net/kubo.h"

#define BOUNDARY "artdag-3e9d1c0f5a7b4d62"
#define STALL_MS 120000
#define PIN_MS 600000            /* beside the time for the bytes */
#define SLOWEST_BYTES_PER_MS 100 /* 100 kB/s: slower is a failure */

static const char head[] =
    "--" BOUNDARY "\r\n"
    "Content-Disposition: form-data; name=\"file\"; filename=\"a.car\"\r\n"
    "Content-Type: application/octet-stream\r\n\r\n";
static const char tail[] = "\r\n--" BOUNDARY "--\r\n";

struct upload {
    const struct ad_kubo_car *car;
    struct ad_rows rows;
    size_t head_at;
    size_t tail_at;
    bool read_all;
    uint64_t roots;
    char pin_error[256];
};

static size_t copy_text(const char *text, size_t text_len, size_t *at, void *out, size_t cap)
{
    size_t len = text_len - *at < cap ? text_len - *at : cap;
    memcpy(out, text + *at, len);
    *at += len;
    return len;
}

static enum artdag_err give_body(void *payload, void *data, size_t cap, size_t *ret_len,
                                 artdag_error *err)
{
    struct upload *up = payload;
    *ret_len = copy_text(head, sizeof(head) - 1, &up->head_at, data, cap);
    if (*ret_len > 0)
        return ARTDAG_OK;
    if (!up->read_all) {
        enum artdag_err code = up->car->read(up->car->payload, data, cap, ret_len, err);
        if (code != ARTDAG_OK || *ret_len > 0)
            return code;
        up->read_all = true;
    }
    *ret_len = copy_text(tail, sizeof(tail) - 1, &up->tail_at, data, cap);
    return ARTDAG_OK;
}

static enum artdag_err take_reply(void *payload, const void *data, size_t len,
                                  artdag_error *err)
{
    struct upload *up = payload;
    return ad_rows_take(&up->rows, data, len, err);
}

static void restart(void *payload)
{
    struct upload *up = payload;
    up->head_at = 0;
    up->tail_at = 0;
    up->read_all = false;
    up->roots = 0;
    ad_buf_clear(&up->rows.line);
    if (up->car->restart != NULL)
        up->car->restart(up->car->payload);
}

static void copy_message(char out[256], struct ad_str s)
{
    size_t len = s.len < 255 ? s.len : 255;
    memcpy(out, s.ptr, len);
    out[len] = '\0';
}

static enum artdag_err take_root(void *payload, const struct ad_value *row, artdag_error *err)
{
    struct upload *up = payload;
    const struct ad_value *root = ad_value_get(row, "Root");
    struct ad_str why = {0};
    if (root == NULL)
        return ARTDAG_OK; /* Stats */
    up->roots++;
    if (!up->car->pin_roots || ad_value_str(root, "PinErrorMsg", &why, NULL) != ARTDAG_OK ||
        why.len == 0)
        return ARTDAG_OK;
    copy_message(up->pin_error, why);
    return ad_error_set(
        err, ad_kubo_says_absent(up->pin_error) ? ARTDAG_E_NOTFOUND : ARTDAG_E_REMOTE, ROOM,
        "the node took the blocks but not the pin: %.*s", (int)(why.len < 200 ? why.len : 200),
        why.ptr);
}

enum artdag_err ad_kubo_dag_import(struct ad_kubo *kubo, const struct ad_kubo_car *car,
                                   artdag_error *err)
{
    struct upload up = {.car = car};
    struct ad_buf path = AD_BUF_INIT(256);
    int64_t ms =
        (car->pin_ms > 0 ? car->pin_ms : PIN_MS) + (int64_t)(car->bytes / SLOWEST_BYTES_PER_MS);
    ad_rows_init(&up.rows, (struct ad_kubo_sink){take_root, &up});
    ad_kubo_path(&path, "dag/import", ms);
    (void)ad_buf_printf(&path, "&pin-roots=%s&fast-provide-root=false&allow-big-block=true",
                        car->pin_roots ? "true" : "false");
    struct ad_http_call call = {
        .post = true,
        .path = (const char *)path.data,
        .total_ms = ms + 5000,
        .stall_ms = STALL_MS,
        .tries = 3,
        .max_bytes = 16u << 20,
        .body_header = "Content-Type: multipart/form-data; boundary=" BOUNDARY,
        .body = give_body,
        .reply = take_reply,
        .restart = restart,
        .payload = &up,
    };
    struct ad_http_answer answer = {0};
    enum artdag_err code = ad_buf_status(&path) != ARTDAG_OK
                               ? ad_error_nomem(err, ROOM)
                               : ad_http_do(kubo->http, &call, &answer, err);
    if (code == ARTDAG_E_REMOTE && car->pin_roots && ad_kubo_says_timeout(answer.message))
        code = ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "the node did not pin it in time: %s",
                            answer.message);
    if (code == ARTDAG_OK)
        code = ad_rows_end(&up.rows, err);
    if (code == ARTDAG_OK && car->pin_roots && up.roots == 0)
        code = ad_error_set(err, ARTDAG_E_REMOTE, ROOM,
                            "the node's reply to the upload ends before its result");
    ad_rows_fini(&up.rows);
    ad_buf_fini(&path);
    return code;
}
