/* SPDX-License-Identifier: MIT
 *
 * The client against a server that behaves well, badly and not at all.
 */
#include "ad_test_http.h"
#include "net/net.h"

static struct ad_http *client_to(const char *url, const char *auth)
{
    artdag_error err = {0};
    struct ad_endpoint endpoint = {0};
    struct ad_http *http = NULL;
    assert_ok(ad_endpoint_parse(ad_str_from(url), &endpoint, &err));
    struct ad_http_params params = {.endpoint = &endpoint, .auth = auth, .connect_ms = 2000};
    assert_ok(ad_http_create(&params, &http, &err));
    ad_endpoint_fini(&endpoint);
    return http;
}

static enum artdag_err get(struct ad_http *http, const char *path, struct ad_buf *buf,
                           artdag_error *err)
{
    struct ad_http_call call = {.path = path, .total_ms = 3000};
    return ad_http_fetch(http, &call, buf, NULL, err);
}

/* What is sent for a path, word for word. */
static const struct canned {
    const char *path;
    const char *answer;
    bool close;
    int then_sleep_ms;
} canned[] = {
    {"/hello", "HTTP/1.1 200 OK\r\nContent-Type: Text/Plain\r\nContent-Length: 5\r\n\r\nhello"},
    {"/missing", "HTTP/1.1 404 Not Found\r\nContent-Length: 14\r\n\r\nno such thing\n"},
    {"/forbidden", "HTTP/1.1 403 Forbidden\r\nContent-Length: 15\r\n\r\n403 - Forbidden"},
    {"/error", "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n"
               "Content-Length: 58\r\n\r\n{\"Message\":\"merkledag: not "
               "found\",\"Code\":0,\"Type\":\"error\"}"},
    {"/elsewhere", "HTTP/1.1 302 Found\r\nLocation: /hello\r\nContent-Length: 0\r\n\r\n"},
    {"/trailer",
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Stream-Error\r\n\r\n"
     "5\r\nhello\r\n0\r\nX-Stream-Error: merkledag: not found\r\n\r\n"},
    {"/clean-trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                       "Trailer: X-Stream-Error\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
    {"/short", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello", true},
    {"/cut-chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
     true},
    {"/hang", "", true, 20000},
    {"/stall", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello", true, 20000},
};

static const struct canned *find_canned(const struct fake_request *request)
{
    char line[128];
    for (size_t i = 0; i < sizeof(canned) / sizeof(canned[0]); i++) {
        (void)snprintf(line, sizeof(line), "GET %s ", canned[i].path);
        if (fake_is(request, line))
            return &canned[i];
    }
    return NULL;
}

static void say_much(int fd)
{
    char block[4096] = {0};
    fake_text(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 1000; i++)
        fake_say(fd, block, sizeof(block));
}

static bool behave(void *payload, const struct fake_request *request, int fd)
{
    const struct canned *found = find_canned(request);
    if (found != NULL) {
        fake_text(fd, found->answer);
        fake_sleep(payload, found->then_sleep_ms);
        return !found->close;
    }
    if (fake_is(request, "GET /busy ") && request->number % 3 != 0)
        fake_reply(fd, "503 Service Unavailable", "text/plain", "busy", 4);
    else if (fake_is(request, "GET /busy "))
        fake_reply(fd, "200 OK", "text/plain", "now", 3);
    else if (fake_is(request, "GET /echo "))
        fake_reply(fd, "200 OK", "text/plain", request->head, strlen(request->head));
    else if (fake_is(request, "POST /upload "))
        fake_reply(fd, "200 OK", "text/plain", request->body.data, request->body.len);
    else if (fake_is(request, "GET /huge "))
        say_much(fd);
    return fake_is(request, "GET /busy ") || fake_is(request, "GET /echo ") ||
           fake_is(request, "POST /upload ");
}

static void replies_arrive_over_one_kept_connection(void **state)
{
    artdag_error err = {0};
    struct fake fake;
    struct ad_buf buf = AD_BUF_INIT(1000);
    struct ad_http_answer answer;
    (void)state;
    fake_start(&fake, behave, &fake);
    struct ad_http *http = client_to(fake.url, NULL);
    for (int i = 0; i < 5; i++) {
        assert_ok(ad_http_fetch(
            http, &(struct ad_http_call){.path = "/hello", .total_ms = 3000, .tries = 1}, &buf,
            &answer, &err));
        assert_str_view_equal(ad_buf_as_str(&buf), "hello");
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.type, "text/plain");
    }
    assert_int_equal(atomic_load(&fake.connections), 1);
    ad_buf_fini(&buf);
    ad_http_destroy(http);
    fake_stop(&fake);
}

static void requests_carry_credentials_and_nothing_a_browser_would(void **state)
{
    artdag_error err = {0};
    struct fake fake;
    struct ad_buf buf = AD_BUF_INIT(20000);
    (void)state;
    static const struct {
        const char *auth, *header;
    } cases[] = {
        {"bearer:tok-en", "Authorization: Bearer tok-en\r\n"},
        {"basic:Aladdin:open sesame", "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"},
        {"basic:QWxhZGRpbjpvcGVuIHNlc2FtZQ==\n",
         "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"},
        {NULL, "User-Agent: artdag\r\n"},
    };
    fake_start(&fake, behave, &fake);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ad_http *http = client_to(fake.url, cases[i].auth);
        assert_ok(get(http, "/echo", &buf, &err));
        assert_non_null(strstr((const char *)buf.data, cases[i].header));
        assert_null(strstr((const char *)buf.data, "Origin:"));
        assert_null(strstr((const char *)buf.data, "Referer:"));
        assert_null(strstr((const char *)buf.data, "Expect:"));
        ad_http_destroy(http);
    }
    ad_buf_fini(&buf);
    fake_stop(&fake);
}

static void malformed_credentials_are_refused_and_not_repeated(void **state)
{
    artdag_error err = {0};
    static const char *const bad[] = {"hunter2", "bearer:", "basic:", "bearer:hunter2\r\nX: y"};
    struct ad_endpoint endpoint = {.url = ad_strdup("http://127.0.0.1:1")};
    struct ad_http *http = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct ad_http_params params = {.endpoint = &endpoint, .auth = bad[i]};
        assert_fails(ARTDAG_E_INVAL, ad_http_create(&params, &http, &err));
        assert_null(strstr(err.message, "hunter2"));
    }
    ad_endpoint_fini(&endpoint);
}

