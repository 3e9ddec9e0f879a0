/* SPDX-License-Identifier: MIT
 *
 * What the media program finds out about files, against what is known of them and what ffmpeg's own tools count.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ad_test.h"
#include "ad_test_media.h"

static struct ad_test_media media;

#define FFMPEG "ffmpeg -nostdin -v error -y "

/* Makes a file in the test's folder with ffmpeg. */
static const char *make(void **state, const char *name, const char *arguments)
{
    const char *path = ad_test_path(*state, "%s", name);
    free(ad_test_shell(FFMPEG "%s '%s'", arguments, path));
    return path;
}

/* Probes what must be fine. */
static char *probe(const char *path)
{
    struct ad_test_result result;
    char *json = ad_test_media_probe(&media, path, &result);
    if (!json) {
        print_error("%s: %s\n", path, result.error.message);
        fail();
    }
    assert_int_equal(result.exit_status, 0);
    return json;
}

static void assert_says(const char *json, const char *text)
{
    if (!json || !strstr(json, text)) {
        print_error("no %s in %s\n", text, json ? json : "(nothing)");
        fail();
    }
}

static void assert_refused(const char *path, const char *text)
{
    artdag_error err = {0};
    struct ad_test_result result = {0};
    char *json = ad_test_media_probe(&media, path, &result);
    assert_null(json);
    err = result.error;
    assert_int_equal(err.code, ARTDAG_E_MEDIA);
    assert_err_says(text);
    assert_string_equal(err.cid, "bafkreitestinput");
    assert_int_equal(result.exit_status, 0);
}

static int64_t count_frames(const char *path)
{
    return ad_test_shell_int("ffprobe -v error -select_streams v:0 -count_frames -show_entries "
                             "stream=nb_read_frames -of csv=p=0 '%s'",
                             path);
}

static int64_t count_samples(const char *path, int channels)
{
    return ad_test_shell_int("ffmpeg -v error -i '%s' -vn -map 0:a:0 -f s16le - | wc -c",
                             path) /
           (2 * channels);
}

/* ---- the samples ---- */

static void lengths_of_the_samples_are_those_of_a_full_decode(void **state)
{
    (void)state;
    static const char *const names[] = {"big_buck_bunny_0_30.webm", "chaplin.mp4",
                                        "no_duration.webm", "rain.mp3", "transparent.webm"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *path = ad_test_media(names[i]);
        char *json = probe(path);
        if (!strstr(json, "\"video\":null")) {
            assert_int_equal(ad_test_json_int(json, "frames"), count_frames(path));
        }
        assert_int_equal(ad_test_json_int(json, "samples"), count_samples(path, 2));
        free(json);
    }
}

static void facts_of_the_samples_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *name, *facts[6];
    } cases[] = {
        {"big_buck_bunny_0_30.webm",
         {"\"fps\":{\"den\":1,\"num\":24}", "\"frames\":720", "\"width\":1280",
          "\"origin\":{\"den\":1000,\"num\":3}", "\"duration\":{\"den\":1,\"num\":30}"}},
        {"chaplin.mp4",
         {"\"fps\":{\"den\":1,\"num\":25}", "\"frames\":241", "\"container\":\"mov\"",
          "\"duration\":{\"den\":25,\"num\":241}", "\"sample_rate\":44100"}},
        {"no_duration.webm",
         {"\"fps\":{\"den\":1001,\"num\":15000}", "\"frames\":74", "\"vfr\":false",
          "\"codec\":\"opus\"", "\"sample_rate\":48000", "\"start\":{\"den\":200,\"num\":3}"}},
        {"rain.mp3",
         {"\"video\":null", "\"channels\":2", "\"container\":\"mp3\"",
          "\"sample_rate\":44100"}},
        {"transparent.webm",
         {"\"alpha\":true", "\"pixel_format\":\"yuva420p\"", "\"frames\":150",
          "\"fps\":{\"den\":1,\"num\":30}"}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *json = probe(ad_test_media(cases[i].name));
        for (size_t k = 0; k < 6 && cases[i].facts[k]; k++) {
            assert_says(json, cases[i].facts[k]);
        }
        free(json);
    }
}

static void two_probes_give_the_same_document(void **state)
{
    (void)state;
    char *a = probe(ad_test_media("chaplin.mp4"));
    char *b = probe(ad_test_media("chaplin.mp4"));
    assert_string_equal(a, b);
    free(a);
    free(b);
}

/* ---- odd inputs ---- */

