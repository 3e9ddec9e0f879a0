/* SPDX-License-Identifier: MIT */
#include "analysis/dsp.h"

#define SQRT2 1.41421356237309504880

void ad_dsp_hann(double *window, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double c = 0;
        double s = 0;
        ad_dsp_turn((double)i / (double)count, &c, &s);
        window[i] = 0.5 - 0.5 * c;
    }
}

size_t ad_dsp_near_power_of_two(double x)
{
    size_t n = 16;
    while (n < 65536 && (double)n * SQRT2 < x) {
        n *= 2;
    }
    return n;
}
