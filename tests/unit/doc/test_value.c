/* SPDX-License-Identifier: MIT */
#include "doc_test.h"

static void members_are_found_by_key(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    assert_parses(ad_json_parse, AD_STR_LIT("{\"a\":1,\"b\":{\"c\":[true]}}"), &doc);
    assert_int_equal(ad_value_get(doc.root, "a")->integer, 1);
    const struct ad_value *b = ad_value_get(doc.root, "b");
    assert_true(ad_value_get(b, "c")->list.items[0]->boolean);
    assert_null(ad_value_get(doc.root, "x"));
    assert_null(ad_value_get(NULL, "a"));
    assert_null(ad_value_get(ad_value_get(doc.root, "a"), "a"));
    assert_null(ad_value_member(doc.root, AD_STR_LIT("a\0")));
    assert_int_equal(ad_value_member(doc.root, AD_STR_LIT("b"))->column, 8);
    doc_fini(&doc);
}

static void typed_access_gives_values_of_the_kind_asked_for(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    struct ad_str s = {0};
    int64_t i = 0;
    bool b = false;
    const struct ad_value *v = NULL;
    assert_parses(ad_yaml_parse, AD_STR_LIT("s: x\ni: -5\nb: true\nl: [1]\nm: {k: 1}\n"), &doc);
    assert_ok(ad_value_str(doc.root, "s", &s, &err));
    assert_str_view_equal(s, "x");
    assert_ok(ad_value_i64(doc.root, "i", &i, &err));
    assert_int_equal(i, -5);
    assert_ok(ad_value_bool(doc.root, "b", &b, &err));
    assert_true(b);
    assert_ok(ad_value_list(doc.root, "l", &v, &err));
    assert_int_equal(v->list.len, 1);
    assert_ok(ad_value_map(doc.root, "m", &v, &err));
    assert_int_equal(v->map.len, 1);
    doc_fini(&doc);
}

static void typed_access_reports_what_and_where(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    int64_t i = 7;
    const struct ad_value *v = NULL;
    assert_parses(ad_yaml_parse, AD_STR_LIT("s: x\nd:  1.5\n"), &doc);
    assert_fails(ARTDAG_E_FORMAT, ad_value_i64(doc.root, "d", &i, &err));
    assert_string_equal(err.message, "\"d\" must be an integer, not a number");
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 5);
    assert_int_equal(i, 7);
    assert_fails(ARTDAG_E_FORMAT, ad_value_map(doc.root, "s", &v, &err));
    assert_err_says("\"s\" must be a map, not a string");
    assert_fails(ARTDAG_E_FORMAT, ad_value_i64(doc.root, "none", &i, &err));
    assert_err_says("missing key \"none\"");
    assert_int_equal(err.line, 1);
    assert_fails(ARTDAG_E_FORMAT, ad_value_i64(NULL, "x", &i, &err));
    assert_fails(ARTDAG_E_FORMAT, ad_value_i64(ad_value_get(doc.root, "s"), "x", &i, &err));
    doc_fini(&doc);
}

