/* SPDX-License-Identifier: MIT */
#include "recipe_test.h"

struct counting {
    struct ad_arena *arena;
    size_t leaves, keys;
};

static const struct ad_value *count_leaf(void *payload, const struct ad_value *value)
{
    struct counting *c = payload;
    c->leaves++;
    return value->kind == AD_VALUE_INT ? ad_value_new_int(c->arena, value->integer + 1) : value;
}

static struct ad_str count_key(void *payload, struct ad_str key)
{
    ((struct counting *)payload)->keys++;
    return key;
}

static const struct ad_value *no_leaf(void *payload, const struct ad_value *value)
{
    (void)payload;
    (void)value;
    return NULL;
}

static void copies_are_deep_and_leaves_replaced(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct counting c = {.arena = &arena};
    struct ad_rebuild rebuild = {
        .arena = &arena, .leaf = count_leaf, .key = count_key, .payload = &c};
    const struct ad_value *root = NULL;
    struct ad_buf before = AD_BUF_INIT(4096), after = AD_BUF_INIT(4096);
    assert_ok(ad_json_parse(&arena, AD_STR_LIT("{\"a\":[1,[],{\"b\":2}],\"c\":{},\"d\":\"x\"}"),
                            NULL, NULL, &root, &err));
    const struct ad_value *copy = ad_value_rebuild(&rebuild, root);
    assert_non_null(copy);
    assert_ok(ad_json_canonical(root, &before, &err));
    assert_ok(ad_json_canonical(copy, &after, &err));
    assert_string_equal((char *)before.data, "{\"a\":[1,[],{\"b\":2}],\"c\":{},\"d\":\"x\"}");
    assert_string_equal((char *)after.data, "{\"a\":[2,[],{\"b\":3}],\"c\":{},\"d\":\"x\"}");
    assert_int_equal(c.leaves, 3);
    assert_int_equal(c.keys, 4);
    ad_buf_fini(&before);
    ad_buf_fini(&after);
    ad_arena_fini(&arena);
}

static void failing_leaf_ends_the_copy(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_rebuild rebuild = {.arena = &arena, .leaf = no_leaf};
    const struct ad_value *root = NULL;
    assert_ok(ad_json_parse(&arena, AD_STR_LIT("[[1]]"), NULL, NULL, &root, &err));
    assert_null(ad_value_rebuild(&rebuild, root));
    ad_arena_fini(&arena);
}

static void nesting_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct counting c = {.arena = &arena};
    struct ad_rebuild rebuild = {.arena = &arena, .leaf = count_leaf, .payload = &c};
    const struct ad_value *value = ad_value_new_int(&arena, 1);
    for (int i = 0; i < 128; i++) {
        struct ad_list_builder list;
        ad_list_begin(&list, &arena);
        ad_list_add(&list, value);
        value = ad_list_end(&list);
    }
    assert_non_null(ad_value_rebuild(&rebuild, value));
    struct ad_list_builder list;
    ad_list_begin(&list, &arena);
    ad_list_add(&list, value);
    assert_null(ad_value_rebuild(&rebuild, ad_list_end(&list)));
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(copies_are_deep_and_leaves_replaced),
    cmocka_unit_test(failing_leaf_ends_the_copy),
    cmocka_unit_test(nesting_beyond_the_limit_is_refused),
};
AD_TEST_MAIN(tests)
