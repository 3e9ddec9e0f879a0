/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "ops_test.h"

static struct ad_source_info film(void)
{
    return (struct ad_source_info){.video = true,
                                   .audio = true,
                                   .audio_stream = 1,
                                   .width = 1280,
                                   .height = 720,
                                   .sar_num = 1,
                                   .sar_den = 1,
                                   .matrix = "",
                                   .fps_num = 24,
                                   .fps_den = 1,
                                   .origin_den = 1,
                                   .duration_num = 2,
                                   .duration_den = 1,
                                   .sample_rate = 44100,
                                   .channels = 2};
}

static void source_init(struct ops_case *c, struct ad_source_info info)
{
    ops_init(c, "SOURCE");
    c->format.width = 320;
    c->format.height = 180;
    c->source = info;
    c->call.source = &c->source;
    c->call.source_cid = "bafyinput0";
}

static void the_working_format_enters_the_config_as_far_as_it_matters(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    source_init(&c, film());
    assert_ok(ops_plan(&c, "{input: true, name: Film, description: any}", &err));
    assert_string_equal(
        ops_config_text(&c),
        "{\"background\":\"#000000\",\"channels\":2,\"fps\":\"24/"
        "1\",\"frames\":48,\"height\":180,"
        "\"mode\":\"fit\",\"pixel_format\":\"yuv420p\",\"sample_rate\":48000,\"width\":320}");
    c.source.video = false;
    assert_ok(ops_plan(&c, "{}", &err));
    assert_string_equal(
        ops_config_text(&c),
        "{\"channels\":2,\"fps\":\"24/1\",\"frames\":48,\"sample_rate\":48000}");
    assert_int_equal(c.edge.width, 0);
    c.source = film();
    c.source.audio = false;
    assert_ok(ops_plan(&c, "{}", &err));
    assert_null(strstr(ops_config_text(&c), "sample_rate"));
    ops_fini(&c);
}

