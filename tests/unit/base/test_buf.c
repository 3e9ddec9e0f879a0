/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "ad_test.h"
#include "ad_test_locale.h"
#include "base/buf.h"

static void appends_collect_bytes_and_stay_terminated(void **state)
{
    (void)state;
    struct ad_buf buf = AD_BUF_INIT(1000);
    assert_int_equal(ad_buf_str(&buf, "ab"), ARTDAG_OK);
    assert_int_equal(ad_buf_byte(&buf, 0), ARTDAG_OK);
    assert_int_equal(ad_buf_view(&buf, AD_STR_LIT("cd")), ARTDAG_OK);
    assert_int_equal(ad_buf_be64(&buf, 0x0102030405060708), ARTDAG_OK);
    assert_int_equal(ad_buf_printf(&buf, "%03d", 7), ARTDAG_OK);
    assert_int_equal(ad_buf_append(&buf, NULL, 0), ARTDAG_OK);
    assert_bytes_hex(buf.data, buf.len, "6162 00 6364 0102030405060708 303037");
    assert_int_equal(buf.data[buf.len], 0);
    ad_buf_fini(&buf);
}

static void append_beyond_max_fails_and_stays_failed(void **state)
{
    (void)state;
    struct ad_buf buf = AD_BUF_INIT(4);
    assert_int_equal(ad_buf_str(&buf, "abcd"), ARTDAG_OK);
    assert_int_equal(ad_buf_byte(&buf, 'e'), ARTDAG_E_LIMIT);
    assert_int_equal(ad_buf_str(&buf, ""), ARTDAG_E_LIMIT);
    assert_int_equal(ad_buf_printf(&buf, "%s", ""), ARTDAG_E_LIMIT);
    assert_null(ad_buf_extend(&buf, 0));
    assert_null(ad_buf_take(&buf, NULL));
    assert_int_equal(ad_buf_status(&buf), ARTDAG_E_LIMIT);
    assert_str_view_equal(ad_buf_as_str(&buf), "abcd");
    ad_buf_clear(&buf);
    assert_int_equal(ad_buf_str(&buf, "x"), ARTDAG_OK);
    assert_str_view_equal(ad_buf_as_str(&buf), "x");
    ad_buf_fini(&buf);
}

static void impossible_sizes_fail_without_overflow(void **state)
{
    (void)state;
    struct ad_buf buf = AD_BUF_INIT(SIZE_MAX);
    assert_int_equal(ad_buf_byte(&buf, 1), ARTDAG_OK);
    assert_null(ad_buf_extend(&buf, SIZE_MAX - 1));
    assert_int_not_equal(ad_buf_status(&buf), ARTDAG_OK);
    ad_buf_clear(&buf);
    assert_null(ad_buf_extend(&buf, PTRDIFF_MAX));
    assert_int_equal(ad_buf_status(&buf), ARTDAG_E_NOMEM);
    ad_buf_fini(&buf);
}

static void take_hands_over_and_leaves_an_empty_buffer(void **state)
{
    (void)state;
    struct ad_buf buf = AD_BUF_INIT(10);
    size_t len = 99;
    char *empty = ad_buf_take(&buf, &len);
    assert_string_equal(empty, "");
    assert_int_equal(len, 0);
    assert_int_equal(ad_buf_str(&buf, "hello"), ARTDAG_OK);
    char *text = ad_buf_take(&buf, &len);
    assert_string_equal(text, "hello");
    assert_int_equal(len, 5);
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.max, 10);
    assert_int_equal(ad_buf_str(&buf, "again"), ARTDAG_OK);
    free(empty);
    free(text);
    ad_buf_fini(&buf);
    ad_buf_fini(NULL);
}

static void long_formatted_text_arrives_whole(void **state)
{
    (void)state;
    struct ad_buf buf = AD_BUF_INIT(100000);
    char *filler = malloc(5001);
    memset(filler, 'z', 5000);
    filler[5000] = '\0';
    assert_int_equal(ad_buf_printf(&buf, "<%s>", filler), ARTDAG_OK);
    assert_int_equal(buf.len, 5002);
    assert_int_equal(buf.data[0], '<');
    assert_int_equal(buf.data[5001], '>');
    free(filler);
    ad_buf_fini(&buf);
}

static void exactly_max_bytes_fit_however_they_arrive(void **state)
{
    (void)state;
    for (size_t max = 0; max < 300; max++) {
        struct ad_buf buf = AD_BUF_INIT(max);
        for (size_t i = 0; i < max; i++) {
            assert_int_equal(ad_buf_byte(&buf, (uint8_t)i), ARTDAG_OK);
        }
        assert_int_equal(ad_buf_byte(&buf, 0), ARTDAG_E_LIMIT);
        assert_int_equal(buf.len, max);
        ad_buf_fini(&buf);
    }
}

static void formatted_numbers_ignore_the_locale(void **state)
{
    struct ad_buf buf = AD_BUF_INIT(100);
    ad_test_comma_locale(*state);
    assert_int_equal(ad_buf_printf(&buf, "%.2f", 1.25), ARTDAG_OK);
    (void)setlocale(LC_ALL, "C");
    assert_str_view_equal(ad_buf_as_str(&buf), "1.25");
    ad_buf_fini(&buf);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(appends_collect_bytes_and_stay_terminated),
    cmocka_unit_test(append_beyond_max_fails_and_stays_failed),
    cmocka_unit_test(impossible_sizes_fail_without_overflow),
    cmocka_unit_test(take_hands_over_and_leaves_an_empty_buffer),
    cmocka_unit_test(long_formatted_text_arrives_whole),
    cmocka_unit_test(exactly_max_bytes_fit_however_they_arrive),
    ad_test_in_dir(formatted_numbers_ignore_the_locale),
};
AD_TEST_MAIN(tests)
