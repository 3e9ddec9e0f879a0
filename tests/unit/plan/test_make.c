/* SPDX-License-Identifier: MIT */
#include "plan_test.h"

static void simple_sequence_is_four_seconds(void **state)
{
    (void)state;
    char *yaml = source_text("examples/simple_sequence.yaml");
    struct ad_plan *plan = plan_of(yaml);
    const struct ad_step *out = &plan->steps[plan->output];
    assert_string_equal(plan->name, "simple_sequence");
    assert_string_equal(plan->version, "1.0");
    assert_int_equal(plan->step_count, 5);
    assert_string_equal(out->name, "simple_sequence.output.encode");
    assert_string_equal(out->op->node_type, "ENCODE");
    assert_int_equal(out->edge.frames, 96);
    assert_int_equal(out->edge.width, 1280);
    assert_true(out->edge.deliverable);
    assert_int_equal(step_of(plan, "video")->edge.frames, 720);
    assert_int_equal(step_of(plan, "seg1")->edge.frames, 48);
    assert_int_equal(step_of(plan, "video")->level, 0);
    assert_int_equal(step_of(plan, "seg2")->level, 1);
    assert_int_equal(step_of(plan, "output")->level, 2);
    assert_int_equal(out->level, 3);
    assert_int_equal(step_of(plan, "seg1")->line, 18);
    ad_plan_destroy(plan);
    ad_plan_destroy(NULL);
    free(yaml);
}

static void title_of_an_input_names_it_too(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(
        &(struct request){.yaml = DAG("  - {id: v, type: SOURCE, config: {input: true, "
                                      "name: clip}}\n"
                                      "  - {id: out, type: SEGMENT, inputs: [v]}\n"),
                          .inputs = "clip=film"});
    assert_string_equal(plan->inputs[0].name, "clip");
    ad_plan_destroy(plan);
}

/* 100 clips of 41 frames make 4100, and n crossfades of 12 frames take 12 each. */
static void frames_are_summed_exactly(void **state)
{
    (void)state;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    ad_buf_str(&buf, "name: r\ndag:\n  nodes:\n" VIDEO);
    for (int i = 0; i < 100; i++)
        ad_buf_printf(&buf,
                      "  - {id: s%d, type: SEGMENT, config: {start: %df, duration: 41f}, "
                      "inputs: [video]}\n",
                      i, i * 3);
    ad_buf_str(&buf, "  - id: cut\n    type: SEQUENCE\n    inputs: [");
    for (int i = 0; i < 100; i++)
        ad_buf_printf(&buf, "%ss%d", i ? ", " : "", i);
    ad_buf_str(&buf, "]\n  output: cut\n");
    struct ad_plan *plan = plan_of((const char *)buf.data);
    assert_int_equal(step_of(plan, "cut")->edge.frames, 4100);
    assert_int_equal(step_of(plan, "cut")->input_count, 100);
    assert_string_equal(step_of(plan, "cut")->inputs[99].slot, "99");
    ad_plan_destroy(plan);
    ad_buf_fini(&buf);
}

static void only_what_the_output_needs_is_planned(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&(struct request){
        .yaml = DAG(VIDEO MUSIC CUT "  - {id: never, type: SEGMENT, inputs: [music]}\n"
                                    "  - {id: out, type: SEQUENCE, inputs: [cut]}\n")});
    assert_int_equal(plan->step_count, 4);
    assert_int_equal(plan->input_count, 1);
    ad_plan_destroy(plan);
}

static void target_is_another_output_in_the_same_format(void **state)
{
    (void)state;
    static const char yaml[] =
        DAG(VIDEO "  - {id: second, type: SOURCE, config: {input: true}}\n"
                  "  - {id: look, type: SEGMENT, config: {end: 1}, inputs: [second]}\n"
                  "  - {id: out, type: SEQUENCE, inputs: [video, look]}\n");
    struct ad_plan *whole =
        make_plan(&(struct request){.yaml = yaml, .inputs = "video=film second=small"});
    struct ad_plan *part = make_plan(
        &(struct request){.yaml = yaml, .inputs = "video=film second=small", .target = "look"});
    assert_int_equal(part->step_count, 3);
    assert_int_equal(part->format.width, 1280);
    assert_same_id(step_of(whole, "look")->cache_id, step_of(part, "look")->cache_id);
    assert_string_equal(part->steps[part->output].op->node_type, "ENCODE");
    assert_other_id(whole->run_id, part->run_id);
    ad_plan_destroy(whole);
    ad_plan_destroy(part);
    artdag_error err = {0};
    struct request wrong = {
        .yaml = yaml, .inputs = "video=film second=small", .target = "loko"};
    struct ad_plan *none = NULL;
    assert_fails(ARTDAG_E_NOTFOUND, try_plan(&wrong, &none, &err));
    assert_err_says("did you mean look?");
    assert_null(none);
}

static void a_source_alone_is_encoded(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(
        &(struct request){.yaml = DAG(VIDEO "  - {id: out, type: SEGMENT, inputs: [video]}\n"),
                          .target = "video"});
    assert_int_equal(plan->step_count, 2);
    assert_string_equal(plan->steps[plan->output].name, "r.video.encode");
    ad_plan_destroy(plan);
}

