/* SPDX-License-Identifier: MIT
 *
 * INCLUDE, with files that are a table here.
 */
#include <stdio.h>

#include "recipe_test.h"

struct file {
    const char *name, *text;
};

static enum artdag_err load(void *payload, const char *from, const char *ref,
                            struct ad_arena *arena, const char **ret_file,
                            struct ad_str *ret_text, artdag_error *err)
{
    (void)from;
    for (const struct file *f = payload; f->name; f++)
        if (strcmp(f->name, ref) == 0) {
            *ret_file = ad_arena_strdup(arena, ad_str_from(f->name));
            *ret_text = ad_arena_str(arena, ad_str_from(f->text));
            return ARTDAG_OK;
        }
    return ad_error_set(err, ARTDAG_E_NOTFOUND, "test", "no such file");
}

static enum artdag_err read_files(struct file *files, struct ad_recipe **ret, artdag_error *err)
{
    struct ad_recipe_options options = {.load = load, .payload = files};
    return ad_recipe_parse(ad_str_from(files[0].text), files[0].name, &options, ret, err);
}

#define TITLE                                                                                  \
    "params:\n  length: {type: time, default: 1}\n"                                            \
    "dag:\n  nodes:\n"                                                                         \
    "    - {id: video, type: SOURCE, config: {input: true}}\n"                                 \
    "    - {id: cut, type: SEGMENT, config: {duration: $length}, inputs: [video]}\n"           \
    "    - {id: film, type: ENCODE, inputs: [cut]}\n"                                          \
    "  output: film\n"
#define TOP                                                                                    \
    "params:\n  len: {type: time, default: 3}\n"                                               \
    "dag:\n  nodes:\n"                                                                         \
    "    - {id: in, type: SOURCE, config: {input: true}}\n"                                    \
    "    - id: intro\n      type: INCLUDE\n"                                                   \
    "      config: {recipe: title.yaml, params: {length: \"${len / 2}\"}}\n"                   \
    "      inputs: {video: in}\n"                                                              \
    "    - {id: out, type: SEQUENCE, inputs: [intro, in]}\n"                                   \
    "  output: out\n"

static uint32_t index_of(const struct ad_recipe *r, const char *id)
{
    uint32_t index = UINT32_MAX;
    assert_int_equal(ad_recipe_find(r, ad_str_from(id), &index, NULL), ARTDAG_OK);
    return index;
}

static void nodes_come_in_under_the_includes_name(void **state)
{
    (void)state;
    struct file files[] = {{"top.yaml", TOP}, {"title.yaml", TITLE}, {0}};
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_ok(read_files(files, &r, &err));
    /* in, intro/cut, intro/film, out: the wired SOURCE is none of its own, and the ENCODE is passed by. */
    assert_int_equal(r->node_count, 4);
    uint32_t in = index_of(r, "in"), cut = index_of(r, "intro/cut"), out = index_of(r, "out");
    assert_int_equal(index_of(r, "intro"), cut);
    assert_int_equal(index_of(r, "intro/video"), in);
    assert_int_equal(r->nodes[cut].inputs[0].node, in);
    assert_int_equal(r->nodes[out].inputs[0].node, cut);
    assert_int_equal(r->nodes[out].inputs[1].node, in);
    assert_string_equal(ad_recipe_file_of(r, &r->nodes[cut]), "title.yaml");
    ad_recipe_destroy(r);
}

static void parameters_are_read_where_they_are_written(void **state)
{
    (void)state;
    static const struct ad_format format = {.width = 2,
                                            .height = 2,
                                            .fps_num = 24,
                                            .fps_den = 1,
                                            .pixel_format = "yuv420p",
                                            .sample_rate = 48000,
                                            .channels = 2};
    static const struct ad_recipe_facts facts = {.format = &format};
    struct file files[] = {{"top.yaml", TOP}, {"title.yaml", TITLE}, {0}};
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_recipe *r = NULL;
    const struct ad_value *const *values = NULL;
    const struct ad_value *config = NULL;
    int64_t frames = 0;
    assert_ok(read_files(files, &r, &err));
    assert_ok(ad_recipe_params(r, NULL, 0, &format, &arena, &values, &err));
    assert_ok(ad_recipe_config(r, &r->nodes[index_of(r, "intro/cut")], values, &facts, &arena,
                               &config, &err));
    assert_ok(
        ad_time_to_frames(ad_value_get(config, "duration"), &format, NULL, &frames, &err));
    assert_int_equal(frames, 36); /* 3 s / 2 at 24 */
    ad_arena_fini(&arena);
    ad_recipe_destroy(r);
}

