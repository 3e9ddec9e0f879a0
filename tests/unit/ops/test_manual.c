/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "ops_test.h"

static void assert_holds(const struct ad_buf *buf, const char *text)
{
    if (!strstr((const char *)buf->data, text))
        fail_msg("the manual does not hold \"%s\"", text);
}

/* Every name, alias and allowed value of the tables; nothing internal. */
static void check_fields(const struct ad_buf *buf, const struct ad_field *fields)
{
    for (const struct ad_field *f = fields; f->name; f++) {
        if (f->internal)
            continue;
        assert_holds(buf, f->name);
        assert_non_null(f->doc);
        assert_true(strlen(f->doc) > 10);
        assert_int_equal(f->doc[strlen(f->doc) - 1], '.');
        if (f->alias)
            assert_holds(buf, f->alias);
        for (size_t i = 0; f->type == AD_FIELD_ENUM && f->values[i]; i++)
            assert_holds(buf, f->values[i]);
        if (f->fields)
            check_fields(buf, f->fields);
    }
}

static void the_text_holds_every_field_and_value(void **state)
{
    (void)state;
    artdag_error err = {0};
    for (size_t i = 0; ad_ops[i]; i++) {
        struct ad_buf buf = AD_BUF_INIT(1 << 20);
        assert_ok(ad_op_manual(ad_ops[i], &buf, &err));
        assert_holds(&buf, ad_ops[i]->node_type);
        assert_holds(&buf, ad_ops[i]->summary);
        check_fields(&buf, ad_ops[i]->fields);
        ad_buf_fini(&buf);
    }
}

static void lines_fit_a_terminal(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    assert_ok(ad_op_manual(NULL, &buf, &err));
    char *rest = NULL;
    for (char *line = strtok_r((char *)buf.data, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest)) {
        assert_true(strlen(line) <= 80);
        assert_true(line[strlen(line) - 1] != ' ');
    }
    ad_buf_fini(&buf);
}

static void the_manual_of_all_holds_each(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_buf all = AD_BUF_INIT(1 << 20);
    assert_ok(ad_op_manual(NULL, &all, &err));
    for (size_t i = 0; ad_ops[i]; i++) {
        struct ad_buf one = AD_BUF_INIT(1 << 20);
        assert_ok(ad_op_manual(ad_ops[i], &one, &err));
        assert_holds(&all, (const char *)one.data);
        ad_buf_fini(&one);
    }
    ad_buf_fini(&all);
}

static void the_json_is_canonical_and_complete(void **state)
{
    (void)state;
    artdag_error err = {0};
    for (size_t i = 0; ad_ops[i]; i++) {
        struct ad_arena arena = AD_ARENA_INIT;
        struct ad_buf buf = AD_BUF_INIT(1 << 20);
        struct ad_buf again = AD_BUF_INIT(1 << 20);
        struct ad_json_writer w;
        const struct ad_value *root = NULL;
        ad_jw_init(&w, &buf);
        assert_ok(ad_op_json(ad_ops[i], &w, &err));
        assert_ok(ad_json_parse(&arena, ad_buf_as_str(&buf), NULL, NULL, &root, &err));
        assert_ok(ad_json_canonical(root, &again, &err));
        assert_views_equal(ad_buf_as_str(&buf), ad_buf_as_str(&again));
        assert_str_view_equal(ad_value_get(root, "node_type")->string, ad_ops[i]->node_type);
        size_t fields = 0;
        for (const struct ad_field *f = ad_ops[i]->fields; f->name; f++)
            fields += !f->internal;
        assert_int_equal(ad_value_get(root, "fields")->list.len, fields);
        ad_buf_fini(&buf);
        ad_buf_fini(&again);
        ad_arena_fini(&arena);
    }
}

static void a_buffer_too_small_is_an_error(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT(50);
    assert_fails(ARTDAG_E_LIMIT, ad_op_manual(NULL, &buf, &err));
    ad_buf_fini(&buf);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_text_holds_every_field_and_value),
    cmocka_unit_test(lines_fit_a_terminal),
    cmocka_unit_test(the_manual_of_all_holds_each),
    cmocka_unit_test(the_json_is_canonical_and_complete),
    cmocka_unit_test(a_buffer_too_small_is_an_error),
};
AD_TEST_MAIN(tests)
