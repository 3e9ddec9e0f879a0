/* SPDX-License-Identifier: MIT */
#include "base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "base/alloc.h"

unsigned ad_threads_cores(void)
{
    /* The kernel refuses a mask smaller than its own; 65536 cores is beyond any of them. */
    for (int cpus = 1024; cpus <= 65536; cpus *= 4) {
        cpu_set_t *set = CPU_ALLOC((size_t)cpus);
        if (set == NULL) {
            break;
        }
        size_t size = CPU_ALLOC_SIZE((size_t)cpus);
        CPU_ZERO_S(size, set);
        int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (count > 0) {
            return (unsigned)count;
        }
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}

struct each {
    enum artdag_err (*fn)(void *payload, size_t i, artdag_error *err);
    void *payload;
    size_t count;
    atomic_size_t next;
    atomic_size_t first_failed; /* lowest failing number so far; count = none */
    pthread_mutex_t lock;       /* guards code, error and writes to first_failed */
    enum artdag_err code;
    artdag_error error;
};

static void record_failure(struct each *each, size_t i, enum artdag_err code,
                           const artdag_error *error)
{
    (void)pthread_mutex_lock(&each->lock);
    if (i < atomic_load(&each->first_failed)) {
        atomic_store(&each->first_failed, i);
        each->code = code;
        each->error = *error;
    }
    (void)pthread_mutex_unlock(&each->lock);
}

/* Numbers are handed out in order: when i is seen to fail, every smaller one has been taken
 * already and will be finished, so stopping at larger ones cannot hide a smaller failure. */
static void *work(void *arg)
{
    struct each *each = arg;
    for (;;) {
        size_t i = atomic_fetch_add(&each->next, 1);
        if (i >= each->count || i > atomic_load(&each->first_failed)) {
            return NULL;
        }
        artdag_error error = {0};
        enum artdag_err code = each->fn(each->payload, i, &error);
        if (code != ARTDAG_OK) {
            record_failure(each, i, code, &error);
        }
    }
}

/* Starts up to `wanted` helpers and returns how many there are; fewer is no failure, since the
 * caller works too. */
static size_t start_threads(struct each *each, pthread_t *threads, size_t wanted)
{
    /* Signals belong to the program's own threads. */
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    bool masked = pthread_sigmask(SIG_SETMASK, &all, &before) == 0;
    size_t started = 0;
    while (started < wanted && pthread_create(&threads[started], NULL, work, each) == 0) {
        started++;
    }
    if (masked) {
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    return started;
}

enum artdag_err ad_threads_each(unsigned threads, size_t count,
                                enum artdag_err (*fn)(void *payload, size_t i,
                                                      artdag_error *err),
                                void *payload, artdag_error *err)
{
    struct each each = {.fn = fn, .payload = payload, .count = count};
    atomic_init(&each.next, 0);
    atomic_init(&each.first_failed, count);
    if (pthread_mutex_init(&each.lock, NULL) != 0) {
        return ad_error_nomem(err, "base");
    }
    size_t wanted = threads > 0 ? threads : ad_threads_cores();
    if (wanted > count) {
        wanted = count;
    }
    pthread_t *ids = wanted > 1 ? ad_alloc_array(wanted - 1, sizeof(*ids)) : NULL;
    size_t started = ids != NULL ? start_threads(&each, ids, wanted - 1) : 0;
    (void)work(&each);
    for (size_t i = 0; i < started; i++) {
        (void)pthread_join(ids[i], NULL);
    }
    free(ids);
    (void)pthread_mutex_destroy(&each.lock);
    if (each.code != ARTDAG_OK && err != NULL) {
        *err = each.error;
        err->code = each.code;
    }
    return each.code;
}
