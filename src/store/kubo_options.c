/* SPDX-License-Identifier: MIT */
#include "store/kubo_options.h"

#include <stdlib.h>
#include <string.h>

#define API_DEFAULT "/ip4/127.0.0.1/tcp/5001"
#define CACHE_BYTES_DEFAULT (UINT64_C(4) << 30)
#define AUTH_MAX 8192

static const char *const names[] = {"auth-file", "cache", "cache-bytes", "call-ms", "find-ms",
                                    "gateway",   "read",  "spool",       NULL};

void ad_kubo_options_fini(struct ad_kubo_options *o)
{
    ad_endpoint_fini(&o->endpoint);
    ad_buf_fini(&o->auth);
    ad_gateways_fini(&o->gateways);
    ad_gateways_fini(&o->reader);
    free(o->cache);
    free(o->spool);
}

/* ---- the address ---- */

static enum artdag_err local_address(struct ad_buf *text, artdag_error *err)
{
    const char *home = getenv("HOME");
    const char *folder = getenv("IPFS_PATH");
    struct ad_buf path = AD_BUF_INIT(8192);
    enum artdag_err code = ARTDAG_E_NOTFOUND;
    if (folder != NULL && folder[0] != '\0')
        (void)ad_buf_printf(&path, "%s/api", folder);
    else if (home != NULL)
        (void)ad_buf_printf(&path, "%s/.ipfs/api", home);
    if (path.len > 0 && ad_buf_status(&path) == ARTDAG_OK)
        code = ad_fs_read_file((const char *)path.data, 1024, text, ROOM, err);
    ad_buf_fini(&path);
    if (code == ARTDAG_E_NOTFOUND) { /* no node has ever run here, or it has another folder */
        ad_buf_clear(text);
        code =
            ad_buf_str(text, API_DEFAULT) == ARTDAG_OK ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    }
    return code;
}

static enum artdag_err parse_address(struct ad_str text, struct ad_endpoint *ret,
                                     artdag_error *err)
{
    struct ad_buf local = AD_BUF_INIT(1024);
    enum artdag_err code = ARTDAG_OK;
    if (text.len == 0) {
        code = local_address(&local, err);
        text = ad_buf_as_str(&local);
    }
    if (code == ARTDAG_OK)
        code = ad_endpoint_parse(text, ret, err);
    ad_buf_fini(&local);
    return code;
}

/* ---- the options ---- */

static enum artdag_err take_text(struct ad_str value, char **ret, artdag_error *err)
{
    struct ad_buf text = AD_BUF_INIT(8192);
    (void)ad_buf_view(&text, value);
    free(*ret);
    *ret = value.len > 0 ? ad_buf_take(&text, NULL) : NULL;
    ad_buf_fini(&text);
    return *ret != NULL ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

/* Digits and an optional K, M, G or T (powers of 1024). */
static enum artdag_err take_number(struct ad_str name, struct ad_str value, uint64_t *ret,
                                   artdag_error *err)
{
    static const char units[] = "KMGT";
    const char *unit =
        value.len > 1 ? memchr(units, value.ptr[value.len - 1], sizeof(units) - 1) : NULL;
    unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
    uint64_t n = 0;
    struct ad_str digits = unit != NULL ? ad_str_slice(value, 0, value.len - 1) : value;
    if (!ad_str_to_u64(digits, &n) || n == 0 || n > (UINT64_C(1) << 48) >> shift)
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM,
                            "%.*s in a kubo store's URL is a number above 0", AD_STR_ARG(name));
    *ret = n << shift;
    return ARTDAG_OK;
}

static enum artdag_err read_auth(struct ad_str path, struct ad_kubo_options *o,
                                 artdag_error *err)
{
    char *text = NULL;
    enum artdag_err code = take_text(path, &text, err);
    if (code == ARTDAG_OK)
        code = ad_fs_read_file(text, AUTH_MAX, &o->auth, ROOM, err);
    free(text);
    return code;
}

static enum artdag_err take_option(struct ad_str name, struct ad_str value,
                                   struct ad_kubo_options *o, artdag_error *err)
{
    if (value.len == 0)
        return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "option %.*s has no value",
                            (int)(name.len < 60 ? name.len : 60), name.ptr);
    if (ad_str_is(name, "auth-file"))
        return read_auth(value, o, err);
    if (ad_str_is(name, "cache"))
        return take_text(value, &o->cache, err);
    if (ad_str_is(name, "cache-bytes"))
        return take_number(name, value, &o->cache_bytes, err);
    if (ad_str_is(name, "call-ms"))
        return take_number(name, value, &o->call_ms, err);
    if (ad_str_is(name, "find-ms"))
        return take_number(name, value, &o->find_ms, err);
    if (ad_str_is(name, "gateway"))
        return ad_gateways_add(&o->gateways, value, err);
    if (ad_str_is(name, "read"))
        return ad_gateways_add(&o->reader, value, err);
    if (ad_str_is(name, "spool"))
        return take_text(value, &o->spool, err);
    const char *near = ad_str_nearest(name, names);
    enum artdag_err code =
        ad_error_set(err, ARTDAG_E_INVAL, ROOM, "a kubo store has no option %.*s",
                     (int)(name.len < 60 ? name.len : 60), name.ptr);
    if (near != NULL)
        ad_error_hint(err, "did you mean %s?", near);
    return code;
}

static enum artdag_err parse_options(const char *at, struct ad_kubo_options *o,
                                     artdag_error *err)
{
    enum artdag_err code = ARTDAG_OK;
    while (*at != '\0' && code == ARTDAG_OK) {
        size_t len = strcspn(at, "&");
        struct ad_str name = {at, strcspn(at, "=&")};
        struct ad_str value = ad_str_slice((struct ad_str){at, len}, name.len + 1, len);
        code = take_option(name, value, o, err);
        at += len + (at[len] == '&');
    }
    return code;
}

enum artdag_err ad_kubo_options_parse(const char *where, const artdag_log *log,
                                      struct ad_kubo_options *ret, artdag_error *err)
{
    struct ad_kubo_options o = {.auth = AD_BUF_INIT(AUTH_MAX),
                                .cache_bytes = CACHE_BYTES_DEFAULT};
    size_t len = strcspn(where, "?");
    const char *auth = getenv("ARTDAG_KUBO_AUTH");
    const char *tmp = getenv("TMPDIR");
    o.gateways.log = log;
    o.reader.log = log;
    enum artdag_err code = parse_address((struct ad_str){where, len}, &o.endpoint, err);
    if (code == ARTDAG_OK && where[len] == '?')
        code = parse_options(where + len + 1, &o, err);
    if (code == ARTDAG_OK && o.auth.len == 0 && auth != NULL &&
        ad_buf_str(&o.auth, auth) != ARTDAG_OK)
        code = ad_error_set(err, ARTDAG_E_INVAL, ROOM, "ARTDAG_KUBO_AUTH is too long");
    if (code == ARTDAG_OK && o.spool == NULL)
        code = take_text(ad_str_from(tmp != NULL && tmp[0] == '/' ? tmp : "/var/tmp"), &o.spool,
                         err);
    if (code == ARTDAG_OK)
        *ret = o;
    else
        ad_kubo_options_fini(&o);
    return code;
}
