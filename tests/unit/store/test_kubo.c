/* SPDX-License-Identifier: MIT
 *
 * The kubo store over a node in memory: what it asks for, what it believes and what it does not.
 */
#include "ad_test_cid.h"
#include "ad_test_kubo.h"
#include "store/kubo.h"

#define FILE_BYTES 2200000 /* three leaves and a root */

static struct ad_store *open_at(const struct fake_kubo *node, const char *options)
{
    artdag_error err = {0};
    struct ad_store *store = NULL;
    char url[1024];
    (void)snprintf(url, sizeof(url), "kubo:%s?call-ms=3000&find-ms=1000%s", node->http.url,
                   options);
    assert_ok(ad_store_open(url, NULL, &store, &err));
    return store;
}

static struct ad_cid add_bytes(struct ad_store *store, uint64_t salt, size_t len)
{
    artdag_error err = {0};
    struct ad_cid cid = {0};
    uint8_t *data = malloc(len);
    assert_non_null(data);
    ad_test_seed(salt);
    ad_test_random_bytes(data, len);
    assert_ok(ad_store_add_bytes(store, data, len, &cid, &err));
    free(data);
    return cid;
}

static size_t count_in(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        n++;
    return n;
}

static void set_trouble(struct fake_kubo *node, enum fake_trouble trouble)
{
    atomic_store(&node->trouble, (int)trouble);
}

/* ---- writing ---- */

static void an_addition_is_one_upload_with_explicit_limits(void **state)
{
    struct fake_kubo *node = fake_kubo_start();
    struct ad_store *store = open_at(node, "");
    (void)state;
    (void)add_bytes(store, 1, FILE_BYTES);
    assert_int_equal(atomic_load(&node->imports), 1);
    assert_int_equal(node->blocks.list.len, 4);
    assert_int_equal(count_in(node->log, "POST /api/v0/"), count_in(node->log, "timeout="));
    assert_non_null(strstr(node->log, "pin-roots=false"));
    ad_store_close(store);
    fake_kubo_stop(node);
}

static void every_lie_about_an_upload_is_a_failure(void **state)
{
    static const struct {
        enum fake_trouble trouble;
        enum artdag_err code;
        const char *says;
    } cases[] = {
        {FAKE_PIN_ERROR, ARTDAG_E_NOTFOUND, "not the pin"},
        {FAKE_CUT_IMPORT, ARTDAG_E_REMOTE, "ends before its result"},
        {FAKE_NO_ROOM, ARTDAG_E_REMOTE, "no space left"},
        {FAKE_ROW_ERROR, ARTDAG_E_REMOTE, "disk on fire"},
        {FAKE_FORBIDDEN, ARTDAG_E_REMOTE, "403"},
    };
    artdag_error err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_kubo *node = fake_kubo_start();
        struct ad_store *store = open_at(node, "");
        struct ad_lease *lease = NULL;
        struct ad_cid cid = {0};
        assert_ok(ad_lease_open(store, &lease, &err));
        set_trouble(node, cases[i].trouble);
        assert_fails(cases[i].code, ad_store_add_bytes(store, "hello", 5, &cid, &err));
        assert_err_says(cases[i].says);
        set_trouble(node, FAKE_NONE);
        ad_lease_close(lease);
        ad_store_close(store);
        fake_kubo_stop(node);
    }
}

static void what_a_failed_flush_held_goes_up_with_the_next(void **state)
{
    artdag_error err = {0};
    struct fake_kubo *node = fake_kubo_start();
    struct ad_store *store = open_at(node, "");
    struct ad_buf buf = AD_BUF_INIT(100);
    struct ad_cid cid = {0};
    bool has = false;
    (void)state;
    assert_ok(ad_cid_of(AD_CODEC_RAW, "hello", 5, &cid, &err));
    assert_ok(ad_store_put(store, &cid, "hello", 5, &err));
    set_trouble(node, FAKE_NO_ROOM);
    assert_fails(ARTDAG_E_REMOTE, ad_store_flush(store, &err));
    assert_ok(ad_store_get(store, &cid, &buf, &err)); /* still ours */
    set_trouble(node, FAKE_BUSY_ONCE);                /* asked again */
    assert_ok(ad_store_flush(store, &err));
    ad_store_close(store);
    store = open_at(node, "");
    assert_ok(ad_store_has(store, &cid, &has, &err));
    assert_true(has);
    ad_buf_fini(&buf);
    ad_store_close(store);
    fake_kubo_stop(node);
}

