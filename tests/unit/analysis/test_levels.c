/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "made.h"

static void energy_of_a_sine_is_its_rms(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = made_silence(44100, 2, 2);
    made_add_sine(&sound, 0, 1, 1000, 0.5, 0);
    struct ad_energy *energy = made_analyse(&sound, AD_AUDIO_ENERGY, 1000, &arena)->energy;
    assert_int_equal(energy->count, 40);
    for (size_t i = 0; i < 20; i++) {
        assert_near(energy->times[i], 0.05 * (double)i, 1e-12);
        assert_near(energy->values[i], 0.5 / sqrt(2), 1e-4);
        assert_near(energy->values_db[i], -9.0309, 1e-2);
        assert_near(energy->values[i + 20], 0, 1e-12);
        assert_near(energy->values_db[i + 20], -200, 1e-12);
    }
    assert_near(energy->max, 0.5 / sqrt(2), 1e-4);
    assert_near(energy->mean, 0.25 / sqrt(2), 1e-4);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static void a_short_last_window_is_measured_over_its_own_length(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = made_silence(48000, 1, 0.112);
    made_add_sine(&sound, 0, 1, 2000, 1, 0);
    struct ad_energy *energy = made_analyse(&sound, AD_AUDIO_ENERGY, 0, &arena)->energy;
    assert_int_equal(energy->count, 3);
    assert_near(energy->values[2], sqrt(0.5), 1e-3);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static void silence_is_found_to_the_hundredth_of_a_second(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = made_silence(22050, 1, 6);
    made_add_sine(&sound, 1, 2, 300, 0.3, 0);
    made_add_sine(&sound, 2.3, 4, 300, 0.3, 0);  /* the gap before it is too short */
    made_add_sine(&sound, 4, 5, 300, 0.0005, 0); /* -66 dB is silence too */
    struct ad_silence *silence = made_analyse(&sound, AD_AUDIO_SILENCE, 333, &arena)->silence;
    assert_int_equal(silence->count, 2);
    assert_near(silence->ranges[0].start, 0, 1e-9);
    assert_near(silence->ranges[0].end, 1, 0.011);
    assert_near(silence->ranges[1].start, 4, 0.011);
    assert_near(silence->ranges[1].end, 6, 1e-9);
    assert_near(silence->total, 3, 0.03);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(energy_of_a_sine_is_its_rms),
    cmocka_unit_test(a_short_last_window_is_measured_over_its_own_length),
    cmocka_unit_test(silence_is_found_to_the_hundredth_of_a_second),
};
AD_TEST_MAIN(tests)
