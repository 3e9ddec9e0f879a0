/* SPDX-License-Identifier: MIT
 *
 * The job that decodes one stream and pushes it through room analysis, and the pieces it is made of.
 */
#ifndef AD_MEDIA_STUDY_H
#define AD_MEDIA_STUDY_H

#include "analysis/analysis.h"
#include "media/compat.h"
#include "media/media.h"

/* Each decodes the study's stream once and appends a map from feature to its part of the analysis document. */
enum artdag_err ad_features_audio(struct ad_child *child, const struct ad_job *job,
                                  struct ad_buf *json, struct ad_done *ret, artdag_error *err);
enum artdag_err ad_features_video(struct ad_child *child, const struct ad_job *job,
                                  struct ad_buf *json, struct ad_done *ret, artdag_error *err);

/* ---- features_json.c: docs/formats/analysis.md says what is what ---- */
void ad_audio_features_write(struct ad_json_writer *w, const struct ad_audio_result *result,
                             unsigned features);
/* Either of result and sheet may be NULL. The sheet's CID is for the parent to add. */
struct ad_sheet;
void ad_video_features_write(struct ad_json_writer *w, const struct ad_video_result *result,
                             const struct ad_sheet *sheet, const struct ad_study *study);

/* ---- shrink.c: any picture as small 8-bit planes, by exact averages over areas ---- */
struct ad_shrink;
/* For pictures of this size and format; as large as analysis wants them. */
enum artdag_err ad_shrink_create(const AVFrame *like, struct ad_shrink **ret,
                                 artdag_error *err);
void ad_shrink_destroy(struct ad_shrink *shrink); /* NULL allowed */
/* The planes live until the next call. */
void ad_shrink_frame(struct ad_shrink *shrink, const AVFrame *frame,
                     struct ad_video_frame *ret);
void ad_shrink_size(const struct ad_shrink *shrink, int *ret_width, int *ret_height);

#endif
