/* SPDX-License-Identifier: MIT
 *
 * Rendering: exact lengths, exact frames, sound in its place, and one clear line when something is wrong. Expected pictures and
 * samples come from ffmpeg's own tools, which share the decoders with us and nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ad_test.h"
#include "units.h"

static struct ad_test_media media;

#define FFMPEG "ffmpeg -nostdin -v error -y "
#define MD5_COLUMN "-an -f framemd5 - | grep -v '^#' | awk -F', *' '{print $NF}'"

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

static void render_fails(struct ad_test_unit *u, const char *const *paths, const char *out,
                         enum artdag_err want, const char *text)
{
    artdag_error err = {0};
    struct ad_test_result result = {0};
    enum artdag_err rc = ad_test_media_render(&media, &u->unit, paths, NULL, 2, out, &result);
    err = result.error;
    ad_test_fails(want, rc, &err, "render", __FILE__, __LINE__);
    assert_err_says(text);
    assert_int_equal(result.exit_status, 0);
}

static int64_t count_frames(const char *path)
{
    return ad_test_shell_int("ffprobe -v error -select_streams v -count_frames "
                             "-show_entries stream=nb_read_frames -of csv=p=0 '%s'",
                             path);
}

/* A unit of one clip, as a lossless intermediate of the source's own size, without scaling. */
static void plain_unit(struct ad_test_unit *u, const struct ad_format *format,
                       const struct ad_test_clip *clip)
{
    ad_test_unit_init(u, format);
    struct ad_pad none = {0};
    struct ad_pad v = ad_test_plain_clip(u, clip);
    ad_test_unit_finish(u, v, none, clip->count);
    ad_test_encode_mezzanine(u);
}

static void sound_unit(struct ad_test_unit *u, const struct ad_format *format,
                       const struct ad_test_clip *clip)
{
    ad_test_unit_init(u, format);
    struct ad_pad none = {0};
    struct ad_pad a = ad_test_audio_clip(u, clip);
    ad_test_unit_finish(u, none, a, clip->count);
    ad_test_encode_mezzanine(u);
}

/* Our frames against ffmpeg's, by content. */
static void assert_frames_equal(const char *ours, const char *theirs_command)
{
    char *got = ad_test_shell(FFMPEG "-i '%s' " MD5_COLUMN, ours);
    char *want = ad_test_shell("%s", theirs_command);
    assert_true(strlen(want) > 30);
    assert_string_equal(got, want);
    free(got);
    free(want);
}

/* ---- lengths ---- */

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
    assert_int_equal(count_frames(film), 48);
    assert_int_equal(ad_test_shell_int("ffprobe -v error -select_streams a "
                                       "-show_entries stream=duration_ts -of csv=p=0 '%s'",
                                       film),
                     96000);
    char *facts = ad_test_shell("ffprobe -v error -select_streams v -show_entries "
                                "stream=profile,level,color_space,color_range -of csv=p=0 '%s'",
                                film);
    assert_string_equal(facts, "High,41,tv,bt709\n");
    free(facts);
    /* the index stands in front of the data */
    assert_int_equal(ad_test_shell_int("head -c 64 '%s' | grep -c moov", film), 1);
    ad_test_encode_mezzanine(&u);
    render_ok(&u, paths, nut, &result);
    assert_int_equal(count_frames(nut), 48);
    assert_int_equal(ad_test_shell_int(FFMPEG "-i '%s' -vn -f f32le - | wc -c", nut),
                     96000 * 8);
    ad_test_unit_fini(&u);
}

static void hundred_clips_have_exactly_the_summed_frames(void **state)
{
    enum {
        CLIPS = 100,
        EACH = 3
    };
    const char *out = ad_test_path(*state, "film.nut");
    const char *paths[2 * CLIPS];
    struct ad_pad v[CLIPS];
    struct ad_pad a[CLIPS];
    struct ad_test_unit u;
    struct ad_test_result result;
    ad_test_unit_init(&u, &small);
    for (int i = 0; i < CLIPS; i++) {
        struct ad_test_clip clip = {.first = (i * 7) % 200, .count = EACH};
        v[i] = ad_test_video_clip(&u, &clip);
        clip.stream = 1;
        a[i] = ad_test_audio_clip(&u, &clip);
        paths[i] = paths[CLIPS + i] = ad_test_media("chaplin.mp4");
    }
    struct ad_pad film = ad_graph_filter(u.unit.video, "concat", v, CLIPS);
    ad_graph_set_int(u.unit.video, film, "n", CLIPS);
    struct ad_pad sound = ad_graph_filter(u.unit.audio, "concat", a, CLIPS);
    ad_graph_set_int(u.unit.audio, sound, "n", CLIPS);
    ad_graph_set_int(u.unit.audio, sound, "v", 0);
    ad_graph_set_int(u.unit.audio, sound, "a", 1);
    ad_test_unit_finish(&u, film, sound, CLIPS * EACH);
    ad_test_encode_mezzanine(&u);
    render_ok(&u, paths, out, &result);
    assert_int_equal(count_frames(out), CLIPS * EACH);
    assert_int_equal(result.samples, 48000 * CLIPS * EACH / 24);
    ad_test_unit_fini(&u);
}

