/* SPDX-License-Identifier: MIT
 *
 * In place of http.c in a build without libcurl.
 */
#include "net/net.h"

static enum artdag_err refuse(artdag_error *err)
{
    enum artdag_err code = ad_error_set(err, ARTDAG_E_UNSUPPORTED, "net",
                                        "this artdag was built without a network client");
    ad_error_hint(
        err,
        "install libcurl's development files (7.88 or newer) and build with -Dnet=enabled");
    return code;
}

enum artdag_err ad_http_create(const struct ad_http_params *params, struct ad_http **ret,
                               artdag_error *err)
{
    (void)params;
    (void)ret;
    return refuse(err);
}

void ad_http_destroy(struct ad_http *http)
{
    (void)http;
}

const char *ad_http_url(const struct ad_http *http)
{
    (void)http;
    return "";
}

enum artdag_err ad_http_do(struct ad_http *http, const struct ad_http_call *call,
                           struct ad_http_answer *ret, artdag_error *err)
{
    (void)http;
    (void)call;
    (void)ret;
    return refuse(err);
}

enum artdag_err ad_http_fetch(struct ad_http *http, const struct ad_http_call *call,
                              struct ad_buf *buf, struct ad_http_answer *ret, artdag_error *err)
{
    (void)http;
    (void)call;
    (void)buf;
    (void)ret;
    return refuse(err);
}
