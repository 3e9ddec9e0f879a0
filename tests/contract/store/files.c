/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "contract.h"

/* Byte i is i mod 251, three chunks of 1 MiB. The CIDs were made by two other importers
 * (ipfs-unixfs-importer and Debian's ipfs_cid). */
#define PATTERN_BYTES 3145728
#define PATTERN_V1 "bafybeihzpjrbcpjpzcx4yxh3hasnjidsikmwmsrli7hhamhny5iueulu5a"
#define PATTERN_V0 "QmbEanQifXGk5Y2i9swd25nRbdLPXoXgwE7riTuQtoVFzA"
/* {hello.txt: "hello world\n"}, made by js-ipfs. */
#define HELLO_DIR "bafybeidhkumeonuwkebh2i4fc7o7lguehauradvlk57gzake6ggjsy372a"

static uint8_t *pattern(void)
{
    uint8_t *data = malloc(PATTERN_BYTES);
    assert_non_null(data);
    for (size_t i = 0; i < PATTERN_BYTES; i++)
        data[i] = (uint8_t)(i % 251);
    return data;
}

static const char *pattern_file(const char *dir)
{
    uint8_t *data = pattern();
    const char *path = ad_test_path(dir, "pattern");
    ad_test_write(path, data, PATTERN_BYTES);
    free(data);
    return path;
}

static int open_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void added_bytes_have_the_cid_of_other_importers(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_buf buf = AD_BUF_INIT(PATTERN_BYTES);
    struct ad_cid cid = {0};
    uint8_t *data = pattern();
    assert_ok(ad_store_add_bytes(store, data, PATTERN_BYTES, &cid, &err));
    assert_cid_equal(PATTERN_V1, &cid);
    assert_ok(ad_store_read(store, &cid, PATTERN_BYTES, &buf, &err));
    assert_int_equal(buf.len, PATTERN_BYTES);
    assert_memory_equal(buf.data, data, PATTERN_BYTES);
    assert_fails(ARTDAG_E_LIMIT, ad_store_read(store, &cid, PATTERN_BYTES - 1, &buf, &err));
    ad_buf_fini(&buf);
    free(data);
    ad_store_close(store);
}

static void added_file_is_there_after_reopen(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid = {0};
    uint64_t bytes = 0;
    int fd = open_path(pattern_file(*state));
    assert_ok(ad_store_add_fd(store, fd, NULL, NULL, &cid, &bytes, &err));
    assert_cid_equal(PATTERN_V1, &cid);
    assert_int_equal(bytes, PATTERN_BYTES);
    (void)close(fd);
    ad_store_close(store);
    store = contract_open(*state);
    assert_true(contract_complete(store, &cid));
    ad_store_close(store);
}

static void profile_and_threads_are_obeyed(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    const char *path = pattern_file(*state);
    for (unsigned threads = 1; threads <= 4; threads += 3) {
        struct ad_add_params params = {.profile = &ad_unixfs_v0_2015, .threads = threads};
        struct ad_cid cid = {0};
        int fd = open_path(path);
        assert_ok(ad_store_add_fd(store, fd, path, &params, &cid, NULL, &err));
        assert_cid_equal(PATTERN_V0, &cid);
        assert_true(contract_complete(store, &cid));
        (void)close(fd);
    }
    ad_store_close(store);
}

static void reading_starts_at_the_descriptors_position(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_buf buf = AD_BUF_INIT(100);
    struct ad_cid cid = {0};
    const char *path = ad_test_path(*state, "file");
    ad_test_write(path, "skipped, kept", 13);
    int fd = open_path(path);
    assert_int_equal(lseek(fd, 9, SEEK_SET), 9);
    assert_ok(ad_store_add_fd(store, fd, NULL, NULL, &cid, NULL, &err));
    assert_ok(ad_store_read(store, &cid, 100, &buf, &err));
    assert_str_view_equal(ad_buf_as_str(&buf), "kept");
    (void)close(fd);
    ad_buf_fini(&buf);
    ad_store_close(store);
}

