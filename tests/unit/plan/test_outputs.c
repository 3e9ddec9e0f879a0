/* SPDX-License-Identifier: MIT */
#include "plan_test.h"

#define NODES                                                                                  \
    "name: r\ndag:\n  nodes:\n" VIDEO CUT                                                      \
    "  - {id: wide, type: RESIZE, config: {width: 640}, inputs: [cut]}\n"                      \
    "  - {id: low, type: ENCODE, config: {crf: 30}, inputs: [cut]}\n"                          \
    "  - {id: sound, type: ENCODE, config: {profile: audio}, inputs: [cut]}\n"

static const char three[] = "outputs: {wide: wide, low: low, sound: sound}\n" NODES;

static uint32_t output_step(const struct ad_plan *plan, const char *name)
{
    const struct ad_plan_output *output = ad_plan_find_output(plan, name);
    assert_non_null(output);
    return output->step;
}

static void outputs_share_what_they_have_in_common(void **state)
{
    (void)state;
    struct ad_plan *plan = plan_of(three);
    /* video, cut, wide, its ENCODE, low, sound */
    assert_int_equal(plan->step_count, 6);
    assert_int_equal(plan->output_count, 3);
    assert_string_equal(plan->outputs[0].name, "wide");
    assert_int_equal(plan->output, output_step(plan, "wide"));
    assert_string_equal(plan->steps[plan->output].name, "r.wide.encode");
    assert_null(ad_plan_find_output(plan, "narrow"));
    ad_plan_destroy(plan);
}

static void an_output_has_the_id_that_it_has_alone(void **state)
{
    (void)state;
    struct ad_plan *plan = plan_of(three);
    struct ad_plan *alone =
        make_plan(&(struct request){.yaml = NODES "  output: low\n", .inputs = "video=film"});
    assert_same_id(plan->steps[output_step(plan, "low")].cache_id,
                   alone->steps[alone->output].cache_id);
    assert_other_id(plan->plan_id, alone->plan_id);
    assert_other_id(plan->run_id, alone->run_id);
    ad_plan_destroy(plan);
    ad_plan_destroy(alone);
}

static void names_and_order_of_outputs_reach_no_id(void **state)
{
    (void)state;
    struct ad_plan *a = plan_of("outputs: {x: wide, y: low}\n" NODES "  output: low\n");
    struct ad_plan *b = plan_of("outputs: {tiny: low, large: wide}\n" NODES "  output: low\n");
    struct ad_plan *c = plan_of("outputs: {x: wide, y: low}\n" NODES);
    assert_same_id(a->plan_id, b->plan_id);
    assert_same_id(a->run_id, b->run_id);
    assert_other_id(a->plan_id, c->plan_id); /* another film is the first */
    ad_plan_destroy(a);
    ad_plan_destroy(b);
    ad_plan_destroy(c);
}

static void two_names_for_one_step_are_a_plan_of_one_output(void **state)
{
    (void)state;
    struct ad_plan *twice = plan_of("outputs: {x: wide, y: wide}\n" NODES);
    struct ad_plan *once = plan_of(NODES "  output: wide\n");
    assert_int_equal(twice->output_count, 2);
    assert_same_id(twice->plan_id, once->plan_id);
    assert_same_id(twice->run_id, once->run_id);
    ad_plan_destroy(twice);
    ad_plan_destroy(once);
}

static void some_outputs_are_planned_by_name(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const char *const only[] = {"sound", "low", "sound"}, *const wrong[] = {"solund"};
    struct request some = {.yaml = three, .only = only, .only_count = 3};
    struct ad_plan *plan = make_plan(&some), *none = NULL;
    assert_int_equal(plan->output_count, 2);
    assert_string_equal(plan->outputs[0].name, "low");
    assert_int_equal(plan->output, output_step(plan, "low"));
    assert_int_equal(plan->step_count, 4);
    some.only = wrong;
    some.only_count = 1;
    assert_fails(ARTDAG_E_NOTFOUND, try_plan(&some, &none, &err));
    assert_err_says("did you mean sound?");
    some.target = "cut";
    assert_fails(ARTDAG_E_INVAL, try_plan(&some, &none, &err));
    ad_plan_destroy(plan);
}

static void outputs_are_files_of_their_kind(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_file_type type = {0};
    struct ad_plan *plan = plan_of(three);
    assert_ok(ad_plan_file_type(plan, output_step(plan, "sound"), &type, &err));
    assert_string_equal(type.extension, "m4a");
    assert_string_equal(type.media_type, "audio/mp4");
    assert_string_equal(type.kind, "audio");
    assert_ok(ad_plan_file_type(plan, output_step(plan, "low"), &type, &err));
    assert_string_equal(type.extension, "mp4");
    assert_string_equal(type.kind, "video");
    ad_plan_destroy(plan);
}

