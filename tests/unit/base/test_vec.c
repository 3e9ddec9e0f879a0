/* SPDX-License-Identifier: MIT */
#include "ad_test.h"
#include "base/vec.h"

struct pair {
    int a;
    double b;
};

static void pushed_items_are_there_in_order(void **state)
{
    (void)state;
    AD_VEC(struct pair) v = {0};
    for (int i = 0; i < 10000; i++) {
        assert_true(ad_vec_push(&v, (struct pair){i, i / 2.0}));
    }
    assert_int_equal(v.len, 10000);
    for (int i = 0; i < 10000; i++) {
        assert_int_equal(v.items[i].a, i);
        assert_near(v.items[i].b, i / 2.0, 0);
    }
    ad_vec_fini(&v);
    assert_null(v.items);
    assert_int_equal(v.len, 0);
    assert_true(ad_vec_push(&v, (struct pair){1, 2}));
    ad_vec_fini(&v);
}

static void reserved_room_is_not_moved_by_pushes(void **state)
{
    (void)state;
    AD_VEC(const char *) v = {0};
    assert_true(ad_vec_reserve(&v, 1000));
    const char **items = v.items;
    for (int i = 0; i < 1000; i++) {
        assert_true(ad_vec_push(&v, "x"));
    }
    assert_ptr_equal(v.items, items);
    ad_vec_fini(&v);
}

static void impossible_growth_fails_and_keeps_the_items(void **state)
{
    (void)state;
    AD_VEC(uint64_t) v = {0};
    assert_true(ad_vec_push(&v, 42));
    assert_false(ad_vec_reserve(&v, SIZE_MAX));
    assert_false(ad_vec_reserve(&v, SIZE_MAX / 8));
    assert_int_equal(v.len, 1);
    assert_int_equal(v.items[0], 42);
    ad_vec_fini(&v);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(pushed_items_are_there_in_order),
    cmocka_unit_test(reserved_room_is_not_moved_by_pushes),
    cmocka_unit_test(impossible_growth_fails_and_keeps_the_items),
};
AD_TEST_MAIN(tests)
