/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "ad_test.h"
#include "doc/doc.h"

static void layout_is_as_wanted(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
    } cases[] = {
        {"a: 1\nb: 2\n", "a: 1\nb: 2\n"},
        {"a:\n    b: 1\n    c:\n            d: 2\n", "a:\n  b: 1\n  c:\n    d: 2\n"},
        {"list:\n- a\n- b\nnext: 1\n", "list:\n  - a\n  - b\nnext: 1\n"},
        {"list:\n- id: a\n  x: 1\n- id: b\n  y:\n  - 1\n  - 2\nz: 1\n",
         "list:\n  - id: a\n    x: 1\n  - id: b\n    y:\n      - 1\n      - 2\nz: 1\n"},
        {"list:\n      -   id: a\n          x: 1\n", "list:\n  - id: a\n    x: 1\n"},
        {"- - a\n  - b\n-   - c\n", "- - a\n  - b\n- - c\n"},
        {"\n\na: 1   \n\n\n\nb: 2\n\n\n", "a: 1\n\nb: 2\n"},
        {"a: 1", "a: 1\n"},
        {"# top\na:\n    # of b\n    b: 1 # behind\n# of c\nc: 2\n    # last\n",
         "# top\na:\n  # of b\n  b: 1 # behind\n# of c\nc: 2\n# last\n"},
        {"a:\n    b: 1\n    # still of b\nc: 1\n", "a:\n  b: 1\n  # still of b\nc: 1\n"},
        {"a:\n    b: |\n        one\n          two  \n\n\n        three\n    c: 1\n",
         "a:\n  b: |\n      one\n        two  \n\n\n      three\n  c: 1\n"},
        {"a: [1,\n          2,\n    3\n  ]\n", "a: [1,\n  2,\n  3\n]\n"},
        {"a:\n      {b: 1,\n   c: 2}\n", "a:\n  {b: 1,\n    c: 2}\n"},
        {"a: one\n        two\n\n        three\nb: 'x\n   y'\n",
         "a: one\n  two\n\n  three\nb: 'x\n  y'\n"},
        {"a:\n    one two\n", "a:\n  one two\n"},
        {"base: &b\n    x: 1\nuse:\n    <<: *b\n    y: 2\n",
         "base: &b\n  x: 1\nuse:\n  <<: *b\n  y: 2\n"},
        {"a: 1\r\nb:\r\n    c: 2\r\n", "a: 1\nb:\n  c: 2\n"},
        {"{\"a\": 1}\n", "{\"a\": 1}\n"},
        {"? a\n:   b\n", "? a\n:   b\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ad_buf buf = AD_BUF_INIT(1 << 20), again = AD_BUF_INIT(1 << 20);
        enum artdag_err rc = ad_yaml_format(ad_str_from(cases[i].before), "f.yaml", &buf, &err);
        if (rc != ARTDAG_OK || !ad_str_is(ad_buf_as_str(&buf), cases[i].after))
            fail_msg("case %zu gave %s\n%.*s", i, err.message, AD_STR_ARG(ad_buf_as_str(&buf)));
        assert_ok(ad_yaml_format(ad_buf_as_str(&buf), "f.yaml", &again, &err));
        assert_str_view_equal(ad_buf_as_str(&again), cases[i].after);
        ad_buf_fini(&buf);
        ad_buf_fini(&again);
    }
}

static void broken_text_is_refused_with_its_place(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    assert_fails(ARTDAG_E_FORMAT,
                 ad_yaml_format(AD_STR_LIT("a: [1\nb: 2\n"), "f.yaml", &buf, &err));
    assert_string_equal(err.file, "f.yaml");
    assert_int_equal(buf.len, 0);
    ad_buf_fini(&buf);
}

static void line_ends_that_only_yaml_knows_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum artdag_err code;
    } cases[] = {
        {"a: 1\rb: {c: 2}\r", ARTDAG_E_UNSUPPORTED},
        {"a: 1\n\rb: [2]\n", ARTDAG_E_UNSUPPORTED},
        {"a: \"x\xe2\x80\xa8y\"\n", ARTDAG_E_FORMAT}, /* the reader's own rule */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ad_buf buf = AD_BUF_INIT(1 << 20);
        assert_fails(cases[i].code,
                     ad_yaml_format(ad_str_from(cases[i].text), "f.yaml", &buf, &err));
        assert_int_equal(buf.len, 0);
        ad_buf_fini(&buf);
    }
}

/* Blocks of random depth and indentation: whatever comes out means the same and stays as it is. */
static size_t put_random(struct ad_buf *buf, size_t indent, unsigned depth, unsigned *key)
{
    size_t children = 1 + ad_test_random_below(3);
    for (size_t i = 0; i < children; i++) {
        unsigned kind = depth ? (unsigned)ad_test_random_below(5) : 0;
        (void)ad_buf_printf(buf, "%*sk%u:", (int)indent, "", (*key)++);
        size_t inner = indent + 1 + ad_test_random_below(6);
        if (kind == 0) {
            (void)ad_buf_str(buf, ad_test_random_below(2) ? " v  # c\n" : " 'a b'\n\n");
        } else if (kind == 1) {
            (void)ad_buf_str(buf, "\n");
            size_t at = ad_test_random_below(2) ? indent : inner;
            for (size_t k = ad_test_random_below(3) + 1; k-- > 0;)
                (void)ad_buf_printf(buf, "%*s-%*sx: 1\n%*s  # note\n", (int)at, "",
                                    (int)ad_test_random_below(3) + 1, "", (int)at, "");
        } else if (kind == 2) {
            (void)ad_buf_printf(buf, " >\n%*sfolded\n%*s  text\n\n", (int)inner, "", (int)inner,
                                "");
        } else {
            (void)ad_buf_str(buf, "\n");
            (void)put_random(buf, inner, depth - 1, key);
        }
    }
    return children;
}

static void random_blocks_keep_their_meaning(void **state)
{
    (void)state;
    for (size_t i = 0; i < 300; i++) {
        artdag_error err = {0};
        struct ad_buf text = AD_BUF_INIT(1 << 20), once = AD_BUF_INIT(1 << 20),
                      twice = AD_BUF_INIT(1 << 20);
        unsigned key = 0;
        (void)put_random(&text, 0, 4, &key);
        enum artdag_err rc = ad_yaml_format(ad_buf_as_str(&text), NULL, &once, &err);
        if (rc != ARTDAG_OK)
            fail_msg("%s (%d): \n%.*s", err.message, err.line,
                     AD_STR_ARG(ad_buf_as_str(&text)));
        assert_ok(ad_yaml_format(ad_buf_as_str(&once), NULL, &twice, &err));
        assert_true(ad_str_equal(ad_buf_as_str(&once), ad_buf_as_str(&twice)));
        ad_buf_fini(&text);
        ad_buf_fini(&once);
        ad_buf_fini(&twice);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(layout_is_as_wanted),
    cmocka_unit_test(broken_text_is_refused_with_its_place),
    cmocka_unit_test(line_ends_that_only_yaml_knows_are_refused),
    cmocka_unit_test(random_blocks_keep_their_meaning),
};
AD_TEST_MAIN(tests)