static void four_hundred_clips_hold_few_decoders(void **state)
{
    static const int counts[] = {40, 400};
    int64_t peaks[2];
    const char *out = ad_test_path(*state, "film.nut");
    for (int k = 0; k < 2; k++) {
        static const char *paths[400];
        static struct ad_pad v[400];
        struct ad_test_unit u;
        struct ad_test_result result;
        struct ad_pad none = {0};
        ad_test_unit_init(&u, &small);
        for (int i = 0; i < counts[k]; i++) {
            const struct ad_test_clip clip = {.first = i % 5, .count = 2};
            v[i] = ad_test_video_clip(&u, &clip);
            paths[i] = ad_test_media("chaplin.mp4");
        }
        struct ad_pad film = ad_graph_filter(u.unit.video, "concat", v, (size_t)counts[k]);
        ad_graph_set_int(u.unit.video, film, "n", counts[k]);
        ad_test_unit_finish(&u, film, none, 2 * counts[k]);
        ad_test_encode_mezzanine(&u);
        render_ok(&u, paths, out, &result);
        peaks[k] = result.peak_kib;
        ad_test_unit_fini(&u);
    }
    /* A decoder of this film takes 5 MiB, the last pictures in the filters of a clip 1 MiB. AddressSanitizer keeps what was
     * freed for a while, up to 256 MiB, and pads the rest. */
#ifdef __SANITIZE_ADDRESS__
    const int64_t kept_kib = 512 << 10;
#else
    const int64_t kept_kib = 0;
#endif
    assert_true(peaks[1] - peaks[0] < 360 * 2048 + kept_kib);
}

static void clip_closed_for_idleness_goes_on_where_it_was(void **state)
{
    /* B is needed every 40 frames only; meanwhile 20 other clips have come and gone. */
    enum {
        CLIPS = 60
    };
    const char *source = ad_test_path(*state, "source.mkv");
    const char *out = ad_test_path(*state, "film.nut");
    free(ad_test_shell(FFMPEG
                       "-f lavfi -i testsrc2=s=64x48:r=24:d=6 -pix_fmt yuv444p -c:v ffv1 '%s'",
                       source));
    struct ad_format format = small;
    format.width = 64;
    format.height = 48;
    format.pixel_format = "yuv444p";
    const char *paths[CLIPS + 1];
    struct ad_pad v[CLIPS];
    struct ad_pad both[2];
    struct ad_test_unit u;
    struct ad_test_result result;
    struct ad_pad none = {0};
    ad_test_unit_init(&u, &format);
    for (int i = 0; i <= CLIPS; i++) {
        const struct ad_test_clip clip = {.first = i % 7, .count = 30};
        const struct ad_test_clip b = {.first = 20, .count = 80};
        struct ad_pad pad = ad_test_plain_clip(&u, i < CLIPS ? &clip : &b);
        if (i < CLIPS) { /* ends long before its leaf does */
            pad = ad_graph_chain(u.unit.video, "trim", pad);
            ad_graph_set_int(u.unit.video, pad, "end_pts", 2);
        }
        *(i < CLIPS ? &v[i] : &both[1]) = pad;
        paths[i] = source;
    }
    both[0] = ad_graph_filter(u.unit.video, "concat", v, CLIPS);
    ad_graph_set_int(u.unit.video, both[0], "n", CLIPS);
    both[1] = ad_graph_chain(u.unit.video, "setpts", both[1]);
    ad_graph_set(u.unit.video, both[1], "expr", "PTS*40");
    struct ad_pad film = ad_graph_filter(u.unit.video, "overlay", both, 2);
    ad_graph_set(u.unit.video, film, "format", "yuv444");
    film = ad_graph_chain(u.unit.video, "trim", film);
    ad_graph_set_int(u.unit.video, film, "end_pts", 5000000); /* concat counts in us */
    ad_test_unit_finish(&u, film, none, 2 * CLIPS);
    ad_test_encode_mezzanine(&u);
    render_ok(&u, paths, out, &result);
    char *got =
        ad_test_shell(FFMPEG "-i '%s' " MD5_COLUMN " | uniq -c | awk '{print $1, $2}'", out);
    char *want =
        ad_test_shell(FFMPEG "-i '%s' -vf \"select='between(n,20,22)'\" "
                             "-vsync passthrough " MD5_COLUMN " | awk '{print 40, $1}'",
                      source);
    assert_string_equal(got, want);
    free(got);
    free(want);
    ad_test_unit_fini(&u);
}

