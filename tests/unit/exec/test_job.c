/* SPDX-License-Identifier: MIT
 *
 * One child and what it may and may not do. The jobs are probes: the smallest there are.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "exec_test.h"
#include "in_store.h"

static enum artdag_err probe(struct site *site, artdag_error *err)
{
    struct ad_cid cid = media_cid("silent");
    struct ad_buf text = AD_BUF_INIT(1 << 20);
    enum artdag_err rc = ad_exec_probe(site->exec, &cid, &text, NULL, err);
    if (rc == ARTDAG_OK)
        assert_str_view_equal(ad_buf_as_str(&text), "{\"fake\":true}");
    ad_buf_fini(&text);
    return rc;
}

static void well_behaved_children_are_heard_out(void **state)
{
    static const char *const behaviours[] = {"ok", "reads-nothing", "reads-all", "drips",
                                             "wild-progress"};
    char arguments[64];
    for (size_t i = 0; i < sizeof(behaviours) / sizeof(*behaviours); i++) {
        artdag_error err = {0};
        struct site site;
        snprintf(arguments, sizeof(arguments), "any=%s", behaviours[i]);
        site_open(&site, *state, arguments);
        enum artdag_err rc = probe(&site, &err);
        if (rc != ARTDAG_OK)
            fail_msg("%s: %s", behaviours[i], err.message);
        site_close(&site);
    }
}

static void trouble_of_the_child_is_named(void **state)
{
    static const struct {
        const char *behaviour;
        enum artdag_err code;
        const char *says;
    } cases[] = {
        {"killed", ARTDAG_E_MEDIA, "killed by signal 9"},
        {"xcpu", ARTDAG_E_LIMIT, "too much CPU time"},
        {"leaves", ARTDAG_E_MEDIA, "ended with status 7"},
        {"kills-parent", ARTDAG_E_MEDIA, "vanished"},
        {"foreign-input", ARTDAG_E_FORMAT, "out of bounds"},
        {"too-much", ARTDAG_E_FORMAT, "out of bounds"},
        {"broken-read", ARTDAG_E_FORMAT, "broken request"},
        {"nonsense", ARTDAG_E_FORMAT, "unknown message 77"},
        {"bad-done", ARTDAG_E_FORMAT, "the media program"},
        {"bad-progress", ARTDAG_E_FORMAT, "broken progress"},
        {"gigabytes", ARTDAG_E_LIMIT, "4294967295 bytes"},
        {"fails", ARTDAG_E_MEDIA, "no picture in"},
        {"fake-cancel", ARTDAG_E_MEDIA, "stopped"},
        {"no-reason", ARTDAG_E_MEDIA, "without a reason"},
        {"lies", ARTDAG_E_LIMIT, "too large"},
    };
    char arguments[64];
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        artdag_error err = {0};
        struct site site;
        snprintf(arguments, sizeof(arguments), "any=%s", cases[i].behaviour);
        site_open(&site, *state, arguments);
        int64_t before = ad_clock_monotonic_ms();
        enum artdag_err rc = probe(&site, &err);
        if (rc != cases[i].code)
            fail_msg("%s: %s: %s", cases[i].behaviour, artdag_err_name(rc), err.message);
        assert_err_says(cases[i].says);
        assert_int_equal(err.code, rc);
        assert_true(ad_clock_monotonic_ms() - before < 9000);
        /* The engine survives it: the next child is asked as if nothing had been. */
        site.params.media_program = fake_program(*state, "good", "");
        site_reopen_exec(&site);
        assert_ok(probe(&site, &err));
        site_close(&site);
    }
}

static void a_failures_details_come_through_in_one_line(void **state)
{
    artdag_error err = {0};
    struct site site;
    site_open(&site, *state, "any=fails");
    assert_fails(ARTDAG_E_MEDIA, probe(&site, &err));
    assert_string_equal(err.hint, "use another file");
    assert_string_equal(err.cid, "bafkfake");
    assert_int_equal(err.sys, -22);
    assert_null(strchr(err.message, '\n'));
    site_close(&site);
}

