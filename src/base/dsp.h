/* SPDX-License-Identifier: MIT
 *
 * Arithmetic that gives the same bits on every machine: additions, multiplications, divisions and
 * square roots of IEEE doubles in a written order, and nothing else. libm's sin, log and exp differ
 * between libraries and CPUs, so none is called here. All functions are pure.
 */
#ifndef AD_BASE_DSP_H
#define AD_BASE_DSP_H

#define AD_DSP_PI 3.14159265358979323846

/* Base-two logarithm of a positive normal number; about 1e-15 of error. Zero and less give -1074. */
double ad_dsp_log2(double x);
double ad_dsp_ln(double x);
/* 2 to the x for |x| <= 1000; beyond it is held at the border. */
double ad_dsp_exp2(double x);
/* Decibels of an amplitude (20 log10) and of a power (10 log10), not below -200. */
double ad_dsp_amplitude_db(double amplitude);
double ad_dsp_power_db(double power);
/* 10 to the db/20 and db/10. */
double ad_dsp_db_amplitude(double db);
double ad_dsp_db_power(double db);
/* Cosine and sine of `turns` full turns (1.0 = 2 pi). |turns| < 2^30. */
void ad_dsp_turn(double turns, double *ret_cos, double *ret_sin);
/* The largest whole number not above x, for |x| < 2^62. */
double ad_dsp_floor(double x);

static inline double ad_dsp_max(double a, double b)
{
    return a > b ? a : b;
}

static inline double ad_dsp_min(double a, double b)
{
    return a < b ? a : b;
}

/* Square root, exact by IEEE 754; 0 for what is not positive. */
double ad_dsp_sqrt(double x);

#endif
