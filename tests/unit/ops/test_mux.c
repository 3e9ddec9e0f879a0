/* SPDX-License-Identifier: MIT */
#include "ad_test.h"
#include "ops_test.h"

static void check_streams(struct ops_case *c, int video, int audio, int64_t video_frames,
                          int64_t audio_frames)
{
    struct ops_stream s = {.endless = false};
    ops_trace(c, AD_VIDEO, &s);
    for (size_t k = 0; k < s.items.len; k++) {
        int64_t last = video_frames - 1;
        assert_int_equal(s.items.items[k].input, video);
        assert_int_equal(s.items.items[k].index, (int64_t)k < last ? (int64_t)k : last);
    }
    ad_vec_fini(&s.items);
    s = (struct ops_stream){.endless = false};
    ops_trace(c, AD_AUDIO, &s);
    for (size_t k = 0; k < s.items.len; k++) {
        bool silent = (int64_t)k >= ad_samples_for(&c->format, audio_frames);
        assert_int_equal(s.items.items[k].input, silent ? -1 : audio);
    }
    ad_vec_fini(&s.items);
    ops_check_range(c);
}

static void the_shorter_or_the_longer_input_decides(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const int64_t lengths[][2] = {{10, 20}, {20, 10}, {7, 7}, {1, 5}};
    for (size_t i = 0; i < 4; i++) {
        for (int shortest = 0; shortest < 2; shortest++) {
            int64_t v = lengths[i][0];
            int64_t a = lengths[i][1];
            struct ops_case c;
            ops_init(&c, "MUX");
            c.format = ops_formats[i].format;
            ops_input(&c, v, 64, 36, true, true);
            ops_input(&c, a, 32, 32, true, true);
            assert_ok(ops_plan(&c, shortest ? "{}" : "{shortest: false}", &err));
            assert_int_equal(c.edge.frames, (v < a) == (shortest == 1) ? v : a);
            assert_int_equal(c.edge.width, 64);
            check_streams(&c, 0, 1, v, a);
            ops_fini(&c);
        }
    }
}

static void streams_can_be_swapped(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "MUX");
    ops_input(&c, 9, 0, 0, false, true);
    ops_input(&c, 9, 32, 32, true, false);
    assert_ok(ops_plan(&c, "{video_stream: 1, audio_stream: 0}", &err));
    assert_int_equal(c.edge.width, 32);
    check_streams(&c, 1, 0, 9, 9);
    ops_fini(&c);
}

static void an_input_without_its_medium_is_an_error(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "MUX");
    ops_input(&c, 9, 0, 0, false, true);
    ops_input(&c, 9, 32, 32, true, false);
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{}", &err));
    assert_err_says("picture has none");
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{video_stream: 1, audio_stream: 1}", &err));
    assert_err_says("both");
    assert_fails(ARTDAG_E_FORMAT, ops_plan(&c, "{video_stream: 2}", &err));
    c.call.input_count = 1;
    assert_fails(ARTDAG_E_INVAL, ops_plan(&c, "{}", &err));
    assert_err_says("takes 2");
    ops_fini(&c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_shorter_or_the_longer_input_decides),
    cmocka_unit_test(streams_can_be_swapped),
    cmocka_unit_test(an_input_without_its_medium_is_an_error),
};
AD_TEST_MAIN(tests)
