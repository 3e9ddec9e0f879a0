/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ad_test.h"
#include "base/fs.h"

static size_t count_entries(const char *dir)
{
    size_t count = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    while (readdir(d) != NULL) {
        count++;
    }
    (void)closedir(d);
    return count - 2;
}

static void written_file_reads_back(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "f");
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    uint8_t data[200000];
    ad_test_seed(3);
    ad_test_random_bytes(data, sizeof(data));
    mode_t mask = umask(022);
    assert_ok(ad_fs_write_file(path, data, sizeof(data), 0644, "test", &err));
    (void)umask(mask);
    assert_int_equal(ad_buf_str(&buf, "old content"), ARTDAG_OK);
    assert_ok(ad_fs_read_file(path, sizeof(data), &buf, "test", &err));
    assert_int_equal(buf.len, sizeof(data));
    assert_memory_equal(buf.data, data, sizeof(data));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    assert_int_equal(count_entries(*state), 1);
    ad_buf_fini(&buf);
}

static void reading_refuses_what_is_not_there_or_too_large(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "f");
    struct ad_buf buf = AD_BUF_INIT(1000);
    ad_test_write(path, "0123456789", 10);
    assert_fails(ARTDAG_E_LIMIT, ad_fs_read_file(path, 9, &buf, "test", &err));
    assert_int_equal(buf.len, 0);
    assert_ok(ad_fs_read_file(path, 10, &buf, "test", &err));
    assert_fails(ARTDAG_E_LIMIT, ad_fs_read_file("/dev/zero", 500, &buf, "test", &err));
    buf.max = 5;
    assert_fails(ARTDAG_E_LIMIT, ad_fs_read_file(path, 100, &buf, "test", &err));
    assert_fails(ARTDAG_E_NOTFOUND,
                 ad_fs_read_file(ad_test_path(*state, "none"), 10, &buf, "test", &err));
    assert_int_equal(err.sys, ENOENT);
    assert_string_equal(err.room, "test");
    assert_fails(ARTDAG_E_IO, ad_fs_read_file(*state, 10, &buf, "test", &err));
    assert_int_equal(err.sys, EISDIR);
    ad_buf_fini(&buf);
}

static void failed_write_leaves_the_old_file_and_no_litter(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "f");
    struct rlimit before;
    ad_test_write(path, "old", 3);
    char *big = calloc(1, 1 << 20);
    assert_non_null(big);

    /* A file size limit stands in for a full disk: the write fails half way. */
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {65536, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum artdag_err code = ad_fs_write_file(path, big, 1 << 20, 0644, "test", &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    free(big);

    assert_int_equal(code, ARTDAG_E_IO);
    assert_int_equal(err.sys, EFBIG);
    assert_non_null(strstr(err.message, path));
    assert_string_equal((char *)ad_test_read(path, NULL), "old");
    assert_int_equal(count_entries(*state), 1);
}

static void write_onto_a_folder_fails_without_litter(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "folder");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_fails(ARTDAG_E_IO, ad_fs_write_file(path, "x", 1, 0644, "test", &err));
    assert_int_equal(count_entries(*state), 1);
    assert_fails(ARTDAG_E_NOTFOUND,
                 ad_fs_write_file(ad_test_path(*state, "no/f"), "x", 1, 0644, "test", &err));
}

static void full_disk_is_named_as_such(void **state)
{
    (void)state;
    artdag_error err = {0};
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_fails(ARTDAG_E_IO, ad_fs_write_full(fd, "x", 1, "test", &err));
    assert_int_equal(err.sys, ENOSPC);
    assert_string_equal(err.message, "cannot write: no space left");
    (void)close(fd);
}

struct watcher {
    const char *path;
    atomic_bool stop;
    size_t reads;
    size_t torn;
};

static void *watch(void *arg)
{
    struct watcher *w = arg;
    struct ad_buf buf = AD_BUF_INIT(1 << 20);
    while (!atomic_load(&w->stop)) {
        if (ad_fs_read_file(w->path, 1 << 20, &buf, "test", NULL) != ARTDAG_OK ||
            buf.len != 5000) {
            w->torn++;
            continue;
        }
        for (size_t i = 1; i < buf.len; i++) {
            w->torn += buf.data[i] != buf.data[0];
        }
        w->reads++;
    }
    ad_buf_fini(&buf);
    return NULL;
}