static void a_source_has_its_length_to_the_nearest_frame(void **state)
{
    (void)state;
    static const struct {
        int64_t num, den, fps_num, fps_den, frames;
    } cases[] = {
        {30, 1, 24, 1, 720},
        {241, 25, 24, 1, 231},
        {241, 25, 25, 1, 241},
        {1, 1000, 24, 1, 1},
        {0, 1, 24, 1, 1},
        {96096, 15000, 24, 1, 154},
        {1, 48, 24, 1, 1},
        {3, 48, 24, 1, 2},
        {1001, 30000, 30000, 1001, 1},
        {INT64_MAX, 1, 24, 1, AD_FRAMES_MAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ad_source_info info = film();
        struct ad_format f = ops_formats[0].format;
        info.duration_num = cases[i].num;
        info.duration_den = cases[i].den;
        f.fps_num = cases[i].fps_num;
        f.fps_den = cases[i].fps_den;
        assert_int_equal(ad_source_frames(&info, &f), cases[i].frames);
    }
}

static void only_still_pictures_take_a_duration(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    source_init(&c, film());
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{duration: 3}", &err));
    assert_err_says("still");
    assert_int_equal(err.column, 12);
    c.source.still = true;
    c.source.audio = false;
    assert_ok(ops_plan(&c, "{}", &err));
    assert_int_equal(c.edge.frames, 1);
    assert_ok(ops_plan(&c, "{duration: 3}", &err));
    assert_int_equal(c.edge.frames, 72);
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{duration: 0.001}", &err));
    ops_fini(&c);
}

static void internal_keys_cannot_be_written(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    source_init(&c, film());
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{frames: 3}", &err));
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{width: 64}", &err));
    ops_fini(&c);
}

static void a_final_config_must_agree_with_the_source(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    source_init(&c, film());
    const struct ad_value *config = NULL;
    const struct ad_value *ret = NULL;
    assert_ok(
        ad_json_parse(&c.arena, AD_STR_LIT("{\"frames\":47}"), NULL, NULL, &config, &err));
    c.call.config = config;
    assert_fails(ARTDAG_E_FORMAT, c.op->finish(&c.call, &ret, &err));
    assert_err_says("48 frames");
    ops_fini(&c);
}

static void pictures_are_scaled_cropped_and_padded_by_shape(void **state)
{
    (void)state;
    static const struct {
        int64_t w, h, sar_num, sar_den, rotation;
        const char *yaml, *scale_w, *scale_h, *transpose;
        size_t crops, pads;
    } cases[] = {
        {1280, 720, 1, 1, 0, "{}", "320", "180", NULL, 0, 0},
        {720, 576, 64, 45, 0, "{}", "320", "180", NULL, 0, 0}, /* anamorphic 16:9 */
        {720, 576, 16, 15, 0, "{}", "240", "180", NULL, 0, 1},
        {720, 576, 16, 15, 0, "{mode: fill}", "320", "240", NULL, 1, 0},
        {720, 576, 16, 15, 0, "{mode: stretch}", "320", "180", NULL, 0, 0},
        {1280, 720, 1, 1, 90, "{}", "102", "180", "clock", 0, 1},
        {1280, 720, 1, 1, 270, "{mode: fill}", "320", "568", "cclock", 1, 0},
        {1280, 720, 1, 1, 180, "{}", "320", "180", NULL, 0, 0},
        {1, 1, 1, 1, 0, "{}", "180", "180", NULL, 0, 1},
        {16384, 1, 1, 1, 0, "{}", "320", "2", NULL, 0, 1},
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        source_init(&c, film());
        c.source.width = cases[i].w;
        c.source.height = cases[i].h;
        c.source.sar_num = cases[i].sar_num;
        c.source.sar_den = cases[i].sar_den;
        c.source.rotation = cases[i].rotation;
        assert_ok(ops_plan(&c, cases[i].yaml, &err));
        struct ad_graph *graph = ops_graph(&c, AD_VIDEO);
        const struct ad_filter *scale = ops_filter(graph, "scale");
        assert_string_equal(ops_option(scale, "w"), cases[i].scale_w);
        assert_string_equal(ops_option(scale, "h"), cases[i].scale_h);
        assert_int_equal(ops_count(graph, "crop"), cases[i].crops);
        assert_int_equal(ops_count(graph, "pad"), cases[i].pads);
        assert_int_equal(ops_count(graph, "transpose"), cases[i].transpose ? 1 : 0);
        if (cases[i].transpose)
            assert_string_equal(ops_option(ops_filter(graph, "transpose"), "dir"),
                                cases[i].transpose);
        assert_int_equal(ops_count(graph, "hflip"), cases[i].rotation == 180);
        ops_fini(&c);
    }
}

static void a_thread_cannot_fill_a_frame(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    source_init(&c, film());
    c.source.width = 16384;
    c.source.height = 1;
    assert_ok(ops_plan(&c, "{mode: fill}", &err));
    struct ad_graph *graph = ad_graph_new(&c.arena, AD_VIDEO);
    struct ad_leaf leaf = {.cid = "bafyinput0", .origin_den = 1, .count = 48};
    struct ad_pad in = ad_graph_leaf(graph, &leaf);
    struct ad_fragment f = {.video = graph, .video_in = &in};
    assert_fails(ARTDAG_E_FORMAT, c.op->build(&c.call, &f, &err));
    ops_fini(&c);
}

static void colours_follow_the_file_or_its_size(void **state)
{
    (void)state;
    static const struct {
        const char *matrix;
        int64_t height;
        bool full;
        const char *want, *range;
        const char *from; /* the matrix that is converted after scaling */
    } cases[] = {
        {"", 719, false, "bt601", "tv", "smpte170m"},
        {"", 720, false, "bt709", "tv", NULL},
        {"bt709", 360, false, "bt709", "tv", NULL},
        {"bt470bg", 1080, false, "bt601", "tv", "smpte170m"},
        {"smpte170m", 1080, true, "bt601", "pc", "smpte170m"},
        {"bt2020nc", 2160, false, "bt2020", "tv", "bt2020nc"},
        {"gbr", 100, true, "bt709", "pc", NULL},
        {"unknown-to-us", 480, false, "bt601", "tv", "smpte170m"},
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        source_init(&c, film());
        c.source.matrix = cases[i].matrix;
        c.source.height = cases[i].height;
        c.source.full_range = cases[i].full;
        assert_ok(ops_plan(&c, "{}", &err));
        const struct ad_graph *graph = ops_graph(&c, AD_VIDEO);
        const struct ad_filter *scale = ops_filter(graph, "scale");
        assert_string_equal(ops_option(scale, "in_color_matrix"), cases[i].want);
        assert_string_equal(ops_option(scale, "in_range"), cases[i].range);
        assert_string_equal(ops_option(scale, "out_color_matrix"),
                            cases[i].from ? cases[i].want : "bt709");
        assert_int_equal(ops_count(graph, "colorspace"), cases[i].from != NULL);
        if (cases[i].from)
            assert_string_equal(ops_option(ops_filter(graph, "colorspace"), "ispace"),
                                cases[i].from);
        assert_string_equal(ops_option(scale, "out_range"), "tv");
        ops_fini(&c);
    }
}

static void transparency_is_kept_or_put_on_the_background(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    source_init(&c, film());
    c.source.alpha = true;
    assert_ok(ops_plan(&c, "{background: '#ff0000'}", &err));
    struct ad_graph *graph = ops_graph(&c, AD_VIDEO);
    assert_int_equal(ops_count(graph, "overlay"), 1);
    assert_string_equal(ops_option(ops_filter(graph, "lutyuv"), "v"), "240");
    c.format.pixel_format = "yuva420p";
    assert_ok(ops_plan(&c, "{background: '#ff0000'}", &err));
    assert_int_equal(ops_count(ops_graph(&c, AD_VIDEO), "overlay"), 0);
    ops_fini(&c);
}

static void channels_are_copied_averaged_or_mixed_down(void **state)
{
    (void)state;
    static const struct {
        int64_t from, to;
        const char *pan;
    } cases[] = {{1, 2, "stereo|c0=c0|c1=c0"},
                 {2, 1, "mono|c0=0.5*c0+0.5*c1"},
                 {2, 2, NULL},
                 {1, 1, NULL},
                 {6, 2, NULL}};
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ops_case c;
        source_init(&c, film());
        c.source.channels = cases[i].from;
        c.format.channels = cases[i].to;
        assert_ok(ops_plan(&c, "{}", &err));
        struct ad_graph *graph = ops_graph(&c, AD_AUDIO);
        assert_int_equal(ops_count(graph, "pan"), cases[i].pan ? 1 : 0);
        if (cases[i].pan)
            assert_string_equal(ops_option(ops_filter(graph, "pan"), "args"), cases[i].pan);
        assert_string_equal(ops_option(ops_filter(graph, "aformat"), "channel_layouts"),
                            cases[i].to == 1 ? "mono" : "stereo");
        assert_string_equal(ops_option(ops_filter(graph, "aresample"), "internal_sample_fmt"),
                            "dblp");
        ops_fini(&c);
    }
}

