/* SPDX-License-Identifier: MIT */
#include "content.h"

static struct ad_cid directory(const struct ad_unixfs_profile *profile,
                               const struct ad_dir_entry *entries, size_t count,
                               struct ad_test_blocks *blocks, uint64_t *ret_tsize)
{
    artdag_error err = {0};
    struct ad_cid cid = {0};
    struct ad_block_sink sink = ad_test_sink(blocks);
    assert_ok(ad_unixfs_directory(profile, entries, count, &sink, &cid, ret_tsize, &err));
    return cid;
}

static struct ad_dir_entry entry(const char *name, const char *cid, uint64_t tsize)
{
    return (struct ad_dir_entry){
        .name = ad_str_from(name), .cid = ad_test_cid(cid), .tsize = tsize};
}

static void an_empty_directory_has_the_well_known_cids(void **state)
{
    (void)state;
    struct ad_test_blocks blocks = {0};
    uint64_t tsize = 0;
    struct ad_cid v1 = directory(&ad_unixfs_v1_2025, NULL, 0, &blocks, &tsize);
    struct ad_cid v0 = directory(&ad_unixfs_v0_2015, NULL, 0, &blocks, NULL);
    assert_cid_equal("bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354", &v1);
    assert_cid_equal("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn", &v0);
    assert_int_equal(tsize, 4);
    ad_test_blocks_fini(&blocks);
}

static void one_wrapped_file_gives_the_known_block(void **state)
{
    (void)state;
    struct ad_test_blocks blocks = {0};
    uint64_t tsize = 0;
    struct ad_dir_entry raw =
        entry("hello.txt", "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4", 12);
    struct ad_cid v1 = directory(&ad_unixfs_v1_2025, &raw, 1, &blocks, &tsize);
    assert_cid_equal("bafybeidhkumeonuwkebh2i4fc7o7lguehauradvlk57gzake6ggjsy372a", &v1);
    assert_int_equal(tsize, 69);
    assert_int_equal(blocks.list.items[0].len, 57);
    assert_bytes_hex(
        blocks.list.items[0].data, 57,
        "12330a24 01551220a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447"
        "120968656c6c6f2e747874 180c 0a020801");
    struct ad_dir_entry wrapped =
        entry("hello.txt", "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o", 20);
    struct ad_cid v0 = directory(&ad_unixfs_v0_2015, &wrapped, 1, &blocks, &tsize);
    assert_cid_equal("QmfLiVjH2vujCVP2e75zyzBYmpcjktmDeU1YBz6Ct8BBsc", &v0);
    assert_int_equal(tsize, 75);
    ad_test_blocks_fini(&blocks);
}

/* gateway-conformance, fixtures/path_gateway_unixfs/dir-with-files.car */
static void
the_gateway_fixtures_directories_are_reproduced_in_any_order_of_entries(void **state)
{
    (void)state;
    struct ad_test_blocks blocks = {0};
    uint64_t tsize = 0;
    struct ad_dir_entry entries[] = {
        entry("multiblock.txt", "bafybeigcisqd7m5nf3qmuvjdbakl5bdnh4ocrmacaqkpuh77qjvggmt2sa",
              1271),
        entry("hello.txt", "bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4", 12),
        entry("ascii.txt", "bafkreifkam6ns4aoolg3wedr4uzrs3kvq66p4pecirz6y2vlrngla62mxm", 31),
        entry("ascii-copy.txt", "bafkreifkam6ns4aoolg3wedr4uzrs3kvq66p4pecirz6y2vlrngla62mxm",
              31),
    };
    struct ad_cid cid = directory(&ad_unixfs_v1_2025, entries, 4, &blocks, &tsize);
    assert_cid_equal("bafybeihchr7vmgjaasntayyatmp5sv6xza57iy2h4xj7g46bpjij6yhrmy", &cid);
    assert_int_equal(blocks.list.items[0].len, 227);
    assert_int_equal(tsize, 1572);
    struct ad_dir_entry swap = entries[0];
    entries[0] = entries[3];
    entries[3] = swap;
    struct ad_cid again = directory(&ad_unixfs_v1_2025, entries, 4, &blocks, &tsize);
    assert_cids_equal(&again, &cid);
    ad_test_blocks_fini(&blocks);
}

/* ---- the border to sharding: the directories of IPIP-0499 ---- */

#define ENTRIES_MAX 5000

struct many {
    struct ad_dir_entry *entries;
    size_t count;
    uint8_t *names;
};

/* count files of content "x", named by the keystream in an alphabet of 39; the last name has
 * another length. */
static struct many official_directory(const struct ad_unixfs_profile *profile, const char *seed,
                                      size_t count, size_t name_len, size_t last_len)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz01234567890-_";
    artdag_error err = {0};
    struct many many = {calloc(ENTRIES_MAX, sizeof(*many.entries)), count,
                        content_bytes(seed, 1 << 20)};
    struct ad_buf wrap = AD_BUF_INIT(100);
    struct ad_cid file = {0};
    assert_ok(ad_unixfs_leaf(profile, "x", 1, &wrap, &file, &err));
    for (size_t i = 0; i < 1 << 20; i++)
        many.names[i] = (uint8_t)alphabet[many.names[i] % 39];
    for (size_t i = 0, at = 0; i < count; i++) {
        size_t len = i + 1 < count ? name_len : last_len;
        many.entries[i] = (struct ad_dir_entry){
            .name = {(const char *)many.names + at, len},
            .cid = file,
            .tsize = profile->raw_leaves ? 1 : wrap.len,
        };
        at += len;
    }
    ad_buf_fini(&wrap);
    return many;
}

