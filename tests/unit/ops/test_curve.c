/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "ops_test.h"

static const struct ad_field point = {
    .name = "coordinate", .type = AD_FIELD_NUMBER, .min = -100, .max = 100, .animated = true};
static const struct ad_field thing_fields[] = {
    {.name = "position",
     .type = AD_FIELD_LIST,
     .item = &point,
     .min = 2,
     .max = 2,
     .fallback = "[0,0]"},
    {.name = "opacity", .type = AD_FIELD_NUMBER, .max = 1, .fallback = "1", .animated = true},
    {NULL},
};
static const struct ad_field thing = {
    .name = "thing", .type = AD_FIELD_MAP, .fields = thing_fields};
static const struct ad_field fields[] = {
    {.name = "gain", .type = AD_FIELD_NUMBER, .min = -10, .max = 10, .animated = true},
    {.name = "still", .type = AD_FIELD_NUMBER},
    {.name = "things", .type = AD_FIELD_LIST, .item = &thing, .max = 3},
    {NULL},
};
static const struct ad_format format = {64, 36, 24, 1, "yuv420p", 48000, 2};

static enum artdag_err normalise(struct ad_arena *arena, const char *yaml,
                                 const struct ad_value **ret, artdag_error *err)
{
    const struct ad_value *written = NULL;
    enum artdag_err rc = ad_yaml_parse(arena, ad_str_from(yaml), "r.yaml", NULL, &written, err);
    assert_int_equal(rc, ARTDAG_OK);
    rc = ad_config_check(fields, written, "r.yaml", err);
    if (!rc)
        rc = ad_config_normalise(arena, fields, written, &format, "r.yaml", ret, err);
    if (!rc)
        rc = ad_config_check_final(fields, *ret, NULL, err);
    return rc;
}

static const char *text_of(struct ad_arena *arena, const struct ad_value *v)
{
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT(1 << 16);
    assert_ok(ad_json_canonical(v, &buf, &err));
    const char *text = ad_arena_strdup(arena, ad_buf_as_str(&buf));
    ad_buf_fini(&buf);
    return text;
}

static void keyframes_become_a_curve_of_frames(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *want;
    } cases[] = {
        {"{gain: {keyframes: [{at: 0, value: 1}, {at: 1.5, value: 2.5, ease: ease}, {at: 48f, "
         "value: 0}]}}",
         "{\"gain\":{\"curve\":[[0,1,\"linear\"],[36,2.5,\"ease\"],[48,0,\"hold\"]]}}"},
        /* One key, or keys that say the same, are a number. */
        {"{gain: {keyframes: [{at: 3, value: 2}]}}", "{\"gain\":2}"},
        {"{gain: {keyframes: [{at: 1, value: 2}, {at: 2, value: 2, ease: hold}]}}",
         "{\"gain\":2}"},
        {"{gain: {keyframes: [{at: 0, value: 1, ease: hold}, {at: 1, value: 1, ease: hold}, "
         "{at: 2, value: 3}]}}",
         "{\"gain\":{\"curve\":[[0,1,\"hold\"],[48,3,\"hold\"]]}}"},
        {"{things: [{position: [{keyframes: [{at: 0, value: 0}, {at: 1, value: 8}]}, 5]}]}",
         "{\"things\":[{\"opacity\":1,\"position\":[{\"curve\":[[0,0,\"linear\"],[24,8,"
         "\"hold\"]"
         "]},5]}]}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ad_arena arena = AD_ARENA_INIT;
        const struct ad_value *config = NULL;
        assert_ok(normalise(&arena, cases[i].yaml, &config, &err));
        assert_string_equal(text_of(&arena, config), cases[i].want);
        ad_arena_fini(&arena);
    }
}

