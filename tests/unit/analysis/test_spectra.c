/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "made.h"

static void a_tone_sounds_in_its_own_band(void **state)
{
    (void)state;
    static const double hz[AD_BANDS] = {80, 700, 6000};
    for (size_t tone = 0; tone < AD_BANDS; tone++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct made_sound sound = made_silence(44100, 2, 2);
        made_add_sine(&sound, 0, 2, hz[tone], 0.5, 0);
        struct ad_spectrum *spectrum =
            made_analyse(&sound, AD_AUDIO_SPECTRUM, 1234, &arena)->spectrum;
        assert_int_equal(spectrum->count, 40);
        for (size_t i = 2; i < 38; i++) {
            for (size_t b = 0; b < AD_BANDS; b++) {
                assert_near(spectrum->values[b][i], b == tone ? 0.5 / sqrt(2) : 0, 0.004);
            }
        }
        made_free(&sound);
        ad_arena_fini(&arena);
    }
}

static void bands_end_at_the_nyquist_frequency(void **state)
{
    (void)state;
    static const int rates[] = {8000, 22050, 44100, 48000};
    static const double top[] = {4000, 11025, 20000, 20000};
    for (size_t i = 0; i < 4; i++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct made_sound sound = made_silence(rates[i], 1, 0.5);
        struct ad_spectrum *spectrum =
            made_analyse(&sound, AD_AUDIO_SPECTRUM, 0, &arena)->spectrum;
        assert_near(spectrum->low_hz[AD_BASS], 20, 0);
        assert_near(spectrum->high_hz[AD_BASS], 200, 0);
        assert_near(spectrum->high_hz[AD_MID], 2000, 0);
        assert_near(spectrum->high_hz[AD_HIGH], top[i], 0);
        made_free(&sound);
        ad_arena_fini(&arena);
    }
}

static void channels_out_of_phase_cancel(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = made_silence(44100, 2, 1);
    made_add_sine(&sound, 0, 1, 500, 0.5, 0);
    for (size_t i = 0; i < sound.count; i++) {
        sound.planes[1][i] = -sound.planes[0][i];
    }
    struct ad_audio_result *result =
        made_analyse(&sound, AD_AUDIO_SPECTRUM | AD_AUDIO_ENERGY, 0, &arena);
    assert_near(result->spectrum->max[AD_MID], 0, 1e-9);
    assert_near(result->energy->max, 0.5 / sqrt(2), 1e-3); /* heard all the same */
    made_free(&sound);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_tone_sounds_in_its_own_band),
    cmocka_unit_test(bands_end_at_the_nyquist_frequency),
    cmocka_unit_test(channels_out_of_phase_cancel),
};
AD_TEST_MAIN(tests)
