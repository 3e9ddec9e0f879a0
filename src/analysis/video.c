/* SPDX-License-Identifier: MIT */
#include "analysis/video.h"

#define NEEDS_MOVES (AD_VIDEO_MOTION | AD_VIDEO_BLACK | AD_VIDEO_FREEZE)

struct ad_video_analysis {
    struct ad_video_params params;
    int64_t frames;
    bool ended; /* by finish or by a failure */
    struct ad_shots shots;
    struct ad_moves moves;
};

static bool wants(const struct ad_video_analysis *a, unsigned features)
{
    return (a->params.features & features) != 0;
}

static void or_default(double *value, double usual)
{
    *value = *value != 0 ? *value : usual;
}

static bool is_length(double seconds)
{
    return seconds > 0 && seconds <= 3600;
}

static bool is_rate(int64_t num, int64_t den)
{
    const int64_t most = 1000000000;
    return num >= 1 && den >= 1 && num <= most && den <= most && num <= 1000 * den &&
           den <= 1000 * num;
}

static enum artdag_err check_levels(const struct ad_video_params *p, artdag_error *err)
{
    if (!(p->scene_threshold > 0 && p->scene_threshold <= 100) ||
        !(p->black_level > 0 && p->black_level <= 1) ||
        !(p->freeze_level > 0 && p->freeze_level <= 255)) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis", "level out of range");
    }
    if (!is_length(p->scene_min) || !is_length(p->black_min) || !is_length(p->freeze_min)) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis",
                            "shortest length is not between 0 and 3600 s");
    }
    return ARTDAG_OK;
}

static enum artdag_err check_params(const struct ad_video_params *p, artdag_error *err)
{
    if (p->features == 0 || (p->features & ~(unsigned)AD_VIDEO_ALL) != 0) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis", "no such video features: %u",
                            p->features);
    }
    if (p->width < 16 || p->width > AD_VIDEO_WIDTH || p->height < 16 ||
        p->height > AD_VIDEO_HEIGHT) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis",
                            "pictures of %dx%d are not between 16x16 and %dx%d", p->width,
                            p->height, AD_VIDEO_WIDTH, AD_VIDEO_HEIGHT);
    }
    if (!is_rate(p->fps_num, p->fps_den)) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis", "frame rate out of range");
    }
    return check_levels(p, err);
}

enum artdag_err ad_video_analysis_create(const struct ad_video_params *params,
                                         struct ad_video_analysis **ret_analysis,
                                         artdag_error *err)
{
    struct ad_video_params p = *params;
    or_default(&p.scene_threshold, 28);
    or_default(&p.scene_min, 0.25);
    or_default(&p.black_level, 0.98);
    or_default(&p.black_min, 0.1);
    or_default(&p.freeze_level, 0.5);
    or_default(&p.freeze_min, 1);
    enum artdag_err code = check_params(&p, err);
    if (code != ARTDAG_OK) {
        return code;
    }
    struct ad_video_analysis *a = ad_alloc(sizeof(*a));
    if (a == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    a->params = p;
    code = ad_moves_init(&a->moves, p.width, p.height, err);
    if (code != ARTDAG_OK) {
        ad_video_analysis_destroy(a);
        return code;
    }
    *ret_analysis = a;
    return ARTDAG_OK;
}

void ad_video_analysis_destroy(struct ad_video_analysis *analysis)
{
    if (analysis != NULL) {
        ad_shots_fini(&analysis->shots);
        ad_moves_fini(&analysis->moves);
        free(analysis);
    }
}

enum artdag_err ad_video_analysis_push(struct ad_video_analysis *analysis,
                                       const struct ad_video_frame *frame, artdag_error *err)
{
    struct ad_video_analysis *a = analysis;
    const struct ad_video_params *p = &a->params;
    if (a->ended) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis", "a frame after the end");
    }
    if (frame->luma_stride < (size_t)p->width ||
        (frame->chroma[0] == NULL) != (frame->chroma[1] == NULL) ||
        (frame->chroma[0] != NULL && frame->chroma_stride < ((size_t)p->width + 1) / 2)) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis", "planes do not fit the size");
    }
    enum artdag_err code = ARTDAG_OK;
    if (a->frames >= AD_VIDEO_FRAMES_MAX) {
        code = ad_error_set(err, ARTDAG_E_LIMIT, "analysis", "more than %d frames",
                            AD_VIDEO_FRAMES_MAX);
    }
    if (code == ARTDAG_OK && wants(a, AD_VIDEO_SCENES)) {
        code = ad_shots_push(&a->shots, frame, p->width, p->height, err);
    }
    if (code == ARTDAG_OK && wants(a, NEEDS_MOVES)) {
        code = ad_moves_push(&a->moves, frame, p, err);
    }
    a->frames++;
    a->ended = code != ARTDAG_OK;
    return code;
}

static enum artdag_err results(const struct ad_video_analysis *a, struct ad_arena *arena,
                               struct ad_video_result *r, artdag_error *err)
{
    const struct ad_video_params *p = &a->params;
    enum artdag_err code = ARTDAG_OK;
    if (wants(a, AD_VIDEO_SCENES)) {
        code = ad_shots_result(&a->shots, p, arena, &r->scenes, err);
    }
    if (code == ARTDAG_OK && wants(a, AD_VIDEO_MOTION)) {
        code = ad_moves_motion(&a->moves, p, arena, &r->motion, err);
    }
    if (code == ARTDAG_OK && wants(a, AD_VIDEO_BLACK)) {
        code = ad_moves_black(&a->moves, p, arena, &r->black, err);
    }
    if (code == ARTDAG_OK && wants(a, AD_VIDEO_FREEZE)) {
        code = ad_moves_freeze(&a->moves, p, arena, &r->freeze, err);
    }
    return code;
}

enum artdag_err ad_video_analysis_finish(struct ad_video_analysis *analysis,
                                         struct ad_arena *arena,
                                         struct ad_video_result **ret_result, artdag_error *err)
{
    struct ad_video_analysis *a = analysis;
    if (a->ended) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis", "finished twice");
    }
    a->ended = true;
    if (a->frames == 0) {
        return ad_error_set(err, ARTDAG_E_MEDIA, "analysis", "no frames");
    }
    struct ad_video_result *r = ad_arena_alloc(arena, sizeof(*r));
    if (r == NULL) {
        return ad_error_nomem(err, "analysis");
    }
    r->features = a->params.features;
    r->frames = a->frames;
    r->duration = (double)a->frames * (double)a->params.fps_den / (double)a->params.fps_num;
    enum artdag_err code = results(a, arena, r, err);
    if (code == ARTDAG_OK) {
        *ret_result = r;
    }
    return code;
}
