/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "ad_test.h"
#include "base/base.h"

static void logarithms_agree_with_the_c_library(void **state)
{
    (void)state;
    for (int e = -300; e <= 300; e++) {
        for (double m = 1; m < 2; m += 0.037) {
            double x = ldexp(m, e);
            assert_near(ad_dsp_log2(x), log2(x), 1e-13 * (1 + fabs(log2(x))));
        }
    }
    assert_near(ad_dsp_ln(2.718281828459045), 1, 1e-15);
    assert_near(ad_dsp_log2(1), 0, 0);
    assert_near(ad_dsp_log2(0), -1074, 0);
    assert_near(ad_dsp_log2(-3), -1074, 0);
}

static void powers_of_two_agree_with_the_c_library(void **state)
{
    (void)state;
    for (double x = -200; x <= 200; x += 0.173) {
        assert_near(ad_dsp_exp2(x) / exp2(x), 1, 1e-14);
    }
    assert_near(ad_dsp_exp2(10), 1024, 0);
    assert_near(ad_dsp_exp2(5000), ad_dsp_exp2(1000), 0);
}

static void turns_agree_with_the_c_library(void **state)
{
    (void)state;
    for (double turns = -3; turns <= 3; turns += 0.00137) {
        double c = 0;
        double s = 0;
        ad_dsp_turn(turns, &c, &s);
        assert_near(c, cos(2 * AD_DSP_PI * turns), 1e-14);
        assert_near(s, sin(2 * AD_DSP_PI * turns), 1e-14);
    }
}

static void quarter_turns_are_exact(void **state)
{
    (void)state;
    static const double want[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    for (int q = -8; q <= 8; q++) {
        double c = 0;
        double s = 0;
        ad_dsp_turn(q / 4.0, &c, &s);
        assert_near(c, want[(q + 8) % 4][0], 0);
        assert_near(s, want[(q + 8) % 4][1], 0);
    }
}

static void decibels_go_there_and_back(void **state)
{
    (void)state;
    assert_near(ad_dsp_amplitude_db(0.1), -20, 1e-12);
    assert_near(ad_dsp_power_db(0.1), -10, 1e-12);
    assert_near(ad_dsp_amplitude_db(0), -200, 0);
    assert_near(ad_dsp_db_amplitude(-6.0205999132796239), 0.5, 1e-14);
    assert_near(ad_dsp_db_power(-3.0102999566398120), 0.5, 1e-14);
}

static void floor_rounds_down_on_both_sides_of_zero(void **state)
{
    (void)state;
    assert_near(ad_dsp_floor(2.9), 2, 0);
    assert_near(ad_dsp_floor(-2.1), -3, 0);
    assert_near(ad_dsp_floor(-2), -2, 0);
    assert_near(ad_dsp_floor(0), 0, 0);
}

/* The square root of a half is known to the last bit. One unit either way is the polynomial's own error; more means that a
 * compiler or CPU does not do what dsp.h asks for. */
static void an_eighth_of_a_turn_is_right_to_the_last_bits(void **state)
{
    (void)state;
    double c = 0;
    double s = 0;
    ad_dsp_turn(0.125, &c, &s);
    uint64_t bits[2] = {0};
    memcpy(&bits[0], &c, sizeof(c));
    memcpy(&bits[1], &s, sizeof(s));

    assert_true(bits[0] - 0x3FE6A09E667F3BCCU <= 2);
    assert_true(bits[1] - 0x3FE6A09E667F3BCCU <= 2);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(logarithms_agree_with_the_c_library),
    cmocka_unit_test(powers_of_two_agree_with_the_c_library),
    cmocka_unit_test(turns_agree_with_the_c_library),
    cmocka_unit_test(quarter_turns_are_exact),
    cmocka_unit_test(decibels_go_there_and_back),
    cmocka_unit_test(floor_rounds_down_on_both_sides_of_zero),
    cmocka_unit_test(an_eighth_of_a_turn_is_right_to_the_last_bits),
};
AD_TEST_MAIN(tests)