static void a_silent_child_is_killed_when_its_time_is_up(void **state)
{
    artdag_error err = {0};
    struct site site;
    site_open(&site, *state, "any=silent");
    site.params.silence_ms = 300;
    site_reopen_exec(&site);
    int64_t before = ad_clock_monotonic_ms();
    assert_fails(ARTDAG_E_TIMEOUT, probe(&site, &err));
    assert_true(ad_clock_monotonic_ms() - before >= 300);
    assert_err_says("said nothing");
    site_close(&site);
}

static bool after_a_while(void *payload)
{
    return ad_clock_monotonic_ms() >= *(int64_t *)payload;
}

static void a_canceled_job_ends_its_child(void **state)
{
    artdag_error err = {0};
    struct site site;
    int64_t when = ad_clock_monotonic_ms() + 200;
    site_open(&site, *state, "any=silent");
    site.params.canceled = after_a_while;
    site.params.cancel_payload = &when;
    site_reopen_exec(&site);
    assert_fails(ARTDAG_E_CANCELED, probe(&site, &err));
    assert_true(ad_clock_monotonic_ms() - when < 5000);
    pid_t zygote = site.exec->zygote.pid;
    site_close(&site);
    assert_int_equal(kill(zygote, 0), -1);
}

/* The store's own words reach the user, whatever the child makes of them. */
static void bytes_that_cannot_be_had_are_the_childs_error(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct ad_cid cid, leaf;
    struct ad_buf out = AD_BUF_INIT(1 << 20);
    size_t mebibyte = (size_t)1 << 20;
    uint8_t *data = ad_alloc(3 * mebibyte);
    assert_non_null(data);
    ad_test_seed(1);
    ad_test_random_bytes(data, 3 * mebibyte);
    site_open(&site, *state, "any=reads-all");
    assert_ok(ad_store_add_bytes(site.store, data, 3 * mebibyte, &cid, &err));
    assert_ok(ad_cid_of(AD_CODEC_RAW, data + mebibyte, mebibyte, &leaf, &err));
    assert_ok(ad_exec_probe(site.exec, &cid, &out, NULL, &err));
    const char *file = block_file(*state, "blocks", &leaf);
    assert_int_equal(chmod(file, 0600), 0);
    ad_test_write(file, "spoiled", 7);
    assert_fails(ARTDAG_E_CORRUPT, ad_exec_probe(site.exec, &cid, &out, NULL, &err));
    assert_false(here(file)); /* it is in quarantine now */
    assert_fails(ARTDAG_E_NOTFOUND, ad_exec_probe(site.exec, &cid, &out, NULL, &err));
    free(data);
    ad_buf_fini(&out);
    site_close(&site);
}

static void an_unknown_input_is_named(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct ad_cid cid = media_cid("nowhere");
    struct ad_buf out = AD_BUF_INIT(1 << 20);
    char text[AD_CID_TEXT_MAX];
    site_open(&site, *state, "");
    assert_fails(ARTDAG_E_NOTFOUND, ad_exec_probe(site.exec, &cid, &out, NULL, &err));
    ad_cid_format(&cid, text);
    assert_string_equal(err.cid, text);
    assert_string_equal(jobs_log(*state), "");
    ad_buf_fini(&out);
    site_close(&site);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(well_behaved_children_are_heard_out),
    ad_test_in_dir(trouble_of_the_child_is_named),
    ad_test_in_dir(a_failures_details_come_through_in_one_line),
    ad_test_in_dir(a_silent_child_is_killed_when_its_time_is_up),
    ad_test_in_dir(a_canceled_job_ends_its_child),
    ad_test_in_dir(bytes_that_cannot_be_had_are_the_childs_error),
    ad_test_in_dir(an_unknown_input_is_named),
};

AD_TEST_MAIN(tests)
