/* SPDX-License-Identifier: MIT
 *
 * Files that are cut at given points.
 */
#include <inttypes.h>

#include "content.h"
#include "descriptors.h"

typedef AD_VEC(uint64_t) number_vec;

struct piece {
    struct ad_cid cid;
    uint64_t at;
    size_t len;
};
typedef AD_VEC(struct piece) piece_vec;

static enum artdag_err note_leaf(void *payload, const struct ad_cid *cid, uint64_t offset,
                                 size_t len, artdag_error *err)
{
    piece_vec *leaves = payload;
    struct piece leaf = {*cid, offset, len};
    (void)err;
    assert_true(ad_vec_push(leaves, leaf));
    return ARTDAG_OK;
}

static void push(number_vec *numbers, uint64_t number)
{
    assert_true(ad_vec_push(numbers, number));
}

/* ---- vectors ---- */

static void read_cuts(char *text, number_vec *cuts)
{
    uint64_t range[3] = {0};
    if (strcmp(text, "none") == 0)
        return;
    if (sscanf(text, "%" SCNu64 ":%" SCNu64 ":%" SCNu64, &range[0], &range[1], &range[2]) ==
        3) {
        for (uint64_t at = range[0]; at < range[1]; at += range[2])
            push(cuts, at);
        return;
    }
    for (char *end = text; *text; text = *end ? end + 1 : end)
        push(cuts, strtoull(text, &end, 10));
}

static void check_row(char *fields[TABLE_FIELDS], void *payload)
{
    artdag_error err = {0};
    number_vec cuts = {0};
    struct ad_unixfs_profile profile = {
        .cid_version = (unsigned)strtoul(fields[2], NULL, 10),
        .raw_leaves = strcmp(fields[3], "raw") == 0,
        .chunk_bytes = (uint32_t)strtoul(fields[4], NULL, 10),
        .width = (uint32_t)strtoul(fields[5], NULL, 10),
    };
    size_t bytes = (size_t)strtoull(fields[1], NULL, 10);
    uint8_t *data = content_bytes(fields[0], bytes);
    (void)payload;
    read_cuts(fields[7], &cuts);
    for (unsigned threads = 1; threads <= 4; threads += 3) {
        struct ad_import_params params = {
            .profile = &profile, .threads = threads, .cuts = cuts.items, .cut_count = cuts.len};
        struct ad_cid root = {0};
        assert_ok(ad_unixfs_import_bytes(data, bytes, &params, &root, &err));
        assert_cid_equal(fields[6], &root);
    }
    free(data);
    ad_vec_fini(&cuts);
}

static void cut_files_have_the_cids_of_an_independent_importer(void **state)
{
    (void)state;
    assert_int_equal(each_row("tests/golden/unixfs-cuts.tsv", check_row, NULL), 14);
}

/* ---- any cuts ---- */

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Some within the file, some beyond it; 0, the end and repetitions among them. */
static void random_cuts(number_vec *cuts, size_t size, size_t most)
{
    size_t count = (size_t)ad_test_random_below(most + 1);
    cuts->len = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t kind = ad_test_random_below(20);
        uint64_t at = ad_test_random_below(size + size / 8 + 2);
        if (kind == 0)
            at = 0;
        else if (kind == 1)
            at = size;
        else if (kind == 2 && cuts->len)
            at = cuts->items[0];
        push(cuts, at);
    }
    if (count)
        qsort(cuts->items, count, sizeof(cuts->items[0]), ascending);
}

/* A mark on every byte at which a leaf must start, set in two ways that know of no search. */
static uint8_t *leaf_starts(const number_vec *cuts, uint32_t chunk, size_t size)
{
    uint8_t *starts = calloc(1, size + 1);
    uint32_t since = 0;
    assert_non_null(starts);
    for (size_t i = 0; i < cuts->len; i++) {
        if (cuts->items[i] < size)
            starts[cuts->items[i]] = 1;
    }
    for (size_t at = 0; at < size; at++, since++) {
        if (at == 0 || starts[at] || since == chunk) {
            starts[at] = 1;
            since = 0;
        }
    }
    return starts;
}

static void check_leaves(const piece_vec *leaves, const number_vec *cuts, uint32_t chunk,
                         const uint8_t *data, size_t size)
{
    artdag_error err = {0};
    uint8_t *starts = leaf_starts(cuts, chunk, size);
    size_t next = 0;
    size_t count = 0;
    for (size_t i = 0; i < leaves->len; i++) {
        const struct piece *leaf = &leaves->items[i];
        assert_true(leaf->at == next);
        assert_true(leaf->len > 0 && starts[leaf->at]);
        assert_ok(ad_cid_verify(&leaf->cid, data + leaf->at, leaf->len, &err));
        next += leaf->len;
    }
    for (size_t at = 0; at < size; at++)
        count += starts[at];
    assert_true(next == size);
    assert_int_equal(leaves->len, count);
    free(starts);
}

