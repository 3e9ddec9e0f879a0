/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "made.h"

static const struct ad_video_params usual = {.features = AD_VIDEO_ALL,
                                             .width = MADE_WIDTH,
                                             .height = MADE_HEIGHT,
                                             .fps_num = 30000,
                                             .fps_den = 1001};

static void duration_is_counted_in_frames(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_video_analysis *analysis = NULL;
    struct ad_video_result *result = NULL;
    static struct made_picture picture;
    assert_ok(ad_video_analysis_create(&usual, &analysis, &err));
    for (int i = 0; i < 30; i++) {
        made_picture(&picture, 1, i, 0, 0);
        struct ad_video_frame frame = made_frame(&picture);
        assert_ok(ad_video_analysis_push(analysis, &frame, &err));
    }
    assert_ok(ad_video_analysis_finish(analysis, &arena, &result, &err));
    assert_int_equal(result->frames, 30);
    assert_near(result->duration, 1.001, 1e-12);
    assert_non_null(result->scenes);
    assert_non_null(result->motion);
    assert_non_null(result->black);
    assert_non_null(result->freeze);
    assert_int_equal(result->motion->count, 30);
    ad_video_analysis_destroy(analysis);
    ad_arena_fini(&arena);
}

static void grey_pictures_need_no_chroma(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_video_analysis *analysis = NULL;
    struct ad_video_result *result = NULL;
    static struct made_picture picture;
    assert_ok(ad_video_analysis_create(&usual, &analysis, &err));
    for (int i = 0; i < 60; i++) {
        made_picture(&picture, i < 30 ? 1 : 2, 0, 0, 0);
        struct ad_video_frame frame = {&picture.luma[0][0], MADE_WIDTH, {NULL, NULL}, 0};
        assert_ok(ad_video_analysis_push(analysis, &frame, &err));
    }
    assert_ok(ad_video_analysis_finish(analysis, &arena, &result, &err));
    assert_int_equal(result->scenes->count, 1);
    assert_int_equal(result->scenes->changes[0].frame, 30);
    ad_video_analysis_destroy(analysis);
    ad_arena_fini(&arena);
}

static void no_frames_are_a_media_error(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_video_analysis *analysis = NULL;
    struct ad_video_result *result = NULL;
    assert_ok(ad_video_analysis_create(&usual, &analysis, &err));
    assert_fails(ARTDAG_E_MEDIA, ad_video_analysis_finish(analysis, &arena, &result, &err));
    assert_fails(ARTDAG_E_INVAL, ad_video_analysis_finish(analysis, &arena, &result, &err));
    assert_null(result);
    ad_video_analysis_destroy(analysis);
    ad_video_analysis_destroy(NULL);
    ad_arena_fini(&arena);
}

static void planes_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_video_analysis *analysis = NULL;
    static struct made_picture picture;
    assert_ok(ad_video_analysis_create(&usual, &analysis, &err));
    struct ad_video_frame frame = made_frame(&picture);
    frame.luma_stride = MADE_WIDTH - 1;
    assert_fails(ARTDAG_E_INVAL, ad_video_analysis_push(analysis, &frame, &err));
    frame = made_frame(&picture);
    frame.chroma[1] = NULL;
    assert_fails(ARTDAG_E_INVAL, ad_video_analysis_push(analysis, &frame, &err));
    frame = made_frame(&picture);
    frame.chroma_stride = MADE_WIDTH / 2 - 1;
    assert_fails(ARTDAG_E_INVAL, ad_video_analysis_push(analysis, &frame, &err));
    ad_video_analysis_destroy(analysis);
}

static void parameters_out_of_range_are_refused(void **state)
{
    (void)state;
    struct ad_video_params wrong[12];
    for (size_t i = 0; i < 12; i++) {
        wrong[i] = usual;
    }
    wrong[0].features = 0;
    wrong[1].features = 16;
    wrong[2].width = 161;
    wrong[3].height = 97;
    wrong[4].width = 15;
    wrong[5].fps_num = 0;
    wrong[6].fps_den = -1;
    wrong[7].fps_num = INT64_MAX;
    wrong[8].scene_threshold = 101;
    wrong[9].black_level = NAN;
    wrong[10].freeze_min = -1;
    wrong[11].freeze_level = 300;
    for (size_t i = 0; i < 12; i++) {
        artdag_error err = {0};
        struct ad_video_analysis *analysis = NULL;
        assert_fails(ARTDAG_E_INVAL, ad_video_analysis_create(&wrong[i], &analysis, &err));
        assert_null(analysis);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(duration_is_counted_in_frames),
    cmocka_unit_test(grey_pictures_need_no_chroma),
    cmocka_unit_test(no_frames_are_a_media_error),
    cmocka_unit_test(planes_that_do_not_fit_are_refused),
    cmocka_unit_test(parameters_out_of_range_are_refused),
};
AD_TEST_MAIN(tests)
