/* SPDX-License-Identifier: MIT
 *
 * Writing when nothing more fits: on a small file system of its own where mounting is allowed,
 * and against a limit on the size of files everywhere.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "in_store.h"

/* A child may do what it likes to its limits and mounts. Its assertions longjmp into a copy of
 * the runner, so the result is told by the exit status. */
static void in_child(void (*body)(const char *dir), const char *dir)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        body(dir);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

#define child_check(condition)                                                                 \
    do {                                                                                       \
        if (!(condition)) {                                                                    \
            print_error("%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            _exit(1);                                                                          \
        }                                                                                      \
    } while (0)

static struct ad_store *child_open(const char *dir)
{
    struct ad_store *store = NULL;
    char url[1024];
    (void)snprintf(url, sizeof(url), "fs:%s/store", dir);
    child_check(ad_store_open(url, NULL, &store, NULL) == ARTDAG_OK);
    return store;
}

static void check_clean(struct ad_store *store, uint64_t blocks)
{
    struct ad_verify_result result = {0};
    child_check(ad_store_verify(store, NULL, NULL, &result, NULL) == ARTDAG_OK);
    child_check(result.corrupt == 0);
    child_check(result.blocks == blocks);
}

static void add_beyond_the_file_size_limit(const char *dir)
{
    artdag_error err = {0};
    struct ad_cid cid = {0};
    char path[1024];
    struct rlimit limit = {300000, 300000};
    uint8_t *data = calloc(1, 500000);
    child_check(data != NULL);
    struct ad_store *store = child_open(dir);
    child_check(ad_store_add_bytes(store, "small", 5, &cid, NULL) == ARTDAG_OK);
    child_check(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    child_check(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    child_check(ad_store_add_bytes(store, data, 500000, &cid, &err) == ARTDAG_E_IO);
    child_check(err.sys == EFBIG);
    (void)snprintf(path, sizeof(path), "%s/store/tmp", dir);
    child_check(count_files(path) == 0);
    check_clean(store, 1);
    child_check(ad_store_add_bytes(store, data, 200000, &cid, &err) == ARTDAG_OK);
    check_clean(store, 2);
    ad_store_close(store);
    free(data);
}

static void block_that_cannot_be_written_leaves_no_trace(void **state)
{
    in_child(add_beyond_the_file_size_limit, *state);
}

/* A tmpfs that only this child sees. */
static bool mount_small(const char *dir, const char *options)
{
    return unshare(CLONE_NEWNS) == 0 &&
           mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", dir, "tmpfs", 0, options) == 0;
}

static void fill_up(const char *dir)
{
    char path[1024];
    static const char block[4096];
    (void)snprintf(path, sizeof(path), "%s/filler", dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    child_check(fd >= 0);
    while (write(fd, block, sizeof(block)) > 0)
        continue;
    child_check(errno == ENOSPC);
    (void)close(fd);
}

static void work_on_a_full_disk(const char *dir)
{
    artdag_error err = {0};
    struct ad_cid cid = {0};
    struct ad_cid small = {0};
    struct ad_lease *lease = NULL;
    struct ad_lease *fresh = NULL;
    char path[1024];
    bool complete = false;
    if (!mount_small(dir, "size=4m")) {
        print_message("mounting is not allowed here; only the file size limit was tested\n");
        _exit(0);
    }
    struct ad_store *store = child_open(dir);
    uint8_t *data = malloc(6 << 20);
    child_check(data != NULL);
    for (size_t i = 0; i < 6 << 20; i++)
        data[i] = (uint8_t)(i >> 20);
    child_check(ad_store_add_bytes(store, "small", 5, &small, NULL) == ARTDAG_OK);
    child_check(ad_lease_open(store, &lease, NULL) == ARTDAG_OK);

    child_check(ad_store_add_bytes(store, data, 6 << 20, &cid, &err) == ARTDAG_E_IO);
    child_check(err.sys == ENOSPC && strstr(err.message, "no space left") != NULL);
    (void)snprintf(path, sizeof(path), "%s/store/tmp", dir);
    child_check(count_files(path) == 0); /* the failed addition has freed what it took */
    check_clean(store, 1);
    child_check(ad_store_add_bytes(store, data, 2 << 20, &cid, NULL) == ARTDAG_OK);
    check_clean(store, 4);

    child_check(ad_lease_open(store, &fresh, NULL) == ARTDAG_OK); /* no page of it yet */
    fill_up(dir);
    child_check(ad_store_pin(store, &small, "x", &err) == ARTDAG_E_IO);
    child_check(strstr(err.message, "no space left") != NULL);
    child_check(ad_lease_hold(fresh, &small, &complete, &err) == ARTDAG_E_IO);
    child_check(strstr(err.message, "no space left") != NULL);
    ad_lease_close(fresh);
    ad_lease_close(lease);
    /* Reading and making room need no space. */
    child_check(ad_store_gc(store, NULL, NULL, &err) == ARTDAG_OK);
    check_clean(store, 0);
    child_check(ad_store_add_bytes(store, "again", 5, &small, NULL) == ARTDAG_OK);
    ad_store_close(store);
    free(data);
}

static void full_disk_is_reported_and_leaves_the_store_clean(void **state)
{
    in_child(work_on_a_full_disk, *state);
}

static void work_without_inodes(const char *dir)
{
    artdag_error err = {0};
    struct ad_cid cid = {0};
    char text[16];
    enum artdag_err code = ARTDAG_OK;
    int added = 0;
    if (!mount_small(dir, "size=4m,nr_inodes=40"))
        _exit(0);
    struct ad_store *store = child_open(dir);
    for (; code == ARTDAG_OK && added < 100; added += code == ARTDAG_OK) {
        (void)snprintf(text, sizeof(text), "%d", added);
        code = ad_store_add_bytes(store, text, strlen(text), &cid, &err);
    }
    child_check(added > 0 && added < 40);
    child_check(code == ARTDAG_E_IO && strstr(err.message, "no space left") != NULL);
    check_clean(store, (uint64_t)added);
    ad_store_close(store);
}

static void lack_of_inodes_is_a_full_disk_too(void **state)
{
    in_child(work_without_inodes, *state);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(block_that_cannot_be_written_leaves_no_trace),
    ad_test_in_dir(full_disk_is_reported_and_leaves_the_store_clean),
    ad_test_in_dir(lack_of_inodes_is_a_full_disk_too),
};
AD_TEST_MAIN(tests)
