/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ad_test.h"
#include "state/owner.h"

struct parts {
    char boot[64], random[64];
    uint64_t space, pid, start;
};

/* The five parts of a token of this process. */
static struct parts own_parts(void)
{
    struct parts parts = {0};
    char token[AD_OWNER_TOKEN_MAX];
    char *rest = token, *word = NULL;
    uint64_t *numbers[] = {&parts.space, &parts.pid, &parts.start};
    ad_state_owner_token(token);
    (void)snprintf(parts.boot, sizeof(parts.boot), "%s", strsep(&rest, "."));
    for (size_t i = 0; i < 3; i++) {
        word = strsep(&rest, ".");
        assert_non_null(word);
        assert_true(ad_str_to_u64(ad_str_from(word), numbers[i]));
    }
    assert_non_null(rest);
    (void)snprintf(parts.random, sizeof(parts.random), "%s", rest);
    return parts;
}

/* A child that waits to be killed, and the token it made. */
static pid_t start_child(char token[AD_OWNER_TOKEN_MAX])
{
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char mine[AD_OWNER_TOKEN_MAX] = "";
        ad_state_owner_token(mine);
        (void)!write(fds[1], mine, sizeof(mine));
        for (;;)
            (void)pause();
    }
    assert_true(pid > 0);
    assert_int_equal(read(fds[0], token, AD_OWNER_TOKEN_MAX), AD_OWNER_TOKEN_MAX);
    (void)close(fds[0]);
    (void)close(fds[1]);
    return pid;
}

static void a_token_names_machine_process_and_128_random_bits(void **state)
{
    static const char hex[] = "0123456789abcdef";
    char token[AD_OWNER_TOKEN_MAX], process[AD_OWNER_TOKEN_MAX];
    (void)state;
    const struct parts parts = own_parts();
    assert_int_equal(strlen(parts.boot), 16);
    assert_int_equal(strspn(parts.boot, hex), 16);
    assert_int_equal(strlen(parts.random), 32);
    assert_int_equal(strspn(parts.random, hex), 32);
    assert_int_equal(parts.pid, getpid());
    assert_true(parts.space > 0);
    assert_true(parts.start > 0);
    ad_state_owner_token(token);
    ad_owner_process(process);
    assert_memory_equal(token, process, strlen(process));
    assert_int_equal(strlen(token), strlen(process) + 1 + 32);
}

static void a_living_process_is_not_gone(void **state)
{
    char token[AD_OWNER_TOKEN_MAX];
    (void)state;
    ad_state_owner_token(token);
    assert_false(ad_owner_is_gone(token));
    pid_t pid = start_child(token);
    bool gone = ad_owner_is_gone(token);
    (void)kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_false(gone);
}

static void a_killed_process_is_gone_as_zombie_and_after(void **state)
{
    char token[AD_OWNER_TOKEN_MAX];
    siginfo_t info;
    (void)state;
    pid_t pid = start_child(token);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_true(ad_owner_is_gone(token));
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(ad_owner_is_gone(token));
}

static void another_process_with_the_same_number_is_not_the_owner(void **state)
{
    char token[AD_OWNER_TOKEN_MAX];
    (void)state;
    const struct parts own = own_parts();
    (void)snprintf(token, sizeof(token), "%s.%" PRIu64 ".%" PRIu64 ".%" PRIu64 ".00", own.boot,
                   own.space, own.pid, own.start + 1);
    assert_true(ad_owner_is_gone(token));
    /* Nothing is known of processes of another machine, another boot or another container. */
    (void)snprintf(token, sizeof(token), "0123456789abcdef.%" PRIu64 ".%" PRIu64 ".%" PRIu64,
                   own.space, own.pid, own.start + 1);
    assert_false(ad_owner_is_gone(token));
    (void)snprintf(token, sizeof(token), "%s.%" PRIu64 ".%" PRIu64 ".%" PRIu64, own.boot,
                   own.space + 1, own.pid, own.start + 1);
    assert_false(ad_owner_is_gone(token));
}

static void any_other_text_is_of_an_owner_that_may_live(void **state)
{
    static const char *const texts[] = {"",
                                        "alice",
                                        "....",
                                        "0000000000000000.0.0.0",
                                        "0000000000000000.1.-1.1",
                                        "0000000000000000.1.99999999999999999999.1",
                                        "0000000000000000.1.1"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(ad_owner_is_gone(texts[i]));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_token_names_machine_process_and_128_random_bits),
    cmocka_unit_test(a_living_process_is_not_gone),
    cmocka_unit_test(a_killed_process_is_gone_as_zombie_and_after),
    cmocka_unit_test(another_process_with_the_same_number_is_not_the_owner),
    cmocka_unit_test(any_other_text_is_of_an_owner_that_may_live),
};
AD_TEST_MAIN(tests)
