/* SPDX-License-Identifier: MIT */
#include "base/dsp.h"

#include <stdint.h>
#include <string.h>

#define LN2 0.69314718055994530942
#define LOG10_OF_2 0.30102999566398119521
#define LOG2_OF_10 3.32192809488736234787
#define SQRT2 1.41421356237309504880

double ad_dsp_log2(double x)
{
    if (!(x > 0)) {
        return -1074;
    }
    uint64_t bits = 0;
    memcpy(&bits, &x, sizeof(bits));
    int exponent = (int)(bits >> 52U) - 1023;
    bits = (bits & 0xFFFFFFFFFFFFFU) | 0x3FF0000000000000U;
    double m = 0;
    memcpy(&m, &bits, sizeof(m));
    if (m > SQRT2) {
        m *= 0.5;
        exponent++;
    }
    /* ln m = 2 atanh((m - 1) / (m + 1)); |t| < 0.172, so that twelve terms reach the last bit. */
    double t = (m - 1) / (m + 1);
    double s = t * t;
    double sum = 0;
    for (int k = 23; k >= 1; k -= 2) {
        sum = sum * s + 1.0 / k;
    }
    return exponent + 2 * t * sum / LN2;
}

double ad_dsp_ln(double x)
{
    return ad_dsp_log2(x) * LN2;
}

double ad_dsp_floor(double x)
{
    double whole = (double)(int64_t)x;
    return whole > x ? whole - 1 : whole;
}

double ad_dsp_exp2(double x)
{
    x = ad_dsp_max(-1000, ad_dsp_min(1000, x));
    double whole = ad_dsp_floor(x + 0.5);
    double t = (x - whole) * LN2; /* |t| < 0.347 */
    double sum = 1;
    for (int k = 14; k >= 1; k--) {
        sum = 1 + sum * t / k;
    }
    uint64_t bits = (uint64_t)((int64_t)whole + 1023) << 52U;
    double scale = 0;
    memcpy(&scale, &bits, sizeof(scale));
    return sum * scale;
}

double ad_dsp_amplitude_db(double amplitude)
{
    return ad_dsp_max(-200, 20 * LOG10_OF_2 * ad_dsp_log2(amplitude));
}

double ad_dsp_power_db(double power)
{
    return ad_dsp_max(-200, 10 * LOG10_OF_2 * ad_dsp_log2(power));
}

double ad_dsp_db_amplitude(double db)
{
    return ad_dsp_exp2(db / 20 * LOG2_OF_10);
}

double ad_dsp_db_power(double db)
{
    return ad_dsp_exp2(db / 10 * LOG2_OF_10);
}

/* Both by their series; x in radians, |x| <= pi/4. */
static void small_turn(double x, double *ret_cos, double *ret_sin)
{
    double s = x * x;
    double c = 1;
    double d = 1;
    for (int k = 18; k >= 2; k -= 2) {
        c = 1 - c * s / (k * (k - 1));
        d = 1 - d * s / (k * (k + 1));
    }
    *ret_cos = c;
    *ret_sin = d * x;
}

void ad_dsp_turn(double turns, double *ret_cos, double *ret_sin)
{
    double part = (turns - ad_dsp_floor(turns)) * 4; /* quarters: exact */
    double quarter = ad_dsp_floor(part + 0.5);
    double c = 0;
    double s = 0;
    small_turn((part - quarter) * (AD_DSP_PI / 2), &c, &s);
    switch ((int)quarter & 3) {
    case 0:
        *ret_cos = c;
        *ret_sin = s;
        break;
    case 1:
        *ret_cos = -s;
        *ret_sin = c;
        break;
    case 2:
        *ret_cos = -c;
        *ret_sin = -s;
        break;
    default:
        *ret_cos = s;
        *ret_sin = -c;
        break;
    }
}

/* __builtin_sqrt becomes the CPU's instruction where there is one, and the C library's sqrt elsewhere, which IEEE 754
 * binds to the same bits. */
double ad_dsp_sqrt(double x)
{
    return x > 0 ? __builtin_sqrt(x) : 0;
}
