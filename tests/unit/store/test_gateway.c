/* SPDX-License-Identifier: MIT
 *
 * Reading from gateways, one of which may hang, lie, be busy or send us elsewhere.
 */
#include "ad_test_cid.h"
#include "ad_test_http.h"
#include "store/store.h"

#define HELLO "hello world\n"
#define HELLO_CID "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4"
#define HELLO_PATH " /ipfs/" HELLO_CID "?format=raw HTTP/1.1"

enum behaviour {
    GOOD,
    EMPTY,
    LIES,
    REDIRECTS,
    BUSY,
    CUT
};

struct gateway {
    struct fake http;
    enum behaviour behaviour;
};

static bool answer(void *payload, const struct fake_request *request, int fd)
{
    const struct gateway *g = payload;
    if (!fake_is(request, HELLO_PATH) ||
        !fake_is(request, "Accept: application/vnd.ipld.raw") || g->behaviour == EMPTY) {
        fake_reply(fd, "404 Not Found", "text/plain", "", 0);
        return true;
    }
    if (g->behaviour == LIES)
        fake_reply(fd, "200 OK", "application/vnd.ipld.raw", "Hello world\n", 12);
    else if (g->behaviour == REDIRECTS)
        fake_text(fd, "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: "
                      "0\r\n\r\n");
    else if (g->behaviour == BUSY)
        fake_reply(fd, "429 Too Many Requests", "text/plain", "later", 5);
    else if (g->behaviour == CUT)
        fake_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello");
    else if (fake_is(request, "HEAD "))
        fake_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n");
    else
        fake_reply(fd, "200 OK", "application/vnd.ipld.raw", HELLO, 12);
    return g->behaviour != CUT;
}

static struct ad_store *open_two(struct gateway *first, struct gateway *second)
{
    artdag_error err = {0};
    struct ad_store *store = NULL;
    char url[256];
    fake_start(&first->http, answer, first);
    fake_start(&second->http, answer, second);
    (void)snprintf(url, sizeof(url), "gateway:%s,%s/", first->http.url, second->http.url);
    assert_ok(ad_store_open(url, NULL, &store, &err));
    return store;
}

static void one_good_gateway_is_enough(void **state)
{
    static const enum behaviour first[] = {GOOD, EMPTY, LIES, REDIRECTS, BUSY, CUT};
    artdag_error err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        struct gateway a = {.behaviour = first[i]};
        struct gateway b = {.behaviour = GOOD};
        struct ad_store *store = open_two(&a, &b);
        struct ad_buf buf = AD_BUF_INIT(100);
        struct ad_cid cid = ad_test_cid(HELLO_CID);
        assert_ok(ad_store_get(store, &cid, &buf, &err));
        assert_str_view_equal(ad_buf_as_str(&buf), HELLO);
        ad_buf_fini(&buf);
        ad_store_close(store);
        fake_stop(&a.http);
        fake_stop(&b.http);
    }
}

static void trouble_is_told_apart_from_absence(void **state)
{
    static const struct {
        enum behaviour behaviour;
        enum artdag_err code;
    } cases[] = {{EMPTY, ARTDAG_E_NOTFOUND},
                 {LIES, ARTDAG_E_CORRUPT},
                 {REDIRECTS, ARTDAG_E_REMOTE},
                 {BUSY, ARTDAG_E_REMOTE},
                 {CUT, ARTDAG_E_NET}};
    artdag_error err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct gateway a = {.behaviour = EMPTY};
        struct gateway b = {.behaviour = cases[i].behaviour};
        struct ad_store *store = open_two(&a, &b);
        struct ad_buf buf = AD_BUF_INIT(100);
        struct ad_cid cid = ad_test_cid(HELLO_CID);
        assert_fails(cases[i].code, ad_store_get(store, &cid, &buf, &err));
        assert_int_equal(buf.len, 0);
        assert_string_equal(err.cid, HELLO_CID);
        ad_buf_fini(&buf);
        ad_store_close(store);
        fake_stop(&a.http);
        fake_stop(&b.http);
    }
}

static void presence_is_asked_for_without_the_bytes(void **state)
{
    artdag_error err = {0};
    struct gateway a = {.behaviour = EMPTY};
    struct gateway b = {.behaviour = GOOD};
    struct ad_store *store = open_two(&a, &b);
    struct ad_cid cid = ad_test_cid(HELLO_CID);
    struct ad_dag_stat stat = {0};
    bool has = false;
    (void)state;
    assert_ok(ad_store_has(store, &cid, &has, &err));
    assert_true(has);
    assert_ok(ad_store_stat(store, &cid, &stat, &err));
    assert_int_equal(stat.dag_bytes, 12);
    cid = ad_test_cid("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
    assert_ok(ad_store_has(store, &cid, &has, &err));
    assert_false(has);
    ad_store_close(store);
    fake_stop(&a.http);
    fake_stop(&b.http);
}

static void gateways_cannot_be_written_to(void **state)
{
    artdag_error err = {0};
    struct gateway a = {.behaviour = GOOD};
    struct gateway b = {.behaviour = GOOD};
    struct ad_store *store = open_two(&a, &b);
    struct ad_cid cid = ad_test_cid(HELLO_CID);
    (void)state;
    assert_fails(ARTDAG_E_UNSUPPORTED, ad_store_put(store, &cid, HELLO, 12, &err));
    assert_fails(ARTDAG_E_UNSUPPORTED, ad_store_add_bytes(store, HELLO, 12, &cid, &err));
    assert_fails(ARTDAG_E_UNSUPPORTED, ad_store_pin(store, &cid, "x", &err));
    assert_fails(ARTDAG_E_UNSUPPORTED, ad_store_gc(store, NULL, NULL, &err));
    ad_store_close(store);
    fake_stop(&a.http);
    fake_stop(&b.http);
    assert_fails(ARTDAG_E_INVAL, ad_store_open("gateway:", NULL, &store, &err));
    assert_fails(ARTDAG_E_INVAL, ad_store_open("gateway:https://a,,", NULL, &store, &err));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(one_good_gateway_is_enough),
    cmocka_unit_test(trouble_is_told_apart_from_absence),
    cmocka_unit_test(presence_is_asked_for_without_the_bytes),
    cmocka_unit_test(gateways_cannot_be_written_to),
};
AD_TEST_MAIN(tests)
