/* SPDX-License-Identifier: MIT */
#include "plan_test.h"

static const char yaml[] = "description: a film\nversion: 1.0\nowner: me\n" DAG(
    VIDEO MUSIC CUT
    "  - {id: look, type: TRANSFORM, config: {effects: {saturation: 1.25, speed: "
    "0.5}}, inputs: [cut]}\n"
    "  - {id: out, type: MUX, inputs: {video: look, audio: music}}\n");
static const struct request request = {.yaml = yaml, .inputs = "video=film music=music"};

static char *json_of(const struct ad_plan *plan, size_t *ret_len)
{
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT(16 << 20);
    assert_ok(ad_plan_to_json(plan, &buf, &err));
    char *text = ad_buf_take(&buf, ret_len);
    ad_buf_fini(&buf);
    return text;
}

static void document_is_canonical_json(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_plan *plan = make_plan(&request);
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf again = AD_BUF_INIT(16 << 20);
    const struct ad_value *root = NULL;
    size_t len = 0;
    char *text = json_of(plan, &len);
    assert_ok(ad_json_parse(&arena, (struct ad_str){text, len}, NULL, NULL, &root, &err));
    assert_ok(ad_json_canonical(root, &again, &err));
    assert_str_view_equal(ad_buf_as_str(&again), text);
    static const char *const wanted[] = {"plan_id", "recipe_cid", "recipe_name", "inputs",
                                         "steps",   "name",       "output_step", "output_name",
                                         "format",  "metadata",   "run_id",      "toolchain"};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        assert_non_null(ad_value_get(root, wanted[i]));
    const struct ad_value *step = ad_value_get(root, "steps")->list.items[2];
    static const char *const of_step[] = {"step_id",  "name",        "node_type",
                                          "config",   "input_steps", "inputs",
                                          "cache_id", "level",       "frames"};
    for (size_t i = 0; i < sizeof(of_step) / sizeof(of_step[0]); i++)
        assert_non_null(ad_value_get(step, of_step[i]));
    ad_buf_fini(&again);
    ad_arena_fini(&arena);
    ad_plan_destroy(plan);
    free(text);
}

static void document_holds_no_key_and_no_path(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&request);
    char *text = json_of(plan, NULL);
    assert_null(strstr(text, TEST_KEY));
    assert_null(strstr(text, "film.yaml"));
    free(text);
    ad_plan_destroy(plan);
}

static void document_reads_back_as_the_same_plan(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_plan *plan = make_plan(&request), *again = NULL;
    struct ad_plan_env env = request_env(&request);
    size_t len = 0, again_len = 0;
    char *text = json_of(plan, &len);
    assert_ok(ad_plan_from_json((struct ad_str){text, len}, &env, &again, &err));
    char *second = json_of(again, &again_len);
    assert_string_equal(text, second);
    assert_int_equal(again->step_count, plan->step_count);
    assert_null(again->file);
    assert_int_equal(again->sources[1].width, 1280);
    assert_same_id(again->plan_id, plan->plan_id);
    ad_plan_destroy(plan);
    ad_plan_destroy(again);
    free(text);
    free(second);
}

/* One thing changed in the document. */
static enum artdag_err read_changed(const char *text, const char *from, const char *to,
                                    artdag_error *err)
{
    struct ad_plan_env env = request_env(&request);
    struct ad_buf buf = AD_BUF_INIT(16 << 20);
    struct ad_plan *plan = NULL;
    const char *at = strstr(text, from);
    assert_non_null(at);
    ad_buf_append(&buf, text, (size_t)(at - text));
    ad_buf_str(&buf, to);
    ad_buf_str(&buf, at + strlen(from));
    enum artdag_err rc = ad_plan_from_json(ad_buf_as_str(&buf), &env, &plan, err);
    ad_plan_destroy(plan);
    ad_buf_fini(&buf);
    return rc;
}

