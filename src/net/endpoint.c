/* SPDX-License-Identifier: MIT
 *
 * Addresses of servers: URLs, multiaddrs and Unix sockets, all made into a URL.
 */
#include <string.h>

#include "net/net.h"

#define ROOM "net"
#define ADDRESS_MAX 1024
#define SOCKET_MAX 107 /* sun_path */

void ad_endpoint_fini(struct ad_endpoint *endpoint)
{
    if (endpoint == NULL)
        return;
    free(endpoint->url);
    free(endpoint->socket);
    *endpoint = (struct ad_endpoint){0};
}

static enum artdag_err refuse(const char *why, artdag_error *err)
{
    enum artdag_err code = ad_error_set(err, ARTDAG_E_INVAL, ROOM, "bad address: %s", why);
    ad_error_hint(err, "like http://127.0.0.1:5001, /ip4/127.0.0.1/tcp/5001 or unix:/PATH");
    return code;
}

static enum artdag_err finish(struct ad_buf *url, const struct ad_str *socket,
                              struct ad_endpoint *ret, artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(ADDRESS_MAX);
    struct ad_endpoint made = {0};
    made.url = ad_buf_take(url, NULL);
    if (socket != NULL && ad_buf_view(&path, *socket) == ARTDAG_OK)
        made.socket = ad_buf_take(&path, NULL);
    ad_buf_fini(&path);
    if (made.url == NULL || (socket != NULL && made.socket == NULL)) {
        ad_endpoint_fini(&made);
        return ad_error_nomem(err, ROOM);
    }
    *ret = made;
    return ARTDAG_OK;
}

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '.' || c == '-' || c == '_';
}

static bool is_host(struct ad_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_host_char(s.ptr[i]))
            return false;
    }
    return s.len > 0 && s.len <= 253;
}

static bool is_ip6(struct ad_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (strchr("0123456789abcdefABCDEF:.", s.ptr[i]) == NULL || s.ptr[i] == '\0')
            return false;
    }
    return s.len > 1 && s.len < 46;
}

static bool is_port(struct ad_str s)
{
    uint64_t port = 0;
    return ad_str_to_u64(s, &port) && port > 0 && port < 65536;
}

/* Cuts `text` at the first `end`; the rest begins with it. */
static struct ad_str cut(struct ad_str *text, char end)
{
    const char *at = text->len > 0 ? memchr(text->ptr, end, text->len) : NULL;
    size_t len = at != NULL ? (size_t)(at - text->ptr) : text->len;
    struct ad_str head = ad_str_slice(*text, 0, len);
    *text = ad_str_slice(*text, len, text->len);
    return head;
}

static struct ad_str next_part(struct ad_str *text)
{
    *text = ad_str_slice(*text, 1, text->len);
    return cut(text, '/');
}

/* ---- URLs ---- */

static bool host_and_port_are_fine(struct ad_str authority)
{
    struct ad_str rest = authority;
    if (ad_str_starts(authority, "[")) {
        struct ad_str host = cut(&rest, ']');
        if (!is_ip6(ad_str_slice(host, 1, host.len)) || rest.len == 0)
            return false;
        rest = ad_str_slice(rest, 1, rest.len);
    } else if (!is_host(cut(&rest, ':'))) {
        return false;
    }
    return rest.len == 0 || (rest.ptr[0] == ':' && is_port(ad_str_slice(rest, 1, rest.len)));
}

static bool prefix_is_fine(struct ad_str path)
{
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        if (c <= ' ' || c >= 0x7f || strchr("?#\"<>\\^`{|}@", c) != NULL)
            return false;
    }
    return true;
}

