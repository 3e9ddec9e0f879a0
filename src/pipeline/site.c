/* SPDX-License-Identifier: MIT */
#include "pipeline/site.h"

#include <string.h>

#define ROOM "pipeline"

static void wipe(char *secret, size_t len)
{
    volatile char *p = secret;
    while (p && len--)
        *p++ = 0;
}

static enum artdag_err copy_key(struct ad_site *site, struct ad_str key, artdag_error *err)
{
    site->cluster_key = ad_alloc(key.len + 1);
    if (!site->cluster_key)
        return ad_error_nomem(err, ROOM);
    if (key.len)
        memcpy(site->cluster_key, key.ptr, key.len);
    site->cluster_key_len = key.len;
    return ARTDAG_OK;
}

static char *url_below(const char *scheme, const char *home, const char *name)
{
    struct ad_buf url = AD_BUF_INIT(8192);
    ad_buf_printf(&url, "%s:%s/%s", scheme, home, name);
    if (ad_buf_status(&url) == ARTDAG_OK)
        return ad_buf_take(&url, NULL);
    ad_buf_fini(&url);
    return NULL;
}

static enum artdag_err open_backends(struct ad_site *site, const struct ad_site_params *params,
                                     artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    char *store_url = url_below("fs", params->home, "store");
    char *state_url = url_below("sqlite", params->home, "state.db");
    char *stats = ad_fs_join(params->home, "stat-cache.db");
    if (!store_url || !state_url || !stats) {
        rc = ad_error_nomem(err, ROOM);
        goto out;
    }
    const char *url = params->store_url ? params->store_url : store_url;
    if ((rc = ad_store_open(url, params->log, &site->store, err)) != ARTDAG_OK)
        goto out;
    url = params->state_url ? params->state_url : state_url;
    /* Shared by many machines or not, receipts are this home's own. */
    if ((rc = ad_state_open_beside(url, state_url + strlen("sqlite:"), params->log,
                                   &site->state, err)) != ARTDAG_OK)
        goto out;
    if ((rc = ad_stat_cache_open(stats, &site->stats, err)) != ARTDAG_OK)
        goto out;
    rc = ad_lease_open(site->store, &site->lease, err);
out:
    free(store_url);
    free(state_url);
    free(stats);
    return rc;
}

static enum artdag_err open_engine(struct ad_site *site, const struct ad_site_params *params,
                                   artdag_error *err)
{
    struct ad_exec_params exec = {
        .store = site->store,
        .state = site->state,
        .media_program = params->media_program,
        .cache_folder = params->home,
        .cluster_key = ad_site_key(site),
        .jobs = params->jobs,
        .cpu_flags = params->cpu_flags,
        .log = params->log,
        .canceled = params->canceled,
        .cancel_payload = params->cancel_payload,
    };
    return ad_exec_open(&exec, &site->exec, err);
}

enum artdag_err ad_site_open(const struct ad_site_params *params, struct ad_site **ret,
                             artdag_error *err)
{
    struct ad_site *site = ad_alloc(sizeof(*site));
    if (!site)
        return ad_error_nomem(err, ROOM);
    site->rehash = params->rehash;
    site->jobs = params->jobs;
    site->log = params->log;
    enum artdag_err rc = copy_key(site, params->cluster_key, err);
    if (rc == ARTDAG_OK && params->font) {
        site->font = ad_strdup(params->font);
        rc = site->font ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    }
    if (rc == ARTDAG_OK)
        rc = ad_fs_mkdirs(params->home, ROOM, err);
    if (rc == ARTDAG_OK)
        rc = open_backends(site, params, err);
    if (rc == ARTDAG_OK)
        rc = open_engine(site, params, err);
    if (rc != ARTDAG_OK) {
        ad_site_close(site);
        return rc;
    }
    *ret = site;
    return ARTDAG_OK;
}

void ad_site_close(struct ad_site *site)
{
    if (!site)
        return;
    ad_exec_close(site->exec);
    ad_lease_close(site->lease);
    ad_stat_cache_close(site->stats);
    ad_state_close(site->state);
    ad_store_close(site->store);
    wipe(site->cluster_key, site->cluster_key_len);
    free(site->cluster_key);
    free(site->font);
    free(site);
}

struct ad_store *ad_site_store(struct ad_site *site)
{
    return site->store;
}

struct ad_state *ad_site_state(struct ad_site *site)
{
    return site->state;
}

struct ad_exec *ad_site_exec(struct ad_site *site)
{
    return site->exec;
}

enum artdag_err ad_site_find(struct ad_site *site, enum ad_state_map map,
                             const struct ad_id *id, struct ad_cid *ret, artdag_error *err)
{
    struct ad_cid cid;
    enum artdag_err rc = ad_state_get(site->state, map, id, &cid, err);
    if (rc != ARTDAG_OK)
        return rc;
    bool complete = false;
    rc = ad_lease_hold(site->lease, &cid, &complete, err);
    if (rc != ARTDAG_OK)
        return rc;
    if (!complete) {
        if (!ad_state_is_shared(site->state))
            rc = ad_state_forget(site->state, map, id, err);
        return rc != ARTDAG_OK ? rc
                               : ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM,
                                              "its bytes are not in the store");
    }
    *ret = cid;
    return ARTDAG_OK;
}

enum artdag_err ad_site_keep(struct ad_site *site, enum ad_state_map map,
                             const struct ad_id *id, const struct ad_buf *doc,
                             struct ad_cid *ret, artdag_error *err)
{
    struct ad_cid cid;
    bool complete = false;
    enum artdag_err rc = ad_store_add_bytes(site->store, doc->data, doc->len, &cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_lease_hold(site->lease, &cid, &complete, err);
    if (rc == ARTDAG_OK)
        rc = ad_state_set(site->state, map, id, &cid, NULL, err);
    if (rc == ARTDAG_OK)
        *ret = cid;
    return rc;
}

enum artdag_err ad_site_load(struct ad_site *site, const char *path_or_cid, size_t max,
                             struct ad_buf *buf, struct ad_cid *ret_cid, artdag_error *err)
{
    struct ad_cid cid = {0};
    enum artdag_err rc;
    /* A file of that name wins: a path can always be told from a CID by writing "./". */
    if (!ad_fs_exists(path_or_cid) && ad_cid_looks_like(ad_str_from(path_or_cid))) {
        rc = ad_cid_parse(ad_str_from(path_or_cid), &cid, err);
        if (rc == ARTDAG_OK)
            rc = ad_store_read(site->store, &cid, max, buf, err);
    } else {
        rc = ad_fs_read_file(path_or_cid, max, buf, ROOM, err);
    }
    if (rc == ARTDAG_OK)
        *ret_cid = cid;
    return rc;
}