static void only_hash_stores_nothing(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_add_params params = {.only_hash = true};
    struct ad_cid cid = {0};
    uint64_t bytes = 0;
    const char *path = pattern_file(*state);
    assert_ok(ad_store_add_path(store, path, &params, &cid, &bytes, &err));
    assert_cid_equal(PATTERN_V1, &cid);
    assert_int_equal(bytes, PATTERN_BYTES);
    assert_false(contract_complete(store, &cid));
    ad_store_close(store);
    cid = (struct ad_cid){0};
    assert_ok(ad_store_add_path(NULL, path, &params, &cid, NULL, &err));
    assert_cid_equal(PATTERN_V1, &cid);
}

static void open_file_reads_ranges(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_unixfs_file *file = NULL;
    uint8_t *data = NULL;
    uint8_t part[5000];
    size_t got = 0;
    struct ad_cid cid = contract_add_random(store, 7, 2500000, &data);
    assert_ok(ad_store_open_file(store, &cid, &file, &err));
    assert_int_equal(ad_unixfs_size(file), 2500000);
    assert_ok(
        ad_unixfs_pread(file, part, sizeof(part), 1048000, &got, &err)); /* across two chunks */
    assert_int_equal(got, sizeof(part));
    assert_memory_equal(part, data + 1048000, sizeof(part));
    assert_ok(ad_unixfs_pread(file, part, sizeof(part), 2499990, &got, &err));
    assert_int_equal(got, 10);
    ad_unixfs_close(file);
    free(data);
    ad_store_close(store);
}

/* ---- folders ---- */

static void make_folder(const char *path)
{
    assert_int_equal(mkdir(path, 0755), 0);
}

static void folder_of_one_file_has_the_cid_of_other_importers(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid = {0};
    uint64_t bytes = 0;
    const char *folder = ad_test_path(*state, "in");
    make_folder(folder);
    ad_test_write(ad_test_path(folder, "hello.txt"), "hello world\n", 12);
    ad_test_write(ad_test_path(folder, ".hidden"), "secret", 6);
    assert_ok(ad_store_add_path(store, folder, NULL, &cid, &bytes, &err));
    assert_cid_equal(HELLO_DIR, &cid);
    assert_int_equal(bytes, 12);
    ad_store_close(store);
}

struct listing {
    char text[4096];
    size_t count;
};

static enum artdag_err note_entry(void *payload, const struct ad_dir_entry *entry,
                                  artdag_error *err)
{
    struct listing *list = payload;
    size_t at = strlen(list->text);
    (void)err;
    (void)snprintf(list->text + at, sizeof(list->text) - at, "%.*s:%llu ",
                   AD_STR_ARG(entry->name), (unsigned long long)entry->tsize);
    list->count++;
    return ARTDAG_OK;
}

