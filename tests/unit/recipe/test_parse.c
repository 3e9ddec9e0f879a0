/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "recipe_test.h"

static void smallest_recipe_is_read(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_ok(parse(RECIPE(SOURCE_NODE OUT_NODE), &r, &err));
    assert_int_equal(r->node_count, 2);
    assert_str_view_equal(r->name, "recipe");
    assert_str_view_equal(r->nodes[0].id, "in");
    assert_str_view_equal(r->nodes[0].input_name, "in");
    assert_string_equal(r->nodes[1].op->node_type, "SEQUENCE");
    assert_int_equal(r->nodes[0].line, 3);
    assert_int_equal(r->nodes[0].column, 5);
    assert_int_equal(r->output, 1);
    assert_int_equal(r->order[0], 0);
    assert_int_equal(r->order[1], 1);
    assert_string_equal(r->file, FILE_NAME);
    ad_recipe_destroy(r);
    ad_recipe_destroy(NULL);
}

static void titles_are_kept_as_they_are_written(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_ok(parse(
        "name: My film\nversion: 1.0\ndescription: |\n  two\n  lines\nowner: me@home\n" RECIPE(
            SOURCE_NODE OUT_NODE),
        &r, &err));
    assert_str_view_equal(r->name, "My film");
    assert_str_view_equal(r->version, "1.0");
    assert_str_view_equal(r->description, "two\nlines\n");
    assert_str_view_equal(r->owner, "me@home");
    ad_recipe_destroy(r);
}

static void every_mistake_is_told_with_its_place(void **state)
{
    (void)state;
    static const struct refused cases[] = {
        {"[]", ARTDAG_E_FORMAT, 1, "[]", NULL, "is a map", NULL},
        {"name: x\n", ARTDAG_E_FORMAT, 1, "name: x", NULL, "no dag", NULL},
        {"nmae: x\n" RECIPE(SOURCE_NODE OUT_NODE), ARTDAG_E_FORMAT, 1, "nmae: x", NULL,
         "unknown key \"nmae\"", "name"},
        {"nodes: []\n" RECIPE(SOURCE_NODE OUT_NODE), ARTDAG_E_FORMAT, 1, "nodes: []", NULL,
         "unknown key \"nodes\"", "inside dag"},
        {"name: [a]\n" RECIPE(SOURCE_NODE OUT_NODE), ARTDAG_E_FORMAT, 1, "[a]", NULL,
         "name is a string", NULL},
        {"owner: {a: b}\n" RECIPE(SOURCE_NODE OUT_NODE), ARTDAG_E_FORMAT, 1, "{a: b}", NULL,
         "owner is a string", NULL},
        {"name: \"a\\x01b\"\n" RECIPE(SOURCE_NODE OUT_NODE), ARTDAG_E_FORMAT, 1, "\"a\\x01b\"",
         NULL, "control character", NULL},
        {"dag: []\n", ARTDAG_E_FORMAT, 1, "[]", NULL, "dag is a map", NULL},
        {"dag:\n  nodes: []\n  output: x\n", ARTDAG_E_FORMAT, 2, "[]", NULL, "at least one",
         NULL},
        {"dag:\n  output: x\n", ARTDAG_E_FORMAT, 2, "output: x", NULL, "at least one", NULL},
        {"dag:\n  edges: []\n", ARTDAG_E_FORMAT, 2, "edges: []", NULL, "unknown key \"edges\"",
         NULL},
        {"dag:\n  nodes:\n" SOURCE_NODE, ARTDAG_E_FORMAT, 2, "nodes:", NULL, "no output",
         "output: ID"},
        {"dag:\n  nodes:\n" SOURCE_NODE "  output: inn\n", ARTDAG_E_FORMAT, 4, "inn", NULL,
         "no node is called \"inn\"", "in"},
        {"registry: {asets: {}}\n" RECIPE(SOURCE_NODE OUT_NODE), ARTDAG_E_FORMAT, 1,
         "asets: {}}", NULL, "unknown key \"asets\"", "assets"},
        {"registry:\n  assets:\n    a: {url: x}\n" RECIPE(SOURCE_NODE OUT_NODE),
         ARTDAG_E_FORMAT, 3, "url: x}", NULL, "unknown key \"url\"", NULL},
        {"registry:\n  assets: [a]\n" RECIPE(SOURCE_NODE OUT_NODE), ARTDAG_E_FORMAT, 2, "[a]",
         NULL, "assets is a map", NULL},
        {"name: a\nname: b\n" RECIPE(SOURCE_NODE OUT_NODE), ARTDAG_E_FORMAT, 2, "name: b", NULL,
         "name", NULL},
        {"name: [\n", ARTDAG_E_FORMAT, 2, "", NULL, "", NULL},
    };
    ASSERT_REFUSED(cases);
}

