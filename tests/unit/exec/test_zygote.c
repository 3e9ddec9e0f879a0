/* SPDX-License-Identifier: MIT
 *
 * Starting the media program, and all the ways in which that goes wrong.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec_test.h"

static void start(struct ad_zygote *z, const char *dir, const char *arguments)
{
    artdag_error err = {0};
    ad_zygote_init(z);
    assert_ok(ad_zygote_start(z, fake_program(dir, "fake", arguments), &err));
}

static int temp_fd(void)
{
    artdag_error err = {0};
    int fd = -1;
    assert_ok(ad_fs_temp_fd("/tmp", &fd, "test", &err));
    return fd;
}

/* Gives the child a probe, as any job will do. */
static pid_t spawn_probe(struct ad_zygote *z, int *ret_fd)
{
    artdag_error err = {0};
    pid_t pid = 0;
    struct ad_job job = {.kind = AD_JOB_PROBE, .probe_cid = "bafkreinone", .threads = 1};
    struct ad_buf text = AD_BUF_INIT(65536);
    int output = temp_fd();
    assert_true(ad_vec_push(&job.sizes, 6));
    assert_ok(ad_zygote_spawn(z, output, -1, ret_fd, &pid, &err));
    assert_ok(ad_job_to_json(&job, &text, &err));
    assert_ok(ad_frame_send(*ret_fd, AD_WIRE_JOB, text.data, text.len, NULL, 0, &err));
    ad_vec_fini(&job.sizes);
    ad_buf_fini(&text);
    (void)close(output);
    return pid;
}

/* Waits until the child's end of the socket is gone. */
static void await_end(int fd)
{
    struct ad_buf buf = AD_BUF_INIT(65536);
    uint32_t type = 0;
    while (ad_frame_recv(fd, 10000, &type, &buf, NULL, NULL, NULL) == ARTDAG_OK)
        ;
    ad_buf_fini(&buf);
    (void)close(fd);
}

