/* SPDX-License-Identifier: MIT
 *
 * Private to room pipeline: the pieces of an analysis. A feature is the unit that is kept: each has an entry of its own
 * in the state, so that what was found once is found again whatever else is asked for with it.
 */
#ifndef AD_PIPELINE_ANALYZE_H
#define AD_PIPELINE_ANALYZE_H

#include "ops/ops.h"
#include "pipeline/site.h"

#define AD_METADATA_BYTES_MAX ((size_t)16 << 20)
#define AD_ANALYSIS_BYTES_MAX ((size_t)1 << 30)

int ad_feature_revision(enum ad_feature feature);
enum artdag_err ad_feature_id(struct ad_site *site, const struct ad_cid *cid,
                              enum ad_feature feature,
                              const struct ad_feature_settings *settings, struct ad_id *ret,
                              artdag_error *err);

/* One input on its way to its document. */
struct ad_subject {
    const struct ad_cid *cid;
    unsigned asked;
    unsigned found;      /* of asked, what stands in parts */
    struct ad_arena own; /* of what was read from the store */
    const struct ad_value *metadata;
    struct ad_source_info info;
    int64_t frames, samples; /* of its pictures and its sound */
    /* Per feature: a map whose members join "audio" or "video" */
    const struct ad_value *parts[AD_FEATURE_COUNT];
};

/* ---- document.c ---- */
/* Reads what metadata says into the subject. */
enum artdag_err ad_subject_read(struct ad_subject *subject, struct ad_str metadata,
                                artdag_error *err);
/* One part, as text of the store or of a job. */
enum artdag_err ad_part_parse(struct ad_arena *arena, struct ad_str json,
                              const struct ad_value **ret, artdag_error *err);
/* The CID in a part of a contact sheet; false when there is none. */
bool ad_sheet_cid(const struct ad_value *part, struct ad_cid *ret);
/* The part with the CID in it. NULL = no memory, or no such part. */
const struct ad_value *ad_sheet_with_cid(struct ad_arena *arena, const struct ad_value *part,
                                         const struct ad_cid *cid);
/* The document: metadata, parts, what was asked and how. Replaces buf's content. */
enum artdag_err ad_document_write(const struct ad_subject *subject,
                                  const struct ad_feature_settings *settings,
                                  struct ad_buf *buf, artdag_error *err);

#endif
