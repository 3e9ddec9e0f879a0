/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "made.h"

static struct made_sound some_music(void)
{
    struct made_sound sound = made_silence(44100, 2, 9);
    for (int i = 0; i < 16; i++) {
        made_add_drum(&sound, 0.4 + i * 0.5, i % 4 == 0 ? 0.7 : 0.4);
        made_add_click(&sound, 0.65 + i * 0.5, 0.2);
        made_add_tone(&sound, 0.4 + i * 0.5, 0.45, i % 8 < 4 ? 220 : 247, 0.15);
    }
    return sound;
}

static void same_doubles(const double *a, const double *b, size_t count)
{
    assert_memory_equal(a, b, count * sizeof(double));
}

static void borders_of_the_pieces_do_not_reach_the_bits(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 441, 1000, 4096, 100000};
    struct made_sound sound = some_music();
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_audio_result *whole = made_analyse(&sound, AD_AUDIO_ALL, 0, &arena);
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct ad_audio_result *r = made_analyse(&sound, AD_AUDIO_ALL, pieces[i], &arena);
        assert_int_equal(r->samples, whole->samples);
        assert_int_equal(r->beats->count, whole->beats->count);
        same_doubles(r->beats->times, whole->beats->times, r->beats->count);
        assert_int_equal(r->beats->downbeat_count, whole->beats->downbeat_count);
        same_doubles(r->beats->downbeats, whole->beats->downbeats, r->beats->downbeat_count);
        assert_int_equal(r->onsets->count, whole->onsets->count);
        same_doubles(r->onsets->times, whole->onsets->times, r->onsets->count);
        same_doubles(r->energy->values, whole->energy->values, r->energy->count);
        for (size_t b = 0; b < AD_BANDS; b++) {
            same_doubles(r->spectrum->values[b], whole->spectrum->values[b],
                         r->spectrum->count);
        }
        same_doubles(&r->loudness->integrated, &whole->loudness->integrated, 1);
        same_doubles(&r->loudness->true_peak, &whole->loudness->true_peak, 1);
        assert_int_equal(r->silence->count, whole->silence->count);
    }
    made_free(&sound);
    ad_arena_fini(&arena);
}