static void an_input_that_is_not_wired_is_given_by_its_whole_name(void **state)
{
    (void)state;
    struct file files[] = {{"top.yaml",
                            "dag:\n  nodes:\n    - {id: intro, type: INCLUDE, config: {recipe: "
                            "title.yaml}}\n  output: intro\n"},
                           {"title.yaml", TITLE},
                           {0}};
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    const char *const names[] = {"intro/video"};
    const char *const wrong[] = {"video"};
    assert_ok(read_files(files, &r, &err));
    assert_ok(ad_recipe_check_inputs(r, names, 1, NULL, &err));
    assert_fails(ARTDAG_E_INVAL, ad_recipe_check_inputs(r, wrong, 1, NULL, &err));
    ad_recipe_destroy(r);
}

static void the_same_recipe_may_be_included_twice(void **state)
{
    (void)state;
    struct file files[] = {
        {"top.yaml",
         "dag:\n  nodes:\n    - {id: in, type: SOURCE, config: {input: true}}\n"
         "    - {id: a, type: INCLUDE, config: {recipe: title.yaml}, inputs: {video: in}}\n"
         "    - {id: b, type: INCLUDE, config: {recipe: title.yaml, params: {length: 2}}, "
         "inputs: {video: a}}\n"
         "  output: b\n"},
        {"title.yaml", TITLE},
        {0}};
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_ok(read_files(files, &r, &err));
    assert_int_equal(r->file_count, 2);
    assert_int_equal(r->nodes[index_of(r, "b/cut")].inputs[0].node, index_of(r, "a/cut"));
    assert_int_equal(r->output, index_of(r, "b/cut"));
    ad_recipe_destroy(r);
}

static void wrong_includes_are_refused_where_they_stand(void **state)
{
    (void)state;
#define ONE(config, inputs)                                                                    \
    "dag:\n  nodes:\n    - {id: in, type: SOURCE, config: {input: true}}\n"                    \
    "    - {id: a, type: INCLUDE, config: " config ", inputs: " inputs "}\n  output: a\n"
    static const struct {
        const char *text;
        enum artdag_err code;
        const char *file;
        int line;
        const char *message;
    } cases[] = {
        {ONE("{}", "{}"), ARTDAG_E_FORMAT, "top.yaml", 4, "needs \"recipe\""},
        {ONE("{recipe: none.yaml}", "{}"), ARTDAG_E_NOTFOUND, "top.yaml", 4, "no such file"},
        {ONE("{recipe: title.yaml, params: {lenght: 1}}", "{}"), ARTDAG_E_FORMAT, "top.yaml", 4,
         "no parameter \"lenght\""},
        {ONE("{recipe: title.yaml, params: {length: [1]}}", "{}"), ARTDAG_E_FORMAT, "top.yaml",
         4, "length"},
        {ONE("{recipe: title.yaml, params: {length: $none}}", "{}"), ARTDAG_E_FORMAT,
         "top.yaml", 4, "no parameter \"none\""},
        {ONE("{recipe: title.yaml}", "{vidoe: in}"), ARTDAG_E_FORMAT, "top.yaml", 4,
         "no SOURCE \"vidoe\""},
        {ONE("{recipe: title.yaml}", "{video: inn}"), ARTDAG_E_FORMAT, "top.yaml", 4,
         "no node is called \"inn\""},
        {ONE("{recipe: title.yaml}", "{video: a}"), ARTDAG_E_CYCLE, "title.yaml", 6,
         "its own result"},
        {ONE("{recipe: title.yaml, output: none}", "{}"), ARTDAG_E_FORMAT, "title.yaml", 4,
         "no node is called"},
        {ONE("{recipe: must.yaml}", "{}"), ARTDAG_E_FORMAT, "top.yaml", 4, "needs parameter"},
        {ONE("{recipe: self.yaml}", "{}"), ARTDAG_E_CYCLE, "self.yaml", 3, "includes itself"},
        {ONE("{recipe: broken.yaml}", "{}"), ARTDAG_E_FORMAT, "broken.yaml", 3, "unknown type"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct file files[] = {
            {"top.yaml", cases[i].text},
            {"title.yaml", TITLE},
            {"must.yaml", "params: {x: {type: int}}\ndag:\n  nodes:\n    - {id: video, type: "
                          "SOURCE, config: {input: true}}\n  output: video\n"},
            {"self.yaml", "dag:\n  nodes:\n    - {id: s, type: INCLUDE, config: {recipe: "
                          "self.yaml}}\n  output: s\n"},
            {"broken.yaml", "dag:\n  nodes:\n    - {id: s, type: SOURCES}\n  output: s\n"},
            {0}};
        artdag_error err = {0};
        struct ad_recipe *r = NULL;
        enum artdag_err rc = read_files(files, &r, &err);
        if (rc != cases[i].code || strcmp(err.file, cases[i].file) != 0 ||
            err.line != cases[i].line || !strstr(err.message, cases[i].message)) {
            char line[1000];
            artdag_error_format(&err, line, sizeof(line));
            fail_msg("case %zu gave %s: %s (%s:%d)", i, artdag_err_name(rc), line, err.file,
                     err.line);
        }
    }
}

static void nested_includes_end_at_a_limit(void **state)
{
    (void)state;
    /* Each includes the next one twice: 2^30 scopes if nothing stopped it. */
    struct file files[32] = {0};
    static char names[31][16], texts[31][400];
    for (size_t i = 0; i < 31; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "f%zu.yaml", i);
        (void)snprintf(texts[i], sizeof(texts[i]),
                       "dag:\n  nodes:\n    - {id: a, type: INCLUDE, config: {recipe: "
                       "f%zu.yaml}}\n    - {id: b, type: INCLUDE, config: {recipe: "
                       "f%zu.yaml}}\n  output: b\n",
                       i + 1, i + 1);
        files[i] = (struct file){names[i], texts[i]};
    }
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    assert_fails(ARTDAG_E_LIMIT, read_files(files, &r, &err));
}

