/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "ad_test.h"
#include "analysis/dsp.h"

/* The definition, term by term. */
static double slow_power(const double *x, size_t n, size_t k)
{
    double re = 0;
    double im = 0;
    for (size_t i = 0; i < n; i++) {
        double angle = 2 * AD_DSP_PI * (double)(i * k % n) / (double)n;
        re += x[i] * cos(angle);
        im -= x[i] * sin(angle);
    }
    return re * re + im * im;
}

static void power_is_that_of_the_definition(void **state)
{
    (void)state;
    artdag_error err = {0};
    for (size_t n = 16; n <= 512; n *= 2) {
        struct ad_fft *fft = NULL;
        double x[512] = {0};
        double power[257] = {0};
        ad_test_seed(n);
        for (size_t i = 0; i < n; i++) {
            x[i] = (double)ad_test_random_below(2000) / 1000 - 1;
        }
        assert_ok(ad_fft_create(n, &fft, &err));
        ad_fft_power(fft, x, power);
        for (size_t k = 0; k <= n / 2; k++) {
            assert_near(power[k], slow_power(x, n, k), 1e-9 * (double)n);
        }
        ad_fft_destroy(fft);
    }
}

static void one_wave_fills_one_bin(void **state)
{
    (void)state;
    artdag_error err = {0};
    enum {
        N = 2048
    };
    struct ad_fft *fft = NULL;
    static double x[N];
    static double power[N / 2 + 1];
    for (size_t i = 0; i < N; i++) {
        x[i] = cos(2 * AD_DSP_PI * 100 * (double)i / N);
    }
    assert_ok(ad_fft_create(N, &fft, &err));
    ad_fft_power(fft, x, power);
    assert_near(power[100], (double)N * N / 4, 1e-6);
    for (size_t k = 0; k <= N / 2; k++) {
        assert_true(k == 100 || power[k] < 1e-15 * N * N);
    }
    ad_fft_destroy(fft);
}

static void lengths_that_are_no_power_of_two_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_fft *fft = NULL;
    static const size_t wrong[] = {0, 1, 8, 15, 24, 1000, 131072};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_fails(ARTDAG_E_INVAL, ad_fft_create(wrong[i], &fft, &err));
        assert_null(fft);
    }
    ad_fft_destroy(NULL);
}

static void nearest_power_of_two_is_nearest_by_ratio(void **state)
{
    (void)state;
    assert_int_equal(ad_dsp_near_power_of_two(2028.6), 2048);
    assert_int_equal(ad_dsp_near_power_of_two(1400), 1024);
    assert_int_equal(ad_dsp_near_power_of_two(1500), 2048);
    assert_int_equal(ad_dsp_near_power_of_two(1), 16);
    assert_int_equal(ad_dsp_near_power_of_two(1e9), 65536);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(power_is_that_of_the_definition),
    cmocka_unit_test(one_wave_fills_one_bin),
    cmocka_unit_test(lengths_that_are_no_power_of_two_are_refused),
    cmocka_unit_test(nearest_power_of_two_is_nearest_by_ratio),
};
AD_TEST_MAIN(tests)
