/* SPDX-License-Identifier: MIT
 *
 * A real transform of n samples as a complex one of n/2: Stockham's autosort, radix 2, real and
 * imaginary parts apart so that a compiler can use vectors. Vectors do not change the order of any sum here.
 */
#include "analysis/dsp.h"

struct ad_fft {
    size_t half;      /* length of the complex transform */
    double *cosine;   /* [half / 2] of the complex transform */
    double *sine;     /* the same; the forward transform's sign is applied where it is used */
    double *real_cos; /* [half + 1] of the real transform */
    double *real_sin;
    double *re[2];
    double *im[2];
};

enum artdag_err ad_fft_create(size_t count, struct ad_fft **ret_fft, artdag_error *err)
{
    if (count < 16 || count > 65536 || (count & (count - 1)) != 0) {
        return ad_error_set(err, ARTDAG_E_INVAL, "analysis", "no transform of %zu samples",
                            count);
    }
    size_t half = count / 2;
    struct ad_fft *fft = ad_alloc(sizeof(*fft));
    double *memory = fft != NULL ? ad_alloc_array(half * 7 + 2, sizeof(double)) : NULL;
    if (memory == NULL) {
        free(fft);
        return ad_error_nomem(err, "analysis");
    }
    fft->half = half;
    fft->cosine = memory; /* owns all of it */
    fft->sine = memory + half / 2;
    fft->re[0] = memory + half;
    fft->re[1] = memory + half * 2;
    fft->im[0] = memory + half * 3;
    fft->im[1] = memory + half * 4;
    fft->real_cos = memory + half * 5;
    fft->real_sin = memory + half * 6 + 1;
    for (size_t k = 0; k < half / 2; k++) {
        ad_dsp_turn((double)k / (double)half, &fft->cosine[k], &fft->sine[k]);
    }
    for (size_t k = 0; k <= half; k++) {
        ad_dsp_turn((double)k / (double)count, &fft->real_cos[k], &fft->real_sin[k]);
    }
    *ret_fft = fft;
    return ARTDAG_OK;
}

void ad_fft_destroy(struct ad_fft *fft)
{
    if (fft != NULL) {
        free(fft->cosine);
        free(fft);
    }
}

/* One pass: `length` is what is left of the transform, `stride` how many are interleaved. */
static void pass(const struct ad_fft *fft, size_t length, size_t stride, int from)
{
    size_t m = length / 2;
    for (size_t p = 0; p < m; p++) {
        double c = fft->cosine[p * stride];
        double s = fft->sine[p * stride];
        const double *restrict ar = fft->re[from] + stride * p;
        const double *restrict ai = fft->im[from] + stride * p;
        const double *restrict br = ar + stride * m;
        const double *restrict bi = ai + stride * m;
        double *restrict xr = fft->re[1 - from] + stride * 2 * p;
        double *restrict xi = fft->im[1 - from] + stride * 2 * p;
        double *restrict yr = xr + stride;
        double *restrict yi = xi + stride;
        for (size_t q = 0; q < stride; q++) {
            double dr = ar[q] - br[q];
            double di = ai[q] - bi[q];
            xr[q] = ar[q] + br[q];
            xi[q] = ai[q] + bi[q];
            yr[q] = dr * c + di * s;
            yi[q] = di * c - dr * s;
        }
    }
}

void ad_fft_power(struct ad_fft *fft, const double *samples, double *power)
{
    size_t half = fft->half;
    for (size_t i = 0; i < half; i++) {
        fft->re[0][i] = samples[2 * i];
        fft->im[0][i] = samples[2 * i + 1];
    }
    int at = 0;
    for (size_t length = half, stride = 1; length > 1; length /= 2, stride *= 2) {
        pass(fft, length, stride, at);
        at = 1 - at;
    }
    const double *re = fft->re[at];
    const double *im = fft->im[at];
    for (size_t k = 0; k <= half; k++) {
        size_t i = k == half ? 0 : k;
        size_t j = k == 0 || k == half ? 0 : half - k;
        double even_re = (re[i] + re[j]) * 0.5;
        double even_im = (im[i] - im[j]) * 0.5;
        double odd_re = (im[i] + im[j]) * 0.5;
        double odd_im = (re[j] - re[i]) * 0.5;
        double x = even_re + odd_re * fft->real_cos[k] + odd_im * fft->real_sin[k];
        double y = even_im + odd_im * fft->real_cos[k] - odd_re * fft->real_sin[k];
        power[k] = x * x + y * y;
    }
}
