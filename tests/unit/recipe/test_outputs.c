/* SPDX-License-Identifier: MIT */
#include "recipe_test.h"

#define TWO                                                                                    \
    SOURCE_NODE OUT_NODE "  - {id: other, type: SEGMENT, config: {end: 1}, inputs: [in]}\n"
#define NODES "dag:\n  nodes:\n" TWO

static void one_output_goes_by_its_nodes_id(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_ok(parse(RECIPE(SOURCE_NODE OUT_NODE), &r, &err));
    assert_int_equal(r->output_count, 1);
    assert_str_view_equal(r->outputs[0].name, "out");
    assert_int_equal(r->outputs[0].node, r->output);
    ad_recipe_destroy(r);
}

static void named_outputs_keep_their_order_and_the_first_is_the_film(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_ok(parse("outputs:\n  wide: other\n  a-b.c_1: out\n" NODES, &r, &err));
    assert_int_equal(r->output_count, 2);
    assert_str_view_equal(r->outputs[0].name, "wide");
    assert_str_view_equal(r->outputs[1].name, "a-b.c_1");
    assert_int_equal(r->outputs[0].node, 2);
    assert_int_equal(r->outputs[1].node, 1);
    assert_int_equal(r->output, 2);
    ad_recipe_destroy(r);
}

static void dag_output_says_which_of_the_named_is_the_film(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_ok(parse("outputs: {wide: other, film: out}\n" NODES "  output: out\n", &r, &err));
    assert_int_equal(r->output_count, 2);
    assert_int_equal(r->output, 1);
    ad_recipe_destroy(r);
}

static void dag_output_beside_the_named_is_one_more(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    bool reach[3] = {false};
    assert_ok(parse("outputs: {wide: other}\n" NODES "  output: out\n", &r, &err));
    assert_int_equal(r->output_count, 2);
    assert_str_view_equal(r->outputs[1].name, "out");
    assert_int_equal(r->output, 1);
    ad_recipe_reach_outputs(r, reach);
    assert_true(reach[0] && reach[1] && reach[2]);
    ad_recipe_destroy(r);
}

static void mistakes_of_outputs_are_told_with_their_place(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        {"outputs: [out]\n" NODES, ARTDAG_E_FORMAT, 1, "[out]", NULL, "is a map from names",
         NULL},
        {"outputs: {}\n" NODES "  output: out\n", ARTDAG_E_FORMAT, 1, "{}", NULL,
         "outputs is empty", NULL},
        {"outputs: {a: othr}\n" NODES, ARTDAG_E_FORMAT, 1, "othr", NULL, "othr", "other"},
        {"outputs: {a: [out]}\n" NODES, ARTDAG_E_FORMAT, 1, "[out]", NULL,
         "an output is a string", NULL},
        {"outputs: {../a: out}\n" NODES, ARTDAG_E_FORMAT, 1, "../a", NULL,
         "no name for an output", NULL},
        {"outputs: {a/b: out}\n" NODES, ARTDAG_E_FORMAT, 1, "a/b", NULL,
         "no name for an output", NULL},
        {"outputs: {-o: out}\n" NODES, ARTDAG_E_FORMAT, 1, "-o", NULL, "no name for an output",
         NULL},
        {"outputs: {out: other}\n" NODES "  output: out\n", ARTDAG_E_FORMAT, 7, "out", NULL,
         "two outputs are called", "leave out dag.output"},
    };
    ASSERT_REFUSED(cases);
}

static void an_unknown_output_is_told_with_the_nearest_name(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    const struct ad_recipe_output *found = NULL;
    assert_ok(parse("outputs: {wide: other, tall: out}\n" NODES, &r, &err));
    assert_ok(ad_recipe_find_output(r, AD_STR_LIT("tall"), &found, &err));
    assert_ptr_equal(found, &r->outputs[1]);
    assert_fails(ARTDAG_E_NOTFOUND, ad_recipe_find_output(r, AD_STR_LIT("wid"), &found, &err));
    assert_err_says("did you mean wide?");
    ad_recipe_destroy(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_output_goes_by_its_nodes_id),
        cmocka_unit_test(named_outputs_keep_their_order_and_the_first_is_the_film),
        cmocka_unit_test(dag_output_says_which_of_the_named_is_the_film),
        cmocka_unit_test(dag_output_beside_the_named_is_one_more),
        cmocka_unit_test(mistakes_of_outputs_are_told_with_their_place),
        cmocka_unit_test(an_unknown_output_is_told_with_the_nearest_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
