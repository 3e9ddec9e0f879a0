/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "ad_test_locale.h"
#include "doc_test.h"

/* RFC 8785, sections 3.2.2 to 3.2.4. */
static void rfc_8785_sample_gives_the_rfc_s_bytes(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    struct ad_buf buf = AD_BUF_INIT(1000);
    assert_parses(ad_json_parse,
                  AD_STR_LIT("{\n"
                             "  \"numbers\": [333333333.33333329, 1E30, 4.50,\n"
                             "              2e-3, 0.000000000000000000000000001],\n"
                             "  \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c"
                             "\\\\\\\"\\/\",\n"
                             "  \"literals\": [null, true, false]\n"
                             "}"),
                  &doc);
    assert_ok(ad_json_canonical(doc.root, &buf, &err));
    assert_bytes_hex(buf.data, buf.len,
                     "7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72"
                     "75 65 2c 66 61 6c 73 65 5d 2c 22 6e 75 6d 62 65 72 73 22 3a"
                     "5b 33 33 33 33 33 33 33 33 33 2e 33 33 33 33 33 33 33 2c 31"
                     "65 2b 33 30 2c 34 2e 35 2c 30 2e 30 30 32 2c 31 65 2d 32 37"
                     "5d 2c 22 73 74 72 69 6e 67 22 3a 22 e2 82 ac 24 5c 75 30 30"
                     "30 66 5c 6e 41 27 42 5c 22 5c 5c 5c 5c 5c 22 2f 22 7d");
    ad_buf_fini(&buf);
    doc_fini(&doc);
}

/* RFC 8785, section 3.2.3. */
static void keys_sort_by_utf16_units_as_in_the_rfc(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    assert_parses(
        ad_json_parse,
        AD_STR_LIT("{\"\\u20ac\": \"Euro Sign\", \"\\r\": \"Carriage Return\","
                   " \"\\ufb33\": \"Hebrew Letter Dalet With Dagesh\", \"1\": \"One\","
                   " \"\\ud83d\\ude00\": \"Emoji: Grinning Face\","
                   " \"\\u0080\": \"Control\","
                   " \"\\u00f6\": \"Latin Small Letter O With Diaeresis\"}"),
        &doc);
    assert_canonical(doc.root,
                     "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
                     "\"\xc3\xb6\":\"Latin Small Letter O With Diaeresis\","
                     "\"\xe2\x82\xac\":\"Euro Sign\","
                     "\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\","
                     "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
    doc_fini(&doc);
}

/* The sample documents that the RFC's authors publish beside it. */
static void published_samples_come_out_as_published(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const char *const samples[][2] = {
        {"[\n  56,\n  {\n    \"d\": true,\n    \"10\": null,\n    \"1\": [ ]\n  }\n]",
         "[56,{\"1\":[],\"10\":null,\"d\":true}]"},
        {"{\"peach\": \"This sorting order\", \"p\xc3\xa9"
         "ch\xc3\xa9\": \"is wrong according to French\", \"p\xc3\xaa"
         "che\": \"but canonicalization MUST\", \"sin\": \"ignore locale\"}",
         "{\"peach\":\"This sorting order\",\"p\xc3\xa9"
         "ch\xc3\xa9\":\"is wrong according to French\",\"p\xc3\xaa"
         "che\":\"but canonicalization MUST\",\"sin\":\"ignore locale\"}"},
        {"{\"1\": {\"f\": {\"f\": \"hi\",\"F\": 5} ,\"\\n\": 56.0}, \"10\": { }, \"\": "
         "\"empty\","
         " \"a\": { }, \"111\": [ {\"e\": \"yes\",\"E\": \"no\" } ], \"A\": { }}",
         "{\"\":\"empty\",\"1\":{\"\\n\":56,\"f\":{\"F\":5,\"f\":\"hi\"}},\"10\":{},"
         "\"111\":[{\"E\":\"no\",\"e\":\"yes\"}],\"A\":{},\"a\":{}}"},
        {"{\"Unnormalized Unicode\":\"A\\u030a\"}", "{\"Unnormalized Unicode\":\"A\xcc\x8a\"}"},
    };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        struct doc doc = {0};
        assert_parses(ad_json_parse, ad_str_from(samples[i][0]), &doc);
        assert_canonical(doc.root, samples[i][1]);
        doc_fini(&doc);
    }
}

static void key_order_is_that_of_utf16(void **state)
{
    (void)state;
    /* Ascending: U+007F, U+0080, U+07FF, U+0800, U+D7FF, U+10000, U+10FFFF, U+E000, U+FFFF. */
    static const char *const keys[] = {"",
                                       "a",
                                       "aa",
                                       "ab",
                                       "\x7f",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf0\x90\x80\x80\x61",
                                       "\xf4\x8f\xbf\xbf",
                                       "\xee\x80\x80",
                                       "\xef\xbf\xbf"};
    const size_t n = sizeof(keys) / sizeof(keys[0]);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            int order = ad_json_key_compare(ad_str_from(keys[i]), ad_str_from(keys[j]));
            int sign = (order > 0) - (order < 0);
            assert_int_equal(sign, (i > j) - (i < j));
        }
    }
}

