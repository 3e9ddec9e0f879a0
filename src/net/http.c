/* SPDX-License-Identifier: MIT
 *
 * The HTTP client. Each of its easy handles keeps its own connections; a call takes the handle that was used last, so
 * that few connections serve when few calls run. What a server may do to us is bounded: time, stalls, header and body sizes.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

#include "doc/doc.h"
#include "net/breaker.h"
#include "net/net.h"

#define ROOM "net"
#define PARALLEL_DEFAULT 8
#define PARALLEL_MAX 64
#define CONNECT_MS 5000
#define FAILURE_TEXT_MAX 16384 /* of a failure's body */
#define POLL_MS 50

struct ad_http {
    char *url;
    char *socket;
    char *auth_header; /* "Authorization: ..." or NULL */
    int64_t connect_ms;
    bool (*cancelled)(void *payload);
    void *payload;
    struct ad_breaker breaker;
    pthread_mutex_t lock; /* guards the rest */
    pthread_cond_t freed;
    CURL *idle[PARALLEL_MAX];
    unsigned idle_count;
    unsigned busy_count;
    unsigned parallel;
};

/* One try of a call. */
struct transfer {
    struct ad_http *http;
    const struct ad_http_call *call;
    CURL *curl;
    struct ad_http_answer answer;
    struct ad_buf failure; /* body of a status from 300 on */
    char stream_error[256];
    uint64_t bytes;
    artdag_error inner;   /* set by a callback that ended the transfer, */
    enum artdag_err code; /* with this */
    int64_t moved_ms;     /* when a byte moved last */
    curl_off_t moved;
    bool uploaded; /* the whole body was given */
};

/* ---- making and ending ---- */

static void init_library(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static enum artdag_err bad_auth(artdag_error *err)
{
    return ad_error_set(
        err, ARTDAG_E_INVAL, ROOM,
        "the credentials must read bearer:TOKEN, basic:USER:PASSWORD or basic:BASE64");
}

static void put_base64(struct ad_buf *out, struct ad_str in)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < in.len; i += 3) {
        uint32_t bits = 0;
        size_t n = in.len - i < 3 ? in.len - i : 3;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < n ? (unsigned char)in.ptr[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            (void)ad_buf_byte(out, k <= n ? (uint8_t)digits[bits >> (18 - 6 * k) & 63] : '=');
    }
}

static enum artdag_err make_auth(const char *auth, char **ret, artdag_error *err)
{
    struct ad_buf header = AD_BUF_INIT(16384);
    struct ad_str text = ad_str_from(auth);
    while (text.len > 0 && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r'))
        text.len--;
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < ' ')
            return bad_auth(err);
    }
    if (ad_str_starts(text, "bearer:") && text.len > 7) {
        (void)ad_buf_str(&header, "Authorization: Bearer ");
        (void)ad_buf_view(&header, ad_str_slice(text, 7, text.len));
    } else if (ad_str_starts(text, "basic:") && text.len > 6) {
        struct ad_str secret = ad_str_slice(text, 6, text.len);
        (void)ad_buf_str(&header, "Authorization: Basic ");
        if (memchr(secret.ptr, ':', secret.len) != NULL)
            put_base64(&header, secret);
        else
            (void)ad_buf_view(&header, secret);
    } else {
        return bad_auth(err);
    }
    *ret = ad_buf_take(&header, NULL);
    ad_buf_fini(&header);
    return *ret != NULL ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

void ad_http_destroy(struct ad_http *http)
{
    if (http == NULL)
        return;
    while (http->idle_count > 0)
        curl_easy_cleanup(http->idle[--http->idle_count]);
    ad_breaker_fini(&http->breaker);
    (void)pthread_mutex_destroy(&http->lock);
    (void)pthread_cond_destroy(&http->freed);
    free(http->url);
    free(http->socket);
    free(http->auth_header);
    free(http);
}