static void folder_round_trip_keeps_files_links_and_empty_folders(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid = {0};
    struct ad_cid again = {0};
    struct listing list = {{0}, 0};
    char target[64] = {0};
    struct stat st;
    uint8_t *data = pattern();
    const char *in = ad_test_path(*state, "in");
    const char *out = ad_test_path(*state, "out");
    make_folder(in);
    make_folder(ad_test_path(in, "empty"));
    make_folder(ad_test_path(in, "deep"));
    make_folder(ad_test_path(in, "deep/er"));
    ad_test_write(ad_test_path(in, "deep/er/big"), data, PATTERN_BYTES);
    ad_test_write(ad_test_path(in, "nothing"), "", 0);
    assert_int_equal(symlink("deep/er/big", ad_test_path(in, "link")), 0);
    assert_ok(ad_store_add_path(store, in, NULL, &cid, NULL, &err));

    /* Tsizes by hand. link: 0a 0f 08 04 12 0b and the target. The pattern's root: three links
     * of 2 + 38 + 2 + 4 bytes, UnixFS of 2 + 2 + 5 + 3 * 4: 159. "er" above it: one link of 2 +
     * 38 + 5 + 5, and 4: 54. "deep" above that: 2 + 38 + 4 + 5, and 4: 53. */
    assert_ok(ad_store_list(store, &cid, note_entry, &list, &err));
    assert_string_equal(list.text, "deep:3145994 empty:4 link:17 nothing:0 ");

    assert_ok(ad_store_export(store, &cid, out, &err));
    size_t len = 0;
    uint8_t *back = ad_test_read(ad_test_path(out, "deep/er/big"), &len);
    assert_int_equal(len, PATTERN_BYTES);
    assert_memory_equal(back, data, PATTERN_BYTES);
    (void)ad_test_read(ad_test_path(out, "nothing"), &len);
    assert_int_equal(len, 0);
    assert_int_equal(stat(ad_test_path(out, "empty"), &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(readlink(ad_test_path(out, "link"), target, sizeof(target) - 1), 11);
    assert_string_equal(target, "deep/er/big");
    assert_ok(ad_store_add_path(store, out, NULL, &again, NULL, &err));
    assert_cids_equal(&again, &cid);
    free(data);
    ad_store_close(store);
}

static void thousand_small_files_are_added_and_listed(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid = {0};
    struct listing list = {{0}, 0};
    uint64_t bytes = 0;
    char text[32];
    const char *in = ad_test_path(*state, "in");
    make_folder(in);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(text, sizeof(text), "file number %d", i);
        ad_test_write(ad_test_path(in, "f%03d", i), text, strlen(text));
    }
    assert_ok(ad_store_add_path(store, in, NULL, &cid, &bytes, &err));
    assert_int_equal(bytes, 10 * 13 + 90 * 14 + 900 * 15);
    assert_ok(ad_store_list(store, &cid, note_entry, &list, &err));
    assert_int_equal(list.count, 1000);
    assert_true(contract_complete(store, &cid));
    ad_store_close(store);
}

static void named_pipe_in_a_folder_is_refused(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid = {0};
    const char *in = ad_test_path(*state, "in");
    make_folder(in);
    assert_int_equal(mkfifo(ad_test_path(in, "pipe"), 0600), 0);
    assert_fails(ARTDAG_E_INVAL, ad_store_add_path(store, in, NULL, &cid, NULL, &err));
    assert_err_says("pipe");
    assert_fails(ARTDAG_E_NOTFOUND, ad_store_add_path(store, ad_test_path(*state, "absent"),
                                                      NULL, &cid, NULL, &err));
    ad_store_close(store);
}

/* ---- export ---- */

static void export_replaces_a_file_but_no_folder(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid = {0};
    struct ad_cid folder =
        ad_test_cid("bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354");
    const char *path = ad_test_path(*state, "out");
    assert_ok(ad_store_add_bytes(store, "new", 3, &cid, &err));
    assert_ok(ad_store_put(store, &folder, "\x0a\x02\x08\x01", 4, &err));
    ad_test_write(path, "old content", 11);
    assert_ok(ad_store_export(store, &cid, path, &err));
    assert_string_equal((char *)ad_test_read(path, NULL), "new");
    assert_fails(ARTDAG_E_EXISTS, ad_store_export(store, &folder, path, &err));
    assert_string_equal((char *)ad_test_read(path, NULL), "new");
    assert_int_equal(unlink(path), 0);
    make_folder(path);
    assert_fails(ARTDAG_E_EXISTS, ad_store_export(store, &cid, path, &err));
    assert_fails(ARTDAG_E_EXISTS, ad_store_export(store, &folder, path, &err));
    assert_int_equal(rmdir(path), 0); /* still empty */
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_fails(ARTDAG_E_EXISTS, ad_store_export(store, &cid, path, &err));
    ad_store_close(store);
}

static void failed_export_leaves_nothing(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid = ad_test_cid(PATTERN_V1); /* not here */
    const char *folder = ad_test_path(*state, "into");
    make_folder(folder);
    assert_fails(ARTDAG_E_NOTFOUND,
                 ad_store_export(store, &cid, ad_test_path(folder, "out"), &err));
    assert_int_equal(rmdir(folder), 0); /* empty */
    ad_store_close(store);
}

/* A directory block with these names, each linking to `child`. */
static struct ad_cid put_directory(struct ad_store *store, const struct ad_str *names,
                                   size_t count, const struct ad_cid *child)
{
    artdag_error err = {0};
    struct ad_buf block = AD_BUF_INIT(4096);
    struct ad_cid cid = {0};
    struct ad_pb_node node = {.data = AD_STR_LIT("\x08\x01"), .has_data = true};
    for (size_t i = 0; i < count; i++) {
        struct ad_pb_link link = {
            .cid = child[i], .name = names[i], .has_name = true, .tsize = 3};
        assert_true(ad_vec_push(&node.links, link));
    }
    assert_ok(ad_pb_encode(&node, &block, &err));
    assert_ok(ad_cid_of(AD_CODEC_DAG_PB, block.data, block.len, &cid, &err));
    assert_ok(ad_store_put(store, &cid, block.data, block.len, &err));
    ad_pb_node_fini(&node);
    ad_buf_fini(&block);
    return cid;
}

static void entry_names_that_leave_the_folder_are_refused(void **state)
{
    static const struct ad_str names[] = {
        AD_STR_LIT(""),    AD_STR_LIT("."),       AD_STR_LIT(".."),          AD_STR_LIT("../x"),
        AD_STR_LIT("a/b"), AD_STR_LIT("/x"),      AD_STR_LIT("x\0y"),        AD_STR_LIT("x/"),
        AD_STR_LIT("\0"),  AD_STR_LIT("../../x"), AD_STR_LIT("a/../../../x")};
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid child = {0};
    const char *folder = ad_test_path(*state, "into");
    make_folder(folder);
    assert_ok(ad_store_add_bytes(store, "xyz", 3, &child, &err));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct ad_cid dir = put_directory(store, &names[i], 1, &child);
        assert_fails(ARTDAG_E_FORMAT,
                     ad_store_export(store, &dir, ad_test_path(folder, "out"), &err));
    }
    assert_int_equal(access(ad_test_path(*state, "x"), F_OK), -1);
    assert_int_equal(rmdir(folder), 0);
    ad_store_close(store);
}