/* ---- reading ---- */

static void wrong_cut_and_oversized_blocks_are_not_believed(void **state)
{
    static const struct {
        enum fake_trouble trouble;
        enum artdag_err code;
    } cases[] = {
        {FAKE_WRONG_BYTES, ARTDAG_E_CORRUPT}, {FAKE_LYING_TRAILER, ARTDAG_E_REMOTE},
        {FAKE_CUT_BLOCK, ARTDAG_E_NET},       {FAKE_HUGE_BLOCK, ARTDAG_E_LIMIT},
        {FAKE_HANG, ARTDAG_E_TIMEOUT},        {FAKE_FORBIDDEN, ARTDAG_E_REMOTE},
    };
    artdag_error err = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_kubo *node = fake_kubo_start();
        struct ad_store *store = open_at(node, "");
        struct ad_buf buf = AD_BUF_INIT(AD_BLOCK_MAX);
        struct ad_cid cid = {0};
        assert_ok(ad_store_add_bytes(store, "hello", 5, &cid, &err));
        set_trouble(node, cases[i].trouble);
        assert_fails(cases[i].code, ad_store_get(store, &cid, &buf, &err));
        assert_int_equal(buf.len, 0);
        set_trouble(node, FAKE_NONE);
        assert_ok(ad_store_get(store, &cid, &buf, &err));
        assert_str_view_equal(ad_buf_as_str(&buf), "hello");
        ad_buf_fini(&buf);
        ad_store_close(store);
        fake_kubo_stop(node);
    }
}

static void cached_blocks_need_no_node_and_damaged_ones_are_fetched_again(void **state)
{
    artdag_error err = {0};
    char options[512];
    struct fake_kubo *node = fake_kubo_start();
    struct ad_buf buf = AD_BUF_INIT(AD_BLOCK_MAX);
    (void)snprintf(options, sizeof(options), "&cache=%s&cache-bytes=16M",
                   ad_test_path(*state, "cache"));
    struct ad_store *store = open_at(node, options);
    struct ad_cid cid = add_bytes(store, 1, 1000);
    assert_ok(ad_store_get(store, &cid, &buf, &err));
    set_trouble(node, FAKE_WRONG_BYTES);
    assert_ok(ad_store_get(store, &cid, &buf, &err));
    assert_int_equal(buf.len, 1000);
    assert_int_equal(count_in(node->log, "/block/get"), 1);
    ad_buf_fini(&buf);
    ad_store_close(store);
    fake_kubo_stop(node);
}

static void the_cache_stays_below_its_limit(void **state)
{
    artdag_error err = {0};
    char options[512];
    struct fake_kubo *node = fake_kubo_start();
    struct ad_buf buf = AD_BUF_INIT(AD_BLOCK_MAX);
    struct ad_store *cache = NULL;
    struct ad_verify_result all = {0};
    (void)snprintf(options, sizeof(options), "&cache=%s&cache-bytes=400K",
                   ad_test_path(*state, "cache"));
    struct ad_store *store = open_at(node, options);
    for (uint64_t i = 0; i < 40; i++) {
        struct ad_cid cid = add_bytes(store, i, 30000);
        assert_ok(ad_store_get(store, &cid, &buf, &err));
    }
    ad_store_close(store);
    assert_ok(
        ad_store_open(ad_test_path("fs:", "%s/cache", (char *)*state), NULL, &cache, &err));
    assert_ok(ad_store_verify(cache, NULL, NULL, &all, &err));
    assert_true(all.bytes > 100000 && all.bytes <= 409600 + 60000);
    ad_store_close(cache);
    ad_buf_fini(&buf);
    fake_kubo_stop(node);
}

/* ---- roots ---- */

static enum artdag_err count_pin(void *payload, const struct ad_cid *cid, const char *name,
                                 artdag_error *err)
{
    (void)cid;
    (void)name;
    (void)err;
    ++*(size_t *)payload;
    return ARTDAG_OK;
}

static size_t pins_of(struct ad_store *store)
{
    artdag_error err = {0};
    size_t count = 0;
    assert_ok(ad_store_pins(store, count_pin, &count, &err));
    return count;
}

static bool is_whole(struct ad_store *store, const struct ad_cid *cid)
{
    artdag_error err = {0};
    bool whole = false;
    assert_ok(ad_store_complete(store, cid, &whole, &err));
    return whole;
}

