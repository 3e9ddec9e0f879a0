/* SPDX-License-Identifier: MIT */
#include "plan_test.h"

static struct ad_format format_of(const char *yaml, const char *inputs)
{
    struct ad_plan *plan = make_plan(&(struct request){.yaml = yaml, .inputs = inputs});
    struct ad_format format = plan->format;
    assert_string_equal(format.pixel_format, "yuv420p");
    ad_plan_destroy(plan);
    return format;
}

#define ONE DAG(VIDEO "  - {id: out, type: SEGMENT, inputs: [video]}\n")
#define TWO                                                                                    \
    DAG(VIDEO "  - {id: more, type: SOURCE, config: {input: true}}\n"                          \
              "  - {id: out, type: SEQUENCE, inputs: [more, video]}\n")

static void assert_format(struct ad_format f, int width, int height, int num, int den, int rate,
                          int channels)
{
    assert_int_equal(f.width, width);
    assert_int_equal(f.height, height);
    assert_int_equal(f.fps_num, num);
    assert_int_equal(f.fps_den, den);
    assert_int_equal(f.sample_rate, rate);
    assert_int_equal(f.channels, channels);
}

static void first_video_input_decides(void **state)
{
    (void)state;
    assert_format(format_of(ONE, "video=film"), 1280, 720, 24, 1, 44100, 2);
    /* first in the order of nodes, not of use */
    assert_format(format_of(TWO, "video=small more=film"), 320, 180, 25, 1, 48000, 2);
}

/* 721 x 405 with pixels of 4:3 is shown as 961 x 405, turned by 90 degrees 405 x 961, then rounded up to even. */
static void size_is_that_on_the_screen_rounded_up(void **state)
{
    (void)state;
    assert_format(format_of(ONE, "video=tall"), 406, 962, 30000, 1001, 48000, 2);
}

static void recipe_wins_key_by_key(void **state)
{
    (void)state;
    assert_format(format_of("format: {fps: 12.5, sample_rate: 48000}\n" ONE, "video=film"),
                  1280, 720, 25, 2, 48000, 2);
    assert_format(format_of("format: {width: 64, height: 48, channels: 1}\n" ONE, "video=film"),
                  64, 48, 24, 1, 44100, 1);
}

static void sound_rate_comes_from_the_video_or_the_first_sound(void **state)
{
    (void)state;
    assert_format(format_of(TWO, "video=silent more=music"), 640, 360, 25, 1, 44100, 2);
    assert_format(format_of(ONE, "video=silent"), 640, 360, 25, 1, 48000, 2);
}

static void pictures_give_size_and_no_rate(void **state)
{
    (void)state;
    assert_format(format_of(ONE, "video=photo"), 802, 602, 25, 1, 48000, 2);
    assert_format(format_of(TWO, "video=photo more=film"), 802, 602, 24, 1, 44100, 2);
}

static void sound_alone_has_25_frames_a_second(void **state)
{
    (void)state;
    struct ad_format f = format_of(ONE, "video=music");
    assert_int_equal(f.fps_num, 25);
    assert_int_equal(f.fps_den, 1);
    assert_int_equal(f.sample_rate, 44100);
    struct ad_plan *plan = make_plan(&(struct request){.yaml = ONE, .inputs = "video=music"});
    const struct ad_step *source = step_of(plan, "video");
    assert_false(source->edge.video);
    assert_int_equal(source->edge.frames, 1500);
    /* the size that nothing has does not enter its id */
    assert_null(ad_value_get(source->config, "width"));
    ad_plan_destroy(plan);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(first_video_input_decides),
    cmocka_unit_test(size_is_that_on_the_screen_rounded_up),
    cmocka_unit_test(recipe_wins_key_by_key),
    cmocka_unit_test(sound_rate_comes_from_the_video_or_the_first_sound),
    cmocka_unit_test(pictures_give_size_and_no_rate),
    cmocka_unit_test(sound_alone_has_25_frames_a_second),
};
AD_TEST_MAIN(tests)