static void wrong_keyframes_are_refused_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *message;
        int column;
    } cases[] = {
        {"{still: {keyframes: [{at: 0, value: 1}]}}", "still must be a number", 9},
        {"{gain: {keyframe: [{at: 0, value: 1}]}}", "a number, or keyframes", 8},
        {"{gain: {keyframes: []}}", "keyframes is a list", 20},
        {"{gain: {keyframes: [{at: 0, value: 11}]}}", "value cannot be 11", 36},
        {"{gain: {keyframes: [{at: 0}]}}", "\"value\" is missing", 21},
        {"{gain: {keyframes: [{at: 0, value: 1, ease: bounce}]}}", "ease cannot be", 45},
        {"{gain: {keyframes: [{at: 0, value: 1, easy: hold}]}}", "unknown key", 39},
        {"{gain: {keyframes: [{at: 1, value: 1}, {at: 0, value: 2}]}}", "order of their times",
         40},
        {"{gain: {keyframes: [{at: 1, value: 1}, {at: 1.01, value: 2}]}}", "one frame", 40},
        {"{things: [1]}", "thing must be a map", 11},
        {"{things: [{position: [1]}]}", "position cannot have 1 elements", 22},
        {"{things: [{position: [1, 101]}]}", "coordinate cannot be 101", 26},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ad_arena arena = AD_ARENA_INIT;
        const struct ad_value *config = NULL;
        assert_int_equal(normalise(&arena, cases[i].yaml, &config, &err), ARTDAG_E_FORMAT);
        if (!strstr(err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].yaml, err.message);
        assert_int_equal(err.line, 1);
        assert_int_equal(err.column, cases[i].column);
        ad_arena_fini(&arena);
    }
}

/* The definition, straight from the list of keys. */
static double expected(const int64_t *at, const double *value, const int *ease, size_t count,
                       int64_t frame)
{
    if (frame <= at[0])
        return value[0];
    for (size_t i = 0; i + 1 < count; i++) {
        if (frame >= at[i + 1])
            continue;
        double t = (double)(frame - at[i]) / (double)(at[i + 1] - at[i]);
        if (ease[i] == 2)
            return value[i];
        if (ease[i] == 1)
            t = t * t * (3 - 2 * t);
        return value[i] + (value[i + 1] - value[i]) * t;
    }
    return value[count - 1];
}

static void a_slice_has_the_values_of_the_whole(void **state)
{
    (void)state;
    static const char *const names[] = {"linear", "ease", "hold"};
    for (int round = 0; round < 300; round++) {
        struct ad_arena arena = AD_ARENA_INIT;
        size_t count = 2 + ad_test_random() % 6;
        int64_t at[8];
        double value[8];
        int ease[8];
        struct ad_list_builder keys;
        ad_list_begin(&keys, &arena);
        for (size_t i = 0; i < count; i++) {
            at[i] = (i ? at[i - 1] : -20) + 1 + (int64_t)(ad_test_random() % 15);
            value[i] = (double)(ad_test_random() % 4) / 3;
            ease[i] = (int)(ad_test_random() % 3);
            struct ad_list_builder key;
            ad_list_begin(&key, &arena);
            ad_list_add(&key, ad_value_new_int(&arena, at[i]));
            ad_list_add(&key, ad_value_new_double(&arena, value[i]));
            ad_list_add(&key, ad_value_new_str(&arena, ad_str_from(names[ease[i]])));
            ad_list_add(&keys, ad_list_end(&key));
        }
        struct ad_map_builder map;
        ad_map_begin(&map, &arena);
        ad_map_add(&map, "curve", ad_list_end(&keys));
        const struct ad_value *whole = ad_map_end(&map);
        int64_t from = (int64_t)(ad_test_random() % 60);
        int64_t to = from + 1 + (int64_t)(ad_test_random() % 30);
        const struct ad_value *part = ad_curve_slice(&arena, whole, (struct ad_span){from, to});
        struct ad_curve a = ad_curve_of(whole, 0);
        struct ad_curve b = ad_curve_of(part, 0);
        double min = 9;
        double max = -9;
        for (int64_t f = from; f < to; f++) {
            double want = expected(at, value, ease, count, f);
            assert_true(ad_curve_at(&a, f) == want);
            assert_true(ad_curve_at(&b, f - from) == want);
            min = want < min ? want : min;
            max = want > max ? want : max;
        }
        /* A slice of a slice is the slice; a constant one is a number. */
        const struct ad_value *again =
            ad_curve_slice(&arena, part, (struct ad_span){0, to - from});
        assert_true(ad_value_equal(again, part));
        if (min == max)
            assert_int_equal(part->kind, AD_VALUE_DOUBLE);
        double low = 0;
        double high = 0;
        ad_curve_bounds(&b, to - from, &low, &high);
        assert_true(low <= min && high >= max);
        ad_arena_fini(&arena);
    }
}

