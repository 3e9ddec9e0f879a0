/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "made.h"

static struct ad_video_analysis *begin(unsigned features, int64_t fps)
{
    artdag_error err = {0};
    struct ad_video_params params = {.features = features,
                                     .width = MADE_WIDTH,
                                     .height = MADE_HEIGHT,
                                     .fps_num = fps,
                                     .fps_den = 1};
    struct ad_video_analysis *analysis = NULL;
    assert_ok(ad_video_analysis_create(&params, &analysis, &err));
    return analysis;
}

static void show(struct ad_video_analysis *analysis, const struct made_picture *picture)
{
    artdag_error err = {0};
    struct ad_video_frame frame = made_frame(picture);
    assert_ok(ad_video_analysis_push(analysis, &frame, &err));
}

static struct ad_video_result *end(struct ad_video_analysis *analysis, struct ad_arena *arena)
{
    artdag_error err = {0};
    struct ad_video_result *result = NULL;
    assert_ok(ad_video_analysis_finish(analysis, arena, &result, &err));
    ad_video_analysis_destroy(analysis);
    return result;
}

static void regular_movement_has_its_tempo(void **state)
{
    (void)state;
    static const int gaps[] = {12, 15, 25}; /* frames between two jerks at 25 fps */
    for (size_t g = 0; g < 3; g++) {
        struct ad_arena arena = AD_ARENA_INIT;
        static struct made_picture picture;
        struct ad_video_analysis *analysis = begin(AD_VIDEO_MOTION, 25);
        for (int i = 0; i < 300; i++) {
            made_picture(&picture, 3, 4 * (i / gaps[g]), 0, 0);
            show(analysis, &picture);
        }
        struct ad_motion *motion = end(analysis, &arena)->motion;
        assert_near(motion->tempo, 60.0 * 25 / gaps[g], 2);
        assert_true(motion->confidence > 0.5 && motion->confidence <= 1);
        ad_arena_fini(&arena);
    }
}

static void steady_and_missing_movement_have_no_tempo(void **state)
{
    (void)state;
    for (int speed = 0; speed < 2; speed++) {
        struct ad_arena arena = AD_ARENA_INIT;
        static struct made_picture picture;
        struct ad_video_analysis *analysis = begin(AD_VIDEO_MOTION, 25);
        memset(&picture, 128, sizeof(picture));
        for (int i = 0; i < 100; i++) {
            for (int y = 0; y < MADE_HEIGHT && speed > 0; y++) {
                memset(picture.luma[y], (i + y) % 2 == 0 ? 100 : 110, MADE_WIDTH);
            }
            show(analysis, &picture);
        }
        struct ad_motion *motion = end(analysis, &arena)->motion;
        assert_near(motion->tempo, 0, 0);
        assert_near(motion->mean, speed > 0 ? 10 : 0, 1e-6);
        ad_arena_fini(&arena);
    }
}

static void black_and_frozen_stretches_are_found_to_the_frame(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    static struct made_picture moving;
    static struct made_picture black;
    memset(black.luma, 16, sizeof(black.luma));
    memset(black.chroma, 128, sizeof(black.chroma));
    struct ad_video_analysis *analysis = begin(AD_VIDEO_BLACK | AD_VIDEO_FREEZE, 10);
    for (int i = 0; i < 100; i++) {
        /* 0-19 moving, 20-29 black, 30-59 moving, 60-89 frozen, 90-99 moving */
        made_picture(&moving, 2, i < 60 || i >= 90 ? 3 * i : 180, 0, 0);
        show(analysis, i >= 20 && i < 30 ? &black : &moving);
    }
    struct ad_video_result *result = end(analysis, &arena);
    assert_int_equal(result->black->count, 1);
    assert_near(result->black->ranges[0].start, 2.0, 1e-9);
    assert_near(result->black->ranges[0].end, 3.0, 1e-9);
    assert_int_equal(result->freeze->count, 2); /* black does not move either */
    assert_near(result->freeze->ranges[0].start, 2.0, 1e-9);
    assert_near(result->freeze->ranges[1].start, 6.0, 1e-9);
    assert_near(result->freeze->ranges[1].end, 9.0, 1e-9);
    assert_near(result->freeze->total, 4.0, 1e-9);
    ad_arena_fini(&arena);
}

static void a_slow_fade_is_no_freeze(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    static struct made_picture picture;
    struct ad_video_analysis *analysis = begin(AD_VIDEO_FREEZE, 25);
    memset(&picture, 128, sizeof(picture));
    for (int i = 0; i < 200; i++) {
        memset(picture.luma, 40 + i / 5,
               sizeof(picture.luma)); /* a fifth of a level per frame */
        show(analysis, &picture);
    }
    assert_int_equal(end(analysis, &arena)->freeze->count, 0);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(regular_movement_has_its_tempo),
    cmocka_unit_test(steady_and_missing_movement_have_no_tempo),
    cmocka_unit_test(black_and_frozen_stretches_are_found_to_the_frame),
    cmocka_unit_test(a_slow_fade_is_no_freeze),
};
AD_TEST_MAIN(tests)
