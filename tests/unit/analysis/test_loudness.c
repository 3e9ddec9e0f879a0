/* SPDX-License-Identifier: MIT
 *
 * The test signals of EBU Tech 3341 (cases 1 to 5, 15 to 18) and Tech 3342 (cases 1 to 4), made as written there, with the
 * tolerances given there.
 */
#include <math.h>

#include "made.h"

struct part {
    double seconds, db;
};

static struct made_sound sine_parts(const struct part *parts, size_t count)
{
    double total = 0;
    for (size_t i = 0; i < count; i++) {
        total += parts[i].seconds;
    }
    struct made_sound sound = made_silence(48000, 2, total);
    double at = 0;
    for (size_t i = 0; i < count; i++) {
        made_add_sine(&sound, at, at + parts[i].seconds, 1000, pow(10, parts[i].db / 20), 0);
        at += parts[i].seconds;
    }
    return sound;
}

static void check_integrated(const struct part *parts, size_t count, double want)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = sine_parts(parts, count);
    struct ad_loudness *loudness = made_analyse(&sound, AD_AUDIO_LOUDNESS, 0, &arena)->loudness;
    assert_true(loudness->measured);
    assert_near(loudness->integrated, want, 0.1);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static void tech_3341_cases_1_to_5_are_within_a_tenth(void **state)
{
    (void)state;
    check_integrated((struct part[]){{20, -23}}, 1, -23);
    check_integrated((struct part[]){{20, -33}}, 1, -33);
    check_integrated((struct part[]){{10, -36}, {60, -23}, {10, -36}}, 3, -23);
    check_integrated((struct part[]){{10, -72}, {10, -36}, {60, -23}, {10, -36}, {10, -72}}, 5,
                     -23);
    check_integrated((struct part[]){{20, -26}, {20.1, -20}, {20, -26}}, 3, -23);
}

static void check_range(const struct part *parts, size_t count, double want)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = sine_parts(parts, count);
    struct ad_loudness *loudness =
        made_analyse(&sound, AD_AUDIO_LOUDNESS, 4096, &arena)->loudness;
    assert_near(loudness->range, want, 1);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static void tech_3342_cases_1_to_4_are_within_one_unit(void **state)
{
    (void)state;
    check_range((struct part[]){{20, -20}, {20, -30}}, 2, 10);
    check_range((struct part[]){{20, -20}, {20, -15}}, 2, 5);
    check_range((struct part[]){{20, -40}, {20, -20}}, 2, 20);
    check_range((struct part[]){{20, -50}, {20, -35}, {20, -20}, {20, -35}, {20, -50}}, 5, 15);
}

static void tech_3341_true_peaks_are_between_minus_4_and_plus_2_tenths(void **state)
{
    (void)state;
    static const double degrees[] = {0, 45, 60, 67.5};
    static const double divisors[] = {4, 4, 6, 8};
    for (size_t i = 0; i < 4; i++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct made_sound sound = made_silence(48000, 2, 1);
        made_add_sine(&sound, 0, 1, 48000 / divisors[i], 0.5,
                      degrees[i] / 180 * 3.14159265358979);
        /* A sine that starts from nothing overshoots, rightly: the first and last 20 ms are faded. */
        for (size_t k = 0; k < sound.count; k++) {
            double edge = k < sound.count - k ? (double)k : (double)(sound.count - k);
            double gain = edge < 960 ? edge / 960 : 1;
            sound.planes[0][k] *= (float)gain;
            sound.planes[1][k] *= (float)gain;
        }
        double peak = made_analyse(&sound, AD_AUDIO_LOUDNESS, 0, &arena)->loudness->true_peak;
        assert_true(peak <= -6.0 + 0.2 && peak >= -6.0 - 0.4);
        made_free(&sound);
        ad_arena_fini(&arena);
    }
}

static void other_rates_measure_the_same(void **state)
{
    (void)state;
    static const int rates[] = {8000, 22050, 44100, 96000, 192000};
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct made_sound sound = made_silence(rates[i], 2, 5);
        made_add_sine(&sound, 0, 5, 997, pow(10, -23.0 / 20), 0);
        struct ad_loudness *loudness =
            made_analyse(&sound, AD_AUDIO_LOUDNESS, 0, &arena)->loudness;
        assert_near(loudness->integrated, -23, 0.15);
        assert_near(loudness->momentary_max, -23, 0.15);
        assert_near(loudness->short_term_max, -23, 0.15);
        made_free(&sound);
        ad_arena_fini(&arena);
    }
}

static void mono_is_three_lufs_below_the_same_in_both_channels(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = made_silence(48000, 1, 5);
    made_add_sine(&sound, 0, 5, 997, pow(10, -20.0 / 20), 0);
    struct ad_loudness *loudness = made_analyse(&sound, AD_AUDIO_LOUDNESS, 0, &arena)->loudness;
    assert_near(loudness->integrated, -23.01, 0.1);
    assert_near(loudness->sample_peak, -20, 0.01);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static void silence_has_no_loudness(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = made_silence(48000, 2, 5);
    struct ad_loudness *loudness = made_analyse(&sound, AD_AUDIO_LOUDNESS, 0, &arena)->loudness;
    assert_false(loudness->measured);
    assert_near(loudness->integrated, -200, 0);
    assert_near(loudness->range, 0, 0);
    assert_near(loudness->true_peak, -200, 0);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(tech_3341_cases_1_to_5_are_within_a_tenth),
    cmocka_unit_test(tech_3342_cases_1_to_4_are_within_one_unit),
    cmocka_unit_test(tech_3341_true_peaks_are_between_minus_4_and_plus_2_tenths),
    cmocka_unit_test(other_rates_measure_the_same),
    cmocka_unit_test(mono_is_three_lufs_below_the_same_in_both_channels),
    cmocka_unit_test(silence_has_no_loudness),
};
AD_TEST_MAIN(tests)