static void large_maps_are_sorted_too(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_map_builder b;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    ad_map_begin(&b, &arena);
    for (int i = 0; i < 1000; i++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "%03d", (i * 7) % 1000);
        ad_map_add(&b, key, ad_value_new_int(&arena, i));
    }
    assert_ok(ad_json_canonical(ad_map_end(&b), &buf, &err));
    const char *p = (const char *)buf.data;
    for (int i = 0; i < 1000; i++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "\"%03d\":", i);
        p = strstr(p, key);
        assert_non_null(p);
    }
    ad_buf_fini(&buf);
    ad_arena_fini(&arena);
}

/* RFC 8785, section 3.2.2.2. */
static void strings_are_escaped_as_the_rfc_says(void **state)
{
    (void)state;
    struct ad_buf buf = AD_BUF_INIT(1000);
    struct ad_json_writer w;
    ad_jw_init(&w, &buf);
    ad_jw_str(
        &w,
        AD_STR_LIT("\0\1\2\3\4\5\6\7\b\t\n\v\f\r\x0e\x0f\x10\x1b\x1f \"/\\\x7f\xe2\x80\xa8"));
    assert_int_equal(ad_buf_status(&buf), ARTDAG_OK);
    assert_str_view_equal(
        ad_buf_as_str(&buf),
        "\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b"
        "\\f\\r\\u000e\\u000f\\u0010\\u001b\\u001f \\\"/\\\\\x7f\xe2\x80\xa8\"");
    ad_buf_fini(&buf);
}

static void what_json_does_not_carry_is_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *values[] = {
        ad_value_new_double(&arena, NAN),
        ad_value_new_double(&arena, INFINITY),
        ad_value_new_double(&arena, -INFINITY),
        ad_value_new_int(&arena, ((int64_t)1 << 53) + 1),
        ad_value_new_int(&arena, -((int64_t)1 << 53) - 1),
        ad_value_new_int(&arena, INT64_MAX),
        ad_value_new_int(&arena, INT64_MIN),
        ad_value_new_str(&arena, AD_STR_LIT("\xff")),
        ad_value_new_str(&arena, AD_STR_LIT("\xed\xa0\x80")),
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct ad_buf buf = AD_BUF_INIT(100);
        assert_fails(ARTDAG_E_INVAL, ad_json_canonical(values[i], &buf, &err));
        ad_buf_fini(&buf);
    }
    assert_canonical(ad_value_new_int(&arena, (int64_t)1 << 53), "9007199254740992");
    assert_canonical(ad_value_new_int(&arena, -((int64_t)1 << 53)), "-9007199254740992");
    /* What RFC 8785 prints for the double 2^60 must be writable again after it was read. */
    assert_canonical(ad_value_new_int(&arena, 1152921504606847000), "1152921504606847000");
    ad_arena_fini(&arena);
}

static const struct ad_value *nested(struct ad_arena *arena, unsigned depth)
{
    const struct ad_value *v = ad_value_new_null(arena);
    for (unsigned i = 0; i < depth; i++) {
        struct ad_list_builder b;
        ad_list_begin(&b, arena);
        ad_list_add(&b, v);
        v = ad_list_end(&b);
    }
    return v;
}

static void nesting_is_written_up_to_the_limit(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf buf = AD_BUF_INIT(100000);
    assert_ok(ad_json_canonical(nested(&arena, AD_DOC_MAX_DEPTH), &buf, &err));
    assert_int_equal(buf.len, 2 * AD_DOC_MAX_DEPTH + 4);
    assert_fails(ARTDAG_E_LIMIT,
                 ad_json_canonical(nested(&arena, AD_DOC_MAX_DEPTH + 1), &buf, &err));
    ad_buf_fini(&buf);
    ad_arena_fini(&arena);
}

static void a_full_buffer_is_reported(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    struct ad_buf buf = AD_BUF_INIT(10);
    assert_parses(ad_json_parse, AD_STR_LIT("{\"b\":[1,2,3],\"a\":[4,5,6]}"), &doc);
    assert_fails(ARTDAG_E_LIMIT, ad_json_canonical(doc.root, &buf, &err));
    assert_err_says("10 bytes");
    ad_buf_fini(&buf);
    doc_fini(&doc);
}