static void links_are_never_followed_by_an_export(void **state)
{
    /* "a" is a link out of the folder, and then a folder: its file must not appear where the
     * link points. */
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid child[2] = {{0}, {0}};
    static const struct ad_str names[] = {AD_STR_LIT("a"), AD_STR_LIT("a")};
    static const struct ad_str inner = AD_STR_LIT("planted");
    const char *outside = ad_test_path(*state, "outside");
    make_folder(outside);
    struct ad_buf data = AD_BUF_INIT(200);
    struct ad_buf block = AD_BUF_INIT(300);
    (void)ad_buf_printf(&data, "\x08\x04\x12%c%s", (int)strlen(outside), outside);
    struct ad_pb_node node = {.data = ad_buf_as_str(&data), .has_data = true};
    assert_ok(ad_pb_encode(&node, &block, &err));
    assert_ok(ad_cid_of(AD_CODEC_DAG_PB, block.data, block.len, &child[0], &err));
    assert_ok(ad_store_put(store, &child[0], block.data, block.len, &err));
    struct ad_cid file = {0};
    assert_ok(ad_store_add_bytes(store, "xyz", 3, &file, &err));
    child[1] = put_directory(store, &inner, 1, &file);
    struct ad_cid dir = put_directory(store, names, 2, child);
    (void)ad_store_export(store, &dir, ad_test_path(*state, "out"), &err);
    assert_int_equal(rmdir(outside), 0); /* empty */
    ad_buf_fini(&data);
    ad_buf_fini(&block);
    ad_store_close(store);
}

/* ---- sizes and completeness ---- */

