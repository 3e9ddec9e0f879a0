/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "contract.h"

#define TTL_MS 30000

/* A clock that stands still until it is turned. */
static int64_t read_clock(void *payload)
{
    return *(const int64_t *)payload;
}

static struct ad_state *open_at(const char *dir, void *clock)
{
    const struct ad_state_params params = {.now_ms = read_clock, .now_payload = clock};
    return contract_open_with(dir, &params);
}

static void a_claim_is_one_owners_until_it_is_released(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    const struct ad_id id = contract_id(1), other = contract_id(2);
    int64_t left_ms = -1;
    assert_ok(ad_state_try_claim(s, &id, "alice", TTL_MS, &left_ms, &err));
    assert_int_equal(left_ms, -1);
    assert_fails(ARTDAG_E_BUSY, ad_state_try_claim(s, &id, "bob", TTL_MS, &left_ms, &err));
    assert_in_range(left_ms, TTL_MS - 20000, TTL_MS);
    assert_fails(ARTDAG_E_BUSY, ad_state_try_claim(s, &id, "bob", TTL_MS, NULL, &err));
    assert_ok(ad_state_try_claim(s, &other, "bob", TTL_MS, NULL, &err));
    assert_ok(ad_state_try_claim(s, &id, "alice", TTL_MS, NULL, &err));
    assert_ok(ad_state_release_claim(s, &id, "alice", &err));
    assert_ok(ad_state_try_claim(s, &id, "bob", TTL_MS, NULL, &err));
    ad_state_close(s);
}

static void a_claim_outlives_the_handle_that_made_it(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    const struct ad_id id = contract_id(1);
    assert_ok(ad_state_try_claim(s, &id, "alice", TTL_MS, NULL, &err));
    ad_state_close(s);
    s = contract_open(*state);
    assert_fails(ARTDAG_E_BUSY, ad_state_try_claim(s, &id, "bob", TTL_MS, NULL, &err));
    ad_state_close(s);
}

