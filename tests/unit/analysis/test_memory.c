/* SPDX-License-Identifier: MIT */
#include "ad_fault.h"
#include "made.h"

static enum artdag_err analyse_sound(void *payload, artdag_error *err)
{
    const struct made_sound *sound = payload;
    struct ad_audio_params params = {
        .features = AD_AUDIO_ALL, .sample_rate = sound->rate, .channels = sound->channels};
    const float *planes[2] = {sound->planes[0], sound->planes[1]};
    struct ad_audio_analysis *analysis = NULL;
    struct ad_audio_result *result = NULL;
    struct ad_arena arena = AD_ARENA_INIT;
    enum artdag_err code = ad_audio_analysis_create(&params, &analysis, err);
    if (code == ARTDAG_OK) {
        code = ad_audio_analysis_push(analysis, planes, sound->count, err);
    }
    if (code == ARTDAG_OK) {
        code = ad_audio_analysis_finish(analysis, &arena, &result, err);
    }
    assert_true((code == ARTDAG_OK) == (result != NULL));
    ad_audio_analysis_destroy(analysis);
    ad_arena_fini(&arena);
    return code;
}

static enum artdag_err analyse_pictures(void *payload, artdag_error *err)
{
    const struct made_picture *pictures = payload;
    struct ad_video_params params = {.features = AD_VIDEO_ALL,
                                     .width = MADE_WIDTH,
                                     .height = MADE_HEIGHT,
                                     .fps_num = 5,
                                     .fps_den = 1};
    struct ad_video_analysis *analysis = NULL;
    struct ad_video_result *result = NULL;
    struct ad_arena arena = AD_ARENA_INIT;
    enum artdag_err code = ad_video_analysis_create(&params, &analysis, err);
    for (int i = 0; i < 20 && code == ARTDAG_OK; i++) {
        struct ad_video_frame frame = made_frame(&pictures[i / 10]);
        code = ad_video_analysis_push(analysis, &frame, err);
    }
    if (code == ARTDAG_OK) {
        code = ad_video_analysis_finish(analysis, &arena, &result, err);
    }
    assert_true((code == ARTDAG_OK) == (result != NULL));
    ad_video_analysis_destroy(analysis);
    ad_arena_fini(&arena);
    return code;
}

static void sound_without_memory_is_a_clean_error(void **state)
{
    (void)state;
    struct made_sound sound = made_silence(8000, 1, 5);
    for (int i = 0; i < 9; i++) {
        made_add_click(&sound, 0.2 + 0.5 * i, 0.5);
    }
    assert_true(ad_fault_each(AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM, analyse_sound, NULL,
                              &sound) > 30);
    made_free(&sound);
}

static void pictures_without_memory_are_a_clean_error(void **state)
{
    (void)state;
    static struct made_picture pictures[2];
    made_picture(&pictures[0], 1, 0, 0, 0);
    made_picture(&pictures[1], 2, 0, 0, 0);
    assert_true(ad_fault_each(AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM, analyse_pictures, NULL,
                              pictures) > 8);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(sound_without_memory_is_a_clean_error),
    cmocka_unit_test(pictures_without_memory_are_a_clean_error),
};
AD_TEST_MAIN(tests)
