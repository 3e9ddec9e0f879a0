/* SPDX-License-Identifier: MIT
 *
 * Files that filters read, and pictures of text: a font is a file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ad_test.h"
#include "units.h"

#define FONT "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
#define FRAMES 3

static struct ad_test_media media;

static const struct ad_format format = {.width = 160,
                                        .height = 64,
                                        .fps_num = 24,
                                        .fps_den = 1,
                                        .pixel_format = "yuva444p",
                                        .sample_rate = 48000,
                                        .channels = 2};

/* Three frames of text on nothing. */
static struct ad_pad begin_text(struct ad_test_unit *u, const char *text)
{
    ad_test_unit_init(u, &format);
    struct ad_graph *g = u->unit.video;
    struct ad_pad pad = ad_graph_filter(g, "artdag_text", NULL, 0);
    ad_graph_set_file(g, pad, "fontfile", AD_TEST_CID_A);
    ad_graph_set(g, pad, "text", text);
    ad_graph_set_int(g, pad, "fontsize", 32);
    ad_graph_set(g, pad, "size", "160x64");
    ad_graph_set(g, pad, "rate", "24/1");
    ad_graph_set_int(g, pad, "frames", FRAMES);
    ad_graph_set(g, pad, "color", "0xffffff");
    return pad;
}