static void equality_is_by_content(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const struct {
        const char *a;
        const char *b;
        bool equal;
    } cases[] = {
        {"1", "1", true},
        {"1", "2", false},
        {"1", "1.0", false},
        {"0.5", "5e-1", true},
        {"null", "false", false},
        {"\"a\"", "\"\\u0061\"", true},
        {"[]", "{}", false},
        {"[1,2]", "[2,1]", false},
        {"[1]", "[1,1]", false},
        {"{\"a\":1,\"b\":2,\"c\":[{}]}", "{\"c\":[{}],\"b\":2,\"a\":1}", true},
        {"{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", false},
        {"{\"a\":1}", "{\"a\":1,\"b\":1}", false},
        {"{\"a\":{\"b\":[1,{\"c\":3}]},\"z\":0}", "{\"a\":{\"b\":[1,{\"c\":4}]},\"z\":0}",
         false},
        {"{\"a\":{\"b\":[1,{\"c\":3}]},\"z\":0}", "{\"z\":0,\"a\":{\"b\":[1,{\"c\":3}]}}",
         true},
        {"[[1],[2]]", "[[1],[3]]", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct doc a = {0};
        struct doc b = {0};
        assert_parses(ad_json_parse, ad_str_from(cases[i].a), &a);
        assert_parses(ad_json_parse, ad_str_from(cases[i].b), &b);
        if (ad_value_equal(a.root, b.root) != cases[i].equal ||
            ad_value_equal(b.root, a.root) != cases[i].equal) {
            fail_msg("%s against %s", cases[i].a, cases[i].b);
        }
        assert_true(ad_value_equal(a.root, a.root));
        assert_false(ad_value_equal(a.root, NULL));
        doc_fini(&a);
        doc_fini(&b);
    }
    assert_true(ad_value_equal(NULL, NULL));
}

static void built_values_are_what_was_built(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_map_builder map;
    struct ad_list_builder list;
    char text[] = "text";
    char key[] = "key";
    ad_list_begin(&list, &arena);
    ad_list_add(&list, ad_value_new_null(&arena));
    ad_list_add(&list, ad_value_new_bool(&arena, true));
    ad_list_add(&list, ad_value_new_int(&arena, -7));
    ad_list_add(&list, ad_value_new_double(&arena, 0.25));
    ad_list_add(&list, ad_value_new_str(&arena, ad_str_from(text)));
    ad_map_begin(&map, &arena);
    ad_map_add(&map, key, ad_list_end(&list));
    ad_list_begin(&list, &arena);
    ad_map_add(&map, "empty", ad_list_end(&list));
    text[0] = key[0] = 'X';
    struct ad_value *root = ad_map_end(&map);
    assert_non_null(root);
    assert_int_equal(root->line, 0);
    assert_canonical(root, "{\"empty\":[],\"key\":[null,true,-7,0.25,\"text\"]}");
    ad_arena_fini(&arena);
}

static void a_failed_part_makes_the_whole_fail(void **state)
{
    (void)state;
    struct ad_arena arena;
    struct ad_map_builder map;
    struct ad_list_builder list;
    ad_arena_init(&arena, 2000);
    ad_list_begin(&list, &arena);
    ad_list_add(&list, ad_value_new_int(&arena, 1));
    ad_list_add(&list, NULL);
    assert_null(ad_list_end(&list));
    ad_map_begin(&map, &arena);
    ad_map_add(&map, "a", NULL);
    assert_null(ad_map_end(&map));
    assert_false(ad_arena_failed(&arena));
    ad_list_begin(&list, &arena);
    for (int i = 0; i < 100; i++) {
        ad_list_add(&list, ad_value_new_str(&arena, AD_STR_LIT("some text")));
    }
    assert_null(ad_list_end(&list));
    assert_true(ad_arena_failed(&arena));
    ad_arena_fini(&arena);
}

static void every_kind_has_a_name(void **state)
{
    (void)state;
    for (int a = AD_VALUE_NULL; a <= AD_VALUE_MAP; a++) {
        for (int b = AD_VALUE_NULL; b < a; b++) {
            assert_string_not_equal(ad_value_kind_name((enum ad_value_kind)a),
                                    ad_value_kind_name((enum ad_value_kind)b));
        }
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(members_are_found_by_key),
    cmocka_unit_test(typed_access_gives_values_of_the_kind_asked_for),
    cmocka_unit_test(typed_access_reports_what_and_where),
    cmocka_unit_test(equality_is_by_content),
    cmocka_unit_test(built_values_are_what_was_built),
    cmocka_unit_test(a_failed_part_makes_the_whole_fail),
    cmocka_unit_test(every_kind_has_a_name),
};
AD_TEST_MAIN(tests)