enum artdag_err ad_http_create(const struct ad_http_params *params, struct ad_http **ret,
                               artdag_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, init_library);
    struct ad_http *http = ad_alloc(sizeof(*http));
    if (http == NULL)
        return ad_error_nomem(err, ROOM);
    ad_breaker_init(&http->breaker);
    (void)pthread_mutex_init(&http->lock, NULL);
    (void)pthread_cond_init(&http->freed, NULL);
    http->parallel = params->parallel == 0 ? PARALLEL_DEFAULT : params->parallel;
    if (http->parallel > PARALLEL_MAX)
        http->parallel = PARALLEL_MAX;
    http->connect_ms = params->connect_ms > 0 ? params->connect_ms : CONNECT_MS;
    http->cancelled = params->cancelled;
    http->payload = params->payload;
    http->url = ad_strdup(params->endpoint->url);
    http->socket = ad_strdup(params->endpoint->socket);
    enum artdag_err code = ARTDAG_OK;
    if (http->url == NULL || (params->endpoint->socket != NULL && http->socket == NULL))
        code = ad_error_nomem(err, ROOM);
    if (code == ARTDAG_OK && params->auth != NULL)
        code = make_auth(params->auth, &http->auth_header, err);
    if (code != ARTDAG_OK) {
        ad_http_destroy(http);
        return code;
    }
    *ret = http;
    return ARTDAG_OK;
}

const char *ad_http_url(const struct ad_http *http)
{
    return http->socket != NULL ? http->socket : http->url;
}

/* ---- handles ---- */

static CURL *take_handle(struct ad_http *http)
{
    CURL *curl = NULL;
    (void)pthread_mutex_lock(&http->lock);
    while (http->busy_count >= http->parallel)
        (void)pthread_cond_wait(&http->freed, &http->lock);
    http->busy_count++;
    if (http->idle_count > 0)
        curl = http->idle[--http->idle_count];
    (void)pthread_mutex_unlock(&http->lock);
    return curl != NULL ? curl : curl_easy_init();
}

static void give_handle(struct ad_http *http, CURL *curl)
{
    (void)pthread_mutex_lock(&http->lock);
    http->busy_count--;
    if (curl != NULL) {
        curl_easy_reset(curl); /* keeps the connections */
        http->idle[http->idle_count++] = curl;
    }
    (void)pthread_cond_signal(&http->freed);
    (void)pthread_mutex_unlock(&http->lock);
}

/* ---- callbacks ---- */

static long status_of(const struct transfer *t)
{
    long status = 0;
    (void)curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static size_t on_body(char *data, size_t size, size_t count, void *payload)
{
    struct transfer *t = payload;
    size_t len = size * count;
    t->bytes += len;
    if (status_of(t) >= 300) {
        size_t room = t->failure.max - t->failure.len;
        (void)ad_buf_append(&t->failure, data, len < room ? len : room);
        return len; /* more of it is dropped, to keep the connection */
    }
    if (t->bytes > t->call->max_bytes)
        t->code =
            ad_error_set(&t->inner, ARTDAG_E_LIMIT, ROOM, "the reply has more than %llu bytes",
                         (unsigned long long)t->call->max_bytes);
    else if (t->call->reply != NULL)
        t->code = t->call->reply(t->call->payload, data, len, &t->inner);
    return t->code == ARTDAG_OK ? len : 0;
}

static bool header_value(const char *data, size_t len, const char *name, char *out, size_t size)
{
    size_t at = strlen(name);
    size_t put = 0;
    if (len <= at || strncasecmp(data, name, at) != 0)
        return false;
    while (at < len && (data[at] == ' ' || data[at] == '\t'))
        at++;
    for (; at < len && put + 1 < size && data[at] != '\r' && data[at] != '\n'; at++)
        out[put++] = (unsigned char)data[at] < ' ' ? ' ' : data[at];
    out[put] = '\0';
    return true;
}

/* Trailers come here too, after the body. */
static size_t on_header(char *data, size_t size, size_t count, void *payload)
{
    struct transfer *t = payload;
    size_t len = size * count;
    if (header_value(data, len, "Content-Type:", t->answer.type, sizeof(t->answer.type))) {
        for (char *c = t->answer.type; *c != '\0'; c++)
            *c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    }
    (void)header_value(data, len, "X-Stream-Error:", t->stream_error, sizeof(t->stream_error));
    return len;
}

static size_t on_upload(char *out, size_t size, size_t count, void *payload)
{
    struct transfer *t = payload;
    size_t len = 0;
    t->code = t->call->body(t->call->payload, out, size * count, &len, &t->inner);
    if (t->code != ARTDAG_OK)
        return CURL_READFUNC_ABORT;
    t->uploaded = len == 0;
    return len;
}

static int on_progress(void *payload, curl_off_t down_total, curl_off_t down,
                       curl_off_t up_total, curl_off_t up)
{
    struct transfer *t = payload;
    int64_t now = ad_clock_monotonic_ms();
    (void)down_total;
    (void)up_total;
    if (t->http->cancelled != NULL && t->http->cancelled(t->http->payload)) {
        t->code = ad_error_set(&t->inner, ARTDAG_E_CANCELED, ROOM, "canceled");
        return 1;
    }
    if (down + up != t->moved) {
        t->moved = down + up;
        t->moved_ms = now;
    }
    if (t->call->stall_ms > 0 && now - t->moved_ms > t->call->stall_ms) {
        t->code = ad_error_set(&t->inner, ARTDAG_E_TIMEOUT, ROOM, "no byte moved for %lld ms",
                               (long long)t->call->stall_ms);
        return 1;
    }
    return 0;
}

/* ---- one try ---- */

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
    struct ad_buf text = AD_BUF_INIT(20000);
    (void)ad_buf_str(&text, name);
    bool ok = ad_buf_str(&text, value != NULL ? value : "") == ARTDAG_OK;
    struct curl_slist *longer = ok ? curl_slist_append(*list, (const char *)text.data) : NULL;
    ad_buf_fini(&text);
    if (longer != NULL)
        *list = longer;
    return longer != NULL;
}

