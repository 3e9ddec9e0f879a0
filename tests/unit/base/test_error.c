/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ad_test.h"
#include "base/error.h"
#include "base/str.h"

static void set_forgets_what_was_there(void **state)
{
    (void)state;
    artdag_error err = {0};
    ad_error_errno(&err, EACCES, "store", "cannot open %s", "x");
    ad_error_at(&err, "a.yaml", 3, 4);
    ad_error_node(&err, "clip");
    ad_error_cid(&err, "bafy");
    ad_error_hint(&err, "do %s", "this");
    assert_int_equal(ad_error_set(&err, ARTDAG_E_FORMAT, "recipe", "bad %d", 5),
                     ARTDAG_E_FORMAT);
    assert_int_equal(err.code, ARTDAG_E_FORMAT);
    assert_int_equal(err.sys, 0);
    assert_int_equal(err.line, 0);
    assert_string_equal(err.room, "recipe");
    assert_string_equal(err.message, "bad 5");
    assert_string_equal(err.file, "");
    assert_string_equal(err.node, "");
    assert_string_equal(err.cid, "");
    assert_string_equal(err.hint, "");
}

static void everything_accepts_a_null_error(void **state)
{
    (void)state;
    assert_int_equal(ad_error_set(NULL, ARTDAG_E_BUSY, "x", "y"), ARTDAG_E_BUSY);
    assert_int_equal(ad_error_errno(NULL, ENOENT, "x", "y"), ARTDAG_E_NOTFOUND);
    assert_int_equal(ad_error_nomem(NULL, "x"), ARTDAG_E_NOMEM);
    assert_int_equal(ad_error_prefix(NULL, ARTDAG_E_NET, "x"), ARTDAG_E_NET);
    ad_error_at(NULL, "f", 1, 1);
    ad_error_node(NULL, "n");
    ad_error_cid(NULL, "c");
    ad_error_hint(NULL, "h");
}