static void every_way_to_fail_is_a_failure(void **state)
{
    artdag_error err = {0};
    struct fake fake;
    struct ad_buf buf = AD_BUF_INIT(2000);
    (void)state;
    static const struct {
        const char *path;
        enum artdag_err code;
        int sys;
        const char *says;
    } cases[] = {
        {"/missing", ARTDAG_E_NOTFOUND, 404, "no such thing"},
        {"/forbidden", ARTDAG_E_REMOTE, 403, "403"},
        {"/error", ARTDAG_E_REMOTE, 500, "merkledag: not found"},
        {"/elsewhere", ARTDAG_E_REMOTE, 302, "302"},
        {"/trailer", ARTDAG_E_REMOTE, 0, "half-way: merkledag"},
        {"/short", ARTDAG_E_NET, 0, "broke"},
        {"/cut-chunks", ARTDAG_E_NET, 0, "broke"},
        {"/huge", ARTDAG_E_LIMIT, 0, "2000 bytes"},
        {"/nothing", ARTDAG_E_NET, 0, "broke"},
    };
    fake_start(&fake, behave, &fake);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ad_http *http = client_to(fake.url, "bearer:hunter2");
        assert_fails(cases[i].code, get(http, cases[i].path, &buf, &err));
        assert_int_equal(err.sys, cases[i].sys);
        assert_err_says(cases[i].says);
        assert_null(strstr(err.message, "hunter2"));
        ad_http_destroy(http);
    }
    struct ad_http *http = client_to(fake.url, NULL);
    assert_ok(get(http, "/clean-trailer", &buf, &err));
    assert_str_view_equal(ad_buf_as_str(&buf), "hello");
    ad_http_destroy(http);
    ad_buf_fini(&buf);
    fake_stop(&fake);
}

