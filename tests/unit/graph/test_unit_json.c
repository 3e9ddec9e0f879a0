/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "ad_test.h"
#include "graph_test.h"

/* As docs/formats/unit.md describes it, written out by hand. */
static const char sample_json[] =
    "{\"audio\":{\"files\":[],\"filters\":[{\"name\":\"aformat\",\"options\":[[\"sample_fmts\","
    "\"flt\"]]}],"
    "\"leaves\":[{\"alpha\":false,\"cid\":\"" SAMPLE_CID "\",\"count\":24,\"first\":5,"
    "\"mezzanine\":false,\"origin\":{\"den\":1000,\"num\":-3},\"stream\":1}],"
    "\"links\":[[\"leaf\",0,0,0,0]],\"out\":[\"filter\",0,0]},"
    "\"encode\":{\"audio\":{\"codec\":\"pcm_f32le\",\"format\":\"flt\",\"options\":[[\"flags\","
    "\"+bitexact\"]]},"
    "\"container\":\"nut\",\"options\":[[\"fflags\",\"+bitexact\"]],"
    "\"video\":{\"codec\":\"ffvhuff\",\"format\":\"yuv420p\",\"options\":[[\"flags\",\"+"
    "bitexact\"],"
    "[\"pred\",\"left\"],[\"threads\",\"1\"]]}},"
    "\"format\":{\"channels\":2,\"fps\":{\"den\":1,\"num\":24},\"height\":36,\"pixel_format\":"
    "\"yuv420p\","
    "\"sample_rate\":48000,\"width\":64},\"frames\":24,\"height\":36,\"samples\":48000,"
    "\"type\":\"artdag/unit/1\","
    "\"video\":{\"files\":[],\"filters\":[{\"name\":\"trim\",\"options\":[[\"start_pts\",\"5\"]"
    ",[\"end_"
    "pts\",\"29\"]]},"
    "{\"name\":\"setpts\",\"options\":[[\"expr\",\"PTS-5\"]]}],"
    "\"leaves\":[{\"alpha\":false,\"cid\":\"" SAMPLE_CID "\",\"count\":24,\"first\":5,"
    "\"mezzanine\":false,\"origin\":{\"den\":1000,\"num\":-3},\"stream\":1}],"
    "\"links\":[[\"leaf\",0,0,0,0],[\"filter\",0,0,1,0]],\"out\":[\"filter\",1,0]},\"width\":"
    "64}";

static void a_unit_is_written_as_the_format_page_says(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    struct ad_unit unit = sample_unit(&arena);
    assert_ok(ad_unit_to_json(&unit, &buf, &err));
    assert_str_view_equal(ad_buf_as_str(&buf), sample_json);
    ad_buf_fini(&buf);
    ad_arena_fini(&arena);
}

static void reading_and_writing_gives_the_same_bytes(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    struct ad_unit unit = {0};
    assert_ok(ad_unit_from_json(&arena, ad_str_from(sample_json), &unit, &err));
    assert_int_equal(unit.video->leaves.items[0].origin_num, -3);
    assert_int_equal(unit.video->filters.items[1].inputs, 1);
    assert_string_equal(unit.encode.audio.sample_format, "flt");
    assert_ok(ad_unit_to_json(&unit, &buf, &err));
    assert_str_view_equal(ad_buf_as_str(&buf), sample_json);
    ad_buf_fini(&buf);
    ad_arena_fini(&arena);
}

static void the_written_form_is_canonical_json(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    const struct ad_value *root = NULL;
    assert_ok(ad_json_parse(&arena, ad_str_from(sample_json), NULL, NULL, &root, &err));
    assert_ok(ad_json_canonical(root, &buf, &err));
    assert_str_view_equal(ad_buf_as_str(&buf), sample_json);
    ad_buf_fini(&buf);
    ad_arena_fini(&arena);
}

