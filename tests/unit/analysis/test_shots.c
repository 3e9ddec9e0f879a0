/* SPDX-License-Identifier: MIT */
#include "analysis/video.h"
#include "made.h"

struct shown {
    uint64_t scene;
    int frames, dx, dy; /* moved so far per frame */
    int light_step;
};

/* Plays the parts one after the other and returns the scene changes. */
static struct ad_scenes *play(const struct shown *parts, size_t count, struct ad_arena *arena)
{
    artdag_error err = {0};
    struct ad_video_params params = {.features = AD_VIDEO_SCENES,
                                     .width = MADE_WIDTH,
                                     .height = MADE_HEIGHT,
                                     .fps_num = 25,
                                     .fps_den = 1};
    struct ad_video_analysis *analysis = NULL;
    struct ad_video_result *result = NULL;
    static struct made_picture picture;
    assert_ok(ad_video_analysis_create(&params, &analysis, &err));
    for (size_t p = 0; p < count; p++) {
        for (int i = 0; i < parts[p].frames; i++) {
            made_picture(&picture, parts[p].scene, parts[p].dx * i, parts[p].dy * i,
                         parts[p].light_step * i);
            struct ad_video_frame frame = made_frame(&picture);
            assert_ok(ad_video_analysis_push(analysis, &frame, &err));
        }
    }
    assert_ok(ad_video_analysis_finish(analysis, arena, &result, &err));
    ad_video_analysis_destroy(analysis);
    return result->scenes;
}

static void hard_cuts_are_found_on_their_frame(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    static const struct shown parts[] = {{1, 30, 0, 0, 0}, {2, 25, 1, 0, 0}, {3, 40, 0, -1, 0}};
    struct ad_scenes *scenes = play(parts, 3, &arena);
    assert_int_equal(scenes->count, 2);
    assert_int_equal(scenes->changes[0].frame, 30);
    assert_int_equal(scenes->changes[1].frame, 55);
    assert_near(scenes->changes[0].time, 1.2, 1e-12);
    ad_arena_fini(&arena);
}

static void scores_of_all_frames_are_kept(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    static const struct shown parts[] = {{1, 20, 0, 0, 0}, {2, 20, 0, 0, 0}};
    struct ad_scenes *scenes = play(parts, 2, &arena);
    assert_int_equal(scenes->score_count, 40);
    for (size_t i = 0; i < 40; i++) {
        if (i == 20) {
            assert_true(scenes->scores[i] > 40 && scenes->scores[i] <= 100);
        } else {
            assert_near((double)scenes->scores[i], 0, 1e-6);
        }
    }
    assert_near(scenes->changes[0].score, (double)scenes->scores[20], 0);
    ad_arena_fini(&arena);
}

static void fast_pans_are_no_cuts(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    static const struct shown parts[] = {{4, 20, 0, 0, 0}, {4, 40, 5, 2, 0}};
    struct ad_scenes *scenes = play(parts, 2, &arena);
    assert_int_equal(scenes->count, 0);
    ad_arena_fini(&arena);
}

static void flashes_are_no_cuts(void **state)
{
    (void)state;
    for (int length = 1; length <= 3; length++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct shown parts[] = {{5, 30, 0, 0, 0}, {6, length, 0, 0, 0}, {5, 30, 0, 0, 0}};
        assert_int_equal(play(parts, 3, &arena)->count, 0);
        ad_arena_fini(&arena);
    }
}

static void changes_of_light_are_no_cuts(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    static const struct shown parts[] = {{7, 10, 0, 0, 0}, {7, 8, 0, 0, 5}};
    assert_int_equal(play(parts, 2, &arena)->count, 0);
    ad_arena_fini(&arena);
}

static void shots_shorter_than_the_least_are_joined(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    static const struct shown parts[] = {{1, 30, 0, 0, 0}, {2, 6, 0, 0, 0}, {3, 30, 0, 0, 0}};
    struct ad_scenes *scenes = play(parts, 3, &arena); /* 0.24 s; the least is 0.25 s */
    assert_int_equal(scenes->count, 1);
    ad_arena_fini(&arena);
}

static void a_still_picture_differs_from_itself_by_nothing(void **state)
{
    (void)state;
    static struct made_picture picture;
    static struct ad_small a;
    static struct ad_small b;
    made_picture(&picture, 8, 0, 0, 0);
    struct ad_video_frame frame = made_frame(&picture);
    ad_small_init(&a, &frame, MADE_WIDTH, MADE_HEIGHT);
    assert_near(ad_small_difference(&a, &a), 0, 1e-12);
    made_picture(&picture, 9, 0, 0, 0);
    ad_small_init(&b, &frame, MADE_WIDTH, MADE_HEIGHT);
    double there = ad_small_difference(&a, &b);
    assert_true(there > 30 && there <= 100);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(hard_cuts_are_found_on_their_frame),
    cmocka_unit_test(scores_of_all_frames_are_kept),
    cmocka_unit_test(fast_pans_are_no_cuts),
    cmocka_unit_test(flashes_are_no_cuts),
    cmocka_unit_test(changes_of_light_are_no_cuts),
    cmocka_unit_test(shots_shorter_than_the_least_are_joined),
    cmocka_unit_test(a_still_picture_differs_from_itself_by_nothing),
};
AD_TEST_MAIN(tests)