static void wrong_length_fails_with_both_numbers(void **state)
{
    const char *out = ad_test_path(*state, "film.nut");
    const char *paths[] = {ad_test_media("chaplin.mp4")};
    const struct ad_format format = {640, 360, 25, 1, "yuv420p", 44100, 2};
    const struct ad_test_clip clip = {.first = 10, .count = 5};
    struct ad_test_unit u;
    plain_unit(&u, &format, &clip);
    u.unit.frames = 6;
    render_fails(&u, paths, out, ARTDAG_E_MEDIA, "5 frames instead of 6");
    u.unit.frames = 4;
    render_fails(&u, paths, out, ARTDAG_E_MEDIA, "at least 5 frames instead of 4");
    ad_test_unit_fini(&u);
    struct ad_test_clip sound = clip;
    sound.stream = 1;
    sound_unit(&u, &format, &sound);
    u.unit.frames = 6;
    u.unit.samples = ad_samples_for(&format, 6);
    render_fails(&u, paths, out, ARTDAG_E_MEDIA, "8820 samples instead of 10584");
    ad_test_unit_fini(&u);
}

/* ---- pictures ---- */

static void frames_of_a_cut_are_those_of_the_source(void **state)
{
    static const struct {
        const char *name;
        struct ad_format format;
        int64_t origin_num, origin_den, first, count;
    } cases[] = {
        {"big_buck_bunny_0_30.webm", {1280, 720, 24, 1, "yuv420p", 48000, 2}, 3, 1000, 0, 20},
        {"big_buck_bunny_0_30.webm", {1280, 720, 24, 1, "yuv420p", 48000, 2}, 3, 1000, 301, 20},
        {"big_buck_bunny_0_30.webm", {1280, 720, 24, 1, "yuv420p", 48000, 2}, 3, 1000, 710, 10},
        {"chaplin.mp4", {640, 360, 25, 1, "yuv420p", 48000, 2}, 0, 1, 99, 40},
        {"chaplin.mp4", {640, 360, 25, 1, "yuv420p", 48000, 2}, 0, 1, 200, 41},
        {"no_duration.webm", {1280, 720, 15000, 1001, "yuv420p", 48000, 2}, 0, 1, 0, 74},
        {"no_duration.webm", {1280, 720, 15000, 1001, "yuv420p", 48000, 2}, 0, 1, 40, 20},
    };
    const char *out = ad_test_path(*state, "cut.nut");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *paths[] = {ad_test_media(cases[i].name)};
        const struct ad_test_clip clip = {.origin_num = cases[i].origin_num,
                                          .origin_den = cases[i].origin_den,
                                          .first = cases[i].first,
                                          .count = cases[i].count};
        struct ad_test_unit u;
        struct ad_test_result result;
        char command[600];
        plain_unit(&u, &cases[i].format, &clip);
        render_ok(&u, paths, out, &result);
        (void)snprintf(command, sizeof(command),
                       FFMPEG "-vsync passthrough -i '%s' -vf \"select='between(n,%d,%d)'\" "
                              "-vsync passthrough " MD5_COLUMN,
                       paths[0], (int)clip.first, (int)(clip.first + clip.count - 1));
        assert_frames_equal(out, command);
        ad_test_unit_fini(&u);
    }
}

