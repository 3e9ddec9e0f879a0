/* SPDX-License-Identifier: MIT
 *
 * What is particular to Redis: a server that goes away and comes back, refuses, is full, or is used by others too. The
 * contract that all states share is in tests/contract/state.
 */
#include <pthread.h>

#include <hiredis/hiredis.h>

#include "ad_test_redis.h"
#include "state/state.h"

#define TTL_MS 30000

static const char *url_of(const struct ad_test_redis *r, const char *dir, const char *more)
{
    return ad_test_path("redis:unix:", "%s?records=%s/records.db%s", r->socket, dir, more);
}

static struct ad_state *open_state(const struct ad_test_redis *r, const char *dir)
{
    artdag_error err = {0};
    struct ad_state *s = NULL;
    assert_ok(ad_state_open(url_of(r, dir, ""), NULL, &s, &err));
    return s;
}

static struct ad_id id_of(uint64_t n)
{
    struct ad_id id = {{0}};
    (void)!ad_sha256(&n, sizeof(n), id.bytes, NULL);
    return id;
}

static struct ad_cid cid_of(uint64_t n)
{
    struct ad_id digest = id_of(~n);
    return ad_cid_v1(AD_CODEC_DAG_PB, digest.bytes);
}

/* A command of somebody else's, and what the server says to it. */
static const char *plain(const struct ad_test_redis *r, const char *command, const char *id)
{
    static char out[4000];
    redisContext *c = redisConnectUnix(r->socket);
    assert_true(c && !c->err);
    redisReply *reply = redisCommand(c, command, id);
    assert_non_null(reply);
    if (reply->type == REDIS_REPLY_INTEGER)
        (void)snprintf(out, sizeof(out), "%lld", reply->integer);
    else
        (void)snprintf(out, sizeof(out), "%s", reply->str ? reply->str : "(nil)");
    freeReplyObject(reply);
    redisFree(c);
    return out;
}

static void pause_ms(long ms)
{
    const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};
    (void)nanosleep(&t, NULL);
}

static void the_keys_are_those_that_other_programs_know(void **state)
{
    struct ad_test_redis r = {0};
    artdag_error err = {0};
    char hex[65], text[AD_CID_TEXT_MAX];
    int64_t left_ms = 0;
    ad_test_redis_start(&r, NULL);
    struct ad_state *s = open_state(&r, *state);
    const struct ad_id id = id_of(1);
    const struct ad_cid cid = cid_of(1);
    ad_hex_format(id.bytes, AD_ID_BYTES, hex);
    ad_cid_format(&cid, text);
    assert_ok(ad_state_set(s, AD_STATE_STEP, &id, &cid, NULL, &err));
    assert_string_equal(plain(&r, "HGET artdag:cid_cache %s", hex), text);
    /* A claim as a plain client makes it, SET NX with a time to live, is respected, and so is ours. */
    assert_string_equal(plain(&r, "SET artdag:claim:%s worker-1 NX EX 300", hex), "OK");
    assert_fails(ARTDAG_E_BUSY, ad_state_try_claim(s, &id, "me", TTL_MS, &left_ms, &err));
    assert_in_range(left_ms, 200000, 300000);
    assert_string_equal(plain(&r, "DEL artdag:claim:%s", hex), "1");
    assert_ok(ad_state_try_claim(s, &id, "me", TTL_MS, NULL, &err));
    assert_string_equal(plain(&r, "SET artdag:claim:%s worker-1 NX EX 300", hex), "(nil)");
    ad_state_close(s);
    ad_test_redis_stop(&r);
}

