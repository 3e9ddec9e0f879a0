/* SPDX-License-Identifier: MIT
 *
 * Private to net: what the files about Kubo's RPC share.
 */
#ifndef AD_NET_KUBO_H
#define AD_NET_KUBO_H

#include <stdatomic.h>

#include "doc/doc.h"
#include "net/net.h"

#define ROOM "net"

struct ad_kubo {
    struct ad_http *http;
    int64_t find_ms;
    int64_t call_ms;
    atomic_int kind; /* enum ad_kubo_kind */
};

/* js-ipfs does not know offline=true: asked for what it has not got it waits for others, so that only time tells. */
enum ad_kubo_kind {
    AD_KUBO_UNKNOWN,
    AD_KUBO_GO,
    AD_KUBO_JS
};
bool ad_kubo_is_js(struct ad_kubo *kubo);

/* Takes one JSON value of a reply, which may be one document or many lines. */
typedef enum artdag_err (*ad_kubo_row_fn)(void *payload, const struct ad_value *row,
                                          artdag_error *err);
struct ad_kubo_sink {
    ad_kubo_row_fn fn; /* NULL: rows are only looked at for errors */
    void *payload;
};

/* Begins "/api/v0/COMMAND?timeout=..." in buf, with a time limit for the node a little below `ms`. */
void ad_kubo_path(struct ad_buf *buf, const char *command, int64_t ms);
void ad_kubo_arg(struct ad_buf *buf, const char *name, struct ad_str value); /* escaped */
void ad_kubo_arg_cid(struct ad_buf *buf, const struct ad_cid *cid);

/* Posts the finished path. A row that says it is an error is one. message (may be NULL) gets what the node said of a failure. */
enum artdag_err ad_kubo_rows(struct ad_kubo *kubo, struct ad_buf *path, int64_t ms,
                             unsigned tries, struct ad_kubo_sink sink, char message[256],
                             artdag_error *err);

/* A member that is a CID as text, or {"/": text}. */
enum artdag_err ad_kubo_cid_of(const struct ad_value *row, const char *key, struct ad_cid *ret,
                               artdag_error *err);
/* Is this what a node says when it has not got something? */
bool ad_kubo_says_absent(const char *message);
/* Is this what a node says when its time is over? */
bool ad_kubo_says_timeout(const char *message);

/* Reads lines of JSON as they come. */
struct ad_rows {
    struct ad_buf line;
    struct ad_arena arena;
    struct ad_kubo_sink sink;
    char message[256]; /* of an error row */
};
void ad_rows_init(struct ad_rows *rows, struct ad_kubo_sink sink);
void ad_rows_fini(struct ad_rows *rows);
enum artdag_err ad_rows_take(void *payload, const void *data, size_t len, artdag_error *err);
enum artdag_err ad_rows_end(struct ad_rows *rows,
                            artdag_error *err); /* the last line needs no newline */

#endif
