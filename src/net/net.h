/* SPDX-License-Identifier: MIT
 *
 * The door of room net: addresses, an HTTP client over libcurl, and the calls of a Kubo node's RPC. Every call has a time limit.
 * Secrets never appear in errors or logs; redirects are never followed. In a build without libcurl addresses still parse and
 * ad_http_create is UNSUPPORTED.
 */
#ifndef AD_NET_NET_H
#define AD_NET_NET_H

#include "base/base.h"
#include "cid/cid.h"

/* ---- addresses ---- */

/* Where a server is: "http://HOST:PORT/PREFIX" without a slash at the end, and a Unix socket to reach it through, or NULL. */
struct ad_endpoint {
    char *url;
    char *socket;
};
/* http://HOST[:PORT][/PREFIX], https://..., a multiaddr (/ip4, /ip6, /dns, /dns4, /dns6 with /tcp and an optional /http, /https
 * or /tls/http; /unix/PATH) or unix:PATH. INVAL for anything else, also for credentials in the address, which would be
 * shown in process lists; the message never repeats them. */
enum artdag_err ad_endpoint_parse(struct ad_str text, struct ad_endpoint *ret,
                                  artdag_error *err);
void ad_endpoint_fini(struct ad_endpoint *endpoint); /* NULL and zeroed allowed */

/* ---- HTTP ---- */

/* A client of one server: keeps connections, lets at most `parallel` calls run at once (others wait), and after three failures in a
 * row to reach the server refuses calls for a while, longer each time (up to 30 s). Thread-safe. */
struct ad_http;

struct ad_http_params {
    const struct ad_endpoint *endpoint; /* copied */
    /* As in Kubo's API.Authorizations: "bearer:TOKEN", "basic:USER:PASSWORD" or "basic:BASE64"; NULL = none. Copied. */
    const char *auth;
    unsigned parallel;  /* 0 = 8 */
    int64_t connect_ms; /* 0 = 5000 */
    /* Asked about once a second in every call, from the calling thread; true ends the call with CANCELED. May be NULL. */
    bool (*cancelled)(void *payload);
    void *payload;
};
/* INVAL (auth), NOMEM, UNSUPPORTED (no libcurl). */
enum artdag_err ad_http_create(const struct ad_http_params *params, struct ad_http **ret,
                               artdag_error *err);
void ad_http_destroy(struct ad_http *http); /* NULL allowed; no call may be running */
const char *ad_http_url(const struct ad_http *http);

struct ad_http_call {
    bool post;
    bool head;          /* only the headers are wanted */
    const char *path;   /* from "/" on, escaped */
    const char *accept; /* NULL = anything */
    int64_t total_ms;   /* for each try; must be > 0 */
    int64_t stall_ms;   /* without a byte moving either way; 0 = no limit of its own */
    /* 0 = 1. Again after NET and statuses 429, 502, 503, 504, with growing jittered pauses */
    unsigned tries;
    uint64_t max_bytes;      /* of the reply: LIMIT beyond */
    const char *body_header; /* "Content-Type: ..." of the upload */
    /* Gives the upload piece by piece, *ret_len = 0 at the end; NULL = no upload. */
    enum artdag_err (*body)(void *payload, void *data, size_t cap, size_t *ret_len,
                            artdag_error *err);
    /* Takes the reply's body, if the status is below 300. NULL = it is dropped. */
    enum artdag_err (*reply)(void *payload, const void *data, size_t len, artdag_error *err);
    void (*restart)(
        void *
            payload); /* before every try: body starts anew, reply is forgotten. NULL allowed */
    void *payload;
};
/* What the server said. */
struct ad_http_answer {
    long status;
    int64_t length;    /* Content-Length; -1 = not told */
    char type[96];     /* Content-Type in lower case */
    char message[256]; /* of a failure: "Message" of its JSON, or its text */
};
/* OK = a status below 300 and a body that was whole. NET: cannot connect, or the connection broke; TIMEOUT; CANCELED; LIMIT;
 * NOTFOUND for 404 and 410; REMOTE for other statuses, redirects included, and for an error in the trailer
 * X-Stream-Error; err->sys is the status. What body and reply return is passed on. ret (may be NULL) is always filled in. */
enum artdag_err ad_http_do(struct ad_http *http, const struct ad_http_call *call,
                           struct ad_http_answer *ret, artdag_error *err);
/* Fetches a small body into buf (cleared before every try; its maximum is the limit). Of call only post, path, accept, times and
 * tries count. */
enum artdag_err ad_http_fetch(struct ad_http *http, const struct ad_http_call *call,
                              struct ad_buf *buf, struct ad_http_answer *ret,
                              artdag_error *err);