/* The sample with the first `from` replaced by `to` is refused. */
static void refused(const char *from, const char *to)
{
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = {0};
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    const char *at = strstr(sample_json, from);
    assert_non_null(at);
    (void)ad_buf_append(&buf, sample_json, (size_t)(at - sample_json));
    (void)ad_buf_str(&buf, to);
    (void)ad_buf_str(&buf, at + strlen(from));
    if (ad_unit_from_json(&arena, ad_buf_as_str(&buf), &unit, &err) != ARTDAG_E_FORMAT)
        fail_msg("accepted, or another error: %s -> %s: %s", from, to, err.message);
    ad_buf_fini(&buf);
    ad_arena_fini(&arena);
}

static void documents_that_are_not_units_are_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"artdag/unit/1", "artdag/unit/2"},
        {"\"width\":64}", "\"width\":64,\"more\":1}"},
        {"\"samples\":48000,", ""},
        {"\"frames\":24", "\"frames\":24.5"},
        {"\"frames\":24", "\"frames\":\"24\""},
        {"\"alpha\":false", "\"alpha\":0"},
        {"\"alpha\":false,", ""},
        {"\"num\":-3", "\"num\":null"},
        {"\"den\":1000", "\"den\":-1"},
        {"[\"leaf\",0,0,0,0]", "[\"leaf\",0,0,0]"},
        {"[\"leaf\",0,0,0,0]", "[\"pad\",0,0,0,0]"},
        {"[\"leaf\",0,0,0,0]", "[\"leaf\",0,0,9,0]"},
        {"[\"leaf\",0,0,0,0]", "[\"leaf\",0,0,-1,0]"},
        {"[\"leaf\",0,0,0,0]", "[\"leaf\",4294967296,0,0,0]"},
        {"\"out\":[\"filter\",0,0]", "\"out\":[\"filter\",0]"},
        {"\"out\":[\"filter\",0,0]", "\"out\":\"x\""},
        {"[\"sample_fmts\",\"flt\"]", "[\"sample_fmts\"]"},
        {"[\"sample_fmts\",\"flt\"]", "[\"sample_fmts\",1]"},
        {"[\"sample_fmts\",\"flt\"]", "[\"sample_fmts\",\"\"]"},
        {"[\"sample_fmts\",\"flt\"]", "[\"sample_fmts\",\"a\\u0000b\"]"},
        {"\"name\":\"aformat\"", "\"name\":\"amovie\""},
        {"\"format\":\"flt\"", "\"format\":null"},
        {"\"filters\":[{", "\"filters\":[3,{"},
        {"\"audio\":{\"codec\"", "\"audio\":{\"kodec\""},
        {"\"fps\":{\"den\":1,", "\"fps\":{\"den\":0,"},
        {"\"height\":36,\"pixel", "\"height\":37,\"pixel"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        refused(cases[i][0], cases[i][1]);
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    for (size_t len = 0; len + 1 < sizeof(sample_json); len += 3) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_unit unit = {0};
        assert_fails(ARTDAG_E_FORMAT,
                     ad_unit_from_json(&arena, (struct ad_str){sample_json, len}, &unit, &err));
        ad_arena_fini(&arena);
    }
}

static void a_bad_unit_is_not_written(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    struct ad_unit unit = sample_unit(&arena);
    unit.frames = -1;
    assert_fails(ARTDAG_E_FORMAT, ad_unit_to_json(&unit, &buf, &err));
    assert_int_equal(buf.len, 0);
    struct ad_buf small = AD_BUF_INIT(100);
    unit = sample_unit(&arena);
    assert_fails(ARTDAG_E_LIMIT, ad_unit_to_json(&unit, &small, &err));
    ad_buf_fini(&buf);
    ad_buf_fini(&small);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_unit_is_written_as_the_format_page_says),
    cmocka_unit_test(reading_and_writing_gives_the_same_bytes),
    cmocka_unit_test(the_written_form_is_canonical_json),
    cmocka_unit_test(documents_that_are_not_units_are_refused),
    cmocka_unit_test(every_truncation_is_refused),
    cmocka_unit_test(a_bad_unit_is_not_written),
};
AD_TEST_MAIN(tests)