static void hanging_and_stalling_servers_run_into_the_limits(void **state)
{
    artdag_error err = {0};
    struct fake fake;
    struct ad_buf buf = AD_BUF_INIT(2000);
    (void)state;
    fake_start(&fake, behave, &fake);
    struct ad_http *http = client_to(fake.url, NULL);
    int64_t begin = ad_clock_monotonic_ms();
    assert_fails(ARTDAG_E_TIMEOUT,
                 ad_http_fetch(
                     http, &(struct ad_http_call){.path = "/hang", .total_ms = 300, .tries = 3},
                     &buf, NULL, &err));
    struct ad_http_call call = {
        .path = "/stall", .total_ms = 10000, .stall_ms = 300, .max_bytes = 1000};
    assert_fails(ARTDAG_E_TIMEOUT, ad_http_do(http, &call, NULL, &err));
    assert_err_says("no byte moved");
    assert_true(ad_clock_monotonic_ms() - begin < 5000);
    ad_buf_fini(&buf);
    ad_http_destroy(http);
    fake_stop(&fake);
}

static bool after_half_a_second(void *payload)
{
    return ad_clock_monotonic_ms() > *(int64_t *)payload + 500;
}

static void a_cancelled_call_ends_soon(void **state)
{
    artdag_error err = {0};
    struct fake fake;
    struct ad_buf buf = AD_BUF_INIT(2000);
    struct ad_http *http = NULL;
    struct ad_endpoint endpoint = {0};
    int64_t begin = ad_clock_monotonic_ms();
    (void)state;
    fake_start(&fake, behave, &fake);
    assert_ok(ad_endpoint_parse(ad_str_from(fake.url), &endpoint, &err));
    struct ad_http_params params = {
        .endpoint = &endpoint, .cancelled = after_half_a_second, .payload = &begin};
    assert_ok(ad_http_create(&params, &http, &err));
    assert_fails(
        ARTDAG_E_CANCELED,
        ad_http_fetch(http,
                      &(struct ad_http_call){.path = "/hang", .total_ms = 20000, .tries = 3},
                      &buf, NULL, &err));
    assert_true(ad_clock_monotonic_ms() - begin < 5000);
    ad_endpoint_fini(&endpoint);
    ad_buf_fini(&buf);
    ad_http_destroy(http);
    fake_stop(&fake);
}

static void busy_servers_are_asked_again(void **state)
{
    artdag_error err = {0};
    struct fake fake;
    struct ad_buf buf = AD_BUF_INIT(2000);
    (void)state;
    fake_start(&fake, behave, &fake);
    struct ad_http *http = client_to(fake.url, NULL);
    assert_ok(ad_http_fetch(
        http, &(struct ad_http_call){.path = "/busy", .total_ms = 3000, .tries = 3}, &buf, NULL,
        &err));
    assert_str_view_equal(ad_buf_as_str(&buf), "now");
    assert_int_equal(atomic_load(&fake.requests), 3);
    assert_fails(ARTDAG_E_REMOTE, get(http, "/busy", &buf, &err)); /* one try */
    assert_int_equal(err.sys, 503);
    ad_buf_fini(&buf);
    ad_http_destroy(http);
    fake_stop(&fake);
}

static void a_server_that_is_gone_is_left_alone_for_a_while(void **state)
{
    artdag_error err = {0};
    struct fake fake;
    struct ad_buf buf = AD_BUF_INIT(2000);
    (void)state;
    fake_start(&fake, behave, &fake);
    struct ad_http *http = client_to(fake.url, NULL);
    fake_stop(&fake);
    for (int i = 0; i < 3; i++) {
        assert_fails(ARTDAG_E_NET, get(http, "/hello", &buf, &err));
        assert_err_says("cannot connect");
    }
    assert_fails(ARTDAG_E_NET, get(http, "/hello", &buf, &err));
    assert_err_says("left alone");
    ad_buf_fini(&buf);
    ad_http_destroy(http);
}