static void an_expression_is_a_balanced_tree(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    artdag_error err = {0};
    const struct ad_value *config = NULL;
    assert_ok(normalise(&arena,
                        "{gain: {keyframes: [{at: 2f, value: 1}, {at: 4f, value: -0.5, ease: "
                        "ease}, {at: 8f, value: 3, ease: hold}, {at: 9f, value: 0}]}}",
                        &config, &err));
    struct ad_curve curve = ad_conf_curve(config, "gain", 0);
    assert_string_equal(
        ad_curve_expr(&arena, &curve, "n"),
        "if(lt(n,4),if(lt(n,2),1,1+(-1.5)*((n-2)/2)),if(lt(n,8),(-0.5)+3.5*(((n-4)/4)*((n-4)/"
        "4)*(3-2*((n-4)/4))),if(lt(n,9),3,0)))");
    config = ad_curve_slice(&arena, ad_value_get(config, "gain"), (struct ad_span){5, 8});
    curve = ad_curve_of(config, 0);
    assert_string_equal(
        ad_curve_expr(&arena, &curve, "(n+0)"),
        "if(lt((n+0),(-1)),(-0.5),if(lt((n+0),3),(-0.5)+3.5*((((n+0)+1)/4)*(((n+0)+1)/4)*(3-2*"
        "(((n+0)+1)/4))),3))");
    ad_arena_fini(&arena);
}

static void long_curves_make_short_ways(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_list_builder keys;
    ad_list_begin(&keys, &arena);
    for (int64_t i = 0; i < AD_CURVE_KEYS_MAX; i++) {
        struct ad_list_builder key;
        ad_list_begin(&key, &arena);
        ad_list_add(&key, ad_value_new_int(&arena, 3 * i));
        ad_list_add(&key, ad_value_new_double(&arena, (double)(i % 7)));
        ad_list_add(&key, ad_value_new_str(&arena, AD_STR_LIT("hold")));
        ad_list_add(&keys, ad_list_end(&key));
    }
    struct ad_curve curve = {.keys = ad_list_end(&keys)};
    const char *text = ad_curve_expr(&arena, &curve, "n");
    int depth = 0;
    int deepest = 0;
    for (const char *p = text; *p; p++) {
        depth += *p == '(' ? 1 : (*p == ')' ? -1 : 0);
        deepest = depth > deepest ? depth : deepest;
    }
    assert_int_equal(depth, 0);
    assert_in_range(deepest, 10, 17);
    assert_true(ad_curve_at(&curve, 3 * 12 + 2) == 5);
    ad_arena_fini(&arena);
}

static void cutting_a_config_cuts_all_its_curves(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    artdag_error err = {0};
    const struct ad_value *config = NULL;
    assert_ok(normalise(
        &arena,
        "{gain: {keyframes: [{at: 0, value: 1, ease: hold}, {at: 1, value: 2}]}, still: 3, "
        "things: [{position: [1, {keyframes: [{at: 0, value: 0}, {at: 2, value: 48}]}]}]}",
        &config, &err));
    assert_true(ad_conf_animated(fields, config));
    config = ad_conf_slice(&arena, fields, config, (struct ad_span){24, 48});
    assert_string_equal(
        text_of(&arena, config),
        "{\"gain\":2,\"still\":3,\"things\":[{\"opacity\":1,\"position\":[1,{\"curve\":[[-24,0,"
        "\"linear\"],[24,48,\"hold\"]]}]}]}");
    config = ad_conf_slice(&arena, fields, config, (struct ad_span){24, 30});
    assert_false(ad_conf_animated(fields, config));
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(keyframes_become_a_curve_of_frames),
    cmocka_unit_test(wrong_keyframes_are_refused_with_their_place),
    cmocka_unit_test(a_slice_has_the_values_of_the_whole),
    cmocka_unit_test(an_expression_is_a_balanced_tree),
    cmocka_unit_test(long_curves_make_short_ways),
    cmocka_unit_test(cutting_a_config_cuts_all_its_curves),
};

int main(void)
{
    return ad_test_run(__FILE__, tests, sizeof(tests) / sizeof(tests[0]));
}
