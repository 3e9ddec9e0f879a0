/* SPDX-License-Identifier: MIT */
#include "made.h"

#include <math.h>
#include <stdlib.h>

#define TAU 6.283185307179586

struct made_sound made_silence(int rate, int channels, double seconds)
{
    struct made_sound sound = {rate, channels, (size_t)(seconds * rate + 0.5), {NULL, NULL}};
    for (int c = 0; c < channels; c++) {
        sound.planes[c] = calloc(sound.count + 1, sizeof(float));
        assert_non_null(sound.planes[c]);
    }
    return sound;
}

void made_free(struct made_sound *sound)
{
    free(sound->planes[0]);
    free(sound->planes[1]);
}

static void add(struct made_sound *sound, size_t i, double x)
{
    for (int c = 0; i < sound->count && c < sound->channels; c++) {
        sound->planes[c][i] += (float)x;
    }
}

void made_add_sine(struct made_sound *sound, double start, double end, double hz,
                   double amplitude, double phase)
{
    size_t last = (size_t)(end * sound->rate + 0.5);
    for (size_t i = (size_t)(start * sound->rate + 0.5); i < last; i++) {
        add(sound, i, amplitude * sin(TAU * hz * (double)i / sound->rate + phase));
    }
}

void made_add_drum(struct made_sound *sound, double at, double amplitude)
{
    size_t first = (size_t)(at * sound->rate + 0.5);
    for (size_t i = 0; i < (size_t)sound->rate / 5; i++) {
        double t = (double)i / sound->rate;
        add(sound, first + i,
            amplitude * exp(-t * 25) * sin(TAU * (55 * t + 4 * (1 - exp(-t * 40)))));
    }
}

void made_add_click(struct made_sound *sound, double at, double amplitude)
{
    uint64_t state = 88172645463325252U;
    size_t first = (size_t)(at * sound->rate + 0.5);
    for (size_t i = 0; i < (size_t)sound->rate / 20; i++) {
        state ^= state << 13U;
        state ^= state >> 7U;
        state ^= state << 17U;
        double noise = (double)(int64_t)state / 9.3e18;
        add(sound, first + i, amplitude * exp(-(double)i / sound->rate * 90) * noise);
    }
}

void made_add_tone(struct made_sound *sound, double at, double seconds, double hz,
                   double amplitude)
{
    size_t first = (size_t)(at * sound->rate + 0.5);
    for (size_t i = 0; i < (size_t)(seconds * sound->rate); i++) {
        double t = (double)i / sound->rate;
        double shape = amplitude * exp(-t * 3) * (t > seconds - 0.02 ? (seconds - t) * 50 : 1);
        add(sound, first + i,
            shape * (sin(TAU * hz * t) + 0.5 * sin(2 * TAU * hz * t) +
                     0.25 * sin(3 * TAU * hz * t)));
    }
}

struct ad_audio_result *made_analyse(const struct made_sound *sound, unsigned features,
                                     size_t piece, struct ad_arena *arena)
{
    artdag_error err = {0};
    struct ad_audio_params params = {
        .features = features, .sample_rate = sound->rate, .channels = sound->channels};
    struct ad_audio_analysis *analysis = NULL;
    struct ad_audio_result *result = NULL;
    assert_ok(ad_audio_analysis_create(&params, &analysis, &err));
    for (size_t at = 0; at < sound->count;) {
        size_t take = piece != 0 && piece < sound->count - at ? piece : sound->count - at;
        const float *planes[2] = {sound->planes[0] + at,
                                  sound->channels > 1 ? sound->planes[1] + at : NULL};
        assert_ok(ad_audio_analysis_push(analysis, planes, take, &err));
        at += take;
    }
    assert_ok(ad_audio_analysis_finish(analysis, arena, &result, &err));
    ad_audio_analysis_destroy(analysis);
    return result;
}

double made_f_measure(const double *truth, size_t truth_count, const double *found,
                      size_t found_count, double window)
{
    size_t hits = 0;
    size_t i = 0;
    size_t j = 0;
    while (i < truth_count && j < found_count) {
        double d = truth[i] - found[j];
        if (d <= window && d >= -window) {
            hits++;
            i++;
            j++;
        } else if (d < 0) {
            i++;
        } else {
            j++;
        }
    }
    return 2.0 * (double)hits / (double)(truth_count + found_count);
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30U;
    x *= 0xBF58476D1CE4E5B9U;
    x ^= x >> 27U;
    x *= 0x94D049BB133111EBU;
    return x ^ x >> 31U;
}

/* Smooth noise: values at every eighth pixel, joined by straight lines. */
static double patch(uint64_t scene, int x, int y)
{
    int cx = x >= 0 ? x / 8 : (x - 7) / 8;
    int cy = y >= 0 ? y / 8 : (y - 7) / 8;
    double u = (x - cx * 8) / 8.0;
    double v = (y - cy * 8) / 8.0;
    double corner[4] = {0};
    for (int k = 0; k < 4; k++) {
        uint64_t where =
            (uint64_t)(cx + (k & 1) + 1000) * 4096 + (uint64_t)(cy + (k >> 1) + 1000);
        corner[k] = (double)(mix(scene * 0x9E3779B97F4A7C15U + where) % 200);
    }
    return (corner[0] * (1 - u) + corner[1] * u) * (1 - v) +
           (corner[2] * (1 - u) + corner[3] * u) * v;
}

void made_picture(struct made_picture *picture, uint64_t scene, int dx, int dy, int light)
{
    for (int y = 0; y < MADE_HEIGHT; y++) {
        for (int x = 0; x < MADE_WIDTH; x++) {
            int value = (int)patch(scene, x + dx, y + dy) + 16 + light;
            picture->luma[y][x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
    }
    for (int c = 0; c < 2; c++) {
        uint8_t tint = (uint8_t)(100 + mix(scene + 77 + (uint64_t)c) % 56);
        for (int y = 0; y < MADE_HEIGHT / 2; y++) {
            for (int x = 0; x < MADE_WIDTH / 2; x++) {
                picture->chroma[c][y][x] = tint;
            }
        }
    }
}

struct ad_video_frame made_frame(const struct made_picture *picture)
{
    return (struct ad_video_frame){&picture->luma[0][0],
                                   MADE_WIDTH,
                                   {&picture->chroma[0][0][0], &picture->chroma[1][0][0]},
                                   MADE_WIDTH / 2};
}