static enum artdag_err parse_url(struct ad_str text, struct ad_endpoint *ret, artdag_error *err)
{
    struct ad_buf url = AD_BUF_INIT(ADDRESS_MAX);
    struct ad_str rest = text;
    size_t scheme = ad_str_starts(text, "https://") ? 8 : 7;
    rest = ad_str_slice(rest, scheme, rest.len);
    if (rest.len > 0 && memchr(rest.ptr, '@', rest.len) != NULL)
        return refuse("credentials do not belong in an address, where others can see them",
                      err);
    struct ad_str authority = cut(&rest, '/');
    while (rest.len > 0 && rest.ptr[rest.len - 1] == '/')
        rest.len--;
    if (!host_and_port_are_fine(authority) || !prefix_is_fine(rest))
        return refuse("not a URL of host, port and path", err);
    (void)ad_buf_view(&url, ad_str_slice(text, 0, scheme));
    (void)ad_buf_view(&url, authority);
    (void)ad_buf_view(&url, rest);
    enum artdag_err code = finish(&url, NULL, ret, err);
    ad_buf_fini(&url);
    return code;
}

/* ---- sockets and multiaddrs ---- */

static enum artdag_err parse_socket(struct ad_str path, struct ad_endpoint *ret,
                                    artdag_error *err)
{
    struct ad_buf url = AD_BUF_INIT(64);
    if (path.len < 2 || path.ptr[0] != '/' || path.len > SOCKET_MAX ||
        memchr(path.ptr, '\0', path.len) != NULL)
        return refuse("the path of a socket is absolute and has at most 107 bytes", err);
    (void)ad_buf_str(&url, "http://localhost");
    enum artdag_err code = finish(&url, &path, ret, err);
    ad_buf_fini(&url);
    return code;
}

/* What may follow the port; false = something else. */
static bool parse_security(struct ad_str rest, bool *ret_tls)
{
    *ret_tls = ad_str_is(rest, "/https") || ad_str_is(rest, "/tls/http");
    return *ret_tls || rest.len == 0 || ad_str_is(rest, "/http");
}

static enum artdag_err parse_multiaddr(struct ad_str text, struct ad_endpoint *ret,
                                       artdag_error *err)
{
    struct ad_buf url = AD_BUF_INIT(ADDRESS_MAX);
    struct ad_str rest = text;
    bool tls = false;
    if (ad_str_starts(text, "/unix/"))
        return parse_socket(ad_str_slice(text, 5, text.len), ret, err);
    struct ad_str kind = next_part(&rest);
    struct ad_str host = next_part(&rest);
    bool ip6 = ad_str_is(kind, "ip6");
    bool known = ip6 || ad_str_is(kind, "ip4") || ad_str_is(kind, "dns") ||
                 ad_str_is(kind, "dns4") || ad_str_is(kind, "dns6");
    struct ad_str tcp = next_part(&rest);
    struct ad_str port = next_part(&rest);
    if (!known || !(ip6 ? is_ip6(host) : is_host(host)) || !ad_str_is(tcp, "tcp") ||
        !is_port(port) || !parse_security(rest, &tls))
        return refuse("not a multiaddr of an HTTP server", err);
    (void)ad_buf_printf(&url, ip6 ? "http%s://[%.*s]:%.*s" : "http%s://%.*s:%.*s",
                        tls ? "s" : "", AD_STR_ARG(host), AD_STR_ARG(port));
    enum artdag_err code = finish(&url, NULL, ret, err);
    ad_buf_fini(&url);
    return code;
}

enum artdag_err ad_endpoint_parse(struct ad_str text, struct ad_endpoint *ret,
                                  artdag_error *err)
{
    while (text.len > 0 && strchr("\n\r\t ", text.ptr[text.len - 1]) != NULL)
        text.len--; /* the file `api` of a node may end in a newline */
    if (text.len > ADDRESS_MAX - 16)
        return refuse("too long", err);
    if (ad_str_starts(text, "http://") || ad_str_starts(text, "https://"))
        return parse_url(text, ret, err);
    if (ad_str_starts(text, "unix:"))
        return parse_socket(ad_str_slice(text, 5, text.len), ret, err);
    if (ad_str_starts(text, "/"))
        return parse_multiaddr(text, ret, err);
    return refuse("neither URL nor multiaddr", err);
}

void ad_url_escape(struct ad_buf *buf, struct ad_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain)
            (void)ad_buf_byte(buf, c);
        else
            (void)ad_buf_printf(buf, "%%%02X", c);
    }
}