static void end_text(struct ad_test_unit *u, struct ad_pad pad)
{
    pad = ad_graph_chain(u->unit.video, "scale", pad);
    ad_graph_set(u->unit.video, pad, "out_color_matrix", "bt709");
    ad_graph_set(u->unit.video, pad, "out_range", "tv");
    pad = ad_graph_chain(u->unit.video, "format", pad);
    ad_graph_set(u->unit.video, pad, "pix_fmts", "yuva444p");
    ad_test_unit_finish(u, pad, (struct ad_pad){0}, FRAMES);
    ad_test_encode_mezzanine(u);
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

/* Moving, outlined, with box and shadow. */
static char *hash(const char *text, const char *font, const char *flags, int threads,
                  const char *out)
{
    struct ad_test_unit u;
    artdag_error err = {0};
    struct ad_pad pad = begin_text(&u, text);
    struct ad_graph *g = u.unit.video;
    ad_graph_set(g, pad, "x", "80+n*0.3");
    ad_graph_set(g, pad, "y", "32");
    ad_graph_set(g, pad, "opacity", "0.9-n*0.1");
    ad_graph_set(g, pad, "outline_color", "0xff0000");
    ad_graph_set_int(g, pad, "outline", 2);
    ad_graph_set(g, pad, "shadow_color", "0x000000a0");
    ad_graph_set_int(g, pad, "shadow_x", 3);
    ad_graph_set(g, pad, "box_color", "0x2040ff80");
    end_text(&u, pad);
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

/* ---- where the ink is ---- */

struct ink {
    int left, top, right,
        bottom;    /* pixels of the alpha plane that are not 0; right and bottom exclusive */
    double weight; /* sum of alpha, in whole pixels */
};

/* The alpha plane of frame n. */
static struct ink ink_of(const char *film, int n)
{
    struct ink ink = {160, 64, 0, 0, 0};
    static uint8_t plane[160 * 64];
    char command[600];
    (void)snprintf(command, sizeof(command),
                   "ffmpeg -v error -i '%s' -vf 'select=eq(n\\,%d),alphaextract' -frames:v 1 "
                   "-f rawvideo -pix_fmt gray -",
                   film, n);
    FILE *pipe = popen(command, "r"); /* NOLINT(cert-env33-c) */
    assert_non_null(pipe);
    assert_int_equal(fread(plane, 1, sizeof(plane), pipe), sizeof(plane));
    assert_int_equal(pclose(pipe), 0);
    for (int i = 0; i < 160 * 64; i++) {
        int x = i % 160;
        int y = i / 160;
        if (!plane[i]) {
            continue;
        }
        ink.left = x < ink.left ? x : ink.left;
        ink.top = y < ink.top ? y : ink.top;
        ink.right = x + 1 > ink.right ? x + 1 : ink.right;
        ink.bottom = y + 1 > ink.bottom ? y + 1 : ink.bottom;
        ink.weight += plane[i] / 255.0;
    }
    return ink;
}

struct wish {
    const char *text, *x, *y, *anchor, *opacity, *box;
};

static struct ink draw(void **state, const struct wish *w, int frame)
{
    const char *out = ad_test_path(*state, "title.nut");
    struct ad_test_unit u;
    artdag_error err = {0};
    struct ad_pad pad = begin_text(&u, w->text);
    ad_graph_set(u.unit.video, pad, "x", w->x);
    ad_graph_set(u.unit.video, pad, "y", w->y);
    ad_graph_set(u.unit.video, pad, "anchor", w->anchor ? w->anchor : "top_left");
    if (w->opacity) {
        ad_graph_set(u.unit.video, pad, "opacity", w->opacity);
    }
    if (w->box) {
        ad_graph_set(u.unit.video, pad, "box_color", w->box);
        ad_graph_set_int(u.unit.video, pad, "padding", 4);
    }
    end_text(&u, pad);
    enum artdag_err rc = render(&u, FONT, NULL, 1, out, &err);
    ad_test_ok(rc, &err, "render", __FILE__, __LINE__);
    ad_test_unit_fini(&u);
    return ink_of(out, frame);
}

/* From the font's tables: 2048 units per em, ascender 1901; U+2588 FULL BLOCK is a rectangle from (-20, -512) to
 * (1595, 1921). At 32 pixels that is 25.23 x 38.02 pixels; the ascender is rounded up to 30. */
static void a_block_covers_the_area_that_the_font_says(void **state)
{
    struct ink ink = draw(state, &(struct wish){"\u2588", "16", "8", NULL, NULL, NULL}, 0);
    assert_int_equal(ink.left, 15);
    assert_int_equal(ink.right, 41);
    assert_int_equal(ink.top, 7);
    assert_int_equal(ink.bottom, 46);
    assert_true(ink.weight > 959.3 - 2 && ink.weight < 959.3 + 2);
}

static void an_anchor_is_the_point_that_stays(void **state)
{
    static const char *const anchors[] = {"left", "center", "right"};
    struct ink ink[3];
    for (size_t i = 0; i < 3; i++) {
        ink[i] = draw(state, &(struct wish){"HHH", "80", "32", anchors[i], NULL, NULL}, 0);
    }
    assert_true(ink[0].left >= 80 && ink[2].right <= 80);
    assert_true(abs(ink[1].left + ink[1].right - 160) <= 1);
    assert_int_equal(ink[0].right - ink[0].left, ink[2].right - ink[2].left);
}

static void opacity_scales_the_alpha_of_all_together(void **state)
{
    struct wish w = {"Text", "20", "10", NULL, NULL, "0xff0000"};
    double full = draw(state, &w, 1).weight;
    w.opacity = "if(eq(n,1),0.5,0)";
    double half = draw(state, &w, 1).weight;
    assert_true(half > 0.49 * full && half < 0.51 * full);
    assert_true(draw(state, &w, 2).weight <= 0);
}

/* The centre of the ink moves by a quarter of a pixel a frame, not by whole pixels. */
static void text_moves_by_fractions_of_a_pixel(void **state)
{
    struct wish w = {"I", "60+n*0.25", "10", NULL, NULL, NULL};
    struct ink at[2] = {draw(state, &w, 0), draw(state, &w, 2)};
    assert_true(at[0].weight > at[1].weight - 0.5 && at[0].weight < at[1].weight + 0.5);
    assert_int_equal(at[0].top, at[1].top);
    struct wish whole = {"I", "60+n", "10", NULL, NULL, NULL};
    struct ink moved = draw(state, &whole, 2);
    assert_int_equal(moved.left, at[0].left + 2);
}

static void lines_stand_below_each_other(void **state)
{
    struct ink one = draw(state, &(struct wish){"H", "10", "0", NULL, NULL, NULL}, 0);
    struct ink two = draw(state, &(struct wish){"\nH", "10", "0", NULL, NULL, NULL}, 0);
    /* (1901 + 483) / 2048 x 32 pixels; FreeType rounds both metrics up. */
    assert_int_equal(two.top - one.top, 30 + 8);
}

static void text_is_never_expanded(void **state)
{
    struct ink percent = draw(state, &(struct wish){"%{n}", "0", "0", NULL, NULL, NULL}, 0);
    struct ink digit = draw(state, &(struct wish){"0", "0", "0", NULL, NULL, NULL}, 0);
    assert_true(percent.right > 2 * digit.right);
}

/* ---- hostile files ---- */

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
        end_text(&u, begin_text(&u, "x"));
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
    struct ad_pad pad = begin_text(&u, "x");
    struct ad_filter *filter = &u.unit.video->filters.items[pad.filter];
    end_text(&u, pad);
    filter = &u.unit.video->filters.items[pad.filter];
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
    ad_test_in_dir(a_block_covers_the_area_that_the_font_says),
    ad_test_in_dir(an_anchor_is_the_point_that_stays),
    ad_test_in_dir(opacity_scales_the_alpha_of_all_together),
    ad_test_in_dir(text_moves_by_fractions_of_a_pixel),
    ad_test_in_dir(lines_stand_below_each_other),
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
