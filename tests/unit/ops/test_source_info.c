/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "ops_test.h"

/* The example of docs/formats/analysis.md. */
static const char sample[] =
    "{\"audio\":{\"channel_layout\":\"stereo\",\"channels\":2,\"codec\":\"vorbis\",\"sample_"
    "rate\":44100,"
    "\"samples\":1323000,\"start\":{\"den\":1,\"num\":0},\"stream\":1},\"bytes\":1293041,"
    "\"container\":\"matroska\",\"duration\":{\"den\":1,\"num\":30},\"format\":\"artdag/"
    "metadata/1\","
    "\"ignored\":[],\"origin\":{\"den\":1000,\"num\":3},\"video\":{\"alpha\":false,\"bits\":8,"
    "\"codec\":\"vp8\",\"color\":{\"matrix\":\"\",\"primaries\":\"\",\"range\":\"\","
    "\"transfer\":\"\"},"
    "\"fps\":{\"den\":1,\"num\":24},\"frames\":720,\"height\":720,\"interlaced\":false,"
    "\"pixel_format\":\"yuv420p\",\"rotation\":0,\"sar\":{\"den\":1,\"num\":1},"
    "\"start\":{\"den\":1000,\"num\":3},\"still\":false,\"stream\":0,\"vfr\":false,\"width\":"
    "1280}}";

/* The sample with one text replaced. */
static enum artdag_err read_with(struct ad_arena *arena, const char *from, const char *to,
                                 struct ad_source_info *ret, artdag_error *err)
{
    const struct ad_value *value = NULL;
    const char *at = strstr(sample, from);
    assert_non_null(at);
    const char *text =
        ad_arena_printf(arena, "%.*s%s%s", (int)(at - sample), sample, to, at + strlen(from));
    assert_int_equal(ad_json_parse(arena, ad_str_from(text), NULL, NULL, &value, err),
                     ARTDAG_OK);
    return ad_source_info_from_json(arena, value, ret, err);
}

static void the_documented_example_is_read(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_source_info i = {0};
    assert_ok(read_with(&arena, "vorbis", "vorbis", &i, &err));
    assert_true(i.video && i.audio && !i.still && !i.alpha && !i.full_range);
    assert_int_equal(i.width, 1280);
    assert_int_equal(i.height, 720);
    assert_int_equal(i.fps_num, 24);
    assert_int_equal(i.origin_num, 3);
    assert_int_equal(i.origin_den, 1000);
    assert_int_equal(i.duration_num, 30);
    assert_int_equal(i.sample_rate, 44100);
    assert_int_equal(i.audio_stream, 1);
    assert_string_equal(i.matrix, "");
    ad_arena_fini(&arena);
}

static void range_and_matrix_come_from_tags_or_the_pixel_format(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *matrix;
        bool full;
    } cases[] = {
        {"\"range\":\"\"", "\"range\":\"pc\"", "", true},
        {"\"pixel_format\":\"yuv420p\"", "\"pixel_format\":\"yuvj420p\"", "", true},
        {"\"pixel_format\":\"yuv420p\"", "\"pixel_format\":\"rgb24\"", "gbr", true},
        {"\"pixel_format\":\"yuv420p\"", "\"pixel_format\":\"gbrp10le\"", "gbr", true},
        {"\"pixel_format\":\"yuv420p\"", "\"pixel_format\":\"gray\"", "", true},
        {"\"matrix\":\"\"", "\"matrix\":\"bt470bg\"", "bt470bg", false},
    };
    artdag_error err = {0};
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_source_info i = {0};
        assert_ok(read_with(&arena, cases[k].from, cases[k].to, &i, &err));
        assert_string_equal(i.matrix, cases[k].matrix);
        assert_int_equal(i.full_range, cases[k].full);
        ad_arena_fini(&arena);
    }
}

static void damaged_documents_are_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"artdag/metadata/1", "artdag/metadata/2"},
        {"\"duration\":{\"den\":1,", "\"duration\":{\"den\":0,"},
        {"\"num\":30", "\"num\":-30"},
        {"\"width\":1280", "\"width\":0"},
        {"\"width\":1280", "\"width\":99999"},
        {"\"width\":1280", "\"width\":\"1280\""},
        {"\"rotation\":0", "\"rotation\":45"},
        {"\"sample_rate\":44100", "\"sample_rate\":0"},
        {"\"channels\":2", "\"channels\":0"},
        {"\"fps\":{\"den\":1,\"num\":24}", "\"fps\":24"},
        {"\"origin\":", "\"orgin\":"},
        {"\"alpha\":false,", ""},
        {"\"sar\":{\"den\":1,\"num\":1}", "\"sar\":{\"den\":1,\"num\":0}"},
    };
    artdag_error err = {0};
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_source_info i = {0};
        assert_fails(ARTDAG_E_FORMAT, read_with(&arena, cases[k][0], cases[k][1], &i, &err));
        ad_arena_fini(&arena);
    }
    struct ad_source_info i = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    assert_fails(ARTDAG_E_FORMAT, ad_source_info_from_json(&arena, NULL, &i, &err));
    ad_arena_fini(&arena);
}

static void a_file_without_any_medium_is_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_source_info i = {0};
    const struct ad_value *value = NULL;
    assert_ok(ad_json_parse(
        &arena,
        AD_STR_LIT("{\"format\":\"artdag/metadata/1\",\"origin\":{\"num\":0,\"den\":1},"
                   "\"duration\":{\"num\":1,\"den\":1},\"audio\":null,\"video\":null}"),
        NULL, NULL, &value, &err));
    assert_fails(ARTDAG_E_FORMAT, ad_source_info_from_json(&arena, value, &i, &err));
    assert_err_says("neither");
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_documented_example_is_read),
    cmocka_unit_test(range_and_matrix_come_from_tags_or_the_pixel_format),
    cmocka_unit_test(damaged_documents_are_refused),
    cmocka_unit_test(a_file_without_any_medium_is_refused),
};
AD_TEST_MAIN(tests)
