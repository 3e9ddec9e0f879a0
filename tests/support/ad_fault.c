/* SPDX-License-Identifier: MIT */
#include "ad_fault.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>

#define ROUNDS_MAX 20000

static struct {
    _Atomic uint64_t seen;
    _Atomic uint64_t nth; /* 0 = not armed */
    atomic_bool forever;
    atomic_int e;
} faults[AD_FAULT_KINDS];

void ad_fault_arm(enum ad_fault_kind kind, uint64_t nth, bool forever, int e)
{
    faults[kind].seen = 0;
    faults[kind].forever = forever;
    faults[kind].e = e;
    faults[kind].nth = nth;
}

void ad_fault_disarm(void)
{
    for (int kind = 0; kind < AD_FAULT_KINDS; kind++)
        faults[kind].nth = 0;
}

uint64_t ad_fault_seen(enum ad_fault_kind kind)
{
    return faults[kind].seen;
}

/* Counts one call; true when it has to fail (errno is then set). */
static bool fails(enum ad_fault_kind kind)
{
    uint64_t nth = faults[kind].nth;
    if (nth == 0)
        return false;
    uint64_t n = atomic_fetch_add(&faults[kind].seen, 1) + 1;
    if (n != nth && !(faults[kind].forever && n > nth))
        return false;
    errno = kind == AD_FAULT_ALLOC ? ENOMEM : faults[kind].e;
    return true;
}

uint64_t ad_fault_each(enum ad_fault_kind kind, bool forever, int e, enum artdag_err want,
                       enum artdag_err (*op)(void *payload, artdag_error *err),
                       void (*after)(void *payload), void *payload)
{
    for (uint64_t nth = 1; nth < ROUNDS_MAX; nth++) {
        artdag_error err = {0};
        ad_fault_arm(kind, nth, forever, e);
        enum artdag_err code = op(payload, &err);
        bool met = ad_fault_seen(kind) >= nth;
        ad_fault_disarm();
        if (!met) {
            ad_test_ok(code, &err, "the run without a fault", __FILE__, __LINE__);
            if (nth == 1)
                fail_msg("the operation never meets such a fault");
            return nth - 1;
        }
        if (code != ARTDAG_OK) {
            print_message("fault %llu: ", (unsigned long long)nth);
            ad_test_fails(want, code, &err, "the run with a fault", __FILE__, __LINE__);
            print_message("%s\n", artdag_err_name(code));
            if (after)
                after(payload);
        }
    }
    fail_msg("still meeting faults after %d rounds", ROUNDS_MAX);
    return 0;
}

/* ---- the wrapped functions; ld gives them these names ---- */

#define WRAP(kind, failure, type, name, params, args)                                          \
    type __real_##name params;                                                                 \
    type __wrap_##name params;                                                                 \
    type __wrap_##name params                                                                  \
    {                                                                                          \
        return fails(kind) ? (failure) : __real_##name args;                                   \
    }

/* clang-format off */
WRAP(AD_FAULT_ALLOC, NULL, void *, ad_alloc_array, (size_t count, size_t size), (count, size))
WRAP(AD_FAULT_ALLOC, NULL, void *, ad_realloc_array, (void *p, size_t count, size_t size), (p, count, size))
WRAP(AD_FAULT_WRITE, -1, ssize_t, write, (int fd, const void *data, size_t len), (fd, data, len))
WRAP(AD_FAULT_WRITE, -1, ssize_t, pwrite, (int fd, const void *data, size_t len, off_t at), (fd, data, len, at))
WRAP(AD_FAULT_WRITE, -1, ssize_t, pwrite64, (int fd, const void *data, size_t len, off_t at), (fd, data, len, at))
WRAP(AD_FAULT_WRITE, -1, ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count))
WRAP(AD_FAULT_WRITE, -1, int, ftruncate, (int fd, off_t len), (fd, len))
WRAP(AD_FAULT_WRITE, -1, int, ftruncate64, (int fd, off_t len), (fd, len))
WRAP(AD_FAULT_WRITE, -1, int, fallocate, (int fd, int mode, off_t at, off_t len), (fd, mode, at, len))
WRAP(AD_FAULT_WRITE, -1, int, fallocate64, (int fd, int mode, off_t at, off_t len), (fd, mode, at, len))
WRAP(AD_FAULT_WRITE, -1, ssize_t, copy_file_range, (int in, off_t *in_at, int out, off_t *out_at, size_t len, unsigned flags), (in, in_at, out, out_at, len, flags))
WRAP(AD_FAULT_SYNC, -1, int, fsync, (int fd), (fd))
WRAP(AD_FAULT_SYNC, -1, int, fdatasync, (int fd), (fd))
WRAP(AD_FAULT_SYNC, -1, int, syncfs, (int fd), (fd))
WRAP(AD_FAULT_NAME, -1, int, rename, (const char *from, const char *to), (from, to))
WRAP(AD_FAULT_NAME, -1, int, renameat, (int from_fd, const char *from, int to_fd, const char *to), (from_fd, from, to_fd, to))
WRAP(AD_FAULT_NAME, -1, int, link, (const char *from, const char *to), (from, to))
WRAP(AD_FAULT_NAME, -1, int, linkat, (int from_fd, const char *from, int to_fd, const char *to, int flags), (from_fd, from, to_fd, to, flags))
WRAP(AD_FAULT_NAME, -1, int, mkdir, (const char *path, mode_t mode), (path, mode))
WRAP(AD_FAULT_NAME, -1, int, mkdirat, (int fd, const char *path, mode_t mode), (fd, path, mode))
/* clang-format on */
