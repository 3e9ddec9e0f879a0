/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "ops_test.h"

static const char *const shapes[] = {"circle", "square", NULL};
static const struct ad_field inner[] = {
    {.name = "depth", .type = AD_FIELD_INT, .fallback = "3", .min = 1, .max = 9, .unit = "m"},
    {.name = "when", .type = AD_FIELD_TIME, .fallback = "0.5"},
    {NULL},
};
static const struct ad_field fields[] = {
    {.name = "start", .alias = "offset", .type = AD_FIELD_TIME, .fallback = "0"},
    {.name = "limit", .type = AD_FIELD_TIME, .min = 1, .max = 2},
    {.name = "shape", .type = AD_FIELD_ENUM, .fallback = "\"circle\"", .values = shapes},
    {.name = "ground", .type = AD_FIELD_COLOR, .fallback = "\"Black\""},
    {.name = "gain", .type = AD_FIELD_NUMBER, .min = -1, .max = 1, .fallback = "0.5"},
    {.name = "count", .type = AD_FIELD_INT},
    {.name = "on", .type = AD_FIELD_BOOL},
    {.name = "text", .type = AD_FIELD_STRING},
    {.name = "rate", .type = AD_FIELD_BITRATE, .min = 1000, .max = 2000000},
    {.name = "note", .type = AD_FIELD_STRING, .cosmetic = true},
    {.name = "made", .type = AD_FIELD_INT, .internal = true},
    {.name = "inner", .type = AD_FIELD_MAP, .fallback = "{}", .fields = inner},
    {NULL},
};
static const struct ad_field strict[] = {
    {.name = "id", .type = AD_FIELD_STRING, .required = true},
    {NULL},
};
static const struct ad_format format = {64, 36, 24, 1, "yuv420p", 48000, 2};

static const char defaults[] = "{\"gain\":0.5,\"ground\":\"#000000\",\"inner\":{\"depth\":3,"
                               "\"when\":12},\"shape\":\"circle\",\"start\":0}";

/* The canonical JSON of the normalised text, in arena. */
static enum artdag_err normalise(struct ad_arena *arena, const char *yaml, const char **ret,
                                 artdag_error *err)
{
    const struct ad_value *written = NULL;
    const struct ad_value *config = NULL;
    struct ad_buf buf = AD_BUF_INIT(1 << 16);
    enum artdag_err rc = ad_yaml_parse(arena, ad_str_from(yaml), "r.yaml", NULL, &written, err);
    assert_int_equal(rc, ARTDAG_OK);
    rc = ad_config_normalise(arena, fields, written, &format, "r.yaml", &config, err);
    if (!rc)
        rc = ad_json_canonical(config, &buf, err);
    if (!rc)
        *ret = ad_arena_strdup(arena, ad_buf_as_str(&buf));
    ad_buf_fini(&buf);
    return rc;
}

static void no_config_means_the_defaults(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *config = NULL;
    const char *text = NULL;
    struct ad_buf buf = AD_BUF_INIT(1 << 16);
    assert_ok(ad_config_normalise(&arena, fields, NULL, &format, NULL, &config, &err));
    assert_ok(ad_json_canonical(config, &buf, &err));
    assert_str_view_equal(ad_buf_as_str(&buf), defaults);
    assert_ok(normalise(&arena, "~", &text, &err));
    assert_string_equal(text, defaults);
    ad_buf_fini(&buf);
    ad_arena_fini(&arena);
}

static void writing_a_default_out_changes_nothing(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "{}",
        "{start: 0}",
        "{offset: 0.0s}",
        "{shape: circle, gain: 0.5, ground: '#000000'}",
        "{ground: '#000000FF', gain: 0.50}",
        "{inner: {}, note: whatever}",
        "{inner: {when: 12f}, start: '00:00:00'}",
        "{inner: {depth: 3, when: 500ms}}",
    };
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ad_arena arena = AD_ARENA_INIT;
        const char *text = NULL;
        assert_ok(normalise(&arena, cases[i], &text, &err));
        assert_string_equal(text, defaults);
        ad_arena_fini(&arena);
    }
}

