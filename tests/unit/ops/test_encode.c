/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "ops_test.h"

static const char *setting(const struct ad_codec_settings *codec, const char *name)
{
    for (size_t i = 0; i < codec->options.len; i++) {
        if (strcmp(codec->options.items[i].name, name) == 0)
            return codec->options.items[i].value;
    }
    return NULL;
}

/* Plans and asks for the settings; the whole unit must pass its check. */
static struct ad_encode encode(struct ops_case *c, const char *yaml)
{
    artdag_error err = {0};
    struct ad_encode e = {0};
    assert_ok(ops_plan(c, yaml, &err));
    assert_true(c->edge.deliverable);
    assert_ok(c->op->encode(&c->call, &e, &err));
    struct ad_unit unit = {.format = c->format,
                           .width = c->edge.width,
                           .height = c->edge.height,
                           .frames = c->edge.frames,
                           .samples =
                               c->edge.audio ? ad_samples_for(&c->format, c->edge.frames) : 0,
                           .video = c->edge.video ? ops_graph(c, AD_VIDEO) : NULL,
                           .audio = c->edge.audio ? ops_graph(c, AD_AUDIO) : NULL,
                           .encode = e};
    assert_ok(ad_unit_check(&unit, &err));
    return e;
}

static void web_is_what_web_players_take(void **state)
{
    (void)state;
    struct ops_case c;
    ops_init(&c, "ENCODE");
    ops_input(&c, 48, 1280, 720, true, true);
    struct ad_encode e = encode(&c, "{}");
    assert_string_equal(ops_config_text(&c),
                        "{\"audio_bitrate\":192000,\"crf\":18,\"gop\":48,\"preset\":\"fast\","
                        "\"profile\":\"web\"}");
    assert_string_equal(e.container, "mp4");
    assert_string_equal(e.video.codec, "libx264");
    assert_string_equal(e.video.pixel_format, "yuv420p");
    assert_string_equal(setting(&e.video, "profile"), "high");
    assert_string_equal(setting(&e.video, "level"), "4.1");
    assert_string_equal(setting(&e.video, "crf"), "18");
    assert_string_equal(setting(&e.video, "preset"), "fast");
    assert_string_equal(setting(&e.video, "g"), "48");
    assert_string_equal(setting(&e.video, "threads"), "1");
    assert_string_equal(setting(&e.video, "x264-params"), "cpu-independent=1");
    assert_string_equal(e.audio.codec, "aac");
    assert_string_equal(setting(&e.audio, "b"), "192000");
    ops_check_range(&c);
    ops_fini(&c);
}

static void the_level_is_open_above_1080p30(void **state)
{
    (void)state;
    static const struct {
        int64_t w, h, num, den;
        bool fixed;
    } cases[] = {{1920, 1080, 30, 1, true},
                 {1920, 1080, 30000, 1001, true},
                 {1920, 1080, 60, 1, false},
                 {2560, 1440, 24, 1, false},
                 {1280, 720, 60, 1, true}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "ENCODE");
        c.format.fps_num = cases[i].num;
        c.format.fps_den = cases[i].den;
        ops_input(&c, 48, cases[i].w, cases[i].h, true, false);
        struct ad_encode e = encode(&c, "{}");
        assert_int_equal(setting(&e.video, "level") != NULL, cases[i].fixed);
        ops_fini(&c);
    }
}

static void without_sound_there_is_no_sound_track(void **state)
{
    (void)state;
    struct ops_case c;
    ops_init(&c, "ENCODE");
    ops_input(&c, 48, 64, 36, true, false);
    struct ad_encode e = encode(&c, "{audio_bitrate: 64k}");
    assert_null(e.audio.codec);
    assert_false(c.edge.audio);
    assert_string_equal(ops_config_text(&c),
                        "{\"crf\":18,\"gop\":48,\"preset\":\"fast\",\"profile\":\"web\"}");
    ops_fini(&c);
}

