/* SPDX-License-Identifier: MIT
 *
 * Law 3: the same unit gives the same bytes with any number of threads, with any SIMD, on any CPU.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ad_test.h"
#include "units.h"

/* Sanitizers' shadow memory does not fit an emulated process; the plain build runs that test. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

static struct ad_test_media media;

static const struct ad_format tiny = {.width = 64,
                                      .height = 48,
                                      .fps_num = 24,
                                      .fps_den = 1,
                                      .pixel_format = "yuv420p",
                                      .sample_rate = 48000,
                                      .channels = 2};

/* Scale, change colours, blur, crossfade, sharpen; resample, fade and mix: what a film usually has. */
static void make_film(struct ad_test_unit *u, const struct ad_format *format, int64_t frames)
{
    int64_t half = frames / 2;
    const struct ad_test_clip first = {.cid = AD_TEST_CID_A, .first = 30, .count = frames};
    const struct ad_test_clip second = {.cid = AD_TEST_CID_B,
                                        .origin_num = 3,
                                        .origin_den = 1000,
                                        .first = 10,
                                        .count = frames};
    ad_test_unit_init(u, format);
    struct ad_graph *g = u->unit.video;
    struct ad_pad v[2] = {ad_test_video_clip(u, &first), ad_test_video_clip(u, &second)};
    v[0] = ad_graph_chain(g, "hue", v[0]);
    ad_graph_set(g, v[0], "h", "30");
    v[0] = ad_graph_chain(g, "lutyuv", v[0]);
    ad_graph_set(g, v[0], "y", "clip(val*1.2-10,minval,maxval)");
    v[1] = ad_graph_chain(g, "colorspace", v[1]);
    ad_graph_set(g, v[1], "ispace", "smpte170m");
    ad_graph_set(g, v[1], "space", "bt709");
    for (size_t i = 0; i < 6; i++) {
        static const char *const same[6][2] = {{"irange", "tv"},        {"range", "tv"},
                                               {"iprimaries", "bt709"}, {"primaries", "bt709"},
                                               {"itrc", "bt709"},       {"trc", "bt709"}};
        ad_graph_set(g, v[1], same[i][0], same[i][1]);
    }
    v[1] = ad_graph_chain(g, "boxblur", v[1]);
    ad_graph_set_int(g, v[1], "luma_radius", 2);
    struct ad_pad video = ad_graph_filter(g, "xfade", v, 2);
    ad_graph_set(g, video, "transition", "fade");
    ad_graph_setf(g, video, "duration", "%lldus",
                  (long long)(half * 1000000 / format->fps_num));
    ad_graph_set(g, video, "offset", "0us");
    video = ad_graph_chain(g, "unsharp", video);
    ad_graph_set(g, video, "luma_amount", "0.8");

    struct ad_test_clip sound_a = first;
    struct ad_test_clip sound_b = second;
    sound_a.stream = sound_b.stream = 1;
    g = u->unit.audio;
    struct ad_pad a[2] = {ad_test_audio_clip(u, &sound_a), ad_test_audio_clip(u, &sound_b)};
    a[0] = ad_graph_chain(g, "atrim", a[0]);
    ad_graph_set_int(g, a[0], "start_pts", 0);
    ad_graph_set_int(g, a[0], "end_pts", ad_samples_for(format, frames) / 2 + 500);
    struct ad_pad audio = ad_graph_filter(g, "acrossfade", a, 2);
    ad_graph_set_int(g, audio, "nb_samples", 1000);
    audio = ad_graph_chain(g, "atempo", audio);
    ad_graph_set(g, audio, "tempo", "1.1");
    audio = ad_graph_chain(g, "apad", audio);
    audio = ad_graph_chain(g, "atrim", audio);
    ad_graph_set_int(g, audio, "end_pts", ad_samples_for(format, frames));
    ad_test_unit_finish(u, video, audio, frames);
    ad_test_encode_web(u);
}

