/* SPDX-License-Identifier: MIT
 *
 * An input is analysed once, unless that failed, was lost, or was done for somebody else.
 */
#include "pipeline_test.h"

static enum artdag_err analyze(struct place *place, struct ad_cid *ret, artdag_error *err)
{
    struct ad_buf text = AD_BUF_INIT(1 << 20);
    struct ad_cid cid;
    enum artdag_err rc = ad_register_input(place->site, place->input, &cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_metadata(place->site, &cid, &text, ret, err);
    if (rc == ARTDAG_OK)
        assert_str_view_equal(
            ad_buf_as_str(&text),
            (const char *)ad_test_read(ad_test_path(place->dir, "analysis.json"), NULL));
    ad_buf_fini(&text);
    return rc;
}

static void an_input_is_analysed_once(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_cid first, second;
    place_open(&place, *state, "");
    assert_ok(analyze(&place, &first, &err));
    assert_int_equal(place_jobs(&place, "probe"), 1);
    place_reopen(&place, NULL);
    assert_ok(analyze(&place, &second, &err));
    assert_true(ad_cid_equal(&first, &second));
    assert_int_equal(place_jobs(&place, "probe"), 1);
    place_close(&place);
}

static void a_failed_analysis_is_tried_again(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_cid cid;
    place_open(&place, *state, "any=fails");
    assert_fails(ARTDAG_E_MEDIA, analyze(&place, &cid, &err));
    assert_fails(ARTDAG_E_MEDIA, analyze(&place, &cid, &err));
    assert_int_equal(place_jobs(&place, "probe"), 2);
    place_reopen(&place, "");
    assert_ok(analyze(&place, &cid, &err));
    place_close(&place);
}

static void a_lost_analysis_is_made_again(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_cid first, second;
    place_open(&place, *state, "");
    assert_ok(analyze(&place, &first, &err));
    place_reopen(&place, NULL);
    place_lose(&place, &first);
    assert_ok(analyze(&place, &second, &err));
    assert_true(ad_cid_equal(&first, &second));
    assert_int_equal(place_jobs(&place, "probe"), 2);
    assert_true(place_complete(&place, &second));
    place_close(&place);
}

static void another_domain_or_toolchain_has_its_own_analyses(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_cid cid;
    place_open(&place, *state, "");
    assert_ok(analyze(&place, &cid, &err));
    place.params.cluster_key = ad_str_from("another cluster key");
    place_reopen(&place, NULL);
    assert_ok(analyze(&place, &cid, &err));
    assert_int_equal(place_jobs(&place, "probe"), 2);
    place.params.cluster_key = ad_str_from(PLACE_KEY);
    place_reopen(&place, "--toolchain newer");
    assert_ok(analyze(&place, &cid, &err));
    assert_int_equal(place_jobs(&place, "probe"), 3);
    place_reopen(&place, "");
    assert_ok(analyze(&place, &cid, &err));
    assert_int_equal(place_jobs(&place, "probe"), 3);
    place_close(&place);
}

/* ---- features ---- */

#define SCENES AD_FEATURE_BIT(AD_FEATURE_SCENE_CHANGES)
#define BLACK AD_FEATURE_BIT(AD_FEATURE_BLACK)
#define SHEET AD_FEATURE_BIT(AD_FEATURE_CONTACT_SHEET)
#define BEATS AD_FEATURE_BIT(AD_FEATURE_BEATS)

/* Asks for features of the place's input, with a setting (NULL = none). *ret is the document in arena. */
static enum artdag_err study(struct place *place, struct ad_arena *arena, unsigned features,
                             const char *black_min, const struct ad_value **ret,
                             artdag_error *err)
{
    struct ad_feature_settings settings;
    struct ad_analyze_item item = {.name = "film", .features = features};
    const struct ad_analyze_request request = {
        .items = &item, .count = 1, .settings = &settings};
    ad_feature_settings_init(&settings);
    if (black_min)
        assert_int_equal(ad_feature_settings_set(&settings, "black_min", black_min, err),
                         ARTDAG_OK);
    enum artdag_err rc = ad_register_input(place->site, place->input, &item.cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_analyze(place->site, &request, err);
    if (rc == ARTDAG_OK) {
        struct ad_str text = ad_arena_str(arena, ad_buf_as_str(&item.document));
        assert_int_equal(ad_json_parse(arena, text, NULL, NULL, ret, err), ARTDAG_OK);
        assert_true(place_complete(place, &item.document_cid));
    }
    ad_analyze_item_fini(&item);
    return rc;
}

static bool has(const struct ad_value *document, const char *feature)
{
    return ad_value_get(ad_value_get(document, "video"), feature) != NULL;
}

static void a_feature_is_found_once_whatever_it_was_asked_for_with(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *d = NULL;
    place_open(&place, *state, "");
    assert_ok(study(&place, &arena, SCENES | BLACK, NULL, &d, &err));
    assert_true(has(d, "scene_changes") && has(d, "black") && has(d, "frame_rate"));
    assert_int_equal(place_jobs(&place, "features"), 1);
    place_reopen(&place, NULL);
    assert_ok(study(&place, &arena, SCENES, NULL, &d, &err));
    assert_true(has(d, "scene_changes") && !has(d, "black"));
    assert_ok(study(&place, &arena, 0, NULL, &d, &err));
    assert_true(!has(d, "scene_changes") && has(d, "frames"));
    assert_int_equal(place_jobs(&place, "features"), 1);
    /* Of all the rest is found, in one job: there is no sound. */
    assert_ok(study(&place, &arena, AD_FEATURES_ALL, NULL, &d, &err));
    assert_true(has(d, "scene_changes") && has(d, "contact_sheet") && has(d, "freeze"));
    assert_int_equal(place_jobs(&place, "features"), 2);
    assert_int_equal(place_jobs(&place, "probe"), 1);
    place_close(&place);
    ad_arena_fini(&arena);
}

static void a_setting_concerns_only_the_features_it_matters_to(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *d = NULL;
    place_open(&place, *state, "");
    assert_ok(study(&place, &arena, SCENES | BLACK, NULL, &d, &err));
    assert_ok(study(&place, &arena, SCENES, "0.5", &d, &err));
    assert_int_equal(place_jobs(&place, "features"), 1);
    assert_ok(study(&place, &arena, BLACK, "0.5", &d, &err));
    assert_int_equal(place_jobs(&place, "features"), 2);
    const struct ad_value *parameters = ad_value_get(d, "parameters");
    assert_int_equal(parameters->map.len, 2); /* black_level, black_min */
    assert_true(ad_value_get(parameters, "black_min")->number == 0.5);
    place_close(&place);
    ad_arena_fini(&arena);
}

static void sound_of_a_silent_film_is_refused_unless_all_is_asked_for(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *d = NULL;
    place_open(&place, *state, "");
    assert_fails(ARTDAG_E_MEDIA, study(&place, &arena, BEATS | SCENES, NULL, &d, &err));
    assert_err_says("film: it has no sound, so it has no beats");
    assert_int_equal(place_jobs(&place, "features"), 0);
    assert_ok(study(&place, &arena, AD_FEATURES_ALL, NULL, &d, &err));
    assert_int_equal(ad_value_get(d, "audio")->kind, AD_VALUE_NULL);
    place_close(&place);
    ad_arena_fini(&arena);
}

static void a_study_that_failed_is_tried_again(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *d = NULL;
    place_open(&place, *state, "");
    assert_ok(study(&place, &arena, 0, NULL, &d, &err));
    place_reopen(&place, "any=fails");
    assert_fails(ARTDAG_E_MEDIA, study(&place, &arena, BLACK, NULL, &d, &err));
    assert_err_says("film: no picture in");
    assert_fails(ARTDAG_E_MEDIA, study(&place, &arena, BLACK, NULL, &d, &err));
    assert_int_equal(place_jobs(&place, "features"), 2);
    place_reopen(&place, "");
    assert_ok(study(&place, &arena, BLACK, NULL, &d, &err));
    place_close(&place);
    ad_arena_fini(&arena);
}

static void a_lost_contact_sheet_is_made_again(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_arena arena = AD_ARENA_INIT;
    const struct ad_value *d = NULL;
    struct ad_str text = {0};
    struct ad_cid sheet;
    place_open(&place, *state, "");
    assert_ok(study(&place, &arena, SHEET, NULL, &d, &err));
    assert_ok(ad_value_str(ad_value_get(ad_value_get(d, "video"), "contact_sheet"), "cid",
                           &text, &err));
    assert_ok(ad_cid_parse(text, &sheet, &err));
    struct ad_cid expected = cid_of_text("sheet");
    assert_true(ad_cid_equal(&sheet, &expected));
    place_reopen(&place, NULL);
    place_lose(&place, &sheet);
    assert_ok(study(&place, &arena, SHEET, NULL, &d, &err));
    assert_int_equal(place_jobs(&place, "features"), 2);
    assert_true(place_complete(&place, &sheet));
    place_close(&place);
    ad_arena_fini(&arena);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(a_feature_is_found_once_whatever_it_was_asked_for_with),
    ad_test_in_dir(a_setting_concerns_only_the_features_it_matters_to),
    ad_test_in_dir(sound_of_a_silent_film_is_refused_unless_all_is_asked_for),
    ad_test_in_dir(a_study_that_failed_is_tried_again),
    ad_test_in_dir(a_lost_contact_sheet_is_made_again),
    ad_test_in_dir(an_input_is_analysed_once),
    ad_test_in_dir(a_failed_analysis_is_tried_again),
    ad_test_in_dir(a_lost_analysis_is_made_again),
    ad_test_in_dir(another_domain_or_toolchain_has_its_own_analyses),
};

AD_TEST_MAIN(tests)
