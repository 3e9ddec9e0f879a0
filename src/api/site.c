/* SPDX-License-Identifier: MIT
 *
 * Opening and closing a site, and the small helpers of this room.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "api/api.h"

#define ROOM "api"

#ifndef ARTDAG_VERSION_TEXT
#define ARTDAG_VERSION_TEXT "0.0.0"
#endif

const char *artdag_version(void)
{
    return ARTDAG_VERSION_TEXT;
}

void artdag_free(void *memory)
{
    free(memory);
}

enum artdag_err(ad_api_misuse)(artdag_error *err, const char *function, const char *what)
{
    return ad_error_set(err, ARTDAG_E_INVAL, ROOM, "%s: %s", function, what);
}

enum artdag_err ad_api_take(struct ad_buf *buf, char **ret, artdag_error *err)
{
    if (ad_buf_status(buf) != ARTDAG_OK) {
        ad_buf_fini(buf);
        return ad_error_nomem(err, ROOM);
    }
    char *text = ad_buf_take(buf, NULL);
    if (!text)
        return ad_error_nomem(err, ROOM);
    *ret = text;
    return ARTDAG_OK;
}

artdag_cid ad_api_cid(const struct ad_cid *cid)
{
    artdag_cid out = {{0}};
    _Static_assert(ARTDAG_CID_TEXT_BYTES >= AD_CID_TEXT_MAX, "text of any CID fits");
    if (ad_cid_is_set(cid))
        ad_cid_format(cid, out.text);
    return out;
}

enum artdag_err ad_api_parse_cid(const char *text, struct ad_cid *ret, artdag_error *err)
{
    if (!text)
        return ad_api_misuse(err, "artdag", "the CID is NULL");
    return ad_cid_parse(ad_str_from(text), ret, err);
}

enum artdag_err artdag_cid_parse(const char *text, artdag_cid *ret, artdag_error *err)
{
    struct ad_cid cid;
    if (!ret)
        return ad_api_misuse(err, __func__, "ret is NULL");
    enum artdag_err rc = ad_api_parse_cid(text, &cid, err);
    if (rc == ARTDAG_OK)
        *ret = ad_api_cid(&cid);
    return rc;
}

static bool is_canceled(void *payload)
{
    const artdag_site *site = payload;
    return site->canceled && site->canceled(site->cancel_payload);
}

enum artdag_err artdag_site_open(const artdag_site_params *params, artdag_site **ret,
                                 artdag_error *err)
{
    static const artdag_site_params defaults = ARTDAG_SITE_PARAMS_INIT;
    struct ad_settings settings = {0};
    if (!ret)
        return ad_api_misuse(err, __func__, "ret is NULL");
    if (!params)
        params = &defaults;
    if (params->size != sizeof(*params))
        return ad_api_misuse(err, __func__,
                             "params.size is not set by ARTDAG_SITE_PARAMS_INIT");
    artdag_site *site = ad_alloc(sizeof(*site));
    if (!site)
        return ad_error_nomem(err, ROOM);
    site->canceled = params->canceled;
    site->cancel_payload = params->cancel_payload;
    if (params->log)
        site->log = *params->log;
    enum artdag_err rc = ad_settings_resolve(params, &settings, err);
    if (rc == ARTDAG_OK) {
        struct ad_site_params inner = {
            .home = settings.home,
            .store_url = settings.store,
            .state_url = settings.state,
            .cluster_key = {settings.cluster_key, settings.cluster_key_len},
            .media_program = settings.media_program,
            .cpu_flags = settings.cpu_flags,
            .font = settings.font,
            .jobs = settings.jobs,
            .rehash = params->rehash != 0,
            .log = params->log ? &site->log : NULL,
            .canceled = is_canceled,
            .cancel_payload = site,
        };
        site->key_warning = ad_key_weakness(settings.cluster_key, settings.cluster_key_len);
        rc = ad_site_open(&inner, &site->inner, err);
    }
    ad_settings_fini(&settings);
    if (rc != ARTDAG_OK) {
        artdag_site_close(site);
        return rc;
    }
    *ret = site;
    return ARTDAG_OK;
}

void artdag_site_close(artdag_site *site)
{
    if (!site)
        return;
    ad_site_close(site->inner);
    free(site);
}

const char *artdag_site_key_warning(const artdag_site *site)
{
    return site ? site->key_warning : NULL;
}

enum artdag_err artdag_cluster_key_new(char out[ARTDAG_CLUSTER_KEY_BYTES], artdag_error *err)
{
    uint8_t random[32];
    if (!out)
        return ad_api_misuse(err, __func__, "out is NULL");
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return ad_error_errno(err, errno, ROOM, "no random numbers");
    ad_hex_format(random, sizeof(random), out);
    explicit_bzero(random, sizeof(random));
    return ARTDAG_OK;
}
