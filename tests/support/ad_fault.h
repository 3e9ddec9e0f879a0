/* SPDX-License-Identifier: MIT
 *
 * Making memory and the file system fail on purpose. A test program that depends on fault_dep has base's allocation and
 * the writing system calls wrapped at link time (ld --wrap); nothing happens until something is armed.
 * Allocations made by other libraries, and those base/alloc.c makes for itself, are not touched.
 *
 * The counters are atomic and shared by all threads: with several threads, which of them meets the fault may vary.
 */
#ifndef AD_FAULT_H
#define AD_FAULT_H

#include "ad_test.h"

/* What can be made to fail. */
enum ad_fault_kind {
    AD_FAULT_ALLOC, /* ad_alloc_array, ad_realloc_array, and all that is built on them */
    AD_FAULT_WRITE, /* write, pwrite, writev, ftruncate, copy_file_range, fallocate */
    AD_FAULT_SYNC,  /* fsync, fdatasync, syncfs */
    AD_FAULT_NAME,  /* rename, renameat, link, linkat, mkdir, mkdirat */
    AD_FAULT_KINDS
};

/* From now on the nth call of this kind (from 1) fails, and with `forever` all after it. Calls fail with
 * errno = e (ignored for ALLOC). */
void ad_fault_arm(enum ad_fault_kind kind, uint64_t nth, bool forever, int e);
void ad_fault_disarm(void); /* all kinds */

/* How many calls of this kind there were since it was armed. */
uint64_t ad_fault_seen(enum ad_fault_kind kind);

/* Runs op with the 1st, 2nd, 3rd ... call of this kind failing, until op no longer gets as far as the failing one
 * and succeeds. While a fault was met op must return `want`, or OK where it can do without; any other
 * code fails the test, as does an op that never meets a fault. after (may be NULL) runs disarmed after each failed run, to look at
 * what was left behind. Returns how many faults were met. */
uint64_t ad_fault_each(enum ad_fault_kind kind, bool forever, int e, enum artdag_err want,
                       enum artdag_err (*op)(void *payload, artdag_error *err),
                       void (*after)(void *payload), void *payload);

#endif
