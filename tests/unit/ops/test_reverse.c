/* SPDX-License-Identifier: MIT */
#include "ad_test.h"
#include "ops_test.h"

static void frames_and_samples_come_last_to_first(void **state)
{
    (void)state;
    artdag_error err = {0};
    for (size_t f = 0; f < ops_format_count; f++) {
        struct ops_case c;
        ops_init(&c, "REVERSE");
        c.format = ops_formats[f].format;
        ops_input(&c, 31, 64, 36, true, true);
        assert_ok(ops_plan(&c, "{}", &err));
        struct ops_stream v = {.endless = false};
        struct ops_stream a = {.endless = false};
        ops_trace(&c, AD_VIDEO, &v);
        ops_trace(&c, AD_AUDIO, &a);
        assert_int_equal(v.items.len, 31);
        for (int64_t k = 0; k < 31; k++) {
            struct ad_span need = {0, 0};
            assert_int_equal(v.items.items[k].index, 30 - k);
            c.op->range(&c.call, 0, (struct ad_span){k, k + 1}, &need);
            assert_true(need.from <= 30 - k && 30 - k < need.to && need.to - need.from <= 3);
        }
        for (size_t k = 0; k < a.items.len; k++)
            assert_int_equal(a.items.items[k].index, a.items.len - 1 - k);
        ad_vec_fini(&v.items);
        ad_vec_fini(&a.items);
        ops_fini(&c);
    }
}

static void a_slice_is_the_same_frames_from_behind(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    struct ad_slice slice = {0};
    ops_init(&c, "REVERSE");
    ops_input(&c, 40, 64, 36, true, true);
    assert_ok(ops_plan(&c, "{}", &err));
    assert_ok(c.op->slice(&c.call, (struct ad_span){3, 10}, &slice, &err));
    assert_int_equal(slice.spans[0].from, 30);
    assert_int_equal(slice.spans[0].to, 37);
    ops_fini(&c);
}

/* What the filter holds stays below 256 MiB whatever the picture's size. */
static void few_pictures_are_held(void **state)
{
    (void)state;
    static const int64_t sizes[][2] = {{64, 36}, {1920, 1080}, {3840, 2160}, {16384, 16384}};
    static const char *const formats[] = {"yuv420p", "yuv444p10le"};
    artdag_error err = {0};
    for (size_t i = 0; i < 8; i++) {
        const struct ad_edge edge = {
            .frames = 1, .width = sizes[i / 2][0], .height = sizes[i / 2][1], .video = true};
        struct ops_case c;
        ops_init(&c, "REVERSE");
        c.format.pixel_format = formats[i % 2];
        int64_t most = ad_reverse_frames_max(&edge, &c.format);
        assert_true(most >= 1 && most <= 48);
        assert_true(most == 1 || most * edge.width * edge.height * (i % 2 ? 6 : 3) / 2 <=
                                     INT64_C(256) << 20);
        ops_input(&c, most + 1, edge.width, edge.height, true, false);
        assert_fails(ARTDAG_E_LIMIT, ops_plan(&c, "{}", &err));
        ops_fini(&c);
    }
}

static void long_sound_is_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ops_case c;
    ops_init(&c, "REVERSE");
    ops_input(&c, 24 * 7201, 0, 0, false, true);
    assert_fails(ARTDAG_E_LIMIT, ops_plan(&c, "{}", &err));
    assert_err_says("7200 s");
    ops_fini(&c);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(frames_and_samples_come_last_to_first),
    cmocka_unit_test(a_slice_is_the_same_frames_from_behind),
    cmocka_unit_test(few_pictures_are_held),
    cmocka_unit_test(long_sound_is_refused),
};
AD_TEST_MAIN(tests)
