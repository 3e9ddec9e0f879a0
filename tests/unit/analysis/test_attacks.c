/* SPDX-License-Identifier: MIT
 *
 * Onsets and beats stand where the sound sets in.
 */
#include <math.h>
#include <string.h>

#include "ad_test.h"
#include "made.h"

#define RATE 44100
#define SECONDS 16
#define EVERY 0.5
#define FIRST 0.253

/* Bursts of a tone from FIRST on; each rises within `rise` seconds. */
static struct ad_audio_result *hear_bursts(struct ad_arena *arena, double rise)
{
    static float sound[RATE * SECONDS];
    const float *channels[1] = {sound};
    struct ad_audio_params params = {
        .features = AD_AUDIO_BEATS | AD_AUDIO_ONSETS, .sample_rate = RATE, .channels = 1};
    struct ad_audio_analysis *analysis = NULL;
    struct ad_audio_result *result = NULL;
    artdag_error err = {0};
    memset(sound, 0, sizeof(sound));
    for (double at = FIRST; at + 0.2 < SECONDS; at += EVERY) {
        size_t start = (size_t)(at * RATE + 0.5);
        for (size_t i = 0; i < (size_t)(0.1 * RATE); i++) {
            double t = (double)i / RATE;
            double level = t < rise ? t / rise : 1 - t / 0.1;
            sound[start + i] = (float)(0.6 * level * sin(2 * 3.14159265358979 * 880 * t));
        }
    }
    assert_ok(ad_audio_analysis_create(&params, &analysis, &err));
    assert_ok(ad_audio_analysis_push(analysis, channels, RATE * SECONDS, &err));
    assert_ok(ad_audio_analysis_finish(analysis, arena, &result, &err));
    ad_audio_analysis_destroy(analysis);
    return result;
}

/* How far a time is from the nearest burst. */
static double off(double time)
{
    double beats = (time - FIRST) / EVERY;
    double nearest = floor(beats + 0.5);
    return (beats - nearest) * EVERY;
}

static void sharp_strokes_are_found_to_two_milliseconds(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_audio_result *r = hear_bursts(&arena, 0);
    assert_true(r->onsets->count >= 30);
    for (size_t i = 0; i < r->onsets->count; i++) {
        assert_true(off(r->onsets->times[i]) > -0.0021 && off(r->onsets->times[i]) < 0.0021);
        assert_true(i == 0 || r->onsets->times[i] > r->onsets->times[i - 1]);
    }
    assert_true(r->beats->count >= 28);
    for (size_t i = 0; i < r->beats->count; i++) {
        assert_true(off(r->beats->times[i]) > -0.003 && off(r->beats->times[i]) < 0.003);
    }
    for (size_t i = 0; i < r->beats->downbeat_count; i++) {
        bool is_beat = false;
        for (size_t k = 0; k < r->beats->count; k++) {
            is_beat |= r->beats->downbeats[i] == r->beats->times[k];
        }
        assert_true(is_beat);
    }
    ad_arena_fini(&arena);
}

static void swelling_strokes_are_still_found(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_audio_result *r = hear_bursts(&arena, 0.05);
    assert_true(r->onsets->count >= 30);
    for (size_t i = 0; i < r->onsets->count; i++) {
        assert_true(off(r->onsets->times[i]) > -0.02 && off(r->onsets->times[i]) < 0.04);
    }
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(sharp_strokes_are_found_to_two_milliseconds),
    cmocka_unit_test(swelling_strokes_are_still_found),
};
AD_TEST_MAIN(tests)