static char *json_of(const struct ad_plan *plan, size_t *ret_len)
{
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT(16 << 20);
    assert_ok(ad_plan_to_json(plan, &buf, &err));
    char *text = ad_buf_take(&buf, ret_len);
    ad_buf_fini(&buf);
    return text;
}

static void the_document_lists_outputs_and_reads_back(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_plan *plan = plan_of(three), *again = NULL;
    struct ad_plan_env env = request_env(&(struct request){.yaml = three});
    size_t len = 0, again_len = 0;
    char *text = json_of(plan, &len);
    assert_non_null(strstr(text, "\"index\":2,\"media_type\":\"audio\",\"name\":\"sound\""));
    assert_ok(ad_plan_from_json((struct ad_str){text, len}, &env, &again, &err));
    char *second = json_of(again, &again_len);
    assert_string_equal(text, second);
    assert_same_id(plan->run_id, again->run_id);
    ad_plan_destroy(plan);
    ad_plan_destroy(again);
    free(text);
    free(second);
}

static void changed_outputs_of_a_document_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        enum artdag_err code;
    } cases[] = {
        {"\"index\":2", "\"index\":1", ARTDAG_E_CORRUPT},
        {"\"media_type\":\"audio\",\"name\":\"sound\"",
         "\"media_type\":\"video\",\"name\":\"sound\"", ARTDAG_E_CORRUPT},
        {"\"name\":\"low\"}", "\"name\":\"wide\"}", ARTDAG_E_CORRUPT},
        {"\"outputs\":[", "\"outputs\":[],\"outptus\":[", ARTDAG_E_FORMAT},
        {"\"outputs\":[", "\"outputs\":[3,", ARTDAG_E_FORMAT},
    };
    struct ad_plan *plan = plan_of(three);
    struct ad_plan_env env = request_env(&(struct request){.yaml = three});
    char *text = json_of(plan, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        struct ad_buf buf = AD_BUF_INIT(16 << 20);
        struct ad_plan *read = NULL;
        const char *at = strstr(text, cases[i].from);
        assert_non_null(at);
        ad_buf_append(&buf, text, (size_t)(at - text));
        ad_buf_str(&buf, cases[i].to);
        ad_buf_str(&buf, at + strlen(cases[i].from));
        assert_fails(cases[i].code, ad_plan_from_json(ad_buf_as_str(&buf), &env, &read, &err));
        assert_null(read);
        ad_buf_fini(&buf);
    }
    free(text);
    ad_plan_destroy(plan);
}

/* Each film has its own spans; sound alone is never divided. */
static void every_film_is_divided_and_joined_by_itself(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_plan *plan =
        plan_of("outputs: {all: whole, cut: cut, sound: sound}\n" NODES
                "  - {id: whole, type: SEQUENCE, inputs: [cut, video, wide]}\n");
    struct ad_shape *shape = NULL;
    struct ad_lowering *l = NULL;
    enum ad_need need[16];
    assert_ok(ad_plan_shape(plan, AD_STRATEGY_AUTO, &shape, &err));
    assert_int_equal(shape->film_count, 2);
    for (size_t i = 0; i < plan->step_count; i++)
        need[i] = AD_NEED_RUN;
    assert_ok(ad_lower(plan, shape, need, &l, &err));
    assert_int_equal(l->film_count, 2);
    size_t joins = 0, steps = 0;
    for (size_t i = 0; i < l->task_count; i++) {
        const struct ad_task *task = &l->tasks[i];
        joins += task->kind == AD_TASK_JOIN;
        steps += task->kind == AD_TASK_STEP;
        if (task->kind != AD_TASK_JOIN)
            continue;
        const struct ad_film *film = ad_film_of(l->films, l->film_count, task->step);
        assert_non_null(film);
        assert_int_equal(task->after_count, film->span_count + 1); /* and its sound */
        assert_int_equal(film->spans[film->span_count - 1].to,
                         plan->steps[task->step].edge.frames);
        for (size_t k = 0; k < task->after_count; k++)
            assert_int_equal(l->tasks[task->after[k]].step, task->step);
    }
    assert_int_equal(joins, 2);
    assert_true(steps >= 1);
    ad_lowering_destroy(l);
    ad_shape_destroy(shape);
    ad_plan_destroy(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_share_what_they_have_in_common),
        cmocka_unit_test(an_output_has_the_id_that_it_has_alone),
        cmocka_unit_test(names_and_order_of_outputs_reach_no_id),
        cmocka_unit_test(two_names_for_one_step_are_a_plan_of_one_output),
        cmocka_unit_test(some_outputs_are_planned_by_name),
        cmocka_unit_test(outputs_are_files_of_their_kind),
        cmocka_unit_test(the_document_lists_outputs_and_reads_back),
        cmocka_unit_test(changed_outputs_of_a_document_are_refused),
        cmocka_unit_test(every_film_is_divided_and_joined_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