/* Appends s as a value of a query. */
void ad_url_escape(struct ad_buf *buf, struct ad_str s);

/* ---- Kubo's RPC ---- */

/* Calls that ask again on failure do so three times. "local": the node must not look in its network. NOTFOUND is what is not there, or
 * what the node did not find within find_ms. */
struct ad_kubo;
struct ad_kubo_params {
    struct ad_http_params http;
    int64_t find_ms; /* for what the node has to get from others; 0 = 10 s */
    int64_t call_ms; /* for everything that the node answers by itself; 0 = 60 s */
};
enum artdag_err ad_kubo_create(const struct ad_kubo_params *params, struct ad_kubo **ret,
                               artdag_error *err);
void ad_kubo_destroy(struct ad_kubo *kubo); /* NULL allowed */
const char *ad_kubo_url(const struct ad_kubo *kubo);

/* Is a node there, and which one? agent: "0.39.0", for people. */
enum artdag_err ad_kubo_version(struct ad_kubo *kubo, char agent[64], artdag_error *err);
/* Unverified bytes into buf (cleared first). */
enum artdag_err ad_kubo_block_get(struct ad_kubo *kubo, const struct ad_cid *cid, bool local,
                                  struct ad_buf *buf, artdag_error *err);
/* Of the node's own blocks. ret_len may be NULL. */
enum artdag_err ad_kubo_block_has(struct ad_kubo *kubo, const struct ad_cid *cid, bool *ret,
                                  uint64_t *ret_len, artdag_error *err);
/* Uploads a CAR. pin_roots: the DAGs below the roots, which must then be whole on the node, are pinned before any
 * collection of garbage can run. */
struct ad_kubo_car {
    enum artdag_err (*read)(void *payload, void *data, size_t cap, size_t *ret_len,
                            artdag_error *err);
    void (*restart)(void *payload);
    void *payload;
    uint64_t bytes; /* about; for the time limit */
    bool pin_roots; /* NOTFOUND when what is below a root is not whole on the node */
    int64_t pin_ms; /* time for that; 0 = 10 minutes */
};
enum artdag_err ad_kubo_dag_import(struct ad_kubo *kubo, const struct ad_kubo_car *car,
                                   artdag_error *err);
/* Recursive pins of what is whole on the node. name NULL = none; a node keeps one name per CID, and old ones keep none. */
enum artdag_err ad_kubo_pin_add(struct ad_kubo *kubo, const struct ad_cid *cid,
                                const char *name, artdag_error *err);
enum artdag_err ad_kubo_pin_rm(struct ad_kubo *kubo, const struct ad_cid *cid,
                               artdag_error *err);
/* In the node's order. name: NULL when the node does not tell names. */
enum artdag_err ad_kubo_pin_ls(struct ad_kubo *kubo,
                               enum artdag_err (*each)(void *payload, const struct ad_cid *cid,
                                                       const char *name, artdag_error *err),
                               void *payload, artdag_error *err);
/* Lets the node remove everything that no pin and no file of its own keeps. each (may be NULL) is told what went. */
enum artdag_err ad_kubo_gc(struct ad_kubo *kubo,
                           enum artdag_err (*each)(void *payload, const struct ad_cid *cid,
                                                   artdag_error *err),
                           void *payload, artdag_error *err);
/* "/ipns/NAME..." or "/ipns/dns.name" to the CID it stands for now. */
enum artdag_err ad_kubo_resolve(struct ad_kubo *kubo, struct ad_str name, struct ad_cid *ret,
                                artdag_error *err);
/* Pinning services that the node's owner has set up. status: "queued", "pinning", "pinned" or "failed". */
enum artdag_err ad_kubo_remote_pin_add(struct ad_kubo *kubo, const char *service,
                                       const struct ad_cid *cid, const char *name,
                                       char status[16], artdag_error *err);
enum artdag_err ad_kubo_remote_pin_rm(struct ad_kubo *kubo, const char *service,
                                      const struct ad_cid *cid, artdag_error *err);
enum artdag_err ad_kubo_remote_pin_ls(
    struct ad_kubo *kubo, const char *service,
    enum artdag_err (*each)(void *payload, const struct ad_cid *cid, const char *name,
                            const char *status, artdag_error *err),
    void *payload, artdag_error *err);
/* The node's own file tree (MFS). */
struct ad_kubo_file {
    struct ad_str name;
    struct ad_cid cid;
    uint64_t bytes;
    bool folder;
};
enum artdag_err ad_kubo_files_ls(struct ad_kubo *kubo, const char *folder,
                                 enum artdag_err (*each)(void *payload,
                                                         const struct ad_kubo_file *file,
                                                         artdag_error *err),
                                 void *payload, artdag_error *err);

#endif