static void errno_chooses_the_code_and_gives_the_reason(void **state)
{
    (void)state;
    static const struct {
        int e;
        enum artdag_err code;
        const char *message;
    } cases[] = {
        {ENOENT, ARTDAG_E_NOTFOUND, "cannot open f: No such file or directory"},
        {ENOMEM, ARTDAG_E_NOMEM, "cannot open f: Cannot allocate memory"},
        {EEXIST, ARTDAG_E_EXISTS, "cannot open f: File exists"},
        {EINTR, ARTDAG_E_CANCELED, "cannot open f: Interrupted system call"},
        {ECANCELED, ARTDAG_E_CANCELED, "cannot open f: Operation canceled"},
        {EACCES, ARTDAG_E_IO, "cannot open f: Permission denied"},
        {ENOSPC, ARTDAG_E_IO, "cannot open f: no space left"},
        {EDQUOT, ARTDAG_E_IO, "cannot open f: no space left"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        assert_int_equal(ad_error_errno(&err, cases[i].e, "base", "cannot open %s", "f"),
                         cases[i].code);
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(err.sys, cases[i].e);
        assert_string_equal(err.message, cases[i].message);
    }
}

static void long_text_does_not_push_out_the_reason(void **state)
{
    (void)state;
    artdag_error err = {0};
    char path[600];
    memset(path, 'p', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    ad_error_errno(&err, ENOSPC, "base", "cannot write %s", path);
    const char *end = err.message + strlen(err.message) - strlen("...: no space left");
    assert_string_equal(end, "...: no space left");
    assert_true(strlen(err.message) < sizeof(err.message));
}

static void prefix_goes_in_front_and_keeps_the_rest(void **state)
{
    (void)state;
    artdag_error err = {0};
    ad_error_errno(&err, ENOSPC, "store", "cannot write");
    ad_error_node(&err, "clip");
    assert_int_equal(ad_error_prefix(&err, ARTDAG_E_IO, "pins of %s", "b"), ARTDAG_E_IO);
    assert_string_equal(err.message, "pins of b: cannot write: no space left");
    assert_int_equal(err.sys, ENOSPC);
    assert_string_equal(err.node, "clip");
}

static void arguments_may_point_into_the_error(void **state)
{
    (void)state;
    artdag_error err = {0};
    ad_error_set(&err, ARTDAG_E_IO, "store", "inner");
    ad_error_set(&err, ARTDAG_E_MEDIA, err.room, "outer (%s)", err.message);
    assert_string_equal(err.message, "outer (inner)");
    assert_string_equal(err.room, "store");
}

static void messages_are_clean_single_lines(void **state)
{
    (void)state;
    artdag_error err = {0};
    ad_error_set(&err, ARTDAG_E_FORMAT, "doc", "a\nb\tc\x1b[0m \xc2\x85 \xff\xfe caf\xc3\xa9");
    assert_string_equal(err.message, "a b c [0m   ?? caf\xc3\xa9");
}

static void long_messages_end_at_a_character(void **state)
{
    (void)state;
    for (size_t pad = 0; pad < 6; pad++) {
        artdag_error err = {0};
        char text[900] = "";
        for (size_t i = 0; i < pad; i++) {
            strcat(text, "x");
        }
        for (size_t i = 0; i < 200; i++) {
            strcat(text, "\xe2\x82\xac"); /* three bytes each */
        }
        ad_error_set(&err, ARTDAG_E_FORMAT, "doc", "%s", text);
        size_t len = strlen(err.message);
        assert_true(ad_str_is_utf8(ad_str_from(err.message)));
        assert_in_range(len, sizeof(err.message) - 5, sizeof(err.message) - 1);
        assert_string_equal(err.message + len - 3, "...");
    }
}

static void long_file_names_lose_their_beginning(void **state)
{
    (void)state;
    artdag_error err = {0};
    char path[400] = "";
    for (int i = 0; i < 40; i++) {
        strcat(path, "/folder");
    }
    strcat(path, "/film.yaml");
    ad_error_at(&err, path, 3, 9);
    assert_int_equal(strlen(err.file), sizeof(err.file) - 1);
    assert_memory_equal(err.file, "...", 3);
    assert_string_equal(err.file + strlen(err.file) - 10, "/film.yaml");
    ad_error_at(&err, NULL, 1, 1);
    assert_string_equal(err.file, "");
}

static void format_leaves_out_what_is_unknown(void **state)
{
    (void)state;
    artdag_error err = {0};
    char out[200];
    ad_error_set(&err, ARTDAG_E_INVAL, "recipe", "unknown op");
    assert_int_equal(artdag_error_format(&err, out, sizeof(out)), 10);
    assert_string_equal(out, "unknown op");
    ad_error_at(&err, NULL, 4, 2);
    artdag_error_format(&err, out, sizeof(out));
    assert_string_equal(out, "line 4:2: unknown op");
    ad_error_at(&err, "a.yaml", 0, 0);
    artdag_error_format(&err, out, sizeof(out));
    assert_string_equal(out, "a.yaml: unknown op");
    ad_error_at(&err, "a.yaml", 4, 0);
    artdag_error_format(&err, out, sizeof(out));
    assert_string_equal(out, "a.yaml:4: unknown op");
    ad_error_at(&err, "a.yaml", 4, 2);
    ad_error_node(&err, "clip");
    ad_error_hint(&err, "did you mean SEGMENT?");
    artdag_error_format(&err, out, sizeof(out));
    assert_string_equal(out, "a.yaml:4:2: clip: unknown op (did you mean SEGMENT?)");
}

static void format_cuts_like_snprintf(void **state)
{
    (void)state;
    artdag_error err = {0};
    char out[8] = "xxxxxxx";
    ad_error_set(&err, ARTDAG_E_INVAL, "recipe", "unknown op");
    assert_int_equal(artdag_error_format(&err, NULL, 0), 10);
    assert_int_equal(artdag_error_format(&err, out, 1), 10);
    assert_string_equal(out, "");
    assert_int_equal(artdag_error_format(&err, out, sizeof(out)), 10);
    assert_string_equal(out, "unknown");
}

static void format_without_message_names_the_code(void **state)
{
    (void)state;
    artdag_error err = {.code = ARTDAG_E_NOTFOUND};
    char out[32];
    artdag_error_format(&err, out, sizeof(out));
    assert_string_equal(out, "not found");
}

static void every_code_has_its_own_name_and_a_status(void **state)
{
    (void)state;
    for (int a = ARTDAG_OK; a <= ARTDAG_E_INTERNAL; a++) {
        const char *name = artdag_err_name((enum artdag_err)a);
        assert_string_not_equal(name, "unknown error");
        for (int b = ARTDAG_OK; b < a; b++) {
            assert_string_not_equal(name, artdag_err_name((enum artdag_err)b));
        }
        assert_true((artdag_err_exit_status((enum artdag_err)a) == 0) == (a == ARTDAG_OK));
    }
    assert_string_equal(artdag_err_name((enum artdag_err)999), "unknown error");
    assert_int_equal(artdag_err_exit_status((enum artdag_err)999), 1);
}

static void exit_statuses_are_those_of_the_manual(void **state)
{
    (void)state;
    static const struct {
        enum artdag_err code;
        int status;
    } cases[] = {
        {ARTDAG_OK, 0},        {ARTDAG_E_MEDIA, 1},      {ARTDAG_E_IO, 1},
        {ARTDAG_E_INVAL, 2},   {ARTDAG_E_FORMAT, 2},     {ARTDAG_E_CYCLE, 2},
        {ARTDAG_E_NET, 3},     {ARTDAG_E_REMOTE, 3},     {ARTDAG_E_NOTFOUND, 4},
        {ARTDAG_E_CORRUPT, 5}, {ARTDAG_E_CANCELED, 130},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(artdag_err_exit_status(cases[i].code), cases[i].status);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(set_forgets_what_was_there),
    cmocka_unit_test(everything_accepts_a_null_error),
    cmocka_unit_test(errno_chooses_the_code_and_gives_the_reason),
    cmocka_unit_test(long_text_does_not_push_out_the_reason),
    cmocka_unit_test(prefix_goes_in_front_and_keeps_the_rest),
    cmocka_unit_test(arguments_may_point_into_the_error),
    cmocka_unit_test(messages_are_clean_single_lines),
    cmocka_unit_test(long_messages_end_at_a_character),
    cmocka_unit_test(long_file_names_lose_their_beginning),
    cmocka_unit_test(format_leaves_out_what_is_unknown),
    cmocka_unit_test(format_cuts_like_snprintf),
    cmocka_unit_test(format_without_message_names_the_code),
    cmocka_unit_test(every_code_has_its_own_name_and_a_status),
    cmocka_unit_test(exit_statuses_are_those_of_the_manual),
};
AD_TEST_MAIN(tests)
