/* SPDX-License-Identifier: MIT */
#include "recipe_test.h"

static const struct ad_format format = {
    .width = 640,
    .height = 360,
    .fps_num = 24,
    .fps_den = 1,
    .pixel_format = "yuv420p",
    .sample_rate = 48000,
    .channels = 2,
};

static const struct ad_recipe_facts facts = {.format = &format};

#define PARAMS(lines) "params:\n" lines RECIPE(SOURCE_NODE OUT_NODE)
#define ALL_TYPES                                                                              \
    PARAMS("  n: {type: number, default: 1.5, min: 0, max: 4}\n"                               \
           "  i: {type: int, default: 3, min: 1}\n"                                            \
           "  s: {type: string, default: a b}\n"                                               \
           "  b: {type: bool, default: true}\n"                                                \
           "  t: {type: time, default: 1.5s, min: 1, max: 2}\n"                                \
           "  e: {type: enum, values: [cut, fade], default: cut, description: how}\n"          \
           "  c: {type: color, default: red}\n"                                                \
           "  must: {type: number}\n")

static enum artdag_err resolve(const char *name, const char *value,
                               const struct ad_value *const **ret,
                               struct ad_recipe **ret_recipe, struct ad_arena *arena,
                               artdag_error *err)
{
    struct ad_recipe_given given[] = {{"must", "1"}, {name, value}};
    assert_int_equal(parse(ALL_TYPES, ret_recipe, err), ARTDAG_OK);
    return ad_recipe_params(*ret_recipe, given, name ? 2 : 1, &format, arena, ret, err);
}

static void defaults_stand_in(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_recipe *r = NULL;
    const struct ad_value *const *values = NULL;
    assert_ok(resolve(NULL, NULL, &values, &r, &arena, &err));
    assert_near(values[0]->number, 1.5, 0);
    assert_int_equal(values[1]->integer, 3);
    assert_str_view_equal(values[2]->string, "a b");
    assert_true(values[3]->boolean);
    assert_str_view_equal(values[4]->string, "1.5s");
    assert_str_view_equal(values[5]->string, "cut");
    assert_str_view_equal(values[6]->string, "red");
    assert_int_equal(values[7]->integer, 1);
    assert_string_equal(r->params[5].doc, "how");
    ad_arena_fini(&arena);
    ad_recipe_destroy(r);
}

static void given_text_is_read_by_type(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        size_t index;
        enum ad_value_kind kind;
    } cases[] = {
        {"n", "2", 0, AD_VALUE_INT},       {"n", "0.25", 0, AD_VALUE_DOUBLE},
        {"i", "7", 1, AD_VALUE_INT},       {"s", "7", 2, AD_VALUE_STRING},
        {"s", "", 2, AD_VALUE_STRING},     {"b", "false", 3, AD_VALUE_BOOL},
        {"t", "36f", 4, AD_VALUE_STRING},  {"t", "1.25", 4, AD_VALUE_STRING},
        {"e", "fade", 5, AD_VALUE_STRING}, {"c", "#ffffff", 6, AD_VALUE_STRING},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_recipe *r = NULL;
        const struct ad_value *const *values = NULL;
        assert_ok(resolve(cases[i].name, cases[i].text, &values, &r, &arena, &err));
        assert_int_equal(values[cases[i].index]->kind, cases[i].kind);
        ad_arena_fini(&arena);
        ad_recipe_destroy(r);
    }
}

static void wrong_values_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *says, *hint;
    } cases[] = {
        {"n", "4.1", "\"n\" is out of range", "from 0 to 4"},
        {"n", "fast", "\"n\" is a number", ""},
        {"n", "nan", "\"n\" is a number", ""},
        {"i", "0", "\"i\" is out of range", "at least 1"},
        {"i", "1.5", "\"i\" is a whole number", ""},
        {"b", "yes", "\"b\" is true or false", ""},
        {"t", "soon", "\"t\"", ""},
        {"t", "2.1", "\"t\" is out of range", "from 1 to 2"},
        {"t", "23f", "\"t\" is out of range", ""},
        {"e", "fad", "cannot be \"fad\"", "did you mean fade?"},
        {"m", "1", "no parameter \"m\"", "did you mean"},
        {"must", "1", "\"must\" is given twice", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_recipe *r = NULL;
        const struct ad_value *const *values = NULL;
        enum artdag_err rc = resolve(cases[i].name, cases[i].text, &values, &r, &arena, &err);
        assert_fails(ARTDAG_E_INVAL, (err = (artdag_error){0}, rc));
        ad_recipe_destroy(r);
        ad_arena_fini(&arena);
        r = NULL;
        arena = (struct ad_arena)AD_ARENA_INIT;
        (void)resolve(cases[i].name, cases[i].text, &values, &r, &arena, &err);
        assert_err_says(cases[i].says);
        if (*cases[i].hint)
            assert_non_null(strstr(err.hint, cases[i].hint));
        assert_null(values);
        ad_arena_fini(&arena);
        ad_recipe_destroy(r);
    }
}

static void missing_value_names_the_declaration(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_recipe *r = NULL;
    const struct ad_value *const *values = NULL;
    assert_ok(parse(ALL_TYPES, &r, &err));
    assert_fails(ARTDAG_E_INVAL, ad_recipe_params(r, NULL, 0, &format, &arena, &values, &err));
    assert_err_says("\"must\" is not given");
    assert_err_says("-p must=VALUE");
    assert_int_equal(err.line, 9);
    assert_int_equal(err.column, 3);
    ad_arena_fini(&arena);
    ad_recipe_destroy(r);
}