static void a_claim_ends_by_the_servers_clock_and_can_be_revived(void **state)
{
    struct ad_test_redis r = {0};
    artdag_error err = {0};
    ad_test_redis_start(&r, NULL);
    struct ad_state *s = open_state(&r, *state);
    const struct ad_id id = id_of(1), other = id_of(2);
    assert_ok(ad_state_try_claim(s, &id, "alice", 50, NULL, &err));
    assert_ok(ad_state_try_claim(s, &other, "alice", 50, NULL, &err));
    pause_ms(120);
    assert_ok(ad_state_renew_claim(s, &id, "alice", TTL_MS, &err)); /* nobody took it */
    assert_fails(ARTDAG_E_BUSY, ad_state_try_claim(s, &id, "bob", TTL_MS, NULL, &err));
    assert_ok(ad_state_try_claim(s, &other, "bob", TTL_MS, NULL, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_renew_claim(s, &other, "alice", TTL_MS, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_release_claim(s, &other, "alice", &err));
    ad_state_close(s);
    ad_test_redis_stop(&r);
}

struct setting {
    struct ad_state *state;
    struct ad_id id;
    struct ad_cid cid;
    artdag_error err;
    enum artdag_err rc;
};

static void *set_result(void *payload)
{
    struct setting *s = payload;
    s->rc = ad_state_set(s->state, AD_STATE_STEP, &s->id, &s->cid, NULL, &s->err);
    return NULL;
}

static void a_server_that_is_killed_and_comes_back_costs_time_only(void **state)
{
    struct ad_test_redis r = {0};
    artdag_error err = {0};
    pthread_t thread;
    ad_test_redis_start(&r, NULL);
    struct setting s = {.state = open_state(&r, *state), .id = id_of(1), .cid = cid_of(1)};
    struct ad_cid got = {0};
    assert_ok(ad_state_try_claim(s.state, &s.id, "alice", TTL_MS, NULL, &err));
    ad_test_redis_kill(&r, SIGKILL); /* between claim and result: the claim is lost with it */
    assert_int_equal(pthread_create(&thread, NULL, set_result, &s), 0);
    pause_ms(300);
    ad_test_redis_start(&r, NULL);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(s.rc, ARTDAG_OK);
    assert_ok(ad_state_get(s.state, AD_STATE_STEP, &s.id, &got, &err));
    assert_true(ad_cid_equal(&got, &s.cid));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_release_claim(s.state, &s.id, "alice", &err));
    ad_test_redis_kill(&r, SIGKILL);
    assert_fails(ARTDAG_E_NET, ad_state_get(s.state, AD_STATE_STEP, &s.id, &got, &err));
    ad_state_close(s.state);
    ad_test_redis_stop(&r);
}

static void a_full_server_and_keys_of_other_types_are_told_as_such(void **state)
{
    struct ad_test_redis r = {0};
    artdag_error err = {0};
    struct ad_cid got = {0};
    ad_test_redis_start(&r, (const char *const[]){"--maxmemory", "100kb", NULL});
    struct ad_state *s = open_state(&r, *state);
    const struct ad_id id = id_of(1);
    const struct ad_cid cid = cid_of(1);
    assert_fails(ARTDAG_E_LIMIT, ad_state_set(s, AD_STATE_STEP, &id, &cid, NULL, &err));
    assert_err_says("maxmemory");
    assert_string_equal(plain(&r, "CONFIG SET maxmemory 0", NULL), "OK");
    assert_string_equal(plain(&r, "SET artdag:cid_cache text", NULL), "OK");
    assert_fails(ARTDAG_E_CORRUPT, ad_state_set(s, AD_STATE_STEP, &id, &cid, NULL, &err));
    assert_fails(ARTDAG_E_CORRUPT, ad_state_get(s, AD_STATE_STEP, &id, &got, &err));
    assert_string_equal(plain(&r, "DEL artdag:cid_cache", NULL), "1");
    assert_string_equal(
        plain(&r, "HSET artdag:cid_cache %s rubbish",
              "0000000000000000000000000000000000000000000000000000000000000000"),
        "1");
    assert_fails(ARTDAG_E_CORRUPT,
                 ad_state_get(s, AD_STATE_STEP, &(struct ad_id){{0}}, &got, &err));
    /* The connection is of use after all that. */
    assert_ok(ad_state_set(s, AD_STATE_STEP, &id, &cid, NULL, &err));
    ad_state_close(s);
    ad_test_redis_stop(&r);
}

static void users_and_passwords_open_the_door_and_are_never_shown(void **state)
{
    static const char *const wrong[] = {
        "redis://user:s3cret@127.0.0.1:1/0", "redis://:s3cret@127.0.0.1:1",
        "redis://:s3cret@127.0.0.1:99999",   "redis:s3cret",
        "redis://:s3cret@127.0.0.1/x",       "redis://:s3cret@127.0.0.1?s3cret=1",
    };
    struct ad_test_redis r = {0};
    artdag_error err = {0};
    struct ad_state *s = NULL;
    struct ad_cid got = {0};
    const struct ad_id id = id_of(1);
    ad_test_redis_start(&r,
                        (const char *const[]){"--requirepass", "s3cret p&ss", "--user", "film",
                                              "on", ">pw", "~artdag:*", "+@all", NULL});
    assert_ok(ad_state_open(url_of(&r, *state, "&password=s3cret%20p%26ss"), NULL, &s, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_get(s, AD_STATE_STEP, &id, &got, &err));
    ad_state_close(s);
    assert_ok(ad_state_open(url_of(&r, *state, "&user=film&password=pw&db=2"), NULL, &s, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_state_get(s, AD_STATE_STEP, &id, &got, &err));
    ad_state_close(s);
    assert_fails(ARTDAG_E_REMOTE,
                 ad_state_open(url_of(&r, *state, "&password=s3cret"), NULL, &s, &err));
    ad_test_redis_stop(&r);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char line[1000];
        err = (artdag_error){0};
        assert_int_not_equal(ad_state_open(wrong[i], NULL, &s, &err), ARTDAG_OK);
        artdag_error_format(&err, line, sizeof(line));
        assert_null(strstr(line, "s3cret"));
    }
}

/* How often the server did a command since it was started. */
static long calls_of(const struct ad_test_redis *r, const char *command)
{
    const char *at = strstr(plain(r, "INFO commandstats", NULL), command);
    return at ? strtol(strstr(at, "calls=") + 6, NULL, 10) : 0;
}

static void a_hundred_thousand_look_ups_are_one_pass(void **state)
{
    enum {
        COUNT = 100000,
        EVERY = 333
    };
    struct ad_test_redis r = {0};
    artdag_error err = {0};
    ad_test_redis_start(&r, NULL);
    struct ad_state *s = open_state(&r, *state);
    struct ad_id *ids = calloc(COUNT, sizeof(*ids));
    struct ad_cid *cids = calloc(COUNT, sizeof(*cids));
    bool *found = calloc(COUNT, sizeof(*found));
    assert_true(ids && cids && found);
    for (size_t i = 0; i < COUNT; i++)
        ids[i] = id_of(i);
    for (size_t i = 0; i < COUNT; i += EVERY) {
        const struct ad_cid cid = cid_of(i);
        assert_ok(ad_state_set(s, AD_STATE_STEP, &ids[i], &cid, NULL, &err));
    }
    assert_ok(ad_state_get_many(s, AD_STATE_STEP, ids, COUNT, cids, found, &err));
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(found[i], i % EVERY == 0);
        if (!found[i])
            continue;
        const struct ad_cid cid = cid_of(i);
        assert_true(ad_cid_equal(&cids[i], &cid));
    }
    assert_in_range(calls_of(&r, "cmdstat_hmget:"), 100, 1000); /* not one for each */
    free(ids);
    free(cids);
    free(found);
    ad_state_close(s);
    ad_test_redis_stop(&r);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(the_keys_are_those_that_other_programs_know),
    ad_test_in_dir(a_claim_ends_by_the_servers_clock_and_can_be_revived),
    ad_test_in_dir(a_server_that_is_killed_and_comes_back_costs_time_only),
    ad_test_in_dir(a_full_server_and_keys_of_other_types_are_told_as_such),
    ad_test_in_dir(users_and_passwords_open_the_door_and_are_never_shown),
    ad_test_in_dir(a_hundred_thousand_look_ups_are_one_pass),
};
AD_TEST_MAIN(tests)
