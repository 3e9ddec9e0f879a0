/* SPDX-License-Identifier: MIT
 *
 * The limits that both readers keep.
 */
#include <stdlib.h>

#include "doc_test.h"

static const doc_parser parsers[] = {ad_yaml_parse, ad_json_parse};

/* `count` times text between head and tail; free() it. */
static struct ad_str repeated(const char *head, const char *text, size_t count,
                              const char *tail)
{
    size_t len = strlen(text);
    struct ad_buf buf = AD_BUF_INIT((size_t)64 << 20);
    struct ad_str result = {0};
    (void)ad_buf_str(&buf, head);
    uint8_t *p = ad_buf_extend(&buf, len * count);
    assert_non_null(p);
    for (size_t i = 0; i < len * count; i++) {
        p[i] = (uint8_t)text[i % len];
    }
    (void)ad_buf_str(&buf, tail);
    result.ptr = ad_buf_take(&buf, &result.len);
    assert_non_null(result.ptr);
    return result;
}

static void drop(struct ad_str text)
{
    free((void *)(uintptr_t)text.ptr);
}

static void nesting_is_read_up_to_the_limit(void **state)
{
    (void)state;
    artdag_error err = {0};
    for (size_t p = 0; p < 2; p++) {
        for (unsigned depth = 1; depth <= 70; depth++) {
            struct doc doc = {0};
            struct ad_str open = repeated("", "[", depth, "");
            struct ad_str text = repeated(open.ptr, "]", depth, "");
            enum artdag_err code = parsers[p](&doc.arena, text, NULL, NULL, &doc.root, &err);
            assert_int_equal(code, depth <= AD_DOC_MAX_DEPTH ? ARTDAG_OK : ARTDAG_E_LIMIT);
            drop(open);
            drop(text);
            doc_fini(&doc);
        }
        struct doc doc = {0};
        struct ad_doc_limits limits = {.max_depth = 2};
        assert_ok(parsers[p](&doc.arena, AD_STR_LIT("[[1]]"), NULL, &limits, &doc.root, &err));
        assert_fails(ARTDAG_E_LIMIT, parsers[p](&doc.arena, AD_STR_LIT("[[[]]]"), "t", &limits,
                                                &doc.root, &err));
        assert_int_equal(err.column, 3);
        limits.max_depth = 1000;
        struct ad_str deep = repeated("", "[", 65, "");
        assert_fails(ARTDAG_E_LIMIT,
                     parsers[p](&doc.arena, deep, "t", &limits, &doc.root, &err));
        drop(deep);
        doc_fini(&doc);
    }
}

static void values_are_counted(void **state)
{
    (void)state;
    artdag_error err = {0};
    for (size_t p = 0; p < 2; p++) {
        struct doc doc = {0};
        struct ad_doc_limits limits = {.max_values = 5};
        assert_ok(parsers[p](&doc.arena, AD_STR_LIT("[1, {\"a\": [2]}]"), NULL, &limits,
                             &doc.root, &err));
        assert_fails(ARTDAG_E_LIMIT, parsers[p](&doc.arena, AD_STR_LIT("[1, {\"a\": [2, 3]}]"),
                                                NULL, &limits, &doc.root, &err));
        assert_err_says("more than 5 values");
        doc_fini(&doc);
    }
}

static void bytes_are_counted_first(void **state)
{
    (void)state;
    artdag_error err = {0};
    for (size_t p = 0; p < 2; p++) {
        struct doc doc = {0};
        struct ad_doc_limits limits = {.max_bytes = 5};
        assert_ok(parsers[p](&doc.arena, AD_STR_LIT("[1,2]"), NULL, &limits, &doc.root, &err));
        assert_fails(ARTDAG_E_LIMIT, parsers[p](&doc.arena, AD_STR_LIT("[\xff,2] "), NULL,
                                                &limits, &doc.root, &err));
        struct ad_str large = repeated("", " ", (size_t)17 << 20, "1");
        assert_fails(ARTDAG_E_LIMIT,
                     parsers[p](&doc.arena, large, NULL, NULL, &doc.root, &err));
        assert_err_says("16777216 bytes");
        drop(large);
        doc_fini(&doc);
    }
}

