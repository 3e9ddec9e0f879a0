/* SPDX-License-Identifier: MIT
 *
 * Remembering the media program's identity, and when not to believe it any more. What the "process" has mapped is this
 * test itself, with one file more.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec_test.h"

/* Maps a file, as a library would be. */
static void *map_library(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    void *at = mmap(NULL, 4, PROT_READ, MAP_PRIVATE, fd, 0);
    assert_true(at != MAP_FAILED);
    (void)close(fd);
    return at;
}

static enum artdag_err recall(const char *dir, const char *program, char **ret)
{
    artdag_error err = {0};
    enum artdag_err rc = ad_toolchain_recall(dir, program, ret, &err);
    if (rc != ARTDAG_OK)
        assert_int_equal(rc, ARTDAG_E_NOTFOUND);
    return rc;
}

static void assert_remembered(const char *dir, const char *toolchain)
{
    char *found = NULL;
    assert_int_equal(recall(dir, "/bin/media", &found), ARTDAG_OK);
    assert_string_equal(found, toolchain);
    free(found);
}

static void assert_not_remembered(const char *dir)
{
    char *found = NULL;
    assert_int_equal(recall(dir, "/bin/media", &found), ARTDAG_E_NOTFOUND);
    assert_null(found);
}

static void what_has_not_changed_is_recalled(void **state)
{
    char *found = NULL;
    assert_not_remembered(*state);
    ad_toolchain_remember(*state, "/bin/media", getpid(), "libs 1");
    assert_remembered(*state, "libs 1");
    assert_int_equal(recall(*state, "/bin/another", &found), ARTDAG_E_NOTFOUND);
    ad_toolchain_remember(*state, "/bin/media", getpid(), "libs 2");
    assert_remembered(*state, "libs 2");
    ad_toolchain_forget(*state);
    assert_not_remembered(*state);
}

static void a_library_that_changed_is_asked_for_again(void **state)
{
    const char *library = ad_test_path(*state, "libx.so.1");
    ad_test_write(library, "one", 3);
    void *at = map_library(library);
    ad_toolchain_remember(*state, "/bin/media", getpid(), "libs 1");
    assert_remembered(*state, "libs 1");
    ad_test_write(library, "three", 5); /* another size */
    assert_not_remembered(*state);

    ad_toolchain_remember(*state, "/bin/media", getpid(), "libs 1");
    const struct timespec touched[2] = {{1000, 1}, {1000, 1}};
    assert_int_equal(utimensat(AT_FDCWD, library, touched, 0), 0);
    assert_not_remembered(*state);

    /* Equal in size and time, but another file: as a package manager replaces it. */
    ad_toolchain_remember(*state, "/bin/media", getpid(), "libs 1");
    const char *other = ad_test_path(*state, "new");
    ad_test_write(other, "fives", 5);
    assert_int_equal(utimensat(AT_FDCWD, other, touched, 0), 0);
    assert_remembered(*state, "libs 1");
    assert_int_equal(rename(other, library), 0);
    assert_not_remembered(*state);
    assert_int_equal(munmap(at, 4), 0);
}

static void a_library_that_is_gone_is_asked_for_again(void **state)
{
    const char *library = ad_test_path(*state, "libx.so.1");
    ad_test_write(library, "one", 3);
    void *at = map_library(library);
    ad_toolchain_remember(*state, "/bin/media", getpid(), "libs 1");
    assert_int_equal(unlink(library), 0);
    assert_not_remembered(*state);
    assert_int_equal(munmap(at, 4), 0);
}

static void another_library_path_is_another_toolchain(void **state)
{
    ad_toolchain_remember(*state, "/bin/media", getpid(), "libs 1");
    assert_int_equal(setenv("LD_LIBRARY_PATH", "/opt/ffmpeg/lib", 1), 0);
    assert_not_remembered(*state);
    assert_int_equal(unsetenv("LD_LIBRARY_PATH"), 0);
    assert_remembered(*state, "libs 1");
}