static void stat_counts_each_block_once(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_dag_stat st = {0};
    struct ad_cid cid = {0};
    uint8_t *zeros = calloc(3, 1 << 20);
    assert_non_null(zeros);
    assert_ok(ad_store_add_bytes(store, zeros, 3 << 20, &cid, &err));
    assert_ok(ad_store_stat(store, &cid, &st, &err));
    assert_int_equal(st.file_bytes, 3 << 20);
    assert_int_equal(st.blocks, 2); /* three equal leaves and the root */
    assert_int_equal(st.dag_bytes, (1 << 20) + 3 * 46 + 2 + 2 + 5 + 3 * 4);
    assert_int_equal(st.type, AD_UNIXFS_FILE);
    assert_ok(ad_store_add_bytes(store, "abc", 3, &cid, &err));
    assert_ok(ad_store_stat(store, &cid, &st, &err));
    assert_int_equal(st.file_bytes, 3);
    assert_int_equal(st.dag_bytes, 3);
    assert_int_equal(st.blocks, 1);
    assert_int_equal(st.type, AD_UNIXFS_RAW);
    cid = put_directory(store, NULL, 0, NULL);
    assert_ok(ad_store_stat(store, &cid, &st, &err));
    assert_int_equal(st.file_bytes, 0);
    assert_int_equal(st.dag_bytes, 4);
    assert_int_equal(st.type, AD_UNIXFS_DIRECTORY);
    free(zeros);
    ad_store_close(store);
}

struct filter {
    struct ad_store *store;
    uint32_t codec; /* what passes */
};

static enum artdag_err put_filtered(void *payload, const struct ad_cid *cid, const void *data,
                                    size_t len, artdag_error *err)
{
    const struct filter *filter = payload;
    return cid->codec == filter->codec ? ad_store_put(filter->store, cid, data, len, err)
                                       : ARTDAG_OK;
}

static void complete_sees_missing_leaves_and_missing_roots(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct filter filter = {store, AD_CODEC_DAG_PB};
    struct ad_import_params params = {.sink = {put_filtered, &filter}};
    struct ad_dag_stat st;
    struct ad_cid cid = {0};
    uint8_t *data = pattern();
    assert_ok(ad_unixfs_import_bytes(data, PATTERN_BYTES, &params, &cid, &err));
    assert_false(contract_complete(store, &cid)); /* only the root is here */
    assert_fails(ARTDAG_E_NOTFOUND, ad_store_stat(store, &cid, &st, &err));
    assert_ok(ad_store_add_bytes(store, data, PATTERN_BYTES, &cid, &err));
    assert_true(contract_complete(store, &cid));
    assert_ok(ad_store_stat(store, &cid, &st, &err));

    data[0] ^= 1;
    filter.codec = AD_CODEC_RAW;
    assert_ok(ad_unixfs_import_bytes(data, PATTERN_BYTES, &params, &cid, &err));
    assert_false(contract_complete(store, &cid)); /* only the leaves are here */
    free(data);
    ad_store_close(store);
}

/* ---- archives ---- */