static void unix_sockets_work(void **state)
{
    artdag_error err = {0};
    struct fake fake;
    struct ad_buf buf = AD_BUF_INIT(2000);
    char path[256];
    (void)snprintf(path, sizeof(path), "%s", ad_test_path(*state, "s"));
    fake_start_socket(&fake, path, behave, &fake);
    char url[300];
    (void)snprintf(url, sizeof(url), "/unix%s", path);
    struct ad_http *http = client_to(url, NULL);
    assert_ok(get(http, "/hello", &buf, &err));
    assert_str_view_equal(ad_buf_as_str(&buf), "hello");
    ad_buf_fini(&buf);
    ad_http_destroy(http);
    fake_stop(&fake);
}

/* ---- uploads ---- */

struct upload {
    size_t at;
    size_t len;
    size_t fail_at;
    struct ad_buf reply;
};

static enum artdag_err give(void *payload, void *data, size_t cap, size_t *ret_len,
                            artdag_error *err)
{
    struct upload *up = payload;
    uint8_t *out = data;
    if (up->fail_at > 0 && up->at >= up->fail_at)
        return ad_error_set(err, ARTDAG_E_IO, "test", "the disk is broken");
    size_t len = up->len - up->at < cap ? up->len - up->at : cap;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)((up->at + i) % 251);
    up->at += len;
    *ret_len = len;
    return ARTDAG_OK;
}

static enum artdag_err take(void *payload, const void *data, size_t len, artdag_error *err)
{
    struct upload *up = payload;
    (void)err;
    return ad_buf_append(&up->reply, data, len);
}

static void restart(void *payload)
{
    struct upload *up = payload;
    up->at = 0;
    ad_buf_clear(&up->reply);
}

static void uploads_are_streamed_whole(void **state)
{
    artdag_error err = {0};
    struct fake fake;
    struct upload up = {.len = 5000000, .reply = AD_BUF_INIT(8 << 20)};
    (void)state;
    fake_start(&fake, behave, &fake);
    struct ad_http *http = client_to(fake.url, NULL);
    struct ad_http_call call = {.post = true,
                                .path = "/upload",
                                .total_ms = 10000,
                                .max_bytes = 8 << 20,
                                .body_header = "Content-Type: x/y",
                                .body = give,
                                .reply = take,
                                .restart = restart,
                                .payload = &up};
    assert_ok(ad_http_do(http, &call, NULL, &err));
    assert_int_equal(up.reply.len, up.len);
    for (size_t i = 0; i < up.len; i++) {
        if (up.reply.data[i] != i % 251)
            fail_msg("byte %zu is wrong", i);
    }
    up.fail_at = 100000;
    assert_fails(ARTDAG_E_IO, ad_http_do(http, &call, NULL, &err));
    assert_err_says("disk is broken");
    up.fail_at = 0;
    up.len = 0;
    assert_ok(ad_http_do(http, &call, NULL, &err));
    assert_int_equal(up.reply.len, 0);
    ad_buf_fini(&up.reply);
    ad_http_destroy(http);
    fake_stop(&fake);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(replies_arrive_over_one_kept_connection),
    cmocka_unit_test(requests_carry_credentials_and_nothing_a_browser_would),
    cmocka_unit_test(malformed_credentials_are_refused_and_not_repeated),
    cmocka_unit_test(every_way_to_fail_is_a_failure),
    cmocka_unit_test(hanging_and_stalling_servers_run_into_the_limits),
    cmocka_unit_test(a_cancelled_call_ends_soon),
    cmocka_unit_test(busy_servers_are_asked_again),
    cmocka_unit_test(a_server_that_is_gone_is_left_alone_for_a_while),
    ad_test_in_dir(unix_sockets_work),
    cmocka_unit_test(uploads_are_streamed_whole),
};
AD_TEST_MAIN(tests)
