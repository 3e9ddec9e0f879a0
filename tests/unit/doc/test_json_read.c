/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include <jansson.h>

#include "doc_test.h"
#include "random_value.h"

static void every_kind_of_value_is_read_with_its_position(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    assert_parses(ad_json_parse,
                  AD_STR_LIT("{\r\n"
                             "  \"\xc3\xa9\": [null, true, false, -0, 12, 1.0, 1E2, \"x\"],\r"
                             "\t\"m\" : { }\n"
                             "} \n"),
                  &doc);
    assert_int_equal(doc.root->kind, AD_VALUE_MAP);
    assert_int_equal(doc.root->line, 1);
    assert_int_equal(doc.root->column, 1);
    const struct ad_value *list = ad_value_get(doc.root, "\xc3\xa9");
    static const enum ad_value_kind kinds[] = {AD_VALUE_NULL,   AD_VALUE_BOOL,  AD_VALUE_BOOL,
                                               AD_VALUE_INT,    AD_VALUE_INT,   AD_VALUE_DOUBLE,
                                               AD_VALUE_DOUBLE, AD_VALUE_STRING};
    assert_int_equal(list->list.len, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(list->list.items[i]->kind, kinds[i]);
    }
    assert_int_equal(list->list.items[3]->integer, 0);
    assert_near(list->list.items[6]->number, 100, 0);
    assert_int_equal(list->list.items[0]->line, 2);
    assert_int_equal(list->list.items[0]->column, 10); /* in bytes: the key has two */
    const struct ad_member *m = ad_value_member(doc.root, AD_STR_LIT("m"));
    assert_int_equal(m->line, 3);
    assert_int_equal(m->column, 2);
    assert_int_equal(m->value->column, 8);
    assert_int_equal(m->value->map.len, 0);
    doc_fini(&doc);
}

static void escapes_become_characters(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    assert_parses(
        ad_json_parse,
        AD_STR_LIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud83d\\uDE00\\uffff\""),
        &doc);
    assert_str_view_equal(doc.root->string,
                          "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbf");
    doc_fini(&doc);
}

static void numbers_keep_their_value_or_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    assert_parses(ad_json_parse, AD_STR_LIT("9223372036854775807"), &doc);
    assert_true(doc.root->kind == AD_VALUE_INT && doc.root->integer == INT64_MAX);
    assert_parses(ad_json_parse, AD_STR_LIT("-9223372036854775808"), &doc);
    assert_true(doc.root->kind == AD_VALUE_INT && doc.root->integer == INT64_MIN);
    /* RFC 8785 writes the double 1e20 so; it must be readable. */
    assert_parses(ad_json_parse, AD_STR_LIT("100000000000000000000"), &doc);
    assert_true(doc.root->kind == AD_VALUE_DOUBLE && doc.root->number == 1e20);
    assert_parses(ad_json_parse, AD_STR_LIT("1e-400"), &doc);
    assert_true(doc.root->kind == AD_VALUE_DOUBLE && doc.root->number == 0);
    doc_fini(&doc);
    assert_refused(ad_json_parse, AD_STR_LIT("[9223372036854775808]"), ARTDAG_E_FORMAT, 1, 2,
                   "integer is out of range");
    assert_refused(ad_json_parse, AD_STR_LIT("[100000000000000000001]"), ARTDAG_E_FORMAT, 1, 2,
                   "integer is out of range");
    assert_refused(ad_json_parse, AD_STR_LIT("[ -1e999]"), ARTDAG_E_FORMAT, 1, 3,
                   "number is out of range");
}

