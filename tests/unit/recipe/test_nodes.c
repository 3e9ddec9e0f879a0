/* SPDX-License-Identifier: MIT */
#include "recipe_test.h"

static void node_mistakes_are_told_with_node_and_place(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        {RECIPE("  - x\n" OUT_NODE), ARTDAG_E_FORMAT, 3, "x", NULL, "a node is a map", NULL},
        {RECIPE("  - {type: SOURCE}\n"), ARTDAG_E_FORMAT, 3, "{type: SOURCE}", NULL,
         "no \"id\"", NULL},
        {RECIPE("  - {id: a}\n"), ARTDAG_E_FORMAT, 3, "{id: a}", "a", "no \"type\"", NULL},
        {RECIPE("  - {id: '', type: SOURCE}\n"), ARTDAG_E_FORMAT, 3, "'', type: SOUR", NULL,
         "id is empty", NULL},
        {RECIPE("  - {id: [a], type: SOURCE}\n"), ARTDAG_E_FORMAT, 3, "[a], type: SOU", NULL,
         "id is a string", NULL},
        {RECIPE("  - {id: a, type: SEGMNET}\n"), ARTDAG_E_FORMAT, 3, "SEGMNET}", "a",
         "unknown type \"SEGMNET\"", "SEGMENT"},
        {RECIPE("  - {id: a, type: SOURCE, input: b}\n"), ARTDAG_E_FORMAT, 3, "input: b}", NULL,
         "unknown key \"input\" in a node", "inputs"},
        {RECIPE(SOURCE_NODE "  - {id: in, type: SEQUENCE, inputs: [in]}\n"), ARTDAG_E_FORMAT, 4,
         "in, type: SEQU", "in", "two nodes are called \"in\"", "line 3"},
        {RECIPE(SOURCE_NODE "  - id: out\n    type: SEGMENT\n    config: {strat: 1}\n"
                            "    inputs: [in]\n"),
         ARTDAG_E_FORMAT, 6, "strat: 1}", "out", "strat", "start"},
        {RECIPE(SOURCE_NODE "  - id: out\n    type: SEGMENT\n    config: {start: soon}\n"
                            "    inputs: [in]\n"),
         ARTDAG_E_FORMAT, 6, "soon}", "out", "", NULL},
        {RECIPE(SOURCE_NODE
                "  - id: out\n    type: SEGMENT\n    config: [1]\n    inputs: [in]\n"),
         ARTDAG_E_FORMAT, 6, "[1]", "out", "", NULL},
    };
    ASSERT_REFUSED(cases);
}

static void source_mistakes_are_told(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        {RECIPE("  - {id: out, type: SOURCE}\n"), ARTDAG_E_FORMAT, 3, "{id: out, type", "out",
         "input: true", NULL},
        {RECIPE("  - {id: out, type: SOURCE, config: {input: false}}\n"), ARTDAG_E_FORMAT, 3,
         "{input: false}", "out", "input: true", NULL},
        {RECIPE("  - {id: out, type: SOURCE, config: {input: true, asset: a}}\n"),
         ARTDAG_E_FORMAT, 3, "{input: true, ", "out", "not both", NULL},
        {RECIPE("  - {id: out, type: SOURCE, config: {asset: lgoo}}\n"), ARTDAG_E_FORMAT, 3,
         "lgoo}}", "out", "no asset \"lgoo\"", NULL},
        {"registry: {assets: {logo: {cid: x}}}\n" RECIPE(
             "  - {id: out, type: SOURCE, config: {asset: lgoo}}\n"),
         ARTDAG_E_FORMAT, 4, "lgoo}}", "out", "no asset \"lgoo\"", "logo"},
        {"registry: {assets: {logo: {}}}\n" RECIPE(
             "  - {id: out, type: SOURCE, config: {asset: logo}}\n"),
         ARTDAG_E_FORMAT, 4, "logo}}", "out", "has no cid", NULL},
        {"registry: {assets: {in: {cid: x}}}\n" RECIPE(
             SOURCE_NODE "  - {id: b, type: SOURCE, config: {asset: in}}\n" OUT_NODE),
         ARTDAG_E_FORMAT, 5, "{id: b, type: ", "b", "an input is called \"in\"", NULL},
        {RECIPE(SOURCE_NODE
                "  - {id: out, type: SOURCE, config: {input: true}, inputs: [in]}\n"),
         ARTDAG_E_FORMAT, 4, "[in]}", "out", "SOURCE has 1 input", "it takes none"},
    };
    ASSERT_REFUSED(cases);
}

