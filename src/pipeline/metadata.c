/* SPDX-License-Identifier: MIT
 *
 * What an input is, made once per CID and cluster key; and the ids under which analyses are kept.
 */
#include "analysis/analysis.h"
#include "pipeline/analyze.h"

#define ROOM "pipeline"
#define METADATA_REVISION 1
#define INDEX_BYTES_MAX ((size_t)512 << 20)

int ad_feature_revision(enum ad_feature feature)
{
    static const struct {
        unsigned features;
        int revision;
    } table[] = {{AD_FEATURES_AUDIO, AD_ANALYSIS_AUDIO_REVISION},
                 {AD_FEATURES_VIDEO, AD_ANALYSIS_VIDEO_REVISION}};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].features & AD_FEATURE_BIT(feature))
            return table[i].revision;
    return METADATA_REVISION;
}

/* What enters the id beside the CID: the feature, the settings it depends on, the algorithm's revision, and the
 * toolchain, since demuxers and decoders of different versions may read a file differently. */
enum artdag_err ad_feature_id(struct ad_site *site, const struct ad_cid *cid,
                              enum ad_feature feature,
                              const struct ad_feature_settings *settings, struct ad_id *ret,
                              artdag_error *err)
{
    struct ad_buf what = AD_BUF_INIT(8192);
    const char *toolchain = NULL;
    struct ad_json_writer w;
    struct ad_hash32 hash;
    enum artdag_err rc = ad_exec_toolchain(site->exec, &toolchain, err);
    if (rc != ARTDAG_OK)
        return rc;
    ad_jw_init(&w, &what);
    ad_jw_map_begin(&w);
    ad_jw_key(&w, "feature");
    ad_jw_cstr(&w, ad_feature_name(feature));
    ad_jw_key(&w, "parameters");
    ad_feature_settings_write(settings, AD_FEATURE_BIT(feature), &w);
    ad_jw_key(&w, "revision");
    ad_jw_int(&w, ad_feature_revision(feature));
    ad_jw_key(&w, "toolchain");
    ad_jw_cstr(&w, toolchain);
    ad_jw_map_end(&w);
    rc = ad_buf_status(&what) == ARTDAG_OK ? ARTDAG_OK : ad_error_nomem(err, ROOM);
    if (rc == ARTDAG_OK)
        rc = ad_analysis_id(ad_site_key(site), cid, ad_buf_as_str(&what), &hash, err);
    if (rc == ARTDAG_OK)
        *ret = ad_id_of(&hash);
    ad_buf_fini(&what);
    return rc;
}

/* Probes an input, and keeps the frame index that comes with it. */
static enum artdag_err probe(struct ad_site *site, const struct ad_cid *cid, struct ad_buf *buf,
                             artdag_error *err)
{
    struct ad_buf index = AD_BUF_INIT(INDEX_BYTES_MAX);
    struct ad_id id;
    struct ad_cid kept;
    enum artdag_err rc = ad_exec_probe(site->exec, cid, buf, &index, err);
    if (rc == ARTDAG_OK && index.len)
        rc = ad_exec_index_id(site->exec, cid, &id, err);
    if (rc == ARTDAG_OK && index.len)
        rc = ad_site_keep(site, AD_STATE_ANALYSIS, &id, &index, &kept, err);
    ad_buf_fini(&index);
    return rc;
}

enum artdag_err ad_metadata(struct ad_site *site, const struct ad_cid *cid, struct ad_buf *buf,
                            struct ad_cid *ret_metadata, artdag_error *err)
{
    struct ad_feature_settings settings;
    struct ad_id id;
    struct ad_cid metadata;
    ad_feature_settings_init(&settings);
    enum artdag_err rc = ad_feature_id(site, cid, AD_FEATURE_METADATA, &settings, &id, err);
    if (rc == ARTDAG_OK)
        rc = ad_site_find(site, AD_STATE_ANALYSIS, &id, &metadata, err);
    if (rc == ARTDAG_OK) {
        rc = ad_store_read(site->store, &metadata, AD_METADATA_BYTES_MAX, buf, err);
    } else if (rc == ARTDAG_E_NOTFOUND) {
        rc = probe(site, cid, buf, err);
        if (rc == ARTDAG_OK)
            rc = ad_site_keep(site, AD_STATE_ANALYSIS, &id, buf, &metadata, err);
    }
    if (rc == ARTDAG_OK)
        *ret_metadata = metadata;
    return rc;
}
