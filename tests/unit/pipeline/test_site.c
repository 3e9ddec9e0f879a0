/* SPDX-License-Identifier: MIT
 *
 * Opening, looking up, keeping and loading.
 */
#include "pipeline_test.h"

static void a_site_makes_its_home_and_starts_nothing(void **state)
{
    struct place place;
    place_open(&place, *state, "--hello dies");
    assert_true(ad_fs_exists(ad_test_path(place.dir, "home/store")));
    assert_true(ad_fs_exists(ad_test_path(place.dir, "home/state.db")));
    assert_int_equal(place_jobs(&place, NULL), 0);
    place_close(&place);
}

static void places_that_cannot_be_had_are_errors(void **state)
{
    artdag_error err = {0};
    struct ad_site *site = NULL;
    const char *file = ad_test_path(*state, "file");
    ad_test_write(file, "x", 1);
    struct ad_site_params params = {.home = ad_test_path(*state, "file/home")};
    assert_int_not_equal(ad_site_open(&params, &site, &err), ARTDAG_OK);
    assert_true(err.message[0] != 0);
    params.home = ad_test_path(*state, "home");
    params.store_url = "ftp://example.org";
    assert_fails(ARTDAG_E_INVAL, ad_site_open(&params, &site, &err));
    params.store_url = NULL;
    params.state_url = "dbase:x";
    assert_fails(ARTDAG_E_INVAL, ad_site_open(&params, &site, &err));
    assert_null(site);
    ad_site_close(NULL);
}

static void an_entry_is_found_only_with_its_bytes(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_id id = {{7}};
    struct ad_buf doc = AD_BUF_INIT(100);
    struct ad_cid kept, found = {0};
    place_open(&place, *state, "");
    assert_fails(ARTDAG_E_NOTFOUND,
                 ad_site_find(place.site, AD_STATE_ANALYSIS, &id, &found, &err));
    ad_buf_str(&doc, "{\"a\":1}");
    assert_ok(ad_site_keep(place.site, AD_STATE_ANALYSIS, &id, &doc, &kept, &err));
    assert_ok(ad_site_find(place.site, AD_STATE_ANALYSIS, &id, &found, &err));
    assert_true(ad_cid_equal(&kept, &found));
    place_reopen(&place, NULL);
    place_lose(&place, &kept);
    assert_fails(ARTDAG_E_NOTFOUND,
                 ad_site_find(place.site, AD_STATE_ANALYSIS, &id, &found, &err));
    /* and it is forgotten, not only passed over */
    assert_fails(ARTDAG_E_NOTFOUND,
                 ad_state_get(ad_site_state(place.site), AD_STATE_ANALYSIS, &id, &found, &err));
    ad_buf_fini(&doc);
    place_close(&place);
}

static void what_was_found_is_safe_from_gc(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_id id = {{7}};
    struct ad_buf doc = AD_BUF_INIT(100);
    struct ad_cid kept, found;
    const struct ad_gc_params everything = {.keep_bytes = -1};
    struct ad_gc_result gc;
    place_open(&place, *state, "");
    ad_buf_str(&doc, "{\"a\":1}");
    assert_ok(ad_site_keep(place.site, AD_STATE_PLAN, &id, &doc, &kept, &err));
    place_reopen(&place, NULL);
    assert_ok(ad_site_find(place.site, AD_STATE_PLAN, &id, &found, &err));
    assert_ok(ad_store_gc(ad_site_store(place.site), &everything, &gc, &err));
    assert_true(place_complete(&place, &kept));
    place_reopen(&place, NULL);
    assert_ok(ad_store_gc(ad_site_store(place.site), &everything, &gc, &err));
    assert_false(place_complete(&place, &kept));
    ad_buf_fini(&doc);
    place_close(&place);
}

static void documents_are_loaded_within_limits(void **state)
{
    artdag_error err = {0};
    struct place place;
    struct ad_buf text = AD_BUF_INIT(1000);
    struct ad_cid cid = {0};
    place_open(&place, *state, "");
    assert_ok(ad_site_load(place.site, place.input, 100, &text, &cid, &err));
    assert_str_view_equal(ad_buf_as_str(&text), "some film");
    assert_false(ad_cid_is_set(&cid));
    assert_fails(ARTDAG_E_LIMIT, ad_site_load(place.site, place.input, 8, &text, &cid, &err));
    assert_fails(ARTDAG_E_NOTFOUND,
                 ad_site_load(place.site, "/nonexistent", 100, &text, &cid, &err));
    ad_buf_fini(&text);
    place_close(&place);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(a_site_makes_its_home_and_starts_nothing),
    ad_test_in_dir(places_that_cannot_be_had_are_errors),
    ad_test_in_dir(an_entry_is_found_only_with_its_bytes),
    ad_test_in_dir(what_was_found_is_safe_from_gc),
    ad_test_in_dir(documents_are_loaded_within_limits),
};

AD_TEST_MAIN(tests)
