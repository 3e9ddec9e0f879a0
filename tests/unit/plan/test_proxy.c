/* SPDX-License-Identifier: MIT */
#include "plan_test.h"

static struct ad_proxy ratio_of(const char *text)
{
    artdag_error err = {0};
    struct ad_proxy ratio = {0};
    assert_ok(ad_proxy_parse(ad_str_from(text), &ratio, &err));
    return ratio;
}

static enum artdag_err try_proxy(const struct ad_plan *full, const char *text,
                                 struct ad_plan **ret, artdag_error *err)
{
    struct request request = {.yaml = "x"};
    struct ad_plan_env env = request_env(&request);
    env.recipe_cid = full->recipe_cid;
    return ad_plan_proxy(full, ratio_of(text), &env, ret, err);
}

static struct ad_plan *proxy_of(const struct ad_plan *full, const char *text)
{
    artdag_error err = {0};
    struct ad_plan *plan = NULL;
    assert_ok(try_proxy(full, text, &plan, &err));
    return plan;
}

static int64_t number(const struct ad_plan *plan, const char *node, const char *key)
{
    artdag_error err = {0};
    int64_t n = 0;
    assert_ok(ad_value_i64(step_of(plan, node)->config, key, &n, &err));
    return n;
}

static void ratios_are_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t num, den;
    } good[] = {{"1/4", 1, 4}, {"0.25", 25, 100}, {"2/3", 2, 3}, {"1", 1, 1}, {"1/64", 1, 64}};
    static const char *const bad[] = {"",    "0",   "1/0", "2",    "5/4",   "1/65", "-1/4",
                                      "1/x", ".5.", "a",   "1//4", "1 / 4", "1e-1", "/4"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct ad_proxy r = ratio_of(good[i].text);
        assert_int_equal(r.num * good[i].den, r.den * good[i].num);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        artdag_error err = {0};
        struct ad_proxy r = {0};
        assert_fails(ARTDAG_E_INVAL, ad_proxy_parse(ad_str_from(bad[i]), &r, &err));
        assert_err_says("1/64");
    }
}

static const char montage[] = DAG(
    VIDEO CUT "  - {id: soft, type: TRANSFORM, config: {effects: {blur: 6, hue: 20}}, "
              "inputs: [cut]}\n"
              "  - {id: box, type: RESIZE, config: {width: 500, height: 302, mode: pad}, "
              "inputs: [soft]}\n"
              "  - {id: join, type: SEQUENCE, config: {transition: {type: crossfade, "
              "duration: 12f}}, inputs: [box, cut]}\n"
              "  - {id: out, type: ENCODE, config: {preset: slow, crf: 20}, inputs: [join]}\n");

static void a_proxy_has_the_same_steps_with_other_sizes_and_ids(void **state)
{
    (void)state;
    struct ad_plan *full = plan_of(montage), *small = proxy_of(full, "1/4");
    assert_int_equal(small->format.width, 320);
    assert_int_equal(small->format.height, 180);
    assert_int_equal(small->format.fps_num, full->format.fps_num);
    assert_int_equal(small->format.sample_rate, full->format.sample_rate);
    assert_int_equal(small->step_count, full->step_count);
    for (size_t i = 0; i < full->step_count; i++) {
        const struct ad_step *a = &full->steps[i], *b = &small->steps[i];
        assert_string_equal(a->name, b->name);
        assert_ptr_equal(a->op, b->op);
        assert_int_equal(a->edge.frames, b->edge.frames);
        assert_int_equal(a->level, b->level);
        assert_int_equal(a->line, b->line);
        assert_int_equal(a->input_count, b->input_count);
        assert_other_id(a->cache_id, b->cache_id);
    }
    /* 500/4 = 125 and 302/4 = 75.5, down to even; the blur to the nearest: 1.5 to 2 */
    assert_int_equal(number(small, "box", "width"), 124);
    assert_int_equal(number(small, "box", "height"), 74);
    const struct ad_value *effects = ad_value_get(step_of(small, "soft")->config, "effects");
    artdag_error err = {0};
    int64_t n = 0;
    assert_ok(ad_value_i64(effects, "blur", &n, &err));
    assert_int_equal(n, 2);
    assert_true(ad_value_get(effects, "hue")->number > 19.9);
    assert_true(
        ad_str_is(ad_value_get(step_of(small, "out")->config, "preset")->string, "veryfast"));
    assert_other_id(full->plan_id, small->plan_id);
    assert_other_id(full->run_id, small->run_id);
    ad_plan_destroy(small);
    ad_plan_destroy(full);
}