static void input_mistakes_are_told(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        {RECIPE(SOURCE_NODE "  - {id: out, type: SEQUENCE, inputs: [inn]}\n"), ARTDAG_E_FORMAT,
         4, "inn]}", "out", "no node is called \"inn\"", "in"},
        {RECIPE(SOURCE_NODE "  - {id: out, type: SEQUENCE}\n"), ARTDAG_E_FORMAT, 4,
         "{id: out, type", "out", "SEQUENCE has 0 inputs", "it takes 1 to"},
        {RECIPE(SOURCE_NODE "  - {id: out, type: SEGMENT, inputs: [in, in]}\n"),
         ARTDAG_E_FORMAT, 4, "[in, in]}", "out", "SEGMENT has 2 inputs", "it takes 1"},
        {RECIPE(SOURCE_NODE "  - {id: out, type: SEGMENT, inputs: {clip: in}}\n"),
         ARTDAG_E_FORMAT, 4, "{clip: in}}", "out", "have no names", "list"},
        {RECIPE(SOURCE_NODE "  - {id: out, type: SEGMENT, inputs: [[in]]}\n"), ARTDAG_E_FORMAT,
         4, "[in]]}", "out", "an input is a string, not a list", NULL},
        {RECIPE(SOURCE_NODE "  - {id: out, type: MUX, inputs: {video: in}}\n"), ARTDAG_E_FORMAT,
         4, "{video: in}}", "out", "input \"audio\" of MUX is missing", NULL},
        {RECIPE(SOURCE_NODE "  - {id: out, type: MUX, inputs: [in]}\n"), ARTDAG_E_FORMAT, 4,
         "[in]}", "out", "input \"audio\" of MUX is missing", NULL},
        {RECIPE(SOURCE_NODE "  - {id: out, type: MUX, inputs: {video: in, adio: in}}\n"),
         ARTDAG_E_FORMAT, 4, "adio: in}}", "out", "no input \"adio\"", "audio"},
        {RECIPE(SOURCE_NODE "  - {id: out, type: MUX, inputs: [in, in, in]}\n"),
         ARTDAG_E_FORMAT, 4, "[in, in, in]}", "out", "MUX has 3 inputs", NULL},
        {RECIPE(SOURCE_NODE "  - {id: e, type: ENCODE, inputs: [in]}\n"
                            "  - {id: out, type: SEQUENCE, inputs: [e]}\n"),
         ARTDAG_E_FORMAT, 5, "e]}", "out", "\"e\" is an encoded film", NULL},
    };
    ASSERT_REFUSED(cases);
}

static void inputs_have_three_spellings(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_ok(parse(RECIPE("  - {id: v, type: SOURCE, config: {input: true}}\n"
                           "  - {id: a, type: SOURCE, config: {input: true}}\n"
                           "  - {id: one, type: SEGMENT, inputs: v}\n"
                           "  - {id: named, type: MUX, inputs: {audio: a, video: one}}\n"
                           "  - {id: listed, type: MUX, inputs: [one, a]}\n"
                           "  - {id: out, type: SEQUENCE, inputs: [named, listed, named]}\n"),
                    &r, &err));
    const struct ad_recipe_node *named = &r->nodes[3], *listed = &r->nodes[4];
    assert_int_equal(r->nodes[2].input_count, 1);
    assert_string_equal(r->nodes[2].inputs[0].slot, "0");
    assert_int_equal(named->input_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(named->inputs[i].slot, i ? "audio" : "video");
        assert_string_equal(listed->inputs[i].slot, named->inputs[i].slot);
        assert_int_equal(listed->inputs[i].node, named->inputs[i].node);
    }
    assert_int_equal(named->inputs[0].node, 2);
    assert_string_equal(r->nodes[5].inputs[2].slot, "2");
    assert_int_equal(r->nodes[5].inputs[2].node, 3);
    assert_int_equal(r->nodes[5].inputs[1].column, 47);
    ad_recipe_destroy(r);
}

static void ids_may_be_numbers_and_titles_are_kept(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_ok(
        parse(RECIPE("  - {id: 1, type: SOURCE, config: {input: true, name: Input Video}}\n"
                     "  - {id: out, type: SEQUENCE, inputs: [1]}\n"),
              &r, &err));
    assert_str_view_equal(r->nodes[0].id, "1");
    assert_str_view_equal(r->nodes[0].input_name, "1");
    assert_str_view_equal(r->nodes[0].input_alias, "Input Video");
    ad_recipe_destroy(r);
}

static void keep_is_a_yes_or_no(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    static const struct refused cases[] = {
        {RECIPE(SOURCE_NODE "  - {id: out, type: SEGMENT, inputs: [in], keep: often}\n"),
         ARTDAG_E_FORMAT, 4, "often", "out", "keep is true or false", NULL},
    };
    ASSERT_REFUSED(cases);
    assert_ok(
        parse(RECIPE(SOURCE_NODE "  - {id: out, type: SEGMENT, inputs: [in], keep: true}\n"),
              &r, &err));
    assert_false(r->nodes[0].keep);
    assert_true(r->nodes[1].keep);
    ad_recipe_destroy(r);
}

static void find_says_what_is_near(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    uint32_t node = 0;
    assert_ok(parse(RECIPE(SOURCE_NODE OUT_NODE), &r, &err));
    assert_ok(ad_recipe_find(r, AD_STR_LIT("out"), &node, &err));
    assert_int_equal(node, 1);
    assert_fails(ARTDAG_E_NOTFOUND, ad_recipe_find(r, AD_STR_LIT("uot"), &node, &err));
    assert_err_says("uot");
    assert_err_says("did you mean out?");
    ad_recipe_destroy(r);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(node_mistakes_are_told_with_node_and_place),
    cmocka_unit_test(source_mistakes_are_told),
    cmocka_unit_test(input_mistakes_are_told),
    cmocka_unit_test(inputs_have_three_spellings),
    cmocka_unit_test(ids_may_be_numbers_and_titles_are_kept),
    cmocka_unit_test(keep_is_a_yes_or_no),
    cmocka_unit_test(find_says_what_is_near),
};
AD_TEST_MAIN(tests)
