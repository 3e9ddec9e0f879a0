/* SPDX-License-Identifier: MIT */
#include "recipe/expression.h"
#include "recipe_test.h"

/* a = 3, b = 1/2, clip.duration = 5/2. */
static enum artdag_err find(void *payload, struct ad_str name, struct ad_str field,
                            struct ad_number *ret, artdag_error *err)
{
    (void)payload;
    if (ad_str_is(name, "a") && !field.len)
        *ret = (struct ad_number){3, 1};
    else if (ad_str_is(name, "b") && !field.len)
        *ret = (struct ad_number){1, 2};
    else if (ad_str_is(name, "my-clip") && ad_str_is(field, "duration"))
        *ret = (struct ad_number){5, 2};
    else
        return ad_error_set(err, ARTDAG_E_FORMAT, "test", "unknown name");
    return ARTDAG_OK;
}

static enum artdag_err eval(const char *text, bool check, struct ad_number *ret,
                            artdag_error *err)
{
    struct ad_expression_names names = {.find = find, .check = check};
    struct ad_value value = {.kind = AD_VALUE_STRING, .line = 1, .column = 1, .plain = true};
    value.string = ad_str_from(text);
    return ad_expression_eval(&value, FILE_NAME, &names, ret, err);
}

static void results_are_exact_fractions(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t num, den;
    } cases[] = {
        {"${1 + 2 * 3}", 7, 1},
        {"${(1 + 2) * 3}", 9, 1},
        {"${7 - 2 - 1}", 4, 1},
        {"${12 / 4 / 3}", 1, 1},
        {"${0.1 + 0.2}", 3, 10},
        {"${1 / 3 + 1 / 6}", 1, 2},
        {"${-a + 1}", -2, 1},
        {"${--a}", 3, 1},
        {"${a * b}", 3, 2},
        {"${my-clip.duration - 2}", 1, 2},
        {"${7 % 3}", 1, 1},
        {"${-7 % 3}", 2, 1},
        {"${2.5 % 1}", 1, 2},
        {"${min(3, 1, 2)}", 1, 1},
        {"${max(b, 1/4)}", 1, 2},
        {"${abs(-2.5)}", 5, 2},
        {"${floor(-2.5)}", -3, 1},
        {"${ceil(-2.5)}", -2, 1},
        {"${ceil(2.1)}", 3, 1},
        {"${round(2.5)}", 3, 1},
        {"${round(-2.5)}", -2, 1},
        {"${clamp(a, 0, 2)}", 2, 1},
        {"${clamp(-1, 0, 2)}", 0, 1},
        {"${if(a > 2, 10, 20)}", 10, 1},
        {"${if(a <= 2, 10, 20)}", 20, 1},
        {"${if(a != 3, 1 / 0, 5)}", 5, 1},
        {"${if(0, 1, 2)}", 2, 1},
        {"${ 1001 / 30000 }", 1001, 30000},
        {"${1000000000 * 1000000000}", 1000000000000000000, 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ad_number number = {0, 1};
        if (eval(cases[i].text, false, &number, &err) != ARTDAG_OK ||
            number.num != cases[i].num || number.den != cases[i].den)
            fail_msg("%s gave %lld/%lld (%s)", cases[i].text, (long long)number.num,
                     (long long)number.den, err.message);
    }
}

static void mistakes_are_told_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int column; /* of the text as a whole */
        const char *message;
    } cases[] = {
        {"${1 +}", 6, "too early"},
        {"${1 2}", 5, "not expected"},
        {"${(1}", 5, "ends before its"},
        {"${1 / 0}", 5, "by zero"},
        {"${1 % (a - 3)}", 5, "by zero"},
        {"${x + 1}", 3, "unknown name"},
        {"${a.}", 5, "behind the dot"},
        {"${sin(1)}", 3, "no function"},
        {"${abs(1, 2)}", 9, "at most 1"},
        {"${clamp(1, 2)}", 13, "takes 3"},
        {"${1.2.3}", 3, "not a number"},
        {"${if(1 = 1, 1, 2)}", 8, "comparisons"},
        {"${9000000000 * 9000000000}", 14, "too large"},
        {"${a ^ 2}", 5, "not expected"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ad_number number = {7, 1};
        if (eval(cases[i].text, false, &number, &err) != ARTDAG_E_FORMAT ||
            !strstr(err.message, cases[i].message) || err.column != cases[i].column ||
            number.num != 7)
            fail_msg("%s: column %d: %s", cases[i].text, err.column, err.message);
    }
}

static void checking_reckons_nothing(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_number number = {0, 1};
    assert_ok(eval("${1 / 0 + 9000000000 * 9000000000}", true, &number, &err));
    assert_fails(ARTDAG_E_FORMAT, eval("${1 / x}", true, &number, &err));
}

static void deep_nesting_ends_with_an_error(void **state)
{
    (void)state;
    char text[600] = "${";
    artdag_error err = {0};
    struct ad_number number = {0, 1};
    memset(text + 2, '(', 500);
    memcpy(text + 502, "1}", 3);
    assert_fails(ARTDAG_E_FORMAT, eval(text, false, &number, &err));
    assert_non_null(strstr(err.message, "too deeply"));
}

static void a_fraction_stays_exact_as_a_time(void **state)
{
    (void)state;
    /* 1/48 s is half a frame at 24 fps, which rounds up; the nearest double lies below it. */
    static const struct ad_format format = {.width = 2,
                                            .height = 2,
                                            .fps_num = 24,
                                            .fps_den = 1,
                                            .pixel_format = "yuv420p",
                                            .sample_rate = 48000,
                                            .channels = 2};
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    int64_t frames = 0;
    struct ad_value *value = ad_number_value(&arena, (struct ad_number){1, 48});
    assert_non_null(value);
    assert_int_equal(value->kind, AD_VALUE_DOUBLE);
    assert_ok(ad_time_to_frames(value, &format, NULL, &frames, &err));
    assert_int_equal(frames, 1);
    assert_int_equal(ad_number_value(&arena, (struct ad_number){4, 1})->kind, AD_VALUE_INT);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(results_are_exact_fractions),
    cmocka_unit_test(mistakes_are_told_with_their_place),
    cmocka_unit_test(checking_reckons_nothing),
    cmocka_unit_test(deep_nesting_ends_with_an_error),
    cmocka_unit_test(a_fraction_stays_exact_as_a_time),
};
AD_TEST_MAIN(tests)
