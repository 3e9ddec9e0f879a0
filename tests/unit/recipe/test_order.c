/* SPDX-License-Identifier: MIT */
#include "recipe_test.h"

static void nodes_may_stand_in_any_order(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_ok(parse(RECIPE("  - {id: out, type: SEQUENCE, inputs: [b, a]}\n"
                           "  - {id: b, type: SEGMENT, inputs: [in]}\n"
                           "  - {id: a, type: SEGMENT, inputs: [in]}\n" SOURCE_NODE),
                    &r, &err));
    static const uint32_t order[] = {3, 1, 2, 0};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(r->order[i], order[i]);
    ad_recipe_destroy(r);
}

static void rings_are_told_with_their_way(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        {RECIPE("  - {id: out, type: SEQUENCE, inputs: [out]}\n"), ARTDAG_E_CYCLE, 3, "out]}",
         NULL, "out -> out", NULL},
        {RECIPE(SOURCE_NODE "  - {id: out, type: SEQUENCE, inputs: [in, a]}\n"
                            "  - {id: a, type: SEGMENT, inputs: [b]}\n"
                            "  - {id: b, type: SEQUENCE, inputs: [in, a]}\n"),
         ARTDAG_E_CYCLE, 6, "a]}", NULL, "a -> b -> a", NULL},
        /* A ring that the output does not reach is still a ring. */
        {RECIPE(SOURCE_NODE OUT_NODE "  - {id: a, type: SEGMENT, inputs: [a]}\n"),
         ARTDAG_E_CYCLE, 5, "a]}", NULL, "a -> a", NULL},
    };
    ASSERT_REFUSED(cases);
}

static void long_rings_are_shortened(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    struct ad_buf buf = AD_BUF_INIT(16 << 20);
    ad_buf_str(&buf, "dag:\n  nodes:\n");
    for (int i = 0; i < 90000; i++)
        ad_buf_printf(&buf, "  - {id: n%d, type: SEGMENT, inputs: [n%d]}\n", i,
                      (i + 1) % 90000);
    ad_buf_str(&buf, "  output: n0\n");
    assert_fails(ARTDAG_E_CYCLE,
                 ad_recipe_parse(ad_buf_as_str(&buf), FILE_NAME, NULL, &r, &err));
    assert_err_says("n0 -> n1 -> n2 -> ... (89994 more) -> n89997 -> n89998 -> n89999 -> n0");
    ad_buf_fini(&buf);
}

static void chain_of_1500_nodes_is_no_ring(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    struct ad_buf buf = AD_BUF_INIT(16 << 20);
    ad_buf_str(&buf, "dag:\n  nodes:\n");
    for (int i = 0; i < 1499; i++) /* users before what they use */
        ad_buf_printf(&buf, "  - {id: n%d, type: TRANSFORM, inputs: [n%d]}\n", i, i + 1);
    ad_buf_str(&buf, "  - {id: n1499, type: TRANSFORM, inputs: [in]}\n");
    ad_buf_str(&buf, SOURCE_NODE "  output: n0\n");
    assert_ok(ad_recipe_parse(ad_buf_as_str(&buf), FILE_NAME, NULL, &r, &err));
    assert_int_equal(r->order[0], 1500);
    assert_int_equal(r->order[1500], 0);
    ad_recipe_destroy(r);
    ad_buf_fini(&buf);
}

static void reach_marks_what_an_output_is_made_from(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    bool reach[4] = {false};
    assert_ok(parse(RECIPE(SOURCE_NODE OUT_NODE "  - {id: a, type: SEGMENT, inputs: [in]}\n"
                                                "  - {id: b, type: SEGMENT, inputs: [a]}\n"),
                    &r, &err));
    ad_recipe_reach(r, r->output, reach);
    assert_true(reach[0] && reach[1] && !reach[2] && !reach[3]);
    ad_recipe_reach(r, 2, reach);
    assert_true(reach[2] && !reach[3]);
    ad_recipe_destroy(r);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(nodes_may_stand_in_any_order),
    cmocka_unit_test(rings_are_told_with_their_way),
    cmocka_unit_test(long_rings_are_shortened),
    cmocka_unit_test(chain_of_1500_nodes_is_no_ring),
    cmocka_unit_test(reach_marks_what_an_output_is_made_from),
};
AD_TEST_MAIN(tests)
