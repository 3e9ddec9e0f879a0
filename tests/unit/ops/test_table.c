/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "ops_test.h"

static void ops_are_sorted_and_found(void **state)
{
    (void)state;
    size_t count = 0;
    for (; ad_ops[count]; count++) {
        const struct ad_op *op = ad_ops[count];
        assert_ptr_equal(ad_op_find(ad_str_from(op->node_type)), op);
        assert_true(count == 0 || strcmp(ad_ops[count - 1]->node_type, op->node_type) < 0);
    }
    assert_null(ad_op_find(AD_STR_LIT("SEGMEN")));
    assert_null(ad_op_find(AD_STR_LIT("")));
}

static void every_op_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; ad_ops[i]; i++) {
        const struct ad_op *op = ad_ops[i];
        assert_true(op->summary && op->doc && op->fields && op->slots);
        if (op->expands) { /* the planner makes steps of it; nothing may call it */
            assert_true(!op->edge && !op->build && !op->finish && !op->slice && !op->encode);
            continue;
        }
        assert_true(op->edge && op->build);
        assert_true(op->revision >= 1);
        assert_int_equal(op->encode != NULL, strcmp(op->node_type, "ENCODE") == 0);
        assert_int_equal(op->range == NULL, strcmp(op->node_type, "SOURCE") == 0);
        assert_int_equal(op->needs_toolchain, strcmp(op->node_type, "SOURCE") != 0);
    }
}

/* Internal keys come last and field names do not repeat, aliases included. */
static void field_names_are_unique(void **state)
{
    (void)state;
    for (size_t i = 0; ad_ops[i]; i++) {
        for (const struct ad_field *a = ad_ops[i]->fields; a->name; a++) {
            for (const struct ad_field *b = a + 1; b->name; b++) {
                assert_string_not_equal(a->name, b->name);
                if (a->alias)
                    assert_string_not_equal(a->alias, b->name);
            }
        }
    }
}

static void slips_find_the_nearest_op(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"segment", "SEGMENT"},
        {"Sequence", "SEQUENCE"},
        {"SEGMNT", "SEGMENT"},
        {"resise", "RESIZE"},
        {"BANANA", NULL},
        {"", NULL},
        {"a-name-much-longer-than-any-op-has-it", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *near = ad_op_nearest(ad_str_from(cases[i][0]));
        if (cases[i][1])
            assert_string_equal(near, cases[i][1]);
        else
            assert_null(near);
    }
}

static void classes_have_names(void **state)
{
    (void)state;
    assert_string_equal(ad_class_name(AD_CLASS_EXACT), "exact");
    assert_string_equal(ad_class_name(AD_CLASS_PROFILE), "profile");
    assert_string_equal(ad_class_name(AD_CLASS_PERCEPTUAL), "perceptual");
    assert_int_equal(ad_op_class(&ad_op_segment, NULL), AD_CLASS_EXACT);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(ops_are_sorted_and_found), cmocka_unit_test(every_op_is_complete),
    cmocka_unit_test(field_names_are_unique),   cmocka_unit_test(slips_find_the_nearest_op),
    cmocka_unit_test(classes_have_names),
};
AD_TEST_MAIN(tests)
