/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "graph_test.h"

static void a_good_unit_passes(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = sample_unit(&arena);
    assert_ok(ad_unit_check(&unit, &err));
    ad_arena_fini(&arena);
}

/* ---- Filters and options ---- */

static void filters_that_read_files_or_run_code_are_not_there(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const char *const names[] = {"movie",   "amovie", "subtitles",  "ass",    "lut1d",
                                        "sendcmd", "zmq",    "frei0r",     "ladspa", "metadata",
                                        "TRIM",    "",       "trim,movie", "trim=1"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_graph *graph = ad_graph_new(&arena, AD_VIDEO);
        graph->out = ad_graph_chain(graph, names[i], sample_leaf(graph));
        assert_false(ad_filter_allowed(AD_VIDEO, names[i]));
        assert_fails(ARTDAG_E_FORMAT, ad_graph_check(graph, &err));
        assert_err_says("not allowed");
        ad_arena_fini(&arena);
    }
}

static void a_filter_of_the_other_medium_is_refused(void **state)
{
    (void)state;
    assert_true(ad_filter_allowed(AD_AUDIO, "atrim"));
    assert_false(ad_filter_allowed(AD_VIDEO, "atrim"));
    assert_false(ad_filter_allowed(AD_AUDIO, "trim"));
}

static enum artdag_err check_option(const char *filter, const char *option, const char *value,
                                    artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    bool audio = ad_filter_allowed(AD_AUDIO, filter) && !ad_filter_allowed(AD_VIDEO, filter);
    struct ad_graph *graph = ad_graph_new(&arena, audio ? AD_AUDIO : AD_VIDEO);
    graph->out = ad_graph_chain(graph, filter, sample_leaf(graph));
    ad_graph_set(graph, graph->out, option, value);
    enum artdag_err rc = ad_graph_check(graph, err);
    ad_arena_fini(&arena);
    return rc;
}