static void a_proxy_is_divided_where_the_film_is(void **state)
{
    (void)state;
    struct ad_plan *full = plan_of(montage), *small = proxy_of(full, "0.2");
    struct ad_shape *a = NULL, *b = NULL;
    artdag_error err = {0};
    assert_ok(ad_plan_shape(full, AD_STRATEGY_AUTO, &a, &err));
    assert_ok(ad_plan_shape(small, AD_STRATEGY_AUTO, &b, &err));
    assert_int_equal(a->films[0].span_count, b->films[0].span_count);
    assert_memory_equal(a->films[0].spans, b->films[0].spans,
                        a->films[0].span_count * sizeof(*a->films[0].spans));
    ad_shape_destroy(a);
    ad_shape_destroy(b);
    ad_plan_destroy(small);
    ad_plan_destroy(full);
}

static void a_proxy_of_the_full_size_is_the_full_plan(void **state)
{
    (void)state;
    struct ad_plan *full = plan_of(montage), *same = proxy_of(full, "1");
    struct ad_buf a = AD_BUF_INIT(1 << 20), b = AD_BUF_INIT(1 << 20);
    artdag_error err = {0};
    assert_ok(ad_plan_to_json(full, &a, &err));
    assert_ok(ad_plan_to_json(same, &b, &err));
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    ad_buf_fini(&a);
    ad_buf_fini(&b);
    ad_plan_destroy(same);
    ad_plan_destroy(full);
}

static void a_proxy_is_a_plan_like_any_other(void **state)
{
    (void)state;
    struct ad_plan *full = plan_of(montage), *small = proxy_of(full, "1/3"), *again = NULL;
    struct request request = {.yaml = montage};
    struct ad_plan_env env = request_env(&request);
    struct ad_buf json = AD_BUF_INIT(1 << 20);
    artdag_error err = {0};
    assert_ok(ad_plan_to_json(small, &json, &err));
    assert_ok(ad_plan_from_json(ad_buf_as_str(&json), &env, &again, &err));
    assert_same_id(small->plan_id, again->plan_id);
    ad_buf_fini(&json);
    ad_plan_destroy(again);
    ad_plan_destroy(small);
    ad_plan_destroy(full);
}

static void steps_that_become_equal_are_one(void **state)
{
    (void)state;
    struct ad_plan *full = plan_of(DAG(
        VIDEO "  - {id: a, type: RESIZE, config: {width: 100, height: 50}, inputs: [video]}\n"
              "  - {id: b, type: RESIZE, config: {width: 102, height: 50}, inputs: [video]}\n"
              "  - {id: out, type: SEQUENCE, inputs: [a, b]}\n"));
    struct ad_plan *small = proxy_of(full, "1/10");
    assert_int_equal(small->step_count, full->step_count - 1);
    assert_int_equal(step_of(small, "out")->edge.frames, step_of(full, "out")->edge.frames);
    ad_plan_destroy(small);
    ad_plan_destroy(full);
}

static void sizes_never_vanish(void **state)
{
    (void)state;
    struct ad_plan *full = plan_of("format: {width: 64, height: 36}\n" DAG(
        VIDEO "  - {id: out, type: RESIZE, config: {width: 20, height: 10, mode: stretch}, "
              "inputs: [video]}\n"));
    struct ad_plan *small = proxy_of(full, "1/64");
    assert_int_equal(small->format.width, 2);
    assert_int_equal(small->format.height, 2);
    assert_int_equal(number(small, "out", "width"), 2);
    assert_int_equal(number(small, "out", "height"), 2);
    ad_plan_destroy(small);
    ad_plan_destroy(full);
}

static void sound_alone_has_no_smaller_size(void **state)
{
    (void)state;
    struct ad_plan *full = make_plan(&(struct request){
        .yaml = DAG(MUSIC "  - {id: out, type: SEGMENT, config: {end: 2}, inputs: [music]}\n"),
        .inputs = "music=music"});
    struct ad_plan *small = proxy_of(full, "1/4");
    assert_same_id(full->steps[full->output].cache_id, small->steps[small->output].cache_id);
    ad_plan_destroy(small);
    ad_plan_destroy(full);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(ratios_are_read_as_people_write_them),
    cmocka_unit_test(a_proxy_has_the_same_steps_with_other_sizes_and_ids),
    cmocka_unit_test(a_proxy_is_divided_where_the_film_is),
    cmocka_unit_test(a_proxy_of_the_full_size_is_the_full_plan),
    cmocka_unit_test(a_proxy_is_a_plan_like_any_other),
    cmocka_unit_test(steps_that_become_equal_are_one),
    cmocka_unit_test(sizes_never_vanish),
    cmocka_unit_test(sound_alone_has_no_smaller_size),
};
AD_TEST_MAIN(tests)
