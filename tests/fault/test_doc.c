/* SPDX-License-Identifier: MIT */
#include "ad_fault.h"
#include "doc/doc.h"

/* libyaml's own allocations are not touched; the tree, its text and its maps are. */
static const char yaml_text[] =
    "name: film\n"
    "params: &p {start: 1.5, 'end': \"3s\", loops: [1, 2, 3, ~, true, -4e3]}\n"
    "again: *p\n"
    "text: |\n  two\n  lines\n";

static enum artdag_err parse_yaml(void *payload, artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf json = AD_BUF_INIT(1 << 16);
    const struct ad_value *root = NULL;
    (void)payload;
    enum artdag_err rc =
        ad_yaml_parse(&arena, ad_str_from(yaml_text), "t.yaml", NULL, &root, err);
    if (rc != ARTDAG_OK)
        assert_null(root);
    else
        rc = ad_json_canonical(root, &json, err);
    if (rc == ARTDAG_OK)
        assert_str_view_equal(
            ad_buf_as_str(&json),
            "{\"again\":{\"end\":\"3s\",\"loops\":[1,2,3,null,true,-4000],\"start\":1.5},"
            "\"name\":\"film\","
            "\"params\":{\"end\":\"3s\",\"loops\":[1,2,3,null,true,-4000],\"start\":1.5},"
            "\"text\":\"two\\nlines\\n\"}");
    ad_buf_fini(&json);
    ad_arena_fini(&arena);
    return rc;
}

static void yaml_without_memory_says_so(void **state)
{
    (void)state;
    ad_fault_each(AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM, parse_yaml, NULL, NULL);
    ad_fault_each(AD_FAULT_ALLOC, true, 0, ARTDAG_E_NOMEM, parse_yaml, NULL, NULL);
}

static enum artdag_err build_and_print(void *payload, artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf out = AD_BUF_INIT(1 << 16);
    struct ad_map_builder map;
    struct ad_list_builder list;
    (void)payload;
    ad_list_begin(&list, &arena);
    for (int i = 0; i < 50; i++)
        ad_list_add(&list, ad_value_new_int(&arena, i));
    ad_map_begin(&map, &arena);
    ad_map_add(&map, "list", ad_list_end(&list));
    ad_map_add(&map, "text", ad_value_new_str(&arena, AD_STR_LIT("some text")));
    const struct ad_value *root = ad_map_end(&map);
    enum artdag_err rc =
        root ? ad_json_canonical(root, &out, err) : ad_error_nomem(err, "test");
    ad_buf_fini(&out);
    ad_arena_fini(&arena);
    return rc;
}

static void building_without_memory_says_so(void **state)
{
    (void)state;
    ad_fault_each(AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM, build_and_print, NULL, NULL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(yaml_without_memory_says_so),
    cmocka_unit_test(building_without_memory_says_so),
};

AD_TEST_MAIN(tests)