static void collect(struct ad_store *store)
{
    artdag_error err = {0};
    struct ad_gc_result result = {0};
    assert_ok(ad_store_gc(store, NULL, &result, &err));
}

static void the_nodes_collection_spares_pins_and_leases(void **state)
{
    artdag_error err = {0};
    struct fake_kubo *node = fake_kubo_start();
    struct ad_store *store = open_at(node, "");
    struct ad_store *other = open_at(node, "");
    struct ad_lease *lease = NULL;
    bool whole = false;
    (void)state;
    struct ad_cid pinned = add_bytes(store, 1, FILE_BYTES);
    struct ad_cid held = add_bytes(store, 2, FILE_BYTES);
    struct ad_cid loose = add_bytes(store, 3, FILE_BYTES);
    assert_ok(ad_store_pin(store, &pinned, "artdag/run/1", &err));
    assert_ok(ad_lease_open(store, &lease, &err));
    assert_ok(ad_lease_hold(lease, &held, &whole, &err));
    assert_true(whole);
    struct ad_cid added = add_bytes(store, 4, FILE_BYTES); /* held from its upload on */
    collect(other);
    assert_true(is_whole(other, &pinned));
    assert_true(is_whole(other, &held));
    assert_true(is_whole(other, &added));
    assert_false(is_whole(other, &loose));
    assert_int_equal(pins_of(other), 1); /* leases are no pins */
    assert_ok(ad_lease_hold(lease, &loose, &whole, &err));
    assert_false(whole);
    ad_lease_close(lease);
    collect(other);
    assert_true(is_whole(other, &pinned));
    assert_false(is_whole(other, &held));
    assert_false(is_whole(other, &added));
    ad_store_close(other);
    ad_store_close(store);
    fake_kubo_stop(node);
}

static void what_was_incomplete_is_held_once_it_is_added(void **state)
{
    artdag_error err = {0};
    struct fake_kubo *node = fake_kubo_start();
    struct ad_store *store = open_at(node, "");
    struct ad_store *other = open_at(node, "");
    struct ad_lease *lease = NULL;
    bool whole = true;
    (void)state;
    struct ad_cid cid = add_bytes(other, 1, FILE_BYTES);
    collect(other); /* gone again */
    assert_ok(ad_lease_open(store, &lease, &err));
    assert_ok(ad_lease_hold(lease, &cid, &whole, &err));
    assert_false(whole);
    (void)add_bytes(store, 1, FILE_BYTES);
    collect(other);
    assert_ok(ad_lease_hold(lease, &cid, &whole, &err));
    assert_true(whole);
    collect(other);
    assert_true(is_whole(other, &cid));
    ad_lease_close(lease);
    ad_store_close(other);
    ad_store_close(store);
    fake_kubo_stop(node);
}

/* An input that another node has: found, not fetched whole, and found again when some of it has come here. */
static void what_another_node_has_is_as_good_as_here(void **state)
{
    artdag_error err = {0};
    struct fake_kubo *far = fake_kubo_start();
    struct fake_kubo *node = fake_kubo_start();
    struct ad_store *there = open_at(far, "");
    struct ad_store *store = open_at(node, "");
    struct ad_lease *lease = NULL;
    bool whole = false;
    (void)state;
    struct ad_cid cid = add_bytes(there, 1, FILE_BYTES);
    assert_ok(ad_lease_open(store, &lease, &err));
    assert_ok(ad_lease_hold(lease, &cid, &whole, &err));
    assert_false(whole);
    node->peer = far;
    for (size_t i = 0; i < 2; i++) {
        assert_ok(ad_lease_hold(lease, &cid, &whole, &err));
        assert_true(whole);
        assert_int_equal(node->blocks.list.len, 2 + i + i); /* root and a leaf; record, leaf */
    }
    ad_store_close(there);
    ad_lease_close(lease);
    ad_store_close(store);
    fake_kubo_stop(node);
    fake_kubo_stop(far);
}