static void rotation_is_clockwise_quarter_turns(void **state)
{
    for (int turn = 0; turn < 360; turn += 90) {
        const char *plain = make(state, "plain.mp4",
                                 "-f lavfi -i testsrc2=s=64x48:r=10:d=0.5 -pix_fmt yuv420p");
        const char *path = ad_test_path(*state, "turned%d.mp4", turn);
        free(ad_test_shell(FFMPEG "-i '%s' -c copy -metadata:s:v rotate=%d '%s'", plain, turn,
                           path));
        char *json = probe(path);
        /* ffprobe tells counter-clockwise degrees, nothing when there is no rotation */
        char *told = ad_test_shell("ffprobe -v error -show_entries stream_side_data=rotation "
                                   "-of csv=p=0 '%s'",
                                   path);
        int ccw = atoi(told);
        assert_int_equal(ad_test_json_int(json, "rotation"), ((-ccw % 360) + 360) % 360);
        assert_int_equal(ad_test_json_int(json, "width"), 64);
        free(told);
        free(json);
    }
}

static void film_without_sound_has_null_audio(void **state)
{
    char *json = probe(
        make(state, "mute.mp4", "-f lavfi -i testsrc2=s=64x48:r=25:d=1 -pix_fmt yuv420p"));
    assert_says(json, "\"audio\":null");
    assert_says(json, "\"frames\":25");
    free(json);
}

static void mono_and_surround_sound_are_told(void **state)
{
    char *json = probe(make(state, "mono.wav", "-f lavfi -i sine=d=1:r=22050"));
    assert_says(json, "\"channel_layout\":\"mono\",\"channels\":1");
    assert_says(json, "\"samples\":22050");
    assert_says(json, "\"duration\":{\"den\":1,\"num\":1}");
    free(json);
    json = probe(make(state, "six.flac",
                      "-f lavfi -i anoisesrc=d=0.5:r=48000 -af "
                      "'pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0'"));
    assert_says(json, "\"channel_layout\":\"5.1\",\"channels\":6");
    assert_says(json, "\"samples\":24000");
    free(json);
}

static void single_pixel_picture_is_a_still(void **state)
{
    char *json =
        probe(make(state, "dot.png",
                   "-f lavfi -i color=red:s=2x2 -vf scale=1:1,format=rgb24 -frames:v 1"));
    assert_says(json, "\"still\":true");
    assert_says(json, "\"width\":1");
    assert_says(json, "\"height\":1");
    assert_says(json, "\"frames\":1,");
    free(json);
}

static void odd_size_and_ten_bits_are_told(void **state)
{
    char *json = probe(make(state, "odd.mkv",
                            "-f lavfi -i testsrc2=s=64x48:r=25:d=0.4 -vf "
                            "scale=63:47,format=yuv444p10le "
                            "-c:v ffv1"));
    assert_says(json, "\"width\":63");
    assert_says(json, "\"height\":47");
    assert_says(json, "\"bits\":10");
    assert_says(json, "\"frames\":10,");
    free(json);
}

static void sample_aspect_ratio_is_told(void **state)
{
    char *json = probe(make(state, "wide.mp4",
                            "-f lavfi -i testsrc2=s=72x58:r=25:d=0.2 -vf setsar=16/15 "
                            "-pix_fmt yuv420p"));
    assert_says(json, "\"sar\":{\"den\":15,\"num\":16}");
    free(json);
}

static void variable_rate_is_noticed(void **state)
{
    /* Frames 0 .. 49 at i*i*2 ms: no rate explains that. */
    const char *path = make(state, "vfr.mkv",
                            "-f lavfi -i testsrc2=s=64x48:r=50:d=1 -vf "
                            "'settb=1/1000,setpts=N*N*2' -vsync vfr -c:v ffv1");
    char *json = probe(path);
    assert_says(json, "\"vfr\":true");
    assert_int_equal(ad_test_json_int(json, "frames"), count_frames(path));
    free(json);
}

