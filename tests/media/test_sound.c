/* SPDX-License-Identifier: MIT
 *
 * Sound that is long enough to be encoded in stretches: any number of threads gives the same bytes, and every sample is there however
 * the end lies to a stretch.
 */
#include <stdlib.h>
#include <unistd.h>

#include "ad_test.h"
#include "units.h"

#define STRETCH_SAMPLES (512 * 1024)

static struct ad_test_media media;

static const struct ad_format format = {
    .width = 64,
    .height = 36,
    .fps_num = 1000, /* so that lengths can lie close to a border */
    .fps_den = 1,
    .pixel_format = "yuv420p",
    .sample_rate = 48000,
    .channels = 1};

static char *encode(const char *path, int64_t frames, int threads, const char *out)
{
    const struct ad_test_clip clip = {.stream = 0, .origin_den = 1, .count = frames};
    const char *paths[] = {path};
    struct ad_pad none = {0};
    struct ad_test_unit u;
    struct ad_test_result result;
    artdag_error err = {0};
    ad_test_unit_init(&u, &format);
    struct ad_pad a = ad_test_audio_clip(&u, &clip);
    ad_test_unit_finish(&u, none, a, frames);
    ad_test_encode_web(&u);
    enum artdag_err rc =
        ad_test_media_render(&media, &u.unit, paths, NULL, threads, out, &result);
    err = result.error;
    ad_test_ok(rc, &err, "render", __FILE__, __LINE__);
    assert_int_equal(result.samples, frames * 48);
    ad_test_unit_fini(&u);
    return ad_test_shell("sha256sum < '%s'", out);
}

static void stretches_do_not_depend_on_threads_and_lose_no_sample(void **state)
{
    /* One stretch and a bit less and more, by samples; its lead-in and what it looks ahead; three of them. */
    const int64_t samples[] = {STRETCH_SAMPLES - 1024,      STRETCH_SAMPLES,
                               STRETCH_SAMPLES + 48,        STRETCH_SAMPLES + 1024,
                               STRETCH_SAMPLES + 2048 + 48, 2 * STRETCH_SAMPLES + 5000};
    const char *out = ad_test_path(*state, "sound.mp4");
    const char *source = ad_test_path(*state, "noise.wav");
    free(ad_test_shell("ffmpeg -nostdin -v error -y -f lavfi -i "
                       "anoisesrc=r=48000:d=24:seed=7:c=pink -ac 1 '%s'",
                       source));
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        int64_t frames = samples[i] / 48;
        char *alone = encode(source, frames, 1, out);
        assert_int_equal(frames * 48,
                         ad_test_shell_int("ffprobe -v error -show_entries stream=duration_ts "
                                           "-of csv=p=0 '%s'",
                                           out));
        /* One more than frames that begin within the sound: the encoder's delay. */
        assert_int_equal((frames * 48 + 1023) / 1024 + 1,
                         ad_test_shell_int("ffprobe -v error -count_packets -show_entries "
                                           "stream=nb_read_packets -of csv=p=0 '%s'",
                                           out));
        char *many = encode(source, frames, 2 + (int)i, out);
        assert_string_equal(many, alone);
        free(alone);
        free(many);
    }
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(stretches_do_not_depend_on_threads_and_lose_no_sample),
};

int main(void)
{
    ad_test_media_start(&media, NULL);
    int rc = ad_test_run(__FILE__, tests, sizeof(tests) / sizeof(tests[0]));
    return ad_test_media_stop(&media) == 0 ? rc : 1;
}
