/* SPDX-License-Identifier: MIT
 *
 * Caption files: what is shown when, and what is no caption file.
 */
#include <stdio.h>
#include <string.h>

#include "ad_test.h"
#include "media/captions.h"

#define FIRST "1\n00:00:01,000 --> 00:00:02,000\nOne\n"

static struct ad_captions *read_ok(const char *text)
{
    artdag_error err = {0};
    struct ad_captions *c = NULL;
    assert_ok(ad_captions_parse(ad_str_from(text), &c, &err));
    return c;
}

/* What is shown at this frame of 25 a second. */
static void assert_shown(const struct ad_captions *c, int64_t frame, const char *want)
{
    struct ad_buf buf = AD_BUF_INIT(1 << 16);
    uint64_t which = ad_captions_at(c, frame, 25, 1, &buf);
    assert_str_view_equal(ad_buf_as_str(&buf), want);
    assert_int_equal(which != 0, *want != 0);
    ad_buf_fini(&buf);
}

static void a_caption_is_there_in_the_frames_that_begin_within_it(void **state)
{
    (void)state;
    struct ad_captions *c = read_ok(FIRST);
    assert_int_equal(ad_captions_count(c), 1);
    assert_shown(c, -1, "");
    assert_shown(c, 24, "");
    assert_shown(c, 25, "One");
    assert_shown(c, 49, "One");
    assert_shown(c, 50, "");
    ad_captions_close(c);
    ad_captions_close(NULL);
}

static void captions_that_overlap_stand_in_the_order_of_their_beginning(void **state)
{
    (void)state;
    struct ad_captions *c = read_ok("2\n00:00:01,500 --> 00:00:03,000\nTwo\nlines\n\n" FIRST
                                    "\n3\n00:00:00,000 --> 00:01:00,000\nAll along\n");
    assert_int_equal(ad_captions_count(c), 3);
    assert_shown(c, 0, "All along");
    assert_shown(c, 30, "All along\nOne");
    assert_shown(c, 40, "All along\nOne\nTwo\nlines");
    assert_shown(c, 60, "All along\nTwo\nlines");
    ad_captions_close(c);
}

static void markup_is_left_out_and_text_is_not(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"<i>so</i> <font color=\"red\">it</font> is", "so it is"},
        {"{\\an8}above", "above"},
        {"1 < 2 > 0 & {so}", "1 < 2 > 0 & {so}"},
        {"a <- b, c <3", "a <- b, c <3"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[200];
        snprintf(text, sizeof(text), "00:00:01,000 --> 00:00:02,000\n%s\n", cases[i][0]);
        struct ad_captions *c = read_ok(text);
        assert_shown(c, 30, cases[i][1]);
        ad_captions_close(c);
    }
}

static void webvtt_has_notes_styles_names_and_short_times(void **state)
{
    (void)state;
    struct ad_captions *c =
        read_ok("WEBVTT - a title\nKind: captions\n\nNOTE nothing\nof this\n\n"
                "STYLE\n::cue { color: red }\n\n"
                "an id\n00:01.000 --> 00:02.000 align:start\n<v Ann>One &amp; <b>two</b>\n");
    assert_int_equal(ad_captions_count(c), 1);
    assert_shown(c, 25, "One & two");
    ad_captions_close(c);
}

static void line_ends_and_byte_order_marks_do_not_matter(void **state)
{
    (void)state;
    struct ad_captions *c =
        read_ok("\xef\xbb\xbf\r\n1\r\n00:00:01,000 --> 00:00:02,000\r\nOne\r\n\r\n\r\n2\r\n"
                "00:00:03,000 --> 00:00:04,000\r\nTwo");
    assert_int_equal(ad_captions_count(c), 2);
    assert_shown(c, 30, "One");
    assert_shown(c, 80, "Two");
    ad_captions_close(c);
}

static void what_is_no_caption_file_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "line 1: there are no captions"},
        {"WEBVTT\n\n", "there are no captions"},
        {"just a text\nof two lines\n", "line 2: no times"},
        {FIRST "\n2\nno times here\n", "line 6: no times"},
        {"00:00:02,000 --> 00:00:01,000\nBack\n", "line 1: no times"},
        {"00:61:02,000 --> 00:62:01,000\nOver\n", "line 1: no times"},
        {"99999999:00:02,000 --> 99999999:00:03,000\nLong\n", "line 1: no times"},
        {"00:00:01,000 --> 00:00:02,000\n\xff\xfe\n", "no UTF-8"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ad_captions *c = NULL;
        assert_fails(ARTDAG_E_MEDIA, ad_captions_parse(ad_str_from(cases[i].text), &c, &err));
        assert_err_says(cases[i].says);
        assert_null(c);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_caption_is_there_in_the_frames_that_begin_within_it),
    cmocka_unit_test(captions_that_overlap_stand_in_the_order_of_their_beginning),
    cmocka_unit_test(markup_is_left_out_and_text_is_not),
    cmocka_unit_test(webvtt_has_notes_styles_names_and_short_times),
    cmocka_unit_test(line_ends_and_byte_order_marks_do_not_matter),
    cmocka_unit_test(what_is_no_caption_file_is_refused_with_its_line),
};
AD_TEST_MAIN(tests)