static void check_ranges(struct ad_test_blocks *blocks, const struct ad_cid *root,
                         const number_vec *cuts, const uint8_t *data, size_t size)
{
    artdag_error err = {0};
    struct ad_block_source source = ad_test_block_source(blocks);
    struct ad_unixfs_file *file = NULL;
    uint8_t *out = malloc(size + 1);
    assert_non_null(out);
    assert_ok(ad_unixfs_open(&source, root, &file, &err));
    assert_true(ad_unixfs_size(file) == size);
    for (int i = 0; i < 30; i++) {
        uint64_t offset = i ? ad_test_random_below(size + 1) : 0;
        if (i > 20 && cuts->len) /* across a border */
            offset = cuts->items[ad_test_random_below(cuts->len)] -
                     (cuts->items[0] ? ad_test_random_below(2) : 0);
        if (offset > size)
            offset = size;
        size_t want = i ? (size_t)ad_test_random_below(size - offset + 1) : size;
        size_t got = 0;
        assert_ok(ad_unixfs_pread(file, out, want, offset, &got, &err));
        assert_int_equal(got, want);
        assert_memory_equal(out, data + offset, want);
    }
    ad_unixfs_close(file);
    free(out);
}

static void check_threads(const uint8_t *data, size_t size, struct ad_import_params params,
                          const struct ad_cid *root)
{
    artdag_error err = {0};
    params.sink = (struct ad_block_sink){0};
    params.on_leaf = NULL;
    for (unsigned threads = 2; threads <= 7; threads += 5) {
        struct ad_cid other = {0};
        params.threads = threads;
        assert_ok(ad_unixfs_import_bytes(data, size, &params, &other, &err));
        assert_cids_equal(&other, root);
        int fd = memory_file(data, size);
        assert_ok(ad_unixfs_import_fd(fd, &params, &other, NULL, &err));
        (void)close(fd);
        assert_cids_equal(&other, root);
        assert_ok(import_pipe(data, size, 70001, &params, &other, NULL, &err));
        assert_cids_equal(&other, root);
    }
}

static void check_random(const uint8_t *data, size_t size, uint32_t chunk, size_t most_cuts)
{
    artdag_error err = {0};
    struct ad_test_blocks blocks = {0};
    piece_vec leaves = {0};
    number_vec cuts = {0};
    random_cuts(&cuts, size, most_cuts);
    struct ad_unixfs_profile profile = {
        .cid_version = 1,
        .raw_leaves = true,
        .chunk_bytes = chunk,
        .width = (uint32_t)(2 + ad_test_random_below(40)),
    };
    struct ad_import_params params = {
        .profile = &profile,
        .threads = 1,
        .cuts = cuts.items,
        .cut_count = cuts.len,
        .sink = ad_test_sink(&blocks),
        .on_leaf = note_leaf,
        .on_leaf_payload = &leaves,
    };
    struct ad_cid root = {0};
    assert_ok(ad_unixfs_import_bytes(data, size, &params, &root, &err));
    check_leaves(&leaves, &cuts, chunk, data, size);
    check_ranges(&blocks, &root, &cuts, data, size);
    check_threads(data, size, params, &root);
    ad_vec_fini(&leaves);
    ad_vec_fini(&cuts);
    ad_test_blocks_fini(&blocks);
}

static void leaves_end_at_cuts_and_chunks_whatever_the_threads(void **state)
{
    (void)state;
    const size_t most = 5000000;
    uint8_t *data = malloc(most);
    assert_non_null(data);
    ad_test_seed(60);
    ad_test_random_bytes(data, most);
    for (int i = 0; i < 100; i++) { /* one batch */
        size_t size = (size_t)(1 + ad_test_random_below(20000));
        uint32_t chunk = (uint32_t)(8 + ad_test_random_below(1u << ad_test_random_below(15)));
        check_random(data, size, chunk, 1u << ad_test_random_below(8));
    }
    for (int i = 0; i < 12; i++) { /* many, with borders everywhere */
        size_t size = most / 2 + (size_t)ad_test_random_below(most / 2);
        uint32_t chunk = (uint32_t)(300 + ad_test_random_below(1u << (8 + i)));
        check_random(data, size, chunk, i % 3 ? 20 : 4000);
    }
    check_random(data, most, AD_CHUNK_MAX, 6);
    free(data);
}

static void cuts_that_cut_nothing_leave_the_standard_cid(void **state)
{
    (void)state;
    artdag_error err = {0};
    const size_t len = 3 * 1048576 + 77;
    uint8_t *data = content_bytes("mod251", len);
    const uint64_t none[] = {0, 0, len, len, len + 1, UINT64_MAX};
    const uint64_t grid[] = {1048576, 2097152, 2097152, 3145728};
    struct ad_import_params params = {0};
    struct ad_cid standard = {0};
    struct ad_cid root = {0};
    assert_ok(ad_unixfs_import_bytes(data, len, &params, &standard, &err));
    params.cuts = none;
    params.cut_count = 6;
    assert_ok(ad_unixfs_import_bytes(data, len, &params, &root, &err));
    assert_cids_equal(&root, &standard);
    params.cuts = grid;
    params.cut_count = 4;
    assert_ok(ad_unixfs_import_bytes(data, len, &params, &root, &err));
    assert_cids_equal(&root, &standard);
    free(data);
}