static void alpha_plane_is_decoded(void **state)
{
    const char *out = ad_test_path(*state, "alpha.nut");
    const char *paths[] = {ad_test_media("transparent.webm")};
    const struct ad_format format = {200, 200, 30, 1, "yuva420p", 48000, 2};
    const struct ad_test_clip clip = {.first = 30, .count = 10, .alpha = true};
    struct ad_test_unit u;
    struct ad_test_result result;
    char command[600];
    plain_unit(&u, &format, &clip);
    render_ok(&u, paths, out, &result);
    (void)snprintf(command, sizeof(command),
                   FFMPEG "-c:v libvpx-vp9 -i '%s' -vf \"select='between(n,30,39)'\" "
                          "-vsync passthrough " MD5_COLUMN,
                   paths[0]);
    assert_frames_equal(out, command);
    char *alpha =
        ad_test_shell(FFMPEG "-i '%s' -vf alphaextract,signalstats,metadata=print:"
                             "key=lavfi.signalstats.YMIN:file=- -frames:v 1 -f null -",
                      out);
    assert_non_null(strstr(alpha, "YMIN=0\n"));
    free(alpha);
    ad_test_unit_fini(&u);
}

static void intermediates_are_read_by_frame_number(void **state)
{
    const char *first = ad_test_path(*state, "first.nut");
    const char *second = ad_test_path(*state, "second.nut");
    const char *paths[] = {ad_test_media("chaplin.mp4"), ad_test_media("chaplin.mp4")};
    const struct ad_format format = {640, 360, 30000, 1001, "yuv420p", 44100, 2};
    const struct ad_test_clip clip = {.count = 250};
    struct ad_test_clip sound = clip;
    sound.stream = 1;
    struct ad_test_unit u;
    struct ad_test_result result;
    ad_test_unit_init(&u, &format);
    struct ad_pad v = ad_test_plain_clip(&u, &clip);
    struct ad_pad a = ad_test_audio_clip(&u, &sound);
    ad_test_unit_finish(&u, v, a, 250);
    ad_test_encode_mezzanine(&u);
    render_ok(&u, paths, first, &result);
    ad_test_unit_fini(&u);

    ad_test_unit_init(&u, &format);
    const struct ad_leaf leaf = {
        .cid = AD_TEST_CID_B, .mezzanine = true, .origin_den = 1, .first = 200, .count = 17};
    v = ad_graph_chain(u.unit.video, "trim", ad_graph_leaf(u.unit.video, &leaf));
    ad_graph_set_int(u.unit.video, v, "start_pts", 200);
    ad_graph_set_int(u.unit.video, v, "end_pts", 217);
    int64_t from = ad_samples_at(&format, 200);
    int64_t to = from + ad_samples_for(&format, 17);
    a = ad_graph_chain(u.unit.audio, "atrim", ad_graph_leaf(u.unit.audio, &leaf));
    ad_graph_set_int(u.unit.audio, a, "start_pts", from);
    ad_graph_set_int(u.unit.audio, a, "end_pts", to);
    ad_test_unit_finish(&u, v, a, 17);
    ad_test_encode_mezzanine(&u);
    const char *again[] = {first, first};
    render_ok(&u, again, second, &result);
    char command[600];
    (void)snprintf(command, sizeof(command),
                   FFMPEG
                   "-i '%s' -vf \"select='between(n,200,216)'\" -vsync passthrough " MD5_COLUMN,
                   first);
    assert_frames_equal(second, command);
    /* not all of the file was read */
    assert_true((int64_t)result.read_bytes * 2 < ad_test_shell_int("stat -c %%s '%s'", first));
    free(ad_test_shell(
        "cd '%s' && " FFMPEG "-i first.nut -vn -f f32le a.raw && " FFMPEG
        "-i second.nut -vn -f f32le b.raw && tail -c +%lld a.raw | head -c %lld | "
        "cmp - b.raw",
        (const char *)*state, (long long)(from * 8 + 1), (long long)((to - from) * 8)));
    ad_test_unit_fini(&u);
}

static void variable_rate_becomes_constant_by_nearest_frame(void **state)
{
    /* Each source frame is shown for a second or for half of one. */
    const char *path = ad_test_path(*state, "vfr.mkv");
    const char *out = ad_test_path(*state, "cfr.nut");
    free(ad_test_shell(FFMPEG
                       "-f lavfi -i testsrc2=s=64x48:r=4:d=3 -vf "
                       "\"select='not(mod(n,4))+eq(n,2)+eq(n,10)'\" -vsync vfr -c:v ffv1 '%s'",
                       path));
    const struct ad_format format = {64, 48, 4, 1, "yuv420p", 48000, 2};
    const struct ad_test_clip clip = {.count = 12};
    const char *paths[] = {path};
    struct ad_test_unit u;
    struct ad_test_result result;
    plain_unit(&u, &format, &clip);
    render_ok(&u, paths, out, &result);
    char *got = ad_test_shell(
        FFMPEG "-i '%s' " MD5_COLUMN " | uniq -c | awk '{printf \"%%s \", $1}'", out);
    assert_string_equal(got, "2 2 4 2 2 ");
    free(got);
    ad_test_unit_fini(&u);
}

