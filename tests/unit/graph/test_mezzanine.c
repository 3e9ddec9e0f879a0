/* SPDX-License-Identifier: MIT */
#include "ad_test.h"
#include "graph_test.h"

static void intermediates_keep_the_working_pixel_format(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    for (size_t i = 0; ad_pixel_formats[i]; i++) {
        struct ad_format format = sample_format();
        struct ad_encode encode = {0};
        format.pixel_format = ad_pixel_formats[i];
        assert_int_equal(ad_encode_mezzanine(&arena, &format, true, true, &encode), ARTDAG_OK);
        assert_string_equal(encode.container, "nut");
        assert_string_equal(encode.video.codec, "ffvhuff");
        assert_string_equal(encode.video.pixel_format, ad_pixel_formats[i]);
        assert_string_equal(encode.audio.codec, "pcm_f32le");
        assert_string_equal(encode.audio.sample_format, "flt");
    }
    ad_arena_fini(&arena);
}

static void a_missing_medium_has_no_codec(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_format format = sample_format();
    struct ad_encode encode = {0};
    assert_int_equal(ad_encode_mezzanine(&arena, &format, true, false, &encode), ARTDAG_OK);
    assert_null(encode.audio.codec);
    assert_int_equal(ad_encode_mezzanine(&arena, &format, false, true, &encode), ARTDAG_OK);
    assert_null(encode.video.codec);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(intermediates_keep_the_working_pixel_format),
    cmocka_unit_test(a_missing_medium_has_no_codec),
};
AD_TEST_MAIN(tests)