/* A process that died here, and one elsewhere whose time is over, against one elsewhere that may live. */
static void leases_of_the_dead_are_forgotten(void **state)
{
    artdag_error err = {0};
    struct fake_kubo *node = fake_kubo_start();
    struct ad_store *store = open_at(node, "");
    char here[64];
    (void)state;
    ad_kubo_token(here);
    assert_false(ad_kubo_token_is_dead(here));
    *strchr(here, '-') = '\0';
    strcat(here, "-2147483647"); /* beyond any pid */
    assert_true(ad_kubo_token_is_dead(here));
    const struct {
        const char *token;
        int64_t expires_s;
        bool stays;
    } cases[] = {
        {here, 4000000000, false},
        {"0123456789abcdef-1", 1000000000, false},
        {"0123456789abcdef-1", 4000000000, true},
    };
    for (size_t i = 0; i < 3; i++) {
        struct ad_kubo_record record = {.lease = true, .expires_s = cases[i].expires_s};
        struct ad_buf block = AD_BUF_INIT(AD_BLOCK_MAX);
        struct ad_cid cid = add_bytes(store, 10 + i, 1000);
        struct ad_cid record_cid = {0};
        (void)snprintf(record.token, sizeof(record.token), "%s", cases[i].token);
        assert_true(ad_vec_push(&record.targets, cid));
        assert_ok(ad_kubo_record_encode(&record, &record_cid, &block, &err));
        assert_ok(fake_take_block(node, &record_cid, block.data, block.len, &err));
        assert_true(fake_pin(node, &record_cid, "artdag-lease"));
        collect(store);
        assert_int_equal(is_whole(store, &cid), cases[i].stays);
        ad_kubo_record_fini(&record);
        ad_buf_fini(&block);
    }
    ad_store_close(store);
    fake_kubo_stop(node);
}

static void partial_collections_are_unsupported(void **state)
{
    artdag_error err = {0};
    struct fake_kubo *node = fake_kubo_start();
    struct ad_store *store = open_at(node, "");
    struct ad_gc_params params = {.keep_bytes = -1, .dry_run = true};
    (void)state;
    assert_fails(ARTDAG_E_UNSUPPORTED, ad_store_gc(store, &params, NULL, &err));
    params = (struct ad_gc_params){.keep_bytes = 1000};
    assert_fails(ARTDAG_E_UNSUPPORTED, ad_store_gc(store, &params, NULL, &err));
    assert_null(strstr(node->log, "repo/gc"));
    ad_store_close(store);
    fake_kubo_stop(node);
}

static void a_listing_that_ends_in_an_error_is_one(void **state)
{
    artdag_error err = {0};
    struct fake_kubo *node = fake_kubo_start();
    struct ad_store *store = open_at(node, "");
    size_t count = 0;
    (void)state;
    set_trouble(node, FAKE_ROW_ERROR);
    assert_fails(ARTDAG_E_REMOTE, ad_store_pins(store, count_pin, &count, &err));
    set_trouble(node, FAKE_NONE);
    ad_store_close(store);
    fake_kubo_stop(node);
}

/* ---- names, gateways ---- */

static void names_are_resolved_by_the_node(void **state)
{
    artdag_error err = {0};
    struct fake_kubo *node = fake_kubo_start();
    struct ad_store *store = open_at(node, "");
    struct ad_store *fs = NULL;
    struct ad_cid cid = {0};
    assert_ok(ad_store_resolve(store, "ipns://known.example/film", &cid, &err));
    assert_cid_equal("bafkqaaa", &cid);
    assert_non_null(strstr(node->log, "arg=%2Fipns%2Fknown.example%2Ffilm&"));
    assert_ok(ad_store_resolve(store, "/ipns/known.example", &cid, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_store_resolve(store, "ipns://nobody", &cid, &err));
    assert_fails(ARTDAG_E_INVAL, ad_store_resolve(store, "https://known.example", &cid, &err));
    assert_ok(ad_store_open(ad_test_path("fs:", "%s/fs", (char *)*state), NULL, &fs, &err));
    assert_fails(ARTDAG_E_UNSUPPORTED,
                 ad_store_resolve(fs, "ipns://known.example", &cid, &err));
    ad_store_close(fs);
    ad_store_close(store);
    fake_kubo_stop(node);
}

static bool give_hello(void *payload, const struct fake_request *request, int fd)
{
    (void)payload;
    (void)request;
    fake_reply(fd, "200 OK", "application/vnd.ipld.raw", "hello", 5);
    return true;
}

/* The node is asked first, then the gateway; with read= its own gateway comes before its RPC. */
static void gateways_help_out(void **state)
{
    artdag_error err = {0};
    struct fake gateway;
    struct fake_kubo *node = fake_kubo_start();
    struct ad_buf buf = AD_BUF_INIT(100);
    struct ad_cid cid = {0};
    char options[128];
    (void)state;
    assert_ok(ad_cid_of(AD_CODEC_RAW, "hello", 5, &cid, &err));
    fake_start(&gateway, give_hello, NULL);
    static const enum fake_trouble troubles[] = {FAKE_NONE, FAKE_WRONG_BYTES, FAKE_FORBIDDEN};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(options, sizeof(options), "&gateway=%s", gateway.url);
        set_trouble(node, FAKE_NONE);
        struct ad_store *store = open_at(node, options);
        set_trouble(node, troubles[i]);
        assert_ok(ad_store_get(store, &cid, &buf, &err));
        assert_str_view_equal(ad_buf_as_str(&buf), "hello");
        ad_store_close(store);
    }
    size_t asked = count_in(node->log, "/block/get");
    assert_int_equal(asked, 3);
    set_trouble(node, FAKE_NONE);
    (void)snprintf(options, sizeof(options), "&read=%s", gateway.url);
    struct ad_store *store = open_at(node, options);
    assert_ok(ad_store_get(store, &cid, &buf, &err));
    assert_int_equal(count_in(node->log, "/block/get"), asked);
    ad_store_close(store);
    fake_stop(&gateway);
    ad_buf_fini(&buf);
    fake_kubo_stop(node);
}