static void rates_survive_coarse_clocks(void **state)
{
    static const struct {
        const char *rate, *fact;
    } cases[] = {
        {"24000/1001", "\"fps\":{\"den\":1001,\"num\":24000}"},
        {"30000/1001", "\"fps\":{\"den\":1001,\"num\":30000}"},
        {"60000/1001", "\"fps\":{\"den\":1001,\"num\":60000}"},
        {"50", "\"fps\":{\"den\":1,\"num\":50}"},
        {"12", "\"fps\":{\"den\":1,\"num\":12}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static const char *const kinds[] = {"mkv", "mp4", "avi", "ts"};
        for (size_t k = 0; k < 4; k++) {
            const char *path = ad_test_path(*state, "rate%zu.%s", i, kinds[k]);
            free(ad_test_shell(FFMPEG "-f lavfi -i testsrc2=s=64x48:r=%s:d=2 -pix_fmt yuv420p "
                                      "-c:v mpeg4 '%s'",
                               cases[i].rate, path));
            char *json = probe(path);
            assert_says(json, cases[i].fact);
            assert_int_equal(ad_test_json_int(json, "frames"), count_frames(path));
            assert_says(json, "\"vfr\":false");
            free(json);
        }
    }
}

static void padding_of_lossy_sound_is_not_counted(void **state)
{
    static const struct {
        const char *name, *codec;
        int64_t
            samples; /* 48000 when the file states its padding at both ends; 0 = as ffmpeg decodes it */
    } cases[] = {
        {"x.opus", "libopus", 48000},
        {"x.mka", "libopus", 48000},
        {"x.ogg", "libvorbis", 0},
        {"x.mp3", "libmp3lame", 48000},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *path = ad_test_path(*state, "%s", cases[i].name);
        free(ad_test_shell(FFMPEG "-f lavfi -i sine=d=1:r=48000 -c:a %s '%s'", cases[i].codec,
                           path));
        char *json = probe(path);
        assert_int_equal(ad_test_json_int(json, "samples"),
                         cases[i].samples ? cases[i].samples : count_samples(path, 1));
        free(json);
    }
    /* MP4's edit list states the start; the end is for the player to cut: what ffmpeg decodes */
    const char *path = make(state, "x.m4a", "-f lavfi -i sine=d=1:r=48000 -c:a aac");
    char *json = probe(path);
    assert_int_equal(ad_test_json_int(json, "samples"), count_samples(path, 1));
    assert_says(json, "\"start\":{\"den\":1,\"num\":0}");
    free(json);
}

static void open_gop_and_cut_start_are_counted_as_decoded(void **state)
{
    const char *whole =
        make(state, "open.ts",
             "-f lavfi -i testsrc2=s=64x48:r=25:d=4 -pix_fmt yuv420p -c:v libx264 "
             "-x264-params open-gop=1:keyint=20:min-keyint=20:bframes=3");
    char *json = probe(whole);
    assert_int_equal(ad_test_json_int(json, "frames"), 100);
    free(json);
    const char *cut = ad_test_path(*state, "cut.mkv");
    free(ad_test_shell(FFMPEG "-ss 1.5 -i '%s' -c copy '%s'", whole, cut));
    json = probe(cut);
    assert_int_equal(ad_test_json_int(json, "frames"), count_frames(cut));
    free(json);
}

static void edit_list_decides_what_is_counted(void **state)
{
    const char *whole = make(state, "whole.mp4",
                             "-f lavfi -i testsrc2=s=64x48:r=25:d=4 -f lavfi -i sine=d=4 "
                             "-pix_fmt yuv420p -g 25 -bf 2");
    const char *cut = ad_test_path(*state, "cut.mp4");
    free(ad_test_shell(FFMPEG "-ss 1.3 -i '%s' -c copy '%s'", whole, cut));
    char *json = probe(cut);
    assert_int_equal(ad_test_json_int(json, "frames"), count_frames(cut));
    assert_int_equal(ad_test_json_int(json, "samples"), count_samples(cut, 1));
    free(json);
}

static void covers_and_subtitles_are_ignored_with_a_reason(void **state)
{
    const char *cover = make(state, "cover.png", "-f lavfi -i color=blue:s=32x32 -frames:v 1");
    const char *path = ad_test_path(*state, "song.mp3");
    free(ad_test_shell(FFMPEG "-f lavfi -i sine=d=1 -i '%s' -map 0 -map 1 -c:v copy "
                              "-disposition:v attached_pic '%s'",
                       cover, path));
    char *json = probe(path);
    assert_says(json, "\"video\":null");
    assert_says(json, "\"reason\":\"attached picture\"");
    free(json);
}

static void exif_orientation_of_a_photograph_is_rotation(void **state)
{
    /* FF D8, APP1 with one TIFF entry Orientation = 6, then the rest of the picture. */
    static const uint8_t app1[] = {0xFF, 0xD8, 0xFF, 0xE1, 0x00, 0x22, 'E', 'x', 'i', 'f',
                                   0,    0,    'M',  'M',  0,    0x2A, 0,   0,   0,   8,
                                   0,    1,    0x01, 0x12, 0,    3,    0,   0,   0,   1,
                                   0,    6,    0,    0,    0,    0,    0,   0};
    const char *plain = make(state, "p.jpg", "-f lavfi -i testsrc2=s=32x16 -frames:v 1");
    size_t len = 0;
    uint8_t *bytes = ad_test_read(plain, &len);
    uint8_t *turned = calloc(1, len + sizeof(app1));
    assert_non_null(turned);
    memcpy(turned, app1, sizeof(app1));
    memcpy(turned + sizeof(app1), bytes + 2, len - 2);
    const char *path = ad_test_path(*state, "turned.jpg");
    ad_test_write(path, turned, sizeof(app1) + len - 2);
    char *json = probe(path);
    assert_int_equal(ad_test_json_int(json, "rotation"), 90);
    assert_says(json, "\"still\":true");
    free(json);
    free(turned);
}

/* ---- bad inputs ---- */

static void empty_file_is_refused(void **state)
{
    const char *path = ad_test_path(*state, "empty.mp4");
    ad_test_write(path, "", 0);
    assert_refused(path, "empty");
}

static void garbage_is_refused(void **state)
{
    static uint8_t bytes[200000];
    const char *path = ad_test_path(*state, "garbage.mp4");
    ad_test_seed(1);
    ad_test_random_bytes(bytes, sizeof(bytes));
    ad_test_write(path, bytes, sizeof(bytes));
    struct ad_test_result result = {0};
    assert_null(ad_test_media_probe(&media, path, &result));
    assert_int_equal(result.error.code, ARTDAG_E_MEDIA);
    ad_test_write(path, bytes, 1);
    assert_null(ad_test_media_probe(&media, path, &result));
    assert_int_equal(result.error.code, ARTDAG_E_MEDIA);
}

static void playlist_named_like_a_film_is_refused(void **state)
{
    const char *path = ad_test_path(*state, "film.mp4");
    static const char hls[] = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n/etc/passwd\n"
                              "#EXT-X-ENDLIST\n";
    ad_test_write(path, hls, sizeof(hls) - 1);
    assert_refused(path, "hls");
    static const char concat[] = "ffconcat version 1.0\nfile /etc/passwd\n";
    ad_test_write(path, concat, sizeof(concat) - 1);
    assert_refused(path, "concat");
}

static void text_is_refused(void **state)
{
    const char *path = ad_test_path(*state, "notes.webm");
    static const char text[] = "Dear diary, this is no film.\n";
    ad_test_write(path, text, sizeof(text) - 1);
    struct ad_test_result result = {0};
    assert_null(ad_test_media_probe(&media, path, &result));
    assert_int_equal(result.error.code, ARTDAG_E_MEDIA);
}

static void truncated_files_are_refused(void **state)
{
    static const struct {
        const char *name;
        size_t keep;
    } cases[] = {
        {"big_buck_bunny_0_30.webm", 700000},
        {"chaplin.mp4", 400000},
        {"chaplin.mp4", 761444},
        {"transparent.webm", 31379},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *path = ad_test_path(*state, "cut%zu", i);
        size_t len = 0;
        uint8_t *bytes = ad_test_read(ad_test_media(cases[i].name), &len);
        assert_true(cases[i].keep < len);
        ad_test_write(path, bytes, cases[i].keep);
        assert_refused(path, "cut off");
    }
    const char *wav = make(state, "w.wav", "-f lavfi -i sine=d=1");
    free(ad_test_shell("truncate -s -1000 '%s'", wav));
    assert_refused(wav, "cut off");
    const char *flac = make(state, "f.flac", "-f lavfi -i anoisesrc=d=2");
    free(ad_test_shell("truncate -s -40000 '%s'", flac));
    struct ad_test_result result = {0};
    assert_null(ad_test_media_probe(&media, flac, &result));
    assert_int_equal(result.error.code, ARTDAG_E_MEDIA);
}

static void damaged_sound_in_the_middle_is_refused(void **state)
{
    const char *path = make(state, "noise.flac", "-f lavfi -i anoisesrc=d=3:r=44100");
    size_t len = 0;
    uint8_t *bytes = ad_test_read(path, &len);
    memset(bytes + len / 2, 0x55, 3000);
    ad_test_write(path, bytes, len);
    struct ad_test_result result = {0};
    assert_null(ad_test_media_probe(&media, path, &result));
    assert_int_equal(result.error.code, ARTDAG_E_MEDIA);
}

static void codec_that_is_not_accepted_is_named(void **state)
{
    const char *path = make(state, "x.mkv", "-f lavfi -i testsrc2=s=64x48:d=0.2 -c:v cinepak");
    assert_refused(path, "cinepak");
}

static void picture_beyond_the_limit_is_refused(void **state)
{
    const char *path = make(state, "bomb.png",
                            "-f lavfi -i color=black:s=16000x16000 -pix_fmt gray -frames:v 1");
    struct ad_test_result result = {0};
    assert_null(ad_test_media_probe(&media, path, &result));
    assert_int_equal(result.error.code, ARTDAG_E_MEDIA);
    assert_true(result.peak_kib < 400 * 1024);
}

static void bytes_that_cannot_be_had_fail_with_the_parents_reason(void **state)
{
    (void)state;
    const char *path = ad_test_media("big_buck_bunny_0_30.webm");
    struct ad_job job = {.kind = AD_JOB_PROBE, .probe_cid = "bafkreitestinput", .threads = 1};
    int fd = open("/dev/null", O_RDWR);
    struct ad_test_job run = {
        .job = &job, .paths = &path, .path_count = 1, .output_fd = fd, .refuse_at = 600000};
    struct ad_test_result result = {0};
    artdag_error err = {0};
    assert_int_equal(ad_test_media_run(&media, &run, &result), ARTDAG_E_CORRUPT);
    err = result.error;
    assert_err_says("block is corrupt");
    (void)close(fd);
}

static void mutilated_files_never_take_the_child_down(void **state)
{
    static const char *const names[] = {"transparent.webm", "no_duration.webm", "small.mp4",
                                        "small.ts", "small.ogg"};
    (void)make(state, "small.mp4",
               "-f lavfi -i testsrc2=s=64x48:r=25:d=1 -f lavfi -i sine=d=1 -pix_fmt yuv420p");
    (void)make(state, "small.ts",
               "-f lavfi -i testsrc2=s=64x48:r=25:d=1 -f lavfi -i sine=d=1 -pix_fmt yuv420p");
    (void)make(state, "small.ogg", "-f lavfi -i sine=d=1 -c:a libvorbis");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t len = 0;
        const char *from =
            i < 2 ? ad_test_media(names[i]) : ad_test_path(*state, "%s", names[i]);
        for (int round = 0; round < 8; round++) {
            uint8_t *bytes = ad_test_read(from, &len);
            const char *path = ad_test_path(*state, "mutilated");
            ad_test_seed(i * 100 + (uint64_t)round);
            for (int k = 0; k < 1 << round; k++) {
                /* headers are where it hurts */
                size_t at = ad_test_random_below(k % 2 ? len : 2000);
                bytes[at] = (uint8_t)ad_test_random();
            }
            ad_test_write(path, bytes, len);
            struct ad_test_result result = {0};
            char *json = ad_test_media_probe(&media, path, &result);
            assert_int_equal(result.exit_status, 0);
            assert_true(json || result.error.code == ARTDAG_E_MEDIA ||
                        result.error.code == ARTDAG_E_NOMEM);
            free(json);
        }
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(lengths_of_the_samples_are_those_of_a_full_decode),
    cmocka_unit_test(facts_of_the_samples_are_found),
    cmocka_unit_test(two_probes_give_the_same_document),
    ad_test_in_dir(rotation_is_clockwise_quarter_turns),
    ad_test_in_dir(film_without_sound_has_null_audio),
    ad_test_in_dir(mono_and_surround_sound_are_told),
    ad_test_in_dir(single_pixel_picture_is_a_still),
    ad_test_in_dir(odd_size_and_ten_bits_are_told),
    ad_test_in_dir(sample_aspect_ratio_is_told),
    ad_test_in_dir(variable_rate_is_noticed),
    ad_test_in_dir(rates_survive_coarse_clocks),
    ad_test_in_dir(padding_of_lossy_sound_is_not_counted),
    ad_test_in_dir(open_gop_and_cut_start_are_counted_as_decoded),
    ad_test_in_dir(edit_list_decides_what_is_counted),
    ad_test_in_dir(covers_and_subtitles_are_ignored_with_a_reason),
    ad_test_in_dir(exif_orientation_of_a_photograph_is_rotation),
    ad_test_in_dir(empty_file_is_refused),
    ad_test_in_dir(garbage_is_refused),
    ad_test_in_dir(playlist_named_like_a_film_is_refused),
    ad_test_in_dir(text_is_refused),
    ad_test_in_dir(truncated_files_are_refused),
    ad_test_in_dir(damaged_sound_in_the_middle_is_refused),
    ad_test_in_dir(codec_that_is_not_accepted_is_named),
    ad_test_in_dir(picture_beyond_the_limit_is_refused),
    ad_test_in_dir(mutilated_files_never_take_the_child_down),
    cmocka_unit_test(bytes_that_cannot_be_had_fail_with_the_parents_reason),
};

int main(void)
{
    ad_test_media_start(&media, NULL);
    int rc = ad_test_run(__FILE__, tests, sizeof(tests) / sizeof(tests[0]));
    return ad_test_media_stop(&media) == 0 ? rc : 1;
}
