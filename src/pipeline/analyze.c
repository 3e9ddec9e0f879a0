/* SPDX-License-Identifier: MIT
 *
 * analyze: what an input is, made once per CID and cluster key.
 */
#include "pipeline/site.h"

#define ROOM "pipeline"
#define ANALYSIS_BYTES_MAX ((size_t)16 << 20)

/* What enters the analysis id beside the CID: features, their parameters, the algorithm's revision. The
 * toolchain is part of it, since demuxers of different versions may read a file differently. */
static enum artdag_err features(struct ad_site *site, struct ad_buf *buf, artdag_error *err)
{
    const char *toolchain = NULL;
    struct ad_json_writer w;
    enum artdag_err rc = ad_exec_toolchain(site->exec, &toolchain, err);
    if (rc != ARTDAG_OK)
        return rc;
    ad_jw_init(&w, buf);
    ad_jw_map_begin(&w);
    ad_jw_key(&w, "features");
    ad_jw_list_begin(&w);
    ad_jw_cstr(&w, "metadata");
    ad_jw_list_end(&w);
    ad_jw_key(&w, "revision");
    ad_jw_int(&w, 1);
    ad_jw_key(&w, "toolchain");
    ad_jw_cstr(&w, toolchain);
    ad_jw_map_end(&w);
    return ad_buf_status(buf) == ARTDAG_OK ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

enum artdag_err ad_analyze(struct ad_site *site, const struct ad_cid *cid, struct ad_buf *buf,
                           struct ad_cid *ret_analysis, artdag_error *err)
{
    struct ad_buf what = AD_BUF_INIT(4096);
    struct ad_hash32 hash;
    struct ad_cid analysis;
    enum artdag_err rc = features(site, &what, err);
    if (rc == ARTDAG_OK)
        rc = ad_analysis_id(ad_site_key(site), cid, ad_buf_as_str(&what), &hash, err);
    if (rc != ARTDAG_OK)
        goto out;
    struct ad_id id = ad_id_of(&hash);
    rc = ad_site_find(site, AD_STATE_ANALYSIS, &id, &analysis, err);
    if (rc == ARTDAG_OK) {
        rc = ad_store_read(site->store, &analysis, ANALYSIS_BYTES_MAX, buf, err);
    } else if (rc == ARTDAG_E_NOTFOUND) {
        rc = ad_exec_probe(site->exec, cid, buf, err);
        if (rc == ARTDAG_OK)
            rc = ad_site_keep(site, AD_STATE_ANALYSIS, &id, buf, &analysis, err);
    }
    if (rc == ARTDAG_OK)
        *ret_analysis = analysis;
out:
    ad_buf_fini(&what);
    return rc;
}
