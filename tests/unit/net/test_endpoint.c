/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "net/net.h"

static void addresses_become_urls(void **state)
{
    artdag_error err = {0};
    static const struct {
        const char *text, *url, *socket;
    } cases[] = {
        {"http://127.0.0.1:5001", "http://127.0.0.1:5001", NULL},
        {"http://127.0.0.1:5001/", "http://127.0.0.1:5001", NULL},
        {"https://ipfs.example/pre/fix//", "https://ipfs.example/pre/fix", NULL},
        {"http://[::1]:5001", "http://[::1]:5001", NULL},
        {"/ip4/127.0.0.1/tcp/5001", "http://127.0.0.1:5001", NULL},
        {"/ip4/127.0.0.1/tcp/5001\n", "http://127.0.0.1:5001", NULL},
        {"/ip4/10.0.0.1/tcp/80/http", "http://10.0.0.1:80", NULL},
        {"/ip6/::1/tcp/5001", "http://[::1]:5001", NULL},
        {"/dns4/node.example/tcp/443/https", "https://node.example:443", NULL},
        {"/dns/node.example/tcp/443/tls/http", "https://node.example:443", NULL},
        {"/unix/run/ipfs.sock", "http://localhost", "/run/ipfs.sock"},
        {"unix:/run/ipfs.sock", "http://localhost", "/run/ipfs.sock"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ad_endpoint endpoint = {0};
        assert_ok(ad_endpoint_parse(ad_str_from(cases[i].text), &endpoint, &err));
        assert_string_equal(endpoint.url, cases[i].url);
        if (cases[i].socket != NULL)
            assert_string_equal(endpoint.socket, cases[i].socket);
        else
            assert_null(endpoint.socket);
        ad_endpoint_fini(&endpoint);
    }
}

static void other_addresses_are_refused(void **state)
{
    artdag_error err = {0};
    static const char *const bad[] = {
        "",
        "/",
        "ftp://x",
        "localhost:5001",
        "http://",
        "http://:80",
        "http://h:0",
        "http://h:65536",
        "http://h:80x",
        "http://[::1",
        "http://[gg]:1",
        "http://h/a b",
        "http://h/a?b",
        "http://h/#x",
        "http://a b",
        "http://h\r\nX: y",
        "/ip4/1.2.3.4/udp/1",
        "/ip4/1.2.3.4/tcp",
        "/ip4/1.2.3.4/tcp/5001/ws",
        "/ip9/x/tcp/1",
        "/unix/",
        "unix:x",
        "/ip6/x]:1/tcp/5",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct ad_endpoint endpoint = {0};
        assert_fails(ARTDAG_E_INVAL, ad_endpoint_parse(ad_str_from(bad[i]), &endpoint, &err));
        assert_null(endpoint.url);
    }
    char longest[4000];
    memset(longest, 'a', sizeof(longest));
    memcpy(longest, "http://", 7);
    struct ad_endpoint endpoint = {0};
    struct ad_str text = {longest, sizeof(longest)};
    assert_fails(ARTDAG_E_INVAL, ad_endpoint_parse(text, &endpoint, &err));
}

static void credentials_in_an_address_are_refused_and_not_repeated(void **state)
{
    artdag_error err = {0};
    struct ad_endpoint endpoint = {0};
    struct ad_str text = AD_STR_LIT("http://user:hunter2@127.0.0.1:5001");
    (void)state;
    assert_fails(ARTDAG_E_INVAL, ad_endpoint_parse(text, &endpoint, &err));
    assert_err_says("credentials");
    assert_null(strstr(err.message, "hunter2"));
    assert_null(strstr(err.hint, "hunter2"));
}

static void values_are_escaped_for_queries(void **state)
{
    struct ad_buf buf = AD_BUF_INIT(100);
    (void)state;
    ad_url_escape(&buf, AD_STR_LIT("a/b&c=d e%\n\xc3\xa9~-._Z9"));
    assert_str_view_equal(ad_buf_as_str(&buf), "a%2Fb%26c%3Dd%20e%25%0A%C3%A9~-._Z9");
    ad_buf_fini(&buf);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(addresses_become_urls),
    cmocka_unit_test(other_addresses_are_refused),
    cmocka_unit_test(credentials_in_an_address_are_refused_and_not_repeated),
    cmocka_unit_test(values_are_escaped_for_queries),
};
AD_TEST_MAIN(tests)