static void directories_of_exactly_the_limit_are_plain(void **state)
{
    (void)state;
    struct ad_test_blocks blocks = {0};
    struct many v0 =
        official_directory(&ad_unixfs_v0_2015, "keystream:hamt-unixfs-v0-2015", 4096, 30, 30);
    struct ad_cid cid = directory(&ad_unixfs_v0_2015, v0.entries, v0.count, &blocks, NULL);
    assert_cid_equal("QmX5GtRk3TSSEHtdrykgqm4eqMEn3n2XhfkFAis5fjyZmN", &cid);
    struct many v1 =
        official_directory(&ad_unixfs_v1_2025, "keystream:hamt-unixfs-v1-2025", 4766, 11, 21);
    cid = directory(&ad_unixfs_v1_2025, v1.entries, v1.count, &blocks, NULL);
    assert_cid_equal("bafybeic3h7rwruealwxkacabdy45jivq2crwz6bufb5ljwupn36gicplx4", &cid);
    assert_int_equal(blocks.list.items[1].len, 262144);
    free(v0.entries);
    free(v0.names);
    free(v1.entries);
    free(v1.names);
    ad_test_blocks_fini(&blocks);
}

/* The CIDs are those of IPIP-0499 and of Kubo's test/cli/cid_profiles_test.go. */
static void directories_beyond_the_limit_are_sharded(void **state)
{
    (void)state;
    struct ad_test_blocks blocks = {0};
    struct many v0 =
        official_directory(&ad_unixfs_v0_2015, "keystream:hamt-unixfs-v0-2015", 4033, 31, 31);
    struct ad_cid cid = directory(&ad_unixfs_v0_2015, v0.entries, v0.count, &blocks, NULL);
    assert_cid_equal("QmeMiJzmhpJAUgynAcxTQYek5PPKgdv3qEvFsdV3XpVnvP", &cid);
    struct many v1 =
        official_directory(&ad_unixfs_v1_2025, "keystream:hamt-unixfs-v1-2025", 4766, 11, 22);
    cid = directory(&ad_unixfs_v1_2025, v1.entries, v1.count, &blocks, NULL);
    assert_cid_equal("bafybeiegvuterwurhdtkikfhbxcldohmxp566vpjdofhzmnhv6o4freidu", &cid);
    free(v0.entries);
    free(v0.names);
    free(v1.entries);
    free(v1.names);
    ad_test_blocks_fini(&blocks);
}

struct found {
    struct ad_map names;
    uint64_t wrong;
};

static enum artdag_err note_name(void *payload, const struct ad_dir_entry *entry,
                                 artdag_error *err)
{
    struct found *found = payload;
    bool added = false;
    (void)err;
    assert_non_null(ad_map_put(&found->names, entry->name, &added));
    found->wrong += !added || entry->tsize != 1;
    return ARTDAG_OK;
}

/* Several levels deep: more names than buckets on two levels. */
static void a_sharded_directory_lists_all_it_was_given(void **state)
{
    (void)state;
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    struct found found = {0};
    size_t count = 20000;
    struct ad_dir_entry *entries = calloc(count, sizeof(*entries));
    char(*names)[16] = calloc(count, sizeof(*names));
    assert_non_null(entries);
    assert_non_null(names);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "%zu", i);
        entries[i] = entry(names[i], "bafkqaaa", 1);
    }
    struct ad_cid cid = directory(&ad_unixfs_v1_2025, entries, count, &blocks, NULL);
    struct ad_block_source source = ad_test_block_source(&blocks);
    assert_ok(ad_unixfs_list(&source, &cid, note_name, &found, &err));
    assert_int_equal(found.names.len, count);
    assert_int_equal(found.wrong, 0);
    for (size_t i = 0; i < count; i++)
        assert_non_null(ad_map_find(&found.names, entries[i].name));
    ad_map_fini(&found.names);
    free(entries);
    free(names);
    ad_test_blocks_fini(&blocks);
}

static void names_that_are_no_file_names_are_refused(void **state)
{
    (void)state;
    artdag_error err = {0};
    static const struct ad_str bad[] = {
        {"", 0}, {".", 1}, {"..", 2}, {"a/b", 3}, {"/", 1}, {"a\0b", 3}, {NULL, 0},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct ad_dir_entry one = {.name = bad[i], .cid = ad_test_cid("bafkqaaa")};
        struct ad_cid cid = {0};
        assert_fails(ARTDAG_E_INVAL,
                     ad_unixfs_directory(NULL, &one, 1, NULL, &cid, NULL, &err));
    }
    struct ad_dir_entry twins[] = {entry("a", "bafkqaaa", 0), entry("b", "bafkqaaa", 0),
                                   entry("a", "bafkqaaa", 1)};
    struct ad_cid cid = {0};
    assert_fails(ARTDAG_E_INVAL, ad_unixfs_directory(NULL, twins, 3, NULL, &cid, NULL, &err));
    assert_err_says("\"a\"");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(an_empty_directory_has_the_well_known_cids),
    cmocka_unit_test(one_wrapped_file_gives_the_known_block),
    cmocka_unit_test(the_gateway_fixtures_directories_are_reproduced_in_any_order_of_entries),
    cmocka_unit_test(directories_of_exactly_the_limit_are_plain),
    cmocka_unit_test(directories_beyond_the_limit_are_sharded),
    cmocka_unit_test(a_sharded_directory_lists_all_it_was_given),
    cmocka_unit_test(names_that_are_no_file_names_are_refused),
};
AD_TEST_MAIN(tests)
