/* SPDX-License-Identifier: MIT
 *
 * Private to net: when to ask a server again.
 */
#ifndef AD_NET_BREAKER_H
#define AD_NET_BREAKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Counts failures in a row. From the third on the server is left alone for a while. Thread-safe; zeroed and init'ed. */
struct ad_breaker {
    pthread_mutex_t lock;
    unsigned failures;
    int64_t closed_until_ms; /* monotonic */
};
void ad_breaker_init(struct ad_breaker *b);
void ad_breaker_fini(struct ad_breaker *b);
/* May the server be asked at `now_ms`? Otherwise *ret_wait_ms = how long not. */
bool ad_breaker_allows(struct ad_breaker *b, int64_t now_ms, int64_t *ret_wait_ms);
void ad_breaker_note(struct ad_breaker *b, bool reached, int64_t now_ms);

/* The pause before try number `n` (from 1, the first repetition): 200 ms doubled each time up to 5 s, of which at least half, the
 * rest by chance, so that many workers do not come back at once. */
int64_t ad_backoff_ms(unsigned n);

#endif
