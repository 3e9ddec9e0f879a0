/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ad_test.h"
#include "graph/graph.h"

/* Lines of tests/golden/time.txt that begin with `kind`, given to check; returns how many there were. */
static int each_vector(const char *kind, void (*check)(const char *line))
{
    size_t len = 0;
    char *text = (char *)ad_test_read(ad_test_source("tests/golden/time.txt"), &len);
    int count = 0;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, kind, strlen(kind)) == 0) {
            check(line + strlen(kind));
            count++;
        }
    }
    return count;
}

static void check_samples(const char *line)
{
    struct ad_format f = {0};
    int64_t frame = 0;
    int64_t at = 0;
    int64_t count = 0;
    assert_int_equal(sscanf(line,
                            "%" SCNd64 "%" SCNd64 "%" SCNd64 "%" SCNd64 "%" SCNd64 "%" SCNd64,
                            &f.fps_num, &f.fps_den, &f.sample_rate, &frame, &at, &count),
                     6);
    assert_int_equal(ad_samples_at(&f, frame), at);
    assert_int_equal(ad_samples_for(&f, frame), count);
}

static void samples_equal_pythons_exact_numbers(void **state)
{
    (void)state;
    assert_true(each_vector("samples ", check_samples) > 500);
}

static void check_muldiv(const char *line)
{
    int64_t n[6];
    assert_int_equal(sscanf(line,
                            "%" SCNd64 "%" SCNd64 "%" SCNd64 "%" SCNd64 "%" SCNd64 "%" SCNd64,
                            &n[0], &n[1], &n[2], &n[3], &n[4], &n[5]),
                     6);
    assert_int_equal(ad_muldiv_floor(n[0], n[1], n[2]), n[3]);
    assert_int_equal(ad_muldiv_ceil(n[0], n[1], n[2]), n[4]);
    assert_int_equal(ad_muldiv_round(n[0], n[1], n[2]), n[5]);
}

static void products_of_128_bits_equal_pythons_exact_numbers(void **state)
{
    (void)state;
    assert_true(each_vector("muldiv ", check_muldiv) > 400);
}

static void any_placing_of_a_piece_finds_enough_samples(void **state)
{
    (void)state;
    static const int64_t rates[][2] = {{24, 1}, {25, 1}, {30000, 1001}, {24000, 1001}, {7, 3}};
    ad_test_seed(1);
    for (int i = 0; i < 20000; i++) {
        const int64_t *rate = rates[ad_test_random_below(5)];
        struct ad_format f = {.fps_num = rate[0], .fps_den = rate[1], .sample_rate = 44100};
        int64_t start = (int64_t)ad_test_random_below(1000000);
        int64_t frames = (int64_t)ad_test_random_below(1000) + 1;
        int64_t needed = ad_samples_at(&f, start + frames) - ad_samples_at(&f, start);
        assert_true(needed <= ad_samples_for(&f, frames));
        /* A piece cut at floor(start) fits into what carries start + frames. */
        assert_true(ad_samples_at(&f, start) + ad_samples_for(&f, frames) <=
                    ad_samples_for(&f, start + frames));
    }
}

static void seconds_round_half_up(void **state)
{
    (void)state;
    struct ad_format f = {.fps_num = 24, .fps_den = 1};
    assert_int_equal(ad_frames_from_seconds(1, 48, &f), 1);
    assert_int_equal(ad_frames_from_seconds(1, 49, &f), 0);
    assert_int_equal(ad_frames_from_seconds(3, 48, &f), 2);
    assert_int_equal(ad_frames_from_seconds(INT64_MAX, 1, &f), INT64_MAX);
    f = (struct ad_format){.fps_num = 30000, .fps_den = 1001};
    assert_int_equal(ad_frames_from_seconds(1001, 30000, &f), 1);
    assert_int_equal(ad_frames_from_seconds(INT64_MAX, INT64_MAX, &f), 30);
}

static void good_working_formats_pass(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_format f = {1280, 720, 30000, 1001, "yuv420p", 44100, 2};
    assert_ok(ad_format_check(&f, &err));
    for (size_t i = 0; ad_pixel_formats[i]; i++) {
        f.pixel_format = ad_pixel_formats[i];
        assert_ok(ad_format_check(&f, &err));
    }
}

static void bad_working_formats_are_refused_with_the_reason(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const struct {
        struct ad_format format;
        const char *says;
    } cases[] = {
        {{1281, 720, 24, 1, "yuv420p", 48000, 2}, "width"},
        {{0, 720, 24, 1, "yuv420p", 48000, 2}, "width"},
        {{1280, 16386, 24, 1, "yuv420p", 48000, 2}, "height"},
        {{1280, 720, 48, 2, "yuv420p", 48000, 2}, "frame rate"},
        {{1280, 720, 0, 1, "yuv420p", 48000, 2}, "frame rate"},
        {{1280, 720, 1001, 1, "yuv420p", 48000, 2}, "frame rate"},
        {{1280, 720, 24, 1, "yuv420p", 7999, 2}, "sample rate"},
        {{1280, 720, 24, 1, "yuv420p", 48000, 3}, "channel"},
        {{1280, 720, 24, 1, "yuv42p", 48000, 2}, "yuv420p"},
        {{1280, 720, 24, 1, NULL, 48000, 2}, "pixel format"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_fails(ARTDAG_E_INVAL, ad_format_check(&cases[i].format, &err));
        assert_err_says(cases[i].says);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(samples_equal_pythons_exact_numbers),
    cmocka_unit_test(products_of_128_bits_equal_pythons_exact_numbers),
    cmocka_unit_test(any_placing_of_a_piece_finds_enough_samples),
    cmocka_unit_test(seconds_round_half_up),
    cmocka_unit_test(good_working_formats_pass),
    cmocka_unit_test(bad_working_formats_are_refused_with_the_reason),
};
AD_TEST_MAIN(tests)
