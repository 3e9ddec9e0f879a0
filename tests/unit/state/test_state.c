/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "ad_test.h"
#include "ad_test_cid.h"
#include "state/state.h"

struct heard {
    int count;
    char id[64];
    char message[512];
};

static void listen(void *payload, enum artdag_log_level level, const char *id,
                   const char *message)
{
    struct heard *heard = payload;
    assert_int_equal(level, ARTDAG_LOG_WARN);
    heard->count++;
    (void)snprintf(heard->id, sizeof(heard->id), "%s", id);
    (void)snprintf(heard->message, sizeof(heard->message), "%s", message);
}

static void unknown_kinds_of_state_are_refused_without_their_password(void **state)
{
    static const char *const urls[] = {"postgres://me:secret@host/db", "sqlite", "sqlit:/x",
                                       "/tmp/state.db", ""};
    (void)state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        artdag_error err = {0};
        struct ad_state *s = NULL;
        assert_fails(ARTDAG_E_INVAL, ad_state_open(urls[i], NULL, &s, &err));
        assert_null(s);
        assert_non_null(strstr(err.hint, "sqlite:PATH"));
        assert_null(strstr(err.message, "secret"));
    }
}

static void a_contradiction_is_logged_with_both_cids_and_agreement_is_not(void **state)
{
    artdag_error err = {0};
    struct heard heard = {0};
    const artdag_log log = {ARTDAG_LOG_DEBUG, listen, &heard};
    struct ad_state *s = NULL;
    const struct ad_id id = {{0xab}};
    struct ad_cid a = ad_cid_v1(AD_CODEC_RAW, (const uint8_t[32]){1});
    struct ad_cid b = ad_cid_v1(AD_CODEC_RAW, (const uint8_t[32]){2}), got = {0};
    char text[AD_CID_TEXT_MAX];
    assert_ok(
        ad_state_open(ad_test_path("sqlite:", "%s/s", (const char *)*state), &log, &s, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_get(s, AD_STATE_STEP, &id, &got, &err));
    assert_ok(ad_state_set(s, AD_STATE_STEP, &id, &a, NULL, &err));
    assert_ok(ad_state_set(s, AD_STATE_STEP, &id, &a, NULL, &err));
    assert_ok(ad_state_set(s, AD_STATE_RUN, &id, &a, NULL, &err));
    assert_ok(ad_state_set(s, AD_STATE_RUN, &id, &b, NULL, &err));
    assert_int_equal(heard.count, 0);
    assert_ok(ad_state_set(s, AD_STATE_STEP, &id, &b, NULL, &err));
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.id, "state.nondeterminism");
    assert_non_null(strstr(heard.message, "ab00000000"));
    ad_cid_format(&a, text);
    assert_non_null(strstr(heard.message, text));
    ad_cid_format(&b, text);
    assert_non_null(strstr(heard.message, text));
    ad_state_close(s);
}

static void close_accepts_null(void **state)
{
    (void)state;
    ad_state_close(NULL);
    ad_stat_cache_close(NULL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(unknown_kinds_of_state_are_refused_without_their_password),
    ad_test_in_dir(a_contradiction_is_logged_with_both_cids_and_agreement_is_not),
    cmocka_unit_test(close_accepts_null),
};
AD_TEST_MAIN(tests)
