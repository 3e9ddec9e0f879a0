/* SPDX-License-Identifier: MIT
 *
 * Running the same job over many items on several cores. Plain pthreads elsewhere; this is only
 * the pattern that repeats.
 */
#ifndef AD_BASE_THREADS_H
#define AD_BASE_THREADS_H

#include <stddef.h>

#include "base/error.h"

/* Cores this process may use (affinity counted), at least 1. */
unsigned ad_threads_cores(void);

/* Calls fn(payload, i) for every i in [0, count) on up to `threads` threads (0 = all cores),
 * each i once, in no order. Returns when all calls are done. The first failing i, by number and
 * not by time, decides code and error, so the result does not depend on scheduling; after a
 * failure larger numbers may be left out. fn must be thread-safe. */
enum artdag_err ad_threads_each(unsigned threads, size_t count,
                                enum artdag_err (*fn)(void *payload, size_t i,
                                                      artdag_error *err),
                                void *payload, artdag_error *err);

#endif
