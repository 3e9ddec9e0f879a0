/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"

/* SHA2-256 of "hello world\n", as coreutils' sha256sum prints it, in a raw CIDv1 (facts of ipfs
 * add --raw-leaves). */
#define HELLO "hello world\n"
#define HELLO_CID "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4"

static void put_then_get_gives_the_bytes(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid = ad_test_cid(HELLO_CID);
    struct ad_buf buf = AD_BUF_INIT(100);
    bool has = true;
    assert_ok(ad_store_has(store, &cid, &has, &err));
    assert_false(has);
    assert_ok(ad_store_put(store, &cid, HELLO, strlen(HELLO), &err));
    assert_ok(ad_store_get(store, &cid, &buf, &err)); /* before any flush */
    assert_str_view_equal(ad_buf_as_str(&buf), HELLO);
    assert_ok(ad_store_has(store, &cid, &has, &err));
    assert_true(has);
    assert_ok(ad_store_flush(store, &err));
    assert_ok(ad_store_get(store, &cid, &buf, &err));
    assert_str_view_equal(ad_buf_as_str(&buf), HELLO);
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void flushed_blocks_survive_reopen(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid = ad_test_cid(HELLO_CID);
    struct ad_buf buf = AD_BUF_INIT(100);
    assert_ok(ad_store_put(store, &cid, HELLO, strlen(HELLO), &err));
    assert_ok(ad_store_flush(store, &err));
    assert_ok(ad_store_flush(store, &err)); /* nothing to do */
    ad_store_close(store);
    store = contract_open(*state);
    assert_ok(ad_store_get(store, &cid, &buf, &err));
    assert_str_view_equal(ad_buf_as_str(&buf), HELLO);
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void get_of_absent_block_is_not_found(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid = ad_test_cid(HELLO_CID);
    struct ad_buf buf = AD_BUF_INIT(100);
    (void)ad_buf_str(&buf, "left over");
    assert_fails(ARTDAG_E_NOTFOUND, ad_store_get(store, &cid, &buf, &err));
    assert_string_equal(err.cid, HELLO_CID);
    assert_int_equal(buf.len, 0);
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void v0_and_v1_of_one_block_are_the_same(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    /* The empty directory under its two names. */
    struct ad_cid v0 = ad_test_cid("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn");
    struct ad_cid v1 =
        ad_test_cid("bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354");
    struct ad_buf buf = AD_BUF_INIT(100);
    assert_ok(ad_store_put(store, &v0, "\x0a\x02\x08\x01", 4, &err));
    assert_ok(ad_store_flush(store, &err));
    assert_ok(ad_store_get(store, &v1, &buf, &err));
    assert_bytes_hex(buf.data, buf.len, "0a020801");
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void identity_cid_needs_no_block(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_buf buf = AD_BUF_INIT(100);
    bool has = false;
    struct ad_cid cid = {
        .version = 1, .codec = AD_CODEC_RAW, .hash = AD_MULTIHASH_IDENTITY, .digest_len = 3};
    memcpy(cid.digest, "abc", 3);
    assert_ok(ad_store_has(store, &cid, &has, &err));
    assert_true(has);
    assert_ok(ad_store_put(store, &cid, "abc", 3, &err));
    assert_ok(ad_store_get(store, &cid, &buf, &err));
    assert_str_view_equal(ad_buf_as_str(&buf), "abc");
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void empty_block_can_be_stored(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid =
        ad_test_cid("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
    struct ad_buf buf = AD_BUF_INIT(100);
    assert_ok(ad_store_put(store, &cid, "", 0, &err));
    assert_ok(ad_store_flush(store, &err));
    assert_ok(ad_store_get(store, &cid, &buf, &err));
    assert_int_equal(buf.len, 0);
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void oversized_block_is_refused(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    uint8_t *data = calloc(AD_BLOCK_MAX + 1, 1);
    assert_non_null(data);
    struct ad_cid cid = contract_raw_cid(data, AD_BLOCK_MAX + 1);
    assert_fails(ARTDAG_E_LIMIT, ad_store_put(store, &cid, data, AD_BLOCK_MAX + 1, &err));
    struct ad_cid largest = contract_raw_cid(data, AD_BLOCK_MAX);
    assert_ok(ad_store_put(store, &largest, data, AD_BLOCK_MAX, &err));
    free(data);
    ad_store_close(store);
}

static void block_beyond_the_buffers_limit_is_limit(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid = ad_test_cid(HELLO_CID);
    struct ad_buf buf = AD_BUF_INIT(5);
    assert_ok(ad_store_put(store, &cid, HELLO, strlen(HELLO), &err));
    assert_fails(ARTDAG_E_LIMIT, ad_store_get(store, &cid, &buf, &err));
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void source_and_sink_reach_the_store(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_block_source source = ad_store_source(store);
    struct ad_block_sink sink = ad_store_sink(store);
    struct ad_cid cid = ad_test_cid(HELLO_CID);
    struct ad_buf buf = AD_BUF_INIT(100);
    assert_ok(sink.put(sink.payload, &cid, HELLO, strlen(HELLO), &err));
    assert_ok(source.get(source.payload, &cid, &buf, &err));
    assert_str_view_equal(ad_buf_as_str(&buf), HELLO);
    ad_buf_fini(&buf);
    ad_store_close(store);
}

/* ---- many threads on one handle ---- */

#define THREADS 4
#define ROUNDS 40

struct worker {
    struct ad_store *store;
    unsigned number;
    unsigned wrong;
};

/* Half of the blocks are everybody's, half are one's own. */
static struct ad_cid numbered(unsigned worker, unsigned round, char text[64])
{
    struct ad_cid cid = {0};
    unsigned who = round % 2 == 0 ? 0 : worker + 1;
    (void)snprintf(text, 64, "block %u of %u", round, who);
    (void)ad_cid_of(AD_CODEC_RAW, text, strlen(text), &cid, NULL);
    return cid;
}

static void *put_flush_get(void *payload)
{
    struct worker *w = payload;
    char text[64];
    struct ad_buf buf = AD_BUF_INIT(100);
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct ad_cid cid = numbered(w->number, i, text);
        w->wrong += ad_store_put(w->store, &cid, text, strlen(text), NULL) != ARTDAG_OK;
        if (i % 8 == w->number)
            w->wrong += ad_store_flush(w->store, NULL) != ARTDAG_OK;
        w->wrong += ad_store_get(w->store, &cid, &buf, NULL) != ARTDAG_OK ||
                    !ad_str_is(ad_buf_as_str(&buf), text);
    }
    w->wrong += ad_store_flush(w->store, NULL) != ARTDAG_OK;
    ad_buf_fini(&buf);
    return NULL;
}

static void threads_share_a_handle(void **state)
{
    artdag_error err = {0};
    struct worker workers[THREADS];
    pthread_t ids[THREADS];
    char text[64];
    struct ad_store *store = contract_open(*state);
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){store, i, 0};
        assert_int_equal(pthread_create(&ids[i], NULL, put_flush_get, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(ids[i], NULL), 0);
        assert_int_equal(workers[i].wrong, 0);
    }
    ad_store_close(store);
    store = contract_open(*state);
    for (unsigned i = 0; i < THREADS * ROUNDS; i++) {
        bool has = false;
        struct ad_cid cid = numbered(i / ROUNDS, i % ROUNDS, text);
        assert_ok(ad_store_has(store, &cid, &has, &err));
        assert_true(has);
    }
    ad_store_close(store);
}

const struct CMUnitTest contract_blocks[] = {
    ad_test_in_dir(put_then_get_gives_the_bytes),
    ad_test_in_dir(flushed_blocks_survive_reopen),
    ad_test_in_dir(get_of_absent_block_is_not_found),
    ad_test_in_dir(v0_and_v1_of_one_block_are_the_same),
    ad_test_in_dir(identity_cid_needs_no_block),
    ad_test_in_dir(empty_block_can_be_stored),
    ad_test_in_dir(oversized_block_is_refused),
    ad_test_in_dir(block_beyond_the_buffers_limit_is_limit),
    ad_test_in_dir(source_and_sink_reach_the_store),
    ad_test_in_dir(threads_share_a_handle),
};
const size_t contract_blocks_count = sizeof(contract_blocks) / sizeof(contract_blocks[0]);
