/* SPDX-License-Identifier: MIT
 *
 * Pictures for analysis, at the constant rate that the metadata states: picture i of the rate is the last frame that is due
 * nearest to it. A film of constant rate so gives each of its frames once; one of variable rate is brought to its common
 * rate, as SOURCE would.
 */
#include "media/feed.h"
#include "media/sheet.h"
#include "media/study.h"

#define ROOM "media"

struct watching {
    const struct ad_study *study;
    struct ad_conn *conn;
    struct ad_feed feed;
    struct ad_shrink *shrink;
    struct ad_video_analysis *analysis; /* NULL when only the contact sheet is wanted */
    struct ad_sheet sheet;
    bool has_sheet;
    AVFrame *shown; /* the latest frame */
    struct ad_video_frame small;
    int64_t pushed;
};

static unsigned wanted(unsigned features)
{
    unsigned set = 0;
    set |= features & AD_FEATURE_BIT(AD_FEATURE_SCENE_CHANGES) ? AD_VIDEO_SCENES : 0;
    set |= features & AD_FEATURE_BIT(AD_FEATURE_MOTION_TEMPO) ? AD_VIDEO_MOTION : 0;
    set |= features & AD_FEATURE_BIT(AD_FEATURE_BLACK) ? AD_VIDEO_BLACK : 0;
    set |= features & AD_FEATURE_BIT(AD_FEATURE_FREEZE) ? AD_VIDEO_FREEZE : 0;
    return set;
}

static enum artdag_err start(struct watching *w, const AVFrame *like, artdag_error *err)
{
    const double *settings = w->study->settings.value;
    struct ad_video_params params = {
        .features = wanted(w->study->features),
        .fps_num = w->study->fps_num,
        .fps_den = w->study->fps_den,
        .scene_threshold = settings[AD_SET_SCENE_THRESHOLD],
        .scene_min = settings[AD_SET_SCENE_MIN],
        .black_level = settings[AD_SET_BLACK_LEVEL],
        .black_min = settings[AD_SET_BLACK_MIN],
        .freeze_level = settings[AD_SET_FREEZE_LEVEL],
        .freeze_min = settings[AD_SET_FREEZE_MIN],
    };
    enum artdag_err rc = ARTDAG_OK;
    w->has_sheet = w->study->features & AD_FEATURE_BIT(AD_FEATURE_CONTACT_SHEET);
    if (w->has_sheet) {
        rc = ad_sheet_init(&w->sheet, w->study, like, err);
    }
    if (rc == ARTDAG_OK && params.features) {
        rc = ad_shrink_create(like, &w->shrink, err);
        if (rc == ARTDAG_OK) {
            ad_shrink_size(w->shrink, &params.width, &params.height);
            rc = ad_video_analysis_create(&params, &w->analysis, err);
        }
    }
    return rc;
}

/* The frame that is shown, once more. */
static enum artdag_err push(struct watching *w, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    if (w->analysis) {
        rc = ad_video_analysis_push(w->analysis, &w->small, err);
    }
    if (rc == ARTDAG_OK && w->has_sheet) {
        rc = ad_sheet_offer(&w->sheet, w->pushed, w->shown, err);
    }
    w->pushed++;
    ad_conn_progress(w->conn, w->pushed, false);
    return rc;
}

static enum artdag_err show(struct watching *w, AVFrame *frame, artdag_error *err)
{
    AVRational step = {(int)w->study->fps_den, (int)w->study->fps_num};
    int64_t at = av_rescale_q_rnd(frame->pts, w->feed.shape.time_base, step, AV_ROUND_NEAR_INF);
    enum artdag_err rc = ARTDAG_OK;
    while (rc == ARTDAG_OK && w->shown->buf[0] && w->pushed < at) {
        rc = push(w, err);
    }
    av_frame_unref(w->shown);
    av_frame_move_ref(w->shown, frame);
    if (rc == ARTDAG_OK && w->shrink) {
        ad_shrink_frame(w->shrink, w->shown, &w->small);
    }
    return rc;
}

static enum artdag_err watch(struct watching *w, artdag_error *err)
{
    AVFrame *frame = av_frame_alloc();
    w->shown = av_frame_alloc();
    if (!frame || !w->shown) {
        av_frame_free(&frame);
        return ad_error_nomem(err, ROOM);
    }
    enum artdag_err rc = ad_feed_prepare(&w->feed, err);
    if (rc == ARTDAG_OK) {
        rc = start(w, w->feed.queue[0], err);
    }
    while (rc == ARTDAG_OK) {
        rc = ad_feed_next(&w->feed, frame, err);
        if (rc == ARTDAG_OK) {
            rc = show(w, frame, err);
        }
        av_frame_unref(frame);
    }
    rc = rc == ARTDAG_E_NOTFOUND ? ARTDAG_OK : rc;
    while (rc == ARTDAG_OK && w->pushed < w->study->frames) {
        rc = push(w, err);
    }
    av_frame_free(&frame);
    return rc;
}

static void stop(struct watching *w)
{
    ad_video_analysis_destroy(w->analysis);
    ad_shrink_destroy(w->shrink);
    ad_sheet_fini(&w->sheet);
    av_frame_free(&w->shown);
    ad_feed_fini(&w->feed);
}

enum artdag_err ad_features_video(struct ad_child *child, const struct ad_job *job,
                                  struct ad_buf *json, struct ad_done *ret, artdag_error *err)
{
    const struct ad_study *study = &job->study;
    const struct ad_format format = {.fps_num = 1, .fps_den = 1, .sample_rate = 48000};
    const struct ad_leaf leaf = {.cid = study->cid,
                                 .stream = study->stream,
                                 .origin_num = study->origin_num,
                                 .origin_den = study->origin_den,
                                 .count = AD_FRAMES_MAX};
    struct watching w = {.study = study,
                         .conn = &child->conn,
                         .feed = {.leaf = &leaf,
                                  .format = &format,
                                  .conn = &child->conn,
                                  .medium = AD_VIDEO,
                                  .size = job->sizes.items[0],
                                  .threads = (int)job->threads}};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_video_result *result = NULL;
    struct ad_json_writer writer;
    enum artdag_err rc = watch(&w, err);
    if (rc == ARTDAG_OK && w.analysis) {
        rc = ad_video_analysis_finish(w.analysis, &arena, &result, err);
    }
    if (rc == ARTDAG_OK && w.has_sheet) {
        rc = child->part_fd < 0
                 ? ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "no file for the contact sheet")
                 : ad_canvas_write(&w.sheet.canvas, child->part_fd, NULL, err);
    }
    if (rc == ARTDAG_OK) {
        ad_jw_init(&writer, json);
        ad_video_features_write(&writer, result, w.has_sheet ? &w.sheet : NULL, study);
        ret->frames = w.pushed;
        ret->decode_errors = ad_feed_errors(&w.feed);
    }
    stop(&w);
    ad_arena_fini(&arena);
    return rc;
}
