/* SPDX-License-Identifier: MIT */
#include "made.h"

static void strokes_are_found_within_twenty_milliseconds(void **state)
{
    (void)state;
    static const int rates[] = {22050, 44100, 48000};
    for (size_t r = 0; r < 3; r++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct made_sound sound = made_silence(rates[r], 1, 12);
        double truth[64] = {0};
        size_t count = 0;
        ad_test_seed(5);
        for (double t = 0.3; t < 11.5; t += 0.12 + (double)ad_test_random_below(400) / 1000) {
            truth[count++] = t;
            if (count % 2 == 0) {
                made_add_click(&sound, t, 0.5);
            } else {
                made_add_drum(&sound, t, 0.5);
            }
        }
        struct ad_onsets *onsets = made_analyse(&sound, AD_AUDIO_ONSETS, 0, &arena)->onsets;
        assert_true(made_f_measure(truth, count, onsets->times, onsets->count, 0.02) > 0.97);
        made_free(&sound);
        ad_arena_fini(&arena);
    }
}

static void strength_follows_the_stroke(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = made_silence(44100, 1, 4);
    made_add_click(&sound, 1, 0.6);
    made_add_click(&sound, 2, 0.05);
    made_add_click(&sound, 3, 0.6);
    struct ad_onsets *onsets = made_analyse(&sound, AD_AUDIO_ONSETS, 0, &arena)->onsets;
    assert_int_equal(onsets->count, 3);
    assert_true(onsets->strengths[1] < 0.8 * onsets->strengths[0]);
    assert_true(onsets->strengths[0] <= 1 && onsets->strengths[2] <= 1);
    assert_true(onsets->strengths[0] == 1 || onsets->strengths[2] == 1);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static void level_of_the_recording_does_not_matter(void **state)
{
    (void)state;
    size_t counts[2] = {0};
    for (int quiet = 0; quiet < 2; quiet++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct made_sound sound = made_silence(44100, 1, 6);
        for (int i = 0; i < 11; i++) {
            made_add_click(&sound, 0.5 + 0.45 * i, quiet ? 0.004 : 0.8);
        }
        counts[quiet] = made_analyse(&sound, AD_AUDIO_ONSETS, 0, &arena)->onsets->count;
        made_free(&sound);
        ad_arena_fini(&arena);
    }
    assert_int_equal(counts[0], 11);
    assert_int_equal(counts[1], 11);
}

static void silence_has_no_onsets(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = made_silence(44100, 2, 3);
    assert_int_equal(made_analyse(&sound, AD_AUDIO_ONSETS, 0, &arena)->onsets->count, 0);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(strokes_are_found_within_twenty_milliseconds),
    cmocka_unit_test(strength_follows_the_stroke),
    cmocka_unit_test(level_of_the_recording_does_not_matter),
    cmocka_unit_test(silence_has_no_onsets),
};
AD_TEST_MAIN(tests)