static void an_arena_s_own_limit_is_a_limit_too(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_str text = repeated("[0", ",1", 10000, "]");
    for (size_t p = 0; p < 2; p++) {
        struct doc doc = {0};
        ad_arena_init(&doc.arena, 100000);
        assert_fails(ARTDAG_E_LIMIT, parsers[p](&doc.arena, text, NULL, NULL, &doc.root, &err));
        assert_err_says("100000 bytes of memory");
        doc_fini(&doc);
    }
    drop(text);
}

static void yaml_bombs_end_at_the_value_limit(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    struct ad_buf buf = AD_BUF_INIT(100000);
    (void)ad_buf_str(&buf, "a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 30; i++) {
        (void)ad_buf_printf(&buf, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n",
                            i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1,
                            i - 1);
    }
    assert_fails(ARTDAG_E_LIMIT,
                 ad_yaml_parse(&doc.arena, ad_buf_as_str(&buf), "t", NULL, &doc.root, &err));
    assert_err_says("more than 1000000 values");
    assert_true(doc.arena.used_bytes < 100000);

    /* The same with maps and merge keys. */
    ad_buf_clear(&buf);
    ad_arena_fini(&doc.arena);
    (void)ad_buf_str(&buf, "- &a0 {x: 1, y: 2}\n");
    for (int i = 1; i < 40; i++) {
        (void)ad_buf_printf(&buf, "- &a%d {p: *a%d, q: *a%d, <<: *a%d}\n", i, i - 1, i - 1,
                            i - 1);
    }
    assert_fails(ARTDAG_E_LIMIT,
                 ad_yaml_parse(&doc.arena, ad_buf_as_str(&buf), "t", NULL, &doc.root, &err));
    assert_true(doc.arena.used_bytes < 100000);
    ad_buf_fini(&buf);
    doc_fini(&doc);
}

static void nesting_through_aliases_is_counted(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    struct ad_buf buf = AD_BUF_INIT(100000);
    (void)ad_buf_str(&buf, "- &a0 []\n");
    for (int i = 1; i < 70; i++) {
        (void)ad_buf_printf(&buf, "- &a%d [*a%d]\n", i, i - 1);
    }
    assert_fails(ARTDAG_E_LIMIT,
                 ad_yaml_parse(&doc.arena, ad_buf_as_str(&buf), "t", NULL, &doc.root, &err));
    assert_err_says("nested more than 64 deep");
    assert_int_equal(err.line, 64); /* the list around makes one, a0 to a62 make 63 */
    ad_buf_fini(&buf);
    doc_fini(&doc);
}

/* Ten megabytes of what is known to be slow in careless readers. Quadratic work would take
 * hours. */
