/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "contract.h"

struct seen {
    char kind[8][64];
    struct ad_rate_record rates[8];
    size_t count;
};

static enum artdag_err on_rate(void *payload, const struct ad_rate_record *rate,
                               artdag_error *err)
{
    struct seen *seen = payload;
    if (seen->count == 8)
        return ad_error_set(err, ARTDAG_E_LIMIT, "test", "too many");
    strncpy(seen->kind[seen->count], rate->kind, sizeof(seen->kind[0]) - 1);
    seen->rates[seen->count++] = *rate;
    return ARTDAG_OK;
}

static void read_rates(struct ad_state *state, struct seen *seen)
{
    artdag_error err = {0};
    *seen = (struct seen){0};
    assert_ok(ad_state_rates(state, on_rate, seen, &err));
}

static void rates_come_back_by_kind(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    const struct ad_rate_record rates[] = {{"decode.h264", 2, 6, 0},
                                           {"ENCODE.web", 2, 60, 800}};
    struct seen seen;
    read_rates(s, &seen);
    assert_int_equal(seen.count, 0);
    assert_ok(ad_state_rates_add(s, rates, 2, &err));
    ad_state_close(s);
    s = contract_open(*state);
    read_rates(s, &seen);
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.kind[0], "ENCODE.web");
    assert_string_equal(seen.kind[1], "decode.h264");
    assert_true(seen.rates[0].ms > 59.9 && seen.rates[0].ms < 60.1);
    assert_true(seen.rates[0].bytes > 799 && seen.rates[0].bytes < 801);
    assert_true(seen.rates[1].amount > 1.9 && seen.rates[1].amount < 2.1);
    ad_state_close(s);
}

/* A machine that became ten times slower: after a hundred units the old days are forgotten. */
static void old_rates_fade(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    struct seen seen;
    for (int i = 0; i < 400; i++) {
        const struct ad_rate_record rate = {"ENCODE", 1, i < 200 ? 10 : 100, 0};
        assert_ok(ad_state_rates_add(s, &rate, 1, &err));
    }
    read_rates(s, &seen);
    double ms = seen.rates[0].ms / seen.rates[0].amount;
    assert_true(ms > 95 && ms <= 100);
    ad_state_close(s);
}

static void what_is_no_rate_is_refused_and_nothing_added(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    const struct ad_rate_record bad[] = {{"a", 1, 1, 1}, {"b", 1, -1, 1}};
    const struct ad_rate_record nan[] = {{"a", NAN, 1, 1}};
    const struct ad_rate_record inf[] = {{"a", 1, INFINITY, 1}};
    struct seen seen;
    assert_fails(ARTDAG_E_INVAL, ad_state_rates_add(s, bad, 2, &err));
    assert_fails(ARTDAG_E_INVAL, ad_state_rates_add(s, nan, 1, &err));
    assert_fails(ARTDAG_E_INVAL, ad_state_rates_add(s, inf, 1, &err));
    read_rates(s, &seen);
    assert_int_equal(seen.count, 0);
    ad_state_close(s);
}

const struct CMUnitTest contract_rates[] = {
    ad_test_in_dir(rates_come_back_by_kind),
    ad_test_in_dir(old_rates_fade),
    ad_test_in_dir(what_is_no_rate_is_refused_and_nothing_added),
};
const size_t contract_rates_count = sizeof(contract_rates) / sizeof(contract_rates[0]);
