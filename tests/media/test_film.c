/* SPDX-License-Identifier: MIT
 *
 * Rendering: exact lengths, exact frames, the same bytes wherever they are made.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ad_test.h"
#include "units.h"

static struct ad_test_media media;

static const struct ad_format small = {.width = 320,
                                       .height = 180,
                                       .fps_num = 24,
                                       .fps_den = 1,
                                       .pixel_format = "yuv420p",
                                       .sample_rate = 48000,
                                       .channels = 2};

static void render_ok(struct ad_test_unit *u, const char *const *paths, const char *out,
                      struct ad_test_result *result)
{
    artdag_error err = {0};
    enum artdag_err rc = ad_test_media_render(&media, &u->unit, paths, NULL, 2, out, result);
    err = result->error;
    ad_test_ok(rc, &err, "render", __FILE__, __LINE__);
    assert_int_equal(result->exit_status, 0);
}

static void two_seconds_of_a_clip_have_exact_length(void **state)
{
    const char *film = ad_test_path(*state, "film.mp4");
    const char *nut = ad_test_path(*state, "film.nut");
    const char *path = ad_test_media("big_buck_bunny_0_30.webm");
    const char *paths[] = {path, path};
    const struct ad_test_clip video = {
        .origin_num = 3, .origin_den = 1000, .first = 120, .count = 48};
    struct ad_test_clip audio = video;
    audio.stream = 1;
    struct ad_test_unit u;
    struct ad_test_result result;
    ad_test_unit_init(&u, &small);
    struct ad_pad v = ad_test_video_clip(&u, &video);
    struct ad_pad a = ad_test_audio_clip(&u, &audio);
    ad_test_unit_finish(&u, v, a, 48);
    ad_test_encode_web(&u);
    render_ok(&u, paths, film, &result);
    assert_int_equal(result.frames, 48);
    assert_int_equal(result.samples, 96000);
    assert_int_equal(result.decode_errors, 0);
    assert_int_equal(result.progress, 48);
    assert_int_equal(ad_test_shell_int("stat -c %%s '%s'", film), result.bytes);
    assert_int_equal(ad_test_shell_int("ffprobe -v error -select_streams v -count_frames "
                                       "-show_entries stream=nb_read_frames -of csv=p=0 '%s'",
                                       film),
                     48);
    assert_int_equal(ad_test_shell_int("ffprobe -v error -select_streams a "
                                       "-show_entries stream=duration_ts -of csv=p=0 '%s'",
                                       film),
                     96000);
    ad_test_encode_mezzanine(&u);
    render_ok(&u, paths, nut, &result);
    assert_int_equal(ad_test_shell_int("ffprobe -v error -select_streams v -count_frames "
                                       "-show_entries stream=nb_read_frames -of csv=p=0 '%s'",
                                       nut),
                     48);
    assert_int_equal(ad_test_shell_int("ffmpeg -v error -i '%s' -vn -f f32le - | wc -c", nut),
                     96000 * 8);
    ad_test_unit_fini(&u);
    if (getenv("AD_TEST_KEEP"))
        free(ad_test_shell("cp '%s' '%s' /tmp/", film, nut));
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(two_seconds_of_a_clip_have_exact_length),
};

int main(void)
{
    ad_test_media_start(&media, NULL);
    int rc = ad_test_run(__FILE__, tests, sizeof(tests) / sizeof(tests[0]));
    return ad_test_media_stop(&media) == 0 ? rc : 1;
}