static void ten_megabytes_take_linear_time(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        const char *text;
        const char *tail;
        enum artdag_err yaml;
        enum artdag_err json;
    } cases[] = {
        {"", "[", "", ARTDAG_E_LIMIT, ARTDAG_E_LIMIT},
        {"", "{\"a\":", "", ARTDAG_E_LIMIT, ARTDAG_E_LIMIT},
        {"", "- ", "", ARTDAG_E_LIMIT, ARTDAG_E_FORMAT},
        {"", "? ", "", ARTDAG_E_FORMAT, ARTDAG_E_FORMAT},
        {"", "? a\n", "", ARTDAG_E_LIMIT, ARTDAG_E_FORMAT},
        {"[0", ",1", "]", ARTDAG_E_LIMIT, ARTDAG_E_LIMIT},
        {"[", "\n", "0]", ARTDAG_OK, ARTDAG_OK},
        {"[\"", "x", "\"]", ARTDAG_OK, ARTDAG_OK},
        {"[\"", "\\u0041", "\"]", ARTDAG_OK, ARTDAG_OK},
        {"\"", "\n\n x", "\"", ARTDAG_OK, ARTDAG_E_FORMAT},
        {"a: |\n", " x\n\n", "", ARTDAG_OK, ARTDAG_E_FORMAT},
        {"a: b\n", " c\n", "", ARTDAG_OK, ARTDAG_E_FORMAT},
        {"a: ", "b:c:", "", ARTDAG_E_FORMAT, ARTDAG_E_FORMAT},
        {"a: ", "\xc3\xa9", "", ARTDAG_OK, ARTDAG_E_FORMAT},
        {"", "#\n", "1", ARTDAG_OK, ARTDAG_E_FORMAT},
        {"", "%TAG !a! x\n", "---\n1", ARTDAG_E_FORMAT, ARTDAG_E_FORMAT},
        {"1\n...\n", "%TAG !a! x\n", "---\n1", ARTDAG_E_FORMAT, ARTDAG_E_FORMAT},
        {"", "!", " a", ARTDAG_E_FORMAT, ARTDAG_E_FORMAT},
        {"&", "a", " b", ARTDAG_OK, ARTDAG_E_FORMAT},
        {"a: ", "9", "", ARTDAG_E_FORMAT, ARTDAG_E_FORMAT},
        {"", "9", "", ARTDAG_E_FORMAT, ARTDAG_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t count = ((size_t)10 << 20) / strlen(cases[i].text);
        struct ad_str text = repeated(cases[i].head, cases[i].text, count, cases[i].tail);
        for (size_t p = 0; p < 2; p++) {
            struct doc doc = {0};
            enum artdag_err code = parsers[p](&doc.arena, text, NULL, NULL, &doc.root, NULL);
            enum artdag_err want = p == 0 ? cases[i].yaml : cases[i].json;
            if (code != want) {
                fail_msg("case %zu, parser %zu: %s", i, p, artdag_err_name(code));
            }
            doc_fini(&doc);
        }
        drop(text);
    }
}

static void a_ten_megabyte_recipe_is_read(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    struct ad_buf buf = AD_BUF_INIT((size_t)16 << 20);
    size_t count = 0;
    (void)ad_buf_str(&buf, "nodes:\n");
    while (buf.len < (size_t)10 << 20) {
        (void)ad_buf_printf(&buf,
                            "  node_with_a_long_name_%zu: # a comment\n    type: SEGMENT\n"
                            "    config: {start: %zu.5}\n",
                            count, count);
        count++;
    }
    assert_ok(ad_yaml_parse(&doc.arena, ad_buf_as_str(&buf), "t", NULL, &doc.root, &err));
    const struct ad_value *nodes = ad_value_get(doc.root, "nodes");
    assert_int_equal(nodes->map.len, count);
    assert_int_equal(nodes->map.items[count - 1].line, 2 + 3 * (count - 1));
    ad_buf_fini(&buf);
    doc_fini(&doc);
}

static void large_maps_find_their_double_key(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT((size_t)16 << 20);
    (void)ad_buf_str(&buf, "{\n");
    for (int i = 0; i < 100000; i++) {
        (void)ad_buf_printf(&buf, "\"k%d\":1,\n", i);
    }
    (void)ad_buf_str(&buf, "\"k77\":1}");
    for (size_t p = 0; p < 2; p++) {
        assert_refused(parsers[p], ad_buf_as_str(&buf), ARTDAG_E_FORMAT, 100002, 1,
                       "key \"k77\" is there twice");
        assert_string_equal(err.hint, "the first is at line 79");
    }
    ad_buf_fini(&buf);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(nesting_is_read_up_to_the_limit),
    cmocka_unit_test(values_are_counted),
    cmocka_unit_test(bytes_are_counted_first),
    cmocka_unit_test(an_arena_s_own_limit_is_a_limit_too),
    cmocka_unit_test(yaml_bombs_end_at_the_value_limit),
    cmocka_unit_test(nesting_through_aliases_is_counted),
    cmocka_unit_test(ten_megabytes_take_linear_time),
    cmocka_unit_test(a_ten_megabyte_recipe_is_read),
    cmocka_unit_test(large_maps_find_their_double_key),
};
AD_TEST_MAIN(tests)
