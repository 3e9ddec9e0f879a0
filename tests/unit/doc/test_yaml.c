/* SPDX-License-Identifier: MIT */
#include "doc_test.h"
#include "random_value.h"

static void plain_scalars_follow_the_core_schema_without_its_traps(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const struct {
        const char *text;
        const char *json;
    } cases[] = {
        {"~", "null"},
        {"null", "null"},
        {"Null", "null"},
        {"NULL", "null"},
        {"---", "null"},
        {"true", "true"},
        {"True", "true"},
        {"FALSE", "false"},
        {"tRUE", "\"tRUE\""},
        {"yes", "\"yes\""},
        {"no", "\"no\""},
        {"on", "\"on\""},
        {"Off", "\"Off\""},
        {"y", "\"y\""},
        {"0", "0"},
        {"-0", "0"},
        {"+12", "12"},
        {"-12", "-12"},
        {"+-1", "\"+-1\""},
        {"012", "\"012\""},
        {"00", "\"00\""},
        {"-01.5", "\"-01.5\""},
        {"0x10", "\"0x10\""},
        {"0o7", "\"0o7\""},
        {"0b1", "\"0b1\""},
        {"1_000", "\"1_000\""},
        {"1,000", "\"1,000\""},
        {"1:30", "\"1:30\""},
        {"00:01:02.500", "\"00:01:02.500\""},
        {"36f", "\"36f\""},
        {"1.5s", "\"1.5s\""},
        {"2001-01-01", "\"2001-01-01\""},
        {"1.50", "1.5"},
        {"1.", "1"},
        {".5", "0.5"},
        {"-.5", "-0.5"},
        {"0.1", "0.1"},
        {"1e3", "1000"},
        {"1.5E-3", "0.0015"},
        {"+1e+2", "100"},
        {"1e", "\"1e\""},
        {"1e+", "\"1e+\""},
        {"e5", "\"e5\""},
        {".", "\".\""},
        {"-.", "\"-.\""},
        {"1.2.3", "\"1.2.3\""},
        {".inf", "\".inf\""},
        {"-.Inf", "\"-.Inf\""},
        {".nan", "\".nan\""},
        {"inf", "\"inf\""},
        {"nan", "\"nan\""},
        {"=", "\"=\""},
        {"'12'", "\"12\""},
        {"\"true\"", "\"true\""},
        {"''", "\"\""},
        {"|\n  12\n", "\"12\\n\""},
        {">-\n  a\n  b\n", "\"a b\""},
        {"\"a\\x41\\u00e9\\t\"", "\"aA\xc3\xa9\\t\""},
        {"100000000000000000000", "100000000000000000000"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct doc doc = {0};
        assert_parses(ad_yaml_parse, ad_str_from(cases[i].text), &doc);
        assert_canonical(doc.root, cases[i].json);
        doc_fini(&doc);
    }
}

static void scalars_keep_their_text_and_say_whether_they_were_plain(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    assert_parses(ad_yaml_parse, AD_STR_LIT("[1.50, '1.50', 00:01:02, +3, ~]"), &doc);
    static const char *const texts[] = {"1.50", "1.50", "00:01:02", "+3", "~"};
    for (size_t i = 0; i < 5; i++) {
        assert_str_view_equal(doc.root->list.items[i]->text, texts[i]);
        assert_int_equal(doc.root->list.items[i]->plain, i != 1);
    }
    assert_int_equal(doc.root->list.items[0]->kind, AD_VALUE_DOUBLE);
    assert_int_equal(doc.root->list.items[1]->kind, AD_VALUE_STRING);
    assert_int_equal(doc.root->list.items[3]->integer, 3);
    doc_fini(&doc);
}

static void positions_are_lines_and_byte_columns(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    static const char *const line_ends[] = {"\n", "\r\n", "\r"};
    for (size_t i = 0; i < 3; i++) {
        struct ad_buf buf = AD_BUF_INIT(1000);
        (void)ad_buf_printf(&buf,
                            "# caf\xc3\xa9%s\xc3\xa9\xe2\x82\xac: {k: 1, \xc3\xa9: [2]}%s%s",
                            line_ends[i], line_ends[i], line_ends[i]);
        (void)ad_buf_printf(&buf, "b:%s  - x%s  - !!str y%sempty:%slast: z", line_ends[i],
                            line_ends[i], line_ends[i], line_ends[i]);
        assert_parses(ad_yaml_parse, ad_buf_as_str(&buf), &doc);
        const struct ad_member *m = doc.root->map.items;
        assert_int_equal(doc.root->map.len, 4);
        assert_int_equal(doc.root->line, 2);
        assert_int_equal(m[0].line, 2);
        assert_int_equal(m[0].column, 1);
        assert_int_equal(m[0].value->column, 8);
        assert_int_equal(m[0].value->map.items[1].column, 15);
        assert_int_equal(m[0].value->map.items[1].value->list.items[0]->column, 20);
        assert_int_equal(m[1].line, 4);
        assert_int_equal(m[1].value->list.items[0]->line, 5);
        assert_int_equal(m[1].value->list.items[0]->column, 5);
        assert_int_equal(m[1].value->list.items[1]->line, 6);
        assert_int_equal(m[2].line, 7);
        assert_int_equal(m[3].line, 8);
        assert_int_equal(m[3].value->line, 8);
        assert_int_equal(m[3].value->column, 7);
        ad_buf_fini(&buf);
    }
    doc_fini(&doc);
}

static void keys_are_taken_as_written(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    assert_parses(ad_yaml_parse,
                  AD_STR_LIT("{no: 1, 012: 2, ~: 3, true: 4, 1.0: 5, '': 6, \"<<\": 7}"), &doc);
    static const char *const keys[] = {"no", "012", "~", "true", "1.0", "", "<<"};
    assert_int_equal(doc.root->map.len, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_str_view_equal(doc.root->map.items[i].key, keys[i]);
        assert_int_equal(doc.root->map.items[i].value->integer, i + 1);
    }
    doc_fini(&doc);
}

static void aliases_stand_for_what_was_anchored(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    assert_parses(
        ad_yaml_parse,
        AD_STR_LIT("a: &x [1, &y two]\nb: *x\nc: *y\nd: &x again\ne: *x\nf: &z\ng: *z\n"),
        &doc);
    assert_canonical(doc.root,
                     "{\"a\":[1,\"two\"],\"b\":[1,\"two\"],\"c\":\"two\",\"d\":\"again\","
                     "\"e\":\"again\",\"f\":null,\"g\":null}");
    assert_ptr_equal(ad_value_get(doc.root, "a"), ad_value_get(doc.root, "b"));
    doc_fini(&doc);
}

static void merge_keys_fill_in_what_is_missing(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    assert_parses(ad_yaml_parse,
                  AD_STR_LIT("base: &b {x: 1, y: 2}\n"
                             "more: &m {y: 3, z: 4}\n"
                             "one:\n  <<: *b\n  x: 9\n"
                             "after:\n  x: 9\n  <<: *b\n"
                             "two:\n  <<: [*b, *m]\n"
                             "inline:\n  <<: {k: 1}\n"
                             "chain: &c\n  <<: *b\n  w: 0\n"
                             "deep: {<<: *c}\n"
                             "none: {<<: []}\n"),
                  &doc);
    static const char *const cases[][2] = {
        {"one", "{\"x\":9,\"y\":2}"},          {"after", "{\"x\":9,\"y\":2}"},
        {"two", "{\"x\":1,\"y\":2,\"z\":4}"},  {"inline", "{\"k\":1}"},
        {"deep", "{\"w\":0,\"x\":1,\"y\":2}"}, {"none", "{}"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_canonical(ad_value_get(doc.root, cases[i][0]), cases[i][1]);
    }
    const struct ad_value *one = ad_value_get(doc.root, "one");
    assert_str_view_equal(one->map.items[0].key, "y"); /* where << stands */
    assert_int_equal(one->map.items[0].line, 1);       /* and from where it comes */
    doc_fini(&doc);
}

static void core_tags_choose_the_kind(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    assert_parses(ad_yaml_parse,
                  AD_STR_LIT("- !!str 12\n- !!int \"12\"\n- !!float 3\n- !!bool 'true'\n"
                             "- !!null ''\n- !!map {}\n- !!seq []\n- ! 12\n"
                             "- !<tag:yaml.org,2002:str> 1.5\n- !!str\n"),
                  &doc);
    assert_canonical(doc.root, "[\"12\",12,3,true,null,{},[],\"12\",\"1.5\",\"\"]");
    assert_int_equal(doc.root->list.items[2]->kind, AD_VALUE_DOUBLE);
    doc_fini(&doc);
}

static void one_document_may_be_framed(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    static const char *const texts[] = {
        "a: 1",
        "---\na: 1\n",
        "%YAML 1.1\n---\na: 1\n",
        "# c\n\n%YAML 1.2\n# d\n---\na: 1\n...\n# end\n",
        "--- {a: 1}\n... # end\n...\n\n",
        "a: 1\n...",
        "--- # c\na: 1 # d",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_parses(ad_yaml_parse, ad_str_from(texts[i]), &doc);
        assert_canonical(doc.root, "{\"a\":1}");
    }
    doc_fini(&doc);
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
        {AD_STR_LIT(""), 1, 1, "document is empty"},
        {AD_STR_LIT("# only a comment\n"), 2, 1, "document is empty"},
        {AD_STR_LIT("a: 1\nb: 2\na: 3\n"), 3, 1, "key \"a\" is there twice"},
        {AD_STR_LIT("x:\n  a: 1\n  'a': 3\n"), 3, 3, "key \"a\" is there twice"},
        {AD_STR_LIT("x: {<<: {}, <<: {}}"), 1, 13, "key \"<<\" is there twice"},
        {AD_STR_LIT("<<: 1\n"), 1, 1, "needs a map"},
        {AD_STR_LIT("a: 1\n<<: [{}, 2]\n"), 2, 1, "needs a map"},
        {AD_STR_LIT("a: *none\n"), 1, 4, "alias *none has no anchor"},
        {AD_STR_LIT("a: &x [1, *x]\n"), 1, 11, "alias *x contains itself"},
        {AD_STR_LIT("&x a: 1\n"), 1, 1, "anchor"},
        {AD_STR_LIT("- &x a\n- {*x : 1}\n"), 2, 4, "alias cannot be a key"},
        {AD_STR_LIT("{[1]: 2}"), 1, 2, "cannot be a key"},
        {AD_STR_LIT("? {a: 1}\n: 2\n"), 1, 3, "cannot be a key"},
        {AD_STR_LIT(": 2\n"), 1, 1, "did not find expected key"},
        {AD_STR_LIT("a: 1\n?\n: 2\n"), 2, 2, "key is missing"},
        {AD_STR_LIT("a: !!binary aGk=\n"), 1, 4,
         "tag tag:yaml.org,2002:binary is not supported"},
        {AD_STR_LIT("a: !!timestamp 2001-01-01\n"), 1, 4, "not supported"},
        {AD_STR_LIT("a: !!python/object:os.system {}\n"), 1, 4, "not supported"},
        {AD_STR_LIT("a: !local x\n"), 1, 4, "tag !local is not supported"},
        {AD_STR_LIT("a: !!set {x}\n"), 1, 4, "not supported"},
        {AD_STR_LIT("a: !!map [x]\n"), 1, 4, "not supported"},
        {AD_STR_LIT("a: !!int x\n"), 1, 4, "does not fit its tag !!int"},
        {AD_STR_LIT("a: !!int 1.5\n"), 1, 4, "does not fit"},
        {AD_STR_LIT("a: 9223372036854775808\n"), 1, 4, "number is out of range"},
        {AD_STR_LIT("a: -1e999\n"), 1, 4, "number is out of range"},
        {AD_STR_LIT("a: 1\n---\nb: 2\n"), 2, 1, "only one document"},
        {AD_STR_LIT("a: 1\n...\nb: 2\n"), 3, 1, "only one document"},
        {AD_STR_LIT("a: 1\n...\n%TAG ! x\n"), 3, 1, "only one document"},
        {AD_STR_LIT("# c\n%TAG ! tag:x,1:\n---\na: 1\n"), 2, 1, "directives"},
        {AD_STR_LIT("%YAML 1.1\n%YAML 1.1\n---\na: 1\n"), 2, 1, "directives"},
        {AD_STR_LIT("%YAML 3.0\n---\na: 1\n"), 1, 1, "incompatible YAML document"},
        {AD_STR_LIT("a: [1, 2\nb: 3\n"), 2, 2, "did not find expected ',' or ']'"},
        {AD_STR_LIT("a: 'x\n"), 2, 1, "unexpected end of stream"},
        {AD_STR_LIT("a: \"\\q\"\n"), 1, 5, "unknown escape"},
        {AD_STR_LIT("a: \"\\ud800\"\n"), 1, 7, "invalid Unicode"},
        {AD_STR_LIT("a: 1\n b: 2\n"), 2, 3, "mapping values are not allowed"},
        {AD_STR_LIT("a: 1\n- b\n"), 2, 1, "did not find expected key"},
        {AD_STR_LIT("a:\n\t- b\n"), 2, 1, "cannot start any token"},
        {AD_STR_LIT("a: @x\n"), 1, 4, "cannot start any token"},
        {AD_STR_LIT("a: \"x\\0y\"\n"), 1, 4, "NUL"},
        {AD_STR_LIT("a: x\0y\n"), 1, 5, "NUL"},
        {AD_STR_LIT("a: \x01\n"), 1, 4, "control character"},
        {AD_STR_LIT("a: 1\nb: \x7f\n"), 2, 4, "control character"},
        {AD_STR_LIT("a: \xc2\x9b\n"), 1, 4, "control character"},
        {AD_STR_LIT("\xc3\xa9: \xc2\x85\n"), 1, 5, "line separator"},
        {AD_STR_LIT("a: \xe2\x80\xa8\n"), 1, 4, "line separator"},
        {AD_STR_LIT("a: 1\nb: \xff\n"), 2, 4, "not UTF-8"},
        {AD_STR_LIT("a: \xed\xa0\x80\n"), 1, 4, "not UTF-8"},
        {AD_STR_LIT("a: \xc0\x80\n"), 1, 4, "not UTF-8"},
        {AD_STR_LIT("a: \xf0\x9f\x98"), 1, 4, "not UTF-8"},
        {AD_STR_LIT("\xef\xbb\xbf"
                    "a: 1\n"),
         1, 1, "byte order mark"},
        {AD_STR_LIT("\xff\xfe"
                    "a\0:\0"),
         1, 1, "byte order mark"},
        {AD_STR_LIT("\xfe\xff\0a\0:"), 1, 1, "byte order mark"},
        {AD_STR_LIT("a: 1\n\xef\xbb\xbf"
                    "b: 1\n"),
         2, 1, "byte order mark"},
        {AD_STR_LIT("a: \xef\xbf\xbf\n"), 1, 4, "does not allow"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_refused(ad_yaml_parse, cases[i].text, ARTDAG_E_FORMAT, cases[i].line,
                       cases[i].column, cases[i].says);
        assert_string_equal(err.file, "t");
    }
}

static void hints_say_what_to_do(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct doc doc = {0};
    static const char *const cases[][2] = {
        {"a:\n\t- b\n", "tabs"},
        {"a: 1\nb: 1\na: 1\n", "line 1"},
        {"x: 99999999999999999999\n", "quotes"},
        {"\xef\xbb\xbf"
         "a: 1",
         "UTF-8 without"},
        {"a:\n  b: [1,\n\n   2\nc: 3\n", "line 2"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_fails(ARTDAG_E_FORMAT, ad_yaml_parse(&doc.arena, ad_str_from(cases[i][0]), NULL,
                                                    NULL, &doc.root, &err));
        if (strstr(err.hint, cases[i][1]) == NULL) {
            fail_msg("hint of case %zu is '%s'", i, err.hint);
        }
    }
    doc_fini(&doc);
}

static void canonical_json_is_yaml_with_the_same_meaning(void **state)
{
    (void)state;
    artdag_error err = {0};
    ad_test_seed(12);
    for (int i = 0; i < 2000; i++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct doc back = {0};
        struct ad_buf buf = AD_BUF_INIT(1 << 20);
        const struct ad_value *value = random_value(&arena, 4, true);
        assert_ok(ad_json_canonical(value, &buf, &err));
        assert_parses(ad_yaml_parse, ad_buf_as_str(&buf), &back);
        assert_true(ad_value_equal(value, back.root));
        ad_buf_fini(&buf);
        doc_fini(&back);
        ad_arena_fini(&arena);
    }
}

static void damaged_text_is_refused_or_read_but_never_harmful(void **state)
{
    (void)state;
    static const char sample[] =
        "base: &b {x: 1, y: [a, 'b', \"c\"]}\n"
        "list:\n- <<: *b\n  k: |\n    text\n- !!str 12\n? q\n: >-\n  z\n";
    static const char junk[] = "{}[]\",:\\!&*?|>-'%@` \n\t#~<.\x80\xc3\xe2\xed\xa0\x01";
    artdag_error err = {0};
    size_t refused = 0;
    ad_test_seed(13);
    for (int i = 0; i < 20000; i++) {
        struct doc doc = {0};
        char text[sizeof(sample)];
        memcpy(text, sample, sizeof(sample));
        for (size_t n = 1 + ad_test_random_below(4); n > 0; n--) {
            text[ad_test_random_below(sizeof(sample) - 1)] =
                junk[ad_test_random_below(sizeof(junk) - 1)];
        }
        struct ad_str view = {text, ad_test_random_below(sizeof(sample))};
        err = (artdag_error){0};
        enum artdag_err code = ad_yaml_parse(&doc.arena, view, "t", NULL, &doc.root, &err);
        if (code == ARTDAG_OK) {
            struct ad_buf buf = AD_BUF_INIT(1 << 20);
            assert_ok(ad_json_canonical(doc.root, &buf, &err));
            ad_buf_fini(&buf);
        } else {
            assert_int_equal(code, ARTDAG_E_FORMAT);
            assert_true(err.line >= 1 && err.column >= 1);
            refused++;
        }
        doc_fini(&doc);
    }
    assert_in_range(refused, 1000, 19999);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(plain_scalars_follow_the_core_schema_without_its_traps),
    cmocka_unit_test(scalars_keep_their_text_and_say_whether_they_were_plain),
    cmocka_unit_test(positions_are_lines_and_byte_columns),
    cmocka_unit_test(keys_are_taken_as_written),
    cmocka_unit_test(aliases_stand_for_what_was_anchored),
    cmocka_unit_test(merge_keys_fill_in_what_is_missing),
    cmocka_unit_test(core_tags_choose_the_kind),
    cmocka_unit_test(one_document_may_be_framed),
    cmocka_unit_test(malformed_text_is_refused_where_it_goes_wrong),
    cmocka_unit_test(hints_say_what_to_do),
    cmocka_unit_test(canonical_json_is_yaml_with_the_same_meaning),
    cmocka_unit_test(damaged_text_is_refused_or_read_but_never_harmful),
};
AD_TEST_MAIN(tests)