static void still_picture_lasts_as_long_as_asked(void **state)
{
    const char *path = ad_test_path(*state, "still.png");
    const char *out = ad_test_path(*state, "still.mp4");
    free(ad_test_shell(FFMPEG "-f lavfi -i testsrc2=s=64x48 -frames:v 1 '%s'", path));
    const struct ad_test_clip clip = {.first = 5, .count = 30};
    const char *paths[] = {path};
    struct ad_test_unit u;
    struct ad_test_result result;
    ad_test_unit_init(&u, &small);
    struct ad_pad none = {0};
    struct ad_pad v = ad_test_video_clip(&u, &clip);
    ad_test_unit_finish(&u, v, none, 30);
    ad_test_encode_web(&u);
    render_ok(&u, paths, out, &result);
    assert_int_equal(count_frames(out), 30);
    ad_test_unit_fini(&u);
}

static void open_gop_with_b_frames_is_cut_exactly(void **state)
{
    const char *path = ad_test_path(*state, "open.mkv");
    const char *out = ad_test_path(*state, "cut.nut");
    free(ad_test_shell(FFMPEG
                       "-f lavfi -i testsrc2=s=64x48:r=25:d=8 -pix_fmt yuv420p -c:v "
                       "libx264 -x264-params "
                       "open-gop=1:keyint=25:min-keyint=25:bframes=5:b-pyramid=normal '%s'",
                       path));
    const struct ad_format format = {64, 48, 25, 1, "yuv420p", 48000, 2};
    const char *paths[] = {path};
    static const int starts[] = {50, 74, 75, 76, 149, 150};
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        const struct ad_test_clip clip = {.first = starts[i], .count = 8};
        struct ad_test_unit u;
        struct ad_test_result result;
        char command[600];
        plain_unit(&u, &format, &clip);
        render_ok(&u, paths, out, &result);
        (void)snprintf(
            command, sizeof(command),
            FFMPEG "-i '%s' -vf \"select='between(n,%d,%d)'\" -vsync passthrough " MD5_COLUMN,
            path, starts[i], starts[i] + 7);
        assert_frames_equal(out, command);
        ad_test_unit_fini(&u);
    }
}

static void odd_inputs_become_ordinary_films(void **state)
{
    static const struct {
        const char *name, *arguments;
    } cases[] = {
        {"dot.png", "-f lavfi -i color=red:s=2x2 -vf scale=1:1,format=rgb24 -frames:v 1"},
        {"odd.mkv",
         "-f lavfi -i testsrc2=s=64x48:r=25:d=2 -vf scale=63:47,format=yuv444p10le -c:v ffv1"},
        {"ten.mp4", "-f lavfi -i testsrc2=s=64x48:r=25:d=2 -pix_fmt yuv420p10le -c:v libx264"},
        {"fields.ts",
         "-f lavfi -i testsrc2=s=64x48:r=50:d=2 -vf interlace -c:v mpeg2video -flags "
         "+ildct+ilme"},
        {"anim.gif", "-f lavfi -i testsrc2=s=64x48:r=10:d=2"},
        {"rgba.mov", "-f lavfi -i testsrc2=s=64x48:r=10:d=2 -c:v qtrle -pix_fmt argb"},
        {"six.flac", "-f lavfi -i anoisesrc=d=2:r=44100 -af 'pan=5.1|c0=c0|c1=c0|c2=c0|c5=c0'"},
        {"mono.wav", "-f lavfi -i sine=d=2:r=8000"},
        {"low.avi",
         "-f lavfi -i testsrc2=s=64x48:r=12:d=2 -f lavfi -i sine=d=2 -c:v mpeg4 -c:a mp2"},
        {"x.flv", "-f lavfi -i testsrc2=s=64x48:r=25:d=2 -f lavfi -i sine=d=2 -c:v flv -c:a "
                  "libmp3lame -ar 44100"},
    };
    const char *out = ad_test_path(*state, "out.mp4");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *path = ad_test_path(*state, "%s", cases[i].name);
        const char *paths[] = {path, path};
        struct ad_test_clip clip = {.count = 40};
        struct ad_pad v = {0};
        struct ad_pad a = {0};
        struct ad_test_unit u;
        struct ad_test_result result;
        free(ad_test_shell(FFMPEG "%s '%s'", cases[i].arguments, path));
        char *json = ad_test_media_probe(&media, path, &result);
        assert_non_null(json);
        ad_test_unit_init(&u, &small);
        if (!strstr(json, "\"video\":null")) {
            clip.stream = (int)ad_test_json_int(strstr(json, "\"video\":"), "stream");
            v = ad_test_video_clip(&u, &clip);
        }
        if (!strstr(json, "\"audio\":null")) {
            clip.stream = (int)ad_test_json_int(json, "stream");
            a = ad_test_audio_clip(&u, &clip);
        }
        assert_int_equal(a.set, strstr(cases[i].arguments, "sine") != NULL ||
                                    strstr(cases[i].arguments, "noise") != NULL);
        free(json);
        ad_test_unit_finish(&u, v, a, 40);
        ad_test_encode_web(&u);
        render_ok(&u, paths, out, &result);
        assert_int_equal(result.frames, v.set ? 40 : 0);
        assert_int_equal(result.samples, a.set ? 80000 : 0);
        if (v.set) {
            assert_int_equal(count_frames(out), 40);
        }
        ad_test_unit_fini(&u);
    }
}

