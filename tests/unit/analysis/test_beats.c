/* SPDX-License-Identifier: MIT */
#include "made.h"

/* Four to the bar: drum on 1 and 3, click on 2 and 4, and a soft click on every half. `bpm(t)` may change. */
static size_t add_groove(struct made_sound *sound, double first, double last,
                         double (*bpm)(double), double *beats)
{
    size_t count = 0;
    for (double t = first; t < last;) {
        double length = 60 / bpm(t);
        beats[count] = t;
        if (count % 2 == 0) {
            made_add_drum(sound, t, 0.7);
        } else {
            made_add_click(sound, t, 0.5);
        }
        made_add_click(sound, t, 0.12);
        made_add_click(sound, t + length / 2, 0.1);
        t += length;
        count++;
    }
    return count;
}

static double steady(double t)
{
    (void)t;
    return 118;
}

static double faster(double t)
{
    return 95 + t;
}

static double leap(double t)
{
    return t < 15 ? 100 : 126;
}

static void check(double (*bpm)(double), double seconds, double least)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = made_silence(44100, 1, seconds);
    double truth[256] = {0};
    size_t count = add_groove(&sound, 0.7, seconds - 0.5, bpm, truth);
    struct ad_beats *beats = made_analyse(&sound, AD_AUDIO_BEATS, 0, &arena)->beats;
    assert_true(made_f_measure(truth, count, beats->times, beats->count, 0.07) >= least);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static void a_steady_groove_is_met_beat_for_beat(void **state)
{
    (void)state;
    check(steady, 24, 0.98);
}

static void an_accelerating_groove_is_followed(void **state)
{
    (void)state;
    check(faster, 30, 0.95);
}

static void a_leap_of_the_tempo_is_followed(void **state)
{
    (void)state;
    check(leap, 30, 0.93);
}

static void tempo_and_its_course_are_those_played(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = made_silence(44100, 1, 30);
    double truth[256] = {0};
    (void)add_groove(&sound, 0.7, 29.5, leap, truth);
    struct ad_beats *beats = made_analyse(&sound, AD_AUDIO_BEATS, 0, &arena)->beats;
    assert_int_equal(beats->tempo_count, 61);
    for (size_t i = 0; i < beats->tempo_count; i++) {
        assert_near(beats->tempo_times[i], 0.5 * (double)i, 1e-12);
    }
    assert_near(beats->tempo_values[16], 100, 1.5);
    assert_near(beats->tempo_values[46], 126, 2);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static void hypotheses_are_ranked_and_their_confidences_sum_to_one_at_most(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct made_sound sound = made_silence(44100, 1, 20);
    double truth[256] = {0};
    (void)add_groove(&sound, 0.7, 19.5, steady, truth);
    struct ad_beats *beats = made_analyse(&sound, AD_AUDIO_BEATS, 0, &arena)->beats;
    assert_true(beats->hypothesis_count >= 2);
    double sum = 0;
    for (size_t i = 0; i < beats->hypothesis_count; i++) {
        const struct ad_beat_hypothesis *h = &beats->hypotheses[i];
        assert_true(i == 0 || h->confidence <= h[-1].confidence);
        assert_true(h->tempo > 30 && h->tempo < 300);
        sum += h->confidence;
        for (size_t k = 1; k < h->count; k++) {
            assert_true(h->times[k] > h->times[k - 1]);
        }
    }
    assert_true(sum <= 1 + 1e-9);
    assert_near(beats->tempo, beats->hypotheses[0].tempo, 0);
    assert_near(beats->tempo, 118, 1);
    made_free(&sound);
    ad_arena_fini(&arena);
}

static void silence_and_a_single_stroke_have_no_beats(void **state)
{
    (void)state;
    for (int strokes = 0; strokes < 2; strokes++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct made_sound sound = made_silence(44100, 1, 1.2);
        if (strokes > 0) {
            made_add_click(&sound, 0.6, 0.5);
        }
        struct ad_beats *beats = made_analyse(&sound, AD_AUDIO_BEATS, 0, &arena)->beats;
        assert_int_equal(beats->count, 0);
        assert_int_equal(beats->downbeat_count, 0);
        assert_int_equal(beats->beats_per_bar, 0);
        assert_near(beats->tempo, 0, 0);
        made_free(&sound);
        ad_arena_fini(&arena);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_steady_groove_is_met_beat_for_beat),
    cmocka_unit_test(an_accelerating_groove_is_followed),
    cmocka_unit_test(a_leap_of_the_tempo_is_followed),
    cmocka_unit_test(tempo_and_its_course_are_those_played),
    cmocka_unit_test(hypotheses_are_ranked_and_their_confidences_sum_to_one_at_most),
    cmocka_unit_test(silence_and_a_single_stroke_have_no_beats),
};
AD_TEST_MAIN(tests)