static void registry_asset_is_an_input_by_its_name(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(
        &(struct request){.yaml = "registry: {assets: {mark: {cid: bafkqaaa}}}\n" DAG(
                              VIDEO "  - {id: logo, type: SOURCE, config: {asset: mark}}\n"
                                    "  - {id: out, type: SEQUENCE, inputs: [video, logo]}\n"),
                          .inputs = "mark=photo video=film"});
    const struct ad_step *logo = step_of(plan, "logo");
    assert_string_equal(plan->inputs[logo->input].name, "mark");
    assert_int_equal(logo->edge.frames, 1);
    ad_plan_destroy(plan);
}

static void a_chain_of_100000_steps_is_planned(void **state)
{
    (void)state;
    struct ad_buf buf = AD_BUF_INIT(16 << 20);
    ad_buf_str(&buf, "name: r\ndag:\n  nodes:\n" VIDEO
                     "  - {id: n0, type: SEGMENT, config: {end: 20}, inputs: [video]}\n");
    for (int i = 1; i < 99999; i++)
        ad_buf_printf(&buf, "  - {id: n%d, type: RESIZE, config: {width: %d}, inputs: [n%d]}\n",
                      i, i % 2 ? 640 : 320, i - 1);
    ad_buf_str(&buf, "  output: n99998\n");
    struct ad_plan *plan = plan_of((const char *)buf.data);
    assert_int_equal(plan->step_count, 100001);
    assert_int_equal(plan->steps[plan->output].level, 100000);
    ad_plan_destroy(plan);
    ad_buf_fini(&buf);
}

/* What is found only once lengths are known is told with the node and its line, too. */
static void mistakes_of_meaning_are_told_with_node_and_line(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *inputs, *node, *says;
        int line;
        enum artdag_err code;
    } cases[] = {
        {DAG(VIDEO "  - {id: out, type: SEGMENT, config: {start: 31}, inputs: [video]}\n"),
         NULL, "out", "", 5, ARTDAG_E_FORMAT},
        {DAG(VIDEO "  - id: out\n    type: SEGMENT\n    config:\n      start: 2\n      end: 1\n"
                   "    inputs: [video]\n"),
         NULL, "out", "", 9, ARTDAG_E_FORMAT},
        {DAG(VIDEO "  - {id: out, type: SEGMENT, config: {duration: 0}, inputs: [video]}\n"),
         NULL, "out", "", 5, ARTDAG_E_FORMAT},
        {DAG(VIDEO "  - {id: out, type: SEGMENT, config: {end: 99}, inputs: [video]}\n"), NULL,
         "out", "", 5, ARTDAG_E_FORMAT},
        {DAG(VIDEO MUSIC "  - {id: out, type: MUX, inputs: [music, video]}\n"),
         "video=film music=music", "out", "picture", 6, ARTDAG_E_FORMAT},
        {"format: {sample_rate: 96001}\n" DAG(VIDEO "  - {id: out, type: SEGMENT, inputs: "
                                                    "[video]}\n"),
         NULL, "out", "96001", 6, ARTDAG_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ad_plan *plan = NULL;
        struct request request = {.yaml = cases[i].yaml, .inputs = cases[i].inputs};
        assert_fails(cases[i].code, try_plan(&request, &plan, &err));
        assert_err_says(cases[i].says);
        assert_string_equal(err.node, cases[i].node);
        assert_string_equal(err.file, "film.yaml");
        assert_int_equal(err.line, cases[i].line);
        assert_true(err.column > 0);
    }
}

static void inputs_and_parameters_are_checked(void **state)
{
    (void)state;
    static const struct ad_plan_param wrong[] = {{"lenght", "1"}}, late[] = {{"len", "40"}};
    static const char yaml[] = "params: {len: {type: time, default: 1}}\n" DAG(
        VIDEO "  - {id: out, type: SEGMENT, config: {duration: $len}, inputs: [video]}\n");
    artdag_error err = {0};
    struct ad_plan *plan = NULL;
    struct request request = {.yaml = yaml, .inputs = ""};
    assert_fails(ARTDAG_E_INVAL, try_plan(&request, &plan, &err));
    assert_err_says("input \"video\" is not given");
    request.inputs = "video=film vidoe=film";
    assert_fails(ARTDAG_E_INVAL, try_plan(&request, &plan, &err));
    assert_err_says("vidoe");
    request = (struct request){.yaml = yaml, .params = wrong, .param_count = 1};
    assert_fails(ARTDAG_E_INVAL, try_plan(&request, &plan, &err));
    assert_err_says("no parameter \"lenght\"");
    request.params = late;
    assert_fails(ARTDAG_E_FORMAT, try_plan(&request, &plan, &err));
    assert_string_equal(err.node, "out");
    assert_int_equal(err.line, 6);
    assert_null(plan);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(simple_sequence_is_four_seconds),
    cmocka_unit_test(title_of_an_input_names_it_too),
    cmocka_unit_test(frames_are_summed_exactly),
    cmocka_unit_test(only_what_the_output_needs_is_planned),
    cmocka_unit_test(target_is_another_output_in_the_same_format),
    cmocka_unit_test(a_source_alone_is_encoded),
    cmocka_unit_test(registry_asset_is_an_input_by_its_name),
    cmocka_unit_test(a_chain_of_100000_steps_is_planned),
    cmocka_unit_test(mistakes_of_meaning_are_told_with_node_and_line),
    cmocka_unit_test(inputs_and_parameters_are_checked),
};
AD_TEST_MAIN(tests)
