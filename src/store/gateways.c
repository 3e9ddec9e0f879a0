/* SPDX-License-Identifier: MIT */
#include "store/gateways.h"

#include <stdio.h>
#include <string.h>

#define FIND_MS 30000
#define TRIES 2
#define RAW "application/vnd.ipld.raw"
#define PATH_MAX_BYTES (AD_CID_TEXT_MAX + 64)

enum artdag_err ad_gateways_add(struct ad_gateways *g, struct ad_str url, artdag_error *err)
{
    struct ad_endpoint endpoint = {0};
    if (g->len == AD_GATEWAYS_MAX)
        return ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "at most %d gateways", AD_GATEWAYS_MAX);
    enum artdag_err code = ad_endpoint_parse(url, &endpoint, err);
    if (code == ARTDAG_OK) {
        struct ad_http_params params = {.endpoint = &endpoint};
        code = ad_http_create(&params, &g->items[g->len], err);
    }
    if (code == ARTDAG_OK)
        g->len++;
    ad_endpoint_fini(&endpoint);
    return code;
}

void ad_gateways_fini(struct ad_gateways *g)
{
    while (g->len > 0)
        ad_http_destroy(g->items[--g->len]);
}

static void block_path(const struct ad_cid *cid, char path[PATH_MAX_BYTES])
{
    char text[AD_CID_TEXT_MAX];
    (void)ad_cid_format(cid, text);
    (void)snprintf(path, PATH_MAX_BYTES, "/ipfs/%s?format=raw", text);
}

static int64_t limit_ms(const struct ad_gateways *g)
{
    return g->find_ms > 0 ? g->find_ms : FIND_MS;
}

/* What a gateway's failure means for the next: a gateway that looked and found nothing has answered. */
static enum artdag_err judge(enum artdag_err code, long status, artdag_error *err)
{
    if (code == ARTDAG_E_REMOTE && status == 504)
        return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM,
                            "the gateway did not find it in time");
    return code;
}

static enum artdag_err get_from(const struct ad_gateways *g, struct ad_http *http,
                                const struct ad_cid *cid, struct ad_buf *buf, artdag_error *err)
{
    char path[PATH_MAX_BYTES];
    struct ad_http_answer answer = {0};
    size_t max = buf->max;
    block_path(cid, path);
    buf->max = max < AD_BLOCK_MAX ? max : AD_BLOCK_MAX;
    struct ad_http_call call = {
        .path = path, .accept = RAW, .total_ms = limit_ms(g), .tries = TRIES};
    enum artdag_err code = ad_http_fetch(http, &call, buf, &answer, err);
    buf->max = max;
    if (code != ARTDAG_OK)
        return judge(code, answer.status, err);
    code = ad_cid_verify(cid, buf->data, buf->len, err);
    if (code == ARTDAG_E_CORRUPT)
        ad_log_warn(g->log, "store.gateway-lies",
                    "%s sent bytes that are not the block asked for", ad_http_url(http));
    return code == ARTDAG_OK ? code : ad_error_prefix(err, code, "%s", ad_http_url(http));
}

/* Trouble counts for more than "not there": another time it may be. */
static void keep_worst(artdag_error *worst, enum artdag_err *worst_code,
                       const artdag_error *inner, enum artdag_err code)
{
    if (*worst_code == ARTDAG_OK ||
        (*worst_code == ARTDAG_E_NOTFOUND && code != ARTDAG_E_NOTFOUND)) {
        *worst = *inner;
        *worst_code = code;
    }
}

static enum artdag_err give_up(const artdag_error *worst, enum artdag_err code,
                               artdag_error *err)
{
    if (code == ARTDAG_OK)
        return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "there is no gateway to ask");
    if (err != NULL)
        *err = *worst;
    return code;
}

enum artdag_err ad_gateways_get(const struct ad_gateways *g, const struct ad_cid *cid,
                                struct ad_buf *buf, artdag_error *err)
{
    artdag_error worst = {0};
    enum artdag_err worst_code = ARTDAG_OK;
    for (size_t i = 0; i < g->len; i++) {
        artdag_error inner = {0};
        enum artdag_err code = get_from(g, g->items[i], cid, buf, &inner);
        if (code == ARTDAG_OK)
            return code;
        keep_worst(&worst, &worst_code, &inner, code);
        if (code == ARTDAG_E_CANCELED || code == ARTDAG_E_NOMEM)
            break;
    }
    ad_buf_clear(buf);
    return give_up(&worst, worst_code, err);
}

enum artdag_err ad_gateways_has(const struct ad_gateways *g, const struct ad_cid *cid,
                                bool *ret, uint64_t *ret_len, artdag_error *err)
{
    artdag_error worst = {0};
    enum artdag_err worst_code = ARTDAG_OK;
    char path[PATH_MAX_BYTES];
    block_path(cid, path);
    for (size_t i = 0; i < g->len; i++) {
        artdag_error inner = {0};
        struct ad_http_answer answer = {0};
        struct ad_http_call call = {
            .head = true, .path = path, .accept = RAW, .total_ms = limit_ms(g), .tries = TRIES};
        enum artdag_err code = ad_http_do(g->items[i], &call, &answer, &inner);
        code = judge(code, answer.status, &inner);
        if (code == ARTDAG_OK) {
            *ret = true;
            if (ret_len != NULL)
                *ret_len = answer.length > 0 ? (uint64_t)answer.length : 0;
            return code;
        }
        keep_worst(&worst, &worst_code, &inner, code);
    }
    if (worst_code == ARTDAG_E_NOTFOUND) {
        *ret = false;
        return ARTDAG_OK;
    }
    return give_up(&worst, worst_code, err);
}