static void a_program_that_says_hello_is_named_by_it(void **state)
{
    artdag_error err = {0};
    struct ad_zygote z;
    start(&z, *state, "--toolchain 'libs of 5.1'");
    assert_string_equal(z.toolchain, "libs of 5.1");
    pid_t pid = z.pid;
    assert_ok(ad_zygote_start(&z, "/nonexistent: it runs already", &err));
    assert_int_equal(z.pid, pid);
    ad_zygote_fini(&z);
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

static void a_missing_program_is_an_error_that_says_what_to_do(void **state)
{
    artdag_error err = {0};
    struct ad_zygote z;
    (void)state;
    ad_zygote_init(&z);
    assert_fails(ARTDAG_E_NOTFOUND, ad_zygote_start(&z, "/nonexistent/artdag-media", &err));
    assert_err_says("/nonexistent/artdag-media");
    assert_err_says("ARTDAG_MEDIA");
    ad_zygote_fini(&z);
}

static void programs_that_do_not_say_hello_are_refused(void **state)
{
    static const struct {
        const char *arguments;
        enum artdag_err code;
    } cases[] = {
        {"--hello dies", ARTDAG_E_MEDIA},     {"--hello other", ARTDAG_E_FORMAT},
        {"--hello garbage", ARTDAG_E_FORMAT}, {"--hello nameless", ARTDAG_E_FORMAT},
        {"--hello endless", ARTDAG_E_LIMIT},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        artdag_error err = {0};
        struct ad_zygote z;
        ad_zygote_init(&z);
        enum artdag_err rc =
            ad_zygote_start(&z, fake_program(*state, "fake", cases[i].arguments), &err);
        if (rc != cases[i].code)
            fail_msg("%s: %s", cases[i].arguments, artdag_err_name(rc));
        assert_err_says("the media program does not start");
        assert_err_says("artdag doctor");
        assert_int_equal(z.pid, 0);
        assert_int_equal(z.fd, -1);
        assert_null(z.toolchain);
        ad_zygote_fini(&z);
    }
}

static void a_program_that_says_nothing_is_given_up_in_time(void **state)
{
    artdag_error err = {0};
    struct ad_zygote z;
    ad_zygote_init(&z);
    z.hello_ms = 100;
    int64_t before = ad_clock_monotonic_ms();
    assert_fails(ARTDAG_E_TIMEOUT,
                 ad_zygote_start(&z, fake_program(*state, "fake", "--hello mute"), &err));
    assert_true(ad_clock_monotonic_ms() - before < 10000);
    assert_int_equal(z.pid, 0);
    /* The next program gets its chance. */
    assert_ok(ad_zygote_start(&z, fake_program(*state, "fake", ""), &err));
    ad_zygote_fini(&z);
}

static void the_program_sees_neither_the_key_nor_our_files(void **state)
{
    artdag_error err = {0};
    struct ad_zygote z;
    const char *dir = *state, *seen = ad_test_path(dir, "seen");
    ad_zygote_init(&z);
    assert_int_equal(setenv("ARTDAG_CLUSTER_KEY", "do-not-tell", 1), 0);
    assert_int_equal(setenv("LD_LIBRARY_PATH", "/nonexistent/lib", 1), 0);
    int secret = temp_fd(); /* close-on-exec, as all of ours are */
    enum artdag_err rc = ad_zygote_start(
        &z, script(dir, "spy", "(env; ls -l /proc/$$/fd) >\"${0%/*}/seen\"", ""), &err);
    assert_int_equal(unsetenv("ARTDAG_CLUSTER_KEY"), 0);
    assert_int_equal(unsetenv("LD_LIBRARY_PATH"), 0);
    assert_ok(rc);
    const char *text = (const char *)ad_test_read(seen, NULL);
    assert_null(strstr(text, "do-not-tell"));
    assert_null(strstr(text, "HOME="));
    assert_non_null(strstr(text, "LC_ALL=C"));
    assert_non_null(strstr(text, "LD_LIBRARY_PATH=/nonexistent/lib"));
    assert_non_null(strstr(text, "socket:"));
    assert_null(strstr(text, "(deleted)")); /* how an anonymous file shows */
    (void)close(secret);
    ad_zygote_fini(&z);
}

static void a_childs_end_is_told(void **state)
{
    struct ad_zygote z;
    int fd = -1, status = 0;
    start(&z, *state, "any=leaves");
    pid_t pid = spawn_probe(&z, &fd);
    await_end(fd);
    assert_true(ad_zygote_exit_status(&z, pid, &status));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    ad_zygote_fini(&z);
}

/* The news of one child comes while another is asked for, or while a third is started. */
static void no_childs_end_is_lost_among_others(void **state)
{
    struct ad_zygote z;
    pid_t pids[40];
    int fds[40], status = 0;
    start(&z, *state, "any=leaves");
    for (size_t i = 0; i < 40; i++) {
        pids[i] = spawn_probe(&z, &fds[i]);
        if (i % 3 == 0)
            await_end(fds[i]);
    }
    for (size_t i = 0; i < 40; i++)
        if (i % 3 != 0)
            await_end(fds[i]);
    int64_t before = ad_clock_monotonic_ms();
    for (size_t i = 40; i-- > 0;) {
        assert_true(ad_zygote_exit_status(&z, pids[i], &status));
        assert_int_equal(WEXITSTATUS(status), 7);
    }
    assert_true(ad_clock_monotonic_ms() - before < 5000);
    ad_zygote_fini(&z);
}

static void a_killed_child_is_killed_and_no_other(void **state)
{
    struct ad_zygote z;
    int fds[2], status = 0;
    start(&z, *state, "any=silent");
    pid_t one = spawn_probe(&z, &fds[0]);
    pid_t two = spawn_probe(&z, &fds[1]);
    ad_zygote_kill(&z, one);
    await_end(fds[0]);
    assert_true(ad_zygote_exit_status(&z, one, &status));
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(kill(two, 0), 0);
    ad_zygote_fini(&z);
    await_end(fds[1]); /* closing the zygote ends what is left */
}

static void a_program_that_has_died_is_started_again(void **state)
{
    artdag_error err = {0};
    struct ad_zygote z;
    int fd = -1;
    pid_t pid = 0;
    start(&z, *state, "any=kills-parent");
    pid_t first = z.pid;
    (void)spawn_probe(&z, &fd);
    await_end(fd);
    int output = temp_fd();
    /* Noticed at the next order, which fails; the one after that gets a new program. */
    assert_fails(ARTDAG_E_IO, ad_zygote_spawn(&z, output, -1, &fd, &pid, &err));
    assert_err_says("the media program does not answer");
    assert_int_equal(z.pid, 0);
    assert_ok(ad_zygote_start(&z, fake_program(*state, "fake", ""), &err));
    assert_true(z.pid > 0 && z.pid != first);
    assert_ok(ad_zygote_spawn(&z, output, -1, &fd, &pid, &err));
    (void)close(fd);
    (void)close(output);
    ad_zygote_fini(&z);
}

static const struct CMUnitTest tests[] = {
    ad_test_in_dir(a_program_that_says_hello_is_named_by_it),
    ad_test_in_dir(a_missing_program_is_an_error_that_says_what_to_do),
    ad_test_in_dir(programs_that_do_not_say_hello_are_refused),
    ad_test_in_dir(a_program_that_says_nothing_is_given_up_in_time),
    ad_test_in_dir(the_program_sees_neither_the_key_nor_our_files),
    ad_test_in_dir(a_childs_end_is_told),
    ad_test_in_dir(no_childs_end_is_lost_among_others),
    ad_test_in_dir(a_killed_child_is_killed_and_no_other),
    ad_test_in_dir(a_program_that_has_died_is_started_again),
};

AD_TEST_MAIN(tests)
