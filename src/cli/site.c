/* SPDX-License-Identifier: MIT
 *
 * Opening the site that the options describe, and reading option values.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

/* Written by a signal handler, read by every thread that renders; lock-free, as handlers need it. */
static atomic_int interrupted;

/* The first Ctrl-C asks everything to stop and clean up; the second one does not wait. */
static void on_signal(int signal_number)
{
    (void)signal_number;
    if (atomic_exchange(&interrupted, 1))
        _exit(130);
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

static int is_interrupted(void *payload)
{
    (void)payload;
    return atomic_load(&interrupted);
}

static void write_log(void *payload, enum artdag_log_level level, const char *id,
                      const char *message)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    (void)payload;
    fprintf(stderr, "artdag: %s: %s [%s]\n", names[level], message, id);
}

static enum artdag_log_level log_level(const struct ad_cli_args *args)
{
    static const struct {
        const char *name;
        enum artdag_log_level level;
    } levels[] = {{"error", ARTDAG_LOG_ERROR},
                  {"warn", ARTDAG_LOG_WARN},
                  {"info", ARTDAG_LOG_INFO},
                  {"debug", ARTDAG_LOG_DEBUG}};
    const char *name = getenv("ARTDAG_LOG");
    if (args->quiet)
        return ARTDAG_LOG_ERROR;
    if (args->verbose)
        return ARTDAG_LOG_DEBUG;
    for (size_t i = 0; name && i < sizeof(levels) / sizeof(*levels); i++)
        if (strcmp(levels[i].name, name) == 0)
            return levels[i].level;
    return ARTDAG_LOG_WARN;
}

bool ad_cli_site_params(const struct ad_cli_args *args, artdag_site_params *ret)
{
    static artdag_log log;
    uint64_t jobs = 0;
    if (args->jobs && (!ad_cli_u64(args, "--jobs", args->jobs, &jobs) || jobs > 1024))
        return false;
    log = (artdag_log){.level = log_level(args), .write = write_log};
    *ret = (artdag_site_params)ARTDAG_SITE_PARAMS_INIT;
    ret->home = args->home;
    ret->store = args->store;
    ret->state = args->state;
    ret->cluster_key_file = args->cluster_key_file;
    ret->config = args->config;
    ret->media_program = args->media;
    ret->cpu_flags = args->cpu_flags;
    ret->jobs = (unsigned)jobs;
    ret->rehash = args->rehash;
    ret->log = &log;
    ret->canceled = is_interrupted;
    return true;
}

int ad_cli_open(const struct ad_cli_args *args, artdag_site **ret)
{
    artdag_site_params params;
    artdag_error err = {0};
    if (!ad_cli_site_params(args, &params))
        return 2;
    catch_signals();
    enum artdag_err rc = artdag_site_open(&params, ret, &err);
    if (rc == ARTDAG_E_IO || rc == ARTDAG_E_NET) {
        (void)ad_cli_fail(args, &err);
        return 3; /* store or state cannot be reached, whatever the reason */
    }
    if (rc != ARTDAG_OK)
        return ad_cli_fail(args, &err);
    const char *warning = artdag_site_key_warning(*ret);
    if (warning && !args->quiet)
        fprintf(stderr, "artdag: warning: %s [key.weak]\n", warning);
    return 0;
}

/* ---- values ---- */

bool ad_cli_u64(const struct ad_cli_args *args, const char *option, const char *text,
                uint64_t *ret)
{
    uint64_t n = 0;
    bool ok = *text != 0;
    for (const char *p = text; *p && ok; p++) {
        ok = *p >= '0' && *p <= '9' && n <= (UINT64_MAX - 9) / 10;
        n = n * 10 + (uint64_t)(*p - '0');
    }
    if (!ok || n > INT64_MAX) {
        (void)ad_cli_usage(args, "%s wants a number, not \"%s\"", option, text);
        return false;
    }
    *ret = n;
    return true;
}

struct suffix {
    const char *text;
    int64_t factor;
};

/* A whole number and one of the suffixes. */
static bool with_suffix(const char *text, const struct suffix *suffixes, int64_t *ret)
{
    int64_t n = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (n > (INT64_MAX - 9) / 10)
            return false;
        n = n * 10 + (*p - '0');
    }
    for (size_t i = 0; p > text && suffixes[i].text; i++) {
        if (strcmp(p, suffixes[i].text) != 0)
            continue;
        return !__builtin_mul_overflow(n, suffixes[i].factor, ret);
    }
    return false;
}

bool ad_cli_size(const struct ad_cli_args *args, const char *option, const char *text,
                 int64_t *ret)
{
    static const struct suffix suffixes[] = {
        {"", 1},          {"B", 1},           {"K", 1 << 10}, {"KiB", 1 << 10},
        {"M", 1 << 20},   {"MiB", 1 << 20},   {"G", 1 << 30}, {"GiB", 1 << 30},
        {"T", 1LL << 40}, {"TiB", 1LL << 40}, {NULL, 0},
    };
    if (with_suffix(text, suffixes, ret))
        return true;
    (void)ad_cli_usage(args, "%s wants a size such as 50G or 800MiB, not \"%s\"", option, text);
    return false;
}

bool ad_cli_age_ms(const struct ad_cli_args *args, const char *option, const char *text,
                   int64_t *ret)
{
    static const struct suffix suffixes[] = {
        {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {"w", 604800000}, {NULL, 0},
    };
    if (with_suffix(text, suffixes, ret))
        return true;
    (void)ad_cli_usage(args, "%s wants an age such as 30d, 12h or 90s, not \"%s\"", option,
                       text);
    return false;
}