static void streaming_writer_writes_what_the_tree_writer_does(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    struct ad_buf buf = AD_BUF_INIT(1000);
    struct ad_json_writer w;
    static const char text[] =
        "{\"a\":[],\"b\":{},\"c\":[1,-2,0.5,true,false,null,\"x\",[[]],{\"k\":[2]}],\"d\":[3],"
        "\"e\":{\"i\":1,\"j\":2}}";
    assert_parses(ad_json_parse, AD_STR_LIT("{\"j\":2,\"i\":1}"), &doc);
    ad_jw_init(&w, &buf);
    ad_jw_map_begin(&w);
    ad_jw_key(&w, "a");
    ad_jw_list_begin(&w);
    ad_jw_list_end(&w);
    ad_jw_key(&w, "b");
    ad_jw_map_begin(&w);
    ad_jw_map_end(&w);
    ad_jw_key(&w, "c");
    ad_jw_list_begin(&w);
    ad_jw_int(&w, 1);
    ad_jw_int(&w, -2);
    ad_jw_double(&w, 0.5);
    ad_jw_bool(&w, true);
    ad_jw_bool(&w, false);
    ad_jw_null(&w);
    ad_jw_cstr(&w, "x");
    ad_jw_list_begin(&w);
    ad_jw_list_begin(&w);
    ad_jw_list_end(&w);
    ad_jw_list_end(&w);
    ad_jw_map_begin(&w);
    ad_jw_key(&w, "k");
    ad_jw_list_begin(&w);
    ad_jw_int(&w, 2);
    ad_jw_list_end(&w);
    ad_jw_map_end(&w);
    ad_jw_list_end(&w);
    ad_jw_key(&w, "d");
    ad_jw_raw(&w, AD_STR_LIT("[3]"));
    ad_jw_key(&w, "e");
    ad_jw_value(&w, doc.root);
    ad_jw_map_end(&w);
    assert_int_equal(ad_buf_status(&buf), ARTDAG_OK);
    assert_str_view_equal(ad_buf_as_str(&buf), text);
    assert_parses(ad_json_parse, ad_str_from(text), &doc);
    assert_canonical(doc.root, text);
    ad_buf_fini(&buf);
    doc_fini(&doc);
}

static void streaming_writer_keeps_its_first_problem(void **state)
{
    (void)state;
    struct ad_buf buf = AD_BUF_INIT(10000);
    struct ad_json_writer w;
    ad_jw_init(&w, &buf);
    ad_jw_list_begin(&w);
    ad_jw_cstr(&w, "\xff");
    ad_jw_double(&w, NAN);
    ad_jw_list_end(&w);
    assert_int_equal(ad_buf_status(&buf), ARTDAG_E_INVAL);
    assert_string_equal(w.problem, "text is not UTF-8");

    ad_buf_clear(&buf);
    ad_jw_init(&w, &buf);
    for (int i = 0; i < AD_DOC_MAX_DEPTH + 10; i++) {
        ad_jw_list_begin(&w);
    }
    for (int i = 0; i < AD_DOC_MAX_DEPTH + 10; i++) {
        ad_jw_list_end(&w);
    }
    assert_int_equal(ad_buf_status(&buf), ARTDAG_E_LIMIT);
    ad_buf_fini(&buf);
}

static void a_comma_locale_changes_no_byte(void **state)
{
    artdag_error err = {0};
    struct doc doc = {0};
    ad_test_comma_locale(*state);
    assert_parses(ad_json_parse, AD_STR_LIT("[1234567.5, 0.25, 1e-7]"), &doc);
    assert_canonical(doc.root, "[1234567.5,0.25,1e-7]");
    assert_parses(ad_yaml_parse, AD_STR_LIT("[1234567.5, 0.25, 1e-7, '1,5']"), &doc);
    assert_canonical(doc.root, "[1234567.5,0.25,1e-7,\"1,5\"]");
    (void)setlocale(LC_ALL, "C");
    doc_fini(&doc);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(rfc_8785_sample_gives_the_rfc_s_bytes),
    cmocka_unit_test(keys_sort_by_utf16_units_as_in_the_rfc),
    cmocka_unit_test(published_samples_come_out_as_published),
    cmocka_unit_test(key_order_is_that_of_utf16),
    cmocka_unit_test(large_maps_are_sorted_too),
    cmocka_unit_test(strings_are_escaped_as_the_rfc_says),
    cmocka_unit_test(what_json_does_not_carry_is_refused),
    cmocka_unit_test(nesting_is_written_up_to_the_limit),
    cmocka_unit_test(a_full_buffer_is_reported),
    cmocka_unit_test(streaming_writer_writes_what_the_tree_writer_does),
    cmocka_unit_test(streaming_writer_keeps_its_first_problem),
    ad_test_in_dir(a_comma_locale_changes_no_byte),
};
AD_TEST_MAIN(tests)