/* ---- opening ---- */

static void the_url_is_checked(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = NULL;
    (void)state;
    assert_fails(ARTDAG_E_INVAL, ad_store_open("kubo:ftp://x", NULL, &store, &err));
    assert_fails(ARTDAG_E_INVAL,
                 ad_store_open("kubo:http://127.0.0.1:1?find-m=1", NULL, &store, &err));
    assert_err_says("did you mean find-ms?");
    assert_fails(ARTDAG_E_INVAL,
                 ad_store_open("kubo:http://127.0.0.1:1?find-ms=0", NULL, &store, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_store_open("kubo:http://127.0.0.1:1?auth-file=/nowhere",
                                                  NULL, &store, &err));
    assert_fails(ARTDAG_E_NET, ad_store_open("kubo:http://127.0.0.1:1", NULL, &store, &err));
}

static void the_local_nodes_address_and_the_credentials_come_from_files(void **state)
{
    artdag_error err = {0};
    struct fake_kubo *node = fake_kubo_start();
    struct ad_store *store = NULL;
    char api[128];
    const char *dir = *state;
    (void)snprintf(api, sizeof(api), "/ip4/127.0.0.1/tcp/%s", strrchr(node->http.url, ':') + 1);
    ad_test_write(ad_test_path(dir, "api"), api, strlen(api));
    assert_int_equal(setenv("IPFS_PATH", dir, 1), 0);
    assert_ok(ad_store_open("kubo:", NULL, &store, &err));
    assert_null(strstr(node->log, "Authorization"));
    ad_store_close(store);
    ad_test_write(ad_test_path(dir, "auth"), "bearer:from-file\n", 17);
    char url[600];
    (void)snprintf(url, sizeof(url), "kubo:?auth-file=%s", ad_test_path(dir, "auth"));
    assert_ok(ad_store_open(url, NULL, &store, &err));
    assert_non_null(strstr(node->log, "Authorization: Bearer from-file\n"));
    ad_store_close(store);
    assert_int_equal(unsetenv("IPFS_PATH"), 0);
    fake_kubo_stop(node);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_addition_is_one_upload_with_explicit_limits),
    cmocka_unit_test(every_lie_about_an_upload_is_a_failure),
    cmocka_unit_test(what_a_failed_flush_held_goes_up_with_the_next),
    cmocka_unit_test(wrong_cut_and_oversized_blocks_are_not_believed),
    ad_test_in_dir(cached_blocks_need_no_node_and_damaged_ones_are_fetched_again),
    ad_test_in_dir(the_cache_stays_below_its_limit),
    cmocka_unit_test(the_nodes_collection_spares_pins_and_leases),
    cmocka_unit_test(what_was_incomplete_is_held_once_it_is_added),
    cmocka_unit_test(what_another_node_has_is_as_good_as_here),
    cmocka_unit_test(leases_of_the_dead_are_forgotten),
    cmocka_unit_test(partial_collections_are_unsupported),
    cmocka_unit_test(a_listing_that_ends_in_an_error_is_one),
    ad_test_in_dir(names_are_resolved_by_the_node),
    cmocka_unit_test(gateways_help_out),
    cmocka_unit_test(the_url_is_checked),
    ad_test_in_dir(the_local_nodes_address_and_the_credentials_come_from_files),
};
AD_TEST_MAIN(tests)