static void rotation_found_is_the_rotation_players_apply(void **state)
{
    const char *plain = ad_test_path(*state, "plain.mp4");
    const char *path = ad_test_path(*state, "turned.mp4");
    const char *out = ad_test_path(*state, "out.nut");
    free(ad_test_shell(FFMPEG "-f lavfi -i testsrc2=s=64x48:r=24:d=1 -pix_fmt yuv420p '%s'",
                       plain));
    free(ad_test_shell(FFMPEG "-i '%s' -c copy -metadata:s:v rotate=90 '%s'", plain, path));
    struct ad_test_result result;
    char *json = ad_test_media_probe(&media, path, &result);
    int64_t rotation = ad_test_json_int(json, "rotation");
    free(json);
    assert_true(rotation == 90 || rotation == 270);
    struct ad_format turned = small;
    turned.width = 48;
    turned.height = 64;
    const struct ad_test_clip clip = {.count = 24};
    const char *paths[] = {path};
    struct ad_test_unit u;
    ad_test_unit_init(&u, &turned);
    struct ad_pad none = {0};
    struct ad_pad v = ad_graph_chain(u.unit.video, "transpose", ad_test_plain_clip(&u, &clip));
    ad_graph_set(u.unit.video, v, "dir", rotation == 90 ? "clock" : "cclock");
    ad_test_unit_finish(&u, v, none, 24);
    ad_test_encode_mezzanine(&u);
    render_ok(&u, paths, out, &result);
    char command[600];
    (void)snprintf(command, sizeof(command), FFMPEG "-i '%s' " MD5_COLUMN, path);
    assert_frames_equal(out, command);
    ad_test_unit_fini(&u);
}

/* ---- sound ---- */

/* The whole sound of a file at its own rate equals what ffmpeg decodes, sample by sample, after `lead` samples of silence. */
static void assert_sound_equal(void **state, const char *name, int stream, int rate,
                               int64_t lead)
{
    const char *out = ad_test_path(*state, "sound.nut");
    const char *path = strchr(name, '/') ? name : ad_test_media(name);
    const struct ad_format format = {64, 48, 10, 1, "yuv420p", rate, 2};
    int64_t samples =
        ad_test_shell_int(FFMPEG "-i '%s' -vn -f f32le -ac 2 - | wc -c", path) / 8;
    /* whole frames of the timeline that lie within the sound */
    const struct ad_test_clip clip = {.stream = stream, .count = (samples + lead) * 10 / rate};
    const char *paths[] = {path};
    struct ad_test_unit u;
    struct ad_test_result result;
    sound_unit(&u, &format, &clip);
    render_ok(&u, paths, out, &result);
    long long bytes = (long long)(result.samples - lead) * 8;
    free(ad_test_shell("cd '%s' && " FFMPEG "-i sound.nut -f f32le ours.raw && " FFMPEG
                       "-cpuflags 0 -i '%s' -vn -f f32le -c:a pcm_f32le theirs.raw && "
                       "tail -c +%lld ours.raw | cmp -n %lld - theirs.raw",
                       (const char *)*state, path, (long long)lead * 8 + 1, bytes));
    assert_true(result.samples - lead > samples - rate / 10);
    ad_test_unit_fini(&u);
}