static bool make_headers(const struct transfer *t, struct curl_slist **list)
{
    const struct ad_http_call *call = t->call;
    bool ok = add_header(list, "Expect:", NULL); /* no 100-continue: some servers wait too */
    if (call->body != NULL)
        ok = ok && add_header(list, call->body_header, NULL) &&
             add_header(list, "Transfer-Encoding: chunked", NULL);
    if (call->accept != NULL)
        ok = ok && add_header(list, "Accept: ", call->accept);
    if (t->http->auth_header != NULL)
        ok = ok && add_header(list, t->http->auth_header, NULL);
    return ok;
}

static void set_options(struct transfer *t, const char *url, struct curl_slist *headers)
{
    CURL *c = t->curl;
    (void)curl_easy_setopt(c, CURLOPT_URL, url);
    (void)curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(c, CURLOPT_PROXY, ""); /* whatever the environment says */
    (void)curl_easy_setopt(c, CURLOPT_USERAGENT, "artdag");
    (void)curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    (void)curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)t->http->connect_ms);
    (void)curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)t->call->total_ms);
    (void)curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 262144L);
    (void)curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, 1048576L);
    (void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    (void)curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
    (void)curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    (void)curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
    (void)curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    if (t->http->socket != NULL)
        (void)curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, t->http->socket);
    if (t->call->head)
        (void)curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
    if (t->call->post)
        (void)curl_easy_setopt(c, CURLOPT_POST, 1L);
    if (t->call->body != NULL) {
        (void)curl_easy_setopt(c, CURLOPT_READFUNCTION, on_upload);
        (void)curl_easy_setopt(c, CURLOPT_READDATA, t);
    } else if (t->call->post) {
        (void)curl_easy_setopt(c, CURLOPT_POSTFIELDS, "");
        (void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, 0L);
    }
}

/* libcurl's codes become ours here and nowhere else. */
static enum artdag_err map_curl(struct transfer *t, CURLcode rc, artdag_error *err)
{
    const char *where = ad_http_url(t->http);
    switch (rc) {
    case CURLE_OPERATION_TIMEDOUT:
        return ad_error_set(err, ARTDAG_E_TIMEOUT, ROOM, "%s did not answer within %lld ms",
                            where, (long long)t->call->total_ms);
    case CURLE_OUT_OF_MEMORY:
        return ad_error_nomem(err, ROOM);
    case CURLE_UNSUPPORTED_PROTOCOL:
        return ad_error_set(err, ARTDAG_E_UNSUPPORTED, ROOM, "%s: this libcurl cannot do that",
                            where);
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST: {
        enum artdag_err code = ad_error_set(err, ARTDAG_E_NET, ROOM, "cannot connect to %s: %s",
                                            where, curl_easy_strerror(rc));
        ad_error_hint(err, "is the server running?");
        return code;
    }
    default:
        return ad_error_set(err, ARTDAG_E_NET, ROOM, "the connection to %s broke: %s", where,
                            curl_easy_strerror(rc));
    }
}

