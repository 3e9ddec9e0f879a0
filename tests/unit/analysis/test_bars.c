/* SPDX-License-Identifier: MIT */
#include "made.h"

/* Bars of `metre` beats: a drum and a new chord on the first, clicks on the others. */
static struct made_sound make_bars(int metre, double bpm, double seconds, double *downbeats,
                                   size_t *ret_count)
{
    static const double roots[4] = {110, 146.83, 123.47, 164.81};
    struct made_sound sound = made_silence(44100, 1, seconds);
    double length = 60 / bpm;
    *ret_count = 0;
    for (int i = 0; 0.5 + i * length < seconds - length; i++) {
        double t = 0.5 + i * length;
        if (i % metre == 0) {
            double root = roots[i / metre % 4];
            downbeats[(*ret_count)++] = t;
            made_add_drum(&sound, t, 0.7);
            made_add_tone(&sound, t, length * metre * 0.95, root, 0.12);
            made_add_tone(&sound, t, length * metre * 0.95, root * 2.5, 0.08);
            made_add_tone(&sound, t, length * metre * 0.95, root * 3, 0.08);
        } else {
            made_add_click(&sound, t, 0.3);
        }
        made_add_click(&sound, t + length / 2, 0.08);
    }
    return sound;
}

static void bars_of_three_four_and_five_are_found(void **state)
{
    (void)state;
    for (int metre = 3; metre <= 5; metre++) {
        struct ad_arena arena = AD_ARENA_INIT;
        double truth[64] = {0};
        size_t count = 0;
        struct made_sound sound = make_bars(metre, 116, 30, truth, &count);
        struct ad_beats *beats = made_analyse(&sound, AD_AUDIO_BEATS, 0, &arena)->beats;
        assert_near(beats->tempo, 116, 2);
        assert_int_equal(beats->beats_per_bar, metre);
        assert_int_equal(beats->beat_unit, 4);
        assert_true(
            made_f_measure(truth, count, beats->downbeats, beats->downbeat_count, 0.07) > 0.9);
        made_free(&sound);
        ad_arena_fini(&arena);
    }
}

static void downbeats_are_beats(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    double truth[64] = {0};
    size_t count = 0;
    struct made_sound sound = make_bars(4, 96, 20, truth, &count);
    struct ad_beats *beats = made_analyse(&sound, AD_AUDIO_BEATS, 0, &arena)->beats;
    size_t at = 0;
    assert_true(beats->downbeat_count > 0);
    assert_true(beats->downbeat_confidence > 0 && beats->downbeat_confidence <= 1);
    for (size_t i = 0; i < beats->downbeat_count; i++) {
        while (at < beats->count && beats->times[at] < beats->downbeats[i]) {
            at++;
        }
        assert_true(at < beats->count);
        assert_true(beats->times[at] == beats->downbeats[i]);
    }
    made_free(&sound);
    ad_arena_fini(&arena);
}

static void a_hint_decides_the_metre(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    double truth[64] = {0};
    size_t count = 0;
    struct made_sound sound = make_bars(4, 116, 20, truth, &count);
    struct ad_audio_params params = {
        .features = AD_AUDIO_BEATS, .sample_rate = 44100, .channels = 1, .beats_per_bar = 3};
    struct ad_audio_analysis *analysis = NULL;
    struct ad_audio_result *result = NULL;
    const float *planes[] = {sound.planes[0]};
    assert_ok(ad_audio_analysis_create(&params, &analysis, &err));
    assert_ok(ad_audio_analysis_push(analysis, planes, sound.count, &err));
    assert_ok(ad_audio_analysis_finish(analysis, &arena, &result, &err));
    assert_int_equal(result->beats->beats_per_bar, 3);
    ad_audio_analysis_destroy(analysis);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static void beats_of_three_parts_are_told_from_beats_of_two(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = made_silence(44100, 1, 24);
    for (int i = 0; 0.5 + i * 0.25 < 23; i++) { /* 6/8 at 80 dotted quarters */
        double t = 0.5 + i * 0.25;
        if (i % 6 == 0) {
            made_add_drum(&sound, t, 0.7);
            made_add_tone(&sound, t, 1.4, i % 12 == 0 ? 110 : 146.83, 0.15);
        } else if (i % 3 == 0) {
            made_add_click(&sound, t, 0.5);
        }
        made_add_click(&sound, t, 0.12);
    }
    struct ad_beats *beats = made_analyse(&sound, AD_AUDIO_BEATS, 0, &arena)->beats;
    assert_near(beats->tempo, 80, 1.5);
    assert_int_equal(beats->beat_unit, 8);
    assert_int_equal(beats->beats_per_bar % 2, 0);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(bars_of_three_four_and_five_are_found),
    cmocka_unit_test(downbeats_are_beats),
    cmocka_unit_test(a_hint_decides_the_metre),
    cmocka_unit_test(beats_of_three_parts_are_told_from_beats_of_two),
};
AD_TEST_MAIN(tests)