static void cuts_count_from_the_first_imported_byte(void **state)
{
    (void)state;
    artdag_error err = {0};
    const uint64_t cuts[] = {5};
    struct ad_import_params params = {.cuts = cuts, .cut_count = 1};
    struct ad_cid root = {0};
    int fd = memory_file((const uint8_t *)"skipped hello world", 19);
    assert_int_equal(lseek(fd, 8, SEEK_SET), 8);
    assert_ok(ad_unixfs_import_fd(fd, &params, &root, NULL, &err));
    /* The first row of the vectors. */
    assert_cid_equal("bafybeignb644mw63kby6f3tmnc3uflgpgcwjzw2ufoagk5i5kkrzvr7gvi", &root);
    (void)close(fd);
}

static void cuts_out_of_order_are_refused_before_reading(void **state)
{
    (void)state;
    artdag_error err = {0};
    const uint64_t cuts[] = {10, 30, 20};
    struct ad_import_params params = {.cuts = cuts, .cut_count = 3};
    struct ad_cid root = {0};
    int fd = memory_file((const uint8_t *)"hello world", 11);
    assert_fails(ARTDAG_E_INVAL, ad_unixfs_import_fd(fd, &params, &root, NULL, &err));
    assert_err_says("20 comes after 30");
    assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
    params.cuts = NULL;
    assert_fails(ARTDAG_E_INVAL, ad_unixfs_import_fd(fd, &params, &root, NULL, &err));
    assert_false(ad_cid_is_set(&root));
    (void)close(fd);
}

/* ---- versions of a film ---- */

#define PIECES 6
struct film {
    size_t lengths[PIECES];
    const uint8_t *bytes[PIECES];
    struct ad_test_blocks blocks;
    piece_vec leaves;
    uint64_t cuts[PIECES]; /* where each piece ends */
};

static void import_film(struct film *film)
{
    artdag_error err = {0};
    size_t size = 0;
    struct ad_cid root = {0};
    for (size_t i = 0; i < PIECES; i++) {
        size += film->lengths[i];
        film->cuts[i] = size;
    }
    uint8_t *data = malloc(size);
    assert_non_null(data);
    for (size_t i = 0; i < PIECES; i++)
        memcpy(data + film->cuts[i] - film->lengths[i], film->bytes[i], film->lengths[i]);
    struct ad_import_params params = {
        .threads = 3,
        .cuts = film->cuts,
        .cut_count = PIECES,
        .sink = ad_test_sink(&film->blocks),
        .on_leaf = note_leaf,
        .on_leaf_payload = &film->leaves,
    };
    assert_ok(ad_unixfs_import_bytes(data, size, &params, &root, &err));
    free(data);
}

static bool holds(const struct film *film, const struct ad_cid *cid)
{
    return ad_map_find(&film->blocks.index, ad_test_block_key(cid)) != NULL;
}

static void films_that_differ_in_one_piece_share_the_blocks_of_all_others(void **state)
{
    (void)state;
    const size_t most = 2500000;
    uint8_t *data = malloc((PIECES + 1) * most);
    assert_non_null(data);
    ad_test_seed(61);
    ad_test_random_bytes(data, (PIECES + 1) * most);
    for (size_t changed = 0; changed < PIECES; changed++) {
        struct film a = {0};
        for (size_t i = 0; i < PIECES; i++) {
            a.lengths[i] = 1 + (size_t)ad_test_random_below(most);
            a.bytes[i] = data + i * most;
        }
        struct film b = a;
        b.bytes[changed] = data + PIECES * most;
        b.lengths[changed] = a.lengths[changed] / 2 + 12345; /* the rest moves */
        import_film(&a);
        import_film(&b);
        uint64_t shared = 0;
        for (size_t i = 0; i < a.leaves.len; i++) {
            const struct piece *leaf = &a.leaves.items[i];
            bool in_changed =
                leaf->at < a.cuts[changed] && leaf->at >= a.cuts[changed] - a.lengths[changed];
            assert_int_equal(holds(&b, &leaf->cid), !in_changed);
            shared += in_changed ? 0 : leaf->len;
        }
        assert_true(shared == a.cuts[PIECES - 1] - a.lengths[changed]);
        ad_vec_fini(&a.leaves);
        ad_vec_fini(&b.leaves);
        ad_test_blocks_fini(&a.blocks);
        ad_test_blocks_fini(&b.blocks);
    }
    free(data);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(cut_files_have_the_cids_of_an_independent_importer),
    cmocka_unit_test(leaves_end_at_cuts_and_chunks_whatever_the_threads),
    cmocka_unit_test(cuts_that_cut_nothing_leave_the_standard_cid),
    cmocka_unit_test(cuts_count_from_the_first_imported_byte),
    cmocka_unit_test(cuts_out_of_order_are_refused_before_reading),
    cmocka_unit_test(films_that_differ_in_one_piece_share_the_blocks_of_all_others),
};
AD_TEST_MAIN(tests)
