/* SPDX-License-Identifier: MIT */
#include "in_store.h"

#define PIECE ((size_t)1400000) /* two leaves */
#define PIECES 4

/* A film of four pieces, cut between them; each piece is random bytes by a salt. */
static struct ad_cid add_film(struct ad_store *store, const char *path, const uint64_t *salts,
                              const size_t *lengths)
{
    artdag_error err = {0};
    uint64_t cuts[PIECES];
    struct ad_add_params params = {.cuts = cuts, .cut_count = PIECES};
    struct ad_cid cid = {0};
    size_t size = 0;
    for (size_t i = 0; i < PIECES; i++)
        cuts[i] = size += lengths[i];
    uint8_t *data = malloc(size);
    assert_non_null(data);
    for (size_t i = 0; i < PIECES; i++) {
        ad_test_seed(salts[i]);
        ad_test_random_bytes(data + cuts[i] - lengths[i], lengths[i]);
    }
    ad_test_write(path, data, size);
    assert_ok(ad_store_add_path(store, path, &params, &cid, NULL, &err));
    free(data);
    return cid;
}

static size_t block_len(struct ad_store *store, const struct ad_cid *cid)
{
    artdag_error err = {0};
    struct ad_buf buf = AD_BUF_INIT(AD_BLOCK_MAX);
    assert_ok(ad_store_get(store, cid, &buf, &err));
    size_t len = buf.len;
    ad_buf_fini(&buf);
    return len;
}

static void films_share_the_pieces_that_did_not_change(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_shared shared = {0};
    struct ad_dag_stat st = {0};
    struct ad_cid a = add_film(store, ad_test_path(*state, "a"), (const uint64_t[]){1, 2, 3, 4},
                               (const size_t[]){PIECE, PIECE, PIECE, PIECE});
    struct ad_cid b = add_film(store, ad_test_path(*state, "b"), (const uint64_t[]){1, 9, 3, 4},
                               (const size_t[]){PIECE, 500001, PIECE, PIECE});
    assert_ok(ad_store_shared(store, &a, &b, &shared, &err));
    assert_int_equal(shared.common_blocks, 6);
    assert_int_equal(shared.common_bytes, 3 * PIECE);
    assert_int_equal(shared.a_blocks, 8 + 1); /* the leaves and the root */
    assert_int_equal(shared.a_bytes, 4 * PIECE + block_len(store, &a));
    assert_int_equal(shared.b_blocks, 7 + 1);
    assert_int_equal(shared.b_bytes, 3 * PIECE + 500001 + block_len(store, &b));
    assert_ok(ad_store_stat(store, &a, &st, &err));
    assert_int_equal(st.blocks, shared.a_blocks);
    assert_int_equal(st.dag_bytes, shared.a_bytes);

    struct ad_shared back = {0};
    assert_ok(ad_store_shared(store, &b, &a, &back, &err));
    assert_int_equal(back.common_blocks, shared.common_blocks);
    assert_int_equal(back.common_bytes, shared.common_bytes);
    assert_int_equal(back.a_blocks, shared.b_blocks);
    assert_int_equal(back.b_bytes, shared.a_bytes);
    ad_store_close(store);
}

static void all_of_a_file_is_common_with_itself_and_nothing_with_another(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_shared shared = {0};
    struct ad_cid a = add_random(store, 20, 3000000);
    struct ad_cid b = add_random(store, 21, 10);
    assert_ok(ad_store_shared(store, &a, &a, &shared, &err));
    assert_int_equal(shared.common_blocks, 4);
    assert_int_equal(shared.a_blocks, 4);
    assert_int_equal(shared.b_blocks, 4);
    assert_true(shared.common_bytes == shared.a_bytes && shared.a_bytes == shared.b_bytes);
    assert_ok(ad_store_shared(store, &a, &b, &shared, &err));
    assert_int_equal(shared.common_blocks, 0);
    assert_int_equal(shared.common_bytes, 0);
    assert_int_equal(shared.b_blocks, 1);
    assert_int_equal(shared.b_bytes, 10);
    ad_store_close(store);
}

