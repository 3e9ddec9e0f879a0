/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "ad_test.h"
#include "ops_test.h"

static enum artdag_err to_frames(const char *yaml, const struct ad_format *format, int64_t *ret,
                                 artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *value = NULL;
    enum artdag_err rc = ad_yaml_parse(&arena, ad_str_from(yaml), "r.yaml", NULL, &value, err);
    assert_int_equal(rc, ARTDAG_OK);
    rc = ad_time_to_frames(value, format, "r.yaml", ret, err);
    assert_int_equal(ad_time_check(value, "r.yaml", NULL), rc);
    ad_arena_fini(&arena);
    return rc;
}

static void every_spelling_gives_pythons_frame_number(void **state)
{
    (void)state;
    artdag_error err = {0};
    char *text = (char *)ad_test_read(ad_test_source("tests/golden/time.txt"), NULL);
    char *rest = NULL;
    int count = 0;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        long long num = 0;
        long long den = 0;
        long long want = 0;
        char spelling[64];
        char quoted[80];
        if (sscanf(line, "time %lld %lld %lld %63s", &num, &den, &want, spelling) != 4)
            continue;
        struct ad_format format = {.fps_num = num, .fps_den = den};
        int64_t frames = -1;
        assert_ok(to_frames(spelling, &format, &frames, &err));
        assert_int_equal(frames, want);
        frames = -1;
        (void)snprintf(quoted, sizeof(quoted), "\"%s\"", spelling);
        assert_ok(to_frames(quoted, &format, &frames, &err));
        assert_int_equal(frames, want);
        count++;
    }
    assert_true(count > 300);
}

static void what_is_no_time_is_an_error_at_its_place(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "-1",        "-0.5",      "\"-1s\"",       "\"-3f\"",  "\"\"",      "\"1,5\"",
        "\"1.5 s\"", "\"s\"",     "\"f\"",         "\"1.5f\"", "\".\"",     "\"1.\"",
        "\"1:2:3\"", "\"01:60\"", "\"60:00:61\"",  "\"::\"",   "\"1m\"",    "true",
        "[1]",       "{a: 1}",    "\"1e400\"",     "\"0x10\"", "\"1.5.5\"", "\"abc\"",
        "\"+1\"",    "\"1_000\"", "\"00:01:0-1\"",
    };
    artdag_error err = {0};
    struct ad_format format = {.fps_num = 24, .fps_den = 1};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t frames = -1;
        assert_fails(ARTDAG_E_FORMAT, to_frames(cases[i], &format, &frames, &err));
        assert_int_equal(frames, -1);
        assert_int_equal(err.line, 1);
        assert_int_equal(err.column, 1);
        assert_string_equal(err.file, "r.yaml");
        assert_err_says("00:01:02.500");
    }
}

static void a_time_of_too_many_frames_is_an_error(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_format format = {.fps_num = 1000, .fps_den = 1};
    const struct ad_value *value = NULL;
    int64_t frames = 0;
    assert_ok(ad_yaml_parse(&arena, AD_STR_LIT("1000001"), NULL, NULL, &value, &err));
    assert_fails(ARTDAG_E_FORMAT, ad_time_to_frames(value, &format, "r.yaml", &frames, &err));
    ad_arena_fini(&arena);
}

static void a_double_without_text_counts_as_its_shortest_decimal(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_format format = {.fps_num = 10, .fps_den = 1};
    int64_t frames = 0;
    /* 0.15 is a little less in binary; as written it is one and a half frames. */
    assert_ok(
        ad_time_to_frames(ad_value_new_double(&arena, 0.15), &format, NULL, &frames, &err));
    assert_int_equal(frames, 2);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_spelling_gives_pythons_frame_number),
    cmocka_unit_test(what_is_no_time_is_an_error_at_its_place),
    cmocka_unit_test(a_time_of_too_many_frames_is_an_error),
    cmocka_unit_test(a_double_without_text_counts_as_its_shortest_decimal),
};
AD_TEST_MAIN(tests)