static void values_of_the_right_shape_pass(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const char *const cases[][3] = {
        {"trim", "start_pts", "-5"},
        {"scale", "w", "1280"},
        {"scale", "flags", "bicubic+accurate_rnd"},
        {"fps", "fps", "30000/1001"},
        {"hue", "h", "-12.5"},
        {"setpts", "expr", "ceil(PTS*2/3)"},
        {"setpts", "expr", "if(lt(n,4),1,(-0.5)+1e-7*((n-4)/12))"},
        {"lutyuv", "y", "clip(val*1.5e-7+minval,0,maxval)"},
        {"pad", "color", "0x00ff00"},
        {"pan", "args", "stereo|c0=0.5*c0+0.5*c1|c1=c0"},
        {"aformat", "sample_fmts", "flt|fltp"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_ok(check_option(cases[i][0], cases[i][1], cases[i][2], &err));
}

static void values_of_another_shape_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const char *const cases[][3] = {
        {"trim", "start_pts", "5,movie=x"},
        {"trim", "start_pts", ""},
        {"trim", "start_pts", "9223372036854775808"},
        {"scale", "w", "0"},
        {"scale", "w", "32769"},
        {"scale", "w", "-1"},
        {"scale", "w", "iw;2"},
        {"scale", "flags", "bicubic:size=/etc/passwd"},
        {"scale", "in_range", "tv\n"},
        {"fps", "fps", "30/0"},
        {"hue", "h", "nan"},
        {"hue", "h", "1;2"},
        {"setpts", "expr", "while(1,1)"},
        {"setpts", "expr", "print(PTS)"},
        {"setpts", "expr", "RTCTIME"},
        {"setpts", "expr", "random(0)"},
        {"setpts", "expr", "if(lt(n,4),1"},
        {"setpts", "expr", "if(1,2,3,4)"},
        {"setpts", "expr", "lt(1)"},
        {"setpts", "expr", "ld(0,1)"},
        {"setpts", "expr", "3dB"},
        {"setpts", "expr", "2k"},
        {"setpts", "expr", "1 2"},
        {"setpts", "expr", "PTS+"},
        {"setpts", "expr", "((((((((((((((((((((((((((1))))))))))))))))))))))))))"},
        {"setpts", "expr", "PTS;PTS"},
        {"lutyuv", "y", "file"},
        {"pad", "color", "random"},
        {"pad", "color", "0xGG0000"},
        {"pan", "args", "stereo:c0=c0"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_fails(ARTDAG_E_FORMAT,
                     check_option(cases[i][0], cases[i][1], cases[i][2], &err));
        assert_err_says("cannot have the value");
    }
}

static void unknown_and_repeated_options_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    assert_fails(ARTDAG_E_FORMAT, check_option("scale", "sws_dict", "1", &err));
    assert_err_says("may not be given");
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = sample_unit(&arena);
    ad_graph_set(unit.video, unit.video->out, "expr", "PTS");
    assert_fails(ARTDAG_E_FORMAT, ad_unit_check(&unit, &err));
    assert_err_says("twice");
    ad_arena_fini(&arena);
}

/* ---- Codecs and containers ---- */

static void x264_parameters_that_open_files_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const struct {
        const char *value;
        enum artdag_err want;
    } cases[] = {
        {"cpu-independent=1", ARTDAG_OK},
        {"cpu-independent=1:stitchable=1", ARTDAG_OK},
        {"stats=/tmp/x", ARTDAG_E_FORMAT},
        {"cpu-independent=1:qpfile=/etc/passwd", ARTDAG_E_FORMAT},
        {"dump-yuv=1", ARTDAG_E_FORMAT},
        {"cpu-independent=2", ARTDAG_E_FORMAT},
        {"cpu-independent", ARTDAG_E_FORMAT},
        {"cpu-independent=1:", ARTDAG_E_FORMAT},
        {":cpu-independent=1", ARTDAG_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_unit unit = sample_unit(&arena);
        unit.encode.video =
            (struct ad_codec_settings){.codec = "libx264", .pixel_format = "yuv420p"};
        assert_true(ad_codec_set(&arena, &unit.encode.video, "x264-params", cases[i].value));
        if (cases[i].want == ARTDAG_OK)
            assert_ok(ad_unit_check(&unit, &err));
        else
            assert_fails(cases[i].want, ad_unit_check(&unit, &err));
        ad_arena_fini(&arena);
    }
}

static void codecs_and_containers_off_the_lists_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = sample_unit(&arena);
    unit.encode.video.codec = "h264_vaapi";
    assert_fails(ARTDAG_E_FORMAT, ad_unit_check(&unit, &err));
    unit = sample_unit(&arena);
    unit.encode.audio.codec = "ffvhuff";
    assert_fails(ARTDAG_E_FORMAT, ad_unit_check(&unit, &err));
    static const char *const names[] = {"hls",    "segment", "tee",   "dash",
                                        "image2", "fifo",    "concat"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        unit = sample_unit(&arena);
        unit.encode.container = names[i];
        assert_fails(ARTDAG_E_FORMAT, ad_unit_check(&unit, &err));
        assert_err_says("container");
    }
    unit = sample_unit(&arena);
    unit.encode.container = NULL;
    assert_fails(ARTDAG_E_FORMAT, ad_unit_check(&unit, &err));
    ad_arena_fini(&arena);
}

/* ---- Links ---- */

static void loose_and_double_pads_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_graph *graph = ad_graph_new(&arena, AD_VIDEO);
    struct ad_pad leaf = sample_leaf(graph);
    struct ad_pad split = ad_graph_chain(graph, "split", leaf);
    ad_graph_set_int(graph, split, "outputs", 2);
    graph->out = ad_graph_chain(graph, "null", split);
    assert_fails(ARTDAG_E_FORMAT, ad_graph_check(graph, &err));
    assert_err_says("leads nowhere");

    struct ad_pad both[2] = {ad_pad_nth(split, 1), graph->out};
    graph->out = ad_graph_filter(graph, "overlay", both, 2);
    assert_ok(ad_graph_check(graph, &err));

    graph->out = ad_graph_chain(graph, "null", leaf);
    assert_fails(ARTDAG_E_FORMAT, ad_graph_check(graph, &err));
    assert_err_says("twice");
    ad_arena_fini(&arena);
}

static void wrong_numbers_of_inputs_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_graph *graph = ad_graph_new(&arena, AD_VIDEO);
    graph->out = ad_graph_chain(graph, "overlay", sample_leaf(graph));
    assert_fails(ARTDAG_E_FORMAT, ad_graph_check(graph, &err));
    assert_err_says("inputs");

    graph = ad_graph_new(&arena, AD_VIDEO);
    struct ad_pad three[3] = {sample_leaf(graph), sample_leaf(graph), sample_leaf(graph)};
    graph->out = ad_graph_filter(graph, "concat", three, 3);
    ad_graph_set_int(graph, graph->out, "n", 4);
    assert_fails(ARTDAG_E_FORMAT, ad_graph_check(graph, &err));
    graph->filters.items[0].options.items[0].value = "3";
    assert_ok(ad_graph_check(graph, &err));
    ad_graph_set(graph, graph->out, "a", "1");
    assert_fails(ARTDAG_E_FORMAT, ad_graph_check(graph, &err));
    assert_err_says("medium");
    ad_arena_fini(&arena);
}

