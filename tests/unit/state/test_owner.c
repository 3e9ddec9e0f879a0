/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ad_test.h"
#include "state/owner.h"

/* A child that waits to be killed, and the token it made. */
static pid_t start_child(char token[AD_OWNER_TOKEN_MAX])
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
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
    char token[AD_OWNER_TOKEN_MAX], process[AD_OWNER_TOKEN_MAX];
    char boot[17];
    uint64_t space = 0, pid = 0, start = 0;
    char random[33];
    (void)state;
    ad_state_owner_token(token);
    ad_owner_process(process);
    assert_int_equal(sscanf(token,
                            "%16[0-9a-f].%" SCNu64 ".%" SCNu64 ".%" SCNu64 ".%32[0-9a-f]", boot,
                            &space, &pid, &start, random),
                     5);
    assert_int_equal(strlen(boot), 16);
    assert_int_equal(strlen(random), 32);
    assert_int_equal(pid, getpid());
    assert_true(space > 0);
    assert_true(start > 0);
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
    char token[AD_OWNER_TOKEN_MAX], boot[17];
    uint64_t space = 0, pid = 0, start = 0;
    (void)state;
    ad_state_owner_token(token);
    assert_int_equal(sscanf(token, "%16[0-9a-f].%" SCNu64 ".%" SCNu64 ".%" SCNu64, boot, &space,
                            &pid, &start),
                     4);
    (void)snprintf(token, sizeof(token), "%s.%" PRIu64 ".%" PRIu64 ".%" PRIu64 ".00", boot,
                   space, pid, start + 1);
    assert_true(ad_owner_is_gone(token));
    /* Nothing is known of processes of another machine, another boot or another container. */
    (void)snprintf(token, sizeof(token), "0123456789abcdef.%" PRIu64 ".%" PRIu64 ".%" PRIu64,
                   space, pid, start + 1);
    assert_false(ad_owner_is_gone(token));
    (void)snprintf(token, sizeof(token), "%s.%" PRIu64 ".%" PRIu64 ".%" PRIu64, boot, space + 1,
                   pid, start + 1);
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
