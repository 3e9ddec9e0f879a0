/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ad_test.h"
#include "base/map.h"

static struct ad_str number_key(char out[32], size_t i)
{
    int len = snprintf(out, 32, "key-%zu", i);
    return (struct ad_str){out, (size_t)len};
}

static void empty_map_finds_nothing(void **state)
{
    (void)state;
    struct ad_map map = {0};
    assert_null(ad_map_find(&map, AD_STR_LIT("a")));
    assert_null(ad_map_find(&map, (struct ad_str){NULL, 0}));
    ad_map_fini(&map);
    ad_map_fini(NULL);
}

static void values_are_found_again_among_many(void **state)
{
    (void)state;
    struct ad_map map = {0};
    char text[32];
    for (size_t i = 0; i < 200000; i++) {
        bool added = false;
        union ad_map_value *value = ad_map_put(&map, number_key(text, i), &added);
        assert_non_null(value);
        assert_true(added);
        assert_int_equal(value->num, 0);
        value->num = i * 3;
    }
    assert_int_equal(map.len, 200000);
    for (size_t i = 0; i < 200000; i++) {
        union ad_map_value *value = ad_map_find(&map, number_key(text, i));
        assert_non_null(value);
        assert_int_equal(value->num, i * 3);
    }
    assert_null(ad_map_find(&map, AD_STR_LIT("key-200000")));
    ad_map_fini(&map);
}

static void iteration_follows_insertion_whatever_the_seed(void **state)
{
    (void)state;
    struct ad_map map = {0};
    char text[32];
    for (size_t i = 0; i < 1000; i++) {
        assert_non_null(ad_map_put(&map, number_key(text, (i * 7919) % 1000), NULL));
    }
    for (size_t i = 0; i < 1000; i++) {
        assert_views_equal(map.entries[i].key, number_key(text, (i * 7919) % 1000));
    }
    ad_map_fini(&map);
}

static void second_put_of_a_key_gives_the_first_value(void **state)
{
    (void)state;
    struct ad_map map = {0};
    bool added = false;
    ad_map_put(&map, AD_STR_LIT("a"), &added)->num = 7;
    assert_true(added);
    assert_int_equal(ad_map_put(&map, AD_STR_LIT("a"), &added)->num, 7);
    assert_false(added);
    assert_int_equal(map.len, 1);
    ad_map_fini(&map);
}

static void keys_are_copied_bytes_of_any_kind(void **state)
{
    (void)state;
    static const struct ad_str keys[] = {
        {NULL, 0},   {"\0", 1},   {"\0\0", 2},     {"a", 1},         {"a\0", 2},
        {"a\0b", 3}, {"\xff", 1}, {"12345678", 8}, {"123456789", 9}, {"12345678\0", 9},
    };
    struct ad_map map = {0};
    const size_t count = sizeof(keys) / sizeof(keys[0]);
    for (size_t i = 0; i < count; i++) {
        bool added = false;
        char copy[16] = {0};
        if (keys[i].len > 0) {
            memcpy(copy, keys[i].ptr, keys[i].len);
        }
        ad_map_put(&map, (struct ad_str){copy, keys[i].len}, &added)->num = i;
        assert_true(added);
        memset(copy, 'X', sizeof(copy));
    }
    for (size_t i = 0; i < count; i++) {
        union ad_map_value *value = ad_map_find(&map, keys[i]);
        assert_non_null(value);
        assert_int_equal(value->num, i);
        assert_int_equal(map.entries[i].key.ptr[keys[i].len], 0);
    }
    ad_map_fini(&map);
}

/* Longest run of taken slots: with a hash the attacker can predict it would be near the number
 * of keys; by chance it stays around 100 at three quarters full. */
static void keys_chosen_to_collide_elsewhere_do_not_pile_up(void **state)
{
    (void)state;
    struct ad_map map = {0};
    for (uint32_t i = 0; i < 50000; i++) {
        /* Equal sums and equal low bits: collide in additive and in masked hashes. */
        unsigned char key[8] = {0};
        for (int bit = 0; bit < 16; bit++) {
            if ((i >> bit) & 1) {
                key[bit / 2] = (unsigned char)(key[bit / 2] + (bit % 2 ? 64 : 16));
            }
        }
        assert_non_null(ad_map_put(&map, (struct ad_str){(char *)key, sizeof(key)}, NULL));
    }
    assert_int_equal(map.len, 50000);
    size_t run = 0;
    size_t longest = 0;
    for (size_t i = 0; i < map.slot_count; i++) {
        run = map.slots[i] != 0 ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    assert_true(longest < 2000);
    ad_map_fini(&map);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(empty_map_finds_nothing),
    cmocka_unit_test(values_are_found_again_among_many),
    cmocka_unit_test(iteration_follows_insertion_whatever_the_seed),
    cmocka_unit_test(second_put_of_a_key_gives_the_first_value),
    cmocka_unit_test(keys_are_copied_bytes_of_any_kind),
    cmocka_unit_test(keys_chosen_to_collide_elsewhere_do_not_pile_up),
};
AD_TEST_MAIN(tests)