static void a_feature_alone_is_what_it_is_among_others(void **state)
{
    (void)state;
    struct made_sound sound = some_music();
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_audio_result *all = made_analyse(&sound, AD_AUDIO_ALL, 0, &arena);
    struct ad_audio_result *beats = made_analyse(&sound, AD_AUDIO_BEATS, 0, &arena);
    assert_null(beats->energy);
    assert_null(beats->spectrum);
    assert_null(beats->onsets);
    assert_null(beats->loudness);
    assert_null(beats->silence);
    assert_int_equal(beats->beats->count, all->beats->count);
    same_doubles(beats->beats->times, all->beats->times, all->beats->count);
    struct ad_audio_result *energy = made_analyse(&sound, AD_AUDIO_ENERGY, 0, &arena);
    assert_null(energy->beats);
    same_doubles(energy->energy->values, all->energy->values, all->energy->count);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static void length_is_counted_in_samples(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = made_silence(48000, 1, 1.00002083333);
    struct ad_audio_result *r = made_analyse(&sound, AD_AUDIO_ALL, 7, &arena);
    assert_int_equal(r->samples, 48001);
    assert_near(r->duration, 48001 / 48000.0, 1e-15);
    assert_int_equal(r->window_ms, 50);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static void no_samples_are_a_media_error(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_audio_params params = {
        .features = AD_AUDIO_ALL, .sample_rate = 44100, .channels = 2};
    struct ad_audio_analysis *analysis = NULL;
    struct ad_audio_result *result = NULL;
    assert_ok(ad_audio_analysis_create(&params, &analysis, &err));
    assert_fails(ARTDAG_E_MEDIA, ad_audio_analysis_finish(analysis, &arena, &result, &err));
    assert_null(result);
    assert_fails(ARTDAG_E_INVAL, ad_audio_analysis_finish(analysis, &arena, &result, &err));
    ad_audio_analysis_destroy(analysis);
    ad_audio_analysis_destroy(NULL);
    ad_arena_fini(&arena);
}

static void samples_that_are_no_numbers_are_a_media_error(void **state)
{
    (void)state;
    static const float wrong[] = {NAN, INFINITY, -INFINITY, 1e30F};
    for (size_t i = 0; i < 4; i++) {
        artdag_error err = {0};
        struct ad_audio_params params = {
            .features = AD_AUDIO_ENERGY, .sample_rate = 44100, .channels = 1};
        struct ad_audio_analysis *analysis = NULL;
        const float samples[3] = {0, wrong[i], 0};
        const float *planes[] = {samples};
        assert_ok(ad_audio_analysis_create(&params, &analysis, &err));
        assert_fails(ARTDAG_E_MEDIA, ad_audio_analysis_push(analysis, planes, 3, &err));
        assert_err_says("sample 1 of channel 0");
        assert_fails(ARTDAG_E_INVAL, ad_audio_analysis_push(analysis, planes, 1, &err));
        ad_audio_analysis_destroy(analysis);
    }
}

static void parameters_out_of_range_are_refused(void **state)
{
    (void)state;
    static const struct ad_audio_params wrong[] = {
        {.features = 0, .sample_rate = 44100, .channels = 1},
        {.features = 64, .sample_rate = 44100, .channels = 1},
        {.features = 1, .sample_rate = 7999, .channels = 1},
        {.features = 1, .sample_rate = 192001, .channels = 1},
        {.features = 1, .sample_rate = 44100, .channels = 0},
        {.features = 1, .sample_rate = 44100, .channels = 9},
        {.features = 1, .sample_rate = 44100, .channels = 1, .window_ms = 55},
        {.features = 1, .sample_rate = 44100, .channels = 1, .window_ms = 1010},
        {.features = 1, .sample_rate = 44100, .channels = 1, .beats_per_bar = 8},
        {.features = 1, .sample_rate = 44100, .channels = 1, .beats_per_bar = 1},
        {.features = 1, .sample_rate = 44100, .channels = 1, .silence_db = 1},
        {.features = 1, .sample_rate = 44100, .channels = 1, .silence_db = NAN},
        {.features = 1, .sample_rate = 44100, .channels = 1, .silence_min = -1},
        {.features = 1, .sample_rate = 44100, .channels = 1, .weights = {-1}},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        artdag_error err = {0};
        struct ad_audio_analysis *analysis = NULL;
        assert_fails(ARTDAG_E_INVAL, ad_audio_analysis_create(&wrong[i], &analysis, &err));
        assert_null(analysis);
    }
}

static void results_of_an_hour_need_less_than_twenty_megabytes(void **state)
{
    (void)state;
    /* Five minutes stand for an hour. What the analysis itself holds is listed in docs/internals/analysis.md. */
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_audio_params params = {
        .features = AD_AUDIO_ALL, .sample_rate = 8000, .channels = 1};
    struct ad_audio_analysis *analysis = NULL;
    struct ad_audio_result *result = NULL;
    static float second[8000];
    const float *planes[] = {second};
    for (size_t i = 0; i < 8000; i++) {
        second[i] = i % 4000 < 200 ? (float)((i * 7919) % 100) / 200.0F : 0;
    }
    assert_ok(ad_audio_analysis_create(&params, &analysis, &err));
    for (int s = 0; s < 300; s++) {
        assert_ok(ad_audio_analysis_push(analysis, planes, 8000, &err));
    }
    assert_ok(ad_audio_analysis_finish(analysis, &arena, &result, &err));
    assert_true(arena.used_bytes * 12 < 20U * 1000 * 1000);
    ad_audio_analysis_destroy(analysis);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(borders_of_the_pieces_do_not_reach_the_bits),
    cmocka_unit_test(a_feature_alone_is_what_it_is_among_others),
    cmocka_unit_test(length_is_counted_in_samples),
    cmocka_unit_test(no_samples_are_a_media_error),
    cmocka_unit_test(samples_that_are_no_numbers_are_a_media_error),
    cmocka_unit_test(parameters_out_of_range_are_refused),
    cmocka_unit_test(results_of_an_hour_need_less_than_twenty_megabytes),
};
AD_TEST_MAIN(tests)