static void master_is_lossless_in_the_working_format(void **state)
{
    (void)state;
    struct ops_case c;
    ops_init(&c, "ENCODE");
    c.format.pixel_format = "yuva444p";
    ops_input(&c, 48, 1280, 720, true, true);
    struct ad_encode e = encode(&c, "{profile: master}");
    assert_string_equal(ops_config_text(&c), "{\"profile\":\"master\"}");
    assert_string_equal(e.container, "matroska");
    assert_string_equal(e.video.codec, "ffv1");
    assert_string_equal(e.video.pixel_format, "yuva444p");
    assert_string_equal(setting(&e.video, "slices"), "4");
    assert_string_equal(setting(&e.video, "slicecrc"), "1");
    assert_string_equal(e.audio.codec, "flac");
    assert_int_equal(ops_graph(&c, AD_VIDEO)->filters.len, 0);
    ops_fini(&c);
}

static void audio_drops_the_picture(void **state)
{
    (void)state;
    struct ops_case c;
    ops_init(&c, "ENCODE");
    ops_input(&c, 48, 1280, 720, true, true);
    struct ad_encode e = encode(&c, "{profile: audio, audio_bitrate: 128k}");
    assert_string_equal(e.container, "ipod");
    assert_null(e.video.codec);
    assert_false(c.edge.video);
    assert_int_equal(c.edge.width, 0);
    assert_string_equal(setting(&e.audio, "b"), "128000");
    ops_fini(&c);
}

static void transparency_becomes_black_for_the_web(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "ENCODE");
    c.format.pixel_format = "yuva420p";
    ops_input(&c, 3, 64, 36, true, false);
    assert_ok(ops_plan(&c, "{}", &err));
    struct ad_graph *graph = ops_graph(&c, AD_VIDEO);
    const struct ad_filter *ground = ops_filter(graph, "lutyuv");
    assert_string_equal(ops_option(ground, "y"), "16");
    assert_string_equal(ops_option(ops_filter(graph, "overlay"), "alpha"), "straight");
    ops_fini(&c);
}

static void settings_without_meaning_are_errors(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{profile: master, crf: 20}", "crf means nothing in profile master"},
        {"{profile: audio, gop: 20}", "gop means nothing"},
        {"{profile: master, audio_bitrate: 96k}", "audio_bitrate means nothing"},
        {"{profile: webb}", "did you mean \"web\""},
        {"{crf: 0}", "from 1 to 51"},
        {"{preset: placebo}", "preset cannot be"},
        {"{audio_bitrate: 1k}", "from 16000 to 512000"},
        {"{profile: webm, max_bitrate: 1M}", "max_bitrate means nothing"},
        {"{profile: webm, crf: 64}", "from 0 to 63"},
        {"{profile: gif, audio_bitrate: 96k}", "audio_bitrate means nothing"},
        {"{prores: hq}", "prores means nothing in profile web"},
        {"{width: 33}", "must be even"},
        {"{profile: png}", "one frame, not 3"},
        {"{profile: jpeg, quality: 0}", "from 1 to 100"},
        {"{max_size: 10}", "from 1000 to"},
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "ENCODE");
        ops_input(&c, 3, 64, 36, true, true);
        assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, cases[i][0], &err));
        assert_err_says(cases[i][1]);
        ops_fini(&c);
    }
}

static void other_profiles_are_what_they_are_called(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *container, *video, *pixels, *audio;
    } cases[] = {
        {"{profile: webm}", "webm", "libvpx-vp9", "yuva420p", "opus"},
        {"{profile: prores}", "mov", "prores_ks", "yuv422p10le", "pcm_s24le"},
        {"{profile: prores, prores: '4444'}", "mov", "prores_ks", "yuva444p10le", "pcm_s24le"},
        {"{profile: gif}", "gif", "gif", "pal8", NULL},
        {"{profile: flac}", "flac", NULL, NULL, "flac"},
        {"{profile: wav}", "wav", NULL, NULL, "pcm_s24le"},
        {"{profile: png}", "image2pipe", "png", "rgba", NULL},
        {"{profile: jpeg}", "image2pipe", "mjpeg", "yuvj420p", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        ops_init(&c, "ENCODE");
        c.format.pixel_format = "yuva420p";
        ops_input(&c, 1, 64, 36, true, true);
        struct ad_encode e = encode(&c, cases[i].yaml);
        assert_string_equal(e.container, cases[i].container);
        assert_int_equal(c.edge.video, cases[i].video != NULL);
        assert_int_equal(c.edge.audio, cases[i].audio != NULL);
        if (cases[i].video) {
            assert_string_equal(e.video.codec, cases[i].video);
            assert_string_equal(e.video.pixel_format, cases[i].pixels);
        }
        if (cases[i].audio)
            assert_string_equal(e.audio.codec, cases[i].audio);
        ops_fini(&c);
    }
}

