/* SPDX-License-Identifier: MIT
 *
 * Files that filters read, and what text in them comes to: a font is a file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ad_test.h"
#include "units.h"

#define FONT "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"

static struct ad_test_media media;

static const struct ad_format format = {.width = 160,
                                        .height = 64,
                                        .fps_num = 24,
                                        .fps_den = 1,
                                        .pixel_format = "yuv420p",
                                        .sample_rate = 48000,
                                        .channels = 2};

/* White text on black, two frames. */
static struct ad_pad make_title(struct ad_test_unit *u, const char *text)
{
    ad_test_unit_init(u, &format);
    struct ad_graph *g = u->unit.video;
    struct ad_pad pad = ad_graph_filter(g, "color", NULL, 0);
    ad_graph_set(g, pad, "color", "0x000000");
    ad_graph_set(g, pad, "size", "160x64");
    ad_graph_set(g, pad, "rate", "24/1");
    pad = ad_graph_chain(g, "format", pad);
    ad_graph_set(g, pad, "pix_fmts", "yuv420p");
    pad = ad_graph_chain(g, "trim", pad);
    ad_graph_set_int(g, pad, "end_pts", 2);
    pad = ad_graph_chain(g, "drawtext", pad);
    ad_graph_set_file(g, pad, "fontfile", AD_TEST_CID_A);
    ad_graph_set(g, pad, "text", text);
    ad_graph_set_int(g, pad, "fontsize", 32);
    ad_graph_set(g, pad, "fontcolor", "0xffffff");
    ad_graph_set(g, pad, "bordercolor", "0xff0000");
    ad_graph_set_int(g, pad, "borderw", 2);
    ad_graph_set(g, pad, "x", "8+n");
    ad_graph_set(g, pad, "y", "44-ascent");
    ad_graph_set(g, pad, "alpha", "0.75");
    ad_test_unit_finish(u, pad, (struct ad_pad){0}, 2);
    ad_test_encode_mezzanine(u);
    return pad;
}

static enum artdag_err render(struct ad_test_unit *u, const char *font, const char *flags,
                              int threads, const char *out, artdag_error *err)
{
    struct ad_test_result result;
    enum artdag_err rc =
        ad_test_media_render(&media, &u->unit, &font, flags, threads, out, &result);
    *err = result.error;
    return rc;
}

static char *hash(const char *text, const char *font, const char *flags, int threads,
                  const char *out)
{
    struct ad_test_unit u;
    artdag_error err = {0};
    (void)make_title(&u, text);
    enum artdag_err rc = render(&u, font, flags, threads, out, &err);
    ad_test_ok(rc, &err, "render", __FILE__, __LINE__);
    ad_test_unit_fini(&u);
    return ad_test_shell("sha256sum < '%s'", out);
}

static void text_does_not_depend_on_threads_or_simd(void **state)
{
    static const char *const flags[] = {"0", "sse2", "ssse3", "avx2"};
    const char *out = ad_test_path(*state, "title.nut");
    char *want = hash("Quay, fjord", FONT, NULL, 1, out);
    for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]); f++) {
        char *got = hash("Quay, fjord", FONT, flags[f], (int)f + 1, out);
        assert_string_equal(got, want);
        free(got);
    }
    free(want);
}

/* The path leads to the same bytes under another name, so the picture must be the same. */
static void the_name_of_a_file_does_not_reach_the_picture(void **state)
{
    const char *out = ad_test_path(*state, "title.nut");
    const char *copy = ad_test_path(*state, "other name.bin");
    free(ad_test_shell("cp '%s' '%s'", FONT, copy));
    char *want = hash("Name", FONT, NULL, 1, out);
    char *got = hash("Name", copy, NULL, 1, out);
    assert_string_equal(got, want);
    free(got);
    free(want);
}

/* Were it expanded, the clock would be in the picture, and the width would be another. */
static void text_is_never_expanded(void **state)
{
    const char *out = ad_test_path(*state, "title.nut");
    char *braces = hash("%{pts}", FONT, NULL, 1, out);
    char *percent = hash("%Y", FONT, NULL, 1, out);
    char *number = hash("0.000000", FONT, NULL, 1, out);
    assert_string_not_equal(braces, number);
    assert_string_not_equal(braces, percent);
    free(braces);
    free(percent);
    free(number);
}

/* Whatever the system has instead must not be taken. */
static void what_is_no_font_is_an_error_that_names_the_file(void **state)
{
    const char *out = ad_test_path(*state, "title.nut");
    const char *empty = ad_test_path(*state, "empty.ttf");
    const char *cut = ad_test_path(*state, "cut.ttf");
    free(ad_test_shell("head -c 70000 '%s' > '%s'; : > '%s'", FONT, cut, empty));
    const char *const fonts[] = {empty, cut, ad_test_media("rain.mp3"), "/bin/sh"};
    for (size_t i = 0; i < sizeof(fonts) / sizeof(fonts[0]); i++) {
        struct ad_test_unit u;
        artdag_error err = {0};
        (void)make_title(&u, "x");
        assert_int_equal(render(&u, fonts[i], NULL, 1, out, &err), ARTDAG_E_MEDIA);
        assert_string_equal(err.cid, AD_TEST_CID_A);
        assert_non_null(strstr(err.message, "no font"));
        ad_test_unit_fini(&u);
    }
}

static void text_without_a_font_is_refused(void **state)
{
    struct ad_test_unit u;
    artdag_error err = {0};
    const char *out = ad_test_path(*state, "title.nut");
    struct ad_pad pad = make_title(&u, "x");
    struct ad_filter *filter = &u.unit.video->filters.items[pad.filter];
    memmove(filter->options.items, filter->options.items + 1,
            (filter->options.len - 1) * sizeof(*filter->options.items));
    filter->options.len--;
    u.unit.video->files.len = 0;
    assert_int_equal(render(&u, FONT, NULL, 1, out, &err), ARTDAG_E_FORMAT);
    ad_test_unit_fini(&u);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(text_does_not_depend_on_threads_or_simd),
    ad_test_in_dir(the_name_of_a_file_does_not_reach_the_picture),
    ad_test_in_dir(text_is_never_expanded),
    ad_test_in_dir(what_is_no_font_is_an_error_that_names_the_file),
    ad_test_in_dir(text_without_a_font_is_refused),
};

int main(void)
{
    ad_test_media_start(&media, NULL);
    int rc = ad_test_run(__FILE__, tests, sizeof(tests) / sizeof(tests[0]));
    return ad_test_media_stop(&media) == 0 ? rc : 1;
}