static int temp_file(const char *dir)
{
    int fd =
        open(ad_test_path(dir, "archive.car"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    return fd;
}

static void archive_round_trip_keeps_all_roots(void **state)
{
    artdag_error err = {0};
    struct ad_store *from = contract_open(ad_test_path(*state, "a"));
    struct ad_store *to = contract_open(ad_test_path(*state, "b"));
    struct ad_cid roots[2];
    ad_cid_vec got = {0};
    roots[0] = contract_add_random(from, 1, 3000000, NULL);
    roots[1] = contract_add_random(from, 2, 10, NULL);
    int fd = temp_file(*state);
    assert_ok(ad_store_car_export(from, roots, 2, fd, &err));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_ok(ad_store_car_import(to, fd, &got, &err));
    assert_int_equal(got.len, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_cids_equal(&got.items[i], &roots[i]);
        assert_true(contract_complete(to, &roots[i]));
    }
    ad_vec_fini(&got);
    (void)close(fd);
    ad_store_close(from);
    ad_store_close(to);
}

static void archive_has_the_bytes_of_the_specification(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid = {0};
    size_t len = 0;
    assert_ok(ad_store_add_bytes(store, "hello world\n", 12, &cid, &err));
    struct ad_cid twice[2] = {cid, cid};
    int fd = temp_file(*state);
    assert_ok(ad_store_car_export(store, twice, 1, fd, &err));
    (void)close(fd);
    const uint8_t *car = ad_test_read(ad_test_path(*state, "archive.car"), &len);
    /* varint 58, {"roots": [CID], "version": 1}; varint 48, CID, block */
    assert_bytes_hex(
        car, len,
        "3aa265726f6f747381d82a58250001551220a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb"
        "85d299a192a447"
        "6776657273696f6e01"
        "3001551220a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447"
        "68656c6c6f20776f726c640a");
    ad_store_close(store);
}

static void archive_with_a_wrong_block_is_refused_whole(void **state)
{
    artdag_error err = {0};
    struct ad_store *from = contract_open(ad_test_path(*state, "a"));
    struct ad_store *to = contract_open(ad_test_path(*state, "b"));
    ad_cid_vec roots = {0};
    struct ad_cid cid = contract_add_random(from, 3, 3000000, NULL);
    int fd = temp_file(*state);
    assert_ok(ad_store_car_export(from, &cid, 1, fd, &err));
    /* The last byte of the last block: all blocks before it are right. */
    assert_int_equal(lseek(fd, -1, SEEK_END) > 0, 1);
    uint8_t byte = 0;
    assert_int_equal(read(fd, &byte, 1), 1);
    byte ^= 1;
    assert_true(lseek(fd, -1, SEEK_END) > 0);
    assert_int_equal(write(fd, &byte, 1), 1);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_fails(ARTDAG_E_CORRUPT, ad_store_car_import(to, fd, &roots, &err));
    assert_int_equal(roots.len, 0);
    bool has = true;
    assert_ok(ad_store_has(to, &cid, &has, &err));
    assert_false(has); /* the root came first in the archive and was right */
    ad_vec_fini(&roots);
    (void)close(fd);
    ad_store_close(from);
    ad_store_close(to);
}

static void archive_of_an_incomplete_dag_is_not_begun(void **state)
{
    artdag_error err = {0};
    struct ad_store *store = contract_open(*state);
    struct ad_cid cid = ad_test_cid(PATTERN_V1);
    int fd = temp_file(*state);
    assert_fails(ARTDAG_E_NOTFOUND, ad_store_car_export(store, &cid, 1, fd, &err));
    assert_string_equal(err.cid, PATTERN_V1);
    assert_int_equal(lseek(fd, 0, SEEK_END), 0);
    (void)close(fd);
    ad_store_close(store);
}

const struct CMUnitTest contract_files[] = {
    ad_test_in_dir(added_bytes_have_the_cid_of_other_importers),
    ad_test_in_dir(added_file_is_there_after_reopen),
    ad_test_in_dir(profile_and_threads_are_obeyed),
    ad_test_in_dir(reading_starts_at_the_descriptors_position),
    ad_test_in_dir(only_hash_stores_nothing),
    ad_test_in_dir(open_file_reads_ranges),
    ad_test_in_dir(folder_of_one_file_has_the_cid_of_other_importers),
    ad_test_in_dir(folder_round_trip_keeps_files_links_and_empty_folders),
    ad_test_in_dir(thousand_small_files_are_added_and_listed),
    ad_test_in_dir(named_pipe_in_a_folder_is_refused),
    ad_test_in_dir(export_replaces_a_file_but_no_folder),
    ad_test_in_dir(failed_export_leaves_nothing),
    ad_test_in_dir(entry_names_that_leave_the_folder_are_refused),
    ad_test_in_dir(links_are_never_followed_by_an_export),
    ad_test_in_dir(stat_counts_each_block_once),
    ad_test_in_dir(complete_sees_missing_leaves_and_missing_roots),
    ad_test_in_dir(archive_round_trip_keeps_all_roots),
    ad_test_in_dir(archive_has_the_bytes_of_the_specification),
    ad_test_in_dir(archive_with_a_wrong_block_is_refused_whole),
    ad_test_in_dir(archive_of_an_incomplete_dag_is_not_begun),
};
const size_t contract_files_count = sizeof(contract_files) / sizeof(contract_files[0]);
