/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "base/arena.h"

static void allocations_are_zeroed_aligned_and_disjoint(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    unsigned char *objects[500];
    for (size_t i = 0; i < 500; i++) {
        objects[i] = ad_arena_alloc(&arena, i % 97);
        assert_non_null(objects[i]);
        assert_int_equal((uintptr_t)objects[i] % _Alignof(max_align_t), 0);
        for (size_t j = 0; j < i % 97; j++) {
            assert_int_equal(objects[i][j], 0);
            objects[i][j] = (unsigned char)i;
        }
    }
    for (size_t i = 0; i < 500; i++) {
        for (size_t j = 0; j < i % 97; j++) {
            assert_int_equal(objects[i][j], (unsigned char)i);
        }
    }
    assert_false(ad_arena_failed(&arena));
    ad_arena_fini(&arena);
}

static void large_objects_do_not_waste_the_current_block(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    char *small = ad_arena_alloc(&arena, 16);
    char *large = ad_arena_alloc(&arena, 10 << 20);
    char *next = ad_arena_alloc(&arena, 16);
    assert_non_null(large);
    large[(10 << 20) - 1] = 1;
    assert_ptr_equal(next, small + 16);
    ad_arena_fini(&arena);
}

static void limit_makes_every_later_allocation_fail(void **state)
{
    (void)state;
    struct ad_arena arena;
    ad_arena_init(&arena, 1024);
    assert_non_null(ad_arena_alloc(&arena, 1000));
    assert_false(ad_arena_failed(&arena));
    assert_null(ad_arena_alloc(&arena, 100));
    assert_true(ad_arena_failed(&arena));
    assert_null(ad_arena_alloc(&arena, 1));
    assert_null(ad_arena_printf(&arena, "%d", 1));
    assert_null(ad_arena_str(&arena, AD_STR_LIT("x")).ptr);
    ad_arena_fini(&arena);
    assert_non_null(ad_arena_alloc(&arena, 1));
    ad_arena_fini(&arena);
}

static void many_small_objects_reach_the_limit_too(void **state)
{
    (void)state;
    struct ad_arena arena;
    ad_arena_init(&arena, 100000);
    size_t count = 0;
    while (ad_arena_alloc(&arena, 1) != NULL) {
        count++;
    }
    assert_in_range(count, 1000, 100000);
    assert_true(arena.used_bytes <= 100000);
    ad_arena_fini(&arena);
}

static void sizes_that_overflow_fail(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    assert_null(ad_arena_array(&arena, SIZE_MAX / 2, 3));
    assert_true(ad_arena_failed(&arena));
    ad_arena_fini(&arena);
    assert_null(ad_arena_alloc(&arena, SIZE_MAX));
    ad_arena_fini(&arena);
    assert_null(ad_arena_alloc(&arena, SIZE_MAX - 100));
    ad_arena_fini(&arena);
    assert_null(ad_arena_alloc(&arena, PTRDIFF_MAX - 8));
    ad_arena_fini(&arena);
}

static void strings_are_copied_with_a_nul(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    char source[] = "abcdef";
    struct ad_str view = ad_arena_str(&arena, (struct ad_str){source, 3});
    source[0] = 'X';
    assert_string_equal(view.ptr, "abc");
    assert_int_equal(view.len, 3);
    assert_string_equal(ad_arena_strdup(&arena, (struct ad_str){NULL, 0}), "");
    assert_string_equal(ad_arena_printf(&arena, "%s-%d", "n", 7), "n-7");
    assert_memory_equal(ad_arena_dup(&arena, "\0\1\2", 3), "\0\1\2", 3);
    assert_non_null(ad_arena_dup(&arena, NULL, 0));
    ad_arena_fini(&arena);
    ad_arena_fini(NULL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(allocations_are_zeroed_aligned_and_disjoint),
    cmocka_unit_test(large_objects_do_not_waste_the_current_block),
    cmocka_unit_test(limit_makes_every_later_allocation_fail),
    cmocka_unit_test(many_small_objects_reach_the_limit_too),
    cmocka_unit_test(sizes_that_overflow_fail),
    cmocka_unit_test(strings_are_copied_with_a_nul),
};
AD_TEST_MAIN(tests)