static void registry_gives_assets_their_cid(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_ok(
        parse("registry:\n  assets:\n    logo: {cid: bafkqaaa}\n    old: {hash: bafkqabb}\n"
              "  effects:\n    identity: {hash: abc}\n" RECIPE(
                  "  - {id: a, type: SOURCE, config: {asset: logo}}\n"
                  "  - {id: b, type: SOURCE, config: {asset: old}}\n"
                  "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n"),
              &r, &err));
    assert_string_equal(r->nodes[0].asset_cid, "bafkqaaa");
    assert_str_view_equal(r->nodes[0].input_name, "logo");
    assert_string_equal(r->nodes[1].asset_cid, "bafkqabb");
    ad_recipe_destroy(r);
}

static void yaml_bomb_ends_at_a_limit(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    ad_buf_str(&buf, "description: x\nregistry:\n  assets:\n    a0: &a0 {cid: x, hash: x}\n");
    for (int i = 1; i < 12; i++) {
        ad_buf_printf(&buf, "    a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            ad_buf_printf(&buf, "%s*a%d", k ? ", " : "", i - 1);
        ad_buf_str(&buf, "]\n");
    }
    ad_buf_str(&buf, RECIPE(SOURCE_NODE OUT_NODE));
    assert_fails(ARTDAG_E_LIMIT,
                 ad_recipe_parse(ad_buf_as_str(&buf), FILE_NAME, NULL, &r, &err));
    assert_true(err.line > 0);
    ad_buf_fini(&buf);
}

static void deep_nesting_ends_at_a_limit(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    ad_buf_str(&buf, "description: ");
    for (int i = 0; i < 10000; i++)
        ad_buf_byte(&buf, '[');
    assert_fails(ARTDAG_E_LIMIT,
                 ad_recipe_parse(ad_buf_as_str(&buf), FILE_NAME, NULL, &r, &err));
    ad_buf_fini(&buf);
}

static void append_chain(struct ad_buf *buf, size_t count)
{
    ad_buf_str(buf, "dag:\n  nodes:\n" SOURCE_NODE
                    "  - {id: n0, type: SEGMENT, config: {start: 0}, inputs: [in]}\n");
    for (size_t i = 1; i < count; i++)
        ad_buf_printf(buf, "  - {id: n%zu, type: TRANSFORM, inputs: [n%zu]}\n", i, i - 1);
    ad_buf_printf(buf, "  output: n%zu\n", count - 1);
}

static void recipe_of_ten_megabytes_is_read(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    struct ad_buf buf = AD_BUF_INIT(16 << 20);
    append_chain(&buf, 50000);
    while (buf.len < 10 << 20)
        ad_buf_str(&buf, "# A comment takes room and says nothing, as comments do at times.\n");
    assert_ok(ad_recipe_parse(ad_buf_as_str(&buf), FILE_NAME, NULL, &r, &err));
    assert_int_equal(r->node_count, 50001);
    ad_recipe_destroy(r);
    ad_buf_fini(&buf);
}

static void recipe_beyond_the_limits_is_refused_as_such(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    struct ad_recipe_options limits = {.max_nodes = 10};
    struct ad_buf buf = AD_BUF_INIT(32 << 20);
    append_chain(&buf, 10);
    assert_fails(ARTDAG_E_LIMIT,
                 ad_recipe_parse(ad_buf_as_str(&buf), FILE_NAME, &limits, &r, &err));
    assert_err_says("more than 10 nodes");
    assert_int_equal(err.line, 13); /* the eleventh */
    while (buf.len < 17 << 20)
        ad_buf_str(&buf, "# A comment takes room and says nothing, as comments do at times.\n");
    assert_fails(ARTDAG_E_LIMIT,
                 ad_recipe_parse(ad_buf_as_str(&buf), FILE_NAME, NULL, &r, &err));
    ad_buf_fini(&buf);
}

static void examples_are_read(void **state)
{
    (void)state;
    static const char *const names[] = {"simple_sequence", "demo", "music-video", "montage"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        artdag_error err = {0};
        struct ad_recipe *r = NULL;
        struct ad_buf text = AD_BUF_INIT(1 << 20);
        char path[80];
        snprintf(path, sizeof(path), "examples/%s.yaml", names[i]);
        assert_ok(ad_fs_read_file(ad_test_source(path), 1 << 20, &text, "test", &err));
        assert_ok(ad_recipe_parse(ad_buf_as_str(&text), path, NULL, &r, &err));
        assert_str_view_equal(r->name, names[i]);
        ad_recipe_destroy(r);
        ad_buf_fini(&text);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(smallest_recipe_is_read),
    cmocka_unit_test(titles_are_kept_as_they_are_written),
    cmocka_unit_test(every_mistake_is_told_with_its_place),
    cmocka_unit_test(registry_gives_assets_their_cid),
    cmocka_unit_test(yaml_bomb_ends_at_a_limit),
    cmocka_unit_test(deep_nesting_ends_at_a_limit),
    cmocka_unit_test(recipe_of_ten_megabytes_is_read),
    cmocka_unit_test(recipe_beyond_the_limits_is_refused_as_such),
    cmocka_unit_test(examples_are_read),
};
AD_TEST_MAIN(tests)
