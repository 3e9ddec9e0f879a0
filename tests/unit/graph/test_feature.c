/* SPDX-License-Identifier: MIT
 *
 * Names and settings of features, and the study that a job carries.
 */
#include "ad_test.h"
#include "graph_test.h"

static void a_list_of_names_is_a_set_of_features(void **state)
{
    (void)state;
    artdag_error err = {0};
    unsigned set = 0;
    assert_ok(ad_features_parse(AD_STR_LIT("beats,energy,beats"), &set, &err));
    assert_int_equal(set, AD_FEATURE_BIT(AD_FEATURE_BEATS) | AD_FEATURE_BIT(AD_FEATURE_ENERGY));
    assert_ok(ad_features_parse(AD_STR_LIT("all"), &set, &err));
    assert_int_equal(set, AD_FEATURES_ALL);
    for (int i = 0; i < AD_FEATURE_COUNT; i++) {
        assert_ok(ad_features_parse(ad_str_from(ad_feature_name(i)), &set, &err));
        assert_int_equal(set, AD_FEATURE_BIT(i));
    }
    assert_int_equal(AD_FEATURES_AUDIO & AD_FEATURES_VIDEO, 0);
    assert_int_equal(AD_FEATURES_ALL, (1u << AD_FEATURE_COUNT) - 1);
}

static void an_unknown_feature_is_refused_with_the_nearest_name(void **state)
{
    (void)state;
    artdag_error err = {0};
    unsigned set = 7;
    assert_fails(ARTDAG_E_INVAL, ad_features_parse(AD_STR_LIT("energy,beat"), &set, &err));
    assert_err_says("did you mean beats?");
    assert_fails(ARTDAG_E_INVAL, ad_features_parse(AD_STR_LIT(""), &set, &err));
    assert_fails(ARTDAG_E_INVAL, ad_features_parse(AD_STR_LIT("beats,"), &set, &err));
    assert_int_equal(set, 7);
}

