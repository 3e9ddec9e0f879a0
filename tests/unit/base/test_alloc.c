/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "base/alloc.h"

static void sizes_that_overflow_give_null(void **state)
{
    (void)state;
    static const struct {
        size_t count;
        size_t size;
    } cases[] = {
        {SIZE_MAX, 2},        {2, SIZE_MAX},    {SIZE_MAX / 2 + 1, 2},
        {SIZE_MAX, SIZE_MAX}, {PTRDIFF_MAX, 2},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_null(ad_alloc_array(cases[i].count, cases[i].size));
    }
}

static void failed_realloc_leaves_the_old_memory_valid(void **state)
{
    (void)state;
    char *p = ad_alloc_array(4, 1);
    assert_non_null(p);
    memcpy(p, "abc", 4);
    assert_null(ad_realloc_array(p, SIZE_MAX, 2));
    assert_string_equal(p, "abc");
    free(p);
}

static void memory_comes_zeroed(void **state)
{
    (void)state;
    unsigned char *p = ad_alloc_array(1000, 3);
    assert_non_null(p);
    for (size_t i = 0; i < 3000; i++) {
        assert_int_equal(p[i], 0);
    }
    free(p);
}

static void zero_sizes_give_distinct_pointers(void **state)
{
    (void)state;
    void *a = ad_alloc_array(0, 8);
    void *b = ad_alloc(0);
    void *c = ad_realloc_array(NULL, 0, 8);
    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    assert_ptr_not_equal(a, b);
    assert_ptr_not_equal(b, c);
    free(a);
    free(b);
    free(c);
}

static void realloc_grows_and_keeps_content(void **state)
{
    (void)state;
    char *p = ad_realloc_array(NULL, 3, 1);
    assert_non_null(p);
    memcpy(p, "xy", 3);
    p = ad_realloc_array(p, 100000, 1);
    assert_non_null(p);
    assert_string_equal(p, "xy");
    free(p);
}

static void strdup_copies_and_passes_null_through(void **state)
{
    (void)state;
    char source[] = "hello";
    char *copy = ad_strdup(source);
    source[0] = 'j';
    assert_string_equal(copy, "hello");
    assert_null(ad_strdup(NULL));
    free(copy);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(sizes_that_overflow_give_null),
    cmocka_unit_test(failed_realloc_leaves_the_old_memory_valid),
    cmocka_unit_test(memory_comes_zeroed),
    cmocka_unit_test(zero_sizes_give_distinct_pointers),
    cmocka_unit_test(realloc_grows_and_keeps_content),
    cmocka_unit_test(strdup_copies_and_passes_null_through),
};
AD_TEST_MAIN(tests)