/* "Message" of a JSON failure, or its text, for people. */
static void take_message(struct transfer *t)
{
    struct ad_arena arena;
    const struct ad_value *root = NULL;
    struct ad_str text = ad_buf_as_str(&t->failure);
    ad_arena_init(&arena, 0);
    if (ad_json_parse(&arena, text, NULL, NULL, &root, NULL) == ARTDAG_OK)
        (void)ad_value_str(root, "Message", &text, NULL);
    while (text.len > 0 && strchr(" \r\n", text.ptr[text.len - 1]) != NULL)
        text.len--;
    size_t len =
        text.len < sizeof(t->answer.message) ? text.len : sizeof(t->answer.message) - 1;
    if (len > 0)
        memcpy(t->answer.message, text.ptr, len);
    t->answer.message[len] = '\0';
    ad_arena_fini(&arena);
}

static enum artdag_err map_status(struct transfer *t, artdag_error *err)
{
    long status = t->answer.status;
    enum artdag_err code = ARTDAG_E_REMOTE;
    take_message(t);
    if (status == 404 || status == 410)
        code = ARTDAG_E_NOTFOUND;
    code = ad_error_set(err, code, ROOM, "%s answered %ld%s%s", ad_http_url(t->http), status,
                        t->answer.message[0] != '\0' ? ": " : "", t->answer.message);
    if (err != NULL)
        err->sys = (int)status;
    if (status == 401 || status == 403)
        ad_error_hint(err, "the server wants other credentials");
    else if (status >= 300 && status < 400)
        ad_error_hint(err, "redirects are not followed: give the final address");
    return code;
}

