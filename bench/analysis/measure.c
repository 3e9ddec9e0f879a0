/* SPDX-License-Identifier: MIT
 *
 * measure SOUND.wav...: analyses 16-bit PCM files with the engine's own code and prints one line of JSON each, for score.py.
 * measure --video WIDTH HEIGHT FPS: the same for raw yuv420p pictures from standard input.
 * measure --speed SOUND.wav...: prints how many seconds of music one second of work analyses.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "analysis/analysis.h"

struct wav {
    uint8_t *data;
    const uint8_t *pcm;
    size_t frames;
    int rate, channels;
};

static uint32_t little(const uint8_t *p, int bytes)
{
    uint32_t value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
        value = value << 8U | p[i];
    }
    return value;
}

static bool read_wav(const char *path, struct wav *wav)
{
    FILE *file = fopen(path, "rb");
    size_t size = 0;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
        long end = ftell(file);
        rewind(file);
        size = end > 0 ? (size_t)end : 0;
        wav->data = malloc(size + 8);
        size = wav->data != NULL ? fread(wav->data, 1, size, file) : 0;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    for (size_t at = 12; at + 8 <= size;) {
        size_t length = little(wav->data + at + 4, 4);
        const uint8_t *body = wav->data + at + 8;
        length = length < size - at - 8 ? length : size - at - 8;
        if (memcmp(wav->data + at, "fmt ", 4) == 0 && length >= 16) {
            wav->channels = (int)little(body + 2, 2);
            wav->rate = (int)little(body + 4, 4);
        } else if (memcmp(wav->data + at, "data", 4) == 0 && wav->channels > 0) {
            wav->pcm = body;
            wav->frames = length / 2 / (size_t)wav->channels;
            return true;
        }
        at += 8 + length + (length & 1U);
    }
    return false;
}

static bool analyse(const struct wav *wav, unsigned features, struct ad_arena *arena,
                    struct ad_audio_result **ret, artdag_error *err)
{
    enum {
        BLOCK = 4096
    };
    static float planes[AD_AUDIO_CHANNELS_MAX][BLOCK];
    const float *channels[AD_AUDIO_CHANNELS_MAX] = {0};
    struct ad_audio_params params = {
        .features = features, .sample_rate = wav->rate, .channels = wav->channels};
    struct ad_audio_analysis *analysis = NULL;
    enum artdag_err code = ad_audio_analysis_create(&params, &analysis, err);
    for (int c = 0; c < wav->channels && c < AD_AUDIO_CHANNELS_MAX; c++) {
        channels[c] = planes[c];
    }
    for (size_t at = 0; code == ARTDAG_OK && at < wav->frames; at += BLOCK) {
        size_t take = wav->frames - at < BLOCK ? wav->frames - at : BLOCK;
        for (size_t i = 0; i < take; i++) {
            for (size_t c = 0; c < (size_t)wav->channels; c++) {
                const uint8_t *p = wav->pcm + ((at + i) * (size_t)wav->channels + c) * 2;
                planes[c][i] = (float)(int16_t)little(p, 2) / 32768.0F;
            }
        }
        code = ad_audio_analysis_push(analysis, channels, take, err);
    }
    if (code == ARTDAG_OK) {
        code = ad_audio_analysis_finish(analysis, arena, ret, err);
    }
    ad_audio_analysis_destroy(analysis);
    return code == ARTDAG_OK;
}

static void print_list(const char *name, const double *values, size_t count)
{
    printf(", \"%s\": [", name);
    for (size_t i = 0; i < count; i++) {
        printf("%s%.17g", i > 0 ? ", " : "", values[i]);
    }
    printf("]");
}

static void print_audio(const char *path, const struct ad_audio_result *r)
{
    const struct ad_beats *b = r->beats;
    printf("{\"path\": \"%s\", \"tempo\": %.3f, \"confidence\": %.4f, \"beats_per_bar\": %d, "
           "\"downbeat_confidence\": %.4f",
           path, b->tempo, b->confidence, b->beats_per_bar, b->downbeat_confidence);
    print_list("beats", b->times, b->count);
    print_list("downbeats", b->downbeats, b->downbeat_count);
    print_list("onsets", r->onsets->times, r->onsets->count);
    printf(", \"hypotheses\": [");
    for (size_t i = 0; i < b->hypothesis_count; i++) {
        const struct ad_beat_hypothesis *h = &b->hypotheses[i];
        printf("%s{\"tempo\": %.3f, \"confidence\": %.4f", i > 0 ? ", " : "", h->tempo,
               h->confidence);
        print_list("beats", h->times, h->count);
        print_list("evidence", h->evidence, AD_BEAT_EVIDENCE);
        printf("}");
    }
    printf("]");
    print_list("energy", r->energy->values, r->energy->count);
    for (int band = 0; band < AD_BANDS; band++) {
        static const char *const names[] = {"bass", "mid", "high"};
        print_list(names[band], r->spectrum->values[band], r->spectrum->count);
    }
    print_list("strengths", r->onsets->strengths, r->onsets->count);
    if (r->loudness != NULL) {
        printf(", \"lufs\": %.17g, \"range\": %.17g, \"true_peak\": %.17g",
               r->loudness->integrated, r->loudness->range, r->loudness->true_peak);
    }
    printf("}\n");
}

static double now(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int measure_audio(int count, char **paths, bool speed)
{
    unsigned features = AD_AUDIO_BEATS | AD_AUDIO_ENERGY | AD_AUDIO_SPECTRUM | AD_AUDIO_ONSETS;
    double start = now();
    double seconds = 0;
    int status = 0;
    for (int i = 0; i < count; i++) {
        struct wav wav = {0};
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_audio_result *result = NULL;
        artdag_error err = {0};
        if (!read_wav(paths[i], &wav)) {
            (void)fprintf(stderr, "%s: no 16-bit WAV file\n", paths[i]);
            status = 1;
        } else if (!analyse(&wav, speed ? features : AD_AUDIO_ALL, &arena, &result, &err)) {
            (void)fprintf(stderr, "%s: %s\n", paths[i], err.message);
            status = 1;
        } else {
            seconds += result->duration;
            if (!speed) {
                print_audio(paths[i], result);
            }
        }
        ad_arena_fini(&arena);
        free(wav.data);
    }
    if (speed) {
        double used = now() - start;
        printf("%.1f s of music in %.2f CPU s: %.0f x real time\n", seconds, used,
               seconds / used);
    }
    return status;
}

static void print_video(const struct ad_video_result *r)
{
    printf("{\"frames\": %lld, \"cuts\": [", (long long)r->frames);
    for (size_t i = 0; i < r->scenes->count; i++) {
        printf("%s%lld", i > 0 ? ", " : "", (long long)r->scenes->changes[i].frame);
    }
    printf("], \"scores\": [");
    for (size_t i = 0; i < r->scenes->score_count; i++) {
        printf("%s%.9g", i > 0 ? ", " : "", (double)r->scenes->scores[i]);
    }
    printf("], \"moves\": [");
    for (size_t i = 0; i < r->motion->count; i++) {
        printf("%s%.9g", i > 0 ? ", " : "", (double)r->motion->values[i]);
    }
    printf("], \"motion_tempo\": %.17g, \"motion_confidence\": %.17g, \"black\": %.3f, "
           "\"freeze\": %.3f}\n",
           r->motion->tempo, r->motion->confidence, r->black->total, r->freeze->total);
}

static int measure_video(int width, int height, int fps)
{
    struct ad_video_params params = {.features = AD_VIDEO_ALL,
                                     .width = width,
                                     .height = height,
                                     .fps_num = fps,
                                     .fps_den = 1};
    struct ad_video_analysis *analysis = NULL;
    struct ad_video_result *result = NULL;
    struct ad_arena arena = AD_ARENA_INIT;
    artdag_error err = {0};
    size_t luma = (size_t)width * (size_t)height;
    size_t chroma = (size_t)((width + 1) / 2) * (size_t)((height + 1) / 2);
    uint8_t *picture = malloc(luma + 2 * chroma);
    enum artdag_err code =
        picture != NULL ? ad_video_analysis_create(&params, &analysis, &err) : ARTDAG_E_NOMEM;
    while (code == ARTDAG_OK &&
           fread(picture, 1, luma + 2 * chroma, stdin) == luma + 2 * chroma) {
        struct ad_video_frame frame = {picture,
                                       (size_t)width,
                                       {picture + luma, picture + luma + chroma},
                                       (size_t)(width + 1) / 2};
        code = ad_video_analysis_push(analysis, &frame, &err);
    }
    if (code == ARTDAG_OK) {
        code = ad_video_analysis_finish(analysis, &arena, &result, &err);
    }
    if (code == ARTDAG_OK) {
        print_video(result);
    } else {
        (void)fprintf(stderr, "%s\n", err.message);
    }
    ad_video_analysis_destroy(analysis);
    ad_arena_fini(&arena);
    free(picture);
    return code == ARTDAG_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "--video") == 0) {
        return measure_video(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
    }
    bool speed = argc > 1 && strcmp(argv[1], "--speed") == 0;
    int skip = speed ? 2 : 1;
    if (argc <= skip) {
        (void)fputs("usage: measure [--speed] SOUND.wav... | --video WIDTH HEIGHT FPS\n",
                    stderr);
        return 2;
    }
    return measure_audio(argc - skip, argv + skip, speed);
}
