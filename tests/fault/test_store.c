/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ad_fault.h"
#include "store/store.h"

#define FILE_BYTES ((size_t)(1 << 20) + 4321) /* two leaves below one root */

struct keeping {
    const char *dir;
    char url[512];
    uint8_t data[FILE_BYTES];
};

static struct keeping keeping;

static enum artdag_err add_file(void *payload, artdag_error *err)
{
    struct keeping *k = payload;
    struct ad_store *store = NULL;
    struct ad_cid cid = {0};
    enum artdag_err rc = ad_store_open(k->url, NULL, &store, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_add_bytes(store, k->data, sizeof(k->data), &cid, err);
    if (rc != ARTDAG_OK)
        assert_false(ad_cid_is_set(&cid));
    ad_store_close(store);
    return rc;
}

/* Whatever happened, the store opens, what is in it is right, and adding works. */
static void store_is_sound(void *payload)
{
    struct keeping *k = payload;
    artdag_error err = {0};
    struct ad_store *store = NULL;
    struct ad_verify_result result = {0};
    struct ad_cid cid = {0};
    struct ad_buf back = AD_BUF_INIT(FILE_BYTES);
    assert_ok(ad_store_open(k->url, NULL, &store, &err));
    assert_ok(ad_store_verify(store, NULL, NULL, &result, &err));
    assert_int_equal(result.corrupt, 0);
    assert_ok(ad_store_add_bytes(store, k->data, sizeof(k->data), &cid, &err));
    assert_ok(ad_store_read(store, &cid, FILE_BYTES, &back, &err));
    assert_int_equal(back.len, FILE_BYTES);
    assert_memory_equal(back.data, k->data, FILE_BYTES);
    ad_buf_fini(&back);
    ad_store_close(store);
}

/* Each round starts from nothing: the store of the round before is left as it was found. */
static enum artdag_err add_to_new_store(void *payload, artdag_error *err)
{
    static unsigned round;
    struct keeping *k = payload;
    (void)snprintf(k->url, sizeof(k->url), "fs:%s/store%u", k->dir, round++);
    /* New content every time, so that nothing is there already. */
    memcpy(k->data, &round, sizeof(round));
    return add_file(k, err);
}

static void run(void **state, enum ad_fault_kind kind, bool forever, int e,
                enum artdag_err want)
{
    keeping.dir = *state;
    ad_test_seed(2);
    ad_test_random_bytes(keeping.data, sizeof(keeping.data));
    ad_fault_each(kind, forever, e, want, add_to_new_store, store_is_sound, &keeping);
}

static void store_without_memory_stays_sound(void **state)
{
    run(state, AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM);
}

static void store_on_a_full_disk_stays_sound(void **state)
{
    run(state, AD_FAULT_WRITE, false, ENOSPC, ARTDAG_E_IO);
    run(state, AD_FAULT_WRITE, true, ENOSPC, ARTDAG_E_IO);
    run(state, AD_FAULT_NAME, true, ENOSPC, ARTDAG_E_IO);
}

static void store_whose_sync_fails_does_not_claim_success(void **state)
{
    run(state, AD_FAULT_SYNC, false, EIO, ARTDAG_E_IO);
}

static enum artdag_err compare(void *payload, artdag_error *err)
{
    struct keeping *k = payload;
    struct ad_store *store = NULL;
    struct ad_cid cid = {0};
    struct ad_shared shared = {.a_blocks = 77};
    enum artdag_err rc = ad_store_open(k->url, NULL, &store, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_add_bytes(store, k->data, sizeof(k->data), &cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_shared(store, &cid, &cid, &shared, err);
    assert_int_equal(shared.a_blocks, rc == ARTDAG_OK ? 3 : 77);
    ad_store_close(store);
    return rc;
}

static void comparing_without_memory_says_so(void **state)
{
    keeping.dir = *state;
    (void)snprintf(keeping.url, sizeof(keeping.url), "fs:%s/store", keeping.dir);
    ad_test_seed(3);
    ad_test_random_bytes(keeping.data, sizeof(keeping.data));
    ad_fault_each(AD_FAULT_ALLOC, false, 0, ARTDAG_E_NOMEM, compare, store_is_sound, &keeping);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(store_without_memory_stays_sound),
    ad_test_in_dir(store_on_a_full_disk_stays_sound),
    ad_test_in_dir(store_whose_sync_fails_does_not_claim_success),
    ad_test_in_dir(comparing_without_memory_says_so),
};

AD_TEST_MAIN(tests)
