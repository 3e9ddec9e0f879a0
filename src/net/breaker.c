/* SPDX-License-Identifier: MIT */
#include "net/breaker.h"

#include <sys/random.h>

#include "base/base.h"

#define FAILURES_MAX 3
#define FIRST_REST_MS 500
#define LONGEST_REST_MS 30000
#define FIRST_PAUSE_MS 200
#define LONGEST_PAUSE_MS 5000

/* Between half of ms and ms. */
static int64_t jittered(int64_t ms)
{
    uint32_t chance = 0;
    if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) != (ssize_t)sizeof(chance))
        chance = (uint32_t)ad_clock_monotonic_us();
    return ms / 2 + (int64_t)(chance % (uint32_t)(ms / 2 + 1));
}

static int64_t doubled(int64_t first, unsigned times, int64_t longest)
{
    for (; times > 0 && first < longest; times--)
        first *= 2;
    return first < longest ? first : longest;
}

int64_t ad_backoff_ms(unsigned n)
{
    return jittered(doubled(FIRST_PAUSE_MS, n - 1, LONGEST_PAUSE_MS));
}

void ad_breaker_init(struct ad_breaker *b)
{
    *b = (struct ad_breaker){0};
    (void)pthread_mutex_init(&b->lock, NULL);
}

void ad_breaker_fini(struct ad_breaker *b)
{
    (void)pthread_mutex_destroy(&b->lock);
}

bool ad_breaker_allows(struct ad_breaker *b, int64_t now_ms, int64_t *ret_wait_ms)
{
    (void)pthread_mutex_lock(&b->lock);
    int64_t wait = b->failures >= FAILURES_MAX ? b->closed_until_ms - now_ms : 0;
    (void)pthread_mutex_unlock(&b->lock);
    *ret_wait_ms = wait > 0 ? wait : 0;
    return wait <= 0;
}

void ad_breaker_note(struct ad_breaker *b, bool reached, int64_t now_ms)
{
    (void)pthread_mutex_lock(&b->lock);
    b->failures = reached ? 0 : b->failures + 1;
    if (b->failures >= FAILURES_MAX)
        b->closed_until_ms =
            now_ms +
            jittered(doubled(FIRST_REST_MS, b->failures - FAILURES_MAX, LONGEST_REST_MS));
    (void)pthread_mutex_unlock(&b->lock);
}