static void values_get_one_canonical_form(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    const char *text = NULL;
    assert_ok(normalise(
        &arena,
        "{text: 'x', on: true, count: -4, rate: 1.5M, gain: 1, ground: ORANGE, limit: 1.02, "
        "offset: '36f', shape: square}",
        &text, &err));
    assert_string_equal(
        text,
        "{\"count\":-4,\"gain\":1,\"ground\":\"#ffa500\",\"inner\":{\"depth\":3,\"when\":12},"
        "\"limit\":24,\"on\":true,\"rate\":1500000,\"shape\":\"square\",\"start\":36,"
        "\"text\":\"x\"}");
    const char *same = NULL;
    assert_ok(normalise(
        &arena,
        "{shape: square, offset: 1.5, limit: 1.02, ground: '#FFA500', gain: 1.0, rate: 1500k, "
        "count: -4, on: true, text: x}",
        &same, &err));
    assert_string_equal(same, text);
    ad_arena_fini(&arena);
}

static const struct bad_case {
    const char *yaml, *says;
    int line, column;
} bad_cases[] = {
    {"{strat: 1}", "did you mean \"start\"", 1, 2},
    {"start: 0\nofset: 1", "did you mean \"offset\"", 2, 1},
    {"{completely_else: 1}", "it knows start", 1, 2},
    {"{made: 1}", "unknown key \"made\"", 1, 2},
    {"{start: 0, offset: 1}", "same thing", 1, 12},
    {"{start: -1}", "time", 1, 9},
    {"{shape: cirle}", "did you mean \"circle\"", 1, 9},
    {"{shape: triangle}", "one of circle, square", 1, 9},
    {"{shape: 3}", "must be a name", 1, 9},
    {"{ground: blakc}", "did you mean \"black\"", 1, 10},
    {"{ground: '#12345'}", "#rrggbb", 1, 10},
    {"{ground: 0}", "must be a colour", 1, 10},
    {"{gain: 1.5}", "from -1 to 1", 1, 8},
    {"{gain: loud}", "must be a number", 1, 8},
    {"{gain: }", "must be a number, not a null", 1, 8},
    {"{count: 1.5}", "must be an integer", 1, 9},
    {"{on: yes}", "must be true or false", 1, 6},
    {"{text: 4}", "must be a string", 1, 8},
    {"{rate: 999}", "cannot be 999", 1, 8},
    {"{rate: 192kb}", "must be a bit rate", 1, 8},
    {"{limit: 0.5}", "from 1 to 2", 1, 9},
    {"{inner: 3}", "must be a map", 1, 9},
    {"inner:\n  dept: 3", "did you mean \"depth\"", 2, 3},
    {"inner:\n  depth: 10", "from 1 to 9 m", 2, 10},
    {"[1]", "config must be a map", 1, 1},
};

static void mistakes_are_named_with_their_place(void **state)
{
    (void)state;
    artdag_error err = {0};
    for (size_t i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++) {
        const struct bad_case *b = &bad_cases[i];
        struct ad_arena arena = AD_ARENA_INIT;
        const char *text = NULL;
        assert_fails(ARTDAG_E_FORMAT, normalise(&arena, b->yaml, &text, &err));
        assert_err_says(b->says);
        assert_string_equal(err.file, "r.yaml");
        assert_int_equal(err.line, b->line);
        assert_int_equal(err.column, b->column);
        ad_arena_fini(&arena);
    }
}

static enum artdag_err check(const char *yaml, artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *written = NULL;
    enum artdag_err rc =
        ad_yaml_parse(&arena, ad_str_from(yaml), "r.yaml", NULL, &written, err);
    assert_int_equal(rc, ARTDAG_OK);
    rc = ad_config_check(fields, written, "r.yaml", err);
    ad_arena_fini(&arena);
    return rc;
}

static void most_mistakes_are_seen_without_a_format(void **state)
{
    (void)state;
    artdag_error err = {0};
    assert_ok(check("{start: 1.5s, shape: circle, gain: 0.1, inner: {depth: 2}}", &err));
    for (size_t i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++) {
        if (strcmp(bad_cases[i].yaml, "{limit: 0.5}") == 0)
            continue; /* the range of a time needs the frame rate */
        assert_fails(ARTDAG_E_FORMAT, check(bad_cases[i].yaml, &err));
        assert_int_equal(err.line, bad_cases[i].line);
    }
}

static void parameters_may_stand_for_any_value(void **state)
{
    (void)state;
    artdag_error err = {0};
    assert_ok(check(
        "{start: $from, shape: '${shape}', gain: $g, on: $on, inner: {depth: $d-2}}", &err));
    assert_fails(ARTDAG_E_FORMAT, check("{start: '$', gain: 0}", &err));
    assert_fails(ARTDAG_E_FORMAT, check("{inner: $all}", &err));
}