static void wrong_declarations_are_refused(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        {"params: [a]\n" RECIPE(SOURCE_NODE OUT_NODE), ARTDAG_E_FORMAT, 1, "[a]", NULL,
         "params is a map", NULL},
        {PARAMS("  a: 1\n"), ARTDAG_E_FORMAT, 2, "1", NULL, "a parameter is a map", NULL},
        {PARAMS("  a: {default: 1}\n"), ARTDAG_E_FORMAT, 2, "{default: 1}", NULL, "has no type",
         NULL},
        {PARAMS("  a: {type: nubmer}\n"), ARTDAG_E_FORMAT, 2, "nubmer}", NULL,
         "type \"nubmer\"", "number"},
        {PARAMS("  a: {type: int, defualt: 1}\n"), ARTDAG_E_FORMAT, 2, "defualt: 1}", NULL,
         "\"defualt\"", "default"},
        {PARAMS("  1a: {type: int}\n"), ARTDAG_E_FORMAT, 2, "1a: {type: int", NULL,
         "cannot be called \"1a\"", NULL},
        {PARAMS("  a b: {type: int}\n"), ARTDAG_E_FORMAT, 2, "a b: {type: in", NULL,
         "cannot be called", NULL},
        {PARAMS("  a: {type: int, default: x}\n"), ARTDAG_E_FORMAT, 2, "x}", NULL,
         "whole number", NULL},
        {PARAMS("  a: {type: int, default: 9, max: 8}\n"), ARTDAG_E_FORMAT, 2, "9, max: 8}",
         NULL, "out of range", "at most 8"},
        {PARAMS("  a: {type: string, min: 1}\n"), ARTDAG_E_FORMAT, 2, "1}", NULL,
         "min belongs to", NULL},
        {PARAMS("  a: {type: int, max: x}\n"), ARTDAG_E_FORMAT, 2, "x}", NULL,
         "max is a number", NULL},
        {PARAMS("  a: {type: enum}\n"), ARTDAG_E_FORMAT, 2, "{type: enum}", NULL,
         "list of values", NULL},
        {PARAMS("  a: {type: int, values: [a]}\n"), ARTDAG_E_FORMAT, 2, "[a]}", NULL,
         "values belongs to", NULL},
        {PARAMS("  a: {type: enum, values: [x, y], default: z}\n"), ARTDAG_E_FORMAT, 2, "z}",
         NULL, "cannot be \"z\"", NULL},
        {PARAMS("  a: {type: time, default: later}\n"), ARTDAG_E_FORMAT, 2, "later}", NULL,
         "\"a\"", NULL},
        {"params: {len: {type: time, default: 1}}\n" RECIPE(
             SOURCE_NODE "  - {id: out, type: SEGMENT, config: {start: $lne}, inputs: [in]}\n"),
         ARTDAG_E_FORMAT, 5, "$lne}, inputs:", "out", "no parameter \"lne\"", "len"},
    };
    ASSERT_REFUSED(cases);
}

static void references_are_whole_scalars_at_any_depth(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_recipe *r = NULL;
    const struct ad_value *const *values = NULL;
    const struct ad_value *config = NULL;
    struct ad_recipe_given given[] = {{"kind", "fade"}, {"len", "12f"}};
    assert_ok(parse("params:\n  kind: {type: enum, values: [cut, fade]}\n"
                    "  len: {type: time}\n" RECIPE(
                        SOURCE_NODE "  - id: out\n    type: SEQUENCE\n    config:\n"
                                    "      transition: {type: $kind, duration: \"${len}\"}\n"
                                    "    inputs: [in]\n"),
                    &r, &err));
    assert_true(r->nodes[1].has_params);
    assert_false(r->nodes[0].has_params);
    assert_ok(ad_recipe_params(r, given, 2, &format, &arena, &values, &err));
    assert_ok(ad_recipe_config(r, &r->nodes[1], values, &facts, &arena, &config, &err));
    const struct ad_value *transition = ad_value_get(config, "transition");
    const struct ad_value *type = ad_value_get(transition, "type");
    assert_str_view_equal(type->string, "fade");
    assert_int_equal(type->line, 10);
    assert_int_equal(type->column, 26);
    assert_str_view_equal(ad_value_get(transition, "duration")->string, "12f");
    /* The recipe itself is as it was. */
    type = ad_value_get(ad_value_get(r->nodes[1].config, "transition"), "type");
    assert_str_view_equal(type->string, "$kind");
    assert_ok(ad_recipe_config(r, &r->nodes[0], values, &facts, &arena, &config, &err));
    assert_ptr_equal(config, r->nodes[0].config);
    ad_arena_fini(&arena);
    ad_recipe_destroy(r);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(defaults_stand_in),
    cmocka_unit_test(given_text_is_read_by_type),
    cmocka_unit_test(wrong_values_are_refused),
    cmocka_unit_test(missing_value_names_the_declaration),
    cmocka_unit_test(wrong_declarations_are_refused),
    cmocka_unit_test(references_are_whole_scalars_at_any_depth),
};
AD_TEST_MAIN(tests)