static void sound_of_the_samples_is_placed_to_the_sample(void **state)
{
    assert_sound_equal(state, "chaplin.mp4", 1, 44100, 0);
    assert_sound_equal(state, "rain.mp3", 0, 44100, 1105); /* starts at 1105 samples */
    /* starts at 15 ms: 720 samples */
    assert_sound_equal(state, "no_duration.webm", 1, 48000, 720);
    assert_sound_equal(state, "big_buck_bunny_0_30.webm", 1, 44100, 132); /* 3 ms */
}

static void gap_in_the_sound_becomes_silence(void **state)
{
    /* One second of tone, half a second of nothing, one second of tone. */
    const char *path = ad_test_path(*state, "gap.mkv");
    const char *out = ad_test_path(*state, "sound.nut");
    free(ad_test_shell(FFMPEG "-f lavfi -i sine=d=2.5:r=48000 -af "
                              "\"aselect='lt(t,1)+gte(t,1.5)'\" -c:a pcm_s16le -ac 2 '%s'",
                       path));
    const struct ad_format format = {64, 48, 10, 1, "yuv420p", 48000, 2};
    const struct ad_test_clip clip = {.count = 25};
    const char *paths[] = {path};
    struct ad_test_unit u;
    struct ad_test_result result;
    sound_unit(&u, &format, &clip);
    render_ok(&u, paths, out, &result);
    char *silence =
        ad_test_shell("ffmpeg -nostdin -i '%s' -af silencedetect=d=0.3:n=-80dB -f null "
                      "- 2>&1 | grep -o 'silence_duration: 0.[4-5]' | wc -l",
                      out);
    assert_int_equal(atoi(silence), 1);
    assert_int_equal(result.samples, 120000);
    free(silence);
    ad_test_unit_fini(&u);
}

static void sound_alone_becomes_a_file_of_exact_length(void **state)
{
    const char *out = ad_test_path(*state, "sound.m4a");
    const char *paths[] = {ad_test_media("rain.mp3")};
    const struct ad_test_clip clip = {.first = 24, .count = 73};
    struct ad_test_unit u;
    struct ad_test_result result;
    ad_test_unit_init(&u, &small);
    struct ad_pad none = {0};
    struct ad_pad a = ad_test_audio_clip(&u, &clip);
    ad_test_unit_finish(&u, none, a, 73);
    ad_test_encode_web(&u);
    u.unit.encode.container = "ipod";
    render_ok(&u, paths, out, &result);
    assert_int_equal(result.samples, 146000);
    assert_int_equal(ad_test_shell_int("ffprobe -v error -show_entries stream=duration_ts "
                                       "-of csv=p=0 '%s'",
                                       out),
                     146000);
    ad_test_unit_fini(&u);
}

/* ---- trouble ---- */

static void damaged_pictures_fail_with_the_input_named(void **state)
{
    const char *bad = ad_test_path(*state, "bad.mp4");
    const char *out = ad_test_path(*state, "out.nut");
    size_t len = 0;
    uint8_t *bytes = ad_test_read(ad_test_media("chaplin.mp4"), &len);
    ad_test_seed(3);
    ad_test_random_bytes(bytes + 300000, 40000);
    ad_test_write(bad, bytes, len);
    const struct ad_format format = {640, 360, 25, 1, "yuv420p", 48000, 2};
    const struct ad_test_clip clip = {.count = 240};
    const char *paths[] = {bad};
    artdag_error err = {0};
    struct ad_test_unit u;
    struct ad_test_result result = {0};
    plain_unit(&u, &format, &clip);
    assert_int_equal(ad_test_media_render(&media, &u.unit, paths, NULL, 2, out, &result),
                     ARTDAG_E_MEDIA);
    err = result.error;
    assert_err_says("damaged h264 data");
    assert_string_equal(err.cid, AD_TEST_CID_A);
    ad_test_unit_fini(&u);
}

static void damage_at_the_very_start_fails_too(void **state)
{
    const char *bad = ad_test_path(*state, "bad.mp4");
    const char *out = ad_test_path(*state, "out.nut");
    size_t len = 0;
    uint8_t *bytes = ad_test_read(ad_test_media("chaplin.mp4"), &len);
    ad_test_seed(4);
    ad_test_random_bytes(bytes + 2000, 3000); /* the first picture */
    ad_test_write(bad, bytes, len);
    const struct ad_format format = {640, 360, 25, 1, "yuv420p", 48000, 2};
    const struct ad_test_clip clip = {.count = 50};
    const char *paths[] = {bad};
    struct ad_test_unit u;
    plain_unit(&u, &format, &clip);
    render_fails(&u, paths, out, ARTDAG_E_MEDIA, "damaged h264 data");
    ad_test_unit_fini(&u);
}

