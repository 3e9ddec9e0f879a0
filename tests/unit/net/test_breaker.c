/* SPDX-License-Identifier: MIT */
#include "ad_test.h"
#include "net/breaker.h"

static void three_failures_in_a_row_close_the_way_for_a_growing_while(void **state)
{
    struct ad_breaker b;
    int64_t wait = 0;
    int64_t now = 1000;
    (void)state;
    ad_breaker_init(&b);
    for (int i = 0; i < 2; i++) {
        ad_breaker_note(&b, false, now);
        assert_true(ad_breaker_allows(&b, now, &wait));
    }
    int64_t longest = 500;
    for (int i = 0; i < 10; i++) {
        ad_breaker_note(&b, false, now);
        assert_false(ad_breaker_allows(&b, now, &wait));
        assert_true(wait >= longest / 2 && wait <= longest);
        now += wait;
        assert_true(ad_breaker_allows(&b, now, &wait)); /* one more try */
        longest = longest * 2 < 30000 ? longest * 2 : 30000;
    }
    ad_breaker_note(&b, true, now);
    ad_breaker_note(&b, false, now);
    assert_true(ad_breaker_allows(&b, now, &wait));
    ad_breaker_fini(&b);
}

static void pauses_grow_and_differ(void **state)
{
    int64_t longest = 200;
    int64_t first = ad_backoff_ms(10);
    bool differ = false;
    (void)state;
    for (unsigned n = 1; n < 12; n++) {
        int64_t ms = ad_backoff_ms(n);
        assert_true(ms >= longest / 2 && ms <= longest);
        longest = longest * 2 < 5000 ? longest * 2 : 5000;
    }
    for (int i = 0; i < 20; i++)
        differ = differ || ad_backoff_ms(10) != first;
    assert_true(differ);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(three_failures_in_a_row_close_the_way_for_a_growing_while),
    cmocka_unit_test(pauses_grow_and_differ),
};
AD_TEST_MAIN(tests)