static void settings_are_checked_by_name_and_range(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_feature_settings s;
    ad_feature_settings_init(&s);
    assert_true(s.value[AD_SET_WINDOW_MS] == 50);
    assert_ok(ad_feature_settings_set(&s, "window_ms", "20", &err));
    assert_true(s.value[AD_SET_WINDOW_MS] == 20);
    static const struct {
        const char *name, *value, *says;
    } wrong[] = {
        {"window_ms", "25", "steps of 10"},     {"window_ms", "", "whole number"},
        {"window_ms", "20.5", "whole number"},  {"beats_per_bar", "1", "not 1"},
        {"silence_db", "3", "from -150 to -1"}, {"silence_db", "1e999", "from -150"},
        {"windowms", "20", "window_ms"},        {"x", "1", "no setting"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_fails(ARTDAG_E_INVAL,
                     ad_feature_settings_set(&s, wrong[i].name, wrong[i].value, &err));
        assert_err_says(wrong[i].says);
    }
}

/* Only what matters to a feature may enter its identity. */
static void only_the_settings_of_the_features_are_written(void **state)
{
    (void)state;
    struct ad_buf buf = AD_BUF_INIT(1 << 16);
    struct ad_feature_settings s;
    struct ad_json_writer w;
    ad_feature_settings_init(&s);
    ad_jw_init(&w, &buf);
    ad_feature_settings_write(
        &s, AD_FEATURE_BIT(AD_FEATURE_ENERGY) | AD_FEATURE_BIT(AD_FEATURE_SILENCE), &w);
    assert_str_view_equal(ad_buf_as_str(&buf),
                          "{\"silence_db\":-60,\"silence_min\":0.5,\"window_ms\":50}");
    ad_buf_fini(&buf);
}

static struct ad_job sample_study(unsigned features)
{
    struct ad_job job = {.kind = AD_JOB_FEATURES,
                         .threads = 1,
                         .study = {.features = features,
                                   .cid = "bafy",
                                   .stream = 1,
                                   .origin_num = -1,
                                   .origin_den = 3,
                                   .fps_num = 25,
                                   .fps_den = 1,
                                   .frames = 10,
                                   .rotation = 90,
                                   .sar_num = 1,
                                   .sar_den = 1}};
    ad_feature_settings_init(&job.study.settings);
    assert_true(ad_vec_push(&job.sizes, 7));
    return job;
}

static void a_study_comes_back_whole(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    struct ad_job job = sample_study(AD_FEATURE_BIT(AD_FEATURE_BLACK));
    struct ad_job back = {0};
    job.study.settings.value[AD_SET_BLACK_MIN] = 0.25;
    assert_ok(ad_job_to_json(&job, &buf, &err));
    assert_ok(ad_job_from_json(&arena, ad_buf_as_str(&buf), &back, &err));
    assert_int_equal(back.kind, AD_JOB_FEATURES);
    assert_int_equal(back.study.features, job.study.features);
    assert_int_equal(back.study.origin_num, -1);
    assert_int_equal(back.study.rotation, 90);
    assert_string_equal(back.study.cid, "bafy");
    assert_memory_equal(&back.study.settings, &job.study.settings,
                        sizeof(struct ad_feature_settings));
    ad_vec_fini(&job.sizes);
    ad_buf_fini(&buf);
    ad_arena_fini(&arena);
}

/* Only files for filters are held in memory. */
static void a_medium_to_study_may_be_of_any_size(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    struct ad_job job = sample_study(AD_FEATURE_BIT(AD_FEATURE_BEATS));
    job.sizes.items[0] = INT64_C(1) << 40;
    assert_ok(ad_job_to_json(&job, &buf, &err));
    ad_vec_fini(&job.sizes);
    ad_buf_fini(&buf);
}

static void a_plot_has_an_input_for_each_thing_it_draws(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    struct ad_job job = sample_study(AD_FEATURE_BIT(AD_FEATURE_ENERGY) |
                                     AD_FEATURE_BIT(AD_FEATURE_CONTACT_SHEET));
    job.kind = AD_JOB_PLOT;
    assert_fails(ARTDAG_E_FORMAT, ad_job_to_json(&job, &buf, &err));
    assert_true(ad_vec_push(&job.sizes, 8) && ad_vec_push(&job.sizes, 9));
    assert_ok(ad_job_to_json(&job, &buf, &err));
    job.study.features = 0;
    job.sizes.len = 1;
    assert_ok(ad_job_to_json(&job, &buf, &err));
    job.study.features = AD_FEATURE_BIT(AD_FEATURE_BLACK);
    assert_fails(ARTDAG_E_FORMAT, ad_job_to_json(&job, &buf, &err));
    ad_vec_fini(&job.sizes);
    ad_buf_fini(&buf);
}

static void studies_that_contradict_themselves_are_refused(void **state)
{
    (void)state;
    unsigned both = AD_FEATURE_BIT(AD_FEATURE_BLACK) | AD_FEATURE_BIT(AD_FEATURE_BEATS);
    static const unsigned sets[] = {0, AD_FEATURE_BIT(AD_FEATURE_METADATA), 1u << 20};
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    for (size_t i = 0; i <= sizeof(sets) / sizeof(sets[0]); i++) {
        artdag_error err = {0};
        struct ad_job job = sample_study(i < sizeof(sets) / sizeof(sets[0]) ? sets[i] : both);
        assert_fails(ARTDAG_E_FORMAT, ad_job_to_json(&job, &buf, &err));
        ad_vec_fini(&job.sizes);
    }
    struct ad_job jobs[] = {sample_study(AD_FEATURES_VIDEO), sample_study(AD_FEATURES_VIDEO),
                            sample_study(AD_FEATURES_VIDEO), sample_study(AD_FEATURES_AUDIO)};
    jobs[0].study.rotation = 45;
    jobs[1].study.fps_den = 0;
    jobs[2].study.frames = 0;
    jobs[3].study.settings.value[AD_SET_WINDOW_MS] = 51;
    for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
        artdag_error err = {0};
        assert_true(ad_job_to_json(&jobs[i], &buf, &err) != ARTDAG_OK);
        ad_vec_fini(&jobs[i].sizes);
    }
    ad_buf_fini(&buf);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_list_of_names_is_a_set_of_features),
    cmocka_unit_test(an_unknown_feature_is_refused_with_the_nearest_name),
    cmocka_unit_test(settings_are_checked_by_name_and_range),
    cmocka_unit_test(only_the_settings_of_the_features_are_written),
    cmocka_unit_test(a_study_comes_back_whole),
    cmocka_unit_test(a_medium_to_study_may_be_of_any_size),
    cmocka_unit_test(a_plot_has_an_input_for_each_thing_it_draws),
    cmocka_unit_test(studies_that_contradict_themselves_are_refused),
};
AD_TEST_MAIN(tests)