static void malformed_text_is_refused_where_it_goes_wrong(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const struct {
        struct ad_str text;
        int line;
        int column;
        const char *says;
    } cases[] = {
        {AD_STR_LIT(""), 1, 1, "expected a value, found the end"},
        {AD_STR_LIT(" \n "), 2, 2, "expected a value, found the end"},
        {AD_STR_LIT("{"), 1, 2, "expected a key in quotes, found the end"},
        {AD_STR_LIT("["), 1, 2, "expected a value"},
        {AD_STR_LIT("[1"), 1, 3, "expected ',' or ']'"},
        {AD_STR_LIT("[1,]"), 1, 4, "expected a value, found ']'"},
        {AD_STR_LIT("[1}"), 1, 3, "expected ',' or ']'"},
        {AD_STR_LIT("{\"a\":1,}"), 1, 8, "expected a key in quotes"},
        {AD_STR_LIT("{\"a\" 1}"), 1, 6, "expected ':'"},
        {AD_STR_LIT("{\"a\":}"), 1, 6, "expected a value"},
        {AD_STR_LIT("{a:1}"), 1, 2, "expected a key in quotes, found 'a'"},
        {AD_STR_LIT("{1:1}"), 1, 2, "expected a key in quotes"},
        {AD_STR_LIT("{'a':1}"), 1, 2, "expected a key in quotes"},
        {AD_STR_LIT("[1] x"), 1, 5, "expected the end of the document, found 'x'"},
        {AD_STR_LIT("1\n2"), 2, 1, "expected the end of the document"},
        {AD_STR_LIT("tru"), 1, 1, "expected a value"},
        {AD_STR_LIT("True"), 1, 1, "expected a value"},
        {AD_STR_LIT("nulll"), 1, 5, "expected the end"},
        {AD_STR_LIT("NaN"), 1, 1, "expected a value"},
        {AD_STR_LIT("Infinity"), 1, 1, "expected a value"},
        {AD_STR_LIT("+1"), 1, 1, "expected a value"},
        {AD_STR_LIT("-"), 1, 2, "expected a digit"},
        {AD_STR_LIT("01"), 1, 2, "expected the end"},
        {AD_STR_LIT("-01"), 1, 3, "expected the end"},
        {AD_STR_LIT("1."), 1, 3, "expected a digit"},
        {AD_STR_LIT(".5"), 1, 1, "expected a value"},
        {AD_STR_LIT("1e"), 1, 3, "expected a digit"},
        {AD_STR_LIT("1e+"), 1, 4, "expected a digit"},
        {AD_STR_LIT("0x10"), 1, 2, "expected the end"},
        {AD_STR_LIT("// c\n1"), 1, 1, "expected a value"},
        {AD_STR_LIT("[\"a\n\"]"), 1, 4, "control character"},
        {AD_STR_LIT("[\"a\t\"]"), 1, 4, "control character"},
        {AD_STR_LIT("[\n \"abc]"), 2, 2, "string has no end"},
        {AD_STR_LIT("\"\\x41\""), 1, 2, "unknown escape"},
        {AD_STR_LIT("\"\\"), 1, 2, "unknown escape"},
        {AD_STR_LIT("\"\\u12\""), 1, 2, "four hexadecimal digits"},
        {AD_STR_LIT("\"\\u12g4\""), 1, 2, "four hexadecimal digits"},
        {AD_STR_LIT("\"a\\ud800\""), 1, 3, "surrogate"},
        {AD_STR_LIT("\"\\ud800\\u0041\""), 1, 2, "surrogate"},
        {AD_STR_LIT("\"\\udc00\""), 1, 2, "surrogate"},
        {AD_STR_LIT("\"\\ud800\\ud800\""), 1, 2, "surrogate"},
        {AD_STR_LIT("\"\\u0000\""), 1, 2, "NUL"},
        {AD_STR_LIT("[1,\0]"), 1, 4, "NUL"},
        {AD_STR_LIT("[\n\"\xff\"]"), 2, 2, "not UTF-8"},
        {AD_STR_LIT("[\"\xed\xa0\x80\"]"), 1, 3, "not UTF-8"},
        {AD_STR_LIT("[\"\xc3"), 1, 3, "not UTF-8"},
        {AD_STR_LIT("\xef\xbb\xbf[]"), 1, 1, "byte order mark"},
        {AD_STR_LIT("\xff\xfe[\0]\0"), 1, 1, "byte order mark"},
        {AD_STR_LIT("[\xc2\xa0]"), 1, 2, "expected a value, found '\xc2\xa0'"},
        {AD_STR_LIT("{\"a\":1,\n\"b\":2,\n \"a\":3}"), 3, 2, "key \"a\" is there twice"},
        {AD_STR_LIT("{\"a\":{\"x\":1,\"\\u0078\":2}}"), 1, 13, "key \"x\" is there twice"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_refused(ad_json_parse, cases[i].text, ARTDAG_E_FORMAT, cases[i].line,
                       cases[i].column, cases[i].says);
        assert_string_equal(err.file, "t");
        assert_string_equal(err.room, "doc");
    }
}

static void what_was_written_reads_back_equal(void **state)
{
    (void)state;
    artdag_error err = {0};
    ad_test_seed(10);
    for (int i = 0; i < 3000; i++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct doc back = {0};
        struct ad_buf first = AD_BUF_INIT(1 << 20);
        struct ad_buf second = AD_BUF_INIT(1 << 20);
        const struct ad_value *value = random_value(&arena, 5, false);
        assert_ok(ad_json_canonical(value, &first, &err));
        assert_parses(ad_json_parse, ad_buf_as_str(&first), &back);
        assert_true(ad_value_equal(value, back.root));
        assert_ok(ad_json_canonical(back.root, &second, &err));
        assert_views_equal(ad_buf_as_str(&second), ad_buf_as_str(&first));
        ad_buf_fini(&first);
        ad_buf_fini(&second);
        doc_fini(&back);
        ad_arena_fini(&arena);
    }
}

/* Compares our verdict and content with jansson's. */
static void compare_with_jansson(struct ad_str text, size_t *accepted)
{
    artdag_error err = {0};
    struct doc ours = {0};
    struct doc theirs = {0};
    json_error_t why;
    json_t *json =
        json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    enum artdag_err code = ad_json_parse(&ours.arena, text, NULL, NULL, &ours.root, &err);
    if ((code == ARTDAG_OK) != (json != NULL)) {
        /* Only we take the integers that RFC 8785 prints for large doubles. */
        if (strstr(why.text, "too big") == NULL) {
            fail_msg("%.*s: artdag %s (%s), jansson %s (%s)", AD_STR_ARG(text),
                     artdag_err_name(code), err.message, json != NULL ? "ok" : "refuses",
                     why.text);
        }
    }
    if (code == ARTDAG_OK && json != NULL) {
        char *dump = json_dumps(json, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
        assert_non_null(dump);
        assert_ok(
            ad_json_parse(&theirs.arena, ad_str_from(dump), NULL, NULL, &theirs.root, &err));
        assert_true(ad_value_equal(ours.root, theirs.root));
        free(dump);
        (*accepted)++;
    }
    json_decref(json);
    doc_fini(&ours);
    doc_fini(&theirs);
}

static void damaged_text_is_judged_as_jansson_judges_it(void **state)
{
    (void)state;
    static const char junk[] = "{}[]\",:\\u0123dD8.eE+-tfn \n\t\x80\xc3\xe2\xed\xa0\x01";
    artdag_error err = {0};
    size_t accepted = 0;
    ad_test_seed(11);
    for (int i = 0; i < 1000; i++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_buf buf = AD_BUF_INIT(1 << 20);
        assert_ok(ad_json_canonical(random_value(&arena, 3, false), &buf, &err));
        compare_with_jansson(ad_buf_as_str(&buf), &accepted);
        for (int round = 0; round < 20 && buf.len > 0; round++) {
            size_t at = ad_test_random_below(buf.len);
            buf.data[at] = (uint8_t)junk[ad_test_random_below(sizeof(junk) - 1)];
            compare_with_jansson(ad_buf_as_str(&buf), &accepted);
        }
        ad_buf_fini(&buf);
        ad_arena_fini(&arena);
    }
    assert_true(accepted > 1000);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_kind_of_value_is_read_with_its_position),
    cmocka_unit_test(escapes_become_characters),
    cmocka_unit_test(numbers_keep_their_value_or_are_refused),
    cmocka_unit_test(malformed_text_is_refused_where_it_goes_wrong),
    cmocka_unit_test(what_was_written_reads_back_equal),
    cmocka_unit_test(damaged_text_is_judged_as_jansson_judges_it),
};
AD_TEST_MAIN(tests)
