/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "graph_test.h"

#define FONT_CID "bafkreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER_CID "bafkreibbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* A title in this font, on the sample leaf's picture. */
static struct ad_pad write_title(struct ad_graph *graph, struct ad_pad in, const char *font)
{
    struct ad_pad both[2] = {in, ad_graph_filter(graph, "artdag_text", NULL, 0)};
    struct ad_pad pad = both[1];
    ad_graph_set_file(graph, pad, "fontfile", font);
    ad_graph_set(graph, pad, "text", "Title");
    return ad_graph_filter(graph, "overlay", both, 2);
}

static struct ad_unit titled_unit(struct ad_arena *arena)
{
    struct ad_unit unit = sample_unit(arena);
    unit.video->out = write_title(unit.video, unit.video->out, FONT_CID);
    return unit;
}

static void set_value(struct ad_graph *graph, const char *value)
{
    graph->filters.items[2].options.items[0].value = value;
}

static void a_file_that_is_read_twice_is_one_file(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = titled_unit(&arena);
    struct ad_graph *graph = unit.video;
    graph->out = write_title(graph, graph->out, OTHER_CID);
    graph->out = write_title(graph, graph->out, FONT_CID);
    assert_int_equal(graph->files.len, 2);
    assert_string_equal(graph->filters.items[6].options.items[0].value, "0");
    assert_ok(ad_unit_check(&unit, &err));
    ad_arena_fini(&arena);
}

static void pruning_drops_files_that_nobody_reads_any_more(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = sample_unit(&arena);
    struct ad_graph *graph = unit.video;
    (void)write_title(graph, sample_leaf(graph), OTHER_CID);
    graph->out = write_title(graph, graph->out, FONT_CID);
    assert_true(ad_graph_prune(graph));
    assert_int_equal(graph->files.len, 1);
    assert_string_equal(graph->files.items[0], FONT_CID);
    assert_string_equal(graph->filters.items[2].options.items[0].value, "0");
    assert_ok(ad_unit_check(&unit, &err));
    ad_arena_fini(&arena);
}

static void files_are_written_and_read_by_cid(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    struct ad_unit unit = titled_unit(&arena);
    struct ad_unit back = {0};
    assert_ok(ad_unit_to_json(&unit, &buf, &err));
    assert_non_null(memmem(buf.data, buf.len, "\"files\":[\"" FONT_CID "\"]",
                           sizeof("\"files\":[\"" FONT_CID "\"]") - 1));
    assert_ok(ad_unit_from_json(&arena, ad_buf_as_str(&buf), &back, &err));
    assert_string_equal(back.video->files.items[0], FONT_CID);
    ad_buf_fini(&buf);
    ad_arena_fini(&arena);
}

static void an_option_cannot_name_a_file_that_is_not_there(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    static const char *const values[] = {"1", "-1", "/etc/passwd", "0x0", "99999999999"};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct ad_unit unit = titled_unit(&arena);
        set_value(unit.video, values[i]);
        assert_int_equal(ad_unit_check(&unit, &err), ARTDAG_E_FORMAT);
    }
    ad_arena_fini(&arena);
}

static void a_file_that_no_filter_reads_is_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = titled_unit(&arena);
    struct ad_pad text = {.filter = 2, .set = true};
    ad_graph_set_file(unit.video, text, "fontfile", OTHER_CID);
    unit.video->filters.items[2].options.len--;
    assert_int_equal(ad_unit_check(&unit, &err), ARTDAG_E_FORMAT);
    ad_arena_fini(&arena);
}

static void text_is_data_without_control_characters(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = titled_unit(&arena);
    struct ad_option *text = &unit.video->filters.items[2].options.items[1];
    text->value = "%{localtime}: 'a\\b', [c];d é 漢";
    assert_ok(ad_unit_check(&unit, &err));
    text->value = "two\nlines";
    assert_ok(ad_unit_check(&unit, &err));
    text->value = "\x1b[2J";
    assert_int_equal(ad_unit_check(&unit, &err), ARTDAG_E_FORMAT);
    text->value = "\xff";
    assert_int_equal(ad_unit_check(&unit, &err), ARTDAG_E_FORMAT);
    ad_arena_fini(&arena);
}

static void a_unit_cannot_read_more_files_than_a_process_may_open(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = sample_unit(&arena);
    for (int i = 0; i < 33; i++) {
        const char *cid = ad_arena_printf(&arena, "bafkrei%02d", i);
        unit.video->out = write_title(unit.video, unit.video->out, cid);
    }
    assert_int_equal(ad_unit_check(&unit, &err), ARTDAG_E_LIMIT);
    ad_arena_fini(&arena);
}

/* Numbered: leaf of the pictures, leaf of the sound, then the font. */
static void a_job_has_a_size_for_every_file_within_the_limit(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    int64_t sizes[3] = {INT64_C(1) << 40, INT64_C(1) << 40, 64 << 20};
    struct ad_job job = {.kind = AD_JOB_FILM, .unit = titled_unit(&arena), .threads = 1};
    job.sizes.items = sizes;
    job.sizes.len = 3;
    assert_ok(ad_job_check(&job, &err));
    sizes[2]++;
    assert_int_equal(ad_job_check(&job, &err), ARTDAG_E_LIMIT);
    job.sizes.len = 2;
    assert_int_equal(ad_job_check(&job, &err), ARTDAG_E_FORMAT);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_file_that_is_read_twice_is_one_file),
    cmocka_unit_test(pruning_drops_files_that_nobody_reads_any_more),
    cmocka_unit_test(files_are_written_and_read_by_cid),
    cmocka_unit_test(an_option_cannot_name_a_file_that_is_not_there),
    cmocka_unit_test(a_file_that_no_filter_reads_is_refused),
    cmocka_unit_test(text_is_data_without_control_characters),
    cmocka_unit_test(a_unit_cannot_read_more_files_than_a_process_may_open),
    cmocka_unit_test(a_job_has_a_size_for_every_file_within_the_limit),
};

AD_TEST_MAIN(tests)
