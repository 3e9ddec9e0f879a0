/* SPDX-License-Identifier: MIT */
#include "ad_test.h"
#include "ops_test.h"

static const char *final_form(const char *type, const char *yaml, struct ops_case *c)
{
    artdag_error err = {0};
    ops_init(c, type);
    ops_input(c, 48, 64, 36, true, true);
    if (c->op->slots[0].max > 1)
        ops_input(c, 24, 0, 0, false, true);
    assert_ok(ops_plan(c, yaml, &err));
    return ops_config_text(c);
}

/* One computation has one config, however it is written. */
static void equal_mixes_have_equal_configs(void **state)
{
    (void)state;
    static const char *const groups[][5] = {
        {"{}", "{gains: [1, 1]}", "{inputs: [{}, {gain_db: 0}]}", "{normalize: true}",
         "{inputs: [{offset: 0, fade_in: 0, shape: square}]}"},
        {"{gains: [0.25, 0.5]}", "{gains: [0.25, 0.5], normalize: false}",
         "{inputs: [{gain: 0.25}, {gain: 0.5}]}", "{gains: [0.25], inputs: [{}, {gain: 0.5}]}",
         "{inputs: [{gain: 0.25, fade_out: 0}, {gain: 0.5, shape: cubic}]}"},
    };
    for (size_t g = 0; g < 2; g++) {
        struct ops_case first;
        const char *want = final_form("AUDIO_MIX", groups[g][0], &first);
        for (size_t i = 1; i < 5; i++) {
            struct ops_case c;
            assert_string_equal(final_form("AUDIO_MIX", groups[g][i], &c), want);
            ops_fini(&c);
        }
        ops_fini(&first);
    }
}

static void equal_volumes_have_equal_configs(void **state)
{
    (void)state;
    static const char *const nothing[] = {
        "{}", "{gain: 1}", "{gain_db: 0}",
        "{gain: {keyframes: [{at: 0, value: 1}, {at: 9f, value: 1}]}}"};
    for (size_t i = 0; i < 4; i++) {
        struct ops_case c;
        assert_string_equal(final_form("VOLUME", nothing[i], &c), "{}");
        assert_int_equal(ops_graph(&c, AD_AUDIO)->filters.len, 0);
        ops_fini(&c);
    }
}

static void what_is_heard_differently_is_another_config(void **state)
{
    (void)state;
    static const char *const yaml[] = {"{}",
                                       "{normalize: false}",
                                       "{duration: first}",
                                       "{gains: [1, 0.5]}",
                                       "{inputs: [{fade_in: 2f}]}",
                                       "{inputs: [{fade_in: 2f, shape: power}]}",
                                       "{inputs: [{}, {offset: 2f}]}",
                                       "{duck: {}}",
                                       "{duck: {by_db: 3}}",
                                       "{loudness: {}}"};
    enum {
        COUNT = sizeof(yaml) / sizeof(yaml[0])
    };
    struct ops_case c[COUNT];
    const char *text[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        text[i] = final_form("AUDIO_MIX", yaml[i], &c[i]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(text[k], text[i]);
    }
    for (size_t i = 0; i < COUNT; i++)
        ops_fini(&c[i]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(equal_mixes_have_equal_configs),
    cmocka_unit_test(equal_volumes_have_equal_configs),
    cmocka_unit_test(what_is_heard_differently_is_another_config),
};
AD_TEST_MAIN(tests)