/* The same leaf three times in one and twice in the other, reached as raw and as version 0. */
static void repeated_blocks_count_once_whatever_their_cids_are_called(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_shared shared = {0};
    struct ad_cid three = {0};
    struct ad_cid two = {0};
    uint8_t *zeros = calloc(3, 1 << 20);
    assert_non_null(zeros);
    assert_ok(ad_store_add_bytes(store, zeros, 3 << 20, &three, &err));
    assert_ok(ad_store_add_bytes(store, zeros, 2 << 20, &two, &err));
    assert_ok(ad_store_shared(store, &three, &two, &shared, &err));
    assert_int_equal(shared.a_blocks, 2);
    assert_int_equal(shared.b_blocks, 2);
    assert_int_equal(shared.common_blocks, 1);
    assert_int_equal(shared.common_bytes, 1 << 20);
    struct ad_cid v0 = two;
    v0.version = 0;
    assert_ok(ad_store_shared(store, &two, &v0, &shared, &err));
    assert_int_equal(shared.common_blocks, 2);
    free(zeros);
    ad_store_close(store);
}

static void a_folder_shares_all_of_the_file_that_is_in_it(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_shared shared = {0};
    struct ad_cid folder = {0};
    struct ad_cid file = {0};
    const char *in = ad_test_path(*state, "in");
    assert_int_equal(mkdir(in, 0700), 0);
    ad_test_write(ad_test_path(in, "one"), "first", 5);
    ad_test_write(ad_test_path(in, "two"), "second", 6);
    assert_ok(ad_store_add_path(store, in, NULL, &folder, NULL, &err));
    assert_ok(ad_store_add_bytes(store, "second", 6, &file, &err));
    assert_ok(ad_store_shared(store, &folder, &file, &shared, &err));
    assert_int_equal(shared.a_blocks, 3);
    assert_int_equal(shared.b_blocks, 1);
    assert_int_equal(shared.common_blocks, 1);
    assert_int_equal(shared.common_bytes, 6);
    ad_store_close(store);
}

static void leaves_are_not_read(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_shared shared = {0};
    struct ad_buf buf = AD_BUF_INIT(2000000);
    struct ad_cid first = {0};
    struct ad_cid a = add_random(store, 22, 1500000);
    assert_ok(ad_store_read(store, &a, 2000000, &buf, &err));
    assert_ok(ad_cid_of(AD_CODEC_RAW, buf.data, 1 << 20, &first, &err));
    const char *path = block_file(*state, "blocks", &first);
    buf.data[7] ^= 1;
    overwrite(path, buf.data, 1 << 20); /* reading it would be CORRUPT */
    assert_ok(ad_store_shared(store, &a, &a, &shared, &err));
    assert_int_equal(shared.common_blocks, 3);
    assert_true(here(path));
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void what_is_not_whole_is_not_compared(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = open_in(*state);
    struct ad_shared shared = {.a_blocks = 77};
    struct ad_cid whole = add_random(store, 23, 100);
    struct ad_cid gone = add_random(store, 24, 100);
    assert_int_equal(unlink(block_file(*state, "blocks", &gone)), 0);
    assert_fails(ARTDAG_E_NOTFOUND, ad_store_shared(store, &whole, &gone, &shared, &err));
    assert_fails(ARTDAG_E_NOTFOUND, ad_store_shared(store, &gone, &whole, &shared, &err));
    assert_int_equal(shared.a_blocks, 77); /* written only on success */
    ad_store_close(store);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(films_share_the_pieces_that_did_not_change),
    ad_test_in_dir(all_of_a_file_is_common_with_itself_and_nothing_with_another),
    ad_test_in_dir(repeated_blocks_count_once_whatever_their_cids_are_called),
    ad_test_in_dir(a_folder_shares_all_of_the_file_that_is_in_it),
    ad_test_in_dir(leaves_are_not_read),
    ad_test_in_dir(what_is_not_whole_is_not_compared),
};
AD_TEST_MAIN(tests)
