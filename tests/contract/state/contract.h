/* SPDX-License-Identifier: MIT
 *
 * What every state must do, whatever its back end. A back end is a row in the table of main.c; the
 * tests know it only by contract_open.
 */
#ifndef CONTRACT_STATE_H
#define CONTRACT_STATE_H

#include "ad_test.h"
#include "ad_test_cid.h"
#include "state/backend.h"

struct state_factory {
    const char *name;
    /* The URL of a state that belongs to this folder: the same folder, the same state; another
     * folder, another state. */
    const char *(*url)(const char *dir);
    bool own_clock; /* takes the time from elsewhere: the tests cannot turn it */
};

extern const struct state_factory *contract_factory; /* of this run */

struct ad_state *contract_open(const char *dir);
struct ad_state *contract_open_with(const char *dir, const struct ad_state_params *params);

/* The nth id and the nth CID, made from n by SHA-256; all are different. */
struct ad_id contract_id(uint64_t n);
struct ad_cid contract_cid(uint64_t n);

/* Runs child(payload, i) in `count` processes at once; it returns 0 when all is well. It must make
 * no assertion. Gives how many failed. */
int contract_processes(int count, int (*child)(void *payload, int i), void *payload);
/* Zeroed memory that such processes share; freed with contract_unshare. */
void *contract_share(size_t size);
void contract_unshare(void *memory, size_t size);

extern const struct CMUnitTest contract_maps[];
extern const size_t contract_maps_count;
extern const struct CMUnitTest contract_claims[];
extern const size_t contract_claims_count;
extern const struct CMUnitTest contract_clock[];
extern const size_t contract_clock_count;
extern const struct CMUnitTest contract_runs[];
extern const size_t contract_runs_count;
extern const struct CMUnitTest contract_rates[];
extern const size_t contract_rates_count;

#endif
