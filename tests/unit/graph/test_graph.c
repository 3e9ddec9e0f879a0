/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "graph_test.h"

static void a_chain_links_each_filter_to_the_one_before(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = sample_unit(&arena);
    assert_false(unit.video->failed);
    assert_int_equal(unit.video->leaves.len, 1);
    assert_int_equal(unit.video->filters.len, 2);
    assert_int_equal(unit.video->links.len, 2);
    assert_true(unit.video->links.items[0].from.leaf);
    assert_int_equal(unit.video->links.items[1].from.filter, 0);
    assert_int_equal(unit.video->links.items[1].to_filter, 1);
    assert_string_equal(unit.video->filters.items[1].options.items[0].value, "PTS-5");
    ad_arena_fini(&arena);
}

static void strings_given_are_copied(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_graph *graph = ad_graph_new(&arena, AD_VIDEO);
    char name[] = "hue";
    char option[] = "h";
    struct ad_pad pad = ad_graph_chain(graph, name, sample_leaf(graph));
    ad_graph_set_double(graph, pad, option, 0.1);
    memset(name, 'x', 3);
    memset(option, 'x', 1);
    assert_string_equal(graph->filters.items[0].name, "hue");
    assert_string_equal(graph->filters.items[0].options.items[0].name, "h");
    assert_string_equal(graph->filters.items[0].options.items[0].value, "0.1");
    ad_arena_fini(&arena);
}

static void setting_an_option_of_a_leaf_fails_for_good(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_graph *graph = ad_graph_new(&arena, AD_VIDEO);
    ad_graph_set(graph, sample_leaf(graph), "h", "1");
    assert_true(graph->failed);
    assert_false(ad_graph_chain(graph, "hue", (struct ad_pad){.leaf = true, .set = true}).set);
    ad_arena_fini(&arena);
}

static void lack_of_memory_is_remembered(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena;
    ad_arena_init(&arena, 4096);
    struct ad_graph *graph = ad_graph_new(&arena, AD_VIDEO);
    assert_non_null(graph);
    struct ad_pad pad = sample_leaf(graph);
    for (int i = 0; i < 1000; i++) {
        pad = ad_graph_chain(graph, "hue", pad);
        ad_graph_set_int(graph, pad, "h", i);
    }
    graph->out = pad;
    assert_true(graph->failed);
    assert_fails(ARTDAG_E_NOMEM, ad_graph_check(graph, &err));
    assert_false(ad_graph_prune(graph));
    ad_arena_fini(&arena);
}

static void a_value_too_long_to_format_fails(void **state)
{
    (void)state;
    struct ad_arena arena = AD_ARENA_INIT;
    char text[4096];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = 0;
    struct ad_graph *graph = ad_graph_new(&arena, AD_VIDEO);
    struct ad_pad pad = ad_graph_chain(graph, "format", sample_leaf(graph));
    ad_graph_setf(graph, pad, "pix_fmts", "%s", text);
    assert_true(graph->failed);
    ad_arena_fini(&arena);
}

static void pruning_drops_what_does_not_reach_the_output(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_graph *graph = ad_graph_new(&arena, AD_VIDEO);
    struct ad_pad unused = ad_graph_chain(graph, "hflip", sample_leaf(graph));
    struct ad_leaf second = {.cid = "bafysecondleaf", .origin_den = 1, .count = 1};
    struct ad_pad used = ad_graph_chain(graph, "vflip", ad_graph_leaf(graph, &second));
    unused = ad_graph_chain(graph, "null", unused);
    used = ad_graph_chain(graph, "hue", used);
    ad_graph_set(graph, used, "h", "90");
    graph->out = used;
    assert_true(unused.set);
    assert_fails(ARTDAG_E_FORMAT, ad_graph_check(graph, &err));
    assert_err_says("leads nowhere");

    assert_true(ad_graph_prune(graph));
    assert_ok(ad_graph_check(graph, &err));
    assert_int_equal(graph->leaves.len, 1);
    assert_string_equal(graph->leaves.items[0].cid, "bafysecondleaf");
    assert_int_equal(graph->filters.len, 2);
    assert_string_equal(graph->filters.items[0].name, "vflip");
    assert_string_equal(graph->filters.items[1].name, "hue");
    assert_int_equal(graph->links.len, 2);
    assert_int_equal(graph->out.filter, 1);
    ad_arena_fini(&arena);
}

static void pruning_a_whole_graph_changes_nothing(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_unit unit = sample_unit(&arena);
    struct ad_buf before = AD_BUF_INIT(1 << 20);
    struct ad_buf after = AD_BUF_INIT(1 << 20);
    assert_ok(ad_unit_to_json(&unit, &before, &err));
    assert_true(ad_graph_prune(unit.video));
    assert_true(ad_graph_prune(unit.audio));
    assert_ok(ad_unit_to_json(&unit, &after, &err));
    assert_views_equal(ad_buf_as_str(&after), ad_buf_as_str(&before));
    ad_buf_fini(&before);
    ad_buf_fini(&after);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_chain_links_each_filter_to_the_one_before),
    cmocka_unit_test(strings_given_are_copied),
    cmocka_unit_test(setting_an_option_of_a_leaf_fails_for_good),
    cmocka_unit_test(lack_of_memory_is_remembered),
    cmocka_unit_test(a_value_too_long_to_format_fails),
    cmocka_unit_test(pruning_drops_what_does_not_reach_the_output),
    cmocka_unit_test(pruning_a_whole_graph_changes_nothing),
};
AD_TEST_MAIN(tests)