static void only_whole_strings_are_parameters(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
    } cases[] = {{"$a", "a"},   {"${ab}", "ab"}, {"$a_1-b", "a_1-b"}, {"$", NULL},
                 {"${}", NULL}, {"$1", NULL},    {"x$a", NULL},       {"$a b", NULL},
                 {"${a", NULL}, {"a", NULL},     {"$a}", NULL},       {"$$a", NULL}};
    struct ad_arena arena = AD_ARENA_INIT;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ad_str name = {0};
        const struct ad_value *v = ad_value_new_str(&arena, ad_str_from(cases[i].text));
        assert_int_equal(ad_value_is_param(v, &name), cases[i].name != NULL);
        if (cases[i].name)
            assert_str_view_equal(name, cases[i].name);
    }
    assert_false(ad_value_is_param(ad_value_new_int(&arena, 1), NULL));
    ad_arena_fini(&arena);
}

static void defaults_stand_where_the_config_stands(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *written = NULL;
    const struct ad_value *config = NULL;
    assert_ok(ad_yaml_parse(&arena, AD_STR_LIT("\n\n  start: 1"), NULL, NULL, &written, &err));
    assert_ok(ad_config_normalise(&arena, fields, written, &format, NULL, &config, &err));
    assert_int_equal(ad_value_get(config, "start")->column, 10);
    assert_int_equal(ad_value_get(config, "gain")->line, 3);
    assert_int_equal(ad_value_get(ad_value_get(config, "inner"), "depth")->line, 3);
    assert_int_equal(ad_value_get(config, "inner")->column, 3);
    assert_ok(ad_config_normalise(&arena, fields, NULL, &format, NULL, &config, &err));
    assert_int_equal(ad_value_get(config, "gain")->line, 0);
    ad_arena_fini(&arena);
}

static void a_required_key_must_be_there(void **state)
{
    (void)state;
    artdag_error err = {0};
    assert_fails(ARTDAG_E_FORMAT, ad_config_check(strict, NULL, "r.yaml", &err));
    assert_err_says("\"id\" is missing");
}

static enum artdag_err check_final(const char *json, artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *config = NULL;
    enum artdag_err rc = ad_json_parse(&arena, ad_str_from(json), NULL, NULL, &config, err);
    assert_int_equal(rc, ARTDAG_OK);
    rc = ad_config_check_final(fields, config, NULL, err);
    ad_arena_fini(&arena);
    return rc;
}

static void a_final_config_is_taken_only_in_final_form(void **state)
{
    (void)state;
    artdag_error err = {0};
    assert_ok(check_final(defaults, &err));
    assert_ok(check_final("{\"made\":1,\"limit\":24,\"rate\":1000}", &err));
    static const char *const bad[] = {
        "{\"offset\":0}",           "{\"start\":\"1s\"}",    "{\"start\":1.5}",
        "{\"start\":-1}",           "{\"note\":\"x\"}",      "{\"ground\":\"red\"}",
        "{\"ground\":\"#FF0000\"}", "{\"rate\":\"1M\"}",     "{\"gain\":2}",
        "{\"gain\":\"$g\"}",        "{\"inner\":{\"x\":1}}", "{\"start\":1000000001}",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_fails(ARTDAG_E_FORMAT, check_final(bad[i], &err));
}

static void lack_of_memory_is_reported(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena;
    ad_arena_init(&arena, 64);
    const struct ad_value *config = NULL;
    assert_fails(ARTDAG_E_NOMEM,
                 ad_config_normalise(&arena, fields, NULL, &format, NULL, &config, &err));
    assert_null(config);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(no_config_means_the_defaults),
    cmocka_unit_test(writing_a_default_out_changes_nothing),
    cmocka_unit_test(values_get_one_canonical_form),
    cmocka_unit_test(mistakes_are_named_with_their_place),
    cmocka_unit_test(most_mistakes_are_seen_without_a_format),
    cmocka_unit_test(parameters_may_stand_for_any_value),
    cmocka_unit_test(only_whole_strings_are_parameters),
    cmocka_unit_test(defaults_stand_where_the_config_stands),
    cmocka_unit_test(a_required_key_must_be_there),
    cmocka_unit_test(a_final_config_is_taken_only_in_final_form),
    cmocka_unit_test(lack_of_memory_is_reported),
};
AD_TEST_MAIN(tests)
