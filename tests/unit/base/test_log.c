/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "ad_test.h"
#include "base/log.h"

struct sink {
    int count;
    enum artdag_log_level level;
    char id[64];
    char message[2048];
};

static void collect(void *payload, enum artdag_log_level level, const char *id,
                    const char *message)
{
    struct sink *sink = payload;
    sink->count++;
    sink->level = level;
    (void)strncpy(sink->id, id, sizeof(sink->id) - 1);
    (void)strncpy(sink->message, message, sizeof(sink->message) - 1);
}

static void null_handle_is_silent(void **state)
{
    (void)state;
    artdag_log empty = {.level = ARTDAG_LOG_DEBUG};
    assert_false(ad_log_wants(NULL, ARTDAG_LOG_ERROR));
    assert_false(ad_log_wants(&empty, ARTDAG_LOG_ERROR));
    ad_log_error(NULL, "base.test", "%d", 1);
    ad_log_error(&empty, "base.test", "%d", 1);
}

static void messages_above_the_level_are_left_out(void **state)
{
    (void)state;
    struct sink sink = {0};
    artdag_log log = {ARTDAG_LOG_WARN, collect, &sink};
    ad_log_debug(&log, "base.test", "no");
    ad_log_info(&log, "base.test", "no");
    assert_int_equal(sink.count, 0);
    ad_log_warn(&log, "base.test", "disk at %d %%", 90);
    assert_int_equal(sink.count, 1);
    assert_int_equal(sink.level, ARTDAG_LOG_WARN);
    assert_string_equal(sink.id, "base.test");
    assert_string_equal(sink.message, "disk at 90 %");
    ad_log_error(&log, "base.bad", "no");
    assert_int_equal(sink.count, 2);
}

static void message_is_one_clean_line_of_bounded_length(void **state)
{
    (void)state;
    struct sink sink = {0};
    artdag_log log = {ARTDAG_LOG_INFO, collect, &sink};
    ad_log_info(&log, "base.test", "a\nb\x1b[31m\xff");
    assert_string_equal(sink.message, "a b [31m?");
    char big[5000];
    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    ad_log_info(&log, "base.test", "%s", big);
    assert_in_range(strlen(sink.message), 500, 1100);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(null_handle_is_silent),
    cmocka_unit_test(messages_above_the_level_are_left_out),
    cmocka_unit_test(message_is_one_clean_line_of_bounded_length),
};
AD_TEST_MAIN(tests)