static void damaged_memories_are_no_memories(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "null",
        "{\"program\":\"/bin/media\",\"toolchain\":\"x\"}",
        "{\"files\":[],\"libraries\":\"\",\"program\":\"/bin/media\",\"toolchain\":\"x\"}",
        "{\"files\":[7],\"libraries\":\"\",\"program\":\"/bin/media\",\"toolchain\":\"x\"}",
        ("{\"files\":[[\"/\"]],\"libraries\":\"\",\"program\":\"/bin/media\","
         "\"toolchain\":\"x\"}"),
    };
    const char *path = ad_test_path(*state, "toolchain.json");
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        ad_test_write(path, texts[i], strlen(texts[i]));
        assert_not_remembered(*state);
    }
    ad_toolchain_remember(NULL, "/bin/media", getpid(), "libs"); /* nowhere to remember it */
    char *found = NULL;
    assert_int_equal(recall(NULL, "/bin/media", &found), ARTDAG_E_NOTFOUND);
}

/* Through the engine: the program is asked once and then not even started. */
static void a_remembered_program_is_not_started(void **state)
{
    artdag_error err = {0};
    struct site site;
    const char *toolchain = NULL;
    site_open(&site, *state, "--toolchain old");
    site.params.cache_folder = *state;
    site_reopen_exec(&site);
    assert_ok(ad_exec_toolchain(site.exec, &toolchain, &err));
    assert_string_equal(toolchain, "old");
    site_reopen_exec(&site);
    assert_ok(ad_exec_toolchain(site.exec, &toolchain, &err));
    assert_string_equal(toolchain, "old");
    assert_int_equal(site.exec->zygote.pid, 0);
    site_close(&site);
}

static void a_script_that_starts_the_program_counts_too(void **state)
{
    artdag_error err = {0};
    struct site site;
    const char *toolchain = NULL;
    site_open(&site, *state, "--toolchain old");
    site.params.cache_folder = *state;
    site_reopen_exec(&site);
    assert_ok(ad_exec_toolchain(site.exec, &toolchain, &err));
    (void)fake_program(*state, "fake", "--toolchain newer");
    site_reopen_exec(&site);
    assert_ok(ad_exec_toolchain(site.exec, &toolchain, &err));
    assert_string_equal(toolchain, "newer");
    site_close(&site);
}

/* A wrong memory does no harm: before anything is rendered the program itself is asked. */
static void a_plan_for_other_libraries_is_refused_and_the_memory_dropped(void **state)
{
    artdag_error err = {0};
    struct site site;
    struct ad_exec_result result = {0};
    struct made made = make_tasks(
        DAG(VIDEO "  - {id: out, type: SEGMENT, config: {duration: 5f}, inputs: [video]}\n"));
    site_open(&site, *state, "--toolchain other");
    site.params.cache_folder = *state;
    site_reopen_exec(&site);
    ad_toolchain_remember(*state, site.params.media_program, getpid(), TEST_TOOLCHAIN);
    const struct ad_exec_call call = {
        .plan = made.plan, .lowering = made.lowering, .cids = made.cids};
    assert_fails(ARTDAG_E_INVAL, ad_exec_run(site.exec, &call, &result, &err));
    assert_err_says("another build of the media libraries");
    assert_string_equal(jobs_log(*state), "");
    const char *toolchain = NULL;
    site_reopen_exec(&site);
    assert_ok(ad_exec_toolchain(site.exec, &toolchain, &err));
    assert_string_equal(toolchain, "other");
    made_fini(&made);
    site_close(&site);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(what_has_not_changed_is_recalled),
    ad_test_in_dir(a_library_that_changed_is_asked_for_again),
    ad_test_in_dir(a_library_that_is_gone_is_asked_for_again),
    ad_test_in_dir(another_library_path_is_another_toolchain),
    ad_test_in_dir(damaged_memories_are_no_memories),
    ad_test_in_dir(a_remembered_program_is_not_started),
    ad_test_in_dir(a_script_that_starts_the_program_counts_too),
    ad_test_in_dir(a_plan_for_other_libraries_is_refused_and_the_memory_dropped),
};

AD_TEST_MAIN(tests)