/* What lies outside the leaf's range is dropped before it is scaled, and time stamps stay. */
static void a_partial_leaf_gives_its_part(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    source_init(&c, film());
    c.format = ops_formats[2].format;
    assert_ok(ops_plan(&c, "{}", &err));
    struct ad_leaf leaf = {.cid = "bafyinput0", .origin_den = 1, .first = 7, .count = 11};
    struct ad_graph *video = ad_graph_new(&c.arena, AD_VIDEO);
    struct ad_graph *audio = ad_graph_new(&c.arena, AD_AUDIO);
    struct ad_pad v = ad_graph_leaf(video, &leaf);
    struct ad_pad a = ad_graph_leaf(audio, &leaf);
    struct ad_fragment f = {.video = video, .audio = audio, .video_in = &v, .audio_in = &a};
    assert_ok(c.op->build(&c.call, &f, &err));
    assert_string_equal(ops_option(ops_filter(video, "trim"), "start_pts"), "7");
    assert_string_equal(ops_option(ops_filter(video, "trim"), "end_pts"), "18");
    assert_int_equal(ops_count(video, "setpts"), 0);
    /* 8000 Hz at 30000/1001: floor(7 * 266.9333), ceil(18 * 266.9333) */
    assert_string_equal(ops_option(ops_filter(audio, "atrim"), "start_pts"), "1868");
    assert_string_equal(ops_option(ops_filter(audio, "atrim"), "end_pts"), "4805");
    ops_fini(&c);
}

static void a_source_stands_on_a_leaf_only(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    source_init(&c, film());
    assert_ok(ops_plan(&c, "{}", &err));
    struct ad_graph *video = ad_graph_new(&c.arena, AD_VIDEO);
    struct ad_pad none = {0};
    struct ad_fragment f = {.video = video, .video_in = &none};
    assert_fails(ARTDAG_E_INTERNAL, c.op->build(&c.call, &f, &err));
    c.source.video = c.source.audio = false;
    assert_fails(ARTDAG_E_INVAL, ops_plan(&c, "{}", &err));
    ops_fini(&c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_working_format_enters_the_config_as_far_as_it_matters),
    cmocka_unit_test(a_source_has_its_length_to_the_nearest_frame),
    cmocka_unit_test(only_still_pictures_take_a_duration),
    cmocka_unit_test(internal_keys_cannot_be_written),
    cmocka_unit_test(a_final_config_must_agree_with_the_source),
    cmocka_unit_test(pictures_are_scaled_cropped_and_padded_by_shape),
    cmocka_unit_test(a_thread_cannot_fill_a_frame),
    cmocka_unit_test(colours_follow_the_file_or_its_size),
    cmocka_unit_test(transparency_is_kept_or_put_on_the_background),
    cmocka_unit_test(channels_are_copied_averaged_or_mixed_down),
    cmocka_unit_test(a_partial_leaf_gives_its_part),
    cmocka_unit_test(a_source_stands_on_a_leaf_only),
};
AD_TEST_MAIN(tests)