static char *render_and_hash(struct ad_test_media *with, struct ad_test_unit *u,
                             const char *cpu_flags, int threads, const char *out)
{
    const char *paths[4] = {
        ad_test_media("chaplin.mp4"), ad_test_media("big_buck_bunny_0_30.webm"),
        ad_test_media("chaplin.mp4"), ad_test_media("big_buck_bunny_0_30.webm")};
    artdag_error err = {0};
    struct ad_test_result result;
    enum artdag_err rc =
        ad_test_media_render(with, &u->unit, paths, cpu_flags, threads, out, &result);
    err = result.error;
    ad_test_ok(rc, &err, "render", __FILE__, __LINE__);
    return ad_test_shell("sha256sum < '%s'", out);
}

static void bytes_do_not_depend_on_threads_or_simd(void **state)
{
    static const int threads[] = {1, 3, 8};
    static const char *const flags[] = {NULL, "0", "sse2", "ssse3", "avx2"};
    const char *out = ad_test_path(*state, "film.mp4");
    const struct ad_format format = {.width = 320,
                                     .height = 180,
                                     .fps_num = 24,
                                     .fps_den = 1,
                                     .pixel_format = "yuv420p",
                                     .sample_rate = 48000,
                                     .channels = 2};
    struct ad_test_unit u;
    make_film(&u, &format, 24);
    char *want = render_and_hash(&media, &u, NULL, 1, out);
    assert_int_equal(ad_test_shell_int("ffprobe -v error -select_streams v -count_frames "
                                       "-show_entries stream=nb_read_frames -of csv=p=0 '%s'",
                                       out),
                     24);
    for (size_t t = 0; t < sizeof(threads) / sizeof(threads[0]); t++) {
        for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]); f++) {
            char *got = render_and_hash(&media, &u, flags[f], threads[t], out);
            assert_string_equal(got, want);
            free(got);
        }
    }
    free(want);
    ad_test_unit_fini(&u);
}

static void intermediates_do_not_depend_on_threads_or_simd(void **state)
{
    static const char *const flags[] = {"0", "sse2", "avx2"};
    const char *out = ad_test_path(*state, "film.nut");
    struct ad_test_unit u;
    make_film(&u, &tiny, 12);
    ad_test_encode_mezzanine(&u);
    char *want = render_and_hash(&media, &u, NULL, 1, out);
    for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]); f++) {
        char *got = render_and_hash(&media, &u, flags[f], 3, out);
        assert_string_equal(got, want);
        free(got);
    }
    free(want);
    ad_test_unit_fini(&u);
}

#ifndef SANITIZED
static void bytes_do_not_depend_on_the_cpu(void **state)
{
    /* x264 and others look at the CPU themselves, whatever libav is told: so whole CPUs are emulated. */
    static const char *const cpus[] = {"Nehalem", "Haswell"};
    const char *out = ad_test_path(*state, "film.mp4");
    struct ad_test_unit u;
    make_film(&u, &tiny, 6);
    char *want = render_and_hash(&media, &u, NULL, 1, out);
    for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++) {
        const char *prefix[] = {"qemu-x86_64", "-cpu", cpus[i], NULL};
        struct ad_test_media emulated;
        ad_test_media_start(&emulated, prefix);
        assert_string_equal(emulated.toolchain, media.toolchain);
        char *got = render_and_hash(&emulated, &u, NULL, 1, out);
        assert_string_equal(got, want);
        free(got);
        assert_int_equal(ad_test_media_stop(&emulated), 0);
    }
    free(want);
    ad_test_unit_fini(&u);
}
#endif

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(bytes_do_not_depend_on_threads_or_simd),
    ad_test_in_dir(intermediates_do_not_depend_on_threads_or_simd),
#ifndef SANITIZED
    ad_test_in_dir(bytes_do_not_depend_on_the_cpu),
#endif
};

int main(void)
{
    ad_test_media_start(&media, NULL);
    int rc = ad_test_run(__FILE__, tests, sizeof(tests) / sizeof(tests[0]));
    return ad_test_media_stop(&media) == 0 ? rc : 1;
}