static void changed_documents_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        enum artdag_err code;
    } cases[] = {
        {"\"duration\":48", "\"duration\":49", ARTDAG_E_CORRUPT},
        {"\"saturation\":1.25", "\"saturation\":1.5", ARTDAG_E_CORRUPT},
        {"\"saturation\":1.25", "\"saturation\":9", ARTDAG_E_FORMAT},
        {"\"saturation\":1.25", "\"saturatoin\":1.25", ARTDAG_E_FORMAT},
        {"\"stream\":1", "\"stream\":2", ARTDAG_E_CORRUPT}, /* how an input is read */
        {"\"width\":1280}", "\"width\":1282}", ARTDAG_E_CORRUPT},
        {"\"frames\":96,\"input_steps\"", "\"frames\":97,\"input_steps\"", ARTDAG_E_CORRUPT},
        {"\"level\":2", "\"level\":1", ARTDAG_E_CORRUPT},
        {"\"node_type\":\"MUX\"", "\"node_type\":\"MIX\"", ARTDAG_E_FORMAT},
        {"\"name\":\"audio\"", "\"name\":\"video\"", ARTDAG_E_CORRUPT},
        {"\"name\":\"audio\"", "\"name\":\"sound\"", ARTDAG_E_FORMAT},
        {"\"steps\":[", "\"extra\":1,\"steps\":[", ARTDAG_E_FORMAT},
        {"\"type\":\"artdag/plan/1\"", "\"type\":\"artdag/plan/2\"", ARTDAG_E_FORMAT},
        {"\"fps\":{\"den\":1,\"num\":24},\"height\":720,\"pix",
         "\"fps\":[24,1],\"height\":720,\"pix", ARTDAG_E_FORMAT},
        {"\"toolchain\":\"tools/1\"", "\"toolchain\":\"tools/2\"", ARTDAG_E_UNSUPPORTED},
        {"\"revision\":", "\"revision\":1,\"revison\":", ARTDAG_E_FORMAT},
        {"{\"format\"", "[{\"format\"", ARTDAG_E_FORMAT},
    };
    struct ad_plan *plan = make_plan(&request);
    char *text = json_of(plan, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        artdag_error err = {0};
        assert_fails(cases[i].code, read_changed(text, cases[i].from, cases[i].to, &err));
    }
    free(text);
    ad_plan_destroy(plan);
}

/* Every id, cut off and changed by one digit. */
static void changed_ids_are_refused(void **state)
{
    (void)state;
    static const char *const keys[] = {"\"plan_id\":\"",     "\"run_id\":\"",
                                       "\"cache_id\":\"",    "\"step_id\":\"",
                                       "\"output_step\":\"", "\"source\":\""};
    struct ad_plan *plan = make_plan(&request);
    char *text = json_of(plan, NULL);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        artdag_error err = {0};
        char *digit = strstr(text, keys[i]) + strlen(keys[i]);
        struct ad_plan_env env = request_env(&request);
        struct ad_plan *none = NULL;
        char was = *digit;
        *digit = was == '0' ? '1' : '0';
        enum artdag_err rc = ad_plan_from_json(ad_str_from(text), &env, &none, &err);
        assert_true(rc == ARTDAG_E_CORRUPT || rc == ARTDAG_E_FORMAT);
        assert_null(none);
        *digit = was;
    }
    free(text);
    ad_plan_destroy(plan);
}

static void plan_of_another_domain_is_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_plan *plan = make_plan(&request), *none = NULL;
    struct request other = request;
    other.key = "another key";
    struct ad_plan_env env = request_env(&other);
    char *text = json_of(plan, NULL);
    assert_fails(ARTDAG_E_CORRUPT, ad_plan_from_json(ad_str_from(text), &env, &none, &err));
    assert_err_says("cluster key");
    assert_null(none);
    free(text);
    ad_plan_destroy(plan);
}

/* Whatever is cut off a document, reading it fails and frees what it made. */
static void truncated_documents_are_refused(void **state)
{
    (void)state;
    struct ad_plan *plan = make_plan(&request);
    struct ad_plan_env env = request_env(&request);
    size_t len = 0;
    char *text = json_of(plan, &len);
    for (size_t cut = 0; cut < len; cut += 37) {
        artdag_error err = {0};
        struct ad_plan *none = NULL;
        assert_fails(ARTDAG_E_FORMAT,
                     ad_plan_from_json((struct ad_str){text, cut}, &env, &none, &err));
    }
    free(text);
    ad_plan_destroy(plan);
}

static void document_too_large_is_told(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_plan *plan = make_plan(&request);
    struct ad_buf buf = AD_BUF_INIT(1000);
    assert_fails(ARTDAG_E_LIMIT, ad_plan_to_json(plan, &buf, &err));
    ad_buf_fini(&buf);
    ad_plan_destroy(plan);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(document_is_canonical_json),
    cmocka_unit_test(document_holds_no_key_and_no_path),
    cmocka_unit_test(document_reads_back_as_the_same_plan),
    cmocka_unit_test(changed_documents_are_refused),
    cmocka_unit_test(changed_ids_are_refused),
    cmocka_unit_test(plan_of_another_domain_is_refused),
    cmocka_unit_test(truncated_documents_are_refused),
    cmocka_unit_test(document_too_large_is_told),
};
AD_TEST_MAIN(tests)
