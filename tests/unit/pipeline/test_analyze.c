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
        rc = ad_analyze(place->site, &cid, &text, ret, err);
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

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(an_input_is_analysed_once),
    ad_test_in_dir(a_failed_analysis_is_tried_again),
    ad_test_in_dir(a_lost_analysis_is_made_again),
    ad_test_in_dir(another_domain_or_toolchain_has_its_own_analyses),
};

AD_TEST_MAIN(tests)