static void unknown_stream_is_refused(void **state)
{
    const char *out = ad_test_path(*state, "out.nut");
    const char *paths[] = {ad_test_media("chaplin.mp4")};
    const struct ad_format format = {640, 360, 25, 1, "yuv420p", 48000, 2};
    const struct ad_test_clip clip = {.stream = 1, .count = 10};
    struct ad_test_unit u;
    plain_unit(&u, &format, &clip);
    render_fails(&u, paths, out, ARTDAG_E_MEDIA, "no video stream");
    ad_test_unit_fini(&u);
}

static void full_disk_is_reported_as_such(void **state)
{
    (void)state;
    const char *paths[] = {ad_test_media("chaplin.mp4")};
    const struct ad_format format = {640, 360, 25, 1, "yuv420p", 48000, 2};
    const struct ad_test_clip clip = {.count = 10};
    struct ad_test_unit u;
    plain_unit(&u, &format, &clip);
    render_fails(&u, paths, "/dev/full", ARTDAG_E_IO, "no space left");
    ad_test_unit_fini(&u);
}

static void unknown_option_of_an_encoder_is_named(void **state)
{
    const char *out = ad_test_path(*state, "out.mp4");
    const char *paths[] = {ad_test_media("chaplin.mp4")};
    const struct ad_format format = {640, 360, 25, 1, "yuv420p", 48000, 2};
    const struct ad_test_clip clip = {.count = 10};
    struct ad_test_unit u;
    ad_test_unit_init(&u, &format);
    struct ad_pad none = {0};
    struct ad_pad v = ad_test_plain_clip(&u, &clip);
    ad_test_unit_finish(&u, v, none, 10);
    u.unit.encode = (struct ad_encode){.container = "mp4"};
    u.unit.encode.video.codec = "libx264";
    u.unit.encode.video.pixel_format = "yuv420p";
    assert_true(ad_codec_set(&u.arena, &u.unit.encode.video, "preset", "hasty"));
    render_fails(&u, paths, out, ARTDAG_E_MEDIA, "libx264");
    u.unit.encode.video.options.len = 0;
    assert_true(ad_codec_set(&u.arena, &u.unit.encode.video, "profile", "high"));
    assert_true(ad_codec_set(&u.arena, &u.unit.encode.video, "g", "99999999999"));
    render_fails(&u, paths, out, ARTDAG_E_FORMAT, "option g=");
    ad_test_unit_fini(&u);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(two_seconds_of_a_clip_have_exact_length),
    ad_test_in_dir(hundred_clips_have_exactly_the_summed_frames),
    ad_test_in_dir(four_hundred_clips_hold_few_decoders),
    ad_test_in_dir(clip_closed_for_idleness_goes_on_where_it_was),
    ad_test_in_dir(wrong_length_fails_with_both_numbers),
    ad_test_in_dir(frames_of_a_cut_are_those_of_the_source),
    ad_test_in_dir(alpha_plane_is_decoded),
    ad_test_in_dir(intermediates_are_read_by_frame_number),
    ad_test_in_dir(variable_rate_becomes_constant_by_nearest_frame),
    ad_test_in_dir(still_picture_lasts_as_long_as_asked),
    ad_test_in_dir(open_gop_with_b_frames_is_cut_exactly),
    ad_test_in_dir(odd_inputs_become_ordinary_films),
    ad_test_in_dir(rotation_found_is_the_rotation_players_apply),
    ad_test_in_dir(sound_of_the_samples_is_placed_to_the_sample),
    ad_test_in_dir(gap_in_the_sound_becomes_silence),
    ad_test_in_dir(sound_alone_becomes_a_file_of_exact_length),
    ad_test_in_dir(damaged_pictures_fail_with_the_input_named),
    ad_test_in_dir(damage_at_the_very_start_fails_too),
    ad_test_in_dir(unknown_stream_is_refused),
    ad_test_in_dir(unknown_option_of_an_encoder_is_named),
    ad_test_in_dir(full_disk_is_reported_as_such),
};

int main(void)
{
    ad_test_media_start(&media, NULL);
    int rc = ad_test_run(__FILE__, tests, sizeof(tests) / sizeof(tests[0]));
    return ad_test_media_stop(&media) == 0 ? rc : 1;
}