static void readers_see_the_old_or_the_new_file_whole(void **state)
{
    artdag_error err = {0};
    struct watcher watcher = {.path = ad_test_path(*state, "f")};
    pthread_t thread;
    char data[5000];
    memset(data, 'a', sizeof(data));
    assert_ok(ad_fs_write_file(watcher.path, data, sizeof(data), 0600, "test", &err));
    assert_int_equal(pthread_create(&thread, NULL, watch, &watcher), 0);
    for (int i = 0; i < 60; i++) {
        memset(data, 'a' + i % 26, sizeof(data));
        assert_ok(ad_fs_write_file(watcher.path, data, sizeof(data), 0600, "test", &err));
    }
    atomic_store(&watcher.stop, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(watcher.torn, 0);
}

static void mkdirs_makes_parents_and_accepts_what_exists(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "a//b/c/");
    struct stat st;
    assert_ok(ad_fs_mkdirs(path, "test", &err));
    assert_ok(ad_fs_mkdirs(path, "test", &err));
    assert_ok(ad_fs_mkdirs("/", "test", &err));
    assert_int_equal(stat(ad_test_path(*state, "a/b"), &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(st.st_mode & 0777, 0700);
    ad_test_write(ad_test_path(*state, "file"), "", 0);
    assert_fails(ARTDAG_E_IO, ad_fs_mkdirs(ad_test_path(*state, "file"), "test", &err));
    assert_int_equal(err.sys, ENOTDIR);
    assert_fails(ARTDAG_E_IO, ad_fs_mkdirs(ad_test_path(*state, "file/x"), "test", &err));
    assert_int_equal(err.sys, ENOTDIR);
    assert_fails(ARTDAG_E_NOTFOUND, ad_fs_mkdirs("", "test", &err));
}

static void pread_full_tells_how_much_there_was(void **state)
{
    artdag_error err = {0};
    const char *path = ad_test_path(*state, "f");
    char data[20] = {0};
    size_t len = 99;
    ad_test_write(path, "0123456789", 10);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_ok(ad_fs_pread_full(fd, data, 4, 3, &len, "test", &err));
    assert_int_equal(len, 4);
    assert_memory_equal(data, "3456", 4);
    assert_ok(ad_fs_pread_full(fd, data, 20, 8, &len, "test", &err));
    assert_int_equal(len, 2);
    assert_ok(ad_fs_pread_full(fd, data, 20, 1 << 20, &len, "test", &err));
    assert_int_equal(len, 0);
    assert_fails(ARTDAG_E_INVAL,
                 ad_fs_pread_full(fd, data, 20, UINT64_MAX, &len, "test", &err));
    (void)close(fd);
    assert_fails(ARTDAG_E_IO, ad_fs_pread_full(fd, data, 1, 0, &len, "test", &err));
    assert_int_equal(err.sys, EBADF);
}

static void temp_file_has_no_name_and_takes_bytes(void **state)
{
    artdag_error err = {0};
    int fd = -1;
    char data[4] = {0};
    size_t len = 0;
    assert_ok(ad_fs_temp_fd(*state, &fd, "test", &err));
    assert_int_equal(count_entries(*state), 0);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_ok(ad_fs_write_full(fd, "abc", 3, "test", &err));
    assert_ok(ad_fs_pread_full(fd, data, 4, 0, &len, "test", &err));
    assert_int_equal(len, 3);
    assert_string_equal(data, "abc");
    (void)close(fd);
    assert_fails(ARTDAG_E_NOTFOUND,
                 ad_fs_temp_fd(ad_test_path(*state, "no"), &fd, "test", &err));
}

static void remove_tree_takes_all_but_what_links_point_to(void **state)
{
    artdag_error err = {0};
    const char *tree = ad_test_path(*state, "tree");
    const char *kept = ad_test_path(*state, "kept");
    assert_ok(ad_fs_mkdirs(ad_test_path(*state, "tree/a/b"), "test", &err));
    assert_ok(ad_fs_mkdirs(kept, "test", &err));
    ad_test_write(ad_test_path(*state, "kept/f"), "x", 1);
    ad_test_write(ad_test_path(*state, "tree/a/b/f"), "x", 1);
    assert_int_equal(symlink(kept, ad_test_path(*state, "tree/a/link")), 0);
    assert_int_equal(symlink("nowhere", ad_test_path(*state, "tree/dangling")), 0);
    assert_ok(ad_fs_remove_tree(tree, "test", &err));
    assert_false(ad_fs_exists(tree));
    assert_true(ad_fs_exists(ad_test_path(*state, "kept/f")));
    assert_ok(ad_fs_remove_tree(tree, "test", &err));
    assert_ok(ad_fs_remove_tree(ad_test_path(*state, "kept/f"), "test", &err));
    assert_int_equal(count_entries(kept), 0);
    assert_int_equal(symlink(kept, tree), 0);
    assert_ok(ad_fs_remove_tree(tree, "test", &err));
    assert_true(ad_fs_exists(kept));
}

static void join_puts_one_slash_between(void **state)
{
    (void)state;
    static const char *const cases[][3] = {{"a", "b", "a/b"},
                                           {"a/", "b", "a/b"},
                                           {"/", "b", "/b"},
                                           {"", "b", "b"},
                                           {"a", "", "a/"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *path = ad_fs_join(cases[i][0], cases[i][1]);
        assert_string_equal(path, cases[i][2]);
        free(path);
    }
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(written_file_reads_back),
    ad_test_in_dir(reading_refuses_what_is_not_there_or_too_large),
    ad_test_in_dir(failed_write_leaves_the_old_file_and_no_litter),
    ad_test_in_dir(write_onto_a_folder_fails_without_litter),
    cmocka_unit_test(full_disk_is_named_as_such),
    ad_test_in_dir(readers_see_the_old_or_the_new_file_whole),
    ad_test_in_dir(mkdirs_makes_parents_and_accepts_what_exists),
    ad_test_in_dir(pread_full_tells_how_much_there_was),
    ad_test_in_dir(temp_file_has_no_name_and_takes_bytes),
    ad_test_in_dir(remove_tree_takes_all_but_what_links_point_to),
    cmocka_unit_test(join_puts_one_slash_between),
};
AD_TEST_MAIN(tests)
