/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <string.h>

#include "ad_test.h"
#include "cid/cid.h"

/* FIPS 180-4 and FIPS 202 examples. */
#define SHA2_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA2_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define SHA3_EMPTY "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"
#define SHA3_ABC "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"

static void digests_match_the_standards(void **state)
{
    (void)state;
    artdag_error err = {0};
    uint8_t digest[32];
    assert_ok(ad_sha256("abc", 3, digest, &err));
    assert_bytes_hex(digest, 32, SHA2_ABC);
    assert_ok(ad_sha256(NULL, 0, digest, &err));
    assert_bytes_hex(digest, 32, SHA2_EMPTY);
    assert_ok(ad_sha3_256("abc", 3, digest, &err));
    assert_bytes_hex(digest, 32, SHA3_ABC);
    assert_ok(ad_sha3_256(NULL, 0, digest, &err));
    assert_bytes_hex(digest, 32, SHA3_EMPTY);
}

static void *hash_many(void *payload)
{
    uint8_t want[32];
    (void)ad_test_from_hex(SHA2_ABC, want, sizeof(want));
    for (int i = 0; i < 500; i++) {
        uint8_t digest[32];
        if (ad_sha256("abc", 3, digest, NULL) != ARTDAG_OK || memcmp(digest, want, 32) != 0)
            return payload;
    }
    return NULL;
}

static void threads_may_hash_at_the_same_time(void **state)
{
    (void)state;
    char wrong_mark = 0;
    pthread_t threads[8];
    for (int i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hash_many, &wrong_mark), 0);
    for (int i = 0; i < 8; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
}

static void fields_are_length_prefixed_so_that_joins_differ(void **state)
{
    (void)state;
    struct ad_buf buf = AD_BUF_INIT(100);
    ad_field(&buf, "ab", 2);
    ad_field_str(&buf, AD_STR_LIT("c"));
    ad_field(&buf, NULL, 0);
    assert_int_equal(ad_buf_status(&buf), ARTDAG_OK);
    assert_bytes_hex(buf.data, buf.len,
                     "0000000000000002 6162 0000000000000001 63 0000000000000000");
    ad_buf_fini(&buf);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(digests_match_the_standards),
    cmocka_unit_test(threads_may_hash_at_the_same_time),
    cmocka_unit_test(fields_are_length_prefixed_so_that_joins_differ),
};
AD_TEST_MAIN(tests)