static void only_the_owner_renews_and_releases(void **state)
{
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    const struct ad_id id = contract_id(1);
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_renew_claim(s, &id, "alice", TTL_MS, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_release_claim(s, &id, "alice", &err));
    assert_ok(ad_state_try_claim(s, &id, "alice", TTL_MS, NULL, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_renew_claim(s, &id, "bob", TTL_MS, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_release_claim(s, &id, "bob", &err));
    assert_fails(ARTDAG_E_BUSY, ad_state_try_claim(s, &id, "bob", TTL_MS, NULL, &err));
    assert_ok(ad_state_renew_claim(s, &id, "alice", TTL_MS, &err));
    assert_ok(ad_state_release_claim(s, &id, "alice", &err));
    ad_state_close(s);
}

static void a_claim_without_owner_or_with_an_odd_ttl_is_refused(void **state)
{
    static const int64_t odd[] = {0, -1, INT64_MIN, AD_CLAIM_TTL_MAX_MS + 1, INT64_MAX};
    artdag_error err = {0};
    struct ad_state *s = contract_open(*state);
    const struct ad_id id = contract_id(1);
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        assert_fails(ARTDAG_E_INVAL, ad_state_try_claim(s, &id, "alice", odd[i], NULL, &err));
        assert_fails(ARTDAG_E_INVAL, ad_state_renew_claim(s, &id, "alice", odd[i], &err));
    }
    assert_fails(ARTDAG_E_INVAL, ad_state_try_claim(s, &id, "", TTL_MS, NULL, &err));
    assert_ok(ad_state_try_claim(s, &id, "bob", AD_CLAIM_TTL_MAX_MS, NULL, &err));
    ad_state_close(s);
}

static void a_claim_expires_and_the_late_owner_cannot_take_it_back(void **state)
{
    artdag_error err = {0};
    int64_t clock = INT64_C(1700000000000), left_ms = 0;
    struct ad_state *s = open_at(*state, &clock);
    const struct ad_id id = contract_id(1);
    assert_ok(ad_state_try_claim(s, &id, "alice", TTL_MS, NULL, &err));
    clock += TTL_MS - 1;
    assert_fails(ARTDAG_E_BUSY, ad_state_try_claim(s, &id, "bob", TTL_MS, &left_ms, &err));
    assert_int_equal(left_ms, 1);
    clock += 1;
    assert_ok(ad_state_try_claim(s, &id, "bob", TTL_MS, NULL, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_renew_claim(s, &id, "alice", TTL_MS, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_release_claim(s, &id, "alice", &err));
    assert_fails(ARTDAG_E_BUSY, ad_state_try_claim(s, &id, "alice", TTL_MS, &left_ms, &err));
    assert_int_equal(left_ms, TTL_MS);
    ad_state_close(s);
}

static void a_renewed_claim_lives_longer(void **state)
{
    artdag_error err = {0};
    int64_t clock = INT64_C(1700000000000), left_ms = 0;
    struct ad_state *s = open_at(*state, &clock);
    const struct ad_id id = contract_id(1);
    assert_ok(ad_state_try_claim(s, &id, "alice", TTL_MS, NULL, &err));
    for (int i = 0; i < 10; i++) {
        clock += TTL_MS / 3;
        assert_ok(ad_state_renew_claim(s, &id, "alice", TTL_MS, &err));
    }
    clock += TTL_MS - 1;
    assert_fails(ARTDAG_E_BUSY, ad_state_try_claim(s, &id, "bob", TTL_MS, &left_ms, &err));
    assert_int_equal(left_ms, 1);
    clock += 1;
    assert_ok(ad_state_try_claim(s, &id, "bob", TTL_MS, NULL, &err));
    ad_state_close(s);
}

static void a_clock_turned_back_does_not_make_a_claim_immortal(void **state)
{
    artdag_error err = {0};
    int64_t clock = INT64_C(1700000000000), left_ms = 0;
    struct ad_state *s = open_at(*state, &clock);
    const struct ad_id id = contract_id(1);
    assert_ok(ad_state_try_claim(s, &id, "alice", TTL_MS, NULL, &err));
    clock -= INT64_C(365) * 86400000;
    assert_fails(ARTDAG_E_BUSY, ad_state_try_claim(s, &id, "bob", TTL_MS, &left_ms, &err));
    assert_int_equal(left_ms, TTL_MS);
    clock += TTL_MS - 1;
    assert_fails(ARTDAG_E_BUSY, ad_state_try_claim(s, &id, "bob", TTL_MS, &left_ms, &err));
    assert_int_equal(left_ms, 1);
    clock += 1;
    assert_ok(ad_state_try_claim(s, &id, "bob", TTL_MS, NULL, &err));
    ad_state_close(s);
}

static void owner_tokens_differ(void **state)
{
    char a[AD_OWNER_TOKEN_MAX], b[AD_OWNER_TOKEN_MAX];
    (void)state;
    ad_state_owner_token(a);
    ad_state_owner_token(b);
    assert_true(strlen(a) >= 32);
    assert_string_not_equal(a, b);
}

/* ---- many at once ---- */

#define PROCESSES 8
#define THREADS 125

struct rush {
    const char *url;
    pthread_barrier_t start; /* of all claimers, in all processes */
    pthread_barrier_t end;   /* or the winner's process would die, and its claim with it */
    _Atomic int winners, losers, broken;
};

struct claimer {
    struct rush *rush;
    struct ad_state *state;
};

static void *claim_once(void *payload)
{
    struct claimer *c = payload;
    const struct ad_id id = contract_id(1);
    char owner[AD_OWNER_TOKEN_MAX];
    int64_t left_ms = 0;
    ad_state_owner_token(owner);
    (void)pthread_barrier_wait(&c->rush->start);
    enum artdag_err rc = ad_state_try_claim(c->state, &id, owner, TTL_MS, &left_ms, NULL);
    if (rc == ARTDAG_OK)
        c->rush->winners++;
    else if (rc == ARTDAG_E_BUSY && left_ms > 0 && left_ms <= TTL_MS)
        c->rush->losers++;
    else
        c->rush->broken++;
    (void)pthread_barrier_wait(&c->rush->end);
    return NULL;
}

static int claim_from_threads(void *payload, int i)
{
    struct claimer c = {.rush = payload};
    pthread_t threads[THREADS];
    (void)i;
    if (ad_state_open(c.rush->url, NULL, &c.state, NULL) != ARTDAG_OK)
        return 1;
    for (int t = 0; t < THREADS; t++)
        if (pthread_create(&threads[t], NULL, claim_once, &c) != 0)
            return 1;
    for (int t = 0; t < THREADS; t++)
        (void)pthread_join(threads[t], NULL);
    ad_state_close(c.state);
    return 0;
}

static void share_barrier(pthread_barrier_t *barrier)
{
    pthread_barrierattr_t shared;
    assert_int_equal(pthread_barrierattr_init(&shared), 0);
    assert_int_equal(pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED), 0);
    assert_int_equal(pthread_barrier_init(barrier, &shared, PROCESSES * THREADS), 0);
    (void)pthread_barrierattr_destroy(&shared);
}

static void one_of_a_thousand_claimers_wins(void **state)
{
    struct rush *rush = contract_share(sizeof(*rush));
    rush->url = contract_factory->url(*state);
    share_barrier(&rush->start);
    share_barrier(&rush->end);
    assert_int_equal(contract_processes(PROCESSES, claim_from_threads, rush), 0);
    assert_int_equal(rush->broken, 0);
    assert_int_equal(rush->winners, 1);
    assert_int_equal(rush->losers, PROCESSES * THREADS - 1);
    contract_unshare(rush, sizeof(*rush));
}

struct victim {
    const char *url;
    bool claimed;
};

static int claim_and_die(void *payload, int i)
{
    struct victim *victim = payload;
    struct ad_state *s = NULL;
    char owner[AD_OWNER_TOKEN_MAX];
    const struct ad_id id = contract_id(1);
    (void)i;
    ad_state_owner_token(owner);
    if (ad_state_open(victim->url, NULL, &s, NULL) != ARTDAG_OK ||
        ad_state_try_claim(s, &id, owner, AD_CLAIM_TTL_MAX_MS, NULL, NULL) != ARTDAG_OK)
        return 1;
    victim->claimed = true;
    return raise(SIGKILL);
}

static void the_claim_of_a_killed_process_is_free_at_once(void **state)
{
    artdag_error err = {0};
    const struct ad_id id = contract_id(1);
    struct victim *victim = contract_share(sizeof(*victim));
    victim->url = contract_factory->url(*state);
    assert_int_equal(contract_processes(1, claim_and_die, victim), 1);
    assert_true(victim->claimed);
    struct ad_state *s = contract_open(*state);
    assert_ok(ad_state_try_claim(s, &id, "bob", TTL_MS, NULL, &err));
    ad_state_close(s);
    contract_unshare(victim, sizeof(*victim));
}

const struct CMUnitTest contract_claims[] = {
    ad_test_in_dir(a_claim_is_one_owners_until_it_is_released),
    ad_test_in_dir(a_claim_outlives_the_handle_that_made_it),
    ad_test_in_dir(only_the_owner_renews_and_releases),
    ad_test_in_dir(a_claim_without_owner_or_with_an_odd_ttl_is_refused),
    cmocka_unit_test(owner_tokens_differ),
    ad_test_in_dir(one_of_a_thousand_claimers_wins),
    ad_test_in_dir(the_claim_of_a_killed_process_is_free_at_once),
};
const size_t contract_claims_count = sizeof(contract_claims) / sizeof(contract_claims[0]);
/* Only where the clock can be turned. */
const struct CMUnitTest contract_clock[] = {
    ad_test_in_dir(a_claim_expires_and_the_late_owner_cannot_take_it_back),
    ad_test_in_dir(a_renewed_claim_lives_longer),
    ad_test_in_dir(a_clock_turned_back_does_not_make_a_claim_immortal),
};
const size_t contract_clock_count = sizeof(contract_clock) / sizeof(contract_clock[0]);