static void opus_is_fed_48000_samples_a_second(void **state)
{
    (void)state;
    struct ops_case c;
    ops_init(&c, "ENCODE");
    c.format.sample_rate = 44100;
    ops_input(&c, 48, 64, 36, true, true);
    artdag_error err = {0};
    struct ad_encode e = {0};
    assert_ok(ops_plan(&c, "{profile: webm}", &err));
    assert_ok(c.op->encode(&c.call, &e, &err));
    assert_int_equal(ad_encode_rate(&e, &c.format), 48000);
    assert_int_equal(ad_encode_samples(&e, &c.format, 48), 48 * 48000 / 24);
    const struct ad_filter *rate = ops_filter(ops_graph(&c, AD_AUDIO), "aresample");
    assert_string_equal(ops_option(rate, "sample_rate"), "48000");
    c.format.sample_rate = 48000;
    assert_ok(c.op->encode(&c.call, &e, &err));
    assert_int_equal(e.audio.sample_rate, 0);
    ops_fini(&c);
}

static void one_side_of_the_size_is_enough(void **state)
{
    (void)state;
    struct ops_case c;
    ops_init(&c, "ENCODE");
    ops_input(&c, 48, 1280, 720, true, true);
    encode(&c, "{width: 320}");
    assert_int_equal(c.edge.width, 320);
    assert_int_equal(c.edge.height, 180);
    encode(&c, "{width: 320, height: 90}");
    assert_int_equal(c.edge.width, 160);
    assert_int_equal(c.edge.height, 90);
    ops_fini(&c);
}

static void what_is_limited_as_a_whole_is_not_divided(void **state)
{
    (void)state;
    static const char *const whole[] = {"{max_size: 1M}", "{profile: webm, max_size: 5M}",
                                        "{max_bitrate: 500k}", "{profile: gif}"};
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        artdag_error err = {0};
        struct ops_case c;
        struct ad_slice slice = {0};
        ops_init(&c, "ENCODE");
        ops_input(&c, 48, 64, 36, true, true);
        encode(&c, whole[i]);
        assert_fails(ARTDAG_E_UNSUPPORTED,
                     c.op->slice(&c.call, (struct ad_span){0, 10}, &slice, &err));
        ops_fini(&c);
    }
}

static void films_that_the_codec_cannot_hold_are_errors(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "ENCODE");
    ops_input(&c, 3, 64, 36, true, false);
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{profile: audio}", &err));
    assert_err_says("no sound");
    c.inputs[0].edge.audio = true;
    c.format.sample_rate = 47000;
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{}", &err));
    assert_err_says("47000");
    assert_ok(ops_plan(&c, "{profile: master}", &err));
    c.inputs[0].edge.deliverable = true;
    assert_fails(ARTDAG_E_INVAL, ops_plan(&c, "{profile: master}", &err));
    ops_fini(&c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(web_is_what_web_players_take),
    cmocka_unit_test(the_level_is_open_above_1080p30),
    cmocka_unit_test(without_sound_there_is_no_sound_track),
    cmocka_unit_test(master_is_lossless_in_the_working_format),
    cmocka_unit_test(audio_drops_the_picture),
    cmocka_unit_test(transparency_becomes_black_for_the_web),
    cmocka_unit_test(settings_without_meaning_are_errors),
    cmocka_unit_test(films_that_the_codec_cannot_hold_are_errors),
    cmocka_unit_test(other_profiles_are_what_they_are_called),
    cmocka_unit_test(opus_is_fed_48000_samples_a_second),
    cmocka_unit_test(one_side_of_the_size_is_enough),
    cmocka_unit_test(what_is_limited_as_a_whole_is_not_divided),
};
AD_TEST_MAIN(tests)
