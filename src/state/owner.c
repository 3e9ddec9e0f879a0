/* SPDX-License-Identifier: MIT */
#include "state/owner.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM "state"
#define BOOT_DIGITS 16
#define RANDOM_BYTES 16

struct process {
    char boot[BOOT_DIGITS + 1];
    uint64_t space; /* inode of the pid namespace */
    uint64_t pid;
    uint64_t start; /* ticks since boot */
};

static void read_boot(char out[BOOT_DIGITS + 1])
{
    struct ad_buf text = AD_BUF_INIT(256);
    size_t digits = 0;
    memset(out, '0', BOOT_DIGITS);
    out[BOOT_DIGITS] = '\0';
    if (ad_fs_read_file("/proc/sys/kernel/random/boot_id", text.max, &text, ROOM, NULL) ==
        ARTDAG_OK) {
        for (size_t i = 0; i < text.len && digits < BOOT_DIGITS; i++)
            if (strchr("0123456789abcdef", text.data[i]))
                out[digits++] = (char)text.data[i];
    }
    ad_buf_fini(&text);
}

/* The next word of s up to `end`, which is dropped from s too. */
static struct ad_str next_word(struct ad_str *s, char end)
{
    size_t n = 0;
    while (n < s->len && s->ptr[n] != end)
        n++;
    struct ad_str word = ad_str_slice(*s, 0, n);
    *s = ad_str_slice(*s, n + 1, s->len);
    return word;
}

/* Field 3 (state) and 22 (start time) of /proc/PID/stat; the name in field 2 may hold anything. */
static bool read_stat(uint64_t pid, char *ret_state, uint64_t *ret_start)
{
    char path[64];
    struct ad_buf text = AD_BUF_INIT(4096);
    bool ok = false;
    (void)snprintf(path, sizeof(path), "/proc/%" PRIu64 "/stat", pid);
    if (ad_fs_read_file(path, text.max, &text, ROOM, NULL) == ARTDAG_OK && text.data) {
        const char *name_end = strrchr((const char *)text.data, ')');
        struct ad_str rest = ad_str_from(name_end ? name_end : "");
        (void)next_word(&rest, ' ');
        struct ad_str state = next_word(&rest, ' ');
        for (int field = 4; field < 22; field++)
            (void)next_word(&rest, ' ');
        ok = state.len == 1 && ad_str_to_u64(next_word(&rest, ' '), ret_start);
        if (ok)
            *ret_state = state.ptr[0];
    }
    ad_buf_fini(&text);
    return ok;
}

static struct process this_process(void)
{
    struct process p = {.pid = (uint64_t)getpid()};
    struct stat st;
    char state = 0;
    read_boot(p.boot);
    if (stat("/proc/self/ns/pid", &st) == 0)
        p.space = (uint64_t)st.st_ino;
    (void)read_stat(p.pid, &state, &p.start);
    return p;
}

void ad_owner_process(char out[AD_OWNER_TOKEN_MAX])
{
    struct process p = this_process();
    (void)snprintf(out, AD_OWNER_TOKEN_MAX, "%s.%" PRIu64 ".%" PRIu64 ".%" PRIu64, p.boot,
                   p.space, p.pid, p.start);
}

static bool parse_process(const char *token, struct process *ret)
{
    struct process p = {0};
    struct ad_str rest = ad_str_from(token);
    struct ad_str boot = next_word(&rest, '.');
    if (boot.len != BOOT_DIGITS)
        return false;
    memcpy(p.boot, boot.ptr, BOOT_DIGITS);
    if (!ad_str_to_u64(next_word(&rest, '.'), &p.space) ||
        !ad_str_to_u64(next_word(&rest, '.'), &p.pid) ||
        !ad_str_to_u64(next_word(&rest, '.'), &p.start))
        return false;
    *ret = p;
    return true;
}

bool ad_owner_is_gone(const char *token)
{
    struct process owner;
    if (!parse_process(token, &owner) || owner.pid == 0 || owner.pid > INT32_MAX ||
        owner.space == 0 || owner.start == 0)
        return false;
    struct process self = this_process();
    if (self.space != owner.space || self.start == 0 || strcmp(self.boot, owner.boot) != 0)
        return false;
    /* kill also sees processes that a hidepid mount keeps out of /proc. */
    if (kill((pid_t)owner.pid, 0) != 0 && errno == ESRCH)
        return true;
    char state = 0;
    uint64_t start = 0;
    if (!read_stat(owner.pid, &state, &start))
        return false;
    return start != owner.start || state == 'Z' || state == 'X';
}

/* Where getrandom is forbidden (seccomp) a token is still unique on this machine. */
static void unique_bytes(uint8_t out[RANDOM_BYTES])
{
    static _Atomic uint64_t count;
    int64_t now = ad_clock_monotonic_us();
    uint64_t n = ++count;
    _Static_assert(RANDOM_BYTES == sizeof(now) + sizeof(n), "filled by both");
    memcpy(out, &now, sizeof(now));
    memcpy(out + sizeof(now), &n, sizeof(n));
}

static void random_bytes(uint8_t out[RANDOM_BYTES])
{
    size_t got = 0;
    while (got < RANDOM_BYTES) {
        ssize_t n = getrandom(out + got, RANDOM_BYTES - got, 0);
        if (n <= 0 && errno != EINTR) {
            unique_bytes(out);
            return;
        }
        got += n > 0 ? (size_t)n : 0;
    }
}

void ad_state_owner_token(char out[AD_OWNER_TOKEN_MAX])
{
    uint8_t random[RANDOM_BYTES] = {0};
    ad_owner_process(out);
    size_t len = strlen(out);
    random_bytes(random);
    out[len++] = '.';
    ad_hex_format(random, sizeof(random), out + len);
}
