/* SPDX-License-Identifier: MIT
 *
 * Private to room pipeline: what a site is made of.
 */
#ifndef AD_PIPELINE_SITE_H
#define AD_PIPELINE_SITE_H

#include "pipeline/pipeline.h"

struct ad_site {
    struct ad_store *store;
    struct ad_state *state;
    struct ad_stat_cache *stats;
    struct ad_exec *exec;
    struct ad_lease *lease; /* what this process needs stays while the site is open */
    char *cluster_key;      /* secret: wiped on close, never logged */
    size_t cluster_key_len;
    unsigned jobs; /* 0 = cores */
    char *font;    /* NULL = looked for */
    bool rehash;
    const artdag_log *log;
};

static inline struct ad_str ad_site_key(const struct ad_site *site)
{
    return (struct ad_str){site->cluster_key, site->cluster_key_len};
}

/* The two 32-byte ids have one layout; state does not know plan's type. */
static inline struct ad_id ad_id_of(const struct ad_hash32 *hash)
{
    struct ad_id id;
    for (size_t i = 0; i < sizeof(id.bytes); i++)
        id.bytes[i] = hash->bytes[i];
    return id;
}

/* Looks id up and trusts the answer only when the bytes can be had: an entry whose DAG is not
 * complete is forgotten and reported as NOTFOUND. A found CID is held by the site's lease. */
enum artdag_err ad_site_find(struct ad_site *site, enum ad_state_map map,
                             const struct ad_id *id, struct ad_cid *ret, artdag_error *err);

/* Stores a document and enters it under id. The CID of the bytes just made is returned even when
 * the state already held another. */
enum artdag_err ad_site_keep(struct ad_site *site, enum ad_state_map map,
                             const struct ad_id *id, const struct ad_buf *doc,
                             struct ad_cid *ret, artdag_error *err);

/* Estimates a lowering by what was learned and fills in what decision says of the future. With cids (per step) units are
 * looked up too; *ret_known, per task, is then the caller's. */
enum artdag_err ad_site_forecast(struct ad_site *site, const struct ad_plan *plan,
                                 struct ad_lowering *lowering, char **cids, bool **ret_known,
                                 struct ad_decision *decision, artdag_error *err);

/* Reads a path or a stored CID whole (at most max bytes) into buf; *ret_cid is not set for a
 * path. */
enum artdag_err ad_site_load(struct ad_site *site, const char *path_or_cid, size_t max,
                             struct ad_buf *buf, struct ad_cid *ret_cid, artdag_error *err);

/* What is known of the inputs of one planning, in its arena. */
struct ad_input_docs {
    struct ad_site *site;
    struct ad_arena *arena;
    const struct ad_recipe *recipe;
    struct ad_plan_input *inputs; /* features is filled in */
    size_t input_count;
};
/* asked[input] gets the features that the recipe asks of it, as bits. */
enum artdag_err ad_ask_features(const struct ad_input_docs *docs,
                                const struct ad_plan_request *request, unsigned *asked,
                                artdag_error *err);
/* Takes the analyses that were given, and finds the features that the recipe asks of the other inputs. */
enum artdag_err ad_gather_documents(const struct ad_input_docs *docs,
                                    const struct ad_plan_request *request, artdag_error *err);

#endif