static enum artdag_err finish(struct transfer *t, CURLcode rc, artdag_error *err)
{
    curl_off_t length = -1;
    t->answer.status = status_of(t);
    (void)curl_easy_getinfo(t->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    t->answer.length = length;
    /* A failure that is told before the upload was read comes with a broken connection, and is the better one to report. */
    if (t->answer.status >= 300 &&
        (rc == CURLE_OK || (t->call->body != NULL && t->code == ARTDAG_OK)))
        return map_status(t, err);
    if (t->code != ARTDAG_OK) {
        if (err != NULL)
            *err = t->inner;
        return t->code;
    }
    if (rc != CURLE_OK)
        return map_curl(t, rc, err);
    if (t->stream_error[0] != '\0') {
        (void)snprintf(t->answer.message, sizeof(t->answer.message), "%s", t->stream_error);
        return ad_error_set(err, ARTDAG_E_REMOTE, ROOM, "%s failed half-way: %s",
                            ad_http_url(t->http), t->stream_error);
    }
    if (t->call->body != NULL && !t->uploaded)
        return ad_error_set(err, ARTDAG_E_REMOTE, ROOM, "%s answered before the upload's end",
                            ad_http_url(t->http));
    return ARTDAG_OK;
}

static enum artdag_err try_once(struct ad_http *http, const struct ad_http_call *call,
                                struct ad_http_answer *ret, artdag_error *err)
{
    struct transfer t = {.http = http,
                         .call = call,
                         .failure = AD_BUF_INIT(FAILURE_TEXT_MAX),
                         .moved_ms = ad_clock_monotonic_ms()};
    struct curl_slist *headers = NULL;
    struct ad_buf url = AD_BUF_INIT(65536);
    enum artdag_err code = ARTDAG_OK;
    t.curl = take_handle(http);
    (void)ad_buf_str(&url, http->url);
    if (ad_buf_str(&url, call->path) == ARTDAG_E_LIMIT)
        code = ad_error_set(err, ARTDAG_E_LIMIT, ROOM, "the request is too long");
    else if (t.curl == NULL || ad_buf_status(&url) != ARTDAG_OK || !make_headers(&t, &headers))
        code = ad_error_nomem(err, ROOM);
    if (code == ARTDAG_OK) {
        set_options(&t, (const char *)url.data, headers);
        CURLcode rc = curl_easy_perform(t.curl);
        code = finish(&t, rc, err);
        ad_breaker_note(&http->breaker,
                        t.answer.status != 0 || code == ARTDAG_E_CANCELED ||
                            code == ARTDAG_E_NOMEM,
                        ad_clock_monotonic_ms());
    }
    if (t.curl != NULL)
        (void)curl_easy_setopt(t.curl, CURLOPT_HTTPHEADER, NULL);
    give_handle(http, t.curl);
    curl_slist_free_all(headers);
    ad_buf_fini(&url);
    ad_buf_fini(&t.failure);
    *ret = t.answer;
    return code;
}

/* ---- all tries ---- */

static bool is_worth_another_try(enum artdag_err code, long status)
{
    return code == ARTDAG_E_NET ||
           (code == ARTDAG_E_REMOTE &&
            (status == 429 || status == 502 || status == 503 || status == 504));
}

/* False when the caller does not want to wait any more. */
static bool pause_ms(const struct ad_http *http, int64_t ms)
{
    int64_t end = ad_clock_monotonic_ms() + ms;
    for (int64_t left = ms; left > 0; left = end - ad_clock_monotonic_ms()) {
        struct timespec nap = {.tv_nsec = (left < POLL_MS ? left : POLL_MS) * 1000000};
        if (http->cancelled != NULL && http->cancelled(http->payload))
            return false;
        (void)nanosleep(&nap, NULL);
    }
    return true;
}

static enum artdag_err check_breaker(struct ad_http *http, artdag_error *err)
{
    int64_t wait = 0;
    if (ad_breaker_allows(&http->breaker, ad_clock_monotonic_ms(), &wait))
        return ARTDAG_OK;
    return ad_error_set(err, ARTDAG_E_NET, ROOM,
                        "%s could not be reached and is left alone for %lld ms",
                        ad_http_url(http), (long long)wait);
}

enum artdag_err ad_http_do(struct ad_http *http, const struct ad_http_call *call,
                           struct ad_http_answer *ret, artdag_error *err)
{
    struct ad_http_answer answer = {0};
    enum artdag_err code = check_breaker(http, err);
    for (unsigned n = 0; code == ARTDAG_OK; n++) {
        if (call->restart != NULL)
            call->restart(call->payload);
        code = try_once(http, call, &answer, err);
        if (code == ARTDAG_OK || n + 1 >= call->tries ||
            !is_worth_another_try(code, answer.status))
            break;
        if (!pause_ms(http, ad_backoff_ms(n + 1))) {
            code = ad_error_set(err, ARTDAG_E_CANCELED, ROOM, "canceled");
            break;
        }
        code = ARTDAG_OK;
    }
    if (ret != NULL)
        *ret = answer;
    return code;
}

/* ---- into a buffer ---- */

static enum artdag_err into_buffer(void *payload, const void *data, size_t len,
                                   artdag_error *err)
{
    struct ad_buf *buf = payload;
    enum artdag_err status = ad_buf_append(buf, data, len);
    if (status == ARTDAG_E_NOMEM)
        return ad_error_nomem(err, ROOM);
    return status == ARTDAG_OK
               ? status
               : ad_error_set(err, status, ROOM, "the reply has more than %zu bytes", buf->max);
}

static void clear_buffer(void *payload)
{
    ad_buf_clear(payload);
}

enum artdag_err ad_http_fetch(struct ad_http *http, const struct ad_http_call *call,
                              struct ad_buf *buf, struct ad_http_answer *ret, artdag_error *err)
{
    struct ad_http_call fetch = *call;
    fetch.max_bytes = buf->max;
    fetch.reply = into_buffer;
    fetch.restart = clear_buffer;
    fetch.payload = buf;
    return ad_http_do(http, &fetch, ret, err);
}
