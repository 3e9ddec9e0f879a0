/* SPDX-License-Identifier: MIT */
#include "recipe_test.h"

/* Line 3 is video, 4 music (a title), 5 logo (an asset), 6 spare (not reached). */
static struct ad_recipe *sample(void)
{
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_ok(parse("registry: {assets: {mark: {cid: bafkqaaa}}}\n" RECIPE(
                        "  - {id: video, type: SOURCE, config: {input: true}}\n"
                        "  - {id: music, type: SOURCE, config: {input: true, name: The Song}}\n"
                        "  - {id: logo, type: SOURCE, config: {asset: mark}}\n"
                        "  - {id: spare, type: SOURCE, config: {input: true, name: video}}\n"
                        "  - {id: out, type: SEQUENCE, inputs: [video, music, logo]}\n"),
                    &r, &err));
    return r;
}

static void inputs_are_known_by_id_and_by_title(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = sample();
    uint32_t bound[5];
    const char *by_id[] = {"video", "music", "mark"};
    const char *by_title[] = {"The Song", "mark", "video"};
    assert_ok(ad_recipe_bind(r, by_id, 3, NULL, bound, &err));
    assert_int_equal(bound[0], 0);
    assert_int_equal(bound[1], 1);
    assert_int_equal(bound[2], 2);
    assert_int_equal(bound[4], AD_RECIPE_UNBOUND);
    assert_ok(ad_recipe_bind(r, by_title, 3, NULL, bound, &err));
    assert_int_equal(bound[0], 2);
    assert_int_equal(bound[1], 0);
    /* "video" is another node's id, so it is not spare's title. */
    assert_int_equal(bound[3], AD_RECIPE_UNBOUND);
    ad_recipe_destroy(r);
}

static void check_wants_inputs_and_no_assets(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = sample();
    const char *good[] = {"music", "video"};
    const char *spare[] = {"music", "video", "spare"};
    const char *asset[] = {"music", "video", "mark"};
    assert_ok(ad_recipe_check_inputs(r, good, 2, NULL, &err));
    assert_ok(ad_recipe_check_inputs(r, spare, 3, NULL, &err));
    assert_fails(ARTDAG_E_INVAL, ad_recipe_check_inputs(r, asset, 3, NULL, &err));
    assert_err_says("no input called \"mark\"");
    ad_recipe_destroy(r);
}

static void missing_input_names_its_node(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = sample();
    const char *names[] = {"video"};
    assert_fails(ARTDAG_E_INVAL, ad_recipe_check_inputs(r, names, 1, NULL, &err));
    assert_err_says("input \"music\" is not given");
    assert_err_says("-i music=FILE");
    assert_string_equal(err.node, "music");
    assert_int_equal(err.line, 5);
    ad_recipe_destroy(r);
}

static void unknown_input_says_what_is_near(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = sample();
    const char *names[] = {"music", "vidoe"};
    const char *strange[] = {"music", "video", "zzzzzzzz"};
    assert_fails(ARTDAG_E_INVAL, ad_recipe_check_inputs(r, names, 2, NULL, &err));
    assert_err_says("no input called \"vidoe\"");
    assert_err_says("did you mean video?");
    assert_fails(ARTDAG_E_INVAL, ad_recipe_check_inputs(r, strange, 3, NULL, &err));
    assert_err_says("its first input is called video");
    ad_recipe_destroy(r);
}

static void repeated_input_is_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = sample();
    const char *same[] = {"video", "music", "video"};
    const char *both[] = {"video", "music", "The Song"};
    assert_fails(ARTDAG_E_INVAL, ad_recipe_check_inputs(r, same, 3, NULL, &err));
    assert_err_says("\"video\" is given twice");
    assert_fails(ARTDAG_E_INVAL, ad_recipe_check_inputs(r, both, 3, NULL, &err));
    assert_err_says("given twice");
    ad_recipe_destroy(r);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(inputs_are_known_by_id_and_by_title),
    cmocka_unit_test(check_wants_inputs_and_no_assets),
    cmocka_unit_test(missing_input_names_its_node),
    cmocka_unit_test(unknown_input_says_what_is_near),
    cmocka_unit_test(repeated_input_is_refused),
};
AD_TEST_MAIN(tests)