static void cycles_cannot_be_written(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_graph *graph = ad_graph_new(&arena, AD_VIDEO);
    struct ad_pad first = ad_graph_chain(graph, "hflip", sample_leaf(graph));
    graph->out = ad_graph_chain(graph, "vflip", first);
    graph->links.items[0].from = (struct ad_pad){.filter = 1, .set = true};
    assert_fails(ARTDAG_E_FORMAT, ad_graph_check(graph, &err));
    graph->links.items[0].from = (struct ad_pad){.filter = 7, .set = true};
    assert_fails(ARTDAG_E_FORMAT, ad_graph_check(graph, &err));
    graph->links.items[0].from =
        (struct ad_pad){.filter = 0, .index = 1, .leaf = true, .set = true};
    assert_fails(ARTDAG_E_FORMAT, ad_graph_check(graph, &err));
    ad_arena_fini(&arena);
}

static void leaves_out_of_bounds_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_leaf cases[] = {
        {.cid = "../../etc/passwd", .origin_den = 1, .count = 1},
        {.cid = "short", .origin_den = 1, .count = 1},
        {.cid = SAMPLE_CID, .origin_den = 0, .count = 1},
        {.cid = SAMPLE_CID, .origin_den = 1, .count = 0},
        {.cid = SAMPLE_CID, .origin_den = 1, .count = 1, .first = -1},
        {.cid = SAMPLE_CID, .origin_den = 1, .count = 1, .stream = -1},
        {.cid = SAMPLE_CID, .origin_den = 1, .count = AD_FRAMES_MAX + 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_graph *graph = ad_graph_new(&arena, AD_VIDEO);
        graph->out = ad_graph_chain(graph, "null", ad_graph_leaf(graph, &cases[i]));
        assert_fails(ARTDAG_E_FORMAT, ad_graph_check(graph, &err));
        assert_err_says("leaf");
        ad_arena_fini(&arena);
    }
}

/* ---- Units ---- */

static void sizes_and_lengths_must_fit(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit good = sample_unit(&arena);
    struct ad_unit unit = good;
    unit.samples = 47999;
    assert_fails(ARTDAG_E_FORMAT, ad_unit_check(&unit, &err));
    unit = good;
    unit.frames = 0;
    assert_fails(ARTDAG_E_FORMAT, ad_unit_check(&unit, &err));
    unit = good;
    unit.width = 0;
    assert_fails(ARTDAG_E_FORMAT, ad_unit_check(&unit, &err));
    unit = good;
    unit.format.fps_den = 0;
    assert_fails(ARTDAG_E_FORMAT, ad_unit_check(&unit, &err));
    unit = good;
    unit.audio = NULL;
    unit.samples = 0;
    assert_fails(ARTDAG_E_FORMAT, ad_unit_check(&unit, &err));
    unit.encode.audio.codec = NULL;
    assert_ok(ad_unit_check(&unit, &err));
    unit.video = NULL;
    unit.encode.video.codec = NULL;
    unit.width = unit.height = 0;
    assert_fails(ARTDAG_E_FORMAT, ad_unit_check(&unit, &err));
    unit = good;
    unit.video = good.audio;
    assert_fails(ARTDAG_E_FORMAT, ad_unit_check(&unit, &err));
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_good_unit_passes),
    cmocka_unit_test(filters_that_read_files_or_run_code_are_not_there),
    cmocka_unit_test(a_filter_of_the_other_medium_is_refused),
    cmocka_unit_test(values_of_the_right_shape_pass),
    cmocka_unit_test(values_of_another_shape_are_refused),
    cmocka_unit_test(unknown_and_repeated_options_are_refused),
    cmocka_unit_test(x264_parameters_that_open_files_are_refused),
    cmocka_unit_test(codecs_and_containers_off_the_lists_are_refused),
    cmocka_unit_test(loose_and_double_pads_are_refused),
    cmocka_unit_test(wrong_numbers_of_inputs_are_refused),
    cmocka_unit_test(cycles_cannot_be_written),
    cmocka_unit_test(leaves_out_of_bounds_are_refused),
    cmocka_unit_test(sizes_and_lengths_must_fit),
};
AD_TEST_MAIN(tests)