static void a_frozen_text_names_cids_and_is_else_the_same(void **state)
{
    (void)state;
    struct file files[] = {
        {"top.yaml",
         "# a comment\ndag:\n  nodes:\n"
         "    - {id: a, type: INCLUDE, config: {recipe: 'title.yaml'}} # here\n"
         "    - {id: b, type: INCLUDE, config: {recipe: title.yaml}, inputs: {video: a}}\n"
         "    - {id: c, type: INCLUDE, config: {recipe: \"title.yaml\"}, inputs: {video: b}}\n"
         "  output: c\n"},
        {"title.yaml", TITLE},
        {0}};
    artdag_error err = {0};
    struct ad_recipe *r = NULL;
    struct ad_buf text = AD_BUF_INIT(10000);
    const char *const cids[] = {"", "bafyX"};
    assert_ok(read_files(files, &r, &err));
    assert_ok(ad_recipe_freeze(r, 0, cids, &text, &err));
    assert_str_view_equal(
        ad_buf_as_str(&text),
        "# a comment\ndag:\n  nodes:\n"
        "    - {id: a, type: INCLUDE, config: {recipe: bafyX}} # here\n"
        "    - {id: b, type: INCLUDE, config: {recipe: bafyX}, inputs: {video: a}}\n"
        "    - {id: c, type: INCLUDE, config: {recipe: bafyX}, inputs: {video: b}}\n"
        "  output: c\n");
    ad_buf_clear(&text);
    assert_ok(ad_recipe_freeze(r, 1, cids, &text, &err));
    assert_str_view_equal(ad_buf_as_str(&text), TITLE);
    ad_buf_fini(&text);
    ad_recipe_destroy(r);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(nodes_come_in_under_the_includes_name),
    cmocka_unit_test(parameters_are_read_where_they_are_written),
    cmocka_unit_test(an_input_that_is_not_wired_is_given_by_its_whole_name),
    cmocka_unit_test(the_same_recipe_may_be_included_twice),
    cmocka_unit_test(wrong_includes_are_refused_where_they_stand),
    cmocka_unit_test(nested_includes_end_at_a_limit),
    cmocka_unit_test(a_frozen_text_names_cids_and_is_else_the_same),
};
AD_TEST_MAIN(tests)
